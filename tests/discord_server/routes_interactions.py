"""Routes by which the application answers: the first answer in time, then follow-ups.

Gives:  40060 for a second first answer, 10062 after three seconds, 50027 after fifteen minutes.
Both times are `State.timers`, in seconds of the server's clock.
Source: docs.discord.com/developers/interactions/receiving-and-responding.
"""

import time
from collections.abc import Callable

from tests.discord_server import limits_of_discord as most
from tests.discord_server import posting
from tests.discord_server.check_commands import check_choice
from tests.discord_server.check_components import check_modal
from tests.discord_server.checks import check_message
from tests.discord_server.errors import Mistakes, refused
from tests.discord_server.rest import Call, route
from tests.discord_server.routes_messages import changed
from tests.discord_server.state import EPHEMERAL, LOADING, Interaction, Json, Message, Modal

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@route("POST", "/interactions/{interaction}/{token}/callback", needs_token=False)
def callback(call: Call) -> Json | None:
    """The first answer to an interaction."""
    interaction = _in_time(call)
    if interaction.answered:
        raise refused(40060)
    kind = int(call.body.get("type") or 0)
    _check_kind(interaction, kind)
    _ANSWERS[kind](call, interaction, call.body.get("data") or {})
    interaction.latency_s = time.perf_counter() - interaction.began
    interaction.answer.set_result(kind)
    return _told(call, interaction, kind) if call.query.get("with_response") in ("1", "true") else None


def _in_time(call: Call) -> Interaction:
    found = call.state.interactions.get(call.params["token"])
    if found is None or str(found.id) != call.params["interaction"]:
        raise refused(10062)
    late = call.state.clock() - found.born > call.state.timers.answer_within_s
    if not found.answered and (found.expired or late):
        found.expired = True
        raise refused(10062)
    return found


def _check_kind(interaction: Interaction, kind: int) -> None:
    """Which answers there are to what."""
    allowed = {ANSWER, DEFER}
    if interaction.kind == AUTOCOMPLETE:
        allowed = {CHOICES}
    elif interaction.kind != MODAL_SUBMIT:
        allowed |= {MODAL}
    if interaction.source is not None:
        allowed |= {DEFER_UPDATE, UPDATE}
    wrong = Mistakes()
    wrong.choice(("type",), kind, allowed)
    wrong.check()


def _answer(call: Call, interaction: Interaction, data: Json) -> None:
    check_message(data, files=len(call.files), at=("data",))
    bot, channel = call.state.bot, interaction.channel
    interaction.original = posting.post(
        call.server, channel, bot, data, files=call.files, interaction=interaction
    )
    _close_modal(call, interaction)


def _defer(call: Call, interaction: Interaction, data: Json) -> None:
    body = {"flags": int(data.get("flags") or 0) & EPHEMERAL}
    bot, channel = call.state.bot, interaction.channel
    interaction.original = posting.post(
        call.server, channel, bot, body, interaction=interaction, more_flags=LOADING
    )
    interaction.deferred = DEFER
    _close_modal(call, interaction)


def _defer_update(call: Call, interaction: Interaction, data: Json) -> None:
    interaction.original, interaction.deferred = interaction.source, DEFER_UPDATE
    _close_modal(call, interaction)


def _update(call: Call, interaction: Interaction, data: Json) -> None:
    assert interaction.source is not None
    check_message(data, files=len(call.files), at=("data",), sent=False)
    interaction.original = interaction.source
    posting.change(call.server, interaction.source, data, call.files)
    _close_modal(call, interaction)


def _choices(call: Call, interaction: Interaction, data: Json) -> None:
    wrong = Mistakes()
    found = wrong.count(("data", "choices"), data.get("choices"), 0, most.CHOICES)
    for number, choice in enumerate(found):
        check_choice(wrong, choice, ("data", "choices", number))
    wrong.check()
    interaction.choices = found


def _modal(call: Call, interaction: Interaction, data: Json) -> None:
    check_modal(data)
    interaction.modal = call.state.modals[interaction.user.id] = Modal(data, interaction)


def _close_modal(call: Call, interaction: Interaction) -> None:
    """A modal that was submitted and answered is gone."""
    if interaction.kind == MODAL_SUBMIT:
        call.state.modals.pop(interaction.user.id, None)


_ANSWERS: dict[int, Callable[[Call, Interaction, Json], None]] = {
    ANSWER: _answer,
    DEFER: _defer,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    CHOICES: _choices,
    MODAL: _modal,
}


def _told(call: Call, interaction: Interaction, kind: int) -> Json:
    """What `with_response` asks for."""
    told: Json = {"id": str(interaction.id), "type": interaction.kind}
    resource: Json = {"type": kind}
    message = interaction.original
    if message is not None and kind != DEFER_UPDATE:
        told["response_message_id"] = str(message.id)
        told["response_message_loading"] = bool(message.flags & LOADING)
        told["response_message_ephemeral"] = message.seen_by is not None
        resource["message"] = call.wire.message(message)
    return {"interaction": told, "resource": resource}


# Follow-ups.

_HOOK = "/webhooks/{application}/{token}"


def _answered(call: Call) -> Interaction:
    """The interaction whose token is in the path, once it was answered and while the token lives."""
    found = call.state.interactions.get(call.params["token"])
    if found is None or not found.answered or call.params["application"] != str(call.state.app.id):
        raise refused(10015)
    if call.state.clock() - found.born > call.state.timers.follow_up_within_s:
        raise refused(50027)
    return found


@route("POST", _HOOK, needs_token=False)
def follow_up(call: Call) -> Json:
    """Another message; the first one after "thinking" takes its place."""
    interaction = _answered(call)
    check_message(call.body, files=len(call.files))
    if interaction.deferred == DEFER and interaction.original is not None:
        return _fill_original(call, interaction, interaction.original)
    made = posting.post(
        call.server, interaction.channel, call.state.bot, call.body, files=call.files, interaction=interaction
    )
    interaction.followups.append(made)
    return call.wire.message(made)


def _fill_original(call: Call, interaction: Interaction, original: Message) -> Json:
    was_thinking = interaction.deferred == DEFER
    body = {key: value for key, value in call.body.items() if key != "flags" or not was_thinking}
    body |= {"flags": original.flags & ~LOADING & ~EPHEMERAL} if was_thinking else {}
    call.body = body
    original.flags &= ~LOADING
    changed(call, original, may_add_poll=was_thinking)
    interaction.deferred = 0
    return call.wire.message(original)


def _meant(call: Call) -> tuple[Interaction, Message]:
    """The message of the path: the first answer, or one of the follow-ups."""
    interaction = _answered(call)
    wanted = call.params["message"]
    known = [*([interaction.original] if interaction.original else []), *interaction.followups]
    for message in known:
        is_original = wanted == "@original" and message is interaction.original
        if (is_original or wanted == str(message.id)) and not message.deleted:
            return interaction, message
    raise refused(10008)


@route("GET", _HOOK + "/messages/{message}", needs_token=False)
def fetch(call: Call) -> Json:
    """One of the answers."""
    return call.wire.message(_meant(call)[1])


@route("PATCH", _HOOK + "/messages/{message}", needs_token=False)
def edit(call: Call) -> Json:
    """Edit one of the answers."""
    interaction, message = _meant(call)
    if message is interaction.original:
        return _fill_original(call, interaction, message)
    changed(call, message)
    return call.wire.message(message)


@route("DELETE", _HOOK + "/messages/{message}", needs_token=False)
def delete(call: Call) -> None:
    """Delete one of the answers."""
    posting.remove(call.server, _meant(call)[1])
