"""Points: sentences out of opinions, and members' own, on which everybody votes while opinions are open.

Gives:  a point as it is kept and shown, a vote, a member's marks, what those who run the question hide, and
        what the votes say. Pure: ids and times come in as arguments.
Nobody is to learn whose a point is. So none is shown before points of several people wait, and these come
together, under ids that tell nothing. So it is with counts: what is shown of a vote is how it stood when
several people had voted since it was last shown (`FEWEST_NEW`), or the next one would give themselves away.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.domain.clean_text import clean, is_blank
from bot.domain.deliberation import Author, Written
from bot.domain.errors import OpinionError, sentence
from engine.types import Frozen, PointTally, Vote

POINT_LIMIT = 280
"""Characters of a point that a member writes: one idea, to be read at a glance."""
OWN_POINTS = 5
"""So many points one member adds at most, besides those of their opinion."""
MOST_POINTS = 500
"""So many points a question shows at most: nobody votes on more, and every page reads all of them."""
SPAM_MARKS = 3
"""So many members who mark a point as spam hide it; the person who runs the question can show it for good."""
FEWEST_NEW = 3
"""Points of so many people are shown together, and so many people's votes are added to what is shown."""
FEWEST_VOTERS = 8
"""Fewer voters have no groups: any two of them would look like one."""
SMALLEST_GROUP = 3
"""A smaller group is never told of: it would be somebody."""

POINT_EMPTY = sentence("Your point is empty. Write one idea.")
POINT_TOO_LONG = sentence("Your point has {length} characters; the limit is {limit}. Shorten it.")
POINT_GONE = sentence("This point is no longer shown.")
TOO_MANY_POINTS = sentence("You have added {limit} points, and that is the limit.")


class Side(StrEnum):
    """What a member says to a point."""

    AGREE = "agree"
    DISAGREE = "disagree"
    PASS = "pass"  # noqa: S105 - no secret


VOTES = {Side.AGREE: Vote.AGREE, Side.DISAGREE: Vote.DISAGREE, Side.PASS: Vote.PASS}
"""As the engine counts them."""


class Counts(Frozen):
    """How many say what to a point."""

    agree: int = Field(default=0, ge=0)
    disagree: int = Field(default=0, ge=0)
    passed: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        """How many voted on it at all."""
        return self.agree + self.disagree + self.passed


class OpinionPoints(Frozen):
    """What an opinion was split into: ids to texts; it goes with the opinion.

    also: the ids of others' points that it says too, each with a 1; where one of these goes, it is split
        again.
    """

    points: Mapping[str, str]
    also: Mapping[str, int] = Field(default_factory=dict)


class OwnPoint(Written):
    """A point that a member added."""

    id: str


class Point(Frozen):
    """A point as it is shown to everybody; nothing in it says whose it is.

    hidden: by those who run the question, or by members who marked it (`by_members`).
    marks: how many members marked it as spam.
    counts: as they are now, to choose by and to draft from; shown: as people may see them, for good.
    """

    id: str
    text: str
    hidden: bool = False
    by_members: bool = False
    marks: int = 0
    counts: Counts = Counts()
    shown: Counts = Counts()

    @property
    def tally(self) -> PointTally:
        """Its counts as the engine reads them."""
        now = self.counts
        return PointTally(point=self.id, agree=now.agree, disagree=now.disagree, passed=now.passed)


class PointVote(Frozen):
    """What one participant says to one point."""

    participant: str
    point: str
    side: Side
    given_at: AwareDatetime


class VotesGiven(Frozen):
    """All that one participant says to points: to each one what, when, and into which count it went.

    given_at: the last time. since: what was given up to then was erased, and late copies of it stay out.
    """

    participant: str
    given_at: AwareDatetime
    since: AwareDatetime | None = None
    votes: Mapping[str, tuple[Side, AwareDatetime, int]] = Field(default_factory=dict)


class OwnPointsGiven(Frozen):
    """The points that one participant added, oldest first; `since` as for votes."""

    participant: str
    given_at: AwareDatetime
    since: AwareDatetime | None = None
    points: tuple[OwnPoint, ...] = ()


class MarksGiven(Frozen):
    """The points that one participant marked as spam; `since` as in `VotesGiven`."""

    participant: str
    given_at: AwareDatetime
    since: AwareDatetime | None = None
    marks: frozenset[str] = frozenset()


class PointChange(Frozen):
    """Who hid or showed a point, and when; without a person, members did by their marks.

    Who was forgotten since has no name and no id there: it was somebody who runs the question.
    """

    point: str
    hidden: bool
    at: AwareDatetime
    by: Author | None = None

    def without(self, user: str) -> "PointChange":
        """The same, where this user did it without who they are."""
        if self.by is None or self.by.user != user:
            return self
        return self.model_copy(update={"by": Author(user="", name="")})


class VotersGroup(Frozen):
    """Members who vote alike: how many they are, and the points by which they stand out, by their ids.

    Nobody in it is named: it is told to everybody. Nothing is told of how they voted: all counts less those
    of the groups would be the votes of whoever is in none.
    """

    size: int = Field(ge=SMALLEST_GROUP)
    typical: tuple[str, ...]


class VotesMap(Frozen):
    """What the votes said when it was made; it stays as it was when somebody is forgotten, and names nobody.

    voters: how many had voted.
    counts: of every point that was shown, by its id, as members saw them (`Point.shown`).
    groups: the largest first; empty where there are too few voters or no groups can be told apart.
    consensus: the points with which every group agrees; divides: those that set groups apart. By their ids,
        the clearest first.
    extremity: how far a point sets people apart, by its id, to choose what is shown next.
    """

    voters: int = Field(ge=0)
    extremity: Mapping[str, float] = Field(default_factory=dict)
    counts: Mapping[str, Counts] = Field(default_factory=dict)
    groups: tuple[VotersGroup, ...] = ()
    consensus: tuple[str, ...] = ()
    divides: tuple[str, ...] = ()


def checked_point(text: str) -> str:
    """A point as it may be kept, or the sentence that says why not."""
    text = " ".join(clean(text).split())
    if is_blank(text):
        raise OpinionError(POINT_EMPTY)
    if len(text) > POINT_LIMIT:
        raise OpinionError(POINT_TOO_LONG, length=len(text), limit=POINT_LIMIT)
    return text
