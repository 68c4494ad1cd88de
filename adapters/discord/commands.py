"""Running questions: `/accord close`, `extend` and `cancel`; asking one is in `asking`.

Reads:  slash commands, and the button that confirms a cancellation.
Gives:  commands, and answers that only the one who asked can see. What a person may not do is refused by the
domain.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

from discord import app_commands

from adapters.discord.desk import Desk, Interaction, told
from adapters.discord.errors import AdviceError
from adapters.discord.people import Who, who
from adapters.discord.questions import OPTION, Questions
from adapters.discord.routes import Routes
from adapters.discord.views import names, text
from adapters.discord.views.drawn import DANGER, Drawn, Press, said
from adapters.discord.views.names import Name
from bot import forms
from bot.domain.commands import Cancel, CloseOpinions, CloseRating, Extend
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import RatingBy
from bot.errors import QuestionError

CLOSABLE = (Phase.OPINIONS, Phase.RATING)
MOVABLE = (Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING)
OPEN = (Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING, Phase.RATING)
SAY_WHEN = "Write the new deadline, such as: tomorrow 5pm, in 3 hours, friday 17:00."
POLL_ENDS = "Discord ends the poll {} and lets nobody move that. Choose a time before, or close the vote."


class Commands:
    """One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._questions = Questions(desk)

    def contribute(self, routes: Routes) -> None:
        """Three commands and a button."""
        routes.clicks[names.CANCEL] = self._cancel
        self._close(routes)
        self._extend(routes)
        self._ask_to_cancel(routes)

    def _among(self, phases: Collection[Phase]) -> Any:
        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, phases)

        return complete

    def _close(self, routes: Routes) -> None:
        @routes.accord.command(name="close", description="Close opinions, or the vote, now")
        @app_commands.describe(question=OPTION)
        @app_commands.autocomplete(question=self._among(CLOSABLE))
        async def close(interaction: Interaction, question: str | None = None) -> None:
            person = who(interaction)

            async def work() -> Drawn:
                d = await self._questions.steered(person, CLOSABLE, question)
                kind = CloseRating if d.phase is Phase.RATING else CloseOpinions
                return told(await self._desk.run(kind(await self._desk.actor(person, d), d.id)))

            await self._desk.answer(interaction, work())

    def _extend(self, routes: Routes) -> None:
        @routes.accord.command(name="extend", description="Move the deadline of opinions or of the vote")
        @app_commands.describe(
            until="The new deadline: tomorrow 5pm, in 3 hours, friday 17:00",
            question=OPTION,
            zone="Your time zone; remembered",
        )
        @app_commands.autocomplete(question=self._among(MOVABLE))
        async def extend(
            interaction: Interaction, until: str, question: str | None = None, zone: str | None = None
        ) -> None:
            await self._desk.answer(interaction, self._move(who(interaction), until, question, zone or ""))

    async def _move(self, person: Who, until: str, question: str | None, zone: str) -> Drawn:
        desk = self._desk
        d = await self._questions.steered(person, MOVABLE, question)
        zone = await desk.people.zone(person.user, zone)
        # Reading words takes a library that is slow to load.
        at = await asyncio.to_thread(forms.deadline, {"deadline": until}, desk.ports.clock.now(), zone)
        if at is None:
            raise QuestionError(SAY_WHEN)
        await self._require_within_poll(d, at)
        return told(await desk.run(Extend(await desk.actor(person, d), d.id, closes_at=at)))

    async def _require_within_poll(self, d: Deliberation, at: datetime) -> None:
        if d.phase is not Phase.RATING or d.terms.rating_by is not RatingBy.POLL or d.ballot is None:
            return
        ends = await self._desk.platform.poll_ends_at(d.ballot, d)
        if at > ends:
            raise AdviceError(POLL_ENDS.format(text.when(ends)))

    def _ask_to_cancel(self, routes: Routes) -> None:
        @routes.accord.command(name="cancel", description="Cancel a question; there is no result then")
        @app_commands.describe(question=OPTION)
        @app_commands.autocomplete(question=self._among(OPEN))
        async def cancel(interaction: Interaction, question: str | None = None) -> None:
            person = who(interaction)

            async def work() -> Drawn:
                d = await self._questions.steered(person, OPEN, question)
                # Not at once: what cannot be undone is asked for.
                sure = Press("Cancel the question", names.CANCEL, d.id, style=DANGER)
                return said(f"“{text.plain(d.question, 1_000)}” ends without a result. Are you sure?", sure)

            await self._desk.answer(interaction, work())

    async def _cancel(self, interaction: Interaction, name: Name) -> None:
        person = who(interaction)

        async def work() -> Drawn:
            d = await self._desk.deliberation(person, name.id)
            return told(await self._desk.run(Cancel(await self._desk.actor(person, d), d.id)))

        await self._desk.answer(interaction, work())
