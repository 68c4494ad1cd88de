"""The app's own tab, the team's settings, and the answer to a direct message.

Reads:  what this person may see.
Gives:  views and a message.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.config import COMMAND
from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    button,
    choice,
    context,
    divider,
    escape,
    field,
    header,
    home,
    message,
    modal,
    option,
    person,
    section,
    text_input,
    ticks,
    when,
)
from adapters.slack.views.listing import health_blocks, question_lines
from adapters.slack.views.modals import (
    alpha_field,
    how_blocks,
    metadata,
    rating_periods,
    scale_fields,
    welfare_options,
)
from bot.choices import (
    RATING_CHOICES,
    SHOWN_CHOICES,
    WHATEVER_FITS,
    WHO_WORDS,
    beginning,
    hours_shown,
)
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import Template
from bot.domain.team import SettingsChange, Team
from bot.health import Finding

SHOWN = 20
# Slack refuses a window whose picker begins with more.
PICKED = 100
CHANGES_SHOWN = 5
TEMPLATES_SHOWN = 10
ENDED = frozenset({Phase.SETTLED, Phase.CANCELLED})


@dataclass(frozen=True)
class Admin:
    """What admins see beside the questions."""

    templates: Sequence[Template]
    changes: Sequence[SettingsChange]
    findings: Sequence[Finding]


Shown = Sequence[tuple[Deliberation, int, str]]


@dataclass(frozen=True)
class LeftOut:
    """How many questions have no place on the tab."""

    open: int = 0
    past: int = 0


ALL_SHOWN = LeftOut()


def home_view(
    shown: Shown, actor: Actor, admin: Admin | None = None, left_out: LeftOut = ALL_SHOWN
) -> dict[str, Any]:
    """The tab."""
    buttons = [button("Ask a question", names.ASK_HOME, style="primary"), button("Refresh", names.REFRESH)]
    buttons.append(button("My settings", names.MINE))
    if admin is not None:
        buttons += [
            button("Team settings", names.TEAM_SETTINGS),
            button("Questions to ask again", names.LIBRARY),
        ]
    blocks: list[Block] = [header("Accord"), section("Helps a channel agree."), actions(*buttons)]
    running = [each for each in shown if each[0].phase not in ENDED]
    blocks += _questions("Open", running, actor, left_out.open)
    blocks += _questions("Past", [each for each in shown if each[0].phase in ENDED], actor, left_out.past)
    if admin is not None:
        blocks += [*_templates(admin.templates), *_for_admins(admin)]
    return home(blocks)


def away_view(told: str) -> dict[str, Any]:
    """The tab while its data cannot be read."""
    return home([header("Accord"), section(f":warning: {told}"), actions(button("Refresh", names.REFRESH))])


def _questions(title: str, shown: Shown, actor: Actor, more: int) -> list[Block]:
    if not (shown or more):
        return [header(title), context("None.")]
    lines = [
        block
        for d, answered, link in shown
        for block in question_lines(d, answered, link, steward=actor.admin or actor.user == d.facilitator)
    ]
    if more:
        lines.append(context(f"And {more:,} more. `{COMMAND} list` shows them in their channels."))
    return [header(title), *lines]


def _templates(kept: Sequence[Template]) -> list[Block]:
    rows = [
        section(
            f"*{escape(each.name, 200)}* {escape(each.question, 300)}",
            button("Ask now", names.ASK_TEMPLATE, each.name),
        )
        for each in kept[:TEMPLATES_SHOWN]
    ]
    more = len(kept) - TEMPLATES_SHOWN
    if more > 0:
        rows.append(context(f"And {more:,} more, under “Questions to ask again”."))
    return [header("Templates"), *(rows or [context("None. “Questions to ask again” makes one.")])]


def _for_admins(admin: Admin) -> list[Block]:
    blocks = [divider(), header("Connection"), *health_blocks(admin.findings), header("Changes of settings")]
    return blocks + ([context(_change(change)) for change in admin.changes] or [context("None yet.")])


def _change(change: SettingsChange) -> str:
    parts = (f"{c.field}: {escape(c.before, 200)} → {escape(c.after, 200)}" for c in change.changes[:5])
    return f"{when(change.at)} {person(change.user)}: {'; '.join(parts)}"


def explanation() -> dict[str, Any]:
    """The answer to a direct message."""
    blocks = [
        section("I help a channel agree on something. I read nothing that is written here or in channels."),
        *how_blocks(),
        context(f"Begin with `{COMMAND} ask` in a channel. `{COMMAND} help` shows everything."),
    ]
    return message("I help a channel agree on something.", blocks)


# -- settings ------------------------------------------------------------------------------------


def settings_view(team: Team) -> dict[str, Any]:
    """The window with the team's settings. What it cannot show stays as it is when it is saved."""
    usual = team.defaults
    users: Block = {"type": "multi_users_select"}
    if team.may_ask_users:
        users["initial_users"] = beginning(team.may_ask_users, PICKED)
    channels: Block = {
        "type": "multi_conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if team.channels:
        channels["initial_conversations"] = beginning(team.channels, PICKED)
    blocks = [
        field("Who may ask?", "who_may_ask", _choice(WHO_WORDS, team.who_may_ask)),
        field(
            "These people may ask",
            "may_ask_users",
            users,
            optional=True,
            hint=_and_more(team.may_ask_users),
        ),
        field(
            "In these channels",
            "channels",
            channels,
            optional=True,
            hint=f"Empty: everywhere. {_and_more(team.channels)}".strip(),
        ),
        _switches(team),
        field(
            "Erase a question so many days after it ended",
            "retention_days",
            text_input(str(team.retention_days), most=4),
        ),
        header("What a new question starts from"),
        field(
            "Hours that opinions are collected",
            "closes_after",
            text_input(hours_shown(usual.closes_after), most=12),
            optional=True,
            hint="Such as 24, or 0.5 for half an hour. Empty: until somebody closes the question.",
        ),
        field(
            "Opinions are",
            "identity",
            choice(
                [option("Anonymous", "anonymous"), option("Named", "named")],
                "anonymous" if usual.anonymous else "named",
            ),
        ),
        field(
            "Close with so many opinions",
            "quorum",
            text_input(str(usual.quorum or ""), most=6),
            optional=True,
        ),
        field("Fewest opinions", "minimum_opinions", text_input(str(usual.minimum_opinions), most=6)),
        field(
            "The chosen statement is",
            "welfare",
            choice(welfare_options(), str(usual.welfare.name)),
            optional=True,
        ),
        alpha_field(usual),
        field(
            "It is rated by",
            "rating_by",
            _choice({k: words for k, (words, _) in RATING_CHOICES.items()}, usual.rating_by or WHATEVER_FITS),
            optional=True,
            hint="Reactions are for named questions only.",
        ),
        *scale_fields(usual),
        field("Rating is open for", "rating_hours", rating_periods(usual.rating_period)),
        field("Members see the ratings", "results_shown", _choice(SHOWN_CHOICES, usual.results_shown)),
        divider(),
        actions(button("My own settings", names.MINE)),
    ]
    told = metadata(version=team.version)
    return modal("Team settings", blocks, callback=names.SETTINGS_VIEW, metadata=told, submit="Save")


def _and_more(chosen: Collection[str]) -> str:
    more = len(chosen) - PICKED
    return f"{more:,} more are chosen and stay; Slack shows {PICKED}." if more > 0 else ""


def _choice(words: Any, chosen: Any) -> Block:
    return choice([option(text, str(value)) for value, text in words.items()], str(chosen))


def _switches(team: Team) -> Block:
    offered = {
        "reminders": option("Remind members who have not answered", "reminders"),
        "exclude_guests": option("Guests take no part", "exclude_guests"),
        "keep_feedback": option("Keep ratings to learn from", "keep_feedback"),
    }
    on = [name for name in offered if getattr(team, name)]
    return field("Switches", "switches", ticks(list(offered.values()), on), optional=True)
