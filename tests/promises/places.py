"""One question and its people in a place: a Slack channel, a Discord channel, or the web.

Gives:  what members do and what they are shown, under the same names on every platform, so that a promise is
        written once. People are called by number; person 0 asked the question, and runs it.
What a member types, presses and reads goes through the real adapter, and each act gives what they are told.
Steps that no promise here is about, such as closing, go straight into the application.
"""

import asyncio
import csv
import inspect
import io
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest import mock

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam, CloseOpinions, CloseRating, Command
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import StoreError
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import RatingBy
from bot.domain.rounds import Preference
from bot.domain.team import Defaults
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.state import StatePorts
from bot.wording import texts
from tests.bell import PATIENCE_S
from tests.discord_house import DiscordHouse
from tests.discord_server import Message as DiscordMessage
from tests.slack_house import SlackHouse
from tests.slack_server import Message as SlackMessage
from tests.web_house import FakeMediator, House, Told

QUESTION = "Should we ban single-use plastics?"
LOOK_AGAIN_S = 0.02
# With what the names of methods begin that change what is kept.
WRITES = frozenset(
    {"add", "append", "count", "delete", "drop", "end", "erase", "first", "forget", "invite", "keep", "leave"}
    | {"make", "mark", "put", "remove", "reword", "save", "set", "take", "tune", "withhold"}
)

Act = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Exported:
    """What the asker downloads: the JSON file, the rows of the CSV file, and both as they are written."""

    data: dict[str, Any]
    rows: list[dict[str, str]]
    text: str

    @classmethod
    def read(cls, data: str, table: str) -> "Exported":
        """Both files, read."""
        rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
        return cls(json.loads(data), rows, f"{data}\n{table}")

    @property
    def opinions(self) -> list[str]:
        """The opinions' texts, in the file's order."""
        return [opinion["text"] for opinion in self.data["opinions"]]

    @property
    def reasons(self) -> list[str]:
        """The first round's reasons, in the file's order."""
        return [reason["text"] for reason in self.data["rounds"][0]["reasons"]]

    @property
    def ratings(self) -> list[int]:
        """The first round's ratings, in the file's order."""
        return [rating["value"] for rating in self.data["rounds"][0]["ratings"]]


@dataclass(frozen=True)
class Asked:
    """What somebody is asked before something goes that cannot be had back, and `yes`, which lets it go."""

    shown: str
    yes: Act


