"""Two models on one corpus: who picks better, beyond chance."""

import pytest

from engine.evaluation.accuracy.comparison import NothingToCompareError
from engine.evaluation.corpus.comparing import CHOICE, PLACING, compare_picks
from engine.evaluation.corpus.reading import Corpus, Sort
from tests.engine.evaluation.corpus.rounds import CAKE, HALL, TRIP, Knows, a_round, truth

ROUNDS = tuple(
    a_round(each, id=f"{each['id']}-{number}", topic=f"{each['topic']} {number}")
    for number in range(8)
    for each in (CAKE, HALL, TRIP)
)
CORPUS = Corpus(ROUNDS)
KNOWING = Knows(truth(ROUNDS))
CONTRARY = Knows(lambda *asked: 8 - truth(ROUNDS)(*asked))


def test_who_picks_worse_is_worse_on_every_measure():
    found = compare_picks(CONTRARY, KNOWING, CORPUS)

    assert [each.measure for each in found] == [CHOICE[Sort.KINDS], CHOICE[Sort.DRAFTS], PLACING]
    assert all(each.worse and not each.better for each in found)
    assert [each.current.value for each in found] == [1, 1, 1]
    assert found[2].candidate.value == 0
    for each in found:
        assert each.difference.value == pytest.approx(each.candidate.value - each.current.value, abs=2e-6)


def test_the_other_way_round_it_is_better_and_against_itself_neither():
    better, same = (compare_picks(KNOWING, other, CORPUS) for other in (CONTRARY, KNOWING))

    assert all(each.better and not each.worse for each in better)
    assert not any(each.better or each.worse for each in same)


def test_one_round_is_no_ground_to_refuse_by():
    assert not any(each.worse for each in compare_picks(CONTRARY, KNOWING, Corpus(ROUNDS[:1])))


def test_without_rounds_or_preferences_there_is_nothing_to_compare_by():
    alike = a_round(TRIP, ratings=[[4, 4, 4], [4, 4, 4]])
    for rounds in ((), (alike,)):
        with pytest.raises(NothingToCompareError, match="no round"):
            compare_picks(KNOWING, CONTRARY, Corpus(rounds))
