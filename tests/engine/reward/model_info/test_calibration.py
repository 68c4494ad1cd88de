"""Calibration: scores become ratings, and nobody's order changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ScoringError
from engine.reward.model_info.calibration import Calibration, fit_calibration, fit_in_company


@given(scores=st.lists(st.floats(-15, 15), min_size=2, max_size=20, unique=True))
def test_ratings_lie_on_the_scale_and_keep_the_order(scores):
    ratings = Calibration(slope=0.7, offset=-0.2).ratings(np.array(scores))

    assert ((ratings >= 1) & (ratings <= 7)).all()
    ordered = ratings[np.argsort(scores)]
    assert (np.diff(ordered) >= 0).all()


def test_the_curve_that_made_the_ratings_is_found_again():
    scores = np.random.default_rng(0).normal(size=500) * 2
    true = Calibration(slope=1.3, offset=0.4)

    found = fit_calibration(scores, true.ratings(scores))

    assert found.slope == pytest.approx(1.3, abs=0.02)
    assert found.offset == pytest.approx(0.4, abs=0.02)


def test_scores_that_separate_the_ratings_perfectly_still_fit():
    found = fit_calibration(np.array([-1.0, 1.0]), np.array([1.0, 7.0]))

    assert np.isfinite(found.slope)


@pytest.mark.parametrize(
    ("scores", "ratings"),
    [([1.0, 0.0], [1.0, 7.0]), ([np.nan, 0.0], [1.0, 7.0]), ([1.0], [1.0, 7.0])],
    ids=["falling", "not finite", "another shape"],
)
def test_scores_that_cannot_be_calibrated_are_refused(scores, ratings):
    with pytest.raises(ScoringError):
        fit_calibration(np.array(scores), np.array(ratings))


def test_what_company_tells_beyond_the_score_is_found_again():
    rng = np.random.default_rng(0)
    scores, company = rng.normal(size=800) * 2, rng.normal(size=800) * 0.03
    true = Calibration(slope=0.8, offset=0.2)

    found, weight = fit_in_company(scores, company, true.ratings(scores + 9.0 / 0.8 * company))

    assert (found.slope, found.offset) == (pytest.approx(0.8, abs=0.02), pytest.approx(0.2, abs=0.02))
    assert weight == pytest.approx(9.0, abs=0.3)


def test_company_that_speaks_against_a_candidate_has_no_weight():
    scores, company = np.random.default_rng(0).normal(size=(2, 200))
    ratings = Calibration().ratings(scores - company)

    found, weight = fit_in_company(scores, company, ratings)

    assert weight == 0
    assert found == fit_calibration(scores, ratings)
