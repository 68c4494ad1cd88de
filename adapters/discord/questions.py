"""Which question is meant: what commands on running questions share.

Reads:  a channel's questions, as far as the one who asks may know of them.
Gives:  one of them, or a sentence; choices for an option while somebody types.
"""

from collections.abc import Collection

from discord import app_commands

from adapters.discord.config import PLATFORM
from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.people import Who, who
from adapters.discord.views import text
from bot.chat import steering
from bot.domain.actors import is_steward
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import QuestionError
from bot.wording import answers

COMPLETED = 25


class Questions:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def word(self, interaction: Interaction, chosen: str | None) -> steering.Word:
        """What a command says about a question; `chosen` is its id, where they named it."""
        person = who(interaction)
        actor = await self._shared.actor(person)
        return steering.Word(f"command {interaction.id}", actor, PLATFORM, person.channel, chosen or "")

    async def of_channel(self, person: Who, phases: Collection[Phase]) -> list[Deliberation]:
        """The channel's questions in one of these phases, newest first."""
        actor = await self._shared.actor(person)
        return await steering.in_channel(
            actor, self._shared.ports, platform=PLATFORM, channel=person.channel, phases=phases
        )

    async def steered(
        self, interaction: Interaction, phases: Collection[Phase], chosen: str | None
    ) -> Deliberation:
        """The one that this person runs and means."""
        word = await self.word(interaction, chosen)
        try:
            return await steering.the_one(word, phases, self._shared.ports)
        except steering.AsksFirstError:
            raise QuestionError(answers.SEVERAL_FIT) from None

    async def choices(
        self, interaction: Interaction, typed: str, phases: Collection[Phase], *, steered: bool = True
    ) -> list[app_commands.Choice[str]]:
        """Those of the channel that hold what was typed; only those that this person runs, if `steered`."""
        person = who(interaction)

        async def find() -> list[Deliberation]:
            actor = await self._shared.actor(person)
            found = await self.of_channel(person, phases)
            return [d for d in found if not steered or is_steward(actor, d)]

        return [
            app_commands.Choice(name=text.plain(d.question, text.OPTION), value=d.id)
            for d in await self._shared.found_in_time(find())
            if typed.casefold() in d.question.casefold()
        ][:COMPLETED]
