"""Running questions, the same wherever it is done: closing, deadlines, opening again, the link to a result.

Reads:  who said what and where; questions; what earlier copies of the same word did.
Gives:  a reply; refusals, and what has to be asked first, are `DomainError`s with a sentence.
A button says which phase was seen by its own name (`STEPS`). A word, such as `/accord close`, says no phase:
it means the one in which it was first heard, however late a copy of it comes, and said a second time, when
the statement is only just out, it asks before it closes the vote.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import uuid4

from bot.chat.copies import Copies
from bot.chat.notes import HOUR_S, Notes
from bot.chat.old_buttons import OldButtonError
from bot.domain.actors import Actor, is_steward, require_steward
from bot.domain.commands import (
    Cancel,
    ChangeResultLink,
    CloseOpinions,
    CloseRating,
    Command,
    Extend,
    KeepStatement,
    RemindNow,
    Reopen,
    RetryMediation,
    Revise,
)
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import QuestionError
from bot.domain.rounds import round_named
from bot.service import queries
from bot.service.access import load_steered
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reconciling import look_again
from bot.service.reply import Reply
from bot.service.turnout import rater_count
from bot.wording import forms, texts
from bot.wording.cards import ResultLink
from bot.wording.confirmations import Confirmation, closing_vote

CLOSABLE = frozenset({Phase.OPINIONS, Phase.RATING})
MOVABLE = frozenset({Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING})
REOPENABLE = frozenset({Phase.MEDIATING})
REVISABLE = frozenset({Phase.RATING})
CHANGEABLE = frozenset({Phase.SCHEDULED, Phase.OPINIONS})

END_LINK = "end-link"
NEW_LINK = "new-link"
OTHER_LINK = "other-link"
REVISE = "revise"
CLOSE_RATING = "close-rating"
KEEP_STATEMENT = "keep-statement"


def _new_link(actor: Actor, id_: str, *, replaces: bool) -> Command:
    return ChangeResultLink(actor, id_, uuid4().hex, replaces=replaces)


# What a button does, by its name (`bot.wording.choices.STEERING`).
STEPS: dict[str, Callable[[Actor, str], Command]] = {
    "close": CloseOpinions,
    CLOSE_RATING: CloseRating,
    KEEP_STATEMENT: KeepStatement,
    "retry": RetryMediation,
    "cancel": Cancel,
    "remind": RemindNow,
    END_LINK: partial(ChangeResultLink, link=None),
    # Where there is none; the other ends the one that is there.
    NEW_LINK: partial(_new_link, replaces=False),
    OTHER_LINK: partial(_new_link, replaces=True),
}


def pressed(step: str, actor: Actor, id_: str, seen: str = "") -> Command:
    """What a button does; seen: the phase, link or round that was shown with it, where that matters.

    Raises OldButtonError for a step that there is not.
    """
    round_ = round_named(seen, unsaid=0)
    if step == REVISE:
        return Revise(actor, id_, round=round_)
    if step not in STEPS:
        raise OldButtonError
    command = STEPS[step](actor, id_)
    if isinstance(command, CloseRating | KeepStatement):
        return replace(command, round=round_ or None)
    return replace(command, seen=seen) if isinstance(command, Cancel | ChangeResultLink) else command


@dataclass(frozen=True)
class Word:
    """What somebody said in a channel about a question.

    name: the same for every copy. chosen: the question's id, where they said which one they mean.
    """

    name: str
    actor: Actor
    platform: str
    channel: str
    chosen: str = ""


class NoQuestionError(QuestionError):
    """There is no question that could be meant. The sentence names a command, in backticks."""


class AsksFirstError(QuestionError):
    """Which of several questions is meant has to be asked, or whether it really is this one."""

    def __init__(self, message: str, questions: Sequence[Deliberation]) -> None:
        super().__init__(message)
        self.questions = questions


# -- which question ------------------------------------------------------------------------------


async def in_channel(
    actor: Actor, ports: Ports, *, platform: str, channel: str, phases: Collection[Phase]
) -> list[Deliberation]:
    """A channel's questions in these phases: those that run first, the newest first."""
    found: list[Deliberation] = []
    for running in (True, False):
        found += await queries.listed(
            actor, ports, platform=platform, channel=channel or "-", running=running
        )
    return [d for d in found if d.runs in phases]


async def meant(word: Word, phases: Collection[Phase], ports: Ports) -> list[Deliberation]:
    """The questions that a word may mean, of those that this person runs; never empty.

    Raises NoQuestionError, and PermissionDeniedError where only others run questions.
    """
    if word.chosen:
        return [await load_steered(word.actor, word.chosen, ports)]
    found = await in_channel(word.actor, ports, platform=word.platform, channel=word.channel, phases=phases)
    if not found:
        raise NoQuestionError(texts.NO_QUESTION)
    own = [d for d in found if is_steward(word.actor, d)]
    if not own:
        require_steward(word.actor, found[0])
    return own


async def the_one(word: Word, phases: Collection[Phase], ports: Ports) -> Deliberation:
    """The question that a word means. Raises AsksFirstError where it may be one of several."""
    found = await meant(word, phases, ports)
    if len(found) > 1:
        raise AsksFirstError(texts.WHICH_QUESTION, found)
    return found[0]


# -- closing -------------------------------------------------------------------------------------


def closing(d: Deliberation) -> str:
    """The step that closes what is open now, or keeps the statement where another could not be drafted.

    Where there is nothing to close, the one that says so.
    """
    if d.runs is not Phase.RATING:
        return "close"
    return CLOSE_RATING if d.phase is Phase.RATING else KEEP_STATEMENT


