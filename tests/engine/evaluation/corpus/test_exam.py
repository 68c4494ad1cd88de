"""The whole exam: what it says of models that know everything, nothing, or only words."""

import numpy as np
import pytest

from engine.errors import ScoringError
from engine.evaluation.accuracy.baselines import TfIdf
from engine.evaluation.corpus.choice import BEST, CHOOSERS, FUNCTIONS, LOT
from engine.evaluation.corpus.exam import Exam, examine
from engine.evaluation.corpus.forms import ENOUGH
from engine.evaluation.corpus.predictions import Calibrated
from engine.evaluation.corpus.reading import Corpus, Sort, Split, StatementKind, read_corpus
from engine.evaluation.feedback.prediction import MODEL
from engine.evaluation.report.exam_section import BY, exam_section
from engine.names import OVER_GROUPS, WelfareName
from engine.question_kinds import QuestionKind
from engine.reward.model_info.calibration import Calibration
from tests.engine.evaluation.corpus.rounds import (
    CAKE,
    TRIP,
    Knows,
    Raw,
    a_round,
    oracle,
    table_of,
    truth,
    write,
)

DRAWS = 50


@pytest.fixture
def dev(tmp_path):
    return read_corpus(write(tmp_path / "corpus")).of(Split.DEV)


def test_who_knows_everything_passes_everything(dev):
    exam = examine(Knows(oracle(dev)), dev, draws=DRAWS)

    gains = [exam.gain(sort, function.name) for sort in Sort for function in FUNCTIONS]
    assert [gain.value for gain in gains] == [1] * len(gains)
    assert exam.good_above().value == exam.good_above(StatementKind.COLLAGE).value == 1
    assert exam.pairwise.value == 1
    assert exam.swapped.value < 0.7
    assert exam.options[0].own_first.value == exam.options[0].own_above.value == 1
    assert exam.options[0].others_above.value == 0
    assert [each.form for each in exam.options] == [None, QuestionKind.WHICH, QuestionKind.HOW_MANY]
    assert exam.conditions.met_over_broken.value == exam.conditions.silent_over_broken.value == 1
    assert all(each.rated.value == each.predicted for each in exam.quintiles)
    assert (exam.model, exam.calibrated, exam.raters.rounds) == ("knows", True, 2)
    assert (exam.rounds, exam.ratings, exam.option_sets, exam.condition_sets) == (3, 24, 2, 1)


def test_who_says_the_same_of_everything_is_at_chance(dev):
    exam = examine(Knows(lambda *_: 4.0), dev, draws=DRAWS)

    assert {exam.gain(sort, f.name).value for sort in Sort for f in FUNCTIONS} == {0}
    assert exam.good_above().value == exam.pairwise.value == exam.swapped.value == 0.5
    assert exam.options[0].own_first.value == pytest.approx(2 / 5)  # a third of three, a half of two
    assert exam.options[0].others_above.value == 0
    (only,) = exam.quintiles
    assert only.rated.cases == 24


def test_the_least_happy_and_the_mean_are_chosen_by_different_functions(dev):
    (round_,) = dev.of_sort(Sort.DRAFTS)
    coast, promenade, _ = round_.texts
    fay, gus = (opinion.text for opinion in round_.opinions)
    said = {(fay, coast): 7.0, (gus, coast): 4.0, (fay, promenade): 5.0, (gus, promenade): 5.0}
    exam = examine(Knows(lambda _, o, c: said.get((o, c), 1.0)), dev, draws=DRAWS)

    mean, least = (exam.gain(Sort.DRAFTS, name) for name in (WelfareName.UTILITARIAN, WelfareName.RAWLSIAN))

    assert mean.value == 0  # the coast: mean 5, as is the mean of 5, 6.5 and 3.5
    assert least.value == 1


