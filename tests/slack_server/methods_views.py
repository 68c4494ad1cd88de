"""views.*: modals in a stack per person, and home tabs.

Source: docs.slack.dev/surfaces/modals and /reference/methods (views.open and its neighbours).
"""

from tests.slack_server import limits_of_block_kit as most
from tests.slack_server import wire
from tests.slack_server.block_kit import check_view, view_bytes
from tests.slack_server.state import Json, State, Team, Trigger, View, with_block_ids
from tests.slack_server.web_api import ApiError, Call, method, wrong_arguments

DEEPEST = 3
"""How many modals may lie on top of each other."""


@method("views.open")
def open_view(call: Call) -> Json:
    given = _given(call, "modal")
    trigger = _exchanged(call)
    view = new_view(call.state, call.team, trigger.user, given)
    call.team.stacks[trigger.user] = [view]
    return {"view": wire.view(view, call.state)}


@method("views.push")
def push(call: Call) -> Json:
    given = _given(call, "modal")
    trigger = _exchanged(call)
    stack = call.team.stacks.get(trigger.user, [])
    if not stack or trigger.view is None:
        raise ApiError("not_found")
    return {"view": wire.view(push_on(call.state, stack, given), call.state)}


@method("views.update")
def update(call: Call) -> Json:
    given = _given(call, None)
    view = call.team.view(view_id=call.text("view_id") or None, external_id=call.text("external_id") or None)
    if view is None or given["type"] != view.given["type"]:
        raise ApiError("not_found")
    if call.text("hash") and call.text("hash") != view.hash:
        raise ApiError("hash_conflict")
    replace(call.state, view, given)
    return {"view": wire.view(view, call.state)}


@method("views.publish")
def publish(call: Call) -> Json:
    given, user = _given(call, "home"), call.required("user_id")
    person = call.team.people.get(user)
    if person is None:
        raise wrong_arguments(["invalid `user_id` [json-pointer:/user_id]"])
    view = call.team.homes.get(user)
    if view is None:
        view = call.team.homes[user] = new_view(call.state, call.team, user, given)
    elif call.text("hash") and call.text("hash") != view.hash:
        raise ApiError("hash_conflict")
    else:
        replace(call.state, view, given)
    return {"view": wire.view(view, call.state)}


def new_view(state: State, team: Team, user: str, given: Json) -> View:
    """A view that stands alone; refused when another one carries its external id."""
    _check_external_id(team, given, None)
    kept = {**given, "blocks": with_block_ids(given["blocks"])}
    view_id = state.new_id("V")
    return View(view_id, team, user, kept, state.new_hash(), root_id=view_id)


def push_on(state: State, stack: list[View], given: Json) -> View:
    """A view on top of a stack."""
    if len(stack) >= DEEPEST:
        raise ApiError("push_limit_reached")
    top = stack[-1]
    view = new_view(state, top.team, top.user, given)
    view.root_id, view.previous_id = stack[0].id, top.id
    stack.append(view)
    return view


def replace(state: State, view: View, given: Json) -> None:
    """Show something else in a view; what stands in fields of the same ids stays."""
    _check_external_id(view.team, given, view)
    view.given = {**given, "blocks": with_block_ids(given["blocks"])}
    view.hash = state.new_hash()
    view.errors = {}


def _check_external_id(team: Team, given: Json, own: View | None) -> None:
    name = given.get("external_id")
    if name and any(v.external_id == name and v is not own for v in team.views()):
        raise ApiError("duplicate_external_id")


def _given(call: Call, kind: str | None) -> Json:
    given: Json | None = call.structure("view")
    if given is None:
        raise wrong_arguments(["missing required field: view"])
    mistakes = check_view(given)
    if not mistakes and kind is not None and given["type"] != kind:
        mistakes = ["must be a valid enum value [json-pointer:/view/type]"]
    if mistakes:
        raise wrong_arguments(mistakes)
    if view_bytes(given) > most.VIEW_BYTES:
        raise ApiError("view_too_large")
    return given


def _exchanged(call: Call) -> Trigger:
    """Use up a trigger id: good once, for three seconds, in its own workspace."""
    trigger = call.state.triggers.get(call.required("trigger_id"))
    if trigger is None or trigger.team is not call.team:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if call.state.clock() - trigger.born > call.state.trigger_lifetime_s:
        raise ApiError("expired_trigger_id")
    trigger.used = True
    return trigger
