"""`Contributions`: opinions, ratings, reasons and baselines, and who may still give them."""

import asyncio

import pytest

from bot.domain.deliberation import Author
from bot.domain.errors import GivenElsewhereError, NameInUseError, TransitionError, UnknownDeliberationError
from bot.domain.likeness import Signing
from bot.domain.ratings import Rating
from bot.domain.rounds import Preference


async def test_opinions_are_kept_as_they_were_given_by_participant(asked, sample):
    bob = sample.opinion("bob", "Nein, «nie»!\n\t日本 🙂").model_copy(
        update={"author": Author(user="u1", name="Bob"), "attributes": {"Téam": "sales, «EU»"}}
    )
    answers = [
        await asked.contributions.put_opinion("d1", opinion) for opinion in (bob, sample.opinion("ann"))
    ]
    assert answers == [(1, 1), (2, 2)]
    assert list(await asked.contributions.opinions("d1")) == [sample.opinion("ann"), bob]
    assert await asked.contributions.opinion("d1", "bob") == bob
    assert await asked.contributions.opinion("d1", "cem") is None
    assert await asked.contributions.opinion_count("d1") == 2
    assert await asked.contributions.answerers("d1") == {"ann", "bob"}


async def test_an_opinion_delivered_twice_is_kept_once(asked, sample):
    assert (await asked.contributions.put_opinion("d1", sample.opinion())).total == 1
    assert (await asked.contributions.put_opinion("d1", sample.opinion())).total == 1
    assert list(await asked.contributions.opinions("d1")) == [sample.opinion()]


async def test_a_newer_opinion_takes_the_place_of_the_older(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(text="Ban them.", at=1))
    assert (await asked.contributions.put_opinion("d1", sample.opinion(text="Tax them.", at=2))).total == 1
    assert (await asked.contributions.opinion("d1", "ann")).text == "Tax them."


async def test_an_older_opinion_that_arrives_late_changes_nothing(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(text="Tax them.", at=2))
    assert (await asked.contributions.put_opinion("d1", sample.opinion(text="Ban them.", at=1))).total == 1
    assert (await asked.contributions.opinion("d1", "ann")).text == "Tax them."


async def test_times_a_microsecond_apart_are_told_apart(asked, sample):
    microsecond = 1 / 60_000_000
    await asked.contributions.put_opinion("d1", sample.opinion(text="Tax them.", at=microsecond))
    await asked.contributions.put_opinion("d1", sample.opinion(text="Ban them.", at=0))
    assert (await asked.contributions.opinion("d1", "ann")).text == "Tax them."


async def test_a_withdrawn_opinion_is_gone(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion("ann", at=1))
    await asked.contributions.put_opinion("d1", sample.opinion("bob", at=1))
    assert await asked.contributions.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert await asked.contributions.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert list(await asked.contributions.opinions("d1")) == [sample.opinion("bob", at=1)]


@pytest.mark.parametrize("given_at", [1, 2], ids=["older", "as-old"])
async def test_a_late_copy_does_not_bring_a_withdrawn_opinion_back(asked, sample, given_at):
    opinion = sample.opinion(at=given_at)
    await asked.contributions.put_opinion("d1", opinion)
    await asked.contributions.remove_opinion("d1", "ann", sample.time(2))
    assert (await asked.contributions.put_opinion("d1", opinion)).total == 0
    assert await asked.contributions.opinion("d1", "ann") is None


async def test_a_withdrawal_that_overtakes_its_opinion_still_holds(asked, sample):
    assert await asked.contributions.remove_opinion("d1", "ann", sample.time(2)) == 0
    assert (await asked.contributions.put_opinion("d1", sample.opinion(at=1))).total == 0


async def test_a_late_withdrawal_does_not_take_a_newer_opinion(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=3))
    assert await asked.contributions.remove_opinion("d1", "ann", sample.time(2)) == 1
    assert await asked.contributions.opinion("d1", "ann") == sample.opinion(at=3)


async def test_an_opinion_can_be_given_again_after_it_was_withdrawn(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=1))
    await asked.contributions.remove_opinion("d1", "ann", sample.time(2))
    assert (await asked.contributions.put_opinion("d1", sample.opinion(at=3))).total == 1


