"""A round whose statement is chosen by juries, where its request names one.

Reads:  a `MediationRequest`, and the predicted ratings of its participants.
Gives:  what candidates are worth, with their spread, to `engine.mediator` and `engine.best_opinion`; and what
        other seats would have chosen, to pages.
Pure numpy: no I/O, no torch. Juries are drawn with the request's seed (`engine.groups.juries`).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine import welfare
from engine.arrays import Floats
from engine.errors import EmptySeatsError
from engine.groups.juries import DRAWS, JuryPool, Shortage, Verdicts, members_by_value, shortages
from engine.sentence import Said, in_a_row, sentence
from engine.types import JuryHeard, Mediation, MediationRequest, RequestedJury

MISSING = sentence("{attribute} {value}: at least {needed} needed")


def require_seats(request: MediationRequest) -> None:
    """Before anything is drafted: whether there are participants for all seats of its jury.

    Raises:
        EmptySeatsError: says which seats, and of no participant anything.
    """
    jury = request.jury
    if jury is None:
        return
    members = members_by_value([each.participant for each in request.said], jury.values)
    found = shortages(jury.seats, members, with_replacement=jury.with_replacement, fewest=max(jury.fewest, 1))
    if found:
        missing = in_a_row([_missing(jury, each) for each in found])
        if request.revision is not None:  # nobody answers in a later round, but members can leave
            raise EmptySeatsError(
                "Too few members are left for this question's jury ({missing}).", missing=missing
            )
        raise EmptySeatsError(
            "Too few members answered for this question's jury ({missing}). Open the question again for more "
            "opinions, or cancel it.",
            missing=missing,
        )


def verdicts_of(rewards: Floats, request: MediationRequest) -> Verdicts | None:
    """The verdicts of the request's juries; None where it names none.

    Args:
        rewards: shape (participants, candidates), predicted ratings in [1, 7]; rows as in `request.said`.
    """
    jury = request.jury
    if jury is None:
        return None
    participants = [each.participant for each in request.said]
    pool = JuryPool(
        rewards,
        participants,
        members_by_value(participants, jury.values),
        function=request.welfare,
        seed=request.seed,
        with_replacement=jury.with_replacement,
    )
    return pool.verdicts(jury.seats)


def worth(rewards: Floats, request: MediationRequest, groups: welfare.Places) -> Floats:
    """What candidates are worth, by the request's juries or to all participants: shape (candidates,)."""
    verdicts = verdicts_of(rewards, request)
    return welfare.welfare(rewards, request.welfare, groups) if verdicts is None else verdicts.verdict


def winner_with(mediation: Mediation, values: Mapping[str, str], seats: Mapping[str, int]) -> int:
    """The place of the candidate that juries with these seats would have chosen, drawn with the round's seed.

    Where the reward model can't tell the best from the one that was chosen, it is that one. Where a value has
    fewer members than seats, one member may have several.

    Args:
        values: by participant, their value of the attribute; a value with a seat has one member or more.
        seats: one or more together.
    """
    members = members_by_value(mediation.participants, values)
    pool = JuryPool(
        np.array([candidate.rewards for candidate in mediation.candidates]).T,
        mediation.participants,
        members,
        function=mediation.welfare_function,
        seed=mediation.seed,
        with_replacement=any(count > len(members[value]) for value, count in seats.items() if count),
    )
    verdicts = pool.verdicts(seats)
    best, chosen = verdicts.order[0], mediation.winner
    same = verdicts.verdict[best] - verdicts.verdict[chosen] <= mediation.uncertainty
    return chosen if same else best


def heard(jury: RequestedJury, verdicts: Verdicts, order: Sequence[int]) -> JuryHeard:
    """What is kept of it, candidates in this order."""
    return JuryHeard(
        attribute=jury.attribute,
        seats={value: count for value, count in jury.seats.items() if count},
        with_replacement=jury.with_replacement,
        draws=DRAWS,
        spread=tuple((float(verdicts.low[at]), float(verdicts.high[at])) for at in order),
    )


def _missing(jury: RequestedJury, short: Shortage) -> Said:
    return Said(
        MISSING,
        {
            "attribute": jury.attribute,
            "value": short.value,
            "needed": max(jury.fewest, 1 if jury.with_replacement else short.needed),
        },
    )
