"""The learning loop by its commands: an export, a model that learns from it, promotion, the way back."""

import fcntl
import json
import os
import signal
import subprocess
import time

import pytest
import yaml

from engine.evaluation.corpus.reading import ROUNDS
from engine.questions.splits import question_id
from engine.reward.towers.checkpoint import save_checkpoint
from engine.training.runs.processes import only_one
from tests.bell import PROCESS_S
from tests.e2e.test_commands import ACCORD
from tests.engine.evaluation.corpus.rounds import CAKE, FILES, TRIP, write
from tests.engine.tiny import tiny_checkpoint
from tests.engine.training import feedback

RECIPE = {
    "max_tokens": 64, "dropout": 0.0, "freeze_words": False, "steps": 24, "rounds_per_step": 4,
    "rounds_per_pass": 4, "warm_up": 2, "encoder_rate": 1e-2, "head_rate": 2e-2, "average": 0.8,
    "evaluate_every": 8, "save_every": 8, "threads": 1,
}  # fmt: skip


@pytest.fixture
def team(tmp_path):
    """What a team has: an export, a model in use, a recipe, a corpus to pick from."""
    save_checkpoint(tiny_checkpoint(), tmp_path / "used")
    feedback.save(feedback.records(), tmp_path / "feedback.jsonl")
    write(tmp_path / "corpus", {**FILES, ROUNDS: [CAKE, TRIP]})
    (tmp_path / "team.yaml").write_text(yaml.safe_dump(RECIPE | {"run": "run", "feedback": "feedback.jsonl"}))
    return tmp_path


@pytest.mark.slow
def test_a_team_teaches_its_model_puts_it_to_use_and_takes_it_back(team, accord):
    used = {"ACCORD_REWARD_MODEL": str(team / "used"), "OMP_NUM_THREADS": "1"}

    trained = accord("train", "reward", "team.yaml", env=used)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout == "run/best\n"
    facts = json.loads((team / "run" / "best" / "manifest.json").read_text())
    assert facts["config"]["start"] == str(team / "used")

    promoted = accord("promote", "run/best", "--data", "feedback.jsonl", "--corpus", "corpus", env=used)
    assert promoted.returncode == 0, promoted.stderr
    assert "Promoted: reward reward-" in promoted.stdout
    assert "share of what choosing can gain among earnest drafts, 1 rounds:" in promoted.stdout

    pair = {
        "question": "Should we ban cats?",
        "opinion": "no i am against it",
        "candidate": "we should ban cats",
    }
    (team / "pair.jsonl").write_text(json.dumps(pair))
    scores = [json.loads(accord("score", "pair.jsonl", env=used).stdout)["reward"]]
    back = accord("rollback", "reward", "--reason", "a drill", env=used)
    assert (back.returncode, back.stdout) == (0, "In use now: the configured reward model.\n")
    scores.append(json.loads(accord("score", "pair.jsonl", env=used).stdout)["reward"])
    assert scores[0] != scores[1]

    written = (team / "data" / "models" / "current.json").read_text()
    assert "a drill" in written
    assert question_id(pair["question"]) not in written
    again = accord("rollback", env=used)
    assert (again.returncode, again.stderr) == (
        1,
        "accord: No reward model is promoted, so there is nothing to go back from.\n",
    )


def is_held(folder):
    """Whether somebody trains in the folder."""
    with (folder / "lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def wait_until(holds):
    end = time.monotonic() + PROCESS_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_folder_in_which_somebody_trains_is_refused(team, accord):
    with only_one(team / "run"):
        second = accord("train", "reward", "team.yaml", env={"ACCORD_REWARD_MODEL": str(team / "used")})

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.splitlines()[-1].startswith("accord: run: another training is running")


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_has_its_folder_to_itself_until_it_is_stopped(team, accord, environment, number):
    recipe = RECIPE | {"run": "run", "feedback": "feedback.jsonl", "steps": 100_000, "patience": 100_000}
    (team / "team.yaml").write_text(yaml.safe_dump(recipe))
    used = {"ACCORD_REWARD_MODEL": str(team / "used"), "OMP_NUM_THREADS": "1"}
    line = [*ACCORD, "train", "reward", "team.yaml"]
    running = subprocess.Popen(line, cwd=team, env=os.environ | environment | used, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: running.poll() is not None or (team / "run" / "manifest.json").exists())
        second = accord("train", "reward", "team.yaml", env=used)
        running.send_signal(number)
        running.wait(timeout=PROCESS_S)
    finally:
        running.kill()
        running.wait()

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.splitlines()[-1].startswith("accord: run: another training is running")
    wait_until(lambda: not is_held(team / "run"))
