"""The sentences that people read, in one place. Platforms render them; nothing here knows a platform."""

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import BANK_LIMIT
from bot.domain.ratings import AGREEMENT_LEVELS, RatingBy, ResultsShown, Scale, Tally
from bot.domain.study import Study
from bot.domain.terms import Terms
from engine.digest import LEAD, in_one_line, is_common
from engine.feedback import Arm
from engine.types import Mediation, PartialReading, WelfareName

POSTED = "Your question is open."
SCHEDULED = "Your question is scheduled."
OPINION_KEPT = "Your opinion is kept. You can change or withdraw it until the question closes."
OPINION_KEPT_AND_CLOSED = "Your opinion is kept. The question is closed now."
OPINION_WITHDRAWN = "Your opinion is withdrawn."
BASELINE_KEPT = "Your agreement is kept. Now say in your own words what you think."
BASELINE_KEPT_AND_CLOSED = "Your agreement is kept. The question is closed now."
RATING_KEPT = "Your rating is kept. You can change it until the vote closes."
RATING_KEPT_AND_CLOSED = "Your rating is kept. The vote is closed."
RATING_WITHDRAWN = "Your rating is withdrawn."
CLOSED = "The question is closed; a statement is being drafted."
ALREADY_CLOSED = "This question is closed already."
RETRYING = "Drafting again."
SETTLED = "The vote is closed."
EXTENDED = "The deadline is moved."
CANCELLED = "The question is cancelled."
TEAM_CHANGED = "The team's settings are changed."
TEAM_CHANGED_MEANWHILE = (
    "Somebody else changed the settings meanwhile, so nothing of yours was saved. "
    "Open them again and make your change once more."
)
REMINDERS_ON = "You will be reminded again."
REMINDERS_OFF = "You will not be reminded any more."
LEARNING_ON = "Accord may learn from the opinions that you give from now on."
LEARNING_OFF = "Accord does not learn from your opinions any more; what it kept of earlier ones is erased."
OWN_SETTINGS_NOTE = (
    "Without learning, what Accord kept of your earlier opinions to learn from is erased; your opinions "
    "themselves stay in their questions."
)
TEMPLATE_KEPT = "The template is kept."
TEMPLATE_REMOVED = "The template is removed."
QUESTION_REMOVED = "The question is taken out of the bank."
SCHEDULED_POSTS = "The schedule is kept."
SCHEDULE_REMOVED = "The schedule is removed; questions that it has posted stay."

TEMPLATE_GONE = "This template is gone. Ask without it, or make it anew."
NO_QUESTION = "There is no question of that kind in this channel. `/accord list` shows what there is."

CANCELLED_BY_PERSON = "The question was cancelled by the people who run it."
# A change may have been made although its answer was lost, so none of these says that nothing happened.
STORE_UNREACHABLE = (
    "Accord cannot reach its database right now. Try again in a minute; doing it twice does no harm."
)
TOO_BUSY = "Too many people changed this question at once. Try again; doing it twice does no harm."
UNFORESEEN = "something went wrong that nobody foresaw; the log of the worker says where"
UNEXPECTED = "Something went wrong in Accord. Try again, or tell whoever runs it."

