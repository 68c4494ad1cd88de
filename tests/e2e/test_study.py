"""A study from its plan to its report: the commands, members on the web, a real store."""

import asyncio
import csv
import json
import re
import stat
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient

from adapters.memory import (
    ManualClock,
    MemoryApiTokens,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
)
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.invitations import RedisInvitations
from adapters.redis.sessions import RedisSessions
from adapters.redis.state import redis_state
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from adapters.web.platform import WebPlatform
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Phase
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.worker.steps import Worker, run_step, sweep
from engine.drafting import make_generator
from engine.feedback.files import read_feedback
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.study.arms import TEMPLATES, ArmDrafter
from engine.study.plan import read_plan
from engine.types import Arm, Draft
from tests.web_house import HouseServer, Person

pytestmark = pytest.mark.redis

SECRET = "a secret for this test only"
PEOPLE, QUESTIONS = 8, 2
MODELS = ("model:small-1b", "model:large-7b")
ARMS = ("zero-shot", "best-opinion", "leave-one-out", *MODELS, "revised")
FIRST = len(ARMS) - 1
"""Statements in a first vote: the revised one comes after it."""
SAID = (
    "Yes, because it would help people who have little, and that is only fair.",
    "No, it costs far too much, and nobody has said who is going to pay for it.",
    "Perhaps, if it is tried out in one town first and then looked at again.",
    "I am against it: everyone should decide for themselves and not be forced.",
    "I could live with it if the money comes from what is spent already.",
)
MISSED = "Those who are against it should be asked before anybody else is, I think."


DRAFTED = {
    "TGI_URL": "http://127.0.0.1:1",
    "ACCORD_TGI_ADAPTER": "ours",
    "ACCORD_STUDY_MODELS": "small-1b=http://127.0.0.1:2, large-7b=https://ai.example.org/v1",
}
"""A server for every prompt, by the settings; it is never asked, as the town drafts by itself."""


@pytest.fixture
def accord(accord):
    """A command with the settings of a study, over the state in a folder."""

    def run(folder, *words, env=DRAFTED):
        settings = {
            "ACCORD_DATA_DIR": str(folder),
            "ACCORD_SECRET_KEY": SECRET,
            "ACCORD_BASE_URL": "http://127.0.0.1:1",
        }
        return accord(*words, env=settings | env)

    return run


class Drafter:
    """Writes whose prompt it was asked with, so that a mix-up of arms is seen in what people rate."""

    name, model_used = "scripted", False

    def __init__(self, template):
        self.prompt = template

    async def draft(self, briefs):
        for brief in briefs:
            told = "We would try it in one town first and then decide"
            if brief.revision is not None:
                assert {each.text for each in brief.revision.critiques} == {MISSED}
                assert "(zero-shot, " in brief.revision.statement
                told = "Whoever is against this will be heard before any town begins with it"
            yield Draft(brief, f"{told} ({self.prompt}, {brief.index}).")


class Town:
    """The state in a folder while no command has it: web pages, a worker, and the team."""

    def __init__(self, folder):
        self.server = EmbeddedServer(folder)

    async def __aenter__(self):
        self.client = await connect(await asyncio.to_thread(self.server.start))
        self.ports = Ports(
            **redis_state(self.client),
            feedback=RedisFeedbackLog(self.client),
            library=MemoryLibrary(),
            jobs=MemoryJobQueue(),
            clock=ManualClock(datetime.now(UTC)),
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms(SECRET),
            platforms={"web": WebPlatform()},
        )
        access = WebAccess(
            RedisSessions(self.client, "web"), RedisInvitations(self.client), MemoryApiTokens()
        )
        config = WebConfig(secret=SECRET, base_url="http://127.0.0.1:1")
        self.web = HouseServer(create_app(self.ports, config, access, MemoryNotes()))
        await self.web.start_server()
        self.people = []
        return self

    async def __aexit__(self, *exc):
        for person in self.people:
            await person.client.session.close()
        await self.web.close()
        await self.client.aclose()
        await asyncio.to_thread(self.server.stop)

    def person(self):
        self.people.append(Person(TestClient(self.web)))
        return self.people[-1]

    async def work(self):
        rewards = LexicalRewardModel()
        mediator = Mediator(make_generator("digest"), rewards)
        arms = ArmDrafter(lambda template: Mediator(Drafter(template), rewards), rewards)
        worker = Worker(self.ports, mediator, pause_s=0, arms=arms)
        await sweep(self.ports)
        while self.ports.jobs.waiting:
            step, id_ = await self.ports.jobs.take()
            await run_step(step, id_, worker)


