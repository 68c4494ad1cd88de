"""What goes wrong in Discord: bad events, lost sessions, restarts, deleted things, permissions, slowness."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from discord.backoff import ExponentialBackoff
from prometheus_client import REGISTRY

from adapters.discord import app
from adapters.discord.app import DiscordGateway, DiscordParts
from adapters.discord.config import PLATFORM, DiscordConfig
from adapters.discord.errors import ChannelClosedError, DiscordError, TokenRefusedError
from adapters.memory import MemoryApiTokens, MemoryInvitations, MemoryNotes, MemorySessions
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from bot.chat import listening, tasks
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import RateLimitedError
from bot.domain.team import Team
from bot.service import reconciling
from bot.service.ports.web_access import WebAccess
from bot.wording.cards import BallotCard, QuestionCard
from bot.wording.permissions import ON_DISCORD
from tests.bell import PATIENCE_S
from tests.discord_house import MEMBERS, QUESTION, SECRET, DiscordHouse
from tests.discord_server import CannotDoError, Member, Message


async def until_rating(house: DiscordHouse, people: list[Member], rated_by: str) -> Deliberation:
    """A named question whose statement is being rated."""
    d = await house.ask(people[0], identity="named", rated_by=rated_by, minimum=2)
    for number, member in enumerate(people):
        await house.opine(member, house.card, f"Opinion {number}")
    await people[0].command("accord close")
    return await house.until_phase(d, Phase.RATING)


async def rate(house: DiscordHouse, d: Deliberation, member: Member, value: int) -> None:
    """By reaction or by poll, as the question wants it."""
    await vote_on(house.ballot(d), d, member, value)


async def vote_on(ballot: Message, d: Deliberation, member: Member, value: int) -> None:
    """The same on a message that took the first one's place."""
    if ballot.poll is not None:
        await member.vote(ballot, value)
    else:
        await member.react(ballot, d.terms.scale.levels[value - 1].emoji)


async def take_back(ballot: Message, d: Deliberation, member: Member, value: int) -> None:
    """Take such a vote back."""
    if ballot.poll is not None:
        await member.unvote(ballot)
    else:
        await member.unreact(ballot, d.terms.scale.levels[value - 1].emoji)