class Place(ABC):
    """A question on one platform. `ask` comes first; every other method is about what it asked."""

    house: SlackHouse | DiscordHouse | House
    ports: Ports
    team: str
    id: str = ""
    sent: Any
    """What was sent last; only `again` knows what is in it."""

    # -- what a platform does in its own way -----------------------------------------------------

    @abstractmethod
    async def post(self) -> Deliberation:
        """Person 0 asks QUESTION, with the team's defaults."""

    @abstractmethod
    def user(self, person: int) -> str:
        """The platform's id of a person."""

    @abstractmethod
    def name(self, person: int) -> str:
        """The name under which a person writes."""

    @abstractmethod
    def plain(self, shown: str) -> str:
        """What is shown as it is read: no markup, and no signs that only keep something from being markup."""

    @abstractmethod
    async def begin(self, person: int) -> str:
        """Open what an opinion is written in; everything that it says, and what stands in it already."""

    @abstractmethod
    async def send(
        self,
        person: int,
        text: str,
        *,
        baseline: int = 0,
        learn: bool | None = None,
        about: Sequence[str] = (),
    ) -> str:
        """Send what was begun.

        baseline: agreement with the position statement, if any is chosen.
        learn: whether it may be learnt from; None leaves the box as it was.
        about: the answers to the questions about themselves, in their order; "" leaves one out.
        """

    @abstractmethod
    async def before_writing(self, person: int) -> str:
        """Everything that a person is shown before and where they write their opinion."""

    @abstractmethod
    async def ticked(self, person: int) -> bool | None:
        """Whether the box about learning is ticked for them; None where there is no box."""

    @abstractmethod
    async def how(self, person: int) -> str:
        """What "How this works" tells them."""

    @abstractmethod
    async def stop_learning(self, person: int) -> Asked:
        """Press what stops Accord from learning from them."""

    @abstractmethod
    async def withdraw_opinion(self, person: int) -> Asked:
        """Press what takes their opinion back."""

    def shows_step(self, shown: str, step: int) -> bool:
        """Whether somebody who has withdrawn their opinion is shown this step on the position statement."""
        return str(texts.step_given_back(step)) in self.plain(shown)

    async def press_rating(self, person: int, value: int) -> str:
        """Choose a step of the scale."""
        return await (await self.rating_form(person, value)).yes()

    @abstractmethod
    async def rating_form(self, person: int, value: int) -> Asked:
        """Where it is chosen, as it is shown now; `yes` chooses it, whatever has happened since."""

    async def press_quality(self, person: int, value: int) -> str:
        """Choose how well the statement is worded; on a page, with the rating that is chosen there."""
        return await (await self.quality_form(person, value)).yes()

    @abstractmethod
    async def quality_form(self, person: int, value: int) -> Asked:
        """The same as it is shown now; `yes` chooses it, whatever has happened since."""

    @abstractmethod
    async def withdraw_rating(self, person: int) -> Asked:
        """Press what takes their rating back."""

    # Reasons are given in the places of `SAY_WHY` (`conftest.py`).

    async def before_reason(self, person: int) -> str:
        """Open what a reason is written in; everything that it says, and what stands in it already."""
        raise NotImplementedError

    async def send_reason(self, person: int, text: str, *, learn: bool | None = None) -> str:
        """Send what was begun; learn: as in `send`."""
        raise NotImplementedError

    async def give_reason(self, person: int, text: str, *, learn: bool | None = None) -> str:
        """Say why, or what would make them agree."""
        await self.before_reason(person)
        return await self.send_reason(person, text, learn=learn)

    async def reason_form(self, person: int, text: str) -> Asked:
        """What a reason is given with, as it is shown now.

        `yes` sends it from a page, and presses the button that opens a window for it, whatever has happened.
        """
        raise NotImplementedError

    async def withdraw_reason(self, person: int) -> Asked:
        """Press what takes their reason back."""
        raise NotImplementedError

    # Further rounds: in the places of `WITH_ROUNDS` (`test_further_rounds.py`).

    async def revise(self) -> Asked:
        """Person 0 presses what has the statement revised."""
        raise NotImplementedError

    async def tries_to_revise(self, person: int) -> list[str]:
        """Somebody tries every way to have it revised; the answer to each."""
        raise NotImplementedError

    async def preference_form(self, person: int, choice: Preference) -> Asked:
        """Where a person says which of two statements they prefer; `yes` chooses, whatever has happened."""
        raise NotImplementedError

    async def prefer(self, person: int, choice: Preference) -> str:
        """Say which of two statements one prefers."""
        return await (await self.preference_form(person, choice)).yes()

    # Points to vote on.

    @abstractmethod
    async def points(self, person: int) -> str:
        """Open what points are voted on in; everything that it shows."""

    @abstractmethod
    async def say_of_points(self, person: int, side: str) -> str:
        """Say this to every point that stands there at once, and send it; what they are shown then."""

    async def vote(self, person: int, side: str) -> str:
        """Open it and say this to every point that is shown first."""
        await self.points(person)
        return await self.say_of_points(person, side)

    @abstractmethod
    async def before_a_point(self, person: int) -> str:
        """What stands where a point of one's own is written."""

    @abstractmethod
    async def add_point(self, person: int, text: str) -> str:
        """Add a point of one's own; what they are told."""

    @abstractmethod
    async def hide_point(self, person: int, words: str) -> str:
        """Somebody hides the point that begins with these words; what they are shown then."""

    async def votes(self) -> list[tuple[str, int, int]]:
        """Each point's text, how many agree with it and how many disagree, as that is kept now."""
        kept = await self.ports.points.all(self.id)
        return sorted((each.text, each.counts.agree, each.counts.disagree) for each in kept)

    async def point(self, words: str) -> str:
        """The id of the point that begins so."""
        (found,) = [each.id for each in await self.ports.points.all(self.id) if each.text.startswith(words)]
        return found

    @abstractmethod
    async def close(self) -> str:
        """Person 0 closes the opinions or the vote, whichever is open, as people do on this platform."""

    @abstractmethod
    async def close_vote(self) -> Asked:
        """Person 0 presses what closes a vote that nobody has rated."""

    @abstractmethod
    async def extend(self, hours: int, person: int = 0) -> str:
        """Somebody moves the deadline of what is open, to so many hours from now."""

    @abstractmethod
    async def reopen(self) -> str:
        """Person 0 opens the question for opinions again, for three hours."""

    @abstractmethod
    async def again(self, sent: Any) -> None:
        """What was sent comes once more, as when a network stutters or an old page is sent again."""

    @abstractmethod
    def everything_twice(self) -> None:
        """From now on everything that members send comes twice."""

    @abstractmethod
    async def cancel(self) -> Asked:
        """Person 0 ends the question without a result."""

    @abstractmethod
    async def end_result_link(self) -> Asked:
        """Person 0 presses what ends the link to the result."""

    @abstractmethod
    async def new_result_link(self) -> str:
        """Person 0 makes a new link to the result; its address."""

    @abstractmethod
    async def record_outcome(self, person: int = 0, **typed: str) -> str:
        """Somebody fills in the form for what was decided, and sends it; what they are told.

        typed: by the names of the form's fields; what is not said stays as the form has it.
        """

    @abstractmethod
    async def past(self, person: int, words: str) -> str:
        """What somebody is shown who looks for past questions with these words."""

    @abstractmethod
    async def retry(self, person: int) -> str:
        """Let the statement be drafted again after that failed."""

    @abstractmethod
    async def tries_to_run(self, person: int) -> list[str]:
        """Somebody tries whatever only those can do who run the question; the answer to each."""

    @abstractmethod
    async def keep_for(self, days: int) -> Asked:
        """An admin submits the team's settings with another number of days; what they are shown then."""

    @abstractmethod
    async def sees(self, person: int) -> str:
        """Everything that a member is shown of the question, the result included where they may see it."""

    @abstractmethod
    async def manages(self) -> str:
        """Everything that person 0 is shown where they run the question."""

    @abstractmethod
    async def who_has_answered(self) -> str:
        """What person 0 is told of who has taken part."""

    @abstractmethod
    async def asks_for_export(self) -> str:
        """Person 0 asks for the files; what they are told, or what stands in the first."""

    @abstractmethod
    async def export(self) -> Exported:
        """What person 0 downloads."""

    @abstractmethod
    async def settings(self, days: int) -> Asked:
        """An admin opens the team's settings; `yes` saves them with so many days to keep a question."""

    @abstractmethod
    async def forget_me(self, person: int) -> Asked:
        """Ask to be forgotten."""

    @abstractmethod
    def own_stores(self) -> list[object]:
        """What this platform keeps in the database for itself."""

    def posted(self) -> list[str]:
        """The messages in the channel. A page posts none."""
        return []

    def on_card(self) -> str:
        """Everything in the question's message, addresses behind its buttons too. A page has no message."""
        return ""

    # -- what is the same everywhere -------------------------------------------------------------

    async def ask(self, *, named: bool = False, **terms: Any) -> None:
        """Person 0 asks, on these terms; ratings are given in private, in named questions too."""
        await self.team_has(defaults=Defaults(anonymous=not named, rating_by=RatingBy.BUTTONS))
        asked = await self.post()
        self.id = asked.id
        changed = Terms.model_validate({**asked.terms.model_dump(), **terms})
        await self.ports.deliberations.save(asked.model_copy(update={"terms": changed}))

    async def ask_as_member(self) -> None:
        """Somebody asks who is no admin: they are person 0, as always on chat platforms."""
        await self.ask()

    async def team_has(self, **settings: Any) -> None:
        """An admin changes the team's settings."""
        team = await self.ports.teams.team(self.team)
        admin = Actor(self.team, "an admin", admin=True)
        changed = ChangeTeam(admin, team.model_copy(update=settings), sure=True)
        reply = await dispatch(changed, self.ports)
        assert reply.ok, reply.text

    async def opine(
        self,
        person: int,
        text: str,
        *,
        baseline: int = 0,
        learn: bool | None = None,
        about: Sequence[str] = (),
    ) -> str:
        """Give an opinion."""
        await self.begin(person)
        return await self.send(person, text, baseline=baseline, learn=learn, about=about)

    async def rate(self, person: int, value: int) -> str:
        """Rate the statement, and wait until that is kept."""
        before = await self._values()
        told = await self.press_rating(person, value)
        await self.until_true(lambda values: values != before)
        return told

    async def until_true(self, holds: Callable[[list[tuple[str, int]]], bool]) -> None:
        """Wait until the ratings that are kept are as they should be."""
        for _ in range(int(PATIENCE_S / LOOK_AGAIN_S)):
            if holds(await self._values()):
                return
            await asyncio.sleep(LOOK_AGAIN_S)
        raise AssertionError(f"the ratings never changed: {await self._values()}")

    async def _values(self) -> list[tuple[str, int]]:
        d = await self.load()
        return [
            (each.participant, each.value) for each in await self.ports.contributions.ratings(d.id, d.round)
        ]

    async def answered(self, *texts: str) -> None:
        """Each person in turn, beginning with person 0, gives one of these opinions; then it is closed."""
        for person, text in enumerate(texts):
            await self.opine(person, text)
        await self.run(CloseOpinions)
        assert (await self.load()).phase is Phase.RATING

    async def rated(self, *values: int) -> None:
        """Each person in turn, beginning with person 0, gives one of these ratings; then the vote closes."""
        for person, value in enumerate(values):
            await self.rate(person, value)
        await self.run(CloseRating)
        assert (await self.load()).recorded

    async def run(self, kind: Callable[[Actor, str], Command]) -> None:
        """Person 0 takes a step, and what follows from it happens."""
        reply = await dispatch(kind(Actor(self.team, self.user(0), admin=True), self.id), self.ports)
        assert reply.ok, reply.text
        await self.work()

    async def forget(self, person: int) -> None:
        """Erase everything that a person gave, and let what is shown follow."""
        await (await self.forget_me(person)).yes()
        await self.work()

    async def work(self) -> None:
        """Take every step that is due, and let what is shown follow."""
        await self.house.work()
        await self.house.settled()

    async def pause_is_over(self) -> None:
        """As if the time had passed after which what failed is tried again, and it is."""
        now = self.ports.clock.now()
        await self.ports.deliberations.save((await self.load()).taken_up_again(now))
        await self.work()

    async def deadline_is_over(self) -> None:
        """As if it had passed."""
        now = self.ports.clock.now()
        await self.ports.deliberations.save((await self.load()).model_copy(update={"closes_at": now}))
        await self.work()

    # -- what a worker drafts with ---------------------------------------------------------------

    def drafts_with(self, mediator: FakeMediator) -> None:
        """Statements come from this one."""
        self.house.mediator = mediator
        if self.house.models is not None:
            self.house.models.mediator = mediator

    async def tells(self, notice: ModelNotice) -> None:
        """A worker says what it drafts with."""
        self.house.models = Told(notice, self.house.mediator)
        await self.ports.upkeep.keep_model_notice(notice)

    # -- what is kept ----------------------------------------------------------------------------

    async def load(self) -> Deliberation:
        """The question as it is kept now."""
        return await self.ports.deliberations.load(self.id)

    async def opinions(self) -> list[str]:
        """The opinions that are kept, in the order of their letters."""
        return sorted(opinion.text for opinion in await self.ports.contributions.opinions(self.id))

    async def consents(self) -> dict[str, bool]:
        """Whether each opinion may be learnt from."""
        return {each.text: each.consent for each in await self.ports.contributions.opinions(self.id)}

    async def baselines(self) -> list[int]:
        """The agreements with the position statement that are kept, lowest first."""
        return sorted(rating.value for rating in await self.ports.contributions.baselines(self.id))

    async def reasons(self) -> list[str]:
        """The reasons that are kept of this round, in the order of their letters."""
        d = await self.load()
        return sorted(reason.text for reason in await self.ports.contributions.reasons(d.id, d.round))

    async def ratings(self) -> list[int]:
        """The ratings that are kept, lowest first."""
        return sorted(value for _, value in await self._values())

    async def qualities(self) -> list[int]:
        """How well the statement is worded, as it is kept, lowest first."""
        d = await self.load()
        found = await self.ports.contributions.ratings(d.id, d.round)
        return sorted(each.quality for each in found if each.quality is not None)

    async def until_qualities(self, *values: int) -> None:
        """Wait until these are kept."""
        for _ in range(int(PATIENCE_S / LOOK_AGAIN_S)):
            if await self.qualities() == sorted(values):
                return
            await asyncio.sleep(LOOK_AGAIN_S)
        raise AssertionError(f"not {values} are kept: {await self.qualities()}")

    async def preferences(self) -> list[str]:
        """Which statement members prefer, as it is kept, in the order of the letters."""
        d = await self.load()
        return sorted(each.choice for each in await self.ports.contributions.comparisons(d.id, d.round))

    async def kept(self) -> str:
        """Everything that is kept of the question."""
        d = await self.load()
        mediations = [await self.ports.mediations.mediation(d.id, round_) for round_ in range(1, d.round + 1)]
        given = [await self.ports.contributions.opinions(d.id), await self._values(), await self.baselines()]
        for round_ in range(1, d.round + 1):
            given.append(await self.ports.contributions.reasons(d.id, round_))
        return repr([d, mediations, given, [record async for record in self.ports.feedback.read(d.team)]])

    @contextmanager
    def database_away(self, *, readable: bool = False) -> Iterator[None]:
        """Nothing can be read or kept; or only read, as when its disk is full."""
        state = [getattr(self.ports, name) for name in StatePorts.__annotations__]
        with ExitStack() as stack:
            for store in (*state, self.ports.feedback, self.ports.library, *self.own_stores()):
                for name, method in inspect.getmembers(store, inspect.ismethod):
                    away = _away_while_reading if inspect.isasyncgenfunction(method) else _away
                    waits = inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)
                    if waits and (not readable or name.split("_")[0] in WRITES):
                        stack.enter_context(mock.patch.object(store, name, away))
            yield


