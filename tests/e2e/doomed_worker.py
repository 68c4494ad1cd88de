"""A worker of `worker_process` that is killed before it does one certain thing.

    python -m tests.e2e.doomed_worker STEP NUMBER REDIS_URL CHAT_URL TAKEOVER_S

STEP is a step of the deliberations', `webhook` or `rehearsal`. What counts are its requests: to the store,
the chat, the engine and a webhook's receiver. The process ends by SIGKILL before the NUMBERth, so after the
one before.
"""

import asyncio
import os
import signal
import sys
from contextvars import ContextVar

import aiohttp
from redis.asyncio.connection import AbstractConnection

import adapters.jobs.worker
import bot.worker.webhooks
from bot.worker.steps import STEPS
from tests.e2e import worker_process

_to_go: ContextVar[list[int] | None] = ContextVar("to_go", default=None)


def doomed(act, number):
    """The same, but that it is killed in its `number`th request."""

    async def acting(*given):
        token = _to_go.set([number])
        try:
            return await act(*given)
        finally:
            _to_go.reset(token)

    return acting


def counted(request):
    """A kind of request that may be the last one."""

    async def requesting(*given, **named):
        to_go = _to_go.get()
        if to_go is not None:
            to_go[0] -= 1
            if to_go[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return await request(*given, **named)

    return requesting


def doom(step, number):
    """Have this process killed there."""
    AbstractConnection.send_packed_command = counted(AbstractConnection.send_packed_command)
    aiohttp.ClientSession._request = counted(aiohttp.ClientSession._request)
    if step == "webhook":
        bot.worker.webhooks._deliver = doomed(bot.worker.webhooks._deliver, number)
    elif step == "rehearsal":
        adapters.jobs.worker.play_waiting = doomed(adapters.jobs.worker.play_waiting, number)
    else:
        STEPS[step] = doomed(STEPS[step], number)


if __name__ == "__main__":
    doom(sys.argv[1], int(sys.argv[2]))
    asyncio.run(worker_process.main(*sys.argv[3:]))
