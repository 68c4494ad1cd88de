"""Asking a question: by command, from a message or a template.

Reads:  a command's options, the window once it is submitted.
Gives:  the question, posted by `bot.chat.asking`, or a sentence for each input that is wrong, with a button
that opens the window again with everything that was typed.
"""

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import discord
from discord import app_commands

from adapters.discord.autocomplete import juries, templates, zones
from adapters.discord.command_options import OwnOption, as_typed, taking
from adapters.discord.config import PLATFORM, lacking, needed_for
from adapters.discord.emoji import emoji_here
from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.people import Who, who
from adapters.discord.questions import Questions
from adapters.discord.routes import Routes
from adapters.discord.views import names
from adapters.discord.views.asking import ASKED_IN_WINDOW, ask_window, not_posted
from adapters.discord.views.drawn import PRIMARY, Drawn, Press, said
from adapters.discord.views.names import Name
from adapters.discord.views.text import when
from bot.chat import asking
from bot.chat.notes import DAY_S
from bot.domain.actors import require_asker
from bot.domain.deliberation import Phase
from bot.domain.errors import DeadlineError, QuestionError
from bot.domain.terms import Terms
from bot.service.ids import named
from bot.service.reply import Reply
from bot.wording import answers, buttons, card_lines, commands, forms, texts
from bot.wording.choices import OWN_SCALE
from bot.wording.fields import Form, labelled
from bot.wording.language import explained

MENU = buttons.FIND_COMMON_GROUND
# In a message's text: an emoji of the server's own, a command that can be clicked, a time.
REFERENCE = re.compile(r"<a?(:\w+:)\d+>|<(/[^<>:]+):\d+>|<t:(-?\d+)(?::[tTdDfFsSR])?>")
Typed = dict[str, str]
OWN = (
    OwnOption("template", commands.TEMPLATE),
    OwnOption("jury", commands.JURY),
    OwnOption("thread", commands.THREAD, bool, usual=False),
    OwnOption("zone", commands.ZONE_FOR_TIMES),
)


