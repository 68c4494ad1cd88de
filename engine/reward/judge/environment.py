"""The judge by the environment, for programs that know no settings: `accord train` and `accord evaluate`.

Reads:  what `bot.bootstrap.judge` sets for a process of its own.
Gives:  the judge.
Refrains from asking servers.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.drafting.local.llama import wanted_of
from engine.reward.judge.asking import Api, JudgeOptions
from engine.reward.judge.model import LanguageModelJudge
from engine.reward.model_info.calibration import Calibration

_ASKS = ("auto", "pairs", "list")


def judge_from(
    environment: Mapping[str, str] = os.environ, *, calibrated: bool = False
) -> LanguageModelJudge:
    """The judge that `accord train` and `accord evaluate` tell of by the environment.

    Args:
        calibrated: by the file that ACCORD_JUDGE_CALIBRATION names, where it names one.

    Raises:
        ValueError: neither a server nor a model of this machine is named, or another word is wrong.
    """
    asks = environment.get("ACCORD_JUDGE_ASKS") or "auto"
    if asks not in _ASKS:
        raise ValueError(f"ACCORD_JUDGE_ASKS: one of {', '.join(_ASKS)}")
    thinking, window = (
        int(environment.get(f"ACCORD_{name}_TOKENS") or 0) for name in ("REASONING", "WINDOW")
    )
    others: dict[str, Any] = {
        "asks": asks, "reasoning_tokens": thinking, "window_tokens": window or None,
        "calibration": _calibration(environment) if calibrated else None,
    }  # fmt: skip
    urls = tuple(url.strip() for url in environment.get("ACCORD_JUDGE_URL", "").split(",") if url.strip())
    file = environment.get("ACCORD_JUDGE_FILE")
    if not (urls or file):
        raise ValueError(
            "The language model as judge needs a server: set ACCORD_JUDGE_URL, TGI_URL or OPENAI_BASE_URL, "
            "or choose a model on this machine (accord model use)."
        )
    if file and not urls:
        wanted = wanted_of(file, reasoning_tokens=thinking, window_tokens=window or None)
        return LanguageModelJudge(JudgeOptions.of_this_machine(wanted, **others))
    api: Api = "openai" if "/v1" in urls[0] else "tgi"
    if environment.get("ACCORD_JUDGE_API") == "openai":
        api = "openai"
    return LanguageModelJudge(
        JudgeOptions(
            urls, api,
            model=environment.get("ACCORD_JUDGE_MODEL") or None,
            api_key=environment.get("ACCORD_JUDGE_KEY") or None,
            extra=json.loads(environment.get("ACCORD_JUDGE_EXTRA") or "{}"),
            **others,
        )
    )  # fmt: skip


def _calibration(environment: Mapping[str, str]) -> Calibration | None:
    path = environment.get("ACCORD_JUDGE_CALIBRATION")
    if not path:
        return None
    try:
        return Calibration.model_validate_json(Path(path).read_bytes())
    except ValidationError:
        raise ValueError(
            f"ACCORD_JUDGE_CALIBRATION: {path} is not what `accord train judge` writes."
        ) from None
