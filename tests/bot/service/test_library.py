"""Templates, the question bank, reminders and the log of settings, as admins and members change them."""

from datetime import timedelta

import pytest

from bot.domain.commands import (
    Cancel,
    ChangeTeam,
    ImportQuestions,
    RemoveQuestion,
    RemoveTemplate,
    SaveTemplate,
    SetReminders,
)
from bot.domain.errors import PermissionDeniedError
from bot.domain.library import BANK_LIMIT, Template
from bot.domain.team import Defaults, Team, WhoMayAsk
from bot.service import queries
from bot.wording import texts

FILE = 'question,context\nWhere do we meet?,Every Tuesday.\n\n"Shall we, then?",\n'


@pytest.fixture
def ada(room):
    return room.person("ada", admin=True)


async def bank(room):
    return [question.question for question in await room.ports.library.bank("T1")]


@pytest.mark.parametrize("separator", ";\t", ids=["semicolons", "tabs"])
async def test_a_file_that_a_spreadsheet_saved_without_commas_is_imported(room, ada, separator):
    file = separator.join(["question", "context\r\nWhere, then, do we meet?", "Every Tuesday.\r\n"])
    reply = await room.say(ImportQuestions(ada, file))

    assert (reply.ok, reply.text) == (True, texts.imported(1))
    assert await bank(room) == ["Where, then, do we meet?"]


async def test_a_files_questions_are_added_in_their_order(room, ada):
    reply = await room.say(ImportQuestions(ada, "\ufeff" + FILE))
    assert (reply.ok, reply.text) == (True, texts.imported(2))
    assert await bank(room) == ["Where do we meet?", "Shall we, then?"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question\nOne?\none?\n", "Line 3: The same question is on line 2."),
        ("question\nOne?\nWHERE do  we meet?\n", "Line 3: This question is in the bank already."),
        ("question\nOne?\n" + "x" * 501 + "\n", "Line 3: The question has 501 characters"),
        ('question,context\nOne?,"two\nlines"\n ,Three.\n', "Line 4: The question is empty."),
        ("question\nOne?,Two?\n", "Line 2: there are more cells than columns"),
        ('question\n"One?\n', "a quotation mark is never closed"),
        ("One?\nTwo?\n", "The first line must name the columns"),
        ("", "The first line must name the columns"),
        ("question\n\n", "no questions"),
        ("question\n" + "\n".join(f"Question {n}?" for n in range(BANK_LIMIT)), "would have 1,002"),
    ],
    ids=[
        "twice",
        "there",
        "too-long",
        "empty",
        "too-many-cells",
        "open-quotation",
        "no-columns",
        "empty-file",
        "no-questions",
        "too-many",
    ],
)
async def test_a_file_with_a_mistake_adds_nothing_and_says_where_it_is(room, ada, text, says):
    await room.say(ImportQuestions(ada, FILE))
    reply = await room.say(ImportQuestions(ada, text))
    assert (reply.ok, says in reply.text) == (False, True), reply.text
    assert await bank(room) == ["Where do we meet?", "Shall we, then?"]


async def test_questions_are_found_and_taken_out(room, ada):
    await room.say(ImportQuestions(ada, FILE))
    [found] = (await queries.library(ada, room.ports, "tuesday WHERE")).bank
    await room.say(RemoveQuestion(ada, found.id))
    assert await bank(room) == ["Shall we, then?"]


async def test_what_is_removed_is_given_back_in_words(room, ada):
    await room.say(SaveTemplate(ada, Template(name="Lunch", question="Where to?", context="At noon.")))
    await room.say(ImportQuestions(ada, FILE))
    removed = await room.say(RemoveTemplate(ada, "Lunch"))
    assert "“Where to?”" in removed.text
    assert "At noon." in removed.text
    (found, *_) = await room.ports.library.bank("T1")
    assert found.question in (await room.say(RemoveQuestion(ada, found.id))).text
    assert (await room.say(RemoveTemplate(ada, "Lunch"))).text == texts.TEMPLATE_REMOVED


async def test_a_template_is_kept_replaced_and_removed(room, ada):
    first, second = (Template(name=" Lunch ", question=question) for question in ("Where?", "Where to?"))
    for _ in range(2):
        assert (await room.say(SaveTemplate(ada, first))).text == texts.TEMPLATE_KEPT
    asked = await room.say(SaveTemplate(ada, second))
    assert asked.asks is not None
    assert "“Where?”" in asked.text
    (before,) = (await queries.library(ada, room.ports)).templates
    # Somebody else saved other words meanwhile: these were not asked about.
    elsewhere = before.model_copy(update={"question": "Elsewhere?"})
    assert (await room.say(SaveTemplate(ada, second, instead_of=elsewhere))).asks == asked.asks
    assert "“Where?”" in (await room.say(SaveTemplate(ada, second, instead_of=before))).text
    [kept] = (await queries.library(ada, room.ports)).templates
    assert (kept.name, kept.question) == ("Lunch", "Where to?")
    refused = await room.say(SaveTemplate(ada, Template(name="Empty", question=" ")))
    assert not refused.ok
    await room.say(RemoveTemplate(ada, "Lunch"))
    assert list((await queries.library(ada, room.ports)).templates) == []


