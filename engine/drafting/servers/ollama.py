"""Ollama: its own chat route, by which the window can be chosen.

Reads:  what `/api/show` says of a model; a chat request as OpenAI's API has it.
Gives:  the request and the answer in the forms of `/api/chat` and of OpenAI's API.
Refrains from changing a window that is set with the model (`PARAMETER num_ctx`): whoever set it knows the
machine's memory.

On its `/v1` Ollama gives a model the window it has by default, often 4,096 tokens, cuts a longer prompt
without a word and has no field for another; on its own route `options.num_ctx` says it for each request.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALLEST, LARGEST = 4_096, 16_384
"""Tokens of the windows that we choose by ourselves: memory grows with them."""
_SET = re.compile(r"^\s*num_ctx\s+(\d+)", re.MULTILINE)
_OPTIONS = {"max_tokens": "num_predict", "temperature": "temperature", "top_p": "top_p", "seed": "seed"}
_OWN = frozenset({*_OPTIONS, "model", "messages", "n", "max_completion_tokens", "stream", "stream_options"})


@dataclass(frozen=True)
class Shown:
    """What Ollama says of a model: the window it was trained for, and the one that is set; None: not told."""

    trained: int | None
    set_to: int | None


def root_of(url: str) -> str | None:
    """The address before `/v1`; None where it has another path."""
    return url.removesuffix("/v1") if url.endswith("/v1") else None


def shown_in(answer: Any) -> Shown | None:
    """What an answer of `/api/show` says; None where it is not Ollama's."""
    info = answer.get("model_info") if isinstance(answer, dict) else None
    if not isinstance(info, Mapping):
        return None
    trained = next((size for name, size in info.items() if str(name).endswith(".context_length")), None)
    found = _SET.search(str(answer.get("parameters") or ""))
    return Shown(
        trained if isinstance(trained, int) and trained > 0 else None, int(found[1]) if found else None
    )


def window_for(shown: Shown, wanted: int, told: int | None) -> int:
    """The window to ask for, in tokens.

    Args:
        wanted: what prompt and reply need.
        told: by the operator; then neither more nor less, as far as the model goes.
    """
    if told is None and shown.set_to is not None:
        return shown.set_to
    window = told or SMALLEST
    while told is None and window < min(wanted, LARGEST):
        window *= 2
    return min(window, shown.trained or window)


def request_of(body: Mapping[str, Any], window: int) -> dict[str, Any]:
    """A request for `/api/chat`; fields that an operator added stay as they are."""
    extra = {name: value for name, value in body.items() if name not in _OWN}
    options = {theirs: body[ours] for ours, theirs in _OPTIONS.items() if ours in body}
    options |= {"num_ctx": window} | dict(extra.pop("options", {}))
    return {
        "model": body["model"],
        "messages": body["messages"],
        "stream": bool(body.get("stream")),
        "options": options,
        **extra,
    }


def answer_of(events: Sequence[Any]) -> dict[str, Any]:
    """The answer that events of `/api/chat` make, as OpenAI's API would have given it."""
    answer = events[-1]
    text = "".join(event["message"].get("content") or "" for event in events)
    choice = {"message": {**answer["message"], "content": text}, "finish_reason": answer.get("done_reason")}
    if told := [one for event in events for one in event.get("logprobs") or ()]:
        choice["logprobs"] = {"content": told}
    return {
        "choices": [choice],
        "usage": {
            "prompt_tokens": answer.get("prompt_eval_count"),
            "completion_tokens": answer.get("eval_count"),
        },
    }
