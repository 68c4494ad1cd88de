"""Running questions: `/accord close`, `revise`, `extend`, `reopen`, `cancel`, `who`, `remind`.

Asking one is in `asking`, changing its words in `rewording`.

Reads:  slash commands, and the buttons that confirm what cannot be undone.
Gives:  answers that only the one who asked can see. Which question is meant, and what closing it means,
`bot.chat.steering` knows.
"""

from collections.abc import Collection, Coroutine
from datetime import datetime
from typing import Any

from discord import app_commands

from adapters.discord.autocomplete import zones
from adapters.discord.errors import AdviceError
from adapters.discord.interaction import Interaction, InteractionContext, told
from adapters.discord.people import Who, who
from adapters.discord.questions import Questions
from adapters.discord.routes import Routes
from adapters.discord.views import names, text
from adapters.discord.views.drawn import DANGER, Drawn, Press, said
from adapters.discord.views.names import Name
from bot.chat import participating, steering
from bot.chat.old_buttons import OldButtonError
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import RatingBy
from bot.service import queries
from bot.service.reply import Reply
from bot.wording import answers, buttons, commands, texts
from bot.wording.confirmations import CANCEL, CLOSE_VOTE, END_RESULT_LINK, REVISING_VOTE
from bot.wording.language import explained

# How much of a name is shown in a list of them.
NAME = 30


