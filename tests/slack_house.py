"""A Slack channel to test: the real adapter and SDK before a loopback Slack, over in-memory twins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from adapters.clock import SystemClock
from adapters.memory import (
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
    memory_state,
)
from adapters.slack.app import SlackGateway
from adapters.slack.config import SlackConfig
from adapters.slack.parts import SlackParts
from bot.bootstrap.points import PointReader
from bot.chat.rehearsals import Rehearsals
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Deliberation, Phase
from bot.service.ports import Ports
from bot.wording.cards import ResultLink, no_page
from bot.worker.steps import Worker, run_step, sweep
from tests.bell import PATIENCE_S
from tests.slack_server import Channel, Message, SlackServer, Team, User
from tests.state import Keeps
from tests.web_house import FakeMediator, Told

SECRET = "a secret that is only for tests"
QUESTION = "Should we ban single-use plastics?"
MEMBERS = 8


@dataclass
class SlackHouse(Keeps):
    """A loopback Slack with the app in it. Gateways come and go; what is kept outlives them."""

    slack: SlackServer
    config: SlackConfig
    notes: MemoryNotes
    jobs: MemoryJobQueue
    ports: Ports
    parts: SlackParts
    mediator: FakeMediator
    gateways: list[SlackGateway] = field(default_factory=list)
    models: Told | None = None
    pages: ResultLink = no_page
    rehearsals: Rehearsals | None = None

    @asynccontextmanager
    async def gateway(self, mode: str = "socket") -> AsyncIterator[SlackGateway]:
        """A gateway with parts of its own, as another process has them."""
        async with AsyncExitStack() as stack:
            parts = SlackParts.make(self.config, self.notes, self.pages)
            stack.push_async_callback(parts.close)
            gateway = SlackGateway(parts, self.ports, self.rehearsals)
            self.gateways.append(gateway)
            stack.callback(self.gateways.remove, gateway)
            if mode == "socket":
                before = len(self.slack.socket.connections)
                await stack.enter_async_context(gateway.sockets())
                await self.slack.connected(before + 1)
            else:
                await stack.enter_async_context(served(gateway, self.slack))
            yield gateway

    async def work(self) -> None:
        """Take every step that is due, until none is left."""
        await sweep(self.ports)
        while self.jobs.waiting:
            step, id_ = await self.jobs.take()
            worker = Worker(self.ports, self.mediator, pause_s=0, models=self.models, points=PointReader())
            await run_step(step, id_, worker)

    async def working(self, stop: asyncio.Event) -> None:
        """A worker beside the gateway."""
        while not stop.is_set():
            await self.work()
            await asyncio.sleep(0.02)

    # -- what members do -------------------------------------------------------------------------

    def people(self, count: int = MEMBERS, team: Team | None = None) -> list[User]:
        """Members of a workspace."""
        return [self.slack.user(f"member{number}", team) for number in range(count)]

    async def ask(self, asker: User, room: Channel, question: str = QUESTION, **values: Any) -> Deliberation:
        """Ask through the window, and let the card be posted."""
        delivery = await asker.command(f"/accord ask {question}", room)
        assert delivery.acked
        view = await asker.sees_modal("ask")
        advanced = set(values) - {"question", "context", "deadline", "deadline_at", "identity", "channel"}
        if advanced:
            await asker.click(view, "more_settings")
            await self.slack.until(lambda: "quorum" in str(view.given), what="the advanced settings")
        submitted = await asker.submit(view, values)
        assert submitted.acked, submitted
        assert not submitted.errors, submitted.errors
        await self.settled()
        await self.work()
        return (await self.deliberations.of_team(asker.team.id))[0]

    async def opine(self, user: User, message: Message, text: str) -> Any:
        """Share an opinion through the card's button."""
        await user.click(message, "share_opinion")
        view = await user.sees_modal("opinion")
        delivery = await user.submit(view, {"opinion": text})
        while user.views:
            await user.close()
        return delivery

    async def settled(self) -> None:
        """Wait for everything that was sent, and for what a gateway does after it has answered."""
        await self.slack.settled()
        for gateway in self.gateways:
            await gateway.tasks.settle(PATIENCE_S)

    async def load(self, d: Deliberation) -> Deliberation:
        """As it is kept now."""
        return await self.deliberations.load(d.id)

    async def until_phase(self, d: Deliberation, phase: Phase) -> Deliberation:
        """Work until it is there."""
        for _ in range(3_000):
            await self.work()
            if (await self.load(d)).phase is phase:
                return await self.load(d)
            await asyncio.sleep(0.02)
        raise AssertionError(f"it never became {phase}: {await self.load(d)}")

    async def pause_is_over(self, d: Deliberation) -> None:
        """As if the time had passed after which what failed is tried again."""
        found = await self.load(d)
        await self.deliberations.save(found.model_copy(update={"wait_until": None}))


