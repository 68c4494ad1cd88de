"""Discord's channels and threads are closed to those who do not see them now."""

import asyncio

import pytest

from bot.domain.deliberation import Deliberation
from bot.domain.errors import UnknownDeliberationError
from bot.wording import texts
from bot.wording.answers import CHOICES_GONE
from tests.adapters.discord.test_discord_places import asked_in, ours
from tests.adapters.discord.test_discord_reminders import remind
from tests.adapters.discord.test_discord_settings import asked
from tests.discord_house import QUESTION, DiscordHouse
from tests.discord_server import Channel, Interaction, Member

REMINDED = "You have not answered yet"
UNKNOWN = str(UnknownDeliberationError())


class Threads:
    """A private thread that ann and ben are in; cem and dora see only the channel around it."""

    def __init__(self, house: DiscordHouse) -> None:
        self.house = house
        self.ann, self.ben, self.cem, self.dora = house.people(4)
        self.private = house.discord.private_thread(house.room, "inner", self.ann, self.ben)

    async def ask(self) -> Deliberation:
        """Ann asks in the thread; everybody has used the app in the channel around it."""
        await self.house.ask(self.ann, question="Tea or coffee?")
        return await asked_in(self.house, self.private, self.ann)

    async def met(self, room: Channel, *people: Member) -> None:
        """These people have used Accord in this channel or thread."""
        for member in people:
            await answered(self.house, await member.press(ours(self.house, room)[0], "How this works"))


async def answered(house: DiscordHouse, made: Interaction) -> str:
    """What a person is told, or the window that opened."""
    await house.discord.until(lambda: made.failed or made.modal or made.message, what="an answer")
    return made.modal.shown if made.modal else "\n".join(message.shown for message in made.messages)


@pytest.fixture
def threads(house: DiscordHouse) -> Threads:
    """A private thread."""
    return Threads(house)


# -- private threads -----------------------------------------------------------------------------


async def test_a_private_thread_is_seen_by_those_who_are_in_it(threads: Threads) -> None:
    house, team = threads.house, str(threads.ann.guild.id)
    may_see = house.parts.platform.may_see
    for member in (threads.ann, threads.ben):
        assert await may_see(team, str(threads.private.id), str(member.id))
    for member in (threads.cem, threads.dora, house.discord.owner()):
        assert not await may_see(team, str(threads.private.id), str(member.id))


async def test_a_public_thread_is_seen_by_all_who_see_the_channel_around_it(threads: Threads) -> None:
    house, team = threads.house, str(threads.ann.guild.id)
    async with house.gateway():
        await house.ask(threads.ann, thread=True)
    assert house.card.thread is not None
    assert await house.parts.platform.may_see(team, str(house.card.thread.id), str(threads.cem.id))


async def test_nobody_takes_part_in_a_private_thread_from_outside(threads: Threads) -> None:
    house = threads.house
    async with house.gateway():
        d = await threads.ask()
        for pressed in ("share", "how"):
            made = await threads.cem.forge_press(house.room, f"accord:{pressed}:{d.id}")
            assert await answered(house, made) == UNKNOWN
        fields = {"opinion": "From outside"}
        made = await threads.cem.forge_submit(house.room, f"accord:opinion:{d.id}", fields)
        assert UNKNOWN in await answered(house, made)
        assert await house.contributions.opinions(d.id) == []
        made = await threads.ben.forge_submit(house.room, f"accord:opinion:{d.id}", fields)
        assert texts.OPINION_KEPT in await answered(house, made)


@pytest.mark.parametrize("listed", [False, True], ids=["those who are known", "everybody is listed"])
async def test_only_those_who_are_in_a_private_thread_are_reminded(threads: Threads, listed: bool) -> None:
    house = threads.house
    if listed:
        house.discord.app.privileged.add("members")
    async with house.gateway():
        d = await threads.ask()
        await threads.met(house.room, threads.cem)
        await threads.met(threads.private, threads.ann, threads.ben)
        threads.private.thread_members.append(threads.dora.id)
        await threads.met(threads.private, threads.dora)
        threads.private.thread_members.remove(threads.dora.id)
        house.parts.people._in_thread.forget_all()
        await remind(house, d)

    assert all(REMINDED in member.dms[-1].shown for member in (threads.ann, threads.ben))
    assert not any(REMINDED in note.shown for member in (threads.cem, threads.dora) for note in member.dms)


