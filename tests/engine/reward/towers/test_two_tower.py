"""The two towers: scores, stored vectors, files, and what is refused."""

import asyncio
import json
import threading

import numpy as np
import pytest
import torch

from engine.errors import ScoringError
from engine.reward.texts import Reader
from engine.reward.towers.checkpoint import load_checkpoint, save_checkpoint
from engine.reward.towers.two_tower import TwoTower
from tests.engine.reward.models import assert_one_sentence
from tests.engine.tiny import tiny_checkpoint, tiny_tokenizer

QUESTION = "Should we ban cats in towns?"
OPINIONS = ["Yes.", "No, cats should be allowed in the towns " * 3, "I think that it is for everyone"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks."]


@pytest.fixture
def model():
    return TwoTower(tiny_checkpoint(), device="cpu")


async def test_scores_are_ratings_of_every_person_for_every_candidate(model):
    rewards = await model.score(QUESTION, OPINIONS, CANDIDATES)

    assert rewards.shape == (3, 2)
    assert rewards.dtype == np.float64
    assert ((rewards >= 1) & (rewards <= 7)).all()


async def test_stored_vectors_give_the_same_scores(model):
    vectors = await model.encode_opinions(QUESTION, OPINIONS)

    later = await model.score_encoded(vectors, QUESTION, CANDIDATES)

    assert vectors.shape == (3, model.size)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(later, await model.score(QUESTION, OPINIONS, CANDIDATES))


async def test_a_pair_scores_the_same_in_any_company(model):
    together = await model.score(QUESTION, OPINIONS, CANDIDATES)

    alone = await model.score(QUESTION, OPINIONS[1:2], CANDIDATES[1:])

    np.testing.assert_allclose(alone, together[1:2, 1:], atol=1e-5)


async def test_the_same_words_from_several_people_are_encoded_once(model, monkeypatch):
    encode, encoded = model._encoder.encode, []
    monkeypatch.setattr(model._encoder, "encode", lambda rows: encoded.extend(rows) or encode(rows))

    vectors = await model.encode_opinions(QUESTION, [*OPINIONS, *OPINIONS[::-1]])

    assert len(encoded) == 3
    np.testing.assert_array_equal(vectors, vectors[::-1])
    np.testing.assert_allclose(vectors[:3], await model.encode_opinions(QUESTION, OPINIONS), atol=1e-5)


async def test_many_tasks_may_ask_at_once(model):
    asked = [model.score(QUESTION, OPINIONS, CANDIDATES) for _ in range(4)]

    first, *others = await asyncio.gather(*asked)

    for other in others:
        np.testing.assert_array_equal(first, other)


async def test_another_round_is_scored_between_two_batches_of_opinions(monkeypatch):
    model = TwoTower(tiny_checkpoint(), device="cpu", batch=1)
    vectors = await model.encode_opinions(QUESTION, OPINIONS)
    encode, begun, go_on, order = model._encoder.encode, threading.Event(), threading.Event(), []

    def noted(rows):
        begun.set()
        assert go_on.wait(20)
        order.append(len(rows))
        return encode(rows)

    monkeypatch.setattr(model._encoder, "encode", noted)
    many = [f"{opinion} {number}" for opinion in OPINIONS for number in range(5)]
    encoding = asyncio.create_task(model.encode_opinions(QUESTION, many))
    assert await asyncio.to_thread(begun.wait, 20)
    scoring = asyncio.create_task(model.score_encoded(vectors, QUESTION, CANDIDATES[:1]))
    scoring.add_done_callback(lambda _: order.append("scored"))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(encoding, scoring)

    assert order.index("scored") < len(order) - 10
    assert order.count(1) == 5 * len(OPINIONS) + 1


async def test_a_cancelled_call_encodes_no_more_than_the_batch_that_it_is_at(monkeypatch):
    model = TwoTower(tiny_checkpoint(), device="cpu", batch=1)
    encode, begun, go_on, done = model._encoder.encode, threading.Event(), threading.Event(), []

    def held_up(*some):
        begun.set()
        assert go_on.wait(20)
        done.append(1)
        return encode(*some)

    monkeypatch.setattr(model._encoder, "encode", held_up)
    encoding = asyncio.create_task(model.encode_opinions(QUESTION, OPINIONS * 5))
    assert await asyncio.to_thread(begun.wait, 20)
    encoding.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await encoding

    assert done == [1]
    assert (await model.encode_opinions(QUESTION, OPINIONS)).shape == (3, model.size)


def test_the_head_in_blocks_equals_the_head_at_once():
    head = tiny_checkpoint().towers.head
    opinions, candidates = torch.randn(300, 16), torch.randn(40, 16)

    at_once = head(opinions, candidates)

    torch.testing.assert_close(head.in_blocks(opinions, candidates, memory_mib=1), at_once)


def test_the_head_equals_its_features_spelt_out():
    head = tiny_checkpoint().towers.head
    u, v = torch.randn(1, 16), torch.randn(1, 16)

    features = torch.cat([u, v, (u - v).abs(), u * v], dim=1)
    by_hand = head.outer(torch.nn.functional.gelu(head.inner(features))) + head.skip * (u @ v.T) / 16

    torch.testing.assert_close(head(u, v), by_hand)


async def test_a_saved_checkpoint_gives_the_same_scores(model, tmp_path):
    save_checkpoint(tiny_checkpoint(), tmp_path)

    again = TwoTower.load(tmp_path, device="cpu")

    assert again.name == model.name
    np.testing.assert_allclose(
        await again.score(QUESTION, OPINIONS, CANDIDATES),
        await model.score(QUESTION, OPINIONS, CANDIDATES),
        atol=5e-3,  # the file is fp16
    )


FILES = ["config.json", "model.safetensors", "tokenizer.json", "calibration.json"]


@pytest.mark.parametrize("missing", FILES)
def test_a_folder_with_a_file_missing_is_no_checkpoint(tmp_path, missing):
    save_checkpoint(tiny_checkpoint(), tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(ScoringError, match=missing):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("torn", FILES)
def test_a_file_that_was_cut_off_is_told_in_a_sentence(tmp_path, torn):
    save_checkpoint(tiny_checkpoint(), tmp_path)
    whole = (tmp_path / torn).read_bytes()
    (tmp_path / torn).write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ScoringError, match="no two-tower or joint checkpoint") as caught:
        load_checkpoint(tmp_path)
    assert_one_sentence(caught.value)


def test_weights_of_another_shape_are_refused(tmp_path):
    save_checkpoint(tiny_checkpoint(), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"hidden": 9}))

    with pytest.raises(ScoringError, match=r"no two-tower or joint checkpoint .*size mismatch") as caught:
        load_checkpoint(tmp_path)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("slope", ['"steep"', "-1.0", "0.0", "NaN", "Infinity"])
