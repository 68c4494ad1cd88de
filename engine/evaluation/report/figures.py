"""The pictures of a report, as SVG that a page can hold.

Reads:  an `EvaluationReport`.
Gives:  SVG by name, with colours that the page decides (light or dark), and the same bytes every time.
Refrains from files, and from a picture where there is nothing to see.

matplotlib knows no CSS variables: it draws with stand-in colours that are replaced in its output.
"""

import io
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from engine.evaluation.corpus.choice import AMONG, CENTROID, LONGEST, SIMILARITY
from engine.evaluation.corpus.exam import Exam
from engine.evaluation.corpus.reading import Sort
from engine.evaluation.feedback.arms import ArmResult, Comparison
from engine.evaluation.feedback.divisiveness import Divisiveness, Side
from engine.evaluation.feedback.functions import WelfareComparison
from engine.evaluation.feedback.opinion_groups import GroupMap, OpinionGroups
from engine.evaluation.feedback.prediction import MODEL
from engine.evaluation.intervals import Estimate
from engine.evaluation.report.exam_section import ID
from engine.evaluation.report.results import EvaluationReport
from engine.types import HIGHEST_RATING, LOWEST_RATING, WelfareFunction, model_of

matplotlib.use("svg")

INK, FAINT, PAPER = "#010203", "#010204", "#010205"
SCALE = ("#010211", "#010212", "#010213", "#010214", "#010215", "#010216", "#010217")
"""From one end of the agreement scale to the other."""
LINES = ("#010221", "#010222", "#010223", "#010224", "#010225", "#010226", "#010227")
MARKS = ("o", "s", "^", "D", "v", "P", "X")
STYLES = ("-", "--", "-.", ":", "-", "--", "-.")
VARIABLES = {
    INK: "--ink",
    FAINT: "--faint",
    PAPER: "--paper",
    **{colour: f"--scale-{at}" for at, colour in enumerate(SCALE, 1)},
    **{colour: f"--line-{at}" for at, colour in enumerate(LINES, 1)},
}
LOOKS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "accord",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "figure.facecolor": "none",
}
POINTS = ("1 strongly disagree", "2", "3", "4 neutral", "5", "6", "7 strongly agree")
WIDTH, ROW = 7.2, 0.42  # inches
GROUPS = "opinion-groups"
"""The name of the maps, and of their section."""
ONE_MARK, LARGEST_MARK = 28.0, 900.0  # points², of one rater, and of everybody were they one group
CHOOSERS = {
    MODEL: MODEL, LONGEST: "longest\nstatement", CENTROID: "closest to\nthe others",
    SIMILARITY: "most like\nthe opinions",
}  # fmt: skip
"""Who picks, as the foot of a picture has room for."""

Part = TypeVar("Part")


def pictures(report: EvaluationReport) -> dict[str, str]:
    """SVG by name; a picture is missing where the report has nothing for it."""
    groups = report.opinion_groups
    drawn: dict[str, Callable[[], Figure] | None] = {
        "agreement": lambda: _agreement(report),
        "wins": (lambda: _wins(report)) if report.arms.wins else None,
        "models": _if(models_compared(report.arms) or None, _models),
        "divisiveness": _if(report.divisiveness, _divisiveness),
        GROUPS: _if(groups if groups and groups.maps else None, _maps),
        "welfare": (lambda: _arm_welfare(report.welfare)) if report.welfare.arms else None,
        "choices": (lambda: _choices(report.welfare)) if report.welfare.choices else None,
        "calibration": (lambda: _calibration(report)) if report.accuracy else None,
        ID: _if(report.exam if report.exam and report.exam.picks else None, _picks),
    }
    found = {}
    with matplotlib.rc_context(LOOKS):
        for name, draw in drawn.items():
            if draw is not None:
                found[name] = _svg(draw(), name)
    return found


def _if(part: Part | None, draw: Callable[[Part], Figure]) -> Callable[[], Figure] | None:
    return None if part is None else lambda: draw(part)


def _svg(figure: Figure, name: str) -> str:
    """An element for a page: its own ids, the page's colours, nothing of when and by what it was made."""
    written = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(written, format="svg", metadata=nothing, transparent=True, bbox_inches="tight")
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", svg, count=1)
    svg = re.sub(r'<svg ([^>]*?)height="[^"]*"', r'<svg aria-hidden="true" \1', svg, count=1)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg


# -- the pictures --------------------------------------------------------------------------------


def _agreement(report: EvaluationReport) -> Figure:
    arms = report.arms.arms
    rows = [(str(arm.arm), arm.agreement_counts) for arm in arms]
    return _stacked(rows, SCALE, POINTS, "share of ratings")