class ChatPlace(Place):
    """A question in a channel, with what pages do not have."""

    house: SlackHouse | DiscordHouse

    def own_stores(self) -> list[object]:
        return [self.house.notes]

    @abstractmethod
    def pictures(self) -> list[tuple[bytes, str]]:
        """Those in the channel's messages, each with its alt text."""

    @abstractmethod
    def messages_stay_as_they_are(self) -> AbstractContextManager[None]:
        """The platform changes no message."""

    @abstractmethod
    async def delete_card(self) -> None:
        """A moderator deletes the question's message."""

    async def jobs_are_lost(self) -> None:
        """Whatever a worker was to do, its process is gone."""
        while self.house.jobs.waiting:
            await self.house.jobs.take()

    @abstractmethod
    def on_the_clock(self, at: datetime) -> str:
        """How a time is written that each reader sees on their own clock."""

    @abstractmethod
    async def next_gateway(self, shows: str) -> None:
        """Another gateway takes over, and looks at what the one before it left, until the card shows this."""

    @abstractmethod
    def changes(self) -> int:
        """How often messages were changed."""

    @abstractmethod
    def ways_to_rate(self) -> list[SlackMessage] | list[DiscordMessage]:
        """The messages in the channel that lead to the statement to be rated."""

    @abstractmethod
    async def stop_reminders(self, person: int) -> str:
        """Press what ends reminders, on the one that came last."""

    @abstractmethod
    def boss(self) -> int:
        """An admin joins them; their number."""

    @abstractmethod
    async def presses(self, person: int, button: str, *chosen: str) -> str:
        """Somebody presses what no message shows, as with a client of their own; what they are told.

        chosen: the button's value on Slack; what is chosen in a menu on Discord.
        """

    @abstractmethod
    def written_to(self, person: int) -> list[str]:
        """What Accord wrote to a person directly."""

    @abstractmethod
    async def keep_template(self, name: str, question: str) -> Asked:
        """An admin keeps a template; what they are told or asked then, and `yes` where that asks."""

    @abstractmethod
    async def import_questions(self, text: str) -> str:
        """An admin adds questions to the bank."""

    @abstractmethod
    async def schedule(self, template: str) -> str:
        """An admin lets a template's question be posted every Tuesday."""

    @abstractmethod
    async def schedules(self) -> str:
        """What an admin is shown of all schedules."""

    @abstractmethod
    async def remove_template(self, name: str) -> Asked:
        """An admin takes the template out."""


async def _away(*given: object, **options: object) -> None:
    raise StoreError("The state store does not answer.")


async def _away_while_reading(*given: object, **options: object) -> AsyncIterator[None]:
    await _away()
    yield
