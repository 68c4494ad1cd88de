"""A store over a real server, and a question to keep in it."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.redis.connection import connect
from bot.domain.deliberation import Deliberation, MessageRef, Opinion
from bot.domain.terms import Terms
from tests.state import on_server

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def client(redis_url):
    """A client of an empty server."""
    client = await connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def state(client):
    return on_server(client)


@pytest.fixture(scope="session")
def minutes():
    """A time so many minutes after noon."""
    return lambda at: NOON + timedelta(minutes=at)


@pytest.fixture(scope="session")
def question():
    """Makes a question that closes so many minutes after noon."""

    def make(id_="d1", closes_at=10):
        return Deliberation(
            id=id_,
            team="t1",
            platform="web",
            channel="c1",
            facilitator="fay",
            question="Should we ban single-use plastics?",
            created_at=NOON,
            closes_at=None if closes_at is None else NOON + timedelta(minutes=closes_at),
            message=MessageRef(channel="c1", message="m1"),
            terms=Terms(reminder_before=None),
        )

    return make


@pytest.fixture(scope="session")
def opinion():
    """Makes an opinion."""

    def make(participant="ann", text="Ban them.", at=0):
        return Opinion(participant=participant, text=text, given_at=NOON + timedelta(minutes=at))

    return make
