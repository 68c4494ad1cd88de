"""Promises that no other file here holds: a process for every act, crowds of edits, what is deleted late."""

import asyncio

import pytest

from bot.chat import answer_counter, tasks
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, Phase
from bot.domain.errors import UnknownDeliberationError
from bot.domain.team import WhoMayAsk
from bot.service.ids import named
from bot.wording import texts
from tests.adapters.discord.test_discord_lists import answer, asked, rated
from tests.adapters.discord.test_discord_reminders import known, remind
from tests.adapters.discord.test_discord_settings import saved
from tests.discord_house import QUESTION, DiscordHouse
from tests.discord_server import Member

EDIT = "PATCH /channels/{channel}/messages/{message}"


# -- a process for every act ---------------------------------------------------------------------


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_a_deliberation_is_whole_though_another_process_serves_every_act(
    any_house: DiscordHouse, rated_by: str
) -> None:
    house, people = any_house, any_house.people(3)
    identity = "anonymous" if rated_by == "buttons" else "named"
    async with house.gateway():
        d = await house.ask(people[0], identity=identity, rated_by=rated_by)
    for number, member in enumerate(people):
        async with house.gateway():
            opened = await member.press(house.card, "Share your opinion")
        async with house.gateway():
            given = await member.submit(opened.modal, {"opinion": f"Opinion {number}"})
            assert not given.failed
            await member.is_told("Opinion saved")
    async with house.gateway():
        await asked(people[0], "accord close")
    # The worker needs no gateway.
    d = await house.until_phase(d, Phase.RATING)
    for member in people:
        async with house.gateway():
            await rate(house, d.id, member)
    async with house.gateway():
        assert await house.until_rated(d, 3) == [6, 6, 6]
        await asked(people[0], "accord close")
    await house.until_phase(d, Phase.SETTLED)
    await house.work()

    assert "3 ratings" in house.card.shown
    # All bars stand on the card alone; what tells the channel leads there.
    (told,) = [m for m in house.own if "vote is closed" in m.shown.casefold() and m.reference]
    assert "3 agree" in house.card.shown
    assert "agree" not in told.shown
    assert "░" in house.card.shown
    assert "░" not in told.shown
    assert "See the result" in told.shown
    assert not house.discord.problems


async def rate(house: DiscordHouse, id_: str, member: Member) -> None:
    """Rate with 6, in whichever way the question wants it."""
    d = await house.deliberations.load(id_)
    if d.ballot is None:
        await answer(member, await member.press(house.card, f"accord:rate:{d.id}:6"))
    elif house.ballot(d).poll is not None:
        await member.vote(house.ballot(d), 6)
    else:
        await member.react(house.ballot(d), d.terms.levels[5].emoji)


# -- counts --------------------------------------------------------------------------------------


