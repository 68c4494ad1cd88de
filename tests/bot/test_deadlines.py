"""Deadlines in words: what is understood, what is refused, and that no answer is in the past."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import deadlines
from bot.deadlines import deadline
from bot.errors import DeadlineError

MONDAY_EVENING = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # 22:30 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
NOWS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("tomorrow 5pm", "2026-11-24 17:00"),
        ("in 3 hours", "2026-11-24 01:30"),
        ("3 hours", "2026-11-24 01:30"),
        ("in 1 hour 30 minutes", "2026-11-24 00:00"),
        ("friday 17:00", "2026-11-27 17:00"),
        ("next friday 17:00", "2026-11-27 17:00"),
        ("monday 23:00", "2026-11-23 23:00"),
        ("monday 9am", "2026-11-30 09:00"),
        ("by 5pm", "2026-11-24 17:00"),
        ("noon tomorrow", "2026-11-24 12:00"),
        ("24 December 18:00", "2026-12-24 18:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("2026-12-24T18:00Z", "2026-12-24 19:00"),
        ("tomorrow 5pm UTC", "2026-11-24 18:00"),
        ("half an hour", "2026-11-23 23:00"),
        ("in half an hour", "2026-11-23 23:00"),
        ("a quarter of an hour", "2026-11-23 22:45"),
        ("in an hour and a half", "2026-11-24 00:00"),
        ("1.5 hours", "2026-11-24 00:00"),
        ("an hour", "2026-11-23 23:30"),
        ("half a day", "2026-11-24 10:30"),
        ("5.30pm", "2026-11-24 17:30"),
        ("tomorrow 5.30pm", "2026-11-24 17:30"),
        ("friday at 5.30 p.m.", "2026-11-27 17:30"),
        ("17h", "2026-11-24 17:00"),
        ("17h30", "2026-11-24 17:30"),
        ("tomorrow 17h", "2026-11-24 17:00"),
        ("friday 9h", "2026-11-27 09:00"),
        ("in 17h", "2026-11-24 15:30"),
        ("3h", "2026-11-24 01:30"),
    ],
)
def test_words_are_read_on_the_clock_of_whoever_wrote_them(words, local):
    found = deadline(words, MONDAY_EVENING, "Europe/Berlin")
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", deadlines.NOT_UNDERSTOOD),
        ("banana", deadlines.NOT_UNDERSTOOD),
        ("the quick 5pm fox", deadlines.NOT_UNDERSTOOD),
        ("<!channel> 5pm", deadlines.NOT_UNDERSTOOD),
        ("in 3 bananas", deadlines.NOT_UNDERSTOOD),
        ("25:00", deadlines.NOT_UNDERSTOOD),
        ("tomorrow 25:00", deadlines.NOT_UNDERSTOOD),
        ("2026-02-30 10:00", deadlines.NOT_UNDERSTOOD),
        ("in 99999999999 years", deadlines.NOT_UNDERSTOOD),
        ("x" * 5_000, deadlines.NOT_UNDERSTOOD),
        ("friday", deadlines.NO_TIME_OF_DAY),
        ("yesterday 5pm", deadlines.OVER),
        ("3 hours ago", deadlines.OVER),
        ("in -3 hours", deadlines.OVER),
        ("2020-01-01 10:00", deadlines.OVER),
        ("2036-01-01 10:00", deadlines.TOO_FAR),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_a_sentence(words, sentence):
    with pytest.raises(DeadlineError) as caught:
        deadline(words, MONDAY_EVENING, "Europe/Berlin")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("words", "utc"),
    [
        ("2027-03-28 02:30", "01:30"),  # skipped: as much later as the clocks skip
        ("2027-10-31 02:30", "00:30"),  # twice: the first
        ("2027-03-28 03:30", "01:30"),
    ],
)
def test_the_hours_at_which_clocks_change_have_one_meaning(words, utc):
    now = datetime.fromisoformat(words[:10]).replace(tzinfo=UTC) - timedelta(days=2)
    assert f"{deadline(words, now, 'Europe/Berlin'):%H:%M}" == utc


def test_hours_from_now_are_hours_whatever_the_clocks_do():
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert deadline("in 3 hours", before, "Europe/Berlin") == before + timedelta(hours=3)


@given(now=NOWS, hours=st.integers(1, 500), zone=ZONES)
def test_a_span_is_as_long_as_it_says(now, hours, zone):
    assert deadline(f"in {hours} hours", now, zone) == now + timedelta(hours=hours)


@given(now=NOWS, ahead=st.integers(61, 500_000), zone=ZONES)
def test_what_is_written_as_a_date_is_read_back(now, ahead, zone):
    meant = (
        (now + timedelta(minutes=ahead)).astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, fold=0)
    )
    found = deadline(f"{meant:%Y-%m-%d %H:%M}", now, zone)
    assert found == meant.astimezone(UTC)


@given(
    now=NOWS,
    words=st.text(max_size=40) | st.from_regex(r"\A(in )?\d{1,3} ?[a-z]{1,6}( \d{1,2}:\d\d)?\Z"),
    zone=ZONES,
)
def test_whatever_is_written_the_answer_is_to_come_or_a_sentence(now, words, zone):
    try:
        found = deadline(words, now, zone)
    except DeadlineError:
        return
    assert now < found <= now + deadlines.FURTHEST
    assert found.tzinfo is UTC


def test_an_unknown_time_zone_is_read_as_utc():
    assert deadline("tomorrow 5pm", MONDAY_EVENING, "Mars/Base").hour == 17
