"""Arms side by side, worked by hand."""

import pytest

from engine.evaluation.feedback.arms import compared, outsiders
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from engine.types import Arm
from tests.engine.evaluation.simulated import record

GIVEN = {  # ann, bob, cid
    Arm.ZERO_SHOT: (6, 5, 3),
    Arm.SELECTED: (7, 5, 5),
    Arm.BEST_OPINION: (6, 6, 4),
}


def ratings_of(given, **said):
    people = ("ann", "bob", "cid")
    return Ratings.of(
        record(arm=arm, agreement=rating, participant=person, **said)
        for arm, row in given.items()
        for person, rating in zip(people, row, strict=True)
    )


@pytest.fixture
def found():
    return compared(ratings_of(GIVEN), Bootstrap(1, seed=0))


def test_each_arm_has_its_mean_its_distribution_and_its_number_of_ratings(found):
    arms = {arm.arm: arm for arm in found.arms}

    assert list(arms) == list(GIVEN)
    assert arms[Arm.ZERO_SHOT].agreement.value == pytest.approx(14 / 3)
    assert arms[Arm.ZERO_SHOT].agreement_counts == (0, 0, 1, 0, 1, 1, 0)
    assert arms[Arm.SELECTED].agreement.ratings == 3
    assert arms[Arm.SELECTED].quality is None


@pytest.mark.parametrize(
    ("arm", "unanimous", "dissent"),
    [(Arm.ZERO_SHOT, 0, 1), (Arm.SELECTED, 1, 0), (Arm.BEST_OPINION, 0, 0)],
)
def test_a_statement_is_unanimous_above_the_midpoint_and_has_a_dissenter_below_it(
    found, arm, unanimous, dissent
):
    result = next(each for each in found.arms if each.arm is arm)

    assert (result.unanimous.value, result.dissent.value) == (unanimous, dissent)


def test_a_win_is_within_a_rater_and_a_tie_is_half_of_one(found):
    rates = {(win.arm, win.over): win for win in found.wins}

    selected = rates[Arm.SELECTED, Arm.ZERO_SHOT]  # ann above, bob the same, cid above
    assert selected.rate.value == pytest.approx(2.5 / 3, abs=1e-6)
    assert selected.ties == pytest.approx(1 / 3, abs=1e-6)
    assert (selected.rate.cases, selected.rate.ratings) == (3, 6)
    assert rates[Arm.ZERO_SHOT, Arm.SELECTED].rate.value == pytest.approx(0.5 / 3, abs=1e-6)
    assert rates[Arm.SELECTED, Arm.BEST_OPINION].rate.value == pytest.approx(2 / 3, abs=1e-6)


def test_quality_has_win_rates_of_its_own():
    rated = [(Arm.ZERO_SHOT, 6, 2), (Arm.SELECTED, 3, 5), (Arm.BEST_OPINION, 4, None)]
    records = [record(arm=arm, agreement=agreement, quality=quality) for arm, agreement, quality in rated]

    found = compared(Ratings.of(records), Bootstrap(1, seed=0))

    pair = (Arm.SELECTED, Arm.ZERO_SHOT)
    by_agreement, by_quality = (
        {(win.arm, win.over): win.rate.value for win in wins} for wins in (found.wins, found.quality_wins)
    )
    assert (by_agreement[pair], by_quality[pair]) == (0, 1)
    assert set(by_quality) == {pair, pair[::-1]}


def test_statements_of_two_rounds_are_not_set_against_each_other():
    records = [record(arm=Arm.ZERO_SHOT, round=1), record(arm=Arm.SELECTED, round=2, agreement=7)]

    assert compared(Ratings.of(records), Bootstrap(1, seed=0)).wins == ()


def test_the_excluded_are_compared_with_the_included_of_the_same_statement():
    records = [
        record(participant="ann", included=False, agreement=2),
        record(participant="bob", agreement=6),
        record(participant="cid", agreement=5),
        record(participant="ann", statement_id="read by all", agreement=7),
    ]
    (found,) = outsiders(Ratings.of(records), Bootstrap(1, seed=0))

    assert (found.included.value, found.excluded.value, found.difference.value) == (5.5, 2, -3.5)
    assert found.difference.ratings == 3


def test_a_rating_that_is_there_twice_counts_once_and_the_later_one_does():
    ratings = Ratings.of([record(agreement=1), record(agreement=6)])

    assert ratings.agreement.tolist() == [6]
    assert ratings.doubles == 1


def test_without_ratings_there_is_nothing_to_evaluate():
    with pytest.raises(ValueError, match="no ratings"):
        Ratings.of([])
