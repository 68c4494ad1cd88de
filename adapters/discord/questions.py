"""Which question is meant: what commands on running questions share.

Reads:  a channel's questions, as far as the one who asks may know of them.
Gives:  one of them, or a sentence; choices for an option while somebody types.
"""

from collections.abc import Collection

from discord import app_commands

from adapters.discord.config import PLATFORM
from adapters.discord.desk import Desk, Interaction
from adapters.discord.errors import AdviceError
from adapters.discord.people import Who, who
from adapters.discord.views import text
from bot import queries, texts
from bot.domain.actors import require_steward
from bot.domain.deliberation import Deliberation, Phase
from bot.errors import QuestionError

SEVERAL = "Several questions fit. Say which one with the option “question”."
COMPLETED = 25
OPTION = "Which one; without it, the only one that fits"


class Questions:
    """One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def of_channel(self, person: Who, phases: Collection[Phase]) -> list[Deliberation]:
        """The channel's questions in one of these phases, newest first."""
        actor = await self._desk.actor(person)
        found: list[Deliberation] = []
        for running in (True, False):
            found += await queries.listed(
                actor, self._desk.ports, platform=PLATFORM, channel=person.channel or "-", running=running
            )
        return [d for d in found if d.phase in phases]

    async def steered(self, person: Who, phases: Collection[Phase], chosen: str | None) -> Deliberation:
        """The one that this person runs and means; `chosen` is its id, where they said it."""
        if chosen:
            d = await self._desk.deliberation(person, chosen)
            require_steward(await self._desk.actor(person, d), d)
            return d
        found = await self.of_channel(person, phases)
        if not found:
            raise AdviceError(texts.NO_QUESTION)
        actor = await self._desk.actor(person)
        own = [d for d in found if actor.admin or d.facilitator == actor.user]
        if not own:
            require_steward(actor, found[0])
        if len(own) > 1:
            raise QuestionError(SEVERAL)
        return own[0]

    async def choices(
        self, interaction: Interaction, typed: str, phases: Collection[Phase], *, steered: bool = True
    ) -> list[app_commands.Choice[str]]:
        """Those of the channel that hold what was typed; only those that this person runs, if `steered`."""
        person = who(interaction)

        async def find() -> list[Deliberation]:
            actor = await self._desk.actor(person)
            return [
                d
                for d in await self.of_channel(person, phases)
                if not steered or actor.admin or d.facilitator == actor.user
            ]

        return [
            app_commands.Choice(name=text.plain(d.question, text.OPTION), value=d.id)
            for d in await self._desk.found_in_time(find())
            if typed.casefold() in d.question.casefold()
        ][:COMPLETED]
