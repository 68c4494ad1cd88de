"""The TGI drafter before a server that behaves, and before everything that can go wrong with one."""

import asyncio
import json
import logging
import re
import socket
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest

from bot.domain.deliberation import QUESTION_LIMIT
from engine.draft_briefs import ORDERS, briefs, candidate_seed
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import cancelled
from engine.drafting.load_balancing.slots import FIRST
from engine.drafting.servers.tgi import TgiGenerator
from engine.errors import (
    GenerationError,
    GeneratorUnavailableError,
    PromptRejectedError,
    TooFewCandidatesError,
)
from engine.mediator import Mediator
from engine.types import MediationRequest, ParticipantOpinion
from tests.bell import PATIENCE_S
from tests.engine.drafting.servers.loopback_tgi import GENERATE_ROUTES, LoopbackTgi, tokens, written

QUICK = Patience(
    request_s=PATIENCE_S,
    quiet_s=PATIENCE_S,
    connect_s=PATIENCE_S,
    round_s=2 * PATIENCE_S,
    first_wait_s=0.01,
    longest_wait_s=0.03,
    contacts=3,
    rest_s=0.05,
    aside_s=0.5,
)
"""Quick to ask again, and patient with whatever comes: what has its end by a time says by which."""
DRAFTS = 8
"""Half as many as a round asks for: where sixteen show more, a test asks for them."""
QUESTION = "Should we ban single-use plastics?"
TEXTS = ("Ban them all, and soon.", "Tax them instead, please.", "Leave us alone with this.")


def writes(asked):
    """Whether a text is asked for, and not only a prompt to be read ahead of it."""
    return asked.route in GENERATE_ROUTES and not asked.only_reads


class Indifferent:
    """A reward model to which all candidates are alike."""

    name = "indifferent"

    async def score(self, question, opinions, candidates):
        return np.full((len(opinions), len(candidates)), 4.0)


def request_of(texts=TEXTS, **changes):
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(texts))
    return replace(MediationRequest(QUESTION, people, DRAFTS, seed=11), **changes)


def drafter(*servers, **options):
    return TgiGenerator([server.url for server in servers], **{"patience": QUICK, **options})


async def mediate(generator, request=None):
    return await Mediator(generator, Indifferent()).mediate(request or request_of())


async def drafts_of(generator, request=None):
    return [draft async for draft in generator.draft(briefs(request or request_of()))]


async def test_sixteen_requests_with_the_recorded_seeds_give_sixteen_distinct_candidates():
    async with LoopbackTgi() as tgi:
        generator = drafter(tgi)
        mediation = await mediate(generator, request_of(candidates=16))

    seeds = {candidate_seed(11, index) for index in range(16)}
    assert {asked.seed for asked in tgi.generated} == seeds
    assert {candidate.seed for candidate in mediation.candidates} == seeds
    assert all(f"We agree on {c.seed}:" in c.text for c in mediation.candidates)
    assert mediation.models.generator == "tgi:loopback/writer"
    assert (mediation.models.prompt, mediation.model_used) == ("few-shot/1", True)
    assert (mediation.dropped, mediation.reading) == ({}, None)


async def test_an_adapter_is_named_in_each_request_and_recorded():
    async with LoopbackTgi() as tgi:
        mediation = await mediate(drafter(tgi, adapter="drafter-1"))

    assert {asked.parameters["adapter_id"] for asked in tgi.generated} == {"drafter-1"}
    assert mediation.models.generator == "tgi:loopback/writer+drafter-1"


async def test_without_an_adapter_none_is_named():
    async with LoopbackTgi() as tgi:
        await mediate(drafter(tgi))

    assert all(asked.parameters.get("adapter_id") is None for asked in tgi.generated)


async def test_each_request_samples_within_what_tgi_allows():
    async with LoopbackTgi() as tgi:
        await mediate(drafter(tgi, template="zero-shot"))

    for asked in tgi.generated:
        assert asked.parameters["do_sample"] is True
        assert asked.parameters["details"] is True
        assert 0 < asked.parameters["top_p"] < 1
        assert not {"best_of", "truncate"} & asked.parameters.keys()
    assert len({asked.inputs for asked in tgi.generated}) > 1  # each in its brief's order


