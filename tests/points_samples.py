"""Forms and pages of points, as chat platforms draw them, in which every point says the same."""

from datetime import UTC, datetime

from bot.chat.finding_points import PointsPage
from bot.chat.taking_part import PointsForm
from bot.domain.deliberation import Author, Deliberation
from bot.domain.points import POINT_LIMIT, Counts, OwnPoint, Point, PointChange, Side
from bot.service.points import Moderated, PointsTold, PointsView, ToldPoint, VotedPoint
from bot.wording.point_lines import NAMED, ClearPoints, hidden

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def points(text: str, count: int, **given: bool) -> list[Point]:
    """So many of them."""
    counts = Counts(agree=5, disagree=2)
    return [Point(id=f"p{at}", text=text or "-", shown=counts, **given) for at in range(count)]


def clear(text: str) -> ClearPoints:
    """As many as a card names."""
    named = (text or "-",) * NAMED
    return ClearPoints(named, named, in_groups=True, notes=(hidden(500),))


def form(
    text: str, d: Deliberation, most: int, *, left: int = 12, at: int | None = None, closed: str = ""
) -> PointsForm:
    """A form with points of every kind, of which `most` are shown; left: how many are new."""
    told = [ToldPoint(text or "-", None)] * 3
    own = OwnPoint(id="o", participant="x", text=text[:POINT_LIMIT] or "-", given_at=NOON)
    view = PointsView(
        deliberation=d,
        is_open=not closed,
        upcoming=points(text, min(left, most)),
        left=left,
        any=bool(text),
        voted=[VotedPoint(each, Side.AGREE) for each in points(text, 7)],
        waiting=[own] * 5,
        told=PointsTold(9, told, told, ()),
    )
    return PointsForm(view, closed, at, most)


def page(text: str, most: int, *, at: int = 0, following: int | None = None) -> PointsPage:
    """`most` points of which every third is hidden, and changes by somebody and by members."""
    shown = [
        each.model_copy(update={"hidden": number % 3 == 0, "by_members": number % 2 == 0})
        for number, each in enumerate(points(text, most if text else 0))
    ]
    by = Author(user="1", name=text[:80])
    changes = [
        PointChange(point="p1", hidden=True, at=NOON, by=by),
        PointChange(point="p0", hidden=True, at=NOON),
    ]
    found = Moderated(shown, changes, {each.id: each.text for each in shown})
    return PointsPage(found, shown, at, following, changes if text else ())
