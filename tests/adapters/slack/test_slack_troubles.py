"""What goes wrong: limits, deleted messages, archived channels, revoked tokens, gateways that die."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.slack import app, clients, inbound
from adapters.slack.app import SlackGateway
from adapters.slack.errors import NotInstalledError
from bot.chat import tasks
from bot.chat.tasks import Tasks
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError, RateLimitedError, StoreError, UnreachableError
from bot.domain.team import Team
from bot.service import reconciling
from bot.wording import texts
from bot.wording.cards import CancelledCard, QuestionCard
from tests.slack_house import SlackHouse, card, install
from tests.slack_server import Channel, User, View

# The SDK itself sends the client's secret in that way.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def until_rating(house: SlackHouse, room: Channel, people: list[User], **values: str) -> Deliberation:
    """A question whose statement is out."""
    d = await house.ask(people[0], room, quorum=str(len(people)), **values)
    for number, member in enumerate(people):
        await house.opine(member, card(room), f"Opinion {number}")
    return await house.until_phase(d, Phase.RATING)


# -- posting is repeatable -----------------------------------------------------------------------


async def test_a_message_whose_answer_was_lost_is_found_again_by_its_metadata(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room)
    posted = card(room).ts
    # As if the process had died between Slack's answer and the note.
    await house.notes.put(f"message {d.team} {room.id} {d.id}", "", for_s=60)

    again = await house.parts.platform.post(room.id, QuestionCard(d, 0), key=d.id)

    assert again.message == posted
    assert len([m for m in room.shown if m.bot_id]) == 1


async def test_a_lost_message_is_found_though_slack_shows_few_messages_a_minute(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room)
        posted = card(room).ts
        for number in range(40):
            await ann.say(room, f"Chatter {number}")
        await house.notes.put(f"message {d.team} {room.id} {d.id}", "", for_s=60)
        house.slack.limits.history_every_s = 0.5
        tries = 0
        while True:
            tries += 1
            try:
                again = await house.parts.platform.post(room.id, QuestionCard(d, 0), key=d.id)
                break
            except RateLimitedError as exc:
                await asyncio.sleep(exc.retry_after_s)

    assert again.message == posted
    assert tries <= 4
    assert len([m for m in room.shown if m.bot_id]) == 1


async def test_old_messages_are_not_read_when_a_lost_one_is_looked_for(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room)
        await house.notes.put(f"message {d.team} {room.id} other", "", for_s=60)
        await house.notes.put(f"message {d.team} {room.id} old", "", for_s=60)
        await house.notes.put(f"sent {d.team} {room.id} old", "1000.0", for_s=60)
        for number in range(20):
            await ann.say(room, f"Chatter {number}")
        # What was never sent is not looked for; what was sent long ago is looked for there.
        await house.parts.platform.post(room.id, QuestionCard(d, 0), key="other")
        assert house.slack.calls("conversations.history") == []
        await house.parts.platform.post(room.id, QuestionCard(d, 0), key="old")

    assert [len(call.answer["messages"]) for call in house.slack.calls("conversations.history")] == [0]


async def test_posting_twice_is_one_message(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room)

    assert (await house.parts.platform.post(room.id, QuestionCard(d, 0), key=d.id)).message == card(room).ts
    assert len(room.shown) == 1


async def test_a_deleted_message_is_posted_anew_and_still_works(house: SlackHouse) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="3")
        first = card(room)
        await people[0].delete(first)
        for number, member in enumerate(people):
            if number == 0:
                await house.parts.platform.update(first_ref(d, first.ts), QuestionCard(d, 0))
            await house.opine(member, card(room), f"Opinion {number}")
        await house.until_phase(d, Phase.RATING)

    assert card(room).ts != first.ts
    assert "Draft 1" in card(room).shown
    await people[0].is_told("was deleted")


def first_ref(d: Deliberation, ts: str):
    """Where the rest of Accord believes the message to be."""
    assert d.message is None or d.message.message == ts
    from bot.domain.deliberation import MessageRef

    return MessageRef(channel=d.channel, message=ts)


async def test_a_deleted_ballot_is_posted_anew_and_its_reactions_count(house: SlackHouse) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        old = room.message(d.ballot.message)
        assert old is not None
        await people[0].delete(old)
        from bot.wording.cards import BallotCard

        await house.parts.platform.update(d.ballot, BallotCard(d, "The statement"))
        new = room.shown[-1]
        assert len(new.reactions) == 7
        await people[1].react(new, "heart_eyes")
        await house.settled()

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [7]


async def test_a_deleted_ballot_holds_no_result_up_and_takes_no_counted_vote_along(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway() as gateway:
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        for member in people[:2]:
            await member.react(ballot, "blush")
        await house.settled()
        await people[0].delete(ballot)
        # Whoever looks first puts another in its place, on which the others vote.
        await gateway.reconcile()
        new = room.shown[-1]
        assert len(new.reactions) == 7
        await people[2].react(new, "heart_eyes")
        await house.settled()
        await people[0].delete(new)
        await people[0].command("/accord close", room)
        await house.slack.until(lambda: any("closed" in m.shown for m in people[0].ephemerals))
        await house.work()
        settled = await house.load(d)

    assert (settled.phase, settled.setbacks) == (Phase.SETTLED, 0)
    assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == [6, 6, 7]


async def test_votes_on_a_ballot_that_was_posted_anew_are_found_though_nobody_listened(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway() as gateway:
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await people[0].react(ballot, "blush")
        await house.settled()
        await people[0].delete(ballot)
        await gateway.reconcile()
        new = room.shown[-1]
    await people[1].react(new, "heart_eyes")
    async with house.gateway() as gateway:
        await gateway.reconcile()

    assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == [6, 7]


# -- what Slack refuses --------------------------------------------------------------------------

NotInChannel = Callable[[SlackHouse, Channel, User], Awaitable[object]]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("is_archived", "archived"),
        ("missing_scope", "permission"),
    ],
)
async def test_what_hinders_a_post_is_a_sentence_to_the_facilitator_and_the_question_survives(
    house: SlackHouse, error: str, words: str
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        house.slack.faults.fail("chat.postMessage", error, times=50, channel=room.id)
        d = await house.ask(ann, room)
        message = await ann.is_told(words)
        assert "No opinion is lost" in message.shown
        house.slack.faults.clear()
        d = await house.load(d)
        assert d.phase is Phase.OPINIONS
        assert d.message is None
        assert d.setbacks > 0
        await house.parts.platform.post(room.id, QuestionCard(d, 0), key=d.id)

    assert "Should we ban" in card(room).shown
    told = [m for m in ann.dms if words in m.shown]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [("team_access_not_granted", "install the app again"), ("messages_tab_disabled", "Messages Tab")],
)
async def test_what_slack_has_its_own_words_for_is_a_sentence_that_says_what_to_do(
    house: SlackHouse, error: str, words: str
) -> None:
    ann = house.slack.user("ann")
    house.slack.faults.fail("conversations.open", error)
    with pytest.raises(PlatformError, match=words):
        await house.parts.platform.write(ann.team.id, ann.id, "Good morning.")


@pytest.mark.parametrize("trouble", ["archived", "kicked out"])
async def test_a_question_whose_channel_is_closed_to_it_says_so_and_goes_on_when_that_is_mended(
    house: SlackHouse, trouble: str
) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="4", identity="named")
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        if trouble == "archived":
            await house.slack.archive(room, people[0])
        else:
            await house.slack.remove_bot(room)
        await people[0].click(await managing(house, people[0], d), "do:close")
        for _ in range(3):
            await house.work()
            await house.pause_is_over(d)
        told = await people[0].is_told("Unarchive it" if trouble == "archived" else "/invite")
        assert "No opinion is lost" in told.shown
        if trouble == "archived":
            await house.slack.unarchive(room, people[0])
        else:
            await house.slack.add_bot(room)
        await house.pause_is_over(d)
        d = await house.until_phase(d, Phase.RATING)

    assert len([m for m in people[0].dms if "No opinion is lost" in m.shown]) == 1
    assert "Draft 1" in card(room).shown


async def managing(house: SlackHouse, steward: User, d: Deliberation) -> View:
    """The window in which a question is run, from the app's own tab."""
    while steward.views:
        await steward.close()
    await steward.open_home()
    await house.slack.until(lambda: steward.home and d.question in steward.home.shown)
    assert steward.home is not None
    await steward.click(steward.home, "manage")
    return await steward.sees_modal("manage_view")


