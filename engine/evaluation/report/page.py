"""A report as one HTML page: nothing is fetched, every plot has a description and its numbers in a table.

Reads:  an `EvaluationReport`.
Gives:  HTML, the same bytes for the same report.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.evaluation.report.figures import pictures
from engine.evaluation.report.parts import Table
from engine.evaluation.report.results import EvaluationReport
from engine.evaluation.report.sections import facts, sections

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
_TEMPLATES.filters["comma"] = lambda number: f"{number:,}"


def page(report: EvaluationReport) -> str:
    """The whole page."""
    return _TEMPLATES.get_template("page.html").render(
        report=report, sections=sections(report), facts=facts(report), pictures=pictures(report), shown=_shown
    )


def _shown(table: Table) -> Markup:
    return Markup(_TEMPLATES.get_template("table.html").render(table=table))  # noqa: S704 - escaped by the template
