"""Webhooks in words, for the team's admins.

Reads:  webhooks, and deliveries that are no longer tried.
Gives:  titles and sentences.
"""

from collections.abc import Mapping

from bot.domain.events import EventKind
from bot.domain.webhooks import Delivery, Problem
from bot.wording.confirmations import REMOVE, Confirmation
from bot.wording.language import N_, _, _n, number

WEBHOOKS = N_("Webhooks")
ADDED = N_("Webhook added.")
REMOVED = N_("Webhook removed.")
SWITCHED_ON = N_("Webhook switched on.")
SWITCHED_OFF = N_("Switched off: the address answered that it's gone for good.")
SOME_OFF = N_("A webhook is switched off, because its address answered that it's gone for good.")
NONE_YET = N_("No webhooks yet.")
NOTHING_DEAD = N_("Everything has been delivered.")
SECRET_ONCE = N_("Copy this secret now. It isn't shown again.")

REMOVING = Confirmation(
    N_("Remove this webhook?"),
    N_("Nothing more is sent there. Undelivered messages to it are deleted."),
    REMOVE,
)

EVENTS: Mapping[EventKind, str] = {
    EventKind.OPENED: N_("A question opens"),
    EventKind.CLOSED: N_("A question closes"),
    EventKind.STATEMENT: N_("A statement is posted"),
    EventKind.SETTLED: N_("A question is settled"),
    EventKind.FAILED: N_("A question ends without a statement"),
}

PROBLEMS: Mapping[Problem, str] = {
    Problem.REDIRECTED: N_("The address redirects to another one, which isn't followed."),
    Problem.TIMED_OUT: N_("No answer within 10 seconds."),
    Problem.UNREACHABLE: N_("The address can't be reached."),
    Problem.NOT_ALLOWED: N_("The address is private."),
    Problem.TOO_MANY: N_("Too many deliveries were waiting."),
}


def problem(delivery: Delivery) -> str:
    """Why the last try did not arrive."""
    if delivery.problem is None:
        return ""
    if delivery.problem is Problem.ANSWERED:
        return _("The address answered with status {status}.").format(status=str(delivery.status))
    return _(PROBLEMS[delivery.problem])


def replayed(count: int) -> str:
    """How many are sent again."""
    if count == 0:
        return str(_("There was nothing to send again."))
    told = _n("{count} delivery is being sent again.", "{count} deliveries are being sent again.", count)
    return told.format(count=number(count))


def on_the_way(count: int) -> str:
    """How many are still tried."""
    told = _n("{count} delivery is on its way.", "{count} deliveries are on their way.", count)
    return told.format(count=number(count))
