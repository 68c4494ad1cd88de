"""What a Slack remembers: workspaces, people, conversations, messages, views and tokens.

Gives:  plain records and the look-ups that the rest of the loopback Slack shares.
Refrains from: talking to anybody; nothing here knows HTTP or sockets.
"""

import itertools
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.bell import Bell
from tests.slack_server.block_kit import texts_of

Json = dict[str, Any]

PING = re.compile(r"<(?:![a-z]+|@[UW][A-Z0-9]+|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")

DEFAULT_SCOPES = frozenset(
    [
        "commands",
        "emoji:read",
        "chat:write",
        "reactions:read",
        "reactions:write",
        "usergroups:read",
        "users:read",
        "im:write",
        "im:read",
        "im:history",
        "channels:read",
        "channels:history",
        "groups:read",
        "groups:history",
        "files:read",
        "files:write",
        "mpim:read",
    ]
)
CONVERSATION_SCOPES = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass(eq=False)
class Person:
    """A member of a workspace, the app's own bot user included."""

    id: str
    name: str
    real_name: str = ""
    tz: str = "Europe/Berlin"
    tz_label: str = "Central European Time"
    tz_offset: int = 3600
    locale: str = "en-US"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    deleted: bool = False
    home: "Team | None" = None
    """Another workspace, which they belong to: a channel that is shared with it brought them here."""


@dataclass(eq=False)
class Message:
    """One message, or an ephemeral one (`seen_by`) that only one person sees."""

    channel: "Channel"
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: str | None = None
    metadata: Json | None = None
    edited_ts: str | None = None
    seen_by: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    deleted: bool = False
    versions: int = 1
    files: list[str] = field(default_factory=list)
    """Ids of the files that were shared with it (`SlackServer.uploads`)."""

    @property
    def shown(self) -> str:
        """What a reader sees: the blocks' texts, or the text where there are no blocks."""
        return "\n".join(texts_of(self.blocks)) if self.blocks else self.text

    @property
    def pings(self) -> list[str]:
        """Whom the message notifies: `<!channel>`, `<@U…>` and the like where Slack would read them so."""
        marked = [text for part in self.blocks for text in texts_of(part, only="mrkdwn")]
        return [found for text in (self.text, *marked) for found in PING.findall(text)]

    def block(self, action_id: str) -> tuple[Json, Json]:
        """The block and the element that carry an action id."""
        return find_element(self.blocks, action_id)


