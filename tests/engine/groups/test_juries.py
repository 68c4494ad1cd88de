"""Juries: seats, not numbers, decide whose ratings count; and what other seats would choose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ScoringError
from engine.groups.juries import Jury, JuryPool, Shortage, shortages
from engine.groups.jury_changes import MOST_TRIED, Move, counterfactual
from engine.groups.jury_hearing import hear
from engine.types import (
    Candidate,
    Mediation,
    ModelsUsed,
    ParticipantOpinion,
    Timings,
    WelfareFunction,
    WelfareName,
)


def pool(ratings, **options):
    """Members of each value with their ratings; the first member is a, the next one b."""
    rows = [row for own in ratings.values() for row in own]
    ends = np.cumsum([0, *map(len, ratings.values())]).tolist()
    members = {value: range(ends[at], ends[at + 1]) for at, value in enumerate(ratings)}
    names = [chr(ord("a") + at) for at in range(len(rows))]
    return JuryPool(np.array(rows, dtype=float), names, members, **options)


@st.composite
def rounds(draw, fewest=1):
    """Ratings by value, each of `fewest` members or more, and seats that they can fill."""
    candidates = draw(st.integers(2, 4))
    rating = st.lists(st.integers(1, 7), min_size=candidates, max_size=candidates)
    own = st.lists(rating, min_size=fewest, max_size=5)
    ratings = draw(st.dictionaries(st.sampled_from(["red", "green", "blue"]), own, min_size=1))
    seats = {value: draw(st.integers(1, len(rows))) for value, rows in ratings.items()}
    return ratings, seats


# -- verdicts --------------------------------------------------------------------------------------


def test_a_jury_of_everybody_with_equal_seats_gives_the_mean_of_the_groups_means():
    heard = pool({"x": [[7, 1], [5, 1]], "y": [[2, 4], [2, 6]]}).verdicts({"x": 2, "y": 2})

    assert heard.verdict.tolist() == [4.0, 3.0]
    assert heard.low.tolist() == heard.high.tolist() == [4.0, 3.0]
    assert heard.order == (0, 1)


def test_a_group_twice_as_large_counts_once_where_seats_are_equal():
    small = pool({"x": [[6, 2]] * 2, "y": [[1, 7]] * 2}).verdicts({"x": 2, "y": 2})
    large = pool({"x": [[6, 2]] * 4, "y": [[1, 7]] * 2}).verdicts({"x": 2, "y": 2})

    assert large.verdict.tolist() == small.verdict.tolist() == [3.5, 4.5]


def test_the_spread_tells_how_far_juries_differ():
    heard = pool({"x": [[1, 4], [7, 4]]}, draws=1_000).verdicts({"x": 1})

    assert (heard.low[0], heard.high[0]) == (1, 7)
    assert (heard.low[1], heard.high[1]) == (4, 4)


def test_another_welfare_function_is_taken_of_each_jury():
    ratings = {"x": [[7, 4], [1, 4]], "y": [[7, 3], [7, 3]]}
    seats = {"x": 2, "y": 2}

    worst = pool(ratings, function=WelfareFunction(name=WelfareName.RAWLSIAN)).verdicts(seats)
    by_seats = pool(ratings, function=WelfareFunction(name=WelfareName.GROUP_RAWLSIAN)).verdicts(seats)

    assert worst.verdict.tolist() == [1, 3]
    assert by_seats.verdict.tolist() == [4, 3]


def test_seats_that_nobody_could_fill_are_named_and_never_drawn():
    members = {"x": (0, 1), "y": (2,)}
    seats = {"x": 3, "y": 1, "z": 1, "w": 0}
    rows = {"x": [[4, 4], [4, 4]], "y": [[4, 4]]}

    assert shortages(seats, members) == (Shortage("x", 3, 2), Shortage("z", 1, 0))
    assert shortages(seats, members, with_replacement=True) == (Shortage("z", 1, 0),)
    with pytest.raises(ValueError, match="members for all"):
        pool(rows).verdicts({"x": 3})
    assert pool(rows, with_replacement=True).verdicts({"x": 3}).verdict.tolist() == [4, 4]


@given(made=rounds(), seed=st.integers(0, 9), random=st.randoms(use_true_random=False))
def test_neither_the_order_of_members_nor_that_of_candidates_changes_a_verdict(made, seed, random):
    ratings, seats = made
    rows = [(value, at, row) for value, own in ratings.items() for at, row in enumerate(own)]
    shuffled = random.sample(rows, len(rows))
    columns = random.sample(range(len(rows[0][2])), len(rows[0][2]))

    def heard(rows, columns):
        members = {value: [at for at, row in enumerate(rows) if row[0] == value] for value in ratings}
        names = [f"{value}{at}" for value, at, _ in rows]
        table = np.array([[row[at] for at in columns] for _, _, row in rows], dtype=float)
        return JuryPool(table, names, members, draws=5, seed=seed).verdicts(seats)

    first, second = heard(rows, list(range(len(columns)))), heard(shuffled, columns)

    assert second.verdict == pytest.approx(first.verdict[columns])
    assert second.low == pytest.approx(first.low[columns])
    best = first.verdict.max()
    assert first.verdict[columns[second.order[0]]] == pytest.approx(best)


@settings(max_examples=20)
@given(made=rounds())
def test_twice_the_seats_of_everybody_change_nothing_in_expectation(made):
    ratings, seats = made
    doubled = {value: 2 * count for value, count in seats.items()}
    means = np.array([np.mean(own, axis=0) for own in ratings.values()])
    expected = np.average(means, axis=0, weights=list(seats.values()))

    for chosen in (seats, doubled):
        worth = pool(ratings, draws=1_000, with_replacement=True).worth(chosen)
        # 6 standard errors of a mean of values that are at most 6 points apart.
        assert worth.mean(axis=0) == pytest.approx(expected, abs=6 * 3 / np.sqrt(1_000))


# -- what other seats would choose -----------------------------------------------------------------


CAMPS = {"x": [[6, 3, 1]] * 6, "y": [[1, 5, 6]] * 6, "z": [[5, 4, 3]] * 3}


def test_the_smallest_change_of_seats_that_changes_the_winner_is_found():
    # 5x+3y: 33 and 30 points of the first two; one seat on and the second has 32 to 28.
    heard = counterfactual(pool(CAMPS), {"x": 5, "y": 3})

    assert heard.smallest is not None
    assert heard.smallest.moves == (Move("x", "y", 1),)
    assert heard.smallest.seats == {"x": 4, "y": 4}
    assert heard.smallest.winner == 1
    assert heard.alone == {"x": 0, "y": 2, "z": 0}
    assert heard.everyone == 1
    assert heard.tried == sum(heard.winners.values()) < MOST_TRIED
    assert heard.lacking > 0
    assert heard.moves == 6


def test_where_everybody_agrees_no_change_of_seats_is_found():
    heard = counterfactual(pool({"x": [[6, 3]] * 4, "y": [[5, 1]] * 4}), {"x": 2, "y": 2})

    assert heard.smallest is None
    assert heard.winners == {0: heard.tried}


def test_compositions_that_lack_members_are_counted_and_passed_over():
    heard = counterfactual(pool({"x": [[6, 3]] * 2, "y": [[1, 7]] * 2}), {"x": 2, "y": 2})

    assert (heard.smallest, heard.tried, heard.lacking) == (None, 0, 4)


@settings(max_examples=30)
@given(made=rounds(fewest=2))
def test_a_change_that_is_told_does_change_the_winner(made):
    ratings, seats = made
    heard, drawn = counterfactual(pool(ratings), seats), pool(ratings)

    stated = drawn.verdicts(seats).order[0]
    if heard.smallest is not None:
        assert drawn.verdicts(heard.smallest.seats).order[0] == heard.smallest.winner != stated
        assert sum(heard.smallest.seats.values()) == sum(seats.values())
    assert (heard.smallest is None) == (set(heard.winners) <= {stated})


def test_the_search_ends_at_its_bound_and_says_how_many_moves_it_looked_through():
    many = {f"v{at}": [[4, 3]] * 6 for at in range(12)}

    heard = counterfactual(pool(many, draws=2), dict.fromkeys(many, 2))

    assert heard.tried + heard.lacking == MOST_TRIED
    assert heard.moves == 1


# -- a round before a jury -------------------------------------------------------------------------


def a_round(**changes):
    candidates = [
        Candidate(text=text, source="test", seed=0, rewards=rewards, welfare=4)
        for text, rewards in (("First.", (6, 6, 3, 2)), ("Second.", (3, 3, 5, 5)))
    ]
    made = Mediation(
        question="?",
        seed=1,
        statement="First.",
        winner=0,
        welfare_function=WelfareFunction(),
        participants=("ann", "bob", "cem", "dee"),
        candidates=tuple(candidates),
        models=ModelsUsed(generator="g", reward="r", prompt="p"),
        timings_s=Timings(draft=0, score=0, total=0),
        model_used=True,
    )
    return made.model_copy(update=changes)


OPINIONS = tuple(
    ParticipantOpinion(who, text)
    for who, text in (
        (
            "dee",
            "No. We need a day to prepare it. Whatever else is decided, that much has to be certain for us.",
        ),
        ("ann", "Yes, it is time that we did this."),
        ("bob", "Yes."),
        ("cem", "No!"),
    )
)
TEAMS = {"ann": "x", "bob": "x", "cem": "y", "dee": "y"}


def test_dissent_names_seats_below_the_midpoint_and_what_their_members_ask_for():
    heard = hear(Jury("team", {"x": 2, "y": 1}), a_round(), OPINIONS, TEAMS)

    assert heard.winner == 0
    assert heard.by_seat == {"x": (6, 3), "y": (2.5, 5)}
    (dissent,) = heard.dissent
    assert (dissent.value, dissent.seats, dissent.mean, dissent.below) == ("y", 1, 2.5, 1.5)
    assert (dissent.against, dissent.present) == (2, 2)
    assert dissent.asks == ("We need a day to prepare it.", "No!")


def test_who_lacks_the_attribute_takes_no_seat():
    heard = hear(Jury("team", {"x": 1}), a_round(), OPINIONS, {"ann": "x", "cem": "y"})

    assert heard.present == {"x": 1, "y": 1}
    assert heard.verdicts.verdict.tolist() == [6, 3]


def test_a_round_without_predictions_has_no_verdict():
    unpredicted = ModelsUsed(generator="g", reward="r", prompt="p", unpredicted="it does not read German")

    with pytest.raises(ScoringError, match="not predicted"):
        hear(Jury("team", {"x": 1}), a_round(models=unpredicted), OPINIONS, TEAMS)
