"""The loopback Discord's gateway, with the unmodified discord.py in front."""

import asyncio
from datetime import timedelta

import discord
import pytest

from tests.bell import PATIENCE_S
from tests.discord_client import Bot
from tests.discord_server import Channel, DiscordServer, Message

REACTIONS = ("raw_reaction_add", "raw_reaction_remove")


@pytest.fixture
def room(discord_server: DiscordServer) -> Channel:
    return discord_server.first_channel()


@pytest.fixture
async def card(bot: Bot, room: Channel) -> Message:
    await bot.text_channel().send("card")
    return room.shown[0]


async def heard(bot: Bot, count: int, *events: str) -> list[object]:
    """Wait for so many of these events."""
    await bot.server.until(lambda: len(bot.told(*events)) >= count, what=f"{count} of {events}")
    return bot.told(*events)


async def test_a_client_learns_of_its_guilds(discord_server: DiscordServer, bot: Bot) -> None:
    guild = bot.get_guild(discord_server.first_guild.id)
    assert guild is not None
    assert (guild.name, guild.me.id, guild.member_count) == ("Assembly", discord_server.state.bot.id, 2)
    assert guild.me.guild_permissions.send_polls
    new = discord_server.guild("Second")
    await heard(bot, 1, "guild_join")
    discord_server.remove_bot(new)
    await heard(bot, 1, "guild_remove")


async def test_reactions_and_votes_are_told_raw(
    discord_server: DiscordServer, bot: Bot, card: Message, room: Channel
) -> None:
    ann = discord_server.member("ann")
    assert await ann.react(card, "👍") == 1
    await ann.unreact(card, "👍")
    added, removed = await heard(bot, 2, *REACTIONS)
    assert isinstance(added, discord.RawReactionActionEvent)
    assert (added.user_id, added.message_id, str(added.emoji)) == (ann.id, card.id, "👍")
    assert isinstance(removed, discord.RawReactionActionEvent)
    assert removed.event_type == "REACTION_REMOVE"
    made = discord.Poll(question="?", duration=timedelta(hours=1))
    await bot.text_channel().send(poll=made.add_answer(text="yes").add_answer(text="no"))
    await ann.vote(room.shown[-1], "no")
    await ann.unvote(room.shown[-1], "no")
    votes = await heard(bot, 2, "raw_poll_vote_add", "raw_poll_vote_remove")
    assert [vote.answer_id for vote in votes] == [2, 2]  # type: ignore[attr-defined]


