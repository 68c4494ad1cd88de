"""Exams of several models side by side, as a table for a model card.

Reads:  `Exam`s on the same part of a corpus, by the name of the model.
Gives:  Markdown: a row for each measure, a column for each model and for choosers that know less.
Refrains from computing anything.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from engine.evaluation.corpus.choice import AMONG, BEST, CENTROID, FUNCTIONS, LONGEST, LOT
from engine.evaluation.corpus.exam import Exam
from engine.evaluation.corpus.kinds import KINDS
from engine.evaluation.corpus.reading import Sort
from engine.evaluation.feedback.prediction import MODEL
from engine.evaluation.intervals import Estimate
from engine.evaluation.report.exam_section import BY
from engine.evaluation.report.parts import NOTHING, interval
from engine.names import WelfareName
from engine.question_kinds import KIND_WORDS, QuestionKind

BESIDE = (LOT, LONGEST, CENTROID, BEST)
"""Similarity to the opinions is left to the exam of the TF-IDF baseline, which has it by every measure."""
Cell = Callable[[Exam, str], Estimate | None]
"""A measure of an exam, for the one that chooses."""


def exam_table(exams: Mapping[str, Exam]) -> str:
    """The whole table; each cell is a value with its 95 % interval, which draws whole rounds or sets.

    Raises:
        ValueError: there is no exam, or they are of different rounds.
    """
    first = next(iter(exams.values()), None)
    if first is None or len({(each.splits, each.rounds, each.ratings) for each in exams.values()}) > 1:
        raise ValueError("a table needs exams, all of them on the same rounds")
    columns = [(name, first, name) for name in BESIDE]
    for name, exam in exams.items():
        columns.append((name, exam, MODEL))
        if exam.apart is not None:
            columns.append((f"{name}, apart", exam.apart, MODEL))
    lines = [_row(("measure", *(name for name, _, _ in columns))), "| --- " * (len(columns) + 1) + "|"]
    for name, measure in _measures(first):
        cells = [_cell(measure(exam, by)) for _, exam, by in columns]
        if any(cell != NOTHING for cell in cells):
            lines.append(_row((name, *cells)))
    lines.append(_row((FIFTHS, *(_fifths(exam, by) for _, exam, by in columns))))
    return "\n".join([_held(first), "", *lines, *_raters(first)])


FIFTHS = "mean predicted → mean given, by fifths of the predictions"


def _measures(exam: Exam) -> Iterator[tuple[str, Cell]]:
    for sort in Sort:
        for function in FUNCTIONS:
            name = f"choice among {AMONG[sort]}, {BY[function.name]}: share gained"
            yield name, partial(_gain, sort, function.name)
        for part, what in (("mean", "mean rating"), ("lowest", "rating of the least happy")):
            yield f"choice among {AMONG[sort]}, by mean: {what}", partial(_rated, sort, part)
    for form in dict.fromkeys(each.form for each in exam.forms):
        yield f"choice by mean at {KIND_WORDS[form]}: share gained", partial(_form, form)
    for over in dict.fromkeys(each.over for each in exam.kinds):
        yield f"a good compromise above {KINDS[over]}", partial(_above, over)
    for form, sets in ((None, "options"), (QuestionKind.HOW_MANY, "quantities")):
        yield f"{sets}: own option first", partial(_options, form, "own_first")
        yield f"{sets}: own option above 4", partial(_options, form, "own_above")
        yield f"{sets}: another's option above 4", partial(_options, form, "others_above")
    for part in ("met_over_broken", "met_over_silent", "silent_over_broken"):
        yield f"condition: {part.replace('_', ' ')}", partial(_conditions, part)
    yield "pairs within a person", partial(_whole, "pairwise")
    yield "pairs within a person, opinions swapped", partial(_whole, "swapped")


def _gain(sort: Sort, function: WelfareName, exam: Exam, by: str) -> Estimate | None:
    return exam.gain(sort, function, by=by)


def _rated(sort: Sort, part: str, exam: Exam, by: str) -> Estimate | None:
    asked = (by, sort, WelfareName.UTILITARIAN)
    found = (pick for pick in exam.picks if (pick.by, pick.sort, pick.function.name) == asked)
    return next((getattr(pick, part) for pick in found), None)


def _form(form: QuestionKind, exam: Exam, by: str) -> Estimate | None:
    return next((each.gain for each in exam.forms if (each.by, each.form) == (by, form)), None)


def _above(over: object, exam: Exam, by: str) -> Estimate | None:
    return next((each.rate for each in exam.kinds if (each.by, each.over) == (by, over)), None)


def _options(form: QuestionKind | None, part: str, exam: Exam, by: str) -> Estimate | None:
    found = (each for each in exam.options if each.form is form and by == MODEL)
    return next((getattr(each, part) for each in found), None)


def _conditions(part: str, exam: Exam, by: str) -> Estimate | None:
    return getattr(exam.conditions, part, None) if by == MODEL else None


def _whole(part: str, exam: Exam, by: str) -> Estimate | None:
    return getattr(exam, part) if by == MODEL else None


def _fifths(exam: Exam, by: str) -> str:
    told = (f"{each.predicted:.1f} → {each.rated.value:.1f}" for each in exam.quintiles)
    return (", ".join(told) if by == MODEL else "") or NOTHING


def _held(exam: Exam) -> str:
    return (
        f"Split {', '.join(exam.splits) or 'empty'}: {exam.rounds:,} rounds with {exam.ratings:,} ratings, "
        f"{exam.option_sets:,} sets of options, {exam.condition_sets:,} of conditions."
    )


def _raters(exam: Exam) -> Iterator[str]:
    found = exam.raters
    if found is not None:
        gains = ", ".join(f"{BY[each.function.name]} {_cell(each.gain)}" for each in found.gains)
        yield ""
        yield (
            f"Two raters, {found.rounds:,} rounds: Krippendorff's alpha {_cell(found.alpha)} (quality "
            f"{_cell(found.quality_alpha)}), correlation {_cell(found.correlation)}; one's choice gains, as "
            f"the other rated, {gains}."
        )


def _cell(estimate: Estimate | None) -> str:
    return interval(estimate) if estimate else NOTHING


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
