"""One question as a file, for those who run it: what `bot.service.exports` writes, sent as it is written."""

import logging

from aiohttp import web

from adapters.web.page_context import site_of, steered
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.domain.errors import StoreError
from bot.service import queries
from bot.service.exports import WRITERS, file_name

log = logging.getLogger(__name__)
routes = web.RouteTableDef()

CONTENT_TYPES = {"json": "application/json", "csv": "text/csv"}


@routes.get("/d/{id}/export.{kind:json|csv}", allow_head=False)
async def export(request: web.Request) -> web.StreamResponse:
    """A deliberation with everything that was given to it."""
    session, deliberation = await steered(request)
    return await sent(request, session.actor(), deliberation, request.match_info["kind"])


async def sent(
    request: web.Request, actor: Actor, deliberation: Deliberation, kind: str
) -> web.StreamResponse:
    """The file, as it is written; raises DomainError before its first piece."""
    ports = site_of(request).ports
    pieces = await queries.export_pieces(actor, deliberation.id, ports, write=WRITERS[kind])
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{CONTENT_TYPES[kind]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{file_name(deliberation.id, kind)}"',
        }
    )
    await response.prepare(request)
    try:
        async for piece in pieces:
            await response.write(piece.encode())
    except StoreError:
        log.exception("an export broke off")
        # Cut the line: half a file must not look like a whole one.
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None
    await response.write_eof()
    return response
