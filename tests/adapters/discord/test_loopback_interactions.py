"""The loopback Discord's commands, components and modals, with the unmodified discord.py in front."""

import asyncio
import io
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.discord_client import Bot
from tests.discord_server import CannotDoError, DiscordServer, Upload

Answer = discord.Interaction[Any]


class Ask(discord.ui.Modal, title="Ask"):
    """A modal with everything the adapter may want."""

    question: discord.ui.Label[Any] = discord.ui.Label(
        text="Question", component=discord.ui.TextInput(custom_id="question", max_length=20)
    )
    kind: discord.ui.Label[Any] = discord.ui.Label(
        text="Kind",
        component=discord.ui.Select(
            custom_id="kind",
            options=[
                discord.SelectOption(label="Named", value="n", default=True),
                discord.SelectOption(label="Secret", value="s"),
            ],
        ),
    )

    async def on_submit(self, interaction: Answer) -> None:
        asked, kind = self.question.component.value, self.kind.component.values
        await interaction.response.send_message(f"{asked} {kind[0]}", ephemeral=True)


class Card(discord.ui.View):
    """Buttons and a select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Share", custom_id="card:share")
    async def share(self, interaction: Answer, button: Any) -> None:
        await interaction.response.send_modal(Ask())

    @discord.ui.button(label="Count", custom_id="card:count")
    async def count(self, interaction: Answer, button: Any) -> None:
        await interaction.response.edit_message(content="counted")

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="card:who", placeholder="Who?")
    async def who(self, interaction: Answer, select: Any) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(f"chose {select.values[0].name}", ephemeral=True)


class Sleepy(discord.ui.View):
    """A button whose answer waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.gate = asyncio.Event()
        self.refused: list[discord.HTTPException] = []

    @discord.ui.button(label="Slow", custom_id="slow")
    async def slow(self, interaction: Answer, button: Any) -> None:
        await self.gate.wait()
        try:
            await interaction.response.send_message("late")
        except discord.HTTPException as error:
            self.refused.append(error)


@pytest.fixture
async def accord(bot: Bot) -> Bot:
    """The bot with commands registered."""
    group = app_commands.Group(name="accord", description="Agree", guild_only=True)

    @group.command(name="ask", description="Ask a question")
    @app_commands.describe(question="What about?", csv="Many questions")
    async def ask(
        interaction: Answer,
        question: app_commands.Range[str, 1, 50] | None = None,
        csv: discord.Attachment | None = None,
        who: discord.Member | None = None,
    ) -> None:
        if csv is not None:
            await interaction.response.send_message((await csv.read()).decode(), ephemeral=True)
        elif who is not None:
            await interaction.response.send_message(f"for {who.name}")
        elif question:
            await interaction.response.send_message(question, view=Card())
        else:
            await interaction.response.send_modal(Ask())

    @group.command(name="close", description="Close one")
    async def close(interaction: Answer, which: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content=f"closed {which}")
        await interaction.followup.send(
            "and more", file=discord.File(io.BytesIO(b"a,b"), "x.csv"), ephemeral=True
        )

    @close.autocomplete("which")
    async def completed(interaction: Answer, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}!", value=typed)]

    @group.command(name="settings", description="Change settings")
    async def settings(interaction: Answer) -> None:
        await interaction.response.send_message("hidden", ephemeral=True)

    admin = app_commands.Command(name="admin", description="Admins only", callback=settings.callback)
    admin.default_permissions = discord.Permissions(manage_guild=True)

    async def find(interaction: Answer, message: discord.Message) -> None:
        await interaction.response.send_message(
            f"about {message.content!r} by {message.author.name}", ephemeral=True
        )

    bot.tree.add_command(group)
    bot.tree.add_command(admin)
    bot.tree.add_command(app_commands.ContextMenu(name="Find common ground", callback=find))
    await bot.tree.sync()
    return bot


async def test_a_command_is_answered_by_a_message_that_all_see(
    discord_server: DiscordServer, accord: Bot
) -> None:
    ann = discord_server.member("ann")
    asked = await ann.command("/accord ask", question="Why?")
    assert asked.message in discord_server.first_channel().shown
    assert asked.message.shown.splitlines()[0] == "Why?"
    assert not asked.failed
    assert asked.latency_s < 3


async def test_a_member_an_upload_and_a_file_travel_both_ways(
    discord_server: DiscordServer, accord: Bot
) -> None:
    ann, ben = discord_server.member("ann"), discord_server.member("ben")
    read = await ann.command("ask", csv=Upload("q.csv", b"question\nWhy?"))
    assert read.message.content == "question\nWhy?"
    named = await ann.command("ask", who=ben)
    assert named.message.content == "for ben"
    closed = await ann.command("close", which="plastics")
    more = await ann.is_told("and more")
    assert closed.message.content == "closed plastics"
    assert [a.text for a in more.attachments] == ["a,b"]


async def test_what_is_ephemeral_is_seen_by_one(discord_server: DiscordServer, accord: Bot) -> None:
    ann, ben = discord_server.member("ann"), discord_server.member("ben")
    hidden = await ann.command("settings")
    room = discord_server.first_channel()
    assert hidden.message in ann.sees(room)
    assert not ben.sees(room)
    assert not room.shown
    with pytest.raises(CannotDoError):
        await ben.press(hidden.message, "anything")


