"""A law of anonymous questions: two looks tell no more than one, whatever somebody does between them.

A private list (opinions, ratings, reasons, quality, baselines, predictions, the outcome) never grows, shrinks
or changes by one member's part: between any two looks it is the same, or it has come or gone as a whole. So
no two lists can change together by what one member gave, and nothing that they gave is joined.
"""

import asyncio
import csv
import inspect
import io
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryPlatform,
    memory_state,
)
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.terms import Terms
from bot.service import queries
from bot.service.dispatch import dispatch
from bot.service.exports import as_csv, as_json
from bot.service.ports import Ports
from bot.worker.steps import Worker, run_step, sweep
from tests.web_house import NOON, FakeMediator

ASKER = Actor("T1", "fay")
PEOPLE = ("ann", "bob", "cem", "dan", "eve")
SECOND = timedelta(seconds=1)

# Everything else that an export holds is under the law, from the day it is written.
CHANGES_WITH_TIME = {
    "held_back",
    "deliberation.phase",
    "deliberation.rating_closes_at",
}
OF_NOBODY = {"rounds", "candidates"}
"""Lists that hold no member's part one by one."""
ABOUT_ROWS = {"round", "question", "statement"}

Look = dict[str, list[Any]]
Act = tuple[str, str, int]


def acts(*kinds: str) -> st.SearchStrategy[list[Act]]:
    """Some acts of these kinds, by anybody."""
    one = st.tuples(st.sampled_from(kinds), st.sampled_from(PEOPLE), st.integers(1, 7))
    return st.lists(one, max_size=8)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    opinions=st.integers(0, 5),
    ratings=st.integers(0, 5),
    before=acts("opine", "withdraw", "baseline", "baseline", "forget"),
    during=acts("rate", "rate", "rate", "unrate", "reason", "reason", "unreason", "opine", "forget"),
    after=acts("rate", "reason", "opine", "forget"),
)
# Somebody leaves who only said why.
@example(
    opinions=3,
    ratings=0,
    before=[],
    during=[("reason", each, 1) for each in PEOPLE],
    after=[("forget", "eve", 1)],
)
# Somebody leaves who only rated.
@example(opinions=3, ratings=5, before=[], during=[], after=[("forget", "eve", 1)])
def test_between_two_looks_no_list_changes_by_one_members_part(
    opinions: int, ratings: int, before: list[Act], during: list[Act], after: list[Act]
) -> None:
    keep_the_law(asyncio.run(story(opinions, ratings, before, during, after)))


@pytest.mark.parametrize(
    ("rated", "step"),
    [(False, commands.Cancel), (True, commands.CloseRating)],
    ids=["cancelled", "vote closed"],
)
def test_whenever_a_question_moves_on_while_somebody_is_forgotten_nothing_tells_what_was_theirs(
    rated: bool, step: Callable[[Actor, str], commands.Command]
) -> None:
    at, calls = 0, 1
    while at < calls:
        looks, calls = asyncio.run(forgotten_meanwhile(rated, step, at))
        keep_the_law(looks)
        at += 1
    assert at > 1


def keep_the_law(looks: Sequence[Look]) -> None:
    """Between any two of them each list is the same, or has come or gone as a whole."""
    for one, other in combinations(looks, 2):
        for name in one.keys() & other.keys():
            assert one[name] == other[name] or not one[name] or not other[name], name


async def story(
    opinions: int, ratings: int, before: list[Act], during: list[Act], after: list[Act]
) -> list[Look]:
    """A question from its posting to well after its end, and a look after each act."""
    room = Room()
    await room.ask()
    await room.happens([("opine", user, 0) for user in PEOPLE[:opinions]] + before)
    await room.takes(commands.CloseOpinions(ASKER, room.id))
    await room.happens([("rate", user, 4) for user in PEOPLE[:ratings]] + during)
    await room.takes(commands.CloseRating(ASKER, room.id))
    await room.happens(after)
    return room.looks


async def forgotten_meanwhile(
    rated: bool, step: Callable[[Actor, str], commands.Command], at: int
) -> tuple[list[Look], int]:
    """Looks before and after each call by which Bob is erased, the `at`th of which a step comes before.

    And how many calls there were.
    """
    room, calls = Room(), 0
    await room.ask()
    for user in PEOPLE[:4]:
        await room.say(room.command("opine", Actor("T1", user), 0, f"{user} says so."))
    if rated:
        await room.say(commands.CloseOpinions(ASKER, room.id))
        for value, user in enumerate(PEOPLE[:4], 2):
            await room.say(room.command("rate", Actor("T1", user), value, ""))
    await room.look()

    async def meanwhile() -> None:
        nonlocal calls
        if calls == at:
            await room.say(step(ASKER, room.id))
        calls += 1
        await room.look()

    stores = {name: getattr(room.ports, name) for name in ("deliberations", "contributions", "mediations")}
    watched: Any = {name: Watched(store, meanwhile) for name, store in stores.items()}
    await dispatch(room.command("forget", Actor("T1", "bob"), 0, ""), replace(room.ports, **watched))
    await room.look()
    return room.looks, calls


