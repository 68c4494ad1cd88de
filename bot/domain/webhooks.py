"""Webhooks: addresses that a team's admins want told when something happens to its questions.

Reads:  a question before and after a change.
Gives:  the events to note with the change; deliveries, and when each is tried again; signatures in the form
of Standard Webhooks (https://www.standardwebhooks.com), version v1.
Pure: no I/O, no clock, no randomness. A webhook's secret is made from the secret key and is kept nowhere.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import WebhookError, sentence
from bot.domain.events import EVENTS_KEPT, Event, EventKind
from engine.types import Frozen

WEBHOOKS_LIMIT = 20
URL_LIMIT = 2_000

FIRST_PAUSE = timedelta(seconds=10)
GROWTH = 4
LONGEST_PAUSE = timedelta(hours=6)
# With these pauses a delivery is tried for about a day.
MOST_TRIES = 10
LONGEST_WAIT = timedelta(hours=36)
"""However long a receiver asks to wait, a delivery is not kept trying for longer."""
JITTER = 0.2
# Longer than a try can take: a worker that died in the middle holds a delivery up for so long.
LEASE = timedelta(minutes=1)

DEAD_LIMIT = 500
DEAD_FOR = timedelta(days=30)
WAITING_LIMIT = 1_000
"""Of each team; what comes beyond is a dead letter at once."""

NOT_AN_ADDRESS = sentence("Enter a web address that starts with https://.")
ONLY_HTTPS = sentence("The address has to start with https://, so that nobody reads along.")
NO_PASSWORD = sentence("Leave user name and password out of the address. Deliveries are signed instead.")
NOT_PUBLIC = sentence(
    "Accord doesn't send to private addresses. Use a public one, or ask the people who run Accord to allow "
    "private ones."
)
NO_EVENTS = sentence("Choose at least one event.")
TOO_MANY_WEBHOOKS = sentence("There are {limit} webhooks already. Remove one first.")
NO_SUCH_WEBHOOK = sentence("There is no webhook with that ID.")
NO_SUCH_DELIVERY = sentence("There is no undelivered message with that ID.")

# Where clouds answer their own machines from a public address: Azure's.
METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All of IPv6 that is given out for the open internet. Python calls some of the rest global, too: old forms of
# IPv4 addresses, and prefixes that a network translates into its own.
OPEN_V6 = ipaddress.ip_network("2000::/3")
DOCUMENTATION = ipaddress.ip_network("3fff::/20")
# The last half of an address that a router of ISATAP sends on to the IPv4 address in it.
ISATAP = frozenset({0x00005EFE, 0x02005EFE})


# -- what is noted with a change -----------------------------------------------------------------


def noting(changed: Deliberation, was: Deliberation | None, at: datetime) -> Deliberation:
    """The change with the events that it makes; was: None for a new question."""
    version = 0 if was is None else was.version + 1
    new = [Event(kind=kind, version=version, round=changed.round, at=at) for kind in _kinds(changed, was)]
    if not new:
        return changed
    return changed.model_copy(update={"events": (*changed.events, *new)[-EVENTS_KEPT:]})


def _kinds(changed: Deliberation, was: Deliberation | None) -> Iterator[EventKind]:
    before, after = was.phase if was else None, changed.phase
    if after is Phase.OPINIONS and before is not Phase.OPINIONS:
        yield EventKind.OPENED
    if was is None:
        return
    if before is Phase.OPINIONS and after is not Phase.OPINIONS:
        yield EventKind.CLOSED
    if before is Phase.MEDIATING and after is Phase.RATING:
        yield EventKind.STATEMENT
    # Once its numbers stand: before that, a late look at the platform may change them.
    if after is Phase.SETTLED and changed.recorded and not was.recorded:
        yield EventKind.SETTLED
    if changed.failure is not None and was.failure is None:
        yield EventKind.FAILED
    # One that is cancelled before it opened was never told of.
    if after is Phase.CANCELLED and before not in (Phase.CANCELLED, Phase.SCHEDULED):
        yield EventKind.FAILED


# -- webhooks ------------------------------------------------------------------------------------


class Webhook(Frozen):
    """An address, and the events that it is told of.

    key_id: which secret key its own secret is made with. off_since: since when nothing is sent, for it
    answered that it is gone for good.
    """

    id: str
    team: str
    url: str
    kinds: frozenset[EventKind]
    key_id: str
    added_at: AwareDatetime
    off_since: AwareDatetime | None = None

    def hears(self, event: Event) -> bool:
        """Whether it is told of this: nothing from before it was added."""
        return self.off_since is None and event.kind in self.kinds and event.at >= self.added_at

    def gone(self, at: datetime) -> Self:
        """Switched off."""
        return self.model_copy(update={"off_since": at})


def checked_url(url: str, *, private: bool) -> str:
    """An address as it may be kept. Raises WebhookError.

    private: whether addresses in private networks are allowed, and http:// with them. A name is looked up
    when something is sent.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise WebhookError(NOT_AN_ADDRESS) from None
    readable = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_LIMIT
    if parts.scheme not in ("https", "http") or not host or not readable:
        raise WebhookError(NOT_AN_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise WebhookError(NO_PASSWORD)
    if parts.scheme == "http" and not private:
        raise WebhookError(ONLY_HTTPS)
    if not private and (host == "localhost" or not _may_be_public(host)):
        raise WebhookError(NOT_PUBLIC)
    return url


def _may_be_public(host: str) -> bool:
    """False for a number that is none of the public ones; a name may be."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return is_public(host)


def is_public(address: str) -> bool:
    """Whether a numeric address is one on the open internet, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in NAT64 and (found not in OPEN_V6 or found in DOCUMENTATION):
            return False
        if not all(is_public(str(each)) for each in _inside(found)):
            return False
    return found.is_global and not found.is_multicast and found not in METADATA


def _inside(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that one of IPv6 leads to."""
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    yield from address.teredo or ()
    if address in NAT64 or (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        yield last


# -- deliveries ----------------------------------------------------------------------------------


class Problem(StrEnum):
    """Why a try did not arrive; the address's own answers come with their status."""

    ANSWERED = "answered"
    REDIRECTED = "redirected"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not-allowed"
    TOO_MANY = "too-many"


class Delivery(Frozen):
    """One event on its way to one webhook; nothing of the question but its id.

    since: when it began to be tried. next_at: when it is tried next. status: that the last try was answered
    with. dead_since: since when it is no longer tried.
    """

    id: str
    team: str
    webhook: str
    deliberation: str
    event: Event
    since: AwareDatetime
    next_at: AwareDatetime
    tries: int = 0
    problem: Problem | None = None
    status: int | None = None
    dead_since: AwareDatetime | None = None

    @classmethod
    def of(cls, event: Event, deliberation: Deliberation, webhook: Webhook, now: datetime) -> Self:
        """Due at once; the same id for the same event and webhook."""
        named = json.dumps((webhook.id, event.message_id(deliberation.id)))
        return cls(
            id=hashlib.sha256(named.encode()).hexdigest()[:12],
            team=deliberation.team,
            webhook=webhook.id,
            deliberation=deliberation.id,
            event=event,
            since=now,
            next_at=now,
        )

    @property
    def message_id(self) -> str:
        """What its receiver knows it by, however often it comes."""
        return self.event.message_id(self.deliberation)

    def claimed(self, now: datetime) -> Self:
        """As one worker has it while it sends."""
        return self.model_copy(update={"next_at": now + LEASE})

    def failed(
        self, problem: Problem, now: datetime, luck: float, *, status: int | None = None, wait_s: float = 0.0
    ) -> Self:
        """After a try that did not arrive: later once more, or dead.

        luck: 0 to 1, of which the pause is made longer or shorter. wait_s: for how long the receiver asked.
        """
        tries = self.tries + 1
        grown = min(FIRST_PAUSE * GROWTH ** (tries - 1), LONGEST_PAUSE)
        pause = max(grown * (1 - JITTER + 2 * JITTER * luck), timedelta(seconds=wait_s))
        dead = tries >= MOST_TRIES or now + pause > self.since + LONGEST_WAIT
        return self.model_copy(
            update={
                "tries": tries,
                "problem": problem,
                "status": status,
                "next_at": now + pause,
                "dead_since": now if dead else None,
            }
        )

    def dead(self, problem: Problem, now: datetime) -> Self:
        """Not tried any more."""
        return self.model_copy(update={"problem": problem, "dead_since": now})

    def replayed(self, now: datetime) -> Self:
        """As if it had just begun; its receiver knows it by the same id."""
        return self.model_copy(update={"tries": 0, "since": now, "next_at": now, "dead_since": None})


# -- signatures ----------------------------------------------------------------------------------

SECRET_PREFIX = "whsec_"  # noqa: S105


def secret_of(webhook: Webhook, key: str) -> str:
    """What a webhook's deliveries are signed with, made from the secret key; receivers keep it."""
    named = json.dumps(("accord", "webhook", webhook.team, webhook.id))
    made = hmac.new(key.encode(), named.encode(), hashlib.sha256).digest()
    return SECRET_PREFIX + base64.b64encode(made).decode()


def signed(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove where a body comes from and when it was sent."""
    key, seconds = base64.b64decode(secret.removeprefix(SECRET_PREFIX)), str(int(at.timestamp()))
    made = hmac.new(key, f"{message_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }
