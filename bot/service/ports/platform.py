"""Where members are: a port, and others that some platforms have besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, MessageRef
from bot.wording.cards import Card, Note
from bot.wording.language import Sentence


class ChatPlatform(Protocol):
    """Where members are. Raises `PlatformError`, or `RateLimitedError` with the time to wait.

    A card names its deliberation, and that its team: a platform with many teams finds its token there.
    """

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card. Posting again with the same key gives the message that is already there."""
        ...

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one."""
        ...

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel, bots left out; empty where nobody can be reached."""
        ...

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person. Raises UnreachableError when this one takes no messages."""
        ...


@dataclass(frozen=True)
class SeenReactions:
    """One person's reactions or poll votes as they stand now: emoji or their names, or `1`…`7` of a poll.

    until: nothing of it was given later than this, where the platform took no more.
    """

    actor: Actor
    shown: tuple[str, ...]
    until: datetime | None = None


@runtime_checkable
class CollectsRatings(Protocol):
    """A `ChatPlatform` on which members can rate by reactions or a poll: it takes a `BallotCard`.

    A platform without this gets no ballot; its members rate by whatever its cards offer.
    """

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """Everybody's on `deliberation.ballot`, the bot's own left out.

        Raises `PlatformError` rather than giving a part of them: whoever is missing has taken theirs back.
        """
        ...

    async def stands_since(self, deliberation: Deliberation) -> datetime | None:
        """When the ballot was put up again; None where it never was.

        Whatever was given before was given on a message that is gone, and is not among `reactions`.
        """
        ...


@runtime_checkable
class CollectsBaselines(Protocol):
    """A `ChatPlatform` that may ask in a poll of its own how far members agree with a position statement."""

    async def baselines(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """End that poll and give everybody's vote in it, `1` to `7`; empty where there is none.

        Raises `PlatformError` rather than giving a part of them.
        """
        ...


@runtime_checkable
class KnowsSome(Protocol):
    """A `ChatPlatform` that may not be allowed to list everybody in a channel."""

    async def knows_all(self, team: str, channel: str) -> bool:
        """Whether `members` gives everybody; where it does not, the channel is reminded too."""
        ...


@runtime_checkable
class KnowsAccess(Protocol):
    """A `ChatPlatform` whose channels not everybody sees; on one without this a link lets people in."""

    async def may_see(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody sees a channel now; nobody sees one that is gone, or that we are not in.

        Raises `PlatformError` where the platform does not say.
        """
        ...


@runtime_checkable
class KnowsMembers(Protocol):
    """A `ChatPlatform` that can say of a member what may leave them out of a question: a guest, a role."""

    async def member(self, deliberation: Deliberation, user: str) -> Actor:
        """A member of the channel, with whatever the question's terms look at. Raises `PlatformError`."""
        ...


@runtime_checkable
class StoresPictures(Protocol):
    """A `ChatPlatform` that keeps the pictures of results apart from the messages that show them."""

    async def drop_pictures(self, deliberation: Deliberation) -> None:
        """Delete a question's pictures; those that are gone are no harm.

        Raises `PlatformError` where one is left, to be tried again.
        """
        ...


@runtime_checkable
class WritesSentences(Protocol):
    """A `ChatPlatform` that can write to somebody about what is no question."""

    async def write(self, team: str, user: str, sentence: Sentence, /) -> None:
        """One of our own sentences to one person, in their language. Raises `PlatformError`."""
        ...
