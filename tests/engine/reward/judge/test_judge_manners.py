"""The judge before every server that people have: each is asked in its manner, as it is for drafts."""

import asyncio
import json
import math

import numpy as np
import pytest

from engine.drafting.servers.ollama import SMALLEST
from tests.engine.drafting.servers.loopback_chat import Raw, openai_error
from tests.engine.drafting.servers.loopback_tgi import CHAT_ROUTE, OLLAMA_ROUTE
from tests.engine.drafting.servers.test_every_server import FORMS, REFUSALS
from tests.engine.reward.judge.loopback_judge import LoopbackJudge, around, in_a_thread
from tests.engine.reward.judge.test_judge import CANDIDATES, KNOWN, OPINIONS, judge, mean_of, rate, scored

PAIRS = len(OPINIONS) * len(CANDIDATES)
SENT = ("max-tokens", "no-limit", "temperature", "newest", "two-fields", "no-system", "roles")
"""How the names of refusals begin that are about something that the judge sends."""
REFUSED = {name: refuse for name, (refuse, _) in REFUSALS.items() if name.startswith(SENT)}


def mean(rating):
    """What a server tells of a rating, worked out by hand."""
    return mean_of(around(rating), 20)


EXPECTED = np.array([[mean(rating) for rating in row] for row in KNOWN])


@pytest.mark.parametrize("refuse", REFUSED.values(), ids=REFUSED.keys())
async def test_what_a_server_does_not_take_is_left_out_and_ratings_are_as_ever(refuse):
    async with LoopbackJudge(rate, refuse=refuse) as server:
        model = judge(server, "openai")
        rewards = await scored(model)
        first = len(server.bodies)
        again = await scored(model)

    assert rewards == pytest.approx(EXPECTED)
    assert again == pytest.approx(EXPECTED)
    assert len(server.bodies) - first == PAIRS  # what has been learnt costs nothing any more
    assert not any(map(refuse, server.rating_bodies))
    assert {asked.route for asked in server.rated} == {CHAT_ROUTE}
    assert "; asked with" in model.described


async def test_what_was_learnt_of_a_server_is_known_to_the_next_tool_as_well():
    """Each of them has an event loop of its own."""

    def tool(model):
        return asyncio.run(scored(model))

    with in_a_thread(LoopbackJudge(rate, refuse=REFUSED["newest-openai-three-in-turn"])) as server:
        model = judge(server, "openai")
        await asyncio.to_thread(tool, model)
        before = len(server.bodies)
        await asyncio.to_thread(tool, model)

    assert len(server.bodies) - before == PAIRS


def refusing_probabilities(answer):
    return lambda body: answer if "logprobs" in body else None


PROBABILITIES = {
    "by-name": openai_error("'logprobs' is not supported with this model.", param="logprobs"),
    "in-words": Raw({"error": "logprobs and top_logprobs are not available for this endpoint"}, 400),
    "beside-the-fields-it-knows": Raw(
        {"detail": "Unknown field logprobs. Known: model, messages, max_tokens, temperature, seed."}, 422
    ),
    "without-a-word": Raw({}, 400),
    "500-without-a-word": Raw("Internal Server Error", 500, "text/plain"),
}


@pytest.mark.parametrize("answer", PROBABILITIES.values(), ids=PROBABILITIES.keys())
async def test_a_server_that_refuses_probabilities_is_asked_for_samples_and_for_nothing_less(answer):
    async with LoopbackJudge(rate, refuse=refusing_probabilities(answer)) as server:
        model = judge(server, "openai")
        rewards = await scored(model)

    assert (abs(rewards - KNOWN) <= 1).all()
    assert "mean of 3 sampled answers" in model.name
    assert "asked with" not in model.described  # nothing but the probabilities was the matter
    assert all({"max_tokens", "temperature"} <= body.keys() for body in server.rating_bodies)
    assert all(body["messages"][0]["role"] == "system" for body in server.rating_bodies)


