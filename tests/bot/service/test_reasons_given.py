"""Why somebody rates as they do: given, changed and withdrawn, who reads it, and what is learnt from it."""

from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.likeness import Signing
from bot.domain.team import Team
from bot.service import queries
from bot.wording import page_lines, texts
from bot.wording.export_lines import FEW_REASONS, REASONS_LATER
from tests.bot.service.test_exports import exported, rows

SECOND = timedelta(seconds=1)
THREE = ("ann", "bob", "cem")


async def because(room, deliberation, user="ann", text="Too dear.", **about):
    """Give a reason, a second later than anything before."""
    room.clock.advance(SECOND)
    about = {"at": room.clock.now()} | about
    return await room.say(commands.GiveReason(room.person(user), deliberation.id, text, **about))


async def kept(room, deliberation):
    """The reasons of this round, in the order of their letters."""
    found = await room.ports.contributions.reasons(deliberation.id, deliberation.round)
    return sorted(reason.text for reason in found)


async def test_a_reason_needs_no_rating_is_changed_and_given_back_when_withdrawn(room):
    voting = await room.voting()
    assert (await because(room, voting)).text == texts.REASON_KEPT
    assert (await because(room, voting, text="Too  \r\nhasty.")).ok
    assert await kept(room, voting) == ["Too  \nhasty."]
    room.clock.advance(SECOND)
    withdrawal = commands.WithdrawReason(room.person("ann"), voting.id, room.clock.now())
    reply = await room.say(withdrawal)
    assert (reply.ok, reply.text, reply.given_back) == (True, texts.REASON_WITHDRAWN, "Too  \nhasty.")
    again = await room.say(withdrawal)
    assert (again.ok, again.text) == (True, texts.REASON_WITHDRAWN)
    assert await kept(room, voting) == []


async def test_after_the_vote_late_copies_are_answered_and_anything_new_is_refused(room):
    voting = await room.voting()
    assert (await because(room, voting)).ok
    sent = room.clock.now()
    await room.say(commands.CloseRating(room.person("fay"), voting.id))
    assert (await because(room, voting, at=sent)).text == texts.REASON_KEPT_AND_CLOSED
    assert (await because(room, voting)).text == texts.REASON_KEPT_AND_CLOSED
    for user, text in (("ann", "Something else."), ("bob", "Too dear.")):
        reply = await because(room, voting, user, text)
        assert not reply.ok
        assert "vote on this question is closed" in reply.text
    late = commands.WithdrawReason(room.person("ann"), voting.id, room.clock.now())
    assert not (await room.say(late)).ok
    assert await kept(room, voting) == ["Too dear."]


async def test_a_window_of_an_earlier_statement_gives_no_reason_to_a_newer_one(room):
    voting = await room.voting()
    assert (await because(room, voting)).ok
    again = voting.critiqued().chosen("Let us repair.").published(room.clock.now())
    again = await room.ports.deliberations.save(again)
    assert not (await because(room, voting, round=1)).ok
    assert (await because(room, voting, text="Better.", round=2)).ok
    assert await kept(room, again) == ["Better."]
    own = await queries.own_opinions(room.person("ann"), room.ports)
    assert [each.text for each in own if each.is_reason] == ["Better.", "Too dear."]
    await room.say(commands.ForgetMe(room.person("ann"), room.clock.now()))
    assert not await room.ports.contributions.reasons(again.id, 1)
    assert not await kept(room, again)