async def test_an_archived_channel_is_refused_in_the_window(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask Why?", room)
        view = await ann.sees_modal("ask")
        await house.slack.archive(room, ann)
        refused = await ann.submit(view)

    assert "archived" in refused.errors["question"]


async def test_a_channel_without_the_bot_is_refused_in_the_window(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann, with_bot=False)
    async with house.gateway():
        await ann.command("/accord ask Why?", room)
        refused = await ann.submit(await ann.sees_modal("ask"))

    assert "/invite" in refused.errors["question"]


async def test_a_limit_in_one_channel_holds_up_no_other(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    busy, quiet = house.slack.channel("busy", ann), house.slack.channel("quiet", ann)
    async with house.gateway():
        d = await house.ask(ann, quiet)
        house.slack.faults.limit("chat.postMessage", retry_after_s=30, channel=busy.id)
        with pytest.raises(RateLimitedError) as limited:
            await house.parts.platform.post(busy.id, QuestionCard(d, 0), key="one")
        assert limited.value.retry_after_s == 30
        calls = len(house.slack.calls("chat.postMessage", channel=busy.id))
        with pytest.raises(RateLimitedError):
            await house.parts.platform.post(busy.id, QuestionCard(d, 0), key="two")
        assert len(house.slack.calls("chat.postMessage", channel=busy.id)) == calls

        await house.parts.platform.post(quiet.id, QuestionCard(d, 0), key="three")


@pytest.mark.parametrize(
    "method",
    [
        "chat.update",
        "conversations.info",
        "conversations.members",
        "reactions.add",
        "reactions.get",
        "users.info",
    ],
)
async def test_a_limit_on_any_method_delays_and_loses_nothing(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(2)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        house.slack.faults.limit(method)
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        for member in people:
            await member.react(ballot, "blush")
        await house.settled()
        await people[0].command("/accord close", room)
        d = await house.until_phase(d, Phase.SETTLED)
        await house.slack.until(lambda: len(ballot.reactions) == 7)

    assert any(call.status == 429 for call in house.slack.calls(method))
    assert len(await house.contributions.opinions(d.id)) == 2
    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6, 6]


async def test_whoever_gets_no_window_because_of_a_limit_is_told_when_to_click_again(
    house: SlackHouse,
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        await house.ask(ann, room)
        house.slack.faults.limit("views.open", retry_after_s=30)
        await ben.click(card(room), "share_opinion")
        await ben.is_told("Click again in 30 seconds")

    assert ben.views == []


async def test_a_window_that_a_short_limit_held_up_opens_all_the_same(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        await house.ask(ann, room)
        house.slack.faults.limit("views.open", retry_after_s=1)
        await ben.click(card(room), "share_opinion")
        await ben.sees_modal("opinion")


async def test_a_revoked_token_is_a_sentence(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        d = await house.ask(ann, room)
        await house.slack.revoke(house.slack.first_team)
        with pytest.raises(PlatformError, match="install the app again"):
            await house.parts.platform.post(room.id, CancelledCard(d), key="other")


async def test_somebody_who_left_is_unreachable_and_is_no_member(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d = await house.ask(ann, room)
        house.slack.deactivate(ben)
        from bot.wording.cards import ReminderNote

        with pytest.raises(UnreachableError):
            await house.parts.platform.direct_message(d.team, ben.id, ReminderNote(d))

    assert list(await house.parts.platform.members(d.team, room.id)) == [ann.id]


# -- gateways that come and go -------------------------------------------------------------------


async def test_reactions_that_were_missed_are_counted_when_a_gateway_comes_back(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing else is under way that could be younger than what is looked at.
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(4)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await people[0].react(ballot, "rage")
        await house.settled()
    await people[0].unreact(ballot, "rage")
    await people[1].react(ballot, "+1", skin_tone=3)  # of another scale
    await people[2].react(ballot, "heart_eyes")
    await people[3].react(ballot, "pouting_face")
    await house.settled()
    async with house.gateway() as gateway:
        await gateway.reconcile()

    assert sorted(rating.value for rating in await house.contributions.ratings(d.id, 1)) == [1, 7]


async def test_whoever_takes_off_the_last_of_two_reactions_has_the_first_counted_again_at_once(
    house: SlackHouse,
) -> None:
    people = house.people(4)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await people[0].react(ballot, "rage")
        await people[0].react(ballot, "heart_eyes")
        await people[1].react(ballot, "blush")
        taken_off = await people[0].unreact(ballot, "heart_eyes")
        await house.settled()
        given = [rating.value for rating in await house.contributions.ratings(d.id, 1)]
        assert sorted(given) == [1, 6]
        # A change of mind since then stays, though a copy of what was taken off comes late.
        await people[0].unreact(ballot, "rage")
        await people[0].react(ballot, "heart_eyes")
        assert taken_off is not None
        await house.slack.post.again(taken_off)
        await house.settled()

    assert sorted(rating.value for rating in await house.contributions.ratings(d.id, 1)) == [6, 7]


async def test_a_gateway_that_dies_at_any_point_loses_no_opinion(house: SlackHouse) -> None:
    people = house.people(6)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="6")
    for number, member in enumerate(people):
        async with house.gateway():
            await member.click(card(room), "share_opinion")
            await member.sees_modal("opinion")
        # Another gateway serves the window that the first one opened.
        async with house.gateway():
            delivery = await member.submit(values={"opinion": f"Opinion {number}"})
            assert delivery.acked
            assert not delivery.errors
    async with house.gateway():
        await house.until_phase(d, Phase.RATING)

    assert len(await house.contributions.opinions(d.id)) == 6
    # The question's card, which became the statement's, and the notice that there is a statement.
    assert len([m for m in room.shown if m.bot_id]) == 2


async def test_two_gateways_share_the_work(house: SlackHouse) -> None:
    house.slack.redelivery.every = True
    house.slack.redelivery.interactions_too = True
    people = house.people(6)
    room = house.slack.channel("general", *people)
    async with house.gateway(), house.gateway():
        d = await house.ask(people[0], room)
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        await house.settled()

    assert len(await house.deliberations.of_team(people[0].team.id)) == 1
    assert sorted(o.text for o in await house.contributions.opinions(d.id)) == [
        f"Opinion {n}" for n in range(6)
    ]


async def test_an_event_that_cannot_be_kept_is_not_acknowledged_and_comes_again(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        house.slack.redelivery.ack_within_s = 0.2
        kept = house.deliberations.of_message
        failing = iter([True])

        async def once_unreachable(platform, message):
            if next(failing, False):
                raise StoreError("The state store does not answer.")
            return await kept(platform, message)

        monkeypatch.setattr(house.deliberations, "of_message", once_unreachable)
        delivery = await people[0].react(ballot, "blush")
        await house.settled()

    assert delivery is not None
    assert len(delivery.attempts) == 2
    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6]


# -- who takes part ------------------------------------------------------------------------------


async def test_the_bot_and_strangers_do_not_rate(house: SlackHouse) -> None:
    people = house.people(3)
    stranger = house.slack.user("stranger")
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await stranger.react(ballot, "rage")
        await people[1].react(ballot, "heart_eyes")
        await people[1].react(ballot, "pizza")
        await house.settled()

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [7]


async def test_another_bot_does_not_rate_live_or_when_it_is_reconciled(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "CLOCKS_DIFFER", timedelta(0))
    people = house.people(3)
    robot = house.slack.user("robot", is_bot=True)
    room = house.slack.channel("general", *people, robot)
    async with house.gateway() as gateway:
        d = await until_rating(house, room, people, identity="named")
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await robot.react(ballot, "rage")
        await people[1].react(ballot, "heart_eyes")
        await house.settled()
        # Somebody who has left since had their say.
        house.slack.deactivate(people[1])
        await gateway.reconcile()

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [7]


async def test_while_slack_does_not_say_who_is_a_guest_nobody_gets_in_by_that(house: SlackHouse) -> None:
    people = house.people(3)
    guest = house.slack.user("guest", is_restricted=True)
    room = house.slack.channel("general", *people, guest)
    team = people[0].team.id
    await house.teams.save_team((await house.teams.team(team)).model_copy(update={"exclude_guests": True}))
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="2", identity="named")
        house.slack.faults.limit("users.info", user=guest.id)
        await guest.click(card(room), "share_opinion")
        view = await guest.sees_modal("opinion")
        refused = await guest.submit(view, {"opinion": "Me too"})
        assert "Try again in a minute" in refused.errors["opinion"]
        await asyncio.sleep(1.1)
        for number, member in enumerate(people[:2]):
            await house.opine(member, card(room), f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        house.slack.faults.limit("users.info", user=people[2].id)
        house.slack.redelivery.ack_within_s = 3.0
        house.slack.redelivery.delays_s = (0.0, 1.1)
        # Their reaction is not lost: it comes again until Slack says that they are no guest.
        told = await people[2].react(ballot, "blush")
        assert told is not None
        assert len(told.attempts) > 1
        await house.settled()

    assert len(await house.contributions.opinions(d.id)) == 2
    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6]


async def test_an_opinion_is_withdrawn_though_slack_does_not_say_who_is_a_guest(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    await house.teams.save_team(Team(id=ann.team.id, exclude_guests=True))
    async with house.gateway():
        d = await house.ask(ann, room)
        await house.opine(ben, card(room), "My view")
    # Another gateway has not met anybody yet.
    async with house.gateway():
        house.slack.faults.fail("users.info", "internal_error", times=9)
        await ben.click(card(room), "share_opinion")
        view = await ben.sees_modal("opinion")
        refused = await ben.submit(view, {"opinion": "Another"})
        assert "who is a guest" in refused.errors["opinion"]
        await ben.click(view, "withdraw_opinion")
        await house.slack.until(lambda: ben.view and "withdrawn" in ben.view.shown)

    assert await house.contributions.opinions(d.id) == []


async def test_a_slow_store_is_told_in_the_window_and_the_opinion_is_kept(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    gate = asyncio.Event()
    async with house.gateway():
        d = await house.ask(ann, room)
        put = house.contributions.put_opinion

        async def slowly(*given):
            await gate.wait()
            return await put(*given)

        monkeypatch.setattr(house.contributions, "put_opinion", slowly)
        monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
        await ben.click(card(room), "share_opinion")
        delivery = await ben.submit(await ben.sees_modal("opinion"), {"opinion": "Slowly"})
        assert delivery.acked
        assert ben.view is not None
        assert "is being saved" in ben.view.shown
        gate.set()
        await house.slack.until(lambda: ben.view and "Opinion saved" in ben.view.shown)

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Slowly"]
    assert isinstance(Tasks(), Tasks)


async def test_a_refusal_that_comes_after_the_window_was_closed_is_written_with_the_text(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    gate = asyncio.Event()

    async def slowly_refused(*given: object) -> None:
        await gate.wait()
        raise StoreError("The state store does not answer.")

    async with house.gateway():
        await house.ask(ann, room)
        await ann.close()
        await ann.command("/accord ask Why?", room)
        asking = await ann.sees_modal("ask")
        await ben.click(card(room), "share_opinion")
        opinion = await ben.sees_modal("opinion")
        monkeypatch.setattr(house.contributions, "put_opinion", slowly_refused)
        monkeypatch.setattr(house.deliberations, "add", slowly_refused)
        monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
        await ben.submit(opinion, {"opinion": "Precious <!channel>"})
        await ann.submit(asking, {"context": "Long background"})
        await ben.close()
        await ann.close()
        gate.set()
        told = [await ben.is_told("Precious"), await ann.is_told("Long background")]

    assert all(texts.STORE_UNREACHABLE in message.shown and not message.pings for message in told)
    assert "Why?" in told[1].shown


async def test_a_window_whose_data_is_slow_opens_at_once_and_fills_later(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    gate = asyncio.Event()
    async with house.gateway():
        await house.ask(ann, room)
        await ann.close()
        load = house.deliberations.load

        async def slowly(id_):
            await gate.wait()
            return await load(id_)

        monkeypatch.setattr(house.deliberations, "load", slowly)
        monkeypatch.setattr(inbound, "DATA_S", 0.05)
        await ann.click(card(room), "share_opinion")
        view = await ann.sees_modal("notice")
        assert "One moment" in view.shown
        gate.set()
        await ann.sees_modal("opinion")


async def test_a_trigger_that_came_too_late_is_told(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        house.slack.faults.fail("views.open", "expired_trigger_id")
        await ann.command("/accord ask", room)
        await ann.is_told("Click again")


async def test_guests_do_not_take_part_where_the_team_leaves_them_out(house: SlackHouse) -> None:
    people = house.people(3)
    guest = house.slack.user("guest", is_restricted=True)
    room = house.slack.channel("general", *people, guest)
    team = people[0].team.id
    await house.teams.save_team((await house.teams.team(team)).model_copy(update={"exclude_guests": True}))
    async with house.gateway():
        d = await house.ask(people[0], room, identity="named")
        await guest.click(card(room), "share_opinion")
        refused = await guest.sees_modal("notice")
        assert "Guests can't take part" in refused.shown
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        await people[0].command("/accord close", room)
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        await guest.react(ballot, "rage")
        await people[1].react(ballot, "smiling_face_with_smiling_eyes", skin_tone=2)
        await house.settled()

    assert [r.value for r in await house.contributions.ratings(d.id, 1)] == [6]


# -- whether the app is installed cannot be told now -----------------------------------------------


async def test_a_gateway_knows_who_it_is_before_the_first_command_comes(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "AUTHORIZING_S", 0.1)
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    house.slack.faults.slow("auth.test", 0.5)
    async with house.gateway():
        first = await ann.command("/accord help", room)
        await ann.is_told("/accord ask")

    assert first.acked
    assert len(house.slack.calls("auth.test")) == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_whatever_is_slow_a_command_is_answered_in_time_with_a_sentence(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(app, "AUTHORIZING_S", 0.1)
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway(mode) as gateway:
        house.slack.faults.slow("auth.test", 0.6)
        gateway.parts.clients.drop(ann.team.id)
        commands = [await ann.command("/accord help", room) for _ in range(3)]
        assert all(command.latency_s < 0.5 for command in commands)
        assert [m.shown for m in ann.ephemerals] == [texts.STORE_UNREACHABLE] * 3
        await house.slack.until(lambda: house.slack.calls("auth.test"))
        await gateway.parts.clients.bot(ann.team.id)
        await ann.command("/accord help", room)
        await ann.is_told("/accord ask")

    # They shared one look, and nobody's giving up ended it.
    assert len(house.slack.calls("auth.test")) == (2 if mode == "socket" else 1)


async def test_a_workspace_that_is_known_is_served_while_the_store_is_slow_or_away(
    many: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "FRESH_S", 0.0)
    monkeypatch.setattr(clients, "LOOKING_S", 0.05)
    red = many.slack.team("Red", installed=False)
    ann = many.slack.user("ann", red)
    async with many.gateway("http") as gateway:
        await install(many, red)
        known = await gateway.parts.clients.bot(red.id)
        get, gate = many.notes.get, asyncio.Event()

        async def slowly(name: str) -> str | None:
            await gate.wait()
            return await get(name)

        monkeypatch.setattr(many.notes, "get", slowly)
        assert await gateway.parts.clients.bot(red.id) is known
        gate.set()
        monkeypatch.setattr(many.notes, "get", away)
        await house_settles(gateway)
        assert await gateway.parts.clients.bot(red.id) == known
        # What is known for certain is not overlooked: the workspace took the app off.
        monkeypatch.setattr(many.notes, "get", get)
        await many.parts.installations.async_delete_bot(enterprise_id=None, team_id=red.id)
        with pytest.raises(NotInstalledError):
            await gateway.parts.clients.bot(red.id)
        await ann.command("/accord help", many.slack.channel("general", ann))
        await ann.is_told("not installed")


async def house_settles(gateway: SlackGateway) -> None:
    """Whatever was being looked up has been."""
    await asyncio.gather(*gateway.parts.clients._bots._under_way.values(), return_exceptions=True)


async def away(*given: object) -> str | None:
    raise StoreError("The state store does not answer.")


async def test_while_the_store_is_away_nobody_hears_that_the_app_is_not_installed(
    many: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    red = many.slack.team("Red", installed=False)
    async with many.gateway("http") as gateway:
        await install(many, red)
        ann = many.slack.user("ann", red)
        room = many.slack.channel("general", ann)
        d = await many.ask(ann, room)
        while ann.views:
            await ann.close()
        await ann.click(card(room), "share_opinion")
        view = await ann.sees_modal("opinion")
        get = many.notes.get
        monkeypatch.setattr(many.notes, "get", away)
        gateway.parts.clients.drop(red.id)

        command = await ann.command("/accord help", room)
        assert command.acked
        assert ann.ephemerals[-1].shown == texts.STORE_UNREACHABLE
        refused = await ann.submit(view, {"opinion": "Precious"})
        assert refused.errors == {"opinion": texts.STORE_UNREACHABLE}
        assert ann.view is view  # with what was typed
        await ann.click(card(room), "share_opinion")
        await many.slack.until(lambda: len(ann.ephemerals) == 2)
        assert ann.ephemerals[-1].shown == texts.STORE_UNREACHABLE

        # An event is not acknowledged, and comes again when the store is there.
        many.slack.redelivery.delays_s = (0.0, 0.0, 0.0)
        ann.views.clear()
        event = {
            "type": "app_home_opened",
            "user": ann.id,
            "tab": "home",
            "event_ts": many.slack.state.new_ts(),
        }
        lost = await many.slack.events.tell(red, event)
        assert lost is not None
        assert not lost.acked
        assert len(lost.attempts) == 4
        monkeypatch.setattr(many.notes, "get", get)
        found = await many.slack.events.tell(red, event)
        assert found is not None
        assert found.acked

    assert (await many.load(d)).phase is Phase.OPINIONS
