"""`Deliberations`: versions, finding them again, markers, deletion and what is due."""

import asyncio

import pytest

from bot.domain.decision import Decision
from bot.domain.deliberation import MessageRef, Phase
from bot.domain.errors import UnknownDeliberationError, VersionConflictError
from bot.domain.model_notice import ModelNotice


async def test_what_was_added_is_loaded_as_it_was(state, sample):
    added = await state.deliberations.add(sample.deliberation(closes_at=30))
    assert await state.deliberations.load("d1") == added == sample.deliberation(closes_at=30)


async def test_adding_an_id_again_gives_what_is_there(state, sample):
    first = await state.deliberations.add(sample.deliberation())
    changed = await state.deliberations.save(first.was_reminded())
    assert await state.deliberations.add(sample.deliberation(question="Another one?")) == changed
    assert await state.deliberations.load("d1") == changed


async def test_of_many_who_add_one_id_at_once_all_get_the_same(states, sample):
    offers = [sample.deliberation(question=f"Question {n}?") for n in range(20)]
    given = await asyncio.gather(*(states[n % 2].deliberations.add(offer) for n, offer in enumerate(offers)))
    assert len({deliberation.question for deliberation in given}) == 1
    assert await states[0].deliberations.load("d1") == given[0]


async def test_a_save_gives_the_new_version_back(state, sample):
    first = await state.deliberations.add(sample.deliberation())
    saved = await state.deliberations.save(first.closed(sample.time(1)))
    assert saved == first.closed(sample.time(1)).model_copy(update={"version": first.version + 1})
    assert await state.deliberations.load("d1") == saved


async def test_the_second_of_two_racing_saves_is_refused(states, sample):
    seen = await states[0].deliberations.add(sample.deliberation())
    closed = await states[0].deliberations.save(seen.closed(sample.time(1)))
    with pytest.raises(VersionConflictError):
        await states[1].deliberations.save(seen.was_reminded())
    assert await states[1].deliberations.load("d1") == closed


async def test_of_many_racing_saves_exactly_one_wins(states, sample):
    seen = await states[0].deliberations.add(sample.deliberation())
    saves = [
        states[n % 2].deliberations.save(seen.cancelled(f"Reason {n}.", sample.time(n))) for n in range(20)
    ]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    won = [outcome for outcome in outcomes if not isinstance(outcome, VersionConflictError)]
    assert [await states[0].deliberations.load("d1")] == won


async def test_a_save_that_needs_opinions_is_refused_once_there_are_fewer(state, sample):
    seen = await state.deliberations.add(sample.deliberation())
    for participant in ("ann", "bob"):
        await state.contributions.put_opinion("d1", sample.opinion(participant))
    await state.contributions.remove_opinion("d1", "bob", sample.time(1))
    with pytest.raises(VersionConflictError):
        await state.deliberations.save(seen.closed(sample.time(2)), opinions=2)
    assert await state.deliberations.load("d1") == seen
    assert (await state.deliberations.save(seen.closed(sample.time(2)), opinions=1)).phase is Phase.MEDIATING


async def test_nothing_can_be_done_to_an_unknown_deliberation(state, sample):
    unknown = sample.deliberation("nowhere")
    for attempt in (
        state.deliberations.load("nowhere"),
        state.deliberations.save(unknown),
        state.contributions.put_opinion("nowhere", sample.opinion()),
        state.contributions.remove_opinion("nowhere", "ann", sample.noon),
        state.contributions.put_rating("nowhere", 1, sample.rating()),
        state.contributions.remove_rating("nowhere", 1, "ann", sample.noon),
        state.mediations.keep_mediation("nowhere", 1, sample.mediation()),
        state.deliberations.mark("nowhere", "reminded"),
    ):
        with pytest.raises(UnknownDeliberationError):
            await attempt


async def test_an_unknown_deliberation_has_nothing(state, sample):
    assert await state.contributions.opinion("nowhere", "ann") is None
    assert list(await state.contributions.opinions("nowhere")) == []
    assert await state.contributions.opinion_count("nowhere") == 0
    assert list(await state.contributions.ratings("nowhere", 1)) == []
    assert await state.mediations.mediation("nowhere", 1) is None
    assert await state.contributions.erase_participant("nowhere", "ann", sample.time(0)) is False
    await state.deliberations.delete("nowhere")


