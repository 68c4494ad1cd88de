"""Slack's channels are closed to those who are not in them: to ask in, to look into, to be reminded of."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.views import names
from bot.domain.actors import NOT_IN_CHANNEL
from bot.domain.errors import UnknownDeliberationError
from bot.domain.library import Schedule, Template
from bot.wording import texts
from bot.worker.schedules import post_due_schedules
from tests.slack_house import QUESTION, SlackHouse, card
from tests.slack_server import Channel, User

UNKNOWN = str(UnknownDeliberationError())


@pytest.fixture
def people(house: SlackHouse) -> tuple[User, User]:
    """Ann, who is in every channel here, and Eve, who is not."""
    return house.slack.user("ann"), house.slack.user("eve")


async def asks_in(house: SlackHouse, user: User, room: Channel) -> str:
    """Choose a channel in the window that the app's tab opens; what is wrong with that."""
    await user.shortcut(names.GLOBAL_SHORTCUT)
    submitted = await user.submit(await user.sees_modal("ask"), {"question": QUESTION, "channel": room.id})
    await house.settled()
    await house.work()
    return " ".join((submitted.errors or {}).values())


# -- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_nobody_asks_in_a_channel_that_they_are_not_in(
    house: SlackHouse, people: tuple[User, User], kind: str
) -> None:
    ann, eve = people
    room = house.slack.channel("inner", ann, kind=kind)
    async with house.gateway():
        assert await asks_in(house, eve, room) == texts.NOT_IN_CHANNEL
        assert not room.shown
        while eve.views:
            await eve.close()
        assert await asks_in(house, ann, room) == ""

    assert QUESTION in card(room).shown


