"""What is in the server's keys once an opinion is gone, and what encoding costs."""

import pytest

from adapters.redis.keys import DELETED, ERASED, DeliberationKeys

pytestmark = pytest.mark.redis

OF = DeliberationKeys("d1")
VALUE = b"\xff\x00 a vector of ann's \xfe"


@pytest.fixture
async def encoded(state, question, opinion):
    """A question with an opinion of ann's that is encoded."""
    await state.deliberations.add(question())
    await state.contributions.put_opinion("d1", opinion("ann"))
    assert await state.encodings.keep("d1", [(opinion("ann"), VALUE)]) == 1
    return state


async def holders(client):
    """The keys that hold the vector, whatever they are called and whatever they are."""
    found = []
    for key in await client.keys("*"):
        dumped = await client.dump(key)
        if VALUE in dumped:
            found.append(key)
    return found


async def test_a_vector_is_in_one_key_of_its_deliberation(encoded, client):
    assert await holders(client) == [OF.encoded]
    assert await client.hkeys(OF.encoded) == ["ann"]
    assert await client.exists(OF.unencoded) == 0


async def test_no_key_holds_the_vector_of_an_edited_opinion(encoded, client, opinion):
    await encoded.contributions.put_opinion("d1", opinion("ann", "Tax them.", at=1))
    assert await holders(client) == []
    assert await client.smembers(OF.unencoded) == {"ann"}


async def test_no_key_holds_the_vector_of_a_withdrawn_opinion(encoded, client, minutes):
    await encoded.contributions.remove_opinion("d1", "ann", minutes(1))
    assert await holders(client) == []
    assert await client.exists(OF.encoded, OF.unencoded) == 0


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
async def test_no_key_holds_the_vector_of_a_participant_who_is_forgotten(encoded, client, minutes, is_closed):
    if is_closed:
        await encoded.deliberations.save((await encoded.deliberations.load("d1")).closed(minutes(1)))
    await encoded.contributions.erase_participant("d1", "ann", minutes(60))
    assert await holders(client) == []
    assert await client.exists(OF.encoded, OF.unencoded) == 0


async def test_a_deletion_takes_vectors_and_what_waits(encoded, client, opinion):
    await encoded.contributions.put_opinion("d1", opinion("bob"))
    await encoded.deliberations.delete("d1")
    assert sorted(await client.keys("*")) == [DELETED, ERASED]


async def test_a_vector_that_comes_after_the_deletion_makes_no_key(encoded, client, opinion):
    await encoded.deliberations.delete("d1")
    assert await encoded.encodings.keep("d1", [(opinion("ann"), VALUE)]) == 0
    assert sorted(await client.keys("*")) == [DELETED, ERASED]


async def test_a_vector_that_is_sent_twice_is_kept_once(encoded, client, opinion):
    """As redis-py does when the first answer was lost."""
    assert await encoded.encodings.keep("d1", [(opinion("ann"), VALUE)]) == 1
    assert await client.hlen(OF.encoded) == 1


async def test_a_page_of_vectors_is_one_question_to_the_server(encoded, client, opinion):
    sent = []
    original = client.execute_command

    async def counting(*args, **kwargs):
        sent.append(args[0])
        return await original(*args, **kwargs)

    client.execute_command = counting
    assert await encoded.encodings.of("d1", ["ann", *(f"p{n}" for n in range(499))]) == {"ann": VALUE}
    assert sent == ["HMGET"]
