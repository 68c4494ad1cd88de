"""Where a started web channel can be reached, what limits it has, and what is said while it starts."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from adapters.web.config import WebConfig
from adapters.web.proxies import Proxies
from bot.bootstrap import terminal_progress
from bot.bootstrap.platforms import address_noted, admin_link, result_link, web_config, web_port
from bot.bootstrap.settings import Settings, SettingsError, read_settings
from bot.bootstrap.terminal_progress import waiting_for
from bot.domain.deliberation import Deliberation

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("ACCORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ACCORD_SECRET_KEY", "a secret for tests only")
    monkeypatch.chdir(tmp_path)
    return read_settings()


def test_links_lead_to_the_port_that_the_web_channel_listens_on(settings):
    with address_noted(settings, 9123):
        assert admin_link(None).startswith("http://127.0.0.1:9123/")
        assert admin_link(7000).startswith("http://127.0.0.1:7000/")
    assert admin_link(None).startswith("http://127.0.0.1:8080/")


def test_the_last_to_start_is_where_links_lead(settings):
    with address_noted(settings, 9001):
        with address_noted(settings, 9002):
            assert web_port(settings) == 9002
        with address_noted(settings, 9003):
            pass
        assert web_port(settings) == 8080


def test_a_folder_that_cannot_be_written_to_does_not_stop_it(settings, tmp_path):
    (tmp_path / "data").write_text("a file where the folder would be")
    with address_noted(settings, 9123):
        assert web_port(settings) == 8080


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("fd00::7", "http://[fd00::7]:8080"),
        ("accord.local", "http://accord.local:8080"),
    ],
)
def test_links_lead_to_an_address_that_a_browser_can_go_to(settings, monkeypatch, host, address):
    monkeypatch.setenv("ACCORD_WEB_HOST", host)
    assert web_config(read_settings(), 8080).base_url == address


def test_the_limits_are_as_they_were_set(settings, monkeypatch):
    usual = WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1:8080")
    assert web_config(settings, 8080) == usual
    for name, value in (
        ("ACCORD_REQUESTS_PER_MINUTE", 1),
        ("ACCORD_WRITES_PER_MINUTE", 2),
        ("ACCORD_STREAMS", 3),
        ("ACCORD_STREAMS_PER_ADDRESS", 4),
        ("ACCORD_STREAMS_PER_PERSON", 5),
        ("ACCORD_REQUESTS_PER_ADDRESS", 6),
        ("ACCORD_NEWCOMERS_PER_MINUTE", 7),
        ("ACCORD_REQUEST_SECONDS", 8),
        ("ACCORD_BODY_LIMIT_KIB", 64),
        ("ACCORD_TRUSTED_PROXIES", "192.0.2.1, 10.0.0.0/8"),
    ):
        monkeypatch.setenv(name, str(value))
    assert web_config(read_settings(), 8080) == replace(
        usual,
        secret=web_config(settings, 8080).secret,
        requests_per_minute=1,
        writes_per_minute=2,
        streams=3,
        streams_per_client=4,
        streams_per_person=5,
        requests_per_client=6,
        newcomers_per_minute=7,
        request_within_s=8.0,
        body_limit=64 * 1024,
        trusted_proxies=Proxies(networks=(ip_network("192.0.2.1"), ip_network("10.0.0.0/8"))),
    )


@pytest.mark.parametrize("said", ["11", "-1", "proxy.example.org", "10.0.0.0/33", "none, 10.0.0.1"])
def test_proxies_that_cannot_be_read_are_refused_in_a_sentence(settings, monkeypatch, said):
    monkeypatch.setenv("ACCORD_TRUSTED_PROXIES", said)
    with pytest.raises(SettingsError, match=r"ACCORD_TRUSTED_PROXIES .* write none, addresses and networks"):
        read_settings()


def test_a_long_wait_says_what_for(monkeypatch):
    said, heard = [], threading.Event()

    def hear(line: str) -> None:
        said.append(line)
        heard.set()

    monkeypatch.setattr(terminal_progress, "say", hear)
    monkeypatch.setattr(terminal_progress, "SILENT_FOR_S", 0.01)
    with waiting_for("Loading the models"):
        assert heard.wait(10)
    assert said == ["Loading the models. This can take a minute."]


def test_a_short_wait_is_silent(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(terminal_progress, "say", said.append)
    before = threading.active_count()
    with waiting_for("Loading the models"):
        assert threading.active_count() == before + 1
    assert said == []


def test_messages_elsewhere_lead_to_a_results_page_only_where_there_is_a_public_address(
    settings, monkeypatch
):
    settled = Deliberation(
        id="d", team="T1", platform="slack", channel="C1", facilitator="fay", question="?", created_at=NOON
    )
    assert result_link(settings)(settled) == ""
    monkeypatch.setenv("ACCORD_BASE_URL", "https://accord.example.org")
    assert result_link(read_settings())(settled).startswith("https://accord.example.org/r/")
