"""What a channel is told next to a card, each thing once: the statement is there, the vote is closed.

Reads:  the card that was shown, and which notices stand in the channel.
Gives:  calls of `FollowUps`, which draws and sends them.
"""

from contextlib import suppress
from typing import Protocol

from bot.chat.posted_messages import Whereabouts
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import MessageGoneError
from bot.wording.cards import CancelledCard, Card, ResultCard, StatementCard


class FollowUps(Protocol):
    """How a platform says these things. Whatever has a key is posted once for it."""

    async def tell_result(self, message: MessageRef, card: ResultCard, *, key: str) -> None:
        """Say under the card, in one line, that the vote is closed.

        Editing the card tells nobody; how the vote ended stands there alone, where it can be mended.
        """
        ...

    async def tell_statement(self, channel: str, deliberation: Deliberation, *, key: str) -> None:
        """Say in the channel that there is a statement to rate."""
        ...

    async def tell_over(self, notice: MessageRef, deliberation: Deliberation) -> None:
        """Say in such a notice that there is nothing to rate any more.

        Raises MessageGoneError where it was deleted; then it stays away.
        """
        ...


async def follow_up(message: MessageRef, card: Card, where: Whereabouts, platform: FollowUps) -> None:
    """Say what goes with a card that was just shown at `message`."""
    d, channel = card.deliberation, message.channel
    if isinstance(card, ResultCard):
        await platform.tell_result(message, card, key=f"{d.id}:result")
    if isinstance(card, ResultCard | CancelledCard):
        await _end_notices(d, channel, where, platform)
    if isinstance(card, StatementCard) and not d.terms.rated_in_public:
        # The card stands where the question was asked, perhaps days ago; a ballot says it by itself.
        key = _notice(d, d.round)
        if not await where.posted(d.team, channel, key):
            await platform.tell_statement(channel, d, key=key)


async def _end_notices(d: Deliberation, channel: str, where: Whereabouts, platform: FollowUps) -> None:
    for round_ in range(1, d.round + 1):
        if id_ := await where.posted(d.team, channel, _notice(d, round_)):
            with suppress(MessageGoneError):
                await platform.tell_over(MessageRef(channel=channel, message=id_), d)


def _notice(d: Deliberation, round_: int) -> str:
    return f"{d.id}:statement:{round_}"
