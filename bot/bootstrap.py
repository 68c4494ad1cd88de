"""Wires everything: settings in, running processes out. The only module that knows all rooms.

Reads:  `bot.settings`.
Gives:  the gateway, a worker, the demo and the doctor, to `bot.cli`.
Imports only what is switched on: `accord deliberate` loads no Redis, the gateway loads no model library.
"""

import asyncio
import itertools
import logging
import secrets
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot import logs
from bot.cards import ResultLink, no_page
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.terms import Terms
from bot.ports import ChatPlatform, Mediator, Ports, Wanted
from bot.question_import import import_new
from bot.rehearsal import answer, ask
from bot.reply import Reply
from bot.settings import EngineSettings, Settings, SettingsError, StateSettings, read_settings, secret_key
from bot.worker import Worker
from engine.drafting import GeneratorOptions, make_generator
from engine.errors import LearningError, ScoringError
from engine.feedback import FeedbackRecord
from engine.feedback_files import FeedbackFormat
from engine.ports import Checkable, RewardModel, TextGenerator

if TYPE_CHECKING:
    from adapters.console.doctor import Finding
    from adapters.discord.app import DiscordParts
    from adapters.discord.config import DiscordConfig
    from adapters.slack.app import SlackGateway, SlackParts
    from adapters.slack.config import SlackConfig
    from adapters.web.config import WebConfig
    from bot.promoted import Engine, PromotedEngine
    from engine.questions.generation import Drafters
    from engine.study import StudyPlan

log = logging.getLogger(__name__)

WEB = "web"
WEB_TEAM = "web"
DEMO_SWEEP_S = 0.5
DOCTOR_WAITS_S = 15.0


# -- the engine ----------------------------------------------------------------------------------


def mediator_for(generator: str | None, reward: str | None) -> Mediator:
    """The engine as configured, with what the command line says instead."""
    configured = _in_use(read_settings())
    said = {"generator": generator, "reward_model": reward}
    return _mediator(
        configured.model_copy(update={name: value for name, value in said.items() if value is not None})
    )


def _engine(settings: Settings) -> "PromotedEngine":
    """What a worker needs: it drafts and scores with what is in use, and takes up what is promoted."""
    from bot.promoted import PromotedEngine
    from engine.promoted import stamp

    folder = _models_folder(settings)
    return PromotedEngine(lambda: _built(_in_use(settings), settings.engine), lambda: stamp(folder))


def _built(in_use: EngineSettings, configured: EngineSettings) -> "Engine":
    """One reward model scores, and encodes opinions when they are given, if it can."""
    from bot.promoted import Engine
    from engine.arms import ArmDrafter
    from engine.reward.stored import encoder_of

    reward_model = _reward_model(in_use)
    return Engine(
        _mediator(in_use, reward_model),
        encoder_of(reward_model),
        reward_model.name,
        ArmDrafter(lambda template: _arm(template, in_use, configured, reward_model), reward_model),
    )


def _arm(
    template: str, in_use: EngineSettings, configured: EngineSettings, reward_model: RewardModel
) -> Mediator:
    """Who mediates for the arms of a study with this prompt, and never without a model as a last resort.

    The promoted drafter, and an adapter, are for the fine-tuned ones; the others have the model below it.
    """
    from engine.mediator import Mediator as EngineMediator

    plain = configured.model_copy(update={"tgi_adapter": None})
    base = in_use if template == "fine-tuned" else plain
    return EngineMediator(_generator(base.model_copy(update={"prompt": template})), reward_model)


def _in_use(settings: Settings) -> EngineSettings:
    """The engine as configured, with the promoted models in the place of the configured ones.

    A drafter that is a whole model is put in the place of a local one; one that a server serves is known to
    that server alone, except for the name of an adapter.
    """
    from engine.promoted import read_models, whole_folder_of

    engine, folder = settings.engine, _models_folder(settings)
    found: dict[str, object] = {}
    try:
        models = read_models(folder)
        if models.reward is not None:
            found["reward_model"] = str(whole_folder_of(models.reward, folder))
    except LearningError as exc:
        raise SettingsError(str(exc)) from exc
    if models.drafter is not None and engine.chosen_generator in ("tgi", "local"):
        whole = models.drafter.adapter is None
        found["prompt"] = engine.prompt or "fine-tuned"
        found["tgi_adapter"] = engine.tgi_adapter or models.drafter.adapter
        found["local_model"] = models.drafter.path if whole else engine.local_model
    return engine.model_copy(update=found)


