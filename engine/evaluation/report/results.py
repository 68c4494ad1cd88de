"""Everything that is measured of a feedback export, in one object.

Reads:  `FeedbackRecord`s, and a reward model where another than the recorded one is to be judged, with the
        corpus on which its choice is judged.
Gives:  `EvaluationReport`: numbers and sentences, the same for the same records, seed and model.
Refrains from texts: neither opinions nor statements nor questions are in it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from pydantic import AwareDatetime, Field

from engine.arrays import Floats
from engine.evaluation.corpus.exam import Exam, examine
from engine.evaluation.corpus.reading import Corpus
from engine.evaluation.feedback.arms import Comparison, Outsiders, compared, outsiders
from engine.evaluation.feedback.divisiveness import Divisiveness, baseline_views, divisiveness, on_divisive
from engine.evaluation.feedback.functions import WelfareComparison, compare_functions
from engine.evaluation.feedback.opinion_groups import OpinionGroups, opinion_groups
from engine.evaluation.feedback.prediction import Accuracy, accuracy, pairs_to_predict, predicted_by
from engine.evaluation.feedback.ratings import Mask, Ratings
from engine.evaluation.feedback.reliability import reliability
from engine.evaluation.feedback.rounds import RoundsCompared, rounds_compared
from engine.evaluation.feedback.topics import TopicAsked, topics_asked
from engine.evaluation.feedback.winners import Winners, winners
from engine.evaluation.intervals import DRAWS, FEW_GROUPS, Bootstrap, Estimate
from engine.feedback.record import FeedbackRecord
from engine.ports import RewardModel
from engine.question_kinds import KIND_WORDS
from engine.questions.splits import question_id
from engine.types import Arm, Frozen

REPORT_SCHEMA = 1


class Data(Frozen):
    """What was evaluated. hash: SHA-256 over the records; doubles: records that a later one replaced.

    first, last: when the first and the last deliberation was settled.
    """

    hash: str
    ratings: int = Field(ge=1)
    doubles: int = Field(ge=0)
    groups: int = Field(ge=1)
    teams: int = Field(ge=1)
    deliberations: int = Field(ge=1)
    statements: int = Field(ge=1)
    raters: int = Field(ge=1)
    first: AwareDatetime
    last: AwareDatetime
    generators: tuple[str, ...]
    prompts: tuple[str, ...]


class Reliability(Frozen):
    """Krippendorff's alpha for ordinal ratings; None where it is not defined."""

    agreement: Estimate | None
    quality: Estimate | None


class EvaluationReport(Frozen):
    """A part that the records say nothing of is None or empty, and `missing` says why, in a sentence.

    divisive, united: the arms on questions that divided the group beforehand, and on the others.
    exam: of the model that is judged now, on a corpus; None for recorded predictions.
    rounds: the first round beside the second; None where no statement was revised.
    opinion_groups: how each group took the statement; None where no statement was rated by two of them.
    winners: which arm wins, by jury; None where too few took both sides of a position statement.
    topics: the clusters of the question bank that were asked about.
    notes: what a reader must know to judge the numbers.
    """

    schema_version: int = REPORT_SCHEMA
    seed: int = Field(ge=0)
    draws: int = Field(ge=1)
    data: Data
    arms: Comparison
    divisive: Comparison | None
    united: Comparison | None
    divisiveness: Divisiveness | None
    outsiders: tuple[Outsiders, ...]
    welfare: WelfareComparison
    reliability: Reliability
    accuracy: Accuracy | None
    exam: Exam | None = None
    rounds: RoundsCompared | None = None
    opinion_groups: OpinionGroups | None = None
    winners: Winners | None = None
    topics: tuple[TopicAsked, ...] = ()
    missing: dict[str, str]
    notes: tuple[str, ...]


