"""Counts what comes of every text that a language model's server is asked for.

Reads:  how each request ended, from the pool of servers; never what was asked or answered.
Gives:  `draft_requests_total`. The engine knows no metrics, so it is handed this.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.ops import metrics
from engine.drafting.http.troubles import Failure


@contextmanager
def watched_draft(server: str) -> Iterator[None]:
    """Around one request to this host."""
    try:
        yield
    except Failure as failure:
        metrics.DRAFTS.labels(server, failure.trouble.name.lower()).inc()
        raise
    metrics.DRAFTS.labels(server, "done").inc()
