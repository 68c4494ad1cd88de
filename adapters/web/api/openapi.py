"""The API's description in OpenAPI 3.1, made of the table of endpoints and of the models that read requests.

Gives:  the document, for `/api/openapi.json` and for the page at `/api`. Words for developers, in English.
"""

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from openapi_pydantic import (
    Components,
    Header,
    Info,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
    Server,
    Tag,
)
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from adapters.web.api.endpoints import Endpoint
from adapters.web.api.gate import KEY_LIMIT
from adapters.web.api.models import Nothing, Problem, Typed
from adapters.web.api.problems import KINDS, MEDIA
from adapters.web.api.table import ENDPOINTS
from bot.domain.api_tokens import Scope

DESCRIPTION = """\
Other software takes part in questions, asks them and reads what came of them, by the same rules as people do.

* Tokens: an admin of a team makes them, under “Software” in the admin pages or with \
`accord api-token create`. Each is for one team and has scopes.
* Your people: software takes part for its own people, by ids of its own. It can speak for nobody else.
* Say it before: show a question's `before_you_write`, word for word, before somebody writes. Ask before \
anything is deleted: without `sure` the answer says what to ask.
* Learning: `may_learn` is true only if the person ticked the box themselves.
* Safe to repeat: send an `Idempotency-Key` with what changes something. A copy within an hour does \
nothing new.
* Times are in ISO 8601 with a time zone.
* Languages: `Accept-Language` says in which language sentences for people come (en, de, fr or es).
"""
TAGS = {
    "questions": "Ask questions and run them.",
    "participants": "Take part for your own people.",
    "results": "What came of a question.",
    "templates": "Questions to be asked again.",
    "schedules": "Questions that are posted by themselves.",
}
# Whatever can go wrong anywhere; an endpoint that reads no body refuses none.
ANYWHERE = (401, 403, 429, 500, 503)
WITH_BODY = (400, 413, 415)
LEFT = {
    "RateLimit-Limit": "How many requests this token may send in a minute.",
    "RateLimit-Remaining": "How many are left.",
    "RateLimit-Reset": "In how many seconds all are there again.",
}


@lru_cache(maxsize=4)
def document(base_url: str) -> dict[str, Any]:
    """The whole description, of the API at this address."""
    described = OpenAPI(
        openapi="3.1.1",
        info=Info(title="Accord", version=version("accord-bot"), description=DESCRIPTION),
        servers=[Server(url=base_url.rstrip("/"))],
        tags=[Tag(name=name, description=told) for name, told in TAGS.items()],
        paths=_paths(),
        components=Components(
            securitySchemes={
                "token": SecurityScheme(
                    type="http", scheme="bearer", description=f"Scopes: {', '.join(Scope)}."
                )
            }
        ),
    )
    made = construct_open_api_with_schema_class(described)
    return made.model_dump(mode="json", by_alias=True, exclude_none=True)


def _paths() -> dict[str, PathItem]:
    paths: dict[str, PathItem] = {}
    for each in ENDPOINTS:
        item = paths.setdefault(each.address, PathItem())
        setattr(item, each.method.lower(), _operation(each))
    return paths


def tag_of(endpoint: Endpoint) -> str:
    """Under which heading it stands."""
    if "participant}" in endpoint.at:
        return "participants"
    if endpoint.scope in (Scope.RESULTS, Scope.EXPORTS):
        return "results"
    return endpoint.at.split("/")[1]


def _operation(endpoint: Endpoint) -> Operation:
    body = None
    if endpoint.body is not None:
        schema: Any = PydanticSchema(schema_class=endpoint.body)
        body = RequestBody(required=True, content={"application/json": MediaType(schema=schema)})
    return Operation(
        operationId=endpoint.name,
        tags=[tag_of(endpoint)],
        summary=endpoint.summary,
        description=f"{endpoint.description}\n\nScope: `{endpoint.scope}`.",
        parameters=[
            *_parameters(endpoint.path, "path"),
            *_parameters(endpoint.query, "query"),
            *([_key()] if endpoint.writes else []),
        ],
        requestBody=body,
        responses={str(endpoint.status): _success(endpoint)}
        | {str(status): _problem(status) for status in sorted(problems_of(endpoint))},
        security=[{"token": []}],
    )


def problems_of(endpoint: Endpoint) -> set[int]:
    """Every status with which it can refuse."""
    found = {*ANYWHERE, *(WITH_BODY if endpoint.body is not None else ())}
    if endpoint.body is not None or endpoint.query is not Nothing or endpoint.writes:
        found.add(422)
    if endpoint.path is not Nothing:
        found.add(404)
    if endpoint.writes or "{question}/" in endpoint.at:
        found.add(409)
    return found


def _parameters(model: type[Typed], where: str) -> Iterator[Parameter]:
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    for name, each in schema.get("properties", {}).items():
        described = {key: value for key, value in each.items() if key not in ("title", "description")}
        yield _parameter(
            name, where, each.get("description"), _without_none(described), required=name in needed
        )


def _without_none(schema: dict[str, Any]) -> dict[str, Any]:
    """An address cannot say null: what may be left out is left out."""
    kinds = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    default = {"default": schema["default"]} if schema.get("default") not in (None, "") else {}
    return {**(kinds[0] if kinds else {}), **rest, **default}


def _key() -> Parameter:
    told = (
        "What you call this request: the same for every copy of it, and for no other. Visible characters of "
        "ASCII."
    )
    return _parameter(
        "Idempotency-Key", "header", told, {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT}
    )


def _parameter(
    name: str, where: str, told: str | None, schema: dict[str, Any], *, required: bool = False
) -> Parameter:
    # One of its fields has the name of a keyword of Python's.
    said = {"name": name, "in": where, "required": required, "description": told, "schema": schema}
    return Parameter.model_validate(said)


def _success(endpoint: Endpoint) -> Response:
    schema: Any = Schema(type="string") if endpoint.media != "application/json" else Schema(type="object")
    if endpoint.answer is not None:
        schema = PydanticSchema(schema_class=endpoint.answer)
    headers: Any = {
        name: Header(description=told, param_schema=Schema(type="integer")) for name, told in LEFT.items()
    }
    return Response(
        description="Done.",
        headers=headers if endpoint.answer is not None else None,
        content={endpoint.media: MediaType(schema=schema)},
    )


def _problem(status: int) -> Response:
    kind = KINDS[status]
    return Response(
        description=f"{kind.title}: {kind.detail}",
        content={MEDIA: MediaType(schema=PydanticSchema(schema_class=Problem))},
    )
