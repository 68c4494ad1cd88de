"""Reward models by path."""

import pytest

from engine.reward import make_reward_model


def test_without_a_path_the_lexical_baseline_is_used():
    assert make_reward_model(None).name == "lexical/1"


def test_a_trained_checkpoint_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="not supported by this version"):
        make_reward_model("checkpoints/two-tower")
