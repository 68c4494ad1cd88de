"""chat.*: posting, updating, deleting, ephemeral messages, permalinks.

Source: docs.slack.dev/reference/methods (chat.postMessage and its neighbours).
"""

from typing import Any

from tests.slack_server import events, wire
from tests.slack_server import limits_of_block_kit as most
from tests.slack_server.block_kit import check_blocks, text_in
from tests.slack_server.methods_files import check_files
from tests.slack_server.state import Channel, Json, Message, with_block_ids
from tests.slack_server.web_api import ApiError, Call, find_channel, method, wrong_arguments


@method("chat.postMessage", "chat:write")
def post_message(call: Call) -> Json:
    channel = _place(call, call.required("channel"))
    message = Message(channel, call.state.new_ts(), call.caller, bot_id=_bot_id(call))
    message.text, message.blocks = content(call)
    message.metadata = _metadata(call)
    message.thread_ts = call.text("thread_ts") or None
    channel.messages.append(message)
    call.server.tell_of(message, events.posted(call.state, message))
    return {"channel": channel.id, "ts": message.ts, "message": wire.message(message, call.state.app)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> Json:
    channel, user = _place(call, call.required("channel")), call.required("user")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    message = Message(channel, call.state.new_ts(), call.caller, bot_id=_bot_id(call), seen_by=user)
    message.text, message.blocks = content(call)
    message.thread_ts = call.text("thread_ts") or None
    call.team.ephemerals.setdefault(user, []).append(message)
    return {"message_ts": message.ts}


@method("chat.update", "chat:write")
def update(call: Call) -> Json:
    channel = find_channel(call, call.required("channel"))
    message = channel.message(call.required("ts"))
    if channel.archived:
        raise ApiError("is_inactive")
    if message is None:
        raise ApiError("message_not_found")
    if message.user != call.caller:
        raise ApiError("cant_update_message")
    before = wire.message(message, call.state.app)
    _revise(call, message)
    call.server.tell_of(message, events.changed(call.state, message, before))
    shown = wire.message(message, call.state.app)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _revise(call: Call, message: Message) -> None:
    """Blocks and metadata that are not named stay as they are, as with Slack."""
    text, blocks = content(call)
    message.text = text
    if call.args.get("blocks") is not None:
        message.blocks = blocks
    if call.args.get("metadata") is not None:
        message.metadata = _metadata(call)
    message.edited_ts = call.state.new_ts()
    message.versions += 1


@method("chat.delete", "chat:write")
def delete(call: Call) -> Json:
    channel = find_channel(call, call.required("channel"))
    message = channel.message(call.required("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if message.user != call.caller:
        raise ApiError("cant_delete_message")
    message.deleted = True
    call.server.tell_of(message, events.gone(call.state, message))
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    channel = find_channel(call, call.required("channel"))
    ts = call.required("message_ts")
    if channel.message(ts) is None:
        raise ApiError("message_not_found")
    link = f"https://{call.team.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


def _place(call: Call, given: str) -> Channel:
    """Where a message goes; a person's id means the direct conversation with them."""
    channel = _direct(call, given) if given.startswith(("U", "W")) else find_channel(call, given)
    if channel.archived:
        raise ApiError("is_archived")
    if call.caller not in channel.members:
        assert call.token is not None
        if "chat:write.public" not in call.token.scopes or channel.kind != "public":
            raise ApiError("not_in_channel")
    return channel


def _direct(call: Call, user: str) -> Channel:
    if user not in call.team.people:
        raise ApiError("channel_not_found")
    channel, _ = call.server.direct(call.team, call.caller, user)
    return channel


def content(call: Call) -> tuple[str, list[Json]]:
    """Text and blocks of a message, checked as Slack checks them."""
    blocks = call.structure("blocks") or []
    text = call.text("text")
    if not text.strip() and not blocks and not call.args.get("attachments"):
        raise ApiError("no_text")
    if len(text) > most.MESSAGE_TEXT:
        raise ApiError("msg_too_long")
    if mistakes := check_blocks(blocks):
        raise wrong_arguments(mistakes, "invalid_blocks")
    check_files(call, blocks)
    if text_in(blocks) > most.MESSAGE_BLOCKS_TEXT:
        raise ApiError("msg_blocks_too_long")
    return text, with_block_ids(blocks)


def _metadata(call: Call) -> Json | None:
    """Message metadata: an event type and a flat-ish payload, or nothing."""
    given: Any = call.structure("metadata")
    if not given:
        return None
    mistyped = not isinstance(given, dict) or not isinstance(given.get("event_payload"), dict)
    if mistyped or not isinstance(given.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if len(given["event_type"]) > most.METADATA_EVENT_TYPE or not given["event_type"]:
        raise ApiError("invalid_metadata_schema")
    return {"event_type": given["event_type"], "event_payload": given["event_payload"]}


def _bot_id(call: Call) -> str | None:
    assert call.token is not None
    return call.token.bot_id
