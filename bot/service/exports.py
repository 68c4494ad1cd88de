"""One deliberation as a file, for its facilitator and admins: JSON or CSV, piece by piece.

Reads:  the store.
Gives:  in named questions opinions with their authors, whom members were told of before they wrote. In
anonymous ones opinions by their text, once there is a statement or the question has ended, without author,
time or key.
Ratings that were given in private, baselines and quality are lists of values, lowest first, which nothing
joins to each other or to an opinion: once the vote is over, and not where they are too few to hide in. So are
an anonymous question's reasons, by their text; in a named one they come with their authors, as opinions do.
Predictions come once the vote is over: whoever exports may vote too, and is not to be swayed. Not in
anonymous questions with few opinions: one can work out one's own, and what is left of a mean is another's.
Two exports must not tell more than one. So nothing private grows by one while a watcher looks, and once
somebody who had given something was forgotten, it is held back for good: what is gone would be theirs.
Cells that a spreadsheet would run as a formula are made plain text.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.domain.decision import Decision
from bot.domain.deliberation import Deliberation, Phase, Reason, Written
from bot.domain.points import Counts, Point, VotesMap
from bot.domain.ratings import FEWEST_RATINGS, Rating
from bot.service.ports import Ports
from bot.service.ports.state import SOMEBODY_LEFT
from bot.wording import decision_lines, export_lines
from bot.wording.cards import is_of_few, told_open
from engine.text import formula_safe
from engine.types import Mediation

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
    "name",
    "reason",
    "decision",
    "decision_who",
    "decision_by",
    "how_it_went",
    "point",
    "agree",
    "disagree",
    "passed",
)
# Excel takes a file without this mark for one in the machine's own old encoding.
UTF8_MARK = "\ufeff"
ROWS_AT_ONCE = 500

NOTHING_YET = (Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING)
"""No opinion is told: where drafting fails, a question may be opened again, and one would be seen to come."""


@dataclass(frozen=True)
class GivenInRound:
    """One round: its mediation, and its ratings, with whose they are only where everybody saw that anyway.

    foretold: what was predicted is told, the candidates' welfare too.
    reasons: whose they are in named questions only.
    """

    number: int
    mediation: Mediation | None
    foretold: bool
    ratings: Sequence[dict[str, Any]]
    quality: Sequence[dict[str, Any]]
    reasons: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Given:
    """What may be told of a deliberation; `held_back` says in sentences what may not, and why."""

    opinions: Sequence[dict[str, Any]]
    baselines: Sequence[dict[str, Any]]
    rounds: Sequence[GivenInRound]
    held_back: Sequence[str]
    points: Sequence[dict[str, Any]] = ()


async def as_json(deliberation: Deliberation, ports: Ports) -> AsyncIterator[str]:
    """One JSON object, with a line for each opinion and rating."""
    given = await _given(deliberation, ports)
    yield '{"deliberation": ' + _line(_facts(deliberation))
    yield ', "held_back": ' + _line(given.held_back)
    lists = (("opinions", given.opinions), ("points", given.points), ("baselines", given.baselines))
    for name, values in lists:
        yield f', "{name}": '
        for piece in _lines(values):
            yield piece
    yield ', "rounds": [\n'
    for round_ in given.rounds:
        yield ",\n" if round_.number > 1 else ""
        yield f'{{"round": {round_.number}, "mediation": {_line(_result(round_, deliberation))}'
        of_round = {"ratings": round_.ratings, "quality": round_.quality, "reasons": round_.reasons}
        for name, values in of_round.items():
            yield f', "{name}": '
            for piece in _lines(values):
                yield piece
        yield "}"
    yield "\n]}\n"


async def as_csv(deliberation: Deliberation, ports: Ports) -> AsyncIterator[str]:
    """One row for each participant and round where they are told, and one for each value that is nobody's."""
    given = await _given(deliberation, ports)
    yield UTF8_MARK + _written([COLUMNS])
    rows = _rows(deliberation, given)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield _written([str(row.get(column, "")) for column in COLUMNS] for row in some)


WRITERS = {"json": as_json, "csv": as_csv}


def file_name(deliberation_id: str, kind: str) -> str:
    """What a file of a deliberation is called, on every platform; kind: one of `WRITERS`, or an archive's."""
    return f"accord-{deliberation_id}.{kind}"


# -- what may be told ----------------------------------------------------------------------------


