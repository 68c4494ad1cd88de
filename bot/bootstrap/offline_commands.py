"""What commands do with the state and need no running process for: exports, imports, the start of a study,
signing admins out, tokens for other software.

Reads:  settings, and the state.
Gives:  one coroutine per command, to `bot.cli.main`.
"""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.clock import SystemClock
from adapters.console.files import InputError
from bot.bootstrap.models import require_drafters
from bot.bootstrap.platforms import WEB, WEB_TEAM, chat_platforms, web_access, web_config, web_port
from bot.bootstrap.secret_keys import secret_keys
from bot.bootstrap.settings import read_settings
from bot.bootstrap.state import connected, ports_of_command, ports_over, state_url
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.api_tokens import ApiToken, Listed, Scope
from bot.ops import logs
from bot.service import api_tokens
from bot.service.ports.api_tokens import ApiTokens
from bot.service.ports.feedback import Wanted
from bot.service.question_import import import_new
from bot.service.reply import Reply
from engine.error_text import unusable
from engine.feedback.files import FeedbackFormat
from engine.feedback.record import FeedbackRecord

if TYPE_CHECKING:
    from engine.study.plan import StudyPlan


async def export_feedback(
    wanted: Wanted,
    path: Path | None,
    form: FeedbackFormat,
    is_stopped: Callable[[], bool],
    *,
    with_team_ids: bool,
) -> int:
    """`accord export`: needs the state and no running process; gives how many records were written."""
    from adapters.console.export import write_feedback
    from adapters.console.terminal import terminal
    from adapters.redis.feedback import RedisFeedbackLog

    settings = read_settings()
    pseudonyms = None if with_team_ids else Pseudonyms(*secret_keys(settings.state))
    async with state_url(settings.state) as url, connected(url) as client:
        records = _for_others(RedisFeedbackLog(client).export(wanted), pseudonyms)
        return await write_feedback(records, path, form, terminal(sys.stderr), is_stopped)


async def _for_others(
    records: AsyncIterator[FeedbackRecord], pseudonyms: Pseudonyms | None
) -> AsyncIterator[FeedbackRecord]:
    """Records as they leave Accord: without team ids, unless these are asked for."""
    async for record in records:
        if pseudonyms is not None:
            record = record.model_copy(update={"team": pseudonyms.of_team(record.team)})
        yield record


async def import_questions(team: str, questions: Sequence[str]) -> Reply:
    """`accord questions import`: into a team's bank, wherever state is kept."""
    async with ports_of_command() as ports:
        return await import_new(team, questions, ports, known=team == WEB_TEAM)


async def start_study(
    plan: "StudyPlan", links: Path, open_for: timedelta, *, keep_ratings: bool = False
) -> int:
    """`accord study start`: on the web channel, wherever state is kept; gives how many links were written."""
    from adapters.web.invitations import links_file, write_links
    from bot.service.studies import start_study as start

    settings = read_settings()
    logs.configure("WARNING")
    models = require_drafters(settings, (arm for sitting in plan.sittings for arm in sitting.arms))
    config = web_config(settings, web_port(settings))
    place = (WEB_TEAM, WEB, config.channel)
    async with AsyncExitStack() as opened:
        try:  # before anything is posted
            file = opened.enter_context(links_file(links))
        except OSError as exc:
            raise InputError(unusable(exc)) from exc
        url = await opened.enter_async_context(state_url(settings.state))
        key = secret_keys(settings.state)
        ports = await opened.enter_async_context(ports_over(url, key, chat_platforms()))
        access = await opened.enter_async_context(web_access(url))
        sittings = await start(
            plan, place, ports, open_for=open_for, keep_ratings=keep_ratings, models=models
        )
        return await write_links(file, sittings, config, access.invitations, ports.clock.now())


async def sign_admins_out() -> int:
    """`accord admin-sign-out`: wherever state is kept; gives how many were signed in."""
    settings = read_settings()
    logs.configure("WARNING")
    async with state_url(settings.state) as url, web_access(url) as access:
        return await access.sessions.end_admins(SystemClock().now())


# -- tokens for the HTTP API ---------------------------------------------------------------------

# People who run this machine may do what admins do.
OPERATOR = Actor(WEB_TEAM, "operator", admin=True)


async def make_api_token(name: str, scopes: frozenset[Scope], days: int | None) -> tuple[ApiToken, str]:
    """`accord api-token create`: for the web channel, wherever state is kept. Raises DomainError."""
    settings = read_settings()
    config = web_config(settings, web_port(settings))
    wish = api_tokens.Wish(WEB, config.channel, name, scopes, days)
    async with _tokens() as tokens:
        return await api_tokens.make(OPERATOR, wish, tokens, SystemClock().now())


async def list_api_tokens() -> Sequence[Listed]:
    """`accord api-token list`."""
    async with _tokens() as tokens:
        return await api_tokens.listed(OPERATOR, tokens, SystemClock().now())


async def renew_api_token(id_: str) -> str:
    """`accord api-token renew`: what software sends from now on. Raises DomainError."""
    async with _tokens() as tokens:
        return (await api_tokens.renew(OPERATOR, id_, tokens, SystemClock().now()))[1]


async def revoke_api_token(id_: str) -> bool:
    """`accord api-token revoke`: whether there was one."""
    async with _tokens() as tokens:
        return await api_tokens.revoke(OPERATOR, id_, tokens) is not None


async def forget_through_api(token: str, participant: str) -> Reply:
    """`accord api-token forget`: what one of a token's people gave. Raises DomainError."""
    async with ports_of_command() as ports:
        return await api_tokens.forget(OPERATOR, token, participant, ports, ports.clock.now())


@asynccontextmanager
async def _tokens() -> AsyncIterator[ApiTokens]:
    settings = read_settings()
    logs.configure("WARNING")
    async with state_url(settings.state) as url, web_access(url) as access:
        yield access.tokens
