"""A tiny random encoder, a few questions and one small conversation: a whole training run in a second."""

import csv
import json
from typing import get_args

import pytest

from engine.evaluation.accuracy import suites
from engine.evaluation.accuracy.suites import written_rounds
from engine.reward.model_info.families import Family
from engine.training.runs.config import RewardConfig
from tests.engine.tiny import save_tiny_base
from tests.engine.training.bases import save_tiny_causal, save_tiny_encoder

WRITTEN_ROUNDS = 3
"""Of each kind that a run is judged on here: how a run goes on does not depend on how many there are."""
SUBJECTS = ("cats", "dogs", "cars", "bikes", "schools", "taxes")


@pytest.fixture(autouse=True)
def few_written_rounds(monkeypatch):
    monkeypatch.setattr(suites, "written_rounds", lambda name: written_rounds(name)[:WRITTEN_ROUNDS])


@pytest.fixture
def data(tmp_path):
    """Paths of questions (two topics, the second one to be held out) and of Polis conversations."""
    rows = [
        {
            "id": f"q{i}",
            "question": f"Should we ban {s} in {place}?",
            "affirming_statement": f"We should ban {s} in {place}.",
            "negating_statement": negating,
            "topic": topic,
            "split": "train",
        }
        for topic, place in enumerate(("towns", "parks"))
        for i, s in enumerate(SUBJECTS)
        for negating in (f"We should NOT ban {s} in {place}.", f"We should keep {s} in {place}.")
    ]
    questions = tmp_path / "questions.json"
    questions.write_text(json.dumps(rows))
    _conversation(tmp_path / "polis" / "town")
    return questions, tmp_path / "polis"


def _conversation(folder):
    """Eight people in two camps; the camps vote in opposite ways on every comment."""
    folder.mkdir(parents=True)
    comments = [f"The town should have more {s} for everyone" for s in SUBJECTS]
    with (folder / "comments.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body"])
        writer.writerows([[i, i, 4, 4, 1, text] for i, text in enumerate(comments)])
        writer.writerow([98, 1, 1, 0, 1, "Hello"])
        writer.writerow([99, 1, 1, 0, -1, "This was moderated away by somebody"])
    with (folder / "participants-votes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["participant", *range(len(comments)), 98, 99])
        for person in range(8):
            camp = 1 if person < 4 else -1
            writer.writerow([person, *[camp if c % 2 else -camp for c in range(len(comments))], 1, ""])
    (folder / "summary.csv").write_text('topic,"Our  town"\nurl,x\n')


@pytest.fixture
def config(tmp_path, data):
    """A run of a few steps without dropout."""
    questions, polis = data
    save_tiny_base(tmp_path / "base")
    return RewardConfig(
        run=tmp_path / "run", base=str(tmp_path / "base"), questions=questions, polis=polis,
        held_out_topics=(1,), hidden=8, max_tokens=64, train_tokens=64, dropout=0.0, freeze_words=False,
        steps=4, rounds_per_step=8, rounds_per_pass=8, warm_up=1, encoder_rate=1e-2, head_rate=1e-2,
        evaluate_every=2, save_every=2,
    )  # fmt: skip


@pytest.fixture(params=[*get_args(Family), "causal-lora", "cross-encoder-lora"])
def each_family(request, config, tmp_path):
    """The same run for every family, whole and with adapters."""
    return of_family(config, request.param, tmp_path)


@pytest.fixture
def causal(config, tmp_path):
    return of_family(config, "causal", tmp_path)


def of_family(config, name, folder):
    """`config` for a tiny base of another family."""
    family = name.removesuffix("-lora")
    if family == "two-tower":
        return config
    if family == "joint":
        limits = {"question": 12, "opinion": 24, "statement": 24}
        changes = {"family": family, "together_tokens": limits, "rounds_per_step": 2, "rounds_per_pass": 2}
        return RewardConfig.model_validate(config.model_dump() | changes)
    save = save_tiny_causal if family == "causal" else save_tiny_encoder
    changes = {
        "family": family, "base": str(save(folder / family)), "steps": 4, "threads": 1,
        "rounds_per_step": 2, "rounds_per_pass": 2, "evaluate_every": 4,
    }  # fmt: skip
    if name.endswith("-lora"):
        changes |= {"lora": {"rank": 8, "alpha": 32, "dropout": 0.0}}
    return RewardConfig.model_validate(config.model_dump() | changes)
