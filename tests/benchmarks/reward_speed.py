"""How fast the two-tower model is, and how much memory it takes.

    python -m tests.benchmarks.reward_speed CHECKPOINT [--threads 2]

Gives:  a Markdown table on stdout: opinions and statements per second through the encoder, pairs per second
        through the head, and whole rounds cold and with the opinions already encoded.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from engine.evaluation.accuracy.suites import written_rounds
from engine.reward.towers.two_tower import TwoTower

QUESTION = "Should private cars be banned from city centres?"
SHAPES = ((5, 16), (200, 16), (2000, 16))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = TwoTower.load(args.checkpoint)
    rounds = written_rounds("natural")
    opinions = [opinion for each in rounds for opinion in each.opinions]
    statements = [statement for each in rounds for statement in each.candidates]
    print(f"{args.threads} threads")
    print(f"{_words(opinions):.0f} words an opinion, {_words(statements):.0f} a statement")
    asyncio.run(_encoders(model, opinions, statements))
    print("\n| people x candidates | cold s | with encoded opinions s | ratio | peak MiB |")
    print("| --- " * 5 + "|")
    for people, candidates in SHAPES:
        asyncio.run(_round(model, _some(opinions, people), _some(statements, candidates)))


async def _encoders(model: TwoTower, opinions: list[str], statements: list[str]) -> None:
    seconds = await _timed(lambda: model.encode_opinions(QUESTION, opinions))
    print(f"opinions/s {len(opinions) / seconds:.0f}")
    one = await model.encode_opinions(QUESTION, opinions[:1])
    seconds = await _timed(lambda: model.score_encoded(one, QUESTION, statements))
    print(f"statements/s {len(statements) / seconds:.0f}")
    many = np.repeat(one, 2000, axis=0)
    base = await _timed(lambda: model.score_encoded(one, QUESTION, statements[:16]))
    seconds = await _timed(lambda: model.score_encoded(many, QUESTION, statements[:16])) - base
    print(f"head pairs/s {2000 * 16 / seconds:.0f}")


async def _round(model: TwoTower, opinions: list[str], statements: list[str]) -> None:
    cold = await _timed(lambda: model.score(QUESTION, opinions, statements), times=1)
    vectors = await model.encode_opinions(QUESTION, opinions)
    warm = await _timed(lambda: model.score_encoded(vectors, QUESTION, statements))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {len(opinions)} x {len(statements)} | {cold:.2f} | {warm:.3f} | {cold / warm:.0f} | {peak:.0f} |"
    )


async def _timed(work: Callable, times: int = 3) -> float:
    """The best of a few, in seconds."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _some(texts: list[str], count: int) -> list[str]:
    """`count` texts; beyond what there is, with a number each, so that none is the same as another."""
    return [f"{texts[i % len(texts)]} {i // len(texts) or ''}".strip() for i in range(count)]


def _words(texts: list[str]) -> float:
    return float(np.mean([len(text.split()) for text in texts]))


if __name__ == "__main__":
    main()
