"""The application over the in-memory twins, with shorthands for what people do in it."""

import asyncio
import inspect
import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryPlatform,
    memory_state,
)
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.errors import StoreError
from bot.domain.terms import Terms
from bot.ops.logs import JsonLines
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.state import StatePorts
from bot.service.reply import Reply
from engine.feedback.record import FeedbackRecord
from engine.types import WelfareFunction

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
# In every opinion and every name here, and so never in a log.
UNSPEAKABLE = "zanzibar"


@dataclass
class Room:
    """A team and its people. `ports` may be swapped for some that fail."""

    ports: Ports
    clock: ManualClock

    def person(self, user, **about):
        return Actor(team="T1", user=user, name=f"{user} {UNSPEAKABLE}", **about)

    async def say(self, command) -> Reply:
        return await dispatch(command, self.ports)

    def asking(
        self, *, by="fay", key="key", opens_in=None, closes_in=None, question="Ban plastics?", **terms
    ):
        """A question as it is posted, from now on."""
        now = self.clock.now()
        return commands.PostQuestion(
            actor=by if isinstance(by, Actor) else self.person(by),
            platform="web",
            channel="C1",
            question=question,
            idempotency_key=key,
            terms=Terms(**terms),
            opens_at=None if opens_in is None else now + opens_in,
            closes_at=None if closes_in is None else now + closes_in,
        )

    async def asked(self, **how):
        """A question that was posted."""
        reply = await self.say(self.asking(**how))
        assert reply.ok, reply.text
        return reply.deliberation

    def giving(self, deliberation, user="ann", text="Ban them.", at=None, **about):
        return commands.GiveOpinion(
            actor=self.person(user, **about),
            deliberation_id=deliberation.id,
            text=f"{text} {UNSPEAKABLE}",
            at=at or self.clock.now(),
        )

    async def answered(self, deliberation, *users):
        """Opinions by these people."""
        for user in users:
            assert (await self.say(self.giving(deliberation, user))).ok

    def withdrawing(self, deliberation, user="ann", at=None):
        return commands.WithdrawOpinion(self.person(user), deliberation.id, at or self.clock.now())

    def rating(self, deliberation, value, user="ann", at=None, **about):
        actor = self.person(user, **about)
        return commands.CastRating(actor, deliberation.id, value, at or self.clock.now())

    def unrating(self, deliberation, user="ann", at=None):
        return commands.WithdrawRating(self.person(user), deliberation.id, at or self.clock.now())

    async def with_points(self, key="points", **how):
        """A question whose points p1 (of ann's opinion) and p2 (of bob's) are shown, and p2 is hidden."""
        deliberation = await self.asked(key=key, points=True, **how)
        await self.answered(deliberation, "ann", "bob")
        points, id_ = self.ports.points, deliberation.id
        for opinion in await points.waiting(id_, limit=9):
            is_anns = opinion.participant == self.key("ann", deliberation)
            await points.keep_split(id_, opinion, {"p1" if is_anns else "p2": opinion.text})
        await points.show(id_, await points.unshown(id_), fewest=2)
        await self.say(commands.HidePoint(self.person("fay"), id_, "p2"))
        return deliberation

    async def drafting(self, **how):
        """A question that was closed with two opinions."""
        deliberation = await self.asked(**how)
        await self.answered(deliberation, "ann", "bob")
        reply = await self.say(commands.CloseOpinions(self.person("fay"), deliberation.id))
        assert reply.ok, reply.text
        return await self.saved(deliberation)

    async def voting(self, **how):
        """A question whose statement is being rated."""
        deliberation = await self.drafting(**how)
        chosen = await self.ports.deliberations.save(deliberation.chosen("Let us reuse."))
        return await self.ports.deliberations.save(chosen.published(self.clock.now()))

    async def settled(self, **how):
        """A question that came to its end, with a record of ann's rating."""
        deliberation = await self.voting(**how)
        assert (await self.say(self.rating(deliberation, 6))).ok
        await self.say(commands.CloseRating(self.person("fay"), deliberation.id))
        await self.ports.feedback.append([self.record(deliberation, user) for user in ("ann", "bob")])
        return await self.saved(deliberation)

    def record(self, deliberation, user):
        return FeedbackRecord(
            team=deliberation.team,
            group=deliberation.id,
            deliberation_id=deliberation.id,
            round=1,
            question=deliberation.question,
            participant=self.key(user, deliberation),
            opinion=f"Ban them. {UNSPEAKABLE}",
            statement="Let us reuse.",
            statement_id="chosen",
            agreement=6,
            predicted_reward=5.0,
            welfare_function=WelfareFunction(),
            generator="scripted",
            reward_model="lexical",
            prompt="zero-shot",
            settled_at=self.clock.now(),
        )

    def key(self, user, deliberation):
        return self.ports.pseudonyms.of(deliberation, user)

    async def saved(self, deliberation):
        return await self.ports.deliberations.load(deliberation.id)

    async def opinions(self, deliberation):
        """Texts by person, of those whom these tests know."""
        kept = {o.participant: o.text for o in await self.ports.contributions.opinions(deliberation.id)}
        people = {self.key(user, deliberation): user for user in PEOPLE}
        return {people[key]: text.removesuffix(f" {UNSPEAKABLE}") for key, text in kept.items()}

    async def ratings(self, deliberation):
        """Values by person, of those whom these tests know."""
        people = {self.key(user, deliberation): user for user in PEOPLE}
        kept = await self.ports.contributions.ratings(deliberation.id, deliberation.round)
        return {people[rating.participant]: rating.value for rating in kept}

    async def everything(self):
        """All that the store and the feedback log keep of this team."""
        ports = self.ports
        return [
            (
                deliberation,
                await ports.contributions.opinions(deliberation.id),
                await ports.contributions.ratings(deliberation.id, deliberation.round),
                await ports.contributions.reasons(deliberation.id, deliberation.round),
            )
            for deliberation in await ports.deliberations.of_team("T1")
        ] + [record async for record in self.ports.feedback.read("T1")]

    def failing(self, *methods, port=None, error=None, times=None):
        """The same room, where these methods of the store (or of one port) fail, always or so many times."""
        error = error or StoreError("It does not answer.")
        ports = STATE if port is None else [port]
        failing = {name: Failing(getattr(self.ports, name), methods, error, times) for name in ports}
        return replace(self, ports=replace(self.ports, **failing))

    def racing(self):
        """The same room, whose store lets others in before and after each of its steps."""
        yielding = {name: Yielding(getattr(self.ports, name)) for name in STATE}
        return replace(self, ports=replace(self.ports, **yielding))


