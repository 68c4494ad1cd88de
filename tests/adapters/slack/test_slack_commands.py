"""Slash commands, shortcuts, the tab, direct messages, reminders and the library."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.asking import askable
from adapters.slack.views import names
from bot.domain.deliberation import Phase
from bot.domain.library import Template
from bot.domain.ratings import Scale
from bot.domain.terms import Terms
from bot.wording import texts
from bot.wording.cards import ReminderNote
from tests.slack_house import SlackHouse, card

LATER = str(int((datetime.now(UTC) + timedelta(days=3)).timestamp()))


async def test_a_deadline_in_words_is_read_in_the_askers_time_zone(house: SlackHouse) -> None:
    ann = house.slack.user("ann", tz="Asia/Tokyo")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room, deadline="tomorrow 17:00")
        # The window first says that the question is being posted.
        await house.slack.until(lambda: ann.view is not None and "Opinions close <!date^" in ann.view.shown)

    assert d.closes_at is not None
    assert (d.closes_at.hour, d.closes_at.minute) == (8, 0)
    assert f"<!date^{int(d.closes_at.timestamp())}^" in card(room).shown


async def test_a_deadline_in_digits_is_read_in_the_askers_order(house: SlackHouse) -> None:
    days = ((datetime.now(UTC) + timedelta(days=ahead)).date() for ahead in range(2, 60))
    day = next(day for day in days if day.day <= 12 and day.day != day.month)
    ann = house.slack.user("ann", tz="Europe/London", locale="en-GB")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room, deadline=f"{day:%d/%m/%Y} 12:00")

    assert d.closes_at is not None
    assert d.closes_at.date() == day


async def test_a_question_is_opened_again_in_the_window_in_which_it_is_run(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room, minimum_opinions="2")
        drafting = await house.deliberations.save(d.closed(d.created_at))
        await ann.command("/accord reopen", room)
        await ann.is_told("A statement is being drafted")
        await house.deliberations.save(drafting.failed("Unreadable.", d.created_at).was_told())
        await ann.command("/accord list", room)
        listed = await ann.is_told(d.question)
        await ann.click(listed, names.MANAGE)
        window = await ann.sees_modal(names.MANAGE_VIEW)
        assert "Unreadable." in window.shown
        await ann.click(window, f"{names.DO}:reopen")
        asked = await ann.sees_modal(names.EXTEND_VIEW)
        assert texts.REOPENING_NOTE in asked.shown
        await ann.submit(asked, {"deadline": "in 3 hours"})
        await house.settled()
        await house.work()

    reopened = await house.load(d)
    assert (reopened.phase, reopened.failure) == (Phase.OPINIONS, None)
    assert ann.view is not None
    assert "open for opinions again" in ann.view.shown
    assert "Share your opinion" in card(room).shown


async def test_a_new_deadline_is_not_asked_for_again_when_it_is_asked_which_question(
    house: SlackHouse,
) -> None:
    (ann,) = house.people(1)
    room = house.slack.channel("general", ann)
    async with house.gateway():
        first = await house.ask(ann, room, "First?", deadline="in 2 hours")
        second = await house.ask(ann, room, "Second?", deadline="in 2 hours")
        await ann.command("/accord extend sometime", room)
        await ann.is_told("I don't understand that time")
        house.slack.first_team.ephemerals.clear()
        await ann.command("/accord extend in 5 hours", room)
        asked = await ann.is_told("Which question do you mean?")
        await ann.click(asked, names.EXTEND_TO)
        await ann.is_told("Deadline changed")

    moved = (await house.load(second)).closes_at
    assert moved is not None
    assert second.closes_at is not None
    assert timedelta(hours=2.9) < moved - second.closes_at < timedelta(hours=3.1)
    assert (await house.load(first)).closes_at == first.closes_at


async def test_what_cannot_be_used_is_said_at_its_field(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask Why?", room)
        view = await ann.sees_modal("ask")
        await ann.click(view, "more_settings")
        await house.slack.until(lambda: "quorum" in str(view.given))
        refused = await ann.submit(view, {"deadline": "sometime", "quorum": "many", "minimum_opinions": "1"})

    assert set(refused.errors) == {"deadline", "quorum", "minimum_opinions"}
    assert await house.deliberations.of_team(ann.team.id) == []


async def test_what_is_wrong_with_a_setting_that_is_folded_away_is_said_where_it_is_seen(
    house: SlackHouse,
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask Why?", room)
        view = await ann.sees_modal("ask")
        await ann.click(view, "more_settings")
        await house.slack.until(lambda: "quorum" in str(view.given))
        ann.fill(view, {"rating_by": "reactions"})
        await ann.click(view, "fewer_settings")
        await house.slack.until(lambda: "quorum" not in str(view.given["blocks"]))
        refused = await ann.submit(view, {"identity": "anonymous"})

    assert not refused.problem
    assert set(refused.errors) == {"question"}
    assert "It is rated by: Reactions and polls show who chose what" in refused.errors["question"]


async def test_what_was_typed_stays_when_more_settings_are_shown(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask", room)
        view = await ann.sees_modal("ask")
        ann.fill(view, {"question": "What I typed?", "identity": "named"})
        await ann.click(view, "more_settings")
        await house.slack.until(lambda: "quorum" in str(view.given))
        await ann.submit(view, {"rating_by": "buttons", "scale": "three", "welfare": "rawlsian"})
        await house.work()

    d = (await house.deliberations.of_team(ann.team.id))[0]
    assert d.question == "What I typed?"
    assert (d.terms.anonymous, str(d.terms.scale), str(d.terms.welfare.name)) == (False, "three", "rawlsian")


async def test_a_question_begins_from_a_message_in_a_thread(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        first, _ = await ann.say(room, "Meetings take too long.")
        reply, _ = await ann.say(
            room, "Should we <https://x.example|meet> less &amp; <!channel> agree?", thread=first
        )
        await ann.message_shortcut(reply, "find_common_ground")
        view = await ann.sees_modal("ask")
        await ann.submit(view)
        await house.work()

    d = (await house.deliberations.of_team(ann.team.id))[0]
    assert d.question == "Should we meet (https://x.example) less & @channel agree?"
    assert d.context == "Meetings take too long."


async def test_lists_results_status_help_and_exports(house: SlackHouse) -> None:
    people = house.people(3)
    stranger = house.slack.user("stranger")
    room, other = house.slack.channel("general", *people), house.slack.channel("other", stranger)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="3", identity="named", rating_by="buttons")
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        await house.until_phase(d, Phase.RATING)
        for member in (people[0], people[2]):
            await member.click(card(room), "rate:6")
        await people[1].command("/accord list", room)
        await people[1].is_told("3 members have answered")
        await people[1].command("/accord results", room)
        await people[1].is_told("when the vote closes")
        await people[1].click(card(room), "rate:6")
        await people[1].is_told("Agree")
        await people[1].command("/accord results", room)
        await people[1].is_told(f"Your own rating: {texts.rating_words(6)}")
        await people[1].command("/accord status", room)
        await people[1].is_told("answer")
        await people[1].command("/accord help", room)
        await people[1].is_told("forget-me")
        await people[1].command("/accord dance", room)
        await people[1].is_told("I don't know")
        await stranger.command("/accord list", other)
        assert "plastics" not in (await stranger.is_told("No question")).shown


async def test_the_results_of_every_question_are_reached_by_a_list_or_by_its_words(house: SlackHouse) -> None:
    people = house.people(2)
    room = house.slack.channel("general", *people)
    ann = people[0]
    async with house.gateway():
        for question in ("Tea or coffee?", "More plants?"):
            d = await house.ask(ann, room, question, quorum="2", identity="named", rating_by="buttons")
            for member in people:
                await house.opine(member, next(m for m in room.shown if question in m.shown), "Yes")
            await house.until_phase(d, Phase.RATING)
            await ann.command("/accord close", room)
            await ann.is_told("Close the vote anyway?")
            await ann.click(ann.ephemerals[-1], names.MANAGE)
            await ann.click(await ann.sees_modal(), "do:close-rating")
            await house.until_phase(d, Phase.SETTLED)
            while ann.views:
                await ann.close()
            ann.team.ephemerals.clear()
        await people[1].command("/accord results", room)
        asked = await people[1].is_told("Which question do you mean?")
        # The newest first; the list stays, so that the next is a click away.
        await people[1].click(asked, names.RESULTS)
        await people[1].is_told("Nobody rated the statement")
        assert "More plants?" in people[1].ephemerals[-1].shown
        assert "Which question" in people[1].ephemerals[0].shown
        people[1].team.ephemerals.clear()
        await people[1].command("/accord results TEA, coffee?", room)
        assert "Tea or coffee?" in (await people[1].is_told("Nobody rated the statement")).shown
        await people[1].command("/accord results beer", room)
        await people[1].is_told("There is no question of that kind")


async def test_how_many_have_answered_is_shown_without_flooding(house: SlackHouse) -> None:
    people = house.people(8)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        await house.ask(people[0], room)
        for member in people:
            await house.opine(member, card(room), "Yes")
        await house.slack.until(lambda: "8 members have answered" in card(room).shown)

    assert len(house.slack.calls("chat.update")) < 8


async def test_a_reminder_can_be_switched_off(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d = await house.ask(ann, room)
        await house.parts.platform.direct_message(d.team, ben.id, ReminderNote(d))
        reminder = await ben.is_told("You have not answered yet")
        await ben.click(reminder, "stop_reminders")
        await ben.is_told("won't be reminded")

    member = house.ports.pseudonyms.of_member(d.team, ben.id)
    assert await house.teams.wants_reminders(d.team, [member]) == [False]


async def test_a_direct_message_is_answered_once_and_the_bot_never_answers_itself(house: SlackHouse) -> None:
    house.slack.redelivery.every = True
    ann = house.slack.user("ann")
    async with house.gateway():
        await ann.dm("What are you?")
        await ann.is_told("I help a channel agree")
        await house.settled()

    assert len(ann.dms) == 1


async def test_a_direct_message_that_two_gateways_get_is_answered_once(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    async with house.gateway(), house.gateway():
        delivery = await ann.dm("What are you?")
        assert delivery is not None
        # Slack gives each copy to whichever of them it likes.
        await asyncio.gather(*(house.slack.post.again(delivery) for _ in range(4)))
        await ann.is_told("I help a channel agree")
        await house.settled()

    assert len(ann.dms) == 1


# -- the tab -------------------------------------------------------------------------------------


async def test_the_tab_shows_ones_own_channels_questions_only(house: SlackHouse) -> None:
    ann, eve = house.people(2)
    room = house.slack.channel("private", ann, kind="private")
    async with house.gateway():
        await house.ask(ann, room)
        for user in (ann, eve):
            await user.open_home()
            await house.slack.until(lambda user=user: user.home is not None)

    assert ann.home is not None
    assert "plastics" in ann.home.shown
    assert eve.home is not None
    assert "plastics" not in eve.home.shown
    assert "Team settings" not in eve.home.shown


async def test_admins_change_settings_and_see_who_did(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    ann = house.slack.user("ann")
    room = house.slack.channel("general", boss, ann)
    async with house.gateway():
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        await boss.click(boss.home, "team_settings")
        view = await boss.sees_modal("settings")
        saved = await boss.submit(view, {"who_may_ask": "admins", "retention_days": "30"})
        assert saved.acked
        assert not saved.errors
        await house.slack.until(lambda: boss.home and "after it ends: 90 → 30" in boss.home.shown)
        await ann.command("/accord ask Why?", room)
        assert "Only admins can ask" in (await ann.sees_modal("notice")).shown

    assert (await house.teams.team(boss.team.id)).retention_days == 30


async def test_the_library_is_filled_used_and_emptied(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    async with house.gateway():
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        await boss.click(boss.home, "library")
        shown = await boss.sees_modal("notice")
        await boss.click(shown, "import_questions")
        importing = await boss.sees_modal("import")
        refused = await boss.submit(importing, {"csv": "text\nWhy?"})
        assert "first line" in refused.errors["csv"]
        await boss.submit(importing, {"csv": 'question,context\n"Why, then?",Because\nHow?,'})
        assert "2 questions" in (await boss.sees_modal("notice")).shown
        await boss.close()
        await boss.click(boss.view, "new_template")
        template = await boss.sees_modal("template")
        await boss.submit(template, {"name": "Retro", "question": "What shall we change?"})
        await boss.close()
        await boss.click(boss.view, "new_schedule")
        schedule = await boss.sees_modal("schedule")
        wrong = await boss.submit(schedule, {"what": "0", "channel": room.id})
        assert "Pick one time" in wrong.errors["once"]
        saved = await boss.submit(
            schedule, {"what": "0", "channel": room.id, "weekday": "1", "time": "09:30"}
        )
        assert not saved.errors

    library = house.ports.library
    team = boss.team.id
    assert [q.question for q in await library.bank(team)] == ["Why, then?", "How?"]
    assert [t.name for t in await library.templates(team)] == ["Retro"]
    kept = (await library.schedules(team))[0]
    assert kept.template == "Retro"
    assert kept.weekly is not None
    assert kept.weekly.zone == "Europe/Berlin"


@pytest.mark.parametrize("word", ["ask", "list", "close", "results", "status", "help", "forget-me"])
async def test_every_command_is_acknowledged_at_once_however_slow_slack_is(
    house: SlackHouse, word: str
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    house.slack.redelivery.ack_within_s = 1.0
    async with house.gateway():
        house.slack.faults.slow("users.info", 2.0)
        house.slack.faults.slow("conversations.members", 2.0)
        delivery = await ann.command(f"/accord {word}", room)

    assert delivery.acked


async def test_a_channel_that_cannot_be_read_any_more_is_shown_to_none_of_its_strangers(
    house: SlackHouse,
) -> None:
    ann, eve = house.people(2)
    room = house.slack.channel("private", ann, kind="private")
    async with house.gateway():
        await house.ask(ann, room)
    async with house.gateway():
        house.slack.faults.fail("conversations.members", "channel_not_found", times=9)
        for user in (ann, eve):
            await user.open_home()
            await house.slack.until(lambda user=user: user.home is not None)

    assert ann.home is not None
    assert "plastics" in ann.home.shown
    assert eve.home is not None
    assert "plastics" not in eve.home.shown


async def test_a_question_is_asked_from_a_template_with_its_terms(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    terms = Terms(minimum_opinions=5, anonymous=False, scale=Scale.THREE)
    template = Template(name="Retro", question="What shall we change?", context="This sprint.", terms=terms)
    await house.ports.library.put_template(boss.team.id, template)
    async with house.gateway():
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        await boss.click(boss.home, "ask_from_template")
        view = await boss.sees_modal("ask")
        submitted = await boss.submit(view, {"channel": room.id})
        assert not submitted.errors
        await house.work()
        d = (await house.deliberations.of_team(boss.team.id))[0]

        assert (d.question, d.context) == ("What shall we change?", "This sprint.")
        assert (d.terms.minimum_opinions, d.terms.anonymous, d.terms.scale) == (5, False, Scale.THREE)

        await house.ports.library.remove_template(boss.team.id, "Retro")
        while boss.views:
            await boss.close()
        await boss.click(boss.home, "ask_from_template")
        assert "template is gone" in (await boss.sees_modal("notice")).shown


async def test_a_schedule_is_acknowledged_and_kept_however_slow_slack_is(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    async with house.gateway() as gateway:
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        await boss.click(boss.home, "library")
        await boss.click(await boss.sees_modal("notice"), "new_schedule")
        view = await boss.sees_modal("schedule")
        gateway.parts.people.forget(boss.team.id, boss.id)
        house.slack.faults.slow("users.info", 4.0)
        saved = await boss.submit(view, {"channel": room.id, "weekday": "1", "time": "09:30"})
        assert saved.acked
        assert len(saved.attempts) == 1
        assert "being saved" in boss.view.shown
        await house.slack.until(lambda: boss.view and "being saved" not in boss.view.shown)

    kept = await house.ports.library.schedules(boss.team.id)
    assert [schedule.weekly.zone for schedule in kept if schedule.weekly] == ["Europe/Berlin"]


@pytest.mark.parametrize(("channel", "asked"), [("C1", "C1"), ("G1", "G1"), ("D1", ""), ("", "")])
def test_a_question_is_never_asked_in_a_direct_message(channel: str, asked: str) -> None:
    assert askable(channel) == asked


async def test_in_a_group_conversation_the_refusal_names_the_cause(house: SlackHouse) -> None:
    people = house.people(3)
    group, _ = house.slack.direct(house.slack.first_team, *(member.id for member in people))
    async with house.gateway():
        await people[0].command("/accord ask Why?", group)
        await people[0].is_told("Ask in a channel")
        message, _ = await people[1].say(group, "Why?")
        await people[0].message_shortcut(message, "find_common_ground")
        window = await people[0].sees_modal("notice")

    assert "Ask in a channel" in window.shown


async def test_a_question_is_changed_asked_again_and_reminded_of_from_its_window(house: SlackHouse) -> None:
    ann, bob, cem = (house.slack.user(name) for name in ("ann", "bob", "cem"))
    room = house.slack.channel("general", ann, bob, cem)
    async with house.gateway():
        d = await house.ask(ann, room, identity="named", minimum_opinions="3")
        await ann.command("/accord change", room)
        window = await ann.sees_modal(names.CHANGE_VIEW)
        # Bob begins to write to the words as they were.
        await bob.click(card(room), names.SHARE)
        old = await bob.sees_modal(names.OPINION_VIEW)
        await ann.submit(window, {"question": "Ban plastic bags?", "context": ""})
        await house.slack.until(lambda: ann.view is not None and "Question changed." in ann.view.shown)
        await house.work()
        assert "Ban plastic bags?" in card(room).shown
        refused = await bob.submit(old, {"opinion": "Yes."})
        assert "has changed since you opened it" in refused.errors["opinion"]
        await bob.click(card(room), names.SHARE)
        await house.settled()
        await bob.submit(await bob.sees_modal(names.OPINION_VIEW), {"opinion": "Yes."})
        await house.settled()
        await ann.command("/accord change", room)
        await house.slack.until(lambda: ann.view is not None and "has answered already" in ann.view.shown)
        await ann.command("/accord who", room)
        told = await ann.is_told("1 of 3 members have answered.")
        assert "Answered: bob" in told.shown
        assert f"<@{cem.id}>" in told.shown
        await ann.command("/accord list", room)
        await ann.click(await ann.is_told("Ban plastic bags?"), names.MANAGE)
        window = await ann.sees_modal(names.MANAGE_VIEW)
        assert "Change the question" not in window.shown
        await ann.click(window, f"{names.DO}:who")
        await house.slack.until(lambda: ann.view is not None and "1 of 3 members" in ann.view.shown)
        await ann.command("/accord remind", room)
        await ann.is_told("once every 6 hours")
        await house.work()
        await house.work()
        assert [["not answered yet" in dm.shown for dm in each.dms] for each in (bob, cem)] == [[], [True]]
        await ann.command("/accord again", room)
        again = await ann.sees_modal(names.ASK_VIEW)
        await ann.submit(again, {"question": "Ban plastic bottles?"})
        await house.settled()
        await house.work()
    newest, first = await house.deliberations.of_team(d.team)
    assert (newest.question, first.question) == ("Ban plastic bottles?", "Ban plastic bags?")
    assert newest.terms == first.terms
