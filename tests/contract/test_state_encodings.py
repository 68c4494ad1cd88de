"""`Encodings`: what a reward model made of opinions is there with its opinion and goes with it."""

import asyncio

import pytest

from bot.domain.deliberation import Author

VALUE = bytes(range(256))  # no text in any encoding


async def encoded(state, *participants):
    return await state.encodings.of("d1", participants or ("ann", "bob", "cem"))


async def waiting(state, limit=100):
    return sorted(opinion.participant for opinion in await state.encodings.waiting("d1", limit=limit))


async def test_an_opinion_waits_to_be_encoded_until_it_is(asked, sample):
    ann = sample.opinion("ann").model_copy(update={"author": Author(user="u1", name="«Ann» 🙂")})
    bob = sample.opinion("bob", "Nein!\n\t日本")
    assert await asked.contributions.put_opinion("d1", ann) == (1, 1)
    assert await asked.contributions.put_opinion("d1", bob) == (2, 2)
    assert sorted(await asked.encodings.waiting("d1", limit=9), key=str) == sorted([ann, bob], key=str)

    assert await asked.encodings.keep("d1", [(ann, VALUE)]) == 1

    assert list(await asked.encodings.waiting("d1", limit=9)) == [bob]
    assert await encoded(asked) == {"ann": VALUE}
    assert await asked.contributions.put_opinion("d1", sample.opinion("cem")) == (3, 2)


async def test_no_more_are_given_than_are_asked_for(asked, sample):
    for number in range(5):
        await asked.contributions.put_opinion("d1", sample.opinion(f"p{number}"))

    assert len(await asked.encodings.waiting("d1", limit=2)) == 2
    assert await waiting(asked) == [f"p{number}" for number in range(5)]


async def test_several_are_kept_at_once_and_those_that_changed_meanwhile_are_not(asked, sample):
    opinions = [sample.opinion(who, at=1) for who in ("ann", "bob", "cem")]
    for opinion in opinions:
        await asked.contributions.put_opinion("d1", opinion)
    await asked.contributions.put_opinion("d1", sample.opinion("bob", "Tax them.", at=2))

    assert await asked.encodings.keep("d1", [(opinion, VALUE) for opinion in opinions]) == 2

    assert await encoded(asked) == {"ann": VALUE, "cem": VALUE}
    assert await waiting(asked) == ["bob"]


@pytest.mark.parametrize("at", [1, 2], ids=["given-at-the-same-moment", "given-later"])
async def test_an_edited_opinion_loses_what_was_encoded_and_never_gets_it_back(asked, sample, at):
    first = sample.opinion(at=1)
    await asked.contributions.put_opinion("d1", first)
    await asked.encodings.keep("d1", [(first, VALUE)])

    assert await asked.contributions.put_opinion("d1", sample.opinion(text="Tax them.", at=at)) == (1, 1)

    assert await encoded(asked) == {}
    assert await asked.encodings.keep("d1", [(first, VALUE)]) == 0
    assert await encoded(asked) == {}
    assert await waiting(asked) == ["ann"]


async def test_a_copy_of_the_same_opinion_keeps_what_was_encoded(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=1))
    await asked.encodings.keep("d1", [(sample.opinion(at=1), VALUE)])

    assert await asked.contributions.put_opinion("d1", sample.opinion(at=1)) == (1, 0)
    assert await asked.contributions.put_opinion("d1", sample.opinion(text="Older.", at=0)) == (1, 0)

    assert await encoded(asked) == {"ann": VALUE}


@pytest.mark.parametrize("is_encoded", [True, False])
async def test_a_withdrawn_opinion_leaves_nothing_behind(asked, sample, is_encoded):
    opinion = sample.opinion(at=1)
    await asked.contributions.put_opinion("d1", opinion)
    if is_encoded:
        await asked.encodings.keep("d1", [(opinion, VALUE)])

    await asked.contributions.remove_opinion("d1", "ann", sample.time(2))

    assert await asked.encodings.keep("d1", [(opinion, VALUE)]) == 0
    assert (await encoded(asked), await waiting(asked)) == ({}, [])
    assert await asked.contributions.put_opinion("d1", sample.opinion("bob")) == (1, 1)


