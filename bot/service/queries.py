"""What people ask to see, as data: lists, results, settings, exports.

Reads:  the ports, for one person.
Gives:  frozen data that each platform renders; or a `DomainError` with a sentence for whoever may not see it.
Nobody gets another's rating. Those who run a question get its opinions: in named ones with their authors'
names, in anonymous ones as an export holds them (`bot.service.exports`). So it is with reasons.
"""

import math
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.actors import Actor, is_steward, require_admin, require_steward
from bot.domain.deliberation import Deliberation, Opinion, Phase, Reason
from bot.domain.errors import TransitionError
from bot.domain.library import BankQuestion, Schedule, Template
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, Tally, tally_of
from bot.domain.study import ordered_for
from bot.domain.team import SettingsChange, Team
from bot.service.access import load_visible, sees
from bot.service.exports import WRITERS, as_json, file_name, reasons_told
from bot.service.ports import Ports
from bot.service.rights import with_rights
from bot.wording import decision_lines, texts
from bot.wording.cards import HowCard, Prediction, StatementCard, prediction, statement_card
from bot.wording.texts import one_line

Write = Callable[[Deliberation, Ports], AsyncIterator[str]]
LISTED = 25
PAGE = 100
# Of so many of a team's questions an overview is made.
LOOKED_THROUGH = 1_000
# Of a question that nobody was asked yet there is nothing to export.
EXPORTABLE = frozenset(Phase) - {Phase.SCHEDULED}
# The phases in which there is a statement whose results can be asked for.
WITH_RESULTS = frozenset({Phase.RATING, Phase.SETTLED})
RUNNING = (Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING, Phase.RATING)


@dataclass(frozen=True)
class OwnAnswer:
    """What one person has said to a question so far.

    baseline: their agreement with the position statement.
    may_learn: what they said about learning from their opinion; no until they said yes.
    step_goes: whether that agreement was given with the opinion, so that it goes with it, too.
    """

    opinion: Opinion | None
    baseline: int | None
    may_learn: bool
    step_goes: bool = False

    @property
    def text(self) -> str:
        """Their opinion's words; empty where they gave none."""
        return self.opinion.text if self.opinion else ""

    @property
    def known(self) -> Mapping[str, str]:
        """What is kept of themselves, by attribute."""
        return self.opinion.attributes if self.opinion else {}


@dataclass(frozen=True)
class ToRate:
    """One of a study's statements as a member sees it, who must not know where it comes from.

    rating: this member's own; None while there is none.
    asks_why: whether they are asked what they would change.
    """

    statement_id: str
    text: str
    rating: Rating | None
    asks_why: bool = False


@dataclass(frozen=True)
class Results:
    """A statement and how members rated it.

    tally: None while this person may not see the ratings yet.
    prediction: None while they may not see it, and where there is none.
    by_name: a named question's opinions with their authors, for those who run it.
    reasons: what may be told of the reasons now, for those who run it.
    own: how this person rated it; None while they have not.
    """

    deliberation: Deliberation
    statement: StatementCard
    tally: Tally | None
    prediction: Prediction | None = None
    by_name: Sequence[Opinion] = ()
    reasons: "Sequence[ToldReason]" = ()
    own: int | None = None


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


@dataclass(frozen=True)
class Past:
    """Questions that are over, newest first; more: there are older ones, too, that would fit."""

    found: Sequence[Deliberation]
    more: bool


async def listed(
    actor: Actor, ports: Ports, *, platform: str, channel: str, running: bool = True
) -> list[Deliberation]:
    """The newest questions of a channel, those that run or those that are over."""
    found = []
    async for d in seen(actor, ports, platform, channel):
        if (d.phase in RUNNING) is running:
            found.append(d)
            if len(found) == LISTED:
                break
    return found


