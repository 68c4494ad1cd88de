"""What is looked up at a platform: once for all who ask at once, and never something from before a change."""

import asyncio

import pytest

from bot.chat.lookup_cache import Looks
from bot.domain.errors import PlatformError

FRESH_S = 60.0


class Platform:
    """Finds how often it was asked, once it may answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.fails = False

    async def look(self) -> int:
        self.asked += 1
        found = self.asked
        await self.may_answer.wait()
        if self.fails:
            raise PlatformError("Not now.")
        return found


async def begun(looks: Looks[int], platform: Platform, many: int) -> list[asyncio.Task[int]]:
    """So many who ask, the look under way."""
    waiting = [asyncio.create_task(looks.see("it", platform.look, FRESH_S)) for _ in range(many)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return waiting


async def test_all_who_ask_at_once_share_a_look_and_nobody_who_gives_up_ends_it():
    looks, platform = Looks[int](9), Platform()
    first, *others = await begun(looks, platform, 3)
    first.cancel()
    await asyncio.wait([first])
    platform.may_answer.set()
    assert (await asyncio.gather(*others), platform.asked) == ([1, 1], 1)
    assert await looks.see("it", platform.look, FRESH_S) == 1
    assert await looks.see("it", platform.look, 0.0) == 2


async def test_a_look_that_fails_fails_for_all_who_wait_and_leaves_what_was_known():
    looks, platform = Looks[int](9), Platform()
    looks.keep("it", 7)
    platform.fails = True
    platform.may_answer.set()
    failed = await asyncio.gather(
        *(looks.see("it", platform.look, 0.0) for _ in range(3)), return_exceptions=True
    )
    assert ([type(each) for each in failed], platform.asked) == ([PlatformError] * 3, 1)
    assert looks.kept("it") == 7
    platform.fails = False
    assert await looks.see("it", platform.look, 0.0) == 2


@pytest.mark.parametrize("change", [lambda looks: looks.forget("it"), lambda looks: looks.forget_all()])
async def test_what_is_seen_by_a_look_from_before_a_change_is_not_kept(change):
    looks, platform = Looks[int](9), Platform()
    before = await begun(looks, platform, 1)
    change(looks)
    platform.may_answer.set()
    assert await asyncio.gather(*before) == [1]
    assert (looks.kept("it"), looks.seen_at("it")) == (None, 0.0)
    assert await looks.see("it", platform.look, FRESH_S) == 2


def test_the_oldest_are_dropped():
    looks = Looks[int](2)
    for number in (1, 2, 1, 3):
        looks.keep(number, number)
    assert [looks.kept(number) for number in (1, 2, 3)] == [1, None, 3]
