"""What a question in Discord can ask beside the opinion: agreement with a position, and quality."""

import asyncio
import math

import pytest

from bot.chat.notes import DAY_S, HOUR_S
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError
from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.domain.team import Team
from bot.service.reconciling import collect_baselines
from bot.wording import texts
from bot.wording.cards import CancelledCard, QuestionCard
from tests.adapters.discord.test_discord_lists import answer, asked
from tests.adapters.discord.test_discord_settings import saved
from tests.discord_house import MEMBERS, DiscordHouse
from tests.discord_server import Member, Message

POSITION = "Plastics *should* be banned, @everyone."
NAMED_POLL = {"identity": "named", "rated_by": "poll", "position": POSITION}
EDIT_CARD = "PATCH /channels/{channel}/messages/{message}"
END_POLL = "POST /channels/{channel}/polls/{message}/expire"


def position_poll(house: DiscordHouse) -> Message:
    """The poll below the question."""
    return next(m for m in house.own if m.poll is not None and m.reference is house.card)


async def values(house: DiscordHouse, d: Deliberation, people: list[Member]) -> list[int | None]:
    """What is kept of each person's agreement with the position."""
    of = house.ports.pseudonyms.of
    kept = [await house.contributions.baseline(d.id, of(d, str(each.id))) for each in people]
    return [None if rating is None else rating.value for rating in kept]


async def forget(member: Member) -> None:
    """Ask to be forgotten, and confirm it."""
    sure = await asked(member, "accord forget-me")
    await answer(member, await member.press(sure, "Delete everything of mine"))


async def choose_quality(house: DiscordHouse, member: Member, message: Message, value: int) -> str:
    """Choose beside the statement; what they are told."""
    chosen = await member.choose(message, texts.QUALITY_LABEL, str(value))
    await house.discord.until(lambda: chosen.message, what="an answer")
    assert chosen.message is not None
    return chosen.message.shown


# -- the position statement ----------------------------------------------------------------------


async def test_a_poll_asks_for_the_position_and_its_votes_are_baselines_once_opinions_close(
    any_house: DiscordHouse,
) -> None:
    house = any_house
    people = house.people()
    await house.teams.save_team(Team(id=str(people[0].guild.id), keep_feedback=True))
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        poll = position_poll(house)
        assert poll.poll is not None
        assert "How far do you agree: Plastics" in poll.poll.question
        assert list(poll.poll.answers.values()) == [level.label for level in AGREEMENT_LEVELS]
        assert "Before you answer" in house.card.shown
        for number, member in enumerate(people):
            opened = await member.press(house.card, "Share your opinion")
            assert opened.modal is not None
            # It is asked once: not in the window too.
            assert texts.BASELINE_LABEL not in opened.modal.shown
            await member.submit(opened.modal, {"opinion": f"Opinion {number}", "learn": "yes"})
            await member.is_told("Opinion saved")
            if number < MEMBERS - 1:
                await member.vote(poll, number % 7 + 1)
        await people[1].unvote(poll)
        await people[2].unvote(poll)
        await people[2].vote(poll, 7)
        assert await values(house, d, people) == [None] * MEMBERS
    # Nobody listens: the last vote is found all the same.
    await people[7].vote(poll, 6)
    async with house.gateway():
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.RATING)
        assert poll.poll.closed
        assert await values(house, d, people) == [1, None, 7, 4, 5, 6, 7, 6]
        await people[3].vote(house.ballot(d), 5)
        await house.until_rated(d, 1)
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
    (record,) = [record async for record in house.ports.feedback.read(d.team)]
    assert (record.position_statement, record.baseline, record.agreement) == (POSITION, 4, 5)
    assert not any(message.pings for message in house.own)
    assert not house.discord.problems


