"""What members do in Discord: from a click, a window, a reaction or a vote to `bot.chat`, and to an answer.

Reads:  interactions and raw events.
Gives:  answers that only the one who acted can see.
An interaction says when it happened; a reaction or a vote does not, so these are ordered as they arrive. What
could not be kept of those is found again when votes are reconciled.
"""

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord.config import PLATFORM
from adapters.discord.emoji import known_by
from adapters.discord.interaction import Interaction, InteractionContext, told
from adapters.discord.outbound import level_of_answer
from adapters.discord.people import who
from adapters.discord.routes import Routes, chosen
from adapters.discord.views import modals, names
from adapters.discord.views.cards import given_back, given_opinion, how_message, predicted, refused_text
from adapters.discord.views.drawn import DANGER, Drawn, Press, embed, said
from adapters.discord.views.names import Name
from adapters.discord.views.reasons import given_rating, given_reason, reason_window
from bot.chat import steering
from bot.chat.copies import Copies
from bot.chat.posted_messages import Whereabouts
from bot.chat.public_votes import PublicVotes, Vote
from bot.chat.taking_part import Act, TakingPart
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.errors import BotError
from bot.domain.ratings import RatingBy
from bot.domain.rounds import round_named
from bot.service.current_card import current_card
from bot.service.queries import RUNNING, how_it_works
from bot.service.reply import Reply
from bot.wording import jury_lines, texts
from bot.wording.cards import BallotCard, Card
from bot.wording.confirmations import WITHDRAW_RATING, WITHDRAW_REASON, Confirmation

log = logging.getLogger(__name__)

MOMENT = timedelta(microseconds=1)


