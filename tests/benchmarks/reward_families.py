"""The families of reward models against the libraries they could be replaced by, side by side in one run.

    python -m tests.benchmarks.reward_families [--device cuda --peak-tflops 989] [--only causal]

Random weights, made here: speed does not depend on what a model has learned. The same weights, opinions
and candidates go through ours, `CrossEncoder.predict` and the transformers text-classification pipeline, one
after the other in every round, so that a ratio is of neighbours in time; figures are medians of the rounds.
Memory is measured in a process of its own for each number of people.
Gives:  Markdown tables on stdout. A library is timed on `--sample` people at most and its time scaled up; the
        tables say so, and the last one shows at two sizes how far time is linear in people.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch
from transformers import AutoTokenizer

from engine.evaluation.accuracy.suites import written_rounds
from engine.reward.causal import prefixes
from engine.reward.causal.model import CausalReward
from engine.reward.cross_encoder import CrossEncoderReward
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.texts import line

QUESTION = "Should private cars be banned from city centres?"
STATEMENTS = 16
IN_MEMORY = 4
"""Statements while memory is measured: what a round holds does not grow with them."""
FIRST_FEW = 5
"""People of the round after which a process counts as warmed up."""
WARM_UP = 2
VOCABULARY = 8192
SMALL = {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 6}
HALF_A_BILLION = {
    "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
    "num_key_value_heads": 2,
}  # fmt: skip
MINILM = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 12}


def main() -> None:
    """Measure and print."""
    options = _options()
    torch.set_num_threads(options.threads)
    if options.unpacked:
        prefixes.pack = lambda module: None
    if options.memory:
        _print_memory(options)
        return
    print(f"{options.device}, {options.threads} threads, {STATEMENTS} statements, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "causal" in options.only:
            _compare("causal", _save_causal(folder / "causal", options.device), options)
        if "cross-encoder" in options.only:
            _compare("cross-encoder", _save_encoder(folder / "cross-encoder"), options)
        if "two-tower" in options.only:
            _towers(_save_encoder(folder / "encoder"), options)
        if "memory" in options.only:
            _memory(folder, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    everything = ["causal", "cross-encoder", "two-tower", "memory"]
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--peak-tflops", type=float, help="of the device, dense, in the model's precision")
    parser.add_argument("--only", nargs="+", choices=everything, default=everything)
    parser.add_argument("--people", nargs="+", type=int, default=[5, 200])
    parser.add_argument("--crowd", type=int, default=2000, help="people for the two-tower model")
    parser.add_argument("--opinion", type=int, default=3, help="short opinions that make one paragraph")
    parser.add_argument("--rounds", type=int, default=3, help="of the causal and cross-encoder tables")
    parser.add_argument("--unpacked", action="store_true", help="leave linear layers to the BLAS of torch")
    parser.add_argument("--sample", type=int, default=20, help="people a library is timed on, at most")
    parser.add_argument("--memory-of", nargs=2, type=int, default=[200, 2000], help="numbers of people")
    parser.add_argument("--limit-s", type=int, default=900, help="for each process that measures memory")
    parser.add_argument("--memory", choices=["causal", "cross-encoder", "two-tower"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


# -- causal and cross-encoder ------------------------------------------------------------------------


def _compare(family: str, folder: Path, options: argparse.Namespace) -> None:
    ours = _load(family, folder, options.device)
    predict, pipeline = _libraries(folder, options.device)
    print(f"\n### {family}, {_millions(folder)} M parameters\n")
    print("| people | ours pairs/s | CrossEncoder pairs/s | pipeline pairs/s | ours / CrossEncoder | "
          "ours / pipeline | libraries timed on | scores differ by | TFLOP/s | share of peak |")  # fmt: skip
    print("| --- " * 10 + "|")
    for people in options.people:
        print(_compared(family, ours, predict, pipeline, folder, people, options))


def _compared(family: str, ours, predict, pipeline, folder: Path, people: int, options) -> str:
    """A row: pairs a second of each, and how far apart the scores are."""
    opinions, statements = _opinions(people, options.opinion), _statements()
    some = opinions[: options.sample]
    pairs = [_pair(family, opinion, each) for opinion in some for each in statements]
    first = ours.raw_scores(QUESTION, some[:WARM_UP], statements).ravel()
    gap = abs(first - predict(pairs[: WARM_UP * STATEMENTS])).max()
    pipeline(pairs[:32])
    rounds = []
    for _ in range(options.rounds):
        mine = _rate(people * STATEMENTS, lambda: ours.raw_scores(QUESTION, opinions, statements), options)
        theirs = _rate(len(pairs), lambda: predict(pairs), options)
        lines = _rate(len(pairs), lambda: pipeline(pairs), options)
        rounds.append((mine, theirs, lines, mine / theirs, mine / lines))
    mine, theirs, lines, times, piped = (median(figures) for figures in zip(*rounds, strict=True))
    speed = _achieved(ours, folder, opinions, statements, mine, options) if family == "causal" else "– | –"
    return (
        f"| {people} | {mine:.0f} | {theirs:.0f} | {lines:.0f} | {times:.2f} | {piped:.2f} | "
        f"{len(some)} people | {gap:.0e} | {speed} |"
    )


def _libraries(folder: Path, device: str) -> tuple[Callable, Callable]:
    from sentence_transformers import CrossEncoder
    from transformers import pipeline

    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    encoder = CrossEncoder(str(folder), device=device, model_kwargs={"dtype": dtype}, max_length=1024)
    piped = pipeline("text-classification", model=str(folder), device=device, dtype=dtype, batch_size=32)

    def predict(pairs: list) -> object:
        return encoder.predict(
            pairs, batch_size=32, show_progress_bar=False, activation_fn=torch.nn.Identity()
        )

    def pipe(pairs: list) -> object:
        given = [{"text": prefix, "text_pair": said} for prefix, said in pairs]
        return piped(given, function_to_apply="none", truncation=True, max_length=1024)

    return predict, pipe


def _pair(family: str, opinion: str, statement: str) -> tuple[str, str]:
    """What a library is given; a causal model's tokenizer puts the two together without a space."""
    space = " " if family == "causal" else ""
    return f"{line('Question', QUESTION)} {line('Opinion', opinion)}", space + line("Consensus", statement)


