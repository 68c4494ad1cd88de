"""The joint model: small groups read pair by pair, large ones from vectors; files, and what is refused."""

import asyncio
import json
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import ScoringError
from engine.ports import ReadsOpinions, ReadsTogether, StorableVectors, Uncertain
from engine.reward import limits_of, make_reward_model
from engine.reward.model_info.families import PairTokens
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.scoring.stored import encoder_of
from engine.reward.texts import PairReader
from engine.reward.towers.checkpoint import (
    JointCheckpoint,
    JointConfig,
    load_checkpoint,
    save_checkpoint,
)
from engine.reward.towers.joint import JointReward
from engine.reward.towers.networks import JointTowers
from engine.reward.towers.two_tower import TwoTower
from tests.engine.reward.models import assert_one_sentence
from tests.engine.tiny import tiny_checkpoint, tiny_encoder, tiny_joint, tiny_tokenizer

QUESTION = "Should we ban cats in towns?"
FEW = ["Yes.", "No, cats should be allowed in the towns " * 3, "I think that it is for everyone"]
MANY = [*FEW, "No.", "I have no dogs"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks.", "yes"]


class Noting(JointReward):
    """A joint model that notes which opinions it encodes."""

    def __init__(self, checkpoint=None):
        super().__init__(checkpoint or tiny_joint(), device="cpu")
        self.encoded = []

    async def encode_opinions(self, question, opinions):
        self.encoded.extend(opinions)
        return await super().encode_opinions(question, opinions)


@pytest.fixture
def model():
    return Noting()


def apart(checkpoint=None):
    """The same weights, in the way of large groups."""
    return TwoTower(checkpoint or tiny_joint(), device="cpu")


async def in_a_round(model, opinions, stored=None):
    scorer = RoundScorer(model, QUESTION, opinions, stored)
    await scorer.read_ahead()
    return await scorer.score(CANDIDATES)


async def test_scores_are_ratings_of_every_person_for_every_candidate(model):
    rewards = await model.score(QUESTION, FEW, CANDIDATES)

    assert rewards.shape == (3, 3)
    assert rewards.dtype == np.float64
    assert ((rewards >= 1) & (rewards <= 7)).all()


def test_a_pair_is_read_in_one_row_with_each_text_in_a_segment_of_its_own():
    words = tiny_tokenizer()
    pairs = PairReader(words, PairTokens()).read(
        "We ban cats?", ["Yes.", "No no."], ["Keep cats.", "I agree"]
    )

    ids, mask, kinds = pairs.padded([1, 2])

    said = [words.id_to_token(at) for at in ids[0].tolist()]
    assert said[:17] == [
        "[CLS]", "question", ":", "we", "ban", "cats", "?", "opinion", ":", "yes", ".", "[SEP]",
        "consensus", ":", "i", "agree", "[SEP]",
    ]  # fmt: skip
    assert ids.shape == mask.shape == kinds.shape == (2, 32)  # a multiple of 16
    assert mask.sum(dim=1).tolist() == [17, 19]
    assert kinds[0].tolist() == [0] * 12 + [1] * 5 + [0] * 15


def test_each_part_of_a_pair_is_cut_at_its_end_by_a_limit_of_its_own():
    reader = PairReader(tiny_tokenizer(), PairTokens(question=5, opinion=6, statement=4))

    pairs = reader.read("ban " * 50, ["cats " * 50], ["dogs " * 50])

    words = [tiny_tokenizer().id_to_token(at) for at in (*pairs.firsts[0], *pairs.seconds[0])]
    assert " ".join(words) == (
        "[CLS] question : ban ban ban opinion : cats cats cats cats [SEP] consensus : dogs dogs [SEP]"
    )


def test_raw_scores_equal_the_arithmetic_spelt_out(model):
    towers, pairs = tiny_joint().towers, PairReader(tiny_tokenizer(), tiny_joint().config.together_tokens)
    row = pairs.read(QUESTION, FEW[2:], CANDIDATES[1:2])
    first, second = row.firsts[0], row.seconds[0]

    with torch.inference_mode():
        states = towers.encoder(
            input_ids=torch.tensor([first + second]),
            token_type_ids=torch.tensor([[0] * len(first) + [1] * len(second)]),
        ).last_hidden_state[0]
        u, v = (
            torch.nn.functional.normalize(some.mean(dim=0), dim=0) * 4  # the root of 16
            for some in (states[: len(first)], states[len(first) :])
        )
        features = torch.cat([u, v, (u - v).abs(), u * v])
        head = towers.together
        by_hand = head.outer(torch.nn.functional.gelu(head.inner(features))) + head.skip * (u @ v) / 16

    found = model.raw_scores(QUESTION, FEW, CANDIDATES)
    assert found[2, 1] == pytest.approx(by_hand.item(), abs=1e-5)


async def test_a_small_group_can_be_scored_by_the_mean_of_both_ways(model):
    checkpoint = tiny_joint()
    both = replace(checkpoint, config=checkpoint.config.model_copy(update={"apart_share": 0.25}))

    found = JointReward(both, device="cpu").raw_scores(QUESTION, FEW, CANDIDATES)

    together, alone = (each.raw_scores(QUESTION, FEW, CANDIDATES) for each in (model, apart()))
    np.testing.assert_allclose(found, 0.75 * together + 0.25 * alone, atol=1e-6)
    scored = await JointReward(both, device="cpu").score(QUESTION, FEW, CANDIDATES)
    np.testing.assert_allclose(scored, checkpoint.together.ratings(found), atol=1e-5)


async def test_a_pair_scores_the_same_in_any_company_and_order(model):
    rewards = await model.score(QUESTION, FEW, CANDIDATES)
    alone = await model.score(QUESTION, FEW[1:2], CANDIDATES[1:2])
    turned = await model.score(QUESTION, FEW[::-1], CANDIDATES[::-1])

    np.testing.assert_allclose(alone, rewards[1:2, 1:2], atol=1e-5)
    np.testing.assert_allclose(turned[::-1, ::-1], rewards, atol=1e-5)


@pytest.mark.parametrize("tokens", [1, 100, 10_000])
async def test_pieces_of_any_size_give_the_same_scores(model, tokens):
    pieces = JointReward(tiny_joint(), device="cpu", tokens=tokens)

    np.testing.assert_allclose(
        await pieces.score(QUESTION, FEW, CANDIDATES), await model.score(QUESTION, FEW, CANDIDATES), atol=1e-5
    )


def test_a_piece_holds_no_more_tokens_than_there_is_room_for():
    pairs = PairReader(tiny_tokenizer(), PairTokens()).read(QUESTION, MANY, CANDIDATES)

    found = list(pairs.batches(200))

    assert sorted(at for some in found for at in some) == list(range(15))
    for some in found:
        ids, _, _ = pairs.padded(some)
        assert ids.shape[1] % 16 == 0
        assert ids.numel() <= 200 or len(some) == 1


async def test_a_large_group_is_scored_apart(model):
    rewards = await model.score(QUESTION, MANY, CANDIDATES)

    np.testing.assert_array_equal(rewards, await apart().score(QUESTION, MANY, CANDIDATES))
    np.testing.assert_array_equal(
        model.raw_scores(QUESTION, MANY, CANDIDATES), apart().raw_scores(QUESTION, MANY, CANDIDATES)
    )
    assert not np.allclose(rewards[:3], await model.score(QUESTION, FEW, CANDIDATES), atol=1e-2)


async def test_a_round_of_a_small_group_encodes_nothing(model):
    rewards = await in_a_round(model, FEW)

    assert model.encoded == []
    np.testing.assert_array_equal(rewards, await model.score(QUESTION, FEW, CANDIDATES))


async def test_a_round_of_a_small_group_reads_its_opinions_apart_once_for_all_statements(monkeypatch):
    checkpoint = tiny_joint()
    both = replace(checkpoint, config=checkpoint.config.model_copy(update={"apart_share": 0.25}))
    model, encoded = JointReward(both, device="cpu"), []
    encode = model._encoder.encode
    monkeypatch.setattr(model._encoder, "encode", lambda rows: encoded.append(len(rows)) or encode(rows))
    scorer = RoundScorer(model, QUESTION, FEW)

    await scorer.read_ahead()
    rewards = [await scorer.score([candidate]) for candidate in CANDIDATES]

    assert encoded == [3, 1, 1, 1]
    whole = await JointReward(both, device="cpu").score(QUESTION, FEW, CANDIDATES)
    np.testing.assert_allclose(np.hstack(rewards), whole, atol=1e-5)


async def test_the_same_words_from_several_people_are_read_once_with_each_statement(model, monkeypatch):
    encode, pairs = model._encoder.encode_pairs, []
    monkeypatch.setattr(model._encoder, "encode_pairs", lambda some: pairs.extend(some) or encode(some))

    rewards = await model.score(QUESTION, [FEW[0], FEW[1], FEW[0]], CANDIDATES)

    assert len(pairs) == 2 * len(CANDIDATES)
    np.testing.assert_array_equal(rewards[0], rewards[2])
    np.testing.assert_allclose(rewards[:2], await model.score(QUESTION, FEW[:2], CANDIDATES), atol=1e-5)


async def test_a_round_of_a_large_group_is_scored_from_vectors(model):
    rewards = await in_a_round(model, MANY)

    assert model.encoded == MANY
    np.testing.assert_array_equal(rewards, await apart().score(QUESTION, MANY, CANDIDATES))


async def test_stored_vectors_are_used_for_a_large_group_and_left_for_a_small_one(model):
    stored = await encoder_of(model).encode(QUESTION, MANY)
    model.encoded.clear()

    large, small = await in_a_round(model, MANY, stored), await in_a_round(model, FEW, stored[:3])

    assert model.encoded == []
    np.testing.assert_array_equal(large, await apart().score(QUESTION, MANY, CANDIDATES))
    np.testing.assert_array_equal(small, await model.score(QUESTION, FEW, CANDIDATES))


def test_it_is_known_as_what_it_is(model):
    assert isinstance(model, StorableVectors)
    assert isinstance(model, ReadsTogether)
    assert isinstance(model, ReadsOpinions)
    assert not isinstance(apart(), ReadsTogether)
    assert model.described == "reads opinion and statement together (in groups of up to 4) on cpu, calibrated"
    assert model.fingerprint() == apart().fingerprint()


def test_it_says_how_uncertain_it_is(model):
    checkpoint = tiny_joint()
    config = checkpoint.config.model_copy(update={"uncertainty": 0.2})
    unsure = JointReward(replace(checkpoint, config=config), device="cpu")

    assert isinstance(unsure, Uncertain)
    assert (unsure.uncertainty, model.uncertainty) == (0.2, 0)


async def test_a_saved_checkpoint_gives_the_same_scores_in_both_ways(model, tmp_path):
    save_checkpoint(tiny_joint(), tmp_path)

    again = make_reward_model(str(tmp_path))

    assert isinstance(again, JointReward)
    assert again.name == model.name
    assert limits_of(str(tmp_path)).languages == ("en",)  # as the encoder that it comes from
    for opinions in (FEW, MANY):
        np.testing.assert_allclose(
            await again.score(QUESTION, opinions, CANDIDATES),
            await model.score(QUESTION, opinions, CANDIDATES),
            atol=5e-3,  # the file is fp16
        )


def test_a_two_tower_checkpoint_still_loads_and_is_no_joint_one(tmp_path):
    save_checkpoint(tiny_checkpoint(), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["uncertainty"]  # as they were written before
    (tmp_path / "config.json").write_text(json.dumps(config))

    assert not isinstance(load_checkpoint(tmp_path), JointCheckpoint)
    assert type(make_reward_model(str(tmp_path))) is TwoTower
    with pytest.raises(ScoringError, match="no joint checkpoint: its family is two-tower") as caught:
        JointReward.load(tmp_path)
    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("calibration.json", {"slope": 1.0, "offset": 0.0}, "apart"),
        ("config.json", {"together_up_to": 0}, "together_up_to"),
        ("config.json", {"together_tokens": {"question": 1}}, "together_tokens.question"),
        ("config.json", {"together_tokens": {"opinion": 300}}, "the encoder reads 64 at most"),
        ("config.json", {"uncertainty": -1}, "uncertainty"),
        ("config.json", {"family": "trio"}, "expected tags"),
        ("config.json", {"family": "two-tower"}, "apart_share"),
    ],
    ids=["one calibration", "nobody", "no room", "too long", "uncertainty", "family", "two-tower"],
)
def test_files_that_do_not_fit_are_told_in_a_sentence(tmp_path, file, content, said):
    save_checkpoint(tiny_joint(), tmp_path)
    before = json.loads((tmp_path / file).read_text()) if file == "config.json" else {}
    (tmp_path / file).write_text(json.dumps(before | content))

    with pytest.raises(ScoringError, match=said) as caught:
        load_checkpoint(tmp_path)
    assert_one_sentence(caught.value)


