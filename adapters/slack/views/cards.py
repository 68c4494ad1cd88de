"""The messages that a channel sees: the question, drafting, the statement, the vote, the result.

Reads:  a `Card`.
Gives:  a message's text and blocks. Nothing here holds an opinion; everything that members or the model wrote
is escaped and cut.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    ELLIPSIS,
    PLACEHOLDER,
    Block,
    actions,
    asks_first,
    button,
    choice,
    context,
    escape,
    header,
    image,
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
from bot.wording import buttons, card_lines, decision_lines, point_lines, round_lines, texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    HowItWentNote,
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
from bot.wording.language import _
from engine.digest import read_digest

QUESTION = 1_500
NOTICE = 300
# Room for the statement in a message that says other things too.
STATEMENT = 8_000
OTHER_SIDE = 2_000
CHANGES = 1_500
# No words that are worth reading are shorter once they are cut.
FEW_WORDS = 20


@dataclass(frozen=True)
class Uploaded:
    """A picture that is in Slack: its file's id, and what it shows in words."""

    file: str
    told: str


def card_message(card: Card, page: str = "", picture: Uploaded | None = None) -> dict[str, Any]:
    """The message that shows a card; `page` is the address of the result's page where there is one.

    picture: what a result shows below its numbers.
    """
    if isinstance(card, ResultCard):
        return _result(card, page, picture)
    render: Callable[[Any, str], dict[str, Any]] = RENDERERS[type(card)]
    return render(card, page)


def _question(card: QuestionCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header(card_lines.QUESTION_TITLE), section(_asked(d))]
    if d.context:
        blocks += [context(linked(d.context, 1_900))]
    blocks += [
        context(f"{card_lines.collected_until(d, when)} · {card_lines.asked_by(person(d.facilitator))}"),
        context(escape(f"{texts.identity_note(d)} {card.reads}")),
        context(texts.answered(card.answered)),
        actions(
            button(buttons.SHARE, names.SHARE, d.id, style="primary"),
            *([button(point_lines.TITLE, names.POINTS, d.id)] if d.terms.points else []),
            button(buttons.HOW, names.HOW, d.id),
        ),
    ]
    return message(card_lines.notified_question(_short(d)), blocks)


