"""Whether a platform is heard, where its SDK fails to say."""

import asyncio
import time

from prometheus_client import REGISTRY

from bot.chat import listening
from bot.chat.listening import Connection
from tests.bell import PATIENCE_S

CLOSED = OSError("closed")


class Sdk:
    """Says in turn what it is given, and raises what is an error; notes how the gauge stood before each."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.gauge = []
        self.asked_all = asyncio.Event()

    async def holds(self):
        self.gauge.append(REGISTRY.get_sample_value("platform_connected", {"platform": "here"}))
        answer = self.answers.pop(0) if self.answers else True
        if not self.answers:
            self.asked_all.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_what_the_sdk_cannot_tell_counts_as_lost_and_is_asked_again(monkeypatch, caplog):
    monkeypatch.setattr(listening, "LOOKED_EVERY_S", 0.0)
    sdk = Sdk(True, CLOSED, CLOSED, True, True)
    async with Connection("here", sdk.holds).watched():
        await asyncio.wait_for(sdk.asked_all.wait(), PATIENCE_S)
    assert sdk.gauge[1:5] == [1, 0, 0, 1]
    assert caplog.text.count("whether here is heard cannot be told") == 1


def since():
    return REGISTRY.get_sample_value("platform_connected_since_seconds", {"platform": "there"})


async def test_since_when_it_is_heard_or_lost_changes_only_with_that(monkeypatch):
    monkeypatch.setattr(listening, "LOOKED_EVERY_S", 0.0)
    seen, asked_all = [], asyncio.Event()

    async def holds():
        seen.append(since())
        if len(seen) == 9:
            asked_all.set()
        return len(seen) <= 3 or len(seen) > 6

    before = time.time()
    async with Connection("there", holds).watched():
        await asyncio.wait_for(asked_all.wait(), PATIENCE_S)
    up, down, up_again = seen[1], seen[4], seen[7]
    assert seen[1:9] == [up] * 3 + [down] * 3 + [up_again] * 2
    assert before <= up < down < up_again <= since()


async def test_whoever_probes_is_told_that_it_is_lost():
    assert not await Connection("here", Sdk(CLOSED).holds).holds()
