"""Who may see a question: whoever sees its channel now. `bot.service.rights` says what roles are worth.

Reads:  where somebody acted, which proves that they see that channel; of any other the platform is asked.
Gives:  nothing, or `UnknownDeliberationError`: the same sentence where there is no such question, where it is
        another team's, where this person does not see its channel, and where the platform does not say.
Whether somebody who sees a question takes part in it is another matter (`bot.domain.actors.require_member`).
An admin's rights open no channel. Whoever asked a question may steer it from anywhere, for it would run on
without them; what others gave to it they read only while they see its channel.
"""

import logging

from bot.domain.actors import Actor, require_same_team, require_steward
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PermissionDeniedError, PlatformError, UnknownDeliberationError
from bot.service.ports import Ports
from bot.service.ports.platform import KnowsAccess
from bot.wording import texts, troubles

log = logging.getLogger(__name__)


async def load_visible(actor: Actor, deliberation_id: str, ports: Ports) -> Deliberation:
    """A question that this person may see. Raises UnknownDeliberationError for any other."""
    deliberation = await ports.deliberations.load(deliberation_id)
    await require_sees(actor, deliberation, ports)
    return deliberation


async def load_steered(actor: Actor, deliberation_id: str, ports: Ports) -> Deliberation:
    """A question that this person may steer. Raises PermissionDeniedError to others who may see it."""
    deliberation = await ports.deliberations.load(deliberation_id)
    require_same_team(actor, deliberation)
    if actor.user != deliberation.facilitator:
        await require_sees(actor, deliberation, ports)
    require_steward(actor, deliberation)
    return deliberation


async def require_sees(actor: Actor, deliberation: Deliberation, ports: Ports) -> None:
    """Raises UnknownDeliberationError to whoever may not see it."""
    require_same_team(actor, deliberation)
    if not await sees(actor, deliberation.platform, deliberation.channel, ports):
        raise UnknownDeliberationError


async def require_may_post(actor: Actor, platform: str, channel: str, ports: Ports) -> None:
    """Questions are asked where one is. Raises PermissionDeniedError, or PlatformError: not known now."""
    try:
        is_there = await _sees(actor, platform, channel, ports)
    except PlatformError as exc:
        raise PlatformError(texts.CHANNEL_UNCHECKED, why=exc) from exc
    if not is_there:
        raise PermissionDeniedError(texts.NOT_IN_CHANNEL)


async def may_be_told(user: str, deliberation: Deliberation, ports: Ports) -> bool:
    """Whether we may write to somebody about a question. Raises PlatformError: not known now."""
    return await _sees(Actor(deliberation.team, user), deliberation.platform, deliberation.channel, ports)


async def sees(actor: Actor, platform: str, channel: str, ports: Ports) -> bool:
    """Whether somebody sees a channel now; False where the platform does not say."""
    try:
        return await _sees(actor, platform, channel, ports)
    except PlatformError as exc:
        log.info("a channel stays closed: the platform does not say who sees it (%s)", type(exc).__name__)
        return False


async def _sees(actor: Actor, platform: str, channel: str, ports: Ports) -> bool:
    if platform not in ports.platforms:
        raise PlatformError(troubles.PLATFORM_OFF)
    there = ports.platforms[platform]
    if actor.channel == channel or not isinstance(there, KnowsAccess):
        return True
    return await there.may_see(actor.team, channel, actor.user)