async def overview(actor: Actor, ports: Ports, *, platform: str) -> list[Deliberation]:
    """Whatever this person sees of their team's questions: what runs first, however old, then the newest."""
    found = [d async for d in seen(actor, ports, platform, looked_through=LOOKED_THROUGH)]
    return sorted(found, key=lambda d: d.phase not in RUNNING)  # stable: of each kind the newest stay first


async def past(actor: Actor, ports: Ports, *, platform: str, words: str = "", most: int = LISTED) -> Past:
    """What is over of a team's questions with all these words, in every channel that this person sees."""
    found: list[Deliberation] = []
    async for d in seen(
        actor, ports, platform, looked_through=LOOKED_THROUGH, fits=lambda d: is_past(d, words)
    ):
        if not is_past(d, words):  # they are in what this person does not read
            continue
        if len(found) == most:
            return Past(found, more=True)
        found.append(d)
    return Past(found, more=False)


def is_past(d: Deliberation, words: str) -> bool:
    """Whether a question is over and has these words, in what was asked, said in the end or decided."""
    if d.phase in RUNNING:
        return False
    told = [d.question, d.context]
    if d.phase is Phase.SETTLED:
        # One that ended otherwise may have a statement that nobody was shown.
        told += [one_line(d.statement or ""), *decision_lines.lines(d)]
    return has_words(" ".join(map(str, told)), words)


async def seen(
    actor: Actor,
    ports: Ports,
    platform: str,
    channel: str | None = None,
    looked_through: float = math.inf,
    fits: Callable[[Deliberation], bool] = lambda d: True,
) -> AsyncIterator[Deliberation]:
    """The questions that this person sees and that fit, newest first; each channel is asked about once.

    Those of channels that they see; and their own, which they may steer from anywhere, without what
    came of it where they do not see that.
    """
    sees_it: dict[str, bool] = {}
    offset = 0
    while offset < looked_through and (
        page := await ports.deliberations.of_team(actor.team, limit=PAGE, offset=offset)
    ):
        offset += len(page)
        for d in page:
            if d.platform != platform or channel not in (None, d.channel) or not fits(d):
                continue
            is_own = d.facilitator == actor.user
            if is_own and (d.phase in RUNNING or (d.statement is None and d.decision is None)):
                yield d
                continue
            if d.channel not in sees_it:
                sees_it[d.channel] = await sees(actor, platform, d.channel, ports)
            if sees_it[d.channel]:
                yield d
            elif is_own:
                yield d.model_copy(update={"statement": None, "decision": None})


async def own_answer(user: str, deliberation: Deliberation, ports: Ports) -> OwnAnswer:
    """What this person has said so far."""
    participant = ports.pseudonyms.of(deliberation, user)
    opinion = await ports.contributions.opinion(deliberation.id, participant)
    baseline = await ports.contributions.baseline(deliberation.id, participant)
    return OwnAnswer(
        opinion=opinion,
        baseline=None if baseline is None else baseline.value,
        may_learn=opinion is not None and opinion.consent,
        step_goes=opinion is not None and baseline is not None and not baseline.collected,
    )


@dataclass(frozen=True)
class OwnOpinion:
    """What somebody wrote to a question; where it was found, as which user and in which question.

    is_reason: it is why they rated a statement so, and not their opinion. is_point: it is a point of theirs.
    """

    question: str
    text: str
    user: str = ""
    deliberation: Deliberation | None = None
    is_reason: bool = False
    is_point: bool = False


