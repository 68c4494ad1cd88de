"""Deadlines in words: "tomorrow 5pm", "in 3 hours", "friday 17:00", "24 December 18:00", or ISO 8601.

Reads:  what somebody typed, the time now, and their time zone.
Gives:  the moment meant, in UTC, or a sentence that says what to write instead. Never a time that is over,
never a guess from words that only contain a date somewhere.
Words are read by dateparser, which is imported only when they are needed: it is kept up (parsedatetime's last
release is of 2020), and its known trouble with "future" and time zones (its issues 1202, 1239 and 307) is
gone when it is given the local time to start from and no zone. Which hour is meant where clocks change is
decided here: one that is skipped moves on by as much as is skipped, one that comes twice is the first.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import DeadlineError

WORDS_LIMIT = 100
FURTHEST = timedelta(days=366)
EXAMPLES = "Write, for example, “tomorrow 5pm”, “in 3 hours”, “friday 17:00” or “2026-12-24 18:00”."
NOT_UNDERSTOOD = f"I do not understand that time. {EXAMPLES}"
OVER = "That time is over. Choose a later one."
TOO_FAR = "That is more than a year away. Choose an earlier time."
NO_TIME_OF_DAY = "Which hour? Add a time of day, such as “friday 17:00”."

# A whole ISO date and time; dateparser would take the day for the month in some of them.
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)
SPAN = re.compile(
    r"(in\s|after\s|(?=\d+(\.\d+)?\s*(min|minute|h|hr|hour|d|day|w|week)s?\b))(?P<span>\S.*)", re.IGNORECASE
)
AGO = re.compile(r"\bago\b", re.IGNORECASE)
NO_HOUR = re.compile(r"\b(2[4-9]|[3-9]\d):|:[6-9]\d")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HAS_HOUR = re.compile(r"\d\s*(am|pm)\b|\d{1,2}:\d\d|\d{1,2}h\d\d|\b(noon|midnight)\b", re.IGNORECASE)
PREFIX = re.compile(r"^(by|until|till|on|at|this|next|coming)\s+", re.IGNORECASE)
# What dateparser does not know, or takes for something else (as "tomorrow 5.30pm"), in words
# that it does. "17h" alone is the hour on the clock, as it is written in many countries; "3h" is a span.
SPELT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (r"\b([ap])\.m\.?(?!\w)", r"\1m"),
        (r"\b(\d{1,2})\.([0-5]\d)(?=\s*[ap]m\b)", r"\1:\2"),
        (r"\b(?:an?|one) hour and a half\b", "90 minutes"),
        (r"\b(\d{1,3})(?: and a half|½) hours\b", r"\1.5 hours"),
        (r"\bhalf (?:an?|one) hour\b", "30 minutes"),
        (r"\b(?:an? )?quarter of an hour\b", "15 minutes"),
        (r"\bhalf a day\b", "12 hours"),
        (r"^an? (?=(?:minute|hour|day|week)$)", "1 "),
        (r"^(1[3-9]|2[0-3])h$", r"\1:00"),
        (r"(?<=\w )(?<!in )(?<!after )(\d{1,2})h$", r"\1:00"),
    )
)
NAMED_HOURS = {"noon": "12:00", "midnight": "23:59", "tonight": "today 20:00", "end of day": "today 17:00"}


def deadline(words: str, now: datetime, zone: str) -> datetime:
    """The moment that somebody in the time zone `zone` (IANA) means at `now`, in UTC.

    Raises:
        DeadlineError: with a sentence for whoever wrote the words.
    """
    words = " ".join(words.split())
    if not words or len(words) > WORDS_LIMIT:
        raise DeadlineError(NOT_UNDERSTOOD)
    there = _zone(zone)
    found = _iso(words, there) or _in_words(_spelt(words), now.astimezone(there), there)
    return _to_come(found, now)


def _zone(name: str) -> ZoneInfo:
    """UTC for a zone that nobody knows: platforms send what people's computers are set to."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _iso(words: str, zone: ZoneInfo) -> datetime | None:
    if not ISO.fullmatch(words):
        return None
    try:
        found = datetime.fromisoformat(words.upper())
        return _on_the_clock(found, zone) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DeadlineError(NOT_UNDERSTOOD) from None


def _in_words(words: str, local: datetime, zone: ZoneInfo) -> datetime:
    if AGO.search(words):
        raise DeadlineError(OVER)
    if NO_HOUR.search(words):
        raise DeadlineError(NOT_UNDERSTOOD)
    if span := SPAN.match(words):
        # So many hours from now are so many hours, whatever the clocks do meanwhile.
        return _parsed(f"in {span['span']}", local.astimezone(UTC), ["relative-time"]).replace(tzinfo=UTC)
    said = _without_prefix(_with_hours(words))
    if not HAS_HOUR.search(said):
        raise DeadlineError(NO_TIME_OF_DAY if _is_a_day(said, local) else NOT_UNDERSTOOD)
    found = _parsed(said, local, ["relative-time", "absolute-time"])
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return _on_the_clock(_today_if_ahead(found, words, local), zone)


def _spelt(words: str) -> str:
    for pattern, plain in SPELT:
        words = pattern.sub(plain, words)
    return words


def _today_if_ahead(found: datetime, words: str, local: datetime) -> datetime:
    """ "monday 23:00", said on a Monday evening, is tonight; dateparser takes the next one."""
    today = local.replace(tzinfo=None)
    said = words.casefold()
    named = WEEKDAYS[today.weekday()][:3] in said and "next" not in said
    is_in_a_week = (found.date() - today.date()) == timedelta(days=7)
    return found - timedelta(days=7) if named and is_in_a_week and found.time() > today.time() else found


def _with_hours(words: str) -> str:
    for name, hours in NAMED_HOURS.items():
        words = re.sub(rf"\b{name}\b", hours, words, flags=re.IGNORECASE)
    return words


def _without_prefix(words: str) -> str:
    while (shorter := PREFIX.sub("", words)) != words:
        words = shorter
    return words


def _is_a_day(words: str, local: datetime) -> bool:
    try:
        _parsed(words, local, ["relative-time", "absolute-time"])
    except DeadlineError:
        return False
    return True


def _parsed(words: str, start: datetime, parsers: list[str]) -> datetime:
    """A time on the clock that `start` is read from; with its zone where the words name one.

    Raises DeadlineError.
    """
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {
        "RELATIVE_BASE": start.replace(tzinfo=None),
        "PREFER_DATES_FROM": "future",
        "PARSERS": parsers,
    }
    try:
        found = DateDataParser(languages=["en"], settings=settings).get_date_data(words).date_obj
    except (ValueError, OverflowError, TypeError, RecursionError):
        found = None
    if found is None:
        raise DeadlineError(NOT_UNDERSTOOD)
    return found


def _on_the_clock(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _to_come(found: datetime, now: datetime) -> datetime:
    if found <= now:
        raise DeadlineError(OVER)
    if found - now > FURTHEST:
        raise DeadlineError(TOO_FAR)
    return found
