"""A mediation on a terminal: question, candidates, predicted agreement, the statement, how it was made.

Reads:  frozen results of the engine, and how participants are called where that is known.
Gives:  tables, bars and panels on a Rich console from `terminal`; JSON on a stream.
Members' words are never taken as markup and cannot steer the terminal. Groups that are too large for a
column or a line each are summarised.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.box import ROUNDED
from rich.console import Console, Group, OverflowMethod, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.console.terminal import agreement_bar, bar, block, colour, level, one_line, plain, spread
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.wording.card_lines import leaves_open
from bot.wording.texts import FEWEST_COUNTED, OVERVIEW_TITLE, how_it_was_made
from engine.digest import Digest, in_one_line, is_common, left_out_words, read_digest, small_print
from engine.names import OVER_GROUPS
from engine.types import (
    HIGHEST_RATING,
    LOWEST_RATING,
    MIDPOINT,
    Candidate,
    Mediation,
    OpinionGroup,
    WelfareFunction,
    WelfareName,
)
from engine.word_diff import Kind, word_diff

Names = Mapping[str, str]

STAYS = "No draft is predicted to do better than the statement there is. It stays."
STAYS_UNPREDICTED = "No draft is closer to what people wrote than the statement there is. It stays."
PREVIOUS_MARK = "[previous]"
CHANGES = {Kind.KEPT: ("{}", ""), Kind.REMOVED: ("[-{}-]", "red strike"), Kind.ADDED: ("{{+{}+}}", "green")}
"""How words are shown that were kept, removed and added: readable without colours too, as git writes it."""

BAR_WIDTH = 28
NAME_WIDTH = 20
MOST_LISTED = 20
MOST_REWARDS = 1_000
"""People whose rewards are in `--json` without `--full`: of 10,000 they would be 99 % of it."""

# Widths in the table of candidates; each column has a gap of 1 to its right.
NUMBER, WELFARE, PERSON = 2, 7, 4  # "16", "Welfare", "5.9▅"
FEWEST_WORDS = 24
SUMMARY = {"Lowest": 6, "Mean": 4, "Highest": 7, "Agree": 5, "Spread": 7}


def print_question(console: Console, question: str, context: str = "") -> None:
    """The question in a panel."""
    body = Text(plain(question), style="bold")
    if context:
        body.append(f"\n\n{plain(context)}", style="not bold")
    console.print(Panel(body, title="Question", title_align="left", box=ROUNDED, border_style="blue"))


def print_opinion(console: Console, participant: str, text: str) -> None:
    """One opinion as it arrives."""
    console.print(Text.assemble((one_line(participant), "bold blue"), "  ", plain(text)))


def print_mediation(console: Console, mediation: Mediation, names: Names | None = None) -> None:
    """All of a mediation: what `accord deliberate` shows. `names` says how participants are called."""
    print_question(console, mediation.question)
    print_candidates(console, mediation)
    print_statement(console, mediation.statement)
    print_revision(console, mediation)
    print_open_points(console, mediation)
    print_agreement(console, mediation, names)
    print_groups(console, mediation, names)
    print_facts(console, mediation)


def print_candidates(console: Console, mediation: Mediation) -> None:
    """Every candidate, best first, with its welfare and each person's predicted agreement, if there is one.

    People are numbered as in `print_agreement`; where they do not fit, a summary stands in their place.
    """
    figures = _figures(console, len(mediation.candidates[mediation.winner].rewards))
    table = candidates_table(console, figures, "Close" if mediation.models.unpredicted else "Welfare")
    told = told_apart([candidate.text for candidate in mediation.candidates])
    for index, candidate in enumerate(mediation.candidates):
        marked = f"{PREVIOUS_MARK} {told[index]}" if candidate is mediation.previous else told[index]
        words = Text(one_line(marked), style="bold" if index == mediation.winner else "")
        welfare = Text(f"{candidate.welfare:.2f}", style="bold")
        cells = _summary(console, candidate) if figures is SUMMARY else _each(console, candidate)
        table.add_row(str(index + 1), words, welfare, *cells[: len(figures)])
    console.print(_candidates_title(mediation))
    console.print(table)


def print_statement(console: Console, statement: str) -> None:
    """The chosen statement in a panel; a digest as lists under headings."""
    digest = read_digest(statement)
    body = Text(plain(statement)) if digest is None else _listed(digest)
    title = "Consensus statement" if is_common(statement) else OVERVIEW_TITLE
    console.print(Panel(body, title=title, title_align="left", box=ROUNDED, border_style="green"))


def print_revision(console: Console, mediation: Mediation) -> None:
    """After a second round: whether the statement changed, by how much it is better, and in which words."""
    previous, chosen = mediation.previous, mediation.candidates[mediation.winner]
    if previous is None:
        return
    if not mediation.is_better:
        console.print(Text(f"{STAYS_UNPREDICTED if mediation.models.unpredicted else STAYS}\n", style="bold"))
        return
    console.print(_before_and_after(mediation, previous, chosen))
    if chosen.rewards:
        console.print(Text(_who_agrees_more(previous, chosen)))
    changes = Text()
    for span in word_diff(in_one_line(previous.text), in_one_line(chosen.text)):
        mark, style = CHANGES[span.kind]
        changes.append(plain(mark.format(span.text.strip())), style=style)
        changes.append(" ")
    changes.rstrip()
    console.print(Panel(changes, title="What changed", title_align="left", box=ROUNDED))


def print_agreement(console: Console, mediation: Mediation, names: Names | None = None) -> None:
    """How far each person is likely to agree with the statement; counts for a large group.

    Nothing where nobody's agreement was predicted, or the text is no statement to agree with as a whole.
    """
    rewards = mediation.candidates[mediation.winner].rewards
    if not rewards or not is_common(mediation.statement):
        return
    console.print(Text("Likely agreement with the statement (1 to 7)", style="bold"))
    if len(rewards) <= MOST_LISTED:
        console.print(_people(console, mediation.participants, rewards, names or {}))
    else:
        print_histogram(console, _counts(rewards), {point.value: point.label for point in AGREEMENT_LEVELS})
    mean = sum(rewards) / len(rewards)
    against = f" {_of(mediation.dissenters(), len(rewards))} likely to disagree."
    console.print(Text(f"Mean {mean:.1f}.{against if len(rewards) >= FEWEST_COUNTED else ''}\n"))


def print_groups(console: Console, mediation: Mediation, names: Names | None = None) -> None:
    """Whom the statement leaves out, how each group takes it, and what unites and divides the groups.

    Nothing of groups where there are fewer than two, but what a function over groups counted in their place.
    Nothing at all where nobody's agreement was predicted, or the text is nothing to agree with as a whole.
    """
    if mediation.models.unpredicted or not is_common(mediation.statement):
        return
    names, groups = names or {}, mediation.groups
    lines = [_group_line(at, group, names) for at, group in enumerate(groups, 1)] if len(groups) > 1 else []
    if lines:
        console.print(Text("Groups, by what members would agree with", style="bold"))
    if mediation.unites is not None and mediation.divides is not None:
        lines.append(f"Unites the groups most: candidate {mediation.unites + 1}.")
        lines.append(f"Divides the groups most: candidate {mediation.divides + 1}.")
    if instead := _counted_instead(mediation):
        lines.append(instead)
    if 0 < len(mediation.left_out) <= MOST_LISTED:
        lines.append(f"Likely to be left out: {_called(mediation.left_out, names)}.")
    if lines:
        console.print(Text("\n".join(lines) + "\n"))


def print_open_points(console: Console, mediation: Mediation) -> None:
    """What the statement leaves open, and how many ask for it; nothing where nothing is known of it."""
    if told := leaves_open(mediation.leaves_open):
        console.print(Text(f"{plain(told)}.\n"))


def print_histogram(console: Console, counts: Sequence[int], labels: Mapping[int, str]) -> None:
    """How many stand at each step of a scale, highest step first. `counts` has one entry for each of 1..7."""
    most = max(max(counts), 1)
    table = Table.grid(padding=(0, 1))
    for value in sorted(labels, reverse=True):
        count = counts[value - LOWEST_RATING]
        line = bar(console, count / most, width=BAR_WIDTH, style=colour(value))
        table.add_row(str(value), labels[value], line, f"{count:,}")
    console.print(table)


def print_facts(console: Console, mediation: Mediation) -> None:
    """What took part, what was left out, how long it took."""
    models = mediation.models
    prompt = f" with prompt {models.prompt}" if mediation.model_used else ""
    by = "chosen by" if models.unpredicted else "agreement predicted by"
    facts = [f"Drafted by {models.generator}{prompt}; {by} {models.reward}; seed {mediation.seed}."]
    # Who wrote a statement that stays, and from what, is not known here.
    if mediation.is_better and (made := how_it_was_made(mediation)):
        facts.insert(0, made)
    if mediation.dropped and mediation.model_used:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(mediation.dropped.items()))
        facts.append(f"Drafts left out: {reasons}.")
    spent = mediation.timings_s
    facts.append(
        f"Reading opinions {spent.read:.2f} s, drafting {spent.draft:.2f} s, scoring {spent.score:.2f} s, "
        f"together {spent.total:.2f} s."
    )
    console.print(Text("\n".join(map(plain, facts)), style="dim"))


def print_json(stream: TextIO, mediation: Mediation, *, full: bool = False) -> None:
    """The documented JSON form, for other programs; escaped where the stream is not Unicode.

    full: each person's rewards in any group; else in groups of up to `MOST_REWARDS`.
    """
    people = len(mediation.participants)
    told = _told(mediation) if full or people <= MOST_REWARDS else _without_rewards(_told(mediation), people)
    dump_json(stream, told)


def dump_json(stream: TextIO, told: dict[str, Any]) -> None:
    """Plain data as JSON, escaped where the stream is not Unicode."""
    unicode = (stream.encoding or "utf-8").lower().startswith("utf")
    json.dump(told, stream, ensure_ascii=not unicode, allow_nan=False, indent=2)
    stream.write("\n")


def _told(mediation: Mediation) -> dict[str, Any]:
    told, previous = mediation.public(), mediation.previous
    if previous is None:
        return told
    return told | {"round": 2, "previous": previous.model_dump(include={"text", "rewards", "welfare"})}


def _without_rewards(told: dict[str, Any], people: int) -> dict[str, Any]:
    """The same without what is predicted of each person, and of how many people that is left out."""
    rated = [*told["candidates"], *filter(None, (told.get("best_opinion"), told.get("previous")))]
    for each in rated:
        each.pop("rewards")
    return told | {"rewards_left_out": people}


def welfare_words(welfare: WelfareFunction) -> str:
    """The name of a welfare function, with alpha where it was chosen."""
    if welfare.name is WelfareName.ISOELASTIC:
        return f"{welfare.name}, alpha {welfare.alpha:g}"
    return str(welfare.name)


def told_apart(texts: Sequence[str]) -> list[str]:
    """The candidates as their lines show them: of digests the points that not all of them have."""
    digests = [read_digest(text) for text in texts]
    points = [dict.fromkeys(point.quoted for point in digest.points) for digest in digests if digest]
    shared = set.intersection(*map(set, points)) if points else set()
    own = [
        None if digest is None else " · ".join(p.quoted for p in digest.points if p.quoted not in shared)
        for digest in digests
    ]
    same = f"{len(shared)} {'point' if len(shared) == 1 else 'points'} that all have"
    return [
        in_one_line(text) if told is None else f"{same} · {told}".removesuffix(" · ")
        for text, told in zip(texts, own, strict=True)
    ]


def candidates_table(console: Console, figures: Mapping[str, int], measure: str) -> Table:
    """The empty table. All widths are given: left to itself Rich would squeeze the figures, not the words."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("#", justify="right", width=NUMBER)
    words = max(words_beside(console, figures), NUMBER)
    table.add_column("Candidate", width=words, no_wrap=True, overflow=_overflow(console))
    table.add_column(measure, justify="right", width=WELFARE, no_wrap=True)
    for header, width in figures.items():
        table.add_column(header, justify="right", width=width, no_wrap=True)
    return table


