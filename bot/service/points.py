"""What people see of points: the next one to vote on, how others voted, what the votes say, what is hidden.

Reads:  the ports, for one person.
Gives:  frozen data that each platform renders. Nobody sees whose a point is, or who voted how; and nobody
        sees how others voted on a point before voting on it, which would steer them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import TransitionError
from bot.domain.points import FEWEST_NEW, FEWEST_VOTERS, Counts, OwnPoint, Point, PointChange, Side, VotesMap
from bot.service.access import load_steered, load_visible, require_sees
from bot.service.ports import Ports
from bot.service.ports.state import SOMEBODY_LEFT
from bot.wording import point_lines
from bot.wording.point_lines import NAMED, ClearPoints
from engine.points.routing import next_points

OVER = (Phase.RATING, Phase.SETTLED)


@dataclass(frozen=True)
class VotedPoint:
    """A point that somebody voted on: what they said, and how all did as far as that may be shown."""

    point: Point
    side: Side


@dataclass(frozen=True)
class ToldPoint:
    """A point in what the votes say; counts: None where too few voted on it to tell."""

    text: str
    counts: Counts | None


@dataclass(frozen=True)
class ToldGroup:
    """A group of voters; points: the texts of those by which it stands out."""

    size: int
    points: Sequence[str]


@dataclass(frozen=True)
class PointsTold:
    """What the votes say, the clearest first; groups: empty where none can be told apart."""

    voters: int
    consensus: Sequence[ToldPoint]
    divides: Sequence[ToldPoint]
    groups: Sequence[ToldGroup]


@dataclass(frozen=True)
class PointsView:
    """All that one person sees of a question's points.

    is_open: whether they can vote now. upcoming: the points they see next; empty where there are none left.
    left: how many points they have not voted on. waiting: points of their own that nobody sees yet.
    told: what the votes say, of the points that they voted on; None while there is nothing to tell.
    notes: what to know about points that are not there, in sentences.
    """

    deliberation: Deliberation
    is_open: bool
    upcoming: Sequence[Point]
    left: int
    any: bool
    voted: Sequence[VotedPoint]
    waiting: Sequence[OwnPoint]
    told: PointsTold | None
    notes: Sequence[str] = ()

    @property
    def next(self) -> Point | None:
        """The first of those to come."""
        return next(iter(self.upcoming), None)


@dataclass(frozen=True)
class Moderated:
    """Every point, and what was hidden and shown, for those who run the question; `texts` by a point's id.

    notes: as in `PointsView`. is_open: whether points can be hidden and shown now.
    """

    points: Sequence[Point]
    changes: Sequence[PointChange]
    texts: Mapping[str, str]
    notes: Sequence[str] = ()
    is_open: bool = True


async def points_view(
    actor: Actor, deliberation_id: str, ports: Ports, *, own: bool = True, most: int = 1
) -> PointsView:
    """What this person sees; own: False where what was given as them is not for whoever looks.

    most: how many points they are to vote on next.
    """
    deliberation = await load_visible(actor, deliberation_id, ports)
    participant = ports.pseudonyms.of(deliberation, actor.user)
    there = await ports.points.all(deliberation.id)
    said = await ports.points.votes_of(deliberation.id, participant) if own else {}
    written = await ports.points.own(deliberation.id, participant) if own else ()
    made = await ports.points.map(deliberation.id)
    # A point that somebody marked as spam is not put before them again.
    seen = {*said, *(each.id for each in written)}
    seen |= await ports.points.marks_of(deliberation.id, participant) if own else set()
    is_open = _is_open(deliberation, ports)
    left = await _somebody_left(deliberation, ports)
    shown = [each for each in there if not (each.hidden or left)]
    ids = {each.id for each in there}
    return PointsView(
        deliberation=deliberation,
        is_open=is_open,
        upcoming=_upcoming(shown, seen, participant, made, most) if is_open else (),
        left=sum(each.id not in seen for each in shown),
        any=bool(shown),
        voted=[VotedPoint(each, said[each.id]) for each in shown if each.id in said],
        waiting=[each for each in written if each.id not in ids],
        told=_told(deliberation, made, shown, said),
        notes=_notes(there, left),
    )


async def points_told(deliberation: Deliberation, ports: Ports) -> tuple[PointsTold | None, Sequence[str]]:
    """What the votes said, once the statement is out, or None; and sentences on points that are not in it."""
    if not deliberation.terms.points or deliberation.phase not in OVER:
        return None, ()
    there = await ports.points.all(deliberation.id)
    made = await ports.points.map(deliberation.id)
    left = await _somebody_left(deliberation, ports)
    shown = [each for each in there if not each.hidden]
    return None if left else _told(deliberation, made, shown, {}), _notes(there, left)


async def clear_points(deliberation: Deliberation, ports: Ports) -> ClearPoints:
    """The clearest of `points_told`, for the card with the result."""
    return clearest(*await points_told(deliberation, ports))


def clearest(told: PointsTold | None, notes: Sequence[str]) -> ClearPoints:
    """Of what the votes say, what a few lines have room for; notes: about points that are not there."""
    if told is None:
        return ClearPoints(notes=tuple(notes))
    return ClearPoints(
        tuple(each.text for each in told.consensus[:NAMED]),
        tuple(each.text for each in told.divides[:NAMED]),
        in_groups=bool(told.groups),
        notes=tuple(notes),
    )


async def moderated(actor: Actor, deliberation_id: str, ports: Ports) -> Moderated:
    """Every point with what was hidden and shown. Raises as `load_steered` does."""
    deliberation = await load_steered(actor, deliberation_id, ports)
    await require_sees(actor, deliberation, ports)
    there, changes = await ports.points.all(deliberation.id), await ports.points.changes(deliberation.id)
    left = await _somebody_left(deliberation, ports)
    points = [] if left else there
    return Moderated(
        points=points,
        changes=changes,
        texts={each.id: each.text for each in points},
        notes=_notes(there, left),
        is_open=deliberation.phase is Phase.OPINIONS,
    )


async def _somebody_left(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether somebody was forgotten after the close: points that are missing since would be theirs.

    Then none are shown, in named questions either: nobody is told whose points are. To be asked after the
    points were read: whoever leaves is marked in the step in which theirs go.
    """
    if deliberation.phase is Phase.OPINIONS or not deliberation.terms.points:
        return False
    return await ports.deliberations.is_marked(deliberation.id, SOMEBODY_LEFT)


