"""`accord questions …` as a person at a terminal meets it."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.engine.drafting.servers.loopback_tgi import LoopbackTgi

NEW = "Should the state pay for school meals?"


@pytest.fixture
def questions(accord):
    return lambda *words: accord("questions", *words)


def test_topics_are_listed_and_a_topics_questions(questions):
    topics = [json.loads(line) for line in questions("list", "--json").stdout.splitlines()]
    listed = questions("list", "--topic", str(topics[0]["id"])).stdout.splitlines()

    assert sum(each["questions"] for each in topics) == 5_065
    assert len(listed) == topics[0]["questions"]


def test_the_page_of_the_study_shows_the_largest_topics_as_they_are(questions):
    page = Path(__file__).parents[2] / "deploy" / "docs" / "pages" / "study" / "questions.md"

    assert questions("list", "--largest", "10").stdout.strip() in page.read_text(encoding="utf-8")


def test_search_prints_the_best_first(questions):
    done = questions("search", "plastic", "bags", "--most", "3", "--json")

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 3
    assert "plastic bags" in found[0]["question"]
    assert found[0]["negating"]


def test_what_is_not_there_is_told_in_a_line(questions):
    done = questions("search", "xylophone")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_split_needs_nothing_more_and_clusters_say_what_to_install(questions, monkeypatch):
    for package in ("sklearn", "matplotlib"):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    split, clusters = questions("split"), questions("cluster")

    assert split.returncode == 0, split.stderr
    assert json.loads(split.stdout)["held_out"]
    assert clusters.returncode == 2
    assert "pip install 'accord-bot[evaluate]'" in clusters.stderr
    assert clusters.stderr.count("\n") == 1


@pytest.mark.redis
def test_questions_are_imported_into_a_teams_bank_once(questions):
    words = ("import", "--team", "web", "--search", "plastic", "--most", "5")
    first, second = questions(*words), questions(*words)

    assert (first.returncode, first.stdout) == (0, "Added 5 questions to the bank.\n"), first.stderr
    assert (second.returncode, second.stdout) == (0, "All of these questions are in the bank already.\n")


async def test_new_questions_are_written_by_the_configured_model(accord):
    def writer(asked):
        if asked.inputs.endswith("Question:"):
            return f" {NEW}"
        said = "should" if asked.inputs.endswith("Yes:") else "should NOT"
        return f" The state {said} pay for school meals."

    async with LoopbackTgi(writer=writer) as tgi:
        words = ("questions", "generate", "--topic", "0", "--count", "1")
        done = await asyncio.to_thread(accord, *words, env={"TGI_URL": tgi.url})

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "question": NEW,
        "affirming": "The state should pay for school meals.",
        "negating": "The state should NOT pay for school meals.",
    }
    assert "1 of 1 written by tgi" in done.stderr


def test_without_a_language_model_it_is_said_what_to_configure(questions, tmp_path):
    (tmp_path / "mine.txt").write_text("Should we ban cars?\n")
    done = questions("positions", "mine.txt")

    assert done.returncode == 2
    assert "language model" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_clusters_are_written_with_a_picture_and_split_without_a_leak(questions, tmp_path):
    subjects = ("nuclear power", "school uniforms", "plastic bags")
    forms = (
        "Should we ban {}?",
        "Should {} cost less?",
        "Should there be more {}?",
        "Is it right to want {}?",
    )
    (tmp_path / "mine.txt").write_text("\n".join(form.format(each) for each in subjects for form in forms))
    done = questions("cluster", "--file", "mine.txt", "--encoder", "words", "--number", "3", "--out", "out")
    halves = json.loads(questions("split", "--clusters", "out/clusters.json", "--share", "0.3").stdout)

    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "out/clusters.json").read_text())
    assert len(written["clusters"]) == 3
    assert "<svg" in (tmp_path / "out/clusters.svg").read_text()
    table = (tmp_path / "out/clusters.md").read_text().splitlines()
    assert (len(table), table[0]) == (5, "| cluster | name | questions | examples |")
    assert all(" | 4 | " in row and row.count("<br>") == 1 for row in table[2:])
    (held,) = halves["held_out"]
    assert halves["held_out_questions"] == written["clusters"][held]["questions"]
    assert len(halves["train_questions"]) == 8


def test_a_byte_order_mark_is_no_part_of_the_first_question(questions, tmp_path):
    asked = ["Should we ban bags?", "Should we tax straws?", "Should we plant trees?", "Should we sing?"]
    (tmp_path / "mine.txt").write_text("\r\n".join(asked), encoding="utf-8-sig", newline="")
    done = questions("cluster", "--file", "mine.txt", "--encoder", "words", "--number", "2", "--out", "out")

    assert done.returncode == 0, done.stderr
    clusters = json.loads((tmp_path / "out/clusters.json").read_text())["clusters"]
    assert sorted(each for cluster in clusters.values() for each in cluster["questions"]) == sorted(asked)


def test_the_banks_own_topics_are_split_the_same_way_each_time(questions):
    one, two = (questions("split", "--seed", "3").stdout for _ in range(2))

    assert one == two
    assert len(json.loads(one)["held_out_questions"]) == pytest.approx(0.2 * 5_065, abs=60)


@pytest.mark.parametrize(
    "words",
    [
        ("split", "--clusters", "nowhere.json"),
        ("cluster", "--file", "nowhere.txt"),
        ("cluster", "--topic", "9999"),
        ("generate", "--generator", "digest"),
        ("import",),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_a_line(questions, words):
    done = questions(*words)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
