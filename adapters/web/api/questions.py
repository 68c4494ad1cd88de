"""Questions through the API: listed, shown, asked, changed, closed, cancelled.

Gives:  commands, as the pages do, and questions as they are afterwards.
"""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from adapters.web.api import models, shown
from adapters.web.api.endpoints import Call
from adapters.web.api.problems import ProblemError, refused
from adapters.web.links import new_link_id
from bot.chat import asking, recording_outcome
from bot.chat.steering import asks_before_closing
from bot.domain import commands
from bot.domain.deliberation import Deliberation
from bot.service import queries
from bot.service.access import load_steered
from bot.service.paging import Cursor, page
from bot.service.reply import Reply
from bot.wording.confirmations import CANCEL, REVISING_VOTE
from bot.wording.forms import Asked


async def list_questions(call: Call) -> models.Questions:
    """List questions.

    The newest first, a page at a time.
    """
    try:
        after = Cursor.read(call.query.after) if call.query.after else None
    except ValueError:
        raise shown.cursor_refused() from None
    found, following = await page(_of_channel(call), after, call.query.limit)
    return models.Questions(
        items=[await shown.question(d, call) for d in found], next=following and str(following)
    )


def _of_channel(call: Call) -> AsyncIterator[Deliberation]:
    running = {"running": True, "over": False}.get(call.query.state)
    return queries.seen(
        call.actor,
        call.ports,
        call.token.platform,
        call.token.channel,
        fits=lambda d: running is None or (d.phase in queries.RUNNING) is running,
    )


async def ask_question(call: Call) -> models.Question:
    """Ask a question.

    With the same Idempotency-Key it is the same question, however often it is sent.
    """
    asked: models.QuestionIn = call.body
    team = await call.ports.teams.team(call.token.team)
    closes_at = asked.closes_at
    if "closes_at" not in asked.model_fields_set and team.defaults.closes_after is not None:
        closes_at = _later(asked.opens_at or await call.at(), team.defaults.closes_after)
    terms = shown.asked_terms(asked.terms, team)
    place = asking.Place(call.token.platform, call.token.channel)
    words = Asked(asked.question, asked.context, terms, closes_at, asked.opens_at)
    reply = await asking.post(call.actor, place, words, call.key or uuid.uuid4().hex, call.ports)
    if not reply.ok or reply.deliberation is None:
        raise refused(reply)
    id_ = reply.deliberation.id
    link = new_link_id() if asked.link else None
    await call.site.access.invitations.put_open_link(id_, link, unless_decided=True)
    return await shown.question(reply.deliberation, call)


def _later(opens_at: datetime, closes_after: timedelta) -> datetime:
    """The last moment that there is where it would be later: that is refused as any that is too far off."""
    try:
        return opens_at + closes_after
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


async def show_question(call: Call) -> models.Question:
    """Show a question.

    Show its `before_you_write` to a person before they write.
    """
    return await shown.question(await call.question(), call)


async def change_question(call: Call) -> models.Question:
    """Change what a question asks, and its terms.

    Only before anybody has answered, and only for those who run it.
    """
    d = await _steered(call)
    asked: models.ChangeIn = call.body
    command = commands.ChangeQuestion(
        call.actor,
        d.id,
        d.question if asked.question is None else asked.question,
        d.context if asked.context is None else asked.context,
        shown.changed_terms(asked.terms, d.terms, await call.ports.teams.team(d.team)),
        asked.edition,
    )
    return await _after(await call.once(command), call)


async def close_question(call: Call) -> models.Question:
    """Close opinions or the vote.

    Closing a vote in which too few have rated asks first: send `sure` once a person has confirmed it.
    """
    d = await _steered(call)
    asked: models.CloseIn = call.body
    if asked.closes == "opinions":
        return await _after(await call.once(commands.CloseOpinions(call.actor, d.id)), call)
    asks = await asks_before_closing(d, call.ports)
    if asks is not None and not asked.sure:
        raise ProblemError(409, asks.follows, asks=asks)
    return await _after(await call.once(commands.CloseRating(call.actor, d.id, round=d.round)), call)


async def move_deadline(call: Call) -> models.Question:
    """Move the deadline of what runs.

    That of opinions or of the vote.
    """
    d = await _steered(call)
    return await _after(await call.once(commands.Extend(call.actor, d.id, call.body.closes_at)), call)


async def draft_again(call: Call) -> models.Question:
    """Draft once more after that has failed.

    Nothing is lost by it.
    """
    d = await _steered(call)
    return await _after(await call.once(commands.RetryMediation(call.actor, d.id)), call)


async def cancel_question(call: Call) -> models.Question:
    """End a question without a result.

    It cannot be undone, so a person has to confirm it: send `sure` then.
    """
    d = await _steered(call)
    if not call.body.sure:
        raise ProblemError(409, str(CANCEL.follows), asks=CANCEL)
    return await _after(await call.once(commands.Cancel(call.actor, d.id)), call)


async def revise_statement(call: Call) -> models.Question:
    """End the vote and draft a revised statement.

    From the opinions and from what people say of this one. A person has to confirm it: send `sure` then.
    """
    d = await _steered(call)
    asked: models.ReviseIn = call.body
    if not asked.sure:
        raise ProblemError(409, str(REVISING_VOTE.follows), asks=REVISING_VOTE)
    return await _after(await call.once(commands.Revise(call.actor, d.id, asked.round)), call)


async def reopen_question(call: Call) -> models.Question:
    """Collect opinions again.

    Only where no statement could be drafted from those that there are.
    """
    d = await _steered(call)
    return await _after(await call.once(commands.Reopen(call.actor, d.id, call.body.closes_at)), call)


async def keep_statement(call: Call) -> models.Question:
    """Keep the statement that there is, with its vote.

    Only where a further round could not be drafted.
    """
    d = await _steered(call)
    return await _after(await call.once(commands.KeepStatement(call.actor, d.id, call.body.round)), call)


async def record_outcome(call: Call) -> models.Question:
    """Record what was decided, or that nothing was.

    Once the vote is closed; it is shown wherever the result is. Sent again, it takes the place of what was
    recorded before.
    """
    d = await _steered(call)
    asked: models.OutcomeIn = call.body
    typed = {
        "decided": asked.decided,
        "nothing": "yes" if asked.nothing else "",
        "who": asked.who,
        "member": "",
        "by": asked.by.isoformat() if asked.by else "",
        "how_it_went": asked.how_it_went,
    }
    found = await recording_outcome.record(
        call.actor, d.id, typed, call.ports, at=await call.at(), zone=asked.zone
    )
    if found.errors:
        faults = [models.Fault(at=f"body.{name}", said=said) for name, said in found.errors.items()]
        raise ProblemError(422, errors=faults)
    return await _after(found.reply, call)


async def _steered(call: Call) -> Deliberation:
    """Raises PermissionDeniedError where this token does not run it."""
    d = await call.question()
    return await load_steered(call.actor, d.id, call.ports)


async def _after(reply: Reply, call: Call) -> models.Question:
    if not reply.ok:
        raise refused(reply)
    return await shown.question(await call.question(), call)
