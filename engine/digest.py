"""The form of a digest: what a group said, as points in sections, when no language model drafted a statement.

Reads:  sections of points; or the text of a statement, which is a digest or is not.
Gives:  the text that is stored, scored and posted, and the sections again for screens that draw lists.
Refrains from choosing points: `engine.drafting.digest` does. The words of the headings are here, since they
are part of the text, and the same on every screen.

A text has one line for each part: the lead where there is no common statement, headings, labels of groups,
points behind a bullet, quoted, with how many said so, and last how it was made. Points hold no line break, so
none can pass for a heading.
"""

import re
from dataclasses import dataclass

LEAD = "Here is where we stand"
NO_COMMON = "No common statement without a language model: here is where we stand"
MOST, DIFFER, NEED, SAY = "Most of us", "We differ on", "Some of us need", "Some of us say"
SORTED = "Sorted by a program, without a language model. Nobody's words were changed."
HEADINGS = (MOST, DIFFER, NEED, SAY)
REMOVED = "[removed]"
"""In the place of a point whose author asked to be forgotten (`engine.digest_redaction`)."""

_BULLET = "• "
_POINT = re.compile(rf"{_BULLET}(?P<shown>.+?)(?: \((?P<count>\d+) of us\))?")
_MARKS = frozenset("“”")
_LEFT_OUT = re.compile(r"No room for (?P<count>\d+) more (?:point|points)\.")


@dataclass(frozen=True)
class Point:
    """One thing said, in one member's words; `count`: how many said so, in these or similar words."""

    text: str
    count: int = 1

    @property
    def quoted(self) -> str:
        """The point as it is shown, in quotation marks unless it has some of its own or was removed."""
        bare = self.text == REMOVED or _MARKS.intersection(self.text)
        shown = self.text if bare else f"“{self.text}”"
        return shown + (f" ({self.count} of us)" if self.count > 1 else "")


@dataclass(frozen=True)
class Group:
    """Points that belong together; `label` says by what ("Yes (4 of 7)"), or is empty."""

    points: tuple[Point, ...]
    label: str = ""


@dataclass(frozen=True)
class Section:
    """Groups of points under one of `HEADINGS`."""

    heading: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Digest:
    """A whole digest.

    common: whether it can stand as the group's statement: nothing in it excludes anything else.
    left_out: points that there was no room for.
    """

    sections: tuple[Section, ...]
    common: bool
    left_out: int = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """All points, from top to bottom."""
        return tuple(point for section in self.sections for group in section.groups for point in group.points)


def as_text(digest: Digest) -> str:
    """The digest as plain text, a blank line before each section."""
    parts = [] if digest.common else [LEAD]
    for section in digest.sections:
        lines = [section.heading]
        for group in section.groups:
            lines += [group.label] if group.label else []
            lines += [f"{_BULLET}{point.quoted}" for point in group.points]
        parts.append("\n".join(lines))
    parts += [left_out_words(digest)] if digest.left_out else []
    return "\n\n".join([*parts, "\n".join(small_print(digest))])


def small_print(digest: Digest) -> tuple[str, ...]:
    """What stands small below a digest: how it was made and, where it is so, that it is no statement."""
    return (SORTED,) if digest.common else (SORTED, f"{NO_COMMON}.")


def left_out_words(digest: Digest) -> str:
    """What had no room, in a sentence; empty when all had."""
    if not digest.left_out:
        return ""
    return f"No room for {digest.left_out} more {'point' if digest.left_out == 1 else 'points'}."


def read_digest(text: str) -> Digest | None:
    """The digest that a statement's text holds; None for any other statement."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or lines[0] not in (LEAD, *HEADINGS):
        return None
    common = lines[0] != LEAD
    sections: list[tuple[str, list[tuple[str, list[Point]]]]] = []
    left_out = 0
    for line in lines[0 if common else 1 :]:
        if line in HEADINGS:
            sections.append((line, []))
        elif found := _LEFT_OUT.fullmatch(line):
            left_out = int(found["count"])
        elif sections and line in (SORTED, f"{NO_COMMON}."):
            continue
        elif not sections:
            return None
        else:
            _read_line(line, sections[-1][1])
    return Digest(
        tuple(
            Section(heading, tuple(Group(tuple(points), label) for label, points in groups))
            for heading, groups in sections
        ),
        common,
        left_out,
    )


def is_common(text: str) -> bool:
    """Whether a statement's text can stand for the group: any but a digest that says it cannot."""
    digest = read_digest(text)
    return digest is None or digest.common


def in_one_line(text: str) -> str:
    """A statement's text without line breaks; of a digest the points alone."""
    digest = read_digest(text)
    return " · ".join(point.quoted for point in digest.points) if digest else " ".join(text.split())


def _read_line(line: str, groups: list[tuple[str, list[Point]]]) -> None:
    """Add a point to the last group, or begin one with a label."""
    found = _POINT.fullmatch(line)
    if not found:
        groups.append((line, []))
        return
    if not groups:
        groups.append(("", []))
    shown = found["shown"]
    text = shown[1:-1] if not _MARKS.intersection(shown[1:-1]) and shown[0] == "“" else shown
    groups[-1][1].append(Point(text, int(found["count"] or 1)))
