"""What time does to a deliberation: open, announce, remind, count, close, mediate, publish, settle,
ask how it went, purge.

Where no statement could be drafted, it is told instead of published; where the vote's end begins another
round, it is mediated again instead of settled (`revising`); and where what messages show is no longer true,
they are refreshed, whatever else is due.
Beside these, opinions are encoded for the reward model soon after they are given, where it can be, and split
into points to vote on, where members do (`bot.worker.points`).

Reads:  the saved deliberation; a job is only a hint that one of its steps may be due.
Gives:  the next saved state, and what platforms show.
Each step is safe to run twice, by any worker, after a crash at any point: `run_step` looks first whether the
step is really due, saving is compare-and-set, and whatever is posted is posted under a key.
A step that fails is tried again later, with growing pauses; nothing is lost meanwhile.
"""

import asyncio
import logging
import random
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.chat.rehearsals import Rehearsals
from bot.chat.resuming import UNSEEN
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Phase, Step
from bot.domain.errors import (
    BotError,
    PlatformError,
    RateLimitedError,
    StoreError,
    UnknownDeliberationError,
    UnreadableVotesError,
    VersionConflictError,
)
from bot.domain.kept_mediation import KeptMediation
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import FEWEST_RATINGS, RatingBy
from bot.ops import logs, metrics, traces
from bot.service.handlers import cancel_if_too_few
from bot.service.points import clear_points
from bot.service.ports import Ports
from bot.service.ports.engine import (
    ArmDrafter,
    Drafting,
    Mediator,
    OpinionEncoder,
    PlaysMembers,
    PointReader,
    TellsModels,
)
from bot.service.ports.platform import CollectsRatings, StoresPictures
from bot.service.ports.webhooks import WebhookSender
from bot.service.queries import counted
from bot.service.reconciling import collect_baselines, reconcile
from bot.service.rounds import round_change, statement_before
from bot.service.transitions import hint, save
from bot.service.turnout import turnout
from bot.wording import texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    ProgressCard,
    QuestionCard,
    ResultCard,
    result_card,
    statement_card,
)
from bot.worker.feedback import kept_mediation, record_feedback
from bot.worker.model_silence import marker, tell_asker, tell_of_failure
from bot.worker.outcome_follow_up import ask_how
from bot.worker.points import counted_points, map_votes, split_opinions
from bot.worker.progress import ProgressReporter
from bot.worker.refreshing import refresh
from bot.worker.reminding import remind, remind_by_hand
from bot.worker.revising import (
    begins_another_round,
    has_nothing_to_go_by,
    heard,
    keep_statement,
    revision,
    tell_it_stays,
)
from bot.worker.study_arms import draft_arms, require_told
from engine.errors import EngineError, GeneratorUnavailableError
from engine.sentence import Said
from engine.types import Mediation, MediationRequest, ParticipantOpinion, RequestedJury

log = logging.getLogger(__name__)

RACES = 10
MEDIATION_TRIES = 3
# A round that took longer is not begun again within the same step, which has half an hour.
LONGEST_FIRST_TRY_S = 300.0
# Few enough that a round which is scored meanwhile does not wait long, many enough to share work.
ENCODED_TOGETHER = 32
ENCODING_TRIES = 3
PURGING_TRIES = 5
"""Setbacks after which a purge no longer waits for a platform to delete its pictures."""
# With growing pauses about an hour: then a result that cannot be shown no longer holds up the end.
SHOWING_TRIES = 20
# About ten minutes: a vote is not held open for longer because its reactions cannot be read.
RECONCILING_TRIES = 8


@dataclass(frozen=True)
class Worker:
    """The ports, and the engine; without an encoder its reward model reads opinions after the close only.

    arms: drafts what studies have rated; without it a question of a study fails, and can be tried again.
    models: tells which models these are, for members, and drafts with those that they were told of; without
        it they are told that it is not known, and `mediator` drafts everything.
    points: reads points and votes on them; without it there are none but what members add.
    sender: sends to webhooks; without it deliveries wait for another worker.
    rehearsals, plays: questions that somebody tries out, and who plays simulated members; None where there is
        no language model for it.
    """

    ports: Ports
    mediator: Mediator
    encoder: OpinionEncoder | None = None
    pause_s: float = 1.0
    arms: ArmDrafter | None = None
    models: TellsModels | None = None
    points: PointReader | None = None
    sender: WebhookSender | None = None
    rehearsals: Rehearsals | None = None
    plays: PlaysMembers | None = None

    async def notice(self) -> ModelNotice | None:
        """What members are told of the models that this worker uses now."""
        return None if self.models is None else await self.models.notice()

    async def drafting(self, deliberation: Deliberation) -> Drafting:
        """What drafts this question's next round: no model among it that its members were not told of."""
        if self.models is None:
            return Drafting(self.mediator, self.arms)
        return await self.models.drafting(deliberation.told)


