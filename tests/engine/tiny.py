"""Tiny random models of towers, built from a config: no download, no GPU."""

import json

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.families import PairTokens
from engine.reward.towers.checkpoint import Checkpoint, JointCheckpoint, JointConfig, TowerConfig
from engine.reward.towers.networks import JointTowers, Towers

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [
    "question",
    "opinion",
    "consensus",
    "we",
    "should",
    "not",
    "ban",
    "keep",
    "allow",
    "i",
    "think",
    "that",
    "agree",
    "disagree",
    "yes",
    "no",
    "in",
    "the",
    "is",
    "it",
    "cats",
    "dogs",
    "cars",
    "bikes",
    "schools",
    "taxes",
    "towns",
    "parks",
    "town",
    "have",
    "more",
    "for",
    "everyone",
    "of",
    "believe",
    "group",
    "against",
]


def tiny_tokenizer() -> Tokenizer:
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ":", ".", ",", "?", "!", "'"]
    words = dict.fromkeys([*marks, *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)])
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(marks[:4])
    return tokenizer


def tiny_encoder() -> dict[str, object]:
    return {
        "model_type": "bert", "vocab_size": tiny_tokenizer().get_vocab_size(), "hidden_size": 16,
        "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
        "max_position_embeddings": 64,
    }  # fmt: skip


def tiny_checkpoint(*, seed: int = 0, max_tokens: int = 64) -> Checkpoint:
    torch.manual_seed(seed)
    config = TowerConfig(name="tiny", encoder=tiny_encoder(), hidden=8, max_tokens=max_tokens)
    towers = Towers(config.encoder, config.hidden).eval()
    return Checkpoint(config, towers, tiny_tokenizer(), Calibration(slope=0.5, offset=0.1))


def tiny_joint(*, seed: int = 0, up_to: int = 4) -> JointCheckpoint:
    """A joint checkpoint that reads groups of up to `up_to` together; its two heads differ."""
    torch.manual_seed(seed)
    config = JointConfig(
        name="tiny joint", encoder=tiny_encoder(), hidden=8, max_tokens=64, together_up_to=up_to,
        together_tokens=PairTokens(question=12, opinion=24, statement=24),
    )  # fmt: skip
    towers = JointTowers(config.encoder, config.hidden).eval()
    with torch.no_grad():
        for weight in towers.together.parameters():
            weight.add_(torch.randn_like(weight) / 4)
    apart, together = Calibration(slope=0.5, offset=0.1), Calibration(slope=0.7, offset=-0.2)
    return JointCheckpoint(config, towers, tiny_tokenizer(), apart, together)


def save_tiny_base(folder) -> None:
    """A "pre-trained" encoder as a hub folder holds it: configuration, weights, tokenizer."""
    folder.mkdir()
    torch.manual_seed(0)
    encoder = Towers(tiny_encoder(), 8).encoder
    save_file(encoder.state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(tiny_encoder()))
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