def words_beside(console: Console, figures: Mapping[str, int]) -> int:
    """How many cells columns of these widths leave for a candidate's words."""
    widths = [NUMBER, WELFARE, *figures.values()]
    return console.width - sum(widths) - len(widths) - 1


# -- inside ----------------------------------------------------------------------------------------


def _listed(digest: Digest) -> Group:
    """Headings, and points that hang behind their bullets."""
    parts: list[RenderableType] = []
    for section in digest.sections:
        parts.append(Text(f"{section.heading}", style="bold green"))
        for group in section.groups:
            parts += [Text(plain(group.label), style="italic")] if group.label else []
            points = Table.grid(padding=(0, 1))
            for point in group.points:
                points.add_row("•", Text(one_line(point.quoted)))
            parts.append(points)
        parts.append(Text(""))
    below = [left_out_words(digest), ""] if digest.left_out else []
    return Group(*parts, *(Text(line, style="dim") for line in (*below, *small_print(digest))))


def _before_and_after(mediation: Mediation, previous: Candidate, chosen: Candidate) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("", "Previous", "Revised"):
        table.add_column(header, justify="right" if header else "left")
    measure = "Closeness" if mediation.models.unpredicted else "Welfare"
    table.add_row(measure, f"{previous.welfare:.2f}", f"{chosen.welfare:.2f}")
    if chosen.rewards:
        table.add_row("Likely to agree", *(_count_agreeing(each.rewards) for each in (previous, chosen)))
    return table


