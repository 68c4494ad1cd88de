"""The input and output of `accord score`: JSON Lines in, the same lines with a `reward` out.

Reads:  `{question, opinion, candidate}` a line, from a file or standard input; other fields are passed on.
Gives:  each line with `reward`, the expected rating (1..7) of that opinion's author, in the order they came.
Lines are scored a few hundred at a time, so a file may be larger than memory; a bad line ends the work with
`InputError`, which names the line and quotes nothing of it. What was printed before it stands. Reading
opinions is timed apart from scoring, where the model does the two apart.
"""

import json
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.console.files import InputError
from engine.closeness import in_company, weight_of
from engine.ports import RewardModel
from engine.reward.scoring.scorer import RoundScorer
from engine.types import OnProgress, Progress, Stage, no_progress

LINES_AT_ONCE = 512
MOST_AT_ONCE = 8 * LINES_AT_ONCE
"""Lines of one question that follow one another are scored together up to here: candidates are weighed by the
company that they are in."""
MOST_PAIRS = 2
"""Scored at most for each line that asks for one: a text is dearer to read than a pair is to score."""
LONGEST_LINE = 1_000_000
_HALVES = re.compile("[\ud800-\udfff]")


class Line(BaseModel):
    """One line as it came."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, hide_input_in_errors=True)

    question: str
    opinion: str
    candidate: str


Numbered = tuple[int, Line]


@dataclass
class Spent:
    """What `score_lines` has done so far: seconds, and opinions that were read apart from scoring.

    expected: opinions of the lines that have been looked at.
    """

    read_s: float = 0.0
    score_s: float = 0.0
    opinions: int = 0
    expected: int = 0


async def score_lines(
    model: RewardModel,
    source: str,
    stdin: BinaryIO | None = None,
    spent: Spent | None = None,
    on_progress: OnProgress = no_progress,
) -> AsyncIterator[str]:
    """Each line with its reward, as JSON.

    `spent` is kept up to date, and `on_progress` hears how many opinions are read.

    Raises:
        InputError: a line cannot be used, or the file cannot be read.
        ScoringError: the model could not score.
    """
    work = _Work(model, spent or Spent(), on_progress)
    with _opened(source, stdin) as file:
        lines = _lines(file, "standard input" if source == "-" else source)
        for some in _batches(lines):
            for line, reward in zip(some, await _rewards(work, some), strict=True):
                yield _json(line.model_dump() | {"reward": round(reward, 6)})


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """A few hundred lines at a time, cut where a question ends."""
    batch: list[Line] = []
    for line in lines:
        full = len(batch) >= LINES_AT_ONCE and line.question != batch[-1].question
        if full or len(batch) >= MOST_AT_ONCE:
            yield batch
            batch = []
        batch.append(line)
    if batch:
        yield batch


def _json(fields: dict[str, Any]) -> str:
    """On one line, readable; escaped where a text holds half of a character, which no file can."""
    readable = json.dumps(fields, ensure_ascii=False)
    return json.dumps(fields) if _HALVES.search(readable) else readable


async def _rewards(work: "_Work", lines: Sequence[Line]) -> list[float]:
    """The lines' rewards; those of one question are scored together."""
    rewards = [0.0] * len(lines)
    groups = _groups(lines)
    work.spent.expected += sum(len({line.opinion for _, line in group}) for group in groups)
    for group in groups:
        for place, reward in await _table(work, group):
            rewards[place] = reward
    return rewards


def _groups(lines: Sequence[Line]) -> list[list[Numbered]]:
    """Lines of one question, and of one opinion where a table would hold much that nobody asks for."""
    found: list[list[Numbered]] = []
    for asked in _grouped(list(enumerate(lines)), lambda line: line.question):
        found += [asked] if _is_dense(asked) else _grouped(asked, lambda line: line.opinion)
    return found


def _grouped(lines: Sequence[Numbered], key: Callable[[Line], str]) -> list[list[Numbered]]:
    groups: dict[str, list[Numbered]] = {}
    for place, line in lines:
        groups.setdefault(key(line), []).append((place, line))
    return list(groups.values())


def _is_dense(lines: Sequence[Numbered]) -> bool:
    """Whether a table of all opinions and all candidates holds few pairs that no line asks for."""
    opinions = {line.opinion for _, line in lines}
    candidates = {line.candidate for _, line in lines}
    return len(opinions) * len(candidates) <= MOST_PAIRS * len(lines)


@dataclass
class _Work:
    """A model at work on the lines."""

    model: RewardModel
    spent: Spent
    on_progress: OnProgress

    async def table(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Any:
        """Expected ratings, shape (opinions, candidates)."""
        spent, before, began = self.spent, self.spent.opinions, time.monotonic()

        def on_read(done: int, total: int) -> None:
            spent.opinions = before + done
            self.on_progress(Progress(Stage.READ, spent.opinions, spent.expected))

        scorer = RoundScorer(self.model, question, opinions)
        await scorer.read_ahead(on_read)
        read = time.monotonic()
        rewards = await scorer.score(candidates)
        spent.read_s += read - began
        spent.score_s += time.monotonic() - read
        return in_company(rewards, candidates, opinions, weight=weight_of(self.model))


async def _table(work: _Work, group: Sequence[Numbered]) -> list[tuple[int, float]]:
    """Every text of one question is read once, however many lines it is in."""
    opinions = list(dict.fromkeys(line.opinion for _, line in group))
    candidates = list(dict.fromkeys(line.candidate for _, line in group))
    table = await work.table(group[0][1].question, opinions, candidates)
    row = {opinion: at for at, opinion in enumerate(opinions)}
    column = {candidate: at for at, candidate in enumerate(candidates)}
    return [(place, float(table[row[line.opinion]][column[line.candidate]])) for place, line in group]


@contextmanager
def _opened(source: str, stdin: BinaryIO | None) -> Iterator[Iterable[bytes]]:
    if source == "-":
        yield stdin or sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 (closed below; only opening may fail like this)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "not a usable path"
        raise InputError(
            f"{source or 'an empty path'}: it cannot be read ({reason}); check the path."
        ) from None
    with file:
        yield file


def _lines(file: Iterable[bytes], name: str) -> Iterator[Line]:
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        where = f"{name}: line {number}"
        if len(raw) > LONGEST_LINE:
            raise InputError(f"{where} is longer than {LONGEST_LINE:,} bytes; shorten it.")
        try:
            line = Line.model_validate(_read(raw.decode("utf-8-sig" if number == 1 else "utf-8")))
        except UnicodeDecodeError:
            raise InputError(f"{where} is not UTF-8 text; save the file as UTF-8.") from None
        except ValidationError:
            raise InputError(f"{where} needs question, opinion and candidate, each a text.") from None
        except (ValueError, RecursionError):
            raise InputError(f"{where} is not JSON; write one object a line.") from None
        if not (line.question.strip() and line.opinion.strip() and line.candidate.strip()):
            raise InputError(f"{where} has an empty question, opinion or candidate; fill it in.")
        yield line


def _read(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    """NaN and the infinities are Python's JSON alone: what reads our output would refuse them."""
    raise ValueError(name)
