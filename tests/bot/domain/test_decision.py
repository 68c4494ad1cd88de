"""What was decided: how it may be written, when somebody is asked about it, and whom it names."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.decision import DECISION_LIMIT, MEMBER_LIMIT, WHO_LIMIT, Decision, last_day
from bot.domain.deliberation import Deliberation, Phase, Step
from bot.domain.errors import QuestionError, TransitionError
from bot.domain.terms import Terms

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 12, 4)
DAY = timedelta(days=1)


def decision(decided="No bags.", *, at=NOON, **about):
    return Decision.checked(decided, at=at, recorded_by="fay", zone=BERLIN, **about)


def question(**about):
    given = {"phase": Phase.SETTLED, "ended_at": NOON, "recorded": True} | about
    asked = {"id": "d", "team": "T1", "platform": "web", "channel": "C1", "facilitator": "fay"}
    return Deliberation(**asked, question="Ban bags?", created_at=NOON - DAY, **given)


def test_it_is_kept_clean_and_in_one_line_where_it_is_a_name():
    kept = decision(" No\u202e bags.\r\nNone. ", who=" Ann\n  and Bob ", how_it_went="  ")
    assert (kept.decided, kept.who, kept.how_it_went) == ("No bags.\nNone.", "Ann and Bob", None)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (" \u200b ", {}),
        ("x" * (DECISION_LIMIT + 1), {}),
        ("Yes", {"who": "x" * (WHO_LIMIT + 1)}),
        ("Yes", {"member": "U" * (MEMBER_LIMIT + 1)}),
        ("Yes", {"how_it_went": "x" * (DECISION_LIMIT + 1)}),
    ],
    ids=["nothing to read", "too long", "too many names", "no id", "a story"],
)
def test_what_cannot_be_kept_is_refused(text, about):
    with pytest.raises(QuestionError):
        decision(text, **about)


def test_where_nothing_was_decided_nobody_does_it():
    kept = decision("", nothing=True, who="Ann", by=FRIDAY)
    assert (kept.nothing, kept.who, kept.by, kept.ask_from) == (True, "", None, None)


def test_somebody_is_asked_at_nine_of_that_day_where_it_was_recorded():
    assert decision(by=FRIDAY).ask_at == datetime(2026, 12, 4, 8, tzinfo=UTC)
    # Nine is over on the day itself.
    assert decision(by=NOON.date()).ask_at == datetime(2026, 12, 2, 8, tzinfo=UTC)


def test_it_is_due_once_and_before_the_end_of_retention_only():
    asking = question().with_decision(decision(by=FRIDAY), NOON)
    assert asking.next_due().step is Step.ASK_HOW
    assert asking.was_asked_how().next_due().step is Step.PURGE
    short = question(terms=Terms(retention_days=2)).with_decision(decision(by=FRIDAY), NOON)
    assert short.next_due().step is Step.PURGE


def test_whoever_said_how_it_went_is_not_asked():
    told = question().with_decision(decision(by=FRIDAY, how_it_went="Well."), NOON)
    assert told.next_due().step is Step.PURGE


def test_a_later_one_takes_its_place_and_a_late_copy_does_not():
    first = question().with_decision(decision("First."), NOON)
    second = first.with_decision(decision("Second.", at=NOON + DAY), NOON)
    assert second.decision.decided == "Second."
    assert second.with_decision(decision("First."), NOON) == second


def test_nobody_is_asked_twice_about_the_same_day_and_again_about_another():
    asked = question().with_decision(decision(by=FRIDAY), NOON).was_asked_how()
    later = NOON + 4 * DAY
    same = asked.with_decision(decision("In other words.", by=FRIDAY, at=later), later)
    assert same.next_due().step is Step.PURGE
    moved = asked.with_decision(decision(by=FRIDAY + 7 * DAY, at=later), later)
    assert moved.next_due().step is Step.ASK_HOW


@pytest.mark.parametrize("phase", sorted(set(Phase) - {Phase.SETTLED}))
def test_before_the_vote_is_closed_or_without_one_nothing_is_recorded(phase):
    with pytest.raises(TransitionError):
        question(phase=phase).with_decision(decision(), NOON)


@pytest.mark.parametrize(
    ("about", "left"),
    [
        ({"member": "U1"}, ("", "")),
        ({"who": "ann LEE"}, ("", "")),
        ({"who": "@Ann Lee"}, ("", "")),
        ({"who": "Ann Lee and Bob"}, ("Bob", "")),
        ({"who": "Bob, @ann  lee; Cem"}, ("Bob, Cem", "")),
        ({"who": "Anna Lee and Bob"}, ("Anna Lee and Bob", "")),
        ({"who": "Ann"}, ("Ann", "")),
        ({"member": "U2"}, ("", "U2")),
    ],
)
def test_somebody_who_leaves_is_named_no_more(about, left):
    named = question().with_decision(decision(**about), NOON)
    kept = named.without_person("U1", {"", "Ann Lee"}, NOON, NOON).decision
    assert (kept.who, kept.member, kept.recorded_by) == (*left, "fay")
    assert named.without_person("fay", set(), NOON, NOON).decision.recorded_by == ""


def test_a_wish_to_be_forgotten_that_comes_late_leaves_what_was_recorded_since():
    named = question().with_decision(decision(member="U1", at=NOON + DAY), NOON)
    assert named.without_person("U1", set(), NOON, NOON + DAY) == named


@pytest.mark.parametrize(("hour", "last"), [(7, date(2026, 11, 30)), (9, NOON.date())])
def test_on_the_last_day_it_is_still_there_when_somebody_is_asked(hour, last):
    assert last_day(NOON.replace(hour=hour), BERLIN) == last


def test_what_was_stored_before_is_read_as_without_one():
    stored = question().model_dump(mode="json", exclude={"decision"})
    assert Deliberation.model_validate(stored).decision is None
    kept = question().with_decision(decision(by=FRIDAY, member="U1"), NOON)
    assert Deliberation.model_validate_json(kept.model_dump_json()) == kept
