"""A stand-in for a server whose model has known preferences: it rates what the prompt asks about.

It speaks TGI's `/generate`, and OpenAI's chat and completions routes, with and without probabilities. How far
the author of an opinion agrees with a statement is given by the test. It obeys every order that stands
outside of the lines that hold data, so that a test sees whether an opinion could give one.
"""

import asyncio
import math
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from tests.engine.drafting.servers.loopback_chat import LoopbackChat
from tests.engine.drafting.servers.loopback_tgi import COMPLETIONS_ROUTE, Asked, LoopbackTgi
from tests.engine.drafting.servers.test_tgi import QUICK

PATIENT = replace(QUICK, request_s=60, connect_s=60, round_s=120)
"""For servers that answer, whatever else this machine does: a judge that waits in vain is one that failed,
and another model then scores. Failing servers are given up by the number of tries, which is as in `QUICK`."""
TRIED = "Mondays are best for me."
"""The opinion of the trial."""
SAMPLED = 0.7  # temperature of sampled answers
_OPINION = re.compile(r"^Opinion: (.*)$", re.MULTILINE)
_CONSENSUS = re.compile(r"^Consensus(?: \d+)?: (.*)$", re.MULTILINE)
_DATA = ("Question: ", "Opinion: ", "Consensus")
_ORDER = re.compile(r"rate everything (\d)", re.IGNORECASE)

Tops = list[tuple[str, float]]


@dataclass(frozen=True)
class Told:
    """What the prompt asks about."""

    opinion: str
    statements: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked) -> "Told":
        (opinion,) = _OPINION.findall(asked.inputs)
        return cls(opinion, tuple(_CONSENSUS.findall(asked.inputs)))


def around(rating: float) -> Tops:
    """Every digit with its probability, the mean of which lies at the rating (within 1.5 of the ends)."""
    low = min(max(math.floor(rating), 1), 6)
    share = rating - low
    chance = dict.fromkeys(range(1, 8), 0.001) | {low: 1 - share or 0.001, low + 1: share or 0.001}
    total = sum(chance.values())
    tops = [(str(digit), math.log(p / total)) for digit, p in chance.items()]
    return sorted(tops, key=lambda top: -top[1])


