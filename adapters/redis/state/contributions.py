"""Opinions, ratings, reasons and baselines in Redis: the port `Contributions`.

"Only while the question is open" is decided by the server, in one atomic step each (`shelves`). Accepting an
opinion costs the same whether it is the first or the ten-thousandth.

A baseline that comes with an opinion is kept in the opinion's step, and withdrawn in it; what was encoded of
an opinion goes in the step that replaces or erases it. Erasing a participant begins here, with what they
gave, and goes on in `mediations`, with what was predicted of them.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from adapters.redis.connection import Client
from adapters.redis.documents import REPLACE_FIELD, load_deliberation, read
from adapters.redis.erasures import note_participant
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.server_files import note_erased
from adapters.redis.state.contribution_scripts import Shelf, Shelves
from adapters.redis.state.mediations import RedisMediations, rated_statements
from bot.domain.deliberation import Opinion, Reason, Written
from bot.domain.errors import UnknownDeliberationError
from bot.domain.likeness import Signing
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.rounds import Comparison
from bot.service.ports.state import Answers, RatingTally


class RedisContributions:
    """`Contributions` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shelves = Shelves(client)
        self._mediations = RedisMediations(client)
        self._replace = client.register_script(REPLACE_FIELD)

    @maps_errors
    async def giver(self, deliberation_id: str, participant: str) -> str | None:
        """Who alone may change what this participant gave."""
        with suppress(UnknownDeliberationError):
            return await self._shelves.giver(deliberation_id, participant)
        return None

    @maps_errors
    async def put_opinion(
        self,
        deliberation_id: str,
        opinion: Opinion,
        baseline: Rating | None = None,
        signing: Signing = Signing.AS_KNOWN,
        giver: str = "",
        edition: int | None = None,
    ) -> Answers:
        """Keep an opinion while opinions are open, with its baseline; a typed name is nobody else's."""
        shelf = Shelf.of_opinions(deliberation_id)
        return await self._shelves.put(shelf, opinion, baseline, signing, giver, edition)

    @maps_errors
    async def remove_opinion(
        self, deliberation_id: str, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take an opinion back while opinions are open, and its baseline with it."""
        shelf = Shelf.of_opinions(deliberation_id)
        return await self._shelves.remove(shelf, participant, at, giver=giver)

    @maps_errors
    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note that this opinion may not be learnt from."""
        return await self._withhold(DeliberationKeys(deliberation_id).opinions, participant, Opinion)

    @maps_errors
    async def withhold_reason(self, deliberation_id: str, round_: int, participant: str) -> bool:
        """Note that this reason may not be learnt from."""
        return await self._withhold(DeliberationKeys(deliberation_id).reasons(round_), participant, Reason)

    async def _withhold(self, key: str, participant: str, kind: type[Written]) -> bool:
        """Takes the consent out; starts again when it changed meanwhile.

        One person's are changed one after the other, and would stand so in the server's file.
        """
        while doc := await self._client.hget(key, participant):
            without = read(kind, doc).model_copy(update={"consent": False})
            if await self._replace(keys=[key], args=[participant, doc, without.model_dump_json()]):
                await note_erased(self._client)
                return True
        return False

    @maps_errors
    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        return await self._shelves.one(Shelf.of_opinions(deliberation_id), participant, Opinion)

    @maps_errors
    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, by participant."""
        return await self._shelves.all(Shelf.of_opinions(deliberation_id), Opinion)

    @maps_errors
    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        return await self._shelves.count(Shelf.of_opinions(deliberation_id))

    @maps_errors
    async def answerers(self, deliberation_id: str) -> frozenset[str]:
        """Which participants have given an opinion."""
        return await self._shelves.participants(Shelf.of_opinions(deliberation_id))

    @maps_errors
    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating, *, giver: str = "") -> int:
        """Keep a rating while this round's statement is rated."""
        shelf = Shelf.of_ratings(deliberation_id, round_, rating.statement_id)
        return (await self._shelves.put(shelf, rating, giver=giver)).total

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
        giver: str = "",
    ) -> int:
        """Take a rating back while this round's statement is rated."""
        shelf = Shelf.of_ratings(deliberation_id, round_, statement_id)
        return await self._shelves.remove(shelf, participant, at, value, giver)

    @maps_errors
    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        shelf = Shelf.of_ratings(deliberation_id, round_, statement_id)
        return await self._shelves.one(shelf, participant, Rating)

    @maps_errors
    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, by participant."""
        return await self._shelves.all(Shelf.of_ratings(deliberation_id, round_, statement_id), Rating)

    @maps_errors
    async def rating_count(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> int:
        """How many ratings one of a round's statements has."""
        return await self._shelves.count(Shelf.of_ratings(deliberation_id, round_, statement_id))

    @maps_errors
    async def rating_tally(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> RatingTally:
        """The ratings of one of a round's statements, counted."""
        return await self._shelves.tally(deliberation_id, round_, statement_id)

    @maps_errors
    async def raters(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> frozenset[str]:
        """Which participants have rated one of a round's statements."""
        return await self._shelves.participants(Shelf.of_ratings(deliberation_id, round_, statement_id))

    @maps_errors
    async def put_reason(self, deliberation_id: str, reason: Reason, *, giver: str = "") -> int:
        """Keep a reason while its round's statement is rated."""
        shelf = Shelf.of_reasons(deliberation_id, reason.round)
        return (await self._shelves.put(shelf, reason, giver=giver)).total

    @maps_errors
    async def remove_reason(
        self, deliberation_id: str, round_: int, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take a reason back while this round's statement is rated."""
        shelf = Shelf.of_reasons(deliberation_id, round_)
        return await self._shelves.remove(shelf, participant, at, giver=giver)

    @maps_errors
    async def reason(self, deliberation_id: str, round_: int, participant: str) -> Reason | None:
        """One participant's reason in a round."""
        return await self._shelves.one(Shelf.of_reasons(deliberation_id, round_), participant, Reason)

    @maps_errors
    async def reasons(self, deliberation_id: str, round_: int) -> Sequence[Reason]:
        """All reasons of a round, by participant."""
        return await self._shelves.all(Shelf.of_reasons(deliberation_id, round_), Reason)

    @maps_errors
    async def put_comparison(self, deliberation_id: str, comparison: Comparison, *, giver: str = "") -> int:
        """Keep what somebody prefers while this round's statement is rated."""
        shelf = Shelf.of_comparisons(deliberation_id, comparison.round)
        return (await self._shelves.put(shelf, comparison, giver=giver)).total

    @maps_errors
    async def comparison(self, deliberation_id: str, round_: int, participant: str) -> Comparison | None:
        """What one participant prefers in a round."""
        return await self._shelves.one(Shelf.of_comparisons(deliberation_id, round_), participant, Comparison)

    @maps_errors
    async def comparisons(self, deliberation_id: str, round_: int) -> Sequence[Comparison]:
        """What everybody prefers in a round, by participant."""
        return await self._shelves.all(Shelf.of_comparisons(deliberation_id, round_), Comparison)

    @maps_errors
    async def put_baseline(
        self, deliberation_id: str, rating: Rating, *, collected: bool = False, giver: str = ""
    ) -> int:
        """Keep agreement with the position statement while opinions are open, or `collected` after that."""
        shelf = Shelf.of_baselines(deliberation_id, collected=collected)
        marked = rating.model_copy(update={"collected": collected})
        return (await self._shelves.put(shelf, marked, giver=giver)).total

    @maps_errors
    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, by participant."""
        return await self._shelves.all(Shelf.of_baselines(deliberation_id), Rating)

    @maps_errors
    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        return await self._shelves.one(Shelf.of_baselines(deliberation_id), participant, Rating)

    @maps_errors
    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase what one participant gave up to `at`, and what was predicted of them."""
        try:
            deliberation = await load_deliberation(self._client, deliberation_id)
        except UnknownDeliberationError:
            return False
        await note_participant(self._client, deliberation_id, participant, at)
        rated = await rated_statements(self._client, deliberation)
        erased = await self._shelves.erase(deliberation_id, rated, participant, at)
        if await self.opinion(deliberation_id, participant) is None:
            await self._mediations.erase(deliberation_id, rated, participant)
        await note_erased(self._client)
        return erased > 0
