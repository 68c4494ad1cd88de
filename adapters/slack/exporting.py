"""A question's data as files, for whoever runs it, in their direct messages.

Reads:  one deliberation, as `bot.service.exports` writes it.
Gives:  a JSON and a CSV file; where the app may not upload files, the same data as text, and a sentence that
says which permission is missing. Never in a channel: only the one who asked for it gets it.
"""

import asyncio
import logging
from typing import Any

from adapters.slack import payloads
from adapters.slack.errors import SlackError
from adapters.slack.inbound import Ack, InteractionContext, Respond, sentence
from adapters.slack.payloads import Body, Who
from adapters.slack.views import listing
from bot.domain.errors import BotError, QuestionError, RateLimitedError
from bot.service import queries
from bot.service.exports import file_name
from bot.wording import answers

log = logging.getLogger(__name__)

WAITS = 5


class Exporting:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def clicked(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Export" beside one of several questions."""
        await ack()
        click = payloads.click(body)
        text = await self.told(click.who, click.value)
        await respond(**listing.sentence(text), response_type="ephemeral", replace_original=False)

    async def told(self, who: Who, id_: str) -> str:
        """Send it; what to tell this person, whatever came of it."""
        try:
            return await self.send(who, id_)
        except BotError as exc:
            log.warning("an export could not be sent (%s)", type(exc).__name__)
            return sentence(exc)

    async def send(self, who: Who, id_: str) -> str:
        """Send a question's data to this person; what to tell them. Raises DomainError or PlatformError."""
        shared = self._shared
        d = await shared.deliberation(who, id_)
        files = await queries.export_files(await shared.actor(who), d.id, shared.ports)
        opened = await shared.clients.call(who.team, "conversations_open", lane=who.user, users=who.user)
        channel = str(opened["channel"]["id"])
        try:
            await self._patiently(
                who.team,
                "files_upload_v2",
                channel,
                file_uploads=[_file(*each) for each in files.items()],
                initial_comment=listing.export_comment(d),
            )
        except SlackError as exc:
            if exc.code != "missing_scope":
                raise
            for part in listing.export_messages(files[file_name(d.id, "json")]):
                await self._patiently(who.team, "chat_postMessage", channel, unfurl_links=False, **part)
            return answers.EXPORT_AS_TEXT
        return answers.EXPORT_SENT

    async def _patiently(self, team: str, method: str, channel: str, **arguments: Any) -> None:
        """Send one of several parts, in their order, however long Slack asks to wait between them."""
        for _ in range(WAITS):
            try:
                await self._shared.clients.call(team, method, lane=channel, channel=channel, **arguments)
                return
            except RateLimitedError as exc:
                await asyncio.sleep(exc.retry_after_s)
        raise QuestionError(answers.EXPORT_LATER)


def _file(name: str, text: str) -> dict[str, Any]:
    return {"filename": name, "title": name, "content": text}