ANONYMOUS_NOTE = "Opinions are anonymous: nobody sees who wrote what, and names are not kept."
NAMED_NOTE = (
    "Opinions are named: your name is kept with your opinion, and the people who run this question see it."
)
# Said where opinions are given in a team that has opted in (`Terms.keep_feedback`), beside the box.
LEARNING_NOTE = (
    "This team lets Accord learn: opinions and ratings are kept under made-up names, and are erased with "
    "the question."
)
LEARNING_LABEL = "Accord may learn from my opinion"
BASELINE_LABEL = "Before you answer: how far do you agree with this statement?"
QUALITY_LABEL = "How well is it put?"
QUALITY_PRIVATE_NOTE = "Nobody else sees what you choose."
QUALITY_NEEDS_RATING = "Say first how far you agree with the statement; then how well it is put."
QUALITY_KEPT = "It is kept how well you find it put: {}."
STUDY_NOTE = (
    "This question is part of a study. Once everybody has answered, you rate several statements without "
    "being told how each came about."
)
STUDY_QUOTES_NOTE = "One of them may be the opinion of one of you, shown word for word and without a name."
STUDY_THANKS = "Thank you. The vote is closed, and the people who run the study look at the ratings."
NUDGE = (
    "Some members who have not answered yet could not be written to. If you are one of them, take part now."
)
PRIVATE_RATING_NOTE = (
    "Ratings are given with private buttons, which nobody else sees. Reactions and polls show who chose "
    "what, so they cannot be anonymous."
)
PUBLIC_RATING_NOTES = {
    RatingBy.REACTIONS: (
        "Reactions are public: everybody sees who chose what. The last one that you add counts; removing it "
        "takes your rating back."
    ),
    RatingBy.POLL: "The poll is public: everybody sees who voted how. You can change yours until it closes.",
}
JUDGE_FAILED = "The language model couldn't predict agreement for this round"
STAND_IN_NOTE = f"{JUDGE_FAILED}, so Accord's own small model did."
NO_MODEL_NOTE = "No AI model was used to write this: these are members' own words, sorted by simple rules."


def how_it_was_drafted(
    model_used: bool,
    reading: PartialReading | None,
    *,
    unpredicted: str | None = None,
    stood_in_for: str | None = None,
    tied: int = 0,
) -> str:
    """What a reader of the statement should know about its making; empty when there is nothing unusual.

    unpredicted, stood_in_for, tied: as in `engine.types.ModelsUsed` and `engine.types.Mediation`.
    """
    notes = [] if model_used else [NO_MODEL_NOTE]
    if reading is not None:
        notes.append(_what_was_read(reading))
    if unpredicted is not None:
        notes.append(_why_unpredicted(unpredicted, judge_failed=stood_in_for is not None))
    elif stood_in_for is not None:
        notes.append(STAND_IN_NOTE)
    if tied:
        notes.append(
            f"{tied} drafts are likely to be equally welcome. This is the one closest to the others and to "
            "the opinions."
        )
    return " ".join(notes)


def how_it_was_made(mediation: Mediation) -> str:
    """`how_it_was_drafted` of a whole mediation."""
    return how_it_was_drafted(
        mediation.model_used,
        mediation.reading,
        unpredicted=mediation.models.unpredicted,
        stood_in_for=mediation.stood_in_for,
        tied=mediation.tied,
    )


def _why_unpredicted(why: str, *, judge_failed: bool) -> str:
    because = f"{JUDGE_FAILED}, and {why}" if judge_failed else f"{why[:1].upper()}{why[1:]}"
    return (
        f"{because}, so nobody's agreement is predicted: this is the draft closest to the others and to the "
        "opinions."
    )


def drafted_from(opinions: int, welfare: WelfareName, unpredicted: str | None) -> str:
    """From how many opinions a statement was drafted, and what it was chosen to be."""
    heard = "one opinion" if opinions == 1 else f"{opinions:,} opinions"
    if unpredicted is not None:
        return f"Drafted from {heard}."
    return f"Drafted from {heard}, chosen to be {WELFARE_WORDS[welfare]}."


def _what_was_read(reading: PartialReading) -> str:
    fewest, most = f"{reading.fewest:,}", f"{reading.most:,}"
    read = fewest if fewest == most else f"{fewest} to {most}"
    told = f"The model cannot read all opinions at once: each draft rests on {read} of them."
    if reading.shortened:
        told += f" Shortened: {reading.shortened:,}."
    if reading.unread:
        told += f" Read for no draft: {reading.unread:,}."
    return told


