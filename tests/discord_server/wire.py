"""Records as Discord puts them on the wire: snowflakes are strings, times are ISO.

Reads:  the records of `state.py`.
Gives:  the JSON objects that the REST API answers with and that events carry.
Source: docs.discord.com/developers/resources.
"""

from tests.discord_server import permissions
from tests.discord_server.state import (
    DM,
    FORUM,
    THREADS,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Json,
    Membership,
    Message,
    Person,
    Poll,
    Role,
    State,
)

POLL_RESULT = 46


class Wire:
    """Turns records into JSON; knows where files can be fetched."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.base_url = ""

    # People and guilds.

    def user(self, each: Person) -> Json:
        """A user object."""
        return {
            "id": str(each.id),
            "username": each.name,
            "discriminator": "0",
            "global_name": each.global_name,
            "avatar": None,
            "bot": each.is_bot,
            "public_flags": 0,
        }

    def member(self, each: Membership, *, user: bool = True) -> Json:
        """A guild member object."""
        told: Json = {
            "roles": [str(role) for role in each.roles],
            "nick": each.nick,
            "avatar": None,
            "joined_at": each.joined_at,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }
        return told | ({"user": self.user(each.person)} if user else {})

    def acting_member(self, each: Membership, channel: Channel) -> Json:
        """A member as interactions carry them: with what they may do in the channel."""
        told = self.member(each)
        return told | {"permissions": str(permissions.in_channel(channel, each.person.id))}

    def role(self, each: Role) -> Json:
        """A role object."""
        told: Json = {
            "id": str(each.id),
            "name": each.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": each.position,
            "permissions": str(each.permissions),
            "managed": each.managed,
            "mentionable": each.mentionable,
            "flags": 0,
        }
        return told | ({"tags": {"bot_id": str(each.bot_id)}} if each.bot_id else {})

    def guild(self, each: Guild) -> Json:
        """A guild object as the REST API gives it."""
        return {
            "id": str(each.id),
            "name": each.name,
            "icon": None,
            "owner_id": str(each.owner),
            "roles": [self.role(role) for role in each.roles.values()],
            "emojis": self.emojis(each),
            "features": [],
            "preferred_locale": each.locale,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "system_channel_flags": 0,
        }

    def emojis(self, each: Guild) -> list[Json]:
        """What a guild has drawn."""
        return [{"id": str(id_), "name": name, "available": True} for id_, name in each.emojis.items()]

    def created_guild(self, each: Guild) -> Json:
        """A guild as GUILD_CREATE carries it; without the members intent, only the bot is among members."""
        visible = [c for c in each.channels.values() if self._bot_sees(c)]
        me = each.members[self.state.bot.id]
        return self.guild(each) | {
            "joined_at": me.joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(each.members),
            "members": [self.member(me)],
            "channels": [self.channel(c) for c in visible if c.type not in THREADS],
            "threads": [self.channel(c) for c in visible if c.type in THREADS and not c.archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "stickers": [],
        }

    def _bot_sees(self, channel: Channel) -> bool:
        seen = permissions.in_channel(channel, self.state.bot.id) & permissions.BITS["view_channel"]
        return bool(seen) and not channel.deleted

    # Channels.

    def channel(self, each: Channel) -> Json:
        """A channel object."""
        if each.type == DM:
            people = [self.state.people[user] for user in each.recipients if user != self.state.bot.id]
            return self._channel_core(each) | {"recipients": [self.user(person) for person in people]}
        assert each.guild is not None
        told = self._channel_core(each)
        told |= {"guild_id": str(each.guild.id), "name": each.name, "rate_limit_per_user": 0}
        if each.type in THREADS:
            return told | self._thread(each)
        overwrites = [
            {"id": str(o.target), "type": int(o.is_member), "allow": str(o.allow), "deny": str(o.deny)}
            for o in each.overwrites
        ]
        told |= {"permission_overwrites": overwrites, "parent_id": None, "topic": None, "nsfw": False}
        told |= {"available_tags": []} if each.type == FORUM else {}
        return told | {"position": list(each.guild.channels).index(each.id)}

    def _channel_core(self, each: Channel) -> Json:
        last = next((str(m.id) for m in reversed(each.messages) if m.seen_by is None), None)
        return {"id": str(each.id), "type": each.type, "last_message_id": last, "flags": 0}

    def _thread(self, each: Channel) -> Json:
        assert each.parent is not None
        made = self.state.iso(each.id / 4_194_304 / 1000 + 1_420_070_400)
        return {
            "parent_id": str(each.parent.id),
            "owner_id": str(each.owner),
            "message_count": len(each.shown),
            "total_message_sent": len(each.messages),
            "member_count": len(each.thread_members),
            "thread_metadata": {
                "archived": each.archived,
                "auto_archive_duration": each.auto_archive_minutes,
                "archive_timestamp": made,
                "create_timestamp": made,
                "locked": each.locked,
            },
        }

    def resolved_channel(self, each: Channel, viewer: int) -> Json:
        """A channel as resolved data and interactions carry it."""
        return self.channel(each) | {"permissions": str(permissions.in_channel(each, viewer))}

    # Messages.

    def message(self, each: Message, *, event: bool = False) -> Json:
        """A message object as the bot sees it; events also say in which guild and by which member."""
        told: Json = {
            "id": str(each.id),
            "channel_id": str(each.channel.id),
            "author": self.user(each.author),
            "content": each.content,
            "timestamp": self.state.iso(each.created_at),
            "edited_timestamp": None if each.edited_at is None else self.state.iso(each.edited_at),
            "tts": False,
            "mention_everyone": "@everyone" in each.pings,
            "mentions": self._mentioned(each),
            "mention_roles": [ping[3:-1] for ping in each.pings if ping.startswith("<@&")],
            "attachments": [self.attachment(a, ephemeral=each.seen_by is not None) for a in each.attachments],
            "embeds": [{"type": "rich", **embed} for embed in each.embeds],
            "components": each.components,
            "pinned": False,
            "type": each.type,
            "flags": each.flags,
        }
        told |= self._reactions(each)
        if each.nonce is not None:
            told["nonce"] = each.nonce
        if each.poll is not None:
            told["poll"] = self.poll(each.poll)
        if each.thread is not None and not each.thread.deleted:
            told["thread"] = self.channel(each.thread)
        told |= self._origin(each)
        return told | (self._event_parts(each) if event else {})

    def _mentioned(self, each: Message) -> list[Json]:
        ids = [int(ping[2:-1]) for ping in each.pings if ping.startswith("<@") and ping[2].isdigit()]
        return [self.user(self.state.people[user]) for user in ids if user in self.state.people]

    def _reactions(self, each: Message) -> Json:
        told = [
            {
                "emoji": emoji(key),
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "me": self.state.bot.id in users,
                "me_burst": False,
                "burst_colors": [],
            }
            for key, users in each.reactions.items()
            if users
        ]
        return {"reactions": told} if told else {}

    def _origin(self, each: Message) -> Json:
        """The message it refers to, and the interaction it answers."""
        told: Json = {}
        if each.reference is not None:
            place = each.reference.channel
            told["message_reference"] = {
                "type": 0,
                "message_id": str(each.reference.id),
                "channel_id": str(place.id),
                **({"guild_id": str(place.guild.id)} if place.guild else {}),
            }
        if each.interaction is not None:
            told |= {"webhook_id": str(self.state.app.id), "application_id": str(self.state.app.id)}
            told["interaction_metadata"] = {
                "id": str(each.interaction.id),
                "type": each.interaction.kind,
                "user": self.user(each.interaction.user),
                "authorizing_integration_owners": {},
            }
        return told

    def _event_parts(self, each: Message) -> Json:
        guild = each.channel.guild
        if guild is None:
            return {}
        member = guild.members.get(each.author.id)
        told: Json = {"guild_id": str(guild.id)}
        return told | ({"member": self.member(member, user=False)} if member else {})

    def attachment(self, each: Attachment, *, ephemeral: bool = False) -> Json:
        """An attachment object, with the address of the bytes on this server."""
        url = f"{self.base_url}/cdn/attachments/{each.channel_id}/{each.id}/{each.filename}"
        told: Json = {
            "id": str(each.id),
            "filename": each.filename,
            "size": len(each.data),
            "url": url,
            "proxy_url": url,
            "content_type": each.content_type,
        }
        told |= {"ephemeral": True} if ephemeral else {}
        return told | ({"description": each.description} if each.description else {})

    def poll(self, each: Poll) -> Json:
        """A poll object with its results."""
        bot = self.state.bot.id
        counts = [
            {"id": answer, "count": len(users), "me_voted": bot in users}
            for answer, users in each.votes.items()
            if users
        ]
        return {
            "question": {"text": each.question},
            "answers": [{"answer_id": n, "poll_media": {"text": text}} for n, text in each.answers.items()],
            "expiry": self.state.iso(each.expires_at),
            "allow_multiselect": each.multiple,
            "layout_type": 1,
            "results": {"is_finalized": self.is_over(each), "answer_counts": counts},
        }

    def is_over(self, each: Poll) -> bool:
        """Whether nobody can vote any more."""
        return each.closed or self.state.clock() >= each.expires_at

    # Interactions.

    def interaction(self, each: Interaction, kind: int, data: Json) -> Json:
        """INTERACTION_CREATE of what somebody did."""
        channel, app = each.channel, self.state.app
        told: Json = {
            "id": str(each.id),
            "application_id": str(app.id),
            "type": kind,
            "data": data,
            "token": each.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": self.resolved_channel(channel, each.user.id),
            "app_permissions": str(permissions.in_channel(channel, self.state.bot.id)),
            "locale": each.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(channel.guild.id) if channel.guild else "0"},
            "context": 1 if channel.guild is None else 0,
            "attachment_size_limit": 10 * 1024**2,
        }
        if each.source is not None:
            told["message"] = self.message(each.source)
        if channel.guild is None:
            return told | {"user": self.user(each.user)}
        guild = channel.guild
        told |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
        told["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        return told | {"member": self.acting_member(guild.members[each.user.id], channel)}


def emoji(key: str) -> Json:
    """A partial emoji: a character, or `name:id` of a guild's own."""
    name, _, id_ = key.rpartition(":")
    return {"id": id_, "name": name} if name else {"id": None, "name": key}
