"""The local drafter, with a tiny random model: what it writes means nothing, how it is asked does."""

import asyncio
import shutil
from dataclasses import replace
from importlib.util import find_spec

import pytest

from engine import prompts
from engine.draft_briefs import briefs
from engine.errors import GenerationError, PromptRejectedError
from engine.types import ParticipantOpinion, Revision
from tests.engine.drafting.local.tiny import save_tiny_llama
from tests.engine.drafting.servers.test_tgi import LONG, request_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("transformers") is None, reason="needs torch and transformers"),
]
TWO = request_of(candidates=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("tiny"))


def drafter(model, **options):
    from engine.drafting.local.transformers_drafter import LocalGenerator

    return LocalGenerator(str(model), device="cpu", **options)


@pytest.fixture
def short_replies(monkeypatch):
    """A random model hardly ever ends by itself; how much it may write is the doctor's test."""
    monkeypatch.setattr("engine.drafting.local.transformers_drafter.STATEMENT_TOKENS", 40)


async def drafts_of(generator, request=TWO):
    return [draft async for draft in generator.draft(briefs(request))]


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.usefixtures("short_replies")
async def test_each_brief_gets_a_draft_and_the_same_seeds_give_the_same_drafts(model, batch):
    generator = drafter(model, batch=batch)
    first, again = [await drafts_of(each) for each in (generator, drafter(model, batch=batch))]
    other = await drafts_of(generator, replace(TWO, seed=12))

    assert [draft.brief.index for draft in first] == [0, 1]
    assert [draft.text for draft in first] == [draft.text for draft in again]
    assert [draft.text for draft in first] != [draft.text for draft in other]


@pytest.mark.usefixtures("short_replies")
async def test_the_form_of_the_prompt_is_the_model_s_and_is_recorded(model, tmp_path):
    plain = save_tiny_llama(tmp_path, chat_template=None)

    for folder, name in ((model, "few-shot-chat/1"), (plain, "few-shot/1")):
        generator = drafter(folder)
        await drafts_of(generator, TWO)
        assert generator.prompt == name
        assert generator.name == f"local:{folder.name}"


@pytest.mark.usefixtures("short_replies")
async def test_opinions_that_overflow_the_window_are_sampled(model):
    drafts = await drafts_of(drafter(model, template="zero-shot"), request_of(LONG[:8], candidates=4))

    read = {draft.brief.opinions[place] for draft in drafts for place in draft.read}
    assert read == set(LONG[:8])


@pytest.mark.usefixtures("short_replies")
async def test_a_revision_is_asked_for_with_the_critiques_which_are_sampled_too(model, monkeypatch):
    critiques = tuple(ParticipantOpinion(f"p{at}", f"Critique {text}") for at, text in enumerate(LONG[:8]))
    request = request_of(LONG[:8], candidates=4, revision=Revision("We ban them.", critiques))
    generator, asked = drafter(model), []
    messages = prompts.critique_chat
    monkeypatch.setattr(
        prompts, "critique_chat", lambda *a, **k: asked.append(messages(*a, **k)) or asked[-1]
    )

    drafts = await drafts_of(generator, request)

    read = {draft.brief.lines[place] for draft in drafts for place in draft.read}
    assert read == {*LONG[:8], *(each.text for each in critiques)}
    users = [user["content"] for _, user in asked[-len(drafts) :]]
    assert all("Previous statement: We ban them." in user and "Opinion: " in user for user in users)
    assert all("\n\nCritique: " in user for user in users)


async def test_a_question_that_fills_the_window_is_an_error(model):
    with pytest.raises(PromptRejectedError, match="no room"):
        await drafts_of(drafter(model), request_of(question="Why? " * 2_000))


async def test_a_model_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(
        GenerationError, match=r"^There is no model at .*/nowhere: ACCORD_LOCAL_MODEL takes a folder"
    ):
        await drafts_of(drafter(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
async def test_a_model_that_cannot_be_loaded_is_said_to_be_so_in_one_line(model, tmp_path, name):
    broken = shutil.copytree(model, tmp_path / "broken")
    (broken / name).write_text("{}")

    with pytest.raises(
        GenerationError,
        match=r"/broken cannot be loaded \(\w+\): check ACCORD_LOCAL_MODEL, and that the folder",
    ) as caught:
        await drafter(broken).check()

    assert "\n" not in str(caught.value)


async def test_a_model_of_the_hub_that_cannot_be_had_is_said_to_be_so(monkeypatch):
    from transformers import AutoTokenizer

    def out_of_reach(*_, **__):
        raise OSError("We couldn't connect to 'https://huggingface.co' to load the files")

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", out_of_reach)
    with pytest.raises(GenerationError, match="ACCORD_LOCAL_MODEL, and that the hub can be reached"):
        await drafter("org/name").check()


async def test_the_doctor_hears_which_model_is_loaded(model):
    said = await drafter(model).check()
    thinking = await drafter(model, reasoning_tokens=8_000).check()

    assert said == f"local:{model.name} on cpu, asked in messages, 4096 tokens of window"
    assert thinking == f"{said}, 2048 for a reply instead of 8400 (400 and ACCORD_REASONING_TOKENS)"


async def test_closing_stops_the_model(model):
    drafts = drafter(model).draft(briefs(TWO))
    await anext(drafts)

    running = asyncio.ensure_future(anext(drafts))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await drafts.aclose()


def test_an_empty_batch_is_refused(model):
    with pytest.raises(ValueError, match="1 draft or more"):
        drafter(model, batch=0)