def too_few_opinions(given: int, needed: int) -> str:
    """Why a question ended without a statement."""
    came = {0: "No opinion came in", 1: "Only one opinion came in"}.get(
        given, f"Only {given} opinions came in"
    )
    return f"{came}; at least {needed} are needed. Ask again with a later deadline."


def mediation_failed(reason: str) -> str:
    """For the facilitator, whose retry button stands beside it."""
    return f"No statement could be drafted: {reason.rstrip('.')}. All opinions are kept; try again."


def forgotten(deliberations: int) -> str:
    """What was erased; a second copy of the command finds nothing left."""
    if not deliberations:
        return "Nothing of yours is kept here."
    where = "one question" if deliberations == 1 else f"{deliberations} questions"
    return f"Everything that you gave is erased, in {where}. Statements that were published stay."


def reminder(deliberation: Deliberation) -> str:
    """Sent once to those who have not answered."""
    return f"You have not answered yet: “{deliberation.question}” closes soon."


def identity_note(deliberation: Deliberation) -> str:
    """What happens with names, said before an opinion is given."""
    return ANONYMOUS_NOTE if deliberation.terms.anonymous else NAMED_NOTE


def study_note(study: Study) -> str:
    """What a member must know before they answer a question of a study."""
    return f"{STUDY_NOTE} {STUDY_QUOTES_NOTE}" if Arm.BEST_OPINION in study.arms else STUDY_NOTE


def statements_rated(done: int, of: int) -> str:
    """How far a member has got in a study's question."""
    if done == of:
        return f"Your ratings of all {of} statements are saved."
    return f"Saved: {done} of {of} statements are rated."


def rating_note(deliberation: Deliberation) -> str:
    """Who sees a rating, said where it is given."""
    return PUBLIC_RATING_NOTES.get(deliberation.terms.rating_by, PRIVATE_RATING_NOTE)


def unclear_reactions(deliberation: Deliberation) -> str:
    """Sent once to somebody of whose reactions nobody saw the last, because the bot was away."""
    return (
        f"You reacted more than once to the statement on “{deliberation.question}” while I was away, so I "
        "cannot tell which one counts. Keep only the one you mean, or add it again."
    )


FEWEST_COUNTED = 5
"""Of fewer people no number is told of those who may disagree: a prediction is no better than likely, and of
so few it points at somebody."""
FULL, EMPTY = "▰", "▱"
LONGEST_BAR = 12
PROGRESS_BAR = 10


def agreement_bar(value: float) -> str:
    """An expected or mean rating (1..7) as a picture in text: seven blocks, the number, the scale's words."""
    full = min(max(round(value), 1), 7)
    return f"{FULL * full}{EMPTY * (7 - full)} {value:.1f} of 7 · {rating_words(value)}"


def likely_agreement(mean: float | None, dissenters: int, people: int) -> str:
    """What the reward model expects of those who gave an opinion; empty where it expects nothing."""
    if mean is None:
        return ""
    if people < FEWEST_COUNTED:
        return f"Likely agreement {agreement_bar(mean)}."
    against = {0: "nobody is likely to disagree", 1: "one member is likely to disagree"}.get(
        dissenters, f"{dissenters:,} members are likely to disagree"
    )
    return f"Likely agreement {agreement_bar(mean)}; {against}."


def distribution(tally: Tally, scale: Scale | Terms) -> list[str]:
    """One line for each step, highest first: emoji, words, a bar and the count. Empty without ratings.

    scale: a question's terms, whose steps may have a team's own emoji, or a scale with the usual ones.
    """
    most = max(tally.counts)
    if not most:
        return []
    lines = []
    for level in reversed(scale.levels):
        count = tally.counts[level.value - 1]
        bar = "█" * max(round(LONGEST_BAR * count / most), 1 if count else 0)
        lines.append(" ".join(part for part in (level.emoji, level.label, bar, f"{count:,}") if part))
    return lines


