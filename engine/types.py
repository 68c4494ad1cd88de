"""The words of the engine: what a mediation is made from and what it gives.

Everything here is frozen. Rewards are expected ratings on the
seven-point agreement scale (1 strongly disagree … 7 strongly agree).
Source of the terms: Bakker et al. 2022 (arXiv:2211.15006).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from engine.names import OVER_GROUPS
from engine.names import WelfareName as WelfareName

LOWEST_RATING = 1
MIDPOINT = 4
HIGHEST_RATING = 7

PREVIOUS = "previous"
"""The `source` of the candidate that nobody drafted: in a revision, the statement there is."""
SAID_THEN = "\n\n"
"""What stands between a member's opinion and their critique where the two are read as one text."""

T = TypeVar("T")


class Frozen(BaseModel):
    """Data that crosses a border: immutable, and nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FIXED_ALPHA = {
    WelfareName.UTILITARIAN: 0.0,
    WelfareName.BERNOULLI_NASH: 1.0,
    WelfareName.RAWLSIAN: math.inf,
}

# JSON has no infinity: Rawlsian's alpha is written as null and read back as infinity.
Alpha = Annotated[
    float,
    PlainSerializer(lambda a: None if math.isinf(a) else a, return_type=float | None, when_used="json"),
]


class WelfareFunction(Frozen):
    """A welfare function and its inequality aversion `alpha` (>= 0, no unit; `inf` for Rawlsian).

    Three named functions have the alpha that defines them; only `isoelastic` takes one. It is 0 in those
    over groups, which have no inequality aversion among people.
    """

    name: WelfareName = WelfareName.UTILITARIAN
    alpha: Alpha = 0.0

    @model_validator(mode="before")
    @classmethod
    def _fill_in_alpha(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if data.get("alpha") is not None:
            return data
        name = str(data.get("name", WelfareName.UTILITARIAN))
        if name == WelfareName.ISOELASTIC:
            raise ValueError("isoelastic needs alpha, the inequality aversion (0 or more)")
        fixed = {str(named): alpha for named, alpha in FIXED_ALPHA.items()}
        return {**data, "alpha": fixed.get(name, 0.0)}

    @model_validator(mode="after")
    def _check_alpha(self) -> Self:
        if math.isnan(self.alpha) or self.alpha < 0:
            raise ValueError("alpha must be 0 or more")
        fixed = FIXED_ALPHA.get(self.name)
        if (fixed is not None and self.alpha != fixed) or (self.name in OVER_GROUPS and self.alpha):
            raise ValueError(f"{self.name} takes no alpha; use isoelastic to choose one")
        if fixed is None and math.isinf(self.alpha):
            raise ValueError("isoelastic needs a finite alpha; without limit it is rawlsian")
        return self

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that it gives of ratings: a rating itself, or a product of shares."""
        return (0, 1) if self.name is WelfareName.GROUP_INFORMED else (LOWEST_RATING, HIGHEST_RATING)


@dataclass(frozen=True)
class ParticipantOpinion:
    """One participant's opinion: an id that names nobody, and their own words."""

    participant: str
    text: str


@dataclass(frozen=True)
class Revision:
    """What a further round has besides the opinions: the statement so far, and what members say of it."""

    statement: str
    critiques: tuple[ParticipantOpinion, ...]


class Vote(IntEnum):
    """What a member says to one point. Polis' numbers."""

    AGREE = 1
    PASS = 0
    DISAGREE = -1


@dataclass(frozen=True)
class OpinionPoint:
    """One idea out of an opinion, to be voted on by everybody (`engine.points`).

    text: the words of the first who said it.
    participant: who that is; for whoever holds the opinions anyway.
    also: who else said as much, in other words.
    """

    text: str
    participant: str
    also: tuple[str, ...] = ()

    @property
    def askers(self) -> tuple[str, ...]:
        """Everybody who said so, the first one first."""
        return (self.participant, *self.also)


@dataclass(frozen=True)
class CountedPoint:
    """A point as drafters read it: its words, and how many voted how."""

    text: str
    agree: int
    disagree: int
    passed: int


@dataclass(frozen=True)
class Chosen(Revision):
    """The statement that was chosen, of which a model is asked what it leaves open: nothing is drafted."""


def joined(opinion: str | None, critique: str | None) -> str:
    """All that one member said: the opinion, then the critique; either may be missing."""
    return SAID_THEN.join(text for text in (opinion, critique) if text)


