"""Votes that everybody sees: reactions, and a platform's own polls.

Reads:  what came or went on a message, as an adapter parsed it from an event.
Gives:  ratings, given or taken back. Nothing here raises: what could not be counted is a reply that says so,
        or is found again when votes are reconciled.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.chat.answer_counter import Counter
from bot.chat.posted_messages import Whereabouts
from bot.chat.tasks import Tasks
from bot.domain.actors import Actor
from bot.domain.commands import CastRating, WithdrawRating
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import BotError
from bot.domain.ratings import RatingBy
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reconciling import look_again, reconcile
from bot.service.reply import Reply

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Vote:
    """A reaction, or a vote in a poll, that came or went.

    shown: what stands for its step, in this question.
    voter: who this is in a question; None for a bot. It may raise PlatformError.
    """

    platform: str
    team: str
    message: MessageRef
    by: RatingBy
    shown: Callable[[Deliberation], str]
    voter: Callable[[Deliberation], Awaitable[Actor | None]]
    added: bool
    at: datetime


class PublicVotes:
    """One for a platform's gateway."""

    def __init__(self, ports: Ports, where: Whereabouts, counter: Counter, tasks: Tasks) -> None:
        self._ports = ports
        self._where = where
        self._counter = counter
        self._tasks = tasks

    async def count(self, vote: Vote) -> Reply | None:
        """Keep a vote as a rating, or take that rating back; None for what is no rating."""
        try:
            command = await self._meaning(vote)
        except BotError as exc:
            log.warning("a vote could not be counted; it comes again or is found again", exc_info=True)
            return Reply.refusing(exc)
        if command is None:
            return None
        reply = await dispatch(command, self._ports)
        if reply.ok:
            self._counter.changed(command.deliberation_id)
        if isinstance(command, WithdrawRating) and reply.ok and vote.by is RatingBy.REACTIONS:
            self._tasks.start(self._what_is_left(command, reply.deliberation))
        return reply

    async def _meaning(self, vote: Vote) -> CastRating | WithdrawRating | None:
        message = await self._where.came_from(vote.message)
        d = await self._ports.deliberations.of_message(vote.platform, message)
        if d is None or d.team != vote.team or d.terms.rating_by is not vote.by:
            return None
        round_, value = d.round_of(message), d.terms.value_of(vote.shown(d))
        if round_ is None or value is None:
            return None
        actor = await vote.voter(d)
        if actor is None:
            return None
        if vote.added:
            return CastRating(actor, d.id, value, vote.at, round=round_)
        return WithdrawRating(actor, d.id, vote.at, value=value, round=round_)

    async def _what_is_left(self, command: WithdrawRating, d: Deliberation | None) -> None:
        """Another reaction of the same person may still stand: it counts at once, not only at the end."""
        at = min(command.at, self._ports.clock.now())
        after = {self._ports.pseudonyms.of(d, command.actor.user): at} if d else None
        await look_again(command.deliberation_id, self._ports, after=after)

    async def cleared(self, platform: str, message: MessageRef) -> None:
        """Somebody took everybody's reactions off a message."""
        try:
            d = await self._ports.deliberations.of_message(platform, await self._where.came_from(message))
            if d is not None and d.terms.rating_by is RatingBy.REACTIONS:
                await reconcile(d, self._ports)
                self._counter.changed(d.id)
        except BotError:
            log.warning("reactions could not be read; it is done again at the end", exc_info=True)
