"""Both stores are one: whatever is asked of them, in whatever order, they answer alike."""

import json
import uuid
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.redis.connection import connect
from adapters.redis.keys import DeliberationKeys
from bot.domain.deliberation import Author, Phase
from bot.domain.errors import BotError
from bot.domain.likeness import Signing
from tests.state import in_memory, on_server

PEOPLE = st.sampled_from(["ann", "bob", "cem"])
MINUTES = st.integers(-2, 6)
ROUNDS = st.integers(1, 2)
NAMES = st.sampled_from(["Ann", "ann", "Bob"])
VALUES = st.sampled_from([2, 6])
GIVERS = st.sampled_from(["", "phone", "laptop"])
CHANGES = st.sampled_from(
    ["onward", "onward", "critiqued", "kept", "failed", "retried", "reopened", "extended", "refresh"]
)

STEPS = st.one_of(
    st.tuples(st.just("put_opinion"), PEOPLE, MINUTES, st.text(max_size=5)),
    st.tuples(st.just("put_opinion"), PEOPLE, MINUTES, st.sampled_from(["", "a"])),
    st.tuples(st.just("put_with_baseline"), PEOPLE, MINUTES, st.sampled_from(["", "a"]), VALUES),
    st.tuples(
        st.just("put_signed"), PEOPLE, MINUTES, NAMES, st.sampled_from([Signing.TYPED, Signing.BY_LINK])
    ),
    st.tuples(st.just("give"), st.sampled_from(["opinion", "baseline", "rating", "reason"]), MINUTES, GIVERS),
    st.tuples(st.just("take_back"), st.sampled_from(["opinion", "rating", "reason"]), MINUTES, GIVERS),
    st.tuples(st.just("put_baseline"), PEOPLE, MINUTES, VALUES),
    st.tuples(st.just("remove_opinion"), PEOPLE, MINUTES),
    st.tuples(st.just("keep_encoded"), PEOPLE, MINUTES, st.sampled_from(["", "a"]), st.binary(max_size=3)),
    st.tuples(st.just("encode_waiting"), st.binary(max_size=3)),
    st.tuples(st.just("put_rating"), ROUNDS, PEOPLE, MINUTES, VALUES),
    st.tuples(st.just("remove_rating"), ROUNDS, PEOPLE, MINUTES, st.none() | VALUES),
    st.tuples(st.just("put_reason"), ROUNDS, PEOPLE, MINUTES, st.sampled_from(["a", "b"])),
    st.tuples(st.just("remove_reason"), ROUNDS, PEOPLE, MINUTES),
    st.tuples(st.just("change"), CHANGES, MINUTES),
    st.tuples(st.just("save_again"), MINUTES),
    st.tuples(st.just("keep_mediation"), PEOPLE),
    st.tuples(st.just("erase"), PEOPLE, MINUTES),
    st.tuples(st.just("mark"), st.sampled_from(["m1", "m2"])),
    st.tuples(st.just("due"), MINUTES),
    st.tuples(st.just("add")),
    st.tuples(st.just("delete")),
)


def onward(deliberation, now):
    """The next change on the way from the question to the result."""
    if deliberation.phase is Phase.OPINIONS:
        return deliberation.closed(now)
    if deliberation.phase is Phase.RATING:
        return deliberation.settled(now)
    return deliberation.published(now) if deliberation.statement else deliberation.chosen("Reuse.")


