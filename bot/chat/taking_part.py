"""Taking part: opinions, ratings, reasons, reminders.

Reads:  what somebody did, as an adapter parsed it from its payload.
Gives:  commands, and what the adapter is to draw: a `Reply`, or what a window begins with.
Every act may come twice, late, out of order and at any gateway. So an act's time is the platform's; where the
platform tells none, it is that of the first copy. But for `opinion_form` and `reason_form` nothing here
raises: whatever goes wrong is a reply.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.chat.copies import Copies
from bot.domain.actors import Actor, require_member
from bot.domain.commands import (
    AddPoint,
    CastRating,
    Command,
    Compare,
    GiveOpinion,
    GiveReason,
    MarkPointSpam,
    SetReminders,
    VoteOnPoint,
    WithdrawOpinion,
    WithdrawRating,
    WithdrawReason,
)
from bot.domain.deliberation import Deliberation, Opinion, Reason
from bot.domain.errors import BotError, DomainError, PlatformError
from bot.domain.likeness import Signing
from bot.domain.model_notice import ModelNotice
from bot.domain.points import Point, Side
from bot.domain.ratings import Level, Rating, step_of
from bot.domain.rounds import Preference
from bot.service.access import require_sees
from bot.service.dispatch import dispatch
from bot.service.points import PointsView, VotedPoint, points_view
from bot.service.ports import Ports
from bot.service.queries import OwnAnswer, models_told, own_answer, own_reason, prediction_for
from bot.service.reply import Reply
from bot.service.studies import StepsGiven, rate_statements
from bot.service.transitions import hint_splitting
from bot.wording import point_lines, round_lines, texts
from bot.wording.cards import Prediction
from bot.wording.confirmations import Confirmation, withdrawing_opinion
from bot.wording.language import explained

log = logging.getLogger(__name__)

MOMENT = timedelta(microseconds=1)
SPAM = "spam"
"""What is chosen in a window of points, in place of a vote, for one that is spam."""

# Told of each question of which another count is to be shown.
Changed = Callable[[str], None]
MakeCommand = Callable[[Actor, datetime], Command]
OwnGift = Callable[[Deliberation, str], Awaitable[Opinion | Rating | Reason | None]]


@dataclass(frozen=True)
class Act:
    """What somebody did to a question.

    team: None where the platform does not say, as in a direct message: then it is the question's.
    participant: who this is in a question, with whatever the platform knows; it may raise PlatformError.
    channel: where, as the platform says; empty where it was in no channel.
    giver: as commands have it (`bot.domain.commands.OfMember`).
    at: when; None where the platform does not say.
    copy: the same for every copy of this act and for no other, where there is no time.
    """

    team: str | None
    user: str
    deliberation_id: str
    participant: Callable[[Deliberation], Awaitable[Actor]]
    at: datetime | None = None
    copy: str = ""
    channel: str = ""
    giver: str = ""

    async def themselves(self, deliberation: Deliberation) -> Actor:
        """Who this is for what everybody may do: take back what is theirs. Asks the platform nothing."""
        team = deliberation.team if self.team is None else self.team
        return Actor(team, self.user, channel=self.channel)


@dataclass(frozen=True)
class OpinionForm:
    """What an opinion's window begins with.

    closed: why this person can give no opinion now; empty while they can.
    notice: which AI models read it; None where no worker has told yet.
    """

    deliberation: Deliberation
    own: OwnAnswer
    closed: str
    notice: ModelNotice | None


@dataclass(frozen=True)
class ReasonForm:
    """What a reason's window begins with; its field is that of `Form.REASON` in `bot.wording.fields`.

    own: what this person has said so far. closed: why they can say nothing now; empty while they can.
    notice: which AI models may read it (`bot.wording.texts.reason_notes`).
    """

    deliberation: Deliberation
    own: Reason | None
    closed: str
    notice: ModelNotice | None

    @property
    def text(self) -> str:
        """Their reason's words; empty where they gave none."""
        return self.own.text if self.own else ""

    @property
    def may_learn(self) -> bool:
        """What they said about learning from it; no until they said yes."""
        return self.own is not None and self.own.consent


@dataclass(frozen=True)
class PointsForm:
    """What a window begins with in which somebody votes on several points.

    view: all that they see of the question's points. closed: why they can vote on none now; empty while they
    can. at: the first, in their order, of those that they voted on before and look at again; None where the
    points are new to them. most: how many the window shows.
    """

    view: PointsView
    closed: str
    at: int | None
    most: int

    @property
    def shown(self) -> Sequence[tuple[Point, Side | None]]:
        """The points of this window, each with what they said to it."""
        if self.at is None:
            return [(each, None) for each in self.view.upcoming]
        return [(each.point, each.side) for each in self.view.voted[self.at : self.at + self.most]]

    @property
    def following(self) -> int | None:
        """As `at`, for the window after this one; the last is followed by new points."""
        if self.at is None or self.at + self.most >= len(self.view.voted):
            return None
        return self.at + self.most

    def said(self, points: Collection[str]) -> Sequence[VotedPoint]:
        """What they said to these, and how others did as far as that is shown."""
        return [each for each in self.view.voted if each.point.id in points]


