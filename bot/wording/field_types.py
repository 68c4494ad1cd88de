"""What a field of a form is: what it is called, what it takes, where it is shown and where its value is kept.

Reads:  a team's settings, and an input as text.
Gives:  what stands in the input at first, what can be chosen, and the value of what was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.wording import field_readers
from bot.wording.language import N_


class Form(StrEnum):
    """Where fields are shown."""

    ASK = "ask"
    SETTINGS = "settings"
    TEMPLATE = "template"
    SCHEDULE = "schedule"
    OUTCOME = "outcome"
    REASON = "reason"


class Kind(StrEnum):
    """What a field takes, and so how it is drawn."""

    LINE = "line"
    LINES = "lines"
    NUMBER = "number"
    HOURS = "hours"
    DECIMAL = "decimal"
    CHOICE = "choice"
    YES_NO = "yes-no"
    PERSON = "person"
    PEOPLE = "people"
    ROLES = "roles"
    CHANNELS = "channels"
    CHANNEL = "channel"
    DAY = "day"
    MOMENT = "moment"
    TIME_OF_DAY = "time-of-day"


class Part(StrEnum):
    """What belongs together on a form that is too long for one window."""

    WHO = "who"
    QUESTIONS = "questions"
    SCALE = "scale"
    RATING = "rating"
    KEEPING = "keeping"
    JURIES = "juries"


PARTS = {
    Part.WHO: N_("Who and where"),
    Part.QUESTIONS: N_("New questions"),
    Part.SCALE: N_("Scale and revisions"),
    Part.RATING: N_("Choosing and rating"),
    Part.KEEPING: N_("Taking part and storage"),
    Part.JURIES: N_("Whose agreement counts"),
}
# Of each choice its words, and where there is room for it a second, longer line.
Offered = Mapping[Any, "str | tuple[str, str]"]
# With the spaces that French has before one.
QUESTION_MARKS = "¿? \u00a0\u202f"
SEVERAL = frozenset({Kind.PEOPLE, Kind.ROLES, Kind.CHANNELS})


@dataclass(frozen=True)
class Field:
    """One field.

    of: where its value is kept, as `defaults.quorum` of a team or `terms.ask_quality` of one question; empty
        where it is read together with others, or is no part of them.
    may_be_empty: emptied it means "none"; else what is there stays.
    limit: of characters; lowest, highest: of a number.
    offered: what can be chosen, or what can where a value is the present one.
    initial, begun: what stands in a field at first that has no `of`, always or in a team.
    shown, reads: the value as the input begins with it, and back; `reads` also gets the present value.
    extra: seldom asked for, so folded away where there is little room.
    option, asks: its name and description among a command's options, where a platform has those.
    """

    name: str
    label: str
    kind: Kind
    on: frozenset[Form]
    part: Part | None = None
    of: str = ""
    hint: str = ""
    optional: bool = False
    extra: bool = False
    may_be_empty: bool = False
    limit: int = 0
    lowest: int = 0
    highest: int = 0
    offered: Offered | Callable[[Any], Offered] | None = None
    initial: str = ""
    begun: Callable[[Team], str] | None = None
    placeholder: str = ""
    shown: Callable[[Any], str] = str
    reads: Callable[[str, Any], Any] | None = None
    option: str = ""
    asks: str = ""

    @property
    def called(self) -> str:
        """Its label before a value, without the marks of a question."""
        return str(self.label).strip(QUESTION_MARKS)

    def present(self, team: Team) -> Any:
        """The value that a team starts from."""
        where, _, name = self.of.partition(".")
        if where == "terms":
            return Terms.model_fields[name].default
        return attrgetter(self.of)(team)

    def begins(self, team: Team) -> str:
        """What stands in the input at first."""
        if not self.of:
            return self.begun(team) if self.begun else self.initial
        value = self.present(team)
        return "" if value is None and self.may_be_empty else self.shown(value)

    def offers(self, team: Team) -> dict[str, tuple[str, str]]:
        """What can be chosen, each with its longer line or ""."""
        offered = self.offered(self.present(team)) if callable(self.offered) else self.offered or {}
        return {
            str(value): told if isinstance(told, tuple) else (told, "") for value, told in offered.items()
        }

    def read(self, text: str, present: Any) -> Any:
        """The value. Raises QuestionError."""
        if self.reads is not None:
            return self.reads(text, present)
        return field_readers.whole(self.lowest, self.highest)(text) if self.kind is Kind.NUMBER else text
