"""Asking again, for admins: `/accord library`, `import`, `schedule`; templates.

Reads:  slash commands, a CSV file that was put in, buttons, menus, the template's window.
Gives:  commands on the library, and sentences for what cannot be used.
"""

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

import discord
from discord import app_commands, ui

from adapters.discord.autocomplete import templates, zones
from adapters.discord.command_options import ZONE, as_typed, taking
from adapters.discord.config import PLATFORM, prevented
from adapters.discord.errors import mapped
from adapters.discord.interaction import Interaction, InteractionContext, say
from adapters.discord.people import Who, who
from adapters.discord.permissions import missing, wanted
from adapters.discord.routes import Routes, chosen
from adapters.discord.views import library as views
from adapters.discord.views import names
from adapters.discord.views.drawn import Drawn, said
from adapters.discord.views.names import Name
from bot.chat import changing, removing
from bot.chat.notes import DAY_S, HOUR_S
from bot.chat.old_buttons import OldButtonError
from bot.domain.actors import require_admin
from bot.domain.commands import Command, ImportQuestions, SaveTemplate
from bot.domain.errors import LibraryError, PlatformError
from bot.domain.library import IMPORT_LIMIT
from bot.service import queries
from bot.service.ids import named
from bot.service.reply import Reply
from bot.wording import commands, forms, library_lines, texts
from bot.wording.deadlines import time_of_day
from bot.wording.fields import Form

log = logging.getLogger(__name__)

# A character has at most four bytes.
LARGEST = 4 * IMPORT_LIMIT


