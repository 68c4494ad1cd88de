"""A law: whatever happens in whatever order, a deliberation stays in its graph; a round publishes once."""

import asyncio
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import NEXT, Phase, Step
from bot.domain.errors import PlatformError, UnknownDeliberationError
from bot.service.dispatch import dispatch
from bot.wording.cards import StatementCard
from engine.errors import PromptRejectedError

FAY = Actor("T1", "fay")
PEOPLE = ("ann", "bob", "cem")

# What happens often is there more than once.
ACTIONS = (
    [("due", None)] * 8
    + [("step", step) for step in Step] * 2
    + [("together", step) for step in Step]
    + [("advance", seconds) for seconds in (1, 1, 60, 60, 3600, 86_400, 100 * 86_400)]
    + [(action, user) for action in ("answer", "rate") for user in PEOPLE]
    + [("say", commands.CloseOpinions), ("say", commands.RetryMediation)] * 3
    + [("say", commands.CloseRating), ("say", commands.KeepStatement), ("say", commands.Cancel)]
    + [("forget", "ann")]
    + [("say why", "bob"), ("revise", 1), ("revise", 2), ("finds nothing better", None)]
    + [("platform fails", None)] * 2
    + [("drafting fails", None), ("reopen", timedelta(hours=1))]
)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    opens=st.sampled_from([None, None, None, 600]),
    closes=st.sampled_from([None, 1800]),
    quorum=st.sampled_from([None, 2, 3]),
    answered=st.sampled_from([PEOPLE, PEOPLE, ("ann",), ()]),
    story=st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=40),
)
def test_a_deliberation_never_leaves_its_graph_and_publishes_at_most_one_statement_a_round(
    new_reading_room, opens, closes, quorum, answered, story
):
    asyncio.run(check(new_reading_room(), opens, closes, quorum, answered, story))


async def check(room, opens, closes, quorum, answered, story):
    await room.asked(
        opens_in=opens and timedelta(seconds=opens),
        closes_in=closes and timedelta(seconds=closes),
        quorum=quorum,
    )
    for user in answered:
        await act(room, "answer", user)
    phases = record_phases(room)
    for action, argument in story:
        await act(room, action, argument)
    for _ in range(8):
        await room.later(timedelta(minutes=10))

    for before, after in pairwise(phases):
        assert after is before or after in NEXT[before]
    published = {
        (card.deliberation.round, card.statement)
        for cards in room.platform.shown.values()
        for card in cards
        if isinstance(card, StatementCard)
    }
    assert len(published) == len({round_ for round_, _ in published})
    assert len(room.platform.shown) <= 1
    await nothing_is_left_undone(room)
    await nothing_outlives_its_opinion(room)


def record_phases(room):
    """Every phase that is saved, in order."""
    phases = []
    save = room.ports.deliberations.save

    async def saving(deliberation, **given):
        saved = await save(deliberation, **given)
        phases.append(saved.phase)
        return saved

    room.ports.deliberations.save = saving
    return phases


async def nothing_is_left_undone(room):
    """Once everything due is done, what is saved waits for a time to come or for a person."""
    try:
        deliberation = await room.now()
    except UnknownDeliberationError:
        return
    due = deliberation.next_due()
    assert due is None or due.at > room.clock.now()
    if deliberation.phase is Phase.RATING:
        assert room.platform.now_showing(deliberation.id).statement == deliberation.statement


async def nothing_outlives_its_opinion(room):
    """What is encoded is of the opinions that are there."""
    opinions = {o.participant: o.text for o in await room.ports.contributions.opinions(room.deliberation_id)}
    for user, words in (await room.encoded()).items():
        assert words.endswith(opinions[room.key(user)])


async def act(room, action, argument):
    if action == "advance":
        room.clock.advance(timedelta(seconds=argument))
    elif action == "due":
        await room.all_due()
    elif action == "step":
        await room.run(argument)
    elif action == "together":
        await asyncio.gather(room.run(argument), room.run(argument))
    elif action == "platform fails":
        room.platform.errors.append(PlatformError("Down."))
    elif action == "finds nothing better":
        room.drafter.stays = True
    elif action == "drafting fails":
        room.drafter.errors.append(PromptRejectedError("No."))
    else:
        await dispatch(command(room, action, argument), room.ports)  # refused or not


def command(room, action, argument):
    now, asked = room.clock.now(), room.deliberation_id
    if action == "answer":
        return commands.GiveOpinion(Actor("T1", argument), asked, "Ban them.", now)
    if action == "rate":
        return commands.CastRating(Actor("T1", argument), asked, 6, now)
    if action == "say why":
        return commands.GiveReason(Actor("T1", argument), asked, "It is too long.", now)
    if action == "revise":
        return commands.Revise(FAY, asked, argument)
    if action == "reopen":
        return commands.Reopen(FAY, asked, now + argument)
    if action == "forget":
        return commands.ForgetMe(Actor("T1", argument), now)
    return argument(FAY, asked)
