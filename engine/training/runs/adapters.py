"""Low-rank adapters: train a few weights beside a pre-trained model in place of all of it.

Reads:  a transformers model and the run's `LoraConfig`.
Gives:  the model with adapters, of which only these and the head are trained; and the two made one again.
Refrains from the base's weights: a checkpoint of a run with adapters names its base and does not hold it.
Source: Hu et al. 2021, "LoRA: Low-rank adaptation of large language models" (arXiv:2106.09685); peft does it.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from engine.reward.causal.model import peft_unwarned
from engine.reward.model_info.source import MANIFEST, reason
from engine.training.runs.base import load_classifier, quiet
from engine.training.runs.config import LoraConfig


def adapted(
    model: Any, settings: LoraConfig, *, new: set[str], base: str, start: Path | None, task: str = "SEQ_CLS"
) -> Any:
    """Put adapters into a model; the base's weights are frozen, a classifier's head is trained whole.

    new:   names of modules that the base's files lack; they are trained and saved whole, as the head is.
    base:  what a checkpoint names as its base: a folder or a hub id.
    start: folder of an adapter to go on from, which then says its own rank and layers.
    task:  peft's word for what the model is for: "SEQ_CLS" scores, "CAUSAL_LM" writes.

    Raises:
        ValueError: peft is not installed, or no layer has the name of a target, or `start` does not fit.
    """
    peft = _peft()
    try:
        with peft_unwarned():
            if start is not None:
                found = peft.PeftModel.from_pretrained(model, str(start), is_trainable=True)
            else:
                found = peft.get_peft_model(model, _settings(peft, model, settings, new, task))
    except (OSError, ValueError, RuntimeError) as exc:
        raise ValueError(f"lora: {reason(exc)}") from exc
    found.peft_config["default"].base_model_name_or_path = base
    for weight in found.parameters():
        if weight.requires_grad:  # small steps are lost in half precision
            weight.data = weight.data.float()
    return found


def save_merged(adapter: Path, base: Path, folder: Path) -> None:
    """Write base and adapters as one model, apart from the model in training, with its manifest."""
    peft = _peft()
    with quiet(), peft_unwarned():
        plain, _ = load_classifier(base, torch.float32)
        model = peft.PeftModel.from_pretrained(plain, str(adapter))
        model.merge_and_unload().save_pretrained(folder)
    AutoTokenizer.from_pretrained(adapter).save_pretrained(folder)
    (folder / MANIFEST).write_bytes((adapter / MANIFEST).read_bytes())


def _settings(peft: Any, model: Any, settings: LoraConfig, new: set[str], task: str) -> Any:
    target = settings.target if isinstance(settings.target, str) else list(settings.target)
    if isinstance(target, list):
        layers = [name for name, _ in model.named_modules()]
        if absent := [each for each in target if not any(f".{name}".endswith(f".{each}") for name in layers)]:
            raise ValueError(f"the base has no layer called {', '.join(absent)} (target)")
    return peft.LoraConfig(
        task_type=peft.TaskType[task], r=settings.rank, lora_alpha=settings.alpha,
        lora_dropout=settings.dropout, target_modules=target, modules_to_save=sorted(new) or None,
    )  # fmt: skip


def _peft() -> Any:
    try:
        import peft  # noqa: PLC0415 (only a run with adapters needs it)
    except ImportError as exc:
        raise ValueError("lora needs the package peft: pip install 'accord-bot[train]'") from exc
    return peft