@dataclass(frozen=True)
class RequestedJury:
    """Whose predicted ratings choose the statement: juries by one attribute (`engine.groups.juries`).

    seats: for each value of the attribute; 0 for a value without one.
    values: by participant, their value of the attribute; who has none sits on no jury.
    with_replacement: whether one participant may have several seats of a jury.
    fewest: of so many participants at least one jury's seats of one value are filled, for anonymity.
    """

    attribute: str
    seats: Mapping[str, int] = field(hash=False)
    values: Mapping[str, str] = field(hash=False, repr=False)
    with_replacement: bool = False
    fewest: int = 1


class JuryHeard(Frozen):
    """How juries chose the statement. It says nothing of any participant.

    seats: of those values that had a seat. draws: how many juries, drawn with the mediation's seed.
    spread: of each candidate the 5th and the 95th percentile over juries, in the unit of its welfare, which
        is the median.
    """

    attribute: str
    seats: dict[str, int]
    with_replacement: bool
    draws: int
    spread: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class MediationRequest:
    """What a mediation starts from.

    seed: makes shuffling and drafting repeatable.
    encoded: what the reward model made of opinions when they were given, by participant
        (`engine.reward.scoring.stored`); those without are encoded now.
    compared: whether the best opinion is going to be rated too, as in a study, so that every opinion has to
        be tried for it; else only as many as there is time for, at most `candidates`.
    revision: in a further round, the statement that it revises and the critiques of it.
    points: what members voted on, with the counts; empty where there was no vote on points. Drafters read
        some of them (`engine.draft_briefs`).
    jury: None: everybody's predicted ratings choose.
    """

    question: str
    opinions: tuple[ParticipantOpinion, ...]
    candidates: int = 16
    welfare: WelfareFunction = field(default_factory=WelfareFunction)
    seed: int = 0
    encoded: Mapping[str, bytes] = field(default_factory=dict, hash=False, repr=False)
    compared: bool = False
    revision: Revision | None = None
    points: tuple[CountedPoint, ...] = ()
    jury: RequestedJury | None = None

    @property
    def said(self) -> tuple[ParticipantOpinion, ...]:
        """What each participant said: those who gave an opinion first, then those with a critique alone."""
        if self.revision is None:
            return self.opinions
        opinions = {opinion.participant: opinion.text for opinion in self.opinions}
        critiques = {critique.participant: critique.text for critique in self.revision.critiques}
        return tuple(
            ParticipantOpinion(who, joined(opinions.get(who), critiques.get(who)))
            for who in dict.fromkeys([*opinions, *critiques])
        )