@pytest.fixture(autouse=True)
def quick_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits five seconds before another session; that is for Discord's sake, not for ours."""

    async def at_once(self: object, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin."""

    monkeypatch.setattr(app._Client, "before_identify_hook", at_once)
    # Discord's clock is ours here, and people act within a moment.
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))


@asynccontextmanager
async def away(house: DiscordHouse, *, resumable: bool) -> AsyncIterator[None]:
    """The gateway has lost its connection, and cannot come back before the block ends."""
    sessions = house.discord.gateway
    sessions.resumable = resumable
    sessions.keep_waiting()
    await sessions.cut()
    yield
    sessions.keep_waiting(False)


# -- sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rated_by", "event", "missing"),
    [
        ("reactions", "MESSAGE_REACTION_ADD", "user_id"),
        ("poll", "MESSAGE_POLL_VOTE_ADD", "answer_id"),
    ],
)
async def test_one_bad_event_ends_a_connection_and_loses_nothing(
    house: DiscordHouse, rated_by: str, event: str, missing: str
) -> None:
    people = house.people()
    async with house.gateway() as gateway:
        d = await until_rating(house, people, rated_by)
        await rate(house, d, people[0], 6)
        assert await house.until_rated(d, 1) == [6]
        house.discord.gateway.spoil(event, missing)
        for member in people[1:]:
            await rate(house, d, member, 7)
        await house.discord.until(lambda: gateway.starts == 2, what="another connection")
        await house.discord.connected()
        # Those of the votes that came with the bad event or after it are read again.
        assert await house.until_rated(d, MEMBERS) == [6] + [7] * (MEMBERS - 1)
        closed = await people[0].command("accord close")
        assert not closed.failed
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert f"{MEMBERS} ratings" in house.card.shown
    assert gateway.starts == 2


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
@pytest.mark.parametrize("resumable", [True, False], ids=["resumed", "resume refused"])
async def test_votes_cast_while_the_connection_was_lost_are_counted_once(
    house: DiscordHouse, rated_by: str, resumable: bool
) -> None:
    people = house.people()
    async with house.gateway() as gateway:
        d = await until_rating(house, people, rated_by)
        await rate(house, d, people[0], 6)
        await rate(house, d, people[1], 6)
        await house.until_rated(d, 2)
        async with away(house, resumable=resumable):
            for member in people[2:]:
                await rate(house, d, member, 7)
            if rated_by == "reactions":
                await people[1].unreact(house.ballot(d), d.terms.scale.levels[5].emoji)
            else:
                await people[1].unvote(house.ballot(d))
            if not resumable:
                house.discord.gateway.forget_sessions()
        assert await house.until_rated(d, MEMBERS - 1) == [6] + [7] * (MEMBERS - 2)

    assert gateway.starts == 1


async def test_connections_that_end_again_and_again_are_begun_ever_more_slowly(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    enough = asyncio.Event()

    async def no_wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 12:
            enough.set()
            await asyncio.Event().wait()

    async def end(self: object, token: str) -> None:
        raise KeyError("type")

    monkeypatch.setattr(app._Client, "start", end)
    monkeypatch.setattr(app, "_pause", no_wait)
    gateway = DiscordGateway(house.parts, house.ports)
    async with gateway.listening():
        await asyncio.wait_for(enough.wait(), PATIENCE_S)

    assert waits == [min(0.5 * 2**n, 120.0) for n in range(12)]


async def test_a_gateway_stops_though_a_connection_swallows_that_it_is_told_to(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 0

    async def once_deaf(self: object, token: str) -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1

    monkeypatch.setattr(app._Client, "start", once_deaf)
    monkeypatch.setattr(app, "ENDING_S", 0.02)
    gateway = DiscordGateway(house.parts, house.ports)
    async with gateway.listening():
        await until(lambda: gateway.starts == 1)

    assert told == 2


async def test_a_token_that_is_not_taken_is_a_sentence(house: DiscordHouse) -> None:
    parts = DiscordParts.make(DiscordConfig(token="wrong", api_url=house.discord.api_url), house.notes)
    try:
        with pytest.raises(TokenRefusedError, match="Reset Token"):
            async with DiscordGateway(parts, house.ports).listening():
                pass
    finally:
        await parts.close()


async def test_a_connection_that_is_lost_is_told_to_whoever_looks(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listening, "LOOKED_EVERY_S", 0.01)
    monkeypatch.setattr(listening, "SAID_EVERY_S", 0.05)
    # The SDK waits for longer each time, by chance.
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda self: 0.02)

    def connected() -> float | None:
        return REGISTRY.get_sample_value("platform_connected", {"platform": "discord"})

    async with (
        house.gateway() as gateway,
        TestClient(TestServer(pages(house, gateway))) as browser,
    ):
        await until(lambda: connected() == 1)
        assert (await browser.get("/readyz/platforms")).status == 200
        house.discord.gateway.down = True
        await house.discord.gateway.cut()
        await until(lambda: connected() == 0)
        caplog.clear()
        await until(lambda: len([line for line in caplog.messages if "has not been heard" in line]) > 1)
        answer = await browser.get("/readyz/platforms")
        assert (answer.status, await answer.text()) == (503, "no connection to discord\n")
        # The pages go on.
        assert (await browser.get("/readyz")).status == 200
        house.discord.gateway.down = False
        await until(lambda: connected() == 1)
    assert connected() == 0


async def until(seen: Callable[[], bool]) -> None:
    """Wait for what no event of the server tells."""
    for _ in range(3_000):
        if seen():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was never seen")


def pages(house: DiscordHouse, gateway: DiscordGateway) -> web.Application:
    """The web channel of the same process."""
    config = WebConfig(secret=SECRET, base_url="http://127.0.0.1", team="web")
    access = WebAccess(MemorySessions(), MemoryInvitations(house.deliberations), MemoryApiTokens())
    return create_app(house.ports, config, access, MemoryNotes(), [gateway.connection])


# -- restarts ------------------------------------------------------------------------------------


async def test_who_comes_after_the_connections_were_given_back_opens_no_others(house: DiscordHouse) -> None:
    parts = DiscordParts.make(house.config, house.notes)
    assert await parts.rest.user()
    late = DiscordParts.make(house.config, house.notes)
    signing_in = asyncio.create_task(late.rest.user())
    await asyncio.sleep(0)

    await parts.close()
    await late.close()

    for user in (parts.rest.user(), signing_in):
        with pytest.raises(DiscordError, match="This process is stopping"):
            await user


async def work_and_die(house: DiscordHouse, monkeypatch: pytest.MonkeyPatch) -> int:
    """Take every step; before each save the worker dies, and another one goes on. How many died."""
    died: set[int] = set()
    save = house.deliberations.save

    async def die_first(d: Deliberation, **needed: int) -> Deliberation:
        if d.version in died:
            return await save(d, **needed)
        died.add(d.version)
        raise asyncio.CancelledError

    with monkeypatch.context() as dying:
        dying.setattr(house.deliberations, "save", die_first)
        while True:
            parts = DiscordParts.make(house.config, house.notes)
            dying.setitem(house.ports.platforms, PLATFORM, parts.platform)
            try:
                await house.work()
                return len(died)
            except asyncio.CancelledError:
                house.jobs.waiting.clear()
            finally:
                await parts.close()


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_workers_that_die_before_each_of_their_saves_show_everything_once(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch, rated_by: str
) -> None:
    people = house.people(3)
    async with house.gateway():
        asked = await people[0].command(
            "accord ask", question=QUESTION, identity="named", rated_by=rated_by, minimum=3
        )
        await house.discord.until(lambda: asked.message, what="an answer")
        assert await work_and_die(house, monkeypatch)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        await people[0].command("accord close")
        assert await work_and_die(house, monkeypatch) >= 2
        (d,) = await house.deliberations.of_team(str(people[0].guild.id))
        for member in people:
            if rated_by == "buttons":
                await member.press(house.card, f"accord:rate:{d.id}:6")
            else:
                await rate(house, d, member, 6)
        assert await house.until_rated(d, 3) == [6, 6, 6]
        await people[0].command("accord close")
        assert await work_and_die(house, monkeypatch)

    assert (await house.load(d)).recorded
    assert "3 ratings" in house.card.shown
    told = [m.shown.splitlines()[0] if m.shown else "a poll" for m in house.own]
    assert sorted(told) == sorted(set(told))
    assert len([m for m in house.own if m.shown.startswith("The vote is closed")]) == 1
    assert not house.discord.problems


async def test_what_is_pressed_twice_or_at_two_gateways_is_done_once(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway(), house.gateway():
        # Both sessions get everything, as when an old process has not ended yet.
        d = await house.ask(people[0])
        await house.opine(people[1], house.card, "Once")
        await house.work()
        assert len(await house.deliberations.of_team(d.team)) == 1

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Once"]
    assert len(house.own) == 1


async def test_a_message_whose_answer_was_lost_is_found_again(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        d = await house.ask(ann)
    # As if the process had died between Discord's answer and the note.
    await house.notes.put(f"message {d.team} {d.channel} {d.id}", "", for_s=60)

    again = await house.parts.platform.post(d.channel, QuestionCard(d, 0), key=d.id)

    assert again.message == str(house.card.id)
    assert len(house.own) == 1


# -- deleted things ------------------------------------------------------------------------------


async def test_a_deleted_card_is_posted_anew_and_still_works(house: DiscordHouse) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await house.ask(people[0], quorum=3)
        first = house.card
        house.discord.delete_message(first)
        await house.discord.until(lambda: house.own, what="the card again")
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        await house.until_phase(d, Phase.RATING)
        await people[0].is_told("was deleted")

    assert house.card is not first
    assert "Draft 1" in house.card.shown


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_a_deleted_ballot_is_put_up_anew_and_its_votes_count(
    house: DiscordHouse, rated_by: str
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await until_rating(house, people, rated_by)
        await rate(house, d, people[0], 6)
        await house.until_rated(d, 1)
        before = house.ballot(d)
        house.discord.delete_message(before)

        def stands() -> bool:
            last = house.own[-1]
            return last is not before and (last.poll is not None or len(last.reactions) == 7)

        await house.discord.until(stands, what="the ballot again")
        new = house.own[-1]
        if rated_by == "poll":
            await people[1].vote(new, 7)
        else:
            await people[1].react(new, d.terms.scale.levels[6].emoji)
        assert await house.until_rated(d, 2) == [6, 7]
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "2 ratings" in house.card.shown


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_votes_on_a_ballot_that_was_put_up_anew_are_found_though_nobody_listened(
    house: DiscordHouse, rated_by: str
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await until_rating(house, people, rated_by)
        await rate(house, d, people[0], 6)
        assert await house.until_rated(d, 1) == [6]
        before = house.ballot(d)
        house.discord.delete_message(before)

        def stands() -> bool:
            last = house.own[-1]
            return last is not before and (last.poll is not None or len(last.reactions) == 7)

        await house.discord.until(stands, what="the ballot again")
        new = house.own[-1]
        await vote_on(new, d, people[2], 2)
        assert await house.until_rated(d, 2) == [2, 6]
    # Nobody listens: one votes, one takes their vote back, and what was counted on the first one stands.
    await vote_on(new, d, people[1], 7)
    await take_back(new, d, people[2], 2)
    async with house.gateway():
        await house.until_values(d, [6, 7])
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "2 ratings" in house.card.shown


@pytest.mark.parametrize("with_statement", [False, True], ids=["the poll", "both"])
async def test_a_poll_that_was_put_up_anew_ends_with_the_vote_and_says_so_once(
    house: DiscordHouse, with_statement: bool
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await until_rating(house, people, "poll")
        poll = house.ballot(d)
        if with_statement:
            assert poll.reference is not None
            house.discord.delete_message(poll.reference)
        house.discord.delete_message(poll)
        await house.discord.until(lambda: house.own[-1].poll, what="the poll again")
        new = house.own[-1]
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert new.poll is not None
    assert new.poll.closed
    assert new.reference is not None
    assert "The vote on this statement is closed" in new.reference.shown
    assert not [m for m in house.own if "Vote in the poll below" in m.shown]


async def test_a_deleted_channel_is_a_sentence_and_the_question_survives(house: DiscordHouse) -> None:
    people = house.people(3)
    room = house.discord.channel("short-lived")
    async with house.gateway():
        d = await house.ask(people[0])
        other = await people[0].command("accord ask", room, question="And here?")
        await house.discord.until(lambda: other.message, what="an answer")
        house.discord.delete_channel(room)
        await house.work()
        await people[0].is_told("The channel is gone")
        # The others go on.
        await house.opine(people[1], house.card, "Still here")

    assert len(await house.deliberations.of_team(d.team)) == 2
    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Still here"]


async def test_a_deleted_role_leaves_its_holders_to_take_part(house: DiscordHouse) -> None:
    people = house.people(2)
    role = house.discord.role("quiet")
    people[1].take(role)
    team = str(people[0].guild.id)
    await house.teams.save_team(Team(id=team, excluded_roles=frozenset({str(role.id)})))
    async with house.gateway():
        d = await house.ask(people[0])
        refused = await people[1].press(house.card, "Share your opinion")
        await people[1].is_told("Your role can't take part in this question.")
        assert refused.modal is None
        house.discord.delete_role(people[0].guild, role)
        await house.opine(people[1], house.card, "Now I may")

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Now I may"]


async def test_a_vote_waits_while_discord_does_not_say_whether_its_role_takes_part(
    house: DiscordHouse,
) -> None:
    people = house.people(3)
    role = house.discord.role("quiet")
    people[1].take(role)
    async with house.gateway():
        d = await until_rating(house, people, "reactions")
        terms = d.terms.model_copy(update={"excluded_roles": frozenset({str(role.id)})})
        await house.deliberations.save((await house.load(d)).model_copy(update={"terms": terms}))
        for member in people[:2]:
            house.discord.faults.fail(
                "GET /guilds/{guild}/members/{user}", 400, 50035, user=member.id, times=99
            )
        await rate(house, d, people[1], 1)
        await rate(house, d, people[0], 7)
        await rate(house, d, people[2], 6)
        assert await house.until_rated(d, 1) == [6]
        house.discord.faults.clear()
        # The end of the vote reads them all again.
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)

    assert await house.until_rated(d, 2) == [6, 7]


async def test_the_vote_of_somebody_who_left_stands_and_they_press_nothing_any_more(
    house: DiscordHouse,
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await until_rating(house, people, "reactions")
        await rate(house, d, people[2], 7)
        people[2].leave()
        with pytest.raises(CannotDoError):
            await people[2].react(house.ballot(d), d.terms.levels[0].emoji)
        await rate(house, d, people[1], 6)
        assert await house.until_rated(d, 2) == [6, 7]
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "2 ratings" in house.card.shown


# -- permissions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "permission", "words"),
    [
        ({}, "send_messages", "Send Messages"),
        ({}, "embed_links", "Embed Links"),
        ({}, "read_message_history", "Read Message History"),
        ({"identity": "named", "rated_by": "reactions"}, "add_reactions", "Add Reactions"),
        ({"identity": "named", "rated_by": "poll"}, "send_polls", "Create Polls"),
        ({"thread": True}, "create_public_threads", "Create Public Threads"),
        ({"thread": True}, "send_messages_in_threads", "Send Messages in Threads"),
    ],
)
async def test_a_missing_permission_is_said_when_the_question_is_asked(
    house: DiscordHouse, options: dict[str, object], permission: str, words: str
) -> None:
    (ann,) = house.people(1)
    house.discord.deny(house.room, permission)
    async with house.gateway():
        asked = await ann.command("accord ask", question=QUESTION, **options)
        told = await ann.is_told(words)
        assert not asked.failed
        assert not await house.deliberations.of_team(str(ann.guild.id))
        # Mended, everything that was chosen is still there.
        house.discord.allow(house.room, permission)
        opened = await ann.press(told, "Fix it")
        assert opened.modal is not None
        given = await ann.submit(opened.modal, {})
        await house.discord.until(lambda: given.message, what="an answer")
        await house.work()

    assert "Should we ban" in house.card.shown


async def test_a_permission_lost_on_the_way_is_told_once_and_it_goes_on_when_mended(
    house: DiscordHouse,
) -> None:
    people = house.people(3)
    async with house.gateway():
        asked = await people[0].command("accord ask", question=QUESTION)
        await house.discord.until(lambda: asked.message, what="an answer")
        house.discord.deny(house.room, "send_messages")
        await house.work()
        await people[0].is_told("No opinion is lost")
        d = (await house.deliberations.of_team(str(people[0].guild.id)))[0]
        assert d.phase is Phase.OPINIONS
        house.discord.allow(house.room, "send_messages")
        # The worker comes round again when its pause is over.
        await house.deliberations.save(d.taken_up_again(house.ports.clock.now()))
        await house.work()

    assert (await house.load(d)).message is not None
    assert "Should we ban" in house.card.shown
    assert len([m for m in people[0].dms if "No opinion is lost" in m.shown]) == 1


async def test_a_refusal_names_every_permission_that_can_be_missing(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        d = await house.ask(ann, thread=True)
    house.discord.deny(house.room, "send_messages_in_threads")
    with pytest.raises(ChannelClosedError) as refused:
        await house.parts.platform.post(str(house.card.id), QuestionCard(d, 0), key="in its thread")

    for called, _ in ON_DISCORD.values():
        assert called in str(refused.value)


async def test_a_result_is_told_though_the_history_was_hidden_meanwhile(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], quorum=2)
        for member in people:
            await house.opine(member, house.card, "Mine")
        d = await house.until_phase(d, Phase.RATING)
        house.discord.deny(house.room, "read_message_history")
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    told = [m for m in house.own if "The vote is closed" in m.shown]
    assert [m.reference for m in told] == [None]
    assert (await house.load(d)).recorded


# -- slowness ------------------------------------------------------------------------------------


async def test_whatever_is_slow_is_answered_in_time_and_the_opinion_is_kept(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(2)
    gate = asyncio.Event()
    async with house.gateway():
        d = await house.ask(people[0])
        put = house.contributions.put_opinion

        async def slowly(*given: object) -> object:
            await gate.wait()
            return await put(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(house.contributions, "put_opinion", slowly)
        monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
        opened = await people[1].press(house.card, "Share your opinion")
        given = await people[1].submit(opened.modal, {"opinion": "Slowly"})
        assert given.deferred
        assert not given.failed
        gate.set()
        await people[1].is_told("Opinion saved")

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Slowly"]


async def test_a_window_opens_in_time_though_the_store_is_slow(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(2)
    async with house.gateway():
        await house.ask(people[0])

        async def never(*given: object) -> object:
            return await asyncio.Event().wait()

        monkeypatch.setattr(house.contributions, "opinion", never)
        monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
        opened = await people[1].press(house.card, "Share your opinion")

    assert opened.modal is not None


def counted(outcome: str) -> float:
    """How many of our calls of Discord had this outcome."""
    found = REGISTRY.get_sample_value("platform_requests_total", {"platform": "discord", "outcome": outcome})
    return found or 0.0


async def test_calls_of_discord_are_counted_by_what_came_of_them(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    before = {outcome: counted(outcome) for outcome in ("done", "refused", "unreachable", "limited")}
    async with house.gateway():
        d = await house.ask(ann)
        house.discord.deny(house.room, "send_messages")
        with pytest.raises(ChannelClosedError):
            await house.parts.platform.post(d.channel, QuestionCard(d, 0), key="other")
        house.discord.allow(house.room, "send_messages")
        house.discord.faults.limit("POST /channels/{channel}/messages", retry_after_s=90)
        with pytest.raises(RateLimitedError):
            await house.parts.platform.post(d.channel, QuestionCard(d, 0), key="another")
    await house.discord.stop()
    with pytest.raises(DiscordError):
        await house.parts.platform.post(d.channel, QuestionCard(d, 0), key="a third")

    for outcome, count in before.items():
        assert counted(outcome) > count, outcome


async def test_a_rate_limit_is_waited_for_and_not_run_against(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        d = await house.ask(ann)
        house.discord.faults.limit("POST /channels/{channel}/messages", retry_after_s=0.2)
        before = len(house.discord.calls("POST /channels/{channel}/messages"))
        await house.parts.platform.post(d.channel, QuestionCard(d, 0), key="other")

    assert len(house.discord.calls("POST /channels/{channel}/messages")) == before + 2


async def test_the_bot_strangers_emoji_and_closed_ballots_do_not_rate(house: DiscordHouse) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await until_rating(house, people, "reactions")
        await people[1].react(house.ballot(d), "🍕")
        await rate(house, d, people[2], 5)
        assert await house.until_rated(d, 1) == [5]
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.SETTLED)
        await house.work()
        await people[0].react(house.ballot(d), d.terms.scale.levels[0].emoji)
        await house.parts.platform.update(d.ballot, BallotCard(d, d.statement or "", closed=True))

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [5]
