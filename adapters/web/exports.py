"""One deliberation as a file, for admins: what `bot.service.exports` writes, sent as it is written."""

import logging

from aiohttp import web

from adapters.web.page_context import require_admin, site_of, visible
from bot.domain.errors import StoreError
from bot.service.exports import as_csv, as_json

log = logging.getLogger(__name__)
routes = web.RouteTableDef()


@routes.get("/d/{id}/export.{kind:json|csv}", allow_head=False)
async def export(request: web.Request) -> web.StreamResponse:
    """A deliberation with everything that was given to it."""
    require_admin(request)
    _, deliberation = await visible(request)
    kind = request.match_info["kind"]
    write, content_type = {"json": (as_json, "application/json"), "csv": (as_csv, "text/csv")}[kind]
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="accord-{deliberation.id}.{kind}"',
        }
    )
    await response.prepare(request)
    try:
        async for piece in write(deliberation, site_of(request).ports):
            await response.write(piece.encode())
    except StoreError:
        log.exception("an export broke off")
        # Cut the line: half a file must not look like a whole one.
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None
    await response.write_eof()
    return response
