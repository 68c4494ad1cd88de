"""The picture that goes with a result in chats, and the same in words.

Reads:  the card of a vote that is over; the language that is read in (`bot.wording.language.reading`).
Gives:  a PNG with its alt text; none where the ratings may not be shown, or there are none.
"""

import asyncio
from dataclasses import dataclass, field

from bot.pictures import charts
from bot.pictures.drawing import png
from bot.wording import group_lines, page_lines, texts
from bot.wording.cards import Card, ResultCard
from bot.wording.language import number


@dataclass(frozen=True)
class Picture:
    """A PNG, and what it shows in whole sentences."""

    content: bytes = field(repr=False)
    told: str


async def picture_of(card: Card) -> Picture | None:
    """The picture of a card; None where it has none. Drawn beside the event loop."""
    if not isinstance(card, ResultCard) or card.tally.mean is None:
        return None
    return await asyncio.to_thread(_drawn, card)


def _drawn(card: ResultCard) -> Picture:
    counts = card.tally.counts
    columns = charts.columns(counts, [number(count) for count in counts])
    rows = charts.group_rows(card.groups)
    # Whole groups: a card is often drawn from sums, which know no member's place, and has to stay the same.
    map_ = charts.group_map(card.groups, members=False) if card.groups else None
    told = [texts.chart_told(page_lines.bars_told((bar.label, bar.shown) for bar in columns))]
    if map_ is not None:
        told += [texts.map_told(len(card.groups)), str(page_lines.mapped(members=False))]
    if rows:
        told.append(group_lines.groups_told((bar.label, bar.shown) for bar in rows))
    return Picture(png(columns, map_, rows), " ".join(told))
