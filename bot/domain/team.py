"""A team's settings: who may ask and where, what new questions start from, what is kept and for how long.

Settings that were stored by an older version load with the defaults of what has come since.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field

from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.ratings import FEWEST_RATINGS, MOST_FEWEST_RATINGS, OwnEmoji, RatingBy, ResultsShown, Scale
from engine.types import Frozen, WelfareFunction

# The audit log of each team goes back so many changes.
CHANGES_KEPT = 500
# For how long drafting that fails is tried again by itself, where nobody says otherwise.
RETRY_FOR = timedelta(hours=6)
LONGEST_RETRY = timedelta(days=7)
# The statement, and so many less one revisions of it: each asks everybody to vote once more.
MOST_ROUNDS = 3
# The language of a platform's own place, where it says one; else English.
AUTO = "auto"


class WhoMayAsk(StrEnum):
    """Who may post questions; admins always may."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    LISTED = "listed"


class Usual(Frozen):
    """What a team has its defaults of and each question its own: `Defaults` and `Terms` are made from it.

    quorum: this many opinions close the question at once; None waits for the deadline or the facilitator.
    minimum_opinions: with fewer at the close the question is cancelled.
    anonymous: nobody sees who wrote what; otherwise names are kept and shown, and members are told before.
    rating_by: None for reactions; anonymous questions are always rated by private buttons, because reactions
        and polls show who voted how.
    emoji: the team's own for the scale's steps, lowest first, one for each; empty: the usual ones.
    results_shown: when members see the ratings of reactions and polls. What is rated by private buttons is
        not shown before the vote is over: a count that grows by one tells what the last one has chosen.
    rating_period: how long members can rate the published statement.
    reminder_before: how long before the deadline to remind those who have not answered, and before the end
        of the vote those who have not rated; None never.
    retry_for: how long drafting that fails is tried again by itself; 0 not at all.
    revise_below: where fewer than so many percent agree when the vote ends, and some said why, another round
        begins by itself; None never.
    most_rounds: how many rounds there are at most, each with a statement of its own.
    points: opinions are split into points that everybody votes on while opinions are open.
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
    retry_for: timedelta = Field(default=RETRY_FOR, ge=timedelta(0), le=LONGEST_RETRY)
    revise_below: int | None = Field(default=None, ge=1, le=100)
    most_rounds: int = Field(default=2, ge=1, le=MOST_ROUNDS)
    points: bool = False


class Defaults(Usual):
    """What a new question in this team starts from; whoever asks can choose otherwise.

    closes_after: how long opinions are collected when no deadline is given; None waits for a person. It is
        no term: a question has a time at which it closes.
    """

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
    fewest_ratings: private ratings are shown from this many on; a lower number holds for later questions.
    reminders: whether anybody is reminded at all.
    keep_feedback: whether settled questions leave records to learn from; a team has to want it.
    language: of what everybody sees in a channel, by its two letters; `AUTO` for the platform's own.
    attributes: what members are asked about themselves, or the groups that matter; for later questions.
    juries: those that a question can be asked with, by name.
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
    fewest_ratings: int = Field(default=FEWEST_RATINGS, ge=FEWEST_RATINGS, le=MOST_FEWEST_RATINGS)
    reminders: bool = True
    keep_feedback: bool = False
    language: str = Field(default=AUTO, pattern=r"^[a-z]{2,4}$")
    attributes: tuple[MemberAttribute, ...] = ()
    juries: tuple[SeatedJury, ...] = ()

    def starting_from(self, terms: Usual, closes_after: timedelta | None) -> Self:
        """The team as it would be if its questions started from these terms."""
        usual = terms.model_dump(include=set(Defaults.model_fields))
        return self.model_copy(update={"defaults": Defaults(**usual, closes_after=closes_after)})


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
    # As they are written, one after the other.
    for name, lines in (("attributes", team.attributes), ("juries", team.juries)):
        fields[name] = "; ".join(each.line for each in lines) or "none"
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