def result_sentence(tally: Tally) -> str:
    """The ratings in one sentence."""
    if tally.mean is None:
        return "Nobody rated the statement."
    neutral = tally.total - tally.agree - tally.disagree
    ratings = "1 rating" if tally.total == 1 else f"{tally.total:,} ratings"
    return (
        f"Mean {tally.mean:.1f} of 7 from {ratings}: {tally.agree:,} agree, {neutral:,} neutral, "
        f"{tally.disagree:,} disagree."
    )


def not_shown_yet(deliberation: Deliberation) -> str:
    """Why a member does not see the ratings."""
    if deliberation.terms.results_shown is ResultsShown.AFTER_RATING:
        return "You see how the others rated as soon as you have rated the statement yourself."
    return "The ratings are shown when the vote has closed."


def progress(done: int, total: int) -> str:
    """How far drafting is, as a picture in text and in words."""
    full = round(PROGRESS_BAR * done / total) if total else 0
    bar = FULL * full + EMPTY * (PROGRESS_BAR - full)
    return f"{bar} {done} of {total} drafts are read" if done else "Drafting from all opinions …"


def answered(count: int) -> str:
    """How many have given an opinion."""
    return {0: "Nobody has answered yet.", 1: "One member has answered."}.get(
        count, f"{count:,} members have answered."
    )


BANK_FULL = "The bank is full. Remove questions from it first."
NOTHING_NEW = "All of these questions are in the bank already."


def no_room(count: int) -> str:
    """What an import left out."""
    return f"{count:,} more had no room: a bank holds {BANK_LIMIT:,}."


def unknown_team(team: str) -> str:
    """Beside an import for a team that has neither asked a question nor has settings."""
    return f"Accord has not met a team {team} so far; check its id."


def imported(count: int) -> str:
    """What an import added."""
    return (
        "One question is added to the bank." if count == 1 else f"{count:,} questions are added to the bank."
    )


STATEMENT_TITLE = "What this group may agree on"
OVERVIEW_TITLE = LEAD
OTHER_SIDE_TITLE = "What those who may disagree would rather say"

# How this works, as titles and what is told under them; the last stands by itself.
HOW = (
    (
        "1. Everybody says what they think.",
        "In their own words, as short or long as they like. Nobody sees the opinions of the others before "
        "the question closes.",
    ),
    (
        "2. Several statements are drafted from all opinions.",
        "For each one it is predicted how far every single member would agree. The statement that is best "
        "for the group is posted in the channel.",
    ),
    (
        "3. Everybody rates it.",
        "The ratings are the result, and they teach Accord to predict better.",
    ),
    (
        "",
        "You can change or withdraw your opinion until the question closes. `/accord forget-me` erases "
        "everything that you ever gave.",
    ),
)


def statement_title(statement: str) -> str:
    """What stands above a statement; above a digest that is none, what it is instead."""
    return STATEMENT_TITLE if is_common(statement) else OVERVIEW_TITLE


def to_rate(statement: str) -> str:
    """The beginning of a notification that there is something to rate."""
    lead = "A statement to rate" if is_common(statement) else f"{OVERVIEW_TITLE}, to rate"
    return f"{lead}: {in_one_line(statement)}"


PHASE_NAMES = {
    Phase.SCHEDULED: "Scheduled",
    Phase.OPINIONS: "Collecting opinions",
    Phase.MEDIATING: "Drafting a statement",
    Phase.RATING: "Rating the statement",
    Phase.SETTLED: "Settled",
    Phase.CANCELLED: "Cancelled",
}


def rating_words(value: float) -> str:
    """The scale's words for a rating or an expected rating (1..7)."""
    return AGREEMENT_LEVELS[min(max(round(value), 1), 7) - 1].label


WELFARE_WORDS = {
    "utilitarian": "best on average",
    "rawlsian": "nobody left behind",
    "bernoulli-nash": "balanced: good on average and fair to everyone",
    "isoelastic": "between the two, as set by alpha",
}
