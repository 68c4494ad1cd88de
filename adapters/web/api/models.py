"""What goes in and out of the HTTP API, as pydantic models: parsed by them, and described from them.

Every field's docstring is its description in `/api/openapi.json`. Words for developers, so in English alone.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain.api_tokens import PARTICIPANT_PATTERN
from bot.domain.decision import DECISION_LIMIT, WHO_LIMIT
from bot.domain.deliberation import CONTEXT_LIMIT, OPINION_LIMIT, QUESTION_LIMIT, REASON_LIMIT, Phase
from bot.domain.juries import LABEL_LIMIT, VALUE_LIMIT
from bot.domain.library import NAME_LIMIT
from bot.domain.points import POINT_LIMIT, Side
from bot.domain.ratings import Scale
from bot.domain.rounds import Preference
from bot.domain.team import MOST_ROUNDS
from bot.domain.terms import POSITION_LIMIT
from engine.types import WelfareName

MOST_LISTED = 100
MOST_UPCOMING = 20
SHORT = 100
YEAR_MINUTES = 365 * 24 * 60


# defer_build: what reads and writes them is made at the first request, and most gateways never have one.


class In(BaseModel):
    """What comes in: nothing unknown, nothing taken for something else."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, defer_build=True
    )


class Typed(BaseModel):
    """What comes in an address, where everything is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, defer_build=True)


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
        defer_build=True,
    )


def _digits(said: object) -> object:
    """A number in an address is digits, and nothing else that Python reads as one."""
    if isinstance(said, str) and not (said.isascii() and said.isdigit()):
        raise ValueError
    return said


# -- addresses -----------------------------------------------------------------------------------

QuestionId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$", description="The question's id.")]
ParticipantId = Annotated[
    str,
    Field(
        pattern=PARTICIPANT_PATTERN,
        description="Your own id for one of your people, the same each time. It means nothing outside of "
        "your token: nobody else can be spoken for with it. Take no name and no address: an id "
        "that tells nobody who it is.",
    ),
]
LibraryId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$", description="The id, as the list says it.")]
Sure = Annotated[
    Literal["yes"] | None,
    Field(description="Say `yes` once the person has confirmed it; without it, the answer says what to ask."),
]


class Nothing(Typed):
    """No parameters."""


class OfQuestion(Typed):
    """One question."""

    question: QuestionId


class OfParticipant(Typed):
    """One of your people."""

    participant: ParticipantId


class OfBoth(Typed):
    """One of your people in one question."""

    question: QuestionId
    participant: ParticipantId


class OfPoint(OfBoth):
    """One point, for one of your people."""

    point: Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$", description="The point's id.")]


class OfTemplate(Typed):
    """One template."""

    template: LibraryId


class OfSchedule(Typed):
    """One schedule."""

    schedule: LibraryId


class Listing(Typed):
    """Which questions, and from where on."""

    state: Literal["running", "over"] | None = None
    """Only those that run, or only those that are over."""
    after: Annotated[str, Field(max_length=200)] = ""
    """The `next` of the page before; leave it out for the newest."""
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED), BeforeValidator(_digits)] = 25
    """How many at most."""


class HowMany(Typed):
    """How many points to vote on next."""

    limit: Annotated[int, Field(ge=1, le=MOST_UPCOMING), BeforeValidator(_digits)] = 1
    """How many at most."""


class Confirmed(Typed):
    """Whether somebody was asked."""

    sure: Sure = None


class Seen(Typed):
    """As whom."""

    participant: ParticipantId | None = None
    """Who will read it: one who has rated may see more. Leave it out for what everybody may see."""


# -- errors --------------------------------------------------------------------------------------


class Fault(Out):
    """One thing that is wrong with what was sent."""

    at: str
    """Where, such as `body.terms.quorum`."""
    said: str
    """What is wrong with it."""


class Problem(Out):
    """Why nothing was done (RFC 9457)."""

    type: str
    """An address that tells problems apart; `/api` says what each means."""
    title: str
    """What it is, in a few words."""
    status: int
    """The HTTP status."""
    detail: str
    """A sentence that you can show to the person."""
    errors: list[Fault] = Field(default_factory=list)
    """What is wrong where, when something cannot be read."""
    retryable: bool = False
    """Whether the same request may succeed in a moment."""
    asks: str | None = None
    """What to ask the person first; send the request again with `sure` once they said yes."""


# -- questions -----------------------------------------------------------------------------------


class WelfareIn(In):
    """How predicted agreement becomes one number for each draft."""

    name: WelfareName
    """The welfare function."""
    alpha: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None
    """Inequality aversion; for `isoelastic` alone."""


class TermsIn(In):
    """How a question is run. What is left out is as usual in the team."""

    anonymous: bool | None = None
    """Nobody sees who wrote what. Otherwise names are kept and shown, and people are told so before."""
    minimum_opinions: Annotated[int, Field(ge=2, le=10_000)] | None = None
    """With fewer at the close, no statement is written."""
    quorum: Annotated[int, Field(ge=2, le=100_000)] | None = None
    """So many opinions close the question early."""
    scale: Scale | None = None
    """The steps on which the statement is rated."""
    welfare: WelfareIn | None = None
    """By what the statement is chosen."""
    rating_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 60)] | None = None
    """How long the statement can be rated."""
    revise_below: Annotated[int, Field(ge=1, le=100)] | None = None
    """With fewer percent who agree, another round begins by itself."""
    most_rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS)] | None = None
    """How many rounds there are at most."""
    points: bool | None = None
    """Opinions are split into points that everybody votes on, on pages and in chats."""
    candidates: Annotated[int, Field(ge=2, le=64)] | None = None
    """How many statements are drafted."""
    position_statement: Annotated[str, Field(min_length=1, max_length=POSITION_LIMIT)] | None = None
    """A statement for or against, which people rate before they answer."""
    ask_quality: bool | None = None
    """People also rate how well the statement is worded."""
    jury: Annotated[str, Field(min_length=1, max_length=VALUE_LIMIT)] | None = None
    """The name of the team's jury whose agreement chooses the statement; null: everybody's."""


class QuestionIn(In):
    """A question to ask."""

    question: Annotated[str, Field(min_length=1, max_length=QUESTION_LIMIT)]
    """What is asked."""
    context: Annotated[str, Field(max_length=CONTEXT_LIMIT)] = ""
    """Background that people read."""
    opens_at: AwareDatetime | None = None
    """When it opens; at once if left out."""
    closes_at: AwareDatetime | None = None
    """When opinions close. Left out: as usual in the team. Null: when somebody closes it."""
    terms: TermsIn = Field(default_factory=TermsIn)
    """How it is run."""
    link: bool = False
    """Whether anybody with a link can answer on the web page, and other software for its people."""


class ChangeIn(In):
    """Other words and terms for a question that nobody has answered yet."""

    question: Annotated[str, Field(min_length=1, max_length=QUESTION_LIMIT)] | None = None
    """What is asked; as it is if left out."""
    context: Annotated[str, Field(max_length=CONTEXT_LIMIT)] | None = None
    """Background; as it is if left out."""
    terms: TermsIn = Field(default_factory=TermsIn)
    """What is left out stays as it is."""
    edition: Annotated[int, Field(ge=1, le=999_999)]
    """The question's `edition` as you showed it."""


