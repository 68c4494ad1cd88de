"""In which language somebody reads in Slack: their own, as their profile says; where it does not, English.

Reads:  what Slack sends when somebody acts, before any listener sees it.
Gives:  bolt's middleware, and an `ack` and a `respond` that write out sentences in the reader's language.
A language is worth no wait: who is not known soon enough reads English this once.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from adapters.slack import payloads
from adapters.slack.payloads import Body, Who
from adapters.slack.people import People
from bot.chat.tasks import Tasks, in_time
from bot.wording.language import read_from_here_on, told

PATIENCE_S = 0.3
# Events after which somebody is told or shown something.
ANSWERED = frozenset({"app_home_opened", "message"})


class Languages:
    """One for a gateway."""

    def __init__(self, people: People, tasks: Tasks) -> None:
        self._people = people
        self._tasks = tasks

    async def choose(
        self, body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Awaitable[Any]]
    ) -> None:
        """Everything that follows is read by the person who acts."""
        # Bolt goes on in this task after its middleware has returned, so that no block can be put around it.
        read_from_here_on(await self._of(_reader(body)))
        context["ack"] = _Ack()  # type: ignore[no-untyped-call]  # Bolt names no types here
        if context.response_url:
            context["respond"] = _Respond(response_url=context.response_url)
        await next()

    async def _of(self, who: Who | None) -> str:
        if who is None or not who.user:
            return ""
        looking = self._tasks.start(self._people.language(who.team, who.user))
        return str(looking.result()) if await in_time(looking, PATIENCE_S) else ""


def _reader(body: Body) -> Who | None:
    """Who is answered; None where nobody is."""
    event = body.get("event")
    if event is None:
        return payloads.who(body)
    return payloads.who_of_event(body) if event.get("type") in ANSWERED else None


class _Ack(AsyncAck):
    async def __call__(self, *given: Any, **named: Any) -> Any:
        return await super().__call__(*told(given), **told(named))


class _Respond(AsyncRespond):
    async def __call__(self, *given: Any, **named: Any) -> Any:
        return await super().__call__(*told(given), **told(named))
