"""What happens in guilds, as the application hears of it.

Reads:  records that were just changed.
Gives:  gateway events to the sessions that asked for them; nothing of channels the bot cannot see.
Source: docs.discord.com/developers/events/gateway-events.
"""

from typing import TYPE_CHECKING

from tests.discord_server import permissions
from tests.discord_server.state import DM, THREADS, Channel, Guild, Json, Membership, Message, Role
from tests.discord_server.wire import emoji

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer


class Events:
    """Tells the application what happens."""

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server

    def message(self, name: str, message: Message) -> int:
        """MESSAGE_CREATE or MESSAGE_UPDATE; ephemeral messages are not events."""
        if message.seen_by is not None:
            return 0
        told = self.server.wire.message(message, event=True)
        return self._in(message.channel, name, told, "messages", bare=self._bare(message, told))

    def _bare(self, message: Message, told: Json) -> Json | None:
        """What a bot without the message content intent is told of other people's messages."""
        bot = self.server.state.bot
        mine = message.author is bot or f"<@{bot.id}>" in message.pings
        if mine or message.channel.type == DM:
            return None
        empty: Json = {"content": "", "embeds": [], "components": [], "attachments": []}
        return {key: value for key, value in told.items() if key != "poll"} | empty

    def deleted(self, message: Message) -> int:
        """MESSAGE_DELETE."""
        told = self._place(message) | {"id": str(message.id)}
        told.pop("message_id")
        return self._in(message.channel, "MESSAGE_DELETE", told, "messages")

    def reaction(self, message: Message, user: int, key: str, *, added: bool) -> int:
        """MESSAGE_REACTION_ADD or _REMOVE."""
        told = self._place(message) | {"user_id": str(user), "emoji": emoji(key), "type": 0, "burst": False}
        if added:
            told["message_author_id"] = str(message.author.id)
            told |= self._reacting_member(message.channel, user)
        name = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
        return self._in(message.channel, name, told, "reactions")

    def _reacting_member(self, channel: Channel, user: int) -> Json:
        member = channel.guild.members.get(user) if channel.guild else None
        return {"member": self.server.wire.member(member)} if member else {}

    def reactions_cleared(self, message: Message, key: str = "") -> int:
        """MESSAGE_REACTION_REMOVE_ALL, or _EMOJI when one emoji was cleared."""
        if not key:
            return self._in(message.channel, "MESSAGE_REACTION_REMOVE_ALL", self._place(message), "reactions")
        told = self._place(message) | {"emoji": emoji(key)}
        return self._in(message.channel, "MESSAGE_REACTION_REMOVE_EMOJI", told, "reactions")

    def vote(self, message: Message, user: int, answer: int, *, added: bool) -> int:
        """MESSAGE_POLL_VOTE_ADD or _REMOVE."""
        told = self._place(message) | {"user_id": str(user), "answer_id": answer}
        name = "MESSAGE_POLL_VOTE_ADD" if added else "MESSAGE_POLL_VOTE_REMOVE"
        return self._in(message.channel, name, told, "polls")

    def channel(self, name: str, channel: Channel) -> int:
        """CHANNEL_CREATE, _UPDATE, _DELETE; THREAD_… for threads."""
        if channel.type in THREADS:
            name = name.replace("CHANNEL", "THREAD")
        told = self.server.wire.channel(channel)
        if name == "THREAD_CREATE":
            told["newly_created"] = True
        return self.server.gateway.dispatch(name, told, guild=channel.guild, intent="guilds")

    def role(self, name: str, guild: Guild, role: Role) -> int:
        """GUILD_ROLE_CREATE, _UPDATE or _DELETE."""
        told: Json = {"guild_id": str(guild.id)}
        whole = {"role": self.server.wire.role(role)}
        told |= {"role_id": str(role.id)} if name == "GUILD_ROLE_DELETE" else whole
        return self.server.gateway.dispatch(name, told, guild=guild, intent="guilds")

    def member(self, name: str, guild: Guild, member: Membership) -> int:
        """GUILD_MEMBER_ADD, _UPDATE or _REMOVE: only with the members intent, but for the bot itself."""
        told: Json = {"guild_id": str(guild.id)}
        if name == "GUILD_MEMBER_REMOVE":
            told["user"] = self.server.wire.user(member.person)
        else:
            told |= self.server.wire.member(member)
        intent = "guilds" if member.person is self.server.state.bot else "members"
        return self.server.gateway.dispatch(name, told, guild=guild, intent=intent)

    def joined_guild(self, guild: Guild) -> int:
        """GUILD_CREATE; a guild that was joined just now was never unavailable."""
        told = self.server.wire.created_guild(guild)
        del told["unavailable"]
        return self.server.gateway.dispatch("GUILD_CREATE", told, guild=guild, intent="guilds")

    def left_guild(self, guild: Guild) -> int:
        """GUILD_DELETE: the bot was removed."""
        told = {"id": str(guild.id)}
        return self.server.gateway.dispatch("GUILD_DELETE", told, guild=guild, intent="guilds")

    def _place(self, message: Message) -> Json:
        told: Json = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
        guild = message.channel.guild
        return told | ({"guild_id": str(guild.id)} if guild else {})

    def _in(self, channel: Channel, name: str, told: Json, what: str, *, bare: Json | None = None) -> int:
        """Tell of something in a channel, if the bot sees the channel."""
        seen = permissions.in_channel(channel, self.server.state.bot.id) & permissions.BITS["view_channel"]
        if not seen:
            return 0
        intent = f"{'guild' if channel.guild else 'dm'}_{what}"
        return self.server.gateway.dispatch(name, told, guild=channel.guild, intent=intent, bare=bare)
