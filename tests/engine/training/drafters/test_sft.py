"""Fine-tuning of a drafter: what it learns from, and that it learns."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.drafting.local.transformers_drafter import LocalGenerator
from engine.prompts import INTRODUCTION
from engine.questions.splits import Side
from engine.training.__main__ import main
from engine.training.drafters.sft import _examples, _trainer, examples_of, train_sft
from engine.training.drafters.shared import cases_of, last_whole, load_tokenizer, quietly
from engine.types import Arm, Brief
from tests.engine.training import drafting, feedback
from tests.engine.training.feedback import record


def prompts_of(config, *found):
    (case,) = cases_of(found)
    return [(each["prompt"], each["completion"]) for each in examples_of(config, case)]


@pytest.fixture
def config(tmp_path):
    return drafting.sft(tmp_path, agreement=5, quality=5)


def test_only_statements_that_people_agreed_with_and_found_good_are_learnt_from(config):
    ratings = {"liked": (6, 6), "half": (4, 6), "clumsy": (7, 4), "not asked": (5, None)}
    found = [
        record(statement=name, statement_id=name, agreement=agreement, quality=quality)
        for name, (agreement, quality) in ratings.items()
    ]

    assert [completion for _, completion in prompts_of(config, *found)] == [" liked", " not asked"]


def test_a_revised_statement_is_asked_for_with_the_critiques_of_the_one_before(config):
    first = [
        record(participant="a", opinion="ban cats", statement="we ban", critique="say when", agreement=3),
        record(participant="b", opinion="keep cats", statement="we ban", agreement=3),
    ]
    second = [record(round=2, participant="a", opinion="ban cats", statement="we ban in may", agreement=6)]
    one, two = cases_of([*second, *first])[::-1]

    assert (one.previous, one.critiques) == (None, {})
    ((prompt, completion),) = [(e["prompt"], e["completion"]) for e in examples_of(config, two)]
    assert completion == " we ban in may"
    lines = [line for line in prompt.split("\n\n") if ":" in line[:20]]
    assert sorted(lines[1:3]) == ["Opinion: ban cats", "Opinion: keep cats"]
    assert lines[3:] == ["Previous statement: we ban", "Critique: say when"]
    assert sorted(two.said) == ["ban cats\n\nsay when", "keep cats"]


def test_without_a_critique_or_where_several_statements_were_rated_a_second_round_is_as_a_first(config):
    for first in (
        [record()],
        [record(critique="no"), record(statement_id="other", statement="we keep", critique="no")],
    ):
        *_, case = cases_of([*first, record(round=2, statement="we agree in may", agreement=6)])
        ((prompt, _),) = [(e["prompt"], e["completion"]) for e in examples_of(config, case)]
        assert prompt.startswith(INTRODUCTION)
        assert "Critique" not in prompt


def test_a_statement_that_stayed_is_not_learnt_from_as_a_revision(config):
    *_, case = cases_of([record(critique="no"), record(round=2, agreement=7)])

    assert examples_of(config, case) == []


def test_agreement_is_the_mean_over_raters(config):
    one, other = record(participant="a", agreement=7), record(participant="b", agreement=3)

    assert prompts_of(config, one, record(participant="b", agreement=4))
    assert not prompts_of(config, one, other, record(participant="c", agreement=4))


def test_a_members_own_statement_is_no_example(config):
    assert not prompts_of(config, record(arm=Arm.BEST_OPINION, agreement=7, quality=7))


def test_the_prompt_holds_the_opinions_that_the_drafter_had_read_in_a_seeded_order(config):
    said = [f"opinion number {n}" for n in range(6)]
    found = [
        record(participant=f"p{n}", opinion=opinion, agreement=7, included=n != 3, arm=Arm.LEAVE_ONE_OUT)
        for n, opinion in enumerate(said)
    ]

    ((prompt, _),) = prompts_of(config, *found)

    assert prompt.startswith(INTRODUCTION)
    assert said[3] not in prompt
    assert all(opinion in prompt for opinion in said if opinion != said[3])
    assert prompts_of(config, *found) == [(prompt, prompts_of(config, *found)[0][1])]
    orders = {prompts_of(config.model_copy(update={"seed": seed}), *found)[0][0] for seed in range(5)}
    assert len(orders) > 1


def test_the_loss_is_on_the_statement_and_its_end_alone(config):
    tokenizer = load_tokenizer(Path(config.base))
    examples, _ = _examples(config, tokenizer)
    with quietly():
        trainer = _trainer(config, Path(config.base), tokenizer, examples)

    batch = trainer.data_collator([trainer.train_dataset[0]])
    learnt = [
        i
        for i, label in zip(batch["input_ids"][0].tolist(), batch["labels"][0].tolist(), strict=True)
        if label != -100
    ]

    assert tokenizer.decode(learnt) == examples[Side.TRAIN][0]["completion"] + tokenizer.eos_token


@pytest.mark.parametrize(
    ("lora", "learns"),
    [
        pytest.param(None, {"rate": 1e-2, "steps": 24}, marks=pytest.mark.long, id="whole"),
        pytest.param(drafting.LORA, {"rate": 4e-1, "steps": 8, "evaluate_every": 8}, id="adapters"),
    ],
)
async def test_the_loss_on_held_out_questions_falls_and_the_result_drafts(
    tmp_path, monkeypatch, lora, learns
):
    monkeypatch.setattr("engine.drafting.local.transformers_drafter.STATEMENT_TOKENS", 20)
    config = drafting.sft(tmp_path, lora=lora, **learns)

    folder = train_sft(config)

    facts = json.loads((folder / "manifest.json").read_text())
    least = 1.0 if lora is None else 0.1  # beside a frozen random model adapters can do little
    assert facts["loss"]["after"]["held"] < facts["loss"]["before"]["held"] - least
    assert facts["kind"] == "drafter"
    assert facts["prompt"] == "fine-tuned/1"
    assert folder.name == ("best" if lora is None else "merged")
    assert not list(config.run.glob("best/*.bin"))
    generator = LocalGenerator(str(folder), template="fine-tuned", device="cpu")
    drafts = [draft async for draft in generator.draft([Brief(0, "Should we?", ("yes", "no"), 1)])]
    assert len(drafts) == 1
    assert generator.prompt == "fine-tuned/1"


@pytest.mark.long
def test_a_run_that_was_killed_goes_on_and_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path):
    config = drafting.sft(tmp_path, steps=60, evaluate_every=2, patience=50)
    file = tmp_path / "sft.yaml"
    file.write_text(config.model_dump_json())
    checkpoints = config.run / "checkpoints"
    line = [sys.executable, "-m", "engine.training", "sft", str(file)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while last_whole(checkpoints) is None:
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    at = int(last_whole(checkpoints).rpartition("-")[2])
    assert at < 60
    (checkpoints / "checkpoint-59").mkdir()  # as a kill in the middle of writing leaves it
    (checkpoints / "checkpoint-59" / "model.safetensors").write_bytes(b"half")

    folder = train_sft(config)

    history = json.loads((checkpoints / "checkpoint-60" / "trainer_state.json").read_text())["log_history"]
    steps = [each["step"] for each in history if "eval_loss" in each and "step" in each]
    assert len(steps) == len(set(steps)) == 30
    assert json.loads((folder / "manifest.json").read_text())["loss"]["before"]["held"] > 4


def test_nothing_good_enough_is_one_line(tmp_path, capsys):
    config = drafting.sft(tmp_path, agreement=7)
    file = tmp_path / "sft.yaml"
    file.write_text(config.model_dump_json())

    assert main(["sft", str(file)]) == 2

    assert "no statement is good enough to learn from" in capsys.readouterr().err.splitlines()[-1]


def test_texts_that_are_all_too_long_are_named_with_their_number_and_the_setting(tmp_path, capsys):
    config = drafting.sft(tmp_path, max_tokens=20)
    file = tmp_path / "sft.yaml"
    file.write_text(config.model_dump_json())

    assert main(["sft", str(file)]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    assert "too long with its opinions" in said
    assert "max_tokens is 20; set it higher" in said
    assert "good enough" not in said


def test_too_long_statements_are_left_out_and_counted(tmp_path):
    config = drafting.sft(tmp_path)
    found = [each.model_copy(update={"agreement": 6}) for each in feedback.records()]
    long = [
        each.model_copy(update={"statement": "we " * 600}) for each in found if each.deliberation_id == "d0"
    ]
    feedback.save([*long, *(each for each in found if each.deliberation_id != "d0")], config.feedback)

    _, facts = _examples(config, load_tokenizer(Path(config.base)))

    assert facts["examples"]["too_long"] == 2
    assert sum(facts["examples"].values()) == 2 * len(feedback.QUESTIONS)
