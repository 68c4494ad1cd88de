"""What members are told of the models, as settings describe it."""

import pytest

from bot.bootstrap.doctor import examine
from bot.bootstrap.model_notice import model_notice
from bot.bootstrap.models import settings_in_use
from bot.bootstrap.settings import SettingsError, read_settings
from bot.domain.model_notice import ModelNotice
from engine.language_models import installed
from engine.language_models.installed import Installed
from tests.bot.bootstrap.test_settings import names

HERE = "Accord's own server"
NEARBY = "a server in Accord's own network"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in names(type(read_settings())):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def told(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return model_notice(settings_in_use(read_settings()))


def test_without_a_language_model_no_model_is_named(monkeypatch):
    assert told(monkeypatch) == ModelNotice()
    assert told(monkeypatch, ACCORD_MODEL_NOTICE="Llama 3.1", ACCORD_LAST_RESORT="true") == ModelNotice()


@pytest.mark.parametrize(
    ("environment", "drafter"),
    [
        ({"TGI_URL": "http://ai.example.org:8080/x"}, "on ai.example.org"),
        ({"TGI_URL": "http://tgi", "ACCORD_TGI_ADAPTER": "drafter-3"}, f"drafter-3 on {NEARBY}"),
        ({"TGI_URL": "http://a.org,http://b.org:1, http://a.org:2"}, "on a.org and b.org"),
        ({"TGI_URL": "http://localhost:8080"}, f"on {HERE}"),
        ({"OPENAI_BASE_URL": "http://[::1]:8000/v1", "OPENAI_MODEL": "m-1"}, f"m-1 on {HERE}"),
        ({"OPENAI_BASE_URL": "https://api.openai.com/v1", "OPENAI_MODEL": "m-1"}, "m-1 on api.openai.com"),
        ({"OPENAI_BASE_URL": "http://vllm/v1", "OPENAI_MODEL": "/secret/models/m-1"}, f"m-1 on {NEARBY}"),
        ({"TGI_URL": "http://10.0.0.7:8080"}, f"on {NEARBY}"),
        ({"TGI_URL": "http://9.9.9.9"}, "on 9.9.9.9"),
        ({"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": "/secret/m-1.gguf"}, f"m-1 on {HERE}"),
        ({"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": "org/m-1"}, f"org/m-1 on {HERE}"),
        ({"TGI_URL": "http://tgi", "ACCORD_MODEL_NOTICE": "Llama 3.1 in Oslo"}, "Llama 3.1 in Oslo"),
        ({"TGI_URL": "http://[not-an-address"}, "on another server"),
    ],
    ids=[
        "host-only",
        "adapter",
        "several-servers",
        "loopback",
        "loopback-6",
        "openai",
        "a-model-by-its-path",
        "private-number",
        "public-number",
        "a-file",
        "a-hub-id",
        "as-the-operator-says",
        "no-address",
    ],
)
def test_a_drafter_is_named_with_where_it_runs(monkeypatch, environment, drafter):
    assert told(monkeypatch, **environment).drafter == drafter


def test_where_models_run_is_known_whatever_the_operator_calls_them(monkeypatch):
    notice = told(
        monkeypatch,
        ACCORD_MODEL_NOTICE="Llama 3.1 in Oslo",
        TGI_URL="http://a.org:1,http://10.0.0.7,http://tgi",
        ACCORD_REWARD_MODEL="llm",
        ACCORD_JUDGE_URL="http://localhost:2/v1",
    )
    assert (notice.drafter_at, notice.judge_at) == (("a.org", NEARBY), (HERE,))


def test_nothing_of_an_address_is_shown_but_its_host(monkeypatch):
    notice = told(
        monkeypatch,
        OPENAI_BASE_URL="https://us3r:p4ss@ai.example.org:8443/s3cret/v1?key=k3y",
        OPENAI_API_KEY="k3y",
        ACCORD_REWARD_MODEL="llm",
        ACCORD_JUDGE_URL="https://us3r:p4ss@judge.example.org/s3cret/v1",
    )
    assert notice == ModelNotice(
        drafter="on ai.example.org",
        drafter_at=("ai.example.org",),
        judge="on judge.example.org",
        judge_at=("judge.example.org",),
    )


def test_the_model_that_was_chosen_on_this_machine_is_named(monkeypatch, tmp_path):
    folder = tmp_path / ".accord" / installed.FOLDER
    file = tmp_path / "somewhere" / "Tiny-Q4.gguf"
    file.parent.mkdir()
    file.write_bytes(b"gguf")
    installed.add(folder, Installed(name="tiny", path=str(file), size=4, sha256="0"))
    installed.choose(folder, "tiny")
    assert told(monkeypatch).drafter == f"Tiny-Q4 on {HERE}"


@pytest.mark.parametrize(
    ("environment", "judge"),
    [
        ({}, ""),
        ({"ACCORD_REWARD_MODEL": "llm"}, ""),
        ({"ACCORD_REWARD_MODEL": "llm:judge-1"}, f"judge-1 on {NEARBY}"),
        ({"ACCORD_REWARD_MODEL": "auto", "ACCORD_JUDGE_URL": "http://j.org:1/v1"}, "on j.org"),
        ({"ACCORD_REWARD_MODEL": "llm", "ACCORD_JUDGE_URL": "http://other/v1"}, f"on {NEARBY}"),
        ({"ACCORD_JUDGE_URL": "http://other:1/v1"}, ""),
        ({"ACCORD_REWARD_MODEL": "llm", "ACCORD_GENERATOR": "digest"}, f"m-1 on {NEARBY}"),
        ({"ACCORD_REWARD_MODEL": "llm", "ACCORD_MODEL_NOTICE": "Llama"}, ""),
    ],
    ids=[
        "none",
        "the-drafter",
        "another-model",
        "another-server",
        "another-server-nearby",
        "not-in-use",
        "alone",
        "renamed",
    ],
)
def test_a_judge_is_named_where_another_model_reads_opinions_than_the_drafter(
    monkeypatch, environment, judge
):
    servers = {"OPENAI_BASE_URL": "http://vllm:8000/v1", "OPENAI_MODEL": "m-1"}
    assert told(monkeypatch, **servers, **environment).judge == judge


def test_that_words_are_quoted_when_the_model_is_down_is_told(monkeypatch):
    assert told(monkeypatch, TGI_URL="http://tgi", ACCORD_LAST_RESORT="true").last_resort


@pytest.mark.parametrize("notice", ["x" * 151, "two\nlines"], ids=["too-long", "two-lines"])
def test_a_notice_that_has_no_room_is_refused_in_a_sentence(monkeypatch, notice):
    with pytest.raises(SettingsError, match=r"ACCORD_MODEL_NOTICE .*one line of up to 150 characters"):
        told(monkeypatch, ACCORD_MODEL_NOTICE=notice)


async def test_the_doctor_says_what_members_are_told(monkeypatch):
    monkeypatch.setenv("ACCORD_REWARD_MODEL", "lexical")
    found = {finding.about: finding.say for finding in await examine()}
    assert found["members are told"] == (
        "No AI model writes the result: it quotes your words, without your name. If one is set up later, it "
        "doesn't read this."
    )
