"""Changing a question's words: `/accord change`, and its window.

Reads:  the command, and what was submitted.
Gives:  the window, and an answer that only the one who acted can see. What may be changed,
        `bot.chat.rewording` knows.
"""

import json
from collections.abc import Mapping

from discord import app_commands, ui

from adapters.discord.interaction import Interaction, InteractionContext, told
from adapters.discord.people import Who, who
from adapters.discord.questions import Questions
from adapters.discord.routes import Routes
from adapters.discord.views import names
from adapters.discord.views.drawn import PRIMARY, Drawn, Press, said
from adapters.discord.views.names import Name
from adapters.discord.views.rewording import change_window
from bot.chat import rewording, steering
from bot.chat.notes import DAY_S
from bot.service.ids import named
from bot.wording import buttons, commands


class Rewording:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._questions = Questions(shared)

    def contribute(self, routes: Routes) -> None:
        """The command, its window, and the button after a refusal."""
        routes.windows[names.CHANGE] = self.submitted
        routes.clicks[names.CHANGE] = self.again

        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, steering.CHANGEABLE)

        @routes.accord.command(name="change", description=commands.CHANGE)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=complete)
        async def change(interaction: Interaction, question: str | None = None) -> None:
            await self._shared.open(interaction, self._meant(interaction, question))

    async def _meant(self, interaction: Interaction, chosen: str | None) -> ui.Modal:
        d = await self._questions.steered(interaction, steering.CHANGEABLE, chosen)
        return await self._window(who(interaction), d.id, {})

    async def _window(self, person: Who, id_: str, typed: Mapping[str, str]) -> ui.Modal:
        d = await self._shared.ports.deliberations.load(id_)
        d = await rewording.opened(await self._shared.actor(person, d), d.id, self._shared.ports)
        return change_window(d, typed)

    async def again(self, interaction: Interaction, name: Name) -> None:
        """The button that opens the window again with what was typed."""
        person = who(interaction)

        async def make() -> ui.Modal:
            before = await self._shared.notes.get(_kept_as(person, name.id))
            return await self._window(person, name.id, json.loads(before or "{}"))

        await self._shared.open(interaction, make())

    async def submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The window was submitted."""
        await self._shared.answer(interaction, self._change(who(interaction), name, typed))

    async def _change(self, person: Who, name: Name, typed: dict[str, str]) -> Drawn:
        shared = self._shared
        d = await shared.ports.deliberations.load(name.id)
        actor = await shared.actor(person, d)
        reply = await rewording.change(actor, d.id, name.choice, typed, shared.ports)
        if reply.ok:
            return told(reply)
        await shared.notes.put(_kept_as(person, d.id), json.dumps(typed), for_s=DAY_S)
        return said(reply.text, Press(buttons.OPEN_IT_AGAIN, names.CHANGE, d.id, style=PRIMARY))


def _kept_as(person: Who, id_: str) -> str:
    """What somebody typed is nobody else's; whose it is, the store does not tell."""
    return f"changing {named(person.user, id_)}"
