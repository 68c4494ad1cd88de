"""Drafting what a study has rated: one statement for each of its arms.

Reads:  a closed deliberation that is part of a study, its opinions and its mediation.
Gives:  the statements, kept before anything is shown, under ids that say nothing about the arm.
Where the plan has a second vote, that is on the same statements as the first, under other ids, so that a page
of the first one rates nothing in it, and on a revised one beside them.
Refrains from choosing among them, and from telling anybody which is which.
The best opinion is shown as it was written: members are told before they answer (`texts.STUDY_NOTE`).
"""

import hashlib
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.deliberation import Deliberation, Opinion
from bot.domain.rounds import FIRST_ROUND
from bot.domain.study import RatedStatement, Study, starts_of
from bot.service.ports import Ports
from bot.service.ports.engine import ArmDrafter, Drafting
from bot.wording import texts
from bot.worker.revising import revision
from engine.errors import EngineError, ScoringError
from engine.types import AnyArm, Arm, ArmStatement, Mediation, MediationRequest, ParticipantOpinion

UNDRAFTED = "none"


async def require_told(deliberation: Deliberation, drafting: Drafting, ports: Ports) -> None:
    """Raises EngineError where a study would compare something else than the models that are set up.

    To be asked before anything is drafted: what other models made or predicted is never to be compared.
    """
    study, models = deliberation.terms.study, drafting.notice
    if study is None:
        return
    told_of_all = models is None or not models.withheld
    if told_of_all and _where_told(study, drafting):
        return
    if not await ports.mediations.statements(deliberation.id, deliberation.round):
        raise EngineError(texts.NO_STUDY)


def _where_told(study: Study, drafting: Drafting) -> bool:
    """Whether each model that an arm is called after runs where members were told that it does."""
    if drafting.of_model is None:
        return True
    try:
        now = {name: drafting.of_model(name) for name in study.models}
    except ValueError as exc:
        raise EngineError(str(exc)) from exc
    return all(now[name].readers(told).drafter for name, told in study.models.items())


async def draft_arms(
    deliberation: Deliberation, mediation: Mediation, ports: Ports, drafter: ArmDrafter | None
) -> None:
    """Keep one statement per arm, unless they are kept already or this is no study.

    Raises EngineError: an arm has no statement, so that the question could not be compared with others.
    """
    study, id_, round_ = deliberation.terms.study, deliberation.id, deliberation.round
    if study is None or await ports.mediations.statements(id_, round_):
        return
    if drafter is None:
        raise EngineError(texts.NO_ARMS)
    opinions = await ports.contributions.opinions(id_)
    if round_ == FIRST_ROUND:
        first = [arm for arm in study.arms if arm is not Arm.REVISED]
        drafted = [await _statement(arm, deliberation, mediation, opinions, drafter) for arm in first]
    else:
        drafted = await _for_second_vote(study, deliberation, opinions, ports, drafter)
    starts = starts_of((opinion.participant for opinion in opinions), study.seed)
    rated = [statement.model_copy(update={"starts": starts}) for statement in drafted]
    await ports.mediations.keep_statements(id_, round_, rated, closed_at=deliberation.closes_at)


async def _for_second_vote(
    study: Study,
    deliberation: Deliberation,
    opinions: Sequence[Opinion],
    ports: Ports,
    drafter: ArmDrafter,
) -> list[RatedStatement]:
    """The first vote's statements again, and the revised one in its place among them."""
    before = await ports.mediations.statements(deliberation.id, FIRST_ROUND)
    rated = [each.model_copy(update={"id": _new_id()}) for each in before]
    if study.revises is not None:
        request = _request(Arm.REVISED, deliberation, opinions)
        request = replace(request, revision=await revision(deliberation, ports))
        rated.append(_drafted(Arm.REVISED, await drafter.draft(study.revises, request), opinions))
    return sorted(rated, key=lambda each: study.arms.index(each.arm))


async def _statement(
    arm: AnyArm,
    deliberation: Deliberation,
    mediation: Mediation,
    opinions: Sequence[Opinion],
    drafter: ArmDrafter,
) -> RatedStatement:
    if arm is Arm.BEST_OPINION:
        return _best_opinion(mediation, opinions)
    study = deliberation.terms.study
    left_out = _left_out(opinions, study) if arm is Arm.LEAVE_ONE_OUT and study is not None else None
    made = await drafter.draft(arm, _request(arm, deliberation, opinions), left_out)
    return _drafted(arm, made, opinions, left_out)


def _drafted(
    arm: AnyArm, made: ArmStatement, opinions: Sequence[Opinion], left_out: str | None = None
) -> RatedStatement:
    return RatedStatement(
        id=_new_id(),
        arm=arm,
        text=made.text,
        left_out=left_out,
        rewards=made.rewards,
        heard=tuple(opinion.participant for opinion in opinions),
        welfare_function=made.welfare_function,
        models=made.models,
    )


def _new_id() -> str:
    return secrets.token_urlsafe(6)


def _request(arm: AnyArm, deliberation: Deliberation, opinions: Sequence[Opinion]) -> MediationRequest:
    return MediationRequest(
        question=deliberation.question,
        opinions=tuple(ParticipantOpinion(each.participant, each.text) for each in opinions),
        candidates=deliberation.terms.candidates,
        welfare=deliberation.terms.welfare,
        # Another for each arm, so that two arms of one prompt are independent; and for each attempt.
        seed=zlib.crc32(f"{deliberation.id}:{deliberation.round}:{deliberation.version}:{arm}".encode()),
    )


def _best_opinion(mediation: Mediation, opinions: Sequence[Opinion]) -> RatedStatement:
    best = mediation.best_opinion
    text = {each.participant: each.text for each in opinions}.get(best.participant) if best else None
    if best is None or text is None:
        raise ScoringError(texts.NO_BEST_OPINION)
    return RatedStatement(
        id=_new_id(),
        arm=Arm.BEST_OPINION,
        text=text,
        author=best.participant,
        rewards=mediation.predicted(best.rewards),
        heard=mediation.participants,
        welfare_function=mediation.chosen_by,
        models=mediation.models.model_copy(update={"generator": UNDRAFTED, "prompt": UNDRAFTED}),
    )


def _left_out(opinions: Sequence[Opinion], study: Study) -> str:
    """Drawn from the study's seed: the same whoever drafts, and whenever."""

    def drawn(opinion: Opinion) -> bytes:
        return hashlib.sha256(f"{study.seed}:left out:{opinion.participant}".encode()).digest()

    return min(opinions, key=drawn).participant
