"""How fast the shipped reward model reads, beside the way it read before: one run, in turns.

    python -m tests.benchmarks.encoding [--opinions 2000] [--rounds 5] [--threads 1]

Gives:  a Markdown table on stdout. Each row is one piece of work, done in every way in turns; medians.
        "padded" is transformers with padding, each batch of statements by itself: how Accord read before.
        "flat" is `engine.reward.towers.flat_bert`, the opinions of a round read once.
        Tokens are those that "padded" reads, padding left out, so that ways compare by their time alone.
        The share is of this machine's own float32 matrix multiplication: what the encoder's linear layers
        need for these tokens, over what the machine computes in the same time.
Time is the process's own (CPU time), so that what else runs on the machine is left out; as far as it does not
crowd the caches.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

import numpy as np
import torch

from engine.evaluation.accuracy.suites import written_rounds
from engine.reward import SHIPPED
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.towers.encoders import Encoder, PaddedEncoder
from engine.reward.towers.joint import JointReward

QUESTION = "Should private cars be banned from city centres?"
SQUARE = 1024
Work = Callable[[JointReward], Awaitable[object]]


class Counting:
    """An encoder that counts the tokens that it reads."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.tokens = encoder, 0

    def encode(self, rows):
        self.tokens += sum(map(len, rows))
        return self._encoder.encode(rows)

    def encode_pairs(self, pairs):
        self.tokens += sum(len(first) + len(second) for first, second in pairs)
        return self._encoder.encode_pairs(pairs)


class Before(JointReward):
    """The model as it was: padded, and opinions read anew with each batch of statements."""

    def __init__(self, checkpoint, **options) -> None:
        super().__init__(checkpoint, **options)
        self._encoder = PaddedEncoder(self._towers, self._device)

    async def round(self, opinions: Sequence[str], batches: Sequence[Sequence[str]]) -> None:
        for batch in batches:
            await self.score(QUESTION, opinions, batch)


class Now(JointReward):
    """The model as it is."""

    async def round(self, opinions: Sequence[str], batches: Sequence[Sequence[str]]) -> None:
        scorer = RoundScorer(self, QUESTION, opinions)
        await scorer.read_ahead()
        for batch in batches:
            await scorer.score(batch)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opinions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    ways = {
        "padded": Before.load(SHIPPED, device="cpu"),
        "flat": Now.load(SHIPPED, device="cpu"),
    }
    for model in ways.values():
        asyncio.run(model.score(QUESTION, texts(8), texts(2)))  # once, so that libraries are loaded
    opinions = texts(args.opinions)
    statements = [each for r in written_rounds("natural") for each in r.candidates][:16]
    works: dict[str, tuple[int, Work]] = {
        f"{len(opinions)} opinions read": (len(opinions), lambda m: m.encode_opinions(QUESTION, opinions)),
        "7 members x 16 statements at once": (112, lambda m: m.round(opinions[:7], [statements])),
        "7 members x 16 statements, two at a time": (
            112, lambda m: m.round(opinions[:7], np.reshape(statements, (8, 2)).tolist()),
        ),
        "200 members x 16 statements": (200, lambda m: m.score(QUESTION, texts(200), statements)),
    }  # fmt: skip
    print(f"torch {torch.__version__}, {args.threads} thread(s), medians of {args.rounds} rounds, CPU time\n")
    print("| work | way | s | ms an opinion or pair | tokens/s | share of matmul | times as fast | range |")
    print("| --- " * 8 + "|")
    for name, (count, work) in works.items():
        compare(name, count, work, ways, args.rounds)


def compare(name: str, count: int, work: Work, ways: dict[str, JointReward], rounds: int) -> None:
    """One piece of work in every way, a line each."""
    read = tokens(ways["padded"], work)
    taken = [
        {way: seconds(work, model) for way, model in ways.items()} | {"": matmul_s()} for _ in range(rounds)
    ]
    need = read * linear_flops(ways["padded"])
    rate = 2 * SQUARE**3 / median(each[""] for each in taken)
    for way in ways:
        took = median(each[way] for each in taken)
        ratios = sorted(each["padded"] / each[way] for each in taken)
        print(
            f"| {name} | {way} | {took:.2f} | {1000 * took / count:.1f} | {read / took:,.0f} "
            f"| {need / took / rate:.0%} of {rate / 1e9:.0f} GFLOP/s | **{median(ratios):.2f}** "
            f"| {ratios[0]:.2f}–{ratios[-1]:.2f} |",
            flush=True,
        )


def seconds(work: Work, model: JointReward) -> float:
    """CPU time of the whole process."""
    began = time.process_time()
    asyncio.run(work(model))
    return time.process_time() - began


def matmul_s() -> float:
    """Of one product of square matrices, the median of a few."""
    one, other, took = torch.randn(SQUARE, SQUARE), torch.randn(SQUARE, SQUARE), []
    for _ in range(9):
        began = time.process_time()
        one @ other
        took.append(time.process_time() - began)
    return median(took)


def tokens(model: JointReward, work: Work) -> int:
    """How many it reads."""
    encoder = model._encoder
    model._encoder = counting = Counting(encoder)
    asyncio.run(work(model))
    model._encoder = encoder
    return counting.tokens


def linear_flops(model: JointReward) -> int:
    """Of the encoder's linear layers, for one token."""
    layers = (each for each in model._towers.encoder.encoder.modules() if isinstance(each, torch.nn.Linear))
    return sum(2 * each.weight.numel() for each in layers)


def texts(count: int) -> list[str]:
    """So many opinions; beyond what there is, with a number each, so that none is the same as another."""
    written = [opinion for each in written_rounds("natural") for opinion in each.opinions]
    return [f"{written[i % len(written)]} {i // len(written) or ''}".strip() for i in range(count)]


if __name__ == "__main__":
    main()