async def test_after_the_close_opinions_stay_as_they_are(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=1))
    await asked.deliberations.save((await asked.deliberations.load("d1")).closed(sample.time(2)))
    with pytest.raises(TransitionError, match="closed"):
        await asked.contributions.put_opinion("d1", sample.opinion("bob", at=1))
    with pytest.raises(TransitionError, match="closed"):
        await asked.contributions.put_opinion("d1", sample.opinion(text="Tax them.", at=3))
    with pytest.raises(TransitionError, match="closed"):
        await asked.contributions.remove_opinion("d1", "ann", sample.time(3))
    assert list(await asked.contributions.opinions("d1")) == [sample.opinion(at=1)]


async def test_before_the_opening_no_opinion_is_accepted(state, sample):
    scheduled = await state.deliberations.add(sample.deliberation(phase="scheduled", opens_at=5))
    with pytest.raises(TransitionError, match="not opened yet"):
        await state.contributions.put_opinion("d1", sample.opinion())
    await state.deliberations.save(scheduled.opened())
    assert (await state.contributions.put_opinion("d1", sample.opinion())).total == 1


async def test_opinions_of_different_questions_do_not_mix(asked, sample):
    await asked.deliberations.add(sample.deliberation("d2"))
    await asked.contributions.put_opinion("d1", sample.opinion("ann"))
    assert (await asked.contributions.put_opinion("d2", sample.opinion("bob"))).total == 1
    assert [o.participant for o in await asked.contributions.opinions("d1")] == ["ann"]


async def test_a_close_amid_a_storm_of_opinions_loses_none_and_lets_none_in(states, sample):
    deliberation = await states[0].deliberations.add(sample.deliberation())
    accepted, refused = set(), set()
    enough = asyncio.Event()

    async def give(number):
        state, participant = states[number % 2], f"p{number:04}"
        try:
            await state.contributions.put_opinion("d1", sample.opinion(participant, at=number))
            accepted.add(participant)
            if len(accepted) == 100:
                enough.set()
        except TransitionError:
            refused.add(participant)
        await asyncio.sleep(0)

    async def close():
        await enough.wait()
        await states[1].deliberations.save(deliberation.closed(sample.noon))
        return {opinion.participant for opinion in await states[1].contributions.opinions("d1")}

    async def storm(first):
        for number in range(first, 600, 30):
            await give(number)

    at_close, *_ = await asyncio.gather(close(), *(storm(first) for first in range(30)))
    kept = {opinion.participant for opinion in await states[0].contributions.opinions("d1")}
    assert kept == accepted == at_close
    assert len(accepted) + len(refused) == 600
    assert len(accepted) >= 100
    assert refused


async def test_an_opinion_is_withheld_in_any_phase_and_is_otherwise_the_same(asked, sample):
    given = sample.opinion()
    await asked.contributions.put_opinion("d1", given)
    await asked.deliberations.save((await asked.deliberations.load("d1")).closed(sample.time(1)))
    for _ in range(2):
        assert await asked.contributions.withhold_opinion("d1", "ann")
    assert await asked.contributions.opinion("d1", "ann") == given.model_copy(update={"consent": False})
    assert not await asked.contributions.withhold_opinion("d1", "bob")
    assert not await asked.contributions.withhold_opinion("nowhere", "ann")


# -- names -----------------------------------------------------------------------------------------


def signed(sample, who, name, at=1.0, text="Ban them."):
    author = Author(user=f"user of {who}", name=name)
    return sample.opinion(who, text, at=at).model_copy(update={"author": author})


async def put(state, sample, who, name, at=1.0, signing=Signing.TYPED):
    """Whether it was kept; with it comes a baseline, which is kept where the opinion is."""
    opinion = signed(sample, who, name, at)
    try:
        await state.contributions.put_opinion("d1", opinion, sample.rating(who, 6, at), signing)
    except NameInUseError:
        assert await state.contributions.opinion("d1", who) != opinion
        return False
    return True


async def test_a_typed_name_that_looks_like_anothers_is_refused_with_all_that_came_with_it(asked, sample):
    assert await put(asked, sample, "ann", "Carol")
    for name in ("Carol", " carol", "Cаrol", "C@rol"):
        assert not await put(asked, sample, "bob", name)
    assert [each.participant for each in await asked.contributions.opinions("d1")] == ["ann"]
    assert [each.participant for each in await asked.contributions.baselines("d1")] == ["ann"]
    assert await put(asked, sample, "bob", "Carol B.")
    assert await put(asked, sample, "ann", "CAROL", at=2.0)
    assert not await put(asked, sample, "cem", "carol b")