class Steering:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._questions = Questions(shared)

    def contribute(self, routes: Routes) -> None:
        """Seven commands and three buttons."""
        routes.clicks[names.STEP] = self._step
        routes.clicks[names.CANCEL] = self._cancel
        routes.clicks[names.RESULT_LINK] = self._result_link
        self._close(routes)
        self._ask_to_revise(routes)
        self._moves(routes, "extend", commands.EXTEND, steering.EXTEND)
        self._moves(routes, "reopen", commands.REOPEN, steering.REOPEN)
        self._ask_to_cancel(routes)
        self._remind(routes)
        self._who(routes)

    def _among(self, phases: Collection[Phase]) -> Any:
        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, phases)

        return complete

    def _close(self, routes: Routes) -> None:
        @routes.accord.command(name="close", description=commands.CLOSE)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(steering.CLOSABLE))
        async def close(interaction: Interaction, question: str | None = None) -> None:
            async def work() -> Reply:
                word = await self._questions.word(interaction, question)
                return await steering.close(word, self._shared.ports, self._shared.notes)

            await self._shared.answer(interaction, _answered(work()))

    def _remind(self, routes: Routes) -> None:
        @routes.accord.command(name="remind", description=commands.REMIND)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(steering.CLOSABLE))
        async def remind(interaction: Interaction, question: str | None = None) -> None:
            async def work() -> Reply:
                word = await self._questions.word(interaction, question)
                return await steering.remind(word, self._shared.ports, self._shared.notes)

            await self._shared.answer(interaction, _answered(work()))

    def _who(self, routes: Routes) -> None:
        @routes.accord.command(name="who", description=commands.WHO)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(queries.RUNNING))
        async def who_has(interaction: Interaction, question: str | None = None) -> None:
            async def work() -> Drawn:
                d = await self._questions.steered(interaction, queries.RUNNING, question)
                actor = await self._shared.actor(who(interaction), d)
                shown = participating.told(actor, d.id, self._shared.ports, text.person, _name)
                return said("\n".join(await shown))

            await self._shared.answer(interaction, work())

    def _ask_to_revise(self, routes: Routes) -> None:
        @routes.accord.command(name="revise", description=commands.REVISE)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(steering.REVISABLE))
        async def revise(interaction: Interaction, question: str | None = None) -> None:
            async def work() -> Drawn:
                d = await self._questions.steered(interaction, steering.REVISABLE, question)
                return await self._asked_to_revise(d)

            await self._shared.answer(interaction, work())

    async def _asked_to_revise(self, d: Deliberation) -> Drawn:
        ports = self._shared.ports
        given = await ports.contributions.reasons(d.id, d.round)
        # What cannot be done is said before anybody is asked whether they are sure.
        d.revision_asked(d.round, len(given), ports.clock.now())
        asks = REVISING_VOTE
        step = f"{steering.REVISE}.{d.round}"
        return said(f"{asks.asks} {asks.follows}", Press(asks.yes, names.STEP, d.id, step, style=DANGER))

    def _moves(self, routes: Routes, name: str, description: str, moving: steering.Moving) -> None:
        @routes.accord.command(name=name, description=description)
        @app_commands.describe(
            until=commands.UNTIL,
            question=commands.ONLY_ONE_THAT_FITS,
            zone=commands.ZONE,
        )
        @app_commands.autocomplete(question=self._among(moving.phases), zone=zones)
        async def moves(
            interaction: Interaction, until: str, question: str | None = None, zone: str | None = None
        ) -> None:
            work = self._move(interaction, moving, until, question, zone or "")
            await self._shared.answer(interaction, _moved(work))

    async def _move(
        self, interaction: Interaction, moving: steering.Moving, until: str, question: str | None, zone: str
    ) -> Reply:
        shared = self._shared
        word = await self._questions.word(interaction, question)
        return await steering.move(
            word,
            moving,
            {"deadline": until},
            await shared.people.zone(word.actor.user, zone),
            shared.ports,
            shared.notes,
            locale=str(interaction.locale),
            allowed=self._require_within_poll,
        )

    async def _require_within_poll(self, d: Deliberation, at: datetime) -> None:
        if d.phase is not Phase.RATING or d.terms.rating_by is not RatingBy.POLL or d.ballot is None:
            return
        ends = await self._shared.platform.poll_ends_at(d.ballot, d)
        if at > ends:
            raise AdviceError(answers.poll_ends(text.when(ends)))

    def _ask_to_cancel(self, routes: Routes) -> None:
        @routes.accord.command(name="cancel", description=commands.CANCEL)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(queries.RUNNING))
        async def cancel(interaction: Interaction, question: str | None = None) -> None:
            async def work() -> Drawn:
                d = await self._questions.steered(interaction, queries.RUNNING, question)
                # Not at once: what cannot be undone is asked for.
                sure = Press(CANCEL.yes, names.CANCEL, d.id, str(d.phase), style=DANGER)
                return said(f"{CANCEL.asks} {CANCEL.follows}\n“{text.plain(d.question, 1_000)}”", sure)

            await self._shared.answer(interaction, work())

    async def _cancel(self, interaction: Interaction, name: Name) -> None:
        await self._shared.answer(interaction, self._take(who(interaction), "cancel", name.id, name.choice))

    async def _step(self, interaction: Interaction, name: Name) -> None:
        """A button that says which phase, or which round, was seen when it was drawn."""
        step, _, seen = name.choice.partition(".")
        await self._shared.answer(interaction, self._take(who(interaction), step, name.id, seen))

    async def _result_link(self, interaction: Interaction, name: Name) -> None:
        """The link to a result: ended, after that was asked about, or a new one made."""
        await self._shared.answer(interaction, self._relinked(who(interaction), name))

    async def _relinked(self, person: Who, name: Name) -> Drawn:
        asks = END_RESULT_LINK
        # Buttons of earlier versions do not say which link was there.
        choice, _, seen = name.choice.partition(".")
        if choice == steering.END_LINK:
            choices = ".".join(filter(None, (names.SURE, seen)))
            sure = Press(asks.yes, names.RESULT_LINK, name.id, choices, style=DANGER)
            return said(f"{asks.asks} {asks.follows}", sure)
        if choice not in (names.SURE, steering.NEW_LINK):
            raise OldButtonError
        step = steering.END_LINK if choice == names.SURE else steering.NEW_LINK
        reply = await self._taken(person, step, name.id, seen)
        page = self._shared.platform.result_link(reply.deliberation) if reply.deliberation else ""
        return said(reply.text, *([Press(buttons.OPEN_PAGE, url=page)] if page else []))

    async def _take(self, person: Who, step: str, id_: str, seen: str = "") -> Drawn:
        return told(await self._taken(person, step, id_, seen))

    async def _taken(self, person: Who, step: str, id_: str, seen: str = "") -> Reply:
        # Whether they may steer it is looked at where it is done: whoever asked it may from anywhere.
        d = await self._shared.ports.deliberations.load(id_)
        actor = await self._shared.actor(person, d)
        return await self._shared.run(steering.pressed(step, actor, d.id, seen))


def _name(name: str) -> str:
    return text.escape(name, NAME)


async def _moved(work: Coroutine[Any, Any, Reply]) -> Drawn:
    """What came of it, with the time that was understood, on the reader's own clock."""
    try:
        reply = await work
    except steering.AsksFirstError:
        return said(answers.SEVERAL_FIT)
    until = reply.deliberation.open_until if reply.ok and reply.deliberation else None
    if not until:
        return told(reply)
    return Drawn(content=f"{reply.text} {texts.OPEN_UNTIL.format(when=text.when(until))}")


async def _answered(work: Coroutine[Any, Any, Reply]) -> Drawn:
    """What came of it, or what has to be asked first."""
    try:
        return told(await work)
    except steering.AsksFirstError as exc:
        if len(exc.questions) > 1:
            return said(answers.SEVERAL_FIT)
        d = exc.questions[0]
        step = f"{steering.closing(d)}.{d.round}"
        sure = Press(CLOSE_VOTE.yes, names.STEP, d.id, step, style=DANGER)
        return said(explained(exc), sure)
