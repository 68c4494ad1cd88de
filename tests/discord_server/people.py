"""Members of a guild as puppets: what they do, tests say; what Discord makes of it, the application gets.

Reads:  commands, presses, texts, reactions and votes of a test.
Gives:  the genuine event to the application, the `Interaction`, and what the person sees afterwards.
Raises: CannotDoError for what Discord's client would not let them do (a button that is not there, a command
        they may not use, an empty required field, a text that is too long).
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.bell import PATIENCE_S
from tests.discord_server import permissions, posting
from tests.discord_server.check_commands import MESSAGE
from tests.discord_server.check_components import BUTTON, LINK, ROW, SELECTS, STRING_SELECT
from tests.discord_server.choosing import Picker, command_data, find_command
from tests.discord_server.errors import CannotDoError
from tests.discord_server.routes_interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from tests.discord_server.state import (
    DM,
    Channel,
    Guild,
    Interaction,
    Json,
    Membership,
    Message,
    Modal,
    Person,
    Role,
)

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer


class Member:
    """Somebody in a guild, at the keyboard."""

    def __init__(self, server: "DiscordServer", guild: Guild, person: Person) -> None:
        self.server, self.guild, self.person = server, guild, person

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def membership(self) -> Membership:
        """Their place in the guild; CannotDoError once they left."""
        if self.id not in self.guild.members:
            raise CannotDoError(f"{self.name} is not in {self.guild.name}")
        return self.guild.members[self.id]

    # What they see.

    @property
    def modal(self) -> Modal | None:
        """The modal before them."""
        return self.server.state.modals.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """What only they were shown, oldest first."""
        return sorted((m for m in self.server.state.messages() if m.seen_by == self.id), key=lambda m: m.id)

    @property
    def dms(self) -> list[Message]:
        """What the application wrote to them directly, oldest first."""
        channel = self.server.state.dm_with(self.id)
        bot = self.server.state.bot
        return [m for m in channel.shown if m.author is bot] if channel else []

    def sees(self, channel: Channel) -> list[Message]:
        """The messages of a channel as they see them, their ephemeral ones included."""
        return [m for m in channel.messages if not m.deleted and m.seen_by in (None, self.id)]

    async def sees_modal(self, title: str = "", *, timeout_s: float = PATIENCE_S) -> Modal:
        """Wait until a modal is before them (with that title, if one is given)."""

        def found() -> Modal | None:
            return self.modal if self.modal and title in ("", self.modal.title) else None

        modal = await self.server.until(found, what=f"a modal {title} for {self.name}", timeout_s=timeout_s)
        assert modal is not None
        return modal

    async def is_told(self, words: str, *, timeout_s: float = PATIENCE_S) -> Message:
        """Wait for a private message (ephemeral or direct) that holds these words."""

        def found() -> Message | None:
            return next((m for m in reversed([*self.ephemerals, *self.dms]) if words in m.shown), None)

        what = f"{self.name} to be told {words!r}"
        message = await self.server.until(found, what=what, timeout_s=timeout_s)
        assert message is not None
        return message

    # Interactions.

    async def command(self, words: str, channel: Channel | None = None, /, **options: Any) -> Interaction:
        """Use a slash command, as `command("accord ask", question="Why?")`.

        Without a channel, in the guild's first. Options take texts, numbers, members, roles, channels and
        uploads. Returns once it is answered or has failed.
        """
        where = channel or self.server.first_channel(self.guild)
        command, way, defined = self._command(words, where)
        picker = Picker(self.server, where, self.id)
        data = command_data(self.server, where, command, way, picker.options(defined, options))
        return await self._act(COMMAND, where, data | _resolved(picker))

    async def autocomplete(
        self, words: str, option: str, typed: str = "", channel: Channel | None = None, **others: Any
    ) -> list[Json]:
        """Type into an option that completes itself; gives the choices that are shown."""
        where = channel or self.server.first_channel(self.guild)
        command, way, defined = self._command(words, where)
        field = next((each for each in defined if each["name"] == option and each.get("autocomplete")), None)
        if field is None:
            raise CannotDoError(f"/{words} completes no option {option!r}")
        picker = Picker(self.server, where, self.id)
        known = [each for each in defined if each["name"] in others]
        filled = picker.options(known, others)
        focused = {"name": option, "type": field["type"], "value": typed, "focused": True}
        data = command_data(self.server, where, command, way, [*filled, focused])
        return (await self._act(AUTOCOMPLETE, where, data)).choices

    async def message_command(self, name: str, message: Message) -> Interaction:
        """Choose the application's entry in a message's menu."""
        self._check_sees(message)
        found = [
            c for c in self._commands(message.channel) if c["type"] == MESSAGE and self._goes_by(c, name)
        ]
        if not found:
            raise CannotDoError(f"{self.name} has no message command {name!r}")
        told = {str(message.id): self.server.wire.message(message)}
        data: Json = {"id": found[0]["id"], "name": found[0]["name"], "type": MESSAGE}
        data |= {"target_id": str(message.id), "resolved": {"messages": told}}
        return await self._act(COMMAND, message.channel, data)

    async def press(self, message: Message, button: str) -> Interaction:
        """Press a button, by its custom id or its label."""
        component = self._component(message, button)
        if component["type"] != BUTTON or component.get("style") == LINK:
            raise CannotDoError(f"{button!r} is no button that asks the application")
        data = {"custom_id": component["custom_id"], "component_type": BUTTON, "id": component.get("id")}
        return await self._act(COMPONENT, message.channel, data, source=message)

    async def forge_press(self, channel: Channel, custom_id: str, *values: str) -> Interaction:
        """Press, in a channel they see, what no message shows, as somebody may with a client of their own.

        values: what they choose, where it is no button but a menu of words.
        """
        drawn: Json = {"type": BUTTON, "id": 1, "custom_id": custom_id, "style": 1, "label": "Forged"}
        data: Json = {"custom_id": custom_id, "component_type": BUTTON, "id": 1}
        if values:
            options = [{"label": value, "value": value} for value in values]
            drawn = {"type": STRING_SELECT, "id": 1, "custom_id": custom_id, "options": options}
            data |= {"component_type": STRING_SELECT, "values": list(values)}
        shown = next(m for m in reversed(self.sees(channel)) if m.author is self.server.state.bot)
        forged = replace(shown, components=[{"type": ROW, "id": 2, "components": [drawn]}])
        return await self._act(COMPONENT, channel, data, source=forged)

    async def forge_submit(self, channel: Channel, custom_id: str, fields: dict[str, str]) -> Interaction:
        """Submit, in a channel they see, a modal that was never opened there."""
        typed = [{"type": 4, "id": 2, "custom_id": name, "value": text} for name, text in fields.items()]
        components = [{"type": 18, "id": 1, "component": each} for each in typed]
        return await self._act(MODAL_SUBMIT, channel, {"custom_id": custom_id, "components": components})

    async def choose(self, message: Message, select: str, *values: Any) -> Interaction:
        """Pick in a select menu, by custom id or placeholder; values by value, label, or as records."""
        component = self._component(message, select)
        if component["type"] not in SELECTS:
            raise CannotDoError(f"{select!r} is no select")
        picker = Picker(self.server, message.channel, self.id)
        data: Json = {"custom_id": component["custom_id"], "component_type": component["type"]}
        data["values"] = picker.values(component, list(values))
        return await self._act(COMPONENT, message.channel, data | _resolved(picker), source=message)

    async def submit(self, modal: Modal | None = None, values: dict[str, Any] | None = None) -> Interaction:
        """Fill fields of the modal before them, by custom id or by label, and submit it.

        It closes once it is answered; while it is not, it stays, as in Discord's client.
        """
        shown = modal or self.modal
        if shown is None or shown is not self.modal:
            raise CannotDoError(f"{self.name} does not have that modal before them")
        channel, source = shown.interaction.channel, shown.interaction.source
        picker = Picker(self.server, channel, self.id)
        fields = picker.fields(shown.given["components"], {**shown.typed, **(values or {})})
        data: Json = {"custom_id": shown.custom_id, "components": fields}
        return await self._act(MODAL_SUBMIT, channel, data | _resolved(picker), source=source)

    def dismiss_modal(self) -> None:
        """Close the modal; the application does not hear of it."""
        self.server.state.modals.pop(self.id, None)

    async def _act(
        self, kind: int, channel: Channel, data: Json, *, source: Message | None = None
    ) -> Interaction:
        """Send what they did; wait for the first answer, as long as Discord does."""
        state = self.server.state
        self._check_inside(channel)
        made = Interaction(state.new_id(), state.new_token(), kind, self.person, channel, state.clock())
        made.source = source
        made.payload = self.server.wire.interaction(made, kind, data)
        state.interactions[made.token] = made
        made.sent = self.server.send_interaction(made)
        if not made.sent:
            made.expired = True
            return made
        try:
            await asyncio.wait_for(asyncio.shield(made.answer), state.timers.answer_within_s)
        except TimeoutError:
            made.expired = not made.answer.done()
        state.ring()
        return made

    # Reactions, votes, words.

    async def react(self, message: Message, emoji: str) -> int:
        """React with an emoji; gives to how many connections of the application it went."""
        users = message.reactions.setdefault(emoji, [])
        self._check_may(message.channel, "read_message_history", *([] if users else ["add_reactions"]))
        self._check_sees(message)
        if self.id in users:
            raise CannotDoError(f"{self.name} already reacted with {emoji}")
        users.append(self.id)
        return self.server.events.reaction(message, self.id, emoji, added=True)

    async def unreact(self, message: Message, emoji: str) -> int:
        """Take a reaction back."""
        if self.id not in message.reactions.get(emoji, []):
            raise CannotDoError(f"{self.name} did not react with {emoji}")
        message.reactions[emoji].remove(self.id)
        return self.server.events.reaction(message, self.id, emoji, added=False)

    async def vote(self, message: Message, answer: int | str) -> int:
        """Vote in a poll, by number or text; where there is one vote, an earlier one has to go first."""
        poll, number = self._answer(message, answer)
        theirs = [n for n, users in poll.votes.items() if self.id in users]
        if number in theirs or (theirs and not poll.multiple):
            raise CannotDoError(f"{self.name} has voted already")
        poll.votes.setdefault(number, []).append(self.id)
        return self.server.events.vote(message, self.id, number, added=True)

    async def unvote(self, message: Message, answer: int | str | None = None) -> int:
        """Take a vote back; without an answer, all of theirs."""
        assert message.poll is not None
        theirs = [n for n, users in message.poll.votes.items() if self.id in users]
        meant = theirs if answer is None else [self._answer(message, answer)[1]]
        if not theirs or not set(meant) <= set(theirs) or self.server.wire.is_over(message.poll):
            raise CannotDoError(f"{self.name} has no such vote to take back")
        for number in meant:
            message.poll.votes[number].remove(self.id)
        return sum(self.server.events.vote(message, self.id, number, added=False) for number in meant)

    def _answer(self, message: Message, answer: int | str) -> tuple[Any, int]:
        self._check_sees(message)
        poll = message.poll
        number = None if poll is None else poll.answer_id(answer)
        if poll is None or number is None or self.server.wire.is_over(poll):
            raise CannotDoError(f"{self.name} cannot vote for {answer!r} there")
        return poll, number

    async def say(self, channel: Channel, text: str) -> Message:
        """Write into a channel."""
        self._check_may(channel, "send_messages")
        return posting.post(self.server, channel, self.person, {"content": text})

    async def delete(self, message: Message) -> None:
        """Delete a message of theirs, or any where they may."""
        if message.author is not self.person:
            self._check_may(message.channel, "manage_messages")
        posting.remove(self.server, message)

    # Coming and going.

    def leave(self) -> None:
        """Leave the guild."""
        member = self.membership
        del self.guild.members[self.id]
        self.server.events.member("GUILD_MEMBER_REMOVE", self.guild, member)

    def join(self, guild: Guild | None = None) -> "Member":
        """Join a guild, or come back to this one."""
        return self.server.admit(self.person, guild or self.guild)

    def take(self, *roles: Role) -> None:
        """Be given roles."""
        self.membership.roles += [role.id for role in roles]
        self.server.events.member("GUILD_MEMBER_UPDATE", self.guild, self.membership)

    def close_dms(self) -> None:
        """Let nobody from a guild write to them directly."""
        self.person.dms_open = False

    # What they can and cannot do.

    def may(self, channel: Channel, *names: str) -> bool:
        """Whether they have these permissions in a channel."""
        return not permissions.bits(names) & ~permissions.in_channel(channel, self.id)

    def _check_may(self, channel: Channel, *names: str) -> None:
        if not self.may(channel, "view_channel", *names) or channel.deleted:
            raise CannotDoError(f"{self.name} may not {', '.join(names)} in {channel.name or channel.id}")

    def _check_inside(self, channel: Channel) -> None:
        self._check_may(channel, *([] if channel.type == DM else ["use_application_commands"]))

    def _check_sees(self, message: Message) -> None:
        if message.deleted or message.seen_by not in (None, self.id):
            raise CannotDoError(f"{self.name} does not see that message")
        self._check_may(message.channel)

    def _component(self, message: Message, wanted: str) -> Json:
        self._check_sees(message)
        try:
            found = message.component(wanted)
        except LookupError as missing:
            raise CannotDoError(str(missing)) from None
        if found.get("disabled"):
            raise CannotDoError(f"{wanted!r} is disabled")
        return found

    def _command(self, words: str, channel: Channel) -> tuple[Json, list[Json], list[Json]]:
        return find_command(self._commands(channel), words, self.person.locale)

    def _commands(self, channel: Channel) -> list[Json]:
        """The commands that they are offered in a channel."""
        self._check_inside(channel)
        return [c for c in self.server.state.commands_in(channel.guild) if self._is_offered(c, channel)]

    def _is_offered(self, command: Json, channel: Channel) -> bool:
        if channel.guild is None:
            contexts = command.get("contexts")
            return 1 in contexts if contexts is not None else bool(command.get("dm_permission", True))
        needed = int(command.get("default_member_permissions") or 0)
        return not needed & ~permissions.in_channel(channel, self.id) and self._may_at_all(command, channel)

    def _may_at_all(self, command: Json, channel: Channel) -> bool:
        """Permissions of "0" are: nobody but administrators."""
        nobody = command.get("default_member_permissions") == "0"
        return not nobody or self.may(channel, "administrator")

    def _goes_by(self, command: Json, name: str) -> bool:
        localised = (command.get("name_localizations") or {}).get(self.person.locale)
        return name in (command["name"], localised)


def _resolved(picker: Picker) -> Json:
    return {"resolved": picker.resolved} if picker.resolved else {}
