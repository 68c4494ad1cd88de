"""What a judge's answers say, from numbers that a reader can check by hand."""

import math

import pytest

from engine.reward.judge.answers import Likely, Place, Reply, expected_rating, rating, ratings


def tops(**chances):
    """Tokens with their probabilities; names begin with an underscore where Python needs it."""
    return tuple(Likely(name.lstrip("_").replace("space", " "), math.log(p)) for name, p in chances.items())


def told(*places):
    return Reply("", tuple(places))


def test_the_expected_rating_is_the_mean_of_the_digits_by_their_probabilities():
    assert expected_rating(tops(_5=0.6, _6=0.3, _4=0.1)) == pytest.approx(5 * 0.6 + 6 * 0.3 + 4 * 0.1)


def test_what_a_server_leaves_out_is_shared_among_the_digits_that_it_tells():
    assert expected_rating(tops(_7=0.5, _1=0.25, No=0.05)) == pytest.approx((7 * 0.5 + 1 * 0.25) / 0.75)


def test_a_digit_counts_with_and_without_a_space_before_it():
    assert expected_rating(tops(_5=0.2, space5=0.2, space2=0.1)) == pytest.approx((5 * 0.4 + 2 * 0.1) / 0.5)
    assert expected_rating((Likely("▁3", math.log(0.5)), Likely("Ġ4", math.log(0.5)))) == pytest.approx(3.5)


@pytest.mark.parametrize("token", ["8", "0", "57", "five", "", "²", "5."])
def test_other_tokens_are_no_ratings(token):
    assert math.isnan(expected_rating((Likely(token, math.log(0.9)),)))


def test_digits_that_are_unlikely_together_are_no_answer():
    assert math.isnan(expected_rating(tops(I=0.9, _5=0.03)))


def test_a_space_or_a_line_break_may_come_before_the_digit():
    reply = told(Place("\n", tops(space=0.97, _5=0.01)), Place("5", tops(_5=0.5, _7=0.5)))

    assert rating(reply) == pytest.approx(6)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        (" 6\n", 6),
        ("Rating: 3", 3),
        ("I would say 4.5 of 7.", 4.5),
        ("<think>They want 7 or 2.</think> 2", 2),
        ("7/7", 7),
        ("5.", 5),
    ],
)
def test_a_short_answer_in_words_is_read(text, value):
    assert rating(Reply(text, None)) == value


@pytest.mark.parametrize("text", ["", "I can't tell.", "10", "8", "0.5", "<think>perhaps 5"])
def test_an_answer_without_a_rating_is_none(text):
    assert math.isnan(rating(Reply(text, None)))


def test_the_lines_of_a_list_are_read_by_their_numbers():
    found = ratings(Reply("2: 6\n1: 3\n4: 7\n9: 1\n3: 8", None), 4)

    assert found[:2] == [3, 6]
    assert math.isnan(found[2])
    assert found[3] == 7


def test_each_line_of_a_list_is_an_expected_rating_where_probabilities_are_told():
    line = tops(space5=0.5, space6=0.5)
    reply = told(
        Place("1:", ()), Place(" 5", line), Place("\n", ()), Place("2:", ()), Place(" 2", tops(_2=1))
    )

    assert ratings(reply, 2) == pytest.approx([5.5, 2])
