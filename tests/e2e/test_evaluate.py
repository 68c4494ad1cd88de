"""`accord evaluate` as a person at a terminal meets it, and its page in a real browser."""

import json
from itertools import product
from pathlib import Path

import pytest

from engine.evaluation.corpus.exam import Exam
from engine.evaluation.corpus.reading import Sort, read_corpus
from tests.command_here import run_here
from tests.engine.evaluation.corpus.rounds import oracle, write
from tests.engine.reward.judge.loopback_judge import LoopbackJudge, in_a_thread

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/engine/evaluation/samples/study.jsonl"
HIDDEN = "import sys; sys.modules['matplotlib'] = None; from bot.cli.main import main; main()"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a report of everything that can be asked for, and what the command said."""
    folder = tmp_path_factory.mktemp("made")
    write(folder / "corpus")
    words = ("evaluate", str(SAMPLE), "--out", "out", "--reward", "lexical", "--corpus", "corpus")
    return folder, run_here(*words, folder=folder, env={"ACCORD_DATA_DIR": str(folder / "data")})


def test_a_report_is_written_and_its_page_is_named(made):
    folder, done = made

    assert done.returncode == 0
    assert done.stdout.strip() == str(Path("out/report.html"))
    written = json.loads((folder / "out/report.json").read_text())
    assert written["data"]["ratings"] == 80
    assert "<svg" in (folder / "out/report.html").read_text()


@pytest.mark.long
def test_the_same_seed_gives_the_same_files(accord, tmp_path):
    for folder in ("one", "two"):
        accord("evaluate", str(SAMPLE), "--out", folder, "--seed", "3")

    for name in ("report.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_json_goes_to_stdout_and_leaves_no_files(accord, tmp_path):
    done = accord("evaluate", str(SAMPLE), "--json")

    assert json.loads(done.stdout)["schema_version"] == 1
    assert list(tmp_path.iterdir()) == []


def test_another_reward_model_is_judged_beside_the_recorded_predictions(made):
    found = json.loads((made[0] / "out/report.json").read_text())

    assert found["accuracy"]["model"].startswith("lexical")
    assert "reward model at the time" in {each["name"] for each in found["accuracy"]["predictors"]}


def test_what_a_reward_model_picks_is_measured_on_a_split_of_a_corpus(accord, made):
    folder, _ = made
    words = ("--reward", "lexical", "--corpus", folder / "corpus", "--split", "train", "--json")

    by_default = json.loads((folder / "out/report.json").read_text())
    train = json.loads(accord("evaluate", SAMPLE, *words).stdout)

    assert (by_default["exam"]["splits"], by_default["exam"]["rounds"]) == (["dev"], 3)
    assert (train["exam"]["splits"], train["exam"]["rounds"]) == (["train"], 1)


def test_the_judge_is_examined_as_any_other_model_and_shows_how_far_it_is(accord, tmp_path):
    corpus = read_corpus(write(tmp_path / "corpus")).of("dev")
    knows = oracle(corpus)
    asked = {
        (opinion, statement): each.question
        for each in (*(told.rated() for told in corpus.rounds), *corpus.options)
        for opinion in each.opinions
        for statement in getattr(each, "candidates", None) or each.statements
    }
    rate = LoopbackJudge(lambda opinion, said: knows(asked.get((opinion, said), ""), opinion, said))
    words = ("evaluate", str(SAMPLE), "--reward", "llm", "--corpus", "corpus", "--json")

    with in_a_thread(rate) as server:
        done = accord(*words, env={"ACCORD_JUDGE_URL": server.url})

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    exam = Exam.model_validate(found["exam"])
    assert found["accuracy"]["model"] == exam.model == "llm:loopback/writer (judge/1)"
    assert {exam.gain(sort).value for sort in Sort} == {1}
    assert exam.options[0].own_first.value == exam.conditions.met_over_broken.value == 1
    assert exam.calibrated
    assert "Asking the judge" in done.stderr
    assert f"{len(server.rated)}/{len(server.rated)}" in done.stderr
    assert len(server.rated) > 24 + 13 + 6  # of the corpus, and those of the export
    assert "No manifest says" not in done.stderr


@pytest.mark.parametrize(
    ("reward", "says"),
    [("llm", "set ACCORD_JUDGE_URL, TGI_URL or OPENAI_BASE_URL"), ("auto", "--reward llm")],
)
def test_without_a_judge_one_sentence_says_what_to_do(accord, reward, says):
    done = accord("evaluate", str(SAMPLE), "--reward", reward)

    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("there", [True, False], ids=["a bad line", "no corpus"])
def test_a_corpus_that_cannot_be_read_is_told_in_a_line(accord, tmp_path, there):
    if there:
        write(tmp_path / "corpus")
        (tmp_path / "corpus" / "rounds.jsonl").write_text("{")
    done = accord("evaluate", str(SAMPLE), "--reward", "lexical", "--corpus", "corpus")

    assert done.returncode == 2
    assert "corpus/rounds.jsonl: " + ("line 1" if there else "it is not there") in done.stderr
    assert "study.jsonl" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "no ratings"), ('{"team": "t"}\n', "line 1"), ("nonsense\n", "line 1"), (None, "cannot be read")],
    ids=["empty", "not a record", "not JSON", "no file"],
)
def test_a_file_that_cannot_be_evaluated_is_told_in_a_line(accord, tmp_path, text, says):
    path = tmp_path / "feedback.jsonl"
    if text is not None:
        path.write_text(text)
    done = accord("evaluate", str(path))

    assert done.returncode == 2
    assert "feedback.jsonl" in done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reward_model_that_is_not_there_is_told_in_a_line(accord):
    done = accord("evaluate", str(SAMPLE), "--reward", "no/such/model")

    assert done.returncode == 1
    assert "no/such/model" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_is_missing_is_named_with_what_to_install(accord_process):
    done = accord_process("evaluate", str(SAMPLE), start=("-c", HIDDEN))

    assert done.returncode == 2
    assert "matplotlib" in done.stderr
    assert "accord-bot[evaluate]" in done.stderr


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_is_readable_in_a_browser_and_asks_for_nothing(made):
    from playwright.sync_api import sync_playwright

    from tests.e2e.browser import ARGUMENTS, PHONE, POOR_CONTRAST, SCHEMES, WIDE, WIDTHS, found

    path = found()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto((made[0] / "out/report.html").as_uri())
        for size, scheme in product((PHONE, WIDE), SCHEMES):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)

            assert page.evaluate(WIDTHS) == [size["width"]] * 2, scheme
            assert page.evaluate(POOR_CONTRAST) == [], (size, scheme)
            assert page.locator("svg").first.is_visible()
        assert len(asked) == 1
        assert said == []
        browser.close()
