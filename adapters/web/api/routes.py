"""The routes of the HTTP API, its description for programs, and the page about it for people.

Gives:  a route for every endpoint of `table`, and no other.
"""

from types import ModuleType

from aiohttp import web

from adapters.web.api.endpoints import API
from adapters.web.api.gate import OPENAPI, serving
from adapters.web.api.problems import KINDS
from adapters.web.api.table import ENDPOINTS
from adapters.web.page_context import render, site_of

routes = web.RouteTableDef()


@routes.get(OPENAPI)
async def openapi(request: web.Request) -> web.Response:
    """The description of the API; it is about nobody, so it is for anybody."""
    return web.json_response(_description().document(site_of(request).config.base_url))


@routes.get("/api")
async def api_page(request: web.Request) -> web.Response:
    """The same for people."""
    description = _description()
    described = description.document(site_of(request).config.base_url)
    return await render(
        request,
        "api.html",
        described=described,
        groups=[
            (tag, told, [each for each in ENDPOINTS if description.tag_of(each) == tag])
            for tag, told in description.TAGS.items()
        ],
        operation=lambda each: described["paths"][each.address][each.method.lower()],
        kinds=list(KINDS.values()),
        base=site_of(request).config.url(API),
        openapi=OPENAPI,
    )


def _description() -> ModuleType:
    """What OpenAPI is written with takes some megabytes, and most gateways are never asked for it."""
    from adapters.web.api import openapi  # noqa: PLC0415

    return openapi


for _each in ENDPOINTS:
    routes.route(_each.method, _each.address)(serving(_each))
