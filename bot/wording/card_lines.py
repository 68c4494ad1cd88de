"""The titles and lines of cards and notes, once for all platforms.

Reads:  a deliberation, and times, people and members' words in a platform's own form.
Gives:  sentences. What is on a card at all, `bot.wording.cards` says.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.deliberation import Deliberation
from bot.wording.choices import lasts
from bot.wording.language import N_, _, _n, listed, number
from engine.types import OpenPoint

When = Callable[[datetime], str]

# -- titles --------------------------------------------------------------------------------------

QUESTION_TITLE = N_("Let's find common ground")
BEFORE_YOU_ANSWER = N_("Before you answer")
UNTIL = N_("Until")
OPINIONS = N_("Opinions")
ANSWERED = N_("Answered")
BACKGROUND = N_("Background")
DRAFTING_TITLE = N_("A statement is being drafted")
FAILED_TITLE = N_("No statement yet")
TO_RATE_TITLE = N_("There is a statement to rate")
HOW_IT_CAME_ABOUT = N_("How it came about")
HOW_FAR = N_("How far do you agree?")
RATINGS = N_("Ratings")
RESULT = N_("Result")
CANCELLED_TITLE = N_("Cancelled")
WHAT_YOU_WROTE = N_("What you wrote")
IN_THIS_QUESTION = N_("In this question")
BY_NAME = N_("Opinions by name")
REASONS = N_("Reasons")
# Translators: a button that closes a window.
CLOSE_WINDOW = N_("Close")

# -- sentences -----------------------------------------------------------------------------------

OPINIONS_CLOSED = N_("Opinions are closed. The statement will appear here.")
CANCELLED = N_("The question was cancelled.")
SEE_BELOW_REACTIONS = N_("Read the statement below, and rate it with a reaction there.")
SEE_BELOW_POLL = N_("Read the statement below, and rate it in the poll under it.")
REACT_HERE = N_("React to this message.")
VOTE_BELOW = N_("Vote in the poll below.")
POLL_QUESTION = N_("How far do you agree with the statement above?")
DISCUSS_HERE = N_(
    "Discuss it here. Accord doesn't read this thread, so share your opinion with the button at the question."
)
POSITION_BY_POLL = N_(
    "How far do you agree? Vote in the poll below. If it ends before opinions close, we ask you when you "
    "share your opinion."
)
OWN_WORDS = N_("In your own words: what you think, and why.")
OPINION_PLACEHOLDER = N_("What you think, and why.")


def leaves_open(points: Sequence[OpenPoint]) -> str:
    """What a statement does not cover, and how many ask for it, in one line; empty where nothing is told."""
    if not points:
        return ""
    # Translators: {point} is such as "exemptions for the islands"; {count} is of people, two or more.
    told = _("{point} (asked for by {count})")
    shown = [told.format(point=point.text, count=number(len(point.asked_by))) for point in points]
    # Translators: {points} is such as "exemptions for the islands (asked for by 2) and a later start (…)".
    return _("Leaves open: {points}").format(points=listed(shown))


def collected_until(d: Deliberation, when: When) -> str:
    """Until when, or until how many, opinions are collected."""
    quorum = d.terms.quorum
    if d.closes_at is None:
        if quorum is None:
            return _("Open until the person who asked closes it")
        return _n(
            "Open until the person who asked closes it, or with {count} opinion",
            "Open until the person who asked closes it, or with {count} opinions",
            quorum,
        ).format(count=number(quorum))
    if quorum is None:
        return _("Closes {when}").format(when=when(d.closes_at))
    told = _n("Closes {when}, or with {count} opinion", "Closes {when}, or with {count} opinions", quorum)
    return told.format(when=when(d.closes_at), count=number(quorum))


def asked_by(person: str) -> str:
    """Who asked."""
    return _("Asked by {person}").format(person=person)


def for_stewards(person: str) -> str:
    """Whom a button is for that stands where everybody sees it."""
    # Translators: under the buttons “Try again” and “Record what was decided”.
    return _("For {person} and admins.").format(person=person)


def rating_open(d: Deliberation, when: When) -> str:
    """Until when, or for how long, the statement is rated: a vote that runs may have been extended."""
    ends = d.rating_closes_at
    if ends is None:
        return _("Rating is open for {period}.").format(period=lasts(d.terms.rating_period))
    return _("Rating is open until {when}.").format(when=when(ends))


def closes(when_: str) -> str:
    """Said before an opinion is given."""
    return _("The question closes {when}.").format(when=when_)


def opinions_close(when_: str) -> str:
    """Said to who asked, with the time that was understood."""
    return _("Opinions close {when}.").format(when=when_)


def position_asked(statement: str) -> str:
    """The poll's question about the position statement."""
    return _("How far do you agree: {statement}").format(statement=statement)


def on(question: str) -> str:
    """What a notice is about, under its title."""
    return _("On “{question}”").format(question=question)


def at_time(date: str, time: str) -> str:
    """A time, where a platform writes day and time of day itself."""
    # Translators: such as "24 December at 18:00".
    return _("{date} at {time}").format(date=date, time=time)


def longer(command: str) -> str:
    """Under a statement that has no room on a card."""
    return _("This is only the beginning. `{command} results` shows all of it.").format(command=command)


def scale(d: Deliberation) -> str:
    """The steps of a question's scale in one line, highest last."""
    return " · ".join(f"{level.emoji} {_(level.label).lower()}" for level in d.terms.levels)


def own_scale(d: Deliberation) -> str:
    """The same where a team's own emoji stand for the steps; empty for the usual ones, which need no key."""
    return "" if d.terms.levels == d.terms.scale.levels else scale(d)


# -- notifications -------------------------------------------------------------------------------
# What a device shows of a card. Each gets what members wrote in a platform's own form.


def notified_question(question: str) -> str:
    """A question was asked."""
    return _("A question for this channel: {question}").format(question=question)


def notified_drafting(question: str) -> str:
    """A statement is being drafted."""
    return _("Drafting a statement: {question}").format(question=question)


def notified_failed(question: str) -> str:
    """Drafting was given up."""
    return _("No statement yet: {question}").format(question=question)


def notified_to_rate(question: str) -> str:
    """There is a statement to rate."""
    return _("There is a statement to rate: {question}").format(question=question)


def notified_ballot(statement: str) -> str:
    """It is rated by reactions."""
    return _("Rate this with a reaction: {statement}").format(statement=statement)


def notified_result(statement: str) -> str:
    """The vote is over."""
    return _("The result: {statement}").format(statement=statement)


def notified_cancelled(question: str) -> str:
    """The question ended without a statement."""
    return _("Cancelled: {question}").format(question=question)