async def test_a_refusal_that_names_probabilities_costs_one_request_a_route():
    async with LoopbackJudge(rate, refuse=refusing_probabilities(PROBABILITIES["by-name"])) as server:
        await scored(judge(server, "openai"))

    tried = [body for body in server.bodies if body not in server.rating_bodies]
    assert len(tried) == 4  # twenty, five, the same by completions, and sampled


async def test_a_server_that_takes_neither_probabilities_nor_a_system_message_is_served():
    def refuse(body):
        return Raw({}, 400) if "logprobs" in body or body["messages"][0]["role"] == "system" else None

    async with LoopbackJudge(rate, refuse=refuse, completes=False) as server:
        model = judge(server, "openai")
        rewards = await scored(model)

    assert (abs(rewards - KNOWN) <= 1).all()
    assert "without a system message" in model.described


def events(answer):
    """The answer as server-sent events, with what is told of each token beside it."""
    choice = answer["choices"][0]
    pieces = [
        {
            "delta": {"content": each["token"]},
            "logprobs": {"content": [each]},
        }
        for each in choice["logprobs"]["content"]
    ]
    told = [{"choices": [{"index": 0, "finish_reason": None, **piece}]} for piece in pieces]
    told.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": answer["usage"]})
    return "\n\n".join([": hello", *(f"data: {json.dumps(event)}" for event in told), "data: [DONE]"])


JUDGED = {name: reply for name, reply in FORMS.items() if not name.startswith("events")} | {
    "events-nobody-asked-for": lambda answer: Raw(events(answer), content_type="text/event-stream"),
    "events-called-json": lambda answer: Raw(events(answer)),
}


@pytest.mark.parametrize("reply", JUDGED.values(), ids=JUDGED.keys())
async def test_an_answer_in_another_form_is_read(reply):
    async with LoopbackJudge(rate, reply=reply) as server:
        assert await scored(judge(server, "openai")) == pytest.approx(EXPECTED)


@pytest.mark.parametrize("reply", FORMS.values(), ids=FORMS.keys())
async def test_a_rating_in_words_is_read_in_every_form(reply):
    async with LoopbackJudge(rate, tells=False, says=lambda told: "I say: 5", reply=reply) as server:
        assert await scored(judge(server, "openai")) == pytest.approx(np.full(KNOWN.shape, 5.0))


async def test_completions_as_events_are_read():
    def streamed(answer):
        choice = answer["choices"][0]
        pieces = [{"index": 0, "text": character} for character in choice["text"]]
        return Raw("\n\n".join(f"data: {json.dumps({'choices': [piece]})}" for piece in pieces))

    async with LoopbackJudge(
        rate, chats=False, tells=False, says=lambda told: "Rating: 6", reply=streamed
    ) as server:
        assert await scored(judge(server, "openai")) == pytest.approx(np.full(KNOWN.shape, 6.0))


OLLAMA = {"model_info": {"llama.context_length": 32_768}}


async def test_ollama_is_asked_by_its_own_route_for_a_window_that_holds_the_longest_opinion():
    long = "I care about the evening. " * 400
    async with LoopbackJudge(rate, ollama=OLLAMA) as server:
        model = judge(server, "openai")
        rewards = await scored(model)
        assert set(server.windows) == {SMALLEST}
        await scored(model, [long], CANDIDATES)
        grown = server.windows[-1]
        await scored(model)

    assert rewards == pytest.approx(EXPECTED)
    assert {asked.route for asked in server.rated} == {OLLAMA_ROUTE}
    assert grown > SMALLEST
    assert server.windows[-1] == grown  # a smaller one would have the model loaded again


async def test_a_window_that_was_told_is_kept_to():
    async with LoopbackJudge(rate, ollama=OLLAMA) as server:
        await scored(judge(server, "openai", window_tokens=8_192))

    assert set(server.windows) == {8_192}


async def test_an_older_ollama_without_probabilities_is_asked_for_samples():
    async with LoopbackJudge(rate, ollama=OLLAMA, tells=False) as server:
        model = judge(server, "openai")
        rewards = await scored(model)

    assert "mean of 3 sampled answers" in model.name
    assert not np.isnan(rewards).any()
    assert math.isclose(float(rewards[0, 1]), KNOWN[0, 1])
