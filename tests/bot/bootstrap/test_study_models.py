"""Who drafts `model:NAME` of a study: the model of that name, wherever it is configured, and no other."""

import pytest
from pydantic import SecretStr

from bot.bootstrap.arms import model_settings, require_different
from bot.bootstrap.model_notice import arm_notice
from bot.bootstrap.settings import EngineSettings, SettingsError, read_settings
from engine.language_models.installed import Installed, add


@pytest.fixture
def configured():
    return EngineSettings(
        openai_base_url="https://ai.example.org/v1",
        openai_model="large",
        openai_api_key=SecretStr("a key for one server"),
        study_models={"small": "http://tgi.example.org", "other": "http://vllm.example.org/v1"},
    )


def test_each_model_drafts_by_its_own_name_and_with_one_prompt(configured, tmp_path):
    (tmp_path / "tiny.gguf").write_bytes(b"a model")
    add(tmp_path, Installed(name="tiny", path="tiny.gguf", size=7, sha256="0"))
    found = {name: model_settings(name, configured, tmp_path) for name in ("small", "other", "large", "tiny")}

    require_different(found)
    assert {name: each.chosen_generator for name, each in found.items()} == {
        "small": "tgi", "other": "openai", "large": "openai", "tiny": "local"
    }  # fmt: skip
    assert {each.prompt for each in found.values()} == {"zero-shot"}
    assert found["tiny"].local_model == str(tmp_path / "tiny.gguf")
    assert [name for name, each in found.items() if each.openai_api_key] == ["small", "large", "tiny"]
    assert arm_notice("other", found["other"]).drafter == "other on vllm.example.org"


def test_what_is_no_model_or_one_model_twice_is_refused_in_a_sentence(configured, tmp_path):
    with pytest.raises(SettingsError, match="no model called huge"):
        model_settings("huge", configured, tmp_path)
    twice = configured.model_copy(
        update={"study_models": dict.fromkeys(("a", "b"), "http://tgi.example.org")}
    )
    with pytest.raises(SettingsError, match="model:a and model:b are the same model"):
        require_different({name: model_settings(name, twice, tmp_path) for name in ("a", "b")})


@pytest.mark.parametrize("said", ["small", "small=tgi:80", "a b=http://tgi", "a=http://x,a=http://y"])
def test_a_setting_that_names_no_address_is_said(said, monkeypatch):
    monkeypatch.setenv("ACCORD_STUDY_MODELS", said)
    with pytest.raises(SettingsError, match="write it as small="):
        read_settings()
