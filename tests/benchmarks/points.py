"""What votes on points say in real conversations: how fast it is read, and how much of it holds.

    python -m tests.benchmarks.points --data FOLDER [--seeds 10] [--out FILE]

Reads:  conversations in the layout of Polis' open data: `FOLDER/*/participants-votes.csv`, `comments.csv` and
        `summary.csv`. Comments that moderators took out are left out.
Gives:  a Markdown table on stdout (and in `--out`), a line for each conversation: seconds for the whole map,
        groups and their likeness to Polis' own (adjusted Rand index over those whom both placed), Spearman's
        rank correlation of group-informed consensus with the share of all votes that agree and with the same
        consensus by Polis' own groups; and what stays when a tenth of the votes is left out, over `--seeds`
        draws: the groups (adjusted Rand index) and the order of the points (Spearman).
Polis' summaries hold no consensus of their own, and its groups are the only figures to compare with.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from scipy.stats import spearmanr  # type: ignore[import-untyped]
from sklearn.metrics import adjusted_rand_score  # type: ignore[import-untyped]

from engine.arrays import Floats
from engine.groups.k_means import Integers
from engine.points.point_map import FEWEST_SEEN, UNSEEN, Votes, read_map
from engine.points.routing import next_points
from engine.types import PointMap, PointTally
from engine.welfare import shared_agreement

LEFT_OUT = 0.1
ROUTED, TIMES = 5_000, 20
HEAD = (
    "| conversation | members | points | votes | seconds | groups | of Polis | likeness | with share of all "
    "| by Polis' groups | groups stay | order stays |\n"
    f"|{' --- |' * 12}"
)


@dataclass(frozen=True)
class Conversation:
    """votes: shape (members, points); group: each member's by Polis, -1 for none."""

    name: str
    members: Sequence[str]
    points: Sequence[str]
    votes: Votes
    group: Integers


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(argv)
    if not any(given.data.glob("*/participants-votes.csv")):
        parser.error(
            f"{given.data}: no conversation there; each is a folder with its participants-votes.csv."
        )
    lines = [HEAD, *(_row(each, given.seeds) for each in _conversations(given.data)), "", _routed()]
    table = "\n".join(lines)
    print(table)
    if given.out:
        given.out.write_text(f"{table}\n", encoding="utf-8")
    return 0


def _routed() -> str:
    """How long it takes to say which point comes next."""
    random = Random(0)
    tallies = [
        PointTally(point=str(at), agree=random.randrange(90), disagree=random.randrange(90), passed=at % 9)
        for at in range(ROUTED)
    ]
    began = time.perf_counter()
    for _ in range(TIMES):
        next_points(tallies, (), random, most=1)
    return f"The next of {ROUTED:,} points: {(time.perf_counter() - began) / TIMES * 1_000:.0f} ms."


def _conversations(folder: Path) -> Iterator[Conversation]:
    for path in sorted(folder.glob("*/participants-votes.csv")):
        with (path.parent / "comments.csv").open(encoding="utf-8", errors="replace", newline="") as file:
            out = {row["comment-id"] for row in csv.DictReader(file) if row["moderated"] == "-1"}
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        points = [column for column in rows[0] if column.isdigit() and column not in out]
        votes = [[int(float(row[each])) if row[each] else UNSEEN for each in points] for row in rows]
        yield Conversation(
            name=path.parent.name,
            members=[row["participant"] for row in rows],
            points=points,
            votes=np.array(votes, dtype=np.int8),
            group=np.array([int(row["group-id"] or -1) for row in rows]),
        )


def _row(told: Conversation, seeds: int) -> str:
    found, seconds = _timed(told)
    known = (told.votes != UNSEEN).sum(axis=0) >= FEWEST_SEEN
    agreement = np.array(found.agreement)
    stays = [_kept(told, found, known, seed) for seed in range(seeds)]
    return " | ".join(
        (
            f"| {told.name}",
            f"{len(told.members):,}",
            f"{len(told.points)}",
            f"{int((told.votes != UNSEEN).sum()):,}",
            f"{seconds:.2f}",
            " + ".join(str(group.size) for group in found.groups),
            " + ".join(str(size) for size in sorted(_sizes(told.group), reverse=True)),
            _shown(_rand(_groups(told, found), told.group)),
            _shown(_ranks(agreement[known], _share_of_all(told.votes)[known])),
            _shown(_ranks(agreement[known], _by_group(told.votes, told.group)[known])),
            _spread([rand for rand, _ in stays]),
            f"{_spread([ranks for _, ranks in stays])} |",
        )
    )


def _timed(told: Conversation) -> tuple[PointMap, float]:
    """The map, and the least of three times that it took."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        found = read_map(told.votes, told.members, told.points)
        took.append(time.perf_counter() - began)
    return found, min(took)


def _kept(told: Conversation, found: PointMap, known: Integers, seed: int) -> tuple[float, float]:
    """How like the groups and the order of the points are when a tenth of the votes is left out."""
    random = np.random.default_rng(seed)
    votes = np.where(random.random(told.votes.shape) < LEFT_OUT, UNSEEN, told.votes).astype(np.int8)
    fewer = read_map(votes, told.members, told.points, seed)
    ranks = _ranks(np.array(found.agreement)[known], np.array(fewer.agreement)[known])
    return _rand(_groups(told, found), _groups(told, fewer)), ranks


def _groups(told: Conversation, found: PointMap) -> Integers:
    """Each member's group on a map, -1 for none."""
    of = {who: at for at, group in enumerate(found.groups) for who in group.participants}
    return np.array([of.get(who, -1) for who in told.members])


def _sizes(group: Integers) -> list[int]:
    return [int((group == name).sum()) for name in np.unique(group[group >= 0])]


def _rand(one: Integers, other: Integers) -> float:
    """The adjusted Rand index of those in a group in both; not a number where either has one group alone."""
    both = (one >= 0) & (other >= 0)
    if min(len(np.unique(one[both])), len(np.unique(other[both]))) < 2:
        return 1.0 if len(np.unique(one[both])) == len(np.unique(other[both])) else float("nan")
    return float(adjusted_rand_score(one[both], other[both]))


def _ranks(one: Floats, other: Floats) -> float:
    return float(spearmanr(one, other).statistic)


def _share_of_all(votes: Votes) -> Floats:
    seen = np.maximum((votes != UNSEEN).sum(axis=0), 1)
    share: Floats = (votes == 1).sum(axis=0) / seen
    return share


def _by_group(votes: Votes, group: Integers) -> Floats:
    owns = [votes[group == name] for name in np.unique(group[group >= 0])]
    agree, seen = (
        [each(own).sum(axis=0) for own in owns] for each in (lambda v: v == 1, lambda v: v != UNSEEN)
    )
    return shared_agreement(np.stack(agree), np.stack(seen))


def _shown(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _spread(values: Sequence[float]) -> str:
    """The mean and the least; and how often one of two maps had groups and the other none."""
    known = [value for value in values if not np.isnan(value)]
    lost = f", {len(values) - len(known)} of {len(values)} otherwise" if len(known) < len(values) else ""
    return f"{statistics.mean(known):.2f} (least {min(known):.2f}){lost}" if known else f"–{lost}"


if __name__ == "__main__":
    sys.exit(main())