class DeadlineIn(In):
    """Another deadline for what runs: opinions or the vote."""

    closes_at: AwareDatetime
    """When it closes instead."""


class CloseIn(In):
    """What is closed: opinions, or the vote."""

    closes: Literal["opinions", "vote"]
    """A copy that comes late closes nothing else."""
    sure: bool = False
    """Close the vote even though too few have rated for anything to be shown."""


class ReviseIn(In):
    """End the vote, and draft another statement from what people say of this one."""

    round: Annotated[int, Field(ge=1, le=100)]
    """The round of the statement as you showed it."""
    sure: bool = False
    """Say true once a person has confirmed it."""


class ReopenIn(In):
    """Until when opinions are collected again."""

    closes_at: AwareDatetime
    """When they close."""


class KeepIn(In):
    """Give up a further round that could not be drafted."""

    round: Annotated[int, Field(ge=2, le=100)]
    """The round that could not be drafted, as you showed it."""


class OutcomeIn(In):
    """What was decided after the vote, in place of what was recorded before."""

    decided: Annotated[str, Field(max_length=DECISION_LIMIT)] = ""
    """What was decided."""
    nothing: bool = False
    """Or that nothing was."""
    who: Annotated[str, Field(max_length=WHO_LIMIT)] = ""
    """Who does it, in words."""
    by: date | None = None
    """The day by which."""
    zone: Annotated[str, Field(min_length=1, max_length=SHORT)] = "UTC"
    """The time zone of that day, such as `Europe/Berlin`."""
    how_it_went: Annotated[str, Field(max_length=DECISION_LIMIT)] = ""
    """How it went, once something was decided."""


