"""A stand-in for Text Generation Inference on loopback, for tests of whatever talks to TGI.

Written from TGI's OpenAPI description (3.3) and from what its router is known to do beyond it: what it
validates, which errors are JSON and which are plain text, that a full server refuses at once, that greedy
decoding ignores the seed. It writes no language: a `writer` given by the test does, or a default that gives a
different statement of some thirty words for each seed.

It serves TGI's chat route as well, and with `choices_honoured`, `refuses` and `lists` that of other servers
of OpenAI's API.

Faults are played on request, as is latency. Everything asked is kept, for the test to look at.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from tests.engine.drafting.servers.slow_machine import SlowMachine

LARGEST_BODY = 2_000_000
STREAM_ROUTE = "/generate_stream"
GENERATE_ROUTES = ("/generate", "/", STREAM_ROUTE)
CHAT_ROUTE = "/v1/chat/completions"
COMPLETIONS_ROUTE = "/v1/completions"
OLLAMA_ROUTE = "/api/chat"
CHATTING = (CHAT_ROUTE, COMPLETIONS_ROUTE, OLLAMA_ROUTE)
OPEN_ROUTES = ("/info", "/health", "/v1/models")
"""Those that TGI answers to anybody, also where it was started with a key."""
PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

_TOKEN = re.compile(r" ?\w{1,5}|[^\w\s]|\s")
_TYPES: dict[str, tuple[type, ...]] = {
    "best_of": (int,),
    "decoder_input_details": (bool,),
    "details": (bool,),
    "do_sample": (bool,),
    "max_new_tokens": (int,),
    "return_full_text": (bool,),
    "seed": (int,),
    "stop": (list,),
    "temperature": (int, float),
    "top_k": (int,),
    "top_n_tokens": (int,),
    "top_p": (int, float),
    "truncate": (int,),
    "typical_p": (int, float),
}
_ERROR_TYPES = {422: "validation", 424: "generation", 429: "overloaded", 500: "incomplete_generation"}


@dataclass(frozen=True)
class Asked:
    """One request as it came; `parameters` are empty where it had none."""

    route: str
    headers: dict[str, str]
    inputs: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def seed(self) -> int | None:
        return self.parameters.get("seed")

    @property
    def only_reads(self) -> bool:
        return self.parameters.get("max_new_tokens") == 1


Fault = str | int | dict[str, Any] | None
"""A status to fail with, JSON to answer with, or one of "html" (502), "html-200", "endless", "silent", "drop"
and "null"; any other text is a plain 400. None to work."""


def written(asked: Asked) -> str:
    """A statement of its own for each seed when sampling, and always the same one when not."""
    what = asked.seed if asked.parameters.get("do_sample") else "one thing"
    return (
        f" We agree on {what}: most of us want the change, provided that those who would be harmed are "
        "heard, that it begins slowly, and that we look again after a year at how it went."
    )


def tokens(text: str) -> list[str]:
    """The pieces that count as tokens here."""
    return _TOKEN.findall(text)


class LoopbackTgi:
    """The server; an asynchronous context manager that listens on a free port of 127.0.0.1."""

    def __init__(
        self,
        *,
        writer: Callable[[Asked], str] = written,
        fault: Callable[[Asked], Fault] = lambda asked: None,
        latency_s: Callable[[Asked], float] = lambda asked: 0.0,
        slots: int = 128,
        input_tokens: int = 4_095,
        total_tokens: int = 4_096,
        api_key: str | None = None,
        model_id: str = "loopback/writer",
        tokenizes: bool = True,
        choices_honoured: bool = False,
        refuses: frozenset[str] = frozenset(),
        lists: dict[str, Any] | None = None,
        adapters: frozenset[str] = frozenset(),
        retry_after: str | None = None,
        port: int = 0,
        streams: bool = True,
        machine: SlowMachine | None = None,
    ) -> None:
        self.writer, self.fault, self.latency_s = writer, fault, latency_s
        self.slots, self.input_tokens, self.total_tokens = slots, input_tokens, total_tokens
        self.api_key, self.model_id, self.tokenizes = api_key, model_id, tokenizes
        self.choices_honoured, self.refuses = choices_honoured, refuses
        self.streams, self.machine = streams, machine
        self.retry_after = retry_after  # TGI itself sends no such header; proxies in front of it do
        self.adapters = adapters  # a name that is not among them is passed over, as TGI does
        model = {"id": model_id, "object": "model", "created": 0, "owned_by": model_id}
        self.lists = {"object": "list", "data": [model]} if lists is None else lists
        self.asked: list[Asked] = []
        self.running = self.most_running = self.given_up = 0
        self._changed = asyncio.Condition()
        self._port = port

    async def __aenter__(self) -> "LoopbackTgi":
        app = web.Application(middlewares=[self._front], client_max_size=LARGEST_BODY)
        app.router.add_get("/info", self._info)
        app.router.add_get("/health", self._health)
        app.router.add_post("/tokenize", self._tokenize)
        app.router.add_get("/v1/models", self._models)
        self._add_chat(app)
        for route in GENERATE_ROUTES if self.streams else GENERATE_ROUTES[:2]:
            app.router.add_post(route, self._generate)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    def _add_chat(self, app: web.Application) -> None:
        app.router.add_post(CHAT_ROUTE, self._chat)

    async def __aexit__(self, *error: object) -> None:
        await self.die()

    async def die(self) -> None:
        """Stop listening and drop all connections, as a process that is killed does."""
        await self._runner.cleanup()

    async def until_running(self, count: int) -> None:
        """Wait until so many requests are being worked on."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.running == count)

    async def until_asked(self, route: str, count: int) -> None:
        """Wait until so many requests have come for a route."""
        async with self._changed:
            await self._changed.wait_for(lambda: sum(a.route == route for a in self.asked) >= count)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def generated(self) -> list[Asked]:
        """The texts that were asked for, in the order of arrival; see `only_read` for the others."""
        return [asked for asked in self._generating if not asked.only_reads]

    @property
    def only_read(self) -> list[Asked]:
        """What was asked of the generating routes for a single token, so that a prompt is read."""
        return [asked for asked in self._generating if asked.only_reads]

    @property
    def _generating(self) -> list[Asked]:
        routes = (*GENERATE_ROUTES, *CHATTING)
        return [asked for asked in self.asked if asked.route in routes]

    @web.middleware
    async def _front(self, request: web.Request, handler: Any) -> web.StreamResponse:
        right = self.api_key is None or request.headers.get("Authorization") == f"Bearer {self.api_key}"
        if not right and request.path not in OPEN_ROUTES:
            self.asked.append(Asked(request.path, dict(request.headers)))
            return web.Response(status=401)
        return await handler(request)

    async def _info(self, request: web.Request) -> web.StreamResponse:
        asked = self._note(request)
        if failed := await self._failing(request, asked):
            return failed
        return web.json_response(
            {
                "model_id": self.model_id,
                "model_sha": None,
                "model_pipeline_tag": "text-generation",
                "max_concurrent_requests": self.slots,
                "max_best_of": 2,
                "max_stop_sequences": 4,
                "max_input_tokens": self.input_tokens,
                "max_total_tokens": self.total_tokens,
                "validation_workers": 2,
                "max_client_batch_size": 4,
                "router": "text-generation-router",
                "version": "3.3.6-dev0",
                "sha": None,
                "docker_label": None,
            }
        )

    async def _health(self, request: web.Request) -> web.StreamResponse:
        asked = self._note(request)
        if self.fault(asked) is not None:
            return web.json_response({"error": "unhealthy", "error_type": "healthcheck"}, status=503)
        return web.Response()

    async def _tokenize(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if isinstance(body, web.Response):
            return body
        asked = self._note(request, body)
        if failed := await self._failing(request, asked):
            return failed
        async with self._changed:
            self._changed.notify_all()
        if not self.tokenizes:
            return web.json_response({"error": "No fast tokenizer available"}, status=404)
        return web.json_response(list(_simple_tokens(asked.inputs)))

    async def _models(self, request: web.Request) -> web.StreamResponse:
        asked = self._note(request)
        return await self._failing(request, asked) or web.json_response(self.lists)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if isinstance(body, web.Response):
            return body
        return await self._worked_on(request, self._note(request, body))

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._chatted(request, await request.json())

    async def _chatted(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if unknown := self.refuses & body.keys():
            return web.json_response({"detail": f"Unexpected fields: {sorted(unknown)}"}, status=422)
        if request.path == COMPLETIONS_ROUTE:
            inputs = body.pop("prompt")
        else:
            inputs = "\n".join(message["content"] for message in body.pop("messages"))
        parameters = {"details": True, "do_sample": body.get("temperature") != 0, **body}
        limit = parameters.pop("max_completion_tokens", 100)
        parameters["max_new_tokens"] = parameters.pop("max_tokens", limit)
        if parameters.get("temperature") == 0:  # greedy, on this route and not on TGI's own
            del parameters["temperature"]
        return await self._worked_on(
            request, self._note(request, {"inputs": inputs, "parameters": parameters})
        )

    async def _worked_on(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        if self.running >= self.slots:
            return _error(429, "Model is overloaded")
        async with self._changed:
            self.running += 1
            self._changed.notify_all()
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self.latency_s(asked))
            if failed := await self._failing(request, asked):
                return failed
            if invalid := self._invalid(asked):
                return _error(422, f"Input validation error: {invalid}")
            return await self._answered(request, asked)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.running -= 1
            async with self._changed:
                self._changed.notify_all()

    async def _answered(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        reply = self._chat_reply(asked) if asked.route in CHATTING else self._reply(asked)
        pieces = tokens(_text_of(reply))
        coming = self.machine.writing(pieces) if self.machine else _at_once(pieces)
        if asked.route == STREAM_ROUTE or (self.streams and asked.parameters.get("stream")):
            return await _streamed(request, asked, reply, coming, at_once=self.machine is None)
        async for _ in coming:
            pass
        return web.json_response([reply] if asked.route == "/" else reply)

    def _note(self, request: web.Request, body: dict[str, Any] | None = None) -> Asked:
        inputs, parameters = (body["inputs"], body.get("parameters") or {}) if body else ("", {})
        set_ = {key: value for key, value in parameters.items() if value is not None}
        asked = Asked(request.path, dict(request.headers), inputs, set_)
        self.asked.append(asked)
        return asked

    def _invalid(self, asked: Asked) -> str | None:
        """What TGI's validation says of the request; None when it is well."""
        given = asked.parameters
        length, new = len(tokens(asked.inputs)), given.get("max_new_tokens", 1)
        checks = {
            "`inputs` cannot be empty": not asked.inputs,
            "`temperature` must be strictly positive": given.get("temperature", 1) <= 0,
            "`top_p` must be > 0.0 and < 1.0": not 0 < given.get("top_p", 0.5) < 1,
            "`typical_p` must be > 0.0 and < 1.0": not 0 < given.get("typical_p", 0.5) < 1,
            "`top_k` must be strictly positive": given.get("top_k", 1) <= 0,
            "`max_new_tokens` must be strictly positive": new <= 0,
            "`best_of` must be > 0 and <= 2": not 0 < given.get("best_of", 1) <= 2,
            "`seed` must not be set when `best_of` > 1": given.get("best_of", 1) > 1 and "seed" in given,
            "you must use sampling when `best_of` is > 1": given.get("best_of", 1) > 1
            and not given.get("do_sample"),
            "`stop` supports up to 4 stop sequences": len(given.get("stop", [])) > 4,
            f"`inputs` must have less than {self.input_tokens} tokens. Given: {length}": (
                length > self.input_tokens and "truncate" not in given
            ),
            f"`inputs` tokens + `max_new_tokens` must be <= {self.total_tokens}. Given: {length} `inputs` "
            f"tokens and {new} `max_new_tokens`": length + new > self.total_tokens,
            "`top_n_tokens` must be >= 0 and <= 5": not 0 <= given.get("top_n_tokens", 0) <= 5,
        }
        return next((message for message, broken in checks.items() if broken), None)

    def _reply(self, asked: Asked) -> dict[str, Any]:
        given = asked.parameters
        text, reason = self.writer(asked), "eos_token"
        ends = [text.index(stop) + len(stop) for stop in given.get("stop", []) if stop in text]
        if ends:
            text, reason = text[: min(ends)], "stop_sequence"
        made = tokens(text)
        if len(made) > given.get("max_new_tokens", 100):
            made = made[: given.get("max_new_tokens", 100)]
            text, reason = "".join(made), "length"
        shown = asked.inputs + text if given.get("return_full_text") else text
        if not given.get("details"):
            return {"generated_text": shown}
        logprob = -0.7 if given.get("adapter_id") in self.adapters else -0.5
        details = {
            "finish_reason": reason,
            "generated_tokens": len(made),
            "seed": given.get("seed") if given.get("do_sample") else None,
            "prefill": [],
            "tokens": [
                {"id": at, "text": text, "logprob": logprob, "special": False} for at, text in enumerate(made)
            ],
        }
        return {"generated_text": shown, "details": details}

    def _chat_reply(self, asked: Asked) -> dict[str, Any]:
        count = asked.parameters.get("n", 1) if self.choices_honoured else 1
        seeds = [asked.seed if at == 0 else f"{asked.seed}/{at}" for at in range(count)]
        replies = [
            self._reply(replace(asked, parameters=asked.parameters | {"seed": seed})) for seed in seeds
        ]
        choices = [
            {
                "index": at,
                "message": {"role": "assistant", "content": reply["generated_text"]},
                "logprobs": None,
                "finish_reason": "length" if reply["details"]["finish_reason"] == "length" else "stop",
            }
            for at, reply in enumerate(replies)
        ]
        return {
            "object": "chat.completion",
            "id": "",
            "created": 0,
            "model": self.model_id,
            "system_fingerprint": "3.3.6-dev0-native",
            "choices": choices,
            "usage": self._usage(asked, replies),
        }

    def _usage(self, asked: Asked, replies: list[dict[str, Any]]) -> dict[str, int]:
        read, wrote = (
            len(tokens(asked.inputs)),
            sum(reply["details"]["generated_tokens"] for reply in replies),
        )
        return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}

    async def _failing(self, request: web.Request, asked: Asked) -> web.StreamResponse | None:
        """Play the fault that is due, if one is."""
        fault = self.fault(asked)
        if isinstance(fault, int):
            failed = _error(fault, "Request failed during generation")
            if self.retry_after is not None:
                failed.headers["Retry-After"] = self.retry_after
            return failed
        if isinstance(fault, dict):
            return web.json_response(fault)
        if fault in ("html", "html-200"):
            status = 200 if fault == "html-200" else 502
            return web.Response(text=PROXY_PAGE, content_type="text/html", status=status)
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "silent":
            await asyncio.Event().wait()
        if fault == "endless":
            return await _endless(request)
        if fault == "null":
            return web.json_response(None)
        return web.Response(text=str(fault), status=400) if fault else None


def _text_of(reply: dict[str, Any]) -> str:
    """All that a reply says."""
    if "choices" in reply:
        return "".join(choice.get("text") or choice["message"]["content"] for choice in reply["choices"])
    return reply["generated_text"]


async def _at_once(pieces: list[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def _streamed(
    request: web.Request, asked: Asked, reply: dict[str, Any], coming: AsyncIterator[str], *, at_once: bool
) -> web.StreamResponse:
    """A reply as server-sent events, token by token; of several choices each is one event.

    Where no slow machine writes it, all events are there at once and go in one piece.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    events = _chat_events(reply, coming) if "choices" in reply else _tgi_events(reply, coming)
    whole = b""
    async with aclosing(events):
        async for event in events:
            sent = f"data:{json.dumps(event)}\n\n".encode()
            if at_once:
                whole += sent
            else:
                await response.write(sent)
    await response.write(whole + (b"data: [DONE]\n\n" if asked.route in CHATTING else b""))
    return response


async def _tgi_events(reply: dict[str, Any], coming: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """The last token comes with the whole text; an empty text is one special token."""
    before, at = None, 0
    async with aclosing(coming):
        async for piece in coming:
            at += 1
            if before is not None:
                yield {"index": at, "token": _token(before), "generated_text": None, "details": None}
            before = piece
    details = reply.get("details") or {}
    told = {name: details.get(name) for name in ("finish_reason", "generated_tokens", "seed")}
    last = {"index": at + 1, "token": _token(before or "</s>"), "details": told}
    yield {**last, "generated_text": reply["generated_text"]}


def _token(text: str) -> dict[str, Any]:
    return {"id": 1, "text": text, "logprob": -0.5, "special": False}


async def _chat_events(reply: dict[str, Any], coming: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    frame = {"id": "", "object": "chat.completion.chunk", "created": 0, "model": reply.get("model")}
    choices = reply["choices"]

    def event(at: int, delta: dict[str, Any], why: str | None = None) -> dict[str, Any]:
        return {**frame, "choices": [{"index": at, "delta": delta, "finish_reason": why}]}

    for at in range(len(choices)):
        yield event(at, {"role": "assistant", "content": ""})
    async with aclosing(coming):
        async for piece in coming:
            if len(choices) == 1:
                yield event(0, {"content": piece})
    for at, choice in enumerate(choices):
        if len(choices) > 1:
            yield event(at, {"content": choice["message"]["content"]})
        yield event(at, {}, choice["finish_reason"])
    yield {**frame, "choices": [], "usage": reply["usage"]}


async def _body(request: web.Request) -> dict[str, Any] | web.Response:
    """The body as TGI's router takes it: plain text says what is wrong with its form."""
    if request.content_type != "application/json":
        return web.Response(text="Expected request with `Content-Type: application/json`", status=415)
    try:
        body = json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge:
        return web.Response(text="Failed to buffer the request body: length limit exceeded", status=413)
    except ValueError:
        return web.Response(text="Failed to parse the request body as JSON: expected value", status=400)
    if wrong := _mistyped(body):
        text = f"Failed to deserialize the JSON body into the target type: {wrong}"
        return web.Response(text=text, status=422)
    return body


def _mistyped(body: Any) -> str | None:
    if not isinstance(body, dict) or not isinstance(body.get("inputs"), str):
        return "missing field `inputs`"
    parameters = body.get("parameters") or {}
    if not isinstance(parameters, dict):
        return "parameters: invalid type, expected struct GenerateParameters"
    for name, types in _TYPES.items():
        value = parameters.get(name)
        boolean_for_number = isinstance(value, bool) and bool not in types
        if value is not None and (boolean_for_number or not isinstance(value, types)):
            return f"parameters.{name}: invalid type"
    if parameters.get("seed") is not None and not 0 <= parameters["seed"] < 2**64:
        return "parameters.seed: invalid value, expected u64"
    return None


def _simple_tokens(text: str) -> Iterator[dict[str, Any]]:
    start = 0
    for at, piece in enumerate(tokens(text)):
        yield {"id": at, "text": piece, "start": start, "stop": start + len(piece)}
        start += len(piece)


async def _endless(request: web.Request) -> web.StreamResponse:
    """A reply that begins well and drips for ever."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"generated_text": "We')
    while True:
        await response.write(b" and we")
        await asyncio.sleep(0.005)


def _error(status: int, message: str) -> web.Response:
    body = {"error": message, "error_type": _ERROR_TYPES.get(status, "unknown")}
    return web.json_response(body, status=status)
