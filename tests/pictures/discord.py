"""Discord's messages, embeds, components and windows as HTML, as far as Accord uses them."""

from collections.abc import Callable
from typing import Any

from tests.discord_server import Message
from tests.discord_server.state import Attachment, Modal
from tests.pictures.markup import DISCORD, drawn, picture, plain

Json = dict[str, Any]
STYLES = {1: "primary", 3: "good", 4: "danger"}


def message(shown: Message) -> str:
    """A message; one that only one person sees says so."""
    private = '<p class="private">Only you can see this</p>' if shown.seen_by else ""
    content = f"<p>{drawn(shown.content, DISCORD)}</p>" if shown.content else ""
    embeds = "".join(map(_embed, shown.embeds))
    files = "".join(map(_file, shown.attachments))
    poll = _poll(shown) if shown.poll else ""
    below = "".join(map(_component, shown.components))
    reactions = "".join(
        f'<span class="reaction">{plain(name)} {len(by)}</span>' for name, by in shown.reactions.items()
    )
    head = f'{private}<p class="author">Accord</p>{content}'
    return f'<article class="message">{head}{embeds}{files}{poll}{below}{reactions}</article>'


def window(shown: Modal) -> str:
    """A window that is filled in."""
    body = "".join(map(_component, shown.given["components"]))
    foot = '<span class="button">Cancel</span><span class="button primary">Submit</span>'
    return f'<article class="window"><h1>{plain(shown.title)}</h1>{body}<p class="foot">{foot}</p></article>'


def _file(file: Attachment) -> str:
    if file.filename.endswith(".png"):
        return picture(file.data, file.description or "")
    return f'<p class="file">{plain(file.filename)}</p>'


def _embed(embed: Json) -> str:
    title = f"<h2>{drawn(embed['title'], DISCORD)}</h2>" if embed.get("title") else ""
    text = f"<p>{drawn(embed['description'], DISCORD)}</p>" if embed.get("description") else ""
    fields = "".join(map(_field, embed.get("fields", ())))
    foot = f'<p class="small">{plain(embed["footer"]["text"])}</p>' if embed.get("footer") else ""
    colour = f"#{embed.get('color', 0):06x}"
    return f'<div class="embed" style="border-color:{colour}">{title}{text}{fields}{foot}</div>'


def _field(field: Json) -> str:
    name, value = drawn(field["name"], DISCORD), drawn(field["value"], DISCORD)
    return f'<div class="field"><b>{name}</b><p>{value}</p></div>'


def _poll(shown: Message) -> str:
    assert shown.poll is not None
    answers = "".join(f"<p>○ {plain(answer)}</p>" for answer in shown.poll.answers.values())
    return f'<div class="embed"><b>{plain(shown.poll.question)}</b>{answers}</div>'


def _component(part: Json) -> str:
    return PARTS.get(part["type"], _menu)(part)


def _row(part: Json) -> str:
    return f'<p class="actions">{"".join(map(_component, part["components"]))}</p>'


def _button(part: Json) -> str:
    emoji = plain((part.get("emoji") or {}).get("name") or "")
    style = STYLES.get(part["style"], "") + (" off" if part.get("disabled") else "")
    return f'<span class="button {style}">{emoji} {plain(part.get("label") or "")}</span>'


def _menu(part: Json) -> str:
    options = [each for each in part.get("options", ()) if each.get("default")]
    chosen = ", ".join(each["label"] for each in options) or part.get("placeholder") or "Choose"
    return f'<span class="entry">{plain(chosen)} ▾</span>'


def _typed(part: Json) -> str:
    label = f'<p class="label">{plain(part["label"])}</p>' if part.get("label") else ""
    tall = "tall" if part["style"] == 2 else ""
    own = (
        plain(part.get("value") or "") or f'<span class="hint">{plain(part.get("placeholder") or "")}</span>'
    )
    return f'{label}<p class="entry {tall}">{own}</p>'


def _labelled(part: Json) -> str:
    wanted = "" if part["component"].get("required") else " (optional)"
    hint = f'<p class="small">{plain(part["description"])}</p>' if part.get("description") else ""
    return (
        f'<div><p class="label">{plain(part["label"])}{wanted}</p>{hint}{_component(part["component"])}</div>'
    )


def _said(part: Json) -> str:
    return f"<p>{drawn(part['content'], DISCORD)}</p>"


def _inside(part: Json) -> str:
    return "".join(map(_component, part["components"]))


PARTS: dict[int, Callable[[Json], str]] = {
    1: _row,
    2: _button,
    4: _typed,
    9: _inside,
    10: _said,
    14: lambda part: "<hr>",
    17: _inside,
    18: _labelled,
}
