"""What Discord accepts as components: of messages, of layouts (components V2) and of modals.

Reads:  `components` of a message body, or the data of a modal.
Gives:  mistakes, noted where they are.
Source: docs.discord.com/developers/components/reference.
"""

from collections.abc import Callable
from typing import Any

from tests.discord_server import limits_of_discord as most
from tests.discord_server.errors import Mistakes, Path
from tests.discord_server.state import Json, walk

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT_DISPLAY, CONTAINER, LABEL = 9, 10, 17, 18
UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23
LAYOUT_KINDS = frozenset({ROW, SECTION, TEXT_DISPLAY, 12, 13, 14, CONTAINER})
LINK, PREMIUM = 5, 6
IN_LABEL = frozenset({TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}) | SELECTS


def check_components(wrong: Mistakes, components: Any, at: Path, *, layout: bool = False) -> None:
    """Components of a message; `layout` says that it is a components V2 message."""
    found = wrong.count(at, components, 0, most.LAYOUT_COMPONENTS if layout else most.ROWS)
    for number, component in enumerate(found):
        place = (*at, number)
        if layout:
            wrong.choice((*place, "type"), component.get("type"), LAYOUT_KINDS)
            _check_layout(wrong, component, place)
        elif component.get("type") != ROW:
            wrong.choice((*place, "type"), component.get("type"), {ROW})
        else:
            _check_row(wrong, component, place)
    _check_unique(wrong, found, at)
    if layout:
        _check_layout_totals(wrong, found, at)


def _check_layout(wrong: Mistakes, component: Json, at: Path) -> None:
    kind = component.get("type")
    if kind == ROW:
        _check_row(wrong, component, at)
    elif kind == TEXT_DISPLAY:
        wrong.text((*at, "content"), component.get("content"), most.LAYOUT_TEXT, required=True)
    elif kind in (SECTION, CONTAINER):
        for number, inner in enumerate(component.get("components") or []):
            _check_layout(wrong, inner, (*at, "components", number))
        if (component.get("accessory") or {}).get("type") == BUTTON:
            _check_button(wrong, component["accessory"], (*at, "accessory"))


def _check_layout_totals(wrong: Mistakes, components: list[Json], at: Path) -> None:
    everything = list(walk(components))
    if len(everything) > most.LAYOUT_COMPONENTS:
        wrong.length(at, 1, most.LAYOUT_COMPONENTS)
    texts = sum(len(c.get("content") or "") for c in everything if c.get("type") == TEXT_DISPLAY)
    if texts > most.LAYOUT_TEXT:
        code, message = (
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            "Component displayable text size exceeds maximum",
        )
        wrong.add(at, code, f"{message} size of {most.LAYOUT_TEXT}")


def _check_row(wrong: Mistakes, row: Json, at: Path) -> None:
    held = wrong.count((*at, "components"), row.get("components") or [], 1, most.BUTTONS_PER_ROW)
    kinds = {component.get("type") for component in held}
    for number, component in enumerate(held):
        place = (*at, "components", number)
        if component.get("type") == BUTTON:
            _check_button(wrong, component, place)
        elif component.get("type") in SELECTS:
            _check_select(wrong, component, place)
        else:
            wrong.choice((*place, "type"), component.get("type"), {BUTTON, *SELECTS})
    if kinds & SELECTS and len(held) > 1:
        code = "COMPONENT_LAYOUT_WIDTH_EXCEEDED"
        wrong.add((*at, "components"), code, "The specified component exceeds the maximum width")


def _check_custom_id(wrong: Mistakes, component: Json, at: Path) -> None:
    wrong.text((*at, "custom_id"), component.get("custom_id"), most.CUSTOM_ID, least=1, required=True)


def _check_button(wrong: Mistakes, button: Json, at: Path) -> None:
    wrong.choice((*at, "style"), button.get("style"), range(1, 7))
    wrong.text((*at, "label"), button.get("label"), most.BUTTON_LABEL)
    if button.get("style") == LINK:
        wrong.text((*at, "url"), button.get("url"), most.URL, required=True)
    elif button.get("style") != PREMIUM:
        _check_custom_id(wrong, button, at)
    if not button.get("label") and not button.get("emoji") and button.get("style") != PREMIUM:
        wrong.add((*at, "label"), "BUTTON_COMPONENT_MISSING_CONTENT", "A button must have a label or emoji")


def _check_select(wrong: Mistakes, select: Json, at: Path, *, in_modal: bool = False) -> None:
    _check_custom_id(wrong, select, at)
    wrong.text((*at, "placeholder"), select.get("placeholder"), most.PLACEHOLDER)
    wrong.number((*at, "min_values"), select.get("min_values"), 0, most.SELECT_OPTIONS)
    wrong.number((*at, "max_values"), select.get("max_values"), 1, most.SELECT_OPTIONS)
    if in_modal and select.get("disabled"):
        wrong.add((*at, "disabled"), "COMPONENT_INVALID", "Components in a modal cannot be disabled")
    if select.get("type") != STRING_SELECT:
        return
    options = _check_options(wrong, select, at, most.SELECT_OPTIONS)
    if (select.get("max_values") or 1) > max(len(options), 1):
        wrong.number((*at, "max_values"), select["max_values"], 1, len(options))
    if sum(bool(option.get("default")) for option in options) > (select.get("max_values") or 1):
        wrong.length((*at, "options"), 0, select.get("max_values") or 1)


