"""Manners: how each server wants to be asked, learnt from what it refuses.

Reads:  the body of a request as OpenAI's API has it, for a chat's answer or a text's completion, and the
        failures that servers answer it with.
Gives:  the body as this server takes it: one thing left out, renamed or moved at a time, and remembered.
Refrains from HTTP, and from leaving out other fields: an operator added them, or, as probabilities, they are
        what is asked for.

A refusal that names a field is believed. One that names none, and a server that fails at everything, is tried
with a short prompt: where that passes as it is, the fault was in the prompt and nothing is learnt; otherwise
each thing is left out in turn, and at last all of them, streaming last.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.drafting.http.refusals import PROBABILITIES, About
from engine.drafting.http.troubles import Failure, Trouble

Body = Mapping[str, Any]
Changes = frozenset["Change"]

_log = logging.getLogger(__name__)


class Change(StrEnum):
    """What is done to a request, in the words of the doctor; what is lost least by comes first."""

    NO_CHOICES = "without n"
    NO_STREAM_OPTIONS = "without stream_options"
    NO_SEED = "without seed"
    FOLDED = "without a system message"
    RENAMED_LIMIT = "with max_completion_tokens"
    NO_TOP_P = "without top_p"
    NO_TEMPERATURE = "without temperature"
    NO_STREAM = "without streaming"
    NO_LIMIT = "without a limit of tokens"


_LEFT_OUT = {
    Change.NO_CHOICES: "n",
    Change.NO_STREAM_OPTIONS: "stream_options",
    Change.NO_STREAM: "stream",
    Change.NO_SEED: "seed",
    Change.NO_TOP_P: "top_p",
    Change.NO_TEMPERATURE: "temperature",
}
_ANSWERS = {
    About.CHOICES: Change.NO_CHOICES,
    About.STREAM_OPTIONS: Change.NO_STREAM_OPTIONS,
    About.STREAM: Change.NO_STREAM,
    About.SEED: Change.NO_SEED,
    About.SYSTEM: Change.FOLDED,
    About.MAX_TOKENS: Change.RENAMED_LIMIT,
    About.TOP_P: Change.NO_TOP_P,
    About.TEMPERATURE: Change.NO_TEMPERATURE,
    About.MAX_COMPLETION_TOKENS: Change.NO_LIMIT,
}
_GUESSED = tuple(change for change in Change if change is not Change.NO_LIMIT)
_STREAMING = (Change.NO_STREAM_OPTIONS, Change.NO_STREAM)
_MAY_BE_MANNERS = (Trouble.REJECTED, Trouble.FAILED)


def changed(body: Body, changes: Changes) -> dict[str, Any]:
    """The body with some changes made."""
    left_out = {_LEFT_OUT[change] for change in changes if change in _LEFT_OUT}
    if "stream" in left_out:
        left_out.add("stream_options")
    made = {name: value for name, value in body.items() if name not in left_out}
    if changes & {Change.RENAMED_LIMIT, Change.NO_LIMIT} and "max_tokens" in made:
        limit = made.pop("max_tokens")
        if Change.NO_LIMIT not in changes:
            made["max_completion_tokens"] = limit
    if Change.FOLDED in changes and "messages" in made:
        made["messages"] = _folded(made["messages"])
    return made


def answer_to(failure: Failure, body: Body, changes: Changes) -> Change | None:
    """The one change that a refusal asks for by name; None where it names none that we can make."""
    if failure.trouble not in _MAY_BE_MANNERS or _wants_other(failure, body):
        return None
    asked = (change for about, change in _ANSWERS.items() if about in failure.about)
    return next((change for change in asked if _is_possible(change, body, changes)), None)


def _is_possible(change: Change, body: Body, changes: Changes) -> bool:
    if change in changes:
        return False
    if change is Change.NO_LIMIT:
        return Change.RENAMED_LIMIT in changes
    if change is Change.RENAMED_LIMIT:
        return "max_tokens" in body
    if change is Change.FOLDED:
        return _has_system(body.get("messages", ()))
    return _LEFT_OUT[change] in body


def _wants_other(failure: Failure, body: Body) -> bool:
    """Whether a refusal names probabilities that were asked for: without them there is nothing to ask for."""
    return bool(failure.about & PROBABILITIES & body.keys())


def _has_system(messages: Any) -> bool:
    return len(messages) > 1 and messages[0]["role"] == "system"


def _folded(messages: Any) -> Any:
    """The messages with the system's text at the head of the first turn."""
    if not _has_system(messages):
        return messages
    system, first, *others = messages
    return [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *others]


