"""Deliberations in Redis: the port `Deliberations`.

"Only if nobody saved first" is decided by the server, in one atomic step each. Every write may be sent twice:
redis-py sends again what got no answer. The two indexes, of what may be due and of what a team has, are
written before what they point to.

What a save asks of the opinions and what a deletion takes along is here, since both are about the document:
it must not move on with too few opinions, and nothing may outlive it.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import SharedLoads, read
from adapters.redis.erasures import note_deleted
from adapters.redis.errors import maps_errors, store_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.server_files import note_erased
from adapters.redis.state.contribution_scripts import accepts
from adapters.redis.state.due import DueIndex, Entry
from adapters.redis.state.mediations import rated_statements
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import UnknownDeliberationError, VersionConflictError

PAGE = 100
# A save takes no longer: what is not there by then was refused, or its process died before.
NEVER_SAVED_AFTER = timedelta(hours=1)
CONFLICT, UNKNOWN = 0, -1

# KEYS: document. ARGV: version, accepts, doc, edition. Gives the document that is there already, or nil.
CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('HGET', KEYS[1], 'doc')
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'accepts', ARGV[2], 'doc', ARGV[3], 'edition', ARGV[4])
return nil
"""

# KEYS: document, opinions, points that members added, votes on points, marks of points.
# ARGV: version it came from, new version, accepts, doc, saver (unique to this save), fewest opinions, how
# much of all these at most or '', edition.
# Gives 1, CONFLICT or UNKNOWN.
SAVE = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'saver')
if not kept[1] then
  return -1
end
local given = redis.call('HLEN', KEYS[2])
local fits = given >= tonumber(ARGV[6])
if ARGV[7] ~= '' then
  for i = 3, #KEYS do
    given = given + redis.call('HLEN', KEYS[i])
  end
  fits = fits and given <= tonumber(ARGV[7])
end
if kept[1] == ARGV[1] and fits then
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'accepts', ARGV[3], 'doc', ARGV[4], 'saver', ARGV[5],
    'edition', ARGV[8])
  return 1
end
return kept[2] == ARGV[5] and 1 or 0
"""

# KEYS: document, markers. ARGV: marker, setter (unique to this call).
# Gives 1 to the one who set it, else 0; or UNKNOWN.
MARK = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  return -1
end
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] and 1 or 0
"""


