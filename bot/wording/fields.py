"""Every field of every form, in one list.

Gives:  fields by form. Each platform draws those that it can, by their kind; `bot.wording.forms` reads them.
A new setting is one entry here and its test: `of` says where in a `Team` (or, for one question alone, in its
`Terms`) the value is kept. What hangs together, as a scale and its emoji, is read in `bot.wording.forms`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.decision import DECISION_LIMIT, WHO_LIMIT
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, REASON_LIMIT, checked_position
from bot.domain.library import NAME_LIMIT
from bot.domain.ratings import FEWEST_RATINGS, MOST_FEWEST_RATINGS, ResultsShown
from bot.domain.team import LONGEST_RETRY, MOST_ROUNDS, Team, WhoMayAsk
from bot.domain.terms import POSITION_LIMIT
from bot.wording import choices, field_readers, jury_lines
from bot.wording.emoji import written
from bot.wording.field_types import PARTS as PARTS
from bot.wording.field_types import SEVERAL as SEVERAL
from bot.wording.field_types import Field as Field
from bot.wording.field_types import Form as Form
from bot.wording.field_types import Kind as Kind
from bot.wording.field_types import Part as Part
from bot.wording.language import N_, _
from engine.types import WelfareName


def _plainly(parse: Callable[[str], Any]) -> Callable[[str, Any], Any]:
    return lambda text, present: parse(text)


def _identity(text: str, present: bool) -> bool:
    return field_readers.one_of(choices.IDENTITY_CHOICES)(text) == "anonymous"


def _scale(team: Team) -> str:
    return choices.OWN_SCALE if team.defaults.emoji else str(team.defaults.scale)


def _alpha(team: Team) -> str:
    welfare = team.defaults.welfare
    return f"{welfare.alpha if welfare.name is WelfareName.ISOELASTIC else 1.0:.10g}"


ASK, SETTINGS = frozenset({Form.ASK}), frozenset({Form.SETTINGS})
BOTH = ASK | SETTINGS
OUTCOME = frozenset({Form.OUTCOME})
TEMPLATE, SCHEDULE = frozenset({Form.TEMPLATE}), frozenset({Form.SCHEDULE})
REASON = frozenset({Form.REASON})

OR_PICK_A_TIME = N_("… or pick a time")
MEMBER_THERE = N_("Accord must be a member of the channel.")

FIELDS = (
    # -- one question ----------------------------------------------------------------------------
    Field(
        "question",
        N_("What should the group agree on?"),
        Kind.LINES,
        ASK,
        limit=QUESTION_LIMIT,
        option="question",
        asks=N_("What should the group agree on? Leave out to open a window"),
    ),
    Field(
        "name",
        N_("Name"),
        Kind.LINE,
        TEMPLATE,
        hint=N_("If a template already has this name, it is replaced."),
        limit=NAME_LIMIT,
    ),
    Field("question", N_("Question"), Kind.LINES, TEMPLATE, limit=QUESTION_LIMIT),
    Field(
        "context",
        N_("Background"),
        Kind.LINES,
        ASK | TEMPLATE,
        hint=N_("What everybody should know before they answer."),
        optional=True,
        limit=CONTEXT_LIMIT,
        option="background",
        asks=N_("What everybody should know before they answer"),
    ),
    Field(
        "deadline",
        N_("Opinions until"),
        Kind.LINE,
        ASK,
        optional=True,
        limit=100,
        placeholder=N_("tomorrow 5pm · in 3 hours · friday 17:00"),
        option="deadline",
        asks=N_("Opinions until: tomorrow 5pm, in 3 hours, friday 17:00"),
    ),
    Field("deadline_at", OR_PICK_A_TIME, Kind.MOMENT, ASK, optional=True),
    # -- next to a rating ------------------------------------------------------------------------
    Field(
        "reason",
        N_("Why, or what would make you agree?"),
        Kind.LINES,
        REASON,
        hint=N_("You can change or withdraw it until the vote closes."),
        limit=REASON_LIMIT,
    ),
    # -- who and where ---------------------------------------------------------------------------
    Field(
        "who_may_ask",
        N_("Who may ask?"),
        Kind.CHOICE,
        SETTINGS,
        Part.WHO,
        of="who_may_ask",
        offered=choices.WHO_WORDS,
        reads=_plainly(field_readers.member(WhoMayAsk)),
    ),
    Field("may_ask_users", N_("These people may ask"), Kind.PEOPLE, SETTINGS, Part.WHO, of="may_ask_users"),
    Field("may_ask_roles", N_("These roles may ask"), Kind.ROLES, SETTINGS, Part.WHO, of="may_ask_roles"),
    Field(
        "admin_roles",
        N_("These roles run Accord here"),
        Kind.ROLES,
        SETTINGS,
        Part.WHO,
        of="admin_roles",
        hint=N_("As well as those who manage the server."),
    ),
    Field(
        "channels",
        N_("In these channels"),
        Kind.CHANNELS,
        SETTINGS,
        Part.WHO,
        of="channels",
        hint=N_("Threads included. Leave empty to allow every channel."),
    ),
    # -- how a question is run -------------------------------------------------------------------
    Field(
        "closes_after",
        N_("Hours to collect opinions"),
        Kind.HOURS,
        SETTINGS,
        Part.QUESTIONS,
        of="defaults.closes_after",
        hint=N_("Such as 24, or 0.5 for half an hour. Leave empty to keep it open until somebody closes it."),
        optional=True,
        may_be_empty=True,
        limit=12,
        shown=choices.hours_shown,
        reads=field_readers.hours(
            timedelta(minutes=1),
            timedelta(days=365),
            N_("Enter a number of hours, such as 24 or 0.5, up to 8,760."),
        ),
    ),
    Field(
        "closes_after",
        N_("Hours to collect opinions"),
        Kind.NUMBER,
        TEMPLATE,
        lowest=1,
        highest=24 * 365,
        initial="24",
    ),
    Field(
        "identity",
        N_("Opinions are"),
        Kind.CHOICE,
        BOTH,
        Part.QUESTIONS,
        of="defaults.anonymous",
        offered=choices.IDENTITY_CHOICES,
        shown=lambda anonymous: "anonymous" if anonymous else "named",
        reads=_identity,
        option="identity",
        asks=N_("Whether you see who wrote what"),
    ),
    Field(
        "quorum",
        N_("Close early after this many answers"),
        Kind.NUMBER,
        BOTH,
        Part.QUESTIONS,
        of="defaults.quorum",
        optional=True,
        may_be_empty=True,
        lowest=2,
        highest=100_000,
        option="quorum",
        asks=N_("Close early after this many answers"),
    ),
    Field(
        "minimum_opinions",
        N_("Fewest opinions for a statement"),
        Kind.NUMBER,
        BOTH,
        Part.QUESTIONS,
        of="defaults.minimum_opinions",
        hint=N_("If fewer people answer, no statement is written."),
        lowest=2,
        highest=10_000,
        option="minimum",
        asks=N_("Fewest opinions for a statement"),
    ),
    Field(
        "retry_hours",
        N_("Hours to keep trying if drafting fails"),
        Kind.HOURS,
        BOTH,
        Part.QUESTIONS,
        of="defaults.retry_for",
        hint=N_("0: don't try again. The person who asked still can."),
        limit=12,
        shown=choices.hours_shown,
        reads=field_readers.hours(
            timedelta(0), LONGEST_RETRY, N_("Enter a number of hours from 0 to 168, such as 6 or 0.5.")
        ),
        option="keep_trying",
        asks=N_("Hours to keep trying if drafting fails; 0 for no more tries"),
        extra=True,
    ),
    # -- the scale -------------------------------------------------------------------------------
    Field(
        "scale",
        N_("On a scale of"),
        Kind.CHOICE,
        BOTH,
        Part.SCALE,
        offered={**choices.SCALE_CHOICES, **choices.OWN_SCALE_CHOICE},
        begun=_scale,
        option="scale",
        asks=N_("With how many points"),
    ),
    Field(
        "emoji",
        N_("Your own emoji for the points"),
        Kind.LINE,
        BOTH,
        Part.SCALE,
        hint=N_("Three or seven, from disagreement to agreement, such as 🔴 🟡 🟢."),
        optional=True,
        # Seven of the longest names that a workspace can give.
        limit=730,
        begun=lambda team: written(team.defaults.emoji),
        option="emoji",
        asks=N_("Your own emoji for the points: three or seven, such as 🔴 🟡 🟢"),
        extra=True,
    ),
    # -- further rounds --------------------------------------------------------------------------
    Field(
        "revise_below",
        N_("Revise if fewer than this % agree"),
        Kind.NUMBER,
        BOTH,
        Part.SCALE,
        of="defaults.revise_below",
        hint=N_("Where members say why. Empty: only when the person who asked does."),
        optional=True,
        may_be_empty=True,
        lowest=1,
        highest=100,
        option="revise_below",
        asks=N_("Revise the statement if fewer than this % agree and members say why"),
        extra=True,
    ),
    Field(
        "most_rounds",
        N_("Statements to vote on at most"),
        Kind.NUMBER,
        BOTH,
        Part.SCALE,
        of="defaults.most_rounds",
        hint=N_("1: a statement is never revised."),
        lowest=1,
        highest=MOST_ROUNDS,
        option="rounds",
        asks=N_("Statements to vote on at most; 1 for no revision"),
        extra=True,
    ),
    # -- points to vote on ------------------------------------------------------------------------
    Field(
        "points",
        N_("Vote on points"),
        Kind.YES_NO,
        BOTH,
        Part.SCALE,
        of="defaults.points",
        hint=N_("Opinions are split into points that everybody votes on while the question is open."),
        option="points",
        asks=N_("Split opinions into points that everybody votes on"),
        extra=True,
    ),
    # -- choosing and rating ---------------------------------------------------------------------
    Field(
        "welfare",
        N_("The chosen statement is"),
        Kind.CHOICE,
        BOTH,
        Part.RATING,
        offered={**choices.WELFARE_CHOICES, **choices.ALPHA_CHOICE},
        begun=lambda team: str(team.defaults.welfare.name),
        optional=True,
        option="chosen_for",
        asks=N_("What the chosen statement should be"),
    ),
    Field(
        "alpha",
        N_("Inequality aversion (alpha)"),
        Kind.DECIMAL,
        BOTH,
        Part.RATING,
        hint=N_("For “As set by alpha”: 0 average, 1 balanced; higher counts the least convinced more."),
        optional=True,
        limit=16,
        begun=_alpha,
        extra=True,
    ),
    Field(
        "rating_by",
        N_("It is rated by"),
        Kind.CHOICE,
        BOTH,
        Part.RATING,
        of="defaults.rating_by",
        offered=choices.RATING_CHOICES,
        shown=lambda by: str(by or choices.WHATEVER_FITS),
        reads=field_readers.rating_by,
        optional=True,
        option="rated_by",
        asks=N_("How the statement is rated"),
    ),
    Field(
        "rating_hours",
        N_("Rating is open for"),
        Kind.CHOICE,
        BOTH,
        Part.RATING,
        of="defaults.rating_period",
        offered=choices.periods,
        shown=choices.period_chosen,
        reads=field_readers.period,
        option="rating_open",
        asks=N_("How long the statement can be rated"),
    ),
    Field(
        "results_shown",
        N_("Members see the ratings"),
        Kind.CHOICE,
        BOTH,
        Part.RATING,
        of="defaults.results_shown",
        offered=choices.SHOWN_CHOICES,
        hint=N_("For reactions and polls. Private ratings are shown when the vote closes."),
        reads=_plainly(field_readers.member(ResultsShown)),
    ),
    Field(
        "position_statement",
        N_("Position statement"),
        Kind.LINES,
        ASK,
        Part.RATING,
        of="terms.position_statement",
        hint=N_("A statement for or against. Members say how far they agree with it before they answer."),
        optional=True,
        may_be_empty=True,
        limit=POSITION_LIMIT,
        reads=_plainly(checked_position),
        option="position",
        asks=N_("A statement for or against; members say how far they agree before they answer"),
        extra=True,
    ),
    Field(
        "ask_quality",
        N_("Members also rate how well it is worded"),
        Kind.YES_NO,
        ASK,
        Part.RATING,
        of="terms.ask_quality",
        option="quality",
        asks=N_("Members also rate how well it is worded"),
        extra=True,
    ),
    Field(
        "candidates",
        N_("Statements to draft"),
        Kind.NUMBER,
        ASK,
        Part.RATING,
        of="terms.candidates",
        hint=N_("More drafts take longer, but the best one is usually better."),
        lowest=2,
        highest=64,
        extra=True,
    ),
    # -- taking part, keeping --------------------------------------------------------------------
    Field(
        "excluded_roles",
        N_("These roles can't take part"),
        Kind.ROLES,
        SETTINGS,
        Part.KEEPING,
        of="excluded_roles",
    ),
    Field(
        "retention_days",
        N_("Days to keep a question after it ends"),
        Kind.NUMBER,
        SETTINGS,
        Part.KEEPING,
        of="retention_days",
        hint=N_(
            "Then opinions, ratings and reasons are deleted. More days only apply to questions that open "
            "later."
        ),
        lowest=1,
        highest=3_650,
    ),
    Field(
        "fewest_ratings",
        N_("Fewest private ratings to show"),
        Kind.NUMBER,
        SETTINGS,
        Part.KEEPING,
        of="fewest_ratings",
        hint=N_(
            "With fewer, only the count is shown. A lower number only applies to questions that open later."
        ),
        lowest=FEWEST_RATINGS,
        highest=MOST_FEWEST_RATINGS,
    ),
    Field(
        "reminders",
        N_("Remind members who have not answered or rated"),
        Kind.YES_NO,
        SETTINGS,
        Part.KEEPING,
        of="reminders",
    ),
    Field(
        "exclude_guests",
        N_("Guests can't take part"),
        Kind.YES_NO,
        SETTINGS,
        Part.KEEPING,
        of="exclude_guests",
    ),
    Field(
        "keep_feedback",
        N_("Keep ratings to learn from"),
        Kind.YES_NO,
        SETTINGS,
        Part.KEEPING,
        of="keep_feedback",
        hint=N_(
            "What members wrote and how they rated, under made-up names, until the question is deleted. "
            "Each member is asked first."
        ),
    ),
    Field(
        "language",
        N_("Language in channels"),
        Kind.CHOICE,
        SETTINGS,
        Part.KEEPING,
        of="language",
        offered=choices.LANGUAGE_CHOICES,
        hint=N_("For posts that everyone sees. Members' own windows and messages are in their language."),
        reads=_plainly(field_readers.one_of(choices.LANGUAGE_CHOICES)),
    ),
    # -- whose agreement counts --------------------------------------------------------------------
    Field(
        "attributes",
        N_("Questions about members"),
        Kind.LINES,
        SETTINGS,
        Part.JURIES,
        of="attributes",
        hint=N_("One a line, up to 3: “Team: support, sales”. Members may skip them."),
        optional=True,
        may_be_empty=True,
        limit=1_500,
        shown=jury_lines.write_attributes,
        reads=_plainly(jury_lines.read_attributes),
    ),
    Field(
        "juries",
        N_("Juries"),
        Kind.LINES,
        SETTINGS,
        Part.JURIES,
        of="juries",
        hint=N_("One a line, such as “All teams alike = Team: support 4, sales 4”."),
        optional=True,
        may_be_empty=True,
        limit=2_000,
        shown=jury_lines.write_juries,
        reads=_plainly(jury_lines.read_juries),
    ),
    Field(
        "jury",
        N_("Whose agreement chooses the statement?"),
        Kind.CHOICE,
        ASK,
        Part.JURIES,
        of="juries",
        hint=N_("Each group with a seat needs at least 3 opinions."),
        offered=jury_lines.offered,
        shown=lambda juries: jury_lines.EVERYBODY,
        optional=True,
    ),
    # -- a schedule ------------------------------------------------------------------------------
    Field(
        "what",
        N_("What is asked"),
        Kind.CHOICE,
        SCHEDULE,
        option="template",
        asks=N_("One of this server's templates; without it, the bank's questions in turn"),
    ),
    Field("channel", N_("Where?"), Kind.CHANNEL, ASK, hint=MEMBER_THERE),
    Field(
        "channel",
        N_("Where?"),
        Kind.CHANNEL,
        SCHEDULE,
        hint=MEMBER_THERE,
        option="channel",
        asks=N_("Where; without it, in this channel"),
    ),
    Field(
        "once",
        N_("Once"),
        Kind.MOMENT,
        SCHEDULE,
        optional=True,
        option="at",
        # It takes the time below, too.
        asks=N_("Once: tomorrow 5pm, friday 17:00. Every week: the time of day, such as 09:30"),
    ),
    Field(
        "weekday",
        N_("… or every week on"),
        Kind.CHOICE,
        SCHEDULE,
        offered={str(number): day for number, day in enumerate(choices.DAYS)},
        optional=True,
        option="weekday",
        asks=N_("Every week on this day; without it, once"),
    ),
    # Translators: the label of an input for a time of day, after one for a weekday.
    Field("time", N_("at"), Kind.TIME_OF_DAY, SCHEDULE, optional=True),
    Field(
        "closes_after",
        N_("Hours to collect opinions"),
        Kind.NUMBER,
        SCHEDULE,
        hint=N_("Leave empty for as long as the template says, or 24 hours."),
        optional=True,
        lowest=1,
        highest=24 * 365,
        option="hours",
        asks=N_("Hours to collect opinions; if left out, as the template says, or 24"),
    ),
    # -- what was decided ------------------------------------------------------------------------
    Field(
        "decided",
        N_("What was decided?"),
        Kind.LINES,
        OUTCOME,
        hint=N_("Everyone who sees the result sees this too."),
        optional=True,
        limit=DECISION_LIMIT,
    ),
    Field(
        "who",
        N_("Who does it?"),
        Kind.LINE,
        OUTCOME,
        hint=N_("A name, or several."),
        optional=True,
        limit=WHO_LIMIT,
    ),
    Field(
        "member",
        N_("… or pick a member"),
        Kind.PERSON,
        OUTCOME,
        hint=N_("On the day, this person is asked how it went; without one, the person who asked."),
        optional=True,
        option="member",
        asks=N_("Who does it; on the day, this person is asked how it went"),
    ),
    Field(
        "by",
        N_("By when?"),
        Kind.DAY,
        OUTCOME,
        hint=N_("On that day we ask once how it went."),
        optional=True,
        limit=100,
        placeholder=N_("friday · in 2 weeks · 24 December"),
    ),
    Field("nothing", N_("Nothing was decided"), Kind.YES_NO, OUTCOME),
    Field(
        "how_it_went",
        N_("How did it go?"),
        Kind.LINES,
        OUTCOME,
        hint=N_("For later, once it is done."),
        optional=True,
        limit=DECISION_LIMIT,
    ),
)
SWITCHES = "switches"
"""The input in which all of the settings' yes and no stand together, where a platform joins them."""


def shown_on(form: Form, *kinds: Kind, part: Part | None = None) -> list[Field]:
    """A form's fields in their order: all of them, or those of these kinds, or of this part."""
    return [
        field
        for field in FIELDS
        if form in field.on and (not kinds or field.kind in kinds) and part in (None, field.part)
    ]


def field(form: Form, name: str) -> Field:
    """One of a form's fields."""
    return next(each for each in shown_on(form) if each.name == name)


def labelled(form: Form, errors: Mapping[str, str]) -> list[str]:
    """Each sentence with the label of its field before it, for where they do not stand at the fields.

    What is said at the question is about all of it, or names the question by itself.
    """
    labels = {each.name: each.called for each in shown_on(form) if each.name != "question"}
    return [
        _("{label}: {problem}").format(label=labels[name], problem=told) if name in labels else str(told)
        for name, told in errors.items()
    ]
