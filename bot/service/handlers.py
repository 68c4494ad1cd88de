"""One short function per command: load, change, save.

Reads:  a command and the ports.
Gives:  a `Reply` with a sentence for the person who asked.
Decides nothing: rules are in `bot.domain`, atomicity in the store, what time does in `bot.worker.steps`.
Each handler is safe to run twice. Errors travel to `bot.service.dispatch`.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.domain import commands
from bot.domain.actors import (
    Actor,
    Member,
    require_asker,
    require_member,
    require_same_team,
)
from bot.domain.clean_text import clean
from bot.domain.decision import Decision
from bot.domain.deliberation import (
    Author,
    Deliberation,
    Opinion,
    Phase,
    Reason,
    checked_context,
    checked_deadline,
    checked_opening,
    checked_position,
    checked_question,
)
from bot.domain.errors import (
    NameInUseError,
    TransitionError,
    UnknownDeliberationError,
    VersionConflictError,
)
from bot.domain.juries import known_of
from bot.domain.likeness import Signing, look_alike
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.rounds import Comparison
from bot.domain.study import require_statement
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service import point_handlers, team_handlers, webhook_handlers
from bot.service.access import load_steered, load_visible, require_may_post, require_sees
from bot.service.giving import models_kept, participant_of, require_giver, when
from bot.service.ids import named
from bot.service.ports import Ports
from bot.service.ports.platform import WritesSentences
from bot.service.quotes import remove_quotes
from bot.service.reconciling import forgotten
from bot.service.reply import Reply
from bot.service.transitions import (
    begin,
    hint_encoding,
    hint_splitting,
    refresh_from,
    save,
    tell_counts,
)
from bot.service.turnout import is_complete, rated_beside
from bot.wording import decision_lines, page_lines, round_lines, texts
from bot.wording.time_zones import zone_or_utc

log = logging.getLogger(__name__)

# How long it takes at most to erase what one person gave to a question.
ERASED_WITHIN = timedelta(minutes=1)


async def post_question(command: commands.PostQuestion, ports: Ports) -> Reply:
    """Begin a deliberation, at once or at its opening time."""
    team = await ports.teams.team(command.actor.team)
    require_asker(command.actor, team, command.channel, command.within)
    await require_may_post(command.actor, command.platform, command.channel, ports)
    deliberation = await _posted_before(command, ports)
    if deliberation is None:
        deliberation = await begin(_new_deliberation(command, team, ports), ports)
    return Reply(
        texts.SCHEDULED if deliberation.phase is Phase.SCHEDULED else texts.POSTED, deliberation=deliberation
    )


async def _posted_before(command: commands.PostQuestion, ports: Ports) -> Deliberation | None:
    """What an earlier copy began; its deadline may have passed since, and that must not look refused."""
    try:
        return await ports.deliberations.load(named(command.actor.team, command.idempotency_key))
    except UnknownDeliberationError:
        return None


def _new_deliberation(command: commands.PostQuestion, team: Team, ports: Ports) -> Deliberation:
    now = ports.clock.now()
    opens_at = checked_opening(command.opens_at, now)
    closes_at = command.closes_at and checked_deadline(command.closes_at, opens_at, now)
    return Deliberation(
        id=named(command.actor.team, command.idempotency_key),
        team=command.actor.team,
        platform=command.platform,
        channel=command.channel,
        facilitator=command.actor.user,
        question=checked_question(command.question),
        context=checked_context(command.context),
        terms=_terms(command.terms, team),
        phase=Phase.SCHEDULED if opens_at else Phase.OPINIONS,
        created_at=now,
        opens_at=opens_at,
        closes_at=closes_at,
        key_id=ports.pseudonyms.newest,
    )


def _terms(asked: Terms, team: Team) -> Terms:
    position = checked_position(asked.position_statement)
    return asked.under(team).model_copy(update={"position_statement": position})


async def rate_baseline(command: commands.RateBaseline, ports: Ports) -> Reply:
    """Keep agreement with the position statement, while opinions are open."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    participant = participant_of(command.actor, deliberation, ports)
    await require_giver(command, participant, ports)
    try:
        rating = deliberation.baseline(participant, command.value, when(command.at, ports))
        await ports.contributions.put_baseline(deliberation.id, rating, giver=command.giver)
    except TransitionError:
        # A late copy of one that was kept must not look refused.
        kept = await ports.contributions.baseline(deliberation.id, participant)
        if kept is None or (kept.value, kept.given_at) != (command.value, command.at):
            raise
        return Reply(texts.BASELINE_KEPT_AND_CLOSED, deliberation=deliberation)
    return Reply(texts.BASELINE_KEPT, deliberation=deliberation)


