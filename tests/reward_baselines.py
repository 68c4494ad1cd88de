"""What only tests and benchmarks hold a reward model against: negations in common, popularity, opinions
swapped between people, and the encoder that training started from.
"""

import json
from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer
from torch import nn

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import Tally, tally, within_person
from engine.evaluation.accuracy.baselines import others_mean
from engine.evaluation.accuracy.suites import (
    UNTOUCHED,
    WRITTEN,
    Judgement,
    RatedRound,
    Scorer,
    Suites,
    tallies,
)
from engine.reward.lexical.polarity import NEGATORS
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import Checkpoint, TowerConfig
from engine.reward.towers.networks import Towers
from engine.reward.towers.two_tower import TwoTower
from engine.text import normalised
from engine.training.runs.base import base_folder, load_base


def is_negated(text: str) -> bool:
    """Whether a text of any length has a negation in it, whatever that negates."""
    return not NEGATORS.isdisjoint(normalised(text).split())


class BothNegated:
    """1 where opinion and candidate both have a negation or neither has, else 0: it reads nothing else."""

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Agreement of the rule, of shape (opinions, candidates), 0 or 1."""
        one, other = (np.array([is_negated(text) for text in texts]) for texts in (opinions, candidates))
        same: Floats = (one[:, None] == other[None, :]).astype(np.float64)
        return same


def popularity(rounds: Sequence[RatedRound]) -> list[Tally]:
    """Rank each person's statements by what the others in the round gave them: this one sees ratings."""
    found = []
    for each in rounds:
        found += [tally(*pair) for pair in zip(others_mean(each.ratings), each.ratings, strict=True)]
    return found


def judge_swapped(model: Scorer, suites: Suites) -> dict[str, Judgement]:
    """The written suites with opinions swapped between people."""
    return {
        f"{name}-swapped": within_person(tallies(model, [r.swapped() for r in rounds]))
        for name, rounds in suites.rounds.items()
        if name.startswith((*WRITTEN, UNTOUCHED))
    }


def plain_cosine(base: str) -> TwoTower:
    """The pre-trained encoder without training: its head is silenced, so that the cosine alone is left."""
    folder = base_folder(base)
    encoder = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = TowerConfig(name="cosine", encoder=encoder, hidden=1, max_tokens=256)
    towers = Towers(encoder, config.hidden)
    load_base(towers, folder)
    for weight in towers.head.outer.parameters():
        nn.init.zeros_(weight)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return TwoTower(Checkpoint(config, towers, tokenizer, Calibration()))
