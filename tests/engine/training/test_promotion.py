"""Promotion: who is let in, what is recorded, what workers and TGI are told."""

import asyncio
import json
import logging
import shutil
from dataclasses import replace

import pytest

from engine.drafting.local.transformers_drafter import LocalGenerator
from engine.errors import LearningError, NoCorpusError
from engine.evaluation.corpus.reading import CONDITIONS, OPTIONS, ROUNDS
from engine.model_registry import Kind, folder_of, read_models
from engine.questions.splits import question_id
from engine.reward import make_reward_model
from engine.reward.towers.checkpoint import save_checkpoint
from engine.run_manifest import seen_questions
from engine.training.__main__ import main
from engine.training.drafters.sft import train_sft
from engine.training.promotion import Request, kind_of, launch_line, promote, reward_in_use, weights_hash
from engine.training.reward_models.loop import train_reward
from engine.training.runs.config import RewardConfig
from tests.engine.evaluation.corpus.rounds import HALL, write
from tests.engine.tiny import tiny_checkpoint
from tests.engine.training import drafting, feedback


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with feedback, the model that was in use, and one that has learnt from the feedback."""
    folder = tmp_path_factory.mktemp("trained")
    save_checkpoint(tiny_checkpoint(), folder / "start")
    (folder / "start" / "manifest.json").write_text('{"name": "has learnt from no feedback"}')
    config = RewardConfig(
        run=folder / "run", feedback=feedback.save(feedback.records(), folder / "feedback.jsonl"),
        start=folder / "start", max_tokens=64, train_tokens=64, dropout=0.0, freeze_words=False, steps=24,
        rounds_per_step=4, rounds_per_pass=4, warm_up=2, encoder_rate=1e-2, head_rate=2e-2, average=0.8,
        evaluate_every=8, save_every=8, threads=1,
    )  # fmt: skip
    train_reward(config)
    return folder


def asked(trained, tmp_path, **changes):
    settings = {
        "candidate": trained / "run" / "best",
        "data": trained / "feedback.jsonl",
        "configured": str(trained / "start"),
        "corpus": write(tmp_path / "corpus", {ROUNDS: [], OPTIONS: [], CONDITIONS: []}),
    }
    return Request(**({"models": tmp_path / "models"} | settings | changes))


def test_a_better_model_is_promoted_with_a_copy_that_another_run_cannot_change(trained, tmp_path):
    request = asked(trained, tmp_path)

    said = promote(request)

    models = read_models(request.models)
    place = folder_of(models.reward, request.models)
    assert place.is_relative_to(request.models)
    assert weights_hash(place) == models.reward.sha256 == weights_hash(request.candidate)
    assert reward_in_use(request.models, "configured") == str(place)
    assert make_reward_model(str(place)).name == "two-tower"
    (act,) = models.history
    assert (act.did, act.forced, act.reason) == ("promote", False, None)
    assert act.comparison["difference"]["low"] > 0
    assert "accuracy within a person" in said
    assert f"Promoted: reward {models.reward.id}.\nWorkers take it up with their next round." in said


def test_a_model_that_is_not_better_is_refused_and_nothing_changes(trained, tmp_path):
    worse = asked(trained, tmp_path, candidate=trained / "start", current=str(trained / "run" / "best"))

    with pytest.raises(LearningError, match=r"not better than .* beyond the interval") as failed:
        promote(worse)

    assert "\n" not in str(failed.value)
    assert not worse.models.exists()


def test_force_needs_a_reason_and_both_are_recorded(trained, tmp_path):
    worse = {"candidate": trained / "start", "current": str(trained / "run" / "best"), "force": True}
    with pytest.raises(ValueError, match="needs a --reason"):
        promote(asked(trained, tmp_path, **worse))

    promote(asked(trained, tmp_path, **worse, reason="a drill"))

    (act,) = read_models(tmp_path / "models").history
    assert (act.forced, act.reason) == (True, "a drill")


def test_by_force_a_model_is_promoted_that_there_is_nothing_to_compare_by(trained, tmp_path):
    alike = [each.model_copy(update={"agreement": 4}) for each in feedback.records()]
    request = asked(trained, tmp_path, data=feedback.save(alike, tmp_path / "alike.jsonl"))
    with pytest.raises(ValueError, match="no person rated two statements differently"):
        promote(request)

    said = promote(replace(request, force=True, reason="we have tried it out"))

    (act,) = read_models(tmp_path / "models").history
    assert (act.comparison, act.forced, act.reason) == (None, True, "we have tried it out")
    assert "Nothing was compared" in said


def test_questions_that_were_learnt_from_are_left_out(trained, tmp_path):
    seen = set(json.loads((trained / "run/best/manifest.json").read_text())["split"]["seen_questions"])
    learnt = [each for each in feedback.records() if question_id(each.question) in seen]
    kept = [each for each in feedback.records() if question_id(each.question) not in seen]
    only = feedback.save(learnt, tmp_path / "learnt.jsonl")

    with pytest.raises(ValueError, match="every question of the data was learnt from"):
        promote(asked(trained, tmp_path, data=only))

    promote(asked(trained, tmp_path))
    (act,) = read_models(tmp_path / "models").history
    assert act.comparison["candidate"]["groups"] == len({each.group for each in kept})


@pytest.fixture
def unknown(trained, tmp_path):
    """A model that no manifest goes with."""
    folder = tmp_path / "unknown"
    shutil.copytree(trained / "start", folder)
    (folder / "manifest.json").unlink()
    return folder


def test_a_model_that_may_know_the_questions_is_promoted_by_force_alone(trained, unknown, tmp_path):
    with pytest.raises(LearningError, match=r"not promoted, as no manifest.json says which questions"):
        promote(asked(trained, tmp_path, candidate=unknown))
    said = promote(asked(trained, tmp_path, candidate=unknown, force=True, reason="it is known to us"))

    assert "Beware: no manifest.json" in said
    (act,) = read_models(tmp_path / "models").history
    assert act.forced


def test_the_latest_checkpoint_of_a_run_is_not_compared_on_what_the_run_learnt_from(trained, tmp_path):
    request = asked(trained, tmp_path, candidate=trained / "run" / "last", force=True, reason="a drill")

    promote(request)

    models = read_models(request.models)
    seen = set(json.loads((trained / "run/manifest.json").read_text())["split"]["seen_questions"])
    kept = [each for each in feedback.records() if question_id(each.question) not in seen]
    assert models.history[0].comparison["candidate"]["groups"] == len({each.group for each in kept})
    assert set(seen_questions(folder_of(models.reward, request.models))) == seen


def test_it_is_said_when_nobody_knows_what_the_model_in_use_has_learnt_from(trained, unknown, tmp_path):
    said = promote(asked(trained, tmp_path, current=str(unknown)))

    assert f"What {unknown} has learnt from is not known" in said


def test_what_is_in_use_already_is_not_promoted_again(trained, tmp_path):
    promote(asked(trained, tmp_path))

    with pytest.raises(LearningError, match="in use already"):
        promote(asked(trained, tmp_path))
    with pytest.raises(LearningError, match="in use already"):
        promote(asked(trained, tmp_path, force=True, reason="again"))


def liked(model, folder, *, split="dev"):
    """A corpus whose people like what `model` picks, and nothing else."""
    model, lines = make_reward_model(str(model)), []
    for number, question in enumerate(feedback.QUESTIONS[:12]):
        act = question.removeprefix("Should we ").removesuffix("?")
        opinions = [f"i think we should {act}", f"i am against it {act}", f"it is for everyone {act}"]
        statements = [f"we should {act}", f"we should not {act}", f"in the town we agree {act}", "yes", "no"]
        scores = asyncio.run(model.score(question, opinions, statements)).mean(axis=0)
        row = [7 if at == scores.argmax() else 2 for at in range(len(statements))]
        lines.append(
            HALL | {
                "id": f"c-{number}", "topic": question, "split": split, "question": question, "second": None,
                "opinions": [{"participant": f"p{at}", "text": text} for at, text in enumerate(opinions)],
                "statements": [
                    {"text": text, "kind": "good" if each == 7 else "partisan"}
                    for text, each in zip(statements, row, strict=True)
                ],
                "ratings": [row] * 3, "quality": row,
            }
        )  # fmt: skip
    return write(folder, {ROUNDS: lines, OPTIONS: [], CONDITIONS: []})


def test_a_model_that_picks_worse_is_refused_although_it_ranks_better_for_each_person(trained, tmp_path):
    corpus = liked(trained / "start", tmp_path / "liked")
    request = asked(trained, tmp_path, corpus=corpus)

    with pytest.raises(LearningError, match="not promoted, as it picks worse statements than") as failed:
        promote(request)

    assert "share of what choosing can gain among statements good and bad" in str(failed.value)
    assert "good compromises placed above other statements" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert not request.models.exists()

    said = promote(replace(request, force=True, reason="our members like it"))

    (act,) = read_models(request.models).history
    assert (act.forced, act.reason) == (True, "our members like it")
    assert [each["difference"]["high"] < 0 for each in act.comparison["picks"]] == [True, True]
    assert act.comparison["difference"]["low"] > 0
    assert "Beware: it picks worse statements than" in said
    assert "among statements good and bad, 12 rounds:\n  candidate" in said


def test_a_model_that_picks_as_well_or_better_is_promoted(trained, tmp_path):
    corpus = liked(trained / "run" / "best", tmp_path / "liked")

    promote(asked(trained, tmp_path, corpus=corpus))

    (act,) = read_models(tmp_path / "models").history
    assert not act.forced
    assert [each["candidate"]["value"] for each in act.comparison["picks"]] == [1, 1]


def test_the_choice_is_compared_on_the_part_of_the_corpus_that_is_for_choosing_by(trained, tmp_path):
    for split in ("train", "test"):
        corpus = liked(trained / "start", tmp_path / split, split=split)

        said = promote(asked(trained, tmp_path / f"{split} models", corpus=corpus))

        assert "What the models pick was not compared" in said


def test_a_corpus_that_was_named_has_to_be_there(trained, tmp_path):
    with pytest.raises(NoCorpusError, match=r"rounds\.jsonl: it is not there"):
        promote(asked(trained, tmp_path, corpus=tmp_path / "nowhere"))


def test_the_command_refuses_in_one_line(trained, tmp_path, capsys):
    line = [
        "promote",
        str(trained / "start"),
        "--data",
        str(trained / "feedback.jsonl"),
        "--models",
        str(tmp_path),
    ]

    assert main([*line, "--current", str(trained / "run" / "best")]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1].startswith(f"accord: {trained / 'start'} is not promoted")


@pytest.fixture(scope="module")
def drafter(tmp_path_factory):
    """A run that made an adapter and a merged model, which is compared by short texts."""
    folder = tmp_path_factory.mktemp("drafter")
    train_sft(drafting.sft(folder, lora=drafting.LORA, rate=2e-1, steps=4))
    manifest = folder / "run" / "merged" / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["config"]["new_tokens"] = 12
    manifest.write_text(json.dumps(facts))
    return folder


def test_a_drafter_is_compared_by_what_it_writes_and_recorded_with_the_line_that_serves_it(
    drafter, tmp_path, caplog
):
    caplog.set_level(logging.INFO, "engine.training")
    request = Request(
        drafter / "run" / "merged",
        drafter / "feedback.jsonl",
        tmp_path,
        judge="lexical",
        force=True,
        reason="tiny",
    )

    said = promote(request)

    told = "\n".join(caplog.messages)
    assert f"comparing drafters: {request.candidate} and " in told
    assert "lexical/1 says how welcome they are" in told
    assert "drafter 1 of 2: text 1 of " in told
    assert "drafter 2 of 2: text 1 of " in told
    assert "left" in told
    used = read_models(tmp_path).drafter
    assert kind_of(request.candidate) is Kind.DRAFTER
    assert used.adapter is None
    assert used.launch == f"text-generation-launcher --model-id {request.candidate.resolve()}"
    assert used.launch in said
    assert "once it is started anew" in said
    assert read_models(tmp_path).history[0].comparison["measure"] == "predicted welfare by lexical/1"
    assert LocalGenerator(str(used.path), template="fine-tuned").name.startswith("local:")


@pytest.fixture(autouse=True)
def short_texts(monkeypatch):
    """A random model hardly ever ends by itself, and what it writes means nothing."""
    monkeypatch.setattr("engine.drafting.local.transformers_drafter.STATEMENT_TOKENS", 40)


@pytest.fixture
def pleasing(drafter, tmp_path):
    """A drafter as a policy's run leaves it: trained to please a copy of one model, judged by another."""
    folder, reward = tmp_path / "pleasing", tmp_path / "reward"
    shutil.copytree(drafter / "run" / "merged", folder)
    save_checkpoint(tiny_checkpoint(), reward)
    facts = json.loads((folder / "manifest.json").read_text())
    facts["config"] |= {"reward": str(reward), "gold": "lexical"}
    (folder / "manifest.json").write_text(json.dumps(facts))
    return Request(folder, drafter / "feedback.jsonl", tmp_path / "models", force=True, reason="tiny")


