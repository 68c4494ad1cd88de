"""The main path: draft, screen, score, choose.

Reads:  a question and opinions; a generator and a reward model behind their ports.
Gives:  a `Mediation` with every usable candidate, best first, to whoever asked.
Refrains from I/O of its own: no chat, no store, no torch, no HTTP; the ports bring those.

Candidates are scored while others are still being drafted: one task drafts and screens, the caller's task
scores what has come so far, a few at a time, one scoring after the other. While no draft waits it scores
opinions as if they were candidates, one by one: the best of them is the baseline that drafting has to beat.
One reward model scores a round: where it fails and another stands in for it, that one scores all drafts.

A round that the model whose turn it is has not learnt to predict is not scored: its statement is the draft
that is closest to the other drafts and to the opinions. Closeness also parts drafts that a model's own
uncertainty leaves tied.

Where a first round's opinions are too many for one prompt, groups of them draft first, and the candidates are
drafted from what those wrote (`engine.group_drafts`). Each is scored against every opinion all the same.

In a revision the previous statement stands for election too. It is not screened and no draft that was asked
for, and it stays unless a draft is predicted to do better than it.

Last, where it is wished for, the model that drafted is asked what the chosen statement leaves open.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from engine import welfare
from engine.arrays import Floats
from engine.best_opinion import Baseline, closest_opinion
from engine.closeness import NAME as CLOSENESS
from engine.closeness import closeness, in_company, weight_of
from engine.draft_briefs import briefs, partial_reading, shuffled, telling_points
from engine.drafting.parsing.screening import COUNTED, Screen
from engine.errors import ScoringError, TooFewCandidatesError
from engine.group_drafts import GroupDrafts, group_drafts
from engine.groups.juries import Verdicts
from engine.groups.jury_choice import heard, require_seats, verdicts_of
from engine.groups.opinion_groups import Places, groups_of, told_of_groups
from engine.groups.opinion_kinds import FEWEST_SORTED, Kinds, kinds_of
from engine.open_points import open_points
from engine.ports import Costly, KnowsLimits, RewardModel, TellsOfWriting, TextGenerator, Uncertain
from engine.prompts import used
from engine.reward.scoring.scorer import SCORED_TOGETHER, RoundScorer
from engine.reward.scoring.stand_in import models_for
from engine.sentence import Said, in_a_row, sentence
from engine.types import (
    PREVIOUS,
    BestOpinion,
    Brief,
    Candidate,
    Draft,
    JuryHeard,
    Mediation,
    MediationRequest,
    ModelsUsed,
    OnProgress,
    PartialReading,
    Progress,
    Shortfall,
    Stage,
    Timings,
    WelfareName,
    Written,
    no_progress,
)

NOT_DRAFTED = "not drafted"
# Why so many drafts were dropped, in words.
_DROPPED: Mapping[str, str] = MappingProxyType({**COUNTED, NOT_DRAFTED: sentence("{count} not drafted")})
NO_LIMITS: Mapping[str, KnowsLimits] = MappingProxyType({})

log = logging.getLogger(__name__)


class Mediator:
    """Finds the statement of a group: drafts candidates, predicts everybody's agreement, takes the best."""

    def __init__(
        self,
        generator: TextGenerator,
        reward_model: RewardModel,
        *,
        minimum_usable: int = 2,
        limits: Mapping[str, KnowsLimits] = NO_LIMITS,
        asks_what_is_open: bool = False,
    ) -> None:
        """Prepare.

        Args:
            limits: what a reward model has not learnt, by its name; without, it is asked of everything.
            asks_what_is_open: whether a language model that drafted is asked, in one more request, what the
                chosen statement leaves open.
        """
        if minimum_usable < 1:
            raise ValueError("A mediation chooses from 1 candidate or more.")
        self._generator = generator
        self._reward_model = reward_model
        self._minimum_usable = minimum_usable
        self._limits = limits
        self._asks_what_is_open = asks_what_is_open

    async def mediate(self, request: MediationRequest, on_progress: OnProgress = no_progress) -> Mediation:
        """Draft, screen, score and choose; `on_progress` hears of each stage as it goes.

        A dropped draft counts as through both stages, so both end at `request.candidates`. Cancelling
        this call cancels the drafting.

        Raises:
            ValueError: there is no question, no opinion, or fewer candidates asked for than are needed.
            EmptySeatsError: too few participants for the seats of the request's jury.
            GenerationError: nothing could be drafted.
            TooFewCandidatesError: too few drafts can be used; the message counts the others by reason.
            ScoringError: a participant's agreement could not be predicted, asked twice.
        """
        self._check(request)
        round_ = _Round(request, on_progress, Screen(request.revision.statement if request.revision else ""))
        drafting = asyncio.create_task(self._draft(round_))
        try:
            await self._score(round_)
            await drafting
        finally:
            drafting.cancel()
            await asyncio.gather(drafting, return_exceptions=True)
        needed = self._minimum_usable if request.revision is None else 1  # besides the previous statement
        if len(round_.usable) < needed:
            raise _too_few(round_, needed)
        return await self._with_open_points(await asyncio.to_thread(self._chosen, round_), request)

    async def _with_open_points(self, mediation: Mediation, request: MediationRequest) -> Mediation:
        """With what the statement leaves open; a statement that stays is not looked through again."""
        if not (self._asks_what_is_open and mediation.model_used and mediation.is_better):
            return mediation
        left = await open_points(self._generator, request, mediation.statement)
        return mediation.model_copy(update={"leaves_open": left})

    def _check(self, request: MediationRequest) -> None:
        if not request.question.strip():
            raise ValueError("A mediation needs a question.")
        if not request.opinions or not all(opinion.text.strip() for opinion in request.opinions):
            raise ValueError("A mediation needs opinions, none of them empty.")
        if request.revision is not None and not request.revision.statement.strip():
            raise ValueError("A revision needs the statement that it revises.")
        require_seats(request)
        if request.candidates < self._minimum_usable:
            raise ValueError(f"A mediation needs {self._minimum_usable} candidates or more.")

    async def _unknown(self, model: RewardModel, round_: "_Round") -> str | None:
        """Why this model cannot predict this round; None where it can."""
        limits = self._limits.get(model.name)
        return await limits.unknown(round_.request.question, round_.opinions) if limits else None

    async def _draft(self, round_: "_Round") -> None:
        """Draft and screen, handing on what can be used; None says that no more will come."""
        try:
            round_.report(Stage.DRAFT)
            opinions = [opinion.text for opinion in round_.request.opinions]
            if self._generator.model_used and len(opinions) >= FEWEST_SORTED:
                round_.kinds = await asyncio.to_thread(kinds_of, opinions)
                round_.group_drafts = await group_drafts(
                    self._generator, round_.request, round_.kinds, round_.grouped
                )
            async with aclosing(self._drafts(round_)) as drafts:
                async for draft in drafts:
                    round_.arrived(draft)
            round_.all_arrived()
        finally:
            round_.draft_s = round_.elapsed()
            round_.waiting.put_nowait(None)

    def _drafts(self, round_: "_Round") -> AsyncGenerator[Draft, None]:
        generator, wanted = self._generator, round_.briefs()
        if isinstance(generator, TellsOfWriting):
            return generator.draft_telling(wanted, round_.hear)
        return generator.draft(wanted)

    async def _score(self, round_: "_Round") -> None:
        """Score by the model for this group; where it fails, all anew by the one that stands in for it.

        A model is asked nothing about a round that it does not know: closeness chooses then.
        """
        model, *others = models_for(self._reward_model, len(round_.opinions))
        while True:
            try:
                round_.unpredicted = await self._unknown(model, round_)
                await (self._gather(round_) if round_.unpredicted else self._score_by(model, round_))
                return
            except ScoringError as exc:
                if not others:
                    raise
                log.warning("the round is scored anew by another reward model (%s)", exc)
                round_.begin_again(without=model)
                model, *others = others

    async def _score_by(self, model: RewardModel, round_: "_Round") -> None:
        """Score what has been drafted so far, again and again, until drafting ends."""
        request = round_.request
        stored = [request.encoded.get(each.participant) for each in request.said]
        scorer = RoundScorer(model, request.question, round_.opinions, stored)
        began = round_.elapsed()
        await scorer.read_ahead(round_.read)
        round_.read_s += round_.elapsed() - began
        if request.revision:
            round_.previous = (await scorer.score([request.revision.statement]))[:, 0]
        baseline = Baseline(request, scorer, _tried(request, model))
        while True:
            while round_.waiting.empty() and baseline.unfinished:
                await baseline.try_next()
            if not (batch := await _next_batch(round_.waiting)):
                break
            round_.taken += batch
            began = round_.elapsed()
            texts = [draft.text.strip() for draft in batch]
            rewards = await scorer.score(texts)
            round_.score_s += round_.elapsed() - began
            round_.scored(batch, rewards)
        await self._finish(baseline, compared=request.compared)
        round_.groups = await asyncio.to_thread(groups_of, round_.predicted(), request.seed)
        round_.best_opinion = baseline.best(round_.groups)
        round_.scored_by = model.name
        round_.uncertainty = model.uncertainty if isinstance(model, Uncertain) else 0.0
        round_.closeness_weight = weight_of(model)

    async def _gather(self, round_: "_Round") -> None:
        """Take the drafts as they come, without asking the reward model about any."""
        round_.previous = np.empty(0)
        while batch := await _next_batch(round_.waiting):
            round_.scored(batch, np.empty((0, len(batch))))
        if round_.request.compared:
            round_.best_opinion = await asyncio.to_thread(closest_opinion, round_.request)
        round_.scored_by = f"{CLOSENESS} ({round_.unpredicted})"

    async def _finish(self, baseline: Baseline, *, compared: bool) -> None:
        """Try the opinions that are left, unless people have waited for a language model already.

        Drafting without one takes no time, so that there was none to try them in.
        """
        while baseline.unfinished and (compared or not self._generator.model_used):
            await baseline.try_next()

    def _chosen(self, round_: "_Round") -> Mediation:
        request = round_.request
        usable = [round_.usable[index] for index in sorted(round_.usable)]  # in the order of the drafts
        texts = [draft.text for draft, _ in usable]
        columns = [column for _, column in usable]
        if request.revision:
            texts, columns = [*texts, request.revision.statement], [*columns, round_.previous]
        scored = np.column_stack(columns)
        rewards = in_company(scored, texts, round_.opinions, weight=round_.closeness_weight)
        values, order, tied = _weighed(round_, texts, rewards)
        ranked = tuple(
            Candidate(
                text=texts[at].strip(),
                source=self._generator.name if at < len(usable) else PREVIOUS,
                seed=usable[at][0].brief.seed if at < len(usable) else request.seed,
                order=usable[at][0].brief.order if at < len(usable) else None,
                rewards=tuple(rewards[:, at].tolist()),
                welfare=float(values[at]),
            )
            for at in order
        )
        return Mediation(
            question=request.question,
            seed=request.seed,
            statement=ranked[0].text,
            winner=0,
            welfare_function=request.welfare,
            participants=tuple(each.participant for each in request.said),
            candidates=ranked,
            models=ModelsUsed(
                generator=self._generator.name,
                reward=round_.scored_by,
                prompt=used(self._generator.prompt, request.revision, telling_points(request.points)),
                unpredicted=round_.unpredicted,
            ),
            timings_s=Timings(
                read=round_.read_s, draft=round_.draft_s, score=round_.score_s, total=round_.elapsed()
            ),
            dropped=dict(round_.dropped),
            model_used=self._generator.model_used,
            best_opinion=round_.best_opinion,
            tied=tied,
            stood_in_for=round_.stood_in_for,
            reading=round_.reading([draft for draft, _ in usable]),
            shortfall=_shortfall(round_),
            jury=_jury_heard(round_, order),
            uncertainty=round_.margin,
            **told_of_groups(round_.groups, rewards[:, order], [each.participant for each in request.said]),
        )


