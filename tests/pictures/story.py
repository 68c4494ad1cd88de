"""One question as people live through it; the name of each stage comes when it can be seen."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.commands import VoteOnPoint
from bot.domain.model_notice import ModelNotice
from bot.domain.points import Side
from bot.service.dispatch import dispatch
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import Place
from tests.web_house import FakeMediator

Stages = AsyncIterator[str]
TEXTS = [
    "Ban them at last. Nobody needs a plastic fork, and the river behind our school is full of them.",
    "I would rather pay a deposit. A ban hits people with little money and little time.",
    "Only if hospitals and care homes are exempt; my mother cannot drink from glass.",
    "Start with shops above 200 m² and see what it costs. I am open to more later.",
]
REASONS = ("It says nothing about the deposit. With one I would agree.", "Good, but name the hospitals.")
DECIDED = "No plastic bags from May on."
NOTICE = ModelNotice(drafter="Llama 3.1 8B on models.example.org")
OF_SLACK = ("", "ask", "help", "settings", "list", "status", "nonsense")
OF_DISCORD = ("accord settings", "accord library", "accord list", "accord status")


async def lived(place: Place, *, named: bool) -> Stages:
    """From the question to being forgotten."""
    await place.tells(NOTICE)
    place.drafts_with(FakeMediator(model_used=True))
    await place.ask(named=named)
    await place.opine(0, TEXTS[0])
    yield "asked and answered"
    for person, text in enumerate(TEXTS[1:], 1):
        await place.opine(person, text)
    yield ""
    await place.opine(1, f"{TEXTS[1]} Vouchers would do.")
    yield "an opinion is changed"
    await place.how(2)
    yield "how this works"
    await place.withdraw_opinion(3)
    yield "withdrawing an opinion"
    await place.close()
    await place.work()
    yield "the statement"
    await place.close_vote()
    yield "closing a vote that nobody has rated"
    await place.rate(1, 6)
    yield "a rating"
    for person, value in ((0, 5), (2, 3), (3, 6)):
        await place.rate(person, value)
    yield ""
    await place.give_reason(1, REASONS[0])
    yield "a reason"
    await place.give_reason(2, REASONS[1])
    yield ""
    await place.withdraw_reason(1)
    yield "withdrawing a reason"
    await place.sees(2)
    await place.manages()
    yield "while the vote is open"
    await place.close()
    await place.work()
    await place.sees(2)
    await place.manages()
    yield "the result"
    by = (place.ports.clock.now() + timedelta(days=30)).date()
    await place.record_outcome(decided=DECIDED, who="Ann", by=by.isoformat())
    await place.work()
    await place.past(2, "plastics")
    await place.manages()
    yield "what was decided"
    await place.forget_me(1)
    yield "forget me"


async def voted_on(place: Place) -> Stages:
    """A question with points, of which one is hidden."""
    await place.ask(points=True)
    for person, text in enumerate(TEXTS[:3]):
        await place.opine(person, text)
    await place.work()
    await place.points(3)
    yield "points to vote on"
    for person in range(4):
        await place.vote(person, "agree" if person < 3 else "disagree")
    yield "votes"
    await place.add_point(2, "Let shops choose between a deposit and a ban.")
    yield "a point of ones own"
    first = (await place.votes())[0][0]
    await place.hide_point(0, first)
    yield "hiding a point"
    channel = (await place.load()).channel
    for person in range(8):
        for each in [one for one in await place.ports.points.all(place.id) if not one.hidden]:
            voter, at = Actor(place.team, f"voter {person}", channel=channel), place.ports.clock.now()
            side = Side.AGREE if person % 2 or len(each.text) < 50 else Side.DISAGREE
            reply = await dispatch(VoteOnPoint(voter, place.id, each.id, side, at), place.ports)
            assert reply.ok, reply.text
    await place.work()
    await place.points(3)
    yield "what votes say"
    await place.close()
    await place.work()
    await place.rated(5, 6, 4)
    await place.work()
    await place.sees(2)
    yield "a result with points"


def commanded(place: Place) -> Stages:
    """What an admin opens and is answered."""
    if isinstance(place, SlackPlace):
        return commanded_on_slack(place)
    if isinstance(place, DiscordPlace):
        return commanded_on_discord(place)
    assert isinstance(place, WebPlace)
    return opened_by_an_admin(place)


async def commanded_on_slack(place: SlackPlace) -> Stages:
    """What an admin's commands open and answer."""
    boss = place.house.slack.user("boss", is_admin=True)
    leads = place.house.slack.channel("leads", boss)
    for words in OF_SLACK:
        await boss.command(f"/accord {words}".strip(), leads)
        await place.house.settled()
        yield f"accord {words}".strip()
        while boss.views:
            await boss.close()


async def commanded_on_discord(place: DiscordPlace) -> Stages:
    """What an admin's commands answer."""
    boss = place.house.discord.owner()
    for words in OF_DISCORD:
        answered = await boss.command(words)
        await place.house.discord.until(lambda done=answered: done.message, what="an answer")  # type: ignore[misc]
        yield words


async def opened_by_an_admin(place: WebPlace) -> Stages:
    """Pages that are about no question."""
    await place.ask()
    await place.runs()
    for path in ("/admin", "/ask", "/admin/settings", "/me", "/nowhere"):
        await place.asker.open(path)
        yield path.strip("/").replace("/", " ")
