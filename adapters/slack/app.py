"""Puts the Slack channel together, and runs it: Socket Mode, HTTP, or both.

Reads:  ports, a `SlackConfig` and notes, from `bot.bootstrap`.
Gives:  `SlackParts`, which workers need too (to post), and the gateway's listeners.
Refrains from bolt's own stores, environment and logs: everything comes from the settings, and what a payload
holds is never logged.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack import lifecycle, payloads
from adapters.slack.asking import Asking
from adapters.slack.clients import Clients
from adapters.slack.config import COMMAND, EVENTS_PATH, INSTALL_PATH, PLATFORM, REDIRECT_PATH
from adapters.slack.errors import NotInstalledError
from adapters.slack.exporting import Exporting
from adapters.slack.home_tab import HomeTab
from adapters.slack.inbound import Inbound, InteractionContext
from adapters.slack.languages import Languages
from adapters.slack.parts import SlackParts
from adapters.slack.points import Points
from adapters.slack.recording_outcome import Deciding
from adapters.slack.replays import Replays
from adapters.slack.rewording import Rewording
from adapters.slack.slash_commands import SlashCommands
from adapters.slack.views import names
from bot.chat.answer_counter import Counter
from bot.chat.listening import Connection
from bot.chat.rehearsals import Rehearsals
from bot.chat.tasks import Tasks, in_time
from bot.domain.errors import BotError, PlatformError, StoreError
from bot.service.ports import Ports
from bot.service.reconciling import reconcile_team
from bot.wording import answers, texts

log = logging.getLogger(__name__)

# Slack's own payloads stay far below; a window with everything in it has some ten thousand bytes.
BODY_LIMIT = 512 * 1024
# Slack asks now and then whether our certificate is good, and does not say that it signs that.
SSL_CHECK = b"ssl_check=1"
# Of Slack's three seconds `bot.chat.tasks.PATIENCE_S` are for what a listener does before it answers.
AUTHORIZING_S = 1.0


class NotKnownError(BotError):
    """Whether the app is installed in a workspace cannot be told now; another time it can."""

    retryable = True


class _Authorize(AsyncAuthorize):
    """Which bot answers a request: the workspace's own; none where the app is not installed.

    Raises NotKnownError where the store or Slack does not say, or not soon enough.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        looking = asyncio.create_task(self._clients.bot(team_id or enterprise_id or "", enterprise_id))
        try:
            if not await in_time(looking, AUTHORIZING_S):
                looking.cancel()
                raise NotKnownError("Who we are in this workspace is still being looked up.")
            bot = looking.result()
        except NotInstalledError:
            log.warning("a request of a workspace that has not installed the app")
            return None
        except (PlatformError, StoreError) as exc:
            raise NotKnownError("Who we are in this workspace cannot be looked up.") from exc
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=bot.user,
            bot_id=bot.id,
            bot_token=bot.token,
            user_id=user_id,
        )


