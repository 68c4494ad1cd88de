"""What a report says and in which order: sections of sentences, tables and pictures' descriptions.

Reads:  an `EvaluationReport`.
Gives:  `Section`s in plain text, to the page and to the terminal.
Refrains from markup, and from computing anything.
"""

from collections.abc import Iterable, Iterator, Sequence

from engine.evaluation.feedback.arms import Comparison, Counts, WinRate
from engine.evaluation.feedback.divisiveness import Side, Standing
from engine.evaluation.feedback.opinion_groups import OpinionGroups
from engine.evaluation.report.exam_section import ID, TITLE, exam_section
from engine.evaluation.report.figures import GROUPS, alpha_label, models_compared
from engine.evaluation.report.parts import NOTHING, Cells, Picture, Section, Table, interval, percent, plain
from engine.evaluation.report.results import EvaluationReport
from engine.types import Arm, model_of


def sections(report: EvaluationReport) -> tuple[Section, ...]:
    """The whole report."""
    return (
        _agreement(report),
        _wins(report),
        *_models(report),
        _jury_winners(report),
        _groups(report),
        _divisive(report),
        _outsiders(report),
        _opinion_groups(report),
        *_rounds(report),
        _welfare(report),
        _accuracy(report),
        *_picks(report),
        _reliability(report),
        _topics(report),
    )


def facts(report: EvaluationReport) -> Table:
    """What was evaluated."""
    data = report.data
    first, last = (f"{day.day} {day:%B %Y}" for day in (data.first, data.last))
    rows = (
        ("ratings", f"{data.ratings:,}"),
        ("groups", f"{data.groups:,}"),
        ("deliberations", f"{data.deliberations:,}"),
        ("statements", f"{data.statements:,}"),
        ("raters (one person in two deliberations counts twice)", f"{data.raters:,}"),
        ("teams", f"{data.teams:,}"),
        ("settled", first if first == last else f"{first} – {last}"),
        ("drafted by", ", ".join(data.generators)),
        ("prompts", ", ".join(data.prompts)),
        ("seed and draws of the bootstrap", f"{report.seed}, {report.draws:,}"),
        ("SHA-256 of the records", data.hash),
    )
    return Table("What was evaluated", ("", ""), rows)


# -- sections ------------------------------------------------------------------------------------


def _agreement(report: EvaluationReport) -> Section:
    arms = report.arms.arms
    said = "; ".join(f"{arm.arm}: {_above(arm.agreement_counts)} of ratings above 4" for arm in arms)
    picture = Picture("agreement", "How agreement is distributed, by arm", f"Stacked bars by arm. {said}.")
    counted = tuple(
        _distribution(f"How often each point was given: {what}", rows)
        for what, rows in (
            ("agreement", [(str(arm.arm), arm.agreement_counts) for arm in arms]),
            ("quality", [(str(arm.arm), arm.quality_counts) for arm in arms if arm.quality_counts]),
        )
        if rows
    )
    sentences = (
        "Agreement with the statement, from 1 (strongly disagree) over 4 (neutral) to 7 (strongly agree), "
        "and its quality, from 1 (terrible) to 7 (excellent), as the people in the groups gave them.",
    )
    means = _arms_table("Mean ratings by arm", report.arms)
    return Section(
        "agreement",
        "Agreement and quality",
        sentences,
        (picture,),
        (means, *counted),
        _missing(report, "quality"),
    )


def _wins(report: EvaluationReport) -> Section:
    wins = report.arms.wins
    missing = _missing(report, "wins") or _missing(report, "best_opinion")
    if not wins:
        return Section("wins", "Which arm wins", (), missing=missing)
    sentences = (
        "For each person and round, every statement of one arm is set against every statement of the other: "
        "the one rated higher wins, and a tie is half a win. 50 % is even.",
    )
    told = [f"{win.arm} over {win.over}: {percent(win.rate)}" for win in wins if win.arm < win.over]
    picture = Picture(
        "wins", "How often the row wins over the column", f"A matrix of arms. {'; '.join(told)}."
    )
    tables = [_win_table("Win rates", wins, None)]
    if report.arms.quality_wins:
        tables.append(_win_table("Win rates by quality", report.arms.quality_wins, None))
    if any(win.over is Arm.BEST_OPINION for win in wins):
        tables.insert(0, _win_table("Over the best human opinion", wins, Arm.BEST_OPINION))
    return Section("wins", "Which arm wins", sentences, (picture,), tuple(tables), missing)