def models_folder() -> Path:
    """Where promoted models are."""
    return _models_folder(read_settings())


def _models_folder(settings: Settings) -> Path:
    from engine.promoted import FOLDER

    return settings.state.data_dir / FOLDER


def known_models() -> list[str]:
    """What the learning code is told of the models in use, as options."""
    settings = read_settings()
    configured = settings.engine.reward_model
    return ["--models", str(_models_folder(settings)), *(["--configured", configured] if configured else [])]


def _mediator(settings: EngineSettings, reward_model: RewardModel | None = None) -> Mediator:
    from engine.last_resort import LastResortMediator
    from engine.mediator import Mediator as EngineMediator

    generator = _generator(settings)
    reward_model = reward_model or _reward_model(settings)
    first = EngineMediator(generator, reward_model)
    if not (settings.last_resort and generator.model_used):
        return first
    without_a_model = EngineMediator(make_generator("extractive"), reward_model)
    return LastResortMediator(first, without_a_model)


def reward_model_for(reward: str | None) -> RewardModel:
    """The reward model as configured, or the one that the command line names."""
    configured = _in_use(read_settings())
    return _reward_model(
        configured if reward is None else configured.model_copy(update={"reward_model": reward})
    )


def _reward_model(settings: EngineSettings) -> RewardModel:
    from engine.reward import make_reward_model

    try:
        return make_reward_model(settings.reward_model)
    except (ValueError, ScoringError) as exc:
        raise SettingsError(str(exc)) from exc


def _generator(settings: EngineSettings) -> TextGenerator:
    name = settings.chosen_generator
    listed, key, model, setting = {
        "tgi": (settings.tgi_url, settings.tgi_api_key, None, "TGI_URL"),
        "openai": (
            settings.openai_base_url,
            settings.openai_api_key,
            settings.openai_model,
            "OPENAI_BASE_URL",
        ),
        "local": ("", None, settings.local_model, "ACCORD_LOCAL_MODEL"),
        "extractive": ("", None, None, None),
    }[name]
    urls = tuple(url.strip() for url in listed.split(",") if url.strip())
    if setting is not None and not (model if name == "local" else urls):
        raise SettingsError(f"{setting} is missing: the generator {name} needs it.")
    options = GeneratorOptions(
        urls=urls,
        api_key=key.get_secret_value() if key else None,
        model=model,
        template=settings.prompt,
        adapter=settings.tgi_adapter,
        reasoning_tokens=settings.reasoning_tokens,
        window_tokens=settings.window_tokens,
    )
    try:
        return make_generator(name, options)
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc


# -- state ---------------------------------------------------------------------------------------


@asynccontextmanager
async def _state_url(state: StateSettings) -> AsyncIterator[str]:
    """Where state is kept: the configured server, or the embedded one for as long as we need it."""
    if state.redis_url is not None:
        yield state.redis_url.get_secret_value()
        return
    from adapters.redis.embedded import EmbeddedServer

    server = EmbeddedServer(state.data_dir)
    url = await asyncio.to_thread(server.start)
    try:
        yield url
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _ports(url: str, secret: str, platforms: Mapping[str, ChatPlatform]) -> AsyncIterator[Ports]:
    """Every port over one server."""
    from adapters.clock import SystemClock
    from adapters.jobs.queue import StreaqJobQueue
    from adapters.redis.connection import connect
    from adapters.redis.feedback import RedisFeedbackLog
    from adapters.redis.library import RedisLibrary
    from adapters.redis.live import RedisLiveFeed
    from adapters.redis.store import RedisStore

    async with AsyncExitStack() as stack:
        client = await connect(url)
        stack.push_async_callback(client.aclose)
        jobs = await stack.enter_async_context(StreaqJobQueue(url))
        yield Ports(
            store=RedisStore(client),
            feedback=RedisFeedbackLog(client),
            library=RedisLibrary(client),
            jobs=jobs,
            clock=SystemClock(),
            live=RedisLiveFeed(client),
            pseudonyms=Pseudonyms(secret),
            platforms=platforms,
        )