def _jury_heard(round_: "_Round", order: Sequence[int]) -> JuryHeard | None:
    jury, verdicts = round_.request.jury, round_.verdicts
    return None if jury is None or verdicts is None else heard(jury, verdicts, order)


def _tried(request: MediationRequest, model: RewardModel) -> tuple[int, ...]:
    """The places of the opinions to try as a baseline, in the order of trying.

    None for a model that costs something, unless people are going to rate the best one.
    """
    if isinstance(model, Costly) and not request.compared:
        return ()
    places = shuffled(range(len(request.opinions)), request.seed)
    return places if request.compared else places[: request.candidates]


def _weighed(round_: "_Round", texts: Sequence[str], rewards: Floats) -> tuple[Floats, list[int], int]:
    """What each candidate is worth, their places, best first, and how many were tied for the best."""
    values, order, tied = _ranked(round_, texts, rewards)
    previous = len(texts) - 1
    if round_.request.revision and welfare.stays(values, previous, within=round_.margin):
        return values, [previous, *(at for at in order if at != previous)], 0
    return values, order, tied


def _ranked(round_: "_Round", texts: Sequence[str], rewards: Floats) -> tuple[Floats, list[int], int]:
    if round_.unpredicted is not None:
        values = closeness(texts, round_.opinions)
        return values, np.argsort(-values, kind="stable").tolist(), 0  # of equals the earlier one first
    function = round_.request.welfare
    round_.verdicts = verdicts_of(rewards, round_.request)
    if round_.verdicts is not None:
        values, order = round_.verdicts.verdict, list(round_.verdicts.order)
    else:
        values = welfare.welfare(rewards, function, round_.groups)
        order = welfare.rank(rewards, values)
    if not round_.margin:
        return values, order, 0
    near = closeness(texts, round_.opinions)
    return values, *welfare.part_ties(order, values, near, within=round_.margin)


