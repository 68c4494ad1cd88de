"""One short function per command: load, change, save.

Reads:  a command and the ports.
Gives:  a `Reply` with a sentence for the person who asked.
Decides nothing: rules are in `bot.domain`, atomicity in the store, what time does in `bot.worker`.
Each handler is safe to run twice. Errors travel to `bot.dispatch`.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot import team_handlers, texts
from bot.domain import commands
from bot.domain.actors import (
    Actor,
    require_asker,
    require_member,
    require_same_team,
    require_steward,
)
from bot.domain.deliberation import (
    Author,
    Deliberation,
    Phase,
    checked_context,
    checked_deadline,
    checked_position,
    checked_question,
    clean,
)
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.study import require_statement
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.errors import TransitionError, UnknownDeliberationError
from bot.names import named
from bot.ports import Answered, Ports, Rated
from bot.reconciling import forgotten
from bot.reply import Reply
from bot.saving import begin, hint_encoding, save, tell


async def post_question(command: commands.PostQuestion, ports: Ports) -> Reply:
    """Begin a deliberation, at once or at its opening time."""
    team = await ports.store.team(command.actor.team)
    require_asker(command.actor, team, command.channel, command.within)
    deliberation = await _posted_before(command, ports)
    if deliberation is None:
        deliberation = await begin(_new_deliberation(command, team, ports), ports)
    return Reply(
        texts.SCHEDULED if deliberation.phase is Phase.SCHEDULED else texts.POSTED, deliberation=deliberation
    )


async def _posted_before(command: commands.PostQuestion, ports: Ports) -> Deliberation | None:
    """What an earlier copy began; its deadline may have passed since, and that must not look refused."""
    try:
        return await ports.store.load(named(command.actor.team, command.idempotency_key))
    except UnknownDeliberationError:
        return None


def _new_deliberation(command: commands.PostQuestion, team: Team, ports: Ports) -> Deliberation:
    now = ports.clock.now()
    opens_at = command.opens_at if command.opens_at and command.opens_at > now else None
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
    )


def _terms(asked: Terms, team: Team) -> Terms:
    position = checked_position(asked.position_statement)
    return asked.under(team).model_copy(update={"position_statement": position})


async def rate_baseline(command: commands.RateBaseline, ports: Ports) -> Reply:
    """Keep agreement with the position statement, while opinions are open."""
    deliberation = await _load(command, ports)
    require_member(command.actor, deliberation)
    participant = _participant(command.actor, deliberation, ports)
    try:
        rating = deliberation.baseline(participant, command.value, _when(command.at, ports))
        await ports.store.put_baseline(deliberation.id, rating)
    except TransitionError:
        # A late copy of one that was kept must not look refused.
        kept = await ports.store.baseline(deliberation.id, participant)
        if kept is None or (kept.value, kept.given_at) != (command.value, command.at):
            raise
        return Reply(texts.BASELINE_KEPT_AND_CLOSED, deliberation=deliberation)
    return Reply(texts.BASELINE_KEPT, deliberation=deliberation)


async def give_opinion(command: commands.GiveOpinion, ports: Ports) -> Reply:
    """Keep an opinion; the last one that is needed for the quorum closes the question."""
    deliberation = await _load(command, ports)
    require_member(command.actor, deliberation)
    participant = _participant(command.actor, deliberation, ports)
    author = Author(user=command.actor.user, name=clean(command.actor.name))
    try:
        consent = await _consent(command, participant, ports)
        opinion = deliberation.opinion(
            participant, command.text, _when(command.at, ports), author, consent=consent
        )
        answers = await ports.store.put_opinion(deliberation.id, opinion)
    except TransitionError:
        if not await _kept_before(command, participant, ports):
            raise
        return Reply(texts.OPINION_KEPT_AND_CLOSED, deliberation=deliberation)
    await tell(deliberation.id, Answered(count=answers.total), ports)
    if deliberation.has_quorum(answers.total):
        # Several last opinions may race to close. Whoever loses is handled again and found to be kept.
        deliberation = await _close(deliberation, ports)
    else:
        await hint_encoding(deliberation.id, answers.unencoded, ports)
    still_open = deliberation.phase is Phase.OPINIONS
    return Reply(
        texts.OPINION_KEPT if still_open else texts.OPINION_KEPT_AND_CLOSED, deliberation=deliberation
    )


async def _consent(command: commands.GiveOpinion, participant: str, ports: Ports) -> bool:
    """What is said with the opinion counts, then what was said with the one that it replaces."""
    if command.consent is not None:
        return command.consent
    kept = await ports.store.opinion(command.deliberation_id, participant)
    if kept is not None:
        return kept.consent
    member = ports.pseudonyms.of_member(command.actor.team, command.actor.user)
    return await ports.store.may_learn_from(command.actor.team, member)


async def _kept_before(command: commands.GiveOpinion, participant: str, ports: Ports) -> bool:
    """Whether this is a late copy of an opinion that was kept, or edited, before the close."""
    kept = await ports.store.opinion(command.deliberation_id, participant)
    return kept is not None and (kept.text == clean(command.text) or command.at <= kept.given_at)


async def withdraw_opinion(command: commands.WithdrawOpinion, ports: Ports) -> Reply:
    """Take an opinion back."""
    deliberation = await _load(command, ports)
    participant = _participant(command.actor, deliberation, ports)
    at = _when(command.at, ports)
    try:
        deliberation.require_open_for_opinions(at)
        count = await ports.store.remove_opinion(deliberation.id, participant, at)
    except TransitionError:
        if await ports.store.opinion(deliberation.id, participant) is not None:
            raise
        # A late copy: it was withdrawn before the close.
        return Reply(texts.OPINION_WITHDRAWN, deliberation=deliberation)
    await tell(deliberation.id, Answered(count=count), ports)
    return Reply(texts.OPINION_WITHDRAWN, deliberation=deliberation)


async def close_opinions(command: commands.CloseOpinions, ports: Ports) -> Reply:
    """Close by the facilitator or the deadline."""
    deliberation = await _load(command, ports)
    require_steward(command.actor, deliberation)
    if deliberation.phase not in (Phase.SCHEDULED, Phase.OPINIONS):
        return Reply(deliberation.cancelled_because or texts.ALREADY_CLOSED, deliberation=deliberation)
    closed = await _close(deliberation, ports)
    return Reply(closed.cancelled_because or texts.CLOSED, deliberation=closed)


async def _close(deliberation: Deliberation, ports: Ports) -> Deliberation:
    closed = await save(deliberation.closed(ports.clock.now()), ports, was=deliberation)
    return await cancel_if_too_few(closed, ports)


async def cancel_if_too_few(closed: Deliberation, ports: Ports) -> Deliberation:
    """End a closed question that has too few opinions.

    Counting comes after closing, so that no opinion can arrive between the count and the decision.
    """
    count = await ports.store.opinion_count(closed.id)
    needed = closed.terms.minimum_opinions
    if count >= needed:
        return closed
    cancelled = closed.cancelled(texts.too_few_opinions(count, needed), ports.clock.now())
    return await save(cancelled, ports, was=closed)


async def retry_mediation(command: commands.RetryMediation, ports: Ports) -> Reply:
    """Draft once more after a failure."""
    deliberation = await _load(command, ports)
    require_steward(command.actor, deliberation)
    retried = deliberation.retried()
    if retried != deliberation:  # else it is being drafted already, and saving would disturb that
        retried = await save(retried, ports, was=deliberation)
    return Reply(texts.RETRYING, deliberation=retried)


async def cast_rating(command: commands.CastRating, ports: Ports) -> Reply:
    """Keep a rating of the published statement."""
    deliberation = await _load(command, ports)
    require_member(command.actor, deliberation)
    deliberation.require_round(command.round)
    id_, round_ = deliberation.id, deliberation.round
    rating = await _rating(command, deliberation, ports)
    try:
        deliberation.require_open_for_ratings(rating.given_at)
        require_statement(command.statement_id, await ports.store.statements(id_, round_))
        count = await ports.store.put_rating(id_, round_, rating)
    except TransitionError:
        # A late copy of a rating that was kept must not look refused.
        if await ports.store.rating(id_, round_, rating.participant, rating.statement_id) != rating:
            raise
        return Reply(texts.RATING_KEPT_AND_CLOSED, deliberation=deliberation)
    await tell(deliberation.id, Rated(count=count), ports)
    return Reply(texts.RATING_KEPT, deliberation=deliberation)


async def _rating(command: commands.CastRating, deliberation: Deliberation, ports: Ports) -> Rating:
    rating = Rating(
        participant=_participant(command.actor, deliberation, ports),
        value=deliberation.terms.scale.check(command.value),
        given_at=_when(command.at, ports),
        statement_id=command.statement_id,
        quality=deliberation.terms.checked_quality(command.quality),
    )
    if rating.quality is not None or not deliberation.terms.ask_quality:
        return rating
    kept = await ports.store.rating(
        deliberation.id, deliberation.round, rating.participant, command.statement_id
    )
    return rating if kept is None else rating.model_copy(update={"quality": kept.quality})


async def withdraw_rating(command: commands.WithdrawRating, ports: Ports) -> Reply:
    """Take a rating back; a reaction that is not the one that counts takes nothing with it."""
    deliberation = await _load(command, ports)
    deliberation.require_round(command.round)
    at = _when(command.at, ports)
    deliberation.require_open_for_ratings(at)
    participant = _participant(command.actor, deliberation, ports)
    count = await ports.store.remove_rating(
        deliberation.id,
        deliberation.round,
        participant,
        at,
        value=command.value,
        statement_id=command.statement_id,
    )
    await tell(deliberation.id, Rated(count=count), ports)
    return Reply(texts.RATING_WITHDRAWN, deliberation=deliberation)


async def close_rating(command: commands.CloseRating, ports: Ports) -> Reply:
    """End the vote; where the platform collects the ratings, they are counted once more before it settles."""
    deliberation = await _load(command, ports)
    require_steward(command.actor, deliberation)
    if deliberation.phase is not Phase.SETTLED:
        now = ports.clock.now()
        ended = deliberation.vote_ended(now) if deliberation.ballot else deliberation.settled(now)
        if ended != deliberation:
            deliberation = await save(ended, ports, was=deliberation)
    return Reply(texts.SETTLED, deliberation=deliberation)


async def extend(command: commands.Extend, ports: Ports) -> Reply:
    """Move the deadline."""
    deliberation = await _load(command, ports)
    require_steward(command.actor, deliberation)
    extended = deliberation.extended(command.closes_at, ports.clock.now())
    return Reply(texts.EXTENDED, deliberation=await save(extended, ports, was=deliberation))


async def cancel(command: commands.Cancel, ports: Ports) -> Reply:
    """End without a result."""
    deliberation = await _load(command, ports)
    require_steward(command.actor, deliberation)
    if deliberation.phase is not Phase.CANCELLED:
        cancelled = deliberation.cancelled(texts.CANCELLED_BY_PERSON, ports.clock.now())
        deliberation = await save(cancelled, ports, was=deliberation)
    return Reply(texts.CANCELLED, deliberation=deliberation)


async def forget_me(command: commands.ForgetMe, ports: Ports) -> Reply:
    """Erase a person from every deliberation of their team and from the feedback."""
    erased = 0
    async for deliberation in ports.store.each_of_team(command.actor.team):
        erased += await _forget_in(deliberation, command, ports)
    return Reply(texts.forgotten(erased))


async def _forget_in(deliberation: Deliberation, command: commands.ForgetMe, ports: Ports) -> bool:
    participant = _participant(command.actor, deliberation, ports)
    if deliberation.terms.rated_in_public and deliberation.phase not in (Phase.SETTLED, Phase.CANCELLED):
        # We cannot take their vote off the platform: from now on it is not read there.
        with suppress(UnknownDeliberationError):
            await ports.store.mark(deliberation.id, forgotten(participant))
    erased = await ports.store.erase_participant(deliberation.id, participant, _when(command.at, ports))
    # Feedback is written from what is in the store, so it goes second; and stays with what was given since.
    if not await has_rated(participant, deliberation, ports):
        await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    return erased


async def has_rated(participant: str, deliberation: Deliberation, ports: Ports) -> bool:
    """Whether a rating of this round by this participant is kept."""
    id_, round_ = deliberation.id, deliberation.round
    statements = await ports.store.statements(id_, round_)
    for statement_id in [CHOSEN, *(statement.id for statement in statements)]:
        if await ports.store.rating(id_, round_, participant, statement_id) is not None:
            return True
    return False


async def set_learning(command: commands.SetLearning, ports: Ports) -> Reply:
    """Note whether this person's opinions may be learnt from; a no holds for what they gave before, too."""
    actor = command.actor
    member = ports.pseudonyms.of_member(actor.team, actor.user)
    await ports.store.set_learning(actor.team, member, command.on, _when(command.at, ports))
    if command.on:
        return Reply(texts.LEARNING_ON)
    async for deliberation in ports.store.each_of_team(actor.team):
        participant = _participant(actor, deliberation, ports)
        # Feedback is written from what is in the store, so it goes second.
        await ports.store.withhold_opinion(deliberation.id, participant)
        await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    return Reply(texts.LEARNING_OFF)


