"""Who drafts the arms of a study, as settings: each arm by the model and the prompt that it is called after.

Reads:  the engine's settings as configured and as in use, the promoted drafter, and models on this machine.
Gives:  the settings of the drafter for each prompt template and each `model:NAME`, or one sentence: what to
        set, or to leave out.
Refrains from building anything. An arm that another one's drafter would make is refused, since nothing in the
feedback would tell: people would compare a way of drafting with itself.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.bootstrap.settings import EngineSettings, SettingsError
from engine.errors import ModelFileError
from engine.language_models.installed import file_of, read_record
from engine.model_registry import Promoted

TUNED = "fine-tuned"


def arm_settings(
    template: str, in_use: EngineSettings, configured: EngineSettings, drafter: Promoted | None
) -> EngineSettings:
    """With what the arms of this prompt template are drafted.

    The promoted drafter, and an adapter, are for the fine-tuned ones; the others have the model below it.

    Raises:
        SettingsError: no language model is configured, or not the one that these arms are called after.
    """
    if configured.chosen_generator == "digest":
        raise _refused(
            template, "there is no language model; see accord model list, or set TGI_URL or OPENAI_BASE_URL"
        )
    if template == TUNED:
        if not _has_tuned(configured, drafter):
            raise _refused(
                template,
                "no drafter is promoted that the generator can use; promote one, set ACCORD_TGI_ADAPTER, or "
                "say by ACCORD_PROMPT=fine-tuned that the configured model is one",
            )
        return in_use.model_copy(update={"prompt": template})
    if _is_tuned_itself(in_use, configured, drafter):
        raise _refused(
            template,
            "the only model that answers is the fine-tuned one; serve that as an adapter beside its base",
        )
    return configured.model_copy(update={"prompt": template, "tgi_adapter": None})


def model_settings(name: str, configured: EngineSettings, folder: Path) -> EngineSettings:
    """With what the arm `model:NAME` is drafted.

    All of these arms have one prompt: the configured one, or zero-shot.

    Args:
        folder: where the models of `accord model list` are.

    Raises:
        SettingsError: no model is known by that name.
    """
    prompt = "few-shot" if configured.prompt == "few-shot" else "zero-shot"
    found = _served(name, configured) or _installed(name, folder) or _by_openai(name, configured)
    if found is None:
        raise SettingsError(
            f"There is no model called {name} for the arm model:{name}. Fetch it (accord model get), give "
            "its server in ACCORD_STUDY_MODELS, or leave the arm out."
        )
    plain = {"prompt": prompt, "tgi_adapter": None, "last_resort": False, "model_notice": None}
    return configured.model_copy(update=plain | dict(found))


def require_different(drafters: Mapping[str, EngineSettings]) -> None:
    """Raises SettingsError where two names stand for one model: people would compare it with itself."""
    seen: dict[tuple[str | None, ...], str] = {}
    for name, each in drafters.items():
        address = {"tgi": each.tgi_url, "openai": each.openai_base_url}.get(each.chosen_generator)
        other = seen.setdefault((address, each.openai_model if address else each.local_model), name)
        if other != name:
            raise SettingsError(f"model:{other} and model:{name} are the same model. Leave one of them out.")


def _served(name: str, configured: EngineSettings) -> Mapping[str, object] | None:
    """A model of ACCORD_STUDY_MODELS. A key goes to the server that it was set for, and to no other."""
    if (address := configured.study_models.get(name)) is None:
        return None
    if urlsplit(address).path.rstrip("/").endswith("/v1"):
        key = configured.openai_api_key if _same_host(address, configured.openai_base_url) else None
        about = {"openai_base_url": address, "openai_model": name, "openai_api_key": key}
        return {"generator": "openai", **about}
    key = configured.tgi_api_key if _same_host(address, configured.tgi_url) else None
    return {"generator": "tgi", "tgi_url": address, "tgi_api_key": key, "openai_model": None}


def _same_host(address: str, known: str) -> bool:
    hosts = {urlsplit(each.strip()).hostname for each in known.split(",") if each.strip()}
    return urlsplit(address).hostname in hosts


def _installed(name: str, folder: Path) -> Mapping[str, object] | None:
    """A model of `accord model list` that is here."""
    try:
        model = read_record(folder).of(name)
    except ModelFileError as exc:
        raise SettingsError(str(exc)) from exc
    if model is None:
        return None
    path = file_of(model, folder)
    if not path.is_file():
        raise SettingsError(f"The file of {name} is gone. Fetch it again: accord model get {name}.")
    return {"generator": "local", "local_model": str(path.resolve())}


def _by_openai(name: str, configured: EngineSettings) -> Mapping[str, object] | None:
    """The model of OPENAI_MODEL."""
    there = bool(configured.openai_base_url) and configured.openai_model == name
    return {"generator": "openai"} if there else None


def _has_tuned(configured: EngineSettings, drafter: Promoted | None) -> bool:
    by_name = configured.chosen_generator == "tgi" and configured.tgi_adapter is not None
    return by_name or configured.prompt == TUNED or _promoted(configured, drafter)


def _is_tuned_itself(in_use: EngineSettings, configured: EngineSettings, drafter: Promoted | None) -> bool:
    """Whether the model that is asked without an adapter is the fine-tuned one."""
    if configured.chosen_generator == "tgi":
        whole = in_use.tgi_adapter is None
        return whole and (configured.prompt == TUNED or _promoted(configured, drafter))
    return configured.prompt == TUNED


def _promoted(configured: EngineSettings, drafter: Promoted | None) -> bool:
    """Whether the promoted drafter is what the generator drafts with: a local one takes no adapter."""
    if drafter is None:
        return False
    generator = configured.chosen_generator
    here = generator == "local" and not configured.runs_gguf
    return generator == "tgi" or (here and drafter.adapter is None)


def _refused(template: str, why: str) -> SettingsError:
    from engine.study.arms import TEMPLATES

    arms = ", ".join(arm for arm, asked in TEMPLATES.items() if asked == template)
    return SettingsError(
        f"Nobody can draft for {arms}: {why}; or leave these out, naming the others with "
        "accord study plan --arm."
    )