async def take_part(town, links):
    """Everybody answers every question of their group, and rates every statement of it.

    In the last question only two say what they would change, so that it has no second vote.
    """
    seats = []
    last = (links[-1]["group"], links[-1]["place"])
    for row in links:
        person = town.person()
        await person.open(row["link"])
        assert "part of a study" in person.page, person.page
        assert "large-7b on ai.example.org" in person.page
        assert "small-1b on Accord&#39;s own server" in person.page
        place = person.path
        silent = (row["group"], row["place"]) == last and int(row["seat"]) > 2
        seats.append((person, place, int(row["seat"]), silent))
        await person.send(
            f"{place}/opinion",
            {
                "opinion": SAID[int(row["seat"]) - 1],
                "baseline": str(2 * int(row["seat"]) - 1),
                "learn": "yes",
            },
        )
    await town.work()
    for person, place, seat, silent in seats:
        await vote(person, place, seat, statements=FIRST, reason="" if silent else MISSED)
    await town.work()  # each vote ended with the last of its group
    for person, place, seat, _ in seats:
        await person.open(place)
        if (person.path, "no statement could be revised" in person.page) == (place, True):
            continue
        assert "What would you change" not in person.page
        await vote(person, place, seat, statements=len(ARMS))
    await town.work()


async def vote(person, place, seat, *, statements, reason=""):
    """Rate everything that there is, and say what to change where that is asked."""
    await person.open(place)
    fields = _fields(person.page)
    assert len(fields) == 2 * statements, person.page
    given = {name: str(1 + (seat + at) % 7) for at, name in enumerate(fields)}
    if reason:
        given |= {"reason": reason, "learn": "yes", "round": "1"}
        assert person.page.count("What would you change in this statement?") == 1
        assert "an AI model may read reasons" in person.page or "quote your reason" in person.page
    elif statements > FIRST:
        given["round"] = "2"
    await person.send(f"{place}/ratings", given)
    assert f"all {statements} statements are saved" in person.page, person.page


def _fields(page):
    return list(dict.fromkeys(re.findall(r'name="((?:agreement|quality)-[\w-]+)"', page)))


async def changes(folder):
    """Who changed which of the team's settings."""
    async with Town(folder) as town:
        found = await town.ports.teams.settings_changes("web")
        return [(change.user, field.field) for change in found for field in change.changes]


async def play(folder, links):
    """The whole study on the web; gives the phases that its questions ended in."""
    async with Town(folder) as town:
        await take_part(town, links)
        return {d.phase async for d in town.ports.deliberations.each_of_team("web")}


