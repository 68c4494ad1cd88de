"""`accord api-token …`: parse, call, print.

Reads:  the command line.
Gives:  a token's secret on stdout, once; tokens as lines or JSON lines.
Everything heavy is imported inside the command that needs it.
"""

import json
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.signals import Result, run
from bot.domain.api_scopes import LONGEST_DAYS, USUAL_DAYS, Scope

if TYPE_CHECKING:
    from bot.domain.api_tokens import Listed

api_token = typer.Typer(no_args_is_help=True, help="Tokens by which other software uses the HTTP API.")

Id = Annotated[
    str, typer.Argument(metavar="ID", help="The token's id, as `accord api-token list` prints it.")
]


@api_token.command("create")
def create(
    name: Annotated[
        str, typer.Option(help="Which software it is for; people read it before they write there.")
    ],
    scope: Annotated[
        list[Scope], typer.Option(help="What it may do; give it once for each. See /api.", show_choices=True)
    ],
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="Expires after so many.")] = USUAL_DAYS,
    never_expires: Annotated[bool, typer.Option("--never-expires", help="It works until revoked.")] = False,
) -> None:
    """Make a token for the web channel, and print it: it is shown only now."""
    from bot.bootstrap.offline_commands import make_api_token

    _, secret = _run(make_api_token(name, frozenset(scope), None if never_expires else days))
    typer.echo(secret)


@api_token.command("list")
def list_tokens(as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False) -> None:
    """List the tokens: what they may do, when they expire and were last used. Never their secrets."""
    from bot.bootstrap.offline_commands import list_api_tokens

    found = _run(list_api_tokens())
    if not found:
        typer.echo("There are no tokens.", err=True)
    for each in found:
        typer.echo(json.dumps(_told(each)) if as_json else "  ".join(map(str, _told(each).values())))


def _told(each: "Listed") -> dict[str, str]:
    until = each.token.expires_at
    return {
        "id": each.token.id,
        "name": each.token.name,
        "scopes": ",".join(sorted(each.token.scopes)),
        "expires": f"{until:%Y-%m-%d}" if until else "never",
        "last_used": each.last_used.isoformat() if each.last_used else "never",
    }


@api_token.command("renew")
def renew(id_: Id) -> None:
    """Give a token another secret, and print it: the old one stops working, its people stay who they are."""
    from bot.bootstrap.offline_commands import renew_api_token

    typer.echo(_run(renew_api_token(id_)))


@api_token.command("revoke")
def revoke(id_: Id) -> None:
    """End a token: software that has it is no longer let in."""
    from bot.bootstrap.offline_commands import revoke_api_token

    if not _run(revoke_api_token(id_)):
        raise typer.BadParameter("there is no such token; `accord api-token list` shows those there are")
    typer.echo("Revoked.")


@api_token.command("forget")
def forget(
    id_: Id,
    participant: Annotated[str, typer.Argument(metavar="PERSON", help="The person's ID in that software.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete what one person gave through other software, also when its token is gone."""
    from bot.bootstrap.offline_commands import forget_through_api
    from bot.wording import api_lines

    if not yes:
        typer.confirm(str(api_lines.FORGET_SURE), abort=True, err=True)
    reply = _run(forget_through_api(id_, participant))
    typer.echo(reply.text, err=not reply.ok)
    raise typer.Exit(0 if reply.ok else 1)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Do it; what cannot be used is wrong usage."""
    from bot.domain.errors import DomainError

    try:
        return run(work)
    except DomainError as exc:
        raise typer.BadParameter(str(exc)) from exc
