"""The messages that a channel sees: the question, drafting, the statement, the vote, the result.

Reads:  a `Card`.
Gives:  a `Drawn`. Nothing here holds an opinion; whatever members or the model wrote is escaped and cut.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import discord

from adapters.discord.config import COMMAND
from adapters.discord.views import names, text
from adapters.discord.views.drawn import (
    COLOUR,
    DANGER,
    PER_ROW_OF_SCALE,
    PRIMARY,
    WARNING,
    Drawn,
    Menu,
    Press,
    embed,
    said,
)
from adapters.discord.views.reasons import reason_buttons
from adapters.discord.views.revised import changed
from adapters.discord.views.text import escape, person, when
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import AGREEMENT_LEVELS, QUALITY_LEVELS, RatingBy, Tally
from bot.domain.rounds import FIRST_ROUND, name_of_round
from bot.service.reply import Reply
from bot.wording import buttons, card_lines, decision_lines, point_lines, round_lines, texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    HowCard,
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
from bot.wording.choices import STEERING_WORDS
from bot.wording.confirmations import WITHDRAW_RATING
from bot.wording.language import _

# Room for each part of a message, of 6,000 for all embeds together.
QUESTION = 1_500
POSITION = 900
STATEMENT = 3_000
# Of what an embed may have, all but a footer; and what saying where the rest of a statement is takes of it.
EMBED = 5_900
NOTICE = 200
# Of a statement that was revised, what changed has at least so much, and more where the statement is short.
SHORTEST = 400
NOTE = 800
OTHER_SIDE = 1_000
DECIDED = 400
# For points of which votes say something clear, of each kind.
CLEAR = 400
HOUR_S = 3_600
LONGEST_POLL_H = 32 * 24
LONGEST_POLL = timedelta(hours=LONGEST_POLL_H)


def card_message(card: Card, page: str = "") -> Drawn:
    """The message that shows a card; `page` is the address of the question's page where there is one."""
    render: Callable[[Any, str], Drawn] = RENDERERS[type(card)]
    return render(card, page)


def _question(card: QuestionCard, page: str) -> Drawn:
    d = card.deliberation
    until = f"{card_lines.collected_until(d, when)}\n{card_lines.asked_by(person(d.facilitator))}"
    shown = embed(
        card_lines.QUESTION_TITLE,
        _with_background(d),
        fields=[
            (card_lines.BEFORE_YOU_ANSWER, _position(d)),
            (card_lines.UNTIL, until),
            (card_lines.OPINIONS, escape(f"{texts.identity_note(d)} {card.reads}", NOTE)),
            (card_lines.ANSWERED, texts.answered(card.answered)),
        ],
    )
    presses = (
        Press(buttons.SHARE, names.SHARE, d.id, style=PRIMARY),
        Press(buttons.WITHDRAW_MINE, names.WITHDRAW, d.id),
        *([Press(point_lines.TITLE, names.POINTS, d.id)] if d.terms.points else []),
        Press(buttons.HOW, names.HOW, d.id),
    )
    return Drawn(embeds=(shown,), buttons=presses)


def _with_background(d: Deliberation) -> str:
    """The question and what everybody should know: together, where there is room for all of it."""
    asked = f"**{_asked(d)}**"
    if not d.context:
        return asked
    asked += f"\n\n**{card_lines.BACKGROUND}**\n"
    return asked + escape(d.context, text.DESCRIPTION - len(asked))


def by_poll(d: Deliberation) -> bool:
    """Whether a poll asks how far members agree with the position statement, as one asks for the rating."""
    return d.terms.position_statement is not None and d.terms.rating_by is RatingBy.POLL


def _position(d: Deliberation) -> str:
    if not by_poll(d):
        return ""
    said = escape(d.terms.position_statement or "", POSITION)
    return f"{said}\n*{card_lines.POSITION_BY_POLL}*"


def position_poll(d: Deliberation, lasts: timedelta) -> Drawn:
    """The poll under a question. Its end cannot be moved; it is ended where opinions end before."""
    asked = text.plain(card_lines.position_asked(d.terms.position_statement or ""), text.POLL_QUESTION)
    poll = discord.Poll(asked, duration=lasts)
    for level in AGREEMENT_LEVELS:
        poll.add_answer(text=text.cut(_(level.label), text.POLL_ANSWER), emoji=level.emoji)
    return Drawn(poll=poll)


def position_poll_lasts(d: Deliberation, now: datetime) -> timedelta:
    """Until opinions close, as far as that is known; whoever moves their end does not move the poll's."""
    return LONGEST_POLL if d.closes_at is None else _whole_hours(d.closes_at - now)


