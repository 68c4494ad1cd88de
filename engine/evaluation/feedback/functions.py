"""Welfare functions compared on statements that people rated.

Reads:  `Ratings`, with predictions for the part on choosing.
Gives:  the rated welfare of each arm's statements, and of the statement that each function would have chosen.
Refrains from drafting: the choice is among the statements of a round that the same people all rated.
Source: Bakker et al. 2022 (arXiv:2211.15006), isoelastic social welfare functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Ratings, tables
from engine.evaluation.intervals import Bootstrap, Estimate
from engine.types import (
    FIXED_ALPHA,
    HIGHEST_RATING,
    LOWEST_RATING,
    AnyArm,
    Frozen,
    WelfareFunction,
    WelfareName,
)
from engine.welfare import rank, welfare

BETWEEN = (0.5, 2.0, 4.0, 8.0)
"""Alphas beside those that have a name."""
FUNCTIONS = tuple(
    sorted(
        (
            *(WelfareFunction(name=name) for name in FIXED_ALPHA),
            *(WelfareFunction(name=WelfareName.ISOELASTIC, alpha=alpha) for alpha in BETWEEN),
        ),
        key=lambda function: function.alpha,
    )
)
"""Everything with a name, under its own. Reports know a function by its alpha: no two may have the same."""


class Choice(Frozen):
    """What a function would have chosen in every round, by predicted ratings.

    predicted, rated: the function's own welfare of its choice, by prediction and by the people.
    best, chance: the same, rated, of the best choice there was, and of a statement drawn by lot.
    mean, lowest: the people's mean and lowest rating of its choice, in which functions can be compared.
    like_utilitarian: share of rounds in which it chooses what the utilitarian function chooses.
    """

    function: WelfareFunction
    predicted: Estimate
    rated: Estimate
    best: Estimate
    chance: Estimate
    mean: Estimate
    lowest: Estimate
    like_utilitarian: Estimate


class ArmWelfare(Frozen):
    """Rated welfare of an arm's statements by each function, averaged over statements."""

    arm: AnyArm
    by_function: tuple[Estimate, ...]


class WelfareComparison(Frozen):
    """functions: in the order of rising alpha; `by_function` and `choices` follow it.

    rounds: those in which there was something to choose by predictions. choices: empty without such rounds.
    """

    functions: tuple[WelfareFunction, ...] = FUNCTIONS
    arms: tuple[ArmWelfare, ...]
    choices: tuple[Choice, ...]
    rounds: int = Field(ge=0)


@dataclass(frozen=True)
class Round:
    """What there was to choose from. predicted, rated: shape (people, statements), complete."""

    group: int
    predicted: Floats
    rated: Floats


def compare_functions(ratings: Ratings, bootstrap: Bootstrap) -> WelfareComparison:
    """The arms' welfare and the functions' choices."""
    rounds = list(choosable(ratings))
    arms = (_arm_welfare(arm, ratings.of_arm(arm), bootstrap) for arm in ratings.arms())
    return WelfareComparison(
        arms=tuple(each for each in arms if each is not None),
        choices=tuple(_choice(function, rounds, bootstrap) for function in FUNCTIONS) if rounds else (),
        rounds=len(rounds),
    )


def choosable(ratings: Ratings) -> Iterator[Round]:
    """Rounds with two statements or more that two people or more all rated, with a prediction for each."""
    for table in tables(ratings):
        predicted = np.clip(table.of(ratings.predicted), LOWEST_RATING, HIGHEST_RATING)
        people = np.isfinite(predicted).all(axis=1)
        if predicted.shape[1] > 1 and people.sum() > 1:
            rows = table.rows[people]
            yield Round(int(ratings.group[rows[0, 0]]), predicted[people], ratings.agreement[rows])


def _choice(function: WelfareFunction, rounds: list[Round], bootstrap: Bootstrap) -> Choice:
    rows = np.array([_chosen(function, each) for each in rounds])  # (rounds, 7)
    group = np.array([each.group for each in rounds])
    held = sum(each.rated.size for each in rounds)
    found = [bootstrap.mean(column, group, ratings=held) for column in rows.T]
    predicted, rated, best, chance, mean, lowest, alike = found
    return Choice(
        function=function,
        predicted=predicted,
        rated=rated,
        best=best,
        chance=chance,
        mean=mean,
        lowest=lowest,
        like_utilitarian=alike,
    )


def _chosen(function: WelfareFunction, each: Round) -> tuple[float, ...]:
    expected, given = welfare(each.predicted, function), welfare(each.rated, function)
    choice = rank(each.predicted, expected)[0]
    plain = rank(each.predicted, welfare(each.predicted, FUNCTIONS[0]))[0]
    ratings = each.rated[:, choice]
    return (
        float(expected[choice]),
        float(given[choice]),
        float(given.max()),
        float(given.mean()),
        float(ratings.mean()),
        float(ratings.min()),
        float(choice == plain),
    )


def _arm_welfare(arm: AnyArm, ratings: Ratings, bootstrap: Bootstrap) -> ArmWelfare | None:
    """Of the statements that two people or more rated; None where there is none."""
    shared = [rows for rows in ratings.by(ratings.statement) if rows.size > 1]
    if not shared:
        return None
    group = np.array([ratings.group[rows[0]] for rows in shared])
    held = sum(map(len, shared))
    by_function = []
    for function in FUNCTIONS:
        values = np.array([welfare(ratings.agreement[rows][:, None], function)[0] for rows in shared])
        by_function.append(bootstrap.mean(values, group, ratings=held))
    return ArmWelfare(arm=arm, by_function=tuple(by_function))
