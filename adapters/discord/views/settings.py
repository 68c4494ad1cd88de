"""A server's settings: what they are now, the windows that change them, one's own reminders and learning.

Reads:  a `Team`, the log of its changes, what permissions are missing where.
Gives:  messages, and windows whose inputs carry the names that `bot.forms` reads. A window has room for five
        inputs, so there are five of them; what one does not show stays as it is when it is saved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
from discord import ui

from adapters.discord.config import PERMISSIONS, prevented
from adapters.discord.views import names, text
from adapters.discord.views.drawn import COLOUR, PRIMARY, WARNING, Drawn, Press, embed
from adapters.discord.views.modals import RATING_WORDS, choice, field, labelled, window
from adapters.discord.views.names import custom_id
from adapters.discord.views.text import channel, escape, person, role, when
from bot.choices import (
    ALPHA_CHOICE,
    AS_IT_IS,
    EMOJI_HINT,
    EMOJI_LABEL,
    EMOJI_LIMIT,
    HOURS,
    IDENTITY_CHOICES,
    LANGUAGES,
    OWN_SCALE,
    OWN_SCALE_CHOICE,
    SCALE_CHOICES,
    SHOWN_CHOICES,
    WELFARE_CHOICES,
    WHATEVER_FITS,
    WHO_WORDS,
    beginning,
    hours_shown,
    lasts,
)
from bot.domain.team import SettingsChange, Team
from bot.emoji import written
from engine.types import WelfareName

# Discord refuses a window whose picker begins with more.
PICKED = 25
# Channels in which, or in whose threads, a question can stand.
ASKED_IN = [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]
LISTED = 10
CHANGES_SHOWN = 5
CHANNELS_TOLD = 5
MEND = "Give them to Accord's role under Edit Channel, Permissions."
LIBRARY = "Templates, bank, schedules"
PARTS = {
    "who": "Who and where",
    "questions": "New questions",
    "scale": "Scale",
    "rating": "Choosing and rating",
    "keeping": "Taking part, keeping",
}
SWITCHES = {
    "reminders": "Remind members who have not answered",
    "keep_feedback": "Keep ratings to learn from",
}
# What each input is called, in its window and where something is wrong with it.
LABELS = {
    "who_may_ask": "Who may ask?",
    "may_ask_users": "These people may ask",
    "may_ask_roles": "These roles may ask",
    "admin_roles": "These roles run Accord here",
    "channels": "In these channels",
    "closes_after": "Hours that opinions are collected",
    "identity": "Opinions are",
    "quorum": "Close with so many opinions",
    "minimum_opinions": "Fewest opinions for a statement",
    "scale": "On a scale of",
    "emoji": EMOJI_LABEL,
    "welfare": "The chosen statement is",
    "alpha": "Inequality aversion (alpha)",
    "rating_by": "It is rated by",
    "rating_hours": "Rating is open for",
    "results_shown": "Members see the ratings",
    "excluded_roles": "These roles take no part",
    "retention_days": "Erase a question so many days after its end",
    "switches": "Switches",
    "language": "Language",
}
WELFARES = {**WELFARE_CHOICES, **ALPHA_CHOICE}


@dataclass(frozen=True)
class Own:
    """What somebody said about themselves: to be reminded, to be learnt from."""

    reminders: bool
    learning: bool


# -- what there is now ---------------------------------------------------------------------------


def own_message(own: Own, told: str = "") -> Drawn:
    """One's own part."""
    shown = embed("Your own settings in this server", "\n".join(_own_lines(own)))
    return Drawn(content=escape(told, text.CONTENT), embeds=(shown,), buttons=_own_buttons(own))


def _own_lines(own: Own) -> list[str]:
    reminded = "You are reminded" if own.reminders else "You are not reminded"
    learnt = "may learn" if own.learning else "does not learn"
    return [
        f"{reminded} of questions that you have not answered.",
        f"Accord {learnt} from your opinions, where a server lets it learn at all.",
    ]


def _own_buttons(own: Own) -> tuple[Press, ...]:
    reminders = ("Stop reminding me", "off") if own.reminders else ("Remind me again", "on")
    learning = ("Do not learn from me", "off") if own.learning else ("You may learn from me", "on")
    return (
        Press(reminders[0], names.OWN, "reminders", reminders[1]),
        Press(learning[0], names.OWN, "learning", learning[1]),
    )


