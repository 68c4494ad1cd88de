"""What changed from one round's statement to the next, in a few lines.

Reads:  a statement's card.
Gives:  Markdown: what was removed is struck out, what was added is bold, and of long passages that stayed
        only their ends are there. It is cut between words, never within the marks around them.
"""

from collections.abc import Iterator

from adapters.discord.views import text
from bot.wording import round_lines
from bot.wording.cards import StatementCard
from bot.wording.round_lines import Kind, Span
from engine.digest import read_digest

SIGNS = {Kind.KEPT: "{}", Kind.REMOVED: "~~{}~~", Kind.ADDED: "**{}**"}
# Marks on both sides, a space, and the dots behind what was left out.
MARKS = 6
# What stayed is context: so many characters before a change, and as many after it.
AROUND = 60
# With less room, a passage is not begun.
LEAST = 12


def changed(card: StatementCard, limit: int = text.FIELD) -> str:
    """At most `limit` characters; nothing in the first round.

    Nor of a digest: its headings are in each reader's language, and it is read as lists.
    """
    if not card.before or read_digest(card.before) or read_digest(card.statement):
        return ""
    return _within(round_lines.changes(card.before, card.statement), min(limit, text.FIELD))


def _within(spans: tuple[Span, ...], limit: int) -> str:
    shown: list[str] = []
    for kind, words in _passages(spans):
        room = limit - sum(len(each) + 1 for each in shown) - MARKS
        if room < LEAST:
            return " ".join([*shown, text.ELLIPSIS])
        shown.append(SIGNS[kind].format(text.escape(words, room)))
    return " ".join(shown)


def _passages(spans: tuple[Span, ...]) -> Iterator[tuple[Kind, str]]:
    """Each passage in one line; of those that stayed, what is next to a change."""
    for number, span in enumerate(spans):
        words = text.one_line(span.text)
        if span.kind is Kind.KEPT:
            words = _ends(words, first=number == 0, last=number == len(spans) - 1)
        if words:
            yield span.kind, words


def _ends(words: str, *, first: bool, last: bool) -> str:
    """first, last: no change stands before it, or none after it."""
    if len(words) <= 2 * AROUND:
        return words
    before = "" if first else words[:AROUND].rpartition(" ")[0]
    after = "" if last else words[-AROUND:].partition(" ")[2]
    return " ".join(filter(None, (before, text.ELLIPSIS, after)))
