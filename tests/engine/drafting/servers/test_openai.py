"""The OpenAI drafter before TGI's own chat route and before servers of other manners."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine.draft_briefs import candidate_seed
from engine.drafting.load_balancing.slots import FIRST
from engine.drafting.servers.openai import OpenAiGenerator
from engine.errors import (
    GenerationError,
    GeneratorUnavailableError,
    PromptRejectedError,
    TooFewCandidatesError,
)
from engine.mediator import Mediator
from engine.prompts import SYSTEM, zero_shot_chat
from tests.engine.drafting.servers.loopback_tgi import CHAT_ROUTE, LoopbackTgi, tokens, written
from tests.engine.drafting.servers.test_tgi import (
    DRAFTS,
    LONG,
    QUESTION,
    QUICK,
    TEXTS,
    Indifferent,
    drafts_of,
    request_of,
)

SEEDS = {candidate_seed(11, index) for index in range(DRAFTS)}


def drafter(*servers, **options):
    return OpenAiGenerator([f"{server.url}/v1" for server in servers], **{"patience": QUICK, **options})


async def mediate(generator, request=None):
    return await Mediator(generator, Indifferent()).mediate(request or request_of())


async def test_requests_with_seeds_of_their_own_give_distinct_candidates():
    async with LoopbackTgi() as server:
        mediation = await mediate(drafter(server))

    assert {asked.seed for asked in server.generated} == {seed % 2**31 for seed in SEEDS}
    assert {candidate.seed for candidate in mediation.candidates} == SEEDS
    assert len(mediation.candidates) == DRAFTS
    assert mediation.models.generator == "openai:loopback/writer"
    assert (mediation.models.prompt, mediation.model_used) == ("zero-shot-chat/1", True)


async def test_a_request_says_only_what_all_such_servers_understand():
    async with LoopbackTgi() as server:
        await mediate(drafter(server, model="mine", template="zero-shot"))

    asked = server.generated[0]
    sent = asked.parameters.keys() - {"details", "do_sample"}  # those are the stand-in's
    assert sent == {"model", "max_new_tokens", "temperature", "top_p", "seed", "stream", "stream_options"}
    assert asked.parameters["model"] == "mine"
    assert asked.inputs.startswith(SYSTEM)
    assert len(zero_shot_chat(QUESTION, TEXTS)) == 2


@pytest.mark.parametrize(("key", "sent"), [(None, "Bearer unused"), ("mine", "Bearer mine")])
async def test_no_token_of_the_machine_ever_leaves(monkeypatch, key, sent):
    for name in ("HF_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "ambient")
    async with LoopbackTgi(api_key=key) as server:
        await mediate(drafter(server, api_key=key))

    assert {asked.headers["Authorization"] for asked in server.asked} == {sent}


async def test_several_choices_come_from_one_request_where_the_server_honours_that():
    async with LoopbackTgi(choices_honoured=True) as server:
        mediation = await mediate(drafter(server, choices=4), request_of(candidates=16))

    assert [asked.parameters["n"] for asked in server.generated] == [4] * 4
    assert len(mediation.candidates) == 16
    recorded = Counter(candidate.seed for candidate in mediation.candidates)
    assert recorded == {candidate_seed(11, index): 4 for index in (0, 4, 8, 12)}  # the truth: what was sent


@pytest.mark.parametrize("refuses", [frozenset(), frozenset({"n"})], ids=["passed-over", "refused"])
async def test_where_it_does_not_each_choice_is_asked_for_alone(refuses):
    # So long that a busy machine does not make the server look as if it had a queue.
    async with LoopbackTgi(refuses=refuses, latency_s=lambda asked: 0.3) as server:
        generator = drafter(server, choices=4)
        await drafts_of(generator)
        first = len(server.generated)
        again = await drafts_of(generator)

    assert first == len(server.generated) - first == DRAFTS
    assert server.most_running > FIRST  # more at once, as the server keeps up with them
    assert not any("n" in asked.parameters for asked in server.generated[first:])
    assert {draft.brief.seed for draft in again} == SEEDS


async def test_a_server_that_refuses_unknown_fields_is_asked_without_them_from_then_on():
    async with LoopbackTgi(
        refuses=frozenset({"seed"}), writer=lambda a: written(replace(a, parameters={}))
    ) as s:
        generator = drafter(s, slots=1)
        drafts = await drafts_of(generator)
        again = await drafts_of(generator)

    assert len(drafts) == len(again) == DRAFTS
    assert not any("seed" in asked.parameters for asked in s.generated)


async def test_a_prompt_that_is_rejected_is_an_error_that_is_not_retried():
    async with LoopbackTgi(fault=lambda asked: 422 if asked.route == CHAT_ROUTE else None) as server:
        with pytest.raises(
            PromptRejectedError, match=r"rejecting the prompt \(HTTP 422\): .*ACCORD_WINDOW_TOKENS"
        ):
            await mediate(drafter(server))

    assert len(server.generated) == DRAFTS
    assert len(server.only_read) == 10  # and short ones, without each thing that it might not take, and all


async def test_two_hundred_long_opinions_fit_the_window_that_the_server_tells():
    lists = {"data": [{"id": "loopback/writer", "max_model_len": 4_096}]}
    async with LoopbackTgi(lists=lists) as server:
        mediation = await mediate(drafter(server), request_of(LONG))

    for asked in server.generated:
        assert len(tokens(asked.inputs)) + asked.parameters["max_new_tokens"] <= 4_096
    read = {at for asked in server.generated for at in re.findall(r"number (\d+) says", asked.inputs)}
    assert len(read) == 200
    assert mediation.reading.unread == 0


@pytest.mark.parametrize(
    ("meta", "window"),
    [({"n_ctx_train": 131_072}, "window unknown"), ({"n_ctx_train": 131_072, "n_ctx": 4_096}, "4096 tokens")],
    ids=["trained-on", "runs-with"],
)
async def test_the_window_is_the_one_that_the_model_runs_with_and_not_the_one_it_was_trained_on(meta, window):
    lists = {"data": [{"id": "llama", "meta": meta}]}
    async with LoopbackTgi(lists=lists) as server:
        assert window in await drafter(server).check()


async def test_the_window_can_be_told_by_the_operator():
    async with LoopbackTgi(total_tokens=2_048, input_tokens=2_047) as server:
        mediation = await mediate(drafter(server, window_tokens=2_048), request_of(LONG[:40]))

    assert len(mediation.candidates) == DRAFTS


async def test_a_window_that_nobody_tells_is_taken_to_be_large():
    async with LoopbackTgi(total_tokens=10**6, input_tokens=10**6) as server:
        mediation = await mediate(drafter(server), request_of(LONG[:20]))

    assert mediation.reading is None


async def test_a_named_model_needs_no_list():
    async with LoopbackTgi(fault=lambda asked: 404 if asked.route == "/v1/models" else None) as server:
        assert len((await mediate(drafter(server, model="mine"))).candidates) == DRAFTS
        with pytest.raises(PromptRejectedError, match="HTTP 404"):
            await mediate(drafter(server))


async def test_a_model_that_is_told_without_a_list_around_it_is_used():
    lists = {"id": "loopback/writer", "object": "model", "created": 0, "owned_by": "loopback"}
    async with LoopbackTgi(lists=lists) as server:
        mediation = await mediate(drafter(server))

    assert {asked.parameters["model"] for asked in server.generated} == {"loopback/writer"}
    assert len(mediation.candidates) == DRAFTS


@pytest.mark.parametrize("lists", [{"data": []}, {"object": "list", "data": []}])
async def test_a_server_without_models_is_an_error(lists):
    async with LoopbackTgi(lists=lists) as server:
        with pytest.raises(PromptRejectedError, match="lists no model: name one in OPENAI_MODEL"):
            await mediate(drafter(server))


async def test_a_model_in_a_folder_is_recorded_without_its_path():
    lists = {"data": [{"id": "/srv/models/tiny"}]}
    async with LoopbackTgi(lists=lists) as server:
        mediation = await mediate(drafter(server))

    assert server.generated[0].parameters["model"] == "/srv/models/tiny"
    assert mediation.models.generator == "openai:tiny"


async def test_a_model_that_only_thought_has_said_nothing():
    thought = {
        "choices": [{"message": {"content": None, "reasoning_content": "Hm."}, "finish_reason": "stop"}]
    }
    async with LoopbackTgi(fault=lambda asked: thought if asked.route == CHAT_ROUTE else None) as server:
        with pytest.raises(TooFewCandidatesError, match=f"{DRAFTS} empty"):
            await mediate(drafter(server))


async def test_a_reply_recorded_from_tgi_s_chat_route_is_read():
    recorded = json.loads((Path(__file__).parent / "samples" / "tgi-chat.json").read_text())

    async with LoopbackTgi(fault=lambda asked: recorded if asked.route == CHAT_ROUTE else None) as server:
        draft = (await drafts_of(drafter(server)))[0]

    assert draft.text.startswith("As of your last question")
    assert draft.finish_reason == "length"


async def test_a_server_that_is_down_is_an_error_that_may_be_retried():
    async with LoopbackTgi() as server:
        pass

    with pytest.raises(GeneratorUnavailableError, match=r"not reachable: check .* OPENAI_BASE_URL\.$"):
        await mediate(drafter(server))


@pytest.mark.parametrize("fault", ["html", "html-200", "null", "drop", 429, 500, 503])
async def test_trouble_that_passes_costs_no_candidate(fault):
    seen = set()

    def first_time(asked):
        again = asked.seed in seen or asked.route != CHAT_ROUTE
        seen.add(asked.seed)
        return None if again else fault

    async with LoopbackTgi(fault=first_time) as server:
        assert len((await mediate(drafter(server))).candidates) == DRAFTS


async def test_a_mediation_outlives_a_server_that_dies_in_mid_round():
    async with LoopbackTgi(fault=lambda asked: "drop" if len(server.generated) > 6 else None) as server:
        mediation = await mediate(drafter(server, slots=1), request_of(candidates=16))

    assert len(mediation.candidates) == 6
    assert mediation.dropped == {"not drafted": 10}


@pytest.mark.parametrize("fault", ["endless", "silent"])
async def test_a_reply_that_never_ends_is_cut_off_and_the_others_stand(fault):
    bad = {candidate_seed(11, index) % 2**31 for index in range(3)}

    async with LoopbackTgi(fault=lambda asked: fault if asked.seed in bad else None) as server:
        mediation = await mediate(drafter(server, patience=replace(QUICK, quiet_s=2)))

    assert mediation.dropped == {"not drafted": 3}


async def test_empty_texts_and_identical_ones_are_dropped():
    def spoilt(asked):
        index = [seed % 2**31 for seed in (candidate_seed(11, at) for at in range(DRAFTS))].index(asked.seed)
        return " \n" if index < 2 else written(replace(asked, parameters={}) if index < 6 else asked)

    async with LoopbackTgi(writer=spoilt) as server:
        mediation = await mediate(drafter(server))

    assert mediation.dropped == {"empty": 2, "duplicate": 3}


async def test_another_server_takes_over_from_one_that_is_gone():
    async with LoopbackTgi() as gone:
        pass
    async with LoopbackTgi() as server:
        assert len((await mediate(drafter(gone, server))).candidates) == DRAFTS


async def test_the_doctor_hears_which_model_answers():
    async with LoopbackTgi() as server:
        assert (
            await drafter(server).check() == "openai:loopback/writer, window unknown (ACCORD_WINDOW_TOKENS)"
        )


async def test_the_doctor_has_a_token_written_also_where_model_and_window_are_set():
    async with LoopbackTgi(api_key="mine") as server:
        said = await drafter(
            server, api_key="mine", model="loopback/writer", window_tokens=4_096, template="few-shot"
        ).check()

    assert said == "openai:loopback/writer, 4096 tokens of window"
    assert (len(server.only_read), len(server.generated)) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (500, r"failing \(HTTP 500\)"),
        (503, r"not reachable \(HTTP 503\)"),
        (429, r"overloaded \(HTTP 429\): .* OPENAI_BASE_URL"),
        ("html-200", "answering in a form that Accord does not know: .* OPENAI_BASE_URL"),
        ("silent", "too slow: .* OPENAI_BASE_URL"),
    ],
)
@pytest.mark.parametrize("named", [{}, {"model": "mine", "window_tokens": 4_096}], ids=["listed", "named"])
async def test_the_doctor_hears_of_a_server_that_does_not_write(fault, says, named):
    patience = replace(QUICK, connect_s=0.2, trial_s=0.3) if fault == "silent" else QUICK
    async with LoopbackTgi(fault=lambda asked: fault) as server:
        with pytest.raises(GenerationError, match=says):
            await drafter(server, patience=patience, **named).check()


@pytest.mark.parametrize("named", [{}, {"model": "mine", "window_tokens": 4_096}], ids=["listed", "named"])
async def test_the_doctor_hears_of_a_server_that_is_gone_a_wrong_key_and_an_address_without_its_path(named):
    async with LoopbackTgi(api_key="mine") as server:
        with pytest.raises(
            PromptRejectedError, match=r"\(HTTP 401\): check OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL"
        ):
            await drafter(server, api_key="yours", **named).check()
        with pytest.raises(PromptRejectedError, match=r"refusing us \(HTTP 404\)"):
            await OpenAiGenerator([server.url], api_key="mine", patience=QUICK, **named).check()
    with pytest.raises(GeneratorUnavailableError, match="not reachable"):
        await drafter(server, **named).check()


async def test_the_doctor_names_the_servers_that_do_not_write_and_no_password():
    async with LoopbackTgi() as gone:
        pass
    async with LoopbackTgi() as server, LoopbackTgi(fault=lambda asked: 500) as failing:
        secret = f"{gone.url}/v1".replace("://", "://ann:mysecret@")
        urls = [f"{server.url}/v1", secret, f"{failing.url}/v1"]
        with pytest.raises(GenerationError) as caught:
            await OpenAiGenerator(urls, model="mine", patience=QUICK).check()

    said = str(caught.value)
    assert f"Server 2 of 3 ({gone.url[7:]}) is not reachable" in said
    assert f"Server 3 of 3 ({failing.url[7:]}) is failing" in said
    assert "mysecret" not in said
    assert "1 of 3" not in said


async def test_the_doctor_hears_of_a_model_that_the_server_does_not_list():
    async with LoopbackTgi() as server:
        said = await drafter(server, model="mine").check()
        server.fault = lambda asked: 404 if asked.parameters.get("model") == "mine" else None
        with pytest.raises(PromptRejectedError, match="lists no model called mine: check OPENAI_MODEL"):
            await drafter(server, model="mine").check()

    assert said.startswith("openai:mine (which its server does not list: check OPENAI_MODEL), ")


async def test_the_doctor_says_where_the_window_has_no_room_for_all_the_reasoning_asked_for():
    async with LoopbackTgi() as server:
        said = await drafter(server, window_tokens=4_096, reasoning_tokens=8_000).check()

    assert said.endswith(
        "4096 tokens of window, 2048 for a reply instead of 8400 (400 and ACCORD_REASONING_TOKENS)"
    )


def test_a_request_for_no_choice_is_refused():
    with pytest.raises(ValueError, match="1 choice or more"):
        OpenAiGenerator(["http://localhost/v1"], choices=0)
