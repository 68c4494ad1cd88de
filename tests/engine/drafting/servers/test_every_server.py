"""Every server that people have: what each refuses, how each answers, and what is learnt of it.

Each case is a server on loopback before the real client. Its name is the behaviour.
"""

import json
import logging

import pytest

from engine.drafting.servers.openai import OpenAiGenerator
from engine.drafting.servers.remote import Sampling
from engine.errors import GenerationError, GeneratorUnavailableError, PromptRejectedError
from engine.mediator import Mediator
from tests.engine.drafting.servers.loopback_chat import LoopbackChat, Raw, openai_error
from tests.engine.drafting.servers.loopback_tgi import tokens
from tests.engine.drafting.servers.test_tgi import DRAFTS, QUICK, Indifferent, drafts_of, request_of


def drafter(server, **options):
    return OpenAiGenerator([f"{server.url}/v1"], **{"patience": QUICK, **options})


FEW = 6
"""Candidates where what is asked of one is asked of all."""


async def mediate(generator, request=None):
    return await Mediator(generator, Indifferent()).mediate(request or request_of())


# --- refusals: what a server does not take, how it says so, and what it is asked from then on ------------


def refusing(name, answer):
    """A server that does not take a field."""
    return lambda body: answer if name in body else None


def only_temperature_one(body):
    if body.get("temperature", 1) == 1:
        return None
    return openai_error(
        "Unsupported value: 'temperature' does not support 0.9 with this model. Only the default (1) value "
        "is supported.",
        param="temperature",
        code="unsupported_value",
    )


def newest_openai(body):
    """No max_tokens, no temperature, no top_p: told one after the other."""
    for name in ("max_tokens", "temperature", "top_p"):
        if name in body:
            return openai_error(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )
    return None


def not_both(answer):
    return lambda body: answer if {"temperature", "top_p"} <= body.keys() else None


def no_system(answer):
    return lambda body: answer if body["messages"][0]["role"] == "system" else None


def silent_about(name, status):
    return lambda body: Raw({"detail": "Internal error"}, status) if name in body else None