def _divisiveness(part: Divisiveness) -> Figure:
    named = [("before", part.before), *((str(arm.arm), arm.after) for arm in part.arms)]
    sides = (Side.ALL_AGAINST, Side.MOST_AGAINST, Side.DIVIDED, Side.MOST_FOR, Side.ALL_FOR)
    colours = (SCALE[0], SCALE[1], SCALE[3], SCALE[5], SCALE[6])
    rows = [(name, tuple(standing.sides[side] for side in sides)) for name, standing in named]
    return _stacked(rows, colours, tuple(sides), "share of groups' questions")


def _maps(part: OpinionGroups) -> Figure:
    """A map for each statement, two in a row; a group has one colour and one shape in all of them."""
    across = min(len(part.maps), 2)
    down = math.ceil(len(part.maps) / across)
    figure = Figure(figsize=(WIDTH, 3.1 * down + 0.4), layout="constrained")
    for at, each in enumerate(part.maps, 1):
        axes = figure.add_subplot(down, across, at)
        _map(axes, each)
        axes.set_title(f"statement {at}", fontsize=9.5)
    places = sorted({mark.place for each in part.maps for mark in each.marks})
    handles = [
        Line2D((), (), color=LINES[(place - 1) % 7], marker=MARKS[(place - 1) % 7], linestyle="none")
        for place in places
    ]
    figure.legend(handles, [f"group {place}" for place in places], loc="outside upper center",
                  ncols=len(places), fontsize=9)  # fmt: skip
    return figure


def _map(axes: Axes, drawn: GroupMap) -> None:
    everybody = sum(mark.raters for mark in drawn.marks)
    for place, agreement in drawn.agreement.items():
        own = [mark for mark in drawn.marks if mark.place == place]
        size = LARGEST_MARK * own[0].raters / everybody if len(own) == 1 else ONE_MARK
        axes.scatter([mark.x for mark in own], [mark.y for mark in own], s=size, alpha=0.75, linewidths=0,
                     color=LINES[(place - 1) % 7], marker=MARKS[(place - 1) % 7])  # fmt: skip
        middle = sum(mark.x * mark.raters for mark in own) / sum(mark.raters for mark in own)
        above = (middle, max(mark.y for mark in own))
        axes.annotate(f"{agreement:.1f}", above, (0, math.sqrt(size) / 2 + 4), textcoords="offset points",
                      ha="center", weight="bold")  # fmt: skip
    axes.margins(0.22)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)


def _stacked(
    rows: Sequence[tuple[str, Sequence[int]]], colours: Sequence[str], labels: Sequence[str], title: str
) -> Figure:
    """A bar for each row, its parts as shares of the row."""
    figure, axes = _canvas(len(rows) * ROW + 1.1)
    for at, (_, counts) in enumerate(rows):
        left, whole = 0.0, sum(counts)
        for count, colour in zip(counts, colours, strict=True):
            share = count / whole
            axes.barh(at, share, left=left, height=0.72, color=colour, edgecolor=PAPER, linewidth=0.8)
            left += share
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_xlabel(title)
    handles = [Rectangle((0, 0), 1, 1, color=colour) for colour in colours]
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), fontsize=8.5,
                  handlelength=1, handleheight=1, columnspacing=1.1, handletextpad=0.4)  # fmt: skip
    return figure


def _wins(report: EvaluationReport) -> Figure:
    """A cell for each pair: the row's share of wins over the column; bolder is further from even."""
    arms = [arm.arm for arm in report.arms.arms]
    figure, axes = _canvas(len(arms) * 0.55 + 1.2)
    for win in report.arms.wins:
        x, y, rate = arms.index(win.over), arms.index(win.arm), win.rate.value
        colour = SCALE[6] if rate >= 0.5 else SCALE[0]
        cell = Rectangle(
            (x - 0.48, y - 0.47), 0.96, 0.94, facecolor=colour, alpha=min(1.0, abs(rate - 0.5) * 1.6)
        )
        axes.add_patch(cell)
        axes.text(x, y, f"{rate:.0%}", ha="center", va="center")
    axes.set_xlim(-0.5, len(arms) - 0.5)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.set_xticks(range(len(arms)), [arm.replace("-", "-\n", 1) for arm in arms], fontsize=9)
    axes.set_yticks(range(len(arms)), list(map(str, arms)))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def models_compared(comparison: Comparison) -> tuple[ArmResult, ...]:
    """The arms that are called after a language model, smallest first."""
    return tuple(each for each in comparison.arms if model_of(each.arm))


