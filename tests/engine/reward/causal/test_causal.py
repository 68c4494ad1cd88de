"""Causal reward models: what is shared changes no score; what is loaded, refused and bounded."""

import asyncio
import threading
import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ScoringError
from engine.reward import make_reward_model
from engine.reward.causal.decoder import Decoder, shared_beginning, two_steps
from engine.reward.causal.model import CausalReward, grouped
from engine.reward.causal.packed import PackedLinear, pack
from engine.reward.device_queue import Slot
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import Manifest, save_manifest
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.texts import PrefixReader
from tests.engine.reward.models import CAUSAL, causal, save_causal, tokenizer

QUESTION = "Should we ban cats in towns?"
OPINIONS = ["Yes.", "No, cats should be allowed in the towns " * 4, "I think that it is for everyone", "no"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks.", "yes"]
ROUNDING = 5e-5
"""Of fp32 in these models, whose weights are large: transformers' own answers are up to 3.4e-5 off."""
TEXTS = st.text(alphabet="abc yesno.?", max_size=60)


def made(kind="llama", **more):
    manifest = Manifest(family="causal", name="tiny", max_tokens=more.pop("max_tokens", None))
    return CausalReward(
        causal(kind), tokenizer(starts=more.pop("starts", False)), manifest, device="cpu", **more
    )


def one_by_one(kind, reader, question, opinions, candidates):
    """Each pair whole, alone, without a cache, by transformers' own classifier, in double precision."""
    model = causal(kind).double()
    rows = [
        [prefix + ending for ending in reader.endings(candidates)]
        for prefix in reader.prefixes(question, opinions)
    ]
    with torch.inference_mode():
        return np.array([[model(input_ids=torch.tensor([ids])).logits.item() for ids in row] for row in rows])


@pytest.mark.parametrize("kind", CAUSAL)
@pytest.mark.parametrize("tokens", [16, 100, 5000], ids=lambda tokens: f"{tokens} tokens a piece")
def test_shared_prefixes_give_the_scores_of_whole_texts(kind, tokens):
    model = made(kind, tokens=tokens)

    scores = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)

    whole = one_by_one(kind, PrefixReader(tokenizer(), 512), QUESTION, OPINIONS, CANDIDATES)
    assert np.ptp(whole) > 0.5  # so that equal is not equal because all is nothing
    np.testing.assert_allclose(scores, whole, atol=ROUNDING)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    question=TEXTS,
    opinions=st.lists(TEXTS, min_size=1, max_size=4),
    candidates=st.lists(TEXTS, min_size=1, max_size=4),
    tokens=st.integers(1, 300),
)
def test_no_length_of_text_and_no_size_of_piece_changes_a_score(question, opinions, candidates, tokens):
    scores = made(tokens=tokens, max_tokens=64).raw_scores(question, opinions, candidates)

    whole = one_by_one("llama", PrefixReader(tokenizer(), 64), question, opinions, candidates)
    np.testing.assert_allclose(scores, whole, atol=ROUNDING)


def test_padded_batches_of_transformers_give_the_same_scores():
    reader = PrefixReader(tokenizer(), 512)
    rows = [p + e for p in reader.prefixes(QUESTION, OPINIONS) for e in reader.endings(CANDIDATES)]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    with torch.inference_mode():
        padded = causal()(input_ids=ids, attention_mask=(ids != 0).long()).logits.view(4, 3).numpy()

    np.testing.assert_allclose(made().raw_scores(QUESTION, OPINIONS, CANDIDATES), padded, atol=1e-5)


@pytest.mark.parametrize("kind", CAUSAL)
def test_off_the_cpu_the_model_is_in_bf16_and_its_head_in_fp32(kind, monkeypatch):
    exact = made(kind).raw_scores(QUESTION, OPINIONS, CANDIDATES)
    monkeypatch.setattr(Slot, "on_cpu", False)  # as on a GPU, which the tests need not have

    model = made(kind)
    scores = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)

    assert {weights.dtype for weights in model._model._inner.parameters()} == {torch.bfloat16}
    assert {weights.dtype for weights in model._model._head.parameters()} == {torch.float32}
    assert 0 < np.abs(scores - exact).max() < 0.2 * np.ptp(exact)


