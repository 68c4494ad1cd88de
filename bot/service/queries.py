"""What people ask to see, as data: lists, status, results, settings, exports.

Reads:  the ports, for one person.
Gives:  frozen data that each platform renders; or a `DomainError` with a sentence for whoever may not see it.
Nobody gets another's rating. Those who run a question get its opinions: in named ones with their authors'
names, in anonymous ones as an export holds them (`bot.service.exports`).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor, is_steward, require_admin, require_steward
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.errors import TransitionError
from bot.domain.library import BankQuestion, Schedule, Template
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, Tally, Turnout, tally
from bot.domain.study import ordered_for
from bot.domain.team import SettingsChange, Team
from bot.service.access import load_visible, sees
from bot.service.exports import as_json
from bot.service.ports import Ports
from bot.service.rights import with_rights
from bot.wording.cards import Prediction, StatementCard, prediction, statement_card

Write = Callable[[Deliberation, Ports], AsyncIterator[str]]
LISTED = 25
RUNNING = (Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING, Phase.RATING)


@dataclass(frozen=True)
class Status:
    """Where one deliberation stands, for one person.

    deadline: of the phase that runs; None when none is set.
    my_opinion, my_rating, my_quality, my_baseline: this person's own, if they gave one.
    may_learn: what they said about learning from their opinion, or else from all of theirs in this team.
    steward: whether this person may steer it.
    """

    deliberation: Deliberation
    deadline: datetime | None
    answered: int
    rated: int
    my_opinion: Opinion | None
    my_rating: int | None
    steward: bool
    my_quality: int | None = None
    my_baseline: int | None = None
    may_learn: bool = False


@dataclass(frozen=True)
class OwnAnswer:
    """What one person has said to a question so far.

    baseline: their agreement with the position statement.
    may_learn: what they said about learning from their opinion, or else from all of theirs in this team.
    """

    opinion: Opinion | None
    baseline: int | None
    may_learn: bool

    @property
    def text(self) -> str:
        """Their opinion's words; empty where they gave none."""
        return self.opinion.text if self.opinion else ""


@dataclass(frozen=True)
class ToRate:
    """One of a study's statements as a member sees it, who must not know where it comes from.

    rating: this member's own; None while there is none.
    """

    statement_id: str
    text: str
    rating: Rating | None


@dataclass(frozen=True)
class Results:
    """A statement and how members rated it.

    tally: None while this person may not see the ratings yet.
    prediction: None while they may not see it, and where there is none.
    by_name: a named question's opinions with their authors, for those who run it.
    """

    deliberation: Deliberation
    statement: StatementCard
    tally: Tally | None
    prediction: Prediction | None = None
    by_name: Sequence[Opinion] = ()


@dataclass(frozen=True)
class TeamView:
    """A team's settings and who changed them, newest first."""

    team: Team
    changes: Sequence[SettingsChange]


@dataclass(frozen=True)
class LibraryView:
    """What a team keeps for asking again; the bank in its order."""

    templates: Sequence[Template]
    schedules: Sequence[Schedule]
    bank: Sequence[BankQuestion]


async def listed(
    actor: Actor, ports: Ports, *, platform: str, channel: str | None = None, running: bool = True
) -> list[Deliberation]:
    """The newest deliberations of a channel, those that run or those that are over.

    channel: None gives the whole team's, for admins. Channels that this person does not see are left out.
    """
    if channel is None:
        require_admin(await with_rights(actor, ports), actor.team)
    found: list[Deliberation] = []
    open_to_them: dict[str, bool] = {}
    offset = 0
    while page := await ports.deliberations.of_team(actor.team, limit=100, offset=offset):
        for d in page:
            if not _is_listed(d, platform, channel, running):
                continue
            if d.channel not in open_to_them:
                open_to_them[d.channel] = await sees(actor, platform, d.channel, ports)
            found += [d] if open_to_them[d.channel] else []
        if len(found) >= LISTED:
            break
        offset += len(page)
    return found[:LISTED]


def _is_listed(deliberation: Deliberation, platform: str, channel: str | None, running: bool) -> bool:
    return (
        deliberation.platform == platform
        and channel in (None, deliberation.channel)
        and (deliberation.phase in RUNNING) is running
    )


