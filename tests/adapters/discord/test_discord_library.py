"""Asking again in Discord: templates, the question bank with its CSV file, schedules."""

from datetime import UTC, datetime, time, timedelta

import pytest

from adapters.discord.views.library import library_message, schedule_kept
from bot.chat.removing import SCHEDULES
from bot.domain.library import IMPORT_LIMIT, BankQuestion, Schedule, Template, Weekly
from bot.service.queries import LibraryView
from bot.wording import texts
from bot.worker.schedules import post_due_schedules
from tests.adapters.discord.test_discord_lists import PINGS, asked
from tests.discord_house import DiscordHouse
from tests.discord_server import Member, Upload


async def filled(boss: Member, **typed: str) -> None:
    """The template's window, filled in and submitted."""
    await boss.press(await asked(boss, "accord library"), "New template")
    done = await boss.submit(await boss.sees_modal("Question template"), typed)
    await boss.server.until(lambda: done.answered or done.failed, what="an answer")
    assert not done.failed


async def test_a_template_is_kept_asked_and_taken_out(any_house: DiscordHouse) -> None:
    house = any_house
    boss = house.discord.owner()
    team = str(boss.guild.id)
    async with house.gateway():
        await filled(boss, name="Retro", question="What went well?", closes_after="48")
        kept = await house.ports.library.templates(team)
        assert [(t.name, t.closes_after) for t in kept] == [("Retro", timedelta(days=2))]
        offered = await boss.autocomplete("accord ask", "template", "ret")
        asking = await boss.command("accord ask", template="Retro")
        assert asking.modal is not None
        assert "What went well?" in str(asking.modal.given)
        shown = await asked(boss, "accord library")
        await boss.choose(shown, "accord:drop:templates", "Retro")
        await house.discord.until(lambda: "Remove the template" in shown.shown, what="whether it shall be")
        assert await house.ports.library.templates(team) == kept
        await boss.press(shown, "Remove it")
        await house.discord.until(lambda: "Nothing yet." in shown.shown, what="the empty shelf")
        assert "What went well?" in shown.shown

    assert [choice["value"] for choice in offered] == ["Retro"]
    assert await house.ports.library.templates(team) == []
    assert not house.discord.problems


async def test_a_long_template_that_is_taken_out_is_given_back_whole(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    long = Template(name="Retro", question="What went *well*? " * 20, context="_Much_ to read. " * 120)
    await house.ports.library.put_template(str(boss.guild.id), long)
    async with house.gateway():
        shown = await asked(boss, "accord library")
        await boss.choose(shown, "accord:drop:templates", "Retro")
        await house.discord.until(lambda: "Remove the template" in shown.shown, what="whether it shall be")
        await boss.press(shown, "Remove it")
        await house.discord.until(lambda: "Nothing yet." in shown.shown, what="the empty shelf")

    (file,) = shown.attachments
    assert file.text == texts.removed(texts.TEMPLATE_REMOVED, long.question, long.context)
    assert not house.discord.problems


async def test_a_template_that_cannot_be_kept_loses_nothing_that_was_typed(any_house: DiscordHouse) -> None:
    house = any_house
    boss = house.discord.owner()
    async with house.gateway():
        await filled(boss, name="Retro", question="What went well?", closes_after="many")
        told = await boss.is_told("Enter a number")
        await boss.press(told, "Fix it")
        window = await boss.sees_modal("Question template")
        assert "What went well?" in str(window.given)
        await boss.submit(window, {"closes_after": "12"})
        await boss.is_told(texts.TEMPLATE_KEPT)

    assert [t.question for t in await house.ports.library.templates(str(boss.guild.id))] == [
        "What went well?"
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"question,context\nMeet less?,Nine hours a week.\nMore plants?\n", texts.imported(2)),
        ("\ufeffquestion\nMeet less? äöü\n".encode(), texts.imported(1)),
        (b"question\nGr\xfc\xdfe?\n", "isn't text in UTF-8"),
        (b"PK\x03\x04\x00\xff\xfe", "isn't text in UTF-8"),
        (b"asked\nWhy?\n", "first line must name the columns"),
        (b'question\n"open\n', "a quotation mark is never closed"),
        (b"question\nSame?\nSame?\n", "Line 3: The same question is on line 2."),
        (b"question\n" + b"x" * (4 * IMPORT_LIMIT), "too large"),
        (b"question\n" + b"@everyone " * 200, "Line 2:"),
        (b"", "first line must name the columns"),
    ],
    ids=["good", "mark", "latin-1", "archive", "columns", "quote", "double", "large", "long", "empty"],
)
async def test_a_file_is_imported_whole_or_a_sentence_says_why_not(
    house: DiscordHouse, data: bytes, told: str
) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        answer = await asked(boss, "accord import", file=Upload("bank.csv", data))

    assert told in answer.shown.replace("\\", "")
    kept = await house.ports.library.bank(str(boss.guild.id))
    assert bool(kept) is (told in (texts.imported(1), texts.imported(2)))
    assert not house.discord.problems