async def test_votes_of_somebody_who_asked_to_be_forgotten_are_not_read_again(
    any_house: DiscordHouse,
) -> None:
    house, people = any_house, any_house.people(3)
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        for member in people:
            await house.opine(member, house.card, "Mine")
            await member.vote(position_poll(house), 6)
        await forget(people[1])
        await house.opine(people[1], house.card, "Mine again")
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.RATING)
        assert await values(house, d, people) == [6, None, 6]
        for member in people:
            await member.vote(house.ballot(d), 7)
        assert await house.until_rated(d, 3) == [7, 7, 7]
        await forget(people[2])
        assert await house.until_rated(d, 2) == [7, 7]
    # A gateway that begins reads every vote again, and so does the end of the vote.
    async with house.gateway():
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "2 ratings" in house.card.shown
    assert await values(house, d, people) == [6, None, None]


async def test_a_window_with_every_part_has_room_for_it(house: DiscordHouse) -> None:
    """A position, learning, and what is said before: Discord takes five parts."""
    team = await house.teams.team(str(house.room.guild.id))  # type: ignore[union-attr]
    await house.teams.save_team(team.model_copy(update={"keep_feedback": True}))
    await house.upkeep.keep_model_notice(ModelNotice(drafter="Llama"))
    (ann,) = house.people(1)
    async with house.gateway():
        await house.ask(ann, position="Ban bags.")
        opened = await ann.press(house.card, "Share your opinion")

    assert opened.modal is not None
    for said in ("Llama", texts.LEARNING_NOTE, texts.BASELINE_LABEL, texts.LEARNING_LABEL):
        assert said in opened.modal.shown
    # No poll asks for the position, where ratings are private.
    assert not [m for m in house.own if m.poll is not None]
    assert not house.discord.problems


async def test_a_poll_on_the_position_that_is_deleted_gives_way_to_the_window(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        poll = position_poll(house)
        await people[0].vote(poll, 3)
        house.discord.delete_message(poll)
        for _ in range(3_000):
            opened = await people[1].press(house.card, "Share your opinion")
            assert opened.modal is not None
            if texts.BASELINE_LABEL in opened.modal.shown:
                break
            await asyncio.sleep(0.02)
        await people[1].submit(opened.modal, {"opinion": "Mine", "baseline": "2"})
        await people[1].is_told("Opinion saved")
        await house.opine(people[0], house.card, "Another")
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.RATING)

    assert await values(house, d, people) == [None, 2]


async def test_a_poll_that_was_deleted_while_nobody_listened_holds_nothing_up(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        for member in people:
            await house.opine(member, house.card, "Mine")
    house.discord.delete_message(position_poll(house))
    async with house.gateway():
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.RATING)

    assert await values(house, d, people) == [None, None]
    assert d.setbacks == 0


