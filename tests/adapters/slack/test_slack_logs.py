"""Whatever is logged, by us or by the SDKs, at any level: never an opinion, a name or a token."""

import logging
from collections.abc import Iterator

import pytest

from bot.domain.deliberation import Phase
from bot.ops.logs import JsonLines
from tests.slack_house import SlackHouse, card

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


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("identity", ["anonymous", "named"])
async def test_by_socket_or_http_and_whatever_is_asked_no_log_has_an_opinion_name_or_token(
    house: SlackHouse, logged: list[str], mode: str, identity: str
) -> None:
    people = [house.slack.user(f"{CALLED}{number}", real_name=f"{CALLED} {number}") for number in range(3)]
    room = house.slack.channel("general", *people)
    async with house.gateway(mode):
        d = await house.ask(people[0], room, ASKED, identity=identity, quorum="3")
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"{SPOKEN} {number}")
        d = await house.until_phase(d, Phase.RATING)
        ballot = d.ballot and room.message(d.ballot.message)
        for member in people:
            await (member.react(ballot, "blush") if ballot else member.click(card(room), "rate:6"))
        await house.settled()
        for word in ("list", "results", "export", "status"):
            await people[0].command(f"/accord {word}", room)
        await people[0].is_told("export is in your direct messages")
        # Failures are logged too.
        house.slack.faults.fail("chat.update", "fatal_error", times=2)
        await people[0].command("/accord close", room)
        await house.work()
        await people[1].command("/accord forget-me", room)
        await people[1].click(await people[1].is_told("You can't undo this"), "forget_me")
        await people[1].is_told("Deleted everything")
        await house.settled()

    tokens = [*house.slack.state.tokens, house.slack.app.app_token, house.slack.app.signing_secret]
    text = "\n".join(logged)
    assert "phase rating" in text.casefold() or "-> rating" in text
    for secret in (SPOKEN, CALLED, "xylophone", *tokens):
        assert secret not in text, next(line for line in logged if secret in line)[:300]
