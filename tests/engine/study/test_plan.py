"""The plan of a study: dealt evenly from a seed, and read back as it was written."""

import csv
import io
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import FeedbackError
from engine.study.plan import ARMS, StudyQuestion, group_sizes, plan_as_text, plan_study, read_plan
from engine.types import Arm

BANK = [
    StudyQuestion(question=f"Should we do {n}?", affirming=f"We should {n}.", negating=f"We should not {n}.")
    for n in range(40)
]
PEOPLE = st.integers(8, 120).filter(lambda people: people not in (11,))
SOME_ARMS = st.lists(st.sampled_from(ARMS), min_size=1, unique=True)
PLANS = st.builds(
    lambda people, each, arms, seed, bank: plan_study(
        BANK[: max(bank, each)], id="s", people=people, questions_each=each, arms=arms, seed=seed
    ),
    people=PEOPLE,
    each=st.integers(1, 7),
    arms=SOME_ARMS,
    seed=st.integers(0, 2**32),
    bank=st.integers(1, 40),
)


def spread(counted, all_of):
    counts = [counted[each] for each in all_of]
    return max(counts) - min(counts)


@given(plan=PLANS)
def test_each_arm_stands_at_each_place_equally_often_to_within_one(plan):
    arms = sorted(plan.sittings[0].arms)
    places = Counter((arm, at) for each in plan.sittings for at, arm in enumerate(each.arms))

    assert all(sorted(each.arms) == arms for each in plan.sittings)
    assert spread(places, [(arm, at) for arm in arms for at in range(len(arms))]) <= 1


@given(plan=PLANS)
def test_each_question_is_asked_equally_often_to_within_one_and_never_twice_in_a_group(plan):
    asked = Counter(each.question for each in plan.sittings)
    of_group = defaultdict(list)
    for each in plan.sittings:
        of_group[each.group].append(each)

    assert spread(asked, asked) <= 1
    for sittings in of_group.values():
        assert len({each.question for each in sittings}) == len(sittings)
        assert [each.place for each in sittings] == list(range(1, len(sittings) + 1))
        assert len({each.size for each in sittings}) == 1


@given(plan=PLANS)
def test_as_many_baselines_are_for_as_against_to_within_one(plan):
    against = sum("not" in each.position_statement for each in plan.sittings)

    assert abs(len(plan.sittings) - 2 * against) <= 1


@given(people=PEOPLE)
def test_everybody_is_in_a_group_of_four_or_five(people):
    sizes = group_sizes(people)

    assert sum(sizes) == people
    assert set(sizes) <= {4, 5}


@pytest.mark.parametrize("people", [0, 1, 3, 6, 7, 11])
def test_people_who_make_no_such_groups_are_refused(people):
    with pytest.raises(ValueError, match="groups of 4 or 5"):
        group_sizes(people)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_plan_and_another_seed_another(seed):
    one, again, other = (plan_study(BANK, id="s", people=20, seed=each) for each in (seed, seed, seed + 1))

    assert one == again
    assert one.sittings != other.sittings


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"questions_each": 41}, "questions? or more"),
        ({"questions_each": 0}, "question or more"),
        ({"arms": (Arm.SELECTED, Arm.SELECTED)}, "each arm once"),
        ({"arms": (Arm.CHOSEN,)}, "each arm once"),
        ({"arms": (Arm.REVISED, Arm.BEST_OPINION)}, "a statement to revise"),
        ({"arms": ()}, "each arm once"),
    ],
    ids=["too few questions", "no question", "twice", "everyday", "revised", "none"],
)
def test_a_plan_that_cannot_be_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        plan_study(BANK, **({"id": "s", "people": 20} | wrong))


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_plan_is_read_as_it_was_written(ending, tmp_path):
    odd = StudyQuestion(question='=1+1, "and"\nmore?', affirming="'Quoted' it is.", negating="-Not.")
    plan = plan_study([*BANK[:5], odd], id="s", people=9, questions_each=6, seed=5)
    file = tmp_path / f"plan.{ending}"
    file.write_text(plan_as_text(plan, file), encoding="utf-8", newline="")

    assert read_plan(file) == plan


def test_a_plan_that_a_spreadsheet_saved_with_semicolons_is_read(tmp_path):
    plan = plan_study(BANK[:5], id="s", people=9, questions_each=5, seed=5)
    file = tmp_path / "plan.csv"
    rows = csv.reader(io.StringIO(plan_as_text(plan, file), newline=""))
    with file.open("w", encoding="utf-8-sig", newline="") as saved:
        csv.writer(saved, delimiter=";").writerows(rows)

    assert read_plan(file) == plan


@pytest.mark.parametrize(
    ("name", "holds", "says"),
    [
        ("plan.json", "{", "no plan of a study"),
        ("plan.json", "{}", "id"),
        ("plan.csv", "a,b\n1,2\n", "no plan of a study"),
        ("plan.csv", "", "no plan of a study"),
    ],
)
def test_a_file_that_holds_no_plan_is_one_sentence(name, holds, says, tmp_path):
    file = tmp_path / name
    file.write_text(holds, encoding="utf-8")

    with pytest.raises(FeedbackError, match=says) as refused:
        read_plan(file)
    assert str(file) in str(refused.value)


def test_a_file_of_another_kind_or_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.json or a \.csv"):
        read_plan(tmp_path / "plan.txt")
    with pytest.raises(FeedbackError, match="cannot be read"):
        read_plan(tmp_path / "plan.json")
