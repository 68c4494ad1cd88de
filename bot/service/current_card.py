"""The cards that belong on a question's messages now, whatever stood there before.

Reads:  the deliberation as it is saved, and what is left of opinions, drafts and ratings.
Gives:  the cards, to whoever shows them again: after somebody was forgotten, after a late update, after the
        message was deleted. Nothing is saved.
"""

from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.service.points import clear_points
from bot.service.ports import Ports
from bot.service.queries import counted, models_told
from bot.service.rounds import statement_before
from bot.service.turnout import turnout
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    ProgressCard,
    QuestionCard,
    result_card,
    statement_card,
)


async def current_card(deliberation: Deliberation, ports: Ports) -> Card | None:
    """None where a statement should stand and its mediation is gone.

    A statement that was chosen is shown before the vote is saved as open, so it belongs there from then on.
    """
    if deliberation.phase is Phase.OPINIONS:
        answered = await ports.contributions.opinion_count(deliberation.id)
        return QuestionCard(deliberation, answered, await models_told(deliberation, ports))
    if deliberation.phase is Phase.MEDIATING and deliberation.statement is None:
        if deliberation.failure:
            return FailedCard(deliberation)
        waiting = deliberation.tries_until is not None
        return ProgressCard(deliberation, 0, deliberation.terms.candidates, waiting=waiting)
    if deliberation.phase is Phase.CANCELLED:
        return CancelledCard(deliberation)
    return await _card_with_statement(deliberation, ports)


async def current_ballots(deliberation: Deliberation, ports: Ports) -> list[tuple[MessageRef, BallotCard]]:
    """The card that belongs on each ballot: an earlier round's shows its statement, too, for good."""
    found = []
    for round_, message in deliberation.ballots.items():
        mediation = await ports.mediations.in_sum(deliberation.id, round_)
        if mediation is not None:
            # Platforms know by its round what else they posted with a ballot.
            of_round = deliberation.model_copy(update={"round": round_})
            over = round_ != deliberation.round or deliberation.phase in (Phase.SETTLED, Phase.CANCELLED)
            found.append((message, BallotCard(of_round, mediation.statement, closed=over)))
    return found


def standing(deliberation: Deliberation) -> tuple[object, ...]:
    """What a card depends on: whoever shows one looks afterwards whether that is still the same.

    If not, somebody else showed the next card while theirs was on its way, and theirs may have come last.
    """
    d = deliberation
    return d.phase, d.round, d.failure, d.statement, d.decision


async def _card_with_statement(deliberation: Deliberation, ports: Ports) -> Card | None:
    mediation = await ports.mediations.in_sum(deliberation.id, deliberation.round)
    if mediation is None or (deliberation.phase is Phase.MEDIATING and mediation.forgotten):
        return None
    if deliberation.phase in (Phase.MEDIATING, Phase.RATING):
        before = await statement_before(deliberation, ports)
        return statement_card(deliberation, mediation, await turnout(deliberation, ports), before)
    points = await clear_points(deliberation, ports)
    return result_card(deliberation, mediation, await counted(deliberation, ports), points)
