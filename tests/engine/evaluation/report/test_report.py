"""The whole report: a known truth is found again, and every part that is missing is said in a sentence."""

import json
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest

from engine.evaluation.corpus.forms import ENOUGH
from engine.evaluation.corpus.reading import Corpus, Sort, Split, read_corpus
from engine.evaluation.feedback.arms import compared, outsiders
from engine.evaluation.feedback.prediction import MODEL, POPULARITY
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from engine.evaluation.report.page import page
from engine.evaluation.report.results import EvaluationReport, evaluate
from engine.feedback.files import read_feedback
from engine.questions.splits import question_id
from engine.types import Arm
from tests.engine.evaluation.corpus.rounds import CAKE, a_round, write
from tests.engine.evaluation.simulated import LEVELS, SECRETS, lines, of_groups, record, study

SAMPLE = Path(__file__).parents[1] / "samples" / "study.jsonl"
DRAWS = 100
STUDIES, STUDIED = 20, 24
GROUPS = 60
UNANIMOUS = (1 + (2 / 3) ** 4 + (1 / 3) ** 4) / 3
"""Of the selected statements: in a good mood always, in a middling one when nobody's whim is bad, in a bad
one when everybody's is good."""


@pytest.fixture(scope="module")
def report():
    return evaluate(study(GROUPS), seed=5, draws=DRAWS)


@pytest.fixture(scope="module")
def html(report):
    return page(report)


@pytest.fixture(scope="module")
def small():
    """A report on few groups, with a reward model that is there now and no corpus to judge it on."""
    return evaluate(study(3), model=Sure(), draws=DRAWS)


@pytest.fixture
def pictures_only_made(monkeypatch):
    """Each picture is made and not drawn, which takes longer than the report; `html` has drawn ones."""
    monkeypatch.setattr(
        "engine.evaluation.report.figures._svg", lambda figure, name: f"<svg id='{name}'></svg>"
    )


def within(estimate, truth):
    return estimate.low <= truth <= estimate.high


def test_the_mean_of_every_arm_is_found_again(report):
    truth = {arm: level - (0.25 if arm is Arm.LEAVE_ONE_OUT else 0) for arm, level in LEVELS.items()}

    assert {arm.arm: within(arm.agreement, truth[arm.arm]) for arm in report.arms.arms} == dict.fromkeys(
        LEVELS, True
    )
    assert all(within(arm.quality, LEVELS[arm.arm]) for arm in report.arms.arms)
    assert {arm.agreement.groups for arm in report.arms.arms} == {GROUPS}


