"""What a server keeps for asking again: templates, the question bank, schedules; for its admins.

Reads:  a `LibraryView`.
Gives:  one shelf at a time, page by page, with a menu to take something out; the window of a new template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from discord import ui

from adapters.discord.config import COMMAND
from adapters.discord.views import names, text
from adapters.discord.views.drawn import DANGER, PRIMARY, Drawn, Menu, Press, embed, said
from adapters.discord.views.fields import drawn
from adapters.discord.views.modals import window
from adapters.discord.views.names import custom_id
from adapters.discord.views.text import escape, when
from bot.chat.removing import BANK, SCHEDULES, TEMPLATES
from bot.domain.library import BankQuestion, Schedule, Template
from bot.service.queries import LibraryView
from bot.wording.choices import DAYS
from bot.wording.confirmations import Confirmation
from bot.wording.fields import Form, shown_on

PAGE = 10
LINE = 300
SHELVES = {TEMPLATES: "Templates", BANK: "Question bank", SCHEDULES: "Schedules"}
HOW = {
    TEMPLATES: f"`{COMMAND} ask` asks one by its option “template”.",
    BANK: f"`{COMMAND} import` adds questions from a CSV file.",
    SCHEDULES: f"`{COMMAND} schedule` posts a template or the bank's questions in turn, once or every week.",
}
# What stands in a menu, in the list, and the key under which it is taken out.
Row = tuple[str, str, str]


def library_message(shelf: str, page: int, kept: LibraryView, told: str = "") -> Drawn:
    """A page of a shelf; one that is not there any more is the last one."""
    rows = _rows(shelf, kept)
    page = max(0, min(page, (len(rows) - 1) // PAGE))
    shown = rows[page * PAGE : (page + 1) * PAGE]
    lines = [line for _, line, _ in shown] or ["Nothing yet."]
    of = f" ({page * PAGE + 1}–{page * PAGE + len(shown)} of {len(rows):,})" if len(rows) > PAGE else ""
    return Drawn(
        content=escape(told, text.CONTENT),
        embeds=(embed(SHELVES[shelf] + of, "\n\n".join([*lines, HOW[shelf]])),),
        buttons=_buttons(shelf, page, len(rows)),
        menu=_taking_out(shelf, shown),
    )


def _buttons(shelf: str, page: int, total: int) -> tuple[Press, ...]:
    turning = [
        Press(label, names.LIBRARY, shelf, str(to))
        for label, to in (("Back", page - 1), ("More", page + 1))
        if 0 <= to * PAGE < total
    ]
    shelves = [Press(title, names.LIBRARY, name) for name, title in SHELVES.items() if name != shelf]
    return (Press("New template", names.NEW_TEMPLATE, style=PRIMARY), *shelves, *turning)


def _taking_out(shelf: str, shown: Sequence[Row]) -> Menu | None:
    if not shown:
        return None
    offered = {key: text.plain(words, text.OPTION) for words, _, key in shown}
    return Menu("Take something out …", names.DROP, shelf, offered, theirs=True)


def _rows(shelf: str, kept: LibraryView) -> list[Row]:
    if shelf == TEMPLATES:
        return [_template(each) for each in kept.templates]
    if shelf == BANK:
        return [_question(each) for each in kept.bank]
    return [_schedule(each) for each in kept.schedules]


def _template(each: Template) -> Row:
    line = f"**{text.title(each.name)}** {escape(text.one_line(each.question), LINE)}"
    return each.name, line, each.name


def _question(each: BankQuestion) -> Row:
    return each.question, escape(text.one_line(each.question), LINE), each.id


def _schedule(each: Schedule) -> Row:
    what = each.template or "The bank's questions in turn"
    every = f"every {DAYS[each.weekly.weekday]} {each.weekly.at:%H:%M}" if each.weekly else "once"
    next_at = f"next {when(each.next_at)}" if each.next_at else "nothing left to post"
    problem = f"\n⚠️ {escape(each.problem, 200)}" if each.problem else ""
    line = f"**{text.title(what, 100)}** in {text.channel(each.channel)}, {every}, {next_at}{problem}"
    return f"{what}, {every}", line, each.id


def asked_first(key: str, shelf: str, asks: Confirmation) -> Drawn:
    """What is asked before something is taken out; `key` finds what it was."""
    sure = Press(asks.yes, names.DROP_SURE, key, shelf, style=DANGER)
    return said(f"{asks.asks} {asks.follows}", sure, Press("Keep it", names.LIBRARY, shelf))


def schedule_kept(sentence: str, at: datetime | None) -> Drawn:
    """What somebody is told who made a schedule."""
    first = f" It posts first {when(at)}." if at else ""
    return Drawn(content=escape(sentence) + first, buttons=(_shelf(SCHEDULES),))


def hindered(drawn: Drawn, lacked: str) -> Drawn:
    """With what the app may not do in the channel, and what that prevents."""
    more = f"\n⚠️ Accord lacks permissions there: {lacked}. Give them under Edit Channel, Permissions."
    return replace(drawn, content=drawn.content + more)


def kept(shelf: str, sentence: str) -> Drawn:
    """What somebody is told who put something in."""
    return Drawn(content=escape(sentence, text.CONTENT), buttons=(_shelf(shelf),))


def _shelf(shelf: str) -> Press:
    return Press(f"See {SHELVES[shelf].lower()}", names.LIBRARY, shelf)


# -- a template ----------------------------------------------------------------------------------


def template_window(key: str, typed: Mapping[str, str] | None = None) -> ui.Modal:
    """A new template; its terms are the server's usual ones. `typed` stands in it."""
    typed = typed or {}
    inputs = [drawn(each, begins=typed.get(each.name)) for each in shown_on(Form.TEMPLATE)]
    return window("Question template", custom_id(names.TEMPLATE, key), *inputs)


def refused_template(key: str, because: str) -> Drawn:
    """What is wrong, and a way back to what was typed."""
    back = Press("Mend it", names.NEW_TEMPLATE, key, style=PRIMARY)
    return Drawn(content=escape(because, text.CONTENT), buttons=(back,))
