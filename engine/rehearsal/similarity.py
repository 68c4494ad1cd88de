"""How alike opinions are, and whether they are more alike than those of the corpus.

Reads:  opinions; `corpus_similarity.json`, which is measured by `measured` over `engine/training/corpus`.
Gives:  the mean similarity between two opinions of a round, in [0, 1], and the corpus' own.
A language model that plays everybody tends to speak with one voice. The corpus is made up too, by writers who
were told to differ, so that it says what varied opinions look like, and not what real people would write.
Similarity is the cosine of TF-IDF vectors (`engine.closeness.company`), so it counts words and no meaning.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from engine.closeness import company
from engine.rehearsal.results import Usual

FILE = Path(__file__).with_name("corpus_similarity.json")


def similarity(opinions: Sequence[str]) -> float | None:
    """The mean over pairs of opinions, in [0, 1]; None of fewer than two."""
    return round(float(company(opinions, opinions).mean()), 4) if len(opinions) > 1 else None


def measured(rounds: Iterable[Sequence[str]]) -> Usual:
    """The same over rounds of opinions."""
    values = [value for opinions in rounds if (value := similarity(opinions)) is not None]
    low, high = np.quantile(values, (0.1, 0.9))
    return Usual(
        rounds=len(values),
        mean=round(float(np.mean(values)), 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
    )


@cache
def usual() -> Usual:
    """The corpus' own."""
    return Usual.model_validate(json.loads(FILE.read_text()))
