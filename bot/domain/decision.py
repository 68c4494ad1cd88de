"""What was decided after a vote: what, by whom and until when; or that nothing was.

Reads:  what those who run a question record once its vote is closed.
Gives:  a `Decision`, kept with the question and deleted with it.
Pure: what it is checked by comes in as arguments.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from bot.domain.clean_text import clean, is_blank
from bot.domain.errors import QuestionError
from engine.types import Frozen

DECISION_LIMIT = 500
WHO_LIMIT = 100
# Far more than a platform's ids have.
MEMBER_LIMIT = 100
# At this hour of the day by which it was to be done, where whoever recorded it is.
ASKED_AT = time(9)
DAY = timedelta(days=1)
# Between several who do it, in the languages that Accord speaks.
_AND = re.compile(r"\s*[,;/&+]\s*|\s+(?:and|und|et|y|e)\s+", re.IGNORECASE)


class Decision(Frozen):
    """What came of a question.

    decided: empty where `nothing` was.
    who: who does it, as it was written; member: their id on the platform, where they were picked there.
    by: the day by which; ask_at: when on that day they are asked how it went; None without a day.
    recorded_by: the id of whoever recorded it; empty once they asked to be forgotten.
    asked_how: somebody was asked, or could not be; nobody is asked again.
    """

    decided: str = ""
    nothing: bool = False
    who: str = ""
    member: str = ""
    by: date | None = None
    ask_at: AwareDatetime | None = None
    recorded_at: AwareDatetime
    recorded_by: str = ""
    asked_how: bool = False
    how_it_went: str | None = None

    @classmethod
    def checked(
        cls,
        decided: str,
        *,
        nothing: bool = False,
        who: str = "",
        member: str = "",
        by: date | None = None,
        zone: ZoneInfo,
        how_it_went: str = "",
        at: datetime,
        recorded_by: str,
    ) -> Self:
        """As it may be kept. Raises QuestionError.

        zone: of whoever records it. at: when they did.
        """
        if nothing:
            return cls(nothing=True, recorded_at=at, recorded_by=recorded_by)
        return cls(
            decided=checked_decided(decided),
            who=checked_who(who),
            member=_within(clean(member), MEMBER_LIMIT),
            by=by,
            ask_at=None if by is None else _asked_on(by, zone, at),
            recorded_at=at,
            recorded_by=recorded_by,
            how_it_went=checked_how(how_it_went),
        )

    @property
    def ask_from(self) -> datetime | None:
        """From when somebody is to be asked how it went; None where nobody is, or nobody any more."""
        return None if self.asked_how or self.how_it_went else self.ask_at

    def without_person(self, user: str, names: Collection[str] = ()) -> Self:
        """The same without somebody's id, and without what they are called here where they do it."""
        left = {
            "who": _without(self.who, {plain for name in names if (plain := _plain(name))}),
            "member": "" if self.member == user else self.member,
            "recorded_by": "" if self.recorded_by == user else self.recorded_by,
        }
        return self.model_copy(update=left)


def last_day(before: datetime, zone: ZoneInfo) -> date:
    """The last day on which somebody is asked before this, where they are."""
    local = before.astimezone(zone)
    return local.date() if local.time() > ASKED_AT else local.date() - DAY


def _without(who: str, names: Collection[str]) -> str:
    """Who does it without those of these names; what was written is left as it was where nobody has one."""
    if _plain(who) in names:
        return ""
    each = _AND.split(who)
    left = [name for name in each if _plain(name) not in names]
    return who if left == each else ", ".join(left)


def _plain(name: str) -> str:
    """A name as names are compared: however it is spaced and capitalised, as a mention too."""
    return " ".join(clean(name).removeprefix("@").split()).casefold()


def _asked_on(by: date, zone: ZoneInfo, at: datetime) -> datetime:
    """On the day itself; on the next where that hour is over when it is recorded."""
    asked = datetime.combine(by, ASKED_AT, zone)
    return asked if asked > at else datetime.combine(by + DAY, ASKED_AT, zone)


def checked_decided(text: str) -> str:
    """What was decided, as it may be kept, or the sentence that says why not."""
    text = clean(text)
    if is_blank(text):
        raise QuestionError("Write what was decided, or choose “Nothing was decided”.")
    return _within(text, DECISION_LIMIT)


def checked_who(text: str) -> str:
    """Who does it, in one line; empty where that is not said."""
    text = " ".join(clean(text).split())
    return "" if is_blank(text) else _within(text, WHO_LIMIT)


def checked_how(text: str) -> str | None:
    """How it went; None where that is not said."""
    text = clean(text)
    return None if is_blank(text) else _within(text, DECISION_LIMIT)


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise QuestionError(
            "This has {length} characters; the limit is {limit}.", length=len(text), limit=limit
        )
    return text
