"""`accord worker` as a process: it takes up what is promoted, and what is taken back, while it runs."""

import json
import os
import subprocess
import sys

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase
from bot.domain.terms import Terms
from engine.model_registry import FOLDER, Kind, roll_back
from engine.reward.towers.checkpoint import WEIGHTS
from tests.bell import PROCESS_S
from tests.bot.worker.test_engine import NOW, put
from tests.e2e.test_kill import ROOT, ports, say, server, until  # noqa: F401 (fixtures)

pytestmark = [
    pytest.mark.redis,
    # Each day `tests/bot/worker/test_engine.py` holds it, without a process.
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning"),
]

TEAM = "web"
FAY = Actor(TEAM, "fay")
SAID = (
    "We should ban cars from the centre, as the air is bad.",
    "I need my car to get to work, so keep them.",
    "Ban them at the weekend only and see how it goes.",
)


@pytest.fixture
def worker(server, tmp_path):  # noqa: F811
    """A running worker with a reward model that needs no file; its log afterwards."""
    log = tmp_path / "worker.log"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "REDIS_URL": server.url,
        "ACCORD_DATA_DIR": str(tmp_path / "data"), "ACCORD_SECRET_KEY": "a secret of this test only",
        "ACCORD_REWARD_MODEL": "lexical",
    }  # fmt: skip
    with log.open("wb") as stderr:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", "worker"], cwd=tmp_path, env=environment, stderr=stderr
        )
    yield log
    assert running.poll() is None, log.read_text()
    running.terminate()
    assert running.wait(PROCESS_S) == 0


async def judged_by(ports, key):  # noqa: F811
    """The reward model that chose the statement of a new question."""
    terms = Terms(candidates=2)
    asked = await say(ports, commands.PostQuestion(FAY, "web", "C1", "Ban cars?", key, terms=terms))
    for number, text in enumerate(SAID):
        await say(ports, commands.GiveOpinion(Actor(TEAM, f"p{number}"), asked.id, text, ports.clock.now()))
    await say(ports, commands.CloseOpinions(FAY, asked.id))
    await until(ports, asked, lambda saved: saved.phase is Phase.RATING)
    return (await ports.mediations.mediation(asked.id, 1)).models.reward


async def test_a_running_worker_takes_up_promotions_keeps_off_half_copies_and_goes_back(
    worker,
    ports,  # noqa: F811
    tmp_path,
):
    assert await judged_by(ports, "first") == "lexical/1"

    models = put(tmp_path, "one", 1)
    assert models == tmp_path / "data" / FOLDER
    assert await judged_by(ports, "second") == "tiny"

    roll_back(models, Kind.REWARD, at=NOW)
    assert await judged_by(ports, "third") == "lexical/1"

    put(tmp_path, "two", 2)
    weights = models / "reward" / "two" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])
    assert await judged_by(ports, "fourth") == "lexical/1"

    told = [json.loads(line) for line in worker.read_text().splitlines() if line.startswith("{")]
    (complaint,) = [each for each in told if each["level"] == "error"]
    assert "its files are not those of the model that was promoted" in complaint["message"]
    assert not any("ban cars" in json.dumps(each).lower() for each in told)
