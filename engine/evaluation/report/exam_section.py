"""What a report says of an exam: the section "What it picks".

Reads:  an `Exam`.
Gives:  a `Section` of sentences, tables and a picture's description.
Refrains from markup, and from computing anything.
"""

from collections.abc import Callable, Iterator, Sequence

from engine.evaluation.corpus.choice import AMONG, BEST, CENTROID, FUNCTIONS, LONGEST, LOT, SIMILARITY, Pick
from engine.evaluation.corpus.exam import Exam
from engine.evaluation.corpus.kinds import KINDS, Placed
from engine.evaluation.corpus.options import OptionsTold
from engine.evaluation.corpus.raters import Raters
from engine.evaluation.corpus.reading import Sort
from engine.evaluation.feedback.prediction import MODEL
from engine.evaluation.intervals import Estimate
from engine.evaluation.report.parts import NOTHING, Picture, Section, Table, interval, plain
from engine.names import WelfareName
from engine.question_kinds import KIND_WORDS, QuestionKind

ID, TITLE = "picks", "What it picks"
BY = {name: f"by {name}" for name in WelfareName} | {
    WelfareName.UTILITARIAN: "by mean",
    WelfareName.RAWLSIAN: "by least happy",
    WelfareName.BERNOULLI_NASH: "by geometric mean",
}
KNOWING_LESS = (LONGEST, CENTROID, SIMILARITY)


def exam_section(exam: Exam) -> Section:
    """Everything that the exam found; a table is there where there is something for it."""
    splits = ", ".join(exam.splits) or "empty"
    sentences = (
        f"{exam.model} picks a statement in each of {exam.rounds:,} rounds of a corpus of deliberations "
        f"(split: {splits}). There every member's rating of every statement is known. These are not "
        "your people: the corpus' card says who wrote and rated it. Intervals draw whole rounds.",
        "A share of 0 is what a statement drawn by lot gains, 1 what the best one gains, by the ratings that "
        "were given. Closest to the others, and most like the opinions, is by words in common (TF-IDF).",
    )
    tables = [table for make in _TABLES for table in make(exam)]
    return Section(ID, TITLE, sentences, tuple(_pictures(exam)), tuple(tables))


def _pictures(exam: Exam) -> Iterator[Picture]:
    if exam.picks:
        told = "; ".join(
            f"{AMONG[sort]}, {by}: {plain(gain)}"
            for sort in Sort
            for by in (MODEL, *KNOWING_LESS)
            if (gain := exam.gain(sort, by=by))
        )
        yield Picture(ID, "Share of what choosing by mean can gain", f"Points with intervals. {told}.")


def _gains(exam: Exam) -> Iterator[Table]:
    for sort in Sort:
        found = [pick for pick in exam.picks if pick.sort is sort]
        if found:
            names = [by for by in dict.fromkeys(pick.by for pick in found) if by != BEST]
            rows = tuple(
                (by, *(_shown(exam.gain(sort, each.name, by=by)) for each in FUNCTIONS)) for by in names
            )
            columns = ("picked by", *(BY[each.name] for each in FUNCTIONS))
            yield Table(f"Share of what choosing can gain among {AMONG[sort]}", columns, rows)


def _forms(exam: Exam) -> Iterator[Table]:
    names = [by for by in dict.fromkeys(each.by for each in exam.forms) if by != LOT]
    shares = {(each.form, each.by): _shown(each.gain) for each in exam.forms}
    rows = tuple(
        (KIND_WORDS[each.form], *(shares[each.form, by] for by in names), f"{each.rounds:,}")
        for each in exam.forms
        if each.by == MODEL
    )
    if rows:
        columns = ("at", *names, "rounds")
        yield Table("Share of what choosing by mean can gain, by what the question asks", columns, rows)


def _ratings(exam: Exam) -> Iterator[Table]:
    for sort in Sort:
        rows = tuple(
            (_name(pick), interval(pick.mean), interval(pick.lowest), f"{pick.mean.groups:,}")
            for by in (MODEL, LOT, *KNOWING_LESS, BEST)
            for pick in exam.picks
            if (pick.sort, pick.by) == (sort, by) and (by in (MODEL, BEST) or pick.function == FUNCTIONS[0])
        )
        if rows:
            columns = ("picked by", "mean rating", "rating of the least happy", "rounds")
            yield Table(f"How the pick among {AMONG[sort]} was rated", columns, rows)


def _name(pick: Pick) -> str:
    return f"{pick.by}, {BY[pick.function.name]}" if pick.by in (MODEL, BEST) else pick.by


