"""Reward: the models behind the `RewardModel` port.

Reads:  the folder or hub id of a model, or the name of the one that needs no file.
Gives:  the reward model. Only the one that is asked for is imported, so the baseline loads no torch.
"""

from engine.ports import RewardModel

LEXICAL = "lexical"


def make_reward_model(source: str | None) -> RewardModel:
    """Build the reward model that `source` names.

    Args:
        source: a folder, or a model on the hub ("org/name"); its files tell the family. "lexical" or None:
            the word-matching baseline.

    Raises:
        ValueError: the packages that the model needs are not installed.
        ScoringError: nothing is there, or it is no usable reward model.
    """
    if source is None or source == LEXICAL:
        from engine.reward.lexical import LexicalRewardModel

        return LexicalRewardModel()
    try:
        return _trained(source)
    except ImportError as exc:
        extra = "train" if (exc.name or "").startswith("peft") else "engine"
        raise ValueError(
            f"The reward model {source} needs a package that is not installed ({exc.name}): "
            f"pip install 'accord-bot[{extra}]'."
        ) from exc


def _trained(source: str) -> RewardModel:
    from engine.reward.source import find

    folder, manifest = find(source)
    if manifest.family == "two-tower":
        from engine.reward.two_tower import TwoTower

        return TwoTower.load(folder)
    if manifest.family == "causal":
        from engine.reward.causal import CausalReward

        return CausalReward.load(source)
    from engine.reward.cross_encoder import CrossEncoderReward

    return CrossEncoderReward.load(source)
