"""The files of a corpus: rounds, sets of options, and conditions, as typed lines.

Reads:  `rounds.jsonl`, `options.jsonl` and `conditions.jsonl` of a folder, one JSON object a line.
Gives:  `Corpus`, whole or one split of it.
Refrains from trusting them: tables of another shape than their texts, an id that is there twice and a topic
        on two sides of the split are refused, with the file and the line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, TypeVar

import numpy as np
from pydantic import Field, StringConstraints, ValidationError, model_validator

from engine.arrays import Floats
from engine.error_text import refused
from engine.errors import CorpusError, NoCorpusError
from engine.evaluation.accuracy.suites import RatedRound
from engine.question_kinds import QuestionKind
from engine.text import normalised
from engine.types import HIGHEST_RATING, LOWEST_RATING, Frozen

SHIPPED_CORPUS = Path(__file__).parents[2] / "training" / "corpus"
"""The corpus that comes with Accord; its card is beside its files."""
ROUNDS, OPTIONS, CONDITIONS = "rounds.jsonl", "options.jsonl", "conditions.jsonl"


class Split(StrEnum):
    """What a line is for: to learn from, to choose by, or to be looked at once."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


class Sort(StrEnum):
    """What a round's statements are: of many kinds, good and bad, or all of them earnest drafts."""

    KINDS = "kinds"
    DRAFTS = "drafts"


class StatementKind(StrEnum):
    """What a statement was written as; those who rated it did not know."""

    GOOD = "good"
    COLLAGE = "collage"
    PLEASANTRY = "pleasantry"
    CONTRADICTION = "contradiction"
    VIOLATION = "violation"
    WRONG_REASONS = "wrong_reasons"
    INVENTED = "invented"
    PARTISAN = "partisan"
    OFF_TOPIC = "off_topic"
    REFUSAL = "refusal"
    DRAFT = "draft"


class Domain(StrEnum):
    """Where a question comes from."""

    EVERYDAY = "everyday"
    PUBLIC = "public"


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Rating = Annotated[int, Field(strict=True, ge=LOWEST_RATING, le=HIGHEST_RATING)]
Ratings = tuple[tuple[Rating, ...], ...]


class Opinion(Frozen):
    """One member's own words."""

    participant: Text
    text: Text


class Statement(Frozen):
    """One statement that was put to the group."""

    text: Text
    kind: StatementKind


class SecondRating(Frozen):
    """The same tables by another rater, who did not see the first."""

    rater: Text
    ratings: Ratings
    quality: tuple[Rating, ...]


class CorpusRound(Frozen):
    """A question, what members said, statements, and how far each member would agree with each.

    ratings: shape (members, statements), 1..7; quality: one for each statement, 1..7.
    """

    id: Text
    sort: Sort
    domain: Domain
    form: QuestionKind
    topic: Text
    writer: Text
    split: Split
    question: Text
    opinions: tuple[Opinion, ...] = Field(min_length=2)
    statements: tuple[Statement, ...] = Field(min_length=2)
    ratings: Ratings
    quality: tuple[Rating, ...]
    rater: Text
    second: SecondRating | None = None

    @model_validator(mode="after")
    def _tables_fit(self) -> Self:
        for table in (self, self.second):
            if table is not None and not self._fits(table.ratings, table.quality):
                raise ValueError(
                    f"there are {len(self.opinions)} opinions and {len(self.statements)} statements; ratings "
                    "need a row for each opinion with a number for each statement, quality such a row"
                )
        return self

    @model_validator(mode="after")
    def _kinds_fit(self) -> Self:
        kinds = {statement.kind for statement in self.statements}
        if self.sort is Sort.DRAFTS and kinds != {StatementKind.DRAFT}:
            raise ValueError("in a round of drafts every statement's kind is draft")
        if self.sort is Sort.KINDS and (StatementKind.DRAFT in kinds or StatementKind.GOOD not in kinds):
            raise ValueError("a round of kinds has a good statement, and none of the kind draft")
        return self

    @model_validator(mode="after")
    def _everybody_is_there_once(self) -> Self:
        if len({opinion.participant for opinion in self.opinions}) < len(self.opinions):
            raise ValueError("a participant is there twice; give each opinion another one")
        return self

    def _fits(self, ratings: Ratings, quality: Sequence[int]) -> bool:
        columns = len(self.statements)
        rows_fit = len(ratings) == len(self.opinions) and all(len(row) == columns for row in ratings)
        return rows_fit and len(quality) == columns

    @property
    def texts(self) -> tuple[str, ...]:
        """The statements' words."""
        return tuple(statement.text for statement in self.statements)

    @property
    def table(self) -> Floats:
        """The first rater's ratings, shape (members, statements)."""
        return np.array(self.ratings, dtype=np.float64)

    def rated(self) -> RatedRound:
        """The round as the other suites know it."""
        said = tuple(opinion.text for opinion in self.opinions)
        return RatedRound(self.question, said, self.texts, self.table)


