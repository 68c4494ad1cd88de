"""Who has taken part so far, for those who run a question: counts, and in named questions names.

Reads:  the question, who is in its channel as far as the platform lists them, who has answered.
Gives:  numbers; of a named question also who has answered and who has not.
In an anonymous question nobody is named, neither those who answered nor those who have not: the one list
would tell the other. Who has rated is never told, since nobody was told before that it would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.actors import Actor, takes_part
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError
from bot.domain.ratings import Turnout
from bot.service import queries
from bot.service.access import load_steered, sees
from bot.service.ports import Ports
from bot.service.ports.platform import KnowsMembers, KnowsSome
from bot.service.rights import with_rights
from bot.service.turnout import turnout


@dataclass(frozen=True)
class Participation:
    """How far a question has got.

    of: how many could answer; None where that is not known.
    turnout: how many have rated; None before there is a statement.
    answered_by: those who answered a named question, by name. missing: the users who could and have not; None
        in an anonymous one, where not everybody is known, and once nobody can answer any more.
    """

    deliberation: Deliberation
    answered: int
    of: int | None
    turnout: Turnout | None
    answered_by: Sequence[str] = ()
    missing: Sequence[str] | None = None


async def participation(actor: Actor, deliberation_id: str, ports: Ports) -> Participation:
    """How far a question has got, for its facilitator and admins. Raises DomainError for all others."""
    actor = await with_rights(actor, ports)
    d = await load_steered(actor, deliberation_id, ports)
    able = await _able(d, ports) if await sees(actor, d.platform, d.channel, ports) else None
    answerers = await ports.contributions.answerers(d.id)
    by_name = [each.signed for each in await queries.opinions_by_name(actor, d, ports)]
    told = not d.terms.anonymous and d.phase is Phase.OPINIONS and able is not None
    return Participation(
        deliberation=d,
        answered=len(answerers),
        of=None if able is None else len(able),
        turnout=await turnout(d, ports) if d.phase in queries.WITH_RESULTS else None,
        answered_by=by_name,
        missing=[user for user in able or () if ports.pseudonyms.of(d, user) not in answerers]
        if told
        else None,
    )


async def _able(d: Deliberation, ports: Ports) -> Sequence[str] | None:
    """The channel's members who take part; None where the platform does not list them all."""
    platform = ports.platforms.get(d.platform)
    if platform is None:
        return None
    try:
        if isinstance(platform, KnowsSome) and not await platform.knows_all(d.team, d.channel):
            return None
        users = await platform.members(d.team, d.channel)
        if isinstance(platform, KnowsMembers) and (d.terms.excluded_roles or d.terms.exclude_guests):
            people = [await platform.member(d, user) for user in users]
            users = [person.user for person in people if takes_part(person, d)]
    except PlatformError:
        return None
    return users or None
