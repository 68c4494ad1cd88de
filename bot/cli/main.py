"""`accord …`: parse, call, print.

Reads:  the command line; settings through `bot.bootstrap`.
Gives:  results on stdout, progress and complaints on stderr, and an exit code: 0 done, 2 wrong usage or
        input (one line that says what and where), 1 anything else.
Everything heavy is imported inside the command that needs it, so that `accord --help` answers at once.
"""

import math
import sys
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.cli.api_tokens import api_token
from bot.cli.data import data
from bot.cli.model import model
from bot.cli.moving import back_up, restore
from bot.cli.questions import questions
from bot.cli.signals import end_at_once_when_stopped, is_stopped
from bot.cli.signals import run as _run
from bot.cli.study import study
from bot.cli.webhook import webhook
from engine.names import WelfareName

if TYPE_CHECKING:
    from engine.types import WelfareFunction

app = typer.Typer(
    name="accord",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# typer brings its own click and shows only its leaves.
UsageError: Any = typer.BadParameter.__base__

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class GeneratorName(StrEnum):
    """Who can draft."""

    DIGEST = "digest"
    TGI = "tgi"
    OPENAI = "openai"
    LOCAL = "local"


def _generator_named(name: str) -> GeneratorName:
    """The generator of this name; for one that was renamed, its new name is said."""
    from engine.names import RENAMED, RENAMED_TO

    if name == RENAMED:
        raise typer.BadParameter(RENAMED_TO)
    try:
        return GeneratorName(name)
    except ValueError:
        raise typer.BadParameter(f"choose one of {', '.join(GeneratorName)}") from None


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("accord-bot"))
        raise typer.Exit


@app.callback()
def accord(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """A bot that helps a group agree: opinions in, a consensus statement out."""


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play a whole deliberation in the terminal.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the web channel.  [default: 8080]")
    ] = None,
) -> None:
    """Try Accord with a sample question: embedded server, worker and web channel."""
    from bot.bootstrap.demo import demo_in_browser
    from bot.bootstrap.demo_in_terminal import demo_once

    if once:
        _run(demo_once())
    else:
        _run(demo_in_browser(port=port, open_browser=not no_browser))


# What `deliberate` and `jury` both take.
OpinionsFile = Annotated[str, typer.Argument(help="YAML, JSON, JSONL or CSV with opinions; '-' reads stdin.")]
Candidates = Annotated[int, typer.Option(min=2, max=64, help="How many consensus statements to draft.")]
Welfare = Annotated[WelfareName | None, typer.Option(help="Welfare function.  [default: utilitarian]")]
Alpha = Annotated[float | None, typer.Option(min=0.0, help="Inequality aversion of the isoelastic function.")]
Generator = Annotated[
    GeneratorName | None,
    typer.Option(
        parser=_generator_named,
        metavar=f"[{'|'.join(GeneratorName)}]",
        help="Who drafts.  [default: as configured]",
    ),
]
Reward = Annotated[str | None, typer.Option(metavar="PATH", help="Reward model.  [default: as configured]")]
Question = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The question.  [default: the one in FILE]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command("deliberate")
def deliberate_file(
    file: OpinionsFile,
    candidates: Candidates = 16,
    welfare: Welfare = None,
    alpha: Alpha = None,
    generator: Generator = None,
    reward: Reward = None,
    seed: Annotated[int, typer.Option(min=0, help="Makes shuffling and drafting repeatable.")] = 0,
    question: Question = None,
    revise: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION", help="YAML or JSON with a statement and critiques of it: write a better one."
        ),
    ] = None,
    as_json: AsJson = False,
    full: Annotated[
        bool, typer.Option("--full", help="With --json: everyone's rewards in groups of over 1,000 too.")
    ] = False,
) -> None:
    """Draft, score and choose one consensus statement from a file of opinions, or revise one."""
    from adapters.console.deliberate import deliberate
    from adapters.console.files import read_request, read_revision
    from adapters.console.render import print_json, print_mediation
    from adapters.console.terminal import terminal
    from bot.bootstrap.models import mediator_for

    function = _welfare(welfare, alpha)
    if full and not as_json:
        _wrong_usage("--full goes with --json.")
    if file == revise == "-":
        _wrong_usage("FILE and --revise can't both be '-': standard input holds one of them.")
    request = read_request(file, candidates=candidates, welfare=function, seed=seed, question=question)
    if revise is not None:
        request = replace(request, revision=read_revision(revise, request.opinions))
    mediator = mediator_for(generator, reward)
    mediation = _run(deliberate(mediator, request, terminal(sys.stderr)))
    if as_json:
        print_json(sys.stdout, mediation, full=full)
    else:
        print_mediation(terminal(sys.stdout), mediation)


