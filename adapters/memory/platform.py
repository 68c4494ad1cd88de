"""A chat platform that remembers what it was told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import PlatformError
from bot.service.ports.platform import SeenReactions
from bot.wording.cards import Card, Note
from bot.wording.language import Sentence, composed


class MemoryPlatform:
    """`ChatPlatform` that remembers what it was told.

    channel_members: user ids by channel; set them to have members.
    shown: every card that a message has shown, in order, the last one being there now.
    direct_messages: pairs of user and text, in order.
    reacted: what people reacted with, by message; set it to have reactions.
    reposted: when a ballot was put up again, by the message that it was first.
    polled: what people voted in a question's poll on its position statement, by deliberation.
    private: who sees a channel; everybody sees those that are not named here.
    silent: whether it does not say who sees what.
    """

    def __init__(self, channel_members: Mapping[str, Sequence[str]] | None = None) -> None:
        self.channel_members = dict(channel_members or {})
        self.shown: dict[MessageRef, list[Card]] = {}
        self.direct_messages: list[tuple[str, str]] = []
        self.reacted: dict[MessageRef, list[SeenReactions]] = {}
        self.reposted: dict[MessageRef, datetime] = {}
        self.polled: dict[str, list[SeenReactions]] = {}
        self.private: dict[str, set[str]] = {}
        self.silent = False
        self._by_key: dict[str, MessageRef] = {}

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card, or give the message that this key has posted already."""
        if key not in self._by_key:
            message = MessageRef(channel=channel, message=f"message-{len(self._by_key) + 1}")
            self._by_key[key] = message
            self.shown[message] = [card]
        return self._by_key[key]

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one."""
        if message not in self.shown:
            raise PlatformError("There is no such message to update.")
        self.shown[message].append(card)

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel."""
        return self.channel_members.get(channel, ())

    async def may_see(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody sees a channel."""
        if self.silent:
            raise PlatformError("The platform does not say who sees this channel.")
        return channel not in self.private or user in self.private[channel]

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person."""
        self.direct_messages.append((user, note.text))

    async def write(self, team: str, user: str, sentence: Sentence) -> None:
        """Write a sentence to one person."""
        self.direct_messages.append((user, composed(sentence)))

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """What people reacted with on the ballot."""
        return self.reacted.get(deliberation.ballot, ()) if deliberation.ballot else ()

    async def stands_since(self, deliberation: Deliberation) -> datetime | None:
        """When the ballot was put up again."""
        return self.reposted.get(deliberation.ballot) if deliberation.ballot else None

    async def baselines(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """What people voted in the poll on the position statement."""
        return self.polled.get(deliberation.id, ())

    def now_showing(self, key: str) -> Card:
        """The card that the message posted under this key shows now."""
        return self.shown[self._by_key[key]][-1]
