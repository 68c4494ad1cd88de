"""`/accord settings`: one's own reminders and learning; the server's settings, for its admins.

Reads:  the command, buttons, submitted windows.
Gives:  `ChangeTeam`, `SetReminders`, `StopLearning`. What missing permissions will prevent is said when a
        setting is made. Whoever manages the server is an admin, and whoever has a role that admins chose.
"""

import logging

from discord import ui

from adapters.discord.emoji import emoji_here
from adapters.discord.interaction import Interaction, InteractionContext, say
from adapters.discord.people import Who, who
from adapters.discord.permissions import missing, wanted
from adapters.discord.routes import Routes
from adapters.discord.views import names, settings
from adapters.discord.views.drawn import Drawn, ours
from adapters.discord.views.fields import PICKED
from adapters.discord.views.names import Name
from bot.chat import changing
from bot.chat.old_buttons import OldButtonError
from bot.chat.settings import own, shorten
from bot.domain.actors import require_admin
from bot.domain.commands import ChangeTeam, SetReminders
from bot.domain.errors import PlatformError
from bot.domain.team import Team
from bot.service import queries
from bot.wording import answers, commands, forms
from bot.wording.fields import PARTS

log = logging.getLogger(__name__)


class Admin:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    def contribute(self, routes: Routes) -> None:
        """The command, the buttons of its answer, its windows."""
        routes.clicks[names.SETTINGS] = self.open
        routes.clicks[names.OWN] = self.own
        routes.clicks[names.SHORTEN] = self.shorten
        routes.windows[names.SETTINGS_WINDOW] = self.submitted

        @routes.accord.command(name="settings", description=commands.SETTINGS)
        async def settings_(interaction: Interaction) -> None:
            await self._shared.answer(interaction, self._shown(who(interaction)))

    # -- what there is now -----------------------------------------------------------------------

    async def _shown(self, person: Who, told: str = "") -> Drawn:
        """The settings, with `told` above them."""
        shared = self._shared
        actor = await shared.actor(person)
        chosen = await own(actor, shared.ports)
        if not actor.admin:
            return settings.own_message(chosen, told)
        view = await queries.team_settings(actor, shared.ports)
        lacked = await self._lacked(view.team, person)
        return settings.settings_message(view.team, chosen, view.changes, lacked, told)

    async def _lacked(self, team: Team, person: Who) -> dict[str, list[str]]:
        """What is missing in the channels in which may be asked, or in this one where that is everywhere."""
        try:
            return await missing(self._shared.rest, team.id, team.channels or {person.channel}, wanted(team))
        except PlatformError as exc:
            log.info("permissions could not be looked up (%s)", type(exc).__name__)
            return {}

    # -- one's own -------------------------------------------------------------------------------

    async def own(self, interaction: Interaction, name: Name) -> None:
        """A button about oneself. Older messages have one that let Accord learn: that one deletes nothing."""
        if name.id == "learning" and name.choice not in ("off", names.SURE):
            await say(interaction, ours(answers.OLD_BUTTON))
            return
        person, at = who(interaction), interaction.created_at

        async def work() -> Drawn:
            shared, actor = self._shared, await self._shared.actor(person)
            if name.id != "learning":
                reply = await shared.run(SetReminders(actor, on=name.choice == "on", at=at))
            elif name.choice == names.SURE:
                act = f"settings {interaction.id}"
                reply = await changing.stop_learning(act, actor, "", shared.ports, shared.notes)
            else:
                return settings.asks_to_stop_learning()
            return await self._shown(person, reply.text)

        await self._shared.replace(interaction, work())

    # -- the server's ----------------------------------------------------------------------------

    async def open(self, interaction: Interaction, name: Name) -> None:
        """A button that opens one of the windows."""
        person = who(interaction)

        async def make() -> ui.Modal:
            require_admin(await self._shared.actor(person), person.team)
            if name.id not in PARTS:
                raise OldButtonError
            return settings.settings_window(name.id, await self._shared.ports.teams.team(person.team))

        await self._shared.open(interaction, make())

    async def submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """Put new settings in place, and say what permissions are missing for them."""
        person = who(interaction)

        async def work() -> Drawn:
            team = await self._shared.ports.teams.team(person.team)
            here = await emoji_here(self._shared.rest, person.team, typed)
            given = settings.switched(name.id, typed, team)
            changed, errors = forms.settings_since(name.choice, given, team, PICKED, here)
            if changed is None:
                return settings.refused(errors, name.id)
            command = ChangeTeam(await self._shared.actor(person), changed)
            shared = self._shared
            reply = await changing.once(f"settings {interaction.id}", command, shared.ports, shared.notes)
            if reply.asks is not None:
                return settings.shorter_message(reply.text, reply.asks, reply.about)
            if not reply.ok:
                return settings.refused({"": reply.text}, name.id)
            return await self._shown(person, reply.text)

        await self._shared.replace(interaction, work())

    async def shorten(self, interaction: Interaction, name: Name) -> None:
        """The button that keeps questions for less time, after that was asked about; or that leaves it."""
        person, shared, act = who(interaction), self._shared, f"settings {interaction.id}"

        async def work() -> Drawn:
            if not name.id:
                return await self._shown(person)
            reply = await shorten(act, await shared.actor(person), name.id, shared.ports, shared.notes)
            return await self._shown(person, reply.text)

        await self._shared.replace(interaction, work())