def _progress(card: ProgressCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [section(_asked(d)), section(f"*{card_lines.DRAFTING_TITLE}.* {card.told(when)}")]
    blocks += [context(card_lines.OPINIONS_CLOSED)]
    return message(card_lines.notified_drafting(_short(d)), blocks)


def _failed(card: FailedCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        section(_asked(d)),
        section(f":warning: {texts.NO_STATEMENT}"),
        actions(button(buttons.TRY_AGAIN, names.RETRY, d.id, style="primary")),
        context(card_lines.for_stewards(person(d.facilitator))),
    ]
    return message(card_lines.notified_failed(_short(d)), blocks)


def _statement(card: StatementCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [
        header(texts.statement_title(card.statement)),
        context(_asked(d), round_lines.round_title(d)),
        *stated(card.statement, STATEMENT),
        *_changed(card),
    ]
    blocks += left_open(card)
    blocks += [context(escape(card.drafted))]
    blocks += [context(card.rated)] if card.rated else []
    blocks.append(context(escape(card.made)))
    blocks += _how_to_rate(d)
    return message(escape(texts.to_rate(card.statement), NOTICE), blocks)


def left_open(card: StatementCard | ResultCard) -> list[Block]:
    """What the statement leaves open, in a line; nothing where nothing is told of it."""
    return [context(escape(card.leaves_open))] if card.leaves_open else []


def _changed(card: StatementCard) -> list[Block]:
    """What became of the statement before; nothing for digests, which are lists and not worded anew."""
    if card.before is None or read_digest(card.before) or read_digest(card.statement):
        return []
    return [section(f"*{round_lines.WHAT_CHANGED}*"), section(changes(card.before, card.statement))]


def changes(before: str, after: str, room: int = CHANGES) -> str:
    """The words that were kept, ~removed~ and *added*, as markup; cut so that no mark is left open."""
    shown: list[str] = []
    for span in round_lines.changes(before, after):
        if room < FEW_WORDS:
            shown.append(ELLIPSIS)
            break
        # Slack takes a mark that is closed on another line for a mere sign.
        words = escape(" ".join(span.text.split()), room)
        shown += [round_lines.SIGNS[span.kind].format(words)] if words else []
        room -= len(words) + len("** ")
    return " ".join(shown)


def _preference(d: Deliberation) -> list[Block]:
    """Where a member says which of two statements; the select shows to each only their own choice."""
    if d.round == 1:
        return []
    offered = [option(words, f"{d.round} {each}") for each, words in round_lines.PREFERENCES.items()]
    select = _menu(f"{names.COMPARE}:{d.id}", offered)
    return [section(f"*{round_lines.PREFER}* {round_lines.PREFERENCE_NOTE}", select)]


def _menu(name: str, offered: list[Block]) -> Block:
    return {**choice(offered), "action_id": name, "placeholder": plain(buttons.CHOOSE, PLACEHOLDER)}


def _quality(d: Deliberation) -> list[Block]:
    """Where a member says how well the statement is put; the select shows to each only their own choice."""
    if not d.terms.ask_quality:
        return []
    steps = [
        option(f"{level.value} {_(level.label)}", names.with_round(str(level.value), d))
        for level in QUALITY_LEVELS
    ]
    select = _menu(f"{names.QUALITY}:{d.id}", steps)
    return [section(f"*{texts.QUALITY_LABEL}* {texts.QUALITY_PRIVATE_NOTE}", select)]


def _say_why(d: Deliberation) -> Block:
    return button(buttons.SAY_WHY, names.SAY_WHY, names.with_round(d.id, d))


def _how_to_rate(d: Deliberation) -> list[Block]:
    period, about = card_lines.rating_open(d, when), names.with_round(d.id, d)
    if d.terms.rating_by is RatingBy.REACTIONS:
        return [context(f"{card_lines.SEE_BELOW_REACTIONS} {period}")]
    rows = [
        button(f"{level.emoji} {_(level.label)}", f"{names.RATE}:{level.value}", about)
        for level in d.terms.levels
    ]
    withdraw = button(WITHDRAW_RATING.yes, names.UNRATE, about, confirm=asks_first(WITHDRAW_RATING))
    return [
        section(f"*{card_lines.HOW_FAR}*"),
        actions(*rows, withdraw, _say_why(d)),
        *_quality(d),
        context(f"{texts.rating_note(d)} {period}"),
        *_preference(d),
    ]


def _ballot(card: BallotCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    if card.closed:
        blocks = [section(f"*{texts.VOTE_OVER}.*"), *stated(card.statement, STATEMENT)]
        return message(texts.SETTLED, blocks)
    blocks = [
        section(f"*{card_lines.HOW_FAR}* {card_lines.REACT_HERE}"),
        *stated(card.statement, STATEMENT),
        context(escape(card_lines.scale(d))),
        *_quality(d),
        actions(_say_why(d)),
        context(texts.rating_note(d)),
        *_preference(d),
    ]
    return message(card_lines.notified_ballot(escape(texts.one_line(card.statement), NOTICE)), blocks)


def _nudge(card: NudgeCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    blocks = [section(texts.nudge(d, escape(d.question, QUESTION), when))]
    if d.phase is not Phase.RATING:
        blocks.append(actions(button(buttons.SHARE, names.SHARE, d.id, style="primary")))
    return message(texts.nudge(d, escape(d.question, NOTICE), when), blocks)


def _result(card: ResultCard, page: str, picture: Uploaded | None = None) -> dict[str, Any]:
    d = card.deliberation
    blocks = [header(texts.RESULT_TITLE), context(_asked(d)), *stated(card.statement, STATEMENT)]
    blocks += left_open(card)
    blocks += [section(texts.result_sentence(card.tally)), *distribution(d, card.tally)]
    blocks += [image(picture.file, picture.told)] if picture else []
    blocks += clear_points(card.points)
    blocks += [*decided(d), *predicted(card.prediction), context(escape(card.made))]
    blocks += [*_link(page), *_recording(d)]
    return message(card_lines.notified_result(escape(texts.one_line(card.statement), NOTICE)), blocks)


def clear_points(points: point_lines.ClearPoints) -> list[Block]:
    """What votes on points say most clearly; nothing where they say nothing."""
    return [section(f"*{title}*\n{escape(said)}") for title, said in points.parts]


def decided(d: Deliberation) -> list[Block]:
    """What was decided after the vote; nothing until that was recorded."""
    lines = decision_lines.lines(d, escape, person)
    return [section("\n".join(lines))] if lines else []


def _recording(d: Deliberation) -> list[Block]:
    """The button for those who run the question, until they have pressed it."""
    if d.decision is not None:
        return []
    record = button(buttons.RECORD_OUTCOME, names.OUTCOME, d.id)
    return [actions(record), context(card_lines.for_stewards(person(d.facilitator)))]


def predicted(prediction: Prediction | None) -> list[Block]:
    """What was predicted of a statement: for the result, and for somebody who has rated it."""
    if prediction is None:
        return []
    blocks = [context(f"{texts.PREDICTED_TITLE}: {prediction.text}")]
    if prediction.other_side:
        blocks += [section(f"*{texts.OTHER_SIDE_TITLE}*"), *written(prediction.other_side, OTHER_SIDE)]
    return blocks


def result_reply(link: str) -> dict[str, Any]:
    """One line for the thread when the vote closes; `link` is the card with the result."""
    there = f" <{link}|{buttons.SEE_RESULT}>" if link else ""
    return message(texts.SETTLED, [section(f"{texts.SETTLED}{there}")])


def statement_notice(d: Deliberation, link: str) -> dict[str, Any]:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    blocks = [section(f"*{card_lines.TO_RATE_TITLE}.* {card_lines.on(escape(d.question, 600))}")]
    if link:
        blocks.append(context(f"<{link}|{buttons.READ_AND_RATE}>"))
    return message(card_lines.notified_to_rate(_short(d)), blocks)


def notice_over(d: Deliberation, link: str) -> dict[str, Any]:
    """What that says once there is nothing to rate any more."""
    over = texts.nothing_to_rate(d)
    blocks = [section(f"*{over}.* {card_lines.on(escape(d.question, 600))}")]
    if link:
        blocks.append(context(f"<{link}|{buttons.GO_TO_QUESTION}>"))
    return message(f"{over}: {_short(d)}", blocks)


def distribution(d: Deliberation, tally: Tally) -> list[Block]:
    """How often each step was chosen; nothing where that may not be shown."""
    lines = texts.distribution(tally, d.terms)
    if not lines:
        return []
    legend = card_lines.own_scale(d)
    return [section(f"```{lines}```"), *([context(escape(legend))] if legend else [])]


def _link(page: str) -> list[Block]:
    return [actions(button(buttons.OPEN_PAGE, names.OPEN_PAGE, url=page))] if page else []


def _cancelled(card: CancelledCard, page: str) -> dict[str, Any]:
    d = card.deliberation
    because = escape(texts.why_cancelled(d) or card_lines.CANCELLED)
    return message(card_lines.notified_cancelled(_short(d)), [section(_asked(d)), section(because)])


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
        label = buttons.READ_AND_RATE if to_rate else buttons.GO_TO_QUESTION
        blocks.append(context(f"<{link}|{label}>"))
    if isinstance(note, HowItWentNote) and note.runs_it:
        blocks.append(actions(button(buttons.SAY_HOW_IT_WENT, names.OUTCOME, d.id, style="primary")))
    if isinstance(note, ReminderNote):
        share = button(buttons.SHARE, names.SHARE, d.id, style="primary")
        stop = button(buttons.STOP_REMINDING, names.STOP_REMINDERS, d.id)
        blocks.append(actions(stop) if note.to_rate else actions(share, stop))
    return message(notice, blocks)


def said(text: str) -> dict[str, Any]:
    """One of our own sentences as a message, escaped: it may quote a question."""
    return message(escape(text, NOTICE), [section(escape(text))])


def rating_kept(text: str, d: Deliberation) -> dict[str, Any]:
    """What somebody is told who has rated, and where they can say why."""
    return message(escape(text, NOTICE), [section(escape(text)), actions(_say_why(d))])


def _asked(d: Deliberation) -> str:
    return f"*{linked(d.question, QUESTION)}*".replace("\n", " ")


def _short(d: Deliberation) -> str:
    return escape(d.question, NOTICE).replace("\n", " ")
