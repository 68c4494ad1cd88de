"""A page or a window that was opened before something changed: it does nothing wrong, and says so."""

import html
import json
import logging

import pytest

from adapters.slack.views import names
from bot.domain.deliberation import DEADLINE_CHANGED, NOT_CANCELLED, Phase
from bot.wording import answers, texts
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import ChatPlace, Place
from tests.web_house import Person

OVER = "The vote on this question is closed."


async def send(place: WebPlace, form: tuple[Person, str, dict[str, str]]) -> str:
    """Send what a page from before has; what is said of it."""
    sender, action, fields = form
    return place.plain(await sender.send(action, fields))


async def test_forms_from_before_the_statement_was_out(on_web: WebPlace) -> None:
    place = on_web
    await place.ask()
    await place.opine(1, "Mine.")
    opinion = place.sent
    await place.opine(2, "Another.")
    await place.extend(5)
    deadline = place.sent
    await place.runs()
    cancel = await place.cancel()
    withdraw = await place.withdraw_opinion(2)
    await place.close()
    closing = place.sent
    await place.work()
    voting, kept = await place.load(), await place.kept()
    assert voting.phase is Phase.RATING
    assert texts.OPINION_KEPT_AND_CLOSED in await send(place, opinion)
    person, action, fields = opinion
    told = await send(place, (person, action, {**fields, "opinion": "Something <else>."}))
    assert "you can no longer give or change an opinion" in told
    assert "Something <else>." in html.unescape(place.people[1].page)
    assert "you can no longer give or change an opinion" in place.plain(await withdraw.yes())
    assert texts.ALREADY_CLOSED in await send(place, closing)
    assert DEADLINE_CHANGED in await send(place, deadline)
    assert NOT_CANCELLED[Phase.RATING] in place.plain(await cancel.yes())
    assert (await place.load(), await place.kept()) == (voting, kept)


async def test_forms_from_before_the_vote_was_over(on_web: WebPlace) -> None:
    place = on_web
    await place.ask(ask_quality=True)
    await place.answered("Mine.", "Another.")
    await place.rate(1, 6)
    rating = place.sent
    await place.press_quality(1, 3)
    quality = place.sent
    await place.extend(5)
    deadline = place.sent
    cancel, withdraw = await place.cancel(), await place.withdraw_rating(1)
    await (await place.close_vote()).yes()
    closing = place.sent
    await place.work()
    over, kept = await place.load(), await place.kept()
    assert over.phase is Phase.SETTLED
    person, action, fields = rating
    assert OVER in await send(place, (person, action, {**fields, "rating": "1"}))
    person, action, fields = quality
    assert OVER in await send(place, (person, action, {**fields, "quality": "7"}))
    assert OVER in place.plain(await withdraw.yes())
    assert "its deadline can't be moved" in await send(place, deadline)
    assert texts.SETTLED in await send(place, closing)
    assert "is settled, so that can't be done now" in place.plain(await cancel.yes())
    assert (await place.load(), await place.kept()) == (over, kept)


async def test_a_vote_with_too_few_ratings_since_one_was_taken_back_is_not_closed_from_an_old_page(
    on_web: WebPlace,
) -> None:
    place = on_web
    await place.ask()
    await place.answered("Mine.", "Another.")
    for person in (1, 2, 3):
        await place.rate(person, 6)
    assert (
        'name="sure"' not in (await place.runs()).partition("/manage/close-rating")[2].partition("</form>")[0]
    )
    await (await place.withdraw_rating(1)).yes()
    told = await place.asker.send(f"/d/{place.id}/manage/close-rating", {"csrf": place.asker.csrf})
    assert texts.few_have_rated(2, 3) in place.plain(told)
    assert (await place.load()).phase is Phase.RATING


async def test_nor_is_it_closed_from_an_old_window(on_slack: SlackPlace) -> None:
    place = on_slack
    await place.ask()
    await place.answered("Mine.", "Another.")
    for person in (1, 2, 3):
        await place.rate(person, 6)
    asker, button = place.people[0], f"{names.DO}:close-rating"
    await asker.command("/accord list", place.room)
    await asker.click(await asker.is_told("Manage"), names.MANAGE)
    window = await asker.sees_modal(names.MANAGE_VIEW)
    await (await place.withdraw_rating(1)).yes()
    await asker.click(window, button)
    await place.house.settled()
    asks = await asker.sees_modal(names.MANAGE_VIEW)
    assert texts.few_have_rated(2, 3) in place.plain(asks.shown)
    assert (await place.load()).phase is Phase.RATING
    await asker.click(asks, button)
    await place.house.settled()
    assert (await place.load()).phase is Phase.SETTLED


async def test_settings_from_an_old_page_undo_nothing_and_sent_twice_are_changed_once(
    on_web: WebPlace,
) -> None:
    place, teams = on_web, on_web.ports.teams
    await place.ask()
    old = await place.settings(120)
    assert texts.TEAM_CHANGED in place.plain(await (await place.settings(150)).yes())
    sent = place.sent
    changes = await teams.settings_changes(place.team)
    assert texts.TEAM_CHANGED_MEANWHILE in place.plain(await old.yes())
    assert texts.TEAM_CHANGED in await send(place, sent)
    assert (await teams.team(place.team)).retention_days == 150
    assert await teams.settings_changes(place.team) == changes
    await (await place.settings(200)).yes()
    assert texts.TEAM_CHANGED_MEANWHILE in await send(place, sent)
    assert (await teams.team(place.team)).retention_days == 200


