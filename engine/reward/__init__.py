"""Reward: the models behind the `RewardModel` port.

Reads:  the folder of a checkpoint, or None for the model that needs no file.
Gives:  the reward model. Only the one that is asked for is imported, so the baseline loads no torch.
"""

from pathlib import Path

from engine.ports import RewardModel


def make_reward_model(path: str | None) -> RewardModel:
    """Build the reward model: the lexical baseline when `path` is None, else the two-tower one in `path`.

    Raises:
        ValueError: the packages that a checkpoint needs are not installed.
        ScoringError: the folder holds no usable checkpoint.
    """
    if path is None:
        from engine.reward.lexical import LexicalRewardModel

        return LexicalRewardModel()
    try:
        from engine.reward.two_tower import TwoTower
    except ImportError as exc:
        raise ValueError("A trained reward model needs torch and transformers: accord-bot[engine].") from exc
    return TwoTower.load(Path(path))