class RedisDeliberations:
    """`Deliberations` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loads = SharedLoads(client)
        self._due = DueIndex(client)
        self._create = client.register_script(CREATE)
        self._save = client.register_script(SAVE)
        self._mark = client.register_script(MARK)

    @maps_errors
    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation, or give the one that is there."""
        created = {deliberation.id: keys.timestamp(deliberation.created_at)}
        await self._client.zadd(keys.team_deliberations(deliberation.team), created, nx=True)
        await self._due.expect(deliberation)
        await self._expect_events(deliberation)
        there = await self._create(
            keys=[DeliberationKeys(deliberation.id).document],
            args=[
                deliberation.version,
                accepts(deliberation),
                deliberation.model_dump_json(),
                deliberation.edition,
            ],
        )
        return deliberation if there is None else read(Deliberation, there)

    @maps_errors
    async def load(self, deliberation_id: str) -> Deliberation:
        """The deliberation as it is kept."""
        return await self._loads.load(deliberation_id)

    @maps_errors
    async def save(
        self, deliberation: Deliberation, *, opinions: int = 0, most: int | None = None
    ) -> Deliberation:
        """Compare-and-set, while there are so many opinions."""
        saved = deliberation.model_copy(update={"version": deliberation.version + 1})
        await self._due.expect(saved)
        await self._expect_events(saved)
        await self._link_messages(saved)
        saver = uuid4().hex
        found_at, document = DeliberationKeys(saved.id), saved.model_dump_json()
        outcome = await self._save(
            keys=[
                *(found_at.document, found_at.opinions),
                *(found_at.own_points, found_at.point_votes, found_at.spam_marks),
            ],
            args=[
                deliberation.version,
                saved.version,
                accepts(saved),
                document,
                saver,
                opinions,
                "" if most is None else most,
                saved.edition,
            ],
        )
        if outcome == UNKNOWN:
            raise UnknownDeliberationError
        if outcome == CONFLICT:
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        await self._due.drop(Entry.of(deliberation))
        return saved

    async def _link_messages(self, deliberation: Deliberation) -> None:
        """Before the save, so that a message which a deliberation has is always found."""
        for key in _messages(deliberation):
            await self._client.set(key, deliberation.id)

    @maps_errors
    async def of_team(self, team: str, *, limit: int = 100, offset: int = 0) -> Sequence[Deliberation]:
        """A team's deliberations, newest first."""
        members = await self._client.zrange(
            keys.team_deliberations(team), offset, offset + limit - 1, desc=True
        )
        ids = [str(member) for member in members]
        kept = await self._documents(ids)
        return [kept[id_] for id_ in ids if id_ in kept]

    async def each_of_team(self, team: str) -> AsyncIterator[Deliberation]:
        """All of a team's deliberations, from one look at the index."""
        with store_errors():
            members = await self._client.zrange(keys.team_deliberations(team), 0, -1, desc=True)
        ids = [str(member) for member in members]
        for start in range(0, len(ids), PAGE):
            with store_errors():
                kept = await self._documents(ids[start : start + PAGE])
            for deliberation in kept.values():
                yield deliberation

    async def _documents(self, ids: Iterable[str]) -> dict[str, Deliberation]:
        ids = list(ids)
        pipeline = self._client.pipeline(transaction=False)
        for id_ in ids:
            pipeline.hget(DeliberationKeys(id_).document, "doc")
        docs = await pipeline.execute()
        return {id_: read(Deliberation, doc) for id_, doc in zip(ids, docs, strict=True) if doc is not None}

    @maps_errors
    async def of_message(self, platform: str, message: MessageRef) -> Deliberation | None:
        """The deliberation that a platform's message belongs to."""
        deliberation_id = await self._client.get(keys.message(platform, message.channel, message.message))
        if deliberation_id is None:
            return None
        try:
            there = await self.load(str(deliberation_id))
        except UnknownDeliberationError:
            return None
        return there if message in _shown_on(there) else None

    @maps_errors
    async def due(self, now: datetime, *, limit: int = 1_000) -> Sequence[Deliberation]:
        """Deliberations whose next step is due, longest waiting first."""
        entries = await self._due.reached(now, limit=limit)
        kept = await self._documents({entry.id for entry in entries})
        due: dict[str, Deliberation] = {}
        for entry in entries:
            if await self._due.confirm(entry, kept.get(entry.id), now):
                due[entry.id] = kept[entry.id]
        return sorted(due.values(), key=_waits_since)

    async def _expect_events(self, deliberation: Deliberation) -> None:
        """Before this version is saved, so that events which it has are always found."""
        events = deliberation.events_of(deliberation.version)
        if events:
            at = keys.timestamp(max(event.at for event in events))
            await self._client.zadd(keys.EVENTS, {str(Entry.of(deliberation)): at})

    @maps_errors
    async def unheard(self, before: datetime) -> Sequence[tuple[Deliberation, int]]:
        """What was saved before then with events that nobody has heard; what was never saved is let go."""
        members = await self._client.zrange(
            keys.EVENTS, "-inf", keys.timestamp(before), byscore=True, offset=0, num=PAGE
        )
        entries = [Entry.parse(str(member)) for member in members]
        kept = await self._documents({entry.id for entry in entries})
        found = []
        for entry in entries:
            there = kept.get(entry.id)
            if there is not None and there.version >= entry.version:
                found.append((there, entry.version))
        never_saved = keys.timestamp(before - NEVER_SAVED_AFTER)
        saved = {(there.id, version) for there, version in found}
        if any((entry.id, entry.version) not in saved for entry in entries):
            await self._let_go(saved, never_saved)
        return found

    async def _let_go(self, saved: set[tuple[str, int]], never_saved: int) -> None:
        """Entries this old whose version is not there: its save was refused, or its process died before."""
        old = await self._client.zrange(keys.EVENTS, "-inf", never_saved, byscore=True, offset=0, num=PAGE)
        for entry in (Entry.parse(str(member)) for member in old):
            if (entry.id, entry.version) not in saved:
                await self.heard(entry.id, entry.version)

    @maps_errors
    async def heard(self, deliberation_id: str, version: int) -> None:
        """The events of this version are on their way."""
        await self._client.zrem(keys.EVENTS, str(Entry(version, deliberation_id)))

    @maps_errors
    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        of = DeliberationKeys(deliberation_id)
        outcome = await self._mark(keys=[of.document, of.markers], args=[marker, uuid4().hex])
        if outcome == UNKNOWN:
            raise UnknownDeliberationError
        return bool(outcome)

    @maps_errors
    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker."""
        return bool(await self._client.hexists(DeliberationKeys(deliberation_id).markers, marker))

    @maps_errors
    async def delete(self, deliberation_id: str) -> None:
        """Erase everything of a deliberation; a deletion that is cut off is found due again."""
        try:
            deliberation = await self.load(deliberation_id)
        except UnknownDeliberationError:
            return
        await note_deleted(self._client, deliberation_id)
        await self._client.zrem(keys.team_deliberations(deliberation.team), deliberation_id)
        # One by one: in a cluster they need not be on one server.
        for key in _messages(deliberation):
            await self._client.unlink(key)
        rated = await rated_statements(self._client, deliberation)
        await self._client.unlink(*DeliberationKeys(deliberation_id).all(rated))
        await note_erased(self._client)
        await self._due.drop(Entry.of(deliberation))
        for event in deliberation.events:
            await self.heard(deliberation_id, event.version)


def _shown_on(deliberation: Deliberation) -> list[MessageRef]:
    first = [deliberation.message] if deliberation.message else []
    return [*first, *deliberation.ballots.values()]


def _messages(deliberation: Deliberation) -> list[str]:
    return [keys.message(deliberation.platform, ref.channel, ref.message) for ref in _shown_on(deliberation)]


def _waits_since(deliberation: Deliberation) -> datetime:
    due = deliberation.next_due()
    return deliberation.created_at if due is None else due.at
