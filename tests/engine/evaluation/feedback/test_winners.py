"""Winners by jury, worked by hand: two in favour, one against, and statements that each side likes."""

import pytest

from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.feedback.topics import topics_asked
from engine.evaluation.feedback.winners import winners
from engine.evaluation.intervals import Bootstrap
from engine.questions.bank import bank
from engine.types import Arm
from tests.engine.evaluation.simulated import record

BASELINES = {"ann": 6, "bob": 7, "cid": 1}
GIVEN = {Arm.ZERO_SHOT: (7, 7, 1), Arm.SELECTED: (5, 5, 6)}


def ratings(rounds, **said):
    return Ratings.of(
        record(
            group=f"g{number}",
            deliberation_id=f"d{number}",
            participant=person,
            baseline=baseline,
            position_statement="We should.",
            arm=arm,
            agreement=row[at],
            **said,
        )
        for number in range(rounds)
        for arm, row in GIVEN.items()
        for at, (person, baseline) in enumerate(BASELINES.items())
    )


def test_the_winner_changes_with_whose_agreement_counts():
    given = ratings(3)
    found = winners(given, Bootstrap(given.groups, seed=0, draws=50))

    won = {each.jury: {one.arm: one.share.value for one in each.arms} for each in found.juries}
    # Everybody: 5 against 5.33. Both sides alike: (7 + 1) / 2 against (5 + 6) / 2.
    assert won["everybody counts alike"] == {Arm.ZERO_SHOT: 0.0, Arm.SELECTED: 1.0}
    assert won["both sides count alike"] == {Arm.ZERO_SHOT: 0.0, Arm.SELECTED: 1.0}
    assert won["only those in favour"] == {Arm.ZERO_SHOT: 1.0, Arm.SELECTED: 0.0}
    assert [each.changed.value for each in found.juries] == [0.0, 0.0, 1.0, 0.0]
    assert (found.rounds, found.in_favour, found.against) == (3, 6, 3)


def test_fewer_than_three_rounds_or_people_tell_nothing():
    given = ratings(2)

    assert winners(given, Bootstrap(given.groups, seed=0, draws=50)) is None


@pytest.mark.parametrize("asked", [bank()[5].question, "Should we have a canteen of our own?"])
def test_topics_show_the_banks_questions_and_no_others(asked):
    given = ratings(2, question=asked)
    found = topics_asked(given, Bootstrap(given.groups, seed=0, draws=50))

    assert [each.id for each in found] == ([bank()[5].topic] if asked == bank()[5].question else [])
    assert "canteen" not in "".join(each.model_dump_json() for each in found)