async def own_opinions(
    actor: Actor, ports: Ports, people: Mapping[str, Actor] = MappingProxyType({})
) -> list[OwnOpinion]:
    """Everything that this person wrote in their team, newest first, as `ForgetMe` will find it.

    people: whom else they are in one question only, by that question. Nobody is looked for where they cannot
    have written: there may be many of them, and thousands of questions.
    """
    found = []
    async for d in ports.deliberations.each_of_team(actor.team):
        users = dict.fromkeys(each.user for each in (actor, people.get(d.id, actor)))
        for user, participant in ((each, key) for each in users for key in ports.pseudonyms.each_of(d, each)):
            opinion = await ports.contributions.opinion(d.id, participant)
            if opinion is not None:
                found.append((opinion.given_at, OwnOpinion(d.question, opinion.text, user, d)))
            for reason in await _own_reasons(participant, d, ports):
                own = OwnOpinion(d.question, reason.text, user, d, is_reason=True)
                found.append((reason.given_at, own))
            for point in await ports.points.own(d.id, participant):
                own = OwnOpinion(d.question, point.text, user, d, is_point=True)
                found.append((point.given_at, own))
    return [own for _, own in sorted(found, key=lambda each: each[0], reverse=True)]


async def _own_reasons(participant: str, deliberation: Deliberation, ports: Ports) -> list[Reason]:
    """One participant's reasons, of every round."""
    found = [
        await ports.contributions.reason(deliberation.id, each, participant) for each in deliberation.rounds
    ]
    return [reason for reason in found if reason is not None]


async def own_reason(user: str, deliberation: Deliberation, ports: Ports) -> Reason | None:
    """What this person has said about this round's statement."""
    participant = ports.pseudonyms.of(deliberation, user)
    return await ports.contributions.reason(deliberation.id, deliberation.round, participant)


async def models_told(deliberation: Deliberation, ports: Ports) -> ModelNotice | None:
    """Which AI models read what is written in a question: what it says of them holds to its end."""
    return await ports.upkeep.model_notice() if deliberation.told is None else deliberation.told


async def how_it_works(of: Deliberation | str, ports: Ports) -> HowCard:
    """How this works: in a question that this person may see, or in a team, by its id."""
    if isinstance(of, Deliberation):
        return HowCard.of(of, await models_told(of, ports))
    return HowCard.of(await ports.teams.team(of), await ports.upkeep.model_notice())


async def to_rate(actor: Actor, deliberation_id: str, ports: Ports) -> Sequence[ToRate]:
    """A study's statements in this member's own order; empty where there is no study or no vote yet."""
    deliberation = await load_visible(actor, deliberation_id, ports)
    study, id_, round_ = deliberation.terms.study, deliberation.id, deliberation.round
    if study is None or deliberation.phase not in WITH_RESULTS:
        return ()
    participant = ports.pseudonyms.of(deliberation, actor.user)
    # put in order before what is erased is left out, so that nobody's order changes by it
    ordered = ordered_for(participant, await ports.mediations.statements(id_, round_), study.seed)
    return [
        ToRate(
            each.id,
            each.text,
            await ports.contributions.rating(id_, round_, participant, each.id),
            asks_why=study.asks_why(round_) and each.arm is study.revises,
        )
        for each in ordered
        if each.text
    ]


def fully_rated(statements: Sequence[ToRate]) -> int:
    """How many of these this member has rated on both scales."""
    return sum(each.rating is not None and each.rating.quality is not None for each in statements)


async def counted(deliberation: Deliberation, ports: Ports) -> Tally:
    """This round's ratings, counted; once the vote has settled, as they were counted then."""
    if deliberation.outcome is not None:
        return deliberation.outcome
    given = await ports.contributions.rating_tally(deliberation.id, deliberation.round)
    return tally_of(given.counts, fewest=deliberation.terms.fewest_shown)


