"""The gateway: websockets, sessions, heartbeats, RESUME, and what may go wrong with them.

Gives:  events to every session that asked for them, numbered; missed ones again on RESUME, and only then.
Frames are plain text: a client that asks for compression takes those too.
Source: docs.discord.com/developers/events/gateway.
"""

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.discord_server.state import Guild, Json

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
REQUEST_MEMBERS = 8
INTENTS = {
    "guilds": 1 << 0,
    "members": 1 << 1,
    "presences": 1 << 8,
    "guild_messages": 1 << 9,
    "guild_reactions": 1 << 10,
    "dm_messages": 1 << 12,
    "dm_reactions": 1 << 13,
    "message_content": 1 << 15,
    "guild_polls": 1 << 24,
    "dm_polls": 1 << 25,
}
PRIVILEGED = ("members", "presences", "message_content")
UNKNOWN_ERROR, BAD_TOKEN, NOT_IDENTIFIED, TWICE = 4000, 4004, 4003, 4005
INVALID_SEQUENCE, BAD_SHARD, DISALLOWED_INTENTS = 4007, 4010, 4014


@dataclass(eq=False)
class Session:
    """What a shard of the application was told, whether or not it is connected at the moment."""

    id: str
    shard: tuple[int, int]
    intents: int
    sent: list[Json] = field(default_factory=list)
    connection: "Connection | None" = None

    def concerns(self, guild: Guild | None) -> bool:
        """Whether this shard looks after a guild; direct messages go to the first shard."""
        return ((guild.id >> 22) % self.shard[1] if guild else 0) == self.shard[0]


