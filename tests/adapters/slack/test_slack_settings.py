"""The team's settings in Slack: a window changes only what it shows, and no admin undoes another."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import StoreError
from bot.domain.ratings import ResultsShown
from bot.domain.team import Defaults, Team, WhoMayAsk
from bot.service.health import beat
from bot.wording import texts
from bot.wording.cards import ReminderNote
from engine.types import WelfareFunction, WelfareName
from tests.slack_house import SlackHouse, card
from tests.slack_server import User, View

PEOPLE = frozenset(f"U{number:03}" for number in range(137))
ROOMS = frozenset(f"C{number:03}" for number in range(104))


async def settings(boss: User) -> View:
    """The window, as an admin opens it."""
    await boss.command("/accord settings", boss.server.channel(f"room of {boss.name}", boss))
    return await boss.sees_modal("settings")


@pytest.mark.parametrize(
    "usual",
    [
        Defaults(rating_period=timedelta(hours=5), closes_after=timedelta(minutes=25)),
        Defaults(rating_period=timedelta(seconds=90), closes_after=timedelta(minutes=1, seconds=1)),
        Defaults(closes_after=None, quorum=100_000, minimum_opinions=10_000),
        Defaults(welfare=WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.3456789)),
        Defaults(anonymous=False, results_shown=ResultsShown.ALWAYS, reminder_before=None),
    ],
    ids=["odd periods", "tiny periods", "large numbers", "alpha", "named"],
)
async def test_a_window_whose_pickers_have_no_room_for_everybody_saved_as_it_opened_changes_nothing(
    house: SlackHouse, usual: Defaults
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    team = Team(
        id=boss.team.id,
        who_may_ask=WhoMayAsk.LISTED,
        may_ask_users=PEOPLE,
        channels=ROOMS,
        admin_roles=frozenset({"r1"}),
        retention_days=3650,
        defaults=usual,
    )
    before = await house.teams.save_team(team)
    async with house.gateway():
        saved = await boss.submit(await settings(boss))
        assert saved.acked
        assert not saved.errors

    assert await house.teams.team(boss.team.id) == before
    assert await house.teams.settings_changes(boss.team.id) == []


async def test_the_tab_tells_changes_in_the_words_of_the_window(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("quiet", boss)
    async with house.gateway():
        await boss.submit(await settings(boss), {"rating_by": "buttons", "channels": [room.id]})
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)

    assert boss.home is not None
    assert f"In these channels: all → <#{room.id}>" in boss.home.shown
    assert "It is rated by: Whatever fits → Private buttons" in boss.home.shown
    assert "defaults" not in boss.home.shown


async def test_who_is_taken_out_of_a_long_list_is_out_and_all_others_stay(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    await house.teams.save_team(Team(id=boss.team.id, may_ask_users=PEOPLE))
    async with house.gateway():
        view = await settings(boss)
        assert "37 more are chosen" in view.shown
        kept = sorted(PEOPLE)[1:100]
        await boss.submit(view, {"may_ask_users": kept})

    assert (await house.teams.team(boss.team.id)).may_ask_users == PEOPLE - {"U000"}


async def test_a_second_copy_of_the_window_asks_the_same_again(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    async with house.gateway():
        room = house.slack.channel("room", boss)
        await house.ask(boss, room)
        house.slack.redelivery.every = house.slack.redelivery.interactions_too = True
        sent = await boss.submit(await settings(boss), {"retention_days": "7", "who_may_ask": "admins"})
        await house.settled()
        first, copy = sent.attempts
        assert copy.response == first.response
        assert boss.view is not None
        for told in (texts.OTHERS_SAVED, "1 question will be deleted sooner"):
            assert told in boss.view.shown
        await boss.click(boss.view, "keep_for_less_time")
        await house.settled()

    team = await house.teams.team(boss.team.id)
    assert (team.retention_days, team.who_may_ask) == (7, WhoMayAsk.ADMINS)
    assert len(await house.teams.settings_changes(boss.team.id)) == 2


async def test_whoever_is_no_admin_any_more_changes_nothing(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    async with house.gateway() as gateway:
        view = await settings(boss)
        boss.person.is_admin = False
        gateway.parts.people.forget(boss.team.id, boss.id)
        refused = await boss.submit(view, {"retention_days": "30"})
        assert "Only a team admin" in refused.errors["who_may_ask"]
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        assert "team_settings" not in str(boss.home and boss.home.given)

    assert await house.teams.team(boss.team.id) == Team(id=boss.team.id)
    assert await house.teams.settings_changes(boss.team.id) == []


async def test_alpha_and_parts_of_hours_are_set_in_slack(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    async with house.gateway():
        view = await settings(boss)
        wrong = await boss.submit(view, {"welfare": "isoelastic", "alpha": "-1", "closes_after": "soon"})
        assert set(wrong.errors) == {"alpha", "closes_after"}
        assert not (await boss.submit(view, {"alpha": "2.5", "closes_after": "0.5"})).errors
        await boss.close()
        room = house.slack.channel("general", boss)
        asked = await house.ask(boss, room)
        other = await house.ask(boss, room, "Another one?", welfare="isoelastic", alpha="0.25")

    usual = (await house.teams.team(boss.team.id)).defaults
    assert usual.closes_after == timedelta(minutes=30)
    assert usual.welfare == WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.5)
    assert asked.terms.welfare == usual.welfare
    assert other.terms.welfare.alpha == 0.25


async def test_an_odd_rating_period_is_also_kept_when_a_question_is_asked(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    usual = Defaults(rating_period=timedelta(hours=5))
    await house.teams.save_team(Team(id=boss.team.id, defaults=usual))
    async with house.gateway():
        d = await house.ask(boss, house.slack.channel("general", boss), minimum_opinions="3")

    assert d.terms.rating_period == timedelta(hours=5)


async def test_whoever_cannot_be_heard_about_reminders_is_told_so(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d = await house.ask(ann, room)
        await house.parts.platform.direct_message(d.team, ben.id, ReminderNote(d))
        reminder = await ben.is_told("You have not answered yet")
        monkeypatch.setattr(house.teams, "set_reminders", _Away().set_reminders)
        await ben.click(reminder, "stop_reminders")
        await ben.is_told("cannot reach its database")
    assert "Should we ban" in card(room).shown


class _Away:
    """A store that does not answer."""

    def __getattr__(self, name: str) -> object:
        async def away(*given: object, **more: object) -> None:
            raise StoreError("It does not answer.")

        return away


# -- the connection's health ---------------------------------------------------------------------


async def test_admins_see_in_sentences_what_is_alive_and_what_is_missing(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    for token in house.slack.state.tokens.values():
        token.scopes.discard("files:write")

    async def told(*words: str) -> None:
        if boss.home is None:
            await boss.open_home()
        else:
            await boss.click(boss.home, "refresh_home")
        await house.slack.until(
            lambda: boss.home and all(w in boss.home.shown for w in words), what=str(words)
        )

    async with house.gateway():
        await told(
            "Socket Mode",
            "No worker is running",
            "files:write (exports come as text, and results without a picture)",
            "nothing is waiting",
        )
        # It has no address for HTTP mode, and needs none.
        assert boss.home is not None
        assert "HTTP mode" not in boss.home.shown
        await beat("a worker", house.ports)
        await told("One worker is running")
        await boss.command("/accord status", house.slack.channel("general", boss))
        shown = (await boss.is_told("Slack answers")).shown
        assert "One worker is running" in shown
        assert "files:write" in shown


async def test_the_tab_says_so_when_the_database_is_away(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    monkeypatch.setattr(house.deliberations, "of_team", _Away().of_team)
    async with house.gateway():
        await boss.open_home()
        await house.slack.until(lambda: boss.home and "cannot reach its database" in boss.home.shown)
        monkeypatch.undo()
        assert boss.home is not None
        await boss.click(boss.home, "refresh_home")
        await house.slack.until(lambda: boss.home and "Open" in boss.home.shown)


async def test_what_is_open_is_on_the_tab_however_many_questions_came_after_it(house: SlackHouse) -> None:
    ann, stranger = house.people(2)
    room = house.slack.channel("general", ann)
    now = datetime.now(UTC)

    async def kept(number: int, question: str, phase: Phase) -> None:
        await house.deliberations.add(
            Deliberation(
                id=f"d{number}",
                team=ann.team.id,
                platform="slack",
                channel=room.id,
                facilitator="USOMEBODY",
                question=question,
                created_at=now + timedelta(seconds=number),
                phase=phase,
                ended_at=now if phase is Phase.CANCELLED else None,
            )
        )

    await kept(0, "The old one that is open?", Phase.OPINIONS)
    for number in range(1, 130):
        await kept(number, f"Past {number}?", Phase.CANCELLED)
    async with house.gateway():
        for person in (ann, stranger):
            await person.open_home()
        await house.slack.until(lambda: ann.home and stranger.home)

    assert ann.home is not None
    assert "The old one that is open?" in ann.home.shown
    assert "Past 129?" in ann.home.shown
    assert "And 110 more" in ann.home.shown
    assert stranger.home is not None
    assert "old one" not in stranger.home.shown
    assert "more" not in stranger.home.shown


async def test_the_window_offers_no_setting_that_does_nothing(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    async with house.gateway():
        view = await settings(boss)

    pickers = [block["element"] for block in view.blocks if block.get("element", {}).get("options")]
    choices = [each for each in pickers if each["type"] in ("static_select", "radio_buttons")]
    assert choices
    assert all(len(each["options"]) > 1 for each in choices)


async def test_a_jury_from_the_settings_can_be_asked_with_and_a_wrong_line_is_told_at_its_field(
    house: SlackHouse,
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("quiet", boss)
    lines = {"attributes": "Team: support, sales", "juries": "All alike = Team: support 3, legal 3"}
    async with house.gateway():
        view = await settings(boss)
        refused = await boss.submit(view, lines)
        await boss.submit(boss.view, {"juries": "All alike = Team: support 3, sales 3"})
        await boss.command("/accord ask", room)
        await boss.click(await boss.sees_modal("ask"), "more_settings")
        view = await boss.sees_modal("ask")
        await boss.submit(view, {"question": "Who calls?", "jury": "All alike"})
        await house.work()

    assert "“legal”" in refused.errors["juries"]
    (d,) = await house.deliberations.of_team(boss.team.id)
    assert d.terms.jury is not None
    assert d.terms.jury.seats == {"support": 3, "sales": 3}
    assert [each.label for each in d.terms.attributes] == ["Team"]
