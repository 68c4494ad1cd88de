"""Whatever is logged, by us or by the SDK, at any level: never an opinion, a name or a token."""

import logging
from collections.abc import Iterator

import pytest

from bot.domain.deliberation import Phase
from bot.ops.logs import JsonLines
from tests.discord_house import DiscordHouse

SPOKEN = "zanzibar"
CALLED = "quentin"
ASKED = "Should we paint the harbour xylophone green?"


class Everything(logging.Handler):
    """Keeps each record as our own format writes it, and as the plain one does, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._formats = (JsonLines(), logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [each.format(record) for each in self._formats]


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Every line of every logger while the test runs."""
    root, handler = logging.getLogger(), Everything()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_however_it_is_rated_and_whatever_discord_refuses_no_log_has_an_opinion_name_or_token(
    house: DiscordHouse, logged: list[str], rated_by: str
) -> None:
    people = [house.discord.member(f"{CALLED}{number}") for number in range(3)]
    async with house.gateway() as gateway:
        d = await house.ask(people[0], ASKED, identity="named", rated_by=rated_by, quorum=3)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"{SPOKEN} {number}")
        d = await house.until_phase(d, Phase.RATING)
        # What cannot be read is logged too, and so are refusals.
        house.discord.gateway.send_raw("GUILD_MEMBER_UPDATE", {"nick": CALLED})
        house.discord.gateway.send_raw("MESSAGE_REACTION_ADD", {"emoji": {"name": SPOKEN}})
        await house.discord.until(lambda: gateway.starts == 2, what="another connection")
        await house.discord.connected()
        house.discord.faults.fail("PATCH /channels/{channel}/messages/{message}", 400, 50035, times=2)
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    text = "\n".join(logged)
    assert "-> rating" in text
    assert "it begins anew" in text
    tokens = [each.token for each in house.discord.state.interactions.values()]
    for secret in (SPOKEN, CALLED, "xylophone", house.discord.app.token, *tokens):
        assert secret not in text, next(line for line in logged if secret in line)[:300]
