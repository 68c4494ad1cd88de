"""Points to vote on: opinions are split and shown, and a map is made of the votes.

Reads:  opinions that wait to be split, points that nobody was shown, votes.
Gives:  points under ids that tell nothing, in batches of several people's; a map that names nobody and holds
        the counts that were shown; and for drafting all the votes there were.
Each is safe to run twice: what was split first stays, what is shown stays, and a map is made anew.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.points import (
    FEWEST_NEW,
    FEWEST_VOTERS,
    MOST_POINTS,
    SMALLEST_GROUP,
    VOTES,
    Point,
    Side,
    VotersGroup,
    VotesMap,
)
from bot.service.ports import Ports
from bot.service.ports.engine import PointReader
from engine.types import CountedPoint, ParticipantOpinion, PointGroup, PointMap, Vote

log = logging.getLogger(__name__)

SPLIT_TOGETHER = 200
SPLITTING_TRIES = 3
KNOWN = ":"
"""With its id, in place of who said what is a point already; pseudonyms have no colon."""


async def split_opinions(deliberation: Deliberation, reader: PointReader | None, ports: Ports) -> None:
    """Split what waits for it, until nothing does or the question closes, and show what may be shown.

    After each batch: in a full hall something always waits.
    """
    fruitless, shown = 0, False
    while reader is not None and fruitless < SPLITTING_TRIES and deliberation.phase is Phase.OPINIONS:
        waiting = await ports.points.waiting(deliberation.id, limit=SPLIT_TOGETHER)
        if not waiting:
            break
        kept = [
            await ports.points.keep_split(deliberation.id, each.opinion, each.points, also=each.also)
            for each in await _split(waiting, deliberation, reader, ports)
        ]
        # None is kept where each was changed meanwhile: look again.
        fruitless = 0 if any(kept) else fruitless + 1
        deliberation = await ports.deliberations.load(deliberation.id)
        await _show(deliberation, ports)
        shown = True
    if not shown:  # points that members added are split already
        await _show(deliberation, ports)


async def _show(deliberation: Deliberation, ports: Ports) -> None:
    room = await _room(deliberation, ports)
    if room >= FEWEST_NEW:
        batch = _fitting(await ports.points.unshown(deliberation.id), room)
        if len(batch) >= FEWEST_NEW:
            await ports.points.show(deliberation.id, batch)


async def _room(deliberation: Deliberation, ports: Ports) -> int:
    """How many more points may be shown; below `FEWEST_NEW` none is, and what waits is not read."""
    return MOST_POINTS - len(await ports.points.all(deliberation.id))


def _fitting(unshown: Mapping[str, Mapping[str, str]], room: int) -> Mapping[str, Mapping[str, str]]:
    """All of it where there is room, or else those who have the fewest, each with all of theirs."""
    batch: dict[str, Mapping[str, str]] = {}
    for who, points in sorted(unshown.items(), key=lambda each: len(each[1])):
        if len(points) > room:
            break
        batch[who], room = points, room - len(points)
    return batch


@dataclass
class _Split:
    """What is new in an opinion, by new ids; also: what it shares, as `Points.keep_split` takes it."""

    opinion: Opinion
    points: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)


async def _split(
    waiting: Sequence[Opinion], deliberation: Deliberation, reader: PointReader, ports: Ports
) -> list[_Split]:
    """What is new in each of them: points that are there already come first, and keep what they share.

    The opinions that these came from are not read again: the last of ten thousand would cost as much as all.
    """
    there = await ports.points.all(deliberation.id)
    known = {each.id: ("", each.text) for each in there}
    if MOST_POINTS - len(known) >= FEWEST_NEW:
        for who, theirs in (await ports.points.unshown(deliberation.id)).items():
            known |= {id_: (who, text) for id_, text in theirs.items()}
    said = [ParticipantOpinion(f"{KNOWN}{id_}", text) for id_, (_, text) in known.items()]
    said += [ParticipantOpinion(each.participant, each.text) for each in waiting]
    made = {each.participant: _Split(each) for each in waiting}
    for point in await reader.split(deliberation.question, said):
        first = point.participant
        if first in made:
            id_, whose = secrets.token_hex(6), first
            made[first].points[id_] = point.text
        else:
            id_ = first.removeprefix(KNOWN)
            whose = known[id_][0]
        for other in point.askers:
            if other in made and other not in (first, whose):
                made[other].also[id_] = whose
    return list(made.values())


async def map_votes(deliberation: Deliberation, reader: PointReader | None, ports: Ports) -> VotesMap:
    """Make a map of the votes there are and keep it, for everybody to see.

    With fewer than `FEWEST_NEW` voters since the one that is there, that one stays: their difference, at the
    close above all, would tell in which group the last one or two are.
    """
    points = await _shown(deliberation, ports)
    ids = {each.id for each in points}
    said = {
        who: votes
        for who, all_ in (await ports.points.votes(deliberation.id)).items()
        if (votes := {point: side for point, side in all_.items() if point in ids})
    }
    # As they are shown already: what the last few said since would be the difference.
    counts = {each.id: each.shown for each in points}
    before = await ports.points.map(deliberation.id)
    if before is not None and len(said) - before.voters < FEWEST_NEW:
        made = before.model_copy(update={"counts": counts})
        await ports.points.keep_map(deliberation.id, made)
        return made
    found = PointMap()
    if reader is not None and len(said) >= FEWEST_VOTERS:
        found = await _read(reader, _as_numbers(said), [each.id for each in points])
    made = VotesMap(
        voters=len(said),
        counts=counts,
        groups=_groups(found),
        consensus=found.consensus,
        divides=found.divides,
        extremity=_extremity(found),
    )
    await ports.points.keep_map(deliberation.id, made)
    return made


async def _read(
    reader: PointReader, votes: Mapping[str, Mapping[str, Vote]], points: Sequence[str]
) -> PointMap:
    """An empty map where it cannot be made: the counts are told all the same, and drafting does not wait."""
    try:
        return await reader.read_map(votes, points)
    except Exception:
        log.warning("votes on points could not be mapped", exc_info=True)
        return PointMap()


async def counted_points(
    deliberation: Deliberation, reader: PointReader | None, ports: Ports
) -> tuple[CountedPoint, ...]:
    """The points of opinions with all votes on them, for drafting alone: people are told those in the map.

    What members added beside their opinions is left out. A statement is drafted from opinions, so drafts that
    may quote somebody are found by these when they are forgotten; and no model reads what is added.
    """
    if not deliberation.terms.points:
        return ()
    if deliberation.round == 1:
        await map_votes(deliberation, reader, ports)
    # Read first: nobody adds one after the close, and whose are erased meanwhile are gone below.
    added = {each.id for each in await ports.points.all_own(deliberation.id)}
    return tuple(
        CountedPoint(each.text, each.counts.agree, each.counts.disagree, each.counts.passed)
        for each in await _shown(deliberation, ports)
        if each.counts.total and each.id not in added
    )


async def _shown(deliberation: Deliberation, ports: Ports) -> list[Point]:
    return [each for each in await ports.points.all(deliberation.id) if not each.hidden]


def _as_numbers(said: Mapping[str, Mapping[str, Side]]) -> dict[str, dict[str, Vote]]:
    return {who: {point: VOTES[side] for point, side in votes.items()} for who, votes in said.items()}


def _extremity(found: PointMap) -> dict[str, float]:
    return {each.point: far for each, far in zip(found.tallies, found.extremity, strict=True)}


def _groups(found: PointMap) -> tuple[VotersGroup, ...]:
    """Those that are no group of one or two, where there are several: one alone is everybody."""
    large = [each for each in found.groups if each.size >= SMALLEST_GROUP]
    if len(found.groups) < 2:
        return ()
    return tuple(VotersGroup(size=each.size, typical=_typical(each)) for each in large)


def _typical(group: PointGroup) -> tuple[str, ...]:
    """Of a point on which one or two of them voted nothing is told."""
    voted = {each.point: each.seen for each in group.tallies}
    return tuple(point for point in group.typical if voted[point] >= SMALLEST_GROUP)