async def tell_models(worker: Worker) -> int:
    """Keep what members are told of the models, for gateways; 1, as it counts what it did."""
    notice = await worker.notice()
    if notice is not None:
        await worker.ports.upkeep.keep_model_notice(notice)
    return 1


async def sweep(ports: Ports) -> int:
    """Enqueue whatever is due; how many that were. A lost or late job delays and never loses."""
    now = ports.clock.now()
    due = await ports.deliberations.due(now)
    # The one that waits longest comes first.
    waits = [now - step.at for deliberation in due[:1] for step in deliberation.due_by(now)[:1]]
    metrics.LOOKED_AT.set_to_current_time()
    metrics.DUE_STEPS.set(len(due))
    metrics.OLDEST_DUE.set(sum(wait.total_seconds() for wait in waits))
    for deliberation in due:
        await hint(deliberation, ports)
    return len(due)


async def rewrite_files(ports: Ports) -> int:
    """Let what was erased go from the server's files too; how many rewrites were begun."""
    return await ports.upkeep.rewrite_files(ports.clock.now())


async def run_step(step: Step, deliberation_id: str, worker: Worker) -> None:
    """Take one step if it is due. Never raises but for cancellation: a failure is saved as a setback."""
    with logs.deliberation(deliberation_id), traces.span(f"step {step}", deliberation_id):
        try:
            await _take(step, deliberation_id, worker)
            metrics.STEPS.labels(step, "done").inc()
        except UnknownDeliberationError:
            log.info("%s: purged meanwhile", step)
        except StoreError:
            log.exception("%s: the store does not answer; the sweep tries again", step)
            metrics.STEPS.labels(step, "store").inc()
        except Exception:
            log.exception("%s failed for a reason nobody foresaw", step)
            metrics.STEPS.labels(step, "error").inc()


async def _take(step: Step, deliberation_id: str, worker: Worker) -> None:
    for _ in range(RACES):
        deliberation = await _load_if_due(step, deliberation_id, worker.ports)
        if deliberation is None:
            return
        try:
            await STEPS[step](deliberation, worker)
            return
        except VersionConflictError:
            # Somebody changed it meanwhile: look again whether the step is still due.
            await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311
        except StoreError:
            raise
        except Exception as exc:
            await _set_back(step, deliberation, exc, worker.ports)
            return


async def _load_if_due(step: Step, deliberation_id: str, ports: Ports) -> Deliberation | None:
    deliberation = await ports.deliberations.load(deliberation_id)
    if deliberation.may_take(step, ports.clock.now()):
        return deliberation
    await hint(deliberation, ports)
    return None


async def _set_back(step: Step, deliberation: Deliberation, exc: Exception, ports: Ports) -> None:
    log.warning("%s failed; it is tried again later", step, exc_info=True)
    metrics.STEPS.labels(step, "set back").inc()
    pause = exc.retry_after_s if isinstance(exc, RateLimitedError) else 0.0
    latest = await ports.deliberations.load(deliberation.id)
    set_back = latest.not_refreshed if step is Step.REFRESH else latest.set_back
    try:
        await ports.deliberations.save(set_back(ports.clock.now(), pause))
    except VersionConflictError:
        log.info("%s is not held up: somebody moved the question on meanwhile", step)


# -- the steps -----------------------------------------------------------------------------------


async def _open(deliberation: Deliberation, worker: Worker) -> None:
    await save(deliberation.opened(), worker.ports, was=deliberation)


async def _announce(deliberation: Deliberation, worker: Worker) -> None:
    ports = worker.ports
    if deliberation.told is None and (notice := await worker.notice()) is not None:
        # Before it is shown: what members read first holds.
        deliberation = await save(deliberation.telling(notice), ports, was=deliberation)
    answered = await ports.contributions.opinion_count(deliberation.id)
    await _show(deliberation, QuestionCard(deliberation, answered, deliberation.told), ports)