async def results(actor: Actor, deliberation_id: str, ports: Ports) -> Results:
    """The statement and, where this person may see them, the ratings.

    Raises TransitionError before there is a statement.
    """
    actor = await with_rights(actor, ports)
    deliberation = await load_visible(actor, deliberation_id, ports)
    mediation = await ports.mediations.in_sum(deliberation.id, deliberation.round)
    if mediation is None or deliberation.phase not in WITH_RESULTS:
        raise TransitionError(texts.why_cancelled(deliberation) or texts.NO_STATEMENT_YET)
    participant = ports.pseudonyms.of(deliberation, actor.user)
    own = await ports.contributions.rating(deliberation.id, deliberation.round, participant)
    shown = deliberation.shows_results(has_rated=own is not None)
    foretold = deliberation.shows_predictions(has_rated=own is not None)
    return Results(
        deliberation=deliberation,
        statement=statement_card(deliberation, mediation),
        tally=await counted(deliberation, ports) if shown else None,
        prediction=prediction(deliberation, mediation) if foretold else None,
        by_name=await opinions_by_name(actor, deliberation, ports),
        reasons=await reasons(actor, deliberation, ports),
        own=None if own is None else own.value,
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


@dataclass(frozen=True)
class ToldReason:
    """A reason as those who run a question may read it; `name` is empty in anonymous ones."""

    text: str
    name: str = ""


async def reasons(actor: Actor, deliberation: Deliberation, ports: Ports) -> Sequence[ToldReason]:
    """This round's reasons, for those who run the question; as an export tells them now."""
    if not is_steward(actor, deliberation):
        return ()
    if not await sees(actor, deliberation.platform, deliberation.channel, ports):
        return ()
    told = [
        ToldReason(each["text"], each.get("name", "")) for each in await reasons_told(deliberation, ports)
    ]
    return sorted(told, key=lambda reason: (reason.name.casefold(), reason.text))


async def prediction_for(user: str, deliberation: Deliberation, ports: Ports) -> Prediction | None:
    """What was predicted of the statement, for somebody who has rated it, or when the vote is over."""
    id_, round_ = deliberation.id, deliberation.round
    participant = ports.pseudonyms.of(deliberation, user)
    rated = await ports.contributions.rating(id_, round_, participant) is not None
    mediation = await ports.mediations.in_sum(id_, round_)
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


async def is_reminded(actor: Actor, ports: Ports) -> bool:
    """Whether this person wants to be reminded in their team."""
    member = ports.pseudonyms.of_member(actor.team, actor.user)
    return (await ports.teams.wants_reminders(actor.team, [member]))[0]


async def library(actor: Actor, ports: Ports, words: str = "") -> LibraryView:
    """Templates, schedules and the bank's questions that have all these words, for admins."""
    require_admin(await with_rights(actor, ports), actor.team)
    bank = await ports.library.bank(actor.team)
    return LibraryView(
        templates=await ports.library.templates(actor.team),
        schedules=await ports.library.schedules(actor.team),
        bank=[each for each in bank if has_words(f"{each.question} {each.context}", words)],
    )


def has_words(text: str, words: str) -> bool:
    """Whether a text has each of these words, or begins of them; small letters and accents do not count."""
    text = _plain(text)
    return all(word.strip("?.,!") in text for word in _plain(words).split())


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each)).casefold()


async def export_pieces(
    actor: Actor, deliberation_id: str, ports: Ports, *, write: Write = as_json
) -> AsyncIterator[str]:
    """One deliberation as a file of `bot.service.exports`, for its facilitator and the team's admins.

    Whatever forbids it is raised before the first piece: TransitionError where nobody was asked yet.
    """
    actor = await with_rights(actor, ports)
    deliberation = await load_visible(actor, deliberation_id, ports)
    require_steward(actor, deliberation)
    if deliberation.phase not in EXPORTABLE:
        raise TransitionError(texts.NOTHING_TO_EXPORT)
    return write(deliberation, ports)


async def export(actor: Actor, deliberation_id: str, ports: Ports, *, write: Write = as_json) -> str:
    """The same in one piece."""
    return "".join([piece async for piece in await export_pieces(actor, deliberation_id, ports, write=write)])


async def export_files(actor: Actor, deliberation_id: str, ports: Ports) -> dict[str, str]:
    """Both files, by their names; the one in JSON first."""
    return {
        file_name(deliberation_id, kind): await export(actor, deliberation_id, ports, write=write)
        for kind, write in WRITERS.items()
    }
