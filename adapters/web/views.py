"""What a question's page shows, worked out from the store for one person.

Reads:  the deliberation and what belongs to it, through the ports.
Gives:  plain data to the templates. A member never gets another's opinion, a reward with an identity, or the
text of a candidate that was not chosen: drafts may quote members word for word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.web.access import given_elsewhere, given_here
from adapters.web.config import WebConfig
from adapters.web.opinion_groups import Groups, groups_shown
from adapters.web.sessions import Place, Session
from bot.domain.deliberation import Deliberation, Opinion, Phase, Reason
from bot.domain.kept_mediation import MediationInSum, Predicted
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import VALUES, Tally, Turnout, tally
from bot.domain.rounds import Preference
from bot.pictures import charts
from bot.pictures.charts import Bar
from bot.service import queries
from bot.service.points import PointsTold, points_told
from bot.service.ports import Ports
from bot.service.queries import OwnAnswer, ToRate
from bot.service.rounds import own_preference, statement_before
from bot.service.turnout import finished, turnout
from bot.wording import card_lines, decision_lines, jury_lines, page_lines, round_lines, texts
from bot.wording.cards import is_of_few, told_agreement, told_open
from bot.wording.language import number
from bot.wording.round_lines import Span
from engine.digest import is_common
from engine.types import Mediation, ModelsUsed

NOTHING_SAID = OwnAnswer(opinion=None, baseline=None, may_learn=False)


@dataclass(frozen=True)
class Results:
    """How members rated the statement, and how the candidates compared; `predicted` are shares over 1..7.

    Whoever may not see predictions yet gets none: no mean, no bars, no dissenters and no welfare.
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

    @property
    def rated_told(self) -> str:
        """The picture of the ratings, in words."""
        return page_lines.bars_told((bar.label, bar.shown) for bar in self.distribution)

    @property
    def expected_told(self) -> str:
        """The picture of likely and actual agreement, in words."""
        pairs = zip(self.predicted_bars, self.actual_bars, strict=True)
        return page_lines.shares_told((likely.label, likely.shown, actual.shown) for likely, actual in pairs)

    @property
    def welfare_told(self) -> str:
        """The picture of the candidates, in words."""
        return page_lines.candidates_told((bar.label, bar.shown, bar.marked) for bar in self.welfare)


@dataclass(frozen=True)
class QuestionView:
    """Everything that one person may see of one question; `place`: as whom they take part.

    given_elsewhere: what to say instead of a form where only another browser can change it; else empty.
    may_learn: what they said about learning from this opinion; no until they said yes.
    step_goes: whether their step on the position statement goes with it if it is withdrawn.
    notice: which AI models read what members write.
    to_rate: a study's statements, in this person's order; then there are no `results`.
    turnout: how many have rated; of a study, any of its statements.
    foretold: what was predicted, without any ratings, for somebody who may not see these yet.
    finished: how many have rated all of a study's statements.
    of_few: so few have answered that nothing that was predicted is ever shown.
    reason: why they rate the statement as they do, while it is rated.
    groups: the members' opinion groups, once the vote is over.
    before: the statement that this round's was revised from; None in the first round.
    preference: which of the two they prefer, while that can be said.
    leaves_open: what the statement leaves open, in a line.
    points: what the votes on points said, once the statement is out; points_missing: what they do not tell.
    """

    deliberation: Deliberation
    place: Place
    given_elsewhere: str
    answered: int
    turnout: Turnout | None
    finished: int
    opinion: Opinion | None
    rating: int | None
    mediation: MediationInSum | None
    results: Results | None
    foretold: Results | None
    steward: bool
    of_few: bool = False
    quality: int | None = None
    baseline: int | None = None
    may_learn: bool = False
    step_goes: bool = False
    notice: ModelNotice | None = None
    to_rate: Sequence[ToRate] = ()
    reason: Reason | None = None
    groups: Groups | None = None
    before: str | None = None
    preference: Preference | None = None
    leaves_open: str = ""
    points: PointsTold | None = None
    points_missing: Sequence[str] = ()

    @property
    def changed(self) -> Sequence[Span]:
        """What changed from the statement before to this one; empty where there is no other."""
        return round_lines.changes(self.before, self.deliberation.statement or "") if self.before else ()

    @property
    def name_is_asked(self) -> bool:
        """Whether a reason has to be signed here: its author is known by no link and by no opinion."""
        known = self.place.name or (self.opinion and self.opinion.signed)
        return not self.deliberation.terms.anonymous and not known

    @property
    def fully_rated(self) -> int:
        """How many of a study's statements this person has rated on both scales."""
        return queries.fully_rated(self.to_rate)

    @property
    def how_drafted(self) -> str:
        """What a reader should know about the statement's making."""
        if self.mediation is None:
            return ""
        return how_it_was_made(self.deliberation, self.mediation)

    @property
    def chosen_as(self) -> str:
        """By what the statement was chosen, in words; empty where it was not by what the terms say."""
        if self.mediation is not None and self.mediation.models.unpredicted:
            return ""
        return texts.WELFARE_WORDS[self.deliberation.terms.welfare.name]

    @property
    def opinions_heard(self) -> int:
        """How many opinions the statement was drafted from."""
        return self.mediation.people if self.mediation else self.answered


