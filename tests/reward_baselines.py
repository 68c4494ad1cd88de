"""What only tests and benchmarks hold a reward model against: negations in common, opinions swapped between
people, and the encoder that training started from.
"""

import json
from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer
from torch import nn

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import within_person
from engine.evaluation.accuracy.suites import UNTOUCHED, WRITTEN, Judgement, Scorer, Suites, tallies
from engine.reward.lexical.polarity import is_negated
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import Checkpoint, TowerConfig
from engine.reward.towers.networks import Towers
from engine.reward.towers.two_tower import TwoTower
from engine.training.runs.base import base_folder, load_base


class BothNegated:
    """1 where opinion and candidate both have a negation or neither has, else 0: it reads nothing else."""

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Agreement of the rule, of shape (opinions, candidates), 0 or 1."""
        one, other = (np.array([is_negated(text) for text in texts]) for texts in (opinions, candidates))
        same: Floats = (one[:, None] == other[None, :]).astype(np.float64)
        return same


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
