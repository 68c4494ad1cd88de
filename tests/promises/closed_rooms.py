"""A question in a private channel, and people who are not in it: on Slack, on Discord, on the web.

Gives:  what somebody tries from elsewhere with a question's id, and everything that they are told. They press
        buttons and submit windows that no client would draw, as somebody may who writes their own.
Persons 0 to 2 are in the channel, and person 0 asked the question. OUTSIDER and ADMIN are in the same team
and see another channel, not this one; on the web, they were not invited. FOREIGNER runs another team of the
same Accord, where a test has one.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from time import time

from slack_sdk.oauth.installation_store import Bot

from adapters.web.config import WebConfig
from bot.domain.deliberation import Deliberation, Phase, Step
from bot.service.ports import Ports
from bot.worker.steps import Worker, run_step
from tests.discord_house import DiscordHouse
from tests.discord_server import Channel as DiscordChannel
from tests.discord_server import Interaction
from tests.slack_house import SlackHouse, card
from tests.slack_server import Team
from tests.web_house import FakeMediator, House, Person

QUESTION = "Who of us should be let go?"
ELSEWHERE = "Tea or coffee?"
OPINIONS = ("Nobody at all.", "Those who came last.")
INSIDE, OUTSIDER, ADMIN, FOREIGNER = 3, 3, 4, 5
NOWHERE = "nowhere"
LATER = {"closes_at": "2026-12-24T18:00"}
WRITTEN = "From somebody who should not be here."

Try = Callable[[int, str], Awaitable[str]]


class ClosedRoom(ABC):
    """One question in one private channel; `ask` comes first.

    acts: what somebody may try with a question's id, by name.
    """

    ports: Ports
    id: str = ""
    acts: dict[str, Try]

    @abstractmethod
    async def ask(self) -> Deliberation:
        """Person 0 asks QUESTION in the private channel."""

    @abstractmethod
    async def voting(self) -> None:
        """Persons 0 and 1 answer, and the statement is put to the vote."""

    async def load(self) -> Deliberation:
        """As it is kept now."""
        return await self.ports.deliberations.load(self.id)

    async def told(self, person: int, act: str, id_: str = "") -> str:
        """What somebody is told who tries this with the question, or with another id."""
        return await self.acts[act](person, id_ or self.id)

    async def given(self) -> list[str]:
        """Every opinion and rating that is kept."""
        d, kept = await self.load(), self.ports.contributions
        opinions = [opinion.text for opinion in await kept.opinions(d.id)]
        return opinions + [str(rating.value) for rating in await kept.ratings(d.id, d.round)]


class ClosedChannel(ClosedRoom):
    """On a platform that has channels, from which people and we can be taken."""

    @abstractmethod
    async def leave(self, person: int) -> None:
        """Somebody is taken out of the channel."""

    @abstractmethod
    async def channel_gone(self) -> None:
        """The channel is deleted."""

    @abstractmethod
    async def bot_gone(self) -> None:
        """We are taken out of the channel."""

    @abstractmethod
    def silent(self) -> None:
        """The platform does not say any more who sees a channel."""

    async def met(self) -> None:
        """Everybody inside has used Accord there: some platforms tell of nobody else."""

    async def remind(self) -> None:
        """Whoever has not answered is reminded, as if the deadline were near."""
        d, now = await self.load(), self.ports.clock.now()
        times = {"created_at": now - timedelta(days=1), "closes_at": now + timedelta(minutes=30)}
        await self.ports.deliberations.save(d.model_copy(update={**times, "reminded": False}))
        await run_step(Step.REMIND, d.id, Worker(self.ports, FakeMediator(), pause_s=0))

    @abstractmethod
    def written_to(self, person: int) -> str:
        """Everything that was written to somebody directly."""


async def tries_everything(room: ClosedRoom, person: int) -> None:
    """Somebody tries everything there is: it changes nothing, and tells what one is told of no question."""
    before, given = await room.load(), await room.given()
    for act in room.acts:
        told = await room.told(person, act)
        assert told, act
        assert QUESTION not in told, act
        assert not any(text in told for text in OPINIONS), act
        assert told == await room.told(person, act, NOWHERE), act
    assert (await room.load(), await room.given()) == (before, given)


class ClosedOnSlack(ClosedChannel):
    """A private channel next to a public one, in which OUTSIDER asked a question too."""

    def __init__(self, house: SlackHouse) -> None:
        self.house, self.ports = house, house.ports
        self.people = [*house.people(ADMIN), house.slack.user("boss", is_admin=True)]
        self.lobby = house.slack.channel("lobby", *self.people)
        self.lobbies = dict.fromkeys(range(len(self.people)), self.lobby)
        self.room = house.slack.channel("secret", *self.people[:INSIDE], kind="private")
        clicks = {
            "share": "share_opinion",
            "how": "how_this_works",
            "rate": "rate:5",
            "unrate": "withdraw_rating",
            "retry": "retry_mediation",
            "manage": "manage",
            "export": "export_question",
            "results": "results_of_question",
            "outcome": "record_outcome",
            "points": "vote_on_points",
            "more points": "more_points",
            "hide a point": "hide_point",
        }
        steps = {name: f"do:{name}" for name in ("close", "cancel", "extend", "close-rating", "reopen")}
        steps["outcome in a window"] = "do:outcome"
        steps |= {"votes": "votes_on_points", "add a point": "add_point", "manage points": "do:points"}
        self.acts = {
            **{name: partial(self._clicks, action) for name, action in clicks.items()},
            **{name: partial(self._clicks_in_window, action) for name, action in steps.items()},
            "withdraw": partial(self._clicks_in_window, "withdraw_opinion"),
            "retry in a window": partial(self._clicks_in_window, "do:retry"),
            "export in a window": partial(self._clicks_in_window, "do:export"),
            "quality": lambda person, id_: self._clicks(f"quality:{id_}", person, "5"),
            "move": self._moves,
            "search": self._searches,
            "submit": self._submits,
            "submit a deadline": self._submits_deadline,
        }

    async def in_two_workspaces(self, other: Team) -> None:
        """The app is installed in another one too, which FOREIGNER runs."""
        for team in (self.people[0].team, other):
            token = self.house.slack.bot_token(team)
            scopes = sorted(self.house.slack.state.tokens[token].scopes)
            bot = Bot(
                team_id=team.id,
                bot_token=token,
                bot_id=team.bot_id,
                bot_user_id=team.bot.id,
                bot_scopes=scopes,
                installed_at=time(),
            )
            await self.house.parts.installations.async_save_bot(bot)
        foreigner = self.house.slack.user("foreigner", other, is_admin=True)
        self.people.append(foreigner)
        self.lobbies[FOREIGNER] = self.house.slack.channel("general", foreigner)
        await self.house.ask(foreigner, self.lobbies[FOREIGNER], ELSEWHERE)

    async def ask(self) -> Deliberation:
        await self.house.ask(self.people[OUTSIDER], self.lobby, ELSEWHERE)
        d = await self.house.ask(self.people[0], self.room, QUESTION, identity="named", rating_by="buttons")
        self.id = d.id
        return d

    async def voting(self) -> None:
        for person, text in enumerate(OPINIONS):
            await self.house.opine(self.people[person], card(self.room), text)
        await self.people[0].command("/accord close", self.room)
        await self.house.settled()
        await self.house.until_phase(await self.load(), Phase.RATING)

    async def leave(self, person: int) -> None:
        await self.people[person].leave(self.room)
        self._forget_who_is_where()

    async def channel_gone(self) -> None:
        self.house.slack.delete_channel(self.room)
        self._forget_who_is_where()

    async def bot_gone(self) -> None:
        await self.house.slack.remove_bot(self.room)
        self._forget_who_is_where()

    def silent(self) -> None:
        self.house.slack.faults.fail("conversations.members", "internal_error", times=10_000)
        self._forget_who_is_where()

    def written_to(self, person: int) -> str:
        return "\n".join(message.shown for message in self.people[person].dms)

    def _forget_who_is_where(self) -> None:
        """As if so much time had passed as a list of a channel's members is good for."""
        for parts in (self.house.parts, *(gateway.parts for gateway in self.house.gateways)):
            parts.people._channels.forget_all()

    async def _clicks(self, action: str, person: int, value: str) -> str:
        user, before = self.people[person], self._known(person)
        await user.forge_click(card(self.lobbies[person]), action, value)
        return await self._told(person, before)

    async def _clicks_in_window(self, action: str, person: int, value: str) -> str:
        user, before = self.people[person], self._known(person)
        await user.click(card(self.lobbies[person]), "how_this_works")
        await user.forge_click(await user.sees_modal(), action, value)
        return await self._told(person, before)

    async def _searches(self, person: int, id_: str) -> str:
        user, before = self.people[person], self._known(person)
        await user.command("/accord list past plastics", self.lobbies[person])
        return await self._told(person, before)

    async def _moves(self, person: int, id_: str) -> str:
        """In an answer that only they see, which makes way for what came of it."""
        user, before = self.people[person], self._known(person)
        await user.command("/accord help", self.lobbies[person])
        await self.house.settled()
        await user.forge_click(user.ephemerals[-1], "extend_to", f"{id_} {int(time()) + 3_600}")
        return await self._told(person, before)

    async def _submits(self, person: int, id_: str) -> str:
        user, before = self.people[person], self._known(person)
        await user.click(card(self.lobbies[person]), "share_opinion")
        view = await user.sees_modal("opinion")
        answer = await user.forge_submit(view, {"id": id_}, {"opinion": WRITTEN})
        if answer.errors:
            await user.close()
        return "\n".join([*(answer.errors or {}).values(), await self._told(person, before)])

    async def _submits_deadline(self, person: int, id_: str) -> str:
        """In a window that was opened for a question of their own; without one, in no window."""
        user, before = self.people[person], self._known(person)
        await user.command("/accord extend", self.lobbies[person])
        await self.house.settled()
        if not user.views:
            return await self._told(person, before)
        answer = await user.forge_submit(user.views[-1], {"id": id_}, {"deadline": "in 3 hours"})
        told = "\n".join((answer.errors or {}).values()) or user.views[-1].shown
        while user.views:
            await user.close()
        return told

    def _known(self, person: int) -> int:
        return len(self.people[person].ephemerals)

    async def _told(self, person: int, before: int) -> str:
        await self.house.settled()
        user = self.people[person]
        told = [*(view.shown for view in user.views), *(m.shown for m in user.ephemerals[before:])]
        while user.views:
            await user.close()
        return "\n".join(told)


