"""Settings in Discord: one's own for everybody, the server's for admins; no window changes what it hides."""

from datetime import timedelta

import pytest

from adapters.discord import interaction
from adapters.discord.views.settings import PARTS
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import Defaults, Team, WhoMayAsk
from bot.wording import buttons, texts
from bot.wording.confirmations import stopping_learning
from bot.wording.emoji import STANDARD_ONLY, own_scale
from engine.types import WelfareFunction, WelfareName
from tests.adapters.discord.test_discord_lists import answer, asked
from tests.discord_house import DiscordHouse
from tests.discord_server import CannotDoError, Interaction, Member, Message, Modal


async def opened(boss: Member, part: str, settings: Message | None = None) -> Modal:
    """One of the windows, as an admin opens it."""
    shown = settings or await asked(boss, "accord settings")
    await boss.press(shown, PARTS[part])
    return await boss.sees_modal(PARTS[part])


async def saved(boss: Member, part: str, **values: object) -> Interaction:
    """Change one window's inputs and submit it."""
    done = await boss.submit(await opened(boss, part), values)
    await boss.server.until(lambda: done.failed or done.answered, what="an answer")
    assert not done.failed
    return done


def ids(count: int) -> frozenset[str]:
    """Ids that nothing here has: what was chosen once may be gone."""
    return frozenset(str(10**17 + number) for number in range(count))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "usual",
    [
        Defaults(rating_period=timedelta(hours=5), closes_after=timedelta(minutes=25)),
        Defaults(closes_after=None, quorum=100_000, minimum_opinions=10_000),
        Defaults(welfare=WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.3456789)),
        Defaults(anonymous=False, rating_by=RatingBy.POLL, results_shown=ResultsShown.ALWAYS),
        Defaults(scale=Scale.THREE, emoji=own_scale("🔴 🟡 🟢", STANDARD_ONLY)),
        # A window says yes and no for its own part alone.
        Defaults(points=True),
    ],
    ids=["odd periods", "large numbers", "alpha", "named", "emoji", "points"],
)
async def test_each_of_the_five_windows_that_is_saved_as_it_opened_changes_nothing(
    house: DiscordHouse, usual: Defaults, part: str
) -> None:
    boss = house.discord.owner()
    team = Team(id=str(boss.guild.id), who_may_ask=WhoMayAsk.LISTED, retention_days=3650, defaults=usual)
    before = await house.teams.save_team(team)
    async with house.gateway():
        await saved(boss, part)

    assert await house.teams.team(team.id) == before
    assert await house.teams.settings_changes(team.id) == []
    assert not house.discord.problems


async def test_settings_are_changed_logged_and_shown(any_house: DiscordHouse) -> None:
    house = any_house
    boss, ann = house.discord.owner(), house.people(1)[0]
    helpers, lurkers = house.discord.role("helpers"), house.discord.role("lurkers")
    team = str(boss.guild.id)
    async with house.gateway():
        await saved(
            boss,
            "who",
            who_may_ask="listed",
            may_ask_users=[ann],
            admin_roles=[helpers],
            channels=[house.room],
        )
        await saved(boss, "questions", closes_after="0.5", identity="named", quorum="7")
        await saved(boss, "scale", scale="three")
        await saved(boss, "rating", welfare="isoelastic", alpha="3", rating_by="poll", rating_hours="72")
        await saved(
            boss, "keeping", excluded_roles=[lurkers], retention_days="30", switches=["keep_feedback"]
        )
        shown = await asked(boss, "accord settings")

    kept = await house.teams.team(team)
    assert kept.who_may_ask is WhoMayAsk.LISTED
    assert kept.may_ask_users == {str(ann.id)}
    assert kept.admin_roles == {str(helpers.id)}
    assert kept.channels == {str(house.room.id)}
    assert kept.excluded_roles == {str(lurkers.id)}
    assert (kept.retention_days, kept.keep_feedback, kept.reminders) == (30, True, False)
    usual = kept.defaults
    assert (usual.closes_after, usual.quorum) == (timedelta(minutes=30), 7)
    assert usual.scale is Scale.THREE
    assert usual.welfare == WelfareFunction(name=WelfareName.ISOELASTIC, alpha=3.0)
    assert (usual.anonymous, usual.rating_by) == (False, RatingBy.POLL)
    assert usual.rating_period == timedelta(days=3)
    assert len(await house.teams.settings_changes(team)) == 5
    assert "Days to keep a question after it ends: 90 → 30" in shown.shown
    assert "The chosen statement is: As set by alpha\n" in shown.shown
    assert "Inequality aversion (alpha): 3\n" in shown.shown.replace("\\", "")
    assert not house.discord.problems


