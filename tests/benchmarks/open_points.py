"""What a real language model says that statements leave open, and how much of it can be shown.

    python -m tests.benchmarks.open_points MODEL.gguf [--rounds 10]

Reads:  a GGUF file, run by llama.cpp on this machine; the corpus' dev rounds with their best-rated statement.
Gives:  a line for each round on stdout: characters of the prompt, seconds, lines of the reply and points kept
        of it, and these points for a person to judge. Nobody has labelled what the statements leave open, so
        that no share of right points is worked out.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from statistics import median

from engine.drafting.local.llama import LlamaGenerator
from engine.evaluation.corpus.reading import CorpusRound, Split, read_corpus
from engine.open_points import WITHIN_S, open_points
from engine.prompts import OPEN_POINTS_CHAT, open_points_chat
from engine.types import Brief, Chosen, Draft, MediationRequest, ParticipantOpinion

PATIENT_S = 600.0
"""As long as it takes: whether that is within `WITHIN_S` is what we want to know."""


class Noting(LlamaGenerator):
    """A drafter that keeps the replies, and nothing else, of what was asked last."""

    replies: Sequence[str] = ()

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """As the drafter itself."""
        self.replies = []
        async for draft in super().draft(briefs):
            self.replies = [*self.replies, draft.text]
            yield draft


async def looked_through(generator: Noting, round_: CorpusRound) -> float:
    """Ask about one round and print what came; the seconds that it took."""
    statement = _best(round_)
    people = tuple(ParticipantOpinion(each.participant, each.text) for each in round_.opinions)
    request = MediationRequest(round_.question, people)
    began = time.perf_counter()
    points = await open_points(generator, request, statement, within_s=PATIENT_S)
    took = time.perf_counter() - began
    texts = [each.text for each in people]
    asked = open_points_chat(round_.question, texts, Chosen(statement, ()))
    prompt = sum(len(message["content"]) for message in asked)
    lines = sum(bool(line.strip()) for reply in generator.replies for line in reply.splitlines())
    print(f"{round_.id}: {prompt:,} characters, {took:.1f} s, {lines} lines, {len(points)} kept", flush=True)
    for point in points:
        print(f"    {point.text} ({len(point.asked_by)} of {len(people)})", flush=True)
    return took


def _best(round_: CorpusRound) -> str:
    totals = [sum(column) for column in zip(*round_.ratings, strict=True)]
    return round_.statements[totals.index(max(totals))].text


async def main() -> None:
    """Ask about the first rounds of dev."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=10)
    chosen = parser.parse_args()
    rounds = read_corpus().of(Split.DEV).rounds[: chosen.rounds]
    generator = Noting(chosen.model)
    print(f"{generator.name}, {OPEN_POINTS_CHAT}")
    times = [await looked_through(generator, each) for each in rounds]
    within = sum(took <= WITHIN_S for took in times)
    print(f"median {median(times):.1f} s; {within} of {len(times)} within {WITHIN_S:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