def test_a_calibration_that_makes_no_sense_is_told_in_a_sentence(tmp_path, slope):
    save_checkpoint(tiny_checkpoint(), tmp_path)
    (tmp_path / "calibration.json").write_text(f'{{"slope": {slope}}}')

    with pytest.raises(ScoringError, match="slope") as caught:
        load_checkpoint(tmp_path)
    assert_one_sentence(caught.value)


async def test_weights_that_are_not_finite_are_an_error_and_not_a_score():
    broken = tiny_checkpoint()
    with torch.no_grad():
        broken.towers.head.skip.fill_(torch.nan)

    with pytest.raises(ScoringError, match="finite"):
        await TwoTower(broken, device="cpu").score(QUESTION, OPINIONS, CANDIDATES)


@pytest.mark.parametrize(
    ("opinions", "candidates"), [([], CANDIDATES), (OPINIONS, [])], ids=["no opinion", "no candidate"]
)
async def test_nothing_to_score_is_an_error(model, opinions, candidates):
    with pytest.raises(ScoringError, match="nothing"):
        await model.score(QUESTION, opinions, candidates)


async def test_vectors_of_another_model_are_refused(model):
    with pytest.raises(ScoringError, match="shape"):
        await model.score_encoded(np.zeros((2, 7), dtype=np.float32), QUESTION, CANDIDATES)


def test_a_long_question_leaves_room_for_the_opinion():
    reader = Reader(tiny_tokenizer(), 32)

    (ids,) = reader.read("should " * 500, "Opinion", ["yes " * 500])

    assert len(ids) == 32
    assert ids.count(tiny_tokenizer().token_to_id("yes")) >= 12


@pytest.mark.parametrize("text", ["", "\x00", "🙂" * 50, "אני בעד", "x" * 3000], ids=lambda t: repr(t[:3]))
async def test_odd_texts_are_scored_too(model, text):
    assert np.isfinite(await model.score(text, [text], [text])).all()
