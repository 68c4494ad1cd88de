"""A worker over the in-memory twins, a mediator that answers at once, and shorthands for what happens."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

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
from bot.domain.deliberation import Deliberation, Step
from bot.domain.errors import PlatformError
from bot.domain.terms import Terms
from bot.ops.logs import JsonLines
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.engine import ArmDrafter, TellsModels
from bot.service.reply import Reply
from bot.worker.steps import Worker, run_step, sweep
from engine.types import PREVIOUS, Candidate, Mediation, ModelsUsed, Progress, Stage, Timings

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cem")
# In every opinion here, and so never in a log.
UNSPEAKABLE = "zanzibar"


class Drafter:
    """A mediator that gives one candidate per mediation, numbered.

    errors: raised first, one per mediation.
    meanwhile: called while it is drafting.
    model_used: whether a language model wrote the candidates.
    stays: whether a further round finds nothing better than the statement there is.
    """

    def __init__(self):
        self.requests = []
        self.model_used = False
        self.stays = False
        self.errors = []
        self.meanwhile = None

    async def mediate(self, request, on_progress):
        self.requests.append(request)
        on_progress(Progress(Stage.DRAFT, 1, request.candidates))
        on_progress(Progress(Stage.SCORE, 1, request.candidates))
        await asyncio.sleep(0)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.errors:
            raise self.errors.pop(0)
        rewards = tuple(5.0 for _ in request.said)
        text = f"Statement {len(self.requests)}."
        source = "drafter"
        if request.revision and self.stays:
            text, source = request.revision.statement, PREVIOUS
        return Mediation(
            question=request.question,
            seed=request.seed,
            statement=text,
            winner=0,
            welfare_function=request.welfare,
            participants=tuple(each.participant for each in request.said),
            candidates=(
                Candidate(text=text, source=source, seed=1, rewards=rewards, welfare=5.0),
                Candidate(text=f"Not {text}", source="drafter", seed=2, rewards=rewards, welfare=4.0),
            ),
            models=ModelsUsed(generator="drafter", reward="drafter", prompt="none"),
            timings_s=Timings(draft=0, score=0, total=0),
            model_used=self.model_used,
        )


class Encoder:
    """Makes of each opinion its own words, as bytes; notes every batch.

    errors: raised first, one per batch.
    meanwhile: called while it is encoding.
    """

    def __init__(self):
        self.batches = []
        self.errors = []
        self.meanwhile = None

    async def encode(self, question, opinions):
        self.batches.append(list(opinions))
        await asyncio.sleep(0)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.errors:
            raise self.errors.pop(0)
        return [f"{question} {opinion}".encode() for opinion in opinions]


class Platform(MemoryPlatform):
    """Fails when told to.

    errors: raised by the next calls that show a card, one each.
    deaf: users who cannot be written to, and what that raises, as often as it is listed.
    """

    def __init__(self):
        super().__init__({"C1": PEOPLE})
        self.errors = []
        self.deaf = {}

    async def post(self, channel, card, *, key):
        self._fail()
        return await super().post(channel, card, key=key)

    async def update(self, message, card):
        self._fail()
        await super().update(message, card)

    async def direct_message(self, team, user, note):
        if self.deaf.get(user):
            raise self.deaf[user].pop(0)
        await super().direct_message(team, user, note)

    def _fail(self):
        if self.errors:
            raise self.errors.pop(0)

    def cards(self):
        """Every card shown, by the name of its kind, repetitions left out; there is one message at most."""
        assert len(self.shown) <= 1
        names = [type(card).__name__ for cards in self.shown.values() for card in cards]
        return [name for at, name in enumerate(names) if names[at - 1 : at] != [name]]


@dataclass
class Room:
    """A team, its platform and its worker."""

    ports: Ports
    clock: ManualClock
    platform: Platform = field(default_factory=Platform)
    drafter: Drafter = field(default_factory=Drafter)
    encoder: Encoder | None = None
    arms: ArmDrafter | None = None
    models: TellsModels | None = None
    deliberation_id: str = ""

    @property
    def worker(self):
        return Worker(self.ports, self.drafter, self.encoder, pause_s=0.0, arms=self.arms, models=self.models)

    async def say(self, command) -> Reply:
        reply = await dispatch(command, self.ports)
        assert reply.ok, reply.text
        return reply

    async def asked(self, *, opens_in=None, closes_in=None, answers=(), keep=True, **terms):
        """A question that was posted in a team that opted in to learning (`keep`), with these opinions."""
        now = self.clock.now()
        team = await self.ports.teams.team("T1")
        await self.ports.teams.save_team(team.model_copy(update={"keep_feedback": keep}))
        reply = await self.say(
            commands.PostQuestion(
                actor=Actor("T1", "fay"),
                platform="web",
                channel="C1",
                question="Ban plastics?",
                idempotency_key="key",
                terms=Terms(**terms),
                opens_at=None if opens_in is None else now + opens_in,
                closes_at=None if closes_in is None else now + closes_in,
            )
        )
        self.deliberation_id = reply.deliberation.id
        for user in answers:
            await self.answer(user)
        return self.deliberation_id

    async def closed(self, **how):
        """A question that was closed with two opinions, nothing of it shown yet."""
        await self.asked(**{"answers": ("ann", "bob")} | how)
        await self.close()

    async def close(self):
        """Close opinions by hand."""
        await self.say(commands.CloseOpinions(Actor("T1", "fay"), self.deliberation_id))

    async def reopen(self):
        """Collect opinions again after drafting has failed."""
        until = self.clock.now() + timedelta(hours=1)
        await self.say(commands.Reopen(Actor("T1", "fay"), self.deliberation_id, until))

    async def voting(self, **how):
        """A question whose statement is published."""
        await self.closed(**how)
        await self.all_due()

    async def answer(self, user, text="Ban them.", *, consent=True):
        """An opinion, which may be learnt from unless it is said otherwise."""
        words, now = f"{text} {UNSPEAKABLE}", self.clock.now()
        opinion = commands.GiveOpinion(Actor("T1", user), self.deliberation_id, words, now, consent)
        await self.say(opinion)

    async def rate(self, user, value):
        await self.say(commands.CastRating(Actor("T1", user), self.deliberation_id, value, self.clock.now()))

    async def forget(self, user):
        await self.say(commands.ForgetMe(Actor("T1", user), self.clock.now()))

    async def run(self, *steps: Step):
        """Take steps, due or not, as stale and repeated jobs do."""
        for step in steps:
            await run_step(step, self.deliberation_id, self.worker)

    async def all_due(self):
        """Sweep and take jobs until nothing is left to do now."""
        await sweep(self.ports)
        for _ in range(50):
            if not self.ports.jobs.waiting:
                return
            step, deliberation_id = await self.ports.jobs.take()
            await run_step(step, deliberation_id, self.worker)
        raise AssertionError("the worker goes round in circles")

    async def later(self, by):
        """Let time pass and do what is due then."""
        self.clock.advance(by)
        await self.all_due()

    async def now(self):
        """The deliberation as it is saved."""
        return await self.ports.deliberations.load(self.deliberation_id)

    def key(self, user):
        question = Deliberation.model_construct(id=self.deliberation_id, team="T1", key_id="")
        return self.ports.pseudonyms.of(question, user)

    async def encoded(self):
        """What is kept of everybody's opinion, in the words that it was made from."""
        keys = {self.key(user): user for user in PEOPLE}
        kept = await self.ports.encodings.of(self.deliberation_id, list(keys))
        return {keys[key]: value.decode() for key, value in kept.items()}

    async def opinions(self):
        return {
            opinion.participant for opinion in await self.ports.contributions.opinions(self.deliberation_id)
        }

    async def mediation(self):
        return await self.ports.mediations.mediation(self.deliberation_id, 1)

    async def feedback(self):
        return [record async for record in self.ports.feedback.read("T1")]

    def broken(self, **ports):
        """The same room with some ports in the place of others."""
        return replace(self, ports=replace(self.ports, **ports))


def make_room():
    clock = ManualClock(MORNING)
    platform = Platform()
    ports = Ports(
        **memory_state(),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=clock,
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"web": platform},
    )
    return Room(ports, clock, platform)


@pytest.fixture
def room():
    """A quiet Monday morning."""
    return make_room()


@pytest.fixture
def reading_room(room):
    """A room whose reward model can encode opinions."""
    return replace(room, encoder=Encoder())


@pytest.fixture
def new_reading_room():
    """Makes such a room."""
    return lambda: replace(make_room(), encoder=Encoder())


@pytest.fixture
def new_room():
    """Makes a room; for tests that need one for each example."""
    return make_room


@pytest.fixture
def down():
    """What a platform raises that does not answer."""
    return PlatformError("The platform does not answer.")


@pytest.fixture(autouse=True)
def nothing_that_people_wrote_is_logged(caplog):
    """Whatever a test here does, no opinion reaches a log line, at any level."""
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        assert UNSPEAKABLE not in JsonLines().format(record)


HOUR = timedelta(hours=1)
