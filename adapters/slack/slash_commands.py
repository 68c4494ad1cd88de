"""`/accord …`, and running questions; asking one is in `asking`.

Reads:  slash commands, and the windows that they open.
Gives:  commands, and answers that only the one who asked can see. Which question is meant, and what closing
it means, `bot.chat.steering` knows.
"""

import difflib
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from adapters.slack import payloads
from adapters.slack.asking import Asking
from adapters.slack.config import PLATFORM
from adapters.slack.exporting import Exporting
from adapters.slack.inbound import Ack, InteractionContext, Respond, View, sentence
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.points import Points
from adapters.slack.recording_outcome import Deciding
from adapters.slack.rewording import Rewording
from adapters.slack.views import listing, modals, names
from bot.chat import finding_results, participating, recording_outcome, steering
from bot.chat.finding_points import with_points
from bot.chat.tasks import in_time
from bot.domain.actors import Actor
from bot.domain.commands import ForgetMe
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import BotError, DomainError, PlatformError
from bot.service import queries
from bot.service.access import load_steered
from bot.service.health import health
from bot.service.reply import Reply
from bot.service.rounds import offers_revision
from bot.wording import answers, buttons, texts
from bot.wording.language import explained

log = logging.getLogger(__name__)

SHOWN = 10
PAST = "past"
QUESTION_MARKS = ("?", "？", "؟")
WORDS_OF_A_QUESTION = 3
# Behind these a question's words stand anyway.
TAKE_WORDS = ("ask", "results")
# What a button says that was seen, where that is not the phase.
SEEN = {
    **dict.fromkeys((steering.END_LINK, steering.NEW_LINK), "link"),
    **dict.fromkeys((steering.REVISE, steering.CLOSE_RATING, steering.KEEP_STATEMENT), "round"),
}
# Such as "extned" and "extend".
ALIKE = 0.75
# What a button in the window of a question may be called behind its colon.
OPENING = ("extend", "reopen", "outcome", "points", "change", "again")
KNOWN_STEPS = frozenset({*steering.STEPS, steering.REVISE, *OPENING, "export", "who"})


