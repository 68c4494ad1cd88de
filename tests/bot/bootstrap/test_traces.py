"""Traces reach a receiver when the standard variables ask for them, and tell nothing that anybody wrote."""

import gzip
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.web.config import WebConfig
from bot.bootstrap.watching_drafts import watched_draft
from bot.ops import traces
from engine.drafting.http.troubles import Failure, Trouble
from tests.web_house import make_house

SECRET = "a secret for tests only"
CONFIG = WebConfig(secret=SECRET, base_url="http://127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[SimpleNamespace]:
    """An OTLP receiver on this machine, with the bodies that it was sent."""
    seen = SimpleNamespace(bodies=[], url="")

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_zipped = self.headers.get("Content-Encoding") == "gzip"
            seen.bodies.append(gzip.decompress(body) if is_zipped else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    seen.url = f"http://127.0.0.1:{server.server_port}"
    yield seen
    server.shutdown()
    server.server_close()
    serving.join()


def spans(receiver: SimpleNamespace) -> list[SimpleNamespace]:
    """What came, with the name of each one's parent."""
    came = [
        span
        for body in receiver.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    names = {span.span_id: span.name for span in came}
    return [
        SimpleNamespace(
            name=span.name,
            parent=names.get(span.parent_span_id),
            about={each.key: each.value.string_value or each.value.int_value for each in span.attributes},
            has_events=bool(span.events),
        )
        for span in came
    ]


async def test_requests_steps_and_drafts_are_traced_without_a_word_of_members(
    receiver: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    with traces.traced("gateway", SECRET):
        house = await make_house(CONFIG)
        asked = await house.ask("Zebra question?", quorum=2)
        for number in range(2):
            visitor = await house.visitor(asked)
            await visitor.send(f"/d/{asked.id}/opinion", {"opinion": f"Zebra {number}"})
        with traces.span("step mediate", asked.id), suppress(Failure), watched_draft("models:8080"):
            raise Failure(Trouble.SLOW)
        with suppress(ValueError), traces.span("broken", asked.id):
            raise ValueError("Zebra")
        await house.work()
        await house.close()
    came = spans(receiver)
    hidden = next(span.about["accord.question"] for span in came if span.name == "step mediate")

    by_name = {span.name: span for span in came}
    assert by_name["GET /i/{token}"].about["http.response.status_code"] == 303
    opinion = by_name["POST /d/{id}/opinion"]
    assert (opinion.about["accord.question"], opinion.about["http.route"]) == (hidden, "/d/{id}/opinion")
    assert (by_name["draft"].parent, by_name["draft"].about["accord.outcome"]) == ("step mediate", "slow")
    assert by_name["draft"].about["server.address"] == "models:8080"
    assert by_name["broken"].about["error.type"] == "ValueError"
    assert by_name["step publish"].about["accord.question"] == hidden
    assert not any(span.has_events for span in came)
    sent = b"".join(receiver.bodies)
    assert b"accord-gateway" in sent
    for secret in (b"Zebra", asked.id.encode(), b"visitor-", SECRET.encode()):
        assert secret not in sent


@pytest.mark.parametrize(
    "variables",
    [{}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}],
    ids=["unset", "switched off", "not exported"],
)
def test_without_being_asked_for_a_span_is_nothing(
    receiver: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    if variables:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with traces.traced("worker", SECRET), traces.span("step mediate", "d1") as span:
        assert span is None
    assert receiver.bodies == []


def test_without_the_package_one_line_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with caplog.at_level(logging.WARNING), traces.traced("worker", SECRET), traces.span("step") as span:
        assert span is None
    assert [record.getMessage() for record in caplog.records] == [traces.NOT_INSTALLED]
