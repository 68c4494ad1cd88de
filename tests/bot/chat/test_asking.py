"""Asking: what a question starts from, and where is said what cannot be used."""

from datetime import timedelta

import pytest

from bot.chat import asking
from bot.domain.commands import SaveTemplate
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT
from bot.domain.errors import QuestionError
from bot.domain.library import Template
from bot.domain.terms import Terms

HERE = asking.Place("web", "C1")


async def test_a_question_starts_from_what_is_usual_or_from_a_template(room):
    kept = Template(name="Retro", question="What next?", context="So far.", terms=Terms(minimum_opinions=5))
    await room.say(SaveTemplate(room.person("ada", admin=True), kept))
    assert (await asking.start("T1", "", room.ports)).typed == {}
    begun = await asking.start("T1", "Retro", room.ports)
    assert begun.typed == {"question": "What next?", "context": "So far."}
    assert begun.team.defaults.minimum_opinions == 5


async def test_a_template_that_is_gone_is_told(room):
    with pytest.raises(QuestionError, match="template is gone"):
        await asking.start("T1", "Retro", room.ports)


@pytest.mark.parametrize(
    ("words", "thread", "question", "context"),
    [
        ("Where?", "", "Where?", ""),
        ("Where?", "Somewhere.", "Where?", "Somewhere."),
        ("x" * (QUESTION_LIMIT + 1), "Before.", "", "x" * (QUESTION_LIMIT + 1) + "\n\nBefore."),
        ("x" * 9_999, "", "", "x" * CONTEXT_LIMIT),
    ],
    ids=["short", "in a thread", "long", "far too long"],
)
def test_a_message_becomes_a_question_or_its_background(words, thread, question, context):
    assert asking.from_message(words, thread) == {"question": question, "context": context}


async def test_the_same_key_asks_once_and_no_key_reaches_anothers_question(room):
    asked, errors = await asking.read(
        {"question": "Why?"}, await room.ports.teams.team("T1"), room.ports, "UTC"
    )
    assert asked is not None, errors
    posted = [
        await asking.post(room.person(by), HERE, asked, "key", room.ports) for by in ("fay", "fay", "ann")
    ]
    ids = [reply.deliberation.id for reply in posted]
    assert ids[0] == ids[1] != ids[2]


def test_what_is_wrong_with_a_hidden_input_is_said_at_the_question():
    errors = {"deadline": "Over.", "quorum": "Too few.", "question": "Empty."}
    assert asking.where_shown(errors, {"question", "deadline"}) == {
        "deadline": "Over.",
        "question": "Empty. Close early after this many answers: Too few.",
    }
    assert asking.where_shown({"deadline": "Over."}, {"deadline"}) == {"deadline": "Over."}


@pytest.mark.parametrize(
    ("opens_in", "closes_in", "read", "wrong"),
    [
        (None, None, (None, 24), {}),
        (2, None, (2, 26), {}),
        (2, 5, (2, 5), {}),
        # What would have opened by now opens at once.
        (-1, 5, (None, 5), {}),
        (5, 2, None, {"deadline": "before the question opens"}),
        (None, -2, None, {"deadline": "in the past"}),
        (24 * 3_660, 5, None, {"opens_at": "Choose"}),
    ],
)
async def test_times_that_were_picked_are_read_together(room, opens_in, closes_in, read, wrong):
    now, usual = room.clock.now(), await room.ports.teams.team("T1")
    picked = {
        name: "" if hours is None else str(int((now + timedelta(hours=hours)).timestamp()))
        for name, hours in (("opens_at", opens_in), ("deadline_at", closes_in))
    }
    asked, errors = await asking.read({"question": "Why?", **picked}, usual, room.ports, "UTC")
    assert errors.keys() == wrong.keys()
    assert all(wrong[name] in told for name, told in errors.items())
    times = asked and [at and (at - now) / timedelta(hours=1) for at in (asked.opens_at, asked.closes_at)]
    assert times == (read and [*read])