async def test_all_of_this_is_for_admins_only(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    file = Upload("bank.csv", b"question\nWhy?\n")
    async with house.gateway():
        for words, options in (
            ("library", {}),
            ("import", {"file": file}),
            ("schedule", {"at": "in 3 hours"}),
        ):
            refused = await asked(ann, f"accord {words}", **options)
            assert "Only a team admin" in refused.shown, words

    assert await house.ports.library.bank(str(ann.guild.id)) == []
    assert await house.ports.library.schedules(str(ann.guild.id)) == []


async def test_schedules_post_once_or_every_week(any_house: DiscordHouse) -> None:
    house = any_house
    boss = house.discord.owner()
    team = str(boss.guild.id)
    quiet = house.discord.channel("quiet")
    house.discord.deny(quiet, "send_messages")
    hidden = house.discord.channel("hidden")
    house.discord.deny(hidden, "view_channel")
    await house.ports.library.put_template(team, Template(name="Retro", question="What went well?"))
    async with house.gateway():
        once = await asked(boss, "accord schedule", at="in 3 hours", template="Retro", hours=6)
        weekly = await asked(
            boss, "accord schedule", at="9:30", weekday="Friday", channel=quiet, zone="Europe/Berlin"
        )
        unseen = await asked(boss, "accord schedule", at="in 3 hours", channel=hidden)
        shelf = await asked(boss, "accord library")
        await boss.press(shelf, "Schedules")
        await house.discord.until(lambda: "every Friday 09:30" in shelf.shown, what="the schedules")

    assert texts.SCHEDULED_POSTS in once.shown
    assert "Send Messages (to post the question)" in weekly.shown
    assert "View Channel (to see the channel)" in unseen.shown
    kept = await house.ports.library.schedules(team)
    single = next(each for each in kept if each.once and each.template)
    every = next(each for each in kept if each.weekly)
    assert every.open_for is None
    assert (single.template, single.open_for, single.channel) == (
        "Retro",
        timedelta(hours=6),
        str(house.room.id),
    )
    assert every.weekly is not None
    assert (every.weekly.weekday, f"{every.weekly.at:%H:%M}", every.weekly.zone) == (
        4,
        "09:30",
        "Europe/Berlin",
    )
    assert (every.template, every.channel) == (None, str(quiet.id))


@pytest.mark.parametrize(
    ("said", "at"),
    [("9am", "09:00"), ("9.30", "09:30"), ("noon", "12:00"), ("17h", "17:00"), ("17 Uhr", "17:00")],
)
async def test_a_time_of_day_is_written_as_in_a_deadline(house: DiscordHouse, said: str, at: str) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        await asked(boss, "accord schedule", at=said, weekday="Friday")

    (every,) = await house.ports.library.schedules(str(boss.guild.id))
    assert every.weekly is not None
    assert f"{every.weekly.at:%H:%M}" == at


def test_an_hour_that_the_clocks_skip_is_told_where_a_schedule_is_confirmed_and_listed() -> None:
    weekly = Weekly(weekday=6, at=time(2, 30), zone="Europe/Berlin")
    every = Schedule(id="s", team="1", platform="discord", channel="2", by="3", weekly=weekly)
    spring = every.begun(datetime(2027, 3, 27, tzinfo=UTC))
    later = spring.done(datetime(2027, 3, 28, 12, tzinfo=UTC))
    for made, told in ((spring, True), (later, False)):
        confirmed = schedule_kept(texts.SCHEDULED_POSTS, made).content
        listed = str(library_message(SCHEDULES, 0, LibraryView([], [made], [])).embeds[0].description)
        for shown in (confirmed, listed):
            assert (
                "There is no 02:30 that day, because the clocks go forward, so it posts at 03:30." in shown
            ) is told


@pytest.mark.parametrize("hours", [None, 6])
async def test_a_schedule_lasts_as_it_says_or_else_as_its_template_does(
    house: DiscordHouse, hours: int | None
) -> None:
    boss = house.discord.owner()
    team = str(boss.guild.id)
    kept = Template(name="Retro", question="What went well?", closes_after=timedelta(hours=48))
    await house.ports.library.put_template(team, kept)
    async with house.gateway():
        given = {} if hours is None else {"hours": hours}
        await asked(boss, "accord schedule", at="in 3 hours", template="Retro", **given)
        await come_due(house, team)
        await house.work()

    (d,) = await house.deliberations.of_team(team)
    assert d.closes_at is not None
    assert abs(d.closes_at - d.created_at - timedelta(hours=hours or 48)) < timedelta(minutes=1)


async def test_whoever_made_a_schedule_is_told_once_that_its_template_is_gone(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    team = str(boss.guild.id)
    await house.ports.library.put_template(team, Template(name="Retro", question="What went well?"))
    async with house.gateway():
        await asked(boss, "accord schedule", at="09:30", weekday="Friday", template="Retro")
        await house.ports.library.remove_template(team, "Retro")
        await come_due(house, team)
        await come_due(house, team)
        shelf = await asked(boss, "accord library")
        await boss.press(shelf, "Schedules")
        await house.discord.until(lambda: "Its template is gone" in shelf.shown, what="the schedules")

    told = [note.shown for note in boss.dms if "posted nothing" in note.shown]
    assert len(told) == 1
    assert "Your schedule for “Retro”" in told[0]
    assert "Its template is gone" in told[0]


async def come_due(house: DiscordHouse, team: str) -> None:
    """As if the only schedule's time had come."""
    (schedule,) = await house.ports.library.schedules(team)
    now = house.ports.clock.now()
    await house.ports.library.save_schedule(schedule.model_copy(update={"next_at": now}))
    assert await post_due_schedules(house.ports) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"at": "9:30 or so", "weekday": "Monday"}, "such as 09:30"),
        ({"at": "9", "weekday": "Monday"}, "such as 09:30"),
        ({"at": "25:00", "weekday": "Monday"}, "There is no such time of day"),
        ({"at": "in 3 hours", "template": "Nothing"}, "This template is gone"),
        ({"at": "when pigs fly"}, ""),
        ({"at": "9999-12-31 12:00"}, "more than a year away"),
        ({"at": "09:30", "weekday": "Monday", "zone": "Mars/Base"}, "Write it like “Europe/Berlin”"),
    ],
    ids=["words", "bare", "hour", "template", "never", "far", "zone"],
)
async def test_a_schedule_that_cannot_be_is_refused_with_a_sentence(
    house: DiscordHouse, options: dict[str, str], told: str
) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        answer = await asked(boss, "accord schedule", **options)

    assert told in answer.shown
    assert answer.shown
    assert texts.UNEXPECTED not in answer.shown
    assert await house.ports.library.schedules(str(boss.guild.id)) == []


