"""What a person's roles are worth in their team: for platforms that send roles.

Reads:  the team's settings, only where somebody has roles.
Gives:  the actor, as an admin where one of the roles is an admin's (`Team.admin_roles`).
`bot.service.dispatch` and `bot.service.queries` ask here first, so that handlers and platforms need not know.
"""

from bot.domain.actors import Actor
from bot.service.ports import Ports


async def with_rights(actor: Actor, ports: Ports) -> Actor:
    """Raises StoreError when the settings cannot be read: then nobody is let in as an admin."""
    if actor.admin or not actor.roles:
        return actor
    return actor.under(await ports.teams.team(actor.team))