async def give_opinion(command: commands.GiveOpinion, ports: Ports) -> Reply:
    """Keep an opinion; the last one that is needed for the quorum closes the question."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    await require_giver(command, ports.pseudonyms.of(deliberation, command.actor.user), ports)
    deliberation.require_edition(command.edition)
    try:
        opinion = await _opinion(command, deliberation, ports)
        deliberation = await models_kept(deliberation, ports)
        baseline = _baseline(command, deliberation, ports)
        answers = await ports.contributions.put_opinion(
            deliberation.id, opinion, baseline, command.signing, command.giver, deliberation.edition
        )
    except NameInUseError as exc:
        raise NameInUseError(page_lines.NAME_IN_USE) from exc
    except TransitionError:
        if not await _kept_before(command, deliberation, ports):
            raise
        return Reply(texts.OPINION_KEPT_AND_CLOSED, deliberation=deliberation)
    await tell_counts(deliberation, ports)
    if deliberation.has_quorum(answers.total):
        # Several last opinions may race to close. Whoever loses is handled again and found to be kept.
        closed = deliberation.closed(ports.clock.now())
        deliberation = await save(closed, ports, was=deliberation, opinions=deliberation.terms.quorum or 0)
    else:
        await hint_encoding(deliberation.id, answers.unencoded, ports)
        await hint_splitting(deliberation, ports)
    still_open = deliberation.phase is Phase.OPINIONS
    return Reply(
        texts.OPINION_KEPT if still_open else texts.OPINION_KEPT_AND_CLOSED, deliberation=deliberation
    )


async def _opinion(command: commands.GiveOpinion, deliberation: Deliberation, ports: Ports) -> Opinion:
    participant = participant_of(command.actor, deliberation, ports)
    author = Author(user=command.actor.user, name=clean(command.actor.name))
    # Where learning is not asked about there is no need to look what was said of it before.
    consent = deliberation.terms.keep_feedback and await _consent(command, participant, ports)
    known = await _known_of(command, participant, deliberation, ports)
    return deliberation.opinion(
        participant, command.text, when(command.at, ports), author, consent=consent, attributes=known
    )


async def _known_of(
    command: commands.GiveOpinion, participant: str, deliberation: Deliberation, ports: Ports
) -> Mapping[str, str]:
    """What is known of the author: what is said with the opinion, else what was said with the one before."""
    attributes = deliberation.terms.attributes
    if not attributes:
        return {}
    known = known_of(attributes, command.answers or {}, command.actor.groups)
    if command.answers is not None:
        return known
    kept = await ports.contributions.opinion(command.deliberation_id, participant)
    return known | _asked(kept, deliberation)


def _baseline(command: commands.GiveOpinion, deliberation: Deliberation, ports: Ports) -> Rating | None:
    if command.baseline is None:
        return None
    participant = participant_of(command.actor, deliberation, ports)
    return deliberation.baseline(participant, command.baseline, when(command.at, ports))


async def _consent(command: commands.GiveOpinion, participant: str, ports: Ports) -> bool:
    """What is said with the opinion counts, then with the one it replaces; silence is no."""
    if command.consent is not None:
        return command.consent
    kept = await ports.contributions.opinion(command.deliberation_id, participant)
    return kept is not None and kept.consent


async def _kept_before(command: commands.GiveOpinion, deliberation: Deliberation, ports: Ports) -> bool:
    """Whether this is a late copy of an opinion that was kept, or edited, before the close."""
    participant = participant_of(command.actor, deliberation, ports)
    kept = await ports.contributions.opinion(command.deliberation_id, participant)
    if kept is None or command.at <= kept.given_at:
        return kept is not None
    baseline = await ports.contributions.baseline(command.deliberation_id, participant)
    asked = deliberation.terms.keep_feedback
    # Whatever is left unsaid stays as it is; a change that comes too late must not look kept.
    return (
        kept.text == clean(command.text)
        and (not asked or command.consent in (None, kept.consent))
        and command.baseline in (None, baseline and baseline.value)
        and (command.answers is None or _said_of_oneself(command, deliberation) == _asked(kept, deliberation))
    )


def _said_of_oneself(command: commands.GiveOpinion, deliberation: Deliberation) -> Mapping[str, str]:
    return known_of(deliberation.terms.attributes, command.answers or {}, ())


def _asked(opinion: Opinion | None, deliberation: Deliberation) -> dict[str, str]:
    """What somebody has said about themselves, without what the platform knows."""
    asked = {each.label for each in deliberation.terms.asked_of_members.values()}
    kept = opinion.attributes if opinion else {}
    return {label: value for label, value in kept.items() if label in asked}


async def withdraw_opinion(command: commands.WithdrawOpinion, ports: Ports) -> Reply:
    """Take an opinion back, from anywhere: it is theirs."""
    deliberation = await _load(command, ports)
    known_as = ports.pseudonyms.of(deliberation, command.actor.user)
    await require_giver(command, known_as, ports)
    kept = await ports.contributions.opinion(deliberation.id, known_as)
    if kept is None:
        await require_sees(command.actor, deliberation, ports)
    participant = participant_of(command.actor, deliberation, ports)
    at = when(command.at, ports)
    step = await ports.contributions.baseline(deliberation.id, participant)
    try:
        deliberation.require_open_for_opinions(at)
        await ports.contributions.remove_opinion(deliberation.id, participant, at, giver=command.giver)
    except TransitionError:
        if await ports.contributions.opinion(deliberation.id, participant) is not None:
            raise
        # A late copy: it was withdrawn before the close.
        return Reply(texts.OPINION_WITHDRAWN, deliberation=deliberation)
    await tell_counts(deliberation, ports)
    # Who said the same is split again, in words of their own.
    await hint_splitting(deliberation, ports)
    return Reply(
        texts.OPINION_WITHDRAWN,
        deliberation=deliberation,
        given_back="" if kept is None else kept.text,
        # A vote in a poll still stands there.
        given_back_step=None if step is None or step.collected else step.value,
    )


async def close_opinions(command: commands.CloseOpinions, ports: Ports) -> Reply:
    """Close by hand. With too few opinions the question stays open: only its deadline ends it for that."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if deliberation.phase not in (Phase.SCHEDULED, Phase.OPINIONS):
        return Reply(texts.why_cancelled(deliberation) or texts.ALREADY_CLOSED, deliberation=deliberation)
    count = await ports.contributions.opinion_count(deliberation.id)
    closed = deliberation.closed_by_hand(count, ports.clock.now())
    needed = deliberation.terms.minimum_opinions
    return Reply(texts.CLOSED, deliberation=await save(closed, ports, was=deliberation, opinions=needed))


