"""Permissions: their bits, and what somebody may do in a channel.

Reads:  roles of a guild and overwrites of a channel.
Gives:  bit sets, by the names that discord.py uses too.
Source: docs.discord.com/developers/topics/permissions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.discord_server.state import Channel, Guild

BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "send_polls": 1 << 49,
}
ALL = sum(BITS.values())


def bits(names: Iterable[str]) -> int:
    """The bit set of some names; KeyError for a name that is not known here."""
    return sum(BITS[name] for name in set(names))


MEMBERS_HAVE = bits(
    [
        "add_reactions",
        "view_channel",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "use_external_emojis",
        "use_application_commands",
        "create_public_threads",
        "send_messages_in_threads",
        "send_polls",
    ]
)
"""What @everyone has in a new guild, as far as it matters here."""


@dataclass
class Overwrite:
    """What a channel allows or denies one role or one member."""

    target: int
    is_member: bool
    allow: int = 0
    deny: int = 0


def in_guild(guild: "Guild", user: int) -> int:
    """What somebody may do in a guild, channels aside; nothing when they are not in it."""
    if user == guild.owner:
        return ALL
    member = guild.members.get(user)
    if member is None:
        return 0
    granted = guild.roles[guild.id].permissions
    for role in member.roles:
        granted |= guild.roles[role].permissions if role in guild.roles else 0
    return ALL if granted & BITS["administrator"] else granted


def in_channel(channel: "Channel", user: int) -> int:
    """What somebody may do in a channel; threads go by their parent's overwrites.

    A private thread is nothing to those who are not in it and may not manage threads.
    """
    if channel.guild is None:
        return ALL if user in channel.recipients else 0
    granted = _by_overwrites(channel, user)
    hidden = channel.private and user not in channel.thread_members
    return 0 if hidden and not granted & BITS["manage_threads"] else granted


def _by_overwrites(channel: "Channel", user: int) -> int:
    guild = channel.guild
    assert guild is not None
    granted = in_guild(guild, user)
    member = guild.members.get(user)
    if granted == ALL or member is None:
        return granted
    place = channel.parent or channel
    for overwrite in sorted(place.overwrites, key=lambda o: _order(o, guild.id)):
        concerns = (
            overwrite.target == user if overwrite.is_member else overwrite.target in {*member.roles, guild.id}
        )
        if concerns:
            granted = (granted & ~overwrite.deny) | overwrite.allow
    return granted if granted & BITS["view_channel"] else 0


def _order(overwrite: Overwrite, everyone: int) -> int:
    """@everyone first, then roles, then the member."""
    if overwrite.is_member:
        return 2
    return 0 if overwrite.target == everyone else 1
