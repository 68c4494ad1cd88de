"""From a command to its handler, and from what goes wrong to a sentence.

A lost race (somebody else saved first) is tried again from the load; a `DomainError` is the reply.
Nothing but a `Reply` comes out, so that no adapter has to know an error of ours.
"""

import asyncio
import logging
import random
from dataclasses import replace

from bot.domain.commands import Command, OnDeliberation
from bot.domain.errors import DomainError, PlatformError, StoreError, VersionConflictError
from bot.ops import logs, metrics
from bot.service.handlers import HANDLERS
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.service.rights import with_rights
from bot.wording import texts

log = logging.getLogger(__name__)

TRIES = 12
LONGEST_PAUSE_S = 0.25

for kind in HANDLERS:
    # There from the start: Prometheus sees no rise in a count that begins with its first one.
    metrics.COMMANDS.labels(kind.__name__, "error")


async def dispatch(command: Command, ports: Ports) -> Reply:
    """Handle a command. Never raises but for cancellation: every failure is a reply with `ok` False."""
    with logs.deliberation(command.deliberation_id if isinstance(command, OnDeliberation) else None):
        return await _reply(command, ports)


async def _reply(command: Command, ports: Ports) -> Reply:
    name = type(command).__name__
    try:
        reply = await _with_retries(command, ports)
    except DomainError as exc:
        metrics.COMMANDS.labels(name, "refused").inc()
        return Reply.refusing(exc)
    except VersionConflictError:
        log.warning("%s lost %d races in a row", name, TRIES)
        metrics.COMMANDS.labels(name, "conflict").inc()
        return Reply(texts.TOO_BUSY, ok=False, retryable=True)
    except StoreError:
        log.exception("%s failed: the store does not answer", name)
        metrics.COMMANDS.labels(name, "store").inc()
        return Reply(texts.STORE_UNREACHABLE, ok=False, retryable=True)
    except PlatformError as exc:
        log.warning("%s waits: the platform does not say who may do it", name, exc_info=True)
        metrics.COMMANDS.labels(name, "platform").inc()
        return Reply.refusing(exc)
    except Exception:
        log.exception("%s failed", name)
        metrics.COMMANDS.labels(name, "error").inc()
        return Reply(texts.UNEXPECTED, ok=False)
    metrics.COMMANDS.labels(name, "done").inc()
    return reply


async def _with_retries(command: Command, ports: Ports) -> Reply:
    handler = HANDLERS[type(command)]
    command = replace(command, actor=await with_rights(command.actor, ports))
    for tried in range(1, TRIES):
        try:
            return await handler(command, ports)
        except VersionConflictError:
            # Jitter, so that those who raced do not meet again at once.
            await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE_S, 0.01 * 2**tried)))  # noqa: S311
    return await handler(command, ports)
