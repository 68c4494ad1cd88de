"""Replies: from what a chat server sent, in whichever form, to the texts in it.

Reads:  a body of JSON or of server-sent events that nobody asked for; the answer in it.
Gives:  one object as OpenAI's API has it, and its choices: text, how it ended, and the tokens of the prompt.
Raises: ValueError, TypeError or LookupError for a form that we do not know.

Only an ending that is known to be good counts as whole. A server that tells none has stopped by itself unless
it wrote as many tokens as it was allowed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.text import word_set
from engine.types import Ending

_WHOLE = word_set(
    "stop eos eos_token eos_found stop_sequence stop_token stop_word stop_words stop_str end_turn "
    "end_of_turn end_of_text end complete completed finished normal done success"
)
_CUT_OFF = word_set(
    "length max_tokens model_length max_length max_output_tokens max_new_tokens token_limit context_length "
    "model_context_window_exceeded incomplete"
)
_UNTOLD = ("", "none", "null")
_FILTERED = (
    "filter",
    "safety",
    "blocked",
    "blocklist",
    "prohibited",
    "recitation",
    "spii",
    "guardrail",
    "moderation",
)
_REFUSED = ("refus",)
_TEXTS = ("text", "output_text", "")
"""Types of the parts of a message that are text to be read; others are thoughts, pictures, calls."""


@dataclass(frozen=True)
class Choice:
    """A text, and how it ended."""

    text: str
    ending: Ending


@dataclass(frozen=True)
class Reply:
    """The choices of a reply. prompt_tokens: those of the prompt that the server read; None: not told."""

    choices: tuple[Choice, ...]
    prompt_tokens: int | None


def decoded(body: bytes, content_type: str = "") -> Any:
    """The JSON in a body, whatever it is called; events are put together to the one answer they make.

    Raises:
        ValueError: there is neither in it.
    """
    text = body.decode().strip().removeprefix("\ufeff")
    if "event-stream" in content_type or text.startswith(("data:", "event:", ":")):
        lines = (line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:"))
        return assembled([json.loads(line) for line in lines if line and line != "[DONE]"])
    return json.loads(text)


def assembled(events: Sequence[Any]) -> Any:
    """The one answer that events of OpenAI's API make; one event that is a whole answer is just that.

    Raises:
        ValueError: there are none.
    """
    if not events:
        raise ValueError("There are no events.")
    if failed := next((event for event in events if isinstance(event, dict) and event.get("error")), None):
        return failed
    if len(events) == 1 and not _is_piece(events[0]):
        return events[0]
    choices: dict[int, dict[str, Any]] = {}
    usage = None
    for event in events:
        usage = event.get("usage") or usage
        for piece in event.get("choices") or ():
            choice = choices.setdefault(piece.get("index") or 0, {"message": {"content": ""}})
            delta = piece.get("delta") or piece.get("message") or {}
            choice["message"]["content"] += text_of(delta.get("content", piece.get("text")))
            if told := (piece.get("logprobs") or {}).get("content"):
                choice.setdefault("logprobs", {"content": []})["content"] += told
            choice["finish_reason"] = piece.get("finish_reason") or choice.get("finish_reason")
    return {"choices": [choices[at] for at in sorted(choices)], "usage": usage}


def _is_piece(event: Any) -> bool:
    choices = event.get("choices") if isinstance(event, dict) else None
    return isinstance(choices, list) and bool(choices) and "delta" in choices[0]


def reply_of(answer: Any, limit: int | None = None) -> Reply:
    """The texts in a chat answer.

    Args:
        limit: tokens that each text was allowed.
    """
    usage = answer.get("usage") or {}
    written = usage.get("completion_tokens")
    if not (choices := answer["choices"]):
        raise LookupError
    full = limit is not None and len(choices) == 1 and isinstance(written, int) and written >= limit > 0
    read = usage.get("prompt_tokens")
    return Reply(tuple(_choice(choice, full) for choice in choices), read if isinstance(read, int) else None)


def _choice(choice: Mapping[str, Any], full: bool) -> Choice:
    """What a choice says; a model that only thought has no content."""
    message = choice.get("message")
    if message is None:
        return Choice(text_of(choice["text"]), ending(choice.get("finish_reason"), full))
    if choice.get("error"):
        return Choice("", "failed")
    text = text_of(message.get("content"))
    if not text and message.get("refusal"):
        return Choice("", "refused")
    return Choice(text, ending(choice.get("finish_reason") or choice.get("stop_reason"), full))


def text_of(content: Any) -> str:
    """The text of a message, which may come in parts, thoughts among them."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        raise TypeError
    return "".join(part if isinstance(part, str) else _part(part) for part in content)


def _part(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    return text if part.get("type", "") in _TEXTS and isinstance(text, str) else ""


def ending(reason: object, full: bool = False) -> Ending:
    """How a text ended, from the server's own word for it.

    Args:
        full: whether the text is as long as it was allowed to be.
    """
    said = str(reason or "").strip().lower().replace("-", "_")
    if said in _CUT_OFF or (full and said in _UNTOLD):
        return "length"
    if said in _WHOLE or said in _UNTOLD:
        return "stop"
    if any(sign in said for sign in _FILTERED):
        return "filtered"
    return "refused" if any(sign in said for sign in _REFUSED) else "failed"
