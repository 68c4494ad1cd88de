"""HTTP mode: signed requests to the app's request URL, and requests that an attacker would send.

Gives:  a `Carrier` that posts; helpers for forged, replayed and stale requests.
Source: docs.slack.dev/authentication/verifying-requests-from-slack and /apis/events-api (retries).
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from tests.bell import PATIENCE_S
from tests.slack_server.delivery import COMMANDS, EVENTS, Attempt, Delivery
from tests.slack_server.state import Json

if TYPE_CHECKING:
    from tests.slack_server.server import SlackServer


@dataclass
class Sent:
    """A request as it went out, to be sent again or tampered with."""

    url: str
    body: str
    headers: dict[str, str]


@dataclass
class Answered:
    """What the app said to a request made by hand."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def signature(secret: str, timestamp: str, body: str) -> str:
    """`v0=` and the HMAC-SHA256 of `v0:timestamp:body`."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpMode:
    """Posts to `request_url`, which the app serves."""

    def __init__(self, server: "SlackServer", request_url: str = "") -> None:
        self.server, self.request_url = server, request_url
        self.sent: list[Sent] = []
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, delivery: Delivery, number: int, reason: str, timeout_s: float) -> Attempt:
        """Post once; a 2xx within `timeout_s` is the acknowledgement."""
        # A later try is signed at a later time; tests do not wait for that.
        request = self.signed(self.request_url, *_body(delivery), age_s=-number)
        if number:
            request.headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        self.sent.append(request)
        began = time.perf_counter()
        try:
            answered = await self.send(request, timeout_s=timeout_s)
        except TimeoutError:
            return Attempt(number, error="http_timeout", latency_s=time.perf_counter() - began)
        except aiohttp.ClientError:
            return Attempt(number, error="connection_failed", latency_s=time.perf_counter() - began)
        latency = time.perf_counter() - began
        if not 200 <= answered.status < 300:
            final = answered.headers.get("X-Slack-No-Retry") == "1"
            return Attempt(number, error="http_error", latency_s=latency, final=final)
        return Attempt(number, acked=True, latency_s=latency, response=_response(answered))

    def signed(
        self,
        url: str,
        body: str,
        content_type: str = "application/json",
        *,
        age_s: float = 0,
        secret: str = "",
    ) -> Sent:
        """A request signed as Slack does, or (for refusals) `age_s` old or with another `secret`."""
        timestamp = str(int(time.time() - age_s))
        value = signature(secret or self.server.state.app.signing_secret, timestamp, body)
        headers = {"Content-Type": content_type, "X-Slack-Request-Timestamp": timestamp}
        headers |= {"X-Slack-Signature": value, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        return Sent(url, body, headers)

    def signed_anew(self, request: Sent) -> Sent:
        """The same once more, as Slack sends it at a later time."""
        return self.signed(request.url, request.body, request.headers["Content-Type"], age_s=-60)

    async def send(self, request: Sent, *, timeout_s: float = PATIENCE_S) -> Answered:
        """Send a request as it is: replaying one is sending it twice, tampering is changing it first."""
        return await self.send_raw(request, request.body.encode(), timeout_s=timeout_s)

    async def send_raw(self, request: Sent, body: bytes, *, timeout_s: float = PATIENCE_S) -> Answered:
        """Send these bytes in place of a request's text, which need not be text at all."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=timeout_s)
        options = {"data": body, "headers": request.headers, "timeout": limit}
        async with self._session.post(request.url, allow_redirects=False, **options) as answer:  # type: ignore[arg-type]
            return Answered(answer.status, await answer.text(), dict(answer.headers))

    async def forged(self, payload: Json, *, secret: str = "not-the-secret") -> Answered:
        """An event signed with the wrong secret."""
        return await self.send(self.signed(self.request_url, json.dumps(payload), secret=secret))

    async def stale(self, payload: Json, *, age_s: float = 301) -> Answered:
        """An event with a good signature of long ago."""
        return await self.send(self.signed(self.request_url, json.dumps(payload), age_s=age_s))

    async def unsigned(self, payload: Json) -> Answered:
        """An event without signature."""
        request = self.signed(self.request_url, json.dumps(payload))
        for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
            del request.headers[name]
        return await self.send(request)

    async def tampered(self, request: Sent, old: str, new: str) -> Answered:
        """A request that went out before, with its body changed and its old signature."""
        return await self.send(Sent(request.url, request.body.replace(old, new), request.headers))

    async def verify_url(self) -> bool:
        """Slack's handshake with a request URL: the challenge has to come back."""
        challenge = f"challenge-{time.time_ns()}"
        token = self.server.state.app.verification_token
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"})
        answered = await self.send(self.signed(self.request_url, body))
        if answered.status != 200:
            return False
        if answered.headers.get("Content-Type", "").startswith("application/json"):
            return bool(json.loads(answered.body).get("challenge") == challenge)
        return answered.body == challenge

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session is not None:
            await self._session.close()


def _body(delivery: Delivery) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if delivery.kind == EVENTS:
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == COMMANDS:
        return urlencode(delivery.payload), form
    return urlencode({"payload": json.dumps(delivery.payload)}), form


def _response(answered: Answered) -> Json:
    if not answered.body:
        return {}
    if answered.headers.get("Content-Type", "").startswith("application/json"):
        given = json.loads(answered.body)
        return given if isinstance(given, dict) else {}
    return {"text": answered.body}
