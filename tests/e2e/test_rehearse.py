"""`accord rehearse` as a person at a terminal meets it, against a model on loopback that plays personas."""

import asyncio
import json
import re

import pytest

from tests.engine.drafting.servers.loopback_tgi import LoopbackTgi
from tests.rehearsal_player import CLEARER, QUESTION, ROLES, playing

FEW = ("--members", "3", "--runs", "1", "--candidates", "2")


@pytest.fixture
def rehearse(accord):
    async def run(*words, writer=playing):
        async with LoopbackTgi(writer=writer) as tgi:
            return await asyncio.to_thread(accord, "rehearse", *words, env={"TGI_URL": tgi.url})

    return run


async def test_every_part_of_the_screen_says_that_it_is_simulated(rehearse):
    done = await rehearse(QUESTION, *FEW, "--yes", "--team-description", "A bakery with 8 people.")

    assert done.returncode == 0, done.stderr
    headings = re.findall(r"^(?:╭─ |\n?)(SIMULATED: [\w ]+)", done.stdout, re.MULTILINE)
    assert {heading.removeprefix("SIMULATED: ").strip() for heading in headings} == {
        "question tried out",
        "members",
        "run 1",
        "statement",
        "how the question is understood",
        "clearer questions to choose from",
        "how varied the opinions are",
        "what this cannot tell",
    }
    assert CLEARER in done.stdout
    assert "are no vote" in " ".join(done.stdout.replace("│", "").split())
    assert done.stderr.startswith("SIMULATED: about 16 requests and ")
    assert "Writing opinions" in done.stderr


async def test_the_members_of_a_rehearsal_can_be_used_again_with_one_more(rehearse, tmp_path):
    first = await rehearse(QUESTION, *FEW, "--yes", "--json")
    (tmp_path / "first.json").write_text(first.stdout)
    words = ("--personas", "first.json", "--add", "cook | to eat | gruff", "--runs", "1", "--candidates", "2")
    again = await rehearse(QUESTION, *words, "--yes", "--json")

    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert [each["role"] for each in told["members"]] == [*(role for role, *_ in ROLES[:3]), "cook"]
    assert told["simulated"] is True
    assert told["estimate"]["requests"] == 4 * 2 + 3 + 4  # nobody had to be invented


@pytest.mark.redis
@pytest.mark.slow
async def test_a_whole_deliberation_is_played_and_each_line_says_that_it_is_simulated(accord_process):
    words = ("rehearse", QUESTION, *FEW, "--yes", "--play", "--welfare", "rawlsian")
    async with LoopbackTgi(writer=playing) as tgi:
        env = {"TGI_URL": tgi.url, "ACCORD_REWARD_MODEL": "lexical"}
        done = await asyncio.to_thread(accord_process, *words, env=env)

    assert done.returncode == 0, done.stderr
    assert all(line.startswith("SIMULATED | ") for line in done.stdout.splitlines())
    shown = " ".join(done.stdout.replace("SIMULATED | ", "").replace("│", "").split())
    for words in (QUESTION, "baker (1)", "We agree to hold the weekly meeting", "Result"):
        assert words in shown


async def test_the_cost_is_asked_about_first(rehearse):
    done = await rehearse(QUESTION, *FEW)

    assert done.returncode == 2
    assert "about 16 requests" in done.stderr
    assert "say --yes" in done.stderr
    assert done.stdout == ""


async def test_a_model_that_cannot_play_is_told_in_a_line(rehearse):
    done = await rehearse(QUESTION, *FEW, "--yes", writer=lambda asked: " Sure, here you go!")

    assert done.returncode == 1
    assert "cannot invent members: 0 of 3" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_language_model_it_is_said_what_to_configure(accord):
    done = accord("rehearse", QUESTION, "--yes")

    assert done.returncode == 2
    assert "A rehearsal needs a language model" in done.stderr
    assert "TGI_URL" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((" ",), "QUESTION: "),
        ((QUESTION, "--add", "cook"), "--add 1 must be written as ROLE | INTEREST | TONE."),
        ((QUESTION, "--personas", "none.yaml"), "none.yaml: there is no such file"),
        ((QUESTION, "--personas", "mine.yaml"), "mine.yaml: `tone` of persona 2 must be some words of text."),
        ((QUESTION, "--with-round", "mine.yaml"), "add --consent"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(accord, tmp_path, words, said):
    (tmp_path / "mine.yaml").write_text(
        "personas:\n- {role: cook, interest: to eat, tone: gruff}\n- {role: guest, interest: tea, tone: 4}\n"
    )
    done = accord("rehearse", *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