@dataclass(frozen=True)
class Brief:
    """The task of drafting one candidate: the opinions in an order that a few candidates share.

    seed: of the words that the model draws; each candidate's own.
    order: the seed of the opinions' order.
    kinds: the kind of each opinion, in the same order; empty where all are of one kind.
    revision: in a further round, the statement so far and the critiques, in an order of their own.
    together: in a further round, what each member said: opinion and critique as one text.
    points: some of the points that were voted on, with the counts, those that tell most first.
    """

    index: int
    question: str
    opinions: tuple[str, ...]
    seed: int
    order: int = 0
    kinds: tuple[int, ...] = ()
    revision: Revision | None = None
    together: tuple[str, ...] = ()
    points: tuple[CountedPoint, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """One text for each member, whatever the round."""
        return self.together or self.opinions

    @property
    def lines(self) -> tuple[str, ...]:
        """What a prompt has a line of: the opinions, then the critiques."""
        critiques = self.revision.critiques if self.revision else ()
        return (*self.opinions, *(critique.text for critique in critiques))


Ending = Literal["stop", "length", "filtered", "refused", "failed"]


@dataclass(frozen=True)
class Draft:
    """A drafted text as the generator gave it.

    finish_reason: how it ended; whole only with "stop". "length": cut off; "filtered": by the server's
        filter; "refused": by the model; "failed": for any other reason.
    words: the fewest and the most that were asked for; None where any length will do.
    read: the places in `brief.lines` of those that the generator read; None when it read them all.
    shortened: the places of those of which it read the beginning only.
    """

    brief: Brief
    text: str
    finish_reason: Ending = "stop"
    words: tuple[int, int] | None = None
    read: tuple[int, ...] | None = None
    shortened: tuple[int, ...] = ()


class Candidate(Frozen):
    """A usable draft, or in a revision the previous statement, with what the reward model predicts.

    rewards: expected rating (1..7) of each participant, in the order of `Mediation.participants`; empty where
        nobody's was predicted (`ModelsUsed.unpredicted`).
    welfare: those rewards aggregated, in rating points, or in [0, 1] by `group-informed`; without them
        closeness to the other drafts and to the opinions, in [0, 1] (`engine.closeness`).
    order: the seed of the opinions' order; None for the previous statement, and in what was stored when each
        candidate had an order of its own, which `seed` stands for.
    """

    text: str
    source: str
    seed: int
    order: int | None = None
    rewards: tuple[float, ...]
    welfare: float


class ModelsUsed(Frozen):
    """Names and versions of what took part, recorded with every result.

    unpredicted: why nobody's agreement was predicted, as a clause; None where it was.
    """

    generator: str
    reward: str
    prompt: str
    unpredicted: str | None = None


class Timings(Frozen):
    """Seconds spent. Drafting overlaps with reading and scoring, so `total` may be less than their sum.

    read: reading opinions, where the reward model does that apart from scoring; 0 where it does not, and in
        what was stored before it was measured.
    score: of the candidates; scoring opinions as a baseline is not in it.
    total: until the statement was chosen; what it leaves open is asked after that.
    """

    read: float = Field(0.0, ge=0)
    draft: float = Field(ge=0)
    score: float = Field(ge=0)
    total: float = Field(ge=0)


class KindRead(Frozen):
    """What became of one kind of opinions (`engine.groups.opinion_kinds`).

    words: what tells it from the others; empty where several members share nothing that others do not say.
    opinions: how many are of this kind; unread: of those, the ones that no usable candidate was drafted from.
    """

    words: tuple[str, ...]
    opinions: int = Field(ge=1)
    unread: int = Field(ge=0)


class PartialReading(Frozen):
    """How much the generator read, where it could not read every opinion for every candidate.

    In a revision a member's opinion and critique count as one, which is read where something of it is.

    fewest, most: opinions that one candidate was drafted from, over the usable candidates.
    shortened: opinions of which some candidate had the beginning only.
    unread: opinions that no usable candidate was drafted from.
    kinds: the same by kind of opinion, the largest first; empty where all are of one kind.
    groups: where candidates were drafted from statements of smaller groups, how many of those were drafted
        from members' own opinions (`engine.group_drafts`); `fewest` and `most` then count the opinions behind
        those statements. 0 where candidates were drafted from opinions.
    """

    fewest: int = Field(ge=0)
    most: int = Field(ge=0)
    shortened: int = Field(ge=0)
    unread: int = Field(ge=0)
    kinds: tuple[KindRead, ...] = ()
    groups: int = Field(0, ge=0)


class Shortfall(Frozen):
    """Why a round has fewer drafts than it asked for: there was no time for more.

    drafted, asked: drafts that were written, usable or not, and that were asked for.
    tokens_per_s: how fast the generator wrote, all drafts together; 0 where it did not say.
    """

    drafted: int = Field(ge=0)
    asked: int = Field(ge=1)
    tokens_per_s: float = Field(ge=0)


class BestOpinion(Frozen):
    """The opinion that would score best as the statement: what drafting had to beat.

    participant: whose it is; for whoever holds the opinions anyway, never for a channel.
    rewards, welfare: as in `Candidate`; without rewards, closeness to all opinions.
    scored: how many opinions were tried; a sample, where there are more of them than candidates, or where
        drafting left no time for more.
    """

    participant: str
    rewards: tuple[float, ...]
    welfare: float
    scored: int = Field(ge=1)


class OpinionGroup(Frozen):
    """Members who would agree with much the same drafts (`engine.groups.opinion_groups`).

    participants: who they are; for whoever holds the opinions anyway, never for a channel.
    size: how many they were, those erased since included.
    welfare: their mean expected rating (1..7) of the statement; agree: how many are above the midpoint.
    opinions: participants whose opinions stand for the group, the nearest to its middle first. They may be
        quoted where the question's terms on quoting allow it.
    points: where each participant lies on a map of all groups, in rating points; empty without a map. In an
        anonymous question nobody's own point is shown.
    """

    participants: tuple[str, ...]
    size: int = Field(ge=1)
    welfare: float
    agree: int = Field(ge=0)
    opinions: tuple[str, ...] = ()
    points: tuple[tuple[float, float], ...] = ()

    @property
    def middle(self) -> tuple[float, float]:
        """Where the group lies on the map, which it has to have."""
        across, up = zip(*self.points, strict=True)
        return sum(across) / len(across), sum(up) / len(up)

    def without(self, participant: str) -> Self:
        """This group with one participant's id and point erased; what is counted stays: it names nobody."""
        if participant not in self.participants:
            return self
        out = self.participants.index(participant)
        changed = {
            "participants": _left_out(self.participants, out),
            "opinions": tuple(each for each in self.opinions if each != participant),
            "points": _left_out(self.points, out),
        }
        return self.model_copy(update=changed)


class PointTally(Frozen):
    """How many voted how on one point.

    point: its id.
    """

    point: str
    agree: int = Field(0, ge=0)
    disagree: int = Field(0, ge=0)
    passed: int = Field(0, ge=0)

    @property
    def seen(self) -> int:
        """How many voted on it at all, those who passed included."""
        return self.agree + self.disagree + self.passed


class PointGroup(Frozen):
    """Members who voted much alike on points (`engine.points.point_map`).

    participants: who they are; for whoever holds the votes anyway, never for a channel.
    size: how many they were, those erased since included.
    tallies: the group's own votes on each point, in the order of `PointMap.tallies`.
    typical: ids of the points by which it stands out from the others, the clearest first.
    places: where each participant lies on the map, no unit. In an anonymous question nobody's own place is
        shown.
    """

    participants: tuple[str, ...]
    size: int = Field(ge=1)
    tallies: tuple[PointTally, ...]
    typical: tuple[str, ...] = ()
    places: tuple[tuple[float, float], ...] = ()

    def agree(self, fewest: int = 1) -> dict[str, float]:
        """The share, in [0, 1], of those who voted on a point that agrees with it, by id; without the points
        on which fewer than `fewest` of the group have voted."""
        return {each.point: each.agree / each.seen for each in self.tallies if each.seen >= max(fewest, 1)}

    def without(self, participant: str) -> Self:
        """This group with one participant's id and place erased; what is counted stays: it names nobody."""
        if participant not in self.participants:
            return self
        out = self.participants.index(participant)
        changed = {
            "participants": _left_out(self.participants, out),
            "places": _left_out(self.places, out),
        }
        return self.model_copy(update=changed)


class PointMap(Frozen):
    """What votes on points say: what everybody shares, what divides, and who votes with whom.

    tallies: all points, in the order in which they were given.
    groups: the largest first. Empty where there are too few members to look for groups; one where no groups
        can be told apart. Who voted too little to be placed is in none.
    agreement: for each of `tallies`, how far all groups agree with it, in [0, 1] (group-informed consensus).
    extremity: for each of `tallies`, how far it sets members apart, no unit; 0 where nothing tells.
    consensus: ids of the points with which every group agrees, the most agreed first.
    divides: ids of the points on which two groups differ for certain, the farthest apart first.
    """

    tallies: tuple[PointTally, ...] = ()
    groups: tuple[PointGroup, ...] = ()
    agreement: tuple[float, ...] = ()
    extremity: tuple[float, ...] = ()
    consensus: tuple[str, ...] = ()
    divides: tuple[str, ...] = ()

    def without(self, participant: str) -> Self:
        """This map with one participant's id and place erased."""
        return self.model_copy(update={"groups": tuple(each.without(participant) for each in self.groups)})


class OpenPoint(Frozen):
    """Something that members ask for and that no part of the statement covers (`engine.open_points`).

    text: in a few words of the model that drafted, each of them traced to those who ask for it.
    asked_by: participants whose opinion or critique asks for it, two or more; for whoever holds the opinions
        anyway, never for a channel.
    """

    text: str
    asked_by: tuple[str, ...]


class Mediation(Frozen):
    """The result of one round: every candidate, best first, and the chosen statement.

    best_opinion: None when it could not be scored, was not then, or has been erased since.
    dropped: counts of the drafts that could not be used, by reason.
    reading: None when every candidate was drafted from all opinions.
    shortfall: None when there was time for as many drafts as were asked for.
    stood_in_for: the reward model that could not score this round, so that what `models.reward` names chose
        among all drafts; None when the model that was wished for was not tried or did not fail.
    tied: how many candidates the reward model could not tell from the best; the statement is the one of them
        that is closest to the other drafts and to the opinions. 0 where the best stood alone, and where the
        previous statement stays.
    forgotten: participants whose part was erased since.
    groups: by what members would agree with, the largest first. None where nobody's agreement was predicted,
        or members were fewer than groups are looked for in: functions over groups then count what
        `engine.welfare` says. One where no groups could be told apart.
    unites, divides: the candidate that the worst group likes best, and the one on which groups differ most;
        None without two groups.
    left_out: participants who are predicted to stand below the midpoint with the statement.
    jury: None where everybody's predicted ratings chose, or nobody's were predicted.
    uncertainty: of the reward model, in rating points: it cannot tell which of two verdicts or means that are
        no farther apart is the better. 0 where it does not say, and in what was stored before it was kept.
    leaves_open: what the statement does not cover, what most ask for first; empty where no model was asked,
        or it gave nothing that could be traced.
    """

    question: str
    seed: int
    statement: str
    winner: int
    welfare_function: WelfareFunction
    participants: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    models: ModelsUsed
    timings_s: Timings
    dropped: dict[str, int] = Field(default_factory=dict)
    model_used: bool
    best_opinion: BestOpinion | None = None
    reading: PartialReading | None = None
    shortfall: Shortfall | None = None
    stood_in_for: str | None = None
    tied: int = 0
    forgotten: int = 0
    groups: tuple[OpinionGroup, ...] = ()
    unites: int | None = None
    divides: int | None = None
    left_out: tuple[str, ...] = ()
    leaves_open: tuple[OpenPoint, ...] = ()
    jury: JuryHeard | None = None
    uncertainty: float = Field(0.0, ge=0)

    @property
    def previous(self) -> Candidate | None:
        """In a revision the statement that was there; None in a first round."""
        return next((each for each in self.candidates if each.source == PREVIOUS), None)

    @property
    def is_better(self) -> bool:
        """Whether a draft was chosen: in a revision, one that is predicted to do better than the previous."""
        return self.candidates[self.winner].source != PREVIOUS

    def public(self) -> dict[str, Any]:
        """The documented JSON form (`accord deliberate --json`, `deploy/docs/pages/terminal/`)."""
        private: dict[str, Any] = {
            "dropped": True,
            "forgotten": True,
            "model_used": True,
            "candidates": {"__all__": {"seed", "order"}},
            "groups": {"__all__": {"points"}},
        }
        return self.model_dump(mode="json", exclude=private)

    def without(self, participant: str) -> Self:
        """This mediation with one participant's rewards erased, and every draft that may quote them.

        And every open point that they ask for: its words may be theirs. The chosen statement stays, and so
        does every candidate's welfare: it names nobody.
        """
        if participant not in self.participants:
            return self
        out = self.participants.index(participant)
        candidates = tuple(
            candidate.model_copy(
                update={
                    "text": candidate.text if index == self.winner else "",
                    "rewards": _left_out(candidate.rewards, out),
                }
            )
            for index, candidate in enumerate(self.candidates)
        )
        best = self.best_opinion
        if best is not None:
            rewards = _left_out(best.rewards, out)
            best = None if best.participant == participant else best.model_copy(update={"rewards": rewards})
        return self.model_copy(
            update={
                "candidates": candidates,
                "participants": _left_out(self.participants, out),
                "best_opinion": best,
                "forgotten": self.forgotten + 1,
                "groups": tuple(group.without(participant) for group in self.groups),
                "left_out": tuple(each for each in self.left_out if each != participant),
                "leaves_open": tuple(each for each in self.leaves_open if participant not in each.asked_by),
            }
        )

    def reworded(self, statement: str) -> Self:
        """This mediation with another text of the chosen statement: a quote was taken out of it.

        What that leaves open nobody has asked.
        """
        chosen = self.candidates[self.winner].model_copy(update={"text": statement})
        candidates = (*self.candidates[: self.winner], chosen, *self.candidates[self.winner + 1 :])
        return self.model_copy(update={"statement": statement, "candidates": candidates, "leaves_open": ()})

    @property
    def chosen_by(self) -> WelfareFunction | None:
        """What the statement was chosen by; None where nobody's agreement was predicted."""
        return None if self.models.unpredicted else self.welfare_function

    def predicted(self, rewards: tuple[float, ...]) -> dict[str, float]:
        """Rewards of this round by participant; nothing where nobody's agreement was predicted."""
        return dict(zip(self.participants, rewards, strict=True)) if rewards else {}

    def dissenters(self) -> int:
        """How many participants are predicted to stand below the scale's midpoint."""
        return sum(reward < MIDPOINT for reward in self.candidates[self.winner].rewards)


def _left_out(values: tuple[T, ...], at: int) -> tuple[T, ...]:
    return values[:at] + values[at + 1 :]


class Stage(StrEnum):
    """The parts of a mediation that take time."""

    READ = "read"
    GROUPS = "groups"
    DRAFT = "draft"
    SCORE = "score"


@dataclass(frozen=True)
class Written:
    """How a generator gets on with the drafts of a round.

    tokens: written so far, of all drafts together, those that are not ready yet included.
    per_s: tokens a second since the first one; 0 where that cannot be said yet.
    trouble: why nothing has come since, in a word or two of our own; None where something has.
    late: drafts that were not begun, or not ended, because the time for the round was too short.
    """

    tokens: int = 0
    per_s: float = 0.0
    trouble: str | None = None
    late: int = 0


@dataclass(frozen=True)
class Progress:
    """`done` of `total` candidates are through `stage`; in READ, of the participants' opinions.

    In GROUPS, of the smaller groups that draft first where the opinions do not fit the model's window.

    written: in DRAFT, how the generator gets on; None where it does not say.
    """

    stage: Stage
    done: int
    total: int
    written: Written | None = None


OnProgress = Callable[[Progress], None]


def no_progress(progress: Progress) -> None:
    """For callers that do not watch."""


class Arm(StrEnum):
    """How a rated statement came about.

    CHOSEN: what an everyday deliberation published. The others are the arms of a study: drafted by a prompt
    without examples, with examples, by a fine-tuned drafter (its first sample), by the same with
    welfare-based selection, a member's own opinion, and drafted without one member's opinion. REVISED is
    drafted after a first vote, from what members said of the statement that it revises (`revised_from`), and
    rated in a second one.
    """

    CHOSEN = "chosen"
    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "few-shot"
    FINE_TUNED = "fine-tuned"
    SELECTED = "fine-tuned-selected"
    BEST_OPINION = "best-opinion"
    LEAVE_ONE_OUT = "leave-one-out"
    REVISED = "revised"


MODEL_ARM = "model:"
_NAMED = re.compile(r"model:[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}")
ModelArm = NewType("ModelArm", str)
"""The arm `model:NAME`: drafted and chosen as everyday statements are, by the language model of that name."""


def arm_named(said: object) -> Arm | ModelArm:
    """The arm of that name: one of `Arm`, or `model:NAME`. Raises ValueError where there is none."""
    if isinstance(said, str) and _NAMED.fullmatch(said):
        return ModelArm(said)
    if isinstance(said, str) and said in list(Arm):
        return Arm(said)
    raise ValueError(f"there is no such arm; the arms are {', '.join(Arm)}, and model:NAME")


def model_of(arm: "AnyArm") -> str | None:
    """The name of the model that an arm is called after; None for the other arms."""
    return None if isinstance(arm, Arm) else arm.removeprefix(MODEL_ARM)


AnyArm = Annotated[Arm | ModelArm, BeforeValidator(arm_named)]
"""How a rated statement came about, where data is read."""


REVISABLE = (Arm.SELECTED, Arm.FINE_TUNED, Arm.FEW_SHOT, Arm.ZERO_SHOT)
"""What can be revised, most wanted first; not what is drafted without somebody: critiques are of all."""


def revised_from(arms: Iterable[AnyArm]) -> Arm | None:
    """The arm whose statement the revised one begins from: it is critiqued in the first vote, and its drafter
    revises it. None where these arms have no revised one, or nothing that it could revise.
    """
    compared = frozenset(arms)
    if Arm.REVISED not in compared:
        return None
    return next((arm for arm in REVISABLE if arm in compared), None)


class ArmStatement(Frozen):
    """One arm's statement in a study.

    rewards: expected rating (1..7) by participant, the one whose opinion was kept from the drafter included;
        empty where nobody's was predicted.
    welfare_function: what it was chosen by; None for a first sample, which nothing was chosen by, and where
        nobody's agreement was predicted.
    """

    text: str
    rewards: dict[str, float]
    welfare_function: WelfareFunction | None
    models: ModelsUsed
