"""Mediations in Redis, and the statements that a study has rated: the port `Mediations`.

The first one that is kept of a round stays. A mediation is kept in two parts: a string of what is
everybody's, which is all that pages and cards read, and a hash with a field for each participant. Earlier
versions kept all of it in the string, where it is still read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Self

from pydantic import TypeAdapter

from adapters.redis.connection import Client
from adapters.redis.documents import REPLACE, read
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.server_files import note_erased
from bot.domain.deliberation import Deliberation
from bot.domain.errors import UnknownDeliberationError, VersionConflictError
from bot.domain.kept_mediation import (
    KeptMediation,
    MediationInSum,
    OfParticipant,
    in_sum,
    joined,
    parts_of,
)
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import CHOSEN
from bot.domain.study import RatedStatement
from engine.types import Frozen, Mediation

# To be put before a script that keeps what was drafted. KEYS: document. ARGV[2]: the closing, as in KEEP.
STILL_DRAFTED = """
local doc = redis.call('HGET', KEYS[1], 'doc')
if not doc then
  return nil
end
if ARGV[2] ~= '' then
  local now = cjson.decode(doc)
  if now['phase'] ~= 'mediating' or now['closes_at'] ~= ARGV[2] then
    return 0
  end
end
"""

# KEYS: document, mediation or statements.
# ARGV: what to keep there, the closing that it was drafted after or nothing for whenever.
# Gives what is kept, nil for no such deliberation, or 0 where that is not drafted after this closing now.
KEEP = (
    STILL_DRAFTED
    + """
redis.call('SETNX', KEYS[2], ARGV[1])
return redis.call('GET', KEYS[2])
"""
)

# KEYS: document, mediation, its parts. ARGV: the mediation in sum and the closing, as KEEP; then each
# participant and their part.
# Gives 1, 2 where another was kept before, or nil or 0 as KEEP does.
KEEP_PARTS = (
    STILL_DRAFTED
    + """
if redis.call('SETNX', KEYS[2], ARGV[1]) == 0 then
  return 2
end
redis.call('DEL', KEYS[3])
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
end
return 1
"""
)

# KEYS: mediation, its parts. Gives both as they are at one moment, or nil.
WHOLE = """
local doc = redis.call('GET', KEYS[1])
return doc and {doc, redis.call('HGETALL', KEYS[2])}
"""

# KEYS: mediation, its parts. ARGV: what is there, what to put in its place, whose part goes.
# Gives 1 when that was still there.
ERASE_PART = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""

OTHER_CLOSING = 0
# What a mediation in sum begins with in its string; one that is whole begins with its JSON.
IN_SUM = "in sum: "
# A time as a deliberation's document has it.
AS_WRITTEN = TypeAdapter(datetime)


class Statements(Frozen):
    """A study's statements of one round, as one document."""

    list: tuple[RatedStatement, ...]

    def without(self, participant: str) -> Self:
        """Each of them without this participant."""
        return self.model_copy(update={"list": tuple(s.without(participant) for s in self.list)})


