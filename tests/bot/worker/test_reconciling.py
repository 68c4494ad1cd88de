"""Reactions that nobody heard of become ratings, and what came in since is left alone."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from bot.domain.actors import Actor
from bot.domain.commands import CastRating, CloseRating, ForgetMe, WithdrawRating
from bot.domain.deliberation import Phase, Step
from bot.domain.errors import PlatformError, RateLimitedError
from bot.domain.ratings import RatingBy
from bot.service.ports.live import Rated
from bot.service.ports.platform import SeenReactions
from bot.service.reconciling import reconcile, reconcile_team
from bot.wording.cards import BallotCard
from bot.worker.steps import RECONCILING_TRIES

MINUTE = timedelta(minutes=1)
PUBLIC = {"anonymous": False, "rating_by": RatingBy.REACTIONS}


@pytest.fixture
async def vote(room):
    """A room with a vote by reactions that has run for a while."""
    room.platform.cards = lambda: None
    await room.voting(**PUBLIC)
    room.clock.advance(MINUTE)
    return room


async def show(room, **reactions):
    """What is on the ballot now: emoji by user."""
    ballot = (await room.now()).ballot
    room.platform.reacted[ballot] = [
        SeenReactions(Actor("T1", user), tuple(shown.split())) for user, shown in reactions.items()
    ]


async def ratings(room):
    people = {room.key(user): user for user in ("ann", "bob", "cem", "eve")}
    kept = await room.ports.contributions.ratings(room.deliberation_id, 1)
    return {people[rating.participant]: rating.value for rating in kept}


def counted(room, **label):
    """What Prometheus is told of this platform."""
    name = "reconciliations_total" if "outcome" in label else "reconciled_ratings_total"
    of = {"platform": next(iter(room.ports.platforms)), **label}
    return REGISTRY.get_sample_value(name, of) or 0


async def act(room, kind, user, value=None, **about):
    command = kind(Actor("T1", user, **about), room.deliberation_id, at=room.clock.now(), value=value)
    await room.say(command)


async def test_reactions_that_were_missed_are_counted_once(vote):
    await show(vote, ann="heart_eyes", bob="rage tada", eve="tada")
    before = counted(vote, outcome="done"), counted(vote, change="added")
    for _ in range(2):
        await reconcile(await vote.now(), vote.ports)
    assert await ratings(vote) == {"ann": 7, "bob": 1}
    assert counted(vote, outcome="done") - before[0] == 2
    assert counted(vote, change="added") - before[1] == 2


async def test_what_somebody_left_standing_who_asked_to_be_forgotten_is_not_counted_again(vote):
    await act(vote, CastRating, "ann", 7)
    vote.clock.advance(MINUTE)
    for user in ("ann", "eve"):
        await vote.say(ForgetMe(Actor("T1", user), at=vote.clock.now()))
    vote.clock.advance(MINUTE)
    await show(vote, ann="heart_eyes", bob="rage", eve="rage heart_eyes")
    done = await reconcile(await vote.now(), vote.ports)
    assert await ratings(vote) == {"bob": 1}
    assert done.unclear == ()
    # What they give since counts, and goes on counting when it changes unheard.
    await act(vote, CastRating, "ann", 6)
    vote.clock.advance(MINUTE)
    await show(vote, ann="rage", bob="rage", eve="rage heart_eyes")
    await reconcile(await vote.now(), vote.ports)
    assert await ratings(vote) == {"ann": 1, "bob": 1}


async def test_reactions_that_were_taken_away_meanwhile_are_withdrawn(vote):
    await act(vote, CastRating, "ann", 6)
    vote.clock.advance(MINUTE)
    await show(vote, bob="😍")
    done = await reconcile(await vote.now(), vote.ports)
    assert (done.added, done.withdrawn) == (1, 1)
    assert await ratings(vote) == {"bob": 7}


async def test_of_several_reactions_the_one_that_counts_goes_on_counting(vote):
    await act(vote, CastRating, "ann", 2)
    vote.clock.advance(MINUTE)
    await show(vote, ann="😍 🙁")
    await reconcile(await vote.now(), vote.ports)
    assert await ratings(vote) == {"ann": 2}


async def test_whoever_left_several_unseen_is_asked_once_and_not_counted(vote):
    await show(vote, ann="😍 🙁")
    for _ in range(2):
        done = await reconcile(await vote.now(), vote.ports)
    assert done.unclear == ("ann",)
    assert await ratings(vote) == {}
    assert [user for user, text in vote.platform.direct_messages if "more than once" in text] == ["ann"]


async def test_what_happens_while_the_platform_is_read_is_newer(vote):
    await show(vote, ann="🙁")
    read = vote.platform.reactions

    async def slow(deliberation):
        seen = await read(deliberation)
        await act(vote, CastRating, "ann", 7)
        return seen

    vote.platform.reactions = slow
    await reconcile(await vote.now(), vote.ports)
    assert await ratings(vote) == {"ann": 7}


@pytest.mark.parametrize("about", [{"guest": True}, {"member": False}, {"roles": frozenset({"intern"})}])
async def test_strangers_and_the_excluded_do_not_count(vote, about):
    kept = await vote.now()
    terms = kept.terms.model_copy(update={"exclude_guests": True, "excluded_roles": frozenset({"intern"})})
    kept = await vote.ports.deliberations.save(kept.model_copy(update={"terms": terms}))
    vote.platform.reacted[kept.ballot] = [SeenReactions(Actor("T1", "eve", **about), ("😍",))]
    await reconcile(kept, vote.ports)
    assert await ratings(vote) == {}


async def test_reactions_are_counted_once_more_before_the_vote_settles(vote):
    await show(vote, ann="😍", bob="😊")
    await vote.say(CloseRating(Actor("T1", "fay"), vote.deliberation_id))
    await vote.all_due()
    assert (await vote.now()).phase is Phase.SETTLED
    assert await ratings(vote) == {"ann": 7, "bob": 6}
    assert vote.platform.shown[(await vote.now()).ballot][-1].closed


async def test_a_platform_that_does_not_answer_holds_the_vote_up_only_for_a_while(vote):
    async def down(deliberation):
        raise PlatformError("It does not answer.")

    vote.platform.reactions = down
    await vote.say(CloseRating(Actor("T1", "fay"), vote.deliberation_id))
    await vote.run(Step.SETTLE)
    assert (await vote.now()).phase is Phase.RATING
    for _ in range(12):
        await vote.later(timedelta(minutes=6))
    assert (await vote.now()).phase is Phase.SETTLED


async def test_a_whole_team_is_reconciled_after_an_outage(vote):
    await show(vote, ann="😍")
    await reconcile_team("T1", "web", vote.ports)
    assert await ratings(vote) == {"ann": 7}


async def test_the_statement_is_rated_on_a_message_of_its_own(vote):
    kept = await vote.now()
    assert kept.ballot != kept.message
    assert isinstance(vote.platform.shown[kept.ballot][0], BallotCard)
    assert await vote.ports.deliberations.of_message("web", kept.ballot) == kept
    assert (kept.round_of(kept.ballot), kept.round_of(kept.message)) == (1, None)


async def test_an_anonymous_question_has_no_ballot(room):
    await room.voting(anonymous=True, rating_by=RatingBy.POLL)
    kept = await room.now()
    assert (kept.ballot, kept.terms.rating_by) == (None, RatingBy.BUTTONS)


async def test_removing_a_reaction_that_does_not_count_changes_nothing(vote):
    await act(vote, CastRating, "ann", 2)
    vote.clock.advance(MINUTE)
    await act(vote, CastRating, "ann", 7)
    vote.clock.advance(MINUTE)
    await act(vote, WithdrawRating, "ann", 2)
    assert await ratings(vote) == {"ann": 7}
    await act(vote, WithdrawRating, "ann", 7)
    assert await ratings(vote) == {}


async def test_a_removal_that_overtakes_keeps_out_only_its_own_reaction(vote):
    added, other = vote.clock.now(), vote.clock.now() + MINUTE
    vote.clock.advance(2 * MINUTE)
    await act(vote, WithdrawRating, "ann", 2)
    for value, at in ((2, added), (7, other)):
        await vote.say(CastRating(Actor("T1", "ann"), vote.deliberation_id, value, at))
    assert await ratings(vote) == {"ann": 7}


async def test_reminders_that_failed_leave_the_last_look_its_own_tries(room):
    room.platform.cards = lambda: None
    await room.voting(**PUBLIC, reminder_before=60 * MINUTE)
    look, errors = room.platform.reactions, []

    async def members(team, channel):
        raise RateLimitedError("Slower.", retry_after_s=1.0)

    async def reactions(deliberation):
        if errors:
            raise errors.pop()
        return await look(deliberation)

    room.platform.members, room.platform.reactions = members, reactions
    await room.later((await room.now()).rating_closes_at - room.clock.now() - 60 * MINUTE)
    for _ in range(11):
        await room.later(5 * MINUTE)
    assert (await room.now()).setbacks > RECONCILING_TRIES
    await show(room, ann="heart_eyes")
    errors.append(PlatformError("The platform does not answer."))
    await room.later(5 * MINUTE)
    held = await room.now()
    assert (held.phase, held.setbacks) == (Phase.RATING, 1)
    await room.later(5 * MINUTE)

    assert (await room.now()).phase is Phase.SETTLED
    assert await ratings(room) == {"ann": 7}


async def test_open_pages_are_told_how_many_ratings_were_found(vote):
    await show(vote, ann="heart_eyes", bob="rage")
    async with vote.ports.live.subscribe(vote.deliberation_id) as events:
        await reconcile(await vote.now(), vote.ports)
        assert await anext(events) == Rated(count=2)
