"""A worker in a process of its own, whose chat and engine are the test that started it.

    python -m tests.e2e.worker_process REDIS_URL CHAT_URL TAKEOVER_S

Every card and every mediation is an HTTP request to CHAT_URL; the test answers when it likes. State and
jobs are the real ones. It logs everything that the application would, at DEBUG.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

import aiohttp

from adapters.clock import SystemClock
from adapters.jobs.queue import StreaqJobQueue
from adapters.jobs.worker import run_worker
from adapters.redis.connection import connect
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.library import RedisLibrary
from adapters.redis.live import RedisLiveFeed
from adapters.redis.notes import RedisNotes
from adapters.redis.state import redis_state
from adapters.webhooks.sender import HttpSender
from bot.chat.rehearsals import KIND, Rehearsals
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import MessageRef
from bot.domain.errors import PlatformError
from bot.ops import logs
from bot.service.ports import Ports
from bot.wording.cards import StatementCard
from bot.worker.steps import Worker
from engine.errors import GeneratorUnavailableError
from engine.rehearsal.results import Cost, Rehearsal, Understanding
from engine.types import Candidate, Mediation, ModelsUsed, Progress, Stage, Timings

NO_COST = Cost(requests=0, tokens=0)


class HttpPlatform:
    """A chat platform that is one HTTP server."""

    def __init__(self, http):
        self._http = http

    async def post(self, channel, card, *, key):
        answer = await self._ask("/post", channel=channel, key=key, **as_json(card))
        return MessageRef(channel=channel, message=answer["message"])

    async def update(self, message, card):
        await self._ask("/update", message=message.message, **as_json(card))

    async def members(self, team, channel):
        return []

    async def _ask(self, path, **told):
        try:
            async with self._http.post(path, json=told, raise_for_status=True) as response:
                return await response.json()
        except aiohttp.ClientError as exc:
            raise PlatformError("The chat does not answer.") from exc


def as_json(card):
    """What the test has to know of a card."""
    statement = card.statement if isinstance(card, StatementCard) else None
    return {"card": type(card).__name__, "deliberation": card.deliberation.id, "statement": statement}


class HttpMediator:
    """An engine that is as slow as the test wants it, and never chooses the same words twice."""

    def __init__(self, http):
        self._http = http

    async def mediate(self, request, on_progress):
        on_progress(Progress(Stage.DRAFT, 1, request.candidates))
        asked = {"opinions": len(request.opinions)}
        try:
            async with self._http.post("/draft", json=asked, raise_for_status=True) as response:
                text = (await response.json())["statement"]
        except aiohttp.ClientError as exc:
            raise GeneratorUnavailableError("The text generator is away.") from exc
        rewards = tuple(5.0 for _ in request.opinions)
        return Mediation(
            question=request.question,
            seed=request.seed,
            statement=text,
            winner=0,
            welfare_function=request.welfare,
            participants=tuple(opinion.participant for opinion in request.opinions),
            candidates=(Candidate(text=text, source="test", seed=1, rewards=rewards, welfare=5.0),),
            models=ModelsUsed(generator="test", reward="test", prompt="none"),
            timings_s=Timings(draft=0, score=0, total=0),
            model_used=False,
        )


class HttpPlayer:
    """Tries a question out without any members."""

    def __init__(self, http):
        self._http = http

    async def rehearse(self, question, about, tell):
        tell("members", 0, 1)
        async with self._http.post("/rehearse", json={}, raise_for_status=True):
            pass
        return Rehearsal(
            question=question,
            seed=1,
            members=(),
            runs=(),
            statements_similarity=None,
            kinds=(),
            understanding=Understanding(readings=(), ways=()),
            clearer=(),
            diversity=None,
            estimate=NO_COST,
            asked=0,
            unusable=0,
            model="test",
            rated_by="test",
        )


async def main(redis_url, chat_url, takeover_s):
    logs.configure("DEBUG")
    async with AsyncExitStack() as stack:
        client = await connect(redis_url)
        stack.push_async_callback(client.aclose)
        http = await stack.enter_async_context(aiohttp.ClientSession(chat_url))
        ports = Ports(
            **redis_state(client),
            feedback=RedisFeedbackLog(client),
            library=RedisLibrary(client),
            jobs=await stack.enter_async_context(StreaqJobQueue(redis_url)),
            clock=SystemClock(),
            live=RedisLiveFeed(client),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"web": HttpPlatform(http)},
        )
        sender = await stack.enter_async_context(HttpSender(private=True))
        worker = Worker(
            ports,
            HttpMediator(http),
            pause_s=0.05,
            sender=sender,
            rehearsals=Rehearsals(RedisNotes(client, KIND), 5, lambda question, about: NO_COST),
            plays=HttpPlayer(http),
        )
        await run_worker(
            worker, redis_url, takeover_s=float(takeover_s), sweep_every_s=0.2, handle_signals=True
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