@pytest.mark.parametrize(("key", "sent"), [(None, "Bearer unused"), ("mine", "Bearer mine")])
async def test_no_token_of_the_machine_ever_leaves(monkeypatch, key, sent):
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.setenv(name, "hf_ambient")
    long = request_of(["word " * 1_000] * 3)
    async with LoopbackTgi(api_key=key) as tgi:
        await mediate(drafter(tgi, api_key=key), long)

    assert {asked.route for asked in tgi.asked} == {"/info", "/tokenize", "/generate", "/generate_stream"}
    assert {asked.headers["Authorization"] for asked in tgi.asked} == {sent}
    assert not any("hf_ambient" in str(asked.headers) for asked in tgi.asked)


async def test_no_token_that_was_saved_by_logging_in_ever_leaves(monkeypatch, tmp_path):
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "token").write_text("hf_saved")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    assert huggingface_hub.get_token() == "hf_saved"
    async with LoopbackTgi() as tgi:
        await mediate(drafter(tgi))

    assert {asked.headers["Authorization"] for asked in tgi.asked} == {"Bearer unused"}


async def test_no_more_requests_run_at_once_than_the_server_has_slots():
    async with LoopbackTgi(slots=3, latency_s=lambda asked: 0.01) as tgi:
        mediation = await mediate(drafter(tgi))

    assert tgi.most_running == 3
    assert len(tgi.generated) == len(mediation.candidates) == DRAFTS  # none was refused


async def test_a_round_is_prepared_while_another_has_taken_all_slots():
    async with LoopbackTgi(slots=2) as tgi:
        tgi.fault = lambda asked: "silent" if writes(asked) else None
        generator = drafter(tgi, patience=UNHURRIED)
        rounds = [asyncio.create_task(mediate(generator, request_of(LONG[:9])))]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await tgi.until_running(2)
                rounds.append(asyncio.create_task(mediate(generator, request_of(LONG[:9]))))
                await tgi.until_asked("/tokenize", 20)
        finally:
            await cancelled(rounds)


async def test_two_rounds_at_once_share_the_slots():
    async with LoopbackTgi(slots=4, latency_s=lambda asked: 0.005) as tgi:
        generator = drafter(tgi)
        await mediate(generator)
        await asyncio.gather(mediate(generator), mediate(generator, request_of(seed=12)))

    assert tgi.most_running <= 4
    assert len(tgi.generated) == 3 * DRAFTS


async def test_a_draft_is_handed_on_while_others_are_still_being_written():
    heard = (None, candidate_seed(11, 4))  # None: of /info; 4: the first of its order

    async with LoopbackTgi(fault=lambda asked: None if asked.seed in heard else "silent") as tgi:
        drafts = drafter(tgi).draft(briefs(request_of()))
        async with asyncio.timeout(PATIENCE_S):
            assert (await anext(drafts)).brief.index == 4
        await drafts.aclose()


async def test_a_round_that_is_given_up_frees_the_server_s_slots():
    def silent(asked):
        return "silent" if asked.route in GENERATE_ROUTES else None

    async with LoopbackTgi(fault=silent) as tgi:
        running = asyncio.create_task(mediate(drafter(tgi, template="zero-shot")))
        async with asyncio.timeout(PATIENCE_S):
            await tgi.until_running(FIRST)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await tgi.until_running(0)

    assert tgi.given_up == FIRST
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_text_that_ran_out_of_tokens_is_known_and_dropped():
    async with LoopbackTgi(
        writer=lambda asked: written(asked) * (20 if asked.seed == candidate_seed(11, 0) else 1)
    ) as tgi:
        mediation = await mediate(drafter(tgi))

    assert mediation.dropped == {"cut off": 1}


