"""Texts within Discord's limits, whatever their length, and harmless whatever they say.

Reads:  our own words, which are Markdown, and texts that members or models wrote.
Gives:  Markdown. What others wrote passes `escape`: it is shown as it was typed, mentions nobody and formats
nothing. Whether anybody is notified does not hang on this: everything is posted with no mentions allowed.
Whatever goes in is in the reader's language from here on (`bot.wording.language.Phrase`).
Source of the limits: docs.discord.com/developers/resources/message.
"""

import re
from collections.abc import Callable
from datetime import datetime
from itertools import takewhile

from bot.domain.clean_text import clean
from bot.domain.deliberation import Deliberation
from bot.wording import answers, texts
from engine.digest import read_digest

CONTENT = 2_000
TITLE = 256
DESCRIPTION = 4_096
FIELD_NAME = 256
FIELD = 1_024
BUTTON = 80
OPTION = 100
PLACEHOLDER = 100
LABEL = 45
HINT = 100
WINDOW_TITLE = 45
INPUT = 4_000
POLL_QUESTION = 300
POLL_ANSWER = 55
THREAD_NAME = 100
ELLIPSIS = "…"
# A character that nobody sees, and that keeps marks from standing together.
NOTHING = "\u200b"

# Addresses stay whole, or they would lead elsewhere; they end before whatever could close a masked link.
ADDRESS = re.compile(r"https?://[^\s<>()\[\]|`*\\\"']+")
MARKS = re.compile(r"[\\*_~|`>#\[\]()<@-]|(?<=\d)\.(?=\s)|(?<=^)\+", re.MULTILINE)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis; at most `limit` characters."""
    text = str(text)
    return text if len(text) <= limit else text[: limit - len(ELLIPSIS)].rstrip() + ELLIPSIS


def escape(text: str, limit: int = DESCRIPTION) -> str:
    """Somebody's text for use within Markdown, at most `limit` characters long."""
    text = clean(str(text))
    escaped = _escaped(text)
    while len(escaped) > limit:
        # Cut before escaping, or a mark could lose its backslash; each round takes off what is too much.
        text = cut(text, len(text) - max(1, (len(escaped) - limit) // 2))
        escaped = _escaped(text)
    return escaped


def fits(text: str, limit: int) -> bool:
    """Whether all of a text is there once it is escaped."""
    return len(_escaped(clean(text))) <= limit


def stated(text: str, limit: int) -> tuple[str, bool]:
    """A statement within the limit, a digest as lists under headings; and whether all of it is there.

    The title above it is the digest's lead.
    """
    digest = read_digest(text)
    if digest is None:
        return escape(text, limit), fits(text, limit)
    lines = []
    for section in digest.sections:
        lines.append(f"\n**{texts.DIGEST_HEADINGS[section.heading]}**")
        for group in section.groups:
            lines += [f"*{escape(group.label)}*"] if group.label else []
            lines += [f"- {escape(texts.digest_point(point), limit)}" for point in group.points]
    lines += [texts.digest_left_out(digest)] if digest.left_out else []
    lines += ["", *(f"-# {escape(line)}" for line in texts.digest_small_print(digest))]
    shown = list(takewhile(_within(limit), lines))
    return "\n".join(shown).strip(), len(shown) == len(lines)


def _within(limit: int) -> Callable[[str], bool]:
    """Whether a line still fits under those that were asked about before it."""
    used = 0

    def fits_too(line: str) -> bool:
        nonlocal used
        used += len(line) + 1
        return used <= limit

    return fits_too


def verbatim(text: str) -> str:
    """Somebody's text whole, in a block where marks are only marks: it hardly grows."""
    return f"```\n{clean(text).replace('```', '`' + NOTHING + '``')}\n```"


def _escaped(text: str) -> str:
    parts, at = [], 0
    for address in ADDRESS.finditer(text):
        parts += [_marked(text[at : address.start()]), address[0]]
        at = address.end()
    return "".join([*parts, _marked(text[at:])])


def _marked(text: str) -> str:
    # A mark between @ and a word, because programs other than Discord's own read mentions too.
    return MARKS.sub(lambda mark: "\\" + mark[0], text).replace("\\@", "@" + NOTHING)


def one_line(text: str) -> str:
    """Without line breaks: for titles and lists."""
    return " ".join(str(text).split())


def title(text: str, limit: int = TITLE) -> str:
    """Somebody's text as an embed's title."""
    return escape(one_line(text), limit) or "–"


def plain(text: str, limit: int) -> str:
    """A text for a place where Discord reads no Markdown. Never empty, which Discord refuses."""
    return cut(one_line(clean(str(text))), limit) or "–"


def when(at: datetime) -> str:
    """A time that each reader sees on their own clock, with how far off it is."""
    seconds = int(at.timestamp())
    return f"<t:{seconds}:f> (<t:{seconds}:R>)"


def person(user: str) -> str:
    """A mention, for a Discord id, which notifies nobody here; anything else is shown as text."""
    return f"<@{user}>" if user.isascii() and user.isdigit() else escape(user, 100)


def role(id_: str) -> str:
    """The same for a role."""
    return f"<@&{id_}>" if id_.isascii() and id_.isdigit() else escape(id_, 100)


def channel(id_: str) -> str:
    """The same for a channel."""
    return f"<#{id_}>" if id_.isascii() and id_.isdigit() else escape(id_, 100)


def link(team: str, channel_: str, message: str) -> str:
    """A message's address."""
    return f"https://discord.com/channels/{team}/{channel_}/{message}"


def standing(d: Deliberation, phase: str, answered: str) -> str:
    """Where a question stands, in one line."""
    parts = [str(phase), answered.rstrip(".")]
    if d.open_until:
        parts.append(answers.until(when(d.open_until)))
    return " · ".join(map(str, parts))
