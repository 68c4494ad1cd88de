"""Whether everything that a team's questions need is alive, in words.

Reads:  how many workers there are, how many are quiet, how many questions wait.
Gives:  a whole sentence for each.
"""

from bot.wording.language import N_, _n, number

NO_WORKER = N_(
    "No worker is running: opinions are kept, but nothing is drafted, closed or reminded of. Start one with "
    "`accord worker`."
)
ONLY_ONE_IS_QUIET = N_(
    "The worker has given no sign of life for {seconds} seconds, and may have stopped. Look again in half a "
    "minute, or see whether `accord worker` still runs."
)
NOTHING_WAITS = N_("The database answers, and nothing waits for a worker.")


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
        "{quiet} of {count} workers has given no sign of life for {seconds} seconds, and may have stopped. "
        "Look again in half a minute, or see whether `accord worker` still runs.",
        "{quiet} of {count} workers have given no sign of life for {seconds} seconds, and may have stopped. "
        "Look again in half a minute, or see whether `accord worker` still runs.",
        quiet,
    )
    return told.format(quiet=number(quiet), count=number(count), seconds=number(seconds))


def waiting(overdue: int) -> str:
    """How many questions wait for one for too long."""
    if not overdue:
        return str(NOTHING_WAITS)
    told = _n(
        "The database answers, but one question has waited for a worker for more than a minute. More workers "
        "help, or a look at the worker's log.",
        "The database answers, but {count} questions have waited for a worker for more than a minute. More "
        "workers help, or a look at the worker's log.",
        overdue,
    )
    return told.format(count=number(overdue))
