"""What people can ask for. Plain frozen data; every command may arrive twice.

`at` is when the person acted, as their platform says: a late copy of an older act never undoes a newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.actors import Actor
from bot.domain.events import EventKind
from bot.domain.library import Template, Weekly
from bot.domain.likeness import Signing
from bot.domain.points import Side
from bot.domain.ratings import CHOSEN
from bot.domain.rounds import Preference
from bot.domain.team import Team
from bot.domain.terms import Terms


@dataclass(frozen=True)
class PostQuestion:
    """Ask a channel. The same `idempotency_key` from the same team gives the same deliberation.

    within: the channel that this one is a thread of, if it is one.
    """

    actor: Actor
    platform: str
    channel: str
    question: str
    idempotency_key: str
    within: str = ""
    context: str = ""
    terms: Terms = field(default_factory=Terms)
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class OnDeliberation:
    """A command about one deliberation."""

    actor: Actor
    deliberation_id: str


@dataclass(frozen=True)
class OfMember(OnDeliberation):
    """What a member gives or takes back.

    giver: who alone may change it, where others may come as the same actor (`Contributions`); empty where
        nobody else may, or whoever does may change it.
    """

    giver: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class GiveOpinion(OfMember):
    """Give an opinion, or put a new text in its place; all of this is saved, or nothing.

    consent: whether it may be learnt from; None leaves that as it was said before for this opinion; silence
        is no.
    baseline: agreement with the position statement, as in `RateBaseline`; None leaves what was said before.
    signing: how the actor came by their name, which matters where names are kept.
    edition: of the question, as it was read where this was written (`Deliberation.edition`).
    answers: what they said about themselves, by the place of each of `Terms.attributes`; None leaves what was
        said before.
    """

    text: str
    at: datetime
    consent: bool | None = None
    baseline: int | None = None
    signing: Signing = Signing.AS_KNOWN
    edition: int = 1
    answers: Mapping[int, str] | None = None


@dataclass(frozen=True)
class WithdrawOpinion(OfMember):
    """Take one's opinion back."""

    at: datetime


@dataclass(frozen=True)
class RateBaseline(OfMember):
    """Say only how far one agrees with the position statement before the deliberation, or change that.

    value: 1..7, on the seven-point scale whatever the statement is rated on.
    """

    value: int
    at: datetime


@dataclass(frozen=True)
class CloseOpinions(OnDeliberation):
    """Stop collecting opinions and draft."""


@dataclass(frozen=True)
class RetryMediation(OnDeliberation):
    """Draft once more after a failure."""


@dataclass(frozen=True)
class CastRating(OfMember):
    """Rate a statement, or change one's rating.

    round: the round of the statement that was rated, where the platform shows older ones too.
    quality: 1..7 where `terms.ask_quality`; None leaves what was said before.
    statement_id: which one, where a study has several.
    """

    value: int
    at: datetime
    round: int | None = None
    quality: int | None = None
    statement_id: str = CHOSEN


@dataclass(frozen=True)
class WithdrawRating(OfMember):
    """Take one's rating back.

    value: take it back only while it is this one: a reaction that was removed may not be the one that counts.
    """

    at: datetime
    value: int | None = None
    round: int | None = None
    statement_id: str = CHOSEN


@dataclass(frozen=True)
class GiveReason(OfMember):
    """Say why one rates the statement so, or what would make one agree; or put a new text in its place.

    round: as for `CastRating`. consent, signing: as for `GiveOpinion`.
    """

    text: str
    at: datetime
    round: int | None = None
    consent: bool | None = None
    signing: Signing = Signing.AS_KNOWN


@dataclass(frozen=True)
class WithdrawReason(OfMember):
    """Take one's reason back."""

    at: datetime
    round: int | None = None


@dataclass(frozen=True)
class Compare(OfMember):
    """Say whether one prefers the revised statement, the one before, or neither; or change that.

    round: that of the revised statement.
    """

    choice: Preference
    at: datetime
    round: int | None = None


@dataclass(frozen=True)
class CloseRating(OnDeliberation):
    """End the vote and settle, however few agree: only its deadline has it revised by the terms.

    round: that of the statement that was seen where this was chosen; None where none was shown.
    """

    round: int | None = None


@dataclass(frozen=True)
class KeepStatement(OnDeliberation):
    """Give up a further round that could not be drafted: the statement there is stays, and its vote.

    round: the one that was seen to have failed; None where none was shown.
    """

    round: int | None = None


@dataclass(frozen=True)
class Revise(OnDeliberation):
    """End the vote and draft another statement from what members say of this one.

    round: the round of the statement that was seen where this was chosen.
    """

    round: int


@dataclass(frozen=True)
class EndStudyVote(OnDeliberation):
    """End a study's vote if its whole group has rated all statements; sent after each member's ratings."""


@dataclass(frozen=True)
class Extend(OnDeliberation):
    """Move the deadline of the phase that is running.

    instead_of: the deadline that was shown where the new one was chosen (`Deliberation.deadline_shown`);
        empty where none was shown.
    """

    closes_at: datetime
    instead_of: str = ""


@dataclass(frozen=True)
class ChangeQuestion(OnDeliberation):
    """Put other words, background and terms in the place of a question's own, before anybody has answered.

    terms: None leaves them as they are. seen: the edition that was shown where these were typed; None where
        none was.
    """

    question: str
    context: str = ""
    terms: Terms | None = None
    seen: int | None = None


@dataclass(frozen=True)
class RemindNow(OnDeliberation):
    """Write to those who have not answered, or answered and have not rated, and who want reminders."""


@dataclass(frozen=True)
class Reopen(OnDeliberation):
    """Collect opinions again, until then, where no statement could be drafted from those that there are."""

    closes_at: datetime