def _whole_hours(time: timedelta) -> timedelta:
    """Rounded up, within what Discord takes."""
    hours = math.ceil(time.total_seconds() / HOUR_S)
    return timedelta(hours=min(max(hours, 1), LONGEST_POLL_H))


def _progress(card: ProgressCard, page: str) -> Drawn:
    told = card.told(when)
    shown = embed(
        card_lines.DRAFTING_TITLE,
        f"**{_asked(card.deliberation)}**\n\n{told}\n{card_lines.OPINIONS_CLOSED}",
    )
    return Drawn(embeds=(shown,))


def _failed(card: FailedCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        card_lines.FAILED_TITLE,
        f"**{_asked(d)}**\n\n⚠️ {texts.NO_STATEMENT}\n{card_lines.for_stewards(person(d.facilitator))}",
        colour=WARNING,
    )
    again = Press(buttons.TRY_AGAIN, names.RETRY, d.id, style=PRIMARY)
    if d.round == FIRST_ROUND:
        return Drawn(embeds=(shown,), buttons=(again,))
    # Other members are refused, as with the other one.
    keep = Press(_(STEERING_WORDS["keep-statement"]), names.STEP, d.id, f"keep-statement.{d.round}")
    return Drawn(embeds=(shown,), buttons=(again, keep))


def _statement(card: StatementCard, page: str) -> Drawn:
    d = card.deliberation
    asked, statement = f"*{_asked(d, 500)}*", f"\n\n{_written(card.statement)}"
    # A ballot has it, where it is rated: what is posted twice is read once and rated elsewhere.
    on_ballot = d.terms.rated_in_public
    told = asked if on_ballot else asked + statement
    # Where there is a ballot, it is asked there.
    menus = () if on_ballot else _menus(d)
    shown = embed(
        card_lines.TO_RATE_TITLE if on_ballot else texts.statement_title(card.statement),
        f"**{round_lines.round_title(d)}**\n{told}" if d.round > 1 else told,
        fields=[
            ("", escape(card.leaves_open, NOTE)),
            (round_lines.WHAT_CHANGED, changed(card, SHORTEST + STATEMENT - len(statement))),
            (card_lines.HOW_IT_CAME_ABOUT, escape(f"{card.drafted} {card.made}", NOTE)),
            (card_lines.HOW_FAR, _how_to_rate(d)),
            _preferring(menus),
            (card_lines.RATINGS, card.rated),
        ],
    )
    return Drawn(embeds=(shown,), buttons=_rating_buttons(d), menus=menus, per_row=PER_ROW_OF_SCALE)


def _how_to_rate(d: Deliberation) -> str:
    below = {
        RatingBy.REACTIONS: card_lines.SEE_BELOW_REACTIONS,
        RatingBy.POLL: card_lines.SEE_BELOW_POLL,
        RatingBy.BUTTONS: texts.rating_note(d),
    }
    return f"{below[d.terms.rating_by]} {card_lines.rating_open(d, when)}"


def _rating_buttons(d: Deliberation) -> tuple[Press, ...]:
    if d.terms.rating_by is not RatingBy.BUTTONS:
        return ()
    round_ = name_of_round(d.round)
    rows = [
        Press(_(level.label), names.RATE, d.id, f"{level.value}.{round_}".rstrip("."), emoji=level.emoji)
        for level in d.terms.levels
    ]
    return (*rows, Press(WITHDRAW_RATING.yes, names.UNRATE, d.id, round_), *reason_buttons(d))


def _quality(d: Deliberation) -> Menu | None:
    """Where a member says how well the statement is put; everybody sees only their own choice in it."""
    if not d.terms.ask_quality:
        return None
    offered = {str(level.value): f"{level.value} {_(level.label)}" for level in QUALITY_LEVELS}
    return Menu(texts.QUALITY_LABEL, names.QUALITY, d.id, offered, name_of_round(d.round))


def _preference(d: Deliberation) -> Menu | None:
    """Where a member says which of two statements they prefer; everybody sees only their own choice in it."""
    if d.round == 1:
        return None
    offered = {str(choice): str(words) for choice, words in round_lines.PREFERENCES.items()}
    return Menu(round_lines.PREFER, names.COMPARE, d.id, offered, str(d.round))


def _menus(d: Deliberation) -> tuple[Menu, ...]:
    """What is asked beside a statement that is rated."""
    return tuple(filter(None, (_quality(d), _preference(d))))


def _preferring(menus: Sequence[Menu]) -> tuple[str, str]:
    """What is said of the menu for that, as a field; nothing where there is none."""
    asks = any(menu.what == names.COMPARE for menu in menus)
    return round_lines.PREFER, round_lines.PREFERENCE_NOTE if asks else ""


