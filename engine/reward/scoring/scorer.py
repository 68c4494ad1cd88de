"""Scoring: one complete, checked matrix of rewards from a reward model that may stumble.

Reads:  the reward model's answer for a batch of candidates.
Gives:  rewards that can be trusted in shape and range, to `engine.mediator`.
Refrains from guessing: a participant whose score cannot be had is asked for once more and then reported, as a
number of participants and never as a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Vectors
from engine.errors import ScoringError
from engine.ports import EncodesOpinions, ReadOpinions, ReadsOpinions, ReadsTogether, RewardModel
from engine.reward.scoring.stored import OnRead, unwatched, vectors_of
from engine.types import HIGHEST_RATING, LOWEST_RATING

SCORED_TOGETHER = 4
"""Most candidates in one call of the reward model: enough to share work, few enough to show progress."""
ROUNDING = 1e-6
"""How far (rating points) a model's arithmetic may step over the ends of the scale; it is then put back."""


class RoundScorer:
    """Scores the candidates of one round, a few at a time, for the same question and opinions.

    stored: what `engine.reward.scoring.stored` made of each opinion before, or None.
    """

    def __init__(
        self,
        model: RewardModel,
        question: str,
        opinions: Sequence[str],
        stored: Sequence[bytes | None] | None = None,
    ) -> None:
        self._model = model
        self._question = question
        self._opinions = opinions
        self._stored = [None] * len(opinions) if stored is None else stored
        self._read: ReadOpinions = _Unread(model, question, opinions)

    async def read_ahead(self, on_read: OnRead = unwatched) -> None:
        """Let the model read opinions that are not encoded, where it can; worth doing while drafting runs.

        `on_read` hears how many of how many are read; nothing from a model that reads them while it scores.

        Raises:
            ScoringError: they could not be read.
        """
        model, count = self._model, len(self._opinions)
        together = isinstance(model, ReadsTogether) and model.reads_together(count)
        if isinstance(model, EncodesOpinions) and not together:
            vectors = await vectors_of(model, self._question, self._opinions, self._stored, on_read)
            self._read = _Encoded(model, self._question, vectors)
        elif isinstance(model, ReadsOpinions):
            on_read(0, count)
            self._read = await model.read_opinions(self._question, self._opinions)
            on_read(count, count)

    async def score(self, candidates: Sequence[str]) -> Floats:
        """Predict every participant's rating of every candidate.

        Returns:
            shape (participants, candidates), expected ratings in [1, 7], none missing.

        Raises:
            ScoringError: wrong shape, infinite or out of the scale, or still missing after one more try.
        """
        rewards = await self._asked(range(len(self._opinions)), candidates)
        missing = np.isnan(rewards)
        if not missing.any():
            return rewards
        people = np.flatnonzero(missing.any(axis=1)).tolist()
        columns = np.flatnonzero(missing.any(axis=0)).tolist()
        try:
            second = await self._asked(people, [candidates[column] for column in columns])
        except ScoringError as error:
            raise self._unscored(len(people)) from error
        block = np.ix_(people, columns)
        rewards[block] = np.where(missing[block], second, rewards[block])
        if unscored := int(np.isnan(rewards).any(axis=1).sum()):
            raise self._unscored(unscored)
        return rewards

    def _unscored(self, people: int) -> ScoringError:
        of = len(self._opinions)
        return ScoringError(
            "The reward model gave no score for {people} of {of} participants, asked twice.",
            people=people,
            of=of,
        )

    async def _asked(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        """One answer of the model: right shape, each number on the scale or NaN."""
        rewards = np.array(await self._read.score(people, candidates), dtype=np.float64)
        shape = (len(people), len(candidates))
        if rewards.shape != shape:
            raise ScoringError(
                "The reward model answered with shape {found} instead of {shape}.",
                found=str(rewards.shape),
                shape=str(shape),
            )
        outside = (rewards < LOWEST_RATING - ROUNDING) | (rewards > HIGHEST_RATING + ROUNDING)
        if outside.any():
            raise ScoringError(
                "The reward model gave {outside} of {of} scores outside {lowest} to {highest}; it is not "
                "calibrated to ratings.",
                outside=int(outside.sum()),
                of=rewards.size,
                lowest=int(LOWEST_RATING),
                highest=int(HIGHEST_RATING),
            )
        return np.clip(rewards, LOWEST_RATING, HIGHEST_RATING)


@dataclass(frozen=True)
class _Unread:
    """Opinions that the model reads anew with each call."""

    model: RewardModel
    question: str
    opinions: Sequence[str]

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        opinions = [self.opinions[person] for person in people]
        return await self.model.score(self.question, opinions, candidates)


@dataclass(frozen=True)
class _Encoded:
    """Opinions as vectors."""

    model: EncodesOpinions
    question: str
    vectors: Vectors

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        return await self.model.score_encoded(self.vectors[list(people)], self.question, candidates)