class CancelIn(In):
    """End a question without a result."""

    sure: bool = False
    """Say true once a person has confirmed it: it cannot be undone."""


class Jury(Out):
    """A jury with seats."""

    name: str
    """What it is called."""
    about: str
    """By which answer of people about themselves the seats are given."""
    seats: dict[str, int]
    """How many seats each answer has."""


class About(Out):
    """A question to people about themselves, which nobody has to answer."""

    label: str
    """What is asked, such as `Team`."""
    answers: list[str]
    """What can be answered."""


class TermsOut(Out):
    """How the question is run."""

    anonymous: bool
    """Whether nobody sees who wrote what."""
    minimum_opinions: int
    """With fewer at the close, no statement is written."""
    quorum: int | None
    """So many opinions close it early."""
    scale: Scale
    """The steps on which the statement is rated."""
    welfare: WelfareName
    """By what the statement is chosen."""
    alpha: float | None
    """Inequality aversion; null where it is infinite."""
    rating_minutes: int
    """How long the statement can be rated."""
    revise_below: int | None
    """With fewer percent who agree, another round begins by itself."""
    most_rounds: int
    """How many rounds there are at most."""
    points: bool
    """Whether opinions are split into points to vote on."""
    candidates: int
    """How many statements are drafted."""
    position_statement: str | None
    """What people rate before they answer."""
    ask_quality: bool
    """Whether people also rate how well the statement is worded."""
    jury: Jury | None
    """Whose agreement chooses the statement; null: everybody's counts the same."""
    about: list[About]
    """What people can say about themselves, used only to choose the statement. Leave any answer to them."""
    keep_feedback: bool
    """Whether people are asked if Accord may learn from what they give."""


class Learning(Out):
    """A box that nobody may tick beforehand."""

    note: str
    """What follows if it is ticked; show it above the box."""
    label: str
    """The words of the box."""


class BeforeYouWrite(Out):
    """What you have to show before somebody writes, word for word: who reads it, until when it is kept."""

    opinion: list[str]
    """Sentences to show before an opinion is written."""
    rating: str
    """To show where the statement is rated."""
    reason: list[str]
    """Sentences to show before a reason is written."""
    point: list[str]
    """Sentences to show before a point is written; empty where there are no points."""
    learning: Learning | None
    """The box about learning from an opinion; null where it is not asked. Never tick it beforehand."""
    learning_reason: Learning | None
    """The same from a reason."""


class Question(Out):
    """A question as it stands."""

    id: str
    """Its id."""
    question: str
    """What is asked."""
    context: str
    """Background."""
    phase: Phase
    """How far it has got."""
    edition: int
    """Counts changes of its words and terms; an opinion says which one its writer has read."""
    round: int
    """The round of the newest statement, or of the one that is drafted."""
    created_at: AwareDatetime
    """When it was asked."""
    opens_at: AwareDatetime | None
    """When it opens, if it is scheduled."""
    closes_at: AwareDatetime | None
    """When opinions close; null: when somebody closes it."""
    rating_closes_at: AwareDatetime | None
    """When the vote closes."""
    ended_at: AwareDatetime | None
    """When it ended."""
    answered: int
    """How many have answered."""
    failure: str | None
    """Why no statement could be drafted, for those who run it."""
    decided: list[str]
    """What was decided after the vote, in sentences."""
    terms: TermsOut
    """How it is run."""
    before_you_write: BeforeYouWrite
    """What you have to show before somebody writes."""
    page: str
    """Its page on the web, for people who were let in."""
    link: str | None = None
    """The link for everybody, for those who run it; null where there is none."""


class Questions(Out):
    """A page of questions, newest first."""

    items: list[Question]
    """The questions."""
    next: str | None
    """Say it as `after` for the next page; null on the last."""


# -- taking part ---------------------------------------------------------------------------------

