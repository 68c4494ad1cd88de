"""Asking a question: by command, from a message or a template.

Reads:  a command's options, the window once it is submitted.
Gives:  `PostQuestion`, or a sentence for each input that is wrong, with a button that opens the window again
with everything that was typed.
"""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

import discord
from discord import app_commands

from adapters.discord.completing import templates, zones
from adapters.discord.config import PLATFORM, lacking, needed_for
from adapters.discord.desk import Desk, Interaction
from adapters.discord.emoji import emoji_here
from adapters.discord.people import Who, who
from adapters.discord.routes import Routes
from adapters.discord.views import modals, names, text
from adapters.discord.views.drawn import PRIMARY, Drawn, Press, said
from adapters.discord.views.names import Name
from adapters.discord.views.text import when
from bot import forms, texts
from bot.choices import (
    EMOJI_LIMIT,
    HOURS,
    IDENTITY_CHOICES,
    OWN_SCALE,
    POLL_CHOICE,
    RATING_CHOICES,
    SCALE_CHOICES,
    WELFARE_CHOICES,
)
from bot.domain.actors import require_asker
from bot.domain.commands import PostQuestion
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT
from bot.domain.library import Template
from bot.domain.team import Team
from bot.domain.terms import POSITION_LIMIT, Terms
from bot.errors import QuestionError
from bot.names import named
from bot.notes import HOUR_S

log = logging.getLogger(__name__)

MENU = "Find common ground"
Typed = dict[str, str]
TIMED_OUT = "What you chose is gone after so long. Ask again with /accord ask."


