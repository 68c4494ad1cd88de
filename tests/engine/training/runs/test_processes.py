"""Two processes that `accelerate launch` starts train the model that one would have."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest
import torch
import yaml

from engine.errors import ScoringError
from engine.training.reward_models.loop import train_reward
from engine.training.runs.processes import only_one, share
from tests.engine.training.conftest import of_family

HOLD = """
import sys
from pathlib import Path
from engine.training.runs.processes import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


class Three:
    num_processes, process_index = 3, 1


def test_processes_share_a_steps_rounds():
    assert share([0, 1, 2, 3, 4, 5], Three) == [1, 4]


def test_rounds_that_cannot_be_shared_equally_are_refused():
    with pytest.raises(ValueError, match="8 rounds cannot be shared by 3 processes"):
        share(list(range(8)), Three)


def test_a_folder_is_one_runs_alone_until_its_process_is_killed(tmp_path):
    words = [sys.executable, "-c", HOLD, str(tmp_path / "run")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ValueError, match="another training is running"), only_one(tmp_path / "run"):
            pass
        holder.kill()
        holder.wait()
        with only_one(tmp_path / "run"):
            pass


@pytest.mark.long
def test_two_processes_give_the_weights_of_one(config, tmp_path):
    config = of_family(config, "causal-lora", tmp_path)
    config = config.model_copy(update={"rounds_per_step": 4, "rounds_per_pass": 1, "steps": 3})
    with suppress(ScoringError):
        train_reward(config)
    shared = config.model_copy(update={"run": tmp_path / "shared"})
    file = tmp_path / "shared.yaml"
    file.write_text(yaml.safe_dump(shared.model_dump(mode="json")))

    done = subprocess.run(
        [
            sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2",
            "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no",
            "--main_process_port", "0", "-m", "engine.training", "reward", str(file),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert "on cpu, processes: 2, from step 0" in done.stderr, done.stderr[-2000:]
    one, two = (torch.load(c.run / "state.pt", weights_only=True) for c in (config, shared))
    assert two["step"] == config.steps
    for name, weight in one["trained"].items():
        torch.testing.assert_close(two["trained"][name], weight, rtol=1e-3, atol=1e-4)
    assert len((shared.run / "history.jsonl").read_text().splitlines()) == 1  # only the first writes
