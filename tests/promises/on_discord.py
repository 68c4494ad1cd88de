"""A question in a loopback Discord."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.discord.views import names
from bot.chat.steering import REVISE
from bot.domain.deliberation import REASON_LIMIT, Deliberation
from bot.domain.rounds import Preference
from bot.wording import buttons, jury_lines, point_lines, texts
from bot.wording.confirmations import (
    CANCEL,
    CLOSE_VOTE,
    END_RESULT_LINK,
    REMOVE,
    REPLACE,
    REVISING_VOTE,
    WITHDRAW_OPINION,
    WITHDRAW_RATING,
    WITHDRAW_REASON,
    stopping_learning,
)
from bot.wording.fields import PARTS, Part
from bot.wording.library_lines import SCHEDULES
from tests.discord_house import DiscordHouse
from tests.discord_server import Interaction, Message, Upload
from tests.discord_server.state import walk
from tests.promises.places import QUESTION, Asked, ChatPlace, Exported

CALLBACK = "POST /interactions/{interaction}/{token}/callback"


class DiscordPlace(ChatPlace):
    """A channel with so many people in it."""

    house: DiscordHouse
    sent: Interaction

    def __init__(self, house: DiscordHouse, people: int) -> None:
        self.house = house
        self.ports = house.ports
        self.people = house.people(people)
        self.team = str(self.people[0].guild.id)

    async def post(self) -> Deliberation:
        return await self.house.ask(self.people[0], QUESTION)

    def user(self, person: int) -> str:
        return str(self.people[person].id)

    def name(self, person: int) -> str:
        return self.people[person].name

    def plain(self, shown: str) -> str:
        return re.sub(r"\\(.)|[*_`~]|\u200b", r"\1", shown)

    # -- opinions --------------------------------------------------------------------------------

    async def begin(self, person: int) -> str:
        opened = await self.people[person].press(self.house.card, "Share your opinion")
        assert opened.modal is not None, opened.messages
        return f"{opened.modal.shown}\n{self._field(person, 'opinion').get('value', '')}"

    async def before_writing(self, person: int) -> str:
        return f"{self.house.card.shown}\n{await self.begin(person)}"

    async def send(
        self,
        person: int,
        text: str,
        *,
        baseline: int = 0,
        learn: bool | None = None,
        about: Sequence[str] = (),
    ) -> str:
        said = {jury_lines.name_of(place): said or None for place, said in enumerate(about)}
        fields = {"opinion": text, **said, **_learns(learn)}
        if baseline:
            fields[names.BASELINE] = str(baseline)
        return (await self._answer(person, await self.people[person].submit(values=fields))).shown

    async def ticked(self, person: int) -> bool | None:
        if self.people[person].modal is None:
            await self.begin(person)
        options = self._field(person, names.LEARN).get("options")
        self.people[person].dismiss_modal()
        chosen = [each["value"] for each in options or () if each.get("default")]
        return None if options is None else chosen == [names.YES]

    def _field(self, person: int, name: str) -> dict[str, Any]:
        """An input of the window before somebody; nothing where there is none of that name."""
        modal = self.people[person].modal
        assert modal is not None
        fields = [each.get("component", {}) for each in walk(modal.given["components"])]
        return next((each for each in fields if each.get("custom_id") == name), {})

    async def how(self, person: int) -> str:
        return (await self._pressed(person, self.house.card, "How this works")).shown

    async def stop_learning(self, person: int) -> Asked:
        own = await self._told(person, "accord settings")
        asked = await self._pressed(person, own, buttons.STOP_LEARNING)
        return self._asked(person, asked, stopping_learning().yes)

    async def withdraw_opinion(self, person: int) -> Asked:
        asked = await self._pressed(person, self.house.card, "Withdraw mine")
        return self._asked(person, asked, WITHDRAW_OPINION.yes)

    # -- ratings ---------------------------------------------------------------------------------

    async def rating_form(self, person: int, value: int) -> Asked:
        choice = f"{value}.{self._round()}".rstrip(".")
        return self._asked(person, replace(self.house.card), names.custom_id(names.RATE, self.id, choice))

    def _round(self) -> str:
        """How buttons say which statement they are about."""
        drawn = re.search(rf"{names.RATE}:{self.id}:\d\.(\d)", str(self.house.card.components))
        return drawn[1] if drawn else ""

    async def quality_form(self, person: int, value: int) -> Asked:
        now, menu = replace(self.house.card), names.custom_id(names.QUALITY, self.id, self._round())

        async def choose() -> str:
            chosen = await self.people[person].choose(now, menu, str(value))
            return (await self._answer(person, chosen)).shown

        return Asked(now.shown, choose)

    async def withdraw_rating(self, person: int) -> Asked:
        asked = await self._pressed(person, self.house.card, "Take my rating back")
        return self._asked(person, asked, WITHDRAW_RATING.yes)

    # -- reasons ---------------------------------------------------------------------------------

    async def before_reason(self, person: int) -> str:
        opened = await self.people[person].press(self._rated(), buttons.SAY_WHY)
        assert opened.modal is not None, opened.messages
        return f"{opened.modal.shown}\n{self._field(person, 'reason').get('value', '')}"

    async def send_reason(self, person: int, text: str, *, learn: bool | None = None) -> str:
        member, fields = self.people[person], {"reason": text, **_learns(learn)}
        if len(text) <= REASON_LIMIT:
            return (await self._answer(person, await member.submit(values=fields))).shown
        # Discord's own client lets nobody write as much.
        assert member.modal is not None
        sent = await member.forge_submit(self.house.room, member.modal.custom_id, fields)
        member.dismiss_modal()
        return (await self._answer(person, sent)).shown

    async def reason_form(self, person: int, text: str) -> Asked:
        return self._asked(person, replace(self._rated()), buttons.SAY_WHY)

    async def withdraw_reason(self, person: int) -> Asked:
        asked = await self._pressed(person, self._rated(), WITHDRAW_REASON.yes)
        return self._asked(person, asked, WITHDRAW_REASON.yes)

    # -- further rounds --------------------------------------------------------------------------

    async def revise(self) -> Asked:
        return self._asked(0, await self._told(0, "accord revise"), REVISING_VOTE.yes)

    async def tries_to_revise(self, person: int) -> list[str]:
        user, round_ = self.people[person], (await self.load()).round
        told = [
            (await self._told(person, "accord revise")).shown,
            (await self._told(person, "accord revise", question=self.id)).shown,
        ]
        name = names.custom_id(names.STEP, self.id, f"{REVISE}.{round_}")
        forged = await self._answer(person, await user.forge_press(self.house.room, name))
        return [*told, forged.shown]

    async def preference_form(self, person: int, choice: Preference) -> Asked:
        # On the card, or where the statement is rated in public.
        asks = next(each for each in reversed(self.house.own) if names.COMPARE in str(each.components))
        now, menu = replace(asks), names.custom_id(names.COMPARE, self.id, str((await self.load()).round))

        async def choose() -> str:
            chosen = await self.people[person].choose(now, menu, choice.value)
            return (await self._answer(person, chosen)).shown

        return Asked(now.shown, choose)

    def _rated(self) -> Message:
        """The newest message on which the statement is rated."""
        return next(m for m in reversed(self.house.own) if names.SAY_WHY in str(m.components))

    # -- points ----------------------------------------------------------------------------------

    async def points(self, person: int) -> str:
        await self.house.discord.until(lambda: names.POINTS in self.on_card(), what="the button")
        opened = await self.people[person].press(self.house.card, str(point_lines.TITLE))
        if opened.modal is not None:
            return opened.modal.shown
        return (await self._answer(person, opened)).shown

    async def say_of_points(self, person: int, side: str) -> str:
        member = self.people[person]
        assert member.modal is not None
        menus = [each.get("component", {}) for each in walk(member.modal.given["components"])]
        asked = [each["custom_id"] for each in menus if "options" in each]
        sent = await member.submit(values=dict.fromkeys(asked, side))
        return (await self._answer(person, sent)).shown

    async def before_a_point(self, person: int) -> str:
        name = names.custom_id(names.ADD_POINT, self.id)
        opened = await self.people[person].forge_press(self.house.room, name)
        assert opened.modal is not None, opened.messages
        return opened.modal.shown

    async def add_point(self, person: int, text: str) -> str:
        name = names.custom_id(names.ADD_POINT, self.id)
        opened = await self.people[person].forge_press(self.house.room, name)
        if opened.modal is None:
            return (await self._answer(person, opened)).shown
        return (await self._answer(person, await self.people[person].submit(values={"point": text}))).shown

    async def hide_point(self, person: int, words: str) -> str:
        point = await self.point(words)
        if person:
            return await self.presses(person, names.custom_id(names.HIDE_POINT, self.id, "0"), point)
        managed = await self._pressed(0, await self._told(0, "accord points"), point_lines.MODERATE)
        await self.people[0].choose(managed, str(point_lines.HIDE_SHORT), point)
        await self.house.discord.until(lambda: "hid" in managed.shown, what="the log")
        return managed.shown

    # -- running it ------------------------------------------------------------------------------

    async def close(self) -> str:
        return (await self._told(0, "accord close")).shown

    async def close_vote(self) -> Asked:
        return self._asked(0, await self._told(0, "accord close"), CLOSE_VOTE.yes)

    async def extend(self, hours: int, person: int = 0) -> str:
        return (await self._told(person, "accord extend", until=f"in {hours} hours")).shown

    async def reopen(self) -> str:
        return (await self._told(0, "accord reopen", until="in 3 hours")).shown

    async def again(self, sent: Interaction) -> None:
        answers = len(self.house.discord.calls(CALLBACK))
        self.house.discord.send_interaction(sent)
        await self.house.discord.until(
            lambda: len(self.house.discord.calls(CALLBACK)) > answers, what="an answer to the copy"
        )

    def everything_twice(self) -> None:
        self.house.discord.gateway.twice = True

    async def cancel(self) -> Asked:
        return self._asked(0, await self._told(0, "accord cancel"), CANCEL.yes)

    async def end_result_link(self) -> Asked:
        asked = await self._pressed(0, await self._told(0, "accord results"), END_RESULT_LINK.yes)
        return self._asked(0, asked, END_RESULT_LINK.yes)

    async def new_result_link(self) -> str:
        told = await self._pressed(0, await self._told(0, "accord results"), buttons.NEW_RESULT_LINK)
        (address,) = [each["url"] for each in walk(told.components) if "url" in each]
        return str(address)

    async def record_outcome(self, person: int = 0, **typed: str) -> str:
        user = self.people[person]
        opened = await user.command("accord outcome", question=self.id)
        await self.house.discord.until(
            lambda: opened.modal or (opened.message and opened.message.shown), what="the window, or why not"
        )
        if opened.modal is None:
            return (await self._answer(person, opened)).shown
        return (await self._answer(person, await user.submit(values=typed))).shown

    async def past(self, person: int, words: str) -> str:
        return (await self._told(person, "accord list", past=words)).shown

    async def retry(self, person: int) -> str:
        return (await self._pressed(person, self.house.card, "Try again")).shown

    async def tries_to_run(self, person: int) -> list[str]:
        words: list[tuple[str, dict[str, str]]] = [
            (word, {}) for word in ("close", "revise", "cancel", "export", "outcome")
        ]
        words.append(("extend", {"until": "tomorrow 5pm"}))
        return [
            (await self._told(person, f"accord {word}", question=self.id, **options)).shown
            for word, options in words
        ]

    async def keep_for(self, days: int) -> Asked:
        boss = self.boss()
        await self.people[boss].press(await self._told(boss, "accord settings"), PARTS[Part.KEEPING])
        done = await self.people[boss].submit(values={"retention_days": str(days)})
        shown = await self._answer(boss, done)
        return self._asked(boss, shown, f"Delete after {days} days")

    # -- looking ---------------------------------------------------------------------------------

    async def sees(self, person: int) -> str:
        return "\n".join([*self.posted(), await self.results(person)])

    async def results(self, person: int) -> str:
        return _read(await self._told(person, "accord results"))

    def posted(self) -> list[str]:
        return [message.shown for message in self.house.room.shown]

    def pictures(self) -> list[tuple[bytes, str]]:
        files = [file for message in self.house.room.shown for file in message.attachments]
        return [(file.data, file.description or "") for file in files]

    def on_card(self) -> str:
        return str(self.house.card.components)

    def on_the_clock(self, at: datetime) -> str:
        return f"<t:{int(at.timestamp())}:f>"

    async def next_gateway(self, shows: str) -> None:
        await self.house.ready(self.house.gateways[0])
        await self.house.discord.until(lambda: shows in self.house.card.shown, what=shows)
        await self.house.settled()

    def changes(self) -> int:
        return len(self.house.discord.calls("PATCH /channels/{channel}/messages/{message}"))

    def ways_to_rate(self) -> list[Message]:
        return [message for message in self.house.own if "Read and rate it" in str(message.components)]

    async def stop_reminders(self, person: int) -> str:
        return (await self._pressed(person, self.people[person].dms[-1], buttons.STOP_REMINDING)).shown

    def boss(self) -> int:
        self.people.append(self.house.discord.owner())
        return len(self.people) - 1

    async def presses(self, person: int, button: str, *chosen: str) -> str:
        pressed = await self.people[person].forge_press(self.house.room, button, *chosen)
        return _read(await self._answer(person, pressed))

    def written_to(self, person: int) -> list[str]:
        return [message.shown for message in self.people[person].dms]

    async def manages(self) -> str:
        listed = (await self._told(0, "accord list")).shown
        return f"{listed}\n{await self.results(0)}"

    async def who_has_answered(self) -> str:
        return (await self._told(0, "accord who")).shown

    async def asks_for_export(self) -> str:
        return _read(await self._told(0, "accord export"))

    async def export(self) -> Exported:
        data, table = (await self._told(0, "accord export")).attachments
        return Exported.read(data.text, table.text)

    async def forget_me(self, person: int) -> Asked:
        message = await self._told(person, "accord forget-me")
        return Asked(_read(message), self._asked(person, message, texts.FORGET_BUTTON).yes)

    async def settings(self, days: int) -> Asked:
        keepers = self.house.discord.role("keepers", None, "manage_guild")
        boss = self.house.discord.member(f"keeper {len(self.people)}", roles=(keepers,))
        boss.person.locale = self.house.discord.owner().person.locale
        self.people.append(boss)
        opened = await boss.command("accord settings")
        await self.house.discord.until(lambda: opened.message and opened.message.shown, what="the settings")
        shown = opened.message
        assert shown is not None
        await boss.press(shown, PARTS[Part.KEEPING])
        window = await boss.sees_modal(PARTS[Part.KEEPING])
        before = shown.shown

        async def yes() -> str:
            """What came of it takes the place of the settings."""
            self.sent = await boss.submit(window, {"retention_days": str(days)})
            await self.house.discord.until(lambda: shown.shown != before, what="an answer")
            return shown.shown

        return Asked(window.shown, yes)

    @contextmanager
    def messages_stay_as_they_are(self) -> Iterator[None]:
        self.house.discord.faults.fail("PATCH /channels/{channel}/messages/{message}", 400, 50035, times=99)
        yield
        self.house.discord.faults.clear()

    async def delete_card(self) -> None:
        self.house.discord.delete_message(self.house.card)
        await self.house.settled()

    async def keep_template(self, name: str, question: str) -> Asked:
        boss = self.boss()
        await self.people[boss].press(await self._told(boss, "accord library"), "New template")
        window = await self.people[boss].sees_modal("Question template")
        done = await self.people[boss].submit(window, {"name": name, "question": question})
        return self._asked(boss, await self._answer(boss, done), REPLACE)

    async def import_questions(self, text: str) -> str:
        return (await self._told(self.boss(), "accord import", file=Upload("bank.csv", text.encode()))).shown

    async def schedule(self, template: str) -> str:
        given = {"at": "09:30", "weekday": "Tuesday", "template": template}
        return (await self._told(self.boss(), "accord schedule", **given)).shown

    async def schedules(self) -> str:
        boss = self.boss()
        return (await self._pressed(boss, await self._told(boss, "accord library"), SCHEDULES)).shown

    async def remove_template(self, name: str) -> Asked:
        boss = self.boss()
        shelf = await self._told(boss, "accord library")
        chosen = await self.people[boss].choose(shelf, "Take something out …", name)
        return self._asked(boss, await self._answer(boss, chosen), REMOVE)

    # -- inside ----------------------------------------------------------------------------------

    def _asked(self, person: int, message: Message, button: str) -> Asked:
        async def yes() -> str:
            return (await self._pressed(person, message, button)).shown

        return Asked(message.shown, yes)

    async def _pressed(self, person: int, message: Message, button: str) -> Message:
        return await self._answer(person, await self.people[person].press(message, button))

    async def _told(self, person: int, words: str, **options: str | Upload) -> Message:
        return await self._answer(person, await self.people[person].command(words, **options))

    async def _answer(self, person: int, done: Interaction) -> Message:
        """What an act is answered with, which only the one who acted sees."""
        self.sent, member = done, self.people[person]
        await self.house.discord.until(
            lambda: done.failed or (done.message and (done.message.shown or done.message.attachments)),
            what=f"an answer for {member.name}",
        )
        assert done.message is not None
        assert done.message.seen_by == member.id
        return done.message


def _learns(learn: bool | None) -> dict[str, str]:
    """What is chosen about learning, where anything is."""
    return {} if learn is None else {names.LEARN: names.YES if learn else names.NO}


def _read(message: Message) -> str:
    """A message with what its files say."""
    return "\n".join([message.shown, *(file.text for file in message.attachments)])
