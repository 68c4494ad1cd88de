"""The language model as judge, as settings describe it: its server, its model, and who stands in for it.

Reads:  `EngineSettings`.
Gives:  what a judge is told, to `bot.bootstrap.models` and the doctor; its environment, to the learning code.
Refrains from asking servers.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from bot.bootstrap.settings import EngineSettings, SettingsError
from engine.drafting.local.llama import wanted_of
from engine.reward import JUDGE
from engine.reward.judge.asking import Api, JudgeOptions
from engine.reward.model_info.calibration import Calibration

OPENAI_PATH = "/v1"


def judge_options(settings: EngineSettings) -> JudgeOptions | None:
    """What the judge is told; None where no server of a language model is set, and no file of one drafts.

    Raises:
        SettingsError: a setting of the judge cannot be used.
    """
    found = _of_its_own(settings) if settings.judge_url else _of_the_drafter(settings)
    if found is None and settings.runs_gguf and settings.local_model:
        return _of_this_machine(settings, settings.local_model)
    if found is None:
        return None
    if found.api == "tgi" and found.model:
        raise SettingsError(
            f"{found.address} is a TGI server, which serves one model: leave out ACCORD_JUDGE_MODEL and the "
            "name after llm:, or give the address of its OpenAI API, which ends in /v1."
        )
    return found


def serves(options: JudgeOptions | None) -> bool:
    """Whether there is a server that judges: "auto" asks no model of this machine, which reads slowly."""
    return options is not None and options.local is None


def require_judge(settings: EngineSettings) -> JudgeOptions:
    """What the judge is told; SettingsError where there is no server for it."""
    options = judge_options(settings)
    if options is None:
        raise SettingsError(
            "The language model as judge needs a server: set ACCORD_JUDGE_URL, TGI_URL or OPENAI_BASE_URL, "
            "or draft with a GGUF file on this machine, which can judge too (accord model use)."
        )
    return options


def judge_environment(settings: EngineSettings) -> dict[str, str]:
    """The judge's settings for a process of the learning code; a key is no word for a command line."""
    options = require_judge(settings)
    said = {
        "ACCORD_JUDGE_FILE": options.local.path if options.local else "",
        "ACCORD_WINDOW_TOKENS": str(options.window_tokens or ""),
        "ACCORD_JUDGE_URL": ",".join(options.urls),
        "ACCORD_JUDGE_API": options.api,
        "ACCORD_JUDGE_MODEL": options.model or "",
        "ACCORD_JUDGE_KEY": options.api_key or "",
        "ACCORD_JUDGE_ASKS": options.asks,
        "ACCORD_JUDGE_EXTRA": json.dumps(dict(options.extra)) if options.extra else "",
        "ACCORD_REASONING_TOKENS": str(options.reasoning_tokens),
    }
    return {name: value for name, value in said.items() if value}


def _of_its_own(settings: EngineSettings) -> JudgeOptions:
    urls = _urls(settings.judge_url)
    if not urls:
        raise SettingsError("ACCORD_JUDGE_URL holds no address; write it as http://server:8000/v1.")
    return _options(settings, urls, api_of(urls[0]), settings.judge_model, settings.judge_key)


def _of_the_drafter(settings: EngineSettings) -> JudgeOptions | None:
    """The server of the drafter that is chosen, or else one that is set."""
    tgi, openai = _urls(settings.tgi_url), _urls(settings.openai_base_url)
    if tgi and not (openai and settings.chosen_generator == "openai"):
        return _options(
            settings, tgi, "tgi", settings.judge_model, settings.judge_key or settings.tgi_api_key,
            address="TGI_URL", access="TGI_URL and TGI_API_KEY",
        )  # fmt: skip
    if not openai:
        return None
    return _options(
        settings, openai, "openai", settings.judge_model or settings.openai_model,
        settings.judge_key or settings.openai_api_key,
        extra=settings.openai_extra, address="OPENAI_BASE_URL",
        access="OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL",
    )  # fmt: skip


def _of_this_machine(settings: EngineSettings, file: str) -> JudgeOptions:
    """The model that drafts here, loaded once for both."""
    if _named(settings.reward_model):
        raise SettingsError(
            "The name after llm: is for a server, and the model on this machine is the judge: leave it out, "
            "or set ACCORD_JUDGE_URL."
        )
    try:
        wanted = wanted_of(
            file, reasoning_tokens=settings.reasoning_tokens, window_tokens=settings.window_tokens
        )
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc
    return JudgeOptions.of_this_machine(wanted, **_of_any(settings))


def _options(
    settings: EngineSettings,
    urls: tuple[str, ...],
    api: Api,
    model: str | None,
    key: SecretStr | None,
    **names: Any,
) -> JudgeOptions:
    return JudgeOptions(
        urls,
        api,
        model=_named(settings.reward_model) or model,
        api_key=key.get_secret_value() if key else None,
        **_of_any(settings),
        **names,
    )


def _of_any(settings: EngineSettings) -> dict[str, Any]:
    """What a judge is told wherever it runs."""
    return {
        "asks": settings.judge_asks,
        "reasoning_tokens": settings.reasoning_tokens,
        "window_tokens": settings.window_tokens,
        "calibration": _calibration(settings.judge_calibration),
    }


def api_of(url: str) -> Api:
    """What a server speaks, by its address: that of OpenAI's API ends in /v1."""
    return "openai" if OPENAI_PATH in urlsplit(url).path else "tgi"


def _named(source: str | None) -> str | None:
    """NAME in "llm:NAME"."""
    if source is None or not source.startswith(f"{JUDGE}:"):
        return None
    return source.removeprefix(f"{JUDGE}:") or None


def _calibration(path: Path | None) -> Calibration | None:
    if path is None:
        return None
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except OSError as exc:
        raise SettingsError(f"ACCORD_JUDGE_CALIBRATION: {path} cannot be read ({exc.strerror}).") from None
    except ValidationError:
        raise SettingsError(
            f"ACCORD_JUDGE_CALIBRATION: {path} is not what `accord train judge` writes."
        ) from None


def _urls(listed: str) -> tuple[str, ...]:
    return tuple(url.strip() for url in listed.split(",") if url.strip())