async def test_what_members_were_told_of_models_is_kept_and_what_drafted_their_statement(state, sample):
    told = ModelNotice(drafter="m-1 on ai.example.org", drafter_at=("ai.example.org",))
    drafter = ModelNotice(judge="m-2", judge_at=("ai.example.org", "b.org"), withheld=True)
    added = await state.deliberations.add(sample.deliberation())
    saved = await state.deliberations.save(added.telling(told))
    await state.deliberations.save(saved.closed(sample.noon).chosen("Let us reuse.", drafter))
    kept = await state.deliberations.load("d1")
    assert (kept.told, kept.drafter) == (told, drafter)


async def test_what_was_decided_is_kept_and_due_on_its_day(state, sample):
    over = {"phase": Phase.SETTLED, "ended_at": sample.noon, "recorded": True}
    added = await state.deliberations.add(sample.deliberation().model_copy(update=over))
    decision = Decision(decided="No bags.", who="Ann", recorded_at=sample.noon, ask_at=sample.time(15))
    await state.deliberations.save(added.with_decision(decision, sample.noon).refreshed())
    assert (await state.deliberations.load("d1")).decision == decision
    assert await due_ids(state, sample.time(14)) == []
    assert await due_ids(state, sample.time(15)) == ["d1"]


# -- finding them, and markers ---------------------------------------------------------------------


async def test_a_team_sees_its_own_deliberations_newest_first(state, sample):
    for id_, team, created_at in (
        ("old", "t1", 1),
        ("new", "t1", 9),
        ("middle", "t1", 5),
        ("theirs", "t2", 7),
    ):
        await state.deliberations.add(sample.deliberation(id_, team=team, created_at=created_at))
    assert [d.id for d in await state.deliberations.of_team("t1")] == ["new", "middle", "old"]
    assert [d.id for d in await state.deliberations.of_team("t1", limit=1, offset=1)] == ["middle"]
    assert [d.id for d in await state.deliberations.of_team("t2")] == ["theirs"]
    assert list(await state.deliberations.of_team("t3")) == []


async def test_each_of_a_team_is_given_also_when_others_are_deleted_meanwhile(state, sample):
    for n in range(250):
        await state.deliberations.add(sample.deliberation(f"d{n}", team="t1"))
    await state.deliberations.add(sample.deliberation("theirs", team="t2"))

    seen = set()
    async for deliberation in state.deliberations.each_of_team("t1"):
        if not seen:
            for n in range(10):
                await state.deliberations.delete(f"d{n}")
        seen.add(deliberation.id)

    assert {f"d{n}" for n in range(10, 250)} <= seen <= {f"d{n}" for n in range(250)}


async def test_a_message_leads_to_its_deliberation_until_that_is_deleted(state, sample):
    ballot, shown = MessageRef(channel="c1", message="b1"), MessageRef(channel="c1", message="m1")
    added = await state.deliberations.add(sample.deliberation(message=None))
    saved = await state.deliberations.save(added.announced(shown).balloted(ballot))
    for message in (shown, ballot):
        assert await state.deliberations.of_message("web", message) == saved
        assert await state.deliberations.of_message("slack", message) is None
    assert await state.deliberations.of_message("web", MessageRef(channel="c2", message="b1")) is None
    await state.deliberations.delete("d1")
    assert await state.deliberations.of_message("web", ballot) is None


async def test_a_marker_is_set_by_exactly_one(states, sample):
    await states[0].deliberations.add(sample.deliberation())
    set_by = await asyncio.gather(
        *(states[n % 2].deliberations.mark("d1", "reminded:ann") for n in range(10))
    )
    assert sorted(set_by) == [False] * 9 + [True]
    assert await states[0].deliberations.mark("d1", "reminded:bob") is True
    assert [await states[1].deliberations.is_marked("d1", f"reminded:{who}") for who in ("ann", "cem")] == [
        True,
        False,
    ]
    assert await states[1].deliberations.is_marked("nowhere", "reminded:ann") is False


# -- deletion --------------------------------------------------------------------------------------


