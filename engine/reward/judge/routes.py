"""The routes by which a server can be asked for a rating, and how each writes its question and its answer.

Reads:  a `Prompt`; the JSON that a server answers with.
Gives:  the routes of TGI and of servers of OpenAI's API in the order in which they are worth trying, request
        bodies, and `Reply`s. A body that this server would refuse is known only when it does: `asking` tries.
Refrains from HTTP, and from what servers disagree on: each body holds only what its route needs, and
        `engine.drafting.servers.chat_servers` puts it as a server of OpenAI's API wants it.

TGI tells five tokens of a place at most (`--max-top-n-tokens`), and so does its chat route; OpenAI, vLLM,
SGLang and llama.cpp tell twenty. With a temperature of 0, which is TGI's `do_sample: false`, probabilities
are those of the model itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.drafting.http.replies import reply_of
from engine.drafting.servers.chat_servers import CHAT, Read
from engine.reward.judge.answers import Likely, Place, Reply
from engine.reward.judge.prompts import Prompt

FEW, MANY = 5, 20
"""Tokens that TGI tells of each place, and those that other servers do."""
SAMPLED_AT = 0.7
"""Temperature of sampled answers: enough for their mean to say more than one answer would."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of one answer: its length in tokens, and the seed where it is sampled."""

    tokens: int
    seed: int = 1


@dataclass(frozen=True)
class Route:
    """One way to ask.

    path:      below the server's address.
    likeliest: tokens of each place to be told with their probabilities; 0: a sampled answer without any.
    body:      the request, from the model's name ("" where it has none), the prompt and the wish.
    read:      the reply, from the server's JSON and the tokens it was allowed (`chat_servers.Read`).
    """

    path: str
    likeliest: int
    body: Callable[["Route", str, Prompt, Wish], dict[str, Any]]
    read: Read[Reply]

    @property
    def samples(self) -> bool:
        """Whether answers are sampled, as no probabilities are told."""
        return not self.likeliest


def _generate_body(route: Route, model: str, prompt: Prompt, wish: Wish) -> dict[str, Any]:
    given: dict[str, Any] = {"max_new_tokens": wish.tokens, "details": True, "return_full_text": False}
    if route.samples:
        given |= {"do_sample": True, "temperature": SAMPLED_AT, "seed": max(1, wish.seed)}
    else:
        given |= {"do_sample": False, "top_n_tokens": route.likeliest}
    return {"inputs": prompt.text, "parameters": given}


def _generated(answer: Any, limit: int | None) -> Reply:
    details = answer.get("details") or {}
    tops = details.get("top_tokens")
    if not tops:
        return _reply(answer["generated_text"], None)
    places = [
        Place(token["text"], _likely((top["text"], top["logprob"]) for top in likeliest))
        for token, likeliest in zip(details["tokens"], tops, strict=False)
    ]
    return _reply(answer["generated_text"], places)


def _openai_body(route: Route, model: str, wish: Wish) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "max_tokens": wish.tokens}
    if route.samples:
        return body | {"temperature": SAMPLED_AT}
    return body | {"temperature": 0}


def _chat_body(route: Route, model: str, prompt: Prompt, wish: Wish) -> dict[str, Any]:
    body = _openai_body(route, model, wish) | {"messages": prompt.messages}
    return body if route.samples else body | {"logprobs": True, "top_logprobs": route.likeliest}


def _chatted(answer: Any, limit: int | None) -> Reply:
    content = (answer["choices"][0].get("logprobs") or {}).get("content")
    return _reply(_text(answer), _told(content), _kept(answer))


def _completion_body(route: Route, model: str, prompt: Prompt, wish: Wish) -> dict[str, Any]:
    body = _openai_body(route, model, wish) | {"prompt": prompt.text}
    return body if route.samples else body | {"logprobs": route.likeliest}


def _completed(answer: Any, limit: int | None) -> Reply:
    """OpenAI's own form has a mapping for each place; llama.cpp answers in the form of its chat route."""
    told, text = answer["choices"][0].get("logprobs"), _text(answer)
    if not isinstance(told, Mapping):
        return _reply(text, None, _kept(answer))
    if tops := told.get("top_logprobs"):
        places = [Place(text, _likely(top.items())) for text, top in zip(told["tokens"], tops, strict=False)]
        return _reply(text, places, _kept(answer))
    return _reply(text, _told(told.get("content")), _kept(answer))


def _text(answer: Any) -> str:
    """What was written, in whichever form: whole, in parts, or beside thoughts."""
    return reply_of(answer).choices[0].text


def _told(content: Sequence[Mapping[str, Any]] | None) -> list[Place] | None:
    if not content or not any(each.get("top_logprobs") for each in content):
        return None
    return [
        Place(
            each["token"], _likely((top["token"], top["logprob"]) for top in each.get("top_logprobs") or ())
        )
        for each in content
    ]


def _likely(pairs: Any) -> tuple[Likely, ...]:
    """TGI leaves the probability of some special tokens out."""
    return tuple(Likely(str(text), float(value)) for text, value in pairs if value is not None)


def _kept(answer: Any) -> int | None:
    """Tokens of the prompt that the server had read before, where it counts them."""
    kept = ((answer.get("usage") or {}).get("prompt_tokens_details") or {}).get("cached_tokens")
    return kept if isinstance(kept, int) else None


def _reply(text: Any, places: Sequence[Place] | None, kept: int | None = None) -> Reply:
    if not isinstance(text, str):
        raise TypeError
    return Reply(text, None if places is None else tuple(places), kept)


COMPLETIONS = "/completions"
GENERATE_ROUTES = (
    Route("/generate", FEW, _generate_body, _generated),
    Route("/generate", 0, _generate_body, _generated),
)
OPENAI_ROUTES = (
    Route(CHAT, MANY, _chat_body, _chatted),
    Route(CHAT, FEW, _chat_body, _chatted),
    Route(COMPLETIONS, FEW, _completion_body, _completed),
    Route(CHAT, 0, _chat_body, _chatted),
    Route(COMPLETIONS, 0, _completion_body, _completed),
)