Name = Annotated[
    str,
    Field(
        max_length=SHORT,
        description="What others are shown in a question that is answered by name; needed there, and never "
        "kept in anonymous ones.",
    ),
]
MayLearn = Annotated[
    bool | None,
    Field(
        description="What the person said about learning; only true once they ticked the box themselves. "
        "Left out: as they said before, and no if they never did."
    ),
]
RoundSeen = Annotated[
    int, Field(ge=1, le=100, description="The round of the statement that the person has seen.")
]


class OpinionIn(In):
    """An opinion, or another text for it."""

    text: Annotated[str, Field(min_length=1, max_length=OPINION_LIMIT)]
    """The person's own words."""
    edition: Annotated[int, Field(ge=1, le=999_999)]
    """The question's `edition` as the person has read it, with its `before_you_write`."""
    name: Name = ""
    may_learn: MayLearn = None
    baseline: Annotated[int, Field(ge=1, le=7)] | None = None
    """How far they agree with the position statement, where there is one."""
    about: (
        dict[
            Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)],
            Annotated[str, Field(max_length=VALUE_LIMIT)],
        ]
        | None
    ) = None
    """What they say about themselves: the question's `terms.about` as `label: answer`. Leave out what they
    would rather not say; left out as a whole, it stays as they said before."""


class RatingIn(In):
    """A rating of the statement."""

    value: Annotated[int, Field(ge=1, le=7)]
    """How far the person agrees: 1 strongly disagree … 4 neutral … 7 strongly agree."""
    round: RoundSeen
    quality: Annotated[int, Field(ge=1, le=7)] | None = None
    """How well it is worded, where that is asked: 1 terrible … 7 excellent."""


class ReasonIn(In):
    """Why somebody rates the statement so."""

    text: Annotated[str, Field(min_length=1, max_length=REASON_LIMIT)]
    """Their own words."""
    round: RoundSeen
    name: Name = ""
    may_learn: MayLearn = None


class PreferenceIn(In):
    """Which statement somebody prefers, after a revision."""

    choice: Preference
    """`first` is the one before."""
    round: RoundSeen


class VoteIn(In):
    """What somebody says to a point."""

    side: Side
    """Whether they agree."""


class PointIn(In):
    """A point for everybody to vote on."""

    text: Annotated[str, Field(min_length=1, max_length=POINT_LIMIT)]
    """One idea, in the person's own words."""


class PointOut(Out):
    """A point; whose it is, nobody is told."""

    id: str
    """Its id."""
    text: str
    """Its words."""


class VotedPoint(PointOut):
    """A point that the person has voted on."""

    side: Side
    """What they said."""


class Points(Out):
    """What one of your people sees of a question's points; for them alone."""

    open: bool
    """Whether they can vote now."""
    next: list[PointOut]
    """What to put before them next, in this order; empty where none is left."""
    left: int
    """How many they have not voted on."""
    voted: list[VotedPoint]
    """What they have voted on."""
    waiting: list[str]
    """Points of their own that are not shown yet: they are once those of others wait too."""
    notes: list[str]
    """What to know about points that are not there, in sentences."""


class Told(Out):
    """What the person is told."""

    said: str
    """A sentence to show them."""
    given_back: str | None = None
    """What they took back, so that they can copy it."""


class OwnOpinion(Out):
    """An opinion, for whoever gave it."""

    text: str
    """Its words."""
    name: str | None
    """The name it is shown with; null in anonymous questions."""
    may_learn: bool
    """Whether Accord may learn from it."""
    about: dict[str, str]
    """What they said about themselves."""


class OwnReason(Out):
    """A reason, for whoever gave it."""

    text: str
    """Its words."""
    may_learn: bool
    """Whether Accord may learn from it."""


class Own(Out):
    """What one of your people has given to a question; for them alone."""

    opinion: OwnOpinion | None
    """Their opinion."""
    baseline: int | None
    """How far they agree with the position statement."""
    rating: int | None
    """How they rated this round's statement."""
    quality: int | None
    """How well they find it worded."""
    reason: OwnReason | None
    """Why."""
    preference: Preference | None
    """Which statement they prefer."""


class Written(Out):
    """Something that one of your people wrote."""

    question: str
    """The question's id."""
    kind: Literal["opinion", "reason", "point"]
    """What it is."""
    text: str
    """Its words."""


class EverythingWritten(Out):
    """All that one of your people wrote in this team."""

    items: list[Written]
    """The newest first."""