async def test_a_servers_own_emoji_stand_on_its_scale_until_it_has_another(house: DiscordHouse) -> None:
    boss, ann = house.discord.owner(), house.people(1)[0]
    team = str(boss.guild.id)
    async with house.gateway():
        done = await saved(boss, "scale", scale="own", emoji="🔴 🟡 🟢")
        assert done.message is not None
        assert "Your own emoji for the points: 🔴 🟡 🟢" in done.message.shown
        await saved(boss, "questions", quorum="9")
        d = await house.ask(ann)
        wrong = await saved(boss, "scale", scale="own", emoji="🔴 🟡")
        assert wrong.message is not None
        assert "Your own emoji for the points: Write three or seven emoji" in wrong.message.shown
        await saved(boss, "scale", scale="seven")

    assert [level.emoji for level in d.terms.levels] == ["🔴", "🟡", "🟢"]
    assert (await house.teams.team(team)).defaults.emoji == ()
    assert not house.discord.problems


async def test_a_wrong_input_is_named_nothing_is_saved_and_the_way_back_is_there(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    team = str(boss.guild.id)
    async with house.gateway():
        done = await saved(boss, "questions", minimum_opinions="1", quorum="lots")
        assert done.message is not None
        assert "Nothing was saved." in done.message.shown
        assert "Fewest opinions for a statement: Enter a number" in done.message.shown
        await boss.press(done.message, "Open it again")
        again = await boss.sees_modal(PARTS["questions"])
        assert not (await boss.submit(again, {"minimum_opinions": "3"})).failed

    assert (await house.teams.team(team)).defaults.minimum_opinions == 3


async def test_public_rating_is_refused_where_opinions_are_anonymous(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        done = await saved(boss, "rating", rating_by="poll")
        assert done.message is not None

    assert "Reactions and polls show who chose what" in done.message.shown
    assert (await house.teams.team(str(boss.guild.id))).defaults.rating_by is None


async def test_who_is_not_shown_in_a_long_list_stays(any_house: DiscordHouse) -> None:
    house = any_house
    boss = house.discord.owner()
    many = ids(40)
    await house.teams.save_team(Team(id=str(boss.guild.id), may_ask_users=many))
    async with house.gateway():
        window = await opened(boss, "who")
        assert "15 more are chosen" in str(window.given)
        await boss.submit(window, {"may_ask_users": []})

    assert (await house.teams.team(str(boss.guild.id))).may_ask_users == frozenset(sorted(many)[25:])


async def test_a_chosen_role_is_an_admins_and_nobody_else_is(house: DiscordHouse) -> None:
    role = house.discord.role("stewards")
    ann, bob = house.discord.member("ann", roles=(role,)), house.discord.member("bob")
    team = str(ann.guild.id)
    await house.teams.save_team(Team(id=team, admin_roles=frozenset({str(role.id)})))
    async with house.gateway():
        window = await opened(ann, "keeping")
        assert not (await ann.submit(window, {"retention_days": "10"})).failed
        theirs = await asked(bob, "accord settings")
        with pytest.raises(CannotDoError):
            await bob.press(theirs, PARTS["keeping"])
        # Whoever was an admin when they opened their settings may be none when they use them.
        shown = await asked(ann, "accord settings")
        house.discord.delete_role(ann.guild, role)
        refused = await answer(ann, await ann.press(shown, PARTS["keeping"]))

    assert (await house.teams.team(team)).retention_days == 10
    assert "Only a team admin" in refused.shown


async def test_everybody_says_for_themselves_whether_to_be_reminded_and_learnt_from(
    any_house: DiscordHouse,
) -> None:
    house = any_house
    ann = house.people(1)[0]
    team = str(ann.guild.id)
    member = house.ports.pseudonyms.of_member(team, str(ann.id))
    async with house.gateway():
        shown = await asked(ann, "accord settings")
        assert "You are reminded" in shown.shown
        for button in ("Stop reminding me", buttons.STOP_LEARNING, stopping_learning().yes):
            assert not (await ann.press(shown, button)).failed
        assert texts.LEARNING_OFF.split(";")[0] in shown.shown
        assert await house.teams.wants_reminders(team, [member]) == [False]
        assert not (await ann.press(shown, "Remind me again")).failed

    assert await house.teams.wants_reminders(team, [member]) == [True]


async def test_an_old_button_that_let_accord_learn_deletes_nothing(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        await asked(ann, "accord settings")
        told = await answer(ann, await ann.forge_press(house.room, "accord:own:learning:on"))
    assert "older version" in told.shown
    assert texts.LEARNING_OFF not in told.shown


async def test_what_is_asked_before_deleting_sooner_can_be_left_as_it_is(house: DiscordHouse) -> None:
    boss, ann = house.discord.owner(), house.people(1)[0]
    async with house.gateway():
        await house.ask(ann)
        done = await saved(boss, "keeping", retention_days="7")
        assert done.message is not None
        assert "will be deleted sooner" in done.message.shown
        await boss.press(done.message, buttons.KEEP_AS_IT_IS)
        await boss.server.until(lambda: "You are reminded" in done.message.shown, what="the settings")
    assert "sooner" not in done.message.shown
    assert (await house.teams.team(str(boss.guild.id))).retention_days == 90


async def test_what_missing_permissions_prevent_is_said_when_the_setting_is_made(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    quiet = house.discord.channel("quiet")
    house.discord.deny(quiet, "send_polls", "create_public_threads")
    async with house.gateway():
        await saved(boss, "questions", identity="named")
        done = await saved(boss, "who", channels=[house.room, quiet])
        assert done.message is not None
        assert "Create Polls" not in done.message.shown
        assert "Create Public Threads (to open a thread for discussion)" in done.message.shown
        done = await saved(boss, "rating", rating_by="poll")
        assert done.message is not None

    assert f"Create Polls (to post the poll people rate with): <#{quiet.id}>\n" in done.message.shown


async def test_a_hidden_history_is_said_in_the_settings_whatever_is_rated_by(house: DiscordHouse) -> None:
    house.discord.deny(house.room, "read_message_history")
    async with house.gateway():
        shown = await asked(house.discord.owner(), "accord settings")

    assert "Read Message History (to reply to the statement" in shown.shown


async def test_long_settings_fit_into_their_answer(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    team = Team(
        id=str(boss.guild.id),
        may_ask_users=ids(300),
        may_ask_roles=ids(300),
        admin_roles=ids(300),
        channels=ids(400) | {str(house.discord.channel(f"room{n}").id) for n in range(30)},
        excluded_roles=ids(300),
    )
    await house.teams.save_team(team)
    house.discord.deny(boss.guild, "send_messages", "create_public_threads", "attach_files", "embed_links")
    async with house.gateway():
        shown = await asked(boss, "accord settings")

    assert "and 290 more" in shown.shown
    assert "and 25 more" in shown.shown
    assert not house.discord.problems


async def test_an_answer_that_takes_longer_than_discord_waits_comes_all_the_same(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = house.discord.owner()

    async def never(task: object, patience_s: float = 0) -> bool:
        return False

    async with house.gateway():
        shown = await asked(boss, "accord settings")
        window = await opened(boss, "keeping", shown)
        monkeypatch.setattr(interaction, "in_time", never)
        done = await boss.submit(window, {"retention_days": "30"})
        await house.discord.until(lambda: texts.TEAM_CHANGED in shown.shown, what="the settings")

    assert not done.failed
    assert "Days to keep a question after it ends: 30" in shown.shown


async def test_the_last_changes_are_told_in_the_words_of_the_windows(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        await saved(boss, "rating", rating_by="buttons")
        await saved(boss, "questions", identity="named", quorum="9", retry_hours="1", minimum_opinions="3")
        shown = (await asked(boss, "accord settings")).shown

    assert "It is rated by: Whatever fits → Private buttons" in shown
    # Two fit; no label is cut in the middle.
    assert "Opinions are: Anonymous → Named; " in shown
    assert "defaults" not in shown


async def test_nobody_is_named_as_who_may_ask_while_everybody_may(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        assert "These people may ask" not in (await asked(boss, "accord settings")).shown
        await saved(boss, "who", who_may_ask="listed")
        assert "These people may ask: nobody" in (await asked(boss, "accord settings")).shown


async def test_a_window_that_is_delivered_twice_changes_the_settings_once(house: DiscordHouse) -> None:
    house.discord.gateway.twice = True
    boss = house.discord.owner()
    async with house.gateway():
        done = await saved(boss, "keeping", retention_days="30")
        assert done.message is not None

    assert len(await house.teams.settings_changes(str(boss.guild.id))) == 1
    assert (await house.teams.team(str(boss.guild.id))).retention_days == 30
    assert texts.TEAM_CHANGED_MEANWHILE not in done.message.shown


async def test_buttons_of_old_settings_work_after_a_restart(house: DiscordHouse) -> None:
    boss = house.discord.owner()
    async with house.gateway():
        shown = await asked(boss, "accord settings")
    async with house.gateway():
        window = await opened(boss, "keeping", shown)
    async with house.gateway():
        assert not (await boss.submit(window, {"retention_days": "7"})).failed
        await house.discord.until(
            lambda: "Days to keep a question after it ends: 7" in shown.shown, what="the settings"
        )
