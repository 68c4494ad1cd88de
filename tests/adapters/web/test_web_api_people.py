"""Tokens that are gone, and those whose people they had: what admins can still do for them."""

from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.api_tokens import EXPIRED_KEPT, Scope
from bot.domain.errors import PermissionDeniedError, TeamError
from bot.service import api_tokens
from bot.wording import api_lines
from tests.adapters.web.test_web_api import answered, asked, made
from tests.web_house import House, Person

HERE = "/admin/software"
BOSS = Actor("web", "boss", admin=True)


async def token_of(house: House) -> str:
    (listed,) = await house.access.tokens.of_team("web")
    return listed.token.id


async def kept(house: House, question: str) -> list[str]:
    return sorted(each.text for each in await house.ports.contributions.opinions(question))


async def test_an_admin_has_somebody_forgotten_whose_token_was_revoked(house: House, admin: Person) -> None:
    client = await made(house)
    question = (await asked(client))["id"]
    for who in ("ann", "ben"):
        await answered(client, question, who, f"Of {who}.")
    id_ = await token_of(house)
    assert id_ in await admin.open(HERE)
    await admin.send(f"{HERE}/revoke", {"seen": id_, "sure": "yes"})
    house.clock.advance(timedelta(seconds=1))
    said = {"token": f" {id_} ", "participant": "ann"}
    await admin.send(f"{HERE}/forget", said)
    assert (admin.status, await kept(house, question)) == (422, ["Of ann.", "Of ben."])
    await admin.send(f"{HERE}/forget", said | {"sure": "yes"})
    assert (str(api_lines.FORGOTTEN) in admin.page, await kept(house, question)) == (True, ["Of ben."])
    await admin.send(f"{HERE}/forget", said | {"participant": "nobody", "sure": "yes"})
    assert (str(api_lines.FORGOTTEN) in admin.page, await kept(house, question)) == (True, ["Of ben."])


@pytest.mark.parametrize(
    ("token", "person", "said"), [("<b>", "ann", "a token&#39;s ID"), ("0" * 16, "a:b", "a person&#39;s ID")]
)
async def test_only_people_of_software_are_forgotten_like_that(
    house: House, admin: Person, token: str, person: str, said: str
) -> None:
    await admin.open(HERE)
    await admin.send(f"{HERE}/forget", {"token": token, "participant": person, "sure": "yes"})
    assert (admin.status, said in admin.page) == (422, True)
    assert "<b>" not in admin.page
    with pytest.raises(PermissionDeniedError):
        await api_tokens.forget(Actor("web", "ann"), "0" * 16, "ann", house.ports, house.clock.now())


async def test_a_token_that_expired_is_shown_so_and_goes_after_a_month(house: House) -> None:
    client = await made(house)
    house.clock.advance(timedelta(days=30))
    assert "expired" in await (await house.admin()).open(HERE)
    await client("GET", "/questions")
    assert client.status == 401
    house.clock.advance(EXPIRED_KEPT)
    assert "Wiki" not in await (await house.admin()).open(HERE)
    assert list(await house.access.tokens.of_team("web")) == []


@pytest.mark.parametrize("platform", ["slack", "discord"])
async def test_no_token_is_made_for_where_its_people_could_be_written_to(house: House, platform: str) -> None:
    wish = api_tokens.Wish(platform, "C1", "Wiki", frozenset({Scope.READ}), None)
    with pytest.raises(TeamError, match="on the web only"):
        await api_tokens.make(BOSS, wish, house.access.tokens, house.clock.now())
