"""`accord demo`: everything in one process, with a sample question; or a whole deliberation in the terminal.

Reads:  settings, and the sample of `adapters.console`.
Gives:  two ways of trying Accord, to `bot.cli`.
"""

import asyncio
import itertools
import secrets
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot import logs
from bot.bootstrap.models import mediator_of, promoted_engine, settings_in_use
from bot.bootstrap.platforms import WEB, WEB_TEAM, chat_platforms
from bot.bootstrap.processes import say, told_to_stop, web_channel
from bot.bootstrap.state import ports_over, state_url
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.terms import Terms
from bot.ports import Ports
from bot.rehearsal import answer, ask
from bot.settings import StateSettings, read_settings, secret_key
from bot.worker import Worker

DEMO_SWEEP_S = 0.5


async def demo_in_browser(*, port: int | None, open_browser: bool) -> None:
    """`accord demo`: embedded server, worker and web channel in one process, with the sample question."""
    from adapters.web.links import admin_link as signed_admin_link
    from adapters.web.links import invite_link

    settings = read_settings()
    logs.configure("WARNING" if settings.log_level == "INFO" else settings.log_level)
    chosen_port = port or settings.web.port
    engine = promoted_engine(settings)
    async with (
        state_url(settings.state) as url,
        ports_over(url, secret_key(settings.state), chat_platforms()) as ports,
        _worker_beside(Worker(ports, engine, engine, arms=engine), url),
        web_channel(settings, ports, chosen_port) as config,
    ):
        deliberation = await _sample_question(ports, config.channel)
        member = invite_link(config, deliberation.id)
        say(f"\nAccord is running. Question: {deliberation.question}\n")
        say(f"  Take part:  {member}")
        say(f"  Run it:     {signed_admin_link(config)}\n")
        say("Close the question there to see a statement drafted. Ctrl-C stops; everything is kept.")
        if open_browser:
            with suppress(webbrowser.Error):
                await asyncio.to_thread(webbrowser.open, member)
        await told_to_stop()


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
    narrator = Narrator(mediator_of(settings_in_use(read_settings())), console, console_err)
    platforms = {PLATFORM: ConsolePlatform(console, simulated=True)}
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        async with (
            state_url(StateSettings(redis_url=None, data_dir=Path(folder))) as url,
            ports_over(url, secrets.token_urlsafe(16), platforms) as ports,
            _worker_beside(Worker(ports, narrator), url),
        ):
            await play_once(ports, console, narrator)
