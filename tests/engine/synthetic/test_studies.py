"""A simulated study: its truth is known, and the report's intervals hold it."""

from collections import defaultdict
from functools import partial
from random import Random
from statistics import mean

import pytest

from engine.evaluation.__main__ import main
from engine.evaluation.feedback.arms import compared, outsiders
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from engine.evaluation.report.results import EvaluationReport, evaluate
from engine.feedback.files import read_feedback
from engine.synthetic.simulate import shipped_questions
from engine.synthetic.studies import (
    AGREEMENT,
    LEFT_OUT,
    QUALITY,
    SimulatedStudy,
    StudySettings,
    drawn,
)
from engine.types import Arm

SMALL = StudySettings(groups=6, questions=2, seed=3)


@pytest.fixture(scope="module")
def questions():
    return shipped_questions()


def records(settings, questions):
    return list(SimulatedStudy(settings, questions).deliberations())


def test_every_group_keeps_together_and_rates_every_arm_of_every_question(questions):
    rated = defaultdict(list)
    sizes = defaultdict(set)
    for record in records(SMALL, questions):
        rated[record.deliberation_id].append((record.round, record.participant, record.arm))
        critiqued = (record.round, record.arm) == (1, Arm.SELECTED)
        assert (record.critique is not None) == critiqued
        sizes[record.group].add(record.deliberation_id)

    assert {len(meetings) for meetings in sizes.values()} == {SMALL.questions}
    for pairs in rated.values():
        people = {person for _, person, _ in pairs}
        assert len(people) in (4, 5)
        first = [(1, person, arm) for person in people for arm in AGREEMENT if arm is not Arm.REVISED]
        assert sorted(pairs) == sorted(first + [(2, person, arm) for person in people for arm in AGREEMENT])


def test_one_person_of_each_sitting_is_left_out_of_one_arm(questions):
    outside = defaultdict(list)
    for record in records(SMALL, questions):
        if not record.included:
            outside[record.deliberation_id].append(record.arm)

    assert len(outside) == SMALL.groups * SMALL.questions
    assert set(map(tuple, outside.values())) == {(Arm.LEAVE_ONE_OUT,) * 2}


def test_every_truth_is_told_by_ratings_that_differ(questions):
    found = defaultdict(set)
    for record in records(SMALL, questions):
        found[record.arm, "agreement"].add(record.agreement)
        found[record.arm, "quality"].add(record.quality)

    assert len(found) == 2 * len(AGREEMENT)
    assert all(len(given) > 1 for given in found.values())


def test_the_same_seed_gives_the_same_study(questions):
    assert records(SMALL, questions) == records(SMALL, questions)


@pytest.mark.parametrize("expected", [1.0, 3.25, 4.5, 7.0])
def test_a_drawn_rating_is_beside_what_is_expected_and_has_it_as_its_mean(expected):
    rng = Random(1)

    ratings = [drawn(expected, rng) for _ in range(20_000)]

    assert all(abs(rating - expected) < 1 for rating in ratings)
    assert mean(ratings) == pytest.approx(expected, abs=0.015)


def held(settings, questions):
    """For each true number, whether the reported interval holds it."""
    ratings = Ratings.of(records(settings, questions))
    bootstrap = Bootstrap(ratings.groups, seed=0, draws=400)
    known = {}
    for result in compared(ratings, bootstrap).arms:
        if result.arm is not Arm.LEAVE_ONE_OUT:  # there people who were left out are among the raters
            known[result.arm] = (AGREEMENT[result.arm], result.agreement)
        known[f"quality of {result.arm}"] = (QUALITY[result.arm], result.quality)
    (lone,) = outsiders(ratings, bootstrap)
    known["included"] = (AGREEMENT[Arm.LEAVE_ONE_OUT], lone.included)
    known["excluded"] = (AGREEMENT[Arm.LEAVE_ONE_OUT] + LEFT_OUT, lone.excluded)
    known["difference"] = (LEFT_OUT, lone.difference)
    return {name: found.low <= truth <= found.high for name, (truth, found) in known.items()}


@pytest.mark.long
def test_the_intervals_hold_the_truth_about_as_often_as_they_say(questions):
    seeds = range(20)
    found = [held(StudySettings(groups=30, questions=3, seed=seed), questions) for seed in seeds]

    hits = [hit for each in found for hit in each.values()]
    assert mean(hits) > 0.9
    for name in found[0]:
        assert sum(each[name] for each in found) >= len(seeds) - 5, name


def test_evaluate_recovers_what_simulate_prints(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("engine.evaluation.evaluate.evaluate", partial(evaluate, draws=200))
    out = tmp_path / "study.jsonl"
    assert main(["simulate", str(out), "--study", "--deliberations", "60", "--seed", "1"]) == 0
    said = capsys.readouterr().out
    assert main(["evaluate", str(out), "--json"]) == 0

    report = EvaluationReport.model_validate_json(capsys.readouterr().out)
    arms = {str(each.arm): each.agreement for each in report.arms.arms}
    for arm, truth in AGREEMENT.items():
        assert f"{arm} {truth}" in said
        if arm is not Arm.LEAVE_ONE_OUT:
            assert arms[arm].low <= truth <= arms[arm].high
    assert arms[Arm.SELECTED].low > arms[Arm.ZERO_SHOT].high
    change = AGREEMENT[Arm.REVISED] - AGREEMENT[Arm.SELECTED]
    assert report.rounds.same_people.low <= change <= report.rounds.same_people.high
    assert any(win.arm is Arm.REVISED and win.over is Arm.SELECTED for win in report.arms.wins)
    assert {record.study for record in read_feedback(out)} == {"simulated"}
