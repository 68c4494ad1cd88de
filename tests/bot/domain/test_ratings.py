"""Scales, and counting ratings over the seven points."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.errors import RatingError
from bot.domain.ratings import Rating, Scale, tally

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rated(*values):
    return [
        Rating(participant=f"p{number}", value=value, given_at=NOON) for number, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("scale", "offered"), [(Scale.SEVEN, {1, 2, 3, 4, 5, 6, 7}), (Scale.THREE, {2, 4, 6})], ids=str
)
@given(value=st.integers(-10, 20))
def test_a_scale_takes_its_own_steps_only(scale, offered, value):
    if value in offered:
        assert scale.check(value) == value
    else:
        with pytest.raises(RatingError, match="is one of"):
            scale.check(value)


@pytest.mark.parametrize("scale", Scale)
def test_the_steps_of_a_scale_go_up_and_look_different(scale):
    values = [level.value for level in scale.levels]
    assert values == sorted(set(values))
    assert len({level.emoji for level in scale.levels}) == len({level.label for level in scale.levels})


@pytest.mark.parametrize("value", [0, 8, -1, 4.5])
def test_a_rating_off_the_seven_points_does_not_exist(value):
    with pytest.raises(ValidationError):
        Rating(participant="p1", value=value, given_at=NOON)


def test_a_tally_of_worked_numbers():
    counted = tally(rated(1, 3, 4, 5, 7, 7))
    assert counted.counts == (1, 0, 1, 1, 1, 0, 2)
    assert (counted.total, counted.agree, counted.disagree) == (6, 3, 2)
    assert counted.mean == pytest.approx(4.5)


def test_a_tally_of_nothing_has_no_mean():
    counted = tally([])
    assert (counted.counts, counted.total, counted.mean) == ((0,) * 7, 0, None)


@given(st.lists(st.integers(1, 7), min_size=1, max_size=50), st.randoms())
def test_a_tally_counts_everybody_once_in_any_order(values, shuffler):
    counted = tally(rated(*values))
    shuffler.shuffle(values)
    assert tally(rated(*values)) == counted
    assert counted.agree + counted.disagree + counted.counts[3] == counted.total == len(values)
    assert min(values) <= counted.mean <= max(values)


@pytest.mark.parametrize(
    ("scale", "shown", "value"),
    [
        (Scale.THREE, "+1", 6),
        (Scale.THREE, "thumbsup", 6),
        (Scale.THREE, ":+1::skin-tone-3:", 6),
        (Scale.THREE, "+1::skin-tone-3", 6),
        (Scale.THREE, "👍🏽", 6),
        (Scale.THREE, "-1", 2),
        (Scale.THREE, "🤷🏿‍♀️", 4),
        (Scale.SEVEN, "😡", 1),
        (Scale.SEVEN, "slightly_frowning_face", 2),
        (Scale.SEVEN, "slight_frown", 2),
        (Scale.SEVEN, "heart_eyes", 7),
        (Scale.SEVEN, "+1", None),
        (Scale.THREE, "😡", None),
        (Scale.THREE, "", None),
    ],
)
def test_an_emoji_counts_under_each_of_its_names_and_in_every_skin_tone(scale, shown, value):
    assert scale.value_of(shown) == value


@pytest.mark.parametrize("scale", Scale)
def test_every_step_is_found_by_what_is_put_on_the_message(scale):
    for level in scale.levels:
        assert {scale.value_of(shown) for shown in (level.emoji, level.name, *level.names)} == {level.value}


@pytest.mark.parametrize(("given", "shown"), [(2, False), (3, True)])
def test_of_too_few_ratings_only_their_number_is_told(given, shown):
    counted = tally(rated(*[6] * given), fewest=3)
    assert counted.total == given
    assert (counted.mean is not None, sum(counted.counts) > 0, counted.agree > 0) == (shown, shown, shown)
