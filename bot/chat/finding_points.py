"""Points to vote on in a chat: which question is meant, and pages of points to hide or show.

Reads:  who asks, and in which channel.
Gives:  questions, never none; the part of a list that a message or a window has room for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.steering import NoQuestionError, in_channel
from bot.domain.actors import Actor
from bot.domain.commands import HidePoint, ShowPoint
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.points import Point, PointChange
from bot.service.dispatch import dispatch
from bot.service.points import Moderated, moderated
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import point_lines

CHANGES_SHOWN = 5


async def with_points(actor: Actor, ports: Ports, *, platform: str, channel: str) -> list[Deliberation]:
    """A channel's questions whose points can be voted on now, in the order of `in_channel`; never empty.

    Raises NoQuestionError where there is none.
    """
    there = await in_channel(
        actor, ports, platform=platform, channel=channel, phases=frozenset({Phase.OPINIONS})
    )
    found = [d for d in there if d.terms.points]
    if not found:
        raise NoQuestionError(point_lines.NO_QUESTION_WITH_POINTS)
    return found


@dataclass(frozen=True)
class PointsPage:
    """A part of all points, from `at` on, for those who run the question.

    following: as `at`, for the next part; None where this is the last. changes: the latest, newest first.
    """

    found: Moderated
    points: Sequence[Point]
    at: int
    following: int | None
    changes: Sequence[PointChange]


async def points_page(actor: Actor, id_: str, at: int, most: int, ports: Ports) -> PointsPage:
    """`most` points from `at` on. Raises as `moderated` does."""
    found = await moderated(actor, id_, ports)
    at = at if 0 <= at < len(found.points) else 0
    following = at + most if at + most < len(found.points) else None
    return PointsPage(found, found.points[at : at + most], at, following, found.changes[:CHANGES_SHOWN])


async def change_point(actor: Actor, id_: str, point: str, ports: Ports, *, hidden: bool) -> Reply:
    """Hide a point, or show it again."""
    command = HidePoint if hidden else ShowPoint
    return await dispatch(command(actor, id_, point), ports)
