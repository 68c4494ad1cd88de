"""Socket Mode: the sockets, their envelopes and their acknowledgements.

Gives:  one-time websocket addresses; a `Carrier` that hands each envelope to exactly one connection in turn.
Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import itertools
import json
import secrets
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.slack_server.delivery import EVENTS, Attempt, Delivery
from tests.slack_server.state import Json

if TYPE_CHECKING:
    from tests.slack_server.server import SlackServer

MOST_CONNECTIONS = 10
PATH = "/link/"


@dataclass(eq=False)
class Connection:
    """One open websocket of the app."""

    socket: web.WebSocketResponse
    name: str
    transport: asyncio.Transport | None
    leaving: bool = False
    """Told to go: it gets no new envelopes."""
    received: list[str] = field(default_factory=list)
    """The envelope ids that went this way."""

    async def send(self, message: Json) -> None:
        """Send a JSON message."""
        await self.socket.send_str(json.dumps(message))


@dataclass(eq=False)
class _Waiting:
    connection: Connection
    answer: "asyncio.Future[Json]"


class SocketMode:
    """The server's side of all websockets of the app."""

    def __init__(self, server: "SlackServer") -> None:
        self.server = server
        self.enabled = True
        self.ping_every_s = 10.0
        self.connections: list[Connection] = []
        self.acks: list[Json] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, _Waiting] = {}
        self._turn = itertools.count()

    def new_url(self) -> str:
        """A websocket address that is good for one connection."""
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.server.port}{PATH}?ticket={ticket}&app_id={self.server.state.app.id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, f"applink-{next(self._turn)}", request.transport)
        if len(self.connections) >= MOST_CONNECTIONS:
            await connection.send({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._serve(connection)
        return socket

    async def _serve(self, connection: Connection) -> None:
        self.connections.append(connection)
        await connection.send(self._hello(connection))
        self.server.state.ring()
        pings = asyncio.create_task(self._ping(connection))
        try:
            async for message in connection.socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(message.data)
        finally:
            pings.cancel()
            self._gone(connection)

    def _hello(self, connection: Connection) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": connection.name,
                "build_number": 10,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self.server.state.app.id},
        }

    async def _ping(self, connection: Connection) -> None:
        """Slack pings its clients too; the payload is a plain sentence."""
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(self.ping_every_s)
                await connection.socket.ping(f"Ping from {connection.name}".encode())

    def _acknowledged(self, data: str) -> None:
        """An acknowledgement counts whichever socket it comes by: the SDK answers on its newest."""
        message: Json = json.loads(data)
        self.acks.append(message)
        waiting = self._waiting.get(message.get("envelope_id", ""))
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(message.get("payload") or {})

    def _gone(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        for waiting in list(self._waiting.values()):
            if waiting.connection is connection and not waiting.answer.done():
                waiting.answer.set_exception(ConnectionResetError())
        self.server.state.ring()

    async def carry(self, delivery: Delivery, number: int, reason: str, timeout_s: float) -> Attempt:
        """Send one envelope over one connection and wait for its acknowledgement."""
        open_ones = [c for c in self.connections if not c.leaving and not c.socket.closed]
        if not open_ones:
            return Attempt(number, error="no_connection")
        connection = open_ones[next(self._turn) % len(open_ones)]
        envelope = self._envelope(delivery, number, reason)
        waiting = _Waiting(connection, asyncio.get_running_loop().create_future())
        self._waiting[envelope["envelope_id"]] = waiting
        connection.received.append(envelope["envelope_id"])
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):  # sending too: a process that was killed reads no more
                await connection.send(envelope)
                answer = await waiting.answer
        except TimeoutError:
            return Attempt(number, error="timeout", latency_s=time.perf_counter() - began)
        except ConnectionError:
            return Attempt(number, error="disconnected", latency_s=time.perf_counter() - began)
        finally:
            del self._waiting[envelope["envelope_id"]]
        return Attempt(number, acked=True, latency_s=time.perf_counter() - began, response=answer)

    def _envelope(self, delivery: Delivery, number: int, reason: str) -> Json:
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.accepts_response,
        }
        if delivery.kind == EVENTS:
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        return envelope

    async def warn(self, connection: Connection | None = None) -> None:
        """Tell a connection (default: the oldest) that it will be closed soon."""
        await self._tell(connection, "warning")

    async def refresh(self, connection: Connection | None = None) -> None:
        """Ask a connection to reconnect, and close it, as Slack does every few hours."""
        closing = await self._tell(connection, "refresh_requested")
        await closing.socket.close()

    async def disable_link(self) -> None:
        """Somebody switches Socket Mode off: every connection is told, then closed."""
        self.enabled = False
        for connection in list(self.connections):
            await self._tell(connection, "link_disabled")
            await connection.socket.close()

    async def cut(self, connection: Connection | None = None) -> None:
        """Drop a connection (default: the oldest) without a word, as a broken network does."""
        found = connection or self.connections[0]
        found.leaving = True
        if found.transport is not None:
            found.transport.abort()

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self.connections):
            await connection.socket.close(code=1001)

    async def _tell(self, connection: Connection | None, reason: str) -> Connection:
        found = connection or self.connections[0]
        found.leaving = True
        info = {"host": f"{found.name}-{secrets.token_hex(2)}"}
        await found.send({"type": "disconnect", "reason": reason, "debug_info": info})
        return found
