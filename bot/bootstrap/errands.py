"""What commands do with the state and need no running process for: exports, imports, the start of a study.

Reads:  settings, and the state.
Gives:  one coroutine per command, to `bot.cli`.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.console.files import InputError
from bot import logs
from bot.bootstrap.models import require_drafters
from bot.bootstrap.platforms import WEB, WEB_TEAM, chat_platforms, web_config
from bot.bootstrap.state import connected, ports_over, state_url
from bot.domain.actors import Pseudonyms
from bot.ports import Wanted
from bot.question_import import import_new
from bot.reply import Reply
from bot.settings import read_settings, secret_key
from engine.complaints import unusable
from engine.feedback import FeedbackRecord
from engine.feedback_files import FeedbackFormat

if TYPE_CHECKING:
    from engine.study import StudyPlan


async def export_feedback(
    wanted: Wanted, path: Path | None, form: FeedbackFormat, *, with_team_ids: bool
) -> int:
    """`accord export`: needs the state and no running process; gives how many records were written."""
    from adapters.console.export import write_feedback
    from adapters.console.terminal import terminal
    from adapters.redis.feedback import RedisFeedbackLog

    settings = read_settings()
    pseudonyms = None if with_team_ids else Pseudonyms(secret_key(settings.state))
    async with state_url(settings.state) as url, connected(url) as client:
        records = _for_others(RedisFeedbackLog(client).export(wanted), pseudonyms)
        return await write_feedback(records, path, form, terminal(sys.stderr))


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
    settings = read_settings()
    logs.configure("WARNING")
    async with (
        state_url(settings.state) as url,
        ports_over(url, secret_key(settings.state), {}) as ports,
    ):
        return await import_new(team, questions, ports, known=team == WEB_TEAM)


async def start_study(plan: "StudyPlan", links: Path, open_for: timedelta) -> int:
    """`accord study start`: on the web channel, wherever state is kept; gives how many links were written."""
    from adapters.web.invitations import links_file, write_links
    from bot.studies import start_study as start

    settings = read_settings()
    logs.configure("WARNING")
    require_drafters(settings, (arm for sitting in plan.sittings for arm in sitting.arms))
    config = web_config(settings, settings.web.port)
    place = (WEB_TEAM, WEB, config.channel)
    async with AsyncExitStack() as opened:
        try:  # before anything is posted
            file = opened.enter_context(links_file(links))
        except OSError as exc:
            raise InputError(unusable(exc)) from exc
        url = await opened.enter_async_context(state_url(settings.state))
        key = secret_key(settings.state)
        ports = await opened.enter_async_context(ports_over(url, key, chat_platforms()))
        return write_links(file, await start(plan, place, ports, open_for=open_for), config)
