"""What redis-py raises, as a `StoreError` with a sentence that says what to do.

A refused command's own message can quote what was sent (an opinion, for example), so it is never passed
on, neither in the text nor as the cause. Lost connections quote nothing but an address and stay the cause.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from redis import exceptions as redis_errors

from bot.domain.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")

# Most telling first: several of these are kinds of the later ones.
_REFUSALS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (redis_errors.OutOfMemoryError,),
        "The state store is full. Give it more memory or delete old questions.",
    ),
    (
        (redis_errors.ReadOnlyError, redis_errors.MasterDownError),
        "The state store is a read-only replica. Point REDIS_URL at the primary.",
    ),
    ((redis_errors.BusyLoadingError,), "The state store is still loading its data. Try again in a moment."),
    (
        (redis_errors.AuthenticationError, redis_errors.NoPermissionError),
        "The state store refuses this user. Check the user, the password and the rights in REDIS_URL.",
    ),
)
# The first word of what the server says, where redis-py makes no kind of error of it.
_CODES = {
    "NOREPLICAS": "The state store takes no writes: too few of its replicas are connected. Check them.",
    "MISCONF": "The state store takes no writes, for it cannot write to its disk. Check the server's disk.",
}
_UNREACHABLE = "The state store does not answer. Check REDIS_URL and that the server runs."


@contextmanager
def store_errors() -> Iterator[None]:
    """Let nothing of redis-py out of this block."""
    try:
        yield
    except redis_errors.RedisError as exc:
        for kinds, sentence in _REFUSALS:
            if isinstance(exc, kinds):
                raise StoreError(sentence) from None
        if isinstance(exc, redis_errors.ConnectionError | redis_errors.TimeoutError):
            raise StoreError(_UNREACHABLE) from exc
        if (code := str(exc).partition(" ")[0]) in _CODES:
            raise StoreError(_CODES[code]) from None
        raise StoreError(f"The state store refused a command ({type(exc).__name__}).") from None


def maps_errors(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """`store_errors` around an asynchronous method."""

    @wraps(method)
    async def mapped(*args: P.args, **kwargs: P.kwargs) -> T:
        with store_errors():
            return await method(*args, **kwargs)

    return mapped
