"""A simulated study with known truth: how far each arm is agreed with, exactly, before anybody rates.

Reads:  debate questions, and the members and words of `engine.synthetic.teams`.
Gives:  `FeedbackRecord`s of groups that rate one statement per arm, and the truth that they were drawn from.
Refrains from passing for people, as the simulated team does.

What is expected of a rating is its arm's truth, and three parts that are as often above 0 as below: the
group's mood, whether the statement takes the rater's side, and whether it serves or gives up what they care
about. None of it leaves the scale, and a rating is one of the two whole numbers about what is expected, drawn
so that their mean is just that. So an arm's mean rating over all possible studies is its truth, with no
rounding or cutting between, and a report's intervals can be held against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import floor
from random import Random

from engine.feedback.record import FeedbackRecord
from engine.synthetic.teams import (
    BEGINS,
    MODEL,
    TEAM,
    Member,
    SimulatedTeam,
    Statement,
    TeamSettings,
    pseudonym,
    rated,
    stance,
    statement,
    told,
)
from engine.synthetic.topics import Question
from engine.types import Arm, WelfareFunction, revised_from

AGREEMENT: dict[Arm, float] = {
    Arm.ZERO_SHOT: 3.8,
    Arm.FEW_SHOT: 4.2,
    Arm.FINE_TUNED: 4.6,
    Arm.SELECTED: 5.0,
    Arm.BEST_OPINION: 4.1,
    Arm.LEAVE_ONE_OUT: 4.8,
    Arm.REVISED: 5.3,
}
"""The truth: mean agreement with each arm, of people whose opinion its drafter read."""
LEFT_OUT = -0.8
"""The truth: what the person who was left out gives less, or more, than that."""
QUALITY: dict[Arm, float] = {
    Arm.ZERO_SHOT: 4.4,
    Arm.FEW_SHOT: 4.7,
    Arm.FINE_TUNED: 4.9,
    Arm.SELECTED: 5.1,
    Arm.BEST_OPINION: 3.7,
    Arm.LEAVE_ONE_OUT: 5.2,
    Arm.REVISED: 5.4,
}
"""The truth: mean quality of each arm; no whole number, of which every rating would be that number."""
MISSED = "It passes over what I said:"
"""How everybody begins who says what they would change; then comes their opinion."""
MOOD, SIDED, SERVED = 0.4, 0.6, 0.6
"""The most that a group's mood, a stance and a concern add to a rating or take from it, in rating points."""


@dataclass(frozen=True)
class StudySettings:
    """group: the fewest and the most members of a group; it stays together over its `questions`."""

    groups: int = 40
    questions: int = 5
    group: tuple[int, int] = (4, 5)
    members: int = TeamSettings.members
    seed: int = 0

    def __post_init__(self) -> None:
        if self.groups < 1 or self.questions < 1:
            raise ValueError("a simulated study needs a group and a question or more")


@dataclass(frozen=True)
class _Sitting:
    """A group on one question. held: stances, in the order of people; lone: who is left out."""

    name: str
    group: str
    number: int
    question: Question
    people: Sequence[Member]
    held: Sequence[float]
    said: Sequence[str]
    mood: float
    lone: int


class SimulatedStudy:
    """Groups of a simulated team that compare the arms on every question, in two votes."""

    def __init__(self, settings: StudySettings, questions: Sequence[Question]) -> None:
        team = TeamSettings(members=settings.members, consent=1.0, seed=settings.seed)
        self._settings = settings
        if len(questions) < settings.questions:
            raise ValueError(f"a simulated study needs {settings.questions} questions or more")
        self._questions = list(questions)
        self._members = SimulatedTeam(team, questions).members

    def deliberations(self) -> Iterator[FeedbackRecord]:
        """Every rating, group by group and question by question."""
        seed = self._settings.seed
        rng = Random(f"{seed}/study")  # noqa: S311 - repeatable on purpose
        for number in range(self._settings.groups):
            group = f"simulated-study-{seed}-{number:04d}"
            people = rng.sample(self._members, rng.randint(*self._settings.group))
            mood = rng.uniform(-MOOD, MOOD)
            for place in range(self._settings.questions):
                yield from _ratings(
                    _sitting(group, place, rng.choice(self._questions), people, mood, rng), rng
                )


def _sitting(
    group: str, place: int, question: Question, people: Sequence[Member], mood: float, rng: Random
) -> _Sitting:
    loading = rng.choice((1, -1))
    held = [stance(member, question, loading, rng) for member in people]
    said = [told(member, question, each, rng) for member, each in zip(people, held, strict=True)]
    return _Sitting(
        name=f"{group}-{place}",
        group=group,
        number=place,
        question=question,
        people=people,
        held=held,
        said=said,
        mood=mood,
        lone=rng.randrange(len(people)),
    )


def _ratings(sitting: _Sitting, rng: Random) -> Iterator[FeedbackRecord]:
    """Two votes: on every arm but the revised one, and on all of them.

    In the first all say what they would change in the statement that is revised.
    """
    drafted = {arm: statement(sitting.question, _side(rng), rng) for arm in AGREEMENT}
    baselines = [rated(4 + 3 * held, rng) for held in sitting.held]
    best = rng.choice(sitting.said)
    texts = {arm: best if arm is Arm.BEST_OPINION else each.text for arm, each in drafted.items()}
    critiqued = revised_from(AGREEMENT)
    for round_, arm in ((round_, arm) for round_ in (1, 2) for arm in AGREEMENT):
        if round_ == 1 and arm is Arm.REVISED:
            continue
        each = drafted[arm]
        for place, member in enumerate(sitting.people):
            included = arm is not Arm.LEAVE_ONE_OUT or place != sitting.lone
            expected = expected_agreement(sitting, place, arm, each, included=included)
            yield FeedbackRecord(
                team=TEAM,
                study="simulated",
                group=sitting.group,
                deliberation_id=sitting.name,
                round=round_,
                question=sitting.question.text,
                participant=pseudonym(sitting.name, member.name),
                opinion=sitting.said[place],
                position_statement=sitting.question.affirming,
                baseline=baselines[place],
                statement=texts[arm],
                statement_id=pseudonym(sitting.name, f"{round_}/{arm}"),
                arm=arm,
                included=included,
                agreement=drawn(expected, rng),
                quality=drawn(QUALITY[arm], rng),
                critique=f"{MISSED} {sitting.said[place]}" if (round_, arm) == (1, critiqued) else None,
                predicted_reward=round(expected, 3),
                welfare_function=WelfareFunction() if arm is Arm.SELECTED else None,
                generator=MODEL,
                reward_model=MODEL,
                prompt=MODEL,
                settled_at=BEGINS + timedelta(days=sitting.number),
            )


def expected_agreement(sitting: _Sitting, place: int, arm: Arm, each: Statement, *, included: bool) -> float:
    """What is expected of one member's rating, in rating points; always on the scale."""
    member = sitting.people[place]
    served = member.weight(each.serves) - member.weight(each.yields)
    parts = (sitting.mood, SIDED * sitting.held[place] * each.stance, SERVED * served)
    return AGREEMENT[arm] + sum(parts) + (0.0 if included else LEFT_OUT)


def drawn(expected: float, rng: Random) -> int:
    """One of the two ratings about what is expected, with just that as their mean."""
    below = floor(expected)
    return below + (rng.random() < expected - below)


def _side(rng: Random) -> float:
    return rng.choice((1, -1)) * rng.choice((0.4, 0.8, 1.0))
