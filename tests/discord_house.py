"""A Discord server to test: the real adapter and SDK before a loopback Discord, over in-memory twins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.clock import SystemClock
from adapters.discord.app import DiscordGateway, DiscordParts
from adapters.discord.config import API_URL, PLATFORM, DiscordConfig
from adapters.discord.rest import point_at
from adapters.memory import (
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
    memory_state,
)
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.library import RedisLibrary
from adapters.redis.notes import RedisNotes
from adapters.redis.state import redis_state
from bot.bootstrap.points import PointReader
from bot.chat.notes import Notes
from bot.chat.rehearsals import Rehearsals
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Deliberation, Phase
from bot.service.ports import Ports
from bot.wording import texts
from bot.wording.cards import ResultLink, no_page
from bot.wording.confirmations import CLOSE_VOTE
from bot.worker.steps import Worker, run_step, sweep
from tests.bell import PATIENCE_S
from tests.discord_server import Channel, DiscordServer, Interaction, Member, Message
from tests.state import Keeps
from tests.web_house import FakeMediator, Told

SECRET = "a secret that is only for tests"
QUESTION = "Should we ban single-use plastics?"
MEMBERS = 8
POLL = 46
"""The type of the message with which Discord tells how a poll ended."""


@dataclass
class DiscordHouse(Keeps):
    """A loopback Discord with the app in it. Gateways come and go; what is kept outlives them."""

    discord: DiscordServer
    config: DiscordConfig
    notes: Notes
    jobs: MemoryJobQueue
    ports: Ports
    parts: DiscordParts
    mediator: FakeMediator = field(default_factory=FakeMediator)
    rehearsals: Rehearsals | None = None
    gateways: list[DiscordGateway] = field(default_factory=list)
    models: Told | None = None
    pages: ResultLink = no_page

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[DiscordGateway]:
        """A gateway with parts of its own, as another process has them."""
        async with AsyncExitStack() as stack:
            parts = DiscordParts.make(self.config, self.notes, self.pages)
            stack.push_async_callback(parts.close)
            gateway = DiscordGateway(
                parts, self.ports, guild_ready_s=0.05, first_wait_s=0.05, rehearsals=self.rehearsals
            )
            self.gateways.append(gateway)
            stack.callback(self.gateways.remove, gateway)
            before = self.discord.gateway.identified
            await stack.enter_async_context(gateway.listening())
            await self.discord.until(
                lambda: self.discord.gateway.identified > before and gateway.synced, what="the gateway"
            )
            yield gateway

    async def ready(self, gateway: DiscordGateway) -> None:
        """As if its session began once more, as soon as it knows its servers."""
        await self.discord.until(lambda: gateway.client and gateway.client.guilds, what="the servers")
        await gateway.ready(0)

    async def work(self) -> None:
        """Take every step that is due, until none is left."""
        await sweep(self.ports)
        while self.jobs.waiting:
            step, id_ = await self.jobs.take()
            worker = Worker(self.ports, self.mediator, pause_s=0, models=self.models, points=PointReader())
            await run_step(step, id_, worker)

    # -- what members do -------------------------------------------------------------------------

    def people(self, count: int = MEMBERS) -> list[Member]:
        """Members of the first server."""
        return [self.discord.member(f"member{number}") for number in range(count)]

    async def ask(self, asker: Member, question: str = QUESTION, **options: Any) -> Deliberation:
        """Ask by the command, and let the card be posted."""
        asked = await asker.command("accord ask", question=question, **options)
        assert not asked.failed
        await self.discord.until(lambda: asked.message, what="an answer")
        await self.work()
        return (await self.deliberations.of_team(str(asker.guild.id)))[0]

    async def opine(self, member: Member, card: Message, text: str) -> Interaction:
        """Share an opinion through the card's button."""
        opened = await member.press(card, "Share your opinion")
        assert opened.modal is not None, opened.messages
        given = await member.submit(opened.modal, {"opinion": text})
        await self.discord.until(lambda: given.message or given.failed, what="an answer")
        return given

    async def close_all_the_same(self, member: Member) -> None:
        """Close a vote, however few have rated: then it asks first."""
        asked = await member.command("accord close")
        await self.discord.until(lambda: asked.message and asked.message.shown, what="an answer")
        assert asked.message is not None
        if texts.ALL_THE_SAME in asked.message.shown:
            await member.press(asked.message, CLOSE_VOTE.yes)

    async def settled(self) -> None:
        """Wait for what a gateway does after it has answered."""
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

    async def until_rated(self, d: Deliberation, count: int) -> list[int]:
        """Wait for so many ratings; their values."""
        for _ in range(3_000):
            kept = await self.contributions.ratings(d.id, d.round)
            if len(kept) == count:
                break
            await asyncio.sleep(0.02)
        return sorted(rating.value for rating in kept)

    async def until_values(self, d: Deliberation, values: list[int]) -> None:
        """Wait for exactly these ratings."""
        found: list[int] = []
        for _ in range(3_000):
            found = sorted(r.value for r in await self.contributions.ratings(d.id, d.round))
            if found == values:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the ratings are {found}, not {values}")

    # -- what is to be seen ----------------------------------------------------------------------

    @property
    def room(self) -> Channel:
        """The first server's channel."""
        return self.discord.first_channel()

    @property
    def card(self) -> Message:
        """The oldest message of ours in the channel."""
        bot = self.discord.state.bot
        return next(message for message in self.room.shown if message.author is bot)

    @property
    def own(self) -> list[Message]:
        """What the app posted, without what Discord posts by itself."""
        bot = self.discord.state.bot
        return [m for m in self.room.shown if m.author is bot and m.type != POLL]

    def ballot(self, d: Deliberation) -> Message:
        """The message that is rated."""
        assert d.ballot is not None, d.terms
        message = self.room.message(int(d.ballot.message))
        assert message is not None
        return message


@asynccontextmanager
async def make_house(
    client: Any = None, pages: ResultLink = no_page, **given: Any
) -> AsyncIterator[DiscordHouse]:
    """A loopback Discord with the app in one server; `given` are fields of the configuration.

    client: of a real server, in which everything is kept then but jobs. pages: where results have a page.
    """
    async with DiscordServer() as discord:
        assert discord.first_guild.id
        config = DiscordConfig(**{"token": discord.app.token, "api_url": discord.api_url, **given})
        jobs = MemoryJobQueue()
        notes = RedisNotes(client, PLATFORM) if client else MemoryNotes()
        parts = DiscordParts.make(config, notes, pages)
        ports = Ports(
            **(redis_state(client) if client else memory_state()),
            feedback=RedisFeedbackLog(client) if client else MemoryFeedbackLog(),
            library=RedisLibrary(client) if client else MemoryLibrary(),
            jobs=jobs,
            clock=SystemClock(),
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms(SECRET),
            platforms={PLATFORM: parts.platform},
        )
        try:
            yield DiscordHouse(discord, config, notes, jobs, ports, parts, pages=pages)
            assert not _could_ping(discord)
        finally:
            await parts.close()
            point_at(API_URL)


def _could_ping(discord: DiscordServer) -> list[Any]:
    """What was sent with words and without saying that nobody is mentioned: that hangs on no escaping."""
    bodies = [call.body.get("data") or call.body for call in discord.rest.calls]
    worded = [body for body in bodies if body.get("content") or body.get("embeds")]
    return [body for body in worded if body.get("allowed_mentions") != {"parse": []}]
