"""Reward: the models behind the `RewardModel` port.

Reads:  the folder or hub id of a model, or the name of the one that needs no file.
Gives:  the reward model, and what it has not learnt. Only the one that is asked for is imported, so the
        baseline loads no torch.

towers            the two-tower and the joint model: one encoder, read apart or together
causal            a language model of any size with a scalar head
cross_encoder.py  an encoder that reads opinion and candidate together
judge             a language model behind a server
lexical           the baseline that matches words
default           the model that comes with Accord, with its card
scoring           all scores of a round, from a model that may fail
model_info        what is said of a model beside its weights
texts.py          text to token ids
device_queue.py   one piece of work at a time on a model's device
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from engine.names import LEXICAL
from engine.ports import RewardModel
from engine.reward.model_info.limits import ENGLISH_ONLY, Limits

if TYPE_CHECKING:
    from engine.reward.judge.asking import JudgeOptions
    from engine.reward.judge.model import LanguageModelJudge

JUDGE, AUTO = "llm", "auto"
"""A language model behind a server; and that one for small groups only, where there is a server."""
SHIPPED = Path(__file__).with_name("default")
"""The model that comes with Accord; its MODEL_CARD.md says what it can do."""


def make_reward_model(source: str | None) -> RewardModel:
    """Build the reward model that `source` names.

    Args:
        source: a folder, or a model on the hub ("org/name"); its files tell the family. "lexical": the
            word-matching baseline. None: the shipped model, or the baseline where torch is not installed.

    Raises:
        ValueError: the packages that the model needs are not installed.
        ScoringError: nothing is there, or it is no usable reward model.
    """
    source = _meant(source)
    if is_judge(source):
        raise ValueError(
            f"The reward model {source} is a language model behind a server; this command takes a folder, a "
            f"hub id or {LEXICAL}."
        )
    if source == LEXICAL:
        from engine.reward.lexical.model import LexicalRewardModel

        return LexicalRewardModel()
    try:
        return _trained(source)
    except ImportError as exc:
        extra = "train" if (exc.name or "").startswith("peft") else "engine"
        raise ValueError(
            f"The reward model {source} needs a package that is not installed ({exc.name}): "
            f"pip install 'accord-bot[{extra}]'."
        ) from exc


def is_judge(source: str | None) -> bool:
    """Whether this name of a reward model is for a language model as judge: "llm", "llm:NAME" or "auto"."""
    return source is not None and (source in (JUDGE, AUTO) or source.startswith(f"{JUDGE}:"))


def make_judge(options: "JudgeOptions") -> "LanguageModelJudge":
    """The language model as judge; no server is asked yet. Raises ValueError where there is no address."""
    from engine.reward.judge.model import LanguageModelJudge

    return LanguageModelJudge(options)


def limits_of(source: str | None) -> Limits:
    """What the model that `make_reward_model` builds from `source` has not learnt; its weights stay on disk.

    Raises:
        ScoringError: nothing is there, or it is no usable reward model.
    """
    source = _meant(source)
    if source == LEXICAL:
        return ENGLISH_ONLY
    from engine.reward.model_info.source import find

    return find(source)[1].limits


def _meant(source: str | None) -> str:
    if source is not None:
        return source
    return str(SHIPPED) if find_spec("torch") and find_spec("transformers") else LEXICAL


def _trained(source: str) -> RewardModel:
    from engine.reward.model_info.source import find

    folder, manifest = find(source)
    match manifest.family:
        case "two-tower":
            from engine.reward.towers.two_tower import TwoTower

            return TwoTower.load(folder)
        case "joint":
            from engine.reward.towers.joint import JointReward

            return JointReward.load(folder)
        case "causal":
            from engine.reward.causal.model import CausalReward

            return CausalReward.load(source)
        case "cross-encoder":
            from engine.reward.cross_encoder import CrossEncoderReward

            return CrossEncoderReward.load(source)
        case unknown:
            assert_never(unknown)
