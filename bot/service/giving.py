"""What handlers of whatever members give have in common: who gives it, when, and under which words.

Reads:  a command and the ports.
Gives:  the participant, a time that can be, and a question with what its members are told of the models.
"""

import logging
from datetime import datetime

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.domain.errors import GivenElsewhereError, TransitionError
from bot.service.ports import Ports
from bot.service.transitions import save
from bot.wording import texts

log = logging.getLogger(__name__)


async def require_giver(command: commands.OfMember, participant: str, ports: Ports) -> None:
    """Raises GivenElsewhereError where another browser gave what there is: before anything is read of it.

    What comes in the same instant as another's is refused by the store.
    """
    if not command.giver:
        return
    kept = await ports.contributions.giver(command.deliberation_id, participant)
    if kept not in (None, command.giver):
        raise GivenElsewhereError


async def models_kept(deliberation: Deliberation, ports: Ports) -> Deliberation:
    """With what its members are told of the models, kept before the first opinion or reason is.

    A worker does so when it posts the question; here it is for one that could not be posted, or was before
    this was kept. What a worker of an older version told does not say where its models run, so that no newer
    one there could read this: the next worker tells again when it starts.
    """
    if deliberation.told is not None:
        return deliberation
    notice = await ports.upkeep.model_notice()
    if notice is None or not notice.says_where:
        return deliberation
    return await save(deliberation.telling(notice), ports, was=deliberation)


def when(at: datetime, ports: Ports) -> datetime:
    """When a person acted: not in the future, or a platform's fast clock would shut out their next change."""
    return min(at, ports.clock.now())


def participant_of(actor: Actor, deliberation: Deliberation, ports: Ports) -> str:
    """Whoever acts here. Raises TransitionError where one person could become two: the old key is missing."""
    if not ports.pseudonyms.knows_key_of(deliberation):
        log.error("a question began under a secret key that is missing: add it to ACCORD_OLD_SECRET_KEYS")
        raise TransitionError(texts.KEY_MISSING)
    return ports.pseudonyms.of(deliberation, actor.user)
