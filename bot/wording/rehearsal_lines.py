"""What people read of a question that is tried out with simulated members.

Each screen of it is marked `MARK`, in its title and in its heading.
"""

from bot.domain.errors import RehearsalError
from bot.wording.language import N_, _, _n, explained, number
from engine.rehearsal.results import CANNOT_TELL as CANNOT_TELL
from engine.rehearsal.results import Cost, Member, Rehearsal
from engine.sentence import Said

MARK = N_("SIMULATED")
SHOWN, MOST_RUNS = 260, 3
"""Characters of each text in a message, and runs: Discord takes 2,000 together."""
STARTED = N_("Simulated members are trying your question out. You get a private message when they are done.")
TRY_IT_OUT = N_("Try it out")
START = N_("Start")
ABOUT_TEAM = N_("Who would answer? (optional)")
ABOUT_TEAM_HINT = N_("A few words about your team, such as “A bakery with 8 people, two of them at night.”")
EXPLAINED = N_(
    "A language model invents members, answers for them and drafts statements. Nobody is asked, nothing is "
    "posted, and the result is deleted after a day. The model reads the question and what you write here."
)
ALL_MADE_UP = N_("Simulated: all of this was made up by a language model. Nobody was asked.")
NO_MODEL = N_(
    "Trying out a question needs a language model, and none is set up. Ask the person who runs Accord."
)
UNEXPECTED = N_("Unexpected error. Details are in the worker's log.")
GONE = N_("This rehearsal is no longer there. Rehearsals are deleted after a day.")
NOT_HERE = N_("Questions can't be tried out here.")
WAITS = N_("Waiting for a worker. This page updates by itself.")
FAILED = N_("The question could not be tried out.")
STAGES = {
    "inventing": N_("Inventing members. This page updates by itself."),
    "answering": N_("Writing their opinions. This page updates by itself."),
    "drafting": N_("Drafting and rating statements. This page updates by itself."),
    "reading": N_("Trying out the question. This page updates by itself."),
}
UNDERSTOOD_ALIKE = N_("Everyone understands it the same way.")
UNDERSTOOD_UNKNOWN = N_("The model could not say whether these mean the same.")
MORE_ALIKE = N_(
    "These opinions are more alike than in Accord's own examples: do not read agreement into that."
)


def gone() -> RehearsalError:
    """For a person who looks for one that is not there, or somebody else's."""
    return RehearsalError(GONE)


def not_here() -> RehearsalError:
    """Where there is nothing to try questions out with."""
    return RehearsalError(NOT_HERE)


def too_many(limit: int) -> RehearsalError:
    """For a team that has had its day's share."""
    return RehearsalError(
        "Your team has tried out as many questions today as it may ({limit}). Try again tomorrow.",
        limit=limit,
    )


def costs(cost: Cost) -> str:
    """What it takes, before it begins."""
    return _(
        "This takes about {requests} requests to the language model and {tokens} tokens. It can take a few "
        "minutes."
    ).format(requests=number(cost.requests), tokens=number(cost.tokens))


def limit(most: int) -> str:
    """How often a team may."""
    return _n(
        "Your team can try out {count} question a day.",
        "Your team can try out {count} questions a day.",
        most,
    ).format(count=number(most))


def stage(name: str) -> str:
    """What is going on."""
    return STAGES.get(name, WAITS)


def called(member: Member) -> str:
    """A simulated member: what they do and their number; no name, so that nobody is taken for a person."""
    return f"{member.role} ({member.id.rpartition('-')[2]})"


def run(place: int) -> str:
    """One of several."""
    return _("Run {number}").format(number=number(place))


def ways(count: int) -> str:
    """In how many ways the question is understood."""
    return _n("Understood in {count} way:", "Understood in {count} different ways:", count).format(
        count=number(count)
    )


def left_out(names: str) -> str:
    """Whom a statement leaves out."""
    return _("Likely to disagree: {names}").format(names=names)


def without(name: str, statement: str) -> str:
    """What would have been chosen without somebody."""
    return _("Without {name}, this draft would be chosen: {statement}").format(name=name, statement=statement)


def offered(question: str, cost: Cost, most: int) -> str:
    """What trying a question out is and costs, for a message; each paragraph of it is marked."""
    parts = [question, str(_(EXPLAINED)), f"{costs(cost)} {limit(most)}"]
    return "\n\n".join(f"{_(MARK)} · {part}" for part in parts)


def started() -> str:
    """That it has begun."""
    return f"{_(MARK)} · {_(STARTED)}"


def told(question: str, found: Rehearsal | None, trouble: Said | None) -> str:
    """A private message to the one who asked for it; each paragraph of it is marked."""
    if found is None:
        why = [explained(trouble)] if trouble is not None else []
        return "\n\n".join(f"{_(MARK)} · {part}" for part in [_shortened(question), str(_(FAILED)), *why])
    parts = [_shortened(question), str(_(ALL_MADE_UP))]
    parts += [
        _("{run}: {statement}").format(run=run(at), statement=_shortened(each.statement.text))
        for at, each in enumerate(found.runs[:MOST_RUNS], 1)
    ]
    parts += [
        _("A clearer question may be: {question}").format(question=_shortened(each.text))
        for each in found.clearer[:1]
    ]
    parts.append(_in_ways(found))
    parts.append(str(_(CANNOT_TELL[0])))
    return "\n\n".join(f"{_(MARK)} · {part}" for part in parts)


def _in_ways(found: Rehearsal) -> str:
    """How the question is understood, in a line."""
    count = len(found.understanding.ways)
    if count > 1:
        return (
            ways(count)
            + " "
            + _shortened(
                "; ".join(
                    each.text
                    for way in found.understanding.ways
                    for each in found.understanding.readings
                    if each.member == way[0]
                )
            )
        )
    return str(_(UNDERSTOOD_ALIKE)) if count else str(_(UNDERSTOOD_UNKNOWN))


def _shortened(text: str) -> str:
    """So much of a model's words that a message of any platform has room for all of them, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 2].rstrip() + " …"


def how_made(rehearsal: Rehearsal) -> str:
    """Which models took part."""
    return _("Members played by {model}; ratings predicted by {reward}.").format(
        model=rehearsal.model, reward=rehearsal.rated_by
    )