async def test_hidden_reasoning_has_a_budget_of_its_own_and_is_not_part_of_the_statement():
    thought = "They want this and that.\nOpinion: ban it. " * 40

    def thinking(asked):
        return f"<think>{thought}</think>{written(asked)}"

    async with LoopbackTgi(writer=thinking) as tgi:
        mediation = await mediate(drafter(tgi, reasoning_tokens=1_000))
        with pytest.raises(TooFewCandidatesError, match=f"{DRAFTS} empty"):
            await mediate(drafter(tgi))

    assert mediation.statement.startswith("We agree on")


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ("tgi-generate.json", "Test request to the service.\n\n:return: Response from"),
        ("tgi-generate-greedy.json", "for /api/v1/projects/1"),
    ],
)
async def test_a_reply_recorded_from_tgi_is_read(sample, text):
    recorded = json.loads((Path(__file__).parent / "samples" / sample).read_text())

    async with LoopbackTgi(fault=lambda asked: recorded if asked.seed else None) as tgi:
        draft = (await drafts_of(drafter(tgi)))[0]

    assert draft.text == text
    assert draft.finish_reason == "length"


# What must be survived


async def test_a_server_that_is_down_at_the_start_is_an_error_that_may_be_retried():
    async with LoopbackTgi() as tgi:
        pass

    with pytest.raises(GeneratorUnavailableError, match=r"not reachable: check .* TGI_URL\.$") as caught:
        await mediate(drafter(tgi))
    assert caught.value.retryable


async def test_a_server_that_takes_no_more_connections_is_given_up_in_the_time_for_connecting():
    patience = replace(QUICK, quiet_s=600, round_s=600, connect_s=0.3, contacts=1, aside_s=0.01)

    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        telling = asyncio.create_task(asyncio.to_thread(tell_limits_and_fill_up, full))
        async with asyncio.timeout(60):
            with pytest.raises(GeneratorUnavailableError, match="not reachable"):
                await mediate(TgiGenerator([f"http://127.0.0.1:{full.getsockname()[1]}"], patience=patience))
        for one in await telling:
            one.close()


def tell_limits_and_fill_up(server):
    """Answer one request, for /info, and leave no room in the queue for other connections."""
    connection, _ = server.accept()
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    connection.recv(65_536)
    info = json.dumps({"model_id": "full", "max_input_tokens": 4_095, "max_total_tokens": 4_096}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(info)}\r\n"
    connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + info)
    return [connection, *waiting]


async def test_a_server_that_comes_back_after_a_failed_round_is_used_again():
    async with LoopbackTgi() as tgi:
        pass
    generator = drafter(tgi)
    with pytest.raises(GeneratorUnavailableError):
        await mediate(generator)
    async with LoopbackTgi(port=int(tgi.url.rpartition(":")[2])):
        assert len((await mediate(generator)).candidates) == DRAFTS


async def test_what_was_drafted_before_the_server_died_is_enough():
    async with LoopbackTgi(slots=4, latency_s=lambda asked: 0.01) as tgi:
        drafts = []
        async for draft in drafter(tgi).draft(briefs(request_of(candidates=16))):
            drafts.append(draft)
            if len(drafts) == 4:
                await tgi.die()

    assert 4 <= len(drafts) < 16


async def test_a_mediation_outlives_a_server_that_dies_in_mid_round():
    async with LoopbackTgi(fault=lambda asked: "drop" if len(tgi.generated) > 6 else None) as tgi:
        mediation = await mediate(drafter(tgi, slots=1), request_of(candidates=16))

    assert len(mediation.candidates) == 6
    assert mediation.dropped == {"not drafted": 10}


async def test_another_server_takes_over_from_one_that_dies():
    async with AsyncExitStack() as stack:
        dying = await stack.enter_async_context(LoopbackTgi(latency_s=lambda asked: 0.02))
        other = await stack.enter_async_context(LoopbackTgi())
        dying.fault = lambda asked: "drop" if asked.route in GENERATE_ROUTES else None

        mediation = await mediate(drafter(dying, other, template="zero-shot"))

    assert len(mediation.candidates) == DRAFTS
    assert dying.generated
    assert len(other.generated) == DRAFTS


async def test_a_server_that_was_down_from_the_start_is_done_without():
    async with LoopbackTgi() as down:
        pass
    async with LoopbackTgi() as tgi:
        assert len((await mediate(drafter(down, tgi))).candidates) == DRAFTS