async def test_a_time_zone_that_was_kept_and_is_none_breaks_no_schedule(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    await house.notes.put(f"zone {boss.id}", "Mars/Base", for_s=60)
    async with house.gateway():
        answer = await asked(boss, "accord schedule", at="09:30", weekday="Monday")

    assert texts.SCHEDULED_POSTS in answer.shown
    (every,) = await house.ports.library.schedules(str(boss.guild.id))
    assert every.weekly is not None
    assert every.weekly.zone == "UTC"


async def test_a_long_bank_is_read_page_by_page(any_house: DiscordHouse) -> None:
    house = any_house
    boss = house.discord.owner()
    team = str(boss.guild.id)
    now = datetime.now(UTC)
    bank = [BankQuestion.of(f"{n:03} {PINGS}".ljust(500, "*"), "", now, n) for n in range(65)]
    await house.ports.library.add_to_bank(team, bank)
    async with house.gateway():
        shelf = await asked(boss, "accord library")
        await boss.press(shelf, "Question bank")
        await house.discord.until(lambda: "1–10 of 65" in shelf.shown, what="the first page")
        for _ in range(6):
            before = shelf.shown
            await boss.press(shelf, "More")
            await house.discord.until(lambda: shelf.shown != before, what="another page")  # noqa: B023
        assert "61–65 of 65" in shelf.shown
        await boss.choose(shelf, "accord:drop:bank", bank[64].id)
        await house.discord.until(lambda: "out of the bank?" in shelf.shown, what="whether it shall be")
        await boss.press(shelf, "Keep it")
        await house.discord.until(lambda: "1–10 of 65" in shelf.shown, what="the first page")
        await boss.choose(shelf, "accord:drop:bank", bank[0].id)
        await house.discord.until(lambda: "out of the bank?" in shelf.shown, what="whether it shall be")
        await boss.press(shelf, "Remove it")
        await house.discord.until(lambda: "of 64" in shelf.shown, what="one less")

    assert "@everyone" not in str(shelf.embeds)
    assert not shelf.pings
    assert not house.discord.problems
