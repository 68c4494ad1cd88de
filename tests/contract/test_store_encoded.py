"""`DeliberationStore`: what a reward model made of opinions is there with its opinion and goes with it."""

import asyncio

import pytest

from bot.domain.deliberation import Author

VALUE = bytes(range(256))  # no text in any encoding


@pytest.fixture
async def open_store(store, sample):
    """A store with a question, d1, that takes opinions."""
    await store.add(sample.deliberation())
    return store


async def encoded(store, *participants):
    return await store.encoded("d1", participants or ("ann", "bob", "cem"))


async def waiting(store, limit=100):
    return sorted(opinion.participant for opinion in await store.unencoded("d1", limit=limit))


async def test_an_opinion_waits_to_be_encoded_until_it_is(open_store, sample):
    ann = sample.opinion("ann").model_copy(update={"author": Author(user="u1", name="«Ann» 🙂")})
    bob = sample.opinion("bob", "Nein!\n\t日本")
    assert await open_store.put_opinion("d1", ann) == (1, 1)
    assert await open_store.put_opinion("d1", bob) == (2, 2)
    assert sorted(await open_store.unencoded("d1", limit=9), key=str) == sorted([ann, bob], key=str)

    assert await open_store.keep_encoded("d1", [(ann, VALUE)]) == 1

    assert list(await open_store.unencoded("d1", limit=9)) == [bob]
    assert await encoded(open_store) == {"ann": VALUE}
    assert await open_store.put_opinion("d1", sample.opinion("cem")) == (3, 2)


async def test_no_more_are_given_than_are_asked_for(open_store, sample):
    for number in range(5):
        await open_store.put_opinion("d1", sample.opinion(f"p{number}"))

    assert len(await open_store.unencoded("d1", limit=2)) == 2
    assert await waiting(open_store) == [f"p{number}" for number in range(5)]


async def test_several_are_kept_at_once_and_those_that_changed_meanwhile_are_not(open_store, sample):
    opinions = [sample.opinion(who, at=1) for who in ("ann", "bob", "cem")]
    for opinion in opinions:
        await open_store.put_opinion("d1", opinion)
    await open_store.put_opinion("d1", sample.opinion("bob", "Tax them.", at=2))

    assert await open_store.keep_encoded("d1", [(opinion, VALUE) for opinion in opinions]) == 2

    assert await encoded(open_store) == {"ann": VALUE, "cem": VALUE}
    assert await waiting(open_store) == ["bob"]


@pytest.mark.parametrize("at", [1, 2], ids=["given-at-the-same-moment", "given-later"])
async def test_an_edited_opinion_loses_what_was_encoded_and_never_gets_it_back(open_store, sample, at):
    first = sample.opinion(at=1)
    await open_store.put_opinion("d1", first)
    await open_store.keep_encoded("d1", [(first, VALUE)])

    assert await open_store.put_opinion("d1", sample.opinion(text="Tax them.", at=at)) == (1, 1)

    assert await encoded(open_store) == {}
    assert await open_store.keep_encoded("d1", [(first, VALUE)]) == 0
    assert await encoded(open_store) == {}
    assert await waiting(open_store) == ["ann"]


async def test_a_copy_of_the_same_opinion_keeps_what_was_encoded(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=1))
    await open_store.keep_encoded("d1", [(sample.opinion(at=1), VALUE)])

    assert await open_store.put_opinion("d1", sample.opinion(at=1)) == (1, 0)
    assert await open_store.put_opinion("d1", sample.opinion(text="Older.", at=0)) == (1, 0)

    assert await encoded(open_store) == {"ann": VALUE}


@pytest.mark.parametrize("is_encoded", [True, False])
async def test_a_withdrawn_opinion_leaves_nothing_behind(open_store, sample, is_encoded):
    opinion = sample.opinion(at=1)
    await open_store.put_opinion("d1", opinion)
    if is_encoded:
        await open_store.keep_encoded("d1", [(opinion, VALUE)])

    await open_store.remove_opinion("d1", "ann", sample.time(2))

    assert await open_store.keep_encoded("d1", [(opinion, VALUE)]) == 0
    assert (await encoded(open_store), await waiting(open_store)) == ({}, [])
    assert await open_store.put_opinion("d1", sample.opinion("bob")) == (1, 1)