async def close(word: Word, ports: Ports, notes: Notes) -> Reply:
    """Close opinions or the vote, whichever is open. Raises DomainError or StoreError."""
    return await Copies(notes, ports.clock).once(word.name, lambda: _close(word, ports, notes))


async def _close(word: Word, ports: Ports, notes: Notes) -> Reply:
    d = await the_one(word, CLOSABLE, ports)
    now = f"{closing(d)} {d.id} {d.round}"
    # Noted before it is done: a gateway may die between the two, and the copy has to do the same.
    heard = await notes.first(f"closes {word.name}", now, for_s=HOUR_S)
    if heard == now and (asks := await _still_asks(d, ports)) is not None:
        raise AsksFirstError(f"{asks.follows} {texts.ALL_THE_SAME}", [d])
    # What an earlier version noted says no round.
    step, id_, *round_ = heard.split(" ")
    return await dispatch(pressed(step, word.actor, id_, "".join(round_)), ports)


async def asks_before_closing(d: Deliberation, ports: Ports) -> Confirmation | None:
    """What is asked before the vote closes for good while too few have rated for anything to be shown."""
    if d.phase is not Phase.RATING:
        return None
    # A study shows no ratings: there it asks only whether anybody has rated.
    fewest = 1 if d.terms.study is not None else max(1, d.terms.fewest_shown)
    rated = await rater_count(d, ports)
    return closing_vote(rated, fewest) if rated < fewest else None


async def _still_asks(d: Deliberation, ports: Ports) -> Confirmation | None:
    """The same, once votes are known that were cast on the platform while nobody listened."""
    if await asks_before_closing(d, ports) is None:
        return None
    await look_again(d.id, ports)
    return await asks_before_closing(d, ports)


# -- reminding -----------------------------------------------------------------------------------


async def remind(word: Word, ports: Ports, notes: Notes) -> Reply:
    """Have people reminded. Raises DomainError or StoreError."""

    async def reminded() -> Reply:
        d = await the_one(word, CLOSABLE, ports)
        return await dispatch(RemindNow(word.actor, d.id), ports)

    return await Copies(notes, ports.clock).once(word.name, reminded)


# -- the link to the result ----------------------------------------------------------------------


def link_step(d: Deliberation, page: ResultLink) -> str:
    """What can be done with the link to a result: END_LINK, NEW_LINK, or nothing, where there is no page."""
    if d.phase is not Phase.SETTLED:
        return ""
    if d.result_link is not None:
        return END_LINK if page(d) else ""
    return NEW_LINK if page(d.model_copy(update={"result_link": ""})) else ""


# -- moving the deadline -------------------------------------------------------------------------

Allowed = Callable[[Deliberation, datetime], Awaitable[None]]


async def any_time(d: Deliberation, at: datetime) -> None:
    """Where the platform itself sets no limit to a deadline."""


@dataclass(frozen=True)
class Moving:
    """What a new deadline is for: in which phases there can be one, and what is done with it."""

    phases: Collection[Phase]
    command: Callable[..., Extend | Reopen]


EXTEND = Moving(MOVABLE, Extend)
REOPEN = Moving(REOPENABLE, Reopen)


def instead_of(shown: str) -> Moving:
    """Moves the deadline that was shown, and no other (`Extend.instead_of`)."""
    return Moving(MOVABLE, partial(Extend, instead_of=shown))


async def move(
    word: Word,
    moving: Moving,
    typed: Mapping[str, str],
    zone: str,
    ports: Ports,
    notes: Notes,
    *,
    locale: str = "",
    allowed: Allowed = any_time,
) -> Reply:
    """Move the deadline to what was typed, or open again until then, after drafting failed.

    Raises DomainError, as `allowed` may, or StoreError.
    """

    async def moved() -> Reply:
        d = await the_one(word, moving.phases, ports)
        at = await _first_heard(word, typed, zone, ports, notes, locale)
        await allowed(d, at)
        return await _moved(word.actor, d.id, moving, at, ports)

    return await Copies(notes, ports.clock).once(word.name, moved)


async def move_shown(actor: Actor, id_: str, moving: Moving, typed: Mapping[str, str], ports: Ports) -> Reply:
    """The same from a page, which shows the question and on which a time is picked.

    Nothing has to be noted: a copy, however late, says the same time. Raises QuestionError.
    """
    return await _moved(actor, id_, moving, await new_deadline(typed, "UTC", ports), ports)


async def _moved(actor: Actor, id_: str, moving: Moving, at: datetime, ports: Ports) -> Reply:
    return await dispatch(moving.command(actor, id_, closes_at=at), ports)


async def _first_heard(
    word: Word, typed: Mapping[str, str], zone: str, ports: Ports, notes: Notes, locale: str
) -> datetime:
    """The new deadline; "in 3 hours" is counted from when it was first heard."""
    at = await new_deadline(typed, zone, ports, locale)
    heard = await notes.first(f"extends {word.name}", at.isoformat(), for_s=HOUR_S)
    return datetime.fromisoformat(heard)


async def new_deadline(typed: Mapping[str, str], zone: str, ports: Ports, locale: str = "") -> datetime:
    """The time that was typed or picked. Raises QuestionError where none was."""
    # Reading words takes a library that is slow to load.
    at = await asyncio.to_thread(forms.deadline, typed, ports.clock.now(), zone, locale)
    if at is None:
        raise QuestionError(texts.SAY_WHEN)
    return at
