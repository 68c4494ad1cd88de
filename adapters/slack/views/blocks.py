"""The parts that every message and view is made of, within Block Kit's limits whatever the length.

Reads:  our own words, and texts that members or models wrote.
Gives:  Block Kit as plain dictionaries.
Two kinds of text go in: markup, which is ours, and whatever others wrote, which passes `escape` or `quoted`
first: `<!channel>` in an opinion then pings no one. Plain-text objects are never parsed by Slack.
Whatever goes in is in the reader's language from here on (`bot.wording.language.Phrase`).
Source of the limits: docs.slack.dev/reference/block-kit.
"""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.domain.clean_text import clean
from bot.wording import buttons, card_lines, texts
from bot.wording.confirmations import Confirmation
from engine.digest import read_digest

Block = dict[str, Any]

SECTION = 3_000
# How Slack counts entities is not documented; nothing of ours needs the last inch.
COMFORTABLE = 2_900
TITLE = 24
BUTTON = 75
OPTION = 75
PLACEHOLDER = 150
CONTEXT = 2_000
HEADER = 150
INPUT = 3_000
POINT = 1_500
ALT_TEXT = 2_000
BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
# Beyond this Slack refuses a message (slackapi/bolt-js#2509), so texts get this much together.
MESSAGE = 12_000
FALLBACK = 1_000
ELLIPSIS = "…"
# In an escaped text. What may belong to an address stays in it: cut short it would lead elsewhere.
ADDRESS = re.compile(r"https?://(?=[^\W_])(?:(?!&[lg]t;)[^\s`<>\"“”«»])+", re.IGNORECASE)
# So many become links in one text, which is two characters longer by each.
LINKS = 20
# A longer one may be broken between two paragraphs.
LONGEST_LINK = 500


