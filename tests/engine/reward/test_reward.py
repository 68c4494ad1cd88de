"""Reward models by path."""

import pytest

from engine.errors import ScoringError
from engine.reward import make_reward_model


def test_without_a_path_the_lexical_baseline_is_used():
    assert make_reward_model(None).name == "lexical/1"


def test_a_folder_without_a_checkpoint_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ScoringError, match="holds no reward model"):
        make_reward_model(str(tmp_path))