def card(room: Channel) -> Message:
    """The oldest message of ours in a channel."""
    return next(message for message in room.shown if message.bot_id)


@web.middleware
async def refuse(request: web.Request, handler: Any) -> web.StreamResponse:
    """What an application of its own does with requests that carry no token of its forms."""
    raise web.HTTPForbidden


@asynccontextmanager
async def served(gateway: SlackGateway, slack: SlackServer) -> AsyncIterator[None]:
    """HTTP mode on a port of its own."""
    app = web.Application(middlewares=[gateway.in_front(), refuse], client_max_size=1_000)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    slack.use_http(f"http://127.0.0.1:{port}/slack/events")
    try:
        yield
    finally:
        await gateway.finish()
        await runner.cleanup()
        slack.use_sockets()


@asynccontextmanager
async def make_house(pages: ResultLink = no_page, **given: Any) -> AsyncIterator[SlackHouse]:
    """A loopback Slack with the app in one workspace; `given` are fields of the configuration.

    pages: where results have a page.
    """
    async with SlackServer() as slack:
        if "client_id" not in given:
            given.setdefault("bot_token", slack.bot_token())
        # Slack's three seconds are the benchmark's: here they would only tell how busy this machine is.
        slack.redelivery.ack_within_s = slack.state.trigger_lifetime_s = 30.0
        config = SlackConfig(
            **{
                "secret": SECRET,
                "app_token": slack.app.app_token,
                "signing_secret": slack.app.signing_secret,
                "api_url": slack.api_url,
                **given,
            }
        )
        notes, jobs = MemoryNotes(), MemoryJobQueue()
        parts = SlackParts.make(config, notes, pages)
        ports = Ports(
            **memory_state(),
            feedback=MemoryFeedbackLog(),
            library=MemoryLibrary(),
            jobs=jobs,
            clock=SystemClock(),
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms(SECRET),
            platforms={"slack": parts.platform},
        )
        yield SlackHouse(slack, config, notes, jobs, ports, parts, FakeMediator(), pages=pages)
        await parts.close()


async def install(house: SlackHouse, team: Team, admin: str = "admin") -> str:
    """An admin of a workspace clicks "Add to Slack"; the last page's text."""
    installer = house.slack.user(admin, team, is_admin=True)
    ours = URL(house.slack.http.request_url)
    async with aiohttp.ClientSession() as browser:
        async with browser.get(ours.with_path("/slack/install")) as page:
            assert page.status == 200
            text = await page.text()
            state = page.cookies["slack-app-oauth-state"].value
        assert state in text
        code = house.slack.grant(
            team, installer, redirect_uri="https://accord.example.org/slack/oauth_redirect"
        )
        back = ours.with_path("/slack/oauth_redirect").with_query(code=code, state=state)
        headers = {"Cookie": f"slack-app-oauth-state={state}"}
        async with browser.get(back, headers=headers) as page:
            return await page.text()
