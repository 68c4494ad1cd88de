"""A language model's answers on a team's feedback: kept, taught from, and calibrated by."""

import json

import pytest

from engine.errors import ScoringError
from engine.reward.judge.environment import judge_from
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import save_checkpoint
from engine.training.__main__ import main
from engine.training.data.judge_answers import KeptAnswers
from engine.training.data.rounds import Round
from engine.training.data.team import team_rounds
from engine.training.reward_models.distillation import Teacher
from engine.training.reward_models.team_exam import TeamExam
from engine.training.runs.config import Terms, read_config
from tests.engine.reward.judge.loopback_judge import LoopbackJudge, in_a_thread
from tests.engine.tiny import tiny_checkpoint
from tests.engine.training import feedback


def rate(opinion, statement):
    """Who is for something likes what is for it, and a little too much."""
    return 6.5 if ("against" in opinion) == ("not" in statement) else 3.0


@pytest.fixture
def export(tmp_path):
    return feedback.save(feedback.records(feedback.QUESTIONS[:6], people=2), tmp_path / "feedback.jsonl")


@pytest.fixture
def server(monkeypatch):
    with in_a_thread(LoopbackJudge(rate)) as running:
        monkeypatch.setenv("ACCORD_JUDGE_URL", running.url)
        yield running


def test_the_answers_are_kept_and_the_judge_is_fitted_to_what_people_said(export, server, tmp_path, capsys):
    code = main(["judge", "--feedback", str(export), "--run", str(tmp_path / "judge")])

    said = capsys.readouterr().out
    assert code == 0
    assert f"ACCORD_JUDGE_CALIBRATION={tmp_path / 'judge/calibration.json'}" in said
    lines = [json.loads(line) for line in (tmp_path / "judge/answers.jsonl").read_text().splitlines()]
    assert len(lines) == 6 * 2 * 2 == len(server.rated)
    assert {line["judge"] for line in lines} == {"llm:loopback/writer (judge/1)"}
    calibration = Calibration.model_validate_json((tmp_path / "judge/calibration.json").read_bytes())
    kept = KeptAnswers.read(tmp_path / "judge/answers.jsonl")
    (first, *_) = team_rounds(feedback.records(feedback.QUESTIONS[:1], people=2))
    ratings = calibration.ratings(kept.raw_scores(first.question, first.opinions, first.candidates))
    assert ratings == pytest.approx(first.ratings, abs=0.3)  # 6 and 2, where the judge said 6.4 and 3


def test_what_is_kept_is_not_asked_again(export, server, tmp_path):
    words = ["judge", "--feedback", str(export), "--run", str(tmp_path / "judge")]
    assert main(words) == 0
    path = tmp_path / "judge/answers.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:8]))  # stopped after two rounds
    before = len(server.rated)

    assert main(words) == 0

    assert len(server.rated) - before == 16


def test_answers_of_another_judge_are_not_mixed_in(export, server, tmp_path, capsys):
    words = ["judge", "--feedback", str(export), "--run", str(tmp_path / "judge")]
    assert main(words) == 0
    server.model_id = "another"

    assert main(words) == 2
    assert "answers of another judge" in capsys.readouterr().err


def test_a_judge_that_cannot_be_had_is_one_line(export, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ACCORD_JUDGE_URL", raising=False)

    assert main(["judge", "--feedback", str(export), "--run", str(tmp_path / "judge")]) == 2
    assert "set ACCORD_JUDGE_URL" in capsys.readouterr().err


def test_a_teacher_of_kept_answers_scores_rounds_with_and_without_their_question(export, server, tmp_path):
    main(["judge", "--feedback", str(export), "--run", str(tmp_path / "judge")])
    rounds = team_rounds(feedback.records(feedback.QUESTIONS[:6], people=2))

    teacher = Teacher.load(tmp_path / "judge/answers.jsonl", TeamExam(rounds, Terms(absolute=0.5)))

    each = rounds[0]
    asked, unasked = teacher.logits(
        [Round(q, each.opinions, each.candidates, each.ratings) for q in (each.question, "")]
    )
    assert asked.tolist() == unasked.tolist()
    assert ((asked.numpy() > 0) == (each.ratings > 4)).all()


def test_answers_that_are_missing_or_broken_are_one_sentence_that_quotes_nothing(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"question": "secret"}\n')

    with pytest.raises(ScoringError, match="line 1 is no answer") as caught:
        KeptAnswers.read(path)
    assert "secret" not in str(caught.value)
    with pytest.raises(ScoringError, match="answers are missing"):
        KeptAnswers((), "here").raw_scores("q", ["o"], ["c"])


def test_a_small_model_learns_from_the_judge_and_the_answers_stay(tmp_path, server, capsys):
    save_checkpoint(tiny_checkpoint(), tmp_path / "start")
    export = feedback.save(feedback.records(), tmp_path / "feedback.jsonl")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        f"{{run: {tmp_path / 'run'}, feedback: {export}, start: {tmp_path / 'start'}, max_tokens: 64, "
        "train_tokens: 64, dropout: 0.0, freeze_words: false, unasked: 0.5, steps: 16, rounds_per_step: 4, "
        "rounds_per_pass: 4, warm_up: 2, encoder_rate: 1.0e-2, head_rate: 2.0e-2, average: 0.8, "
        "evaluate_every: 8, save_every: 8, threads: 1}"
    )

    assert main(["reward", str(recipe), "--teacher", "llm"]) == 0, capsys.readouterr().err

    facts = json.loads((tmp_path / "run/manifest.json").read_text())
    assert facts["config"]["teacher"] == str(tmp_path / "run/teacher.jsonl")
    asked = len(server.rated)
    assert 0 < asked < 24 * 4 * 2  # questions that are kept for the comparison are not asked about
    assert len((tmp_path / "run/teacher.jsonl").read_text().splitlines()) == asked

    assert main(["reward", str(recipe), "--teacher", "llm"]) == 0  # resumed: nobody is asked again
    assert len(server.rated) == asked


def test_general_data_has_no_rounds_to_ask_about_beforehand(tmp_path, capsys):
    path = tmp_path / "general.yaml"
    path.write_text("{run: r, questions: q.json, polis: p}")
    assert read_config(path).feedback is None

    assert main(["reward", str(path), "--teacher", "llm"]) == 2
    assert "teaches from feedback or rounds alone" in capsys.readouterr().err


def test_the_environment_says_how_the_server_is_asked():
    judge = judge_from({"ACCORD_JUDGE_URL": "http://a/v1", "ACCORD_JUDGE_MODEL": "org/m"})

    assert judge.name == "llm:org/m"
    with pytest.raises(ValueError, match="one of auto, pairs, list"):
        judge_from({"ACCORD_JUDGE_URL": "http://a", "ACCORD_JUDGE_ASKS": "often"})