async def test_a_note_opens_nothing_to_somebody_who_was_taken_out_since(threads: Threads) -> None:
    house = threads.house
    async with house.gateway():
        d = await threads.ask()
        await threads.met(threads.private, threads.ben)
        await remind(house, d)
        note = next(note for note in threads.ben.dms if REMINDED in note.shown)
        assert QUESTION in await answered(house, await threads.ben.press(note, "Share your opinion"))
        threads.ben.dismiss_modal()
        threads.private.thread_members.remove(threads.ben.id)
        house.parts.people._in_thread.forget_all()
        assert await answered(house, await threads.ben.press(note, "Share your opinion")) == UNKNOWN


async def test_a_private_thread_that_was_deleted_is_seen_by_nobody(threads: Threads) -> None:
    house, team = threads.house, str(threads.ann.guild.id)
    house.discord.delete_channel(threads.private)
    assert not await house.parts.platform.may_see(team, str(threads.private.id), str(threads.ann.id))


# -- channels ------------------------------------------------------------------------------------


async def test_a_channel_that_is_closed_to_somebody_is_closed_at_once(threads: Threads) -> None:
    house, team = threads.house, str(threads.ann.guild.id)
    inner = house.discord.channel("inner", only=(threads.ann, threads.ben))
    async with house.gateway() as gateway:
        sees = gateway.parts.people.sees
        assert await sees(team, str(inner.id), str(threads.ben.id))
        house.discord.deny(inner, "view_channel", member=threads.ben)
        await house.discord.until(
            lambda: gateway.parts.people._places.kept((team, str(inner.id))) is None, what="the news"
        )
        assert not await sees(team, str(inner.id), str(threads.ben.id))
        assert await sees(team, str(inner.id), str(threads.ann.id))


async def test_whoever_left_the_server_sees_none_of_its_channels(threads: Threads) -> None:
    house, team = threads.house, str(threads.ann.guild.id)
    threads.ben.leave()
    assert not await house.parts.platform.may_see(team, str(house.room.id), str(threads.ben.id))


# -- asking --------------------------------------------------------------------------------------


async def test_no_schedule_posts_into_a_channel_that_its_maker_does_not_see(threads: Threads) -> None:
    house = threads.house
    managers = house.discord.role("managers", None, "manage_guild")
    boss = house.discord.member("boss", roles=(managers,))
    inner = house.discord.channel("inner", only=(threads.ann,))
    async with house.gateway():
        refused = await asked(boss, "accord schedule", at="in 3 hours", channel=inner)
        kept = await asked(boss, "accord schedule", at="in 3 hours", channel=house.room)

    assert texts.NOT_IN_CHANNEL in refused.shown
    assert texts.SCHEDULED_POSTS in kept.shown
    schedules = await house.ports.library.schedules(str(boss.guild.id))
    assert [each.channel for each in schedules] == [str(house.room.id)]


async def test_what_somebody_was_typing_is_opened_again_by_nobody_else(threads: Threads) -> None:
    house = threads.house
    async with house.gateway():
        asks = await threads.ann.command("accord ask", background="Nobody else's business.")
        await house.discord.until(lambda: asks.modal, what="a window")
        await house.ask(threads.ben, question="Tea or coffee?")
        key = asks.id
        stolen = await threads.cem.forge_press(house.room, f"accord:ask-again:{key}")
        assert CHOICES_GONE in await answered(house, stolen)
        again = await threads.ann.forge_press(house.room, f"accord:ask-again:{key}")
        assert "Nobody else's business." in str((await threads.ann.sees_modal()).given)
        assert again.modal is not None


async def test_many_who_ask_at_once_cost_discord_one_look_at_each_thing(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        sees, team = house.parts.people.sees, str(ann.guild.id)
        assert all(await asyncio.gather(*(sees(team, str(house.room.id), str(ann.id)) for _ in range(20))))
        routes = ("/guilds/{guild}", "/guilds/{guild}/channels", "/guilds/{guild}/members/{user}")
        assert [len(house.discord.calls(f"GET {route}")) for route in routes] == [1, 1, 1]
