"""What is rated in a study, in which order, and what is left of it when somebody is forgotten."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.errors import RatingError
from bot.domain.ratings import RatingBy
from bot.domain.study import RatedStatement, Study, ordered_for, require_statement, starts_of
from bot.domain.terms import Terms
from engine.types import Arm, ModelsUsed

MODELS = ModelsUsed(generator="g", reward="r", prompt="p")
FOUR = tuple(RatedStatement(id=id_, arm=Arm.ZERO_SHOT, text=id_, models=MODELS) for id_ in "abcd")


def study(**about):
    return Study(**{"id": "s", "group": "g", "arms": (Arm.ZERO_SHOT, Arm.SELECTED), "seed": 1} | about)


@given(seed=st.integers(0, 2**64), participant=st.text(max_size=9))
def test_a_member_sees_every_statement_in_the_same_order_every_time(seed, participant):
    seen = ordered_for(participant, FOUR, seed)
    assert sorted(each.id for each in seen) == ["a", "b", "c", "d"]
    assert seen == ordered_for(participant, FOUR, seed)


@given(seed=st.integers(0, 2**64), people=st.sets(st.text(max_size=9), min_size=1, max_size=9))
def test_among_those_who_were_heard_each_statement_stands_in_each_place_equally_often(seed, people):
    rated = [each.model_copy(update={"rewards": dict.fromkeys(people, 4.0)}) for each in FOUR]
    places = Counter(
        (place, each.id) for who in people for place, each in enumerate(ordered_for(who, rated, seed))
    )
    counts = [places[place, id_] for place in range(4) for id_ in "abcd"]
    assert max(counts) - min(counts) <= 1


@given(
    seed=st.integers(0, 2**64), people=st.sets(st.text(max_size=9), min_size=2, max_size=9), data=st.data()
)
def test_whoever_is_forgotten_changes_nobody_elses_order(seed, people, data):
    update = {"rewards": dict.fromkeys(people, 4.0), "starts": starts_of(people, seed)}
    rated = [each.model_copy(update=update) for each in FOUR]
    forgotten = data.draw(st.sampled_from(sorted(people)))
    left = [each.without(forgotten) for each in rated]

    for who in people - {forgotten}:
        before, after = (ordered_for(who, some, seed) for some in (rated, left))
        assert [each.id for each in before] == [each.id for each in after]
    assert not any(forgotten in each.starts for each in left)


def test_there_may_be_nothing_to_see():
    assert ordered_for("ann", (), seed=1) == ()


def test_every_statement_stands_in_every_place_about_as_often():
    places = Counter(
        (place, each.id)
        for member in range(2_000)
        for place, each in enumerate(ordered_for(f"p{member}", FOUR, seed=7))
    )
    assert len(places) == 16
    assert all(400 < count < 600 for count in places.values())


def test_another_seed_gives_other_orders():
    orders = [[ordered_for(f"p{n}", FOUR, seed) for n in range(20)] for seed in (1, 2)]
    assert orders[0] != orders[1]


@pytest.mark.parametrize("wrong", [{"arms": ()}, {"arms": (Arm.SELECTED,) * 2}, {"seed": -1}, {"group": ""}])
def test_an_impossible_study_is_refused(wrong):
    with pytest.raises(ValidationError):
        study(**wrong)


def test_a_study_is_rated_in_private():
    terms = Terms(anonymous=False, rating_by=RatingBy.REACTIONS, study=study())
    assert terms.rating_by is RatingBy.BUTTONS


def test_only_statements_that_are_there_are_rated():
    require_statement("chosen", [])
    require_statement("b", FOUR)
    erased = FOUR[1].model_copy(update={"text": ""})
    for id_, there in (("a", []), ("chosen", FOUR), ("b", [FOUR[0], erased])):
        with pytest.raises(RatingError, match="no such statement"):
            require_statement(id_, there)


def test_whoever_was_heard_was_read_though_nobody_was_predicted():
    statement = FOUR[0].model_copy(update={"heard": ("ann", "bob"), "left_out": "bob"})

    assert [statement.was_read(who) for who in ("ann", "bob", "cem")] == [True, False, False]
    assert statement.without("ann").heard == ("bob",)


def test_whose_opinion_was_kept_from_the_drafter_was_not_read():
    statement = FOUR[0].model_copy(update={"rewards": {"ann": 5.0, "bob": 3.0}, "left_out": "bob"})
    assert [statement.was_read(who) for who in ("ann", "bob", "cem")] == [True, False, False]