@dataclass(eq=False)
class Channel:
    """A conversation: `public`, `private`, `im` or `mpim`."""

    id: str
    name: str
    team: "Team"
    kind: str = "public"
    members: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False
    creator: str = ""
    created: int = 0

    def message(self, ts: str) -> Message | None:
        """The message with a timestamp, unless it was deleted."""
        return next((m for m in self.messages if m.ts == ts and not m.deleted), None)

    @property
    def shown(self) -> list[Message]:
        """The messages that are still there, oldest first."""
        return [m for m in self.messages if not m.deleted]

    def thread(self, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return [m for m in self.shown if m.thread_ts == ts and m.ts != ts]


@dataclass(eq=False)
class View:
    """A modal in somebody's stack, or a home tab."""

    id: str
    team: "Team"
    user: str
    given: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    typed: dict[tuple[str, str], Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Every text a reader sees, a line each."""
        return "\n".join(texts_of([self.given.get(k) for k in ("title", "blocks", "submit", "close")]))

    @property
    def blocks(self) -> list[Json]:
        return list(self.given["blocks"])

    @property
    def callback_id(self) -> str:
        return str(self.given.get("callback_id", ""))

    @property
    def external_id(self) -> str:
        return str(self.given.get("external_id", ""))


@dataclass(eq=False)
class Token:
    """A token that the Web API accepts, or refuses with `error`."""

    value: str
    team: "Team"
    user: str
    scopes: set[str]
    bot_id: str | None = None
    error: str | None = None


@dataclass(eq=False)
class Team:
    """A workspace where the app is installed, or was."""

    id: str
    name: str
    domain: str
    bot: Person
    bot_id: str
    enterprise_id: str | None = None
    enterprise_name: str | None = None
    is_enterprise_install: bool = False
    uninstalled: bool = False
    groups: dict[str, list[str]] = field(default_factory=dict)  # user groups: the members' ids by its handle
    emoji: dict[str, str] = field(default_factory=dict)  # the workspace's own: name to address or alias
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    ephemerals: dict[str, list[Message]] = field(default_factory=dict)

    def dm_with(self, *users: str) -> Channel | None:
        """The direct conversation of exactly these people."""
        kinds = ("im", "mpim")
        return next(
            (c for c in self.channels.values() if c.kind in kinds and set(c.members) == set(users)), None
        )

    def view(self, *, view_id: str | None = None, external_id: str | None = None) -> View | None:
        """An open modal or a home tab, by its id or by the app's own."""
        for view in self.views():
            if (view_id and view.id == view_id) or (external_id and view.external_id == external_id):
                return view
        return None

    def views(self) -> Iterator[View]:
        """Every view that somebody has before them."""
        yield from itertools.chain.from_iterable(self.stacks.values())
        yield from self.homes.values()


@dataclass(eq=False)
class Trigger:
    """What a `trigger_id` stands for: a person who just did something."""

    team: Team
    user: str
    born: float
    view: View | None = None
    used: bool = False


@dataclass
class AppIdentity:
    """What a workspace admin would copy from the app's pages."""

    id: str = "A0ACCORD000"
    app_token: str = "xapp-1-A0ACCORD000-1-loopback"
    signing_secret: str = "a-signing-secret-of-the-loopback"
    client_id: str = "100000000001.100000000002"
    client_secret: str = "a-client-secret-of-the-loopback"
    verification_token: str = "verification-of-the-loopback"
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))


class State:
    """The records, the counters that name new ones, and the clock."""

    def __init__(self, app: AppIdentity, clock: Callable[[], float] = time.time) -> None:
        self.app, self.clock = app, clock
        self.bell = Bell()
        self.teams: dict[str, Team] = {}
        self.tokens: dict[str, Token] = {}
        self.triggers: dict[str, Trigger] = {}
        self.trigger_lifetime_s = 3.0
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        """A fresh id as Slack forms them: a letter or two and ten characters."""
        return f"{prefix}{next(self._numbers):010X}"

    def new_ts(self) -> str:
        """A fresh message timestamp, later than all before."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_hash(self) -> str:
        """A fresh hash of a view."""
        return f"{int(self.clock())}.{secrets.token_hex(4)}"

    def new_trigger(self, team: Team, user: str, view: View | None = None) -> str:
        """A fresh trigger id, good once and for `trigger_lifetime_s`."""
        trigger_id = f"{next(self._numbers)}.{int(self.clock())}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(team, user, self.clock(), view)
        return trigger_id

    def ring(self) -> None:
        """Say that something changed."""
        self.bell.ring()


def find_element(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    """The block and the element that carry an action id; LookupError when nothing does."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return block, element
    raise LookupError(f"nothing on show has the action id {action_id}")


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    if block["type"] == "actions":
        return list(block["elements"])
    held = block.get("accessory") or block.get("element")
    return [held] if held else []


def with_block_ids(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack keeps them: each with a block id, each interactive element with an action id."""
    kept = []
    for block in blocks:
        copy = {"block_id": secrets.token_urlsafe(4)[:5], **block}
        for key in ("accessory", "element"):
            if key in copy:
                copy[key] = _with_action_id(copy[key])
        if copy["type"] == "actions":
            copy["elements"] = [_with_action_id(e) for e in copy["elements"]]
        kept.append(copy)
    return kept


def _with_action_id(element: Json) -> Json:
    return element if element["type"] == "image" else {"action_id": secrets.token_urlsafe(4)[:5], **element}
