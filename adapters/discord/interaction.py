"""What every answer to an interaction needs: who acts, the ports, and Discord's three seconds.

Reads:  interactions. Every one may come twice, late, or at any gateway.
Gives:  answers that only the one who acted can see. Work is started at once; what takes longer than Discord
waits goes on, and its answer follows. Whether Discord takes an answer never decides whether the work is done.
"""

import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import discord
from discord import ui

from adapters.discord.errors import AdviceError, mapped
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.people import People, Who, who
from adapters.discord.rest import Rest
from adapters.discord.views.drawn import Drawn, ours, said
from bot.chat.answer_counter import Counter
from bot.chat.notes import Notes
from bot.chat.old_buttons import OldButtonError
from bot.chat.rehearsals import Rehearsals
from bot.chat.steering import NoQuestionError
from bot.chat.taking_part import Act
from bot.chat.tasks import Tasks, in_time
from bot.domain.actors import Actor
from bot.domain.commands import Command
from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, DomainError, PlatformError
from bot.service.access import require_sees
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts
from bot.wording.language import explained

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
Answer = Coroutine[Any, Any, Drawn]
T = TypeVar("T")


@dataclass
class InteractionContext:
    """Everything that answering needs; one for a process.

    answers: those under way, for which a connection that ends waits a moment.
    rehearsals: questions that are tried out with simulated members; None where they cannot be.
    """

    ports: Ports
    rest: Rest
    platform: DiscordPlatform
    people: People
    notes: Notes
    counter: Counter
    tasks: Tasks
    answers: Tasks = field(default_factory=Tasks)
    rehearsals: Rehearsals | None = None

    async def actor(self, who: Who, d: Deliberation | None = None) -> Actor:
        """Who acts: with rights, for whatever is not everybody's."""
        return await self.people.actor(who, self.ports, d)

    def act(self, interaction: Interaction, id_: str) -> Act:
        """What somebody does to a question."""
        person = who(interaction)
        return Act(
            # In a direct message the button, which only we can have put there, says which question it is.
            team=person.team or None,
            user=person.user,
            deliberation_id=id_,
            participant=lambda d: self.people.participant(person, d),
            at=interaction.created_at,
            channel=person.channel,
        )

    async def deliberation(self, who: Who, id_: str) -> Deliberation:
        """A question that this person may see. Raises UnknownDeliberationError for any other.

        In a direct message the button itself says which server it is of.
        """
        d = await self.ports.deliberations.load(id_)
        await require_sees(Actor(who.team or d.team, who.user, channel=who.channel), d, self.ports)
        return d

    async def run(self, command: Command) -> Reply:
        """Dispatch."""
        return await dispatch(command, self.ports)

    def meet(self, who: Who) -> None:
        """Remember who can be reminded, beside the work."""
        self.tasks.start(self._meet(who))

    async def _meet(self, who: Who) -> None:
        try:
            await self.people.met(who)
        except BotError:
            log.info("somebody who can be reminded could not be noted")

    # -- answering -------------------------------------------------------------------------------

    async def answer(self, interaction: Interaction, work: Answer) -> None:
        """Do it, and say what came of it: at once, or when it is done."""
        await self.answers.start(self._answer(interaction, work))

    async def _answer(self, interaction: Interaction, work: Answer) -> None:
        task = self.tasks.start(_or_sentence(work))
        if not await in_time(task):
            await quietly(interaction.response.defer(ephemeral=True, thinking=True))
        await say(interaction, await task)

    async def replace(self, interaction: Interaction, work: Answer) -> None:
        """Do it, and show what came of it in place of the message on which it was asked for.

        Never in place of one that everybody sees, whatever button somebody claims to have seen there.
        """
        if interaction.message is None or not interaction.message.flags.ephemeral:
            await self.answer(interaction, work)
        else:
            await self.answers.start(self._replace(interaction, work))

    async def _replace(self, interaction: Interaction, work: Answer) -> None:
        task = self.tasks.start(_or_sentence(work))
        if await in_time(task):
            await quietly(interaction.response.edit_message(**task.result().instead()))
        else:
            await quietly(interaction.response.defer())
            await say(interaction, await task)

    async def open(
        self,
        interaction: Interaction,
        make: Coroutine[Any, Any, ui.Modal | Drawn],
        otherwise: ui.Modal | None = None,
    ) -> None:
        """Open a window, or say why not; `otherwise` when its data does not come in time."""
        await self.answers.start(self._open(interaction, make, otherwise))

    async def _open(
        self,
        interaction: Interaction,
        make: Coroutine[Any, Any, ui.Modal | Drawn],
        otherwise: ui.Modal | None,
    ) -> None:
        task = self.tasks.start(_or_sentence(make))
        made = task.result() if await in_time(task) else otherwise or said(texts.STORE_UNREACHABLE)
        if isinstance(made, ui.Modal):
            await quietly(interaction.response.send_modal(made))
        else:
            await say(interaction, made)

    async def found_in_time(self, looking: Coroutine[Any, Any, Sequence[T]]) -> Sequence[T]:
        """What completes an option while somebody types; nothing where it takes too long or fails."""
        task = self.tasks.start(_or_nothing(looking))
        return task.result() if await in_time(task) else ()


async def _or_nothing(looking: Coroutine[Any, Any, Sequence[T]]) -> Sequence[T]:
    try:
        return await looking
    except BotError as exc:
        log.info("an option could not be completed (%s)", type(exc).__name__)
        return ()


async def _or_sentence(work: Coroutine[Any, Any, Any]) -> Any:
    """A refusal is an answer too."""
    try:
        return await work
    except (AdviceError, NoQuestionError, OldButtonError) as exc:
        return ours(explained(exc))
    except (DomainError, PlatformError) as exc:
        return said(explained(exc))
    except BotError:
        log.warning("an interaction could not be answered", exc_info=True)
        return said(texts.STORE_UNREACHABLE)
    except Exception:
        log.exception("an interaction failed")
        return said(texts.UNEXPECTED)


async def say(interaction: Interaction, drawn: Drawn) -> None:
    """Answer where only this person sees it, first or after having asked for patience."""
    if interaction.response.is_done():
        await quietly(interaction.edit_original_response(**drawn.instead()))
    else:
        await quietly(interaction.response.send_message(ephemeral=True, **drawn.new()))


async def quietly(call: Coroutine[Any, Any, Any]) -> bool:
    """Whether Discord took it. Another copy may have been answered, or the time be over: no harm is done."""
    try:
        with mapped():
            await call
    except BotError as exc:
        log.info("an answer was not taken (%s %s)", type(exc).__name__, getattr(exc, "code", ""))
        return False
    except discord.InteractionResponded:
        return False
    return True


def told(reply: Reply) -> Drawn:
    """A reply as an answer."""
    return said(reply.text)
