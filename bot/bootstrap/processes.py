"""The processes that run until they are told to stop: the gateway and the worker.

Reads:  settings, once, at the start.
Gives:  `run_gateway` and `run_worker`, to `bot.cli.main`; the web channel, to the demo as well.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.bootstrap.models import promoted_engine, simulated_members
from bot.bootstrap.platforms import (
    address_noted,
    chat_platforms,
    discord_parts,
    kept_rehearsals,
    slack_parts,
    web_access,
    web_config,
    web_notes,
)
from bot.bootstrap.secret_keys import secret_keys
from bot.bootstrap.settings import Settings, SettingsError, read_settings
from bot.bootstrap.state import ports_over, state_url, warn_of_weaknesses
from bot.bootstrap.terminal_progress import say, waiting_for
from bot.chat.notes import Notes
from bot.chat.rehearsals import Rehearsals
from bot.ops import logs, traces
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.worker.steps import Worker

if TYPE_CHECKING:
    from adapters.discord.app import DiscordGateway, DiscordParts
    from adapters.slack.app import SlackGateway
    from adapters.slack.parts import SlackParts
    from adapters.web.config import WebConfig
    from bot.worker.engine import PromotedEngine


log = logging.getLogger(__name__)

OTHER_FILES = 1_000


async def run_gateway() -> None:
    """`accord run`: the web channel, until SIGTERM or Ctrl-C."""
    settings = started()
    _allow_open_files(settings.web.streams)
    async with (
        state_url(settings.state, to_serve=True) as url,
        _traces("gateway", settings),
        slack_parts(settings, url) as slack,
        discord_parts(settings, url) as discord,
        ports_over(url, secret_keys(settings.state), chat_platforms(slack, discord)) as ports,
        kept_rehearsals(url, settings) as tried_out,
        _slack_gateway(slack, ports, tried_out) as gateway,
        _discord_gateway(discord, ports, tried_out) as heard,
        web_access(url) as access,
        web_notes(url) as notes,
        web_channel(settings, ports, access, notes, settings.web.port, gateway, heard, tried_out) as config,
    ):
        await warn_of_weaknesses(url)
        say(f"Accord listens on {config.base_url}. `accord admin-link` prints a link for admins.")
        await told_to_stop()


def _allow_open_files(streams: int) -> None:
    """Each live page is an open file, and many systems allow a process 1,024 unless it asks for more."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * streams + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        if most < wanted:
            log.warning("this process may open %d files; for ACCORD_STREAMS it needs %d", most, wanted)


async def run_worker() -> None:
    """`accord worker`, until SIGTERM or Ctrl-C; running steps are given time to finish."""
    settings = started()
    # Before the models, which take a while: a port in use is told at once.
    async with _worker_metrics(settings):
        await _work(settings)


async def _work(settings: Settings) -> None:
    from adapters.jobs.worker import run_worker as take_steps

    with waiting_for("Loading the models"):
        engine = promoted_engine(settings)
    async with (
        state_url(settings.state, to_serve=True) as url,
        _traces("worker", settings),
        slack_parts(settings, url) as slack,
        discord_parts(settings, url) as discord,
        ports_over(url, secret_keys(settings.state), chat_platforms(slack, discord)) as ports,
        kept_rehearsals(url, settings) as rehearsals,
        worker_of(settings, engine, ports, rehearsals) as worker,
    ):
        await warn_of_weaknesses(url)
        await take_steps(
            worker,
            url,
            concurrency=settings.worker.concurrency,
            takeover_s=settings.worker.takeover_s,
            handle_signals=True,
            on_ready=lambda: say("The worker is running."),
        )


@asynccontextmanager
async def worker_of(
    settings: Settings, engine: "PromotedEngine", ports: Ports, rehearsals: Rehearsals
) -> AsyncIterator[Worker]:
    """A worker that takes every kind of step, wired in one place for `accord worker` and for the demo."""
    from adapters.webhooks.sender import HttpSender
    from bot.bootstrap.points import PointReader

    async with HttpSender(private=settings.webhooks.private) as sender:
        yield Worker(
            ports,
            engine,
            engine,
            arms=engine,
            models=engine,
            points=PointReader(),
            sender=sender,
            rehearsals=rehearsals,
            plays=simulated_members(settings, engine),
        )


def started() -> Settings:
    settings = read_settings()
    logs.configure(settings.log_level)
    return settings


@asynccontextmanager
async def _traces(process: str, settings: Settings) -> AsyncIterator[None]:
    """Sends spans, where OTEL_… asks for them."""
    with traces.traced(process, secret_keys(settings.state)[0]):
        yield


@asynccontextmanager
async def _worker_metrics(settings: Settings) -> AsyncIterator[None]:
    """Serves what this worker counts, where a port is set for it."""
    if (port := settings.worker.metrics_port) is None:
        yield
        return
    from adapters.web.measuring import serve_metrics

    token = settings.web.metrics_token
    try:
        runner = await serve_metrics(settings.web.host, port, token.get_secret_value() if token else "")
    except OSError as exc:
        raise SettingsError(
            f"The worker cannot serve metrics on {settings.web.host}:{port} ({exc.strerror}). "
            "Choose another port with ACCORD_METRICS_PORT."
        ) from exc
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _slack_gateway(
    slack: "SlackParts | None", ports: Ports, tried_out: Rehearsals
) -> AsyncIterator["SlackGateway | None"]:
    """Listens to Slack by Socket Mode, HTTP or both; HTTP goes through the web channel's port."""
    if slack is None:
        yield None
        return
    from adapters.slack.app import SlackGateway

    gateway = SlackGateway(slack, ports, tried_out)
    async with gateway.listening():
        if slack.config.app_token:
            say("Slack: Socket Mode.")
        if slack.config.signing_secret:
            say("Slack: HTTP mode; its request address is this gateway's public one with /slack/events.")
        yield gateway


@asynccontextmanager
async def _discord_gateway(
    discord: "DiscordParts | None", ports: Ports, tried_out: Rehearsals
) -> AsyncIterator["DiscordGateway | None"]:
    """Listens to Discord's gateway, and begins anew whenever that ends."""
    if discord is None:
        yield None
        return
    from adapters.discord.app import DiscordGateway

    gateway = DiscordGateway(discord, ports, rehearsals=tried_out)
    async with gateway.listening():
        say("Discord: listening.")
        yield gateway


@asynccontextmanager
async def web_channel(
    settings: Settings,
    ports: Ports,
    access: WebAccess,
    notes: Notes,
    port: int,
    slack: "SlackGateway | None" = None,
    discord: "DiscordGateway | None" = None,
    tried_out: Rehearsals | None = None,
) -> AsyncIterator["WebConfig"]:
    from adapters.web.app import create_app, serve

    config = web_config(settings, port)
    heard = (slack.connection if slack else None, discord.connection if discord else None)
    app = create_app(ports, config, access, notes, [each for each in heard if each is not None], tried_out)
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
        with address_noted(settings, port):
            yield config
    finally:
        await runner.cleanup()


async def told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
