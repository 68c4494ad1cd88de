"""Posting a question: once, by those who may, on possible terms."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam
from bot.domain.deliberation import Phase, Step
from bot.domain.team import Team, WhoMayAsk
from bot.wording import texts

HOUR = timedelta(hours=1)


async def test_a_question_opens_at_once_and_is_announced(room):
    reply = await room.say(room.asking(closes_in=HOUR))
    assert (reply.ok, reply.text) == (True, texts.POSTED)
    assert reply.deliberation.phase is Phase.OPINIONS
    assert reply.deliberation.facilitator == "fay"
    assert room.ports.jobs.waiting == [(Step.ANNOUNCE, reply.deliberation.id)]


async def test_a_question_for_later_is_scheduled(room):
    reply = await room.say(room.asking(opens_in=HOUR, closes_in=2 * HOUR))
    assert (reply.text, reply.deliberation.phase) == (texts.SCHEDULED, Phase.SCHEDULED)
    assert room.ports.jobs.waiting == []


async def test_a_question_for_a_time_that_has_passed_opens_at_once(room):
    reply = await room.say(room.asking(opens_in=-HOUR, closes_in=HOUR))
    assert (reply.deliberation.phase, reply.deliberation.opens_at) == (Phase.OPINIONS, None)


async def test_a_question_posted_twice_is_one_question(room):
    command = room.asking(closes_in=HOUR)
    racing = room.racing()
    first, second = await asyncio.gather(racing.say(command), racing.say(command))
    assert (first.text, first.deliberation) == (second.text, second.deliberation)
    assert len(await room.ports.deliberations.of_team("T1")) == 1


async def test_a_copy_that_comes_after_the_deadline_is_not_refused(room):
    command = room.asking(closes_in=HOUR)
    first = await room.say(command)
    room.clock.advance(2 * HOUR)
    late = await room.say(command)
    assert (late.ok, late.deliberation) == (True, first.deliberation)


async def test_the_same_key_in_another_team_is_another_question(room):
    ours = await room.say(room.asking())
    theirs = await room.say(room.asking(by=Actor("T2", "fay")))
    assert ours.deliberation.id != theirs.deliberation.id


async def test_a_key_cannot_reach_into_another_team(room):
    ours = await room.say(room.asking(key="a\x1fb"))
    theirs = await room.say(room.asking(by=Actor("T1\x1fa", "fay"), key="b"))
    assert ours.deliberation.id != theirs.deliberation.id


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"question": " \u200b\n"}, "empty"),
        ({"question": "x" * 501}, "501 characters"),
        ({"closes_in": timedelta(0)}, "in the past"),
        ({"opens_in": 2 * HOUR, "closes_in": HOUR}, "before the question opens"),
        ({"closes_in": timedelta(days=367)}, "more than a year away"),
        ({"opens_in": timedelta(days=367)}, "more than a year away"),
    ],
    ids=[
        "blank",
        "too long",
        "deadline now",
        "deadline before opening",
        "deadline too far",
        "opens too late",
    ],
)
async def test_an_impossible_question_is_refused_with_a_sentence(room, how, sentence):
    reply = await room.say(room.asking(**how))
    assert not reply.ok
    assert sentence in reply.text
    assert await room.ports.deliberations.of_team("T1") == []


async def test_a_question_is_cleaned_before_it_is_kept(room):
    deliberation = await room.asked(question=" Ban\x00 plastics?\r\n")
    assert deliberation.question == "Ban plastics?"


async def test_a_team_decides_who_asks(room):
    admin = room.person("ada", admin=True)
    team = Team(id="T1", who_may_ask=WhoMayAsk.ADMINS)
    await room.say(ChangeTeam(admin, team))
    refused = await room.say(room.asking())
    assert (refused.ok, "Only admins" in refused.text) == (False, True)
    assert (await room.say(room.asking(by=admin))).ok


async def test_a_question_is_asked_under_the_teams_settings(room):
    team = Team(id="T1", retention_days=7, excluded_roles=frozenset({"guest"}))
    await room.say(ChangeTeam(room.person("ada", admin=True), team))
    terms = (await room.asked(retention_days=3650)).terms
    assert (terms.retention_days, terms.excluded_roles) == (7, frozenset({"guest"}))
