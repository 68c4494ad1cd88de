"""Who drafts the arms of a study, as settings: each arm by the model and the prompt that it is called after.

Reads:  the engine's settings as configured and as in use, and the promoted drafter.
Gives:  the settings of the drafter for each prompt template, or one sentence: what to set, or to leave out.
Refrains from building anything. An arm that another one's drafter would make is refused, since nothing in the
feedback would tell: people would compare a way of drafting with itself.
"""

from bot.bootstrap.settings import EngineSettings, SettingsError
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
