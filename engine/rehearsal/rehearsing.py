"""A rehearsal: simulated members answer a question, and a statement is drafted, chosen and rated by them.

Reads:  a `Plan`; an `Asker` for the language model; a mediator.
Gives:  a `Rehearsal`; nothing is kept.
Simulated members rate as members are predicted to: by the mediator's reward model, from what they wrote. That
is the language model itself where it is set up as judge. Each run has the same members and draws their
opinions and the drafts again ("multiverse"): what all runs share is less of an accident than what one has.
Refrains from posting and from counting, and from every store.
Source: Park et al. 2022, "Social Simulacra", sections 4 and 5 (GENERATE, WHATIF, MULTIVERSE).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine import welfare
from engine.arrays import Floats
from engine.draft_briefs import candidate_seed
from engine.groups.opinion_kinds import FEWEST_SORTED, kinds_of
from engine.rehearsal.asking import Asker
from engine.rehearsal.costs import cost_of
from engine.rehearsal.personas import Persona
from engine.rehearsal.results import (
    Camp,
    Cost,
    Diversity,
    Kind,
    Member,
    Proposal,
    Rated,
    Rating,
    Rehearsal,
    Run,
    SaidBy,
    Understanding,
    WithoutMember,
)
from engine.rehearsal.similarity import similarity, usual
from engine.types import (
    Candidate,
    Mediation,
    MediationRequest,
    OnProgress,
    ParticipantOpinion,
    WelfareFunction,
    no_progress,
)

MEMBERS, RUNS, CANDIDATES = 8, 3, 8
INVENTING, ANSWERING, DRAFTING, READING = "inventing", "answering", "drafting", "reading"
"""The stages, in their order; the two in the middle come once a run."""

Tell = Callable[[str, int, int], None]
"""Told of a stage, how much of it is done, and how much there is."""


def nobody(stage: str, done: int, total: int) -> None:
    """For callers that do not watch."""


class Mediates(Protocol):
    """`engine.mediator.Mediator`."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Draft, screen, score and choose."""
        ...


@dataclass(frozen=True)
class Plan:
    """What a rehearsal starts from.

    members: simulated ones; those who are not in `personas` are invented.
    team: what somebody says of the team, for inventing members; may be empty.
    others: opinions of real members, who take part with those that are simulated.
    """

    question: str
    members: int = MEMBERS
    personas: tuple[Persona, ...] = ()
    team: str = ""
    others: tuple[ParticipantOpinion, ...] = ()
    runs: int = RUNS
    candidates: int = CANDIDATES
    welfare: WelfareFunction = field(default_factory=WelfareFunction)
    seed: int = 0

    @property
    def to_invent(self) -> int:
        """Members without a persona so far."""
        return max(self.members - len(self.personas), 0)

    @property
    def cost(self) -> Cost:
        """An estimate, before anything is asked."""
        return cost_of(
            self.question,
            invented=self.to_invent,
            simulated=len(self.personas) + self.to_invent,
            others=len(self.others),
            runs=self.runs,
            candidates=self.candidates,
            team=self.team,
        )


async def rehearse(plan: Plan, asker: Asker, mediator: Mediates, tell: Tell = nobody) -> Rehearsal:
    """Play it.

    Raises:
        GenerationError: the language model cannot be asked, or cannot play members.
        TooFewCandidatesError, ScoringError: as `Mediator.mediate` raises.
    """
    members = await members_of(plan, asker, tell)
    runs = [await _run(plan, number, members, asker, mediator, tell) for number in range(plan.runs)]
    tell(READING, 0, 3)
    readings = await asker.readings(members)
    tell(READING, 1, 3)
    ways = await asker.ways(readings)
    tell(READING, 2, 3)
    clearer = await asker.clearer(readings)
    tell(READING, 3, 3)
    simulated = [Member(id=who, simulated=True, **each.model_dump()) for who, each in members.items()]
    real = [Member(id=each.participant, simulated=False) for each in plan.others]
    return Rehearsal(
        question=plan.question,
        seed=plan.seed,
        members=(*simulated, *real),
        runs=tuple(runs),
        statements_similarity=similarity([run.statement.text for run in runs]),
        kinds=_kinds(runs),
        understanding=Understanding(readings=_said(readings), ways=ways or ()),
        clearer=tuple(Proposal(text=each) for each in clearer),
        diversity=_diversity(runs),
        estimate=plan.cost,
        asked=asker.asked,
        unusable=asker.unusable,
        model=asker.name,
        rated_by=runs[0].models.reward,
    )


