"""Mediations in Redis, and the statements that a study has rated: the port `Mediations`.

One string each for a round. The first one that is kept stays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from pydantic import TypeAdapter

from adapters.redis.connection import Client
from adapters.redis.documents import REPLACE, read
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.server_files import note_erased
from bot.domain.deliberation import Deliberation
from bot.domain.errors import UnknownDeliberationError, VersionConflictError
from bot.domain.kept_mediation import KeptMediation
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import CHOSEN
from bot.domain.study import RatedStatement
from engine.types import Frozen, Mediation

# KEYS: document, mediation or statements.
# ARGV: what to keep there, the closing that it was drafted after or nothing for whenever.
# Gives what is kept, nil for no such deliberation, or 0 where that is not drafted after this closing now.
KEEP = """
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
redis.call('SETNX', KEYS[2], ARGV[1])
return redis.call('GET', KEYS[2])
"""

OTHER_CLOSING = 0
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
        key = DeliberationKeys(deliberation_id).mediation(round_)
        kept = KeptMediation.of(mediation, drafter).model_dump_json()
        doc = await self._first(deliberation_id, key, kept, closed_at)
        return read(KeptMediation, doc)

    async def _first(self, deliberation_id: str, key: str, doc: str, closed_at: datetime | None) -> str:
        """Keep a document, unless there is one; the kept one."""
        closing = "" if closed_at is None else str(AS_WRITTEN.dump_python(closed_at, mode="json"))
        kept = await self._keep(keys=[DeliberationKeys(deliberation_id).document, key], args=[doc, closing])
        if kept is None:
            raise UnknownDeliberationError
        if kept == OTHER_CLOSING:
            raise VersionConflictError("This question was opened again, or went on, meanwhile.")
        return str(kept)

    @maps_errors
    async def mediation(self, deliberation_id: str, round_: int) -> KeptMediation | None:
        """A round's mediation."""
        doc = await self._client.get(DeliberationKeys(deliberation_id).mediation(round_))
        return None if doc is None else read(KeptMediation, doc)

    @maps_errors
    async def reword(self, deliberation_id: str, round_: int, before: str, after: str) -> bool:
        """Put another text in the place of a round's chosen statement, if it is still `before`."""
        key = DeliberationKeys(deliberation_id).mediation(round_)
        while doc := await self._client.get(key):
            kept = read(KeptMediation, doc)
            if kept.statement != before:
                return False
            # It may have changed in another part meanwhile: then it is looked at again.
            if await self._replace(keys=[key], args=[doc, kept.reworded(after).model_dump_json()]):
                return True
        return False

    @maps_errors
    async def drop(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, and the statements of a study with it."""
        of = DeliberationKeys(deliberation_id)
        await self._client.delete(of.mediation(round_), of.statements(round_))
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
            await self._erase_from(of.mediation(round_), KeptMediation, participant)
            await self._erase_from(of.statements(round_), Statements, participant)

    async def _erase_from(self, key: str, kind: type[KeptMediation | Statements], participant: str) -> None:
        """Several participants may be erased at once: each starts again when another was quicker."""
        while doc := await self._client.get(key):
            kept = read(kind, doc)
            without = kept.without(participant)
            if without == kept or await self._replace(keys=[key], args=[doc, without.model_dump_json()]):
                return


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
