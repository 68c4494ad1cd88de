"""A team's settings: who may ask and where, what new questions start from, what is kept and for how long.

Settings that were stored by an older version load with the defaults of what has come since.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.domain.ratings import OwnEmoji, RatingBy, ResultsShown, Scale
from engine.types import Frozen, WelfareFunction

# The audit log of each team goes back so many changes.
CHANGES_KEPT = 500


class WhoMayAsk(StrEnum):
    """Who may post questions; admins always may."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    LISTED = "listed"


class Language(StrEnum):
    """The languages that Accord speaks."""

    ENGLISH = "en"


class Defaults(Frozen):
    """What a new question in this team starts from; whoever asks can choose otherwise.

    closes_after: how long opinions are collected when no deadline is given; None waits for a person.
    The rest as in `Terms`.
    """

    minimum_opinions: int = Field(default=2, ge=2, le=10_000)
    quorum: int | None = Field(default=None, ge=2, le=100_000)
    anonymous: bool = True
    rating_by: RatingBy | None = None
    scale: Scale = Scale.SEVEN
    emoji: tuple[OwnEmoji, ...] = ()
    welfare: WelfareFunction = Field(default_factory=WelfareFunction)
    results_shown: ResultsShown = ResultsShown.AFTER_RATING
    rating_period: timedelta = Field(
        default=timedelta(days=1), ge=timedelta(seconds=1), le=timedelta(days=60)
    )
    reminder_before: timedelta | None = Field(default=timedelta(hours=2), ge=timedelta(0))
    closes_after: timedelta | None = Field(
        default=timedelta(days=1), ge=timedelta(minutes=1), le=timedelta(days=365)
    )


class Team(Frozen):
    """Settings of one workspace, server or web community.

    may_ask_users, may_ask_roles: who may ask when `who_may_ask` is LISTED.
    admin_roles: roles that run this team as its admins do.
    channels: where questions may be asked; empty is everywhere.
    excluded_roles, exclude_guests: who takes no part.
    retention_days: how long a deliberation is kept after it ended; then opinions, ratings and
        feedback of it are erased.
    reminders: whether anybody is reminded at all.
    keep_feedback: whether settled questions leave records to learn from; a team has to want it.
    version: counts saves; a save with an old version is refused, so that of two admins none undoes the other.
    """

    id: str
    version: int = 0
    who_may_ask: WhoMayAsk = WhoMayAsk.EVERYONE
    may_ask_users: frozenset[str] = frozenset()
    may_ask_roles: frozenset[str] = frozenset()
    admin_roles: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    excluded_roles: frozenset[str] = frozenset()
    exclude_guests: bool = False
    defaults: Defaults = Field(default_factory=Defaults)
    retention_days: int = Field(default=90, ge=1, le=3650)
    reminders: bool = True
    keep_feedback: bool = False
    language: Language = Language.ENGLISH


class FieldChange(Frozen):
    """One setting before and after, in words for admins."""

    field: str
    before: str
    after: str


class SettingsChange(Frozen):
    """Who changed a team's settings, when, and what; never anything that a member wrote in a question."""

    user: str
    at: AwareDatetime
    changes: tuple[FieldChange, ...]


def settings_change(before: Team, after: Team, user: str, at: datetime) -> SettingsChange | None:
    """What is different; None when nothing is."""
    old, new = _flat(before), _flat(after)
    changes = tuple(
        FieldChange(field=name, before=old[name], after=new[name]) for name in new if old[name] != new[name]
    )
    return SettingsChange(user=user, at=at, changes=changes) if changes else None


def _flat(team: Team) -> dict[str, str]:
    """Every setting by its dotted name, each as text."""
    fields = team.model_dump(mode="json")
    defaults = fields.pop("defaults")
    # In the steps' order, which tells what each stands for.
    defaults["emoji"] = " ".join(each["shown"] for each in defaults["emoji"]) or "the usual"
    fields |= {f"defaults.{name}": value for name, value in defaults.items()}
    return {name: _in_words(value) for name, value in fields.items() if name not in ("id", "version")}


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(part)}" for name, part in value.items())
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
