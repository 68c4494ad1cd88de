"""`/accord …`, and running questions; asking one is in `asking`.

Reads:  slash commands, and the windows that they open.
Gives:  commands, and answers that only the one who asked can see. What a person may not do is refused by the
domain; here only what they could not see anyway is left out: other channels' questions.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.slack import payloads
from adapters.slack.asking import Asking
from adapters.slack.config import PLATFORM
from adapters.slack.exporting import Exporting
from adapters.slack.inbound import Ack, Desk, Respond, View, sentence
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.views import listing, modals, names
from bot import forms, queries, texts
from bot.domain.actors import require_steward
from bot.domain.commands import (
    Cancel,
    CloseOpinions,
    CloseRating,
    Command,
    Extend,
    ForgetMe,
    RetryMediation,
)
from bot.domain.deliberation import Deliberation, Phase
from bot.errors import BotError, DomainError, PlatformError, QuestionError
from bot.health import health
from bot.notes import HOUR_S
from bot.reply import Reply
from bot.tasks import in_time

log = logging.getLogger(__name__)

SHOWN = 10
OPEN = frozenset({Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING, Phase.RATING})
RESULTS = frozenset({Phase.RATING, Phase.SETTLED})
STILL_MOVING = "The new deadline has arrived and is being kept. This window says when it is done."


class Commands:
    """One for a process."""

    def __init__(
        self,
        desk: Desk,
        asking: Asking,
        exporting: Exporting,
        settings: Callable[[Ack, Body], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._asking = asking
        self._exporting = exporting
        self._open_settings = settings

    async def command(self, ack: Ack, body: Body, respond: Respond) -> None:
        """`/accord` with whatever stands behind it."""
        word, _, rest = str(body.get("text") or "").strip().partition(" ")
        word = word.casefold() or "help"
        if word == "settings":
            await self._open_settings(ack, body)
            return
        await ack()
        handler = self._words().get(word)
        if handler is None:
            await _tell(respond, listing.help_message(unknown=word))
            return
        try:
            await handler(payloads.who(body), body, rest.strip(), respond)
        except DomainError as exc:
            await _say(respond, str(exc))
        except PlatformError as exc:
            await _say(respond, str(exc))
        except BotError:
            log.exception("/accord %s failed", word)
            await _say(respond, texts.STORE_UNREACHABLE)

    def _words(self) -> dict[str, Callable[[Who, Body, str, Respond], Awaitable[None]]]:
        return {
            "ask": self._asking.ask,
            "list": self._list,
            "status": self._status,
            "results": self._results,
            "close": self._close,
            "extend": self._extend,
            "cancel": self._cancel,
            "export": self._export,
            "help": self._help,
            "forget-me": self._forget_me,
        }

    # -- looking ---------------------------------------------------------------------------------

    async def _of_channel(self, who: Who, body: Body, *, running: bool) -> list[Deliberation]:
        return await queries.listed(
            await self._desk.actor(who),
            self._desk.ports,
            platform=PLATFORM,
            channel=str(body.get("channel_id") or "-"),
            running=running,
        )

    async def _list(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found = await self._of_channel(who, body, running=True) + await self._of_channel(
            who, body, running=False
        )
        count = self._desk.ports.store.opinion_count
        shown = [(d, await count(d.id), await self._desk.platform.link(d)) for d in found[:SHOWN]]
        await _tell(respond, listing.list_message(shown, len(found), await self._desk.actor(who)))

    async def _results(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        d = await self._with_statement(who, body)
        found = await queries.results(await self._desk.actor(who, d), d.id, self._desk.ports)
        own = (await queries.status(await self._desk.actor(who, d), d.id, self._desk.ports)).my_rating
        await _tell(respond, listing.results_message(found, own, await self._desk.platform.link(d)))

    async def _with_statement(self, who: Who, body: Body) -> Deliberation:
        """The channel's newest question that has a statement."""
        for running in (True, False):
            for d in await self._of_channel(who, body, running=running):
                if d.phase in RESULTS:
                    return d
        raise QuestionError(texts.NO_QUESTION)

    async def _status(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found_alive = await health(who.team, self._desk.ports)
        bot = await self._desk.clients.bot(who.team, who.enterprise)
        found = await self._of_channel(who, body, running=True)
        await _tell(respond, listing.status_message(bot.scopes, found_alive, len(found)))

    async def _help(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        await _tell(respond, listing.help_message())

    # -- steering --------------------------------------------------------------------------------

    async def _close(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        # A late copy finds another phase, and would close the vote after the opinions.
        reply = await self._desk.once(_name(who, body), lambda: self._closed(who, body, respond))
        if reply.text:
            await _say(respond, reply.text)

    async def _cancel(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        # Not at once: what cannot be undone is asked for in the window.
        found = await self._steered(who, body, OPEN)
        await _tell(respond, listing.choose_message(found, "cancel"))

    async def _closed(self, who: Who, body: Body, respond: Respond) -> Reply:
        found = await self._steered(who, body, frozenset({Phase.OPINIONS, Phase.RATING}))
        if len(found) > 1:
            await _tell(respond, listing.choose_message(found, "close"))
            return Reply("")
        d = found[0]
        step = "close-rating" if d.phase is Phase.RATING else "close"
        # Noted before it is done: a gateway may die between the two, and the copy has to do the same.
        noted = await self._desk.notes.first(f"closes {_name(who, body)}", f"{step} {d.id}", for_s=HOUR_S)
        step, _, id_ = noted.partition(" ")
        return await self._desk.run(await self._command(who, step, id_))

    async def _extend(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found = await self._steered(who, body, frozenset({Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING}))
        if len(found) > 1:
            await _tell(respond, listing.choose_message(found, "extend"))
        elif not rest:
            view = self._extend_view(who, found[0].id)
            await self._desk.open(who, str(body["trigger_id"]), view, respond=respond)
        else:
            moved = await self._desk.once(
                _name(who, body), lambda: self._move(who, found[0].id, {"deadline": rest})
            )
            await _say(respond, moved.text)

    async def _steered(self, who: Who, body: Body, phases: frozenset[Phase]) -> list[Deliberation]:
        """The channel's questions that this person runs, in one of these phases. Never empty."""
        listed = [d for running in (True, False) for d in await self._of_channel(who, body, running=running)]
        found = [d for d in listed if d.phase in phases]
        if not found:
            raise QuestionError(texts.NO_QUESTION)
        actor = await self._desk.actor(who)
        own = [d for d in found if actor.admin or d.facilitator == actor.user]
        if not own:
            require_steward(actor, found[0])
        return own

    async def manage(self, ack: Ack, body: Body) -> None:
        """The button "Manage" in a list."""
        await ack()
        click = payloads.click(body)
        await self._desk.open(click.who, click.trigger, self._manage_view(click.who, click.value))

    async def _manage_view(self, who: Who, id_: str) -> View:
        d = await self._desk.deliberation(who, id_)
        require_steward(await self._desk.actor(who), d)
        return modals.manage_view(d, await self._desk.ports.store.opinion_count(d.id))

    async def do(self, ack: Ack, body: Body) -> None:
        """A button in the window in which a question is run."""
        await ack()
        click = payloads.click(body)
        if click.choice == "extend":
            view = self._extend_view(click.who, click.value)
            await self._desk.open(click.who, click.trigger, view, push=True)
            return
        if click.choice == "export":
            text = await self._exporting.told(click.who, click.value)
        else:
            text = (await self._desk.run(await self._command(click.who, click.choice, click.value))).text
        await self._desk.show(click.who, click.view_id, modals.notice_view(text))

    async def _command(self, who: Who, step: str, id_: str) -> Command:
        actor = await self._desk.actor(who)
        kinds: dict[str, Callable[..., Command]] = {
            "close": CloseOpinions,
            "close-rating": CloseRating,
            "retry": RetryMediation,
            "cancel": Cancel,
        }
        return kinds[step](actor, id_)

    async def _extend_view(self, who: Who, id_: str) -> View:
        d = await self._desk.deliberation(who, id_)
        require_steward(await self._desk.actor(who), d)
        person = await self._desk.people.person(who.team, who.user)
        return modals.extend_view(d, person.zone, self._desk.ports.clock.now())

    async def extended(self, ack: Ack, body: Body) -> None:
        """The window in which a deadline is moved was submitted."""
        submitted = payloads.submission(body)
        moved = self._desk.tasks.start(self._moved(submitted))
        if not await in_time(moved):
            await ack(response_action="update", view=modals.notice_view(STILL_MOVING))
            await self._desk.came_of(submitted, await moved)
        elif moved.result().ok:
            await ack(response_action="update", view=modals.notice_view(moved.result().text))
        else:
            await ack(response_action="errors", errors={"deadline": moved.result().text})

    async def _moved(self, submitted: Submission) -> Reply:
        who, id_ = submitted.who, str(submitted.about.get("id", ""))
        name = f"extend {who.team} {who.user} {submitted.trigger}"
        try:
            return await self._desk.once(name, lambda: self._move(who, id_, submitted.typed))
        except BotError as exc:
            return Reply(sentence(exc), ok=False)

    async def _move(self, who: Who, id_: str, typed: Any) -> Reply:
        try:
            person = await self._desk.people.person(who.team, who.user)
            now = self._desk.ports.clock.now()
            at = await asyncio.to_thread(forms.deadline, typed, now, person.zone)
            if at is None:
                return Reply("Write the new deadline, or pick a time.", ok=False)
            return await self._desk.run(Extend(await self._desk.actor(who), id_, closes_at=at))
        except BotError as exc:
            return Reply(sentence(exc), ok=False)

    # -- data ------------------------------------------------------------------------------------

    async def _export(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found = await self._steered(who, body, frozenset(Phase) - {Phase.SCHEDULED})
        if len(found) > 1:
            await _tell(respond, listing.choose_message(found, "export", names.EXPORT, "Export"))
        else:
            await _say(respond, await self._exporting.told(who, found[0].id))

    async def _forget_me(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        at = await self._desk.at(f"command {body['trigger_id']}")
        reply = await self._desk.run(ForgetMe(await self._desk.actor(who), at=at))
        await _say(respond, reply.text)


def _name(who: Who, body: Body) -> str:
    """One command of one person, however often it comes."""
    return f"command {who.team} {who.user} {body['trigger_id']}"


async def _tell(respond: Respond, message: dict[str, Any]) -> None:
    await respond(**message, response_type="ephemeral", replace_original=False)


async def _say(respond: Respond, text: str) -> None:
    await _tell(respond, listing.sentence(text))