async def _given(deliberation: Deliberation, ports: Ports) -> Given:
    given, id_ = ports.contributions, deliberation.id
    opinions, baselines = await given.opinions(id_), await given.baselines(id_)
    ratings = {each: await given.ratings(id_, each) for each in range(1, deliberation.round + 1)}
    reasons = {each: await given.reasons(id_, each) for each in ratings}
    mediations = {each: await ports.mediations.mediation(id_, each) for each in ratings}
    points, votes = await ports.points.all(id_), await ports.points.map(id_)
    # Looked at last: whoever leaves is marked first and erased then, so no list here lacks their part alone.
    left = await _somebody_left(deliberation, mediations.values(), ports)
    return Given(
        opinions=_opinions(opinions, deliberation, left),
        baselines=_private((r.value for r in baselines), deliberation, left),
        rounds=[
            GivenInRound(
                number=number,
                mediation=_untold(number, mediations[number], deliberation, left),
                foretold=_is_foretold(mediations[number], deliberation),
                ratings=_ratings(found, deliberation, left),
                quality=_private((r.quality for r in found if r.quality), deliberation, left),
                reasons=_reasons(reasons[number], deliberation, left),
            )
            for number, found in ratings.items()
        ],
        held_back=[
            *_held_back(deliberation, mediations, len(opinions), len(ratings[deliberation.round]), left),
            *([] if left else _reasons_held_back(reasons, deliberation)),
        ],
        points=_points(points, votes, deliberation, left),
    )


async def _somebody_left(
    deliberation: Deliberation, mediations: Iterable[Mediation | None], ports: Ports
) -> bool:
    """A mediation remembers it too, of those who were forgotten before there was the marker."""
    forgotten = any(mediation.forgotten for mediation in mediations if mediation)
    return forgotten or await ports.deliberations.is_marked(deliberation.id, SOMEBODY_LEFT)


def _opinions(opinions: Sequence[Written], deliberation: Deliberation, left: bool) -> list[dict[str, Any]]:
    """By whom and when in named questions; else by text, so that their order tells nothing."""
    if not deliberation.terms.anonymous:
        return [_with_author(opinion) for opinion in opinions]
    if left or deliberation.phase in NOTHING_YET or len(opinions) < FEWEST_RATINGS:
        return []
    return [{"text": text} for text in sorted(opinion.text for opinion in opinions)]


def _points(
    points: Sequence[Point], votes: VotesMap | None, deliberation: Deliberation, left: bool
) -> list[dict[str, Any]]:
    """How many said what to each point, as members saw it: nobody's votes, in named questions either."""
    told = []
    for each in sorted(points, key=lambda point: point.text):
        counts = votes.counts.get(each.id, Counts()) if votes else Counts()
        if not each.hidden and _may_tell(counts.total, deliberation, left):
            told.append({"text": each.text, **counts.model_dump()})
    return told


def _with_author(written: Written) -> dict[str, Any]:
    return {
        "participant": written.participant,
        "name": written.signed,
        "text": written.text,
        "given_at": written.given_at.isoformat(),
    }


async def reasons_told(deliberation: Deliberation, ports: Ports) -> list[dict[str, Any]]:
    """This round's reasons as an export holds them now, for who may take one."""
    id_, round_ = deliberation.id, deliberation.round
    reasons = await ports.contributions.reasons(id_, round_)
    mediations = [await ports.mediations.in_sum(id_, each) for each in range(1, round_ + 1)]
    # Last, as in an export.
    return _reasons(reasons, deliberation, await _somebody_left(deliberation, mediations, ports))


def _reasons(reasons: Sequence[Reason], deliberation: Deliberation, left: bool) -> list[dict[str, Any]]:
    """By whom and when in named questions; else by text, as private ratings are told."""
    if not deliberation.terms.anonymous:
        return [_with_author(reason) for reason in reasons]
    if not _may_tell(len(reasons), deliberation, left):
        return []
    return [{"text": text} for text in sorted(reason.text for reason in reasons)]


def _reasons_held_back(reasons: Mapping[int, Sequence[Reason]], deliberation: Deliberation) -> list[str]:
    if not deliberation.terms.anonymous:
        return []
    if deliberation.phase is Phase.RATING:
        return [str(export_lines.REASONS_LATER)]
    fewest = deliberation.terms.fewest_ratings
    few = any(0 < len(given) < fewest for given in reasons.values())
    settled = deliberation.phase is Phase.SETTLED
    return [export_lines.FEW_REASONS.format(fewest=fewest)] if settled and few else []