def _ballot(card: BallotCard, page: str) -> Drawn:
    d = card.deliberation
    if card.closed:
        return Drawn(embeds=(embed(texts.VOTE_OVER, _written(card.statement)),))
    by_poll = d.terms.rating_by is RatingBy.POLL
    told = card_lines.VOTE_BELOW if by_poll else f"{card_lines.REACT_HERE}\n{card_lines.scale(d)}"
    shown = embed(
        texts.statement_title(card.statement),
        _written(card.statement),
        fields=[(card_lines.HOW_FAR, f"{told}\n{texts.rating_note(d)}"), _preferring(_menus(d))],
    )
    return Drawn(embeds=(shown,), buttons=reason_buttons(d), menus=_menus(d))


def ballot_poll(d: Deliberation) -> Drawn:
    """The poll under a statement, one answer for each level, in their order."""
    poll = discord.Poll(str(card_lines.POLL_QUESTION), duration=poll_lasts(d))
    for level in d.terms.levels:
        poll.add_answer(text=text.cut(_(level.label), text.POLL_ANSWER), emoji=level.emoji)
    return Drawn(poll=poll)


def poll_lasts(d: Deliberation) -> timedelta:
    """As long as the vote, in whole hours, which is what Discord takes. It is ended with the vote."""
    return _whole_hours(d.terms.rating_period)


