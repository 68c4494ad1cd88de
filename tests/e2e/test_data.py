"""`accord data habermas` as an operator meets it; what it writes can be learnt from and reported on."""

import json
import stat
from pathlib import Path

import pytest
import yaml

from engine import training
from engine.feedback.files import read_feedback
from engine.questions.splits import question_id
from engine.reward.towers.checkpoint import save_checkpoint
from engine.training.data.team import read_topics
from engine.training.runs.config import read_config
from tests.engine.drafting.local.tiny import save_tiny_llama
from tests.engine.feedback.samples import (
    POSITIONS,
    RANKINGS,
    SURVEYS,
    as_comparisons,
    comparison,
    damage,
    position,
    write,
)
from tests.engine.tiny import tiny_checkpoint
from tests.engine.training import drafting, feedback
from tests.engine.training.bases import save_tiny_causal

RECIPE = Path(training.__file__).parent / "habermas.yaml"
HIDDEN = "import sys; sys.modules['pyarrow'] = None; from bot.cli.main import main; main()"


@pytest.fixture
def files(tmp_path):
    """The four files, with a row that is bad and one that a bot filled in."""
    rows = [comparison(), comparison(launch_id=None), comparison(metadata__provenance="BOT_CITIZEN")]
    return [
        write(tmp_path / "rankings.parquet", [{"worker_id": "w", "numerical_ranks": [0, 1]}], RANKINGS),
        write(tmp_path / "comparisons.parquet", rows),
        write(tmp_path / "surveys.parquet", [{"worker_id": "w", "candidate.text": "Keep cats."}], SURVEYS),
        write(tmp_path / "positions.parquet", [position()], POSITIONS),
    ]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_the_four_files_become_feedback(accord, files, tmp_path, ending):
    done = accord("data", "habermas", *files, "--out", f"feedback.{ending}")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "2 records.",
        f"{files[3]}: position statement ratings; rows: 1, ratings taken: 1.",
        f"{files[1]}: candidate comparisons; rows: 3, ratings taken: 2.",
        "  left out: rows that no person filled in: 1",
        "  bad rows: launch_id is missing: row 2",
        f"{files[0]}: final preference rankings; not read, feedback has no place for them.",
        f"{files[2]}: round survey responses; not read, feedback has no place for them.",
    ]
    written = tmp_path / f"feedback.{ending}"
    assert [(each.agreement, each.quality, each.baseline) for each in read_feedback(written)] == [
        (6, 7, 7),
        (3, 4, 7),
    ]
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_records_go_to_stdout_as_json_lines(accord, files):
    done = accord("data", "habermas", *files, "--out", "-")

    assert [json.loads(line)["statement_id"] for line in done.stdout.splitlines()] == ["C1", "C2"]


def test_topics_are_written_as_training_reads_them(accord, files, tmp_path):
    done = accord("data", "habermas", *files, "--out", "feedback.jsonl", "--topics", "topics.json")

    assert done.returncode == 0, done.stderr
    assert read_topics(tmp_path / "topics.json") == {question_id("Should we keep cats?"): 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["positions.parquet", "--out", "f.jsonl"], "name hm_all_candidate_comparisons.parquet too"),
        (["notes.txt", "--out", "f.jsonl"], "notes.txt: it is no Parquet file"),
        (["none.parquet", "--out", "f.jsonl"], "none.parquet: it cannot be read"),
        (["comparisons.parquet", "--out", "f.txt"], "f.txt: what it holds is told by its ending"),
        (["comparisons.parquet", "--out", "comparisons.parquet"], "is one of the files to read"),
        (["comparisons.parquet", "--out", "absent/f.jsonl"], "absent/f.jsonl: it cannot be written"),
    ],
    ids=["kind", "no parquet", "no file", "ending", "over its input", "folder"],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_file(accord, files, tmp_path, words, said):
    (tmp_path / "notes.txt").write_text("Cats are company.")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    done = accord("data", "habermas", *words)

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert said in line
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_file_that_breaks_off_leaves_no_output(accord, files, tmp_path):
    damage(files[1], group=0, column="question.text")
    done = accord("data", "habermas", *files, "--out", "feedback.jsonl")

    assert done.returncode == 2
    assert "comparisons.parquet: it is damaged after row 0" in done.stderr.splitlines()[-1]
    assert not list(tmp_path.glob("*feedback*"))


