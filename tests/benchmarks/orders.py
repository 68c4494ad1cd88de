"""What sharing orders of the opinions saves: 16 drafts of 7 opinions by llama.cpp, before and after.

    python -m tests.benchmarks.orders [MODEL.gguf …] [--out FILE]

Reads:  GGUF files; without, a tiny one with random weights that it writes.
Gives:  a Markdown table on stdout (and in `--out`): tokens of prompts that llama.cpp read, by its own count,
        and llama.cpp's seconds of processor time, loading included, which depend less than a clock on what
        else the machine does (Linux). Exits 1 where more than 40 % of the tokens are left.
Before: each candidate with an order of the opinions of its own, and nothing read ahead.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from engine.draft_briefs import briefs
from engine.drafting.local.llama import LlamaGenerator
from engine.drafting.local.llama_host import Wanted, host
from engine.types import MediationRequest, ParticipantOpinion
from tests.engine.drafting.local.orders import QUESTION, SEVEN, drafted, unshared
from tests.engine.language_models.tiny_gguf import save_tiny_gguf

MOST = 0.4
REQUEST = MediationRequest(
    QUESTION, tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(SEVEN)), seed=11
)


def main() -> int:
    """Measure each model; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--template", help="one of engine.prompts.TEMPLATES; what suits the model by default")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = given.models or [save_tiny_gguf(Path(folder) / "tiny.gguf")]
        rows = [asyncio.run(_measured(model, given.template)) for model in models]
    load = f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.1f}."
    table = "\n".join([load, "", HEAD, *(row for row, _ in rows)])
    print(table)
    if given.out:
        given.out.write_text(f"{table}\n", encoding="utf-8")
    return int(any(share > MOST for _, share in rows))


HEAD = (
    "| model | prompt | slots | tokens read before | after | share | CPU seconds before | after | drafts |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


async def _measured(model: Path, template: str | None) -> tuple[str, float]:
    read, took, made = [], [], 0
    for asked, ahead in ((unshared(REQUEST), False), (briefs(REQUEST), True)):
        generator = LlamaGenerator(str(model), template=template)
        drafts, tokens = await drafted(generator, asked, model, reads_ahead=ahead)
        took.append(_processor_s())
        read.append(tokens)
        made = len(drafts)
    async with host().serving(Wanted(str(model), model.stem)) as served:
        slots = served.slots
    share = read[1] / read[0]
    cells = (model.stem, generator.prompt, slots, f"{read[0]:,}", f"{read[1]:,}", f"**{share:.0%}**",
             f"{took[0]:.1f}", f"{took[1]:.1f}", made)  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |", share


def _processor_s() -> float:
    """Seconds that the model's process has kept a core busy."""
    fields = Path(f"/proc/{host().process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