async def test_an_anonymous_questions_reasons_are_told_unsigned_and_after_the_vote(room):
    voting = await room.voting()
    for user, text in zip(THREE, ("Three.", "One.", "Two."), strict=True):
        await because(room, voting, user, text)
    fay, ann = room.person("fay"), room.person("ann")
    assert await queries.reasons(fay, voting, room.ports) == []
    before = await exported(room, voting)
    assert before["rounds"][0]["reasons"] == []
    assert REASONS_LATER in before["held_back"]
    await room.say(commands.CloseRating(fay, voting.id))
    settled = await room.saved(voting)
    in_order = ["One.", "Three.", "Two."]
    data, table = await exported(room, settled), await rows(room, settled)
    assert data["rounds"][0]["reasons"] == [{"text": text} for text in in_order]
    alone = [[name for name in row if row[name] and name not in ABOUT] for row in table if row["reason"]]
    assert alone == [["reason"]] * 3
    told = await queries.reasons(fay, settled, room.ports)
    assert [(reason.name, reason.text) for reason in told] == [("", text) for text in in_order]
    assert await queries.reasons(ann, settled, room.ports) == ()
    await room.say(commands.ForgetMe(room.person("bob"), room.clock.now()))
    assert (await exported(room, settled))["rounds"][0]["reasons"] == []
    assert await queries.reasons(fay, settled, room.ports) == []


ABOUT = ("question", "round", "statement")


async def test_one_or_two_anonymous_reasons_are_held_back_and_that_is_said(room):
    voting = await room.voting()
    await because(room, voting)
    await room.say(commands.CloseRating(room.person("fay"), voting.id))
    data = await exported(room, voting)
    assert data["rounds"][0]["reasons"] == []
    assert FEW_REASONS.format(fewest=3) in data["held_back"]


async def test_a_named_questions_reasons_come_with_their_names_also_of_who_gave_no_opinion(room):
    voting = await room.voting(anonymous=False)
    await because(room, voting, "bob", "=1+1")
    await because(room, voting, "cem", "Two.")
    (round_,) = (await exported(room, voting))["rounds"]
    assert {each["text"]: each["name"].split()[0] for each in round_["reasons"]} == {
        "=1+1": "bob",
        "Two.": "cem",
    }
    given = {row["name"].split()[0]: row["reason"] for row in await rows(room, voting) if row["reason"]}
    assert given == {"bob": "'=1+1", "cem": "Two."}
    told = await queries.reasons(room.person("fay"), voting, room.ports)
    assert [reason.name.split()[0] for reason in told] == ["bob", "cem"]


async def test_a_typed_name_that_looks_like_anothers_signs_no_reason(room):
    voting = await room.voting(anonymous=False)
    actor = room.person("eve")
    for name, ok in (("ANN zanzibar", False), ("Eve", True)):
        called = commands.Actor(actor.team, actor.user, name)
        now = room.clock.now()
        reply = await room.say(commands.GiveReason(called, voting.id, "Mine.", now, signing=Signing.TYPED))
        assert (reply.ok, reply.text == str(page_lines.NAME_IN_USE)) == (ok, not ok)
    assert await kept(room, voting) == ["Mine."]


@pytest.mark.parametrize("asked", [True, False], ids=["in a team that learns", "in one that does not"])
async def test_consent_is_said_with_the_reason_and_taken_back_for_all_at_once(room, asked):
    await room.ports.teams.save_team(Team(id="T1", keep_feedback=asked))
    voting = await room.voting()
    found = []
    for wish in (None, True, None, False, True):
        assert (await because(room, voting, consent=wish)).ok
        found.append((await queries.own_reason("ann", voting, room.ports)).consent)
    assert found == [asked and wish for wish in (False, True, True, False, True)]
    await room.say(commands.CloseRating(room.person("fay"), voting.id))
    assert (await room.say(commands.StopLearning(room.person("ann")))).ok
    own = await queries.own_reason("ann", voting, room.ports)
    assert (own.text, own.consent) == ("Too dear.", False)


async def test_forgetting_takes_a_reason_and_leaves_those_of_others(room):
    voting = await room.voting()
    for user, text in zip(THREE, ("One.", "Two.", "Three."), strict=True):
        await because(room, voting, user, text)
    late = room.clock.now()
    assert (await room.say(commands.ForgetMe(room.person("cem"), late))).ok
    assert (await because(room, voting, "cem", "Three.", at=late)).ok  # a late copy
    assert await kept(room, voting) == ["One.", "Two."]
