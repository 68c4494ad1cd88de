"""`accord study …`: parse, call, print.

Reads:  the command line, files of questions and plans.
Gives:  a plan as a file; the deliberations of one, with links for its people.
Everything heavy is imported inside the command that needs it.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.signals import run

study = typer.Typer(no_args_is_help=True, help="Compare ways of drafting, as in the paper: plan, then start.")


KEPT = (
    "The web channel keeps ratings to learn from, if people agree to that when they answer. To switch it off "
    "again, run accord admin-link and open the team's settings."
)


class ArmName(StrEnum):
    """What can be compared."""

    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "few-shot"
    FINE_TUNED = "fine-tuned"
    SELECTED = "fine-tuned-selected"
    BEST_OPINION = "best-opinion"
    LEAVE_ONE_OUT = "leave-one-out"
    REVISED = "revised"


@study.command("plan")
def plan_study(
    out: Annotated[Path, typer.Argument(help="File to write: .json, or .csv with a row per question.")],
    people: Annotated[int, typer.Option(min=4, help="How many take part, in groups of 4 or 5.")],
    each: Annotated[int, typer.Option("--questions-each", min=1, help="Questions for each group.")] = 5,
    file: Annotated[
        Path | None,
        typer.Option("--questions", help="Questions with positions (JSON), not the bank."),
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            "--arm",
            metavar="ARM",
            help=(
                f"What to compare; repeat for each: {', '.join(ArmName)}, or model:NAME for any language "
                "model.  [default: all of these but revised, which takes a 2nd vote, and model:NAME]"
            ),
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Names the study in its feedback.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same plan; it is recorded.")] = 0,
) -> None:
    """Deal people, questions and orders evenly, and write the plan."""
    from engine.error_text import unusable
    from engine.questions.bank import bank
    from engine.study import plan as plans
    from engine.types import arm_named

    asked = (
        [plans.StudyQuestion(question=q.question, affirming=q.affirming, negating=q.negating) for q in bank()]
        if file is None
        else plans.read_study_questions(file)
    )
    try:
        plan = plans.plan_study(
            asked,
            id=name or f"study-{seed}",
            people=people,
            questions_each=each,
            arms=[arm_named(one) for one in arm] if arm else plans.ARMS,
            seed=seed,
        )
        text = plans.plan_as_text(plan, out)
    except ValueError as exc:
        raise typer.BadParameter(_first_line(exc)) from exc
    try:
        with out.open("x", encoding="utf-8", newline="") as written:
            written.write(text)
    except FileExistsError as exc:
        raise typer.BadParameter(
            f"{out} is there already, and a study may be running by it: name another file"
        ) from exc
    except OSError as exc:
        raise typer.BadParameter(unusable(exc)) from exc
    groups = len({sitting.group for sitting in plan.sittings})
    typer.echo(
        f"{out}: {plan.people} people in {groups} groups, {len(plan.sittings)} questions, "
        f"{len(plan.sittings[0].arms)} statements to rate for each."
    )


def _first_line(exc: ValueError) -> str:
    from pydantic import ValidationError

    from engine.error_text import refused

    return refused(exc) if isinstance(exc, ValidationError) else str(exc)


@study.command("start")
def start_study(
    plan: Annotated[Path, typer.Argument(help="What `accord study plan` wrote.")],
    links: Annotated[Path, typer.Option(help="File for a personal link per person and question (.csv).")],
    days: Annotated[float, typer.Option(min=0.01, max=60, help="Days for opinions, then for ratings.")] = 7.0,
    keep_ratings: Annotated[
        bool,
        typer.Option(
            "--keep-ratings",
            help='Switch on "Keep ratings to learn from" for the web channel; each person is still asked.',
        ),
    ] = False,
) -> None:
    """Post a plan's questions on the web channel, and write a link for each person and question.

    Needs the state and no running process; the gateway and a worker do the rest.
    """
    from bot.bootstrap.offline_commands import start_study
    from engine.study.plan import read_plan

    try:
        read = read_plan(plan)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
    if links.exists():
        raise typer.BadParameter(
            f"{links} is there already. Links that are made again are for new people: name another file"
        )
    rows = run(start_study(read, links, timedelta(days=days), keep_ratings=keep_ratings))
    if keep_ratings:
        typer.echo(KEPT)
    typer.echo(f"{links}: {rows} links. Give each person those of one seat in one group.")
