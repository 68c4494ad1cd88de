"""`accord model …`: parse, call, print.

Reads:  the command line.
Gives:  the list and what was done on stdout, progress on stderr; complaints as `bot.cli.main` has them.
Everything heavy is imported inside the command that needs it.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.language_models.installed import Installed

model = typer.Typer(
    no_args_is_help=True, help="Language models that run on this machine, without a server or an account."
)

NOBODY = "none"
Name = Annotated[str, typer.Argument(help="A name from `accord model list`.")]


@model.command("list")
def list_models() -> None:
    """List models that can be fetched or are here, and servers that run on this machine."""
    from adapters.console.language_models import print_models, print_nearby
    from adapters.console.terminal import terminal
    from bot.bootstrap import language_models

    console = terminal(sys.stdout)
    rows, memory = language_models.rows()
    print_models(console, rows, memory)
    print_nearby(console, language_models.nearby())


@model.command("get")
def get_model(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME|HUB_ID:FILE|PATH",
            help="From the list, the hub, or this disk.",
        ),
    ],
    use: Annotated[bool, typer.Option("--use", help="Draft with it from now on.")] = False,
) -> None:
    """Fetch a model, check it and have it draft once; run again, it goes on where it stopped."""
    from bot.bootstrap import language_models

    found, was_here = language_models.get(source)
    if was_here and found.written_per_s is not None:
        typer.echo(f"{found.name} is here already.")
    else:
        _try_out(found)
    if use:
        use_model(found.name)
    elif not was_here:
        typer.echo(f"To draft with it: accord model use {found.name}")


def _try_out(found: "Installed") -> None:
    from adapters.console.language_models import in_gb
    from adapters.console.terminal import plain
    from bot.bootstrap import language_models

    typer.echo(f"{found.name}: {in_gb(found.size)}, SHA-256 {found.sha256}.")
    if found.revision:
        typer.echo(
            f"From {found.hub_id}, revision {found.revision}; licence: {found.licence or 'not known'}."
        )
    if not language_models.head(found).chats:
        typer.echo("It was not made to follow instructions, so expect few drafts that can be used.")
    typer.echo("Drafting once from the sample …", err=True)
    tried, text = language_models.try_out(found)
    reads, writes = f"{tried.read_per_s:.0f}", f"{tried.written_per_s:.0f}"
    typer.echo(f"Here it reads {reads} and writes {writes} tokens a second. Its draft:")
    typer.echo(plain(text).strip() or "(nothing)")


@model.command("use")
def use_model(
    name: Annotated[str, typer.Argument(help="A name from the list; 'none' for no model.")],
) -> None:
    """Draft with a model that is here, wherever no server is set."""
    from bot.bootstrap import language_models

    language_models.use(None if name == NOBODY else name)
    if name == NOBODY:
        typer.echo("No model of this machine drafts now.")
        return
    typer.echo(f"{name} drafts from now on; running workers take it up with their next round.")
    if setting := language_models.in_charge():
        typer.echo(f"But {setting} is set and goes before it; unset that.", err=True)


@model.command("remove")
def remove_model(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if it is in use.")] = False,
) -> None:
    """Remove a model from this machine; a file that you named by its path stays."""
    from adapters.console.language_models import in_gb
    from bot.bootstrap import language_models

    found, chosen, deletes = language_models.about(name)
    if chosen and not force:
        raise typer.BadParameter(
            f"{name} is in use. Choose another (accord model use), or remove it with --force"
        )
    what = f"Delete {name} ({in_gb(found.size)})?" if deletes else f"Forget {name}? Its file stays."
    if not yes:
        typer.confirm(what, abort=True)
    language_models.remove(name)
    typer.echo(f"{name} is removed.")
