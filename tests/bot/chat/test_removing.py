"""Before something is taken out of the library it is asked, with what follows."""

from datetime import UTC, datetime

import pytest

from bot.chat.removing import BANK, SCHEDULES, TEMPLATES, asked_first
from bot.domain.errors import LibraryError
from bot.domain.library import BankQuestion, Schedule, Template
from bot.service.queries import LibraryView

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def schedule(number, template):
    return Schedule(
        id=str(number), team="T1", platform="web", channel="C1", by="ada", template=template, once=NOW
    )


QUESTION = BankQuestion.of("Where to?", "", NOW)
KEPT = LibraryView(
    templates=[Template(name=name, question="Why?") for name in ("Retro", "Lunch", "Never")],
    schedules=[schedule(1, "Retro"), schedule(2, "Retro"), schedule(3, "Lunch"), schedule(4, None)],
    bank=[QUESTION],
)


@pytest.mark.parametrize(
    ("shelf", "key", "follows"),
    [
        (TEMPLATES, "Retro", "2 schedules post it, and will post nothing"),
        (TEMPLATES, "Lunch", "1 schedule posts it, and will post nothing"),
        (TEMPLATES, "Never", "Questions that were asked from it stay."),
        (BANK, QUESTION.id, "“Where to?”"),
        (SCHEDULES, "3", "It will no longer post “Lunch”."),
        (SCHEDULES, "4", "It will no longer post the bank's questions."),
    ],
)
def test_what_follows_is_said_before(shelf, key, follows):
    assert asked_first(shelf, key, KEPT).follows.startswith(follows)


@pytest.mark.parametrize("shelf", [TEMPLATES, BANK, SCHEDULES])
def test_what_is_gone_already_is_told(shelf):
    with pytest.raises(LibraryError, match="That is gone"):
        asked_first(shelf, "gone", KEPT)
