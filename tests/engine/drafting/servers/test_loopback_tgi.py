"""The stand-in speaks as TGI does: to Hugging Face's own client and to plain requests of its OpenAPI file."""

import asyncio
import io

import aiohttp
import pytest
from huggingface_hub import AsyncInferenceClient
from huggingface_hub.errors import (
    GenerationError,
    IncompleteGenerationError,
    OverloadedError,
    ValidationError,
)

from tests.engine.drafting.servers.loopback_tgi import (
    CHAT_ROUTE,
    LARGEST_BODY,
    OPEN_ROUTES,
    LoopbackTgi,
    tokens,
)

JSON = {"Content-Type": "application/json"}
SAMPLING = {"do_sample": True, "temperature": 0.9, "top_p": 0.95, "seed": 5, "max_new_tokens": 100}


@pytest.fixture
async def tgi():
    async with LoopbackTgi() as server:
        yield server


@pytest.fixture
async def http(tgi):
    async with aiohttp.ClientSession(tgi.url) as session:
        yield session


@pytest.fixture
async def client(tgi):
    headers = {"Authorization": "Bearer none"}
    async with AsyncInferenceClient(f"{tgi.url}/generate", token="none", headers=headers, timeout=10) as made:
        yield made


async def test_the_hugging_face_client_reads_its_texts_and_details(client):
    output = await client.text_generation("Question: why?", details=True, **SAMPLING)

    assert output.generated_text.startswith(" We agree on 5")
    assert output.details.finish_reason == "eos_token"
    assert output.details.seed == 5
    assert output.details.generated_tokens == len(output.details.tokens) == len(tokens(output.generated_text))


async def test_a_plain_request_reads_the_fields_that_the_openapi_file_requires(http):
    body = {"inputs": "Question: why?", "parameters": {**SAMPLING, "details": True}}
    async with http.post("/generate", json=body) as reply:
        answer = await reply.json()
    async with http.post("/", json=body) as reply:
        listed = await reply.json()

    assert answer.keys() == {"generated_text", "details"}
    assert answer["details"].keys() >= {"finish_reason", "generated_tokens", "prefill", "tokens"}
    assert answer["details"]["tokens"][0].keys() == {"id", "text", "logprob", "special"}
    assert listed == [answer]


async def test_limits_health_and_tokens_are_told(http):
    async with http.get("/info") as reply:
        info = await reply.json()
    async with http.get("/health") as reply:
        assert reply.status == 200
    async with http.post("/tokenize", json={"inputs": "Plastics, please!"}) as reply:
        told = await reply.json()

    assert info.keys() >= {
        "model_id", "max_concurrent_requests", "max_best_of", "max_stop_sequences", "max_input_tokens",
        "max_total_tokens", "validation_workers", "max_client_batch_size", "router", "version",
    }  # fmt: skip
    assert "".join(token["text"] for token in told) == "Plastics, please!"
    assert [token["stop"] for token in told][:-1] == [token["start"] for token in told][1:]


async def test_a_temperature_without_sampling_is_greedy_and_so_ignores_the_seed(client):
    texts = {await client.text_generation("Q", temperature=1.0, seed=seed) for seed in (1, 2)}
    sampled = {await client.text_generation("Q", temperature=1.0, seed=s, do_sample=True) for s in (1, 2)}

    assert (len(texts), len(sampled)) == (1, 2)


async def test_a_text_ends_at_a_stop_sequence_which_it_keeps_or_when_its_tokens_are_used_up(client):
    stopped = await client.text_generation("Q", details=True, stop=["the change"])
    cut_off = await client.text_generation("Q", details=True, max_new_tokens=3)

    assert (stopped.details.finish_reason, cut_off.details.finish_reason) == ("stop_sequence", "length")
    assert stopped.generated_text.endswith("the change")
    assert cut_off.details.generated_tokens == 3


@pytest.mark.parametrize(
    "parameters",
    [
        {"temperature": 0.0},
        {"top_p": 1.0},
        {"typical_p": 1.0},
        {"top_k": 0},
        {"max_new_tokens": 0},
        {"best_of": 3, "do_sample": True},
        {"best_of": 2, "do_sample": True, "seed": 1},
        {"best_of": 2},
        {"stop": list("abcde")},
        {"max_new_tokens": 5_000},
    ],
    ids=str,
)
async def test_what_tgi_refuses_is_a_validation_error(client, http, parameters):
    with pytest.raises(ValidationError):
        await client.text_generation("Q", **parameters)
    async with http.post("/generate", json={"inputs": "Q", "parameters": parameters}) as reply:
        assert reply.status == 422
        assert (await reply.json())["error_type"] == "validation"


@pytest.mark.parametrize(
    ("status", "error"),
    [(424, GenerationError), (429, OverloadedError), (500, IncompleteGenerationError)],
)
async def test_failures_are_the_client_s_typed_errors(tgi, client, status, error):
    tgi.fault = lambda asked: status

    with pytest.raises(error) as caught:
        await client.text_generation("Q")
    assert caught.value.__cause__.response.status_code == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": "{", "headers": JSON}, 400),
        ({"data": "Q"}, 415),
        ({"json": {"prompt": "Q"}}, 422),
        ({"json": {"inputs": "Q", "parameters": {"seed": -1}}}, 422),
        ({"json": {"inputs": "Q", "parameters": {"do_sample": "yes"}}}, 422),
        ({"data": io.BytesIO(b"Q" * (LARGEST_BODY + 1)), "headers": JSON}, 413),
    ],
    ids=["malformed", "not-json", "no-inputs", "negative-seed", "mistyped", "too-large"],
)
async def test_a_malformed_request_is_answered_in_plain_text(http, sent, status):
    async with http.post("/generate", **sent) as reply:
        assert (reply.status, reply.content_type) == (status, "text/plain")


@pytest.mark.parametrize("route", ["/generate", "/", "/tokenize", CHAT_ROUTE])
async def test_a_wrong_key_is_answered_with_a_bare_401(route):
    async with (
        LoopbackTgi(api_key="secret") as tgi,
        aiohttp.ClientSession(tgi.url, headers={"Authorization": "Bearer other"}) as http,
        http.post(route, json={"inputs": "Q"}) as reply,
    ):
        assert reply.status == 401
        assert await reply.read() == b""


@pytest.mark.parametrize("route", OPEN_ROUTES)
async def test_what_a_server_is_it_tells_without_a_key(route):
    async with (
        LoopbackTgi(api_key="secret") as tgi,
        aiohttp.ClientSession(tgi.url) as http,
        http.get(route) as reply,
    ):
        assert reply.status == 200


async def test_a_full_server_refuses_at_once_and_a_request_that_is_given_up_frees_its_slot(tgi, client):
    tgi.slots = 1
    tgi.fault = lambda asked: "silent" if asked.inputs == "first" else None
    first = asyncio.create_task(client.text_generation("first"))
    await tgi.until_running(1)

    with pytest.raises(OverloadedError):
        await client.text_generation("second")
    first.cancel()
    await tgi.until_running(0)

    assert (await client.text_generation("third")).startswith(" We agree")
    assert tgi.given_up == 1
