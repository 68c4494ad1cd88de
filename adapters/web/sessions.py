"""Who is looking: a signed cookie, and the token that proves that a form came from our own page.

Reads:  the session cookie; the time as an argument.
Gives:  a `Session`, or None for a stranger; cookies on responses; actors for commands.
Nothing is kept on the server. A session knows which questions it was invited to, and as whom; admins see all
of their team. A personal link makes this browser another person in that link's question and nowhere else:
whoever made the link can open it too, and must not come into anything beyond it (see `links`).
The CSRF token is an HMAC of a random key inside the session, so it dies with it.
"""

import hmac
import secrets
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Self

from aiohttp import web
from itsdangerous import BadSignature, Signer
from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from adapters.web.config import WebConfig
from adapters.web.links import Link, serializer
from bot.domain.actors import Actor, require_same_team
from bot.domain.deliberation import Deliberation
from bot.errors import UnknownDeliberationError

# Both bound the cookie: browsers drop one that is over 4 KiB, its name included.
QUESTIONS_REMEMBERED = 60
COOKIE_LIMIT = 3_800

STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=STRICT)
class Place:
    """One question that a browser was invited to.

    user, name: the person of a personal link, in this question only; empty where the browser is itself.
    """

    deliberation: str
    user: str = ""
    name: str = ""


@dataclass(frozen=True, config=STRICT)
class Session:
    """One person in one browser.

    user: random; the member in every place that no personal link gave, and the facilitator of what they ask.
    name: as they last called themselves. places: the questions they were invited to, latest last.
    admin_until: seconds since the epoch; 0 for everyone who is no admin.
    key: random; what CSRF tokens are made from.
    """

    team: str
    user: str
    key: str
    expires_at: int
    name: str = ""
    places: tuple[Place, ...] = ()
    admin_until: int = 0
    admin: bool = False

    @classmethod
    def begin(cls, config: WebConfig, now: datetime, user: str = "") -> Self:
        """A new session; without a user id, for a visitor with a new random one."""
        return cls(
            team=config.team,
            user=user or f"visitor-{secrets.token_urlsafe(15)}",
            key=secrets.token_urlsafe(12),
            expires_at=int((now + timedelta(days=config.session_days)).timestamp()),
        )

    def invited(self, deliberation_id: str) -> Self:
        """May open this question from now on, as whoever this browser is in it already."""
        return self._in(self.place_in(deliberation_id))

    def as_person(self, link: Link) -> Self:
        """May open a personal link's question, and is its person there."""
        return self._in(Place(link.deliberation, link.user, link.name))

    def _in(self, place: Place) -> Self:
        others = tuple(known for known in self.places if known.deliberation != place.deliberation)
        return replace(self, places=(*others, place)[-QUESTIONS_REMEMBERED:])

    def place_in(self, deliberation_id: str) -> Place:
        """As whom this browser takes part in a question; as itself where no personal link says otherwise."""
        known = (place for place in self.places if place.deliberation == deliberation_id)
        return next(known, Place(deliberation_id))

    def knows(self, deliberation_id: str) -> bool:
        """Whether this browser was invited to a question."""
        return any(place.deliberation == deliberation_id for place in self.places)

    def is_not(self, link: Link) -> bool:
        """Whether this browser is somebody whom a personal link would replace, or belongs to another name."""
        here = self.place_in(link.deliberation)
        if here.user or self.knows(link.deliberation) or self.admin:
            return here.user != link.user
        known_as = {name.casefold() for name in (self.name, *self.names) if name}
        return bool(known_as) and link.name.casefold() not in known_as

    @property
    def names(self) -> list[str]:
        """Under which names personal links came, latest first, each once."""
        return list(dict.fromkeys(place.name for place in reversed(self.places) if place.name))

    @property
    def shown_name(self) -> str:
        """What to call this person on a page."""
        return self.name or next(iter(self.names), "")

    def called(self, name: str) -> Self:
        """Goes by this name where a question is answered by name."""
        return replace(self, name=name)

    def as_admin(self, config: WebConfig, now: datetime) -> Self:
        """May do what admins do, for some hours."""
        until = now + timedelta(hours=config.admin_session_hours)
        return replace(self, admin_until=int(until.timestamp()), admin=True)

    def actor(self) -> Actor:
        """This browser, for a command; never the person of a personal link."""
        return Actor(self.team, self.user, self.name, admin=self.admin)

    def member(self, deliberation_id: str, name: str = "") -> Actor:
        """Whoever this browser is in one question, for an opinion or a rating there."""
        user = self.place_in(deliberation_id).user or self.user
        return Actor(self.team, user, name, admin=self.admin)

    def everyone(self) -> list[Actor]:
        """This browser and every person that it is somewhere."""
        users = dict.fromkeys([self.user, *(place.user for place in self.places if place.user)])
        return [Actor(self.team, user) for user in users]

    def require_view(self, deliberation: Deliberation) -> None:
        """Raises UnknownDeliberationError: to whoever was not invited, a question does not exist."""
        require_same_team(self.actor(), deliberation)
        if not (self.is_steward(deliberation) or self.knows(deliberation.id)):
            raise UnknownDeliberationError("There is no such question here. Check the link or the list.")

    def is_steward(self, deliberation: Deliberation) -> bool:
        """Whether to offer what facilitators do; whether it is done is for the handlers to decide."""
        return self.admin or self.user == deliberation.facilitator


def read(request: web.Request, config: WebConfig, now: datetime) -> Session | None:
    """The session of a request; None when there is no cookie, or one that is wrong, foreign or too old.

    A cookie of another version of Accord, with other fields, is as good as none.
    """
    cookie = request.cookies.get(cookie_name(config))
    if cookie is None:
        return None
    try:
        session = Session(**serializer(config, "session").loads(cookie))
    except (BadSignature, TypeError, ValidationError):
        return None
    seconds = now.timestamp()
    if session.team != config.team or session.expires_at <= seconds:
        return None
    return replace(session, admin=session.admin_until > seconds)


def remember(response: web.StreamResponse, session: Session, config: WebConfig, now: datetime) -> None:
    """Put the session into its cookie; where that grows too big, without the oldest questions."""
    while len(cookie := _signed(session, config)) > COOKIE_LIMIT and session.places:
        session = replace(session, places=session.places[1:])
    response.set_cookie(
        cookie_name(config),
        cookie,
        max_age=max(0, session.expires_at - int(now.timestamp())),
        **_attributes(config),
    )


def _signed(session: Session, config: WebConfig) -> str:
    content = {key: value for key, value in asdict(session).items() if key != "admin"}
    return str(serializer(config, "session").dumps(content))


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
    except (BadSignature, TypeError, ValueError):
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
