"""What a Discord remembers: guilds, people, channels, messages, polls and interactions.

Gives:  plain records and the look-ups that the rest of the loopback Discord shares.
Refrains from: talking to anybody; nothing here knows HTTP or sockets.
Ids are snowflakes as whole numbers; on the wire they are strings (`wire.py`).
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.bell import Bell
from tests.discord_server.permissions import MEMBERS_HAVE, Overwrite

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
TEXT, DM, THREAD, PRIVATE_THREAD, FORUM = 0, 1, 11, 12, 15
THREADS = (THREAD, PRIVATE_THREAD)
EPHEMERAL, LOADING, HAS_THREAD, LAYOUT = 1 << 6, 1 << 7, 1 << 5, 1 << 15


@dataclass(eq=False)
class Person:
    """An account, the application's own bot user included."""

    id: int
    name: str
    global_name: str | None = None
    locale: str = "en-US"
    is_bot: bool = False
    dms_open: bool = True


@dataclass(eq=False)
class Membership:
    """Somebody's place in a guild."""

    person: Person
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    joined_at: str = ""


@dataclass(eq=False)
class Role:
    """A role; the one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: int = 0
    position: int = 1
    managed: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(eq=False)
class Attachment:
    """A file that was sent, with its bytes."""

    id: int
    filename: str
    data: bytes = field(repr=False)
    channel_id: int
    content_type: str = "application/octet-stream"
    description: str | None = None

    @property
    def text(self) -> str:
        """Its bytes as text."""
        return self.data.decode()


@dataclass(eq=False)
class Poll:
    """A poll under a message: who voted for which answer, in the order of voting."""

    question: str
    answers: dict[int, str]
    expires_at: float
    multiple: bool = False
    votes: dict[int, list[int]] = field(default_factory=dict)
    closed: bool = False

    def answer_id(self, answer: int | str) -> int | None:
        """An answer by its number or its text."""
        return next((n for n, text in self.answers.items() if answer in (n, text)), None)

    def counts(self) -> dict[str, int]:
        """Votes per answer text."""
        return {text: len(self.votes.get(n, [])) for n, text in self.answers.items()}


@dataclass(eq=False)
class Message:
    """One message, or an ephemeral one (`seen_by`) that only one person sees."""

    id: int
    channel: "Channel"
    author: Person
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    type: int = 0
    nonce: str | None = None
    poll: Poll | None = None
    reference: "Message | None" = None
    seen_by: int | None = None
    interaction: "Interaction | None" = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    pings: list[str] = field(default_factory=list)
    """Whom creating it notified: `@everyone`, `<@id>`, `<@&id>`, after allowed_mentions."""
    thread: "Channel | None" = None
    created_at: float = 0.0
    edited_at: float | None = None
    deleted: bool = False
    versions: int = 1

    @property
    def shown(self) -> str:
        """Everything a reader reads, a line each: content, embeds, components, poll."""
        return "\n".join(texts_of([self.content, self.embeds, self.components, _poll_texts(self.poll)]))

    def component(self, wanted: str) -> Json:
        """The interactive component with a custom id, else by label or placeholder; LookupError."""
        return find_component(self.components, wanted)

    def counts(self) -> dict[str, int]:
        """Reactions: how many people per emoji."""
        return {emoji: len(users) for emoji, users in self.reactions.items() if users}


@dataclass(eq=False)
class Channel:
    """A text or forum channel, a thread (`parent`) or a direct conversation (`recipients`)."""

    id: int
    name: str
    type: int = TEXT
    guild: "Guild | None" = None
    parent: "Channel | None" = None
    recipients: list[int] = field(default_factory=list)
    overwrites: list[Overwrite] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    owner: int = 0
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    thread_members: list[int] = field(default_factory=list)
    deleted: bool = False

    @property
    def private(self) -> bool:
        """Whether it is a thread that only those see who were taken into it."""
        return self.type == PRIVATE_THREAD

    def message(self, message_id: int) -> Message | None:
        """A message that is still there and that everybody sees."""
        return next((m for m in self.shown if m.id == message_id), None)

    @property
    def shown(self) -> list[Message]:
        """The messages that are still there and that everybody sees, oldest first."""
        return [m for m in self.messages if not m.deleted and m.seen_by is None]

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"


@dataclass(eq=False)
class Guild:
    """A server with the application's bot in it."""

    id: int
    name: str
    owner: int = 0
    locale: str = "en-US"
    members: dict[int, Membership] = field(default_factory=dict)
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    emojis: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.roles.setdefault(self.id, Role(self.id, "@everyone", MEMBERS_HAVE, position=0))

    def bot_role(self, bot: int) -> Role:
        """The managed role that came with the bot."""
        return next(role for role in self.roles.values() if role.bot_id == bot)


