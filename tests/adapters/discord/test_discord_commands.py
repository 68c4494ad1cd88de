"""`/accord ask|close|extend|cancel` and the entry in a message's menu, as members meet them."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.discord.views.names import HOW
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, Phase
from bot.domain.ratings import RatingBy
from tests.discord_house import QUESTION, DiscordHouse
from tests.discord_server import Member

CALLBACK = "POST /interactions/{interaction}/{token}/callback"


async def told(house: DiscordHouse, member: Member, words: str, **options: object) -> str:
    """What a command is answered with."""
    used = await member.command(words, **options)
    await house.discord.until(lambda: used.message or used.failed, what="an answer")
    assert used.message is not None
    return used.message.shown


def next_ambiguous_day(now: datetime) -> date:
    """A day to come whose digits are another day's, read in the other order."""
    days = ((now + timedelta(days=ahead)).date() for ahead in range(2, 60))
    return next(day for day in days if day.day <= 12 and day.day != day.month)


async def test_a_question_is_asked_in_a_window(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        asked = await ann.command("accord ask", rated_by="poll")
        assert asked.modal is not None
        given = await ann.submit(asked.modal, {"question": "Tea or coffee?", "identity": "named"})
        await house.discord.until(lambda: given.message, what="an answer")
        await house.work()

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert d.question == "Tea or coffee?"
    assert d.terms.rating_by is RatingBy.POLL
    assert "Tea or coffee?" in house.card.shown


async def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        asked = await ann.command("accord ask", question="Tea or coffee?", deadline="yesterday")
        await house.discord.until(lambda: asked.message, what="an answer")
        assert asked.message is not None
        opened = await ann.press(asked.message, "Fix it")
        assert opened.modal is not None
        assert "Tea or coffee?" in str(opened.modal.given)
        given = await ann.submit(opened.modal, {"deadline": "in 3 hours"})
        await house.discord.until(lambda: given.message, what="an answer")
        await house.work()

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert d.closes_at is not None
    assert f"<t:{int(d.closes_at.timestamp())}:" in house.card.shown


async def test_each_sentence_about_an_option_says_which_one_it_is_about(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        refused = await told(house, ann, "accord ask", question="Why?", quorum=3, minimum=9, deadline="soon")

    assert "Opinions until: " in refused
    assert "Close early after this many answers: " in refused


@pytest.mark.parametrize("word", ["glass ", "*_* "], ids=["words", "marks"])
async def test_the_whole_background_is_shown(house: DiscordHouse, word: str) -> None:
    (ann,) = house.people(1)
    background = (word * CONTEXT_LIMIT)[: CONTEXT_LIMIT - 8] + "the end."
    question = ("Why? " * QUESTION_LIMIT)[:QUESTION_LIMIT]
    async with house.gateway():
        await house.ask(
            ann,
            question,
            background=background,
            position="*No* " * 99,
            identity="named",
            rated_by="poll",
            quorum=1_000,
        )

    assert background in house.card.shown.replace("\\", "")
    assert not house.discord.problems


async def test_a_message_becomes_a_question(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        said = await ann.say(house.room, "Where shall we meet?")
        opened = await ann.message_command("Find common ground", said)
        assert opened.modal is not None
        given = await ann.submit(opened.modal, {})
        await house.discord.until(lambda: given.message, what="an answer")

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert d.question == "Where shall we meet?"


async def test_a_message_becomes_a_question_as_it_was_seen(house: DiscordHouse) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        words = f"Where shall {ben.mention} sit at <t:1796040000:f>? <:chair:123> </accord ask:456> 1<2"
        said = await ann.say(house.room, words)
        opened = await ann.message_command("Find common ground", said)

    assert opened.modal is not None
    seen = f"Where shall @{ben.name} sit at 30 November 2026, 12:00 UTC? :chair: /accord ask 1<2"
    assert seen in str(opened.modal.given)


async def test_a_thread_for_discussion_is_opened_where_it_is_wanted(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        await house.ask(ann, thread=True)

    thread = house.card.thread
    assert thread is not None
    assert "Accord doesn't read" in thread.shown[-1].shown


async def test_nobody_is_notified_by_what_a_question_says(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        await house.ask(ann, question=f"Shall we, @everyone and {ann.mention}?", thread=True)

    assert not any(message.pings for message in house.own)


async def test_open_questions_are_offered_to_those_who_run_them(house: DiscordHouse) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        first = await house.ask(ann, question="Tea or coffee?")
        await house.ask(ann, question="Where shall we meet?")
        offered = await ann.autocomplete("accord close", "question", "tea")
        assert offered == [{"name": "Tea or coffee?", "value": first.id}]
        assert await ben.autocomplete("accord close", "question", "tea") == []
        assert "Several questions fit" in await told(house, ann, "accord close")
        assert "Only the person who asked" in await told(house, ben, "accord close", question=first.id)
        assert "Europe/Berlin" in str(await ann.autocomplete("accord ask", "zone", "berlin"))


async def test_a_deadline_is_moved_on_the_members_own_clock(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway() as gateway:
        d = await house.ask(ann)
        await told(house, ann, "accord extend", until="in 5 hours", zone="Europe/Berlin")
        moved = (await house.load(d)).closes_at
        assert moved is not None
        assert timedelta(hours=4.9) < moved - house.ports.clock.now() < timedelta(hours=5.1)
        assert await gateway.shared.people.zone(str(ann.id)) == "Europe/Berlin"
        # What is kept names nobody.


async def test_a_moved_end_of_the_vote_is_shown_on_the_statement(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], rated_by="buttons", quorum=2)
        for member in people:
            await house.opine(member, house.card, "Something")
        d = await house.until_phase(d, Phase.RATING)
        answered = await told(house, people[0], "accord extend", until="in 3 days")
        await house.work()
        until = (await house.load(d)).rating_closes_at
        assert until is not None
        assert f"open until <t:{int(until.timestamp())}:f>" in answered
        assert f"Rating is open until <t:{int(until.timestamp())}:f>" in house.card.shown


async def test_a_deadline_is_read_in_the_members_own_language_and_order(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    ann.person.locale = "de"
    day = next_ambiguous_day(datetime.now(UTC))
    async with house.gateway():
        d = await house.ask(ann, deadline="morgen um 17 Uhr", zone="Europe/Berlin")
        assert d.closes_at is not None
        assert d.closes_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 17
        await told(house, ann, "accord extend", until=f"{day:%d/%m/%Y} 17:00")
        moved = (await house.load(d)).closes_at

    assert moved is not None
    assert moved.date() == day


@pytest.mark.parametrize("command", ["accord ask", "accord extend"])
async def test_a_time_zone_that_there_is_not_is_refused_and_not_remembered(
    house: DiscordHouse, command: str
) -> None:
    (ann,) = house.people(1)
    options = {"question": "Tea?", "deadline": "tomorrow 5pm"} if "ask" in command else {"until": "tomorrow"}
    async with house.gateway() as gateway:
        await house.ask(ann, deadline="in 2 hours")
        refused = await told(house, ann, command, **options, zone="Mars/Base")
        assert await gateway.shared.people.zone(str(ann.id)) == "UTC"

    assert "I don't know that time zone. Write it like “Europe/Berlin”" in refused
    assert await house.notes.get(f"zone {ann.id}") is None


async def test_with_a_wrong_time_zone_nothing_that_was_typed_is_lost(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        asked = await ann.command("accord ask", question="Tea or coffee?", zone="Mars/Base")
        await house.discord.until(lambda: asked.message, what="an answer")
        assert asked.message is not None
        opened = await ann.press(asked.message, "Fix it")
        assert opened.modal is not None
        assert "Tea or coffee?" in str(opened.modal.given)


async def test_a_vote_is_not_extended_beyond_the_end_of_its_poll(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by="poll", rating_open="1", quorum=2)
        for member in people:
            await house.opine(member, house.card, "Something")
        d = await house.until_phase(d, Phase.RATING)
        refused = await told(house, people[0], "accord extend", until="in 9 hours")
        # The time is shown on the reader's own clock, as only Discord's own marks do it.
        assert re.search(r"The poll ends <t:\d+:f> \(<t:\d+:R>\), and", refused)


async def test_without_a_question_there_is_a_sentence(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        for word in ("close", "cancel"):
            answer = await told(house, ann, f"accord {word}")
            assert "There is no question of that kind" in answer
            assert " `/accord list` shows" in answer


async def test_a_button_that_is_not_known_any_more_says_what_to_use_instead(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = house.people(1)
    async with house.gateway() as gateway:
        await house.ask(ann)
        monkeypatch.delitem(gateway.routes.clicks, HOW)
        await ann.press(house.card, "How this works")
        await ann.is_told(". `/accord list` shows")


async def test_words_that_are_quoted_format_nothing(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        refused = await told(house, ann, "accord ask", question="Why?", deadline="`*soon*`")

    assert "*soon*" not in refused.replace("\\*", "")


@pytest.mark.parametrize("options", [{"identity": "anonymous", "rated_by": "poll"}])
async def test_an_anonymous_question_has_no_public_vote(house: DiscordHouse, options: dict[str, str]) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        assert "show who chose what" in await told(house, ann, "accord ask", question=QUESTION, **options)
