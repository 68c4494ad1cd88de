"""A language model in one command: `accord model …`, and drafting with it by the real llama.cpp."""

import asyncio
import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread
from unittest.mock import patch

import pytest

from engine.language_models.fetching import adopt
from engine.language_models.installed import FOLDER, add, choose
from tests.engine.language_models.loopback_file_hub import LoopbackFileHub
from tests.engine.language_models.tiny_gguf import RATES_CHAT, save_tiny_gguf
from tests.engine.reward.loopback_hub import COMMIT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs llama.cpp: accord-bot[local]"),
]
FEW = ("--json", "--candidates", "2")
OPINIONS = "question: Should we?\nopinions:\n  - text: Yes, soon.\n  - text: No, never.\n"


@pytest.fixture
def model(tmp_path):
    return save_tiny_gguf(tmp_path / "Tiny Writer.gguf")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "opinions.yaml"
    path.write_text(OPINIONS)
    return path


@pytest.fixture
def chosen(tmp_path):
    """Puts a model to use as `accord model get FILE --use` does, but for drafting once to know its speed."""

    def choose_it(path, name):
        folder = tmp_path / "data" / FOLDER
        add(folder, adopt(name, path))
        choose(folder, name)

    return choose_it


@pytest.fixture
def _no_servers():
    with patch("engine.language_models.nearby.USUAL_PORTS", {}):
        yield


def source_of(done):
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    return {candidate["source"] for candidate in result["candidates"]}


def test_a_chosen_model_drafts_where_no_server_is_set(accord, model, file):
    got = accord("model", "get", model)
    assert got.returncode == 0, got.stderr
    assert "tokens a second" in got.stdout
    assert source_of(accord("deliberate", file, *FEW)) == {"digest"}

    used = accord("model", "use", "tiny-writer")

    assert used.returncode == 0, used.stderr
    assert source_of(accord("deliberate", file, *FEW)) == {"llama.cpp:Tiny Writer"}
    assert "llama.cpp:Tiny Writer" in accord("doctor").stdout.replace("\n", "")
    assert source_of(accord("deliberate", file, *FEW, "--generator", "digest")) == {"digest"}


@pytest.mark.parametrize("how", [pytest.param("option", marks=pytest.mark.long), "setting"])
def test_a_chosen_model_drafts_and_judges_where_no_server_is_set(accord, chosen, tmp_path, file, how):
    model = save_tiny_gguf(tmp_path / "Tiny Judge.gguf", chat_template=RATES_CHAT, rates_after="#")
    chosen(model, "tiny-judge")

    words = ("--reward", "llm") if how == "option" else ()
    done = accord("deliberate", file, *FEW, *words, env={} if words else {"ACCORD_REWARD_MODEL": "llm"})

    assert source_of(done) == {"llama.cpp:Tiny Judge"}
    result = json.loads(done.stdout)
    assert result["models"]["reward"] == "llm:Tiny Judge (judge/1)"
    assert result["stood_in_for"] is None
    rewards = [reward for candidate in result["candidates"] for reward in candidate["rewards"]]
    assert len(rewards) == 2 * len(result["candidates"])
    assert all(1 <= reward <= 7 for reward in rewards)


def test_the_doctor_says_that_the_chosen_model_can_judge_and_what_it_costs(accord, chosen, tmp_path):
    model = save_tiny_gguf(tmp_path / "judge.gguf", chat_template=RATES_CHAT, rates_after="#")
    chosen(model, "judge")

    for reward, says in (("auto", "available, not in use"), ("llm", "llm:judge (judge/1)")):
        said = accord("doctor", env={"ACCORD_REWARD_MODEL": reward, "COLUMNS": "500"}).stdout
        (line,) = [line for line in said.splitlines() if " judge: " in line]
        assert line.startswith("ok")
        assert says in line
    assert "A round of 5 members and 16 candidates takes about 80 requests" in line


def test_a_chosen_model_that_cannot_judge_leaves_the_round_to_the_other_model(accord, chosen, model, file):
    chosen(model, "tiny-writer")

    done = accord("deliberate", file, *FEW, "--reward", "llm", env={"ACCORD_JUDGE_STAND_IN": "lexical"})

    assert source_of(done) == {"llama.cpp:Tiny Writer"}
    assert json.loads(done.stdout)["models"]["reward"] == "lexical/1"


@pytest.mark.long
def test_the_demo_drafts_with_it_too(accord, accord_process, model):
    assert accord("model", "get", model, "--use").returncode == 0

    done = accord_process("demo", "--once", env={"ACCORD_REWARD_MODEL": "lexical"})

    assert done.returncode == 0, done.stderr
    assert "llama.cpp:Tiny Writer" in done.stdout.replace("\n", "")


