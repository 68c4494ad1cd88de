"""`FeedbackLog`: what settled deliberations teach."""


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
