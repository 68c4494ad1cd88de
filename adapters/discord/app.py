"""Puts Discord together, and runs it: a gateway connection that is supervised.

Reads:  ports, a `DiscordConfig` and notes, from `bot.bootstrap`.
Gives:  `DiscordParts`, which workers need too (to post), and the gateway's listener.
One event that the SDK cannot read ends its client. A new one then takes its place, after a moment or, when
that happens again and again, after longer: Discord allows a bot a thousand sessions a day. Whenever a session
begins or goes on, every running vote is read again, and what was deleted meanwhile is posted again. What a
payload holds is never logged.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.admin import Admin
from adapters.discord.asking import Asking
from adapters.discord.command_registration import register
from adapters.discord.config import API_URL, PLATFORM, DiscordConfig
from adapters.discord.errors import TokenRefusedError, token_refused
from adapters.discord.inbound import Inbound
from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.library import Library
from adapters.discord.lookups import Lookups
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.people import People
from adapters.discord.points import Points
from adapters.discord.recording_outcome import Deciding
from adapters.discord.rehearsals import TryingOut
from adapters.discord.rest import Rest, point_at
from adapters.discord.rewording import Rewording
from adapters.discord.routes import Part, Pressed, Routes
from adapters.discord.sealed_ids import SealedIds
from adapters.discord.steering import Steering
from bot.chat.answer_counter import Counter
from bot.chat.listening import Connection
from bot.chat.notes import Notes
from bot.chat.rehearsals import Rehearsals
from bot.chat.resuming import take_up_again
from bot.chat.tasks import Tasks
from bot.domain.errors import BotError
from bot.service.ports import Ports
from bot.service.reconciling import reconcile_team
from bot.wording.cards import ResultLink, no_page

log = logging.getLogger(__name__)

# None of these is privileged. Messages are listened to for those of ours that somebody deletes.
INTENTS = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True, guild_polls=True)
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 120.0
# A connection that held so long was a good one: the next that ends is taken up again at once.
STEADY_S = 60.0
# Of a connection that ends: so long its answers may still go out.
ENDING_S = 2.5


@dataclass(frozen=True)
class DiscordParts:
    """What every process has that speaks with Discord: workers post with it, gateways also listen."""

    config: DiscordConfig
    notes: Notes
    rest: Rest
    people: People
    platform: DiscordPlatform

    @classmethod
    def make(cls, config: DiscordConfig, notes: Notes, result_link: ResultLink = no_page) -> "DiscordParts":
        """Without connecting to anything yet."""
        _hush_the_sdk()
        rest = Rest(config)
        people = People(rest, notes, SealedIds(*config.secrets, config.token))
        return cls(config, notes, rest, people, DiscordPlatform(rest, notes, people, result_link))

    async def close(self) -> None:
        """Give connections back."""
        await self.rest.close()


def parts_of(shared: InteractionContext) -> list[Part]:
    """Everything that people can do beside taking part. A new part is added here."""
    return [
        Asking(shared),
        Steering(shared),
        Deciding(shared),
        Rewording(shared),
        Lookups(shared),
        Admin(shared),
        Library(shared),
        Points(shared),
        TryingOut(shared),
    ]


class DiscordGateway:
    """Listens to Discord. One for a process; any number of processes.

    starts: how often a connection was begun; more than one of them says that one ended.
    guild_ready_s: how long a session waits for one more server before it counts as ready.
    """

    def __init__(
        self,
        parts: DiscordParts,
        ports: Ports,
        *,
        guild_ready_s: float = 2.0,
        first_wait_s: float = FIRST_WAIT_S,
        rehearsals: Rehearsals | None = None,
    ) -> None:
        self.parts = parts
        self.ports = ports
        self.tasks = Tasks()
        counter = Counter(parts.platform, parts.notes, ports, self.tasks)
        self.shared = InteractionContext(
            ports,
            parts.rest,
            parts.platform,
            parts.people,
            parts.notes,
            counter,
            self.tasks,
            rehearsals=rehearsals,
        )
        self.inbound = Inbound(self.shared)
        self.routes = Routes()
        for part in (self.inbound, *parts_of(self.shared)):
            part.contribute(self.routes)
        self.starts = 0
        self.synced = False
        self.connection = Connection(PLATFORM, self._hears)
        self._shards: set[int] = set()
        self._guild_ready_s = guild_ready_s
        self._first_wait_s = first_wait_s
        self.client: _Client | None = None
        self._stopping = False

    # -- running ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """For as long as the block runs. Raises TokenRefusedError before it begins."""
        if self.parts.config.api_url != API_URL:
            point_at(self.parts.config.api_url)
        try:
            await self.parts.rest.client()
        except TokenRefusedError:
            raise
        except BotError as exc:
            log.warning("Discord cannot be reached yet (%s); it is tried again", type(exc).__name__)
        supervised = asyncio.create_task(self._supervised())
        try:
            async with self.connection.watched():
                yield
        finally:
            # First no more comes in, then what came is finished.
            self._stopping = True
            await _ended(supervised)
            await self.shared.answers.finish()
            await self.tasks.finish()

    async def _hears(self) -> bool:
        """Whether every shard has its session."""
        wanted = None if self.client is None else self.client.shard_count
        return wanted is not None and len(self._shards) >= wanted

    async def _supervised(self) -> None:
        wait_s = self._first_wait_s
        while True:
            began = time.monotonic()
            await self._run_once()
            if time.monotonic() - began > STEADY_S:
                wait_s = self._first_wait_s
            await _pause(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _run_once(self) -> None:
        """One client, from its beginning to its end, whatever that is."""
        self.client = client = _Client(self, guild_ready_timeout=self._guild_ready_s)
        self.starts += 1
        self._shards.clear()
        try:
            await client.start(self.parts.config.token)
        except discord.LoginFailure:
            log.error(str(token_refused()))
        except Exception as exc:
            # The sentence of such an error may quote the event that it could not read.
            log.error(
                "the connection to Discord ended (%s, %s); it begins anew", type(exc).__name__, _where(exc)
            )
        finally:
            self._shards.clear()
            # One that ended before it had begun cannot be closed either; the next one is begun all the same.
            with suppress(Exception):
                await client.close()

    async def ready(self, shard: int) -> None:
        """A session began or goes on: votes that came meanwhile are found again, and counts are shown.

        It counts as work under way, which is finished before connections are given back.
        """
        self._shards.add(shard)
        await self._while_it_runs(self._catch_up(shard))

    def lost(self, shard: int) -> None:
        """A session has no connection; the SDK sees to another."""
        self._shards.discard(shard)

    async def joined(self, team: str) -> None:
        """A server added the app, perhaps again: whatever waited for that goes on."""
        await self._while_it_runs(self._take_up_again(team))

    async def _while_it_runs(self, work: Coroutine[Any, Any, None]) -> None:
        """Nothing begins once what is under way is being finished: what it needs is about to be closed."""
        if self._stopping:
            work.close()
            return
        await self.tasks.start(work)

    async def _take_up_again(self, team: str) -> None:
        await self._catch_up_in(team)
        try:
            await take_up_again(team, PLATFORM, self.ports)
        except BotError:
            log.warning("what waited for a server goes on in its time", exc_info=True)

    async def _catch_up(self, shard: int) -> None:
        client = self.client
        guilds = [] if client is None else [g for g in client.guilds if g.shard_id == shard]
        log.info("Discord: shard %d is there, with %d servers", shard, len(guilds))
        for guild in guilds:
            await self._catch_up_in(str(guild.id))

    async def _catch_up_in(self, team: str) -> None:
        try:
            await self.inbound.look_for_deleted(team)
            await reconcile_team(team, PLATFORM, self.ports)
            await self.shared.counter.catch_up(team, PLATFORM)
        except BotError:
            log.warning("votes could not be read again; that is done again before they settle")


class _Client(discord.AutoShardedClient):
    """One connection. It knows the gateway, and the gateway outlives it."""

    def __init__(self, gateway: DiscordGateway, **options: Any) -> None:
        super().__init__(
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            **options,
        )
        self._gateway = gateway
        self.routes = gateway.routes
        self.tree = gateway.routes.tree(self)
        self.add_dynamic_items(Pressed)

    async def setup_hook(self) -> None:
        """Signed in: say which commands there are, once for a process."""
        if self._gateway.synced:
            return
        try:
            if self.routes.translator is not None:
                await self.tree.set_translator(self.routes.translator)
            await register(self.tree, self._gateway.parts.notes)
            self._gateway.synced = True
        except discord.DiscordException as exc:
            log.error("Discord did not take the commands (%s); those it has stay", type(exc).__name__)

    async def close(self) -> None:
        """Ends once what is under way has been answered, or after a moment."""
        if not self.is_closed():
            await self._gateway.shared.answers.settle(ENDING_S)
        await super().close()

    async def on_error(self, event: str, /, *args: Any, **given: Any) -> None:
        """A listener of ours failed; what came with the event is not logged."""
        log.exception("a listener failed (%s)", event)

    # -- what comes ------------------------------------------------------------------------------

    async def on_shard_ready(self, shard: int) -> None:
        """A new session."""
        await self._gateway.ready(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        """The same session goes on."""
        await self._gateway.ready(shard)

    async def on_shard_disconnect(self, shard: int) -> None:
        """Also each time that another connection could not be had."""
        self._gateway.lost(shard)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Also one that had removed the app before."""
        await self._gateway.joined(str(guild.id))

    async def on_guild_channel_update(self, before: Any, after: discord.abc.GuildChannel) -> None:
        """Who sees it may have changed."""
        self._gateway.parts.people.changed(str(after.guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Nobody sees it any more, nor its threads."""
        self._gateway.parts.people.changed(str(channel.guild.id))

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._gateway.parts.people.changed(str(event.guild_id))

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """What a role opens may have changed."""
        self._gateway.parts.people.changed(str(after.guild.id))

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self._gateway.parts.people.changed(str(role.guild.id))

    async def on_interaction(self, interaction: Interaction) -> None:
        """Windows; the SDK itself hands on commands and presses."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.routes.window(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await self._gateway.inbound.reacted(event, added=True)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await self._gateway.inbound.reacted(event, added=False)

    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        await self._gateway.inbound.cleared(str(event.channel_id), str(event.message_id))

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        await self._gateway.inbound.cleared(str(event.channel_id), str(event.message_id))

    async def on_raw_poll_vote_add(self, event: discord.RawPollVoteActionEvent) -> None:
        await self._gateway.inbound.voted(event, added=True)

    async def on_raw_poll_vote_remove(self, event: discord.RawPollVoteActionEvent) -> None:
        await self._gateway.inbound.voted(event, added=False)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self._gateway.inbound.deleted(str(event.channel_id), str(event.message_id))

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        for message in event.message_ids:
            await self._gateway.inbound.deleted(str(event.channel_id), str(message))


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancel it until it hears: the SDK swallows what comes while it connects again."""
    while not task.done():
        task.cancel()
        # Long enough for a connection to end in its own time.
        await asyncio.wait({task}, timeout=2 * ENDING_S)


def _where(error: BaseException) -> str:
    """In which function of which file it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} in {code.co_name}"


def _hush_the_sdk() -> None:
    """Its loggers write whole events, and addresses with tickets in them; how it connects is told by us."""
    logging.getLogger("discord").setLevel(logging.ERROR)
    for name in ("client", "shard", "gateway"):
        logging.getLogger(f"discord.{name}").setLevel(logging.CRITICAL)
