"""Recording what was decided: who may, when, twice at once; exports of it; finding past questions."""

import asyncio
import csv
import dataclasses
import io
import json
from datetime import date, timedelta

import pytest

from bot.domain import commands
from bot.service import queries
from bot.service.exports import as_csv
from bot.wording import decision_lines, texts

HOUR = timedelta(hours=1)


def recording(room, deliberation, user="fay", decided="No bags from May on.", **about):
    actor = room.person(user, admin=about.pop("admin", False))
    at = about.pop("at", None) or room.clock.now()
    return commands.RecordOutcome(actor, deliberation.id, at, decided=decided, **about)


async def test_whoever_runs_the_question_records_it_and_nobody_else(room):
    over = await room.settled()
    refused = await room.say(recording(room, over, "ann"))
    assert (refused.ok, (await room.saved(over)).decision) == (False, None)
    for user, admin in (("fay", False), ("ada", True)):
        room.clock.advance(HOUR)
        assert (
            await room.say(recording(room, over, user, f"By {user}.", admin=admin))
        ).text == decision_lines.KEPT
        assert (await room.saved(over)).decision.decided == f"By {user}."


async def test_before_the_vote_is_closed_it_is_refused(room):
    for deliberation in (await room.asked(), await room.voting(key="voting")):
        reply = await room.say(recording(room, deliberation))
        assert not reply.ok
        assert (await room.saved(deliberation)).decision is None


async def test_a_copy_that_comes_late_changes_nothing(room):
    over = await room.settled()
    first = recording(room, over, decided="First.")
    await room.say(first)
    room.clock.advance(HOUR)
    await room.say(recording(room, over, decided="Second."))
    before = await room.saved(over)
    assert (await room.say(first)).ok
    assert await room.saved(over) == before


async def test_of_two_who_record_at_once_one_stands_whole(room):
    over = await room.settled()
    racing = room.racing()
    both = [
        recording(racing, over, "fay", "Hers.", who="Fay"),
        recording(racing, over, "ada", "Theirs.", admin=True),
    ]
    replies = await asyncio.gather(*map(racing.say, both))
    kept = (await room.saved(over)).decision
    assert all(reply.ok for reply in replies)
    assert (kept.decided, kept.who) in {("Hers.", "Fay"), ("Theirs.", "")}


async def test_whoever_is_forgotten_is_named_in_no_decision(room):
    over = await room.settled()
    await room.say(recording(room, over, member="cem"))
    # Cem gave nothing; and fay recorded it.
    for user in ("cem", "fay"):
        assert (await room.say(commands.ForgetMe(room.person(user), room.clock.now()))).ok
    kept = (await room.saved(over)).decision
    assert (kept.decided, kept.who, kept.member, kept.recorded_by) == ("No bags from May on.", "", "", "")


@pytest.mark.parametrize(
    ("user", "recorder", "goes"),
    [("ann", "fay", True), ("ada", "ada", True), ("dan", "fay", False)],
    ids=["gave something", "recorded it", "had nothing to do with it"],
)
async def test_a_name_goes_where_that_person_took_part_for_another_may_have_it(room, user, recorder, goes):
    over = await room.settled()
    name = room.person(user).name
    await room.say(recording(room, over, recorder, who=f"{name}, Bo", admin=recorder == "ada"))
    await room.say(commands.ForgetMe(room.person(user), room.clock.now()))
    assert (await room.saved(over)).decision.who == ("Bo" if goes else f"{name}, Bo")


async def test_somebody_is_known_by_the_name_under_which_they_wrote_too(room):
    over = await room.settled(anonymous=False)
    name = room.person("bob").name
    await room.say(recording(room, over, who=name))
    called_otherwise = dataclasses.replace(room.person("bob"), name="Robert")
    await room.say(commands.ForgetMe(called_otherwise, room.clock.now()))
    assert (await room.saved(over)).decision.who == ""


async def test_a_wish_to_be_forgotten_that_comes_late_leaves_what_was_recorded_since(room):
    over = await room.settled()
    early = commands.ForgetMe(room.person("cem"), room.clock.now())
    room.clock.advance(HOUR)
    await room.say(recording(room, over, member="cem"))
    await room.say(early)
    assert (await room.saved(over)).decision.member == "cem"