async def test_the_library_is_for_admins(room):
    ann = room.person("ann")
    for command in (ImportQuestions(ann, FILE), SaveTemplate(ann, Template(name="a", question="b"))):
        assert "Only a team admin" in (await room.say(command)).text
    assert await bank(room) == []


async def test_who_changed_which_settings_is_written_down_once(room, ada):
    team = Team(id="T1", retention_days=7, defaults=Defaults(quorum=5))
    for _ in range(2):
        await room.say(ChangeTeam(ada, team))
    [change] = (await queries.team_settings(ada, room.ports)).changes
    assert (change.user, change.at) == ("ada", room.clock.now())
    assert {(c.field, c.before, c.after) for c in change.changes} == {
        ("retention_days", "90", "7"),
        ("defaults.quorum", "none", "5"),
    }


async def test_settings_that_somebody_changed_meanwhile_are_not_undone(room, ada):
    drawn_from = await room.ports.teams.team("T1")
    assert (await room.say(ChangeTeam(ada, Team(id="T1", retention_days=7)))).ok
    late = ChangeTeam(ada, drawn_from.model_copy(update={"reminders": False}))
    reply = await room.say(late)
    assert (reply.ok, reply.text) == (False, texts.TEAM_CHANGED_MEANWHILE)
    team = await room.ports.teams.team("T1")
    assert (team.retention_days, team.reminders, team.version) == (7, True, 1)


async def test_a_role_that_runs_the_team_makes_admins(room, ada):
    lead = room.person("lea", roles=frozenset({"lead"}))
    asked = await room.asked(by="fay")
    for refused in (Cancel(lead, asked.id), ChangeTeam(lead, Team(id="T1", retention_days=7))):
        assert not (await room.say(refused)).ok
    with pytest.raises(PermissionDeniedError):
        await queries.team_settings(lead, room.ports)

    await room.say(ChangeTeam(ada, Team(id="T1", admin_roles=frozenset({"lead", "owner"}))))
    assert (await queries.team_settings(lead, room.ports)).team.version == 1
    assert (await queries.library(lead, room.ports)).bank == []
    assert asked.question in await queries.export(lead, asked.id, room.ports)
    assert (await room.say(Cancel(lead, asked.id))).ok
    assert not (await room.say(Cancel(room.person("eve", roles=frozenset({"x"})), asked.id))).ok


async def test_settings_of_an_older_version_load():
    old = '{"id":"T1","who_may_ask":"admins","excluded_roles":["guest"],"retention_days":7}'
    assert Team.model_validate_json(old).retention_days == 7


async def test_a_language_that_an_older_version_kept_is_that_of_the_team():
    old = '{"id":"T1","language":"en","retention_days":7}'
    assert Team.model_validate_json(old) == Team(id="T1", retention_days=7, language="en")


async def test_only_those_listed_ask_and_only_where_it_is_allowed(room, ada):
    team = Team(id="T1", who_may_ask=WhoMayAsk.LISTED, may_ask_users={"fay"}, may_ask_roles={"lead"})
    await room.say(ChangeTeam(ada, team))
    people = [room.person("fay"), room.person("bob", roles=frozenset({"lead"})), ada]
    for number, person in enumerate(people):
        assert (await room.say(room.asking(by=person, key=f"{number}"))).ok
    assert not (await room.say(room.asking(by="ann"))).ok
    await room.say(ChangeTeam(ada, Team(id="T1", channels={"C2"}, version=1)))
    assert "this channel" in (await room.say(room.asking(by="ada", key="elsewhere"))).text


async def test_reminders_are_switched_off_without_saying_for_whom(room):
    ann = room.person("ann")
    await room.say(SetReminders(ann, on=False, at=room.clock.now()))
    member = room.ports.pseudonyms.of_member("T1", "ann")
    assert list(await room.ports.teams.wants_reminders("T1", [member, ("ann",)])) == [False, True]
    room.clock.advance(timedelta(seconds=1))
    assert (await room.say(SetReminders(ann, on=True, at=room.clock.now()))).text == texts.REMINDERS_ON
    assert list(await room.ports.teams.wants_reminders("T1", [member])) == [True]
