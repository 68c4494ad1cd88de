"""`accord doctor`: look at settings, state, platforms and engine, one after the other.

Reads:  settings; asks every configured server, and lets the reward model score a pair.
Gives:  findings that say what to mend, to `bot.cli`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from adapters.console.doctor import Finding
from bot.bootstrap.models import NEEDED, generator_of, reward_model_of, settings_in_use
from bot.bootstrap.platforms import discord_config, slack_config
from bot.bootstrap.state import connected, state_url
from bot.errors import StoreError
from bot.settings import EngineSettings, Settings, SettingsError, StateSettings, read_settings, secret_key
from engine.errors import GenerationError, ScoringError
from engine.ports import Checkable

if TYPE_CHECKING:
    from adapters.discord.config import DiscordConfig
    from adapters.slack.config import SlackConfig

Config = TypeVar("Config")

DOCTOR_WAITS_S = 60.0
"""For a generator's servers; each of them has less, so that the one that is silent is named."""


async def examine() -> list[Finding]:
    """`accord doctor`: look at settings, state and engine, one after the other."""
    try:
        settings = read_settings()
        secret_key(settings.state)
        engine = settings_in_use(settings)
    except SettingsError as exc:
        return [Finding("settings", False, str(exc))]
    return [
        Finding("settings", True, "can be used."),
        await _examine_state(settings.state),
        *await _examine_slack(settings),
        *await _examine_discord(settings),
        await _examine_generator(engine),
        await _examine_reward_model(engine),
    ]


async def _examine_state(state: StateSettings) -> Finding:
    from adapters.console.doctor import Finding
    from adapters.redis.connection import weaknesses

    where = "the embedded server" if state.redis_url is None else "the server at REDIS_URL"
    try:
        async with state_url(state) as url, connected(url) as client:
            weak = await weaknesses(client)
    except StoreError as exc:
        return Finding("state", False, str(exc))
    if weak:
        return Finding("state", False, f"{where} answers, but {'; '.join(weak)}.")
    return Finding("state", True, f"{where} answers.")


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
    """Load the model and let it score a pair, which shows what loading alone does not."""
    try:
        model = await asyncio.to_thread(reward_model_of, settings)
        await model.score("Is this a trial?", ["I think it is."], ["It is a trial."])
    except (SettingsError, ScoringError) as exc:
        return Finding("reward model", False, str(exc))
    return Finding("reward model", True, f"{model.name}; {model.described}.")
