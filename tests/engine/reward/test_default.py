"""The shipped reward model, as it lies in the repository: whole, small, and able to do what its card says."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.accuracy.agreement import within_person
from engine.evaluation.accuracy.suites import (
    UNTOUCHED,
    WRITTEN,
    RatedRound,
    Suites,
    judge,
    stance_suites,
    tallies,
    written_rounds,
)
from engine.evaluation.corpus.exam import examine
from engine.evaluation.corpus.reading import Corpus, Sort, Split, read_corpus
from engine.reward import make_reward_model
from engine.synthetic.topics import Question
from tests.reward_baselines import judge_swapped

FOLDER = Path(str(files("engine.reward"))) / "default"
MOST_BYTES = 50_000_000

POSITIONS = (  # of our own; none is a question of the training data
    ("Dogs should be allowed in the office.", "Dogs should not be allowed in the office."),
    ("The club should raise its membership fee.", "The club should not raise its membership fee."),
    ("We should move the team meeting to Mondays.", "We should not move the team meeting to Mondays."),
    (
        "Our street should be closed to through traffic.",
        "Our street should not be closed to through traffic.",
    ),
    ("The library should open on Sundays.", "The library should not open on Sundays."),
    ("Parents should be told their child's rank.", "Parents should not be told their child's rank."),
    ("The village should sell the old mill.", "The village should not sell the old mill."),
    ("Interns should be paid.", "Interns should not be paid."),
    ("We should publish the minutes.", "We should not publish the minutes."),
    ("The choir should perform abroad.", "The choir should not perform abroad."),
    ("Drones should be flown over the park.", "Drones should not be flown over the park."),
    ("The canteen should serve beer.", "The canteen should not serve beer."),
)
OTHERWISE = (
    ("Dogs should be allowed in the office.", "Dogs should be forbidden in the office."),
    ("The club should raise its membership fee.", "The club should lower its membership fee."),
    ("The village should keep the old mill.", "The village should sell off the old mill."),
    ("Wood stoves are a good idea.", "Wood stoves are a bad idea."),
    ("Working from home should be encouraged.", "Working from home should be discouraged."),
    ("The new rules are fair.", "The new rules are unfair."),
    ("Helmets should be compulsory for skiers.", "Helmets should be optional for skiers."),
    ("There should be more speed cameras.", "There should be fewer speed cameras."),
    ("The bridge should be open to cars.", "The bridge should be closed to cars."),
    ("Fireworks should be legal.", "Fireworks should be illegal."),
)


@pytest.fixture(scope="module")
def model():
    return make_reward_model(str(FOLDER))


def questions(positions):
    return [
        Question(str(i), f"Do you agree: {yes}", yes, no, 0, "train") for i, (yes, no) in enumerate(positions)
    ]


def test_it_is_small_enough_to_ship_and_is_what_the_manifest_says():
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    weights = (FOLDER / "model.safetensors").read_bytes()

    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST_BYTES
    assert manifest["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert len(set(seeds(manifest))) >= 3


def seeds(manifest):
    """Of all runs that went in: a model's own, and those of the model that it started from."""
    for run in manifest["runs"]:
        yield run["config"]["seed"]
        yield from seeds(run.get("started_from", {"runs": []}))


def test_its_card_says_what_it_was_made_from():
    card = (FOLDER / "MODEL_CARD.md").read_text()

    for said in ("CC BY 4.0", "habermas_machine", "Computational Democracy Project", "all-MiniLM-L6-v2"):
        assert said in card


@pytest.mark.parametrize(
    ("suite", "positions", "least"),
    [
        ("direct", POSITIONS, 0.97),
        pytest.param("yes-no", POSITIONS, 0.9, marks=pytest.mark.long),
        ("without-not", OTHERWISE, 0.8),
    ],
)
def test_it_reads_a_stance_on_what_it_never_saw(model, suite, positions, least):
    judged = within_person(tallies(model, stance_suites(questions(positions), most=99)[suite]))

    assert judged.accuracy >= least


@pytest.mark.long
def test_it_reads_a_denied_opinion(model):
    judged = within_person(tallies(model, stance_suites(questions(POSITIONS), most=99)["negated"]))

    assert judged.accuracy >= 0.9


@pytest.mark.long
def test_it_ranks_written_statements_by_whose_opinion_it_was_given(model):
    suites = Suites.for_questions([], most=0)
    told, swapped = judge(model, suites), judge_swapped(model, suites)

    for name in WRITTEN:
        assert told[f"{name}-held"].accuracy > 0.5
        assert swapped[f"{name}-held-swapped"].accuracy <= 0.55


@pytest.mark.long
def test_on_rounds_that_no_choice_was_made_by_it_follows_the_opinion(model):
    fresh = Suites({UNTOUCHED: written_rounds(UNTOUCHED)})

    assert judge(model, fresh)[UNTOUCHED].accuracy >= 0.7
    assert judge_swapped(model, fresh)[f"{UNTOUCHED}-swapped"].accuracy <= 0.55


CHOSEN = (  # of the corpus' split dev: statements good and bad, drafts, and options
    "w1-19", "w2-47", "w3-69", "w5-39", "w6-61", "w11-18",
    "w1-44", "w3-26", "w5-62", "w11-09", "w16-15", "w16-37", "w19-29",
    "o-001", "o-058", "o-088", "o-117", "o-135", "o-174", "o-193", "o-214", "o-242", "o-309", "o-333",
    "o-357", "o-381", "o-405",
)  # fmt: skip


@pytest.mark.long
def test_what_it_picks_from_a_few_rounds_of_the_corpus_has_not_become_worse(model):
    """About half a minute of CPU.

    Floors below what joint/2 reaches here: 0.82, 0.76, 0.93, 0.87 and 0.09 (less is better); apart 0.82, 0.91
    and 0.90.
    """
    dev = read_corpus().of(Split.DEV)
    rounds, options = (tuple(each for each in of if each.id in CHOSEN) for of in (dev.rounds, dev.options))
    assert len(rounds) + len(options) == len(CHOSEN)

    exam = examine(model, Corpus(rounds, options), draws=2)

    assert exam.gain(Sort.KINDS).value >= 0.7
    assert exam.gain(Sort.DRAFTS).value >= 0.65
    assert exam.good_above().value >= 0.87
    assert exam.options[0].own_first.value >= 0.75
    assert exam.options[0].others_above.value <= 0.18
    assert exam.apart.gain(Sort.KINDS).value >= 0.7
    assert exam.apart.gain(Sort.DRAFTS).value >= 0.8
    assert exam.apart.good_above().value >= 0.84


def test_predictions_use_the_scale(model):
    round_ = RatedRound(
        "Should dogs be allowed in the office?", ("Yes.", "No."), ("We want dogs.",), np.ones((2, 1))
    )

    scores = model.raw_scores(round_.question, round_.opinions, round_.candidates)

    assert scores[0, 0] > scores[1, 0]