async def test_a_withdrawal_that_comes_too_late_takes_nothing(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion(at=2))
    await open_store.keep_encoded("d1", [(sample.opinion(at=2), VALUE)])

    await open_store.remove_opinion("d1", "ann", sample.time(1))

    assert await encoded(open_store) == {"ann": VALUE}


@pytest.mark.parametrize("is_encoded", [True, False])
async def test_whoever_is_forgotten_leaves_nothing_behind(open_store, sample, is_encoded):
    for who in ("ann", "bob"):
        await open_store.put_opinion("d1", sample.opinion(who))
        if is_encoded:
            await open_store.keep_encoded("d1", [(sample.opinion(who), VALUE)])

    assert await open_store.erase_participant("d1", "ann", sample.time(60))

    assert await open_store.keep_encoded("d1", [(sample.opinion("ann"), VALUE)]) == 0
    assert await encoded(open_store) == ({"bob": VALUE} if is_encoded else {})
    assert await waiting(open_store) == ([] if is_encoded else ["bob"])


async def test_after_the_close_what_is_encoded_is_read_and_no_more_is_kept(open_store, sample):
    for who in ("ann", "bob"):
        await open_store.put_opinion("d1", sample.opinion(who))
    await open_store.keep_encoded("d1", [(sample.opinion("ann"), VALUE)])
    await open_store.save((await open_store.load("d1")).closed(sample.time(2)))

    assert await open_store.keep_encoded("d1", [(sample.opinion("bob"), VALUE)]) == 0
    assert await encoded(open_store) == {"ann": VALUE}

    await open_store.erase_participant("d1", "ann", sample.time(60))
    assert await encoded(open_store) == {}


async def test_a_question_that_is_gone_has_nothing_encoded_and_keeps_nothing(open_store, sample):
    await open_store.put_opinion("d1", sample.opinion())
    await open_store.keep_encoded("d1", [(sample.opinion(), VALUE)])
    await open_store.delete("d1")

    assert await open_store.keep_encoded("d1", [(sample.opinion(), VALUE)]) == 0
    assert (await encoded(open_store), await waiting(open_store)) == ({}, [])


async def test_questions_do_not_mix(open_store, sample):
    await open_store.add(sample.deliberation("d2"))
    for id_ in ("d1", "d2"):
        await open_store.put_opinion(id_, sample.opinion())
    await open_store.keep_encoded("d2", [(sample.opinion(), VALUE)])

    assert await encoded(open_store) == {}
    assert await waiting(open_store) == ["ann"]


async def test_ten_thousand_vectors_are_kept_and_read(open_store, sample):
    """As many as 384 numbers of 4 bytes are for each of ten thousand participants."""
    people = [f"{number:032}" for number in range(10_000)]
    for start in range(0, len(people), 100):
        page = [sample.opinion(who) for who in people[start : start + 100]]
        await asyncio.gather(*(open_store.put_opinion("d1", opinion) for opinion in page))
        await open_store.keep_encoded(
            "d1", [(opinion, opinion.participant.encode() * 48) for opinion in page]
        )

    assert await waiting(open_store) == []
    kept = await encoded(open_store, *people)
    assert kept == {who: who.encode() * 48 for who in people}


async def test_however_encoding_edits_and_withdrawals_race_nothing_outlives_its_opinion(stores, sample):
    await stores[0].add(sample.deliberation())
    people = [f"p{number}" for number in range(20)]

    async def live(who):
        """Give, edit, withdraw and give again; the text says which opinion it is."""
        for at in range(1, 9):
            if at % 4 == 3:
                await stores[0].remove_opinion("d1", who, sample.time(at))
            else:
                await stores[0].put_opinion("d1", sample.opinion(who, f"{who} {at}", at=at))
            await asyncio.sleep(0)

    async def encode():
        for _ in range(60):
            batch = await stores[1].unencoded("d1", limit=8)
            await asyncio.sleep(0)
            await stores[1].keep_encoded("d1", [(opinion, opinion.text.encode()) for opinion in batch])

    await asyncio.gather(encode(), encode(), *(live(who) for who in people))

    opinions = {opinion.participant: opinion for opinion in await stores[0].opinions("d1")}
    kept = await stores[0].encoded("d1", people)
    assert {who: value.decode() for who, value in kept.items()} == {who: opinions[who].text for who in kept}
    assert set(kept) | set(await waiting(stores[0])) == set(opinions)
    assert not set(kept) & set(await waiting(stores[0]))
