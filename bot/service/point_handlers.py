"""Handlers of what members say of points, and of what those who run a question hide.

Reads:  a command and the ports.
Gives:  a `Reply` with a sentence for the person who asked. Each is safe to run twice, as in `handlers`.
"""

import secrets

from bot.domain import commands
from bot.domain.actors import require_member
from bot.domain.clean_text import clean
from bot.domain.deliberation import Author, Deliberation
from bot.domain.errors import OpinionError, TransitionError
from bot.domain.points import (
    OWN_POINTS,
    POINT_GONE,
    TOO_MANY_POINTS,
    OwnPoint,
    PointChange,
    PointVote,
    checked_point,
)
from bot.service.access import load_steered, load_visible
from bot.service.giving import models_kept, participant_of, require_giver, when
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.service.transitions import hint_mapping, hint_splitting
from bot.wording import point_lines


async def vote_on_point(command: commands.VoteOnPoint, ports: Ports) -> Reply:
    """Keep what somebody says to a point."""
    deliberation, participant = await _begun(command, ports)
    at = when(command.at, ports)
    vote = PointVote(participant=participant, point=command.point, side=command.side, given_at=at)
    try:
        deliberation.require_open_for_points(at)
        voters = await ports.points.vote(deliberation.id, vote, giver=command.giver)
    except TransitionError:
        # A late copy of a vote that was kept must not look refused.
        kept = await ports.points.votes_of(deliberation.id, participant)
        if kept.get(command.point) is not command.side:
            raise
        return Reply(point_lines.VOTE_KEPT, deliberation=deliberation)
    await hint_mapping(deliberation, voters, ports)
    return Reply(point_lines.VOTE_KEPT, deliberation=deliberation)


async def add_point(command: commands.AddPoint, ports: Ports) -> Reply:
    """Keep a member's own point; it is shown once points of others wait too."""
    deliberation, participant = await _begun(command, ports)
    at = when(command.at, ports)
    point = OwnPoint(
        id=secrets.token_hex(6), participant=participant, text=checked_point(command.text), given_at=at
    )
    deliberation.require_open_for_points(at)
    deliberation = await models_kept(deliberation, ports)
    if not await ports.points.put_own(deliberation.id, point, giver=command.giver):
        raise OpinionError(TOO_MANY_POINTS, limit=OWN_POINTS)
    await hint_splitting(deliberation, ports)
    return Reply(point_lines.point_added(), deliberation=deliberation)


async def mark_point_spam(command: commands.MarkPointSpam, ports: Ports) -> Reply:
    """Keep that somebody takes a point for spam."""
    deliberation, participant = await _begun(command, ports)
    at = when(command.at, ports)
    deliberation.require_open_for_points(at)
    await ports.points.mark_spam(deliberation.id, participant, command.point, at, giver=command.giver)
    return Reply(point_lines.marked_as_spam(), deliberation=deliberation)


async def hide_point(command: commands.HidePoint, ports: Ports) -> Reply:
    """Hide a point, with a note of who did."""
    return await _change(command, ports, hidden=True)


async def show_point(command: commands.ShowPoint, ports: Ports) -> Reply:
    """Show it again, with a note too."""
    return await _change(command, ports, hidden=False)


async def _change(command: commands.HidePoint | commands.ShowPoint, ports: Ports, *, hidden: bool) -> Reply:
    actor = command.actor
    deliberation = await load_steered(actor, command.deliberation_id, ports)
    if all(each.id != command.point for each in await ports.points.all(deliberation.id)):
        raise OpinionError(POINT_GONE)
    deliberation.require_points_change()
    by = Author(user=actor.user, name=clean(actor.name))
    change = PointChange(point=command.point, hidden=hidden, at=ports.clock.now(), by=by)
    await ports.points.change(deliberation.id, change)
    told = point_lines.POINT_HIDDEN if hidden else point_lines.POINT_SHOWN
    return Reply(told, deliberation=deliberation)


async def _begun(command: commands.OfMember, ports: Ports) -> tuple[Deliberation, str]:
    """The question and who this is in it, if they may give something there."""
    deliberation = await load_visible(command.actor, command.deliberation_id, ports)
    require_member(command.actor, deliberation)
    participant = participant_of(command.actor, deliberation, ports)
    await require_giver(command, participant, ports)
    return deliberation, participant
