"""Opinions encoded by real workers, over a real queue and a real store, with a tiny reward model."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from adapters.clock import SystemClock
from adapters.jobs.worker import run_worker
from adapters.memory import MemoryFeedbackLog, MemoryLibrary
from adapters.redis.connection import connect
from adapters.redis.live import RedisLiveFeed
from adapters.redis.state import redis_state
from adapters.web.platform import WebPlatform
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import CloseOpinions, GiveOpinion, PostQuestion
from bot.domain.deliberation import Phase, Step
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.worker.steps import Worker
from engine.mediator import Mediator
from engine.reward.scoring.stored import encoder_of
from engine.reward.towers.two_tower import TwoTower
from tests.engine.tiny import tiny_checkpoint
from tests.scripted_drafter import ScriptedGenerator

pytestmark = [
    pytest.mark.redis,
    # What coredis leaves to the garbage collector when a worker is cancelled.
    pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning"),
]

PEOPLE = [f"member-{number}" for number in range(60)]
PATIENCE_S = 60


class Counting(TwoTower):
    """Notes which opinions all workers together encode."""

    def __init__(self, read: Counter[str]):
        super().__init__(tiny_checkpoint(), device="cpu")
        self._read = read

    async def encode_opinions(self, question, opinions):
        self._read.update(opinions)
        return await super().encode_opinions(question, opinions)


@pytest.fixture
async def ports(server, queue):
    client = await connect(server.url)
    yield Ports(
        **redis_state(client),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=queue,
        clock=SystemClock(),
        live=RedisLiveFeed(client),
        pseudonyms=Pseudonyms("a secret for this test"),
        platforms={"web": WebPlatform()},
    )
    await client.aclose()


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 (other tasks act, by way of a server)
            await asyncio.sleep(0.02)


async def test_workers_encode_each_opinion_once_and_nothing_after_the_close(ports, server):
    read: Counter[str] = Counter()
    drafts = ["We ban them.", "We tax them.", "We wait for others."]
    workers = [
        Worker(ports, Mediator(ScriptedGenerator(drafts), model), encoder_of(model), pause_s=0.0)
        for model in (Counting(read), Counting(read))
    ]
    running = [asyncio.create_task(run_worker(worker, server.url, sweep_every_s=0.1)) for worker in workers]
    question = PostQuestion(Actor("t1", "fay"), "web", "c1", "Should we ban cats?", "key")
    id_ = (await dispatch(question, ports)).deliberation.id

    async def give(user):
        opinion = GiveOpinion(Actor("t1", user), id_, f"I think that {user} agrees.", datetime.now(UTC))
        assert (await dispatch(opinion, ports)).ok

    async def all_encoded():
        await ports.jobs.enqueue(Step.ENCODE, id_)  # the last hint may have come while a job was ending
        return not await ports.encodings.waiting(id_, limit=1)

    async def published():
        return (await ports.deliberations.load(id_)).phase is Phase.RATING

    try:
        await asyncio.gather(*map(give, PEOPLE))
        await until(all_encoded)
        assert read == Counter({f"I think that {user} agrees.": 1 for user in PEOPLE})
        await dispatch(CloseOpinions(Actor("t1", "fay"), id_), ports)
        await until(published)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    assert read.total() == len(PEOPLE)
    assert (await ports.mediations.mediation(id_, 1)).best_opinion is not None