def _ratings(ratings: Sequence[Rating], deliberation: Deliberation, left: bool) -> list[dict[str, Any]]:
    """By whom where everybody saw that anyway."""
    if deliberation.terms.rated_in_public:
        return [{"participant": rating.participant, "value": rating.value} for rating in ratings]
    return _private((rating.value for rating in ratings), deliberation, left)


def _private(values: Iterable[int], deliberation: Deliberation, left: bool) -> list[dict[str, Any]]:
    """Values alone, lowest first: once the vote is over, and where they are enough to hide in."""
    found = sorted(values)
    return [{"value": value} for value in found] if _may_tell(len(found), deliberation, left) else []


def _may_tell(given: int, deliberation: Deliberation, left: bool) -> bool:
    """Whether so many of something private may be told."""
    over = deliberation.phase is Phase.SETTLED
    return over and given >= deliberation.terms.fewest_ratings and not left


def _untold(
    round_: int, mediation: Mediation | None, deliberation: Deliberation, left: bool
) -> Mediation | None:
    """A round's mediation, once its statement is out; predictions once the vote is over.

    Of whom they are is told in named questions only.

    Predictions are made from opinions, so they go with them: in an order of their own, or not at all. The
    best opinion is gone where its author left, which would tell whose it was: then it is never told.
    """
    if mediation is None or not deliberation.shows_drafts(round_):
        return None
    mediation = mediation.model_copy(update={"leaves_open": told_open(deliberation, mediation)})
    if not _is_foretold(mediation, deliberation):
        return _unpredicted(mediation)
    if not deliberation.terms.anonymous:
        return mediation
    best = None if left else mediation.best_opinion
    candidates = tuple(
        each.model_copy(update={"rewards": () if left else tuple(sorted(each.rewards))})
        for each in mediation.candidates
    )
    if best is not None:
        best = best.model_copy(update={"participant": "", "rewards": tuple(sorted(best.rewards))})
    changed = {"participants": (), "candidates": candidates, "best_opinion": best}
    return mediation.model_copy(update=changed)


def _is_foretold(mediation: Mediation | None, deliberation: Deliberation) -> bool:
    """Whether predictions are told: once the vote is over, and where they are of enough people."""
    return mediation is not None and _is_over(deliberation) and not is_of_few(deliberation, mediation)


def _is_over(deliberation: Deliberation) -> bool:
    return deliberation.phase in (Phase.SETTLED, Phase.CANCELLED)


def _unpredicted(mediation: Mediation) -> Mediation:
    candidates = tuple(each.model_copy(update={"rewards": ()}) for each in mediation.candidates)
    changed = {"candidates": candidates, "best_opinion": None}
    return mediation.model_copy(
        update=changed | {"groups": (), "unites": None, "divides": None, "left_out": ()}
    )


def _held_back(
    deliberation: Deliberation,
    mediations: Mapping[int, Mediation | None],
    opinions: int,
    ratings: int,
    left: bool,
) -> list[str]:
    anonymous, private = deliberation.terms.anonymous, not deliberation.terms.rated_in_public
    fewest = deliberation.terms.fewest_ratings
    if left:
        return [str(export_lines.SOMEBODY_LEFT)]
    told = []
    if anonymous and deliberation.phase in NOTHING_YET:
        told.append(str(export_lines.NOT_CLOSED))
    elif anonymous and opinions < FEWEST_RATINGS:
        told.append(export_lines.FEW_OPINIONS.format(fewest=FEWEST_RATINGS))
    if private and deliberation.phase is Phase.SETTLED and ratings < fewest:
        told.append(export_lines.FEW_RATINGS.format(fewest=fewest))
    elif private and not _is_over(deliberation):
        told.append(str(export_lines.VOTE_RUNS))
    shown = [each for number, each in mediations.items() if each and deliberation.shows_drafts(number)]
    if any(is_of_few(deliberation, mediation) for mediation in shown):
        told.append(export_lines.FEW_PREDICTIONS.format(fewest=FEWEST_RATINGS))
    elif deliberation.statement is not None and not _is_over(deliberation):
        told.append(str(export_lines.PREDICTIONS))
    return told


# -- as JSON -------------------------------------------------------------------------------------


