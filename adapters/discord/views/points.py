"""A question's points: voting on several in a window, what came of it, adding one, hiding some.

Reads:  what one person sees of the points, or all of them for those who run the question.
Gives:  windows and messages that one person sees. Points are members' words: escaped, and cut where a line is
        too short for them; whole they stand above the menus, whose labels have room for their beginning only.
"""

from collections.abc import Sequence

from discord import ui

from adapters.discord.views import names, text
from adapters.discord.views.drawn import PRIMARY, Drawn, Menu, Press, embed
from adapters.discord.views.modals import choice, field, window
from adapters.discord.views.names import custom_id
from adapters.discord.views.text import escape
from bot.chat.finding_points import PointsPage
from bot.chat.taking_part import SPAM, PointsForm
from bot.domain.deliberation import Deliberation
from bot.domain.points import POINT_LIMIT, Point, Side
from bot.service.points import VotedPoint, clearest
from bot.wording import point_lines, texts

# A window has room for five parts, and the first has the points' words.
AT_ONCE = 4
MANAGED_AT_ONCE = 10
FIELD = "point"
# Of an embed's 4,096 characters, or a window's 4,000.
POINT = 350
CHANGE = 180


def vote_window(form: PointsForm) -> ui.Modal:
    """The points of a form, numbered, and a menu for each of them."""
    numbered = list(enumerate(form.shown, 1))
    whole = [f"**{number}.** {escape(point.text, 2 * POINT)}" for number, (point, _) in numbered]
    id_ = form.view.deliberation.id
    return window(
        point_lines.TITLE,
        custom_id(names.POINTS, id_, _from(form.at)),
        ui.TextDisplay("\n\n".join([f"{point_lines.HOW_TO_VOTE} {point_lines.PRIVATE}", *whole])),
        *(_menu(number, point, side) for number, (point, side) in numbered),
    )


def _from(at: int | None) -> str:
    return "" if at is None else str(at)


def _menu(number: int, point: Point, side: Side | None) -> "ui.Label[ui.View]":
    label = text.plain(f"{number}. {point.text}", text.LABEL)
    offered = {str(each): words for each, words in point_lines.SIDES.items()} | {SPAM: point_lines.SPAM}
    return choice(label, point.id, offered, [] if side is None else [side], required=False)


def points_message(
    form: PointsForm, told: str = "", voted: Sequence[VotedPoint] = (), *, runs: bool = False
) -> Drawn:
    """What somebody said and what they can do next.

    told: a sentence that comes first. voted: what was just said, with how others voted.
    runs: whether they run the question.
    """
    view = form.view
    left = point_lines.left_to_vote(view.left) if form.shown and form.at is None else ""
    over = point_lines.ALL_DONE if view.any else point_lines.NONE_YET
    lines = ["\n".join(map(_voted, voted)), form.closed or left or ("" if form.shown else str(over))]
    own = "\n".join(f"• {escape(each.text, 180)}" for each in view.waiting)
    shown = embed(
        point_lines.TITLE,
        "\n\n".join(filter(None, [f"*{text.title(view.deliberation.question, 300)}*", *lines])),
        fields=[
            (point_lines.OWN_WAITING, own),
            *clear_points(clearest(view.told, view.notes)),
        ],
    )
    return Drawn(
        content=escape(told, text.CONTENT), embeds=(shown,), buttons=tuple(_presses(form, runs=runs))
    )


def _voted(each: VotedPoint) -> str:
    said = f"{point_lines.YOU_SAID[each.side]} {point_lines.counts(each.point.shown)}"
    return f"> {text.one_line(escape(each.point.text, POINT))}\n{said}"


def _presses(form: PointsForm, *, runs: bool) -> list[Press]:
    id_, presses = form.view.deliberation.id, []
    if not form.closed:
        if form.shown:
            presses.append(Press(point_lines.NEXT_POINTS, names.POINTS, id_, _from(form.at), style=PRIMARY))
        if form.view.voted and form.at is None:
            presses.append(Press(point_lines.CHANGE_VOTES, names.POINTS, id_, "0"))
        presses.append(Press(point_lines.OWN_LABEL, names.ADD_POINT, id_))
    if runs:
        presses.append(Press(point_lines.MODERATE, names.MANAGE_POINTS, id_, "0"))
    return presses


def clear_points(points: point_lines.ClearPoints) -> list[tuple[str, str]]:
    """What votes on points say most clearly, as fields."""
    return [(title, escape(said, text.FIELD)) for title, said in points.parts]


def choose_points(found: Sequence[Deliberation]) -> Drawn:
    """Questions that have points, to choose from."""
    offered = {d.id: text.plain(d.question, text.OPTION) for d in found}
    return Drawn(content=texts.WHICH_QUESTION, menus=(Menu(point_lines.TITLE, names.POINTS_OF, "", offered),))


def add_window(d: Deliberation) -> ui.Modal:
    """The window in which somebody writes a point of their own."""
    return window(
        point_lines.YOUR_POINT,
        custom_id(names.ADD_POINT, d.id),
        ui.TextDisplay(f"{text.title(d.question, 600)}\n{point_lines.OWN_HINT} {point_lines.own_limit()}"),
        ui.TextDisplay(escape(" ".join(texts.point_notes(d)))),
        field(point_lines.OWN_LABEL, FIELD, most=POINT_LIMIT, lines=True),
    )


def manage_points(d: Deliberation, page: PointsPage, told: str = "") -> Drawn:
    """Points with menus to hide or show them, and what was hidden and shown."""
    numbered = dict(enumerate(page.points, page.at + 1))
    lines = [_managed(number, point) for number, point in numbered.items()]
    changes = [
        f"{text.when(each.at)} {escape(point_lines.changed(each, page.found.texts), CHANGE)}"
        for each in page.changes
    ]
    shown = embed(
        point_lines.MODERATE,
        "\n".join([*lines, *map(escape, page.found.notes)]) or point_lines.NONE_YET,
        fields=[(point_lines.CHANGES, "\n".join(changes))],
    )
    more = [] if page.following is None and not page.at else [str(page.following or 0)]
    return Drawn(
        content=escape(told, text.CONTENT),
        embeds=(shown,),
        buttons=tuple(Press(point_lines.NEXT_POINTS, names.MANAGE_POINTS, d.id, at) for at in more),
        menus=tuple(_menus(d, page, {point.id: (number, point) for number, point in numbered.items()})),
    )


def _managed(number: int, point: Point) -> str:
    hidden = point_lines.HIDDEN_BY_MEMBERS if point.by_members else point_lines.HIDDEN
    return f"**{number}.** {escape(point.text, POINT)}" + (f"\n*{hidden}*" if point.hidden else "")


def _menus(d: Deliberation, page: PointsPage, numbered: dict[str, tuple[int, Point]]) -> list[Menu]:
    found = []
    kinds = ((names.HIDE_POINT, point_lines.HIDE_SHORT), (names.SHOW_POINT, point_lines.SHOW_SHORT))
    for what, label in kinds:
        offered = {
            id_: text.plain(f"{number}. {point.text}", text.OPTION)
            for id_, (number, point) in numbered.items()
            if page.found.is_open and point.hidden is (what == names.SHOW_POINT)
        }
        found += [Menu(label, what, d.id, offered, str(page.at))] if offered else []
    return found