def _models(found: Sequence[ArmResult]) -> Figure:
    """Agreement and quality by model, smallest first."""
    figure, axes = _canvas(3.4)
    lines: dict[str, list[Estimate | None]] = {
        "agreement": [each.agreement for each in found],
        "quality": [each.quality for each in found],
    }
    for at, (name, of) in enumerate(lines.items()):
        there = [(x + 0.16 * (at - 0.5), value) for x, value in enumerate(of) if value]
        if there:
            places, values = zip(*there, strict=True)
            _with_intervals(axes, places, values, label=name, color=LINES[at], marker=MARKS[at],
                            linestyle="none")  # fmt: skip
    axes.set_xticks(range(len(found)), [str(model_of(each.arm)) for each in found])
    axes.set_xlim(-0.5, len(found) - 0.5)
    axes.set_ylabel("mean rating (1–7)")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return figure


def _arm_welfare(part: WelfareComparison) -> Figure:
    lines = [(str(arm.arm), arm.by_function) for arm in part.arms]
    return _by_alpha(lines, part.functions, "rated welfare of statements")


def _choices(part: WelfareComparison) -> Figure:
    lines = [
        ("best possible", [each.best for each in part.choices]),
        ("chosen, as predicted", [each.predicted for each in part.choices]),
        ("chosen, as rated", [each.rated for each in part.choices]),
        ("drawn by lot", [each.chance for each in part.choices]),
    ]
    return _by_alpha(lines, part.functions, "welfare of the choice")


def _by_alpha(
    lines: Sequence[tuple[str, Sequence[Estimate]]], functions: Sequence[WelfareFunction], title: str
) -> Figure:
    figure, axes = _canvas(3.6)
    spread = 0.5 / max(len(lines), 1)
    for at, (name, estimates) in enumerate(lines):
        shift = (at - (len(lines) - 1) / 2) * spread
        look = {"color": LINES[at % 7], "marker": MARKS[at % 7], "linestyle": STYLES[at % 7]}
        _with_intervals(axes, [x + shift for x in range(len(functions))], estimates, label=name, **look)
    axes.set_xticks(range(len(functions)), [alpha_label(each) for each in functions])
    axes.set_xlabel("inequality aversion α")
    axes.set_ylabel(f"{title} (1–7)")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", fontsize=9)
    return figure


def _picks(exam: Exam) -> Figure:
    """Each chooser's share by mean, for each sort of rounds."""
    figure, axes = _canvas(3.4)
    axes.axhline(0, color=INK, linewidth=0.9, linestyle="--")
    for at, sort in enumerate(sort for sort in Sort if exam.gain(sort)):
        there = [(x, gain) for x, by in enumerate(CHOOSERS) if (gain := exam.gain(sort, by=by))]
        places = [x + 0.16 * (at - 0.5) for x, _ in there]
        _with_intervals(axes, places, [gain for _, gain in there], label=f"among {AMONG[sort]}",
                        color=LINES[at], marker=MARKS[at], linestyle="none")  # fmt: skip
    axes.set_xticks(range(len(CHOOSERS)), list(CHOOSERS.values()))
    axes.set_ylabel("share of what can be gained")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return figure


def _calibration(report: EvaluationReport) -> Figure:
    assert report.accuracy is not None
    bins = report.accuracy.calibration.bins
    figure, axes = _canvas(3.9)
    ends = (LOWEST_RATING, HIGHEST_RATING)
    axes.plot(ends, ends, color=INK, linewidth=0.9, linestyle="--", label="predicted = rated")
    _with_intervals(axes, [each.predicted for each in bins], [each.rated for each in bins],
                    label="bins of predictions", color=LINES[0], marker="o", linestyle="-")  # fmt: skip
    for each in bins:
        near = (each.predicted, each.rated.value)
        axes.annotate(f"{each.rated.cases:,}", near, (7, -11), textcoords="offset points", fontsize=8)
    axes.set_xlim(0.8, 7.2)
    axes.set_ylim(0.8, 7.2)
    axes.set_xlabel("predicted rating (mean of the bin)")
    axes.set_ylabel("rating given (mean)")
    axes.grid()
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", fontsize=9)
    return figure


def alpha_label(function: WelfareFunction) -> str:
    """Alpha as people write it."""
    return "∞" if math.isinf(function.alpha) else f"{function.alpha:g}"


def _canvas(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def _with_intervals(
    axes: Axes, places: Sequence[float], estimates: Sequence[Estimate], *,
    label: str, color: str, marker: str, linestyle: str,
) -> None:  # fmt: skip
    values = [each.value for each in estimates]
    below = [0.0 if each.low is None else max(0.0, each.value - each.low) for each in estimates]
    above = [0.0 if each.high is None else max(0.0, each.high - each.value) for each in estimates]
    axes.errorbar(places, values, yerr=(below, above), label=label, color=color, marker=marker,
                  markersize=4.5, linestyle=linestyle, linewidth=1.4, elinewidth=1, capsize=2)  # fmt: skip
