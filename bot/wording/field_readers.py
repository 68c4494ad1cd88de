"""What a field of a form can hold, read from text: a value, or a sentence for that field.

Reads:  what somebody typed or chose.
Gives:  the value, or `QuestionError`. Which field it was, and what an empty one means, the form knows.
"""

import math
from collections.abc import Callable, Collection
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from bot.domain.errors import QuestionError
from bot.domain.ratings import RatingBy
from bot.wording.choices import AS_IT_IS, WHATEVER_FITS, hours_shown
from bot.wording.language import N_
from engine.types import WelfareFunction, WelfareName

E = TypeVar("E", bound=StrEnum)

HIGHEST_ALPHA = 100
NOT_OFFERED = N_("Choose one of these.")


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest):
            raise QuestionError("Enter a number from {lowest} to {highest}.", lowest=lowest, highest=highest)
        return int(text)

    return parse


def one_of(values: Collection[str]) -> Callable[[str], str]:
    """One of the offered values."""

    def parse(text: str) -> str:
        if text not in values:
            raise QuestionError(NOT_OFFERED)
        return text

    return parse


def member(kind: type[E]) -> Callable[[str], E]:
    """One of the offered words."""

    def parse(text: str) -> E:
        try:
            return kind(text)
        except ValueError:
            raise QuestionError(NOT_OFFERED) from None

    return parse


def alpha(text: str) -> float:
    """Inequality aversion, 0 or more, no unit."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= HIGHEST_ALPHA:
        raise QuestionError("Enter a number from {lowest} to {highest}.", lowest=0, highest=HIGHEST_ALPHA)
    return value


def welfare(name: WelfareName, aversion: float) -> WelfareFunction:
    """The function of that name; the aversion counts for the one that takes it."""
    if name is not WelfareName.ISOELASTIC:
        return WelfareFunction(name=name)
    return WelfareFunction(name=name, alpha=aversion)


def rating_by(text: str, present: RatingBy | None) -> RatingBy | None:
    """None for whatever fits: `Terms` then goes by whether opinions are named."""
    return None if text == WHATEVER_FITS else member(RatingBy)(text)


def period(text: str, present: timedelta) -> timedelta:
    """One of the offered periods, or the present one whatever it is."""
    return present if text == AS_IT_IS else timedelta(hours=whole(1, 24 * 60)(text))


def hours(
    shortest: timedelta, longest: timedelta, otherwise: str
) -> Callable[[str, timedelta | None], timedelta]:
    """Hours, also parts of them; what stood there stays to the second. otherwise: said of anything else."""

    def parse(text: str, present: timedelta | None) -> timedelta:
        if present is not None and text == hours_shown(present):
            return present
        try:
            given = timedelta(hours=float(text.replace(",", ".")))
        except (ValueError, OverflowError):
            given = timedelta(-1)
        if not shortest <= given <= longest:
            raise QuestionError(otherwise)
        return given

    return parse
