"""How a job looks in Redis, and streaq set up for it.

One streaq task per step, named after it, with the deliberation's id as its argument, as JSON: nothing is
ever unpickled. streaq keeps a task's data under its id until the task is over, and drops another one of
the same id meanwhile; so the id is made from what is asked for.
A worker of another version that gets a step it does not know drops the job; the sweep asks again.
"""

import json
from typing import Any

import streaq

from adapters.jobs.connection import connection_options
from bot.domain.deliberation import Step

# In braces, so that a Redis Cluster keeps all keys of the queue on one node, as streaq needs it.
QUEUE = "{accord}"

# streaq's blocking read waits as long as its idle timeout; a reply may take this much longer.
ANSWER_WITHIN_S = 10.0


def job_id(step: Step, deliberation_id: str) -> str:
    """The id that asking again finds."""
    return f"{step}:{deliberation_id}"


def pack(data: Any) -> str:
    """JSON; of an error only its type, because its message may quote what somebody wrote."""
    return json.dumps(data, default=_type_of_error)


def _type_of_error(value: object) -> str:
    if isinstance(value, BaseException):
        return type(value).__name__
    raise TypeError(f"a job cannot hold a {type(value).__name__}")


def streaq_options(url: str, *, idle_timeout_s: float) -> dict[str, Any]:
    """What gateways and workers set up streaq with, so that they meet in one queue.

    Raises StoreError when the URL cannot be used.
    """
    return {
        "queue_name": QUEUE,
        "serializer": pack,
        "deserializer": json.loads,
        "idle_timeout": idle_timeout_s,
        **connection_options(url, answer_within_s=idle_timeout_s + ANSWER_WITHIN_S),
    }


def open_client(url: str) -> streaq.Worker[None]:
    """A streaq that asks and never takes; to be entered as a context manager."""
    return streaq.Worker(**streaq_options(url, idle_timeout_s=1.0))
