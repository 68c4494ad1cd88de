"""Promotion: a candidate takes the place of the model in use, if it is better beyond what chance explains.

Reads:  a candidate's folder, a feedback export, and which models are in use (`engine.model_registry`).
Gives:  a verdict with its numbers; a copy of a reward model in the folder of models; the file that workers
        read; for a drafter, the line that serves it with TGI.
Refrains from questions that either model has learnt from or was chosen by: their manifests name them, and
those records are left out of the comparison. A candidate without a manifest is promoted by force alone.

A reward model is judged by its accuracy within a person, a drafter by the welfare that a reward model
predicts for what it writes: nobody has rated those texts yet. Let people compare drafters in a study
(`accord study`).

A reward model may not pick worse, either: on the part of a corpus of deliberations that is for choosing by,
nothing that it is for may fall beyond its interval (`engine.evaluation.corpus.comparing` says what, and how
wide the intervals of so many measures are). A team's pairs within a person do not tell that: it chooses for
a group.
"""

import logging
import shlex
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import LearningError, NoCorpusError
from engine.evaluation.accuracy.comparison import Comparison, NothingToCompareError, compare, scorer_of
from engine.evaluation.corpus.comparing import compare_picks
from engine.evaluation.corpus.reading import SHIPPED_CORPUS, Split, read_corpus
from engine.evaluation.intervals import Estimate
from engine.feedback.files import read_feedback
from engine.feedback.record import FeedbackRecord
from engine.model_registry import Act, Kind, Promoted, folder_of, read_models, record, weights_hash
from engine.questions.splits import question_id
from engine.reward import SHIPPED, make_reward_model
from engine.reward.model_info.source import ADAPTER
from engine.run_manifest import MANIFEST, manifest_of, seen_questions
from engine.training.data.team import team_rounds, usable
from engine.training.runs.config import write_json
from engine.training.runs.progress import Countdown
from engine.types import WelfareFunction

logger = logging.getLogger(__name__)

TEXTS = 2
"""Texts that each drafter writes for each deliberation."""
NEW_TOKENS = 200


@dataclass(frozen=True)
class Request:
    """What is asked for.

    models:     the folder of models.
    current:    the model to compare with; None: the one in use.
    configured: the reward model that is used where none is promoted; None: the shipped one.
    corpus:     folder of the corpus that reward models pick from; None: Accord's own, where it is there.
    judge:      the reward model that drafters are judged by; None: the run's gold one, else the one in use.
    force, reason: promote although it is not better, or nobody can tell, and why.
    """

    candidate: Path
    data: Path
    models: Path
    current: str | None = None
    configured: str | None = None
    corpus: Path | None = None
    judge: str | None = None
    force: bool = False
    reason: str | None = None
    seed: int = 0


def promote(request: Request) -> str:
    """Compare, and promote if the candidate is better; gives what to tell the operator.

    Raises:
        ValueError: there is no candidate, `force` comes without a reason, or nothing is left to compare on.
        FeedbackError: the export cannot be read.
        ScoringError: a reward model cannot be used.
        CorpusError: the corpus cannot be read, or the one that was named is not there.
        LearningError: the candidate is not better beyond its interval, or is worse on the corpus; nothing
            is changed.
    """
    if request.force and not (request.reason or "").strip():
        raise ValueError("--force needs a --reason; it is recorded")
    if not request.candidate.is_dir():
        raise ValueError(f"{request.candidate}: no such folder")
    kind = kind_of(request.candidate)
    _require_another(request, kind)
    current = request.current or in_use(request, kind)
    unfair = _unfair(request, kind)
    if unfair and not request.force:
        raise LearningError(f"{request.candidate} is not promoted, as {unfair}.")
    comparison = _compared(request, kind, current)
    if comparison is not None and not (comparison.better or request.force):
        raise LearningError(
            f"{request.candidate} is not promoted, as it is not better than {current} beyond the interval: "
            f"{line(comparison)}."
        )
    picks = _compared_picks(request, current) if kind is Kind.REWARD else Picks()
    worse = picks.worse(current)
    if worse and not request.force:
        raise LearningError(f"{request.candidate} is not promoted, as {worse}.")
    model = _placed(request, kind)
    better = comparison is not None and comparison.better
    act = Act(
        at=datetime.now(UTC), did="promote", kind=kind, model=model,
        forced=bool(unfair or worse or not better), reason=request.reason,
        comparison=_recorded(comparison, picks),
    )  # fmt: skip
    record(request.models, act)
    numbers = table(comparison) if comparison else "Nothing was compared: the data holds nothing to tell by."
    chosen = [table(each, of="rounds") if each.among == 1 else line(each) for each in picks.comparisons]
    cautions = [*_cautions(current, unfair), *picks.cautions(worse)]
    return "\n".join([numbers, *chosen, *cautions, f"Promoted: {kind} {model.id}.", *_served(model)])


def kind_of(folder: Path) -> Kind:
    """What a folder holds, as its manifest says; a reward model where it says nothing."""
    return Kind.DRAFTER if manifest_of(folder).get("kind") == Kind.DRAFTER else Kind.REWARD