@app.command("jury")
def hear_juries(
    file: OpinionsFile,
    jury: Annotated[
        str,
        typer.Option(
            metavar="JURY",
            help="YAML or JSON with seats: a file, or '{seats: {team: {support: 4, sales: 4}}}'.",
        ),
    ],
    candidates: Candidates = 16,
    welfare: Welfare = None,
    alpha: Alpha = None,
    generator: Generator = None,
    reward: Reward = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Makes shuffling, drafting and drawing of juries repeatable.")
    ] = 0,
    question: Question = None,
    draws: Annotated[int, typer.Option(min=1, max=1_000, help="How many juries to draw.")] = 100,
    with_replacement: Annotated[
        bool, typer.Option("--with-replacement", help="A member may take several seats of one jury.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let juries with stated seats choose; say what other seats would choose, and who dissents."""
    from adapters.console.deliberate import deliberate
    from adapters.console.files import read_with_attributes
    from adapters.console.jury import print_hearing, print_hearing_json
    from adapters.console.jury_file import check_seats, read_jury, values_for
    from adapters.console.terminal import terminal
    from bot.bootstrap.models import mediator_for
    from engine.groups.jury_hearing import hear

    function = _welfare(welfare, alpha)
    if file == jury == "-":
        _wrong_usage("FILE and --jury can't both be '-': standard input holds one of them.")
    stated = read_jury(jury, with_replacement=with_replacement)
    request, attributes = read_with_attributes(
        file, candidates=candidates, welfare=function, seed=seed, question=question
    )
    values = values_for(stated, attributes)
    check_seats(stated, values)
    mediator = mediator_for(generator, reward)
    mediation = _run(deliberate(mediator, request, terminal(sys.stderr)))
    hearing = hear(stated, mediation, request.opinions, values, draws=draws)
    if as_json:
        print_hearing_json(sys.stdout, mediation, hearing)
    else:
        print_hearing(terminal(sys.stdout), mediation, hearing)


@app.command("rehearse")
def rehearse_question(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question to try out.")],
    members: Annotated[
        int | None,
        typer.Option(min=2, max=20, help="How many simulated members.  [default: 8, or those in FILE]"),
    ] = None,
    personas: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="YAML or JSON with members: role, interest and tone each; or an earlier --json result.",
        ),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, max=10, help="How often to play it, members unchanged.")] = 3,
    team_description: Annotated[
        str | None,
        typer.Option(metavar="TEXT|FILE", help="What the team is like, for inventing its members."),
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERSONA", help="One more member, as 'ROLE | INTEREST | TONE'. Can be repeated."
        ),
    ] = None,
    with_round: Annotated[
        str | None,
        typer.Option(metavar="OPINIONS", help="Real opinions of a closed question, next to simulated ones."),
    ] = None,
    consent: Annotated[
        bool,
        typer.Option(
            "--consent", help="With --with-round: these people gave their names, or agreed to this."
        ),
    ] = False,
    candidates: Annotated[int, typer.Option(min=2, max=64, help="How many statements to draft a run.")] = 8,
    welfare: Welfare = None,
    alpha: Alpha = None,
    generator: Generator = None,
    reward: Reward = None,
    seed: Annotated[int, typer.Option(min=0, help="Makes members, drafts and shuffling repeatable.")] = 0,
    play: Annotated[
        bool,
        typer.Option("--play", help="Play one whole deliberation, with votes, through the real handlers."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about the cost.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a question out with simulated members before you ask it. Everything it prints is made up.

    A language model invents members, writes their opinions, and drafts; a reward model rates for them.
    """
    from adapters.console.rehearse import print_rehearsal, print_rehearsal_json, watched
    from adapters.console.rehearse_files import plan_from
    from adapters.console.terminal import terminal
    from bot.bootstrap.models import rehearsing
    from engine.rehearsal.asking import Asker
    from engine.rehearsal.rehearsing import rehearse

    if with_round is not None and not consent:
        _wrong_usage(
            "--with-round hands real opinions to a language model; add --consent if these people gave their "
            "names with them or agreed to this"
        )
    if play and (as_json or with_round is not None):
        _wrong_usage("--play goes with neither --json nor --with-round.")
    plan = plan_from(
        question, members=members, personas=personas, team=team_description, add=add or (), others=with_round
    )
    plan = replace(
        plan, runs=1 if play else runs, candidates=candidates, welfare=_welfare(welfare, alpha), seed=seed
    )
    engine = rehearsing(generator, reward)
    cost = plan.cost
    typer.echo(
        f"SIMULATED: about {cost.requests:,} requests and {cost.tokens:,} tokens for {plan.runs} "
        f"{'run' if plan.runs == 1 else 'runs'}, more where answers cannot be used.",
        err=True,
    )
    if not yes:
        if not sys.stdin.isatty():
            _wrong_usage("a rehearsal costs requests: say --yes where nobody can be asked")
        typer.confirm("Go on?", abort=True, err=True)
    if play:
        from bot.bootstrap.simulated_channel import play_simulated

        with watched(terminal(sys.stderr)) as tell:
            _run(play_simulated(plan, engine, tell))
        return
    asker = Asker(engine.writers, plan.question, seed)
    with watched(terminal(sys.stderr)) as tell:
        rehearsal = _run(rehearse(plan, asker, engine.mediator, tell))
    if as_json:
        print_rehearsal_json(sys.stdout, rehearsal)
    else:
        print_rehearsal(terminal(sys.stdout), rehearsal)


def _welfare(name: WelfareName | None, alpha: float | None) -> "WelfareFunction":
    from engine.types import WelfareFunction

    if name is None:
        name = WelfareName.UTILITARIAN if alpha is None else WelfareName.ISOELASTIC
    if alpha is not None and name is not WelfareName.ISOELASTIC:
        _wrong_usage(f"--alpha goes with --welfare isoelastic, not with {name}.")
    if alpha is None and name is WelfareName.ISOELASTIC:
        _wrong_usage("--welfare isoelastic needs --alpha, such as --alpha 2.")
    if alpha is not None and not math.isfinite(alpha):
        _wrong_usage("--alpha takes a finite number; for no limit use --welfare rawlsian.")
    return WelfareFunction(name=name) if alpha is None else WelfareFunction(name=name, alpha=alpha)


@app.command()
def score(
    file: Annotated[
        str, typer.Argument(help="JSON lines of {question, opinion, candidate}; '-' reads stdin.")
    ],
    reward: Reward = None,
) -> None:
    """Print the same lines with `reward`: the expected rating (1..7) of each opinion's author."""
    from bot.bootstrap.models import reward_model_for

    _run(_print_scores(reward_model_for(reward), file))


async def _print_scores(model: Any, file: str) -> None:
    from adapters.console.progress import drafting_progress
    from adapters.console.score import Spent, score_lines
    from adapters.console.terminal import terminal
    from engine.types import no_progress

    spent = Spent()
    with drafting_progress(terminal(sys.stderr)) as on_progress:
        # A bar would be drawn over lines that are printed on the same terminal.
        watching = no_progress if sys.stdout.isatty() else on_progress
        async for line in score_lines(model, file, spent=spent, on_progress=watching):
            typer.echo(line)
    typer.echo(f"Reading opinions {spent.read_s:.2f} s, scoring {spent.score_s:.2f} s.", err=True)


app.add_typer(api_token, name="api-token")
app.add_typer(data, name="data")
app.add_typer(model, name="model")
app.add_typer(questions, name="questions")
app.add_typer(study, name="study")
app.add_typer(webhook, name="webhook")

train = typer.Typer(no_args_is_help=True, help="Train models; a GPU helps, and each run can be resumed.")
app.add_typer(train, name="train")


FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Commands of the learning code know their own options: the application passes the words on."""


def _learning_command(to: typer.Typer, name: str, about: str) -> None:
    @to.command(name, help=about, context_settings=FORWARDED, add_help_option=False)
    def forward(context: typer.Context) -> None:
        _training(name, context.args)


_learning_command(
    train, "reward", "Train a reward model from a team's feedback (--feedback FILE), or by a CONFIG."
)
_learning_command(
    train, "judge", "Fit the language model as judge to a team's ratings, and keep its answers."
)
_learning_command(train, "sft", "Fine-tune a drafter on the statements that people liked.")
_learning_command(train, "policy", "Optimise a drafter against the welfare that a reward model predicts.")
_learning_command(
    app,
    "promote",
    "Put a trained model in the place of the one in use, if it is better on held-out feedback.",
)


class KindName(StrEnum):
    """What can be promoted."""

    REWARD = "reward"
    DRAFTER = "drafter"


@app.command()
def rollback(
    kind: Annotated[KindName, typer.Argument(help="Which model.")] = KindName.REWARD,
    reason: Annotated[str | None, typer.Option(help="Why; it is recorded.")] = None,
) -> None:
    """Go back to the model before the promoted one; workers use it from their next round on."""
    from datetime import UTC, datetime

    from bot.bootstrap.models import models_folder
    from engine.model_registry import Kind, roll_back

    models = roll_back(models_folder(), Kind(kind), at=datetime.now(UTC), reason=reason)
    used = models.of(Kind(kind))
    typer.echo(f"In use now: {used.id}." if used else f"In use now: the configured {kind} model.")
    if used is not None and used.launch:
        typer.echo(f"Serve it with TGI by: {used.launch}")


def _training(command: str, words: list[str]) -> NoReturn:
    """Become `engine.training`: the application never imports the learning code."""
    import os
    from importlib.util import find_spec

    from bot.bootstrap.models import judge_for_training, known_models

    if find_spec("torch") is None:
        _wrong_usage("training needs torch and transformers: pip install 'accord-bot[train]'.")
    if command in ("reward", "judge"):
        os.environ.update(judge_for_training())
    _become("engine.training", [command, *words, *known_models()])


@app.command("simulate", context_settings=FORWARDED, add_help_option=False)
def simulate_team(context: typer.Context) -> None:
    """Write the feedback export of a simulated team, or of a study, whose preferences are known."""
    _evaluation("simulate", context.args)


class SplitName(StrEnum):
    """The parts of a corpus (`engine.evaluation.corpus`, which is never imported here)."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@app.command()
def evaluate(
    feedback: Annotated[str, typer.Argument(help="What `accord export` wrote: .jsonl, .csv or .parquet.")],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the report.  [default: evaluation]")
    ] = None,
    reward: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Judge this reward model (llm: the language model as judge), not the recorded predictions.",
        ),
    ] = None,
    corpus: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="What MODEL picks from.  [default: Accord's own corpus]"),
    ] = None,
    split: Annotated[
        SplitName, typer.Option(help="Which part of the corpus; choose by dev, look at test once.")
    ] = SplitName.DEV,
    seed: Annotated[int, typer.Option(min=0, help="Makes the intervals repeatable.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Report how people rated statements, and how well that was predicted: HTML and JSON."""
    from importlib.util import find_spec

    missing = [name for name in ("matplotlib", "scipy", "sklearn") if find_spec(name) is None]
    if missing:
        _wrong_usage(f"evaluation needs {', '.join(missing)}: pip install 'accord-bot[evaluate]'.")
    options = {"--out": out, "--reward": reward, "--corpus": corpus, "--split": split, "--seed": str(seed)}
    words = [word for name, value in options.items() if value is not None for word in (name, value)]
    words += ["--json"] if as_json else []
    _tell_of_the_judge(reward)
    _evaluation("evaluate", [*words, "--", feedback])


def _tell_of_the_judge(reward: str | None) -> None:
    """Where the language model as judge is examined, the other program is told of it by the environment."""
    import os

    from bot.bootstrap.models import judge_for_evaluation
    from engine.reward import AUTO, is_judge

    if reward is not None and reward != AUTO and is_judge(reward):
        os.environ.update(judge_for_evaluation(reward))


def _evaluation(command: str, words: list[str]) -> NoReturn:
    """Become `engine.evaluation`, for the same reason."""
    _become("engine.evaluation", [command, *words])


def _become(module: str, words: list[str]) -> NoReturn:
    """Go on as another program of ours, in this process: who stops `accord` stops that too."""
    import os

    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *words])  # noqa: S606 (ourselves, without a shell)


