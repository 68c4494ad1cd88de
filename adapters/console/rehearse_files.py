"""What `accord rehearse` is told: a question, personas, a team's description, real opinions.

Reads:  words of the command line, and YAML or JSON files.
Gives:  a `Plan`, or `InputError`: one line that says what is wrong, where, and what to do.
"""

from collections.abc import Sequence
from pathlib import Path

from adapters.console.files import InputError, format_of, read_request, text_of, told_of
from adapters.console.syntax import Format, InputProblem, parse
from bot.domain.deliberation import checked_question
from bot.domain.errors import QuestionError
from engine.rehearsal.personas import (
    LONGEST,
    MOST_MEMBERS,
    Persona,
    PersonaError,
    persona_in,
    personas_from,
)
from engine.rehearsal.rehearsing import MEMBERS, Plan

TEAM_LIMIT = 2_000
"""Characters of a team's description."""


def plan_from(
    question: str,
    *,
    members: int | None,
    personas: str | None,
    team: str | None,
    add: Sequence[str],
    others: str | None,
) -> Plan:
    """The plan of a rehearsal, with runs, candidates and the like as usual.

    Raises:
        InputError: something of it cannot be used.
    """
    try:
        asked = checked_question(question)
    except QuestionError as error:
        raise InputError(f"QUESTION: {error}") from None
    known = read_personas(personas) if personas is not None else ()
    added = tuple(_added(line, number) for number, line in enumerate(add, 1))
    wanted = (members if members is not None else len(known) or MEMBERS) + len(added)
    if len(known) + len(added) > wanted:
        raise InputError(
            f"{personas}: it has {len(known)} personas and --members says {members}; change one."
        )
    if wanted > MOST_MEMBERS:
        raise InputError(f"At most {MOST_MEMBERS} members can be simulated; ask for fewer.")
    return Plan(
        question=asked,
        members=wanted,
        personas=(*known, *added),
        team=_team(team),
        others=read_request(others, question=asked).opinions if others is not None else (),
    )


def read_personas(source: str) -> tuple[Persona, ...]:
    """The personas in a file, or those of a rehearsal's own JSON.

    Raises:
        InputError: it holds none.
    """
    with told_of(source):
        written_as = format_of(source)
        if written_as in (Format.CSV, Format.JSONL):
            raise InputProblem("personas are written as YAML or JSON; see accord rehearse --help")
        data = parse(text_of(source), written_as)
        try:
            return personas_from(_of_rehearsal(data))
        except PersonaError as error:
            raise InputProblem(str(error)) from None


def _of_rehearsal(data: object) -> object:
    """Of what `accord rehearse --json` printed, its simulated members; anything else as it is."""
    members = data.get("members") if isinstance(data, dict) and data.get("simulated") is True else None
    if not isinstance(members, list):
        return data
    simulated = [each for each in members if isinstance(each, dict) and each.get("simulated") is True]
    return [{name: each.get(name) for name in LONGEST} for each in simulated]


def _added(line: str, number: int) -> Persona:
    try:
        return persona_in(line, f"--add {number}")
    except PersonaError as error:
        raise InputError(f"{error}.") from None


def _team(said: str | None) -> str:
    """The description itself, or what the file of that name holds."""
    if said is None:
        return ""
    name, text = "--team-description", said
    if len(said) < TEAM_LIMIT and "\n" not in said and Path(said).is_file():
        name = said
        with told_of(said):
            text = text_of(said)
    if len(text) > TEAM_LIMIT:
        raise InputError(
            f"{name}: it has {len(text):,} characters and {TEAM_LIMIT:,} are possible; shorten it."
        )
    return text
