"""`DeliberationStore`: what is asked beside opinions so that it can be learnt from, and who stays out."""

import pytest

from bot.domain.ratings import Rating
from bot.domain.study import RatedStatement, Study
from bot.domain.terms import Terms
from bot.errors import TransitionError, UnknownDeliberationError
from engine.feedback import Arm
from engine.types import ModelsUsed

MODELS = ModelsUsed(generator="scripted", reward="lexical", prompt="zero-shot-1")
STUDY = Terms(study=Study(id="s", group="g1", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION), seed=7))


def statement(id_="a", arm=Arm.ZERO_SHOT, **about):
    return RatedStatement(id=id_, arm=arm, text=f"Statement {id_}.", models=MODELS, **about)


@pytest.fixture
async def open_store(store, sample):
    await store.add(sample.deliberation())
    return store


@pytest.fixture
async def studied(store, sample):
    """A store with a question, d1, of which ann's opinion and two statements are rated."""
    await store.add(sample.rated(terms=STUDY))
    await store.keep_statements(
        "d1",
        1,
        [
            statement("a", rewards={"ann": 5.5, "bob": 2.5}, left_out="ann"),
            statement("b", Arm.BEST_OPINION, author="ann", rewards={"ann": 6.5, "bob": 1.5}),
        ],
    )
    return store


async def test_a_mediation_that_was_dropped_takes_its_statements_with_it(store, sample):
    await store.add(sample.deliberation(terms=STUDY))
    await store.keep_mediation("d1", 1, sample.mediation())
    await store.keep_statements("d1", 1, [statement("a")])
    await store.drop_mediation("d1", 1)
    assert list(await store.statements("d1", 1)) == []
    again = [statement("b")]
    assert list(await store.keep_statements("d1", 1, again)) == again


def rating(sample, participant="ann", value=6, at=0.0, **about):
    return sample.rating(participant, value, at=at).model_copy(update=about)


# -- the baseline --------------------------------------------------------------------------------


async def test_a_baseline_is_kept_once_for_each_participant_and_the_newest_counts(open_store, sample):
    counts = [
        await open_store.put_baseline("d1", rating(sample, *given))
        for given in (("bob", 2), ("ann", 6, 1.0), ("ann", 3, 2.0), ("ann", 7, 0.5))
    ]
    assert counts == [1, 2, 2, 2]
    assert [(b.participant, b.value) for b in await open_store.baselines("d1")] == [("ann", 3), ("bob", 2)]
    assert (await open_store.baseline("d1", "ann")).value == 3
    assert await open_store.baseline("d1", "cem") is None
    assert await open_store.opinion_count("d1") == 0


async def test_what_a_poll_collected_is_kept_while_the_statement_is_drafted_and_only_then(store, sample):
    d = await store.add(sample.deliberation())
    with pytest.raises(TransitionError):
        await store.put_baseline("d1", rating(sample, "ann", 6), collected=True)
    await store.put_baseline("d1", rating(sample, "bob", 2))
    closed = await store.save(d.closed(sample.time(5.0)))
    counts = [
        await store.put_baseline("d1", rating(sample, *given), collected=True)
        for given in (("ann", 6, 5.0), ("bob", 3, 5.0), ("ann", 6, 5.0))
    ]
    assert counts == [2, 2, 2]
    assert [(b.participant, b.value) for b in await store.baselines("d1")] == [("ann", 6), ("bob", 3)]
    assert await store.erase_participant("d1", "ann", sample.time(6.0))
    await store.put_baseline("d1", rating(sample, "ann", 6, 5.0), collected=True)
    assert await store.baseline("d1", "ann") is None
    await store.save(closed.chosen("Let us reuse.").published(sample.time(7.0)))
    with pytest.raises(TransitionError):
        await store.put_baseline("d1", rating(sample, "cem", 6, 7.0), collected=True)


async def test_a_baseline_is_refused_once_the_question_is_closed(store, sample):
    await store.add(sample.rated())
    with pytest.raises(TransitionError, match="closed"):
        await store.put_baseline("d1", rating(sample))
    with pytest.raises(UnknownDeliberationError):
        await store.put_baseline("nowhere", rating(sample))
    assert await store.baselines("d1") == await store.baselines("nowhere") == []


