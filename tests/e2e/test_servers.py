"""`accord deliberate` and `accord doctor` with a text-generation server that the environment names."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from bot.bootstrap.doctor import examine
from tests.command_here import run_here
from tests.engine.drafting.local.tiny import save_tiny_llama
from tests.engine.drafting.servers.loopback_tgi import GENERATE_ROUTES, LoopbackTgi
from tests.engine.reward.judge.loopback_judge import LoopbackJudge
from tests.engine.training import feedback

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "adapters/console/sample.yaml"
TOKEN = "hf_an_ambient_token_of_this_machine"
SETTINGS = {"PYTHONPATH": str(ROOT), "HF_TOKEN": TOKEN, "ACCORD_REWARD_MODEL": "lexical"}


async def accord(*words, folder, **environment):
    """In a thread, since the server that it asks runs in this one's loop."""
    env = {**SETTINGS, "PATH": os.environ["PATH"], **environment}
    done = await asyncio.to_thread(run_here, *words, folder=folder, env=env)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("setting", "path", "generator"),
    [("TGI_URL", "", "tgi:loopback/writer"), ("OPENAI_BASE_URL", "/v1", "openai")],
)
async def test_a_server_that_is_set_drafts(tmp_path, setting, path, generator):
    async with LoopbackTgi() as server:
        code, out, err = await accord(
            "deliberate", str(SAMPLE), "--json", folder=tmp_path, **{setting: server.url + path}
        )

    assert code == 0, err
    result = json.loads(out)
    assert result["models"]["generator"].startswith(generator)
    assert len({candidate["text"] for candidate in result["candidates"]}) == 16
    assert result["candidates"][0]["rewards"]
    assert not any(TOKEN in value for asked in server.asked for value in asked.headers.values())


async def test_several_texts_come_from_one_request_where_that_is_set(tmp_path):
    async with LoopbackTgi(choices_honoured=True) as server:
        code, out, err = await accord(
            *("deliberate", str(SAMPLE), "--json"),
            folder=tmp_path, OPENAI_BASE_URL=f"{server.url}/v1", OPENAI_CHOICES="8",
        )  # fmt: skip

    assert code == 0, err
    # Last the model is asked once what the statement leaves open.
    assert [asked.parameters.get("n") for asked in server.generated] == [8, 8, None]
    assert len({candidate["text"] for candidate in json.loads(out)["candidates"]}) == 16


@pytest.mark.parametrize(
    ("setting", "path", "sent"),
    [
        ("TGI_URL", "", {"temperature": 0.5}),
        ("OPENAI_BASE_URL", "/v1", {"temperature": 0.5, "reasoning_effort": "low"}),
    ],
    ids=["tgi", "openai"],
)
async def test_how_words_are_drawn_and_what_else_is_sent_are_settings(tmp_path, setting, path, sent):
    async with LoopbackTgi() as server:
        code, _, err = await accord(
            *("deliberate", str(SAMPLE), "--candidates", "2"),
            folder=tmp_path, ACCORD_TEMPERATURE="0.5", ACCORD_TOP_P="1",
            OPENAI_EXTRA='{"reasoning_effort": "low"}', **{setting: server.url + path},
        )  # fmt: skip

    assert code == 0, err
    for asked in server.generated:
        assert sent.items() <= asked.parameters.items()
        assert "top_p" not in asked.parameters


async def test_the_doctor_asks_the_server(tmp_path):
    async with LoopbackTgi() as server:
        code, out, _ = await accord("doctor", folder=tmp_path, TGI_URL=server.url)

    assert code == 0
    assert "loopback/writer" in out


@pytest.mark.parametrize(
    ("setting", "path", "key"), [("TGI_URL", "", "TGI_API_KEY"), ("OPENAI_BASE_URL", "/v1", "OPENAI_API_KEY")]
)
async def test_the_doctor_says_which_setting_to_mend_and_no_secret(tmp_path, setting, path, key):
    async with LoopbackTgi(api_key="right") as server:
        environment = {setting: server.url + path, key: "wrong-key", "COLUMNS": "500"}
        code, out, err = await accord("doctor", folder=tmp_path, **environment)

    assert code == 1
    line = next(line for line in out.splitlines() if line.startswith("mend  generator: "))
    assert setting in line
    assert key in line
    assert "wrong-key" not in out + err


