"""What a question's page shows, worked out from the store for one person.

Reads:  the deliberation and what belongs to it, through `ports.store`.
Gives:  plain data to the templates. A member never gets another's opinion, a reward with an identity, or the
text of a candidate that was not chosen: drafts may quote members word for word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.web import charts
from adapters.web.charts import Bar
from adapters.web.sessions import Place, Session
from bot import queries, texts
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.ratings import Rating, Tally, tally
from bot.ports import Ports
from bot.queries import ToRate
from engine.digest import is_common
from engine.types import Mediation, ModelsUsed


@dataclass(frozen=True)
class Results:
    """How members rated the statement, and how the candidates compared; `predicted` are shares over 1..7.

    predicted_bars: empty where nothing was predicted, or of too few people to show any.
    predicted_mean: None where nothing was predicted.
    dissenters: how many are likely to disagree; 0 of too few people to be counted.
    measure: what the candidates were compared by.
    """

    tally: Tally
    distribution: list[Bar]
    predicted_bars: list[Bar]
    actual_bars: list[Bar]
    predicted: list[float]
    actual: list[float]
    predicted_mean: float | None
    dissenters: int
    measure: str
    welfare: list[Bar]
    welfare_height: float


@dataclass(frozen=True)
class QuestionView:
    """Everything that one person may see of one question; `place`: as whom they take part.

    may_learn: what they said about learning from this opinion, or else from all of theirs.
    to_rate: a study's statements, in this person's order; then there are no `results`.
    """

    deliberation: Deliberation
    place: Place
    answered: int
    rated: int
    opinion: Opinion | None
    rating: int | None
    mediation: Mediation | None
    results: Results | None
    steward: bool
    quality: int | None = None
    baseline: int | None = None
    may_learn: bool = True
    to_rate: Sequence[ToRate] = ()

    @property
    def fully_rated(self) -> int:
        """How many of a study's statements this person has rated on both scales."""
        return sum(each.rating is not None and each.rating.quality is not None for each in self.to_rate)

    @property
    def how_drafted(self) -> str:
        """What a reader should know about the statement's making."""
        return "" if self.mediation is None else texts.how_it_was_made(self.mediation)

    @property
    def chosen_as(self) -> str:
        """By what the statement was chosen, in words; empty where it was not by what the terms say."""
        if self.mediation is not None and self.mediation.models.unpredicted:
            return ""
        return texts.WELFARE_WORDS[self.deliberation.terms.welfare.name]

    @property
    def opinions_heard(self) -> int:
        """How many opinions the statement was drafted from."""
        return len(self.mediation.participants) if self.mediation else self.answered


@dataclass(frozen=True)
class SharedResult:
    """What everybody with a results link may see: what stands in the channel, sums, and the models' names.

    chosen_as: in words; empty where nobody's agreement was predicted, which `how_drafted` then says.
    """

    question: str
    statement: str
    opinions: int
    chosen_as: str
    how_drafted: str
    ended_at: datetime | None
    models: ModelsUsed
    results: Results


async def question_view(deliberation: Deliberation, session: Session, ports: Ports) -> QuestionView:
    """Load and work out what `session` may see."""
    member = session.member(deliberation.id)
    participant = ports.pseudonyms.of(deliberation.team, member.user, deliberation.id)
    published = deliberation.phase in (Phase.RATING, Phase.SETTLED)
    mediation = await ports.store.mediation(deliberation.id, deliberation.round) if published else None
    ratings = await ports.store.ratings(deliberation.id, deliberation.round) if published else ()
    given = await ports.store.rating(deliberation.id, deliberation.round, participant) if published else None
    own = None if given is None else given.value
    opinion = await ports.store.opinion(deliberation.id, participant)
    baseline = await ports.store.baseline(deliberation.id, participant)
    everyday = deliberation.terms.study is None
    shown = everyday and deliberation.shows_results(has_rated=own is not None)
    return QuestionView(
        deliberation=deliberation,
        place=session.place_in(deliberation.id),
        answered=await ports.store.opinion_count(deliberation.id),
        rated=len(ratings) if everyday else await queries.rater_count(deliberation, ports),
        opinion=opinion,
        rating=own,
        mediation=mediation,
        results=results(mediation, ratings, own) if mediation and shown else None,
        steward=session.is_steward(deliberation),
        quality=None if given is None else given.quality,
        baseline=None if baseline is None else baseline.value,
        may_learn=opinion.consent if opinion else await _may_learn(member, ports),
        to_rate=await queries.to_rate(member, deliberation.id, ports),
    )


async def _may_learn(member: Actor, ports: Ports) -> bool:
    return await ports.store.may_learn_from(member.team, ports.pseudonyms.of_member(member.team, member.user))


async def shared_result(deliberation: Deliberation, ports: Ports) -> SharedResult | None:
    """How a question ended; None while its vote is not closed, or when it ended in another way."""
    mediation = await ports.store.mediation(deliberation.id, deliberation.round)
    if deliberation.phase is not Phase.SETTLED or mediation is None:
        return None
    ratings = await ports.store.ratings(deliberation.id, deliberation.round)
    unpredicted = mediation.models.unpredicted
    return SharedResult(
        question=deliberation.question,
        statement=mediation.statement,
        opinions=len(mediation.participants),
        chosen_as="" if unpredicted else texts.WELFARE_WORDS[deliberation.terms.welfare.name],
        how_drafted=texts.how_it_was_made(mediation),
        ended_at=deliberation.ended_at,
        models=mediation.models,
        results=results(mediation, ratings, own=None),
    )


def results(mediation: Mediation, ratings: Sequence[Rating], own: int | None) -> Results:
    """The pictures' data; `own` is marked in the distribution."""
    given = tally(ratings)
    rewards = mediation.candidates[mediation.winner].rewards
    predicted = charts.shares(charts.predicted_counts(mediation))
    actual = charts.shares(given.counts)
    predicted_bars, actual_bars = charts.pair(predicted, actual)
    counted = len(rewards) >= texts.FEWEST_COUNTED
    return Results(
        tally=given,
        distribution=charts.columns(given.counts, [str(c) for c in given.counts], mark=own),
        predicted_bars=predicted_bars if counted else [],
        actual_bars=actual_bars,
        predicted=predicted,
        actual=actual,
        predicted_mean=sum(rewards) / len(rewards) if rewards and is_common(mediation.statement) else None,
        dissenters=mediation.dissenters() if counted else 0,
        measure="Closeness" if mediation.models.unpredicted else "Welfare",
        welfare=charts.rows(mediation),
        welfare_height=charts.ROW * len(mediation.candidates),
    )
