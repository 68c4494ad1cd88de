"""Points to vote on, where Slack differs: the command, a slow store, spam, what is changed in a window."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.slack.views import names
from bot.chat import tasks
from bot.wording import point_lines, texts
from tests import slack_house
from tests.promises.on_slack import SlackPlace
from tests.promises.test_points import OPINIONS


@pytest.fixture
async def place() -> AsyncIterator[SlackPlace]:
    """A question with six points."""
    async with slack_house.make_house() as house, house.gateway():
        found = SlackPlace(house, 5)
        await found.ask(points=True)
        for person, said in enumerate(OPINIONS):
            await found.opine(person, said)
        await found.work()
        yield found
        assert not house.slack.problems


async def test_the_command_leads_to_voting_and_votes_are_changed_in_place(place: SlackPlace) -> None:
    ann = place.people[3]
    await ann.command("/accord points", place.room)
    await ann.sees_modal(names.POINTS_VIEW)
    assert point_lines.left_to_vote(1) in await place.say_of_points(3, "agree")
    assert ann.view is not None
    await ann.click(ann.view, names.POINTS_AGAIN)
    await place.house.slack.until(lambda: point_lines.VOTED in ann.views[-1].shown, what="the votes")
    told = await place.say_of_points(3, "disagree")
    assert "You disagreed." in told
    # On to those that are new.
    assert point_lines.left_to_vote(1) in told
    kept = await place.votes()
    assert sorted((agree, disagree) for _, agree, disagree in kept) == [(0, 0)] + [(0, 1)] * 5


async def test_a_window_that_is_sent_empty_or_marks_spam_is_answered_with_a_sentence(
    place: SlackPlace,
) -> None:
    await place.points(3)
    sent = await place.people[3].submit()
    assert list(sent.errors.values()) == [point_lines.CHOOSE_SIDE]
    for person in (1, 2, 3):
        for _ in range(2):
            await place.points(person)
            told = await place.say_of_points(person, "spam")
        assert str(point_lines.marked_as_spam()) in place.plain(told)
    assert all(each.hidden and each.by_members for each in await place.ports.points.all(place.id))


async def test_which_of_several_questions_is_asked_and_without_one_that_is_said(place: SlackPlace) -> None:
    first, ann = place.id, place.people[3]
    await place.ask(points=True)
    assert texts.WHICH_QUESTION in await place._told(3, "/accord points")
    await ann.forge_click(ann.ephemerals[-1], names.POINTS, first)
    assert point_lines.left_to_vote(6) in (await ann.sees_modal(names.POINTS_VIEW)).shown
    await ann.close()
    for id_ in (first, place.id):
        d = await place.ports.deliberations.load(id_)
        terms = d.terms.model_copy(update={"points": False})
        await place.ports.deliberations.save(d.model_copy(update={"terms": terms}))
    assert point_lines.NO_QUESTION_WITH_POINTS in await place._told(3, "/accord points")
    # An old button says why not.
    assert "There are no points to vote on in this question." in await place.presses(3, names.POINTS, first)


async def test_votes_that_are_kept_slowly_are_said_to_have_arrived_and_then_shown(
    place: SlackPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, points = place.people[3], place.ports.points
    vote, may_go_on = points.vote, asyncio.Event()

    async def slowly(*given: object, **options: object) -> object:
        await may_go_on.wait()
        return await vote(*given, **options)  # type: ignore[arg-type]

    await place.points(3)
    monkeypatch.setattr(points, "vote", slowly)
    monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
    asked = [block["block_id"] for block in ann.views[-1].blocks if block["type"] == "input"]
    await ann.submit(ann.views[-1], {asked[0]: "agree"})
    assert point_lines.STILL_SAVING in ann.views[-1].shown
    may_go_on.set()
    await place.house.slack.until(lambda: "You agreed." in ann.views[-1].shown, what="the vote")
