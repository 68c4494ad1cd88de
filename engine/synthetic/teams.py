"""A simulated team with known preferences: deliberations and ratings to test learning and evaluation with.

Reads:  debate questions with position statements, and `concerns.yaml` beside this module.
Gives:  `FeedbackRecord`s as a real team's export would hold them, from one seed.
Refrains from passing for people: the team is called "simulated", and so are its models.

A member has a stance on each question, drawn from their leaning on its topic, and concerns (cost, fairness,
speed and so on) that weigh more with this team than the stance. A statement takes a stance, puts one concern
first and gives another up. A member's opinion says their stance and what matters to them. How far they agree
with a statement follows from both; what they rate, also from how strict they are and from chance. So a reward
model that knows only who is for and who is against is wrong about this team, and what it misses can be
learnt from any of its questions and holds on others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from engine.feedback.record import FeedbackRecord
from engine.synthetic import wording
from engine.synthetic.phrases import Side
from engine.synthetic.topics import Question
from engine.types import HIGHEST_RATING, LOWEST_RATING, Arm, WelfareFunction

TEAM = "simulated"
MODEL = "simulated/1"
"""Recorded as generator, reward model and prompt: nobody is to mistake these for a study of models."""
BEGINS = datetime(2026, 1, 5, 12, tzinfo=UTC)

VALUED = 0.6
"""Share of the concerns in how far a member agrees with a statement; the rest is the stance."""
NOISE = 0.5
"""Standard deviation of chance in a rating, in rating points."""
STRICTNESS = 0.5
"""Standard deviation of how many rating points a member gives less, or more, than others."""
WORDS_LEVEL = 2
"""How opinions and statements are worded (`engine.synthetic.wording`): common ways, no riddles."""
UNDECIDED = 0.15
"""A stance nearer to 0 than this is told as being undecided."""
PADDED = 0.3
"""Share of statements with a sentence that says nothing: rated lower in quality, not in agreement."""

_READ: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("concerns.yaml").read_text(encoding="utf-8"))
FRAMING: list[str] = _READ.pop("framing")
PADDING: list[str] = _READ.pop("padding")
CONCERNS: dict[str, dict[str, list[str]]] = _READ


@dataclass(frozen=True)
class Member:
    """Somebody with known preferences.

    leanings:   stance by topic, in [-1, 1].
    first, second: the concerns that matter to them, with weights 1 and 0.5.
    strictness: rating points that they give less than others.
    consents:   whether their opinions may be learnt from.
    """

    name: str
    leanings: dict[int, float]
    first: str
    second: str
    strictness: float
    consents: bool

    def weight(self, concern: str) -> float:
        """How much a concern matters to them, in [0, 1]."""
        return {self.first: 1.0, self.second: 0.5}.get(concern, 0.0)


@dataclass(frozen=True)
class Statement:
    """A statement and what stands behind it: stance in [-1, 1], the concern put first, the one given up."""

    text: str
    stance: float
    serves: str
    yields: str
    padded: bool


@dataclass(frozen=True)
class TeamSettings:
    """How many members there are, how often they deliberate, and with how many rated statements.

    group: the fewest and the most members of a deliberation.
    consent: share of members whose opinions may be learnt from.
    """

    members: int = 60
    deliberations: int = 200
    statements: int = 5
    group: tuple[int, int] = (5, 8)
    consent: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.members < self.group[1]:
            raise ValueError(f"people: a simulated team needs {self.group[1]} or more")
        if self.deliberations < 1 or self.statements < 2:
            raise ValueError("a simulated team needs a deliberation or more, with 2 statements or more each")


class SimulatedTeam:
    """Members whose preferences are known, and what they say and rate."""

    def __init__(self, settings: TeamSettings, questions: Sequence[Question]) -> None:
        if not questions:
            raise ValueError("a simulated team needs questions")
        self._settings = settings
        self._questions = list(questions)
        topics = sorted({question.topic for question in questions})
        rng = Random(f"{settings.seed}/members")  # noqa: S311 - repeatable on purpose
        self.members = [_member(f"m{n:03d}", topics, settings.consent, rng) for n in range(settings.members)]

    def deliberations(self) -> Iterator[FeedbackRecord]:
        """Every rating of every deliberation, one deliberation after the other.

        Questions are used in a shuffled order, each once before any comes again.
        """
        rng = Random(f"{self._settings.seed}/deliberations")  # noqa: S311
        asked: list[Question] = []
        for number in range(self._settings.deliberations):
            asked = asked or rng.sample(self._questions, len(self._questions))
            people = rng.sample(self.members, rng.randint(*self._settings.group))
            yield from self._deliberation(number, asked.pop(), people, rng)

    def _deliberation(
        self, number: int, question: Question, people: Sequence[Member], rng: Random
    ) -> Iterator[FeedbackRecord]:
        name = f"simulated-{self._settings.seed}-{number:05d}"
        loading = rng.choice((1, -1))
        stances = [stance(member, question, loading, rng) for member in people]
        said = [told(m, question, s, rng) for m, s in zip(people, stances, strict=True)]
        statements = [statement(question, side, rng) for side in sides(self._settings.statements, rng)]
        for person, held, opinion in zip(people, stances, said, strict=True):
            baseline = rated(4 + 3 * held - person.strictness, rng)
            for place, each in enumerate(statements):
                yield FeedbackRecord(
                    team=TEAM,
                    group=name,
                    deliberation_id=name,
                    round=1,
                    question=question.text,
                    participant=pseudonym(name, person.name),
                    opinion=opinion if person.consents else None,
                    consent=person.consents,
                    position_statement=question.affirming,
                    baseline=baseline,
                    statement=each.text,
                    statement_id=pseudonym(name, f"statement {place}"),
                    arm=Arm.CHOSEN,
                    agreement=rated(expected_agreement(person, held, each), rng),
                    quality=rated(3.0 if each.padded else 5.5, rng),
                    predicted_reward=round(4 + 3 * held * each.stance, 3) if person.consents else None,
                    welfare_function=WelfareFunction(),
                    generator=MODEL,
                    reward_model=MODEL,
                    prompt=MODEL,
                    settled_at=BEGINS + timedelta(days=number),
                )


def stance(member: Member, question: Question, loading: int, rng: Random) -> float:
    """A member's stance on a question, in [-1, 1]: their leaning on its topic, and chance.

    loading: 1 where the topic's leaning speaks for the question, -1 where against it.
    """
    return max(-1.0, min(1.0, loading * member.leanings[question.topic] + rng.gauss(0, 0.25)))


def told(member: Member, question: Question, held: float, rng: Random) -> str:
    """The opinion of a member, in words: where they stand, and what matters to them."""
    if abs(held) < UNDECIDED:
        parts = [wording.undecided(rng)]
    else:
        strength = max(0.4, abs(held))
        parts = [wording.opinion(question, _side(held), strength, WORDS_LEVEL, rng)]
    parts.append(rng.choice(CONCERNS[member.first]["said"]))
    if rng.random() < 0.5:
        parts.append(rng.choice(CONCERNS[member.second]["said"]))
    return " ".join(parts)


def statement(question: Question, held: float, rng: Random) -> Statement:
    """A statement of this stance, with a concern that it puts first and one that it gives up."""
    serves, yields = rng.sample(sorted(CONCERNS), 2)
    if abs(held) < UNDECIDED:
        said = wording.divided(question, rng)
    else:
        said = wording.group_statement(question, _side(held), abs(held), WORDS_LEVEL, rng)
    parts = [said, _traded(serves, yields, rng)]
    padded = rng.random() < PADDED
    if padded:
        parts.insert(1, rng.choice(PADDING))
    return Statement(" ".join(parts), held, serves, yields, padded)


def sides(count: int, rng: Random) -> list[float]:
    """Stances of so many statements: both sides in turn, so that ratings differ within every person."""
    return [(1 if place % 2 == 0 else -1) * rng.choice((0.4, 0.8, 0.8, 1.0)) for place in range(count)]


def expected_agreement(member: Member, held: float, each: Statement) -> float:
    """How far a member agrees before chance and rounding, in rating points; it may leave the scale."""
    near = 1 - abs(held - each.stance) / 2
    valued = 0.5 + 0.5 * (member.weight(each.serves) - member.weight(each.yields))
    points = LOWEST_RATING + (HIGHEST_RATING - LOWEST_RATING) * ((1 - VALUED) * near + VALUED * valued)
    return points - member.strictness


def rated(expected: float, rng: Random) -> int:
    """A rating on the scale: what is expected, and chance."""
    return max(LOWEST_RATING, min(HIGHEST_RATING, round(expected + rng.gauss(0, NOISE))))


def pseudonym(deliberation: str, name: str) -> str:
    """Names somebody or something within one deliberation only."""
    return hashlib.sha256(f"{deliberation}/{name}".encode()).hexdigest()[:16]


def _member(name: str, topics: Sequence[int], consent: float, rng: Random) -> Member:
    first, second = rng.sample(sorted(CONCERNS), 2)
    return Member(
        name=name,
        leanings={topic: rng.uniform(-1, 1) for topic in topics},
        first=first,
        second=second,
        strictness=rng.gauss(0, STRICTNESS),
        consents=rng.random() < consent,
    )


def _traded(serves: str, yields: str, rng: Random) -> str:
    first = rng.choice(CONCERNS[serves]["serves"])
    given_up = rng.choice(CONCERNS[yields]["yields"])
    return rng.choice(FRAMING).format(serves=first, Serves=first[:1].upper() + first[1:], yields=given_up)


def _side(held: float) -> Side:
    return 1 if held > 0 else -1
