"""Block Kit as HTML, as far as Accord uses it."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.pictures.markup import SLACK, drawn, picture, plain
from tests.slack_server import Message, View

Json = dict[str, Any]


def message(shown: Message, files: Mapping[str, bytes | None]) -> str:
    """A message; one that only one person sees says so. files: what was uploaded, by id."""
    private = '<p class="private">Only visible to you</p>' if shown.seen_by else ""
    blocks = (
        picture(files[block["slack_file"]["id"]] or b"", block["alt_text"])
        if block["type"] == "image"
        else _block(block)
        for block in shown.blocks
    )
    body = "".join(blocks) or f"<p>{drawn(shown.text, SLACK)}</p>"
    reactions = "".join(
        f'<span class="reaction">:{name}: {len(by)}</span>' for name, by in shown.reactions.items()
    )
    return f'<article class="message">{private}<p class="author">Accord</p>{body}{reactions}</article>'


def window(view: View) -> str:
    """A window with its buttons below."""
    given = view.given
    buttons = "".join(
        f'<span class="button {style}">{plain(given[part]["text"])}</span>'
        for part, style in (("close", ""), ("submit", "primary"))
        if part in given
    )
    title = f"<h1>{plain(given['title']['text'])}</h1>" if "title" in given else ""
    body = "".join(map(_block, view.blocks))
    return f'<article class="window">{title}{body}<p class="foot">{buttons}</p></article>'


def _block(block: Json) -> str:
    return BLOCKS[block["type"]](block)


def _text(part: Json) -> str:
    return drawn(part["text"], SLACK) if part["type"] == "mrkdwn" else plain(part["text"])


def _header(block: Json) -> str:
    return f"<h2>{_text(block['text'])}</h2>"


def _section(block: Json) -> str:
    text = f"<p>{_text(block['text'])}</p>" if "text" in block else ""
    fields = "".join(f"<p class='field'>{_text(each)}</p>" for each in block.get("fields", ()))
    beside = _element(block["accessory"]) if "accessory" in block else ""
    return f'<div class="row"><div>{text}{fields}</div>{beside}</div>'


def _context(block: Json) -> str:
    return "".join(f'<p class="small">{_text(each)}</p>' for each in block["elements"])


def _actions(block: Json) -> str:
    return f'<p class="actions">{"".join(map(_element, block["elements"]))}</p>'


def _input(block: Json) -> str:
    wanted = " (optional)" if block.get("optional") else ""
    hint = f'<p class="small">{_text(block["hint"])}</p>' if "hint" in block else ""
    label = plain(block["label"]["text"])
    return f'<div><p class="label">{label}{wanted}</p>{_element(block["element"])}{hint}</div>'


def _element(element: Json) -> str:
    return ELEMENTS.get(element["type"], _select)(element)


def _button(element: Json) -> str:
    asks = " …?" if "confirm" in element else ""
    return f'<span class="button {element.get("style", "")}">{plain(element["text"]["text"])}{asks}</span>'


def _typed(element: Json) -> str:
    hint = element.get("placeholder", {}).get("text", "")
    tall = "tall" if element.get("multiline") else ""
    own = element.get("initial_value") or f'<span class="hint">{plain(hint)}</span>'
    return f'<p class="entry {tall}">{own}</p>'


def _ticks(element: Json) -> str:
    chosen = element.get("initial_options") or [element.get("initial_option")]
    return "".join(
        f"<p>{'☑' if option in chosen else '☐'} {_text(option['text'])}"
        + (
            f'<br><span class="small">{_text(option["description"])}</span>'
            if "description" in option
            else ""
        )
        + "</p>"
        for option in element["options"]
    )


def _select(element: Json) -> str:
    chosen = element.get("initial_option", {}).get("text") or element.get("placeholder", {"text": "Choose"})
    return f'<span class="entry">{plain(chosen["text"])} ▾</span>'


BLOCKS: dict[str, Callable[[Json], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "divider": lambda block: "<hr>",
}
ELEMENTS: dict[str, Callable[[Json], str]] = {
    "button": _button,
    "plain_text_input": _typed,
    "number_input": _typed,
    "checkboxes": _ticks,
    "radio_buttons": _ticks,
}
