"""The shipped default: it is there, small, attributed, and reads who is for and who against."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

import engine.reward
from engine.reward.two_tower import TwoTower

FOLDER = Path(engine.reward.__file__).parent / "default"
MOST_BYTES = 50 * 10**6


@pytest.fixture(scope="module")
def model():
    return TwoTower.load(FOLDER, device="cpu")


def test_the_weights_are_small_and_the_ones_the_manifest_speaks_of():
    weights = (FOLDER / "model.safetensors").read_bytes()

    assert len(weights) <= MOST_BYTES
    assert (
        json.loads((FOLDER / "manifest.json").read_text())["weights_sha256"]
        == hashlib.sha256(weights).hexdigest()
    )


def test_the_model_card_names_the_sources_of_the_data():
    card = (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")

    for owed in ("The Computational Democracy Project", "habermas_machine", "CC BY 4.0", "MiniLM", "Limits"):
        assert owed in card


@pytest.mark.parametrize(
    ("agrees", "disagrees"),
    [
        ("I think that trains should be free.", "I think that trains should not be free."),
        ("Yes.", "No."),
        ("Absolutely, I'm all for it.", "No way, I am against it."),
    ],
)
async def test_who_is_for_it_is_predicted_to_agree(model, agrees, disagrees):
    statements = ["We believe that trains should be free.", "We believe that trains should not be free."]

    rewards = await model.score("Should trains be free?", [agrees, disagrees], statements)

    assert rewards[0, 0] > rewards[0, 1]
    assert rewards[1, 1] > rewards[1, 0]
    assert ((rewards >= 1) & (rewards <= 7)).all()


async def test_a_long_opinion_is_scored_too(model):
    rewards = await model.score("Should trains be free?", ["I like trains. " * 200], ["Trains are good."])

    assert np.isfinite(rewards).all()
