"""A terminal as it is: colours or not, Unicode or not, wide or narrow.

Reads:  a stream, and text that members wrote.
Gives:  a Rich console, text that cannot steer a terminal, and small bars in whatever the stream can show.
NO_COLOR, TERM=dumb, pipes and the width are Rich's to heed; without a terminal the width is 80.
"""

import io
import re
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bot.domain.clean_text import clean
from engine.types import HIGHEST_RATING, LOWEST_RATING, MIDPOINT

# Whole escape sequences go, not only their first character: "[31m" would be left over.
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")

BLOCKS = "▁▂▃▄▅▆▇"
ASCII_BLOCKS = ".:-=+*#"


def terminal(stream: TextIO) -> Console:
    """A console on a stream, without markup or emoji codes: members' words are shown as they are.

    What the stream's encoding cannot express is shown as `?` rather than failing.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def plain(text: str) -> str:
    """Text without escape sequences, control characters and marks that turn its direction."""
    return clean(ESCAPES.sub("", text))


def one_line(text: str) -> str:
    """Plain text in one line."""
    return " ".join(plain(text).split())


def colour(agreement: float) -> str:
    """The style of a rating or predicted rating: red below the midpoint, green above."""
    if agreement < MIDPOINT:
        return "red" if agreement < MIDPOINT - 1 else "yellow"
    return "green" if agreement >= MIDPOINT + 1 else "cyan"


def bar(console: Console, share: float, *, width: int, style: str) -> Text:
    """A bar filled to `share` (0..1)."""
    full, empty = ("#", ".") if console.options.ascii_only else ("█", "░")
    filled = round(max(0.0, min(1.0, share)) * width)
    return Text.assemble((full * filled, style), (empty * (width - filled), "dim"))


def agreement_bar(console: Console, agreement: float, *, width: int) -> Text:
    """A bar for a point of the scale 1..7; a 1 still shows a little."""
    return bar(console, agreement / HIGHEST_RATING, width=width, style=colour(agreement))


def level(agreement: float) -> int:
    """The step of the scale 1..7 that is nearest."""
    return max(LOWEST_RATING, min(HIGHEST_RATING, int(agreement + 0.5)))


def block(console: Console, agreement: float) -> str:
    """One character for a point of the scale 1..7, the higher the more; nothing where only ASCII is shown."""
    return "" if console.options.ascii_only else BLOCKS[level(agreement) - 1]


def spread(console: Console, counts: Sequence[int]) -> str:
    """One character per count, as high as its share of the largest; a space for none."""
    most = max(counts, default=0)
    blocks = ASCII_BLOCKS if console.options.ascii_only else BLOCKS
    return "".join(blocks[round((len(blocks) - 1) * count / most)] if count else " " for count in counts)
