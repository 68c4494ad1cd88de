"""`accord webhook …`: a team's webhooks, wherever state is kept; needs no running process.

Reads:  settings, and the state.
Gives:  one coroutine per command, to `bot.cli.webhook`.
"""

import secrets

from bot.bootstrap.settings import read_settings
from bot.bootstrap.state import ports_of_command
from bot.domain.actors import Actor
from bot.domain.commands import AddWebhook, Command, RemoveWebhook, ReplayDeliveries
from bot.domain.events import EventKind
from bot.service.dispatch import dispatch
from bot.service.reply import Reply
from bot.service.webhook_handlers import Webhooks, webhooks_of


async def add_webhook(team: str, url: str, kinds: frozenset[EventKind]) -> Reply:
    """The reply has the secret."""
    private = read_settings().webhooks.private
    return await _run(AddWebhook(_operator(team), url, kinds, secrets.token_urlsafe(16), private=private))


async def remove_webhook(team: str, webhook_id: str) -> Reply:
    """With what could not be delivered to it."""
    return await _run(RemoveWebhook(_operator(team), webhook_id))


async def replay_deliveries(team: str, delivery_ids: frozenset[str] | None) -> Reply:
    """Sent by a worker, once one runs."""
    return await _run(ReplayDeliveries(_operator(team), delivery_ids))


async def kept_webhooks(team: str) -> Webhooks:
    """A team's webhooks and what could not be delivered."""
    async with ports_of_command() as ports:
        return await webhooks_of(_operator(team), ports)


async def _run(command: Command) -> Reply:
    async with ports_of_command() as ports:
        return await dispatch(command, ports)


def _operator(team: str) -> Actor:
    return Actor(team=team, user="accord", admin=True)
