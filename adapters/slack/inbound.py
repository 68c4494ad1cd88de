"""What members do in Slack: from a payload to a command, to `dispatch`, to an answer.

Reads:  payloads, parsed by `payloads`.
Gives:  commands, and answers in the window or beside the message where somebody acted.
Every payload may come twice, late, out of order and at any gateway. A command's key or time therefore comes
from what Slack sent; where Slack sends no time, the first gateway that saw the payload notes its own. What
members give is kept before Slack is told that it arrived, unless that takes longer than Slack waits: then it
goes on, and the window says so. An event that could not be kept is not acknowledged: Slack sends it
again.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.response import BoltResponse

from adapters.slack import payloads
from adapters.slack.clients import Clients
from adapters.slack.config import PLATFORM
from adapters.slack.outbound import SlackPlatform
from adapters.slack.payloads import Body, Click, Reaction, Submission, Who
from adapters.slack.people import People
from adapters.slack.views import modals, names
from adapters.slack.views.blocks import escape
from bot import texts
from bot.counting import Counter
from bot.dispatch import dispatch
from bot.domain.actors import Actor, require_same_team
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
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.ratings import QUALITY_LEVELS, RatingBy
from bot.errors import BotError, DomainError, PlatformError, RateLimitedError
from bot.notes import HOUR_S, Notes
from bot.ports import Ports
from bot.reconciling import look_again
from bot.reply import Reply
from bot.tasks import Tasks, in_time

log = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]
Respond = Callable[..., Awaitable[Any]]
View = dict[str, Any]

# Data that takes longer than this is waited for in a window that says so: a trigger lives three seconds.
DATA_S = 0.7
# What is left of that after the data: a longer wait would outlast the trigger.
TRIGGER_LEFT_S = 1.5
SHORTEST_WAIT_S = 5
TOO_MANY_WINDOWS = (
    "Slack opens only so many windows a minute, and yours was one too many. Click again in {} seconds."
)
USED = frozenset({"exchanged_trigger_id", "trigger_exchanged"})
STILL_SAVING = "Your opinion has arrived and is being kept. This window says when it is done."


@dataclass
class Desk:
    """Everything that answering needs; one for a process."""

    ports: Ports
    clients: Clients
    platform: SlackPlatform
    people: People
    notes: Notes
    counter: Counter
    tasks: Tasks

    # -- people ----------------------------------------------------------------------------------

    async def actor(self, who: Who, d: Deliberation | None = None) -> Actor:
        """Who acts: with rights, for whatever is not everybody's."""
        channel = None if d is None else d.channel
        return await self.people.actor(who.team, who.user, channel=channel, name=who.name)

    async def participant(self, who: Who, d: Deliberation) -> Actor:
        """Who takes part: asks Slack no more than the question needs, for there may be hundreds at once."""
        if d.terms.anonymous and not (d.terms.exclude_guests or d.terms.rated_in_public):
            member = await self.people.is_member(who.team, d.channel, who.user)
            return Actor(who.team, who.user, member=member)
        return await self.people.participant(d, who.user, name=who.name)

    async def deliberation(self, who: Who, id_: str) -> Deliberation:
        """A question of this workspace. Raises UnknownDeliberationError for any other."""
        d = await self.ports.store.load(id_)
        require_same_team(Actor(who.team, who.user), d)
        return d

    async def at(self, what: str, given: datetime | None = None) -> datetime:
        """When somebody acted: as Slack says, or as the first gateway noted that saw it."""
        if given is not None:
            return given
        now = self.ports.clock.now().isoformat()
        return datetime.fromisoformat(await self.notes.first(f"came {what}", now, for_s=HOUR_S))

    async def once(self, what: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
        """Act, unless a copy of the same payload did: then its answer again. What was refused is tried again.

        For acts that would not be the same the second time: closing what is open, a deadline in words.
        """
        name = f"did {what}"
        told = await self.notes.get(name)
        if told is not None:
            return Reply(told)
        reply = await act()
        if reply.ok:
            await self.notes.put(name, reply.text, for_s=HOUR_S)
        return reply

    async def run(self, command: Command) -> Reply:
        """Dispatch."""
        return await dispatch(command, self.ports)

    # -- windows ---------------------------------------------------------------------------------

    async def open(
        self,
        who: Who,
        trigger: str,
        make: Coroutine[Any, Any, View],
        *,
        push: bool = False,
        respond: Respond | None = None,
    ) -> None:
        """Open a window within the trigger's life, with its data or before it.

        respond: tells this person where they clicked that it did not open; else they are written to.
        """
        made = self.tasks.start(_or_notice(make))
        quick = await in_time(made, DATA_S)
        view = made.result() if quick else modals.loading_view("Accord")
        try:
            opened = await self._opened(who, trigger, view, push=push)
        except BotError as exc:
            await self._not_opened(who, exc, respond)
            return
        if not quick:
            await self.show(who, opened["view"]["id"], await made)

    async def _opened(self, who: Who, trigger: str, view: View, *, push: bool) -> dict[str, Any]:
        """Slack's answer; where it asks to wait no longer than the trigger lives, after that."""
        method = "views_push" if push else "views_open"
        try:
            return await self.clients.call(who.team, method, trigger_id=trigger, view=view)
        except RateLimitedError as exc:
            if exc.retry_after_s > TRIGGER_LEFT_S:
                raise
            await asyncio.sleep(exc.retry_after_s)
        return await self.clients.call(who.team, method, trigger_id=trigger, view=view)

    async def _not_opened(self, who: Who, problem: BotError, respond: Respond | None) -> None:
        """A second copy of a click finds its window open already; anything else is told."""
        code = getattr(problem, "code", "")
        log.info("a window did not open (%s)", code or type(problem).__name__)
        if code in USED:
            return
        told = sentence(problem)
        if isinstance(problem, RateLimitedError):
            told = TOO_MANY_WINDOWS.format(max(SHORTEST_WAIT_S, math.ceil(problem.retry_after_s)))
        if respond is not None:
            # Of such answers Slack takes as many as there are clicks: in a crowd everybody gets one.
            await respond(text=escape(told), response_type="ephemeral", replace_original=False)
            return
        try:
            await self.platform.write(who.team, who.user, told)
        except BotError:
            log.warning("a window did not open, and that could not be told", exc_info=True)

    async def show(self, who: Who, view_id: str, view: View) -> bool:
        """Put another view in a window's place. False where that failed: it may have been closed."""
        try:
            await self.clients.call(who.team, "views_update", view_id=view_id, view=view)
        except BotError as exc:
            log.info("a window could not be changed (%s)", type(exc).__name__)
            return False
        return True

    async def came_of(self, submitted: Submission, reply: Reply, title: str = "Accord") -> None:
        """Say late in a window what became of it. A refusal has to be heard, with what was written."""
        view = modals.notice_view(reply.text, title)
        if not reply.ok:
            view = modals.refused_view(reply.text, submitted.written, title)
        if await self.show(submitted.who, submitted.own_view_id, view) or reply.ok:
            return
        try:
            await self.platform.write_notice(submitted.who.team, submitted.who.user, view)
        except BotError:
            log.warning("a refusal reached nobody: the window is closed", exc_info=True)


def sentence(error: BotError) -> str:
    """What a person is told of an error."""
    return str(error) if isinstance(error, DomainError | PlatformError) else texts.STORE_UNREACHABLE


async def _or_notice(make: Coroutine[Any, Any, View]) -> View:
    """A refusal is a window too."""
    try:
        return await make
    except DomainError as exc:
        return modals.notice_view(str(exc))
    except BotError:
        log.warning("a window has no data", exc_info=True)
        return modals.notice_view(texts.STORE_UNREACHABLE)


class Inbound:
    """Taking part: opinions, ratings, reactions, reminders. Steering and asking are in `commands`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -- opinions --------------------------------------------------------------------------------

    async def share(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Share your opinion"."""
        await ack()
        click = payloads.click(body)
        view = self._opinion_view(click.who, click.value)
        await self._desk.open(click.who, click.trigger, view, respond=respond)

    async def _opinion_view(self, who: Who, id_: str) -> View:
        d = await self._desk.deliberation(who, id_)
        participant = self._desk.ports.pseudonyms.of(d.team, who.user, d.id)
        own = await self._desk.ports.store.opinion(d.id, participant)
        try:
            d.require_open_for_opinions(self._desk.ports.clock.now())
        except DomainError as exc:
            return modals.closed_view(d, str(exc), own.text if own else "")
        baseline = await self._desk.ports.store.baseline(d.id, participant)
        member = self._desk.ports.pseudonyms.of_member(d.team, who.user)
        return modals.opinion_view(
            d,
            own.text if own else "",
            baseline=baseline.value if baseline else None,
            may_learn=own.consent if own else await self._desk.ports.store.may_learn_from(d.team, member),
        )

    async def opinion_submitted(self, ack: Ack, body: Body) -> None:
        """The opinion's window was submitted: keep it, or say in place what is wrong."""
        submitted = payloads.submission(body)
        kept = self._desk.tasks.start(self._give(submitted))
        if not await in_time(kept):
            saving = modals.notice_view(STILL_SAVING, "Your opinion")
            await ack(response_action="update", view=saving)
            await self._desk.came_of(submitted, await kept, "Your opinion")
            return
        reply = kept.result()
        if reply.ok:
            await ack(response_action="update", view=modals.notice_view(reply.text, "Your opinion"))
        else:
            await ack(response_action="errors", errors={"opinion": reply.text})

    async def _give(self, submitted: Submission) -> Reply:
        desk, who, id_ = self._desk, submitted.who, str(submitted.about.get("id", ""))
        try:
            # Of several windows that one person has open, the one that was submitted last counts.
            at = await desk.at(f"opinion {who.team} {who.user} {submitted.trigger}")
            d = await desk.deliberation(who, id_)
            actor = await desk.participant(who, d)
        except BotError as exc:
            return _not_yet("an opinion", exc)
        typed = submitted.typed
        if step := typed.get(names.BASELINE):
            reply = await desk.run(RateBaseline(actor, id_, int(step), at=at))
            if not reply.ok:
                return reply
        # A window without the box says nothing about it.
        consent = bool(typed[names.LEARN]) if names.LEARN in typed else None
        reply = await desk.run(GiveOpinion(actor, id_, typed.get("opinion", ""), at, consent))
        if reply.ok:
            desk.counter.changed(id_)
        return reply

    async def withdraw(self, ack: Ack, body: Body) -> None:
        """The button "Withdraw my opinion" in one's own window."""
        await ack()
        click = payloads.click(body)
        reply = await self._act(click, lambda actor, at: WithdrawOpinion(actor, click.value, at=at))
        if reply.ok:
            self._desk.counter.changed(click.value)
        await self._desk.show(click.who, click.view_id, modals.notice_view(reply.text, "Your opinion"))

    async def how(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "How this works"."""
        await ack()
        click = payloads.click(body)
        await self._desk.open(click.who, click.trigger, self._how(click), respond=respond)

    async def _how(self, click: Click) -> View:
        return modals.how_view(await self._desk.deliberation(click.who, click.value) if click.value else None)

    # -- ratings ---------------------------------------------------------------------------------

    async def rate(self, ack: Ack, body: Body, respond: Respond) -> None:
        """A private rating button; the answer is seen by this person only."""
        click = payloads.click(body)
        value = int(click.choice) if click.choice.isdigit() and len(click.choice) == 1 else 0
        kept = self._desk.tasks.start(
            self._act(click, lambda actor, at: CastRating(actor, click.value, value=value, at=at))
        )
        await in_time(kept)
        await ack()
        reply = await kept
        await self._answer(respond, f"{reply.text} {_chosen(reply, value)}".strip())

    async def unrate(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button that takes one's rating back."""
        await ack()
        click = payloads.click(body)
        reply = await self._act(click, lambda actor, at: WithdrawRating(actor, click.value, at=at))
        await self._answer(respond, reply.text)

    async def quality(self, ack: Ack, body: Body, respond: Respond) -> None:
        """A step of the quality scale was chosen beside the statement."""
        click = payloads.click(body)
        kept = self._desk.tasks.start(self._give_quality(click))
        await in_time(kept)
        await ack()
        await self._answer(respond, (await kept).text)

    async def _give_quality(self, click: Click) -> Reply:
        """Keep it with this person's agreement; whichever of two choices was made last counts."""
        desk, id_ = self._desk, click.choice
        try:
            d = await desk.deliberation(click.who, id_)
            actor = await desk.participant(click.who, d)
            at = await desk.at(f"click {click.trigger}", click.at)
            d.require_open_for_ratings(at)
            participant = desk.ports.pseudonyms.of(d.team, actor.user, d.id)
            own = await desk.ports.store.rating(d.id, d.round, participant)
            if own is None:
                return Reply(texts.QUALITY_NEEDS_RATING, ok=False)
            newest = f"quality {d.id} {d.round} {participant}"
            if (await desk.notes.get(newest) or "") > at.isoformat():
                return Reply(texts.RATING_KEPT)
            await desk.notes.put(newest, at.isoformat(), for_s=HOUR_S)
        except BotError as exc:
            return _not_yet("a click", exc)
        step = next((level for level in QUALITY_LEVELS if str(level.value) == click.value), None)
        # Hardly later than the agreement that it goes with: one that was given since and comes late wins.
        command = CastRating(
            actor,
            d.id,
            value=own.value,
            at=own.given_at + timedelta(microseconds=1),
            quality=step.value if step else 0,
            round=d.round,
        )
        reply = await desk.run(command)
        return Reply(texts.QUALITY_KEPT.format(step.label.lower())) if reply.ok and step else reply

    async def retry(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Try again" on a failed drafting."""
        await ack()
        click = payloads.click(body)
        reply = await self._desk.run(RetryMediation(await self._desk.actor(click.who), click.value))
        await self._answer(respond, reply.text)

    async def _act(self, click: Click, command: Callable[[Actor, datetime], Command]) -> Reply:
        desk = self._desk
        try:
            d = await desk.deliberation(click.who, click.value)
            actor = await desk.participant(click.who, d)
            at = await desk.at(f"click {click.trigger}", click.at)
        except BotError as exc:
            return _not_yet("a click", exc)
        return await desk.run(command(actor, at))

    # -- reminders -------------------------------------------------------------------------------

    async def stop_reminders(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Stop reminding me", or its opposite."""
        await ack()
        click = payloads.click(body)
        actor = Actor(click.who.team, click.who.user)
        on = click.name == names.START_REMINDERS
        try:
            at = await self._desk.at(f"click {click.trigger}", click.at)
        except BotError:
            log.warning("a wish about reminders could not be kept", exc_info=True)
            await self._answer(respond, texts.STORE_UNREACHABLE)
            return
        await self._answer(respond, (await self._desk.run(SetReminders(actor, on=on, at=at))).text)

    async def _answer(self, respond: Respond, text: str) -> None:
        await respond(text=escape(text), response_type="ephemeral", replace_original=False)

    # -- reactions -------------------------------------------------------------------------------

    async def reacted(
        self,
        body: Body,
        next: Callable[[], Awaitable[Any]],
    ) -> BoltResponse | None:
        """A reaction came or went: kept before Slack is told so, or not acknowledged and sent again."""
        reaction = payloads.reaction(body)
        if reaction is not None:
            kept = self._desk.tasks.start(self._count_reaction(reaction))
            if await in_time(kept) and not kept.result():
                return BoltResponse(status=503, body="try again")
        await next()
        return None

    async def _count_reaction(self, reaction: Reaction) -> bool:
        """False when it should be sent again."""
        try:
            command = await self._rating(reaction)
        except BotError:
            log.warning("a reaction could not be kept; it is sent again", exc_info=True)
            return False
        if command is None:
            return True
        reply = await self._desk.run(command)
        if isinstance(command, WithdrawRating) and reply.ok:
            self._desk.tasks.start(look_again(command.deliberation_id, self._desk.ports))
        return not reply.retryable

    async def _rating(self, reaction: Reaction) -> Command | None:
        """What a reaction means; None for one that is no rating."""
        desk, who = self._desk, reaction.who
        seen = MessageRef(channel=reaction.channel, message=reaction.message)
        message = await desk.platform.came_from(seen)
        d = await desk.ports.store.of_message(PLATFORM, message)
        if d is None or d.team != who.team or d.terms.rating_by is not RatingBy.REACTIONS:
            return None
        round_, value = d.round_of(message), d.terms.value_of(reaction.emoji)
        bot = await desk.clients.bot(who.team, who.enterprise)
        if round_ is None or value is None or who.user == bot.user:
            return None
        actor = await desk.participant(who, d)
        at = reaction.at or desk.ports.clock.now()
        if reaction.added:
            return CastRating(actor, d.id, value=value, at=at, round=round_)
        return WithdrawRating(actor, d.id, at=at, value=value, round=round_)


def _not_yet(what: str, error: BotError) -> Reply:
    if not isinstance(error, DomainError):
        log.warning("%s could not be kept", what, exc_info=True)
    return Reply(sentence(error), ok=False, retryable=not isinstance(error, DomainError))


def _chosen(reply: Reply, value: int) -> str:
    if not reply.ok or reply.deliberation is None:
        return ""
    levels = reply.deliberation.terms.levels
    return next((f"{level.emoji} {level.label}." for level in levels if level.value == value), "")
