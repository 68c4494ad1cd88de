"""What people ask to see, as data: lists, status, results, settings, exports.

Reads:  the ports, for one person.
Gives:  frozen data that each platform renders; or a `DomainError` with a sentence for whoever may not see it.
Nobody gets another's opinion or rating; an export names nobody (`bot.exports`).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import StatementCard, statement_card
from bot.domain.actors import Actor, require_admin, require_same_team, require_steward
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.library import BankQuestion, Schedule, Template
from bot.domain.ratings import CHOSEN, Rating, Tally, tally
from bot.domain.study import ordered_for
from bot.domain.team import SettingsChange, Team
from bot.errors import TransitionError, UnknownDeliberationError
from bot.exports import as_json
from bot.ports import Ports
from bot.rights import with_rights

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
    may_learn: bool = True


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
    """

    deliberation: Deliberation
    statement: StatementCard
    tally: Tally | None


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

    channel: None gives the whole team's, for admins: members must not see into channels they are not in.
    """
    if channel is None:
        require_admin(await with_rights(actor, ports), actor.team)
    found: list[Deliberation] = []
    offset = 0
    while page := await ports.store.of_team(actor.team, limit=100, offset=offset):
        found += [d for d in page if _is_listed(d, platform, channel, running)]
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
    deliberation = await _visible(actor, deliberation_id, ports)
    store, id_, round_ = ports.store, deliberation.id, deliberation.round
    participant = ports.pseudonyms.of(deliberation.team, actor.user, id_)
    own = await store.rating(id_, round_, participant)
    baseline = await store.baseline(id_, participant)
    opinion = await store.opinion(id_, participant)
    member = ports.pseudonyms.of_member(deliberation.team, actor.user)
    return Status(
        deliberation=deliberation,
        deadline=_deadline(deliberation),
        answered=await store.opinion_count(id_),
        rated=len(await store.ratings(id_, round_)),
        my_opinion=opinion,
        my_rating=None if own is None else own.value,
        my_quality=None if own is None else own.quality,
        my_baseline=None if baseline is None else baseline.value,
        may_learn=opinion.consent if opinion else await store.may_learn_from(deliberation.team, member),
        steward=actor.admin or actor.user == deliberation.facilitator,
    )


def _deadline(deliberation: Deliberation) -> datetime | None:
    if deliberation.phase is Phase.RATING:
        return deliberation.rating_closes_at
    return deliberation.closes_at if deliberation.phase in (Phase.SCHEDULED, Phase.OPINIONS) else None


async def to_rate(actor: Actor, deliberation_id: str, ports: Ports) -> Sequence[ToRate]:
    """A study's statements in this member's own order; empty where there is no study or no vote yet."""
    deliberation = await _visible(actor, deliberation_id, ports)
    study, id_, round_ = deliberation.terms.study, deliberation.id, deliberation.round
    if study is None or deliberation.phase not in (Phase.RATING, Phase.SETTLED):
        return ()
    participant = ports.pseudonyms.of(deliberation.team, actor.user, id_)
    # put in order before what is erased is left out, so that nobody's order changes by it
    ordered = ordered_for(participant, await ports.store.statements(id_, round_), study.seed)
    return [
        ToRate(each.id, each.text, await ports.store.rating(id_, round_, participant, each.id))
        for each in ordered
        if each.text
    ]


async def rater_count(deliberation: Deliberation, ports: Ports) -> int:
    """How many people have rated this round's statement, or any of a study's."""
    store, id_, round_ = ports.store, deliberation.id, deliberation.round
    study = deliberation.terms.study
    ids = [each.id for each in await store.statements(id_, round_)] if study else [CHOSEN]
    return len({r.participant for each in ids for r in await store.ratings(id_, round_, each)})


async def results(actor: Actor, deliberation_id: str, ports: Ports) -> Results:
    """The statement and, where this person may see them, the ratings.

    Raises TransitionError before there is a statement.
    """
    actor = await with_rights(actor, ports)
    deliberation = await _visible(actor, deliberation_id, ports)
    mediation = await ports.store.mediation(deliberation.id, deliberation.round)
    if mediation is None or deliberation.phase not in (Phase.RATING, Phase.SETTLED):
        raise TransitionError(deliberation.cancelled_because or "There is no statement on this question yet.")
    participant = ports.pseudonyms.of(deliberation.team, actor.user, deliberation.id)
    rated = await ports.store.rating(deliberation.id, deliberation.round, participant) is not None
    shown = deliberation.shows_results(has_rated=rated)
    ratings = await ports.store.ratings(deliberation.id, deliberation.round) if shown else ()
    return Results(
        deliberation=deliberation,
        statement=statement_card(deliberation, mediation),
        tally=tally(ratings) if shown else None,
    )


async def team_settings(actor: Actor, ports: Ports) -> TeamView:
    """The team's settings, with the log of their changes, for its admins."""
    require_admin(await with_rights(actor, ports), actor.team)
    return TeamView(
        team=await ports.store.team(actor.team),
        changes=await ports.store.settings_changes(actor.team),
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
    """One deliberation as a file of `bot.exports`, for its facilitator and the team's admins."""
    actor = await with_rights(actor, ports)
    deliberation = await _visible(actor, deliberation_id, ports)
    require_steward(actor, deliberation)
    return "".join([piece async for piece in write(deliberation, ports)])


async def _visible(actor: Actor, deliberation_id: str, ports: Ports) -> Deliberation:
    deliberation = await ports.store.load(deliberation_id)
    require_same_team(actor, deliberation)
    if not (actor.member or actor.admin):
        # Like another team's: whoever is not in the channel cannot tell whether there is such a question.
        raise UnknownDeliberationError
    return deliberation