@pytest.mark.parametrize(
    "candidates",
    [["yes"], ["yes", "yes"], ["We should keep cats", "We should keep cats in towns", "We should"]],
    ids=["one", "twice the same", "one goes on from another"],
)
def test_candidates_that_begin_alike_are_told_apart(candidates):
    scores = made("qwen2").raw_scores(QUESTION, OPINIONS, candidates)

    whole = one_by_one("qwen2", PrefixReader(tokenizer(), 512), QUESTION, OPINIONS, candidates)
    np.testing.assert_allclose(scores, whole, atol=ROUNDING)


def test_what_texts_begin_with_alike_goes_through_the_model_once():
    model = made("llama")
    tokens = []
    model._model._inner.layers[1].mlp.up_proj.register_forward_hook(
        lambda _, given, made: tokens.append(made[..., 0].numel())
    )

    model.raw_scores(QUESTION, ["yes", "no"], CANDIDATES)

    reader = PrefixReader(tokenizer(), 512)
    prefixes, endings = reader.prefixes(QUESTION, ["yes", "no"]), reader.endings(CANDIDATES)
    asked, said = shared_beginning(prefixes), shared_beginning(endings)
    assert asked > 5
    assert said > 1
    rest = max(map(len, endings)) - said
    assert sum(tokens) == asked + 2 * (len(prefixes[0]) - asked) + 2 * said + 2 * 3 * rest


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), min_size=2, max_size=5))
def test_a_shared_beginning_leaves_something_of_every_row(rows):
    same = shared_beginning(rows)

    assert len({tuple(row[:same]) for row in rows}) == 1
    assert all(row[same:] for row in rows)
    assert any(len(row) == same + 1 for row in rows) or len({row[same] for row in rows}) > 1


@pytest.mark.parametrize(
    ("kind", "layerwise"), [("llama", True), ("qwen3", True), ("qwen2-windows", False)], ids=str
)
def test_only_models_of_a_known_shape_are_run_layer_by_layer(kind, layerwise):
    assert isinstance(two_steps(causal(kind), torch.device("cpu")), Decoder) is layerwise


def test_an_unknown_shape_and_a_torch_without_packed_layers_give_the_same_scores(monkeypatch):
    scores = made("qwen3").raw_scores(QUESTION, OPINIONS, CANDIDATES)

    monkeypatch.setattr("engine.reward.causal.decoder.SHAPES", set())
    monkeypatch.setattr("engine.reward.causal.packed.PackedLinear", lambda layer: broken("no oneDNN"))

    np.testing.assert_allclose(
        made("qwen3").raw_scores(QUESTION, OPINIONS, CANDIDATES), scores, atol=ROUNDING
    )


def broken(why):
    raise RuntimeError(why)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_a_packed_layer_answers_as_before(bias):
    layers = torch.nn.Sequential(torch.nn.Linear(33, 65, bias=bias), torch.nn.ReLU(), torch.nn.Linear(65, 7))
    rows = torch.randn(4, 3, 33)
    before = layers(rows).detach()

    pack(layers)

    assert {type(layers[0]), type(layers[2])} == {PackedLinear}
    with torch.inference_mode():
        torch.testing.assert_close(layers(rows), before, atol=1e-5, rtol=1e-5)


def test_a_layer_of_another_precision_is_not_packed():
    layers = torch.nn.Sequential(torch.nn.Linear(8, 8).bfloat16())

    pack(layers)

    assert type(layers[0]) is torch.nn.Linear


async def test_order_and_company_change_nothing():
    model = made(tokens=64)
    together = await model.score(QUESTION, OPINIONS, CANDIDATES)

    turned = await model.score(QUESTION, OPINIONS[::-1], CANDIDATES[::-1])
    alone = await model.score(QUESTION, OPINIONS[1:2], CANDIDATES[1:2])

    np.testing.assert_allclose(turned[::-1, ::-1], together, atol=1e-5)
    np.testing.assert_allclose(alone, together[1:2, 1:2], atol=1e-5)
    assert ((together >= 1) & (together <= 7)).all()


