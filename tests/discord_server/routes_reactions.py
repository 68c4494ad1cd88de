"""Routes about reactions: the bot's own, who reacted, and clearing them."""

from tests.discord_server import limits_of_discord as most
from tests.discord_server.errors import refused
from tests.discord_server.rest import Call, route
from tests.discord_server.state import Guild, Json, Message, Person

_PATH = "/channels/{channel}/messages/{message}/reactions"
_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"


def known_emoji(given: str, guild: Guild | None) -> str:
    """An emoji as it is stored: a character, or `name:id` of a guild's own; else 10014."""
    name, _, id_ = given.rpartition(":")
    if id_.isdigit() and name:
        found = guild.emojis.get(int(id_)) if guild else None
        if found is None:
            raise refused(10014)
        return f"{found}:{id_}"
    if not given or (given.isascii() and not given.endswith(_KEYCAP)):
        raise refused(10014)
    return given


@route("PUT", _PATH + "/{emoji}/@me")
def add(call: Call) -> None:
    """React as the bot; being the first with an emoji needs a permission of its own."""
    message = call.message("read_message_history")
    key = known_emoji(call.params["emoji"], message.channel.guild)
    users = message.reactions.setdefault(key, [])
    if not users:
        if len(message.counts()) >= most.REACTIONS:
            raise refused(30010)
        call.needs(message.channel, "add_reactions")
    if call.state.bot.id not in users:
        users.append(call.state.bot.id)
        call.server.events.reaction(message, call.state.bot.id, key, added=True)


@route("DELETE", _PATH + "/{emoji}/@me")
def remove_own(call: Call) -> None:
    """Take the bot's reaction back."""
    message = call.message()
    _remove(call, message, known_emoji(call.params["emoji"], message.channel.guild), call.state.bot.id)


@route("DELETE", _PATH + "/{emoji}/{user}")
def remove(call: Call) -> None:
    """Take somebody's reaction away."""
    message = call.message("manage_messages")
    _remove(call, message, known_emoji(call.params["emoji"], message.channel.guild), call.id("user"))


def _remove(call: Call, message: Message, key: str, user: int) -> None:
    if user in message.reactions.get(key, []):
        message.reactions[key].remove(user)
        call.server.events.reaction(message, user, key, added=False)


@route("GET", _PATH + "/{emoji}")
def users(call: Call) -> list[Json]:
    """Who reacted with an emoji, by id, a page at a time."""
    message = call.message("read_message_history")
    key = known_emoji(call.params["emoji"], message.channel.guild)
    return [call.wire.user(person) for person in page(call, message.reactions.get(key, []))]


def page(call: Call, found: list[int]) -> list[Person]:
    """People by id: `limit` of them (25) `after` an id."""
    after = int(call.query.get("after") or 0)
    ids = sorted(user for user in found if user > after)[: call.limit(25)]
    return [call.state.people[user] for user in ids]


@route("DELETE", _PATH)
def clear(call: Call) -> None:
    """Take every reaction away."""
    message = call.message("manage_messages")
    message.reactions.clear()
    call.server.events.reactions_cleared(message)


@route("DELETE", _PATH + "/{emoji}")
def clear_emoji(call: Call) -> None:
    """Take every reaction with one emoji away."""
    message = call.message("manage_messages")
    key = known_emoji(call.params["emoji"], message.channel.guild)
    message.reactions.pop(key, None)
    call.server.events.reactions_cleared(message, key)