def _shortfall(round_: "_Round") -> Shortfall | None:
    """Why fewer were drafted than asked for, where that was for lack of time."""
    if round_.written is None or not round_.written.late:
        return None
    asked = round_.request.candidates
    drafted = asked - round_.dropped[NOT_DRAFTED]
    return Shortfall(drafted=drafted, asked=asked, tokens_per_s=round_.written.per_s)


@dataclass
class _Round:
    """What one mediation has so far; drafting and scoring both write it, in one event loop.

    taken: the drafts that were handed to the reward model.
    scored_by, stood_in_for: names of what scored all, and of a reward model before it that could not.
    uncertainty, closeness_weight: of the reward model that scored all (`Uncertain`, `WeighsCloseness`).
    unpredicted: why the model whose turn it is cannot predict this round; None where it can.
    kinds: of the opinions; None where no model reads them, or they are few.
    group_drafts: what candidates are drafted from, where the opinions do not fit the generator's window.
    previous: in a revision, the rewards of the statement that it revises, by whoever scored all.
    written: how the generator gets on; None where it does not say.
    groups: of participants, by what the reward model that scored all predicts.
    verdicts: of juries, where the request names one.
    """

    request: MediationRequest
    on_progress: OnProgress
    screen: Screen
    waiting: asyncio.Queue[Draft | None] = field(default_factory=asyncio.Queue)
    taken: list[Draft] = field(default_factory=list)
    usable: dict[int, tuple[Draft, Floats]] = field(default_factory=dict)
    scored_by: str = ""
    stood_in_for: str | None = None
    uncertainty: float = 0.0
    closeness_weight: float = 0.0
    previous: Floats = field(default_factory=lambda: np.empty(0))
    dropped: Counter[str] = field(default_factory=Counter)
    best_opinion: BestOpinion | None = None
    drafted: int = 0
    began: float = field(default_factory=time.monotonic)
    unpredicted: str | None = None
    kinds: Kinds | None = None
    group_drafts: GroupDrafts | None = None
    written: Written | None = None
    groups: Places = ()
    verdicts: Verdicts | None = None
    draft_s: float = 0.0
    read_s: float = 0.0
    score_s: float = 0.0

    @property
    def opinions(self) -> list[str]:
        """One text for each participant; in a revision their critique too."""
        return [each.text for each in self.request.said]

    @property
    def margin(self) -> float:
        """Up to which difference in welfare the reward model cannot tell which is better.

        Its uncertainty is in rating points, and tells nothing of a welfare that is not.
        """
        return 0.0 if self.request.welfare.name is WelfareName.GROUP_INFORMED else self.uncertainty

    def predicted(self) -> Floats:
        """What the reward model says of the drafts so far, in their order: shape (participants, drafts)."""
        columns = [self.usable[index][1] for index in sorted(self.usable)]
        return np.column_stack(columns) if columns else np.empty((len(self.opinions), 0))

    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def briefs(self) -> list[Brief]:
        """The task of each candidate: from the opinions, or from what groups of them drafted."""
        if self.group_drafts is None:
            return briefs(self.request, self.kinds)
        return briefs(self.group_drafts.request(self.request))

    def reading(self, drafts: Sequence[Draft]) -> PartialReading | None:
        """What of the opinions those drafts rest on; None where each rests on all."""
        if self.group_drafts is None:
            return partial_reading(drafts, self.request, self.kinds)
        return self.group_drafts.reading(drafts, self.request, self.kinds)

    def grouped(self, done: int, total: int) -> None:
        self.on_progress(Progress(Stage.GROUPS, done, total))

    def read(self, done: int, total: int) -> None:
        self.on_progress(Progress(Stage.READ, done, total))

    def hear(self, written: Written) -> None:
        self.written = written
        self.report(Stage.DRAFT)

    def arrived(self, draft: Draft) -> None:
        self.drafted += 1
        self.report(Stage.DRAFT)
        if reason := self.screen.judge(draft):
            self._drop(reason, 1)
        else:
            self.waiting.put_nowait(draft)

    def all_arrived(self) -> None:
        """Whatever has not come by now never will."""
        if missing := self.request.candidates - self.drafted:
            self.drafted = self.request.candidates
            self.report(Stage.DRAFT)
            self._drop(NOT_DRAFTED, missing)

    def scored(self, drafts: Sequence[Draft], rewards: Floats) -> None:
        for column, draft in enumerate(drafts):
            self.usable[draft.brief.index] = draft, rewards[:, column]
        self.report(Stage.SCORE)

    def begin_again(self, *, without: RewardModel) -> None:
        """Have every draft wait again, the first that came first, and keep nothing of the scores."""
        drafts, later = self.taken, self.waiting
        self.taken, self.waiting = [], asyncio.Queue()
        for draft in drafts:
            self.waiting.put_nowait(draft)
        while not later.empty():
            self.waiting.put_nowait(later.get_nowait())
        self.usable.clear()
        self.stood_in_for = without.name
        self.report(Stage.SCORE)

    def report(self, stage: Stage) -> None:
        done = self.drafted if stage is Stage.DRAFT else len(self.usable) + self.dropped.total()
        written = self.written if stage is Stage.DRAFT else None
        self.on_progress(Progress(stage, done, self.request.candidates, written))

    def _drop(self, reason: str, count: int) -> None:
        self.dropped[str(reason)] += count
        self.report(Stage.SCORE)


async def _next_batch(waiting: asyncio.Queue[Draft | None]) -> list[Draft]:
    """Wait for a draft and take those that wait behind it; empty when drafting has ended."""
    batch: list[Draft] = []
    draft = await waiting.get()
    while draft is not None:
        batch.append(draft)
        if len(batch) == SCORED_TOGETHER or waiting.empty():
            return batch
        draft = waiting.get_nowait()
    if batch:
        waiting.put_nowait(None)  # the end is for the next call
    return batch


def _too_few(round_: _Round, needed: int) -> TooFewCandidatesError:
    dropped = sorted(round_.dropped.items())
    reasons = [Said(_DROPPED[reason], {"count": count}) for reason, count in dropped]
    usable, of = len(round_.usable), round_.request.candidates
    return TooFewCandidatesError(
        "Only {usable} of {of} drafts can be used and {needed} are needed ({reasons}).",
        usable=usable,
        of=of,
        needed=needed,
        reasons=in_a_row(reasons),
    )
