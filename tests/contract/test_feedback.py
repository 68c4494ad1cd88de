"""`FeedbackLog`: what settled deliberations teach."""

import pytest

from bot.service.ports.feedback import Wanted


async def read(feedback, team="t1"):
    return [record async for record in feedback.read(team)]


async def test_records_are_read_as_they_were_kept_one_deliberation_after_the_other(feedback, sample):
    late = [sample.record(name, deliberation="a", settled_at=9) for name in ("bob", "ann")]
    early = [
        sample.record("ann", deliberation="b", settled_at=1, round_=2),
        sample.record("cem", deliberation="b", settled_at=1, round_=1),
    ]
    await feedback.append([*late, *early])
    assert await read(feedback) == [early[1], early[0], late[1], late[0]]


async def test_appending_twice_keeps_once(feedback, sample):
    first = sample.record(rating=6)
    await feedback.append([first])
    await feedback.append([sample.record(rating=1), sample.record("bob")])
    assert await read(feedback) == [first, sample.record("bob")]


async def test_nothing_can_be_appended(feedback):
    await feedback.append([])
    assert await read(feedback) == []


async def test_a_team_reads_only_its_own(feedback, sample):
    await feedback.append([sample.record(), sample.record(team="t2")])
    assert await read(feedback, "t2") == [sample.record(team="t2")]


async def test_an_erased_participant_is_in_no_round_of_that_deliberation(feedback, sample):
    elsewhere = sample.record("ann", deliberation="d2", settled_at=5)
    theirs = [sample.record("ann", round_=round_) for round_ in (1, 2)]
    await feedback.append([*theirs, sample.record("bob"), elsewhere])
    await feedback.erase("t1", "d1", "ann")
    await feedback.erase("t1", "d1", "nobody")
    assert await read(feedback) == [sample.record("bob"), elsewhere]


async def test_an_erased_deliberation_teaches_nothing(feedback, sample):
    await feedback.append([sample.record(), sample.record("bob"), sample.record(deliberation="d2")])
    await feedback.erase("t1", "d1")
    await feedback.erase("t1", "d1")
    assert await read(feedback) == [sample.record(deliberation="d2")]


async def test_many_records_are_kept_all(feedback, sample):
    await feedback.append([sample.record(f"p{n:04}") for n in range(1_201)])
    assert [record.participant for record in await read(feedback)] == [f"p{n:04}" for n in range(1_201)]


async def test_each_statement_of_a_round_has_a_record_of_its_own(feedback, sample):
    both = [sample.record().model_copy(update={"statement_id": id_}) for id_ in ("a", "b")]
    await feedback.append([*reversed(both), *both])
    assert await read(feedback) == both
    await feedback.erase("t1", "d1", "ann")
    assert await read(feedback) == []


# -- the export ----------------------------------------------------------------------------------


async def exported(feedback, **wanted):
    found = [record async for record in feedback.export(Wanted(**wanted))]
    return sorted((record.team, record.deliberation_id, record.participant) for record in found)


@pytest.fixture
async def three_teams(feedback, sample):
    """Three teams' feedback; of t1's deliberation dN settled N minutes after noon."""
    await feedback.append(
        [
            sample.record(who, deliberation=f"d{at}", settled_at=at)
            for at in (1, 2, 3)
            for who in ("ann", "bob")
        ]
    )
    await feedback.append([sample.record(team="t3", deliberation="x"), sample.record(team="t2")])
    return feedback


async def test_the_export_has_every_team_one_after_the_other(three_teams):
    records = [record async for record in three_teams.export(Wanted())]
    assert [record.team for record in records] == ["t1"] * 6 + ["t2", "t3"]
    assert len({(r.team, r.deliberation_id, r.participant) for r in records}) == 8


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"team": "t1"}, ["d1", "d1", "d2", "d2", "d3", "d3"]),
        ({"team": "nobody"}, []),
        ({"deliberation_id": "x"}, ["x"]),
        ({"team": "t2", "deliberation_id": "x"}, []),
        ({"team": "t1", "since": 2}, ["d2", "d2", "d3", "d3"]),
        ({"team": "t1", "until": 2}, ["d1", "d1"]),
        ({"team": "t1", "since": 2, "until": 3}, ["d2", "d2"]),
        ({"since": 4}, []),
    ],
)
async def test_the_export_has_what_is_wanted(three_teams, sample, wanted, found):
    times = {name: sample.time(value) for name, value in wanted.items() if isinstance(value, int)}
    assert [id_ for _, id_, _ in await exported(three_teams, **wanted | times)] == found


@pytest.mark.parametrize("apart", [0, 1], ids=["settled in the same moment", "settled one after the other"])
async def test_the_export_has_each_of_many_deliberations_once(feedback, sample, apart):
    """More of them than travel in one go."""
    records = [sample.record(deliberation=f"d{n:04}", settled_at=n * apart) for n in range(1_201)]
    await feedback.append(records)
    assert [id_ for _, id_, _ in await exported(feedback)] == [f"d{n:04}" for n in range(1_201)]


async def test_the_export_has_each_of_many_records_once(feedback, sample):
    await feedback.append([sample.record(f"p{n:04}") for n in range(1_201)])
    assert [who for *_, who in await exported(feedback)] == [f"p{n:04}" for n in range(1_201)]


async def test_a_deliberation_that_is_purged_during_an_export_hides_no_other(feedback, sample):
    await feedback.append([sample.record(deliberation=f"d{n:04}", settled_at=n) for n in range(1_201)])
    found = []
    async for record in feedback.export(Wanted()):
        found.append(record.deliberation_id)
        if len(found) % 100 == 0:
            await feedback.erase("t1", f"d{len(found) - 50:04}")
    assert sorted(found) == [f"d{n:04}" for n in range(1_201)]


async def test_a_statement_is_reworded_in_all_records_of_its_deliberation_and_in_no_other(feedback, sample):
    elsewhere = sample.record(deliberation="d2", settled_at=5)
    await feedback.append([sample.record(), sample.record("bob"), elsewhere])
    await feedback.erase("t1", "d1", "ann")
    await feedback.reword("t1", "d1", str.upper)
    await feedback.reword("t1", "d1", str.upper)
    reworded = sample.record("bob").model_copy(update={"statement": sample.record().statement.upper()})
    assert await read(feedback) == [reworded, elsewhere]
