"""The human study of the Habermas Machine as feedback, for those who can fetch its data.

Reads:  the Parquet files of Tessler et al. 2024, "AI can help humans find common ground in democratic
        deliberation" (doi:10.1126/science.adq2852; data under CC BY 4.0); their columns tell them apart.
Gives:  `FeedbackRecord`s, one after the other, and a `Summary` of what was read and left out.
Refrains from names: workers' pseudonyms are hashed again with a salt that is thrown away.

In memory are a few hundred rows, the questions by topic, and of the ratings of position statements, which are
read first, one number for each person and question. Rankings and surveys have no place in the feedback form.
This package moves to `engine/feedback/` when feedback is a folder.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from engine.errors import FeedbackError
from engine.feedback.habermas_rows import (
    POSITIONS,
    RATED,
    BadRowError,
    LeftOutError,
    Names,
    baseline_of,
    ratings_of,
    topic_of,
)
from engine.feedback.parquet_tables import Row, columns_of, rows_of
from engine.feedback.record import FeedbackRecord

NUMBERS_SHOWN = 10
"""Of bad rows, for each reason; the others are counted."""


class Kind(StrEnum):
    """What a file holds."""

    COMPARISONS = "candidate comparisons"
    POSITIONS = "position statement ratings"
    RANKINGS = "final preference rankings"
    SURVEYS = "round survey responses"


NEEDED = {
    Kind.COMPARISONS: ("launch_id", "round_id", "question.text", "ratings.agreement"),
    Kind.POSITIONS: ("launch_id", "question.text"),
    Kind.RANKINGS: (),
    Kind.SURVEYS: (),
}
"""Columns without which no row of a file could be used; others may be missing."""


@dataclass
class FileSummary:
    """What became of one file.

    taken:    ratings that made a record, or a baseline.
    left_out: counts by reason. bad: row numbers by reason, the first few, and how many there are.
    """

    path: Path
    kind: Kind
    rows: int = 0
    taken: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    bad: dict[str, list[int]] = field(default_factory=dict)
    bad_rows: Counter[str] = field(default_factory=Counter)

    def is_bad(self, row: int, reason: str) -> None:
        """Note a row that cannot be used."""
        self.bad_rows[reason] += 1
        shown = self.bad.setdefault(reason, [])
        if len(shown) < NUMBERS_SHOWN:
            shown.append(row)

    def lines(self) -> Iterator[str]:
        """The same in words, without any of the file's."""
        if self.kind in (Kind.RANKINGS, Kind.SURVEYS):
            yield f"{self.path}: {self.kind}; not read, feedback has no place for them."
            return
        yield f"{self.path}: {self.kind}; rows: {self.rows:,}, ratings taken: {self.taken:,}."
        for reason, count in sorted(self.left_out.items()):
            yield f"  left out: {reason}: {count:,}"
        for reason, numbers in sorted(self.bad.items()):
            more = self.bad_rows[reason] - len(numbers)
            named = ", ".join(map(str, numbers)) + (f" and {more:,} more" if more else "")
            yield f"  bad rows: {reason}: row {named}"


@dataclass
class Summary:
    """What became of each file, in the order of reading. topics: questions, by the study's topics."""

    files: list[FileSummary] = field(default_factory=list)
    topics: dict[str, set[str]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """For people: what was read, what was left out, and which rows are bad."""
        return [line for each in self.files for line in each.lines()]

    def clusters(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        """The topics in the form of a clusters.json of `accord questions cluster`."""
        return {
            "clusters": {topic: {"questions": sorted(self.topics[topic])} for topic in sorted(self.topics)}
        }


def read_habermas(paths: Sequence[Path], summary: Summary) -> Iterator[FeedbackRecord]:
    """The records of the candidate comparisons among the files, with the baselines of the position ratings.

    summary: is told of every file.

    Raises:
        FeedbackError: a file cannot be read or is none of the four kinds, a needed column is missing, no file
            holds candidate comparisons, or nothing in them can be used.
    """
    kinds = _kinds(paths)
    names = Names(secrets.token_bytes(32))
    baselines: dict[str, int] = {}
    for path in (path for path, kind in kinds.items() if kind is Kind.POSITIONS):
        baselines |= _baselines(_begun(summary, path, kinds), names)
    count = 0
    for path in (path for path, kind in kinds.items() if kind is Kind.COMPARISONS):
        for record in _ratings(_begun(summary, path, kinds), names, baselines, summary.topics):
            count += 1
            yield record
    for path in (path for path, kind in kinds.items() if kind in (Kind.RANKINGS, Kind.SURVEYS)):
        _begun(summary, path, kinds)
    if count == 0:
        raise FeedbackError("The files hold no rating that can be used; nothing was written.")


# -- which file is which -------------------------------------------------------------------------


def _kinds(paths: Sequence[Path]) -> dict[Path, Kind]:
    """All files are looked at before one is read."""
    kinds = {path: _kind(path) for path in paths}
    real = {path.resolve() for path in paths}
    if len(real) < len(paths):
        raise FeedbackError("A file is named twice; its ratings would count twice.")
    if Kind.COMPARISONS not in kinds.values():
        raise FeedbackError(
            "None of the files holds ratings of statements; name hm_all_candidate_comparisons.parquet too."
        )
    return kinds


def _kind(path: Path) -> Kind:
    columns = columns_of(path)
    kind = _told_by(columns)
    if kind is None:
        raise FeedbackError(
            f"{path}: its columns are of none of the four files of the Habermas Machine's data; leave it out."
        )
    missing = [column for column in NEEDED[kind] if column not in columns]
    if missing:
        raise FeedbackError(f"{path}: there is no column {missing[0]}; fetch the file again.")
    return kind


def _told_by(columns: frozenset[str]) -> Kind | None:
    if "candidates.text" in columns:
        return Kind.COMPARISONS
    if "candidate.text" in columns:
        return Kind.SURVEYS
    if any(column.endswith("numerical_ranks") for column in columns):
        return Kind.RANKINGS
    return Kind.POSITIONS if "ratings.agreement" in columns else None


def _begun(summary: Summary, path: Path, kinds: Mapping[Path, Kind]) -> FileSummary:
    summary.files.append(FileSummary(path, kinds[path]))
    return summary.files[-1]


# -- reading -------------------------------------------------------------------------------------


def _baselines(file: FileSummary, names: Names) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, row in _counted(file, POSITIONS):
        try:
            point = baseline_of(row)
            found |= dict.fromkeys(names.sitting(row), point)
            file.taken += 1
        except LeftOutError as left:
            file.left_out[str(left)] += 1
        except BadRowError as bad:
            file.is_bad(number, str(bad))
    return found


def _ratings(
    file: FileSummary, names: Names, baselines: Mapping[str, int], topics: dict[str, set[str]]
) -> Iterator[FeedbackRecord]:
    for number, row in _counted(file, RATED):
        try:
            found = ratings_of(row, names, baselines)
        except LeftOutError as left:
            file.left_out[str(left)] += 1
            continue
        except BadRowError as bad:
            file.is_bad(number, str(bad))
            continue
        file.taken += len(found.records)
        file.left_out += found.left_out
        topic = topic_of(row)
        if found.records and topic is not None:
            topics.setdefault(topic, set()).add(found.records[0].question)
        yield from found.records


def _counted(file: FileSummary, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    for number, row in rows_of(file.path, columns):
        file.rows = number
        yield number, row
