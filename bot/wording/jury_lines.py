"""What is said of juries and of what members are asked about themselves; how admins write them down.

Reads:  a team's lines, one for each question about members or jury; a question's terms.
Gives:  `MemberAttribute` and `SeatedJury` and the same as lines again, or a sentence that says which line is
        wrong; sentences for cards, pages and windows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bot.domain.clean_text import clean, is_blank
from bot.domain.errors import QuestionError
from bot.domain.juries import (
    GROUP_MARK,
    LABEL_LIMIT,
    MOST_ASKED,
    MOST_ATTRIBUTES,
    MOST_JURIES,
    MOST_SEATS,
    MOST_VALUES,
    REPEAT,
    VALUE_LIMIT,
    MemberAttribute,
    SeatedJury,
)
from bot.domain.terms import Terms
from bot.wording.language import N_, _, listed, number

T = TypeVar("T")

SEATED = re.compile(r"(?P<value>.*\S)\s+(?P<count>\d{1,3})")
EVERYBODY = "="  # the value of a choice that no jury's name can be
EVERYBODY_COUNTS = N_("Everybody's counts the same")
"""The choice of no jury, under the question whose agreement chooses the statement."""
ABOUT_YOU = N_("About you")
NOT_SAID = N_("I'd rather not say")
ABOUT_NOTE = N_(
    "What you say about yourself is used only to choose the statement. Nobody sees it, and it is deleted "
    "with your opinion."
)
NO_SEAT_NOTE = N_(
    "If you have no seat on it, your opinion is still read, but your agreement doesn't count in the choice."
)
TRY_SEATS = N_("Try other seats")
SHOW_WINNER = N_("Show the winner")
SEATS_HINT = N_(
    "Which statement would a jury with these seats have chosen? Only the statement that was posted counts."
)
SEATS_HIDDEN = N_("Answers given by too few members have no seat here, so that nobody can be singled out.")
SEATS_NOT_YET = N_("You can try other seats once you have rated the statement, or the vote is closed.")
SEATS_UNTOLD = N_(
    "Other seats can't be tried for this question: too few people answered, someone's answers were deleted, "
    "or nobody's agreement was predicted."
)
SEATS_TOO_FEW = N_("No answer was given by 3 members or more, so there are no seats to try.")
SAME_WINNER = N_("The same statement wins")
OTHER_WINNER = N_("Another statement wins")
GIVE_A_SEAT = N_("Give at least one group a seat.")
DRAFT_DELETED = N_("This draft was deleted, because it may have quoted someone who asked to be forgotten.")
JURY_NOT_HEARD = N_("The jury couldn't choose, because nobody's agreement was predicted.")


# -- as admins write them --------------------------------------------------------------------------


def read_attributes(text: str) -> tuple[MemberAttribute, ...]:
    """`Team: support, sales`, a line each. Raises QuestionError."""
    found = _of_lines(text, _attribute)
    if len({each.label.casefold() for each in found}) < len(found):
        raise QuestionError("Two lines start with the same name. Give each its own.")
    if len(found) > MOST_ATTRIBUTES or sum(not each.of_groups for each in found) > MOST_ASKED:
        raise QuestionError(
            "Use {asked} questions and {lines} lines at most.", asked=MOST_ASKED, lines=MOST_ATTRIBUTES
        )
    return tuple(found)


def _attribute(line: str) -> MemberAttribute:
    label, _colon, rest = (part.strip() for part in line.partition(":"))
    # Seats and groups are found whatever the case of their letters, so that two alike would be one.
    spelt: dict[str, str] = {}
    for value in (part.strip() for part in rest.split(",")):
        spelt.setdefault(value.casefold(), value)
    values = [value for value in spelt.values() if value]
    if is_blank(label) or len(label) > LABEL_LIMIT or not 2 <= len(values) <= MOST_VALUES:
        raise QuestionError(
            "Write each line like “Team: support, sales”: up to {letters} characters, a colon, and 2 to "
            "{most} answers.",
            letters=LABEL_LIMIT,
            most=MOST_VALUES,
        )
    if any(len(value) > VALUE_LIMIT for value in values):
        raise QuestionError("An answer can have up to {limit} characters.", limit=VALUE_LIMIT)
    if len({value.startswith(GROUP_MARK) for value in values}) > 1:
        raise QuestionError("A line has either groups, each starting with @, or answers.")
    return MemberAttribute(label=label, values=tuple(values))


def write_attributes(attributes: Sequence[MemberAttribute]) -> str:
    """The same as lines."""
    return "\n".join(each.line for each in attributes)


def read_juries(text: str) -> tuple[SeatedJury, ...]:
    """`All teams alike = Team: support 4, sales 4`, a line each. Raises QuestionError."""
    found = _of_lines(text, _jury)
    if len({each.name.casefold() for each in found}) < len(found):
        raise QuestionError("Two lines start with the same name. Give each its own.")
    if len(found) > MOST_JURIES:
        raise QuestionError("Use {most} juries at most.", most=MOST_JURIES)
    return tuple(found)


def _jury(line: str) -> SeatedJury:
    name, _equals, stated = (part.strip() for part in line.partition("="))
    stated, _semicolon, how = (part.strip() for part in stated.partition(";"))
    attribute, _colon, rest = (part.strip() for part in stated.partition(":"))
    seats = [SEATED.fullmatch(part.strip()) for part in rest.split(",") if part.strip()]
    counted = {each["value"]: int(each["count"]) for each in seats if each}
    wrong = is_blank(name) or len(name) > VALUE_LIMIT or how not in ("", REPEAT)
    if wrong or not counted or len(counted) < len(seats):
        raise QuestionError("Write each line like “All teams alike = Team: support 4, sales 4”.")
    if not 1 <= sum(counted.values()) <= MOST_SEATS:
        raise QuestionError("A jury has 1 to {most} seats.", most=MOST_SEATS)
    return SeatedJury(name=name, attribute=attribute, seats=counted, with_replacement=how == REPEAT)


def write_juries(juries: Sequence[SeatedJury]) -> str:
    """The same as lines."""
    return "\n".join(each.line for each in juries)


def with_known_seats(
    juries: Sequence[SeatedJury], attributes: Sequence[MemberAttribute]
) -> tuple[SeatedJury, ...]:
    """Juries with attributes and values spelt as they are offered. Raises QuestionError for any other."""
    return tuple(_known(jury, attributes) for jury in juries)


def _known(jury: SeatedJury, attributes: Sequence[MemberAttribute]) -> SeatedJury:
    attribute = {each.label.casefold(): each for each in attributes}.get(jury.attribute.casefold())
    if attribute is None:
        raise QuestionError(
            "“{name}” seats people by “{attribute}”, which is not one of the questions about members.",
            name=jury.name,
            attribute=jury.attribute,
        )
    spelt = {value.casefold(): value for value in attribute.values}
    if unknown := [value for value in jury.seats if value.casefold() not in spelt]:
        raise QuestionError(
            "“{name}” has a seat for “{value}”, which is not an answer to “{attribute}”.",
            name=jury.name,
            value=unknown[0],
            attribute=attribute.label,
        )
    seats = {spelt[value.casefold()]: count for value, count in jury.seats.items()}
    return jury.model_copy(update={"attribute": attribute.label, "seats": seats})


def _of_lines(text: str, read: Callable[[str], T]) -> list[T]:
    return [read(line) for line in clean(text).splitlines() if not is_blank(line)]


# -- choosing one ----------------------------------------------------------------------------------


def offered(juries: Sequence[SeatedJury]) -> Mapping[str, str | tuple[str, str]]:
    """What can be chosen, each jury with its seats."""
    return {EVERYBODY: EVERYBODY_COUNTS, **{each.name: (each.name, seats_told(each)) for each in juries}}


def chosen(text: str, juries: Sequence[SeatedJury]) -> SeatedJury | None:
    """The jury of that name; None for everybody. Raises QuestionError."""
    if not text or text == EVERYBODY:
        return None
    found = {each.name.casefold(): each for each in juries}.get(text.casefold())
    if found is not None:
        return found
    if not juries:
        raise QuestionError("There is no jury yet. An admin can add one to the settings.")
    names = listed(each.name for each in juries)
    raise QuestionError("There is no such jury. Choose one of these: {names}.", names=names)


# -- what is said ----------------------------------------------------------------------------------


def seats_by(attribute: str) -> str:
    """Above the seats that can be tried."""
    return _("Seats by “{attribute}”").format(attribute=attribute)


def seats_told(jury: SeatedJury) -> str:
    """Who counts how much: "Team: support and sales count equally."."""
    seated = jury.seated
    if len(seated) > 1 and len(set(seated.values())) == 1:
        return _("{attribute}: {values} count equally.").format(
            attribute=jury.attribute, values=listed(seated)
        )
    if len(seated) == 1:
        return _("{attribute}: only {value} counts.").format(
            attribute=jury.attribute, value=next(iter(seated))
        )
    # Translators: the seats are like "support 6 and sales 3".
    seats = listed(f"{value} {number(count)}" for value, count in seated.items())
    return _("{attribute}: of {size} seats, {seats}.").format(
        attribute=jury.attribute, size=number(jury.size), seats=seats
    )


def chosen_by(terms: Terms, *, predicted: bool) -> str:
    """Whose agreement chose a statement; empty where everybody's did."""
    if terms.jury is None:
        return ""
    if not predicted:
        return str(JURY_NOT_HEARD)
    return _("Chosen by a jury. {seats}").format(seats=seats_told(terms.jury))


def notes(terms: Terms) -> list[str]:
    """What is used of who somebody is, a sentence or two each; said before they write."""
    said = [str(ABOUT_NOTE)] if terms.asked_of_members else []
    groups = [value for each in terms.attributes if each.of_groups for value in each.values]
    if groups:
        said.append(
            _(
                "Accord notes which of these groups you are in, to choose the statement: {groups}. Nobody "
                "sees it, and it is deleted with your opinion."
            ).format(groups=listed(groups))
        )
    if terms.jury:
        by_jury = _("The statement is chosen by a jury. {seats}").format(seats=seats_told(terms.jury))
        said.append(f"{by_jury} {NO_SEAT_NOTE}")
    return said


# -- the answers in a window -----------------------------------------------------------------------

PREFIX = "about-"


def name_of(place: int) -> str:
    """The name of the input for one question about members."""
    return f"{PREFIX}{place}"


def answers(typed: Mapping[str, str]) -> dict[int, str] | None:
    """What was answered, by place; None where nothing was asked."""
    given = {name.removeprefix(PREFIX): text for name, text in typed.items() if name.startswith(PREFIX)}
    return {int(place): text for place, text in given.items() if place.isdecimal()} if given else None
