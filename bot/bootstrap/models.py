"""The engine as settings describe it: who drafts and who scores, with what was promoted in its place.

Reads:  `EngineSettings`, and the folder of promoted models.
Gives:  mediators, reward models and what a worker drafts with, to `bot.cli.main` and the other modules here.
Loads a model library only when something is built.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bootstrap.arms import arm_settings, model_settings, require_different
from bot.bootstrap.settings import EngineSettings, Settings, SettingsError, read_settings
from bot.bootstrap.terminal_progress import waiting_for
from bot.bootstrap.watching_drafts import watched_draft
from bot.domain.model_notice import ModelNotice, Readers
from bot.service.ports.engine import Mediator
from engine.drafting import GeneratorOptions, make_generator
from engine.errors import LearningError, ModelFileError, ScoringError
from engine.ports import RewardModel, TextGenerator

if TYPE_CHECKING:
    from bot.bootstrap.simulated_members import SimulatedMembers
    from bot.worker.engine import Engine, PromotedEngine
    from engine.model_registry import Promoted
    from engine.questions.generation import Drafters
    from engine.reward.judge.model import LanguageModelJudge
    from engine.reward.model_info.limits import Limits
    from engine.types import AnyArm

NEEDED = {
    "tgi": "TGI_URL",
    "openai": "OPENAI_BASE_URL",
    "local": "ACCORD_LOCAL_MODEL, or a model chosen by `accord model use`,",
}
"""The setting without which a generator cannot be had."""


def mediator_for(generator: str | None, reward: str | None) -> Mediator:
    """The engine as configured, with what the command line says instead."""
    configured = settings_in_use(_told(read_settings(), generator))
    if reward is not None:
        configured = configured.model_copy(update={"reward_model": reward})
    with waiting_for("Loading the models"):
        return mediator_of(configured)


def _told(settings: Settings, generator: str | None) -> Settings:
    """The settings with the generator that the command line names."""
    if generator is None:
        return settings
    engine = settings.engine.model_copy(update={"generator": str(generator)})
    return settings.model_copy(update={"engine": engine})


def promoted_engine(settings: Settings) -> "PromotedEngine":
    """What a worker needs: it drafts and scores with what is in use, and takes up what is promoted."""
    from bot.worker.engine import PromotedEngine
    from engine.language_models.installed import record_stamp
    from engine.model_registry import stamp

    folder, chosen = _models_folder(settings), language_models_folder(settings)
    return PromotedEngine(lambda: _built(settings), lambda: (stamp(folder), record_stamp(chosen)))


def _built(settings: Settings) -> "Engine":
    """One reward model scores, and encodes opinions when they are given, if it can."""
    from bot.bootstrap.model_notice import arm_notice, model_notice
    from bot.worker.engine import Engine
    from engine.reward.scoring.stand_in import without_judge
    from engine.reward.scoring.stored import encoder_of
    from engine.study.arms import ArmDrafter, drafting_model

    in_use, drafter = settings_in_use(settings), _promoted_drafter(settings)
    configured = _configured(settings)
    reward_model = reward_model_of(in_use)
    generator, limits = generator_of(in_use), _limits_of(in_use, reward_model)

    # Once for each kind of round, and with the drafter in use: each holds a model in memory.
    @cache
    def only(readers: Readers) -> Mediator:
        settings = in_use.model_copy(update={"last_resort": in_use.last_resort and readers.last_resort})
        judging = reward_model if readers.judge else without_judge(reward_model)
        return mediator_of(settings, judging, generator if readers.drafter else make_generator("digest"))

    def mediator_for_arms(drafted_by: str) -> Mediator:
        if name := drafting_model(drafted_by):
            return _arm(_of_model(name, settings), reward_model, limits)
        return _arm(arm_settings(drafted_by, in_use, configured, drafter), reward_model, limits)

    return Engine(
        only(Readers()),
        encoder_of(reward_model),
        reward_model.name,
        ArmDrafter(mediator_for_arms, reward_model),
        model_notice(in_use),
        only,
        lambda name: arm_notice(name, _of_model(name, settings)),
    )


def _of_model(name: str, settings: Settings) -> EngineSettings:
    return model_settings(name, _configured(settings), language_models_folder(settings))


def _arm(settings: EngineSettings, reward_model: RewardModel, limits: "dict[str, Limits]") -> Mediator:
    """Who mediates for the arms of a study with one prompt or model: never without a model, as a last resort.

    The reward model is the one in use, with its own limits.
    """
    from engine.mediator import Mediator as EngineMediator

    return EngineMediator(generator_of(settings), reward_model, limits=limits)


def require_drafters(settings: Settings, arms: Iterable["AnyArm"]) -> dict[str, ModelNotice]:
    """Raises SettingsError unless each of a study's arms can be drafted as it is called.

    Returns:
        What members are told of each model that an arm is called after, by its name.
    """
    from bot.bootstrap.model_notice import arm_notice
    from engine.study.arms import TEMPLATES
    from engine.types import Arm, model_of

    compared = dict.fromkeys(arms)
    in_use, drafter = settings_in_use(settings), _promoted_drafter(settings)
    for template in dict.fromkeys(TEMPLATES[arm] for arm in Arm if arm in TEMPLATES and arm in compared):
        generator_of(arm_settings(template, in_use, _configured(settings), drafter))
    models = {name: _of_model(name, settings) for arm in compared if (name := model_of(arm))}
    require_different(models)
    for each in models.values():
        generator_of(each)
    return {name: arm_notice(name, each) for name, each in models.items()}


def _promoted_drafter(settings: Settings) -> "Promoted | None":
    from engine.model_registry import read_models

    return read_models(_models_folder(settings)).drafter


def settings_in_use(settings: Settings) -> EngineSettings:
    """The engine as configured, with the promoted models in the place of the configured ones.

    A drafter that is a whole model is put in the place of a local one; one that a server serves is known to
    that server alone, except for the name of an adapter. A promoted reward model stands in for the judge.
    """
    from engine.model_registry import read_models, whole_folder_of
    from engine.reward import is_judge

    engine, folder = _configured(settings), _models_folder(settings)
    found: dict[str, object] = {}
    try:
        models = read_models(folder)
        if models.reward is not None:
            promoted = str(whole_folder_of(models.reward, folder))
            found["judge_stand_in"] = promoted
            if not is_judge(engine.reward_model):
                found["reward_model"] = promoted
    except LearningError as exc:
        raise SettingsError(str(exc)) from exc
    takes_drafters = engine.chosen_generator in ("tgi", "local") and not engine.runs_gguf
    if models.drafter is not None and takes_drafters:
        whole = models.drafter.adapter is None
        found["prompt"] = engine.prompt or "fine-tuned"
        found["tgi_adapter"] = engine.tgi_adapter or models.drafter.adapter
        found["local_model"] = models.drafter.path if whole else engine.local_model
    return engine.model_copy(update=found)


def _configured(settings: Settings) -> EngineSettings:
    """The engine as set; with the model that `accord model use` chose where nothing else is set."""
    from engine.language_models.installed import chosen_file

    engine = settings.engine
    unset = engine.generator is None and engine.chosen_generator == "digest"
    if not unset and not (engine.generator == "local" and engine.local_model is None):
        return engine
    try:
        chosen = chosen_file(language_models_folder(settings))
    except ModelFileError as exc:
        raise SettingsError(str(exc)) from exc
    if chosen is None:
        return engine
    return engine.model_copy(update={"generator": "local", "local_model": str(chosen)})


def language_models_folder(settings: Settings) -> Path:
    """Where the files of language models are."""
    from engine.language_models.installed import FOLDER

    return settings.state.data_dir / FOLDER


def models_folder() -> Path:
    """Where promoted models are."""
    return _models_folder(read_settings())


def _models_folder(settings: Settings) -> Path:
    from engine.model_registry import FOLDER

    return settings.state.data_dir / FOLDER


def known_models() -> list[str]:
    """What the learning code is told of the models in use, as options."""
    settings = read_settings()
    configured = _beneath(settings.engine)
    return ["--models", str(_models_folder(settings)), *(["--configured", configured] if configured else [])]


def judge_for_evaluation(reward: str) -> dict[str, str]:
    """The judge that is examined ("llm" or "llm:NAME"), as environment; calibrated, as it is in use.

    Raises:
        SettingsError: there is no server for it.
    """
    from bot.bootstrap.judge import judge_environment

    engine = _configured(read_settings()).model_copy(update={"reward_model": reward})
    path = engine.judge_calibration
    return judge_environment(engine) | ({"ACCORD_JUDGE_CALIBRATION": str(path)} if path else {})


def judge_for_training() -> dict[str, str]:
    """What the learning code is told of the judge, as environment; nothing where there is no server."""
    from bot.bootstrap.judge import judge_environment, judge_options

    engine = _configured(read_settings())
    return judge_environment(engine) if judge_options(engine) else {}


def mediator_of(
    settings: EngineSettings,
    reward_model: RewardModel | None = None,
    generator: TextGenerator | None = None,
) -> Mediator:
    """The engine as these settings describe it, of models that are there already where they are given."""
    from engine.fallback import LastResortMediator
    from engine.mediator import Mediator as EngineMediator

    generator = generator or generator_of(settings)
    reward_model = reward_model or reward_model_of(settings)
    limits = _limits_of(settings, reward_model)
    first = EngineMediator(
        generator,
        reward_model,
        minimum_usable=_fewest(generator),
        limits=limits,
        asks_what_is_open=True,
    )
    if not (settings.last_resort and generator.model_used):
        return first
    digest = make_generator("digest")
    without_a_model = EngineMediator(digest, reward_model, minimum_usable=_fewest(digest), limits=limits)
    return LastResortMediator(first, without_a_model)


def _fewest(generator: TextGenerator) -> int:
    """Usable drafts without which there is no choice: of a few short opinions only one digest may be had."""
    return 2 if generator.model_used else 1


def reward_model_for(reward: str | None) -> RewardModel:
    """The reward model as configured, or the one that the command line names, for files of any size.

    A judge is alone here, with nobody to stand in: all ratings of a file are to be one model's.
    "auto" is for groups and stands for the model beneath it.
    """
    from engine.reward import AUTO, is_judge

    configured = settings_in_use(read_settings())
    if reward is not None:
        configured = configured.model_copy(update={"reward_model": reward})
    if configured.reward_model == AUTO:
        return stand_in_of(configured)
    with waiting_for("Loading the models"):
        return judge_of(configured) if is_judge(configured.reward_model) else reward_model_of(configured)


def reward_model_of(settings: EngineSettings) -> RewardModel:
    """The reward model of a round: a judge always with the model that stands in for it.

    Raises:
        SettingsError: it cannot be had.
    """
    from bot.bootstrap.judge import judge_options, serves
    from engine.reward import AUTO, is_judge
    from engine.reward.scoring.stand_in import WithStandIn

    if not is_judge(settings.reward_model):
        return _made(settings.reward_model)
    auto = settings.reward_model == AUTO
    if auto and not serves(judge_options(settings)):
        return stand_in_of(settings)
    most_members = settings.judge_members if auto else None
    return WithStandIn(judge_of(settings), stand_in_of(settings), most_members)


def judge_of(settings: EngineSettings) -> "LanguageModelJudge":
    """The language model as judge; SettingsError where there is no server for it."""
    from bot.bootstrap.judge import require_judge
    from engine.reward import make_judge

    try:
        return make_judge(require_judge(settings))
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc


def stand_in_of(settings: EngineSettings) -> RewardModel:
    """The model that scores in a judge's place: the promoted one, else the configured, else the shipped."""
    return _made(settings.judge_stand_in)


