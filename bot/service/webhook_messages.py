"""What a webhook is told of an event: facts about the question that its whole channel can see.

Reads:  the question as it is now, and how many answered or rated.
Gives:  the body of a delivery, as bytes of JSON.
Refrains from what is somebody's own: opinions, reasons, names, who rated how. Ratings are told once the
vote is over, counted, and of too few to hide in only how many there are, as on the results page.
It is made up each time that it is sent, so that what was erased meanwhile is in no later try.
"""

import json
from datetime import datetime
from typing import Any

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.events import Event, EventKind
from bot.domain.ratings import FEWEST_RATINGS
from bot.domain.webhooks import Delivery
from bot.service.ports import Ports
from bot.service.queries import counted


async def body_of(delivery: Delivery, deliberation: Deliberation, ports: Ports) -> bytes:
    """The body. Raises StoreError."""
    event = delivery.event
    told: dict[str, Any] = {
        "id": delivery.message_id,
        "type": event.kind.value,
        "timestamp": event.at.isoformat(),
        "team": deliberation.team,
        "data": {
            "question_id": deliberation.id,
            "question": deliberation.question,
            "phase": deliberation.phase.value,
            "round": event.round,
            **await _facts(event, deliberation, ports),
        },
    }
    return json.dumps(told, ensure_ascii=False).encode()


async def _facts(event: Event, deliberation: Deliberation, ports: Ports) -> dict[str, Any]:
    if event.kind is EventKind.OPENED:
        return {
            "anonymous": deliberation.terms.anonymous,
            "closes_at": _time(deliberation.closes_at),
        }
    if event.kind is EventKind.CLOSED:
        return {"opinions": await ports.contributions.opinion_count(deliberation.id)}
    if event.kind is EventKind.STATEMENT:
        return {
            "statement": _statement(event, deliberation),
            "rating_closes_at": _time(deliberation.rating_closes_at),
        }
    if event.kind is EventKind.SETTLED:
        return {
            "statement": _statement(event, deliberation),
            "ratings": await _ratings(deliberation, ports),
        }
    # Being cancelled is the last that can happen; drafting may have failed before.
    cancelled = deliberation.phase is Phase.CANCELLED and event == deliberation.events[-1]
    return {"reason": "cancelled" if cancelled else "no-statement"}


def _statement(event: Event, deliberation: Deliberation) -> str | None:
    """As it is shown now; None where a later round has put another in its place, or is about to."""
    shown = deliberation.phase in (Phase.RATING, Phase.SETTLED) and event.round == deliberation.round
    return deliberation.statement if shown else None


async def _ratings(deliberation: Deliberation, ports: Ports) -> dict[str, Any]:
    """Counted as on the results page: of too few there is only how many they are.

    Of fewer than three even where everybody saw them in the channel: a receiver may be elsewhere.
    """
    tally = await counted(deliberation, ports)
    told: dict[str, Any] = {
        "total": tally.total,
        "agree": None,
        "disagree": None,
        "mean": None,
        "counts": None,
    }
    if tally.mean is None or tally.total < FEWEST_RATINGS:
        return told
    return told | {
        "agree": tally.agree,
        "disagree": tally.disagree,
        "mean": round(tally.mean, 2),
        "counts": list(tally.counts),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
