"""A new bot token and a new secret key amid a question: nobody is lost, and nobody counts twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.discord.app import DiscordParts
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import ForgetMe
from bot.domain.deliberation import Phase
from bot.service.dispatch import dispatch
from tests.adapters.discord.test_discord_reminders import known, remind
from tests.discord_house import SECRET, DiscordHouse, make_house

NEW_SECRET = "another secret that is only for tests"
NEW_TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.loopback.another-token-of-it"


@asynccontextmanager
async def started_again(house: DiscordHouse, *secrets: str) -> AsyncIterator[None]:
    """With the new token, and these secret keys, the newest first."""
    house.config = replace(house.config, token=NEW_TOKEN, secrets=secrets)
    house.parts = DiscordParts.make(house.config, house.notes, house.pages)
    house.ports = replace(
        house.ports,
        pseudonyms=Pseudonyms(*secrets),
        platforms={"discord": house.parts.platform},
    )
    try:
        yield
    finally:
        await house.parts.close()


async def test_a_question_goes_on_under_a_new_token_and_a_new_key() -> None:
    async with make_house(secrets=(SECRET,)) as house:
        people = house.people(4)
        async with house.gateway():
            d = await house.ask(people[0])
            await known(house, people)
            for member in people[:3]:
                await house.opine(member, house.card, f"{member.name} would rather reuse.")
        house.discord.app.token = NEW_TOKEN
        async with started_again(house, NEW_SECRET, SECRET), house.gateway():
            # Whom Accord may write to is still known; so is who has answered.
            await remind(house, d)
            await house.discord.until(lambda: people[3].dms, what="a reminder")
            assert not people[1].dms
            await house.opine(people[1], house.card, "I have changed my mind.")
            assert await house.contributions.opinion_count(d.id) == 3
            await house.opine(people[3], house.card, "Late, and here.")
            await people[0].command("accord close")
            d = await house.until_phase(d, Phase.RATING)
            assert any(str(d.statement) in message.shown for message in house.own)
        # The old keys are gone one day: what is about people was sealed by the newest until then.
        async with started_again(house, NEW_SECRET):
            assert len(await house.parts.people._known(d.team, d.channel)) == 4


async def test_forgetting_reaches_what_was_noted_under_every_key() -> None:
    async with make_house(secrets=(SECRET,)) as house:
        people = house.people(3)
        async with house.gateway():
            d = await house.ask(people[0])
            await known(house, people)
            await house.opine(people[1], house.card, "Forget this.")
        house.discord.app.token = NEW_TOKEN
        user = str(people[1].id)
        async with started_again(house, NEW_SECRET, SECRET):
            reply = await dispatch(ForgetMe(Actor(d.team, user), house.ports.clock.now()), house.ports)
            assert reply.ok
            await house.parts.people.forget(d.team, user)
            assert not await house.contributions.opinion_count(d.id)
        for secrets in ((NEW_SECRET, SECRET), (SECRET,)):
            async with started_again(house, *secrets):
                assert user not in await house.parts.people._known(d.team, d.channel)