async def _encode(deliberation: Deliberation, worker: Worker) -> None:
    """Encode the opinions that wait for it, until none does or the question closes.

    Only a help: what is not encoded here, the mediation encodes. So a failure holds nothing up.
    """
    if worker.encoder is None:
        return
    ports, fruitless = worker.ports, 0
    while fruitless < ENCODING_TRIES and deliberation.phase is Phase.OPINIONS:
        waiting = await ports.encodings.waiting(deliberation.id, limit=ENCODED_TOGETHER)
        if not waiting:
            return
        try:
            values = await worker.encoder.encode(deliberation.question, [opinion.text for opinion in waiting])
        except Exception:
            log.warning("opinions could not be encoded ahead of the close", exc_info=True)
            metrics.STEPS.labels(Step.ENCODE, "set back").inc()
            return
        kept = await ports.encodings.keep(deliberation.id, list(zip(waiting, values, strict=True)))
        # None is kept where each was changed meanwhile: look again.
        fruitless = 0 if kept else fruitless + 1
        deliberation = await ports.deliberations.load(deliberation.id)


async def _split(deliberation: Deliberation, worker: Worker) -> None:
    """Only a help, as encoding is: an opinion that nobody votes on is drafted from all the same."""
    try:
        await split_opinions(deliberation, worker.points, worker.ports)
    except StoreError:
        raise
    except Exception:
        log.warning("opinions could not be split into points", exc_info=True)
        metrics.STEPS.labels(Step.SPLIT, "set back").inc()


async def _map(deliberation: Deliberation, worker: Worker) -> None:
    await map_votes(deliberation, worker.points, worker.ports)


async def _remind(deliberation: Deliberation, worker: Worker) -> None:
    await remind(deliberation, worker.ports)


async def _remind_now(deliberation: Deliberation, worker: Worker) -> None:
    await remind_by_hand(deliberation, worker.ports)


async def _count(deliberation: Deliberation, worker: Worker) -> None:
    """Close at the quorum when whoever completed it could not."""
    ports = worker.ports
    if deliberation.has_quorum(await ports.contributions.opinion_count(deliberation.id)):
        await _close(deliberation, worker)
        return
    await save(deliberation.was_counted(ports.clock.now()), ports, was=deliberation)


async def _close(deliberation: Deliberation, worker: Worker) -> None:
    ports = worker.ports
    closed = await save(deliberation.closed(ports.clock.now()), ports, was=deliberation)
    await cancel_if_too_few(closed, ports)


async def _mediate(deliberation: Deliberation, worker: Worker) -> None:
    """Draft, score and choose; the mediation is kept before anything is posted."""
    ports = worker.ports
    if deliberation.round == 1:
        deliberation = await cancel_if_too_few(deliberation, ports)
    if deliberation.phase is Phase.CANCELLED:
        return
    if await has_nothing_to_go_by(deliberation, ports):
        # What another try may have kept was drafted from the words of somebody who was forgotten since.
        await ports.mediations.drop(deliberation.id, deliberation.round)
        await keep_statement(deliberation, ports)
        return
    kept = await _still_whole(deliberation, ports)
    if kept is None:
        deliberation = await _begun(deliberation, ports)
    try:
        await _draft(deliberation, kept, worker)
    except BotError:
        raise
    except GeneratorUnavailableError as exc:
        await _wait_or_give_up(deliberation, exc, ports)
    except Exception as exc:
        # Not only `EngineError`: trying for ever what fails for an unknown reason costs a model's time.
        await _give_up(deliberation, exc, ports)
    else:
        await _choose(deliberation, ports)


async def _begun(deliberation: Deliberation, ports: Ports) -> Deliberation:
    """With votes on the position statement collected, and shown as being drafted."""
    await _collect_baselines_if_possible(deliberation, ports)
    waiting = await ports.deliberations.is_marked(deliberation.id, marker(deliberation))
    return await _show_progress(deliberation, ports, waiting=waiting)


