"""Participant keys, and who may do what."""

import string
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.actors import (
    SYSTEM,
    Actor,
    Pseudonyms,
    require_admin,
    require_asker,
    require_member,
    require_same_team,
    require_steward,
)
from bot.domain.deliberation import Deliberation
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import Terms
from bot.errors import PermissionDeniedError, UnknownDeliberationError

ANYTHING = st.text(st.characters() | st.sampled_from('\x1f\x00",:'), max_size=12)
PERSON = st.tuples(ANYTHING, ANYTHING, ANYTHING)


@given(PERSON, PERSON)
def test_two_people_teams_or_questions_never_share_a_participant_key(one, other):
    assume(one != other)
    keys = Pseudonyms("a secret")
    assert keys.of(*one) != keys.of(*other)


def test_a_participant_key_cannot_be_forged_by_shifting_a_boundary():
    keys = Pseudonyms("a secret")
    assert keys.of("T1", "ann\x1fd1", "d2") != keys.of("T1\x1fann", "d1", "d2")
    assert keys.of("T1", 'ann", "d1', "d2") != keys.of('T1", "ann', "d1", "d2")


@given(PERSON)
def test_a_participant_key_is_stable_and_names_nobody(person):
    key = Pseudonyms("a secret").of(*person)
    assert key == Pseudonyms("a secret").of(*person)
    assert len(key) == 32
    assert set(key) <= set(string.hexdigits)
    assert key != Pseudonyms("another secret").of(*person)


def test_participant_keys_stay_what_they_were_between_releases():
    # Opinions are found again by this key after an upgrade: it must never change.
    assert Pseudonyms("a secret").of("T1", "U1", "d1") == "3eee0cd6588876597df8990f6c0365e7"


def test_an_empty_secret_is_refused():
    with pytest.raises(ValueError):
        Pseudonyms("")


QUESTION = Deliberation(
    id="d1",
    team="T1",
    platform="web",
    channel="C1",
    facilitator="fay",
    question="Should we ban single-use plastics?",
    created_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    terms=Terms(excluded_roles=frozenset({"guest"})),
)
GUEST = frozenset({"guest", "other"})
PEOPLE = {
    "member": Actor("T1", "mel", roles=frozenset({"other"})),
    "facilitator": Actor("T1", "fay"),
    "admin": Actor("T1", "ada", admin=True),
    "guest": Actor("T1", "gus", roles=GUEST),
    "guest who asked": Actor("T1", "fay", roles=GUEST),
    "guest who is admin": Actor("T1", "ada", admin=True, roles=GUEST),
}


def allowed(rule, *about):
    """The people whom a rule lets pass."""
    passed = set()
    for name, actor in PEOPLE.items():
        with suppress(PermissionDeniedError):
            rule(actor, *about)
            passed.add(name)
    return passed


def test_everyone_but_an_excluded_role_takes_part():
    assert allowed(require_member, QUESTION) == {"member", "facilitator", "admin"}


def test_the_facilitator_and_admins_steer():
    assert allowed(require_steward, QUESTION) == {
        "facilitator",
        "admin",
        "guest who asked",
        "guest who is admin",
    }


def test_admins_change_the_settings_of_their_own_team():
    assert allowed(require_admin, "T1") == {"admin", "guest who is admin"}
    assert allowed(require_admin, "T2") == set()


def test_who_may_ask_is_for_the_team_to_say():
    everyone = Team(id="T1", excluded_roles=frozenset({"guest"}))
    admins_only = Team(id="T1", who_may_ask=WhoMayAsk.ADMINS)
    assert allowed(require_asker, everyone) == {"member", "facilitator", "admin", "guest who is admin"}
    assert allowed(require_asker, admins_only) == {"admin", "guest who is admin"}


def test_a_channel_that_is_allowed_takes_its_threads_along():
    chosen = Team(id="T1", channels=frozenset({"C1"}))
    assert "member" in allowed(require_asker, chosen, "C1")
    assert "member" in allowed(require_asker, chosen, "thread", "C1")
    assert allowed(require_asker, chosen, "thread", "C2") == set()
    assert allowed(require_asker, chosen, "C2") == set()


def test_another_teams_question_does_not_exist():
    with pytest.raises(UnknownDeliberationError):
        require_same_team(Actor("T2", "fay", admin=True), QUESTION)
    require_same_team(PEOPLE["member"], QUESTION)


def test_the_clock_acts_in_every_team():
    require_same_team(SYSTEM, QUESTION)
    require_steward(SYSTEM, QUESTION)
    require_admin(SYSTEM, "T1")
