"""`DeliberationStore`: opinions, ratings and mediations, who may still give them, and forgetting."""

import asyncio

import pytest

from bot.domain.deliberation import Author
from bot.errors import TransitionError


@pytest.fixture
async def open_store(store, sample):
    """A store with a question, d1, that takes opinions."""
    await store.add(sample.deliberation())
    return store


@pytest.fixture
async def rated_store(store, sample):
    """A store with a question, d1, whose statement is rated."""
    await store.add(sample.rated())
    return store


# -- opinions ------------------------------------------------------------------------------------


async def test_opinions_are_kept_as_they_were_given_by_participant(open_store, sample):
    bob = sample.opinion("bob", "Nein, «nie»!\n\t日本 🙂").model_copy(
        update={"author": Author(user="u1", name="Bob")}
    )
    answers = [await open_store.put_opinion("d1", opinion) for opinion in (bob, sample.opinion("ann"))]
    assert answers == [(1, 1), (2, 2)]
    assert list(await open_store.opinions("d1")) == [sample.opinion("ann"), bob]
    assert await open_store.opinion("d1", "bob") == bob
    assert await open_store.opinion("d1", "cem") is None
    assert await open_store.opinion_count("d1") == 2


async def test_an_opinion_delivered_twice_is_kept_once(open_store, sample):
    assert (await open_store.put_opinion("d1", sample.opinion())).total == 1
    assert (await open_store.put_opinion("d1", sample.opinion())).total == 1
    assert list(await open_store.opinions("d1")) == [sample.opinion()]


async def test_a_newer_opinion_takes_the_place_of_the_older(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(text="Ban them.", at=1))
    assert (await open_store.put_opinion("d1", sample.opinion(text="Tax them.", at=2))).total == 1
    assert (await open_store.opinion("d1", "ann")).text == "Tax them."


async def test_an_older_opinion_that_arrives_late_changes_nothing(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(text="Tax them.", at=2))
    assert (await open_store.put_opinion("d1", sample.opinion(text="Ban them.", at=1))).total == 1
    assert (await open_store.opinion("d1", "ann")).text == "Tax them."


async def test_times_a_microsecond_apart_are_told_apart(open_store, sample):
    microsecond = 1 / 60_000_000
    await open_store.put_opinion("d1", sample.opinion(text="Tax them.", at=microsecond))
    await open_store.put_opinion("d1", sample.opinion(text="Ban them.", at=0))
    assert (await open_store.opinion("d1", "ann")).text == "Tax them."


async def test_a_withdrawn_opinion_is_gone(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion("ann", at=1))
    await open_store.put_opinion("d1", sample.opinion("bob", at=1))
    assert await open_store.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert await open_store.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert list(await open_store.opinions("d1")) == [sample.opinion("bob", at=1)]


@pytest.mark.parametrize("given_at", [1, 2], ids=["older", "as-old"])
async def test_a_late_copy_does_not_bring_a_withdrawn_opinion_back(open_store, sample, given_at):
    opinion = sample.opinion(at=given_at)
    await open_store.put_opinion("d1", opinion)
    await open_store.remove_opinion("d1", "ann", sample.time(2))
    assert (await open_store.put_opinion("d1", opinion)).total == 0
    assert await open_store.opinion("d1", "ann") is None


async def test_a_withdrawal_that_overtakes_its_opinion_still_holds(open_store, sample):
    assert await open_store.remove_opinion("d1", "ann", sample.time(2)) == 0
    assert (await open_store.put_opinion("d1", sample.opinion(at=1))).total == 0


async def test_a_late_withdrawal_does_not_take_a_newer_opinion(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=3))
    assert await open_store.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert await open_store.opinion("d1", "ann") == sample.opinion(at=3)


async def test_an_opinion_can_be_given_again_after_it_was_withdrawn(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=1))
    await open_store.remove_opinion("d1", "ann", sample.time(2))
    assert (await open_store.put_opinion("d1", sample.opinion(at=3))).total == 1


async def test_after_the_close_opinions_stay_as_they_are(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=1))
    await open_store.save((await open_store.load("d1")).closed(sample.time(2)))
    with pytest.raises(TransitionError, match="closed"):
        await open_store.put_opinion("d1", sample.opinion("bob", at=1))
    with pytest.raises(TransitionError, match="closed"):
        await open_store.put_opinion("d1", sample.opinion(text="Tax them.", at=3))
    with pytest.raises(TransitionError, match="closed"):
        await open_store.remove_opinion("d1", "ann", sample.time(3))
    assert list(await open_store.opinions("d1")) == [sample.opinion(at=1)]


