"""`accord evaluate FEEDBACK`: a report on a feedback export.

Reads:  a feedback export (.jsonl, .csv, .parquet), and a reward model where one is to be judged, with a
        split of a corpus of deliberations.
        The language model as judge is one too: its server is in the environment.
Gives:  `report.json` and `report.html` in a folder, and the page's place; or the JSON alone.
A reward model is not judged on questions that its manifest says it has learnt from.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import FeedbackError, NoCorpusError
from engine.evaluation.corpus.reading import SHIPPED_CORPUS, Corpus, Split, read_corpus
from engine.evaluation.judged import WithBar
from engine.evaluation.report.page import page
from engine.evaluation.report.results import EvaluationReport, evaluate
from engine.evaluation.report.sections import sections
from engine.feedback.files import read_feedback
from engine.ports import RewardModel
from engine.reward import AUTO, JUDGE, is_judge, make_reward_model
from engine.run_manifest import seen_questions

FOLDER = Path("evaluation")
UNKNOWN = (
    "No manifest says which questions the reward model has learnt from, so it is judged on all of them; on "
    "those that it knows it does too well."
)


def add_to(parser: ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("feedback", type=Path, help="what `accord export` wrote")
    parser.add_argument("--out", type=Path, help=f"folder of the report (default: {FOLDER})")
    parser.add_argument("--reward", help="judge this reward model, not the recorded predictions")
    parser.add_argument(
        "--corpus", type=Path, help="what the reward model picks from (default: Accord's own)"
    )
    parser.add_argument("--split", choices=list(Split), default=Split.DEV, help="which part of the corpus")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the report; files only with --out")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> str:
    report = _evaluated(asked)
    written = report.model_dump_json(indent=2)
    if asked.out or not asked.json:
        folder = asked.out or FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(written + "\n", encoding="utf-8")
        (folder / "report.html").write_text(page(report), encoding="utf-8")
    if asked.json:
        return written
    _point_out(report)
    return str(folder / "report.html")


def _evaluated(asked: Namespace) -> EvaluationReport:
    reward: str | None = asked.reward
    corpus = _corpus(asked.corpus, asked.split) if reward else None
    if reward and is_judge(reward):
        with WithBar.of(_judge(reward)) as judge:
            return _measured(asked, judge, [], corpus, judge.expect)
    model = make_reward_model(reward) if reward else None
    return _measured(asked, model, seen_questions(Path(reward)) if reward else [], corpus)


def _judge(reward: str) -> RewardModel:
    if reward == AUTO:
        raise ValueError(
            f"{AUTO} is two models, the judge for small groups and another one for large ones: name one of "
            f"them, such as --reward {JUDGE}."
        )
    from engine.reward.judge.environment import judge_from  # noqa: PLC0415 (only where one is examined)

    return judge_from(calibrated=True)


def _measured(
    asked: Namespace,
    model: RewardModel | None,
    learnt: Sequence[str] | None,
    corpus: Corpus | None,
    on_pairs: Callable[[int], None] = lambda pairs: None,
) -> EvaluationReport:
    """`learnt`: ids of questions that the model has learnt from; None: nobody has said."""
    try:
        report = evaluate(
            read_feedback(asked.feedback),
            seed=asked.seed,
            model=model,
            learnt=frozenset(learnt or ()),
            corpus=corpus,
            on_pairs=on_pairs,
        )
        return report if learnt is not None else report.model_copy(update={"notes": (*report.notes, UNKNOWN)})
    except FeedbackError:
        raise
    except ValueError as exc:
        raise ValueError(f"{asked.feedback}: {exc}.") from exc


def _corpus(folder: Path | None, split: Split) -> Corpus | None:
    """The one that was named; else Accord's own, where it is there."""
    try:
        return read_corpus(folder or SHIPPED_CORPUS).of(split)
    except NoCorpusError:
        if folder is not None:
            raise
        return None


def _point_out(report: EvaluationReport) -> None:
    """What is not there and what to beware of, on stderr: stdout holds the page's place alone."""
    for note in report.notes:
        print(note, file=sys.stderr)  # noqa: T201
    for section in sections(report):
        for sentence in section.missing:
            print(f"{section.title}: {sentence}", file=sys.stderr)  # noqa: T201