def _facts(deliberation: Deliberation) -> dict[str, Any]:
    kept = {"id", "question", "context", "terms", "phase", "round", "created_at", "opens_at", "closes_at"}
    kept |= {
        "rating_closes_at",
        "ended_at",
        "statement",
        "cancelled_because",
        "outcome",
        "change",
        "unrevised",
    }
    facts = deliberation.model_dump(mode="json", include=kept)
    facts["decision"] = deliberation.decision and _decision(deliberation.decision)
    # One that was chosen and is not out yet may still be given up.
    return facts if deliberation.shows_drafts(deliberation.round) else facts | {"statement": None}


def _decision(decision: Decision) -> dict[str, Any]:
    """Who recorded it is no part of it."""
    kept = {"decided", "nothing", "by", "recorded_at", "how_it_went"}
    facts = decision.model_dump(mode="json", include=kept)
    return facts | {"who": decision.member or decision.who}


def _result(round_: GivenInRound, deliberation: Deliberation) -> dict[str, Any] | None:
    """As `Mediation.public`, without the keys that would say whose something is."""
    mediation = round_.mediation
    if mediation is None:
        return None
    told = mediation.public() | {"model_used": mediation.model_used, "dropped": mediation.dropped}
    if not round_.foretold:
        for candidate in told["candidates"]:
            del candidate["welfare"]
    if deliberation.terms.anonymous:
        del told["participants"], told["groups"], told["left_out"]
        for point in told["leaves_open"]:
            point["asked_by"] = len(point["asked_by"])  # of whom nothing but the number is told
        if told["best_opinion"]:
            del told["best_opinion"]["participant"]
    return told


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(values: Sequence[object]) -> Iterator[str]:
    """A list with a line for each, some at a time."""
    yield "[\n"
    for first in range(0, len(values), ROWS_AT_ONCE):
        some = values[first : first + ROWS_AT_ONCE]
        yield (",\n" if first else "") + ",\n".join(map(_line, some))
    yield "\n]"


# -- as CSV --------------------------------------------------------------------------------------

Row = dict[str, object]


def _rows(deliberation: Deliberation, given: Given) -> Iterator[Row]:
    """What is told with its participant on one row for each round; what is nobody's on rows of its own."""
    question = _about(deliberation)
    yield from (question | {"opinion": formula_safe(o["text"])} for o in given.opinions if "name" not in o)
    yield from (question | {"baseline": each["value"]} for each in given.baselines)
    yield from (question | {**each, "point": formula_safe(each["text"])} for each in given.points)
    for round_ in given.rounds:
        statement = formula_safe(round_.mediation.statement if round_.mediation else "")
        about = question | {"round": round_.number, "statement": statement}
        yield from (about | row for row in _of_participants(given, round_))
        yield from (about | {"rating": r["value"]} for r in round_.ratings if "participant" not in r)
        yield from (about | {"quality": each["value"]} for each in round_.quality)
        yield from (about | {"reason": formula_safe(r["text"])} for r in round_.reasons if "name" not in r)


def _about(deliberation: Deliberation) -> Row:
    """What stands in every row."""
    question: Row = {"question": formula_safe(deliberation.question)}
    decision = deliberation.decision
    if decision is None:
        return question
    return question | {
        "decision": formula_safe(decision.decided or str(decision_lines.NOTHING)),
        "decision_who": formula_safe(decision.member or decision.who),
        "decision_by": decision.by or "",
        "how_it_went": formula_safe(decision.how_it_went or ""),
    }


def _of_participants(given: Given, round_: GivenInRound) -> Iterator[Row]:
    opinions = {o["participant"]: o for o in given.opinions if "participant" in o}
    ratings = {r["participant"]: r["value"] for r in round_.ratings if "participant" in r}
    reasons = {r["participant"]: r for r in round_.reasons if "participant" in r}
    predicted = _predicted(round_.mediation)
    for participant in sorted(opinions.keys() | ratings.keys() | reasons.keys()):
        opinion, reason = opinions.get(participant, {}), reasons.get(participant, {})
        yield {
            "participant": participant,
            "name": formula_safe(opinion.get("name") or reason.get("name", "")),
            "opinion": formula_safe(opinion.get("text", "")),
            "rating": ratings.get(participant, ""),
            "predicted_reward": predicted.get(participant, ""),
            "reason": formula_safe(reason.get("text", "")),
        }


def _predicted(mediation: Mediation | None) -> dict[str, float]:
    """What was predicted of whom; of nobody where that is not told."""
    if mediation is None or not mediation.participants:
        return {}
    return mediation.predicted(mediation.candidates[mediation.winner].rewards)


def _written(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