async def test_a_crowd_of_opinions_edits_the_card_a_few_times_and_ends_with_the_right_count(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(40)
    async with house.gateway(), house.gateway():
        await house.ask(people[0])
        monkeypatch.setattr(answer_counter, "EVERY_S", 0.5)
        before = len(house.discord.calls(EDIT))
        began = asyncio.get_running_loop().time()
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        await house.discord.until(lambda: "40 members have answered" in house.card.shown, what="the count")
        took = asyncio.get_running_loop().time() - began

    edits = len(house.discord.calls(EDIT)) - before
    assert 1 <= edits <= took / 0.5 + 1


# -- slow and failing ----------------------------------------------------------------------------


async def test_an_option_that_cannot_be_completed_in_time_offers_nothing_and_fails_nothing(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = house.people(1)

    async def never(*given: object) -> object:
        return await asyncio.Event().wait()

    async with house.gateway():
        d = await house.ask(ann)
        assert [c["value"] for c in await ann.autocomplete("accord close", "question")] == [d.id]
        monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
        monkeypatch.setattr(house.teams, "team", never)
        assert await ann.autocomplete("accord close", "question") == []


# -- deleted late, left early --------------------------------------------------------------------


async def test_a_deleted_statement_is_posted_anew_and_its_buttons_rate(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        id_ = await rated(house, people)
        first = house.card
        house.discord.delete_message(first)

        def again() -> bool:
            return any(m is not first and "accord:rate" in str(m.components) for m in house.own)

        await house.discord.until(again, what="the statement again")
        new = next(m for m in house.own if "accord:rate" in str(m.components))
        await answer(people[1], await people[1].press(new, f"accord:rate:{id_}:6"))
        await house.close_all_the_same(people[0])
        d = await house.until_phase(await house.deliberations.load(id_), Phase.SETTLED)
        await house.work()

    assert d.statement in new.shown
    assert "One rating" in new.shown or "1 rating" in new.shown


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_a_channel_that_is_deleted_during_the_vote_takes_no_rating_with_it_and_is_closed(
    house: DiscordHouse, rated_by: str
) -> None:
    people = house.people(3)
    room = house.discord.channel("elsewhere")
    identity = "anonymous" if rated_by == "buttons" else "named"
    async with house.gateway():
        id_ = await rated(house, people, identity=identity, rated_by=rated_by)
        for member in people:
            await rate(house, id_, member)
        d = await house.deliberations.load(id_)
        assert await house.until_rated(d, 3) == [6, 6, 6]
        house.discord.delete_channel(house.room)
        done = await people[0].command("accord close", room, question=id_)
        await answer(people[0], done)
        # The worker waits longer each time for a channel that may come back, and then settles all the same.
        for _ in range(40):
            await house.work()
            d = await house.deliberations.load(id_)
            if d.recorded:
                break
            await house.deliberations.save(d.model_copy(update={"wait_until": None}))
        found = await people[0].command("accord results", room, question=id_)
        await answer(people[0], found)

    assert d.phase is Phase.SETTLED
    assert [r.value for r in await house.contributions.ratings(id_, 1)] == [6, 6, 6]
    # Nobody sees that channel any more: not even those who did can look into it from elsewhere.
    assert found.message is not None
    assert str(UnknownDeliberationError()) in found.message.shown
    assert any("The channel is gone" in note.shown for note in people[0].dms)


async def test_somebody_who_left_cannot_take_part_by_an_old_direct_message(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0])
        await known(house, people)
        await remind(house, d)
        note = people[1].dms[-1]
        opened = await people[1].press(note, "Share your opinion")
        assert opened.modal is not None
    people[1].leave()
    # As if what was known of this server had become too old.
    house.parts.people.changed(d.team)
    async with house.gateway():
        given = await people[1].submit(opened.modal, {"opinion": "From outside"})
        await house.discord.until(lambda: given.message or given.failed, what="an answer")
        assert given.message is not None
        # What they wrote is not lost to them, and not kept.
        assert "From outside" in given.message.shown
        again = await people[1].press(note, "Share your opinion")
        await house.discord.until(lambda: again.message or again.failed, what="an answer")
        assert again.modal is None

    assert not await house.contributions.opinions(d.id)


# -- who may ask, and where ----------------------------------------------------------------------


async def test_only_those_may_ask_whom_the_settings_name_and_only_there(house: DiscordHouse) -> None:
    boss, (ann, ben) = house.discord.owner(), house.people(2)
    other = house.discord.channel("other")
    async with house.gateway():
        await saved(boss, "who", who_may_ask="listed", may_ask_users=[ann], channels=[house.room])
        refused = await asked(ben, "accord ask", question=QUESTION)
        window = await ben.command("accord ask")
        elsewhere = await ann.command("accord ask", other, question=QUESTION)
        await answer(ann, elsewhere)
        assert not await house.deliberations.of_team(str(ann.guild.id))
        await house.ask(ann)
        team = await house.teams.team(str(boss.guild.id))

    assert window.modal is None
    assert team.who_may_ask is WhoMayAsk.LISTED
    assert "Only some people can ask questions" in refused.shown
    assert elsewhere.message is not None
    assert "channel" in elsewhere.message.shown
    assert len(await house.deliberations.of_team(str(ann.guild.id))) == 1


async def test_a_message_too_long_for_a_question_becomes_its_background(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    long = "We have talked about this for weeks. " * 40
    assert QUESTION_LIMIT < len(long) <= CONTEXT_LIMIT
    async with house.gateway():
        said = await ann.say(house.room, long)
        opened = await ann.message_command("Find common ground", said)
        given = await ann.submit(opened.modal, {"question": "Tea or coffee?"})
        await answer(ann, given)

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert (d.question, d.context) == ("Tea or coffee?", long.strip())
    assert texts.POSTED in (given.message.shown if given.message else "")


async def test_a_window_that_was_open_for_very_long_gives_everything_back(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    context = "All of it. " * 150
    async with house.gateway():
        opened = await ann.command("accord ask", identity="named", quality=True)
        # As if the day were over for which what was chosen is kept.
        assert await house.notes.take(f"asking {named(str(ann.id), str(opened.id))}")
        assert opened.modal is not None
        late = await answer(ann, await ann.submit(opened.modal, {"question": QUESTION, "context": context}))
        assert not await house.deliberations.of_team(str(ann.guild.id))
        assert QUESTION in late.shown.replace("\\", "")
        assert context.strip() in late.shown
        again = await ann.press(late, "Open it again")
        assert again.modal is not None
        await answer(ann, await ann.submit(again.modal, {}))

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert (d.question, d.context) == (QUESTION, context.strip())
