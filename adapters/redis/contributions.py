"""Opinions and ratings: one hash field per participant, the newest wins, and only while they are accepted.

Reads:  a `Shelf` (which kind, of which deliberation) and what a participant gives or takes back.
Gives:  how many there are now, or the `TransitionError` of the deliberation's own rules.
When each participant last gave or withdrew is kept beside the values and outlives them, so that a late
copy of an older act neither overwrites a newer one nor brings back what was withdrawn or erased.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from adapters.redis import scripts
from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.keys import DeliberationKeys, timestamp
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.ratings import CHOSEN, Rating
from bot.errors import TransitionError
from bot.ports import Answers

Contribution = TypeVar("Contribution", Opinion, Rating)

OPINIONS = "opinions"
DRAFTING = "collected"


@dataclass(frozen=True)
class Shelf:
    """Where one kind of contribution to one deliberation is kept, and when it is accepted.

    beside: of opinions, the keys of what is encoded and what is not.
    """

    deliberation_id: str
    values: str
    given: str
    accepts: str
    require_open: Callable[[Deliberation, datetime], None]
    beside: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What the scripts work on."""
        return DeliberationKeys(self.deliberation_id).document, self.values, self.given, *self.beside

    @classmethod
    def of_opinions(cls, deliberation_id: str) -> "Shelf":
        """The opinions."""
        of = DeliberationKeys(deliberation_id)
        return cls(
            deliberation_id,
            of.opinions,
            of.opinions_given,
            OPINIONS,
            Deliberation.require_open_for_opinions,
            (of.encoded, of.unencoded),
        )

    @classmethod
    def of_baselines(cls, deliberation_id: str, *, collected: bool = False) -> "Shelf":
        """Agreement with the position statement; `collected` in a poll, it comes after the close."""
        of = DeliberationKeys(deliberation_id)
        return cls(
            deliberation_id,
            of.baselines,
            of.baselines_given,
            DRAFTING if collected else OPINIONS,
            Deliberation.require_drafting if collected else Deliberation.require_open_for_opinions,
        )

    @classmethod
    def of_ratings(cls, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> "Shelf":
        """The ratings of one of a round's statements."""
        of = DeliberationKeys(deliberation_id)
        return cls(
            deliberation_id,
            of.ratings(round_, statement_id),
            of.ratings_given(round_, statement_id),
            _ratings(round_),
            Deliberation.require_open_for_ratings,
        )


def accepts(deliberation: Deliberation) -> str:
    """What may be contributed now; the scripts compare it with the shelf's `accepts`."""
    if deliberation.phase is Phase.OPINIONS:
        return OPINIONS
    if deliberation.phase is Phase.MEDIATING:
        return DRAFTING
    return _ratings(deliberation.round) if deliberation.phase is Phase.RATING else ""


def _ratings(round_: int) -> str:
    return f"ratings:{round_}"


class Contributions:
    """Puts, takes back and reads contributions. `load` gives the deliberation that refused one."""

    def __init__(self, client: Client, load: Callable[[str], Awaitable[Deliberation]]) -> None:
        self._client = client
        self._load = load
        self._put = client.register_script(scripts.PUT)
        self._remove = client.register_script(scripts.REMOVE)
        self._erase = client.register_script(scripts.ERASE)
        self._replace = client.register_script(scripts.REPLACE_FIELD)

    async def put(self, shelf: Shelf, contribution: Opinion | Rating) -> Answers:
        """Keep it unless something newer is known of this participant; how many there are now."""
        count, unencoded = await self._put(
            keys=shelf.keys,
            args=(
                shelf.accepts,
                contribution.participant,
                timestamp(contribution.given_at),
                contribution.model_dump_json(),
                _taken_back(contribution.participant, getattr(contribution, "value", None)),
            ),
        )
        return Answers(await self._accepted(shelf, count, contribution.given_at), unencoded)

    async def remove(self, shelf: Shelf, participant: str, at: datetime, value: int | None = None) -> int:
        """Take it back unless something newer is known of this participant; how many are left."""
        only = "" if value is None else str(value)
        outcome = await self._remove(
            keys=shelf.keys,
            args=(shelf.accepts, participant, timestamp(at), only, _taken_back(participant, value)),
        )
        return await self._accepted(shelf, outcome, at)

    async def _accepted(self, shelf: Shelf, outcome: int, at: datetime) -> int:
        if outcome >= 0:
            return outcome
        shelf.require_open(await self._load(shelf.deliberation_id), at)
        raise TransitionError("This question moved on at this very moment. Look at it again.")

    async def one(self, shelf: Shelf, participant: str, kind: type[Contribution]) -> Contribution | None:
        """One participant's contribution."""
        doc = await self._client.hget(shelf.values, participant)
        return None if doc is None else read(kind, doc)

    async def all(self, shelf: Shelf, kind: type[Contribution]) -> Sequence[Contribution]:
        """Every contribution, by participant."""
        docs = await self._client.hgetall(shelf.values)
        return [read(kind, docs[participant]) for participant in sorted(docs)]

    async def count(self, shelf: Shelf) -> int:
        """How many there are."""
        return int(await self._client.hlen(shelf.values))

    async def withhold(self, deliberation_id: str, participant: str) -> bool:
        """Note that an opinion may not be learnt from; starts again when the opinion changed meanwhile."""
        key = DeliberationKeys(deliberation_id).opinions
        while doc := await self._client.hget(key, participant):
            without = read(Opinion, doc).model_copy(update={"consent": False})
            if await self._replace(keys=[key], args=[participant, doc, without.model_dump_json()]):
                return True
        return False

    async def erase(
        self, deliberation_id: str, rated: Mapping[int, Iterable[str]], participant: str, at: datetime
    ) -> int:
        """Erase one participant's of up to `at`, in any phase; late copies of them stay out.

        rated: the statements' ids by round.
        """
        of = DeliberationKeys(deliberation_id)
        shelves = [of.opinions, of.opinions_given, of.baselines, of.baselines_given]
        for round_, statement_ids in rated.items():
            for statement_id in statement_ids:
                shelves += [of.ratings(round_, statement_id), of.ratings_given(round_, statement_id)]
        return int(
            await self._erase(keys=[of.encoded, of.unencoded, *shelves], args=[participant, timestamp(at)])
        )


def _taken_back(participant: str, value: int | None) -> str:
    """The field that holds when a participant took back this rating; pseudonyms have no colon."""
    return f"{participant}:{value or ''}"
