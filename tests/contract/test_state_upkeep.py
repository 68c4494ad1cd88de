"""`Upkeep`: workers, what they say of the models, and whether the store answers."""

from bot.domain.model_notice import ModelNotice


async def test_the_store_answers(state):
    await state.upkeep.try_write()


async def test_workers_count_while_they_give_signs_of_life(states, sample):
    here, there = states
    assert await here.upkeep.workers(sample.time(0)) == 0
    await here.upkeep.beat("one", sample.time(0))
    await there.upkeep.beat("two", sample.time(1))
    await there.upkeep.beat("one", sample.time(-1))  # comes late, and makes nobody older
    assert [await here.upkeep.workers(sample.time(at)) for at in (0, 1, 2)] == [2, 1, 0]
    await here.upkeep.beat("two", sample.time(2 * 24 * 60))
    assert await there.upkeep.workers(sample.time(-10)) == 1


async def test_a_worker_that_says_goodbye_counts_no_more(states, sample):
    here, there = states
    await here.upkeep.beat("one", sample.time(0))
    await here.upkeep.beat("two", sample.time(0))
    for name in ("one", "one", "unknown"):
        await there.upkeep.goodbye(name)
    assert await here.upkeep.workers(sample.time(0)) == 1


async def test_what_members_are_told_of_the_models_is_what_was_said_last(states):
    here, there = states
    assert await here.upkeep.model_notice() is None
    await here.upkeep.keep_model_notice(ModelNotice(drafter="m-1 on ai.example.org", last_resort=True))
    assert await there.upkeep.model_notice() == ModelNotice(drafter="m-1 on ai.example.org", last_resort=True)
    await there.upkeep.keep_model_notice(ModelNotice(judge="on judge.example.org"))
    assert await here.upkeep.model_notice() == ModelNotice(judge="on judge.example.org")