def no_card(deliberation_id: str) -> None:
    """Where no card stands that a count would have to be shown on."""


class TakingPart:
    """One for a platform's gateway, or for the web's."""

    def __init__(self, ports: Ports, copies: Copies, changed: Changed) -> None:
        self._ports = ports
        self._copies = copies
        self._changed = changed

    # -- opinions --------------------------------------------------------------------------------

    async def opinion_form(self, act: Act) -> OpinionForm:
        """What this person has said so far, to be changed. Raises BotError."""
        d = await self._question(act)
        own, notice = await own_answer(act.user, d, self._ports), await models_told(d, self._ports)
        return OpinionForm(d, own, await self._why_closed(act, d, d.require_open_for_opinions), notice)

    async def _why_closed(self, act: Act, d: Deliberation, require_open: Callable[[datetime], None]) -> str:
        try:
            require_open(self._ports.clock.now())
            if d.terms.excluded_roles or d.terms.exclude_guests:
                require_member(await act.participant(d), d)
        except DomainError as exc:
            return explained(exc)
        except PlatformError as exc:
            # Nobody is kept from writing by what the platform does not say; it is looked at again on sending.
            log.info("a window opens unchecked (%s)", type(exc).__name__)
        return ""

    async def give_opinion(
        self,
        act: Act,
        text: str,
        *,
        baseline: str = "",
        consent: bool | None = None,
        signing: Signing = Signing.AS_KNOWN,
        edition: str = "",
        about: Mapping[int, str] | None = None,
    ) -> Reply:
        """Keep an opinion with what was said next to it.

        baseline: the step that was chosen, if any. consent: None where it was not asked for.
        signing: how the person came by their name.
        about: what they answered about themselves, by the question's place; None where nothing was asked.
        edition: of the question, as the form carried it; what was drawn before forms did has the first.
        """
        chosen, read = step_of(baseline), int(edition) if edition.isdecimal() else 1

        def command(actor: Actor, at: datetime) -> Command:
            return GiveOpinion(
                actor, act.deliberation_id, text, at, consent, chosen, signing, read, about, giver=act.giver
            )

        return await self._counted(act, await self._run(act, command))

    async def withdrawing(self, act: Act) -> Confirmation:
        """What this person is asked before their opinion is taken back. Raises BotError."""
        d = await self._ports.deliberations.load(act.deliberation_id)
        own = await own_answer(act.user, d, self._ports)
        return withdrawing_opinion(step_goes=own.step_goes, points_go=d.terms.points)

    async def withdraw_opinion(self, act: Act) -> Reply:
        """Take this person's opinion back."""

        async def own(d: Deliberation, participant: str) -> Opinion | None:
            return await self._ports.contributions.opinion(d.id, participant)

        def command(actor: Actor, at: datetime) -> Command:
            return WithdrawOpinion(actor, act.deliberation_id, at, giver=act.giver)

        reply = await self._take_back(act, command, own, texts.NO_OPINION)
        return await self._counted(act, reply)

    async def _counted(self, act: Act, reply: Reply) -> Reply:
        if reply.ok:
            self._changed(act.deliberation_id)
        return reply

    # -- ratings ---------------------------------------------------------------------------------

    async def rate(
        self, act: Act, chosen: str, *, quality: str = "", round_: int | None = None
    ) -> tuple[Reply, Level | None]:
        """Keep a rating; the step that is kept, to be shown.

        quality: how well it is worded, where that is asked with it; empty leaves it as it is.
        round_: whose statement was seen; a rating of one counts for no other.
        """
        value, worded = step_of(chosen) or 0, step_of(quality)

        def command(actor: Actor, at: datetime) -> Command:
            return CastRating(
                actor, act.deliberation_id, value, at, round=round_, quality=worded, giver=act.giver
            )

        reply = await self._run(act, command)
        reply = await self._counted(act, reply)
        d = reply.deliberation
        levels = () if d is None or not reply.ok else d.terms.levels
        return reply, next((level for level in levels if level.value == value), None)

    async def predicted(self, act: Act, reply: Reply) -> Prediction | None:
        """What was predicted, for somebody who has rated; None where there is nothing to tell."""
        if not reply.ok or reply.deliberation is None:
            return None
        try:
            return await prediction_for(act.user, reply.deliberation, self._ports)
        except BotError:
            log.warning("a prediction could not be read", exc_info=True)
            return None

    async def withdraw_rating(self, act: Act, *, round_: int | None = None) -> Reply:
        """Take this person's rating back; round_: as in `rate`."""

        async def own(d: Deliberation, participant: str) -> Rating | None:
            return await self._ports.contributions.rating(d.id, d.round, participant)

        def command(actor: Actor, at: datetime) -> Command:
            return WithdrawRating(actor, act.deliberation_id, at, round=round_, giver=act.giver)

        reply = await self._take_back(act, command, own, texts.NO_RATING)
        return await self._counted(act, reply)

    async def reason_form(self, act: Act, *, round_: int | None = None) -> ReasonForm:
        """What this person has said about the statement so far, to be changed. Raises BotError.

        round_: as in `rate`.
        """
        d = await self._question(act)
        own, notice = await own_reason(act.user, d, self._ports), await models_told(d, self._ports)

        def require_open(at: datetime) -> None:
            d.require_open_for_reasons(at)
            d.require_round(round_)

        return ReasonForm(d, own, await self._why_closed(act, d, require_open), notice)

    async def give_reason(
        self,
        act: Act,
        text: str,
        *,
        consent: bool | None = None,
        round_: int | None = None,
        signing: Signing = Signing.AS_KNOWN,
    ) -> Reply:
        """Keep why this person rates the statement as they do, or what would make them agree.

        consent, signing: as for an opinion. round_: whose statement the window showed, if it was kept.
        """

        def command(actor: Actor, at: datetime) -> Command:
            return GiveReason(actor, act.deliberation_id, text, at, round_, consent, signing, giver=act.giver)

        return await self._run(act, command)

    async def compare(self, act: Act, chosen: str, *, round_: int | None = None) -> Reply:
        """Say which statement one prefers; `chosen` as a button or a form says it."""
        if chosen not in list(Preference):
            return Reply(round_lines.PREFERENCE_NEEDED, ok=False)

        def command(actor: Actor, at: datetime) -> Command:
            return Compare(actor, act.deliberation_id, Preference(chosen), at, round_, giver=act.giver)

        return await self._run(act, command)

    async def withdraw_reason(self, act: Act, *, round_: int | None = None) -> Reply:
        """Take this person's reason back; `given_back` has its text."""

        async def own(d: Deliberation, participant: str) -> Reason | None:
            return await self._ports.contributions.reason(d.id, d.round, participant)

        def command(actor: Actor, at: datetime) -> Command:
            return WithdrawReason(actor, act.deliberation_id, at, round_, giver=act.giver)

        return await self._take_back(act, command, own, texts.NO_REASON)

    async def rate_quality(self, act: Act, chosen: str, *, round_: int | None = None) -> Reply:
        """Keep how well the statement is worded, next to this person's agreement; the last choice counts.

        round_: as in `rate`.
        """
        try:
            return await self._rate_quality(act, chosen, round_)
        except BotError as exc:
            return _refused(exc)

    async def _rate_quality(self, act: Act, chosen: str, round_: int | None) -> Reply:
        at, d = await self._time(act), await self._question(act)
        actor = await act.participant(d)
        d.require_open_for_ratings(at)
        d.require_round(round_)
        participant = self._ports.pseudonyms.of(d, actor.user)
        own = await self._ports.contributions.rating(d.id, d.round, participant)
        if own is None:
            return Reply(texts.QUALITY_NEEDS_RATING, ok=False)
        if not await self._copies.is_newest(f"quality {d.id} {d.round} {participant}", at):
            return Reply(texts.RATING_KEPT)
        return await self._keep_quality(act, actor, d, own, step_of(chosen) or 0)

    async def _keep_quality(
        self, act: Act, actor: Actor, d: Deliberation, own: Rating, quality: int
    ) -> Reply:
        # Hardly later than the agreement that it goes with: one that was given since and comes late wins.
        at = own.given_at + MOMENT
        command = CastRating(actor, d.id, own.value, at, round=d.round, quality=quality, giver=act.giver)
        reply = await dispatch(command, self._ports)
        return Reply(texts.quality_kept(quality)) if reply.ok else reply

    async def rate_statements(self, act: Act, chosen: Mapping[str, tuple[str, str]]) -> Reply:
        """Keep what was chosen for a study's statements: agreement and quality by the statement's id.

        A statement without an agreement is left as it is.
        """
        given = {
            each: StepsGiven(step_of(agreement) or 0, step_of(quality))
            for each, (agreement, quality) in chosen.items()
            if agreement
        }
        try:
            at, d = await self._time(act), await self._question(act)
            reply = await rate_statements(await act.participant(d), d.id, given, at, self._ports)
        except BotError as exc:
            return _refused(exc)
        return await self._counted(act, reply)

    # -- points to vote on -----------------------------------------------------------------------

    async def vote_on_point(self, act: Act, point: str, chosen: str) -> Reply:
        """Say something to a point; `chosen` as a button or a form says it."""
        if chosen not in list(Side):
            return Reply(point_lines.CHOOSE_SIDE, ok=False)

        def command(actor: Actor, at: datetime) -> Command:
            return VoteOnPoint(actor, act.deliberation_id, point, Side(chosen), at, giver=act.giver)

        return await self._run(act, command)

    async def points_form(self, act: Act, most: int, at: int | None = None) -> PointsForm:
        """The next points to vote on, or those from `at` on that they voted on. Raises BotError."""
        d = await self._question(act)
        view = await points_view(await act.themselves(d), d.id, self._ports, most=most)
        closed = await self._why_closed(act, d, d.require_open_for_points)
        if not closed and not view.any:
            # A job for what was written may have been lost.
            await hint_splitting(d, self._ports)
        return PointsForm(view, closed, at, most)

    async def vote_on_points(self, act: Act, chosen: Mapping[str, str]) -> Reply:
        """Say something to several points, by their ids; `SPAM` marks one, and "" leaves one as it is.

        One that is refused holds no other back; the reply says both.
        """
        given = {point: said for point, said in chosen.items() if said}
        if not given:
            return Reply(point_lines.CHOOSE_SIDE, ok=False)
        replies = [await self._say_of_point(act, point, said) for point, said in given.items()]
        failed = [each for each in replies if not each.ok]
        kept = [each for each in replies if each.ok]
        if not kept or any(each.retryable for each in failed):
            return failed[0]
        voted = sum(each.text == point_lines.VOTE_KEPT for each in kept)
        saved = [point_lines.VOTES_KEPT] if voted > 1 else []
        others = [each.text for each in [*kept, *failed] if not saved or each.text != point_lines.VOTE_KEPT]
        return replace(kept[0], text=" ".join(map(str, dict.fromkeys([*saved, *others]))))

    async def _say_of_point(self, act: Act, point: str, said: str) -> Reply:
        if said == SPAM:
            return await self.mark_point_spam(act, point)
        return await self.vote_on_point(act, point, said)

    async def add_point(self, act: Act, text: str) -> Reply:
        """Add a point of one's own."""

        def command(actor: Actor, at: datetime) -> Command:
            return AddPoint(actor, act.deliberation_id, text, at, giver=act.giver)

        return await self._run(act, command)

    async def mark_point_spam(self, act: Act, point: str) -> Reply:
        """Say that a point is spam."""

        def command(actor: Actor, at: datetime) -> Command:
            return MarkPointSpam(actor, act.deliberation_id, point, at, giver=act.giver)

        return await self._run(act, command)

    # -- reminders -------------------------------------------------------------------------------

    async def set_reminders(self, act: Act, *, on: bool) -> Reply:
        """Note whether this person wants to be reminded in this team."""
        try:
            team = (await self._question(act)).team if act.team is None else act.team
            at = await self._time(act)
        except BotError as exc:
            return _refused(exc)
        return await dispatch(SetReminders(Actor(team, act.user), on, at), self._ports)

    # -- inside ----------------------------------------------------------------------------------

    async def _run(self, act: Act, command: MakeCommand) -> Reply:
        try:
            at, d = await self._time(act), await self._question(act)
            actor = await act.participant(d)
        except BotError as exc:
            return _refused(exc)
        return await dispatch(command(actor, at), self._ports)

    async def _take_back(self, act: Act, command: MakeCommand, own: OwnGift, nothing: str) -> Reply:
        """What is theirs they take back from anywhere.

        own: what they have given. nothing: what they are told where that is nothing; the command runs all the
        same, as it may have overtaken what it takes back.
        """
        try:
            at = await self._time(act)
            d = await self._ports.deliberations.load(act.deliberation_id)
            actor = await act.themselves(d)
            participant = self._ports.pseudonyms.of(d, act.user)
            there = "something" if await own(d, participant) else ""
            # A copy finds it gone already, and has to be told the same.
            taken = f"{type(command(actor, at)).__name__} {d.id} {participant} {act.copy or at}"
            there = await self._copies.seen_first(taken, there)
        except BotError as exc:
            return _refused(exc)
        reply = await dispatch(command(actor, at), self._ports)
        return reply if there or not reply.ok else replace(reply, text=nothing)

    async def _question(self, act: Act) -> Deliberation:
        """The question, if this person may see it. Raises UnknownDeliberationError for any other."""
        d = await self._ports.deliberations.load(act.deliberation_id)
        await require_sees(await act.themselves(d), d, self._ports)
        return d

    async def _time(self, act: Act) -> datetime:
        return act.at or await self._copies.came_at(act.copy)


def _refused(error: BotError) -> Reply:
    if not isinstance(error, DomainError):
        log.warning("what a member did could not be kept yet", exc_info=True)
    return Reply.refusing(error)
