"""How long after the last draft a round ends, beside scoring that begins only then.

    python -m tests.benchmarks.round_end [CHECKPOINT] [--rounds 5] [--slots 8] [--seed 0]

Reads:  a two-tower checkpoint; without one, random weights of the default's size, which take as long.
Gives:  a Markdown table on stdout: medians over the rounds, and the worst share. Each round is played twice,
        in turn: by the mediator, which scores while it drafts, and by drafting everything, then encoding the
        opinions and scoring all candidates in one call. "x while" is how many times longer the latter takes
        after the last draft; "x one" is that time in scorings of one candidate on an idle machine. Exits 1
        when the mediator's median share of the first shape is above `MOST`.

The server is the tests' stand-in for TGI with the pace of a real one: time to the first token, tokens a
second and words of a statement differ from request to request, by its seed. What exceeds its slots is
refused.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.trainers import WordPieceTrainer

from engine.draft_briefs import briefs
from engine.drafting.servers.tgi import TgiGenerator
from engine.evaluation.accuracy.suites import written_rounds
from engine.mediator import Mediator
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import Checkpoint, TowerConfig
from engine.reward.towers.networks import Towers
from engine.reward.towers.two_tower import TwoTower
from engine.types import Brief, Draft, MediationRequest, ParticipantOpinion
from tests.engine.drafting.servers.loopback_tgi import Asked, LoopbackTgi

QUESTION = "Should private cars be banned from city centres?"
SHAPES = ((5, 16), (200, 16))
MOST = 0.1
"""Of the drafting time, that a round of the first shape may end after its last draft."""
FIRST_TOKEN_S = (0.2, 0.4)
TOKENS_A_SECOND = (25.0, 60.0)
WORDS = (60, 120)
TOKENS_A_WORD = 4 / 3
WINDOW = 131_072
HIDDEN, WORD_PIECES = 64, 1_000
MINILM = {
    "model_type": "bert", "vocab_size": 30_522, "hidden_size": 384, "num_hidden_layers": 6,
    "num_attention_heads": 12, "intermediate_size": 1_536, "max_position_embeddings": 512,
}  # fmt: skip


class Measured(NamedTuple):
    """Seconds of one round: to its last draft, and from there to its end."""

    drafting: float
    after: float

    @property
    def share(self) -> float:
        return self.after / self.drafting


class Pace:
    """A statement and the time it takes to write, both the same for the same seed."""

    def __init__(self, statements: Sequence[str]) -> None:
        self._words = [word for statement in statements for word in statement.split()]

    def written(self, asked: Asked) -> str:
        draw = Random(asked.seed)
        count = draw.randint(*WORDS)
        start = draw.randrange(len(self._words) - count)
        return " ".join(self._words[start : start + count])

    def seconds(self, asked: Asked) -> float:
        draw = Random(f"pace {asked.seed}")
        if asked.only_reads:
            return draw.uniform(*FIRST_TOKEN_S)
        tokens = len(self.written(asked).split()) * TOKENS_A_WORD
        return draw.uniform(*FIRST_TOKEN_S) + tokens / draw.uniform(*TOKENS_A_SECOND)


class Noting(TgiGenerator):
    """The TGI drafter; it notes when it handed on the latest draft."""

    latest = 0.0

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        drafts = super().draft(briefs)
        try:
            async for draft in drafts:
                self.latest = time.perf_counter()
                yield draft
        finally:
            await drafts.aclose()


async def while_drafting(request: MediationRequest, generator: Noting, model: TwoTower) -> Measured:
    """The round as the mediator plays it."""
    began = time.perf_counter()
    await Mediator(generator, model).mediate(request)
    return Measured(generator.latest - began, time.perf_counter() - generator.latest)


async def afterwards(request: MediationRequest, generator: Noting, model: TwoTower) -> Measured:
    """The same round one thing after the other."""
    began = time.perf_counter()
    drafts = [draft async for draft in generator.draft(briefs(request))]
    opinions = [opinion.text for opinion in request.opinions]
    await model.score(request.question, opinions, [draft.text for draft in drafts])
    return Measured(generator.latest - began, time.perf_counter() - generator.latest)


OVERLAPPED = "while drafting"
WAYS = {OVERLAPPED: while_drafting, "after the last draft": afterwards}


async def compared(
    request: MediationRequest, url: str, model: TwoTower, rounds: int
) -> dict[str, list[Measured]]:
    """So many rounds, each with a seed of its own, both ways in turn."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for number in range(rounds):
        one = replace(request, seed=request.seed + number)
        for way, play in WAYS.items():
            found[way].append(await play(one, Noting([url]), model))
    return found


