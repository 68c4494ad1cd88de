"""A tiny drafter learns on a simulated team: fine-tuning, then policy optimisation, each by its command.

    python -m tests.benchmarks.drafters [--folder FOLDER] [--gold MODEL] [--out FILE]

Reads:  nothing; the team is `accord simulate`'s, the drafter a small Llama with random weights whose words
        are those of the export. `--gold`: the reward model that judges and is not trained against.
Gives:  Markdown tables on stdout (and in `--out`): each run's own objective before and after on questions
        that were kept, and the curve of over-optimisation. Exits 1 where an objective did not improve.
Refrains from saying how well drafters learn from people: this shows that the loop works, on two CPU cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import yaml

from engine.feedback.files import read_feedback
from engine.training.drafters.curve import TABLE
from engine.training.drafters.shared import cases_of

ACCORD = (sys.executable, "-m", "bot")
WORDS, WINDOW = 1200, 768
COMMON = {"max_tokens": 700, "passes": 1, "warm_up": 10, "threads": 1}
SFT = {"agreement": 4, "quality": 4, "per_pass": 16, "steps": 300, "evaluate_every": 50, "rate": 2e-3}
POLICY = {
    "per_pass": 16, "texts": 8, "steps": 60, "evaluate_every": 12, "patience": 100, "rate": 1e-3,
    "beta": 0.005, "new_tokens": 64, "judged": 4, "keep": "welfare",
    "welfare": {"name": "utilitarian", "alpha": 0.0},
}  # fmt: skip


def main() -> int:
    """Run both; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="keeps what is made; by default it is thrown away")
    parser.add_argument("--gold", default="lexical")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = (given.folder or Path(thrown_away)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return _measured(folder, given.gold, given.out)


def _measured(folder: Path, gold: str, out: Path | None) -> int:
    feedback = folder / "feedback.jsonl"
    _accord(folder, "simulate", feedback, "--deliberations", 100, "--seed", 2)
    base = _tiny(folder, feedback)
    begun = time.monotonic()
    sft = _train(folder, "sft", SFT | {"base": str(base), "feedback": str(feedback)})
    between = time.monotonic()
    policy = _train(
        folder,
        "policy",
        POLICY | {"base": str(folder / "sft" / "best"), "feedback": str(feedback), "gold": gold},
    )
    took = between - begun, time.monotonic() - between
    told = _report(sft, policy, (folder / "policy" / TABLE).read_text(encoding="utf-8"), took)
    print(told)
    if out:
        out.write_text(told, encoding="utf-8")
    better = sft["loss"]["after"]["held"] < sft["loss"]["before"]["held"]
    return 0 if better and policy["held_out"]["welfare"]["difference"]["low"] > 0 else 1


def _train(folder: Path, kind: str, settings: dict) -> dict:
    """Run `accord train`; gives the manifest of what came out."""
    file = folder / f"{kind}.yaml"
    file.write_text(yaml.safe_dump(COMMON | settings | {"run": str(folder / kind)}), encoding="utf-8")
    _accord(folder, "train", kind, file)
    return json.loads((folder / kind / "best" / "manifest.json").read_text(encoding="utf-8"))


def _accord(folder: Path, *words: object) -> None:
    settings = {"ACCORD_DATA_DIR": str(folder / "data"), "ACCORD_REWARD_MODEL": "", "REDIS_URL": ""}
    done = subprocess.run([*ACCORD, *map(str, words)], env=os.environ | settings, check=False)
    if done.returncode:
        sys.exit(f"{words[0]} failed with {done.returncode}")


def _tiny(folder: Path, feedback: Path) -> Path:
    """A Llama of a million random weights, whose words are the export's."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    cases = cases_of(read_feedback(feedback))
    texts = [case.prompt(0) for case in cases]
    texts += [rated.text for case in cases for rated in case.statements.values()]
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    words.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=WORDS,
            special_tokens=["</s>"],
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    base = folder / "base"
    PreTrainedTokenizerFast(tokenizer_object=words, eos_token="</s>").save_pretrained(base)
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = LlamaConfig(
        vocab_size=words.get_vocab_size(), max_position_embeddings=WINDOW, eos_token_id=0, pad_token_id=0,
        bos_token_id=None, **shape,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(base)
    return base


def _report(sft: dict, policy: dict, curve: str, took: tuple[float, float]) -> str:
    before, after, held = sft["loss"]["before"], sft["loss"]["after"], policy["held_out"]
    return "\n".join(
        [
            f"# A tiny drafter learns on a simulated team, {date.today()}",
            "",
            f"100 simulated deliberations, a Llama of about a million random weights, {os.cpu_count()} CPU "
            f"cores (load {os.getloadavg()[1]:.1f}); fine-tuning took {took[0]:.0f} s, policy optimisation "
            f"{took[1]:.0f} s. What is measured is each run's own objective on questions that were kept.",
            "",
            "| fine-tuning | before | after |",
            "| --- | --- | --- |",
            f"| loss of a token of the statement, nats | {before['held']:.3f} | {after['held']:.3f} |",
            "",
            "| policy optimisation | before | after | difference, 95 % interval |",
            "| --- | --- | --- | --- |",
            *(_row(name, held[name]) for name in ("welfare", "gold")),
            "",
            "The curve, on the questions to choose by:",
            "",
            curve,
        ]
    )


def _row(name: str, found: dict) -> str:
    role = {"welfare": "trained against", "gold": "gold"}[name]
    gap = found["difference"]
    before, after = found["current"]["value"], found["candidate"]["value"]
    return (
        f"| {found['measure']} ({role}) | {before:.3f} | {after:.3f} "
        f"| {gap['value']:+.3f} [{gap['low']:.3f}, {gap['high']:.3f}] |"
    )


if __name__ == "__main__":
    sys.exit(main())