def test_a_second_round_is_set_beside_the_first_of_the_same_deliberations(pictures_only_made):
    records = []
    for number in range(12):
        about = {"group": f"g{number}", "deliberation_id": f"d{number}"}
        records += [record(**about, participant=who, agreement=3) for who in ("ann", "bo")]
        if number % 2 == 0:  # the others were never revised
            records.append(record(**about, round=2, participant="ann", agreement=5 + number % 4 // 2))
            records.append(record(**about, round=2, participant="cy", agreement=6))

    told = evaluate(records, draws=DRAWS)

    found = told.rounds
    assert (found.deliberations, found.first.value, found.second.value) == (6, 3, 5.75)
    assert (found.difference.value, found.same_people.value) == (2.75, 2.5)
    assert found.difference.low < 2.75 < found.difference.high
    assert "second − first, of those who rated both" in page(told)
    alone = evaluate([record(), record(participant="bo")], draws=DRAWS)
    assert alone.rounds is None
    assert "First and second round" not in page(alone)


def test_of_a_study_the_critiqued_statement_and_its_revision_are_the_two_rounds():
    """What was rated again in the second vote is in neither."""
    records = []
    for number in range(6):
        about = {"study": "s", "group": f"g{number}", "deliberation_id": f"d{number}"}
        for round_, arm, given in (
            (1, Arm.ZERO_SHOT, 3),
            (1, Arm.BEST_OPINION, 1),
            (2, Arm.ZERO_SHOT, 2),
            (2, Arm.BEST_OPINION, 1),
            (2, Arm.REVISED, 6),
        ):
            if number or round_ == 1:  # one had no second vote
                records.append(record(**about, round=round_, arm=arm, agreement=given, statement_id=arm))

    told = evaluate(records, draws=DRAWS)

    assert (told.rounds.first.value, told.rounds.second.value, told.rounds.deliberations) == (3, 6, 5)
    assert any(note.startswith("In 1 of 6 questions of a study no revised") for note in told.notes)
    (over,) = (win for win in told.arms.wins if (win.arm, win.over) == (Arm.REVISED, Arm.ZERO_SHOT))
    assert over.rate.value == 1


def test_opinion_groups_have_their_maps_and_their_agreement():
    records = [row for at in range(3) for row in of_groups(at, {1: [6] * 5, 2: [3] * 3})]
    told = page(evaluate(records, draws=DRAWS))

    assert "Mean ratings: statement 1: group 1 6.0, group 2 3.0" in told
    assert 'id="opinion-groups-axes_3"' in told
    assert "Agreement by group" in told


@pytest.mark.parametrize(
    ("arm", "over", "truth"),
    [
        (Arm.FEW_SHOT, Arm.BEST_OPINION, 1 / 2),
        (Arm.FEW_SHOT, Arm.ZERO_SHOT, 7 / 9),  # one point apart: 6 of 9 pairs of whims win, 2 tie
        (Arm.SELECTED, Arm.BEST_OPINION, 7 / 9),
        (Arm.SELECTED, Arm.ZERO_SHOT, 17 / 18),
    ],
)
def test_win_rates_are_found_again(report, arm, over, truth):
    (found,) = (win for win in report.arms.wins if (win.arm, win.over) == (arm, over))

    assert within(found.rate, truth)
    assert found.rate.ratings == GROUPS * 4 * 2


def test_unanimity_and_dissent_are_found_again(report):
    selected = next(arm for arm in report.arms.arms if arm.arm is Arm.SELECTED)

    assert within(selected.unanimous, UNANIMOUS)
    assert within(selected.dissent, (1 - (2 / 3) ** 4) / 3)


def test_what_being_left_out_costs_is_found_again(report):
    (found,) = report.outsiders

    assert found.arm is Arm.LEAVE_ONE_OUT
    assert within(found.difference, -1)


def test_over_many_studies_the_truth_is_covered_about_as_often_as_intervals_say():
    hits = []
    for seed in range(STUDIES):
        ratings = Ratings.of(study(STUDIED, seed=seed))
        bootstrap = Bootstrap(ratings.groups, seed=seed, draws=DRAWS)
        arms = compared(ratings, bootstrap)
        selected = next(arm for arm in arms.arms if arm.arm is Arm.SELECTED)
        win = next(win for win in arms.wins if (win.arm, win.over) == (Arm.SELECTED, Arm.BEST_OPINION))
        (left_out,) = outsiders(ratings, bootstrap)
        hits.append(
            (
                within(selected.agreement, 5),
                within(selected.unanimous, UNANIMOUS),
                within(win.rate, 7 / 9),
                within(left_out.difference, -1),
            )
        )

    for covered in np.mean(hits, axis=0):
        assert covered >= 0.85  # 0.95 less what chance makes of so few


def test_divisive_questions_are_those_that_divided(report):
    assert (report.divisiveness.questions, report.divisiveness.divisive) == (GROUPS, GROUPS // 2)
    assert report.divisiveness.before.divisiveness.value == 0.5
    assert {arm.agreement.groups for arm in report.divisive.arms} == {GROUPS // 2}
    assert {arm.agreement.groups for arm in report.united.arms} == {GROUPS // 2}


def test_the_accuracy_of_the_reward_model_is_found_again():
    levels = {arm: LEVELS[arm] for arm in (Arm.ZERO_SHOT, Arm.FEW_SHOT)}
    found = evaluate(study(120, seed=2, levels=levels), draws=DRAWS).accuracy
    by_name = {each.name: each for each in found.predictors}

    assert within(
        by_name[MODEL].pairwise, 6 / 7
    )  # of nine pairs of whims two tie, and one turns the order round
    assert within(found.calibration.bias, 0)
    assert all(within(each.rated, each.predicted) for each in found.calibration.bins)
    assert by_name[POPULARITY].gain.value == pytest.approx(
        by_name[MODEL].pairwise.value - by_name[POPULARITY].pairwise.value, abs=1e-5
    )


def test_every_function_does_better_than_the_lot_where_predictions_tell(report):
    for choice in report.welfare.choices:
        assert choice.chance.value < choice.rated.value <= choice.best.value


def test_the_same_records_and_seed_give_the_same_report_in_any_order(report):
    records = study(GROUPS)
    Random(3).shuffle(records)
    again = evaluate(records, seed=5, draws=DRAWS)

    assert again.model_dump_json() == report.model_dump_json()


def test_the_same_report_gives_the_same_page():
    report = evaluate([record()], draws=DRAWS)

    assert "<svg" in page(report)
    assert page(report) == page(report)


def test_another_seed_gives_other_intervals_around_the_same_values(report):
    other = evaluate(study(GROUPS), seed=6, draws=DRAWS)

    assert [arm.agreement.value for arm in other.arms.arms] == [
        arm.agreement.value for arm in report.arms.arms
    ]
    assert other.arms != report.arms


def test_the_json_is_read_back_as_it_was(report):
    assert EvaluationReport.model_validate_json(report.model_dump_json()) == report


def test_neither_report_holds_what_people_wrote_nor_anything_from_outside(report, html):
    for written in (html, report.model_dump_json()):
        assert not [secret for secret in SECRETS if secret in written]
        assert not re.search(r"\bp[0-3]\b|\bg0\d\d\b|\bd0\d\d\b", written)
    assert not re.search(r"""(?:src|href)=["'](?!#)|@import|url\((?!#)|<script""", html)
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_picture_has_a_description_and_stands_above_a_table(html):
    figures = re.findall(r'<figure>.*?role="img" aria-label="([^"]+)".*?</figure>', html, re.DOTALL)
    assert len(figures) == html.count("<svg") == 6
    assert all(len(said) > 40 for said in figures)
    for section in re.findall(r"<section.*?</section>", html, re.DOTALL):
        assert "<figure>" not in section or section.rindex("</figure>") < section.rindex("<table>")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("records", "missing"),
    [
        ([record()], {"wins", "quality", "unanimity", "divisiveness", "outsiders", "arm_welfare", "choices",
                      "reliability_agreement", "accuracy", "pairwise", "best_opinion"}),
        (study(1), {"divisive"}),
        (study(3, levels={Arm.CHOSEN: 5}), {"wins", "best_opinion", "outsiders", "choices", "pairwise"}),
        (study(4, baseline=None), {"divisiveness", "divisive", "united"}),
        (study(4, quality=None), {"quality", "reliability_quality"}),
        (study(4, predicted_reward=None), {"accuracy", "choices"}),
        (study(4, agreement=5), {"reliability_agreement", "pairwise"}),
    ],
    ids=["one rating", "one group", "everyday", "no baseline", "no quality", "no predictions",
         "all the same"],
)  # fmt: skip
@pytest.mark.usefixtures("pictures_only_made")
def test_what_is_missing_is_said_in_a_sentence_and_the_rest_is_reported(records, missing):
    report = evaluate(records, draws=DRAWS)
    html = page(report)

    assert missing <= set(report.missing)
    assert all(said.endswith(".") for said in report.missing.values())
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).lower().split()
    assert report.arms.arms[0].agreement.value > 0


class Sure:
    """A reward model that expects the same of everybody."""

    name = "sure"

    async def score(self, question, opinions, candidates):
        return np.full((len(opinions), len(candidates)), 5.0)


def test_a_reward_model_is_not_judged_on_questions_that_it_has_learnt_from():
    kept = [each.model_copy(update={"question": f"Should we keep {each.group}?"}) for each in study(6)]
    learnt = {question_id(each.question) for each in kept if each.group < "g002"}

    whole, rest = (evaluate(kept, model=Sure(), learnt=ids, draws=DRAWS) for ids in ((), learnt))

    assert rest.accuracy.predictors[0].pairwise.groups == 4
    assert whole.accuracy.predictors[0].pairwise.groups == 6
    assert sum(each.rated.ratings for each in rest.accuracy.calibration.bins) == 80
    assert any(note.startswith("40 of 120 ratings are on questions that the reward") for note in rest.notes)
    assert not any("have no prediction" in note for note in rest.notes)
    every = evaluate(kept, model=Sure(), learnt={question_id(each.question) for each in kept}, draws=DRAWS)
    assert every.accuracy is None
    assert "has learnt from every question" in every.missing["accuracy"]


@pytest.mark.usefixtures("pictures_only_made")
def test_what_a_model_picks_is_told_in_a_section_of_its_own(tmp_path):
    corpus = read_corpus(write(tmp_path)).of(Split.DEV)

    report = evaluate(study(3), model=Sure(), corpus=corpus, draws=DRAWS)
    html = page(report)

    assert report.exam.gain(Sort.KINDS).value == 0
    (section,) = re.findall(r'<section aria-labelledby="picks">.*?</section>', html, re.DOTALL)
    assert ">What it picks</h2>" in section
    assert section.count("<svg") == 1
    for said in ("sure picks", "3 rounds", "split: dev", "one camp", "how many (quantities)", "alpha"):
        assert said in section
    assert not [text for each in corpus.rounds for text in (each.question, *each.texts) if text in html]
    assert EvaluationReport.model_validate_json(report.model_dump_json()) == report


def test_the_kinds_of_question_at_which_a_model_shows_chance_are_named_in_one_sentence():
    rounds = [a_round(CAKE, id=f"c-{at}", topic=f"cake {at}") for at in range(ENOUGH)]
    few, many = (
        evaluate(study(1), model=Sure(), corpus=Corpus(tuple(some)), draws=DRAWS)
        for some in (rounds[1:], rounds)
    )

    told = [note for note in many.notes if "no better than chance" in note]
    assert len(told) == 1
    assert "sure picks no better than chance at some kinds of question (questions that ask which)" in told[0]
    assert told[0] in page(many).replace("&#39;", "'")
    assert not [note for note in few.notes if "no better than chance" in note]


@pytest.mark.usefixtures("pictures_only_made")
def test_the_section_is_there_only_where_a_model_is_judged_now(report, html, small):
    assert "exam" not in report.missing
    assert "What it picks" not in html
    assert "--corpus" in small.missing["exam"]
    assert "What it picks" in page(small)


def test_few_groups_are_pointed_out():
    one, few, many = (evaluate(study(groups), draws=DRAWS) for groups in (1, 4, 12))

    assert "no intervals" in one.notes[0]
    assert one.arms.arms[0].agreement.low is None
    assert "4 groups" in few.notes[0]
    assert not many.notes


def test_records_that_are_there_twice_are_counted_once():
    once, twice = (evaluate(study(3) * times, draws=DRAWS) for times in (1, 2))

    assert twice.arms == once.arms
    assert twice.data.doubles == 60
    assert any("60 records" in note for note in twice.notes)


def test_the_sample_is_a_study_as_it_is_exported():
    records = list(read_feedback(SAMPLE))

    assert SAMPLE.read_text(encoding="utf-8") == lines(study(4, seed=7))
    assert json.loads(evaluate(records, draws=DRAWS).model_dump_json())["data"]["groups"] == 4


def test_nobodys_rating_of_their_own_words_counts_for_the_best_opinion():
    def rated(person, opinion, arm, agreement):
        said = "My own words." if arm is Arm.BEST_OPINION else "A draft."
        return record(participant=person, opinion=opinion, arm=arm, statement=said, agreement=agreement,
                      predicted_reward=4.0)  # fmt: skip

    people = [("ann", "My own words.", 7), ("bob", "Others.", 2), ("cid", None, 4)]
    records = [
        rated(person, opinion, arm, agreement if arm is Arm.BEST_OPINION else 5)
        for person, opinion, agreement in people
        for arm in (Arm.ZERO_SHOT, Arm.BEST_OPINION)
    ]

    report = evaluate(records, draws=DRAWS)

    best, drafted = (
        next(each for each in report.arms.arms if each.arm is arm)
        for arm in (Arm.BEST_OPINION, Arm.ZERO_SHOT)
    )
    assert (best.agreement.value, best.agreement.ratings, drafted.agreement.ratings) == (3, 2, 3)
    assert {win.rate.cases for win in report.arms.wins} == {2}
    assert sum(each.rated.ratings for each in report.accuracy.calibration.bins) == 5
    assert report.data.ratings == 6
    assert any("1 of 6 ratings are of the rater's own opinion" in note for note in report.notes)