def _models(report: EvaluationReport) -> Iterator[Section]:
    """Where a study compared language models."""
    found = models_compared(report.arms)
    if not found:
        return
    sentences = (
        "Statements of each language model, drafted from the same opinions by the same prompt and chosen in "
        "the same way. The order is by the size in a model's name, smallest first; those without one come "
        "last.",
    )
    said = "; ".join(f"{model_of(arm.arm)}: {plain(arm.agreement)}" for arm in found)
    picture = Picture("models", "Ratings by language model", f"Means with intervals. Agreement: {said}.")
    wins = [win for win in report.arms.wins if model_of(win.arm) and model_of(win.over)]
    tables = [_arms_table("Mean ratings by language model", Comparison(arms=found, wins=()))]
    tables += [_win_table("Win rates, each over the smaller ones", wins, None)] if wins else []
    yield Section("models", "By language model", sentences, (picture,), tuple(tables))


def _jury_winners(report: EvaluationReport) -> Section:
    title, part = "Winners by jury", report.winners
    if part is None:
        return Section("juries", title, (), missing=_missing(report, "winners"))
    sentences = (
        "Whose agreement counts is a choice. Here, each jury gives its seats by how people rated the "
        "position statement beforehand: above 4 is in favour, below 4 against. The statement of the highest "
        "mean, with each side that has seats weighing as much, wins the round; equals share it. Only ratings "
        "that were given count, not predicted ones.",
        f"Rounds with people on both sides: {part.rounds:,}. Counted in each round, {part.in_favour:,} were "
        f"in favour and {part.against:,} against.",
    )
    arms = [each.arm for each in part.juries[0].arms]
    rows = tuple(
        (each.jury, *(percent(one.share) for one in each.arms), percent(each.changed)) for each in part.juries
    )
    columns = ("jury", *map(str, arms), "another winner than everybody's")
    return Section("juries", title, sentences, tables=(Table("Share of rounds won", columns, rows),))


def _topics(report: EvaluationReport) -> Section:
    if not report.topics:
        return Section("topics", "Questions by topic", (), missing=_missing(report, "topics"))
    sentences = (
        "Questions from the bank, by the cluster that it has them in. A cluster is named by the words that "
        "set it apart; the examples are its first questions in the bank, asked or not.",
    )
    rows = tuple(
        (
            str(each.id),
            each.name,
            " ".join(each.examples),
            f"{each.questions:,}",
            interval(each.agreement),
            f"{each.agreement.ratings:,}",
        )
        for each in report.topics
    )
    columns = ("cluster", "name", "examples", "questions asked", "agreement", "ratings")
    return Section(
        "topics", "Questions by topic", sentences, tables=(Table("Topics asked about", columns, rows),)
    )


def _groups(report: EvaluationReport) -> Section:
    sentences = (
        "A statement is unanimous when everybody's rating is above 4; it has a dissenter when somebody's is "
        "below.",
    )
    return Section(
        "groups",
        "Unanimity and dissent",
        sentences,
        tables=_unanimity("Of statements rated by two people or more", report.arms),
        missing=_missing(report, "unanimity"),
    )


def _divisive(report: EvaluationReport) -> Section:
    title, part = "Divisive questions", report.divisiveness
    if part is None:
        return Section("divisiveness", title, (), missing=_missing(report, "divisiveness"))
    sentences = (
        "Group internal agreement is (1/2 − for / (for + against)) × 2: −1 when all who take a side are in "
        "favour, 1 when all are against, 0 when the sides are of equal size. Divisiveness is 1 less its "
        "distance from 0. A question is divisive for a group when a quarter or more of those who took a "
        "side on its position statement stood against the others.",
        f"{part.divisive:,} of {part.questions:,} groups' questions were divisive.",
    )
    named = [("before, position statement", part.before), *((str(arm.arm), arm.after) for arm in part.arms)]
    said = "; ".join(f"{name}: {plain(standing.divisiveness)}" for name, standing in named)
    picture = Picture(
        "divisiveness",
        "Where groups stand before, and on each arm's statements after",
        f"Stacked bars; mean divisiveness {said}.",
    )
    tables = [_standings(named), _changes(report)]
    for comparison, where in ((report.divisive, "divisive questions"), (report.united, "other questions")):
        if comparison is not None:
            tables.append(_arms_table(f"Mean ratings on {where}", comparison))
            tables += _unanimity(f"Unanimity and dissent on {where}", comparison)
            tables += [_win_table(f"Win rates on {where}", comparison.wins, None)] if comparison.wins else []
    missing = (*_missing(report, "divisive"), *_missing(report, "united"))
    return Section("divisiveness", title, sentences, (picture,), tuple(tables), missing)


