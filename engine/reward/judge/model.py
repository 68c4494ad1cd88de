"""The language model as a reward model: one member, one statement, "how far would this person agree?"

Reads:  question, opinions and statements; the answers of a server (`engine.reward.judge.asking`).
Gives:  expected ratings in [1, 7], the mean over the digits' probabilities; NaN for a pair whose answer
        cannot be had or read, and a sentence when there is none at all.
Refrains from guessing, and from another model's scores: `engine.reward.scoring.stand_in` says who stands in
for it.

Each member's first statement is asked about alone and the others after it, all members side by side: a server
keeps what it has read only once a request has ended. Where several statements go into one question, their
order is shuffled by a seed and undone afterwards. Cancelling a call cancels its requests.
"""

import asyncio
import hashlib
import logging
import math
from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np

from engine.arrays import Floats
from engine.drafting.fitting import guessed_tokens
from engine.drafting.http.troubles import Failure
from engine.drafting.http.wire import Wire
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.local.llama import PATIENCE
from engine.drafting.servers.remote import STATEMENT_TOKENS, known_as
from engine.errors import ScoringError
from engine.reward.judge.answers import Reply, rating, ratings
from engine.reward.judge.asking import SAID_TOKENS, JudgeOptions, Known, Servers
from engine.reward.judge.cost import CANDIDATES, MEMBERS, SAMPLES, Cost, Way, cheaper, cost
from engine.reward.judge.prompts import LIST, PAIR, Prompt, about_one, about_several
from engine.reward.judge.routes import Wish
from engine.reward.model_info.calibration import SPAN
from engine.reward.scoring.scorer import SCORED_TOGETHER
from engine.types import HIGHEST_RATING, LOWEST_RATING

SHUFFLE_SEED = 0
"""Of the order in which several statements are asked about; with the texts it gives the order."""
NEAREST = 0.01
"""How near (rating points) to the ends of the scale a rating is told apart in a raw score."""

log = logging.getLogger(__name__)


class LanguageModelJudge:
    """Predicts agreement by asking a language model."""

    def __init__(self, options: JudgeOptions, patience: Patience | None = None) -> None:
        """Prepare; no server is asked yet. Raises ValueError where there is no address."""
        self._options = options
        usual = PATIENCE if options.local is not None else Patience()
        self._servers = Servers(options, patience or usual)
        self.name = f"llm:{known_as(options.model)}" if options.model else "llm"
        self.described = "a language model as judge, not asked yet"
        self._way: Way = "pairs"

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict as `RewardModel.score` does.

        Raises:
            ScoringError: no server answers, or none with a rating.
        """
        read = await self.read_opinions(question, opinions)
        return await read.score(range(len(opinions)), candidates)

    async def read_opinions(self, question: str, opinions: Sequence[str]) -> "JudgedOpinions":
        """Find out whether the servers answer, and how; the opinions go with each question.

        Raises:
            ScoringError: no server answers, or none with a rating.
        """
        self._servers.begin(self._most_tokens(question, opinions))
        async with self._servers.connected() as wire:
            known = self._taken_up(await self._servers.known(wire))
        return JudgedOpinions(self, question, opinions, known)

    async def check(self) -> str:
        """What the judge is, in a line for `accord doctor`, after a trial. Raises ScoringError."""
        self._servers.forget()
        async with self._servers.connected() as wire:
            self._taken_up(await self._servers.known(wire))
        return f"{self.name}; {self.described}"

    async def cost(self, members: int = MEMBERS, candidates: int = CANDIDATES) -> dict[Way, Cost]:
        """What a round would cost by either way, the one that is used first. Raises ScoringError."""
        async with self._servers.connected() as wire:
            known = self._taken_up(await self._servers.known(wire))
        other: Way = "list" if self._way == "pairs" else "pairs"
        return {
            way: cost(
                way, members, candidates,
                samples=known.route.samples, keeps=known.keeps, thinking=self._options.reasoning_tokens,
            )
            for way in (self._way, other)
        }  # fmt: skip

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Logits of (expected rating - 1) / 6, which a calibration is fitted on; not within an event loop.

        Raises:
            ScoringError: a pair has no rating.
        """
        found = asyncio.run(self.score(question, opinions, candidates))
        if np.isnan(found).any():
            raise ScoringError(
                "The judge gave no rating for {missing} of {of} pairs.",
                missing=int(np.isnan(found).sum()),
                of=found.size,
            )
        return raw(found)

    def _most_tokens(self, question: str, opinions: Sequence[str]) -> int:
        """Of the longest prompt of a round and its answer, by a careful guess."""
        longest = max(opinions, key=len, default="")
        asked = guessed_tokens(about_several(question, longest, ()).text)
        statements = SCORED_TOGETHER * (STATEMENT_TOKENS + SAID_TOKENS)
        return asked + statements + self._options.reasoning_tokens

    def _taken_up(self, known: Known) -> Known:
        """Name and describe the judge as it is asked from now on."""
        route, thinking = known.route, self._options.reasoning_tokens
        asks = self._options.asks
        self._way = (
            cheaper(samples=route.samples, keeps=known.keeps, thinking=thinking) if asks == "auto" else asks
        )
        prompt = PAIR if self._way == "pairs" else LIST
        sampled = f", mean of {SAMPLES} sampled answers" if route.samples else ""
        self.name = f"llm:{known_as(known.model)} ({prompt}{sampled})"
        how = (
            f"it tells no probabilities, so that each rating is the mean of {SAMPLES} sampled answers"
            if route.samples
            else "expected ratings by the probabilities of its answers"
        )
        asked = (
            "asked about one statement at a time"
            if self._way == "pairs"
            else f"asked about several statements at a time, shuffled by seed {SHUFFLE_SEED}"
        )
        calibrated = "calibrated" if self._options.calibration else "not calibrated"
        manners = f"; asked {self._servers.manners}" if self._servers.manners else ""
        self.described = f"a language model as judge, {asked}; {how}; {calibrated}{manners}"
        return known

    def rated(self, expected: Floats) -> Floats:
        """Expected ratings as this judge gives them: calibrated where a calibration is configured."""
        calibration = self._options.calibration
        return expected if calibration is None else calibration.ratings(raw(expected))

    @property
    def way(self) -> Way:
        """Whether it is asked about one statement at a time or about several."""
        return self._way

    @property
    def servers(self) -> Servers:
        """Whom to ask."""
        return self._servers