async def one_scoring_s(request: MediationRequest, statements: Sequence[str], model: TwoTower) -> float:
    """Seconds to score one candidate when nothing else goes on and the opinions are encoded: the median."""
    vectors = await model.encode_opinions(request.question, [opinion.text for opinion in request.opinions])
    seconds = []
    for statement in statements:
        began = time.perf_counter()
        await model.score_encoded(vectors, request.question, [statement])
        seconds.append(time.perf_counter() - began)
    return median(seconds)


def untrained(texts: Sequence[str]) -> TwoTower:
    """Random weights of MiniLM's size, with a tokenizer that knows the frequent words of these texts."""
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    trainer = WordPieceTrainer(vocab_size=WORD_PIECES, special_tokens=marks, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    torch.manual_seed(0)
    config = TowerConfig(
        name="random weights of MiniLM's size", encoder=MINILM, hidden=HIDDEN, max_tokens=256
    )
    towers = Towers(config.encoder, config.hidden).eval()
    return TwoTower(Checkpoint(config, towers, tokenizer, Calibration()))


def request_for(people: int, candidates: int, opinions: Sequence[str], seed: int) -> MediationRequest:
    """A round of so many people; beyond what opinions there are, each has a number of its own."""
    texts = (f"{opinions[at % len(opinions)]} {at // len(opinions) or ''}".strip() for at in range(people))
    voiced = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(texts))
    return MediationRequest(QUESTION, voiced, candidates=candidates, seed=seed)


def row(request: MediationRequest, way: str, found: dict[str, list[Measured]], scoring_s: float) -> str:
    """A line of the table."""
    after, overlapped = (median(each.after for each in found[name]) for name in (way, OVERLAPPED))
    shares = [each.share for each in found[way]]
    cells = (
        f"{len(request.opinions)} x {request.candidates}",
        way,
        f"{median(each.drafting for each in found[way]):.2f}",
        f"{after:.3f}",
        f"{median(shares):.1%}",
        f"{max(shares):.1%}",
        f"{after / overlapped:.1f}",
        f"{after / scoring_s:.1f}",
    )
    return f"| {' | '.join(cells)} |"


async def main() -> int:
    """Measure and print; the exit code."""
    args = arguments()
    natural = written_rounds("natural")
    opinions = [opinion for each in natural for opinion in each.opinions]
    statements = [statement for each in natural for statement in each.candidates]
    model = TwoTower.load(args.checkpoint) if args.checkpoint else untrained([*opinions, *statements])
    pace = Pace(statements)
    window = {"input_tokens": WINDOW - 1, "total_tokens": WINDOW}
    print(f"{model.name}, {torch.get_num_threads()} threads, {args.slots} slots, {args.rounds} rounds\n")
    print("| people x candidates | scored | drafting s | then s | share | worst share | x while | x one |")
    print("| --- " * 8 + "|")
    shares = []
    async with LoopbackTgi(writer=pace.written, latency_s=pace.seconds, slots=args.slots, **window) as server:
        for people, candidates in SHAPES:
            request = request_for(people, candidates, opinions, args.seed)
            written = [pace.written(Asked("", {}, parameters={"seed": seed})) for seed in range(16)]
            scoring_s = await one_scoring_s(request, written, model)
            found = await compared(request, server.url, model, args.rounds)
            for way in WAYS:
                print(row(request, way, found, scoring_s), flush=True)
            shares.append(median(each.share for each in found[OVERLAPPED]))
    return 0 if shares[0] <= MOST else 1


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
