"""The plan of a study: who answers which questions, and in which order each question's arms are shown.

Reads:  questions with their position statements, how many people there are, the arms, and a seed.
Gives:  a `StudyPlan`, and the same as a file; `accord study start` makes its deliberations.
Everything that is left to chance follows from the seed, which is recorded, and is dealt evenly rather than
drawn: each question, each side of the position statement and each arm at each place comes as often as any
other, to within one. Plain data and no models, so that the application can read a plan.
Source: the human evaluation of Bakker et al. 2022 (arXiv:2211.15006), section 2.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Self

from pydantic import Field, ValidationError, model_validator

from engine.error_text import refused
from engine.errors import FeedbackError
from engine.text import formula_safe, separator_of
from engine.types import REVISABLE, AnyArm, Arm, Frozen, revised_from

COMPARABLE = tuple(arm for arm in Arm if arm is not Arm.CHOSEN)
"""What a study can compare, next to `model:NAME` for any model."""
ARMS = tuple(arm for arm in COMPARABLE if arm is not Arm.REVISED)
"""What it compares unless something else is said: all that takes one vote."""
SMALLEST, LARGEST = 4, 5
QUESTIONS_EACH = 5
SCHEMA = 1


class StudyQuestion(Frozen):
    """A question with the two statements that can be its baseline."""

    question: str = Field(min_length=1)
    affirming: str = Field(min_length=1)
    negating: str = Field(min_length=1)


class Sitting(Frozen):
    """One group on one question.

    group, size: who sits together, over all of its questions, and how many they are.
    place:       of the question in the group's order, from 1.
    position_statement: what is rated before the deliberation.
    arms:        in the order that members' orders are turned from (`bot.domain.study.ordered_for`).
    seed:        what is random within this deliberation follows from it.
    """

    group: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    size: int = Field(ge=SMALLEST, le=LARGEST)
    place: int = Field(ge=1)
    question: str = Field(min_length=1)
    position_statement: str = Field(min_length=1)
    arms: tuple[AnyArm, ...] = Field(min_length=1)
    seed: int = Field(ge=0)

    @model_validator(mode="after")
    def _arms_differ(self) -> Self:
        if (wrong := _wrong_with(self.arms)) is not None:
            raise ValueError(wrong)
        return self


class StudyPlan(Frozen):
    """id names the study in the feedback; seed is what the plan was made from."""

    schema_version: int = Field(default=SCHEMA, ge=SCHEMA, le=SCHEMA)
    id: str = Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")
    seed: int = Field(ge=0)
    sittings: tuple[Sitting, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_sitting_once(self) -> Self:
        if len({(each.group, each.place) for each in self.sittings}) < len(self.sittings):
            raise ValueError("a group has one question at each place")
        return self

    @property
    def people(self) -> int:
        """How many take part."""
        return sum({each.group: each.size for each in self.sittings}.values())


def plan_study(
    questions: Sequence[StudyQuestion],
    *,
    id: str,
    people: int,
    questions_each: int = QUESTIONS_EACH,
    arms: Sequence[AnyArm] = ARMS,
    seed: int = 0,
) -> StudyPlan:
    """Deal people into groups of 4 or 5, and questions, sides and orders to the groups.

    Args:
        questions: of which each group gets `questions_each`, none twice.

    Raises:
        ValueError: the people make no such groups, there are too few questions, an arm is there twice, or
            there is nothing to revise.
    """
    sizes = group_sizes(people)
    if not 1 <= questions_each <= len(questions):
        raise ValueError(f"each group needs 1 question or more, and at most the {len(questions)} there are")
    if (wrong := _wrong_with(arms)) is not None:
        raise ValueError(wrong)
    rng = Random(f"{seed}/study plan")  # noqa: S311 - repeatable on purpose
    rng.shuffle(sizes)
    deck = rng.sample(questions, len(questions))
    count = len(sizes) * questions_each
    orders = turned(arms, rng)
    sides = dealt((True, False), rng)
    sittings = [
        _sitting(number, questions_each, sizes, deck[number % len(deck)], affirms, order, rng)
        for number, affirms, order in zip(range(count), sides, orders, strict=False)
    ]
    return StudyPlan(id=id, seed=seed, sittings=tuple(sittings))


def _wrong_with(arms: Sequence[AnyArm]) -> str | None:
    """Why these cannot be compared, in words; None where they can."""
    if not arms or len(set(arms)) < len(arms) or Arm.CHOSEN in arms:
        return f"a study compares each arm once, of: {', '.join(COMPARABLE)}, model:NAME"
    if Arm.REVISED in arms and revised_from(arms) is None:
        return f"the arm revised needs a statement to revise: add one of {', '.join(REVISABLE)}"
    return None


def _sitting(
    number: int,
    questions_each: int,
    sizes: Sequence[int],
    asked: StudyQuestion,
    affirms: bool,
    order: tuple[AnyArm, ...],
    rng: Random,
) -> Sitting:
    group, place = divmod(number, questions_each)
    return Sitting(
        group=f"g{group + 1:03d}",
        size=sizes[group],
        place=place + 1,
        question=asked.question,
        position_statement=asked.affirming if affirms else asked.negating,
        arms=order,
        seed=rng.getrandbits(48),
    )


def group_sizes(people: int) -> list[int]:
    """Groups of 4 and 5, as few as possible. Raises ValueError where so many people make none."""
    groups = -(-people // LARGEST)
    if people < SMALLEST or people < groups * SMALLEST:
        raise ValueError(f"{people} people cannot be put into groups of {SMALLEST} or {LARGEST}")
    larger = people - groups * SMALLEST
    return [LARGEST] * larger + [SMALLEST] * (groups - larger)


def turned(arms: Sequence[AnyArm], rng: Random) -> Iterator[tuple[AnyArm, ...]]:
    """Orders of the arms without end; of any number of them, each arm stands at each place equally often.

    To within one: an order is turned once to each start, in a drawn sequence, before another is drawn.
    """
    while True:
        order = rng.sample(arms, len(arms))
        for start in rng.sample(range(len(order)), len(order)):
            yield (*order[start:], *order[:start])


def dealt(sides: Sequence[bool], rng: Random) -> Iterator[bool]:
    """The sides without end, each once in a drawn sequence before either comes again."""
    while True:
        yield from rng.sample(sides, len(sides))


# -- files ---------------------------------------------------------------------------------------

COLUMNS = ("study", "study_seed", *Sitting.model_fields)


def plan_as_text(plan: StudyPlan, path: Path) -> str:
    """What a file of this ending holds: .json, or .csv with a row for each sitting."""
    return _as_csv(plan) if _is_csv(path) else plan.model_dump_json(indent=2) + "\n"


def read_plan(path: Path) -> StudyPlan:
    """Read a plan back.

    Raises:
        FeedbackError: the file cannot be read or holds no plan; says where.
        ValueError: its ending is another one.
    """
    csv_there = _is_csv(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _from_csv(text) if csv_there else StudyPlan.model_validate_json(text)
    except OSError as exc:
        raise FeedbackError(f"{path}: it cannot be read ({exc.strerror}); check the path.") from None
    except ValidationError as exc:
        raise FeedbackError(f"{path}: no plan of a study: {refused(exc)}.") from None
    except (ValueError, KeyError, csv.Error):
        raise FeedbackError(f"{path}: no plan of a study; make one with `accord study plan`.") from None


def read_study_questions(path: Path) -> list[StudyQuestion]:
    """Questions with their two position statements: a JSON list of objects as `accord questions` prints.

    Raises:
        FeedbackError: the file holds something else.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        return [
            StudyQuestion(
                question=row["question"],
                affirming=row.get("affirming") or row["affirming_statement"],
                negating=row.get("negating") or row["negating_statement"],
            )
            for row in rows
        ]
    except OSError as exc:
        raise FeedbackError(f"{path}: it cannot be read ({exc.strerror}); check the path.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FeedbackError(
            f"{path}: not a JSON list of questions, each with question, affirming and negating."
        ) from None


def _is_csv(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending not in (".json", ".csv"):
        raise ValueError(f"{path}: a plan is a .json or a .csv file; give it one of these endings")
    return ending == ".csv"


def _as_csv(plan: StudyPlan) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for each in plan.sittings:
        said = each.model_dump(mode="json") | {"arms": " ".join(each.arms)}
        cells = (plan.id, plan.seed, *said.values())
        rows.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith("'") else formula_safe(text)


def _from_csv(text: str) -> StudyPlan:
    rows = csv.DictReader(
        io.StringIO(text, newline=""), strict=True, delimiter=separator_of(text.partition("\n")[0])
    )
    said = [{name: cell.removeprefix("'") for name, cell in row.items()} for row in rows]
    about = {(row.pop("study"), row.pop("study_seed")) for row in said}
    ((id_, seed),) = about
    return StudyPlan.model_validate(
        {
            "id": id_,
            "seed": seed,
            "sittings": [row | {"arms": row["arms"].split()} for row in said],
        }
    )
