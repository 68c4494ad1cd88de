"""Who acts, and what they may do.

Reads:  an `Actor`, as an adapter made it from a verified request.
Gives:  nothing, or `PermissionDeniedError` with a sentence for that person.
Facilitator: whoever posted the question. Team admin: as the platform says. Everyone else is a member.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace

from bot.domain.deliberation import Deliberation
from bot.domain.team import Team, WhoMayAsk
from bot.errors import PermissionDeniedError, UnknownDeliberationError

EVERY_TEAM = "*"


@dataclass(frozen=True)
class Actor:
    """A person as a platform knows them; `user` is unique within `team`.

    guest: somebody with limited access to the team, where a platform has such.
    member: whether they belong to the question's channel.
    """

    team: str
    user: str
    name: str = ""
    admin: bool = False
    roles: frozenset[str] = frozenset()
    guest: bool = False
    member: bool = True

    def under(self, team: Team) -> "Actor":
        """This person with what the team's settings give to their roles."""
        return replace(self, admin=True) if self.roles & team.admin_roles else self


# Acts for the clock: deadlines and retention.
SYSTEM = Actor(team=EVERY_TEAM, user="accord", admin=True)


class Pseudonyms:
    """Turns a person into a participant key that names nobody and differs between deliberations."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("the secret for participant keys is empty")
        self._secret = secret.encode()

    def of(self, team: str, user: str, deliberation_id: str) -> str:
        """HMAC-SHA256 over the three, cut to 128 bits, as 32 hexadecimal digits."""
        # JSON keeps the three apart whatever they contain: a joined string could be split elsewhere.
        return self._digest((team, user, deliberation_id))

    def of_member(self, team: str, user: str) -> str:
        """The same for what belongs to a person in their team as a whole: their own settings."""
        return self._digest((team, user))

    def of_team(self, team: str) -> str:
        """The same for a team, in what leaves Accord."""
        return self._digest((team,))

    def _digest(self, parts: tuple[str, ...]) -> str:
        return hmac.new(self._secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:32]


def require_same_team(actor: Actor, deliberation: Deliberation) -> None:
    """Another team's deliberation does not exist as far as this person can tell."""
    if actor.team not in (deliberation.team, EVERY_TEAM):
        raise UnknownDeliberationError


def require_member(actor: Actor, deliberation: Deliberation) -> None:
    """Giving opinions and ratings is for the channel's members who are not excluded."""
    if not actor.member:
        raise PermissionDeniedError("Only members of this question's channel take part in it.")
    if actor.guest and deliberation.terms.exclude_guests:
        raise PermissionDeniedError("Guests do not take part in this question.")
    if actor.roles & deliberation.terms.excluded_roles:
        raise PermissionDeniedError("Your role does not take part in this question.")


def takes_part(actor: Actor, deliberation: Deliberation) -> bool:
    """Whether `require_member` lets somebody pass."""
    try:
        require_member(actor, deliberation)
    except PermissionDeniedError:
        return False
    return True


def require_steward(actor: Actor, deliberation: Deliberation) -> None:
    """Steering a question is for its facilitator and for team admins."""
    if not (actor.admin or actor.user == deliberation.facilitator):
        raise PermissionDeniedError("Only the person who asked this question or a team admin can do that.")


def require_admin(actor: Actor, team: str) -> None:
    """A team's settings are for its admins."""
    if not actor.admin or actor.team not in (team, EVERY_TEAM):
        raise PermissionDeniedError("Only a team admin can change the team's settings.")


def require_asker(actor: Actor, team: Team, channel: str | None = None, within: str = "") -> None:
    """Asking is for those whom the team's settings allow, where they allow it.

    channel: where it shall be asked; None asks only whether this person may ask at all.
    within: the channel that this one is a thread of, if it is one: who allows that allows its threads.
    """
    if channel is not None and team.channels and not team.channels & {channel, within}:
        raise PermissionDeniedError("This team does not ask questions in this channel. Try another one.")
    if actor.admin:
        return
    _require_allowed(actor, team)
    if actor.roles & team.excluded_roles:
        raise PermissionDeniedError("Your role does not take part in questions in this team.")
    if actor.guest and team.exclude_guests:
        raise PermissionDeniedError("Guests do not take part in questions in this team.")


def _require_allowed(actor: Actor, team: Team) -> None:
    if team.who_may_ask is WhoMayAsk.ADMINS:
        raise PermissionDeniedError("In this team only admins ask questions. Ask one of them.")
    listed = actor.user in team.may_ask_users or actor.roles & team.may_ask_roles
    if team.who_may_ask is WhoMayAsk.LISTED and not listed:
        raise PermissionDeniedError("In this team only some people ask questions. An admin can add you.")
