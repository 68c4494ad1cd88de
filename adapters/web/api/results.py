"""What came of a question, through the API: the statement, the ratings as far as they may be seen, the files.

Gives:  what `bot.service.queries` tells those who ask: software, or one of its people who has rated.
"""

from aiohttp import web

from adapters.web.api import models, shown
from adapters.web.api.endpoints import Call
from adapters.web.exports import sent
from bot.domain.actors import Actor, require_steward
from bot.domain.deliberation import Deliberation
from bot.domain.errors import TransitionError
from bot.service import queries
from bot.service.rounds import statement_before
from bot.wording import texts


async def show_statement(call: Call) -> models.Statement:
    """Show the statement.

    Once it is out; before that, the answer says that there is none.
    """
    found, before = await _found(call, call.actor)
    return shown.statement(found, before)


async def show_results(call: Call) -> models.Results:
    """Show the statement and its ratings.

    Ratings and predictions are there only for those who may see them now, as on the pages: say as which
    `participant` you ask to show what one who has rated may see.
    """
    as_whom = call.query.participant
    reader = call.actor if as_whom is None else call.token.participant(as_whom)
    found, before = await _found(call, reader)
    return shown.results(found, before)


async def _found(call: Call, reader: Actor) -> tuple[queries.Results, str | None]:
    d = await call.question(reader)
    _require_everyday(d)
    found = await queries.results(reader, d.id, call.ports)
    return found, await statement_before(found.deliberation, call.ports)


def _require_everyday(d: Deliberation) -> None:
    """A study has several statements, and none that stands for all."""
    if d.terms.study is not None:
        raise TransitionError(texts.NO_STATEMENT_YET)


async def show_reasons(call: Call) -> models.Reasons:
    """Show this round's reasons, for those who run the question.

    As an export tells them: of an anonymous question without names, and only where there are enough.
    """
    d = await call.question()
    require_steward(call.actor, d)
    found = await queries.reasons(call.actor, d, call.ports)
    return models.Reasons(items=[models.Reason(text=each.text, name=each.name or None) for each in found])


async def export_json(call: Call) -> web.StreamResponse:
    """Export a question as JSON.

    The same file as on its page; in an anonymous question nothing tells who gave what.
    """
    return await sent(call.request, call.actor, await call.question(), "json")


async def export_csv(call: Call) -> web.StreamResponse:
    """Export a question as CSV.

    The same file as on its page; in an anonymous question nothing tells who gave what.
    """
    return await sent(call.request, call.actor, await call.question(), "csv")