@app.command()
def run() -> None:
    """Run the gateway: the web channel, and Slack and Discord where their tokens are set."""
    from bot.bootstrap.processes import run_gateway

    _run(run_gateway())


@app.command()
def worker() -> None:
    """Run a worker: deadlines, drafting, publishing, retention."""
    from bot.bootstrap.processes import run_worker

    _run(run_worker())


@app.command()
def doctor() -> None:
    """Check settings, state, generator and reward model; say what to fix."""
    from adapters.console.doctor import print_findings
    from adapters.console.terminal import terminal
    from bot.bootstrap.doctor import examine

    findings = _run(examine())
    print_findings(terminal(sys.stdout), findings)
    raise typer.Exit(DONE if all(finding.ok for finding in findings) else FAILED)


def _moment(text: str) -> datetime:
    """A date, or a time of it."""
    from contextlib import suppress

    for form in TIMES:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # `_utc` gives a zone to one without
    raise typer.BadParameter(f"{text} is no date; write it as 2026-01-31, or as 2026-01-31T12:00")


class ExportFormat(StrEnum):
    """What feedback can be exported as; `engine.feedback.files.FeedbackFormat`, without loading it."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@app.command("export")
def export_feedback(
    file: Annotated[
        str,
        typer.Argument(help="File to write; .jsonl, .csv or .parquet sets the format. '-': stdout."),
    ] = "-",
    form: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="The format.  [default: by FILE's ending, else jsonl]"),
    ] = None,
    team: Annotated[str | None, typer.Option(metavar="ID", help="Only this team.")] = None,
    deliberation: Annotated[str | None, typer.Option(metavar="ID", help="Only this deliberation.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=_moment, metavar="DATE", help="Settled from this day on (UTC)."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=_moment, metavar="DATE", help="Settled before this day (UTC).")
    ] = None,
    with_team_ids: Annotated[
        bool, typer.Option("--with-team-ids", help="Keep the teams' ids; otherwise teams get made-up names.")
    ] = False,
    dictionary: Annotated[
        bool, typer.Option("--dictionary", help="Print what each column means, and export nothing.")
    ] = False,
) -> None:
    """Write the feedback of settled questions to a file: who rated what, under made-up names."""
    from pathlib import Path

    from bot.bootstrap.offline_commands import export_feedback
    from bot.service.ports.feedback import Wanted
    from engine.feedback.files import FeedbackFormat, format_of
    from engine.feedback.files import dictionary as data_dictionary

    if dictionary:
        typer.echo(data_dictionary())
        return
    path = None if file == "-" else Path(file)
    if form is not None or path is None:
        chosen = FeedbackFormat(form or ExportFormat.JSONL)
    else:
        chosen = format_of(path)
    if path is None and chosen is FeedbackFormat.PARQUET and sys.stdout.isatty():
        _wrong_usage("Parquet is not for a terminal; name a file that ends in .parquet.")
    wanted = Wanted(team, deliberation, _utc(since), _utc(until))
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        _wrong_usage(
            "--since is not before --until, so that nothing can be between them; change one of them."
        )
    end_at_once_when_stopped()
    _run(export_feedback(wanted, path, chosen, is_stopped, with_team_ids=with_team_ids))


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


app.command("backup")(back_up)
app.command("restore")(restore)


@app.command("admin-link")
def admin_link(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the web channel.  [default: as configured]")
    ] = None,
) -> None:
    """Print a link that signs an admin in to the web channel, once: its page has a button to press."""
    from bot.bootstrap.platforms import admin_link

    typer.echo(admin_link(port))


@app.command("admin-sign-out")
def admin_sign_out() -> None:
    """Sign all admins out of the web channel; unused admin links stop working too."""
    from bot.bootstrap.offline_commands import sign_admins_out

    count = _run(sign_admins_out())
    typer.echo(f"{count} {'admin session' if count == 1 else 'admin sessions'} ended.")


def _wrong_usage(message: str) -> NoReturn:
    raise typer.BadParameter(message)


def main() -> None:
    """The `accord` command: every foreseen failure is one line, and none is a traceback."""
    try:
        sys.exit(app(standalone_mode=False))
    except UsageError as exc:
        sys.exit(_explain(exc))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except Exception as exc:
        sys.exit(_complain(exc))


def _explain(exc: Exception) -> int:
    """What is wrong with the command line; a bare command is answered with its help."""
    if type(exc).__name__ == "NoArgsIsHelpError":
        exc.show()  # type: ignore[attr-defined]
    else:
        said = " ".join(exc.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
        said = said.replace("Value error, ", "")  # the word of the library that reads choices
        typer.echo(f"accord: {said}. See accord --help.", err=True)
    return WRONG_USAGE


def _complain(exc: Exception) -> int:
    """Print one line for a failure that has a sentence; anything else is a defect and says so."""
    from adapters.console.files import InputError
    from bot.bootstrap.settings import SettingsError
    from bot.domain.errors import BackupError, BotError
    from engine.errors import EngineError, FeedbackError, UnknownModelError

    if not isinstance(exc, InputError | SettingsError | BotError | EngineError | OSError):
        raise exc
    typer.echo(f"accord: {exc}", err=True)
    theirs = InputError | SettingsError | BackupError | FeedbackError | UnknownModelError
    return WRONG_USAGE if isinstance(exc, theirs) else FAILED