async def _draft(deliberation: Deliberation, kept: KeptMediation | None, worker: Worker) -> None:
    """Keep a mediation, unless there is one, and what a study has rated."""
    ports, drafting = worker.ports, await worker.drafting(deliberation)
    await require_told(deliberation, drafting, ports)
    if kept is None:
        made = await _mediation(deliberation, drafting.mediator, worker)
        # Raises a conflict where it was opened for opinions again meanwhile: those are to be heard.
        kept = await ports.mediations.keep_mediation(
            deliberation.id,
            deliberation.round,
            made,
            drafter=drafting.notice,
            closed_at=deliberation.closes_at,
        )
    await draft_arms(deliberation, kept, ports, drafting.arms)


async def _wait_or_give_up(deliberation: Deliberation, exc: GeneratorUnavailableError, ports: Ports) -> None:
    """Raises it again, as a setback, where drafting is to be tried again."""
    if not deliberation.tries_again(ports.clock.now()):
        await _give_up(deliberation, exc, ports)
        return
    await tell_asker(deliberation, ports)
    await _show_progress(deliberation, ports, waiting=True)
    raise exc


async def _choose(deliberation: Deliberation, ports: Ports) -> None:
    """Take the kept statement, and say of its models what was kept with it: others may be set up by now.

    Again from the store: another worker's may have been first, and somebody may have been forgotten.
    """
    kept = await _still_whole(deliberation, ports)
    if kept is None:
        await hint(deliberation, ports)
        return
    if not kept.is_better and deliberation.terms.study is None:
        await keep_statement(deliberation, ports, is_best=True)
        return
    await save(deliberation.chosen(kept.statement, kept.drafter), ports, was=deliberation)


async def _collect_baselines_if_possible(deliberation: Deliberation, ports: Ports) -> None:
    """A platform that does not answer is asked again a while; the statement does not hang on it."""
    if deliberation.round > 1:
        return
    try:
        await collect_baselines(deliberation, ports)
    except PlatformError:
        if deliberation.setbacks < RECONCILING_TRIES:
            raise
        log.warning("a statement is drafted without a poll's votes on the position statement", exc_info=True)


async def _still_whole(deliberation: Deliberation, ports: Ports) -> KeptMediation | None:
    """The kept mediation, unless somebody whom it may quote has asked to be forgotten: then it is dropped.

    The step stays due, so that another is drafted from those who remain.
    """
    mediation = await ports.mediations.mediation(deliberation.id, deliberation.round)
    if mediation is None:
        return None
    present = await heard(deliberation, ports)
    if not mediation.forgotten and present.issuperset(mediation.participants):
        return mediation
    if (await ports.deliberations.load(deliberation.id)).version != deliberation.version:
        # Another worker went on meanwhile, and may have published: what it kept is not ours to drop.
        raise VersionConflictError("Somebody else moved this question on.")
    log.info("somebody was forgotten meanwhile; drafting again from those who remain")
    await ports.mediations.drop(deliberation.id, deliberation.round)
    return None


async def _mediation(deliberation: Deliberation, mediator: Mediator, worker: Worker) -> Mediation:
    opinions = await worker.ports.contributions.opinions(deliberation.id)
    request = MediationRequest(
        question=deliberation.question,
        opinions=tuple(ParticipantOpinion(o.participant, o.text) for o in opinions),
        candidates=deliberation.terms.candidates,
        welfare=deliberation.terms.welfare,
        # Another attempt is another version, and so drafts other candidates.
        seed=zlib.crc32(f"{deliberation.id}:{deliberation.round}:{deliberation.version}".encode()),
        encoded=await _encoded_before(deliberation, opinions, worker),
        compared=deliberation.terms.study is not None,
        revision=await revision(deliberation, worker.ports),
        points=await counted_points(deliberation, worker.points, worker.ports),
        jury=_jury(deliberation, opinions),
    )
    async with ProgressReporter(deliberation, worker.ports) as report:
        mediation = await _mediate_with_retries(request, report, mediator, worker.pause_s)
    metrics.STAGES.labels("read").observe(mediation.timings_s.read)
    metrics.STAGES.labels("draft").observe(mediation.timings_s.draft)
    metrics.STAGES.labels("score").observe(mediation.timings_s.score)
    metrics.MEDIATIONS.labels("done").inc()
    return mediation


