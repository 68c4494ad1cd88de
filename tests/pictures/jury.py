"""The picture of README's juries: which draft each composition of the example's jury would choose.

    python -m tests.pictures.jury deploy/docs/pages/pictures/jury.png

Reads:  deploy/examples; drafts and scores it as `accord jury` does there, without a language model.
Gives:  a triangle with a dot for each way to give its seats to the three teams, coloured by the winner.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from adapters.console.files import read_with_attributes
from adapters.console.jury_file import read_jury, values_for
from bot.bootstrap.models import mediator_for
from engine.groups.juries import JuryPool, members_by_value
from engine.types import no_progress

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
QUESTION = "Should everyone take turns on the support phone?"
# As on pages (`bot.pictures.drawing.GROUPS`).
COLOURS = ("#1f6f5c", "#b3542c", "#3f63a8", "#8a4a8f", "#746a12")
LACKING, INK = "#dddcd5", "#1d2422"
# Where each team's corner is.
CORNERS = np.array([[0.5, 3**0.5 / 2], [0.0, 0.0], [1.0, 0.0]])


def draw(path: str) -> None:
    """Hear all compositions, and draw them."""
    jury = read_jury(str(EXAMPLES / "jury.yaml"))
    request, attributes = read_with_attributes(str(EXAMPLES / "support-phone.csv"), question=QUESTION)
    mediation = asyncio.run(mediator_for("digest", None).mediate(request, no_progress))
    members = members_by_value(mediation.participants, values_for(jury, attributes))
    rewards = np.array([candidate.rewards for candidate in mediation.candidates]).T
    pool = JuryPool(rewards, mediation.participants, members, seed=mediation.seed)
    teams, size = list(jury.seats), jury.size
    splits = [(a, b, size - a - b) for a in range(size + 1) for b in range(size + 1 - a)]
    winners = {}
    for split in splits:
        seats = dict(zip(teams, split, strict=True))
        winners[split] = pool.verdicts(seats).order[0] if pool.can_fill(seats) else None
    stated = tuple(jury.seats.values())
    _draw(path, teams, winners, stated)


def _draw(
    path: str,
    teams: Sequence[str],
    winners: dict[tuple[int, int, int], int | None],
    stated: tuple[int, ...],
) -> None:
    chosen = [winner for winner in winners.values() if winner is not None]
    by_count = sorted(set(chosen), key=lambda winner: (-chosen.count(winner), winner))
    letters = {winner: chr(ord("A") + place) for place, winner in enumerate(by_count)}
    figure, axes = plt.subplots(figsize=(7.2, 5.4), dpi=150)
    for split, winner in winners.items():
        x, y = np.array(split) @ CORNERS / sum(split)
        colour = LACKING if winner is None else COLOURS[by_count.index(winner) % len(COLOURS)]
        ink = INK if winner is None else "white"
        edge = INK if split == stated else "none"
        axes.scatter(x, y, s=900, color=colour, edgecolors=edge, linewidths=2.5)
        axes.text(
            x, y, "–" if winner is None else letters[winner], ha="center", va="center", color=ink, fontsize=13
        )
    for team, (x, y) in zip(teams, CORNERS, strict=True):
        below = y == 0
        axes.text(x, y + (-0.13 if below else 0.11), f"all seats to\n{team}", ha="center", va="center")
    axes.set_xlim(-0.15, 1.15)
    axes.set_ylim(-0.22, 1.05)
    axes.set_aspect("equal")
    axes.axis("off")
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})


if __name__ == "__main__":
    draw(sys.argv[1] if len(sys.argv) > 1 else str(EXAMPLES.parent / "pictures" / "jury.png"))