async def test_a_name_is_free_once_its_opinion_is_withdrawn_erased_or_under_another(asked, sample):
    others = iter(("bob", "cem", "dan"))

    async def is_free_after(act):
        other = next(others)
        assert not await put(asked, sample, other, "Carol", at=1.0)
        await act
        assert await put(asked, sample, other, "Carol", at=5.0)
        await asked.contributions.remove_opinion("d1", other, sample.time(6.0))

    assert await put(asked, sample, "ann", "Carol", at=1.0)
    await is_free_after(asked.contributions.remove_opinion("d1", "ann", sample.time(2.0)))
    assert await put(asked, sample, "ann", "Carol", at=3.0)
    await is_free_after(put(asked, sample, "ann", "Ann", at=4.0))
    assert await put(asked, sample, "ann", "Carol", at=7.0)
    await is_free_after(asked.contributions.erase_participant("d1", "ann", sample.time(8.0)))


async def test_a_name_that_came_with_a_link_is_never_refused_and_takes_nobodys_away(asked, sample):
    assert await put(asked, sample, "ann", "Carol")
    assert await put(asked, sample, "bob", "Carol", signing=Signing.BY_LINK)
    assert await put(asked, sample, "ann", "Carol", at=2.0)
    assert not await put(asked, sample, "ann", "carol", at=3.0)
    # It stays in use as long as either of them has it.
    for who in ("ann", "bob"):
        assert not await put(asked, sample, "cem", "Carol")
        await asked.contributions.remove_opinion("d1", who, sample.time(4.0))
    assert await put(asked, sample, "cem", "Carol")


async def test_a_late_copy_neither_takes_a_name_nor_is_refused_for_one(asked, sample):
    assert await put(asked, sample, "ann", "Ann", at=3.0)
    assert await put(asked, sample, "ann", "Carol", at=2.0)
    assert await put(asked, sample, "bob", "Carol", at=1.0)
    assert await put(asked, sample, "ann", "Carol", at=1.0)
    await asked.contributions.remove_opinion("d1", "ann", sample.time(2.5))  # late
    assert not await put(asked, sample, "cem", "Ann")


async def test_a_name_that_an_earlier_version_kept_is_still_seen(asked, sample):
    """Such opinions are kept without noting names."""
    for who, name in (("ann", "Carol"), ("bob", "Carol"), ("cem", "Dan")):
        assert await put(asked, sample, who, name, signing=Signing.AS_KNOWN)
    assert not await put(asked, sample, "eve", "carol")
    assert await put(asked, sample, "ann", "Carol", at=2.0)
    for who in ("ann", "bob"):
        assert not await put(asked, sample, "eve", "carol")
        await asked.contributions.remove_opinion("d1", who, sample.time(3.0))
    assert await put(asked, sample, "eve", "carol")
    assert not await put(asked, sample, "fay", "Dan")