def _count_agreeing(rewards: Sequence[float]) -> str:
    return f"{sum(reward > MIDPOINT for reward in rewards):,} of {len(rewards):,}"


def _who_agrees_more(previous: Candidate, chosen: Candidate) -> str:
    """As counts; a difference counts where the figures that are shown differ."""
    pairs = [
        (round(old, 1), round(new, 1)) for old, new in zip(previous.rewards, chosen.rewards, strict=True)
    ]
    more, less = sum(new > old for old, new in pairs), sum(new < old for old, new in pairs)
    same = len(pairs) - more - less
    return (
        f"Likely to agree more than before: {more:,} of {len(pairs):,}. Less: {less:,}. The same: {same:,}.\n"
    )


def _candidates_title(mediation: Mediation) -> Text:
    welfare = f"welfare: {welfare_words(mediation.welfare_function)}"
    measured = "by closeness" if mediation.models.unpredicted else welfare
    people = len(mediation.participants)
    title = f"{len(mediation.candidates)} candidates from {people:,} opinions, best first ({measured})"
    if mediation.previous is not None:
        drafts = len(mediation.candidates) - 1
        title = (
            f"{_drafts(drafts)} from the opinions and critiques of {people:,} people, and the previous "
            f"statement, best first ({measured})"
        )
    return Text(title, style="bold")