def reward_in_use(models: Path, configured: str | None) -> str:
    """The reward model that workers use: promoted, else configured, else shipped."""
    used = read_models(models).reward
    return str(folder_of(used, models)) if used else configured or str(SHIPPED)


def in_use(request: Request, kind: Kind) -> str:
    """The model that workers use; for a drafter, else the one that the candidate began from."""
    if kind is Kind.REWARD:
        return reward_in_use(request.models, request.configured)
    used = read_models(request.models).drafter
    if used is not None:
        return str(folder_of(used, request.models))
    base = manifest_of(request.candidate).get("config", {}).get("base")
    if base is None:
        raise ValueError("--current is needed: the candidate's manifest does not say what it began from")
    return str(base)


def unseen(records: Iterable[FeedbackRecord], folders: Iterable[str]) -> list[FeedbackRecord]:
    """Records that may be learnt from, on questions that none of the models has learnt from.

    Raises:
        NothingToCompareError: there is none.
    """
    seen = {name for folder in folders for name in seen_questions(Path(folder)) or ()}
    counts: Counter[str] = Counter()
    kept = [each for each in usable(records, counts) if question_id(each.question) not in seen]
    if not kept:
        raise NothingToCompareError("every question of the data was learnt from; name feedback on others")
    return kept


def _judge(request: Request) -> str:
    """Never by default the model that a policy was trained to please: its run names a gold one."""
    gold = manifest_of(request.candidate).get("config", {}).get("gold")
    return request.judge or gold or in_use(request, Kind.REWARD)


def _unfair(request: Request, kind: Kind) -> str | None:
    """Why a comparison would say nothing, however it ended."""
    if seen_questions(request.candidate) is None:
        return (
            f"no {MANIFEST} says which questions it has learnt from, so that it may know those that it would "
            "be compared on; name a folder that a run wrote, or --force it"
        )
    return _pleases_the_judge(request) if kind is Kind.DRAFTER else None


def _pleases_the_judge(request: Request) -> str | None:
    from engine.training.drafters.predicted_welfare import same_model  # noqa: PLC0415 (torch)

    settings = manifest_of(request.candidate).get("config", {})
    if "reward" not in settings or not same_model(settings["reward"], _judge(request)):
        return None
    return f"{_judge(request)} is what it was trained to please; name another one with --judge, or --force it"


@dataclass(frozen=True)
class Picks:
    """What both models pick from the corpus; missing: why that is not known."""

    comparisons: tuple[Comparison, ...] = ()
    missing: str | None = None

    def worse(self, current: str) -> str | None:
        """On what the candidate is worse beyond its interval, in a clause; None where it is on nothing."""
        lost = [each for each in self.comparisons if each.worse]
        if not lost:
            return None
        said = "; ".join(map(line, lost))
        return f"it is worse than {current} beyond the interval: {said}"

    def cautions(self, worse: str | None) -> Iterator[str]:
        """What to know of a promotion."""
        if worse:
            yield f"Beware: {worse}."
        if self.missing:
            yield f"What the models pick was not compared. {self.missing}"


def _compared_picks(request: Request, current: str) -> Picks:
    try:
        corpus = read_corpus(request.corpus or SHIPPED_CORPUS).of(Split.DEV)
    except NoCorpusError as exc:
        if request.corpus is not None:
            raise
        return Picks(missing=str(exc))
    try:
        ours, theirs = (make_reward_model(each) for each in (str(request.candidate), current))
        return Picks(compare_picks(ours, theirs, corpus, seed=request.seed))
    except NothingToCompareError as exc:
        return Picks(missing=f"There is nothing to tell by: {exc}.")


def _recorded(comparison: Comparison | None, picks: Picks) -> dict[str, Any] | None:
    """The numbers that a promotion rested on."""
    if comparison is None and not picks.comparisons:
        return None
    found = comparison.model_dump(mode="json") if comparison else {}
    return found | {"picks": [each.model_dump(mode="json") for each in picks.comparisons]}


def _cautions(current: str, unfair: str | None) -> list[str]:
    """What to know of the numbers."""
    said = [f"Beware: {unfair}."] if unfair else []
    if seen_questions(Path(current)) is None:
        said.append(
            f"What {current} has learnt from is not known: where it knows these questions, it did too well."
        )
    return said


def table(comparison: Comparison, *, of: str = "groups") -> str:
    """The comparison in a few lines; `of`: what the intervals draw."""
    rows = [comparison.measure + f", {comparison.candidate.groups} {of}:"]
    for name in ("candidate", "current", "difference"):
        rows.append(f"  {name:<10} {_told(getattr(comparison, name))}")
    return "\n".join(rows)


def line(comparison: Comparison) -> str:
    """The comparison as a clause."""
    return (
        f"{comparison.measure} {_told(comparison.candidate)} against {_told(comparison.current)}, "
        f"a difference of {_told(comparison.difference)}"
    )


def _told(found: Estimate) -> str:
    between = "one group: no interval" if found.low is None else f"{found.low:.3f}, {found.high:.3f}"
    return f"{found.value:.3f} [{between}]"


def launch_line(folder: Path, name: str) -> tuple[str, str | None]:
    """How TGI serves the drafter in `folder`, and the name of the adapter where it is one.

    Raises:
        ValueError: TGI could not tell the path of the adapter from the list that it is part of.
    """
    if not (folder / ADAPTER).is_file():
        return shlex.join(["text-generation-launcher", "--model-id", str(folder)]), None
    from engine.training.drafters.shared import base_of  # noqa: PLC0415 (torch)

    if set(str(folder)) & set("=,@"):
        raise ValueError(
            f"{folder}: TGI reads '=', ',' and '@' as parts of a list of adapters; rename the folder"
        )
    adapters = f"{name}={folder}"
    line = ["text-generation-launcher", "--model-id", base_of(folder), "--lora-adapters", adapters]
    return shlex.join(line), name


def _compared(request: Request, kind: Kind, current: str) -> Comparison | None:
    """None under force, where there is nothing to compare by."""
    try:
        return (_compare_rewards if kind is Kind.REWARD else _compare_drafters)(request, current)
    except NothingToCompareError:
        if not request.force:
            raise
        return None


def _compare_rewards(request: Request, current: str) -> Comparison:
    # first: by force a model is promoted that nothing was compared with, but none that cannot be loaded
    ours, theirs = (scorer_of(make_reward_model(each)) for each in (str(request.candidate), current))
    rounds = team_rounds(unseen(read_feedback(request.data), [str(request.candidate), current]))
    return compare(ours, theirs, rounds, [each.group for each in rounds], seed=request.seed)


def _compare_drafters(request: Request, current: str) -> Comparison:
    import torch  # noqa: PLC0415 (a drafter's libraries, which a reward model does without)

    from engine.training.drafters.predicted_welfare import PredictedWelfare, compare_texts, drafted  # noqa: PLC0415
    from engine.training.drafters.shared import Sampling, cases_of, load_drafter, load_tokenizer, quietly  # noqa: PLC0415
    from engine.training.runs.base import base_folder  # noqa: PLC0415

    cases = cases_of(unseen(read_feedback(request.data), [str(request.candidate), current]))
    settings = manifest_of(request.candidate).get("config", {})
    function = WelfareFunction.model_validate(settings.get("welfare") or {})
    judge = PredictedWelfare(make_reward_model(_judge(request)), function)
    sampling = Sampling(new_tokens=int(settings.get("new_tokens") or NEW_TOKENS))
    both = (str(request.candidate), current)
    logger.info(
        "comparing drafters: %s and %s each write %d texts for each of %d deliberations; then %s says how "
        "welcome they are", *both, TEXTS, len(cases), judge.name,
    )  # fmt: skip
    texts = []
    with quietly():
        for number, each in enumerate(both, start=1):
            logger.info("loading %s", each)
            folder = base_folder(each)
            model = load_drafter(folder, torch.float32).to("cuda" if torch.cuda.is_available() else "cpu")
            progress = Countdown(f"drafter {number} of {len(both)}: text", TEXTS * len(cases))
            asked = model, load_tokenizer(folder), cases, sampling
            texts.append(drafted(*asked, texts=TEXTS, seed=request.seed, on_text=progress.one_more))
    logger.info("predicting how welcome the texts are")
    return compare_texts(judge, cases, *texts, seed=request.seed)


def _name(kind: Kind, digest: str) -> str:
    return f"{kind}-{digest[:12]}"


def _require_another(request: Request, kind: Kind) -> None:
    """Else it would be said to be no better than itself."""
    used = read_models(request.models).of(kind)
    if used is not None and used.id == _name(kind, weights_hash(request.candidate)):
        raise LearningError(f"{request.candidate} is in use already.")


def _placed(request: Request, kind: Kind) -> Promoted:
    """The candidate where workers find it: a reward model is copied, so that another run cannot change it."""
    digest = weights_hash(request.candidate)
    before = read_models(request.models).of(kind)
    name = _name(kind, digest)
    known = {"id": name, "sha256": digest, "before": before.id if before else None}
    if kind is Kind.DRAFTER:
        folder = request.candidate.resolve()
        line, adapter = launch_line(folder, name)
        return Promoted(path=str(folder), launch=line, adapter=adapter, **known)
    place = Path(str(kind)) / name
    target = request.models / place
    if not target.exists():
        new = target.with_name(f"{name}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(request.candidate, new)
        if facts := manifest_of(request.candidate):  # of a checkpoint within a run it is one folder up
            write_json(new / MANIFEST, facts)
        new.rename(target)
    return Promoted(path=str(place), **known)


def _served(model: Promoted) -> list[str]:
    if model.launch is None:
        return ["Workers take it up with their next round."]
    asked = f"ask for the adapter {model.adapter}" if model.adapter else "ask with its prompt"
    return [
        f"Workers {asked} from their next round on. TGI writes with it once it is started anew by this line, "
        "which is recorded:",
        f"  {model.launch}",
    ]
