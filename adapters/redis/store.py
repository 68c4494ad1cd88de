"""Deliberations, opinions, ratings, mediations and team settings in Redis: the port `DeliberationStore`.

"Only while the question is open" and "only if nobody saved first" are decided by the server, in one
atomic step each (`scripts`). Accepting an opinion costs the same whether it is the first or the
ten-thousandth. Every write may be sent twice: redis-py sends again what got no answer. The two indexes,
of what may be due and of what a team has, are written before what they point to.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self
from uuid import uuid4

from adapters.redis import keys, scripts
from adapters.redis.connection import Client
from adapters.redis.contributions import Contributions, Shelf, accepts
from adapters.redis.documents import read
from adapters.redis.due import DueIndex, Entry
from adapters.redis.encodings import Encodings
from adapters.redis.errors import maps_errors, store_errors
from adapters.redis.keys import DeliberationKeys
from bot.domain.deliberation import Deliberation, MessageRef, Opinion
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.study import RatedStatement
from bot.domain.team import CHANGES_KEPT, SettingsChange, Team
from bot.errors import UnknownDeliberationError, VersionConflictError
from bot.ports import Answers
from engine.types import Frozen, Mediation

PAGE = 100
UNKNOWN = "There is no such question here. Check the link or the list."


class Statements(Frozen):
    """A study's statements of one round, as one document."""

    list: tuple[RatedStatement, ...]

    def without(self, participant: str) -> Self:
        """Each of them without this participant."""
        return self.model_copy(update={"list": tuple(s.without(participant) for s in self.list)})