@dataclass(frozen=True)
class Cancel(OnDeliberation):
    """End without a result.

    seen: the phase that was shown where this was confirmed; empty where none was.
    """

    seen: str = ""


@dataclass(frozen=True)
class ChangeResultLink(OnDeliberation):
    """Put another link to the result in the place of the present one, which ends; None: none any more.

    replaces: False makes one only where there is none, so that a second copy changes nothing.
    seen: `Deliberation.result_link_shown` as it was where this was chosen; empty where nothing was shown.
    """

    link: str | None
    replaces: bool = True
    seen: str = ""


@dataclass(frozen=True)
class RecordOutcome(OnDeliberation):
    """Keep what was decided after the vote, or that nothing was, in place of what was kept before.

    who: who does it, in words; member: or their id on the platform. by: the day by which; zone: whose day.
    """

    at: datetime
    decided: str = ""
    nothing: bool = False
    who: str = ""
    member: str = ""
    by: date | None = None
    zone: str = "UTC"
    how_it_went: str = ""


@dataclass(frozen=True)
class VoteOnPoint(OfMember):
    """Say something to a point, or something else."""

    point: str
    side: Side
    at: datetime


@dataclass(frozen=True)
class AddPoint(OfMember):
    """Add a point of one's own for everybody to vote on."""

    text: str
    at: datetime


@dataclass(frozen=True)
class MarkPointSpam(OfMember):
    """Say that a point is spam; several members hide it (`bot.domain.points.SPAM_MARKS`)."""

    point: str
    at: datetime


@dataclass(frozen=True)
class HidePoint(OnDeliberation):
    """Show a point to nobody any more."""

    point: str


@dataclass(frozen=True)
class ShowPoint(OnDeliberation):
    """Show a hidden point again, however many members mark it."""

    point: str


@dataclass(frozen=True)
class ForgetMe:
    """Erase everything that this person gave in their team up to `at`."""

    actor: Actor
    at: datetime


@dataclass(frozen=True)
class ChangeTeam:
    """Put a team's settings in place of the old ones.

    sure: somebody was asked whether what people wrote may be deleted earlier than they were told.
    """

    actor: Actor
    team: Team
    sure: bool = False


@dataclass(frozen=True)
class SetReminders:
    """Be reminded in this team, or not any more."""

    actor: Actor
    on: bool
    at: datetime


@dataclass(frozen=True)
class StopLearning:
    """Learn from nothing any more that somebody gave in this team: it is kept out, and records are erased.

    A yes is said with each opinion, and with nothing else.
    """

    actor: Actor


@dataclass(frozen=True)
class SaveTemplate:
    """Keep a question template, in place of the one of that name.

    instead_of: the one whose place it may take, as somebody was asked; any other is asked about anew.
    """

    actor: Actor
    template: Template
    instead_of: Template | None = None


@dataclass(frozen=True)
class RemoveTemplate:
    """Drop a question template."""

    actor: Actor
    name: str


@dataclass(frozen=True)
class ImportQuestions:
    """Add a CSV file's questions to the bank: all of them or none."""

    actor: Actor
    text: str


@dataclass(frozen=True)
class RemoveQuestion:
    """Take a question out of the bank."""

    actor: Actor
    question_id: str


@dataclass(frozen=True)
class AddSchedule:
    """Post a template's or the bank's questions once or weekly.

    closes_after: None where the template says how long opinions are collected; for the bank's, a day.
    The same `idempotency_key` from the same team gives the same schedule.
    """

    actor: Actor
    platform: str
    channel: str
    idempotency_key: str
    template: str | None = None
    once: datetime | None = None
    weekly: Weekly | None = None
    closes_after: timedelta | None = None


@dataclass(frozen=True)
class RemoveSchedule:
    """Post nothing more by this schedule."""

    actor: Actor
    schedule_id: str


@dataclass(frozen=True)
class AddWebhook:
    """Tell an address of these events. The same `idempotency_key` from the same team gives the same one.

    private: whether the people who run Accord allow addresses in private networks.
    """

    actor: Actor
    url: str
    kinds: frozenset[EventKind]
    idempotency_key: str
    private: bool = False


@dataclass(frozen=True)
class RemoveWebhook:
    """Tell this address nothing more."""

    actor: Actor
    webhook_id: str


@dataclass(frozen=True)
class SwitchOnWebhook:
    """Send again to a webhook that was switched off, for it answered that it was gone."""

    actor: Actor
    webhook_id: str


@dataclass(frozen=True)
class ReplayDeliveries:
    """Send again what could not be delivered; delivery_ids: None for all of it."""

    actor: Actor
    delivery_ids: frozenset[str] | None = None


Command = (
    PostQuestion
    | GiveOpinion
    | WithdrawOpinion
    | RateBaseline
    | CloseOpinions
    | RetryMediation
    | CastRating
    | WithdrawRating
    | GiveReason
    | WithdrawReason
    | Compare
    | CloseRating
    | KeepStatement
    | Revise
    | EndStudyVote
    | Extend
    | ChangeQuestion
    | RemindNow
    | Reopen
    | Cancel
    | ChangeResultLink
    | RecordOutcome
    | VoteOnPoint
    | AddPoint
    | MarkPointSpam
    | HidePoint
    | ShowPoint
    | ForgetMe
    | ChangeTeam
    | SetReminders
    | StopLearning
    | SaveTemplate
    | RemoveTemplate
    | ImportQuestions
    | RemoveQuestion
    | AddSchedule
    | RemoveSchedule
    | AddWebhook
    | RemoveWebhook
    | SwitchOnWebhook
    | ReplayDeliveries
)