async def cancel_if_too_few(closed: Deliberation, ports: Ports) -> Deliberation:
    """End a question that its deadline closed with too few opinions.

    Counting comes after closing, so that no opinion can arrive between the count and the decision.
    """
    count = await ports.contributions.opinion_count(closed.id)
    needed = closed.terms.minimum_opinions
    if count >= needed:
        return closed
    cancelled = closed.cancelled(texts.too_few_opinions(count, needed), ports.clock.now())
    return await save(cancelled, ports, was=closed)


async def retry_mediation(command: commands.RetryMediation, ports: Ports) -> Reply:
    """Draft once more after a failure. Nothing is lost by that, so it asks nothing first.

    Whatever is set up by now, only models that members were told of read opinions (`Deliberation.told`).
    """
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    retried = deliberation.retried()
    if retried != deliberation:  # else it is being drafted already, and saving would disturb that
        retried = await save(retried, ports, was=deliberation)
    told = texts.RETRYING if retried.statement is None else texts.STATEMENT_ON_ITS_WAY
    return Reply(told, deliberation=retried)


async def cast_rating(command: commands.CastRating, ports: Ports) -> Reply:
    """Keep a rating of the published statement."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    deliberation.require_round(command.round)
    id_, round_ = deliberation.id, deliberation.round
    await require_giver(command, ports.pseudonyms.of(deliberation, command.actor.user), ports)
    rating = await _rating(command, deliberation, ports)
    try:
        deliberation.require_open_for_ratings(rating.given_at)
        require_statement(command.statement_id, await rated_beside(deliberation, ports))
        await ports.contributions.put_rating(id_, round_, rating, giver=command.giver)
    except TransitionError:
        # A late copy of a rating that was kept must not look refused.
        if await ports.contributions.rating(id_, round_, rating.participant, rating.statement_id) != rating:
            raise
        return Reply(texts.RATING_KEPT_AND_CLOSED, deliberation=deliberation)
    await tell_counts(deliberation, ports)
    return Reply(texts.RATING_KEPT, deliberation=deliberation)


async def _rating(command: commands.CastRating, deliberation: Deliberation, ports: Ports) -> Rating:
    rating = Rating(
        participant=participant_of(command.actor, deliberation, ports),
        value=deliberation.terms.scale.check(command.value),
        given_at=when(command.at, ports),
        statement_id=command.statement_id,
        quality=deliberation.terms.checked_quality(command.quality),
    )
    if rating.quality is not None or not deliberation.terms.ask_quality:
        return rating
    kept = await ports.contributions.rating(
        deliberation.id, deliberation.round, rating.participant, command.statement_id
    )
    return rating if kept is None else rating.model_copy(update={"quality": kept.quality})


async def withdraw_rating(command: commands.WithdrawRating, ports: Ports) -> Reply:
    """Take a rating back, from anywhere; a reaction that isn't the one that counts takes nothing with it."""
    deliberation = await _load(command, ports)
    known_as = ports.pseudonyms.of(deliberation, command.actor.user)
    await require_giver(command, known_as, ports)
    if not await _has_ever_rated(known_as, deliberation, ports):
        await require_sees(command.actor, deliberation, ports)
    participant = participant_of(command.actor, deliberation, ports)
    deliberation.require_round(command.round)
    at = when(command.at, ports)
    deliberation.require_open_for_ratings(at)
    await ports.contributions.remove_rating(
        deliberation.id,
        deliberation.round,
        participant,
        at,
        value=command.value,
        statement_id=command.statement_id,
        giver=command.giver,
    )
    await tell_counts(deliberation, ports)
    return Reply(texts.RATING_WITHDRAWN, deliberation=deliberation)


