"""Making and changing messages, whoever asks for it: the bot by REST, an interaction, or a member.

Reads:  bodies that were checked.
Gives:  messages in their channels, and the events about them.
"""

import re
from typing import TYPE_CHECKING

from tests.discord_server import permissions
from tests.discord_server.rest import Call, Upload
from tests.discord_server.state import (
    EPHEMERAL,
    Attachment,
    Channel,
    Interaction,
    Json,
    Message,
    Person,
    Poll,
    with_ids,
)

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer

_KEPT_FLAGS = EPHEMERAL | 1 << 2 | 1 << 12 | 1 << 15
_PING = re.compile(r"@everyone|@here|<@!?(?P<user>\d+)>|<@&(?P<role>\d+)>")


def post(
    server: "DiscordServer",
    channel: Channel,
    author: Person,
    body: Json,
    *,
    files: dict[int, Upload] | None = None,
    interaction: Interaction | None = None,
    more_flags: int = 0,
    kind: int = 0,
) -> Message:
    """Add a message to a channel and tell the application."""
    state = server.state
    message = Message(state.new_id(), channel, author, interaction=interaction, created_at=state.clock())
    flags = int(body.get("flags") or 0) & _KEPT_FLAGS
    if interaction is not None and flags & EPHEMERAL:
        message.seen_by = interaction.user.id
    else:
        flags &= ~EPHEMERAL
    message.flags, message.type = flags | more_flags, kind
    message.nonce = None if body.get("nonce") is None else str(body["nonce"])
    fill(server, message, body, files or {})
    message.pings = pings_of(server, message, body.get("allowed_mentions"))
    message.reference = _referred(channel, body)
    channel.messages.append(message)
    server.events.message("MESSAGE_CREATE", message)
    state.ring()
    return message


def fill(server: "DiscordServer", message: Message, body: Json, files: dict[int, Upload]) -> None:
    """Set what a body says; what it leaves out stays."""
    if "content" in body:
        message.content = body["content"] or ""
    if "embeds" in body:
        message.embeds = list(body["embeds"] or [])
    if "components" in body:
        message.components = with_ids(body["components"] or [])
    if body.get("poll"):
        message.poll = _new_poll(server, body["poll"])
    if "attachments" in body or files:
        message.attachments = _attachments(server, message, body.get("attachments"), files)


def change(server: "DiscordServer", message: Message, body: Json, files: dict[int, Upload]) -> None:
    """Edit a message and tell the application."""
    fill(server, message, body, files)
    if body.get("flags") is not None:
        message.flags = (message.flags & EPHEMERAL) | (int(body["flags"]) & _KEPT_FLAGS & ~EPHEMERAL)
    message.edited_at = server.state.clock()
    message.versions += 1
    server.events.message("MESSAGE_UPDATE", message)
    server.state.ring()


def remove(server: "DiscordServer", message: Message) -> None:
    """Delete a message and tell the application."""
    message.deleted = True
    if message.seen_by is None:
        server.events.deleted(message)
    server.state.ring()


def attach(
    server: "DiscordServer", channel: Channel, upload: Upload, description: str | None = None
) -> Attachment:
    """Keep a file where it can be fetched."""
    made = Attachment(
        server.state.new_id(), upload.filename, upload.data, channel.id, upload.content_type, description
    )
    server.state.attachments[made.id] = made
    return made


def _attachments(
    server: "DiscordServer", message: Message, listed: list[Json] | None, files: dict[int, Upload]
) -> list[Attachment]:
    """Those of before that are listed still, then the new ones; without a list, all of before."""
    before = {a.id: a for a in message.attachments}
    if listed is None:
        return [*before.values(), *(attach(server, message.channel, each) for each in files.values())]
    kept = []
    for each in listed:
        number = int(each["id"])
        if number in files:
            kept.append(attach(server, message.channel, files[number], each.get("description")))
        elif number in before:
            kept.append(before[number])
    return kept


def _new_poll(server: "DiscordServer", given: Json) -> Poll:
    answers = {n: str(a["poll_media"]["text"]) for n, a in enumerate(given["answers"], start=1)}
    expires_at = server.state.clock() + float(given.get("duration") or 24) * 3600
    return Poll(given["question"]["text"], answers, expires_at, bool(given.get("allow_multiselect")))


def _referred(channel: Channel, body: Json) -> Message | None:
    reference = body.get("message_reference") or {}
    return channel.message(int(reference["message_id"])) if reference.get("message_id") else None


def pings_of(server: "DiscordServer", message: Message, allowed: Json | None) -> list[str]:
    """Whom the content notifies, given allowed_mentions and what the author may mention. Embeds never do."""
    found = []
    for match in _PING.finditer(message.content):
        user, role = match["user"], match["role"]
        kind = "users" if user else "roles" if role else "everyone"
        if _is_allowed(kind, user or role or "", allowed) and _may_ping(message, kind, role):
            found.append(f"<@{user}>" if user else match[0])
    return list(dict.fromkeys(found))


def _is_allowed(kind: str, id_: str, allowed: Json | None) -> bool:
    if allowed is None:
        return True
    listed = [str(each) for each in allowed.get(kind) or []] if kind != "everyone" else []
    return kind in (allowed.get("parse") or []) or id_ in listed


def _may_ping(message: Message, kind: str, role: str | None) -> bool:
    guild = message.channel.guild
    if kind == "users" or guild is None:
        return kind == "users"
    granted = (
        permissions.in_channel(message.channel, message.author.id) & permissions.BITS["mention_everyone"]
    )
    found = guild.roles.get(int(role)) if role else None
    return bool(granted) or (found is not None and found.mentionable)


def twin(call: Call, channel: Channel) -> Message | None:
    """The message that the bot made with the same enforced nonce a short time ago."""
    nonce = call.body.get("nonce")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    since = call.state.clock() - call.state.timers.nonce_for_s
    recent = [m for m in channel.messages if m.nonce == str(nonce) and m.author is call.state.bot]
    return next((m for m in recent if m.created_at >= since), None)
