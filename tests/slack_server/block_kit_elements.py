"""Checks of Block Kit's interactive elements.

Reads:  one element, where it is, and what kind of block holds it.
Gives:  Slack's wording of every mistake in it.
Source: docs.slack.dev/reference/block-kit/block-elements.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.slack_server import limits_of_block_kit as most
from tests.slack_server.block_kit_objects import (
    Found,
    confirmation,
    items,
    missing,
    option_groups,
    options,
    plain,
    text_length,
)

SELECTS = frozenset(
    f"{multi}{kind}_select"
    for multi in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"radio_buttons", "checkboxes"})
TYPED = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
INPUTS = SELECTS | PICKERS | CHOICES | TYPED | {"file_input"}
"""What an input block may hold."""

_ACTIONS = SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button"}
_HELD: dict[str, frozenset[str]] = {
    "section": _ACTIONS | {"image"},
    "actions": _ACTIONS,
    "context": frozenset({"image"}),
    "image": frozenset({"image"}),
    "input": INPUTS,
}


def check_element(element: Any, at: str, holder: str) -> Found:
    """Everything wrong with an element inside a block of type `holder`."""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in _HELD[holder]:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from text_length(element, "action_id", most.ACTION_ID, at)
    if "placeholder" in element:
        yield from plain(element["placeholder"], most.PLACEHOLDER, f"{at}/placeholder")
    if "confirm" in element:
        yield from confirmation(element["confirm"], f"{at}/confirm")
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(element, at)


def _button(element: dict[str, Any], at: str) -> Found:
    yield from missing(element, ("text",), at)
    if "text" in element:
        yield from plain(element["text"], most.BUTTON_TEXT, f"{at}/text")
    yield from text_length(element, "value", most.BUTTON_VALUE, at)
    yield from text_length(element, "url", most.BUTTON_URL, at)
    yield from text_length(element, "accessibility_label", most.BUTTON_LABEL, at)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"must be a valid enum value [json-pointer:{at}/style]"


def _static_select(element: dict[str, Any], at: str) -> Found:
    if "option_groups" in element:
        yield from option_groups(element["option_groups"], f"{at}/option_groups")
        offered = [each for group in element["option_groups"] for each in group.get("options", [])]
    else:
        yield from options(element.get("options"), f"{at}/options", most.SELECT_OPTIONS)
        offered = element.get("options") or []
    yield from _initial(element, offered, at)


def _radio(element: dict[str, Any], at: str) -> Found:
    yield from options(element.get("options"), f"{at}/options", most.RADIO_OPTIONS, plain_only=False)
    yield from _initial(element, element.get("options") or [], at)


def _checkboxes(element: dict[str, Any], at: str) -> Found:
    yield from options(element.get("options"), f"{at}/options", most.CHECKBOX_OPTIONS, plain_only=False)
    yield from _initial(element, element.get("options") or [], at)


def _initial(element: dict[str, Any], offered: list[Any], at: str) -> Found:
    """What is chosen at first has to be, field by field, one of what is offered."""
    if "initial_option" in element and element["initial_option"] not in offered:
        yield f"must match one of the provided options [json-pointer:{at}/initial_option]"
    if "initial_options" in element:
        yield from items(element["initial_options"], f"{at}/initial_options", most_=most.SELECT_OPTIONS)
        for index, each in enumerate(element["initial_options"] or []):
            if each not in offered:
                yield f"must match one of the provided options [json-pointer:{at}/initial_options/{index}]"


def _overflow(element: dict[str, Any], at: str) -> Found:
    yield from options(element.get("options"), f"{at}/options", most.OVERFLOW_OPTIONS)


def _text_input(element: dict[str, Any], at: str) -> Found:
    longest = element.get("max_length", most.PLAIN_TEXT_INPUT)
    if not isinstance(longest, int) or not 1 <= longest <= most.PLAIN_TEXT_INPUT:
        yield f"must be less than {most.PLAIN_TEXT_INPUT + 1} [json-pointer:{at}/max_length]"
        longest = most.PLAIN_TEXT_INPUT
    shortest = element.get("min_length", 0)
    if not isinstance(shortest, int) or not 0 <= shortest <= longest:
        yield f"must be less than {longest + 1} [json-pointer:{at}/min_length]"
    yield from text_length(element, "initial_value", longest, at)


def _image(element: dict[str, Any], at: str) -> Found:
    yield from missing(element, ("alt_text",), at)
    yield from text_length(element, "alt_text", most.IMAGE_ALT, at)
    yield from text_length(element, "image_url", most.IMAGE_URL, at)
    if "image_url" not in element and "slack_file" not in element:
        yield f"missing required field: image_url [json-pointer:{at}]"


def _number(element: dict[str, Any], at: str) -> Found:
    yield from missing(element, ("is_decimal_allowed",), at)
    for key in ("min_value", "max_value", "initial_value"):
        if key in element and not isinstance(element[key], str):
            yield f"must provide a string [json-pointer:{at}/{key}]"


def _date(element: dict[str, Any], at: str) -> Found:
    if "initial_date" in element and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(element["initial_date"])):
        yield f"must be a valid date [json-pointer:{at}/initial_date]"


def _time(element: dict[str, Any], at: str) -> Found:
    if "initial_time" in element and not re.fullmatch(r"[0-2]\d:[0-5]\d", str(element["initial_time"])):
        yield f"must be a valid time [json-pointer:{at}/initial_time]"


def _date_time(element: dict[str, Any], at: str) -> Found:
    given = element.get("initial_date_time")
    if given is not None and not (isinstance(given, int) and len(str(given)) == 10):
        yield f"must be a timestamp of 10 digits [json-pointer:{at}/initial_date_time]"


_CHECKS: dict[str, Callable[[dict[str, Any], str], Found]] = {
    "button": _button,
    "static_select": _static_select,
    "multi_static_select": _static_select,
    "radio_buttons": _radio,
    "checkboxes": _checkboxes,
    "overflow": _overflow,
    "plain_text_input": _text_input,
    "number_input": _number,
    "image": _image,
    "datepicker": _date,
    "timepicker": _time,
    "datetimepicker": _date_time,
}
