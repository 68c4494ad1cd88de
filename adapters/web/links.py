"""Signed links: invitations, personal links and the admin's sign-in, which expire, and results, which stay.

Reads:  a `WebConfig`, and the time as an argument.
Gives:  addresses to hand out, and back from a token what it says, or `LinkError`.
An invitation is shared: whoever opens it becomes a visitor. A personal link carries a person, so that one
person on two devices stays one participant. An admin link raises a session to admin, works once and expires
soon. Each of these carries an id of its own, so that it can be ended before it expires: a signature only says
that we made it, and whether it still opens is known to `bot.service.ports.web_access`.
A personal link's person exists in one question only. Whoever runs a question makes its links, and in most
teams everyone may ask: were a person the same in two questions, anyone could ask one of their own, make the
links of its members and be those members in every other. So nobody makes a person for more than one
question, admins neither (see `sessions.Place` for the other half of this).
In a question answered by name, the same name is the same person again: whoever runs it reads who wrote what
anyway. In an anonymous one every link is a new random person, which nobody can make once more: then only
those who were given that very link can answer as its person. Whoever made and sent it was, and the page tells
its holder so; what was given is shown only in the browser that gave it (`access.given_here`), and only there
can it be changed (`bot.service.ports.state.Contributions`).
A results link opens one result to whoever has it and signs nobody in. It stands in a channel's messages for
as long as these do, so it does not expire: it ends when the question is erased. Its question may be that of
any team on any platform, and it says of which. Those who run the question can end its link sooner, on any
platform, and make another.
Tokens are signed, not secret: a name in one can be read by its holder. No aiohttp here: the command line
imports this. Tokens are never logged and never part of an error.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from adapters.web.config import WebConfig
from bot.domain.actors import secret_for
from bot.service.ports.web_access import BEFORE

NAME_LIMIT = 80
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class LinkKind(StrEnum):
    """What a link opens; also the first part of its path."""

    INVITE = "i"
    PERSONAL = "p"
    ADMIN = "s"
    RESULTS = "r"


class LinkError(Exception):
    """The link cannot be used; `expired` tells an old one from a wrong one."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__("The link has expired." if expired else "The link is not one of ours.")
        self.expired = expired


@dataclass(frozen=True)
class Link:
    """What a token says; `made_at`, `until`: of an admin link alone."""

    team: str
    deliberation: str = ""
    user: str = ""
    name: str = ""
    id: str = ""
    made_at: datetime = _LONG_AGO
    until: datetime = _LONG_AGO


