"""What juries make of a round, on a terminal and as JSON: `accord jury`.

Reads:  a mediation and its `Hearing` (`engine.groups.jury_hearing`).
Gives:  verdicts, the winner, what other juries would choose and who dissents, on a Rich console; or the same
        as JSON on a stream. Candidates are numbered by their verdicts, best first.
"""

from collections.abc import Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from adapters.console.render import (
    FEWEST_WORDS,
    candidates_table,
    dump_json,
    print_facts,
    print_question,
    print_statement,
    told_apart,
    welfare_words,
    words_beside,
)
from adapters.console.terminal import block, colour, one_line
from engine.digest import is_common
from engine.groups.jury_changes import Change
from engine.groups.jury_hearing import Dissent, Hearing
from engine.names import WelfareName
from engine.types import MIDPOINT, Mediation

SPREAD = 9  # "3.25-4.75"
MOST_AS_GOOD = 5
FEWEST_LETTERS, MOST_LETTERS = 5, 12


def print_hearing(console: Console, mediation: Mediation, hearing: Hearing) -> None:
    """All of it, the winner's words in a panel."""
    print_question(console, mediation.question)
    _print_verdicts(console, mediation, hearing)
    print_statement(console, mediation.candidates[hearing.winner].text)
    _print_uncertainty(console, hearing)
    _print_counterfactual(console, mediation, hearing)
    _print_dissent(console, hearing)
    print_facts(console, mediation)


def print_hearing_json(stream: TextIO, mediation: Mediation, hearing: Hearing) -> None:
    """The documented JSON form, for other programs."""
    dump_json(stream, as_json(mediation, hearing))


def as_json(mediation: Mediation, hearing: Hearing) -> dict[str, Any]:
    """Plain data. `winner` and the winners of other juries are places in `verdicts`, best first."""
    verdicts, place = hearing.verdicts, _places(hearing)
    return {
        "question": mediation.question,
        "jury": {
            "size": hearing.jury.size,
            "seats": {hearing.jury.attribute: dict(hearing.jury.seats)},
            "with_replacement": hearing.jury.with_replacement,
            "present": dict(hearing.present),
        },
        "welfare_function": mediation.welfare_function.model_dump(mode="json"),
        "seed": mediation.seed,
        "draws": hearing.draws,
        "uncertainty": hearing.uncertainty,
        "winner": place[hearing.winner],
        "as_good": [place[at] for at in hearing.as_good],
        "verdicts": [
            {
                "text": mediation.candidates[at].text,
                "verdict": float(verdicts.verdict[at]),
                "low": float(verdicts.low[at]),
                "high": float(verdicts.high[at]),
                "by_seat": {value: means[at] for value, means in hearing.by_seat.items()},
            }
            for at in verdicts.order
        ],
        "counterfactual": _counterfactual_as_json(hearing),
        "dissent": [_dissent_as_json(each) for each in hearing.dissent],
    }


def _counterfactual_as_json(hearing: Hearing) -> dict[str, Any]:
    other, place = hearing.counterfactual, _places(hearing)
    smallest = other.smallest and {
        "moves": [
            {"from": move.from_value, "to": move.to_value, "seats": move.seats}
            for move in other.smallest.moves
        ],
        "seats": {hearing.jury.attribute: dict(other.smallest.seats)},
        "winner": place[other.smallest.winner],
        "ahead": other.smallest.ahead,
    }
    return {
        "smallest": smallest,
        "searched": {"moves": other.moves, "heard": other.tried, "lacking_members": other.lacking},
        "winners": [{"winner": at, "juries": count} for at, count in _winners(hearing)],
        "alone": {value: place[at] for value, at in other.alone.items()},
        "everyone": place[other.everyone],
    }


def _dissent_as_json(each: Dissent) -> dict[str, Any]:
    return {
        "seat": each.value,
        "seats": each.seats,
        "mean": each.mean,
        "below": each.below,
        "against": each.against,
        "present": each.present,
        "asks": list(each.asks),
    }


# -- on the terminal -------------------------------------------------------------------------------


def _print_verdicts(console: Console, mediation: Mediation, hearing: Hearing) -> None:
    spread = {"5-95 %": SPREAD}
    means = {
        one_line(value)[:MOST_LETTERS]: max(min(len(value), MOST_LETTERS), FEWEST_LETTERS)
        for value in hearing.by_seat
    }
    figures = {**spread, **means}
    if len(means) < len(hearing.by_seat) or words_beside(console, figures) < FEWEST_WORDS:
        figures = spread if words_beside(console, spread) >= FEWEST_WORDS else {}
    table = candidates_table(console, figures, "Verdict")
    told = told_apart([candidate.text for candidate in mediation.candidates])
    verdicts = hearing.verdicts
    for number, at in enumerate(verdicts.order, 1):
        words = Text(one_line(told[at]), style="bold" if at == hearing.winner else "")
        cells = [Text(f"{verdicts.low[at]:.2f}-{verdicts.high[at]:.2f}")]
        cells += [_mean(console, means[at]) for means in hearing.by_seat.values()]
        verdict = Text(f"{verdicts.verdict[at]:.2f}", style="bold")
        table.add_row(str(number), words, verdict, *cells[: len(figures)])
    console.print(Text(_title(mediation, hearing), style="bold"))
    console.print(table)


