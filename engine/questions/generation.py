"""New debate questions from old ones, and a position statement for and against each, through the drafter.

Reads:  seed questions, the questions that are there already, and text generators with the templates
        "questions", "affirming" and "negating" (`engine.prompts.SERVICES`).
Gives:  questions that pass every filter, with both statements, and counts of what was dropped and why.
Refrains from judging whether a question is worth asking: a person reads them before anybody else does.

What a model writes is held to what the bank's questions are: one question about public policy that can be
answered with yes or no, of a usual length, and not one that is there already in other words.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from engine.draft_briefs import candidate_seed
from engine.drafting.sentences import length_of
from engine.ports import TextGenerator
from engine.prompts import echoes, leaks
from engine.questions.bank import stems
from engine.text import normalised
from engine.types import Brief, Draft, Frozen

SHOWN = 8
"""Seed questions in one prompt."""
ROUNDS = 3
"""How often more is asked for when too little was usable."""
SHORTEST, LONGEST = 4, 40
"""Words of a question: the bank's shortest and longest ones have as many."""
LONGEST_POSITION = 45
ALIKE = 0.75
"""Share of content words in common (of those in either) from which two questions ask for the same thing."""
_YES_NO = re.compile(
    r"(?:if [^?]{3,80}, )?(?:should|shall|must|ought|is|are|was|were|do|does|did|has|have"
    r"|will|would|can|could)(?:n't)?\b",
    re.IGNORECASE,
)
_OBLIGES = re.compile(
    r"\b(?:should|shall|must|ought|right|wrong|fair|unfair|acceptable|justified)\b", re.IGNORECASE
)
_PUBLIC = frozenset(
    stems(
        """government state parliament council law laws legal illegal ban banned prohibit forbid allow allowed
        compulsory mandatory require required regulate tax taxes subsidy fund funding spend budget benefit
        wage public police prison court crime vote voting election school university education health hospital
        NHS housing rent transport rail energy climate emissions immigration asylum military army trade
        citizens country nation society company companies businesses employers"""
    )
)


class Dropped(StrEnum):
    """Why a text is no new question."""

    EMPTY = "empty"
    CUT_OFF = "cut off"
    INSTRUCTIONS = "copy of the instructions"
    LENGTH = "too short or too long"
    NOT_YES_NO = "not a yes/no question"
    NOT_POLICY = "not about public policy"
    DUPLICATE = "there already"
    NEAR_DUPLICATE = "there already in other words"
    NO_POSITIONS = "without usable position statements"


class NewQuestion(Frozen):
    """A question with its position statements."""

    question: str
    affirming: str
    negating: str


class Generated(Frozen):
    """What came of it. dropped: how many texts by reason. models: who wrote, by which prompt."""

    questions: tuple[NewQuestion, ...]
    dropped: dict[Dropped, int]
    generator: str
    prompts: tuple[str, ...]
    seed: int = Field(ge=0)


@dataclass(frozen=True)
class Drafters:
    """One generator for each task, each with its template."""

    questions: TextGenerator
    affirming: TextGenerator
    negating: TextGenerator


