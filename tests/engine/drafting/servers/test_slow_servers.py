"""Slow servers: a throttled machine behind a real server, with its clock and ours sped up alike.

The machine of the issue writes 5 tokens a second in each of 2 slots; here it is 50 times as fast, and has a
fiftieth of the time.
"""

import asyncio
from dataclasses import replace

import pytest

from engine.draft_briefs import briefs
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.slots import FIRST
from engine.drafting.servers.openai import OpenAiGenerator
from engine.drafting.servers.tgi import TgiGenerator
from engine.mediator import Mediator
from engine.types import Stage
from tests.bell import PATIENCE_S
from tests.engine.drafting.servers.loopback_chat import LoopbackChat
from tests.engine.drafting.servers.loopback_tgi import LoopbackTgi, tokens, written
from tests.engine.drafting.servers.slow_machine import SlowMachine
from tests.engine.drafting.servers.test_tgi import QUICK, Indifferent, request_of

FASTER = 50
TOKENS_PER_S, SLOTS, ROUND_S = 5, 2, 600
SCALED = Patience(
    quiet_s=PATIENCE_S,  # more than its fiftieth, as is idle_s: this process may be kept waiting by others
    idle_s=PATIENCE_S,
    round_s=ROUND_S / FASTER,
    first_wait_s=0.5 / FASTER,
    longest_wait_s=10 / FASTER,
    rest_s=15 / FASTER,
)
LONG_AGO = Patience().request_s / FASTER
"""What one whole reply was once given; the texts here take longer."""


def machine(**options):
    return SlowMachine(**{"slots": SLOTS, "tokens_per_s": TOKENS_PER_S * FASTER, **options})


def long_text(asked):
    """Some 180 tokens."""
    return " ".join(written(asked) for _ in range(3))


async def mediate(generator, request=None, heard=None):
    heard = [] if heard is None else heard
    return await Mediator(generator, Indifferent()).mediate(
        request or request_of(candidates=16), heard.append
    )


async def drafts_of(generator, count):
    return [draft async for draft in generator.draft(briefs(request_of(candidates=count)))]


def openai(server, **options):
    return OpenAiGenerator([f"{server.url}/v1"], **{"patience": SCALED, **options})


def tgi(server, **options):
    return TgiGenerator([server.url], **{"patience": SCALED, **options})


@pytest.fixture(params=[openai, tgi], ids=["openai", "tgi"])
def drafter(request):
    return request.param


# The server keeps a queue (Ollama), says how many it writes (llama.cpp), or refuses more (a full TGI).
KINDS = {
    "queues": {},
    "refuses": {"slots": SLOTS},
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())
async def test_of_sixteen_drafts_asked_of_a_slow_machine_at_least_eight_are_there_in_ten_minutes(
    drafter, options
):
    slow = machine(reads_s=4 / FASTER)
    async with LoopbackTgi(machine=slow, **options) as server:
        mediation = await mediate(drafter(server))

    assert len(mediation.candidates) >= 8
    assert slow.broken_off == []
    assert slow.most == SLOTS


async def test_a_text_that_takes_longer_than_anybody_would_wait_for_a_reply_is_not_given_up(drafter):
    slow = machine(tokens_per_s=45)
    async with LoopbackTgi(machine=slow, writer=long_text, total_tokens=10**6, input_tokens=10**6) as server:
        drafts = await drafts_of(
            drafter(server, reasoning_tokens=600, patience=replace(SCALED, round_s=60)), 4
        )

    assert [draft.finish_reason for draft in drafts] == ["stop"] * 4
    assert min(len(tokens(draft.text)) for draft in drafts) / 45 > LONG_AGO
    assert slow.broken_off == []


async def test_when_the_time_is_short_there_are_fewer_drafts_and_the_result_says_so(drafter):
    slow = machine(slots=1, tokens_per_s=60)
    async with LoopbackTgi(machine=slow) as server:
        mediation = await mediate(drafter(server, patience=replace(SCALED, round_s=8)))

    assert 2 <= len(mediation.candidates) < 16
    assert mediation.shortfall.asked == 16
    assert mediation.shortfall.drafted == len(mediation.candidates) == 16 - mediation.dropped["not drafted"]
    assert 0 < mediation.shortfall.tokens_per_s < 90


async def test_where_there_is_time_for_all_nothing_is_said_of_it(drafter):
    async with LoopbackTgi() as server:
        mediation = await mediate(drafter(server))

    assert mediation.shortfall is None