STATE = tuple(StatePorts.__annotations__)
PEOPLE = ("ann", "bob", "cem", "dan", "eve", "fay", "ada")


class Failing:
    """A port of which some methods fail, always or so many times."""

    def __init__(self, port, methods, error, times=None):
        self._port, self._methods, self._error, self._times = port, methods, error, times

    def __getattr__(self, name):
        method = getattr(self._port, name)
        if name not in self._methods or self._times == 0:
            return method
        return self._fail_to_list if inspect.isasyncgenfunction(method) else self._fail

    async def _fail(self, *args, **kwargs):
        if self._times is not None:
            self._times -= 1
        raise self._error

    async def _fail_to_list(self, *args, **kwargs):
        await self._fail()
        yield


class Yielding:
    """A port behind a network: between any two of its steps somebody else may have theirs."""

    def __init__(self, port):
        self._port = port

    def __getattr__(self, name):
        method = getattr(self._port, name)

        async def step(*args, **kwargs):
            await asyncio.sleep(0)
            answer = await method(*args, **kwargs)
            await asyncio.sleep(0)
            return answer

        return step


@pytest.fixture
def room():
    """A quiet Monday morning."""
    clock = ManualClock(MORNING)
    ports = Ports(
        **memory_state(),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=clock,
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"web": MemoryPlatform()},
    )
    return Room(ports, clock)


@pytest.fixture(autouse=True)
def nothing_that_people_wrote_is_logged(caplog):
    """Whatever a test here does, no opinion and no name reaches a log line, at any level."""
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        assert UNSPEAKABLE not in record.getMessage()
        assert UNSPEAKABLE not in JsonLines().format(record)


class _Lines(logging.Handler):
    """Formats each record as it is logged, while its context is there."""

    def __init__(self):
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def log_lines():
    """Gives what was logged so far, as it would be read from standard error."""
    handler = _Lines()
    logging.getLogger("bot").addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.lines]
    logging.getLogger("bot").removeHandler(handler)