def _mean(console: Console, mean: float) -> Text:
    return Text(f"{mean:.1f}{block(console, mean)}", style=colour(mean))


def _title(mediation: Mediation, hearing: Hearing) -> str:
    jury, function = hearing.jury, mediation.welfare_function
    seats = ", ".join(f"{count} {one_line(value)}" for value, count in jury.seats.items() if count)
    juries = "1 jury" if hearing.draws == 1 else f"{hearing.draws:,} juries"
    mean = function.name is WelfareName.UTILITARIAN
    worth = "mean rating" if mean else f"welfare ({welfare_words(function)})"
    return f"Verdicts: the median {worth} of {juries} by {one_line(jury.attribute)}: {seats}"


def _print_uncertainty(console: Console, hearing: Hearing) -> None:
    """What a winner is not told from; nothing where it stands alone, or the model does not say."""
    as_good = hearing.as_good
    if not as_good:
        return
    place = _places(hearing)
    others = ", ".join(str(place[at] + 1) for at in as_good[:MOST_AS_GOOD])
    more = f" and {len(as_good) - MOST_AS_GOOD} more" if len(as_good) > MOST_AS_GOOD else ""
    candidates = "candidate" if len(as_good) == 1 else "candidates"
    console.print(
        f"The reward model can't tell the winner from {candidates} {others}{more}: their verdicts are within"
        f" its own uncertainty, {hearing.uncertainty:.2f}.\n",
        style="yellow",
        markup=False,
        highlight=False,
    )


def _print_counterfactual(console: Console, mediation: Mediation, hearing: Hearing) -> None:
    other, place = hearing.counterfactual, _places(hearing)
    lines = [_smallest(other.smallest, place) if other.smallest else _none_found(hearing)]
    if hearing.change_is_uncertain:
        lines.append("The two verdicts are so close that the reward model can't tell which is better.")
    if other.smallest and is_common(words := mediation.candidates[other.smallest.winner].text):
        lines.append(f"  {one_line(words)}")
    if other.tried:
        counted = ", ".join(f"{count:,} choose candidate {at + 1}" for at, count in _winners(hearing))
        lines.append(f"Of {_juries(other.tried)} with other seats {counted}.")
    if other.lacking:
        lines.append(f"{_juries(other.lacking)} could not be drawn: too few members.")
    alone = [f"{one_line(value)}: candidate {place[at] + 1}" for value, at in other.alone.items()]
    lines.append(f"Each alone would choose: {', '.join(alone)}.")
    attribute = one_line(hearing.jury.attribute)
    lines.append(f"Everyone present with a {attribute}, once each: candidate {place[other.everyone] + 1}.")
    console.print(Text("With other seats", style="bold"))
    console.print(Text("\n".join(lines) + "\n"))


def _smallest(change: Change, place: Sequence[int]) -> str:
    moves = ", ".join(
        f"{_seats(move.seats)} from {one_line(move.from_value)} to {one_line(move.to_value)}"
        for move in change.moves
    )
    return f"Smallest change with another winner: {moves}. Candidate {place[change.winner] + 1} wins then."


def _none_found(hearing: Hearing) -> str:
    moves = hearing.counterfactual.moves
    if not moves:
        return "No other winner was found."
    return f"No other winner was found by moving up to {_seats(moves)}."


def _print_dissent(console: Console, hearing: Hearing) -> None:
    console.print(Text(f"Seats below the midpoint ({MIDPOINT})", style="bold"))
    lines = ["None."] if not hearing.dissent else []
    for each in hearing.dissent:
        lines.append(
            f"{one_line(each.value)} ({_seats(each.seats)}): {each.below:.1f} below (mean {each.mean:.1f});"
            f" {each.against:,} of {each.present:,} likely to disagree."
            f"{' They write:' if each.asks else ''}"
        )
        lines += [f"  - {one_line(ask)}" for ask in each.asks]
    console.print(Text("\n".join(lines) + "\n"))


def _seats(count: int) -> str:
    return "1 seat" if count == 1 else f"{count:,} seats"


def _juries(count: int) -> str:
    return "1 jury" if count == 1 else f"{count:,} juries"


def _places(hearing: Hearing) -> list[int]:
    """By a candidate's place in the mediation, its place by verdicts."""
    order = hearing.verdicts.order
    return [order.index(at) for at in range(len(order))]


def _winners(hearing: Hearing) -> list[tuple[int, int]]:
    """By verdicts' places, how many of the other juries choose which candidate, the most chosen first."""
    place = _places(hearing)
    counts = [(place[at], count) for at, count in hearing.counterfactual.winners.items()]
    return sorted(counts, key=lambda each: (-each[1], each[0]))
