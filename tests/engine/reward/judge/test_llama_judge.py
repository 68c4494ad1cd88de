"""The judge before the real llama.cpp, with a tiny random model: how it is asked, not what it says."""

from importlib.util import find_spec

import numpy as np
import pytest

from engine.drafting import GeneratorOptions, make_generator
from engine.drafting.local.llama import wanted_of
from engine.drafting.local.llama_host import host
from engine.errors import ScoringError
from engine.mediator import Mediator
from engine.reward.judge.asking import JudgeOptions
from engine.reward.judge.model import LanguageModelJudge
from engine.reward.judge.routes import COMPLETIONS
from tests.engine.drafting.servers.test_tgi import request_of
from tests.engine.language_models.tiny_gguf import RATES_CHAT, save_tiny_gguf
from tests.engine.reward.judge.test_judge import CANDIDATES, OPINIONS, scored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs llama.cpp: accord-bot[local]"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    return save_tiny_gguf(path, chat_template=RATES_CHAT, rates_after="#")


def judge_of(path, **options):
    return LanguageModelJudge(JudgeOptions.of_this_machine(wanted_of(str(path)), **options))


def are_ratings(rewards):
    assert np.isfinite(rewards).all()
    return bool(((rewards >= 1) & (rewards <= 7)).all()) and len(np.unique(rewards)) > 1


async def test_a_server_of_llama_cpp_tells_the_probabilities_of_digits(model):
    """As somebody runs it: an address and a key, and nothing known of what is there."""
    async with host().serving(wanted_of(str(model))) as served:
        options = JudgeOptions((served.url,), "openai", api_key=served.key)
        judge = LanguageModelJudge(options)
        rewards = await scored(judge)

    assert rewards.shape == (len(OPINIONS), len(CANDIDATES))
    assert are_ratings(rewards)
    assert judge.name == "llm:tiny (judge/1)"
    assert "probabilities of its answers" in judge.described


async def test_a_file_judges_without_a_server(model):
    judge = judge_of(model)
    rewards = await scored(judge)

    assert rewards.shape == (len(OPINIONS), len(CANDIDATES))
    assert are_ratings(rewards)
    assert judge.name == "llm:tiny (judge/1)"


async def test_a_model_that_does_not_chat_is_asked_in_running_text(tmp_path):
    path = save_tiny_gguf(tmp_path / "plain.gguf", chat_template=None, rates_after=":")

    judge = judge_of(path)
    assert are_ratings(await scored(judge))
    async with judge.servers.connected() as wire:
        assert (await judge.servers.known(wire)).route.path == COMPLETIONS


async def test_the_model_that_drafts_judges_and_is_loaded_once(model):
    generator = make_generator("local", GeneratorOptions(model=str(model)))
    await generator.check()
    loaded = host().process_id

    mediation = await Mediator(generator, judge_of(model)).mediate(request_of(candidates=4))

    assert host().process_id == loaded
    assert mediation.models.generator == "llama.cpp:tiny"
    assert mediation.models.reward == "llm:tiny (judge/1)"
    assert are_ratings(np.array([candidate.rewards for candidate in mediation.candidates]))


async def test_a_model_that_writes_no_digits_is_no_judge(tmp_path):
    with pytest.raises(ScoringError, match="without a rating from 1 to 7"):
        await scored(judge_of(save_tiny_gguf(tmp_path / "words.gguf")))


async def test_a_file_that_is_no_model_is_one_sentence(tmp_path):
    path = tmp_path / "page.gguf"
    path.write_text("<html>")

    with pytest.raises(ScoringError, match="no GGUF file") as caught:
        await scored(judge_of(path))
    assert "\n" not in str(caught.value)
