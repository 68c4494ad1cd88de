"""Two rounds beside each other: the statement before, what somebody prefers, and what came of the new round.

Reads:  the store.
Gives:  what may be shown to members: the earlier statement at once, counts once the vote has settled; and
        whether another round is offered.
"""

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.rounds import Preference, RoundChange, movement, preferences
from bot.service.ports import Ports


async def statement_before(deliberation: Deliberation, ports: Ports) -> str | None:
    """What this round's statement was revised from; None in the first round, and before one was chosen."""
    chosen = deliberation.phase is Phase.MEDIATING and deliberation.statement is not None
    if deliberation.round == 1 or not (chosen or deliberation.phase in (Phase.RATING, Phase.SETTLED)):
        return None
    made = await ports.mediations.in_sum(deliberation.id, deliberation.round - 1)
    return None if made is None else made.statement


async def offers_revision(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether whoever runs it is shown that they can have the statement revised.

    In an anonymous question whenever its rounds allow one: were it shown from the first reason on, it would
    tell that this has just come.
    """
    if not deliberation.may_be_revised or deliberation.terms.anonymous:
        return deliberation.may_be_revised
    return bool(await ports.contributions.reasons(deliberation.id, deliberation.round))


async def own_preference(user: str, deliberation: Deliberation, ports: Ports) -> Preference | None:
    """Which statement this person prefers."""
    participant = ports.pseudonyms.of(deliberation, user)
    found = await ports.contributions.comparison(deliberation.id, deliberation.round, participant)
    return None if found is None else found.choice


async def round_change(deliberation: Deliberation, ports: Ports) -> RoundChange:
    """How a further round compares with the one before, from its own vote; to be kept when that settles."""
    id_, round_, fewest = deliberation.id, deliberation.round, deliberation.terms.fewest_ratings
    before, after = [
        {rating.participant: rating.value for rating in await ports.contributions.ratings(id_, each)}
        for each in (round_ - 1, round_)
    ]
    return RoundChange(
        # Of public ratings too: no platform shows beside each other how somebody rated two statements.
        movement=movement(before, after, fewest=fewest),
        # Given in private, whatever the ratings are.
        preferences=preferences(await ports.contributions.comparisons(id_, round_), fewest=fewest),
    )