@dataclass(eq=False)
class Modal:
    """A modal that an interaction opened, before one person."""

    given: Json
    interaction: "Interaction"
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def custom_id(self) -> str:
        return str(self.given["custom_id"])

    @property
    def title(self) -> str:
        return str(self.given["title"])

    @property
    def shown(self) -> str:
        """Every text a reader sees, a line each."""
        return "\n".join(texts_of([self.title, self.given["components"]]))


@dataclass(eq=False)
class Interaction:
    """Something a person did with the application, and what the application made of it."""

    id: int
    token: str
    kind: int
    user: Person
    channel: Channel
    born: float
    payload: Json = field(default_factory=dict, repr=False)
    source: Message | None = None
    """The message whose component was used."""
    answer: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    expired: bool = False
    original: Message | None = None
    """What `@original` stands for."""
    deferred: int = 0
    """The type (5 or 6) of a deferred first answer that was not filled yet."""
    modal: Modal | None = None
    choices: list[Json] = field(default_factory=list)
    followups: list[Message] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    latency_s: float = float("inf")
    """From INTERACTION_CREATE to the first answer."""
    sent: int = 0
    """To how many gateway connections it went."""

    @property
    def answered(self) -> int:
        """The type of the first answer, 0 while there is none."""
        return self.answer.result() if self.answer.done() else 0

    @property
    def failed(self) -> bool:
        """Whether the person was shown that the application did not respond."""
        return self.expired

    @property
    def message(self) -> Message | None:
        """The message it was answered with, unless it is still a mere "thinking"."""
        return None if self.deferred == 5 else self.original

    @property
    def messages(self) -> list[Message]:
        """All messages it was answered with, oldest first."""
        return [*([self.message] if self.message else []), *self.followups]


@dataclass
class AppIdentity:
    """What a developer would copy from the application's pages."""

    id: int = 1_000_000_000_000_000_001
    name: str = "Accord"
    token: str = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.loopback.a-token-of-the-loopback"
    verify_key: str = "a-verify-key-of-the-loopback"
    shards: int = 1
    privileged: set[str] = field(default_factory=set)
    """Privileged intents that were switched on: members, presences, message_content."""
    flags: int = 0


