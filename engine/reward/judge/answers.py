"""Reading a judge's answer: from tokens with their probabilities, or from its words, to ratings.

Reads:  a `Reply`: the text that a server wrote and, where it tells them, the likeliest tokens of each place.
Gives:  the expected rating in [1, 7]; NaN where the answer says none, which the caller counts as a failure.
Pure: no I/O, no randomness.

The expected value is taken over the digits that are among the likeliest tokens, made to sum to 1: some
servers tell five tokens at most, and what they leave out is less likely than the fifth. A digit counts with
and without a space before it.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.drafting.parsing.statements import spoken
from engine.types import HIGHEST_RATING, LOWEST_RATING

LEAST_MASS = 0.05
"""Probability that the digits need together: with less, the model was about to write something else."""
FIRST_TOKENS = 4
"""Tokens in which the answer must begin: a space or a line break may come before the digit."""
_RATING = re.compile(r"(?<![\d.,])([1-7](?:[.,]\d+)?)(?![\d]|[.,]\d)")
_LINE = re.compile(r"(?<!\d)(?P<number>\d{1,3})\s*[:.)=–-]+\s*(?P<rating>[1-7])(?!\d|[.,]\d)")
_MARKS_OF_A_SPACE = " \t\r\n▁Ġ"


class Likely(NamedTuple):
    """A token with the logarithm of its probability."""

    text: str
    logprob: float


class Place(NamedTuple):
    """One place of an answer: the token that stands there, and the likeliest ones for it."""

    text: str
    likeliest: tuple[Likely, ...]


class Reply(NamedTuple):
    """What a server wrote.

    places: None where it tells no probabilities.
    kept: tokens of the prompt that it had read before; None where it does not count them.
    """

    text: str
    places: tuple[Place, ...] | None
    kept: int | None = None


def rating(reply: Reply) -> float:
    """The rating that an answer about one statement gives."""
    if reply.places is None:
        return said(reply.text)
    expected = (expected_rating(place.likeliest) for place in reply.places[:FIRST_TOKENS])
    return next((value for value in expected if not math.isnan(value)), math.nan)


def ratings(reply: Reply, count: int) -> list[float]:
    """The ratings of statements 1 to `count`, NaN for those that the answer passes over.

    Where a number comes twice the last one counts: a model that thinks aloud corrects itself.
    """
    found = [math.nan] * count
    text = spoken(reply.text) if reply.places is None else "".join(p.text for p in reply.places)
    for line in _LINE.finditer(text):
        number = int(line["number"])
        if 1 <= number <= count:
            found[number - 1] = _value_at(reply.places, line.start("rating"), line["rating"])
    return found


def expected_rating(likeliest: Sequence[Likely]) -> float:
    """The mean of the digits 1..7 by their probabilities; NaN where these sum to less than `LEAST_MASS`."""
    masses = [(digit, math.exp(token.logprob)) for token in likeliest if (digit := _digit(token.text))]
    total = sum(mass for _, mass in masses)
    if not total >= LEAST_MASS:
        return math.nan
    return sum(digit * mass for digit, mass in masses) / total


def said(text: str) -> float:
    """The first rating that a short answer in words names."""
    found = _RATING.search(spoken(text))
    value = float(found.group(1).replace(",", ".")) if found else math.nan
    return value if LOWEST_RATING <= value <= HIGHEST_RATING else math.nan


def _value_at(places: Sequence[Place] | None, offset: int, digit: str) -> float:
    """The expected rating at the token that holds this character of the answer; the digit without tokens."""
    if places is None:
        return float(digit)
    end = 0
    for place in places:
        end += len(place.text)
        if offset < end:
            return expected_rating(place.likeliest)
    return math.nan


def _digit(token: str) -> int:
    """The rating that a token stands for; 0 for any other token."""
    bare = token.strip(_MARKS_OF_A_SPACE)
    if len(bare) != 1 or not bare.isdecimal():
        return 0
    value = int(bare)
    return value if LOWEST_RATING <= value <= HIGHEST_RATING else 0