def _platforms(
    slack: "SlackParts | None" = None, discord: "DiscordParts | None" = None
) -> dict[str, ChatPlatform]:
    from adapters.web.platform import WebPlatform

    platforms: dict[str, ChatPlatform] = {WEB: WebPlatform()}
    if slack is not None:
        platforms["slack"] = slack.platform
    if discord is not None:
        platforms["discord"] = discord.platform
    return platforms


@asynccontextmanager
async def _slack(settings: Settings, url: str) -> AsyncIterator["SlackParts | None"]:
    """What is needed to speak with Slack; None when nothing of it is configured."""
    config = slack_config(settings)
    if config is None:
        yield None
        return
    from adapters.redis.connection import connect
    from adapters.redis.notes import RedisNotes
    from adapters.slack.app import SlackParts

    async with AsyncExitStack() as stack:
        client = await connect(url)
        stack.push_async_callback(client.aclose)
        parts = SlackParts.make(config, RedisNotes(client, "slack"), _result_link(settings))
        stack.push_async_callback(parts.close)
        yield parts


def slack_config(settings: Settings) -> "SlackConfig | None":
    """How Slack is reached; None when nothing of it is configured. Raises SettingsError for half of it."""
    from adapters.slack.config import SlackConfig

    slack = settings.slack
    config = SlackConfig(
        secret=secret_key(settings.state),
        bot_token=_secret(slack.bot_token),
        app_token=_secret(slack.app_token),
        signing_secret=_secret(slack.signing_secret),
        client_id=slack.client_id,
        client_secret=_secret(slack.client_secret),
        api_url=slack.api_url,
        base_url=settings.web.base_url or "",
    )
    if (problem := config.problem()) is not None:
        raise SettingsError(problem)
    return config if config.configured else None


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


@asynccontextmanager
async def _discord(settings: Settings, url: str) -> AsyncIterator["DiscordParts | None"]:
    """What is needed to speak with Discord; None when nothing of it is configured."""
    config = discord_config(settings)
    if config is None:
        yield None
        return
    from adapters.discord.app import DiscordParts
    from adapters.redis.connection import connect
    from adapters.redis.notes import RedisNotes

    async with AsyncExitStack() as stack:
        client = await connect(url)
        stack.push_async_callback(client.aclose)
        parts = DiscordParts.make(config, RedisNotes(client, "discord"), _result_link(settings))
        stack.push_async_callback(parts.close)
        yield parts


def discord_config(settings: Settings) -> "DiscordConfig | None":
    """How Discord is reached; None when nothing of it is configured. Raises SettingsError."""
    from adapters.discord.config import DiscordConfig

    config = DiscordConfig(token=_secret(settings.discord.token), api_url=settings.discord.api_url)
    if (problem := config.problem()) is not None:
        raise SettingsError(problem)
    return config if config.configured else None


# -- long-running processes ------------------------------------------------------------------------


async def run_gateway() -> None:
    """`accord run`: the web channel, until SIGTERM or Ctrl-C."""
    settings = _start()
    async with (
        _state_url(settings.state) as url,
        _slack(settings, url) as slack,
        _discord(settings, url) as discord,
        _ports(url, secret_key(settings.state), _platforms(slack, discord)) as ports,
        _slack_gateway(slack, ports) as gateway,
        _discord_gateway(discord, ports),
        _web(settings, ports, settings.web.port, gateway) as config,
    ):
        _say(f"Accord listens on {config.base_url}. `accord admin-link` prints a link for admins.")
        await _told_to_stop()


