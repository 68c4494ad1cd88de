"""The joint reward model: reads opinion and statement together in small groups, and apart in large ones.

Reads:  a joint checkpoint (`engine.reward.towers.checkpoint`), then questions, opinions and candidates.
Gives:  expected ratings in [1, 7]. A group of up to `together_up_to` members is read pair by pair: slower,
        and better at negations, conditions and quantities; a larger one as `TwoTower` does, from vectors.
        Where the checkpoint says so (`apart_share`), a small group's scores are a mean of both ways.
Refrains from scoring some of a group in one way and some in another: the ways are calibrated by themselves.

fp32 on the CPU; on a GPU bf16 in the encoder and fp32 in the head. Work runs in a thread, a piece at a time:
a piece is a batch of pairs of like length, its size bounded by tokens, so that memory is bounded.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.reward.device_queue import matrix
from engine.reward.texts import PairReader, Pairs, once
from engine.reward.towers.checkpoint import JointCheckpoint, load_checkpoint
from engine.reward.towers.two_tower import BATCH, TwoTower

TOKENS_ON_CPU, TOKENS_ELSEWHERE = 2048, 65_536
"""In one piece of work, padding included."""

Block = tuple[list[int], Floats]
"""Places of pairs in the matrix, row by row, and their raw scores."""
NOTHING_YET: Block = ([], np.empty(0))
"""A piece of work that gives no score by itself."""


class JointReward(TwoTower):
    """Predicts agreement in the way that the group's size allows (a `RewardModel`)."""

    def __init__(
        self,
        checkpoint: JointCheckpoint,
        *,
        device: str | None = None,
        batch: int = BATCH,
        tokens: int | None = None,
    ) -> None:
        """Put the towers on a device; `tokens`: of pairs in one piece of work."""
        super().__init__(checkpoint, device=device, batch=batch)
        self._pair_head = checkpoint.towers.together
        self._up_to = checkpoint.config.together_up_to
        self._apart_share = checkpoint.config.apart_share
        self._pair_reader = PairReader(checkpoint.tokenizer, checkpoint.config.together_tokens)
        self._of_pairs = checkpoint.together
        self._tokens = tokens or (TOKENS_ON_CPU if self._slot.on_cpu else TOKENS_ELSEWHERE)
        self.described = (
            f"reads opinion and statement together (in groups of up to {self._up_to}) on {self._device}, "
            "calibrated"
        )

    @classmethod
    def load(cls, folder: Path, *, device: str | None = None) -> "JointReward":
        """Read the checkpoint in `folder`.

        Raises:
            ScoringError: the folder holds no usable joint checkpoint.
        """
        checkpoint = load_checkpoint(folder)
        if not isinstance(checkpoint, JointCheckpoint):
            raise ScoringError(f"{folder} is no joint checkpoint: its family is {checkpoint.config.family}.")
        return cls(checkpoint, device=device)

    def reads_together(self, members: int) -> bool:
        """Whether a group of that size is read together."""
        return members <= self._up_to

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings: shape (participants, candidates), in [1, 7].

        Raises:
            ScoringError: nothing to score, or the model's answer is not finite.
        """
        if not self.reads_together(len(opinions)):
            return await super().score(question, opinions, candidates)
        return await (await self.read_opinions(question, opinions)).score(range(len(opinions)), candidates)

    async def read_opinions(self, question: str, opinions: Sequence[str]) -> "JointOpinions":
        """Read a small group's opinions by themselves, for all the statements of a round.

        Raises:
            ScoringError: no opinions, or the encoder's answer is not finite.
        """
        alone = await self._vectors(question, opinions) if self._apart_share else None
        return JointOpinions(self, question, opinions, alone)

    async def score_read(self, read: "JointOpinions", candidates: Sequence[str]) -> Floats:
        """Expected ratings by everybody whose opinion was read: shape (opinions, candidates)."""
        blocks = await self._slot.every(self._scored(read.question, read.opinions, candidates, read.alone))
        return self._of_pairs.ratings(matrix(blocks, len(read.opinions), len(candidates)))

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Uncalibrated scores in the way of `score`, at once and in this thread.

        Returns:
            shape (opinions, candidates), no unit, higher is more agreement.
        """
        if not self.reads_together(len(opinions)):
            return super().raw_scores(question, opinions, candidates)
        alone = self._encode(question, "Opinion", opinions) if self._apart_share else None
        blocks = self._scored(question, opinions, candidates, alone)
        return matrix(blocks, len(opinions), len(candidates))

    def _scored(
        self, question: str, opinions: Sequence[str], candidates: Sequence[str], alone: Tensor | None
    ) -> Generator[Block, None, None]:
        """The scores of all pairs, a block for each piece of work.

        alone: the opinions' vectors, (opinions, size), for the share that reading apart has in the scores.
        """
        if not opinions or not candidates:
            raise ScoringError("there is nothing to score: no opinion or no candidate")
        share, apart = self._apart_share, np.zeros(len(opinions) * len(candidates))
        if alone is not None:
            said = []
            for piece in self._pieces(question, "Consensus", candidates):
                said.append(piece)
                yield NOTHING_YET
            apart = self._raw(alone, self._together(said, len(candidates))).ravel()
        pairs = self._pair_reader.read(question, opinions, candidates)
        for some in pairs.batches(self._tokens):
            yield some, (1 - share) * self._raw_pairs(pairs, some) + share * apart[some]

    @torch.inference_mode()
    def _raw_pairs(self, pairs: Pairs, some: Sequence[int]) -> Floats:
        scores = self._pair_head.of_pairs(*self._encoder.encode_pairs(pairs.at(some)))
        if not bool(torch.isfinite(scores).all()):
            raise ScoringError(f"{self.name}: scores that are not finite")
        raw: Floats = scores.double().cpu().numpy()
        return raw


@dataclass(frozen=True)
class JointOpinions:
    """A small group's opinions, read for one round (`ReadOpinions`).

    alone: their vectors, shape (opinions, size); None where reading apart has no share in the scores.
    """

    model: JointReward
    question: str
    opinions: Sequence[str]
    alone: Tensor | None

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        """Expected ratings: shape (people, candidates), in [1, 7]; the same words are scored once.

        Raises:
            ScoringError: nothing to score, or the model's answer is not finite.
        """
        distinct, places = once([self.opinions[person] for person in people])
        firsts = [people[places.index(at)] for at in range(len(distinct))]
        alone = None if self.alone is None else self.alone[firsts]
        read = JointOpinions(self.model, self.question, distinct, alone)
        return (await self.model.score_read(read, candidates))[places]