def test_from_plan_to_report(accord, tmp_path):
    folder, plan, links = tmp_path / "state", tmp_path / "plan.csv", tmp_path / "links.csv"
    words = [word for arm in ARMS for word in ("--arm", arm)]
    made = accord(
        folder, "study", "plan", plan, "--people", PEOPLE, "--questions-each", QUESTIONS, "--seed", 4, *words
    )
    assert made.returncode == 0, made.stderr
    assert "8 people in 2 groups, 4 questions, 6 statements" in made.stdout

    nobody = accord(folder, "study", "start", plan, "--links", links, env={})
    assert (nobody.returncode, nobody.stderr.count("\n")) == (2, 1)
    assert "Nobody can draft for" in nobody.stderr
    assert "there is no language model" in nobody.stderr
    unknown = accord(
        folder, "study", "start", plan, "--links", links, env={**DRAFTED, "ACCORD_STUDY_MODELS": ""}
    )
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "There is no model called" in unknown.stderr
    refused = accord(folder, "study", "start", plan, "--links", links)
    assert refused.returncode == 1
    assert "does not let Accord learn" in refused.stderr
    assert "--keep-ratings" in refused.stderr
    assert not links.exists()

    started = accord(folder, "study", "start", plan, "--links", links, "--keep-ratings")
    assert started.returncode == 0, started.stderr
    assert "if people agree to that when they answer" in started.stdout
    assert asyncio.run(changes(folder)) == [("study", "keep_feedback")]
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    again = accord(folder, "study", "start", plan, "--links", links)
    assert (again.returncode, "there already" in again.stderr) == (2, True)

    with links.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PEOPLE * QUESTIONS
    assert asyncio.run(play(folder, rows)) == {Phase.SETTLED}

    feedback, report = tmp_path / "feedback.jsonl", tmp_path / "report"
    exported = accord(folder, "export", feedback)
    assert exported.returncode == 0, exported.stderr
    records = list(read_feedback(feedback))
    sittings = read_plan(plan).sittings
    second = [record for record in records if record.round == 2]
    people_of_last = 4
    assert len(records) - len(second) == PEOPLE * QUESTIONS * FIRST
    assert len(second) == (PEOPLE * QUESTIONS - people_of_last) * len(ARMS)
    assert {record.study for record in records} == {"study-4"}
    assert {(r.group, r.question, r.position_statement) for r in records} == {
        (s.group, s.question, s.position_statement) for s in sittings
    }
    revised = [record for record in second if record.arm is Arm.REVISED]
    assert {(r.prompt, "will be heard before" in r.statement) for r in revised} == {("zero-shot", True)}
    assert not [record for record in records if record.arm is Arm.REVISED and record.round == 1]
    said = [(record.round, record.arm) for record in records if record.critique == MISSED]
    # The reasons of the two who alone said something in the last question, too.
    assert (set(said), len(said)) == ({(1, Arm.ZERO_SHOT)}, PEOPLE * QUESTIONS - people_of_last + 2)
    for arm, template in TEMPLATES.items():
        made = [record for record in records if record.arm is arm]
        assert all(each.prompt == template and f"({template}," in each.statement for each in made)
    for arm in MODELS:
        made = [record for record in records if record.arm == arm]
        assert len({each.statement_id for each in made if each.round == 1}) == len(sittings)
        assert all(f"({arm}," in each.statement and each.welfare_function for each in made)
    assert all(r.quality and r.baseline and r.predicted_reward for r in records)
    outside = [record for record in records if not record.included]
    assert {record.arm for record in outside} == {Arm.LEAVE_ONE_OUT}
    assert len([record for record in outside if record.round == 1]) == len(sittings)

    evaluated = accord(folder, "evaluate", feedback, "--out", report)
    assert evaluated.returncode == 0, evaluated.stderr
    told = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert {each["arm"] for each in told["arms"]["arms"]} == set(ARMS)
    assert {each["agreement"]["groups"] for each in told["arms"]["arms"]} == {2}
    (left_out,) = told["outsiders"]
    assert left_out["arm"] == "leave-one-out"
    votes = [record for record in records if record.arm is Arm.LEAVE_ONE_OUT]
    for name, inside in (("included", True), ("excluded", False)):
        given = [record.agreement for record in votes if record.included is inside]
        assert left_out[name]["value"] == pytest.approx(sum(given) / len(given))
    page = (report / "report.html").read_text(encoding="utf-8")
    assert 'id="outsiders"' in page
    assert [each["arm"] for each in told["arms"]["arms"]][-2:] == list(MODELS)
    assert 'id="models"' in page
    assert {each["jury"] for each in told["winners"]["juries"]} >= {"both sides count alike"}
    assert told["topics"][0]["examples"]
    assert told["rounds"]["deliberations"] == len(sittings) - 1
    assert ("revised", "zero-shot") in {(each["arm"], each["over"]) for each in told["arms"]["wins"]}
    assert any("In 1 of 4 questions of a study no revised statement was rated" in n for n in told["notes"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["plan", "OUT.json", "--people", "7"], "groups of 4 or 5"),
        (["plan", "OUT.txt", "--people", "8"], ".json or a .csv"),
        (["plan", "OUT.json", "--people", "8", "--arm", "model:"], "there is no such arm"),
        (["plan", "OUT.json", "--people", "8", "--name", "two words"], "id"),
        (["plan", "OUT.json", "--people", "8", "--questions", "OUT.json"], "cannot be read"),
        (["start", "OUT.json", "--links", "links.csv"], "cannot be read"),
        (["plan", "nowhere/OUT.json", "--people", "8"], "nowhere/OUT.json: it cannot be read or written"),
        (["plan", "there.csv", "--people", "8"], "there.csv is there already"),
        (["start", "there.csv", "--links", "nowhere/links.csv"], "nowhere/links.csv: it cannot be read or"),
    ],
    ids=[
        "people",
        "ending",
        "arm",
        "name",
        "questions",
        "no plan",
        "no folder",
        "a plan",
        "no folder of links",
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(accord, words, says, tmp_path):
    assert accord(tmp_path, "study", "plan", tmp_path / "there.csv", "--people", 8).returncode == 0
    words = [str(tmp_path / word) if "." in word else word for word in words]
    done = accord(tmp_path, "study", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
