"""Opinions' vectors as bytes: what opens them and what does not."""

import hashlib
import json

import numpy as np
import pytest

from engine.errors import ScoringError
from engine.reward.lexical.model import LexicalRewardModel
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.scoring.stored import encoder_of, vectors_of
from engine.reward.texts import READING, Reader
from engine.reward.towers import checkpoint
from engine.reward.towers.two_tower import TwoTower
from tests.engine.tiny import tiny_checkpoint

QUESTION = "Should we ban cats in towns?"
OPINIONS = ["Yes.", "No, cats should be allowed.", "I think that it is for everyone"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks."]


class Counting(TwoTower):
    """A two-tower model that notes what it encodes."""

    def __init__(self, checkpoint):
        super().__init__(checkpoint, device="cpu")
        self.read = []

    async def encode_opinions(self, question, opinions):
        self.read.extend(opinions)
        return await super().encode_opinions(question, opinions)


@pytest.fixture
def model():
    return Counting(tiny_checkpoint())


async def stored_by(model):
    values = await encoder_of(model).encode(QUESTION, OPINIONS)
    model.read.clear()
    return values


async def rewards(model, stored=None):
    scorer = RoundScorer(model, QUESTION, OPINIONS, stored)
    await scorer.read_ahead()
    return await scorer.score(CANDIDATES)


async def test_scores_from_stored_vectors_equal_those_without_and_encode_nothing(model):
    stored = await stored_by(model)

    scored = await rewards(model, stored)

    assert model.read == []
    np.testing.assert_array_equal(scored, await rewards(model))


async def test_a_value_takes_the_vector_in_fp32_and_sixteen_bytes(model):
    assert [len(value) for value in await stored_by(model)] == [4 * model.size + 16] * 3


async def test_only_opinions_without_a_value_are_encoded(model):
    stored = await stored_by(model)

    scored = await rewards(model, [stored[0], None, stored[2]])

    assert model.read == [OPINIONS[1]]
    np.testing.assert_allclose(scored, await rewards(model), atol=1e-5)


async def test_values_of_a_changed_checkpoint_are_never_read(model):
    changed = Counting(tiny_checkpoint(seed=1))
    assert changed.name == model.name
    stored = await stored_by(model)

    scored = await rewards(changed, stored)

    assert changed.read == OPINIONS
    np.testing.assert_array_equal(scored, await rewards(changed))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda values: [values[1], values[0], values[2]],
        lambda values: [value[:-4] for value in values],
        lambda values: [value[:-1] + bytes([value[-1] ^ 1]) for value in values],
        lambda values: [b"", b"\0" * 16, b"\xff" * 200],
    ],
    ids=["of-another-opinion", "cut-off", "one-bit-flipped", "anything"],
)
async def test_a_value_that_is_not_of_this_opinion_is_not_read(model, spoil):
    stored = spoil(await stored_by(model))

    np.testing.assert_allclose(await rewards(model, stored), await rewards(model), atol=1e-5)


async def test_a_value_is_of_one_question_only(model):
    stored = await stored_by(model)

    await vectors_of(model, "Should we ban dogs?", OPINIONS, stored)

    assert model.read == OPINIONS


async def test_the_same_weights_read_in_another_process_open_the_same_values(model):
    other = Counting(tiny_checkpoint())
    assert other.fingerprint() == model.fingerprint()

    await rewards(other, await stored_by(model))

    assert other.read == []


@pytest.mark.parametrize(
    "other", [tiny_checkpoint(seed=1), tiny_checkpoint(max_tokens=32)], ids=["weights", "tokens"]
)
def test_whatever_a_vector_depends_on_changes_the_fingerprint(model, other):
    assert TwoTower(other, device="cpu").fingerprint() != model.fingerprint()


def test_texts_read_in_another_way_change_the_fingerprint(model, monkeypatch):
    before = TwoTower(tiny_checkpoint(), device="cpu").fingerprint()
    monkeypatch.setattr(checkpoint, "READING", checkpoint.READING + 1)
    assert TwoTower(tiny_checkpoint(), device="cpu").fingerprint() != before


def test_a_change_of_how_texts_are_read_is_a_new_reading():
    """Where these ids change, `READING` has to go up, so that no vector from before is read."""
    texts = ["Yes: no\nOpinion: yes", "we should ban cats " * 40]
    reader = Reader(tiny_checkpoint().tokenizer, 32)
    ids = reader.read("Should we\nban cats?", "Opinion", texts)
    assert (READING, hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:16]) == (1, "2becf74f24527c80")


def test_a_model_that_reads_opinion_and_candidate_together_has_nothing_to_keep():
    assert encoder_of(LexicalRewardModel()) is None


async def test_a_model_that_gives_too_few_vectors_is_refused(model):
    class Short(Counting):
        async def encode_opinions(self, question, opinions):
            return (await super().encode_opinions(question, opinions))[:-1]

    with pytest.raises(ScoringError, match="not one per opinion"):
        await rewards(Short(tiny_checkpoint()))