async def test_a_modal_is_filled_and_submitted(discord_server: DiscordServer, accord: Bot) -> None:
    ann = discord_server.member("ann")
    await ann.command("ask")
    modal = await ann.sees_modal("Ask")
    for values in (
        {},
        {"question": "x" * 21},
        {"question": "x", "kind": "other"},
        {"question": "x", "no": "x"},
    ):
        with pytest.raises(CannotDoError):
            await ann.submit(modal, values)
    done = await ann.submit(modal, {"Question": "Why?", "kind": "Secret"})
    assert done.message.content == "Why? s"
    assert ann.modal is None


async def test_buttons_selects_and_their_answers(discord_server: DiscordServer, accord: Bot) -> None:
    ann, ben = discord_server.member("ann"), discord_server.member("ben")
    card = (await ann.command("ask", question="Why?")).message
    await ben.press(card, "Share")
    done = await ben.submit(values={"question": "x"})
    assert done.source is card
    chosen = await ben.choose(card, "Who?", ann)
    assert chosen.answered == 5
    assert await ben.is_told("chose ann") is chosen.message
    assert not chosen.followups
    await ben.press(card, "card:count")
    assert card.content == "counted"
    with pytest.raises(CannotDoError):
        await ben.press(card, "not there")


async def test_options_complete_and_are_checked(discord_server: DiscordServer, accord: Bot) -> None:
    ann = discord_server.member("ann")
    assert await ann.autocomplete("close", "which", "pla") == [{"name": "pla!", "value": "pla"}]
    for words, options in (
        ("close", {}),
        ("ask", {"question": "x" * 51}),
        ("ask", {"nothing": 1}),
        ("nothing", {}),
    ):
        with pytest.raises(CannotDoError):
            await ann.command(words, **options)


async def test_a_message_command_knows_its_message(discord_server: DiscordServer, accord: Bot) -> None:
    ann, ben = discord_server.member("ann"), discord_server.member("ben")
    said = await ben.say(discord_server.first_channel(), "plastics?")
    done = await ann.message_command("Find common ground", said)
    assert done.message.content == "about 'plastics?' by ben"


async def test_admins_commands_are_offered_to_those_who_may(
    discord_server: DiscordServer, accord: Bot
) -> None:
    stewards = discord_server.role("stewards", None, "manage_guild")
    ann, kim = discord_server.member("ann"), discord_server.member("kim", roles=(stewards,))
    with pytest.raises(CannotDoError):
        await ann.command("admin")
    assert (await kim.command("admin")).message.content == "hidden"
    discord_server.delete_role(discord_server.first_guild, stewards)
    with pytest.raises(CannotDoError):
        await kim.command("admin")


async def test_after_three_seconds_nothing_can_be_answered(
    discord_server: DiscordServer, accord: Bot
) -> None:
    discord_server.state.timers.answer_within_s = 0.05
    view = Sleepy()
    accord.add_view(view)
    await accord.text_channel().send("card", view=view)
    ann = discord_server.member("ann")
    pressed = await ann.press(discord_server.first_channel().shown[0], "Slow")
    assert pressed.failed
    view.gate.set()
    await discord_server.until(lambda: view.refused, what="the refusal")
    assert [(e.status, e.code) for e in view.refused] == [(404, 10062)]


async def test_a_second_copy_is_answered_by_40060(discord_server: DiscordServer, accord: Bot) -> None:
    discord_server.gateway.twice = True
    view = Sleepy()
    view.gate.set()
    accord.add_view(view)
    await accord.text_channel().send("card", view=view)
    ann = discord_server.member("ann")
    pressed = await ann.press(discord_server.first_channel().shown[0], "Slow")
    assert pressed.message.content == "late"
    await discord_server.until(lambda: view.refused, what="the refusal")
    assert [e.code for e in view.refused] == [40060]


async def test_follow_ups_end_after_a_quarter_of_an_hour(discord_server: DiscordServer, accord: Bot) -> None:
    kept: list[Answer] = []

    @accord.event
    async def on_interaction(interaction: Answer) -> None:
        kept.append(interaction)

    ann = discord_server.member("ann")
    await ann.command("settings")
    await kept[0].followup.send("in time")
    discord_server.clock.advance(901)
    with pytest.raises(discord.HTTPException) as refused:
        await kept[0].followup.send("too late")
    assert (refused.value.status, refused.value.code) == (401, 50027)


async def test_without_a_gateway_interactions_fail(discord_server: DiscordServer, accord: Bot) -> None:
    ann = discord_server.member("ann")
    discord_server.gateway.down = True
    await discord_server.gateway.cut()
    assert (await ann.command("settings")).failed


async def test_two_hundred_submissions_at_once(discord_server: DiscordServer, accord: Bot) -> None:
    people = [discord_server.member(f"m{n}") for n in range(200)]
    discord_server.state.timers.answer_within_s = 60.0  # Discord's three seconds are the benchmark's
    card = (await people[0].command("ask", question="Why?")).message
    await asyncio.gather(*(each.press(card, "Share") for each in people))
    done = await asyncio.gather(*(each.submit(values={"question": each.name}) for each in people))
    assert {each.message.content for each in done} == {f"m{n} n" for n in range(200)}


async def test_direct_messages_take_commands_that_are_not_for_guilds_only(
    discord_server: DiscordServer, accord: Bot
) -> None:
    ann = discord_server.member("ann")
    await (await accord.fetch_user(ann.id)).send("hello")
    room = discord_server.direct(ann.person)
    with pytest.raises(CannotDoError):
        await ann.command("ask", room)
    assert (await ann.command("admin", room)).message.content == "hidden"