def _kinds(exam: Exam) -> Iterator[Table]:
    names = [by for by in dict.fromkeys(each.by for each in exam.kinds) if by != LOT]
    mine: list[Placed] = [each for each in exam.kinds if each.by == MODEL]
    rows = tuple(
        (
            KINDS[each.over],
            *(_shown(exam.good_above(each.over, by=by)) for by in names),
            f"{each.rate.cases:,}",
            f"{each.rate.groups:,}",
        )
        for each in mine
    )
    if rows:
        columns = ("above", *names, "pairs", "rounds")
        yield Table("How often a good compromise is placed above", columns, rows)


def _options(exam: Exam) -> Iterator[Table]:
    rows = tuple(
        (
            _form(each),
            interval(each.own_first),
            _shown(each.own_above),
            _shown(each.others_above),
            f"{each.own_first.groups:,}",
        )
        for each in exam.options
    )
    if rows:
        columns = ("question", "own option first", "own option above 4", "another's option above 4", "sets")
        yield Table("A person wants one of several options, a statement says one", columns, rows)


def _form(told: OptionsTold) -> str:
    if told.form is None:
        return "all of them"
    return "how many (quantities)" if told.form is QuestionKind.HOW_MANY else told.form.value


def _conditions(exam: Exam) -> Iterator[Table]:
    told = exam.conditions
    if told is not None:
        found = (
            ("met above broken", told.met_over_broken),
            ("met above not mentioned", told.met_over_silent),
            ("not mentioned above broken", told.silent_over_broken),
        )
        rows = tuple((name, interval(each), f"{each.cases:,}", f"{each.groups:,}") for name, each in found)
        yield Table("For a person with a condition", ("order", "how often", "pairs", "sets"), rows)


def _within_person(exam: Exam) -> Iterator[Table]:
    found = (
        ("as the person does", exam.pairwise),
        ("with another member's opinion in place of theirs", exam.swapped),
    )
    rows = tuple(
        (name, interval(each), f"{each.cases:,}", f"{each.groups:,}") for name, each in found if each
    )
    if rows:
        columns = ("order", "how often", "pairs", "rounds")
        yield Table("Pairs of statements put in the order of a member's ratings", columns, rows)


def _apart(exam: Exam) -> Iterator[Table]:
    if exam.apart is not None:
        both = tuple(_headline(each) for each in (exam, exam.apart))
        rows = tuple(
            (name, _shown(here), _shown(there))
            for (name, here), (_, there) in zip(*both, strict=True)
            if here or there
        )
        columns = ("measure", "small groups: read together", "large groups: read apart")
        yield Table("The two ways in which this model reads a group", columns, rows)


def _headline(exam: Exam) -> Iterator[tuple[str, Estimate | None]]:
    for sort in Sort:
        for name in (WelfareName.UTILITARIAN, WelfareName.RAWLSIAN):
            yield f"share gained {BY[name]} among {AMONG[sort]}", exam.gain(sort, name)
    yield "a good compromise above all others", exam.good_above()
    told, conditions = next(iter(exam.options), None), exam.conditions
    yield "own option first", told.own_first if told else None
    yield "another's option above 4", told.others_above if told else None
    yield "condition met above broken", conditions.met_over_broken if conditions else None
    yield "a member's pairs in the member's order", exam.pairwise
    yield "the same with another member's opinion", exam.swapped


def _quintiles(exam: Exam) -> Iterator[Table]:
    rows = tuple(
        (
            f"{each.low:.2f} to {each.high:.2f}",
            f"{each.predicted:.2f}",
            interval(each.rated),
            f"{each.rated.cases:,}",
        )
        for each in exam.quintiles
    )
    if rows:
        columns = ("predicted", "mean predicted", "mean given", "ratings")
        yield Table("Calibration by fifths of the predictions", columns, rows)


def _raters(exam: Exam) -> Iterator[Table]:
    if exam.raters is not None:
        rows = tuple((name, interval(each)) for name, each in _agreement(exam.raters) if each)
        caption = f"How far two raters agree, in {exam.raters.rounds:,} rounds"
        yield Table(caption, ("measure", "value"), rows)


def _agreement(found: Raters) -> Iterator[tuple[str, Estimate | None]]:
    yield "Krippendorff's alpha of agreement", found.alpha
    yield "Pearson's correlation of agreement", found.correlation
    yield "Krippendorff's alpha of quality", found.quality_alpha
    for each in found.gains:
        yield f"gained by one's choice {BY[each.function.name]}, as the other rated", each.gain


def _shown(estimate: Estimate | None) -> str:
    return interval(estimate) if estimate else NOTHING


_TABLES: Sequence[Callable[[Exam], Iterator[Table]]] = (
    _gains, _forms, _ratings, _kinds, _options, _conditions, _within_person, _apart, _quintiles, _raters,
)  # fmt: skip
