"""What Slack says of blocks and views that break Block Kit's documented limits.

Reads:  blocks of a message, or a view, as they would go over the wire.
Gives:  Slack's own wording with JSON pointers, one line per mistake; an empty list when all is well.
Pure: no I/O, no state. Tests of views call `check_blocks` and `check_view` on their own.
Source: docs.slack.dev/reference/block-kit and /reference/views; the wording is that of Slack's answers.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.slack_server import limits_of_block_kit as most
from tests.slack_server.block_kit_elements import INPUTS, check_element
from tests.slack_server.block_kit_objects import Found, items, missing, plain, text_length, text_object, typed

MESSAGE_ONLY: frozenset[str] = frozenset({"markdown", "table"})
MODAL_KEYS: frozenset[str] = frozenset(
    [
        "type",
        "title",
        "blocks",
        "close",
        "submit",
        "private_metadata",
        "callback_id",
        "clear_on_close",
        "notify_on_close",
        "external_id",
        "submit_disabled",
    ]
)
HOME_KEYS: frozenset[str] = frozenset(["type", "blocks", "private_metadata", "callback_id", "external_id"])


def check_blocks(blocks: Any, *, at: str = "/blocks") -> list[str]:
    """Everything Slack would refuse in the blocks of a message.

    Returns:
        Lines such as `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`, without the
        `[ERROR] ` that Slack puts before them in `response_metadata.messages`.
    """
    return list(_blocks(blocks, at, most.BLOCKS_PER_MESSAGE, "message"))


def check_view(view: Any, *, at: str = "/view") -> list[str]:
    """Everything Slack would refuse in a view (of `views.*` or a `response_action`), as `check_blocks`."""
    return list(_view(view, at))


def _view(view: Any, at: str) -> Found:
    if not isinstance(view, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    kind = view.get("type")
    if kind not in ("modal", "home"):
        yield f"must be a valid enum value [json-pointer:{at}/type]"
        return
    for key in sorted(view.keys() - (MODAL_KEYS if kind == "modal" else HOME_KEYS)):
        yield f"invalid additional property: {key} [json-pointer:{at}]"
    yield from text_length(view, "private_metadata", most.PRIVATE_METADATA, at)
    yield from text_length(view, "callback_id", most.CALLBACK_ID, at)
    yield from text_length(view, "external_id", most.EXTERNAL_ID, at)
    yield from _blocks(view.get("blocks"), f"{at}/blocks", most.BLOCKS_PER_VIEW, kind)
    if kind == "modal":
        yield from _modal(view, at)


def _modal(view: dict[str, Any], at: str) -> Found:
    yield from missing(view, ("title",), at)
    for key in ("title", "submit", "close"):
        if key in view:
            yield from plain(view[key], most.VIEW_TITLE, f"{at}/{key}")
    blocks = view.get("blocks")
    asks = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if asks and not view.get("submit"):
        yield f"missing required field: submit [json-pointer:{at}]"


def _blocks(blocks: Any, at: str, limit: int, surface: str) -> Found:
    yield from items(blocks, at, most_=limit, least=0)
    if not isinstance(blocks, list):
        return
    for index, block in enumerate(blocks):
        yield from _block(block, f"{at}/{index}", surface)
    yield from _repeated_block_ids(blocks, at)


def _repeated_block_ids(blocks: list[Any], at: str) -> Found:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id") if isinstance(block, dict) else None
        if name and name in seen:
            yield f"`block_id` {name} already exists [json-pointer:{at}/{index}/block_id]"
        seen.add(name or "")


def _block(block: Any, at: str, surface: str) -> Found:
    kind = block.get("type") if isinstance(block, dict) else None
    check = BLOCKS.get(kind or "")
    if check is None or (kind in MESSAGE_ONLY and surface != "message"):
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from text_length(block, "block_id", most.BLOCK_ID, at)
    yield from check(block, at)
    yield from _repeated_action_ids(block, at)


def _repeated_action_ids(block: dict[str, Any], at: str) -> Found:
    seen: set[str] = set()
    elements = block.get("elements")
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        name = element.get("action_id") if isinstance(element, dict) else None
        if name and name in seen:
            yield f"`action_id` {name} already exists [json-pointer:{at}/elements/{index}/action_id]"
        seen.add(name or "")


def _section(block: dict[str, Any], at: str) -> Found:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from text_object(block["text"], most.SECTION_TEXT, f"{at}/text")
    if "fields" in block:
        yield from items(block["fields"], f"{at}/fields", most_=most.SECTION_FIELDS)
        for index, field in enumerate(block["fields"] if isinstance(block["fields"], list) else []):
            yield from text_object(field, most.SECTION_FIELD_TEXT, f"{at}/fields/{index}")
    if "accessory" in block:
        yield from check_element(block["accessory"], f"{at}/accessory", "section")


def _header(block: dict[str, Any], at: str) -> Found:
    yield from missing(block, ("text",), at)
    if "text" in block:
        yield from plain(block["text"], most.HEADER_TEXT, f"{at}/text")


def _context(block: dict[str, Any], at: str) -> Found:
    yield from items(block.get("elements"), f"{at}/elements", most_=most.CONTEXT_ELEMENTS)
    for index, element in enumerate(block.get("elements") or []):
        where = f"{at}/elements/{index}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from check_element(element, where, "context")
        else:
            yield from text_object(element, most.CONTEXT_TEXT, where)


def _actions(block: dict[str, Any], at: str) -> Found:
    yield from items(block.get("elements"), f"{at}/elements", most_=most.ACTIONS_ELEMENTS)
    for index, element in enumerate(block.get("elements") or []):
        yield from check_element(element, f"{at}/elements/{index}", "actions")


def _input(block: dict[str, Any], at: str) -> Found:
    yield from missing(block, ("label", "element"), at)
    if "label" in block:
        yield from plain(block["label"], most.INPUT_LABEL, f"{at}/label")
    if "hint" in block:
        yield from plain(block["hint"], most.INPUT_HINT, f"{at}/hint")
    element = block.get("element")
    if isinstance(element, dict) and element.get("type") not in INPUTS:
        yield f"unsupported type: {element.get('type')} [json-pointer:{at}/element/type]"
    elif element is not None:
        yield from check_element(element, f"{at}/element", "input")


def _image(block: dict[str, Any], at: str) -> Found:
    yield from check_element(block, at, "image")
    if "title" in block:
        yield from plain(block["title"], most.IMAGE_TITLE, f"{at}/title")


def _markdown(block: dict[str, Any], at: str) -> Found:
    yield from typed(block, "text", str, at)
    yield from text_length(block, "text", most.MARKDOWN_TEXT, at)


def _anything(block: dict[str, Any], at: str) -> Found:
    return iter(())


BLOCKS: dict[str, Callable[[dict[str, Any], str], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "divider": _anything,
    "rich_text": _anything,  # never sent by Accord, whose texts are mrkdwn
    "table": _anything,
}


def text_in(blocks: list[dict[str, Any]]) -> int:
    """How many characters of text blocks hold together: what `msg_blocks_too_long` goes by."""
    return sum(len(text) for text in texts_of(blocks))


def texts_of(part: Any, *, only: str = "") -> Iterator[str]:
    """Every text a reader sees in blocks, a view or a part of them, in order; `only` of one type."""
    if isinstance(part, dict):
        kinds = (only,) if only else ("mrkdwn", "plain_text", "markdown")
        if isinstance(part.get("text"), str) and part.get("type") in kinds:
            yield part["text"]
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            yield from texts_of(value, only=only)


def view_bytes(view: dict[str, Any]) -> int:
    """The size of a view on the wire; Slack answers view_too_large above `VIEW_BYTES`."""
    return len(json.dumps(view).encode())
