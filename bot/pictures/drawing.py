"""The picture of a result as a PNG, for chats.

Reads:  columns, a map and rows, as `charts` places them.
Gives:  the bytes of a PNG that is 360 wide and drawn for screens with two pixels for each of those.
Chats show it on light and on dark ground, and nobody tells which: so it brings its own, and its contrast with
it. Digits come in the font that is part of Pillow, so it looks the same on every machine. The same numbers
give the same bytes, by which platforms know a picture again.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from bot.pictures.charts import CORNERS, PLOT, WIDTH, Bar, Map

MARGIN, GAP = 30.0, 26.0
# Above the columns their counts, below them the steps.
ABOVE, BELOW = 18.0, 24.0
MAP_TO_ROWS = 20.0
TEXT, RADIUS = 15.0, 14.0
PIXELS = 2
# Drawn larger, then made smaller: edges come out smooth.
LARGER = 2
SCALE = PIXELS * LARGER
# As on pages in light mode (`app.css`).
GROUND, LINE, INK = "#ffffff", "#dddcd5", "#1d2422"
LOW, MID, HIGH = "#bd6a52", "#8c8f86", "#2f8a72"
STEPS = (LOW, LOW, LOW, MID, HIGH, HIGH, HIGH)
GROUPS = ("#1f6f5c", "#b3542c", "#3f63a8", "#8a4a8f", "#746a12")


def png(columns: Sequence[Bar], map_: Map | None, rows: Sequence[Bar]) -> bytes:
    """Columns for the steps 1..7; below them the map of opinion groups and a row for each, if there are any.

    It takes longer than an event loop may wait: call it in a thread.
    """
    below = _height(map_, rows)
    picture = _Picture(MARGIN + ABOVE + PLOT + BELOW + below + MARGIN / 2)
    picture.columns(columns, MARGIN + ABOVE)
    top = MARGIN + ABOVE + PLOT + BELOW + GAP
    if map_ is not None:
        picture.map(map_, top)
        top += map_.height + MAP_TO_ROWS
    picture.rows(rows, top)
    return picture.png()


def _height(map_: Map | None, rows: Sequence[Bar]) -> float:
    of_map = map_.height + MAP_TO_ROWS if map_ else 0.0
    return GAP + of_map + rows[-1].y + rows[-1].height + MARGIN / 2 if rows else 0.0


class _Picture:
    """Draws in the charts' units, inside the margins."""

    def __init__(self, height: float) -> None:
        width, height = round((WIDTH + 2 * MARGIN) * SCALE), round(height * PIXELS) * LARGER
        self._image = Image.new("RGBA", (width, height))
        self._draw = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(TEXT * SCALE)
        edge = (0, 0, width - 1, height - 1)
        self._draw.rounded_rectangle(edge, RADIUS * SCALE, fill=GROUND, outline=LINE, width=SCALE)

    def columns(self, bars: Sequence[Bar], top: float) -> None:
        for bar, colour in zip(bars, STEPS, strict=True):
            if bar.height:
                self._bar(bar, top, colour)
                self._text(bar.middle, top + bar.y - 5, bar.shown, "ms")
            self._text(bar.middle, top + PLOT + 18, bar.label, "ms")
        axis = [self._at(0, top + PLOT), self._at(WIDTH, top + PLOT)]
        self._draw.line(axis, fill=LINE, width=SCALE)

    def map(self, map_: Map, top: float) -> None:
        for mark in map_.marks:
            self._mark(mark.x, top + mark.y, mark.half, mark.group)

    def rows(self, bars: Sequence[Bar], top: float) -> None:
        for number, bar in enumerate(bars, start=1):
            self._mark(bar.x - 24, top + bar.middle, 6, number)
            self._bar(bar, top, GROUPS[number - 1])
            self._text(WIDTH, top + bar.middle, bar.shown, "rm")

    def png(self) -> bytes:
        kept = io.BytesIO()
        self._image.reduce(LARGER).save(kept, "PNG")
        return kept.getvalue()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x + MARGIN) * SCALE, y * SCALE

    def _bar(self, bar: Bar, top: float, colour: str) -> None:
        corners = (*self._at(bar.x, top + bar.y), *self._at(bar.x + bar.width, top + bar.y + bar.height))
        self._draw.rounded_rectangle(corners, 3 * SCALE, fill=colour)

    def _mark(self, x: float, y: float, half: float, group: int) -> None:
        colour, corners = GROUPS[group - 1], CORNERS[group - 1]
        if corners:
            outline = [self._at(x + half * dx, y + half * dy) for dx, dy in corners]
            self._draw.polygon(outline, fill=colour, outline=GROUND, width=SCALE)
        else:
            middle = self._at(x, y)
            self._draw.circle(middle, half * SCALE, fill=colour, outline=GROUND, width=SCALE)

    def _text(self, x: float, y: float, words: str, anchor: str) -> None:
        # The font lacks the narrow spaces that some languages write in large numbers.
        words = " ".join(words.split())
        self._draw.text(self._at(x, y), words, fill=INK, font=self._font, anchor=anchor)
