"""What a server keeps for asking again: templates, the question bank, schedules; for its admins.

Reads:  a `LibraryView`.
Gives:  one shelf at a time, page by page, with a menu to take something out; the window of a new template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from discord import ui

from adapters.discord.config import COMMAND
from adapters.discord.views import names, text
from adapters.discord.views.drawn import DANGER, PRIMARY, Drawn, Menu, Press, embed, said
from adapters.discord.views.fields import drawn
from adapters.discord.views.listing import as_file
from adapters.discord.views.modals import window
from adapters.discord.views.names import custom_id
from adapters.discord.views.text import escape, when
from bot.chat.removing import BANK, SCHEDULES, TEMPLATES
from bot.domain.library import BankQuestion, Schedule, Template
from bot.service.queries import LibraryView
from bot.wording import buttons, library_lines, troubles
from bot.wording.confirmations import Confirmation
from bot.wording.fields import Form, shown_on

PAGE = 10
LINE = 300
SHELVES = {TEMPLATES: library_lines.TEMPLATES, BANK: library_lines.BANK, SCHEDULES: library_lines.SCHEDULES}
SEE = {
    TEMPLATES: library_lines.SEE_TEMPLATES,
    BANK: library_lines.SEE_BANK,
    SCHEDULES: library_lines.SEE_SCHEDULES,
}
HOW = {
    TEMPLATES: library_lines.how_templates,
    BANK: library_lines.how_bank,
    SCHEDULES: library_lines.how_schedules,
}
# What stands in a menu, in the list, and the key under which it is taken out.
Row = tuple[str, str, str]


def library_message(shelf: str, page: int, kept: LibraryView, told: str = "") -> Drawn:
    """A page of a shelf; one that is not there any more is the last one."""
    rows = _rows(shelf, kept)
    page = max(0, min(page, (len(rows) - 1) // PAGE))
    shown = rows[page * PAGE : (page + 1) * PAGE]
    lines = [line for _, line, _ in shown] or [library_lines.NOTHING_YET]
    title: str = SHELVES[shelf]
    if len(rows) > PAGE:
        title = library_lines.page_of(title, page * PAGE + 1, page * PAGE + len(shown), len(rows))
    return Drawn(
        content=escape(told, text.CONTENT),
        # What was taken out or replaced is given back whole.
        files=() if text.fits(told, text.CONTENT) else (as_file("what-it-said.txt", told),),
        embeds=(embed(title, "\n\n".join([*map(str, lines), HOW[shelf](COMMAND)])),),
        buttons=_buttons(shelf, page, len(rows)),
        menus=tuple(filter(None, [_taking_out(shelf, shown)])),
    )


def _buttons(shelf: str, page: int, total: int) -> tuple[Press, ...]:
    turning = [
        Press(label, names.LIBRARY, shelf, str(to))
        for label, to in ((buttons.BACK, page - 1), (buttons.MORE, page + 1))
        if 0 <= to * PAGE < total
    ]
    shelves = [Press(title, names.LIBRARY, name) for name, title in SHELVES.items() if name != shelf]
    return (Press(buttons.NEW_TEMPLATE, names.NEW_TEMPLATE, style=PRIMARY), *shelves, *turning)


def _taking_out(shelf: str, shown: Sequence[Row]) -> Menu | None:
    if not shown:
        return None
    offered = {key: text.plain(words, text.OPTION) for words, _, key in shown}
    return Menu(buttons.TAKE_OUT, names.DROP, shelf, offered)


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
    what = each.template or library_lines.BANK_IN_TURN
    every = library_lines.when_posted(each)
    next_at = library_lines.next_post(when(each.next_at)) if each.next_at else library_lines.NOTHING_LEFT
    problem = f"⚠️ {escape(library_lines.why_not_posted(each), 200)}" if each.problem else ""
    line = f"**{text.title(what, 100)}** {text.channel(each.channel)}, {every}, {next_at}"
    line = "\n".join(filter(None, (line, library_lines.clocks_skip_it(each), problem)))
    return f"{what}, {every}", line, each.id


def asked_first(key: str, shelf: str, asks: Confirmation) -> Drawn:
    """What is asked before something is taken out; `key` finds what it was."""
    sure = Press(asks.yes, names.DROP_SURE, key, shelf, style=DANGER)
    return said(f"{asks.asks} {asks.follows}", sure, Press(buttons.KEEP_IT, names.LIBRARY, shelf))


def schedule_kept(sentence: str, made: Schedule | None) -> Drawn:
    """What somebody is told who made a schedule."""
    first = library_lines.posts_first(when(made.next_at)) if made and made.next_at else ""
    skipped = library_lines.clocks_skip_it(made) if made else ""
    told = " ".join(filter(None, (escape(sentence), first, skipped)))
    return Drawn(content=told, buttons=(_shelf(SCHEDULES),))


def hindered(drawn: Drawn, lacked: str) -> Drawn:
    """With what the app may not do in the channel, and what that prevents."""
    more = f"\n⚠️ {troubles.lacking_there(lacked)}"
    return replace(drawn, content=drawn.content + more)


def kept(shelf: str, sentence: str) -> Drawn:
    """What somebody is told who put something in."""
    return Drawn(content=escape(sentence, text.CONTENT), buttons=(_shelf(shelf),))


def _shelf(shelf: str) -> Press:
    return Press(SEE[shelf], names.LIBRARY, shelf)


# -- a template ----------------------------------------------------------------------------------


def template_window(key: str, typed: Mapping[str, str] | None = None) -> ui.Modal:
    """A new template; its terms are the server's usual ones. `typed` stands in it."""
    typed = typed or {}
    inputs = [drawn(each, begins=typed.get(each.name)) for each in shown_on(Form.TEMPLATE)]
    return window(buttons.QUESTION_TEMPLATE, custom_id(names.TEMPLATE, key), *inputs)


def replaces(key: str, asks: Confirmation, about: str) -> Drawn:
    """What is asked before a template takes another's place, and by `key` the way back to what was typed."""
    sure = Press(asks.yes, names.REPLACE, about, style=DANGER)
    back = (Press(buttons.FIX_IT, names.NEW_TEMPLATE, key),) if key else ()
    return Drawn(content=escape(f"{asks.asks} {asks.follows}", text.CONTENT), buttons=(sure, *back))


def refused_template(key: str, because: str) -> Drawn:
    """What is wrong, and a way back to what was typed."""
    back = Press(buttons.FIX_IT, names.NEW_TEMPLATE, key, style=PRIMARY)
    return Drawn(content=escape(because, text.CONTENT), buttons=(back,))
