"""The encoder that the default reward model started from, without any training of ours.

Reads:  the pre-trained encoder's files.
Gives:  a scorer that `engine.evaluation.suites` can judge: what training has added is the distance to it.
"""

import json

from tokenizers import Tokenizer
from torch import nn

from engine.reward.calibration import Calibration
from engine.reward.checkpoint import Checkpoint, TowerConfig
from engine.reward.towers import Towers
from engine.reward.two_tower import TwoTower
from engine.training.base import base_folder, load_base


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
