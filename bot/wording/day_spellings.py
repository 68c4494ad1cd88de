"""Which day is meant by "friday", "the 24th of December", "03.04.", "in 2 weeks", "end of month".

Reads:  words as `bot.wording.time_spellings` leaves them, without a time of day; the local time; a locale.
Gives:  a day, or DeadlineError with a sentence for whoever wrote the words.
Names of days and months, and spans, are read by dateparser, in four languages, which is imported only when it
is needed. What it does not know, or takes for something else (dates in digits, "end of week"), is read here.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from bot.domain.errors import DeadlineError
from bot.wording import time_spellings
from bot.wording.language import N_, day_of_month

# Translators: the examples can be in your language; they are read in German, French and Spanish too.
NOT_UNDERSTOOD = N_(
    "I don't understand that time. Write it like “tomorrow 5pm”, “in 3 hours”, “friday 17:00” or "
    "“2026-12-24 18:00”."
)
DAY_OR_MONTH = N_("Is that {one} or {other}? Write the month as a word.")
DATE_OR_TIME = N_("Is that a date or a time of day? Write it like “17:10” or “17 October 17:00”.")

# Dates in digits. With dots the day comes first everywhere; otherwise it depends on who writes.
DOTS = re.compile(r"(?<![\d@:])(\d{1,2})\. ?(\d{1,2})(?:\.(?: ?(\d{4}|\d\d)(?![\d:]))?|(?![\d:]))")
SLASHES = re.compile(r"(?<![\d@:])(\d{1,2})([/-])(\d{1,2})(?:\2(\d{4}|\d\d))?(?![\d:])")
YEAR_FIRST = re.compile(r"(?<![\d@:])(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?![\d:])")
DATE_OR_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3])\.[0-5]\d")
NEXT = re.compile(r"\b(?:next|nachste[nrms]?|prochaine?|proximo|que viene)\b")
NEXT_WEEK = re.compile(
    r"(?:of )?\bnext week\b|\b(?:in der )?nachste[rn]? woche\b|\b(?:de )?la semaine prochaine\b"
    r"|\b(?:de )?la (?:semana que viene|proxima semana)\b"
)
BEFORE_A_DAY = (
    "by|until|till?|on|at|this|coming|the|bis|zum|am|an|den|der|dem|diesen|kommenden|um|vor|le|ce|cet|jusqu'a"
    "|jusqu'au|d'ici|avant|au|pour|el|la|este|hasta|antes|para|del?|al?|before"
)
AROUND = re.compile(rf"^(?:(?:{BEFORE_A_DAY})(?: |$))+")
WORD = re.compile(r"[a-z0-9'. -]{1,60}")
LANGUAGES = ("en", "de", "fr", "es")
FRIDAY = 4
DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Day(NamedTuple):
    """A day as it was written: by its weekday, by its date without a year, or so that it can be no other."""

    on: date
    weekday: bool = False
    yearless: bool = False


class Calendar:
    """Reads days as somebody says them at a local time (naive), in whose language and country dates are."""

    def __init__(self, local: datetime, locale: str, zone: str) -> None:
        self._local = local
        self._today = local.date()
        self._locale = locale
        self._zone = zone

    # -- in digits ---------------------------------------------------------------------------------

    def in_digits(self, text: str) -> tuple[Day | None, str]:
        """The date that is written in digits, if there is one, and what is left without it."""
        if found := YEAR_FIRST.search(text):
            return self._dated(int(found[4]), int(found[3]), found[1]), _cut_out(text, found)
        if found := SLASHES.search(text):
            day, month = self._in_order(int(found[1]), int(found[3]))
            return self._dated(day, month, found[4]), _cut_out(text, found)
        if (found := DOTS.search(text)) and not _is_time(text, found):
            return self._dated(int(found[1]), int(found[2]), found[3]), _cut_out(text, found)
        return None, text

    def _in_order(self, first: int, second: int) -> tuple[int, int]:
        """Day and month, in the order of whoever wrote them; asked where that is not known."""
        if first > 12 or first == second:
            return first, second
        if second > 12:
            return second, first
        # Many who are not American have their software in American English.
        american = self._locale.startswith("en-us")
        if american and self._zone.startswith("America/"):
            return second, first
        if not american and self._locale not in ("", "en"):
            return first, second
        raise DeadlineError(DAY_OR_MONTH, one=_said(first, second), other=_said(second, first))

    def _dated(self, day: int, month: int, year: str | None) -> Day:
        if year:
            return Day(_date(int(year) + (2000 if len(year) == 2 else 0), month, day))
        return self._nearest(day, month)

    def _nearest(self, day: int, month: int) -> Day:
        """Without a year, the day of that name that is nearest: yesterday's is not next year's."""
        found = [each for years in (-1, 0, 1, 2) if (each := _if_any(self._today.year + years, month, day))]
        if not found:
            raise DeadlineError(NOT_UNDERSTOOD)
        return Day(min(found, key=lambda each: abs(each - self._today)), yearless=True)

    # -- in words ----------------------------------------------------------------------------------

    def day(self, text: str) -> Day:
        """The day that words name. Raises DeadlineError."""
        text = bare(text)
        return self._end(text) or self._of_week(text) or self._relative(text) or self._of_month(text)

    def is_day(self, text: str) -> bool:
        """Whether words name a day so that no number belongs to it, as one does to a month's name."""
        text = bare(text)
        return bool(self._end(text) or self._of_week(text) or self._relative(text))

    def is_named(self, text: str, day: date) -> bool:
        """Whether the words are this day's weekday, or none at all."""
        text = bare(text)
        return not text or self._weekday(text) == day.weekday()

    def _end(self, text: str) -> Day | None:
        """The last working day of a week, the last day of a month."""
        today = self._today
        if text == time_spellings.WEEKS_END:
            return Day(today + timedelta(days=(FRIDAY - today.weekday()) % 7), weekday=True)
        if text == time_spellings.NEXT_WEEKS_END:
            return Day(today + timedelta(days=7 + FRIDAY - today.weekday()))
        if text == time_spellings.MONTHS_END:
            return Day((today.replace(day=28) + 4 * DAY).replace(day=1) - DAY)
        return None

    def _of_week(self, text: str) -> Day | None:
        """ "Next friday" is the coming one, but for today's; "friday next week" is that of the week after."""
        weekday = self._weekday(bare(NEXT.sub(" ", NEXT_WEEK.sub(" ", text))))
        if weekday is None:
            return None
        if NEXT_WEEK.search(text):
            return Day(self._today + timedelta(days=7 + weekday - self._today.weekday()))
        ahead = (weekday - self._today.weekday()) % 7
        if not ahead and NEXT.search(text):
            ahead = 7
        return Day(self._today + timedelta(days=ahead), weekday=True)

    def _weekday(self, text: str) -> int | None:
        found = None if re.search(r"\d", text) else self._read(text, "absolute-time")
        return None if found is None else found.weekday()

    def _relative(self, text: str) -> Day | None:
        """ "Tomorrow", "in 2 days", in any of the languages."""
        span = time_spellings.span(text)
        if span is None and re.search(r"\d", text):
            return None
        if span and re.search(r"hours|minutes", span):
            return None
        found = self._read(span or text, "relative-time")
        return None if found is None else Day(found.date())

    def _of_month(self, text: str) -> Day:
        """A day with the name of its month, perhaps with its weekday and its year."""
        sizes = sorted(len(each) for each in re.findall(r"\d+", text))
        found = self._read(text, "absolute-time") if sizes in ([1], [2], [1, 4], [2, 4]) else None
        if found is None or not re.search(r"[a-z]{3}", text):
            raise DeadlineError(NOT_UNDERSTOOD)
        day = Day(found.date()) if sizes[-1] == 4 else self._nearest(found.day, found.month)
        if {self._weekday(word) for word in text.split()} - {None, day.on.weekday()}:
            raise DeadlineError(NOT_UNDERSTOOD)
        return day

    def _read(self, text: str, parser: str) -> datetime | None:
        """None for what dateparser does not know, or knows as a week, a month or a year."""
        if not WORD.fullmatch(text):
            return None
        midnight = self._local.replace(hour=0, minute=0, second=0, microsecond=0)
        any_length = time_spellings.span(text) is not None
        return parsed(text, midnight, parser, self._locale, only_days=not any_length)