async def test_a_poll_on_the_position_that_ended_by_itself_gives_way_to_the_window(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        # The poll is as old as Discord lets one get.
        house.discord.clock.advance(-33 * DAY_S)
        d = await house.ask(ann, deadline="in 60 days", **NAMED_POLL)
        poll = position_poll(house)
        assert "we ask you when you share your opinion" in house.card.shown
        house.discord.clock.advance(1 * DAY_S)
        for member in (ann, ben):
            await member.vote(poll, 2)
        house.discord.clock.advance(32 * DAY_S)
        opened = await ben.press(house.card, "Share your opinion")
        assert opened.modal is not None
        assert texts.BASELINE_LABEL in opened.modal.shown
        await ben.submit(opened.modal, {"baseline": "6", "opinion": "I have changed my mind"})
        await ben.is_told("Opinion saved")
        await house.opine(ann, house.card, "I have not")
        await ann.command("accord close")
        await house.until_phase(d, Phase.RATING)

    # Who voted in the poll is counted, and who said otherwise since is taken at their last word.
    assert sorted(rating.value for rating in await house.contributions.baselines(d.id)) == [2, 6]


async def test_a_poll_on_the_position_lasts_as_long_as_opinions_and_then_the_window_asks(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        # Ours stands still here while Discord's goes on to it.
        house.discord.clock.advance(-4 * HOUR_S)
        await house.ask(ann, deadline="in 3 hours", **NAMED_POLL)
        poll = position_poll(house)
        assert poll.poll is not None
        assert poll.poll.expires_at - house.discord.state.clock() == pytest.approx(3 * HOUR_S, abs=60)
        await ben.vote(poll, 2)
        # Its end stays where it was though opinions stay open for longer.
        await asked(ann, "accord extend", until="in 2 days")
        house.discord.clock.advance(4 * HOUR_S)
        opened = await ben.press(house.card, "Share your opinion")

    assert opened.modal is not None
    assert texts.BASELINE_LABEL in opened.modal.shown


async def test_a_poll_on_the_position_gives_way_to_the_window_when_opinions_are_collected_again(
    house: DiscordHouse,
) -> None:
    people = ann, ben = house.people(2)
    async with house.gateway():
        d = await house.ask(ann, deadline="in 3 hours", **NAMED_POLL)
        for member in people:
            await member.vote(position_poll(house), 2)
        drafting = await house.deliberations.save(d.closed(house.ports.clock.now()))
        await collect_baselines(drafting, house.ports)
        failed = drafting.failed("Unreadable.", house.ports.clock.now()).was_told()
        await house.deliberations.save(failed)
        await asked(ann, "accord reopen", until="in 2 days")
        await house.work()
        opened = await ben.press(house.card, "Share your opinion")
        assert opened.modal is not None
        assert texts.BASELINE_LABEL in opened.modal.shown
        await ben.submit(opened.modal, {"baseline": "6", "opinion": "I have changed my mind"})
        await ben.is_told("Opinion saved")
        await house.opine(ann, house.card, "I have not")
        await ann.command("accord close")
        await house.until_phase(d, Phase.RATING)

    assert await values(house, d, people) == [2, 6]


async def test_votes_on_the_position_are_counted_though_discord_fails_for_a_while(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        for member in people:
            await house.opine(member, house.card, "Mine")
            await member.vote(position_poll(house), 6)
        house.discord.deny(house.room, "view_channel")
        await people[0].command("accord close", house.discord.channel("elsewhere"), question=d.id)
        await house.work()
        held = await house.load(d)
        assert (held.phase, held.setbacks) == (Phase.MEDIATING, 1)
        house.discord.allow(house.room, "view_channel")
        # As if the pause were over.
        await house.deliberations.save(held.model_copy(update={"wait_until": None}))
        d = await house.until_phase(d, Phase.RATING)

    assert await values(house, d, people) == [6, 6]


async def test_the_poll_is_put_up_once_and_ends_with_a_question_that_is_cancelled(
    house: DiscordHouse,
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], **NAMED_POLL)
        poll = position_poll(house)
        # A process that died before it noted where the card stands, and one that lost the note of the poll.
        await house.notes.put(f"message {d.team} {d.channel} {d.id}:position", "", for_s=60)
        await house.parts.platform.post(d.channel, QuestionCard(d, 0), key=d.id)
        assert len([m for m in house.own if m.poll is not None]) == 1
        sure = await people[0].command("accord cancel")
        await house.discord.until(lambda: sure.message, what="an answer")
        assert sure.message is not None
        await people[0].press(sure.message, "Cancel the question")
        d = await house.until_phase(d, Phase.CANCELLED)
        await house.work()
        assert d.message is not None
        await house.parts.platform.update(d.message, CancelledCard(d))

    assert poll.poll is not None
    assert poll.poll.closed
    assert not house.discord.problems


@pytest.mark.parametrize("broken", [EDIT_CARD, END_POLL])
async def test_a_cancelled_questions_poll_ends_though_its_card_cannot_be_shown_and_the_other_way_round(
    house: DiscordHouse, broken: str
) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        d = await house.ask(ann, **NAMED_POLL)
        poll = position_poll(house).poll
        assert poll is not None
        assert d.message is not None
        house.discord.faults.fail(broken, 400, 50035, times=math.inf)
        cancelled = d.cancelled(texts.CANCELLED_BY_PERSON, house.ports.clock.now())
        with pytest.raises(PlatformError):
            await house.parts.platform.update(d.message, CancelledCard(cancelled))
        shown = texts.CANCELLED_BY_PERSON in house.card.shown
        assert (poll.closed, shown) == (broken != END_POLL, broken == END_POLL)
        # Whoever tries again mends the rest.
        house.discord.faults.clear()
        await house.parts.platform.update(d.message, CancelledCard(cancelled))
        assert poll.closed
        assert texts.CANCELLED_BY_PERSON in house.card.shown


# -- one's own emoji -----------------------------------------------------------------------------


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_a_question_is_rated_with_emoji_of_ones_own(house: DiscordHouse, rated_by: str) -> None:
    people = house.people(3)
    identity = "anonymous" if rated_by == "buttons" else "named"
    async with house.gateway():
        d = await house.ask(people[0], emoji="🔴 🟡 🟢", identity=identity, rated_by=rated_by, quorum=3)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        rates = people if rated_by == "buttons" else people[:1]  # fewer private ratings are never shown
        if rated_by == "buttons":
            for member in rates:
                await answer(member, await member.press(house.card, "Agree"))
            assert house.card.component("Agree")["emoji"]["name"] == "🟢"
        elif rated_by == "poll":
            await people[0].vote(house.ballot(d), "Agree")
        else:
            assert list(house.ballot(d).reactions) == ["🔴", "🟡", "🟢"]
            await people[0].react(house.ballot(d), "🟢")
        assert await house.until_rated(d, len(rates)) == [6] * len(rates)
        await asked(people[0], "accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert f"6 ████████ {len(rates)} Agree" in house.card.shown
    assert "🟢 agree" in house.card.shown
    assert not house.discord.problems


NO, HM, YES = (1_400_000_000_000_000_001 + number for number in range(3))
DRAWN = f"<:no:{NO}> <:hm:{HM}> <:yes:{YES}>"


@pytest.fixture
def drawn(house: DiscordHouse) -> dict[int, str]:
    """Emoji that the server has drawn itself, by their numbers."""
    house.discord.first_guild.emojis |= {NO: "no", HM: "hm", YES: "yes"}
    return house.discord.first_guild.emojis


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
@pytest.mark.parametrize("deleted", [False, True], ids=["all there", "one deleted"])
async def test_a_question_is_rated_with_emoji_that_the_server_has_drawn(
    house: DiscordHouse, drawn: dict[int, str], rated_by: str, deleted: bool
) -> None:
    people = house.people(2)
    identity = "anonymous" if rated_by == "buttons" else "named"
    async with house.gateway():
        d = await house.ask(people[0], emoji=DRAWN, identity=identity, rated_by=rated_by, quorum=2)
        if deleted:
            del drawn[NO]
        for member in people:
            await house.opine(member, house.card, "Mine")
        d = await house.until_phase(d, Phase.RATING)
        if rated_by == "buttons":
            told = await answer(people[1], await people[1].press(house.card, "Agree"))
            assert f"<:yes:{YES}> Agree." in told.shown
            assert ("emoji" in house.card.component("Agree")) is not deleted
        elif rated_by == "poll":
            await people[1].vote(house.ballot(d), "Agree")
        else:
            assert list(house.ballot(d).counts()) == [f"no:{NO}", f"hm:{HM}", f"yes:{YES}"][int(deleted) :]
            # It is the same one whatever it is called now.
            drawn[YES] = "yeah"
            await people[1].react(house.ballot(d), f"yeah:{YES}")
        assert await house.until_rated(d, 1) == [6]
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "1 rating" in house.card.shown
    assert bool([m for m in people[0].dms if "stand for: disagree" in m.shown]) is (
        deleted and rated_by == "reactions"
    )
    assert not house.discord.problems


@pytest.mark.parametrize(
    ("emoji", "words"),
    [
        (f"<:no:{NO}> <:hm:{HM}> <:theirs:99>", "is not one of this server's own emoji"),
        (f"<:no:{NO}> <:hm:{HM}> :theirs:", "isn't a standard emoji or one of this server's own"),
    ],
)
async def test_emoji_of_nobody_here_are_refused_by_name(
    house: DiscordHouse, drawn: dict[int, str], emoji: str, words: str
) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        refused = await asked(ann, "accord ask", question="Tea or coffee?", emoji=emoji)

    assert words in refused.shown
    assert "theirs" in refused.shown


async def test_drawn_emoji_can_be_what_a_servers_questions_start_from(
    house: DiscordHouse, drawn: dict[int, str]
) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        await saved(house.discord.owner(), "scale", scale="own", emoji=DRAWN)
        d = await house.ask(ann)

    assert [level.emoji for level in d.terms.levels] == DRAWN.split()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"emoji": "🔴 🟡"}, "three or seven"), ({"quorum": 2, "minimum": 5}, "fewer than the 5 opinions")],
    ids=["emoji", "quorum"],
)
async def test_what_the_window_cannot_mend_is_left_out_of_it(
    house: DiscordHouse, wrong: dict[str, object], words: str
) -> None:
    (ann,) = house.people(1)
    async with house.gateway():
        refused = await asked(ann, "accord ask", question="Tea or coffee?", **wrong)
        assert words in refused.shown
        opened = await ann.press(refused, "Fix it")
        assert opened.modal is not None
        await answer(ann, await ann.submit(opened.modal, {}))

    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert d.question == "Tea or coffee?"


