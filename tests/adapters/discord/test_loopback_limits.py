"""What the loopback Discord refuses, and that it takes what is exactly as long as is allowed.

discord.py checks some limits itself, so bodies go by its HTTP client as they are.
"""

from typing import Any

import discord
import pytest
from discord.http import Route

from tests.discord_client import Bot
from tests.discord_server import DiscordServer
from tests.discord_server import limits_of_discord as most
from tests.discord_server.check_commands import check_commands
from tests.discord_server.check_components import check_modal
from tests.discord_server.checks import check_message
from tests.discord_server.errors import ApiError

Json = dict[str, Any]


def button(custom_id: str = "b", **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "B", "custom_id": custom_id, **more}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def select(options: int = 1, **more: Any) -> Json:
    told = [{"label": str(n), "value": str(n)} for n in range(options)]
    return {"type": 3, "custom_id": "s", "options": told, **more}


def field(name: int = 1, value: int = 1) -> Json:
    return {"name": "n" * name, "value": "v" * value}


def a_poll(question: int = 5, answers: int = 2, answer: int = 5, hours: int = 24) -> Json:
    listed = [{"poll_media": {"text": "a" * answer}} for _ in range(answers)]
    return {"question": {"text": "q" * question}, "answers": listed, "duration": hours}


def embed(**parts: Any) -> Json:
    return {"embeds": [parts]}


TOO_MUCH = {
    "content": ({"content": "x" * 2_001}, {"content": "x" * 2_000}, ("content",)),
    "nonce": ({"content": "x", "nonce": "n" * 26}, {"content": "x", "nonce": "n" * 25}, ("nonce",)),
    "title": (embed(title="x" * 257), embed(title="x" * 256), ("embeds", "0", "title")),
    "description": (
        embed(description="x" * 4_097),
        embed(description="x" * 4_096),
        ("embeds", "0", "description"),
    ),
    "fields": (embed(fields=[field()] * 26), embed(fields=[field()] * 25), ("embeds", "0", "fields")),
    "field name": (
        embed(fields=[field(257)]),
        embed(fields=[field(256)]),
        ("embeds", "0", "fields", "0", "name"),
    ),
    "field value": (
        embed(fields=[field(1, 1_025)]),
        embed(fields=[field(1, 1_024)]),
        ("embeds", "0", "fields", "0", "value"),
    ),
    "footer": (
        embed(footer={"text": "x" * 2_049}),
        embed(footer={"text": "x" * 2_048}),
        ("embeds", "0", "footer", "text"),
    ),
    "all embeds": (
        embed(description="x" * 4_096, footer={"text": "x" * 1_905}),
        embed(description="x" * 4_096, footer={"text": "x" * 1_904}),
        ("embeds",),
    ),
    "rows": (
        {"components": [row(button(str(n))) for n in range(6)]},
        {"components": [row(button(str(n))) for n in range(5)]},
        ("components",),
    ),
    "buttons": (
        {"components": [row(*(button(str(n)) for n in range(6)))]},
        {"components": [row(*(button(str(n)) for n in range(5)))]},
        ("components", "0", "components"),
    ),
    "label": (
        {"components": [row(button(label="x" * 81))]},
        {"components": [row(button(label="x" * 80))]},
        ("components", "0", "components", "0", "label"),
    ),
    "custom id": (
        {"components": [row(button("x" * 101))]},
        {"components": [row(button("x" * 100))]},
        ("components", "0", "components", "0", "custom_id"),
    ),
    "same custom id": (
        {"components": [row(button("b"), button("b"))]},
        {"components": [row(button("b"), button("c"))]},
        ("components", "0", "components", "1", "custom_id"),
    ),
    "options": (
        {"components": [row(select(26))]},
        {"components": [row(select(25))]},
        ("components", "0", "components", "0", "options"),
    ),
    "poll question": ({"poll": a_poll(301)}, {"poll": a_poll(300)}, ("poll", "question", "text")),
    "poll answers": ({"poll": a_poll(answers=11)}, {"poll": a_poll(answers=10)}, ("poll", "answers")),
    "poll answer": (
        {"poll": a_poll(answer=56)},
        {"poll": a_poll(answer=55)},
        ("poll", "answers", "0", "poll_media", "text"),
    ),
    "poll duration": ({"poll": a_poll(hours=769)}, {"poll": a_poll(hours=768)}, ("poll", "duration")),
    "no duration": ({"poll": a_poll(hours=0)}, {"poll": a_poll(hours=1)}, ("poll", "duration")),
    "mentions": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"content": "x", "allowed_mentions": {"parse": [], "users": ["1"]}},
        ("allowed_mentions",),
    ),
}


def at(tree: Json, path: tuple[str, ...]) -> list[Json]:
    for key in path:
        tree = tree[key]
    found: list[Json] = tree["_errors"]
    return found


