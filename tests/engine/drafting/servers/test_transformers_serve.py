"""The OpenAI drafter before a server that we did not write: `transformers serve` with a tiny random model.

Needs `transformers[serving]` and torch, and no download: the model is built here from a configuration. What
it writes means nothing, so this is about the conversation with the server.
"""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL
from importlib.util import find_spec

import aiohttp
import pytest

from engine.draft_briefs import briefs
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.servers.openai import OpenAiGenerator
from engine.types import MediationRequest, ParticipantOpinion
from tests.engine.drafting.local.tiny import save_tiny_llama

NEEDED = ("torch", "transformers", "fastapi", "uvicorn", "openai", "accelerate")
MISSING = [library for library in NEEDED if find_spec(library) is None]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"needs transformers[serving]: no {', '.join(MISSING)}"),
]

REQUEST = MediationRequest(
    "Should we ban single-use plastics?",
    (ParticipantOpinion("p0", "Ban them 🎉"), ParticipantOpinion("p1", "Tax them \x00 instead")),
    candidates=4,
    seed=1,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
async def url(model):
    """The address of a `transformers serve` that is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = "from transformers.cli.transformers import main; main()"
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", serve, "serve", str(model), *options,
        env=os.environ | {"HF_HUB_OFFLINE": "1"}, stdout=DEVNULL, stderr=DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(120):
            await _ready(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(url, process):
    async with aiohttp.ClientSession() as http:
        while process.returncode is None:
            try:
                async with http.get(url) as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.2)
    pytest.fail("transformers serve ended before it was ready")


async def test_transformers_serve_drafts(url, model):
    patience = Patience(request_s=120, round_s=300)
    generator = OpenAiGenerator([url], model=str(model), window_tokens=4_096, patience=patience)

    drafts = [draft async for draft in generator.draft(briefs(REQUEST))]

    assert {draft.brief.index for draft in drafts} == set(range(4))
    assert len({draft.text for draft in drafts}) > 1
    assert generator.name == f"openai:{model.name}"