class Walker:
    """Does steps to one store and writes down the answers."""

    def __init__(self, state, sample, prefix):
        self.state, self.sample, self.id = state, sample, f"{prefix}:d1"
        self.team = f"{prefix}:t1"
        self.seen = None

    async def take(self, step):
        name, *arguments = step
        try:
            return await getattr(self, name)(*arguments)
        except BotError as exc:
            return type(exc), str(exc)

    async def add(self):
        self.seen = await self.state.deliberations.add(
            self.sample.deliberation(self.id, team=self.team, closes_at=3)
        )
        return self.seen

    async def put_opinion(self, participant, at, text):
        return await self.state.contributions.put_opinion(
            self.id, self.sample.opinion(participant, text, at=at)
        )

    async def put_with_baseline(self, participant, at, text, value):
        opinion, baseline = (
            self.sample.opinion(participant, text, at=at),
            self.sample.rating(participant, value, at=at),
        )
        return await self.state.contributions.put_opinion(self.id, opinion, baseline)

    async def put_signed(self, participant, at, name, signing):
        opinion = self.sample.opinion(participant, at=at).model_copy(
            update={"author": Author(user=f"user of {participant}", name=name)}
        )
        return await self.state.contributions.put_opinion(self.id, opinion, signing=signing)

    async def give(self, kind, at, giver):
        """As one person who comes by several browsers."""
        c, s = self.state.contributions, self.sample
        acts = {
            "opinion": lambda: c.put_opinion(self.id, s.opinion("ann", at=at), giver=giver),
            "baseline": lambda: c.put_baseline(self.id, s.rating("ann", at=at), giver=giver),
            "rating": lambda: c.put_rating(self.id, 1, s.rating("ann", at=at), giver=giver),
            "reason": lambda: c.put_reason(self.id, s.reason("ann", at=at), giver=giver),
        }
        return await acts[kind]()

    async def take_back(self, kind, at, giver):
        c, when = self.state.contributions, self.sample.time(at)
        acts = {
            "opinion": lambda: c.remove_opinion(self.id, "ann", when, giver=giver),
            "rating": lambda: c.remove_rating(self.id, 1, "ann", when, giver=giver),
            "reason": lambda: c.remove_reason(self.id, 1, "ann", when, giver=giver),
        }
        return await acts[kind]()

    async def put_baseline(self, participant, at, value):
        return await self.state.contributions.put_baseline(
            self.id, self.sample.rating(participant, value, at=at)
        )

    async def remove_opinion(self, participant, at):
        return await self.state.contributions.remove_opinion(self.id, participant, self.sample.time(at))

    async def keep_encoded(self, participant, at, text, value):
        opinion = self.sample.opinion(participant, text, at=at)
        return await self.state.encodings.keep(self.id, [(opinion, value)])

    async def encode_waiting(self, value):
        waiting = await self.state.encodings.waiting(self.id, limit=9)
        return waiting, await self.state.encodings.keep(self.id, [(opinion, value) for opinion in waiting])

    async def put_rating(self, round_, participant, at, value):
        return await self.state.contributions.put_rating(
            self.id, round_, self.sample.rating(participant, value, at=at)
        )

    async def remove_rating(self, round_, participant, at, value):
        at = self.sample.time(at)
        return await self.state.contributions.remove_rating(self.id, round_, participant, at, value=value)

    async def put_reason(self, round_, participant, at, text):
        reason = self.sample.reason(participant, text, at=at, round=round_)
        return await self.state.contributions.put_reason(self.id, reason)

    async def remove_reason(self, round_, participant, at):
        return await self.state.contributions.remove_reason(
            self.id, round_, participant, self.sample.time(at)
        )

    async def change(self, name, at):
        deliberation = await self.state.deliberations.load(self.id)
        now = self.sample.time(at)
        changes = {
            "onward": lambda: onward(deliberation, now),
            "critiqued": lambda: deliberation.critiqued(),
            "kept": lambda: deliberation.kept_as_it_was("Let us reuse.", None, now),
            "failed": lambda: deliberation.failed("No.", now),
            "retried": lambda: deliberation.retried(),
            "reopened": lambda: deliberation.reopened(now, self.sample.time(0)),
            "refresh": lambda: deliberation.to_be_refreshed(now),
            "extended": lambda: deliberation.extended(now, self.sample.time(0)),
        }
        return await self.state.deliberations.save(changes[name]())

    async def save_again(self, at):
        """Save what was seen when it was added, as somebody slow might."""
        if self.seen is None:
            return None
        return await self.state.deliberations.save(
            self.seen.model_copy(update={"closes_at": self.sample.time(at)})
        )

    async def keep_mediation(self, participant):
        round_ = (await self.state.deliberations.load(self.id)).round
        return await self.state.mediations.keep_mediation(
            self.id, round_, self.sample.mediation((participant, "zoe"))
        )

    async def erase(self, participant, at):
        return await self.state.contributions.erase_participant(self.id, participant, self.sample.time(at))

    async def mark(self, marker):
        return await self.state.deliberations.mark(self.id, marker)

    async def due(self, at):
        return [d for d in await self.state.deliberations.due(self.sample.time(at)) if d.id == self.id]

    async def delete(self):
        return await self.state.deliberations.delete(self.id)

    async def everything(self):
        rounds = (1, 2, 3)
        return (
            await self.take(("look",)),
            list(await self.state.contributions.opinions(self.id)),
            list(await self.state.contributions.baselines(self.id)),
            await self.state.encodings.of(self.id, ["ann", "bob", "cem"]),
            list(await self.state.encodings.waiting(self.id, limit=9)),
            [list(await self.state.contributions.ratings(self.id, round_)) for round_ in rounds],
            [await self.state.contributions.rating_tally(self.id, round_) for round_ in rounds],
            [list(await self.state.contributions.reasons(self.id, round_)) for round_ in rounds],
            [await self.state.mediations.mediation(self.id, round_) for round_ in rounds],
            [await self.state.mediations.in_sum(self.id, round_) for round_ in rounds],
            [await self.state.contributions.giver(self.id, who) for who in ("ann", "bob", "cem")],
            list(await self.state.deliberations.of_team(self.team)),
            await self.due(10**6),
        )

    async def look(self):
        return await self.state.deliberations.load(self.id)


