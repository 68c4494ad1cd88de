"""New tokens, a new signing secret and a new secret key in the middle of a question: nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.parts import SlackParts
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import ForgetMe
from bot.domain.deliberation import Phase
from bot.service.dispatch import dispatch
from tests.slack_house import SECRET, SlackHouse, card, install, make_house

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

NEW_SECRET = "another secret that is only for tests"


@asynccontextmanager
async def started_again(house: SlackHouse, **config: str) -> AsyncIterator[None]:
    """With other tokens, and the new secret key before the old one."""
    changed: dict[str, Any] = {"secret": NEW_SECRET, "old_secrets": (SECRET,), **config}
    house.config = replace(house.config, **changed)
    house.parts = SlackParts.make(house.config, house.notes, house.pages)
    house.ports = replace(
        house.ports,
        pseudonyms=Pseudonyms(NEW_SECRET, SECRET),
        platforms={"slack": house.parts.platform},
    )
    try:
        yield
    finally:
        await house.parts.close()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_question_goes_on_under_new_tokens_and_a_new_key(mode: str) -> None:
    async with make_house() as house:
        slack, people = house.slack, house.people(4)
        room = slack.channel("general", *people)
        async with house.gateway(mode):
            d = await house.ask(people[0], room)
            for user in people[:3]:
                await house.opine(user, card(room), f"{user.name} would rather reuse.")
        old = slack.bot_token()
        new = slack.new_token(people[0].team).value
        slack.state.tokens[old].error = "token_revoked"
        slack.app.app_token = "xapp-1-A0ACCORD000-2-rotated"
        slack.app.signing_secret = "f" * 32
        tokens = {"bot_token": new, "app_token": slack.app.app_token}
        async with (
            started_again(house, **tokens, signing_secret=slack.app.signing_secret),
            house.gateway(mode),
        ):
            await house.opine(people[1], card(room), "I have changed my mind.")
            assert await house.contributions.opinion_count(d.id) == 3
            await house.opine(people[3], card(room), "Late, and here.")
            assert await house.contributions.opinion_count(d.id) == 4
            await people[0].command("/accord close", room)
            await house.settled()
            await house.until_phase(d, Phase.RATING)
            who = Actor(d.team, people[1].id)
            assert (await dispatch(ForgetMe(who, house.ports.clock.now()), house.ports)).ok
            assert await house.contributions.opinion_count(d.id) == 3


async def test_an_installed_workspaces_token_is_still_read_under_a_new_key(
    many: SlackHouse,
) -> None:
    team = many.slack.team("another", installed=False)
    async with many.gateway("http"):
        await install(many, team)
    async with started_again(many, client_secret="another one"):
        found = await many.parts.installations.async_find_bot(enterprise_id=None, team_id=team.id)
        assert found is not None
        assert found.bot_token == many.slack.bot_token(team)
