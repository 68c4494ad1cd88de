"""What people may see, and what they may not."""

import json
from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.deliberation import Phase
from bot.domain.errors import PermissionDeniedError, TransitionError, UnknownDeliberationError
from bot.service import queries
from bot.wording import texts


async def test_a_channels_questions_are_listed_newest_first(room):
    for number in range(3):
        await room.asked(key=str(number), question=f"Question {number}?")
        room.clock.advance(timedelta(seconds=1))
    ann = room.person("ann")
    found = await queries.listed(ann, room.ports, platform="web", channel="C1")
    assert [d.question for d in found] == ["Question 2?", "Question 1?", "Question 0?"]
    assert await queries.listed(ann, room.ports, platform="web", channel="C2") == []
    assert await queries.listed(ann, room.ports, platform="slack", channel="C1") == []
    assert await queries.listed(ann, room.ports, platform="web", channel="C1", running=False) == []
    assert await queries.listed(Actor("T2", "ann"), room.ports, platform="web", channel="C1") == []


async def test_everybody_is_shown_their_own_and_nobody_elses(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann", "bob")
    own = {user: await queries.own_answer(user, deliberation, room.ports) for user in ("ann", "fay")}
    assert own["ann"].opinion.participant == room.key("ann", deliberation)
    assert own["fay"].opinion is None


@pytest.mark.parametrize("who", [Actor("T2", "ann", admin=True), Actor("T1", "eve", member=False)])
async def test_whoever_does_not_belong_there_cannot_tell_that_there_is_one(room, who):
    deliberation = await room.settled()
    room.ports.platforms["web"].private["C1"] = {"fay", "ann"}
    for query in (queries.results, queries.export):
        with pytest.raises(UnknownDeliberationError):
            await query(who, deliberation.id, room.ports)


async def test_there_are_no_results_before_a_statement(room):
    deliberation = await room.asked()
    with pytest.raises(TransitionError, match="no statement"):
        await queries.results(room.person("ann"), deliberation.id, room.ports)


async def test_nothing_is_exported_of_what_nobody_was_asked_yet(room):
    deliberation = await room.asked()
    await room.ports.deliberations.save(deliberation.model_copy(update={"phase": Phase.SCHEDULED}))
    with pytest.raises(TransitionError, match=texts.NOTHING_TO_EXPORT):
        await queries.export_files(room.person("fay"), deliberation.id, room.ports)


async def test_an_export_is_for_those_who_run_the_question(room):
    deliberation = await room.settled(anonymous=False)
    assert deliberation.phase is Phase.SETTLED
    with pytest.raises(PermissionDeniedError):
        await queries.export(room.person("ann"), deliberation.id, room.ports)
    written = json.loads(await queries.export(room.person("fay"), deliberation.id, room.ports))
    assert {o["participant"] for o in written["opinions"]} == {
        room.key(u, deliberation) for u in ("ann", "bob")
    }