def test_an_encoder_without_token_types_is_refused():
    with pytest.raises(ValueError, match="no token types"):
        JointTowers(tiny_encoder() | {"type_vocab_size": 1}, 8)


def test_a_pair_may_not_be_longer_than_the_encoder_reads():
    with pytest.raises(ValueError, match="336 tokens, and the encoder reads 64"):
        JointConfig(name="x", encoder=tiny_encoder(), hidden=8, max_tokens=64)


async def test_weights_that_are_not_finite_are_an_error_and_not_a_score():
    broken = tiny_joint()
    with torch.no_grad():
        broken.towers.together.skip.fill_(torch.nan)

    with pytest.raises(ScoringError, match="finite"):
        await JointReward(broken, device="cpu").score(QUESTION, FEW, CANDIDATES)


@pytest.mark.parametrize(
    ("opinions", "candidates"), [([], CANDIDATES), (FEW, [])], ids=["no opinion", "no candidate"]
)
async def test_nothing_to_score_is_an_error(model, opinions, candidates):
    with pytest.raises(ScoringError, match="nothing"):
        await model.score(QUESTION, opinions, candidates)


@pytest.mark.parametrize("text", ["", "\x00", "🙂" * 50, "אני בעד", "x" * 3000], ids=lambda t: repr(t[:3]))
async def test_odd_texts_are_scored_too(model, text):
    assert np.isfinite(await model.score(text, [text], [text])).all()


async def test_a_cancelled_call_stops_at_its_piece_while_the_loop_turns(monkeypatch):
    model = JointReward(tiny_joint(), device="cpu", tokens=1)
    encode, begun, go_on, done = model._encoder.encode_pairs, threading.Event(), threading.Event(), []

    def held_up(*some):
        begun.set()
        assert go_on.wait(20)
        done.append(1)
        return encode(*some)

    monkeypatch.setattr(model._encoder, "encode_pairs", held_up)
    scoring = asyncio.create_task(model.score(QUESTION, FEW, CANDIDATES))
    assert await asyncio.to_thread(begun.wait, 20)  # the loop turns while the model works
    scoring.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await scoring

    assert done == [1]