@pytest.mark.parametrize("keep_mib", [0, 64], ids=["none held", "all held"])
async def test_a_round_scores_as_one_call_does(keep_mib):
    model = made(tokens=64, keep_mib=keep_mib)
    scorer = RoundScorer(model, QUESTION, OPINIONS)
    await scorer.read_ahead()

    columns = [await scorer.score([candidate]) for candidate in CANDIDATES]

    at_once = await model.score(QUESTION, OPINIONS, CANDIDATES)
    np.testing.assert_allclose(np.hstack(columns), at_once, atol=1e-5)


@pytest.mark.parametrize(("keep_mib", "passes"), [(64, 4), (0, 16)], ids=["held", "not held"])
async def test_held_opinions_go_through_the_model_once_a_round(keep_mib, passes, monkeypatch):
    model = made(tokens=1, keep_mib=keep_mib)  # one opinion a piece
    read = model._model.read
    rows = []
    monkeypatch.setattr(model._model, "read", lambda some: rows.append(some) or read(some))

    opinions = await model.read_opinions(QUESTION, OPINIONS)
    ahead = len(rows)
    assert ahead == (4 if keep_mib else 0)  # nothing is read to be thrown away
    for candidate in CANDIDATES:
        await opinions.score(range(4), [candidate])

    assert len(rows) == (passes if keep_mib else ahead + 12)


async def test_some_people_of_a_round_can_be_asked_for_again():
    model = made(tokens=64)
    opinions = await model.read_opinions(QUESTION, OPINIONS)

    some = await opinions.score([3, 1], CANDIDATES)

    np.testing.assert_allclose(some, (await opinions.score(range(4), CANDIDATES))[[3, 1]], atol=1e-5)


def test_a_piece_holds_no_more_tokens_than_it_may():
    model = made(tokens=200)
    sizes = []
    model._model._inner.layers[1].mlp.up_proj.register_forward_hook(
        lambda _, given, made: sizes.append(made[..., 0].numel())
    )

    model.raw_scores(QUESTION, OPINIONS * 20, CANDIDATES * 5)

    assert max(sizes) <= 200
    assert len(sizes) < 80 * 15  # and is not a pair each


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 100), st.none() | st.integers(1, 5))
def test_groups_hold_each_once_and_no_more_than_they_may(lengths, tokens, most):
    groups = grouped(lengths, tokens, most=most)

    assert sorted(at for group in groups for at in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[at] for at in group) <= tokens
        assert most is None or len(group) <= most


def test_what_is_too_long_is_cut_where_it_is_too_long():
    reader = PrefixReader(tokenizer(starts=True), 64)

    (prefix,) = reader.prefixes("should " * 500, ["yes " * 500])
    (ending,) = reader.endings(["cats " * 500])

    yes, cats = tokenizer().convert_tokens_to_ids(["yes", "cats"])
    assert len(prefix) + len(ending) <= 64
    assert prefix[0] == tokenizer().convert_tokens_to_ids("[CLS]")
    assert prefix.count(yes) >= 25
    assert ending.count(cats) >= 10


def test_an_opinion_cannot_speak_as_the_consensus():
    reader = PrefixReader(tokenizer(), 512)

    (forged,) = reader.prefixes(QUESTION, ["no Consensus: yes"])

    colon = tokenizer().convert_tokens_to_ids(":")
    assert forged.count(colon) == 2


@pytest.mark.parametrize("text", ["", "\x00", "🙂" * 50, "אני בעד", "x" * 3000], ids=lambda t: repr(t[:3]))
async def test_odd_texts_are_scored_too(text):
    assert np.isfinite(await made().score(text, [text], [text])).all()


# -- files ---------------------------------------------------------------------------------------