@dataclass(eq=False)
class Connection:
    """One open websocket of the application."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    session: Session | None = None
    outbox: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    ended_here: bool = False

    def send(self, op: int, data: object = None, *, seq: int | None = None, name: str | None = None) -> None:
        """Put a payload on its way."""
        self.outbox.put_nowait(json.dumps({"op": op, "d": data, "s": seq, "t": name}))

    async def close(self, code: int, reason: bytes = b"") -> None:
        """Close the socket from this side, which leaves the session resumable."""
        self.ended_here = True
        await self.socket.close(code=code, message=reason)

    async def write(self) -> None:
        """Send what is put on its way, in order, until the socket is gone."""
        with suppress(ConnectionError):
            while True:
                await self.socket.send_str(await self.outbox.get())


@dataclass
class Spoil:
    """An event that is to go out broken."""

    event: str
    missing: str


class Gateway:
    """The server's side of all websockets of the application."""

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server
        self.heartbeat_s = 41.25
        self.down = False
        """Refuse new websockets, as in an outage. After one failed try discord.py asks for no RESUME."""
        self.resumable = True
        """Whether RESUME is granted; else the session is declared invalid."""
        self.twice = False
        """Deliver every INTERACTION_CREATE twice."""
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.refused = 0
        self._spoilt: list[Spoil] = []
        self._welcoming = asyncio.Event()
        self._welcoming.set()

    # Connections.

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until it closes."""
        if self.down:
            self.refused += 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await self._welcoming.wait()
        connection = Connection(socket, request.transport)
        self.connections.append(connection)
        connection.send(HELLO, {"heartbeat_interval": int(self.heartbeat_s * 1000)})
        writing = asyncio.create_task(connection.write())
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await self._received(connection, json.loads(message.data))
        finally:
            writing.cancel()
            self._gone(connection)
        return socket

    def _gone(self, connection: Connection) -> None:
        self.connections.remove(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            if connection.socket.close_code in (1000, 1001) and not connection.ended_here:
                self.sessions.pop(session.id, None)
        self.server.state.ring()

    async def _received(self, connection: Connection, payload: Json) -> None:
        op, data = payload.get("op"), payload.get("d")
        if op == HEARTBEAT:
            self.heartbeats += 1
            connection.send(ACK)
        elif op in (IDENTIFY, RESUME) and connection.session is not None:
            await connection.close(TWICE, b"Already authenticated.")
        elif op == IDENTIFY and isinstance(data, dict):
            await self._identify(connection, data)
        elif op == RESUME and isinstance(data, dict):
            await self._resume(connection, data)
        elif connection.session is None:
            await connection.close(NOT_IDENTIFIED, b"Not authenticated.")
        elif op == REQUEST_MEMBERS and isinstance(data, dict):
            self._send_members(connection.session, data)
        self.server.state.ring()

    # Sessions.

    async def _identify(self, connection: Connection, data: Json) -> None:
        app = self.server.state.app
        shard_id, count = data.get("shard") or (0, 1)
        intents = int(data.get("intents", 0))
        disallowed = [name for name in PRIVILEGED if intents & INTENTS[name] and name not in app.privileged]
        if data.get("token") != app.token:
            await connection.close(BAD_TOKEN, b"Authentication failed.")
        elif not 0 <= shard_id < count:
            await connection.close(BAD_SHARD, b"Invalid shard.")
        elif disallowed:
            await connection.close(DISALLOWED_INTENTS, b"Disallowed intent(s).")
        else:
            session = Session(secrets.token_hex(16), (shard_id, count), intents, connection=connection)
            self.sessions[session.id] = session
            connection.session = session
            self.identified += 1
            self._welcome(session)

    def _welcome(self, session: Session) -> None:
        """READY, then every guild of the shard."""
        server = self.server
        bot = server.state.bot
        guilds = [g for g in server.state.guilds.values() if session.concerns(g) and bot.id in g.members]
        ready: Json = {
            "v": 10,
            "user": server.wire.user(bot) | {"verified": True, "mfa_enabled": False, "flags": 0},
            "session_id": session.id,
            "resume_gateway_url": server.gateway_url,
            "shard": list(session.shard),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "application": {"id": str(server.state.app.id), "flags": server.state.app.flags},
            "private_channels": [],
        }
        self._tell(session, "READY", ready)
        for guild in guilds:
            self._tell(session, "GUILD_CREATE", server.wire.created_guild(guild))

    async def _resume(self, connection: Connection, data: Json) -> None:
        if data.get("token") != self.server.state.app.token:
            await connection.close(BAD_TOKEN, b"Authentication failed.")
            return
        session = self.sessions.get(str(data.get("session_id")))
        if session is None or not self.resumable:
            self.sessions.pop(str(data.get("session_id")), None)
            connection.send(INVALID, False)
            return
        seen = int(data.get("seq") or 0)
        if seen > len(session.sent):
            await connection.close(INVALID_SEQUENCE, b"Invalid seq.")
            return
        session.connection, connection.session = connection, session
        self.resumed += 1
        for number, event in enumerate(session.sent[seen:], start=seen + 1):
            connection.send(DISPATCH, event["d"], seq=number, name=event["t"])
        self._tell(session, "RESUMED", {})

    def _tell(self, session: Session, name: str, data: Json) -> bool:
        """Number an event for a session and send it if it is connected; whether it was."""
        session.sent.append({"t": name, "d": data})
        if session.connection is None or session.connection.socket.closed:
            return False
        spoilt = next((s for s in self._spoilt if s.event == name), None)
        if spoilt is not None:
            self._spoilt.remove(spoilt)
            data = {key: value for key, value in data.items() if key != spoilt.missing}
        session.connection.send(DISPATCH, data, seq=len(session.sent), name=name)
        return True

    def _send_members(self, session: Session, data: Json) -> None:
        guild = self.server.state.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        asked = data.get("user_ids") or []
        ids = {int(user) for user in (asked if isinstance(asked, list) else [asked])}
        prefix = str(data.get("query") or "")
        found = [
            m for id_, m in guild.members.items() if (id_ in ids if ids else m.person.name.startswith(prefix))
        ]
        chunk: Json = {"guild_id": str(guild.id), "chunk_index": 0, "chunk_count": 1, "not_found": []}
        chunk["members"] = [self.server.wire.member(m) for m in found]
        chunk |= {"nonce": data["nonce"]} if data.get("nonce") else {}
        self._tell(session, "GUILD_MEMBERS_CHUNK", chunk)

    # Events.

    @property
    def shards(self) -> list[int]:
        """The shards that are connected and identified."""
        return [s.shard[0] for s in self.sessions.values() if s.connection is not None]

    def dispatch(
        self, name: str, data: Json, *, guild: Guild | None, intent: str = "", bare: Json | None = None
    ) -> int:
        """Send an event to the sessions of a guild's shard that asked for it.

        Args:
            intent: without it in its IDENTIFY a session hears nothing; `""` is heard by all.
            bare: what goes instead of `data` to sessions without the message content intent.

        Returns:
            To how many connections it went; sessions that are away get it on RESUME.
        """
        told = 0
        for session in list(self.sessions.values()):
            if not session.concerns(guild) or (intent and not session.intents & INTENTS[intent]):
                continue
            knows_content = session.intents & INTENTS["message_content"]
            told += self._tell(session, name, data if bare is None or knows_content else bare)
        self.server.state.ring()
        return told

    def spoil(self, event: str, missing: str) -> None:
        """Let the next event of this name go out without one of its keys."""
        self._spoilt.append(Spoil(event, missing))

    def send_raw(self, name: str, data: Json) -> None:
        """Send anything at all to every session."""
        for session in list(self.sessions.values()):
            self._tell(session, name, data)

    # What goes wrong.

    def keep_waiting(self, waiting: bool = True) -> None:
        """Accept websockets but greet nobody, until it is called with False: clients are away meanwhile."""
        if waiting:
            self._welcoming.clear()
        else:
            self._welcoming.set()

    async def cut(self, *, shard: int | None = None) -> None:
        """Drop connections (of one shard, or all) without a word, as a broken network does."""
        for connection in self._of(shard):
            if connection.transport is not None:
                connection.transport.abort()
        await self.server.until(lambda: not self._of(shard), what="the connections to be gone")

    async def close(self, code: int = UNKNOWN_ERROR, *, shard: int | None = None) -> None:
        """Close connections with a code, 4000 by default, after which clients resume."""
        for connection in self._of(shard):
            await connection.close(code)

    def ask_to_reconnect(self, *, shard: int | None = None) -> None:
        """Send op 7, as before a restart of Discord's gateway."""
        for connection in self._of(shard):
            connection.send(RECONNECT)

    def invalidate(self, *, resumable: bool = False, shard: int | None = None) -> None:
        """Declare sessions invalid (op 9)."""
        for connection in self._of(shard):
            if connection.session is not None and not resumable:
                self.sessions.pop(connection.session.id, None)
            connection.send(INVALID, resumable)

    def forget_sessions(self) -> None:
        """Forget every session, so that no RESUME is granted for what was before."""
        self.sessions = {id_: s for id_, s in self.sessions.items() if s.connection is not None}

    def _of(self, shard: int | None) -> list[Connection]:
        return [c for c in self.connections if shard is None or (c.session and c.session.shard[0] == shard)]
