"""The messages that a channel sees: the question, drafting, the statement, the vote, the result.

Reads:  a `Card`.
Gives:  a message's text and blocks. Nothing here holds an opinion; everything that members or the model wrote
is escaped and cut.
"""

from collections.abc import Callable
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    PLACEHOLDER,
    Block,
    actions,
    button,
    choice,
    context,
    escape,
    header,
    message,
    option,
    person,
    plain,
    section,
    when,
    written,
)
from bot import texts
from bot.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    Note,
    NudgeCard,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
)
from bot.choices import lasts
from bot.domain.deliberation import Deliberation
from bot.domain.ratings import QUALITY_LEVELS, RatingBy, Tally

QUESTION = 1_500
NOTICE = 300
# Room for the statement in a message that says other things too.
STATEMENT = 8_000
OTHER_SIDE = 2_000


def card_message(card: Card, page: str = "") -> dict[str, Any]:
    """The message that shows a card; `page` is the address of the result's page where there is one."""
    render: Callable[[Any, str], dict[str, Any]] = RENDERERS[type(card)]
    return render(card, page)


def _question(card: QuestionCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header("Let's find common ground"), section(_asked(d))]
    if d.context:
        blocks += [context(escape(d.context, 1_900))]
    closes = f"Closes {when(d.closes_at)}" if d.closes_at else "Open until the person who asked closes it"
    if d.terms.quorum:
        closes += f", or with {d.terms.quorum:,} opinions"
    blocks += [
        context(f"{closes} · asked by {person(d.facilitator)}"),
        context(texts.identity_note(d) + " From all opinions together one statement is drafted."),
        context(texts.answered(card.answered)),
        actions(
            button("Share your opinion", names.SHARE, d.id, style="primary"),
            button("How this works", names.HOW, d.id),
        ),
    ]
    return message(f"A question for this channel: {_short(d)}", blocks)


