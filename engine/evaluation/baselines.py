"""What a reward model has to beat: popularity, words in common, and plain embeddings.

Reads:  rounds with ratings, or the same texts as the model.
Gives:  scorers that `engine.evaluation.suites` can judge, and popularity, which sees others' ratings.
Refrains from learning: the frozen encoder is used as it was pre-trained.
"""

import json
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from tokenizers import Tokenizer
from torch import nn

from engine.arrays import Floats
from engine.evaluation.agreement import Tally, tally
from engine.evaluation.suites import RatedRound
from engine.reward.calibration import Calibration
from engine.reward.checkpoint import Checkpoint, TowerConfig
from engine.reward.towers import Towers
from engine.reward.two_tower import TwoTower
from engine.training.base import base_folder, load_base


class TfIdf:
    """Cosine of TF-IDF vectors, with frequencies from the texts at hand."""

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Similarities of shape (opinions, candidates), in [0, 1]."""
        vectors = TfidfVectorizer().fit([question, *opinions, *candidates])
        scores: Floats = (vectors.transform(opinions) @ vectors.transform(candidates).T).toarray()
        return scores


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


def popularity(rounds: Sequence[RatedRound]) -> list[Tally]:
    """Rank each person's statements by what the others in the round gave them: this one sees ratings."""
    found = []
    for each in rounds:
        for person, rated in enumerate(each.ratings):
            others = np.delete(each.ratings, person, axis=0)
            found.append(tally(others.mean(axis=0), rated))
    return found
