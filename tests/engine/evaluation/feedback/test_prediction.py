"""Predicted against given ratings, beside what knows less."""

import numpy as np
import pytest

from engine.evaluation.accuracy.baselines import TfIdf, others_mean
from engine.evaluation.feedback.prediction import (
    MODEL,
    POPULARITY,
    RECORDED,
    SIMILARITY,
    accuracy,
    calibration,
    predicted_by,
)
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from tests.engine.evaluation.simulated import record

GIVEN = {"ann": (7, 2, 4), "bob": (6, 3, 3), "cid": (1, 6, 4)}
PREDICTED = {"ann": (6.5, 2.5, 5.5), "bob": (5.0, 5.0, 2.0), "cid": (1.5, 5.5, 6.5)}
STATEMENTS = ("Ban cars in the centre.", "Build more roads.", "Paint the benches.")
SAID = {"ann": "Ban cars now.", "bob": "Ban cars.", "cid": "More roads please."}


def records(**said):
    return [
        record(
            participant=person,
            statement_id=f"s{at}",
            statement=STATEMENTS[at],
            agreement=rating,
            **{"opinion": SAID[person], "predicted_reward": PREDICTED[person][at], **said},
        )
        for person, row in GIVEN.items()
        for at, rating in enumerate(row)
    ]


def judged(rows, recorded=None):
    found = accuracy(Ratings.of(rows), recorded, "a model", Bootstrap(1, seed=0, draws=100))
    return found, {each.name: each for each in found.predictors}


def test_the_model_is_judged_on_a_persons_own_preferences_beside_the_baselines():
    found, by_name = judged(records())

    # ann: 3 of 3 pairs. bob: 6 over 3 tied with the second (half), right with the third: 1.5 of 2.
    # cid: 6 over 1, 4 over 1 right, 6 over 4 wrong: 2 of 3.
    assert by_name[MODEL].pairwise.value == pytest.approx(6.5 / 8)
    assert (by_name[MODEL].pairwise.cases, by_name[MODEL].pairwise.ratings) == (8, 9)
    # The others' means: ann (3.5, 4.5, 3.5), bob (4, 4, 4), cid (6.5, 2.5, 3.5).
    # ann: first over second wrong, over third tied; third over second wrong: 0.5 of 3. bob 1 of 2, cid none.
    assert by_name[POPULARITY].pairwise.value == pytest.approx(1.5 / 8)
    assert by_name[POPULARITY].gain.value == pytest.approx(5 / 8)
    assert by_name[MODEL].gain is None
    assert by_name[SIMILARITY].pairwise.value > 0.5
    assert found.model == "a model"


def test_rank_correlation_is_spearmans():
    people = ("ann", "bob", "cid")
    rated = [record(participant=p, predicted_reward=s, agreement=r, statement_id=f"s{i}") for p in people[:1]
             for i, (s, r) in enumerate([(1.0, 2), (2.0, 1), (3.0, 3), (4.0, 4)])]  # fmt: skip
    others = [record(participant=p, agreement=4, statement_id=f"s{i}") for p in people[1:] for i in range(4)]
    _, by_name = judged(rated + others)

    assert by_name[MODEL].rank_correlation.value == pytest.approx(0.8)  # 1 - 6 * 2 / (4 * 15)


def test_calibration_bins_are_a_point_wide_and_weighted_by_their_size():
    pairs = [(1.5, 1), (1.7, 2), (6.2, 5), (7.0, 5)]
    ratings = Ratings.of(
        record(participant=f"p{at}", predicted_reward=predicted, agreement=given)
        for at, (predicted, given) in enumerate(pairs)
    )
    found = calibration(ratings, Bootstrap(1, seed=0, draws=100))

    assert [(each.low, each.high, each.predicted, each.rated.value) for each in found.bins] == [
        (1, 2, 1.6, 1.5),
        (6, 7, 6.6, 5),
    ]
    assert found.error.value == pytest.approx((2 * 0.1 + 2 * 1.6) / 4)
    assert found.bias.value == pytest.approx((0.5 - 0.3 + 1.2 + 2) / 4)
    assert found.rmse.value == pytest.approx(np.sqrt((0.25 + 0.09 + 1.44 + 4) / 4), abs=1e-6)


def test_predictors_are_compared_where_all_of_them_have_a_say():
    rows = records()
    rows[0] = rows[0].model_copy(update={"predicted_reward": None})
    _, by_name = judged(rows)

    assert {each.pairwise.cases for each in by_name.values()} == {6}


def test_a_predictor_that_knows_nothing_at_all_is_left_out():
    _, by_name = judged(records(opinion=None))

    assert list(by_name) == [MODEL, POPULARITY]


def test_without_predictions_there_is_nothing_to_judge():
    assert (
        accuracy(Ratings.of(records(predicted_reward=None)), None, "none", Bootstrap(1, seed=0, draws=100))
        is None
    )


class Lengths:
    """Likes long statements; remembers what it was asked."""

    name = described = "lengths"

    def __init__(self):
        self.asked = []

    async def score(self, question, opinions, candidates):
        self.asked.append((question, tuple(opinions), tuple(candidates)))
        return np.array([[float(len(text)) for text in candidates] for _ in opinions])


def test_a_given_model_scores_each_round_once_and_only_for_those_with_an_opinion():
    rows = [r.model_copy(update={"opinion": None}) if r.participant == "bob" else r for r in records()][:-1]
    ratings, model = Ratings.of(rows), Lengths()
    predicted = predicted_by(model, ratings)

    assert [(asked[1], asked[2]) for asked in model.asked] == [
        (("Ban cars now.", "More roads please."), STATEMENTS)
    ]
    lengths = {f"s{at}": float(len(text)) for at, text in enumerate(STATEMENTS)}
    for each, score in zip(ratings.records, predicted, strict=True):
        assert np.isnan(score) if each.participant == "bob" else score == lengths[each.statement_id]


def test_a_given_model_stands_beside_what_was_predicted_at_the_time():
    ratings = Ratings.of(records())
    now = ratings.with_predicted(8 - ratings.predicted)
    found = accuracy(now, ratings.predicted, "another", Bootstrap(1, seed=0, draws=100))
    by_name = {each.name: each.pairwise.value for each in found.predictors}

    assert by_name[RECORDED] == pytest.approx(1 - by_name[MODEL])


def test_what_the_others_gave_leaves_out_oneself_and_whoever_rated_nothing():
    means = others_mean(np.array([[7, np.nan], [5, 3], [3, np.nan]]))

    np.testing.assert_array_equal(means, [[4, 3], [5, np.nan], [6, 3]])


def test_texts_without_words_have_nothing_in_common():
    assert TfIdf().raw_scores("?", ["!"], ["…", "."]).tolist() == [[0, 0]]
