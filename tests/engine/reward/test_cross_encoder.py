"""Cross-encoders: the library's scores, in pieces; what is loaded and refused."""

import asyncio
import threading

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder

from engine.errors import ScoringError
from engine.reward import make_reward_model
from engine.reward.cross_encoder import CrossEncoderReward
from engine.reward.device_queue import Slot
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import Manifest, save_manifest
from tests.engine.reward.models import ENCODERS, save_encoder

QUESTION = "Should we ban cats in towns?"
OPINIONS = ["Yes.", "No, cats should be allowed in the towns " * 40, "I think that it is for everyone"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks.", "yes"]


@pytest.fixture(params=ENCODERS)
def folder(request, tmp_path):
    return save_encoder(tmp_path / request.param, request.param)


def test_scores_are_those_of_the_library(folder):
    model = CrossEncoderReward.load(folder, device="cpu")

    scores = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)

    theirs = CrossEncoder(str(folder), device="cpu").predict(
        [
            (f"Question: {QUESTION} Opinion: {opinion.strip()}", f"Consensus: {candidate}")
            for opinion in OPINIONS
            for candidate in CANDIDATES
        ],
        activation_fn=torch.nn.Identity(),
    )
    assert np.ptp(theirs) > 1e-5
    np.testing.assert_allclose(scores.ravel(), theirs, atol=1e-6)


def test_off_the_cpu_the_encoder_is_in_bf16_and_its_head_computes_in_fp32(folder, monkeypatch):
    exact = CrossEncoderReward.load(folder, device="cpu").raw_scores(QUESTION, OPINIONS, CANDIDATES)
    monkeypatch.setattr(Slot, "on_cpu", False)  # as on a GPU, which the tests need not have

    model = CrossEncoderReward.load(folder, device="cpu")
    scores = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)

    assert {weights.dtype for weights in model._encoder.parameters()} == {torch.bfloat16}
    of_bf16 = torch.from_numpy(scores).bfloat16().double().numpy()
    assert (scores != of_bf16).sum() > scores.size / 2  # else eight bits would be all there is to rank by
    assert 0 < np.abs(scores - exact).max() < 2e-2


@pytest.mark.parametrize("pairs", [1, 4, 100])
async def test_pieces_of_any_size_give_the_same_scores_in_the_callers_order(folder, pairs):
    encoder = CrossEncoder(str(folder), device="cpu")
    model = CrossEncoderReward(
        encoder, Manifest(family="cross-encoder", name="tiny"), device="cpu", pairs=pairs
    )

    rewards = await model.score(QUESTION, OPINIONS, CANDIDATES)
    turned = await model.score(QUESTION, OPINIONS[::-1], CANDIDATES[::-1])

    assert rewards.shape == (3, 3)
    np.testing.assert_allclose(turned[::-1, ::-1], rewards, atol=1e-5)


async def test_a_folder_without_a_manifest_is_known_by_its_files(folder):
    model = make_reward_model(str(folder))

    assert model.name == folder.name
    assert "cross-encoder on" in model.described
    assert "not calibrated" in model.described
    raw = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)
    np.testing.assert_allclose(await model.score(QUESTION, OPINIONS, CANDIDATES), Calibration().ratings(raw))


def test_the_manifest_names_calibrates_and_limits_the_model(folder):
    calibration = Calibration(slope=0.2, offset=-1)
    save_manifest(
        Manifest(family="cross-encoder", name="ours/3", max_tokens=40, calibration=calibration), folder
    )

    model = make_reward_model(str(folder))

    assert (model.name, model._encoder.max_seq_length) == ("ours/3", 40)
    assert "not calibrated" not in model.described


def test_a_long_question_leaves_room_for_the_opinion(folder):
    model = make_reward_model(str(folder))
    long = "should we ban " * 500

    yes, no = model.raw_scores(long, ["yes", "no"], CANDIDATES)

    assert not np.array_equal(yes, no)


async def test_weights_that_are_not_finite_are_an_error_and_not_a_score(folder):
    model = make_reward_model(str(folder))
    with torch.no_grad():
        model._encoder.model.classifier.weight.fill_(torch.nan)

    with pytest.raises(ScoringError, match="not finite"):
        await model.score(QUESTION, OPINIONS, CANDIDATES)


def test_a_model_with_three_labels_is_refused(tmp_path):
    with pytest.raises(ScoringError, match="3 numbers for a pair instead of one"):
        make_reward_model(str(save_encoder(tmp_path, labels=3)))


def test_an_encoder_without_a_trained_head_is_refused(tmp_path):
    from transformers import BertModel

    save_encoder(tmp_path)
    BertModel.from_pretrained(tmp_path).save_pretrained(tmp_path)

    with pytest.raises(ScoringError, match="no trained head"):
        make_reward_model(str(tmp_path))


@pytest.mark.parametrize(
    ("opinions", "candidates"), [([], CANDIDATES), (OPINIONS, [])], ids=["no opinion", "no candidate"]
)
async def test_nothing_to_score_is_an_error(folder, opinions, candidates):
    with pytest.raises(ScoringError, match="nothing"):
        await make_reward_model(str(folder)).score(QUESTION, opinions, candidates)


@pytest.mark.parametrize("text", ["", "\x00", "🙂" * 50, "אני בעד", "x" * 3000], ids=lambda t: repr(t[:3]))
async def test_odd_texts_are_scored_too(folder, text):
    assert np.isfinite(await make_reward_model(str(folder)).score(text, [text], [text])).all()


async def test_a_cancelled_call_stops_at_its_piece_while_the_loop_turns(folder, monkeypatch):
    encoder = CrossEncoder(str(folder), device="cpu")
    model = CrossEncoderReward(encoder, Manifest(family="cross-encoder", name="tiny"), device="cpu", pairs=1)
    predict, begun, go_on, done = encoder.predict, threading.Event(), threading.Event(), []

    def held_up(*some, **options):
        begun.set()
        assert go_on.wait(20)
        done.append(1)
        return predict(*some, **options)

    monkeypatch.setattr(encoder, "predict", held_up)
    scoring = asyncio.create_task(model.score(QUESTION, OPINIONS, CANDIDATES))
    assert await asyncio.to_thread(begun.wait, 20)  # the loop turns while the model works
    scoring.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await scoring

    assert done == [1]
