"""A split of questions by cluster: whole clusters are held out, so that none is on both sides.

Reads:  ids of questions by the name of their cluster (`engine.questions.clusters`, or the bank's topics).
Gives:  a `Split`. Needs no extra package.
Source: the split by clusters, Bakker et al. 2022 (arXiv:2211.15006).
"""

from collections.abc import Mapping, Sequence
from random import Random

from pydantic import Field

from engine.types import Frozen


class Split(Frozen):
    """held_out: ids of whole clusters, as near to `share` of the questions as whole clusters come."""

    seed: int = Field(ge=0)
    share: float = Field(gt=0, lt=1)
    held_out: tuple[str, ...]
    train_questions: tuple[str, ...]
    held_out_questions: tuple[str, ...]


def split(clusters: Mapping[str, Sequence[str]], *, share: float, seed: int = 0) -> Split:
    """Hold out whole clusters, drawn by the seed, until `share` of the questions is reached.

    Args:
        clusters: ids of questions by the name of their cluster.

    Raises:
        ValueError: fewer than two clusters, or a question that is in two of them.
    """
    every = [question for found in clusters.values() for question in found]
    if len(clusters) < 2:
        raise ValueError("a split by clusters takes two clusters or more")
    if len(set(every)) < len(every):
        raise ValueError("a question is in two clusters; each may be in one only")
    drawn = Random(seed).sample(sorted(clusters), len(clusters))  # noqa: S311 - repeatable on purpose
    held: list[str] = []
    for name in drawn[:-1]:  # something is left to train on
        before = sum(len(clusters[each]) for each in held)
        if held and abs(before - share * len(every)) <= abs(
            before + len(clusters[name]) - share * len(every)
        ):
            continue
        held.append(name)
    out = {question for name in held for question in clusters[name]}
    return Split(
        seed=seed,
        share=share,
        held_out=tuple(sorted(held)),
        train_questions=tuple(question for question in every if question not in out),
        held_out_questions=tuple(question for question in every if question in out),
    )
