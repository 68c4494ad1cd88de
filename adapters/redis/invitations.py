"""The links to each question of the web channel: the port `Invitations`.

One hash per question, one field per fact, so that no change undoes another that came in between: `open` (the
id of the link for everyone, or empty for none), `admits`, `per_minute`; of each personal link `link:ID`,
`end:ID`, and `out:ID` (when its person last signed out everywhere). It is erased with the question.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys, timestamp
from adapters.redis.server_files import note_erased
from bot.domain.errors import UnknownDeliberationError
from bot.service.ports.web_access import BEFORE, Invitation, OpenLink, Standing

# Longer than the minute that is counted, so that clocks may differ.
COUNTED_FOR_S = 180
OPEN, ADMITS, PER_MINUTE = "open", "admits", "per_minute"
LINK, END, OUT = "link:", "end:", "out:"

# KEYS: document, a hash of the same deliberation. ARGV: 1 to keep what is there, then fields and values.
# Gives 1, or 0 where there is no such deliberation (any more).
PUT_FIELDS = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
for i = 2, #ARGV, 2 do
  redis.call(ARGV[1] == '1' and 'HSETNX' or 'HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
return 1
"""


class RedisInvitations:
    """`Invitations` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._put = client.register_script(PUT_FIELDS)

    @maps_errors
    async def open_link(self, deliberation_id: str) -> OpenLink | None:
        """The link for everyone."""
        id_, admits, per_minute = await self._fields(deliberation_id, OPEN, ADMITS, PER_MINUTE)
        if not id_:
            return None
        return OpenLink(id=id_, admits=admits == "1", per_minute=int(per_minute) if per_minute else None)

    @maps_errors
    async def put_open_link(
        self, deliberation_id: str, link: str | None, *, unless_decided: bool = False
    ) -> None:
        """Put a link for everyone, or none, in the place of the present one."""
        fields = {OPEN: link or "", ADMITS: "1"}
        if not await self._kept(deliberation_id, fields, only_new=unless_decided):
            raise UnknownDeliberationError

    @maps_errors
    async def tune_open_link(
        self, deliberation_id: str, *, admits: bool | None = None, per_minute: int | None = None
    ) -> None:
        """Change what is given, whichever link is the present one."""
        chosen = {} if admits is None else {ADMITS: str(int(admits))}
        if per_minute is not None:
            chosen[PER_MINUTE] = str(per_minute)
        await self._kept(deliberation_id, chosen)

    @maps_errors
    async def invite(self, deliberation_id: str, invited: Sequence[Invitation]) -> None:
        """Keep personal links."""
        links = {f"{LINK}{each.id}": each.model_dump_json() for each in invited}
        if not await self._kept(deliberation_id, links):
            raise UnknownDeliberationError

    @maps_errors
    async def invited(self, deliberation_id: str) -> Sequence[Invitation]:
        """All personal links, in the order in which they were made."""
        kept = await self._client.hgetall(DeliberationKeys(deliberation_id).invitations)
        facts = {str(field): document for field, document in kept.items()}
        found = [
            read(Invitation, facts[field]).model_copy(
                update={"ended": f"{END}{field.removeprefix(LINK)}" in facts}
            )
            for field in facts
            if field.startswith(LINK)
        ]
        return sorted(found, key=lambda each: (each.made_at, each.name, each.id))

    @maps_errors
    async def end(self, deliberation_id: str, links: Iterable[str]) -> None:
        """End personal links."""
        await self._kept(deliberation_id, {f"{END}{link}": "1" for link in links})

    @maps_errors
    async def leave(self, deliberation_id: str, link: str, at: datetime) -> None:
        """Sign out every browser that came by this personal link up to now."""
        await self._kept(deliberation_id, {f"{OUT}{link}": str(timestamp(at))})

    @maps_errors
    async def forget(self, deliberation_id: str, link: str) -> None:
        """Erase the name on a personal link."""
        (kept,) = await self._fields(deliberation_id, f"{LINK}{link}")
        if not kept:
            return
        nameless = read(Invitation, kept).model_copy(update={"name": ""})
        await self._kept(deliberation_id, {f"{LINK}{link}": nameless.model_dump_json()})
        await note_erased(self._client)

    @maps_errors
    async def standing(self, deliberation_id: str, link: str, since: datetime) -> Standing:
        """What a link is worth to a browser that came by it at `since`."""
        names = (OPEN, f"{LINK}{link}", f"{END}{link}", f"{OUT}{link}")
        open_, personal, ended, out = await self._fields(deliberation_id, *names)
        if link and open_ == link:
            return Standing.HOLDS
        is_before = link.startswith(BEFORE)
        if (personal or is_before) and out and timestamp(since) <= int(out):
            return Standing.LEFT
        if is_before:
            holds = open_ is None and await self._is_untouched(deliberation_id)
        else:
            holds = bool(personal) and not ended
        return Standing.HOLDS if holds else Standing.ENDED

    @maps_errors
    async def count_newcomer(self, deliberation_id: str, network: str, now: datetime) -> int:
        """How many new people came from a network in this minute."""
        key = DeliberationKeys(deliberation_id).newcomers(now)
        count = int(await self._client.hincrby(key, network, 1))
        await self._client.expire(key, COUNTED_FOR_S)
        return count

    async def _is_untouched(self, deliberation_id: str) -> bool:
        """Whether the question is there, and nobody has made, ended or closed a link to it."""
        its = DeliberationKeys(deliberation_id)
        kept = await self._client.hgetall(its.invitations)
        facts = {str(field): str(value) for field, value in kept.items()}
        is_made = OPEN in facts or any(field.startswith(LINK) for field in facts)
        touched = is_made or facts.get(ADMITS) == "0"
        return not touched and bool(await self._client.exists(its.document))

    async def _kept(self, deliberation_id: str, fields: Mapping[str, str], *, only_new: bool = False) -> bool:
        """Keep these; False where the question is gone."""
        its = DeliberationKeys(deliberation_id)
        pairs = [part for field in fields.items() for part in field]
        return bool(await self._put(keys=[its.document, its.invitations], args=[int(only_new), *pairs]))

    async def _fields(self, deliberation_id: str, *names: str) -> list[str | None]:
        found = await self._client.hmget(DeliberationKeys(deliberation_id).invitations, list(names))
        return [None if value is None else str(value) for value in found]