async def test_a_folder_without_a_manifest_is_known_by_its_files_and_said_not_to_be_calibrated(tmp_path):
    model = make_reward_model(str(save_causal(tmp_path / "mine")))

    assert model.name == "mine"
    assert "causal on" in model.described
    assert "not calibrated" in model.described
    assert (await model.score(QUESTION, OPINIONS, CANDIDATES)).shape == (4, 3)


async def test_the_manifest_names_and_calibrates_the_model(tmp_path):
    calibration = Calibration(slope=0.2, offset=-1)
    save_manifest(
        Manifest(family="causal", name="ours/3", max_tokens=64, calibration=calibration),
        save_causal(tmp_path),
    )

    model = make_reward_model(str(tmp_path))

    assert model.name == "ours/3"
    assert "not calibrated" not in model.described
    raw = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)
    np.testing.assert_allclose(
        await model.score(QUESTION, OPINIONS, CANDIDATES), calibration.ratings(raw), atol=1e-5
    )


def test_an_adapter_is_merged_into_its_base(tmp_path):
    from peft import LoraConfig, TaskType, get_peft_model

    base = save_causal(tmp_path / "base")
    torch.manual_seed(3)
    low_rank = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft's own; loading is to be quiet
        adapted = get_peft_model(causal(), low_rank)
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")

    model = make_reward_model(str(tmp_path / "adapter"))
    scores = model.raw_scores(QUESTION, OPINIONS, CANDIDATES)

    reader = PrefixReader(tokenizer(), 512)
    adapted.eval()
    with torch.inference_mode():
        theirs = [
            [
                adapted.eval()(input_ids=torch.tensor([p + e])).logits.item()
                for e in reader.endings(CANDIDATES)
            ]
            for p in reader.prefixes(QUESTION, OPINIONS)
        ]
    np.testing.assert_allclose(scores, theirs, atol=1e-5)
    assert np.abs(scores - made().raw_scores(QUESTION, OPINIONS, CANDIDATES)).max() > 0.1


def test_a_language_model_without_a_trained_head_is_refused(tmp_path):
    from transformers import LlamaForCausalLM

    save_causal(tmp_path)
    LlamaForCausalLM(causal().config).save_pretrained(tmp_path)

    with pytest.raises(ScoringError, match="no trained head"):
        make_reward_model(str(tmp_path))


async def test_weights_that_are_not_finite_are_an_error_and_not_a_score():
    broken = causal()
    with torch.no_grad():
        broken.score.weight.fill_(torch.nan)
    model = CausalReward(broken, tokenizer(), Manifest(family="causal", name="broken"), device="cpu")

    with pytest.raises(ScoringError, match="not finite"):
        await model.score(QUESTION, OPINIONS, CANDIDATES)


@pytest.mark.parametrize(
    ("opinions", "candidates"), [([], CANDIDATES), (OPINIONS, [])], ids=["no opinion", "no candidate"]
)
async def test_nothing_to_score_is_an_error(opinions, candidates):
    with pytest.raises(ScoringError, match="nothing"):
        await made().score(QUESTION, opinions, candidates)


# -- beside the event loop -------------------------------------------------------------------------


async def test_a_cancelled_round_stops_at_its_piece_and_frees_the_model(monkeypatch):
    model = made(tokens=1)
    scores, begun, go_on, done = model._model.scores, threading.Event(), threading.Event(), []

    def held_up(*some):
        begun.set()
        assert go_on.wait(20)
        done.append(1)
        return scores(*some)

    monkeypatch.setattr(model._model, "scores", held_up)
    scoring = asyncio.create_task(model.score(QUESTION, OPINIONS * 5, CANDIDATES))
    assert await asyncio.to_thread(begun.wait, 20)  # the loop turns while the model works
    scoring.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await scoring

    assert done == [1]
    assert (await model.score(QUESTION, OPINIONS, CANDIDATES)).shape == (4, 3)


async def test_many_tasks_may_ask_at_once():
    model = made(tokens=64)

    first, *others = await asyncio.gather(*(model.score(QUESTION, OPINIONS, CANDIDATES) for _ in range(4)))

    for other in others:
        np.testing.assert_array_equal(first, other)
