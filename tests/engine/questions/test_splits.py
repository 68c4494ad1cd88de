"""Splits by question: nothing is on two sides, and a question stays where it was."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.names import LEXICAL
from engine.questions.splits import Side, question_id, split_questions
from engine.reward import SHIPPED
from engine.run_manifest import seen_questions

QUESTIONS = st.lists(
    st.text("abcdefgh ?", min_size=1).filter(question_id), min_size=3, max_size=60, unique_by=question_id
)
SHARES = {"choose": 0.2, "held_out": 0.3}


@given(
    questions=QUESTIONS, seed=st.integers(0, 5), topics=st.lists(st.integers(0, 9), min_size=60, max_size=60)
)
def test_no_question_and_no_topic_is_on_two_sides_and_no_side_is_empty(questions, seed, topics):
    known = {question_id(q): t for q, t in zip(questions, topics, strict=False)}
    if len(set(known.values())) < 3:
        known = {}
    split = split_questions(questions * 2, seed=seed, topics=known, **SHARES)

    for topic in set(known.values()):
        assert len({split.of(q) for q in questions if known[question_id(q)] == topic}) == 1
    assert sorted(name for side in Side for name in split.ids(side)) == sorted(map(question_id, questions))
    assert all(split.ids(side) for side in Side)


def test_a_question_stays_on_its_side_while_the_export_grows():
    few = [f"Should we do {n}?" for n in range(40)]
    many = [*few, *(f"Should we also do {n}?" for n in range(400))]

    before, after = (split_questions(some, seed=3, **SHARES) for some in (few, many))

    assert [before.of(q) for q in few] == [after.of(q) for q in few]
    shares = [len(after.ids(side)) / len(many) for side in (Side.CHOOSE, Side.HELD)]
    assert shares == pytest.approx([0.2, 0.3], abs=0.07)


def test_a_question_is_the_same_in_other_letters_and_its_name_hides_it():
    assert question_id("Should we ban cars?") == question_id("  should WE ban cars ")
    assert "cars" not in question_id("Should we ban cars?")


def test_too_few_questions_are_refused():
    with pytest.raises(ValueError, match="2 questions or topics; 3 are needed"):
        split_questions(["one?", "two?"], seed=0, **SHARES)


def test_what_was_learnt_from_is_read_from_the_manifest_beside_a_checkpoint(tmp_path):
    split = split_questions([f"{n}?" for n in range(20)], seed=0, **SHARES)
    (tmp_path / "manifest.json").write_text(json.dumps({"split": split.facts(["before"])}))

    assert set(seen_questions(tmp_path)) == {*split.ids(Side.TRAIN, Side.CHOOSE), "before"}


def test_a_checkpoint_within_a_run_has_learnt_from_what_the_run_did(tmp_path):
    (tmp_path / "last").mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps({"config": {}, "split": {"seen_questions": ["one"]}}))

    assert seen_questions(tmp_path / "last") == ["one"]


def test_what_a_model_without_a_manifest_has_learnt_from_is_not_known(tmp_path):
    assert seen_questions(tmp_path) is None
    assert seen_questions(SHIPPED) == seen_questions(Path(LEXICAL)) == []
