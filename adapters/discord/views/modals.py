"""The windows: asking a question, giving an opinion, settings, a template.

Reads:  domain data, and what stands in them at first.
Gives:  windows whose inputs carry the names that `bot.forms` reads; `typed` turns a submitted one into that.
A window is answered by its name, by whichever process gets it, after a restart too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord
from discord import ui

from adapters.discord.views import names, text
from adapters.discord.views.names import custom_id
from bot import texts
from bot.choices import (
    HOURS,
    IDENTITY_CHOICES,
    LANGUAGES,
    POLL_CHOICE,
    RATING_CHOICES,
    SCALE_CHOICES,
    SHOWN_CHOICES,
    WELFARE_CHOICES,
    WHATEVER_FITS,
    WHO_WORDS,
    lasts,
)
from bot.domain.deliberation import CONTEXT_LIMIT, OPINION_LIMIT, QUESTION_LIMIT, Deliberation
from bot.domain.library import NAME_LIMIT
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.domain.team import Defaults, Team

RATING_WORDS: dict[Any, tuple[str, str]] = {**RATING_CHOICES, **POLL_CHOICE}
SWITCHES = {
    "reminders": "Remind members who have not answered",
    "keep_feedback": "Keep ratings to learn from",
}
MOST_PICKED = 25


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
    return _labelled(label, box, hint)


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
    return _labelled(label, menu, hint)


def _labelled(label: str, component: "ui.Item[Any]", hint: str) -> "ui.Label[Any]":
    return ui.Label(
        text=text.cut(label, text.LABEL),
        component=component,
        description=text.cut(hint, text.HINT) or None,
    )


def _people(
    label: str,
    name: str,
    kind: type[discord.Member] | type[discord.Role],
    chosen: Iterable[str],
    hint: str = "",
) -> "ui.Label[Any]":
    """A menu of the server's people or roles; those that are chosen already stand in it."""
    menus: dict[Any, Any] = {discord.Member: ui.UserSelect, discord.Role: ui.RoleSelect}
    menu = menus[kind](
        custom_id=name,
        min_values=0,
        max_values=MOST_PICKED,
        required=False,
        default_values=_defaults(chosen, kind),
    )
    return _labelled(label, menu, hint)


def _defaults(chosen: Iterable[str], kind: Any) -> list[discord.SelectDefaultValue]:
    kinds = {
        discord.Member: discord.SelectDefaultValueType.user,
        discord.Role: discord.SelectDefaultValueType.role,
        discord.abc.GuildChannel: discord.SelectDefaultValueType.channel,
    }
    ids = sorted(each for each in chosen if each.isdigit())[:MOST_PICKED]
    return [discord.SelectDefaultValue(id=int(each), type=kinds[kind]) for each in ids]


# -- asking and answering ------------------------------------------------------------------------


def ask_window(
    key: str,
    defaults: Defaults,
    typed: Mapping[str, str],
    *,
    zone: str = "UTC",
    title: str = "Find common ground",
) -> ui.Modal:
    """The window in which a question is asked; `typed` stands in it, `key` finds what else was chosen."""
    without = (
        f"Without one: {lasts(defaults.closes_after)} from now."
        if defaults.closes_after
        else "Without one you close the question yourself."
    )
    identity = typed.get("identity") or ("anonymous" if defaults.anonymous else "named")
    rating = typed.get("rating_by") or str(defaults.rating_by or WHATEVER_FITS)
    return window(
        title,
        custom_id(names.ASK, key),
        field(
            "What should the group agree on?",
            "question",
            typed.get("question", ""),
            most=QUESTION_LIMIT,
            lines=True,
        ),
        field(
            "Background",
            "context",
            typed.get("context", ""),
            hint="What everybody should know before they answer.",
            most=CONTEXT_LIMIT,
            lines=True,
            required=False,
        ),
        field(
            "Opinions until",
            "deadline",
            typed.get("deadline", ""),
            hint=f"{without} Times of day are read in {zone}.",
            most=100,
            required=False,
            placeholder="tomorrow 5pm · in 3 hours · friday 17:00",
        ),
        choice("Opinions are", "identity", IDENTITY_CHOICES, [identity]),
        choice("It is rated by", "rating_by", RATING_WORDS, [rating]),
    )


def opinion_window(
    id_: str,
    d: Deliberation | None = None,
    own: str = "",
    *,
    baseline: int | None = None,
    may_learn: bool = True,
) -> ui.Modal:
    """The window in which an opinion is given or changed; without `d` when the question could not be read.

    baseline, may_learn: what is kept of the agreement with the position statement, and about learning.
    """
    asked = "In your own words: what you think, and why." if d is None else d.question
    return window(
        "Your opinion",
        custom_id(names.OPINION, id_),
        *([] if d is None else _baseline(d, baseline)),
        field(
            "Change your opinion" if own else "Your opinion",
            "opinion",
            own,
            hint=text.plain(asked, text.HINT),
            most=OPINION_LIMIT,
            lines=True,
            placeholder="What you think, and why.",
        ),
        *([] if d is None else _learning(d, may_learn)),
    )


