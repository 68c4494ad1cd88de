"""The implementations of each port, one after the other, and things to keep in them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory import MemoryFeedbackLog, MemoryLibrary, MemoryLiveFeed
from adapters.redis.connection import connect
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.library import RedisLibrary
from adapters.redis.live import RedisLiveFeed
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Phase, Reason
from bot.domain.kept_mediation import KeptMediation
from bot.domain.ratings import Rating
from bot.domain.rounds import Comparison, Preference
from bot.domain.study import RatedStatement, Study
from bot.domain.terms import Terms
from engine.feedback.record import FeedbackRecord
from engine.types import Arm, Candidate, ModelsUsed, OpenPoint, Timings, WelfareFunction
from tests.state import in_memory, on_server

IMPLEMENTATIONS = ["memory", pytest.param("redis", marks=pytest.mark.redis)]


@pytest.fixture
async def redis_clients(redis_url):
    """Two clients, as two processes have them, of an empty server."""
    clients = [await connect(redis_url), await connect(redis_url)]
    await clients[0].flushall()
    yield clients
    for client in clients:
        await client.aclose()


@pytest.fixture(params=IMPLEMENTATIONS)
def states(request):
    """One state, as two processes see it."""
    if request.param == "memory":
        return [in_memory()] * 2
    return [on_server(client) for client in request.getfixturevalue("redis_clients")]


@pytest.fixture
def state(states):
    return states[0]


@pytest.fixture(params=IMPLEMENTATIONS)
def feedback(request):
    if request.param == "memory":
        return MemoryFeedbackLog()
    return RedisFeedbackLog(request.getfixturevalue("redis_clients")[0])


@pytest.fixture(params=IMPLEMENTATIONS)
def libraries(request):
    """One library, as two processes see it."""
    if request.param == "memory":
        return [MemoryLibrary()] * 2
    return [RedisLibrary(client) for client in request.getfixturevalue("redis_clients")]


@pytest.fixture(params=IMPLEMENTATIONS)
def feeds(request):
    """One feed, as two processes see it."""
    if request.param == "memory":
        return [MemoryLiveFeed()] * 2
    return [RedisLiveFeed(client) for client in request.getfixturevalue("redis_clients")]


@dataclass(frozen=True)
class Sample:
    """Makes things to keep. `at` is in minutes after noon."""

    noon: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def time(self, at: float) -> datetime:
        return self.noon + timedelta(minutes=at)

    def deliberation(self, id_="d1", *, team="t1", created_at=0, closes_at=None, opens_at=None, **about):
        """A question that was announced when it was asked; without a deadline nothing is due."""
        return Deliberation(
            id=id_,
            team=team,
            platform="web",
            channel="c1",
            facilitator="fay",
            created_at=self.time(created_at),
            closes_at=None if closes_at is None else self.time(closes_at),
            opens_at=None if opens_at is None else self.time(opens_at),
            **{
                "question": "Should we ban single-use plastics?",
                "message": MessageRef(channel="c1", message="m1"),
                "terms": Terms(reminder_before=None),
            }
            | about,
        )

    def rated(self, id_="d1", *, round_=1, **about):
        """A question whose statement is being rated."""
        return self.deliberation(id_, phase=Phase.RATING, round=round_, statement="Let us reuse.", **about)

    def opinion(self, participant="ann", text="Ban them.", *, at=0.0):
        return Opinion(participant=participant, text=text, given_at=self.time(at))

    def reason(self, participant="ann", text="It costs too much.", *, at=0.0, **about):
        return Reason(participant=participant, text=text, given_at=self.time(at), **about)

    def comparison(self, participant="ann", choice=Preference.REVISED, *, at=0.0, round_=2):
        return Comparison(participant=participant, choice=choice, given_at=self.time(at), round=round_)

    def rating(self, participant="ann", value=6, at=0.0, **about):
        return Rating(participant=participant, value=value, given_at=self.time(at), **about)

    @property
    def study(self):
        """The terms of a question in a study."""
        return Terms(study=Study(id="s", group="g1", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION), seed=7))

    def statement(self, id_="a", arm=Arm.ZERO_SHOT, **about):
        models = ModelsUsed(generator="scripted", reward="lexical", prompt="zero-shot-1")
        return RatedStatement(id=id_, arm=arm, text=f"Statement {id_}.", models=models, **about)

    def mediation(self, participants=("ann", "bob", "cem"), candidates=3):
        rewards = tuple(4.0 + n / max(len(participants), 7) for n in range(len(participants)))
        return KeptMediation(
            question="Should we ban single-use plastics?",
            seed=42,
            statement="Let us reuse.",
            winner=0,
            welfare_function=WelfareFunction(name="rawlsian"),
            participants=tuple(participants),
            candidates=tuple(
                Candidate(
                    text="Let us reuse." if n == 0 else f"Candidate {n}",
                    source="scripted",
                    seed=n,
                    rewards=rewards,
                    welfare=5.5 - n / 8,
                )
                for n in range(candidates)
            ),
            models=ModelsUsed(generator="scripted", reward="lexical", prompt="zero-shot-1"),
            timings_s=Timings(draft=1.0, score=0.5, total=1.25),
            dropped={"duplicate": 2},
            model_used=False,
            leaves_open=(OpenPoint(text="a later start", asked_by=tuple(participants[:2])),),
        )

    def record(self, participant="ann", *, team="t1", deliberation="d1", round_=1, settled_at=0, rating=6):
        return FeedbackRecord(
            team=team,
            group=deliberation,
            deliberation_id=deliberation,
            round=round_,
            question="Should we ban single-use plastics?",
            participant=participant,
            opinion="Ban them.",
            statement="Let us reuse.",
            statement_id="chosen",
            agreement=rating,
            predicted_reward=5.25,
            welfare_function=WelfareFunction(),
            generator="scripted",
            reward_model="lexical",
            prompt="zero-shot-1",
            settled_at=self.time(settled_at),
        )


@pytest.fixture(scope="session")
def sample():
    return Sample()


@pytest.fixture
async def asked(state, sample):
    """A state with a question, d1, that takes opinions."""
    await state.deliberations.add(sample.deliberation())
    return state


@pytest.fixture
async def rated(state, sample):
    """A state with a question, d1, whose statement is rated."""
    await state.deliberations.add(sample.rated())
    return state


@pytest.fixture
async def studied(state, sample):
    """A state with a question, d1, of which ann's opinion and two statements are rated."""
    await state.deliberations.add(sample.rated(terms=sample.study))
    statements = [
        sample.statement("a", rewards={"ann": 5.5, "bob": 2.5}, left_out="ann"),
        sample.statement("b", Arm.BEST_OPINION, author="ann", rewards={"ann": 6.5, "bob": 1.5}),
    ]
    await state.mediations.keep_statements("d1", 1, statements)
    return state
