"""Block Kit's documented limits: what is exactly at a limit passes, one more is refused in Slack's words."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.slack_server import check_blocks, check_view


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def section(length: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}, **more}


def button(action_id: str = "go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(1), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int = 1, **more: Any) -> dict[str, Any]:
    options = [{"text": plain(1), "value": str(at)} for at in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options, **more}


def field(**more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "t", **more}
    return {"type": "input", "label": plain(1), "element": element}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(1), "submit": plain(1), "blocks": list(blocks), **more}


def option(text: int = 1, value: int = 1) -> dict[str, Any]:
    return {"text": plain(text), "value": "v" * value}


MESSAGES: dict[str, tuple[int, Callable[[int], list[dict[str, Any]]]]] = {
    "blocks in a message": (50, lambda n: [section()] * n),
    "section text": (3000, lambda n: [section(n)]),
    "section fields": (10, lambda n: [{"type": "section", "fields": [plain(1)] * n}]),
    "section field text": (2000, lambda n: [{"type": "section", "fields": [plain(n)]}]),
    "header": (150, lambda n: [{"type": "header", "text": plain(n)}]),
    "context elements": (10, lambda n: [{"type": "context", "elements": [plain(1)] * n}]),
    "buttons": (25, lambda n: [actions(*(button(str(at)) for at in range(n)))]),
    "button text": (75, lambda n: [actions(button(text=plain(n)))]),
    "button value": (2000, lambda n: [actions(button(value="v" * n))]),
    "action_id": (255, lambda n: [actions(button("a" * n))]),
    "block_id": (255, lambda n: [section(block_id="b" * n)]),
    "select options": (100, lambda n: [actions(select(n))]),
    "option text": (75, lambda n: [actions(select(options=[option(n)]))]),
    "option value": (150, lambda n: [actions(select(options=[option(1, n)]))]),
    "overflow": (5, lambda n: [section(accessory={**select(n), "type": "overflow"})]),
    "radio buttons": (10, lambda n: [section(accessory={**select(n), "type": "radio_buttons"})]),
    "placeholder": (150, lambda n: [actions(select(placeholder=plain(n)))]),
}
VIEWS: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {
    "blocks in a view": (100, lambda n: modal(*[section()] * n)),
    "title": (24, lambda n: modal(title=plain(n))),
    "submit": (24, lambda n: modal(submit=plain(n))),
    "close": (24, lambda n: modal(close=plain(n))),
    "private_metadata": (3000, lambda n: modal(private_metadata="m" * n)),
    "callback_id": (255, lambda n: modal(callback_id="c" * n)),
    "text input": (3000, lambda n: modal(field(max_length=n))),
    "text given at first": (3000, lambda n: modal(field(initial_value="x" * n))),
    "label": (2000, lambda n: modal({**field(), "label": plain(n)})),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_may_be_as_long_as_documented_and_no_longer(name: str) -> None:
    limit, make = MESSAGES[name]
    assert check_blocks(make(limit)) == []
    assert check_blocks(make(limit + 1))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_may_be_as_long_as_documented_and_no_longer(name: str) -> None:
    limit, make = VIEWS[name]
    assert check_view(make(limit)) == []
    assert check_view(make(limit + 1))


def test_a_mistake_is_named_as_slack_names_it() -> None:
    assert check_blocks([section(3001)]) == [
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert check_view(modal(*[section()] * 101)) == [
        "no more than 100 items allowed [json-pointer:/view/blocks]"
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param([section(0)], id="empty text"),
        pytest.param([section(), {"type": "paragraph"}], id="unknown block"),
        pytest.param([actions()], id="no elements"),
        pytest.param([actions(button("a"), button("a"))], id="action_id twice in a block"),
        pytest.param([section(block_id="b"), section(block_id="b")], id="block_id twice"),
        pytest.param([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], id="mrkdwn header"),
        pytest.param([section(accessory={"type": "plain_text_input"})], id="text field in a section"),
        pytest.param([actions(button(style="warning"))], id="unknown style"),
        pytest.param([actions(select(initial_option=option(2, 2)))], id="initial option not offered"),
        pytest.param({"type": "section"}, id="no list"),
        pytest.param([{"type": "section"}], id="section without text"),
    ],
)
def test_blocks_that_slack_refuses_are_refused(blocks: Any) -> None:
    assert check_blocks(blocks)


@pytest.mark.parametrize(
    "view",
    [
        pytest.param({"type": "modal", "blocks": []}, id="no title"),
        pytest.param({"type": "modal", "title": plain(1), "blocks": [field()]}, id="input without submit"),
        pytest.param({"type": "home", "title": plain(1), "blocks": []}, id="home with a title"),
        pytest.param({"type": "page", "blocks": []}, id="unknown type"),
        pytest.param(modal(state={}), id="a field that is Slack's"),
        pytest.param(modal(field(min_length=10, max_length=5)), id="shortest above longest"),
        pytest.param([], id="no object"),
    ],
)
def test_views_that_slack_refuses_are_refused(view: Any) -> None:
    assert check_view(view)