async def test_the_doctor_waits_so_long_and_names_the_address_to_check(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.bootstrap.doctor.DOCTOR_WAITS_S", 0.2)
    monkeypatch.chdir(tmp_path)
    async with LoopbackTgi(fault=lambda asked: "silent") as server:
        monkeypatch.setenv("TGI_URL", server.url)
        found = {finding.about: finding for finding in await examine()}

    assert not found["generator"].ok
    assert "TGI_URL" in found["generator"].say


@pytest.mark.slow
async def test_the_doctor_looks_at_a_local_model(tmp_path, monkeypatch):
    model = save_tiny_llama(tmp_path / "model")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    expected = {
        "": (False, "ACCORD_LOCAL_MODEL, or a model chosen by `accord model use`, is missing"),
        str(model): (True, "local:model on "),
        str(tmp_path / "nowhere"): (False, "There is no model at "),
        str(broken): (False, "The model "),
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCORD_GENERATOR", "local")

    for folder, (fine, says) in expected.items():
        monkeypatch.setenv("ACCORD_LOCAL_MODEL", folder)
        found = {finding.about: finding for finding in await examine()}["generator"]
        assert (found.ok, found.say[: len(says)]) == (fine, says)


async def test_a_key_that_the_server_refuses_is_told_without_the_key(tmp_path):
    async with LoopbackTgi(api_key="right") as server:
        code, out, err = await accord(
            "deliberate", str(SAMPLE), folder=tmp_path, TGI_URL=server.url, TGI_API_KEY="wrong-key"
        )

    assert code == 1
    assert out == ""
    assert "wrong-key" not in err
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1].startswith("accord: ")


async def test_as_a_last_resort_the_members_sentences_are_used_and_the_result_says_so(tmp_path):
    async with LoopbackTgi(fault=lambda asked: 500 if asked.route in GENERATE_ROUTES else None) as server:
        code, out, err = await accord(
            "deliberate", str(SAMPLE), folder=tmp_path, TGI_URL=server.url, ACCORD_LAST_RESORT="true"
        )

    assert code == 0, err
    assert "No AI model was used" in out


JUDGED = {"ACCORD_GENERATOR": "digest", "ACCORD_JUDGE_STAND_IN": "lexical"}


@pytest.mark.parametrize("path", ["", "/v1"], ids=["tgi", "openai"])
async def test_a_language_model_judges_where_the_command_line_says_so(tmp_path, path):
    async with LoopbackJudge(lambda opinion, statement: 4.0 + len(statement) / 1000) as server:
        environment = {**JUDGED, "ACCORD_JUDGE_URL": server.url + path}
        code, out, err = await accord(
            "deliberate", str(SAMPLE), "--reward", "llm", "--json", folder=tmp_path, **environment
        )

    assert code == 0, err
    result = json.loads(out)
    assert result["models"]["reward"] == "llm:loopback/writer (judge/1)"
    lengths = [len(candidate["text"]) for candidate in result["candidates"]]
    assert lengths == sorted(lengths, reverse=True)
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer unused"}


async def test_a_round_that_the_judge_cannot_score_is_scored_by_the_other_model_and_says_so(tmp_path):
    async with LoopbackJudge(lambda opinion, statement: 4.0, fault=lambda asked: 401) as server:
        environment = {
            **JUDGED,
            "ACCORD_JUDGE_URL": server.url,
            "ACCORD_REWARD_MODEL": "auto",
            "COLUMNS": "500",
        }
        code, out, err = await accord("deliberate", str(SAMPLE), folder=tmp_path, **environment)

    assert code == 0, err
    assert "The language model couldn't predict agreement for this round" in out
    assert "agreement predicted by lexical/1" in out


async def test_files_are_scored_by_the_judge(tmp_path):
    (tmp_path / "pairs.jsonl").write_text('{"question": "q?", "opinion": "yes", "candidate": "we do"}\n')
    async with LoopbackJudge(lambda opinion, statement: 6.0) as server:
        code, out, err = await accord(
            "score", "pairs.jsonl", "--reward", "llm", folder=tmp_path, ACCORD_JUDGE_URL=server.url
        )

    assert code == 0, err
    assert json.loads(out)["reward"] == pytest.approx(6.0, abs=0.05)


async def test_learning_is_told_of_the_judge_and_never_shows_its_key(tmp_path):
    export = feedback.save(feedback.records(feedback.QUESTIONS[:2], people=2), tmp_path / "feedback.jsonl")

    def liked(opinion, statement):
        return 6.0 if ("against" in opinion) == ("not" in statement) else 2.0

    async with LoopbackJudge(liked, api_key="right") as server:
        words = ("train", "judge", "--feedback", str(export), "--run", "judge")
        code, out, err = await accord(*words, folder=tmp_path, TGI_URL=server.url, TGI_API_KEY="right")

    assert code == 0, err
    assert "ACCORD_JUDGE_CALIBRATION=judge/calibration.json" in out
    assert "right" not in out + err
