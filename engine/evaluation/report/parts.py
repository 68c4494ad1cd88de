"""What sections of a report are made of, and numbers as people read them.

Reads:  `Estimate`s.
Gives:  `Section`, `Table` and `Picture`, and words for a value with its interval.
Refrains from markup, and from knowing what is reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.evaluation.intervals import Estimate

Cells = tuple[str, ...]
NOTHING = "–"
UNBROKEN = "\u00a0"


@dataclass(frozen=True)
class Table:
    """The first cell of a row names it."""

    caption: str
    columns: Cells
    rows: tuple[Cells, ...]


@dataclass(frozen=True)
class Picture:
    """name: as in `engine.evaluation.report.figures`. said: what it shows, for those who do not see it."""

    name: str
    caption: str
    said: str


@dataclass(frozen=True)
class Section:
    """missing: why something, or everything, of this section is not there."""

    id: str
    title: str
    sentences: Cells
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    missing: Cells = ()


def plain(estimate: Estimate) -> str:
    """The value alone."""
    return f"{estimate.value:.2f}"


def interval(estimate: Estimate, *, signed: bool = False) -> str:
    """Value and interval, such as 5.12 [4.90, 5.31]."""
    return " ".join(_written(estimate, "+.2f" if signed else ".2f", ""))


def percent(estimate: Estimate, *, signed: bool = False) -> str:
    """Value and interval of a share, such as 51.2% [49.0, 53.1%]."""
    return " ".join(_written(estimate, "+.1%" if signed else ".1%", "%"))


def _written(estimate: Estimate, form: str, unit: str) -> Iterator[str]:
    yield _number(estimate.value, form)
    if estimate.low is not None and estimate.high is not None:
        yield f"[{_number(estimate.low, form).removesuffix(unit)},{UNBROKEN}{_number(estimate.high, form)}]"


def _number(value: float, form: str) -> str:
    return format(value, form).replace("-", "−")
