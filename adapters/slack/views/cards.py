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
    asks_first,
    button,
    choice,
    context,
    escape,
    header,
    linked,
    message,
    option,
    person,
    plain,
    section,
    stated,
    when,
    written,
)
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import QUALITY_LEVELS, RatingBy, Tally
from bot.wording import texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    Note,
    NudgeCard,
    Prediction,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
)
from bot.wording.confirmations import WITHDRAW_RATING
from engine.digest import in_one_line

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
        blocks += [context(linked(d.context, 1_900))]
    closes = f"Closes {when(d.closes_at)}" if d.closes_at else "Open until the person who asked closes it"
    if d.terms.quorum:
        closes += f", or with {d.terms.quorum:,} opinions"
    blocks += [
        context(f"{closes} · asked by {person(d.facilitator)}"),
        context(f"{texts.identity_note(d)} {escape(card.reads)}"),
        context(texts.answered(card.answered)),
        actions(
            button("Share your opinion", names.SHARE, d.id, style="primary"),
            button("How this works", names.HOW, d.id),
        ),
    ]
    return message(f"A question for this channel: {_short(d)}", blocks)


def _progress(card: ProgressCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [section(_asked(d)), section(f"*A statement is being drafted.* {card.told(when)}")]
    blocks += [context("Opinions are closed. The statement appears here.")]
    return message(f"Drafting a statement: {_short(d)}", blocks)


def _failed(card: FailedCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        section(_asked(d)),
        section(f":warning: {texts.NO_STATEMENT}"),
        actions(button("Try again", names.RETRY, d.id, style="primary")),
        context(f"For {person(d.facilitator)} and team admins."),
    ]
    return message(f"No statement yet: {_short(d)}", blocks)


def _statement(card: StatementCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        header(texts.statement_title(card.statement)),
        context(_asked(d)),
        *stated(card.statement, STATEMENT),
    ]
    blocks += [context(card.drafted)]
    blocks += [context(card.rated)] if card.rated else []
    blocks.append(context(escape(card.made)))
    blocks += _how_to_rate(d)
    return message(escape(texts.to_rate(card.statement), NOTICE), blocks)


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
    until = texts.rating_until(d, when)
    if d.terms.rating_by is RatingBy.REACTIONS:
        return [context(f"Rate it with a reaction on the message below. Rating is open {until}.")]
    rows = [
        button(f"{level.emoji} {level.label}", f"{names.RATE}:{level.value}", d.id)
        for level in d.terms.levels
    ]
    withdraw = button(WITHDRAW_RATING.yes, names.UNRATE, d.id, confirm=asks_first(WITHDRAW_RATING))
    return [
        section("*How far do you agree?*"),
        actions(*rows, withdraw),
        *_quality(d),
        context(f"{texts.rating_note(d)} Rating is open {until}."),
    ]


def _ballot(card: BallotCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    if card.closed:
        blocks = [section(f"*{texts.VOTE_OVER}.*"), *stated(card.statement, STATEMENT)]
        return message("The vote is closed.", blocks)
    scale = " · ".join(f"{level.emoji} {level.label.lower()}" for level in d.terms.levels)
    blocks = [
        section("*How far do you agree?* React to this message."),
        *stated(card.statement, STATEMENT),
        context(escape(scale)),
        *_quality(d),
        context(texts.rating_note(d)),
    ]
    return message(f"Rate this with a reaction: {escape(in_one_line(card.statement), NOTICE)}", blocks)


def _nudge(card: NudgeCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [section(texts.nudge(d, escape(d.question, QUESTION), when))]
    if d.phase is not Phase.RATING:
        blocks.append(actions(button("Share your opinion", names.SHARE, d.id, style="primary")))
    return message(texts.nudge(d, escape(d.question, NOTICE), when), blocks)


def _result(card: ResultCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header("What this group said"), context(_asked(d)), *stated(card.statement, STATEMENT)]
    blocks += [section(texts.result_sentence(card.tally)), *distribution(d, card.tally)]
    blocks += [*predicted(card.prediction), context(escape(card.made)), *_link(page)]
    return message(f"The result: {escape(in_one_line(card.statement), NOTICE)}", blocks)


def predicted(prediction: Prediction | None) -> list[Block]:
    """What was predicted of a statement: for the result, and for somebody who has rated it."""
    if prediction is None:
        return []
    blocks = [context(f"{texts.PREDICTED_TITLE}: {prediction.text}")]
    if prediction.other_side:
        blocks += [section(f"*{texts.OTHER_SIDE_TITLE}*"), *written(prediction.other_side, OTHER_SIDE)]
    return blocks


def result_reply(card: ResultCard, link: str, page: str = "") -> dict[str, Any]:
    """What the thread is told when the vote closes; `link` is the statement's own message."""
    d = card.deliberation
    told = texts.result_sentence(card.tally)
    blocks = [section(f"*The vote is closed.* {told}"), *distribution(d, card.tally)]
    if link:
        blocks.append(context(f"<{link}|The statement>"))
    return message(f"The vote is closed. {told}", [*blocks, *_link(page)])


def statement_notice(d: Deliberation, link: str) -> dict[str, Any]:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    blocks = [section(f"*There is a statement to rate* on “{escape(d.question, 600)}”")]
    if link:
        blocks.append(context(f"<{link}|Read and rate it>"))
    return message(f"There is a statement to rate: {_short(d)}", blocks)


def notice_over(d: Deliberation, link: str) -> dict[str, Any]:
    """What that says once there is nothing to rate any more."""
    over = texts.nothing_to_rate(d)
    blocks = [section(f"*{over}* “{escape(d.question, 600)}”")]
    if link:
        blocks.append(context(f"<{link}|Go to the question>"))
    return message(f"{over}: {_short(d)}", blocks)


def distribution(d: Deliberation, tally: Tally) -> list[Block]:
    """How often each step was chosen; nothing where that may not be shown."""
    lines = [f"`{bar}` {words}" for bar, words in texts.distribution(tally, d.terms)]
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
    d, told, notice = note.deliberation, escape(note.text), escape(note.text, NOTICE)
    if isinstance(note, ReminderNote):
        told, notice = (texts.reminder(d, escape(d.question, most), when) for most in (QUESTION, NOTICE))
    blocks = [section(told)]
    if link:
        to_rate = isinstance(note, ReminderNote) and note.to_rate
        blocks.append(context(f"<{link}|{'Read and rate it' if to_rate else 'Go to the question'}>"))
    if isinstance(note, ReminderNote):
        share = button("Share your opinion", names.SHARE, d.id, style="primary")
        stop = button("Stop reminding me", names.STOP_REMINDERS, d.id)
        blocks.append(actions(stop) if note.to_rate else actions(share, stop))
    return message(notice, blocks)


def said(text: str) -> dict[str, Any]:
    """One of our own sentences as a message, escaped: it may quote a question."""
    return message(escape(text, NOTICE), [section(escape(text))])


def _asked(d: Deliberation) -> str:
    return f"*{linked(d.question, QUESTION)}*".replace("\n", " ")


def _short(d: Deliberation) -> str:
    return escape(d.question, NOTICE).replace("\n", " ")