def _jury(deliberation: Deliberation, opinions: Sequence[Opinion]) -> RequestedJury | None:
    """Whose agreement chooses. Seats of fewer than three people would tell what one of them agrees with."""
    jury = deliberation.terms.jury
    if jury is None:
        return None
    return RequestedJury(
        attribute=jury.attribute,
        seats=jury.seats,
        values={
            o.participant: o.attributes[jury.attribute] for o in opinions if jury.attribute in o.attributes
        },
        with_replacement=jury.with_replacement,
        fewest=FEWEST_RATINGS,
    )


async def _encoded_before(
    deliberation: Deliberation, opinions: Sequence[Opinion], worker: Worker
) -> Mapping[str, bytes]:
    if worker.encoder is None:
        return {}
    participants = [opinion.participant for opinion in opinions]
    return await worker.ports.encodings.of(deliberation.id, participants)


async def _mediate_with_retries(
    request: MediationRequest, report: ProgressReporter, mediator: Mediator, pause_s: float
) -> Mediation:
    began = asyncio.get_running_loop().time()
    for tried in range(1, MEDIATION_TRIES):
        try:
            return await mediator.mediate(request, report)
        except GeneratorUnavailableError:
            raise  # by the time of the next step it may be there
        except EngineError as exc:
            if not exc.retryable or asyncio.get_running_loop().time() - began > LONGEST_FIRST_TRY_S:
                raise
            log.warning("mediation failed (%s); trying again", type(exc).__name__)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5) * 2**tried)  # noqa: S311
            # The same seed would draft the same unusable candidates.
            request = replace(request, seed=request.seed + 1)
    return await mediator.mediate(request, report)


async def _give_up(deliberation: Deliberation, exc: Exception, ports: Ports) -> None:
    """Leave it to the facilitator, who is told next and can try again; every opinion is kept."""
    reason = exc.said if isinstance(exc, EngineError) else Said(texts.UNFORESEEN)
    log.error("mediation failed for good (%s): %s", type(exc).__name__, reason, exc_info=True)
    metrics.MEDIATIONS.labels(type(exc).__name__).inc()
    if deliberation.terms.study is not None and deliberation.round > 1:
        # Nobody watches each of a study's questions, and its first vote is not to be lost.
        await keep_statement(deliberation, ports)
        return
    failed = deliberation.failed(texts.mediation_failed(str(reason)), ports.clock.now(), reason)
    await save(failed, ports, was=deliberation)


async def _tell(deliberation: Deliberation, worker: Worker) -> None:
    """Say that no statement came: to the channel without the reason, to whoever asked with it and once."""
    ports = worker.ports
    try:
        deliberation = await _show(deliberation, FailedCard(deliberation), ports)
    except PlatformError:
        log.warning("the channel could not be told that drafting failed", exc_info=True)
        deliberation = deliberation.to_be_refreshed(ports.clock.now())
    await tell_of_failure(deliberation, ports)
    await save(deliberation.was_told(), ports, was=deliberation)


async def _publish(deliberation: Deliberation, worker: Worker) -> None:
    """Post the statement by updating the reserved message, then open the vote."""
    ports = worker.ports
    mediation = await _still_whole(deliberation, ports)
    if mediation is None:
        await save(deliberation.unchosen(), ports, was=deliberation)
        return
    before = await statement_before(deliberation, ports)
    card = statement_card(deliberation, mediation, await turnout(deliberation, ports), before)
    deliberation = await _show(deliberation, card, ports)
    deliberation = await _put_up_ballot(deliberation, mediation.statement, ports)
    await save(deliberation.published(ports.clock.now()), ports, was=deliberation)


async def _put_up_ballot(deliberation: Deliberation, statement: str, ports: Ports) -> Deliberation:
    """Where the platform collects the ratings, a message of its own for each round's."""
    platform = ports.platforms[deliberation.platform]
    wanted = deliberation.terms.rated_in_public and isinstance(platform, CollectsRatings)
    if not wanted:
        return deliberation
    card = BallotCard(deliberation, statement)
    ballot = deliberation.ballot
    if ballot is None:
        await ports.deliberations.mark(deliberation.id, _ballot_key(deliberation))
        ballot = await platform.post(deliberation.channel, card, key=_ballot_key(deliberation))
        deliberation = await _noted(ballot, deliberation, ports)
    # It may be that of another try, after which somebody whom it quoted asked to be forgotten.
    await platform.update(ballot, card)
    return deliberation