@pytest.mark.parametrize(("too_much", "enough", "path"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_message_is_refused_at_the_place_of_its_mistake(
    too_much: Json, enough: Json, path: tuple[str, ...]
) -> None:
    with pytest.raises(ApiError) as refused:
        check_message(too_much)
    assert (refused.value.status, refused.value.body["code"]) == (400, 50035)
    assert at(refused.value.body["errors"], path)[0]["message"]
    check_message(enough)


async def test_the_client_is_told_where(discord_server: DiscordServer, bot: Bot) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await bot.text_channel().send("x" * 2_001)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert "In content: Must be 2000 or fewer in length." in refused.value.text


async def test_an_empty_message_is_refused(bot: Bot) -> None:
    with pytest.raises(discord.HTTPException) as refused:
        await bot.text_channel().send(" ")
    assert refused.value.code == 50006


def text_input(**more: Any) -> Json:
    return {"type": 4, "custom_id": "t", "style": 2, **more}


def modal(*parts: Json, title: str = "Ask") -> Json:
    return {"title": title, "custom_id": "m", "components": list(parts)}


def label(component: Json, text: str = "L", **more: Any) -> Json:
    return {"type": 18, "label": text, "component": component, **more}


MODALS = {
    "title": (modal(label(text_input()), title="x" * 46), modal(label(text_input()), title="x" * 45)),
    "parts": (
        modal(*(label(text_input(custom_id=str(n))) for n in range(6))),
        modal(*(label(text_input(custom_id=str(n))) for n in range(5))),
    ),
    "label": (modal(label(text_input(), "x" * 46)), modal(label(text_input(), "x" * 45))),
    "description": (
        modal(label(text_input(), description="x" * 101)),
        modal(label(text_input(), description="x" * 100)),
    ),
    "value": (modal(label(text_input(value="x" * 4_001))), modal(label(text_input(value="x" * 4_000)))),
    "max_length": (modal(label(text_input(max_length=4_001))), modal(label(text_input(max_length=4_000)))),
    "select": (modal(label(select(26))), modal(label(select(25)))),
    "button": (modal(row(button())), modal(row(text_input(label="L")))),
    "same custom id": (
        modal(label(text_input()), label(text_input())),
        modal(label(text_input()), label(text_input(custom_id="u"))),
    ),
}


@pytest.mark.parametrize(("too_much", "enough"), MODALS.values(), ids=MODALS)
def test_a_modal_keeps_its_limits(too_much: Json, enough: Json) -> None:
    with pytest.raises(ApiError) as refused:
        check_modal(too_much)
    assert refused.value.body["code"] == 50035
    check_modal(enough)


def command(**more: Any) -> Json:
    return {"name": "ask", "description": "d", **more}


def option(name: str = "o", **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "d", **more}


def big_command(options: int) -> Json:
    """About 400 characters an option."""
    choices = [{"name": "x" * 100, "value": "y" * 100}] * 2
    return command(options=[option(f"o{n}", choices=choices) for n in range(options)])


COMMANDS = {
    "name": ([command(name="x" * 33)], [command(name="x" * 32)]),
    "capitals": ([command(name="Ask")], [command(name="ask-me")]),
    "spaces": ([command(name="ask me")], [{"type": 3, "name": "Ask me"}]),
    "no description": ([command(description="")], [command(description="d")]),
    "description": ([command(description="x" * 101)], [command(description="x" * 100)]),
    "options": (
        [command(options=[option(f"o{n}") for n in range(26)])],
        [command(options=[option(f"o{n}") for n in range(25)])],
    ),
    "choices": (
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(25)])])],
    ),
    "order": (
        [command(options=[option("a"), option("b", required=True)])],
        [command(options=[option("b", required=True), option("a")])],
    ),
    "locale": ([command(name_localizations={"xx": "frage"})], [command(name_localizations={"de": "frage"})]),
    "localised name": (
        [command(name_localizations={"de": "Frage"})],
        [command(description_localizations={"de": "Eine Frage"})],
    ),
    "twice": ([command(), command()], [command(), command(name="close")]),
    "number": ([command(name=f"c{n}") for n in range(101)], [command(name=f"c{n}") for n in range(100)]),
    "size": ([big_command(20)], [big_command(19)]),
}


@pytest.mark.parametrize(("too_much", "enough"), COMMANDS.values(), ids=COMMANDS)
def test_commands_keep_their_limits(too_much: list[Json], enough: list[Json]) -> None:
    with pytest.raises(ApiError) as refused:
        check_commands(too_much)
    assert refused.value.body["code"] == 50035
    check_commands(enough)


async def test_commands_are_replaced_as_a_whole_or_not_at_all(
    discord_server: DiscordServer, bot: Bot
) -> None:
    app = discord_server.app.id
    await bot.http.bulk_upsert_global_commands(app, [command()])  # type: ignore[list-item]
    before = discord_server.state.commands[None]
    with pytest.raises(discord.HTTPException):
        await bot.http.bulk_upsert_global_commands(app, [command(), command()])  # type: ignore[list-item]
    assert discord_server.state.commands[None] is before
    again = await bot.http.bulk_upsert_global_commands(app, [command(description="new")])  # type: ignore[list-item]
    assert again[0]["id"] == before[0]["id"]


async def test_twenty_emoji_are_enough_under_one_message(bot: Bot, discord_server: DiscordServer) -> None:
    sent = await bot.text_channel().send("rate")
    for number in range(most.REACTIONS):
        await sent.add_reaction(chr(0x1F600 + number))
    with pytest.raises(discord.HTTPException) as refused:
        await sent.add_reaction("👍")
    assert refused.value.code == 30010


async def test_an_unknown_route_is_a_problem(discord_server: DiscordServer, bot: Bot) -> None:
    with pytest.raises(discord.NotFound):
        await bot.http.request(Route("GET", "/nonsense"))
    assert discord_server.problems == ["no such route: GET /api/v10/nonsense"]
    discord_server.problems.clear()


def test_layouts_have_limits_of_their_own(discord_server: DiscordServer) -> None:
    text: Json = {"type": 10, "content": "x" * 4_000}
    layout = {"flags": 1 << 15}
    check_message({**layout, "components": [text]})
    for wrong in (
        {"components": [text, text]},
        {"components": [text], "content": "x"},
        {"components": [{"type": 2}]},
    ):
        with pytest.raises(ApiError):
            check_message({**layout, **wrong})
