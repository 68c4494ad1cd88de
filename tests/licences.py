"""The licences of everything that Accord draws in: `make licences`.

Reads:  what is installed next to Accord, followed from its own requirements (all extras but those for tests
        and for checking `deploy/`), and what pip-licenses says of each package.
Gives:  a table, and exit code 1 if a licence asks more of people who pass Accord on than Apache-2.0 does.
What Accord needs and is not installed here is named too, for nothing is known of its licence.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rich.console import Console
from rich.table import Table

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
OURS = "accord-bot"
EXTRAS = ("engine", "local", "parquet", "evaluate", "train")

# Names as they begin, in SPDX's spelling or in that of PyPI's classifiers. Files under the MPL stay under it,
# and nothing else has to.
FIT = re.compile(
    r"(0BSD|Apache|BSD|BSL-1\.0|CC0|CNRI-Python|HPND|ISC|LLVM-exception|MIT|MPL-2\.0"
    r"|Mozilla Public License 2\.0|PSF|Python Software Foundation|Unlicense|Zlib)"
)
# Looked at one by one. LGPL: used as it comes, by import, so everybody can put another in its place.
SEEN = {
    "crontab": "LGPL, used unchanged by import",
    "pyrage": "MIT, says its LICENSE file",
}


@dataclass(frozen=True)
class Package:
    """One package, and what is known of its licence."""

    name: str
    version: str
    licence: str

    @property
    def fits(self) -> bool:
        """Whether Accord can be passed on together with it, under Apache-2.0."""
        if self.name in SEEN:
            return True
        ways = re.split(r"\bOR\b", self.licence)
        # Nested ones are looked at by a person.
        return any(map(_fits, ways)) and not (len(ways) > 1 and "(" in self.licence)


def _fits(licences: str) -> bool:
    """All of them together, as AND, WITH or a semicolon joins them."""
    parts = [part.strip(" ()") for part in re.split(r"\bAND\b|\bWITH\b|;", licences)]
    return all(FIT.match(part) for part in parts)


def drawn_in(name: str = OURS, extras: Iterable[str] = EXTRAS) -> tuple[set[str], set[str]]:
    """Everything that it needs on this machine: what is installed, and what is not."""
    there: set[str] = set()
    missing: set[str] = set()
    waiting = [(name, tuple(extras))]
    looked_at = set(waiting)
    while waiting:
        package, wanted = waiting.pop()
        try:
            needed = set(_needed(package, wanted))
        except PackageNotFoundError:
            missing.add(package)
            continue
        there.add(package)
        waiting += needed - looked_at
        looked_at |= needed
    return there - {name}, missing


def _needed(package: str, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a package requires here with these extras. Raises PackageNotFoundError."""
    for line in _of_ours() if package == OURS else requires(package) or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(requirement.name), tuple(sorted(requirement.extras))


def _of_ours() -> Iterator[str]:
    """As `pyproject.toml` says now; what is installed may have been made from an earlier one."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    yield from project["dependencies"]
    for extra, lines in project["optional-dependencies"].items():
        for requirement in map(Requirement, lines):
            also = f"({requirement.marker}) and " if requirement.marker else ""
            requirement.marker = Marker(f'{also}extra == "{extra}"')
            yield str(requirement)


def licences(names: Iterable[str]) -> list[Package]:
    """What pip-licenses says of them, by name."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--with-system"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = (
        Package(canonicalize_name(each["Name"]), each["Version"], each["License"])
        for each in json.loads(done.stdout)
    )
    wanted = set(names)
    return sorted((each for each in found if each.name in wanted), key=lambda each: each.name)


def main() -> int:
    """Print them; 1 if one does not fit."""
    there, missing = drawn_in()
    packages = licences(there)
    table = Table("Package", "Version", "Licence", "", box=None)
    for each in packages:
        table.add_row(
            each.name, each.version, each.licence, SEEN.get(each.name, "" if each.fits else "DOES NOT FIT")
        )
    Console().print(table)
    if missing:
        print(f"Not installed here, so not looked at: {', '.join(sorted(missing))}", file=sys.stderr)
    return 0 if all(each.fits for each in packages) else 1


if __name__ == "__main__":
    sys.exit(main())
