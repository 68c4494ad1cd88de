"""Commands as people at a terminal meet them: `accord` in this process, `accord_process` in another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_here import run_here

ROOT = Path(__file__).parents[2]
PATIENCE_S = 100
KEPT = ("PATH", "HOME", "LANG", "OMP_NUM_THREADS")


@pytest.fixture
def environment(tmp_path):
    """Nothing configured: a data directory of this test's own and no `.env`."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "ACCORD_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def accord(environment, tmp_path):
    """`accord WORDS`, in this process, with nothing configured but the word-matching reward model."""

    def run(*words, env=None, input=""):
        settings = environment | {"ACCORD_REWARD_MODEL": "lexical"} | (env or {})
        return run_here(*map(str, words), folder=tmp_path, env=settings, input=input)

    return run


@pytest.fixture
def accord_process(environment, tmp_path):
    """The same as a process of its own, with the reward model that ships."""

    def run(*words, start=("-m", "bot"), env=None, input=None):
        return subprocess.run(
            [sys.executable, *start, *map(str, words)],
            cwd=tmp_path,
            env=environment | (env or {}),
            input=input,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    return run
