"""The loopback Discord's REST API, with the unmodified discord.py in front."""

from datetime import timedelta

import discord
import pytest

from tests.discord_client import Bot
from tests.discord_server import Channel, DiscordServer, Message

NOBODY = discord.AllowedMentions.none()
LEVELS = ["strongly disagree", "disagree", "neutral", "agree"]


@pytest.fixture
def room(discord_server: DiscordServer) -> Channel:
    return discord_server.first_channel()


def poll(**fields: object) -> discord.Poll:
    made = discord.Poll(question="How far do you agree?", duration=timedelta(hours=24), **fields)
    for level in LEVELS:
        made.add_answer(text=level)
    return made


async def test_a_message_is_posted_edited_fetched_and_deleted(bot: Bot, room: Channel) -> None:
    embed = discord.Embed(title="Question", description="Why?").add_field(name="Opinions", value="0")
    sent = await bot.text_channel().send("hello", embed=embed)
    await sent.edit(content="hello again")
    fetched = await bot.text_channel().fetch_message(sent.id)
    assert (fetched.content, fetched.embeds[0].title) == ("hello again", "Question")
    assert room.shown[0].shown.split("\n") == ["hello again", "Question", "Why?", "Opinions", "0"]
    assert room.shown[0].versions == 2
    await sent.delete()
    with pytest.raises(discord.NotFound) as missing:
        await bot.text_channel().fetch_message(sent.id)
    assert missing.value.code == 10008
    assert not room.shown


