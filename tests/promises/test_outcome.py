"""What was decided: those who run the question record it, everybody who sees the result reads it."""

from datetime import timedelta

from bot.domain.decision import ASKED_AT
from bot.wording import decision_lines
from tests.promises.places import QUESTION, ChatPlace, Place

KEPT = str(decision_lines.KEPT)
NOTHING = str(decision_lines.NOTHING)
REFUSED = "Only the person who asked"


async def settled(place: Place) -> None:
    """A question whose vote is closed."""
    await place.ask()
    await place.answered("Ban them all.", "Only with help.", "Not at all.")
    await place.rated(6, 5, 7)


async def test_it_is_recorded_replaced_and_read_wherever_the_result_is(place: Place) -> None:
    await place.ask()
    await place.answered("Ban them all.", "Only with help.", "Not at all.")
    assert KEPT not in await place.record_outcome(decided="Too early.")
    await place.rated(6, 5, 7)

    refused = place.plain(await place.record_outcome(decided="", who="Ann"))
    assert "Write what was decided" in refused
    assert (await place.load()).decision is None

    day = (place.ports.clock.now() + timedelta(days=30)).date()
    sent = {"decided": "No bags from May on.", "who": "Ann", "by": day.isoformat()}
    assert KEPT in place.plain(await place.record_outcome(**sent))
    kept = (await place.load()).decision
    assert kept is not None
    assert (kept.decided, kept.who, kept.by) == ("No bags from May on.", "Ann", day)
    first = place.sent
    await place.work()
    for shown in (await place.sees(1), await place.manages(), await place.past(1, "plastics")):
        assert "No bags from May on. – Ann, by" in place.plain(shown)
    exported = await place.export()
    assert exported.data["deliberation"]["decision"]["who"] == "Ann"
    assert exported.rows[0]["decision"] == "No bags from May on."

    assert KEPT in place.plain(await place.record_outcome(decided="", nothing="yes", who="", by=""))
    await place.work()
    assert NOTHING in place.plain(await place.sees(1))
    assert "No bags" not in place.plain(await place.sees(1))
    before = await place.load()
    await place.again(first)
    assert (await place.load()).decision == before.decision


async def test_nobody_else_records_it_or_is_offered_to(place: Place) -> None:
    await settled(place)
    assert KEPT not in place.plain(await place.record_outcome(1, decided="Mine."))
    assert (await place.load()).decision is None


async def test_sent_twice_it_is_recorded_once(place: Place) -> None:
    await settled(place)
    before = (await place.load()).version
    place.everything_twice()
    await place.record_outcome(decided="No bags.")
    await place.house.settled()
    saved = await place.load()
    assert saved.decision is not None
    # Whoever shows the result again may have saved that it did.
    assert saved.version in (before + 1, before + 2)


async def test_whoever_is_forgotten_does_nothing_that_was_decided_any_more_and_others_do(
    place: Place,
) -> None:
    await place.ask(named=True)
    await place.answered("Ban them all.", "Only with help.", "Not at all.")
    await place.rated(6, 5, 7)
    who = f"{place.name(1)}, {place.name(3)}"
    assert KEPT in place.plain(await place.record_outcome(decided="No bags.", who=who))
    # Person 3 gave nothing here: somebody else may have their name.
    for person in (3, 1):
        asked = await place.forget_me(person)
        for words in ("your name is taken out of “Who does it?”", "What was decided stays as it was written"):
            assert words in place.plain(asked.shown)
        await asked.yes()
        await place.work()
    kept = (await place.load()).decision
    assert kept is not None
    assert (kept.decided, kept.who) == ("No bags.", place.name(3))
    assert f"No bags. – {place.name(3)}" in place.plain(await place.sees(2))
    exported = await place.export()
    assert exported.data["deliberation"]["decision"]["who"] == place.name(3)


async def test_no_day_is_taken_on_which_the_question_is_deleted_already(place: Place) -> None:
    await settled(place)
    ended = (await place.load()).deleted_at()
    assert ended is not None
    late, last = ended.date() + timedelta(days=1), ended.date() - timedelta(days=1)
    told = place.plain(await place.record_outcome(decided="No bags.", by=late.isoformat()))
    assert "This question is deleted by then" in told
    assert (await place.load()).decision is None
    assert KEPT in place.plain(await place.record_outcome(decided="No bags.", by=last.isoformat()))


async def test_a_past_question_is_found_by_its_words_and_no_other(place: Place) -> None:
    await place.ask()
    assert QUESTION not in place.plain(await place.past(0, "plastics"))
    await place.answered("Ban them all.", "Only with help.", "Not at all.")
    await place.rated(6, 5, 7)
    assert QUESTION in place.plain(await place.past(1, "PLÁSTICS"))
    assert QUESTION not in place.plain(await place.past(1, "zeppelin"))


async def test_on_the_day_whoever_asked_is_asked_once_how_it_went(chat: ChatPlace) -> None:
    await settled(chat)
    day = (chat.ports.clock.now() + timedelta(days=2)).date()
    await chat.record_outcome(decided="No bags.", who="Ann", by=day.isoformat())
    d = await chat.load()
    assert d.decision is not None
    assert d.decision.ask_at is not None
    assert d.decision.ask_at.hour == ASKED_AT.hour
    await chat.work()
    assert not [told for told in chat.written_to(0) if "How did it go?" in told]
    for _ in range(2):
        over = d.decision.model_copy(update={"ask_at": chat.ports.clock.now()})
        await chat.ports.deliberations.save((await chat.load()).model_copy(update={"decision": over}))
        await chat.work()
    assert len([told for told in chat.written_to(0) if "How did it go?" in told]) == 1
