"""`Contributions`: what is erased of one participant, in every subject."""

import asyncio

import pytest

from bot.domain.deliberation import Author
from bot.domain.likeness import Signing
from bot.service.ports.state import SOMEBODY_LEFT, Contributions, Encodings, Mediations
from tests.state import on_server


async def test_an_erased_participant_leaves_nothing_and_the_others_keep_theirs(asked, sample):
    for participant in ("ann", "bob", "cem"):
        await asked.contributions.put_opinion("d1", sample.opinion(participant))
    voting = (
        (await asked.deliberations.load("d1"))
        .closed(sample.time(1))
        .chosen("Let us reuse.")
        .published(sample.noon)
    )
    await asked.deliberations.save(voting)
    await asked.contributions.put_rating("d1", 1, sample.rating("ann"))
    await asked.contributions.put_rating("d1", 1, sample.rating("bob"))
    mediation = sample.mediation()
    await asked.mediations.keep_mediation("d1", 1, mediation)

    assert await asked.contributions.erase_participant("d1", "bob", sample.time(60)) is True

    assert [o.participant for o in await asked.contributions.opinions("d1")] == ["ann", "cem"]
    assert [r.participant for r in await asked.contributions.ratings("d1", 1)] == ["ann"]
    left = await asked.mediations.mediation("d1", 1)
    assert left.participants == ("ann", "cem")
    assert [c.rewards for c in left.candidates] == [
        (candidate.rewards[0], candidate.rewards[2]) for candidate in mediation.candidates
    ]
    assert [c.text for c in left.candidates] == ["Let us reuse.", "", ""]
    assert [c.welfare for c in left.candidates] == [c.welfare for c in mediation.candidates]
    assert left.statement == mediation.statement
    assert (len(mediation.leaves_open), left.leaves_open) == (1, ())


async def test_participants_erased_at_once_are_all_erased(states, sample):
    await states[0].deliberations.add(sample.rated())
    await states[0].mediations.keep_mediation("d1", 1, sample.mediation([f"p{n}" for n in range(12)]))
    await asyncio.gather(
        *(states[n % 2].contributions.erase_participant("d1", f"p{n}", sample.time(60)) for n in range(10))
    )
    assert (await states[0].mediations.mediation("d1", 1)).participants == ("p10", "p11")


async def test_erasing_reaches_every_round(state, sample):
    deliberation = await state.deliberations.add(sample.rated())
    await state.contributions.put_rating("d1", 1, sample.rating())
    await state.contributions.put_reason("d1", sample.reason())
    await state.mediations.keep_mediation("d1", 1, sample.mediation())
    second = deliberation.critiqued().chosen("Let us repair.").published(sample.time(1))
    await state.deliberations.save(second)
    await state.contributions.put_rating("d1", 2, sample.rating())
    await state.contributions.put_reason("d1", sample.reason(round=2))
    await state.mediations.keep_mediation("d1", 2, sample.mediation())
    await state.contributions.erase_participant("d1", "ann", sample.time(60))
    for round_ in (1, 2):
        assert list(await state.contributions.ratings("d1", round_)) == []
        assert list(await state.contributions.reasons("d1", round_)) == []
        assert "ann" not in (await state.mediations.mediation("d1", round_)).participants


async def test_deleting_forgets_givers_and_a_late_wish_to_be_forgotten_does_not(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=5), giver="a browser")
    await asked.contributions.erase_participant("d1", "ann", sample.time(4))
    assert await asked.contributions.giver("d1", "ann") == "a browser"
    await asked.deliberations.delete("d1")
    await asked.deliberations.add(sample.deliberation())
    await asked.contributions.put_opinion("d1", sample.opinion(at=5), giver="another")
    assert await asked.contributions.giver("d1", "ann") == "another"


@pytest.mark.parametrize("closed", [False, True], ids=["before the close", "after it"])
async def test_what_goes_after_the_close_is_marked_with_it(asked, sample, closed):
    await asked.contributions.put_opinion("d1", sample.opinion("ann"))
    if closed:
        await asked.deliberations.save((await asked.deliberations.load("d1")).closed(sample.time(1)))
    for participant, marked in (("bob", False), ("ann", closed)):
        await asked.contributions.erase_participant("d1", participant, sample.time(60))
        assert await asked.deliberations.is_marked("d1", SOMEBODY_LEFT) is marked


async def test_deleting_reaches_the_reasons_of_every_round(state, sample):
    deliberation = await state.deliberations.add(sample.rated(round_=2))
    await state.contributions.put_reason("d1", sample.reason(round=2))
    await state.deliberations.delete("d1")
    await state.deliberations.add(deliberation)
    assert await state.contributions.reasons("d1", 2) == []


async def test_a_late_copy_does_not_bring_an_erased_opinion_back(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion(at=1))
    await asked.contributions.put_opinion("d1", sample.opinion(at=2))
    await asked.contributions.erase_participant("d1", "ann", sample.time(3))
    for at in (1, 2, 3):
        assert (await asked.contributions.put_opinion("d1", sample.opinion(at=at))).total == 0
    assert (await asked.contributions.put_opinion("d1", sample.opinion(at=4))).total == 1


async def test_a_late_wish_to_be_forgotten_leaves_what_was_given_since(state, sample):
    await state.deliberations.add(sample.deliberation())
    await state.contributions.put_opinion("d1", sample.opinion(at=5))
    await state.deliberations.save((await state.deliberations.load("d1")).closed(sample.time(6)))
    await state.mediations.keep_mediation("d1", 1, sample.mediation())
    assert await state.contributions.erase_participant("d1", "ann", sample.time(4)) is False
    assert await state.contributions.opinion("d1", "ann") == sample.opinion(at=5)
    assert "ann" in (await state.mediations.mediation("d1", 1)).participants


