"""A study's personal links as a file, for whoever runs it to hand out.

Reads:  the sittings of a plan with their deliberations.
Gives:  a CSV file that only its owner can read: whoever holds a link can answer in that person's place.
Refrains from overwriting: links made again would be for new people.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from adapters.web.config import WebConfig
from adapters.web.links import new_link_id, personal_link
from bot.domain.deliberation import Deliberation
from bot.service.ports.web_access import Invitation, Invitations
from engine.study.plan import Sitting
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


async def write_links(
    file: TextIO,
    sittings: Iterable[tuple[Sitting, Deliberation]],
    config: WebConfig,
    kept: Invitations,
    now: datetime,
) -> int:
    """A link for each seat of each sitting, and nobody else comes in; gives how many."""
    count = 0
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for sitting, deliberation in sittings:
        question = formula_safe(deliberation.question)
        names = [f"seat {seat} of {sitting.group}" for seat in range(1, sitting.size + 1)]
        invited = [Invitation(id=new_link_id(), name=name, made_at=now) for name in names]
        await kept.invite(deliberation.id, invited)
        for seat, each in enumerate(invited, start=1):
            link = personal_link(config, deliberation.id, each.name, each.id, now=now)
            rows.writerow([sitting.group, seat, sitting.place, question, link])
            count += 1
    return count
