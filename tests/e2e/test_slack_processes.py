"""`accord run` and `accord worker` as real processes before a loopback Slack, killed on the way."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from adapters.redis.embedded import EmbeddedServer
from tests.command_here import run_here
from tests.slack_server import Message, SlackServer, User

pytestmark = [pytest.mark.redis, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
OPINIONS = (
    "Ban them. The sea is full of plastic and fish eat it. Nobody needs a bag for ten minutes.",
    "A ban is too strict for hospitals. They need sterile packaging. Exceptions must be possible.",
    "Put a deposit on bottles instead. People bring them back when there is money for it.",
    "Small shops would suffer most. Give them two years and help with the costs.",
    "Paper bags are not better for the climate. Measure first and decide afterwards.",
    "I would ban cutlery and straws only. There is a wooden one for everything.",
    "Producers should pay for the waste that they make. Then prices tell the truth.",
    "Teach children to carry a bottle. Habits change slowly and a law alone changes nothing.",
)
MEMBERS = len(OPINIONS)
PATIENCE_S = 120.0
# Whose window is not there by then clicks again: the gateway that was to open it may have been killed.
CLICKS_AGAIN_AFTER_S = 10.0
# In every opinion, and so never in what a process logs.
UNSPEAKABLE = "zanzibar"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack on this machine."""
    async with SlackServer() as slack:
        # Slack's three seconds are no promise of a machine that is busy; they have tests of their own.
        slack.redelivery.ack_within_s = slack.state.trigger_lifetime_s = 30.0
        yield slack


@pytest.fixture
def state(tmp_path: Path) -> Iterator[str]:
    """A server of this test's own."""
    with EmbeddedServer(tmp_path / "state") as server:
        yield server.url


def settings_for(slack: SlackServer, state: str) -> dict[str, str]:
    """For everything that a test starts."""
    return {
        "REDIS_URL": state,
        "ACCORD_SECRET_KEY": "a key that is only for tests",
        "ACCORD_WEB_PORT": "0",
        "ACCORD_GENERATOR": "digest",
        "ACCORD_REWARD_MODEL": "lexical",
        "SLACK_BOT_TOKEN": slack.bot_token(),
        "SLACK_APP_TOKEN": slack.app.app_token,
        "SLACK_API_URL": slack.api_url,
    }


@contextmanager
def process(
    command: str, slack: SlackServer, state: str, folder: Path, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """One of Accord's commands, until the block ends."""
    settings = settings_for(slack, state) | {"PYTHONPATH": str(ROOT), **more}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("ACCORD", "SLACK"))}
    with (folder / "log.txt").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", command],
            cwd=folder,
            env=inherited | settings,
            stdout=log,
            stderr=log,
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


async def share(member: User, message: Message, text: str) -> None:
    """Share an opinion, and try again after whatever went wrong, as people do."""
    for _ in range(20):
        if await shared(member, message, text):
            return
    raise AssertionError(f"{member.name} could not share an opinion")


async def shared(member: User, message: Message, text: str) -> bool:
    """Whether it went well this time."""
    while member.views:
        await member.close()
    await member.click(message, "share_opinion")
    try:
        view = await member.sees_modal("opinion", timeout_s=CLICKS_AGAIN_AFTER_S)
    except AssertionError:
        return False
    given = await member.submit(view, {"opinion": text})
    return given.acked and not given.errors


