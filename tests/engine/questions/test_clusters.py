"""Clusters of questions: found where they are, drawn, and kept whole by a split."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

from engine.questions.bank import bank
from engine.questions.clusters import WORDS, cautions, cluster, draw, embedded, picture, usual_numbers
from engine.questions.held_out import split
from tests.engine.tiny import save_tiny_base

SUBJECTS = ("nuclear power stations", "school uniforms", "plastic bags")
FORMS = ("Should we ban {}?", "Should {} be cheaper?", "Are {} good for us?", "Should there be more {}?")
QUESTIONS = [form.format(subject) for subject in SUBJECTS for form in FORMS]
GROUPS = st.dictionaries(st.text(min_size=1), st.integers(1, 30), min_size=2, max_size=8)


@pytest.fixture(scope="module")
def vectors():
    return embedded(QUESTIONS, WORDS)


@pytest.fixture(scope="module")
def found(vectors):
    return cluster(QUESTIONS, vectors, encoder=WORDS, tried=(2, 3, 4, 5))


def test_the_number_of_clusters_is_the_one_with_the_best_silhouette(found):
    assert len(found.clusters) == 3
    assert max(found.silhouettes, key=found.silhouettes.get) == 3


def test_every_question_is_in_one_cluster_with_its_like(found):
    sets = {frozenset(each.questions) for each in found.clusters}

    assert sets == {frozenset(range(at, at + 4)) for at in (0, 4, 8)}
    assert {each.words[0] for each in found.clusters} <= set(" ".join(SUBJECTS).split())


def test_the_same_seed_gives_the_same_clusters(found, vectors):
    assert cluster(QUESTIONS, vectors, encoder=WORDS, tried=(2, 3, 4, 5)) == found


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_picture_is_the_same_each_time_and_names_the_clusters(found, vectors, tmp_path, ending):
    one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    draw(vectors, found, one)
    draw(vectors, found, two)

    assert one.read_bytes() == two.read_bytes()
    if ending == "svg":
        assert "3 clusters" in re.sub(r"\s+", " ", one.read_text())


def test_no_label_of_the_picture_is_written_over_another():
    asked = [each.question for each in bank()[:200]]
    vectors = embedded(asked, WORDS)
    figure = picture(vectors, cluster(asked, vectors, encoder=WORDS, tried=(30,)))
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].texts]

    assert len(boxes) > 10
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))


def test_who_compares_by_words_or_takes_the_largest_number_is_told(found):
    largest = found.model_copy(update={"silhouettes": {2: 0.1, 3: 0.2}, "encoder": "some/model"})

    assert [("words they share" in said) for said in cautions(found)] == [True]
    assert [("largest that was tried (3)" in said) for said in cautions(largest)] == [True]
    assert cautions(largest.model_copy(update={"silhouettes": {2: 0.2, 3: 0.1}})) == []


def test_a_sentence_encoder_compares_by_what_it_was_given(tmp_path):
    save_tiny_base(tmp_path / "base")
    encoder = SentenceTransformer(modules=[Transformer(str(tmp_path / "base")), Pooling(16)], device="cpu")
    encoder.save(str(tmp_path / "encoder"), create_model_card=False)

    vectors = embedded(QUESTIONS, str(tmp_path / "encoder"))

    assert vectors.shape == (12, 16)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.allclose(vectors, encoder.encode(QUESTIONS, normalize_embeddings=True), atol=1e-5)
    assert cluster(QUESTIONS, vectors, encoder="tiny", tried=(3,)).encoder == "tiny"


@pytest.mark.parametrize("tried", [(1,), (12,)])
def test_a_number_of_clusters_that_cannot_be_is_refused(vectors, tried):
    with pytest.raises(ValueError, match="2 to 11"):
        cluster(QUESTIONS, vectors, encoder=WORDS, tried=tried)


def test_too_few_questions_and_unknown_encoders_are_refused():
    with pytest.raises(ValueError, match="takes 4"):
        embedded(QUESTIONS[:3], WORDS)
    with pytest.raises(ValueError, match="no_such_encoder"):
        embedded(QUESTIONS, "no_such_encoder")


@pytest.mark.parametrize("questions", [4, 12, 400, 5_065])
def test_the_usual_numbers_fit_any_bank(questions):
    numbers = usual_numbers(questions)

    assert numbers == sorted(set(numbers))
    assert 2 <= numbers[0] <= numbers[-1] < questions


@given(sizes=GROUPS, share=st.floats(0.05, 0.9), seed=st.integers(0, 99))
def test_a_split_keeps_clusters_whole_and_loses_nothing(sizes, share, seed):
    groups = {name: [f"{name}/{at}" for at in range(size)] for name, size in sizes.items()}
    found = split(groups, share=share, seed=seed)

    assert {*found.train_questions} | {*found.held_out_questions} == {q for g in groups.values() for q in g}
    assert {*found.held_out_questions} == {q for name in found.held_out for q in groups[name]}
    assert not {*found.train_questions} & {*found.held_out_questions}
    assert found.train_questions
    assert found.held_out_questions
    assert split(groups, share=share, seed=seed) == found


def test_the_share_is_kept_as_well_as_whole_clusters_can():
    groups = {}
    for each in bank():
        groups.setdefault(str(each.topic), []).append(each.id)
    shares = [len(split(groups, share=0.2, seed=seed).held_out_questions) / 5_065 for seed in range(5)]

    assert np.allclose(shares, 0.2, atol=0.01)


@pytest.mark.parametrize(
    "groups", [{"a": ["1", "2"]}, {"a": ["1"], "b": ["1"]}], ids=["one cluster", "twice"]
)
def test_a_split_that_would_leak_is_refused(groups):
    with pytest.raises(ValueError, match="cluster"):
        split(groups, share=0.5)