async def test_erasing_somebody_who_gave_nothing_says_so(asked, sample):
    await asked.contributions.put_opinion("d1", sample.opinion("bob"))
    assert await asked.contributions.erase_participant("d1", "ann", sample.time(60)) is False
    assert (await asked.contributions.put_opinion("d1", sample.opinion("ann", at=-5))).total == 2


async def test_forgetting_reaches_every_statement_of_a_study(studied, sample):
    for participant in ("ann", "bob"):
        for id_ in ("a", "b"):
            await studied.contributions.put_rating("d1", 1, sample.rating(participant, statement_id=id_))
    assert await studied.contributions.erase_participant("d1", "ann", sample.time(1))
    for id_ in ("a", "b"):
        assert [r.participant for r in await studied.contributions.ratings("d1", 1, id_)] == ["bob"]
    drafted, own = await studied.mediations.statements("d1", 1)
    assert (drafted.text, drafted.left_out, drafted.rewards) == ("Statement a.", None, {"bob": 2.5})
    assert (own.text, own.author, own.rewards) == ("", None, {"bob": 1.5})


async def test_forgetting_and_deleting_reach_the_baseline(asked, sample):
    for participant in ("ann", "bob"):
        await asked.contributions.put_baseline("d1", sample.rating(participant))
    assert await asked.contributions.erase_participant("d1", "ann", sample.time(1))
    await asked.contributions.put_baseline("d1", sample.rating("ann"))  # a late copy
    assert [baseline.participant for baseline in await asked.contributions.baselines("d1")] == ["bob"]
    await asked.deliberations.delete("d1")
    await asked.deliberations.add(sample.deliberation())
    assert await asked.contributions.baselines("d1") == []


async def give_everything(state, sample, participant):
    """In each way there is to put or keep something; gives what was done, by the ports' own names."""
    contributions, encodings, mediations = state.contributions, state.encodings, state.mediations
    said = sample.opinion(participant, f"{participant} says so.")
    opinion = said.model_copy(update={"author": Author(user="u1", name=f"Miss {participant}")})
    rating = sample.rating(participant, quality=3)
    await contributions.put_opinion("d1", opinion, signing=Signing.TYPED, giver="a browser")
    await contributions.put_baseline("d1", sample.rating(participant, 2))
    await encodings.keep("d1", [(opinion, f"read of {participant}".encode())])
    asked = await state.deliberations.load("d1")
    voting = asked.closed(sample.time(1)).chosen("Let us reuse.").published(sample.noon)
    await state.deliberations.save(voting)
    await contributions.put_rating("d1", 1, rating)
    await contributions.put_reason("d1", sample.reason(participant, f"{participant} wants a price."))
    again = (await state.deliberations.load("d1")).critiqued().chosen("Let us repair.")
    await mediations.keep_mediation("d1", 1, sample.mediation([participant]))
    statement = sample.statement("b", author=participant, left_out=participant, rewards={participant: 6.5})
    await mediations.keep_statements("d1", 1, [statement])
    await state.deliberations.save(again.published(sample.noon))
    await contributions.put_comparison("d1", sample.comparison(participant))
    kept = {"put_opinion", "put_baseline", "put_rating", "put_reason", "put_comparison"}
    return kept | {"keep", "keep_mediation", "keep_statements"}


def puts(*ports):
    """What these ports can put or keep."""
    return {name for port in ports for name in vars(port) if name.startswith(("put_", "keep"))}


async def left_of(participant, state):
    """What the ports still give of somebody."""
    contributions, mediations = state.contributions, state.mediations
    mediation = await mediations.mediation("d1", 1)
    return {
        "opinion": await contributions.opinion("d1", participant),
        "baseline": await contributions.baseline("d1", participant),
        "rating": await contributions.rating("d1", 1, participant),
        "reason": await contributions.reason("d1", 1, participant),
        "giver": await contributions.giver("d1", participant),
        "choice": await contributions.comparison("d1", 2, participant),
        "encoded": await state.encodings.of("d1", [participant]),
        "in a mediation": [each for each in mediation.participants if each == participant],
        "in statements": [
            each
            for each in await mediations.statements("d1", 1)
            if participant in (each.author, each.left_out, *each.rewards)
        ],
    }


async def test_of_everything_that_a_member_can_give_nothing_is_left(asked, sample):
    done = await give_everything(asked, sample, "ann")
    assert done == puts(Contributions, Encodings, Mediations), "give and look for the new one here, too"
    assert all((await left_of("ann", asked)).values())

    assert await asked.contributions.erase_participant("d1", "ann", sample.time(60))

    left = {what: found for what, found in (await left_of("ann", asked)).items() if found}
    assert not left


@pytest.mark.redis
async def test_a_server_keeps_nothing_of_an_erased_member_but_when_they_gave_it(redis_clients, sample):
    client, state = redis_clients[0], on_server(redis_clients[0])
    await state.deliberations.add(sample.deliberation())
    await give_everything(state, sample, "zoe")
    assert [key async for key in keys_that_name("zoe", client) if not key.endswith(":given")]

    await state.contributions.erase_participant("d1", "zoe", sample.time(60))

    # And until when they were erased, so that no backup brings them back.
    left = [key async for key in keys_that_name("zoe", client) if not key.endswith(":given")]
    assert left == ["accord:{d1}:erased"]


async def keys_that_name(participant, client):
    """The keys of d1 that hold this name."""
    async for name in client.scan_iter(match="accord:{d1}:*"):
        read = {"hash": client.hgetall, "set": client.smembers, "string": client.get}
        if participant in str(await read[await client.type(name)](name)):
            yield name