def _achieved(ours, folder: Path, opinions: list, statements: list, rate: float, options) -> str:
    """Work a second, as 2 x parameters x tokens of prefixes and endings: what our code skips of it counts as
    done, and attention does not count."""
    texts, endings = ours._reader.prefixes(QUESTION, opinions), ours._reader.endings(statements)
    tokens = sum(map(len, texts)) + len(opinions) * sum(map(len, endings))
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder)
    inner = (
        sum(weights.numel() for weights in model.parameters()) - model.get_input_embeddings().weight.numel()
    )
    tflops = 2 * inner * tokens * rate / (len(opinions) * STATEMENTS) / 1e12
    share = f"{100 * tflops / options.peak_tflops:.1f} %" if options.peak_tflops else "–"
    return f"{tflops:.3f} | {share}"


# -- two towers --------------------------------------------------------------------------------------


def _towers(folder: Path, options: argparse.Namespace) -> None:
    """Against a cross-encoder of the same size."""
    towers = _load("two-tower", folder, options.device)
    crossed = _load("cross-encoder", folder, options.device)
    opinions, statements = _opinions(options.crowd), _statements()
    half, whole = options.sample // 2, options.sample
    crossed.raw_scores(QUESTION, opinions[:WARM_UP], statements)
    shorter = _seconds(lambda: crossed.raw_scores(QUESTION, opinions[:half], statements), options)
    longer = _seconds(lambda: crossed.raw_scores(QUESTION, opinions[:whole], statements), options)
    theirs = longer * options.crowd / whole
    cold = _seconds(lambda: asyncio.run(towers.score(QUESTION, opinions, statements)), options)
    vectors = asyncio.run(towers.encode_opinions(QUESTION, opinions))
    encoded = _seconds(lambda: asyncio.run(towers.score_encoded(vectors, QUESTION, statements)), options)
    print(f"\n### two-tower at {options.crowd} x {STATEMENTS}, against a cross-encoder of the same size\n")
    print("| cross-encoder s (scaled up) | measured on | its time, twice the people | two-tower cold s | "
          "ratio | opinions encoded s | ratio |")  # fmt: skip
    print("| --- " * 7 + "|")
    print(f"| {theirs:.0f} | {whole} people | x {longer / shorter:.2f} | {cold:.2f} | {theirs / cold:.0f} | "
          f"{encoded:.3f} | {theirs / encoded:.0f} |")  # fmt: skip


# -- memory ------------------------------------------------------------------------------------------


def _memory(folder: Path, options: argparse.Namespace) -> None:
    """Each in a process of its own; a family that takes too long is named."""
    few, many = options.memory_of
    print(f"\n### peak memory of a round x {IN_MEMORY}, MiB\n")
    print(f"| family | parameters | warmed up | {few} people add | {many} people add | more | "
          f"their texts and ids | s for {many} |")  # fmt: skip
    print("| --- " * 8 + "|")
    for family in ("causal", "cross-encoder", "two-tower"):
        made = folder / f"memory-{family}"
        _save_causal(made, "cpu") if family == "causal" else _save_encoder(made)
        try:
            smaller, _ = _peak(family, made, few, options)
            larger, seconds = _peak(family, made, many, options)
        except subprocess.TimeoutExpired:
            print(f"| {family} | {_millions(made)} M | more than {options.limit_s} s |")
            continue
        added = larger.added - smaller.added
        print(
            f"| {family} | {_millions(made)} M | {larger.ready:.0f} | {smaller.added:.0f} | "
            f"{larger.added:.0f} | {added:+.0f} | {larger.given:.1f} | {seconds:.0f} |", flush=True,
        )  # fmt: skip


class Memory(NamedTuple):
    """MiB of a process.

    ready: its peak when the model has scored a first few; libraries and weights are in it.
    added: by how much the round then raised the peak.
    given: the opinions and their token ids, which are there once for each person whatever the model does.
    """

    ready: float
    added: float
    given: float


