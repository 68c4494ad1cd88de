"""Opinions as people give, edit and withdraw them, in any order and any number of copies."""

import asyncio
from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.commands import Cancel, CloseOpinions, Extend
from bot.domain.deliberation import OPINION_LIMIT, Author, Phase, Step
from bot.service.ports.live import Answered, PhaseChanged
from bot.wording import texts

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def test_an_opinion_is_kept_and_open_pages_are_told(room):
    deliberation = await room.asked()
    async with room.ports.live.subscribe(deliberation.id) as events:
        reply = await room.say(room.giving(deliberation))
        assert await anext(events) == Answered(count=1)
    assert (reply.ok, reply.text) == (True, texts.OPINION_KEPT)
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_an_opinion_delivered_twice_is_kept_once(room):
    deliberation = await room.asked()
    command = room.giving(deliberation)
    replies = [await room.say(command), await room.say(command)]
    assert {reply.text for reply in replies} == {texts.OPINION_KEPT}
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_the_last_edit_stands(room):
    deliberation = await room.asked()
    await room.say(room.giving(deliberation, text="Ban them."))
    room.clock.advance(SECOND)
    await room.say(room.giving(deliberation, text="Tax them."))
    assert await room.opinions(deliberation) == {"ann": "Tax them."}


async def test_a_late_copy_of_an_older_text_changes_nothing(room):
    deliberation = await room.asked()
    older = room.giving(deliberation, text="Ban them.")
    room.clock.advance(SECOND)
    await room.say(room.giving(deliberation, text="Tax them."))
    assert (await room.say(older)).ok
    assert await room.opinions(deliberation) == {"ann": "Tax them."}


async def test_a_withdrawn_opinion_is_gone_and_its_late_copy_does_not_bring_it_back(room):
    deliberation = await room.asked()
    given = room.giving(deliberation)
    await room.say(given)
    room.clock.advance(SECOND)
    withdrawn = room.withdrawing(deliberation)
    assert [(await room.say(withdrawn)).text for _ in range(2)] == [texts.OPINION_WITHDRAWN] * 2
    assert (await room.say(given)).ok
    assert await room.opinions(deliberation) == {}


async def test_a_withdrawn_opinion_may_be_given_again(room):
    deliberation = await room.asked()
    await room.say(room.giving(deliberation))
    for command in (room.withdrawing, room.giving):
        room.clock.advance(SECOND)
        await room.say(command(deliberation))
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_a_late_copy_of_an_older_withdrawal_takes_nothing(room):
    deliberation = await room.asked()
    older = room.withdrawing(deliberation)
    room.clock.advance(SECOND)
    await room.say(room.giving(deliberation))
    await room.say(older)
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_a_platform_whose_clock_is_ahead_does_not_shut_out_the_next_edit(room):
    deliberation = await room.asked()
    await room.say(room.giving(deliberation, text="Ban them.", at=room.clock.now() + HOUR))
    room.clock.advance(SECOND)
    await room.say(room.giving(deliberation, text="Tax them."))
    assert await room.opinions(deliberation) == {"ann": "Tax them."}
    room.clock.advance(SECOND)
    await room.say(room.withdrawing(deliberation))
    assert await room.opinions(deliberation) == {}


async def test_an_opinion_that_is_too_long_is_refused_with_a_sentence(room):
    deliberation = await room.asked()
    reply = await room.say(room.giving(deliberation, text="x" * OPINION_LIMIT))
    assert (reply.ok, "Shorten it" in reply.text) == (False, True)
    assert await room.opinions(deliberation) == {}


async def test_an_empty_edit_is_refused_and_the_old_text_stays(room):
    deliberation = await room.asked()
    given = room.giving(deliberation)
    await room.say(given)
    empty = type(given)(given.actor, given.deliberation_id, " \n\x00", given.at + SECOND)
    reply = await room.say(empty)
    assert (reply.ok, "empty" in reply.text) == (False, True)
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_an_opinion_before_the_opening_is_refused(room):
    deliberation = await room.asked(opens_in=HOUR)
    reply = await room.say(room.giving(deliberation))
    assert (reply.ok, reply.text) == (False, "This question has not opened yet.")


async def test_an_opinion_after_the_close_is_refused(room):
    deliberation = await room.drafting()
    reply = await room.say(room.giving(deliberation, "eve"))
    assert (reply.ok, "closed" in reply.text) == (False, True)
    assert set(await room.opinions(deliberation)) == {"ann", "bob"}


async def test_an_edit_after_the_close_is_refused(room):
    deliberation = await room.drafting()
    room.clock.advance(SECOND)
    reply = await room.say(room.giving(deliberation, text="Tax them."))
    assert (reply.ok, "closed" in reply.text) == (False, True)
    assert (await room.opinions(deliberation))["ann"] == "Ban them."


async def test_a_withdrawal_after_the_close_is_refused(room):
    deliberation = await room.drafting()
    room.clock.advance(SECOND)
    reply = await room.say(room.withdrawing(deliberation))
    assert (reply.ok, "closed" in reply.text) == (False, True)
    assert set(await room.opinions(deliberation)) == {"ann", "bob"}


