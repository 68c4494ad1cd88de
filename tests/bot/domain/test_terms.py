"""What terms a question may have, and what the team decides."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.ratings import Scale
from bot.domain.team import Defaults, Team
from bot.domain.terms import ResultsShown, Terms
from engine.types import WelfareFunction

IMPOSSIBLE = {
    "a minimum of one": {"minimum_opinions": 1},
    "a quorum below the minimum": {"minimum_opinions": 5, "quorum": 4},
    "one candidate": {"candidates": 1},
    "a vote of no time": {"rating_period": timedelta(0)},
    "a reminder after the deadline": {"reminder_before": timedelta(hours=-1)},
    "no retention": {"retention_days": 0},
    "an unknown term": {"anonymus": False},
}


@pytest.mark.parametrize("terms", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_terms_are_refused(terms):
    with pytest.raises(ValidationError):
        Terms(**terms)


def test_a_quorum_may_be_the_minimum_itself():
    assert Terms(minimum_opinions=5, quorum=5).quorum == 5


def test_members_are_anonymous_unless_the_asker_says_otherwise():
    assert Terms().anonymous


TERMS = st.builds(
    Terms,
    minimum_opinions=st.integers(2, 50),
    quorum=st.none() | st.integers(50, 100),
    anonymous=st.booleans(),
    scale=st.sampled_from(Scale),
    welfare=st.sampled_from(["utilitarian", "rawlsian", "bernoulli-nash"]).map(
        lambda name: WelfareFunction(name=name)
    ),
    results_shown=st.sampled_from(ResultsShown),
    rating_period=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
    excluded_roles=st.frozensets(st.text(max_size=5), max_size=3),
)


@given(TERMS)
def test_terms_come_back_from_json_as_they_went(terms):
    assert Terms.model_validate_json(terms.model_dump_json()) == terms


@given(TERMS, st.frozensets(st.text(max_size=5), max_size=3), st.integers(1, 3650))
def test_the_team_decides_on_roles_and_retention_and_on_nothing_else(terms, roles, days):
    under = terms.under(Team(id="T1", excluded_roles=roles, retention_days=days))
    assert (under.excluded_roles, under.retention_days) == (roles, days)
    the_teams = {"excluded_roles", "retention_days"}
    assert under.model_dump(exclude=the_teams) == terms.model_dump(exclude=the_teams)


def test_every_default_but_how_long_opinions_are_open_is_a_term_of_each_question():
    assert Defaults.model_fields.keys() - Terms.model_fields.keys() == {"closes_after"}, "put it into `Usual`"
