"""The sentences that people read, in one place. Platforms render them; nothing here knows a platform."""

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import AGREEMENT_LEVELS
from engine.types import PartialReading

POSTED = "Your question is open."
SCHEDULED = "Your question is scheduled."
OPINION_KEPT = "Your opinion is kept. You can change or withdraw it until the question closes."
OPINION_KEPT_AND_CLOSED = "Your opinion is kept. The question is closed now."
OPINION_WITHDRAWN = "Your opinion is withdrawn."
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
NO_MODEL_NOTE = "No AI model was used: the statement is put together from the members' own sentences."


def how_it_was_drafted(model_used: bool, reading: PartialReading | None) -> str:
    """What a reader of the statement should know about its making; empty when there is nothing unusual."""
    notes = [] if model_used else [NO_MODEL_NOTE]
    if reading is not None:
        notes.append(_what_was_read(reading))
    return " ".join(notes)


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
