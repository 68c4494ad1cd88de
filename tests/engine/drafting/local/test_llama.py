"""The llama.cpp drafter, with a tiny random model: how it is run, not what it says."""

import asyncio
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.draft_briefs import briefs
from engine.drafting import GeneratorOptions, make_generator
from engine.drafting.local.llama_host import LlamaHost, Wanted, host
from engine.errors import GenerationError
from engine.types import MediationRequest, ParticipantOpinion
from tests.bell import PATIENCE_S
from tests.engine.drafting.local.orders import QUESTION, SEVEN, unshared
from tests.engine.drafting.local.orders import drafted as read_for
from tests.engine.drafting.servers.test_tgi import request_of
from tests.engine.language_models.tiny_gguf import save_tiny_gguf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs llama.cpp: accord-bot[local]"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(autouse=True)
def short_texts(monkeypatch):
    """What is tested here is there after a few words too; opinions that fill a window are others' test."""
    monkeypatch.setattr("engine.drafting.local.llama.STATEMENT_TOKENS", 60)


def drafter(model, **options):
    return make_generator("local", GeneratorOptions(model=str(model), **options))


async def drafts_of(generator, request):
    return [draft async for draft in generator.draft(briefs(request))]


def running(process):
    """Whether the model's process is there, and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def gone(process):
    async with asyncio.timeout(PATIENCE_S):
        there = True
        while there:
            await asyncio.sleep(0.05)
            there = running(process)
    return True


async def test_sixteen_drafts_come_from_a_file_and_nothing_else(model):
    generator = drafter(model)
    drafts = await drafts_of(generator, request_of(candidates=16))

    assert {draft.brief.index for draft in drafts} == set(range(16))
    assert len({draft.text for draft in drafts}) > 8
    assert generator.name == "llama.cpp:tiny"
    assert generator.prompt == "zero-shot-chat/1"


@pytest.mark.long
@pytest.mark.parametrize("template", ["zero-shot", "few-shot"])
async def test_sixteen_drafts_of_seven_opinions_take_two_fifths_of_the_reading_that_they_took(
    model, template
):
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(SEVEN))
    request = MediationRequest(QUESTION, people, seed=11)

    _, before = await read_for(drafter(model, template=template), unshared(request), model, reads_ahead=False)
    drafts, after = await read_for(drafter(model, template=template), briefs(request), model)

    assert len(drafts) == 16
    assert len({draft.text for draft in drafts}) > 8  # each has a seed of its own
    assert after <= 0.4 * before


async def test_what_all_prompts_begin_with_is_read_once_and_nothing_of_it_stays_on_the_disk(
    model, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _, ahead = await read_for(drafter(model), briefs(request_of(candidates=4)), model)
    _, alone = await read_for(drafter(model), briefs(request_of(candidates=4)), model, reads_ahead=False)

    assert ahead < alone
    assert not list(tmp_path.iterdir())


async def test_a_model_without_a_chat_template_is_asked_in_running_text_with_examples(tmp_path):
    generator = drafter(save_tiny_gguf(tmp_path / "plain.gguf", chat_template=None))
    drafts = await drafts_of(generator, request_of(candidates=4))

    assert generator.prompt == "few-shot-chat/1"
    assert all("\n\n" not in draft.text for draft in drafts)  # it would go on with the next question


async def test_the_doctor_is_told_window_and_slots(model):
    said = await drafter(model, window_tokens=4_096).check()

    assert said.startswith("llama.cpp:tiny, 4096 tokens of window, ")
    assert said.endswith("at once, on this machine")


async def test_generators_of_one_model_share_it_and_another_takes_its_place(model, tmp_path):
    other = save_tiny_gguf(tmp_path / "other.gguf", seed=2)
    await asyncio.gather(*(drafts_of(drafter(model), request_of(candidates=2)) for _ in range(3)))
    first = host().process_id
    await drafter(model).check()
    assert host().process_id == first

    drafts, checked = await asyncio.gather(
        drafts_of(drafter(model), request_of(candidates=4)), drafter(other).check()
    )

    assert len(drafts) == 4
    assert checked.startswith("llama.cpp:other")
    assert host().process_id != first
    assert await gone(first)


async def test_a_model_that_nobody_uses_is_let_go_of_and_comes_back(model):
    quick = LlamaHost(idle_s=0.05)
    wanted = Wanted(str(model), "tiny")
    async with quick.serving(wanted):
        first = quick.process_id
        await asyncio.sleep(0.3)
        assert running(first)  # in use all the time
    assert await gone(first)

    async with quick.serving(wanted) as served:
        assert quick.process_id != first
        assert served.url.startswith("http://127.0.0.1:")
    await quick.let_go()


def test_the_model_ends_with_the_event_loop(model):
    async def work():
        await drafter(model).check()
        return host().process_id

    assert not running(asyncio.run(work()))


async def test_the_model_ends_with_a_process_that_is_killed(model):
    hold = (
        "import asyncio, sys\n"
        "from engine.drafting.local.llama import LlamaGenerator\n"
        "from engine.drafting.local.llama_host import host\n"
        "async def main():\n"
        "    await LlamaGenerator(sys.argv[1]).check()\n"
        "    print(host().process_id, flush=True)\n"
        "    await asyncio.sleep(100)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", hold, str(model), stdout=asyncio.subprocess.PIPE
    )
    serving = int(await process.stdout.readline())
    assert running(serving)
    process.kill()
    await process.wait()

    assert await gone(serving)


async def test_the_event_loop_is_free_while_a_model_is_loaded(model):
    """Loading holds Python's lock; the worker must go on saying that it is alive."""
    checking = asyncio.create_task(drafter(model).check())
    turns = 0
    while not checking.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 20


async def test_nobody_else_on_the_machine_can_ask_the_model(model):
    import httpx2

    async with host().serving(Wanted(str(model), "tiny")) as served, httpx2.AsyncClient() as http:
        body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
        for headers in ({}, {"Authorization": "Bearer guessed"}):
            reply = await http.post(f"{served.url}/chat/completions", json=body, headers=headers)
            assert reply.status_code == 401
        known = {"Authorization": f"Bearer {served.key}"}
        root = served.url.removesuffix("/v1")
        assert (
            await http.post(f"{served.url}/chat/completions", json=body, headers=known)
        ).status_code == 200
        assert (await http.get(f"{root}/slots", headers=known)).status_code == 501  # it would show prompts


async def test_what_a_model_writes_and_reads_a_second_is_measured(model):
    trial = await drafter(model).try_out("Should we?", ["Yes.", "No."])

    assert trial.text
    assert trial.read_per_s > 0
    assert trial.written_per_s > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"<html>", "no GGUF file"), (b"GGUF" + b"\x03\x00\x00\x00", "damaged"), (None, "cannot be read")],
    ids=["html", "cut-off", "missing"],
)
async def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, content, said):
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(GenerationError, match=said) as caught:
        await drafter(path).check()

    assert "\n" not in str(caught.value)


async def test_a_model_without_its_weights_is_one_sentence(model, tmp_path):
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(model.read_bytes()[: model.stat().st_size // 2])

    with pytest.raises(GenerationError, match=r"llama\.cpp cannot load cut\.gguf"):
        await drafter(cut).check()
    assert (await drafter(model).check()).startswith("llama.cpp:tiny")  # the host goes on


def test_without_llama_cpp_one_sentence_says_what_to_install(model, monkeypatch):
    monkeypatch.setattr("engine.drafting.local.llama.find_spec", lambda name: None)

    with pytest.raises(ValueError, match=r"accord-bot\[local\]"):
        drafter(model)
