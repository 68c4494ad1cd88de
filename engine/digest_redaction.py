"""A digest without what one member said: for somebody who asks to be forgotten after it was posted.

Reads:  a digest's text, the member's opinion, and the opinions that stay.
Gives:  the text with a mark in the place of each point that is their words and nobody else's. Counts go down
        by one where they are known to be counted: of points and labels they had a part in, and of everybody.
A point is somebody's when all of its sentences stand in their opinion: points join sentences, and leave out
openings ("Yes, but"), but change no words.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.digest import REMOVED, Group, Point, as_text, read_digest
from engine.text import normalised, sentences

_COUNTED = re.compile(r"(?P<what>.*) \((?P<part>\d+) of (?P<all>\d+)\)")


def without_quotes(statement: str, opinion: str, others: Sequence[str]) -> str:
    """The statement without the words of `opinion`; one that is no digest stays as it is.

    others: the opinions that stay; what stands in one of these too stays.
    """
    digest = read_digest(statement)
    if digest is None or not any(_stands_in(point.text, opinion) for point in digest.points):
        return statement
    said = [f" {normalised(other)} " for other in others]
    sections = tuple(
        replace(section, groups=tuple(_group(group, opinion, said) for group in section.groups))
        for section in digest.sections
    )
    return as_text(replace(digest, sections=sections))


def _group(group: Group, opinion: str, others: Sequence[str]) -> Group:
    had_a_part = any(_stands_in(point.text, opinion) for point in group.points)
    points = tuple(_point(point, opinion, others) for point in group.points)
    return Group(points, _label(group.label, fewer=int(had_a_part)))


def _point(point: Point, opinion: str, others: Sequence[str]) -> Point:
    if not _stands_in(point.text, opinion):
        return point
    shared = any(_stands_in_form(point.text, other) for other in others)
    return Point(point.text if shared else REMOVED, max(point.count - 1, 1))


def _label(label: str, *, fewer: int) -> str:
    """How many gave an answer, of how many: of everybody there is one fewer now. Nobody is not counted."""
    found = _COUNTED.fullmatch(label)
    if found is None:
        return label
    everybody = int(found["all"]) - 1
    part = min(int(found["part"]) - fewer, everybody)
    return f"{found['what']} ({part} of {everybody})" if part else found["what"]


def _stands_in(point: str, opinion: str) -> bool:
    """Whether all of a point's sentences stand in an opinion, whatever their case and punctuation."""
    return _stands_in_form(point, f" {normalised(opinion)} ")


def _stands_in_form(point: str, form: str) -> bool:
    """The same in an opinion's normal form, between spaces. A mark of what was removed is nobody's words."""
    said = [each for sentence in sentences(point) if (each := normalised(sentence))]
    return point != REMOVED and bool(said) and all(f" {each} " in form for each in said)