BOTH = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
PACKED = json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": BOTH}})
ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."
REFUSALS = {
    "max-tokens-unsupported": (
        refusing(
            "max_tokens",
            openai_error(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            ),
        ),
        "with max_completion_tokens",
    ),
    "max-tokens-unsupported-said-in-words": (
        refusing("max_tokens", Raw("max_tokens is deprecated: use max_completion_tokens", 400, "text/plain")),
        "with max_completion_tokens",
    ),
    "max-tokens-500-without-a-word": (silent_about("max_tokens", 500), "with max_completion_tokens"),
    "no-limit-at-all": (
        lambda body: next(
            (
                openai_error(param=name, code="unknown_parameter")
                for name in ("max_tokens", "max_completion_tokens")
                if name in body
            ),
            None,
        ),
        "with max_completion_tokens, without a limit of tokens",
    ),
    "temperature-only-one": (only_temperature_one, "without temperature"),
    "temperature-litellm": (
        refusing(
            "temperature",
            Raw(
                {
                    "error": {
                        "message": "litellm.UnsupportedParamsError: gpt-5 does not support temperature=0.9.",
                        "type": "None",
                        "param": "None",
                        "code": "400",
                    }
                },
                400,
            ),
        ),
        "without temperature",
    ),
    "newest-openai-three-in-turn": (
        newest_openai,
        "with max_completion_tokens, without top_p, without temperature",
    ),
    "claude-temperature-with-top-p": (
        not_both(Raw({"type": "error", "error": {"type": "invalid_request_error", "message": BOTH}}, 400)),
        "without top_p",
    ),
    "claude-behind-litellm": (
        not_both(Raw({"error": {"message": f"AnthropicException - {PACKED}", "type": None}}, 400)),
        "without top_p",
    ),
    "claude-behind-openrouter": (
        not_both(
            Raw(
                {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": PACKED}}},
                400,
            )
        ),
        "without top_p",
    ),
    "seed-500": (silent_about("seed", 500), "without seed"),
    "seed-500-plain-text": (
        refusing("seed", Raw("Internal Server Error", 500, "text/plain")),
        "without seed",
    ),
    "seed-fastapi-422": (
        refusing(
            "seed",
            Raw(
                {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "no", "input": 7}]},
                422,
            ),
        ),
        "without seed",
    ),
    "seed-google-list": (
        refusing(
            "seed",
            Raw([{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}], 400),
        ),
        "without seed",
    ),
    "seed-error-in-200": (
        refusing("seed", Raw({"error": {"message": "seed is not supported", "code": 400}})),
        "without seed",
    ),
    "top-p-vllm-flat-error": (
        refusing("top_p", Raw({"object": "error", "message": "top_p?", "param": "top_p", "code": 400}, 400)),
        "without top_p",
    ),
    "top-p-400-without-a-word": (silent_about("top_p", 400), "without top_p"),
    "two-fields-400-without-a-word": (
        lambda body: Raw({}, 400) if {"seed", "temperature"} & body.keys() else None,
        "without seed, without a system message, with max_completion_tokens, without top_p, without "
        "temperature",
    ),
    "no-system-role-vllm-400": (
        no_system(Raw({"object": "error", "message": "System role not supported", "code": 400}, 400)),
        "without a system message",
    ),
    "no-system-role-500": (
        no_system(Raw("System role not supported", 500, "text/plain")),
        "without a system message",
    ),
    "no-system-role-500-without-a-word": (
        no_system(Raw("Internal Server Error", 500, "text/plain")),
        "without a system message",
    ),
    "no-system-role-openai-param": (
        no_system(openai_error(param="messages[0].role", code="unsupported_value")),
        "without a system message",
    ),
    "no-system-role-gemini": (
        no_system(openai_error("Developer instruction is not enabled for models/gemma-3-27b-it")),
        "without a system message",
    ),
    "roles-must-alternate": (no_system(openai_error(ALTERNATE, 500)), "without a system message"),
}