async def give_reason(command: commands.GiveReason, ports: Ports) -> Reply:
    """Keep why somebody rates the statement as they do; no rating has to come first."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    deliberation.require_round(command.round)
    participant = participant_of(command.actor, deliberation, ports)
    await require_giver(command, participant, ports)
    kept = await ports.contributions.reason(deliberation.id, deliberation.round, participant)
    try:
        reason = _reason(command, participant, kept, deliberation, ports)
        if command.signing is Signing.TYPED:
            await _require_own_name(reason, deliberation, ports)
        deliberation = await models_kept(deliberation, ports)
        await ports.contributions.put_reason(deliberation.id, reason, giver=command.giver)
    except TransitionError:
        if not _reason_kept_before(command, kept, deliberation):
            raise
        return Reply(texts.REASON_KEPT_AND_CLOSED, deliberation=deliberation)
    return Reply(texts.REASON_KEPT, deliberation=deliberation)


def _reason(
    command: commands.GiveReason,
    participant: str,
    kept: Reason | None,
    deliberation: Deliberation,
    ports: Ports,
) -> Reason:
    """Of consent, what is said with the reason counts, then with the one it replaces; silence is no."""
    before = kept is not None and kept.consent
    consent = before if command.consent is None else command.consent
    author = Author(user=command.actor.user, name=clean(command.actor.name))
    return deliberation.reason_given(
        participant, command.text, when(command.at, ports), author, consent=consent
    )


async def _require_own_name(reason: Reason, deliberation: Deliberation, ports: Ports) -> None:
    """Raises NameInUseError where another's name looks like this one.

    For those alone who have given no opinion, with which names are noted and kept apart.
    """
    id_, round_ = deliberation.id, deliberation.round
    given = [*await ports.contributions.opinions(id_), *await ports.contributions.reasons(id_, round_)]
    others = {each.signed for each in given if each.participant != reason.participant and each.signed}
    if reason.signed and any(look_alike(reason.signed, other) for other in others):
        raise NameInUseError(page_lines.NAME_IN_USE)


def _reason_kept_before(
    command: commands.GiveReason, kept: Reason | None, deliberation: Deliberation
) -> bool:
    """Whether this is a late copy of a reason that was kept, or changed, before the end of the vote."""
    if kept is None or command.at <= kept.given_at:
        return kept is not None
    asked = deliberation.terms.keep_feedback
    return kept.text == clean(command.text) and (not asked or command.consent in (None, kept.consent))


async def withdraw_reason(command: commands.WithdrawReason, ports: Ports) -> Reply:
    """Take a reason back, from anywhere: it is theirs."""
    deliberation = await _load(command, ports)
    known_as = ports.pseudonyms.of(deliberation, command.actor.user)
    await require_giver(command, known_as, ports)
    kept = await ports.contributions.reason(deliberation.id, deliberation.round, known_as)
    if kept is None:
        await require_sees(command.actor, deliberation, ports)
    participant = participant_of(command.actor, deliberation, ports)
    deliberation.require_round(command.round)
    at = when(command.at, ports)
    try:
        deliberation.require_open_for_reasons(at)
        await ports.contributions.remove_reason(
            deliberation.id, deliberation.round, participant, at, giver=command.giver
        )
    except TransitionError:
        if kept is not None:
            raise
        # A late copy: it was withdrawn before the end of the vote.
        return Reply(texts.REASON_WITHDRAWN, deliberation=deliberation)
    given_back = "" if kept is None else kept.text
    return Reply(texts.REASON_WITHDRAWN, deliberation=deliberation, given_back=given_back)


async def compare(command: commands.Compare, ports: Ports) -> Reply:
    """Keep which statement somebody prefers."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    deliberation.require_round(command.round)
    participant, at = participant_of(command.actor, deliberation, ports), when(command.at, ports)
    await require_giver(command, participant, ports)
    try:
        chosen = deliberation.comparison(participant, command.choice, at)
        await ports.contributions.put_comparison(deliberation.id, chosen, giver=command.giver)
    except TransitionError:
        # A late copy of a choice that was kept must not look refused.
        kept = await ports.contributions.comparison(deliberation.id, deliberation.round, participant)
        if kept is None or (kept.choice, kept.given_at) != (command.choice, at):
            raise
        return Reply(round_lines.PREFERENCE_KEPT_AND_CLOSED, deliberation=deliberation)
    return Reply(round_lines.PREFERENCE_KEPT, deliberation=deliberation)