def _ballot_key(deliberation: Deliberation) -> str:
    return f"{deliberation.id}:ballot:{deliberation.round}"


async def _ballots(deliberation: Deliberation, ports: Ports) -> dict[int, MessageRef]:
    """By round; also those of rounds given up that a worker may have posted and died before it noted them."""
    found = dict(deliberation.ballots)
    for round_ in range(deliberation.round + 1, deliberation.rounds_begun + 1):
        of_round = deliberation.model_copy(update={"round": round_})
        if round_ in found or not await ports.deliberations.is_marked(deliberation.id, _ballot_key(of_round)):
            continue
        try:
            # By its key it is found where it was posted.
            found[round_] = await ports.platforms[deliberation.platform].post(
                deliberation.channel,
                BallotCard(of_round, deliberation.statement or ""),
                key=_ballot_key(of_round),
            )
        except PlatformError:
            log.warning("a ballot that nobody noted could not be found", exc_info=True)
    return found


async def _noted(ballot: MessageRef, deliberation: Deliberation, ports: Ports) -> Deliberation:
    """With its ballot, which is noted even where somebody was forgotten as it was posted.

    Should no statement follow it then, nobody else could take it down. Raises VersionConflictError.
    """
    try:
        return await save(deliberation.balloted(ballot), ports, was=deliberation)
    except VersionConflictError:
        there = await ports.deliberations.load(deliberation.id)
        if (there.phase, there.round) == (deliberation.phase, deliberation.round):
            await save(there.balloted(ballot), ports, was=there)
        raise


async def _keep(deliberation: Deliberation, worker: Worker) -> None:
    """Nobody took a failed round up again. It ended with the vote before it: this keeps it no longer."""
    await keep_statement(deliberation, worker.ports, ended_at=deliberation.round_began_at)


async def _settle(deliberation: Deliberation, worker: Worker) -> None:
    """Close the vote, then write down what was learnt and show the result; or begin another round."""
    ports = worker.ports
    if deliberation.phase is Phase.RATING:
        if deliberation.terms.rating_by is RatingBy.POLL:
            # First, so that what is read next is also what the platform shows as the poll's outcome.
            await _take_ballot_down(deliberation, ports)
        await _reconcile_if_possible(deliberation, ports)
        if await begins_another_round(deliberation, ports):
            await _take_ballot_down(deliberation, ports)
            await save(deliberation.critiqued(), ports, was=deliberation)
            return
        deliberation = await save(deliberation.settled(ports.clock.now()), ports, was=deliberation)
    card: Card = CancelledCard(deliberation)
    if deliberation.phase is Phase.SETTLED:
        deliberation = await _with_outcome(deliberation, ports)
        card = await _record(deliberation, ports)
        await tell_it_stays(deliberation, ports)
    if deliberation.message is not None:
        deliberation = await _show_end(deliberation, card, ports)
    await _take_ballot_down(deliberation, ports)
    await save(deliberation.was_recorded(), ports, was=deliberation)


async def _with_outcome(deliberation: Deliberation, ports: Ports) -> Deliberation:
    """Count private ratings once, before anything shows them. Public ones stop counting when one leaves.

    So it is with how a further round compares with the one before.
    """
    if deliberation.outcome is None and not deliberation.terms.rated_in_public:
        outcome = await counted(deliberation, ports)
        deliberation = await save(deliberation.with_outcome(outcome), ports, was=deliberation)
    if deliberation.change is None and deliberation.round > 1:
        change = await round_change(deliberation, ports)
        deliberation = await save(deliberation.with_change(change), ports, was=deliberation)
    return deliberation


async def _show_end(deliberation: Deliberation, card: Card, ports: Ports) -> Deliberation:
    """Tried again for a while; then it is noted that nobody saw it (`bot.chat.resuming`), and is over."""
    try:
        return await _show(deliberation, card, ports)
    except PlatformError:
        if deliberation.setbacks < SHOWING_TRIES:
            raise
        log.warning("the end of a question could not be shown", exc_info=True)
        await ports.deliberations.mark(deliberation.id, UNSEEN)
        return deliberation


