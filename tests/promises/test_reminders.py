"""Reminders to rate, and what leads to the statement in a channel: while that can be done, and no longer."""

from datetime import timedelta

from tests.promises.places import ChatPlace


async def test_those_who_answered_are_reminded_of_rating_once_with_the_way_there(chat: ChatPlace) -> None:
    await chat.ask()
    # Discord tells us of nobody who has not used the app.
    await chat.how(3)
    await chat.answered("One.", "Two.", "Three.")
    await chat.rate(1, 6)
    d, now = await chat.load(), chat.ports.clock.now()
    ends = now + timedelta(minutes=30)
    times = {"published_at": now - timedelta(days=1), "rating_closes_at": ends}
    await chat.ports.deliberations.save(d.model_copy(update=times))
    before = [len(chat.written_to(person)) for person in range(4)]
    for _ in range(2):
        await chat.work()
    notes = [chat.written_to(person)[count:] for person, count in enumerate(before)]
    assert [len(each) for each in notes] == [1, 0, 1, 0]
    for (note,) in (notes[0], notes[2]):
        assert "You have not rated the statement on" in note
        assert f"The vote closes {chat.on_the_clock(ends)}" in note
        assert "Read and rate it" in note
        assert "Share your opinion" not in note
    await chat.stop_reminders(2)
    people = [chat.ports.pseudonyms.of_member(d.team, chat.user(person)) for person in (0, 2)]
    assert await chat.ports.teams.wants_reminders(d.team, people) == [True, False]


async def test_nothing_asks_to_rate_a_statement_whose_vote_is_over(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.answered("Mine.", "Another.")
    (notice,) = chat.ways_to_rate()
    await chat.rated(6, 6)
    assert not chat.ways_to_rate()
    assert "The vote on this statement is closed" in notice.shown