def bare(text: str) -> str:
    """Without the small words that stand before a day."""
    return AROUND.sub("", " ".join(text.split())).strip()


def parsed(
    words: str, start: datetime, parser: str, locale: str = "", *, only_days: bool = False
) -> datetime | None:
    """A time on the clock that `start` (naive) is read from; None for what dateparser does not know.

    only_days: not "next week" or "december", which are no days.
    """
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {
        "RELATIVE_BASE": start,
        "PREFER_DATES_FROM": "future",
        "PARSERS": [parser],
    }
    language = locale.partition("-")[0]
    languages = sorted(LANGUAGES, key=lambda each: each != language)
    try:
        read = DateDataParser(languages, settings=settings, use_given_order=True).get_date_data(words)
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    found = read.date_obj
    return None if found is None or found.tzinfo or (only_days and read.period != "day") else found


def _is_time(text: str, found: re.Match[str]) -> bool:
    """Whether "17.30" is a time: behind a day's name it is; alone it may be neither or both."""
    if not DATE_OR_TIME_OF_DAY.fullmatch(found[0]) or time_spellings.TIME.search(text):
        return False
    if text != found[0] or int(found[2]) > 12:
        return True
    raise DeadlineError(DATE_OR_TIME)


def _cut_out(text: str, found: re.Match[str]) -> str:
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())


def _if_any(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date:
    found = _if_any(year, month, day)
    if found is None:
        raise DeadlineError(NOT_UNDERSTOOD)
    return found


def _said(day: int, month: int) -> str:
    """As it would be written with the month as a word; whoever wrote 0 is told so."""
    return day_of_month(_date(2000, month, day))