async def members_of(plan: Plan, asker: Asker, tell: Tell = nobody) -> dict[str, Persona]:
    """The simulated members by their ids, those without a persona invented. Raises GenerationError."""
    missing = plan.to_invent

    def invented(done: int) -> None:
        tell(INVENTING, done, missing)

    made = await asker.personas(plan.team, missing, plan.personas, invented)
    return {f"simulated-{at}": each for at, each in enumerate((*plan.personas, *made), 1)}


async def _run(
    plan: Plan, number: int, members: Mapping[str, Persona], asker: Asker, mediator: Mediates, tell: Tell
) -> Run:
    tell(ANSWERING, number, plan.runs)
    opinions = await asker.opinions(members, number)
    tell(ANSWERING, number + 1, plan.runs)
    tell(DRAFTING, number, plan.runs)
    seed = candidate_seed(plan.seed, f"run {number}")
    request = MediationRequest(
        plan.question, (*opinions, *plan.others), plan.candidates, plan.welfare, seed=seed
    )
    mediation = await mediator.mediate(request, no_progress)
    tell(DRAFTING, number + 1, plan.runs)
    said = {each.participant: each.text for each in opinions}
    return Run(
        seed=seed,
        opinions=_said(said),
        missing=tuple(who for who in members if who not in said),
        statement=_rated(mediation, mediation.candidates[mediation.winner]),
        divides=_divides(mediation),
        camps=tuple(
            Camp(members=group.participants, agree=group.agree)
            for group in mediation.groups
            if len(mediation.groups) > 1
        ),
        left_out=mediation.left_out,
        changes=tuple(_changes(mediation, list(said))),
        models=mediation.models,
    )


def _said(texts: Mapping[str, str]) -> tuple[SaidBy, ...]:
    return tuple(SaidBy(member=who, text=text) for who, text in texts.items())


def _rated(mediation: Mediation, candidate: Candidate) -> Rated:
    # Of whom nothing is predicted there are no rewards.
    ratings = zip(mediation.participants, candidate.rewards, strict=False)
    return Rated(
        text=candidate.text,
        ratings=tuple(Rating(member=who, rating=round(rating, 3)) for who, rating in ratings),
        spread=round(float(np.std(candidate.rewards)), 3) if candidate.rewards else 0.0,
    )


def _divides(mediation: Mediation) -> Rated | None:
    rated = [_rated(mediation, each) for each in mediation.candidates if each.rewards]
    return max(rated, key=lambda each: each.spread, default=None)


def _changes(mediation: Mediation, simulated: list[str]) -> list[WithoutMember]:
    """What would be chosen among the same drafts without each simulated member, where that is another."""
    rewards: Floats = np.array([each.rewards for each in mediation.candidates]).T
    if not rewards.size or len(mediation.participants) < 3:  # two are no group
        return []
    chosen, found = _best(rewards, mediation.welfare_function), []
    for who in simulated:
        left = np.delete(rewards, mediation.participants.index(who), axis=0)
        best = _best(left, mediation.welfare_function)
        if best != chosen:
            found.append(WithoutMember(member=who, statement=mediation.candidates[best].text))
    return found


def _best(rewards: Floats, function: WelfareFunction) -> int:
    return int(welfare.rank(rewards, welfare.welfare(rewards, function))[0])


def _kinds(runs: list[Run]) -> tuple[Kind, ...]:
    """Kinds of opinion over all runs; none where there are too few to sort."""
    texts = [each.text for run in runs for each in run.opinions]
    if len(texts) < FEWEST_SORTED:
        return ()
    kinds = kinds_of(texts)
    return tuple(
        Kind(words=words, opinions=kinds.of.count(at), example=texts[kinds.of.index(at)])
        for at, words in enumerate(kinds.words)
    )


def _diversity(runs: list[Run]) -> Diversity | None:
    values = [
        value for run in runs if (value := similarity([each.text for each in run.opinions])) is not None
    ]
    if not values:
        return None
    mean = round(float(np.mean(values)), 4)
    return Diversity(similarity=mean, usual=usual(), alike=mean > usual().high)
