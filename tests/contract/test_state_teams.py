"""`Teams`: settings, who changed them, and what members wish."""

import pytest

from bot.domain.errors import VersionConflictError
from bot.domain.team import CHANGES_KEPT, FieldChange, SettingsChange, Team, WhoMayAsk

ANN, BOB = ("ann",), ("bob",)


async def test_a_team_has_the_default_settings_until_some_are_saved(state):
    assert await state.teams.team("t1") == Team(id="t1")
    settings = Team(id="t1", who_may_ask=WhoMayAsk.ADMINS, excluded_roles={"guest"}, retention_days=7)
    saved = await state.teams.save_team(settings)
    assert saved == settings.model_copy(update={"version": 1})
    assert await state.teams.team("t1") == saved
    assert await state.teams.team("t2") == Team(id="t2")


async def test_what_was_changed_by_whom_is_kept_newest_first(state, sample):
    changes = [
        SettingsChange(
            user="ada",
            at=sample.time(n),
            changes=(FieldChange(field="retention_days", before="90", after=str(n)),),
        )
        for n in range(CHANGES_KEPT + 3)
    ]
    team = Team(id="t1")
    for change in changes:
        team = await state.teams.save_team(team, change)
    assert list(await state.teams.settings_changes("t1", limit=2)) == [changes[-1], changes[-2]]
    assert len(await state.teams.settings_changes("t1", limit=10_000)) == CHANGES_KEPT
    assert list(await state.teams.settings_changes("t2")) == []


async def test_of_two_changes_of_the_same_settings_the_second_is_refused_and_not_noted(states, sample):
    here, there = states
    change = SettingsChange(
        user="ada", at=sample.time(0), changes=(FieldChange(field="reminders", before="on", after="off"),)
    )
    first = await here.teams.save_team(Team(id="t1", reminders=False), change)
    for late in (Team(id="t1"), Team(id="t1", version=2)):
        with pytest.raises(VersionConflictError):
            await there.teams.save_team(late, change)
    assert await there.teams.team("t1") == first
    assert len(await there.teams.settings_changes("t1")) == 1


async def test_the_newest_wish_about_reminders_counts(state, sample):
    assert list(await state.teams.wants_reminders("t1", [ANN, BOB])) == [True, True]
    await state.teams.set_reminders("t1", ANN, False, sample.time(2))
    await state.teams.set_reminders("t1", ANN, True, sample.time(1))
    assert list(await state.teams.wants_reminders("t1", [ANN, BOB])) == [False, True]
    assert list(await state.teams.wants_reminders("t2", [ANN])) == [True]
    await state.teams.set_reminders("t1", ANN, True, sample.time(3))
    assert list(await state.teams.wants_reminders("t1", [ANN])) == [True]
    assert list(await state.teams.wants_reminders("t1", [])) == []


async def test_after_a_change_of_the_key_wishes_are_found_under_the_newest_name_that_has_any(state, sample):
    await state.teams.set_reminders("t1", ("old ann",), False, sample.time(1))
    ann, bob = ("new ann", "old ann"), ("new bob", "old bob")
    assert list(await state.teams.wants_reminders("t1", [ann, bob])) == [False, True]
    await state.teams.set_reminders("t1", ann, True, sample.time(2))
    assert list(await state.teams.wants_reminders("t1", [bob, ann])) == [True, True]
