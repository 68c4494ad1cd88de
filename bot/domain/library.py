"""What a team keeps for asking again: question templates, a question bank, and schedules that post from them.

Pure: an occurrence is worked out from the schedule and a time, so that any worker finds the same one.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from bot.domain.clean_text import clean, is_blank
from bot.domain.deliberation import checked_context, checked_question
from bot.domain.errors import LibraryError, QuestionError
from bot.domain.team import Team
from bot.domain.terms import Terms
from engine.sentence import Said
from engine.text import separator_of
from engine.types import Frozen

if TYPE_CHECKING:
    import _csv

BANK_LIMIT = 1_000
TEMPLATES_LIMIT = 100
SCHEDULES_LIMIT = 100
NAME_LIMIT = 80
IMPORT_LIMIT = 1_000_000  # characters
ERRORS_SHOWN = 20
# An occurrence missed by more than this, because nothing ran, is skipped and not posted out of the blue.
LATEST = timedelta(hours=12)

OpenFor = Field(default=timedelta(days=1), ge=timedelta(minutes=1), le=timedelta(days=365))


class Template(Frozen):
    """A question that is asked again now and then, with its terms; its name is unique in the team.

    closes_after: how long opinions are collected.
    """

    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    question: str
    context: str = ""
    terms: Terms = Field(default_factory=Terms)
    closes_after: timedelta = OpenFor

    def checked(self) -> Self:
        """As it may be kept, or the sentence that says why not."""
        name = clean(self.name)
        if is_blank(name):
            raise LibraryError("The template has no name. Give it one.")
        question, context = checked_question(self.question), checked_context(self.context)
        return self.model_copy(update={"name": name, "question": question, "context": context})

    def over(self, team: Team) -> Team:
        """The team as it would be if its questions started from this template."""
        return team.starting_from(self.terms, self.closes_after)


class BankQuestion(Frozen):
    """One question of the bank; its id is made from its words, so that nothing is in there twice.

    added_at, place: the bank's order is the order of the imports.
    """

    id: str
    question: str
    context: str = ""
    added_at: AwareDatetime
    place: int = 0

    @classmethod
    def of(cls, question: str, context: str, added_at: datetime, place: int = 0) -> Self:
        """A question as it may be kept. Raises QuestionError."""
        question, context = checked_question(question), checked_context(context)
        return cls(id=bank_id(question), question=question, context=context, added_at=added_at, place=place)


def bank_id(question: str) -> str:
    """The same for questions that differ in spaces and capitals only: 64 bits, as 16 hexadecimal digits."""
    return hashlib.sha256(" ".join(question.split()).casefold().encode()).hexdigest()[:16]


def bank_order(question: BankQuestion) -> tuple[datetime, int, str]:
    """Sorts the bank as it was imported."""
    return question.added_at, question.place, question.id


class Weekly(Frozen):
    """A weekday (0 Monday … 6 Sunday) and a time of day, on the clocks of a time zone."""

    weekday: int = Field(ge=0, le=6)
    at: time
    zone: str

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone") from None
        return zone

    def after(self, moment: datetime) -> datetime:
        """The first time after `moment`. Where clocks skip that hour, it is as much later as they skip."""
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date()
        ahead = (self.weekday - day.weekday()) % 7
        # The clocks may differ by a week's step at most: today's may be over already.
        for days in (ahead, ahead + 7):
            local = datetime.combine(day + timedelta(days=days), self.at, zone)
            found = local.astimezone(ZoneInfo("UTC"))
            if found > moment:
                return found
        raise AssertionError("a week always has this weekday")

    def moved_to(self, moment: datetime) -> time | None:
        """What the clocks show at `moment`, one of its times, where they skip the usual hour that day."""
        shown = moment.astimezone(ZoneInfo(self.zone)).time()
        return shown if shown != self.at else None


class Schedule(Frozen):
    """Posts a question once at a time, or every week.

    template: which one is posted; None takes the bank's questions in turn.
    open_for: how long opinions are collected; None as the template says, or for `closes_after`.
    closes_after: the same for the bank's questions alone, as schedules kept it that had no `open_for`.
    next_at: the occurrence that is due next; None when nothing is left to post.
    posted: how many occurrences have been posted or skipped: the place in the bank's turn.
    problem: why the last occurrence was not posted, in an English sentence for admins.
    reason: the same, to be said in the language of whoever reads it; None in what was kept without it.
    version: counts saves; a save with an old version is refused.
    """

    id: str
    team: str
    platform: str
    channel: str
    by: str
    template: str | None = None
    once: AwareDatetime | None = None
    weekly: Weekly | None = None
    open_for: timedelta | None = Field(default=None, ge=timedelta(minutes=1), le=timedelta(days=365))
    closes_after: timedelta = OpenFor
    next_at: AwareDatetime | None = None
    posted: int = 0
    problem: str | None = None
    reason: Said | None = None
    version: int = 0

    @model_validator(mode="after")
    def _once_or_weekly(self) -> Self:
        if (self.once is None) == (self.weekly is None):
            raise ValueError("a schedule is either once or weekly")
        return self

    def begun(self, now: datetime) -> Self:
        """As it is first kept, or the sentence that says why not."""
        if self.once is not None and self.once <= now:
            raise LibraryError("That time is in the past. Choose a later one.")
        return self.model_copy(update={"next_at": self.once or self._after(now), "posted": 0})

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to do."""
        return self.next_at is not None and self.next_at <= now

    def occurrence(self, now: datetime) -> datetime | None:
        """The one to post now; of several that were missed the latest, and none that is hours late."""
        if self.next_at is None or self.next_at > now:
            return None
        latest = self.next_at
        while (following := self._after(latest)) is not None and following <= now:
            latest = following
        return latest if now - latest <= LATEST else None

    def key(self, occurrence: datetime) -> str:
        """What makes posting an occurrence repeatable."""
        return f"schedule:{self.id}:{occurrence.isoformat()}"

    def done(self, now: datetime, reason: Said | None = None) -> Self:
        """This occurrence is over: posted, or not for the reason given."""
        why = {"problem": None if reason is None else str(reason), "reason": reason}
        return self.model_copy(update={"next_at": self._after(now), "posted": self.posted + 1, **why})

    def _after(self, moment: datetime) -> datetime | None:
        return self.weekly.after(moment) if self.weekly is not None else None


