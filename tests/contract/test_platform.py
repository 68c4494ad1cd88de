"""`ChatPlatform`: what every platform promises, whatever it is made of.

To join, a platform adds a fixture `platform_NAME` that gives a `Harness` (here, or in a conftest of this
folder), and its name to PLATFORMS. Where a harness cannot do something, its attribute is None and says so.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from adapters.console.platform import ConsolePlatform
from adapters.discord.people import Who
from adapters.memory import MemoryPlatform
from adapters.web.platform import WebPlatform
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError
from bot.domain.ratings import RatingBy
from bot.domain.terms import Terms
from bot.service.ports.platform import (
    ChatPlatform,
    CollectsBaselines,
    CollectsRatings,
    KnowsAccess,
    SeenReactions,
)
from bot.wording.cards import BallotCard, QuestionCard, ReminderNote
from tests.discord_house import make_house as make_discord
from tests.slack_house import make_house as make_slack

PLATFORMS = ["memory", "console", "web", "slack", "discord"]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Harness:
    """A platform with one team and one channel.

    people: who is in the channel, as `members` must give them.
    gone: a channel that there is not, whatever its id looks like there.
    messages: how many messages the channel shows; None where messages are not to be counted.
    react: makes a person react on a ballot; None where the platform collects no ratings.
    vote: makes a person vote on a position statement; None where the platform has no poll for it.
    """

    platform: ChatPlatform
    team: str
    channel: str
    people: tuple[str, ...]
    messages: Callable[[], int] | None = None
    react: Callable[[Deliberation, str, str], Awaitable[None]] | None = None
    vote: Callable[[Deliberation, str, int], Awaitable[None]] | None = None
    gone: str = "404"


@pytest.fixture
def platform_memory():
    platform = MemoryPlatform({"c1": ("ann", "bob")})
    platform.private = {"c1": {"ann", "bob"}, "404": set()}

    async def react(deliberation, user, shown):
        seen = SeenReactions(Actor("t1", user), (shown,))
        platform.reacted.setdefault(deliberation.ballot, []).append(seen)

    async def vote(deliberation, user, value):
        seen = SeenReactions(Actor("t1", user), (str(value),))
        platform.polled.setdefault(deliberation.id, []).append(seen)

    return Harness(platform, "t1", "c1", ("ann", "bob"), lambda: len(platform.shown), react, vote)


@pytest.fixture
def platform_console():
    return Harness(
        ConsolePlatform(Console(file=StringIO()), members=("ann", "bob")), "t1", "c1", ("ann", "bob")
    )


@pytest.fixture
def platform_web():
    return Harness(WebPlatform(), "t1", "c1", ())


@pytest.fixture
async def platform_slack():
    """Slack's adapter and SDK before a loopback Slack."""
    async with make_slack() as house:
        ann, bob = house.slack.user("ann"), house.slack.user("bob")
        people = {ann.id: ann, bob.id: bob}
        room = house.slack.channel("general", ann, bob)

        async def react(deliberation, user, shown):
            level = next(each for each in deliberation.terms.scale.levels if each.emoji == shown)
            await people[user].react(room.message(deliberation.ballot.message), level.name)

        yield Harness(
            house.parts.platform,
            ann.team.id,
            room.id,
            (ann.id, bob.id),
            lambda: len([message for message in room.shown if message.bot_id]),
            react,
        )


@pytest.fixture
async def platform_discord():
    """Discord's adapter and SDK before a loopback Discord."""
    async with make_discord() as house:
        people = {str(member.id): member for member in house.people(2)}
        team, room = str(house.room.guild.id), str(house.room.id)
        for user in people:
            # Without the privileged intent those are known who used the app.
            await house.parts.people.met(Who(team, user, channel=room))

        async def react(deliberation, user, shown):
            await people[user].react(house.room.message(int(deliberation.ballot.message)), shown)

        async def vote(deliberation, user, value):
            poll = next(message for message in house.room.shown if message.poll)
            await people[user].vote(poll, value)

        def messages():
            return len(house.room.shown)

        yield Harness(house.parts.platform, team, room, tuple(people), messages, react, vote)


@pytest.fixture(params=PLATFORMS)
def there(request):
    return request.getfixturevalue(f"platform_{request.param}")