class Asking:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._questions = Questions(shared)

    def contribute(self, routes: Routes) -> None:
        """`/accord ask` and `again`, the entry in a message's menu, the question's window."""
        routes.windows[names.ASK] = self.submitted
        routes.clicks[names.ASK_AGAIN] = self.again
        routes.menus.append(app_commands.ContextMenu(name=MENU, callback=self._menu()))
        self._command(routes)
        self._again_command(routes)

    def _menu(self) -> Any:
        async def find_common_ground(interaction: Interaction, message: discord.Message) -> None:
            await self.from_message(interaction, message)

        return app_commands.guild_only(find_common_ground)

    def _command(self, routes: Routes) -> None:
        async def ask(interaction: Interaction, **given: Any) -> None:
            # How many emoji there are says which scale it is.
            own = {"scale": OWN_SCALE} if given.get("emoji") else {}
            await self.ask(interaction, as_typed(Form.ASK, {**given, **own}))

        command = taking(Form.ASK, ask, *OWN)
        command = app_commands.autocomplete(
            template=templates(self._shared), jury=juries(self._shared), zone=zones
        )(command)
        routes.accord.command(name="ask", description=commands.ASK)(command)

    async def ask(self, interaction: Interaction, typed: Typed) -> None:
        """`/accord ask`: with a question it is posted at once, without one a window opens."""
        person = who(interaction)
        self._shared.meet(person)
        key = str(interaction.id)
        if typed.get("question"):
            await self._shared.answer(interaction, self._post(interaction, person, key, typed))
        else:
            await self._shared.open(interaction, self._window(person, key, typed))

    def _again_command(self, routes: Routes) -> None:
        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, frozenset(Phase))

        @routes.accord.command(name="again", description=commands.AGAIN)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=complete)
        async def again(interaction: Interaction, question: str | None = None) -> None:
            async def make() -> discord.ui.Modal:
                person = who(interaction)
                d = await self._questions.steered(interaction, frozenset(Phase), question)
                return await self._window(person, str(interaction.id), {"like": d.id})

            await self._shared.open(interaction, make())

    async def from_message(self, interaction: Interaction, message: discord.Message) -> None:
        """ "Find common ground" on a message: its text is the question."""
        person = who(interaction)
        self._shared.meet(person)
        # With names in place of mentions, as it was seen.
        typed = asking.from_message(readable(message.clean_content))
        await self._shared.open(interaction, self._window(person, str(interaction.id), typed))

    async def _window(self, person: Who, key: str, typed: Typed) -> discord.ui.Modal:
        shared = self._shared
        begun = await self._begun(person, typed)
        require_asker(await shared.actor(person), begun.team, person.channel, person.within)
        typed = {**begun.typed, **typed}
        zone = await shared.people.zone(person.user, typed.get("zone", ""))
        # A window has room for five inputs: what else was chosen waits for it here.
        await shared.notes.put(_kept_as(person, key), json.dumps(typed), for_s=DAY_S)
        return ask_window(key, begun.team, typed, zone=zone)

    async def _begun(self, person: Who, typed: Typed) -> asking.Start:
        """What it starts from: a template, a question that this person runs, or what is usual."""
        ports = self._shared.ports
        if like := typed.get("like"):
            return await asking.start_again(await self._shared.actor(person), like, ports)
        return await asking.start(person.team, typed.get("template", ""), ports)

    async def submitted(self, interaction: Interaction, name: Name, typed: Typed) -> None:
        """The question's window was submitted."""

        async def work() -> Drawn:
            person = who(interaction)
            before = await self._shared.notes.get(_kept_as(person, name.id))
            if before is None:
                return await self._too_late(person, name.id, typed)
            return await self._post(interaction, person, name.id, {**json.loads(before), **typed})

        await self._shared.answer(interaction, work())

    async def _too_late(self, person: Who, key: str, typed: Typed) -> Drawn:
        """Not posted, for its terms may have been chosen outside the window; nor is a word of it lost."""
        await self._shared.notes.put(_kept_as(person, key), json.dumps(typed), for_s=DAY_S)
        return not_posted(
            answers.NOT_POSTED, typed, Press(buttons.OPEN_IT_AGAIN, names.ASK_AGAIN, key, style=PRIMARY)
        )

    async def again(self, interaction: Interaction, name: Name) -> None:
        """The button that opens the window again with everything in it."""

        async def make() -> discord.ui.Modal:
            person = who(interaction)
            return await self._window(person, name.id, await self._kept(person, name.id))

        await self._shared.open(interaction, make())

    async def _kept(self, person: Who, key: str) -> Typed:
        kept = await self._shared.notes.get(_kept_as(person, key))
        if kept is None:
            raise QuestionError(answers.CHOICES_GONE)
        found: Typed = json.loads(kept)
        return found

    async def _post(self, interaction: Interaction, person: Who, key: str, typed: Typed) -> Drawn:
        shared = self._shared
        begun = await self._begun(person, typed)
        typed = {**begun.typed, **typed}
        try:
            zone = await shared.people.zone(person.user, typed.get("zone", ""))
        except DeadlineError as exc:
            return await self._refused(person, key, {**typed, "zone": ""}, explained(exc))
        here = await emoji_here(shared.rest, person.team, typed)
        asked, errors = await asking.read(
            typed, begun.team, shared.ports, zone, here, str(interaction.locale)
        )
        if asked is None:
            told = "\n".join(labelled(Form.ASK, errors))
            return await self._refused(person, key, typed, told, wrong=errors)
        # A thread has no threads of its own.
        thread = typed.get("thread") == "yes" and not isinstance(interaction.channel, discord.Thread)
        if problem := hindrance(interaction, asked.terms, thread=thread):
            return await self._refused(person, key, typed, problem)
        reply = await self._posted(person, key, asked, thread=thread)
        if not reply.ok:
            return await self._refused(person, key, typed, reply.text)
        closes = [card_lines.opinions_close(when(asked.closes_at))] if asked.closes_at else []
        return Drawn(content=" ".join([str(reply.text), *closes]))

    async def _posted(self, person: Who, key: str, asked: forms.Asked, *, thread: bool) -> Reply:
        """A window is submitted once; whatever copy of that comes is the same question."""
        shared, actor = self._shared, await self._shared.actor(person)
        if thread:
            await shared.platform.want_thread(named(person.team, asking.once(actor, PLATFORM, key)))
        place = asking.Place(PLATFORM, person.channel, person.within)
        return await asking.post(actor, place, asked, key, shared.ports)

    async def _refused(
        self, person: Who, key: str, typed: Typed, because: str, wrong: Collection[str] = ()
    ) -> Drawn:
        """What is wrong, and a way back to what was typed."""
        hidden = set(wrong).difference(ASKED_IN_WINDOW)
        if hidden:
            # It could not be mended in the window, and would be wrong again. Emoji go with their scale.
            hidden |= {"scale"} if "emoji" in hidden else set()
            typed = {name: value for name, value in typed.items() if name not in hidden}
            because += f"\n{answers.USUAL_INSTEAD}"
        await self._shared.notes.put(_kept_as(person, key), json.dumps(typed), for_s=DAY_S)
        return said(because, Press(buttons.FIX_IT, names.ASK_AGAIN, key, style=PRIMARY))


def _kept_as(person: Who, key: str) -> str:
    """What somebody typed is nobody else's, whatever key they name; whose it is, the store does not tell."""
    return f"asking {named(person.user, key)}"


def hindrance(interaction: Interaction, terms: Terms, *, thread: bool = False) -> str:
    """What the app may not do in this channel that such a question needs; empty when it may all of it."""
    in_thread = isinstance(interaction.channel, discord.Thread)
    may: Any = interaction.app_permissions
    needed = needed_for(terms, thread=thread, in_thread=in_thread)
    return lacking(name for name in needed if not getattr(may, name))


def readable(text: str) -> str:
    """A text with a server's own emoji, commands and times as people saw them; mentions are names already."""
    return REFERENCE.sub(lambda found: found[1] or found[2] or _time(int(found[3])), text).strip()


def _time(seconds: int) -> str:
    try:
        return texts.utc(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return ""
