"""OpenTelemetry traces, where the standard variables (`OTEL_…`) ask for them: which step took how long.

Reads:  `OTEL_EXPORTER_OTLP_ENDPOINT` or `…_TRACES_ENDPOINT`, which switch them on.
Gives:  spans of requests, steps and drafting. Off, a span is one comparison.
Nothing that anybody wrote, no name, no address and no error's message is in a span; ids are keyed hashes, so
that spans of one question can be told to belong together and nobody can say which question it is.
"""

import hashlib
import hmac
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NOT_INSTALLED = "OTEL_… asks for traces, which need another package: pip install 'accord-bot[trace]'"
OTHER_PROTOCOL = "traces are sent as http/protobuf, whatever OTEL_EXPORTER_OTLP_PROTOCOL says"
HASH_CHARACTERS = 16
LAST_SPANS_S = 3.0
Value = str | int


class Tracing:
    """Where spans go: nowhere, until `traced` switches them on."""

    def __init__(self) -> None:
        self.tracer: Any = None
        self.key = b""


_tracing = Tracing()


@contextmanager
def traced(process: str, secret: str) -> Iterator[None]:
    """Send spans of this process, where that is asked for, for as long as the block runs.

    secret: makes hashes of ids that only its owner can make.
    """
    provider = _provider(process) if _is_asked_for() else None
    if provider is None:
        yield
        return
    _tracing.tracer, _tracing.key = provider.get_tracer("accord"), secret.encode()
    try:
        yield
    finally:
        _tracing.tracer = None
        # It sends what is left, however long the receiver takes to answer.
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_SPANS_S)


def _is_asked_for() -> bool:
    return (
        any(os.environ.get(name) for name in ENDPOINTS)
        and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"
        and os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp"
    )


def _provider(process: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(NOT_INSTALLED)
        return None
    if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") != "http/protobuf":
        log.warning(OTHER_PROTOCOL)
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what is said here.
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"accord-{process}"}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def span(name: str, question: str = "", **about: Value) -> "AbstractContextManager[Span | None]":
    """A span around a block, which is marked as failed, by type alone, where the block raises.

    question: its id, of which a keyed hash is told. about: attributes, with _ for the points in their names.
    """
    return nullcontext() if _tracing.tracer is None else _span(name, question, about)


@contextmanager
def _span(name: str, question: str, about: dict[str, Value]) -> "Iterator[Span]":
    from opentelemetry.trace import StatusCode

    attributes = {key.replace("_", "."): value for key, value in about.items()}
    if question:
        attributes["accord.question"] = hashed(question)
    # An exception's message and traceback may quote what somebody wrote.
    quiet = {"record_exception": False, "set_status_on_exception": False}
    with _tracing.tracer.start_as_current_span(name, attributes=attributes, **quiet) as opened:
        try:
            yield opened
        except Exception as exc:
            opened.set_attribute("error.type", type(exc).__name__)
            opened.set_status(StatusCode.ERROR)
            raise


def hashed(id_: str) -> str:
    """Stands for an id in traces."""
    message = b"accord.trace" + id_.encode()
    return hmac.new(_tracing.key, message, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]
