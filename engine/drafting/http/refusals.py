"""Refusals: what a server complains of, in words of our own.

Reads:  the body of a reply that is an error, whatever form a server or a proxy gives it.
Gives:  a set of `About`s, which is all that is ever known of it.
Refrains from passing on a word of the server's: it may repeat a prompt, and with it opinions. A name is
looked for, found or not found.

A parameter that is named for it (`param`, `loc`) counts before one that a message mentions. Forms met in the
wild: OpenAI's `error` with `param` and `code`; FastAPI's `detail` with `loc`; vLLM's flat object; Google's
list; one error packed as a string into another's message, as LiteLLM and OpenRouter do.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any


class About(StrEnum):
    """What a complaint is about: a field of the request, or the matter with the account or the prompt."""

    CHOICES = "n"
    SEED = "seed"
    TOP_P = "top_p"
    TEMPERATURE = "temperature"
    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"
    LOGPROBS = "logprobs"
    TOP_LOGPROBS = "top_logprobs"
    SYSTEM = "system"
    STREAM = "stream"
    STREAM_OPTIONS = "stream_options"
    UNPAID = "unpaid"
    TOO_LONG = "too long"
    ENDED_EARLY = "ended early"


_FIELDS = (
    About.CHOICES, About.SEED, About.TOP_P, About.TEMPERATURE, About.MAX_TOKENS, About.MAX_COMPLETION_TOKENS,
    About.STREAM, About.STREAM_OPTIONS, About.LOGPROBS, About.TOP_LOGPROBS,
)  # fmt: skip
PROBABILITIES = frozenset({About.LOGPROBS, About.TOP_LOGPROBS})
_LIMITS = {About.MAX_TOKENS, About.MAX_COMPLETION_TOKENS}
_NAMING = ("param", "loc")
_SAYING = (
    "message",
    "msg",
    "detail",
    "error",
    "errors",
    "code",
    "type",
    "status",
    "reason",
    "raw",
    "metadata",
)
_LARGEST = 20_000
_DEEPEST = 8

_UNPAID = re.compile(
    r"insufficient[ _](?:quota|balance|funds|credits?)|billing[ _](?:hard[ _]limit|not[ _]active|error)"
    r"|credit[ _]balance|payment[ _]required"
    r"|out of credits?|requires more credits",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|string_above_max_length|prompt is too long|input (?:is )?too long"
    r"|too many (?:input )?tokens|too large|`inputs` (?:tokens|must have)",
    re.IGNORECASE,
)
_ENDED_EARLY = re.compile(r"output limit was reached", re.IGNORECASE)
_SYSTEM = re.compile(
    r"(?:system|developer)['\"`]? (?:role|message|prompt|instruction)s?['\"`]? (?:is |are )?"
    r"(?:not|un|only)|role['\"`]? does not support|not support (?:the )?['\"`]?system|does not support system"
    r"|roles must alternate|(?:first|only) (?:message|user and assistant)[^.]{0,60}\brole"
    r"|only (?:support )?user(?:,| and) (?:model|assistant)",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"\b(?:max_completion_tokens|max_tokens|temperature|top_p|seed|stream_options|logprobs|top_logprobs)\b"
)
_STREAM = re.compile(
    r"['\"`]stream['\"`]|not support(?:ed)?[^.]{0,30} stream(?:ing)?\b|to stream this model"
    r"|\bstream(?:ing)? (?:is |mode )*(?:not |un)",
    re.IGNORECASE,
)
_MENTIONED_CHOICES = re.compile(r"(?<![\w'])[`'\"]n[`'\"](?!\w)|\bn (?:>|=|must|is|should)")


def complaint(body: str) -> frozenset[About]:
    """What an error is about; empty where it says nothing that we know."""
    body = body[:_LARGEST]
    try:
        told = json.loads(body)
    except ValueError:
        return frozenset(_in_words(body))
    named = {about for name in _named(told) for about in _of_name(name)}
    said = _in_words(" \n".join(_sayings(told)))
    if About.TOO_LONG in said:
        named -= _LIMITS
    return frozenset(named | {about for about in said if not (named and about in (*_FIELDS, About.SYSTEM))})


def _named(told: Any, depth: int = 0) -> Iterator[str]:
    """The names that stand where an error names a parameter."""
    for key, value in _entries(told, depth):
        if key in _NAMING:
            yield ".".join(map(str, value)) if isinstance(value, list) else str(value)
        elif key is None or key in _SAYING:
            yield from _named(value, depth + 1)


def _sayings(told: Any, depth: int = 0) -> Iterator[str]:
    """The strings that stand where an error says what it is; never an echo of what was sent."""
    for key, value in _entries(told, depth):
        if key is not None and key not in _SAYING:
            continue
        if isinstance(value, str):
            yield value
        else:
            yield from _sayings(value, depth + 1)


def _entries(told: Any, depth: int) -> Iterator[tuple[str | None, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(told, dict):
        yield from ((str(key), value) for key, value in told.items())
    elif isinstance(told, list):
        yield from ((None, value) for value in told)


def _of_name(name: str) -> Iterator[About]:
    if "messages" in name and "role" in name:
        yield About.SYSTEM
    last = re.split(r"[.\[\]/ ]+", name)[-1]
    yield from (about for about in _FIELDS if about == last)


def _in_words(said: str) -> set[About]:
    """What free text is about. A limit that is only too large for the window is no unknown field."""
    found = {About(name) for name in _MENTIONED.findall(said)}
    if _MENTIONED_CHOICES.search(said):
        found.add(About.CHOICES)
    if _TOO_LONG.search(said):
        found -= _LIMITS
        found.add(About.TOO_LONG)
    signs = {
        About.STREAM: _STREAM,
        About.UNPAID: _UNPAID,
        About.ENDED_EARLY: _ENDED_EARLY,
        About.SYSTEM: _SYSTEM,
    }
    return found | {about for about, sign in signs.items() if sign.search(said)}