async def run_worker() -> None:
    """`accord worker`, until SIGTERM or Ctrl-C; running steps are given time to finish."""
    from adapters.jobs.worker import run_worker as take_steps

    settings = _start()
    engine = _engine(settings)
    async with (
        _state_url(settings.state) as url,
        _slack(settings, url) as slack,
        _discord(settings, url) as discord,
        _ports(url, secret_key(settings.state), _platforms(slack, discord)) as ports,
    ):
        await take_steps(
            Worker(ports, engine, engine, arms=engine),
            url,
            concurrency=settings.worker.concurrency,
            takeover_s=settings.worker.takeover_s,
            handle_signals=True,
            on_ready=lambda: _say("The worker is running."),
        )


def _start() -> Settings:
    settings = read_settings()
    logs.configure(settings.log_level)
    return settings


@asynccontextmanager
async def _slack_gateway(slack: "SlackParts | None", ports: Ports) -> AsyncIterator["SlackGateway | None"]:
    """Listens to Slack by Socket Mode, HTTP or both; HTTP goes through the web channel's port."""
    if slack is None:
        yield None
        return
    from adapters.slack.app import SlackGateway

    gateway = SlackGateway(slack, ports)
    async with gateway.listening():
        if slack.config.app_token:
            _say("Slack: Socket Mode.")
        if slack.config.signing_secret:
            _say("Slack: HTTP mode; its request address is this gateway's public one with /slack/events.")
        yield gateway


@asynccontextmanager
async def _discord_gateway(discord: "DiscordParts | None", ports: Ports) -> AsyncIterator[None]:
    """Listens to Discord's gateway, and begins anew whenever that ends."""
    if discord is None:
        yield
        return
    from adapters.discord.app import DiscordGateway

    async with DiscordGateway(discord, ports).listening():
        _say("Discord: listening.")
        yield


@asynccontextmanager
async def _web(
    settings: Settings, ports: Ports, port: int, slack: "SlackGateway | None" = None
) -> AsyncIterator["WebConfig"]:
    from adapters.web.app import create_app, serve

    config = web_config(settings, port)
    app = create_app(ports, config)
    if slack is not None and slack.parts.config.signing_secret:
        app.middlewares.insert(0, slack.in_front())
    try:
        runner = await serve(app, settings.web.host, port)
    except OSError as exc:
        raise SettingsError(
            f"The web channel cannot listen on {settings.web.host}:{port} ({exc.strerror}). "
            "Choose another with --port or ACCORD_WEB_PORT."
        ) from exc
    try:
        yield config
    finally:
        await runner.cleanup()


def web_config(settings: Settings, port: int) -> "WebConfig":
    """How the web channel is set up; also what links are signed with."""
    from adapters.web.config import WebConfig

    token = settings.web.metrics_token
    return WebConfig(
        secret=secret_key(settings.state),
        base_url=settings.web.base_url or f"http://{settings.web.host}:{port}",
        team=WEB_TEAM,
        trusted_proxies=settings.web.trusted_proxies,
        metrics_token=token.get_secret_value() if token else "",
    )


def _result_link(settings: Settings) -> ResultLink:
    """Where messages elsewhere send people for a result: nowhere without a public address."""
    if settings.web.base_url is None:
        return no_page
    from adapters.web.links import results_link

    config = web_config(settings, settings.web.port)
    return lambda deliberation: results_link(config, deliberation.team, deliberation.id)


def admin_link(port: int | None) -> str:
    """`accord admin-link`: needs the secret key and no running process."""
    from adapters.web.links import admin_link as signed

    settings = read_settings()
    return signed(web_config(settings, port or settings.web.port))


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (what a person at the terminal waits for)


# -- feedback ------------------------------------------------------------------------------------


