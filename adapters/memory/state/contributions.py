"""Opinions, ratings, reasons and baselines in dictionaries, and what a reward model made of opinions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.memory.state.kept import State
from bot.domain.deliberation import Opinion, Phase, Reason
from bot.domain.errors import VersionConflictError
from bot.domain.likeness import Signing
from bot.domain.ratings import CHOSEN, Rating, counts_of
from bot.domain.rounds import Comparison
from bot.service.ports.state import Answers, RatingTally


class MemoryContributions:
    """`Contributions` in dictionaries."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def giver(self, deliberation_id: str, participant: str) -> str | None:
        """Who alone may change what this participant gave."""
        kept = self._state.get(deliberation_id)
        return kept.giver(participant) if kept else None

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
        kept = self._state.opinions_open(deliberation_id, opinion.given_at)
        if edition not in (None, kept.deliberation.edition):
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        with kept.changed_by(opinion.participant, giver):
            if signing is Signing.TYPED:
                kept.require_own_name(opinion)
            if baseline is not None:
                kept.baselines.put(baseline)
            return kept.put_opinion(opinion)

    async def remove_opinion(
        self, deliberation_id: str, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take an opinion back while opinions are open, and its baseline with it."""
        kept = self._state.opinions_open(deliberation_id, at)
        with kept.changed_by(participant, giver):
            return kept.remove_opinion(participant, at)

    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note that this opinion may not be learnt from."""
        kept = self._state.get(deliberation_id)
        opinion = kept.opinions.values.get(participant) if kept else None
        if kept is None or opinion is None:
            return False
        kept.opinions.values[participant] = opinion.model_copy(update={"consent": False})
        return True

    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        kept = self._state.get(deliberation_id)
        return kept.opinions.values.get(participant) if kept else None

    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, by participant."""
        kept = self._state.get(deliberation_id)
        return kept.opinions.ordered() if kept else []

    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        return len(await self.opinions(deliberation_id))

    async def answerers(self, deliberation_id: str) -> frozenset[str]:
        """Which participants have given an opinion."""
        kept = self._state.get(deliberation_id)
        return frozenset(kept.opinions.values) if kept else frozenset()

    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating, *, giver: str = "") -> int:
        """Keep a rating while this round's statement is rated."""
        kept = self._state.ratings_open(deliberation_id, round_, rating.given_at)
        with kept.changed_by(rating.participant, giver):
            return kept.ratings[round_, rating.statement_id].put(rating)

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
        kept = self._state.ratings_open(deliberation_id, round_, at)
        shelf = kept.ratings[round_, statement_id]
        with kept.changed_by(participant, giver):
            if value is None:
                return shelf.remove(participant, at)
            return shelf.remove_value(participant, at, value)

    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        kept = self._state.get(deliberation_id)
        return kept.ratings[round_, statement_id].values.get(participant) if kept else None

    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, by participant."""
        kept = self._state.get(deliberation_id)
        return kept.ratings[round_, statement_id].ordered() if kept else []

    async def rating_count(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> int:
        """How many ratings one of a round's statements has."""
        return len(await self.ratings(deliberation_id, round_, statement_id))

    async def rating_tally(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> RatingTally:
        """The ratings of one of a round's statements, counted."""
        ratings = await self.ratings(deliberation_id, round_, statement_id)
        answered = await self.answerers(deliberation_id)
        by_answerers = sum(rating.participant in answered for rating in ratings)
        return RatingTally(counts_of(rating.value for rating in ratings), by_answerers)

    async def raters(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> frozenset[str]:
        """Which participants have rated one of a round's statements."""
        kept = self._state.get(deliberation_id)
        return frozenset(kept.ratings[round_, statement_id].values) if kept else frozenset()

    async def put_reason(self, deliberation_id: str, reason: Reason, *, giver: str = "") -> int:
        """Keep a reason while its round's statement is rated."""
        kept = self._state.ratings_open(deliberation_id, reason.round, reason.given_at)
        with kept.changed_by(reason.participant, giver):
            return kept.reasons[reason.round].put(reason)

    async def remove_reason(
        self, deliberation_id: str, round_: int, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take a reason back while this round's statement is rated."""
        kept = self._state.ratings_open(deliberation_id, round_, at)
        with kept.changed_by(participant, giver):
            return kept.reasons[round_].remove(participant, at)

    async def withhold_reason(self, deliberation_id: str, round_: int, participant: str) -> bool:
        """Note that this reason may not be learnt from."""
        kept = self._state.get(deliberation_id)
        reason = kept.reasons[round_].values.get(participant) if kept else None
        if kept is None or reason is None:
            return False
        kept.reasons[round_].values[participant] = reason.model_copy(update={"consent": False})
        return True

    async def reason(self, deliberation_id: str, round_: int, participant: str) -> Reason | None:
        """One participant's reason in a round."""
        kept = self._state.get(deliberation_id)
        return kept.reasons[round_].values.get(participant) if kept else None

    async def reasons(self, deliberation_id: str, round_: int) -> Sequence[Reason]:
        """All reasons of a round, by participant."""
        kept = self._state.get(deliberation_id)
        return kept.reasons[round_].ordered() if kept else []

    async def put_comparison(self, deliberation_id: str, comparison: Comparison, *, giver: str = "") -> int:
        """Keep what somebody prefers while this round's statement is rated."""
        kept = self._state.ratings_open(deliberation_id, comparison.round, comparison.given_at)
        with kept.changed_by(comparison.participant, giver):
            return kept.comparisons[comparison.round].put(comparison)

    async def comparison(self, deliberation_id: str, round_: int, participant: str) -> Comparison | None:
        """What one participant prefers in a round."""
        kept = self._state.get(deliberation_id)
        return kept.comparisons[round_].values.get(participant) if kept else None

    async def comparisons(self, deliberation_id: str, round_: int) -> Sequence[Comparison]:
        """What everybody prefers in a round, by participant."""
        kept = self._state.get(deliberation_id)
        return kept.comparisons[round_].ordered() if kept else []

    async def put_baseline(
        self, deliberation_id: str, rating: Rating, *, collected: bool = False, giver: str = ""
    ) -> int:
        """Keep agreement with the position statement while opinions are open, or `collected` after that."""
        if collected:
            kept = self._state.of(deliberation_id)
            kept.deliberation.require_drafting(rating.given_at)
            return kept.baselines.put(rating.model_copy(update={"collected": True}))
        kept = self._state.opinions_open(deliberation_id, rating.given_at)
        with kept.changed_by(rating.participant, giver):
            return kept.baselines.put(rating)

    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, by participant."""
        kept = self._state.get(deliberation_id)
        return kept.baselines.ordered() if kept else []

    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        kept = self._state.get(deliberation_id)
        return kept.baselines.values.get(participant) if kept else None

    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase what one participant gave up to `at`, and what was predicted of them."""
        kept = self._state.get(deliberation_id)
        return kept is not None and kept.erase(participant, at)


class MemoryEncodings:
    """`Encodings` in dictionaries."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded."""
        kept = self._state.get(deliberation_id)
        opinions = kept.opinions.ordered() if kept else []
        return [opinion for opinion in opinions if kept and opinion.participant not in kept.encoded][:limit]

    async def keep(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep what a reward model made of opinions while these are open and the same."""
        kept = self._state.get(deliberation_id)
        if kept is None or kept.deliberation.phase is not Phase.OPINIONS:
            return 0
        same = {
            opinion.participant: value
            for opinion, value in encoded
            if kept.opinions.values.get(opinion.participant) == opinion
        }
        kept.encoded |= same
        return len(same)

    async def of(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions."""
        kept = self._state.get(deliberation_id)
        there = kept.encoded if kept else {}
        return {participant: there[participant] for participant in participants if participant in there}