@pytest.mark.parametrize(("refuse", "manners"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_what_a_server_does_not_take_is_left_out_from_then_on(refuse, manners):
    async with LoopbackChat(refuse=refuse) as server:
        generator = drafter(server)
        drafts = await drafts_of(generator, request_of(candidates=FEW))
        again = await drafts_of(generator, request_of(candidates=FEW))
        said = await drafter(server).check()

    assert len(drafts) == len(again) == FEW
    assert not any(map(refuse, server.drafted[-FEW:]))  # what has been learnt is kept
    assert said.endswith(f", asked {manners}")


async def test_what_has_been_learnt_costs_later_rounds_nothing():
    async with LoopbackChat(refuse=newest_openai) as server:
        generator = drafter(server)
        await drafts_of(generator)
        before = len(server.bodies)
        await drafts_of(generator)

    assert len(server.bodies) - before == DRAFTS


async def test_each_server_is_asked_in_its_own_manner():
    async with LoopbackChat(refuse=newest_openai) as new, LoopbackChat() as old:
        generator = OpenAiGenerator([f"{new.url}/v1", f"{old.url}/v1"], model="m", patience=QUICK)
        assert len(await drafts_of(generator)) == DRAFTS

    assert all("temperature" in body and "max_tokens" in body for body in old.drafted)
    assert any("max_completion_tokens" in body for body in new.drafted)


async def test_the_system_text_goes_into_the_first_turn():
    async with LoopbackChat(refuse=REFUSALS["no-system-role-vllm-400"][0]) as server:
        generator = drafter(server, template="few-shot")
        await drafts_of(generator)
        told, folded = server.bodies[0]["messages"], server.bodies[-1]["messages"]

    assert [turn["role"] for turn in folded] == ["user", "assistant", "user", "assistant", "user"]
    assert folded[0]["content"].startswith(told[0]["content"])
    assert folded[0]["content"].endswith(told[1]["content"])


async def test_a_limit_that_is_too_large_for_the_window_is_not_taken_for_an_unknown_field():
    too_large = openai_error(
        "'max_tokens' or 'max_completion_tokens' is too large: 400. This model's maximum context length is "
        "512 tokens.",
        param="max_tokens",
    )

    def small_window(body):
        return too_large if body.get("max_tokens", 400) > 300 else None

    async with LoopbackChat(refuse=small_window) as server:
        with pytest.raises(PromptRejectedError, match="ACCORD_WINDOW_TOKENS"):
            await mediate(drafter(server))

    assert all("max_tokens" in body for body in server.bodies)


async def test_a_seed_that_a_flaky_server_fails_at_is_not_given_up_for_all():
    failed = []

    def now_and_then(body):
        if body.get("seed") not in failed and len(failed) < 6:
            failed.append(body.get("seed"))
            return Raw("Internal Server Error", 500, "text/plain")
        return None

    async with LoopbackChat(refuse=now_and_then) as server:
        assert len(await drafts_of(drafter(server))) == DRAFTS

    assert all("seed" in body for body in server.drafted)


async def test_nothing_that_a_server_says_is_logged(caplog):
    secret = "p1 wrote: ban them all, and soon (`seed` is not supported)"
    with caplog.at_level(logging.DEBUG):
        async with LoopbackChat(refuse=refusing("seed", openai_error(secret))) as server:
            await drafts_of(drafter(server))

    assert "without seed" in caplog.text
    assert "ban them all" not in caplog.text


async def test_a_refusal_that_nothing_helps_against_is_tried_out_once_a_round():
    async with LoopbackChat(refuse=lambda body: Raw({}, 400)) as server:
        generator = drafter(server)
        for _ in range(2):
            with pytest.raises(PromptRejectedError):
                await drafts_of(generator)

    assert len(server.drafted) == 2 * DRAFTS
    assert len(server.bodies) - 2 * DRAFTS <= 2 * 10


async def test_the_doctor_takes_a_thinking_model_that_has_no_room_for_a_word_as_writing():
    reached = openai_error(
        "Could not finish the message because max_tokens or model output limit was reached."
    )

    async with LoopbackChat(refuse=lambda body: reached if body.get("max_tokens") == 1 else None) as server:
        assert (await drafter(server).check()).startswith("openai:loopback/writer")
        assert len(await drafts_of(drafter(server))) == DRAFTS


# --- answers: forms that are taken ----------------------------------------------------------------------


def message(change):
    """An answer with its messages changed."""

    def shaped(answer):
        for choice in answer["choices"]:
            change(choice)
        return answer

    return shaped


def parts(choice):
    text = choice["message"]["content"]
    choice["message"]["content"] = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "They want a ban."}]},
        {"type": "text", "text": text[:20]},
        {"type": "text", "text": text[20:]},
    ]