class ClosedOnDiscord(ClosedChannel):
    """A channel that only some see, next to one that everybody sees."""

    def __init__(self, house: DiscordHouse) -> None:
        self.house, self.ports = house, house.ports
        managers = house.discord.role("managers", None, "manage_guild")
        self.people = [*house.people(ADMIN), house.discord.member("boss", roles=(managers,))]
        self.lobby = house.room
        self.lobbies = dict.fromkeys(range(len(self.people)), self.lobby)
        self.room = self.make_room()
        presses = {
            "share": "share:{}",
            "how": "how:{}",
            "rate": "rate:{}:5",
            "unrate": "unrate:{}:sure",
            "quality": "quality:{}",
            "retry": "retry:{}",
            "step-cancel": "step:{}:cancel",
            "press-cancel": "cancel:{}",
            "press-outcome": "outcome:{}",
            "withdraw": "withdraw:{}:sure",
            "points": "points:{}",
            "votes": "points:{}:0",
            "add a point": "add-point:{}",
            "manage points": "manage-points:{}:0",
            **{f"step-{step}": f"step:{{}}:{step}" for step in ("close", "close-rating", "retry")},
        }
        commands = ("results", "export", "close", "cancel", "outcome")
        self.acts = {
            **{name: partial(self._presses, pressed) for name, pressed in presses.items()},
            **{name: partial(self._commands, name) for name in commands},
            **{name: partial(self._commands, name, until="in 3 hours") for name in ("extend", "reopen")},
            "choose results": lambda person, id_: self._presses("results", person, id_, id_),
            "choose points": lambda person, id_: self._presses("points-of", person, id_, id_),
            "hide a point": lambda person, id_: self._presses("hide-point:{}:0", person, id_, "p"),
            "choose quality": lambda person, id_: self._presses("quality:{}", person, id_, "5"),
            "submit": self._submits,
            "from a message": self._in_message,
        }

    async def in_two_servers(self) -> None:
        """The app is in another one too, which FOREIGNER owns."""
        guild = self.house.discord.guild("Elsewhere")
        self.people.append(self.house.discord.owner(guild))
        self.lobbies[FOREIGNER] = self.house.discord.first_channel(guild)
        await self.house.ask(self.people[FOREIGNER], ELSEWHERE)

    def make_room(self) -> DiscordChannel:
        """The private one."""
        return self.house.discord.channel("secret", only=tuple(self.people[:INSIDE]))

    async def ask(self) -> Deliberation:
        await self.house.ask(self.people[OUTSIDER], ELSEWHERE)
        asked = await self.people[0].command(
            "accord ask", self.room, question=QUESTION, identity="named", rated_by="buttons"
        )
        assert not asked.failed
        await self.house.work()
        found = await self.house.deliberations.of_team(str(self.people[0].guild.id))
        d = next(each for each in found if each.channel == str(self.room.id))
        self.id = d.id
        return d

    async def voting(self) -> None:
        bot = self.house.discord.state.bot
        shown = next(message for message in self.room.shown if message.author is bot)
        for person, text in enumerate(OPINIONS):
            await self.house.opine(self.people[person], shown, text)
        await self.people[0].command("accord close", self.room)
        await self.house.until_phase(await self.load(), Phase.RATING)

    async def leave(self, person: int) -> None:
        self.house.discord.deny(self.room, "view_channel", member=self.people[person])
        self._forget_who_sees_what()

    async def channel_gone(self) -> None:
        self.house.discord.delete_channel(self.room)
        self._forget_who_sees_what()

    async def bot_gone(self) -> None:
        self.house.discord.deny(self.room, "view_channel")
        self._forget_who_sees_what()

    def silent(self) -> None:
        for route in ("GET /guilds/{guild}", "GET /guilds/{guild}/channels"):
            self.house.discord.faults.fail(route, status=400, code=0, times=10_000)
        self._forget_who_sees_what()

    async def met(self) -> None:
        for person in range(INSIDE):
            pressed = await self.people[person].forge_press(self.room, f"accord:how:{self.id}")
            await self._answer(pressed)

    def written_to(self, person: int) -> str:
        return "\n".join(message.shown for message in self.people[person].dms)

    def _forget_who_sees_what(self) -> None:
        """As if so much time had passed as what Discord said is good for."""
        self.house.parts.people.changed(str(self.people[0].guild.id))
        self.house.parts.people._in_thread.forget_all()

    async def _presses(self, pressed: str, person: int, id_: str, *values: str) -> str:
        name = f"accord:{pressed.format(id_)}"
        return await self._answer(await self.people[person].forge_press(self.lobbies[person], name, *values))

    async def _in_message(self, person: int, id_: str) -> str:
        """In a direct message, where no server is told."""
        member = self.people[person]
        await self.house.parts.platform.write(str(member.guild.id), str(member.id), "Hello.")
        direct = self.house.discord.direct(member.person)
        return await self._answer(await member.forge_press(direct, f"accord:share:{id_}"))

    async def _commands(self, name: str, person: int, id_: str, **options: str) -> str:
        member = self.people[person]
        return await self._answer(
            await member.command(f"accord {name}", self.lobbies[person], question=id_, **options)
        )

    async def _submits(self, person: int, id_: str) -> str:
        fields = {"opinion": WRITTEN}
        made = await self.people[person].forge_submit(self.lobbies[person], f"accord:opinion:{id_}", fields)
        return await self._answer(made)

    async def _answer(self, made: Interaction) -> str:
        await self.house.discord.until(lambda: made.failed or made.modal or made.message, what="an answer")
        shown = [made.modal.shown] if made.modal else []
        files = [file.text for message in made.messages for file in message.attachments]
        return "\n".join([*shown, *(message.shown for message in made.messages), *files])