async def test_a_deleted_deliberation_is_gone_and_not_due(state, sample):
    await state.deliberations.add(sample.deliberation(closes_at=1))
    await state.deliberations.add(sample.deliberation("d2", closes_at=1))
    await state.contributions.put_opinion("d1", sample.opinion())
    await state.deliberations.delete("d1")
    with pytest.raises(UnknownDeliberationError):
        await state.deliberations.load("d1")
    assert await state.contributions.opinion_count("d1") == 0
    assert [d.id for d in await state.deliberations.of_team("t1")] == ["d2"]
    assert [d.id for d in await state.deliberations.due(sample.time(1))] == ["d2"]


async def test_an_id_that_was_deleted_can_be_used_anew(state, sample):
    await state.deliberations.add(sample.deliberation())
    await state.contributions.put_opinion("d1", sample.opinion(at=5))
    await state.deliberations.delete("d1")
    await state.deliberations.add(sample.deliberation(closes_at=3))
    assert (await state.contributions.put_opinion("d1", sample.opinion(at=1))).total == 1
    assert [d.id for d in await state.deliberations.due(sample.time(3))] == ["d1"]


async def test_deleting_leaves_no_statement_and_no_rating_of_one(studied, sample):
    await studied.contributions.put_rating("d1", 1, sample.rating(statement_id="a"))
    await studied.deliberations.delete("d1")
    await studied.deliberations.add(sample.rated(terms=sample.study))
    assert list(await studied.mediations.statements("d1", 1)) == []
    assert list(await studied.contributions.ratings("d1", 1, "a")) == []


# -- what is due -----------------------------------------------------------------------------------


async def due_ids(state, now, **kwargs):
    return [deliberation.id for deliberation in await state.deliberations.due(now, **kwargs)]


async def test_a_deliberation_is_due_from_its_deadline_on(state, sample):
    await state.deliberations.add(sample.deliberation(closes_at=10))
    assert await due_ids(state, sample.time(9.99)) == []
    assert await due_ids(state, sample.time(10)) == ["d1"]
    assert await due_ids(state, sample.time(500)) == ["d1"]


async def test_what_waits_longest_is_due_first(state, sample):
    for id_, closes_at in (("b", 20), ("a", 30), ("c", 10), ("later", 99)):
        await state.deliberations.add(sample.deliberation(id_, closes_at=closes_at))
    assert await due_ids(state, sample.time(40)) == ["c", "b", "a"]
    assert await due_ids(state, sample.time(40), limit=2) == ["c", "b"]


async def test_without_a_deadline_only_a_person_moves_it_on(state, sample):
    await state.deliberations.add(sample.deliberation())
    assert await due_ids(state, sample.time(10**6)) == []


@pytest.mark.parametrize(("new_deadline", "due_at_15"), [(20, []), (12, ["d1"])], ids=["later", "earlier"])
async def test_a_moved_deadline_counts(state, sample, new_deadline, due_at_15):
    before = await state.deliberations.add(sample.deliberation(closes_at=14))
    await state.deliberations.save(before.extended(sample.time(new_deadline), sample.time(1)).refreshed())
    assert await due_ids(state, sample.time(11)) == []
    assert await due_ids(state, sample.time(15)) == due_at_15
    assert await due_ids(state, sample.time(20)) == ["d1"]


@pytest.mark.parametrize(("won", "lost"), [(30, 5), (5, 30)], ids=["later", "earlier"])
async def test_a_lost_race_for_another_deadline_changes_nothing(states, sample, won, lost):
    seen = await states[0].deliberations.add(sample.deliberation(closes_at=14))
    await states[0].deliberations.save(seen.extended(sample.time(won), sample.time(1)).refreshed())
    with pytest.raises(VersionConflictError):
        await states[1].deliberations.save(seen.extended(sample.time(lost), sample.time(1)).refreshed())
    assert await due_ids(states[0], sample.time(won - 1)) == []
    assert await due_ids(states[0], sample.time(won)) == ["d1"]


