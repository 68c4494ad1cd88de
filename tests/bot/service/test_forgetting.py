""" "Forget me", retention and the team's settings."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam, ForgetMe
from bot.domain.deliberation import Phase, Step
from bot.domain.team import Team
from bot.wording import texts

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


async def test_forgetting_erases_a_person_from_every_question_and_from_the_feedback(room):
    questions = [
        await room.asked(key="open", anonymous=False),
        await room.drafting(key="drafting"),
        await room.voting(key="voting"),
        await room.settled(key="settled"),
    ]
    await room.answered(questions[0], "ann", "bob")
    await room.say(room.rating(questions[2], 3))
    reply = await room.say(ForgetMe(room.person("ann"), room.clock.now()))
    assert (reply.ok, "in 4 questions" in reply.text) == (True, True)
    left = str(await room.everything())
    assert not any(room.key("ann", question) in left for question in questions)
    assert all(room.key("bob", question) in left for question in questions)
    assert room.person("ann").name not in left


async def test_forgetting_twice_is_as_good_as_once(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann", "bob")
    command = ForgetMe(room.person("ann"), room.clock.now())
    replies = [await room.say(command), await room.say(command)]
    assert [reply.ok for reply in replies] == [True, True]
    assert "in one question" in replies[0].text
    assert replies[1].text == texts.forgotten(0)
    assert await room.opinions(deliberation) == {"bob": "Ban them."}


async def test_late_copies_of_what_was_forgotten_bring_nothing_back(room):
    deliberation = await room.asked()
    voting = await room.voting(key="voting")
    given, rated = room.giving(deliberation), room.rating(voting, 3)
    await room.say(given)
    await room.say(rated)
    room.clock.advance(SECOND)
    await room.say(ForgetMe(room.person("ann"), room.clock.now()))
    assert (await room.say(given)).ok
    assert (await room.say(rated)).ok
    assert await room.opinions(deliberation) == {}
    assert await room.ratings(voting) == {}


async def test_whoever_was_forgotten_may_come_back(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann")
    await room.say(ForgetMe(room.person("ann"), room.clock.now()))
    room.clock.advance(SECOND)
    await room.answered(deliberation, "ann")
    assert await room.opinions(deliberation) == {"ann": "Ban them."}


async def test_a_late_copy_of_the_wish_leaves_what_was_given_since(room):
    deliberation, voting = await room.asked(), await room.voting(key="voting")
    wish = ForgetMe(room.person("ann"), room.clock.now())
    room.clock.advance(SECOND)
    await room.answered(deliberation, "ann")
    await room.say(room.rating(voting, 3))
    assert (await room.say(wish)).ok
    assert await room.opinions(deliberation) == {"ann": "Ban them."}
    assert await room.ratings(voting) == {"ann": 3}


async def test_forgetting_reaches_every_question_of_a_busy_team(room):
    questions = [await room.asked(key=f"key {number}") for number in range(205)]
    for question in (questions[0], questions[100], questions[204]):
        await room.answered(question, "ann")
    assert "in 3 questions" in (await room.say(ForgetMe(room.person("ann"), room.clock.now()))).text


async def test_forgetting_in_one_team_leaves_the_other(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann")
    assert (await room.say(ForgetMe(Actor("T2", "ann"), room.clock.now()))).text == texts.forgotten(0)
    assert set(await room.opinions(deliberation)) == {"ann"}


class SettledMeanwhile:
    """A feedback log to which somebody else writes the votes right after an erasure."""

    def __init__(self, room, deliberation):
        self._room, self._deliberation = room, deliberation

    async def erase(self, team, deliberation_id, participant):
        await self._room.ports.feedback.erase(team, deliberation_id, participant)
        raters = await self._room.ratings(self._deliberation)
        records = [self._room.record(self._deliberation, user) for user in raters]
        await self._room.ports.feedback.append(records)


async def test_a_vote_that_settles_meanwhile_does_not_remember_who_was_forgotten(room):
    deliberation = await room.voting()
    for user in ("ann", "bob"):
        await room.say(room.rating(deliberation, 3, user))
    meanwhile = replace(room.ports, feedback=SettledMeanwhile(room, deliberation))
    await replace(room, ports=meanwhile).say(ForgetMe(room.person("ann"), room.clock.now()))
    remembered = {record.participant async for record in room.ports.feedback.read("T1")}
    assert remembered == {room.key("bob", deliberation)}


async def test_new_settings_hold_for_questions_that_are_there(room):
    settled, asked = await room.settled(), await room.asked(key="another", quorum=5)
    team = Team(id="T1", retention_days=7, excluded_roles=frozenset({"guest"}))
    command = ChangeTeam(room.person("ada", admin=True), team, sure=True)
    assert [(await room.say(command)).text for _ in range(2)] == [texts.TEAM_CHANGED] * 2
    for before in (settled, asked):
        after = await room.saved(before)
        assert (after.terms.retention_days, after.terms.excluded_roles) == (7, team.excluded_roles)
        assert (after.phase, after.terms.quorum) == (before.phase, before.terms.quorum)
    refused = await room.say(room.giving(asked, roles=frozenset({"guest"})))
    assert not refused.ok


async def test_a_shorter_retention_purges_what_has_been_kept_too_long(room):
    settled = await room.settled()
    await room.ports.deliberations.save(settled.was_recorded())
    room.clock.advance(10 * DAY)
    assert await room.ports.deliberations.due(room.clock.now()) == []
    shorter = ChangeTeam(room.person("ada", admin=True), Team(id="T1", retention_days=7))
    asked = await room.say(shorter)
    assert "so it is deleted now" in asked.text
    assert await room.ports.deliberations.due(room.clock.now()) == []
    assert (await room.say(replace(shorter, sure=True))).ok
    assert (await room.saved(settled)).phase is Phase.SETTLED
    assert (Step.PURGE, settled.id) in room.ports.jobs.waiting


async def test_settings_are_for_the_teams_own_admins(room):
    deliberation = await room.asked()
    team = Team(id="T1", retention_days=1)
    for by in (room.person("fay"), Actor("T2", "ada", admin=True)):
        reply = await room.say(ChangeTeam(by, team))
        assert (reply.ok, "Only a team admin" in reply.text) == (False, True)
    assert (await room.saved(deliberation)).terms.retention_days == 90
    assert (await room.ports.teams.team("T1")).retention_days == 90
