"""Counts, and traces, what comes of every text that a language model's server is asked for.

Reads:  how each request ended, from the pool of servers; never what was asked or answered.
Gives:  `draft_requests_total` and spans. The engine knows neither, so it is handed this.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.ops import metrics, traces
from engine.drafting.http.troubles import Failure


@contextmanager
def watched_draft(server: str) -> Iterator[None]:
    """Around one request to this host."""
    with traces.span("draft", server_address=server) as span:
        try:
            yield
        except Failure as failure:
            outcome = failure.trouble.name.lower()
            metrics.DRAFTS.labels(server, outcome).inc()
            if span is not None:
                span.set_attribute("accord.outcome", outcome)
            raise
        metrics.DRAFTS.labels(server, "done").inc()
