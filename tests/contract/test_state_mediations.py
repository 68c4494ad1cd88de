"""`Mediations`: the first one of a round stays, and so do a study's statements."""

import pytest

from adapters.redis.keys import DeliberationKeys
from bot.domain.errors import UnknownDeliberationError, VersionConflictError
from bot.domain.kept_mediation import in_sum
from bot.domain.model_notice import ModelNotice
from engine.types import JuryHeard
from tests.state import on_server


async def test_the_first_mediation_of_a_round_stays(states, sample):
    await states[0].deliberations.add(sample.deliberation(phase="mediating"))
    assert await states[0].mediations.mediation("d1", 1) is None
    first, second = sample.mediation(), sample.mediation(("ann",))
    assert await states[0].mediations.keep_mediation("d1", 1, first) == first
    assert await states[1].mediations.keep_mediation("d1", 1, second) == first
    assert await states[1].mediations.mediation("d1", 1) == first


async def test_which_models_made_a_mediation_is_kept_with_it_and_is_no_part_of_what_is_public(states, sample):
    await states[0].deliberations.add(sample.deliberation(phase="mediating"))
    drafter = ModelNotice(drafter="m-1 on a.org", drafter_at=("a.org",))
    await states[0].mediations.keep_mediation("d1", 1, sample.mediation(), drafter=drafter)
    # The first one stays, whatever another worker made meanwhile with models of its own.
    kept = await states[1].mediations.keep_mediation("d1", 1, sample.mediation(), drafter=ModelNotice())
    assert kept.drafter == drafter
    await states[0].mediations.reword("d1", 1, kept.statement, "Let us mend.")
    assert (await states[1].mediations.mediation("d1", 1)).drafter == drafter
    assert "drafter" not in kept.public()


async def test_how_juries_chose_is_kept_and_stays_when_somebody_is_forgotten(state, sample):
    await state.deliberations.add(sample.deliberation(phase="mediating"))
    jury = JuryHeard(
        attribute="Team", seats={"sales": 3}, with_replacement=True, draws=100, spread=((4.0, 5.0),)
    )
    made = sample.mediation(("ann", "bob")).model_copy(update={"jury": jury, "uncertainty": 0.1})
    await state.mediations.keep_mediation("d1", 1, made)
    kept = await state.mediations.mediation("d1", 1)
    assert (kept.jury, kept.uncertainty) == (jury, 0.1)
    assert (await state.mediations.in_sum("d1", 1)).jury == kept.without("ann").jury == jury


async def test_a_mediation_of_ten_thousand_participants_is_kept(state, sample):
    await state.deliberations.add(sample.deliberation(phase="mediating"))
    mediation = sample.mediation([f"{n:032}" for n in range(10_000)], candidates=16)
    await state.mediations.keep_mediation("d1", 1, mediation)
    assert await state.mediations.mediation("d1", 1) == mediation
    summed = await state.mediations.in_sum("d1", 1)
    assert summed == in_sum(mediation)
    assert len(summed.model_dump_json()) < 10_000


@pytest.mark.redis
async def test_a_mediation_that_an_earlier_version_kept_whole_is_read_reworded_and_erased_from(
    redis_clients, sample
):
    state = on_server(redis_clients[0])
    await state.deliberations.add(sample.rated())
    await state.contributions.put_rating("d1", 1, sample.rating("bob"))
    made = sample.mediation()
    await redis_clients[0].set(DeliberationKeys("d1").mediation(1), made.model_dump_json())

    assert await state.mediations.mediation("d1", 1) == made
    assert await state.mediations.in_sum("d1", 1) == in_sum(made)
    assert await state.mediations.reword("d1", 1, made.statement, "Let us mend.")
    await state.contributions.erase_participant("d1", "bob", sample.time(60))
    left = made.reworded("Let us mend.").without("bob")
    assert await state.mediations.mediation("d1", 1) == left
    assert await state.mediations.in_sum("d1", 1) == in_sum(left)


async def test_a_mediation_that_was_dropped_makes_room_for_another(state, sample):
    await state.deliberations.add(sample.deliberation())
    first, second = sample.mediation(), sample.mediation(("ann",))
    await state.mediations.keep_mediation("d1", 1, first)

    await state.mediations.drop("d1", 1)
    await state.mediations.drop("d1", 1)

    assert await state.mediations.mediation("d1", 1) is None
    assert await state.mediations.keep_mediation("d1", 1, second) == second


async def test_what_was_drafted_after_another_closing_is_not_kept(state, sample):
    asked = await state.deliberations.add(sample.deliberation(terms=sample.study))
    drafting = await state.deliberations.save(asked.closed(sample.time(5.5)))
    keep, keep_arms = state.mediations.keep_mediation, state.mediations.keep_statements
    made, arms = sample.mediation(), [sample.statement()]

    async def refused(closed_at):
        for late in (
            keep("d1", 1, made, closed_at=closed_at),
            keep_arms("d1", 1, arms, closed_at=closed_at),
        ):
            with pytest.raises(VersionConflictError):
                await late

    await refused(sample.time(4))
    assert await state.mediations.mediation("d1", 1) is None
    assert await keep("d1", 1, made, closed_at=(await state.deliberations.load("d1")).closes_at) == made
    assert list(await keep_arms("d1", 1, arms, closed_at=sample.time(5.5))) == arms

    failed = await state.deliberations.save(drafting.failed("No draft was usable.", sample.time(6)))
    await state.deliberations.save(failed.reopened(sample.time(9), sample.time(7)))
    await state.mediations.drop("d1", 1)
    await refused(sample.time(5.5))
    await refused(sample.time(9))
    assert await state.mediations.mediation("d1", 1) is None


async def test_a_kept_statement_is_reworded_unless_it_changed_meanwhile(state, sample):
    await state.deliberations.add(sample.deliberation())
    made = await state.mediations.keep_mediation("d1", 1, sample.mediation())

    assert await state.mediations.reword("d1", 1, made.statement, "Let us [removed].")
    assert not await state.mediations.reword("d1", 1, made.statement, "Let us share.")
    assert not await state.mediations.reword("d1", 2, made.statement, "Let us share.")

    kept = await state.mediations.mediation("d1", 1)
    assert (kept.statement, kept.candidates[0].text) == ("Let us [removed].", "Let us [removed].")
    assert kept.candidates[1:] == made.candidates[1:]


async def test_the_first_statements_of_a_round_stay(studied, sample):
    kept = list(await studied.mediations.statements("d1", 1))
    assert [each.id for each in kept] == ["a", "b"]
    assert list(await studied.mediations.keep_statements("d1", 1, [sample.statement("c")])) == kept
    assert (
        list(await studied.mediations.statements("d1", 2))
        == list(await studied.mediations.statements("nowhere", 1))
        == []
    )
    with pytest.raises(UnknownDeliberationError):
        await studied.mediations.keep_statements("nowhere", 1, [sample.statement()])


async def test_a_mediation_that_was_dropped_takes_its_statements_with_it(state, sample):
    await state.deliberations.add(sample.deliberation(terms=sample.study))
    await state.mediations.keep_mediation("d1", 1, sample.mediation())
    await state.mediations.keep_statements("d1", 1, [sample.statement("a")])
    await state.mediations.drop("d1", 1)
    assert list(await state.mediations.statements("d1", 1)) == []
    again = [sample.statement("b")]
    assert list(await state.mediations.keep_statements("d1", 1, again)) == again