@dataclass
class Sieve:
    """Lets each question through once. It knows what is there already, word by word."""

    known: Iterable[str]
    _forms: set[str] = field(default_factory=set)
    _words: list[frozenset[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for question in self.known:
            self._remember(question)

    def judge(self, draft: Draft) -> Dropped | None:
        """Why this text is no new question; None lets it through, and remembers it."""
        reason = unusable(draft.text, cut_off=draft.finish_reason != "stop") or self._repeated(draft.text)
        if reason is None:
            self._remember(draft.text)
        return reason

    def _repeated(self, question: str) -> Dropped | None:
        if normalised(question) in self._forms:
            return Dropped.DUPLICATE
        said = frozenset(stems(question))
        near = any(len(said & there) >= ALIKE * len(said | there) for there in self._words)
        return Dropped.NEAR_DUPLICATE if near else None

    def _remember(self, question: str) -> None:
        self._forms.add(normalised(question))
        self._words.append(frozenset(stems(question)))


def unusable(question: str, *, cut_off: bool = False) -> Dropped | None:
    """Why a text is no yes/no question about public policy of a usual length, as far as words can tell."""
    if not normalised(question):
        return Dropped.EMPTY
    if cut_off:
        return Dropped.CUT_OFF
    if leaks(question) or echoes(question):
        return Dropped.INSTRUCTIONS
    if not question.rstrip().endswith("?") or question.count("?") > 1 or not _YES_NO.match(question):
        return Dropped.NOT_YES_NO
    if not SHORTEST <= length_of(question) <= LONGEST:
        return Dropped.LENGTH
    if not _OBLIGES.search(question) and not _PUBLIC & set(stems(question)):
        return Dropped.NOT_POLICY
    return None


async def generate(
    drafters: Drafters,
    seeds: Sequence[str],
    *,
    wanted: int,
    seed: int = 0,
    topic: str = "",
    known: Sequence[str] = (),
) -> Generated:
    """Write `wanted` new questions, or as many as a few rounds of asking give.

    Args:
        seeds: questions to be like, at least one; each prompt shows some of them, drawn by `seed`.
        topic: what the new questions are about; empty for the seeds' own topics.
        known: further questions not to repeat, beside the seeds.

    Raises:
        GenerationError: a generator gives no text at all.
        ValueError: no seeds.
    """
    if not seeds:
        raise ValueError("there are no questions to start from")
    sieve, dropped, found = Sieve([*seeds, *known]), Counter[Dropped](), list[NewQuestion]()
    asked = 0
    for _ in range(ROUNDS):
        missing = wanted - len(found)
        if missing <= 0:
            break
        briefs = [_brief(asked + at, seeds, seed, topic) for at in range(2 * missing)]
        asked += len(briefs)
        passed = []
        for draft in await _drafts(drafters.questions, briefs):
            reason = sieve.judge(draft)
            if reason is None:
                passed.append(draft.text)
            else:
                dropped[reason] += 1
        with_both = await positions(drafters, passed[:missing], seed=seed)
        dropped[Dropped.NO_POSITIONS] += len(passed[:missing]) - len(with_both)
        found += with_both
    names = (drafters.questions.prompt, drafters.affirming.prompt, drafters.negating.prompt)
    return Generated(
        questions=tuple(found),
        dropped={reason: count for reason, count in sorted(dropped.items()) if count},
        generator=drafters.questions.name,
        prompts=names,
        seed=seed,
    )


async def positions(drafters: Drafters, questions: Sequence[str], *, seed: int = 0) -> list[NewQuestion]:
    """Both position statements of each question, in their order; without those that got no usable pair.

    Raises:
        GenerationError: a generator gives no text at all.
    """
    if not questions:
        return []
    briefs = [Brief(at, question, (), candidate_seed(seed, at)) for at, question in enumerate(questions)]
    affirming = {draft.brief.index: draft for draft in await _drafts(drafters.affirming, briefs)}
    negating = {draft.brief.index: draft for draft in await _drafts(drafters.negating, briefs)}
    return [
        NewQuestion(question=question, affirming=affirming[at].text, negating=negating[at].text)
        for at, question in enumerate(questions)
        if at in affirming and at in negating and usable_pair(question, affirming[at], negating[at])
    ]


def usable_pair(question: str, affirming: Draft, negating: Draft) -> bool:
    """Whether both are statements on the question, and not the same one."""
    if normalised(affirming.text) == normalised(negating.text):
        return False
    return all(_is_position(question, draft) for draft in (affirming, negating))


def _is_position(question: str, draft: Draft) -> bool:
    about = set(stems(question))
    if draft.finish_reason != "stop" or leaks(draft.text) or "?" in draft.text:
        return False
    return 3 <= length_of(draft.text) <= LONGEST_POSITION and 2 * len(about & set(stems(draft.text))) >= len(
        about
    )


def _brief(index: int, seeds: Sequence[str], seed: int, topic: str) -> Brief:
    own = candidate_seed(seed, index)
    shown = random.Random(own).sample(list(seeds), min(SHOWN, len(seeds)))  # noqa: S311 (repeatable)
    return Brief(index, topic, tuple(shown), own)


async def _drafts(drafter: TextGenerator, briefs: Sequence[Brief]) -> list[Draft]:
    """All drafts, in the order of their briefs: whichever comes first, the same ones pass."""
    return sorted([draft async for draft in drafter.draft(briefs)], key=lambda draft: draft.brief.index)
