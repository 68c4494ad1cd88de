"""Taking somebody's own words out of statements that quote them, when they ask to be forgotten.

Reads:  the digests of a deliberation's rounds, and who wrote what, before that is erased: opinions, and
        reasons, which a further round is drafted from.
Gives:  the same statements with a mark in the place of their words, wherever these are kept: in the store and
        in the feedback. Statements of a language model quote nobody that one could tell, and stay.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial

from bot.domain.deliberation import Deliberation, Written
from bot.domain.errors import VersionConflictError
from bot.service.ports import Ports
from bot.service.ports.state import SOMEBODY_LEFT
from engine.digest import read_digest
from engine.digest_redaction import without_quotes
from engine.types import SAID_THEN


async def remove_quotes(deliberation: Deliberation, participant: str, at: datetime, ports: Ports) -> None:
    """Remove what this participant said up to `at`. Harmless the second time."""
    rounds = await _rounds_with_a_digest(deliberation, ports)
    if not rounds:
        return
    said = await _said(deliberation, ports)
    own = said.pop(participant, [])
    if not any(each.given_at <= at for each in own):
        return
    # First: by a gap in a statement an export of all opinions would tell whose is about to go.
    await ports.deliberations.mark(deliberation.id, SOMEBODY_LEFT)
    # The same few statements stand in a record of each member.
    reworded = cache(
        partial(
            without_quotes,
            opinion=_joined(each for each in own if each.given_at <= at),
            others=[_joined(theirs) for theirs in said.values()],
        )
    )
    for round_ in rounds:
        while not await _reword(deliberation.id, round_, reworded, ports):
            pass  # somebody else was forgotten at the same moment: look again
    await keep_with_deliberation(deliberation.id, ports)
    # Feedback is written from what is in the store, so it goes second.
    await ports.feedback.reword(deliberation.team, deliberation.id, reworded)


async def _said(deliberation: Deliberation, ports: Ports) -> dict[str, list[Written]]:
    """What everybody wrote that a statement may quote, by participant."""
    written: list[Written] = [*await ports.contributions.opinions(deliberation.id)]
    for round_ in deliberation.rounds:
        written += await ports.contributions.reasons(deliberation.id, round_)
    if deliberation.terms.points:
        written += await ports.points.all_own(deliberation.id)
    said: dict[str, list[Written]] = {}
    for each in written:
        said.setdefault(each.participant, []).append(each)
    return said


def _joined(said: Iterable[Written]) -> str:
    return SAID_THEN.join(each.text for each in said)


async def _rounds_with_a_digest(deliberation: Deliberation, ports: Ports) -> list[int]:
    rounds = deliberation.rounds
    made = [await ports.mediations.in_sum(deliberation.id, round_) for round_ in rounds]
    return [round_ for round_, each in zip(rounds, made, strict=True) if each and read_digest(each.statement)]


async def _reword(deliberation_id: str, round_: int, reworded: Callable[[str], str], ports: Ports) -> bool:
    """False where the statement changed meanwhile."""
    mediation = await ports.mediations.in_sum(deliberation_id, round_)
    if mediation is None or (left := reworded(mediation.statement)) == mediation.statement:
        return True
    return await ports.mediations.reword(deliberation_id, round_, mediation.statement, left)


async def keep_with_deliberation(deliberation_id: str, ports: Ports) -> None:
    """A published statement is kept with its deliberation too: as its mediation has it now."""
    while True:
        latest = await ports.deliberations.load(deliberation_id)
        mediation = await ports.mediations.in_sum(deliberation_id, latest.round)
        if mediation is None or latest.statement in (None, mediation.statement):
            return
        try:
            await ports.deliberations.save(latest.reworded(mediation.statement))
        except VersionConflictError:
            continue
