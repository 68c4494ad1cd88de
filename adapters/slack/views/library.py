"""What a team keeps for asking again: templates, the question bank, schedules; for its admins.

Reads:  a `LibraryView`.
Gives:  windows.
"""

from collections.abc import Sequence
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    asks_first,
    button,
    context,
    cut,
    escape,
    field,
    header,
    modal,
    section,
    text_input,
    when,
)
from adapters.slack.views.fields import drawn
from adapters.slack.views.modals import metadata
from bot.domain.library import BankQuestion, Schedule, Template
from bot.service.queries import LibraryView
from bot.wording import answers, buttons, library_lines
from bot.wording.confirmations import removing_question, removing_schedule, removing_template
from bot.wording.fields import Form, shown_on

SHOWN = 12
FROM_BANK = "the bank"
# An option's value is too short for a template's name, so what is chosen goes by its place in the list.
OPTIONS = 90


def library_view(kept: LibraryView, told: str = "") -> dict[str, Any]:
    """Everything, with what can be done about it; `told` stands above it."""
    blocks: list[Block] = [
        *([section(escape(told))] if told else []),
        actions(
            button(buttons.NEW_TEMPLATE, names.NEW_TEMPLATE),
            button(buttons.IMPORT_QUESTIONS, names.IMPORT),
            button(buttons.NEW_SCHEDULE, names.NEW_SCHEDULE),
        ),
        header(library_lines.TEMPLATES),
        *_listed([_template(each, kept.schedules) for each in kept.templates[:SHOWN]], len(kept.templates)),
        header(library_lines.SCHEDULES),
        *_listed([_schedule(each) for each in kept.schedules[:SHOWN]], len(kept.schedules)),
        header(library_lines.BANK),
        *_listed([_question(each) for each in kept.bank[:SHOWN]], len(kept.bank)),
    ]
    return modal(buttons.TO_ASK_AGAIN, blocks, callback=names.NOTICE_VIEW)


def _listed(rows: list[list[Block]], total: int) -> list[Block]:
    shown = [block for row in rows for block in row] or [context(answers.NONE)]
    return shown + ([context(answers.more(total - SHOWN))] if total > SHOWN else [])


def _template(template: Template, schedules: Sequence[Schedule]) -> list[Block]:
    sure = asks_first(removing_template(template, schedules))
    remove = button(buttons.REMOVE, names.DROP_TEMPLATE, cut(template.name, 1_900), confirm=sure)
    return [section(f"*{escape(template.name, 200)}* {escape(template.question, 300)}", remove)]


def _schedule(schedule: Schedule) -> list[Block]:
    what = escape(schedule.template, 200) if schedule.template else library_lines.BANK_IN_TURN
    next_at = (
        library_lines.next_post(when(schedule.next_at)) if schedule.next_at else library_lines.NOTHING_LEFT
    )
    sure = asks_first(removing_schedule(schedule))
    remove = button(buttons.REMOVE, names.DROP_SCHEDULE, schedule.id, confirm=sure)
    rows = [section(f"*{what}*: {library_lines.when_posted(schedule)}, {next_at}", remove)]
    skipped = library_lines.clocks_skip_it(schedule)
    rows += [context(skipped)] if skipped else []
    if schedule.problem:
        rows.append(context(f":warning: {escape(library_lines.why_not_posted(schedule), 500)}"))
    return rows


def _question(question: BankQuestion) -> list[Block]:
    sure = asks_first(removing_question(question))
    remove = button(buttons.REMOVE, names.DROP_QUESTION, question.id, confirm=sure)
    return [section(escape(question.question, 300), remove)]


def import_view() -> dict[str, Any]:
    """Pasted text or a file."""
    return modal(
        buttons.IMPORT_QUESTIONS,
        [
            section(library_lines.IMPORT_NOTE),
            field(
                library_lines.IMPORT_TEXT,
                "csv",
                text_input(lines=True, placeholder=library_lines.IMPORT_EXAMPLE),
                optional=True,
                hint=library_lines.IMPORT_TEXT_HINT,
            ),
            field(
                library_lines.IMPORT_FILE,
                "file",
                {"type": "file_input", "filetypes": ["csv", "txt"], "max_files": 1},
                optional=True,
            ),
        ],
        callback=names.IMPORT_VIEW,
        submit=buttons.IMPORT,
    )


def template_view() -> dict[str, Any]:
    """A new template; its terms are the team's defaults."""
    blocks = [drawn(each) for each in shown_on(Form.TEMPLATE)]
    return modal(buttons.NEW_TEMPLATE, blocks, callback=names.TEMPLATE_VIEW, submit=buttons.SAVE)


def schedule_view(templates: list[str], zone: str) -> dict[str, Any]:
    """A new schedule."""
    # Only those whose names the window can remember: what is chosen goes by its place among them.
    listed = _within_metadata(templates[:OPTIONS])
    what = {FROM_BANK: library_lines.BANK_IN_TURN, **{str(n): name for n, name in enumerate(listed)}}
    special: dict[str, dict[str, Any]] = {
        "what": {"offered": what, "begins": FROM_BANK},
        "time": {"hint": library_lines.read_in(zone)},
    }
    return modal(
        buttons.NEW_SCHEDULE,
        [drawn(each, **special.get(each.name, {})) for each in shown_on(Form.SCHEDULE)],
        callback=names.SCHEDULE_VIEW,
        metadata=metadata(names=listed),
        submit=buttons.SAVE,
    )


def _within_metadata(listed: list[str]) -> list[str]:
    """As many names as a window can remember."""
    kept: list[str] = []
    for name in listed:
        if len(metadata(names=[*kept, name])) > 2_900:
            break
        kept.append(name)
    return kept
