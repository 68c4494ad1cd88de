"""Settings: the documented names are the real ones, and what cannot be used is one sentence."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot.bootstrap.settings import Settings, SettingsError, read_settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in names(Settings):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def names(settings: type[BaseSettings]) -> set[str]:
    found = set()
    for field in settings.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            found |= names(field.annotation)
        else:
            found.add(str(field.validation_alias))
    return found


def documented() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(re.fullmatch(r"([A-Z_]+)=(.*)", line).groups() for line in lines if line and line[0] != "#")


def test_every_setting_is_documented_and_every_documented_name_is_a_setting():
    assert set(documented()) == names(Settings)


def test_the_documented_values_are_the_defaults(tmp_path):
    defaults = read_settings()

    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())

    assert read_settings() == defaults


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("ACCORD_WEB_PORT=1111\n")
    assert read_settings().web.port == 1111

    monkeypatch.setenv("ACCORD_WEB_PORT", "2222")
    assert read_settings().web.port == 2222


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCORD_WEB_PORT", "abc"),
        ("ACCORD_WEB_PORT", "70000"),
        ("ACCORD_METRICS_PORT", "0"),
        ("ACCORD_LOG_LEVEL", "LOUD"),
        ("ACCORD_BASE_URL", "accord.example.org"),
        ("ACCORD_SECRET_KEY", "hunter2"),
        ("ACCORD_OLD_SECRET_KEYS", "a-key-that-is-long-enough, hunter2"),
        ("ACCORD_TEMPERATURE", "-0.5"),
        ("ACCORD_TOP_P", "1.5"),
        ("OPENAI_EXTRA", "[17]"),
        ("OPENAI_EXTRA", "{no"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line_that_names_the_setting_and_not_the_value(
    monkeypatch, name, value
):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert name in str(caught.value)
    assert value not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_old_name_of_a_generator_is_answered_with_the_new_one(monkeypatch):
    monkeypatch.setenv("ACCORD_GENERATOR", "extractive")

    with pytest.raises(SettingsError, match=r"^ACCORD_GENERATOR .* write digest instead\.$"):
        read_settings()


def test_secrets_are_not_shown(monkeypatch):
    monkeypatch.setenv("ACCORD_SECRET_KEY", "a-very-secret-key-indeed")
    monkeypatch.setenv("ACCORD_OLD_SECRET_KEYS", "an-older-secret-key-indeed")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@localhost")

    assert "secret-key-indeed" not in repr(read_settings())
    assert "hunter2" not in repr(read_settings())