async def close_rating(command: commands.CloseRating, ports: Ports) -> Reply:
    """End the vote for good, unless a revision was asked for before, which goes on.

    Where the platform collects the ratings, they are counted once more before it settles.
    """
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if deliberation.phase is not Phase.SETTLED:
        closed = deliberation.vote_closed(command.round, ports.clock.now())
        if closed != deliberation:
            deliberation = await save(closed, ports, was=deliberation)
    told = texts.REVISING if deliberation.revising else texts.SETTLED
    return Reply(told, deliberation=deliberation)


async def keep_statement(command: commands.KeepStatement, ports: Ports) -> Reply:
    """Give up a further round that could not be drafted: what was voted on stands."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if not deliberation.has_given_up(command.round):
        deliberation.require_failed_round(command.round)
        before = await ports.mediations.in_sum(deliberation.id, deliberation.round - 1)
        if before is None:
            raise TransitionError(texts.NO_STATEMENT_YET)
        kept = deliberation.kept_as_it_was(before.statement, before.drafter, ports.clock.now())
        deliberation = await save(kept, ports, was=deliberation)
    return Reply(texts.STATEMENT_KEPT, deliberation=deliberation)


async def revise(command: commands.Revise, ports: Ports) -> Reply:
    """End the vote so that another round begins; what is due then, does so."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if not deliberation.has_begun_after(command.round):
        given = await ports.contributions.reasons(deliberation.id, deliberation.round)
        asked = deliberation.revision_asked(command.round, len(given), ports.clock.now())
        if asked != deliberation:
            deliberation = await save(asked, ports, was=deliberation)
    return Reply(texts.REVISING, deliberation=deliberation)


async def end_study_vote(command: commands.EndStudyVote, ports: Ports) -> Reply:
    """End a study's vote that nobody is left to rate in; any other stays as it is.

    Where its plan has a second vote, what is due then looks whether there is something to revise by.
    """
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    now = ports.clock.now()
    if not deliberation.vote_is_over(now) and await is_complete(deliberation, ports):
        again = deliberation.has_second_vote
        ended = deliberation.vote_ended(now) if again else deliberation.settled(now)
        deliberation = await save(ended, ports, was=deliberation)
    return Reply(_told_of_study_vote(deliberation, now), deliberation=deliberation)


def _told_of_study_vote(deliberation: Deliberation, now: datetime) -> str:
    if deliberation.phase is Phase.SETTLED:
        return texts.STUDY_ENDED
    return texts.STUDY_VOTE_ENDED if deliberation.vote_is_over(now) else texts.STUDY_ENDS_EARLY


