"""What is asked before something that cannot be undone: what it is, what follows, what to press.

Reads:  what is to be cancelled or removed, and what hangs on it.
Gives:  a `Confirmation`, which each platform draws in its own way. Nothing is destroyed by one click.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.library import BankQuestion, Schedule, Template
from bot.wording import buttons
from bot.wording.choices import STEERING_WORDS
from bot.wording.texts import STOP_LEARNING_COPIES, STOP_LEARNING_NOTE, few_have_rated


@dataclass(frozen=True)
class Confirmation:
    """A question in a few words, what follows if it is answered with `yes`, and the words of the button."""

    asks: str
    follows: str
    yes: str


CANCEL = Confirmation(
    "Cancel the question?",
    "It ends without a result, for everyone, and cannot be opened again.",
    STEERING_WORDS["cancel"],
)
WITHDRAW_OPINION = Confirmation(
    "Withdraw your opinion?", "It's deleted and no longer counts.", "Withdraw my opinion"
)
WITHDRAW_RATING = Confirmation(
    "Take your rating back?",
    "It no longer counts. You can rate again while the vote is open.",
    "Take my rating back",
)
END_RESULT_LINK = Confirmation(
    "End the link to the result?",
    "Nobody can open the result page with it any more, wherever it was posted. You can make a new link.",
    buttons.END_RESULT_LINK,
)
STOP_LEARNING = Confirmation(
    "Stop learning from you?",
    f"{STOP_LEARNING_NOTE} {STOP_LEARNING_COPIES} You can't undo this.",
    buttons.STOP_LEARNING,
)
REMOVE = "Remove it"
REPLACE = "Replace it"
CLOSE_VOTE = Confirmation("Close the vote?", "The result is final after that.", "Close the vote anyway")


def closing_vote(rated: int, fewest: int) -> Confirmation:
    """So few have rated that nothing would be shown."""
    return replace(CLOSE_VOTE, follows=f"{few_have_rated(rated, fewest)} {CLOSE_VOTE.follows}")


def keeping_shorter(days: int, before: Sequence[int], at_once: int) -> Confirmation:
    """Questions are kept for fewer days than members were told.

    before: for how many days each of these questions was to be kept.
    at_once: how many of them ended longer ago than the new time.
    """
    most = max(before)
    what = "1 question" if len(before) == 1 else f"{len(before):,} questions"
    whose, ends = ("its", "it ends") if len(before) == 1 else ("their", "they end")
    instead = f"{most}" if len(set(before)) == 1 else f"up to {most}"
    told = (
        f"{what} will be deleted sooner, with {whose} opinions and ratings: {_days(days)} after {ends} "
        f"instead of {instead}.{_now(len(before), at_once)}"
    )
    return Confirmation(
        "Keep questions for less time?", f"{told} You can't undo this.", f"Delete after {_days(days)}"
    )


def _now(questions: int, at_once: int) -> str:
    if not at_once:
        return ""
    those = f"{at_once:,} of them" if at_once < questions else "It" if questions == 1 else "They all"
    return f" {those} ended longer ago than that, so {'it is' if at_once == 1 else 'they are'} deleted now."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def removing_template(template: Template, schedules: Sequence[Schedule]) -> Confirmation:
    """With how many schedules post nothing from then on."""
    follows = "Questions that were asked from it stay."
    if using := _posting(template, schedules):
        follows = f"{using} it, and will post nothing until there is a template of that name again. {follows}"
    return Confirmation(f"Remove the template “{template.name}”?", follows, REMOVE)


def _posting(template: Template, schedules: Sequence[Schedule]) -> str:
    """How many schedules post a template; empty where none does."""
    count = sum(schedule.template == template.name for schedule in schedules)
    if not count:
        return ""
    return "1 schedule posts" if count == 1 else f"{count:,} schedules post"


def replacing_template(before: Template, schedules: Sequence[Schedule]) -> Confirmation:
    """Another template of this name is there, with the schedules that post it."""
    follows = f"There is one already. It says: “{before.question}”"
    if using := _posting(before, schedules):
        follows = f"{using} it, and will post the new words. {follows}"
    return Confirmation(f"Replace the template “{before.name}”?", follows, REPLACE)


def removing_question(question: BankQuestion) -> Confirmation:
    """A question of the bank."""
    return Confirmation("Take this question out of the bank?", f"“{question.question}”", REMOVE)


def removing_schedule(schedule: Schedule) -> Confirmation:
    """A schedule, with what stays of it."""
    what = f"“{schedule.template}”" if schedule.template else "the bank's questions"
    return Confirmation(
        "Remove this schedule?",
        f"It posts {what}, and will post nothing more. Questions that it has posted stay.",
        REMOVE,
    )
