"""`DeliberationStore`: deliberations, their versions, teams, markers and what is due."""

import asyncio

import pytest

from bot.domain.deliberation import MessageRef, Phase
from bot.domain.team import CHANGES_KEPT, FieldChange, SettingsChange, Team, WhoMayAsk
from bot.errors import UnknownDeliberationError, VersionConflictError


async def test_what_was_added_is_loaded_as_it_was(store, sample):
    added = await store.add(sample.deliberation(closes_at=30))
    assert await store.load("d1") == added == sample.deliberation(closes_at=30)


async def test_adding_an_id_again_gives_what_is_there(store, sample):
    first = await store.add(sample.deliberation())
    changed = await store.save(first.was_reminded())
    assert await store.add(sample.deliberation(question="Another one?")) == changed
    assert await store.load("d1") == changed


async def test_of_many_who_add_one_id_at_once_all_get_the_same(stores, sample):
    offers = [sample.deliberation(question=f"Question {n}?") for n in range(20)]
    given = await asyncio.gather(*(stores[n % 2].add(offer) for n, offer in enumerate(offers)))
    assert len({deliberation.question for deliberation in given}) == 1
    assert await stores[0].load("d1") == given[0]


async def test_a_save_gives_the_new_version_back(store, sample):
    first = await store.add(sample.deliberation())
    saved = await store.save(first.closed(sample.time(1)))
    assert saved == first.closed(sample.time(1)).model_copy(update={"version": first.version + 1})
    assert await store.load("d1") == saved


async def test_the_second_of_two_racing_saves_is_refused(stores, sample):
    seen = await stores[0].add(sample.deliberation())
    closed = await stores[0].save(seen.closed(sample.time(1)))
    with pytest.raises(VersionConflictError):
        await stores[1].save(seen.was_reminded())
    assert await stores[1].load("d1") == closed


