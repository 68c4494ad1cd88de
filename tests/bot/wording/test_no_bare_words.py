"""In the pseudo-language no word stands outside a sentence that can be translated."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from discord import ui

from adapters.discord.views import asking, listing, settings
from adapters.discord.views import library as shelves
from adapters.slack.views import home, library, modals
from adapters.slack.views import listing as slack_listing
from bot.chat.settings import Own
from bot.domain.actors import Actor
from bot.domain.errors import DeadlineError
from bot.domain.library import BankQuestion, Schedule, Template, Weekly
from bot.domain.team import Defaults, FieldChange, SettingsChange, Team
from bot.service.health import Health
from bot.service.queries import LibraryView
from bot.wording import (
    answers,
    buttons,
    choices,
    commands,
    deadlines,
    emoji,
    export_lines,
    fields,
    forms,
    health_lines,
    permissions,
    settings_lines,
    troubles,
)
from bot.wording.fields import Form, Part, shown_on
from bot.wording.language import PSEUDO, PSEUDO_CLOSES, PSEUDO_OPENS, Phrase, explained, reading
from tests.messages import untranslated

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = re.compile(f"{PSEUDO_OPENS}[^{PSEUDO_CLOSES}]*…$")
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, also of permissions as Discord shows them, what members wrote, and what languages call themselves.
THEIRS = {"Accord", "UTC", "Retro", "Deutsch", "English", "Français", "Español", "Send", "Messages"}
IN_SLACKS_MARKUP = re.compile(r":[a-z_]+:|<[^>|]*(\|[^>]*)?>|`[^`]*`")

ADMIN = Actor(user="U1", team="T1", admin=True)
TEAM = Team(id="T1", defaults=Defaults(closes_after=timedelta(hours=5), rating_period=timedelta(minutes=90)))
TEMPLATE = Template(name="Retro", question="Retro?")
SCHEDULE = Schedule(
    id="s1",
    team="T1",
    channel="C1",
    platform="slack",
    by="U1",
    template=None,
    next_at=NOON,
    weekly=Weekly(weekday=0, at=NOON.time(), zone="UTC"),
)
OWN = Own(reminders=True)
KEPT = LibraryView(
    templates=[TEMPLATE], bank=[BankQuestion(id="q1", question="Retro?", added_at=NOON)], schedules=[SCHEDULE]
)
CHANGED = SettingsChange(
    user="U1",
    at=NOON,
    changes=(
        FieldChange(field="who_may_ask", before="everyone", after="admins"),
        FieldChange(field="may_ask_users", before="none", after="U1, U2, U3"),
        FieldChange(field="defaults.closes_after", before="P1D", after="none"),
        FieldChange(field="reminders", before="on", after="off"),
    ),
)


def bare(text: str) -> list[str]:
    """The words of a text that nobody could translate. What was cut lost the end of its sentence."""
    return sorted(set(WORD.findall(untranslated(WHOLE.sub("", IN_SLACKS_MARKUP.sub(" ", text))))) - THEIRS)


# -- sentences -----------------------------------------------------------------------------------

SENTENCES: dict[ModuleType, Callable[[], list[str]]] = {
    answers: lambda: [
        answers.unknown_command("x"),
        answers.nothing_asked("/x"),
        *(said(count) for said in (answers.older, answers.more, answers.more_in_export) for count in (1, 2)),
        *(answers.more_in_channels(count, "/x") for count in (1, 2)),
        answers.say_words("/x"),
        answers.until("1"),
        answers.own_rating("1"),
        answers.new_deadline("1"),
        *map(answers.read_in_zone, ("", "UTC")),
        answers.poll_ends("1"),
        answers.answers("1"),
        answers.http_mode("1", "2"),
        *map(answers.open_here, (0, 1, 2)),
        answers.export_of("1", "2"),
        answers.export_part(1, 2),
        answers.export_cut(41, 40),
        *map(answers.too_many_windows, (1, 2)),
    ],
    settings_lines: lambda: [
        settings_lines.changed("1", "2", "3"),
        settings_lines.more_chosen(1, "Slack", 100),
        settings_lines.more_chosen(2, "Slack", 100),
        settings_lines.begin_with("/x"),
    ],
    health_lines: lambda: [
        *(told for finding in Health(workers=0, overdue=2).findings() for told in finding[1:]),
        *map(health_lines.workers_running, (1, 2)),
        *(health_lines.workers_quiet(quiet, of, 15) for quiet, of in ((1, 1), (1, 2), (2, 2))),
        *map(health_lines.waiting, (0, 1)),
    ],
    troubles: lambda: [
        troubles.about_question("1", "2", "3"),
        troubles.lacks_permissions("1"),
        troubles.lacking_here("1"),
        troubles.lacking_there("1"),
        troubles.workspace_emoji_gone("1", ["2", "3"]),
        troubles.server_emoji_gone("1", ["2", "3"]),
    ],
    choices: lambda: [
        *(choices.lasts(timedelta(hours=hours)) for hours in (1 / 60, 0.5, 1, 2.25, 24, 48)),
        *choices.periods(timedelta(hours=5)).values(),
        *(words for told in _offered() for words in ([told] if isinstance(told, str) else told)),
    ],
    commands: lambda: [str(told) for _, told in (*commands.SLACK_HELP, *commands.DISCORD_HELP)],
    permissions: lambda: [
        *permissions.LOST_ON_SLACK.values(),
        *(purpose for _, purpose in permissions.ON_DISCORD.values()),
    ],
    fields: lambda: [
        words for each in fields.FIELDS for words in (each.label, each.hint, each.placeholder, each.asks)
    ],
    buttons: lambda: [],
    export_lines: lambda: [],
}


def _offered() -> Iterator[Any]:
    for name, table in vars(choices).items():
        if isinstance(table, dict) and name.endswith(("_CHOICES", "_CHOICE", "_WORDS", "HOURS")):
            yield from table.values()
    yield from choices.DAYS


@pytest.mark.parametrize("module", SENTENCES, ids=lambda each: each.__name__.rpartition(".")[2])
def test_every_sentence_can_be_translated(module: ModuleType) -> None:
    with reading(PSEUDO):
        said = [str(each) for each in vars(module).values() if isinstance(each, Phrase)]
        said += [str(each) for each in SENTENCES[module]() if isinstance(each, str)]
        wrong = {each: bare(each) for each in said if bare(each)}
    assert len(said) > 3
    assert not wrong


@pytest.mark.parametrize(
    "words",
    ["", "banana", "at 5", "25:00", "friday afternoon", "EOD", "20 Nov 18:00", "03/04 17:00", "17.10"],
)
def test_why_a_time_is_not_taken_is_said_in_the_readers_language(words: str) -> None:
    with reading(PSEUDO), pytest.raises(DeadlineError) as caught:
        deadlines.deadline(words, NOON.replace(hour=20), "UTC", "")
    with reading(PSEUDO):
        assert not bare(re.sub("“[^”]*”|November|April|March", "", explained(caught.value)))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "There is no 02:30 on 28 March in Europe/Berlin"),
        ("de", "28. März"),
        ("es", "28 de marzo"),
    ],
)
def test_a_day_is_written_as_whoever_is_refused_writes_it(language: str, said: str) -> None:
    with reading(language), pytest.raises(DeadlineError) as caught:
        deadlines.deadline("2027-03-28 02:30", NOON, "Europe/Berlin")
    with reading(language):
        assert said in explained(caught.value)


def test_what_is_wrong_in_a_form_is_said_in_the_readers_language() -> None:
    typed = {
        "question": "Retro?",
        "quorum": "2",
        "minimum_opinions": "3",
        "rating_by": "poll",
        "retry_hours": "soon",
        "results_shown": "x",
        "scale": "own",
        "emoji": "🔴 🟡",
        "candidates": "1",
    }
    with reading(PSEUDO):
        _, errors = forms.asked(typed, TEAM, NOON, "UTC", emoji.STANDARD_ONLY)
        _, planned = forms.planned({}, [], "UTC")
        _, both = forms.planned({"once": "1", "weekday": "0"}, [], "UTC")
        said = [*fields.labelled(Form.ASK, errors), *planned.values(), *both.values()]
        said += [forms.deadline_hint(each, "") for each in (TEAM.defaults, Defaults(closes_after=None))]
        assert set(errors) == set(typed) - {"question", "minimum_opinions", "scale"}
        assert not [each for each in said if bare(each)]


@pytest.mark.parametrize(
    "typed",
    [
        {"weekday": "7", "time": "09:00"},
        {"weekday": "\u00b2", "time": "09:00"},
        {"weekday": "0", "time": "nine"},
        {"weekday": "0", "time": "9" * 9_999},
        {"once": "9" * 9_999},
        {"once": "\u00b2"},
    ],
)
@pytest.mark.parametrize("what", ["", "0", "\u00b2", "9" * 9_999], ids=["none", "first", "power", "long"])
def test_a_schedule_of_nonsense_is_refused_with_a_sentence(typed, what):
    found, errors = forms.planned({"what": what, **typed}, ["Weekly"], "UTC")
    assert found is None
    assert all(errors.values())
    assert errors


@pytest.mark.parametrize(
    ("label", "called"), [("Who may ask?", "Who may ask"), ("Qui peut demander\u00a0?", "Qui peut demander")]
)
def test_a_label_before_a_value_is_no_question(label: str, called: str) -> None:
    each = fields.Field("name", label, fields.Kind.LINE, frozenset())
    assert each.called == called


# -- screens -------------------------------------------------------------------------------------

SLACK: dict[str, Callable[[], dict[str, Any]]] = {
    "settings": lambda: home.settings_view(TEAM),
    "home": lambda: home.home_view(
        (), ADMIN, home.Admin([TEMPLATE], [CHANGED], Health(workers=1, overdue=0).findings())
    ),
    "ask": lambda: modals.ask_view(TEAM, {}, advanced=True),
    "one's own settings": lambda: modals.mine_view(OWN),
    "library": lambda: library.library_view(KEPT),
    "template": library.template_view,
    "schedule": lambda: library.schedule_view(["Retro"], "UTC"),
    "import": library.import_view,
    "help": slack_listing.help_message,
    "permissions": lambda: {
        "blocks": slack_listing.health_blocks([slack_listing.permissions(frozenset({"commands"}))])
    },
}
DISCORD: dict[str, Callable[[], Any]] = {
    "ask": lambda: asking.ask_window("1", TEAM, {}),
    "template": lambda: shelves.template_window("1"),
    "help": listing.help_message,
    "library": lambda: shelves.library_message(shelves.SCHEDULES, 0, KEPT),
    "one's own settings": lambda: settings.own_message(OWN),
    "settings": lambda: settings.settings_message(TEAM, OWN, [CHANGED], {"1": ["send_messages"]}),
    "status": lambda: listing.status_message(Health(workers=1, overdue=0).findings(), 2),
    **{f"settings, {part}": lambda part=part: settings.settings_window(part, TEAM) for part in Part},
    "why settings are not saved": lambda: settings.refused({"quorum": "1"}, "questions"),
}


def of_slack(shown: Any) -> Iterator[str]:
    """Every text in a view or a message."""
    if isinstance(shown, Mapping):
        if isinstance(shown.get("text"), str) and "type" in shown:
            yield shown["text"]
        shown = list(shown.values())
    if isinstance(shown, list):
        for each in shown:
            yield from of_slack(each)


def of_discord(shown: Any) -> Iterator[str]:
    """Every text in a window or a message."""
    if isinstance(shown, ui.Modal):
        yield from _texts(shown.to_dict())
        return
    yield shown.content
    for each in shown.embeds:
        yield from _texts(each.to_dict())
    if shown.view():
        yield from _texts({"components": shown.view().to_components()})


def _texts(shown: Any) -> Iterator[str]:
    if isinstance(shown, Mapping):
        for name, each in shown.items():
            if isinstance(each, str) and name not in ("custom_id", "value", "type"):
                yield each
            elif not isinstance(each, str):
                yield from _texts(each)
            elif name == "value" and "name" in shown:
                yield each
    elif isinstance(shown, list):
        for each in shown:
            yield from _texts(each)


@pytest.mark.parametrize("name", SLACK)
def test_a_screen_of_slack_has_no_bare_word(name: str) -> None:
    with reading(PSEUDO):
        said = list(of_slack(SLACK[name]()))
    assert said
    assert not {each: bare(each) for each in said if bare(each)}


@pytest.mark.parametrize("name", DISCORD)
def test_a_screen_of_discord_has_no_bare_word(name: str) -> None:
    with reading(PSEUDO):
        said = list(of_discord(DISCORD[name]()))
    assert said
    assert not {each: bare(each) for each in said if bare(each)}


def test_every_field_of_every_form_is_looked_at() -> None:
    shown = {each.label for form in Form for each in shown_on(form)}
    assert shown == {each.label for each in fields.FIELDS}
    assert all(isinstance(each, Phrase) for each in shown)
