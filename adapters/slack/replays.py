"""A signed request is good once: whoever recorded one cannot send it again.

Reads:  signatures that bolt has checked, in HTTP mode.
Gives:  401 to a request whose signature was there before, at whichever gateway.
What Slack itself sends again it signs anew, with the time of that try; so does this not hinder it. Everything
that Slack sends may come twice anyway, so that a store that is slow or away refuses nothing.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.chat.copies import Copies
from bot.chat.tasks import Tasks, in_time
from bot.domain.errors import BotError

log = logging.getLogger(__name__)

# Bolt takes a request up to five minutes before or after the time that it was signed at.
GOOD_FOR_S = 600.0
PATIENCE_S = 0.3


class Replays:
    """One for a gateway; bolt's middleware, behind its own check of the signature."""

    def __init__(self, copies: Copies, tasks: Tasks) -> None:
        self._copies = copies
        self._tasks = tasks

    async def refuse(
        self, request: AsyncBoltRequest, next: Callable[[], Awaitable[Any]]
    ) -> BoltResponse | None:
        """Let every request through once."""
        signature = _signature(request)
        if signature:
            came = self._tasks.start(self._came_before(signature))
            if await in_time(came, PATIENCE_S) and came.result():
                log.warning("a request came again with the same signature")
                return BoltResponse(status=401, body="this request came before")
        await next()
        return None

    async def _came_before(self, signature: str) -> bool:
        try:
            return not await self._copies.is_first(_name(signature), for_s=GOOD_FOR_S)
        except BotError:
            log.warning("it is not known whether a request came before", exc_info=True)
            return False

    async def failed(self, request: AsyncBoltRequest) -> None:
        """This request was not served: a proxy may hand it in again as it is."""
        if signature := _signature(request):
            try:
                await self._copies.forget(_name(signature))
            except BotError:
                log.warning("a request that failed cannot come again as it is", exc_info=True)


def _signature(request: AsyncBoltRequest) -> str:
    """Empty in Socket Mode, where nothing is signed."""
    return (request.headers.get("x-slack-signature") or [""])[0]


def _name(signature: str) -> str:
    return f"request {signature}"