def settings_message(
    team: Team,
    own: Own,
    changes: Sequence[SettingsChange],
    missing: Mapping[str, Sequence[str]],
    told: str = "",
) -> Drawn:
    """The server's settings, for its admins.

    missing: for each channel the permissions that these settings need and the app has not there.
    """
    problems = _problems(missing)
    shown = embed(
        "This server's settings",
        problems,
        fields=[
            (PARTS["who"], _who_words(team)),
            (PARTS["questions"], _question_words(team)),
            (PARTS["scale"], _scale_words(team)),
            (PARTS["rating"], _rating_words(team)),
            (PARTS["keeping"], _keeping_words(team)),
            ("Last changes", "\n".join(_change(each) for each in changes[:CHANGES_SHOWN])),
            ("You yourself", "\n".join(_own_lines(own))),
        ],
        colour=WARNING if problems else COLOUR,
    )
    buttons = tuple(Press(title, names.SETTINGS, part, style=PRIMARY) for part, title in PARTS.items())
    return Drawn(
        content=escape(told, text.CONTENT),
        embeds=(shown,),
        buttons=(
            *buttons,
            Press("Templates, bank, schedules", names.LIBRARY, "templates"),
            *_own_buttons(own),
        ),
    )


def _problems(missing: Mapping[str, Sequence[str]]) -> str:
    """Each missing permission, what it prevents, and in which channels."""
    lines = []
    for name in PERMISSIONS:
        places = [channel(id_) for id_, lacked in missing.items() if name in lacked]
        if places:
            lines.append(f"⚠️ {prevented([name])}: {_several(places, most=CHANNELS_TOLD)}")
    return "\n".join(["**Missing permissions**", *lines, MEND]) if lines else ""


def _who_words(team: Team) -> str:
    who = WHO_WORDS[team.who_may_ask].replace("chosen below", "listed here")
    listed = [*map(person, sorted(team.may_ask_users)), *map(role, sorted(team.may_ask_roles))]
    lines = [
        f"May ask: {who}.",
        f"Listed: {_several(listed)}" if listed else "",
        f"Run Accord beside those who manage the server: {_several(map(role, sorted(team.admin_roles)))}",
        f"Channels: {_several(map(channel, sorted(team.channels)), 'all')}",
    ]
    return "\n".join(filter(None, lines))


def _several(shown: Iterable[str], none: str = "nobody", most: int = LISTED) -> str:
    found = list(shown)
    more = len(found) - most
    return (", ".join(found[:most]) + (f" and {more:,} more" if more > 0 else "")) or none


def _question_words(team: Team) -> str:
    usual = team.defaults
    closes = f"after {lasts(usual.closes_after)}" if usual.closes_after else "when somebody closes them"
    quorum = f", or with {usual.quorum:,} opinions" if usual.quorum else ""
    identity = IDENTITY_CHOICES["anonymous" if usual.anonymous else "named"][0].lower()
    return (
        f"Opinions are {identity} and close {closes}{quorum}. At least {usual.minimum_opinions:,} are needed."
    )


def _scale_words(team: Team) -> str:
    usual = team.defaults
    return f"Your own emoji: {written(usual.emoji)}" if usual.emoji else f"{SCALE_CHOICES[usual.scale]}."


def _rating_words(team: Team) -> str:
    usual = team.defaults
    chosen = WELFARES[usual.welfare.name][0].lower()
    alpha = f" ({_alpha(team)})" if usual.welfare.name is WelfareName.ISOELASTIC else ""
    by = RATING_WORDS[usual.rating_by or WHATEVER_FITS][0].lower()
    shown = SHOWN_CHOICES[usual.results_shown].lower()
    return (
        f"Statement: {chosen}{alpha}. Rated by: {by}, for {lasts(usual.rating_period)}. "
        f"Members see the ratings: {shown}."
    )


def _keeping_words(team: Team) -> str:
    reminders = "reminded" if team.reminders else "not reminded"
    learning = "Ratings are kept to learn from" if team.keep_feedback else "Nothing is kept to learn from"
    return "\n".join(
        [
            f"Take no part: {_several(map(role, sorted(team.excluded_roles)))}",
            f"Erased {team.retention_days:,} days after the end. Members are {reminders}. {learning}. "
            f"Language: {LANGUAGES[team.language]}.",
        ]
    )


def _change(change: SettingsChange) -> str:
    parts = [f"{c.field}: {escape(c.before, 60)} → {escape(c.after, 60)}" for c in change.changes[:2]]
    more = ", …" if len(change.changes) > len(parts) else ""
    return text.cut(f"{when(change.at)} {person(change.user)}: {'; '.join(parts)}{more}", 200)


def refused(errors: Mapping[str, str], part: str) -> Drawn:
    """What cannot be saved, each with its input's name, and the way back."""
    lines = [f"{LABELS[name]}: {told}" if name in LABELS else told for name, told in errors.items()]
    told = "\n".join(["Nothing was saved.", *lines])
    back = Press("Open it again", names.SETTINGS, part, style=PRIMARY)
    return Drawn(content=escape(told, text.CONTENT), buttons=(back,))


# -- the windows ---------------------------------------------------------------------------------


def settings_window(part: str, team: Team) -> ui.Modal:
    """One of the windows; it says by its name which version of the settings it was drawn from."""
    parts = {"who": _who, "questions": _questions, "scale": _scale, "rating": _rating, "keeping": _keeping}
    name = custom_id(names.SETTINGS_WINDOW, part, str(team.version))
    return window(PARTS[part], name, *parts[part](team))


