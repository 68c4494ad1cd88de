"""Points to vote on: windows for members, and for those who run the question.

Reads:  buttons on the card, in windows and after `/accord points`, and submitted windows.
Gives:  windows, each in the place of the one before. What may be voted on, `bot.chat.taking_part` knows.
"""

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from adapters.slack import payloads
from adapters.slack.inbound import Ack, InteractionContext, Respond, View, sentence
from adapters.slack.payloads import Body, Click, Submission, Who
from adapters.slack.views import modals, names
from adapters.slack.views.points import (
    AT_ONCE,
    FIELD,
    MANAGED_AT_ONCE,
    add_view,
    manage_points_view,
    vote_view,
)
from bot.chat.finding_points import change_point, points_page
from bot.chat.taking_part import Act, PointsForm, TakingPart
from bot.chat.tasks import in_time
from bot.domain.errors import BotError
from bot.service.reply import Reply
from bot.wording import point_lines


class Points:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared
        self._part = TakingPart(shared.ports, shared.copies, shared.counter.changed)

    # -- voting ----------------------------------------------------------------------------------

    async def clicked(self, ack: Ack, body: Body, respond: Respond) -> None:
        """The button "Vote on points"."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self.view(click.who, click.value), respond=respond)

    async def view(self, who: Who, id_: str, at: int | None = None) -> View:
        """The window with the next points, or with those from `at` on that somebody voted on."""
        return vote_view(await self._form(self._shared.act(who, id_, ""), who, at))

    async def _form(self, act: Act, who: Who, at: int | None) -> PointsForm:
        form = await self._part.points_form(act, AT_ONCE, at)
        outside = await self._shared.outside(who, form.view.deliberation) if who.channel else ""
        return replace(form, closed=form.closed or outside)

    async def again(self, ack: Ack, body: Body) -> None:
        """The button "Change your votes" in that window."""
        await ack()
        click = payloads.click(body)
        id_, at, _ = _read(click)
        await self._show(click, self.view(click.who, id_, at))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """Votes on the points of a window: kept, and the next points come."""
        submitted = payloads.submission(body)
        kept = self._shared.tasks.start(self._vote(submitted))
        if not await in_time(kept):
            saving = modals.notice_view(point_lines.STILL_SAVING, point_lines.TITLE)
            await ack(response_action="update", view=saving)
            reply, view = await kept
            if not await self._shared.show(submitted.who, submitted.own_view_id, view) and not reply.ok:
                await self._shared.came_of(submitted, reply, point_lines.TITLE)
            return
        reply, view = kept.result()
        if reply.text == point_lines.CHOOSE_SIDE and submitted.typed:
            await ack(response_action="errors", errors={next(iter(submitted.typed)): reply.text})
        else:
            await ack(response_action="update", view=view)

    async def _vote(self, submitted: Submission) -> tuple[Reply, View]:
        who, about = submitted.who, submitted.about
        act = self._shared.act(who, str(about.get("id", "")), f"points {who.team} {submitted.trigger}")
        reply = await self._part.vote_on_points(act, submitted.typed)
        notice = modals.notice_view(reply.text, point_lines.TITLE)
        if not reply.ok:
            return reply, notice
        try:
            at = about.get("at")
            form = await self._form(act, who, at - 1 if isinstance(at, int) else None)
        except BotError:
            return reply, notice
        said = [point for point, side in submitted.typed.items() if side]
        return reply, vote_view(replace(form, at=form.following), reply.text, form.said(said))

    # -- adding one ------------------------------------------------------------------------------

    async def add(self, ack: Ack, body: Body) -> None:
        """The button that opens a window for a point of one's own."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._add_view(click), push=True)

    async def _add_view(self, click: Click) -> View:
        form = await self._part.points_form(self._shared.clicked(click), AT_ONCE)
        if form.closed:
            return modals.notice_view(form.closed, point_lines.YOUR_POINT)
        return add_view(form.view.deliberation)

    async def added(self, ack: Ack, body: Body) -> None:
        """The point was submitted; what was refused stays, with what is wrong."""
        submitted = payloads.submission(body)
        kept = self._shared.tasks.start(self._add(submitted))
        title = point_lines.YOUR_POINT
        if not await in_time(kept):
            saving = modals.notice_view(point_lines.STILL_SAVING_POINT, title)
            await ack(response_action="update", view=saving)
            await self._shared.came_of(submitted, await kept, title)
            return
        reply = kept.result()
        if reply.ok:
            await ack(response_action="update", view=modals.notice_view(reply.text, title))
        else:
            await ack(response_action="errors", errors={FIELD: reply.text})

    async def _add(self, submitted: Submission) -> Reply:
        who, id_ = submitted.who, str(submitted.about.get("id", ""))
        act = self._shared.act(who, id_, f"point {who.team} {submitted.trigger}")
        return await self._part.add_point(act, submitted.typed.get(FIELD, ""))

    # -- hiding and showing ----------------------------------------------------------------------

    async def manage_view(self, who: Who, id_: str, at: int = 0, told: str = "") -> View:
        """All points, for those who run the question. Raises PermissionDeniedError to others."""
        actor = await self._shared.actor(who)
        page = await points_page(actor, id_, at, MANAGED_AT_ONCE, self._shared.ports)
        return manage_points_view(id_, page, told)

    async def more(self, ack: Ack, body: Body) -> None:
        """The button "More points" there."""
        await ack()
        click = payloads.click(body)
        id_, at, _ = _read(click)
        await self._show(click, self.manage_view(click.who, id_, at))

    async def change(self, ack: Ack, body: Body) -> None:
        """The button that hides a point, or shows it again."""
        await ack()
        click = payloads.click(body)
        await self._show(click, self._changed(click))

    async def _changed(self, click: Click) -> View:
        id_, at, point = _read(click)
        actor, hides = await self._shared.actor(click.who), click.name == names.HIDE_POINT
        reply = await change_point(actor, id_, point, self._shared.ports, hidden=hides)
        if not reply.ok:
            return modals.notice_view(reply.text, point_lines.TITLE)
        return await self.manage_view(click.who, id_, at, reply.text)

    async def _show(self, click: Click, make: Coroutine[Any, Any, View]) -> None:
        """In the place of the window that was clicked in; a refusal too. From elsewhere in a new one."""
        if not click.view_id:
            await self._shared.open(click.who, click.trigger, make)
            return
        try:
            view = await make
        except BotError as exc:
            view = modals.notice_view(sentence(exc), point_lines.TITLE)
        await self._shared.show(click.who, click.view_id, view)


def _read(click: Click) -> tuple[str, int, str]:
    """What a button's value says: the question, from which point on, and the point."""
    id_, at, point = (*click.value.split(" "), "", "")[:3]
    return id_, int(at) if at.isascii() and at.isdigit() else 0, point
