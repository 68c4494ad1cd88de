"""Listens for the web channel, and ends requests that never arrive whole.

Reads:  connections, through aiohttp.
Gives:  an aiohttp runner. A client that opens a connection and sends half a request, or one byte now and
then, would hold it for ever: aiohttp has a limit for connections that are idle, none for those. (What comes
in one piece with the end of another request is not looked at: such a connection counts as idle.)
Refrains from an access log: it would hold the tokens in links.
"""

import asyncio
from typing import Any

from aiohttp import web

# For what is being answered when told to stop.
SHUTDOWN_S = 5.0


class PatientRunner(web.AppRunner):
    """An application's runner; request_within_s: in which a request has to arrive whole."""

    def __init__(self, app: web.Application, request_within_s: float) -> None:
        super().__init__(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        self._within_s = request_within_s

    async def _make_server(self) -> web.Server:
        return _Server(await super()._make_server(), self._within_s)


class _Server(web.Server):
    """The server that aiohttp made of an application, with connections of ours."""

    def __init__(self, made: web.Server, within_s: float) -> None:
        super().__init__(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self._within_s = within_s

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, self._within_s, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """Closed when a request on it has begun and does not come to its end in time."""

    __slots__ = ("_body", "_deadline", "_within_s")

    def __init__(self, manager: web.Server, within_s: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self._within_s = within_s
        self._deadline: asyncio.TimerHandle | None = None
        self._body: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection is for a request, so the first one is awaited from now on."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Look after each piece whether something is still to come."""
        body_was_coming = self._body_is_coming()
        super().data_received(data)
        if self._messages:  # one whose head is whole and that nobody has begun to answer yet
            self._body = self._messages[-1][1]
        has_head = bool(self._messages) or body_was_coming
        # Without data aiohttp only looks again for what it has.
        if has_head and not self._body_is_coming():
            self._expect_nothing()
        elif self._deadline is None and (has_head or data):
            self._expect()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing more can come."""
        self._expect_nothing()
        super().connection_lost(exc)

    def _body_is_coming(self) -> bool:
        return self._body is not None and not self._body.is_eof()

    def _expect(self) -> None:
        self._deadline = self._loop.call_later(self._within_s, self._give_up)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.force_close()