async def test_what_was_erased_and_where_a_name_went_are_counted_apart(room):
    over = await room.settled()
    await room.say(recording(room, over, member="cem"))
    told = await room.say(commands.ForgetMe(room.person("cem"), room.clock.now()))
    assert told.text == texts.forgotten(0, unnamed=1)


async def test_exports_say_what_was_decided_and_not_who_wrote_it_down(room):
    over = await room.settled()
    by = date(2027, 3, 12)
    await room.say(recording(room, over, decided="=1+1", who="Ann", by=by, how_it_went="Well."))
    data = await queries.export(room.person("fay"), over.id, room.ports)
    told = json.loads(data)["deliberation"]["decision"]
    assert told.pop("recorded_at")
    assert told == {
        "decided": "=1+1",
        "nothing": False,
        "who": "Ann",
        "by": "2027-03-12",
        "how_it_went": "Well.",
    }
    table = await queries.export(room.person("fay"), over.id, room.ports, write=as_csv)
    assert "except the person who does what was decided" in texts.export_note(over)
    row = next(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))), None)
    if row is not None:
        assert (row["decision"], row["decision_who"], row["decision_by"]) == ("'=1+1", "Ann", "2027-03-12")


# -- past questions ------------------------------------------------------------------------------


async def found(room, words, user="ann"):
    past = await queries.past(room.person(user), room.ports, platform="web", words=words)
    return [d.question for d in past.found]


@pytest.mark.parametrize(
    "words",
    ["cafeteria", "CAFETERÍA where", "reuse", "bikés", "", "ou est"],
    ids=[
        "begun",
        "capitals and accents",
        "in the statement",
        "in the decision",
        "no words",
        "without accents",
    ],
)
async def test_a_past_question_is_found_by_words_of_it_its_statement_or_its_decision(room, words):
    over = await room.settled(question="Where is the cafetería? Où est-elle?")
    await room.say(recording(room, over, decided="More bikes."))
    await room.asked(key="runs", question="The cafetería runs, reuse bikes, où est-elle where?")
    assert await found(room, words) == [over.question]


async def test_words_that_it_does_not_have_find_nothing(room):
    await room.settled(question="Where is the cafetería?")
    assert await found(room, "cafeteria zeppelin") == []


async def test_a_statement_that_nobody_was_shown_is_not_searched(room):
    drafted = await room.drafting(question="Ban plastics?")
    chosen = await room.ports.deliberations.save(drafted.chosen("Let us reuse zeppelins."))
    await room.say(commands.Cancel(room.person("fay"), chosen.id))
    assert await found(room, "zeppelins") == []
    assert await found(room, "plastics") == ["Ban plastics?"]


async def test_a_channel_that_somebody_does_not_see_is_not_searched(room):
    room.ports.platforms["web"].private["C1"] = {"fay", "ann", "bob"}
    over = await room.settled()
    assert await found(room, "plastics", "eve") == []
    assert await found(room, "plastics", "ann") == [over.question]


async def test_of_ones_own_question_elsewhere_only_ones_own_words_are_searched_and_shown(room):
    over = await room.settled()
    await room.say(recording(room, over, decided="More bikes."))
    room.ports.platforms["web"].private["C1"] = {"ann", "bob"}
    for words in ("bikes", "reuse"):
        assert (await found(room, words, "fay"), await found(room, words, "ann")) == ([], [over.question])
    past = await queries.past(room.person("fay"), room.ports, platform="web", words="plastics")
    assert [(d.question, d.statement, d.decision) for d in past.found] == [(over.question, None, None)]


async def test_the_newest_are_found_first_and_more_are_said(room):
    for number in range(3):
        room.clock.advance(HOUR)
        asked = await room.asked(key=f"q{number}", question=f"Ban plastics {number}?")
        await room.say(commands.Cancel(room.person("fay"), asked.id))
    past = await queries.past(room.person("ann"), room.ports, platform="web", words="ban", most=2)
    assert ([d.question[-2] for d in past.found], past.more) == (["2", "1"], True)
    whole = await queries.past(room.person("ann"), room.ports, platform="web", words="ban", most=3)
    assert (len(whole.found), whole.more) == (3, False)