class JudgedOpinions:
    """The opinions of one round before a judge."""

    def __init__(
        self, judge: LanguageModelJudge, question: str, opinions: Sequence[str], known: Known
    ) -> None:
        self._judge, self._question, self._opinions, self._known = judge, question, opinions, known
        self._way = judge.way
        self._had: set[int] = set()  # members whose opinion a server has read
        self._calls = 0

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        """Predict as `ReadOpinions.score` does: NaN for a pair that could not be had.

        Raises:
            ScoringError: none could be had.
        """
        self._calls += 1
        found = np.full((len(people), len(candidates)), math.nan)
        failed: list[Failure] = []
        async with self._judge.servers.connected() as wire:
            asking = _Asking(self._judge, self._known, wire, self._judge.servers.deadline(), failed)
            async with asyncio.TaskGroup() as members:
                for row, person in enumerate(people):
                    members.create_task(self._member(asking, person, candidates, found[row]))
        self._report(found, failed)
        return self._judge.rated(found)

    async def _member(self, asking: "_Asking", person: int, candidates: Sequence[str], row: Floats) -> None:
        """Fill one member's row."""
        if self._way == "list":
            row[:] = await self._listed(asking, person, candidates)
            return
        alone = 0 if person in self._had else 1
        for places in (range(alone), range(alone, len(candidates))):
            async with asyncio.TaskGroup() as pairs:
                for place in places:
                    pairs.create_task(self._pair(asking, person, candidates[place], row, place))
        self._had.add(person)

    async def _pair(self, asking: "_Asking", person: int, candidate: str, row: Floats, place: int) -> None:
        prompt = about_one(self._question, self._opinions[person], candidate)
        row[place] = _mean([rating(reply) for reply in await asking.replies(prompt)])

    async def _listed(self, asking: "_Asking", person: int, candidates: Sequence[str]) -> Floats:
        """A member's ratings of all candidates, in the caller's order; the mean of several where sampled.

        Every answer is to another order, so that a liking for the first or the last evens out.
        """
        answers = np.full((asking.times, len(candidates)), math.nan)
        for at in range(asking.times):
            order = _order(candidates, f"{SHUFFLE_SEED}/{person}/{self._calls}/{at}")
            prompt = about_several(self._question, self._opinions[person], [candidates[i] for i in order])
            reply = await asking.reply(prompt, at, answers=len(candidates))
            if reply is not None:
                answers[at, order] = ratings(reply, len(candidates))
        return np.array([_mean(column) for column in answers.T.tolist()])

    def _report(self, found: Floats, failed: Sequence[Failure]) -> None:
        missing = int(np.isnan(found).sum())
        if not missing:
            return
        counts = Counter(map(str, failed))
        said = (
            ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
            or "no rating in the answer"
        )
        log.warning("the judge gave no rating for %d of %d pairs: %s", missing, found.size, said)
        if missing == found.size:
            self._judge.servers.forget()
            if failed:
                raise self._judge.servers.unusable(failed)
            raise ScoringError("The judge answers without a rating from 1 to 7.")


class _Asking:
    """The requests of one call; those that failed are collected."""

    def __init__(
        self, judge: LanguageModelJudge, known: Known, wire: Wire, deadline: float, failed: list[Failure]
    ) -> None:
        self._servers, self._known, self._wire = judge.servers, known, wire
        self._deadline, self._failed = deadline, failed
        self.times = SAMPLES if known.route.samples else 1

    async def replies(self, prompt: Prompt) -> list[Reply]:
        """The answers to one prompt: one, or as many samples as are averaged."""
        some = await asyncio.gather(*(self.reply(prompt, at) for at in range(self.times)))
        return [reply for reply in some if reply is not None]

    async def reply(self, prompt: Prompt, at: int, answers: int = 1) -> Reply | None:
        """One answer; None where it failed."""
        wish = Wish(self._servers.room(self._known.route, answers), seed=at + 1)
        try:
            return await self._servers.ask(self._wire, self._known, prompt, wish, self._deadline)
        except Failure as failure:
            self._failed.append(failure)
            return None


def raw(expected: Floats) -> Floats:
    """Logits of (rating - 1) / 6, of the shape of `expected`; NaN stays NaN."""
    share = (np.clip(expected, LOWEST_RATING + NEAREST, HIGHEST_RATING - NEAREST) - LOWEST_RATING) / SPAN
    scores: Floats = np.log(share) - np.log1p(-share)
    return scores


def _mean(values: Sequence[float]) -> float:
    """Of the answers that hold a rating; NaN where none does."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _order(candidates: Sequence[str], seed: str) -> list[int]:
    """The order to ask in: by the seed and the texts, the same on every machine."""
    digest = hashlib.sha256("\n".join([seed, *candidates]).encode()).digest()
    return Random(digest).sample(range(len(candidates)), len(candidates))  # noqa: S311 (repeatable, not secret)
