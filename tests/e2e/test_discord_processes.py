"""`accord run` and `accord worker` as real processes before a loopback Discord, killed on the way."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from adapters.redis.embedded import EmbeddedServer
from tests.bell import PROCESS_S
from tests.command_here import run_here
from tests.discord_server import DiscordServer, Member, Message

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
# In every opinion, and so never in what a process logs.
UNSPEAKABLE = "zanzibar"


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    """A Discord on this machine, with one server."""
    async with DiscordServer() as discord:
        discord.guild()
        yield discord


@pytest.fixture
def state(tmp_path: Path) -> Iterator[str]:
    """A server of this test's own."""
    with EmbeddedServer(tmp_path / "state") as server:
        yield server.url


def settings_for(discord: DiscordServer, state: str) -> dict[str, str]:
    """For everything that a test starts."""
    return {
        "REDIS_URL": state,
        "ACCORD_SECRET_KEY": "a key that is only for tests",
        "ACCORD_WEB_PORT": "0",
        "ACCORD_GENERATOR": "digest",
        "ACCORD_REWARD_MODEL": "lexical",
        "DISCORD_TOKEN": discord.app.token,
        "DISCORD_API_URL": discord.api_url,
    }


@contextmanager
def process(
    command: str, discord: DiscordServer, state: str, folder: Path, **also: str
) -> Iterator[subprocess.Popen[bytes]]:
    """One of Accord's commands, until the block ends and kills it; `also` are more settings."""
    with started(command, folder, settings_for(discord, state) | also) as running:
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def started(command: str, folder: Path, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One of Accord's commands with these settings and what stands in the folder's `.env`, and no others."""
    strange = ("ACCORD", "SLACK", "DISCORD", "REDIS", "TGI", "OPENAI")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(strange)}
    with (folder / "log.txt").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", command],
            cwd=folder,
            env=inherited | settings | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
        try:
            yield running
        finally:
            running.terminate()
            running.wait(PROCESS_S)


async def until_here(discord: DiscordServer, sessions: int) -> None:
    """Wait until a gateway has begun one more session than there were, and made its commands known."""
    await discord.until(
        lambda: discord.gateway.identified > sessions and discord.state.commands_in(discord.first_guild),
        what="a gateway",
        timeout_s=PATIENCE_S,
    )


async def share(member: Member, card: Message, text: str) -> None:
    """Share an opinion, and try again after whatever went wrong, as people do."""
    for _ in range(20):
        member.dismiss_modal()
        opened = await member.press(card, "Share your opinion")
        if opened.modal is None:
            continue
        given = await member.submit(opened.modal, {"opinion": text})
        if not given.failed:
            await member.is_told("Opinion saved", timeout_s=PATIENCE_S)
            return
    raise AssertionError(f"{member.name} could not share an opinion")


@pytest.mark.parametrize("rated_by", [pytest.param("reactions", marks=pytest.mark.long), "poll"])
async def test_votes_cast_while_no_gateway_is_there_are_counted_once_and_the_result_has_its_page(
    discord: DiscordServer, state: str, tmp_path: Path, rated_by: str
) -> None:
    people = [discord.member(f"member{number}") for number in range(MEMBERS)]
    room = discord.first_channel()
    port = str(unused_port())
    public = {"ACCORD_WEB_PORT": port, "ACCORD_BASE_URL": f"http://127.0.0.1:{port}"}
    with ExitStack() as stack:
        gateway = stack.enter_context(process("run", discord, state, tmp_path, **public))
        stack.enter_context(process("worker", discord, state, tmp_path, **public))
        await until_here(discord, 0)
        await people[0].command(
            "accord ask", question="Should we ban single-use plastics?", identity="named", rated_by=rated_by
        )
        card = await discord.posted(room, "find common ground", timeout_s=PATIENCE_S)
        for number, member in enumerate(people):
            await share(member, card, f"{OPINIONS[number]} I say so in {UNSPEAKABLE}.")
            if number == 3:
                gateway.kill()
                gateway.wait()
                sessions = discord.gateway.identified
                gateway = stack.enter_context(process("run", discord, state, tmp_path, **public))
                await until_here(discord, sessions)
        await discord.until(lambda: "8 members have answered" in card.shown, timeout_s=PATIENCE_S)
        await people[0].command("accord close")

        def open_ballot() -> Message | None:
            full = (m for m in room.shown if m.poll or len(m.reactions) == 7)
            return next(full, None)

        ballot = await discord.until(open_ballot, what="the ballot", timeout_s=PATIENCE_S)
        assert ballot is not None

        async def rate(member: Member, value: int) -> None:
            if rated_by == "poll":
                await member.vote(ballot, value)
            else:
                await member.react(ballot, list(ballot.reactions)[value - 1])

        for member in people[:4]:
            await rate(member, 6)
        gateway.kill()
        gateway.wait()
        sessions = discord.gateway.identified
        # Nobody listens: these are counted when somebody does again.
        for member in people[4:]:
            await rate(member, 7)
        gateway = stack.enter_context(process("run", discord, state, tmp_path, **public))
        await until_here(discord, sessions)
        await people[0].command("accord close")
        await discord.until(lambda: "8 ratings" in card.shown, what="the result", timeout_s=PATIENCE_S)
        await discord.posted(room, "The vote is closed", timeout_s=PATIENCE_S)
        link = card.component("Open the page")["url"]
        async with aiohttp.ClientSession() as stranger, stranger.get(link) as answer:
            page = await answer.text()

    assert "Mean 6.5 of 7" in card.shown
    assert answer.status == 200
    assert "Should we ban single-use plastics?" in page
    assert "<strong>8 of 8</strong> agree" in page
    log = (tmp_path / "log.txt").read_text()
    assert UNSPEAKABLE not in log
    assert discord.app.token not in log
    assert "Traceback" not in log
    assert not discord.problems


async def test_what_the_page_says_is_all_that_it_takes(discord: DiscordServer, tmp_path: Path) -> None:
    """The page about Discord, followed by somebody who does nothing else: a copied file, three commands.

    Gateway and worker are two processes then, on one embedded server, and end when they are asked to.
    """
    port = str(unused_port())
    filled_in = {
        "DISCORD_TOKEN": discord.app.token,
        # Beside the page: where this test's Discord is, and a port that is free.
        "DISCORD_API_URL": discord.api_url,
        "ACCORD_WEB_PORT": port,
    }
    # The model that ships has tests of its own, and takes long to load.
    quick = {"ACCORD_REWARD_MODEL": "lexical"}
    lines = (ROOT / ".env.example").read_text().splitlines()
    written = [
        f"{name}={filled_in[name]}" if (name := line.partition("=")[0]) in filled_in else line
        for line in lines
    ]
    (tmp_path / ".env").write_text("\n".join(written))
    ann, ben = (discord.member(name) for name in ("ann", "ben"))
    with ExitStack() as stack:
        doctor = await asyncio.to_thread(run_here, "doctor", folder=tmp_path, env=quick)
        said = " ".join(doctor.stdout.split())
        both = [stack.enter_context(started(command, tmp_path, quick)) for command in ("run", "worker")]
        await until_here(discord, 0)
        await ann.command("accord ask", question="Should we ban single-use plastics?", quorum=2)
        card = await discord.posted(discord.first_channel(), "find common ground", timeout_s=PATIENCE_S)
        for number, member in enumerate((ann, ben)):
            await share(member, card, OPINIONS[number])
        await discord.until(
            lambda: "Here is where we stand" in card.shown, what="the statement", timeout_s=PATIENCE_S
        )
        await ann.command("accord status")
        status = await ann.is_told("Discord answers", timeout_s=PATIENCE_S)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as monitor:
            for path in ("/healthz", "/readyz"):
                async with monitor.get(path) as answer:
                    assert answer.status == 200, path

    assert f"client_id={discord.app.id}" in said.replace(" ", "")
    assert discord.app.token not in said
    assert "One worker is running" in status.shown
    assert "every permission" in status.shown
    assert [each.returncode for each in both] == [0, 0]
    assert not discord.problems


async def test_the_doctor_says_how_it_stands_with_discord(
    discord: DiscordServer, state: str, tmp_path: Path
) -> None:
    discord.deny(discord.first_guild, "embed_links")
    settings = settings_for(discord, state)
    doctor = await asyncio.to_thread(run_here, "doctor", folder=tmp_path, env=settings)

    said = " ".join(doctor.stdout.split())
    assert doctor.returncode == 1
    assert str(discord.app.id) in said
    assert "Embed Links (to show the question" in said
    assert "scope=bot+applications.commands" in said.replace(" ", "")
    assert discord.app.token not in said
