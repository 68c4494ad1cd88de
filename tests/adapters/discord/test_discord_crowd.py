"""Two hundred members answer within five seconds, and every interaction comes twice: nothing is lost."""

import pytest

from tests.discord_crowd import crowd_answers
from tests.discord_house import DiscordHouse

MEMBERS = 200


@pytest.mark.slow
async def test_two_hundred_opinions_that_come_twice_within_five_seconds_are_all_kept(
    house: DiscordHouse,
) -> None:
    house.discord.gateway.twice = True
    # On a busy machine answers may come late; how fast they do is measured by tests.benchmarks.discord_load.
    house.discord.state.timers.answer_within_s = 60.0
    async with house.gateway():
        crowd = await crowd_answers(house, MEMBERS, within_s=4.0)

    kept = await house.contributions.opinions(crowd.deliberation_id)
    assert sorted(o.text for o in kept) == sorted(f"Opinion {n}" for n in range(MEMBERS))
    assert not any(each.failed for each in (*crowd.opened, *crowd.submitted))
    assert not house.discord.problems