def _made(source: str | None) -> RewardModel:
    from engine.reward import make_reward_model

    try:
        return make_reward_model(source)
    except (ValueError, ScoringError) as exc:
        raise SettingsError(str(exc)) from exc


def _limits_of(settings: EngineSettings, reward_model: RewardModel) -> "dict[str, Limits]":
    """What the model alone, or beneath a judge, has not learnt, by its name; a judge is asked everything."""
    from engine.reward import limits_of
    from engine.reward.scoring.stand_in import WithStandIn

    beneath = reward_model.other if isinstance(reward_model, WithStandIn) else reward_model
    try:
        return {beneath.name: limits_of(_beneath(settings))}
    except ScoringError as exc:
        raise SettingsError(str(exc)) from exc


def _beneath(settings: EngineSettings) -> str | None:
    """The reward model as configured; beneath a judge, the one that stands in for it."""
    from engine.reward import is_judge

    return settings.judge_stand_in if is_judge(settings.reward_model) else settings.reward_model


def generator_of(settings: EngineSettings) -> TextGenerator:
    name = settings.chosen_generator
    listed, key, model = {
        "tgi": (settings.tgi_url, settings.tgi_api_key, None),
        "openai": (settings.openai_base_url, settings.openai_api_key, settings.openai_model),
        "local": ("", None, settings.local_model),
        "digest": ("", None, None),
    }[name]
    urls = tuple(url.strip() for url in listed.split(",") if url.strip())
    if name in NEEDED and not (model if name == "local" else urls):
        raise SettingsError(f"{NEEDED[name]} is missing: the generator {name} needs it.")
    options = GeneratorOptions(
        urls=urls,
        api_key=key.get_secret_value() if key else None,
        model=model,
        template=settings.prompt,
        adapter=settings.tgi_adapter,
        reasoning_tokens=settings.reasoning_tokens,
        window_tokens=settings.window_tokens,
        choices=settings.openai_choices,
        temperature=settings.temperature,
        top_p=settings.top_p,
        extra=settings.openai_extra,
        watch=watched_draft,
    )
    try:
        return make_generator(name, options)
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc


@dataclass(frozen=True)
class Rehearsing:
    """What a rehearsal with simulated members needs: who plays them, by task, and who drafts and scores."""

    writers: Mapping[str, TextGenerator]
    mediator: Mediator


def rehearsing(generator: str | None = None, reward: str | None = None) -> Rehearsing:
    """The configured model as every simulated member, and the engine as configured; never without a model.

    Raises:
        SettingsError: no language model is configured.
    """
    told = _told(read_settings(), generator)
    in_use, writers = settings_in_use(told), rehearsal_writers(told)
    if writers is None:
        raise SettingsError(
            "A rehearsal needs a language model to play the members, and none is configured: set TGI_URL or "
            "OPENAI_BASE_URL, or run accord model list for one that runs on this machine."
        )
    changed = {"last_resort": False, **({} if reward is None else {"reward_model": reward})}
    with waiting_for("Loading the models"):
        return Rehearsing(writers, mediator_of(in_use.model_copy(update=changed)))


def simulated_members(settings: Settings, mediator: Mediator) -> "SimulatedMembers | None":
    """Who plays members where questions are tried out; None where there is no language model."""
    from bot.bootstrap.simulated_members import SimulatedMembers

    writers = rehearsal_writers(settings)
    return None if writers is None else SimulatedMembers(writers, mediator)


def rehearsal_writers(settings: Settings) -> Mapping[str, TextGenerator] | None:
    """The configured model, once for each task of a rehearsal; None where there is no language model."""
    from engine.prompts import REHEARSALS

    configured = _configured(settings)
    if configured.chosen_generator == "digest":
        return None
    return {name: generator_of(configured.model_copy(update={"prompt": name})) for name in REHEARSALS}


def question_drafters(generator: str | None) -> "Drafters":
    """Who writes new questions and position statements: the configured model, once for each task."""
    from engine.prompts import SERVICES
    from engine.questions.generation import Drafters

    configured = _configured(_told(read_settings(), generator))
    asking, affirming, negating = (
        generator_of(configured.model_copy(update={"prompt": task})) for task in SERVICES
    )
    if not asking.model_used:
        raise SettingsError(
            f"The generator {asking.name} only picks from what people wrote; to write questions, configure a "
            "language model, or name one with --generator tgi, openai or local."
        )
    return Drafters(questions=asking, affirming=affirming, negating=negating)
