"""How many people have rated: without who, and how.

Reads:  who rated and who answered, from the store.
Gives:  numbers. Everywhere somebody has rated who rated this round's statement, or any of a study's; only
`finished` asks for all of a study's.
"""

from collections.abc import Sequence

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import Turnout
from bot.domain.study import RatedStatement
from bot.service.ports import Ports


async def rated_beside(deliberation: Deliberation, ports: Ports) -> Sequence[RatedStatement]:
    """The statements that a study has rated in this round; none, and none looked for, in everyday life."""
    if deliberation.terms.study is None:
        return ()
    return await ports.mediations.statements(deliberation.id, deliberation.round)


async def raters(deliberation: Deliberation, ports: Ports) -> frozenset[str]:
    """Who has rated; nobody but the application is told."""
    id_, round_ = deliberation.id, deliberation.round
    if deliberation.terms.study is None:
        return await ports.contributions.raters(id_, round_)
    statements = await ports.mediations.statements(id_, round_)
    of_each = [await ports.contributions.raters(id_, round_, each.id) for each in statements]
    return frozenset[str]().union(*of_each)


async def rater_count(deliberation: Deliberation, ports: Ports) -> int:
    """How many have rated."""
    if deliberation.terms.study is None:
        # The same number, without reading who they are.
        return await ports.contributions.rating_count(deliberation.id, deliberation.round)
    return len(await raters(deliberation, ports))


async def turnout(deliberation: Deliberation, ports: Ports) -> Turnout:
    """How many have rated, of those who answered and of others."""
    if deliberation.terms.study is None:
        given = await ports.contributions.rating_tally(deliberation.id, deliberation.round)
        count = await ports.contributions.opinion_count(deliberation.id)
        return Turnout(rated=given.answered, answered=count, others=given.total - given.answered)
    answered = await ports.contributions.answerers(deliberation.id)
    rated = await raters(deliberation, ports)
    return Turnout(rated=len(rated & answered), answered=len(answered), others=len(rated - answered))


async def finished(deliberation: Deliberation, ports: Ports) -> int:
    """How many have rated each of a study's statements, on every scale that is asked."""
    id_, round_ = deliberation.id, deliberation.round
    statements = [each.id for each in await ports.mediations.statements(id_, round_) if each.text]
    done = [
        {
            rating.participant
            for rating in await ports.contributions.ratings(id_, round_, each)
            if rating.quality is not None or not deliberation.terms.ask_quality
        }
        for each in statements
    ]
    return len(set.intersection(*done)) if done else 0


async def is_complete(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether a study's whole group has rated all of its statements.

    Somebody of the group who has not answered may still come and rate, so their place counts too.
    """
    if deliberation.terms.study is None or deliberation.phase is not Phase.RATING:
        return False
    group = deliberation.terms.quorum or await ports.contributions.opinion_count(deliberation.id)
    return 0 < group <= await finished(deliberation, ports)
