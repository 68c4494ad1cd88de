"""Every room is on the map, and says what is in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
ROOTS = ("bot", "adapters", "engine")
ROOMS = sorted(
    init.parent.relative_to(ROOT).as_posix()
    for root in ROOTS
    for init in (ROOT / root).rglob("__init__.py")
    if init.parent != ROOT / root
)
NAMED = re.compile(r"`([a-z_/]+)/`")


def on_the_map() -> Iterator[str]:
    """The first column: the first room of a row by its whole path, the others by where they differ."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for row in text.splitlines():
        if row.startswith("| `"):
            first, *others = NAMED.findall(row.split("|")[1]) or [""]
            yield first
            for other in others:
                yield str(
                    PurePosixPath(*PurePosixPath(first).parts[: -len(PurePosixPath(other).parts)], other)
                )


def test_every_room_is_on_the_map():
    named = {*on_the_map()} - {"tests", "deploy"}
    assert named - {""} == {*ROOMS, "engine"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room.startswith("bot/")])
def test_a_room_of_the_application_lists_what_is_in_it(room):
    said = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    names = {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__", "__main__"}

    assert names - set(re.findall(r"\w+", said)) == set()