def _baseline(d: Deliberation, chosen: int | None) -> Sequence["ui.Item[Any]"]:
    """How far somebody agrees with the position statement, before they say what they think."""
    if d.terms.position_statement is None:
        return ()
    steps = {level.value: f"{level.value} {level.label}" for level in AGREEMENT_LEVELS}
    picked = () if chosen is None else (chosen,)
    said = text.escape(d.terms.position_statement, text.CONTENT)
    return (
        ui.TextDisplay(f"{texts.BASELINE_LABEL}\n> {said.replace(chr(10), f'{chr(10)}> ')}"),
        choice("How far do you agree?", names.BASELINE, steps, picked, required=False),
    )


def _learning(d: Deliberation, may_learn: bool) -> Sequence["ui.Item[Any]"]:
    """Whether an opinion may be learnt from, where the server lets Accord learn at all."""
    if not d.terms.keep_feedback:
        return ()
    offered = {names.YES: "Yes", names.NO: "No"}
    picked = names.YES if may_learn else names.NO
    return (
        ui.TextDisplay(texts.LEARNING_NOTE),
        choice(texts.LEARNING_LABEL, names.LEARN, offered, [picked], required=False),
    )


# -- for admins ----------------------------------------------------------------------------------

PARTS = {
    "who": "Who and where",
    "questions": "New questions",
    "rating": "Choosing and rating",
    "keeping": "Taking part, keeping",
}


def settings_window(part: str, team: Team) -> ui.Modal:
    """One of the windows with the server's settings."""
    fields = {"who": _who, "questions": _questions, "rating": _rating, "keeping": _keeping}[part](team)
    return window(PARTS[part], custom_id(names.SETTINGS_WINDOW, part), *fields)


def _who(team: Team) -> Sequence["ui.Label[Any]"]:
    channels: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id="channels",
        channel_types=[discord.ChannelType.text, discord.ChannelType.news],
        min_values=0,
        max_values=MOST_PICKED,
        required=False,
        default_values=_defaults(team.channels, discord.abc.GuildChannel),
    )
    return (
        choice("Who may ask?", "who_may_ask", WHO_WORDS, [team.who_may_ask]),
        _people("These people may ask", "may_ask_users", discord.Member, team.may_ask_users),
        _people("These roles may ask", "may_ask_roles", discord.Role, team.may_ask_roles),
        _people(
            "These roles run Accord here",
            "admin_roles",
            discord.Role,
            team.admin_roles,
            "Beside those who manage the server.",
        ),
        _labelled("In these channels", channels, "Empty: everywhere."),
    )


def _questions(team: Team) -> Sequence["ui.Label[Any]"]:
    usual = team.defaults
    hours = usual.closes_after and int(usual.closes_after.total_seconds() // 3_600)
    return (
        field(
            "Hours that opinions are collected",
            "closes_after",
            str(hours or ""),
            hint="Empty: until somebody closes the question.",
            most=4,
            required=False,
        ),
        choice("Opinions are", "identity", IDENTITY_CHOICES, ["anonymous" if usual.anonymous else "named"]),
        field("Close with so many opinions", "quorum", str(usual.quorum or ""), most=6, required=False),
        field("Fewest opinions for a statement", "minimum_opinions", str(usual.minimum_opinions), most=6),
    )


def _rating(team: Team) -> Sequence["ui.Label[Any]"]:
    usual = team.defaults
    hours = int(usual.rating_period.total_seconds() // 3_600)
    return (
        choice("The chosen statement is", "welfare", WELFARE_CHOICES, [usual.welfare.name]),
        choice("It is rated by", "rating_by", RATING_WORDS, [usual.rating_by or WHATEVER_FITS]),
        choice("On a scale of", "scale", SCALE_CHOICES, [usual.scale]),
        choice("Rating is open for", "rating_hours", HOURS, [hours if hours in HOURS else 24]),
        choice("Members see the ratings", "results_shown", SHOWN_CHOICES, [usual.results_shown]),
    )


def _keeping(team: Team) -> Sequence["ui.Label[Any]"]:
    on = [name for name in SWITCHES if getattr(team, name)]
    return (
        _people("These roles take no part", "excluded_roles", discord.Role, team.excluded_roles),
        field(
            "Erase a question so many days after its end", "retention_days", str(team.retention_days), most=4
        ),
        choice("Switches", "switches", SWITCHES, on, most=len(SWITCHES)),
        choice("Language", "language", LANGUAGES, [team.language]),
    )


def template_window(typed: Mapping[str, str] | None = None) -> ui.Modal:
    """A new template; its terms are the server's usual ones."""
    typed = typed or {}
    return window(
        "Question template",
        custom_id(names.TEMPLATE),
        field("Name", "name", typed.get("name", ""), hint="One with this name is replaced.", most=NAME_LIMIT),
        field("Question", "question", typed.get("question", ""), most=QUESTION_LIMIT, lines=True),
        field(
            "Background", "context", typed.get("context", ""), most=CONTEXT_LIMIT, lines=True, required=False
        ),
        field("Hours that opinions are collected", "closes_after", typed.get("closes_after", "24"), most=4),
    )


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
