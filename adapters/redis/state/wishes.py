"""What members wish for themselves in a team: one hash per kind of wish, one field per member.

Reads:  a member's pseudonyms, the newest first (`bot.domain.actors.Pseudonyms`).
Gives:  what each member said last; None for those who never said anything.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.redis.connection import Client
from adapters.redis.keys import timestamp
from bot.domain.actors import Member

# KEYS: what members wish, of one kind. ARGV: member, at, '1' or '0'. The newest wish counts.
WISH = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local at = kept and tonumber(string.match(kept, '^(-?%d+):'))
if not at or tonumber(ARGV[2]) >= at then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3])
end
return 1
"""


class Wishes:
    """Keeps and gives them. `key` says which kind, of which team."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._wish = client.register_script(WISH)

    async def keep(self, key: str, member: Member, on: bool, at: datetime) -> None:
        """Under the newest pseudonym, unless something newer is known there."""
        await self._wish(keys=[key], args=[member[0], timestamp(at), int(on)])

    async def of(self, key: str, members: Sequence[Member]) -> list[bool | None]:
        """For each of these members, what was said under the newest pseudonym that said anything."""
        asked = [pseudonym for member in members for pseudonym in member]
        if not asked:
            return []
        found = dict(zip(asked, await self._client.hmget(key, asked), strict=True))
        return [_newest([found[pseudonym] for pseudonym in member]) for member in members]


def _newest(wishes: Sequence[str | bytes | None]) -> bool | None:
    return next((str(wish).endswith(":1") for wish in wishes if wish is not None), None)