def test_every_welfare_function_of_people_but_the_one_that_takes_an_alpha_has_its_part_and_its_column(dev):
    exam = examine(Knows(oracle(dev)), dev, draws=DRAWS)
    shares = [each for each in exam_section(exam).tables if " can gain among " in each.caption]

    names = set(WelfareName) - {WelfareName.ISOELASTIC} - OVER_GROUPS
    assert {pick.function.name for pick in exam.picks} == names
    assert len(shares) == len(Sort)
    assert {column for each in shares for column in each.columns[1:]} == {BY[name] for name in names}
    assert len(set(BY.values())) == len(WelfareName)


def test_choosers_that_know_less_stand_beside_the_model(dev):
    exam = examine(Knows(oracle(dev)), dev, draws=DRAWS)
    by = {MODEL, *CHOOSERS, BEST}

    assert {(pick.by, pick.sort, pick.function.name) for pick in exam.picks} == {
        (name, sort, function.name) for name in by for sort in Sort for function in FUNCTIONS
    }
    assert {each.by for each in exam.kinds} == {MODEL, *CHOOSERS}
    assert exam.gain(Sort.KINDS, by=LOT).value == 0
    assert exam.gain(Sort.KINDS, by=BEST).value == 1


def many(count, knows):
    """So many rounds each of two forms, and a model that knows what people rated in those of form `knows`."""
    fields = [
        {**each, "id": f"{each['id']}-{at}", "question": f"{each['question']} {at}", "second": None}
        for each in (CAKE, TRIP)
        for at in range(count)
    ]
    rounds = tuple(a_round(each) for each in fields)
    right, forms = truth(rounds), {each.question: each.form for each in rounds}
    turned = {each.question for at, each in enumerate(rounds) if at % 2}

    def told(question, opinion, statement):
        if forms[question] == knows:
            return right(question, opinion, statement)
        return 8 - right(question, opinion, statement) if question in turned else 4.0

    return Corpus(rounds), Knows(told)


def test_the_choice_is_told_by_what_the_question_asks(dev):
    corpus, model = many(4, "which")

    exam = examine(model, corpus, draws=DRAWS)

    told = {(each.form, each.by): each for each in exam.forms}
    assert set(told) == {(form, by) for form in ("which", "where") for by in (MODEL, *CHOOSERS)}
    assert told["which", MODEL].gain.value == 1
    assert told["where", MODEL].gain.value < 0
    assert told["where", LOT].gain.value == 0
    assert told["where", MODEL].rounds == 4
    (table,) = [each for each in exam_section(exam).tables if "by what the question asks" in each.caption]
    assert [row[0] for row in table.rows] == ["questions that ask which", "questions that ask where"]
    assert table.rows[0][1] == "1.00 [1.00,\u00a01.00]"


@pytest.mark.parametrize(("count", "unknown"), [(ENOUGH - 1, ()), (ENOUGH, ("where",))])
def test_a_form_at_which_a_model_shows_chance_is_unknown_once_there_are_enough_rounds(count, unknown):
    corpus, model = many(count, "which")

    assert examine(model, corpus, draws=DRAWS).unknown_kinds == unknown


class BothWays(Knows):
    """A joint model: small groups as `told` says, large ones the other way round."""

    closeness_weight = 0.0

    def reads_together(self, members):
        return members < 4

    async def encode_opinions(self, question, opinions):
        return np.arange(len(opinions), dtype=np.float32)[:, None] + self._remember(opinions)

    def _remember(self, opinions):
        self.read = list(opinions)
        return 0

    async def score_encoded(self, vectors, question, candidates):
        return 8 - table_of(self.told, question, [self.read[int(row)] for row in vectors[:, 0]], candidates)