async def test_a_deliberation_outlives_a_gateway_that_is_killed_and_its_result_has_a_page(
    slack: SlackServer, state: str, tmp_path: Path
) -> None:
    slack.redelivery.every = True
    people = [slack.user(f"member{number}") for number in range(MEMBERS)]
    room = slack.channel("general", *people)
    port = str(unused_port())
    public = {"ACCORD_WEB_PORT": port, "ACCORD_BASE_URL": f"http://127.0.0.1:{port}"}
    hasty = public | {"ACCORD_TAKEOVER_SECONDS": "3"}
    with ExitStack() as stack:
        gateway = stack.enter_context(process("run", slack, state, tmp_path, **public))
        worker = stack.enter_context(process("worker", slack, state, tmp_path, **hasty))
        await slack.until(lambda: slack.socket.connections, timeout_s=PATIENCE_S)
        await people[0].command("/accord ask Should we ban single-use plastics?", room)
        view = await people[0].sees_modal("ask", timeout_s=PATIENCE_S)
        await people[0].submit(view, {"identity": "named"})
        message = await slack.until(
            lambda: next((m for m in room.shown if m.bot_id), None), timeout_s=PATIENCE_S
        )
        assert message is not None
        for number, member in enumerate(people):
            await share(member, message, f"{OPINIONS[number]} I say so in {UNSPEAKABLE}.")
            if number == 3:
                gateway.kill()
                gateway.wait()
                gateway = stack.enter_context(process("run", slack, state, tmp_path, **public))
                await slack.until(lambda: slack.socket.connections, timeout_s=PATIENCE_S)
        await slack.until(lambda: "8 members have answered" in message.shown, timeout_s=PATIENCE_S)
        await people[0].command("/accord close", room)
        # While it drafts and publishes, or just before.
        await slack.until(lambda: "drafted" in message.shown, timeout_s=PATIENCE_S)
        worker.kill()
        worker.wait()
        worker = stack.enter_context(process("worker", slack, state, tmp_path, **hasty))
        ballot = await slack.until(
            lambda: next((m for m in room.shown if "heart_eyes" in m.reactions), None), timeout_s=PATIENCE_S
        )
        assert ballot is not None
        await slack.until(lambda: len(ballot.reactions) == 7, timeout_s=PATIENCE_S)
        assert len([m for m in room.shown if "heart_eyes" in m.reactions]) == 1
        for member in people[:4]:
            await member.react(ballot, "blush")
        gateway.kill()
        gateway.wait()
        # Nobody listens: these are counted when somebody does again.
        for member in people[4:]:
            await member.react(ballot, "heart_eyes")
        gateway = stack.enter_context(process("run", slack, state, tmp_path, **public))
        await slack.until(lambda: slack.socket.connections, timeout_s=PATIENCE_S)
        await people[0].command("/accord close", room)
        await slack.until(lambda: "8 ratings" in message.shown, timeout_s=PATIENCE_S)
        await slack.until(lambda: room.thread(message.ts), timeout_s=PATIENCE_S)
        links = {
            link
            for said in (message, *room.thread(message.ts))
            for link in re.findall(r"http://127[^\"'>|]+/r/[^\"'>|]+", str(said.blocks))
        }
        assert len(links) == 1
        async with aiohttp.ClientSession() as stranger, stranger.get(links.pop()) as answer:
            page = await answer.text()

    assert "Mean 6.5 of 7" in message.shown
    assert answer.status == 200
    assert "Should we ban single-use plastics?" in page
    assert "<strong>8 of 8</strong> agree" in page
    assert "No AI model was used" in page
    assert "member0" not in page
    log = (tmp_path / "log.txt").read_text()
    assert UNSPEAKABLE not in log
    assert "xoxb-" not in log
    assert "xapp-" not in log
    assert "Traceback" not in log


@pytest.mark.long
async def test_gateways_that_are_killed_all_the_time_lose_and_double_nothing(
    slack: SlackServer, state: str, tmp_path: Path
) -> None:
    slack.redelivery.every = True
    slack.redelivery.interactions_too = True
    people = [slack.user(f"member{number}") for number in range(MEMBERS)]
    room = slack.channel("general", *people)
    with ExitStack() as stack:
        gateways = [stack.enter_context(process("run", slack, state, tmp_path)) for _ in range(2)]
        stack.enter_context(process("worker", slack, state, tmp_path))
        await slack.connected(2)
        await people[0].command("/accord ask Should we ban single-use plastics?", room)
        view = await people[0].sees_modal("ask", timeout_s=PATIENCE_S)
        # By name, so that the export shows opinions before the close.
        await people[0].submit(view, {"identity": "named"})
        message = await slack.until(
            lambda: next((m for m in room.shown if m.bot_id), None), timeout_s=PATIENCE_S
        )
        assert message is not None

        killing = asyncio.Event()
        killing.set()

        async def one(number: int) -> None:
            """Thinks better of it for as long as gateways are killed, and does not wait for anybody."""
            said = f"{OPINIONS[number]} I say so in {UNSPEAKABLE}."
            await share(people[number], message, f"First: {said}")
            while killing.is_set():
                await share(people[number], message, f"Another: {said}")
                await asyncio.sleep(0.5)
            await share(people[number], message, f"Last: {said}")

        answering = asyncio.gather(*(one(number) for number in range(MEMBERS)))
        for turn in range(4):
            # Always one is left, and nobody knows to which one a payload goes.
            gateways[turn % 2].kill()
            gateways[turn % 2].wait()
            gateways[turn % 2] = stack.enter_context(process("run", slack, state, tmp_path))
            await slack.until(lambda: len(slack.socket.connections) == 2, timeout_s=PATIENCE_S)
        killing.clear()
        await answering
        await slack.until(lambda: "8 members have answered" in message.shown, timeout_s=PATIENCE_S)
        await people[0].command("/accord export", room)
        await people[0].is_told("export is in your direct messages")

    exported = " ".join((upload.content or b"").decode() for upload in slack.uploads.values())
    assert all(f"Last: {opinion}" in exported for opinion in OPINIONS)
    assert "First: " not in exported
    assert "Another: " not in exported
    assert len([m for m in room.shown if m.bot_id]) == 1
    log = (tmp_path / "log.txt").read_text()
    assert UNSPEAKABLE not in log
    assert "Traceback" not in log


async def test_the_doctor_says_what_to_click(slack: SlackServer, state: str, tmp_path: Path) -> None:
    slack.app.scopes.discard("reactions:write")
    assert slack.first_team.id
    settings = settings_for(slack, state)
    doctor = await asyncio.to_thread(run_here, "doctor", folder=tmp_path, env=settings)

    said = " ".join(doctor.stdout.split())
    assert doctor.returncode == 1
    assert "reactions:write" in said
    assert "Reinstall to Workspace" in said
    assert "Socket Mode opens" in said
