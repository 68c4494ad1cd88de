"""What people put into interactive elements, and how Slack writes it down.

Reads:  elements of blocks, and what a test's member types or picks.
Gives:  entries of `state.values`, and the entry of `actions` for a click.
Raises: CannotDoError for what Slack's client would not let anybody do.
"""

from typing import Any

from tests.slack_server.state import Json, elements_of

_FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_LISTS = frozenset(kind for kind in _FIELDS if kind.startswith("multi_") or kind == "checkboxes")


class CannotDoError(AssertionError):
    """The test's member tried what Slack's client does not offer."""


def state_of(blocks: list[Json], typed: dict[tuple[str, str], Json]) -> Json:
    """`state.values`: every element that holds a value, as typed or as it was at first."""
    values: dict[str, Json] = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] in _FIELDS:
                place = (block["block_id"], element["action_id"])
                values.setdefault(place[0], {})[place[1]] = typed.get(place) or at_first(element)
    return values


def at_first(element: Json) -> Json:
    """The entry of an element nobody touched."""
    key, initial = _FIELDS[element["type"]]
    empty: Any = [] if element["type"] in _LISTS else None
    return {"type": element["type"], key: element.get(initial, empty)}


def entry(element: Json, given: Any) -> Json:
    """The entry of an element after somebody typed or picked `given` (None empties it)."""
    kind = element["type"]
    if kind not in _FIELDS:
        raise CannotDoError(f"nothing can be put into a {kind}")
    key = _FIELDS[kind][0]
    if given is None:
        return {"type": kind, key: [] if kind in _LISTS else None}
    if key == "selected_options":
        return {"type": kind, key: [_offered(element, each) for each in given]}
    if key == "selected_option":
        return {"type": kind, key: _offered(element, given)}
    if kind == "plain_text_input":
        _check_text(element, given)
    return {"type": kind, key: given}


def is_empty(value: Json) -> bool:
    """Whether an entry of `state.values` holds nothing."""
    return not any(v for k, v in value.items() if k != "type")


def action(block: Json, element: Json, given: Any, ts: str) -> Json:
    """The entry of `actions` in a `block_actions` payload."""
    kind = element["type"]
    told: Json = {"type": kind, "action_id": element["action_id"], "block_id": block["block_id"]}
    told["action_ts"] = ts
    if kind == "button":
        told |= {k: element[k] for k in ("text", "value", "style", "url") if k in element}
        return told
    if kind == "overflow":
        return told | {"selected_option": _offered(element, given)}
    return told | entry(element, given)


def _offered(element: Json, value: str) -> Json:
    """The option somebody means by its value, or by the text they read."""
    groups = element.get("option_groups")
    offered = [o for g in groups for o in g["options"]] if groups else element.get("options", [])
    for each in offered:
        if value in (each["value"], each["text"]["text"]):
            return {k: v for k, v in each.items() if k in ("text", "value", "description")}
    raise CannotDoError(f"{element.get('action_id')} does not offer {value!r}")


def _check_text(element: Json, given: str) -> None:
    longest, shortest = element.get("max_length", 3000), element.get("min_length", 0)
    if not shortest <= len(given) <= longest:
        raise CannotDoError(
            f"{element.get('action_id')} takes {shortest} to {longest} characters, not {len(given)}"
        )