async def extend(command: commands.Extend, ports: Ports) -> Reply:
    """Move the deadline."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    extended = deliberation.extended(command.closes_at, ports.clock.now(), command.instead_of)
    return Reply(texts.EXTENDED, deliberation=await save(extended, ports, was=deliberation))


async def change_question(command: commands.ChangeQuestion, ports: Ports) -> Reply:
    """Change what is asked while nobody has answered; its message and open pages show it."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    team = await ports.teams.team(deliberation.team)
    terms = deliberation.terms if command.terms is None else _terms(command.terms, team)
    count = await ports.contributions.opinion_count(deliberation.id)
    count = count or await _answers_of_points(deliberation, ports)
    changed = deliberation.asked_anew(
        command.question, command.context, terms, count, ports.clock.now(), command.seen
    )
    if changed != deliberation:
        changed = await save(changed, ports, was=deliberation, most=0)
    return Reply(texts.QUESTION_CHANGED, deliberation=changed)


async def _answers_of_points(deliberation: Deliberation, ports: Ports) -> int:
    """How many added a point or voted on one: these need no opinion, and answer the same words."""
    added = await ports.points.all_own(deliberation.id)
    return len(added) + len(await ports.points.votes(deliberation.id))


async def remind_now(command: commands.RemindNow, ports: Ports) -> Reply:
    """Have people reminded; a worker writes to each."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if not isinstance(ports.platforms.get(deliberation.platform), WritesSentences):
        raise TransitionError(texts.NOBODY_TO_REMIND)
    if not (await ports.teams.team(deliberation.team)).reminders:
        raise TransitionError(texts.REMINDERS_OFF_HERE)
    # A copy that comes before a worker has begun finds it under way.
    if not deliberation.reminding:
        asked = deliberation.reminder_asked(ports.clock.now())
        deliberation = await save(asked, ports, was=deliberation)
    return Reply(texts.reminding(deliberation), deliberation=deliberation)


async def reopen(command: commands.Reopen, ports: Ports) -> Reply:
    """Collect opinions again after drafting from those that there are has failed."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if deliberation.phase is not Phase.OPINIONS or deliberation.closes_at != command.closes_at:
        reopened = deliberation.reopened(command.closes_at, ports.clock.now())
        deliberation = await save(reopened, ports, was=deliberation)
    # What may have been drafted before it failed knows nothing of the opinions that come now. A copy of this
    # command drops it too, should the first have got no further.
    await ports.mediations.drop(deliberation.id, deliberation.round)
    return Reply(texts.REOPENED, deliberation=deliberation)


async def cancel(command: commands.Cancel, ports: Ports) -> Reply:
    """End without a result."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    if deliberation.phase is not Phase.CANCELLED:
        cancelled = deliberation.cancelled(texts.CANCELLED_BY_PERSON, ports.clock.now(), command.seen)
        deliberation = await save(cancelled, ports, was=deliberation)
    return Reply(texts.CANCELLED, deliberation=deliberation)


async def change_result_link(command: commands.ChangeResultLink, ports: Ports) -> Reply:
    """End the link to the result, and make another one or none."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    changed = deliberation.relinked(
        command.link, ports.clock.now(), replaces=command.replaces, seen=command.seen
    )
    if changed is not deliberation:
        deliberation = await save(changed, ports, was=deliberation)
    told = texts.RESULT_LINK_ENDED if command.link is None else texts.RESULT_LINK_NEW
    return Reply(told, deliberation=deliberation)


async def record_outcome(command: commands.RecordOutcome, ports: Ports) -> Reply:
    """Keep what was decided; its message, lists, pages and exports say it from then on."""
    deliberation = await load_steered(command.actor, command.deliberation_id, ports)
    deliberation.require_settled()
    decision = Decision.checked(
        command.decided,
        nothing=command.nothing,
        who=command.who,
        member=command.member,
        by=command.by,
        zone=zone_or_utc(command.zone),
        how_it_went=command.how_it_went,
        at=when(command.at, ports),
        recorded_by=command.actor.user,
    )
    recorded = deliberation.with_decision(decision, ports.clock.now())
    if recorded != deliberation:
        recorded = await save(recorded, ports, was=deliberation)
    return Reply(decision_lines.KEPT, deliberation=recorded)