def _outsiders(report: EvaluationReport) -> Section:
    title = "Included and excluded people"
    if not report.outsiders:
        return Section("outsiders", title, (), missing=_missing(report, "outsiders"))
    sentences = (
        "Agreement of people whose opinion the drafter did not read, beside those whose opinion it read, on "
        "the same statements; the difference is taken within each statement.",
    )
    columns = ("arm", "included", "excluded", "excluded − included", "statements", "groups")
    rows = tuple(
        (
            str(each.arm),
            interval(each.included),
            interval(each.excluded),
            interval(each.difference, signed=True),
            f"{each.difference.cases:,}",
            f"{each.difference.groups:,}",
        )
        for each in report.outsiders
    )
    return Section("outsiders", title, sentences, tables=(Table("Mean agreement", columns, rows),))


def _opinion_groups(report: EvaluationReport) -> Section:
    title, part = "Opinion groups", report.opinion_groups
    if part is None:
        return Section(GROUPS, title, (), missing=_missing(report, "opinion_groups"))
    sentences: Cells = (
        "Members of a group were likely to agree with much the same drafts, by what was predicted before the "
        "vote; group 1 is the largest of its question. What is told here is how people of each group then "
        "rated the statement, where three or more did.",
        f"Statements rated by two groups or more: {part.statements:,}.",
    )
    if part.maps:
        sentences += (
            "On the maps, people near each other would rate the drafts alike, and those further right were "
            "likelier to agree. In an anonymous question a mark is a whole group.",
        )
    rows = [(f"group {each.place}", interval(each.agreement), each.agreement) for each in part.places]
    rows.append(("highest group − lowest, within each statement", interval(part.gap, signed=True), part.gap))
    rows.append(("statements that every group's mean is above 4 of", percent(part.united), part.united))
    cells = tuple(
        (name, told, f"{of.cases:,}", f"{of.ratings:,}", f"{of.groups:,}") for name, told, of in rows
    )
    columns = ("", "mean agreement", "statements", "ratings", "deliberating groups")
    pictures = (_maps(part),) if part.maps else ()
    return Section(GROUPS, title, sentences, pictures, (Table("Agreement by group", columns, cells),))


def _maps(part: OpinionGroups) -> Picture:
    told = "; ".join(
        f"statement {at}: "
        + ", ".join(f"group {place} {mean:.1f}" for place, mean in sorted(each.agreement.items()))
        for at, each in enumerate(part.maps, 1)
    )
    caption = "Raters on the map of their groups, and each group's mean rating"
    return Picture(GROUPS, caption, f"Maps of the statements that most people rated. Mean ratings: {told}.")


def _rounds(report: EvaluationReport) -> Iterator[Section]:
    """Where statements were revised."""
    part = report.rounds
    if part is None:
        return
    sentences = (
        "Mean agreement with the first statement and with the second, in deliberations where both were "
        "rated; the difference is taken within each deliberation. It is no experiment: other people may have "
        "rated the second one. Of a study, it is the statement that people were asked to change and the "
        "revised one.",
    )
    rows = [
        ("first round", interval(part.first), part.first),
        ("second round", interval(part.second), part.second),
        ("second − first", interval(part.difference, signed=True), part.difference),
    ]
    if part.same_people is not None:
        told = interval(part.same_people, signed=True)
        rows.append(("second − first, of those who rated both", told, part.same_people))
    cells = tuple(
        (name, told, f"{of.cases:,}", f"{of.ratings:,}", f"{of.groups:,}") for name, told, of in rows
    )
    columns = ("", "agreement", "deliberations", "ratings", "groups")
    yield Section(
        "rounds", "First and second round", sentences, tables=(Table("Mean agreement", columns, cells),)
    )


