"""What an opinion costs does not grow with how many there are, counted by the server itself."""

import pytest

from adapters.redis.keys import DELETED, ERASED

pytestmark = pytest.mark.redis


async def cost(client, give, participants):
    """What the server did per opinion: commands by name, bytes in, bytes out."""
    await client.config_resetstat()
    for participant in participants:
        await give(participant)
    commands = {
        name: stats["calls"] / len(participants)
        for name, stats in (await client.info("commandstats")).items()
        if name not in ("cmdstat_config|resetstat", "cmdstat_info")
    }
    stats = await client.info("stats")
    traffic = stats["total_net_input_bytes"], stats["total_net_output_bytes"]
    return commands, [total / len(participants) for total in traffic]


async def test_the_ten_thousandth_opinion_costs_what_the_first_did(client, state, question, opinion):
    await state.deliberations.add(question())

    async def give(number):
        await state.deliberations.load("d1")
        await state.contributions.put_opinion("d1", opinion(f"{number:032}"))

    await give(0)
    commands, (bytes_in, bytes_out) = await cost(client, give, range(1, 101))
    for first in range(101, 9_901, 980):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, first + 980):
            text = opinion(f"{number:032}").model_dump_json()
            pipeline.hset("accord:{d1}:opinions", f"{number:032}", text)
        await pipeline.execute()
    assert await state.contributions.opinion_count("d1") == 9_901
    later_commands, (later_in, later_out) = await cost(client, give, range(9_901, 10_001))

    assert await state.contributions.opinion_count("d1") == 10_001
    assert later_commands == commands
    assert {name for name, calls in commands.items() if calls > 1} <= {
        "cmdstat_hget",
        "cmdstat_hset",
        "cmdstat_sadd",
    }
    assert later_in == pytest.approx(bytes_in, rel=0.05)
    assert later_out == pytest.approx(bytes_out, rel=0.05)


async def test_an_opinion_takes_two_round_trips(client, state, question, opinion):
    await state.deliberations.add(question())
    sent = []
    original = client.execute_command

    async def counting(*args, **kwargs):
        sent.append(args[0])
        return await original(*args, **kwargs)

    await state.contributions.put_opinion("d1", opinion("ann"))
    client.execute_command = counting
    await state.deliberations.load("d1")
    await state.contributions.put_opinion("d1", opinion("bob"))
    assert sent == ["HGET", "EVALSHA"]


async def test_a_deletion_leaves_no_key_behind(client, state, question, opinion):
    await state.deliberations.add(question())
    await state.contributions.put_opinion("d1", opinion("ann"))
    await state.contributions.put_opinion("d1", opinion("bob"))
    await state.contributions.remove_opinion("d1", "bob", opinion(at=1).given_at)
    await state.deliberations.mark("d1", "reminded")
    deliberation = (await state.deliberations.load("d1")).closed(opinion(at=2).given_at)
    await state.deliberations.save(deliberation)
    await state.deliberations.delete("d1")
    assert sorted(await client.keys("*")) == [DELETED, ERASED]
