"""`accord questions …`: parse, call, print.

Reads:  the command line, and files with a question on each line.
Gives:  questions on stdout, one a line or as JSON lines; complaints on stderr, as `bot.cli.main` does.
Everything heavy is imported inside the command that needs it.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.cli.signals import run

if TYPE_CHECKING:
    from engine.questions.bank import BankedQuestion

questions = typer.Typer(
    no_args_is_help=True, help="The question bank: search, import, new questions, clusters."
)

Topic = Annotated[int | None, typer.Option(min=0, help="Only this topic; `list` shows the topics.")]
Search = Annotated[str | None, typer.Option(metavar="WORDS", help="Only those with these words, best first.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
Generator = Annotated[
    str | None, typer.Option(metavar="NAME", help="tgi, openai or local.  [default: as configured]")
]
Seed = Annotated[int, typer.Option(min=0, help="Makes it repeatable.")]
SeedFile = Annotated[
    str | None,
    typer.Option("--file", metavar="FILE", help="Questions, one a line, in place of the bank; '-': stdin."),
]
MODELS = ("tgi", "openai", "local")


@questions.command("list")
def list_questions(
    topic: Topic = None,
    as_json: AsJson = False,
    largest: Annotated[
        int | None, typer.Option(min=1, help="Only so many, largest first, with examples (Markdown).")
    ] = None,
) -> None:
    """List the bank's topics, or the questions of one topic."""
    from engine.questions.bank import topics
    from engine.questions.cluster_table import cluster_table, largest_topics

    if largest is not None:
        if topic is not None or as_json:
            _wrong("--largest prints a table of topics: leave out --topic and --json")
        typer.echo(cluster_table(largest_topics(largest)))
        return

    if topic is not None:
        _print_questions(_chosen(topic, None), as_json)
        return
    for each in topics():
        line = f"{each.id:>3}  {each.questions:>4}  {', '.join(each.words)}"
        typer.echo(each.model_dump_json() if as_json else line)