@dataclass
class _Known:
    """What is known of one server. in_vain: whether trying has shown in this round that no change helps."""

    changes: Changes = frozenset()
    in_vain: bool = False
    trying: asyncio.Lock = field(default_factory=asyncio.Lock)


class Manners:
    """The manners of some servers, by their addresses."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def begin(self) -> None:
        """A round begins: what was tried in vain may be tried again. Locks belong to one event loop."""
        self._known = {url: _Known(known.changes) for url, known in self._known.items()}

    def of(self, url: str) -> Changes:
        """The changes that this server wants."""
        return self._at(url).changes

    def described(self) -> str:
        """All changes that any server wants, for the doctor; empty where none wants any."""
        wanted = {change for known in self._known.values() for change in known.changes}
        return ", ".join(change for change in Change if change in wanted)

    def learn(self, url: str, failure: Failure, body: Body, sent: Changes) -> bool:
        """Take up what a refusal asks for by name; whether asking again now makes sense.

        Args:
            body: the request before any change; sent: the changes that it was sent with.
        """
        known = self._at(url)
        if known.changes != sent:  # another request has learnt meanwhile
            return failure.trouble in _MAY_BE_MANNERS
        if (change := answer_to(failure, body, sent)) is None:
            return False
        self._take_up(known, sent | {change})
        return True

    async def try_out(
        self, url: str, failure: Failure, body: Body, sent: Changes, post: Callable[[Body], Awaitable[object]]
    ) -> bool:
        """Find out by trying what a failure that names nothing is about; whether something was learnt.

        Args:
            body: a short request with every field; post: sends one as it is, and raises `Failure`.
        """
        if failure.trouble not in _MAY_BE_MANNERS or About.TOO_LONG in failure.about:
            return False
        if _wants_other(failure, body):
            return False
        known = self._at(url)
        async with known.trying:
            if known.changes != sent:
                return True
            if known.in_vain:
                return False
            found = await _found(body, sent, post)
            known.in_vain = found is None
            if found is None:
                return False
            self._take_up(known, found)
            return True

    def _at(self, url: str) -> _Known:
        return self._known.setdefault(url, _Known())

    def _take_up(self, known: _Known, changes: Changes) -> None:
        known.changes = changes
        _log.info("A server is asked %s from now on.", ", ".join(sorted(changes)))


async def _found(body: Body, sent: Changes, post: Callable[[Body], Awaitable[object]]) -> Changes | None:
    """The changes with which a short request passes that fails without them, twice; None without any."""

    async def passes(changes: Changes) -> bool:
        try:
            await post(changed(body, changes))
        except Failure as failure:
            if failure.trouble not in _MAY_BE_MANNERS:
                raise
            return About.ENDED_EARLY in failure.about
        return True

    if await passes(sent):
        return None
    for changes in _candidates(body, sent):
        if await passes(changes):
            return None if await passes(sent) else changes
    return None


def _candidates(body: Body, sent: Changes) -> Iterator[Changes]:
    possible = [change for change in _GUESSED if _is_possible(change, body, sent)]
    yield from (sent | {change} for change in possible)
    others = [change for change in possible if change not in _STREAMING]
    if len(others) > 1:
        yield sent.union(others)
    if len(possible) > len(others) > 0:
        yield sent.union(possible)
