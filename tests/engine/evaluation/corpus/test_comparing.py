"""Two models on one corpus: who picks better, beyond chance, and who is worse at anything else."""

import pytest

from engine.evaluation.accuracy.comparison import NothingToCompareError
from engine.evaluation.corpus.comparing import (
    ABOVE,
    CHOICE,
    CONDITIONS,
    LEAST_HAPPY,
    OTHERS_ABOVE,
    OWN_FIRST,
    OWN_OPINION,
    PAIRS,
    PLACING,
    QUANTITIES,
    compare_picks,
)
from engine.evaluation.corpus.reading import ConditionSet, Corpus, OptionSet, Sort, StatementKind
from tests.engine.evaluation.corpus.rounds import (
    CAKE,
    DAYS,
    DOG,
    DRINKS,
    HALL,
    TRIP,
    Knows,
    Raw,
    a_round,
    oracle,
    truth,
)

TIMES = 8


def copies(fields):
    """Different by name alone."""
    return [
        {**fields, "id": f"{fields['id']}-{number}", "topic": f"{fields['topic']} {number}"}
        for number in range(TIMES)
    ]


ROUNDS = tuple(a_round(each) for fields in (CAKE, HALL, TRIP) for each in copies(fields))
OPTIONS = tuple(OptionSet.model_validate(each) for fields in (DAYS, DRINKS) for each in copies(fields))
CONDITIONED = tuple(ConditionSet.model_validate(each) for each in copies(DOG))
CORPUS = Corpus(ROUNDS, OPTIONS, CONDITIONED)
TRUE = oracle(CORPUS)
KNOWING = Knows(TRUE)
CONTRARY = Knows(lambda *asked: 8 - TRUE(*asked))
MAIN = (CHOICE[Sort.KINDS], CHOICE[Sort.DRAFTS], PLACING)
THERE = (StatementKind.COLLAGE, StatementKind.PLEASANTRY, StatementKind.PARTISAN, StatementKind.OFF_TOPIC)
OTHERS = {
    *LEAST_HAPPY.values(), *(name for name, (kind,) in ABOVE.items() if kind in THERE),
    OWN_FIRST, QUANTITIES, OTHERS_ABOVE, CONDITIONS, PAIRS, OWN_OPINION,
}  # fmt: skip


def worse_at(candidate, corpus=CORPUS):
    return {each.measure for each in compare_picks(candidate, KNOWING, corpus) if each.worse}


def test_who_says_the_contrary_is_worse_on_every_measure():
    found = compare_picks(CONTRARY, KNOWING, CORPUS)

    assert tuple(each.measure for each in found[:3]) == MAIN
    assert {each.measure for each in found[3:]} == OTHERS
    assert all(each.worse and not each.better for each in found)
    assert [each.current.value for each in found[:3]] == [1, 1, 1]
    assert found[2].candidate.value == 0
    for each in found:
        assert each.difference.value == pytest.approx(each.candidate.value - each.current.value, abs=2e-6)


def test_the_other_way_round_it_is_better_and_against_itself_neither():
    better, same = (compare_picks(KNOWING, other, CORPUS) for other in (CONTRARY, KNOWING))

    assert all(each.better and not each.worse for each in better)
    assert not any(each.better or each.worse for each in same)


WANTS_ALL = Knows(lambda q, o, c: 7.0 if q in {DAYS["question"], DRINKS["question"]} else TRUE(q, o, c))
NO_NUMBERS = Knows(lambda q, o, c: 4.0 if q == DAYS["question"] else TRUE(q, o, c))
NO_CONDITIONS = Knows(lambda q, o, c: 4.0 if q == DOG["question"] else TRUE(q, o, c))
LIKES_COLLAGES = Knows(lambda q, o, c: 7.0 if c == CAKE["statements"][1]["text"] else TRUE(q, o, c))
DEAF = Knows(
    lambda q, o, c: (
        sum(TRUE(q, each["text"], c) for each in TRIP["opinions"]) / 2
        if q == TRIP["question"]
        else TRUE(q, o, c)
    )
)


@pytest.mark.parametrize(
    ("candidate", "measures"),
    [
        (WANTS_ALL, {OWN_FIRST, QUANTITIES, OTHERS_ABOVE}),
        (NO_NUMBERS, {OWN_FIRST, QUANTITIES}),
        (NO_CONDITIONS, {CONDITIONS}),
    ],
    ids=["agrees to every option", "tells no numbers", "hears no condition"],
)
def test_who_is_worse_at_one_thing_is_worse_at_that_alone(candidate, measures):
    assert worse_at(candidate) == measures


def test_a_kind_of_bad_statement_that_is_liked_is_named():
    (collage,) = [name for name, (kind,) in ABOVE.items() if kind is StatementKind.COLLAGE]

    lost = worse_at(LIKES_COLLAGES)

    assert collage in lost
    assert not lost & {name for name, (kind,) in ABOVE.items() if kind is not StatementKind.COLLAGE}


def test_who_picks_for_the_group_and_not_by_each_opinion_is_worse_for_each_person_and_picks_as_well():
    lost = worse_at(DEAF, Corpus(ROUNDS))

    assert {PAIRS, OWN_OPINION} <= lost
    assert not lost & {*CHOICE.values(), PLACING}


def test_what_would_be_worse_by_itself_is_not_yet_among_so_many():
    """In half of the rounds the first statement is taken: half of what can be gained is lost, and more."""
    rounds = tuple(a_round(each, question=f"{each['id']}?") for each in copies(TRIP))
    told, first = truth(rounds), TRIP["statements"][0]["text"]
    missed = {each.question for each in rounds[: TIMES // 2]}
    candidate = Knows(lambda q, o, c: 7.0 if q in missed and c == first else told(q, o, c))
    knowing = Knows(told)

    by_mean, by_least_happy = compare_picks(candidate, knowing, Corpus(rounds))[:2]

    assert (by_mean.among, by_least_happy.among) == (1, 3)
    assert by_mean.worse
    assert by_least_happy.difference.value < by_mean.difference.value
    assert not by_least_happy.worse


def test_raw_scores_are_compared_by_all_that_needs_no_ratings():
    found = compare_picks(Raw(TRUE), KNOWING, CORPUS)

    assert {*MAIN, *OTHERS} - {each.measure for each in found} == {OTHERS_ABOVE}


def test_one_round_is_no_ground_to_refuse_by():
    assert not any(each.worse for each in compare_picks(CONTRARY, KNOWING, Corpus(ROUNDS[:1])))


def test_without_rounds_or_preferences_there_is_nothing_to_compare_by():
    alike = a_round(TRIP, ratings=[[4, 4, 4], [4, 4, 4]])
    for rounds in ((), (alike,)):
        with pytest.raises(NothingToCompareError, match="no round"):
            compare_picks(KNOWING, CONTRARY, Corpus(rounds))
