"""A study's personal links as a file, for whoever runs it to hand out.

Reads:  the sittings of a plan with their deliberations.
Gives:  a CSV file that only its owner can read: whoever holds a link can answer in that person's place.
Refrains from overwriting: links made again would be for new people.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from adapters.web.config import WebConfig
from adapters.web.links import personal_link
from bot.domain.deliberation import Deliberation
from engine.study import Sitting
from engine.text import formula_safe

COLUMNS = ("group", "seat", "place", "question", "link")


@contextmanager
def links_file(path: Path) -> Iterator[TextIO]:
    """A new file that its owner alone can read; gone again if what is done inside fails.

    Raises OSError: it cannot be made, or is there already.
    """
    there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(there, "w", encoding="utf-8", newline="") as file:
            yield file
    except BaseException:
        path.unlink()
        raise


def write_links(file: TextIO, sittings: Iterable[tuple[Sitting, Deliberation]], config: WebConfig) -> int:
    """A link for each seat of each sitting; gives how many."""
    count = 0
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for sitting, deliberation in sittings:
        for seat in range(1, sitting.size + 1):
            link = personal_link(config, deliberation.id, f"seat {seat} of {sitting.group}")
            question = formula_safe(deliberation.question)
            rows.writerow([sitting.group, seat, sitting.place, question, link])
            count += 1
    return count