class RedisStore:
    """`DeliberationStore` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._due = DueIndex(client)
        self._contributions = Contributions(client, self.load)
        self._encodings = Encodings(client)
        self._create = client.register_script(scripts.CREATE)
        self._save = client.register_script(scripts.SAVE)
        self._keep = client.register_script(scripts.KEEP)
        self._replace = client.register_script(scripts.REPLACE)
        self._settings = client.register_script(scripts.SETTINGS)
        self._wish = client.register_script(scripts.WISH)
        self._mark = client.register_script(scripts.MARK)

    # -- deliberations ---------------------------------------------------------------------------

    @maps_errors
    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation, or give the one that is there."""
        created = {deliberation.id: keys.timestamp(deliberation.created_at)}
        await self._client.zadd(keys.team_deliberations(deliberation.team), created, nx=True)
        await self._due.expect(deliberation)
        there = await self._create(
            keys=[DeliberationKeys(deliberation.id).document],
            args=[deliberation.version, accepts(deliberation), deliberation.model_dump_json()],
        )
        return deliberation if there is None else read(Deliberation, there)

    @maps_errors
    async def load(self, deliberation_id: str) -> Deliberation:
        """The deliberation as it is kept."""
        doc = await self._client.hget(DeliberationKeys(deliberation_id).document, "doc")
        if doc is None:
            raise UnknownDeliberationError(UNKNOWN)
        return read(Deliberation, doc)

    @maps_errors
    async def save(self, deliberation: Deliberation) -> Deliberation:
        """Compare-and-set."""
        saved = deliberation.model_copy(update={"version": deliberation.version + 1})
        await self._due.expect(saved)
        await self._link_messages(saved)
        saver = uuid4().hex
        outcome = await self._save(
            keys=[DeliberationKeys(saved.id).document],
            args=[deliberation.version, saved.version, accepts(saved), saved.model_dump_json(), saver],
        )
        if outcome == scripts.UNKNOWN:
            raise UnknownDeliberationError(UNKNOWN)
        if outcome == scripts.CONFLICT:
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        await self._due.drop(Entry.of(deliberation))
        return saved

    async def _link_messages(self, deliberation: Deliberation) -> None:
        """Before the save, so that a message which a deliberation has is always found."""
        for key in _messages(deliberation):
            await self._client.set(key, deliberation.id)

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

    @maps_errors
    async def delete(self, deliberation_id: str) -> None:
        """Erase everything of a deliberation; a deletion that is cut off is found due again."""
        try:
            deliberation = await self.load(deliberation_id)
        except UnknownDeliberationError:
            return
        await self._client.zrem(keys.team_deliberations(deliberation.team), deliberation_id)
        # One by one: in a cluster they need not be on one server.
        for key in _messages(deliberation):
            await self._client.unlink(key)
        rated = await self._rated(deliberation)
        await self._client.unlink(*DeliberationKeys(deliberation_id).all(rated))
        await self._due.drop(Entry.of(deliberation))

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

    async def _documents(self, ids: Iterable[str]) -> dict[str, Deliberation]:
        ids = list(ids)
        pipeline = self._client.pipeline(transaction=False)
        for id_ in ids:
            pipeline.hget(DeliberationKeys(id_).document, "doc")
        docs = await pipeline.execute()
        return {id_: read(Deliberation, doc) for id_, doc in zip(ids, docs, strict=True) if doc is not None}

    # -- opinions and ratings --------------------------------------------------------------------

    @maps_errors
    async def put_opinion(self, deliberation_id: str, opinion: Opinion) -> Answers:
        """Keep an opinion while opinions are open."""
        return await self._contributions.put(Shelf.of_opinions(deliberation_id), opinion)

    @maps_errors
    async def remove_opinion(self, deliberation_id: str, participant: str, at: datetime) -> int:
        """Take an opinion back while opinions are open."""
        return await self._contributions.remove(Shelf.of_opinions(deliberation_id), participant, at)

    @maps_errors
    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        return await self._contributions.one(Shelf.of_opinions(deliberation_id), participant, Opinion)

    @maps_errors
    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, by participant."""
        return await self._contributions.all(Shelf.of_opinions(deliberation_id), Opinion)

    @maps_errors
    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        return await self._contributions.count(Shelf.of_opinions(deliberation_id))

    @maps_errors
    async def unencoded(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded."""
        return await self._encodings.waiting(deliberation_id, limit)

    @maps_errors
    async def keep_encoded(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep what a reward model made of opinions while these are open and the same."""
        return await self._encodings.keep(deliberation_id, encoded)

    @maps_errors
    async def encoded(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions."""
        return await self._encodings.of(deliberation_id, participants)

    @maps_errors
    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating) -> int:
        """Keep a rating while this round's statement is rated."""
        shelf = Shelf.of_ratings(deliberation_id, round_, rating.statement_id)
        return (await self._contributions.put(shelf, rating)).total

    @maps_errors
    async def remove_rating(
        self,
        deliberation_id: str,
        round_: int,
        participant: str,
        at: datetime,
        *,
        value: int | None = None,
        statement_id: str = CHOSEN,
    ) -> int:
        """Take a rating back while this round's statement is rated."""
        shelf = Shelf.of_ratings(deliberation_id, round_, statement_id)
        return await self._contributions.remove(shelf, participant, at, value)

    @maps_errors
    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        shelf = Shelf.of_ratings(deliberation_id, round_, statement_id)
        return await self._contributions.one(shelf, participant, Rating)

    @maps_errors
    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, by participant."""
        return await self._contributions.all(Shelf.of_ratings(deliberation_id, round_, statement_id), Rating)

    @maps_errors
    async def put_baseline(self, deliberation_id: str, rating: Rating, *, collected: bool = False) -> int:
        """Keep agreement with the position statement while opinions are open, or `collected` after that."""
        shelf = Shelf.of_baselines(deliberation_id, collected=collected)
        return (await self._contributions.put(shelf, rating)).total

    @maps_errors
    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, by participant."""
        return await self._contributions.all(Shelf.of_baselines(deliberation_id), Rating)

    @maps_errors
    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        return await self._contributions.one(Shelf.of_baselines(deliberation_id), participant, Rating)

    @maps_errors
    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note that this opinion may not be learnt from."""
        return await self._contributions.withhold(deliberation_id, participant)

    # -- a study's statements --------------------------------------------------------------------

    @maps_errors
    async def keep_statements(
        self, deliberation_id: str, round_: int, statements: Sequence[RatedStatement]
    ) -> Sequence[RatedStatement]:
        """Keep a round's first statements; give the kept ones."""
        of = DeliberationKeys(deliberation_id)
        doc = Statements(list=tuple(statements)).model_dump_json()
        kept = await self._keep(keys=[of.document, of.statements(round_)], args=[doc])
        if kept is None:
            raise UnknownDeliberationError(UNKNOWN)
        return read(Statements, kept).list

    @maps_errors
    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round."""
        doc = await self._client.get(DeliberationKeys(deliberation_id).statements(round_))
        return () if doc is None else read(Statements, doc).list

    async def _rated(self, deliberation: Deliberation) -> dict[int, list[str]]:
        """The ids of what is rated, by round."""
        rounds = range(1, deliberation.round + 1)
        if deliberation.terms.study is None:
            return {round_: [CHOSEN] for round_ in rounds}
        kept = {round_: await self.statements(deliberation.id, round_) for round_ in rounds}
        return {round_: [CHOSEN, *(s.id for s in statements)] for round_, statements in kept.items()}

    # -- mediations ------------------------------------------------------------------------------

    @maps_errors
    async def keep_mediation(self, deliberation_id: str, round_: int, mediation: Mediation) -> Mediation:
        """Keep a round's first mediation; give the kept one."""
        of = DeliberationKeys(deliberation_id)
        kept = await self._keep(keys=[of.document, of.mediation(round_)], args=[mediation.model_dump_json()])
        if kept is None:
            raise UnknownDeliberationError(UNKNOWN)
        return read(Mediation, kept)

    @maps_errors
    async def drop_mediation(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, and the statements of a study with it."""
        of = DeliberationKeys(deliberation_id)
        await self._client.delete(of.mediation(round_), of.statements(round_))

    @maps_errors
    async def mediation(self, deliberation_id: str, round_: int) -> Mediation | None:
        """A round's mediation."""
        doc = await self._client.get(DeliberationKeys(deliberation_id).mediation(round_))
        return None if doc is None else read(Mediation, doc)

    @maps_errors
    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase what one participant gave up to `at`, and what was predicted of them."""
        try:
            deliberation = await self.load(deliberation_id)
        except UnknownDeliberationError:
            return False
        rated = await self._rated(deliberation)
        erased = await self._contributions.erase(deliberation_id, rated, participant, at)
        if await self.opinion(deliberation_id, participant) is None:
            of = DeliberationKeys(deliberation_id)
            for round_ in rated:
                await self._erase_from(of.mediation(round_), Mediation, participant)
                await self._erase_from(of.statements(round_), Statements, participant)
        return erased > 0

    async def _erase_from(self, key: str, kind: type[Mediation | Statements], participant: str) -> None:
        """Several participants may be erased at once: each starts again when another was quicker."""
        while doc := await self._client.get(key):
            kept = read(kind, doc)
            without = kept.without(participant)
            if without == kept or await self._replace(keys=[key], args=[doc, without.model_dump_json()]):
                return

    # -- the rest --------------------------------------------------------------------------------

    @maps_errors
    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        of = DeliberationKeys(deliberation_id)
        outcome = await self._mark(keys=[of.document, of.markers], args=[marker, uuid4().hex])
        if outcome == scripts.UNKNOWN:
            raise UnknownDeliberationError(UNKNOWN)
        return bool(outcome)

    @maps_errors
    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker."""
        return bool(await self._client.hexists(DeliberationKeys(deliberation_id).markers, marker))

    @maps_errors
    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        doc = await self._client.get(keys.team_settings(team))
        return Team(id=team) if doc is None else read(Team, doc)

    @maps_errors
    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and who changed what: compare-and-set."""
        of = [keys.team_settings(team.id), keys.settings_changes(team.id)]
        saved = team.model_copy(update={"version": team.version + 1})
        there = await self._client.get(of[0])
        if (0 if there is None else read(Team, there).version) == team.version:
            by = "" if change is None else change.model_dump_json()
            if await self._settings(keys=of, args=[there or "", saved.model_dump_json(), by, CHANGES_KEPT]):
                return saved
        raise VersionConflictError("Somebody else changed the settings at the same moment.")

    @maps_errors
    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        docs = await self._client.lrange(keys.settings_changes(team), 0, limit - 1)
        return [read(SettingsChange, doc) for doc in docs]

    @maps_errors
    async def set_reminders(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; the newest wish counts."""
        await self._wish(keys=[keys.reminders(team)], args=[member, keys.timestamp(at), int(on)])

    @maps_errors
    async def wants_reminders(self, team: str, members: Sequence[str]) -> Sequence[bool]:
        """For each of these members."""
        if not members:
            return []
        wishes = await self._client.hmget(keys.reminders(team), list(members))
        return [wish is None or str(wish).endswith(":1") for wish in wishes]

    @maps_errors
    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life."""
        now = keys.timestamp(at)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zadd(keys.WORKERS, {worker: now}, gt=True)
        pipeline.zremrangebyscore(keys.WORKERS, 0, now - keys.DAY)
        await pipeline.execute()

    @maps_errors
    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        return int(await self._client.zcount(keys.WORKERS, keys.timestamp(since), "+inf"))

    @maps_errors
    async def set_learning(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member's opinions may be learnt from; the newest wish counts."""
        await self._wish(keys=[keys.learning(team)], args=[member, keys.timestamp(at), int(on)])

    @maps_errors
    async def may_learn_from(self, team: str, member: str) -> bool:
        """True for those who never said anything."""
        wish = await self._client.hget(keys.learning(team), member)
        return wish is None or str(wish).endswith(":1")

    @maps_errors
    async def ping(self) -> None:
        """Raises StoreError when the store does not answer."""
        await self._client.ping()


def _shown_on(deliberation: Deliberation) -> list[MessageRef]:
    first = [deliberation.message] if deliberation.message else []
    return [*first, *deliberation.ballots.values()]


def _messages(deliberation: Deliberation) -> list[str]:
    return [keys.message(deliberation.platform, ref.channel, ref.message) for ref in _shown_on(deliberation)]


def _waits_since(deliberation: Deliberation) -> datetime:
    due = deliberation.next_due()
    return deliberation.created_at if due is None else due.at