def _nudge(card: NudgeCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed("", texts.nudge(d, escape(d.question, QUESTION), when))
    if d.phase is Phase.RATING:
        return Drawn(embeds=(shown,))
    return Drawn(embeds=(shown,), buttons=(Press(buttons.SHARE, names.SHARE, d.id, style=PRIMARY),))


def _result(card: ResultCard, page: str) -> Drawn:
    d = card.deliberation
    shown = _result_embed(card)
    if (over := len(shown) - EMBED) > 0:
        # The statement makes room: of what it has to leave out it says where that is.
        shown = _result_embed(card, STATEMENT - over - NOTICE)
    record = () if d.decision else (Press(buttons.RECORD_OUTCOME, names.OUTCOME, d.id),)
    return Drawn(embeds=(shown,), buttons=(*_page(page), *record))


def _result_embed(card: ResultCard, room: int = STATEMENT) -> discord.Embed:
    """room: for the statement."""
    d = card.deliberation
    return embed(
        texts.RESULT_TITLE,
        f"*{_asked(d, 500)}*\n\n{_written(card.statement, room)}",
        fields=[
            ("", escape(card.leaves_open, NOTE)),
            (card_lines.RESULT, _outcome(d, card.tally)),
            *((title, escape(told, CLEAR)) for title, told in card.points.parts),
            (buttons.OUTCOME, "\n".join(decided_lines(d))),
            *predicted(card.prediction),
            (card_lines.HOW_IT_CAME_ABOUT, escape(card.made, NOTE)),
            ("", "" if d.decision else card_lines.for_stewards(person(d.facilitator))),
        ],
    )


def decided_lines(d: Deliberation, limit: int = DECIDED) -> list[str]:
    """What was decided and how it went, a line each; none until it was recorded."""
    return decision_lines.lines(d, lambda said: escape(said, limit), person)


def predicted(prediction: Prediction | None) -> list[tuple[str, str]]:
    """What was predicted of a statement, as fields: for the result, and for somebody who has rated it."""
    if prediction is None:
        return []
    other = escape(prediction.other_side or "", OTHER_SIDE)
    return [(texts.PREDICTED_TITLE, prediction.text), (texts.OTHER_SIDE_TITLE, other)]


def result_reply(link: str) -> Drawn:
    """One line for the channel when the vote closes; `link` is the card with the result."""
    there = f" [{buttons.SEE_RESULT}]({link})" if link else ""
    return Drawn(embeds=(embed("", f"{texts.SETTLED}{there}"),))


def _outcome(d: Deliberation, tally: Tally) -> str:
    return f"{texts.result_sentence(tally)}\n{bars(d, tally)}".strip()


def bars(d: Deliberation, tally: Tally) -> str:
    """How often each step was chosen; empty where that may not be shown."""
    lines = texts.distribution(tally, d.terms)
    return f"```\n{lines}\n```{card_lines.own_scale(d)}" if lines else ""


def _page(page: str) -> tuple[Press, ...]:
    return (Press(buttons.OPEN_PAGE, url=page),) if page else ()


def statement_notice(d: Deliberation, link: str) -> Drawn:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    shown = embed(card_lines.TO_RATE_TITLE, card_lines.on(_asked(d, 600)))
    return Drawn(embeds=(shown,), buttons=(Press(buttons.READ_AND_RATE, url=link),) if link else ())


def notice_over(d: Deliberation, link: str) -> Drawn:
    """What that says once there is nothing to rate any more."""
    title = texts.nothing_to_rate(d)
    shown = embed(title, card_lines.on(_asked(d, 600)))
    return Drawn(embeds=(shown,), buttons=(Press(buttons.GO_TO_QUESTION, url=link),) if link else ())


def _cancelled(card: CancelledCard, page: str) -> Drawn:
    d = card.deliberation
    because = escape(texts.why_cancelled(d) or card_lines.CANCELLED, 1_000)
    return Drawn(embeds=(embed(card_lines.CANCELLED_TITLE, f"**{_asked(d)}**\n\n{because}", colour=WARNING),))


RENDERERS: dict[type[Any], Callable[[Any, str], Drawn]] = {
    QuestionCard: _question,
    ProgressCard: _progress,
    FailedCard: _failed,
    StatementCard: _statement,
    BallotCard: _ballot,
    NudgeCard: _nudge,
    ResultCard: _result,
    CancelledCard: _cancelled,
}


def note_message(note: Note, link: str = "") -> Drawn:
    """A message to one person; `link` leads to the question's own."""
    to_rate = isinstance(note, ReminderNote) and note.to_rate
    label = buttons.READ_AND_RATE if to_rate else buttons.GO_TO_QUESTION
    presses = (Press(label, url=link),) if link else ()
    told = escape(note.text, 3_000)
    if isinstance(note, HowItWentNote) and note.runs_it:
        say = Press(buttons.SAY_HOW_IT_WENT, names.OUTCOME, note.deliberation.id, style=PRIMARY)
        presses = (say, *presses)
    if isinstance(note, ReminderNote):
        d = note.deliberation
        told = texts.reminder(d, escape(d.question, QUESTION), when)
        share = () if to_rate else (Press(buttons.SHARE, names.SHARE, d.id, style=PRIMARY),)
        presses = (*share, Press(buttons.STOP_REMINDING, names.STOP_REMINDERS, d.id), *presses)
    return Drawn(embeds=(embed("", told),), buttons=presses)


def discussion_opener(d: Deliberation) -> Drawn:
    """The first message of a question's thread."""
    return said(card_lines.DISCUSS_HERE)


def how_message(card: HowCard) -> Drawn:
    """How this works, and what happens with what one writes."""
    told = "\n\n".join(f"**{title}** {words}" if title else words for title, words in card.steps)
    notes = card.notes(lambda named: escape(named, NOTE))
    return Drawn(embeds=(embed(buttons.HOW, told, fields=notes),))


def given_opinion(reply: Reply) -> Drawn:
    """What somebody is told once their opinion is kept; they can change it while the question is open."""
    d = reply.deliberation
    if d is None or d.phase is not Phase.OPINIONS:
        return said(reply.text)
    return said(
        reply.text,
        Press(buttons.CHANGE_IT, names.SHARE, d.id),
        Press(buttons.WITHDRAW_IT, names.WITHDRAW, d.id, style=DANGER),
    )


def refused_text(because: str, typed: str) -> Drawn:
    """Why an opinion or a reason was not kept, with its text, so that nobody loses what they wrote."""
    return Drawn(content=escape(because, text.CONTENT), embeds=_to_copy(typed, WARNING))


def given_back(reply: Reply) -> Drawn:
    """What came of taking an opinion or a reason back, with its text, so that it can be copied."""
    told = " ".join(map(str, filter(None, (reply.text, texts.step_given_back(reply.given_back_step)))))
    return Drawn(content=escape(told, text.CONTENT), embeds=_to_copy(reply.given_back, COLOUR))


def _to_copy(typed: str, colour: int) -> tuple[discord.Embed, ...]:
    """Somebody's own text, whole; nothing where there is none."""
    whole = escape(typed) if text.fits(typed, text.DESCRIPTION) else text.verbatim(typed)
    return (embed(card_lines.WHAT_YOU_WROTE, whole, colour=colour),) if typed.strip() else ()


def _written(statement: str, room: int = STATEMENT) -> str:
    """A statement, whole where there is room; else its beginning and where the rest is."""
    shown, whole = text.stated(statement, room)
    return shown if whole else f"{shown}\n*{card_lines.longer(COMMAND)}*"


def _asked(d: Deliberation, limit: int = QUESTION) -> str:
    return text.title(d.question, limit)