async def test_a_nonce_makes_posting_repeatable_for_a_while(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    first = await bot.text_channel().send("card", nonce="d1-card")
    assert (await bot.text_channel().send("card", nonce="d1-card")).id == first.id
    discord_server.clock.advance(301)
    assert (await bot.text_channel().send("card", nonce="d1-card")).id != first.id
    assert len(room.shown) == 2


async def test_nobody_is_pinged_unless_it_is_allowed(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    ann = discord_server.member("ann")
    role = discord_server.role("all", mentionable=True)
    text = f"@everyone {ann.mention} <@&{role.id}>"
    await bot.text_channel().send(text, allowed_mentions=NOBODY)
    await bot.text_channel().send(text)
    await bot.text_channel().send(
        text, allowed_mentions=discord.AllowedMentions(users=[discord.Object(ann.id)])
    )
    await bot.text_channel().send(embed=discord.Embed(description=text))
    discord_server.allow(discord_server.first_guild, "mention_everyone")
    await bot.text_channel().send("@everyone")
    assert [message.pings for message in room.shown] == [
        [],
        [ann.mention, f"<@&{role.id}>"],
        [ann.mention, f"<@&{role.id}>"],
        [],
        ["@everyone"],
    ]


async def test_only_its_own_messages_can_be_edited(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    said = await discord_server.member("ann").say(room, "hello")
    with pytest.raises(discord.Forbidden) as refused:
        await bot.text_channel().get_partial_message(said.id).edit(content="mine")
    assert refused.value.code == 50005


async def test_reactions_are_counted_and_listed_in_pages(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    people = [discord_server.member(f"m{n}") for n in range(130)]
    sent = await bot.text_channel().send("rate")
    await sent.add_reaction("👍")
    for each in people:
        await each.react(room.shown[0], "👍")
    await people[0].unreact(room.shown[0], "👍")
    fetched = (await bot.text_channel().fetch_message(sent.id)).reactions[0]
    assert (fetched.count, fetched.me) == (130, True)
    listed = {user.id async for user in fetched.users()}
    assert listed == {each.id for each in people[1:]} | {discord_server.state.bot.id}
    assert len(discord_server.calls("GET /channels/{channel}/messages/{message}/reactions/{emoji}")) >= 2
    await sent.remove_reaction("👍", discord.Object(discord_server.state.bot.id))
    assert room.shown[0].counts() == {"👍": 129}


async def test_what_is_no_emoji_is_refused(bot: Bot) -> None:
    sent = await bot.text_channel().send("rate")
    for emoji in ("nonsense", "party:12"):
        with pytest.raises(discord.HTTPException) as refused:
            await sent.add_reaction(emoji)
        assert (refused.value.status, refused.value.code) == (400, 10014)
    for number in range(1, 10):
        await sent.add_reaction(f"{number}\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}")


async def test_a_poll_is_voted_in_read_again_and_ended(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    sent = await bot.text_channel().send("The statement", poll=poll())
    shown = room.shown[0]
    ann, ben, kim = (discord_server.member(name) for name in ("ann", "ben", "kim"))
    for member, answer in ((ann, "agree"), (ben, 4), (kim, "disagree")):
        await member.vote(shown, answer)
    await kim.unvote(shown)
    await kim.vote(shown, "agree")
    assert shown.poll is not None
    assert shown.poll.counts()["agree"] == 3
    fetched = await bot.text_channel().fetch_message(sent.id)
    assert fetched.poll is not None
    voters = {user.name async for user in fetched.poll.answers[3].voters()}
    assert voters == {"ann", "ben", "kim"}
    ended = await fetched.poll.end()
    assert ended.is_finalised()
    assert ended.answers[3].vote_count == 3
    with pytest.raises(AssertionError):
        await ann.unvote(shown)
    assert room.shown[-1].type == 46
    with pytest.raises(discord.HTTPException) as refused:
        await fetched.end_poll()
    assert refused.value.code == 520001


async def test_a_poll_ends_by_itself(discord_server: DiscordServer, bot: Bot, room: Channel) -> None:
    sent = await bot.text_channel().send(poll=poll())
    discord_server.clock.advance(25 * 3600)
    discord_server.end_due_polls()
    fetched = await bot.text_channel().fetch_message(sent.id)
    assert fetched.poll is not None
    assert fetched.poll.is_finalised()
    assert len(room.shown) == 2


async def test_a_poll_stays_as_it_is_though_its_message_can_be_edited(bot: Bot, room: Channel) -> None:
    sent = await bot.text_channel().send("before", poll=poll())
    await sent.edit(content="after")
    assert (room.shown[0].content, room.shown[0].poll is not None) == ("after", True)


async def test_a_thread_hangs_on_its_message(discord_server: DiscordServer, bot: Bot, room: Channel) -> None:
    sent = await bot.text_channel().send("card")
    thread = await sent.create_thread(name="Talk")
    await thread.send("inside")
    found = room.shown[0].thread
    assert found is not None
    assert (found.id, found.name, found.shown[0].content) == (sent.id, "Talk", "inside")
    with pytest.raises(discord.HTTPException) as refused:
        await sent.create_thread(name="Again")
    assert refused.value.code == 160004


async def test_direct_messages_reach_those_who_let_them(discord_server: DiscordServer, bot: Bot) -> None:
    ann, ben, kim = (discord_server.member(name) for name in ("ann", "ben", "kim"))
    ben.close_dms()
    kim.leave()
    await (await bot.fetch_user(ann.id)).send("remember")
    assert [message.content for message in ann.dms] == ["remember"]
    for member in (ben, kim):
        with pytest.raises(discord.Forbidden) as refused:
            await (await bot.fetch_user(member.id)).send("remember")
        assert refused.value.code == 50007


async def test_guilds_members_roles_and_channels_are_fetched(discord_server: DiscordServer, bot: Bot) -> None:
    role = discord_server.role("stewards", None, "manage_guild")
    ann = discord_server.member("ann", roles=(role,), nick="Annie")
    guild = await bot.fetch_guild(discord_server.first_guild.id)
    member = await guild.fetch_member(ann.id)
    assert (member.nick, [each.id for each in await guild.fetch_roles()][-1]) == ("Annie", role.id)
    assert [c.name for c in await guild.fetch_channels()] == ["general"]
    ann.leave()
    with pytest.raises(discord.NotFound) as missing:
        await guild.fetch_member(ann.id)
    assert missing.value.code == 10007


async def test_a_deleted_channel_is_unknown(discord_server: DiscordServer, bot: Bot) -> None:
    extra = discord_server.channel("extra")
    await discord_server.until(lambda: bot.get_channel(extra.id), what="the channel in the cache")
    channel = bot.get_channel(extra.id)
    assert isinstance(channel, discord.TextChannel)
    discord_server.delete_channel(extra)
    with pytest.raises(discord.NotFound) as missing:
        await channel.send("hello")
    assert missing.value.code == 10003
    await discord_server.until(lambda: bot.told("guild_channel_delete"), what="the event")


@pytest.mark.parametrize(
    ("permission", "code"),
    [
        ("view_channel", 50001),
        ("send_messages", 50013),
        ("embed_links", 50013),
        ("send_polls", 50013),
        ("create_public_threads", 50013),
        ("add_reactions", 50013),
        ("read_message_history", 50013),
    ],
)
async def test_what_is_not_permitted_is_refused(
    discord_server: DiscordServer, bot: Bot, room: Channel, permission: str, code: int
) -> None:
    channel = bot.text_channel()
    sent = await channel.send("before")
    doing = {
        "view_channel": lambda: channel.send("x"),
        "send_messages": lambda: channel.send("x"),
        "embed_links": lambda: channel.send(embed=discord.Embed(title="x")),
        "send_polls": lambda: channel.send(poll=poll()),
        "create_public_threads": lambda: sent.create_thread(name="x"),
        "add_reactions": lambda: sent.add_reaction("👍"),
        "read_message_history": lambda: channel.fetch_message(sent.id),
    }[permission]
    discord_server.deny(room, permission)
    with pytest.raises(discord.Forbidden) as refused:
        await doing()
    assert refused.value.code == code
    discord_server.allow(room, permission)
    await doing()


async def test_a_guilds_permissions_are_what_its_roles_give(discord_server: DiscordServer, bot: Bot) -> None:
    guild = discord_server.first_guild
    discord_server.deny(guild, "send_messages")
    with pytest.raises(discord.Forbidden):
        await bot.text_channel().send("x")
    await discord_server.until(lambda: bot.told("guild_role_update"), what="the event")
    assert not bot.text_channel().permissions_for(bot.text_channel().guild.me).send_messages
    discord_server.allow(guild, "send_messages")
    await bot.text_channel().send("x")


async def test_a_rate_limit_is_told_and_kept_by_the_client(
    discord_server: DiscordServer, bot: Bot, room: Channel
) -> None:
    discord_server.limits.limit("POST /channels/{channel}/messages", 2, per_s=0.2)
    for number in range(5):
        await bot.text_channel().send(str(number))
    assert [message.content for message in room.shown] == ["0", "1", "2", "3", "4"]
    assert discord_server.limits.refused == []


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_refusal_for_haste_is_waited_out(
    discord_server: DiscordServer, bot: Bot, room: Channel, everywhere: bool
) -> None:
    discord_server.faults.limit("POST *messages", retry_after_s=0.05, everywhere=everywhere)
    await bot.text_channel().send("hello")
    assert [c.status for c in discord_server.calls("POST /channels/{channel}/messages")] == [429, 200]
    assert len(room.shown) == 1


async def test_an_outage_is_tried_again_or_told(discord_server: DiscordServer, bot: Bot) -> None:
    discord_server.faults.fail("POST *messages", 503)
    with pytest.raises(discord.DiscordServerError):
        await bot.text_channel().send("hello")
    discord_server.faults.fail("POST *messages", 502)
    await bot.text_channel().send("hello")
    assert [c.status for c in discord_server.calls("POST /channels/{channel}/messages")] == [503, 502, 200]


async def test_a_wrong_token_cannot_log_in(discord_server: DiscordServer) -> None:
    discord_server.app.token = "another"
    client = Bot(discord_server)
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()


def test_a_message_says_what_it_shows(discord_server: DiscordServer, room: Channel) -> None:
    message = Message(1, room, discord_server.state.bot, "a", embeds=[{"title": "b"}])
    assert message.shown == "a\nb"