def evaluate(
    records: Iterable[FeedbackRecord],
    *,
    seed: int = 0,
    model: RewardModel | None = None,
    learnt: Collection[str] = (),
    corpus: Corpus | None = None,
    draws: int = DRAWS,
    on_pairs: Callable[[int], None] = lambda pairs: None,
) -> EvaluationReport:
    """Measure everything.

    Args:
        model: judged in place of the predictions in the records.
        learnt: ids (`question_id`) of questions that `model` has learnt from: it is not judged on them.
        corpus: what `model` picks from, usually one split; None: there is none.
        on_pairs: hears how many pairs of an opinion and a statement `model` is going to be asked about.

    Raises:
        ValueError: there are no records.
        ScoringError: the model cannot score.
    """
    given = Ratings.of(records)
    ratings = given.where(~given.own())
    if not len(ratings):
        raise ValueError("there are no ratings of anybody else's words to evaluate")
    bootstrap = Bootstrap(ratings.groups, seed=seed, draws=draws)
    recorded, seen = None, np.zeros(len(ratings), dtype=np.bool_)
    if model is not None:
        recorded = ratings.predicted if np.isfinite(ratings.predicted).any() else None
        seen = np.array([question_id(record.question) in learnt for record in ratings.records])
        on_pairs(pairs_to_predict(ratings) + (corpus.pairs if corpus else 0))
        ratings = ratings.with_predicted(np.where(seen, np.nan, predicted_by(model, ratings)))
    name = _models(ratings) if model is None else model.name
    parts = _Parts(ratings, bootstrap, recorded, name, seen, judged_now=model is not None)
    parts.measure()
    if model is not None and corpus is not None:
        parts.exam = examine(model, corpus, seed=seed, draws=draws)
    return EvaluationReport(
        seed=seed,
        draws=draws,
        data=_data(given),
        arms=parts.arms,
        divisive=parts.divisive,
        united=parts.united,
        divisiveness=parts.divisiveness,
        outsiders=parts.outsiders,
        welfare=parts.welfare,
        reliability=parts.reliability,
        accuracy=parts.accuracy,
        exam=parts.exam,
        rounds=rounds_compared(ratings, bootstrap),
        opinion_groups=parts.opinion_groups,
        winners=parts.winners,
        topics=parts.topics,
        missing=_missing(parts),
        notes=(
            *_notes(ratings, parts),
            *_unrevised(ratings),
            *_own(len(given), len(given) - len(ratings)),
            *_guesses(parts.exam),
        ),
    )


@dataclass
class _Parts:
    ratings: Ratings
    bootstrap: Bootstrap
    recorded: Floats | None
    model: str
    seen: Mask
    judged_now: bool
    divisive: Comparison | None = None
    united: Comparison | None = None
    divisiveness: Divisiveness | None = None
    exam: Exam | None = None
    arms: Comparison = field(init=False)
    outsiders: tuple[Outsiders, ...] = field(init=False)
    welfare: WelfareComparison = field(init=False)
    reliability: Reliability = field(init=False)
    accuracy: Accuracy | None = field(init=False)
    opinion_groups: OpinionGroups | None = field(init=False)
    winners: Winners | None = field(init=False)
    topics: tuple[TopicAsked, ...] = field(init=False)

    def measure(self) -> None:
        ratings, bootstrap = self.ratings, self.bootstrap
        self.arms = compared(ratings, bootstrap)
        self.outsiders = outsiders(ratings, bootstrap)
        self.welfare = compare_functions(ratings, bootstrap)
        self.reliability = Reliability(
            agreement=reliability(ratings, ratings.agreement, bootstrap),
            quality=reliability(ratings, ratings.quality, bootstrap),
        )
        self.accuracy = accuracy(ratings, self.recorded, self.model, bootstrap)
        self.opinion_groups = opinion_groups(ratings, bootstrap)
        self.winners = winners(ratings, bootstrap)
        self.topics = topics_asked(ratings, bootstrap)
        self._measure_divisiveness()

    def _measure_divisiveness(self) -> None:
        before = baseline_views(self.ratings)
        if before is None:
            return
        self.divisiveness = divisiveness(self.ratings, before, self.bootstrap)
        divided = on_divisive(self.ratings, before)
        known = np.isin(self.ratings.meeting, before.meeting[np.isfinite(before.agreement)])
        self.divisive = self._compared(divided)
        self.united = self._compared(known & ~divided)

    def _compared(self, mask: Mask) -> Comparison | None:
        return compared(self.ratings.where(mask), self.bootstrap) if mask.any() else None


