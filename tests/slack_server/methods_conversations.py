"""conversations.*: opening, looking up, and reading channels.

Source: docs.slack.dev/reference/methods (conversations.open and its neighbours).
"""

import base64
from collections.abc import Sequence
from typing import TypeVar

from tests.slack_server import wire
from tests.slack_server.state import CONVERSATION_SCOPES, Channel, Json, Message
from tests.slack_server.web_api import ApiError, Call, find_channel, method

Each = TypeVar("Each")
_KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


@method("conversations.open", "im:write", "mpim:write")
def open_conversation(call: Call) -> Json:
    if call.args.get("channel"):
        channel, new = find_channel(call, call.text("channel")), False
    else:
        users = [user.strip() for user in call.required("users").split(",")]
        for user in users:
            _check_reachable(call, user)
        channel, new = call.server.direct(call.team, call.caller, *users)
    shown = wire.channel(channel, viewer=call.caller) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown} | ({} if new else {"no_op": True, "already_open": True})


def _check_reachable(call: Call, user: str) -> None:
    person = call.team.people.get(user)
    if person is None:
        raise ApiError("user_not_found")
    if person.deleted:
        raise ApiError("user_disabled")
    if person.is_bot:
        raise ApiError("cannot_dm_bot")


@method("conversations.info")
def info(call: Call) -> Json:
    channel = call.channel("read")
    counted = call.flag("include_num_members")
    return {"channel": wire.channel(channel, viewer=call.caller, num_members=counted)}


@method("conversations.members")
def members(call: Call) -> Json:
    channel = call.channel("read")
    found, cursor = page(call, channel.members, 100)
    return {"members": list(found), "response_metadata": {"next_cursor": cursor}}


@method("conversations.history")
def history(call: Call) -> Json:
    channel = _readable(call)
    shown = [m for m in reversed(channel.shown) if m.thread_ts in (None, m.ts) and _in_range(call, m)]
    found, cursor = page(call, shown, 100)
    return _messages(call, found, cursor)


@method("conversations.replies")
def replies(call: Call) -> Json:
    channel, ts = _readable(call), call.required("ts")
    parent = channel.message(ts)
    if parent is None:
        raise ApiError("thread_not_found")
    replies = [m for m in channel.thread(ts) if _in_range(call, m)]
    found, cursor = page(call, [parent, *replies], 1000)
    return _messages(call, found, cursor)


def _readable(call: Call) -> Channel:
    channel = call.channel("history")
    if call.caller not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _in_range(call: Call, message: Message) -> bool:
    oldest, latest = float(call.text("oldest", "0") or 0), float(call.text("latest") or "inf")
    if call.flag("inclusive"):
        return oldest <= float(message.ts) <= latest
    return oldest < float(message.ts) < latest


def _messages(call: Call, found: Sequence[Message], cursor: str) -> Json:
    with_metadata = call.flag("include_all_metadata")
    shown = [wire.message(m, call.state.app, metadata=with_metadata) for m in found]
    more: Json = {"messages": shown, "has_more": bool(cursor), "pin_count": 0}
    return more | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method("conversations.list")
def list_conversations(call: Call) -> Json:
    return _listed(call, call.caller, only_member=False)


@method("users.conversations")
def of_a_user(call: Call) -> Json:
    return _listed(call, call.text("user") or call.caller, only_member=True)


def _listed(call: Call, user: str, *, only_member: bool) -> Json:
    kinds = {_KINDS.get(t.strip(), "") for t in call.text("types", "public_channel").split(",")}
    for kind in sorted(kinds):
        if not kind:
            raise ApiError("invalid_types")
        call.needs(f"{CONVERSATION_SCOPES[kind]}:read")
    shown = [c for c in call.team.channels.values() if c.kind in kinds and not c.deleted]
    shown = [c for c in shown if c.kind == "public" or call.caller in c.members]
    if only_member:
        shown = [c for c in shown if user in c.members]
    if call.flag("exclude_archived"):
        shown = [c for c in shown if not c.archived]
    found, cursor = page(call, shown, 100)
    channels = [wire.channel(c, viewer=call.caller, num_members=not only_member) for c in found]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


def page(call: Call, everything: Sequence[Each], usual: int) -> tuple[Sequence[Each], str]:
    """One page of a list and the cursor of the next; an empty cursor at the end."""
    size = min(call.number("limit", usual), call.server.limits.most_on_a_page(call.method))
    if not 1 <= size <= 1000:
        raise ApiError("invalid_limit")
    start = _start(call.text("cursor"))
    following = start + size
    more = following < len(everything)
    return everything[start:following], base64.b64encode(f"at:{following}".encode()).decode() if more else ""


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("at:"))
    except ValueError:
        raise ApiError("invalid_cursor") from None