@pytest.mark.parametrize("earlier", [False, True], ids=["new", "begun-by-an-earlier-version"])
async def test_of_many_who_answer_at_once_under_one_name_one_is_kept(states, sample, earlier):
    await states[0].deliberations.add(sample.deliberation())
    if earlier:
        assert await put(states[0], sample, "zoe", "Zoe", signing=Signing.AS_KNOWN)
    tries = (put(states[n % 2], sample, f"p{n}", ("Carol", "carol")[n // 2 % 2]) for n in range(12))
    assert sum(await asyncio.gather(*tries)) == 1
    assert await states[1].contributions.opinion_count("d1") == 1 + earlier


async def test_a_deleted_questions_names_are_free(asked, sample):
    assert await put(asked, sample, "ann", "Carol")
    await asked.deliberations.delete("d1")
    await asked.deliberations.add(sample.deliberation())
    assert await put(asked, sample, "bob", "Carol")


# -- of one participant in two browsers -------------------------------------------------------------


GIVES = {
    "opinion": lambda c, s, at, giver: c.put_opinion("d1", s.opinion(at=at), giver=giver),
    "baseline": lambda c, s, at, giver: c.put_baseline("d1", s.rating(at=at), giver=giver),
    "rating": lambda c, s, at, giver: c.put_rating("d1", 1, s.rating(at=at), giver=giver),
    "reason": lambda c, s, at, giver: c.put_reason("d1", s.reason(at=at), giver=giver),
}
TAKES_BACK = {
    "opinion": lambda c, s, at, giver: c.remove_opinion("d1", "ann", s.time(at), giver=giver),
    "rating": lambda c, s, at, giver: c.remove_rating("d1", 1, "ann", s.time(at), giver=giver),
    "reason": lambda c, s, at, giver: c.remove_reason("d1", 1, "ann", s.time(at), giver=giver),
}


async def through(state, sample, act, giver, at=1.0):
    """Whether one of these is let through for this giver."""
    try:
        await act(state.contributions, sample, at, giver)
    except GivenElsewhereError:
        return False
    return True


async def voting(state, sample):
    """The same question with its vote open."""
    asked = await state.deliberations.load("d1")
    return await state.deliberations.save(
        asked.closed(sample.time(9)).chosen("Reuse.").published(sample.noon)
    )


@pytest.mark.parametrize("first", GIVES)
async def test_whoever_gives_first_alone_changes_what_a_participant_gave(state, sample, first):
    is_rated = first in ("rating", "reason")
    await state.deliberations.add(sample.rated() if is_rated else sample.deliberation())
    open_now = ("rating", "reason") if is_rated else ("opinion", "baseline")
    assert await state.contributions.giver("d1", "ann") is None
    assert await through(state, sample, GIVES[first], "phone")
    assert await state.contributions.giver("d1", "ann") == "phone"
    for at in (0.5, 1.0, 2.0):  # older, too: whoever sent it must not believe that it is kept
        for kind in open_now:
            assert not await through(state, sample, GIVES[kind], "laptop", at)
            if kind in TAKES_BACK:
                assert not await through(state, sample, TAKES_BACK[kind], "laptop", at)
    # Of other participants, and of whoever says no giver, nothing is asked.
    assert await through(state, sample, GIVES[first], "", 3.0)
    assert await state.contributions.giver("d1", "ann") == "phone"
    assert await state.contributions.giver("d1", "bob") is None
    assert await through(state, sample, GIVES[first], "phone", 4.0)


async def test_a_giver_stays_until_nothing_is_left_and_then_the_next_one_comes(asked, sample):
    assert await through(asked, sample, GIVES["opinion"], "phone")
    await voting(asked, sample)
    for kind in ("rating", "reason"):
        assert await through(asked, sample, GIVES[kind], "phone", 20.0)
        assert await through(asked, sample, TAKES_BACK[kind], "phone", 21.0)
    assert await asked.contributions.giver("d1", "ann") == "phone"
    assert not await through(asked, sample, GIVES["rating"], "laptop", 22.0)


async def test_once_all_is_withdrawn_another_one_gives(asked, sample):
    assert await through(asked, sample, GIVES["opinion"], "phone")
    assert await through(asked, sample, GIVES["baseline"], "phone")
    assert await through(asked, sample, TAKES_BACK["opinion"], "phone", 2.0)
    assert await asked.contributions.giver("d1", "ann") is None
    # A late copy of what was withdrawn is not kept, and makes nobody a giver.
    assert await through(asked, sample, GIVES["opinion"], "phone", 1.5)
    assert await asked.contributions.giver("d1", "ann") is None
    assert await through(asked, sample, GIVES["opinion"], "laptop", 3.0)
    assert await asked.contributions.giver("d1", "ann") == "laptop"
    assert not await through(asked, sample, TAKES_BACK["opinion"], "phone", 4.0)


async def test_what_is_taken_back_without_a_giver_leaves_none_behind(asked, sample):
    assert await through(asked, sample, GIVES["opinion"], "phone")
    assert await through(asked, sample, GIVES["baseline"], "phone")
    assert await through(asked, sample, TAKES_BACK["opinion"], "", 2.0)
    assert await through(asked, sample, GIVES["opinion"], "", 3.0)
    assert await asked.contributions.giver("d1", "ann") == ""


async def test_what_is_refused_makes_nobody_a_giver(rated, sample):
    with pytest.raises(TransitionError):
        await rated.contributions.put_opinion("d1", sample.opinion(), giver="phone")
    with pytest.raises(UnknownDeliberationError):
        await rated.contributions.put_opinion("d2", sample.opinion(), giver="phone")
    assert await rated.contributions.giver("d1", "ann") is None
    assert await rated.contributions.giver("d2", "ann") is None


async def test_what_was_given_without_a_giver_is_changed_by_none(asked, sample):
    assert await through(asked, sample, GIVES["opinion"], "")
    assert await asked.contributions.giver("d1", "ann") == ""
    for act in (GIVES["opinion"], GIVES["baseline"], TAKES_BACK["opinion"]):
        assert not await through(asked, sample, act, "phone", 2.0)
    await voting(asked, sample)
    assert not await through(asked, sample, GIVES["rating"], "phone", 10.0)


@pytest.mark.parametrize("kind", GIVES)
async def test_of_many_who_give_at_once_as_one_participant_one_is_kept(states, sample, kind):
    is_rated = kind in ("rating", "reason")
    await states[0].deliberations.add(sample.rated() if is_rated else sample.deliberation())
    givers = [f"giver {n % 3}" for n in range(9)]
    tries = [through(states[n % 2], sample, GIVES[kind], giver) for n, giver in enumerate(givers)]
    let = await asyncio.gather(*tries)
    kept = await states[1].contributions.giver("d1", "ann")
    # Also every copy of it.
    assert [giver == kept for giver in givers] == let


# -- ratings ---------------------------------------------------------------------------------------


async def test_ratings_follow_the_rules_of_opinions(rated, sample):
    assert await rated.contributions.put_rating("d1", 1, sample.rating("bob", 2, at=1)) == 1
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 5, at=1)) == 2
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 7, at=3)) == 2
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 1, at=2)) == 2
    assert await rated.contributions.remove_rating("d1", 1, "bob", sample.time(4)) == 1
    assert await rated.contributions.put_rating("d1", 1, sample.rating("bob", 2, at=1)) == 1
    assert list(await rated.contributions.ratings("d1", 1)) == [sample.rating("ann", 7, at=3)]