async def export_feedback(
    wanted: Wanted, path: Path | None, form: FeedbackFormat, *, with_team_ids: bool
) -> int:
    """`accord export`: needs the state and no running process; gives how many records were written."""
    from adapters.console.export import write_feedback
    from adapters.console.terminal import terminal
    from adapters.redis.connection import connect
    from adapters.redis.feedback import RedisFeedbackLog

    settings = read_settings()
    pseudonyms = None if with_team_ids else Pseudonyms(secret_key(settings.state))
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(_state_url(settings.state))
        client = await connect(url)
        stack.push_async_callback(client.aclose)
        records = _for_others(RedisFeedbackLog(client).export(wanted), pseudonyms)
        return await write_feedback(records, path, form, terminal(sys.stderr))


async def _for_others(
    records: AsyncIterator[FeedbackRecord], pseudonyms: Pseudonyms | None
) -> AsyncIterator[FeedbackRecord]:
    """Records as they leave Accord: without team ids, unless these are asked for."""
    async for record in records:
        if pseudonyms is not None:
            record = record.model_copy(update={"team": pseudonyms.of_team(record.team)})
        yield record


# -- the demo --------------------------------------------------------------------------------------


async def demo(*, port: int | None, open_browser: bool) -> None:
    """`accord demo`: embedded server, worker and web channel in one process, with the sample question."""
    from adapters.web.links import admin_link as signed_admin_link
    from adapters.web.links import invite_link

    settings = read_settings()
    logs.configure("WARNING" if settings.log_level == "INFO" else settings.log_level)
    chosen_port = port or settings.web.port
    engine = _engine(settings)
    async with (
        _state_url(settings.state) as url,
        _ports(url, secret_key(settings.state), _platforms()) as ports,
        _worker_beside(Worker(ports, engine, engine, arms=engine), url),
        _web(settings, ports, chosen_port) as config,
    ):
        deliberation = await _sample_question(ports, config.channel)
        member = invite_link(config, deliberation.id)
        _say(f"\nAccord is running. Question: {deliberation.question}\n")
        _say(f"  Take part:  {member}")
        _say(f"  Run it:     {signed_admin_link(config)}\n")
        _say("Close the question there to see a statement drafted. Ctrl-C stops; everything is kept.")
        if open_browser:
            with suppress(webbrowser.Error):
                await asyncio.to_thread(webbrowser.open, member)
        await _told_to_stop()


async def _sample_question(ports: Ports, channel: str) -> Deliberation:
    """The sample with its opinions: the one that is still open, or a new one."""
    from adapters.console.sample import sample

    request = sample()
    for number in itertools.count(1):
        place = (WEB_TEAM, WEB, channel)
        found = await ask(request.question, place, ports, key=f"demo:{number}", terms=Terms())
        if found.phase is Phase.OPINIONS and found.closes_at and found.closes_at > ports.clock.now():
            break
    for opinion in request.opinions:
        await answer(opinion, found, ports)
    return found


@asynccontextmanager
async def _worker_beside(worker: Worker, url: str) -> AsyncIterator[None]:
    from adapters.jobs.worker import run_worker as take_steps

    task = asyncio.create_task(take_steps(worker, url, sweep_every_s=DEMO_SWEEP_S))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def demo_once() -> None:
    """`accord demo --once`: a whole deliberation in the terminal, on a server that is gone afterwards."""
    from adapters.console.demo import PLATFORM, Narrator, play_once
    from adapters.console.platform import ConsolePlatform
    from adapters.console.terminal import terminal

    logs.configure("WARNING")
    console, console_err = terminal(sys.stdout), terminal(sys.stderr)
    narrator = Narrator(_mediator(_in_use(read_settings())), console, console_err)
    platforms = {PLATFORM: ConsolePlatform(console, simulated=True)}
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        async with (
            _state_url(StateSettings(redis_url=None, data_dir=Path(folder))) as url,
            _ports(url, secrets.token_urlsafe(16), platforms) as ports,
            _worker_beside(Worker(ports, narrator), url),
        ):
            await play_once(ports, console, narrator)


# -- questions -------------------------------------------------------------------------------------


async def import_questions(team: str, questions: Sequence[str]) -> Reply:
    """`accord questions import`: into a team's bank, wherever state is kept."""
    settings = read_settings()
    logs.configure("WARNING")
    async with (
        _state_url(settings.state) as url,
        _ports(url, secret_key(settings.state), {}) as ports,
    ):
        return await import_new(team, questions, ports)