class Asking:
    """One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def contribute(self, routes: Routes) -> None:
        """`/accord ask`, the entry in a message's menu, the question's window."""
        routes.windows[names.ASK] = self.submitted
        routes.clicks[names.ASK_AGAIN] = self.again
        routes.menus.append(app_commands.ContextMenu(name=MENU, callback=self._menu()))
        self._command(routes)

    def _menu(self) -> Any:
        async def find_common_ground(interaction: Interaction, message: discord.Message) -> None:
            await self.from_message(interaction, message)

        return app_commands.guild_only(find_common_ground)

    def _command(self, routes: Routes) -> None:
        @routes.accord.command(name="ask", description="Ask a question that this channel should agree on")
        @app_commands.describe(
            question="What should the group agree on? Without it a window opens",
            background="What everybody should know before they answer",
            deadline="Opinions until: tomorrow 5pm, in 3 hours, friday 17:00",
            identity="Whether you see who wrote what",
            rated_by="How the statement is rated",
            scale="With how many points",
            emoji="Your own emoji for the points: three or seven, such as 🔴 🟡 🟢",
            rating_open="How long the statement can be rated",
            quorum="Close as soon as so many have answered",
            minimum="Fewest opinions for a statement",
            chosen_for="What the chosen statement should be",
            template="One of this server's templates",
            thread="Open a thread for discussion below the question",
            position="A statement for or against; members say how far they agree before they answer",
            quality="Members also say how well the statement is put",
            zone="Your time zone, for times of day; remembered",
        )
        @app_commands.choices(
            identity=_offered(IDENTITY_CHOICES),
            rated_by=_offered({**RATING_CHOICES, **POLL_CHOICE}),
            scale=_offered(SCALE_CHOICES),
            rating_open=_offered(HOURS),
            chosen_for=_offered(WELFARE_CHOICES),
        )
        @app_commands.autocomplete(template=templates(self._desk), zone=zones)
        async def ask(
            interaction: Interaction,
            question: app_commands.Range[str, 1, QUESTION_LIMIT] | None = None,
            background: app_commands.Range[str, 1, CONTEXT_LIMIT] | None = None,
            deadline: str | None = None,
            identity: str | None = None,
            rated_by: str | None = None,
            scale: str | None = None,
            emoji: app_commands.Range[str, 1, EMOJI_LIMIT] | None = None,
            rating_open: str | None = None,
            quorum: app_commands.Range[int, 2, 100_000] | None = None,
            minimum: app_commands.Range[int, 2, 10_000] | None = None,
            chosen_for: str | None = None,
            template: str | None = None,
            thread: bool = False,
            position: app_commands.Range[str, 1, POSITION_LIMIT] | None = None,
            quality: bool = False,
            zone: str | None = None,
        ) -> None:
            given = {
                "question": question,
                "context": background,
                "deadline": deadline,
                "identity": identity,
                "rating_by": rated_by,
                # How many emoji there are says which scale it is.
                "scale": OWN_SCALE if emoji else scale,
                "emoji": emoji,
                "rating_hours": rating_open,
                "quorum": quorum,
                "minimum_opinions": minimum,
                "welfare": chosen_for,
                "template": template,
                "thread": "yes" if thread else None,
                "position_statement": position,
                "ask_quality": "yes" if quality else None,
                "zone": zone,
            }
            await self.ask(
                interaction, {name: str(value) for name, value in given.items() if value is not None}
            )

    async def ask(self, interaction: Interaction, typed: Typed) -> None:
        """`/accord ask`: with a question it is posted at once, without one a window opens."""
        person = who(interaction)
        self._desk.meet(person)
        key = str(interaction.id)
        if typed.get("question"):
            await self._desk.answer(interaction, self._post(interaction, person, key, typed))
        else:
            await self._desk.open(interaction, self._window(person, key, typed))

    async def from_message(self, interaction: Interaction, message: discord.Message) -> None:
        """ "Find common ground" on a message: its text is the question."""
        person = who(interaction)
        self._desk.meet(person)
        words = message.content.strip()
        typed = {"question": words} if len(words) <= QUESTION_LIMIT else {"context": words[:CONTEXT_LIMIT]}
        await self._desk.open(interaction, self._window(person, str(interaction.id), typed))

    async def _window(self, person: Who, key: str, typed: Typed) -> discord.ui.Modal:
        desk = self._desk
        team, template = await self._team(person, typed)
        require_asker(await desk.actor(person), team, person.channel, person.within)
        if template is not None:
            typed = {"question": template.question, "context": template.context, **typed}
        zone = await desk.people.zone(person.user, typed.get("zone", ""))
        # A window has room for five inputs: what else was chosen waits for it here.
        await desk.notes.put(f"asking {key}", json.dumps(typed), for_s=HOUR_S)
        return modals.ask_window(key, team.defaults, typed, zone=zone)

    async def submitted(self, interaction: Interaction, name: Name, typed: Typed) -> None:
        """The question's window was submitted."""

        async def work() -> Drawn:
            before = await self._kept(name.id)
            return await self._post(interaction, who(interaction), name.id, {**before, **typed})

        await self._desk.answer(interaction, work())

    async def again(self, interaction: Interaction, name: Name) -> None:
        """The button that opens the window again with everything in it."""

        async def make() -> discord.ui.Modal:
            return await self._window(who(interaction), name.id, await self._kept(name.id))

        await self._desk.open(interaction, make())

    async def _kept(self, key: str) -> Typed:
        kept = await self._desk.notes.get(f"asking {key}")
        if kept is None:
            raise QuestionError(TIMED_OUT)
        found: Typed = json.loads(kept)
        return found

    async def _team(self, person: Who, typed: Mapping[str, str]) -> tuple[Team, Template | None]:
        """The server's settings, with a template's terms where a question is asked from one."""
        team = await self._desk.ports.store.team(person.team)
        name = typed.get("template", "")
        if not name:
            return team, None
        for template in await self._desk.ports.library.templates(person.team):
            if template.name == name:
                return template.over(team), template
        raise QuestionError(texts.TEMPLATE_GONE)

    async def _post(self, interaction: Interaction, person: Who, key: str, typed: Typed) -> Drawn:
        desk = self._desk
        team, template = await self._team(person, typed)
        if template is not None:
            typed = {"question": template.question, "context": template.context, **typed}
        zone = await desk.people.zone(person.user, typed.get("zone", ""))
        now, here = desk.ports.clock.now(), await emoji_here(desk.rest, person.team, typed)
        # Reading words takes a library that is slow to load.
        asked, errors = await asyncio.to_thread(forms.asked, typed, team, now, zone, here)
        if asked is None:
            return await self._refused(key, typed, "\n".join(errors.values()), wrong=errors)
        # A thread has no threads of its own.
        thread = typed.get("thread") == "yes" and not isinstance(interaction.channel, discord.Thread)
        if problem := hindrance(interaction, asked.terms, thread=thread):
            return await self._refused(key, typed, problem)
        # A window is submitted once; whatever copy of that comes is the same question.
        once = f"discord:{person.user}:{key}"
        if thread:
            await desk.platform.want_thread(named(person.team, once))
        reply = await desk.run(
            PostQuestion(
                actor=await desk.actor(person),
                platform=PLATFORM,
                channel=person.channel,
                within=person.within,
                question=asked.question,
                context=asked.context,
                terms=asked.terms,
                closes_at=asked.closes_at,
                idempotency_key=once,
            )
        )
        if not reply.ok:
            return await self._refused(key, typed, reply.text)
        closes = f" Opinions close {when(asked.closes_at)}." if asked.closes_at else ""
        return Drawn(content=reply.text + closes)

    async def _refused(self, key: str, typed: Typed, because: str, wrong: Collection[str] = ()) -> Drawn:
        """What is wrong, and a way back to what was typed."""
        hidden = set(wrong).difference(modals.ASKED_IN_WINDOW)
        if hidden:
            # It could not be mended in the window, and would be wrong again. Emoji go with their scale.
            hidden |= {"scale"} if "emoji" in hidden else set()
            typed = {name: value for name, value in typed.items() if name not in hidden}
            because += "\nThe window does not ask for that: it goes on with what is usual here."
        await self._desk.notes.put(f"asking {key}", json.dumps(typed), for_s=HOUR_S)
        return said(because, Press("Mend it", names.ASK_AGAIN, key, style=PRIMARY))


def hindrance(interaction: Interaction, terms: Terms, *, thread: bool = False) -> str:
    """What the app may not do in this channel that such a question needs; empty when it may all of it."""
    in_thread = isinstance(interaction.channel, discord.Thread)
    may: Any = interaction.app_permissions
    needed = needed_for(terms, thread=thread, in_thread=in_thread)
    return lacking(name for name in needed if not getattr(may, name))


def _offered(choices: Mapping[Any, Any]) -> list[app_commands.Choice[str]]:
    """The same words as on every other form."""
    words = {str(value): told[0] if isinstance(told, tuple) else told for value, told in choices.items()}
    return [
        app_commands.Choice(name=text.cut(told, text.OPTION), value=value) for value, told in words.items()
    ]
