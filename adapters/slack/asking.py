"""Asking a question: by command, shortcut, button, from a message or a template.

Reads:  what opens the window, and the window once it is submitted.
Gives:  the question, posted by `bot.chat.asking`, or a sentence at the input that is wrong.
"""

import logging
from collections.abc import Mapping
from typing import Any

from adapters.slack import payloads
from adapters.slack.config import PLATFORM
from adapters.slack.emoji import emoji_here
from adapters.slack.inbound import Ack, InteractionContext, Respond, View, sentence
from adapters.slack.incoming_text import IncomingText
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.views import listing, modals, names
from bot.chat import asking
from bot.chat.rehearsals import Wish, are_offered, require_offered
from bot.chat.tasks import in_time
from bot.domain.actors import Actor, require_asker
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, checked_question
from bot.domain.errors import BotError, PlatformError, QuestionError
from bot.domain.team import Team
from bot.service.access import sees
from bot.service.reply import Reply
from bot.wording import answers, forms, rehearsal_lines, troubles
from bot.wording.fields import Form, labelled
from bot.wording.language import explained

log = logging.getLogger(__name__)

THREAD_LIMIT = 30
# What the window always has inputs for.
WORDS = frozenset({"question", "context"})


class Asking:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._incoming = IncomingText(shared.clients, shared.people)

    async def ask(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        """`/accord ask`, with the question or without it."""
        about = {"channel": askable(str(body.get("channel_id") or ""), str(body.get("channel_name") or ""))}
        view = self._with_question(who, about, rest)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _with_question(self, who: Who, about: dict[str, Any], written: str) -> View:
        (question,) = await self._incoming.read(who, written)
        return await self._ask_view(who, about, {"question": question})

    async def ask_shortcut(self, ack: Ack, body: Body) -> None:
        """The global shortcut, and the button on the app's home."""
        await ack()
        who = payloads.who(body)
        await self._shared.open(who, str(body["trigger_id"]), self._ask_view(who, {}, {}))

    async def ask_template(self, ack: Ack, body: Body) -> None:
        """The button "Ask now" beside a template."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._from_template(click.who, click.value))

    async def _from_template(self, who: Who, name: str) -> View:
        begun = await asking.start(who.team, name, self._shared.ports)
        return await self._ask_view(who, {"template": name}, begun.typed)

    async def again(self, who: Who, id_: str) -> View:
        """The window with the words and terms of a question that this person runs. Raises DomainError."""
        actor = await self._shared.actor(who)
        begun = await asking.start_again(actor, id_, self._shared.ports)
        d = await self._shared.ports.deliberations.load(id_)
        # What the window has no input for goes along as if it had been folded away.
        folded = {name: text for name, text in begun.typed.items() if text and name not in WORDS}
        return await self._ask_view(who, {"like": id_, "channel": d.channel, "folded": folded}, begun.typed)

    async def _team(self, who: Who, about: Mapping[str, Any]) -> Team:
        """The team, with another's terms in place of its usual ones where a question is asked from one."""
        if like := about.get("like"):
            return (await asking.start_again(await self._shared.actor(who), like, self._shared.ports)).team
        return (await asking.start(who.team, str(about.get("template") or ""), self._shared.ports)).team

    async def message_shortcut(self, ack: Ack, body: Body, respond: Respond) -> None:
        """ "Find common ground" on a message: its text is the question, its thread the background."""
        await ack()
        who = payloads.who(body)
        channel = body.get("channel") or {}
        view = self._from_message(who, channel, body)
        await self._shared.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _from_message(self, who: Who, place: Body, body: Body) -> View:
        channel = askable(str(place.get("id") or ""), str(place.get("name") or ""))
        message = body.get("message") or {}
        thread = await self._thread(who, str(place.get("id") or ""), message)
        question, *said = await self._incoming.read(who, str(message.get("text") or ""), *thread)
        background = "\n\n".join(text for text in said if text)
        return await self._ask_view(who, {"channel": channel}, asking.from_message(question, background))

    async def _thread(self, who: Who, channel: str, message: Body) -> list[str]:
        """What else was said in a message's thread; nothing where there is none, or we may not read it."""
        ts = str(message.get("thread_ts") or "")
        if not ts:
            return []
        try:
            page = await self._shared.clients.call(
                who.team, "conversations_replies", channel=channel, ts=ts, limit=THREAD_LIMIT
            )
        except PlatformError:
            return []
        # The message itself is the question.
        others = (each for each in page.get("messages", []) if each.get("ts") != message.get("ts"))
        return [str(each.get("text") or "") for each in others]

    async def _ask_view(self, who: Who, about: dict[str, Any], typed: Mapping[str, str]) -> View:
        shared = self._shared
        team = await self._team(who, about)
        person = await shared.people.person(who.team, who.user)
        require_asker(await shared.actor(who), team, about.get("channel") or None)
        return modals.ask_view(
            team,
            about,
            question=typed.get("question", "")[:QUESTION_LIMIT],
            background=typed.get("context", "")[:CONTEXT_LIMIT],
            zone=person.zone,
            may_try=self._may_try,
        )

    async def fold(self, ack: Ack, body: Body) -> None:
        """ "More settings" and "Fewer settings": the same window, and what was typed stays."""
        await ack()
        who, view = payloads.who(body), body.get("view")
        if view is None:
            await self._shared.tell_old_button(body)
            return
        about = payloads.about(view)
        about["advanced"] = not about.get("advanced")
        try:
            team = await self._team(who, about)
        except BotError as exc:
            # The window stays as it is, with everything that was typed.
            log.info("a window could not be folded (%s)", type(exc).__name__)
            return
        person = await self._shared.people.person(who.team, who.user)
        folded = {**payloads.folded(about), **payloads.typed(view)}
        drawn = modals.ask_view(
            team, about, zone=person.zone, advanced=about["advanced"], may_try=self._may_try
        )
        await self._shared.show(who, view["id"], modals.with_folded(modals.with_typed(drawn, view), folded))

    @property
    def _may_try(self) -> bool:
        return are_offered(self._shared.rehearsals)

    async def try_out(self, ack: Ack, body: Body) -> None:
        """ "Try it out": a window over this one says what it costs."""
        await ack()
        click, typed = payloads.click(body), payloads.typed(body.get("view") or {})
        view = self._try_view(click.who, payloads.about(body.get("view") or {}), typed.get("question", ""))
        await self._shared.open(click.who, click.trigger, view, push=True)

    async def _try_view(self, who: Who, about: Mapping[str, Any], written: str) -> View:
        team = await self._team(who, about)
        require_asker(await self._shared.actor(who), team, about.get("channel") or None)
        rehearsals = require_offered(self._shared.rehearsals)
        question = checked_question(written)
        return modals.try_view(question, rehearsals.cost(question, ""), rehearsals.most_a_day)

    async def tried_out(self, ack: Ack, body: Body) -> None:
        """The window was submitted: a worker begins, and writes to this person when it is over."""
        submitted = payloads.submission(body)
        who = submitted.who
        try:
            rehearsals = require_offered(self._shared.rehearsals)
            require_asker(await self._shared.actor(who), await self._team(who, {}))
            wish = Wish(
                team=who.team,
                user=who.user,
                question=str(submitted.about.get("question", "")),
                about=submitted.typed.get(names.ABOUT, ""),
                key=f"slack:{submitted.own_view_id}",
                platform=PLATFORM,
            )
            await rehearsals.ask(wish, self._shared.ports.clock.now())
        except BotError as exc:
            await ack(response_action="errors", errors={names.ABOUT: sentence(exc)})
            return
        view = modals.notice_view(rehearsal_lines.STARTED, rehearsal_lines.MARK)
        await ack(response_action="update", view=view)

    async def asked(self, ack: Ack, body: Body) -> None:
        """The question's window was submitted."""
        submitted = payloads.submission(body)
        posted = self._shared.tasks.start(self._post(submitted))
        if not await in_time(posted):
            await ack(response_action="update", view=modals.notice_view(answers.STILL_POSTING))
            _, errors = await posted
            if errors:
                await self._shared.came_of(submitted, Reply(" ".join(labelled(Form.ASK, errors)), ok=False))
            return
        reply, errors = posted.result()
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            view = modals.notice_view(reply.text, "Accord", *listing.opinions_close(reply))
            await ack(response_action="update", view=view)

    async def _post(self, submitted: Submission) -> tuple[Reply, dict[str, str]]:
        try:
            asked, errors = await self._read(submitted)
            if asked is None:
                return Reply("", ok=False), asking.where_shown(errors, submitted.typed)
            reply = await self._posted(submitted, asked)
        except BotError as exc:
            return Reply("", ok=False), {"question": sentence(exc)}
        return reply, {} if reply.ok else {"question": reply.text}

    async def _read(self, submitted: Submission) -> tuple[forms.Asked | None, dict[str, str]]:
        shared, who = self._shared, submitted.who
        team = await self._team(who, submitted.about)
        person = await shared.people.person(who.team, who.user)
        if team.exclude_guests:
            shared.people.require_known(person)
        typed = {**payloads.folded(submitted.about), **submitted.typed}
        here = await emoji_here(shared.clients, who.team, typed)
        return await asking.read(typed, team, shared.ports, person.zone, here, person.locale)

    async def _posted(self, submitted: Submission, asked: forms.Asked) -> Reply:
        shared, who = self._shared, submitted.who
        channel = str(submitted.about.get("channel") or submitted.typed.get("channel", ""))
        actor = await shared.actor(who)
        if problem := await self._hindrance(actor, channel):
            return Reply(problem, ok=False)
        place = asking.Place(PLATFORM, channel)
        # A window is submitted once; whatever copy of that comes is the same question.
        return await asking.post(actor, place, asked, submitted.view_id, shared.ports)

    async def _hindrance(self, actor: Actor, channel: str) -> str:
        """Why nothing could be posted there; empty when nothing is known against it.

        Whoever is not in the channel is refused when they ask, and learns nothing of it here.
        """
        try:
            found = await self._shared.clients.call(actor.team, "conversations_info", channel=channel)
        except PlatformError as exc:
            return explained(exc) if getattr(exc, "code", "") == "channel_not_found" else ""
        about = found.get("channel") or {}
        if about.get("is_member") and not await sees(actor, PLATFORM, channel, self._shared.ports):
            return ""
        if about.get("is_mpim"):
            return troubles.NO_GROUPS
        if about.get("is_archived"):
            return troubles.CHANNEL_ARCHIVED
        if about.get("is_member") is False:
            return troubles.NOT_IN_CHANNEL
        return ""


def askable(channel: str, name: str = "") -> str:
    """The channel, or "" for a direct message: there is no group in it to ask, so the window asks where.

    Raises QuestionError for a conversation of several people, which no app can be invited to; Slack names
    those so, and their ids look like channels'.
    """
    if name.startswith("mpdm"):
        raise QuestionError(troubles.NO_GROUPS)
    return channel if channel.startswith(("C", "G")) else ""
