"""Rounds to learn from: a question, people's opinions, group statements, and who agrees with what.

Reads:  `Question` and `Conversation` objects and a seeded random generator.
Gives:  `Round`: texts with the expected agreement of each person with each statement.
Refrains from scoring and from tensors.

Every round has people of opposite views and statements for both, so that "everybody likes this one" and "this
person likes everything" explain nothing: only the opinion does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.reward.model_info.calibration import SPAN
from engine.synthetic import wording
from engine.synthetic.phrases import Side
from engine.synthetic.topics import AGREE, DISAGREE, Conversation, Question
from engine.types import LOWEST_RATING

SPECIFIC = 0.2
"""Share of what a person says besides their stance (a reason, a side issue) in how far they agree."""
POLIS_AGREES, POLIS_DISAGREES = 0.9, 0.1


@dataclass(frozen=True)
class Round:
    """agreement: shape (opinions, candidates), in [0, 1]; 0.5 is neutral, NaN is not known.

    weight: of its loss beside those of a step's other rounds.
    whole:  whether these are all members of a group, who rated everything, so that their mean counts.
    """

    question: str
    opinions: tuple[str, ...]
    candidates: tuple[str, ...]
    agreement: Floats
    weight: float = 1.0
    whole: bool = False


@dataclass(frozen=True)
class Voice:
    """What stands behind a text.

    stance:  on the question, in [-1, 1].
    aside:   another question it speaks of, with the stance on that, or None.
    reasons: kinds of the reasons it gives.
    """

    text: str
    stance: float
    aside: tuple[str, float] | None = None
    reasons: frozenset[str] = frozenset()


def agreement(person: Voice, statement: Voice) -> float:
    """How far a person agrees with a statement, in [0, 1]: how near the two stances are.

    Of two statements with the same stance, people prefer the one that speaks of what they spoke of.
    """
    near = _nearness(person.stance, statement.stance)
    specifics = []
    if person.reasons:
        specifics.append(1.0 if person.reasons & statement.reasons else 0.5 * near)
    if person.aside is not None:
        specifics.append(_on_the_side(person.aside, statement.aside))
    if not specifics:
        return near
    return (1 - SPECIFIC) * near + SPECIFIC * sum(specifics) / len(specifics)


def _nearness(one: float, other: float) -> float:
    return 1 - abs(one - other) / 2


def _on_the_side(said: tuple[str, float], heard: tuple[str, float] | None) -> float:
    if heard is None or heard[0] != said[0]:
        return 0.5
    return _nearness(said[1], heard[1])


class QuestionRounds:
    """Rounds about debate questions: `people` opinions and as many statements, half on either side."""

    def __init__(self, questions: Sequence[Question], *, people: int = 4) -> None:
        self._questions = list(questions)
        self._people = people
        self._by_topic: dict[int, list[Question]] = {}
        for question in self._questions:
            self._by_topic.setdefault(question.topic, []).append(question)

    def __call__(self, rng: Random, level: int) -> Round:
        question = rng.choice(self._questions)
        asked = level < 3 or rng.random() > UNASKED
        asides = self._asides(question, rng) if level >= 3 and rng.random() < ASIDES else []
        people = [
            self._person(question, asides, _side(i), level, rng, asked=asked) for i in range(self._people)
        ]
        groups = [self._group(question, asides, _side(i), level, rng) for i in range(self._people)]
        if level >= 2 and rng.random() < DIVIDED:
            groups[-1] = Voice(wording.divided(question, rng), 0.0)
        elif level >= 2 and rng.random() < UNRELATED:
            groups[-1] = self._unrelated(question, level, rng)
        if asked and level >= 2 and rng.random() < UNDECIDED:
            people[-1] = Voice(wording.undecided(rng), 0.0)
        return Round(
            question=question.text if asked else "",
            opinions=tuple(p.text for p in people),
            candidates=tuple(g.text for g in groups),
            agreement=np.array([[agreement(p, g) for g in groups] for p in people]),
        )

    def _unrelated(self, question: Question, level: int, rng: Random) -> Voice:
        """A group statement on another question of the topic: nobody's stance on this one speaks for it."""
        others = [q for q in self._by_topic[question.topic] if q is not question] or self._questions
        said = wording.group_statement(rng.choice(others), _side(rng.randrange(2)), PLAIN, level, rng)
        return Voice(said, 0.0)

    def _asides(self, question: Question, rng: Random) -> list[Question]:
        """Two other questions of the topic: of some, the least alike, since near ones contradict."""
        some = {rng.choice(self._by_topic[question.topic]) for _ in range(8)} - {question}
        asked = long_words(question.affirming)
        return sorted(some, key=lambda q: (len(asked & long_words(q.affirming)), q.id))[:2]

    def _person(
        self, question: Question, asides: list[Question], side: Side, level: int, rng: Random, *, asked: bool
    ) -> Voice:
        strength = rng.choice(STRENGTHS) if level >= 2 else PLAIN
        parts = [wording.opinion(question, side, strength, level, rng, asked=asked)]
        kinds = self._add_reasons(parts, question, side, level, group=False, rng=rng)
        if asked and level >= 5 and strength >= PLAIN and rng.random() < RESTATED:
            parts.append(wording.judgement(question, side, rng))
        if asked and kinds and rng.random() < UNSAID:
            del parts[0]
        aside = self._add_aside(parts, asides, group=False, rng=rng)
        if level >= 2 and rng.random() < FILLED:
            parts.insert(rng.randrange(len(parts) + 1), wording.filler(rng))
        text = " ".join(parts)
        if level >= 3 and rng.random() < SLIPS:
            text = wording.slip(text, rng)
        return Voice(text, side * strength, aside, kinds)

    def _group(
        self, question: Question, asides: list[Question], side: Side, level: int, rng: Random
    ) -> Voice:
        strength = rng.choice(STRENGTHS) if level >= 2 else PLAIN
        parts = [wording.group_statement(question, side, strength, level, rng)]
        kinds = self._add_reasons(parts, question, side, level, group=True, rng=rng)
        if level >= 4 and wording.is_proposal(question) and rng.random() < CONCEDED:
            heard, said = wording.concession(side, rng)
            parts.append(said)
            kinds |= {heard}
        if level >= 5 and rng.random() < RESTATED:
            parts.append(wording.group_statement(question, side, PLAIN, level, rng))
        aside = self._add_aside(parts, asides, group=True, rng=rng)
        return Voice(" ".join(parts), side * strength, aside, kinds)

    def _add_reasons(
        self, parts: list[str], question: Question, side: Side, level: int, *, group: bool, rng: Random
    ) -> frozenset[str]:
        if level < 2 or not wording.is_proposal(question) or rng.random() > REASONED:
            return frozenset()
        given = wording.reasons(side, rng.choice(MANY if level >= 5 else FEW), group=group, rng=rng)
        parts.extend(given.values())
        return frozenset(given)

    def _add_aside(
        self, parts: list[str], asides: list[Question], *, group: bool, rng: Random
    ) -> tuple[str, float] | None:
        if not asides:
            return None
        chosen, side = rng.choice(asides), _side(rng.randrange(2))
        say = wording.group_statement if group else wording.opinion
        # Level 1, never a bare yes or no: it would be read as an answer to the question.
        parts.append(say(chosen, side, PLAIN, 1, rng))
        return chosen.id, side * PLAIN


