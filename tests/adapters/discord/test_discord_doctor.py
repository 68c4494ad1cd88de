"""What `accord doctor` finds about Discord, and that commands are put in place only when they changed."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.discord import checkup
from adapters.discord.app import DiscordGateway
from adapters.discord.config import BITS, DiscordConfig
from tests.discord_house import DiscordHouse
from tests.discord_server import DiscordServer
from tests.discord_server.permissions import BITS as DISCORDS

PUT = "PUT /applications/{application}/commands"


async def findings(house: DiscordHouse, **given: str) -> dict[str, bool]:
    """Each sentence with whether all is well."""
    return {words: ok for ok, words in await checkup.examine(replace(house.config, **given))}


async def test_a_server_that_is_set_up_has_nothing_to_mend(house: DiscordHouse) -> None:
    async with house.gateway():
        pass
    found = await findings(house)

    assert all(found.values())
    told = "\n".join(found)
    assert str(house.discord.app.id) in told
    assert "no privileged intent" in told
    assert "/accord is registered" in told
    assert "one server has added the app" in told
    assert house.discord.app.token not in told
    assert not house.discord.problems


async def test_the_address_that_adds_the_app_asks_for_what_is_needed_and_no_more(
    house: DiscordHouse,
) -> None:
    last = list(await findings(house))[-1]
    query = parse_qs(urlsplit(last.split()[-1]).query)

    assert query["client_id"] == [str(house.discord.app.id)]
    assert query["scope"] == ["bot applications.commands"]
    assert int(query["permissions"][0]) == sum(DISCORDS[name] for name in BITS)
    assert "administrator" not in BITS


async def test_a_wrong_token_is_told_and_never_shown(house: DiscordHouse) -> None:
    found = await findings(house, token="wrong.token.value")

    assert list(found.values()) == [False]
    assert "DISCORD_TOKEN does not work" in next(iter(found))
    assert "wrong.token.value" not in str(found)


async def test_a_discord_that_is_away_is_told(house: DiscordHouse) -> None:
    await house.discord.stop()
    found = await findings(house)

    assert list(found.values()) == [False]


async def test_what_the_app_may_not_do_is_told_with_what_that_prevents(house: DiscordHouse) -> None:
    house.discord.deny(house.room.guild, "send_polls")
    mild = await findings(house)
    house.discord.deny(house.room.guild, "embed_links")
    grave = await findings(house)

    assert any("Create Polls (to post the poll" in words and ok for words, ok in mild.items())
    assert any("Embed Links (to show the question" in words and not ok for words, ok in grave.items())


async def test_an_app_that_no_server_has_is_told() -> None:
    async with DiscordServer() as discord:
        found = {
            words: ok
            for ok, words in await checkup.examine(DiscordConfig(discord.app.token, discord.api_url))
        }

    assert any("no server has added the app" in words and not ok for words, ok in found.items())


# -- putting commands in place -------------------------------------------------------------------


async def test_commands_are_put_in_place_once_for_all_gateways(any_house: DiscordHouse) -> None:
    house = any_house
    for _ in range(3):
        async with house.gateway():
            pass

    assert len(house.discord.calls(PUT)) == 1


async def test_commands_that_changed_or_were_taken_away_are_put_in_place_again(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.gateway():
        pass
    house.discord.state.commands.clear()
    async with house.gateway():
        assert house.discord.state.commands
    assert len(house.discord.calls(PUT)) == 2

    before = DiscordGateway.__init__

    def changed(gateway: DiscordGateway, *args: object, **given: object) -> None:
        before(gateway, *args, **given)  # type: ignore[arg-type]
        gateway.routes.accord.remove_command("status")

    monkeypatch.setattr(DiscordGateway, "__init__", changed)
    async with house.gateway():
        pass
    assert len(house.discord.calls(PUT)) == 3
