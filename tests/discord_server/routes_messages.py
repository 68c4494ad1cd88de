"""Routes about messages: create, fetch, edit, delete; and the direct messages they go to."""

from tests.discord_server import permissions, posting
from tests.discord_server.checks import check_message
from tests.discord_server.errors import Mistakes, refused
from tests.discord_server.rest import Call, route
from tests.discord_server.state import DM, THREADS, Channel, Json, Message, walk


@route("POST", "/channels/{channel}/messages")
def create(call: Call) -> Json:
    """Post a message; one with an enforced nonce that was used lately is given back instead."""
    channel = call.channel(*_needed(call))
    if channel.type == DM:
        _check_reachable(call, channel)
    _check_reply(call, channel)
    if channel.locked:
        raise refused(160005)
    # Whoever writes into a thread opens it again; whatever else is done there does not.
    channel.archived = False
    check_message(call.body, files=len(call.files))
    _check_emoji(call, channel)
    made = posting.twin(call, channel)
    if made is None:
        made = posting.post(call.server, channel, call.state.bot, call.body, files=call.files)
    return call.wire.message(made)


def _needed(call: Call) -> list[str]:
    """The permissions that a body asks for."""
    found = call.state.channels.get(call.id("channel"))
    in_thread = found is not None and found.type in THREADS
    needed = ["send_messages_in_threads" if in_thread else "send_messages"]
    needed += ["embed_links"] if call.body.get("embeds") else []
    needed += ["attach_files"] if call.files else []
    return needed + (["send_polls"] if call.body.get("poll") else [])


def _check_reply(call: Call, channel: Channel) -> None:
    """Replies have a refusal of their own."""
    granted = permissions.in_channel(channel, call.state.bot.id)
    if call.body.get("message_reference") and not granted & permissions.BITS["read_message_history"]:
        raise refused(160002)


def _check_emoji(call: Call, channel: Channel) -> None:
    """Buttons and polls take emoji of this guild, and no others that are drawn."""
    answers = (call.body.get("poll") or {}).get("answers") or []
    shown = [*walk(call.body.get("components") or []), *(each["poll_media"] for each in answers)]
    own = channel.guild.emojis if channel.guild else {}
    for each in shown:
        id_ = (each.get("emoji") or {}).get("id")
        if id_ is not None and int(id_) not in own:
            wrong = Mistakes()
            wrong.add(("components",), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")
            wrong.check()


def _check_reachable(call: Call, channel: Channel) -> None:
    """Nobody is reached who closed their direct messages or shares no guild with the bot."""
    other = next(user for user in channel.recipients if user != call.state.bot.id)
    bot = call.state.bot.id
    shared = any({other, bot} <= set(guild.members) for guild in call.state.guilds.values())
    if not shared or not call.state.people[other].dms_open:
        raise refused(50007)


@route("GET", "/channels/{channel}/messages/{message}")
def fetch(call: Call) -> Json:
    """One message."""
    return call.wire.message(call.message("read_message_history"))


@route("GET", "/channels/{channel}/messages")
def history(call: Call) -> list[Json]:
    """The newest messages first, or those around a snowflake."""
    channel = call.channel("read_message_history")
    limit, query = call.limit(50), call.query
    found = channel.shown
    if "after" in query:
        return [
            call.wire.message(m) for m in reversed([m for m in found if m.id > int(query["after"])][:limit])
        ]
    if "before" in query:
        found = [m for m in found if m.id < int(query["before"])]
    if "around" in query:
        found = [m for m in found if m.id <= int(query["around"])]
    return [call.wire.message(m) for m in reversed(found[-limit:])]


@route("PATCH", "/channels/{channel}/messages/{message}")
def edit(call: Call) -> Json:
    """Edit one of the bot's own messages; polls stay as they are."""
    message = call.message()
    if message.author is not call.state.bot:
        raise refused(50005)
    if message.channel.archived:
        raise refused(50083)
    if call.body.get("embeds"):
        call.needs(message.channel, "embed_links")
    if call.files:
        call.needs(message.channel, "attach_files")
    changed(call, message)
    return call.wire.message(message)


def changed(call: Call, message: Message, *, may_add_poll: bool = False) -> None:
    """Check and apply an edit, by the bot or by a webhook."""
    if call.body.get("poll") and not may_add_poll:
        raise refused(520003)
    layout = {"flags": (call.body.get("flags") or 0) | message.flags}
    check_message({**call.body, **layout}, files=len(call.files), sent=False)
    _check_emoji(call, message.channel)
    posting.change(call.server, message, call.body, call.files)


@route("DELETE", "/channels/{channel}/messages/{message}")
def delete(call: Call) -> None:
    """Delete a message; other people's only with the permission to manage messages."""
    message = call.message()
    if message.author is not call.state.bot:
        call.needs(message.channel, "manage_messages")
    posting.remove(call.server, message)


@route("POST", "/users/@me/channels")
def open_dm(call: Call) -> Json:
    """The direct conversation with somebody."""
    person = call.state.people.get(int(call.body.get("recipient_id") or 0))
    if person is None or person.is_bot:
        raise refused(10013) if person is None else refused(50007)
    return call.wire.channel(call.server.direct(person))


@route("POST", "/channels/{channel}/typing")
def typing(call: Call) -> None:
    """Show that the bot is writing."""
    call.channel("send_messages")
