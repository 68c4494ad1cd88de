"""The manifest that a team admin pastes has what the code needs, in both variants."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.slack.config import COMMAND, EVENTS_PATH, REDIRECT_PATH, SCOPES
from adapters.slack.views import names

MANIFEST = Path(__file__).parents[3] / "deploy/slack-manifest.yaml"


def manifest(variant: str) -> Any:
    """The file as it stands, or as its first lines say to change it for HTTP mode or an organisation."""
    words, begin, lines = MANIFEST.read_text().partition("display_information:")
    http, organisation = re.findall(r'mark\s+(?:# )?"(\S+)"', words)
    changes = {
        "socket": {},
        "http": {http: "", "socket_mode_enabled: true": "socket_mode_enabled: false"},
        "organisation": {
            http: "",
            organisation: "",
            "socket_mode_enabled: true": "socket_mode_enabled: false",
            "org_deploy_enabled: false": "org_deploy_enabled: true",
        },
    }
    for old, new in changes[variant].items():
        assert old in lines
        lines = lines.replace(old, new)
    return yaml.safe_load(begin + lines)


@pytest.mark.parametrize("variant", ["socket", "http", "organisation"])
def test_the_manifest_has_what_the_code_needs(variant: str) -> None:
    app = manifest(variant)

    assert app["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert [c["command"] for c in app["features"]["slash_commands"]] == [COMMAND]
    assert {s["callback_id"] for s in app["features"]["shortcuts"]} == {
        names.MESSAGE_SHORTCUT,
        names.GLOBAL_SHORTCUT,
    }
    assert set(app["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened",
        "app_uninstalled",
        "message.im",
        "reaction_added",
        "reaction_removed",
        "tokens_revoked",
        *(["team_access_revoked"] if variant == "organisation" else []),
    }
    assert app["settings"]["socket_mode_enabled"] is (variant == "socket")


def test_in_http_mode_every_address_is_one_that_the_gateway_serves() -> None:
    app = manifest("http")
    addresses = re.findall(r"https://accord\.example\.org(/\S+)", yaml.safe_dump(app))

    assert set(addresses) == {EVENTS_PATH, REDIRECT_PATH}
    assert app["features"]["slash_commands"][0]["url"].endswith(EVENTS_PATH)
    assert app["settings"]["interactivity"]["request_url"].endswith(EVENTS_PATH)
    assert app["settings"]["event_subscriptions"]["request_url"].endswith(EVENTS_PATH)
