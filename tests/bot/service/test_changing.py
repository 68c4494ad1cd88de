"""Changing what a question asks: by whom, until when, and what becomes of whoever is writing."""

import asyncio

import pytest

from bot.domain import commands
from bot.domain.deliberation import ANSWERED_ALREADY, CHANGED_MEANWHILE, QUESTION_CHANGED, MessageRef, Step
from bot.domain.terms import Terms
from bot.service.ports.live import PhaseChanged


def change(by, deliberation, **other):
    return commands.ChangeQuestion(by, deliberation.id, **{"question": "Ban plastic bags?", **other})


@pytest.mark.parametrize("who", ["fay", "ada"])
async def test_the_facilitator_and_admins_change_it_while_nobody_has_answered(room, who):
    asked = await room.asked()
    by = room.person(who, admin=who == "ada")
    terms = asked.terms.model_copy(update={"anonymous": False, "minimum_opinions": 3})
    reply = await room.say(change(by, asked, context="By May.", terms=terms, seen=1))
    assert reply.ok, reply.text
    now_there = await room.saved(asked)
    assert (now_there.question, now_there.context, now_there.terms) == ("Ban plastic bags?", "By May.", terms)
    assert now_there.edition == 2


async def test_nobody_else_changes_it(room):
    asked = await room.asked()
    reply = await room.say(change(room.person("ann"), asked))
    assert (reply.ok, "Only the person who asked" in reply.text) == (False, True)
    assert await room.saved(asked) == asked


async def test_it_stays_as_it_is_once_somebody_has_answered(room):
    asked = await room.asked()
    await room.answered(asked, "ann")
    before = await room.saved(asked)
    reply = await room.say(change(room.person("fay"), asked))
    assert (reply.ok, reply.text) == (False, ANSWERED_ALREADY)
    assert await room.saved(asked) == before


async def test_it_stays_as_it_is_once_it_is_closed(room):
    drafting = await room.drafting()
    reply = await room.say(change(room.person("fay"), drafting))
    assert not reply.ok
    assert await room.saved(drafting) == drafting


async def test_of_a_change_and_the_first_opinion_at_once_one_is_refused(room):
    for number in range(8):
        asked = await room.asked(key=f"q{number}")
        racing = room.racing()
        opinion, changed = await asyncio.gather(
            racing.say(room.giving(asked, "ann")), racing.say(change(room.person("fay"), asked))
        )
        assert opinion.ok is not changed.ok, (opinion.text, changed.text)
        now_there = await room.saved(asked)
        assert (now_there.edition == 2) is changed.ok
        count = await room.ports.contributions.opinion_count(asked.id)
        assert count == (1 if opinion.ok else 0)


async def test_whoever_wrote_to_the_old_words_is_asked_to_read_the_new_ones(room):
    asked = await room.asked()
    assert (await room.say(change(room.person("fay"), asked))).ok
    late = room.giving(asked, "ann")
    reply = await room.say(late)
    assert (reply.ok, reply.text) == (False, QUESTION_CHANGED)
    read = commands.GiveOpinion(late.actor, asked.id, late.text, late.at, edition=2)
    assert (await room.say(read)).ok


async def test_a_second_copy_and_an_old_form_undo_nothing(room):
    asked, fay = await room.asked(), room.person("fay")
    first = change(fay, asked, seen=1)
    assert (await room.say(first)).ok
    assert (await room.say(first)).ok
    assert (await room.saved(asked)).edition == 2
    assert (await room.say(change(fay, asked, question="Ban bottles?", seen=2))).ok
    reply = await room.say(first)
    assert (reply.ok, reply.text) == (False, CHANGED_MEANWHILE)
    assert (await room.saved(asked)).question == "Ban bottles?"


async def test_its_message_and_open_pages_show_it(room):
    asked = await room.asked()
    shown = asked.announced(MessageRef(channel="C1", message="1.0"))
    await room.ports.deliberations.save(shown)
    async with room.ports.live.subscribe(asked.id) as events:
        await room.say(change(room.person("fay"), asked))
        told = await anext(aiter(events))
    assert told == PhaseChanged(phase=asked.phase, edition=2)
    assert Step.REFRESH in [due.step for due in (await room.saved(asked)).due_by(room.clock.now())]


async def test_the_position_statement_stays_once_members_can_rate_it(room):
    asked = await room.asked(position_statement="Plastics are bad.")
    terms = Terms(position_statement="Plastics are good.")
    assert (await room.say(change(room.person("fay"), asked, terms=terms))).ok
    assert (await room.saved(asked)).terms.position_statement == "Plastics are bad."