# -- importing -----------------------------------------------------------------------------------


class Row(NamedTuple):
    """One line of a file: its number in the file, and its cells."""

    line: int
    question: str
    context: str


def read_bank(text: str, there: Sequence[BankQuestion], now: datetime) -> list[BankQuestion]:
    """A CSV file's questions as they may be added to what is there: all of them or none.

    Its first line names the columns: `question`, and `context` if there is one.

    Raises:
        LibraryError: lists what is wrong, each with the number of its line.
    """
    if len(text) > IMPORT_LIMIT:
        raise LibraryError("The file is too long: the limit is {limit} characters.", limit=IMPORT_LIMIT)
    errors: list[LibraryError] = []
    found: dict[str, tuple[int, BankQuestion]] = {}
    known = {question.id for question in there}
    for row in _rows(text):
        try:
            question = BankQuestion.of(row.question, row.context, now, len(found))
            _require_new(question.id, found, known)
            found[question.id] = (row.line, question)
        except (QuestionError, LibraryError) as exc:
            errors.append(LibraryError("Line {line}: {error}", line=str(row.line), error=exc))
    if errors:
        raise _together(errors)
    return _checked_bank([question for _, question in found.values()], len(there))


def _require_new(id_: str, found: dict[str, tuple[int, BankQuestion]], known: set[str]) -> None:
    if id_ in found:
        raise LibraryError(
            "The same question is on line {line}. Remove one of them.", line=str(found[id_][0])
        )
    if id_ in known:
        raise LibraryError("This question is in the bank already. Remove the line.")


def _together(errors: list[LibraryError]) -> LibraryError:
    more = len(errors) - ERRORS_SHOWN
    rest = [LibraryError("And {count} more.", count=more)] if more > 0 else []
    return LibraryError(
        "Nothing was imported. Fix these lines and import the file again:\n{errors}",
        errors=[*errors[:ERRORS_SHOWN], *rest],
    )


def _checked_bank(new: list[BankQuestion], there: int) -> list[BankQuestion]:
    if not new:
        raise LibraryError("The file has no questions under its first line.")
    if there + len(new) > BANK_LIMIT:
        raise LibraryError(
            "The bank holds {limit} questions, and with this file it would have {count}. Nothing was "
            "imported.",
            limit=BANK_LIMIT,
            count=there + len(new),
        )
    return new


def _rows(text: str) -> Iterator[Row]:
    text = text.removeprefix("\ufeff")
    separator = separator_of(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        yield from _cells(reader)
    except csv.Error:
        raise LibraryError(
            "The file can't be read from line {line} on: a quotation mark is never closed. Nothing was "
            "imported.",
            line=str(reader.line_num),
        ) from None


def _cells(reader: "_csv.Reader") -> Iterator[Row]:
    columns = [cell.strip().casefold() for cell in next(reader, [])]
    if "question" not in columns or not set(columns) <= {"question", "context"}:
        raise LibraryError(
            "The first line must name the columns: question, or question,context. Nothing was imported."
        )
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns):
                raise LibraryError(
                    "Line {line}: there are more cells than columns. Put quotation marks around a text "
                    "with a comma. Nothing was imported.",
                    line=str(line),
                )
            named = dict(zip(columns, cells, strict=False))
            yield Row(line, named.get("question", ""), named.get("context", ""))
        line = reader.line_num + 1