async def test_forgetting_and_deleting_reach_the_baseline(open_store, sample):
    for participant in ("ann", "bob"):
        await open_store.put_baseline("d1", rating(sample, participant))
    assert await open_store.erase_participant("d1", "ann", sample.time(1))
    await open_store.put_baseline("d1", rating(sample, "ann"))  # a late copy
    assert [baseline.participant for baseline in await open_store.baselines("d1")] == ["bob"]
    await open_store.delete("d1")
    await open_store.add(sample.deliberation())
    assert await open_store.baselines("d1") == []


# -- quality and several statements --------------------------------------------------------------


async def test_quality_is_kept_with_the_rating(studied, sample):
    given = rating(sample, quality=3)
    await studied.put_rating("d1", 1, given)
    assert await studied.rating("d1", 1, "ann") == given


async def test_each_statement_is_rated_for_itself(studied, sample):
    for id_, value in (("a", 2), ("b", 6), ("chosen", 4)):
        assert await studied.put_rating("d1", 1, rating(sample, value=value, statement_id=id_)) == 1
    assert [(await studied.ratings("d1", 1, id_))[0].value for id_ in ("a", "b", "chosen")] == [2, 6, 4]
    assert await studied.remove_rating("d1", 1, "ann", sample.time(1), statement_id="a") == 0
    assert await studied.rating("d1", 1, "ann", "a") is None
    assert (await studied.rating("d1", 1, "ann", "b")).value == 6


async def test_the_first_statements_of_a_round_stay(studied):
    kept = list(await studied.statements("d1", 1))
    assert [each.id for each in kept] == ["a", "b"]
    assert list(await studied.keep_statements("d1", 1, [statement("c")])) == kept
    assert list(await studied.statements("d1", 2)) == list(await studied.statements("nowhere", 1)) == []
    with pytest.raises(UnknownDeliberationError):
        await studied.keep_statements("nowhere", 1, [statement()])


async def test_forgetting_reaches_every_statement_of_a_study(studied, sample):
    for participant in ("ann", "bob"):
        for id_ in ("a", "b"):
            await studied.put_rating("d1", 1, rating(sample, participant, statement_id=id_))
    assert await studied.erase_participant("d1", "ann", sample.time(1))
    for id_ in ("a", "b"):
        assert [r.participant for r in await studied.ratings("d1", 1, id_)] == ["bob"]
    drafted, own = await studied.statements("d1", 1)
    assert (drafted.text, drafted.left_out, drafted.rewards) == ("Statement a.", None, {"bob": 2.5})
    assert (own.text, own.author, own.rewards) == ("", None, {"bob": 1.5})


async def test_deleting_leaves_no_statement_and_no_rating_of_one(studied, sample):
    await studied.put_rating("d1", 1, rating(sample, statement_id="a"))
    await studied.delete("d1")
    await studied.add(sample.rated(terms=STUDY))
    assert list(await studied.statements("d1", 1)) == []
    assert list(await studied.ratings("d1", 1, "a")) == []


# -- consent -------------------------------------------------------------------------------------


async def test_an_opinion_is_withheld_in_any_phase_and_is_otherwise_the_same(open_store, sample):
    given = sample.opinion()
    await open_store.put_opinion("d1", given)
    await open_store.save((await open_store.load("d1")).closed(sample.time(1)))
    for _ in range(2):
        assert await open_store.withhold_opinion("d1", "ann")
    assert await open_store.opinion("d1", "ann") == given.model_copy(update={"consent": False})
    assert not await open_store.withhold_opinion("d1", "bob")
    assert not await open_store.withhold_opinion("nowhere", "ann")


async def test_the_newest_wish_about_learning_counts(store, sample):
    assert await store.may_learn_from("t1", "ann")
    await store.set_learning("t1", "ann", False, sample.time(2))
    await store.set_learning("t1", "ann", True, sample.time(1))
    assert not await store.may_learn_from("t1", "ann")
    assert await store.may_learn_from("t2", "ann")
    assert await store.may_learn_from("t1", "bob")
    assert list(await store.wants_reminders("t1", ["ann"])) == [True]
    await store.set_learning("t1", "ann", True, sample.time(3))
    assert await store.may_learn_from("t1", "ann")


def test_a_rating_of_an_older_version_is_of_the_published_statement():
    kept = '{"participant": "ann", "value": 6, "given_at": "2026-11-23T12:00:00Z"}'
    assert (Rating.model_validate_json(kept).statement_id, Rating.model_validate_json(kept).quality) == (
        "chosen",
        None,
    )
