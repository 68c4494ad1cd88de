"""Both platforms' small markup as HTML: bold, italics, quotations, times, mentions."""

import base64
import html
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

Change = tuple[str, str | Callable[[re.Match[str]], str]]
"""A pattern in escaped text, and what it becomes."""

SLACK: Sequence[Change] = (
    (r"&lt;!date\^[^|]*\|([^&]*)&gt;", r"<u>\1</u>"),
    (r"&lt;@(\w+)&gt;", r'<span class="mention">@\1</span>'),
    (r"&lt;#(\w+)(?:\|[^&]*)?&gt;", r'<span class="mention">#\1</span>'),
    (r"&lt;(https?[^|&]*)(?:\|([^&]*))?&gt;", lambda found: f"<a>{found[2] or found[1]}</a>"),
    (
        r"(?m)^&amp;gt; ?(.*)$|^&gt; ?(.*)$",
        lambda found: f"<blockquote>{found[1] or found[2] or ''}</blockquote>",
    ),
    (r"\*([^*\n]+)\*", r"<b>\1</b>"),
    (r"(?<!\w)~([^~\n]+)~(?!\w)", r"<s>\1</s>"),
    (r"(?<!\w)_([^_\n]+)_(?!\w)", r"<i>\1</i>"),
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r":([a-z_0-9+-]+):", r'<span class="emoji">:\1:</span>'),
    (r"&amp;(lt|gt|amp);", r"&\1;"),
)


def _time(seconds: int, from_now: bool) -> str:
    """As Discord tells it, in English and UTC."""
    then, now = datetime.fromtimestamp(seconds, UTC), datetime.now(UTC)
    if not from_now:
        return f"{then:%-d %B %Y %H:%M}"
    hours = round(abs(then - now) / timedelta(hours=1))
    return f"in {hours} hours" if then > now else f"{hours} hours ago"


DISCORD: Sequence[Change] = (
    (r"&lt;t:(\d+)(:R)?(?::\w)?&gt;", lambda found: f"<u>{_time(int(found[1]), bool(found[2]))}</u>"),
    (r"&lt;@!?(\d+)&gt;", r'<span class="mention">@\1</span>'),
    (r"&lt;#(\d+)&gt;", r'<span class="mention">#\1</span>'),
    (r"(?m)^-# (.*)$", r"<small>\1</small>"),
    (r"(?m)^#+ (.*)$", r"<b>\1</b>"),
    (r"(?m)^&gt; ?(.*)$", r"<blockquote>\1</blockquote>"),
    (r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>"),
    (r"(?<![\\*])\*([^*\n]+)\*", r"<i>\1</i>"),
    (r"(?<!\\)`([^`]+)`", r"<code>\1</code>"),
    (r"\[([^\]]+)\]\((?:&lt;)?https?://[^)]*\)", r"<a>\1</a>"),
    (r"\\([!-/:-@\[-`{-~])", r"\1"),
)


def drawn(text: str, changes: Sequence[Change]) -> str:
    """A text in that markup, as HTML."""
    told = html.escape(text, quote=False).split("```")
    return "".join(_block(part) if at % 2 else _prose(part, changes) for at, part in enumerate(told))


def _block(text: str) -> str:
    return f"<pre>{text.strip()}</pre>"


def _prose(text: str, changes: Sequence[Change]) -> str:
    for pattern, becomes in changes:
        text = re.sub(pattern, becomes, text)
    return re.sub(r"(</blockquote>|</small>)\n", r"\1", text).replace("\n", "<br>")


def picture(content: bytes, told: str) -> str:
    """A PNG with its alt text, which stands below it, too."""
    source = base64.b64encode(content).decode()
    alt = html.escape(told)
    return f'<img src="data:image/png;base64,{source}" alt="{alt}"><p class="small">{alt}</p>'


def plain(text: object) -> str:
    """A text that is not parsed."""
    return html.escape(str(text))