class SlashCommands:
    """One for a process."""

    def __init__(
        self,
        shared: InteractionContext,
        asking: Asking,
        exporting: Exporting,
        deciding_: Deciding,
        rewording: Rewording,
        points: Points,
        settings: Callable[[Ack, Body], Awaitable[None]],
    ) -> None:
        self._shared = shared
        self._asking = asking
        self._exporting = exporting
        self._deciding = deciding_
        self._rewording = rewording
        self._points = points
        self._open_settings = settings

    async def command(self, ack: Ack, body: Body, respond: Respond) -> None:
        """`/accord` with whatever stands behind it."""
        whole = str(body.get("text") or "").strip()
        word, _, rest = whole.partition(" ")
        word = word.casefold() or "help"
        if _is_question(word, whole, self._words()):
            # The window asks before anything is posted, so that a guess does no harm.
            word, rest = "ask", whole
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
        except steering.AsksFirstError as exc:
            await _tell(respond, listing.choose_message(exc.questions, explained(exc)))
        except (DomainError, PlatformError) as exc:
            await _say(respond, explained(exc))
        except BotError:
            log.exception("/accord %s failed", word)
            await _say(respond, texts.STORE_UNREACHABLE)

    def _words(self) -> dict[str, Callable[[Who, Body, str, Respond], Awaitable[None]]]:
        return {
            "ask": self._asking.ask,
            "list": self._list,
            "status": self._status,
            "results": self._results,
            "points": self._vote_on_points,
            "close": self._close,
            "outcome": self._outcome,
            "revise": self._revise,
            "who": self._who,
            "remind": self._remind,
            "extend": self._extend,
            "reopen": self._reopen,
            "change": self._change,
            "again": self._again,
            "cancel": self._cancel,
            "export": self._export,
            "help": self._help,
            "forget-me": self._forget_me,
        }

    # -- looking ---------------------------------------------------------------------------------

    async def _of_channel(self, who: Who, body: Body, phases: Collection[Phase]) -> list[Deliberation]:
        return await steering.in_channel(
            await self._shared.actor(who),
            self._shared.ports,
            platform=PLATFORM,
            channel=str(body.get("channel_id") or ""),
            phases=phases,
        )

    async def _list(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        word, _, words = rest.partition(" ")
        if word.casefold() == PAST:
            await self._past(who, words, respond)
            return
        found = await self._of_channel(who, body, frozenset(Phase))
        count = self._shared.ports.contributions.opinion_count
        shown = [(d, await count(d.id), await self._shared.platform.link(d)) for d in found[:SHOWN]]
        await _tell(respond, listing.list_message(shown, len(found), await self._shared.actor(who)))

    async def _past(self, who: Who, words: str, respond: Respond) -> None:
        actor, ports = await self._shared.actor(who), self._shared.ports
        link = self._shared.platform.link
        found = await finding_results.past(actor, words, ports, link, platform=PLATFORM, most=SHOWN)
        await _tell(respond, listing.past_message(found.shown, found.words, actor, more=found.more))

    async def _results(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found = await finding_results.with_results(
            await self._shared.actor(who),
            self._shared.ports,
            platform=PLATFORM,
            channel=str(body.get("channel_id") or ""),
            words=rest,
        )
        if len(found) == 1:
            await _tell(respond, await self._result(who, found[0].id))
        else:
            await _tell(respond, listing.choose_results(found))

    async def results_of(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Results" beside one of several questions; the others stay, to be looked at too."""
        await ack()
        click = payloads.click(body)
        try:
            told = await self._result(click.who, click.value)
        except BotError as exc:
            told = listing.sentence(sentence(exc))
        await _tell(respond, told)

    async def _result(self, who: Who, id_: str) -> dict[str, Any]:
        actor, ports = await self._shared.actor(who), self._shared.ports
        found = await queries.results(actor, id_, ports)
        return listing.results_message(found, await self._shared.platform.link(found.deliberation))

    async def _status(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found_alive = await health(who.team, self._shared.ports)
        bot = await self._shared.clients.bot(who.team, who.enterprise)
        found = await self._of_channel(who, body, queries.RUNNING)
        await _tell(respond, listing.status_message(bot.scopes, found_alive, len(found)))

    async def _help(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        await _tell(respond, listing.help_message())

    async def _vote_on_points(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        found = await with_points(
            await self._shared.actor(who),
            self._shared.ports,
            platform=PLATFORM,
            channel=str(body.get("channel_id") or ""),
        )
        if len(found) > 1:
            asks = listing.choose_message(found, texts.WHICH_QUESTION, names.POINTS, buttons.CHOOSE)
            await _tell(respond, asks)
            return
        view = self._points.view(who, found[0].id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    # -- steering --------------------------------------------------------------------------------

    async def _word(self, who: Who, body: Body) -> steering.Word:
        name = f"command {who.team} {who.user} {body['trigger_id']}"
        return steering.Word(name, await self._shared.actor(who), PLATFORM, str(body.get("channel_id") or ""))

    async def _close(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        reply = await steering.close(await self._word(who, body), self._shared.ports, self._shared.notes)
        await _say(respond, reply.text)

    async def _cancel(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        # Not at once: what cannot be undone is asked for in the window.
        found = await steering.meant(await self._word(who, body), queries.RUNNING, self._shared.ports)
        told = texts.OPEN_TO_CANCEL if len(found) == 1 else texts.WHICH_QUESTION
        await _tell(respond, listing.choose_message(found, told))

    async def _revise(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        # Not at once: the window asks first, and says which round was seen.
        ports = self._shared.ports
        d = await steering.the_one(await self._word(who, body), steering.REVISABLE, ports)
        given = await ports.contributions.reasons(d.id, d.round)
        d.revision_asked(d.round, len(given), ports.clock.now())
        view = self._manage_view(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _who(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        d = await steering.the_one(await self._word(who, body), queries.RUNNING, self._shared.ports)
        lines = await self._who_lines(who, d.id)
        await _tell(respond, listing.lines_message(lines))

    async def _remind(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        reply = await steering.remind(await self._word(who, body), self._shared.ports, self._shared.notes)
        await _say(respond, reply.text)

    async def _change(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        d = await steering.the_one(await self._word(who, body), steering.CHANGEABLE, self._shared.ports)
        view = self._rewording.view(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _again(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        d = await steering.the_one(await self._word(who, body), frozenset(Phase), self._shared.ports)
        view = self._asking.again(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _outcome(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        word = replace(await self._word(who, body), chosen=rest)
        try:
            d = await recording_outcome.meant(word, self._shared.ports)
        except steering.AsksFirstError as exc:
            asks = listing.choose_message(exc.questions, explained(exc), names.OUTCOME, buttons.CHOOSE)
            await _tell(respond, asks)
            return
        view = self._deciding.view(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _extend(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        word = await self._word(who, body)
        if rest:
            await self._extend_to(who, word, rest, respond)
            return
        d = await steering.the_one(word, steering.MOVABLE, self._shared.ports)
        view = self._extend_view(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _extend_to(self, who: Who, word: steering.Word, when: str, respond: Respond) -> None:
        """At once, or when it is chosen which question is meant: the time is not asked for again."""
        typed = {"deadline": when}
        try:
            await _tell(respond, listing.moved(await self._move(who, word, steering.EXTEND, typed)))
        except steering.AsksFirstError as exc:
            person = await self._shared.people.person(who.team, who.user)
            at = await steering.new_deadline(typed, person.zone, self._shared.ports, person.locale)
            await _tell(respond, listing.choose_to_extend(exc.questions, explained(exc), at))

    async def _reopen(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        word = await self._word(who, body)
        if rest:
            await _tell(
                respond, listing.moved(await self._move(who, word, steering.REOPEN, {"deadline": rest}))
            )
            return
        d = await steering.the_one(word, steering.REOPENABLE, self._shared.ports)
        d.require_reopenable()
        view = self._extend_view(who, d.id)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def extend_to(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Move" behind one of several questions; its message makes way for the answer."""
        await ack()
        click = payloads.click(body)
        id_, _, rest = click.value.partition(" ")
        at, _, shown = rest.partition(" ")
        name = f"extend {click.who.team} {click.who.user} {click.trigger}"
        try:
            word = steering.Word(name, await self._shared.actor(click.who), PLATFORM, "", chosen=id_)
            moving = steering.instead_of(shown)
            told = listing.moved(await self._move(click.who, word, moving, {"deadline_at": at}))
        except BotError as exc:
            told = listing.sentence(sentence(exc))
        await respond(**told, response_type="ephemeral", replace_original=click.private)

    async def manage(self, ack: Ack, body: Body) -> None:
        """The button "Manage" in a list."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._manage_view(click.who, click.value))

    async def _manage_view(self, who: Who, id_: str, told: str = "") -> View:
        actor, ports = await self._shared.actor(who), self._shared.ports
        d = await load_steered(actor, id_, ports)
        named = await queries.opinions_by_name(actor, d, ports)
        closing = await steering.asks_before_closing(d, ports)
        answered = await ports.contributions.opinion_count(d.id)
        step = steering.link_step(d, self._shared.platform.result_link)
        return modals.manage_view(
            d,
            answered,
            named,
            closing,
            reasons=await queries.reasons(actor, d, ports),
            told=told,
            link_step=step,
            revisable=await offers_revision(d, ports),
        )

    async def do(self, ack: Ack, body: Body) -> None:
        """A button in the window in which a question is run."""
        await ack()
        click = payloads.click(body)
        if click.choice not in KNOWN_STEPS or not body.get("view"):
            await self._shared.tell_old_button(body)
            return
        if make := self._windows().get(click.choice):
            view = make(click.who, click.value)
            await self._shared.open(click.who, click.trigger, view, push=True)
            return
        if click.choice == "export":
            text, page = await self._exporting.told(click.who, click.value), ""
        elif click.choice == "who":
            await self._shared.show(click.who, click.view_id, await self._who_view(click.who, click.value))
            return
        else:
            about = payloads.about(body["view"])
            if not about.get("asks") and (asks := await self._asks(click)) is not None:
                await self._shared.show(click.who, click.view_id, asks)
                return
            seen = str(about.get(SEEN.get(click.choice, "phase"), ""))
            reply = await self._step(click.who, click.choice, click.value, seen)
            made = reply.deliberation if click.choice == steering.NEW_LINK else None
            text, page = reply.text, self._shared.platform.result_link(made) if made else ""
        await self._shared.show(click.who, click.view_id, modals.link_view(text, page))

    def _windows(self) -> dict[str, Callable[[Who, str], Coroutine[Any, Any, View]]]:
        """What a button opens over the window in which a question is run."""
        return {
            "extend": self._extend_view,
            "reopen": self._extend_view,
            "outcome": self._deciding.view,
            "points": self._points.manage_view,
            "change": self._rewording.view,
            "again": self._asking.again,
        }

    async def _who_view(self, who: Who, id_: str) -> View:
        try:
            lines = await self._who_lines(who, id_)
        except BotError as exc:
            return modals.notice_view(sentence(exc))
        return modals.lines_view(buttons.WHO_ANSWERED, lines)

    async def _who_lines(self, who: Who, id_: str) -> list[str]:
        actor = await self._shared.actor(who)
        return await participating.told(
            actor, id_, self._shared.ports, listing.shown_person, listing.shown_name
        )

    async def _asks(self, click: payloads.Click) -> View | None:
        """The window anew, where it was drawn before closing the vote had to be asked about."""
        if click.choice != "close-rating":
            return None
        try:
            d = await load_steered(await self._shared.actor(click.who), click.value, self._shared.ports)
            asks = await steering.asks_before_closing(d, self._shared.ports)
            if asks is None:
                return None
            return await self._manage_view(click.who, d.id, f"{asks.follows} {texts.ALL_THE_SAME}")
        except BotError:
            # Doing it says why not.
            return None

    async def _step(self, who: Who, step: str, id_: str, seen: str) -> Reply:
        return await self._shared.run(steering.pressed(step, await self._shared.actor(who), id_, seen))

    async def _extend_view(self, who: Who, id_: str) -> View:
        d = await load_steered(await self._shared.actor(who), id_, self._shared.ports)
        person = await self._shared.people.person(who.team, who.user)
        return modals.extend_view(d, person.zone, self._shared.ports.clock.now())

    async def extended(self, ack: Ack, body: Body) -> None:
        """The window in which a deadline is moved was submitted."""
        submitted = payloads.submission(body)
        moved = self._shared.tasks.start(self._moved(submitted))
        if not await in_time(moved):
            await ack(response_action="update", view=modals.notice_view(answers.STILL_MOVING))
            await self._shared.came_of(submitted, await moved)
        elif moved.result().ok:
            reply = moved.result()
            view = modals.notice_view(reply.text, "Accord", *listing.open_until(reply))
            await ack(response_action="update", view=view)
        else:
            await ack(response_action="errors", errors={"deadline": moved.result().text})

    async def _moved(self, submitted: Submission) -> Reply:
        who, id_ = submitted.who, str(submitted.about.get("id", ""))
        name = f"extend {who.team} {who.user} {submitted.trigger}"
        try:
            word = steering.Word(name, await self._shared.actor(who), PLATFORM, "", chosen=id_)
            moving = steering.instead_of(str(submitted.about.get("instead_of", "")))
            if submitted.about.get("reopens"):
                moving = steering.REOPEN
            return await self._move(who, word, moving, submitted.typed)
        except BotError as exc:
            return Reply(sentence(exc), ok=False)

    async def _move(
        self, who: Who, word: steering.Word, moving: steering.Moving, typed: Mapping[str, str]
    ) -> Reply:
        person, shared = await self._shared.people.person(who.team, who.user), self._shared
        return await steering.move(
            word, moving, typed, person.zone, shared.ports, shared.notes, locale=person.locale
        )

    # -- data ------------------------------------------------------------------------------------

    async def _export(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        word = await self._word(who, body)
        found = await steering.meant(word, queries.EXPORTABLE, self._shared.ports)
        if len(found) > 1:
            asks = listing.choose_message(found, texts.WHICH_QUESTION, names.EXPORT, buttons.EXPORT)
            await _tell(respond, asks)
        else:
            await _say(respond, await self._exporting.told(who, found[0].id))

    async def _forget_me(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        # Not at once: what cannot be undone is asked first.
        own = await queries.own_opinions(Actor(who.team, who.user), self._shared.ports)
        for message in listing.forget_messages(own):
            await _tell(respond, message)

    async def forget(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Delete everything of mine"; its message stays, with what can be copied from it."""
        await ack()
        click = payloads.click(body)
        try:
            at = await self._shared.at(f"click {click.trigger}", click.at)
            reply = await self._shared.run(ForgetMe(await self._shared.actor(click.who), at=at))
            if (tried_out := self._shared.rehearsals) is not None:
                await tried_out.forget(click.who.team, click.who.user, self._shared.ports.clock.now())
            text = reply.text
        except BotError as exc:
            text = sentence(exc)
        await _say(respond, text)


def _is_question(word: str, whole: str, known: Collection[str]) -> bool:
    """Whether what stands behind `/accord` is a question to ask, and no command, nor a misspelt one.

    "Close the office on Fridays?" is one too: it closes nothing.
    """
    if word in TAKE_WORDS or " " not in whole:
        return False
    if whole.endswith(QUESTION_MARKS):
        return True
    misspelt = difflib.get_close_matches(word, [*known, "settings"], n=1, cutoff=ALIKE)
    return not misspelt and len(whole.split()) >= WORDS_OF_A_QUESTION


async def _tell(respond: Respond, message: dict[str, Any]) -> None:
    await respond(**message, response_type="ephemeral", replace_original=False)


async def _say(respond: Respond, text: str) -> None:
    await _tell(respond, listing.sentence(text))