def _welfare(report: EvaluationReport) -> Section:
    part, pictures, tables = report.welfare, [], []
    alphas = tuple(f"α = {alpha_label(each)}" for each in part.functions)
    if part.arms:
        ends = "; ".join(
            f"{arm.arm}: {plain(arm.by_function[0])} at α = 0, {plain(arm.by_function[-1])} at α = ∞"
            for arm in part.arms
        )
        pictures.append(
            Picture("welfare", "Rated welfare of each arm's statements", f"Lines over α. {ends}.")
        )
        rows = tuple((str(arm.arm), *map(interval, arm.by_function)) for arm in part.arms)
        tables.append(Table("Rated welfare by inequality aversion", ("arm", *alphas), rows))
    if part.choices:
        chosen = "; ".join(f"α = {alpha_label(c.function)}: {plain(c.rated)}" for c in part.choices)
        pictures.append(
            Picture(
                "choices",
                "Welfare of what each function would have chosen",
                f"Lines over α. Rated: {chosen}.",
            )
        )
        tables.append(_choice_table(report))
    sentences: Cells = (
        "The isoelastic welfare of a statement's ratings: their mean at α = 0 (utilitarian), their "
        "geometric mean at α = 1 (Bernoulli–Nash), and the lowest of them at α = ∞ (Rawlsian).",
    )
    if part.choices:
        sentences += (
            "Each function then chooses, by predicted ratings, among the statements of a round that the "
            f"same people rated. Rounds with a choice: {part.rounds:,}.",
        )
    missing = (*_missing(report, "arm_welfare"), *_missing(report, "choices"))
    return Section("welfare", "Welfare functions", sentences, tuple(pictures), tuple(tables), missing)


def _accuracy(report: EvaluationReport) -> Section:
    title, part = "The reward model", report.accuracy
    if part is None:
        return Section("accuracy", title, (), missing=_missing(report, "accuracy"))
    bins = part.calibration.bins
    said = "; ".join(f"predicted {each.predicted:.1f}, rated {plain(each.rated)}" for each in bins)
    picture = Picture("calibration", "Calibration: ratings given by ratings predicted", f"Bins: {said}.")
    sentences = (
        f"Predictions of {part.model}. Popularity ranks statements by what the others in the round gave "
        "them, so it sees ratings; similarity ranks them by words in common with the person's opinion "
        "(TF-IDF).",
    )
    tables = [_predictor_table(report)] if part.predictors else []
    tables += [_calibration_table(report), _bin_table(report)]
    return Section("accuracy", title, sentences, (picture,), tuple(tables), _missing(report, "pairwise"))


def _picks(report: EvaluationReport) -> Iterator[Section]:
    """Where a reward model is judged now: the recorded predictions are of other texts."""
    if report.exam is not None:
        yield exam_section(report.exam)
    elif missing := _missing(report, "exam"):
        yield Section(ID, TITLE, (), missing=missing)


def _reliability(report: EvaluationReport) -> Section:
    found = (("agreement", report.reliability.agreement), ("quality", report.reliability.quality))
    rows = tuple(
        (name, interval(each), f"{each.cases:,}", f"{each.ratings:,}", f"{each.groups:,}")
        for name, each in found
        if each is not None
    )
    sentences = (
        "Krippendorff's alpha for ordinal ratings, over statements: 1 is full agreement between raters, 0 "
        "is what chance gives. People may well differ in what they agree with; quality is where they should "
        "not.",
    )
    tables = (Table("Krippendorff's alpha", ("rating", "alpha", "statements", "ratings", "groups"), rows),)
    missing = (*_missing(report, "reliability_agreement"), *_missing(report, "reliability_quality"))
    return Section(
        "reliability", "Do raters agree with each other?", sentences, (), tables if rows else (), missing
    )


# -- tables --------------------------------------------------------------------------------------


def _arms_table(caption: str, comparison: Comparison) -> Table:
    columns = ("arm", "agreement", "quality", "statements", "ratings", "groups")
    rows = tuple(
        (
            str(arm.arm),
            interval(arm.agreement),
            interval(arm.quality) if arm.quality else NOTHING,
            f"{arm.statements:,}",
            f"{arm.agreement.ratings:,}",
            f"{arm.agreement.groups:,}",
        )
        for arm in comparison.arms
    )
    return Table(caption, columns, rows)


def _distribution(caption: str, rows: Iterable[tuple[str, Counts]]) -> Table:
    columns = ("arm", *(str(point) for point in range(1, 8)))
    return Table(
        caption, columns, tuple((name, *(f"{count:,}" for count in counts)) for name, counts in rows)
    )


def _win_table(caption: str, wins: Sequence[WinRate], over: Arm | None) -> Table:
    """Every pair once, or all against one arm."""
    order = list(dict.fromkeys(win.arm for win in wins))
    columns = ("arm", "over", "wins", "ties", "comparisons", "ratings", "groups")
    rows = tuple(
        (
            str(win.arm),
            str(win.over),
            percent(win.rate),
            f"{win.ties:.0%}",
            f"{win.rate.cases:,}",
            f"{win.rate.ratings:,}",
            f"{win.rate.groups:,}",
        )
        for win in wins
        if (win.over is over if over else order.index(win.arm) > order.index(win.over))
    )
    return Table(caption, columns, rows)


