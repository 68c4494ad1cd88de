"""How well reward models predict agreement and what they pick, beside the baselines, in two tables.

    python -m tests.benchmarks.reward_quality --questions FILE --polis FOLDER [--split test] CHECKPOINT...

Reads:  checkpoints (two of one recipe are also given as mean and spread), questions and Polis conversations.
Gives:  Markdown tables on stdout, and with --json the same as numbers. The second is of one split of the
        corpus (`engine.evaluation.corpus`): dev, which is for choosing by, unless another one is asked for.
Only held-out topics and conversations are used; which these are is in the shipped recipe, `default.yaml`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import numpy as np

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import Judgement, Tally, tally, within_person
from engine.evaluation.accuracy.baselines import TfIdf
from engine.evaluation.accuracy.comparison import scorer_of
from engine.evaluation.accuracy.suites import (
    UNTOUCHED,
    WRITTEN,
    RatedRound,
    Scorer,
    Suites,
    judge,
    written_rounds,
)
from engine.evaluation.corpus.exam import Exam, examine
from engine.evaluation.corpus.predictions import Judged
from engine.evaluation.corpus.reading import SHIPPED_CORPUS, Corpus, Split, read_corpus
from engine.reward import make_reward_model
from engine.synthetic.topics import (
    Conversation,
    hold_out_conversations,
    hold_out_topics,
    load_conversations,
    load_questions,
)
from engine.training.data.rounds import PolisRounds
from engine.training.runs.config import read_config
from tests.exam_table import exam_table
from tests.reward_baselines import BothNegated, judge_swapped, plain_cosine, popularity

RECIPE = Path(__file__).parents[2] / "engine" / "training" / "default.yaml"
STANCE_QUESTIONS = 150
POLIS_ROUNDS = 150
ORDER = (
    "assembly", "assembly-swapped",
    "citizens-held", "citizens-held-swapped", "natural-held", "natural-held-swapped",
    "citizens-choose", "natural-choose",
    "direct", "negated", "without-not", "opposites", "yes-no", "polis",
)  # fmt: skip
Row = dict[str, Judgement]


def main() -> None:
    """Judge the baselines and every checkpoint, and print the table."""
    args = _arguments()
    recipe = read_config(RECIPE)
    _, questions = hold_out_topics(load_questions(args.questions), recipe.held_out_topics)
    _, talks = hold_out_conversations(load_conversations(args.polis), recipe.held_out_conversations)
    suites = Suites.for_questions(questions, most=STANCE_QUESTIONS)
    suites.rounds[UNTOUCHED] = written_rounds(UNTOUCHED)
    polis = polis_rounds(talks)
    rows: dict[str, Row] = {
        "popularity (sees others' ratings)": popular(suites, talks),
        "both negated or neither": row_of(BothNegated(), suites, polis),
        "TF-IDF": row_of(TfIdf(), suites, polis),
        "plain cosine": row_of(plain_cosine(recipe.base), suites, polis),
    }
    models = {folder.parent.name: make_reward_model(str(folder)) for folder in args.checkpoints}
    trained = {name: row_of(scorer_of(model), suites, polis) for name, model in models.items()}
    rows |= trained
    print(table(rows))
    if len(trained) > 1:
        print(spread(list(trained.values())))
    exams = examined(models, read_corpus(args.corpus).of(args.split), recipe.base)
    print(f"\n{exam_table(exams)}")
    if args.json:
        numbers = {name: {s: asdict(j) for s, j in row.items()} for name, row in rows.items()}
        numbers |= {"corpus": {name: exam.model_dump(mode="json") for name, exam in exams.items()}}
        args.json.write_text(json.dumps(numbers, indent=2) + "\n")


def examined(models: Mapping[str, Judged], corpus: Corpus, base: str) -> dict[str, Exam]:
    """What the baselines and every checkpoint do on a split of the corpus."""
    judged: dict[str, Judged] = {
        "both negated or neither": BothNegated(), "TF-IDF": TfIdf(), "plain cosine": Raw(plain_cosine(base)),
    }  # fmt: skip
    return {name: examine(model, corpus) for name, model in (judged | models).items()}


@dataclass(frozen=True)
class Raw:
    """A model that nobody calibrated, by its raw scores alone."""

    model: Scorer

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """As the model gives them."""
        return self.model.raw_scores(question, opinions, candidates)


def row_of(model: Scorer, suites: Suites, polis: list[RatedRound]) -> Row:
    """Every suite for one model."""
    return judge(model, suites) | judge_swapped(model, suites) | judge(model, Suites({"polis": polis}))


def polis_rounds(talks: list[Conversation]) -> list[RatedRound]:
    """Rounds inside held-out conversations: two contested statements, four people."""
    source, rng = PolisRounds(talks), Random(0)
    made = [source(rng, 3) for _ in range(POLIS_ROUNDS)]
    return [RatedRound(r.question, r.opinions, r.candidates, r.agreement) for r in made]


def popular(suites: Suites, talks: list[Conversation]) -> Row:
    """Popularity: what the others gave. On Polis all votes of the conversation, the person's own left out."""
    names = [name for name in suites.rounds if name.startswith((*WRITTEN, UNTOUCHED))]
    written = {name: within_person(popularity(suites.rounds[name])) for name in names}
    tallies: list[Tally] = []
    for talk in talks:
        agreed, voted = (talk.votes == 1).sum(axis=0), (talk.votes != 0).sum(axis=0)
        for row in talk.votes:
            seen = np.flatnonzero(row)
            if len(seen) > 1:
                share = (agreed[seen] - (row[seen] == 1)) / np.maximum(1, voted[seen] - 1)
                tallies.append(tally(share, row[seen].astype(float)))
    return written | {"polis": within_person(tallies)}


def table(rows: dict[str, Row]) -> str:
    """Accuracy with its 95 % interval by person; the first line says on how many pairs and people."""
    first = next(row for row in rows.values() if set(ORDER) <= set(row))
    lines = ["| model | " + " | ".join(ORDER) + " |", "| --- " * (len(ORDER) + 1) + "|"]
    lines.append(
        "| *pairs / people* | " + " | ".join(f"{first[s].pairs} / {first[s].people}" for s in ORDER) + " |"
    )
    for name, row in rows.items():
        cells = [_cell(row[s]) if s in row else "–" for s in ORDER]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def spread(rows: list[Row]) -> str:
    """Mean and standard deviation over checkpoints, usually seeds of one recipe."""
    cells = []
    for suite in ORDER:
        values = [row[suite].accuracy for row in rows]
        cells.append(f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}")
    return f"| mean ± sd of {len(rows)} | " + " | ".join(cells) + " |"


def _label(folder: Path) -> str:
    return folder.parent.name if folder.name == "best" else folder.name


def _cell(judged: Judgement) -> str:
    return f"{judged.accuracy:.2f} [{judged.low:.2f}, {judged.high:.2f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="*", type=Path)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--polis", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=SHIPPED_CORPUS)
    parser.add_argument("--split", type=Split, choices=list(Split), default=Split.DEV)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
