"""The arms of a study: one statement each, made as the arm says.

Reads:  a question and opinions; a mediator for each prompt that is compared, and the reward model.
Gives:  `ArmStatement`s. A first sample is the first usable draft, by the order of the briefs and not by
        predicted agreement; the others are chosen as everyday statements are. Whoever is left out is unknown
        to drafting and choosing, and only then predicted. `model:NAME` is drafted by that model, and chosen
        as everyday statements are, so that between such arms nothing differs but the model.
        A revised statement is made as the one that it revises was, but for what was said of that: the same
        model, the same choice, and never that statement again, so that nothing else is compared.
Refrains from everyday life, from knowing who rates, and from a member's own opinion: that needs no drafting.
Source: the human evaluation of Bakker et al. 2022 (arXiv:2211.15006), section 2.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from engine.draft_briefs import candidate_seed
from engine.errors import EngineError, ScoringError
from engine.ports import RewardModel
from engine.reward.scoring.stand_in import model_named
from engine.types import (
    MODEL_ARM,
    PREVIOUS,
    AnyArm,
    Arm,
    ArmStatement,
    Candidate,
    Mediation,
    MediationRequest,
    OnProgress,
    ParticipantOpinion,
    no_progress,
)

TEMPLATES = {
    Arm.ZERO_SHOT: "zero-shot",
    Arm.FEW_SHOT: "few-shot",
    Arm.FINE_TUNED: "fine-tuned",
    Arm.SELECTED: "fine-tuned",
    Arm.LEAVE_ONE_OUT: "fine-tuned",
}
"""The prompt template (`engine.prompts`) of each arm that is drafted."""
FIRST_SAMPLES = frozenset({Arm.ZERO_SHOT, Arm.FEW_SHOT, Arm.FINE_TUNED})
SPARE = 4
"""Drafts for an arm that takes the first one: some cannot be used."""


def drafter_of(arm: AnyArm) -> str | None:
    """What drafts this arm: a prompt template, or `model:NAME`; None where nothing is drafted for it."""
    return TEMPLATES.get(arm) if isinstance(arm, Arm) else arm


def drafting_model(drafter: str) -> str | None:
    """The name of the model, where `drafter_of` gave one; None for a prompt template."""
    return drafter.removeprefix(MODEL_ARM) if drafter.startswith(MODEL_ARM) else None


class Mediates(Protocol):
    """A mediator of one prompt template, or of one model."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """As `engine.mediator.Mediator` does."""
        ...


class ArmDrafter:
    """Drafts the arms; a mediator is made when it is first needed."""

    def __init__(self, mediator_for: Callable[[str], Mediates], reward_model: RewardModel) -> None:
        self._mediator_for = mediator_for
        self._reward_model = reward_model
        self._mediators: dict[str, Mediates] = {}

    async def draft(
        self, arm: AnyArm, request: MediationRequest, left_out: str | None = None
    ) -> ArmStatement:
        """One arm's statement.

        Args:
            arm: for a request with a revision, the arm of the statement that is revised.
            left_out: the participant whose opinion is kept from drafting and choosing.

        Raises:
            ValueError: the arm is not drafted, or nobody is left to draft from.
            EngineError: as `Mediator.mediate` raises.
        """
        if (drafter := drafter_of(arm)) is None:
            raise ValueError(f"The arm {arm} is not drafted.")
        heard = tuple(opinion for opinion in request.opinions if opinion.participant != left_out)
        wanted = SPARE if arm in FIRST_SAMPLES else request.candidates
        asked = replace(request, opinions=heard, candidates=wanted)
        mediation = await self._mediator(drafter).mediate(asked, no_progress)
        candidate = _first(mediation) if arm in FIRST_SAMPLES else _best(mediation)
        rewards = mediation.predicted(candidate.rewards)
        unheard_of = [] if mediation.models.unpredicted else [o for o in request.opinions if o not in heard]
        for unheard in unheard_of:
            model = model_named(self._reward_model, mediation.models.reward)
            reward = await _predicted(model, request.question, unheard, candidate.text)
            rewards[unheard.participant] = reward
        return ArmStatement(
            text=candidate.text,
            rewards=rewards,
            welfare_function=None if arm in FIRST_SAMPLES else mediation.chosen_by,
            models=mediation.models,
        )

    def _mediator(self, drafter: str) -> Mediates:
        if drafter not in self._mediators:
            try:
                self._mediators[drafter] = self._mediator_for(drafter)
            except ValueError as exc:
                raise EngineError(str(exc)) from exc
        return self._mediators[drafter]


async def _predicted(model: RewardModel, question: str, opinion: ParticipantOpinion, text: str) -> float:
    ((reward,),) = (await model.score(question, [opinion.text], [text])).tolist()
    if not reward >= 1:  # NaN too
        raise ScoringError("The agreement of a participant who was left out could not be predicted.")
    return float(reward)


def _best(mediation: Mediation) -> Candidate:
    """The one of highest welfare that was drafted now. Candidates are sorted, best first."""
    return next(each for each in mediation.candidates if each.source != PREVIOUS)


def _first(mediation: Mediation) -> Candidate:
    """The usable draft of the earliest brief."""
    by_seed = {candidate.seed: candidate for candidate in mediation.candidates}
    seeds = (candidate_seed(mediation.seed, index) for index in range(SPARE))
    return next(by_seed[seed] for seed in seeds if seed in by_seed)
