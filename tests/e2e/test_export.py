"""`accord export` as an operator meets it, over the state of a deliberation that settled."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.memory import ManualClock, MemoryJobQueue, MemoryLibrary, MemoryLiveFeed, MemoryPlatform
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.state import redis_state
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.worker.steps import Worker, run_step, sweep
from engine.feedback.files import FeedbackFormat, dictionary, read_feedback
from engine.feedback.record import FeedbackRecord
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.bell import PROCESS_S
from tests.feedback_samples import record as feedback_record
from tests.scripted_drafter import ScriptedGenerator

pytestmark = pytest.mark.redis

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPINIONS = {
    "ann": "=HYPERLINK: plastics should be banned because they last for ever.",
    "bob": "Plastics are useful; a tax would be fairer than a ban.",
    "cem": 'Ban them, "slowly",\nso that shops can follow.',
    "dan": "I said this in confidence: my shop lives on plastic bags.",
    "eve": "Forget what I think of plastics.",
}
# Who leave no record either, so that what Dan chose is not all that is left over.
WITHOUT_OPINION = ("gus", "hal")
STATEMENTS = (
    "We would phase out plastic bags over two years and help small shops with the change.",
    "We would put a small tax on plastic bags first and look at a ban again next year.",
)


@pytest.fixture
def state(tmp_path):
    """A server that `accord` finds in its data directory."""
    with EmbeddedServer(tmp_path / "data") as server:
        yield server.url


@pytest.fixture
def called(environment, tmp_path):
    """How `accord export` is called as a process, for `subprocess`."""
    return lambda *words: {
        "args": [sys.executable, "-m", "bot", "export", *map(str, words)],
        "cwd": tmp_path,
        "env": environment,
    }


@pytest.fixture
def export(accord):
    def run(*words, ok=True):
        done = accord("export", *words)
        assert (done.returncode == 0) is ok, done.stderr
        return done

    return run


def settle(state):
    """One whole deliberation; dan does not agree to be learnt from, eve asks to be forgotten."""
    asyncio.run(_settle(state))


async def _settle(state):
    client = await connect(state)
    clock = ManualClock(NOON)
    ports = Ports(
        **redis_state(client),
        feedback=RedisFeedbackLog(client),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=clock,
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"web": MemoryPlatform()},
    )
    # statements of nobody's words: a digest quotes members, and what quotes a withheld opinion is not kept
    mediator = Mediator(ScriptedGenerator(STATEMENTS), LexicalRewardModel())
    worker = Worker(ports, mediator, pause_s=0)

    async def say(command):
        reply = await dispatch(command, ports)
        assert reply.ok, reply.text
        await sweep(ports)
        while ports.jobs.waiting:
            step, id_ = await ports.jobs.take()
            await run_step(step, id_, worker)
        return reply.deliberation

    await ports.teams.save_team(Team(id="T1", keep_feedback=True))
    terms = Terms(position_statement="Plastics should be banned.", ask_quality=True)
    fay = Actor("T1", "fay")
    asked = await say(commands.PostQuestion(fay, "web", "C1", "Ban plastics?", "key", terms=terms))
    for number, (user, text) in enumerate(OPINIONS.items(), 1):
        actor = Actor("T1", user, name=f"Name of {user}")
        await say(commands.RateBaseline(actor, asked.id, number, NOON))
        await say(commands.GiveOpinion(actor, asked.id, text, NOON, consent=user != "dan"))
    for number, user in enumerate(WITHOUT_OPINION, 1 + len(OPINIONS)):
        await say(commands.RateBaseline(Actor("T1", user), asked.id, number, NOON))
    await say(commands.CloseOpinions(fay, asked.id))
    for user in (*OPINIONS, *WITHOUT_OPINION):
        await say(commands.CastRating(Actor("T1", user), asked.id, 6, NOON, quality=5))
    await say(commands.CloseRating(fay, asked.id))
    clock.advance(timedelta(seconds=1))
    await say(commands.ForgetMe(Actor("T1", "eve"), clock.now()))
    await client.aclose()


def test_a_settled_deliberation_is_the_same_in_every_form(state, export, tmp_path):
    settle(state)
    files = [tmp_path / f"feedback.{form}" for form in FeedbackFormat]
    for file in files:
        done = export(file)
        assert (done.stdout, done.stderr.strip()) == ("", "3 records.")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first, second, third = (sorted(read_feedback(file), key=str) for file in files)
    assert first == second == third
    by_baseline = {record.baseline: record for record in first}
    assert [by_baseline[n].opinion for n in (1, 2, 3)] == list(OPINIONS.values())[:3]
    assert [record.consent for record in first] == [True, True, True]
    assert {record.quality for record in first} == {5}
    assert all(1 <= by_baseline[n].predicted_reward <= 7 for n in (1, 2, 3))
    assert {"T1"}.isdisjoint(record.team for record in first)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", *sorted(f.name for f in files)]
    for file in files[:2]:
        text = file.read_text()
        for secret in ("in confidence", "Forget what", "Name of"):
            assert secret not in text


def test_standard_output_holds_one_record_a_line_and_nothing_else(state, export):
    settle(state)
    done = export("--with-team-ids")
    records = [FeedbackRecord.model_validate_json(line) for line in done.stdout.splitlines()]
    assert {record.team for record in records} == {"T1"}
    assert len(records) == 3


def test_what_is_wanted_can_be_told(state, export):
    settle(state)
    (id_,) = {json.loads(line)["deliberation_id"] for line in export().stdout.splitlines()}
    for words, found in [
        (("--team", "T1"), 3),
        (("--team", "T2"), 0),
        (("--deliberation", id_), 3),
        (("--deliberation", "another"), 0),
        (("--since", "2026-11-23", "--until", "2026-11-24"), 3),
        (("--since", "2026-11-23T12:00:01"), 0),
        (("--until", "2026-11-23T12:00:00"), 0),
        (("--since", "2026-11-23T13:00:00+0100"), 3),
    ]:
        done = export(*words)
        assert len(done.stdout.splitlines()) == found, words
        assert ("fits no settled question" in done.stderr) == (found == 0), words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("feedback.txt",), "one of .jsonl, .csv, .parquet"),
        (("nowhere/feedback.csv",), "nowhere/feedback.csv: it cannot be written"),
        (("--since", "yesterday"), "yesterday"),
        (("--since", "2026-13-01"), "'--since': 2026-13-01 is no date; write it as 2026-01-31"),
        (("--since", "2026-11-24", "--until", "2026-11-23"), "--since is not before --until"),
        (("folder.csv",), "folder"),
    ],
)
def test_what_cannot_be_done_is_one_line(state, export, tmp_path, words, said):
    (tmp_path / "folder.csv").mkdir()
    done = export(*words, ok=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "folder.csv"]


def many(state, count):
    """Records of so many raters of one deliberation."""

    async def keep():
        client = await connect(state)
        record = feedback_record(opinion="I think that they should be banned. " * 10)
        people = range(count)
        await RedisFeedbackLog(client).append(
            [record.model_copy(update={"participant": f"p{n}"}) for n in people]
        )
        await client.aclose()

    asyncio.run(keep())


HALF = 5_000_000
"""Bytes of 20,000 records, of which each takes more than 500: so much is still to be written."""


def halfway(called, file):
    """An export that stands still while its new file is written; begun again where it was done by then."""
    before = file.read_text()
    for _ in range(10):
        process = subprocess.Popen(**called(file), stderr=subprocess.PIPE, text=True)
        while not (started := begun(file)):
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status) and begun(file) == started and started[0].stat().st_size < HALF:
            return process
        process.kill()
        process.communicate()
        file.write_text(before)
    raise AssertionError("every export was done before it could be stopped")


def begun(file):
    """The new file of an export, once something is in it."""
    return [part for part in file.parent.glob(f".{file.name}.*.part") if part.stat().st_size]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.long, id="SIGTERM"),
        pytest.param(signal.SIGINT, marks=pytest.mark.long, id="SIGINT"),
        pytest.param(signal.SIGKILL, id="SIGKILL"),
    ],
)
def test_an_export_that_is_ended_in_the_middle_leaves_the_old_file(state, called, tmp_path, number):
    many(state, 20_000)
    file = tmp_path / "feedback.jsonl"
    file.write_text("as it was\n")
    process = halfway(called, file)
    try:
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        assert process.wait(PROCESS_S) != 0
    finally:
        process.kill()
        complaint = process.communicate()[1]
    assert file.read_text() == "as it was\n"
    assert "Traceback" not in complaint
    if number is not signal.SIGKILL:
        assert list(tmp_path.glob(".feedback*")) == []


def test_a_reader_that_has_had_enough_gets_no_complaint(state, called):
    many(state, 5_000)
    with subprocess.Popen(**called(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["participant"]
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_the_page_for_operators_has_the_dictionary_as_it_is(export):
    told = export("--dictionary").stdout.strip()
    assert told == dictionary()
    assert told in (ROOT / "deploy/docs/pages/study/feedback.md").read_text(encoding="utf-8")