async def test_a_withdrawal_that_comes_too_late_takes_nothing(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=2))
    await asked.encodings.keep("d1", [(sample.opinion(at=2), VALUE)])

    await asked.contributions.remove_opinion("d1", "ann", sample.time(1))

    assert await encoded(asked) == {"ann": VALUE}


@pytest.mark.parametrize("is_encoded", [True, False])
async def test_whoever_is_forgotten_leaves_nothing_behind(asked, sample, is_encoded):
    for who in ("ann", "bob"):
        await asked.contributions.put_opinion("d1", sample.opinion(who))
        if is_encoded:
            await asked.encodings.keep("d1", [(sample.opinion(who), VALUE)])

    assert await asked.contributions.erase_participant("d1", "ann", sample.time(60))

    assert await asked.encodings.keep("d1", [(sample.opinion("ann"), VALUE)]) == 0
    assert await encoded(asked) == ({"bob": VALUE} if is_encoded else {})
    assert await waiting(asked) == ([] if is_encoded else ["bob"])


async def test_after_the_close_what_is_encoded_is_read_and_no_more_is_kept(asked, sample):
    for who in ("ann", "bob"):
        await asked.contributions.put_opinion("d1", sample.opinion(who))
    await asked.encodings.keep("d1", [(sample.opinion("ann"), VALUE)])
    await asked.deliberations.save((await asked.deliberations.load("d1")).closed(sample.time(2)))

    assert await asked.encodings.keep("d1", [(sample.opinion("bob"), VALUE)]) == 0
    assert await encoded(asked) == {"ann": VALUE}

    await asked.contributions.erase_participant("d1", "ann", sample.time(60))
    assert await encoded(asked) == {}


async def test_a_question_that_is_gone_has_nothing_encoded_and_keeps_nothing(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion())
    await asked.encodings.keep("d1", [(sample.opinion(), VALUE)])
    await asked.deliberations.delete("d1")

    assert await asked.encodings.keep("d1", [(sample.opinion(), VALUE)]) == 0
    assert (await encoded(asked), await waiting(asked)) == ({}, [])


async def test_questions_do_not_mix(asked, sample):
    await asked.deliberations.add(sample.deliberation("d2"))
    for id_ in ("d1", "d2"):
        await asked.contributions.put_opinion(id_, sample.opinion())
    await asked.encodings.keep("d2", [(sample.opinion(), VALUE)])

    assert await encoded(asked) == {}
    assert await waiting(asked) == ["ann"]


async def test_ten_thousand_vectors_are_kept_and_read(asked, sample):
    """As many as 384 numbers of 4 bytes are for each of ten thousand participants."""
    people = [f"{number:032}" for number in range(10_000)]
    for start in range(0, len(people), 100):
        page = [sample.opinion(who) for who in people[start : start + 100]]
        await asyncio.gather(*(asked.contributions.put_opinion("d1", opinion) for opinion in page))
        await asked.encodings.keep("d1", [(opinion, opinion.participant.encode() * 48) for opinion in page])

    assert await waiting(asked) == []
    kept = await encoded(asked, *people)
    assert kept == {who: who.encode() * 48 for who in people}


async def test_however_encoding_edits_and_withdrawals_race_nothing_outlives_its_opinion(states, sample):
    await states[0].deliberations.add(sample.deliberation())
    people = [f"p{number}" for number in range(20)]

    async def live(who):
        """Give, edit, withdraw and give again; the text says which opinion it is."""
        for at in range(1, 9):
            if at % 4 == 3:
                await states[0].contributions.remove_opinion("d1", who, sample.time(at))
            else:
                await states[0].contributions.put_opinion("d1", sample.opinion(who, f"{who} {at}", at=at))
            await asyncio.sleep(0)

    async def encode():
        for _ in range(60):
            batch = await states[1].encodings.waiting("d1", limit=8)
            await asyncio.sleep(0)
            await states[1].encodings.keep("d1", [(opinion, opinion.text.encode()) for opinion in batch])

    await asyncio.gather(encode(), encode(), *(live(who) for who in people))

    opinions = {opinion.participant: opinion for opinion in await states[0].contributions.opinions("d1")}
    kept = await states[0].encodings.of("d1", people)
    assert {who: value.decode() for who, value in kept.items()} == {who: opinions[who].text for who in kept}
    assert set(kept) | set(await waiting(states[0])) == set(opinions)
    assert not set(kept) & set(await waiting(states[0]))
