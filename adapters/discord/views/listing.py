"""Answers to `/accord …` that only the one who asked can see: lists, results, status, help, forgetting.

Reads:  deliberations, counts and ratings that this person may see.
Gives:  messages, each within Discord's limits whatever the length of what is in it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

import discord

from adapters.discord.config import COMMAND
from adapters.discord.views import names, text
from adapters.discord.views.cards import bars, decided_lines
from adapters.discord.views.drawn import COLOUR, DANGER, WARNING, Drawn, Menu, Press, embed, said
from adapters.discord.views.reasons import told_reasons
from adapters.discord.views.text import escape
from bot.domain.actors import Actor, is_steward
from bot.domain.deliberation import Deliberation, Opinion
from bot.service.health import Finding
from bot.service.queries import OwnOpinion, Results, ToldReason
from bot.wording import answers, buttons, card_lines, commands, round_lines, texts
from bot.wording.choices import STEERING_WORDS

SHOWN = 10
# Of an embed's 4,096 characters, shared by the questions of a list.
QUESTION = 150
DECIDED = 100
FAILURES = 600
RESULT_QUESTION = 600
RESULT_STATEMENT = 3_500
NOTE = 400
SIGNS = {True: "✅", False: "⚠️"}

Shown = Sequence[tuple[Deliberation, int, str]]


def help_message() -> Drawn:
    """What can be said."""
    lines = [f"`{COMMAND} {words}` – {told}" for words, told in commands.DISCORD_HELP]
    told = "\n".join(map(str, [answers.HELP_INTRODUCTION, *lines, "", answers.MESSAGE_MENU]))
    return Drawn(embeds=(embed(answers.HELP_TITLE, told),), buttons=(Press(buttons.HOW, names.HOW),))


def list_message(shown: Shown, total: int, actor: Actor) -> Drawn:
    """A channel's questions, newest first; whoever runs one reads why its drafting failed."""
    if not shown:
        return Drawn(content=answers.nothing_asked(COMMAND))
    failed = [d.id for d, _, _ in shown if d.failure and is_steward(actor, d)]
    room = {id_: FAILURES // len(failed) for id_ in failed}
    lines = [_line(d, answered, link, room.get(d.id, 0)) for d, answered, link in shown]
    if total > len(shown):
        lines.append(answers.older(total - len(shown)))
    return Drawn(embeds=(embed(answers.LIST_TITLE, "\n\n".join(lines)),))


def past_message(shown: Shown, words: str, actor: Actor, *, more: bool) -> Drawn:
    """Questions that are over and have these words; more: there are older ones, too."""
    if not shown:
        return said(answers.nothing_past(words))
    lines = [_line(d, answered, link, 0) for d, answered, link in shown]
    lines += [str(answers.MORE_PAST)] if more else []
    return Drawn(embeds=(embed(answers.PAST, "\n\n".join(lines)),))


def _line(d: Deliberation, answered: int, link: str, room: int) -> str:
    """room: for why its drafting failed."""
    where = f" · [{answers.OPEN_LINK}]({link})" if link else ""
    standing = text.standing(d, texts.phase_name(d), texts.answered(answered))
    why = f"\n⚠️ {escape(texts.why_failed(d), room)}" if d.failure and room else ""
    decided = "".join(f"\n{text.one_line(line)}" for line in decided_lines(d, DECIDED)[:1])
    return f"**{text.title(d.question, QUESTION)}**\n{standing}{where}{why}{decided}"


def choose_results(found: Sequence[Deliberation]) -> Drawn:
    """Questions whose results there are, to choose from; the command's option finds any that have no room."""
    offered = {d.id: text.plain(d.question, text.OPTION) for d in found}
    menu = Menu(buttons.RESULTS, names.RESULTS, "", offered)
    return Drawn(content=texts.WHICH_QUESTION, menus=(menu,))


def results_message(found: Results, link: str, link_step: str = "", record: str = "") -> Drawn:
    """A statement, whole, and how it was rated for those who may see that.

    link_step: what those who run the question can do with the link to its result.
    record: what the button is called with which they record what was decided.
    """
    d, statement = found.deliberation, found.statement.statement
    told = texts.result_sentence(found.tally) if found.tally else texts.not_shown_yet(d)
    rated = bars(d, found.tally) if found.tally else ""
    mine = answers.own_rating(texts.rating_words(found.own)) if found.own else ""
    written, whole = text.stated(statement, RESULT_STATEMENT)
    shown = embed(
        texts.statement_title(statement, d.phase),
        written,
        fields=[
            ("", text.escape(found.statement.leaves_open, NOTE)),
            (answers.THE_QUESTION, text.title(d.question, RESULT_QUESTION)),
            (card_lines.RATINGS, "\n".join(map(str, filter(None, [told, rated, mine])))),
            (buttons.OUTCOME, "\n".join(decided_lines(d))),
            (texts.PREDICTED_TITLE, found.prediction.text if found.prediction else ""),
            (round_lines.COMPARED, "\n".join(round_lines.compared(d.change))),
            (card_lines.HOW_IT_CAME_ABOUT, text.escape(found.statement.made, NOTE)),
            ("", "" if whole else f"*{answers.WHOLE_IN_FILE}*"),
        ],
    )
    files = () if whole else (as_file("statement.txt", statement),)
    presses = [Press(buttons.THE_STATEMENT, url=link)] if link else []
    if record:
        presses.append(Press(record, names.OUTCOME, d.id))
    if link_step:
        choice = f"{link_step}.{d.result_link_shown}"
        presses.append(Press(STEERING_WORDS[link_step], names.RESULT_LINK, d.id, choice))
    return Drawn(
        embeds=(shown,),
        buttons=tuple(presses),
        files=(*files, *_by_name(found.by_name), *_reasons(found.reasons)),
    )


def _by_name(opinions: Sequence[Opinion]) -> tuple[discord.File, ...]:
    """Who wrote what, as a file: an answer is too small for many opinions."""
    told = "\n\n".join(f"{opinion.signed}:\n{opinion.text}" for opinion in opinions)
    return (as_file("opinions-by-name.txt", told),) if opinions else ()


def _reasons(reasons: Sequence[ToldReason]) -> tuple[discord.File, ...]:
    """Why members rate as they do, for those who may read that now."""
    return (as_file("reasons.txt", told_reasons(reasons)),) if reasons else ()


def as_file(name: str, content: str) -> discord.File:
    """A text as a file to send."""
    return discord.File(io.BytesIO(content.encode()), filename=name)


def status_message(findings: Sequence[Finding], open_here: int) -> Drawn:
    """Whether everything works."""
    lines = [*finding_lines(findings), "", answers.open_here(open_here)]
    colour = COLOUR if all(finding.ok for finding in findings) else WARNING
    return Drawn(embeds=(embed(answers.STATUS, "\n".join(lines), colour=colour),))


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line each, with a sign. They quote nobody."""
    return [f"{SIGNS[ok]} {text.cut(told, 900)}" for ok, told in findings]


# -- one's own data ------------------------------------------------------------------------------


OWN_FILE = "what-you-wrote.txt"


def forget_message(own: Sequence[OwnOpinion], room: int) -> Drawn:
    """What goes, what stays, and the one button that erases it; what they wrote in a file.

    room: how many bytes a file may have.
    """
    sure = Press(texts.FORGET_BUTTON, names.FORGET, style=DANGER)
    stays = f"{texts.FORGET_STAYS} {texts.FORGET_STAYS_IN_CHANNEL}"
    told = [str(texts.FORGET_GOES), stays, str(texts.FORGET_FINAL)]
    if not own:
        return said("\n\n".join(told), sure)
    kept, left = _own_file(own, room)
    told.insert(2, f"{texts.FORGET_FILE} {texts.more_opinions(left)}" if left else str(texts.FORGET_FILE))
    return replace(said("\n\n".join(told), sure), files=(as_file(OWN_FILE, kept),))


def _own_file(own: Sequence[OwnOpinion], room: int) -> tuple[str, int]:
    """As many as fit, newest first, and how many are left."""
    parts: list[str] = []
    for each in own:
        kind = f"{buttons.YOUR_REASON}\n\n" if each.is_reason else ""
        part = f"{each.question}\n\n{kind}{each.text}\n\n----\n\n"
        room -= len(part.encode())
        if room < 0:
            break
        parts.append(part)
    return "".join(parts), len(own) - len(parts)


def export_comment(d: Deliberation) -> str:
    """What stands above the files."""
    comment = answers.export_of(text.plain(d.question, 600), texts.export_note(d))
    return escape(comment, text.CONTENT)


def export_message(d: Deliberation, files: Mapping[str, str], room: int) -> Drawn | None:
    """The data as files, by their names; None where one is larger than `room` bytes."""
    if any(len(data.encode()) > room for data in files.values()):
        return None
    attached = tuple(as_file(name, data) for name, data in files.items())
    return Drawn(content=export_comment(d), files=attached)