def test_a_policy_is_judged_by_its_gold_model(pleasing):
    promote(replace(pleasing, configured=str(pleasing.candidate.parent / "reward")))

    (act,) = read_models(pleasing.models).history
    assert act.comparison["measure"] == "predicted welfare by lexical/1"


def test_a_policy_is_not_judged_by_a_copy_of_what_it_was_trained_to_please(pleasing):
    copy = pleasing.candidate.parent / "copy"
    shutil.copytree(copy.with_name("reward"), copy)
    by_the_copy = replace(pleasing, judge=str(copy))

    with pytest.raises(LearningError, match="copy is what it was trained to please"):
        promote(replace(by_the_copy, force=False))
    assert "Beware" in promote(by_the_copy)


def test_an_adapter_is_served_beside_its_base_under_its_name(drafter):
    folder = drafter / "run" / "best"

    line, adapter = launch_line(folder, "drafter-1")

    assert adapter == "drafter-1"
    assert line == (
        f"text-generation-launcher --model-id {drafter / 'base'} --lora-adapters drafter-1={folder}"
    )


def test_a_path_that_tgi_would_misread_is_refused(drafter, tmp_path):
    odd = tmp_path / "rate=1"
    shutil.copytree(drafter / "run" / "best", odd)

    with pytest.raises(ValueError, match="rename the folder"):
        launch_line(odd, "drafter-1")
