"""What members do in Slack: from a payload to `bot.chat`, and to an answer.

Reads:  payloads, parsed by `payloads`.
Gives:  answers in the window or next to the message where somebody acted.
Every payload may come twice, late, out of order and at any gateway; `bot.chat` sees to that. What members
give is kept before Slack is told that it arrived, unless that takes longer than Slack waits: then it goes on,
and the window says so. An event that could not be kept is not acknowledged: Slack sends it again.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.response import BoltResponse

from adapters.slack import payloads
from adapters.slack.clients import Clients
from adapters.slack.config import PLATFORM
from adapters.slack.outbound import SlackPlatform
from adapters.slack.payloads import Body, Click, Reaction, Submission, Who
from adapters.slack.people import People
from adapters.slack.views import cards, modals, names
from adapters.slack.views.blocks import escape
from bot.chat import steering
from bot.chat.answer_counter import Counter
from bot.chat.copies import Copies
from bot.chat.notes import Notes
from bot.chat.posted_messages import Whereabouts
from bot.chat.public_votes import PublicVotes, Vote
from bot.chat.rehearsals import Rehearsals
from bot.chat.taking_part import Act, TakingPart
from bot.chat.tasks import Tasks, in_time
from bot.domain.actors import NOT_IN_CHANNEL, Actor
from bot.domain.commands import Command
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.errors import BotError, DomainError, PlatformError, RateLimitedError
from bot.domain.ratings import RatingBy, step_of
from bot.domain.rounds import round_named
from bot.service.access import load_visible
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.queries import how_it_works
from bot.service.reply import Reply
from bot.wording import answers, buttons, jury_lines, texts
from bot.wording.language import _, explained

log = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]
Respond = Callable[..., Awaitable[Any]]
View = dict[str, Any]

# Data that takes longer than this is waited for in a window that says so: a trigger lives three seconds.
DATA_S = 0.7
# What is left of that after the data: a longer wait would outlast the trigger.
TRIGGER_LEFT_S = 1.5
SHORTEST_WAIT_S = 5
USED = frozenset({"exchanged_trigger_id", "trigger_exchanged"})


@dataclass
class InteractionContext:
    """Everything that answering needs; one for a process.

    rehearsals: questions that are tried out with simulated members; None where they cannot be.
    """

    ports: Ports
    clients: Clients
    platform: SlackPlatform
    people: People
    notes: Notes
    counter: Counter
    tasks: Tasks
    rehearsals: Rehearsals | None = None

    @property
    def copies(self) -> Copies:
        """What is known of payloads that came before."""
        return Copies(self.notes, self.ports.clock)

    # -- people ----------------------------------------------------------------------------------

    async def actor(self, who: Who) -> Actor:
        """Who acts: with rights, for whatever is not everybody's."""
        return await self.people.actor(who.team, who.user, name=who.name, channel=who.channel)

    async def participant(self, who: Who, d: Deliberation) -> Actor:
        """Who takes part: asks Slack no more than the question needs, for there may be hundreds at once."""
        if d.terms.anonymous and not (d.terms.exclude_guests or d.terms.rated_in_public):
            member = await self.people.belongs(d, who.user, who.channel)
            groups = await self.people.groups(d, who.user)
            return Actor(who.team, who.user, member=member, groups=groups, channel=who.channel)
        return await self.people.participant(d, who.user, name=who.name, channel=who.channel)

    async def deliberation(self, who: Who, id_: str) -> Deliberation:
        """A question that this person may see. Raises UnknownDeliberationError for any other."""
        return await load_visible(Actor(who.team, who.user, channel=who.channel), id_, self.ports)

    async def at(self, what: str, given: datetime | None = None) -> datetime:
        """When somebody acted: as Slack says, or as the first gateway noted that saw it."""
        return given or await self.copies.came_at(what)

    async def run(self, command: Command) -> Reply:
        """Dispatch."""
        return await dispatch(command, self.ports)

    def act(self, who: Who, id_: str, copy: str, at: datetime | None = None) -> Act:
        """What somebody does to a question; copy: as in `Act`."""
        return Act(who.team, who.user, id_, partial(self.participant, who), at, copy, who.channel)

    def clicked(self, click: Click, id_: str = "") -> Act:
        """The same for a click, of which Slack says when it was."""
        return self.act(click.who, id_ or click.value, f"click {click.trigger}", click.at)

    async def outside(self, who: Who, d: Deliberation) -> str:
        """Why somebody gives nothing who sees a public channel without being in it; empty for others.

        What is sent from a window says no channel, so there they would read that there is no such question.
        """
        try:
            inside = await self.people.belongs(d, who.user, who.channel)
        except PlatformError as exc:
            log.info("a window opens unchecked (%s)", type(exc).__name__)
            return ""
        return "" if inside else _(NOT_IN_CHANNEL)

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
            told = answers.too_many_windows(max(SHORTEST_WAIT_S, math.ceil(problem.retry_after_s)))
        if respond is not None:
            # Of such answers Slack takes as many as there are clicks: in a crowd everybody gets one.
            await respond(text=escape(told), response_type="ephemeral", replace_original=False)
            return
        try:
            await self.platform.write(who.team, who.user, told)
        except BotError:
            log.warning("a window did not open, and that could not be told", exc_info=True)

    async def old_button(self, ack: Ack, body: Body) -> None:
        """A button that no version knows, or not this one."""
        await ack()
        await self.tell_old_button(body)

    async def tell_old_button(self, body: Body) -> None:
        """Say so in a window, over the one that has the button."""
        click, in_window = payloads.click(body), (body.get("view") or {}).get("type") == "modal"
        await self.open(click.who, click.trigger, _old_button(), push=in_window)

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
    return Reply.refusing(error).text