class Inbound:
    """Taking part: opinions, ratings, reasons, reactions, votes, reminders. One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        copies = Copies(shared.notes, shared.ports.clock)
        self._part = TakingPart(shared.ports, copies, shared.counter.changed)
        self._votes = PublicVotes(shared.ports, Whereabouts(shared.notes), shared.counter, shared.tasks)
        self._last: datetime | None = None

    def contribute(self, routes: Routes) -> None:
        """Buttons on cards and notes, and the windows of opinions and reasons."""
        routes.clicks |= {
            names.SHARE: self.share,
            names.WITHDRAW: self.withdraw,
            names.HOW: self.how,
            names.RATE: self.rate,
            names.UNRATE: self.unrate,
            names.QUALITY: self.quality,
            names.SAY_WHY: self.say_why,
            names.WITHDRAW_REASON: self.withdraw_reason,
            names.COMPARE: self.compare,
            names.RETRY: self.retry,
            names.STOP_REMINDERS: self.stop_reminders,
            names.START_REMINDERS: self.stop_reminders,
        }
        routes.windows[names.OPINION] = self.opinion_submitted
        routes.windows[names.REASON] = self.reason_submitted

    # -- opinions --------------------------------------------------------------------------------

    async def share(self, interaction: Interaction, name: Name) -> None:
        """The button "Share your opinion"."""
        self._shared.meet(who(interaction))
        await self._shared.open(
            interaction, self._opinion_window(interaction, name), modals.opinion_window(name.id)
        )

    async def _opinion_window(self, interaction: Interaction, name: Name) -> discord.ui.Modal | Drawn:
        form = await self._part.opinion_form(self._shared.act(interaction, name.id))
        d, own = form.deliberation, form.own
        if form.closed:
            return refused_text(form.closed, own.text)
        polled = await self._shared.platform.asks_position_itself(d)
        return modals.opinion_window(
            d.id,
            d,
            own.text,
            baseline=own.baseline,
            position=not polled,
            may_learn=own.may_learn,
            notice=form.notice,
            known=own.known,
        )

    async def opinion_submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The opinion's window was submitted."""
        await self._shared.answer(
            interaction, self._give(self._shared.act(interaction, name.id), typed, name)
        )

    async def _give(self, act: Act, typed: dict[str, str], name: Name) -> Drawn:
        text = typed.get("opinion", "")
        baseline = typed.get(names.BASELINE, "")
        reply = await self._part.give_opinion(
            act,
            text,
            baseline=baseline,
            consent=_consent(typed),
            edition=name.choice,
            about=jury_lines.answers(typed),
        )
        return given_opinion(reply) if reply.ok else refused_text(reply.text, text)

    async def withdraw(self, interaction: Interaction, name: Name) -> None:
        """The button that takes one's opinion back: it asks first."""
        if name.choice != names.SURE:

            async def ask() -> Drawn:
                asks = await self._part.withdrawing(self._shared.act(interaction, name.id))
                return await sure_to(asks, names.WITHDRAW, name.id)

            await self._shared.answer(interaction, ask())
            return

        async def work() -> Drawn:
            return given_back(await self._part.withdraw_opinion(self._shared.act(interaction, name.id)))

        await self._shared.answer(interaction, work())

    async def how(self, interaction: Interaction, name: Name) -> None:
        """The button "How this works"."""
        self._shared.meet(who(interaction))

        async def work() -> Drawn:
            asking = who(interaction)
            of: Deliberation | str = asking.team
            if name.id:
                of = await self._shared.deliberation(asking, name.id)
            return how_message(await how_it_works(of, self._shared.ports))

        await self._shared.answer(interaction, work())

    # -- ratings ---------------------------------------------------------------------------------

    async def rate(self, interaction: Interaction, name: Name) -> None:
        """A private rating button."""
        self._shared.meet(who(interaction))
        await self._shared.answer(
            interaction, self._rate(self._shared.act(interaction, name.id), name.choice)
        )

    async def _rate(self, act: Act, choice: str) -> Drawn:
        step, _, round_ = choice.partition(".")
        reply, level = await self._part.rate(act, step, round_=round_named(round_))
        drawn, found = told(reply), await self._part.predicted(act, reply)
        embeds = (embed("", fields=predicted(found)),) if found else ()
        content = texts.with_level(drawn.content or "", level)
        return replace(drawn, content=content, embeds=embeds, buttons=given_rating(reply))

    async def unrate(self, interaction: Interaction, name: Name) -> None:
        """The button that takes one's rating back: it asks first."""
        choice, _, round_ = name.choice.partition(".")
        if choice != names.SURE:
            asks = sure_to(WITHDRAW_RATING, names.UNRATE, name.id, choice)
            await self._shared.answer(interaction, asks)
            return
        act = self._shared.act(interaction, name.id)
        await self._reply(interaction, self._part.withdraw_rating(act, round_=round_named(round_)))

    async def quality(self, interaction: Interaction, name: Name) -> None:
        """A step of the quality scale was chosen beside the statement."""
        self._shared.meet(who(interaction))
        step = "".join(chosen(interaction)[:1])
        act, round_ = self._shared.act(interaction, name.id), round_named(name.choice)
        await self._reply(interaction, self._part.rate_quality(act, step, round_=round_))

    # -- reasons ---------------------------------------------------------------------------------

    async def say_why(self, interaction: Interaction, name: Name) -> None:
        """The button "Say why", and "Change it" beside what was said."""
        self._shared.meet(who(interaction))
        await self._shared.open(
            interaction,
            self._reason_window(interaction, name),
            reason_window(name.id, round_=round_named(name.choice)),
        )

    async def _reason_window(self, interaction: Interaction, name: Name) -> discord.ui.Modal | Drawn:
        round_ = round_named(name.choice)
        form = await self._part.reason_form(self._shared.act(interaction, name.id), round_=round_)
        if form.closed:
            return refused_text(form.closed, form.text)
        d = form.deliberation
        return reason_window(d.id, d, form.text, may_learn=form.may_learn, notice=form.notice)

    async def reason_submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The reason's window was submitted."""

        async def work() -> Drawn:
            text, act = typed.get("reason", ""), self._shared.act(interaction, name.id)
            round_ = round_named(name.choice)
            reply = await self._part.give_reason(act, text, consent=_consent(typed), round_=round_)
            return given_reason(reply) if reply.ok else refused_text(reply.text, text)

        await self._shared.answer(interaction, work())

    async def withdraw_reason(self, interaction: Interaction, name: Name) -> None:
        """The button that takes one's reason back: it asks first."""
        choice, _, round_ = name.choice.partition(".")
        if choice != names.SURE:
            asks = sure_to(WITHDRAW_REASON, names.WITHDRAW_REASON, name.id, choice)
            await self._shared.answer(interaction, asks)
            return

        async def work() -> Drawn:
            act = self._shared.act(interaction, name.id)
            return given_back(await self._part.withdraw_reason(act, round_=round_named(round_)))

        await self._shared.answer(interaction, work())

    # -- two rounds ------------------------------------------------------------------------------

    async def compare(self, interaction: Interaction, name: Name) -> None:
        """Of two statements, the one that somebody prefers was chosen."""
        self._shared.meet(who(interaction))
        choice, act = "".join(chosen(interaction)[:1]), self._shared.act(interaction, name.id)
        await self._reply(interaction, self._part.compare(act, choice, round_=round_named(name.choice)))

    # -- running it ------------------------------------------------------------------------------

    async def retry(self, interaction: Interaction, name: Name) -> None:
        """The button "Try again" on a failed drafting."""

        async def work() -> Drawn:
            person = who(interaction)
            d = await self._shared.ports.deliberations.load(name.id)
            actor = await self._shared.actor(person, d)
            return told(await self._shared.run(steering.pressed("retry", actor, d.id)))

        await self._shared.answer(interaction, work())

    async def _reply(self, interaction: Interaction, work: Coroutine[Any, Any, Reply]) -> None:
        async def answer() -> Drawn:
            return told(await work)

        await self._shared.answer(interaction, answer())

    # -- reminders -------------------------------------------------------------------------------

    async def stop_reminders(self, interaction: Interaction, name: Name) -> None:
        """The button "Stop reminding me", or its opposite."""
        on = name.what == names.START_REMINDERS
        await self._reply(
            interaction, self._part.set_reminders(self._shared.act(interaction, name.id), on=on)
        )

    # -- reactions and polls ---------------------------------------------------------------------

    def _now(self) -> datetime:
        """When an event arrived: always later than the one before, so that their order is kept."""
        now = self._shared.ports.clock.now()
        if self._last is not None and now <= self._last:
            now = self._last + MOMENT
        self._last = now
        return now

    async def reacted(self, event: discord.RawReactionActionEvent, *, added: bool) -> None:
        """A reaction came or went."""
        emoji = known_by(event.emoji)
        await self._votes.count(self._vote(event, RatingBy.REACTIONS, lambda d: emoji, added=added))

    async def voted(self, event: discord.RawPollVoteActionEvent, *, added: bool) -> None:
        """A vote in a poll came or went."""
        answer = event.answer_id
        await self._votes.count(
            self._vote(event, RatingBy.POLL, lambda d: level_of_answer(d, answer) or "", added=added)
        )

    def _vote(
        self,
        event: discord.RawReactionActionEvent | discord.RawPollVoteActionEvent,
        by: RatingBy,
        shown: Callable[[Deliberation], str],
        *,
        added: bool,
    ) -> Vote:
        return Vote(
            platform=PLATFORM,
            team=str(event.guild_id),
            message=_ref(event),
            by=by,
            shown=shown,
            voter=lambda d: self._voter(event, d),
            added=added,
            at=self._now(),
        )

    async def _voter(self, event: Any, d: Deliberation) -> Actor | None:
        user = str(event.user_id)
        if user == await self._shared.rest.user() or _is_bot(event):
            return None
        return await self._shared.people.voter(user, d, str(event.channel_id))

    async def cleared(self, channel: str, message: str) -> None:
        """Somebody took everybody's reactions off."""
        await self._votes.cleared(PLATFORM, MessageRef(channel=channel, message=message))

    # -- deleted messages ------------------------------------------------------------------------

    async def deleted(self, channel: str, message: str) -> None:
        """A message is gone: one of ours that people still need is posted again."""
        platform, kept = self._shared.platform, self._shared.ports.deliberations
        try:
            if asked := await platform.position_poll_gone(channel, message):
                await platform.drop_position_poll(await kept.load(asked))
                return
            ref = await platform.came_from(MessageRef(channel=channel, message=message))
            d = await self._shared.ports.deliberations.of_message(PLATFORM, ref)
            card = None if d is None else await self._needed(d, ref)
            if card is not None:
                await self._shared.platform.update(ref, card)
        except BotError:
            log.warning("a deleted message could not be posted again", exc_info=True)

    async def look_for_deleted(self, team: str) -> None:
        """What was deleted while nobody listened. Raises StoreError; one that fails hides no other."""
        async for d in self._shared.ports.deliberations.each_of_team(team):
            if d.platform != PLATFORM or d.phase not in RUNNING:
                continue
            try:
                gone = await self._shared.platform.gone(d)
            except BotError:
                log.warning("deleted messages could not be looked for", exc_info=True)
                continue
            for message in gone:
                await self.deleted(message.channel, message.message)

    async def _needed(self, d: Deliberation, ref: MessageRef) -> Card | None:
        if d.phase is Phase.RATING and ref == d.ballot:
            return BallotCard(d, d.statement or "")
        needed = d.phase in (Phase.OPINIONS, Phase.RATING) or d.failure is not None
        return await current_card(d, self._shared.ports) if needed and ref == d.message else None


async def sure_to(asks: Confirmation, what: str, id_: str, seen: str = "") -> Drawn:
    """What is asked before one's own part is taken back; seen: what the button that asks was about."""
    choices = ".".join(filter(None, (names.SURE, seen)))
    return said(f"{asks.asks} {asks.follows}", Press(asks.yes, what, id_, choices, style=DANGER))


def _consent(typed: Mapping[str, str]) -> bool | None:
    """A window without the question about learning says nothing about it."""
    return typed[names.LEARN] == names.YES if names.LEARN in typed else None


def _ref(event: Any) -> MessageRef:
    return MessageRef(channel=str(event.channel_id), message=str(event.message_id))


def _is_bot(event: Any) -> bool:
    """Only a reaction that was added in a server says so."""
    member = getattr(event, "member", None)
    return bool(member is not None and member.bot)
