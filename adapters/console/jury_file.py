"""The jury of `accord jury`: who sits on it, and whether those present can fill its seats.

Reads:  `{size: 12, seats: {team: {support: 4, sales: 4, engineering: 4}}}` as YAML or JSON, from a file, from
        standard input (`-`) or from the command line itself; `size` may be left out. Participants' attributes
        as `adapters.console.files` reads them.
Gives:  a `Jury` and who has which value of its attribute; or `InputError`, a line that says what is wrong.
Names and values that look the same are the same; of attributes' names upper and lower case are too, as in the
first line of a table.
"""

from collections.abc import Mapping
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError
from pydantic_core import ErrorDetails

from adapters.console.files import NAME_LIMIT, Attributes, InputError, format_of, look_of, text_of, told_of
from adapters.console.syntax import Format, InputProblem, parse
from adapters.console.terminal import one_line
from engine.groups.juries import MOST_SEATS, Jury, Shortage, members_by_value, shortages

FORM = "write {size: 12, seats: {team: {support: 4, sales: 8}}}"


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    size: NonNegativeInt | None = None
    seats: dict[str, dict[str, NonNegativeInt]]


def read_jury(source: str, *, with_replacement: bool = False, stdin: BinaryIO | None = None) -> Jury:
    """A jury from the file at `source`, from standard input, or from `source` itself if it begins with `{`.

    Raises:
        InputError: it is no jury.
    """
    if source.lstrip().startswith("{"):
        try:
            return _checked(parse(source, Format.YAML), with_replacement)
        except InputProblem as problem:
            raise InputError(f"--jury: {problem}.") from None
    with told_of(source):
        written_as = format_of(source) or Format.YAML
        if written_as in (Format.CSV, Format.JSONL):
            raise InputProblem(f"this is no jury; {FORM} as YAML or JSON")
        return _checked(parse(text_of(source, stdin), written_as), with_replacement)


def values_for(jury: Jury, attributes: Attributes) -> dict[str, str]:
    """By participant, the value of the jury's attribute; who has none is left out."""
    wanted = jury.attribute.casefold()
    return {
        who: looks
        for who, known in attributes.items()
        for name, value in known.items()
        if look_of(name).casefold() == wanted and (looks := look_of(value))
    }


def check_seats(jury: Jury, values: Mapping[str, str]) -> None:
    """Refuse seats that those present cannot fill.

    values: by participant, as `values_for` gives them.

    Raises:
        InputError: says who is missing.
    """
    if not values:
        name = one_line(jury.attribute)
        raise InputError(
            f"Nobody has the attribute {name}: give opinions `attributes: {{{name}: …}}`, or a column {name}"
            " in a CSV file."
        )
    members = members_by_value(tuple(values), values)
    if found := shortages(jury.seats, members, with_replacement=jury.with_replacement):
        missing = "; ".join(_missing(jury.attribute, each) for each in found)
        mend = "Add their opinions or change the seats"
        several = ", or let members take several seats with --with-replacement"
        # Nobody cannot take several seats.
        mend += several if all(each.present for each in found) else ""
        raise InputError(f"Too few members for this jury: {missing}. {mend}.")


def _missing(attribute: str, short: Shortage) -> str:
    seats = "1 seat" if short.needed == 1 else f"{short.needed} seats"
    present = {0: "nobody is", 1: "only 1 is"}.get(short.present, f"only {short.present} are")
    return f"{one_line(attribute)} {one_line(short.value)} has {seats}, and {present} present"


def _checked(data: object, with_replacement: bool) -> Jury:
    try:
        document = _Document.model_validate(data)
    except ValidationError as error:
        raise InputProblem(_sentence(error.errors(include_url=False)[0])) from None
    if len(document.seats) != 1:
        raise InputProblem(
            "`seats` must be of one attribute, such as team: each juror fills one seat by one attribute"
        )
    ((attribute, seats),) = document.seats.items()
    by_look = {look_of(value): count for value, count in seats.items()}
    if len(by_look) < len(seats):
        raise InputProblem("two values of `seats` look the same; keep one of them")
    if not all(0 < len(name) <= NAME_LIMIT for name in (look_of(attribute), *by_look)):
        raise InputProblem(f"names in `seats` must have 1 to {NAME_LIMIT} characters; change them")
    total = sum(by_look.values())
    if not 1 <= total <= MOST_SEATS:
        raise InputProblem(f"`seats` must be 1 to {MOST_SEATS} together, not {total}")
    if document.size not in (None, total):
        raise InputProblem(f"`size` is {document.size} and the seats are {total} together; make them agree")
    return Jury(look_of(attribute), by_look, with_replacement)


def _sentence(error: ErrorDetails) -> str:
    """What one pydantic error says, in the words of the file's form."""
    match error["loc"]:
        case ("size",):
            return "`size` must be a whole number"
        case ("seats", _, _, "[key]") | ("seats", _, "[key]"):
            return "a name in `seats` is not text; put it in quotes"
        case ("seats", _, _):
            return "each value in `seats` needs a whole number of seats, 0 or more"
        case _:
            return f"this is no jury; {FORM}"