# Who tries everything at once would only be told to be slower, of this question and of none alike.
PATIENT = WebConfig(
    secret="a secret for tests only",
    base_url="http://127.0.0.1",
    requests_per_minute=100_000,
    writes_per_minute=100_000,
)


class ClosedOnWeb(ClosedRoom):
    """A question to which some browsers were invited; `other` is another team's, over the same database."""

    def __init__(self, house: House, other: House | None = None) -> None:
        self.house, self.ports, self.other = house, house.ports, other
        self.people: list[Person] = []
        pages = {"question": "/d/{}", "manage": "/d/{}/manage", "export": "/d/{}/export.json"}
        pages |= {"now": "/d/{}/now", "export csv": "/d/{}/export.csv"}
        forms = {
            "opinion": ("/d/{}/opinion", {"opinion": WRITTEN, "name": "Eve"}),
            "rate": ("/d/{}/rating", {"rating": "5"}),
            "unrate": ("/d/{}/rating/withdraw", {}),
            "withdraw": ("/d/{}/opinion/withdraw", {}),
            "rate several": ("/d/{}/ratings", {}),
            **{step: (f"/d/{{}}/manage/{step}", {}) for step in ("close", "close-rating", "retry")},
            **{step: (f"/d/{{}}/manage/{step}", LATER) for step in ("extend", "reopen")},
            "cancel": ("/d/{}/manage/cancel", {"sure": "yes"}),
            "invite": ("/d/{}/manage/links", {"names": "Eve"}),
            "end links": ("/d/{}/manage/links/end", {"all": "yes"}),
            "new link": ("/d/{}/manage/open-link/renew", {}),
            "outcome": ("/d/{}/manage/outcome", {"decided": "Theirs."}),
        }
        self.acts = {
            **{name: partial(self._opens, path) for name, path in pages.items()},
            **{name: partial(self._sends, path, fields) for name, (path, fields) in forms.items()},
        }

    async def ask(self) -> Deliberation:
        d = await self.house.ask(QUESTION, anonymous=False)
        other = await self.house.ask(ELSEWHERE)
        self.id = d.id
        self.people = [await self.house.visitor(d) for _ in range(INSIDE)]
        self.people.append(await self.house.visitor(other))
        # An admin here needs no invitation, so there is none who sees less than the question.
        self.people += [self.house.somebody(), *([await self.other.admin()] if self.other else [])]
        return d

    async def voting(self) -> None:
        for person, text in zip(self.people, OPINIONS, strict=False):
            await person.open(f"/d/{self.id}")
            await person.send(f"/d/{self.id}/opinion", {"opinion": text, "name": text[:5]})
        admin = await self.house.admin()
        await admin.open(f"/d/{self.id}/manage")
        await admin.send(f"/d/{self.id}/manage/close")
        await self.house.work()

    async def _opens(self, path: str, person: int, id_: str) -> str:
        return _words(await self.people[person].open(path.format(id_)))

    async def _sends(self, path: str, fields: dict[str, str], person: int, id_: str) -> str:
        await self.people[person].open("/me")  # has forms, so that the token is right
        assert self.people[person].csrf
        return _words(await self.people[person].send(path.format(id_), fields))


def _words(page: str) -> str:
    """A page without what is new on each."""
    return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page)
