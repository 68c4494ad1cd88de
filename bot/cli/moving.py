"""`accord backup` and `accord restore`: parse, call, print.

Reads:  the command line, and a passphrase from the terminal.
Gives:  what was done and how far it is on stderr, a new public key on stdout; complaints as `bot.cli.main`
        has them.
"""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.signals import run

SHORT = "It needs {least} characters or more."


def back_up(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File to write; one that is there is replaced.", dir_okay=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="KEY", help="Encrypt for this public key (age1…), not with a passphrase."
        ),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE", help="Make a pair of keys, write the secret one here, print the public one."
        ),
    ] = None,
) -> None:
    """Write everything that is kept to an encrypted file, as it is at one moment; nothing has to be stopped.

    That is the state (embedded, or at REDIS_URL), the secret key if it was made here, and promoted models;
    never what the environment says. The passphrase is ACCORD_BACKUP_PASSPHRASE, or you are asked for it. A
    backup holds what members wrote: keep it no longer than you promise them.
    """
    from adapters.redis.backup.sealing import new_key as make_key
    from adapters.redis.backup.sealing import public_key
    from bot.bootstrap.moving import back_up as do

    if (file is None) == (new_key is None):
        raise typer.BadParameter("name either FILE, or --new-key KEYFILE")
    if new_key is not None:
        typer.echo(make_key(new_key))
    if file is not None:
        run(do(file, None if to is None else public_key(to), _new_passphrase))


def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What accord backup wrote.", exists=True, dir_okay=False)
    ],
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="KEYFILE",
            help="The secret key, for a backup that was made with --to.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is here, which is deleted.")
    ] = False,
) -> None:
    """Put a backup where nothing is kept, or with --replace in the place of what is: all of it or nothing.

    Stop gateways and workers first. A restore that was broken off can be begun again. What was erased here
    since the backup (by members, or after the retention time) is erased again. The passphrase is
    ACCORD_BACKUP_PASSPHRASE, or you are asked for it.
    """
    from adapters.redis.backup.sealing import read_key
    from bot.bootstrap.moving import restore as do

    run(do(file, None if key is None else read_key(key), _passphrase, replace=replace))


def _new_passphrase() -> str:
    from bot.bootstrap.settings import SHORTEST_PASSPHRASE

    said = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))
    if len(said) < SHORTEST_PASSPHRASE:
        raise typer.BadParameter(SHORT.format(least=SHORTEST_PASSPHRASE))
    return said


def _passphrase() -> str:
    return str(typer.prompt("Passphrase", hide_input=True, err=True))
