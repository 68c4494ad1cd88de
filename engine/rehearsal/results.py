"""What comes out of a rehearsal. Each level that holds something made up says `simulated: true`.

Reads:  nothing; plain data.
Gives:  `Rehearsal`, with the documented JSON form by `model_dump(mode="json")`.
"""

from typing import Literal

from engine.sentence import sentence
from engine.types import Frozen, ModelsUsed

CANNOT_TELL = (
    sentence("What your members really think: a language model made all of this up."),
    sentence("How many people would agree: predicted ratings of invented opinions are no vote."),
    sentence("What nobody wrote down: what your team knows of each other, its history and its moods."),
    sentence("Whether rare views are missing: language models tend towards what is commonly said."),
)
"""What a rehearsal cannot tell; shown with every result."""


class Usual(Frozen):
    """Similarity between the opinions of a round of the corpus: its mean over rounds, and the values that a
    tenth of the rounds lie below and above."""

    rounds: int
    mean: float
    low: float
    high: float


class Cost(Frozen):
    """requests: to the language model; tokens: read and written, an estimate."""

    requests: int
    tokens: int


class Simulated(Frozen):
    """Something made up by a language model, or that follows from what was."""

    simulated: Literal[True] = True


class Member(Frozen):
    """Who took part. A real one, whose opinion came from a file, has no role, interest and tone."""

    id: str
    simulated: bool
    role: str = ""
    interest: str = ""
    tone: str = ""


class SaidBy(Simulated):
    """What a simulated member said, or how they understand the question."""

    member: str
    text: str


class Rating(Simulated):
    """How far a member is predicted to agree, 1..7."""

    member: str
    rating: float


class Rated(Simulated):
    """A drafted statement. ratings: in the order of the members; empty where none was predicted.

    spread: standard deviation of those, in rating points.
    """

    text: str
    ratings: tuple[Rating, ...]
    spread: float


class WithoutMember(Simulated):
    """The statement that would have been chosen among the same drafts without one member."""

    member: str
    statement: str


class Camp(Simulated):
    """Members who would agree with much the same drafts; agree: how many of them with the statement."""

    members: tuple[str, ...]
    agree: int


class Run(Simulated):
    """One of several runs with the same members.

    opinions: of simulated members; missing: those of whom no usable answer came.
    divides: the draft on which members' predicted ratings lie farthest apart; None where none was predicted.
    changes: by whose absence another statement would have been chosen.
    left_out: members who are predicted to stand below the midpoint.
    """

    seed: int
    opinions: tuple[SaidBy, ...]
    missing: tuple[str, ...]
    statement: Rated
    divides: Rated | None
    camps: tuple[Camp, ...]
    left_out: tuple[str, ...]
    changes: tuple[WithoutMember, ...]
    models: ModelsUsed


class Kind(Simulated):
    """Opinions of all runs that speak of much the same; words: what tells them; example: one of them."""

    words: tuple[str, ...]
    opinions: int
    example: str


class Understanding(Simulated):
    """How members understand the question. ways: members by what they would decide; empty where that cannot
    be told."""

    readings: tuple[SaidBy, ...]
    ways: tuple[tuple[str, ...], ...]


class Proposal(Simulated):
    """A clearer question."""

    text: str


class Diversity(Simulated):
    """similarity: mean over pairs of opinions of a run, over runs, in [0, 1]; usual: that of the corpus.

    alike: whether it is above what nine rounds of ten in the corpus have.
    """

    similarity: float
    usual: Usual
    alike: bool


class Rehearsal(Simulated):
    """All of it.

    statements_similarity: mean similarity between the runs' statements, in [0, 1]; None of one run.
    asked, unusable: answers of the language model other than the drafts, and those that could not be used.
    """

    question: str
    seed: int
    members: tuple[Member, ...]
    runs: tuple[Run, ...]
    statements_similarity: float | None
    kinds: tuple[Kind, ...]
    understanding: Understanding
    clearer: tuple[Proposal, ...]
    diversity: Diversity | None
    estimate: Cost
    asked: int
    unusable: int
    model: str
    rated_by: str
    cannot_tell: tuple[str, ...] = tuple(map(str, CANNOT_TELL))