async def test_other_peoples_words_are_not_told_without_the_intent(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    ann = discord_server.member("ann")
    await ann.say(room, "a secret")
    await ann.say(room, f"<@{discord_server.state.bot.id}> hello")
    told = await heard(bot, 2, "message")
    assert [message.content for message in told] == ["", f"<@{discord_server.state.bot.id}> hello"]  # type: ignore[attr-defined]


async def test_what_the_bot_cannot_see_it_does_not_hear(
    discord_server: DiscordServer, bot: Bot, card: Message
) -> None:
    ann = discord_server.member("ann")
    discord_server.deny(card.channel, "view_channel")
    assert await ann.react(card, "👍") == 0


async def test_members_come_and_go_unheard_without_the_intent(
    discord_server: DiscordServer, bot: Bot, card: Message
) -> None:
    ann = discord_server.member("ann")
    await ann.react(card, "👍")
    ann.leave()
    await ann.join().unreact(card, "👍")
    await heard(bot, 2, *REACTIONS)
    assert not bot.told("raw_member_remove", "member_remove", "member_join")


@pytest.mark.parametrize("way", ["cut", "reconnect", "close", "invalid but resumable"])
async def test_what_happened_while_away_is_told_on_resume(
    discord_server: DiscordServer, bot: Bot, card: Message, way: str
) -> None:
    ann = discord_server.member("ann")
    gateway = discord_server.gateway
    await ann.react(card, "👍")
    gateway.keep_waiting()
    if way == "cut":
        await gateway.cut()
    elif way == "close":
        await gateway.close(4000)
    elif way == "reconnect":
        gateway.ask_to_reconnect()
    else:
        gateway.invalidate(resumable=True)
    await discord_server.until(lambda: not gateway.connections, what="the connection to end")
    assert await ann.react(card, "👎") == 0
    gateway.keep_waiting(False)
    await discord_server.until(lambda: gateway.resumed, what="the client to resume", timeout_s=PATIENCE_S)
    told = await heard(bot, 2, *REACTIONS)
    assert [str(each.emoji) for each in told] == ["👍", "👎"]  # type: ignore[attr-defined]
    assert gateway.identified == 1


async def test_a_refused_resume_begins_anew_and_misses_what_was(
    discord_server: DiscordServer, bot: Bot, card: Message
) -> None:
    ann = discord_server.member("ann")
    gateway = discord_server.gateway
    gateway.resumable = False
    gateway.down = True
    await gateway.cut()
    await ann.react(card, "👍")
    gateway.down = False
    await discord_server.until(lambda: gateway.identified == 2, what="a new session", timeout_s=PATIENCE_S)
    await ann.react(card, "👎")
    told = await heard(bot, 1, *REACTIONS)
    assert [str(each.emoji) for each in told] == ["👎"]  # type: ignore[attr-defined]
    assert gateway.resumed == 0
    fetched = await bot.text_channel().fetch_message(card.id)
    assert {str(each.emoji): each.count for each in fetched.reactions} == {"👍": 1, "👎": 1}


async def test_after_a_failed_try_the_client_asks_for_no_resume(
    discord_server: DiscordServer, bot: Bot, card: Message
) -> None:
    gateway = discord_server.gateway
    gateway.down = True
    await gateway.cut()
    await discord_server.until(lambda: gateway.refused, what="a try in vain")
    gateway.down = False
    await discord_server.until(lambda: gateway.identified == 2, what="a new session", timeout_s=PATIENCE_S)
    assert gateway.resumed == 0


async def test_an_invalid_session_begins_anew(discord_server: DiscordServer, bot: Bot) -> None:
    discord_server.gateway.invalidate()
    await discord_server.until(lambda: discord_server.gateway.identified == 2, what="a new session")


async def test_one_bad_event_ends_the_client(discord_server: DiscordServer, bot: Bot, card: Message) -> None:
    discord_server.gateway.spoil("MESSAGE_REACTION_ADD", missing="emoji")
    await discord_server.member("ann").react(card, "👍")
    assert bot.running is not None
    with pytest.raises(KeyError):
        await asyncio.wait_for(bot.running, PATIENCE_S)


async def test_a_bad_token_is_the_end(discord_server: DiscordServer) -> None:
    client = Bot(discord_server)
    await client.login(discord_server.app.token)
    discord_server.app.token = "changed"
    with pytest.raises((discord.ConnectionClosed, discord.GatewayNotFound)):
        await asyncio.wait_for(client.connect(), PATIENCE_S)
    await client.close()


async def test_a_token_that_changes_under_a_session_closes_it_with_4004(
    discord_server: DiscordServer, bot: Bot
) -> None:
    assert bot.running is not None
    discord_server.app.token = "changed"
    await discord_server.gateway.cut()
    with pytest.raises(discord.ConnectionClosed) as closed:
        await asyncio.wait_for(bot.running, PATIENCE_S)
    assert closed.value.code == 4004


async def test_privileged_intents_have_to_be_switched_on(discord_server: DiscordServer) -> None:
    client = Bot(discord_server, intents=discord.Intents(guilds=True, members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.run_beside()
    await client.stop()
    discord_server.app.privileged.add("members")
    client = Bot(discord_server, intents=discord.Intents(guilds=True, members=True))
    await client.run_beside()
    ann = discord_server.member("ann")
    await heard(client, 1, "member_join")
    ann.leave()
    await heard(client, 1, "raw_member_remove")
    guild = client.get_guild(discord_server.first_guild.id)
    assert guild is not None
    assert [each.id for each in guild.members if not each.bot] == [discord_server.owner().id]
    await client.stop()


async def test_each_shard_hears_of_its_own_guilds(discord_server: DiscordServer) -> None:
    discord_server.app.shards = 2
    for number in range(3):
        discord_server.guild(f"guild{number}")
    client = Bot(discord_server)
    await client.run_beside()
    assert sorted(discord_server.gateway.shards) == [0, 1]
    assert {guild.shard_id for guild in client.guilds} == {0, 1}
    for guild in list(discord_server.state.guilds.values()):
        message = await client.text_channel(guild).send("card")
        assert message.guild is not None
        member = discord_server.member("ann", guild)
        assert await member.react(discord_server.first_channel(guild).shown[0], "👍") == 1
    await heard(client, 4, *REACTIONS)
    await discord_server.gateway.cut(shard=1)
    await discord_server.until(
        lambda: discord_server.gateway.resumed == 1, what="the shard to resume", timeout_s=PATIENCE_S
    )
    await client.stop()


async def test_a_client_that_says_goodbye_has_no_session_left(
    discord_server: DiscordServer, bot: Bot
) -> None:
    await bot.close()
    await discord_server.until(lambda: not discord_server.gateway.sessions, what="the session to end")


async def test_heartbeats_are_answered(discord_server: DiscordServer) -> None:
    discord_server.gateway.heartbeat_s = 0.05
    client = Bot(discord_server)
    await client.run_beside()
    await discord_server.until(lambda: discord_server.gateway.heartbeats >= 3, what="heartbeats")
    assert client.latency < 1
    await client.stop()


async def test_an_outage_of_everything_is_survived(
    discord_server: DiscordServer, bot: Bot, card: Message
) -> None:
    await discord_server.stop()
    await discord_server.start()
    await discord_server.connected()
    await discord_server.member("ann").react(card, "👍")
    await heard(bot, 1, *REACTIONS)
