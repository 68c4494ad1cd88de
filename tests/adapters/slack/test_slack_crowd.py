"""Two hundred members answer within five seconds, and every payload comes twice: nothing is lost."""

import pytest

from tests.slack_crowd import crowd_answers
from tests.slack_house import SlackHouse

MEMBERS = 200


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_two_hundred_opinions_within_five_seconds_are_all_kept(house: SlackHouse, mode: str) -> None:
    house.slack.redelivery.every = True
    house.slack.redelivery.interactions_too = True
    # On a busy machine windows may open late; how fast they do is measured by tests.benchmarks.slack_load.
    house.slack.redelivery.ack_within_s = house.slack.state.trigger_lifetime_s = 60.0
    async with house.gateway(mode):
        crowd = await crowd_answers(house, MEMBERS, within_s=4.0)

    kept = await house.store.opinions(crowd.deliberation_id)
    assert sorted(o.text for o in kept) == sorted(f"Opinion {n}" for n in range(MEMBERS))
    # Each member clicked once and submitted once, and Slack was answered each time.
    submitted = [delivery for delivery in crowd.deliveries if delivery.payload["type"] == "view_submission"]
    assert [delivery.acked for delivery in submitted] == [True] * MEMBERS
    assert [delivery.acked for delivery in crowd.deliveries] == [True] * MEMBERS * 2
    assert not any(delivery.errors for delivery in crowd.deliveries)
    assert not house.slack.problems