async def _load(command: commands.OnDeliberation, ports: Ports) -> Deliberation:
    deliberation = await ports.store.load(command.deliberation_id)
    require_same_team(command.actor, deliberation)
    return deliberation


def _when(at: datetime, ports: Ports) -> datetime:
    """When a person acted: not in the future, or a platform's fast clock would shut out their next change."""
    return min(at, ports.clock.now())


def _participant(actor: Actor, deliberation: Deliberation, ports: Ports) -> str:
    return ports.pseudonyms.of(deliberation.team, actor.user, deliberation.id)


HANDLERS: dict[type[Any], Callable[[Any, Ports], Awaitable[Reply]]] = {
    commands.PostQuestion: post_question,
    commands.GiveOpinion: give_opinion,
    commands.WithdrawOpinion: withdraw_opinion,
    commands.RateBaseline: rate_baseline,
    commands.CloseOpinions: close_opinions,
    commands.RetryMediation: retry_mediation,
    commands.CastRating: cast_rating,
    commands.WithdrawRating: withdraw_rating,
    commands.CloseRating: close_rating,
    commands.Extend: extend,
    commands.Cancel: cancel,
    commands.ForgetMe: forget_me,
    commands.ChangeTeam: team_handlers.change_team,
    commands.SetLearning: set_learning,
    commands.SetReminders: team_handlers.set_reminders,
    commands.SaveTemplate: team_handlers.save_template,
    commands.RemoveTemplate: team_handlers.remove_template,
    commands.ImportQuestions: team_handlers.import_questions,
    commands.RemoveQuestion: team_handlers.remove_question,
    commands.AddSchedule: team_handlers.add_schedule,
    commands.RemoveSchedule: team_handlers.remove_schedule,
}
