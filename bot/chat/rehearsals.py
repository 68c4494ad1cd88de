"""Questions that somebody tries out with simulated members: asking for it, how it gets on, what came of it.

Reads:  what an asker wants tried out; the notes of all gateways and workers.
Gives:  `KeptRehearsal`s, to the person who asked for them alone; and those that wait, to workers.
Refrains from everything that is real: a rehearsal is no deliberation. It is in no list, count, export or
feedback, nobody is told of it, and it is gone after `KEPT_S`, or with its asker.

A worker claims a rehearsal for `CLAIM_S` and again while it plays: one that is killed leaves it to the next,
up to `MOST_TRIES` of them, for each costs what the first one did.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeGuard

from bot.chat.notes import DAY_S, Notes
from bot.domain.clean_text import clean
from bot.domain.deliberation import checked_context, checked_question
from bot.service.ids import named
from bot.wording import rehearsal_lines
from engine.rehearsal.results import Cost, Rehearsal
from engine.sentence import Said
from engine.types import Frozen

KIND = "rehearsal"
"""The notes are of this kind."""
KEPT_S = DAY_S
CLAIM_S = 60.0
MOST_TRIES = 3
COUNTED_DAYS = 2
"""For so many days it is known what a team tried out."""
_WAITING = "waiting"


class State(StrEnum):
    """How a rehearsal stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class KeptRehearsal(Frozen):
    """A question that is tried out.

    team, user: who asked for it; nobody else is shown it.
    platform: where they are written to once it is over; empty where a page shows it.
    stage, part: what is going on while it runs, and which share of that is done, in [0, 1].
    tries: workers that began with it. trouble: why it failed.
    """

    id: str
    team: str
    user: str
    question: str
    about: str
    platform: str = ""
    state: State = State.WAITING
    stage: str = ""
    part: float = 0.0
    tries: int = 0
    result: Rehearsal | None = None
    trouble: Said | None = None


@dataclass(frozen=True)
class Rehearsals:
    """All of them. most_a_day: by team; cost: of a question with what is said about the team."""

    notes: Notes
    most_a_day: int
    cost: Callable[[str, str], Cost]

    async def ask(self, asked: "Wish", now: datetime) -> KeptRehearsal:
        """Have a question tried out; the same form sent twice is one rehearsal.

        Raises:
            QuestionError: the question, or what is said about the team, cannot be used.
            RehearsalError: the team has tried out as many today as it may.
        """
        question, about = checked_question(asked.question), checked_context(clean(asked.about))
        new = secrets.token_urlsafe(12)
        # Of this person alone: nobody's key, whatever they send, leads to what is somebody else's.
        form = f"form:{asked.team}:{named(asked.user, asked.key)}"
        id_ = await self.notes.first(form, new, for_s=KEPT_S)
        if id_ != new and (there := await self.find(id_, asked.team, asked.user)):
            if there.state is State.WAITING:  # the first copy may not have come so far
                await self.notes.add_to(_WAITING, id_)
            return there
        await self._count(asked.team, id_, now)
        wish = KeptRehearsal(
            id=id_, team=asked.team, user=asked.user, question=question, about=about, platform=asked.platform
        )
        await self.keep(wish)
        await self.notes.add_to(_WAITING, id_)
        return wish

    async def find(self, id_: str, team: str, user: str) -> KeptRehearsal | None:
        """What somebody asked for; None where it is gone, or somebody else's."""
        found = await self._load(id_)
        return found if found is not None and (found.team, found.user) == (team, user) else None

    async def keep(self, rehearsal: KeptRehearsal) -> bool:
        """As it stands now; False where its asker was forgotten meanwhile, and it with them."""
        await self.notes.put(f"one:{rehearsal.id}", rehearsal.model_dump_json(), for_s=KEPT_S)
        # Looked up after it was put: of the two, whichever comes last takes it away.
        if await self.notes.get(f"forgotten:{rehearsal.id}") is None:
            return True
        await self.notes.remove(f"one:{rehearsal.id}")
        return False

    async def forget(self, team: str, user: str, now: datetime) -> None:
        """Erase all that somebody asked for, also where a worker is playing it."""
        for days in range(COUNTED_DAYS + 1):
            for id_ in await self.of_day(team, now - timedelta(days=days)):
                if await self.find(id_, team, user) is not None:
                    await self.notes.put(f"forgotten:{id_}", "", for_s=KEPT_S)
                    await self.notes.remove(f"one:{id_}")
                    await self.notes.remove_from(_WAITING, id_)

    async def next(self) -> KeptRehearsal | None:
        """One that waits, or whose worker has fallen silent; nobody else is given it for `CLAIM_S`."""
        for id_ in await self.notes.members(_WAITING):
            mine = secrets.token_urlsafe(6)
            if await self.notes.first(f"claim:{id_}", mine, for_s=CLAIM_S) != mine:
                continue
            if (found := await self._load(id_)) is not None:
                return found
            await self.notes.remove_from(_WAITING, id_)  # nobody waits for it any more
        return None

    async def get_on(self, rehearsal: KeptRehearsal) -> None:
        """Say how it gets on, and keep the claim."""
        await self.notes.put(f"claim:{rehearsal.id}", "running", for_s=CLAIM_S)
        await self.keep(rehearsal)

    async def end(self, rehearsal: KeptRehearsal) -> None:
        """Keep how it ended; it waits no longer."""
        await self.keep(rehearsal)
        await self.notes.remove_from(_WAITING, rehearsal.id)

    async def _load(self, id_: str) -> KeptRehearsal | None:
        text = await self.notes.get(f"one:{id_}")
        return None if text is None else KeptRehearsal.model_validate_json(text)

    async def of_day(self, team: str, day: datetime) -> list[str]:
        """The ids of what a team tried out that day; places are taken one after the other."""
        found: list[str] = []
        while (id_ := await self.notes.get(_place(team, day, len(found)))) is not None:
            found.append(id_)
        return found

    async def _count(self, team: str, id_: str, now: datetime) -> None:
        """Take one of the day's places; each is taken once, so that two who ask at once are two."""
        for place in range(self.most_a_day):
            there = await self.notes.first(_place(team, now, place), id_, for_s=COUNTED_DAYS * DAY_S)
            if there == id_:
                return
        raise rehearsal_lines.too_many(self.most_a_day)


def _place(team: str, day: datetime, place: int) -> str:
    return f"day:{team}:{day:%Y-%m-%d}:{place}"


def are_offered(rehearsals: Rehearsals | None) -> TypeGuard[Rehearsals]:
    """Whether questions can be tried out here; `most_a_day` of 0 says that nobody may."""
    return rehearsals is not None and rehearsals.most_a_day > 0


def require_offered(rehearsals: Rehearsals | None) -> Rehearsals:
    """Give them back. Raises RehearsalError where questions cannot be tried out."""
    if not are_offered(rehearsals):
        raise rehearsal_lines.not_here()
    return rehearsals


@dataclass(frozen=True)
class Wish:
    """What somebody wants tried out. key: of the form that they sent, the same for every copy of it."""

    team: str
    user: str
    question: str
    about: str
    key: str
    platform: str = ""
