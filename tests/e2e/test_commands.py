"""The commands as a person at a terminal meets them: embedded defaults, and nothing set."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from yarl import URL

from tests.bell import PROCESS_S

ACCORD = (sys.executable, "-m", "bot")
SAMPLE = Path(__file__).parents[2] / "adapters/console/sample.yaml"
EXAMPLES = Path(__file__).parents[2] / "deploy/examples"
PHONE = (
    "jury",
    str(EXAMPLES / "support-phone.csv"),
    "--question",
    "Should everyone take turns on the phone?",
)
SHIPPED = {"ACCORD_REWARD_MODEL": ""}
LEXICAL = {"ACCORD_REWARD_MODEL": "lexical"}


def test_help_names_every_command_and_loads_nothing_heavy(environment, tmp_path):
    script = (
        "import sys; from bot.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'numpy', 'redis', 'aiohttp', 'pydantic'}\n"
        "print('loaded:', heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "loaded: set()" in done.stdout
    named = (
        "demo",
        "deliberate",
        "jury",
        "run",
        "worker",
        "doctor",
        "admin-link",
        "admin-sign-out",
        "api-token",
    )
    for command in named:
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)


def test_a_gateway_loads_nothing_heavy_that_it_may_never_need(environment, tmp_path):
    script = (
        "import sys, adapters.web.app, bot.bootstrap.processes\n"
        "heavy = {'torch', 'transformers', 'openapi_pydantic', 'pyrage', 'opentelemetry.sdk', 'matplotlib'}\n"
        "print('loaded:', heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "loaded: set()" in done.stdout


def test_deliberating_prints_the_documented_json_and_keeps_progress_apart(accord):
    done = accord("deliberate", str(SAMPLE), "--welfare", "rawlsian", "--seed", "3", "--json")

    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert result["winner"] == 0
    assert result["statement"] == result["candidates"][0]["text"]
    assert result["welfare_function"] == {"name": "rawlsian", "alpha": None}
    assert result["seed"] == 3
    assert len(result["participants"]) == 7
    assert [len(candidate["rewards"]) for candidate in result["candidates"]] == [7] * 16
    assert result["candidates"][0]["welfare"] == max(c["welfare"] for c in result["candidates"])
    assert result["candidates"][0]["welfare"] == pytest.approx(min(result["candidates"][0]["rewards"]))
    assert list(result["timings_s"]) == ["read", "draft", "score", "total"]


def test_the_same_seed_gives_the_same_result(accord):
    first, second = (
        accord("deliberate", str(SAMPLE), "--candidates", "4", "--json").stdout for _ in range(2)
    )

    assert json.loads(first)["candidates"] == json.loads(second)["candidates"]


def test_deliberating_reads_stdin(accord):
    done = accord("deliberate", "-", "--candidates", "4", input=SAMPLE.read_text())

    assert done.returncode == 0
    assert "Should we ban single-use plastics?" in done.stdout
    assert "No AI model was used" in done.stdout


ROUND = {
    "question": "Should we ban straws?",
    "opinions": [
        {"participant": "Amara", "text": "Yes, and soon."},
        {"participant": "Jonas", "text": "I am against a ban, tax straws."},
    ],
}
BETTER_THAN = "zzz qqq xxx"
REVISED = {
    "statement": BETTER_THAN,
    "critiques": [{"participant": "Jonas", "text": "Say who pays the tax on straws."},
                  {"participant": "Dee", "text": "Give the makers of straws two years."}],
}  # fmt: skip


def test_a_second_round_is_drafted_from_critiques_and_shown_beside_the_first(accord, tmp_path):
    path = tmp_path / "critiques.json"
    path.write_text(json.dumps(REVISED))
    words = ("deliberate", "-", "--generator", "digest", "--revise", str(path))
    shown = accord(*words, input=json.dumps(ROUND))
    made = json.loads(accord(*words, "--json", input=json.dumps(ROUND)).stdout)

    assert made["round"] == 2
    assert made["participants"] == ["Amara", "Jonas", "Dee"]
    previous = [each for each in made["candidates"] if each["source"] == "previous"]
    assert [{key: each[key] for key in made["previous"]} for each in previous] == [made["previous"]]
    assert made["previous"]["text"] == BETTER_THAN
    assert made["statement"] != BETTER_THAN
    assert "round" not in json.loads(accord(*words[:4], "--json", input=json.dumps(ROUND)).stdout)
    assert shown.returncode == 0, shown.stderr
    assert "[previous] zzz" in shown.stdout
    assert re.search(r"Welfare +\d\.\d\d +\d\.\d\d", shown.stdout)
    assert re.search(r"Likely to agree more than before: \d of 3\. Less: \d\.", shown.stdout)
    assert "[-zzz qqq xxx-]" in shown.stdout


def test_a_statement_that_no_draft_beats_stays(accord, tmp_path):
    everything = "Yes, and soon. I am against a ban, tax straws. Say who pays the tax."
    path = tmp_path / "critiques.json"
    critiques = [{"participant": "Jonas", "text": "Say who pays the tax."}]
    path.write_text(json.dumps({"statement": everything, "critiques": critiques}))
    words = ("deliberate", "-", "--generator", "digest", "--revise", str(path))
    shown = accord(*words, input=json.dumps(ROUND)).stdout
    made = json.loads(accord(*words, "--json", input=json.dumps(ROUND)).stdout)

    assert made["statement"] == everything
    assert (made["winner"], made["candidates"][0]["source"]) == (0, "previous")
    assert "No draft is predicted to do better than the statement there is. It stays." in shown
    assert "What changed" not in shown
    assert "No AI model" not in shown  # of a statement that somebody else may have written


def test_deliberating_reads_a_table_with_the_question_beside_it(accord):
    table = "participant;text\nAmara;Yes, and soon.\nJonas;I am against a ban, tax it."
    words = ("deliberate", "-", "--generator", "digest", "--json")
    done = accord(*words, "--question", "Should we ban straws?", input=table)
    asked_nothing = accord(*words, input=table)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["question"] == "Should we ban straws?"
    assert result["participants"] == ["Amara", "Jonas"]
    assert asked_nothing.returncode == 2
    assert asked_nothing.stderr == "accord: standard input: it holds no question: give it with --question.\n"


def test_without_a_model_three_wishes_that_exclude_one_another_are_no_statement(accord):
    wishes = ("Four fixed days. Alone I get nothing done.", "None. I live far away.", "One day, at most.")
    question = "How many days a week should we come to the studio?"
    asked = json.dumps({"question": question, "opinions": [{"text": wish} for wish in wishes]})
    told = accord("deliberate", "-", "--generator", "digest", input=asked).stdout
    made = json.loads(accord("deliberate", "-", "--generator", "digest", "--json", input=asked).stdout)

    assert "Here is where we stand" in told
    assert "disagree" not in told
    assert "without a language model" in " ".join(told.split())
    for candidate in made["candidates"]:
        assert candidate["text"].startswith("Here is where we stand")
        assert "without a language model" in candidate["text"]
    assert made["statement"].count("• ") == 3
    assert made["models"]["generator"] == "digest"


def test_one_digest_is_enough_where_the_opinions_hold_no_other(accord):
    opinions = [{"text": "Ban the cups."}, {"text": "ban the cups"}]
    asked = json.dumps({"question": "How could we help the beach?", "opinions": opinions})
    done = accord("deliberate", "-", "--generator", "digest", input=asked)

    assert done.returncode == 0
    assert "• “Ban the cups.” (2 of us)" in done.stdout


def test_a_round_in_a_language_that_the_model_does_not_read_has_no_predictions(accord):
    german = {
        "question": "Sollen wir freitags von zu Hause arbeiten?",
        "opinions": [
            {"participant": "ana", "text": "Ja, das spart mir zwei Stunden im Zug."},
            {"participant": "ben", "text": "Nein, ich brauche die Kollegen um mich."},
            {"participant": "cem", "text": "Nur wenn das Telefon besetzt ist."},
        ],
    }
    told = accord("deliberate", "-", input=json.dumps(german)).stdout
    result = json.loads(accord("deliberate", "-", "--json", input=json.dumps(german)).stdout)

    assert "The reward model does not read German, so nobody's agreement is predicted" in " ".join(
        told.split()
    )
    assert "disagree" not in told
    assert result["models"]["reward"] == "closeness/1 (the reward model does not read German)"
    assert {len(candidate["rewards"]) for candidate in result["candidates"]} == {0}
    assert result["statement"] == result["candidates"][0]["text"]


@pytest.mark.parametrize(
    "words", [("reward", "nowhere.yaml"), ("sft", "/")], ids=["no file", "no file but a folder"]
)
def test_training_without_a_usable_configuration_is_told_in_a_line_and_at_once(
    accord_process, environment, tmp_path, words
):
    """At once: before torch is imported, which takes seconds; here it cannot be."""
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")

    done = accord_process(
        "train", *words, env={"PYTHONPATH": os.pathsep.join((str(tmp_path), environment["PYTHONPATH"]))}
    )

    assert done.returncode == 2
    assert f"accord: {words[1]}: it cannot be read or written" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_is_set_the_model_that_ships_predicts(accord):
    done = accord("deliberate", str(SAMPLE), "--candidates", "2", "--json", env=SHIPPED)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert re.match(r"(two-tower|joint)/\d+$", result["models"]["reward"])
    assert [len(candidate["rewards"]) for candidate in result["candidates"]] == [7, 7]


def test_lines_are_scored(accord):
    line = {"question": "Ban plastics?", "opinion": "Yes, ban them.", "candidate": "We should ban plastics."}
    done = accord("score", "-", input=json.dumps(line) + "\n", env=SHIPPED)

    assert done.returncode == 0, done.stderr
    scored = json.loads(done.stdout)
    assert 4 < scored.pop("reward") <= 7
    assert scored == line
    assert re.search(r"Reading opinions \d+\.\d\d s, scoring \d+\.\d\d s\.", done.stderr)


def test_lines_with_null_bytes_and_halves_of_characters_are_scored(accord):
    line = {"question": "Ban plastics? 🎉", "opinion": "Yes \x00 \ud83d", "candidate": "لنحظر البلاستيك."}
    done = accord("score", "-", input=json.dumps(line) + "\n")

    assert done.returncode == 0, done.stderr
    scored = json.loads(done.stdout)
    assert 1 <= scored.pop("reward") <= 7
    assert scored == line


def test_a_jury_chooses_and_another_one_chooses_what_was_told_of_it(accord):
    stated = json.loads(accord(*PHONE, "--jury", str(EXAMPLES / "jury.yaml"), "--json").stdout)
    change = stated["counterfactual"]["smallest"]
    other = json.loads(accord(*PHONE, "--jury", json.dumps({"seats": change["seats"]}), "--json").stdout)

    fields = (
        "question jury welfare_function seed draws uncertainty winner as_good verdicts counterfactual dissent"
    )
    assert list(stated) == fields.split()
    assert stated["winner"] == other["winner"] == 0
    assert [each["verdict"] for each in stated["verdicts"]] == sorted(
        (each["verdict"] for each in stated["verdicts"]), reverse=True
    )
    assert other["verdicts"][0]["text"] == stated["verdicts"][change["winner"]]["text"]
    assert other["verdicts"][0]["text"] != stated["verdicts"][0]["text"]


def test_a_jury_is_shown_and_never_drawn_from_too_few(accord):
    shown = accord(*PHONE, "--jury", "{seats: {team: {support: 1, sales: 1}}}", "--draws", "3")
    short = accord(*PHONE, "--jury", "{seats: {team: {support: 6, sales: 1}}}")
    several = accord(*PHONE, "--jury", "{seats: {team: {support: 6}}}", "--with-replacement", "--draws", "3")

    assert shown.returncode == several.returncode == 0
    assert "3 juries by team: 1 support, 1 sales" in shown.stdout
    assert "With other seats" in shown.stdout
    assert (short.returncode, short.stdout) == (2, "")
    assert "team support has 6 seats, and only 5 are present" in short.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("deliberate", "nowhere.yaml"), "nowhere.yaml"),
        (("jury", "nowhere.yaml", "--jury", "{seats: {team: {a: 1}}}"), "nowhere.yaml"),
        (("jury", str(SAMPLE), "--jury", "{seats: {team: {a: 1}}}"), "Nobody has the attribute team"),
        (("jury", str(SAMPLE), "--jury", "{seats: {}}"), "one attribute"),
        (("jury", "-", "--jury", "-"), "standard input"),
        (("jury", str(SAMPLE)), "--jury"),
        (("deliberate", str(SAMPLE), "--revise", "nowhere.yaml"), "nowhere.yaml"),
        (("deliberate", "-", "--revise", "-"), "standard input"),
        (("deliberate", str(SAMPLE), "--welfare", "isoelastic"), "--alpha"),
        (("deliberate", str(SAMPLE), "--welfare", "rawlsian", "--alpha", "2"), "--alpha"),
        (("deliberate", str(SAMPLE), "--welfare", "kindness"), "kindness"),
        (("deliberate", str(SAMPLE), "--alpha", "nan"), "alpha"),
        (("deliberate", str(SAMPLE), "--alpha", "inf"), "rawlsian"),
        (("deliberate", str(SAMPLE), "--candidates", "1"), "candidates"),
        (("deliberate", str(SAMPLE), "--reward", "nowhere"), "nowhere"),
        (("deliberate", str(SAMPLE), "--generator", "oracle"), "digest, tgi, openai, local"),
        (("deliberate", str(SAMPLE), "--generator", "extractive"), "write digest instead"),
        (("demo", "--port", "99999"), "port"),
    ],
    ids=lambda value: " ".join(value[2:]) or value[-1] if isinstance(value, tuple) else "",
)
def test_wrong_use_is_told_in_a_line_and_exits_with_2(accord, words, says):
    done = accord(*words)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert says in done.stderr


def test_a_wrong_setting_is_told_in_one_line(accord):
    done = accord("doctor", env={"ACCORD_WEB_PORT": "many"})

    assert done.returncode == 1
    assert "ACCORD_WEB_PORT" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_the_embedded_defaults_well(accord):
    done = accord("doctor")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "mend" not in done.stdout


def test_the_doctor_names_the_reward_model_and_where_it_runs(accord):
    done, shipped = accord("doctor"), accord("doctor", env=SHIPPED)

    assert re.search(r"reward model.*lexical/1", done.stdout), done.stdout
    told = " ".join(shipped.stdout.split())  # a terminal breaks the line
    assert re.search(r"reward model: (two-tower|joint)/\d+; .* on \w+, calibrated", told), told


def test_the_doctor_says_in_a_sentence_that_the_reward_model_cannot_be_used(accord, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/accord.json").write_text('{"family": "oracle"}')

    done = accord("doctor", env={"ACCORD_REWARD_MODEL": str(tmp_path / "mine")})

    assert done.returncode == 1
    told = " ".join(done.stdout.split())  # a terminal may break the line
    assert re.search(r"reward model.*accord\.json is not what this version reads", told), done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_says_what_to_mend_when_the_server_is_away(accord):
    server = f"redis://:hunter2@127.0.0.1:{unused_port()}"
    done = accord("doctor", env={"REDIS_URL": server, "ACCORD_SECRET_KEY": "k" * 32})

    assert done.returncode == 1
    assert "REDIS_URL" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_the_demo_plays_a_whole_deliberation_in_the_terminal(accord_process):
    done = accord_process("demo", "--once", env=LEXICAL)

    assert done.returncode == 0, done.stderr
    for part in (
        "Should we ban",
        "Amara",
        "candidates from 7 opinions",
        "Here is where we stand",
        "We differ on",
    ):
        assert part in done.stdout
    assert "Simulated ratings" in done.stdout
    assert done.stdout.index("Here is where we stand") < done.stdout.index("Simulated ratings")


async def test_the_demo_serves_its_links_keeps_everything_and_logs_no_opinion(environment, tmp_path):
    port = unused_port()
    words = ("demo", "--no-browser", "--port", str(port))
    settings = environment | LEXICAL | {"ACCORD_LOG_LEVEL": "DEBUG"}

    async with _running(words, settings, tmp_path) as first:
        page = await _page(first.link)
        assert "Should we ban single-use plastics?" in page
        assert re.search(r">7</span> answered", page)
        assert "/ask/try" not in await _asking(first.admin)
    with_model = settings | {"TGI_URL": f"http://127.0.0.1:{unused_port()}"}
    async with _running(words, with_model, tmp_path) as second:
        assert "Should we ban single-use plastics?" in await _page(second.link)
        assert "/ask/try" in await _asking(second.admin)

    assert (first.returncode, second.returncode) == (0, 0)
    assert "beach" not in first.stderr + second.stderr


def test_a_port_in_use_is_told_in_one_line_before_any_model_is_loaded(accord):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with patch("bot.bootstrap.demo.promoted_engine") as models:
            done = accord("demo", "--no-browser", "--port", taken.getsockname()[1])

    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
    models.assert_not_called()


class _running:
    """A process that has said that it is ready, until it is asked to stop."""

    def __init__(self, words, environment, folder):
        self._start = _start(words, environment, folder)
        self.stderr = ""
        self.link = None
        self.returncode = None

    async def __aenter__(self):
        self._process = await self._start
        async with asyncio.timeout(PROCESS_S):
            while "Ctrl-C stops" not in self.stderr:
                line = await self._process.stderr.readline()
                assert line, f"ended too early: {self.stderr}"
                self.stderr += line.decode()
        found = re.search(r"Take part: +(\S+)", self.stderr)
        self.link = found and found.group(1)
        self.admin = re.search(r"Run it: +(\S+)", self.stderr)[1]
        return self

    async def __aexit__(self, *exc):
        self._process.send_signal(signal.SIGTERM)
        self.stderr += (await asyncio.wait_for(self._process.stderr.read(), PROCESS_S)).decode()
        self.returncode = await asyncio.wait_for(self._process.wait(), PROCESS_S)


async def _start(words, environment, folder):
    return await asyncio.create_subprocess_exec(
        *ACCORD, *words, env=environment, cwd=folder, stderr=asyncio.subprocess.PIPE
    )


async def _asking(admin_link):
    """The form of a question, for whoever signs in by this link."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        page = await (await browser.get(admin_link)).text()
        token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        await browser.post(admin_link, data={"csrf": token}, headers={"Origin": admin_link})
        async with browser.get(URL(admin_link).with_path("/ask")) as answer:
            return await answer.text()


async def _page(link):
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser, browser.get(link) as answer:
        assert answer.status == 200
        return await answer.text()