@dataclass(frozen=True)
class SharedResult:
    """What everybody with a results link may see: what stands in the channel, sums, and the models' names.

    chosen_as: in words; empty where nobody's agreement was predicted, which `how_drafted` then says.
    compared: how the last of several rounds compares with the one before, in sentences.
    decided: what was decided after the vote, a line each; empty until that was recorded.
    leaves_open: what the statement leaves open, in a line.
    points: what the votes on points said; None where there were none. points_missing: what they do not tell.
    """

    question: str
    statement: str
    opinions: int
    chosen_as: str
    how_drafted: str
    ended_at: datetime | None
    models: ModelsUsed
    results: Results
    groups: Groups | None
    decided: Sequence[str] = ()
    compared: Sequence[str] = ()
    leaves_open: str = ""
    points: PointsTold | None = None
    points_missing: Sequence[str] = ()


def how_it_was_made(deliberation: Deliberation, mediation: Mediation) -> str:
    """What a reader should know about a statement's making, whose agreement chose it first."""
    made = texts.how_it_was_made(mediation, deliberation.drafter)
    predicted = mediation.models.unpredicted is None
    return f"{jury_lines.chosen_by(deliberation.terms, predicted=predicted)} {made}".strip()


async def question_view(
    deliberation: Deliberation, session: Session, config: WebConfig, ports: Ports
) -> QuestionView:
    """Load and work out what `session` may see."""
    member = session.member(deliberation.id)
    participant = ports.pseudonyms.of(deliberation, member.user)
    published = deliberation.phase in queries.WITH_RESULTS
    id_, round_ = deliberation.id, deliberation.round
    mediation = await ports.mediations.in_sum(id_, round_) if published else None
    place = session.place_in(id_)
    given = await ports.contributions.rating(id_, round_, participant) if published else None
    said = await queries.own_answer(member.user, deliberation, ports)
    why = await queries.own_reason(member.user, deliberation, ports)
    preferred = await own_preference(member.user, deliberation, ports)
    # After all that is read, so that it is of whoever gave that.
    if not await given_here(session, deliberation, config, ports):
        said, given, why, preferred = NOTHING_SAID, None, None, None
    elsewhere = await given_elsewhere(session, deliberation, config, ports)
    own = None if given is None else given.value
    everyday = deliberation.terms.study is None
    shown = everyday and deliberation.shows_results(has_rated=own is not None)
    foretold = deliberation.shows_predictions(has_rated=own is not None)
    of_few = mediation is not None and is_of_few(deliberation, mediation)
    points, missing = await points_told(deliberation, ports)
    return QuestionView(
        deliberation=deliberation,
        place=place,
        given_elsewhere=page_lines.given_elsewhere(place.name) if elsewhere else "",
        answered=await ports.contributions.opinion_count(deliberation.id),
        turnout=await turnout(deliberation, ports) if published else None,
        finished=await finished(deliberation, ports) if published and not everyday else 0,
        opinion=said.opinion,
        rating=own,
        mediation=mediation,
        results=results(
            deliberation, mediation, await queries.counted(deliberation, ports), own, foretold=foretold
        )
        if mediation and shown
        else None,
        foretold=results(deliberation, mediation, tally(()), foretold=True)
        if mediation and foretold and not shown and not of_few
        else None,
        steward=session.is_steward(deliberation),
        of_few=of_few,
        quality=None if given is None else given.quality,
        baseline=said.baseline,
        may_learn=said.may_learn,
        step_goes=said.step_goes,
        notice=await queries.models_told(deliberation, ports),
        to_rate=await queries.to_rate(member, deliberation.id, ports),
        reason=why if deliberation.phase is Phase.RATING else None,
        groups=await groups_shown(deliberation, mediation, ports),
        before=await statement_before(deliberation, ports),
        preference=preferred,
        leaves_open=card_lines.leaves_open(told_open(deliberation, mediation)) if mediation else "",
        points=points,
        points_missing=missing,
    )


