"""The encoder without padding: the vectors of the module whose weights it has."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, BertConfig, BertModel, ModernBertConfig

from engine.reward.towers.encoders import PaddedEncoder, encoder_of
from engine.reward.towers.flat_bert import AT_ONCE, FlatBert, can_read
from engine.reward.towers.networks import JointTowers

CPU = torch.device("cpu")
WORDS = 50


@pytest.fixture(scope="module")
def towers():
    """Three layers, with numbers large enough that each of them matters."""
    torch.manual_seed(0)
    shape = {
        "model_type": "bert", "vocab_size": WORDS, "hidden_size": 64, "num_hidden_layers": 3,
        "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 512,
    }  # fmt: skip
    made = JointTowers(shape, 8).eval()
    with torch.no_grad():
        for weights in made.encoder.parameters():
            weights.add_(torch.randn_like(weights), alpha=0.1)
    return made


def texts(*lengths, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(1, WORDS, length).tolist() for length in lengths]


def pairs(*lengths):
    return [tuple(texts(first, second, seed=first)) for first, second in lengths]


MANY = [[9] * 3, [4, 300, 4, 1], [512], [1], [40] * 30, list(range(1, 60))]
IDS = ["one length", "unlike lengths", "the longest", "one token", "a step and more", "any"]


@pytest.mark.parametrize("lengths", MANY, ids=IDS)
def test_texts_have_the_vectors_that_transformers_gives_them(towers, lengths):
    rows = texts(*lengths)

    np.testing.assert_allclose(
        FlatBert(towers.encoder).encode(rows), PaddedEncoder(towers, CPU).encode(rows), atol=1e-4
    )


def test_more_tokens_than_go_through_at_once_are_all_read(towers):
    rows = texts(*[20] * 60)

    assert sum(map(len, rows)) > 2 * AT_ONCE
    np.testing.assert_allclose(
        FlatBert(towers.encoder).encode(rows)[-1:], FlatBert(towers.encoder).encode(rows[-1:]), atol=1e-4
    )


def test_pairs_have_the_vectors_that_transformers_gives_them(towers):
    some = pairs((5, 7), (7, 5), (5, 7), (1, 200), (200, 1), (30, 30))

    flat, padded = FlatBert(towers.encoder).encode_pairs(some), PaddedEncoder(towers, CPU).encode_pairs(some)

    for ours, theirs in zip(flat, padded, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_other_encoders_are_left_to_transformers(towers):
    other = BertModel(BertConfig(
        vocab_size=WORDS, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        hidden_act="relu",
    ))  # fmt: skip
    modern = AutoModel.from_config(ModernBertConfig(
        vocab_size=WORDS, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        pad_token_id=0,
    ))  # fmt: skip

    assert can_read(towers.encoder)
    assert isinstance(encoder_of(towers, CPU), FlatBert)
    assert not can_read(other)
    assert not can_read(modern)
    assert not can_read(BertModel(other.config).to(torch.bfloat16))


def test_in_bf16_texts_and_pairs_have_nearly_the_same_vectors(towers):
    rows, two = texts(40, 9, 9), pairs((9, 4), (20, 30))
    exact, quick = FlatBert(towers.encoder, bf16=False), FlatBert(towers.encoder, bf16=True)

    one = [exact.encode(rows), *exact.encode_pairs(two)]
    other = [quick.encode(rows), *quick.encode_pairs(two)]
    for vectors, near in zip(one, other, strict=True):
        nearness = torch.cosine_similarity(vectors, near)
        assert near.dtype == torch.float32
        assert 0.99 < float(nearness.min()) < 1
