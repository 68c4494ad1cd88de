"""A further round: whether the vote's end begins one, what it is drafted from, and when the statement stays.

Reads:  the ratings and reasons of the round that was voted on, and its mediation.
Gives:  what a mediation revises, and the deliberation as it goes on.
A revision that is not predicted to do better than the statement there is, is not posted: the statement stays,
and the vote on it is the result.
"""

import logging
from datetime import datetime

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, StoreError
from bot.service.ports import Ports
from bot.service.queries import counted
from bot.service.quotes import keep_with_deliberation
from bot.service.transitions import save
from bot.wording.cards import StaysNote
from bot.worker.feedback import kept_mediation
from engine.types import ParticipantOpinion, Revision

log = logging.getLogger(__name__)


async def begins_another_round(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether the vote's end does, now that all votes are known."""
    reasons = await ports.contributions.reasons(deliberation.id, deliberation.round)
    begins = deliberation.is_revised(len(reasons), await counted(deliberation, ports))
    if deliberation.has_second_vote and not begins:
        log.warning("a study's question has no revised statement: too few said what they would change")
    return begins


async def revision(deliberation: Deliberation, ports: Ports) -> Revision | None:
    """What this round revises: the statement before, and what is left of what members say of it.

    None in the first round. Whatever the models read, members were told of them before they wrote opinions
    (`Worker.drafting`), and so before they wrote reasons.
    """
    if deliberation.round == 1:
        return None
    before = deliberation.round - 1
    reasons = await ports.contributions.reasons(deliberation.id, before)
    return Revision(
        statement=await _critiqued(deliberation, before, ports),
        critiques=tuple(ParticipantOpinion(each.participant, each.text) for each in reasons),
    )


async def _critiqued(deliberation: Deliberation, round_: int, ports: Ports) -> str:
    """The statement of a round that reasons were asked about: of a study's, the one that its plan revises."""
    study = deliberation.terms.study
    if study is None:
        return (await kept_mediation(deliberation, ports, round_)).statement
    rated = await ports.mediations.statements(deliberation.id, round_)
    found = next((each.text for each in rated if each.arm is study.revises), None)
    if found is None:
        raise StoreError("The statement that is revised is not in the store, though it was rated.")
    return found


async def has_nothing_to_go_by(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether a further round has too few reasons left, or no opinions: who gave them was forgotten."""
    if deliberation.round == 1:
        return False
    reasons = await ports.contributions.reasons(deliberation.id, deliberation.round - 1)
    too_few = len(reasons) < deliberation.fewest_reasons
    return too_few or not await ports.contributions.opinion_count(deliberation.id)


async def heard(deliberation: Deliberation, ports: Ports) -> frozenset[str]:
    """Whose words this round is drafted from."""
    answered = await ports.contributions.answerers(deliberation.id)
    if deliberation.round == 1:
        return answered
    reasons = await ports.contributions.reasons(deliberation.id, deliberation.round - 1)
    return answered | {each.participant for each in reasons}


async def keep_statement(
    deliberation: Deliberation, ports: Ports, *, is_best: bool = False, ended_at: datetime | None = None
) -> Deliberation:
    """Give up this round: the statement before it stays.

    is_best: no draft is likely to do better. ended_at: where that is not now, since when it counts as ended.
    """
    before = await kept_mediation(deliberation, ports, deliberation.round - 1)
    at = ended_at or ports.clock.now()
    kept = deliberation.kept_as_it_was(before.statement, before.drafter, at, is_best=is_best)
    await save(kept, ports, was=deliberation)
    # Whoever was forgotten since the statement was read found none with the deliberation.
    await keep_with_deliberation(deliberation.id, ports)
    return await ports.deliberations.load(deliberation.id)


async def tell_it_stays(deliberation: Deliberation, ports: Ports) -> None:
    """Write to whoever asked, once, that no draft was better; one who takes no messages sees the result."""
    if not deliberation.unrevised:
        return
    try:
        if await ports.deliberations.mark(deliberation.id, "told-it-stays"):
            platform = ports.platforms[deliberation.platform]
            await platform.direct_message(
                deliberation.team, deliberation.facilitator, StaysNote(deliberation)
            )
    except BotError:
        log.warning("whoever asked could not be told that the statement stays", exc_info=True)