class Library:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    def contribute(self, routes: Routes) -> None:
        """Three commands, what their answers offer, the template's window."""
        routes.clicks[names.LIBRARY] = self.turn
        routes.clicks[names.DROP] = self.drop
        routes.clicks[names.DROP_SURE] = self.drop_for_sure
        routes.clicks[names.NEW_TEMPLATE] = self.new_template
        routes.clicks[names.REPLACE] = self.replace_template
        routes.windows[names.TEMPLATE] = self.template_submitted
        self._look(routes)
        self._import(routes)
        self._schedule(routes)

    async def _once(self, interaction: Interaction, command: Command) -> Reply:
        shared = self._shared
        return await changing.once(f"library {interaction.id}", command, shared.ports, shared.notes)

    # -- looking ---------------------------------------------------------------------------------

    def _look(self, routes: Routes) -> None:
        @routes.accord.command(name="library", description=commands.LIBRARY)
        async def library(interaction: Interaction) -> None:
            await self._shared.answer(interaction, self._shelf(who(interaction), removing.TEMPLATES, 0))

    async def turn(self, interaction: Interaction, name: Name) -> None:
        """A button that leads to another shelf or page."""
        page = int(name.choice) if name.choice.isdecimal() else 0
        shelf = name.id if name.id in views.SHELVES else removing.TEMPLATES
        await self._shared.replace(interaction, self._shelf(who(interaction), shelf, page))

    async def _shelf(self, person: Who, shelf: str, page: int, told: str = "") -> Drawn:
        kept = await queries.library(await self._shared.actor(person), self._shared.ports)
        return views.library_message(shelf, page, kept, told)

    async def drop(self, interaction: Interaction, name: Name) -> None:
        """Something was chosen to be taken out: not at once."""
        person, keys = who(interaction), chosen(interaction)
        # A template's name may be too long for a button, so what was chosen waits for it here.
        waits = str(interaction.id)

        async def work() -> Drawn:
            kept = await queries.library(await self._shared.actor(person), self._shared.ports)
            asks = removing.asked_first(name.id, keys[0] if keys else "", kept)
            await self._shared.notes.put(f"removing {waits}", keys[0], for_s=HOUR_S)
            return views.asked_first(waits, name.id, asks)

        await self._shared.replace(interaction, work())

    async def drop_for_sure(self, interaction: Interaction, name: Name) -> None:
        """It is to be taken out."""
        person, shelf = who(interaction), name.choice

        async def work() -> Drawn:
            if shelf not in views.SHELVES:
                raise OldButtonError
            key = await self._shared.notes.get(f"removing {name.id}")
            if key is None:
                return await self._shelf(person, shelf, 0, texts.CHOICE_GONE)
            take_out = removing.TAKING_OUT[shelf]
            reply = await self._once(interaction, take_out(await self._shared.actor(person), key))
            return await self._shelf(person, shelf, 0, reply.text)

        await self._shared.replace(interaction, work())

    # -- the bank --------------------------------------------------------------------------------

    def _import(self, routes: Routes) -> None:
        @routes.accord.command(name="import", description=commands.IMPORT)
        @app_commands.describe(file=commands.FILE)
        async def import_(interaction: Interaction, file: discord.Attachment) -> None:
            person = who(interaction)

            async def work() -> Drawn:
                actor = await self._shared.actor(person)
                require_admin(actor, person.team)
                reply = await self._once(interaction, ImportQuestions(actor, await _read(file)))
                return views.kept(removing.BANK, reply.text)

            await self._shared.answer(interaction, work())

    # -- templates -------------------------------------------------------------------------------

    async def new_template(self, interaction: Interaction, name: Name) -> None:
        """The template's window, empty or with what was typed before."""
        person = who(interaction)

        async def make() -> ui.Modal:
            require_admin(await self._shared.actor(person), person.team)
            before = await self._shared.notes.get(f"template {name.id}") if name.id else None
            return views.template_window(name.id or str(interaction.id), json.loads(before or "{}"))

        await self._shared.open(interaction, make())

    async def template_submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """A template is to be kept."""
        person = who(interaction)

        async def work() -> Drawn:
            actor = await self._shared.actor(person)
            require_admin(actor, person.team)
            made, errors = forms.template(typed, await self._shared.ports.teams.team(person.team))
            if made is None:
                return await self._refused(name.id, typed, Reply("\n".join(errors.values()), ok=False))
            reply = await self._once(interaction, SaveTemplate(actor, made))
            if not reply.ok:
                return await self._refused(name.id, typed, reply)
            return await self._shelf(person, removing.TEMPLATES, 0, reply.text)

        await self._shared.replace(interaction, work())

    async def _refused(self, key: str, typed: dict[str, str], because: Reply) -> Drawn:
        await self._shared.notes.put(f"template {key}", json.dumps(typed), for_s=DAY_S)
        if because.asks is not None:
            return views.replaces(key, because.asks, because.about)
        return views.refused_template(key, because.text)

    async def replace_template(self, interaction: Interaction, name: Name) -> None:
        """The button that replaces a template, after that was asked about."""
        person, shared = who(interaction), self._shared

        async def work() -> Drawn:
            actor, act = await shared.actor(person), f"library {interaction.id}"
            reply = await changing.replace_template(act, actor, name.id, shared.ports, shared.notes)
            if reply.asks is not None:
                return views.replaces("", reply.asks, reply.about)
            return await self._shelf(person, removing.TEMPLATES, 0, reply.text)

        await shared.replace(interaction, work())

    # -- schedules -------------------------------------------------------------------------------

    def _schedule(self, routes: Routes) -> None:
        async def schedule(interaction: Interaction, **given: Any) -> None:
            channel = given.get("channel")
            if channel and channel.type not in (discord.ChannelType.text, discord.ChannelType.news):
                await say(interaction, said(library_lines.TEXT_CHANNELS_ONLY))
                return
            typed = as_typed(Form.SCHEDULE, given)
            await self._shared.answer(interaction, self._begun(interaction, typed))

        command = taking(
            Form.SCHEDULE, schedule, ZONE, first=("at", "weekday", "template", "channel"), required=("at",)
        )
        command = app_commands.autocomplete(template=templates(self._shared), zone=zones)(command)
        routes.accord.command(name="schedule", description=commands.SCHEDULE)(command)

    async def _begun(self, interaction: Interaction, typed: dict[str, str]) -> Drawn:
        shared, person = self._shared, who(interaction)
        actor = await shared.actor(person)
        require_admin(actor, person.team)
        zone = await shared.people.zone(person.user, typed.get("zone", ""))
        filled = await asyncio.to_thread(
            _as_form, typed, shared.ports.clock.now(), zone, str(interaction.locale)
        )
        offered = [typed["what"]] if "what" in typed else []
        if offered and offered[0] not in [t.name for t in await shared.ports.library.templates(person.team)]:
            raise LibraryError(library_lines.CHOOSE_TEMPLATE)
        key = f"discord:{interaction.id}"
        place = typed.get("channel") or person.channel
        adding, errors = changing.adding(filled, offered, zone, (PLATFORM, place), key)
        if adding is None:
            return said("\n".join(errors.values()))
        reply = await self._once(interaction, adding(actor))
        if not reply.ok:
            return said(reply.text)
        first = [
            s for s in await shared.ports.library.schedules(person.team) if s.id == named(person.team, key)
        ]
        # They may be written to that it posted nothing.
        await shared.people.note_language(person)
        drawn = views.schedule_kept(reply.text, first[0] if first else None)
        return await self._with_hindrance(drawn, person.team, place)

    async def _with_hindrance(self, drawn: Drawn, team: str, place: str) -> Drawn:
        """With what the app may not do there, before it fails."""
        try:
            settings = await self._shared.ports.teams.team(team)
            lacked = (await missing(self._shared.rest, team, {place}, wanted(settings))).get(place)
        except PlatformError as exc:
            log.info("permissions could not be looked up (%s)", type(exc).__name__)
            return drawn
        return views.hindered(drawn, prevented(lacked)) if lacked else drawn


def _as_form(typed: dict[str, str], now: datetime, zone: str, locale: str) -> dict[str, str]:
    """The options as `bot.wording.forms` reads a schedule's inputs. Raises DeadlineError.

    The template goes by its place among those offered, which is the first: here it is the only one.
    """
    said_at = typed["once"]
    filled = {**typed, "what": "0", "once": ""}
    if typed.get("weekday"):
        return filled | {"time": time_of_day(said_at).isoformat()}
    at = forms.deadline({"deadline": said_at}, now, zone, locale)
    return filled | ({"once": str(int(at.timestamp()))} if at else {})


async def _read(file: discord.Attachment) -> str:
    """A file's text. Raises LibraryError or PlatformError."""
    if file.size > LARGEST:
        raise LibraryError(library_lines.too_many_characters())
    with mapped():
        data = await file.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LibraryError(library_lines.FILE_NOT_TEXT) from None
