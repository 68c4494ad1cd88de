"""A copy of the data folder, without the secret key: it does not tell who wrote what.

Members stand there as codes. So nothing that names somebody may have what one code alone has too: the time
to the microsecond, or a place in an order.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from adapters.discord.sealed_ids import SealedIds
from adapters.memory import MemoryNotes
from adapters.redis import keys
from adapters.redis.connection import connect
from adapters.redis.state import redis_state
from bot.chat.notes import Notes
from bot.domain.deliberation import Deliberation, Opinion, Step
from bot.worker.steps import Worker, run_step
from tests import discord_house, slack_house
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.places import ChatPlace
from tests.web_house import NOON, FakeMediator

PEOPLE = 5


@pytest.fixture
async def on_slack_alone() -> AsyncIterator[SlackPlace]:
    """Slack tells no time of a submitted window, so that of its first copy is noted."""
    async with slack_house.make_house() as house, house.gateway():
        yield SlackPlace(house, PEOPLE)
        assert not house.slack.problems


def everything_noted(notes: Notes) -> str:
    """All names, texts and members of sets."""
    assert isinstance(notes, MemoryNotes)
    return repr((notes._texts, dict(notes._sets)))


def notes_of(place: SlackPlace) -> dict[str, str]:
    """What is noted, by name."""
    notes = place.house.notes
    assert isinstance(notes, MemoryNotes)
    return {name: text for name, (text, _) in notes._texts.items()}


async def test_no_note_with_an_opinions_time_says_whose_it_is(on_slack_alone: SlackPlace) -> None:
    place = on_slack_alone
    await place.ask()
    for person in range(PEOPLE):
        await place.opine(person, f"Opinion of number {person}.")
    times = {each.given_at.isoformat() for each in await place.ports.contributions.opinions(place.id)}
    same_time = [name for name, text in notes_of(place).items() if text in times]
    assert len(same_time) == PEOPLE
    told = [name for name in same_time for person in range(PEOPLE) if place.user(person) in name]
    assert not told


async def test_no_note_with_the_time_of_somebodys_wishes_says_whose_they_are(
    on_slack_alone: SlackPlace,
) -> None:
    place = on_slack_alone
    await place.people[1].command("/accord settings", place.room)
    await place.people[1].sees_modal("mine")
    await place.people[1].submit()
    await place.house.settled()
    noted = [name for name in notes_of(place) if name.startswith("came settings")]
    assert noted
    assert not any(place.user(1) in name for name in noted)


async def test_on_discord_nothing_names_those_who_take_part() -> None:
    async with discord_house.make_house() as house, house.gateway():
        place = DiscordPlace(house, PEOPLE)
        await place.ask()
        for person in range(1, PEOPLE):
            await place.opine(person, f"Opinion of number {person}.")
        await house.settled()
        people = house.parts.people
        room = str(house.room.id)
        assert await people.members(place.team, room) == sorted(map(place.user, range(PEOPLE)))
        told = everything_noted(house.notes)
        assert not [person for person in range(1, PEOPLE) if place.user(person) in told]
        await place.forget(2)
        assert place.user(2) not in await people.members(place.team, room)


async def test_on_discord_those_who_were_noted_as_they_are_are_sealed_and_can_still_be_reminded() -> None:
    async with discord_house.make_house() as house, house.gateway():
        place = DiscordPlace(house, PEOPLE)
        room = str(house.room.id)
        await house.notes.add_to(f"met {place.team} {room}", place.user(3))
        assert await house.parts.people.members(place.team, room) == [place.user(3)]
        await place.ask()
        await house.settled()
        assert place.user(3) not in everything_noted(house.notes)
        assert place.user(3) in await house.parts.people.members(place.team, room)
        # A bot with another token knows nobody, and says so by telling of nobody.
        others = SealedIds("another token")
        kept = await house.notes.members(f"met {place.team} {room}")
        assert {others.read(each, f"met {place.team} {room}") for each in kept} == {None}


@pytest.mark.parametrize("voting", [False, True], ids=["to answer", "to rate"])
async def test_markers_are_not_set_in_the_order_of_a_channels_members(
    chat: ChatPlace, voting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.ask()
    # On Discord only those are known who have used Accord in the channel.
    for person in range(PEOPLE):
        await chat.how(person)
    if voting:
        await chat.answered(*(f"Opinion of number {person}." for person in range(PEOPLE)))
    deliberations, marked = chat.ports.deliberations, []
    mark = deliberations.mark

    async def marks(deliberation_id: str, marker: str) -> bool:
        marked.append(marker)
        return await mark(deliberation_id, marker)

    monkeypatch.setattr(deliberations, "mark", marks)
    d, now = await chat.load(), chat.ports.clock.now()
    until = "rating_closes_at" if voting else "closes_at"
    begun = dict.fromkeys(["created_at", "published_at"], now - timedelta(days=1))
    await deliberations.save(d.model_copy(update={**begun, until: now + timedelta(minutes=30)}))
    step = Step.REMIND_TO_RATE if voting else Step.REMIND
    await run_step(step, d.id, Worker(chat.ports, FakeMediator(), pause_s=0))
    members = [chat.ports.pseudonyms.of(d, chat.user(person)) for person in range(PEOPLE)]
    codes = [part for marker in marked for part in marker.split(":") if part in members]
    assert len(codes) == PEOPLE
    assert codes == sorted(codes)


@pytest.mark.redis
async def test_the_file_does_not_keep_in_a_row_what_one_person_took_out_of_learning(redis_url: str) -> None:
    client = await connect(redis_url)
    ports = SimpleNamespace(**redis_state(client))
    try:
        await client.flushall()
        d = Deliberation(
            id="d1",
            team="T1",
            platform="web",
            channel="web",
            facilitator="fay",
            question="?",
            created_at=NOON,
        )
        await ports.deliberations.add(d)
        given = Opinion(participant="p1", text="Yes.", given_at=NOON, consent=True)
        await ports.contributions.put_opinion("d1", given)
        before = await client.hget(keys.ERASED, "erased")
        assert await ports.contributions.withhold_opinion("d1", "p1")
        assert await client.hget(keys.ERASED, "erased") != before
    finally:
        await client.aclose()