def test_without_pyarrow_a_sentence_says_what_to_install(accord_process, files):
    done = accord_process("data", "habermas", *files, "--out", "feedback.jsonl", start=("-c", HIDDEN))

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "pip install 'accord-bot[parquet]'" in line


# -- what is made of it --------------------------------------------------------------------------


@pytest.fixture
def converted(accord, tmp_path):
    """Deliberations in words that tiny models know, converted: who is for something likes what is for it."""
    rows = as_comparisons(feedback.records())
    write(tmp_path / "comparisons.parquet", rows)
    words = ("--out", "feedback.jsonl", "--topics", "topics.json")
    done = accord("data", "habermas", "comparisons.parquet", *words)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_the_recipe_is_read_and_names_adapters_of_a_causal_model():
    config = read_config(RECIPE)

    assert (config.family, config.questions, config.polis) == ("causal", None, None)
    assert (str(config.feedback), str(config.clusters)) == ("feedback.jsonl", "topics.json")
    assert config.lora is not None


@pytest.mark.long
def test_a_reward_model_learns_from_it_by_the_recipe(accord, converted):
    save_checkpoint(tiny_checkpoint(), converted / "used")
    save_tiny_causal(converted / "base")
    small = {
        "base": "base", "max_tokens": 64, "train_tokens": 64, "threads": 1, "steps": 72, "warm_up": 2,
        "encoder_rate": 1e-2, "head_rate": 3e-2, "average": 0.8, "evaluate_every": 24, "save_every": 24,
        "held_out": 0.25, "choose": 0.15, "precision": "fp32",
    }  # fmt: skip
    recipe = yaml.safe_load(RECIPE.read_text()) | small
    (converted / "small.yaml").write_text(yaml.safe_dump(recipe))
    used = {"ACCORD_REWARD_MODEL": str(converted / "used")}

    done = accord("train", "reward", "small.yaml", env=used)

    assert (done.returncode, done.stdout) == (0, "runs/habermas/merged\n"), done.stderr
    facts = json.loads((converted / "runs/habermas/merged/manifest.json").read_text())
    assert facts["records"] == {"used": 192}
    assert facts["held_out"]["candidate"]["value"] > 0.6


def test_a_reward_model_learns_from_it_with_the_export_alone(accord, converted):
    save_checkpoint(tiny_checkpoint(), converted / "used")
    recipe = {
        "run": "run", "max_tokens": 64, "train_tokens": 64, "dropout": 0.0, "freeze_words": False,
        "people": 4, "steps": 24, "rounds_per_step": 4, "rounds_per_pass": 4, "warm_up": 2,
        "encoder_rate": 1e-2, "head_rate": 2e-2, "average": 0.8, "evaluate_every": 8, "save_every": 8,
        "threads": 1,
    }  # fmt: skip
    (converted / "team.yaml").write_text(yaml.safe_dump(recipe))
    used = {"ACCORD_REWARD_MODEL": str(converted / "used")}

    done = accord("train", "reward", "team.yaml", "--feedback", "feedback.jsonl", env=used)

    assert (done.returncode, done.stdout) == (0, "run/best\n"), done.stderr
    facts = json.loads((converted / "run/best/manifest.json").read_text())
    assert facts["held_out"]["candidate"]["value"] > 0.9


def test_a_drafter_learns_from_it(accord, converted):
    save_tiny_llama(converted / "base")
    recipe = drafting.TINY | {"run": "run", "base": "base", "agreement": 4, "feedback": "feedback.jsonl"}
    (converted / "sft.yaml").write_text(yaml.safe_dump(recipe))

    done = accord("train", "sft", "sft.yaml")

    assert (done.returncode, done.stdout) == (0, "run/best\n"), done.stderr
    facts = json.loads((converted / "run/best/manifest.json").read_text())
    assert facts["loss"]["after"]["choose"] < facts["loss"]["before"]["choose"]


@pytest.mark.long
def test_a_report_is_made_of_it(accord, converted):
    report = json.loads(accord("evaluate", "feedback.jsonl", "--reward", "lexical", "--json").stdout)

    assert report["data"]["ratings"] == 192
    assert report["accuracy"]["model"].startswith("lexical")
    assert [each["arm"] for each in report["arms"]["arms"]] == ["fine-tuned-selected"]
