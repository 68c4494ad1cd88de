"""Opinion groups of a report: worked out by hand from who is in which."""

import pytest

from engine.evaluation.feedback.opinion_groups import MOST_MAPS, opinion_groups
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from tests.engine.evaluation.simulated import of_groups, record

UNITED = {1: [6, 6, 5, 7], 2: [5, 5, 5]}
DIVIDED = {1: [6, 6, 6, 6, 6], 2: [2, 2, 2], 3: [7, 7]}


def told(records):
    ratings = Ratings.of(records)
    return opinion_groups(ratings, Bootstrap(ratings.groups, seed=0, draws=50))


def test_each_group_and_how_far_they_are_apart():
    part = told([*of_groups(1, UNITED), *of_groups(2, DIVIDED)])

    assert part.statements == 2
    means = [(each.place, each.agreement.value, each.agreement.ratings) for each in part.places]
    assert means == [(1, 6.0, 9), (2, 3.5, 6)]  # the third group of one of them is of two people
    assert (part.gap.value, part.united.value) == ((1 + 4) / 2, 0.5)
    assert part.gap.ratings == 4 + 3 + 5 + 3


def test_a_mark_is_a_rater_or_in_an_anonymous_question_a_whole_group():
    named, anonymous = (told(of_groups(1, UNITED, anonymous=way)).maps[0] for way in (False, True))

    assert sorted(mark.raters for mark in named.marks) == [1] * 7
    assert [(mark.place, mark.raters, mark.x) for mark in anonymous.marks] == [(1, 4, -2.0), (2, 3, -4.0)]
    assert named.agreement == anonymous.agreement == {1: 6.0, 2: 5.0}


def test_the_largest_statements_are_drawn_and_those_without_places_are_not():
    unplaced = [each.model_copy(update={"map_x": None}) for each in of_groups(1, DIVIDED)]
    part = told([*unplaced, *(row for number in range(2, 8) for row in of_groups(number, UNITED))])

    assert (part.statements, len(part.maps)) == (7, MOST_MAPS)
    assert all(len(each.marks) == 7 for each in part.maps)


@pytest.mark.parametrize(
    "records",
    [[record()], of_groups(1, {1: [5] * 9}), of_groups(1, {1: [5] * 9, 2: [5, 5]})],
    ids=["older records", "one group", "few of the other rated"],
)
def test_there_may_be_nothing_to_tell(records):
    assert told(records) is None
