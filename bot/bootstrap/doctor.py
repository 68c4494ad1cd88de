"""`accord doctor`: look at settings, state, platforms and engine, one after the other.

Reads:  settings; asks every configured server, and lets the reward model and the judge score a pair.
Gives:  findings that say what to mend, to `bot.cli.main`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from adapters.console.doctor import Finding
from bot.bootstrap.judge import judge_options, serves
from bot.bootstrap.model_notice import model_notice
from bot.bootstrap.models import (
    NEEDED,
    generator_of,
    judge_of,
    reward_model_of,
    settings_in_use,
    stand_in_of,
)
from bot.bootstrap.platforms import discord_config, slack_config
from bot.bootstrap.secret_keys import kept_with_data, secret_keys
from bot.bootstrap.settings import (
    EngineSettings,
    Settings,
    SettingsError,
    StateSettings,
    read_settings,
)
from bot.bootstrap.state import connected, state_url
from bot.domain.errors import StoreError
from bot.wording.texts import model_note
from engine.errors import GenerationError, ScoringError
from engine.ports import Checkable
from engine.reward import AUTO, is_judge
from engine.reward.judge.cost import CANDIDATES, MEMBERS, Cost, Way

if TYPE_CHECKING:
    from adapters.discord.config import DiscordConfig
    from adapters.slack.config import SlackConfig

Config = TypeVar("Config")

HERE = (
    "available, not in use (set ACCORD_REWARD_MODEL=llm): the model on this machine can judge too. It reads "
    "each opinion with each candidate, which is slow on most machines."
)
WITH_DATA = (
    "in use, but it lies with the data, in {}: a copy of that folder tells who wrote what. Move the key into "
    "ACCORD_SECRET_KEY and delete the file."
)
DOCTOR_WAITS_S = 60.0
"""For a generator's servers; each of them has less, so that the one that is silent is named."""


async def examine() -> list[Finding]:
    """`accord doctor`: look at settings, state and engine, one after the other."""
    try:
        settings = read_settings()
        secret_keys(settings.state)
        engine = settings_in_use(settings)
    except SettingsError as exc:
        return [Finding("settings", False, str(exc))]
    return [
        Finding("settings", True, "can be used."),
        *_examine_key(settings.state),
        await _examine_state(settings.state),
        *await _examine_slack(settings),
        *await _examine_discord(settings),
        await _examine_generator(engine),
        await _examine_reward_model(engine),
        *await _examine_judge(engine),
        *_examine_notice(engine),
    ]


def _examine_key(state: StateSettings) -> list[Finding]:
    """Nothing where the key lies apart from what it protects."""
    kept = kept_with_data(state)
    if kept is None:
        return []
    return [Finding("secret key", True, WITH_DATA.format(kept))]


async def _examine_state(state: StateSettings) -> Finding:
    from adapters.console.doctor import Finding
    from adapters.redis.connection import try_write, weaknesses

    where = "the embedded server" if state.redis_url is None else "the server at REDIS_URL"
    try:
        async with state_url(state) as url, connected(url) as client:
            await try_write(client)
            weak = await weaknesses(client)
    except StoreError as exc:
        return Finding("state", False, str(exc))
    if weak:
        return Finding("state", False, f"{where} answers, but {'; '.join(weak)}.")
    return Finding("state", True, f"{where} answers, and takes writes.")


async def _examine_slack(settings: Settings) -> list[Finding]:
    async def asked(config: "SlackConfig") -> Sequence[tuple[bool, str]]:
        from adapters.slack.checkup import examine

        return await examine(config)

    return await _examine_platform("slack", lambda: slack_config(settings), asked)


async def _examine_discord(settings: Settings) -> list[Finding]:
    async def asked(config: "DiscordConfig") -> Sequence[tuple[bool, str]]:
        from adapters.discord.checkup import examine

        return await examine(config)

    return await _examine_platform("discord", lambda: discord_config(settings), asked)


