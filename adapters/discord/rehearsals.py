"""Trying a question out with simulated members: `/accord try`, before it is asked.

Reads:  the command, and the button that starts it.
Gives:  answers that only the one who asked sees, and later, from a worker, a private message.
Windows on Discord have no buttons, so that this is a command of its own and no part of `/accord ask`.
"""

import json

from discord import app_commands

from adapters.discord.config import PLATFORM
from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.people import Who, who
from adapters.discord.routes import Routes
from adapters.discord.views import names
from adapters.discord.views.drawn import PRIMARY, Drawn, Press, said
from adapters.discord.views.names import Name
from bot.chat.notes import HOUR_S
from bot.chat.rehearsals import Rehearsals, Wish, require_offered
from bot.domain.actors import require_asker
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, checked_question
from bot.service.ids import named
from bot.wording import commands, rehearsal_lines


class TryingOut:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    def contribute(self, routes: Routes) -> None:
        """A command, and a button."""
        routes.clicks[names.TRY] = self._started

        @routes.accord.command(name="try", description=commands.TRY)
        @app_commands.describe(question=commands.TRIED, about=rehearsal_lines.ABOUT_TEAM)
        async def try_out(
            interaction: Interaction,
            question: app_commands.Range[str, 1, QUESTION_LIMIT],
            about: app_commands.Range[str, 0, CONTEXT_LIMIT] = "",
        ) -> None:
            await self._shared.answer(interaction, self._offer(interaction, question, about))

    async def _offer(self, interaction: Interaction, written: str, about: str) -> Drawn:
        """What it costs, and the button."""
        person, key = who(interaction), str(interaction.id)
        rehearsals = await self._rehearsals(person)
        question = checked_question(written)
        typed = json.dumps({"question": question, "about": about})
        await self._shared.notes.put(_kept_as(person, key), typed, for_s=HOUR_S)
        told = rehearsal_lines.offered(question, rehearsals.cost(question, about), rehearsals.most_a_day)
        return said(told, Press(rehearsal_lines.START, names.TRY, key, style=PRIMARY))

    async def _started(self, interaction: Interaction, name: Name) -> None:
        await self._shared.answer(interaction, self._start(interaction, name))

    async def _start(self, interaction: Interaction, name: Name) -> Drawn:
        """A worker begins, and writes to this person when it is over; pressed twice, it is one."""
        person = who(interaction)
        rehearsals = await self._rehearsals(person)
        if (kept := await self._shared.notes.get(_kept_as(person, name.id))) is None:
            raise rehearsal_lines.gone()
        typed = json.loads(kept)
        wish = Wish(
            team=person.team,
            user=str(person.user),
            question=typed["question"],
            about=typed["about"],
            key=f"discord:{name.id}",
            platform=PLATFORM,
        )
        await rehearsals.ask(wish, self._shared.ports.clock.now())
        return said(rehearsal_lines.started())

    async def _rehearsals(self, person: Who) -> Rehearsals:
        """For somebody who may ask here. Raises DomainError."""
        shared = self._shared
        require_asker(
            await shared.actor(person),
            await shared.ports.teams.team(person.team),
            person.channel,
            person.within,
        )
        return require_offered(shared.rehearsals)


def _kept_as(person: Who, key: str) -> str:
    """What somebody typed is nobody else's, whatever key they name."""
    return f"trying {named(person.user, key)}"