def _unanimity(caption: str, comparison: Comparison) -> tuple[Table, ...]:
    rows = tuple(
        (
            str(arm.arm),
            percent(arm.unanimous),
            percent(arm.dissent),
            f"{arm.unanimous.cases:,}",
            f"{arm.unanimous.ratings:,}",
            f"{arm.unanimous.groups:,}",
        )
        for arm in comparison.arms
        if arm.unanimous and arm.dissent
    )
    columns = ("arm", "unanimous", "with a dissenter", "statements", "ratings", "groups")
    return (Table(caption, columns, rows),) if rows else ()


def _standings(named: Sequence[tuple[str, Standing]]) -> Table:
    columns = ("view", *(side.value for side in Side), "nobody took a side")
    rows = tuple(
        (name, *(f"{standing.sides[side]:,}" for side in Side), f"{standing.neutral:,}")
        for name, standing in named
    )
    return Table("Where groups stand, in numbers of groups' questions", columns, rows)


def _changes(report: EvaluationReport) -> Table:
    part = report.divisiveness
    assert part is not None
    before = ("before", interval(part.before.divisiveness), NOTHING, f"{part.before.divisiveness.groups:,}")
    rows = (
        (
            str(arm.arm),
            interval(arm.after.divisiveness),
            interval(arm.change, signed=True),
            f"{arm.change.groups:,}",
        )
        for arm in part.arms
    )
    columns = ("view", "divisiveness (0 to 1)", "change from before", "groups")
    return Table("Divisiveness before and after", columns, (before, *rows))


def _choice_table(report: EvaluationReport) -> Table:
    columns = (
        "function", "welfare, predicted", "welfare, rated", "best possible", "by lot",
        "mean rating", "lowest rating", "same as utilitarian", "rounds", "ratings", "groups",
    )  # fmt: skip
    rows = tuple(
        (
            f"{each.function.name} (α = {alpha_label(each.function)})",
            *map(interval, (each.predicted, each.rated, each.best, each.chance, each.mean, each.lowest)),
            percent(each.like_utilitarian),
            f"{each.rated.cases:,}",
            f"{each.rated.ratings:,}",
            f"{each.rated.groups:,}",
        )
        for each in report.welfare.choices
    )
    return Table("What each function would have chosen", columns, rows)


def _predictor_table(report: EvaluationReport) -> Table:
    assert report.accuracy is not None
    columns = (
        "predictor", "right within person", "reward model's lead", "rank correlation",
        "pairs", "ratings", "groups",
    )  # fmt: skip
    rows = tuple(
        (
            each.name,
            percent(each.pairwise),
            percent(each.gain, signed=True) if each.gain else NOTHING,
            interval(each.rank_correlation) if each.rank_correlation else NOTHING,
            f"{each.pairwise.cases:,}",
            f"{each.pairwise.ratings:,}",
            f"{each.pairwise.groups:,}",
        )
        for each in report.accuracy.predictors
    )
    return Table("Pairs of statements that a person rated differently, put in the right order", columns, rows)


def _calibration_table(report: EvaluationReport) -> Table:
    assert report.accuracy is not None
    found = report.accuracy.calibration
    rows = (
        ("mean distance of bins from what was predicted", interval(found.error)),
        ("predicted less given, on average", interval(found.bias, signed=True)),
        ("root mean squared error of single ratings", interval(found.rmse)),
        ("ratings", f"{found.bias.ratings:,}"),
        ("groups", f"{found.bias.groups:,}"),
    )
    return Table("Calibration, in rating points", ("measure", "value"), rows)


def _bin_table(report: EvaluationReport) -> Table:
    assert report.accuracy is not None
    rows = tuple(
        (
            f"{each.low:g} to {each.high:g}",
            f"{each.predicted:.2f}",
            interval(each.rated),
            f"{each.rated.ratings:,}",
            f"{each.rated.groups:,}",
        )
        for each in report.accuracy.calibration.bins
    )
    return Table(
        "Bins of predictions", ("predicted", "mean predicted", "mean given", "ratings", "groups"), rows
    )


# -- words for numbers ---------------------------------------------------------------------------


def _missing(report: EvaluationReport, name: str) -> Cells:
    return (report.missing[name],) if name in report.missing else ()


def _above(counts: Counts) -> str:
    return f"{sum(counts[4:]) / sum(counts):.0%}"