async def test_of_two_admins_who_save_at_once_the_second_is_told_and_undoes_nothing(place: Place) -> None:
    teams = place.ports.teams
    await place.ask()
    first, second = await place.settings(150), await place.settings(200)
    assert texts.TEAM_CHANGED in place.plain(await first.yes())
    assert texts.TEAM_CHANGED_MEANWHILE in place.plain(await second.yes())
    assert (await teams.team(place.team)).retention_days == 150
    await (await place.settings(200)).yes()
    assert (await teams.team(place.team)).retention_days == 200


async def test_what_was_cancelled_stays_so_whatever_old_page_is_sent(on_web: WebPlace) -> None:
    place = on_web
    await place.ask()
    await place.opine(1, "Mine.")
    await place.opine(2, "Another.")
    await place.extend(5)
    deadline = place.sent
    cancel = await place.cancel()
    assert texts.CANCELLED in place.plain(await cancel.yes())
    await place.work()
    over = await place.load()
    assert texts.CANCELLED in place.plain(await cancel.yes())
    assert "its deadline can't be moved" in await send(place, deadline)
    assert texts.CANCELLED_BY_PERSON in place.plain(
        await place.asker.send(f"/d/{place.id}/manage/close", {"csrf": place.asker.csrf})
    )
    assert await place.load() == over


async def test_an_old_page_withdraws_nothing_twice_and_says_what_is_true(on_web: WebPlace) -> None:
    place = on_web
    await place.ask()
    await place.opine(1, "Mine.")
    first, old = await place.withdraw_opinion(1), await place.withdraw_opinion(1)
    shown = place.plain(await first.yes())
    assert texts.OPINION_WITHDRAWN in shown
    assert texts.IN_THE_BOX in shown
    shown = place.plain(await old.yes())
    assert texts.NO_OPINION in shown
    assert texts.OPINION_WITHDRAWN not in shown
    await place.answered("Yes.", "No.")
    await place.rate(1, 6)
    first, old = await place.withdraw_rating(1), await place.withdraw_rating(1)
    assert texts.RATING_WITHDRAWN in place.plain(await first.yes())
    shown = place.plain(await old.yes())
    assert texts.NO_RATING in shown
    assert texts.RATING_WITHDRAWN not in shown


async def test_a_form_that_is_sent_twice_is_told_the_same_as_the_first_time(on_web: WebPlace) -> None:
    place = on_web
    await place.ask()
    await place.opine(1, "Mine.")
    withdraw = await place.withdraw_opinion(1)
    for _ in range(2):
        assert texts.OPINION_WITHDRAWN in place.plain(await withdraw.yes())
    await place.answered("Yes.", "No.")
    await place.rate(1, 6)
    withdraw = await place.withdraw_rating(1)
    for _ in range(2):
        assert texts.RATING_WITHDRAWN in place.plain(await withdraw.yes())


# What no button of this version is called: of older versions, or of somebody's own making.
UNKNOWN = {
    "SlackPlace": (
        ("do:frown", "{id}"),
        ("do:close", "{id}"),  # on a message, where only a window has it
        ("more_settings", ""),
        ("settle_now", "{id}"),
        ("rated:5", "{id}"),
    ),
    "DiscordPlace": (
        ("accord:step:{id}:frown",),
        ("accord:step:{id}",),
        ("accord:result-link:{id}:frown",),
        ("accord:settings:frown",),
        ("accord:settings",),
        ("accord:drop:frown", "a name"),
        ("accord:drop-sure:1:frown",),
        ("accord:drop-sure",),
        ("accord:own:learning:frown",),
        ("accord:frown:{id}",),
    ),
}


async def test_a_button_that_there_is_not_does_nothing_and_says_what_to_do(
    chat: ChatPlace, caplog: pytest.LogCaptureFixture
) -> None:
    await chat.ask()
    await chat.answered("Mine.", "Another.")
    boss = chat.boss()
    before = (await chat.load(), await chat.kept(), await chat.ports.teams.team(chat.team))
    for button, *chosen in UNKNOWN[type(chat).__name__]:
        pressed = [each.format(id=chat.id) for each in (button, *chosen)]
        assert answers.OLD_BUTTON in await chat.presses(boss, *pressed), button
    assert (await chat.load(), await chat.kept(), await chat.ports.teams.team(chat.team)) == before
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_window_about_what_it_never_was_about_fails_nothing(
    on_slack: SlackPlace, caplog: pytest.LogCaptureFixture
) -> None:
    place = on_slack
    await place.ask()
    boss = place.people[place.boss()]
    await boss.command("/accord ask", place.room)
    window = await boss.sees_modal(names.ASK_VIEW)
    for about in ({"folded": {"quorum": 5, "scale": "frown"}}, {"folded": [1]}, [], 5):
        window.given["private_metadata"] = json.dumps(about)
        await boss.click(window, names.MORE if names.MORE in str(window.blocks) else names.LESS)
        await place.house.settled()
        # Drawn anew: as it does not say that it was unfolded, it is unfolded now.
        assert json.loads(window.given["private_metadata"])["advanced"], about
    window.given["private_metadata"] = json.dumps({"channel": place.room.id, "folded": [1]})
    await boss.submit(window, {"question": "Tea?", "channel": place.room.id})
    assert texts.POSTED in window.shown
    window = await place.in_library(names.NEW_SCHEDULE, names.SCHEDULE_VIEW)
    window.given["private_metadata"] = json.dumps({"names": 5})
    given = {"channel": place.room.id, "weekday": "1", "time": "09:30"}
    await place.people[-1].submit(window, given)
    assert texts.SCHEDULED_POSTS in window.shown
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []
