"""`accord simulate OUT`: the export that a simulated team would make, or a simulated study.

Reads:  options, and debate questions: a file of them, or the bank that comes with Accord.
Gives:  JSON Lines, one `FeedbackRecord` a line, written whole or not at all.
"""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from engine.errors import FeedbackError
from engine.feedback.record import FeedbackRecord
from engine.questions.bank import bank
from engine.synthetic.studies import AGREEMENT, LEFT_OUT, SimulatedStudy, StudySettings
from engine.synthetic.teams import SimulatedTeam, TeamSettings
from engine.synthetic.topics import Question, load_questions

WHOLE = TeamSettings()
STUDY = StudySettings()


def add_to(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = "Write the feedback export of a simulated team with known preferences (JSON Lines)."
    parser.add_argument("out", type=Path, help="file to write (.jsonl)")
    parser.add_argument("--questions", type=Path, help="debate questions (JSON); default: the bank")
    parser.add_argument(
        "--people", type=int, default=WHOLE.members, help="how many there are; default: %(default)s"
    )
    # What it was called before `accord study plan` had the same.
    parser.add_argument("--members", dest="people", type=int, default=WHOLE.members, help=argparse.SUPPRESS)
    parser.add_argument(
        "--deliberations",
        type=int,
        default=WHOLE.deliberations,
        help=f"default: %(default)s; with --study rounded up to groups of {STUDY.questions}",
    )
    parser.add_argument(
        "--statements", type=int, default=WHOLE.statements, help="rated in each deliberation; %(default)s"
    )
    parser.add_argument(
        "--seed", type=int, default=WHOLE.seed, help="the same seed, the same file; %(default)s"
    )
    parser.add_argument(
        "--study",
        action="store_true",
        help=f"a study: groups that keep together for {STUDY.questions} questions and rate a statement of "
        "each arm, whose true mean agreement is known and printed",
    )
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> str:
    questions = shipped_questions() if given.questions is None else read_questions(given.questions)
    return (_study if given.study else _team)(given, questions)


def _team(given: argparse.Namespace, questions: list[Question]) -> str:
    settings = TeamSettings(
        members=given.people,
        deliberations=given.deliberations,
        statements=given.statements,
        seed=given.seed,
    )
    count = write_records(given.out, SimulatedTeam(settings, questions).deliberations())
    return f"{given.out}: {count} simulated ratings of {settings.deliberations} deliberations"


def _study(given: argparse.Namespace, questions: list[Question]) -> str:
    settings = StudySettings(
        groups=-(-given.deliberations // STUDY.questions), members=given.people, seed=given.seed
    )
    count = write_records(given.out, SimulatedStudy(settings, questions).deliberations())
    truth = ", ".join(f"{arm} {points}" for arm, points in AGREEMENT.items())
    return (
        f"{given.out}: {count} simulated ratings of {settings.groups * settings.questions} deliberations\n"
        f"True mean agreement: {truth}; people whose opinion is left out: {LEFT_OUT:+} points."
    )


def shipped_questions() -> list[Question]:
    """The bank that comes with Accord."""
    return [Question(q.id, q.question, q.affirming, q.negating, q.topic, q.split) for q in bank()]


def read_questions(path: Path) -> list[Question]:
    """Debate questions with their position statements.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        return load_questions(path)
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise ValueError(f"{path}: not a JSON list of debate questions with position statements") from exc


def write_records(path: Path, records: Iterable[FeedbackRecord]) -> int:
    """Write an export, in place of an older file only once it is whole; how many records it has.

    Raises:
        FeedbackError: the file does not end in .jsonl, or cannot be written.
    """
    if path.suffix.lower() != ".jsonl":
        raise FeedbackError(f"{path}: JSON Lines are written here; let its name end in .jsonl.")
    count = 0
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for record in records:
                file.write(record.model_dump_json() + "\n")
                count += 1
        os.replace(unfinished, path)
    except OSError as exc:
        unfinished.unlink(missing_ok=True)
        raise FeedbackError(f"{path}: it cannot be written ({exc.strerror}); check the folder.") from None
    return count