def test_a_server_that_is_set_goes_before_the_chosen_model(accord, model, file):
    set_ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}

    used = accord("model", "get", model, "--use", env=set_)

    assert "OPENAI_BASE_URL is set and goes before it" in used.stderr
    refused = accord("deliberate", file, *FEW, env=set_)
    assert refused.returncode == 1
    assert "OPENAI_BASE_URL" in refused.stderr
    assert source_of(accord("deliberate", file, *FEW, "--generator", "local", env=set_)) == {
        "llama.cpp:Tiny Writer"
    }


@pytest.mark.usefixtures("_no_servers")
def test_the_list_has_the_vetted_models_what_is_here_and_this_machine_s_memory(accord, model):
    accord("model", "get", model, "--use")

    listed = accord("model", "list", env={"COLUMNS": "160"})

    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    assert any("qwen3-4b" in line and "2.5 GB" in line and "Apache-2.0" in line for line in lines)
    assert any("tiny-writer" in line and "in use" in line and "tokens/s" in line for line in lines)
    assert "of memory" in listed.stdout
    assert "No server of language models answers" in listed.stdout


class Listing(BaseHTTPRequestHandler):
    """A server of language models that has one."""

    def do_GET(self):
        body = json.dumps({"object": "list", "data": [{"id": "llama3.2:3b"}]}).encode()
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        """Nothing."""


def test_the_list_names_a_server_at_its_usual_port(accord):
    with ThreadingHTTPServer(("127.0.0.1", 0), Listing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with patch("engine.language_models.nearby.USUAL_PORTS", {server.server_port: "Ollama"}):
            listed = accord("model", "list", env={"COLUMNS": "160"})
        server.shutdown()

    assert "Ollama" in listed.stdout
    assert "llama3.2:3b" in listed.stdout
    assert f"http://127.0.0.1:{server.server_port}/v1" in listed.stdout


def test_the_model_in_use_is_not_removed_by_a_slip(accord, chosen, model):
    chosen(model, "tiny-writer")

    refused = accord("model", "remove", "tiny-writer", "--yes")
    assert refused.returncode == 2
    assert "in use" in refused.stderr
    asked = accord("model", "remove", "tiny-writer", "--force", input="n\n")
    assert asked.returncode != 0
    removed = accord("model", "remove", "tiny-writer", "--force", "--yes")

    assert removed.returncode == 0, removed.stderr
    assert model.exists()  # it was named by its path
    assert "tiny-writer" not in accord("model", "list", env={"COLUMNS": "160"}).stdout


@pytest.mark.parametrize("words", [("use", "nothing"), ("remove", "nothing", "--yes")], ids=" ".join)
def test_a_model_that_is_not_here_is_wrong_input(accord, words):
    done = accord("model", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no model called nothing here (none yet)" in done.stderr


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gpt-5", "is no model that Accord knows (qwen2.5-0.5b,"),
        ("no-such-file.gguf", "cannot be read"),
        ("opinions.yaml", "is no GGUF file"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(accord, file, source, said):
    done = accord("model", "get", source)

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_llama_cpp_one_sentence_says_what_to_install(accord, model):
    with patch("bot.bootstrap.language_models.find_spec", lambda name: None):
        done = accord("model", "get", model)

    assert done.returncode == 2
    assert "pip install 'accord-bot[local]'" in done.stderr


async def test_a_file_of_the_hub_is_fetched_by_name_and_used_at_once(accord, accord_process, tmp_path, file):
    (tmp_path / "repo").mkdir()
    save_tiny_gguf(tmp_path / "repo" / "tiny.gguf")
    async with LoopbackFileHub("tiny/writer", tmp_path / "repo") as hub:
        env = {"HF_ENDPOINT": hub.url}
        got = await asyncio.to_thread(
            accord_process, "model", "get", "tiny/writer:tiny.gguf", "--use", env=env
        )
        # The hub's client reads the setting once, when it is imported; here that was long ago.
        with patch("huggingface_hub.constants.ENDPOINT", hub.url):
            again = await asyncio.to_thread(accord, "model", "get", "tiny/writer:tiny.gguf", "--use", env=env)

    assert got.returncode == 0, got.stderr
    assert COMMIT in got.stdout
    assert "tiny drafts from now on" in got.stdout
    assert "tiny is here already" in again.stdout
    assert len(hub.begun) == 1


async def test_a_running_worker_takes_up_what_is_chosen(model, tmp_path, monkeypatch):
    from adapters.console.sample import sample
    from bot.bootstrap.models import language_models_folder, promoted_engine
    from bot.bootstrap.settings import read_settings

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ACCORD_REWARD_MODEL", "lexical")
    settings = read_settings()
    engine, folder = promoted_engine(settings), language_models_folder(settings)
    few = replace(sample(), candidates=2)
    assert (await engine.mediate(few)).models.generator == "digest"

    add(folder, adopt("tiny", model))
    choose(folder, "tiny")

    assert (await engine.mediate(few)).models.generator == "llama.cpp:Tiny Writer"
