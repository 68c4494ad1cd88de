"""Personas: who the simulated members of a rehearsal are.

Reads:  plain data that somebody wrote (a list of role, interest and tone), or a model's line.
Gives:  `Persona`s; for data that is none, a sentence that says where and what to do.
A persona states what somebody does and wants, and not to which group they belong: what a model makes of a
group is a stereotype. An invented one that names a group is refused; what a person wrote into a file stays.
"""

from collections.abc import Sequence

from engine.errors import GenerationError
from engine.prompts import leaks, quoted
from engine.text import normalised, word_set
from engine.types import Frozen

FEWEST_MEMBERS, MOST_MEMBERS = 2, 20
LONGEST = {"role": 80, "interest": 240, "tone": 80}
"""Characters of each part."""
GROUPS = word_set(
    """man men woman women male female girl boy gay lesbian queer trans heterosexual elderly millennial boomer
    teenager christian christians muslim muslims jewish jew jews hindu buddhist catholic protestant atheist
    asian african european latino latina hispanic immigrant immigrants migrant migrants refugee refugees
    foreigner foreigners disabled autistic pregnant ethnic ethnicity race racial religion religious gender
    frau mann muslim ausländer femme homme musulman étranger mujer hombre musulmán extranjero"""
)
"""Words for groups of people, which an invented persona does without."""


class PersonaError(GenerationError, ValueError):
    """Data holds no personas; the message says where and what to do, and quotes nothing."""


class Persona(Frozen):
    """A simulated member: what they do, what they want or want to avoid, and how they talk."""

    role: str
    interest: str
    tone: str

    @property
    def line(self) -> str:
        """All three, as prompts tell them."""
        return f"{self.role} | {self.interest} | {self.tone}"


def personas_from(data: object) -> tuple[Persona, ...]:
    """The personas in plain data: a list, or `{personas: [...]}`, of objects with role, interest and tone.

    Raises:
        PersonaError: it is no such list, or has fewer than `FEWEST_MEMBERS` or more than `MOST_MEMBERS`.
    """
    listed = data.get("personas") if isinstance(data, dict) and set(data) == {"personas"} else data
    if not isinstance(listed, list):
        raise PersonaError("there are no personas; list them with `role`, `interest` and `tone` each")
    if not FEWEST_MEMBERS <= len(listed) <= MOST_MEMBERS:
        raise PersonaError(
            "there are {count} personas; give {fewest} to {most}",
            count=len(listed), fewest=FEWEST_MEMBERS, most=MOST_MEMBERS,
        )  # fmt: skip
    found = tuple(_persona(each, f"persona {number}") for number, each in enumerate(listed, 1))
    first: dict[str, int] = {}
    for number, each in enumerate(found, 1):
        known = first.setdefault(normalised(each.line), number)
        if known != number:
            raise PersonaError(
                "personas {one} and {other} are the same; change one of them", one=known, other=number
            )
    return found


def persona_in(line: str, which: str) -> Persona:
    """The persona in `ROLE | INTEREST | TONE`, as somebody wrote it. Raises PersonaError."""
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != len(LONGEST):
        raise PersonaError("{which} must be written as ROLE | INTEREST | TONE", which=which)
    return _persona(dict(zip(LONGEST, parts, strict=True)), which)


def invented(line: str, known: Sequence[Persona]) -> Persona | None:
    """The persona in a model's answer; None where it is not one, is there already, or names a group."""
    if leaks(line):
        return None
    parts = [_unlabelled(part, name) for part, name in zip(line.split("|"), LONGEST, strict=False)]
    if line.count("|") != len(LONGEST) - 1:
        return None
    try:
        found = _persona(dict(zip(LONGEST, parts, strict=True)), "")
    except PersonaError:
        return None
    taken = {normalised(each.role) for each in known} | {normalised(each.interest) for each in known}
    forms = (normalised(found.role), normalised(found.interest), normalised(found.tone))
    if not taken.isdisjoint(forms) or forms == ("role", "interest", "tone"):
        return None
    return None if GROUPS & set(normalised(found.line).split()) else found


def _persona(data: object, which: str) -> Persona:
    if not isinstance(data, dict) or set(data) != set(LONGEST):
        raise PersonaError("{which} must have `role`, `interest` and `tone`, and nothing else", which=which)
    for name, limit in LONGEST.items():
        value = data[name]
        if not isinstance(value, str) or not normalised(value):
            raise PersonaError("`{name}` of {which} must be some words of text", name=name, which=which)
        if len(value) > limit:
            raise PersonaError(
                "`{name}` of {which} has {count} characters and {limit} are possible; shorten it",
                name=name, which=which, count=len(value), limit=limit,
            )  # fmt: skip
    return Persona(**{name: quoted(data[name]).replace("|", "/") for name in LONGEST})


def _unlabelled(part: str, name: str) -> str:
    """One part of an answer without the label that models like to put before it."""
    head, colon, rest = part.strip().partition(":")
    said = rest if colon and normalised(head).split()[-1:] == [name] else part
    return said.strip(" *_\"'“”.[]<>")
