"""Points to vote on: `/accord points`, the windows, and hiding what is out of place.

Reads:  the command, buttons and menus, and submitted windows.
Gives:  windows and answers that only the one who acted can see. What may be voted on,
`bot.chat.taking_part` knows.
"""

from dataclasses import replace

import discord

from adapters.discord.config import PLATFORM
from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.people import Who, who
from adapters.discord.routes import Routes, chosen
from adapters.discord.views import names
from adapters.discord.views.cards import refused_text
from adapters.discord.views.drawn import Drawn, said
from adapters.discord.views.names import Name
from adapters.discord.views.points import (
    AT_ONCE,
    FIELD,
    MANAGED_AT_ONCE,
    add_window,
    choose_points,
    manage_points,
    points_message,
    vote_window,
)
from bot.chat.copies import Copies
from bot.chat.finding_points import change_point, points_page, with_points
from bot.chat.taking_part import PointsForm, TakingPart
from bot.domain.actors import is_steward
from bot.domain.deliberation import Deliberation
from bot.wording import commands


class Points:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        copies = Copies(shared.notes, shared.ports.clock)
        self._part = TakingPart(shared.ports, copies, shared.counter.changed)

    def contribute(self, routes: Routes) -> None:
        """A command, buttons and menus, and two windows."""
        routes.clicks |= {
            names.POINTS: self._open,
            names.POINTS_OF: self._chosen,
            names.ADD_POINT: self._add,
            names.MANAGE_POINTS: self._manage,
            names.HIDE_POINT: self._change,
            names.SHOW_POINT: self._change,
        }
        routes.windows[names.POINTS] = self._submitted
        routes.windows[names.ADD_POINT] = self._added

        @routes.accord.command(name="points", description=commands.POINTS)
        async def points(interaction: Interaction) -> None:
            await self._shared.answer(interaction, self._found(interaction))

    async def _found(self, interaction: Interaction) -> Drawn:
        person = who(interaction)
        actor = await self._shared.actor(person)
        ports = self._shared.ports
        found = await with_points(actor, ports, platform=PLATFORM, channel=person.channel)
        return await self._overview(interaction, found[0].id) if len(found) == 1 else choose_points(found)

    async def _chosen(self, interaction: Interaction, name: Name) -> None:
        """One of several questions was chosen."""
        await self._shared.answer(interaction, self._overview(interaction, "".join(chosen(interaction)[:1])))

    async def _overview(self, interaction: Interaction, id_: str) -> Drawn:
        form = await self._form(interaction, id_)
        d = form.view.deliberation
        actor = await self._shared.actor(who(interaction), d)
        return points_message(form, runs=is_steward(actor, d))

    async def _form(self, interaction: Interaction, id_: str, choice: str = "") -> PointsForm:
        return await self._part.points_form(self._shared.act(interaction, id_), AT_ONCE, _at(choice))

    # -- voting ----------------------------------------------------------------------------------

    async def _open(self, interaction: Interaction, name: Name) -> None:
        """The button "Vote on points", and those for more points and for earlier votes."""
        self._shared.meet(who(interaction))
        await self._shared.open(interaction, self._window(interaction, name))

    async def _window(self, interaction: Interaction, name: Name) -> discord.ui.Modal | Drawn:
        form = await self._form(interaction, name.id, name.choice)
        return points_message(form) if form.closed or not form.shown else vote_window(form)

    async def _submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """Votes on the points of a window."""
        await self._shared.replace(interaction, self._vote(interaction, name, typed))

    async def _vote(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> Drawn:
        reply = await self._part.vote_on_points(self._shared.act(interaction, name.id), typed)
        if reply.retryable:
            return said(reply.text)
        form = await self._form(interaction, name.id, name.choice)
        if not reply.ok:
            return said(reply.text) if form.closed else points_message(form, reply.text)
        voted = form.said([point for point, side in typed.items() if side])
        return points_message(replace(form, at=form.following), reply.text, voted)

    # -- adding one ------------------------------------------------------------------------------

    async def _add(self, interaction: Interaction, name: Name) -> None:
        """The button that opens a window for a point of one's own."""
        self._shared.meet(who(interaction))
        await self._shared.open(interaction, self._add_window(interaction, name))

    async def _add_window(self, interaction: Interaction, name: Name) -> discord.ui.Modal | Drawn:
        form = await self._form(interaction, name.id)
        return said(form.closed) if form.closed else add_window(form.view.deliberation)

    async def _added(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The point was submitted."""

        async def work() -> Drawn:
            point = typed.get(FIELD, "")
            reply = await self._part.add_point(self._shared.act(interaction, name.id), point)
            return said(reply.text) if reply.ok else refused_text(reply.text, point)

        await self._shared.answer(interaction, work())

    # -- hiding and showing ----------------------------------------------------------------------

    async def _manage(self, interaction: Interaction, name: Name) -> None:
        """The button "Hide or show points", and the one for more of them."""
        await self._shared.replace(interaction, self._managed(who(interaction), name))

    async def _managed(self, person: Who, name: Name, told: str = "") -> Drawn:
        d = await self._shared.ports.deliberations.load(name.id)
        actor = await self._shared.actor(person, d)
        page = await points_page(actor, d.id, _at(name.choice) or 0, MANAGED_AT_ONCE, self._shared.ports)
        return manage_points(d, page, told)

    async def _change(self, interaction: Interaction, name: Name) -> None:
        """A point was chosen to be hidden, or to be shown again."""
        await self._shared.replace(interaction, self._changed(interaction, name))

    async def _changed(self, interaction: Interaction, name: Name) -> Drawn:
        person, ports = who(interaction), self._shared.ports
        d: Deliberation = await ports.deliberations.load(name.id)
        actor = await self._shared.actor(person, d)
        point, hides = "".join(chosen(interaction)[:1]), name.what == names.HIDE_POINT
        reply = await change_point(actor, d.id, point, ports, hidden=hides)
        return await self._managed(person, name, reply.text) if reply.ok else said(reply.text)


def _at(choice: str) -> int | None:
    """From which of the points on: what a button says of that, None where it says nothing."""
    return int(choice) if choice.isascii() and choice.isdigit() else None
