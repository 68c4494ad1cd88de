"""What the mediator needs from outside: something that drafts and something that predicts agreement."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol, runtime_checkable

from engine.arrays import Floats, Vectors
from engine.types import Brief, Draft, Written

Tell = Callable[[Written], None]


def no_news(written: Written) -> None:
    """For callers that do not watch."""


class TextGenerator(Protocol):
    """Drafts candidate consensus statements.

    name:       recorded with the results; also the `source` of each candidate.
    prompt:     name and version of the prompt template, or "none".
    model_used: False when no language model takes part, so that the post can say so.
    """

    name: str
    prompt: str
    model_used: bool

    def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield one draft for each brief, as each becomes ready, in any order.

        A brief that failed is left out: partial success is success. The caller closes the
        iterator to cancel what is still running.

        Raises:
            GenerationError: nothing at all could be drafted.
        """
        ...


@runtime_checkable
class TellsOfWriting(Protocol):
    """A generator that says how it gets on between one draft and the next."""

    def draft_telling(self, briefs: Sequence[Brief], tell: Tell) -> AsyncGenerator[Draft, None]:
        """As `TextGenerator.draft`; `tell` hears of this call's tokens and troubles, and returns at once."""
        ...


@runtime_checkable
class ReadsInParts(Protocol):
    """A generator that knows how many opinions it can read at once."""

    async def parts(self, brief: Brief) -> Sequence[Sequence[int]]:
        """The places of the brief's opinions, each kind in as many parts as fit a prompt of their own.

        One part where all opinions fit one prompt, or nobody knows how much fits.

        Raises:
            GenerationError: whoever knows it cannot be asked.
        """
        ...


@runtime_checkable
class Checkable(Protocol):
    """A generator that needs a server or a model, and can say whether it is there."""

    async def check(self) -> str:
        """What the server or model is, in a line. Raises GenerationError."""
        ...


class RewardModel(Protocol):
    """Predicts how far each participant would agree with each candidate.

    Input as in the paper: "Question: … Opinion: … Consensus: …".

    name:      recorded with the results.
    described: its family, where it runs and whether its ratings are calibrated, in a few words.
    """

    @property
    def name(self) -> str: ...

    @property
    def described(self) -> str: ...

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings.

        Args:
            opinions: one per participant, in the caller's order.
            candidates: one or more drafted statements.

        Returns:
            shape (participants, candidates), expected agreement in [1, 7]; NaN for a pair that
            could not be scored (the mediator asks again, then reports it).

        Raises:
            ScoringError: nothing could be scored.
        """
        ...


class KnowsLimits(Protocol):
    """Something that can say what the reward model has not learnt."""

    async def unknown(self, question: str, opinions: Sequence[str]) -> str | None:
        """Why this round cannot be predicted, as a clause such as "the reward model does not read German".

        None where it can be.
        """
        ...


@runtime_checkable
class Uncertain(Protocol):
    """A reward model that says how far it can be trusted to tell candidates apart.

    uncertainty: rating points of welfare; candidates that are no farther from each other count as equal.
    """

    uncertainty: float


@runtime_checkable
class WeighsCloseness(Protocol):
    """A reward model that reads candidates one by one, and knows what it misses by that.

    closeness_weight: how much a candidate's closeness to the others tells beyond the model's ratings, as
        `engine.closeness.in_company` takes it.
    """

    closeness_weight: float


@runtime_checkable
class EncodesOpinions(Protocol):
    """A reward model that reads opinions apart from candidates, so that each is read once."""

    async def encode_opinions(self, question: str, opinions: Sequence[str]) -> Vectors:
        """Encode opinions: shape (participants, size). Raises ScoringError."""
        ...

    async def score_encoded(self, vectors: Vectors, question: str, candidates: Sequence[str]) -> Floats:
        """Predict as `RewardModel.score` does, from vectors of `encode_opinions`. Raises ScoringError."""
        ...


@runtime_checkable
class StorableVectors(EncodesOpinions, Protocol):
    """A reward model whose opinions' vectors are worth keeping from one process to another."""

    def fingerprint(self) -> str:
        """Names all that a vector depends on beside the texts: another one, and stored vectors are void."""
        ...


@runtime_checkable
class ReadsTogether(Protocol):
    """A reward model that reads each opinion together with each candidate, in groups that are small enough.

    It scores a larger group from vectors, and never one group in both ways.
    """

    def reads_together(self, members: int) -> bool:
        """Whether a group of that size is read together: nothing of its opinions is then worth encoding."""
        ...


class ReadOpinions(Protocol):
    """The opinions of one round, read by a reward model; what is held of them goes when this does."""

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        """Predict as `RewardModel.score` does, for the people at these places in the opinions.

        Raises:
            ScoringError: nothing could be scored.
        """
        ...


@runtime_checkable
class ReadsOpinions(Protocol):
    """A reward model that does part of its work when the opinions are there and the candidates are not."""

    async def read_opinions(self, question: str, opinions: Sequence[str]) -> ReadOpinions:
        """Read the opinions, for as many calls as the round has. Raises ScoringError."""
        ...


@runtime_checkable
class PicksByRound(Protocol):
    """Several reward models, of which one scores a whole round.

    models: all of them.
    """

    @property
    def models(self) -> Sequence[RewardModel]: ...

    def for_round(self, members: int) -> Sequence[RewardModel]:
        """Those for a round of so many members, in order: where one fails, the next scores the round anew."""
        ...


@runtime_checkable
class Costly(Protocol):
    """A reward model that is asked over a network: a round asks it for nothing that it can do without."""

    async def cost(self, members: int, candidates: int) -> object:
        """What a round would cost, in words. Raises ScoringError."""
        ...
