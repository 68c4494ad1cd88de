"""Who is looking: a signed cookie, and the token that proves that a form came from our own page.

Reads:  the session cookie; the time as an argument.
Gives:  a `Session`, or None for a stranger; cookies on responses; actors for commands.
A session says which questions it was invited to, by which link and as whom. The cookie alone opens nothing:
whether it was signed out, is an admin's and its links still hold is asked of the server each time (`access`).
A personal link makes this browser another person in that link's question and nowhere else: whoever made the
link can open it too, and must not come into anything beyond it (see `links`). Which of the browsers that have
a link gave what was given by it is known by a random key of each browser (`Session.giver`), never by what was
given.
The CSRF token is an HMAC of a random key inside the session, so it dies with it.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiohttp import web
from itsdangerous import BadSignature, Signer
from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from adapters.web.config import WebConfig
from adapters.web.links import Link, id_before, serializer, signing
from bot.domain.actors import Actor, secret_for
from bot.domain.deliberation import Deliberation

# Both bound the cookie: browsers drop one that is over 4 KiB, its name included.
QUESTIONS_REMEMBERED = 60
COOKIE_LIMIT = 3_800

# Stands for a link in a place where a browser is because it asked or runs the question. It opens nothing.
OWN = "own"

STRICT = ConfigDict(extra="forbid")


# Earlier versions kept more of a place.
@dataclass(frozen=True, config=ConfigDict(extra="ignore"))
class Place:
    """One question that a browser was invited to.

    user, name: the person of a personal link, in this question only; empty where the browser is itself.
    link: by which it came in; `OWN` where it asked the question; empty in cookies from before links had ids.
    since: when it came in, in milliseconds since the epoch.
    """

    deliberation: str
    user: str = ""
    name: str = ""
    link: str = ""
    since: int = 0

    def is_secret_in(self, deliberation: Deliberation) -> bool:
        """Whether others who have the link are neither to read nor to change what was given by it.

        A study's links are made by those who keep its data.
        """
        return bool(self.user) and deliberation.terms.anonymous and deliberation.terms.study is None

    @property
    def came_by(self) -> str:
        """The id of that link, or what stands for it."""
        return self.link or id_before(self.user)

    @property
    def since_when(self) -> datetime:
        """When it came in."""
        return datetime.fromtimestamp(self.since / 1_000, UTC)


@dataclass(frozen=True, config=STRICT)
class Session:
    """One person in one browser.

    user: random; the member in every place that no personal link gave, and the facilitator of what they ask.
    name: as they last called themselves. places: the questions they were invited to, latest last.
    admin_until: seconds since the epoch; 0 for everyone who is no admin.
    key: random; what CSRF tokens are made from, and by whose digest the server knows the session.
    browser: random; stays when the key changes, and when this browser becomes another person.
    admin: whether an admin's; only `access` says so.
    """

    team: str
    user: str
    key: str
    expires_at: int
    browser: str = ""
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
            key=_new_key(),
            expires_at=int((now + timedelta(days=config.session_days)).timestamp()),
            browser=_new_key(),
        )

    def somebody_else(self, config: WebConfig, now: datetime) -> Self:
        """A new session in the same browser, without anything of this one."""
        return replace(self.begin(config, now), browser=self.browser)

    @property
    def id(self) -> str:
        """How the server remembers this session; no cookie can be made of it."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    def giver(self, deliberation: Deliberation, config: WebConfig) -> str:
        """As whom this browser gives and reads by a personal link in this question.

        Another one for each question and each person, and nothing in it depends on what is given. Empty where
        whoever is this person may read and change what they gave.
        """
        place = self.place_in(deliberation.id)
        if not place.is_secret_in(deliberation):
            return ""
        secret = secret_for(config.secrets, deliberation.key_id).encode()
        about = json.dumps(("accord.web.giver", self.browser, deliberation.id, place.user)).encode()
        return hmac.new(secret, about, hashlib.sha256).hexdigest()[:32]

    def as_itself(self, deliberation_id: str) -> Self:
        """Has asked or runs this question: finds it on the start page, and is nobody else in it."""
        return self._in(Place(deliberation_id, link=OWN))

    def invited(self, link: Link, now: datetime) -> Self:
        """May open an invitation's question from now on; as itself."""
        return self._in(Place(link.deliberation, link=link.id, since=_milliseconds(now)))

    def as_person(self, link: Link, now: datetime) -> Self:
        """May open a personal link's question, and is its person there."""
        return self._in(Place(link.deliberation, link.user, link.name, link.id, _milliseconds(now)))

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
        """May do what admins do, for some hours; under a new key, which no copy of the cookie has."""
        until = now + timedelta(hours=config.admin_session_hours)
        return replace(self, key=_new_key(), admin_until=int(until.timestamp()), admin=True)

    def actor(self) -> Actor:
        """This browser, for a command; never the person of a personal link."""
        return Actor(self.team, self.user, self.name, admin=self.admin)

    def member(self, deliberation_id: str, name: str = "") -> Actor:
        """Whoever this browser is in one question, for an opinion or a rating there."""
        user = self.place_in(deliberation_id).user or self.user
        return Actor(self.team, user, name, admin=self.admin)

    def is_steward(self, deliberation: Deliberation) -> bool:
        """Whether to offer what facilitators do; whether it is done is for the handlers to decide."""
        return self.admin or self.user == deliberation.facilitator