async def test_ratings_are_accepted_only_while_the_vote_is_open(asked, sample):
    with pytest.raises(TransitionError, match="no statement to rate yet"):
        await asked.contributions.put_rating("d1", 1, sample.rating())
    voting = (
        (await asked.deliberations.load("d1"))
        .closed(sample.time(1))
        .chosen("Reuse.")
        .published(sample.time(2))
    )
    voting = await asked.deliberations.save(voting)
    await asked.contributions.put_rating("d1", 1, sample.rating())
    await asked.deliberations.save(voting.settled(sample.time(3)))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await asked.contributions.put_rating("d1", 1, sample.rating("bob"))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await asked.contributions.remove_rating("d1", 1, "ann", sample.time(9))
    assert list(await asked.contributions.ratings("d1", 1)) == [sample.rating()]


async def test_reasons_follow_the_rules_of_ratings_and_outlive_these(rated, sample):
    keep, remove = rated.contributions.put_reason, rated.contributions.remove_reason
    late = sample.reason("bob", at=1)
    assert await keep("d1", late) == 1
    assert await keep("d1", late) == 1
    assert await keep("d1", sample.reason("ann", "Too dear.", at=3)) == 2
    assert await keep("d1", sample.reason("ann", "Too cheap.", at=2)) == 2
    assert await remove("d1", 1, "bob", sample.time(4)) == 1
    assert await keep("d1", late) == 1
    await rated.contributions.put_rating("d1", 1, sample.rating("ann", at=5))
    await rated.contributions.remove_rating("d1", 1, "ann", sample.time(6))
    assert list(await rated.contributions.reasons("d1", 1)) == [sample.reason("ann", "Too dear.", at=3)]
    assert await rated.contributions.reason("d1", 1, "bob") is None
    assert list(await rated.contributions.reasons("nowhere", 1)) == []


async def test_reasons_are_accepted_only_while_their_round_is_rated(asked, sample):
    keep = asked.contributions.put_reason
    with pytest.raises(TransitionError, match="no statement to rate yet"):
        await keep("d1", sample.reason())
    voting = (await asked.deliberations.load("d1")).closed(sample.time(1)).chosen("Reuse.")
    voting = await asked.deliberations.save(voting.published(sample.time(2)))
    await keep("d1", sample.reason())
    again = voting.critiqued().chosen("Repair.").published(sample.time(3))
    again = await asked.deliberations.save(again)
    with pytest.raises(TransitionError, match="just changed"):
        await keep("d1", sample.reason("bob"))
    await keep("d1", sample.reason(round=2))
    await asked.deliberations.save(again.settled(sample.time(4)))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await keep("d1", sample.reason("bob", round=2))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await asked.contributions.remove_reason("d1", 2, "ann", sample.time(9))
    assert list(await asked.contributions.reasons("d1", 1)) == [sample.reason()]
    assert list(await asked.contributions.reasons("d1", 2)) == [sample.reason(round=2)]