def _progress(card: ProgressCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    progress = texts.progress(card.done, card.total)
    blocks = [section(_asked(d)), section(f"*A statement is being drafted.* {progress}")]
    blocks += [context("Opinions are closed. The statement appears here.")]
    return message(f"Drafting a statement: {_short(d)}", blocks)


def _failed(card: FailedCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        section(_asked(d)),
        section(f":warning: {escape(d.failure or texts.UNEXPECTED)}"),
        actions(button("Try again", names.RETRY, d.id, style="primary")),
        context(f"For {person(d.facilitator)} and team admins."),
    ]
    return message(f"No statement yet: {_short(d)}", blocks)


def _statement(card: StatementCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header(texts.STATEMENT_TITLE), context(_asked(d)), *written(card.statement, STATEMENT)]
    blocks += [context(card.drafted)]
    if card.prediction or card.made:
        blocks.append(context(card.prediction, card.made))
    if card.other_side:
        blocks += [section(f"*{texts.OTHER_SIDE_TITLE}*"), *written(card.other_side, OTHER_SIDE)]
    blocks += _how_to_rate(d)
    return message(f"A statement to rate: {escape(card.statement, NOTICE)}", blocks)


def _quality(d: Deliberation) -> list[Block]:
    """Where a member says how well the statement is put; the select shows to each only their own choice."""
    if not d.terms.ask_quality:
        return []
    steps = [option(f"{level.value} {level.label}", str(level.value)) for level in QUALITY_LEVELS]
    select = {
        **choice(steps),
        "action_id": f"{names.QUALITY}:{d.id}",
        "placeholder": plain("Choose", PLACEHOLDER),
    }
    return [section(f"*{texts.QUALITY_LABEL}* {texts.QUALITY_PRIVATE_NOTE}", select)]


def _how_to_rate(d: Deliberation) -> list[Block]:
    period = lasts(d.terms.rating_period)
    if d.terms.rating_by is RatingBy.REACTIONS:
        return [context(f"Rate it with a reaction on the message below. Rating is open for {period}.")]
    rows = [
        button(f"{level.emoji} {level.label}", f"{names.RATE}:{level.value}", d.id)
        for level in d.terms.levels
    ]
    withdraw = button("Take my rating back", names.UNRATE, d.id)
    return [
        section("*How far do you agree?*"),
        actions(*rows, withdraw),
        *_quality(d),
        context(f"{texts.rating_note(d)} Rating is open for {period}."),
    ]


def _ballot(card: BallotCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    if card.closed:
        blocks = [section("*The vote on this statement is closed.*"), *written(card.statement, STATEMENT)]
        return message("The vote is closed.", blocks)
    scale = " · ".join(f"{level.emoji} {level.label.lower()}" for level in d.terms.levels)
    blocks = [
        section("*How far do you agree?* React to this message."),
        *written(card.statement, STATEMENT),
        context(escape(scale)),
        *_quality(d),
        context(texts.rating_note(d)),
    ]
    return message(f"Rate this statement with a reaction: {escape(card.statement, NOTICE)}", blocks)


def _nudge(card: NudgeCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        section(escape(texts.reminder(d))),
        actions(button("Share your opinion", names.SHARE, d.id, style="primary")),
    ]
    return message(escape(texts.reminder(d), NOTICE), blocks)


def _result(card: ResultCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header("What this group said"), context(_asked(d)), *written(card.statement, STATEMENT)]
    blocks += [section(texts.result_sentence(card.tally)), *_distribution(d, card.tally), *_link(page)]
    return message(f"The result: {escape(card.statement, NOTICE)}", blocks)


def result_reply(card: ResultCard, link: str, page: str = "") -> dict[str, Any]:
    """What the thread is told when the vote closes; `link` is the statement's own message."""
    d = card.deliberation
    told = texts.result_sentence(card.tally)
    blocks = [section(f"*The vote is closed.* {told}"), *_distribution(d, card.tally)]
    if link:
        blocks.append(context(f"<{link}|The statement>"))
    return message(f"The vote is closed. {told}", [*blocks, *_link(page)])


def statement_notice(d: Deliberation, link: str) -> dict[str, Any]:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    blocks = [section(f"*There is a statement to rate* on “{escape(d.question, 600)}”")]
    if link:
        blocks.append(context(f"<{link}|Read and rate it>"))
    return message(f"There is a statement to rate: {_short(d)}", blocks)


def _distribution(d: Deliberation, tally: Tally) -> list[Block]:
    lines = texts.distribution(tally, d.terms)
    return [section("\n".join(lines))] if lines else []


def _link(page: str) -> list[Block]:
    return [actions(button("Open the page", names.OPEN_PAGE, url=page))] if page else []


def _cancelled(card: CancelledCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    because = escape(d.cancelled_because or "The question was cancelled.")
    return message(f"Cancelled: {_short(d)}", [section(_asked(d)), section(because)])


RENDERERS: dict[type[Any], Callable[[Any, str], dict[str, Any]]] = {
    QuestionCard: _question,
    ProgressCard: _progress,
    FailedCard: _failed,
    StatementCard: _statement,
    BallotCard: _ballot,
    NudgeCard: _nudge,
    ResultCard: _result,
    CancelledCard: _cancelled,
}


def note_message(note: Note, link: str = "") -> dict[str, Any]:
    """A message to one person; `link` leads to the question's own."""
    blocks = [section(escape(note.text))]
    if link:
        blocks.append(context(f"<{link}|Go to the question>"))
    if isinstance(note, ReminderNote):
        d = note.deliberation
        blocks.append(
            actions(
                button("Share your opinion", names.SHARE, d.id, style="primary"),
                button("Stop reminding me", names.STOP_REMINDERS, d.id),
            )
        )
    return message(escape(note.text, NOTICE), blocks)


def said(text: str) -> dict[str, Any]:
    """One of our own sentences as a message, escaped: it may quote a question."""
    return message(escape(text, NOTICE), [section(escape(text))])


def _asked(d: Deliberation) -> str:
    return f"*{escape(d.question, QUESTION)}*".replace("\n", " ")


def _short(d: Deliberation) -> str:
    return escape(d.question, NOTICE).replace("\n", " ")