@pytest.fixture(scope="module")
def walk_url(redis_server):
    return redis_server.url


async def tallies_tell_what_is_there(client, of):
    for round_ in (1, 2, 3):
        kept = await client.hgetall(of.rating_tally(round_))
        given = await client.hgetall(of.ratings(round_))
        answered = await client.hkeys(of.opinions)
        counted = Counter(str(json.loads(rating)["value"]) for rating in given.values())
        counted |= {"answered": len(given.keys() & set(answered))}
        assert {field: int(count) for field, count in kept.items() if count != "0"} == (
            {field: count for field, count in counted.items() if count} | ({"all": 1} if kept else {})
        )


# Somebody rates, changes it, is forgotten, and rates again without an answer.
COUNTED = [
    ("put_opinion", "ann", 0, "a"),
    ("change", "onward", 0),
    ("change", "onward", 0),
    ("change", "onward", 0),
    ("put_rating", 1, "ann", 1, 2),
    ("put_rating", 1, "bob", 1, 2),
    ("put_rating", 1, "ann", 2, 6),
    ("erase", "ann", 3),
    ("put_rating", 1, "ann", 4, 6),
    ("remove_rating", 1, "bob", 4, 2),
]
# What is the last of somebody's is taken back by a giver unknown, and with it goes who gave it.
NO_GIVER_LEFT = [
    ("give", "opinion", 0, "phone"),
    ("take_back", "opinion", 1, ""),
    ("give", "opinion", 2, ""),
]


@pytest.mark.redis
@settings(max_examples=60)
@given(steps=st.lists(STEPS, max_size=30))
@example(steps=NO_GIVER_LEFT)
@example(steps=COUNTED)
async def test_the_twin_answers_as_redis_does(walk_url, sample, steps):
    client = await connect(walk_url)
    prefix = uuid.uuid4().hex
    walkers = [Walker(state, sample, prefix) for state in (in_memory(), on_server(client))]
    try:
        for step in [("add",), *steps]:
            ours, theirs = [await walker.take(step) for walker in walkers]
            assert ours == theirs, step
        # Before anybody asks for a tally, which is counted again where it was not kept.
        await tallies_tell_what_is_there(client, DeliberationKeys(walkers[1].id))
        ours, theirs = [await walker.everything() for walker in walkers]
        assert ours == theirs
    finally:
        await walkers[1].delete()
        await client.aclose()
