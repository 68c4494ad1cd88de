"""What a run on general data learns from, step by step: debate questions and Polis, or a mixture.

Reads:  a `RewardConfig` and the data that it names.
Gives:  `Lessons`: the rounds of a step, a function of the seed and the step's number alone.
Refrains from a team's feedback, which is `engine.training.data.team`'s.

Of a corpus only the part to learn from is read here: rounds with everybody's ratings; sets of options, where
opinion k wants what statement k says; and conditions, where only the person who made one is known to care.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Protocol

import numpy as np

from engine.evaluation.corpus.reading import (
    SHIPPED_CORPUS,
    ConditionSet,
    CorpusRound,
    OptionSet,
    Split,
    read_corpus,
)
from engine.synthetic.topics import (
    Question,
    hold_out_conversations,
    hold_out_topics,
    load_conversations,
    load_questions,
)
from engine.training.data.argkp import KeyPointRounds
from engine.training.data.rounds import PolisRounds, QuestionRounds, Round, in_turn, share_of
from engine.training.runs.config import Mixture, Part, RewardConfig

EVERYTHING = (0.1, 0.2, 0.7)
"""Shares of the levels 1, 2 and the hardest once the curriculum is through."""
OWN, OTHERS = 6.4, 1.7
"""Ratings that stand for "the option that I want" and "another one"."""
MET, BROKEN, SILENT = 6.2, 1.6, 3.6
"""Ratings of a statement by the person whose condition it meets, breaks or leaves unsaid."""


class Lessons(Protocol):
    """What a run learns from."""

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step; a function of the seed and the step alone."""
        ...


def questions_of(config: RewardConfig) -> list[Question]:
    """The debate questions that the configuration names. Raises ValueError where it names none."""
    if config.questions is None:
        raise ValueError("questions: none are named")
    return load_questions(config.questions)


class RoundsForSteps:
    """Rounds of debate questions and of Polis, of growing difficulty."""

    def __init__(self, config: RewardConfig) -> None:
        if config.polis is None:
            raise ValueError("polis: none is named")
        questions, _ = hold_out_topics(questions_of(config), config.held_out_topics)
        talks, _ = hold_out_conversations(load_conversations(config.polis), config.held_out_conversations)
        self._questions = QuestionRounds([q for q in questions if q.split == "train"], people=config.people)
        self._polis = PolisRounds(talks, people=config.people)
        self._config = config

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step."""
        return self.some(step, self._config.rounds_per_step)

    def some(self, step: int, count: int) -> list[Round]:
        """The first `count` rounds of a step."""
        rng = Random(f"{self._config.seed}:{step}")  # noqa: S311 - repeatable on purpose
        return [self._one(step, rng) for _ in range(count)]

    def _one(self, step: int, rng: Random) -> Round:
        level = self._level(step / self._config.steps, rng)
        source = self._polis if rng.random() < self._config.polis_share and level > 1 else self._questions
        return source(rng, level)

    def _level(self, progress: float, rng: Random) -> int:
        if progress < self._config.plain_until:
            return 1
        if progress < self._config.common_until:
            return 2
        return rng.choices((1, 2, self._config.hardest), EVERYTHING)[0]


class MixtureForSteps:
    """Rounds of a corpus, all of them before any comes again, with rounds of other kinds beside them."""

    def __init__(self, config: RewardConfig, mixture: Mixture) -> None:
        """Raises CorpusError or ValueError where data that the mixture has rounds of cannot be read."""
        corpus = read_corpus(config.corpus or SHIPPED_CORPUS).of(Split.TRAIN)
        self._corpus = [corpus_round(each) for each in corpus.rounds]
        self._options = [option_round(each) for each in corpus.options]
        self._conditions = [condition_round(each) for each in corpus.conditions]
        for name, found in (
            ("corpus", self._corpus), ("options", self._options), ("conditions", self._conditions),
        ):  # fmt: skip
            if getattr(mixture, name).count and not found:
                raise ValueError(f"mixture.{name}: the corpus has none to learn from; leave it out")
        self._stance = RoundsForSteps(config) if mixture.stance.count else None
        self._argkp = KeyPointRounds(config.argkp) if mixture.argkp.count and config.argkp else None
        self._mixture, self._seed = mixture, config.seed

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step."""
        return list(self._drawn(step, Random(f"{self._seed}/{step}")))  # noqa: S311 - repeatable on purpose

    def _drawn(self, step: int, rng: Random) -> Iterator[Round]:
        mixture = self._mixture
        first = step * mixture.corpus.count
        for at in in_turn(range(first, first + mixture.corpus.count), len(self._corpus), self._seed):
            yield replace(self._corpus[at], weight=mixture.corpus.weight)
        for part, rounds in ((mixture.options, self._options), (mixture.conditions, self._conditions)):
            for _ in range(_count(part, step)):
                yield replace(rng.choice(rounds), weight=part.weight)
        if self._stance is not None:
            for each in self._stance.some(step, _count(mixture.stance, step)):
                yield replace(each, weight=mixture.stance.weight)
        if self._argkp is not None:
            for _ in range(_count(mixture.argkp, step)):
                yield replace(self._argkp(rng), weight=mixture.argkp.weight)


def _count(part: Part, step: int) -> int:
    return part.count if step % part.every == 0 else 0


def corpus_round(each: CorpusRound) -> Round:
    """All members and all statements, with every rating."""
    rated = each.rated()
    return Round(rated.question, rated.opinions, rated.candidates, share_of(rated.ratings), whole=True)


def option_round(each: OptionSet) -> Round:
    """Everybody wants their own option and no other."""
    ratings = np.full((len(each.opinions), len(each.statements)), OTHERS)
    np.fill_diagonal(ratings, OWN)
    return Round(each.question, each.opinions, each.statements, share_of(ratings))


def condition_round(each: ConditionSet) -> Round:
    """Three statements for each person; what the others think of them is not known."""
    ratings = np.full((len(each.opinions), 3 * len(each.opinions)), np.nan)
    for row in range(len(each.opinions)):
        ratings[row, 3 * row : 3 * row + 3] = MET, BROKEN, SILENT
    said = [text for three in each.statements for text in (three.met, three.broken, three.silent)]
    return Round(each.question, each.opinions, tuple(said), share_of(ratings))
