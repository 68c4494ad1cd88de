"""The language model as judge, as settings describe it: its server, its model, and who stands in for it.

Reads:  `EngineSettings`.
Gives:  what a judge is told, to `bot.bootstrap.models` and the doctor; its environment, to the learning code.
Refrains from asking servers.
"""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from bot.settings import EngineSettings, SettingsError
from engine.reward import JUDGE
from engine.reward.calibration import Calibration
from engine.reward.judge.asking import Api, JudgeOptions

OPENAI_PATH = "/v1"


def judge_options(settings: EngineSettings) -> JudgeOptions | None:
    """What the judge is told; None where no server of a language model is set.

    Raises:
        SettingsError: a setting of the judge cannot be used.
    """
    found = _of_its_own(settings) if settings.judge_url else _of_the_drafter(settings)
    if found is None:
        return None
    if found.api == "tgi" and found.model:
        raise SettingsError(
            f"{found.address} is a TGI server, which serves one model: leave out ACCORD_JUDGE_MODEL and the "
            "name after llm:, or give the address of its OpenAI API, which ends in /v1."
        )
    return found


def require_judge(settings: EngineSettings) -> JudgeOptions:
    """What the judge is told; SettingsError where there is no server for it."""
    options = judge_options(settings)
    if options is None:
        raise SettingsError(
            "The language model as judge needs a server: set ACCORD_JUDGE_URL, TGI_URL or OPENAI_BASE_URL."
        )
    return options


def judge_environment(settings: EngineSettings) -> dict[str, str]:
    """The judge's settings for a process of the learning code; a key is no word for a command line."""
    options = require_judge(settings)
    said = {
        "ACCORD_JUDGE_URL": ",".join(options.urls),
        "ACCORD_JUDGE_API": options.api,
        "ACCORD_JUDGE_MODEL": options.model or "",
        "ACCORD_JUDGE_KEY": options.api_key or "",
        "ACCORD_JUDGE_ASKS": options.asks,
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
        address="OPENAI_BASE_URL", access="OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL",
    )  # fmt: skip


def _options(
    settings: EngineSettings,
    urls: tuple[str, ...],
    api: Api,
    model: str | None,
    key: SecretStr | None,
    **names: str,
) -> JudgeOptions:
    return JudgeOptions(
        urls,
        api,
        model=_named(settings.reward_model) or model,
        api_key=key.get_secret_value() if key else None,
        asks=settings.judge_asks,
        reasoning_tokens=settings.reasoning_tokens,
        calibration=_calibration(settings.judge_calibration),
        **names,
    )


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
