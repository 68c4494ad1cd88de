"""Filling in a modal, and what the app's answer to its submission does to the stack.

Reads:  what a test's member types; the `response_action` of an acknowledgement.
Gives:  the stack afterwards, field errors, or the reason why Slack would show "trouble connecting".
Source: docs.slack.dev/surfaces/modals (response actions).
"""

from typing import Any

from tests.slack_server.block_kit import check_view
from tests.slack_server.delivery import Delivery
from tests.slack_server.elements import CannotDoError, entry, is_empty, state_of
from tests.slack_server.methods_views import push_on, replace
from tests.slack_server.state import Json, State, Team, View, elements_of
from tests.slack_server.web_api import ApiError


def fill(view: View, values: dict[str, Any]) -> None:
    """Put values into fields, by block id or by action id."""
    for name, given in values.items():
        block, element = _field(view, name)
        view.typed[(block["block_id"], element["action_id"])] = entry(element, given)


def _field(view: View, name: str) -> tuple[Json, Json]:
    for block in view.blocks:
        for element in elements_of(block):
            if name == element.get("action_id") or (name == block["block_id"] and block["type"] == "input"):
                return block, element
    raise CannotDoError(f"the modal {view.callback_id!r} has no field {name!r}")


def check_complete(view: View) -> None:
    """Slack's client holds a submission back while a required field is empty."""
    values = state_of(view.blocks, view.typed)
    for block in view.blocks:
        if block["type"] == "input" and not block.get("optional"):
            entered = values[block["block_id"]][block["element"]["action_id"]]
            if is_empty(entered):
                raise CannotDoError(f"the field {block['block_id']!r} must not be empty")


def apply_answer(state: State, team: Team, view: View, delivery: Delivery) -> None:
    """Do with the modal what the app answered; what Slack cannot use is noted as the delivery's problem."""
    answer, stack = delivery.response, team.stacks.get(view.user, [])
    if view not in stack:
        return
    act = answer.get("response_action")
    try:
        if not answer:
            stack.remove(view)
        elif act == "clear":
            team.stacks[view.user] = []
        elif act == "errors":
            view.errors = _errors(view, answer.get("errors"))
        elif act in ("update", "push"):
            _shown_instead(state, stack, view, act, answer.get("view"))
        else:
            raise ValueError(f"response_action {act!r} is unknown")
    except (ValueError, ApiError) as problem:
        delivery.problem = str(problem)


def _shown_instead(state: State, stack: list[View], view: View, act: str, given: Any) -> None:
    if mistakes := check_view(given):
        raise ValueError("; ".join(mistakes))
    if act == "update":
        replace(state, view, given)
    else:
        push_on(state, stack, given)


def _errors(view: View, given: Any) -> dict[str, str]:
    """Field errors: each has to name an input block that is on show, and to say something."""
    if not isinstance(given, dict) or not given:
        raise ValueError("`errors` must name at least one block")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    for name, sentence in given.items():
        if name not in inputs:
            raise ValueError(f"`errors` names {name!r}, which is no input block of the view")
        if not isinstance(sentence, str) or not sentence:
            raise ValueError(f"`errors` says nothing for {name!r}")
    return given
