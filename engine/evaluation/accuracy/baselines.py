"""What a reward model has to beat: words in common, and what the others in a round gave.

Reads:  rounds with ratings, or the same texts as the model.
Gives:  scorers that `engine.evaluation.accuracy.suites` can judge.
Refrains from learning, and from torch.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

from engine.arrays import Floats


class TfIdf:
    """Cosine of TF-IDF vectors, with frequencies from the texts at hand."""

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Similarities of shape (opinions, candidates), in [0, 1]; 0 where there are no words."""
        texts = [question, *opinions, *candidates]
        vectors = TfidfVectorizer()
        if not any(vectors.build_analyzer()(text) for text in texts):
            return np.zeros((len(opinions), len(candidates)))
        vectors.fit(texts)
        scores: Floats = (vectors.transform(opinions) @ vectors.transform(candidates).T).toarray()
        return scores


def others_mean(ratings: Floats) -> Floats:
    """For each person and statement the mean of what the others gave it (leave-one-out).

    Args:
        ratings: shape (people, statements), NaN where not rated.

    Returns:
        The same shape; NaN where nobody else rated the statement.
    """
    rated = ~np.isnan(ratings)
    sums = np.where(rated, ratings, 0.0)
    others = rated.sum(axis=0) - rated
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = np.where(others > 0, (sums.sum(axis=0) - sums) / others, np.nan)
    return means
