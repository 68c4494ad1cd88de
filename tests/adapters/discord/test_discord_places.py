"""Questions in threads and on several shards: each is whole wherever it is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.discord import app
from bot.domain.deliberation import Deliberation, Phase
from bot.service import reconciling
from tests.adapters.discord.test_discord_settings import saved
from tests.discord_house import MEMBERS, QUESTION, DiscordHouse
from tests.discord_server import Channel, Member, Message
from tests.discord_server.state import FORUM, Guild

NAMED = {"identity": "named", "rated_by": "reactions"}


@pytest.fixture(autouse=True)
def quick_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions begin at once, and everybody's clock is the same."""

    async def at_once(self: object, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin."""

    monkeypatch.setattr(app._Client, "before_identify_hook", at_once)
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))


def ours(house: DiscordHouse, room: Channel) -> list[Message]:
    """What the app posted in a channel."""
    return [message for message in room.shown if message.author is house.discord.state.bot]


async def asked_in(house: DiscordHouse, room: Channel, asker: Member, **options: object) -> Deliberation:
    """A question in this channel, and its card."""
    asked = await asker.command("accord ask", room, question=QUESTION, **options)
    await house.discord.until(lambda: asked.message, what="an answer")
    await house.work()
    assert ours(house, room), asked.message and asked.message.shown
    return next(
        d for d in await house.deliberations.of_team(str(asker.guild.id)) if d.channel == str(room.id)
    )


async def until_rating(
    house: DiscordHouse, room: Channel, people: list[Member], **options: object
) -> tuple[Deliberation, Message]:
    """A question in this channel whose statement is being rated, with its ballot."""
    d = await asked_in(house, room, people[0], quorum=len(people), **{**NAMED, **options})
    for number, member in enumerate(people):
        await house.opine(member, ours(house, room)[0], f"Opinion {number}")
    d = await house.until_phase(d, Phase.RATING)
    assert d.ballot is not None
    ballot = room.message(int(d.ballot.message))
    assert ballot is not None
    return d, ballot


async def rate(ballot: Message, member: Member, value: int) -> None:
    """By reaction or by poll."""
    if ballot.poll is not None:
        await member.vote(ballot, value)
    else:
        await member.react(ballot, list(ballot.reactions)[value - 1])


async def settled(house: DiscordHouse, room: Channel, d: Deliberation, asker: Member) -> str:
    """Close the vote; what the card says then."""
    await asker.command("accord close", room)
    await house.until_phase(d, Phase.SETTLED)
    await house.work()
    return ours(house, room)[0].shown


# -- threads -------------------------------------------------------------------------------------


@pytest.fixture
async def thread(house: DiscordHouse) -> Channel:
    """A thread for discussion, below another question."""
    (ann,) = house.people(1)
    async with house.gateway():
        await house.ask(ann, question="Tea or coffee?", thread=True)
    assert house.card.thread is not None
    house.card.thread.messages.clear()
    return house.card.thread


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_a_question_that_is_asked_inside_a_thread_is_answered_and_rated_there(
    house: DiscordHouse, thread: Channel, rated_by: str
) -> None:
    people = house.people(3)
    before = len(house.own)
    # In a thread another permission counts than in the channel around it.
    house.discord.deny(house.room, "send_messages")
    identity = "anonymous" if rated_by == "buttons" else "named"
    async with house.gateway():
        d = await asked_in(house, thread, people[0], quorum=3, identity=identity, rated_by=rated_by)
        card = ours(house, thread)[0]
        for number, member in enumerate(people):
            await house.opine(member, card, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        for member in people:
            if d.ballot is None:
                await member.press(card, f"accord:rate:{d.id}:6")
            else:
                ballot = thread.message(int(d.ballot.message))
                assert ballot is not None
                await rate(ballot, member, 6)
        assert await house.until_rated(d, 3) == [6, 6, 6]
        assert "3 ratings" in await settled(house, thread, d, people[0])

    assert len(house.own) == before
    assert not house.discord.problems


async def test_a_thread_is_seen_by_those_who_see_the_channel_around_it(house: DiscordHouse) -> None:
    ann, ben = house.people(2)
    inner = house.discord.channel("inner", only=(ann,))
    team, sees = str(ann.guild.id), house.parts.people.sees
    async with house.gateway():
        await asked_in(house, inner, ann, thread=True)
        card = ours(house, inner)[0]
        assert card.thread is not None
        await asked_in(house, card.thread, ann)
    assert await sees(team, str(card.thread.id), str(ann.id))
    assert not await sees(team, str(card.thread.id), str(ben.id))


async def test_a_question_in_a_thread_that_fell_asleep_goes_on_and_wakes_it(
    house: DiscordHouse, thread: Channel
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await asked_in(house, thread, people[0], minimum=2)
        for member in people:
            await house.opine(member, ours(house, thread)[0], "Mine")
        await people[0].command("accord close", thread)
        thread.archived = True
        await house.until_phase(d, Phase.RATING)

    assert not thread.archived
    assert "Draft 1" in ours(house, thread)[0].shown
    assert not people[0].dms


async def test_a_locked_thread_is_a_sentence_and_the_question_goes_on_once_it_is_open(
    house: DiscordHouse, thread: Channel
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await asked_in(house, thread, people[0], minimum=2)
        for member in people:
            await house.opine(member, ours(house, thread)[0], "Mine")
        await people[0].command("accord close", thread)
        thread.locked = thread.archived = True
        await house.work()
        await people[0].is_told("Open it again, or ask in another channel.")
        thread.locked = thread.archived = False
        await house.deliberations.save((await house.load(d)).taken_up_again(house.ports.clock.now()))
        await house.until_phase(d, Phase.RATING)

    assert "Draft 1" in ours(house, thread)[0].shown


async def test_nothing_is_asked_in_a_locked_thread_and_that_is_said(
    house: DiscordHouse, thread: Channel
) -> None:
    (ann,) = house.people(1)
    thread.locked = True
    async with house.gateway():
        asked = await ann.command("accord ask", thread, question=QUESTION)
        await house.discord.until(lambda: asked.message, what="an answer")
        await house.work()
        await ann.is_told("This thread is locked.")

    assert not ours(house, thread)


async def allow(house: DiscordHouse, *rooms: Channel) -> None:
    """Questions are asked in these channels only."""
    boss = house.discord.owner()
    await saved(boss, "who", channels=list(rooms))
    assert (await house.teams.team(str(boss.guild.id))).channels == {str(room.id) for room in rooms}


async def test_who_allows_a_channel_allows_its_threads_and_no_others(
    house: DiscordHouse, thread: Channel
) -> None:
    (ann,) = house.people(1)
    other = house.discord.channel("other")
    async with house.gateway():
        await allow(house, house.room)
        d = await asked_in(house, thread, ann)
        await allow(house, other)
        for refused in (
            await ann.command("accord ask", thread),
            await ann.command("accord ask", thread, question="Now?"),
        ):
            await house.discord.until(lambda refused=refused: refused.message, what="an answer")
            assert "in this channel" in refused.message.shown

    assert d.channel == str(thread.id)


async def test_questions_are_asked_in_the_posts_of_a_forum_that_is_allowed(house: DiscordHouse) -> None:
    people = house.people(2)
    forum = house.discord.channel("ideas", kind=FORUM)
    post = house.discord.post_in(forum, "Plastics")
    async with house.gateway():
        await allow(house, forum)
        d, ballot = await until_rating(house, post, people)
        await rate(ballot, people[1], 6)
        assert await house.until_rated(d, 1) == [6]
        assert "1 rating" in await settled(house, post, d, people[0])

    assert not house.discord.problems


async def test_a_thread_inside_a_thread_is_not_tried_and_the_question_is_asked_all_the_same(
    house: DiscordHouse, thread: Channel
) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        d = await asked_in(house, thread, ann, thread=True)

    assert d.phase is Phase.OPINIONS
    assert ours(house, thread)[0].thread is None
    assert not ann.dms
    assert not house.discord.problems


# -- shards --------------------------------------------------------------------------------------


@asynccontextmanager
async def shard_away(house: DiscordHouse, shard: int, *, resumable: bool) -> AsyncIterator[None]:
    """This shard has lost its connection and cannot come back before the block ends; the others go on."""
    sessions = house.discord.gateway
    sessions.resumable = resumable
    sessions.keep_waiting()
    await sessions.cut(shard=shard)
    yield
    if not resumable:
        sessions.forget_sessions()
    sessions.keep_waiting(False)


def two_guilds(house: DiscordHouse) -> list[Guild]:
    """One server on each of two shards."""
    house.discord.app.shards = 2
    guilds = [house.discord.first_guild]
    while len(guilds) < 2:
        guild = house.discord.guild(f"Assembly {house.discord.state.new_id()}")
        if (guild.id >> 22) % 2 != (guilds[0].id >> 22) % 2:
            guilds.append(guild)
    return sorted(guilds, key=lambda guild: (guild.id >> 22) % 2)


@pytest.mark.parametrize("resumable", [True, False], ids=["resumed", "resume refused"])
@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_votes_of_both_shards_count_once_though_one_was_away_while_its_members_voted(
    house: DiscordHouse, rated_by: str, resumable: bool
) -> None:
    guilds = two_guilds(house)
    rooms = [house.discord.first_channel(guild) for guild in guilds]
    crowds = [
        [house.discord.member(f"member{shard}{n}", guild) for n in range(MEMBERS)]
        for shard, guild in enumerate(guilds)
    ]
    async with house.gateway() as gateway:
        await house.discord.connected(2)
        votes = [
            await until_rating(house, room, crowd, rated_by=rated_by)
            for room, crowd in zip(rooms, crowds, strict=True)
        ]
        for (_, ballot), crowd in zip(votes, crowds, strict=True):
            for member in crowd[:2]:
                await rate(ballot, member, 6)
        for d, _ in votes:
            assert await house.until_rated(d, 2) == [6, 6]
        async with shard_away(house, 1, resumable=resumable):
            for (_, ballot), crowd in zip(votes, crowds, strict=True):
                for member in crowd[2:]:
                    await rate(ballot, member, 7)
            # Nobody on the other shard notices.
            assert await house.until_rated(votes[0][0], MEMBERS) == [6, 6] + [7] * (MEMBERS - 2)
            assert len(await house.contributions.ratings(votes[1][0].id, 1)) == 2
            unheard = await crowds[1][0].command("accord status", rooms[1])
            assert unheard.failed
        await house.discord.connected(2)
        assert await house.until_rated(votes[1][0], MEMBERS) == [6, 6] + [7] * (MEMBERS - 2)
        for (d, _), room, crowd in zip(votes, rooms, crowds, strict=True):
            assert f"{MEMBERS} ratings" in await settled(house, room, d, crowd[0])

    # Neither was the whole client begun anew, nor anything asked that Discord does not know.
    assert gateway.starts == 1
    assert not house.discord.problems


async def test_a_bad_event_on_one_shard_loses_nothing_on_either(house: DiscordHouse) -> None:
    guilds = two_guilds(house)
    rooms = [house.discord.first_channel(guild) for guild in guilds]
    crowds = [
        [house.discord.member(f"member{shard}{n}", guild) for n in range(3)]
        for shard, guild in enumerate(guilds)
    ]
    async with house.gateway() as gateway:
        await house.discord.connected(2)
        votes = [await until_rating(house, room, crowd) for room, crowd in zip(rooms, crowds, strict=True)]
        house.discord.gateway.spoil("MESSAGE_REACTION_ADD", "user_id")
        for (_, ballot), crowd in zip(votes, crowds, strict=True):
            for member in crowd:
                await rate(ballot, member, 7)
        for d, _ in votes:
            assert await house.until_rated(d, 3) == [7, 7, 7]
        await house.discord.until(lambda: gateway.starts == 2, what="another connection")
        await house.discord.connected(2)

    assert gateway.starts == 2
