"""Deadlines in words: what is understood, what is refused, and that no answer is in the past."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.deliberation import LONGEST_AHEAD, TOO_FAR
from bot.domain.errors import DeadlineError
from bot.wording import day_spellings, deadlines, time_spellings, time_zones
from bot.wording.deadlines import deadline
from bot.wording.language import LANGUAGES, _, reading

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
        ("90m", "2026-11-24 00:00"),
        ("1h30", "2026-11-24 00:00"),
        ("1h 30m", "2026-11-24 00:00"),
        ("one hour", "2026-11-23 23:30"),
        ("½ hour", "2026-11-23 23:00"),
        ("2½ hours", "2026-11-24 01:00"),
        ("2 days, 3 hours", "2026-11-26 01:30"),
        ("in 2 months", "2027-01-23 22:30"),
        ("noon", "2026-11-24 12:00"),
        ("midnight", "2026-11-23 23:59"),
        ("tomorrow evening", "2026-11-24 20:00"),
        ("tomorrow morning at 9", "2026-11-24 09:00"),
        ("tomorrow morning 6", "2026-11-24 06:00"),
        ("tomorrow afternoon at 3", "2026-11-24 15:00"),
        ("tonight at 11", "2026-11-23 23:00"),
        ("tomorrow evening at 8:30", "2026-11-24 20:30"),
        ("tomorrow at 17", "2026-11-24 17:00"),
        ("tomorrow 17", "2026-11-24 17:00"),
        ("tomorrow 17.30", "2026-11-24 17:30"),
        ("17.30", "2026-11-24 17:30"),
        ("tomorrow at 5 in the afternoon", "2026-11-24 17:00"),
        ("5 o'clock pm", "2026-11-24 17:00"),
        ("0:30", "2026-11-24 00:30"),
        ("12am", "2026-11-24 00:00"),
        # A day without an hour is the end of the working day.
        ("tomorrow", "2026-11-24 17:00"),
        ("eod tomorrow", "2026-11-24 17:00"),
        ("COB friday", "2026-11-27 17:00"),
        ("friday", "2026-11-27 17:00"),
        ("next Friday", "2026-11-27 17:00"),
        ("monday", "2026-11-30 17:00"),
        ("end of week", "2026-11-27 17:00"),
        ("EOW", "2026-11-27 17:00"),
        ("end of next week", "2026-12-04 17:00"),
        ("friday next week", "2026-12-04 17:00"),
        ("by end of day friday", "2026-11-27 17:00"),
        ("December 5", "2026-12-05 17:00"),
        ("Fri Nov 27 5pm", "2026-11-27 17:00"),
        ("end of the month", "2026-11-30 17:00"),
        ("24 December", "2026-12-24 17:00"),
        ("2026-12-24", "2026-12-24 17:00"),
        ("in 2 days at 5pm", "2026-11-25 17:00"),
        ("5pm in 2 days", "2026-11-25 17:00"),
        ("in two weeks at 9am", "2026-12-07 09:00"),
        ("2026/12/24 5pm", "2026-12-24 17:00"),
        ("Dec 24th, 2026 at 6 pm", "2026-12-24 18:00"),
        ("Thursday 24 December 18:00", "2026-12-24 18:00"),
        ("3 January 17:00", "2027-01-03 17:00"),
        ("13/12 17:00", "2026-12-13 17:00"),
        ("12/13 17:00", "2026-12-13 17:00"),
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
        ("2026-02-30 10:00", deadlines.NOT_UNDERSTOOD),
        ("31 april 12:00", deadlines.NOT_UNDERSTOOD),
        ("31.4. 12:00", deadlines.NOT_UNDERSTOOD),
        ("x" * 5_000, deadlines.NOT_UNDERSTOOD),
        ("friday 24 December 18:00", deadlines.NOT_UNDERSTOOD),
        ("5pm 6pm", deadlines.NOT_UNDERSTOOD),
        ("tomorrow 17 18", deadlines.NOT_UNDERSTOOD),
        ("next week", deadlines.NOT_UNDERSTOOD),
        ("december", deadlines.NOT_UNDERSTOOD),
        ("2027", deadlines.NOT_UNDERSTOOD),
        ("17", deadlines.NOT_UNDERSTOOD),
        ("25:00", time_spellings.NO_SUCH_HOUR),
        ("tomorrow 25:00", time_spellings.NO_SUCH_HOUR),
        ("13pm", time_spellings.NO_SUCH_HOUR),
        ("at 5", time_spellings.MORNING_OR_EVENING),
        ("fri 5", time_spellings.MORNING_OR_EVENING),
        ("tomorrow morning", time_spellings.WHICH_HOUR),
        ("tonight at 12", time_spellings.MORNING_OR_EVENING),
        ("friday afternoon", time_spellings.WHICH_HOUR),
        ("17.10", day_spellings.DATE_OR_TIME),
        ("17:00 Mars/Base", time_zones.UNKNOWN),
        ("17:00 UTC+19", time_zones.UNKNOWN),
        ("EOD", "17:00 today is in the past. Did you mean tomorrow at 17:00?"),
        ("tonight", "20:00 today is in the past. Did you mean tomorrow at 20:00?"),
        (
            "20 Nov 18:00",
            "20 November 2026 is in the past. Did you mean 20 November 2027? Then write the year, too.",
        ),
        (
            "20.11. 18:00",
            "20 November 2026 is in the past. Did you mean 20 November 2027? Then write the year, too.",
        ),
        ("yesterday 5pm", deadlines.OVER),
        ("3 hours ago", deadlines.OVER),
        ("in -3 hours", deadlines.OVER),
        ("2020-01-01 10:00", deadlines.OVER),
        ("2036-01-01 10:00", TOO_FAR),
        ("9999-12-31 23:00", TOO_FAR),
        ("9999-12-31T23:59-12:00", TOO_FAR),
        ("31.12.9999 23:59", TOO_FAR),
        ("31 december 9999", TOO_FAR),
        ("in 9999 years", TOO_FAR),
        ("in 99999999999999999999 hours", TOO_FAR),
    ],
)
def test_what_is_no_time_to_come_is_refused_with_a_sentence(words, sentence):
    with pytest.raises(DeadlineError) as caught:
        deadline(words, MONDAY_EVENING, "Europe/Berlin")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (
            "2027-03-28 02:30",
            "There is no 02:30 on 28 March in Europe/Berlin, because the clocks go forward. "
            "Choose another time, such as 03:30.",
        ),
        (
            "sunday 2:30am",
            "02:30 happens twice on 31 October in Europe/Berlin, because the clocks go back. "
            "Write which one: “2027-10-31T02:30+02:00” or “2027-10-31T02:30+01:00”.",
        ),
    ],
)
def test_an_hour_that_there_is_not_or_twice_is_refused_with_the_reason(words, because):
    now = datetime(2027, 3, 26, tzinfo=UTC) if "-" in words else datetime(2027, 10, 26, tzinfo=UTC)
    with pytest.raises(DeadlineError) as caught:
        deadline(words, now, "Europe/Berlin")
    assert str(caught.value) == because


def test_which_of_two_equal_hours_is_meant_can_be_written():
    now = datetime(2027, 10, 26, tzinfo=UTC)
    assert deadline("2027-10-31T02:30+02:00", now, "Europe/Berlin").hour == 0
    assert deadline("2027-10-31T02:30+01:00", now, "Europe/Berlin").hour == 1


@pytest.mark.parametrize(
    ("words", "zone", "locale", "meant"),
    [
        ("03/04 17:00", "Europe/Berlin", "de-DE", "2027-04-03"),
        ("03/04 17:00", "America/New_York", "en-GB", "2027-04-03"),
        ("03/04 17:00", "America/New_York", "en-US", "2027-03-04"),
        ("03.04. 17:00", "America/New_York", "en-US", "2027-04-03"),
        ("03.04 17:00", "Europe/Berlin", "", "2027-04-03"),
        ("3.4.27, 17:00", "Europe/Berlin", "", "2027-04-03"),
        ("03/04 17:00", "Europe/Berlin", "en-US", None),
        ("03/04 17:00", "UTC", "", None),
    ],
)
def test_whether_the_day_comes_first_is_known_from_who_writes_else_asked(words, zone, locale, meant):
    if meant is None:
        with pytest.raises(
            DeadlineError, match=r"^Is that 3 April or 4 March\? Write the month as a word\.$"
        ):
            deadline(words, MONDAY_EVENING, zone, locale)
    else:
        found = deadline(words, MONDAY_EVENING, zone, locale).astimezone(ZoneInfo(zone))
        assert f"{found:%Y-%m-%d %H:%M}" == f"{meant} 17:00"


@pytest.mark.parametrize(
    ("words", "zone", "local"),
    [
        ("in 2 days at 5pm", "America/New_York", "2026-07-03 17:00"),
        ("5pm PST", "America/Los_Angeles", "2026-07-01 17:00"),
        ("5pm PST", "Europe/Berlin", "2026-07-02 02:00"),
        ("5pm pt", "Europe/Berlin", "2026-07-02 02:00"),
        ("tomorrow 5pm (Eastern time)", "Europe/Berlin", "2026-07-02 23:00"),
        ("17:00 CET", "Europe/Berlin", "2026-07-01 17:00"),
        ("5pm IST", "Asia/Jerusalem", "2026-07-01 17:00"),
        ("5pm IST", "Asia/Kolkata", "2026-07-02 17:00"),
        ("5pm MST", "America/Phoenix", "2026-07-01 17:00"),
        ("17:00 America/New_York", "Europe/Berlin", "2026-07-01 23:00"),
        ("5pm UTC+2", "Europe/Berlin", "2026-07-01 17:00"),
        ("17:00+03:00", "Europe/Berlin", "2026-07-01 16:00"),
        ("friday 17:00 +0300", "Europe/Berlin", "2026-07-03 16:00"),
        ("5pm+0300", "Europe/Berlin", "2026-07-01 16:00"),
        ("17h +03:00", "Europe/Berlin", "2026-07-01 16:00"),
        ("17 Uhr +0300", "Europe/Berlin", "2026-07-01 16:00"),
        ("um 17.00 +0300", "Europe/Berlin", "2026-07-01 16:00"),
        ("friday 17 +0300", "Europe/Berlin", "2026-07-03 16:00"),
        ("friday at 9 -0100", "Europe/Berlin", "2026-07-03 12:00"),
        ("24-12-2026", "Europe/Berlin", "2026-12-24 17:00"),
        ("17:00 24-12-2026", "Europe/Berlin", "2026-12-24 17:00"),
        ("24.12.2026 17:00 -0500", "Europe/Berlin", "2026-12-24 23:00"),
        ("5pm ET tomorrow", "Europe/Berlin", "2026-07-02 23:00"),
    ],
)
def test_a_time_is_read_in_the_zone_behind_it_as_that_zone_shows_it_now(words, zone, local):
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    found = deadline(words, now, zone).astimezone(ZoneInfo(zone))
    assert f"{found:%Y-%m-%d %H:%M}" == local


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
    # The hour that comes twice is asked about.
    assume(meant.utcoffset() == meant.replace(fold=1).utcoffset())
    found = deadline(f"{meant:%Y-%m-%d %H:%M}", now, zone)
    assert found == meant.astimezone(UTC)


PIECES = st.sampled_from(
    [
        *("in", "at", "on", "by", "next", "end", "of", "vor", "il", "y", "a", "à", "las", "half", "halbe"),
        *(
            "week",
            "day",
            "days",
            "hour",
            "hours",
            "h",
            "m",
            "pm",
            "am",
            "uhr",
            "um",
            "stunde",
            "noon",
            "midi",
        ),
        *("tomorrow", "today", "tonight", "friday", "mardi", "morgen", "demain", "mañana", "EOD", "½"),
        *("1", "2", "5", "17", "31", "2026", "9999", "99999999", "17:00", "5pm", "17.30", "03.04.", "12/11"),
        *("2027-02-29", "december", "marzo", "PST", "UTC+2", "Mars/Base", "+", "-", ",", ".", "/", "(", ")"),
    ]
)


@given(
    now=NOWS,
    words=st.text(max_size=40)
    | st.from_regex(r"\A(in )?\d{1,3} ?[a-z]{1,6}( \d{1,2}:\d\d)?\Z")
    | st.lists(PIECES, max_size=6).map(" ".join),
    zone=ZONES,
    locale=st.sampled_from(["", "en-US", "en-GB", "de", "fr-FR", "es-419", "??"]),
)
@settings(max_examples=150)
def test_whatever_is_written_the_answer_is_to_come_or_a_sentence(now, words, zone, locale):
    def read():
        try:
            return deadline(words, now, zone, locale)
        except DeadlineError as exc:
            return str(exc)

    found = read()
    if isinstance(found, datetime):
        assert now < found <= now + LONGEST_AHEAD
        assert found.tzinfo is UTC
    assert read() == found


def test_an_unknown_time_zone_is_read_as_utc():
    assert deadline("tomorrow 5pm", MONDAY_EVENING, "Mars/Base").hour == 17


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_a_form_are_understood_in_their_language(language: str) -> None:
    with reading(language):
        shown = _("tomorrow 5pm · in 3 hours · friday 17:00").split(" · ")
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday
    read = [deadline(each, at, "UTC", language) for each in shown]
    assert read == [
        datetime(2026, 12, 1, 17, tzinfo=UTC),
        datetime(2026, 11, 30, 12, tzinfo=UTC),
        datetime(2026, 12, 4, 17, tzinfo=UTC),
    ]


@pytest.mark.parametrize("words", ["mañana 17:00", "mañana 17h"])
def test_tomorrow_is_not_the_morning_in_spanish(words: str) -> None:
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert deadline(words, at, "UTC", "es") == datetime(2026, 12, 1, 17, tzinfo=UTC)
