"""Whether everything that a team's questions need is alive, in words.

Reads:  how many workers there are, how many are quiet, how many questions wait.
Gives:  a whole sentence for each.
"""

NO_WORKER = (
    "No worker is running: opinions are kept, but nothing is drafted, closed or reminded of. Start one with "
    "`accord worker`."
)
ONE_WORKER = "One worker is running."
WORKERS = "{count:,} workers are running."

ONLY_ONE_IS_QUIET = (
    "The worker has given no sign of life for {seconds} seconds, and may have stopped. Look again in half a "
    "minute, or see whether `accord worker` still runs."
)
ONE_IS_QUIET = (
    "1 of {count:,} workers has given no sign of life for {seconds} seconds, and may have stopped. Look "
    "again in half a minute, or see whether `accord worker` still runs."
)
SOME_ARE_QUIET = (
    "{quiet:,} of {count:,} workers have given no sign of life for {seconds} seconds, and may have stopped. "
    "Look again in half a minute, or see whether `accord worker` still runs."
)

NOTHING_WAITS = "The database answers, and nothing waits for a worker."
ONE_WAITS = (
    "The database answers, but one question has waited for a worker for more than a minute. More workers "
    "help, or a look at the worker's log."
)
SOME_WAIT = (
    "The database answers, but {overdue:,} questions have waited for a worker for more than a minute. More "
    "workers help, or a look at the worker's log."
)


def workers_running(count: int) -> str:
    """How many there are, none of them quiet."""
    if not count:
        return NO_WORKER
    return ONE_WORKER if count == 1 else WORKERS.format(count=count)


def workers_quiet(quiet: int, count: int, seconds: int) -> str:
    """How many of them have given no sign of life for so long."""
    told = ONE_IS_QUIET if quiet == 1 else SOME_ARE_QUIET
    return (ONLY_ONE_IS_QUIET if count == 1 else told).format(quiet=quiet, count=count, seconds=seconds)


def waiting(overdue: int) -> str:
    """How many questions wait for one for too long."""
    if not overdue:
        return NOTHING_WAITS
    return ONE_WAITS if overdue == 1 else SOME_WAIT.format(overdue=overdue)
