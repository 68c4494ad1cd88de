"""`accord webhook …`: parse, call, print.

Reads:  the command line.
Gives:  a team's webhooks and undelivered messages on stdout, one a line; complaints on stderr.
Everything heavy is imported inside the command that needs it.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.signals import run

if TYPE_CHECKING:
    from bot.service.reply import Reply

webhook = typer.Typer(
    no_args_is_help=True, help="Addresses that are told what happens to a team's questions."
)

TeamId = Annotated[str, typer.Option(help="The team's id on its platform.")]
WEB = "web"


@webhook.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where to send, as https://example.org/accord.")],
    events: Annotated[
        list[str] | None,
        typer.Option("--event", help="Such as question.settled; repeat it for several.  [default: all]"),
    ] = None,
    team: TeamId = WEB,
) -> None:
    """Add a webhook and print its secret, this once."""
    from bot.bootstrap.webhooks import add_webhook
    from bot.domain.events import EventKind

    named = {kind.value for kind in EventKind}
    if unknown := [each for each in events or () if each not in named]:
        raise typer.BadParameter(f"there is no event {unknown[0]}; there are {', '.join(sorted(named))}")
    reply = run(add_webhook(team, url, frozenset(map(EventKind, events or named))))
    _end(reply)
    typer.echo(reply.secret)


@webhook.command("list")
def list_webhooks(team: TeamId = WEB) -> None:
    """List a team's webhooks: ID, whether it is on, address and events."""
    from bot.bootstrap.webhooks import kept_webhooks

    found = run(kept_webhooks(team)).webhooks
    if not found:
        typer.echo(f"Team {team} has no webhooks.", err=True)
    for each in found:
        events = ",".join(sorted(kind.value for kind in each.kinds))
        typer.echo(f"{each.id}  {'off' if each.off_since else 'on '}  {each.url}  {events}")


@webhook.command("remove")
def remove(webhook_id: Annotated[str, typer.Argument(metavar="ID")], team: TeamId = WEB) -> None:
    """Remove a webhook, with what could not be delivered to it."""
    from bot.bootstrap.webhooks import remove_webhook

    _end(run(remove_webhook(team, webhook_id)))


@webhook.command("dead")
def dead(team: TeamId = WEB) -> None:
    """List what could not be delivered: ID, time, event, question, address, and why."""
    from bot.bootstrap.webhooks import kept_webhooks
    from bot.wording.webhook_lines import problem

    kept = run(kept_webhooks(team))
    if not kept.dead:
        typer.echo("Everything was delivered, or is still being tried.", err=True)
    for each in kept.dead:
        at = f"{each.event.at:%Y-%m-%dT%H:%MZ}"
        told = f"{each.event.kind.value}  {each.deliberation}  {kept.named(each.webhook)}  {problem(each)}"
        typer.echo(f"{each.id}  {at}  {told}")


@webhook.command("replay")
def replay(
    delivery_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that could not be delivered.")] = False,
    team: TeamId = WEB,
) -> None:
    """Send again what could not be delivered; a worker sends it."""
    from bot.bootstrap.webhooks import replay_deliveries

    if bool(delivery_ids) == everything:
        raise typer.BadParameter("give IDs, which `accord webhook dead` lists, or --all")
    chosen = None if everything else frozenset(delivery_ids or ())
    _end(run(replay_deliveries(team, chosen)))


def _end(reply: "Reply") -> None:
    typer.echo(reply.text, err=not reply.ok or bool(reply.secret))
    if not reply.ok:
        # What was given is to be changed, or the same works later.
        raise typer.Exit(1 if reply.retryable else 2)
