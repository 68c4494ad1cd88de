"""Points through dispatch: who may vote, add, mark and hide, when, and what a late copy is told."""

from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.deliberation import Step
from bot.domain.points import OWN_POINTS, Counts, Side
from bot.service.points import moderated, points_view
from bot.wording import point_lines


def voting(room, question, user="cem", side=Side.AGREE, point="p1", **about):
    return commands.VoteOnPoint(room.person(user, **about), question.id, point, side, room.clock.now())


async def counts(room, question):
    return {each.id: each.counts for each in await room.ports.points.all(question.id)}


async def test_a_vote_is_kept_changed_and_told_to_nobody_but_its_voter(room):
    question = await room.with_points()
    for side in (Side.AGREE, Side.DISAGREE):
        assert (await room.say(voting(room, question, side=side))).text == point_lines.VOTE_KEPT
        room.clock.advance(timedelta(seconds=1))
    assert (await counts(room, question))["p1"] == Counts(disagree=1)
    view = await points_view(room.person("cem"), question.id, room.ports)
    assert [(each.point.id, each.side) for each in view.voted] == [("p1", Side.DISAGREE)]
    assert (await points_view(room.person("dan"), question.id, room.ports)).voted == []


@pytest.mark.parametrize(
    ("about", "point", "told"),
    [
        ({"member": False}, "p1", "You aren't in this channel"),
        ({}, "p2", "This point is no longer shown."),
        ({}, "nowhere", "This point is no longer shown."),
    ],
    ids=["no member", "hidden", "unknown"],
)
async def test_a_vote_that_cannot_be_is_refused_in_a_sentence(room, about, point, told):
    question = await room.with_points()
    reply = await room.say(voting(room, question, point=point, **about))
    assert (reply.ok, told in reply.text or "channel" in reply.text) == (False, True)
    assert await counts(room, question) == {"p1": Counts(), "p2": Counts()}


async def test_there_is_nothing_to_vote_on_where_the_terms_say_nothing_of_points(room):
    question = await room.asked()
    for command in (
        voting(room, question),
        commands.AddPoint(room.person("ann"), question.id, "Tax them.", room.clock.now()),
        commands.MarkPointSpam(room.person("ann"), question.id, "p1", room.clock.now()),
    ):
        reply = await room.say(command)
        assert (reply.ok, reply.text) == (False, "There are no points to vote on in this question.")


async def test_after_the_close_a_late_copy_is_told_that_its_vote_is_kept(room):
    question = await room.with_points()
    vote = voting(room, question)
    await room.say(vote)
    await room.say(commands.CloseOpinions(room.person("fay"), question.id))
    assert (await room.say(vote)).text == point_lines.VOTE_KEPT
    other = await room.say(voting(room, question, side=Side.PASS))
    assert (other.ok, "no longer vote" in other.text) == (False, True)


async def test_only_those_who_run_a_question_hide_and_show_points_and_it_is_noted(room):
    question = await room.with_points()
    for kind in (commands.HidePoint, commands.ShowPoint):
        assert not (await room.say(kind(room.person("ann"), question.id, "p1"))).ok
    ada = room.person("ada", admin=True)
    for _ in range(2):
        assert (await room.say(commands.ShowPoint(ada, question.id, "p2"))).ok
    found = await moderated(ada, question.id, room.ports)
    assert [(each.hidden, each.by.user) for each in found.changes] == [(False, "ada"), (True, "fay")]
    assert not (await room.say(commands.HidePoint(ada, question.id, "nowhere"))).ok


async def test_a_member_adds_so_many_points_and_no_more(room):
    question = await room.with_points()
    told = [
        await room.say(commands.AddPoint(room.person("ann"), question.id, f"Point {n}", room.clock.now()))
        for n in (*range(OWN_POINTS), 0, OWN_POINTS)
    ]
    assert [each.ok for each in told] == [*[True] * OWN_POINTS, True, False]
    empty = await room.say(commands.AddPoint(room.person("bob"), question.id, "  \n ", room.clock.now()))
    assert empty.text == "Your point is empty. Write one idea."


async def test_forgetting_reaches_somebody_who_only_voted(room):
    question = await room.with_points()
    await room.say(voting(room, question))
    room.clock.advance(timedelta(seconds=1))
    reply = await room.say(commands.ForgetMe(room.person("cem"), room.clock.now()))
    assert "Deleted everything" in reply.text
    assert await counts(room, question) == {"p1": Counts(), "p2": Counts()}
    assert await room.ports.points.votes(question.id) == {}


async def test_forgetting_takes_a_name_out_of_what_was_hidden(room):
    question = await room.with_points()
    ada = room.person("ada", admin=True)
    await room.say(commands.HidePoint(ada, question.id, "p1"))
    assert "no longer" in (await room.say(commands.ForgetMe(ada, room.clock.now()))).text
    found = await moderated(room.person("fay"), question.id, room.ports)
    assert [point_lines.changed(each, found.texts).partition(" hid ")[0] for each in found.changes] == [
        "Somebody who runs the question",
        room.person("fay").name,
    ]


async def test_opinions_ask_for_splitting_and_votes_of_enough_people_for_a_map(room):
    question = await room.with_points()
    waiting = [step for step, id_ in [await room.ports.jobs.take() for _ in room.ports.jobs.waiting[:]]]
    assert Step.SPLIT in waiting
    for number in range(8):
        await room.say(voting(room, question, user=f"u{number}"))
    assert (Step.MAP, question.id) in room.ports.jobs.waiting
