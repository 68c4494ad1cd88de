"""What is asked before something that cannot be undone: what it is, what follows, what to press.

Reads:  what is to be cancelled or removed, and what hangs on it.
Gives:  a `Confirmation`, which each platform draws in its own way. Nothing is destroyed by one click.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.library import BankQuestion, Schedule, Template
from bot.wording import buttons
from bot.wording.choices import STEERING_WORDS
from bot.wording.language import N_, _, _n, number
from bot.wording.point_lines import POINTS_GO
from bot.wording.texts import FORGET_FINAL, STOP_LEARNING_COPIES, STOP_LEARNING_NOTE, few_have_rated


@dataclass(frozen=True)
class Confirmation:
    """A question in a few words, what follows if it is answered with `yes`, and the words of the button."""

    asks: str
    follows: str
    yes: str


CANCEL = Confirmation(
    N_("Cancel the question?"),
    N_("It ends for everyone, without a result, and can't be opened again."),
    STEERING_WORDS["cancel"],
)
WITHDRAW_OPINION = Confirmation(
    N_("Withdraw your opinion?"), N_("It's deleted and no longer counts."), N_("Withdraw my opinion")
)
WITHDRAW_OPINION_AND_STEP = replace(
    WITHDRAW_OPINION,
    follows=N_(
        "Your opinion, and how far you said you agree with the statement, are deleted and no longer count."
    ),
)
WITHDRAW_RATING = Confirmation(
    N_("Take your rating back?"),
    N_("It no longer counts. You can rate again while the vote is open."),
    N_("Take my rating back"),
)
WITHDRAW_REASON = Confirmation(
    N_("Withdraw your reason?"), N_("It's deleted. Your rating stays."), N_("Withdraw my reason")
)
END_RESULT_LINK = Confirmation(
    N_("End the link to the result?"),
    N_("Nobody can open the result page with it any more, wherever it was posted. You can make a new link."),
    buttons.END_RESULT_LINK,
)
REMOVE = N_("Remove it")
REPLACE = N_("Replace it")
CLOSE_VOTE = Confirmation(
    N_("Close the vote?"), N_("The result is final after that."), N_("Close the vote anyway")
)


REVISING_VOTE = Confirmation(
    N_("Revise the statement?"),
    N_(
        "The vote on this statement ends. Accord drafts a revised one from the opinions and from what "
        "members say of this one, and everybody votes once more. If no draft is likely to do better, this "
        "one stays."
    ),
    STEERING_WORDS["revise"],
)


def withdrawing_opinion(*, step_goes: bool, points_go: bool) -> Confirmation:
    """An opinion; `step_goes`: with the step that was chosen on the position statement.

    points_go: with the points that others vote on.
    """
    asks = WITHDRAW_OPINION_AND_STEP if step_goes else WITHDRAW_OPINION
    return replace(asks, follows=f"{asks.follows} {POINTS_GO}") if points_go else asks


def stopping_learning() -> Confirmation:
    """What was kept to learn from somebody is deleted."""
    return Confirmation(
        _("Stop learning from you?"),
        f"{STOP_LEARNING_NOTE} {STOP_LEARNING_COPIES} {FORGET_FINAL}",
        buttons.STOP_LEARNING,
    )


def closing_vote(rated: int, fewest: int) -> Confirmation:
    """So few have rated that nothing would be shown."""
    return replace(CLOSE_VOTE, follows=f"{few_have_rated(rated, fewest)} {CLOSE_VOTE.follows}")


def keeping_shorter(days: int, before: Sequence[int], at_once: int) -> Confirmation:
    """Questions are kept for fewer days than members were told.

    before: for how many days each of these questions was to be kept.
    at_once: how many of them ended longer ago than the new time.
    """
    told = _deleted_sooner(len(before), _days(days), max(before), alike=len(set(before)) == 1)
    return Confirmation(
        _("Keep questions for less time?"),
        " ".join(filter(None, (told, _deleted_now(len(before), at_once), str(FORGET_FINAL)))),
        _("Delete after {days}").format(days=_days(days)),
    )


def _deleted_sooner(questions: int, days: str, before: int, *, alike: bool) -> str:
    """alike: whether all of them were to be kept for as many days."""
    if alike:
        # Translators: {days} is a time such as "30 days"; {before} is a number of days.
        told = _n(
            "{count} question will be deleted sooner, with its opinions, ratings and reasons: {days} after "
            "it ends instead of {before}.",
            "{count} questions will be deleted sooner, with their opinions, ratings and reasons: {days} "
            "after they end instead of {before}.",
            questions,
        )
    else:
        # Translators: {days} is a time such as "30 days"; {before} is a number of days.
        told = _n(
            "{count} question will be deleted sooner, with its opinions, ratings and reasons: {days} after "
            "it ends instead of up to {before}.",
            "{count} questions will be deleted sooner, with their opinions, ratings and reasons: {days} "
            "after they end instead of up to {before}.",
            questions,
        )
    return told.format(count=number(questions), days=days, before=number(before))


def _deleted_now(questions: int, at_once: int) -> str:
    if not at_once:
        return ""
    if at_once == questions == 1:
        return _("It ended longer ago than that, so it is deleted now.")
    if at_once == questions:
        return _("They all ended longer ago than that, so they are deleted now.")
    return _n(
        "{count} of them ended longer ago than that, so it is deleted now.",
        "{count} of them ended longer ago than that, so they are deleted now.",
        at_once,
    ).format(count=number(at_once))


def _days(count: int) -> str:
    return _n("{count} day", "{count} days", count).format(count=number(count))


def removing_template(template: Template, schedules: Sequence[Schedule]) -> Confirmation:
    """With how many schedules post nothing from then on."""
    using = _posting(template, schedules)
    stops = _n(
        "{count} schedule posts it, and will post nothing until you make a template with that name again.",
        "{count} schedules post it, and will post nothing until you make a template with that name again.",
        using,
    ).format(count=number(using))
    stays = _("Questions that were asked from it stay.")
    return Confirmation(
        _("Remove the template “{name}”?").format(name=template.name),
        f"{stops} {stays}" if using else stays,
        REMOVE,
    )


def _posting(template: Template, schedules: Sequence[Schedule]) -> int:
    """How many schedules post a template."""
    return sum(schedule.template == template.name for schedule in schedules)


def replacing_template(before: Template, schedules: Sequence[Schedule]) -> Confirmation:
    """Another template of this name is there, with the schedules that post it."""
    using = _posting(before, schedules)
    changes = _n(
        "{count} schedule posts it, and will post the new words.",
        "{count} schedules post it, and will post the new words.",
        using,
    ).format(count=number(using))
    there = _("There is one already. It says: “{question}”").format(question=before.question)
    return Confirmation(
        _("Replace the template “{name}”?").format(name=before.name),
        f"{changes} {there}" if using else there,
        REPLACE,
    )


def removing_question(question: BankQuestion) -> Confirmation:
    """A question of the bank."""
    return Confirmation(_("Take this question out of the bank?"), f"“{question.question}”", REMOVE)


def removing_schedule(schedule: Schedule) -> Confirmation:
    """A schedule, with what stays of it."""
    if schedule.template:
        follows = _("It will no longer post “{template}”. Questions it has already posted stay.").format(
            template=schedule.template
        )
    else:
        follows = _("It will no longer post the bank's questions. Questions it has already posted stay.")
    return Confirmation(_("Remove this schedule?"), follows, REMOVE)
