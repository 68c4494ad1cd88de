"""Who is looking: a signed cookie, and the token that proves that a form came from our own page.

Reads:  the session cookie; the time as an argument.
Gives:  a `Session`, or None for a stranger; cookies on responses; actors for commands.
Nothing is kept on the server. A session knows which questions it was invited to; admins see all of their
team. The CSRF token is an HMAC of a random key inside the session, so it dies with it.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from aiohttp import web
from itsdangerous import BadSignature, Signer

from adapters.web.config import WebConfig
from adapters.web.links import Link, serializer
from bot.domain.actors import Actor, require_same_team
from bot.domain.deliberation import Deliberation
from bot.errors import UnknownDeliberationError

# Bounds the cookie: browsers drop one that is over 4 KiB.
QUESTIONS_REMEMBERED = 60


@dataclass(frozen=True)
class Session:
    """One person in one browser.

    user: the member id; random for a visitor. named: `name` came with a personal link and cannot be changed.
    questions: deliberations that this person was invited to, latest last.
    admin_until: seconds since the epoch; 0 for everyone who is no admin.
    key: random; what CSRF tokens are made from.
    """

    team: str
    user: str
    key: str
    expires_at: int
    name: str = ""
    named: bool = False
    questions: tuple[str, ...] = ()
    admin_until: int = 0
    admin: bool = False

    @classmethod
    def begin(cls, config: WebConfig, now: datetime, user: str = "") -> Self:
        """A new session; without a user id, for a visitor with a random one."""
        return cls(
            team=config.team,
            user=user or f"visitor-{secrets.token_urlsafe(15)}",
            key=secrets.token_urlsafe(12),
            expires_at=int((now + timedelta(days=config.session_days)).timestamp()),
        )

    def invited(self, deliberation_id: str) -> Self:
        """May open this question from now on."""
        others = tuple(known for known in self.questions if known != deliberation_id)
        return replace(self, questions=(*others, deliberation_id)[-QUESTIONS_REMEMBERED:])

    def as_person(self, link: Link) -> Self:
        """Becomes the person of a personal link."""
        return replace(self, user=link.user, name=link.name, named=True)

    def called(self, name: str) -> Self:
        """Goes by this name where a question is answered by name."""
        return replace(self, name=name)

    def as_admin(self, config: WebConfig, now: datetime) -> Self:
        """May do what admins do, for some hours."""
        until = now + timedelta(hours=config.admin_session_hours)
        return replace(self, admin_until=int(until.timestamp()), admin=True)

    def actor(self, name: str | None = None) -> Actor:
        """This person, for a command."""
        return Actor(self.team, self.user, self.name if name is None else name, admin=self.admin)

    def require_view(self, deliberation: Deliberation) -> None:
        """Raises UnknownDeliberationError: to whoever was not invited, a question does not exist."""
        require_same_team(self.actor(), deliberation)
        if not (self.is_steward(deliberation) or deliberation.id in self.questions):
            raise UnknownDeliberationError("There is no such question here. Check the link or the list.")

    def is_steward(self, deliberation: Deliberation) -> bool:
        """Whether to offer what facilitators do; whether it is done is for the handlers to decide."""
        return self.admin or self.user == deliberation.facilitator


def read(request: web.Request, config: WebConfig, now: datetime) -> Session | None:
    """The session of a request; None when there is no cookie, or one that is wrong, foreign or too old."""
    cookie = request.cookies.get(cookie_name(config))
    if cookie is None:
        return None
    try:
        content: dict[str, Any] = serializer(config, "session").loads(cookie)
    except BadSignature:
        return None
    seconds = now.timestamp()
    if content["team"] != config.team or content["expires_at"] <= seconds:
        return None
    questions = tuple(content.pop("questions"))
    return Session(**content, questions=questions, admin=content["admin_until"] > seconds)


def remember(response: web.StreamResponse, session: Session, config: WebConfig, now: datetime) -> None:
    """Put the session into its cookie."""
    content = {key: value for key, value in asdict(session).items() if key != "admin"}
    response.set_cookie(
        cookie_name(config),
        str(serializer(config, "session").dumps(content)),
        max_age=max(0, session.expires_at - int(now.timestamp())),
        **_attributes(config),
    )


def forget(response: web.StreamResponse, config: WebConfig) -> None:
    """Take the session's cookie back."""
    response.del_cookie(cookie_name(config), **_attributes(config))


def csrf_token(session: Session, config: WebConfig) -> str:
    """The token that every form of this session carries."""
    return Signer(config.secret, salt="accord.web.csrf").get_signature(session.key).decode()


def is_csrf_token(token: str, session: Session, config: WebConfig) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(token.encode(), csrf_token(session, config).encode())


def say(response: web.StreamResponse, text: str, config: WebConfig, *, ok: bool = True) -> None:
    """Show a sentence on the next page that this browser opens."""
    flash = str(serializer(config, "flash").dumps([ok, text]))
    response.set_cookie(flash_name(config), flash, max_age=60, **_attributes(config))


def said(request: web.Request, config: WebConfig) -> tuple[bool, str] | None:
    """The sentence for this page, and whether it is good news."""
    cookie = request.cookies.get(flash_name(config))
    if cookie is None:
        return None
    try:
        ok, text = serializer(config, "flash").loads(cookie)
    except BadSignature:
        return None
    return bool(ok), str(text)


def unsay(response: web.StreamResponse, config: WebConfig) -> None:
    """It has been shown."""
    response.del_cookie(flash_name(config), **_attributes(config))


def cookie_name(config: WebConfig) -> str:
    """The __Host- prefix lets no other host of a domain set it; browsers want https for that."""
    return "__Host-accord" if config.secure else "accord"


def flash_name(config: WebConfig) -> str:
    """Beside the session's own."""
    return f"{cookie_name(config)}-said"


def _attributes(config: WebConfig) -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": config.secure, "path": "/"}