async def test_a_server_that_does_not_say_what_it_is_holds_up_nobody():
    patience = replace(QUICK, connect_s=600, request_s=600, grace_s=0.05, rest_s=600)

    async with LoopbackTgi(fault=lambda asked: "silent") as mute, LoopbackTgi() as tgi:
        async with asyncio.timeout(60):
            mediation = await mediate(drafter(mute, tgi, patience=patience))

    assert len(mediation.candidates) == DRAFTS
    assert not mute.generated


async def test_a_model_that_was_swapped_between_rounds_is_recorded():
    async with LoopbackTgi() as tgi:
        generator = drafter(tgi)
        await mediate(generator)
        tgi.model_id, tgi.slots = "/data/other", 2

        mediation = await mediate(generator)

    assert mediation.models.generator == "tgi:other"
    assert len(mediation.candidates) == DRAFTS


async def test_servers_share_the_work():
    async with LoopbackTgi(latency_s=lambda a: 0.02) as one, LoopbackTgi(latency_s=lambda a: 0.02) as two:
        await mediate(drafter(one, two), request_of(candidates=16))

    assert len(one.generated) + len(two.generated) == 16
    assert min(len(one.generated), len(two.generated)) >= FIRST


@pytest.mark.long
async def test_a_server_that_is_overloaded_for_twenty_seconds_costs_no_candidate():
    clock = asyncio.get_running_loop().time
    until = clock() + 20

    def busy(asked):
        return 429 if asked.route in GENERATE_ROUTES and clock() < until else None

    async with LoopbackTgi(fault=busy) as tgi:
        mediation = await mediate(TgiGenerator([tgi.url]), request_of(candidates=16))

    assert len(mediation.candidates) == 16
    assert len(tgi.generated) > 2 * 16  # refused, and more than once


