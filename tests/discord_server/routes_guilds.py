"""Routes about guilds, members, roles, channels and threads."""

from tests.discord_server import limits_of_discord as most
from tests.discord_server.errors import Mistakes, refused
from tests.discord_server.rest import Call, route
from tests.discord_server.state import FORUM, HAS_THREAD, TEXT, THREAD, THREADS, Channel, Json


@route("GET", "/guilds/{guild}")
def guild(call: Call) -> Json:
    """A guild, with rough counts where they are asked for."""
    found = call.guild()
    count = {"approximate_member_count": len(found.members), "approximate_presence_count": 1}
    return call.wire.guild(found) | (count if call.query.get("with_counts") in ("1", "true") else {})


@route("GET", "/users/@me/guilds")
def own_guilds(call: Call) -> list[Json]:
    """The guilds that the bot is in, in short."""
    bot, after = call.state.bot.id, int(call.query.get("after") or 0)
    found = [each for id_, each in sorted(call.state.guilds.items()) if bot in each.members and id_ > after]
    limit = min(int(call.query.get("limit") or 200), 200)
    return [
        {"id": str(each.id), "name": each.name, "icon": None, "owner": False, "features": []}
        for each in found[:limit]
    ]


@route("GET", "/guilds/{guild}/members/{user}")
def member(call: Call) -> Json:
    """A member; 10007 when they are not, or no longer, in the guild."""
    found = call.guild().members.get(call.id("user"))
    if found is None:
        raise refused(10007 if call.id("user") in call.state.people else 10013)
    return call.wire.member(found)


@route("GET", "/guilds/{guild}/members")
def members(call: Call) -> list[Json]:
    """Members by id, which needs the members intent to be switched on."""
    found = call.guild().members
    if "members" not in call.state.app.privileged:
        raise refused(50001)
    after = int(call.query.get("after") or 0)
    limit = min(int(call.query.get("limit") or 1), 1000)
    return [call.wire.member(found[user]) for user in sorted(found) if user > after][:limit]


@route("GET", "/guilds/{guild}/emojis")
def emojis(call: Call) -> list[Json]:
    """Every emoji that the guild has drawn."""
    return call.wire.emojis(call.guild())


@route("GET", "/guilds/{guild}/roles")
def roles(call: Call) -> list[Json]:
    """Every role."""
    return [call.wire.role(role) for role in call.guild().roles.values()]


@route("GET", "/guilds/{guild}/roles/{role}")
def role(call: Call) -> Json:
    """One role."""
    found = call.guild().roles.get(call.id("role"))
    if found is None:
        raise refused(10011)
    return call.wire.role(found)


@route("GET", "/guilds/{guild}/channels")
def channels(call: Call) -> list[Json]:
    """Every channel but threads."""
    found = call.guild().channels.values()
    return [call.wire.channel(c) for c in found if c.type in (TEXT, FORUM) and not c.deleted]


@route("GET", "/guilds/{guild}/threads/active")
def threads(call: Call) -> Json:
    """The threads that are not archived."""
    found = [c for c in call.guild().channels.values() if c.type in THREADS and not (c.archived or c.deleted)]
    return {"threads": [call.wire.channel(c) for c in found], "members": []}


@route("GET", "/channels/{channel}")
def channel(call: Call) -> Json:
    """A channel, a thread or a direct conversation."""
    return call.wire.channel(call.channel())


@route("PATCH", "/channels/{channel}")
def edit_channel(call: Call) -> Json:
    """Rename a channel; rename, archive or reopen a thread, which all may who may write there."""
    found = call.channel()
    if call.body == {"archived": False} and found.type in THREADS and not found.locked:
        call.needs(found, "send_messages_in_threads")
    elif found.type not in THREADS or found.locked or found.owner != call.state.bot.id:
        call.needs(found, "manage_threads" if found.type in THREADS else "manage_channels")
    wrong = Mistakes()
    wrong.text(("name",), call.body.get("name"), most.THREAD_NAME, least=1)
    wrong.check()
    found.name = call.body.get("name") or found.name
    found.archived = bool(call.body.get("archived", found.archived))
    call.server.events.channel("CHANNEL_UPDATE", found)
    return call.wire.channel(found)


@route("DELETE", "/channels/{channel}")
def delete_channel(call: Call) -> Json:
    """Delete a channel or a thread."""
    found = call.channel()
    call.needs(found, "manage_threads" if found.type in THREADS else "manage_channels")
    told = call.wire.channel(found)
    call.server.delete_channel(found)
    return told


@route("POST", "/channels/{channel}/messages/{message}/threads")
def start_thread(call: Call) -> Json:
    """Start a thread at a message; it has the message's id."""
    message = call.message("create_public_threads")
    if message.channel.type != TEXT:
        raise refused(50024)
    if message.thread is not None:
        raise refused(160004)
    thread = _thread(call, message.channel, message.id)
    message.thread = thread
    message.flags |= HAS_THREAD
    call.server.events.channel("CHANNEL_CREATE", thread)
    call.server.events.message("MESSAGE_UPDATE", message)
    return call.wire.channel(thread)


@route("POST", "/channels/{channel}/threads")
def start_free_thread(call: Call) -> Json:
    """Start a thread that hangs on no message."""
    parent = call.channel("create_public_threads")
    thread = _thread(call, parent, call.state.new_id())
    call.server.events.channel("CHANNEL_CREATE", thread)
    return call.wire.channel(thread)


def _thread(call: Call, parent: Channel, thread_id: int) -> Channel:
    wrong = Mistakes()
    wrong.text(("name",), call.body.get("name"), most.THREAD_NAME, least=1, required=True)
    minutes = call.body.get("auto_archive_duration") or 1440
    wrong.choice(("auto_archive_duration",), minutes, {60, 1440, 4320, 10080})
    wrong.check()
    made = Channel(thread_id, call.body["name"], THREAD, parent.guild, parent, owner=call.state.bot.id)
    made.auto_archive_minutes = minutes
    made.thread_members.append(call.state.bot.id)
    call.state.channels[made.id] = made
    assert parent.guild is not None
    parent.guild.channels[made.id] = made
    return made


@route("PUT", "/channels/{channel}/thread-members/{user}")
def add_to_thread(call: Call) -> None:
    """Take somebody into a thread."""
    thread = call.channel("send_messages_in_threads")
    user = call.state.bot.id if call.params["user"] == "@me" else call.id("user")
    if user not in thread.thread_members:
        thread.thread_members.append(user)


@route("GET", "/channels/{channel}/thread-members/{user}")
def thread_member(call: Call) -> Json:
    """Whether somebody is in a thread; 10007 when they are not."""
    thread = call.channel()
    if call.id("user") not in thread.thread_members:
        raise refused(10007)
    return _in_thread(call, thread, call.id("user"))


@route("GET", "/channels/{channel}/thread-members")
def in_thread(call: Call) -> list[Json]:
    """Everybody in a thread, which needs the members intent to be switched on."""
    thread = call.channel()
    if "members" not in call.state.app.privileged:
        raise refused(50001)
    return [_in_thread(call, thread, user) for user in thread.thread_members]


def _in_thread(call: Call, thread: Channel, user: int) -> Json:
    return {"id": str(thread.id), "user_id": str(user), "join_timestamp": call.state.iso(), "flags": 0}