async def test_a_reason_is_withheld_in_any_phase_and_is_otherwise_the_same(rated, sample):
    given = sample.reason(consent=True)
    await rated.contributions.put_reason("d1", given)
    await rated.deliberations.save((await rated.deliberations.load("d1")).settled(sample.time(1)))
    for _ in range(2):
        assert await rated.contributions.withhold_reason("d1", 1, "ann")
    assert await rated.contributions.reason("d1", 1, "ann") == sample.reason()
    assert not await rated.contributions.withhold_reason("d1", 1, "bob")
    assert not await rated.contributions.withhold_reason("d1", 2, "ann")
    assert not await rated.contributions.withhold_reason("nowhere", 1, "ann")


async def test_ratings_are_counted_for_each_statement(studied, sample):
    for participant in ("ann", "bob"):
        await studied.contributions.put_rating("d1", 1, sample.rating(participant, statement_id="a"))
    await studied.contributions.put_rating("d1", 1, sample.rating("ann", 2, at=1, statement_id="a"))
    await studied.contributions.put_rating("d1", 1, sample.rating("ann"))
    await studied.contributions.remove_rating("d1", 1, "bob", sample.time(2), statement_id="a")
    count = studied.contributions.rating_count
    assert [await count("d1", 1, id_) for id_ in ("a", "b", "chosen")] == [1, 0, 1]
    raters = studied.contributions.raters
    assert [await raters("d1", 1, id_) for id_ in ("a", "b", "chosen")] == [{"ann"}, set(), {"ann"}]
    assert await raters("nowhere", 1) == await studied.contributions.answerers("nowhere") == set()
    assert await count("d1", 1) == 1
    assert await count("d1", 2) == await count("nowhere", 1) == 0


async def test_one_rating_is_found_by_its_participant(rated, sample):
    await rated.contributions.put_rating("d1", 1, sample.rating("ann", 5))
    assert await rated.contributions.rating("d1", 1, "ann") == sample.rating("ann", 5)
    assert await rated.contributions.rating("d1", 1, "bob") is None
    assert await rated.contributions.rating("nowhere", 1, "ann") is None


async def test_a_rating_is_taken_back_by_value_only_while_it_is_that_one(rated, sample):
    await rated.contributions.put_rating("d1", 1, sample.rating("ann", 2, at=1))
    await rated.contributions.put_rating("d1", 1, sample.rating("ann", 7, at=2))
    assert await rated.contributions.remove_rating("d1", 1, "ann", sample.time(3), value=2) == 1
    assert await rated.contributions.remove_rating("d1", 1, "ann", sample.time(4), value=7) == 0
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 7, at=2)) == 0


async def test_a_withdrawal_by_value_that_overtakes_keeps_out_only_that_value(rated, sample):
    await rated.contributions.remove_rating("d1", 1, "ann", sample.time(3), value=2)
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 2, at=1)) == 0
    assert await rated.contributions.put_rating("d1", 1, sample.rating("ann", 7, at=2)) == 1


async def test_a_rating_of_an_earlier_round_is_refused(state, sample):
    await state.deliberations.add(sample.rated(round_=2))
    await state.contributions.put_rating("d1", 2, sample.rating())
    with pytest.raises(TransitionError):
        await state.contributions.put_rating("d1", 1, sample.rating("bob"))
    assert list(await state.contributions.ratings("d1", 1)) == []


async def test_quality_is_kept_with_the_rating(studied, sample):
    given = sample.rating(quality=3)
    await studied.contributions.put_rating("d1", 1, given)
    assert await studied.contributions.rating("d1", 1, "ann") == given


async def test_each_statement_is_rated_for_itself(studied, sample):
    for id_, value in (("a", 2), ("b", 6), ("chosen", 4)):
        assert (
            await studied.contributions.put_rating("d1", 1, sample.rating(value=value, statement_id=id_)) == 1
        )
    assert [(await studied.contributions.ratings("d1", 1, id_))[0].value for id_ in ("a", "b", "chosen")] == [
        2,
        6,
        4,
    ]
    assert await studied.contributions.remove_rating("d1", 1, "ann", sample.time(1), statement_id="a") == 0
    assert await studied.contributions.rating("d1", 1, "ann", "a") is None
    assert (await studied.contributions.rating("d1", 1, "ann", "b")).value == 6


def test_a_rating_of_an_older_version_is_of_the_published_statement():
    kept = '{"participant": "ann", "value": 6, "given_at": "2026-11-23T12:00:00Z"}'
    assert (Rating.model_validate_json(kept).statement_id, Rating.model_validate_json(kept).quality) == (
        "chosen",
        None,
    )


# -- the baseline ----------------------------------------------------------------------------------


