"""Who acts, and what they may do.

Reads:  an `Actor`, as an adapter made it from a verified request.
Gives:  nothing, or `PermissionDeniedError` with a sentence for that person.
Facilitator: whoever posted the question. Team admin: as the platform says. Everyone else is a member.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.domain.deliberation import Deliberation
from bot.domain.errors import PermissionDeniedError, UnknownDeliberationError, sentence
from bot.domain.team import Team, WhoMayAsk

NOT_IN_CHANNEL = sentence("Only members of this question's channel can take part.")


@dataclass(frozen=True)
class Actor:
    """A person as a platform knows them; `user` is unique within `team`.

    guest: somebody with limited access to the team, where a platform has such.
    groups: those of the platform that the question's terms ask about (`bot.domain.juries.bare`), as far as
        the platform says.
    member: whether they belong to the question's channel.
    channel: where they acted just now, as their platform says; empty where it was in no channel.
    """

    team: str
    user: str
    name: str = ""
    admin: bool = False
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    guest: bool = False
    member: bool = True
    channel: str = ""

    def under(self, team: Team) -> "Actor":
        """This person with what the team's settings give to their roles."""
        return replace(self, admin=True) if self.roles & team.admin_roles else self


Member = tuple[str, ...]
"""One person's pseudonyms in their team: one for each secret key, the newest first."""


class Pseudonyms:
    """Turns a person into a participant key that names nobody and differs between deliberations.

    Takes the secret keys in use, the newest first. Each deliberation stays with the key that it began with,
    so that a person is one participant in it for as long as it is kept, whatever key is the newest by then.
    """

    def __init__(self, *secrets: str) -> None:
        if not secrets or not all(secrets):
            raise ValueError("the secret for participant keys is empty")
        self._secrets = secrets
        self._ids = [key_id(secret) for secret in secrets]

    @property
    def newest(self) -> str:
        """The id of the key that new deliberations begin with."""
        return self._ids[0]

    def knows_key_of(self, deliberation: Deliberation) -> bool:
        """Whether the key that a deliberation began with is among ours."""
        return not deliberation.key_id or deliberation.key_id in self._ids

    def of(self, deliberation: Deliberation, user: str) -> str:
        """HMAC-SHA256 over team, user and deliberation, cut to 128 bits, as 32 hexadecimal digits.

        Where the deliberation's key is not among ours, nobody's.
        """
        secret = secret_for(self._secrets, deliberation.key_id)
        return _digest(secret, (deliberation.team, user, deliberation.id))

    def each_of(self, deliberation: Deliberation, user: str) -> Member:
        """What this person can have been in a deliberation by any of the keys."""
        person = (deliberation.team, user, deliberation.id)
        return tuple(_digest(secret, person) for secret in self._secrets)

    def of_member(self, team: str, user: str) -> Member:
        """The same for what belongs to a person in their team as a whole: their own settings."""
        return tuple(_digest(secret, (team, user)) for secret in self._secrets)

    def secret_key(self, id_: str) -> str:
        """The secret key of this id, for what is made from it; the newest where that one is missing."""
        return secret_for(self._secrets, id_)

    def of_team(self, team: str) -> str:
        """The same for a team, in what leaves Accord."""
        return _digest(self._secrets[0], (team,))


def secret_for(secrets: Sequence[str], wanted: str) -> str:
    """The one of our keys, newest first, that something was begun with; the newest where that one is missing.

    wanted: its `key_id`; empty for what was begun before that was noted, so with the oldest.
    """
    if not wanted:
        return secrets[-1]
    return next((secret for secret in secrets if key_id(secret) == wanted), secrets[0])


@lru_cache(maxsize=16)  # asked for with everything that anybody gives
def key_id(secret: str) -> str:
    """Tells secret keys apart and gives none of them away."""
    return _digest(secret, ("accord", "id of a secret key"))[:12]


def _digest(secret: str, parts: tuple[str, ...]) -> str:
    # JSON keeps the parts distinct whatever they contain: a joined string could be split elsewhere.
    return hmac.new(secret.encode(), json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:32]


def require_same_team(actor: Actor, deliberation: Deliberation) -> None:
    """Another team's deliberation does not exist as far as this person can tell."""
    if actor.team != deliberation.team:
        raise UnknownDeliberationError


def require_member(actor: Actor, deliberation: Deliberation) -> None:
    """Giving opinions and ratings is for the channel's members who are not excluded."""
    if not actor.member:
        raise PermissionDeniedError(NOT_IN_CHANNEL)
    if actor.guest and deliberation.terms.exclude_guests:
        raise PermissionDeniedError("Guests can't take part in this question.")
    if actor.roles & deliberation.terms.excluded_roles:
        raise PermissionDeniedError("Your role can't take part in this question.")


def takes_part(actor: Actor, deliberation: Deliberation) -> bool:
    """Whether `require_member` lets somebody pass."""
    try:
        require_member(actor, deliberation)
    except PermissionDeniedError:
        return False
    return True


def is_steward(actor: Actor, deliberation: Deliberation) -> bool:
    """Steering a question is for its facilitator and for team admins."""
    return actor.admin or actor.user == deliberation.facilitator


def require_steward(actor: Actor, deliberation: Deliberation) -> None:
    """Raises PermissionDeniedError for everybody else."""
    if not is_steward(actor, deliberation):
        raise PermissionDeniedError("Only the person who asked this question or a team admin can do that.")


def require_admin(actor: Actor, team: str) -> None:
    """A team's settings are for its admins."""
    if not actor.admin or actor.team != team:
        raise PermissionDeniedError("Only a team admin can change the team's settings.")


def require_asker(actor: Actor, team: Team, channel: str | None = None, within: str = "") -> None:
    """Asking is for those whom the team's settings allow, where they allow it.

    channel: where it shall be asked; None asks only whether this person may ask at all.
    within: the channel that this one is a thread of, if it is one: who allows that allows its threads.
    """
    if channel is not None and team.channels and not team.channels & {channel, within}:
        raise PermissionDeniedError("Questions aren't allowed in this channel. Try another one.")
    if actor.admin:
        return
    _require_allowed(actor, team)
    if actor.roles & team.excluded_roles:
        raise PermissionDeniedError("Your role can't take part in this team's questions.")
    if actor.guest and team.exclude_guests:
        raise PermissionDeniedError("Guests can't take part in this team's questions.")


def _require_allowed(actor: Actor, team: Team) -> None:
    if team.who_may_ask is WhoMayAsk.ADMINS:
        raise PermissionDeniedError("Only admins can ask questions in this team. Ask one of them.")
    listed = actor.user in team.may_ask_users or actor.roles & team.may_ask_roles
    if team.who_may_ask is WhoMayAsk.LISTED and not listed:
        raise PermissionDeniedError("Only some people can ask questions in this team. An admin can add you.")
