"""What members do in Discord: from a click, a window, a reaction or a vote to a command, and to an answer.

Reads:  interactions and raw events.
Gives:  commands. An interaction says when it happened; a reaction or a vote does not, so these are ordered as
they arrive. What could not be kept of those is found again when votes are reconciled.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord.config import PLATFORM
from adapters.discord.desk import Desk, Interaction, told
from adapters.discord.emoji import known_by
from adapters.discord.outbound import level_of_answer
from adapters.discord.people import Who, who
from adapters.discord.routes import Routes, chosen
from adapters.discord.views import modals, names
from adapters.discord.views.cards import how_message, own_opinion, refused_opinion
from adapters.discord.views.drawn import Drawn, said
from adapters.discord.views.names import Name
from bot import texts
from bot.cards import BallotCard, Card, FailedCard, QuestionCard, statement_card
from bot.domain.actors import Actor
from bot.domain.commands import (
    CastRating,
    Command,
    GiveOpinion,
    RateBaseline,
    RetryMediation,
    SetReminders,
    WithdrawOpinion,
    WithdrawRating,
)
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.ratings import QUALITY_LEVELS, RatingBy
from bot.errors import BotError, DomainError
from bot.notes import HOUR_S
from bot.queries import RUNNING
from bot.reconciling import look_again, reconcile

log = logging.getLogger(__name__)

MOMENT = timedelta(microseconds=1)


class Inbound:
    """Taking part: opinions, ratings, reactions, votes, reminders. One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last: datetime | None = None

    def contribute(self, routes: Routes) -> None:
        """Buttons on cards and notes, and the opinion's window."""
        routes.clicks |= {
            names.SHARE: self.share,
            names.WITHDRAW: self.withdraw,
            names.HOW: self.how,
            names.RATE: self.rate,
            names.UNRATE: self.unrate,
            names.QUALITY: self.quality,
            names.RETRY: self.retry,
            names.STOP_REMINDERS: self.stop_reminders,
            names.START_REMINDERS: self.stop_reminders,
        }
        routes.windows[names.OPINION] = self.opinion_submitted

    # -- opinions --------------------------------------------------------------------------------

    async def share(self, interaction: Interaction, name: Name) -> None:
        """The button "Share your opinion"."""
        person = who(interaction)
        self._desk.meet(person)
        await self._desk.open(
            interaction, self._opinion_window(person, name.id), modals.opinion_window(name.id)
        )

    async def _opinion_window(self, person: Who, id_: str) -> discord.ui.Modal | Drawn:
        d = await self._desk.deliberation(person, id_)
        participant = self._desk.ports.pseudonyms.of(d.team, person.user, d.id)
        own = await self._desk.ports.store.opinion(d.id, participant)
        try:
            d.require_open_for_opinions(self._desk.ports.clock.now())
        except DomainError as exc:
            return refused_opinion(str(exc), own.text if own else "")
        polled = await self._desk.platform.asks_position_itself(d)
        baseline = None if polled else await self._desk.ports.store.baseline(d.id, participant)
        member = self._desk.ports.pseudonyms.of_member(d.team, person.user)
        return modals.opinion_window(
            d.id,
            d,
            own.text if own else "",
            baseline=baseline.value if baseline else None,
            position=not polled,
            may_learn=own.consent if own else await self._desk.ports.store.may_learn_from(d.team, member),
        )

    async def opinion_submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The opinion's window was submitted."""
        person, at = who(interaction), interaction.created_at
        await self._desk.answer(interaction, self._give(person, name.id, typed, at))

    async def _give(self, person: Who, id_: str, typed: dict[str, str], at: datetime) -> Drawn:
        desk, opinion = self._desk, typed.get("opinion", "")
        try:
            d = await desk.deliberation(person, id_)
            actor = await desk.people.participant(person, d)
        except DomainError as exc:
            return refused_opinion(str(exc), opinion)
        except BotError:
            log.warning("an opinion could not be kept yet", exc_info=True)
            return refused_opinion(texts.STORE_UNREACHABLE, opinion)
        if step := typed.get(names.BASELINE):
            reply = await desk.run(RateBaseline(actor, id_, int(step), at=at))
            if not reply.ok:
                return refused_opinion(reply.text, opinion)
        # A window without the question says nothing about it.
        consent = typed[names.LEARN] == names.YES if typed.get(names.LEARN) else None
        reply = await desk.run(GiveOpinion(actor, id_, opinion, at, consent))
        if not reply.ok:
            return refused_opinion(reply.text, opinion)
        desk.counter.changed(id_)
        return own_opinion(d, reply.text)

    async def withdraw(self, interaction: Interaction, name: Name) -> None:
        """The button that takes one's opinion back."""

        async def work() -> Drawn:
            drawn = await self._act(
                interaction, name, lambda actor, at: WithdrawOpinion(actor, name.id, at=at)
            )
            self._desk.counter.changed(name.id)
            return drawn

        await self._desk.answer(interaction, work())

    async def how(self, interaction: Interaction, name: Name) -> None:
        """The button "How this works"."""
        self._desk.meet(who(interaction))

        async def work() -> Drawn:
            d = await self._desk.deliberation(who(interaction), name.id) if name.id else None
            return how_message(d)

        await self._desk.answer(interaction, work())

    # -- ratings ---------------------------------------------------------------------------------

    async def rate(self, interaction: Interaction, name: Name) -> None:
        """A private rating button."""
        self._desk.meet(who(interaction))
        value = int(name.choice) if name.choice in tuple("1234567") else 0

        async def work() -> Drawn:
            desk, person = self._desk, who(interaction)
            d = await desk.deliberation(person, name.id)
            actor = await desk.people.participant(person, d)
            reply = await desk.run(CastRating(actor, d.id, value=value, at=interaction.created_at))
            level = next((each for each in d.terms.levels if each.value == value), None)
            drawn = told(reply)
            chosen = f" {level.emoji} {level.label}." if reply.ok and level else ""
            return replace(drawn, content=drawn.content + chosen)

        await self._desk.answer(interaction, work())

    async def unrate(self, interaction: Interaction, name: Name) -> None:
        """The button that takes one's rating back."""
        await self._desk.answer(
            interaction,
            self._act(interaction, name, lambda actor, at: WithdrawRating(actor, name.id, at=at)),
        )

    async def quality(self, interaction: Interaction, name: Name) -> None:
        """A step of the quality scale was chosen beside the statement."""
        self._desk.meet(who(interaction))
        await self._desk.answer(
            interaction, self._give_quality(who(interaction), name.id, chosen(interaction), interaction)
        )

    async def _give_quality(
        self, person: Who, id_: str, chosen: list[str], interaction: Interaction
    ) -> Drawn:
        """Keep it with this person's agreement; whichever of two choices was made last counts."""
        desk, at = self._desk, interaction.created_at
        d = await desk.deliberation(person, id_)
        actor = await desk.people.participant(person, d)
        d.require_open_for_ratings(at)
        step = next((level for level in QUALITY_LEVELS if [str(level.value)] == chosen), None)
        participant = desk.ports.pseudonyms.of(d.team, actor.user, d.id)
        own = await desk.ports.store.rating(d.id, d.round, participant)
        if own is None or step is None:
            return said(texts.QUALITY_NEEDS_RATING)
        newest = f"quality {d.id} {d.round} {participant}"
        if (await desk.notes.get(newest) or "") > at.isoformat():
            return said(texts.RATING_KEPT)
        await desk.notes.put(newest, at.isoformat(), for_s=HOUR_S)
        # Hardly later than the agreement that it goes with: one that was given since and comes late wins.
        command = CastRating(
            actor, d.id, value=own.value, at=own.given_at + MOMENT, quality=step.value, round=d.round
        )
        reply = await desk.run(command)
        return said(texts.QUALITY_KEPT.format(step.label.lower())) if reply.ok else told(reply)

    async def retry(self, interaction: Interaction, name: Name) -> None:
        """The button "Try again" on a failed drafting."""

        async def work() -> Drawn:
            person = who(interaction)
            d = await self._desk.deliberation(person, name.id)
            return told(await self._desk.run(RetryMediation(await self._desk.actor(person, d), d.id)))

        await self._desk.answer(interaction, work())

    async def _act(
        self, interaction: Interaction, name: Name, command: Callable[[Actor, datetime], Command]
    ) -> Drawn:
        person = who(interaction)
        d = await self._desk.deliberation(person, name.id)
        actor = await self._desk.people.participant(person, d)
        return told(await self._desk.run(command(actor, interaction.created_at)))

    # -- reminders -------------------------------------------------------------------------------

    async def stop_reminders(self, interaction: Interaction, name: Name) -> None:
        """The button "Stop reminding me", or its opposite."""
        on = name.what == names.START_REMINDERS

        async def work() -> Drawn:
            d = await self._desk.deliberation(who(interaction), name.id)
            actor = Actor(d.team, str(interaction.user.id))
            return told(await self._desk.run(SetReminders(actor, on=on, at=interaction.created_at)))

        await self._desk.answer(interaction, work())

    # -- reactions and polls ---------------------------------------------------------------------

    def _now(self) -> datetime:
        """When an event arrived: always later than the one before, so that their order is kept."""
        now = self._desk.ports.clock.now()
        if self._last is not None and now <= self._last:
            now = self._last + MOMENT
        self._last = now
        return now

    async def reacted(self, event: discord.RawReactionActionEvent, *, added: bool) -> None:
        """A reaction came or went."""
        at = self._now()
        emoji = known_by(event.emoji)
        await self._count(event, at, RatingBy.REACTIONS, lambda d: emoji, added=added)

    async def voted(self, event: discord.RawPollVoteActionEvent, *, added: bool) -> None:
        """A vote in a poll came or went."""
        at = self._now()
        await self._count(
            event, at, RatingBy.POLL, lambda d: level_of_answer(d, event.answer_id) or "", added=added
        )

    async def _count(
        self,
        event: discord.RawReactionActionEvent | discord.RawPollVoteActionEvent,
        at: datetime,
        by: RatingBy,
        shown: Callable[[Deliberation], str],
        *,
        added: bool,
    ) -> None:
        try:
            d = await self._rated_on(str(event.channel_id), str(event.message_id))
            if d is None or d.terms.rating_by is not by or str(event.guild_id) != d.team:
                return
            command = await self._rating(d, event, shown(d), at, added=added)
        except BotError:
            log.warning("a vote could not be counted; it is found again before the end", exc_info=True)
            return
        if command is None:
            return
        reply = await self._desk.run(command)
        if isinstance(command, WithdrawRating) and reply.ok and by is RatingBy.REACTIONS:
            await look_again(command.deliberation_id, self._desk.ports)

    async def _rating(
        self, d: Deliberation, event: Any, emoji: str, at: datetime, *, added: bool
    ) -> Command | None:
        """What a reaction or vote means; None for one that is no rating."""
        message = await self._desk.platform.came_from(_ref(event))
        round_, value = d.round_of(message), d.terms.value_of(emoji)
        user = str(event.user_id)
        if round_ is None or value is None or user == await self._desk.rest.user() or _is_bot(event):
            return None
        actor = await self._desk.people.voter(user, d)
        if added:
            return CastRating(actor, d.id, value=value, at=at, round=round_)
        return WithdrawRating(actor, d.id, at=at, value=value, round=round_)

    async def _rated_on(self, channel: str, message: str) -> Deliberation | None:
        ref = await self._desk.platform.came_from(MessageRef(channel=channel, message=message))
        return await self._desk.ports.store.of_message(PLATFORM, ref)

    async def cleared(self, channel: str, message: str) -> None:
        """Somebody took everybody's reactions off."""
        try:
            d = await self._rated_on(channel, message)
            if d is not None and d.terms.rating_by is RatingBy.REACTIONS:
                await reconcile(d, self._desk.ports)
        except BotError:
            log.warning("reactions could not be read; it is done again at the end", exc_info=True)

    # -- deleted messages ------------------------------------------------------------------------

    async def deleted(self, channel: str, message: str) -> None:
        """A message is gone: one of ours that people still need is posted anew."""
        platform, store = self._desk.platform, self._desk.ports.store
        try:
            if asked := await platform.position_poll_gone(channel, message):
                await platform.drop_position_poll(await store.load(asked))
                return
            ref = await platform.came_from(MessageRef(channel=channel, message=message))
            d = await self._desk.ports.store.of_message(PLATFORM, ref)
            card = None if d is None else await self._needed(d, ref)
            if card is not None:
                await self._desk.platform.update(ref, card)
        except BotError:
            log.warning("a deleted message could not be posted anew", exc_info=True)

    async def look_for_deleted(self, team: str) -> None:
        """What was deleted while nobody listened. Raises StoreError; one that fails hides no other."""
        async for d in self._desk.ports.store.each_of_team(team):
            if d.platform != PLATFORM or d.phase not in RUNNING:
                continue
            try:
                gone = await self._desk.platform.gone(d)
            except BotError:
                log.warning("deleted messages could not be looked for", exc_info=True)
                continue
            for message in gone:
                await self.deleted(message.channel, message.message)

    async def _needed(self, d: Deliberation, ref: MessageRef) -> Card | None:
        store = self._desk.ports.store
        if d.phase is Phase.RATING and ref == d.ballot:
            return BallotCard(d, d.statement or "")
        if d.phase is Phase.OPINIONS and ref == d.message:
            return QuestionCard(d, await store.opinion_count(d.id))
        if d.phase is Phase.MEDIATING and d.failure and ref == d.message:
            return FailedCard(d)
        if d.phase is Phase.RATING and ref == d.message:
            mediation = await store.mediation(d.id, d.round)
            return None if mediation is None else statement_card(d, mediation)
        return None


def _ref(event: Any) -> MessageRef:
    return MessageRef(channel=str(event.channel_id), message=str(event.message_id))


def _is_bot(event: Any) -> bool:
    """Only a reaction that was added in a server says so."""
    member = getattr(event, "member", None)
    return bool(member is not None and member.bot)
