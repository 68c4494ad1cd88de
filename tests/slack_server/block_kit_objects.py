"""Checks of Block Kit's small parts: text objects, options, confirmations, and plain fields.

Reads:  one JSON value and where it is (a JSON pointer).
Gives:  Slack's wording of every mistake in it, lazily.
Source: docs.slack.dev/reference/block-kit/composition-objects.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.slack_server import limits_of_block_kit as most

Found = Iterator[str]
"""Mistakes found, in Slack's words."""


def missing(part: dict[str, Any], keys: Sequence[str], at: str) -> Found:
    """Required fields that are not there."""
    for key in keys:
        if part.get(key) is None:
            yield f"missing required field: {key} [json-pointer:{at}]"


def typed(part: dict[str, Any], key: str, kind: type, at: str) -> Found:
    """A required field of the wrong JSON type."""
    yield from missing(part, (key,), at)
    if part.get(key) is not None and not isinstance(part[key], kind):
        yield f"must provide a {'string' if kind is str else kind.__name__} [json-pointer:{at}/{key}]"


def text_length(part: dict[str, Any], key: str, limit: int, at: str) -> Found:
    """An optional string field that is too long, or no string."""
    if key not in part:
        return
    value = part[key]
    if not isinstance(value, str):
        yield f"must provide a string [json-pointer:{at}/{key}]"
    elif len(value) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/{key}]"


def items(value: Any, at: str, *, most_: int, least: int = 1) -> Found:
    """An array that is none, or has too many or too few items."""
    if not isinstance(value, list):
        yield f"must provide an array [json-pointer:{at}]"
    elif len(value) > most_:
        yield f"no more than {most_} items allowed [json-pointer:{at}]"
    elif len(value) < least:
        yield f"no less than {least} items allowed [json-pointer:{at}]"


def plain(value: Any, limit: int, at: str) -> Found:
    """A text object that has to be plain text."""
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield f"must be a valid enum value [json-pointer:{at}/type]"
    yield from text_object(value, limit, at)


def text_object(value: Any, limit: int, at: str) -> Found:
    """A `plain_text` or `mrkdwn` object of 1 to `limit` characters."""
    if not isinstance(value, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    allowed = {"type", "text", "verbatim" if value.get("type") == "mrkdwn" else "emoji"}
    if value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"must be a valid enum value [json-pointer:{at}/type]"
        allowed |= {"emoji", "verbatim"}
    for key in sorted(value.keys() - allowed):
        yield f"invalid additional property: {key} [json-pointer:{at}]"
    text = value.get("text")
    if not isinstance(text, str):
        yield f"must provide a string [json-pointer:{at}/text]"
    elif not text:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    elif len(text) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/text]"


def option(value: Any, at: str, *, plain_only: bool) -> Found:
    """One option of a select, a radio group, checkboxes or an overflow menu."""
    if not isinstance(value, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    check = plain if plain_only else text_object
    yield from missing(value, ("text", "value"), at)
    if "text" in value:
        yield from check(value["text"], most.OPTION_TEXT, f"{at}/text")
    if "description" in value:
        yield from check(value["description"], most.OPTION_DESCRIPTION, f"{at}/description")
    yield from text_length(value, "value", most.OPTION_VALUE, at)


def options(value: Any, at: str, limit: int, *, plain_only: bool = True) -> Found:
    """A list of options, and whether one value stands there twice."""
    yield from items(value, at, most_=limit)
    for index, each in enumerate(value if isinstance(value, list) else []):
        yield from option(each, f"{at}/{index}", plain_only=plain_only)


def option_groups(value: Any, at: str) -> Found:
    """The groups of a select menu."""
    yield from items(value, at, most_=most.SELECT_GROUPS)
    for index, group in enumerate(value if isinstance(value, list) else []):
        yield from plain(group.get("label"), most.OPTION_GROUP_LABEL, f"{at}/{index}/label")
        yield from options(group.get("options"), f"{at}/{index}/options", most.SELECT_OPTIONS)


def confirmation(value: dict[str, Any], at: str) -> Found:
    """A confirmation dialog."""
    yield from missing(value, ("title", "text", "confirm", "deny"), at)
    sizes = {"title": most.CONFIRM_TITLE, "text": most.CONFIRM_TEXT}
    for key in ("title", "confirm", "deny"):
        if key in value:
            yield from plain(value[key], sizes.get(key, most.CONFIRM_BUTTON), f"{at}/{key}")
    if "text" in value:
        yield from text_object(value["text"], most.CONFIRM_TEXT, f"{at}/text")
