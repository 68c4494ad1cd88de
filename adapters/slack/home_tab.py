"""The app's own tab and direct messages: the team's questions, settings, library, health; what this is.

Reads:  events of the tab and of direct messages; clicks and windows of admins.
Gives:  the tab as a view, and commands.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator

from adapters.slack import payloads
from adapters.slack.config import EVENTS_PATH, PLATFORM, SlackConfig
from adapters.slack.emoji import emoji_here
from adapters.slack.inbound import Ack, InteractionContext, View
from adapters.slack.payloads import Body, Click, Submission, Who
from adapters.slack.views import home as views
from adapters.slack.views import library, listing, modals, names
from adapters.slack.views.fields import PICKED
from bot.chat import changing, removing
from bot.chat.settings import own, shorten
from bot.chat.tasks import in_time
from bot.domain.actors import Actor, require_admin
from bot.domain.commands import (
    ChangeTeam,
    Command,
    ImportQuestions,
    SaveTemplate,
    SetReminders,
)
from bot.domain.errors import BotError, DomainError, StoreError
from bot.domain.library import IMPORT_LIMIT
from bot.service import queries
from bot.service.health import Finding, health
from bot.service.reply import Reply
from bot.wording import answers, buttons, forms, library_lines, texts
from bot.wording.confirmations import Confirmation, stopping_learning
from bot.wording.language import explained

log = logging.getLogger(__name__)

Listener = Callable[..., Awaitable[None]]
SHELVES = {
    names.DROP_TEMPLATE: removing.TEMPLATES,
    names.DROP_QUESTION: removing.BANK,
    names.DROP_SCHEDULE: removing.SCHEDULES,
}
# What a window asks for, or a sentence for each input that cannot be used.
Read = tuple[Callable[[Actor], Command] | None, dict[str, str]]


class HomeTab:
    """One for a process."""

    def __init__(self, shared: InteractionContext, config: SlackConfig) -> None:
        self._shared = shared
        self._config = config

    def buttons(self) -> Iterator[tuple[str, Listener]]:
        """Listeners of the tab's buttons."""
        yield names.TEAM_SETTINGS, self.settings
        yield names.REFRESH, self.refresh
        yield names.MINE, self.mine
        yield names.SHORTEN, self.shorten
        yield names.REPLACE, self.replace
        yield names.STOP_LEARNING, self.stop_learning
        yield names.LIBRARY, self.library
        yield names.IMPORT, self.new
        yield names.NEW_TEMPLATE, self.new
        yield names.NEW_SCHEDULE, self.new
        yield names.DROP_TEMPLATE, self.drop
        yield names.DROP_QUESTION, self.drop
        yield names.DROP_SCHEDULE, self.drop

    def windows(self) -> Iterator[tuple[str, Listener]]:
        """Listeners of the windows that they open."""
        yield names.SETTINGS_VIEW, self.settings_submitted
        yield names.MINE_VIEW, self.mine_submitted
        yield names.IMPORT_VIEW, self.imported
        yield names.TEMPLATE_VIEW, self.template_submitted
        yield names.SCHEDULE_VIEW, self.schedule_submitted

    # -- the tab ---------------------------------------------------------------------------------

    async def opened(self, body: Body) -> None:
        """Somebody looks at the app."""
        who = payloads.who_of_event(body)
        if body["event"].get("tab", "home") == "home":
            await self._publish(who)

    async def refresh(self, ack: Ack, body: Body) -> None:
        """The button that draws the tab again."""
        await ack()
        await self._publish(payloads.who(body))

    async def _publish(self, who: Who) -> None:
        try:
            try:
                view = await self._view(who)
            except StoreError:
                log.warning("the app's tab has no data", exc_info=True)
                view = views.away_view(texts.STORE_UNREACHABLE)
            await self._shared.clients.call(
                who.team, "views_publish", lane=who.user, user_id=who.user, view=view
            )
        except BotError:
            log.warning("the app's tab could not be drawn", exc_info=True)

    async def _view(self, who: Who) -> View:
        shared = self._shared
        actor = await shared.actor(who)
        found = await queries.overview(actor, shared.ports, platform=PLATFORM)
        shown = [
            (d, await shared.ports.contributions.opinion_count(d.id), await shared.platform.link(d))
            for d in found[: views.SHOWN]
        ]
        more = [d.phase in queries.RUNNING for d in found[views.SHOWN :]]
        left_out = views.LeftOut(more.count(True), more.count(False))
        if not actor.admin:
            return views.home_view(shown, actor, left_out=left_out)
        changes = await shared.ports.teams.settings_changes(who.team, limit=views.CHANGES_SHOWN)
        bot = await shared.clients.bot(who.team, who.enterprise)
        templates = await shared.ports.library.templates(who.team)
        alive = await health(who.team, shared.ports)
        findings = [*self._connection(), listing.permissions(bot.scopes), *alive.findings()]
        return views.home_view(shown, actor, views.Admin(templates, changes, findings), left_out)

    def _connection(self) -> Iterator[Finding]:
        """How Slack reaches us. Whatever is drawn here came by one of these ways, so that they work.

        With Socket Mode an address is needed by nobody: without one there is no HTTP mode to tell of.
        """
        if self._config.app_token:
            yield Finding(True, answers.SOCKET_MODE)
        address = self._config.base_url.rstrip("/")
        if self._config.signing_secret and address:
            yield Finding(True, answers.http_mode(address, EVENTS_PATH))
        elif self._config.signing_secret and not self._config.app_token:
            yield Finding(False, answers.HTTP_WITHOUT_ADDRESS)

    # -- direct messages -------------------------------------------------------------------------

    async def written_to(self, body: Body) -> None:
        """A direct message: say what this is. Whatever else is written in channels is not read."""
        event = body["event"]
        if event.get("channel_type") != "im" or event.get("bot_id") or event.get("subtype"):
            return
        who = payloads.who_of_event(body)
        # One answer to each message, however often it is delivered.
        if not await self._shared.copies.is_first(f"explained {who.team} {event.get('ts')}"):
            return
        try:
            await self._shared.clients.call(
                who.team,
                "chat_postMessage",
                lane=str(event["channel"]),
                channel=event["channel"],
                **views.explanation(await queries.how_it_works(who.team, self._shared.ports)),
            )
        except BotError:
            log.warning("a direct message could not be answered", exc_info=True)

    # -- settings --------------------------------------------------------------------------------

    async def settings(self, ack: Ack, body: Body) -> None:
        """The team's settings, in a window."""
        await ack()
        who = payloads.who(body)
        await self._shared.open(who, str(body["trigger_id"]), self._settings_view(who))

    async def some_settings(self, ack: Ack, body: Body) -> None:
        """`/accord settings`: the team's for admins, whose window leads to their own; else one's own."""
        await ack()
        who = payloads.who(body)
        await self._shared.open(who, str(body["trigger_id"]), self._some_settings_view(who))

    async def _some_settings_view(self, who: Who) -> View:
        actor = await self._shared.actor(who)
        return await (self._settings_view(who) if actor.admin else self._mine_view(who))

    async def mine(self, ack: Ack, body: Body) -> None:
        """The button that opens one's own settings, over the team's where those are open."""
        await ack()
        click = payloads.click(body)
        in_window = (body.get("view") or {}).get("type") == "modal"
        await self._shared.open(click.who, click.trigger, self._mine_view(click.who), push=in_window)

    async def _mine_view(self, who: Who) -> View:
        return modals.mine_view(await own(Actor(who.team, who.user), self._shared.ports))

    async def mine_submitted(self, ack: Ack, body: Body) -> None:
        """One's own settings are to be kept."""
        submitted = payloads.submission(body)
        kept = self._shared.tasks.start(self._keep_mine(submitted))
        if await in_time(kept):
            await ack(response_action="update", view=kept.result())
            return
        await ack(
            response_action="update", view=modals.notice_view(answers.STILL_CHANGING, buttons.YOUR_SETTINGS)
        )
        await self._shared.show(submitted.who, body["view"]["id"], await kept)

    async def _keep_mine(self, submitted: Submission) -> View:
        """What the window says then, or asks first."""
        shared, who = self._shared, submitted.who
        ticked = submitted.typed.get(names.MINE, "").split(",")
        try:
            # Names nobody: what is kept without saying whose it is has the same time.
            at = await shared.at(f"settings {who.team} {submitted.trigger}")
        except BotError:
            log.warning("a member's settings could not be kept", exc_info=True)
            return modals.notice_view(texts.STORE_UNREACHABLE, buttons.YOUR_SETTINGS)
        reply = await shared.run(SetReminders(Actor(who.team, who.user), on=names.REMIND in ticked, at=at))
        if names.UNLEARN in ticked:
            return views.asks_view(reply, stopping_learning(), names.STOP_LEARNING, buttons.YOUR_SETTINGS)
        return modals.notice_view(reply.text, buttons.YOUR_SETTINGS)

    async def stop_learning(self, ack: Ack, body: Body) -> None:
        """The button that stops learning from oneself, after that was asked about."""
        await ack()
        await self._sure(payloads.click(body), changing.stop_learning, buttons.YOUR_SETTINGS)

    async def _settings_view(self, who: Who) -> View:
        require_admin(await self._shared.actor(who), who.team)
        return views.settings_view(await self._shared.ports.teams.team(who.team))

    async def settings_submitted(self, ack: Ack, body: Body) -> None:
        """Put new settings in place."""
        submitted = payloads.submission(body)

        async def read() -> Read:
            team = await self._shared.ports.teams.team(submitted.who.team)
            version = str(submitted.about.get("version") or "")
            here = await emoji_here(self._shared.clients, submitted.who.team, submitted.typed)
            changed, errors = forms.settings_since(version, submitted.typed, team, PICKED, here)
            return None if changed is None else (lambda actor: ChangeTeam(actor, changed)), errors

        await self._submitted(ack, body, read, "who_may_ask")

    async def shorten(self, ack: Ack, body: Body) -> None:
        """The button that keeps questions for less time, after that was asked about."""
        await ack()
        await self._sure(payloads.click(body), shorten, buttons.TEAM_SETTINGS)

    async def replace(self, ack: Ack, body: Body) -> None:
        """The button that replaces a template, after that was asked about."""
        await ack()
        await self._sure(payloads.click(body), changing.replace_template, buttons.NEW_TEMPLATE)

    async def _sure(self, click: Click, act: Callable[..., Awaitable[Reply]], title: str) -> None:
        """What was asked about in a window is to be done."""
        who, shared = click.who, self._shared
        # Names nobody: a trigger is one click's alone.
        name = f"{click.name} {who.team} {click.trigger}"
        try:
            reply = await act(name, await shared.actor(who), click.value, shared.ports, shared.notes)
        except BotError as exc:
            reply = Reply.refusing(exc)
        view = modals.notice_view(reply.text, title)
        if reply.asks is not None:
            view = views.asks_view(reply, reply.asks, click.name, title)
        await shared.show(who, click.view_id, view)
        await self._publish(who)

    # -- asking again ----------------------------------------------------------------------------

    async def library(self, ack: Ack, body: Body) -> None:
        """Templates, the bank and schedules, in a window."""
        await ack()
        who = payloads.who(body)
        await self._shared.open(who, str(body["trigger_id"]), self._library_view(who))

    async def _library_view(self, who: Who, told: str = "") -> View:
        kept = await queries.library(await self._shared.actor(who), self._shared.ports)
        return library.library_view(kept, told)

    async def new(self, ack: Ack, body: Body) -> None:
        """A button that opens one of the library's windows over it."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self._new_view(click), push=True)

    async def _new_view(self, click: Click) -> View:
        require_admin(await self._shared.actor(click.who), click.who.team)
        if click.name == names.IMPORT:
            return library.import_view()
        if click.name == names.NEW_TEMPLATE:
            return library.template_view()
        kept = await self._shared.ports.library.templates(click.who.team)
        person = await self._shared.people.person(click.who.team, click.who.user)
        return library.schedule_view([template.name for template in kept], person.zone)

    async def drop(self, ack: Ack, body: Body) -> None:
        """A button "Remove" in the library, which Slack has asked about."""
        await ack()
        click = payloads.click(body)
        take_out = removing.TAKING_OUT[SHELVES[click.name]]
        name = f"{click.name} {click.who.team} {click.who.user} {click.trigger}"
        reply = await self._once(click.who, name, lambda actor: take_out(actor, click.value))
        view = modals.notice_view(reply.text)
        if reply.ok:
            view = await self._library_view(click.who, reply.text)
        await self._shared.show(click.who, click.view_id, view)

    async def imported(self, ack: Ack, body: Body) -> None:
        """Questions for the bank were pasted or put in as a file."""
        who = payloads.who(body)
        text = payloads.typed(body["view"]).get("csv", "")
        files = payloads.files(body["view"])
        if bool(text.strip()) == bool(files):
            await ack(response_action="errors", errors={"csv": library_lines.TEXT_OR_FILE})
            return
        if not files:
            await self._submitted(ack, body, lambda: _read(lambda actor: ImportQuestions(actor, text)), "csv")
            return
        # A file takes its time to come: the window says so meanwhile.
        await ack(response_action="update", view=modals.notice_view(answers.READING_FILE))
        reply = await self._imported_file(who, f"file {payloads.submission(body).trigger}", files[0])
        await self._shared.came_of(payloads.submission(body), reply)

    async def _imported_file(self, who: Who, name: str, file: Body) -> Reply:
        try:
            require_admin(await self._shared.actor(who), who.team)
            url = str(file.get("url_private_download") or file.get("url_private") or "")
            text = await self._shared.clients.download(who.team, url, IMPORT_LIMIT)
        except BotError as exc:
            return Reply(explained(exc), ok=False)
        return await self._once(who, name, lambda actor: ImportQuestions(actor, text))

    async def template_submitted(self, ack: Ack, body: Body) -> None:
        """A template is to be kept."""
        submitted = payloads.submission(body)

        async def read() -> Read:
            team = await self._shared.ports.teams.team(submitted.who.team)
            made, errors = forms.template(submitted.typed, team)
            return None if made is None else (lambda actor: SaveTemplate(actor, made)), errors

        await self._submitted(ack, body, read, "name")

    async def schedule_submitted(self, ack: Ack, body: Body) -> None:
        """A schedule is to begin."""
        submitted = payloads.submission(body)

        async def read() -> Read:
            person = await self._shared.people.person(submitted.who.team, submitted.who.user)
            offered = payloads.offered(submitted.about)
            place = (PLATFORM, submitted.typed.get("channel", ""))
            key = f"slack:{submitted.view_id}:{submitted.trigger}"
            return changing.adding(submitted.typed, offered, person.zone, place, key)

        await self._submitted(ack, body, read, "what")

    # -- what they share -------------------------------------------------------------------------

    async def _submitted(
        self, ack: Ack, body: Body, read: Callable[[], Awaitable[Read]], field: str = ""
    ) -> None:
        """Read what a window asks for and run it; a refusal is shown in it.

        Reading asks the store and Slack, so that it belongs to what may take longer than Slack waits.
        """
        submitted = payloads.submission(body)
        who = submitted.who
        name = f"window {who.team} {who.user} {submitted.trigger}"
        done = self._shared.tasks.start(self._done(who, name, read, field))
        if not await in_time(done):
            await ack(response_action="update", view=modals.notice_view(answers.STILL_CHANGING))
            reply, _ = await done
            if reply.asks is None:
                await self._shared.came_of(submitted, reply)
            else:
                await self._shared.show(who, submitted.own_view_id, _asks(body, reply, reply.asks))
        elif errors := done.result()[1]:
            await ack(response_action="errors", errors=errors)
        elif (reply := done.result()[0]).asks is not None:
            await ack(response_action="update", view=_asks(body, reply, reply.asks))
        else:
            await ack(response_action="update", view=modals.notice_view(reply.text))
        await self._publish(who)

    async def _done(
        self, who: Who, name: str, read: Callable[[], Awaitable[Read]], field: str
    ) -> tuple[Reply, dict[str, str]]:
        try:
            command, errors = await read()
        except BotError:
            log.warning("an admin's change could not be read", exc_info=True)
            return Reply(texts.STORE_UNREACHABLE, ok=False), {}
        if command is None:
            return Reply(" ".join(errors.values()), ok=False), errors
        reply = await self._once(who, name, command)
        refused = field and not reply.ok and reply.asks is None
        return reply, {field: reply.text} if refused else {}

    async def _once(self, who: Who, name: str, command: Callable[[Actor], Command]) -> Reply:
        shared = self._shared
        try:
            return await changing.once(name, command(await shared.actor(who)), shared.ports, shared.notes)
        except DomainError as exc:
            return Reply(explained(exc), ok=False)
        except BotError:
            log.warning("an admin's change could not be made", exc_info=True)
            return Reply(texts.STORE_UNREACHABLE, ok=False)


def _asks(body: Body, reply: Reply, asks: Confirmation) -> View:
    """What a window that was submitted asks before it is done."""
    if body["view"]["callback_id"] == names.TEMPLATE_VIEW:
        return views.asks_view(reply, asks, names.REPLACE, buttons.NEW_TEMPLATE)
    return views.asks_view(reply, asks, names.SHORTEN, buttons.TEAM_SETTINGS)


async def _read(command: Callable[[Actor], Command]) -> Read:
    """Nothing had to be asked for it."""
    return command, {}