class Clock:
    """The time, which a test may move ahead."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        """Let so much time have passed."""
        self.ahead_s += seconds


@dataclass
class Timers:
    """How patient this Discord is, in seconds."""

    answer_within_s: float = 3.0
    follow_up_within_s: float = 900.0
    nonce_for_s: float = 300.0


class State:
    """The records, the counters that name new ones, and the clock."""

    def __init__(self, app: AppIdentity, clock: Callable[[], float]) -> None:
        self.app, self.clock = app, clock
        self.bell = Bell()
        self.timers = Timers()
        self.bot = Person(app.id, app.name.lower(), app.name, is_bot=True)
        self.people: dict[int, Person] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, Attachment] = {}
        self.commands: dict[int | None, list[Json]] = {}
        """Registered commands, by guild; None: everywhere."""
        self.interactions: dict[str, Interaction] = {}
        self.modals: dict[int, Modal] = {}
        """The modal that each person has before them."""
        self._increment = itertools.count(1)
        self._guild_ms = 0

    def new_id(self) -> int:
        """A fresh snowflake, greater than all before within the same millisecond range."""
        return (int(self.clock() * 1000) - EPOCH_MS << 22) | (next(self._increment) & 0x3FFFFF)

    def new_guild_id(self) -> int:
        """A fresh snowflake in a millisecond of its own, so that guilds spread over the shards."""
        self._guild_ms = max(self._guild_ms + 1, int(self.clock() * 1000) - EPOCH_MS)
        return self._guild_ms << 22

    def new_token(self) -> str:
        """A fresh interaction token."""
        return secrets.token_urlsafe(32)

    def iso(self, at: float | None = None) -> str:
        """A time (default: now) as Discord writes it."""
        return datetime.fromtimestamp(self.clock() if at is None else at, UTC).isoformat(
            timespec="milliseconds"
        )

    def dm_with(self, user: int) -> Channel | None:
        """The bot's direct conversation with somebody."""
        return next((c for c in self.channels.values() if c.type == DM and user in c.recipients), None)

    def commands_in(self, guild: Guild | None) -> Iterator[Json]:
        """The commands that people have in a guild, or in direct messages."""
        yield from self.commands.get(None, [])
        if guild is not None:
            yield from self.commands.get(guild.id, [])

    def messages(self) -> Iterator[Message]:
        """Every message that is still there, ephemeral ones included."""
        return (m for c in self.channels.values() for m in c.messages if not m.deleted)

    def ring(self) -> None:
        """Say that something changed."""
        self.bell.ring()


_TEXT_KEYS = ("title", "description", "name", "value", "text", "content", "label", "placeholder")
_NESTED_KEYS = ("author", "fields", "footer", "components", "component", "accessory", "options", "items")


def texts_of(part: Any) -> list[str]:
    """Every text a reader sees in a content, embeds or components, in reading order."""
    if isinstance(part, str):
        return [part] if part else []
    if isinstance(part, list):
        return [text for each in part for text in texts_of(each)]
    if not isinstance(part, dict):
        return []
    shown = [part[key] for key in _TEXT_KEYS if isinstance(part.get(key), str) and _is_shown(part, key)]
    return [*filter(None, shown), *(text for key in _NESTED_KEYS for text in texts_of(part.get(key)))]


def _is_shown(part: Json, key: str) -> bool:
    """An option's value is for the application only; an embed field's is read."""
    return key != "value" or "label" not in part or part.get("type") == 4


def _poll_texts(poll: Poll | None) -> list[str]:
    return [poll.question, *poll.answers.values()] if poll else []


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, containers before what they hold."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        yield from walk([component[key] for key in ("accessory", "component") if component.get(key)])


def find_component(components: list[Json], wanted: str) -> Json:
    """The component with a custom id, else with that label or placeholder; LookupError when there is none."""
    interactive = [c for c in walk(components) if "custom_id" in c or c.get("url")]
    for key in ("custom_id", "label", "placeholder"):
        for component in interactive:
            if component.get(key) == wanted:
                return component
    raise LookupError(
        f"nothing on show is called {wanted!r}; there is {[c.get('custom_id') for c in interactive]}"
    )


def with_ids(components: list[Json]) -> list[Json]:
    """Components as Discord keeps them: each with a number of its own."""
    numbers = itertools.count(1)
    return [_numbered(component, numbers) for component in components]


def _numbered(component: Json, numbers: "itertools.count[int]") -> Json:
    kept = {**component, "id": component.get("id") or next(numbers)}
    if "components" in kept:
        kept["components"] = [_numbered(c, numbers) for c in kept["components"]]
    for key in ("component", "accessory"):
        if kept.get(key):
            kept[key] = _numbered(kept[key], numbers)
    return kept
