"""What streaq and its client (coredis on anyio) raise, as one `StoreError`.

Messages of a refused command may quote its arguments, and ours are only names and ids; the cause is kept
for the log, which shows its type and place.
"""

from collections.abc import Iterator

from anyio import BrokenResourceError, ClosedResourceError
from coredis.exceptions import RedisError
from streaq import StreaqError

# RuntimeError: coredis raises it when a pool was closed under a command that was about to use it.
FAILURES = (
    RedisError,
    StreaqError,
    OSError,
    RuntimeError,
    BrokenResourceError,
    ClosedResourceError,
    ExceptionGroup,
)
UNREACHABLE = "The job queue does not answer. Check REDIS_URL and that the server runs."


def leaves(exc: BaseException) -> Iterator[BaseException]:
    """The errors inside nested groups, or the error itself."""
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            yield from leaves(inner)
    else:
        yield exc


def is_outage(exc: Exception) -> bool:
    """Whether nothing but a connection that broke or could not be made is behind this."""
    return all(isinstance(leaf, FAILURES) for leaf in leaves(exc))
