"""The picture of a result in Slack: uploaded once, shown when Slack is ready, deleted with its question."""

from datetime import timedelta

import pytest

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError, UnknownDeliberationError
from bot.domain.ratings import Rating, tally
from bot.wording.cards import ResultCard
from bot.worker.steps import PURGING_TRIES
from tests.slack_house import SlackHouse, card
from tests.slack_server import Channel
from tests.slack_server.methods_files import Upload


async def settled(house: SlackHouse) -> tuple[Deliberation, Channel]:
    """A question whose three members have rated in public."""
    house.parts.platform.pictures.pauses_s = (0, 0)
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="3", identity="named")
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        ballot = room.message(d.ballot.message) if d.ballot else None
        assert ballot is not None
        for member in people:
            await member.react(ballot, "blush")
        await house.settled()
        await people[0].command("/accord close", room)
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
    return await house.load(d), room


def in_card(room: Channel, house: SlackHouse) -> list[Upload]:
    """The files that the card shows."""
    shown = [block for block in card(room).blocks if block["type"] == "image"]
    return [house.slack.uploads[block["slack_file"]["id"]] for block in shown]


def left(house: SlackHouse) -> list[Upload]:
    """The files that are still there."""
    return [upload for upload in house.slack.uploads.values() if not upload.deleted]


async def show(house: SlackHouse, d: Deliberation, *values: int) -> None:
    """The result as if these ratings had been given."""
    given = [Rating(participant=f"p{n}", value=v, given_at=d.created_at) for n, v in enumerate(values)]
    assert d.message is not None
    result = ResultCard(d, d.statement or "", tally(given))
    await house.parts.platform.update(d.message, result)


async def test_without_the_permission_the_words_stand_alone_and_nothing_fails(
    house: SlackHouse, caplog: pytest.LogCaptureFixture
) -> None:
    for token in house.slack.state.tokens.values():
        token.scopes.discard("files:write")
    d, room = await settled(house)
    await show(house, d, 6, 6, 6)
    assert d.recorded
    assert "6 ████████ 3 Agree" in card(room).shown
    assert (in_card(room, house), house.slack.uploads) == ([], {})
    assert caplog.text.count("without their picture") == 1


async def test_a_picture_is_shown_when_slack_is_ready_and_uploaded_once(
    house: SlackHouse,
) -> None:
    house.slack.busy_files = 2
    d, room = await settled(house)
    (shown,) = in_card(room, house)
    assert shown.shared
    await show(house, d, 6, 6, 6)
    assert [shown] == in_card(room, house) == left(house)


async def test_where_slack_never_is_the_words_stand_alone_until_it_is_shown_again(house: SlackHouse) -> None:
    house.slack.busy_files = 3
    d, room = await settled(house)
    assert d.recorded
    assert in_card(room, house) == []
    await show(house, d, 6, 6, 6)
    assert in_card(room, house) == left(house) != []


async def test_what_was_uploaded_and_never_shown_is_deleted_by_whoever_comes_next(house: SlackHouse) -> None:
    house.slack.faults.fail("files.completeUploadExternal", "internal_error")
    d, room = await settled(house)
    assert in_card(room, house) == []
    await show(house, d, 6, 6, 6)
    assert in_card(room, house) == left(house)
    assert len(house.slack.uploads) == 2


async def test_a_picture_goes_with_the_ratings_that_it_shows_and_with_its_question(house: SlackHouse) -> None:
    d, room = await settled(house)
    (first,) = in_card(room, house)
    house.slack.faults.fail("chat.update", "internal_error")
    with pytest.raises(PlatformError):
        await show(house, d, 6, 7, 1)
    assert in_card(room, house) == [first]
    await show(house, d, 6, 7, 1)
    assert len(house.slack.uploads) == 2
    (second,) = in_card(room, house)
    assert (first.deleted, left(house)) == (True, [second])
    long_ago = d.model_copy(update={"ended_at": d.created_at - timedelta(days=400)})
    await house.deliberations.save(long_ago)
    await house.work()
    with pytest.raises(UnknownDeliberationError):
        await house.load(d)
    assert left(house) == []
    assert card(room).shown


async def purged(house: SlackHouse, d: Deliberation, refusals: int) -> None:
    """Let the days pass for which the question is kept; Slack refuses so often to delete its picture."""
    await house.deliberations.save(d.model_copy(update={"ended_at": d.created_at - timedelta(days=400)}))
    for _ in range(refusals):
        house.slack.faults.fail("files.delete", "internal_error")
        await house.work()
        later = await house.load(d)
        assert later.wait_until is not None
        await house.deliberations.save(later.model_copy(update={"wait_until": None}))
    await house.work()
    with pytest.raises(UnknownDeliberationError):
        await house.load(d)


async def test_a_picture_that_slack_could_not_delete_just_then_is_deleted_later(house: SlackHouse) -> None:
    d, _ = await settled(house)
    await purged(house, d, 1)
    assert left(house) == []


async def test_a_purge_does_not_wait_for_ever_for_slack(house: SlackHouse) -> None:
    d, _ = await settled(house)
    house.slack.faults.fail("files.delete", "internal_error", times=PURGING_TRIES + 1)
    await purged(house, d, PURGING_TRIES)
    assert len(left(house)) == 1
