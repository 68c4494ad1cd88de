"""Participant keys, and who may do what."""

import string
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.actors import (
    Actor,
    Pseudonyms,
    require_admin,
    require_asker,
    require_member,
    require_same_team,
    require_steward,
)
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PermissionDeniedError, UnknownDeliberationError
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import Terms

ANYTHING = st.text(st.characters() | st.sampled_from('\x1f\x00",:'), max_size=12)
PERSON = st.tuples(ANYTHING, ANYTHING, ANYTHING)


def key_of(team, user, deliberation_id, *secrets, key_id=""):
    """The participant key of a person in a deliberation that says with which secret key it began."""
    question = QUESTION.model_copy(update={"team": team, "id": deliberation_id, "key_id": key_id})
    return Pseudonyms(*(secrets or ["a secret"])).of(question, user)


@given(PERSON, PERSON)
def test_two_people_teams_or_questions_never_share_a_participant_key(one, other):
    assume(one != other)
    assert key_of(*one) != key_of(*other)


def test_a_participant_key_cannot_be_forged_by_shifting_a_boundary():
    assert key_of("T1", "ann\x1fd1", "d2") != key_of("T1\x1fann", "d1", "d2")
    assert key_of("T1", 'ann", "d1', "d2") != key_of('T1", "ann', "d1", "d2")


@given(PERSON)
def test_a_participant_key_is_stable_and_names_nobody(person):
    key = key_of(*person)
    assert key == key_of(*person)
    assert len(key) == 32
    assert set(key) <= set(string.hexdigits)
    assert key != key_of(*person, "another secret")


def test_participant_keys_stay_what_they_were_between_releases():
    # Opinions are found again by this key after an upgrade: it must never change.
    assert key_of("T1", "U1", "d1") == "3eee0cd6588876597df8990f6c0365e7"


PERSON_1 = ("T1", "U1", "d1")


def test_a_question_stays_with_the_key_that_it_began_with():
    begun = Pseudonyms("first key").newest
    there = key_of(*PERSON_1, "first key", key_id=begun)
    assert key_of(*PERSON_1, "third key", "second key", "first key", key_id=begun) == there
    assert key_of(*PERSON_1, "third key", "second key", "first key") == there  # begun before that was noted
    assert key_of(*PERSON_1, "second key", key_id=begun) != there


def test_a_question_whose_key_is_missing_is_known_to_be_one():
    keys = Pseudonyms("second key", "first key")
    known = [Pseudonyms(secret).newest for secret in ("first key", "second key", "third key")]
    questions = [QUESTION.model_copy(update={"key_id": each}) for each in ("", *known)]
    assert [keys.knows_key_of(question) for question in questions] == [True, True, True, False]


def test_the_name_of_a_key_gives_nothing_of_it_away():
    assert set(Pseudonyms("first key").newest) <= set(string.hexdigits)
    assert Pseudonyms("first key").newest != Pseudonyms("second key").newest


@pytest.mark.parametrize("secrets", [(), ("",), ("a secret", "")])
def test_an_empty_secret_is_refused(secrets):
    with pytest.raises(ValueError):
        Pseudonyms(*secrets)


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
