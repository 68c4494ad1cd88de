"""Ratings: one person's agreement with a statement, the scales and ways they are given in, and counts.

Platforms show the same emoji under different names and in several skin tones; `Scale.value_of` knows them
all, so that an adapter hands over what its platform sent and gets a value or nothing.
The agreement scale is the human study's: 1 strongly disagree … 7 strongly agree
(Bakker et al. 2022, arXiv:2211.15006). A three-point scale is mapped onto it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from bot.domain.errors import RatingError, sentence
from engine.types import HIGHEST_RATING, LOWEST_RATING, MIDPOINT, Arm, Frozen


class RatingBy(StrEnum):
    """How members rate the statement. Reactions and polls are public on every platform."""

    REACTIONS = "reactions"
    BUTTONS = "buttons"
    POLL = "poll"


class ResultsShown(StrEnum):
    """When a member sees the ratings of the others."""

    ALWAYS = "always"
    AFTER_RATING = "after-rating"
    AFTER_CLOSE = "after-close"


class Level(NamedTuple):
    """One step of a scale: its value on the seven-point scale, its words, its emoji and the emoji's names.

    label: in English; it is shown by `_(level.label)`.
    names: what platforms call the emoji, Slack's own name first.
    """

    value: int
    label: str
    emoji: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name under which Slack's API takes the emoji."""
        return self.names[0]


AGREEMENT_LEVELS = (
    Level(1, sentence("Strongly disagree"), "😡", ("rage", "pout", "pouting_face")),
    Level(2, sentence("Disagree"), "🙁", ("slightly_frowning_face", "slight_frown")),
    Level(3, sentence("Somewhat disagree"), "😕", ("confused", "confused_face")),
    Level(4, sentence("Neutral"), "😐", ("neutral_face",)),
    Level(5, sentence("Somewhat agree"), "🙂", ("slightly_smiling_face", "slight_smile")),
    Level(6, sentence("Agree"), "😊", ("blush", "smiling_face_with_smiling_eyes")),
    Level(7, sentence("Strongly agree"), "😍", ("heart_eyes", "smiling_face_with_heart_eyes")),
)
THREE_LEVELS = (
    Level(2, sentence("Disagree"), "👎", ("-1", "thumbsdown", "thumbdown")),
    Level(4, sentence("Neutral"), "🤷", ("shrug", "person_shrugging", "man-shrugging", "woman-shrugging")),
    Level(6, sentence("Agree"), "👍", ("+1", "thumbsup", "thumbup")),
)


class OwnEmoji(Frozen):
    """A team's own emoji for one step of a scale.

    shown: as messages show it: the emoji itself, or how the platform writes one that a team has drawn.
    names: what platforms call it, Slack's own name first, all aliases with it.
    """

    shown: str = Field(min_length=1, max_length=120)
    names: tuple[str, ...] = ()


# What can follow an emoji without making it another one for us: a skin tone, "show me in colour", a sex.
VARIANTS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]|\u200d[\u2640\u2642]")
NAMED_TONE = re.compile(r"(::skin-tone-\d|_tone\d)$")


def plain_emoji(shown: str) -> str:
    """An emoji or its name as a platform sent it, without colons, skin tone and other variants."""
    return NAMED_TONE.sub("", VARIANTS.sub("", shown).strip(":"))


class Scale(StrEnum):
    """Which steps members are offered."""

    SEVEN = "seven"
    THREE = "three"

    @property
    def levels(self) -> tuple[Level, ...]:
        """The steps, lowest first."""
        return AGREEMENT_LEVELS if self is Scale.SEVEN else THREE_LEVELS

    def value_of(self, shown: str) -> int | None:
        """The value of an emoji, or of its name on any platform, in any skin tone; None for all others."""
        return value_among(self.levels, shown)

    def levels_with(self, own: Sequence[OwnEmoji]) -> tuple[Level, ...]:
        """The steps with a team's own emoji, one for each; with the usual ones where there are none."""
        if not own:
            return self.levels
        pairs = zip(self.levels, own, strict=True)
        return tuple(level._replace(emoji=each.shown, names=each.names) for level, each in pairs)

    def check(self, value: int) -> int:
        """Give the value back, or say which values the scale has."""
        offered = [level.value for level in self.levels]
        if value not in offered:
            raise RatingError(
                "A rating here is one of {values}. Choose one of those.",
                values=", ".join(map(str, offered)),
            )
        return value


