"""The windows of a question's points: voting on several, adding one, hiding what is out of place.

Reads:  what one person sees of the points, or all of them for those who run the question.
Gives:  views. Points are members' words: they stand in labels, which Slack does not parse, or are escaped.
"""

from collections.abc import Sequence
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    button,
    choice,
    context,
    escape,
    field,
    linked,
    modal,
    option,
    section,
    text_input,
)
from adapters.slack.views.cards import clear_points
from adapters.slack.views.modals import metadata
from bot.chat.finding_points import PointsPage
from bot.chat.taking_part import SPAM, PointsForm
from bot.domain.deliberation import Deliberation
from bot.domain.points import POINT_LIMIT, Point, Side
from bot.service.points import VotedPoint, clearest
from bot.wording import buttons, point_lines, texts

AT_ONCE = 5
MANAGED_AT_ONCE = 20
FIELD = "point"


def vote_view(form: PointsForm, told: str = "", voted: Sequence[VotedPoint] = ()) -> dict[str, Any]:
    """The next points, each with what can be said to it.

    told: a sentence that comes first. voted: what was just said, with how others voted.
    """
    d, view = form.view.deliberation, form.view
    blocks = [section(f"*{linked(d.question, 1_500)}*"), *([section(escape(told))] if told else [])]
    blocks += [_voted(each) for each in voted]
    shown = () if form.closed else form.shown
    if form.closed:
        blocks.append(section(escape(form.closed)))
    elif shown:
        left = point_lines.left_to_vote(view.left) if form.at is None else point_lines.VOTED
        blocks.append(context(f"{left}. {point_lines.HOW_TO_VOTE} {point_lines.PRIVATE}"))
        blocks += [_asked(point, side) for point, side in shown]
    else:
        blocks.append(section(point_lines.ALL_DONE if view.any else point_lines.NONE_YET))
    if view.waiting:
        own = "\n".join(f"• {escape(each.text, 400)}" for each in view.waiting)
        blocks.append(context(f"{point_lines.OWN_WAITING}\n{own}"))
    blocks += _also(form)
    blocks += clear_points(clearest(view.told, view.notes))
    # From 1 on, so that nothing is left out that is 0.
    at = None if form.at is None else form.at + 1
    return modal(
        point_lines.TITLE,
        blocks,
        callback=names.POINTS_VIEW,
        metadata=metadata(id=d.id, at=at),
        submit=buttons.SAVE if shown else None,
    )


def _voted(each: VotedPoint) -> Block:
    """What somebody said to a point, and what others did, as far as that is shown."""
    said = f"{point_lines.YOU_SAID[each.side]} {point_lines.counts(each.point.shown)}"
    return section(f"{escape(each.point.text, 1_000)}\n_{said}_")


def _asked(point: Point, side: Side | None) -> Block:
    offered = [option(words, each) for each, words in point_lines.SIDES.items()]
    radio = choice([*offered, option(point_lines.SPAM, SPAM)], side, kind="radio_buttons")
    return field(point.text, point.id, radio, optional=True)


def _also(form: PointsForm) -> list[Block]:
    """What else can be done about points while they are open."""
    if form.closed:
        return []
    id_ = form.view.deliberation.id
    change = [button(point_lines.CHANGE_VOTES, names.POINTS_AGAIN, f"{id_} 0")]
    changes = change if form.view.voted and form.at is None else []
    return [actions(*changes, button(point_lines.OWN_LABEL, names.ADD_POINT, id_))]


def add_view(d: Deliberation) -> dict[str, Any]:
    """The window in which somebody writes a point of their own."""
    hint = f"{point_lines.OWN_HINT} {point_lines.own_limit()}"
    return modal(
        point_lines.YOUR_POINT,
        [
            section(f"*{linked(d.question, 1_500)}*"),
            context(escape(" ".join(texts.point_notes(d)))),
            field(
                point_lines.OWN_LABEL,
                FIELD,
                text_input(lines=True, most=POINT_LIMIT, focus=True),
                hint=hint,
            ),
        ],
        callback=names.ADD_POINT_VIEW,
        metadata=metadata(id=d.id),
        submit=buttons.SAVE,
    )


def manage_points_view(d_id: str, page: PointsPage, told: str = "") -> dict[str, Any]:
    """Points with a button to hide or show each, and below them what was hidden and shown."""
    blocks = [section(f"*{point_lines.MODERATE}*"), *([section(escape(told))] if told else [])]
    blocks += [each for point in page.points for each in _managed(d_id, page, point)]
    blocks += [] if page.points or page.found.notes else [section(point_lines.NONE_YET)]
    blocks += [context(escape(each)) for each in page.found.notes]
    if page.following is not None or page.at:
        more = f"{d_id} {page.following or 0}"
        blocks.append(actions(button(point_lines.NEXT_POINTS, names.MORE_POINTS, more)))
    if page.changes:
        lines = [escape(point_lines.changed(each, page.found.texts), 400) for each in page.changes]
        blocks.append(section("\n".join([f"*{point_lines.CHANGES}*", *lines])))
    return modal(buttons.RUN_QUESTION, blocks, callback=names.NOTICE_VIEW)


def _managed(d_id: str, page: PointsPage, point: Point) -> list[Block]:
    label = point_lines.SHOW if point.hidden else point_lines.HIDE
    action = names.SHOW_POINT if point.hidden else names.HIDE_POINT
    pressed = button(label, action, f"{d_id} {page.at} {point.id}") if page.found.is_open else None
    shown = section(escape(point.text, 1_000), pressed)
    if not point.hidden:
        return [shown]
    return [shown, context(point_lines.HIDDEN_BY_MEMBERS if point.by_members else point_lines.HIDDEN)]
