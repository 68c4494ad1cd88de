"""Asking a question: by command, shortcut, button, from a message or a template.

Reads:  what opens the window, and the window once it is submitted.
Gives:  `PostQuestion`, or a sentence at the input that is wrong.
"""

import asyncio
import html
import logging
import re
from collections.abc import Mapping
from typing import Any

from adapters.slack import payloads
from adapters.slack.config import PLATFORM
from adapters.slack.emoji import emoji_here
from adapters.slack.inbound import Ack, Desk, Respond, View, sentence
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.views import modals
from bot import forms, texts
from bot.domain.actors import require_asker
from bot.domain.commands import PostQuestion
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT
from bot.domain.library import Template
from bot.domain.team import Team
from bot.errors import BotError, PlatformError, QuestionError
from bot.reply import Reply
from bot.tasks import in_time

log = logging.getLogger(__name__)

NOT_HERE = "Accord is not in this channel. Invite it there with /invite and the app's name."
NO_GROUPS = (
    "Accord does not ask in group conversations, which apps cannot be invited to. Ask in a channel, or turn "
    "this conversation into one."
)
THREAD_LIMIT = 30
STILL_POSTING = "Your question has arrived and is being posted. It appears in the channel."


class Asking:
    """One for a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ask(self, who: Who, body: Body, rest: str, respond: Respond) -> None:
        """`/accord ask`, with the question or without it."""
        about = {"channel": askable(str(body.get("channel_id") or ""), str(body.get("channel_name") or ""))}
        await self._desk.open(who, str(body["trigger_id"]), self._ask_view(who, about, rest), respond=respond)

    async def ask_shortcut(self, ack: Ack, body: Body) -> None:
        """The global shortcut, and the button on the app's home."""
        await ack()
        who = payloads.who(body)
        await self._desk.open(who, str(body["trigger_id"]), self._ask_view(who, {}, ""))

    async def ask_template(self, ack: Ack, body: Body) -> None:
        """The button "Ask now" beside a template."""
        await ack()
        click = payloads.click(body)
        await self._desk.open(click.who, click.trigger, self._from_template(click.who, click.value))

    async def _from_template(self, who: Who, name: str) -> View:
        template = await self._template(who, name)
        return await self._ask_view(who, {"template": name}, template.question, template.context)

    async def _template(self, who: Who, name: str) -> Template:
        for template in await self._desk.ports.library.templates(who.team):
            if template.name == name:
                return template
        raise QuestionError(texts.TEMPLATE_GONE)

    async def _team(self, who: Who, about: Mapping[str, Any]) -> Team:
        """The team, with a template's terms in place of its usual ones where a question is asked from one."""
        team = await self._desk.ports.store.team(who.team)
        name = str(about.get("template") or "")
        return (await self._template(who, name)).over(team) if name else team

    async def message_shortcut(self, ack: Ack, body: Body, respond: Respond) -> None:
        """ "Find common ground" on a message: its text is the question, its thread the background."""
        await ack()
        who = payloads.who(body)
        channel = body.get("channel") or {}
        view = self._from_message(who, channel, body)
        await self._desk.open(who, str(body["trigger_id"]), view, respond=respond)

    async def _from_message(self, who: Who, place: Body, body: Body) -> View:
        channel = askable(str(place.get("id") or ""), str(place.get("name") or ""))
        message = body.get("message") or {}
        question = readable(str(message.get("text") or ""))
        thread = str(message.get("thread_ts") or "")
        background = await self._thread(who, str(place.get("id") or ""), thread) if thread else ""
        if len(question) > QUESTION_LIMIT:
            question, background = "", f"{question}\n\n{background}"
        return await self._ask_view(who, {"channel": channel}, question, background)

    async def _thread(self, who: Who, channel: str, ts: str) -> str:
        """What was said in a thread; nothing where we may not read it."""
        try:
            page = await self._desk.clients.call(
                who.team, "conversations_replies", channel=channel, ts=ts, limit=THREAD_LIMIT
            )
        except PlatformError:
            return ""
        said = (readable(str(message.get("text") or "")) for message in page.get("messages", []))
        return "\n\n".join(text for text in said if text)

    async def _ask_view(self, who: Who, about: dict[str, Any], question: str, background: str = "") -> View:
        desk = self._desk
        team = await self._team(who, about)
        person = await desk.people.person(who.team, who.user)
        require_asker(await desk.actor(who), team, about.get("channel") or None)
        return modals.ask_view(
            team.defaults,
            about,
            question=readable(question)[:QUESTION_LIMIT],
            background=background[:CONTEXT_LIMIT],
            zone=person.zone,
        )

    async def fold(self, ack: Ack, body: Body) -> None:
        """ "More settings" and "Fewer settings": the same window, and what was typed stays."""
        await ack()
        who, view = payloads.who(body), body["view"]
        about = payloads.about(view)
        about["advanced"] = not about.get("advanced")
        try:
            team = await self._team(who, about)
        except BotError as exc:
            # The window stays as it is, with everything that was typed.
            log.info("a window could not be folded (%s)", type(exc).__name__)
            return
        person = await self._desk.people.person(who.team, who.user)
        folded = {**about.pop("folded", {}), **payloads.typed(view)}
        drawn = modals.ask_view(team.defaults, about, zone=person.zone, advanced=about["advanced"])
        await self._desk.show(who, view["id"], modals.with_folded(modals.with_typed(drawn, view), folded))

    async def asked(self, ack: Ack, body: Body) -> None:
        """The question's window was submitted."""
        submitted = payloads.submission(body)
        posted = self._desk.tasks.start(self._post(submitted))
        if not await in_time(posted):
            await ack(response_action="update", view=modals.notice_view(STILL_POSTING))
            _, errors = await posted
            if errors:
                await self._desk.came_of(submitted, Reply(" ".join(errors.values()), ok=False))
            return
        reply, errors = posted.result()
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=modals.notice_view(reply.text, "Accord"))

    async def _post(self, submitted: Submission) -> tuple[Reply, dict[str, str]]:
        desk, who = self._desk, submitted.who
        try:
            team = await self._team(who, submitted.about)
            person = await desk.people.person(who.team, who.user)
            if team.exclude_guests:
                desk.people.require_known(person)
            now = desk.ports.clock.now()
            # Reading words takes a library that is slow to load.
            typed = {**submitted.about.get("folded", {}), **submitted.typed}
            here = await emoji_here(desk.clients, who.team, typed)
            asked, errors = await asyncio.to_thread(forms.asked, typed, team, now, person.zone, here)
            if asked is None:
                return Reply("", ok=False), errors
            channel = str(submitted.about.get("channel") or submitted.typed.get("channel", ""))
            problem = await self._hindrance(who, channel)
            command = PostQuestion(
                actor=await desk.actor(who),
                platform=PLATFORM,
                channel=channel,
                question=asked.question,
                context=asked.context,
                terms=asked.terms,
                closes_at=asked.closes_at,
                # A window is submitted once; whatever copy of that comes is the same question.
                idempotency_key=f"slack:{who.user}:{submitted.view_id}",
            )
        except BotError as exc:
            return Reply("", ok=False), {"question": sentence(exc)}
        if problem:
            return Reply(problem, ok=False), {"question": problem}
        reply = await desk.run(command)
        return reply, {} if reply.ok else {"question": reply.text}

    async def _hindrance(self, who: Who, channel: str) -> str:
        """Why nothing could be posted there; empty when nothing is known against it."""
        try:
            found = await self._desk.clients.call(who.team, "conversations_info", channel=channel)
        except PlatformError as exc:
            return str(exc) if getattr(exc, "code", "") == "channel_not_found" else ""
        about = found.get("channel") or {}
        if about.get("is_mpim"):
            return NO_GROUPS
        if about.get("is_archived"):
            return "This channel is archived. Unarchive it, or ask in another channel."
        if about.get("is_member") is False:
            return f"{NOT_HERE} Then ask again."
        return ""


def askable(channel: str, name: str = "") -> str:
    """The channel, or "" for a direct message: there is no group in it to ask, so the window asks where.

    Raises QuestionError for a conversation of several people, which no app can be invited to; Slack names
    those so, and their ids look like channels'.
    """
    if name.startswith("mpdm"):
        raise QuestionError(NO_GROUPS)
    return channel if channel.startswith(("C", "G")) else ""


def readable(text: str) -> str:
    """Slack's markup as the text that people saw: links by their words, mentions by their sign."""
    text = re.sub(r"<(?:mailto:)?([^>|@#!][^>|]*)\|([^>]*)>", r"\2", text)
    text = re.sub(r"<([@#!])([^>|]*)(?:\|([^>]*))?>", lambda m: m[1].replace("!", "@") + (m[3] or m[2]), text)
    text = re.sub(r"<([^>]*)>", r"\1", text)
    return html.unescape(text).strip()