async def test_a_machine_with_its_own_queue_is_sent_no_more_than_it_writes_once_that_has_shown(drafter):
    slow = machine()
    async with LoopbackTgi(machine=slow) as server:
        generator = drafter(server)
        await mediate(generator)
        slow.longest_queue = 0
        await mediate(generator, request_of(candidates=16, seed=12))

    assert slow.longest_queue <= 1  # one more is tried now and then


async def test_a_machine_that_keeps_up_is_given_all():
    quick = machine(slots=64)
    async with LoopbackTgi(machine=quick) as server:
        await mediate(openai(server))

    assert quick.most > FIRST


async def test_slots_that_llama_cpp_tells_are_filled_from_the_first_and_no_more():
    slow = machine(slots=3)
    async with LoopbackChat(machine=slow, props={"total_slots": 3}) as server:
        await mediate(openai(server))

    assert slow.most == 3
    assert slow.longest_queue == 0


async def test_a_server_that_does_not_stream_is_waited_for_as_long_as_it_has_shown_to_need(drafter):
    slow = machine(slots=1, tokens_per_s=150)
    patience = replace(SCALED, quiet_s=0.9, round_s=60)
    async with LoopbackTgi(machine=slow, streams=False) as server:
        mediation = await mediate(drafter(server, patience=patience))

    assert len(mediation.candidates) == 16
    assert slow.broken_off == []


async def test_a_text_that_stops_in_the_middle_is_asked_for_again(drafter):
    stuck = []

    class Sticking(SlowMachine):
        async def writing(self, pieces):
            at = 0
            async for piece in super().writing(pieces):
                yield piece
                at += 1
                if at == 5 and not stuck:
                    stuck.append(True)
                    await asyncio.Event().wait()

    slow = Sticking(slots=4, tokens_per_s=500)
    async with LoopbackTgi(machine=slow) as server:
        mediation = await mediate(drafter(server, patience=replace(SCALED, idle_s=2, round_s=3 * PATIENCE_S)))

    assert stuck
    assert len(mediation.candidates) == 16


async def test_a_stream_that_breaks_off_is_no_whole_text(drafter):
    broken = []

    class Breaking(SlowMachine):
        async def writing(self, pieces):
            at = 0
            async for piece in super().writing(pieces):
                yield piece
                at += 1
                if at == 5 and len(broken) < 3:
                    broken.append(True)
                    raise ConnectionResetError

    async with LoopbackTgi(machine=Breaking(slots=4, tokens_per_s=1_000)) as server:
        mediation = await mediate(drafter(server, patience=QUICK))

    assert len(broken) == 3
    assert len(mediation.candidates) == 16


async def test_a_text_without_an_end_is_cut_off_by_what_it_was_allowed(drafter):
    def endless(asked):
        return written(asked) + " and so on" * 2_000

    class Deaf(LoopbackTgi):
        def _reply(self, asked):
            most = 1 if asked.only_reads else 10**6
            return super()._reply(replace(asked, parameters=asked.parameters | {"max_new_tokens": most}))

    slow = machine(slots=64, tokens_per_s=20_000)
    async with Deaf(machine=slow, writer=endless, total_tokens=10**7) as server:
        drafts = await drafts_of(drafter(server), 3)

    assert [draft.finish_reason for draft in drafts] == ["length"] * 3
    assert max(slow.broken_off) < 2_000


async def test_progress_is_told_in_tokens_while_no_draft_is_ready(drafter):
    heard = []
    async with LoopbackTgi(machine=machine()) as server:
        mediation = await mediate(drafter(server), heard=heard)

    told = [progress for progress in heard if progress.stage is Stage.DRAFT and progress.written]
    early = [progress.written.tokens for progress in told if progress.done == 0]
    assert len(early) > 20
    assert early == sorted(early)
    assert told[-1].written.tokens >= 30 * len(mediation.candidates)
    assert 0 < told[-1].written.per_s < 3 * TOKENS_PER_S * FASTER


@pytest.mark.parametrize(("fault", "trouble"), [(429, "overloaded"), ("silent", "too slow")])
async def test_a_trouble_that_lasts_is_told_while_the_round_goes_on_trying(drafter, fault, trouble):
    told = asyncio.Event()

    def hear(progress):
        if progress.written and progress.written.trouble == trouble:
            told.set()

    def failing(asked):
        return fault if asked.inputs and asked.route != "/tokenize" else None

    async with LoopbackTgi(fault=failing) as server:
        generator = drafter(server, patience=replace(SCALED, quiet_s=0.3, round_s=60))
        round_ = asyncio.create_task(Mediator(generator, Indifferent()).mediate(request_of(), hear))
        async with asyncio.timeout(60):
            await told.wait()
        assert not round_.done()
        round_.cancel()
        await asyncio.gather(round_, return_exceptions=True)