def _data(ratings: Ratings) -> Data:
    records = ratings.records
    settled: list[datetime] = [record.settled_at for record in records]
    digest = hashlib.sha256()
    for record in records:
        digest.update(record.model_dump_json().encode() + b"\n")
    return Data(
        hash=digest.hexdigest(),
        ratings=len(records),
        doubles=ratings.doubles,
        groups=ratings.groups,
        teams=len({record.team for record in records}),
        deliberations=len(np.unique(ratings.meeting)),
        statements=len(np.unique(ratings.statement)),
        raters=len({(record.team, record.deliberation_id, record.participant) for record in records}),
        first=min(settled),
        last=max(settled),
        generators=tuple(sorted({record.generator for record in records})),
        prompts=tuple(sorted({record.prompt for record in records})),
    )


def _models(ratings: Ratings) -> str:
    return ", ".join(sorted({record.reward_model for record in ratings.records}))


def _missing(parts: _Parts) -> dict[str, str]:
    """A sentence for each part that there is nothing to say about."""
    asked = any(arm.quality for arm in parts.arms.arms)
    said = {
        "wins": None if parts.arms.wins else NO_PAIRS,
        "best_opinion": None if _has(parts.arms, Arm.BEST_OPINION) else NO_BEST_OPINION,
        "quality": None if asked else NO_QUALITY,
        "unanimity": None if any(arm.unanimous for arm in parts.arms.arms) else NO_SHARED,
        "divisiveness": None if parts.divisiveness else NO_BASELINE,
        "divisive": None if parts.divisive else (NO_DIVISIVE if parts.divisiveness else NO_BASELINE),
        "united": None if parts.united else (NO_UNITED if parts.divisiveness else NO_BASELINE),
        "outsiders": None if parts.outsiders else NO_OUTSIDERS,
        "opinion_groups": None if parts.opinion_groups else NO_OPINION_GROUPS,
        "winners": None if parts.winners else NO_WINNERS,
        "topics": None if parts.topics else NO_TOPICS,
        "arm_welfare": None if parts.welfare.arms else NO_SHARED,
        "choices": None if parts.welfare.choices else NO_CHOICES,
        "reliability_agreement": None if parts.reliability.agreement else _no_alpha("agreement"),
        "reliability_quality": None if parts.reliability.quality else _no_alpha_of_quality(asked),
        "accuracy": None if parts.accuracy else _no_accuracy(parts),
        "exam": NO_CORPUS if parts.judged_now and parts.exam is None else None,
        "pairwise": None if parts.accuracy and parts.accuracy.predictors else NO_PREFERENCES,
    }
    return {name: sentence for name, sentence in said.items() if sentence}


def _has(comparison: Comparison, arm: Arm) -> bool:
    return any(win.over is arm for win in comparison.wins)


NO_PAIRS = (
    "Nobody rated statements of two arms in the same round, so there are no win rates; a study shows people "
    "several."
)
NO_BEST_OPINION = (
    "No arm was rated beside the best human opinion, so there is no win rate over it; add the arm "
    "best-opinion to a study."
)
NO_QUALITY = "Quality was not asked."
NO_SHARED = "No statement was rated by two people or more, so nothing can be said of groups."
NO_BASELINE = (
    "No group rated a position statement beforehand and took a side, so it is not known which questions "
    "divide; ask for a baseline."
)
NO_DIVISIVE = "No question divided its group beforehand."
NO_UNITED = "Every question divided its group beforehand."
NO_OUTSIDERS = (
    "No statement was rated both by people whose opinion its drafter read and by others; the arm "
    "leave-one-out of a study has such statements."
)
NO_OPINION_GROUPS = (
    "No statement was rated by three people or more of each of two opinion groups; groups are looked for "
    "from 8 members on, outside of studies, and older records don't have them."
)
NO_WINNERS = (
    "Fewer than three rounds with several statements were rated by people on both sides of a position "
    "statement, or fewer than three people were on a side, so winners by jury are left out."
)
NO_TOPICS = "No question is from the question bank, so there are no topics to tell of."
NO_CHOICES = (
    "In no round did two people rate the same two statements or more with a prediction for each, so there "
    "was nothing for a welfare function to choose from."
)
NO_PREDICTIONS = "The records hold no predicted ratings; give a reward model with --reward."
NO_OPINIONS = "No rating comes with its rater's opinion, so a reward model has nothing to predict from."
ALL_LEARNT = (
    "The reward model has learnt from every question here, so it is not judged; name feedback on others."
)
NO_CORPUS = (
    "The corpus of deliberations is not there, so what the reward model picks is not measured; name its "
    "folder with --corpus."
)
NO_PREFERENCES = (
    "No person rated two statements of a round differently that every predictor has a score for, so "
    "accuracy within person is not defined."
)


