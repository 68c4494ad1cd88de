"""The titles and lines of cards and notes, once for all platforms.

Reads:  a deliberation, and times, people and members' words in a platform's own form.
Gives:  sentences. What is on a card at all, `bot.wording.cards` says.
"""

from collections.abc import Callable
from datetime import datetime

from bot.domain.deliberation import Deliberation
from bot.wording import texts
from bot.wording.language import N_

When = Callable[[datetime], str]

# -- titles --------------------------------------------------------------------------------------

QUESTION_TITLE = N_("Let's find common ground")
BEFORE_YOU_ANSWER = "Before you answer"
UNTIL = "Until"
OPINIONS = "Opinions"
ANSWERED = "Answered"
BACKGROUND = "Background"
DRAFTING_TITLE = "A statement is being drafted"
FAILED_TITLE = "No statement yet"
TO_RATE_TITLE = "There is a statement to rate"
HOW_IT_CAME_ABOUT = "How it came about"
HOW_FAR = "How far do you agree?"
RATINGS = "Ratings"
RESULT = "Result"
VOTE_CLOSED_TITLE = "The vote is closed"
CANCELLED_TITLE = "Cancelled"
WHAT_YOU_WROTE = "What you wrote"
IN_THIS_QUESTION = "In this question"
BY_NAME = "Opinions by name"

# -- sentences -----------------------------------------------------------------------------------

OPINIONS_CLOSED = "Opinions are closed. The statement will appear here."
CANCELLED = "The question was cancelled."
SEE_BELOW_REACTIONS = "Read the statement below, and rate it with a reaction there."
SEE_BELOW_POLL = "Read the statement below, and rate it in the poll under it."
REACT_HERE = "React to this message."
VOTE_BELOW = "Vote in the poll below."
POLL_QUESTION = "How far do you agree with the statement above?"
DISCUSS_HERE = (
    "Discuss it here. Accord doesn't read this thread, so share your opinion with the button at the question."
)
POSITION_BY_POLL = (
    "How far do you agree? Vote in the poll below. If it ends before opinions close, we ask you when you "
    "share your opinion."
)
OWN_WORDS = "In your own words: what you think, and why."
OPINION_PLACEHOLDER = "What you think, and why."


def collected_until(d: Deliberation, when: When) -> str:
    """Until when, or until how many, opinions are collected."""
    if d.closes_at is None:
        if d.terms.quorum is None:
            return "Open until the person who asked closes it"
        return f"Open until the person who asked closes it, or with {d.terms.quorum:,} opinions"
    if d.terms.quorum is None:
        return f"Closes {when(d.closes_at)}"
    return f"Closes {when(d.closes_at)}, or with {d.terms.quorum:,} opinions"


def asked_by(person: str) -> str:
    """Who asked."""
    return f"Asked by {person}"


def for_stewards(person: str) -> str:
    """Whom the button is for with which drafting is tried again."""
    return f"For {person} and admins."


def rating_open(d: Deliberation, when: When) -> str:
    """Until when, or for how long, the statement is rated."""
    return f"Rating is open {texts.rating_until(d, when)}."


def closes(when_: str) -> str:
    """Said before an opinion is given."""
    return f"The question closes {when_}."


def opinions_close(when_: str) -> str:
    """Said to who asked, with the time that was understood."""
    return f"Opinions close {when_}."


def position_asked(statement: str) -> str:
    """The poll's question about the position statement."""
    return f"How far do you agree: {statement}"


def on(question: str) -> str:
    """What a notice is about, under its title."""
    return f"On “{question}”"


def longer(command: str) -> str:
    """Under a statement that has no room on a card."""
    return f"This is only the beginning. `{command} results` shows all of it."


# -- notifications -------------------------------------------------------------------------------
# What a device shows of a card. Each gets what members wrote in a platform's own form.


def notified_question(question: str) -> str:
    """A question was asked."""
    return f"A question for this channel: {question}"


def notified_drafting(question: str) -> str:
    """A statement is being drafted."""
    return f"Drafting a statement: {question}"


def notified_failed(question: str) -> str:
    """Drafting was given up."""
    return f"No statement yet: {question}"


def notified_to_rate(question: str) -> str:
    """There is a statement to rate."""
    return f"There is a statement to rate: {question}"


def notified_ballot(statement: str) -> str:
    """It is rated by reactions."""
    return f"Rate this with a reaction: {statement}"


def notified_result(statement: str) -> str:
    """The vote is over."""
    return f"The result: {statement}"


def notified_cancelled(question: str) -> str:
    """The question ended without a statement."""
    return f"Cancelled: {question}"
