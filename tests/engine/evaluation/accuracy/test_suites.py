"""Judging: pairwise accuracy by person, and the suites it is taken on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.accuracy.agreement import tally, within_person
from engine.evaluation.accuracy.baselines import TfIdf
from engine.evaluation.accuracy.suites import (
    STANCE,
    UNTOUCHED,
    WRITTEN,
    RatedRound,
    Suites,
    judge,
    written_rounds,
)
from engine.synthetic.topics import Question
from tests.reward_baselines import BothNegated, is_negated, judge_swapped, popularity

QUESTIONS = [
    Question("a", "Should we ban cars?", "We should ban cars.", "We should NOT ban cars.", 0, "train"),
    Question("b", "Is it fair?", "It is fair.", "It is unfair.", 0, "train"),
]
SCORES = st.lists(st.floats(-5, 5), min_size=2, max_size=6, unique=True)


class Oracle:
    """Knows the ratings of every round."""

    def __init__(self, rounds):
        self.answers = {(r.question, r.opinions): r.ratings for r in rounds}

    def raw_scores(self, question, opinions, candidates):
        return self.answers[question, tuple(opinions)]


@given(scores=SCORES)
def test_the_ratings_themselves_are_always_right_and_their_opposite_never(scores):
    ratings = np.array(scores)

    right, wrong = tally(ratings, ratings), tally(-ratings, ratings)

    assert right.right == right.pairs == len(scores) * (len(scores) - 1) / 2
    assert wrong.right == 0


def test_a_tie_of_scores_counts_half_and_a_tie_of_ratings_not_at_all():
    found = tally(np.array([1.0, 1.0, 2.0]), np.array([3.0, 5.0, 5.0]))

    assert found.pairs == 2
    assert found.right == 1.5


def test_the_interval_holds_the_accuracy_and_is_repeatable():
    tallies = [tally(np.array([0.0, 1.0]), np.array([0.0, sign])) for sign in (1, 1, 1, -1)]

    judged = within_person(tallies)

    assert judged.accuracy == 0.75
    assert judged.low <= 0.75 <= judged.high
    assert judged == within_person(tallies)


def test_without_preferences_there_is_nothing_to_judge():
    with pytest.raises(ValueError, match="no person"):
        within_person([tally(np.zeros(2), np.zeros(2))])


@pytest.mark.parametrize(("name", "least"), [*((name, 40) for name in WRITTEN), (UNTOUCHED, 30)])
def test_written_rounds_are_whole_and_many(name, least):
    rounds = written_rounds(name)

    assert len(rounds) >= least
    assert len({r.question for r in rounds}) == len(rounds)
    for each in rounds:
        assert len(each.opinions) >= 3
        assert ((each.ratings >= 1) & (each.ratings <= 7)).all()
        assert each.ratings.std(axis=1).min() >= 0
        assert not set(each.opinions) & set(each.candidates)


def test_an_oracle_is_right_on_every_suite():
    suites = Suites.for_questions(QUESTIONS, most=5)
    rounds = [r for found in suites.rounds.values() for r in found]

    judged = judge(Oracle(rounds), suites)

    assert set(STANCE) <= set(judged)
    assert all(j.accuracy == 1 for j in judged.values())
    assert suites.mark(judged) == 1


def test_no_negation_of_the_suite_without_not_says_not():
    suites = Suites.for_questions(QUESTIONS, most=5)

    texts = [t for r in suites.rounds["without-not"] for t in (*r.opinions, *r.candidates)]

    assert texts
    assert not any(" not " in text for text in texts)


def test_a_model_that_ignores_opinions_does_not_notice_the_swap():
    class Ignorant:
        def raw_scores(self, question, opinions, candidates):
            return np.tile(np.arange(len(candidates), dtype=float), (len(opinions), 1))

    suites = Suites.for_questions([], most=0)

    swapped = judge_swapped(Ignorant(), suites)["natural-held-swapped"]

    assert swapped == judge(Ignorant(), suites)["natural-held"]


def test_swapping_gives_each_opinion_to_another_person():
    each = RatedRound("?", ("a", "b", "c"), ("x", "y"), np.zeros((3, 2)))

    assert each.swapped().opinions == ("b", "c", "a")


def test_tf_idf_prefers_shared_words():
    scores = TfIdf().raw_scores("Cars?", ["ban cars now"], ["ban cars", "keep trains"])

    assert scores[0, 0] > scores[0, 1]


def test_no_run_is_judged_on_the_untouched_rounds_nor_are_their_questions_elsewhere():
    suites = Suites.for_questions(QUESTIONS, most=5)
    seen = {each.question for rounds in suites.rounds.values() for each in rounds}

    assert not any(name.startswith(UNTOUCHED) for name in suites.rounds)
    assert not seen & {each.question for each in written_rounds(UNTOUCHED)}


def test_the_rule_of_negations_agrees_where_both_have_one_or_neither():
    said, heard = ("I don’t want it.", "Ban it."), ("We would not allow it.", "We should ban it.")

    assert BothNegated().raw_scores("?", said, heard).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [("I like it. I wouldn’t sell it.", True), ("We cannot.", True), ("Ban it, now.", False), ("", False)],
)
def test_a_negation_is_found_anywhere_in_a_text(text, found):
    assert is_negated(text) is found


def test_popularity_leaves_the_persons_own_rating_out():
    each = RatedRound("?", ("a", "b"), ("x", "y"), np.array([[7.0, 1.0], [1.0, 7.0]]))

    assert [t.right for t in popularity([each])] == [0, 0]


def test_without_questions_held_out_the_mark_is_that_of_the_written_rounds():
    suites = Suites.for_questions([], most=0)
    judged = judge(TfIdf(), suites)

    assert suites.mark(judged) == pytest.approx(
        np.mean([judged[f"{name}-choose"].accuracy for name in WRITTEN])
    )
