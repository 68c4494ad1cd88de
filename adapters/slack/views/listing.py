"""Answers to `/accord …` that only the one who asked can see: lists, results, status, help, exports.

Reads:  deliberations, counts and ratings that this person may see.
Gives:  messages.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from adapters.slack.config import COMMAND, SCOPES
from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    button,
    context,
    escape,
    linked,
    message,
    person,
    pieces,
    section,
    stated,
    when,
    written,
)
from adapters.slack.views.cards import decided, distribution, left_open, predicted
from adapters.slack.views.modals import standing
from adapters.slack.views.what_was_given import by_name, why
from bot.domain.actors import Actor, is_steward
from bot.domain.deliberation import Deliberation
from bot.service.health import Finding, Health
from bot.service.queries import OwnOpinion, Results
from bot.service.reply import Reply
from bot.wording import answers, buttons, card_lines, commands, decision_lines, round_lines, texts, troubles
from bot.wording.permissions import LOST_ON_SLACK

EXPORT_PART = 2_800
EXPORT_PARTS = 40


def sentence(text: str) -> dict[str, Any]:
    """One of our own sentences."""
    return message(escape(text, 300), [section(escape(text))])


def shown_person(user: str) -> str:
    """Somebody in a list, by their id."""
    return person(user)


def shown_name(name: str) -> str:
    """Somebody in a list, by their name, which may be long."""
    return escape(name, 60)


def lines_message(lines: Sequence[str]) -> dict[str, Any]:
    """Some lines of markup, a paragraph each."""
    return message(lines[0], [section(line) for line in lines])


def moved(reply: Reply) -> dict[str, Any]:
    """What came of moving a deadline, with the time on the reader's own clock."""
    return message(escape(reply.text, 300), [section(escape(reply.text)), *open_until(reply)])


def open_until(reply: Reply) -> list[Block]:
    """The time that was understood; nothing where a deadline was not moved."""
    until = reply.deliberation.open_until if reply.ok and reply.deliberation else None
    return [context(texts.OPEN_UNTIL.format(when=when(until)))] if until else []


def opinions_close(reply: Reply) -> list[Block]:
    """The same, of a question that was just asked."""
    closes_at = reply.deliberation.closes_at if reply.deliberation else None
    return [context(card_lines.opinions_close(when(closes_at)))] if closes_at else []


def help_message(unknown: str = "") -> dict[str, Any]:
    """What can be said."""
    lines = [f"`{COMMAND} {words}` – {told}" for words, told in commands.SLACK_HELP]
    typed = escape(unknown, 40).replace("`", "")
    first = f"{answers.unknown_command(typed)} " if unknown not in ("", "help") else ""
    return message(
        f"{first}{answers.HELP_TITLE}",
        [section(f"{first}{answers.HELP_INTRODUCTION}"), section("\n".join(lines))],
    )


def list_message(shown: Sequence[tuple[Deliberation, int, str]], total: int, actor: Actor) -> dict[str, Any]:
    """A channel's questions, newest first."""
    if not shown:
        return sentence(answers.nothing_asked(COMMAND))
    blocks: list[Block] = []
    for d, answered, link in shown:
        blocks += question_lines(d, answered, link, steward=is_steward(actor, d))
    if total > len(shown):
        blocks.append(context(answers.older(total - len(shown))))
    return message(answers.LIST_TITLE, blocks)


def past_message(
    shown: Sequence[tuple[Deliberation, int, str]], words: str, actor: Actor, *, more: bool
) -> dict[str, Any]:
    """Questions that are over and have these words; more: there are older ones, too."""
    if not shown:
        return sentence(answers.nothing_past(words))
    blocks: list[Block] = []
    for d, answered, link in shown:
        blocks += question_lines(d, answered, link, steward=is_steward(actor, d))
    if more:
        blocks.append(context(answers.MORE_PAST))
    return message(answers.PAST, blocks)


def question_lines(d: Deliberation, answered: int, link: str, *, steward: bool) -> list[Block]:
    """One question of a list: its words, where it stands, and what can be done with it."""
    title = escape(d.question, 600).replace("\n", " ")
    linked = f" · <{link}|{answers.OPEN_LINK}>" if link else ""
    manage = button(buttons.MANAGE, names.MANAGE, d.id) if steward else None
    small = [context(line.replace("\n", " ")) for line in decision_lines.lines(d, escape, person)[:1]]
    return [section(f"*{title}*", manage), context(standing(d, answered) + linked), *small]


def choose_message(
    found: Sequence[Deliberation],
    told: str,
    action: str = names.MANAGE,
    label: str = buttons.MANAGE,
    *,
    rest: Callable[[Deliberation], str] = lambda d: "",
    more: str = answers.MORE_ON_THE_TAB,
) -> dict[str, Any]:
    """Questions to choose from, newest first, under what is asked.

    rest: comes back with each. more: a sentence on where those are that have no room here.
    """
    blocks: list[Block] = [section(escape(told))]
    for d in found[:10]:
        value = f"{d.id} {rest(d)}".rstrip()
        blocks.append(section(f"*{escape(d.question, 600)}*", button(label, action, value)))
    if len(found) > 10:
        blocks.append(context(f"{answers.older(len(found) - 10)} {more}"))
    return message(escape(told), blocks)


def choose_results(found: Sequence[Deliberation]) -> dict[str, Any]:
    """Questions whose results there are, to choose from."""
    return choose_message(
        found, texts.WHICH_QUESTION, names.RESULTS, buttons.RESULTS, more=answers.say_words(COMMAND)
    )