async def status(actor: Actor, deliberation_id: str, ports: Ports) -> Status:
    """Where one deliberation stands."""
    actor = await with_rights(actor, ports)
    deliberation = await load_visible(actor, deliberation_id, ports)
    given, id_, round_ = ports.contributions, deliberation.id, deliberation.round
    participant = ports.pseudonyms.of(deliberation, actor.user)
    own = await given.rating(id_, round_, participant)
    said = await own_answer(actor.user, deliberation, ports)
    return Status(
        deliberation=deliberation,
        deadline=deliberation.open_until,
        answered=await given.opinion_count(id_),
        rated=await given.rating_count(id_, round_),
        my_opinion=said.opinion,
        my_rating=None if own is None else own.value,
        my_quality=None if own is None else own.quality,
        my_baseline=said.baseline,
        may_learn=said.may_learn,
        steward=is_steward(actor, deliberation),
    )


async def own_answer(user: str, deliberation: Deliberation, ports: Ports) -> OwnAnswer:
    """What this person has said so far."""
    participant = ports.pseudonyms.of(deliberation, user)
    opinion = await ports.contributions.opinion(deliberation.id, participant)
    baseline = await ports.contributions.baseline(deliberation.id, participant)
    member = ports.pseudonyms.of_member(deliberation.team, user)
    return OwnAnswer(
        opinion=opinion,
        baseline=None if baseline is None else baseline.value,
        may_learn=opinion.consent if opinion else await ports.teams.may_learn_from(deliberation.team, member),
    )


async def models_told(deliberation: Deliberation, ports: Ports) -> ModelNotice | None:
    """Which AI models read what is written in a question: what it says of them holds to its end."""
    return await ports.upkeep.model_notice() if deliberation.told is None else deliberation.told


async def to_rate(actor: Actor, deliberation_id: str, ports: Ports) -> Sequence[ToRate]:
    """A study's statements in this member's own order; empty where there is no study or no vote yet."""
    deliberation = await load_visible(actor, deliberation_id, ports)
    study, id_, round_ = deliberation.terms.study, deliberation.id, deliberation.round
    if study is None or deliberation.phase not in (Phase.RATING, Phase.SETTLED):
        return ()
    participant = ports.pseudonyms.of(deliberation, actor.user)
    # put in order before what is erased is left out, so that nobody's order changes by it
    ordered = ordered_for(participant, await ports.mediations.statements(id_, round_), study.seed)
    return [
        ToRate(each.id, each.text, await ports.contributions.rating(id_, round_, participant, each.id))
        for each in ordered
        if each.text
    ]


async def counted(deliberation: Deliberation, ports: Ports) -> Tally:
    """This round's ratings, counted; once the vote has settled, as they were counted then."""
    if deliberation.outcome is not None:
        return deliberation.outcome
    ratings = await ports.contributions.ratings(deliberation.id, deliberation.round)
    return tally(ratings, fewest=deliberation.terms.fewest_shown)


async def rater_count(deliberation: Deliberation, ports: Ports) -> int:
    """How many people have rated this round's statement, or any of a study's."""
    given, id_, round_ = ports.contributions, deliberation.id, deliberation.round
    if deliberation.terms.study is None:
        return await given.rating_count(id_, round_)
    ids = [each.id for each in await ports.mediations.statements(id_, round_)]
    return len({r.participant for each in ids for r in await given.ratings(id_, round_, each)})


async def turnout(deliberation: Deliberation, ports: Ports) -> Turnout:
    """How many of those who answered have rated this round's statement; without who, and how.

    Of a study: how many have rated all of its statements.
    """
    answered = await ports.contributions.answerers(deliberation.id)
    if deliberation.terms.study is None:
        raters = await ports.contributions.raters(deliberation.id, deliberation.round)
    else:
        raters = await _done_with_all(deliberation, ports)
    return Turnout(rated=len(raters & answered), answered=len(answered), others=len(raters - answered))


