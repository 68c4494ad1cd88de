"""Cards at their messages: posted again where they are gone, and who is told what hinders us."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory import ManualClock, MemoryNotes
from bot.chat.card_messages import CardMessages
from bot.chat.posted_messages import Whereabouts
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.errors import MessageGoneError, PlatformError, RateLimitedError
from bot.wording import texts
from bot.wording.cards import BallotCard, Card, QuestionCard
from bot.wording.language import Sentence, composed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST = MessageRef(channel="C1", message="1")


def asked(**about: object) -> Deliberation:
    given = {"id": "d1", "team": "T1", "platform": "slack", "channel": "C1", "facilitator": "fay"}
    times = {"created_at": NOW, "closes_at": NOW + timedelta(days=1)}
    return Deliberation.model_validate({**given, **times, "question": "Ban plastics?", **about})


class Refused(PlatformError):
    reason = "not_in_channel"


class Channel:
    """Its messages by id, which are numbers; `refuses` is raised in place of posting and showing."""

    def __init__(self) -> None:
        self.shown: dict[str, Card] = {}
        self.told: list[str] = []
        self.refuses: PlatformError | None = None
        self.where = Whereabouts(MemoryNotes(ManualClock(NOW)))
        self.cards = CardMessages(self.where, self)
        self._keys: dict[str, str] = {}

    async def put(self, channel: str, card: Card, *, key: str) -> str:
        if self.refuses:
            raise self.refuses
        id_ = self._keys.setdefault(key, str(len(self._keys) + 1))
        self.shown[id_] = card
        return id_

    async def put_instead(self, channel: str, id_: str, card: Card) -> None:
        if self.refuses:
            raise self.refuses
        if id_ not in self.shown:
            raise MessageGoneError("It is gone.")
        self.shown[id_] = card

    def posted_at(self, id_: str) -> datetime:
        return NOW + timedelta(hours=int(id_))

    async def write(self, team: str, user: str, text: Sentence, /) -> None:
        self.told.append(f"{user}: {composed(text)}")

    async def tell_result(self, *given: object, **how: object) -> None: ...

    async def tell_statement(self, *given: object, **how: object) -> None: ...

    async def tell_over(self, *given: object) -> None: ...


@pytest.fixture
def channel() -> Channel:
    return Channel()


async def test_a_card_that_is_gone_is_posted_anew_each_time_and_its_asker_told_once(channel):
    d = asked()
    assert await channel.cards.post("C1", QuestionCard(d, 0), key="d1") == FIRST
    for answered in (1, 2):
        channel.shown.clear()
        for _ in ("shown", "shown again"):
            await channel.cards.update(FIRST, QuestionCard(d, answered))
        # The rest of Accord goes on knowing it by its first name.
        assert [card.answered for card in channel.shown.values()] == [answered]
    assert channel.told == [f"fay: {texts.REPOSTED.format(question=d.question)}"]


async def test_nobody_misses_a_message_that_is_gone_after_the_questions_end(channel):
    await channel.cards.update(FIRST, QuestionCard(asked(recorded=True), 1))
    assert (channel.shown, channel.told) == ({}, [])


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Refused("Accord is not in this channel."), 1),
        (PlatformError("Slack does not answer."), 0),
        (RateLimitedError("Slack asks to wait.", retry_after_s=3), 0),
    ],
    ids=["refused", "silent", "waiting"],
)
async def test_the_asker_is_told_once_what_they_can_mend_and_nothing_else(channel, problem, told):
    channel.refuses, card = problem, QuestionCard(asked(), 0)
    for _ in ("tried", "tried again"):
        with pytest.raises(type(problem)):
            await channel.cards.post("C1", card, key="d1")
        with pytest.raises(type(problem)):
            await channel.cards.update(FIRST, card)
    assert len(channel.told) == told
    assert all(str(problem) in each for each in channel.told)


async def test_a_ballot_stands_since_it_was_posted_in_place_of_the_first(channel):
    d = asked(phase=Phase.RATING).balloted(FIRST)
    card = BallotCard(d, "Ban some.")
    await channel.cards.post("C1", card, key="ballot")
    assert await channel.cards.stands_since(d) is None
    channel.shown.clear()
    await channel.cards.update(FIRST, card)
    assert await channel.cards.stands_since(d) == channel.posted_at("2")
    assert await channel.cards.stands_since(asked()) is None