async def test_whoever_closes_a_question_with_their_opinion_is_offered_no_change(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        await house.ask(people[0], quorum=2)
        for member in people:
            await house.opine(member, house.card, "Mine")
        first = await people[0].is_told("Opinion saved. You can change")
        last = await people[1].is_told("The question is closed now")

    assert ("Withdraw it" in str(first.components), "Withdraw it" in str(last.components)) == (True, False)


# -- quality -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rated_by", ["buttons", "reactions", "poll"])
async def test_quality_is_given_privately_beside_the_statement(house: DiscordHouse, rated_by: str) -> None:
    people = house.people(3)
    named = {} if rated_by == "buttons" else {"identity": "named", "rated_by": rated_by}
    async with house.gateway():
        d = await house.ask(people[0], quality=True, quorum=3, **named)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        place = next(m for m in reversed(house.own) if "Terrible" in str(m.components))
        assert texts.QUALITY_NEEDS_RATING in await choose_quality(house, people[1], place, 2)
        for member in people[1:]:
            if rated_by == "buttons":
                await member.press(house.card, f"accord:rate:{d.id}:6")
            elif rated_by == "poll":
                await member.vote(house.ballot(d), 6)
            else:
                await member.react(house.ballot(d), d.terms.levels[5].emoji)
        assert await house.until_rated(d, 2) == [6, 6]
        assert "somewhat good" in await choose_quality(house, people[1], place, 5)
        assert "bad" in await choose_quality(house, people[1], place, 2)

    assert sorted(r.quality or 0 for r in await house.contributions.ratings(d.id, 1)) == [0, 2]
    assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == [6, 6]
    assert not house.discord.problems


async def test_a_jury_completes_itself_and_its_question_asks_members_what_its_seats_need(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    about = MemberAttribute(label="Team", values=("support", "sales"))
    jury = SeatedJury(name="All alike", attribute="Team", seats={"support": 3, "sales": 3})
    await house.teams.save_team(Team(id=str(ann.guild.id), attributes=(about,), juries=(jury,)))
    position = {"position": "Everybody answers the phone."}
    async with house.gateway():
        offered = await ann.autocomplete("accord ask", "jury", "ALL")
        refused = await asked(ann, "accord ask", question="Who calls?", jury="Mine")
        await asked(ann, "accord ask", question="Who calls?", jury="All alike", **position)
        await house.work()
        opened = await ben.press(house.card, "Share your opinion")

    assert [each["value"] for each in offered] == ["All alike"]
    assert "All alike" in refused.shown
    (d,) = await house.deliberations.of_team(str(ann.guild.id))
    assert d.terms.jury == jury
    assert opened.modal is not None
    for words in (position["position"], "Team", "support and sales count equally", "nobody sees it"):
        assert words.casefold() in opened.modal.shown.casefold()
    assert not house.discord.problems