async def test_a_baseline_is_kept_once_for_each_participant_and_the_newest_counts(asked, sample):
    counts = [
        await asked.contributions.put_baseline("d1", sample.rating(*given))
        for given in (("bob", 2), ("ann", 6, 1.0), ("ann", 3, 2.0), ("ann", 7, 0.5))
    ]
    assert counts == [1, 2, 2, 2]
    assert [(b.participant, b.value) for b in await asked.contributions.baselines("d1")] == [
        ("ann", 3),
        ("bob", 2),
    ]
    assert (await asked.contributions.baseline("d1", "ann")).value == 3
    assert await asked.contributions.baseline("d1", "cem") is None
    assert await asked.contributions.opinion_count("d1") == 0


async def test_an_opinion_brings_its_baseline_and_each_is_as_new_as_it_is(asked, sample):
    given = [(1.0, 2, "Ban them."), (3.0, 6, "Tax them."), (2.0, 4, "Late.")]
    for at, value, text in given:
        opinion = sample.opinion("ann", text, at=at)
        assert (
            await asked.contributions.put_opinion("d1", opinion, sample.rating("ann", value, at))
        ).total == 1
    assert (await asked.contributions.opinion("d1", "ann")).text == "Tax them."
    assert (await asked.contributions.baseline("d1", "ann")).value == 6
    await asked.contributions.put_opinion("d1", sample.opinion("ann", "Reuse them.", at=4.0))
    assert (await asked.contributions.baseline("d1", "ann")).value == 6


async def test_a_newer_baseline_outlives_the_opinion_of_an_older_moment(asked, sample):
    await asked.contributions.put_baseline("d1", sample.rating("ann", 3, 2.0))
    await asked.contributions.put_opinion("d1", sample.opinion("ann", at=1.0), sample.rating("ann", 7, 1.0))
    assert (await asked.contributions.baseline("d1", "ann")).value == 3
    assert await asked.contributions.opinion_count("d1") == 1


async def test_a_withdrawn_opinion_takes_its_baseline_along_and_no_late_copy_brings_it_back(asked, sample):
    contributions = asked.contributions
    for who in ("ann", "bob"):
        await contributions.put_opinion("d1", sample.opinion(who, at=1.0), sample.rating(who, 6, 1.0))
    assert await contributions.remove_opinion("d1", "ann", sample.time(2.0)) == 1
    await contributions.put_opinion("d1", sample.opinion(at=1.0), sample.rating(at=1.0))
    await contributions.put_baseline("d1", sample.rating(at=1.5))
    assert [each.participant for each in await contributions.baselines("d1")] == ["bob"]
    await contributions.put_opinion("d1", sample.opinion(at=3.0), sample.rating("ann", 2, 3.0))
    await contributions.remove_opinion("d1", "ann", sample.time(2.5))  # late
    assert (await contributions.baseline("d1", "ann")).value == 2


async def test_a_late_withdrawal_takes_only_the_baseline_that_is_older(asked, sample):
    contributions = asked.contributions
    await contributions.put_opinion("d1", sample.opinion(at=1.0), sample.rating(at=1.0))
    await contributions.put_opinion("d1", sample.opinion(at=3.0))
    assert await contributions.remove_opinion("d1", "ann", sample.time(2.0)) == 1
    assert await contributions.opinion("d1", "ann") == sample.opinion(at=3.0)
    assert await contributions.baseline("d1", "ann") is None


async def test_a_vote_in_a_poll_outlives_a_withdrawn_opinion_and_is_forgotten_with_its_voter(state, sample):
    contributions, d = state.contributions, await state.deliberations.add(sample.deliberation())
    for who in ("ann", "bob"):
        await contributions.put_opinion("d1", sample.opinion(who), sample.rating(who, 2))
    closed = await state.deliberations.save(d.closed(sample.time(5.0)))
    await contributions.put_baseline("d1", sample.rating("ann", 6, 5.0), collected=True)
    failed = await state.deliberations.save(closed.failed("No.", sample.time(6.0)))
    await state.deliberations.save(failed.reopened(sample.time(60.0), sample.time(6.0)))
    for who in ("ann", "bob"):
        await contributions.remove_opinion("d1", who, sample.time(7.0))
    assert [(each.participant, each.value) for each in await contributions.baselines("d1")] == [("ann", 6)]
    assert await contributions.erase_participant("d1", "ann", sample.time(8.0))
    assert await contributions.baselines("d1") == []