# -- results -------------------------------------------------------------------------------------


class Statement(Out):
    """The statement that is rated, or was."""

    text: str
    """Its words."""
    round: int
    """Its round."""
    opinions: int
    """From how many opinions it was drafted."""
    drafted: str
    """From how many, and chosen by what, in a sentence."""
    made: str
    """Who wrote it, and what is unusual about how it came about: show it with the statement."""
    leaves_open: str
    """What it leaves open; empty where nothing is told of it."""
    before: str | None
    """The statement that it was revised from."""


class Ratings(Out):
    """Ratings, counted."""

    total: int
    """How many have rated."""
    mean: float | None
    """Their mean; null without ratings, and of too few to be shown."""
    counts: list[int]
    """How many chose each of 1 to 7; all 0 of too few to be shown."""
    agree: int
    """How many agree."""
    disagree: int
    """How many disagree."""


class Predicted(Out):
    """What the reward model expected."""

    mean: float
    """The expected mean rating."""
    people: int
    """Of how many."""
    dissenters: int
    """How many of them may disagree."""
    told: str
    """The same in words."""


class Results(Out):
    """The statement and, as far as they may be seen now, its ratings."""

    statement: Statement
    """The statement."""
    ratings: Ratings | None
    """Null while they may not be seen: they would sway those who have not rated."""
    predicted: Predicted | None
    """Null before one has rated or the vote is over."""


class Reason(Out):
    """A reason, for those who run the question."""

    text: str
    """Its words."""
    name: str | None
    """Who gave it; null in anonymous questions."""


class Reasons(Out):
    """This round's reasons, as an export tells them."""

    items: list[Reason]
    """In an order that tells nothing."""


# -- asking again --------------------------------------------------------------------------------


class TemplateIn(In):
    """A question to be asked again now and then."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
    """What it is called; one for each name."""
    question: Annotated[str, Field(min_length=1, max_length=QUESTION_LIMIT)]
    """What is asked."""
    context: Annotated[str, Field(max_length=CONTEXT_LIMIT)] = ""
    """Background."""
    closes_after_minutes: Annotated[int, Field(ge=1, le=YEAR_MINUTES)] = 24 * 60
    """How long opinions are collected."""
    terms: TermsIn = Field(default_factory=TermsIn)
    """How it is run."""
    replaces: Annotated[str, Field(max_length=SHORT)] = ""
    """The `version` of the template whose place it takes, as you showed it."""


class Template(Out):
    """A question to be asked again now and then."""

    id: str
    """Its id."""
    name: str
    """What it is called."""
    question: str
    """What is asked."""
    context: str
    """Background."""
    closes_after_minutes: int
    """How long opinions are collected."""
    terms: TermsOut
    """How it is run."""
    version: str
    """Tells its words and terms from others."""


class Templates(Out):
    """The team's templates."""

    items: list[Template]
    """By name."""


class WeeklyIn(In):
    """Every week."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    """0 is Monday."""
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    """The time of day."""
    zone: Annotated[str, Field(min_length=1, max_length=SHORT)]
    """The time zone, such as `Europe/Berlin`."""


class ScheduleIn(In):
    """When questions are posted by themselves: once or weekly."""

    template: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)] | None = None
    """The template's name; left out: the bank's questions in turn."""
    once: AwareDatetime | None = None
    """When, if once."""
    weekly: WeeklyIn | None = None
    """When, if weekly."""
    closes_after_minutes: Annotated[int, Field(ge=1, le=YEAR_MINUTES)] | None = None
    """How long opinions are collected; left out: as the template says."""


class WeeklyOut(Out):
    """Every week."""

    weekday: int
    """0 is Monday."""
    at: str
    """The time of day."""
    zone: str
    """The time zone."""


class Schedule(Out):
    """When questions are posted by themselves."""

    id: str
    """Its id."""
    template: str | None
    """Which template; null: the bank's questions in turn."""
    once: AwareDatetime | None
    """When, if once."""
    weekly: WeeklyOut | None
    """When, if weekly."""
    next_at: AwareDatetime | None
    """When it posts next; null: nothing is left to post."""
    problem: str | None
    """Why it did not post the last time."""


class Schedules(Out):
    """The team's schedules."""

    items: list[Schedule]
    """By id."""
