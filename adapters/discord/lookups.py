"""Looking and one's own data: `/accord list`, `results`, `status`, `help`, `export`, `forget-me`.

Reads:  slash commands, and the button that confirms that everything is to be forgotten.
Gives:  answers that only the one who asked can see. Other channels' questions are left out, as for members
        who are not in a channel there are none.
"""

from collections.abc import Collection
from typing import Any

from discord import app_commands

from adapters.discord.config import PLATFORM, lacking
from adapters.discord.exporting import Exporting
from adapters.discord.interaction import Interaction, InteractionContext, told
from adapters.discord.people import Who, who
from adapters.discord.questions import Questions
from adapters.discord.routes import Routes, chosen
from adapters.discord.views import listing, names
from adapters.discord.views.drawn import Drawn
from adapters.discord.views.names import Name
from bot.chat import finding_results, steering
from bot.chat.recording_outcome import outcome_step
from bot.domain.actors import Actor, is_steward
from bot.domain.commands import ForgetMe
from bot.domain.deliberation import Deliberation, Phase
from bot.service import queries
from bot.service.health import Finding, health
from bot.wording import answers, commands, troubles
from bot.wording.permissions import ON_DISCORD


class Lookups:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._questions = Questions(shared)
        self._exporting = Exporting(shared)

    def contribute(self, routes: Routes) -> None:
        """Six commands, a button and a menu."""
        routes.clicks[names.FORGET] = self._forget
        routes.clicks[names.RESULTS] = self._chosen
        self._looking(routes)
        self._results(routes)
        self._export(routes)
        self._forget_me(routes)

    def _among(self, phases: Collection[Phase], *, steered: bool) -> Any:
        async def complete(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return await self._questions.choices(interaction, typed, phases, steered=steered)

        return complete

    # -- looking ---------------------------------------------------------------------------------

    def _looking(self, routes: Routes) -> None:
        @routes.accord.command(name="list", description=commands.LIST)
        @app_commands.describe(past=commands.PAST)
        async def list_(interaction: Interaction, past: str | None = None) -> None:
            person = who(interaction)
            work = self._listed(person) if past is None else self._past(person, past)
            await self._shared.answer(interaction, work)

        @routes.accord.command(name="status", description=commands.STATUS)
        async def status(interaction: Interaction) -> None:
            await self._shared.answer(interaction, self._status(interaction))

        @routes.accord.command(name="help", description=commands.HELP)
        async def help_(interaction: Interaction) -> None:
            async def work() -> Drawn:
                return listing.help_message()

            await self._shared.answer(interaction, work())

    async def _listed(self, person: Who) -> Drawn:
        found = await self._questions.of_channel(person, tuple(Phase))
        count, link = self._shared.ports.contributions.opinion_count, self._shared.platform.link
        shown = [(d, await count(d.id), await link(d)) for d in found[: listing.SHOWN]]
        return listing.list_message(shown, len(found), await self._shared.actor(person))

    async def _past(self, person: Who, words: str) -> Drawn:
        actor, ports = await self._shared.actor(person), self._shared.ports
        link = self._shared.platform.link
        found = await finding_results.past(actor, words, ports, link, platform=PLATFORM, most=listing.SHOWN)
        return listing.past_message(found.shown, found.words, actor, more=found.more)

    async def _status(self, interaction: Interaction) -> Drawn:
        person = who(interaction)
        alive = await health(person.team, self._shared.ports)
        running = await self._questions.of_channel(person, queries.RUNNING)
        findings = [Finding(True, answers.answers("Discord")), may_here(interaction), *alive.findings()]
        return listing.status_message(findings, len(running))

    # -- results ---------------------------------------------------------------------------------

    def _results(self, routes: Routes) -> None:
        @routes.accord.command(name="results", description=commands.RESULTS)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(queries.WITH_RESULTS, steered=False))
        async def results(interaction: Interaction, question: str | None = None) -> None:
            await self._shared.answer(interaction, self._found(who(interaction), question))

    async def _chosen(self, interaction: Interaction, name: Name) -> None:
        """One of several was chosen; the menu stays, so that the others can be looked at too."""
        question = "".join(chosen(interaction)[:1])
        await self._shared.answer(interaction, self._found(who(interaction), question))

    async def _found(self, person: Who, question: str | None) -> Drawn:
        if question:
            return await self._result(person, await self._shared.deliberation(person, question))
        actor = await self._shared.actor(person)
        found = await finding_results.with_results(
            actor, self._shared.ports, platform=PLATFORM, channel=person.channel
        )
        return await self._result(person, found[0]) if len(found) == 1 else listing.choose_results(found)

    async def _result(self, person: Who, d: Deliberation) -> Drawn:
        shared = self._shared
        actor = await shared.actor(person, d)
        found = await queries.results(actor, d.id, shared.ports)
        runs = is_steward(actor, found.deliberation)
        step = steering.link_step(found.deliberation, shared.platform.result_link) if runs else ""
        record = outcome_step(found.deliberation) if runs else ""
        return listing.results_message(found, await shared.platform.link(d), step, record)

    # -- data ------------------------------------------------------------------------------------

    def _export(self, routes: Routes) -> None:
        @routes.accord.command(name="export", description=commands.EXPORT)
        @app_commands.describe(question=commands.ONLY_ONE_THAT_FITS)
        @app_commands.autocomplete(question=self._among(queries.EXPORTABLE, steered=True))
        async def export(interaction: Interaction, question: str | None = None) -> None:
            person = who(interaction)

            async def work() -> Drawn:
                d = await self._questions.steered(interaction, queries.EXPORTABLE, question)
                return await self._exporting.export(person, d, interaction.filesize_limit)

            await self._shared.answer(interaction, work())

    def _forget_me(self, routes: Routes) -> None:
        @routes.accord.command(name="forget-me", description=commands.FORGET_ME)
        async def forget_me(interaction: Interaction) -> None:
            person = who(interaction)

            async def work() -> Drawn:
                own = await queries.own_opinions(Actor(person.team, person.user), self._shared.ports)
                return listing.forget_message(own, interaction.filesize_limit)

            await self._shared.answer(interaction, work())

    async def _forget(self, interaction: Interaction, name: Name) -> None:
        person, at = who(interaction), interaction.created_at

        async def work() -> Drawn:
            reply = await self._shared.run(ForgetMe(await self._shared.actor(person), at=at))
            await self._shared.people.forget(person.team, person.user)
            if (tried_out := self._shared.rehearsals) is not None:
                await tried_out.forget(person.team, str(person.user), self._shared.ports.clock.now())
            return told(reply)

        await self._shared.answer(interaction, work())


def may_here(interaction: Interaction) -> Finding:
    """What the app may not do in this channel, and what that prevents."""
    may: Any = interaction.app_permissions
    missing = lacking(name for name in ON_DISCORD if not getattr(may, name))
    return Finding(not missing, missing or troubles.EVERY_PERMISSION_HERE)