async def shared_result(deliberation: Deliberation, ports: Ports) -> SharedResult | None:
    """How a question ended; None while its vote is not closed, or when it ended in another way."""
    mediation = await ports.mediations.in_sum(deliberation.id, deliberation.round)
    if deliberation.phase is not Phase.SETTLED or mediation is None:
        return None
    unpredicted = mediation.models.unpredicted
    points, missing = await points_told(deliberation, ports)
    return SharedResult(
        question=deliberation.question,
        statement=mediation.statement,
        opinions=mediation.people,
        chosen_as="" if unpredicted else texts.WELFARE_WORDS[deliberation.terms.welfare.name],
        how_drafted=how_it_was_made(deliberation, mediation),
        ended_at=deliberation.ended_at,
        models=mediation.models,
        compared=[
            *([texts.STATEMENT_STAYS] if deliberation.unrevised else []),
            *round_lines.compared(deliberation.change),
        ],
        results=results(deliberation, mediation, await queries.counted(deliberation, ports), foretold=True),
        groups=await groups_shown(deliberation, mediation, ports),
        decided=decision_lines.lines(deliberation),
        leaves_open=card_lines.leaves_open(told_open(deliberation, mediation)),
        points=points,
        points_missing=missing,
    )


def results(
    deliberation: Deliberation,
    mediation: Mediation,
    given: Tally,
    own: int | None = None,
    *,
    foretold: bool,
) -> Results:
    """The pictures' data; `own` is marked in the distribution, and predictions are in it if `foretold`.

    And if they are of enough people.
    """
    shown = _results(told_agreement(deliberation, mediation), mediation, given, own)
    if foretold and not is_of_few(deliberation, mediation):
        return shown
    return replace(shown, predicted_mean=None, predicted_bars=[], predicted=[], dissenters=0, welfare=[])


def _results(told: Predicted | None, mediation: Mediation, given: Tally, own: int | None) -> Results:
    predicted = charts.shares(told.steps if told else (0,) * len(VALUES))
    actual = charts.shares(given.counts)
    predicted_bars, actual_bars = charts.pair(predicted, actual)
    counted = told is not None and told.people >= texts.FEWEST_COUNTED
    return Results(
        tally=given,
        distribution=charts.columns(given.counts, [number(c) for c in given.counts], mark=own),
        predicted_bars=predicted_bars if counted else [],
        actual_bars=actual_bars,
        predicted=predicted,
        actual=actual,
        predicted_mean=told.mean if told and is_common(mediation.statement) else None,
        dissenters=told.dissenters if told and counted else 0,
        measure=page_lines.CLOSENESS if mediation.models.unpredicted else page_lines.WELFARE,
        welfare=charts.rows(mediation),
        welfare_height=charts.ROW * len(mediation.candidates),
    )
