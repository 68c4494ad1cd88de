"""Rounds that nobody has rated: a language model rates them, and the small model learns from its answers."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import FeedbackError
from engine.evaluation.corpus.reading import SHIPPED_CORPUS
from engine.reward.towers.checkpoint import load_checkpoint, save_checkpoint
from engine.reward.towers.two_tower import TwoTower
from engine.training.__main__ import main
from engine.training.data.judge_answers import Answer, KeptAnswers
from engine.training.data.unrated_rounds import UnratedRound, judged, read_rounds
from tests.engine.reward.judge.loopback_judge import LoopbackJudge, in_a_thread
from tests.engine.tiny import tiny_checkpoint
from tests.engine.training import feedback
from tests.engine.training.data.test_judge_answers import rate

LINE = {
    "question": "Should we ban cats?",
    "opinions": ["yes", "no"],
    "statements": ["we should", "we should not"],
}


def rounds():
    """As in a team's feedback, without anybody's ratings."""
    for question in feedback.QUESTIONS:
        act = question.removeprefix("Should we ").removesuffix("?")
        yield {
            "question": question,
            "opinions": [f"yes i think we should {act}", f"no i am against it {act}"],
            "statements": [f"we should {act}", f"we should not {act}"],
        }


def save(lines, path):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def file(tmp_path):
    return save(rounds(), tmp_path / "rounds.jsonl")


@pytest.fixture
def server(monkeypatch):
    with in_a_thread(LoopbackJudge(rate)) as running:
        monkeypatch.setenv("ACCORD_JUDGE_URL", running.url)
        yield running


@pytest.fixture
def recipe(tmp_path):
    save_checkpoint(tiny_checkpoint(), tmp_path / "start")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"{{run: {tmp_path / 'run'}, start: {tmp_path / 'start'}, max_tokens: 64, train_tokens: 64, "
        "dropout: 0.0, freeze_words: false, unasked: 0.5, steps: 16, rounds_per_step: 4, rounds_per_pass: 4, "
        "warm_up: 2, encoder_rate: 1.0e-2, head_rate: 2.0e-2, average: 0.8, evaluate_every: 8, "
        f"save_every: 8, threads: 1, rounds: {tmp_path / 'rounds.jsonl'}, teacher: llm}}"
    )
    return path


def test_the_judge_rates_rounds_and_its_answers_are_kept(file, server, tmp_path, capsys):
    answers = tmp_path / "judge/answers.jsonl"
    assert main(["judge", "--rounds", str(file), "--run", str(tmp_path / "judge")]) == 0

    assert f"accord train reward --rounds {file} --teacher {answers}" in capsys.readouterr().out
    kept = [json.loads(line) for line in answers.read_text().splitlines()]
    assert len(kept) == len(server.rated) == 24 * 2 * 2
    assert kept[0].keys() == {"question", "opinion", "candidate", "reward", "judge"}
    assert not (tmp_path / "judge/calibration.json").exists()  # there is nothing to calibrate on


def test_a_small_model_learns_what_the_judge_says_of_them(file, server, recipe, tmp_path, capsys):
    assert main(["reward", str(recipe)]) == 0, capsys.readouterr().err

    facts = json.loads((tmp_path / "run/best/manifest.json").read_text())
    assert facts["judges"] == ["llm:loopback/writer (judge/1)"]
    assert facts["judged_rounds"] == 24
    assert len(facts["split"]["seen_questions"]) < 24  # some are kept for the comparison
    assert facts["held_out"]["candidate"]["value"] > facts["held_out"]["current"]["value"]
    learnt = TwoTower(load_checkpoint(tmp_path / "run/best"))
    line = next(rounds())
    scores = learnt.raw_scores(line["question"], line["opinions"], line["statements"])
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]


def test_kept_answers_teach_without_a_server(file, server, recipe, tmp_path, monkeypatch, capsys):
    assert main(["judge", "--rounds", str(file), "--run", str(tmp_path / "judge")]) == 0
    monkeypatch.delenv("ACCORD_JUDGE_URL")

    words = ["reward", str(recipe), "--teacher", str(tmp_path / "judge/answers.jsonl")]

    assert main(words) == 0, capsys.readouterr().err


def test_a_run_on_rounds_starts_without_a_recipe(file, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "engine.training.reward_models.loop.train_reward", lambda config: asked.append(config) or "done"
    )
    answers = tmp_path / "answers.jsonl"
    answers.write_text("")

    assert (
        main(["reward", "--rounds", str(file), "--teacher", str(answers), "--run", str(tmp_path / "r")]) == 0
    )

    (config,) = asked
    assert (config.rounds, config.teacher, config.feedback) == (file, answers, None)


def test_the_rounds_of_a_corpus_are_such_rounds():
    found = read_rounds(SHIPPED_CORPUS / "rounds.jsonl")

    assert len(found) > 500
    assert all(np.isnan(each.ratings).all() for each in found)  # those that a line has are passed over
    assert all(each.ratings.shape == (len(each.opinions), len(each.candidates)) for each in found)


@given(said=st.lists(st.floats(1, 7), min_size=4, max_size=4))
def test_ratings_are_whole_and_as_near_as_can_be_to_what_the_judge_said(said):
    pairs = [(o, s) for o in LINE["opinions"] for s in LINE["statements"]]
    answers = KeptAnswers(
        (
            Answer(question=LINE["question"], opinion=o, candidate=s, reward=r)
            for (o, s), r in zip(pairs, said, strict=True)
        ),
        "here",
    )
    (each,) = judged([_round(LINE)], answers)

    assert abs(each.ratings.ravel() - said).max() <= 0.5
    assert set(each.ratings.ravel()) <= set(range(1, 8))


def _round(line):
    return UnratedRound.model_validate(line).unrated()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2"),
        ('{"question": "secret"}', "line 2: opinions: it is needed"),
        (json.dumps(LINE | {"opinions": ["secret"]}), "line 2: opinions"),
        (json.dumps(LINE | {"statements": ["secret", {"kind": "good"}]}), "line 2: statements.1"),
        (json.dumps(LINE | {"question": " "}), "line 2: question"),
    ],
    ids=["no-json", "no-opinions", "one-opinion", "no-text", "no-question"],
)
def test_a_line_that_is_no_round_is_named_and_not_quoted(tmp_path, line, says):
    path = tmp_path / "rounds.jsonl"
    path.write_text(f"{json.dumps(LINE)}\n{line}\n")

    with pytest.raises(FeedbackError, match=says) as caught:
        read_rounds(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["reward", "--rounds", "FILE"], "nobody has rated them"),
        (["reward", "--rounds", "FILE", "--teacher", "somewhere/best"], "nobody has rated them"),
        (["reward", "--rounds", "FILE", "--feedback", "FILE", "--teacher", "llm"], "name either rounds"),
        (["reward"], "--rounds FILE --teacher llm"),
        (["judge", "--rounds", "FILE", "--feedback", "FILE", "--run", "r"], "--rounds FILE"),
        (["judge", "--rounds", "FILE"], "--run FOLDER"),
        (["judge", "--rounds", "EMPTY", "--run", "r"], "it holds no round"),
    ],
)
def test_what_cannot_be_learnt_from_is_one_line(file, tmp_path, words, says, capsys):
    (tmp_path / "empty.jsonl").write_text("\n")
    places = {"FILE": str(file), "EMPTY": str(tmp_path / "empty.jsonl")}

    assert main([places.get(word, word) for word in words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
