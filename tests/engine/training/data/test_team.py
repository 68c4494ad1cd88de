"""A team's feedback: what is left out, how it becomes rounds, and a whole run from it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random

import numpy as np
import pytest
import torch

from engine.errors import LearningError, ScoringError
from engine.questions.bank import bank
from engine.questions.splits import Side, question_id
from engine.reward.towers.checkpoint import JointCheckpoint, load_checkpoint, save_checkpoint
from engine.reward.towers.two_tower import TwoTower
from engine.training.__main__ import main
from engine.training.data.team import (
    TeamData,
    TeamRound,
    TeamRoundsForSteps,
    read_topics,
    team_rounds,
    usable,
)
from engine.training.reward_models.loop import train_reward
from engine.training.reward_models.losses import round_loss
from engine.training.reward_models.team_exam import TeamExam
from engine.training.runs.config import RewardConfig, Terms
from tests.bell import PROCESS_S
from tests.engine.tiny import tiny_checkpoint, tiny_joint
from tests.engine.training import feedback
from tests.engine.training.conftest import of_family
from tests.engine.training.feedback import record


@pytest.fixture
def team(tmp_path):
    """A run of a few steps that goes on from a tiny model with random weights."""
    save_checkpoint(tiny_checkpoint(), tmp_path / "start")
    return RewardConfig(
        run=tmp_path / "run", feedback=feedback.save(feedback.records(), tmp_path / "feedback.jsonl"),
        start=tmp_path / "start", max_tokens=64, train_tokens=64, dropout=0.0, freeze_words=False, people=4,
        steps=24, rounds_per_step=4, rounds_per_pass=4, warm_up=2, encoder_rate=1e-2, head_rate=2e-2,
        average=0.8, evaluate_every=8, save_every=8, threads=1,
    )  # fmt: skip


def test_in_a_second_round_a_member_s_text_is_their_opinion_and_what_they_said_of_the_first():
    found = [
        record(
            round=2, participant="a", opinion="ban", statement="we ban in may", agreement=6, critique="later"
        ),
        record(participant="a", opinion="ban", agreement=3, critique="say when"),
        record(participant="b", opinion="keep", agreement=5),
        record(round=2, participant="b", opinion="keep", statement="we ban in may", agreement=2),
    ]

    (each,) = team_rounds(found)

    assert each.opinions == ("ban\n\nsay when", "ban", "keep")
    assert each.candidates == ("we ban in may", "we agree")
    np.testing.assert_array_equal(each.ratings, [[6, np.nan], [np.nan, 3], [2, 5]])


def test_records_without_consent_or_opinion_are_left_out():
    counts = Counter()

    kept = list(usable([record(), record(consent=False), record(opinion=None)], counts))

    assert kept == [record()]
    assert counts == {"used": 1, "left_out": 2}


def test_a_deliberation_becomes_a_table_of_people_and_statements():
    found = team_rounds(
        [
            record(participant="a", opinion="yes", statement_id="1", statement="one", agreement=7),
            record(participant="b", opinion="no", statement_id="2", statement="two", agreement=3),
            record(participant="a", opinion="yes", statement_id="2", statement="two", agreement=2),
            record(participant="a", opinion="yes", statement_id="1", statement="later", round=2, agreement=5),
            record(
                participant="a", opinion="now no", statement_id="1", statement="later", round=2, agreement=4
            ),
            record(deliberation_id="other", group="h"),
        ]
    )

    assert [r.opinions for r in found] == [("yes", "no", "now no"), ("yes",)]
    assert found[0].candidates == ("one", "two", "later")
    nan = np.nan
    np.testing.assert_array_equal(found[0].ratings, [[7, 2, 5], [nan, 3, nan], [nan, nan, 4]])
    assert [r.group for r in found] == ["team/g", "team/h"]


def test_what_is_not_rated_does_not_count_in_the_loss():
    scores = torch.tensor([[2.0, 0.0, 5.0], [0.0, 1.0, -5.0]])
    rated = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    with_gaps = torch.cat([rated, torch.full((2, 1), torch.nan)], dim=1)

    assert round_loss(scores, with_gaps, Terms()).item() == pytest.approx(
        round_loss(scores[:, :2], rated, Terms()).item()
    )


def test_every_deliberation_is_learnt_from_before_any_comes_again(team):
    lessons = TeamRoundsForSteps(TeamData.of(team).rounds[Side.TRAIN], team)
    count = len({r.question for r in TeamData.of(team).rounds[Side.TRAIN]})

    seen = [r.question for step in range(count) for r in lessons.of_step(step)]

    assert len(set(seen[:count])) == count
    assert set(Counter(seen).values()) == {team.rounds_per_step}
    assert [r.question for r in lessons.of_step(2)] == seen[8:12]


def test_a_share_of_the_rounds_goes_without_its_question(team):
    rounds = TeamData.of(team).rounds[Side.TRAIN]

    def asked(share):
        lessons = TeamRoundsForSteps(rounds, team.model_copy(update={"unasked": share}))
        return [bool(r.question) for step in range(25) for r in lessons.of_step(step)]

    assert all(asked(0.0))
    assert not any(asked(1.0))
    assert 0.3 < np.mean(asked(0.5)) < 0.7


def test_no_question_is_on_two_sides(team):
    rounds = TeamData.of(team).rounds
    ids = [{question_id(r.question) for r in rounds[side]} for side in Side]

    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]
    assert not ids[1] & ids[2]


def test_questions_of_a_cluster_stay_on_one_side(team, tmp_path):
    things = {thing: [q for q in feedback.QUESTIONS if q.endswith(f"{thing}?")] for thing in feedback.THINGS}
    file = tmp_path / "clusters.json"
    file.write_text(json.dumps({"clusters": {name: {"questions": some} for name, some in things.items()}}))

    data = TeamData.of(team.model_copy(update={"clusters": file}))

    side_of = {each.question: side for side in Side for each in data.rounds[side]}
    assert len(side_of) == len(feedback.QUESTIONS)
    assert all(len({side_of[question] for question in some}) == 1 for some in things.values())
    assert set(side_of.values()) == set(Side)


def test_questions_of_the_bank_are_named_by_their_ids_in_clusters(tmp_path):
    first, second, *_ = bank()
    file = tmp_path / "clusters.json"
    file.write_text(json.dumps({"clusters": {"0": {"questions": [first.id, second.id]}}}))

    assert read_topics(file) == {question_id(first.question): 0, question_id(second.question): 0}


@pytest.mark.parametrize("content", ["{", "{}", '[{"id": 1}]', '"no"'])
def test_a_file_that_holds_no_clusters_is_one_sentence(tmp_path, content):
    file = tmp_path / "clusters.json"
    file.write_text(content)

    with pytest.raises(ValueError, match="neither questions with topics nor"):
        read_topics(file)


def test_a_team_whose_members_rate_one_statement_each_is_judged_by_its_loss():
    class Same:
        def raw_scores(self, question, opinions, candidates):
            return np.zeros((len(opinions), len(candidates)))

    one = TeamRound("?", ("yes", "no"), ("we do",), np.array([[7.0], [1.0]]), "g")

    mark, judged = TeamExam([one], Terms()).examined(Same())

    assert judged == {}
    assert mark == pytest.approx(-1.5 * np.log(2))  # within the statement once, and half of the level


def test_a_run_on_feedback_beats_the_model_that_it_started_from(team):
    folder = train_reward(team)

    facts = json.loads((folder / "manifest.json").read_text())
    assert facts["held_out"]["difference"]["low"] > 0
    assert facts["held_out"]["candidate"]["value"] > 0.9
    assert sum(facts["split"]["questions"].values()) == len(feedback.QUESTIONS)
    assert facts["records"] == {"used": 192}
    assert facts["versions"]["trl"]
    assert "ban" not in json.dumps(facts["split"])
    TwoTower.load(folder, device="cpu")


def test_a_run_that_is_not_better_than_its_start_keeps_nothing(team):
    rng = Random(0)
    random = [each.model_copy(update={"agreement": rng.randint(1, 7)}) for each in feedback.records()]
    feedback.save(random, team.feedback)

    with pytest.raises(ScoringError, match="better than the model that it started from"):
        train_reward(team.model_copy(update={"encoder_rate": 1e-9, "head_rate": 1e-9}))


def test_adapters_of_another_family_learn_from_their_base_and_are_compared_with_the_model_in_use(
    team, tmp_path, capsys
):
    config = of_family(team, "causal-lora", tmp_path)
    config = config.model_copy(update={"start": None, "steps": 24, "evaluate_every": 8, "head_rate": 3e-2})
    file = tmp_path / "causal.yaml"
    file.write_text(config.model_dump_json())

    line = ["reward", str(file), "--models", str(tmp_path / "models"), "--configured", str(team.start)]

    assert main(line) == 0
    assert capsys.readouterr().out == f"{config.run / 'best'}\n"
    facts = json.loads((config.run / "best" / "manifest.json").read_text())
    assert (facts["config"]["start"], facts["config"]["against"]) == (None, str(team.start))
    assert facts["held_out"]["current"]["ratings"] > 0
    assert main(line) == 0  # resumed at its end, with the settings that it had


def test_a_run_goes_on_from_a_joint_model_in_use_with_both_of_its_ways(team, tmp_path, capsys):
    save_checkpoint(tiny_joint(), tmp_path / "in use")
    file = tmp_path / "team.yaml"
    file.write_text(team.model_copy(update={"start": None}).model_dump_json())
    line = [
        "reward",
        str(file),
        "--models",
        str(tmp_path / "models"),
        "--configured",
        str(tmp_path / "in use"),
    ]

    assert main(line) == 0

    before, after = (load_checkpoint(folder) for folder in (tmp_path / "in use", team.run / "best"))
    assert isinstance(after, JointCheckpoint)
    assert (after.config.name, after.config.together_up_to) == ("joint", before.config.together_up_to)
    for name in ("head", "together"):
        weights = [getattr(each.towers, name).inner.weight for each in (before, after)]
        assert not torch.allclose(*weights, atol=1e-3)
    assert main(line) == 0  # resumed at its end, with the settings that it had


def test_a_manifest_that_is_none_is_one_line(team, capsys):
    team.run.mkdir()
    (team.run / "manifest.json").write_text("{")
    line = ["reward", "--feedback", str(team.feedback), "--run", str(team.run)]

    assert main(line) == 2

    assert "it is not what a run writes" in capsys.readouterr().err.splitlines()[-1]


def test_another_export_in_the_same_run_is_refused(team):
    train_reward(team)
    feedback.save(feedback.records()[:-1], team.feedback)

    with pytest.raises(ValueError, match="other data"):
        train_reward(team)


@pytest.mark.long
def test_the_command_learns_from_an_export_alone_after_a_kill_too(team, tmp_path):
    file = tmp_path / "team.yaml"
    file.write_text(team.model_copy(update={"steps": 120, "patience": 100}).model_dump_json())
    line = [sys.executable, "-m", "engine.training", "reward", str(file)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while not (team.run / "state.pt").exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    done_before = torch.load(team.run / "state.pt", weights_only=True)["step"]

    assert done_before < 120
    done = subprocess.run(
        line, env=environment, capture_output=True, text=True, timeout=PROCESS_S, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{team.run / 'best'}\n"
    assert f"from step {done_before}" in done.stderr
    steps = [json.loads(each)["step"] for each in (team.run / "history.jsonl").read_text().splitlines()]
    assert steps[-1] == 120


def test_an_export_that_is_nowhere_is_one_line(tmp_path, capsys):
    assert main(["reward", "--feedback", str(tmp_path / "none.jsonl"), "--run", str(tmp_path / "run")]) == 2

    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith(f"accord: {tmp_path / 'none.jsonl'}: it cannot be read")


def test_a_learning_error_is_an_engine_error():
    assert LearningError.retryable is False
