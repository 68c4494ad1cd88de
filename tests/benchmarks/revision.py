"""What a second round gains by its own prediction, over first rounds that people rated and criticised.

    TGI_URL=http://localhost:8080 python -m tests.benchmarks.revision FEEDBACK [--candidates 16] [--most 50]

Reads:  a feedback export (`accord export`, `accord data habermas`) whose records hold critiques. Drafts come
        from the server that TGI_URL or OPENAI_BASE_URL names; the line above the table says from what. The
        corpus has no critiques, and none are made up here.
Gives:  a Markdown table on stdout: how often a draft is predicted to do better than the statement there was,
        and by how many rating points of welfare, with an interval over groups.
Where people rated several first statements, the one that they agreed with most is revised. The gain is what
the reward model predicts: only a vote on the second statement tells what people think of it.
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import mean

import numpy as np

from bot.bootstrap.models import mediator_for
from bot.service.ports.engine import Mediator
from engine.evaluation.intervals import Bootstrap
from engine.feedback.files import read_feedback
from engine.feedback.record import FeedbackRecord
from engine.types import Mediation, MediationRequest, ParticipantOpinion, Revision, no_progress


def first_rounds(records: Iterable[FeedbackRecord]) -> dict[tuple[str, str], list[FeedbackRecord]]:
    """The records of each first round in which somebody gave a critique."""
    found: defaultdict[tuple[str, str], list[FeedbackRecord]] = defaultdict(list)
    for record in records:
        if record.round == 1 and record.consent:
            found[record.team, record.deliberation_id].append(record)
    return {key: some for key, some in found.items() if any(each.critique for each in some)}


def request_of(records: list[FeedbackRecord], candidates: int) -> MediationRequest:
    """The second round after these ratings of the first."""
    opinions = {each.participant: each.opinion for each in records if each.opinion}
    critiques = {each.participant: each.critique for each in records if each.critique}
    by_text: defaultdict[str, list[int]] = defaultdict(list)
    for each in records:
        by_text[each.statement].append(each.agreement)
    statement = max(by_text, key=lambda text: mean(by_text[text]))
    return MediationRequest(
        records[0].question,
        tuple(ParticipantOpinion(*each) for each in opinions.items()),
        candidates,
        revision=Revision(statement, tuple(ParticipantOpinion(*each) for each in critiques.items())),
    )


async def mediated(mediator: Mediator, requests: list[MediationRequest]) -> list[Mediation]:
    """One after the other: a server is not to be asked by several rounds at once."""
    return [await mediator.mediate(request, no_progress) for request in requests]


def table(mediations: list[Mediation], groups: list[str]) -> str:
    """Rounds that nobody is predicted in are counted and have no gain."""
    kept = [at for at, each in enumerate(mediations) if each.previous and each.previous.rewards]
    names = sorted({groups[at] for at in kept})
    lines = ["| rounds | predicted | better | gain in welfare (95 %) |", "| --- | --- | --- | --- |"]
    if not kept:
        return "\n".join([*lines, f"| {len(mediations)} | 0 | – | – |"])
    gains = np.array([_gain(mediations[at]) for at in kept])
    of = np.array([names.index(groups[at]) for at in kept])
    found = Bootstrap(len(names), seed=0).mean(gains, of)
    spread = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
    better = sum(mediations[at].is_better for at in kept)
    return "\n".join([*lines, f"| {len(mediations)} | {len(kept)} | {better} | {found.value:.2f}{spread} |"])


def _gain(mediation: Mediation) -> float:
    """0 where the statement there was stays."""
    assert mediation.previous is not None
    if not mediation.is_better:
        return 0.0
    return mediation.candidates[mediation.winner].welfare - mediation.previous.welfare


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("feedback", type=Path)
    parser.add_argument("--candidates", type=int, default=16)
    parser.add_argument("--most", type=int, default=50, help="rounds, the first ones of the export")
    asked = parser.parse_args()
    rounds = [
        some for some in first_rounds(read_feedback(asked.feedback)).values() if any(e.opinion for e in some)
    ][: asked.most]
    if not rounds:
        parser.error(f"{asked.feedback} holds no critique of a first round; there is nothing to measure.")
    mediator = mediator_for(None, None)
    made = asyncio.run(mediated(mediator, [request_of(some, asked.candidates) for some in rounds]))
    models = made[0].models
    print(f"Drafted by {models.generator} ({models.prompt}), judged by {models.reward}.\n")
    print(table(made, [some[0].group for some in rounds]))


if __name__ == "__main__":
    main()
