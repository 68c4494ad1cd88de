"""Every platform draws every field of the list, but for those that it has a reason to leave out."""

from datetime import UTC, datetime
from typing import Any

import pytest
from discord import app_commands, ui

from adapters.discord.command_options import taking
from adapters.discord.interaction import Interaction
from adapters.discord.views import asking, outcome, reasons, settings
from adapters.discord.views import library as discord_library
from adapters.slack.views import home, library, modals
from adapters.web import forms
from adapters.web.manage_page import outcome_fields
from bot.chat.taking_part import ReasonForm
from bot.domain.decision import Decision
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.juries import SeatedJury
from bot.domain.team import Team
from bot.wording.fields import SWITCHES, Form, Kind, shown_on

TEAM = Team(
    id="T1", juries=(SeatedJury(name="All alike", attribute="Team", seats={"support": 4, "sales": 4}),)
)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DECIDED = Deliberation(
    id="d",
    team="T1",
    platform="web",
    channel="C1",
    facilitator="U1",
    question="Ban bags?",
    created_at=NOON,
    phase=Phase.SETTLED,
    decision=Decision(decided="Yes", recorded_at=NOON),
)
ASKED = Deliberation(
    id="1",
    team="T1",
    platform="slack",
    channel="C1",
    facilitator="U1",
    question="Why?",
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
)
BOXES = {each.name for each in shown_on(Form.SETTINGS, Kind.YES_NO)}


def of_slack(view: dict[str, Any]) -> set[str]:
    """The names of a window's inputs; those of boxes that stand together, too."""
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    ticks = [
        option["value"] for block in inputs if block["block_id"] == SWITCHES for option in boxes_of(block)
    ]
    return {block["block_id"] for block in inputs if block["block_id"] != SWITCHES} | set(ticks)


def boxes_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = block["element"]["options"]
    return options


def of_discord(*windows: Any) -> set[str]:
    inputs = [each.component for window in windows for each in window.children if isinstance(each, ui.Label)]
    ticks = {option.value for each in inputs if each.custom_id == SWITCHES for option in each.options}
    return {each.custom_id for each in inputs if each.custom_id != SWITCHES} | ticks


def asked_by_command(form: Form) -> set[str]:
    """What the SDK tells Discord of a command's options, by their fields' names."""

    async def command(interaction: Interaction, **given: object) -> None: ...

    drawn: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name="c", description="c", callback=taking(form, command)
    )
    names = {each.option: each.name for each in shown_on(form) if each.option}
    return {names[each.name] for each in drawn.parameters}


DRAWN = {
    ("slack", Form.ASK): lambda: of_slack(modals.ask_view(TEAM, {}, advanced=True)),
    ("slack", Form.SETTINGS): lambda: of_slack(home.settings_view(TEAM)),
    ("slack", Form.TEMPLATE): lambda: of_slack(library.template_view()),
    ("slack", Form.SCHEDULE): lambda: of_slack(library.schedule_view(["Retro"], "UTC")),
    ("slack", Form.REASON): lambda: of_slack(modals.reason_view(ReasonForm(ASKED, None, "", None))),
    ("discord", Form.ASK): lambda: of_discord(asking.ask_window("1", TEAM, {})) | asked_by_command(Form.ASK),
    ("discord", Form.SETTINGS): lambda: of_discord(
        *(settings.settings_window(part, TEAM) for part in settings.PARTS)
    ),
    ("discord", Form.TEMPLATE): lambda: of_discord(discord_library.template_window("1")),
    ("discord", Form.REASON): lambda: of_discord(reasons.reason_window("1")),
    ("discord", Form.SCHEDULE): lambda: asked_by_command(Form.SCHEDULE),
    ("slack", Form.OUTCOME): lambda: of_slack(modals.outcome_view(DECIDED)),
    ("discord", Form.OUTCOME): lambda: (
        of_discord(outcome.outcome_window(DECIDED, {})) | asked_by_command(Form.OUTCOME)
    ),
    ("web", Form.OUTCOME): lambda: {each.name for each in outcome_fields(DECIDED)},
    ("web", Form.ASK): lambda: {each.name for each in forms.shown_fields(Form.ASK)},
    ("web", Form.SETTINGS): lambda: {each.name for each in forms.shown_fields(Form.SETTINGS)},
}
LEFT_OUT = {
    # How many are drafted is for the page, and Slack has no roles.
    ("slack", Form.ASK): {"candidates"},
    ("slack", Form.SETTINGS): {"may_ask_roles", "admin_roles", "excluded_roles"},
    # It is asked where the command was given; alpha is for windows, results are shown as is usual.
    # The option for a jury completes itself (`asking.OWN`).
    ("discord", Form.ASK): {"channel", "deadline_at", "alpha", "results_shown", "candidates", "jury"},
    ("discord", Form.SETTINGS): {"exclude_guests"},
    # The option for one time takes a time of day too.
    ("discord", Form.SCHEDULE): {"time"},
    # The browser has a picker of its own, there is one channel, and there are private buttons only.
    ("web", Form.ASK): {"deadline", "deadline_at", "channel", "rating_by", "results_shown"},
    # Visitors leave no address, so nobody could be asked.
    ("web", Form.OUTCOME): {"member"},
    # People, roles and channels cannot be picked on a page; visitors cannot be reminded.
    ("web", Form.SETTINGS): {
        *("may_ask_users", "may_ask_roles", "admin_roles", "excluded_roles", "channels"),
        *("rating_by", "results_shown", "reminders", "exclude_guests"),
    },
}


def test_a_schedule_says_what_and_when_before_for_how_long() -> None:
    inputs = [each["block_id"] for each in library.schedule_view(["Retro"], "UTC")["blocks"]]
    assert inputs == ["what", "channel", "once", "weekday", "time", "closes_after"]


@pytest.mark.parametrize(("platform", "form"), DRAWN, ids=lambda each: str(each))
def test_every_field_of_a_form_is_drawn(platform: str, form: Form) -> None:
    every = {each.name for each in shown_on(form)}
    assert DRAWN[platform, form]() == every - LEFT_OUT.get((platform, form), set())