def question(there, id_="d1", **about):
    terms = Terms(anonymous=False, rating_by=RatingBy.REACTIONS)
    return Deliberation(
        id=id_,
        team=there.team,
        platform="any",
        channel=there.channel,
        facilitator="fay",
        question="Should we ban single-use plastics?",
        terms=terms,
        created_at=NOON,
        **about,
    )


async def test_posting_again_under_a_key_gives_the_message_that_is_there(there):
    card = QuestionCard(question(there), answered=0)
    first = await there.platform.post(there.channel, card, key="d1")
    assert await there.platform.post(there.channel, card, key="d1") == first
    assert await there.platform.post(there.channel, card, key="d2") != first
    if there.messages is not None:
        assert there.messages() == 2


async def test_a_message_can_be_updated_again_and_again(there):
    deliberation = question(there)
    message = await there.platform.post(there.channel, QuestionCard(deliberation, answered=0), key="d1")
    for answered in (1, 2, 2):
        await there.platform.update(message, QuestionCard(deliberation, answered=answered))
    if there.messages is not None:
        assert there.messages() == 1


async def test_the_channels_people_are_given(there):
    assert sorted(await there.platform.members(there.team, there.channel)) == sorted(there.people)


async def test_a_channel_is_seen_by_its_people_and_by_nobody_else(there):
    if not isinstance(there.platform, KnowsAccess):
        # Where people come in by a link, there is no channel that anybody could look into.
        assert isinstance(there.platform, ConsolePlatform | WebPlatform)
        return
    for user in there.people:
        assert await there.platform.may_see(there.team, there.channel, user)
    assert not await there.platform.may_see(there.team, there.channel, "404")
    assert not await there.platform.may_see(there.team, there.gone, there.people[0])


async def test_a_person_is_written_to_or_it_is_said_that_they_cannot_be(there):
    note = ReminderNote(question(there))
    if there.people:
        await there.platform.direct_message(there.team, there.people[0], note)
        return
    with pytest.raises(PlatformError):
        await there.platform.direct_message(there.team, "ann", note)


async def test_what_people_reacted_with_is_read_back(there):
    assert isinstance(there.platform, CollectsRatings) is (there.react is not None)
    if there.react is None:
        return
    deliberation = question(there, phase=Phase.RATING, statement="Let us reuse.")
    card = BallotCard(deliberation, "Let us reuse.")
    ballot = await there.platform.post(there.channel, card, key="d1:ballot:1")
    deliberation = deliberation.balloted(ballot)
    assert list(await there.platform.reactions(deliberation)) == []
    top, bottom = deliberation.terms.scale.levels[-1], deliberation.terms.scale.levels[0]
    await there.react(deliberation, there.people[0], top.emoji)
    await there.react(deliberation, there.people[1], bottom.emoji)
    seen = {
        one.actor.user: {deliberation.terms.scale.value_of(shown) for shown in one.shown}
        for one in await there.platform.reactions(deliberation)
    }
    assert seen == {there.people[0]: {top.value}, there.people[1]: {bottom.value}}


async def test_votes_on_a_position_statement_are_read_back_as_often_as_they_are_asked_for(there):
    assert isinstance(there.platform, CollectsBaselines) is (there.vote is not None)
    if there.vote is None:
        return
    deliberation = question(there)
    terms = deliberation.terms.model_copy(
        update={"rating_by": RatingBy.POLL, "position_statement": "Ban them."}
    )
    deliberation = deliberation.model_copy(update={"terms": terms})
    assert list(await there.platform.baselines(deliberation)) == []
    await there.platform.post(there.channel, QuestionCard(deliberation, answered=0), key=deliberation.id)
    await there.vote(deliberation, there.people[0], 7)
    await there.vote(deliberation, there.people[1], 1)
    for _ in range(2):
        seen = {one.actor.user: one.shown for one in await there.platform.baselines(deliberation)}
        assert seen == {there.people[0]: ("7",), there.people[1]: ("1",)}


async def test_a_closed_ballot_can_be_shown_again(there):
    if there.react is None:
        return
    deliberation = question(there, phase=Phase.RATING, statement="Let us reuse.")
    card = BallotCard(deliberation, "Let us reuse.")
    ballot = await there.platform.post(there.channel, card, key="d1:ballot:1")
    for _ in range(2):
        await there.platform.update(ballot, BallotCard(deliberation, "Let us reuse.", closed=True))
