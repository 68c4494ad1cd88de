"""Answers to `/accord …` that only the one who asked can see: lists, results, status, help, exports.

Reads:  deliberations, counts and ratings that this person may see.
Gives:  messages.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from adapters.slack.config import COMMAND, LOST_WITHOUT, SCOPES
from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    button,
    context,
    escape,
    message,
    pieces,
    section,
    stated,
)
from adapters.slack.views.modals import standing
from bot import texts
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.health import Finding, Health
from bot.queries import Results

EXPORT_PART = 2_800
EXPORT_PARTS = 40

WORDS = (
    ("ask [question]", "ask this channel"),
    ("list", "this channel's questions"),
    ("results", "how the last statement was rated"),
    ("close", "close the opinions or the vote of your question"),
    ("extend [time]", "move your question's deadline, such as `extend tomorrow 5pm`"),
    ("cancel", "end your question without a result"),
    ("export", "your question's data, in a direct message"),
    ("forget-me", "erase everything that you ever gave"),
    ("settings", "your own settings; for admins also the team's"),
    ("status", "whether everything works"),
)


def sentence(text: str) -> dict[str, Any]:
    """One of our own sentences."""
    return message(escape(text, 300), [section(escape(text))])


def help_message(unknown: str = "") -> dict[str, Any]:
    """What can be said."""
    lines = [f"`{COMMAND} {words}` – {told}" for words, told in WORDS]
    first = f"I do not know `{escape(unknown, 40).replace('`', '')}`. " if unknown not in ("", "help") else ""
    return message(
        f"{first}What you can say to Accord",
        [section(f"{first}Accord helps a channel agree. You can say:"), section("\n".join(lines))],
    )


def list_message(shown: Sequence[tuple[Deliberation, int, str]], total: int, actor: Actor) -> dict[str, Any]:
    """A channel's questions, newest first."""
    if not shown:
        return sentence(f"No question has been asked in this channel. {COMMAND} ask begins one.")
    blocks: list[Block] = []
    for d, answered, link in shown:
        blocks += question_lines(d, answered, link, steward=actor.admin or actor.user == d.facilitator)
    if total > len(shown):
        blocks.append(context(f"And {total - len(shown)} older ones."))
    return message("This channel's questions", blocks)


def question_lines(d: Deliberation, answered: int, link: str, *, steward: bool) -> list[Block]:
    """One question of a list: its words, where it stands, and what can be done with it."""
    title = escape(d.question, 600).replace("\n", " ")
    linked = f" · <{link}|open>" if link else ""
    manage = button("Manage", names.MANAGE, d.id) if steward else None
    return [section(f"*{title}*", manage), context(standing(d, answered) + linked)]


def choose_message(
    found: Sequence[Deliberation], word: str, action: str = names.MANAGE, label: str = "Manage"
) -> dict[str, Any]:
    """Which of several questions is meant; newest first."""
    blocks: list[Block] = [section(f"Which question do you want to {word}?" if len(found) > 1 else "Here:")]
    for d in found[:10]:
        blocks.append(section(f"*{escape(d.question, 600)}*", button(label, action, d.id)))
    if len(found) > 10:
        blocks.append(context(f"And {len(found) - 10} older ones; the app's own tab lists them too."))
    return message(f"Which question do you want to {word}?", blocks)


def results_message(found: Results, own: int | None, link: str) -> dict[str, Any]:
    """A statement and, for those who may see it, how it was rated."""
    d = found.deliberation
    told = texts.result_sentence(found.tally) if found.tally else texts.not_shown_yet(d)
    blocks = [
        section(f"*{escape(d.question, 1_500)}*"),
        *stated(found.statement.statement, 6_000),
        section(told),
    ]
    lines = texts.distribution(found.tally, d.terms) if found.tally else []
    blocks += [section("\n".join(lines))] if lines else []
    mine = f"Your own rating: {texts.rating_words(own)}." if own else ""
    where = f"<{link}|The statement>" if link else ""
    blocks += [context(mine, where)] if mine or where else []
    return message(told, blocks)


def status_message(scopes: frozenset[str], health: Health, open_here: int) -> dict[str, Any]:
    """Whether everything works."""
    blocks = health_blocks([Finding(True, "Slack answers."), permissions(scopes), *health.findings()])
    count = {0: "No question is open here.", 1: "One question is open here."}
    blocks.append(context(count.get(open_here, f"{open_here} questions are open here.")))
    return message("Status", blocks)


def permissions(scopes: frozenset[str]) -> Finding:
    """What the app may not do, and what comes of that; nothing where Slack does not say what it may."""
    missing = [scope for scope in SCOPES if scopes and scope not in scopes]
    if not missing:
        return Finding(True, "The app has every permission that it needs.")
    lost = "; ".join(f"{scope} ({LOST_WITHOUT[scope]})" for scope in missing)
    return Finding(
        False,
        f"The app lacks permissions: {lost}. Add them under OAuth & Permissions on api.slack.com/apps, then "
        "install the app again.",
    )


def health_blocks(findings: Sequence[Finding]) -> list[Block]:
    """One line each, with a sign."""
    signs = {True: ":white_check_mark:", False: ":warning:"}
    return [section(f"{signs[ok]} {escape(told)}") for ok, told in findings]


# -- exports -------------------------------------------------------------------------------------


def export_comment(d: Deliberation) -> str:
    """What stands above the files."""
    return f"The data of your question “{escape(d.question, 600)}”, for you alone."


def export_messages(data: str) -> Iterator[dict[str, Any]]:
    """A question's data, in as many messages as it needs, up to a limit that is said."""
    # Three backticks in an opinion would end the block that it stands in.
    parts = list(pieces(data.replace("```", "'''"), EXPORT_PART))
    for number, part in enumerate(parts[:EXPORT_PARTS], 1):
        yield message(f"Export, part {number} of {len(parts)}", [section(f"```{escape(part)}```")])
    if len(parts) > EXPORT_PARTS:
        yield sentence(f"The export has {len(parts)} parts; the first {EXPORT_PARTS} are here.")