STRENGTHS = (0.4, 0.8, 0.8, 1.0)
PLAIN = 0.8
ASIDES, DIVIDED, UNDECIDED, REASONED, FILLED, SLIPS = 0.3, 0.3, 0.1, 0.65, 0.15, 0.2
"""Shares of rounds (asides, divided groups, undecided people) and of texts (reasons, fillers, slips)."""
UNASKED, UNRELATED = 0.5, 0.25
"""Shares of rounds without their question, so that texts are read against each other and not each against the
question, and of rounds in which one statement speaks of something else."""
CONCEDED = 0.35
"""Share of group statements that mention a reason of the other side: a reason alone betrays no stance."""
RESTATED = 0.4
"""Share of long texts that say their stance once more, in other words."""
FEW, MANY = (1, 1, 2), (1, 2, 2, 3)
"""How many reasons a text gives that gives any."""
UNSAID = 0.15
"""Share of people with reasons who give these alone, so that the stance has to be read from them."""


def share_of(ratings: Floats) -> Floats:
    """Ratings 1..7 as agreement in [0, 1]."""
    return (ratings - LOWEST_RATING) / SPAN


def in_turn(places: Iterable[int], count: int, seed: int) -> list[int]:
    """Which of `count` things come at these places: all in a shuffled order, then in another; by the seed."""
    return [_order(seed, at // count, count)[at % count] for at in places]


def _order(seed: int, epoch: int, count: int) -> list[int]:
    return Random(f"{seed}/{epoch}").sample(range(count), count)  # noqa: S311 - repeatable on purpose


def _side(index: int) -> Side:
    return 1 if index % 2 == 0 else -1


class PolisRounds:
    """Rounds about two to four comments of one conversation that people see in opposite ways.

    An opinion is one to four other comments that the person wrote or voted on. Conversations are drawn by the
    square root of their votes, since one of them holds most of all votes.
    """

    def __init__(self, conversations: Sequence[Conversation], *, people: int = 4) -> None:
        self._conversations = list(conversations)
        self._words = [_word_sets(each.comments) for each in self._conversations]
        self._weights = [float(np.sqrt(np.abs(each.votes).sum())) for each in self._conversations]
        self._half = people // 2

    def __call__(self, rng: Random, level: int) -> Round:
        index = rng.choices(range(len(self._conversations)), self._weights)[0]
        talk, words = self._conversations[index], self._words[index]
        first, second, rows = self._contested(talk, rng)
        hidden = [first, second, *_also_contested(talk.votes[rows], (first, second), rng)]
        alike = _alike(talk.votes[rows], hidden) if level >= 5 else [[c] for c in hidden]
        votes = talk.votes[rows][:, [some[0] for some in alike]]
        return Round(
            question=talk.topic if rng.random() > UNASKED else "",
            opinions=tuple(_told(talk, words, row, hidden, rng) for row in rows),
            candidates=tuple(" ".join(_stopped(talk.comments[c]) for c in some) for some in alike),
            agreement=np.where(votes == AGREE, POLIS_AGREES, POLIS_DISAGREES),
        )

    def _contested(self, talk: Conversation, rng: Random) -> tuple[int, int, list[int]]:
        """Two comments, and as many people of either view: (agree, disagree) and (disagree, agree)."""
        while True:
            first, second = rng.sample(range(len(talk.comments)), 2)
            one = _voters(talk.votes, (first, AGREE), (second, DISAGREE))
            other = _voters(talk.votes, (first, DISAGREE), (second, AGREE))
            if min(len(one), len(other)) >= self._half:
                return first, second, rng.sample(one, self._half) + rng.sample(other, self._half)


MOST_TOLD = 4
FEWEST_VOTES = 5
"""A person who voted on fewer comments is not drawn: too little is left to tell an opinion from."""


def _voters(votes: NDArray[np.int8], *wanted: tuple[int, int]) -> list[int]:
    hit = (np.abs(votes).sum(axis=1) >= FEWEST_VOTES) & np.logical_and.reduce(
        [votes[:, comment] == vote for comment, vote in wanted]
    )
    found: list[int] = np.flatnonzero(hit).tolist()
    return found


def _also_contested(votes: NDArray[np.int8], taken: tuple[int, int], rng: Random) -> list[int]:
    """Up to two more comments on which all of these people voted, one half against the other."""
    split = np.flatnonzero((votes != 0).all(axis=0) & (votes.sum(axis=0) == 0)).tolist()
    left = [c for c in split if c not in taken]
    return rng.sample(left, min(2, len(left)))


def _alike(votes: NDArray[np.int8], comments: list[int]) -> list[list[int]]:
    """The comments put together that all of these people voted on alike: one longer statement each."""
    found: dict[bytes, list[int]] = {}
    for comment in comments:
        found.setdefault(votes[:, comment].tobytes(), []).append(comment)
    return list(found.values())


def _told(talk: Conversation, words: list[frozenset[str]], row: int, hidden: list[int], rng: Random) -> str:
    """What a person said: some of the comments they voted on, those nearest to the hidden ones first.

    The hidden comments themselves are left out; what they wrote themselves is taken when there is any.
    """
    voted = [c for c in np.flatnonzero(talk.votes[row]).tolist() if c not in hidden]
    target = frozenset().union(*(words[c] for c in hidden))
    weight = {c: rng.random() + len(words[c] & target) + 2 * (talk.authors[c] == row) for c in voted}
    chosen = sorted(voted, key=lambda c: -weight[c])[: rng.randint(1, MOST_TOLD)]
    rng.shuffle(chosen)
    return " ".join(_taken_side(talk.comments[c], int(talk.votes[row, c]), rng) for c in chosen)


def _taken_side(comment: str, vote: int, rng: Random) -> str:
    comment = _stopped(comment)
    if vote == AGREE:
        return comment if rng.random() < 0.7 else f"I agree that {wording.clause(comment)}."
    opening = rng.choice(("I disagree that", "I don't think that", "I disagree:", "It's wrong to say that"))
    return f"{opening} {wording.clause(comment)}."


def _stopped(comment: str) -> str:
    return comment if comment[-1:] in ".!?" else comment + "."


def _word_sets(comments: Sequence[str]) -> list[frozenset[str]]:
    return [long_words(comment) for comment in comments]


def long_words(text: str) -> frozenset[str]:
    """The longer words of a text: two texts that share some speak of the same thing."""
    return frozenset(word.strip(".,!?\"'()").lower() for word in text.split() if len(word) > 4)
