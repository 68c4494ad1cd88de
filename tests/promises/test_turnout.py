"""How many have rated of those who answered: shown while the vote runs, on every platform, and never who."""

import asyncio
import re
from html import unescape

from tests.bell import PATIENCE_S
from tests.promises.places import LOOK_AGAIN_S, Place
from tests.promises.test_anonymity import OPINIONS


async def shown_to(place: Place, person: int, words: str) -> None:
    """Wait until they are shown this: cards are drawn again a moment after somebody rated."""
    for _ in range(int(PATIENCE_S / LOOK_AGAIN_S)):
        if words in plain(await place.sees(person)):
            return
        await asyncio.sleep(LOOK_AGAIN_S)
    raise AssertionError(plain(await place.sees(person)))


def plain(shown: str) -> str:
    """Without the marks of a page that counts by itself."""
    return unescape(re.sub(r"</?span[^>]*>", "", shown))


async def test_the_card_says_how_many_have_rated_of_those_who_answered(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await shown_to(place, 0, "0 of 4 rated")
    await place.rate(1, 6)
    await shown_to(place, 0, "1 of 4 rated")
    await place.rate(2, 3)
    await shown_to(place, 0, "2 of 4 rated")


async def test_who_rates_without_having_answered_is_counted_apart(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS[:3])
    await place.rate(3, 6)
    await shown_to(place, 0, "0 of 3 rated, plus 1 who didn't answer")


async def test_somebody_who_leaves_is_not_counted_any_more(place: Place) -> None:
    await place.ask()
    await place.answered(*OPINIONS)
    await place.rate(1, 6)
    await place.forget(1)
    await place.work()
    await shown_to(place, 0, "0 of 3 rated")
