"""response_url: answers to a command or a click, without a token.

Gives:  addresses that work five times within half an hour; ephemeral or public messages, replaced or deleted
        originals.
Source: docs.slack.dev/interactivity/handling-user-interaction (message responses).
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tests.slack_server import limits_of_block_kit as most
from tests.slack_server.block_kit import check_blocks
from tests.slack_server.state import Channel, Json, Message, with_block_ids

if TYPE_CHECKING:
    from tests.slack_server.people import User
    from tests.slack_server.server import SlackServer

USES = 5
LIFETIME_S = 30 * 60


@dataclass
class _Address:
    user: "User"
    channel: Channel
    original: Message | None
    born: float
    used: int = 0


class ResponseUrls:
    """The addresses that are out, and what comes back to them."""

    def __init__(self, server: "SlackServer") -> None:
        self.server = server
        self._given: dict[str, _Address] = {}

    def new(self, user: "User", channel: Channel, original: Message | None) -> str:
        """A fresh address for what `user` just did in `channel`."""
        key = secrets.token_hex(12)
        self._given[key] = _Address(user, channel, original, self.server.state.clock())
        return f"{self.server.url}/actions/{user.team.id}/{key}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a post to an address."""
        address = self._given.get(request.match_info["key"])
        if address is None:
            return web.Response(status=404, text="no_team")
        if self.server.state.clock() - address.born > LIFETIME_S:
            return web.Response(status=404, text="expired_url")
        if address.used >= USES:
            return web.Response(status=404, text="used_url")
        body = await request.json()
        if refusal := _refused(body):
            return web.Response(status=400, text=refusal)
        address.used += 1
        self._apply(address, body)
        return web.Response(text="ok")

    def answer(self, url: str, body: Json) -> None:
        """Take the payload of an acknowledgement as if it had come to the address."""
        if refusal := _refused(body):
            self.server.problems.append(f"the answer to a command: {refusal}")
            return
        self._apply(self._given[url.rsplit("/", 1)[1]], body)

    def _apply(self, address: _Address, body: Json) -> None:
        if body.get("delete_original") and address.original:
            address.original.deleted = True
        elif body.get("replace_original") and address.original:
            self._replace(address.original, body)
        elif not body.get("delete_original"):
            self._post(address, body)
        self.server.state.ring()

    def _replace(self, original: Message, body: Json) -> None:
        original.text = body.get("text", "")
        original.blocks = with_block_ids(body.get("blocks") or [])
        original.versions += 1
        if original.seen_by is None:
            original.edited_ts = self.server.state.new_ts()

    def _post(self, address: _Address, body: Json) -> None:
        user, public = address.user, body.get("response_type") == "in_channel"
        bot, seen_by = user.team.bot, None if public else user.id
        message = Message(address.channel, self.server.state.new_ts(), bot.id, body.get("text", ""))
        message.blocks, message.seen_by = with_block_ids(body.get("blocks") or []), seen_by
        message.bot_id, message.thread_ts = user.team.bot_id, body.get("thread_ts")
        if public:
            address.channel.messages.append(message)
        else:
            user.team.ephemerals.setdefault(user.id, []).append(message)


def _refused(body: Json) -> str:
    """Why Slack would not take it, in its words; empty when it would."""
    if body.get("delete_original"):
        return ""
    if not str(body.get("text") or "").strip() and not body.get("blocks"):
        return "no_text"
    if len(body.get("text") or "") > most.MESSAGE_TEXT:
        return "msg_too_long"
    return "invalid_blocks" if check_blocks(body.get("blocks") or []) else ""
