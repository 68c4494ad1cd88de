"""What was decided after a vote, in words: on cards, in lists, on pages, and to whoever does it.

Reads:  a decision, or the question that it is of; members' words and mentions in a platform's own form.
Gives:  sentences.
"""

from collections.abc import Callable

from bot.domain.decision import Decision
from bot.domain.deliberation import Deliberation
from bot.wording.language import N_, _, day

KEPT = N_("Saved. It stands with the result now.")
NOTHING = N_("Nothing was decided.")
ASKED_HERE = N_("The day has come. How did it go? Write it below.")
TELL_OTHERS = N_("Tell the others where the question was asked.")
EITHER_OR = N_("Write what was decided, or choose “Nothing was decided”, not both.")

Escaped = Callable[[str], str]


def nobody(user: str) -> str:
    """A member's id where it says nothing, as on a page."""
    return ""


def doer(decision: Decision, escaped: Escaped, person: Escaped) -> str:
    """Who does it; empty where nobody is named.

    escaped: somebody's words, person: a member's id, as a platform shows them.
    """
    return person(decision.member) if decision.member else escaped(decision.who)


def decided(decision: Decision, escaped: Escaped = str, person: Escaped = nobody) -> str:
    """What was decided, who does it and until when, in one sentence."""
    if decision.nothing:
        return str(NOTHING)
    what, who = escaped(decision.decided), doer(decision, escaped, person)
    if who and decision.by:
        # Translators: such as "Decided: Ban plastic bags – Ann, by 12 March 2026".
        return _("Decided: {what} – {who}, by {day}").format(what=what, who=who, day=day(decision.by))
    if decision.by:
        return _("Decided: {what} – by {day}").format(what=what, day=day(decision.by))
    if who:
        return _("Decided: {what} – {who}").format(what=what, who=who)
    return _("Decided: {what}").format(what=what)


def lines(d: Deliberation, escaped: Escaped = str, person: Escaped = nobody) -> list[str]:
    """What was decided and how it went, a line each; none where that was not recorded."""
    decision = d.decision
    if decision is None:
        return []
    told = [decided(decision, escaped, person)]
    if decision.how_it_went:
        told.append(_("How it went: {told}").format(told=escaped(decision.how_it_went)))
    return told


def how_did_it_go(d: Deliberation, *, theirs: bool, recorded: bool) -> str:
    """Asked on the day by which it was to be done.

    theirs: whether it is written to who does it. recorded: whether they can say it with a button here.
    """
    decision = d.decision
    if decision is None or decision.by is None:
        return ""
    if theirs:
        asks = _("Your group decided on “{question}”: “{what}”. You do it, by {day}. How did it go?")
    else:
        asks = _("Your group decided on “{question}”: “{what}”, by {day}. How did it go?")
    asks = asks.format(question=d.question, what=decision.decided, day=day(decision.by))
    return asks if recorded else f"{asks} {TELL_OTHERS}"