def choose_to_extend(found: Sequence[Deliberation], told: str, at: datetime) -> dict[str, Any]:
    """Questions to choose from, with the time that one of them shall be open until."""
    stamp = int(at.timestamp())
    asks = choose_message(
        found, told, names.EXTEND_TO, buttons.MOVE, rest=lambda d: f"{stamp} {d.deadline_shown}"
    )
    return {**asks, "blocks": [*asks["blocks"], context(answers.new_deadline(when(at)))]}


def results_message(found: Results, link: str) -> dict[str, Any]:
    """A statement and, for those who may see it, how it was rated."""
    d = found.deliberation
    told = texts.result_sentence(found.tally) if found.tally else texts.not_shown_yet(d)
    blocks = [
        section(f"*{linked(d.question, 1_500)}*"),
        *stated(found.statement.statement, 6_000),
        *left_open(found.statement),
        section(told),
    ]
    blocks += distribution(d, found.tally) if found.tally else []
    blocks += decided(d)
    made = " ".join([found.statement.made, *round_lines.compared(d.change)])
    blocks += [*predicted(found.prediction), context(escape(made))]
    mine = answers.own_rating(texts.rating_words(found.own)) if found.own else ""
    where = f"<{link}|{buttons.THE_STATEMENT}>" if link else ""
    blocks += [context(mine, where)] if mine or where else []
    blocks += by_name(found.by_name, blocks)
    return message(told, [*blocks, *why(found.reasons, blocks)])


def status_message(scopes: frozenset[str], health: Health, open_here: int) -> dict[str, Any]:
    """Whether everything works."""
    here = Finding(True, answers.answers("Slack"))
    blocks = health_blocks([here, permissions(scopes), *health.findings()])
    blocks.append(context(answers.open_here(open_here)))
    return message(answers.STATUS, blocks)


def permissions(scopes: frozenset[str]) -> Finding:
    """What the app may not do, and what comes of that; nothing where Slack does not say what it may."""
    missing = [scope for scope in SCOPES if scopes and scope not in scopes]
    if not missing:
        return Finding(True, troubles.EVERY_PERMISSION)
    lost = "; ".join(f"{scope} ({LOST_ON_SLACK[scope]})" for scope in missing)
    return Finding(False, troubles.lacks_permissions(lost))


def health_blocks(findings: Sequence[Finding]) -> list[Block]:
    """One line each, with a sign."""
    signs = {True: ":white_check_mark:", False: ":warning:"}
    return [section(f"{signs[ok]} {escape(told)}") for ok, told in findings]


# -- one's own data ------------------------------------------------------------------------------


# Of the texts that somebody wrote, as much as fits into one message; and as many messages as Slack takes in
# answer to one command.
OWN_OPINIONS = 8_000
OWN_QUESTION = 200
OWN_BLOCKS = 40
OWN_MESSAGES = 5


def forget_messages(own: Sequence[OwnOpinion] = ()) -> Iterator[dict[str, Any]]:
    """What goes, what stays, what they wrote, to be copied, and at the end the one button that erases it."""
    pages = _pages(own)
    shown = pages[:OWN_MESSAGES] or [[]]
    left = sum(map(len, pages[OWN_MESSAGES:]))
    copied = [section(texts.FORGET_COPY)] if own else []
    for number, page in enumerate(shown, 1):
        stays = f"{texts.FORGET_STAYS} {texts.FORGET_STAYS_IN_CHANNEL}"
        first = [section(texts.FORGET_GOES), section(stays), *copied] if number == 1 else []
        more = [context(texts.more_opinions(left))] if left else []
        sure = [
            section(texts.FORGET_FINAL),
            actions(button(texts.FORGET_BUTTON, names.FORGET, style="danger")),
        ]
        last = [*more, *sure] if number == len(shown) else []
        yield message(texts.FORGET_GOES, [*first, *chain.from_iterable(page), *last])


def _pages(own: Sequence[OwnOpinion]) -> list[list[list[Block]]]:
    """Their texts as messages hold them: an opinion is never torn apart."""
    pages: list[list[list[Block]]] = []
    room = blocks = 0
    for each in own:
        kind = f" · {buttons.YOUR_REASON}" if each.is_reason else ""
        title = section(f"*{escape(each.question, OWN_QUESTION)}*{kind}")
        parts = [title, *written(each.text, OWN_OPINIONS)]
        length = sum(len(part["text"]["text"]) for part in parts)
        if not pages or length > room or len(parts) > blocks:
            pages.append([])
            room, blocks = OWN_OPINIONS, OWN_BLOCKS
        pages[-1].append(parts)
        room, blocks = room - length, blocks - len(parts)
    return pages


# -- exports -------------------------------------------------------------------------------------


def export_comment(d: Deliberation) -> str:
    """What stands above the files."""
    return answers.export_of(escape(d.question, 600), texts.export_note(d))


def export_messages(data: str) -> Iterator[dict[str, Any]]:
    """A question's data, in as many messages as it needs, up to a limit that is said."""
    # Three backticks in an opinion would end the block that it stands in.
    parts = list(pieces(data.replace("```", "'''"), EXPORT_PART))
    for number, part in enumerate(parts[:EXPORT_PARTS], 1):
        yield message(answers.export_part(number, len(parts)), [section(f"```{escape(part)}```")])
    if len(parts) > EXPORT_PARTS:
        yield sentence(answers.export_cut(len(parts), EXPORT_PARTS))