def serializer(config: WebConfig, purpose: str) -> URLSafeSerializer:
    """Signs for one purpose: a token made for one is worth nothing for another."""
    return URLSafeSerializer(
        signing(config),
        salt=f"accord.web.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def signing(config: WebConfig) -> list[str]:
    """The keys as itsdangerous wants them: oldest first, and the last one signs."""
    return [*reversed(config.secrets)]


def new_link_id() -> str:
    """What tells a link from every other."""
    return secrets.token_urlsafe(9)


def id_before(user: str) -> str:
    """What stands for the id of a link from before links carried any; it does not tell whose link it was."""
    return BEFORE + (hashlib.sha256(user.encode()).hexdigest()[:16] if user else "")


def invite_link(config: WebConfig, deliberation_id: str, link_id: str, *, now: datetime | None = None) -> str:
    """A link to one deliberation, for everyone who is asked."""
    link = Link(team=config.team, deliberation=deliberation_id, id=link_id)
    return _address(LinkKind.INVITE, link, config, timedelta(days=config.link_days), now)


def personal_link(
    config: WebConfig,
    deliberation_id: str,
    name: str,
    link_id: str,
    *,
    anonymous: bool = True,
    key_id: str = "",
    now: datetime | None = None,
) -> str:
    """A link to one deliberation for one person: when `anonymous` a new one each time, else one per name.

    key_id: which secret key the deliberation began with.
    """
    user = random_person() if anonymous else person_id(config, deliberation_id, name, key_id)
    link = Link(config.team, deliberation_id, user, shown_name(name), link_id)
    return _address(LinkKind.PERSONAL, link, config, timedelta(days=config.link_days), now)


def admin_link(config: WebConfig, *, now: datetime | None = None) -> str:
    """A link that signs an admin in once, under a new random id."""
    now = now or datetime.now(UTC)
    link = Link(config.team, user=f"admin-{secrets.token_urlsafe(12)}", id=new_link_id(), made_at=now)
    return _address(LinkKind.ADMIN, link, config, timedelta(minutes=config.admin_link_minutes), now)


def results_link(config: WebConfig, team: str, deliberation_id: str, link_id: str | None = "") -> str:
    """A link to one result, for whoever reads it in a channel.

    link_id: `Deliberation.result_link`; where that is None there is no link: the address is empty.
    """
    if link_id is None:
        return ""
    told = {"l": link_id} if link_id else {}
    return _signed(LinkKind.RESULTS, {"t": team, "d": deliberation_id, **told}, config)


def read_link(kind: LinkKind, token: str, config: WebConfig, now: datetime) -> Link:
    """What a token says. Raises LinkError when it is not ours, for another team, or too old."""
    content = _content(kind, token, config)
    if content["t"] != config.team:
        raise LinkError(expired=False)
    if content["x"] <= now.timestamp():
        raise LinkError(expired=True)
    user = content.get("u", "")
    return Link(
        content["t"],
        content.get("d", ""),
        user,
        content.get("n", ""),
        content.get("l", "" if kind is LinkKind.ADMIN else id_before(user)),
        datetime.fromtimestamp(content.get("m", 0), UTC),
        datetime.fromtimestamp(content["x"], UTC),
    )


def read_results_link(token: str, config: WebConfig) -> Link:
    """Of which team which question's result may be shown. Raises LinkError when the token is not ours."""
    content = _content(LinkKind.RESULTS, token, config)
    return Link(content["t"], content["d"], id=content.get("l", ""))


def random_person() -> str:
    """Somebody whom nobody can make again."""
    return f"person-{secrets.token_urlsafe(15)}"


def person_id(config: WebConfig, deliberation_id: str, name: str, key_id: str = "") -> str:
    """The same name, however it is spaced or capitalised, is the same person in one question."""
    secret = secret_for(config.secrets, key_id)
    key = hmac.new(secret.encode(), b"accord.web.person", hashlib.sha256).digest()
    message = json.dumps((config.team, deliberation_id, shown_name(name).casefold())).encode()
    return "person-" + hmac.new(key, message, hashlib.sha256).hexdigest()[:24]


def shown_name(name: str) -> str:
    """A name on one line, in one Unicode form, without control characters, not longer than a line."""
    normal = unicodedata.normalize("NFKC", name)
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in normal)
    return " ".join(printable.split())[:NAME_LIMIT].strip()


def _address(kind: LinkKind, link: Link, config: WebConfig, lasts: timedelta, now: datetime | None) -> str:
    expires_at = int(((now or datetime.now(UTC)) + lasts).timestamp())
    content = {
        "t": link.team,
        "d": link.deliberation,
        "u": link.user,
        "n": link.name,
        "l": link.id,
        "m": link.made_at.timestamp(),
        "x": expires_at,
    }
    return _signed(kind, {key: value for key, value in content.items() if value}, config)


def _signed(kind: LinkKind, content: dict[str, Any], config: WebConfig) -> str:
    return config.url(f"/{kind}/{serializer(config, f'link.{kind}').dumps(content)}")


def _content(kind: LinkKind, token: str, config: WebConfig) -> dict[str, Any]:
    try:
        content: dict[str, Any] = serializer(config, f"link.{kind}").loads(token)
    except BadSignature:
        raise LinkError(expired=False) from None
    return content
