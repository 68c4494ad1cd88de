"""`accord evaluate FEEDBACK`: a report on a feedback export.

Reads:  a feedback export (.jsonl, .csv, .parquet), and a reward model where one is to be judged.
Gives:  `report.json` and `report.html` in a folder, and the page's place; or the JSON alone.
A reward model is not judged on questions that its manifest says it has learnt from.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.errors import FeedbackError
from engine.evaluation.page import page
from engine.evaluation.report import EvaluationReport, evaluate
from engine.evaluation.sections import sections
from engine.feedback_files import read_feedback
from engine.reward import make_reward_model
from engine.training.splits import seen_questions

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
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the report; files only with --out")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> str:
    report = _evaluated(asked.feedback, asked.reward, asked.seed)
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


def _evaluated(feedback: Path, reward: str | None, seed: int) -> EvaluationReport:
    model = make_reward_model(reward) if reward else None
    learnt = seen_questions(Path(reward)) if reward else []
    try:
        report = evaluate(read_feedback(feedback), seed=seed, model=model, learnt=frozenset(learnt or ()))
        return report if learnt is not None else report.model_copy(update={"notes": (*report.notes, UNKNOWN)})
    except FeedbackError:
        raise
    except ValueError as exc:
        raise ValueError(f"{feedback}: {exc}.") from exc


def _point_out(report: EvaluationReport) -> None:
    """What is not there and what to beware of, on stderr: stdout holds the page's place alone."""
    for note in report.notes:
        print(note, file=sys.stderr)  # noqa: T201
    for section in sections(report):
        for sentence in section.missing:
            print(f"{section.title}: {sentence}", file=sys.stderr)  # noqa: T201
