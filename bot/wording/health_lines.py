"""Whether everything that a team's questions need is alive, in words.

Reads:  how many workers there are, how many are quiet, how many questions wait.
Gives:  a whole sentence for each.
"""

from bot.wording.language import N_, _n, number

NO_WORKER = N_(
    "No worker is running. Opinions are saved, but nothing is drafted or closed and nobody is reminded. "
    "Start one with `accord worker`."
)
ONLY_ONE_IS_QUIET = N_(
    "The worker hasn't reported for {seconds} seconds and may have stopped. Look again in half a minute, "
    "or check that `accord worker` is still running."
)
NOTHING_WAITS = N_("The database answers, and nothing is waiting for a worker.")


def workers_running(count: int) -> str:
    """How many there are, none of them quiet."""
    if not count:
        return str(NO_WORKER)
    return _n("One worker is running.", "{count} workers are running.", count).format(count=number(count))


def workers_quiet(quiet: int, count: int, seconds: int) -> str:
    """How many of them have given no sign of life for so long."""
    if count == 1:
        return ONLY_ONE_IS_QUIET.format(seconds=number(seconds))
    told = _n(
        "{quiet} of {count} workers hasn't reported for {seconds} seconds and may have stopped. Look again "
        "in half a minute, or check that `accord worker` is still running.",
        "{quiet} of {count} workers haven't reported for {seconds} seconds and may have stopped. Look "
        "again in half a minute, or check that `accord worker` is still running.",
        quiet,
    )
    return told.format(quiet=number(quiet), count=number(count), seconds=number(seconds))


def waiting(overdue: int) -> str:
    """How many questions wait for one for too long."""
    if not overdue:
        return str(NOTHING_WAITS)
    told = _n(
        "The database answers, but one question has waited for a worker for more than a minute. Start more "
        "workers, or look at the worker's log.",
        "The database answers, but {count} questions have waited for a worker for more than a minute. "
        "Start more workers, or look at the worker's log.",
        overdue,
    )
    return told.format(count=number(overdue))