async def _old_button() -> View:
    return modals.notice_view(answers.OLD_BUTTON)


async def _or_notice(make: Coroutine[Any, Any, View]) -> View:
    """A refusal is a window too."""
    try:
        return await make
    except DomainError as exc:
        return modals.notice_view(explained(exc))
    except BotError:
        log.warning("a window has no data", exc_info=True)
        return modals.notice_view(texts.STORE_UNREACHABLE)


def _consent(typed: Mapping[str, str]) -> bool | None:
    """A window without the box says nothing about it."""
    return bool(typed[names.LEARN]) if names.LEARN in typed else None


@dataclass(frozen=True)
class Written:
    """What somebody writes in a window: its input, its title, and what is said while it is still kept."""

    field: str
    title: str
    saving: str


OPINION = Written("opinion", buttons.YOUR_OPINION, texts.STILL_SAVING)
REASON = Written("reason", buttons.YOUR_REASON, texts.STILL_SAVING_REASON)


class Inbound:
    """Taking part: opinions, ratings, reasons, reactions, reminders. Steering is in `slash_commands`."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._part = TakingPart(shared.ports, shared.copies, shared.counter.changed)
        self._votes = PublicVotes(shared.ports, Whereabouts(shared.notes), shared.counter, shared.tasks)

    # -- opinions --------------------------------------------------------------------------------

    async def share(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Share your opinion"."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._opinion_view(click), respond=respond)

    async def _opinion_view(self, click: Click) -> View:
        form = await self._part.opinion_form(self._shared.clicked(click))
        d, own = form.deliberation, form.own
        # Whoever has left the channel takes back what is theirs from here, too.
        outside = "" if own.opinion else await self._shared.outside(click.who, d)
        if closed := form.closed or outside:
            return modals.closed_view(d, closed, own.text)
        return modals.opinion_view(
            d,
            own.text,
            baseline=own.baseline,
            may_learn=own.may_learn,
            step_goes=own.step_goes,
            notice=form.notice,
            known=own.known,
        )

    async def opinion_submitted(self, ack: Ack, body: Body) -> None:
        """The opinion's window was submitted: keep it, or say in place what is wrong."""
        submitted = payloads.submission(body)
        await self._submitted(ack, submitted, self._give(submitted), OPINION)

    async def _submitted(
        self, ack: Ack, submitted: Submission, giving: Coroutine[Any, Any, Reply], what: Written
    ) -> None:
        kept = self._shared.tasks.start(giving)
        if not await in_time(kept):
            await ack(response_action="update", view=modals.notice_view(what.saving, what.title))
            await self._shared.came_of(submitted, await kept, what.title)
            return
        reply = kept.result()
        if reply.ok:
            await ack(response_action="update", view=modals.notice_view(reply.text, what.title))
        else:
            await ack(response_action="errors", errors={what.field: reply.text})

    async def _give(self, submitted: Submission) -> Reply:
        who, typed = submitted.who, submitted.typed
        # Of several windows that one person has open, the one that was submitted last counts. What is noted
        # of it names nobody: it has the very time of the opinion, and would tell whose that is.
        copy = f"opinion {who.team} {submitted.trigger}"
        return await self._part.give_opinion(
            self._shared.act(who, str(submitted.about.get("id", "")), copy),
            typed.get("opinion", ""),
            baseline=typed.get(names.BASELINE, ""),
            consent=_consent(typed),
            edition=str(submitted.about.get("edition", "")),
            about=jury_lines.answers(typed),
        )

    async def withdraw(self, ack: Ack, body: Body) -> None:
        """The button "Withdraw my opinion" in one's own window."""
        await ack()
        click = payloads.click(body)
        reply = await self._part.withdraw_opinion(self._shared.clicked(click))
        view = modals.notice_view(reply.text, buttons.YOUR_OPINION)
        if reply.ok and reply.text == texts.OPINION_WITHDRAWN:
            # A copy of the click finds nothing left to give back; the window that it came from says it too.
            typed = payloads.typed(body.get("view") or {})
            written = reply.given_back or typed.get("opinion", "")
            step = reply.given_back_step if reply.given_back else step_of(typed.get(names.BASELINE, ""))
            view = modals.given_back_view(reply.text, written, step)
        await self._shared.show(click.who, click.view_id, view)

    async def how(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "How this works"."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._how(click), respond=respond)

    async def _how(self, click: Click) -> View:
        of: Deliberation | str = click.who.team
        if click.value:
            of = await self._shared.deliberation(click.who, click.value)
        return modals.how_view(await how_it_works(of, self._shared.ports))

    # -- ratings ---------------------------------------------------------------------------------

    async def rate(self, ack: Ack, body: Body, respond: Respond) -> None:
        """A private rating button; the answer is seen by this person only."""
        click = payloads.click(body)
        act, round_ = self._about_statement(click)
        kept = self._shared.tasks.start(self._part.rate(act, click.choice, round_=round_))
        await in_time(kept)
        await ack()
        reply, level = await kept
        told = texts.with_level(reply.text, level)
        found = await self._part.predicted(act, reply)
        told += f"\n{texts.PREDICTED_TITLE}: {found.whole}" if found else ""
        d = reply.deliberation
        if not reply.ok or d is None or d.phase is not Phase.RATING:
            await self._answer(respond, told)
            return
        shown = cards.rating_kept(told, d)
        await respond(**shown, response_type="ephemeral", replace_original=False)

    async def unrate(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button that takes one's rating back."""
        await ack()
        act, round_ = self._about_statement(payloads.click(body))
        reply = await self._part.withdraw_rating(act, round_=round_)
        await self._answer(respond, reply.text)

    async def quality(self, ack: Ack, body: Body, respond: Respond) -> None:
        """A step of the quality scale was chosen beside the statement."""
        click = payloads.click(body)
        # The question is in the menu's name here, and what was chosen in its value.
        act = self._shared.clicked(click, click.choice)
        step, round_ = names.read_round(click.value)
        kept = self._shared.tasks.start(self._part.rate_quality(act, step, round_=round_))
        await in_time(kept)
        await ack()
        await self._answer(respond, (await kept).text)

    async def compare(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The statement or the one before it was chosen in the menu beside it."""
        click = payloads.click(body)
        round_, _, chosen = click.value.partition(" ")
        # Named as the menu for quality is.
        act = self._shared.clicked(click, click.choice)
        kept = self._shared.tasks.start(self._part.compare(act, chosen, round_=round_named(round_)))
        await in_time(kept)
        await ack()
        await self._answer(respond, (await kept).text)

    # -- reasons ---------------------------------------------------------------------------------

    async def say_why(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Say why", beside the ratings and under the answer to one."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._reason_view(click), respond=respond)

    async def _reason_view(self, click: Click) -> View:
        act, round_ = self._about_statement(click)
        form = await self._part.reason_form(act, round_=round_)
        outside = "" if form.own else await self._shared.outside(click.who, form.deliberation)
        if closed := form.closed or outside:
            return modals.closed_view(form.deliberation, closed, form.text, REASON.title)
        return modals.reason_view(form)

    async def reason_submitted(self, ack: Ack, body: Body) -> None:
        """The reason's window was submitted: as for an opinion."""
        submitted = payloads.submission(body)
        await self._submitted(ack, submitted, self._give_reason(submitted), REASON)

    async def _give_reason(self, submitted: Submission) -> Reply:
        who, about, typed = submitted.who, submitted.about, submitted.typed
        # As for an opinion, it names nobody.
        act = self._shared.act(who, str(about.get("id", "")), f"reason {who.team} {submitted.trigger}")
        return await self._part.give_reason(
            act, typed.get(REASON.field, ""), consent=_consent(typed), round_=about.get("round")
        )

    async def withdraw_reason(self, ack: Ack, body: Body) -> None:
        """The button "Withdraw my reason" in one's own window; copies as for an opinion."""
        await ack()
        click, window = payloads.click(body), body.get("view") or {}
        round_ = payloads.about(window).get("round")
        reply = await self._part.withdraw_reason(self._shared.clicked(click), round_=round_)
        view = modals.notice_view(reply.text, REASON.title)
        if reply.ok and reply.text == texts.REASON_WITHDRAWN:
            written = reply.given_back or payloads.typed(window).get(REASON.field, "")
            view = modals.given_back_view(reply.text, written, title=REASON.title)
        await self._shared.show(click.who, click.view_id, view)

    # -- drafting --------------------------------------------------------------------------------

    async def retry(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Try again" on a failed drafting."""
        await ack()
        click = payloads.click(body)
        actor = await self._shared.actor(click.who)
        reply = await self._shared.run(steering.pressed("retry", actor, click.value))
        await self._answer(respond, reply.text)

    def _about_statement(self, click: Click) -> tuple[Act, int]:
        """What somebody does about a statement, and of which round that is."""
        id_, round_ = names.read_round(click.value)
        return self._shared.clicked(replace(click, value=id_)), round_

    # -- reminders -------------------------------------------------------------------------------

    async def stop_reminders(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Stop reminding me", or its opposite."""
        await ack()
        click = payloads.click(body)
        reply = await self._part.set_reminders(
            self._shared.clicked(click), on=click.name == names.START_REMINDERS
        )
        await self._answer(respond, reply.text)

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
            counted = self._shared.tasks.start(self._votes.count(self._vote(reaction)))
            if await in_time(counted) and (reply := counted.result()) is not None and reply.retryable:
                return BoltResponse(status=503, body="try again")
        await next()
        return None

    def _vote(self, reaction: Reaction) -> Vote:
        return Vote(
            platform=PLATFORM,
            team=reaction.who.team,
            message=MessageRef(channel=reaction.channel, message=reaction.message),
            by=RatingBy.REACTIONS,
            shown=lambda d: reaction.emoji,
            voter=lambda d: self._voter(reaction.who, d),
            added=reaction.added,
            at=reaction.at or self._shared.ports.clock.now(),
        )

    async def _voter(self, who: Who, d: Deliberation) -> Actor | None:
        ours = (await self._shared.clients.bot(who.team, who.enterprise)).user
        return None if who.user == ours else await self._shared.participant(who, d)