async def forget_me(command: commands.ForgetMe, ports: Ports) -> Reply:
    """Erase a person from every deliberation of their team and from the feedback."""
    erased = unnamed = out_of_reach = 0
    async for deliberation in ports.deliberations.each_of_team(command.actor.team):
        went, name_went = await _forget_in(deliberation, command, ports)
        erased, unnamed = erased + went, unnamed + name_went
        out_of_reach += not ports.pseudonyms.knows_key_of(deliberation)
    return Reply(texts.forgotten(erased, out_of_reach, unnamed), ok=not out_of_reach)


async def _forget_in(
    deliberation: Deliberation, command: commands.ForgetMe, ports: Ports
) -> tuple[bool, bool]:
    """Whether anything they gave was erased, and whether they were taken out of what was decided.

    By every key there is: before deliberations noted theirs, one could hold somebody under two of them.
    """
    try:
        # A team's questions are listed a hundred at a time, and this one may have closed since.
        deliberation = await ports.deliberations.load(deliberation.id)
    except UnknownDeliberationError:
        return False, False
    who = ports.pseudonyms.each_of(deliberation, command.actor.user)
    gave = any([await _gave_anything(participant, deliberation, ports) for participant in who])
    # First: what they are called here is found by what they gave.
    names = await _names_of(command.actor, who, deliberation, ports, gave=gave)
    unnamed = await _unnamed(deliberation, command, names, ports)
    unnamed |= await ports.points.forget_changer(deliberation.id, command.actor.user)
    with suppress(UnknownDeliberationError):
        if gave:
            # Before anything goes, for should this process go too, nobody would know that something went.
            await refresh_from(ports.clock.now() + ERASED_WITHIN, deliberation, ports)
    erased = [
        await erase_participant(participant, deliberation, when(command.at, ports), ports)
        for participant in who
    ]
    if not any(erased):
        return False, unnamed
    await tell_counts(deliberation, ports)
    await hint_splitting(deliberation, ports)
    with suppress(UnknownDeliberationError):
        await refresh_from(ports.clock.now(), deliberation, ports)
    return True, unnamed


async def _names_of(
    actor: Actor, who: Member, deliberation: Deliberation, ports: Ports, *, gave: bool
) -> set[str]:
    """What somebody is called in a question; nothing where they neither gave anything nor said the outcome.

    There, somebody else may have their name.
    """
    decision = deliberation.decision
    if decision is None or not decision.who or not (gave or decision.recorded_by == actor.user):
        return set()
    written = [each for one in who for each in await _written_by(one, deliberation, ports)]
    return {actor.name, *(each.signed for each in written)}


async def _unnamed(
    deliberation: Deliberation, command: commands.ForgetMe, names: set[str], ports: Ports
) -> bool:
    """Take somebody out of what was decided, whoever else changes the question meanwhile."""
    user, at, now = command.actor.user, when(command.at, ports), ports.clock.now()
    with suppress(UnknownDeliberationError):
        while (left := deliberation.without_person(user, names, at, now)) != deliberation:
            try:
                await save(left, ports, was=deliberation)
                return True
            except VersionConflictError:
                deliberation = await ports.deliberations.load(deliberation.id)
    return False


async def erase_participant(participant: str, deliberation: Deliberation, at: datetime, ports: Ports) -> bool:
    """Erase what a participant gave up to `at` from the store, the statements and the feedback."""
    if deliberation.terms.rated_in_public and deliberation.phase not in (Phase.SETTLED, Phase.CANCELLED):
        # We cannot take their vote off the platform: from now on it is not read there.
        with suppress(UnknownDeliberationError):
            await ports.deliberations.mark(deliberation.id, forgotten(participant))
    # What they said is found by their opinion, so it goes first.
    await remove_quotes(deliberation, participant, at, ports)
    erased = await ports.contributions.erase_participant(deliberation.id, participant, at)
    # Feedback is written from what is in the store, so it goes second; and stays with what was given since.
    if not await has_rated(participant, deliberation, ports):
        await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    return erased


async def _gave_anything(participant: str, deliberation: Deliberation, ports: Ports) -> bool:
    """Whether an opinion, a vote on a point, a baseline, a reason, a choice or a rating of theirs is kept."""
    if await _written_by(participant, deliberation, ports) or await _said_of_points(
        participant, deliberation, ports
    ):
        return True
    given: list[Rating | Comparison | None] = [
        await ports.contributions.baseline(deliberation.id, participant),
        *[
            await ports.contributions.comparison(deliberation.id, each, participant)
            for each in deliberation.rounds
        ],
    ]
    return any(given) or await _has_ever_rated(participant, deliberation, ports)