def events(answer, *, chunks=True):
    """The answer as server-sent events, in pieces or as one."""
    choice = answer["choices"][0]
    text = choice["message"]["content"]
    pieces = [{"role": "assistant"}, *({"content": word} for word in text.split(" ")[:1])]
    pieces += [{"content": f" {word}"} for word in text.split(" ")[1:]]
    told = [{"choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
    told.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": answer["usage"]})
    if not chunks:
        told = [answer]
    lines = [f"data: {json.dumps(event)}" for event in told]
    return "\n\n".join([": keep-alive", *lines, "data: [DONE]"]) + "\n\n"


FORMS = {
    "content-in-parts": message(parts),
    "content-as-one-part": message(
        lambda choice: choice["message"].update(
            content={"type": "text", "text": choice["message"]["content"]}
        )
    ),
    "content-as-a-list-of-strings": message(
        lambda choice: choice["message"].update(content=[choice["message"]["content"]])
    ),
    "finish-reason-missing": message(lambda choice: choice.pop("finish_reason")),
    "finish-reason-null": message(lambda choice: choice.update(finish_reason=None)),
    "finish-reason-eos": message(lambda choice: choice.update(finish_reason="eos_token")),
    "finish-reason-end-turn": message(lambda choice: choice.update(finish_reason="end_turn")),
    "finish-reason-STOP": message(lambda choice: choice.update(finish_reason="STOP")),
    "finish-reason-COMPLETE": message(lambda choice: choice.update(finish_reason="COMPLETE")),
    "json-as-text-plain": lambda answer: Raw(answer, content_type="text/plain"),
    "json-as-octet-stream": lambda answer: Raw(answer, content_type="application/octet-stream"),
    "json-with-a-byte-order-mark": lambda answer: Raw("\ufeff" + json.dumps(answer)),
    "events-nobody-asked-for": lambda answer: Raw(events(answer), content_type="text/event-stream"),
    "events-called-json": lambda answer: Raw(events(answer)),
    "events-with-a-whole-answer": lambda answer: Raw(
        events(answer, chunks=False), content_type="text/event-stream"
    ),
    "usage-missing": lambda answer: {"choices": answer["choices"]},
    "usage-null": lambda answer: answer | {"usage": None},
    "usage-zero": lambda answer: answer | {"usage": {"prompt_tokens": 0, "completion_tokens": 0}},
    "error-null-beside-choices": lambda answer: answer | {"error": None},
    "thoughts-beside-content": message(
        lambda choice: choice["message"].update(reasoning_content="They want a ban.")
    ),
    "text-completion": message(lambda choice: choice.update(text=choice.pop("message")["content"])),
}


@pytest.mark.parametrize("reply", FORMS.values(), ids=FORMS.keys())
async def test_an_answer_in_another_form_is_taken(reply):
    async with LoopbackChat(reply=reply) as server:
        mediation = await mediate(drafter(server), request_of(candidates=FEW))

    assert len(mediation.candidates) == FEW
    assert all(candidate.text.startswith("We agree on ") for candidate in mediation.candidates)
    assert all(candidate.text.endswith("at how it went.") for candidate in mediation.candidates)


ENDINGS = {
    "length": ("length", "cut off"),
    "max-tokens": ("max_tokens", "cut off"),
    "MAX-TOKENS": ("MAX_TOKENS", "cut off"),
    "model-length": ("model_length", "cut off"),
    "content-filter": ("content_filter", "stopped by the server's filter"),
    "SAFETY": ("SAFETY", "stopped by the server's filter"),
    "RECITATION": ("RECITATION", "stopped by the server's filter"),
    "refusal": ("refusal", "refusal"),
    "error": ("error", "broken off"),
    "abort": ("abort", "broken off"),
    "tool-calls": ("tool_calls", "broken off"),
    "unheard-of": ("something_new", "broken off"),
}


@pytest.mark.parametrize(("reason", "dropped"), ENDINGS.values(), ids=ENDINGS.keys())
async def test_a_text_that_did_not_end_well_is_dropped(reason, dropped):
    ended = []

    def now_and_then(answer):
        if len(ended) < 3:
            ended.append(answer)
            answer["choices"][0]["finish_reason"] = reason
        return answer

    async with LoopbackChat(reply=now_and_then) as server:
        mediation = await mediate(drafter(server))

    assert mediation.dropped == {dropped: 3}
    assert len(mediation.candidates) == DRAFTS - 3


async def test_a_text_that_is_as_long_as_it_may_be_and_tells_no_reason_is_cut_off():
    def untold(answer):
        del answer["choices"][0]["finish_reason"]
        answer["usage"]["completion_tokens"] = 400
        return answer

    async with LoopbackChat(reply=untold) as server:
        drafts = await drafts_of(drafter(server))

    assert {draft.finish_reason for draft in drafts} == {"length"}


async def test_a_refusal_in_a_field_of_its_own_is_one():
    refused = message(lambda choice: choice["message"].update(content=None, refusal="I can't help."))
    async with LoopbackChat(reply=refused) as server:
        drafts = await drafts_of(drafter(server))

    assert {draft.finish_reason for draft in drafts} == {"refused"}


# --- answers that are errors ----------------------------------------------------------------------------

QUOTA = {
    "message": "You exceeded your current quota.",
    "type": "insufficient_quota",
    "code": "insufficient_quota",
}
FORM = "answering in a form that Accord does not know.*: check .*OPENAI_BASE_URL"
ERRORS = {
    "insufficient-quota-429": (
        openai_error(status=429, **QUOTA),
        PromptRejectedError,
        "out of credit .*HTTP 429",
    ),
    "insufficient-balance-402": (
        Raw({"error": {"message": "Insufficient Balance"}}, 402),
        PromptRejectedError,
        r"out of credit \(HTTP 402\): add credit to the account behind .*OPENAI_API_KEY",
    ),
    "credit-balance-400": (
        openai_error("Your credit balance is too low to access the Anthropic API."),
        PromptRejectedError,
        "out of credit",
    ),
    "quota-in-200": (
        Raw({"error": QUOTA | {"code": 429, "type": "insufficient_quota"}}),
        PromptRejectedError,
        "out of",
    ),
    "overload-in-200": (
        Raw({"error": {"message": "Rate limit exceeded", "code": 429}}),
        GeneratorUnavailableError,
        r"overloaded \(HTTP 429\)",
    ),
    "rate-limit-that-speaks-of-billing": (
        openai_error(
            "Rate limit reached. You can increase it by adding a payment method under account/billing.",
            status=429,
            type="requests",
            code="rate_limit_exceeded",
        ),
        GeneratorUnavailableError,
        r"overloaded \(HTTP 429\)",
    ),
    "rate-limit-that-speaks-of-quota": (
        Raw(
            [
                {
                    "error": {
                        "code": 429,
                        "message": "You exceeded your current quota.",
                        "status": "RESOURCE_EXHAUSTED",
                    }
                }
            ],
            429,
        ),
        GeneratorUnavailableError,
        r"overloaded \(HTTP 429\)",
    ),
    "error-in-200": (Raw({"error": "CUDA out of memory"}), GenerationError, r"failing \(HTTP 500\)"),
    "error-list-in-200": (Raw([{"error": {"code": 503}}]), GeneratorUnavailableError, "not reachable .*503"),
    "flat-error-in-200": (
        Raw({"object": "error", "message": "no", "code": 404}),
        PromptRejectedError,
        "refusing us",
    ),
    "error-in-events": (
        Raw('data: {"error": {"message": "boom"}}\n\n', content_type="text/event-stream"),
        GenerationError,
        "failing",
    ),
    "another-json": (Raw({"message": "hello"}), GeneratorUnavailableError, FORM),
    "no-choices": (Raw({"choices": []}), GeneratorUnavailableError, FORM),
    "page-of-html": (Raw("<html>Sign in</html>", content_type="text/html"), GeneratorUnavailableError, FORM),
    "empty-events": (
        Raw("data: [DONE]\n\n", content_type="text/event-stream"),
        GeneratorUnavailableError,
        FORM,
    ),
    "empty-body": (Raw(""), GeneratorUnavailableError, FORM),
    "binary": (Raw("\x00\x01"), GeneratorUnavailableError, FORM),
    "content-of-another-kind": (
        Raw({"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}),
        GeneratorUnavailableError,
        FORM,
    ),
}


@pytest.mark.parametrize(("answer", "error", "says"), ERRORS.values(), ids=ERRORS.keys())
async def test_an_answer_that_is_none_is_said_to_be_what_it_is(answer, error, says):
    async with LoopbackChat(refuse=lambda body: answer) as server:
        with pytest.raises(error, match=says):
            await drafter(server).check()


async def test_an_account_without_credit_is_not_asked_again_and_again():
    async with LoopbackChat(refuse=lambda body: openai_error(status=429, **QUOTA)) as server:
        with pytest.raises(PromptRejectedError, match="out of credit"):
            await mediate(drafter(server))

    assert len(server.bodies) == DRAFTS


async def test_another_server_takes_over_from_one_whose_account_is_spent():
    async with (
        LoopbackChat(refuse=lambda body: openai_error(status=429, **QUOTA)) as spent,
        LoopbackChat() as paid,
    ):
        generator = OpenAiGenerator([f"{spent.url}/v1", f"{paid.url}/v1"], model="m", patience=QUICK)
        assert len((await mediate(generator)).candidates) == DRAFTS


# --- listed models --------------------------------------------------------------------------------------

LISTS = {
    "embedding-by-name": [{"id": "text-embedding-nomic-v1.5"}, {"id": "writer"}],
    "embedding-by-type": [{"id": "one", "type": "embeddings"}, {"id": "writer", "type": "llm"}],
    "embedding-by-family": [{"id": "BAAI/bge-m3"}, {"id": "intfloat/e5-large"}, {"id": "writer"}],
    "reranker": [{"id": "jina-reranker-v2"}, {"id": "writer"}],
    "moderation-speech-and-pictures": [
        *({"id": "omni-moderation-latest"}, {"id": "whisper-1"}, {"id": "tts-1"}, {"id": "dall-e-3"}),
        {"id": "writer"},
    ],
    "by-capability": [
        {"id": "one", "capabilities": {"completion_chat": False}},
        {"id": "writer", "capabilities": {"completion_chat": True}},
    ],
    "list-without-an-object": None,
}


@pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS.keys())
async def test_a_listed_model_that_does_not_write_is_not_taken(listed):
    lists = [{"id": "writer"}] if listed is None else {"object": "list", "data": listed}
    async with LoopbackChat(lists=lists) as server:
        await drafts_of(drafter(server))

    assert {body["model"] for body in server.bodies} == {"writer"}


async def test_a_server_that_lists_only_models_that_do_not_write_is_an_error_unless_one_is_named():
    lists = {"data": [{"id": "nomic-embed-text"}]}
    async with LoopbackChat(lists=lists) as server:
        with pytest.raises(
            PromptRejectedError, match="lists no model that writes text: name one in OPENAI_MODEL"
        ):
            await mediate(drafter(server))
        assert len(await drafts_of(drafter(server, model="nomic-embed-text"))) == DRAFTS


# --- windows --------------------------------------------------------------------------------------------

MANY = [f"Citizen number {at} says that plastics are a matter of the sea. " * 4 for at in range(60)]


async def test_a_prompt_that_is_cut_without_a_word_is_noticed_and_drafted_from_what_fits():
    async with LoopbackChat(reads=1_500) as server:
        mediation = await mediate(drafter(server), request_of(MANY))

    assert len(mediation.candidates) == DRAFTS
    assert mediation.reading is not None
    assert 0 < mediation.reading.fewest < 60
    lengths = sorted(len(tokens("".join(turn["content"] for turn in b["messages"]))) for b in server.drafted)
    assert [length <= 1_500 for length in lengths] == [True] * DRAFTS + [False] * DRAFTS


async def test_a_window_that_has_shown_is_kept_to():
    async with LoopbackChat(reads=1_500) as server:
        generator = drafter(server)
        await mediate(generator, request_of(MANY))
        before = len(server.bodies)
        mediation = await mediate(generator, request_of(MANY))

    assert mediation.reading.groups > 1
    lengths = [len(tokens("".join(t["content"] for t in b["messages"]))) for b in server.bodies[before:]]
    assert max(lengths) <= 1_500


@pytest.mark.parametrize(
    "counted",
    [lambda read: read // 8, lambda read: 1, lambda read: 300],
    ids=["an-eighth", "one", "always-the-same"],
)
async def test_a_server_that_counts_tokens_oddly_costs_no_draft(counted):
    def odd(answer):
        answer["usage"]["prompt_tokens"] = counted(answer["usage"]["prompt_tokens"])
        return answer

    async with LoopbackChat(reply=odd) as server:
        assert len((await mediate(drafter(server), request_of(MANY[:20]))).candidates) == DRAFTS


async def test_a_prompt_that_is_read_whole_is_no_partial_reading():
    async with LoopbackChat() as server:
        mediation = await mediate(drafter(server), request_of(MANY))

    assert mediation.reading is None
    assert len(server.bodies) == DRAFTS


OLLAMA = {"model_info": {"general.architecture": "llama", "llama.context_length": 131_072}, "parameters": ""}


async def test_ollama_is_given_the_window_that_the_round_needs():
    async with LoopbackChat(ollama=OLLAMA, reads=4_096) as server:
        mediation = await mediate(drafter(server), request_of(MANY))

    assert mediation.reading is None
    assert len(mediation.candidates) == DRAFTS
    assert set(server.windows) == {8_192}
    assert {body["num_predict"] for body in server.bodies} == {400}
    assert len({body["seed"] for body in server.bodies}) == DRAFTS


async def test_ollama_keeps_its_window_from_round_to_round():
    async with LoopbackChat(ollama=OLLAMA) as server:
        generator = drafter(server)
        await drafts_of(generator, request_of(MANY))
        await drafts_of(generator)

    assert set(server.windows) == {8_192}  # another one would make it load the model again


@pytest.mark.parametrize(
    ("shown", "options", "window"),
    [
        (OLLAMA, {}, 4_096),
        (OLLAMA, {"window_tokens": 6_000}, 6_000),
        (OLLAMA | {"parameters": 'stop "x"\nnum_ctx                        12288'}, {}, 12_288),
        ({"model_info": {"gemma.context_length": 2_048}}, {}, 2_048),
    ],
    ids=["smallest", "told", "set-with-the-model", "trained-for-less"],
)
async def test_ollama_s_window_is_the_operator_s_where_one_is_set(shown, options, window):
    async with LoopbackChat(ollama=shown) as server:
        assert len(await drafts_of(drafter(server, **options))) == DRAFTS

    assert set(server.windows) == {window}


async def test_opinions_that_ollama_s_largest_window_does_not_hold_are_sampled():
    async with LoopbackChat(ollama=OLLAMA) as server:
        mediation = await mediate(drafter(server), request_of(MANY * 10))

    assert set(server.windows) == {16_384}
    assert mediation.reading is not None


async def test_the_doctor_says_that_ollama_s_window_is_set_by_round():
    async with LoopbackChat(ollama=OLLAMA) as server:
        said = await drafter(server).check()

    assert "up to 16384 tokens of window, as a round needs them (ACCORD_WINDOW_TOKENS)" in said


# --- settings -------------------------------------------------------------------------------------------


async def test_temperature_top_p_and_further_fields_are_the_operator_s():
    extra = {"reasoning_effort": "low", "chat_template_kwargs": {"enable_thinking": False}}
    sampling = Sampling(temperature=0.4, top_p=1.0)
    async with LoopbackChat() as server:
        await drafts_of(drafter(server, extra=extra, sampling=sampling))

    for body in server.bodies:
        assert body["temperature"] == 0.4
        assert "top_p" not in body
        assert body["reasoning_effort"] == "low"
        assert body["chat_template_kwargs"] == {"enable_thinking": False}


async def test_further_fields_reach_ollama_too():
    async with LoopbackChat(ollama=OLLAMA) as server:
        await drafts_of(drafter(server, extra={"keep_alive": "1h", "options": {"top_k": 3}}))

    assert {(body["keep_alive"], body["top_k"]) for body in server.bodies} == {("1h", 3)}


@pytest.mark.parametrize("name", ["messages", "stream", "max_tokens"])
def test_a_field_that_is_set_by_accord_is_not_for_others(name):
    with pytest.raises(ValueError, match=f"OPENAI_EXTRA cannot hold {name}"):
        OpenAiGenerator(["http://a/v1"], extra={name: 1})


@pytest.mark.parametrize(("temperature", "top_p"), [(0, 0.9), (0.9, 0), (0.9, 1.1)])
def test_sampling_that_no_server_can_do_is_refused(temperature, top_p):
    with pytest.raises(ValueError, match="above 0"):
        Sampling(temperature=temperature, top_p=top_p)
