"""A stand-in for the chat servers that people have: each refuses, answers and cuts in a way of its own.

It is the loopback TGI's chat route with manners added: `refuse` sees each request as it came and may answer
it with an error; `reply` may give an answer another form; `reads` cuts prompts without a word, as Ollama does
on its OpenAI route; `ollama` is what `/api/show` says, and opens Ollama's own route; `props` is what
llama.cpp's `/props` says.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.engine.drafting.servers.loopback_tgi import OLLAMA_ROUTE, LoopbackTgi, tokens


@dataclass(frozen=True)
class Raw:
    """An answer as it goes out: a body that is text, or that becomes JSON."""

    body: Any
    status: int = 200
    content_type: str = "application/json"

    def response(self) -> web.Response:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return web.Response(text=text, status=self.status, content_type=self.content_type)


def openai_error(message: str = "", status: int = 400, **said: Any) -> Raw:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None, **said}
    return Raw({"error": error}, status)


def pieces_of(answer: Any) -> list[dict[str, Any]]:
    """An answer in the pieces of a stream; none where it is of a form that only whole answers have."""
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not choices or not all(isinstance(_content(choice), str) for choice in choices):
        return []
    frame = {name: value for name, value in answer.items() if name not in ("choices", "usage")}
    events = []
    for at, choice in enumerate(choices):
        others = {name: value for name, value in choice.items() if name != "message"}
        *texts, last = tokens(_content(choice)) or [""]
        message = {name: value for name, value in choice["message"].items() if name != "content"}
        for text in texts:
            events.append({**frame, "choices": [{"index": at, "delta": {"content": text}}]})
        events.append({**frame, "choices": [{**others, "index": at, "delta": {**message, "content": last}}]})
    return events + ([{**frame, "choices": [], "usage": answer["usage"]}] if "usage" in answer else [])


def _content(choice: Any) -> Any:
    message = choice.get("message") if isinstance(choice, dict) else None
    return message.get("content") if isinstance(message, dict) else None


async def sent(request: web.Request, events: list[dict[str, Any]]) -> web.StreamResponse:
    """Server-sent events in one piece, with a comment before them."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b": keep-alive\n\n")
    told = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    await response.write(f"{told}data: [DONE]\n\n".encode())
    return response


STREAMING = ("stream", "stream_options")


class LoopbackChat(LoopbackTgi):
    """The server; `bodies` holds every chat request as it came, whichever route it took."""

    def __init__(
        self,
        *,
        refuse: Callable[[dict[str, Any]], Raw | None] = lambda body: None,
        reply: Callable[[dict[str, Any]], Any] = lambda answer: answer,
        reads: int | None = None,
        ollama: dict[str, Any] | None = None,
        props: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**{"input_tokens": 10**6, "total_tokens": 10**6, **options})
        self.refuse, self.reply, self.reads, self.ollama = refuse, reply, reads, ollama
        self.props = props
        self.bodies: list[dict[str, Any]] = []
        self.windows: list[int] = []

    @property
    def drafted(self) -> list[dict[str, Any]]:
        """The requests for a text, without those for a single token."""
        return [body for body in self.bodies if _limit(body) != 1]

    def _add_chat(self, app: web.Application) -> None:
        super()._add_chat(app)
        if self.props is not None:
            app.router.add_get("/props", self._props)
        if self.ollama is not None:
            app.router.add_post("/api/show", self._show)
            app.router.add_post(OLLAMA_ROUTE, self._native)

    async def _chatted(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.bodies.append(dict(body))
        if refused := self.refuse(body):
            return refused.response()
        if self.machine is not None and self.streams:
            return await super()._chatted(request, self._cut(body, self.reads))
        asked = {name: value for name, value in body.items() if name not in STREAMING}
        response = await super()._chatted(request, self._cut(asked, self.reads))
        if response.status != 200:
            return response
        answer = self.reply(json.loads(response.text))  # type: ignore[attr-defined]
        if self.streams and body.get("stream") and (events := pieces_of(answer)):
            return await sent(request, events)
        return (answer if isinstance(answer, Raw) else Raw(answer)).response()

    def _cut(self, body: dict[str, Any], reads: int | None) -> dict[str, Any]:
        """The request of which only the last tokens are read."""
        if reads is None:
            return body
        whole = "\n".join(message["content"] for message in body["messages"])
        return body | {"messages": [{"role": "user", "content": "".join(tokens(whole)[-reads:])}]}

    async def _props(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.props)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.ollama)

    async def _native(self, request: web.Request) -> web.StreamResponse:
        """Ollama's own route, in terms of the other."""
        body = await request.json()
        options = body.pop("options")
        self.bodies.append({**body, **options})
        self.windows.append(options["num_ctx"])
        asked = {name: body[name] for name in ("model", "messages")}
        streamed = body.get("stream") and self.streams
        asked |= {name: options[name] for name in ("temperature", "top_p", "seed") if name in options}
        asked |= {name: body[name] for name in ("logprobs", "top_logprobs") if name in body}
        asked = self._cut(asked | {"max_tokens": options["num_predict"]}, options["num_ctx"])
        response = await LoopbackTgi._chatted(self, request, asked)
        if response.status != 200:
            return response
        answer = json.loads(response.text)  # type: ignore[attr-defined]
        choice = answer["choices"][0]
        last = {
            "model": body["model"],
            "logprobs": (choice.get("logprobs") or {}).get("content"),
            "done": True,
            "done_reason": choice["finish_reason"],
            "prompt_eval_count": answer["usage"]["prompt_tokens"],
            "eval_count": answer["usage"].get("completion_tokens"),
        }
        if not streamed:
            return web.json_response({**last, "message": choice["message"]})
        texts = [*tokens(choice["message"]["content"]), ""]
        lines = [
            {"model": body["model"], "message": {"role": "assistant", "content": text}, "done": False}
            for text in texts
        ]
        lines[-1] |= last
        told = "".join(f"{json.dumps(line)}\n" for line in lines)
        return web.Response(text=told, content_type="application/x-ndjson")


def _limit(body: dict[str, Any]) -> Any:
    return body.get("max_tokens", body.get("max_completion_tokens", body.get("num_predict")))