# -- text ----------------------------------------------------------------------------------------


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis; at most `limit` characters."""
    text = str(text)
    if len(text) <= limit:
        return text
    return text[: limit - len(ELLIPSIS)].rstrip() + ELLIPSIS


def escape(text: str, limit: int = COMFORTABLE) -> str:
    """Somebody's text for use within markup: it pings nobody, links nowhere, and is at most `limit` long."""
    text = clean(str(text))
    escaped = html.escape(text, quote=False)
    while len(escaped) > limit:
        # Cut before escaping, or an entity could be cut in two; each round takes off what is too much.
        shorter = len(text) - max(1, (len(escaped) - limit) // 5)
        text = cut(text, shorter)
        escaped = html.escape(text, quote=False)
    return escaped


def linked(text: str, limit: int = COMFORTABLE) -> str:
    """Somebody's text as `escape` gives it, with the first web addresses in it as links: a little longer.

    Slack makes no links of texts that it takes as they are, or it would also make mentions. A link is always
    its own address, never other words, so that everybody sees where it leads.
    """
    return ADDRESS.sub(_link, escape(text, limit), count=LINKS)


def _link(found: re.Match[str]) -> str:
    """An address without the punctuation behind it; one that was cut short stays as it is."""
    address = found[0]
    if address.endswith(ELLIPSIS) or "|" in address or len(address) > LONGEST_LINK:
        return address
    bare = address.rstrip(".,:!?)]}'’*~")
    if bare.count("(") > bare.count(")") and address[len(bare) :].startswith(")"):
        bare += ")"
    return f"<{bare}>{address[len(bare) :]}"


def pieces(text: str, limit: int = COMFORTABLE) -> Iterator[str]:
    """A long text in parts that fit each, broken between words where there are any. Not escaped yet."""
    text = clean(text)
    while len(html.escape(text, quote=False)) > limit:
        at = _fitting(text, limit)
        yield text[:at].rstrip()
        text = text[at:].lstrip()
    if text:
        yield text


def _fitting(text: str, limit: int) -> int:
    """Where to break: as much as fits once it is escaped, at the last space if that is not far back."""
    length, at = 0, 0
    for character in text:
        length += len(html.escape(character, quote=False))
        if length > limit:
            break
        at += 1
    space = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
    return space if space > at * 0.8 else max(at, 1)


def quoted(text: str, limit: int = COMFORTABLE) -> str:
    """Somebody's text as a quotation, each line marked."""
    return "\n".join(f"> {line}" for line in linked(text, limit - limit // 10).splitlines()[:100])


def when(at: datetime) -> str:
    """A time that each reader sees on their own clock."""
    shown = card_lines.at_time("{date_short_pretty}", "{time}")
    return f"<!date^{int(at.timestamp())}^{shown}|{texts.utc(at)}>"


def person(user: str) -> str:
    """A mention, for a Slack id. Ids come from Slack; anything else is shown as text."""
    return f"<@{user}>" if user.isalnum() else escape(user, 100)


def channel(id_: str) -> str:
    """A link with a channel's name, for a Slack id."""
    return f"<#{id_}>" if id_.isalnum() else escape(id_, 100)


def plain(text: str, limit: int) -> Block:
    """A text that Slack does not parse. Never empty, which Slack refuses."""
    return {"type": "plain_text", "text": cut(clean(str(text)), limit) or "–", "emoji": True}


def markup(text: str, limit: int = SECTION) -> Block:
    """A text that Slack parses: ours, with `escape` around whatever others wrote."""
    return {"type": "mrkdwn", "text": str(text)[:limit] or "–", "verbatim": True}


# -- blocks --------------------------------------------------------------------------------------


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of markup."""
    block: Block = {"type": "section", "text": markup(text)}
    return block if accessory is None else {**block, "accessory": accessory}


def written(text: str, room: int = MESSAGE) -> list[Block]:
    """Somebody's long text as as many paragraphs as it needs, `room` characters together."""
    shown: list[Block] = []
    for piece in pieces(text):
        part = linked(piece, min(room, COMFORTABLE))
        shown.append(section(part))
        room -= len(part)
        if room < 100:
            break
    return shown


def stated(text: str, room: int = MESSAGE) -> list[Block]:
    """A statement; a digest as lists under headings, cut between points. The title above it is its lead."""
    digest = read_digest(text)
    if digest is None:
        return written(text, room)
    lines = []
    for part in digest.sections:
        lines.append(f"\n*{texts.DIGEST_HEADINGS[part.heading]}*")
        for group in part.groups:
            lines += [f"_{escape(group.label)}_"] if group.label else []
            lines += [f"• {linked(texts.digest_point(point), POINT)}" for point in group.points]
    lines += ["", texts.digest_left_out(digest)] if digest.left_out else []
    lines += ["", *(f"_{escape(line)}_" for line in texts.digest_small_print(digest))]
    return _in_paragraphs(lines, room)


def _in_paragraphs(lines: Sequence[str], room: int) -> list[Block]:
    """Lines of markup as as few paragraphs as they need; those that find no room are left out."""
    paragraphs = [""]
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            paragraphs[-1] += f"\n{ELLIPSIS}"
            break
        if len(paragraphs[-1]) + len(line) > COMFORTABLE:
            paragraphs.append("")
        paragraphs[-1] += f"\n{line}"
    return [section(paragraph.strip()) for paragraph in paragraphs if paragraph.strip()]


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": plain(text, HEADER)}


def context(*texts: str) -> Block:
    """Small print; each text is markup. Empty ones are left out."""
    # A row of nothing is refused, so an empty one shows a dash.
    shown = [markup(text, CONTEXT) for text in texts if text] or [markup("")]
    return {"type": "context", "elements": shown[:10]}


def image(file: str, told: str) -> Block:
    """A picture that was uploaded to Slack, by its id; `told`: the same in words."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": cut(told, ALT_TEXT)}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """A row of buttons."""
    block: Block = {"type": "actions", "elements": list(elements)[:25]}
    return block if block_id is None else {**block, "block_id": block_id}


def button(
    text: str,
    action: str,
    value: str = "",
    *,
    style: str | None = None,
    url: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button; `value` comes back with the click."""
    block: Block = {"type": "button", "text": plain(text, BUTTON), "action_id": action}
    for name, given in (("value", value), ("style", style), ("url", url), ("confirm", confirm)):
        if given:
            block[name] = given
    return block


def asks_first(confirmation_: Confirmation) -> Block:
    """The same for what every platform asks before."""
    return confirmation(confirmation_.asks, confirmation_.follows, confirmation_.yes)


def confirmation(title: str, text: str, yes: str, no: str = buttons.KEEP_IT) -> Block:
    """Asks before a button does what cannot be undone."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(text: str, value: str, description: str = "") -> Block:
    """One thing to choose."""
    block: Block = {"text": plain(text, OPTION), "value": value}
    return {**block, "description": plain(description, OPTION)} if description else block


def field(
    label: str, name: str, element: Block, *, hint: str = "", optional: bool = False, dispatch: bool = False
) -> Block:
    """An input with its label; `name` is both its block and its action, and where errors are shown."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2_000),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, 2_000)
    return {**block, "dispatch_action": True} if dispatch else block


def text_input(
    initial: str = "", *, lines: bool = False, most: int = INPUT, placeholder: str = "", focus: bool = False
) -> Block:
    """A place to write; `most` characters are taken, or as many as Slack takes."""
    most = min(most, INPUT)
    element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": most}
    if initial:
        element["initial_value"] = initial[:most]
    if placeholder:
        element["placeholder"] = plain(placeholder, PLACEHOLDER)
    return {**element, "focus_on_load": True} if focus else element


def choice(options: Sequence[Block], chosen: str | None = None, *, kind: str = "static_select") -> Block:
    """One of several; `chosen` is there at first."""
    element: Block = {"type": kind, "options": list(options)}
    initial = next((each for each in options if each["value"] == chosen), None)
    return element if initial is None else {**element, "initial_option": initial}


def ticks(options: Sequence[Block], chosen: Sequence[str]) -> Block:
    """Boxes to tick; those of `chosen` are ticked at first. Slack refuses an empty list of these."""
    element: Block = {"type": "checkboxes", "options": list(options)}
    initial = [each for each in options if each["value"] in chosen]
    return {**element, "initial_options": initial} if initial else element


# -- surfaces ------------------------------------------------------------------------------------


def message(text: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """A message: `text` is what notifications and screen readers get, as markup."""
    return {"text": str(text)[:FALLBACK] or "Accord", "blocks": list(blocks)[:BLOCKS_PER_MESSAGE]}


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback: str,
    metadata: str = "",
    submit: str | None = None,
    close: str = card_lines.CLOSE_WINDOW,
) -> dict[str, Any]:
    """A window; without `submit` it can only be closed."""
    view: dict[str, Any] = {
        "type": "modal",
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
        "callback_id": callback,
        "private_metadata": metadata,
        "blocks": list(blocks)[:BLOCKS_PER_VIEW],
    }
    return view if submit is None else {**view, "submit": plain(submit, TITLE)}


def home(blocks: Sequence[Block]) -> dict[str, Any]:
    """The app's own tab."""
    return {"type": "home", "blocks": list(blocks)[:BLOCKS_PER_VIEW]}
