"""One deliberation as a file, for its facilitator and admins: JSON or CSV, piece by piece.

Reads:  the store.
Gives:  participants under this deliberation's pseudonyms, never a name, in named mode neither. In anonymous
mode opinions are left out until the question closes and come without times: whoever watches them arrive
could tell who wrote which. Cells that a spreadsheet would run as a formula are made plain text.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.ratings import Rating
from bot.ports import Ports
from engine.text import formula_safe
from engine.types import Mediation

OPEN = (Phase.SCHEDULED, Phase.OPINIONS)
COLUMNS = (
    "participant",
    "round",
    "question",
    "opinion",
    "statement",
    "rating",
    "predicted_reward",
    "quality",
    "baseline",
)
# Excel takes a file without this mark for one in the machine's own old encoding.
UTF8_MARK = "\ufeff"
ROWS_AT_ONCE = 500


async def as_json(deliberation: Deliberation, ports: Ports) -> AsyncIterator[str]:
    """One JSON object, with a line for each opinion and rating."""
    yield '{"deliberation": ' + _line(_facts(deliberation))
    yield ', "opinions": [\n'
    yield ",\n".join([_line(_opinion(o, deliberation)) for o in await _opinions(deliberation, ports)])
    baselines = [
        {"participant": r.participant, "value": r.value} for r in await _baselines(deliberation, ports)
    ]
    yield '\n], "baselines": ' + _line(baselines) + ', "rounds": [\n'
    for round_ in range(1, deliberation.round + 1):
        if round_ > 1:
            yield ",\n"
        mediation = await ports.store.mediation(deliberation.id, round_)
        yield f'{{"round": {round_}, "mediation": {_line(_result(mediation))}, "ratings": [\n'
        yield ",\n".join([_line(_rating(r)) for r in await ports.store.ratings(deliberation.id, round_)])
        yield "\n]}"
    yield "\n]}\n"


async def as_csv(deliberation: Deliberation, ports: Ports) -> AsyncIterator[str]:
    """One row for each participant and round."""
    yield UTF8_MARK + _rows([COLUMNS])
    opinions = {o.participant: o.text for o in await _opinions(deliberation, ports)}
    baselines = {r.participant: r.value for r in await _baselines(deliberation, ports)}
    for round_ in range(1, deliberation.round + 1):
        mediation = await ports.store.mediation(deliberation.id, round_)
        kept = await ports.store.ratings(deliberation.id, round_)
        ratings = {r.participant: r.value for r in kept}
        quality = {r.participant: r.quality for r in kept if r.quality is not None}
        predicted = _predicted(mediation)
        people = sorted(opinions.keys() | ratings.keys() | baselines.keys())
        for start in range(0, len(people), ROWS_AT_ONCE):
            yield _rows(
                (
                    participant,
                    round_,
                    formula_safe(deliberation.question),
                    formula_safe(opinions.get(participant, "")),
                    formula_safe(mediation.statement if mediation else ""),
                    ratings.get(participant, ""),
                    predicted.get(participant, ""),
                    quality.get(participant, ""),
                    baselines.get(participant, ""),
                )
                for participant in people[start : start + ROWS_AT_ONCE]
            )


async def _baselines(deliberation: Deliberation, ports: Ports) -> list[Rating]:
    """Agreement with the position statement; as opinions, not before everybody has given theirs."""
    if deliberation.terms.anonymous and deliberation.phase in OPEN:
        return []
    return list(await ports.store.baselines(deliberation.id))


async def _opinions(deliberation: Deliberation, ports: Ports) -> list[Opinion]:
    if deliberation.terms.anonymous and deliberation.phase in OPEN:
        return []
    return list(await ports.store.opinions(deliberation.id))


def _facts(deliberation: Deliberation) -> dict[str, Any]:
    kept = {"id", "question", "context", "terms", "phase", "round", "created_at", "opens_at", "closes_at"}
    kept |= {"rating_closes_at", "ended_at", "statement", "cancelled_because"}
    return deliberation.model_dump(mode="json", include=kept)


def _opinion(opinion: Opinion, deliberation: Deliberation) -> dict[str, Any]:
    given = {"participant": opinion.participant, "text": opinion.text}
    return given if deliberation.terms.anonymous else given | {"given_at": opinion.given_at.isoformat()}


def _rating(rating: Rating) -> dict[str, Any]:
    given = {"participant": rating.participant, "value": rating.value}
    return given if rating.quality is None else given | {"quality": rating.quality}


def _result(mediation: Mediation | None) -> dict[str, Any] | None:
    if mediation is None:
        return None
    return mediation.public() | {"model_used": mediation.model_used, "dropped": mediation.dropped}


def _predicted(mediation: Mediation | None) -> dict[str, float]:
    if mediation is None:
        return {}
    return mediation.predicted(mediation.candidates[mediation.winner].rewards)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rows(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
