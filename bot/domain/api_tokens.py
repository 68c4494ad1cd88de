"""Tokens by which other software comes in: for one team's channel, with scopes; their secret is shown once.

Reads:  what an admin chose; randomness comes in as an argument.
Gives:  a token as it is kept, the secret to be shown, and as whom software acts that has it.
What software says for its own people is said by users of its own: "api:TOKEN:ID". No member of a platform has
such a user id, so that software can speak for nobody but those whom it names itself.
"""

import hashlib
import hmac
import re
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from pydantic import AwareDatetime, Field

from bot.domain.actors import Actor
from bot.domain.api_scopes import LONGEST_DAYS
from bot.domain.api_scopes import Scope as Scope
from bot.domain.clean_text import clean, is_blank
from bot.domain.errors import TeamError
from engine.types import Frozen

PREFIX = "accord"
NAME_LIMIT = 60
TOKENS_LIMIT = 50
EXPIRED_KEPT = timedelta(days=30)
"""So long one that has expired is still listed, so that an admin sees why software is not let in."""
ID_PATTERN = r"^[0-9a-f]{16}$"
PARTICIPANT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$"

WITH_ADMINS_RIGHTS = frozenset({Scope.MANAGE, Scope.EXPORTS, Scope.READ_LIBRARY, Scope.WRITE_LIBRARY})


class ApiToken(Frozen):
    """One token, as it is kept: of its secret there is a hash alone, and of who made it nothing.

    platform, channel: where its questions are.
    digest: SHA-256 of the secret, which is 256 bits of randomness: nobody finds it by trying.
    made_at: when its secret was made.
    expires_at: None for a token that works until somebody revokes it.
    """

    id: str = Field(pattern=ID_PATTERN)
    team: str
    platform: str
    channel: str
    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    scopes: frozenset[Scope] = Field(min_length=1)
    digest: str
    made_at: AwareDatetime
    expires_at: AwareDatetime | None = None

    def opened_by(self, secret: str) -> bool:
        """Whether this is its secret."""
        return hmac.compare_digest(self.digest, digest_of(secret))

    def works(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or now < self.expires_at

    def is_gone(self, now: datetime) -> bool:
        """Whether it expired so long ago that nothing is kept of it."""
        return self.expires_at is not None and now >= self.expires_at + EXPIRED_KEPT

    def itself(self, scope: Scope | None = None) -> Actor:
        """The software, which asks questions and steers its own; as an admin where a scope says so.

        It acts in its channel, and sees that one alone.
        """
        admin = scope in WITH_ADMINS_RIGHTS or Scope.MANAGE in self.scopes
        return Actor(self.team, f"api:{self.id}", self.name, admin=admin, channel=self.channel)

    def participant(self, id_: str, name: str = "") -> Actor:
        """One of the software's people, a guest: nobody knows whether they belong to the team."""
        return Actor(self.team, user_of(self.id, id_), name, guest=True, channel=self.channel)

    def renewed(self, secret: str, now: datetime) -> Self:
        """The same with another secret, for as long again: its people stay who they are.

        One that has expired works again by it. Nobody else could change or delete what its people gave.
        """
        until = None if self.expires_at is None else now + (self.expires_at - self.made_at)
        return self.model_copy(update={"digest": digest_of(secret), "made_at": now, "expires_at": until})


class Presented(NamedTuple):
    """A token as software sends it: which one it says it is, and the secret."""

    id: str
    secret: str

    @classmethod
    def read(cls, text: str) -> "Presented | None":
        """None for what is no token of ours."""
        parts = text.split("_")
        if len(parts) != 3 or parts[0] != PREFIX or not all(parts):
            return None
        return cls(parts[1], parts[2])

    def __str__(self) -> str:
        return f"{PREFIX}_{self.id}_{self.secret}"


class Listed(NamedTuple):
    """A token with the last day on which it was used; None: never."""

    token: ApiToken
    last_used: date | None


def user_of(token: str, participant: str) -> str:
    """As which user one of a token's people is kept; it stays theirs when the token is gone."""
    return f"api:{token}:{participant}"


def checked_user(token: str, participant: str) -> str:
    """The same of what somebody typed, or the sentence that says which of the two cannot be."""
    if not re.fullmatch(ID_PATTERN, token):
        raise TeamError("This isn't a token's ID. Copy the part between “accord_” and the next “_”.")
    if not re.fullmatch(PARTICIPANT_PATTERN, participant):
        raise TeamError("This can't be a person's ID in other software.")
    return user_of(token, participant)


def digest_of(secret: str) -> str:
    """What is kept in place of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def checked_name(name: str) -> str:
    """What a token is called, or the sentence that says why it cannot be."""
    name = " ".join(clean(name).split())
    if is_blank(name):
        raise TeamError("The token has no name. Give it one that says which software has it.")
    if len(name) > NAME_LIMIT:
        raise TeamError("The name is too long: the limit is {limit} characters.", limit=NAME_LIMIT)
    return name


def checked_scopes(scopes: frozenset[Scope]) -> frozenset[Scope]:
    """Give them back, or say that there are none."""
    if not scopes:
        raise TeamError("Choose what the token may do.")
    return scopes


def expiry(days: int | None, now: datetime) -> datetime | None:
    """When a token made now stops working; None for days: never."""
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise TeamError("Choose a number of days from 1 to {limit}.", limit=LONGEST_DAYS)
    return now + timedelta(days=days)