async def _reconcile_if_possible(deliberation: Deliberation, ports: Ports) -> None:
    """A platform that does not answer is asked again a while; then what came in by events is the result."""
    try:
        await reconcile(deliberation, ports)
    except PlatformError as exc:
        if deliberation.setbacks_at_end < RECONCILING_TRIES and not isinstance(exc, UnreadableVotesError):
            raise
        log.warning("a vote settles without a last look at the platform", exc_info=True)


async def _take_ballot_down(deliberation: Deliberation, ports: Ports) -> None:
    """End a poll early and say that the vote is closed; a ballot that cannot be shown holds nothing up.

    So do those of later rounds, which were given up: they no longer show what nobody is to vote on.
    """
    for round_, ballot in (await _ballots(deliberation, ports)).items():
        if round_ < deliberation.round:
            continue
        of_round = deliberation.model_copy(update={"round": round_})
        card = BallotCard(of_round, deliberation.statement or "", closed=True)
        try:
            await ports.platforms[deliberation.platform].update(ballot, card)
        except PlatformError:
            log.warning("a ballot could not be closed", exc_info=True)


async def _record(deliberation: Deliberation, ports: Ports) -> ResultCard:
    if deliberation.terms.keep_feedback:
        await record_feedback(deliberation, ports)
    mediation = await kept_mediation(deliberation, ports)
    points = await clear_points(deliberation, ports)
    return result_card(deliberation, mediation, await counted(deliberation, ports), points)


async def _ask_how(deliberation: Deliberation, worker: Worker) -> None:
    await ask_how(deliberation, worker.ports)


async def _purge(deliberation: Deliberation, worker: Worker) -> None:
    platform = worker.ports.platforms.get(deliberation.platform)
    if isinstance(platform, StoresPictures):
        try:
            await platform.drop_pictures(deliberation)
        except PlatformError:
            # What members gave does not wait for ever for a platform that takes no picture back.
            if deliberation.setbacks < PURGING_TRIES:
                raise
            log.warning("pictures of a result are left on the platform")
    await worker.ports.feedback.erase(deliberation.team, deliberation.id)
    await worker.ports.deliberations.delete(deliberation.id)
    log.info("purged after %d days", deliberation.terms.retention_days)


async def _refresh(deliberation: Deliberation, worker: Worker) -> None:
    await refresh(deliberation, worker.ports)


STEPS: dict[Step, Callable[[Deliberation, Worker], Awaitable[None]]] = {
    Step.OPEN: _open,
    Step.ANNOUNCE: _announce,
    Step.ENCODE: _encode,
    Step.SPLIT: _split,
    Step.MAP: _map,
    Step.REMIND: _remind,
    Step.REMIND_TO_RATE: _remind,
    Step.REMIND_NOW: _remind_now,
    Step.COUNT: _count,
    Step.CLOSE: _close,
    Step.MEDIATE: _mediate,
    Step.TELL: _tell,
    Step.PUBLISH: _publish,
    Step.KEEP: _keep,
    Step.SETTLE: _settle,
    Step.ASK_HOW: _ask_how,
    Step.PURGE: _purge,
    Step.REFRESH: _refresh,
}

for kind in Step:
    # There from the start: Prometheus sees no rise in a count that begins with its first one.
    metrics.STEPS.labels(kind, "error")

# -- what they share -----------------------------------------------------------------------------


async def _show(deliberation: Deliberation, card: Card, ports: Ports) -> Deliberation:
    """Reserve the deliberation's one message if it has none yet, then make it show `card`."""
    platform = ports.platforms[deliberation.platform]
    if deliberation.message is None:
        message = await platform.post(deliberation.channel, card, key=deliberation.id)
        deliberation = await save(deliberation.announced(message), ports, was=deliberation)
    if deliberation.message is not None and not isinstance(card, QuestionCard):
        await platform.update(deliberation.message, card)
    return deliberation


async def _show_if_possible(deliberation: Deliberation, card: Card, ports: Ports) -> Deliberation:
    """A platform that fails here must not hold up what comes next."""
    try:
        return await _show(deliberation, card, ports)
    except PlatformError:
        log.warning("a card could not be shown", exc_info=True)
        return deliberation


async def _show_progress(deliberation: Deliberation, ports: Ports, *, waiting: bool = False) -> Deliberation:
    card = ProgressCard(deliberation, done=0, total=deliberation.terms.candidates, waiting=waiting)
    return await _show_if_possible(deliberation, card, ports)