async def test_before_the_opening_no_opinion_is_accepted(store, sample):
    scheduled = await store.add(sample.deliberation(phase="scheduled", opens_at=5))
    with pytest.raises(TransitionError, match="not opened yet"):
        await store.put_opinion("d1", sample.opinion())
    await store.save(scheduled.opened())
    assert (await store.put_opinion("d1", sample.opinion())).total == 1


async def test_opinions_of_different_questions_do_not_mix(open_store, sample):
    await open_store.add(sample.deliberation("d2"))
    await open_store.put_opinion("d1", sample.opinion("ann"))
    assert (await open_store.put_opinion("d2", sample.opinion("bob"))).total == 1
    assert [o.participant for o in await open_store.opinions("d1")] == ["ann"]


async def test_a_close_amid_a_storm_of_opinions_loses_none_and_lets_none_in(stores, sample):
    deliberation = await stores[0].add(sample.deliberation())
    accepted, refused = set(), set()
    enough = asyncio.Event()

    async def give(number):
        store, participant = stores[number % 2], f"p{number:04}"
        try:
            await store.put_opinion("d1", sample.opinion(participant, at=number))
            accepted.add(participant)
            if len(accepted) == 100:
                enough.set()
        except TransitionError:
            refused.add(participant)
        await asyncio.sleep(0)

    async def close():
        await enough.wait()
        await stores[1].save(deliberation.closed(sample.noon))
        return {opinion.participant for opinion in await stores[1].opinions("d1")}

    async def storm(first):
        for number in range(first, 600, 30):
            await give(number)

    at_close, *_ = await asyncio.gather(close(), *(storm(first) for first in range(30)))
    kept = {opinion.participant for opinion in await stores[0].opinions("d1")}
    assert kept == accepted == at_close
    assert len(accepted) + len(refused) == 600
    assert len(accepted) >= 100
    assert refused


# -- ratings -------------------------------------------------------------------------------------


async def test_ratings_follow_the_rules_of_opinions(rated_store, sample):
    assert await rated_store.put_rating("d1", 1, sample.rating("bob", 2, at=1)) == 1
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 5, at=1)) == 2
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 7, at=3)) == 2
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 1, at=2)) == 2
    assert await rated_store.remove_rating("d1", 1, "bob", sample.time(4)) == 1
    assert await rated_store.put_rating("d1", 1, sample.rating("bob", 2, at=1)) == 1
    assert list(await rated_store.ratings("d1", 1)) == [sample.rating("ann", 7, at=3)]


async def test_ratings_are_accepted_only_while_the_vote_is_open(open_store, sample):
    with pytest.raises(TransitionError, match="no statement to rate yet"):
        await open_store.put_rating("d1", 1, sample.rating())
    voting = (await open_store.load("d1")).closed(sample.time(1)).chosen("Reuse.").published(sample.time(2))
    voting = await open_store.save(voting)
    await open_store.put_rating("d1", 1, sample.rating())
    await open_store.save(voting.settled(sample.time(3)))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await open_store.put_rating("d1", 1, sample.rating("bob"))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await open_store.remove_rating("d1", 1, "ann", sample.time(9))
    assert list(await open_store.ratings("d1", 1)) == [sample.rating()]


async def test_one_rating_is_found_by_its_participant(rated_store, sample):
    await rated_store.put_rating("d1", 1, sample.rating("ann", 5))
    assert await rated_store.rating("d1", 1, "ann") == sample.rating("ann", 5)
    assert await rated_store.rating("d1", 1, "bob") is None
    assert await rated_store.rating("nowhere", 1, "ann") is None


async def test_a_rating_is_taken_back_by_value_only_while_it_is_that_one(rated_store, sample):
    await rated_store.put_rating("d1", 1, sample.rating("ann", 2, at=1))
    await rated_store.put_rating("d1", 1, sample.rating("ann", 7, at=2))
    assert await rated_store.remove_rating("d1", 1, "ann", sample.time(3), value=2) == 1
    assert await rated_store.remove_rating("d1", 1, "ann", sample.time(4), value=7) == 0
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 7, at=2)) == 0


async def test_a_withdrawal_by_value_that_overtakes_keeps_out_only_that_value(rated_store, sample):
    await rated_store.remove_rating("d1", 1, "ann", sample.time(3), value=2)
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 2, at=1)) == 0
    assert await rated_store.put_rating("d1", 1, sample.rating("ann", 7, at=2)) == 1


async def test_a_rating_of_an_earlier_round_is_refused(store, sample):
    await store.add(sample.rated(round_=2))
    await store.put_rating("d1", 2, sample.rating())
    with pytest.raises(TransitionError):
        await store.put_rating("d1", 1, sample.rating("bob"))
    assert list(await store.ratings("d1", 1)) == []