def _check_options(wrong: Mistakes, component: Json, at: Path, limit: int) -> list[Json]:
    """The options of a select, radio group or group of check boxes: texts and unique values."""
    options = wrong.count((*at, "options"), component.get("options") or [], 1, limit)
    seen = set()
    for number, option in enumerate(options):
        place = (*at, "options", number)
        for key in ("label", "value"):
            wrong.text((*place, key), option.get(key), most.OPTION_TEXT, least=1, required=True)
        wrong.text((*place, "description"), option.get("description"), most.OPTION_TEXT)
        if option.get("value") in seen:
            code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
            wrong.add((*place, "value"), code, "The specified option value is already used")
        seen.add(option.get("value"))
    return options


def _check_unique(wrong: Mistakes, components: list[Json], at: Path) -> None:
    """Custom ids are unique in a message or a modal."""
    seen = set()
    for path, component in _placed(components, at):
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            wrong.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _placed(components: list[Json], at: Path) -> list[tuple[Path, Json]]:
    """Every component with its place."""
    found: list[tuple[Path, Json]] = []
    for number, component in enumerate(components):
        here = (*at, number)
        found.append((here, component))
        found += _placed(component.get("components") or [], (*here, "components"))
        for key in ("component", "accessory"):
            if component.get(key):
                found.append(((*here, key), component[key]))
    return found


# Modals.


def check_modal(data: Json, at: Path = ("data",)) -> None:
    """Refuse a modal that breaks a limit."""
    wrong = Mistakes()
    wrong.text((*at, "title"), data.get("title"), most.MODAL_TITLE, least=1, required=True)
    _check_custom_id(wrong, data, at)
    place: Path = (*at, "components")
    components = wrong.count(place, data.get("components") or [], 1, most.MODAL_COMPONENTS)
    for number, component in enumerate(components):
        _check_modal_part(wrong, component, (*place, number))
    _check_unique(wrong, components, place)
    wrong.check()


def _check_modal_part(wrong: Mistakes, part: Json, at: Path) -> None:
    kind = part.get("type")
    if kind == ROW:
        held = wrong.count((*at, "components"), part.get("components") or [], 1, 1)
        for number, component in enumerate(held):
            place = (*at, "components", number)
            wrong.choice((*place, "type"), component.get("type"), {TEXT_INPUT})
            wrong.text((*place, "label"), component.get("label"), most.LABEL, least=1, required=True)
            _check_text_input(wrong, component, place)
    elif kind == LABEL:
        wrong.text((*at, "label"), part.get("label"), most.LABEL, least=1, required=True)
        wrong.text((*at, "description"), part.get("description"), most.LABEL_DESCRIPTION)
        _check_labelled(wrong, part.get("component") or {}, (*at, "component"))
    elif kind == TEXT_DISPLAY:
        wrong.text((*at, "content"), part.get("content"), most.LAYOUT_TEXT, required=True)
    else:
        wrong.choice((*at, "type"), kind, {ROW, TEXT_DISPLAY, LABEL})


def _check_labelled(wrong: Mistakes, component: Json, at: Path) -> None:
    checks: dict[Any, Callable[[Mistakes, Json, Path], None]] = {
        TEXT_INPUT: _check_text_input_in_label,
        UPLOAD: _check_upload,
        RADIO: _check_group,
        CHECKBOXES: _check_group,
        CHECKBOX: _check_custom_id,
    }
    kind = component.get("type")
    if kind in SELECTS:
        _check_select(wrong, component, at, in_modal=True)
    elif kind in checks:
        checks[kind](wrong, component, at)
    else:
        wrong.choice((*at, "type"), kind, IN_LABEL)


def _check_text_input_in_label(wrong: Mistakes, component: Json, at: Path) -> None:
    if component.get("label"):
        wrong.add((*at, "label"), "COMPONENT_INVALID", "A text input in a label has no label of its own")
    _check_text_input(wrong, component, at)


def _check_text_input(wrong: Mistakes, component: Json, at: Path) -> None:
    _check_custom_id(wrong, component, at)
    wrong.choice((*at, "style"), component.get("style"), {1, 2})
    wrong.text((*at, "placeholder"), component.get("placeholder"), most.TEXT_INPUT_PLACEHOLDER)
    wrong.number((*at, "min_length"), component.get("min_length"), 0, most.TEXT_INPUT)
    wrong.number((*at, "max_length"), component.get("max_length"), 1, most.TEXT_INPUT)
    wrong.text((*at, "value"), component.get("value"), component.get("max_length") or most.TEXT_INPUT)


def _check_upload(wrong: Mistakes, component: Json, at: Path) -> None:
    _check_custom_id(wrong, component, at)
    wrong.number((*at, "min_values"), component.get("min_values"), 0, most.UPLOADS)
    wrong.number((*at, "max_values"), component.get("max_values"), 1, most.UPLOADS)


def _check_group(wrong: Mistakes, component: Json, at: Path) -> None:
    _check_custom_id(wrong, component, at)
    _check_options(wrong, component, at, most.RADIO_OPTIONS)
