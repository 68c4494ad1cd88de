"""A question on the web channel."""

import html
import re
from collections.abc import Sequence
from datetime import timedelta

from adapters.slack.views.points import AT_ONCE
from adapters.web.links import admin_link, results_link
from bot.domain.deliberation import Deliberation
from bot.domain.rounds import Preference
from bot.domain.terms import Terms
from bot.wording import jury_lines
from tests.promises.places import QUESTION, Asked, Exported, Place
from tests.web_house import House, Person


class WebPlace(Place):
    """A question that so many people open in their browsers; an admin asks it."""

    house: House

    def __init__(self, house: House, people: int) -> None:
        self.house = house
        self.ports = house.ports
        self.team = "web"
        self.people = [house.somebody() for _ in range(people)]
        self.asker = house.somebody()
        self.sent: tuple[Person, str, dict[str, str]]
        self.twice = False

    async def post(self) -> Deliberation:
        defaults = (await self.ports.teams.team(self.team)).defaults
        terms = Terms(anonymous=defaults.anonymous, rating_by=defaults.rating_by)
        return await self.house.ask(QUESTION, **terms.model_dump())

    async def ask_as_member(self) -> None:
        self.asker = await self.house.visitor(await self.house.ask("Something else?"))
        await self.asker.open("/ask")
        await self.asker.send("/ask", {"question": QUESTION})
        (self.id,) = re.findall(r"^/d/(\w+)/manage$", self.asker.path)

    async def visits(self, person: int, path: str = "") -> str:
        """Open the question or another page; the first time, by the link that was sent."""
        visitor = self.people[person]
        if not visitor.path:
            page = await visitor.open(await self.house.invite(await self.load()))
            if not path:
                return page
        return await visitor.open(path or f"/d/{self.id}")

    async def runs(self, path: str = "manage") -> str:
        """Open one of the pages with which an admin runs the question."""
        if not self.asker.path:
            await self.asker.sign_in(admin_link(self.house.config, now=self.house.clock.now()))
        return await self.asker.open(f"/d/{self.id}/{path}")

    def user(self, person: int) -> str:
        """The question was asked by this one; as what a browser is known begins like this."""
        return "visitor-" if person else "asker"

    def name(self, person: int) -> str:
        return f"Person {person}"

    def plain(self, shown: str) -> str:
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", shown)))

    # -- opinions --------------------------------------------------------------------------------

    async def begin(self, person: int) -> str:
        return await self.visits(person)

    async def before_writing(self, person: int) -> str:
        """What stands above the box that is written in."""
        return (await self.begin(person)).partition("<textarea")[0]

    async def send(
        self,
        person: int,
        text: str,
        *,
        baseline: int = 0,
        learn: bool | None = None,
        about: Sequence[str] = (),
    ) -> str:
        fields = {
            "opinion": text,
            "name": self.name(person),
            **{jury_lines.name_of(place): said for place, said in enumerate(about)},
        }
        if baseline:
            fields["baseline"] = str(baseline)
        if _is_ticked(self.people[person].page) if learn is None else learn:
            fields["learn"] = "yes"
        return await self._send(self.people[person], f"/d/{self.id}/opinion", fields)

    async def ticked(self, person: int) -> bool | None:
        return _is_ticked(await self.begin(person))

    async def how(self, person: int) -> str:
        return await self.visits(person, "/how")

    async def stop_learning(self, person: int) -> Asked:
        await self.visits(person, "/me")
        return self._asked(self.people[person], "/me/stop-learning")

    async def withdraw_opinion(self, person: int) -> Asked:
        await self.begin(person)
        return self._asked(self.people[person], f"/d/{self.id}/opinion/withdraw")

    def shows_step(self, shown: str, step: int) -> bool:
        """It stands in the form again, next to the text."""
        return bool(re.search(rf'name="baseline" value="{step}" checked', shown))

    # -- ratings ---------------------------------------------------------------------------------

    async def rating_form(self, person: int, value: int) -> Asked:
        page = await self.begin(person)
        fields = {"rating": str(value), **self._round(person)}
        return Asked(page, lambda: self._send(self.people[person], f"/d/{self.id}/rating", fields))

    def _round(self, person: int) -> dict[str, str]:
        """What the page that is open says of whose statement it shows."""
        return {"round": self.people[person].hidden("round")}

    async def quality_form(self, person: int, value: int) -> Asked:
        page = await self.begin(person)
        chosen = re.findall(r'<input type="radio" name="rating" value="(\d)" required checked>', page)
        fields = {"quality": str(value), **self._round(person)} | ({"rating": chosen[0]} if chosen else {})
        return Asked(page, lambda: self._send(self.people[person], f"/d/{self.id}/rating", fields))

    async def withdraw_rating(self, person: int) -> Asked:
        await self.begin(person)
        return self._asked(self.people[person], f"/d/{self.id}/rating/withdraw")

    # -- reasons ---------------------------------------------------------------------------------

    async def send_reason(self, person: int, text: str, *, learn: bool | None = None) -> str:
        fields = {"reason": text, "name": self.name(person), **self._round(person)}
        if _is_ticked(self.people[person].page) if learn is None else learn:
            fields["learn"] = "yes"
        return await self._send(self.people[person], f"/d/{self.id}/reason", fields)

    async def before_reason(self, person: int) -> str:
        """The form: its notes and its box belong together."""
        page = await self.begin(person)
        form = re.search(rf'<form method="post" action="/d/{self.id}/rating".*?</form>', page, re.DOTALL)
        return form[0] if form else ""

    async def reason_form(self, person: int, text: str) -> Asked:
        page = await self.begin(person)
        fields = {"reason": text, "rating": "3", "name": self.name(person), **self._round(person)}
        return Asked(page, lambda: self._send(self.people[person], f"/d/{self.id}/reason", fields))

    async def withdraw_reason(self, person: int) -> Asked:
        await self.begin(person)
        return self._asked(self.people[person], f"/d/{self.id}/reason/withdraw")

    # -- further rounds --------------------------------------------------------------------------

    async def revise(self) -> Asked:
        await self.runs()
        return self._asked(self.asker, f"/d/{self.id}/manage/revise")

    async def tries_to_revise(self, person: int) -> list[str]:
        await self.visits(person)
        fields = {"sure": "yes", "seen": str((await self.load()).round)}
        return [await self._send(self.people[person], f"/d/{self.id}/manage/revise", fields)]

    async def preference_form(self, person: int, choice: Preference) -> Asked:
        page, action = await self.visits(person), f"/d/{self.id}/compare"
        assert f'action="{action}"' in page
        fields = {"round": self.people[person].hidden("round"), "choice": choice.value}
        return Asked(page, lambda: self._send(self.people[person], action, fields))

    # -- points ----------------------------------------------------------------------------------

    async def points(self, person: int) -> str:
        await self.visits(person)
        return await self.visits(person, f"/d/{self.id}/points")

    async def say_of_points(self, person: int, side: str) -> str:
        """A page has one of them: one after the other, as many as a window has."""
        user = self.people[person]
        at_once = 0
        while 'id="point"' in user.page and at_once < AT_ONCE:
            fields = {"point": user.hidden("point"), "side": side}
            await self._send(user, f"/d/{self.id}/points/vote", fields)
            at_once += 1
        return user.page

    async def before_a_point(self, person: int) -> str:
        return (await self.points(person)).partition("<textarea")[0]

    async def add_point(self, person: int, text: str) -> str:
        await self.points(person)
        return await self._send(self.people[person], f"/d/{self.id}/points/add", {"text": text})

    async def hide_point(self, person: int, words: str) -> str:
        fields = {"point": await self.point(words)}
        if person:
            await self.points(person)
            return await self._send(self.people[person], f"/d/{self.id}/points/manage/hide", fields)
        await self.runs("points/manage")
        return await self._send(self.asker, f"/d/{self.id}/points/manage/hide", fields)

    # -- running it ------------------------------------------------------------------------------

    async def close(self) -> str:
        rating = "/manage/close-rating" in await self.runs()
        return await self._send(self.asker, f"/d/{self.id}/manage/{'close-rating' if rating else 'close'}")

    async def close_vote(self) -> Asked:
        await self.runs()
        return self._asked(self.asker, f"/d/{self.id}/manage/close-rating")

    async def extend(self, hours: int, person: int = 0) -> str:
        return await (await self.extend_form(hours, person)).yes()

    async def extend_form(self, hours: int, person: int = 0) -> Asked:
        """The form in which a deadline is moved, as the page has it now; `yes` sends it."""
        page = await (self.visits(person) if person else self.runs())
        sender = self.people[person] if person else self.asker
        # A member's page has no such form, so there is nothing hidden in it.
        fields = self._in_hours(hours) | {"instead_of": sender.hidden("instead_of")}
        return Asked(page, lambda: self._send(sender, f"/d/{self.id}/manage/extend", fields))

    async def reopen(self) -> str:
        await self.runs()
        return await self._send(self.asker, f"/d/{self.id}/manage/reopen", self._in_hours(3))

    def _in_hours(self, hours: int) -> dict[str, str]:
        until = f"{self.house.clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"
        return {"closes_at": until, "closes_at_offset": "0"}

    async def again(self, sent: tuple[Person, str, dict[str, str]]) -> None:
        person, action, fields = sent
        await person.send(action, fields)

    def everything_twice(self) -> None:
        self.twice = True

    async def cancel(self) -> Asked:
        await self.runs()
        return self._asked(self.asker, f"/d/{self.id}/manage/cancel")

    async def end_result_link(self) -> Asked:
        page = await self.runs()
        action = f"/d/{self.id}/manage/result-link/close"
        parts = re.findall(r"<details>.*?</details>", page, re.DOTALL)
        (part,) = [each for each in parts if f'action="{action}"' in each]
        (form,) = re.findall(rf'<form method="post" action="{action}">.*?</form>', part, re.DOTALL)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        return Asked(part, lambda: self._send(self.asker, action, hidden))

    async def new_result_link(self) -> str:
        await self.runs()
        page = await self._send(self.asker, f"/d/{self.id}/manage/result-link/renew")
        (address,) = re.findall(r'id="result-link"[^>]*value="([^"]*)"', page)
        return str(address)

    async def record_outcome(self, person: int = 0, **typed: str) -> str:
        page = await (self.visits(person) if person else self.runs())
        sender = self.people[person] if person else self.asker
        return await self._send(sender, f"/d/{self.id}/manage/outcome", {"key": str(len(page)), **typed})

    async def past(self, person: int, words: str) -> str:
        return await self.visits(person, f"/?past={words}")

    async def retry(self, person: int) -> str:
        await (self.visits(person, "/me") if person else self.runs())
        presses = self.people[person] if person else self.asker
        return await self._send(presses, f"/d/{self.id}/manage/retry")

    async def tries_to_run(self, person: int) -> list[str]:
        told = []
        for step in ("close", "cancel", "extend", "outcome"):
            await self.visits(person)
            told.append(await self.people[person].send(f"/d/{self.id}/manage/{step}", {"sure": "yes"}))
        return [*told, await self.visits(person, f"/d/{self.id}/manage")]

    async def keep_for(self, days: int) -> Asked:
        await self.runs()
        await self.asker.open("/admin/settings")
        fields = {
            "retention_days": str(days),
            "who_may_ask": "everyone",
            "version": self.asker.hidden("version"),
        }
        shown = await self._send(self.asker, "/admin/settings", fields)
        return Asked(shown, lambda: self._send(self.asker, "/admin/settings", {**fields, "sure": str(days)}))

    # -- looking ---------------------------------------------------------------------------------

    async def sees(self, person: int) -> str:
        page = await self.visits(person)
        link = results_link(self.house.config, self.team, self.id)
        return f"{page}\n{await self.people[person].open(link)}"

    async def manages(self) -> str:
        return await self.runs()

    async def who_has_answered(self) -> str:
        return await self.runs()

    async def asks_for_export(self) -> str:
        return await self.runs("export.json")

    async def export(self) -> Exported:
        return Exported.read(await self.runs("export.json"), await self.runs("export.csv"))

    async def forget_me(self, person: int) -> Asked:
        page = await self.visits(person, "/me")
        asked = self._asked(self.people[person], "/me/forget")
        return Asked(page, asked.yes)

    async def settings(self, days: int) -> Asked:
        await self.runs()
        page = await self.asker.open("/admin/settings")
        fields = {"retention_days": str(days), "version": self.asker.hidden("version")}
        return Asked(page, lambda: self._send(self.asker, "/admin/settings", fields))

    def own_stores(self) -> list[object]:
        return [self.house.access.sessions, self.house.access.invitations, self.house.notes]

    # -- inside ----------------------------------------------------------------------------------

    def _asked(self, person: Person, action: str) -> Asked:
        """A button that cannot be pressed without another act: a part to unfold, and a box to tick in it."""
        parts = re.findall(r'<details class="danger">.*?</details>', person.page, re.DOTALL)
        (part,) = [each for each in parts if f'action="{action}"' in each]
        assert re.search(r'<input type="checkbox" name="sure" value="yes" required>', part)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', part))
        return Asked(part, lambda: self._send(person, action, {**hidden, "sure": "yes"}))

    async def _send(self, person: Person, action: str, fields: dict[str, str] | None = None) -> str:
        """Send a form of the page that is open; the page after it."""
        self.house.clock.advance(timedelta(seconds=1))
        self.sent = person, action, {"csrf": person.csrf, **(fields or {})}
        for _ in range(2 if self.twice else 1):
            await person.send(action, self.sent[2])
        return person.page


def _is_ticked(page: str) -> bool | None:
    """Whether the box about learning is; None where there is none."""
    box = re.search(r'<input type="checkbox" name="learn"[^>]*>', page)
    return " checked" in box[0] if box else None