async def test_late_copies_of_what_was_done_before_the_close_do_not_look_refused(room):
    deliberation = await room.asked()
    first = room.giving(deliberation, text="Ban them.")
    room.clock.advance(SECOND)
    edit = room.giving(deliberation, text="Tax them.")
    changed_her_mind = room.giving(deliberation, "eve")
    room.clock.advance(SECOND)
    withdrawn = room.withdrawing(deliberation, "eve")
    for command in (first, edit, room.giving(deliberation, "bob"), changed_her_mind, withdrawn):
        await room.say(command)
    await room.say(CloseOpinions(room.person("fay"), deliberation.id))
    replies = [await room.say(command) for command in (edit, first, withdrawn)]
    assert [reply.text for reply in replies] == [
        texts.OPINION_KEPT_AND_CLOSED,
        texts.OPINION_KEPT_AND_CLOSED,
        texts.OPINION_WITHDRAWN,
    ]
    assert await room.opinions(deliberation) == {"ann": "Tax them.", "bob": "Ban them."}


async def test_two_copies_that_race_for_the_last_place_both_hear_that_it_is_kept(room):
    deliberation = await room.asked(quorum=2)
    await room.answered(deliberation, "bob")
    command, racing = room.giving(deliberation), room.racing()
    replies = await asyncio.gather(*(racing.say(command) for _ in range(5)))
    assert all(reply.ok for reply in replies)
    assert (await room.saved(deliberation)).phase is Phase.MEDIATING


async def test_the_quorum_closes_the_question_and_asks_for_a_statement(room):
    deliberation = await room.asked(quorum=2)
    async with room.ports.live.subscribe(deliberation.id) as events:
        await room.answered(deliberation, "bob")
        reply = await room.say(room.giving(deliberation))
        assert [await anext(events) for _ in range(3)] == [
            Answered(count=1),
            Answered(count=2),
            PhaseChanged(phase=Phase.MEDIATING),
        ]
    assert (reply.ok, reply.text) == (True, texts.OPINION_KEPT_AND_CLOSED)
    assert reply.deliberation.phase is Phase.MEDIATING
    assert (Step.MEDIATE, deliberation.id) in room.ports.jobs.waiting


async def test_everyone_who_races_for_the_quorum_is_told_the_truth(room):
    deliberation = await room.asked(quorum=3)
    users, racing = ["ann", "bob", "cem", "dan", "eve"], room.racing()
    replies = await asyncio.gather(*(racing.say(room.giving(deliberation, user)) for user in users))
    kept = {user for user, reply in zip(users, replies, strict=True) if reply.ok}
    assert kept == set(await room.opinions(deliberation))
    assert len(kept) >= 3
    assert (await room.saved(deliberation)).phase is Phase.MEDIATING


async def test_edits_do_not_count_towards_the_quorum(room):
    deliberation = await room.asked(quorum=3)
    await room.answered(deliberation, "ann", "bob")
    room.clock.advance(SECOND)
    await room.answered(deliberation, "ann", "bob")
    assert (await room.saved(deliberation)).phase is Phase.OPINIONS


async def test_an_opinion_meets_a_change_by_the_facilitator_and_both_stand(room):
    deliberation = await room.asked(quorum=2, closes_in=HOUR)
    later = room.clock.now() + 5 * HOUR
    await room.answered(deliberation, "ann")
    racing = room.racing()
    moved, given = await asyncio.gather(
        racing.say(Extend(room.person("fay"), deliberation.id, later)),
        racing.say(room.giving(deliberation, "bob")),
    )
    assert given.ok
    assert (await room.saved(deliberation)).phase is Phase.MEDIATING
    assert moved.ok or "can't be moved" in moved.text


async def test_names_are_kept_in_named_mode(room):
    deliberation = await room.asked(anonymous=False)
    await room.answered(deliberation, "ann")
    [opinion] = await room.ports.contributions.opinions(deliberation.id)
    assert opinion.author == Author(user="ann", name=room.person("ann").name)


async def test_a_name_that_cannot_be_stored_does_not_cost_an_opinion(room):
    deliberation = await room.asked(anonymous=False)
    given = room.giving(deliberation)
    odd = type(given)(Actor("T1", "ann", "Ann\ud83d\x00"), deliberation.id, given.text, given.at)
    assert (await room.say(odd)).ok
    [opinion] = await room.ports.contributions.opinions(deliberation.id)
    assert opinion.author.name == "Ann"


async def test_nothing_that_names_anybody_is_kept_in_anonymous_mode(room):
    deliberation = await room.asked(anonymous=True)
    await room.answered(deliberation, "longusername")
    [opinion] = await room.ports.contributions.opinions(deliberation.id)
    assert opinion.author is None
    assert "longusername" not in opinion.model_dump_json()


async def test_an_excluded_role_gives_nothing_but_may_take_back_what_it_gave(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann")
    terms = deliberation.terms.model_copy(update={"excluded_roles": frozenset({"guest"})})
    await room.ports.deliberations.save((await room.saved(deliberation)).model_copy(update={"terms": terms}))
    room.clock.advance(SECOND)
    guest = {"roles": frozenset({"guest"})}
    refused = await room.say(room.giving(deliberation, "ann", text="Tax them.", **guest))
    assert (refused.ok, "role" in refused.text) == (False, True)
    assert (await room.say(room.withdrawing(deliberation))).ok
    assert await room.opinions(deliberation) == {}


async def test_an_opinion_on_a_cancelled_question_is_refused(room):
    deliberation = await room.asked()
    await room.say(Cancel(room.person("fay"), deliberation.id))
    reply = await room.say(room.giving(deliberation))
    assert (reply.ok, "closed" in reply.text) == (False, True)