def _drafts(count: int) -> str:
    return "1 draft" if count == 1 else f"{count:,} drafts"


def _figures(console: Console, people: int) -> Mapping[str, int]:
    """Headers and widths beside a candidate: each person, a summary, or nothing in a very narrow terminal."""
    each = {str(number): PERSON for number in range(1, people + 1)}
    if people <= MOST_LISTED and words_beside(console, each) >= FEWEST_WORDS:
        return each
    return SUMMARY if words_beside(console, SUMMARY) >= FEWEST_WORDS else {}


def _overflow(console: Console) -> OverflowMethod:
    # The sign for "and so on" is not in ASCII.
    return "crop" if console.options.ascii_only else "ellipsis"


def _each(console: Console, candidate: Candidate) -> list[Text]:
    return [Text(f"{r:.1f}{block(console, r)}", style=colour(r)) for r in candidate.rewards]


def _summary(console: Console, candidate: Candidate) -> list[Text]:
    rewards = candidate.rewards
    mean = sum(rewards) / len(rewards)
    agree = sum(reward > MIDPOINT for reward in rewards) / len(rewards)
    return [
        Text(f"{min(rewards):.1f}", style=colour(min(rewards))),
        Text(f"{mean:.1f}", style=colour(mean)),
        Text(f"{max(rewards):.1f}", style=colour(max(rewards))),
        Text(f"{agree:.0%}"),
        Text(spread(console, _counts(rewards))),
    ]


def _counts(rewards: Sequence[float]) -> list[int]:
    """How many rewards lie nearest to each of 1..7."""
    found = Counter(map(level, rewards))
    return [found[value] for value in range(LOWEST_RATING, HIGHEST_RATING + 1)]


def _people(console: Console, participants: Sequence[str], rewards: Sequence[float], names: Names) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(no_wrap=True, max_width=NAME_WIDTH, overflow=_overflow(console))
    for number, (participant, reward) in enumerate(zip(participants, rewards, strict=True), 1):
        name = Text(one_line(names.get(participant, participant)))
        value = Text(f"{reward:.1f}", style=colour(reward))
        table.add_row(str(number), name, agreement_bar(console, reward, width=BAR_WIDTH), value)
    return table


def _group_line(number: int, group: OpinionGroup, names: Names) -> str:
    stand = f" Such as {_called(group.opinions, names)}." if group.opinions else ""
    return f"{number}: {group.agree:,} of {group.size:,} likely to agree, mean {group.welfare:.1f}.{stand}"


def _counted_instead(mediation: Mediation) -> str:
    """What a welfare function over groups counted where there were no groups; nothing where there were."""
    name, groups = mediation.welfare_function.name, mediation.groups
    if name not in OVER_GROUPS or len(groups) > 1:
        return ""
    if groups:
        return "No groups can be told apart, so all members count as one."
    if name is WelfareName.GROUP_INFORMED:
        return "There are too few members for groups, so all of them count as one."
    return "There are too few members for groups, so each of them counts as one."


def _called(participants: Sequence[str], names: Names) -> str:
    return ", ".join(one_line(names.get(who, who)) for who in participants)


def _of(count: int, total: int) -> str:
    return f"{count:,} of {total:,} {'is' if count == 1 else 'are'}"