def _who(team: Team) -> Sequence["ui.Label[Any]"]:
    return (
        choice(LABELS["who_may_ask"], "who_may_ask", WHO_WORDS, [team.who_may_ask]),
        _pick("may_ask_users", ui.UserSelect, team.may_ask_users),
        _pick("may_ask_roles", ui.RoleSelect, team.may_ask_roles),
        _pick("admin_roles", ui.RoleSelect, team.admin_roles, "Beside those who manage the server."),
        _pick("channels", ui.ChannelSelect, team.channels, "With their threads. Empty: everywhere."),
    )


def _pick(name: str, menu: Any, chosen: Collection[str], hint: str = "") -> "ui.Label[Any]":
    """A menu of the server's people, roles or channels; those that are chosen already stand in it."""
    more = len(chosen) - PICKED
    told = f"{more:,} more are chosen and stay; Discord shows {PICKED}." if more > 0 else ""
    kinds = {
        ui.UserSelect: discord.SelectDefaultValueType.user,
        ui.RoleSelect: discord.SelectDefaultValueType.role,
        ui.ChannelSelect: discord.SelectDefaultValueType.channel,
    }
    begun = [
        discord.SelectDefaultValue(id=int(each), type=kinds[menu])
        for each in beginning(chosen, PICKED)
        if each.isdigit()
    ]
    given = {"channel_types": ASKED_IN} if menu is ui.ChannelSelect else {}
    made = menu(
        custom_id=name, min_values=0, max_values=PICKED, required=False, default_values=begun, **given
    )
    return labelled(LABELS[name], made, told or hint)


def _questions(team: Team) -> Sequence["ui.Label[Any]"]:
    usual = team.defaults
    return (
        field(
            LABELS["closes_after"],
            "closes_after",
            hours_shown(usual.closes_after),
            hint="Such as 24, or 0.5 for half an hour. Empty: until somebody closes the question.",
            most=12,
            required=False,
        ),
        choice(
            LABELS["identity"], "identity", IDENTITY_CHOICES, ["anonymous" if usual.anonymous else "named"]
        ),
        field(LABELS["quorum"], "quorum", str(usual.quorum or ""), most=6, required=False),
        field(LABELS["minimum_opinions"], "minimum_opinions", str(usual.minimum_opinions), most=6),
    )


def _scale(team: Team) -> Sequence["ui.Label[Any]"]:
    usual = team.defaults
    chosen = OWN_SCALE if usual.emoji else usual.scale
    return (
        choice(LABELS["scale"], "scale", {**SCALE_CHOICES, **OWN_SCALE_CHOICE}, [chosen]),
        field(
            LABELS["emoji"], "emoji", written(usual.emoji), hint=EMOJI_HINT, most=EMOJI_LIMIT, required=False
        ),
    )


def _rating(team: Team) -> Sequence["ui.Label[Any]"]:
    usual = team.defaults
    periods, now = _periods(usual.rating_period)
    return (
        choice(LABELS["welfare"], "welfare", WELFARES, [usual.welfare.name]),
        field(
            LABELS["alpha"],
            "alpha",
            _alpha(team),
            hint="For “As set by alpha”: 0 average, 1 balanced; higher counts the least convinced more.",
            most=16,
            required=False,
        ),
        choice(LABELS["rating_by"], "rating_by", RATING_WORDS, [usual.rating_by or WHATEVER_FITS]),
        choice(LABELS["rating_hours"], "rating_hours", periods, [now]),
        choice(LABELS["results_shown"], "results_shown", SHOWN_CHOICES, [usual.results_shown]),
    )


def _alpha(team: Team) -> str:
    welfare = team.defaults.welfare
    return f"{welfare.alpha if welfare.name is WelfareName.ISOELASTIC else 1.0:.10g}"


def _periods(now: timedelta) -> tuple[dict[str, str], str]:
    """How long rating can be open; another period than the usual ones can stay, and is the last choice."""
    usual = {timedelta(hours=hours): str(hours) for hours in HOURS}
    periods = {str(hours): words for hours, words in HOURS.items()}
    if now not in usual:
        periods[AS_IT_IS] = f"{lasts(now)}, as it is now"
    return periods, usual.get(now, AS_IT_IS)


def _keeping(team: Team) -> Sequence["ui.Label[Any]"]:
    on = [name for name in SWITCHES if getattr(team, name)]
    return (
        _pick("excluded_roles", ui.RoleSelect, team.excluded_roles),
        field(LABELS["retention_days"], "retention_days", str(team.retention_days), most=4),
        choice(LABELS["switches"], "switches", SWITCHES, on, most=len(SWITCHES)),
        choice(LABELS["language"], "language", LANGUAGES, [team.language]),
    )