async def test_a_refused_opinion_leaves_no_baseline(state, sample):
    deliberation = await state.deliberations.add(sample.deliberation())
    await state.deliberations.save(deliberation.closed(sample.time(1)))
    with pytest.raises(TransitionError, match="closed"):
        await state.contributions.put_opinion("d1", sample.opinion("ann"), sample.rating("ann"))
    with pytest.raises(UnknownDeliberationError):
        await state.contributions.put_opinion("nowhere", sample.opinion("ann"), sample.rating("ann"))
    assert await state.contributions.baselines("d1") == await state.contributions.baselines("nowhere") == []


async def test_what_a_poll_collected_is_kept_while_the_statement_is_drafted_and_only_then(state, sample):
    d = await state.deliberations.add(sample.deliberation())
    with pytest.raises(TransitionError):
        await state.contributions.put_baseline("d1", sample.rating("ann", 6), collected=True)
    await state.contributions.put_baseline("d1", sample.rating("bob", 2))
    closed = await state.deliberations.save(d.closed(sample.time(5.0)))
    counts = [
        await state.contributions.put_baseline("d1", sample.rating(*given), collected=True)
        for given in (("ann", 6, 5.0), ("bob", 3, 5.0), ("ann", 6, 5.0))
    ]
    assert counts == [2, 2, 2]
    assert [(b.participant, b.value) for b in await state.contributions.baselines("d1")] == [
        ("ann", 6),
        ("bob", 3),
    ]
    assert await state.contributions.erase_participant("d1", "ann", sample.time(6.0))
    await state.contributions.put_baseline("d1", sample.rating("ann", 6, 5.0), collected=True)
    assert await state.contributions.baseline("d1", "ann") is None
    await state.deliberations.save(closed.chosen("Let us reuse.").published(sample.time(7.0)))
    with pytest.raises(TransitionError):
        await state.contributions.put_baseline("d1", sample.rating("cem", 6, 7.0), collected=True)


async def test_a_baseline_is_refused_once_the_question_is_closed(state, sample):
    await state.deliberations.add(sample.rated())
    with pytest.raises(TransitionError, match="closed"):
        await state.contributions.put_baseline("d1", sample.rating())
    with pytest.raises(UnknownDeliberationError):
        await state.contributions.put_baseline("nowhere", sample.rating())
    assert await state.contributions.baselines("d1") == await state.contributions.baselines("nowhere") == []


async def test_choices_follow_the_rules_of_ratings_each_round_on_its_own(asked, sample):
    keep = asked.contributions.put_comparison
    with pytest.raises(TransitionError, match="no statement to rate yet"):
        await keep("d1", sample.comparison())
    voting = (await asked.deliberations.load("d1")).closed(sample.time(1)).chosen("Reuse.")
    voting = await asked.deliberations.save(voting.published(sample.time(2)))
    with pytest.raises(TransitionError, match="just changed"):
        await keep("d1", sample.comparison())
    second = voting.critiqued().chosen("Repair.").published(sample.time(3))
    second = await asked.deliberations.save(second)
    newest = sample.comparison(choice=Preference.FIRST, at=2)
    assert await keep("d1", newest) == 1
    assert await keep("d1", sample.comparison(at=1)) == 1
    assert await keep("d1", sample.comparison("bob")) == 2
    assert await asked.contributions.comparison("d1", 2, "ann") == newest
    await asked.contributions.erase_participant("d1", "ann", sample.time(60))
    assert list(await asked.contributions.comparisons("d1", 2)) == [sample.comparison("bob")]
    await asked.deliberations.save(second.settled(sample.time(4)))
    with pytest.raises(TransitionError, match="vote on this question is closed"):
        await keep("d1", sample.comparison("cem"))
    await asked.deliberations.delete("d1")
    await asked.deliberations.add(second)
    assert list(await asked.contributions.comparisons("d1", 2)) == []


async def test_a_round_that_was_given_up_is_erased_and_deleted_like_any_other(state, sample):
    deliberation = await state.deliberations.add(sample.rated())
    second = await state.deliberations.save(deliberation.critiqued())
    await state.mediations.keep_mediation("d1", 2, sample.mediation())
    await state.deliberations.save(second.kept_as_it_was("Reuse.", None, sample.time(4)))
    await state.contributions.erase_participant("d1", "ann", sample.time(60))
    assert "ann" not in (await state.mediations.mediation("d1", 2)).participants
    await state.deliberations.delete("d1")
    assert await state.mediations.mediation("d1", 2) is None