async def test_every_step_is_due_in_its_turn_until_nothing_is_left(state, sample):
    deliberation = await state.deliberations.add(sample.deliberation(closes_at=10, message=None))
    steps = []
    for change in (
        lambda d: d.announced(sample.deliberation().message),
        lambda d: d.closed(sample.time(10)),
        lambda d: d.chosen("Let us reuse."),
        lambda d: d.published(sample.time(11)),
        lambda d: d.settled(sample.time(12)),
        lambda d: d.was_recorded(),
    ):
        far_on = sample.time(10**5)
        assert await due_ids(state, far_on) == ["d1"]
        steps.append(str(deliberation.next_due().step))
        deliberation = await state.deliberations.save(change(deliberation))
    assert steps == ["announce", "close", "mediate", "publish", "settle", "settle"]
    assert await due_ids(state, far_on) == []
    assert await due_ids(
        state, far_on + deliberation.terms.retention_days * (sample.time(1440) - sample.noon)
    ) == ["d1"]


async def test_a_failed_mediation_waits_for_a_person(state, sample):
    deliberation = await state.deliberations.add(sample.deliberation(phase=Phase.MEDIATING, closes_at=1))
    assert await due_ids(state, sample.time(2)) == ["d1"]
    failed = await state.deliberations.save(deliberation.failed("The drafter is not there.", sample.time(5)))
    assert await due_ids(state, sample.time(4)) == []
    assert await due_ids(state, sample.time(5)) == ["d1"]
    failed = await state.deliberations.save(failed.was_told())
    assert await due_ids(state, sample.time(24 * 60)) == []
    await state.deliberations.save(failed.retried())
    assert await due_ids(state, sample.time(2)) == ["d1"]


async def test_messages_to_be_shown_again_are_due_beside_the_next_step(state, sample):
    message = MessageRef(channel="C1", message="1")
    asked = await state.deliberations.add(sample.deliberation(closes_at=10))
    asked = await state.deliberations.save(asked.announced(message).to_be_refreshed(sample.time(2)))
    assert await due_ids(state, sample.time(1)) == []
    assert await due_ids(state, sample.time(2)) == ["d1"]
    await state.deliberations.save(asked.refreshed())
    assert await due_ids(state, sample.time(9)) == []
    assert await due_ids(state, sample.time(10)) == ["d1"]


async def test_nothing_that_is_due_is_missed_among_many(state, sample):
    for n in range(120):
        deliberation = await state.deliberations.add(sample.deliberation(f"d{n:03}", closes_at=n))
        if n % 3 == 0:
            await state.deliberations.save(
                deliberation.extended(sample.time(10**5), sample.time(-1)).refreshed()
            )
    assert await due_ids(state, sample.time(100)) == [f"d{n:03}" for n in range(101) if n % 3]


async def test_a_save_that_needs_no_opinion_is_refused_once_there_is_one(state, sample):
    seen = await state.deliberations.add(sample.deliberation())
    await state.contributions.put_opinion("d1", sample.opinion())
    changed = seen.asked_anew("Another one?", "", seen.terms, 0, sample.noon)
    with pytest.raises(VersionConflictError):
        await state.deliberations.save(changed, most=0)
    assert await state.deliberations.load("d1") == seen
    await state.contributions.remove_opinion("d1", "ann", sample.time(1))
    assert (await state.deliberations.save(changed, most=0)).question == "Another one?"


async def test_an_opinion_on_words_that_were_changed_meanwhile_is_refused(state, sample):
    seen = await state.deliberations.add(sample.deliberation())
    await state.deliberations.save(seen.asked_anew("Another one?", "", seen.terms, 0, sample.noon), most=0)
    with pytest.raises(VersionConflictError):
        await state.contributions.put_opinion("d1", sample.opinion(), edition=1)
    assert (await state.contributions.put_opinion("d1", sample.opinion(), edition=2)).total == 1


async def test_whoever_loads_after_a_save_sees_it_however_many_load_at_once(states, sample):
    saved = await states[0].deliberations.add(sample.deliberation())
    versions = [saved.version]

    async def save_often():
        latest = saved
        for minute in range(20):
            latest = await states[1].deliberations.save(latest.to_be_refreshed(sample.time(minute)))
            versions.append(latest.version)

    async def load_often():
        for _ in range(20):
            newest = versions[-1]
            assert (await states[0].deliberations.load("d1")).version >= newest

    await asyncio.gather(save_often(), *(load_often() for _ in range(10)))
    gone = await asyncio.gather(
        *(states[0].deliberations.load("d2") for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in gone] == [UnknownDeliberationError] * 3
