"""`accord demo`: everything in one process, with a sample question in the browser.

Reads:  settings, and the sample of `adapters.console`.
Gives:  a way of trying Accord, to `bot.cli.main`; the other is `demo_in_terminal`.
"""

import asyncio
import itertools
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.bootstrap.made_up_members import answer, ask
from bot.bootstrap.models import promoted_engine, rehearsal_writers
from bot.bootstrap.platforms import (
    WEB,
    WEB_TEAM,
    chat_platforms,
    kept_rehearsals,
    web_access,
    web_notes,
)
from bot.bootstrap.processes import told_to_stop, web_channel, worker_of
from bot.bootstrap.secret_keys import secret_keys
from bot.bootstrap.settings import Settings, read_settings
from bot.bootstrap.state import ports_over, state_url
from bot.bootstrap.terminal_progress import say, waiting_for
from bot.chat.rehearsals import Rehearsals
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.terms import Terms
from bot.ops import logs
from bot.service.ports import Ports
from bot.service.ports.web_access import OpenLink
from bot.worker.steps import Worker

DEMO_SWEEP_S = 0.5


async def demo_in_browser(*, port: int | None, open_browser: bool) -> None:
    """`accord demo`: embedded server, worker and web channel in one process, with the sample question."""
    from adapters.web.links import admin_link as signed_admin_link
    from adapters.web.links import invite_link, new_link_id

    settings = read_settings()
    logs.configure("WARNING" if settings.log_level == "INFO" else settings.log_level)
    chosen_port = port or settings.web.port
    async with (
        state_url(settings.state, to_serve=True) as url,
        ports_over(url, secret_keys(settings.state), chat_platforms()) as ports,
        web_access(url) as access,
        web_notes(url) as notes,
        kept_rehearsals(url, settings) as kept,
        # Before the models, which take a while: a port in use is told at once.
        web_channel(
            settings, ports, access, notes, chosen_port, tried_out=_if_played(kept, settings)
        ) as config,
        _worker(settings, ports, url, kept),
    ):
        deliberation = await _sample_question(ports, config.channel)
        if (opened := await access.invitations.open_link(deliberation.id)) is None:
            opened = OpenLink(id=new_link_id())
            await access.invitations.put_open_link(deliberation.id, opened.id)
        member = invite_link(config, deliberation.id, opened.id)
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


def _if_played(kept: Rehearsals, settings: Settings) -> Rehearsals | None:
    """Trying a question out takes a language model: without one it isn't offered."""
    return None if rehearsal_writers(settings) is None else kept


@asynccontextmanager
async def _worker(settings: Settings, ports: Ports, url: str, kept: Rehearsals) -> AsyncIterator[None]:
    with waiting_for("Loading the models"):
        engine = promoted_engine(settings)
    async with worker_of(settings, engine, ports, kept) as worker, worker_beside(worker, url):
        yield


@asynccontextmanager
async def worker_beside(worker: Worker, url: str) -> AsyncIterator[None]:
    """Run a worker in this process while the context lasts."""
    from adapters.jobs.worker import run_worker as take_steps

    task = asyncio.create_task(take_steps(worker, url, sweep_every_s=DEMO_SWEEP_S))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