def step_of(chosen: str) -> int | None:
    """The step that a form says; None where none was chosen, 0 for what is on no scale."""
    if not chosen:
        return None
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) == 1 else 0


def value_among(levels: Sequence[Level], shown: str) -> int | None:
    """The value of an emoji, or of its name on any platform, in any skin tone; None for all others."""
    plain = plain_emoji(shown)
    return next((level.value for level in levels if plain in (plain_emoji(level.emoji), *level.names)), None)


QUALITY_LEVELS = (
    Level(1, sentence("Terrible"), "", ()),
    Level(2, sentence("Bad"), "", ()),
    Level(3, sentence("Somewhat bad"), "", ()),
    Level(4, sentence("Neither good nor bad"), "", ()),
    Level(5, sentence("Somewhat good"), "", ()),
    Level(6, sentence("Good"), "", ()),
    Level(7, sentence("Excellent"), "", ()),
)
"""The steps of the quality scale, lowest first; it has no emoji, since reactions give agreement."""

FEWEST_RATINGS = 3
"""Of fewer private ratings nothing is shown but their number: with two, each rater could tell the other's."""
MOST_FEWEST_RATINGS = 1_000
"""The highest number that a team can set in its place."""

CHOSEN = Arm.CHOSEN.value
"""The id of the published statement; a study has others beside it."""


class Rating(Frozen):
    """One participant's rating of one statement; `given_at` orders late deliveries.

    value: agreement. quality: how well the statement is put, where that is asked.
    The same form keeps agreement with a position statement before the deliberation, the baseline.
    collected: this baseline was read from a platform's own poll. Such a vote is an act of its own: whoever
        withdraws an opinion leaves it, as it still stands in the poll.
    """

    participant: str
    value: int = Field(ge=LOWEST_RATING, le=HIGHEST_RATING)
    given_at: AwareDatetime
    statement_id: str = CHOSEN
    quality: int | None = Field(default=None, ge=LOWEST_RATING, le=HIGHEST_RATING)
    collected: bool = False


def checked_quality(quality: int | None) -> int | None:
    """Give it back, or say which values the quality scale has."""
    if quality is None or LOWEST_RATING <= quality <= HIGHEST_RATING:
        return quality
    raise RatingError(
        "Quality is a number from {lowest} to {highest}. Choose one of those.",
        lowest=LOWEST_RATING,
        highest=HIGHEST_RATING,
    )


VALUES = range(LOWEST_RATING, HIGHEST_RATING + 1)


class Tally(Frozen):
    """Ratings counted. `counts` has one entry for each of 1..7.

    mean: None without ratings, and of too few to be shown; of these there is the `total` alone.
    """

    counts: tuple[int, ...]
    total: int
    mean: float | None
    agree: int
    disagree: int


class Turnout(Frozen):
    """How far a vote has got, without who.

    rated: of those who have `answered` the question. others: who have rated and not answered.
    """

    rated: int
    answered: int
    others: int = 0

    @property
    def raters(self) -> int:
        """Everybody who has rated."""
        return self.rated + self.others


def counts_of(values: Iterable[int]) -> tuple[int, ...]:
    """How many there are of each of 1..7."""
    found = Counter(values)
    return tuple(found[value] for value in VALUES)


def tally(ratings: Iterable[Rating], *, fewest: int = 0) -> Tally:
    """Count ratings (`tally_of`)."""
    return tally_of(counts_of(rating.value for rating in ratings), fewest=fewest)


def tally_of(counted: Sequence[int], *, fewest: int = 0) -> Tally:
    """What counted ratings come to; above the midpoint agrees, below disagrees.

    counted: how many there are of each of 1..7.
    fewest: of fewer only the number is told (`Terms.fewest_shown`).
    """
    total = sum(counted)
    counts = tuple(counted) if total >= fewest else (0,) * len(VALUES)
    shown = sum(counts)
    points = sum(value * count for value, count in zip(VALUES, counts, strict=True))
    return Tally(
        counts=counts,
        total=total,
        mean=points / shown if shown else None,
        agree=sum(counts[MIDPOINT:]),
        disagree=sum(counts[: MIDPOINT - 1]),
    )
