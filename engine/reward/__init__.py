"""Reward: the models behind the `RewardModel` port.

Reads:  the path of a checkpoint, or None for the model that needs no file.
Gives:  the reward model. Only the one that is asked for is imported.
"""

from engine.ports import RewardModel


def make_reward_model(path: str | None) -> RewardModel:
    """Build the reward model: the lexical baseline when `path` is None.

    Raises:
        ValueError: a checkpoint is asked for; this version reads none.
    """
    if path is None:
        from engine.reward.lexical import LexicalRewardModel

        return LexicalRewardModel()
    raise ValueError(
        f"Trained reward models are not supported by this version, so {path!r} cannot be used; leave it out."
    )
