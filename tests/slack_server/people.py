"""Members of a workspace as puppets: what they do, tests say; what Slack makes of it, the app gets.

Reads:  commands, clicks, texts and reactions of a test.
Gives:  the genuine payload to the app, its `Delivery`, and what the person sees afterwards.
Raises: CannotDoError for what Slack's client would not let them do (a button that is not there, an empty
        required field, a text that is too long).
"""

import json
from typing import TYPE_CHECKING, Any

from tests.bell import PATIENCE_S
from tests.slack_server import events, payloads, wire
from tests.slack_server.delivery import COMMANDS, INTERACTIVE, Delivery
from tests.slack_server.elements import CannotDoError, action, entry, state_of
from tests.slack_server.methods_people import normalised
from tests.slack_server.modals import apply_answer, check_complete, fill
from tests.slack_server.state import Channel, Json, Message, Person, Team, View, find_element

if TYPE_CHECKING:
    from tests.slack_server.server import SlackServer


class User:
    """Somebody in a workspace, at the keyboard."""

    def __init__(self, server: "SlackServer", team: Team, person: Person) -> None:
        self.server, self.team, self.person = server, team, person

    @property
    def id(self) -> str:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    # What they see.

    @property
    def views(self) -> list[View]:
        """The modals before them, the top one last."""
        return self.team.stacks.get(self.id, [])

    @property
    def view(self) -> View | None:
        """The modal on top."""
        return self.views[-1] if self.views else None

    @property
    def home(self) -> View | None:
        """The app's home tab."""
        return self.team.homes.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """What only they were shown, oldest first."""
        return [m for m in self.team.ephemerals.get(self.id, []) if not m.deleted]

    @property
    def dms(self) -> list[Message]:
        """What the app wrote to them directly, oldest first."""
        channel = self.team.dm_with(self.id, self.team.bot.id)
        return [m for m in channel.shown if m.bot_id] if channel else []

    async def sees_modal(self, callback_id: str = "", *, timeout_s: float = PATIENCE_S) -> View:
        """Wait until a modal is before them (with that callback id, if one is given)."""

        def found() -> View | None:
            return self.view if self.view and callback_id in ("", self.view.callback_id) else None

        view = await self.server.until(
            found, what=f"a modal {callback_id} for {self.name}", timeout_s=timeout_s
        )
        assert view is not None
        return view

    async def is_told(self, words: str, *, timeout_s: float = PATIENCE_S) -> Message:
        """Wait for a private message (ephemeral or direct) that holds these words."""

        def found() -> Message | None:
            told = [*self.ephemerals, *self.dms]
            return next((m for m in reversed(told) if words in m.shown or words in m.text), None)

        message = await self.server.until(
            found, what=f"{self.name} to be told {words!r}", timeout_s=timeout_s
        )
        assert message is not None
        return message

    # What they do.

    async def command(self, words: str, channel: Channel | None = None) -> Delivery:
        """Type a slash command, as `/accord ask Why?`; without a channel, in the app's direct messages."""
        where = channel or self._app_dm()
        self._check_inside(where)
        url = self.server.response_urls.new(self, where, None)
        payload = payloads.command(self.server.state, self.team, self.person, where, words, url)
        delivery = await self.server.post.deliver(COMMANDS, payload, accepts_response=True)
        if delivery.response:
            self.server.response_urls.answer(url, delivery.response)
        return delivery

    async def click(self, on: Message | View, action_id: str, value: Any = None) -> Delivery:
        """Press a button, or pick `value` in a select, a picker, an overflow menu."""
        block, element = self._on_show(on, action_id)
        if element["type"] not in ("button", "overflow"):
            self._typed(on)[(block["block_id"], action_id)] = entry(element, value)
        done = action(block, element, value, self.server.state.new_ts())
        return await self.server.post.deliver(INTERACTIVE, self._clicked(on, done))

    async def forge_click(self, on: Message | View, action_id: str, value: str) -> Delivery:
        """Press what is not drawn there: as somebody may who writes to Slack without its client."""
        element: Json = {"type": "button", "action_id": action_id, "value": value}
        element["text"] = {"type": "plain_text", "text": "forged"}
        done = action({"block_id": "forged"}, element, None, self.server.state.new_ts())
        return await self.server.post.deliver(INTERACTIVE, self._clicked(on, done))

    async def forge_submit(self, view: View, about: Json, values: dict[str, Any]) -> Delivery:
        """Submit a modal as if it had been opened about something else."""
        view.given["private_metadata"] = json.dumps(about)
        return await self.submit(view, values)

    def _clicked(self, on: Message | View, done: Json) -> Json:
        state = self.server.state
        if isinstance(on, View):
            return payloads.click_in_view(state, self.person, on, done)
        url = self.server.response_urls.new(self, on.channel, on)
        values = state_of(on.blocks, self._typed(on))
        return payloads.click_on_message(state, self.person, on, done, values, url)

    def _on_show(self, on: Message | View, action_id: str) -> tuple[Json, Json]:
        if isinstance(on, View) and on is not self.view and on is not self.home:
            raise CannotDoError(f"{self.name} does not have that view before them")
        if isinstance(on, Message) and (on.deleted or on.seen_by not in (None, self.id)):
            raise CannotDoError(f"{self.name} does not see that message")
        try:
            return find_element(on.blocks, action_id)
        except LookupError as missing:
            raise CannotDoError(str(missing)) from None

    def _typed(self, on: Message | View) -> dict[tuple[str, str], Json]:
        if isinstance(on, View):
            return on.typed
        return self.server.picked.setdefault((self.id, on.channel.id, on.ts), {})

    async def submit(self, view: View | None = None, values: dict[str, Any] | None = None) -> Delivery:
        """Fill fields of the modal on top (by block id or action id) and press its submit button.

        The answer takes effect as in Slack: the modal closes, changes, gives way to another, or shows errors.
        """
        shown = view or self._top()
        if shown is not self.view:
            raise CannotDoError(f"{self.name} does not have that modal on top")
        fill(shown, values or {})
        check_complete(shown)
        payload = payloads.submission(self.server.state, self.person, shown)
        delivery = await self.server.post.deliver(INTERACTIVE, payload, accepts_response=True)
        if delivery.acked:
            apply_answer(self.server.state, self.team, shown, delivery)
            if delivery.problem:
                self.server.problems.append(delivery.problem)
        self.server.state.ring()
        return delivery

    def fill(self, view: View, values: dict[str, Any]) -> None:
        """Type into fields without submitting."""
        fill(view, values)

    async def close(self) -> Delivery | None:
        """Close the modal on top; the app hears of it only if it asked to."""
        view = self._top()
        cleared = bool(view.given.get("clear_on_close"))
        closed = list(self.views) if cleared else [view]
        self.team.stacks[self.id] = [] if cleared else self.views[:-1]
        for each in closed[:-1]:
            await self._closed(each, cleared=cleared)
        return await self._closed(view, cleared=cleared)

    async def _closed(self, view: View, *, cleared: bool) -> Delivery | None:
        if not view.given.get("notify_on_close"):
            return None
        payload = payloads.closing(self.server.state, self.person, view, cleared=cleared)
        return await self.server.post.deliver(INTERACTIVE, payload)

    def _top(self) -> View:
        if self.view is None:
            raise CannotDoError(f"{self.name} has no modal before them")
        return self.view

    async def react(self, message: Message, name: str, *, skin_tone: int | None = None) -> Delivery | None:
        """React with an emoji; None when the app is not told."""
        stored = _stored(name, skin_tone)
        users = message.reactions.setdefault(stored, [])
        if self.id in users:
            raise CannotDoError(f"{self.name} already reacted with {stored}")
        users.append(self.id)
        return await self._reacted(message, stored, added=True)

    async def unreact(self, message: Message, name: str, *, skin_tone: int | None = None) -> Delivery | None:
        """Take a reaction back."""
        stored = _stored(name, skin_tone)
        if self.id not in message.reactions.get(stored, []):
            raise CannotDoError(f"{self.name} did not react with {stored}")
        message.reactions[stored].remove(self.id)
        return await self._reacted(message, stored, added=False)

    async def _reacted(self, message: Message, name: str, *, added: bool) -> Delivery | None:
        event = events.reaction(self.server.state, message, self.id, name, added=added)
        return await self.server.events.tell(self.team, event, message.channel)

    async def message_shortcut(self, message: Message, callback_id: str) -> Delivery:
        """Choose the app's shortcut in a message's menu."""
        url = self.server.response_urls.new(self, message.channel, None)
        state = self.server.state
        payload = payloads.message_shortcut(state, self.person, message, callback_id, url)
        return await self.server.post.deliver(INTERACTIVE, payload)

    async def shortcut(self, callback_id: str) -> Delivery:
        """Choose the app's global shortcut."""
        payload = payloads.global_shortcut(self.server.state, self.team, self.person, callback_id)
        return await self.server.post.deliver(INTERACTIVE, payload)

    async def open_home(self, tab: str = "home") -> Delivery | None:
        """Open the app's page; `tab` is `home` or `messages`."""
        state, view = self.server.state, self.home
        shown = wire.view(view, state) if view and tab == "home" else None
        event = events.home_opened(state, self._app_dm(), self.id, tab, shown)
        return await self.server.events.tell(self.team, event)

    async def dm(self, text: str) -> Delivery | None:
        """Write to the app directly."""
        _, delivery = await self.say(self._app_dm(), text)
        return delivery

    async def say(
        self, channel: Channel, text: str, *, thread: Message | None = None
    ) -> tuple[Message, Delivery | None]:
        """Write into a conversation."""
        self._check_inside(channel)
        message = Message(channel, self.server.state.new_ts(), self.id, text)
        message.thread_ts = thread.ts if thread else None
        channel.messages.append(message)
        event = events.posted(self.server.state, message)
        return message, await self.server.events.tell(self.team, event, channel)

    async def delete(self, message: Message) -> Delivery | None:
        """Delete a message (their own, or anybody's as an admin)."""
        message.deleted = True
        event = events.gone(self.server.state, message)
        return await self.server.events.tell(self.team, event, message.channel)

    async def join(self, channel: Channel) -> Delivery | None:
        """Join a channel."""
        channel.members.append(self.id)
        event = events.membership(self.server.state, channel, self.id, joined=True)
        return await self.server.events.tell(self.team, event, channel)

    async def leave(self, channel: Channel) -> Delivery | None:
        """Leave a channel."""
        channel.members.remove(self.id)
        event = events.membership(self.server.state, channel, self.id, joined=False)
        return await self.server.events.tell(self.team, event, channel)

    def _check_inside(self, channel: Channel) -> None:
        if self.id not in channel.members or channel.archived:
            raise CannotDoError(f"{self.name} cannot write into {channel.name or channel.id}")

    def _app_dm(self) -> Channel:
        channel, _ = self.server.direct(self.team, self.id, self.team.bot.id)
        return channel


def _stored(name: str, skin_tone: int | None) -> str:
    """An emoji as somebody types or picks it, as Slack stores it."""
    bare = name.strip(":")
    return normalised(bare if skin_tone is None else f"{bare}::skin-tone-{skin_tone}")
