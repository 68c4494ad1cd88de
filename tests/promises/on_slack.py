"""A question in a loopback Slack."""

import html
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.slack.views import names
from bot.chat.steering import REVISE
from bot.domain.deliberation import REASON_LIMIT, Deliberation
from bot.domain.rounds import Preference
from bot.wording import jury_lines
from tests.promises.places import QUESTION, Asked, ChatPlace, Exported
from tests.slack_house import SlackHouse, card
from tests.slack_server import Delivery, Message, User, View
from tests.slack_server.state import find_element


class SlackPlace(ChatPlace):
    """A channel with so many people in it."""

    house: SlackHouse
    sent: Delivery

    def __init__(self, house: SlackHouse, people: int) -> None:
        self.house = house
        self.ports = house.ports
        self.people = house.people(people)
        self.room = house.slack.channel("general", *self.people)
        self.team = self.people[0].team.id

    async def post(self) -> Deliberation:
        return await self.house.ask(self.people[0], self.room, QUESTION)

    def user(self, person: int) -> str:
        return self.people[person].id

    def name(self, person: int) -> str:
        return self.people[person].name

    def plain(self, shown: str) -> str:
        return html.unescape(re.sub(r"<[^>]*>|\*", "", shown))

    # -- opinions --------------------------------------------------------------------------------

    async def begin(self, person: int) -> str:
        view = await self._opened(person)
        own = find_element(view.blocks, "opinion")[1].get("initial_value", "")
        return f"{view.shown}\n{html.escape(own, quote=False)}"

    async def _opened(self, person: int) -> View:
        await self.people[person].click(card(self.room), names.SHARE)
        return await self.people[person].sees_modal(names.OPINION_VIEW)

    async def before_writing(self, person: int) -> str:
        shown = await self.begin(person)
        await self.people[person].close()
        return f"{card(self.room).shown}\n{shown}"

    async def send(
        self,
        person: int,
        text: str,
        *,
        baseline: int = 0,
        learn: bool | None = None,
        about: Sequence[str] = (),
    ) -> str:
        given: dict[str, str | None] = {names.BASELINE: str(baseline)} if baseline else {}
        given |= {jury_lines.name_of(place): said or None for place, said in enumerate(about)}
        return await self._sends(person, "opinion", text, given, learn)

    async def _sends(
        self, person: int, field: str, text: str, given: Mapping[str, Any], learn: bool | None
    ) -> str:
        """Submit what was begun, with its text in this field."""
        user = self.people[person]
        fields: dict[str, Any] = {field: text, **given}
        if learn is not None:
            fields[names.LEARN] = [names.YES] if learn else []
        self.sent = await user.submit(values=fields)
        assert self.sent.acked
        # A window that refuses something stays, with what was typed.
        still = user.view.typed.get((field, field), {}) if user.view else {}
        typed_still = html.escape(still.get("value", ""), quote=False)
        told = "\n".join([*self.sent.errors.values(), typed_still, _top(user)])
        while user.views:
            await user.close()
        await self.house.settled()
        return told

    async def ticked(self, person: int) -> bool | None:
        view = self.people[person].view or await self._opened(person)
        boxes = [block["element"] for block in view.blocks if block["block_id"] == names.LEARN]
        await self.people[person].close()
        return "initial_options" in boxes[0] if boxes else None

    async def how(self, person: int) -> str:
        await self.people[person].click(card(self.room), names.HOW)
        shown = (await self.people[person].sees_modal(names.NOTICE_VIEW)).shown
        await self.people[person].close()
        return shown

    async def stop_learning(self, person: int) -> Asked:
        user = self.people[person]
        await user.command("/accord settings", self.room)
        await user.submit(await user.sees_modal(names.MINE_VIEW), {names.MINE: [names.UNLEARN]})
        asks = user.view
        assert asks is not None
        return Asked(asks.shown, lambda: self._clicked(person, asks, names.STOP_LEARNING))

    async def withdraw_opinion(self, person: int) -> Asked:
        return self._asked(person, await self._opened(person), names.WITHDRAW)

    # -- ratings ---------------------------------------------------------------------------------

    async def rating_form(self, person: int, value: int) -> Asked:
        return self._shown_now(person, f"{names.RATE}:{value}")

    def _shown_now(self, person: int, button: str) -> Asked:
        """A button of the question's message that asks nothing first; `yes` presses it as it is now."""
        now = replace(card(self.room))
        return Asked(now.shown, lambda: self._clicked(person, now, button))

    async def quality_form(self, person: int, value: int) -> Asked:
        now, name = replace(card(self.room)), f"{names.QUALITY}:{self.id}"
        options = find_element(now.blocks, name)[1]["options"]
        (chosen,) = [each["value"] for each in options if each["value"].split()[0] == str(value)]
        return Asked(now.shown, lambda: self._clicked(person, now, name, chosen))

    async def withdraw_rating(self, person: int) -> Asked:
        return self._asked(person, replace(card(self.room)), names.UNRATE)

    # -- reasons ---------------------------------------------------------------------------------

    async def before_reason(self, person: int, on: Message | None = None) -> str:
        view = await self._says_why(person, on)
        own = find_element(view.blocks, "reason")[1].get("initial_value", "")
        return f"{view.shown}\n{html.escape(own, quote=False)}"

    async def _says_why(self, person: int, on: Message | None) -> View:
        """on: the message that is rated, where that is not the question's own."""
        user = self.people[person]
        while user.views:
            await user.close()
        await user.click(on or card(self.room), names.SAY_WHY)
        return await user.sees_modal(names.REASON_VIEW)

    async def send_reason(self, person: int, text: str, *, learn: bool | None = None) -> str:
        view = self.people[person].view
        if view is not None and len(text) > REASON_LIMIT:
            # As a client sends it that lets people write more than it was told.
            del find_element(view.blocks, "reason")[1]["max_length"]
        return await self._sends(person, "reason", text, {}, learn)

    async def reason_form(self, person: int, text: str) -> Asked:
        return self._shown_now(person, names.SAY_WHY)

    async def withdraw_reason(self, person: int, on: Message | None = None) -> Asked:
        return self._asked(person, await self._says_why(person, on), names.WITHDRAW_REASON)

    # -- further rounds --------------------------------------------------------------------------

    async def revise(self) -> Asked:
        await self.people[0].command("/accord revise", self.room)
        window = await self.people[0].sees_modal(names.MANAGE_VIEW)
        return self._asked(0, window, f"{names.DO}:{REVISE}")

    async def tries_to_revise(self, person: int) -> list[str]:
        user = self.people[person]
        said = await self._told(person, "/accord revise")
        await user.click(card(self.room), names.SAY_WHY)
        window = await user.sees_modal(names.REASON_VIEW)
        button = f"{names.DO}:{REVISE}"

        async def forge() -> None:
            self.sent = await user.forge_click(window, button, self.id)

        return [said, await self._hears(user, forge)]

    async def preference_form(self, person: int, choice: Preference) -> Asked:
        name = f"{names.COMPARE}:{self.id}"
        # Beside the statement, or on the message on which it is rated by reactions.
        (asks,) = [each for each in self.room.shown if name in str(each.blocks)]
        now, (_, menu) = replace(asks), find_element(asks.blocks, name)
        (value,) = [each["value"] for each in menu["options"] if each["value"].endswith(choice)]
        return Asked(now.shown, lambda: self._clicked(person, now, name, value))

    # -- points ----------------------------------------------------------------------------------

    async def points(self, person: int) -> str:
        user = self.people[person]
        while user.views:
            await user.close()
        await self.house.slack.until(lambda: names.POINTS in self.on_card(), what="the button")
        await user.click(card(self.room), names.POINTS)
        return (await user.sees_modal()).shown

    async def say_of_points(self, person: int, side: str) -> str:
        view = self.people[person].view
        assert view is not None
        asked = [block["block_id"] for block in view.blocks if block["type"] == "input"]
        self.sent = await self.people[person].submit(view, dict.fromkeys(asked, side))
        await self.house.settled()
        return "\n".join([*self.sent.errors.values(), _top(self.people[person])])

    async def before_a_point(self, person: int) -> str:
        await self.points(person)
        user = self.people[person]
        assert user.view is not None
        await user.click(user.view, names.ADD_POINT)
        return (await user.sees_modal(names.ADD_POINT_VIEW)).shown

    async def add_point(self, person: int, text: str) -> str:
        await self.before_a_point(person)
        return await self._sends(person, "point", text, {}, None)

    async def hide_point(self, person: int, words: str) -> str:
        user, value = self.people[person], f"{self.id} 0 {await self.point(words)}"
        if person:
            return await self.presses(person, names.HIDE_POINT, value)
        await self._told(0, "/accord list")
        await user.click(await self._managing(), f"{names.DO}:points")
        view = await user.sees_modal(names.NOTICE_VIEW)
        # Its name alone does not say which of several buttons it is.
        assert value in str(view.blocks)
        before = view.shown
        self.sent = await user.forge_click(view, names.HIDE_POINT, value)
        await self.house.slack.until(lambda: _top(user) != before, what="an answer")
        return _top(user)

    # -- running it ------------------------------------------------------------------------------

    async def close(self) -> str:
        return await self._told(0, "/accord close")

    async def close_vote(self) -> Asked:
        await self._told(0, "/accord list")
        return self._asked(0, await self._managing(), f"{names.DO}:close-rating")

    async def extend(self, hours: int, person: int = 0) -> str:
        return await self._told(person, f"/accord extend in {hours} hours")

    async def extend_form(self, hours: int) -> Asked:
        """The window in which a deadline is moved; `yes` submits it."""
        asker = self.people[0]
        await asker.command("/accord extend", self.room)
        view = await asker.sees_modal(names.EXTEND_VIEW)

        async def yes() -> str:
            self.sent = await asker.submit(view, {"deadline": f"in {hours} hours"})
            await self.house.settled()
            told = "\n".join([*self.sent.errors.values(), _top(asker)])
            while asker.views:
                await asker.close()
            return told

        return Asked(view.shown, yes)

    async def extend_one_of_several(self, hours: int) -> Asked:
        """The questions that a moved deadline may be meant for; `yes` chooses this one."""
        asked = await self._told(0, f"/accord extend in {hours} hours")
        message = self.people[0].ephemerals[-1]
        elements = [block.get("accessory", {}) for block in message.blocks]
        (value,) = [each["value"] for each in elements if each.get("value", "").startswith(self.id)]

        async def choose() -> None:
            self.sent = await self.people[0].forge_click(message, names.EXTEND_TO, value)

        return Asked(asked, lambda: self._hears(self.people[0], choose))

    async def reopen(self) -> str:
        return await self._told(0, "/accord reopen in 3 hours")

    async def again(self, sent: Delivery) -> None:
        await self.house.slack.post.again(sent)
        await self.house.settled()

    def everything_twice(self) -> None:
        self.house.slack.redelivery.every = True
        self.house.slack.redelivery.interactions_too = True

    async def cancel(self) -> Asked:
        await self._told(0, "/accord cancel")
        return self._asked(0, await self._managing(), f"{names.DO}:cancel")

    async def end_result_link(self) -> Asked:
        await self._told(0, "/accord list")
        return self._asked(0, await self._managing(), f"{names.DO}:end-link")

    async def new_result_link(self) -> str:
        await self._told(0, "/accord list")
        window, asker = await self._managing(), self.people[0]
        await asker.click(window, f"{names.DO}:new-link")
        await self.house.slack.until(lambda: asker.view and "/r/" in str(asker.view.blocks), what="a link")
        assert asker.view is not None
        address = find_element(asker.view.blocks, names.OPEN_PAGE)[1]["url"]
        while asker.views:
            await asker.close()
        return str(address)

    async def record_outcome(self, person: int = 0, **typed: str) -> str:
        user = self.people[person]
        before = len(user.ephemerals)
        self.sent = await user.command(f"/accord outcome {self.id}", self.room)
        await self.house.slack.until(
            lambda: user.view or len(user.ephemerals) > before, what=f"an answer for {user.name}"
        )
        if user.view is None:
            return user.ephemerals[-1].shown
        values = {name: [text] if name == "nothing" else text for name, text in typed.items()}
        self.sent = await user.submit(await user.sees_modal(names.OUTCOME_VIEW), values)
        await self.house.settled()
        told = "\n".join([*self.sent.errors.values(), _top(user)])
        while user.views:
            await user.close()
        return told

    async def past(self, person: int, words: str) -> str:
        return await self._told(person, f"/accord list past {words}")

    async def _managing(self) -> View:
        asker = self.people[0]
        await asker.click(asker.ephemerals[-1], names.MANAGE)
        return await asker.sees_modal(names.MANAGE_VIEW)

    async def retry(self, person: int) -> str:
        return await self._clicked(person, card(self.room), names.RETRY)

    async def tries_to_run(self, person: int) -> list[str]:
        words = ("close", "cancel", "extend tomorrow 5pm", "export", f"outcome {self.id}")
        return [await self._told(person, f"/accord {each}") for each in words]

    async def keep_for(self, days: int) -> Asked:
        boss = self.house.slack.user(f"boss {len(self.people)}", is_admin=True)
        self.people.append(boss)
        await boss.command("/accord settings", self.house.slack.channel(f"room of {boss.name}", boss))
        await boss.submit(await boss.sees_modal(names.SETTINGS_VIEW), {"retention_days": str(days)})
        asks, person = boss.view, len(self.people) - 1
        assert asks is not None
        return Asked(asks.shown, lambda: self._clicked(person, asks, names.SHORTEN))

    # -- looking ---------------------------------------------------------------------------------

    async def sees(self, person: int) -> str:
        return "\n".join([*self.posted(), await self.results(person)])

    async def results(self, person: int) -> str:
        return await self._told(person, "/accord results")

    def posted(self) -> list[str]:
        """With what stands in notifications."""
        return [f"{message.text}\n{message.shown}" for message in self.room.shown]

    def pictures(self) -> list[tuple[bytes, str]]:
        blocks = [
            block for message in self.room.shown for block in message.blocks if block["type"] == "image"
        ]
        files = self.house.slack.uploads
        return [(files[each["slack_file"]["id"]].content or b"", each["alt_text"]) for each in blocks]

    def on_card(self) -> str:
        return str(card(self.room).blocks)

    def on_the_clock(self, at: datetime) -> str:
        return f"<!date^{int(at.timestamp())}^"

    async def next_gateway(self, shows: str) -> None:
        async with self.house.gateway() as gateway:
            # By itself, as it is connected; then once more, for what shows already.
            await self.house.slack.until(lambda: shows in card(self.room).shown, what=shows)
            await gateway.reconcile()
            await self.house.settled()

    def changes(self) -> int:
        return len(self.house.slack.calls("chat.update"))

    def ways_to_rate(self) -> list[Message]:
        return [message for message in self.room.shown if "Read and rate it" in message.shown]

    async def stop_reminders(self, person: int) -> str:
        return await self._clicked(person, self.people[person].dms[-1], names.STOP_REMINDERS)

    def boss(self) -> int:
        boss = self.house.slack.user(f"boss {len(self.people)}", is_admin=True)
        self.people.append(boss)
        self.room.members.append(boss.id)
        return len(self.people) - 1

    async def presses(self, person: int, button: str, *chosen: str) -> str:
        async def press() -> None:
            self.sent = await self.people[person].forge_click(card(self.room), button, "".join(chosen))

        return await self._hears(self.people[person], press)

    def written_to(self, person: int) -> list[str]:
        return [message.shown for message in self.people[person].dms]

    async def manages(self) -> str:
        await self._told(0, "/accord list")
        window = (await self._managing()).shown
        await self.people[0].close()
        return f"{window}\n{await self.results(0)}"

    async def who_has_answered(self) -> str:
        return await self._told(0, "/accord who")

    async def asks_for_export(self) -> str:
        return await self._told(0, "/accord export")

    async def export(self) -> Exported:
        await self.asks_for_export()
        files = [id_ for message in self.people[0].dms for id_ in message.files][-2:]
        data, table = ((self.house.slack.uploads[id_].content or b"").decode() for id_ in files)
        return Exported.read(data, table)

    async def forget_me(self, person: int) -> Asked:
        asked = await self._told(person, "/accord forget-me")
        message = self.people[person].ephemerals[-1]
        return Asked(asked, lambda: self._clicked(person, message, names.FORGET))

    async def settings(self, days: int) -> Asked:
        self.people.append(boss := self.house.slack.user(f"chief {len(self.people)}", is_admin=True))
        await boss.command("/accord settings", self.house.slack.channel(f"room of {boss.id}", boss))
        view = await boss.sees_modal(names.SETTINGS_VIEW)

        async def yes() -> str:
            self.sent = await boss.submit(view, {"retention_days": str(days)})
            await self.house.settled()
            return "\n".join([*self.sent.errors.values(), _top(boss)])

        return Asked(view.shown, yes)

    @contextmanager
    def messages_stay_as_they_are(self) -> Iterator[None]:
        self.house.slack.faults.fail("chat.update", "fatal_error", times=99)
        yield
        self.house.slack.faults.clear()

    async def delete_card(self) -> None:
        boss = self.house.slack.user("moderator", is_admin=True)
        await boss.delete(card(self.room))
        await self.house.settled()

    async def keep_template(self, name: str, question: str) -> Asked:
        window = await self.in_library(names.NEW_TEMPLATE, names.TEMPLATE_VIEW)
        shown = await self._fills_in(window, {"name": name, "question": question})
        person, asks = len(self.people) - 1, self.people[-1].view
        assert asks is not None
        return Asked(shown, lambda: self._clicked(person, asks, names.REPLACE))

    async def import_questions(self, text: str) -> str:
        return await self._fills_in(await self.in_library(names.IMPORT, names.IMPORT_VIEW), {"csv": text})

    async def schedule(self, template: str) -> str:
        window = await self.in_library(names.NEW_SCHEDULE, names.SCHEDULE_VIEW)
        assert template in str(window.given)
        fields = {"what": "0", "channel": self.room.id, "weekday": "1", "time": "09:30"}
        return await self._fills_in(window, fields)

    async def schedules(self) -> str:
        return (await self._library()).shown

    async def remove_template(self, name: str) -> Asked:
        shelf = await self._library()
        assert name in shelf.shown
        return self._asked(len(self.people) - 1, shelf, names.DROP_TEMPLATE)

    async def _library(self) -> View:
        """What a new admin is shown of it."""
        boss = self.people[self.boss()]
        await boss.open_home()
        home = await self.house.slack.until(lambda: boss.home, what="the app's tab")
        assert home is not None
        await boss.click(home, names.LIBRARY)
        return await boss.sees_modal(names.NOTICE_VIEW)

    async def in_library(self, button: str, window: str) -> View:
        """A window that a new admin opens there."""
        shelf = await self._library()
        await self.people[-1].click(shelf, button)
        return await self.people[-1].sees_modal(window)

    async def _fills_in(self, window: View, fields: dict[str, str]) -> str:
        self.sent = await self.people[-1].submit(window, fields)
        await self.house.settled()
        return "\n".join([*self.sent.errors.values(), _top(self.people[-1])])

    # -- inside ----------------------------------------------------------------------------------

    def _asked(self, person: int, on: Message | View, button: str) -> Asked:
        """Slack itself asks before it sends a click on a button that has a `confirm`."""
        _, element = find_element(on.blocks, button)
        sure = element["confirm"]
        shown = "\n".join(sure[part]["text"] for part in ("title", "text", "confirm", "deny"))
        return Asked(shown, lambda: self._clicked(person, on, button))

    async def _clicked(self, person: int, on: Message | View, button: str, value: str | None = None) -> str:
        async def click() -> None:
            self.sent = await self.people[person].click(on, button, value)

        return await self._hears(self.people[person], click)

    async def _told(self, person: int, words: str) -> str:
        """What a command answers, which only the one who gave it sees."""

        async def command() -> None:
            self.sent = await self.people[person].command(words, self.room)

        return await self._hears(self.people[person], command)

    async def _hears(self, user: User, acts: Callable[[], Awaitable[None]]) -> str:
        """What comes of an act: in the window before them, or in a message that only they see."""
        before, window = [message.shown for message in user.ephemerals], _top(user)
        await acts()
        await self.house.slack.until(
            lambda: _top(user) != window or [message.shown for message in user.ephemerals] != before,
            what=f"an answer for {user.name}",
        )
        await self.house.settled()
        told = _top(user) if _top(user) != window else user.ephemerals[-1].shown
        while user.views:
            await user.close()
        return told


def _top(user: User) -> str:
    """What the window before somebody shows."""
    return user.view.shown if user.view else ""