async def test_who_is_not_in_a_channel_does_not_learn_what_hinders_us_there(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, eve = people
    room = house.slack.channel("inner", ann, kind="private")
    async with house.gateway():
        await house.slack.archive(room, ann)
        assert await asks_in(house, eve, room) == texts.NOT_IN_CHANNEL
        assert "archived" in await asks_in(house, ann, room)


async def test_a_window_that_says_another_channel_than_it_was_opened_in_posts_nothing(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, eve = people
    lobby = house.slack.channel("lobby", ann, eve)
    room = house.slack.channel("inner", ann, kind="private")
    async with house.gateway():
        await eve.command(f"/accord ask {QUESTION}", lobby)
        forged = await eve.forge_submit(await eve.sees_modal("ask"), {"channel": room.id}, {})
        await eve.close()
        said, _ = await eve.say(lobby, QUESTION)
        await eve.message_shortcut(said, names.MESSAGE_SHORTCUT)
        from_message = await eve.forge_submit(await eve.sees_modal("ask"), {"channel": room.id}, {})
        await house.settled()
        await house.work()

    for submitted in (forged, from_message):
        assert texts.NOT_IN_CHANNEL in (submitted.errors or {}).values()
    assert not room.shown
    assert await house.deliberations.of_team(eve.team.id) == []


async def test_while_slack_does_not_say_who_is_in_a_channel_nothing_is_posted_there(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, _ = people
    room = house.slack.channel("inner", ann)
    async with house.gateway():
        house.slack.faults.fail("conversations.members", "internal_error", times=9)
        assert texts.CHANNEL_UNCHECKED.removeprefix("{why}") in await asks_in(house, ann, room)
        assert not room.shown


async def test_a_limit_on_who_is_in_a_channel_is_waited_for(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, _ = people
    room = house.slack.channel("inner", ann)
    async with house.gateway():
        house.slack.faults.limit("conversations.members", retry_after_s=1)
        assert await asks_in(house, ann, room) == ""
        await house.slack.until(lambda: ann.view and texts.POSTED in ann.view.shown)
        await house.settled()
        await house.work()

    assert QUESTION in card(room).shown


# -- schedules -----------------------------------------------------------------------------------


async def test_no_admin_makes_a_schedule_for_a_channel_that_they_are_not_in(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, _ = people
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("inner", ann, kind="private")
    await house.ports.library.put_template(boss.team.id, Template(name="Retro", question=QUESTION))
    async with house.gateway():
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        assert boss.home is not None
        await boss.click(boss.home, names.LIBRARY)
        await boss.click(await boss.sees_modal("notice"), names.NEW_SCHEDULE)
        view = await boss.sees_modal("schedule")
        chosen = {"channel": room.id, "what": "0", "weekday": "1", "time": "09:30"}
        submitted = await boss.submit(view, chosen)
        await house.settled()

    assert texts.NOT_IN_CHANNEL in (submitted.errors or {}).values()
    assert await house.ports.library.schedules(boss.team.id) == []


async def test_a_schedule_stops_at_a_channel_that_its_maker_has_left_and_says_why(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, _ = people
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("inner", ann, boss, kind="private")
    await house.ports.library.put_template(boss.team.id, Template(name="Retro", question=QUESTION))
    now = datetime.now(UTC)
    schedule = Schedule(
        id="s1",
        team=boss.team.id,
        platform="slack",
        channel=room.id,
        by=boss.id,
        template="Retro",
        once=now - timedelta(seconds=1),
        weekly=None,
        closes_after=timedelta(hours=1),
    )
    await house.ports.library.save_schedule(schedule.begun(now - timedelta(minutes=1)))
    async with house.gateway():
        await boss.leave(room)
        assert await post_due_schedules(house.ports) == 1
        await house.work()

    assert not room.shown
    (kept,) = await house.ports.library.schedules(boss.team.id)
    assert kept.problem == texts.NOT_IN_CHANNEL


# -- looking -------------------------------------------------------------------------------------


async def test_the_apps_tab_shows_nothing_of_a_channel_that_was_deleted(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, eve = people
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("inner", ann, eve, kind="private")
    async with house.gateway():
        await house.ask(ann, room)
    house.slack.delete_channel(room)
    async with house.gateway():
        house.parts.people._channels.forget_all()
        for user in (eve, boss):
            await user.open_home()
            await house.slack.until(lambda user=user: user.home is not None)
            assert user.home is not None
            assert QUESTION not in user.home.shown


async def test_whoever_was_taken_out_of_a_channel_sees_no_more_of_it_after_a_moment(
    house: SlackHouse, people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, eve = people
    room = house.slack.channel("inner", ann, eve, kind="private")
    may_see = house.parts.platform.may_see
    assert await may_see(ann.team.id, room.id, eve.id)
    await eve.leave(room)
    monkeypatch.setattr("adapters.slack.people.CHANNEL_FRESH_S", 0.0)
    assert not await may_see(ann.team.id, room.id, eve.id)
    await eve.join(room)
    assert await may_see(ann.team.id, room.id, eve.id)


async def test_whoever_joined_a_moment_ago_is_not_refused_by_an_older_list(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, eve = people
    room = house.slack.channel("inner", ann, kind="private")
    may_see = house.parts.platform.may_see
    assert not await may_see(ann.team.id, room.id, eve.id)
    await eve.join(room)
    assert await may_see(ann.team.id, room.id, eve.id)


async def test_whoever_has_not_joined_a_public_channel_learns_before_writing_who_takes_part(
    house: SlackHouse, people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, eve = people
    room = house.slack.channel("open", ann)
    monkeypatch.setattr("adapters.slack.people.CHANNEL_RECHECK_S", 0.0)
    async with house.gateway():
        d = await house.ask(ann, room)
        await eve.click(card(room), "share_opinion")
        view = await eve.sees_modal()
        await house.settled()
        assert NOT_IN_CHANNEL in view.shown
        assert not any(block["type"] == "input" for block in view.blocks)
        while eve.views:
            await eve.close()
        await eve.join(room)
        await house.opine(eve, card(room), "Ban them.")

    assert len(await house.contributions.opinions(d.id)) == 1


# -- Slack Connect -------------------------------------------------------------------------------


async def test_people_of_another_workspace_see_the_channel_that_is_shared_and_no_other(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, _ = people
    partner = house.slack.guest_from(house.slack.team("Partners"), "partner")
    shared = house.slack.channel("shared", ann, partner)
    inner = house.slack.channel("inner", ann, kind="private")
    async with house.gateway():
        d = await house.ask(ann, inner)
        await house.ask(ann, shared, "Tea or coffee?")
        await house.opine(partner, card(shared), "Tea.")
        for action in ("how_this_works", "share_opinion"):
            await partner.forge_click(card(shared), action, d.id)
            assert UNKNOWN in (await partner.sees_modal()).shown
            await partner.close()
        await partner.click(card(shared), "share_opinion")
        view = await partner.sees_modal("opinion")
        forged = await partner.forge_submit(view, {"id": d.id}, {"opinion": "Me too."})

    assert (forged.errors or {}) == {"opinion": UNKNOWN}
    assert await house.contributions.opinions(d.id) == []


async def test_many_who_ask_at_once_cost_slack_one_look_at_the_channel(
    house: SlackHouse, people: tuple[User, User]
) -> None:
    ann, eve = people
    room = house.slack.channel("inner", ann, kind="private")
    may_see, team = house.parts.platform.may_see, ann.team.id
    seen = await asyncio.gather(*(may_see(team, room.id, user.id) for user in (ann, eve) * 50))
    assert seen == [True, False] * 50
    assert len(house.slack.calls("conversations.members")) == 1


@pytest.mark.parametrize("action", [names.FORGET, names.EXTEND_TO, names.EXPORT, names.RESULTS])
async def test_a_click_that_nobody_can_have_made_leaves_the_card_as_it_is(
    house: SlackHouse, action: str
) -> None:
    ann, eve = house.people(2)
    room = house.slack.channel("general", ann, eve)
    async with house.gateway():
        d = await house.ask(ann, room)
        before = (card(room).shown, card(room).versions)
        value = f"{d.id} {int(time.time()) + 3_600}" if action == names.EXTEND_TO else d.id
        await eve.forge_click(card(room), action, value)
        await house.slack.until(lambda: eve.ephemerals, what="an answer")
        await house.settled()

    assert (card(room).shown, card(room).versions) == before
    assert len(eve.ephemerals) == 1
