"""Splitting opinions into points and mapping votes, each of which may run twice or fail."""

from datetime import timedelta

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
from bot.bootstrap.points import PointReader
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.deliberation import Step
from bot.domain.points import Counts, Side
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.worker.steps import Worker, run_step
from engine.types import CountedPoint
from tests.web_house import NOON, FakeMediator

FAY = Actor("T1", "fay")
SECOND = timedelta(seconds=1)
SAID = (
    "Plastic bags should be banned in every shop because they end up in our rivers.",
    "Bans only hurt the poor, who cannot pay for anything that is made of paper.",
    "Companies must pay for the waste that they make and for taking it back.",
)


class Broken:
    """An engine that fails."""

    async def split(self, question, opinions):
        raise RuntimeError("no")

    async def read_map(self, votes, points):
        raise RuntimeError("no")


class Noting(FakeMediator):
    """Remembers what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    async def mediate(self, request, on_progress):
        self.asked.append(request)
        return await super().mediate(request, on_progress)


class Room:
    """A question with points, whose worker reads them with `reader`."""

    def __init__(self):
        self.clock, self.jobs = ManualClock(NOON), MemoryJobQueue()
        self.mediator, self.reader = Noting(), PointReader()
        self.ports = Ports(
            **memory_state(),
            feedback=MemoryFeedbackLog(),
            library=MemoryLibrary(),
            jobs=self.jobs,
            clock=self.clock,
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"web": MemoryPlatform()},
        )
        self.points = self.ports.points

    async def say(self, command):
        self.clock.advance(SECOND)
        reply = await dispatch(command, self.ports)
        assert reply.ok, reply.text
        return reply

    async def begin(self, *said):
        asking = commands.PostQuestion(FAY, "web", "web", "Ban plastics?", "key", terms=Terms(points=True))
        self.id = (await self.say(asking)).deliberation.id
        for number, text in enumerate(said):
            await self.opine(f"p{number}", text)

    async def opine(self, user, text):
        await self.say(commands.GiveOpinion(Actor("T1", user), self.id, text, self.clock.now()))

    async def vote(self, user, side, point):
        await self.say(commands.VoteOnPoint(Actor("T1", user), self.id, point, side, self.clock.now()))

    async def run(self, *steps):
        worker = Worker(self.ports, self.mediator, pause_s=0, points=self.reader)
        for step in steps:
            await run_step(step, self.id, worker)

    async def texts(self):
        return {each.text: each.id for each in await self.points.all(self.id)}


@pytest.fixture
async def room():
    made = Room()
    await made.begin(*SAID)
    return made


async def test_splitting_twice_shows_each_point_once_under_the_same_id(room):
    await room.run(Step.SPLIT)
    first = await room.texts()
    await room.run(Step.SPLIT, Step.SPLIT)
    assert await room.texts() == first
    assert set(first) == set(SAID)


async def test_what_another_said_before_is_no_new_point_and_new_ones_come_with_others(room):
    await room.run(Step.SPLIT)
    await room.opine("p3", SAID[0])
    await room.opine("p4", "Glass bottles need a deposit of at least a euro each in every town.")
    await room.run(Step.SPLIT)
    assert set(await room.texts()) == set(SAID)
    assert len(await room.points.unshown(room.id)) == 1


@pytest.mark.parametrize("kind", [commands.WithdrawOpinion, commands.ForgetMe])
async def test_who_said_the_same_keeps_their_voice_when_the_first_one_goes(room, kind):
    await room.run(Step.SPLIT)
    await room.opine("same", SAID[0])
    await room.run(Step.SPLIT)
    about = [room.id] if kind is commands.WithdrawOpinion else []
    await room.say(kind(Actor("T1", "p0"), *about, room.clock.now()))
    assert SAID[0] not in await room.texts()
    assert (Step.SPLIT, room.id) in room.jobs.waiting
    for _ in range(2):
        await room.run(Step.SPLIT)
    assert [list(each.values()) for each in (await room.points.unshown(room.id)).values()] == [[SAID[0]]]


async def test_a_failure_holds_nothing_up_and_what_waits_is_split_later(room):
    room.reader = Broken()
    await room.run(Step.SPLIT)
    deliberation = await room.ports.deliberations.load(room.id)
    assert (deliberation.setbacks, await room.texts()) == (0, {})
    room.reader = PointReader()
    await room.run(Step.SPLIT)
    assert len(await room.texts()) == 3


async def test_a_map_made_twice_is_the_same_names_nobody_and_tells_of_no_small_group(room):
    await room.run(Step.SPLIT)
    ids = [(await room.texts())[text] for text in SAID]
    for number in range(12):
        for at, id_ in enumerate(ids):
            agrees = at == 2 or (number < 6) == (at == 0)
            await room.vote(f"v{number}", Side.AGREE if agrees else Side.DISAGREE, id_)
    await room.run(Step.MAP)
    made = await room.points.map(room.id)
    assert (made.voters, made.counts[ids[2]]) == (12, Counts(agree=12))
    assert ids[2] in made.consensus
    assert set(made.divides) == set(ids[:2])
    assert [(each.size, set(each.typical)) for each in made.groups] == [(6, set(ids[:2]))] * 2
    participants = await room.points.votes(room.id)
    assert not any(each in made.model_dump_json() for each in participants)
    await room.run(Step.MAP)
    assert await room.points.map(room.id) == made


async def test_no_map_tells_in_which_group_the_last_one_is_who_voted(room):
    await room.run(Step.SPLIT)
    ids = [(await room.texts())[text] for text in SAID]
    for number in range(13):
        for at, id_ in enumerate(ids):
            agrees = at == 2 or (number < 6) == (at == 0)
            await room.vote(f"v{number}", Side.AGREE if agrees else Side.DISAGREE, id_)
        if number == 11:
            await room.run(Step.MAP)
    await room.say(commands.CloseOpinions(FAY, room.id))
    await room.run(Step.MEDIATE)
    made = await room.points.map(room.id)
    assert (made.voters, [each.size for each in made.groups]) == (12, [6, 6])


@pytest.mark.parametrize("reader", [PointReader(), Broken(), None], ids=["there", "broken", "none"])
async def test_the_counts_at_the_close_go_into_drafting_whatever_reads_the_map(room, reader):
    await room.run(Step.SPLIT)
    hidden, shown = (await room.texts())[SAID[0]], (await room.texts())[SAID[1]]
    await room.vote("v1", Side.AGREE, hidden)
    await room.vote("v1", Side.AGREE, shown)
    await room.vote("v2", Side.PASS, shown)
    await room.say(commands.HidePoint(FAY, room.id, hidden))
    await room.say(commands.CloseOpinions(FAY, room.id))
    room.reader = reader
    await room.run(Step.MEDIATE)
    assert [each.points for each in room.mediator.asked] == [(CountedPoint(SAID[1], 1, 0, 1),)]
    # People are told what was shown before: of two nothing is.
    assert (await room.points.map(room.id)).counts == {
        shown: Counts(),
        (await room.texts())[SAID[2]]: Counts(),
    }


async def test_no_model_reads_what_a_member_added_so_no_draft_quotes_it_when_they_are_forgotten(room):
    for user in ("x0", "x1", "x2"):
        added = commands.AddPoint(Actor("T1", user), room.id, f"Added by {user}.", room.clock.now())
        await room.say(added)
    await room.run(Step.SPLIT)
    for id_ in (await room.texts()).values():
        await room.vote("v1", Side.AGREE, id_)
    await room.say(commands.CloseOpinions(FAY, room.id))
    await room.run(Step.MEDIATE)
    assert {each.text for each in room.mediator.asked[0].points} == set(SAID)


async def test_a_question_without_points_drafts_without_and_splits_nothing():
    room = Room()
    asking = commands.PostQuestion(FAY, "web", "web", "Ban plastics?", "key")
    room.id = (await room.say(asking)).deliberation.id
    for number, text in enumerate(SAID):
        await room.opine(f"p{number}", text)
    await room.run(Step.SPLIT)
    assert await room.points.unshown(room.id) == {}
    await room.say(commands.CloseOpinions(FAY, room.id))
    await room.run(Step.MEDIATE)
    assert [each.points for each in room.mediator.asked] == [()]
