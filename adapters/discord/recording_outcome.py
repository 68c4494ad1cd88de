"""Recording what was decided: `/accord outcome`, the buttons that open its window, and the window.

Reads:  the command, presses, and what was submitted.
Gives:  the window, and answers that only the one who acted can see. What may be recorded,
        `bot.chat.recording_outcome` knows.
"""

import json
from collections.abc import Mapping
from typing import Any

from discord import app_commands, ui

from adapters.discord.command_options import OwnOption, as_typed, taking
from adapters.discord.interaction import Interaction, InteractionContext, told
from adapters.discord.people import Who, who
from adapters.discord.questions import Questions
from adapters.discord.routes import Routes
from adapters.discord.views import names
from adapters.discord.views.drawn import Drawn
from adapters.discord.views.names import Name
from adapters.discord.views.outcome import outcome_window, refused_outcome, with_member
from bot.chat import recording_outcome, steering
from bot.chat.notes import DAY_S
from bot.domain.errors import QuestionError
from bot.service.ids import named
from bot.wording import answers, commands
from bot.wording.fields import Form

QUESTION = OwnOption("question", commands.ONLY_ONE_THAT_FITS)


class Deciding:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._questions = Questions(shared)

    def contribute(self, routes: Routes) -> None:
        """The command, a button and a window."""
        routes.clicks[names.OUTCOME] = self.pressed
        routes.windows[names.OUTCOME] = self.submitted

        async def outcome(interaction: Interaction, **given: Any) -> None:
            chosen = given.pop("question", None)
            typed = as_typed(Form.OUTCOME, given)
            await self._shared.open(interaction, self._meant(interaction, chosen, typed))

        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, recording_outcome.DECIDABLE)

        command = app_commands.autocomplete(question=complete)(taking(Form.OUTCOME, outcome, QUESTION))
        routes.accord.command(name="outcome", description=commands.OUTCOME)(command)

    async def _meant(
        self, interaction: Interaction, chosen: str | None, typed: Mapping[str, str]
    ) -> ui.Modal:
        word = await self._questions.word(interaction, chosen)
        try:
            d = await recording_outcome.meant(word, self._shared.ports)
        except steering.AsksFirstError:
            raise QuestionError(answers.SEVERAL_FIT) from None
        return outcome_window(d, typed)

    async def pressed(self, interaction: Interaction, name: Name) -> None:
        """The button that opens the window; after a refusal with what was typed."""
        person = who(interaction)

        async def make() -> ui.Modal:
            d = await self._shared.ports.deliberations.load(name.id)
            d = await recording_outcome.opened(await self._shared.actor(person, d), d.id, self._shared.ports)
            again = name.choice == names.AGAIN
            before = await self._shared.notes.get(_kept_as(person, name.id)) if again else None
            return outcome_window(d, json.loads(before or "{}"))

        await self._shared.open(interaction, make())

    async def submitted(self, interaction: Interaction, name: Name, typed: dict[str, str]) -> None:
        """The window was submitted."""
        await self._shared.answer(interaction, self._record(interaction, name.id, with_member(typed)))

    async def _record(self, interaction: Interaction, id_: str, typed: dict[str, str]) -> Drawn:
        shared, person = self._shared, who(interaction)
        d = await shared.ports.deliberations.load(id_)
        came = await recording_outcome.record(
            await shared.actor(person, d),
            id_,
            typed,
            shared.ports,
            at=interaction.created_at,
            zone=await shared.people.zone(person.user),
            locale=str(interaction.locale),
        )
        if came.reply.ok:
            return told(came.reply)
        await shared.notes.put(_kept_as(person, id_), json.dumps(typed), for_s=DAY_S)
        return refused_outcome(id_, came.reply.text)


def _kept_as(person: Who, id_: str) -> str:
    """What somebody typed is nobody else's; whose it is, the store does not tell."""
    return f"outcome {named(person.user, id_)}"
