"""What is known of copies, whichever gateway saw them first."""

from datetime import UTC, datetime, timedelta

from adapters.memory import ManualClock, MemoryNotes
from bot.chat.copies import Copies
from bot.service.reply import Reply
from bot.wording.confirmations import Confirmation
from bot.wording.language import N_, PSEUDO, reading

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def gateways(count: int = 2) -> tuple[ManualClock, list[Copies]]:
    """Several that share one set of notes."""
    clock = ManualClock(MORNING)
    notes = MemoryNotes(clock)
    return clock, [Copies(notes, clock) for _ in range(count)]


async def test_a_copy_came_when_the_first_came() -> None:
    clock, (one, other) = gateways()
    assert await one.came_at("click 1") == MORNING
    clock.advance(SECOND)
    assert await other.came_at("click 1") == MORNING
    assert await other.came_at("click 2") == MORNING + SECOND


async def test_only_one_copy_is_the_first_until_it_came_to_nothing() -> None:
    _, (one, other) = gateways()
    assert [await one.is_first("request"), await other.is_first("request")] == [True, False]
    await one.forget("request")
    assert await other.is_first("request")


async def test_an_act_is_done_once_and_a_refused_one_is_tried_again() -> None:
    _, (one, other) = gateways()
    replies = [Reply("Not yet.", ok=False), Reply("Closed."), Reply("Closed twice.")]

    async def act() -> Reply:
        return replies.pop(0)

    told = [(await each.once("close", act)).text for each in (one, one, other)]
    assert told == ["Not yet.", "Closed.", "Closed."]


async def test_a_copy_is_answered_in_the_language_of_the_first() -> None:
    _, (one, other) = gateways()
    question = Confirmation(N_("Close it?"), N_("That is final."), N_("Close"))

    async def closes() -> Reply:
        return Reply(N_("Closed."))

    async def asks() -> Reply:
        return Reply(N_("Not yet."), ok=False, asks=question)

    with reading(PSEUDO):
        await one.once("close", closes)
        await one.once("close the vote", asks)
    assert (await other.once("close", closes)).text == "⟦Closed.⟧"
    asked = await other.once("close the vote", asks)
    assert asked.text == "⟦Not yet.⟧"
    assert asked.asks == Confirmation("⟦Close it?⟧", "⟦That is final.⟧", "⟦Close⟧")


async def test_of_several_acts_the_newest_counts_whatever_comes_last() -> None:
    _, (one, other) = gateways()
    times = [MORNING, MORNING + SECOND, MORNING + SECOND, MORNING]
    newest = [await each.is_newest("quality", at) for each, at in zip((one, other) * 2, times, strict=True)]
    assert newest == [True, True, True, False]