@questions.command("search")
def search_questions(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    most: Annotated[int, typer.Option(min=1, help="How many to print.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Search the bank: questions that hold any of the words, best first."""
    _print_questions(_chosen(None, " ".join(words))[:most], as_json)


@questions.command("import")
def import_into_team(
    team: Annotated[str, typer.Option(help="The team's id on its platform; for the web channel: web.")],
    topic: Topic = None,
    search: Search = None,
    most: Annotated[
        int | None, typer.Option(min=1, help="How many at most.  [default: what there is room for]")
    ] = None,
) -> None:
    """Copy questions into a team's own bank; those that are there already are passed over."""
    from bot.bootstrap.offline_commands import import_questions

    chosen = [each.question for each in _chosen(topic, search)][:most]
    reply = run(import_questions(team, chosen))
    typer.echo(reply.text, err=not reply.ok)
    raise typer.Exit(0 if reply.ok else 1)


@questions.command("generate")
def generate_questions(
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many to write.")] = 10,
    about: Annotated[str, typer.Option(help="What they are about.")] = "",
    topic: Topic = None,
    search: Search = None,
    file: SeedFile = None,
    generator: Generator = None,
    seed: Seed = 0,
) -> None:
    """Write new questions like some of the bank, with position statements; JSON lines, after filters."""
    from engine.questions.bank import bank
    from engine.questions.generation import generate

    seeds = _seeds(topic, search, file)
    known = [each.question for each in bank()]
    work = generate(_drafters(generator), seeds, wanted=count, seed=seed, topic=about, known=known)
    found = asyncio.run(work)
    for each in found.questions:
        typer.echo(each.model_dump_json())
    dropped = ", ".join(f"{times} {reason}" for reason, times in found.dropped.items())
    typer.echo(
        f"{len(found.questions)} of {count} written by {found.generator}; dropped: {dropped or 'none'}.",
        err=True,
    )
    if not found.questions:
        raise typer.Exit(1)


@questions.command("positions")
def write_positions(
    file: Annotated[str, typer.Argument(help="Questions, one a line; '-': stdin.")],
    generator: Generator = None,
    seed: Seed = 0,
) -> None:
    """Write an affirming and a negating statement for each question; JSON lines."""
    from engine.questions.generation import positions

    asked = _lines(file)
    found = asyncio.run(positions(_drafters(generator), asked, seed=seed))
    for each in found:
        typer.echo(each.model_dump_json())
    if len(found) < len(asked):
        typer.echo(f"{len(asked) - len(found)} of {len(asked)} questions got no usable pair.", err=True)
        raise typer.Exit(1)


@questions.command("cluster")
def cluster_questions(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of clusters.json, clusters.md and clusters.svg.")
    ] = Path("clusters"),
    topic: Topic = None,
    search: Search = None,
    file: SeedFile = None,
    number: Annotated[
        list[int] | None, typer.Option(help="A number of clusters to try; may be repeated.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="A sentence encoder (folder or package), or: words.  [default: what is installed]"),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Sort questions into clusters by meaning, with a picture (needs pip install 'accord-bot[evaluate]')."""
    _require("matplotlib", "sklearn")
    from engine.questions import clusters
    from engine.questions.cluster_table import ClusterRow, cluster_table

    ids, asked = _with_ids(topic, search, file)
    try:
        name = encoder or clusters.usual_encoder()
        vectors = clusters.embedded(asked, name)
        found = clusters.cluster(asked, vectors, encoder=name, tried=number or (), seed=seed)
    except ValueError as exc:
        _wrong(str(exc))
    out.mkdir(parents=True, exist_ok=True)
    groups = {
        str(each.id): {"words": each.words, "questions": [ids[at] for at in each.questions]}
        for each in found.clusters
    }
    told = {"encoder": found.encoder, "seed": seed, "silhouettes": found.silhouettes, "clusters": groups}
    (out / "clusters.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    rows = (ClusterRow(each.id, each.words, [asked[at] for at in each.questions]) for each in found.clusters)
    (out / "clusters.md").write_text(cluster_table(rows) + "\n", encoding="utf-8")
    clusters.draw(vectors, found, out / "clusters.svg")
    typer.echo(f"{len(asked)} questions in {len(found.clusters)} clusters: {out / 'clusters.svg'}")
    for sentence in clusters.cautions(found):
        typer.echo(sentence, err=True)


@questions.command("split")
def split_questions(
    file: Annotated[
        str | None,
        typer.Option("--clusters", metavar="FILE", help="clusters.json.  [default: the bank's own topics]"),
    ] = None,
    share: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of questions to hold out.")] = 0.2,
    seed: Seed = 0,
) -> None:
    """Hold out whole clusters, so that none is on both sides; JSON on stdout."""
    from engine.questions.held_out import split

    try:
        found = split(_clusters(file), share=share, seed=seed)
    except ValueError as exc:
        _wrong(str(exc))
    typer.echo(found.model_dump_json(indent=1))


# -- what commands share -------------------------------------------------------------------------


def _chosen(topic: int | None, words: str | None) -> "Sequence[BankedQuestion]":
    """Of the bank: those of the topic, then those with the words, best first."""
    from engine.questions.bank import bank, search

    found: Sequence[BankedQuestion] = bank()
    if topic is not None:
        found = [each for each in found if each.topic == topic]
    if words is not None:
        found = search(words, found)
    if not found:
        _wrong("no question of the bank is like that; `accord questions list` names the topics")
    return found


def _seeds(topic: int | None, words: str | None, file: str | None) -> list[str]:
    return _with_ids(topic, words, file)[1]


def _with_ids(topic: int | None, words: str | None, file: str | None) -> tuple[list[str], list[str]]:
    """Ids and questions; a file's questions are their own ids."""
    if file is not None:
        if topic is not None or words is not None:
            _wrong("--file takes the place of the bank: leave out --topic and --search")
        lines = _lines(file)
        return lines, lines
    found = _chosen(topic, words)
    return [each.id for each in found], [each.question for each in found]


def _lines(file: str) -> list[str]:
    try:
        read = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = read.decode("utf-8-sig")  # a byte-order mark is no part of the first question
    except (OSError, UnicodeDecodeError):
        _wrong(f"{file}: it cannot be read as UTF-8 text")
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not found:
        _wrong(f"{file}: there is no question in it")
    return found


def _clusters(file: str | None) -> dict[str, list[str]]:
    if file is None:
        from engine.questions.bank import bank

        groups: dict[str, list[str]] = {}
        for each in bank():
            groups.setdefault(str(each.topic), []).append(each.id)
        return groups
    try:
        read = json.loads(Path(file).read_text(encoding="utf-8-sig"))["clusters"]
        return {name: [str(id_) for id_ in each["questions"]] for name, each in read.items()}
    except OSError as exc:
        _wrong(f"{file}: it cannot be read ({exc.strerror})")
    except (ValueError, KeyError, TypeError, AttributeError):
        _wrong(f"{file}: it is no clusters.json of `accord questions cluster`")


def _drafters(generator: str | None) -> Any:
    from bot.bootstrap.models import question_drafters

    if generator is not None and generator not in MODELS:
        _wrong(f"--generator takes one of {', '.join(MODELS)}")
    return question_drafters(generator)


def _print_questions(found: "Sequence[BankedQuestion]", as_json: bool) -> None:
    for each in found:
        typer.echo(each.model_dump_json() if as_json else each.question)


def _require(*packages: str) -> None:
    from importlib.util import find_spec

    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        _wrong(f"this needs {', '.join(missing)}: pip install 'accord-bot[evaluate]'")


def _wrong(message: str) -> NoReturn:
    raise typer.BadParameter(message)
