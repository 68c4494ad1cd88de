"""Changes of a team's settings, in the words of the form that changes them.

Reads:  the log's raw names and values, as `bot.domain.team.settings_change` wrote them.
Gives:  for each field its label, and its value before and after. What the form does not have (any more) keeps
        the words that the log has for it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from bot.domain.team import FieldChange, SettingsChange
from bot.wording import settings_lines
from bot.wording.choices import ALPHA_CHOICE, POLL_CHOICE, WELFARE_CHOICES, WHATEVER_FITS, lasts
from bot.wording.fields import Field, Form, Kind, shown_on

# As the log writes them.
EMPTY, ON = "none", "on"
# Of people, roles or channels; the others are counted.
LISTED = 2
PERIOD = TypeAdapter(timedelta)
WELFARE = re.compile(r"name (?P<name>[\w-]+), alpha (?P<alpha>\S+)")
# What has no `of` of its own, because it is read together with others.
TOGETHER = {"scale": "defaults.scale", "emoji": "defaults.emoji", "welfare": "defaults.welfare"}

Mentions = Mapping[Kind, Callable[[str], str]]


def changed(change: SettingsChange, mentions: Mentions, escaped: Callable[[str], str] = str) -> list[str]:
    """What was changed, a part for each field.

    mentions: how a platform names a person, a role, a channel by its id.
    escaped: any other text as the platform shows it.
    """
    return [_changed(each, mentions, escaped) for each in change.changes]


def _changed(change: FieldChange, mentions: Mentions, escaped: Callable[[str], str]) -> str:
    field = _fields().get(change.field)
    if field is None:
        label = escaped(change.field.rpartition(".")[2].replace("_", " "))
        return settings_lines.changed(label, escaped(change.before), escaped(change.after))
    before, after = (_value(field, raw, mentions, escaped) for raw in (change.before, change.after))
    return settings_lines.changed(field.called, before, after)


def _fields() -> dict[str, Field]:
    """By the names in the log."""
    return {each.of or TOGETHER.get(each.name, each.name): each for each in shown_on(Form.SETTINGS)}


def _value(field: Field, raw: str, mentions: Mentions, escaped: Callable[[str], str]) -> str:
    if field.kind in mentions:
        return _listed(field.kind, raw, mentions[field.kind])
    if field.kind is Kind.YES_NO:
        return settings_lines.YES if raw == ON else settings_lines.NO
    if field.kind is Kind.HOURS or field.name == "rating_hours":
        return settings_lines.UNTIL_CLOSED if raw == EMPTY else _period(raw, escaped)
    if field.kind is Kind.CHOICE:
        return _chosen(field, raw, escaped)
    return escaped(raw)


def _listed(kind: Kind, raw: str, mention: Callable[[str], str]) -> str:
    if raw == EMPTY:
        return settings_lines.EVERYWHERE if kind is Kind.CHANNELS else settings_lines.NOBODY
    ids = raw.split(", ")
    return settings_lines.several(map(mention, ids[:LISTED]), len(ids) - LISTED)


def _period(raw: str, escaped: Callable[[str], str]) -> str:
    try:
        return lasts(PERIOD.validate_python(raw))
    except ValidationError:
        return escaped(raw)


def _chosen(field: Field, raw: str, escaped: Callable[[str], str]) -> str:
    if field.name == "welfare":
        return _welfare(raw, escaped)
    by_name = {
        "identity": "anonymous" if raw == ON else "named",
        "rating_by": raw.replace(EMPTY, WHATEVER_FITS),
    }
    offered = {**(field.offered if isinstance(field.offered, Mapping) else {}), **POLL_CHOICE}
    words = offered.get(by_name.get(field.name, raw), escaped(raw))
    return words if isinstance(words, str) else words[0]


def _welfare(raw: str, escaped: Callable[[str], str]) -> str:
    """Its words, and alpha where that is chosen."""
    known = {str(name): words for name, (words, _) in {**WELFARE_CHOICES, **ALPHA_CHOICE}.items()}
    said = WELFARE.fullmatch(raw)
    if said is None or said["name"] not in known:
        return escaped(raw)
    by_alpha = said["name"] in map(str, ALPHA_CHOICE)
    return f"{known[said['name']]} ({said['alpha']})" if by_alpha else str(known[said["name"]])