def read(request: web.Request, config: WebConfig, now: datetime) -> Session | None:
    """What a request's cookie says; None when there is none, or one that is wrong, foreign or too old.

    Whether it still holds, and is an admin's, `access.recognised` knows. A cookie of another version of
    Accord, with other fields, is as good as none.
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
    # Cookies of earlier versions have one key for both.
    return replace(session, admin=False, browser=session.browser or session.key)


def remember(response: web.StreamResponse, session: Session, config: WebConfig, now: datetime) -> None:
    """Put the session into its cookie; where that grows too big, without the oldest questions."""
    while len(cookie := _signed(session, config)) > COOKIE_LIMIT and session.places:
        session = replace(session, places=session.places[1:])
    response.set_cookie(
        cookie_name(config),
        cookie,
        max_age=max(0, session.expires_at - int(now.timestamp())),
        **attributes(config),
    )


def _new_key() -> str:
    return secrets.token_urlsafe(12)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000)


def _signed(session: Session, config: WebConfig) -> str:
    content = {key: value for key, value in asdict(session).items() if key != "admin"}
    return str(serializer(config, "session").dumps(content))


def forget(response: web.StreamResponse, config: WebConfig) -> None:
    """Take the session's cookie back."""
    response.del_cookie(cookie_name(config), **attributes(config))


def csrf_token(session: Session, config: WebConfig) -> str:
    """The token that every form of this session carries."""
    return _csrf_signer(config).get_signature(session.key).decode()


def is_csrf_token(token: str, session: Session, config: WebConfig) -> bool:
    """Compared in constant time, with each key that may have signed it."""
    return _csrf_signer(config).verify_signature(session.key, token)


def draft_name(session: Session, deliberation_id: str, config: WebConfig) -> str:
    """Under what a browser keeps what this person writes there: whoever comes after them finds none of it."""
    person = f"{session.key}:{session.member(deliberation_id).user}"
    return Signer(signing(config), salt="accord.web.draft").get_signature(person).decode()


def _csrf_signer(config: WebConfig) -> Signer:
    return Signer(signing(config), salt="accord.web.csrf")


def say(response: web.StreamResponse, text: str, config: WebConfig, *, ok: bool = True) -> None:
    """Show a sentence on the next page that this browser opens."""
    flash = str(serializer(config, "flash").dumps([ok, str(text)]))
    response.set_cookie(flash_name(config), flash, max_age=60, **attributes(config))


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
    response.del_cookie(flash_name(config), **attributes(config))


def cookie_name(config: WebConfig) -> str:
    """The __Host- prefix lets no other host of a domain set it; browsers want https for that."""
    return "__Host-accord" if config.secure else "accord"


def flash_name(config: WebConfig) -> str:
    """Beside the session's own."""
    return f"{cookie_name(config)}-said"


def attributes(config: WebConfig) -> dict[str, Any]:
    """What every cookie of ours has."""
    return {"httponly": True, "samesite": "Lax", "secure": config.secure, "path": "/"}