async def start_study(plan: "StudyPlan", links: Path, open_for: timedelta) -> int:
    """`accord study start`: on the web channel, wherever state is kept; gives how many links were written."""
    from adapters.web.invitations import write_links
    from bot.studies import start_study as start

    settings = read_settings()
    logs.configure("WARNING")
    config = web_config(settings, settings.web.port)
    place = (WEB_TEAM, WEB, config.channel)
    async with (
        _state_url(settings.state) as url,
        _ports(url, secret_key(settings.state), _platforms()) as ports,
    ):
        return write_links(links, await start(plan, place, ports, open_for=open_for), config)


def question_drafters(generator: str | None) -> "Drafters":
    """Who writes new questions and position statements: the configured model, once for each task."""
    from engine.prompts import SERVICES
    from engine.questions.generation import Drafters

    configured = read_settings().engine
    said = {"generator": generator} if generator else {}
    asking, affirming, negating = (
        _generator(configured.model_copy(update={**said, "prompt": task})) for task in SERVICES
    )
    if not asking.model_used:
        raise SettingsError(
            f"The generator {asking.name} only picks from what people wrote; to write questions, configure a "
            "language model, or name one with --generator tgi, openai or local."
        )
    return Drafters(questions=asking, affirming=affirming, negating=negating)


# -- the doctor ------------------------------------------------------------------------------------


async def examine() -> Sequence["Finding"]:
    """`accord doctor`: look at settings, state and engine, one after the other."""
    from adapters.console.doctor import Finding

    try:
        settings = read_settings()
        secret_key(settings.state)
        engine = _in_use(settings)
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


async def _examine_state(state: StateSettings) -> "Finding":
    from adapters.console.doctor import Finding
    from adapters.redis.connection import connect, weaknesses
    from bot.errors import StoreError

    where = "the embedded server" if state.redis_url is None else "the server at REDIS_URL"
    try:
        async with _state_url(state) as url:
            client = await connect(url)
            try:
                weak = await weaknesses(client)
            finally:
                await client.aclose()
    except StoreError as exc:
        return Finding("state", False, str(exc))
    if weak:
        return Finding("state", False, f"{where} answers, but {'; '.join(weak)}.")
    return Finding("state", True, f"{where} answers.")


async def _examine_slack(settings: Settings) -> list["Finding"]:
    """Nothing where nothing of Slack is configured."""
    from adapters.console.doctor import Finding

    try:
        config = slack_config(settings)
        if config is None:
            return []
    except SettingsError as exc:
        return [Finding("slack", False, str(exc))]
    from adapters.slack.checkup import examine as examine_slack

    return [Finding("slack", ok, sentence) for ok, sentence in await examine_slack(config)]


async def _examine_discord(settings: Settings) -> list["Finding"]:
    """Nothing where nothing of Discord is configured."""
    from adapters.console.doctor import Finding

    try:
        config = discord_config(settings)
        if config is None:
            return []
    except SettingsError as exc:
        return [Finding("discord", False, str(exc))]
    from adapters.discord.checkup import examine as examine_discord

    return [Finding("discord", ok, sentence) for ok, sentence in await examine_discord(config)]


async def _examine_generator(settings: EngineSettings) -> "Finding":
    from adapters.console.doctor import Finding
    from engine.errors import GenerationError

    try:
        generator = _generator(settings)
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
            f"{settings.chosen_generator} does not answer. Check its address and that the server runs.",
        )


async def _examine_reward_model(settings: EngineSettings) -> "Finding":
    """Load the model and let it score a pair, which shows what loading alone does not."""
    from adapters.console.doctor import Finding

    try:
        model = await asyncio.to_thread(_reward_model, settings)
        await model.score("Is this a trial?", ["I think it is."], ["It is a trial."])
    except (SettingsError, ScoringError) as exc:
        return Finding("reward model", False, str(exc))
    return Finding("reward model", True, f"{model.name}; {model.described}.")