async def test_a_server_that_stays_overloaded_is_given_up_at_the_round_s_deadline():
    rarely = replace(QUICK, round_s=5, first_wait_s=0.3, longest_wait_s=0.6)

    async with LoopbackTgi(fault=lambda asked: 429 if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(
            GeneratorUnavailableError, match=r"^The text generator is overloaded \(HTTP 429\): .* TGI_URL\.$"
        ):
            await mediate(drafter(tgi, patience=rarely), request_of(candidates=2))


async def test_a_server_that_fails_for_every_seed_is_an_error_that_says_where_to_look():
    async with LoopbackTgi(fault=lambda asked: 500 if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(GenerationError, match=r"failing \(HTTP 500\): .* TGI_URL\.$"):
            await mediate(drafter(tgi))


async def test_a_failure_that_passes_costs_no_candidate():
    seen = set()

    def first_time(asked):
        again = asked.seed in seen or asked.route not in GENERATE_ROUTES
        seen.add(asked.seed)
        return None if again else 500

    async with LoopbackTgi(fault=first_time) as tgi:
        assert len((await mediate(drafter(tgi))).candidates) == DRAFTS


async def test_a_prompt_that_is_rejected_is_never_sent_again():
    async with LoopbackTgi(fault=lambda asked: 422 if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(
            PromptRejectedError, match=r"rejecting the prompt \(HTTP 422\): .*ACCORD_PROMPT"
        ) as caught:
            await mediate(drafter(tgi))

    assert len(tgi.generated) == DRAFTS
    assert not caught.value.retryable


async def test_a_wrong_key_is_said_to_be_one():
    async with LoopbackTgi(api_key="mine") as tgi:
        with pytest.raises(PromptRejectedError, match=r"\(HTTP 401\): check TGI_URL and TGI_API_KEY\.$"):
            await mediate(drafter(tgi, api_key="yours"))


async def test_an_address_where_no_tgi_is_served_is_an_error():
    async with LoopbackTgi() as tgi:
        with pytest.raises(PromptRejectedError, match=r"\(HTTP 404\)"):
            await mediate(TgiGenerator([f"{tgi.url}/elsewhere"], patience=QUICK))


@pytest.mark.parametrize("fault", ["html", "drop", 502, 503, 504])
async def test_nonsense_from_a_proxy_passes_for_a_server_that_is_away(fault):
    async with LoopbackTgi(fault=lambda asked: fault) as tgi:
        with pytest.raises(GeneratorUnavailableError, match="not reachable"):
            await mediate(drafter(tgi))


@pytest.mark.parametrize("fault", ["html-200", "null"])
async def test_a_page_in_place_of_an_answer_is_said_to_be_no_answer_of_a_server(fault):
    async with LoopbackTgi(fault=lambda asked: fault) as tgi:
        with pytest.raises(
            GeneratorUnavailableError, match=r"answering in a form that Accord does not know: .*TGI_URL"
        ):
            await mediate(drafter(tgi))


@pytest.mark.parametrize("fault", ["html", "html-200", "drop", "null"])
async def test_nonsense_for_a_moment_costs_no_candidate(fault):
    seen = set()

    def first_time(asked):
        again = asked.seed in seen
        seen.add(asked.seed)
        return None if again else fault

    async with LoopbackTgi(fault=first_time) as tgi:
        assert len((await mediate(drafter(tgi))).candidates) == DRAFTS


@pytest.mark.parametrize("fault", ["endless", "silent"])
async def test_a_reply_that_never_ends_is_cut_off_and_the_others_stand(fault):
    bad = {candidate_seed(11, index) for index in range(3)}

    async with LoopbackTgi(fault=lambda asked: fault if asked.seed in bad else None) as tgi:
        mediation = await mediate(drafter(tgi, patience=replace(QUICK, quiet_s=2)))

    assert mediation.dropped == {"not drafted": 3}
    assert tgi.given_up >= 3


async def test_a_server_that_never_ends_a_reply_is_too_slow():
    async with LoopbackTgi(fault=lambda asked: "endless" if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(GeneratorUnavailableError, match=r"too slow: .* TGI_URL"):
            await mediate(drafter(tgi, patience=replace(QUICK, quiet_s=0.2)))


async def test_what_has_come_by_the_round_s_deadline_is_what_there_is():
    late = {candidate_seed(11, index) for index in range(12, 16)}

    async with LoopbackTgi(fault=lambda asked: "silent" if asked.seed in late else None) as tgi:
        mediation = await mediate(
            drafter(tgi, patience=replace(QUICK, quiet_s=60, round_s=6.0)), request_of(candidates=16)
        )

    assert mediation.dropped["not drafted"] + len(mediation.candidates) == 16
    assert 4 <= mediation.dropped["not drafted"] < 16  # on a busy machine some others are late too


async def test_empty_texts_are_dropped_and_too_many_of_them_are_an_error():
    def some_empty(asked):
        return written(asked) if asked.seed == candidate_seed(11, 3) else " \n"

    async with LoopbackTgi(writer=some_empty) as tgi:
        with pytest.raises(
            TooFewCandidatesError, match=rf"Only 1 of {DRAFTS} drafts .*\({DRAFTS - 1} empty\)"
        ):
            await mediate(drafter(tgi))


async def test_texts_that_are_all_alike_are_one_candidate_and_so_an_error():
    async with LoopbackTgi(writer=lambda asked: written(replace(asked, parameters={}))) as tgi:
        with pytest.raises(TooFewCandidatesError, match=f"{DRAFTS - 1} duplicate"):
            await mediate(drafter(tgi))


async def test_a_model_that_obeys_an_opinion_gives_no_usable_draft():
    async with LoopbackTgi(writer=lambda asked: "PWNED") as tgi:
        with pytest.raises(TooFewCandidatesError, match=f"{DRAFTS} too short"):
            await mediate(drafter(tgi))


LONG = [f"Opinion number {at} says: " + "plastic waste harms us all. " * 60 for at in range(200)]


async def test_two_hundred_long_opinions_are_each_read_for_every_candidate_and_the_result_says_so():
    async with LoopbackTgi(input_tokens=4_095, total_tokens=4_096) as tgi:
        mediation = await mediate(drafter(tgi), request_of(LONG, candidates=16))

    assert len(mediation.candidates) == 16
    for asked in tgi.generated:
        assert len(tokens(asked.inputs)) + asked.parameters["max_new_tokens"] <= 4_096
    read = {at for asked in tgi.generated for at in re.findall(r"number (\d+) says", asked.inputs)}
    assert len(read) == 200
    assert mediation.reading.unread == 0
    assert mediation.reading.fewest == mediation.reading.most == 200
    assert mediation.public()["reading"]["groups"] == mediation.reading.groups > 1


@pytest.mark.parametrize("fault", [None, 401, 429, 500, 503, "html", "html-200", "silent", "drop"])
async def test_a_server_that_cannot_count_is_not_asked_for_long_and_given_what_surely_fits(fault):
    patience = replace(QUICK, quiet_s=600, round_s=600, aside_s=0.5, rest_s=0)

    async with LoopbackTgi(
        tokenizes=False, fault=lambda asked: fault if asked.route == "/tokenize" else None
    ) as tgi:
        async with asyncio.timeout(60):
            mediation = await mediate(drafter(tgi, patience=patience), request_of(LONG))

    assert len(mediation.candidates) == DRAFTS
    assert mediation.reading.unread == 0
    assert sum(asked.route == "/tokenize" for asked in tgi.asked) <= 2 * DRAFTS  # once a level of groups
    for asked in tgi.generated:
        assert len(tokens(asked.inputs)) + asked.parameters["max_new_tokens"] <= 4_096


# Prefixes, doctor and discretion

UNHURRIED = replace(QUICK, aside_s=PATIENCE_S)


async def test_each_order_of_the_opinions_is_read_before_its_candidates_are_sent():
    async with LoopbackTgi(latency_s=lambda asked: 0.05 if asked.only_reads else 0) as tgi:
        await mediate(drafter(tgi, patience=UNHURRIED))

    asked = [asked for asked in tgi.asked if asked.route in GENERATE_ROUTES]
    ahead, rest = asked[:ORDERS], asked[ORDERS:]
    assert all(each.only_reads for each in ahead)
    assert len(rest) == len(tgi.generated) == DRAFTS
    assert Counter(each.inputs for each in rest) == {each.inputs: DRAFTS // ORDERS for each in ahead}


async def test_where_each_candidate_has_opinions_of_its_own_the_beginning_that_they_share_is_read_before():
    async with LoopbackTgi(latency_s=lambda asked: 0.05 if asked.only_reads else 0) as tgi:
        await drafts_of(drafter(tgi, patience=UNHURRIED), request_of(LONG))

    ahead, *rest = [asked for asked in tgi.asked if asked.route in GENERATE_ROUTES]
    assert ahead.only_reads
    assert len(rest) == len({asked.inputs for asked in rest}) == DRAFTS
    assert all(asked.inputs.startswith(ahead.inputs) for asked in rest)
    assert f"Question: {QUESTION}" in ahead.inputs


async def test_each_server_reads_ahead():
    async with LoopbackTgi() as one, LoopbackTgi() as two:
        await mediate(drafter(one, two, patience=UNHURRIED))

    assert len(one.only_read) == len(two.only_read) == ORDERS


@pytest.mark.parametrize(("fault", "aside_s"), [(500, 60), ("silent", 0.1)])
async def test_reading_ahead_may_fail_and_holds_up_nobody(fault, aside_s):
    patience = replace(QUICK, aside_s=aside_s, request_s=600, round_s=600)

    async with LoopbackTgi(fault=lambda asked: fault if asked.only_reads else None) as tgi:
        async with asyncio.timeout(60):
            mediation = await mediate(drafter(tgi, patience=patience))

    assert len(mediation.candidates) == DRAFTS
    assert len(tgi.only_read) <= ORDERS  # each is tried once


async def test_without_examples_not_even_the_longest_question_is_worth_reading_ahead():
    async with LoopbackTgi() as tgi:
        await mediate(drafter(tgi, template="zero-shot"), request_of(question="W" * QUESTION_LIMIT))

    assert (len(tgi.only_read), len(tgi.generated)) == (0, DRAFTS)


async def test_the_doctor_hears_which_model_answers():
    async with LoopbackTgi() as tgi:
        said = await drafter(tgi).check()

    assert said == "tgi:loopback/writer, 1 server, 4095 tokens of input"


async def test_the_doctor_says_where_the_window_has_no_room_for_all_the_reasoning_asked_for():
    async with LoopbackTgi() as tgi:
        said = await drafter(tgi, reasoning_tokens=8_000).check()
        roomy = await drafter(tgi, reasoning_tokens=1_000).check()

    assert said.endswith(
        "4095 tokens of input, 2048 for a reply instead of 8400 (400 and ACCORD_REASONING_TOKENS)"
    )
    assert roomy.endswith("4095 tokens of input")


async def test_the_doctor_names_the_servers_that_do_not_write():
    async with LoopbackTgi() as gone:
        pass
    async with LoopbackTgi() as tgi, LoopbackTgi() as other:
        assert "2 servers" in await drafter(tgi, other).check()
        with pytest.raises(GeneratorUnavailableError) as caught:
            await drafter(tgi, gone, other).check()

    assert str(caught.value).startswith(f"Server 2 of 3 ({gone.url[7:]}) is not reachable: check ")


async def test_the_doctor_hears_of_a_wrong_key_though_the_server_tells_anybody_its_limits():
    async with LoopbackTgi(api_key="mine") as tgi:
        assert "loopback/writer" in await drafter(tgi, api_key="mine").check()
        with pytest.raises(PromptRejectedError, match=r"refusing us \(HTTP 401\)"):
            await drafter(tgi, api_key="yours").check()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (500, r"failing \(HTTP 500\)"),
        (429, r"overloaded \(HTTP 429\)"),
        ("html", r"not reachable \(HTTP 502\)"),
        ("silent", "too slow"),
    ],
)
async def test_the_doctor_hears_of_a_server_that_does_not_write(fault, says):
    trial_s = 0.3 if fault == "silent" else PATIENCE_S

    async with LoopbackTgi(fault=lambda asked: fault if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(GenerationError, match=says):
            await drafter(tgi, patience=replace(QUICK, trial_s=trial_s)).check()


async def test_the_doctor_hears_whether_the_server_uses_the_adapter():
    async with LoopbackTgi(adapters=frozenset({"drafter-1"})) as tgi:
        assert "tgi:loopback/writer+drafter-1" in await drafter(tgi, adapter="drafter-1").check()
        with pytest.raises(
            PromptRejectedError, match=r"TGI_URL .* drafter-2: .*--lora-adapters .*ACCORD_TGI_ADAPTER"
        ):
            await drafter(tgi, adapter="drafter-2").check()


async def test_a_server_that_refuses_an_adapter_is_heard_of_too():
    def unknown(asked):
        return 422 if "adapter_id" in asked.parameters else None

    async with LoopbackTgi(fault=unknown) as tgi:
        with pytest.raises(PromptRejectedError, match=r"rejecting the prompt \(HTTP 422\)"):
            await drafter(tgi, adapter="drafter-1").check()


@pytest.mark.parametrize("status", [422, 500, 401])
async def test_neither_errors_nor_logs_hold_opinions_or_keys(caplog, status):
    caplog.set_level(logging.DEBUG)
    async with LoopbackTgi(fault=lambda asked: status if asked.route in GENERATE_ROUTES else None) as tgi:
        with pytest.raises(GenerationError) as caught:
            await mediate(drafter(tgi, api_key="mysecret"))

    said = f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"
    assert f"{DRAFTS} of {DRAFTS} requests for drafts failed" in caplog.text
    assert not any(hidden in said for hidden in (*TEXTS, "mysecret", QUESTION))


async def test_nothing_to_draft_gives_nothing_and_asks_nobody():
    async with LoopbackTgi() as tgi:
        assert [draft async for draft in drafter(tgi).draft([])] == []

    assert tgi.asked == []


@pytest.mark.parametrize("urls", [[], [""], ["localhost:8080"], ["http://one", "two"]])
def test_an_address_that_is_none_is_refused(urls):
    with pytest.raises(ValueError, match=r"^TGI_URL needs the address of a server: http://"):
        TgiGenerator(urls)