def _no_accuracy(parts: _Parts) -> str:
    if parts.seen.all():
        return ALL_LEARNT
    return NO_OPINIONS if parts.judged_now else NO_PREDICTIONS


def _no_alpha(what: str) -> str:
    return f"Alpha of {what} is not defined: no statement has two such ratings, or all of them are the same."


def _no_alpha_of_quality(asked: bool) -> str:
    return _no_alpha("quality") if asked else NO_QUALITY


def _unrevised(ratings: Ratings) -> Iterable[str]:
    """A study's questions whose second vote was not held, where others' was."""
    questions: dict[tuple[str, str | None], dict[str, bool]] = {}
    for each in ratings.records:
        if each.study is not None:
            of = questions.setdefault((each.team, each.study), {})
            of[each.deliberation_id] = of.get(each.deliberation_id, False) or each.arm is Arm.REVISED
    had = [revised for of in questions.values() if any(of.values()) for revised in of.values()]
    if lacking := had.count(False):
        yield (
            f"In {lacking:,} of {len(had):,} questions of a study no revised statement was rated: too few "
            "people said what they would change, or no revision could be drafted. They say nothing of the "
            "arm revised."
        )


def _own(given: int, own: int) -> Iterable[str]:
    if own:
        yield (
            f"{own:,} of {given:,} ratings are of the rater's own opinion, which was shown as the best one: "
            "its author knows it again, so these are left out."
        )


def _guesses(exam: Exam | None) -> Iterable[str]:
    if exam is not None and exam.unknown_kinds:
        kinds = "; ".join(KIND_WORDS[kind] for kind in exam.unknown_kinds)
        yield (
            f"On the corpus {exam.model} picks no better than chance at some kinds of question ({kinds}): "
            "the interval of what it gains includes 0. Name them as unknown_kinds in the model's config.json "
            "or accord.json, and Accord chooses by closeness there."
        )


def _notes(ratings: Ratings, parts: _Parts) -> Iterable[str]:
    if ratings.groups == 1:
        yield "All ratings come from one group: there are no intervals, and this speaks for no other group."
    elif ratings.groups < FEW_GROUPS:
        yield f"There are {ratings.groups} groups; with fewer than {FEW_GROUPS} the intervals are rough."
    if ratings.doubles:
        yield f"{ratings.doubles:,} records were there twice; of each rating the last record counts."
    silent = sum(record.opinion is None for record in ratings.records)
    if silent:
        yield (
            f"{silent:,} of {len(ratings):,} ratings come without the rater's opinion (none was given, or it "
            "is kept out of learning): similarity, and a model given with --reward, are judged on the "
            "others."
        )
    if parts.seen.any() and not parts.seen.all():
        yield (
            f"{int(parts.seen.sum()):,} of {len(ratings):,} ratings are on questions that the reward model "
            "has learnt from: it is judged on the others."
        )
    if parts.accuracy is not None:
        unknown = int((~np.isfinite(ratings.predicted) & ~parts.seen).sum())
        if unknown:
            yield f"{unknown:,} of {len(ratings):,} ratings have no prediction and are left out of this."
