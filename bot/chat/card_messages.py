"""Cards as messages in a channel: posted once, shown again in their place, posted again where they are gone.

Reads:  cards, from workers; where their messages stand.
Gives:  calls of `PutsCards`, which draws and sends. What hinders it is told to whoever asked the question,
        once a day for each reason.
"""

import logging
from datetime import datetime
from typing import Protocol

from bot.chat.follow_ups import FollowUps, follow_up
from bot.chat.posted_messages import Whereabouts
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import MessageGoneError, PlatformError
from bot.wording import texts, troubles
from bot.wording.cards import Card
from bot.wording.language import Sentence, explained

log = logging.getLogger(__name__)


class PutsCards(FollowUps, Protocol):
    """How a platform does it. Raises PlatformError; MessageGoneError where a message is not there."""

    async def put(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card, and what members vote with, once for each key; gives the message's id."""
        ...

    async def put_instead(self, channel: str, id_: str, card: Card) -> None:
        """Show a card in the place of what this message shows."""
        ...

    def posted_at(self, id_: str) -> datetime:
        """When a message was posted, as its id tells."""
        ...

    async def write(self, team: str, user: str, sentence: Sentence, /) -> None:
        """One of our own sentences to one person."""
        ...


class CardMessages:
    """One for a platform's adapter."""

    def __init__(self, where: Whereabouts, platform: PutsCards) -> None:
        self._where = where
        self._platform = platform

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card, once for each key."""
        try:
            id_ = await self._platform.put(channel, card, key=key)
        except PlatformError as exc:
            await self.tell_asker(card.deliberation, exc)
            raise
        return MessageRef(channel=channel, message=id_)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one, and say what goes with it.

        A message that is gone is posted again, but not once the question's end was shown: then nobody
        misses it.
        """
        d = card.deliberation
        try:
            await self._show(message, card)
            await follow_up(message, card, self._where, self._platform)
        except MessageGoneError:
            if not d.recorded:
                raise
            log.info("a message was deleted after the question's end")
        except PlatformError as exc:
            await self.tell_asker(d, exc)
            raise

    async def _show(self, message: MessageRef, card: Card) -> None:
        stands_at = await self._where.stands_at(message)
        try:
            await self._platform.put_instead(message.channel, stands_at, card)
        except MessageGoneError:
            if card.deliberation.recorded:
                raise
            log.info("a message was deleted; it is posted again")
            await self.post_anew(message, card, gone=stands_at)

    async def post_anew(self, message: MessageRef, card: Card, *, gone: str) -> None:
        """Post a card whose message is not there any more; `gone`: where it stood last."""
        d = card.deliberation
        id_ = await self._platform.put(message.channel, card, key=in_place_of(d, gone))
        await self._where.moved(message, id_)
        await self._where.tell_once(
            d, "deleted", lambda: texts.REPOSTED.format(question=d.question), self._platform.write
        )

    async def stands_since(self, d: Deliberation) -> datetime | None:
        """When the ballot was posted in place of one that was deleted; None where it is the first."""
        if d.ballot is None:
            return None
        id_ = await self._where.stands_at(d.ballot)
        return None if id_ == d.ballot.message else self._platform.posted_at(id_)

    async def tell_asker(self, d: Deliberation, problem: PlatformError) -> None:
        """Say what hinders us to whoever can mend it; waiting is nothing that anybody has to mend."""
        if problem.reason:
            await self._where.tell_once(
                d,
                problem.reason,
                lambda: troubles.about_question(d.question, explained(problem), str(texts.GOES_ON)),
                self._platform.write,
            )


def in_place_of(d: Deliberation, gone: str) -> str:
    """The key of a message that is posted in place of one that is gone."""
    return f"{d.id}:in place of {gone}"
