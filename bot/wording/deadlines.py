"""Deadlines in words: "tomorrow 5pm", "in 3 hours", "24 December 18:00", "morgen um 17 Uhr", or ISO 8601.

Reads:  what somebody typed, the time now, their time zone and their locale.
Gives:  the moment meant, in UTC, or a sentence that says what to write instead. Never a time that is over,
never a guess from words that only contain a date somewhere.
A day without an hour ends at 17:00. Where clocks change, an hour that there is not, or that comes twice, is
refused with the reason. A zone behind the time counts for the whole: "tomorrow 5pm PT" is tomorrow there.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.deliberation import LONGEST_AHEAD, TOO_FAR
from bot.domain.errors import DeadlineError
from bot.wording import language, time_spellings
from bot.wording.day_spellings import DAY, NOT_UNDERSTOOD, WEEK, Calendar, Day, bare, parsed
from bot.wording.language import N_, clock, day_of_month
from bot.wording.library_lines import EVERY_WEEK_NEEDS_TIME
from bot.wording.time_zones import said_zone, zone_or_utc

WORDS_LIMIT = 100
OVER = N_("That time is in the past. Choose a later one.")
OVER_TODAY = N_("{time} today is in the past. Did you mean tomorrow at {time}?")
OVER_THIS_YEAR = N_("{day} is in the past. Did you mean {other}? Then write the year, too.")
SKIPPED = N_(
    "There is no {time} on {day} in {zone}, because the clocks go forward. Choose another time, such as "
    "{other}."
)
TWICE = N_(
    "{time} happens twice on {day} in {zone}, because the clocks go back. Write which one: “{first}” or "
    "“{second}”."
)
TWICE_PICKED = N_(
    "{time} happens twice on {day} in {zone}, because the clocks go back. Choose another time, such as "
    "{other}."
)
END_OF_DAY = time(17)

# A whole ISO date and time.
ISO = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d)?( ?z| ?[+-]\d\d:?\d\d)?")
# "Vor 3 h" is over; "vor 17 Uhr" and "vor 17h" are before that hour.
AGO = re.compile(
    rf"\bago\b|^vor (?!(?:1[3-9]|2[0-3]) ?h\b)\d+(?:[.,]\d+)? ?(?:{time_spellings.UNIT})\b"
    r"|^il y a\b|^hace\b|\b(yesterday|gestern|hier|ayer)\b"
)
# Only behind a time of day: "24-12-2026" ends with a year. A number that may as well be one of a date is an
# hour where what follows can be an offset.
OFFSET = re.compile(
    r"(?:(?<=[:h]\d\d)|(?<=[ap]m)|(?<=\dh)|(?<=uhr)"
    r"|(?:(?<= \d)|(?<=[ .]\d\d))(?= ?[+-](?:0\d|1[0-4]))) ?([+-]\d\d:?\d\d)$"
)
ZONE = re.compile(
    r"(?<=\w) \(?((?:utc|gmt) ?[+-]\d{1,2}(?::?\d\d)?|[a-z]+ time|[a-z_]+/[\w/+-]+|[a-z]{1,5})$"
)
BEHIND_A_TIME = re.compile(r"(?<=[\dm]) \(?([a-z]{2,5}|[a-z_]+/[a-z_/]+)\)?(?= [a-z])")


def deadline(words: str, now: datetime, zone: str, locale: str = "") -> datetime:
    """The moment that somebody in the time zone `zone` (IANA) means at `now`, in UTC.

    Args:
        words: what they typed.
        locale: their language and country, such as "en-GB"; empty where it is not known.

    Raises:
        DeadlineError: with a sentence for whoever wrote the words.
    """
    text = time_spellings.plain(words[:WORDS_LIMIT])
    if not text or len(words) > WORDS_LIMIT:
        raise DeadlineError(NOT_UNDERSTOOD)
    try:
        found = _meant(text, now, zone_or_utc(zone), locale.casefold().replace("_", "-"))
    except OverflowError:
        raise DeadlineError(TOO_FAR) from None
    return _to_come(found, now)


def day(words: str, now: datetime, zone: str, locale: str = "") -> date:
    """The day that somebody means, where they are; today is one too, however late it is.

    Raises:
        DeadlineError: with a sentence for whoever wrote the words.
    """
    local = now.astimezone(zone_or_utc(zone))
    try:
        at = deadline(words, now, zone, locale)
    except DeadlineError:
        # Just after midnight the whole of today is to come.
        begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
        at = deadline(words, begins.astimezone(UTC), zone, locale)
    return at.astimezone(local.tzinfo).date()


def time_of_day(words: str) -> time:
    """A time of day and nothing else, as in a deadline: "9am", "9:30", "9.30", "noon", "17h".

    Raises:
        DeadlineError: with a sentence for whoever wrote the words.
    """
    text = time_spellings.spelt(time_spellings.plain(words[:WORDS_LIMIT]))
    at, rest = _hour(time_spellings.with_times(text), lambda said: False)
    if at is None or rest:
        raise DeadlineError(EVERY_WEEK_NEEDS_TIME)
    return at


def require_once(local: datetime, zone: str) -> None:
    """For a time without a zone that was picked where clocks are those of `zone`, if anybody knows it.

    Raises:
        DeadlineError: clocks there skip it, or show it twice, and a picker cannot say which is meant.
    """
    there = zone_or_utc(zone)
    first, second = _there(local, there)
    again = (first.utcoffset() or timedelta()) - (second.utcoffset() or timedelta())
    if again:
        raise DeadlineError(TWICE_PICKED, **_told(local, there), other=clock(local + again))


def _meant(text: str, now: datetime, there: ZoneInfo, locale: str) -> datetime:
    if ISO.fullmatch(text):
        return _iso(text, there)
    if AGO.search(text):
        raise DeadlineError(OVER)
    text = time_spellings.spelt(text)
    if span := time_spellings.span(text):
        return _from_now(span, now)
    text, clock = _without_zone(text, there, now)
    local = now.astimezone(clock).replace(tzinfo=None)
    return _on_the_clock(_said(text, local, Calendar(local, locale, str(clock))), clock)


def _iso(text: str, there: ZoneInfo) -> datetime:
    day, _, hours = text.replace("t", " ").partition(" ")
    try:
        found = datetime.fromisoformat(f"{day}T{hours.replace(' ', '')}".upper())
    except ValueError:
        raise DeadlineError(NOT_UNDERSTOOD) from None
    return _on_the_clock(found, there) if found.tzinfo is None else found.astimezone(UTC)


def _without_zone(text: str, there: ZoneInfo, now: datetime) -> tuple[str, tzinfo]:
    """What is left without a zone behind the time or the whole, and the zone on whose clocks it is read."""
    for pattern in (OFFSET, ZONE, BEHIND_A_TIME):
        name = pattern.search(text)
        zone = said_zone(name[1], there, now) if name else None
        if name and zone:
            return f"{text[: name.start()]} {text[name.end() :]}".strip(), zone
    return text, there


def _from_now(span: str, now: datetime) -> datetime:
    """So many hours from now are so many hours, whatever the clocks do meanwhile."""
    found = parsed(span, now.astimezone(UTC).replace(tzinfo=None), "relative-time")
    if found is None:
        # It is a span for certain, so it is too long.
        raise DeadlineError(TOO_FAR)
    return found.replace(tzinfo=UTC)


def _said(text: str, local: datetime, calendar: Calendar) -> datetime:
    """A time on the clock. Raises DeadlineError."""
    day, text = calendar.in_digits(time_spellings.with_times(text.replace(",", " ")))
    at, rest = _hour(text, calendar.is_day)
    if day is None and not rest and at is not None:
        return _later(datetime.combine(local, at), local, DAY)
    if day is None:
        day = calendar.day(rest)
    elif not calendar.is_named(rest, day.on):
        raise DeadlineError(NOT_UNDERSTOOD)
    return _to_come_on(day, at or END_OF_DAY, local)


def _hour(text: str, is_day: Callable[[str], bool]) -> tuple[time | None, str]:
    """The time of day that is said, if one is, and what is left without it."""
    if split := time_spellings.split_hour(text):
        before, number = split
        if not before or is_day(before):
            text = f"{before} {time_spellings.as_hour(number)}"
    said = time_spellings.TIME.findall(text)
    if len(said) > 1:
        raise DeadlineError(NOT_UNDERSTOOD)
    at = time(int(said[0][0]), int(said[0][1])) if said else None
    return at, bare(time_spellings.TIME.sub(" ", text))


def _later(found: datetime, local: datetime, by: timedelta) -> datetime:
    return found if found > local else found + by


def _to_come_on(day: Day, at: time, local: datetime) -> datetime:
    found = datetime.combine(day.on, at)
    if day.weekday:
        return _later(found, local, WEEK)
    if found <= local:
        raise _over(day, at, local.date())
    return found


def _over(day: Day, at: time, today: date) -> DeadlineError:
    """With what may have been meant instead."""
    if day.on == today:
        return DeadlineError(OVER_TODAY, time=clock(at))
    if not day.yearless or (day.on.month, day.on.day) == (2, 29):
        return DeadlineError(OVER)
    next_year = day.on.replace(year=day.on.year + 1)
    return DeadlineError(OVER_THIS_YEAR, day=language.day(day.on), other=language.day(next_year))


def _on_the_clock(local: datetime, zone: tzinfo) -> datetime:
    """In UTC. Raises DeadlineError for an hour that clocks skip, or show twice."""
    first, second = _there(local, zone)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    ways = [each.isoformat(timespec="minutes") for each in (first, second)]
    raise DeadlineError(TWICE, **_told(local, zone), first=ways[0], second=ways[1])


def _there(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first and the second time that clocks show this. Raises DeadlineError for one that they skip."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    shown = first.astimezone(UTC).astimezone(zone)
    if shown.replace(tzinfo=None) != local:
        raise DeadlineError(SKIPPED, **_told(local, zone), other=clock(shown))
    return first, second


def _told(local: datetime, zone: tzinfo) -> dict[str, str]:
    return {"time": clock(local), "day": day_of_month(local), "zone": str(zone)}


def _to_come(found: datetime, now: datetime) -> datetime:
    if found <= now:
        raise DeadlineError(OVER)
    if found - now > LONGEST_AHEAD:
        raise DeadlineError(TOO_FAR)
    return found