def _notes(there: Sequence[Point], left: bool) -> list[str]:
    if left:
        # And not how many are hidden: that one is fewer now would tell whose it was.
        return [str(point_lines.SOMEBODY_LEFT)]
    hidden = sum(each.hidden and not each.by_members for each in there)
    return [point_lines.hidden(hidden)] if hidden else []


def _is_open(deliberation: Deliberation, ports: Ports) -> bool:
    try:
        deliberation.require_open_for_points(ports.clock.now())
    except TransitionError:
        return False
    return True


def _upcoming(
    shown: Sequence[Point], seen: set[str], participant: str, made: VotesMap | None, most: int
) -> Sequence[Point]:
    """By how much a point tells and how few have seen it; the same ones when the page is loaded again."""
    extremity = made.extremity if made else {}
    again = Random(f"{participant}:{len(seen)}")  # noqa: S311
    by_id = {each.id: each for each in shown}
    drawn = next_points([each.tally for each in shown], seen, again, extremity, most=most)
    return [by_id[id_] for id_ in drawn]


def _told(
    deliberation: Deliberation, made: VotesMap | None, shown: Sequence[Point], said: Mapping[str, Side]
) -> PointsTold | None:
    """While it is open, of the points that somebody voted on, and as far as counts may be shown then."""
    over = deliberation.phase in OVER
    if made is None or made.voters < FEWEST_VOTERS or not (over or deliberation.phase is Phase.OPINIONS):
        return None
    fewest = max(FEWEST_NEW, deliberation.terms.fewest_ratings)
    counts = {each.id: made.counts.get(each.id, Counts()) if over else each.shown for each in shown}
    texts = {each.id: each.text for each in shown if over or each.id in said}

    enough = {id_: each for id_, each in counts.items() if each.total >= fewest}

    def told(ids: Iterable[str]) -> list[ToldPoint]:
        return [ToldPoint(texts[id_], enough.get(id_)) for id_ in ids if id_ in texts]

    return PointsTold(
        voters=made.voters,
        consensus=told(made.consensus),
        divides=told(made.divides),
        groups=[
            ToldGroup(each.size, [texts[id_] for id_ in each.typical if id_ in texts]) for each in made.groups
        ],
    )