class Watched:
    """A store to which something happens before each call."""

    def __init__(self, store: Any, before: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._before = before

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def called(*given: Any, **options: Any) -> Any:
            await self._before()
            return await method(*given, **options)

        return called if inspect.iscoroutinefunction(method) else method


@dataclass
class Room:
    """An anonymous question that asks for everything that can be asked, and who looks at it meanwhile."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    jobs: MemoryJobQueue = field(default_factory=MemoryJobQueue)
    id: str = ""
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = Ports(
            **memory_state(),
            feedback=MemoryFeedbackLog(),
            library=MemoryLibrary(),
            jobs=self.jobs,
            clock=self.clock,
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"web": MemoryPlatform()},
        )

    async def ask(self) -> None:
        """ASKER asks."""
        terms = Terms(position_statement="Plastics are bad.", ask_quality=True, candidates=2)
        await self.say(commands.PostQuestion(ASKER, "web", "web", "Ban plastics?", "key", terms=terms))
        self.id = (await self.ports.deliberations.of_team("T1"))[0].id

    async def happens(self, acts: Iterable[Act]) -> None:
        """One act after the other, and a look after each."""
        for number, (kind, user, value) in enumerate(acts):
            await self.takes(self.command(kind, Actor("T1", user), value, f"{user}: {number:02}"))

    async def takes(self, command: commands.Command) -> None:
        """An act or a step, and a look after it."""
        await self.say(command)
        await self.look()

    async def say(self, command: commands.Command) -> None:
        """A refusal is an answer too: what is not possible now changes nothing."""
        await dispatch(command, self.ports)
        await sweep(self.ports)
        while self.jobs.waiting:
            await run_step(*await self.jobs.take(), Worker(self.ports, FakeMediator(), pause_s=0))
        self.clock.advance(SECOND)

    def command(self, kind: str, who: Actor, value: int, text: str) -> commands.Command:
        """An act as a command."""
        now, id_ = self.clock.now(), self.id
        made: dict[str, commands.Command] = {
            "opine": commands.GiveOpinion(who, id_, text, at=now),
            "withdraw": commands.WithdrawOpinion(who, id_, at=now),
            "baseline": commands.RateBaseline(who, id_, value, at=now),
            "rate": commands.CastRating(who, id_, value, at=now, quality=8 - value),
            "unrate": commands.WithdrawRating(who, id_, at=now),
            "reason": commands.GiveReason(who, id_, text, at=now),
            "unreason": commands.WithdrawReason(who, id_, at=now),
            "forget": commands.ForgetMe(who, at=now),
        }
        return made[kind]

    async def look(self) -> None:
        """Whoever runs it exports, and reads the result where there is one."""
        deliberation = await self.ports.deliberations.load(self.id)
        data = "".join([piece async for piece in as_json(deliberation, self.ports)])
        table = "".join([piece async for piece in as_csv(deliberation, self.ports)])
        keys = [self.ports.pseudonyms.of(deliberation, user) for user in PEOPLE]
        assert not any(key in data + table for key in keys)
        self.looks.append(exported(json.loads(data)) | columns(table) | await self.result())

    async def result(self) -> Look:
        """What the result tells of the ratings, and of what was predicted."""
        if (await self.ports.deliberations.load(self.id)).statement is None:
            return {"counts": [], "predicted mean": [], "reasons": []}
        found = await queries.results(ASKER, self.id, self.ports)
        return {
            "counts": list(found.tally.counts) if found.tally else [],
            "predicted mean": [found.prediction.mean] if found.prediction else [],
            "reasons": [reason.text for reason in found.reasons],
        }


def exported(data: dict[str, Any]) -> Look:
    """Every value of an export by where it stands, but for those that are nobody's and change with time."""
    return {where: found for where, found in parts("", data) if where not in CHANGES_WITH_TIME}


def parts(where: str, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """What is in there: a list as a whole, unless its entries are nobody's; nothing as an empty one."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from parts(f"{where}.{name}".removeprefix("."), part)
    elif isinstance(value, list) and where.split(".")[-1] in OF_NOBODY:
        for number, part in enumerate(value):
            yield from parts(f"{where}.{number}", part)
    else:
        yield where, value if isinstance(value, list) else [] if value in (None, "") else [value]


def columns(table: str) -> Look:
    """The filled cells of each column of the other file, but for those that say what a row is about."""
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    names = [name for name in rows.fieldnames or () if name not in ABOUT_ROWS]
    cells = list(rows)
    return {f"column {name}": [row[name] for row in cells if row[name]] for name in names}