async def _done_with_all(deliberation: Deliberation, ports: Ports) -> frozenset[str]:
    """Who has rated each of a study's statements, its quality too."""
    id_, round_ = deliberation.id, deliberation.round
    statements = [each.id for each in await ports.mediations.statements(id_, round_) if each.text]
    done = [
        {
            rating.participant
            for rating in await ports.contributions.ratings(id_, round_, each)
            if rating.quality is not None or not deliberation.terms.ask_quality
        }
        for each in statements
    ]
    return frozenset(set.intersection(*done)) if done else frozenset()


async def is_complete(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether a study's whole group has rated all of its statements.

    Somebody of the group who has not answered may still come and rate, so their place counts too.
    """
    if deliberation.terms.study is None or deliberation.phase is not Phase.RATING:
        return False
    found = await turnout(deliberation, ports)
    group = deliberation.terms.quorum or found.answered
    return 0 < group <= found.rated + found.others


async def results(actor: Actor, deliberation_id: str, ports: Ports) -> Results:
    """The statement and, where this person may see them, the ratings.

    Raises TransitionError before there is a statement.
    """
    actor = await with_rights(actor, ports)
    deliberation = await load_visible(actor, deliberation_id, ports)
    mediation = await ports.mediations.mediation(deliberation.id, deliberation.round)
    if mediation is None or deliberation.phase not in (Phase.RATING, Phase.SETTLED):
        raise TransitionError(deliberation.cancelled_because or "There is no statement on this question yet.")
    participant = ports.pseudonyms.of(deliberation, actor.user)
    rated = await ports.contributions.rating(deliberation.id, deliberation.round, participant) is not None
    shown = deliberation.shows_results(has_rated=rated)
    foretold = deliberation.shows_predictions(has_rated=rated)
    return Results(
        deliberation=deliberation,
        statement=statement_card(deliberation, mediation),
        tally=await counted(deliberation, ports) if shown else None,
        prediction=prediction(deliberation, mediation) if foretold else None,
        by_name=await opinions_by_name(actor, deliberation, ports),
    )


async def opinions_by_name(actor: Actor, deliberation: Deliberation, ports: Ports) -> Sequence[Opinion]:
    """Who wrote what in a named question, for those who run it; members were told of them beforehand."""
    if deliberation.terms.anonymous or not is_steward(actor, deliberation):
        return ()
    if not await sees(actor, deliberation.platform, deliberation.channel, ports):
        return ()
    return sorted(
        await ports.contributions.opinions(deliberation.id), key=lambda opinion: opinion.signed.casefold()
    )


async def prediction_for(user: str, deliberation: Deliberation, ports: Ports) -> Prediction | None:
    """What was predicted of the statement, for somebody who has rated it, or when the vote is over."""
    id_, round_ = deliberation.id, deliberation.round
    participant = ports.pseudonyms.of(deliberation, user)
    rated = await ports.contributions.rating(id_, round_, participant) is not None
    mediation = await ports.mediations.mediation(id_, round_)
    if mediation is None or not deliberation.shows_predictions(has_rated=rated):
        return None
    return prediction(deliberation, mediation)


async def team_settings(actor: Actor, ports: Ports) -> TeamView:
    """The team's settings, with the log of their changes, for its admins."""
    require_admin(await with_rights(actor, ports), actor.team)
    return TeamView(
        team=await ports.teams.team(actor.team),
        changes=await ports.teams.settings_changes(actor.team),
    )


async def library(actor: Actor, ports: Ports, words: str = "") -> LibraryView:
    """Templates, schedules and the bank's questions that have all these words, for admins."""
    require_admin(await with_rights(actor, ports), actor.team)
    bank = await ports.library.bank(actor.team)
    return LibraryView(
        templates=await ports.library.templates(actor.team),
        schedules=await ports.library.schedules(actor.team),
        bank=[question for question in bank if _has_words(question, words)],
    )


def _has_words(question: BankQuestion, words: str) -> bool:
    text = f"{question.question} {question.context}".casefold()
    return all(word in text for word in words.casefold().split())


async def export(actor: Actor, deliberation_id: str, ports: Ports, *, write: Write = as_json) -> str:
    """One deliberation as a file of `bot.service.exports`, for its facilitator and the team's admins."""
    actor = await with_rights(actor, ports)
    deliberation = await load_visible(actor, deliberation_id, ports)
    require_steward(actor, deliberation)
    return "".join([piece async for piece in write(deliberation, ports)])
