"""The app's own tab, the team's settings, and the answer to a direct message.

Reads:  what this person may see.
Gives:  views and a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.config import COMMAND
from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    button,
    channel,
    context,
    divider,
    escape,
    field,
    header,
    home,
    message,
    modal,
    person,
    section,
    when,
)
from adapters.slack.views.fields import drawn, switches
from adapters.slack.views.listing import health_blocks, question_lines
from adapters.slack.views.modals import how_blocks, metadata
from bot.domain.actors import Actor, is_steward
from bot.domain.deliberation import Deliberation
from bot.domain.library import Template
from bot.domain.team import SettingsChange, Team
from bot.service.health import Finding
from bot.service.queries import RUNNING
from bot.service.reply import Reply
from bot.wording import answers, buttons, library_lines, settings_lines
from bot.wording.cards import HowCard
from bot.wording.confirmations import Confirmation
from bot.wording.fields import SWITCHES, Field, Form, Kind, Part, shown_on
from bot.wording.settings_changes import changed

SHOWN = 20
CHANGES_SHOWN = 5
TEMPLATES_SHOWN = 10
MENTIONS = {Kind.PEOPLE: person, Kind.CHANNELS: channel}


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
    presses = [
        button(buttons.ASK_A_QUESTION, names.ASK_HOME, style="primary"),
        button(buttons.REFRESH, names.REFRESH),
        button(buttons.MY_SETTINGS, names.MINE),
    ]
    if admin is not None:
        presses += [
            button(buttons.TEAM_SETTINGS, names.TEAM_SETTINGS),
            button(buttons.TO_ASK_AGAIN, names.LIBRARY),
        ]
    blocks: list[Block] = [header("Accord"), section(settings_lines.TAB_INTRODUCTION), actions(*presses)]
    running = [each for each in shown if each[0].phase in RUNNING]
    blocks += _questions(answers.OPEN, running, actor, left_out.open)
    blocks += _questions(
        answers.PAST, [each for each in shown if each[0].phase not in RUNNING], actor, left_out.past
    )
    if admin is not None:
        blocks += [*_templates(admin.templates), *_for_admins(admin)]
    return home(blocks)


def away_view(told: str) -> dict[str, Any]:
    """The tab while its data cannot be read."""
    return home(
        [header("Accord"), section(f":warning: {told}"), actions(button(buttons.REFRESH, names.REFRESH))]
    )


def _questions(title: str, shown: Shown, actor: Actor, more: int) -> list[Block]:
    if not (shown or more):
        return [header(title), context(answers.NONE)]
    lines = [
        block
        for d, answered, link in shown
        for block in question_lines(d, answered, link, steward=is_steward(actor, d))
    ]
    if more:
        lines.append(context(answers.more_in_channels(more, COMMAND)))
    return [header(title), *lines]


def _templates(kept: Sequence[Template]) -> list[Block]:
    rows = [
        section(
            f"*{escape(each.name, 200)}* {escape(each.question, 300)}",
            button(buttons.ASK_NOW, names.ASK_TEMPLATE, each.name),
        )
        for each in kept[:TEMPLATES_SHOWN]
    ]
    more = len(kept) - TEMPLATES_SHOWN
    if more > 0:
        rows.append(context(library_lines.more_templates(more)))
    return [header(library_lines.TEMPLATES), *(rows or [context(library_lines.NO_TEMPLATES)])]


def _for_admins(admin: Admin) -> list[Block]:
    return [
        divider(),
        header(answers.CONNECTION),
        *health_blocks(admin.findings),
        header(settings_lines.CHANGES_TITLE),
        *([context(_change(change)) for change in admin.changes] or [context(answers.NONE_YET)]),
    ]


def _change(change: SettingsChange) -> str:
    parts = changed(change, MENTIONS, lambda raw: escape(raw, 200))[:5]
    return f"{when(change.at)} {person(change.user)}: {'; '.join(map(str, parts))}"


def explanation(card: HowCard) -> dict[str, Any]:
    """The answer to a direct message."""
    blocks = [
        section(settings_lines.READS_NOTHING),
        *how_blocks(card),
        context(settings_lines.begin_with(COMMAND)),
    ]
    return message(settings_lines.INTRODUCTION, blocks)


# -- settings ------------------------------------------------------------------------------------


def settings_view(team: Team) -> dict[str, Any]:
    """The window with the team's settings. What it cannot show stays as it is when it is saved."""
    of_team = [each for each in _shown() if each.part in (Part.WHO, Part.KEEPING)]
    of_questions = [each for each in _shown() if each.part not in (Part.WHO, Part.KEEPING)]
    blocks = [
        *(drawn(each, team) for each in of_team),
        field(settings_lines.SWITCHES, SWITCHES, switches(team), optional=True),
        header(settings_lines.NEW_QUESTION_TITLE),
        *(drawn(each, team) for each in of_questions),
        divider(),
        actions(button(buttons.OWN_SETTINGS, names.MINE)),
    ]
    told = metadata(version=team.version)
    return modal(
        buttons.TEAM_SETTINGS,
        blocks,
        callback=names.SETTINGS_VIEW,
        metadata=told,
        submit=buttons.SAVE,
    )


def asks_view(reply: Reply, asks: Confirmation, sure: str, title: str) -> dict[str, Any]:
    """What is asked before something is lost; `sure` is the button's name, and its value what it is about."""
    blocks = [section(escape(reply.text))] if reply.text else []
    blocks += [
        section(f"*{escape(asks.asks)}* {escape(asks.follows, 2_500)}"),
        actions(button(asks.yes, sure, reply.about, style="danger")),
    ]
    return modal(title, blocks, callback=names.NOTICE_VIEW, close=buttons.KEEP_AS_IT_IS)


def _shown() -> list[Field]:
    """Roles are none of Slack's; switches stand together."""
    return [each for each in shown_on(Form.SETTINGS) if each.kind not in (Kind.ROLES, Kind.YES_NO)]
