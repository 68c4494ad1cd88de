"""Opinions into points to vote on: one idea each, in the words of whoever said it first.

Reads:  opinions, hostile ones too; for `split_by_model` a text generator with the template
        `engine.prompts.ONE_IDEA_EACH`.
Gives:  `OpinionPoint`s in the order of the opinions; what several said, once, with all who said it.
Refrains from changing words: without a model a point is a run of one member's sentences, as in a digest. What
a model gives counts only where every word that tells something is the member's own, and nothing that they
deny is said without the denial; else that opinion is split without a model. A prompt holds one opinion alone,
so that nobody's words can work on another's.

Points say the same as in a digest: much the same words, the same numbers, the same yes or no.
Finding the same ones compares only texts that share one of their rarest words (prefix filtering, Chaudhuri,
Ganti and Kaushik 2006), so that thousands of points take seconds.
"""

import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from engine.draft_briefs import candidate_seed
from engine.drafting.digest.points import LONGEST, SAME, SAME_CONDITION, points_of, signs_of
from engine.drafting.digest.signs import content, is_condition, parts
from engine.drafting.sentences import length_of, polished
from engine.errors import GenerationError
from engine.ports import TextGenerator
from engine.prompts import leaks
from engine.text import denies, normalised, sentences
from engine.types import Brief, Draft, OpinionPoint, ParticipantOpinion

BATCH = 64
"""Opinions that a generator is handed at once."""
LONGEST_ASKED = 200
"""Words of an opinion that a model is asked about; its reply has room for no more."""
TELLING = 2
"""Words that tell something, from which a point can be voted on."""
_BETWEEN = re.compile(r"\s*\|\s*")

log = logging.getLogger(__name__)


def split(question: str, opinions: Sequence[ParticipantOpinion]) -> list[OpinionPoint]:
    """The points of the opinions, without a model.

    An opinion that tells nothing by itself ("Yes.") has none; neither has one that only repeats the question.
    """
    return _merged(question, [_plain(opinion) for opinion in opinions])


async def split_by_model(
    question: str, opinions: Sequence[ParticipantOpinion], generator: TextGenerator, seed: int = 0
) -> list[OpinionPoint]:
    """The points of the opinions, by a language model; by `split` for each opinion where it gives none."""
    ideas: dict[str, list[str]] = {}
    asked = [each for each in dict.fromkeys(opinion.text for opinion in opinions) if _may_ask(each)]
    for at in range(0, len(asked), BATCH):
        briefs = [
            Brief(index, text, (), candidate_seed(seed, at + index))
            for index, text in enumerate(asked[at : at + BATCH])
        ]
        try:
            async with aclosing(generator.draft(briefs)) as drafts:
                async for draft in drafts:  # by its own opinion: a server may answer one prompt several times
                    ideas.setdefault(draft.brief.question, _ideas(draft))
        except GenerationError as exc:
            log.warning("opinions are split without a model (%s)", type(exc).__name__)
            break
    found = [
        [_Idea(idea, opinion.participant) for idea in ideas[opinion.text]]
        if ideas.get(opinion.text)
        else _plain(opinion)
        for opinion in opinions
    ]
    return _merged(question, found)


def traceable(idea: str, opinion: str) -> bool:
    """Whether an idea says nothing that the opinion does not: each word that tells something is in it, and
    none of a part that denies is there without a denial."""
    told = set(content(idea))
    if not told <= set(content(opinion)):
        return False
    numbers, _ = signs_of(idea)
    if not numbers <= signs_of(opinion)[0]:
        return False
    if denies(idea):
        return denies(opinion)
    denied, affirmed = set[str](), set[str]()
    for part in parts(opinion):
        (denied if denies(part) else affirmed).update(content(part))
    return told.isdisjoint(denied - affirmed)


@dataclass(frozen=True)
class _Idea:
    """text: as it is shown; words: those that tell something; sense: numbers, yes or no, condition."""

    text: str
    participant: str
    words: frozenset[str] = field(init=False)
    sense: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", frozenset(content(self.text)))
        object.__setattr__(self, "sense", (is_condition(self.text), *signs_of(self.text)))

    @property
    def likeness(self) -> float:
        """How much another idea has to be like this one, to be the same."""
        return SAME_CONDITION if self.sense[0] else SAME


def _plain(opinion: ParticipantOpinion) -> list[_Idea]:
    return [_Idea(said.text, opinion.participant) for said in points_of(0, opinion.text, apart=True)]


def _may_ask(opinion: str) -> bool:
    return bool(opinion.strip()) and not leaks(opinion) and length_of(opinion) <= LONGEST_ASKED


def _ideas(draft: Draft) -> list[str]:
    """The ideas in a model's answer about one opinion; none where any of them is not the opinion's."""
    if draft.finish_reason != "stop" or leaks(draft.text):
        return []
    whole = _BETWEEN.split(draft.text.strip(" |"))
    found = [polished(idea) for idea in (whole if len(whole) > 1 else sentences(draft.text)) if idea.strip()]
    fit = all(length_of(idea) <= LONGEST and traceable(idea, draft.brief.question) for idea in found)
    return found if fit else []


def _merged(question: str, found: Sequence[Sequence[_Idea]]) -> list[OpinionPoint]:
    """The ideas as points, what is the same as one before it joined to that one."""
    told = [idea for ideas in found for idea in ideas if len(idea.words) >= TELLING]
    told = [idea for idea in told if normalised(idea.text) != normalised(question)]
    seen = _Seen(Counter(word for idea in told for word in idea.words))
    points: list[OpinionPoint] = []
    for idea in told:
        at = seen.place_of(idea)
        if at == len(points):
            points.append(OpinionPoint(idea.text, idea.participant))
        elif idea.participant not in points[at].askers:
            points[at] = replace(points[at], also=(*points[at].also, idea.participant))
    return points


class _Seen:
    """The ideas so far, found again by their rarest words."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._ideas: list[_Idea] = []
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)

    def place_of(self, idea: _Idea) -> int:
        """The place of the first idea that is the same; a new one, where there is none."""
        rare = list(self._rare(idea))
        for at in sorted({at for word in rare for at in self._by_word[word]}):
            if _same(self._ideas[at], idea):
                return at
        for word in rare:
            self._by_word[word].append(len(self._ideas))
        self._ideas.append(idea)
        return len(self._ideas) - 1

    def _rare(self, idea: _Idea) -> Iterator[str]:
        """So many of the rarest words that an idea that is the same shares one of them: of n words it has
        likeness ** 2 * n at least."""
        ordered = sorted(idea.words, key=lambda word: (self._counts[word], word))
        shared = math.ceil(idea.likeness**2 * len(ordered) - 1e-9)
        yield from ordered[: len(ordered) - shared + 1]


def _same(one: _Idea, other: _Idea) -> bool:
    if one.sense != other.sense:
        return False
    common = len(one.words & other.words)
    return common >= one.likeness * math.sqrt(len(one.words) * len(other.words))
