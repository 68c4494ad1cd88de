"""One mediation in the terminal, and the ratings that are simulated for it."""

import re
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.deliberate import deliberate
from adapters.console.progress import ProgressBar, time_left
from adapters.console.sample import sample
from adapters.console.simulate import simulated_ratings
from engine.errors import TooFewCandidatesError
from engine.types import Mediation, MediationRequest, OnProgress, Progress, Stage, Written


class StepMediator:
    """Reports its progress and gives a fixed mediation, or fails half-way."""

    def __init__(self, outcome: Mediation | Exception) -> None:
        self._outcome = outcome

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        on_progress(Progress(Stage.DRAFT, 16, 16))
        on_progress(Progress(Stage.SCORE, 8, 16))
        if isinstance(self._outcome, Exception):
            raise self._outcome
        on_progress(Progress(Stage.SCORE, 16, 16))
        return self._outcome


async def test_the_mediation_is_given_back_and_its_progress_shown(screen, a_mediation):
    errors = screen()
    assert await deliberate(StepMediator(a_mediation()), sample(), errors.console) == a_mediation()
    drafting, scoring = errors.text().splitlines()
    assert drafting.startswith("Drafting candidates")
    assert scoring.startswith("Predicting agreement")
    assert scoring.rstrip().endswith("16/16")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (Written(), "3/16"),
        (Written(tokens=1_412, per_s=9.6), "3/16  1,412 tokens, 10 a second"),
        (Written(tokens=1, per_s=0.4), "3/16  1 token"),
        (Written(tokens=7, trouble="overloaded"), "3/16  the model is overloaded; trying again"),
    ],
    ids=["nothing", "tokens", "one", "trouble"],
)
async def test_how_a_language_model_gets_on_stands_behind_the_drafts(screen, a_mediation, written, told):
    class Slow(StepMediator):
        async def mediate(self, request, on_progress):
            on_progress(Progress(Stage.DRAFT, 3, 16, written))
            return self._outcome

    errors = screen()
    await deliberate(Slow(a_mediation()), sample(), errors.console)
    assert errors.text().rstrip().endswith(told)


async def test_a_failure_ends_the_progress_and_is_passed_on(screen):
    errors = screen()
    with pytest.raises(TooFewCandidatesError):
        await deliberate(StepMediator(TooFewCandidatesError("too few")), sample(), errors.console)
    assert "8/16" in errors.text()


@given(seed=st.integers(), people=st.integers(1, 20))
def test_a_simulated_rating_is_on_the_scale_for_each_participant(seed, people, a_mediation):
    mediation = a_mediation(people)
    ratings = simulated_ratings(mediation, seed=seed)
    assert list(ratings) == list(mediation.participants)
    assert set(ratings.values()) <= set(range(1, 8))


def test_the_same_seed_gives_the_same_ratings_and_another_gives_others(a_mediation):
    mediation = a_mediation(50)
    assert simulated_ratings(mediation, seed=1) == simulated_ratings(mediation, seed=1)
    assert simulated_ratings(mediation, seed=1) != simulated_ratings(mediation, seed=2)


def test_simulated_ratings_follow_the_predictions(a_mediation):
    mediation = a_mediation(400)
    ratings = list(simulated_ratings(mediation, seed=0).values())
    assert mean(ratings[:100]) < 2.5
    assert mean(ratings[-100:]) > 5.5


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "about 1 s left"), (59, "about 59 s left"), (61, "about 2 min left")]
)
def test_the_time_that_a_stage_still_takes_is_told_in_round_figures(seconds, told):
    assert time_left(seconds) == told


def test_a_stage_that_has_a_pace_says_how_long_it_is_going_to_take(screen):
    shown = screen(FORCE_COLOR="1", TTY_COMPATIBLE="1", COLUMNS="120")
    bars = ProgressBar(shown.console)

    for done in (0, 1_000, 2_000):
        bars.show("Reading opinions", done, 10_000)
    bars.close()

    assert re.search(r"2000/10000 .*about 1 s left", shown.text())
