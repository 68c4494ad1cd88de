"""Two rounds beside each other: counts, and none of too few."""

from datetime import UTC, datetime

import pytest

from bot.domain.rounds import (
    Comparison,
    Movement,
    Preference,
    Preferences,
    movement,
    name_of_round,
    preferences,
    round_named,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "fewest", "found"),
    [
        ({"a": 2, "b": 5, "c": 4}, {"a": 6, "b": 4, "c": 4}, 3, Movement(more=1, less=1, same=1)),
        ({"a": 2, "b": 5, "c": 4}, {"a": 6, "b": 4, "d": 4}, 3, None),
        ({"a": 2}, {"a": 6}, 0, Movement(more=1, less=0, same=0)),
        ({"a": 2}, {"b": 6}, 0, None),
    ],
)
def test_ratings_moved_of_those_who_rated_both_if_they_are_enough(before, after, fewest, found):
    assert movement(before, after, fewest=fewest) == found


def test_choices_are_counted_if_they_are_enough():
    chosen = [Preference.REVISED, Preference.REVISED, Preference.NEITHER]
    given = [
        Comparison(participant=str(number), choice=each, given_at=NOON, round=2)
        for number, each in enumerate(chosen)
    ]
    assert preferences(given, fewest=3) == Preferences(first=0, revised=2, neither=1)
    assert preferences(given, fewest=4) is None
    assert preferences([], fewest=0) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [("", 1), ("1", 1), ("12", 12), ("9" * 5_000, 0), ("-1", 0), ("1.0", 0), ("\u0662", 0), ("\u00b2", 0)],
)
def test_what_names_no_round_is_none_and_what_names_nothing_is_the_first(name: str, found: int) -> None:
    assert round_named(name) == found


def test_a_round_is_read_as_it_was_named() -> None:
    assert [round_named(name_of_round(each)) for each in (1, 2, 10)] == [1, 2, 10]
    assert name_of_round(1) == ""
    assert round_named("", unsaid=0) == 0