def _peak(family: str, folder: Path, people: int, options: argparse.Namespace) -> tuple[Memory, float]:
    """The memory of a round, and the seconds that its process took."""
    command = [sys.executable, "-m", "tests.benchmarks.reward_families", "--memory", family,
               "--folder", str(folder), "--people", str(people), "--threads", str(options.threads),
               "--device", options.device]  # fmt: skip
    print(f"memory: {family}, {people} people …", file=sys.stderr, flush=True)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=options.limit_s)
    return Memory(*json.loads(done.stdout.splitlines()[-1])), time.perf_counter() - start


def _print_memory(options: argparse.Namespace) -> None:
    """A round: the opinions read ahead where the family can, then the statements two at a time."""
    model, statements = _load(options.memory, options.folder, options.device), _statements()[:IN_MEMORY]
    asyncio.run(_play(model, _opinions(FIRST_FEW), statements))
    ready = _peak_mib(options)
    opinions = _opinions(options.people[0])
    asyncio.run(_play(model, opinions, statements))
    added = _peak_mib(options) - ready
    ids = [AutoTokenizer.from_pretrained(options.folder)(opinion).input_ids for opinion in opinions]
    given = sum(map(sys.getsizeof, [*opinions, *ids])) / 2**20
    print(json.dumps([ready, added, given]))


async def _play(model, opinions: list[str], statements: list[str]) -> None:
    scorer = RoundScorer(model, QUESTION, opinions)
    await scorer.read_ahead()
    for start in range(0, len(statements), 2):
        await scorer.score(statements[start : start + 2])


def _peak_mib(options: argparse.Namespace) -> float:
    if options.device != "cpu":
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -- models and texts ----------------------------------------------------------------------------------


def _load(family: str, folder: Path, device: str):
    if family == "causal":
        return CausalReward.load(folder, device=device)
    if family == "cross-encoder":
        return CrossEncoderReward.load(folder, device=device)
    from tokenizers import Tokenizer

    from engine.reward.model_info.calibration import Calibration
    from engine.reward.towers.checkpoint import Checkpoint, TowerConfig
    from engine.reward.towers.networks import Towers
    from engine.reward.towers.two_tower import TwoTower

    encoder = json.loads((folder / "config.json").read_text())
    shape = TowerConfig(name="towers", encoder=encoder, hidden=256, max_tokens=256)
    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return TwoTower(Checkpoint(shape, Towers(encoder, 256), words, Calibration()), device=device)


def _save_causal(folder: Path, device: str) -> Path:
    from transformers import Qwen2Config, Qwen2ForSequenceClassification

    sizes = SMALL if device == "cpu" else HALF_A_BILLION
    sizes = {"num_key_value_heads": sizes["num_attention_heads"]} | sizes
    words = _byte_pairs()
    config = Qwen2Config(**sizes, vocab_size=len(words), pad_token_id=0, num_labels=1)
    Qwen2ForSequenceClassification(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def _save_encoder(folder: Path) -> Path:
    from transformers import BertConfig, BertForSequenceClassification

    words = _word_pieces()
    config = BertConfig(**MINILM, vocab_size=len(words), pad_token_id=0, num_labels=1)
    BertForSequenceClassification(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def _byte_pairs():
    """What a Qwen model is read with: transformers takes the model's own class, whatever was saved beside it.

    Of anything but byte pairs that class would make single letters, and texts four times as long.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    marks = ["<|endoftext|>"]
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=marks, initial_alphabet=alphabet, show_progress=False
    )
    words.train_from_iterator([*_natural("opinions"), *_natural("candidates")], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token=marks[0], pad_token=marks[0], eos_token=marks[0],
        model_max_length=2048, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def _word_pieces():
    """WordPiece learned from the texts at hand: words of a common length in tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    words.normalizer, words.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=marks, show_progress=False)
    words.train_from_iterator([*_natural("opinions"), *_natural("candidates")], trainer)
    words.post_processor = processors.TemplateProcessing(
        single="$A",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = ["input_ids", "attention_mask", "token_type_ids"]
    return PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=512, model_input_names=names,
    )  # fmt: skip


def _natural(what: str) -> list[str]:
    return [text for each in written_rounds("natural") for text in getattr(each, what)]


def _opinions(count: int, length: int = 3) -> list[str]:
    """Paragraphs, `length` opinions long, each with a number so that none is the same as another."""
    texts = _natural("opinions")
    return [" ".join([*(texts[(i + at) % len(texts)] for at in range(length)), str(i)]) for i in range(count)]


def _statements() -> list[str]:
    texts = _natural("candidates")
    return [f"{texts[i % len(texts)]} {texts[(i + 7) % len(texts)]}" for i in range(STATEMENTS)]


def _millions(folder: Path) -> str:
    return f"{(folder / 'model.safetensors').stat().st_size / 4e6:.1f}"


def _rate(pairs: int, work: Callable, options: argparse.Namespace) -> float:
    return pairs / _seconds(work, options)


def _seconds(work: Callable, options: argparse.Namespace) -> float:
    start = time.perf_counter()
    work()
    if options.device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
