"""Puts the web channel together, and runs it.

Reads:  the ports, who is let in, notes and a `WebConfig`, from `bot.bootstrap`.
Gives:  an aiohttp application; `serve` listens with it until told to stop.
If you run the application in another way than by `serving`, add no access log.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp_jinja2
import jinja2
from aiohttp import web

from adapters.web import (
    admin_pages,
    api_token_pages,
    changing_question,
    exports,
    health_pages,
    library_pages,
    link_pages,
    live,
    members,
    middleware,
    points,
    presenting,
    rehearsals,
    results,
    seats,
    sign_in,
    webhook_pages,
)
from adapters.web.api import gate
from adapters.web.api import routes as api
from adapters.web.config import WebConfig
from adapters.web.halls import Halls
from adapters.web.limits import Buckets, Streams
from adapters.web.page_context import HERE, SITE, Site
from adapters.web.serving import PatientRunner
from bot.chat.finding_results import PAST_WORDS
from bot.chat.listening import Connection
from bot.chat.notes import Notes
from bot.chat.rehearsals import Rehearsals
from bot.domain.deliberation import CONTEXT_LIMIT, OPINION_LIMIT, QUESTION_LIMIT, REASON_LIMIT, Phase
from bot.domain.points import POINT_LIMIT
from bot.domain.ratings import AGREEMENT_LEVELS, QUALITY_LEVELS
from bot.domain.terms import POSITION_LIMIT
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.wording import (
    api_lines,
    buttons,
    decision_lines,
    jury_lines,
    library_lines,
    page_lines,
    point_lines,
    rehearsal_lines,
    round_lines,
    texts,
    webhook_lines,
)
from bot.wording.confirmations import WITHDRAW_RATING, WITHDRAW_REASON, withdrawing_opinion
from bot.wording.fields import Form, field
from bot.wording.language import Phrase, _, _n, decimals, explained, listed, number
from engine import digest


def create_app(
    ports: Ports,
    config: WebConfig,
    access: WebAccess,
    notes: Notes,
    connections: Sequence[Connection] = (),
    tried_out: Rehearsals | None = None,
) -> web.Application:
    """The web channel, ready to be run; it tells probes about these connections to chat platforms too.

    tried_out: questions that are tried out with simulated members; None where they cannot be.
    """
    app = web.Application(
        middlewares=[
            middleware.traces,
            gate.api,
            middleware.languages,
            middleware.failures,
            middleware.limits,
            middleware.visitors,
            middleware.forms,
        ],
        client_max_size=config.body_limit,
    )
    app[SITE] = Site(
        ports=ports,
        config=config,
        access=access,
        notes=notes,
        clients=Buckets(config.requests_per_client),
        asking=Buckets(config.requests_per_minute),
        people=Buckets(config.writes_per_minute),
        streams=Streams(config.streams, config.streams_per_client, config.streams_per_person),
        software=Buckets(config.api_requests_per_minute),
        halls=Halls(ports.live),
        connections=connections,
        rehearsals=tried_out,
    )
    _set_up_templates(app)
    for room in (
        health_pages,
        sign_in,
        members,
        points,
        seats,
        live,
        results,
        admin_pages,
        link_pages,
        changing_question,
        library_pages,
        webhook_pages,
        presenting,
        rehearsals,
        exports,
        api_token_pages,
        api,
    ):
        app.add_routes(room.routes)
    app.on_response_prepare.append(middleware.add_headers)
    app.on_shutdown.append(_end_streams)
    return app


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen; `await runner.cleanup()` stops, ends open streams at once and lets requests finish."""
    runner = PatientRunner(app, app[SITE].config.request_within_s)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


async def _end_streams(app: web.Application) -> None:
    app[SITE].stopping.set()


def _set_up_templates(app: web.Application) -> None:
    filters: dict[str, Callable[..., str]] = {
        "utc": texts.utc,
        "wall": wall,
        "iso": iso,
        "number": number,
        "decimals": decimals,
        "listed": listed,
        # Of a word that may be somebody's own: the templates' `_` takes what it is given for markup.
        "word": _,
    }
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        filters=filters,
        extensions=["jinja2.ext.i18n"],
        finalize=_shown,
    )
    # A sentence that goes over several lines is one line in the catalogues.
    environment.policies["ext.i18n.trimmed"] = True
    cast(Any, environment).install_gettext_callables(_, _n, newstyle=True)
    environment.globals.update(
        texts=texts,
        page_lines=page_lines,
        api_lines=api_lines,
        buttons=buttons,
        library_lines=library_lines,
        webhook_lines=webhook_lines,
        decided_lines=decision_lines.lines,
        withdrawing_opinion=withdrawing_opinion,
        withdraw_rating=WITHDRAW_RATING,
        withdraw_reason=WITHDRAW_REASON,
        round_lines=round_lines,
        rehearsal_lines=rehearsal_lines,
        explained=explained,
        names_of=names_of,
        jury_lines=jury_lines,
        point_lines=point_lines,
        POINT_LIMIT=POINT_LIMIT,
        reason_field=field(Form.REASON, "reason"),
        digests=digest,
        Phase=Phase,
        AGREEMENT_LEVELS=AGREEMENT_LEVELS,
        OPINION_LIMIT=OPINION_LIMIT,
        PAST_WORDS=PAST_WORDS,
        POSITION_LIMIT=POSITION_LIMIT,
        QUALITY_LEVELS=QUALITY_LEVELS,
        QUESTION_LIMIT=QUESTION_LIMIT,
        REASON_LIMIT=REASON_LIMIT,
        CONTEXT_LIMIT=CONTEXT_LIMIT,
    )


def _shown(value: Any) -> Any:
    """What a template writes out of a value: sentences of ours in the reader's language."""
    return str(value) if isinstance(value, Phrase) else value


def names_of(members: Sequence[str], names: Mapping[str, str]) -> str:
    """How some members are called, in a row."""
    return listed([names[each] for each in members])


def wall(at: datetime) -> str:
    """A time (UTC) as a datetime-local field takes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"


def iso(at: datetime) -> str:
    """A time for machines."""
    return at.isoformat(timespec="seconds")
