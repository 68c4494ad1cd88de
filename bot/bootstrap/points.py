"""The engine as workers ask it about points to vote on: in a thread, since thousands of votes take seconds.

Reads:  opinions, and votes by participant.
Gives:  points and maps. No model is loaded for it: a point is always a member's own sentences, so that what
        is said before writing is true whichever models are set up.
"""

import asyncio
from collections.abc import Mapping, Sequence

from engine.points.point_map import map_of
from engine.points.splitting import split
from engine.types import OpinionPoint, ParticipantOpinion, PointMap, Vote


class PointReader:
    """`bot.service.ports.engine.PointReader`."""

    async def split(self, question: str, opinions: Sequence[ParticipantOpinion]) -> Sequence[OpinionPoint]:
        """The opinions as points."""
        return await asyncio.to_thread(split, question, opinions)

    async def read_map(self, votes: Mapping[str, Mapping[str, Vote]], points: Sequence[str]) -> PointMap:
        """What the votes say."""
        return await asyncio.to_thread(map_of, votes, points)