async def test_of_many_racing_saves_exactly_one_wins(stores, sample):
    seen = await stores[0].add(sample.deliberation())
    saves = [stores[n % 2].save(seen.cancelled(f"Reason {n}.", sample.time(n))) for n in range(20)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    won = [outcome for outcome in outcomes if not isinstance(outcome, VersionConflictError)]
    assert [await stores[0].load("d1")] == won


async def test_nothing_can_be_done_to_an_unknown_deliberation(store, sample):
    unknown = sample.deliberation("nowhere")
    for attempt in (
        store.load("nowhere"),
        store.save(unknown),
        store.put_opinion("nowhere", sample.opinion()),
        store.remove_opinion("nowhere", "ann", sample.noon),
        store.put_rating("nowhere", 1, sample.rating()),
        store.remove_rating("nowhere", 1, "ann", sample.noon),
        store.keep_mediation("nowhere", 1, sample.mediation()),
        store.mark("nowhere", "reminded"),
    ):
        with pytest.raises(UnknownDeliberationError):
            await attempt


async def test_an_unknown_deliberation_has_nothing(store, sample):
    assert await store.opinion("nowhere", "ann") is None
    assert list(await store.opinions("nowhere")) == []
    assert await store.opinion_count("nowhere") == 0
    assert list(await store.ratings("nowhere", 1)) == []
    assert await store.mediation("nowhere", 1) is None
    assert await store.erase_participant("nowhere", "ann", sample.time(0)) is False
    await store.delete("nowhere")


# -- teams and markers ---------------------------------------------------------------------------


async def test_a_team_sees_its_own_deliberations_newest_first(store, sample):
    for id_, team, created_at in (
        ("old", "t1", 1),
        ("new", "t1", 9),
        ("middle", "t1", 5),
        ("theirs", "t2", 7),
    ):
        await store.add(sample.deliberation(id_, team=team, created_at=created_at))
    assert [d.id for d in await store.of_team("t1")] == ["new", "middle", "old"]
    assert [d.id for d in await store.of_team("t1", limit=1, offset=1)] == ["middle"]
    assert [d.id for d in await store.of_team("t2")] == ["theirs"]
    assert list(await store.of_team("t3")) == []


async def test_a_team_has_the_default_settings_until_some_are_saved(store):
    assert await store.team("t1") == Team(id="t1")
    settings = Team(id="t1", who_may_ask=WhoMayAsk.ADMINS, excluded_roles={"guest"}, retention_days=7)
    saved = await store.save_team(settings)
    assert saved == settings.model_copy(update={"version": 1})
    assert await store.team("t1") == saved
    assert await store.team("t2") == Team(id="t2")


async def test_what_was_changed_by_whom_is_kept_newest_first(store, sample):
    changes = [
        SettingsChange(
            user="ada",
            at=sample.time(n),
            changes=(FieldChange(field="retention_days", before="90", after=str(n)),),
        )
        for n in range(CHANGES_KEPT + 3)
    ]
    team = Team(id="t1")
    for change in changes:
        team = await store.save_team(team, change)
    assert list(await store.settings_changes("t1", limit=2)) == [changes[-1], changes[-2]]
    assert len(await store.settings_changes("t1", limit=10_000)) == CHANGES_KEPT
    assert list(await store.settings_changes("t2")) == []


async def test_of_two_changes_of_the_same_settings_the_second_is_refused_and_not_noted(stores, sample):
    here, there = stores
    change = SettingsChange(
        user="ada", at=sample.time(0), changes=(FieldChange(field="reminders", before="on", after="off"),)
    )
    first = await here.save_team(Team(id="t1", reminders=False), change)
    for late in (Team(id="t1"), Team(id="t1", version=2)):
        with pytest.raises(VersionConflictError):
            await there.save_team(late, change)
    assert await there.team("t1") == first
    assert len(await there.settings_changes("t1")) == 1


async def test_the_newest_wish_about_reminders_counts(store, sample):
    assert list(await store.wants_reminders("t1", ["ann", "bob"])) == [True, True]
    await store.set_reminders("t1", "ann", False, sample.time(2))
    await store.set_reminders("t1", "ann", True, sample.time(1))
    assert list(await store.wants_reminders("t1", ["ann", "bob"])) == [False, True]
    assert list(await store.wants_reminders("t2", ["ann"])) == [True]
    await store.set_reminders("t1", "ann", True, sample.time(3))
    assert list(await store.wants_reminders("t1", ["ann"])) == [True]
    assert list(await store.wants_reminders("t1", [])) == []


async def test_a_message_leads_to_its_deliberation_until_that_is_deleted(store, sample):
    ballot, shown = MessageRef(channel="c1", message="b1"), MessageRef(channel="c1", message="m1")
    added = await store.add(sample.deliberation(message=None))
    saved = await store.save(added.announced(shown).balloted(ballot))
    for message in (shown, ballot):
        assert await store.of_message("web", message) == saved
        assert await store.of_message("slack", message) is None
    assert await store.of_message("web", MessageRef(channel="c2", message="b1")) is None
    await store.delete("d1")
    assert await store.of_message("web", ballot) is None


async def test_a_marker_is_set_by_exactly_one(stores, sample):
    await stores[0].add(sample.deliberation())
    set_by = await asyncio.gather(*(stores[n % 2].mark("d1", "reminded:ann") for n in range(10)))
    assert sorted(set_by) == [False] * 9 + [True]
    assert await stores[0].mark("d1", "reminded:bob") is True
    assert [await stores[1].is_marked("d1", f"reminded:{who}") for who in ("ann", "cem")] == [True, False]
    assert await stores[1].is_marked("nowhere", "reminded:ann") is False


async def test_the_store_answers(store):
    await store.ping()


# -- deletion ------------------------------------------------------------------------------------


async def test_a_deleted_deliberation_is_gone_and_not_due(store, sample):
    await store.add(sample.deliberation(closes_at=1))
    await store.add(sample.deliberation("d2", closes_at=1))
    await store.put_opinion("d1", sample.opinion())
    await store.delete("d1")
    with pytest.raises(UnknownDeliberationError):
        await store.load("d1")
    assert await store.opinion_count("d1") == 0
    assert [d.id for d in await store.of_team("t1")] == ["d2"]
    assert [d.id for d in await store.due(sample.time(1))] == ["d2"]


async def test_an_id_that_was_deleted_can_be_used_anew(store, sample):
    await store.add(sample.deliberation())
    await store.put_opinion("d1", sample.opinion(at=5))
    await store.delete("d1")
    await store.add(sample.deliberation(closes_at=3))
    assert (await store.put_opinion("d1", sample.opinion(at=1))).total == 1
    assert [d.id for d in await store.due(sample.time(3))] == ["d1"]


# -- what is due ---------------------------------------------------------------------------------


async def due_ids(store, now, **kwargs):
    return [deliberation.id for deliberation in await store.due(now, **kwargs)]


async def test_a_deliberation_is_due_from_its_deadline_on(store, sample):
    await store.add(sample.deliberation(closes_at=10))
    assert await due_ids(store, sample.time(9.99)) == []
    assert await due_ids(store, sample.time(10)) == ["d1"]
    assert await due_ids(store, sample.time(500)) == ["d1"]


async def test_what_waits_longest_is_due_first(store, sample):
    for id_, closes_at in (("b", 20), ("a", 30), ("c", 10), ("later", 99)):
        await store.add(sample.deliberation(id_, closes_at=closes_at))
    assert await due_ids(store, sample.time(40)) == ["c", "b", "a"]
    assert await due_ids(store, sample.time(40), limit=2) == ["c", "b"]


async def test_without_a_deadline_only_a_person_moves_it_on(store, sample):
    await store.add(sample.deliberation())
    assert await due_ids(store, sample.time(10**6)) == []


@pytest.mark.parametrize(("new_deadline", "due_at_15"), [(20, []), (12, ["d1"])], ids=["later", "earlier"])
async def test_a_moved_deadline_counts(store, sample, new_deadline, due_at_15):
    before = await store.add(sample.deliberation(closes_at=14))
    await store.save(before.extended(sample.time(new_deadline), sample.time(1)))
    assert await due_ids(store, sample.time(11)) == []
    assert await due_ids(store, sample.time(15)) == due_at_15
    assert await due_ids(store, sample.time(20)) == ["d1"]


@pytest.mark.parametrize(("won", "lost"), [(30, 5), (5, 30)], ids=["later", "earlier"])
async def test_a_lost_race_for_another_deadline_changes_nothing(stores, sample, won, lost):
    seen = await stores[0].add(sample.deliberation(closes_at=14))
    await stores[0].save(seen.extended(sample.time(won), sample.time(1)))
    with pytest.raises(VersionConflictError):
        await stores[1].save(seen.extended(sample.time(lost), sample.time(1)))
    assert await due_ids(stores[0], sample.time(won - 1)) == []
    assert await due_ids(stores[0], sample.time(won)) == ["d1"]


async def test_every_step_is_due_in_its_turn_until_nothing_is_left(store, sample):
    deliberation = await store.add(sample.deliberation(closes_at=10, message=None))
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
        assert await due_ids(store, far_on) == ["d1"]
        steps.append(str(deliberation.next_due().step))
        deliberation = await store.save(change(deliberation))
    assert steps == ["announce", "close", "mediate", "publish", "settle", "settle"]
    assert await due_ids(store, far_on) == []
    assert await due_ids(
        store, far_on + deliberation.terms.retention_days * (sample.time(1440) - sample.noon)
    ) == ["d1"]


async def test_a_failed_mediation_waits_for_a_person(store, sample):
    deliberation = await store.add(sample.deliberation(phase=Phase.MEDIATING, closes_at=1))
    assert await due_ids(store, sample.time(2)) == ["d1"]
    failed = await store.save(deliberation.failed("The drafter is not there."))
    assert await due_ids(store, sample.time(24 * 60)) == []
    await store.save(failed.retried())
    assert await due_ids(store, sample.time(2)) == ["d1"]


async def test_nothing_that_is_due_is_missed_among_many(store, sample):
    for n in range(120):
        deliberation = await store.add(sample.deliberation(f"d{n:03}", closes_at=n))
        if n % 3 == 0:
            await store.save(deliberation.extended(sample.time(10**6), sample.time(-1)))
    assert await due_ids(store, sample.time(100)) == [f"d{n:03}" for n in range(101) if n % 3]


async def test_each_of_a_team_is_given_also_when_others_are_deleted_meanwhile(store, sample):
    for n in range(250):
        await store.add(sample.deliberation(f"d{n}", team="t1"))
    await store.add(sample.deliberation("theirs", team="t2"))

    seen = set()
    async for deliberation in store.each_of_team("t1"):
        if not seen:
            for n in range(10):
                await store.delete(f"d{n}")
        seen.add(deliberation.id)

    assert {f"d{n}" for n in range(10, 250)} <= seen <= {f"d{n}" for n in range(250)}


async def test_a_mediation_that_was_dropped_makes_room_for_another(store, sample):
    await store.add(sample.deliberation())
    first, second = sample.mediation(), sample.mediation(("ann",))
    await store.keep_mediation("d1", 1, first)

    await store.drop_mediation("d1", 1)
    await store.drop_mediation("d1", 1)

    assert await store.mediation("d1", 1) is None
    assert await store.keep_mediation("d1", 1, second) == second


async def test_workers_count_while_they_give_signs_of_life(stores, sample):
    here, there = stores
    assert await here.workers(sample.time(0)) == 0
    await here.beat("one", sample.time(0))
    await there.beat("two", sample.time(1))
    await there.beat("one", sample.time(-1))  # comes late, and makes nobody older
    assert [await here.workers(sample.time(at)) for at in (0, 1, 2)] == [2, 1, 0]
    await here.beat("two", sample.time(2 * 24 * 60))
    assert await there.workers(sample.time(-10)) == 1
