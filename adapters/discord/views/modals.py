"""The window in which an opinion is given; what every window is made of.

Reads:  domain data, and what stands in them at first.
Gives:  windows whose inputs carry the names that `bot.wording.forms` reads; `typed` turns a submitted one
        into that.
A window is answered by its name, by whichever process gets it, after a restart too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord
from discord import ui

from adapters.discord.views import names, text
from adapters.discord.views.names import custom_id
from bot.domain.deliberation import NOTHING_KNOWN, OPINION_LIMIT, Deliberation
from bot.domain.juries import MemberAttribute
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.wording import buttons, card_lines, jury_lines, texts
from bot.wording.language import _

MOST_INPUTS = 5


def window(title: str, name: str, *fields: "ui.Item[Any]") -> ui.Modal:
    """A window with up to five fields."""
    modal = ui.Modal(title=text.cut(title, text.WINDOW_TITLE), custom_id=name, timeout=None)
    for each in fields:
        modal.add_item(each)
    # Not kept by the SDK: submissions are answered by name.
    modal.stop()
    return modal


def field(
    label: str,
    name: str,
    initial: str = "",
    *,
    hint: str = "",
    most: int = text.INPUT,
    lines: bool = False,
    required: bool = True,
    placeholder: str = "",
) -> "ui.Label[Any]":
    """A place to write."""
    box: ui.TextInput[Any] = ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph if lines else discord.TextStyle.short,
        default=initial[:most] or None,
        required=required,
        max_length=most,
        placeholder=text.cut(placeholder, text.PLACEHOLDER) or None,
    )
    return labelled(label, box, hint)


def choice(
    label: str,
    name: str,
    offered: Mapping[Any, Any],
    chosen: Iterable[Any] = (),
    *,
    hint: str = "",
    most: int = 1,
    required: bool = True,
) -> "ui.Label[Any]":
    """One of several, or as many as `most`; none at all where it is not required."""
    picked = {str(each) for each in chosen}
    options = []
    for value, words in offered.items():
        told, more = words if isinstance(words, tuple) else (words, "")
        options.append(
            discord.SelectOption(
                label=text.cut(told, text.OPTION),
                value=str(value),
                description=text.cut(more, text.OPTION) or None,
                default=str(value) in picked,
            )
        )
    needed = required and most == 1
    menu: ui.Select[Any] = ui.Select(
        custom_id=name, options=options, min_values=int(needed), max_values=most, required=needed
    )
    return labelled(label, menu, hint)


def labelled(label: str, component: "ui.Item[Any]", hint: str = "") -> "ui.Label[Any]":
    """A field: what it is for, above it and in a smaller line below."""
    return ui.Label(
        text=text.cut(label, text.LABEL),
        component=component,
        description=text.cut(hint, text.HINT) or None,
    )


# -- answering -----------------------------------------------------------------------------------


def opinion_window(
    id_: str,
    d: Deliberation | None = None,
    own: str = "",
    *,
    baseline: int | None = None,
    may_learn: bool = False,
    position: bool = True,
    notice: ModelNotice | None = None,
    known: Mapping[str, str] = NOTHING_KNOWN,
) -> ui.Modal:
    """The window in which an opinion is given or changed; without `d` when the question could not be read.

    baseline, may_learn: what is kept of the agreement with the position statement, and about learning.
    position: whether the window asks for that agreement, and not a poll.
    notice: which AI models read the opinion.
    known: what is kept of what they answered about themselves.
    """
    asked = card_lines.OWN_WORDS if d is None else d.question
    return window(
        buttons.YOUR_OPINION,
        custom_id(names.OPINION, id_, "" if d is None else str(d.edition)),
        *_before_writing(d, notice, baseline, known, position=position),
        field(
            buttons.CHANGE_YOUR_OPINION if own else buttons.YOUR_OPINION,
            "opinion",
            own,
            hint=text.plain(asked, text.HINT),
            most=OPINION_LIMIT,
            lines=True,
            placeholder=card_lines.OPINION_PLACEHOLDER,
        ),
        *([] if d is None else learning(d, texts.LEARNING_LABEL, may_learn)),
    )


def _before_writing(
    d: Deliberation | None,
    notice: ModelNotice | None,
    baseline: int | None,
    known: Mapping[str, str],
    *,
    position: bool,
) -> "Sequence[ui.Item[Any]]":
    """What stands above the opinion. Where members are asked about themselves, one text says all of it: then
    there is room for one such question next to the others, and for as many as there are without those."""
    said = _said_before(d, notice)
    if d is None:
        return [ui.TextDisplay(said)]
    step = _baseline(d, baseline) if position else ()
    if not d.terms.asked_of_members:
        return [*step, ui.TextDisplay(said)]
    room = MOST_INPUTS - 2 - bool(step) - d.terms.keep_feedback
    about = [
        choice(
            each.label,
            jury_lines.name_of(place),
            {v: v for v in each.values},
            _chosen(each, known),
            required=False,
        )
        for place, each in list(d.terms.asked_of_members.items())[:room]
    ]
    if not step:
        return [ui.TextDisplay(said), *about]
    return [ui.TextDisplay(f"{said}\n{_position(d)}"), *step[1:], *about]


def _chosen(asked: MemberAttribute, known: Mapping[str, str]) -> list[str]:
    return [known[asked.label]] if asked.label in known else []


def _said_before(d: Deliberation | None, notice: ModelNotice | None) -> str:
    """Who reads the opinion and what becomes of it, a line each; a window has room for five parts only."""
    kept = [] if d is None else [text.escape(texts.identity_note(d)), texts.kept_note(d)]
    learning = [str(texts.LEARNING_NOTE)] if d is not None and d.terms.keep_feedback else []
    return "\n".join([*texts.model_notes(notice, text.escape), *kept, *learning])


def _baseline(d: Deliberation, chosen: int | None) -> Sequence["ui.Item[Any]"]:
    """How far somebody agrees with the position statement, before they say what they think."""
    if d.terms.position_statement is None:
        return ()
    steps = {level.value: f"{level.value} {_(level.label)}" for level in AGREEMENT_LEVELS}
    picked = () if chosen is None else (chosen,)
    return (
        ui.TextDisplay(_position(d)),
        choice(card_lines.HOW_FAR, names.BASELINE, steps, picked, required=False),
    )


def _position(d: Deliberation) -> str:
    said = text.escape(d.terms.position_statement or "", text.CONTENT)
    return f"{texts.BASELINE_LABEL}\n> {said.replace(chr(10), f'{chr(10)}> ')}"


def learning(d: Deliberation, label: str, may_learn: bool) -> Sequence["ui.Item[Any]"]:
    """Whether what is written may be learnt from, where the server lets Accord learn at all."""
    if not d.terms.keep_feedback:
        return ()
    offered = {names.YES: buttons.YES, names.NO: buttons.NO}
    picked = names.YES if may_learn else names.NO
    return (choice(label, names.LEARN, offered, [picked], required=False),)


# -- submitted -----------------------------------------------------------------------------------


def typed(data: Mapping[str, Any]) -> dict[str, str]:
    """What stands in a submitted window's fields, by their names; what was left empty is ""."""
    found: dict[str, str] = {}
    for row in data.get("components") or ():
        inner = row.get("component")
        for each in row.get("components") or ([inner] if inner else []):
            if name := str(each.get("custom_id") or ""):
                found[name] = _value(each)
    return found


def _value(component: Mapping[str, Any]) -> str:
    values = component.get("values")
    return ",".join(map(str, values)) if isinstance(values, list) else str(component.get("value") or "")