async def _said_of_points(participant: str, deliberation: Deliberation, ports: Ports) -> bool:
    points, id_ = ports.points, deliberation.id
    return bool(
        await points.votes_of(id_, participant)
        or await points.own(id_, participant)
        or await points.marks_of(id_, participant)
    )


async def _written_by(participant: str, deliberation: Deliberation, ports: Ports) -> list[Opinion | Reason]:
    """The opinion and the reasons of theirs that are kept."""
    id_ = deliberation.id
    written: list[Opinion | Reason | None] = [
        await ports.contributions.opinion(id_, participant),
        *[await ports.contributions.reason(id_, each, participant) for each in deliberation.rounds],
    ]
    return [each for each in written if each is not None]


async def _has_ever_rated(participant: str, deliberation: Deliberation, ports: Ports) -> bool:
    return any([await has_rated(participant, deliberation, ports, each) for each in deliberation.rounds])


async def has_rated(
    participant: str, deliberation: Deliberation, ports: Ports, round_: int | None = None
) -> bool:
    """Whether a rating of a round, or else of this one, by this participant is kept."""
    id_, round_ = deliberation.id, round_ or deliberation.round
    statements = await ports.mediations.statements(id_, round_)
    for statement_id in [CHOSEN, *(statement.id for statement in statements)]:
        if await ports.contributions.rating(id_, round_, participant, statement_id) is not None:
            return True
    return False


async def stop_learning(command: commands.StopLearning, ports: Ports) -> Reply:
    """Take back every yes that this person said with what they wrote, and erase what was kept by it."""
    actor = command.actor
    async for deliberation in ports.deliberations.each_of_team(actor.team):
        for participant in ports.pseudonyms.each_of(deliberation, actor.user):
            # Feedback is written from what is in the store, so it goes second.
            await ports.contributions.withhold_opinion(deliberation.id, participant)
            for each in deliberation.rounds:
                await ports.contributions.withhold_reason(deliberation.id, each, participant)
            await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    return Reply(texts.LEARNING_OFF)


async def _load(command: commands.OnDeliberation, ports: Ports) -> Deliberation:
    deliberation = await ports.deliberations.load(command.deliberation_id)
    require_same_team(command.actor, deliberation)
    return deliberation


HANDLERS: dict[type[Any], Callable[[Any, Ports], Awaitable[Reply]]] = {
    commands.PostQuestion: post_question,
    commands.GiveOpinion: give_opinion,
    commands.WithdrawOpinion: withdraw_opinion,
    commands.RateBaseline: rate_baseline,
    commands.CloseOpinions: close_opinions,
    commands.RetryMediation: retry_mediation,
    commands.CastRating: cast_rating,
    commands.WithdrawRating: withdraw_rating,
    commands.GiveReason: give_reason,
    commands.WithdrawReason: withdraw_reason,
    commands.Compare: compare,
    commands.CloseRating: close_rating,
    commands.KeepStatement: keep_statement,
    commands.Revise: revise,
    commands.EndStudyVote: end_study_vote,
    commands.Extend: extend,
    commands.ChangeQuestion: change_question,
    commands.RemindNow: remind_now,
    commands.Reopen: reopen,
    commands.Cancel: cancel,
    commands.ChangeResultLink: change_result_link,
    commands.RecordOutcome: record_outcome,
    commands.VoteOnPoint: point_handlers.vote_on_point,
    commands.AddPoint: point_handlers.add_point,
    commands.MarkPointSpam: point_handlers.mark_point_spam,
    commands.HidePoint: point_handlers.hide_point,
    commands.ShowPoint: point_handlers.show_point,
    commands.ForgetMe: forget_me,
    commands.ChangeTeam: team_handlers.change_team,
    commands.StopLearning: stop_learning,
    commands.SetReminders: team_handlers.set_reminders,
    commands.SaveTemplate: team_handlers.save_template,
    commands.RemoveTemplate: team_handlers.remove_template,
    commands.ImportQuestions: team_handlers.import_questions,
    commands.RemoveQuestion: team_handlers.remove_question,
    commands.AddSchedule: team_handlers.add_schedule,
    commands.RemoveSchedule: team_handlers.remove_schedule,
    commands.AddWebhook: webhook_handlers.add_webhook,
    commands.RemoveWebhook: webhook_handlers.remove_webhook,
    commands.SwitchOnWebhook: webhook_handlers.switch_on_webhook,
    commands.ReplayDeliveries: webhook_handlers.replay_deliveries,
}
