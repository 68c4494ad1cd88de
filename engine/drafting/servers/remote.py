"""What generators behind servers have in common: whom they ask, for how much, and drafts as they come.

Reads:  the addresses of servers that are equal to each other, and how long we are ready to wait.
Gives:  drafts in whichever order they come, and one sentence when none came.
Refrains from HTTP, which the generators bring, and from choosing a server, which `pool` does.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self

from engine.drafting.http.troubles import Failure, SettingNames, counted, engine_error
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Server, Watch, cancelled
from engine.drafting.load_balancing.slots import FIRST
from engine.ports import Tell, no_news
from engine.types import Brief, Draft

STATEMENT_TOKENS = 400
"""Room for the longest statement, also in languages that cost several tokens a word."""

TRIAL = ("Is this a trial?", ["I think it is."])
"""The question and the opinions that a server is tried with."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sampling:
    """How a model draws its words: `temperature` above 0, `top_p` above 0 and up to 1 (all words)."""

    temperature: float = 0.9
    top_p: float = 0.95

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and 0 < self.top_p <= 1):
            raise ValueError("A temperature is above 0, and top_p is above 0 and at most 1.")


class RemoteGenerator:
    """What generators behind servers have in common: whom they ask, how long, and for how much text."""

    model_used = True
    settings: SettingNames

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api_key: str | None,
        sampling: Sampling | None,
        reasoning_tokens: int,
        slots: int,
        patience: Patience | None,
    ) -> None:
        """Prepare; raises ValueError where there is no address."""
        self._patience = patience or Patience()
        self._pool = Pool(urls, self._patience, slots=slots, first=FIRST, setting=self.settings.address)
        self._api_key = api_key
        self._sampling = sampling or Sampling()
        self._new_tokens = STATEMENT_TOKENS + reasoning_tokens
        self._slots = slots

    def watched(self, watch: Watch) -> Self:
        """Let every text that is asked for be watched."""
        self._pool.watch = watch
        return self

    def draft_telling(self, briefs: Sequence[Brief], tell: Tell) -> AsyncGenerator[Draft, None]:
        """Yield drafts as they are ready; `tell` hears how the servers get on."""
        raise NotImplementedError

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """As `draft_telling`, for callers that do not watch."""
        async with aclosing(self.draft_telling(briefs, no_news)) as drafts:
            async for draft in drafts:
                yield draft

    async def _try_each(self, request: Callable[[Server], Awaitable[object]]) -> None:
        """Make a request once at every server.

        Raises:
            GenerationError: some of them failed; there is a sentence for each.
        """
        failed = await self._pool.try_each(request)
        errors = [engine_error([failure], self.settings, who) for who, failure in failed.items()]
        if errors:
            raise type(errors[0])(" ".join(map(str, errors)))


def shortened(room: int, wanted: int) -> str:
    """What the doctor adds where a model's window leaves a reply less room than it should have, in tokens."""
    if room >= wanted:
        return ""
    return f", {room} for a reply instead of {wanted} ({STATEMENT_TOKENS} and ACCORD_REASONING_TOKENS)"


def known_as(model: str) -> str:
    """A model's name for the record: of a folder on some machine only the last part."""
    return model.rstrip("/").rpartition("/")[2] if model.startswith(("/", ".")) else model


def shared_beginning(texts: Sequence[str]) -> str:
    """What all the texts begin with: what the first and the last of them in order do."""
    first, last = min(texts, default=""), max(texts, default="")
    differs = (at for at, pair in enumerate(zip(first, last, strict=False)) if len({*pair}) > 1)
    return first[: next(differs, len(first))]


async def as_they_come(
    drafting: Sequence[Awaitable[Sequence[Draft]]], settings: SettingNames
) -> AsyncGenerator[Draft, None]:
    """Yield the drafts of all requests, whichever comes first; those that failed are left out.

    Closing the iterator cancels what is still running.

    Raises:
        GenerationError: not one of them gave a draft; see `engine_error`.
    """
    tasks = [asyncio.ensure_future(one) for one in drafting]
    failures: list[Failure] = []
    any_came = not tasks
    try:
        for coming in asyncio.as_completed(tasks):
            try:
                drafts = await coming
            except Failure as failure:
                failures.append(failure)
                continue
            for draft in drafts:
                any_came = True
                yield draft
    finally:
        await cancelled(tasks)
    if failures:
        _log.warning("%d of %d requests for drafts failed: %s", len(failures), len(tasks), counted(failures))
    if not any_came:
        raise engine_error(failures, settings)