def test_a_joint_model_is_examined_in_both_of_its_ways(dev):
    exam = examine(BothWays(oracle(dev)), dev, draws=DRAWS)

    assert exam.gain(Sort.DRAFTS).value == exam.good_above().value == 1
    assert exam.apart.model == "knows, read apart"
    assert exam.apart.gain(Sort.DRAFTS).value < 0
    assert exam.apart.good_above().value == 0
    assert exam.apart.options[0].own_first.value == 0
    assert exam.apart.conditions.met_over_broken.value == 0
    assert {each.by for each in exam.apart.kinds} == {MODEL}
    assert (exam.apart.apart, exam.apart.raters) == (None, None)
    (table,) = [each for each in exam_section(exam).tables if "two ways" in each.caption]
    assert (
        "a good compromise above all others",
        "1.00 [1.00,\u00a01.00]",
        "0.00 [0.00,\u00a00.00]",
    ) in table.rows
    assert len(table.rows) == 10
    assert Exam.model_validate_json(exam.model_dump_json()) == exam


def test_raw_scores_are_judged_by_what_needs_no_ratings(dev):
    exam = examine(Raw(lambda *asked: oracle(dev)(*asked) - 40), dev, draws=DRAWS)

    assert not exam.calibrated
    assert exam.gain(Sort.KINDS).value == exam.gain(Sort.KINDS, WelfareName.RAWLSIAN).value == 1
    assert exam.gain(Sort.KINDS, WelfareName.BERNOULLI_NASH) is None
    assert exam.gain(Sort.KINDS, WelfareName.BERNOULLI_NASH, by=BEST).value == 1
    assert exam.options[0].own_first.value == 1
    assert exam.options[0].others_above is None
    assert exam.quintiles == ()


def test_a_model_in_training_is_judged_by_the_ratings_that_it_is_going_to_give(dev):
    raw = Raw(lambda *asked: oracle(dev)(*asked) - 4)

    exam = examine(Calibrated(raw, Calibration(slope=2.0, offset=0.0)), dev, draws=DRAWS)

    assert exam.calibrated
    assert exam.gain(Sort.DRAFTS, WelfareName.BERNOULLI_NASH).value == 1
    assert exam.options[0].others_above.value == 0


def test_swapped_opinions_are_those_of_the_next_member(dev):
    """The exam takes the answers that it has; a model that is asked again says the same."""
    model = TfIdf()
    told = [each.rated() for each in dev.rounds]
    for each in told:
        before = model.raw_scores(each.question, each.opinions, each.candidates)
        after = each.swapped()
        again = model.raw_scores(after.question, after.opinions, after.candidates)
        assert np.roll(before, -1, axis=0) == pytest.approx(again)


def test_fifths_go_from_low_to_high_and_hold_everything(dev):
    exam = examine(Knows(lambda q, o, c: 1 + (len(c) * 7 + len(o)) % 60 / 10), dev, draws=DRAWS)

    assert len(exam.quintiles) == 5
    assert sum(each.rated.cases for each in exam.quintiles) == 24
    for below, above in zip(exam.quintiles, exam.quintiles[1:], strict=False):
        assert below.low <= below.predicted <= below.high < above.low


def test_the_same_seed_gives_the_same_exam_and_it_is_read_back(dev):
    one, other = (examine(TfIdf(), dev, seed=3, draws=DRAWS) for _ in range(2))

    assert one == other
    assert Exam.model_validate_json(one.model_dump_json()) == one
    assert "lemon" not in one.model_dump_json().lower()


def test_where_there_is_nothing_to_judge_by_nothing_is_said(dev):
    exam = examine(Knows(oracle(dev)), Corpus(()), draws=DRAWS)

    assert (exam.picks, exam.kinds, exam.options, exam.quintiles) == ((), (), (), ())
    assert exam.conditions is exam.pairwise is exam.raters is exam.gain(Sort.KINDS) is None


@pytest.mark.parametrize(
    ("answer", "says"),
    [(np.full((3, 4), np.nan), "no score for 12 of 12"), (np.zeros((1, 1)), "shape")],
    ids=["holes", "another shape"],
)
def test_a_model_that_does_not_answer_is_not_judged(dev, answer, says):
    class Silent:
        name = described = "silent"

        async def score(self, question, opinions, candidates):
            return answer

    with pytest.raises(ScoringError, match=says):
        examine(Silent(), dev, draws=DRAWS)
