"""What choosing by groups does for the worst-off group, and what it costs the mean.

    python -m tests.benchmarks.group_welfare [--polis FOLDER] [--rounds 60] [--without-model] [--out FILE]

Reads:  the corpus' rounds of drafts to learn from and to choose by (never those for the test), the shipped
        reward model for the latter, and Polis' open data where its folder is given.
Gives:  a Markdown table on stdout (and in `--out`): true ratings of what each welfare function chooses,
        against the mean's choice, with 95 % intervals.
The corpus' rounds have 4 to 7 members, too few for groups: each member counts as three of one mind here.
Groups are found by what the choice rests on, and judged by what is true: in the corpus by groups of the true
ratings, in Polis by the groups that Polis itself found in all votes. Votes count as 1, 4 and 7; a round there
is 24 people who all voted on 8 statements, and intervals draw whole conversations.
"""

import argparse
import asyncio
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays import Floats
from engine.closeness import in_company, weight_of
from engine.evaluation.corpus.reading import CorpusRound, Sort, Split, read_corpus
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.groups.opinion_groups import SMALLEST_GROUP, Places, groups_of
from engine.names import WelfareName
from engine.reward import make_reward_model
from engine.types import WelfareFunction
from engine.welfare import rank, welfare

OF_ONE_MIND = 3
PEOPLE, STATEMENTS, ROUNDS_EACH = 24, 8, 30
SEED = 5
MEAN, *OTHERS = (
    WelfareFunction(name=name)
    for name in (
        WelfareName.UTILITARIAN,
        WelfareName.RAWLSIAN,
        WelfareName.GROUP_RAWLSIAN,
        WelfareName.GROUP_INFORMED,
    )
)
HEAD = (
    "| rounds | chosen on | by | groups found | worst group | against the mean's choice | mean of all |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True)
class Case:
    """known: what the choice rests on; true: what it is judged by; shape (people, statements) both.

    groups: those that it is judged by. drawn: what an interval draws together.
    """

    known: Floats
    true: Floats
    groups: Places
    drawn: int


def main() -> int:
    """Measure and print; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--polis", type=Path, help="the folder of Polis' conversations")
    parser.add_argument("--rounds", type=int, default=60, help="rounds that the shipped model is asked about")
    parser.add_argument("--without-model", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    corpus = read_corpus()
    rounds = [*corpus.of(Split.TRAIN).of_sort(Sort.DRAFTS), *corpus.of(Split.DEV).of_sort(Sort.DRAFTS)]
    lines = [HEAD, *_rows("corpus", "true ratings", [_corpus_case(*each) for each in enumerate(rounds)])]
    if not given.without_model:
        lines += _rows("corpus, dev", "the shipped model", list(_predicted(given.rounds)))
    if given.polis:
        lines += _rows("Polis", "votes", list(_polis(given.polis)))
    table = "\n".join(lines)
    print(table)
    if given.out:
        given.out.write_text(f"{table}\n", encoding="utf-8")
    return 0


def _corpus_case(at: int, round_: CorpusRound, known: Floats | None = None) -> Case:
    true = np.repeat(round_.table, OF_ONE_MIND, axis=0)
    known = true if known is None else np.repeat(known, OF_ONE_MIND, axis=0)
    return Case(known, true, groups_of(true), at)


def _predicted(most: int) -> Iterator[Case]:
    """The first rounds of drafts to choose by, with what the shipped model predicts."""
    model = make_reward_model(None)
    for at, round_ in enumerate(read_corpus().of(Split.DEV).of_sort(Sort.DRAFTS)[:most]):
        said = [opinion.text for opinion in round_.opinions]
        rewards = asyncio.run(model.score(round_.question, said, round_.texts))
        yield _corpus_case(at, round_, in_company(rewards, round_.texts, said, weight=weight_of(model)))


def _polis(folder: Path) -> Iterator[Case]:
    random = np.random.default_rng(SEED)
    for at, path in enumerate(sorted(folder.glob("*/participants-votes.csv"))):
        votes, group = _votes(path)
        found = (_room(votes, group, at, random) for _ in range(20 * ROUNDS_EACH))
        yield from [case for case in found if case is not None][:ROUNDS_EACH]


def _votes(path: Path) -> tuple[Floats, Integers]:
    """Votes as ratings, shape (people, statements), NaN for none; and each one's group by Polis, or -1."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    statements = [column for column in rows[0] if column.isdigit()]
    votes = [[float(row[each] or "nan") for each in statements] for row in rows]
    return 4 + 3 * np.array(votes), np.array([int(row["group-id"] or -1) for row in rows])


def _room(votes: Floats, group: Integers, at: int, random: np.random.Generator) -> Case | None:
    """People who all voted on statements that many did; None where two of Polis' groups are not there."""
    often = np.argsort(-np.isfinite(votes).sum(axis=0))[: 3 * STATEMENTS]
    chosen = random.choice(often, STATEMENTS, replace=False)
    there = random.permutation(np.flatnonzero(np.isfinite(votes[:, chosen]).all(axis=1) & (group >= 0)))
    there = there[:PEOPLE]
    of = group[there]
    by_polis = [tuple(np.flatnonzero(of == name).tolist()) for name in np.unique(of)]
    kept = tuple(each for each in by_polis if len(each) >= SMALLEST_GROUP)
    if len(there) < PEOPLE or len(kept) < 2:
        return None
    table = votes[there][:, chosen]
    return Case(table, table, kept, at)


def _rows(rounds: str, on: str, cases: Sequence[Case]) -> Iterator[str]:
    """A line for each function, of the rounds that have two groups or more to judge by."""
    judged = [case for case in cases if len(case.groups) > 1]
    drawn = np.unique([case.drawn for case in judged], return_inverse=True)[1]
    bootstrap = Bootstrap(int(drawn.max()) + 1, seed=SEED)
    known = [groups_of(case.known) for case in judged]
    share = f"{sum(len(groups) > 1 for groups in known):,} of {len(judged):,}"
    usual = np.array([_worth(*each, MEAN) for each in zip(judged, known, strict=True)])
    yield f"| {rounds} | {on} | {MEAN.name} | {share} | {usual[:, 0].mean():.2f} | – | – |"
    for function in OTHERS:
        found = np.array([_worth(*each, function) for each in zip(judged, known, strict=True)])
        worst, mean = (bootstrap.mean(column, drawn) for column in (found - usual).T)
        cells = f"{found[:, 0].mean():.2f} | {_shown(worst)} | {_shown(mean)}"
        yield f"| {rounds} | {on} | {function.name} | {share} | {cells} |"


def _worth(case: Case, known: Places, function: WelfareFunction) -> tuple[float, float]:
    """The worst group's true mean of what the function chooses, and everybody's."""
    chosen = rank(case.known, welfare(case.known, function, known))[0]
    own = case.true[:, chosen]
    return min(float(own[list(group)].mean()) for group in case.groups), float(own.mean())


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:+.2f} [{estimate.low:+.2f}, {estimate.high:+.2f}]"


if __name__ == "__main__":
    sys.exit(main())