class OptionSet(Frozen):
    """Opinion k wants what statement k says, and no other."""

    id: Text
    form: QuestionKind
    topic: Text
    question: Text
    split: Split
    opinions: tuple[Text, ...] = Field(min_length=2)
    statements: tuple[Text, ...]

    @model_validator(mode="after")
    def _one_statement_each(self) -> Self:
        if len(self.opinions) != len(self.statements):
            raise ValueError("opinions and statements differ in number; opinion k wants statement k")
        return self


class ConditionStatements(Frozen):
    """Three statements for one opinion: its condition met, broken, and not spoken of."""

    met: Text
    broken: Text
    silent: Text


class ConditionSet(Frozen):
    """Opinions that would go along under a condition of their own, and statements for each."""

    id: Text
    topic: Text
    question: Text
    split: Split
    opinions: tuple[Text, ...] = Field(min_length=1)
    statements: tuple[ConditionStatements, ...]

    @model_validator(mode="after")
    def _statements_for_each(self) -> Self:
        if len(self.opinions) != len(self.statements):
            raise ValueError("opinions and statements differ in number; each opinion has its own three")
        return self


Line = TypeVar("Line", CorpusRound, OptionSet, ConditionSet)


@dataclass(frozen=True)
class Corpus:
    """Everything that was read, in the order of the files."""

    rounds: tuple[CorpusRound, ...]
    options: tuple[OptionSet, ...] = ()
    conditions: tuple[ConditionSet, ...] = ()

    def of(self, split: Split | str) -> Self:
        """One split of it."""
        return replace(
            self,
            rounds=tuple(each for each in self.rounds if each.split == split),
            options=tuple(each for each in self.options if each.split == split),
            conditions=tuple(each for each in self.conditions if each.split == split),
        )

    @property
    def pairs(self) -> int:
        """Pairs of an opinion and a statement that a model is asked about."""
        rounds = sum(len(each.opinions) * len(each.statements) for each in self.rounds)
        options = sum(len(each.opinions) * len(each.statements) for each in self.options)
        return rounds + options + sum(3 * len(each.opinions) for each in self.conditions)

    def of_sort(self, sort: Sort) -> tuple[CorpusRound, ...]:
        """The rounds of one sort."""
        return tuple(each for each in self.rounds if each.sort is sort)


def read_corpus(folder: Path = SHIPPED_CORPUS) -> Corpus:
    """Read the three files of a corpus.

    Raises:
        NoCorpusError: a file is not there.
        CorpusError: a file cannot be read, or a line does not belong; names the file and the line.
    """
    seen = _Seen()
    return Corpus(
        rounds=tuple(_read(folder / ROUNDS, CorpusRound, seen)),
        options=tuple(_read(folder / OPTIONS, OptionSet, seen)),
        conditions=tuple(_read(folder / CONDITIONS, ConditionSet, seen)),
    )


def _read(path: Path, kind: type[Line], seen: "_Seen") -> Iterator[Line]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise NoCorpusError(
            f"{path}: it is not there; a corpus is a folder with {ROUNDS}, {OPTIONS} and {CONDITIONS}."
        ) from None
    except OSError as exc:
        raise CorpusError(f"{path}: it cannot be read ({exc.strerror}); check the path.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        try:
            found = kind.model_validate_json(line)
        except ValidationError as exc:
            raise CorpusError(f"{where}: {refused(exc)}.") from None  # its cause quotes the line
        seen.check(found, where)
        yield found


class _Seen:
    """Ids, and the split of each topic, over all files."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._splits: dict[str, tuple[Split, str]] = {}

    def check(self, line: CorpusRound | OptionSet | ConditionSet, where: str) -> None:
        if line.id in self._ids:
            raise CorpusError(f"{where}: its id is there twice; give it another one.")
        self._ids.add(line.id)
        split, first = self._splits.setdefault(normalised(line.topic), (line.split, where))
        if split is not line.split:
            raise CorpusError(
                f"{where}: its topic is in {line.split} here and in {split} at {first}; keep a topic in one "
                "split."
            )