async def _examine_platform(
    name: str,
    configured: Callable[[], Config | None],
    examine_with: Callable[[Config], Awaitable[Sequence[tuple[bool, str]]]],
) -> list[Finding]:
    """Nothing where nothing of the platform is configured."""
    try:
        config = configured()
    except SettingsError as exc:
        return [Finding(name, False, str(exc))]
    if config is None:
        return []
    return [Finding(name, ok, sentence) for ok, sentence in await examine_with(config)]


async def _examine_generator(settings: EngineSettings) -> Finding:
    from adapters.console.doctor import Finding

    try:
        generator = generator_of(settings)
        if not isinstance(generator, Checkable):
            return Finding("generator", True, f"{generator.name}; needs no server.")
        in_process = settings.chosen_generator == "local"  # loading takes as long as the model is large
        async with asyncio.timeout(None if in_process else DOCTOR_WAITS_S):
            return Finding("generator", True, await generator.check() + ".")
    except (SettingsError, GenerationError) as exc:
        return Finding("generator", False, str(exc))
    except TimeoutError:
        return Finding(
            "generator",
            False,
            f"no answer in {DOCTOR_WAITS_S:.0f} seconds. Check {NEEDED[settings.chosen_generator]}, and "
            "that the server there is not too busy.",
        )


async def _examine_reward_model(settings: EngineSettings) -> Finding:
    """Load the model and let it score a pair, which shows what loading alone does not.

    Where a judge is in use, this is the model that stands in for it.
    """
    try:
        made = stand_in_of if is_judge(settings.reward_model) else reward_model_of
        model = await asyncio.to_thread(made, settings)
        await model.score("Is this a trial?", ["I think it is."], ["It is a trial."])
    except (SettingsError, ScoringError) as exc:
        return Finding("reward model", False, str(exc))
    return Finding("reward model", True, f"{model.name}; {model.described}.")


async def _examine_judge(settings: EngineSettings) -> list[Finding]:
    """Whether the language model can judge, and what a round would cost; nothing where there is none.

    Where the judge is not in use, what keeps it from judging is nothing to mend.
    """
    in_use = is_judge(settings.reward_model)
    try:
        options = judge_options(settings)
        if options is None and (not in_use or settings.reward_model == AUTO):
            return []
        here = options is not None and not serves(options)
        if here and (not in_use or settings.reward_model == AUTO):
            return [Finding("judge", True, HERE)]
        judge = judge_of(settings)
        async with asyncio.timeout(None if here else DOCTOR_WAITS_S):
            said = await judge.check()
            costs = await judge.cost()
    except (SettingsError, ScoringError) as exc:
        return [Finding("judge", not in_use, f"{'' if in_use else 'not in use. '}{exc}")]
    except TimeoutError:
        waited = f"no answer in {DOCTOR_WAITS_S:.0f} seconds."
        return [Finding("judge", not in_use, waited if in_use else f"not in use; {waited}")]
    return [Finding("judge", True, f"{_how_used(settings)}{said}. {_priced(costs)}")]


def _examine_notice(settings: EngineSettings) -> list[Finding]:
    """What members are told of the models; nothing where the judge's settings cannot be used."""
    try:
        told = model_note(model_notice(settings))
    except SettingsError:
        return []
    return [Finding("members are told", True, told)]


def _how_used(settings: EngineSettings) -> str:
    if settings.reward_model == AUTO:
        return f"for groups of up to {settings.judge_members}: "
    if is_judge(settings.reward_model):
        return ""
    return "available, not in use (set ACCORD_REWARD_MODEL=auto or llm): "


def _priced(costs: Mapping[Way, Cost]) -> str:
    """What a round costs the way that is used, and what it would cost the other way."""
    words: dict[Way, str] = {"pairs": "one statement at a time", "list": "several statements at a time"}
    used, other = costs
    return (
        f"A round of {MEMBERS} members and {CANDIDATES} candidates takes {costs[used]} ({words[used]}); "
        f"{words[other]} it would take {costs[other]}."
    )