class RedisMediations:
    """`Mediations` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._keep = client.register_script(KEEP)
        self._keep_parts = client.register_script(KEEP_PARTS)
        self._whole = client.register_script(WHOLE)
        self._erase_part = client.register_script(ERASE_PART)
        self._replace = client.register_script(REPLACE)

    @maps_errors
    async def keep_mediation(
        self,
        deliberation_id: str,
        round_: int,
        mediation: Mediation,
        *,
        drafter: ModelNotice | None = None,
        closed_at: datetime | None = None,
    ) -> KeptMediation:
        """Keep a round's first mediation; give the kept one."""
        of, made = DeliberationKeys(deliberation_id), KeptMediation.of(mediation, drafter)
        parts = {who: part.model_dump_json() for who, part in parts_of(made).items()}
        _kept_of(
            await self._keep_parts(
                keys=[of.document, of.mediation(round_), of.mediation_parts(round_)],
                args=[_written(in_sum(made)), _closing(closed_at), *chain.from_iterable(parts.items())],
            )
        )
        there = await self.mediation(deliberation_id, round_)
        if there is None:
            raise VersionConflictError("This mediation was dropped just after it was kept.")
        return there

    async def _first(self, deliberation_id: str, key: str, doc: str, closed_at: datetime | None) -> str:
        """Keep a document, unless there is one; the kept one."""
        document = DeliberationKeys(deliberation_id).document
        return str(_kept_of(await self._keep(keys=[document, key], args=[doc, _closing(closed_at)])))

    @maps_errors
    async def mediation(self, deliberation_id: str, round_: int) -> KeptMediation | None:
        """A round's mediation, both parts of one moment."""
        of = DeliberationKeys(deliberation_id)
        found = await self._whole(keys=[of.mediation(round_), of.mediation_parts(round_)])
        if found is None:
            return None
        doc, parts = found
        if (summed := _summed(doc)) is None:
            return read(KeptMediation, doc)
        of_each = zip(parts[::2], parts[1::2], strict=True)
        return joined(summed, {who: read(OfParticipant, part) for who, part in of_each})

    @maps_errors
    async def in_sum(self, deliberation_id: str, round_: int) -> MediationInSum | None:
        """A round's mediation without what is somebody's."""
        doc = await self._client.get(DeliberationKeys(deliberation_id).mediation(round_))
        return None if doc is None else _summed(doc) or in_sum(read(KeptMediation, doc))

    @maps_errors
    async def reword(self, deliberation_id: str, round_: int, before: str, after: str) -> bool:
        """Put another text in the place of a round's chosen statement, if it is still `before`."""
        key = DeliberationKeys(deliberation_id).mediation(round_)
        while doc := await self._client.get(key):
            kept = _summed(doc) or read(KeptMediation, doc)
            if kept.statement != before:
                return False
            # It may have changed in another part meanwhile: then it is looked at again.
            if await self._replace(keys=[key], args=[doc, _written(kept.reworded(after))]):
                return True
        return False

    @maps_errors
    async def drop(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, and the statements of a study with it."""
        of = DeliberationKeys(deliberation_id)
        await self._client.delete(of.mediation(round_), of.mediation_parts(round_), of.statements(round_))
        await note_erased(self._client)

    @maps_errors
    async def keep_statements(
        self,
        deliberation_id: str,
        round_: int,
        statements: Sequence[RatedStatement],
        *,
        closed_at: datetime | None = None,
    ) -> Sequence[RatedStatement]:
        """Keep a round's first statements; give the kept ones."""
        key = DeliberationKeys(deliberation_id).statements(round_)
        doc = Statements(list=tuple(statements)).model_dump_json()
        return read(Statements, await self._first(deliberation_id, key, doc, closed_at)).list

    @maps_errors
    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round."""
        return await _statements(self._client, deliberation_id, round_)

    async def erase(self, deliberation_id: str, rounds: Iterable[int], participant: str) -> None:
        """Erase what was predicted of a participant and what may quote them, when they are erased."""
        of = DeliberationKeys(deliberation_id)
        for round_ in rounds:
            await self._erase_part_of(of.mediation(round_), of.mediation_parts(round_), participant)
            await self._erase_from(of.statements(round_), Statements, participant)

    async def _erase_part_of(self, key: str, parts: str, participant: str) -> None:
        """As `_erase_from`, which is what those need that are whole."""
        while doc := await self._client.get(key):
            summed = _summed(doc)
            if summed is None:
                await self._erase_from(key, KeptMediation, participant)
                return
            part = await self._client.hget(parts, participant)
            if part is None:
                return
            left = _written(summed.without_part(participant, read(OfParticipant, part)))
            if await self._erase_part(keys=[key, parts], args=[doc, left, participant]):
                return

    async def _erase_from(self, key: str, kind: type[KeptMediation | Statements], participant: str) -> None:
        """Several participants may be erased at once: each starts again when another was quicker."""
        while doc := await self._client.get(key):
            kept = read(kind, doc)
            without = kept.without(participant)
            if without == kept or await self._replace(keys=[key], args=[doc, without.model_dump_json()]):
                return


def _closing(closed_at: datetime | None) -> str:
    return "" if closed_at is None else str(AS_WRITTEN.dump_python(closed_at, mode="json"))


def _kept_of(outcome: Any) -> Any:
    """What KEEP or KEEP_PARTS gave, or the error that it stands for."""
    if outcome is None:
        raise UnknownDeliberationError
    if outcome == OTHER_CLOSING:
        raise VersionConflictError("This question was opened again, or went on, meanwhile.")
    return outcome


def _written(kept: KeptMediation) -> str:
    """As it stands in its string."""
    return (IN_SUM if isinstance(kept, MediationInSum) else "") + kept.model_dump_json()


def _summed(doc: str | bytes) -> MediationInSum | None:
    """None for one that is whole."""
    doc = str(doc)
    return read(MediationInSum, doc.removeprefix(IN_SUM)) if doc.startswith(IN_SUM) else None


async def rated_statements(client: Client, deliberation: Deliberation) -> dict[int, list[str]]:
    """The ids of what is rated, by round."""
    rounds = deliberation.rounds
    if deliberation.terms.study is None:
        return {round_: [CHOSEN] for round_ in rounds}
    kept = {round_: await _statements(client, deliberation.id, round_) for round_ in rounds}
    return {round_: [CHOSEN, *(s.id for s in statements)] for round_, statements in kept.items()}


async def _statements(client: Client, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
    doc = await client.get(DeliberationKeys(deliberation_id).statements(round_))
    return () if doc is None else read(Statements, doc).list