# -- mediations ----------------------------------------------------------------------------------


async def test_the_first_mediation_of_a_round_stays(stores, sample):
    await stores[0].add(sample.deliberation(phase="mediating"))
    assert await stores[0].mediation("d1", 1) is None
    first, second = sample.mediation(), sample.mediation(("ann",))
    assert await stores[0].keep_mediation("d1", 1, first) == first
    assert await stores[1].keep_mediation("d1", 1, second) == first
    assert await stores[1].mediation("d1", 1) == first


async def test_a_mediation_of_ten_thousand_participants_is_kept(store, sample):
    await store.add(sample.deliberation(phase="mediating"))
    mediation = sample.mediation([f"{n:032}" for n in range(10_000)], candidates=16)
    await store.keep_mediation("d1", 1, mediation)
    assert await store.mediation("d1", 1) == mediation


# -- forgetting ----------------------------------------------------------------------------------


async def test_an_erased_participant_leaves_nothing_and_the_others_keep_theirs(open_store, sample):
    for participant in ("ann", "bob", "cem"):
        await open_store.put_opinion("d1", sample.opinion(participant))
    voting = (
        (await open_store.load("d1")).closed(sample.time(1)).chosen("Let us reuse.").published(sample.noon)
    )
    await open_store.save(voting)
    await open_store.put_rating("d1", 1, sample.rating("ann"))
    await open_store.put_rating("d1", 1, sample.rating("bob"))
    mediation = sample.mediation()
    await open_store.keep_mediation("d1", 1, mediation)

    assert await open_store.erase_participant("d1", "bob", sample.time(60)) is True

    assert [o.participant for o in await open_store.opinions("d1")] == ["ann", "cem"]
    assert [r.participant for r in await open_store.ratings("d1", 1)] == ["ann"]
    left = await open_store.mediation("d1", 1)
    assert left.participants == ("ann", "cem")
    assert [c.rewards for c in left.candidates] == [
        (candidate.rewards[0], candidate.rewards[2]) for candidate in mediation.candidates
    ]
    assert [c.text for c in left.candidates] == ["Let us reuse.", "", ""]
    assert [c.welfare for c in left.candidates] == [c.welfare for c in mediation.candidates]
    assert left.statement == mediation.statement


async def test_participants_erased_at_once_are_all_erased(stores, sample):
    await stores[0].add(sample.rated())
    await stores[0].keep_mediation("d1", 1, sample.mediation([f"p{n}" for n in range(12)]))
    await asyncio.gather(
        *(stores[n % 2].erase_participant("d1", f"p{n}", sample.time(60)) for n in range(10))
    )
    assert (await stores[0].mediation("d1", 1)).participants == ("p10", "p11")


async def test_erasing_reaches_every_round(store, sample):
    deliberation = await store.add(sample.rated())
    await store.put_rating("d1", 1, sample.rating())
    await store.keep_mediation("d1", 1, sample.mediation())
    second = deliberation.critiqued().chosen("Let us repair.").published(sample.time(1))
    await store.save(second)
    await store.put_rating("d1", 2, sample.rating())
    await store.keep_mediation("d1", 2, sample.mediation())
    await store.erase_participant("d1", "ann", sample.time(60))
    for round_ in (1, 2):
        assert list(await store.ratings("d1", round_)) == []
        assert "ann" not in (await store.mediation("d1", round_)).participants


async def test_a_late_copy_does_not_bring_an_erased_opinion_back(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=1))
    await open_store.put_opinion("d1", sample.opinion(at=2))
    await open_store.erase_participant("d1", "ann", sample.time(3))
    for at in (1, 2, 3):
        assert (await open_store.put_opinion("d1", sample.opinion(at=at))).total == 0
    assert (await open_store.put_opinion("d1", sample.opinion(at=4))).total == 1


async def test_a_late_wish_to_be_forgotten_leaves_what_was_given_since(store, sample):
    await store.add(sample.deliberation())
    await store.put_opinion("d1", sample.opinion(at=5))
    await store.save((await store.load("d1")).closed(sample.time(6)))
    await store.keep_mediation("d1", 1, sample.mediation())
    assert await store.erase_participant("d1", "ann", sample.time(4)) is False
    assert await store.opinion("d1", "ann") == sample.opinion(at=5)
    assert "ann" in (await store.mediation("d1", 1)).participants


async def test_erasing_somebody_who_gave_nothing_says_so(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion("bob"))
    assert await open_store.erase_participant("d1", "ann", sample.time(60)) is False
    assert (await open_store.put_opinion("d1", sample.opinion("ann", at=-5))).total == 2