class SlackGateway:
    """Listens to Slack. One for a process; any number of processes.

    connection: in Socket Mode, while it listens; over HTTP there is none that could be lost.
    """

    def __init__(self, parts: SlackParts, ports: Ports, rehearsals: Rehearsals | None = None) -> None:
        self.parts = parts
        self.ports = ports
        self.tasks = Tasks()
        counter = Counter(parts.platform, parts.notes, ports, self.tasks)
        self.shared = InteractionContext(
            ports,
            parts.clients,
            parts.platform,
            parts.people,
            parts.notes,
            counter,
            self.tasks,
            rehearsals,
        )
        self.connection: Connection | None = None
        self._replays = Replays(self.shared.copies, self.tasks)
        self._languages = Languages(parts.people, self.tasks)
        # Without one HTTP mode is off; should it be reached all the same, nobody can sign.
        self._signing_secret = parts.config.signing_secret or secrets.token_hex()
        self._verifier = SignatureVerifier(self._signing_secret)
        self.app = self._app()
        self._listen()

    def _app(self) -> AsyncApp:
        config = self.parts.config
        app = AsyncApp(
            name="accord",
            logger=_quiet("bolt"),
            signing_secret=self._signing_secret,
            client=self.parts.clients.client(),
            authorize=cast(Any, _Authorize(self.parts.clients)),
            # Else bolt would look for clients of its own in the environment.
            oauth_flow=lifecycle.oauth_flow(self.parts) if config.installs else None,
            user_facing_authorize_error_message=answers.NOT_HERE_YET,
        )
        app.error(self._failed)
        app.use(self._replays.refuse)
        app.use(self._languages.choose)
        return app

    async def _failed(self, error: Exception, body: dict[str, Any], respond: Any) -> BoltResponse | None:
        """Bolt answers 500 by itself where nothing has been answered yet."""
        if not isinstance(error, NotKnownError):
            log.error("a listener failed", exc_info=(type(error), error, error.__traceback__))
            return None
        log.warning("a request cannot be served now (%s)", type(error.__cause__ or error).__name__)
        if body.get("response_url") and not body.get("command"):
            # Slack would show the answer to a click to nobody.
            self.tasks.start(respond(text=texts.STORE_UNREACHABLE, replace_original=False))
        return _not_now(body)

    def _listen(self) -> None:
        app, shared, watched = self.app, self.shared, self.tasks.watched
        inbound, home = Inbound(shared), HomeTab(shared, self.parts.config)
        asking = Asking(shared)
        exporting, deciding = Exporting(shared), Deciding(shared)
        rewording, points = Rewording(shared), Points(shared)
        commands = SlashCommands(shared, asking, exporting, deciding, rewording, points, home.some_settings)
        app.command(COMMAND)(watched(commands.command))
        app.shortcut(names.MESSAGE_SHORTCUT)(watched(asking.message_shortcut))
        app.shortcut(names.GLOBAL_SHORTCUT)(watched(asking.ask_shortcut))
        for name, listener in (
            (names.SHARE, inbound.share),
            (names.HOW, inbound.how),
            (names.WITHDRAW, inbound.withdraw),
            (names.UNRATE, inbound.unrate),
            (names.SAY_WHY, inbound.say_why),
            (names.WITHDRAW_REASON, inbound.withdraw_reason),
            (names.RETRY, inbound.retry),
            (names.STOP_REMINDERS, inbound.stop_reminders),
            (names.START_REMINDERS, inbound.stop_reminders),
            (names.MORE, asking.fold),
            (names.LESS, asking.fold),
            (names.TRY_OUT, asking.try_out),
            (names.MANAGE, commands.manage),
            (names.EXTEND_TO, commands.extend_to),
            (names.EXPORT, exporting.clicked),
            (names.RESULTS, commands.results_of),
            (names.OUTCOME, deciding.clicked),
            (names.FORGET, commands.forget),
            (names.ASK_HOME, asking.ask_shortcut),
            (names.ASK_TEMPLATE, asking.ask_template),
            (names.OPEN_PAGE, _nothing),
            (names.POINTS, points.clicked),
            (names.POINTS_AGAIN, points.again),
            (names.ADD_POINT, points.add),
            (names.HIDE_POINT, points.change),
            (names.SHOW_POINT, points.change),
            (names.MORE_POINTS, points.more),
            *home.buttons(),
        ):
            app.action(name)(watched(cast(Callable[..., Awaitable[None]], listener)))
        app.action(names.with_choice(names.RATE))(watched(inbound.rate))
        app.action(names.with_choice(names.QUALITY))(watched(inbound.quality))
        app.action(names.with_choice(names.COMPARE))(watched(inbound.compare))
        app.action(names.with_choice(names.DO))(watched(commands.do))
        # Whatever else there was in older versions: unanswered, Slack would show a warning sign alone.
        app.action(re.compile(".*"))(watched(shared.old_button))
        for name, listener in (
            (names.OPINION_VIEW, inbound.opinion_submitted),
            (names.REASON_VIEW, inbound.reason_submitted),
            (names.ASK_VIEW, asking.asked),
            (names.TRY_VIEW, asking.tried_out),
            (names.EXTEND_VIEW, commands.extended),
            (names.OUTCOME_VIEW, deciding.submitted),
            (names.CHANGE_VIEW, rewording.submitted),
            (names.POINTS_VIEW, points.submitted),
            (names.ADD_POINT_VIEW, points.added),
            *home.windows(),
        ):
            app.view(name)(watched(listener))
        self._listen_to_events(inbound, home)

    def _listen_to_events(self, inbound: Inbound, home: HomeTab) -> None:
        app = self.app
        for event in ("reaction_added", "reaction_removed"):
            app.event(event, middleware=[inbound.reacted])(_handled)
        app.event("app_home_opened")(self.tasks.watched(home.opened))
        app.event("message")(self.tasks.watched(home.written_to))
        app.event("app_uninstalled")(lifecycle.Uninstalled(self.parts))
        app.event("tokens_revoked")(lifecycle.Uninstalled(self.parts))
        app.event("team_access_revoked")(lifecycle.Uninstalled(self.parts))
        # Whatever else somebody subscribed to: unanswered it would come again and again.
        app.event(re.compile(".*"))(_handled)

    # -- running ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Whatever is configured, for as long as the block runs."""
        await self.parts.clients.get_ready()
        if self.parts.config.app_token:
            async with self.sockets():
                yield
            return
        self.tasks.start(self.reconcile())
        try:
            yield
        finally:
            await self.finish()

    @asynccontextmanager
    async def sockets(self) -> AsyncIterator[None]:
        """Socket Mode, for as long as the block runs: connected, and reconciled after every reconnect."""
        from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler  # noqa: PLC0415

        token = self.parts.config.app_token
        handler = AsyncSocketModeHandler(
            self.app, token, web_client=self.parts.clients.client(token), logger=_quiet("socket")
        )
        handler.client.message_listeners.append(self._hello)
        await self.parts.clients.get_ready()
        await handler.connect_async()  # type: ignore[no-untyped-call]
        self.connection = Connection(PLATFORM, handler.client.is_connected)
        try:
            async with self.connection.watched():
                yield
        finally:
            # First no more comes in, then what came is finished.
            await self.tasks.finish()
            await handler.close_async()  # type: ignore[no-untyped-call]
            await handler.client.aiohttp_client_session.close()

    async def _hello(self, client: Any, message: dict[str, Any], raw: str | None) -> None:
        if message.get("type") == "hello":
            self.tasks.start(self.reconcile())

    def in_front(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """HTTP mode as a middleware that stands before an application's own.

        Slack's requests prove where they come from by their signature: neither forms' tokens nor limits by
        address are for them.
        """
        handlers = {(route.method, route.path): route.handler for route in self.routes()}

        @web.middleware
        async def slack_first(request: web.Request, handler: Any) -> web.StreamResponse:
            ours: Any = handlers.get((request.method, request.path))
            if ours is None:
                return cast(web.StreamResponse, await handler(request))
            return cast(web.StreamResponse, await ours(request.clone(client_max_size=BODY_LIMIT)))

        return slack_first

    def routes(self) -> list[web.RouteDef]:
        """HTTP mode, for an aiohttp application: events, and installing where workspaces can do that."""
        return [
            web.post(EVENTS_PATH, self._received),
            *(
                [web.get(path, self._installing) for path in (INSTALL_PATH, REDIRECT_PATH)]
                if self.app.oauth_flow
                else []
            ),
        ]

    async def _received(self, request: web.Request) -> web.Response:
        """What Slack has signed within the last five minutes; it is good once: see `replays`.

        The signature is checked before the body is read as JSON. Bolt reads first, and fails on what nobody
        has to have signed.
        """
        if (request.content_length or 0) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)
        raw = await request.read()
        if not self._is_signed(raw, request.headers):
            return web.Response(status=401, text="not signed by Slack, or too long ago")
        try:
            asked = _parsed(raw, request)
        except (ValueError, AttributeError, RecursionError):
            return web.Response(status=400, text="not a request of Slack's")
        answer = await self.app.async_dispatch(asked)
        if answer.status >= 500:
            await self._replays.failed(asked)
        return await to_aiohttp_response(answer)

    def _is_signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed this; False too for a time, a signature or a body that cannot be read."""
        if SSL_CHECK in raw:
            return True  # Bolt knows these, and answers them without work; anything else it checks itself.
        try:
            return self._verifier.is_valid_request(raw, headers)
        except (ValueError, TypeError):
            return False

    async def _installing(self, request: web.Request) -> web.Response:
        flow = self.app.oauth_flow
        assert flow is not None
        handle = flow.handle_installation if request.path == INSTALL_PATH else flow.handle_callback
        return await to_aiohttp_response(await handle(await to_bolt_request(request)))

    async def reconcile(self) -> None:
        """Mend what was missed while nobody listened: every running vote and count of every workspace."""
        try:
            for team in await self._teams():
                await reconcile_team(team, PLATFORM, self.ports)
                await self.shared.counter.catch_up(team, PLATFORM)
        except BotError:
            log.warning("votes could not be reconciled; it is done again before they settle", exc_info=True)

    async def _teams(self) -> list[str]:
        if self.parts.config.bot_token:
            return [(await self.parts.clients.configured()).team]
        return await self.parts.installations.teams()

    async def finish(self) -> None:
        """Let what is under way end."""
        await self.tasks.finish()


def _parsed(raw: bytes, request: web.Request) -> AsyncBoltRequest:
    """A request as bolt wants it. Raises one of several errors where its body is none of Slack's."""
    headers = cast(Any, request.headers)
    return AsyncBoltRequest(body=raw.decode(), query=request.query_string, headers=headers)


def _not_now(body: dict[str, Any]) -> BoltResponse:
    """A sentence where Slack shows one; else a failure, which it shows or sends again."""
    if body.get("command"):
        return _json(response_type="ephemeral", text=str(texts.STORE_UNREACHABLE))
    if body.get("type") == "view_submission" and (fields := list(payloads.typed(body["view"]))):
        # At the first input: the window stays, with everything that was typed.
        return _json(response_action="errors", errors={fields[0]: str(texts.STORE_UNREACHABLE)})
    return BoltResponse(status=200 if body.get("response_url") else 503)


def _json(**answer: Any) -> BoltResponse:
    return BoltResponse(status=200, body=answer)


async def _nothing(ack: Any) -> None:
    """A button that is a link: Slack opens it."""
    await ack()


async def _handled() -> None:
    """Done by the listener's middleware, before Slack was answered."""


def _quiet(name: str) -> logging.Logger:
    """A logger for the SDK that leaves out what it says of payloads and addresses with tickets."""
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(logging.ERROR)
    return logger