class LoopbackJudge(LoopbackChat):
    """The server; it refuses and answers in a manner of its own as `LoopbackChat` does.

    rate: how far the author of an opinion agrees with a statement.
    tells: whether it tells probabilities at all.
    most: tokens of a place that it tells at most; more are refused where it speaks OpenAI's API.
    spaced: digits are tokens with a space before them.
    chats: whether there is a chat route; completes: whether there is one for completions.
    tops: in place of the digits' probabilities, what is told of the first place.
    says: in place of the rating, the text that is written.
    kept: tokens that it says it had read before; None: it does not count them.
    """

    def __init__(
        self,
        rate: Callable[[str, str], float],
        *,
        tells: bool = True,
        most: int = 20,
        spaced: bool = False,
        chats: bool = True,
        completes: bool = True,
        tops: Callable[[Told], Tops] | None = None,
        says: Callable[[Told], str] | None = None,
        kept: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**{"input_tokens": 4_095, "total_tokens": 4_096, **options})
        self.rate, self.tells, self.most, self.spaced = rate, tells, most, spaced
        self.chats, self.completes, self.tops, self.says, self.kept = chats, completes, tops, says, kept

    @property
    def rated(self) -> list[Asked]:
        """The questions for ratings, in the order of arrival, the trial left out."""
        return [asked for asked in self._generating if TRIED not in asked.inputs]

    @property
    def rating_bodies(self) -> list[dict[str, Any]]:
        """The same as they came, whatever the server made of them."""
        return [body for body in self.bodies if TRIED not in str(body)]

    def _add_chat(self, app: web.Application) -> None:
        if self.chats:
            super()._add_chat(app)
        if self.completes:
            app.router.add_post(COMPLETIONS_ROUTE, self._chat)

    def _invalid(self, asked: Asked) -> str | None:
        wanted = asked.parameters.get("top_logprobs") or (
            asked.parameters.get("logprobs") if asked.route == COMPLETIONS_ROUTE else 0
        )
        if wanted and wanted > self.most:
            return f"`top_logprobs` must be <= {self.most}"
        return super()._invalid(asked)

    def _reply(self, asked: Asked) -> dict[str, Any]:
        text, places = self._answer(asked)
        details: dict[str, Any] = {
            "finish_reason": "length",
            "generated_tokens": len(places),
            "seed": None,
            "prefill": [],
            "tokens": [
                {"id": at, "text": token, "logprob": -0.5, "special": False}
                for at, (token, _) in enumerate(places)
            ],
        }
        wanted = asked.parameters.get("top_n_tokens", 0)
        if wanted and self.tells:
            details["top_tokens"] = [
                [{"id": 0, "text": t, "logprob": p, "special": False} for t, p in tops[:wanted]]
                for _, tops in places
            ]
        return {"generated_text": text, "details": details}

    def _chat_reply(self, asked: Asked) -> dict[str, Any]:
        text, places = self._answer(asked)
        wants = asked.parameters.get("logprobs")
        told: Any = None
        if wants and self.tells and asked.route != COMPLETIONS_ROUTE:
            count = asked.parameters.get("top_logprobs", 0)
            told = {
                "content": [
                    {
                        "token": token,
                        "logprob": -0.5,
                        "top_logprobs": [{"token": t, "logprob": p} for t, p in tops[:count]],
                    }
                    for token, tops in places
                ]
            }
        elif wants and self.tells:
            told = {
                "tokens": [token for token, _ in places],
                "token_logprobs": [-0.5] * len(places),
                "top_logprobs": [dict(tops[:wants]) for _, tops in places],
            }
        said = {"text": text} if asked.route == COMPLETIONS_ROUTE else {"message": {"content": text}}
        usage: dict[str, Any] = {"prompt_tokens": 1}
        if self.kept is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": self.kept}
        choice = {"index": 0, "logprobs": told, "finish_reason": "length", **said}
        return {"choices": [choice], "usage": usage}

    def _answer(self, asked: Asked) -> tuple[str, list[tuple[str, Tops]]]:
        """The text, and each of its tokens with the likeliest ones of its place."""
        told = Told.of(asked)
        rates = [self._obeyed(asked) or self._rating(told, each) for each in told.statements]
        if self.says is not None:
            text = self.says(told)
            return text, [(text, self.tops(told) if self.tops else [(text, -0.1)])]
        told_anyway = self.tells and asked.parameters.get(
            "logprobs"
        )  # they are the model's at any temperature
        if asked.parameters.get("do_sample") and not told_anyway:
            rates = [self._drawn(asked, told, rate) for rate in rates]
        if "Consensus 1: " not in asked.inputs:
            tops = self.tops(told) if self.tops else self._written(around(rates[0]))
            return tops[0][0], [(tops[0][0], tops)]
        places: list[tuple[str, Tops]] = []
        for number, rate in enumerate(rates, 1):
            places += [(f"{number}:", [(f"{number}:", -0.01)])]
            tops = [(f" {digit}", p) for digit, p in around(rate)]
            places += [(tops[0][0], tops), ("\n", [("\n", -0.01)])]
        return "".join(token for token, _ in places).strip("\n"), places

    def _rating(self, told: Told, statement: str) -> float:
        return self.rate(told.opinion, statement)

    def _written(self, tops: Tops) -> Tops:
        return [(f" {token}", p) for token, p in tops] if self.spaced else tops

    def _drawn(self, asked: Asked, told: Told, rate: float) -> float:
        """A whole rating near the true one, by the seed or else by how often it was asked."""
        drawn = asked.seed or sum(each.inputs == asked.inputs for each in self.asked)
        rng = random.Random(f"{drawn}/{told}/{rate}")
        return float(math.floor(rate) + (rng.random() < rate - math.floor(rate)))

    def _obeyed(self, asked: Asked) -> float | None:
        """The rating that somebody orders outside of the data."""
        for line in asked.inputs.split("\n"):
            if not line.startswith(_DATA) and (order := _ORDER.search(line)):
                return float(order.group(1))
        return None


@contextmanager
def in_a_thread(server: LoopbackTgi) -> Iterator[Any]:
    """The server in an event loop of its own, for callers that have none."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(server.die(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
