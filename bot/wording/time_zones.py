"""Time zones as people write them: "Europe/Berlin", "berlin", "PST", "UTC+2".

Reads:  what somebody typed, or what a platform says of them.
Gives:  a zone, or a sentence that says how to write one. Abbreviations say no more than where somebody is:
"5pm PST" in July is five o'clock on the clocks of the Pacific coast, which then show daylight time.
"""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.errors import DeadlineError
from bot.wording.language import N_

UNKNOWN = N_("I don't know that time zone. Write it like “Europe/Berlin” or “America/New_York”.")
OFFSET = re.compile(r"(?:utc|gmt)? ?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)

PACIFIC, MOUNTAIN, CENTRAL, EASTERN = (
    f"America/{city}" for city in ("Los_Angeles", "Denver", "Chicago", "New_York")
)
# What abbreviations mean to somebody whose own zone does not use them (`_own` comes first).
ABBREVIATIONS = {
    **dict.fromkeys(("pst", "pdt", "pt"), PACIFIC),
    **dict.fromkeys(("mst", "mdt", "mt"), MOUNTAIN),
    **dict.fromkeys(("cst", "cdt", "ct"), CENTRAL),
    **dict.fromkeys(("est", "edt", "et"), EASTERN),
    **dict.fromkeys(("cet", "cest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest", "oez", "oesz"), "Europe/Athens"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    **dict.fromkeys(("utc", "gmt", "z"), "UTC"),
    "bst": "Europe/London",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "msk": "Europe/Moscow",
    "brt": "America/Sao_Paulo",
    "pacific time": PACIFIC,
    "mountain time": MOUNTAIN,
    "central time": CENTRAL,
    "eastern time": EASTERN,
}


def known_zone(typed: str) -> str:
    """The zone that somebody chose, by its IANA name, in whatever case. Raises DeadlineError."""
    wanted = " ".join(typed.casefold().split())
    # Some abbreviations are names as well, of zones whose clocks never change.
    found = ABBREVIATIONS.get(wanted) or _by_name().get(wanted.replace(" ", "_"))
    if found is None:
        raise DeadlineError(UNKNOWN)
    return found


def zone_or_utc(name: str) -> ZoneInfo:
    """UTC for a zone that nobody knows: platforms send what people's computers are set to."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def said_zone(name: str, own: ZoneInfo, now: datetime) -> tzinfo | None:
    """The zone that is written behind a time; None for what is none.

    Raises:
        DeadlineError: it looks like a zone, and there is none of that name.
    """
    if offset := OFFSET.fullmatch(name):
        return _offset(*offset.groups())
    if name in _own(own, now):
        return own
    if "/" in name:
        return ZoneInfo(known_zone(name))
    return ZoneInfo(ABBREVIATIONS[name]) if name in ABBREVIATIONS else None


def _offset(sign: str, hours: str, minutes: str | None) -> tzinfo:
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead > timedelta(hours=14):
        raise DeadlineError(UNKNOWN)
    return timezone(-ahead if sign == "-" else ahead)


def _own(zone: ZoneInfo, now: datetime) -> set[str]:
    """What the clocks of a zone are called, winter and summer: "IST" is another one in Tel Aviv."""
    year = now.astimezone(zone).replace(day=1, hour=12)
    return {(year.replace(month=month).tzname() or "").casefold() for month in (1, 7)} - {"gmt", ""}


@cache
def _by_name() -> dict[str, str]:
    """Read from the disk once: every zone by its name, and by its city where only one has that."""
    known: dict[str, str] = {}
    for name in sorted(available_timezones()):
        area, _, city = name.casefold().rpartition("/")
        # "US/Pacific" and the like are older names of zones that are listed too.
        if city not in known and area.split("/")[0] in AREAS:
            known[city] = name
    return known | {name.casefold(): name for name in available_timezones()}


AREAS = ("africa", "america", "asia", "atlantic", "australia", "europe", "indian", "pacific")
