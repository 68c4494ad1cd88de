"""The best opinion as a baseline: what a drafted statement has to beat.

Reads:  a request, and the round's scorer.
Gives:  `BestOpinion`, to `engine.mediator`, which decides when there is time for the next one.
Never holds a round up and never fails one: opinions are tried one by one, and one that cannot be scored ends
the baseline.
"""

import logging

import numpy as np

from engine import welfare
from engine.arrays import Floats
from engine.closeness import closeness
from engine.groups.jury_choice import worth
from engine.reward.scoring.scorer import RoundScorer
from engine.types import BestOpinion, MediationRequest

log = logging.getLogger(__name__)


class Baseline:
    """Opinions scored as if they were candidates, in an order of the round's seed.

    places: which opinions there is a wish to try, by their place in the request, in the order of trying.
    """

    def __init__(self, request: MediationRequest, scorer: RoundScorer, places: tuple[int, ...]) -> None:
        self._request = request
        self._scorer = scorer
        self._left = list(reversed(places))
        self._columns: dict[int, Floats] = {}  # place -> shape (participants,)

    @property
    def unfinished(self) -> bool:
        """Whether an opinion is left to try."""
        return bool(self._left)

    async def try_next(self) -> None:
        """Score one more opinion; where that fails there is no baseline: a round does not need one."""
        place = self._left.pop()
        try:
            self._columns[place] = (await self._scorer.score([self._request.opinions[place].text]))[:, 0]
        except Exception as exc:
            # Not only `EngineError`: whatever a model makes of an opinion, its candidates may yet be scored.
            log.warning("no opinion could be scored as a baseline (%s)", type(exc).__name__)
            self._left.clear()
            self._columns.clear()

    def best(self, groups: welfare.Places = ()) -> BestOpinion | None:
        """The opinion of highest welfare of those that were tried; None where none was.

        groups: participants' places by group, for the functions over groups.
        """
        if not self._columns:
            return None
        places = sorted(self._columns)
        rewards = np.column_stack([self._columns[place] for place in places])  # (participants, tried)
        values = worth(rewards, self._request, groups)
        best = welfare.rank(rewards, values)[0]
        return BestOpinion(
            participant=self._request.opinions[places[best]].participant,
            rewards=tuple(rewards[:, best].tolist()),
            welfare=float(values[best]),
            scored=len(places),
        )


def closest_opinion(request: MediationRequest) -> BestOpinion:
    """The opinion that is closest to the others: the baseline where nobody's agreement is predicted."""
    texts = [opinion.text for opinion in request.opinions]
    values = closeness(texts, texts)
    best = int(np.argmax(values))
    return BestOpinion(
        participant=request.opinions[best].participant,
        rewards=(),
        welfare=float(values[best]),
        scored=len(texts),
    )
