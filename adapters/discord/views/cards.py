"""The messages that a channel sees: the question, drafting, the statement, the vote, the result.

Reads:  a `Card`.
Gives:  a `Drawn`. Nothing here holds an opinion; whatever members or the model wrote is escaped and cut.
"""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import discord

from adapters.discord.views import names, text
from adapters.discord.views.drawn import DANGER, PRIMARY, WARNING, Drawn, Menu, Press, embed, said
from adapters.discord.views.text import escape, person, when
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
from bot.domain.ratings import AGREEMENT_LEVELS, QUALITY_LEVELS, RatingBy, Tally

# Room for each part of a message, of 6,000 for all embeds together.
QUESTION = 1_500
POSITION = 900
STATEMENT = 3_000
HOUR_S = 3_600
LONGEST_POLL_H = 32 * 24
POSITION_POLL_LASTS = timedelta(hours=LONGEST_POLL_H)


def card_message(card: Card, page: str = "") -> Drawn:
    """The message that shows a card; `page` is the address of the question's page where there is one."""
    render: Callable[[Any, str], Drawn] = RENDERERS[type(card)]
    return render(card, page)


def _question(card: QuestionCard, page: str) -> Drawn:
    d = card.deliberation
    closes = f"Closes {when(d.closes_at)}" if d.closes_at else "Open until the person who asked closes it"
    if d.terms.quorum:
        closes += f", or with {d.terms.quorum:,} opinions"
    shown = embed(
        "Let's find common ground",
        _with_background(d),
        fields=[
            ("Before you answer", _position(d)),
            ("Until", f"{closes}\nAsked by {person(d.facilitator)}"),
            ("Opinions", f"{texts.identity_note(d)} From all opinions together one statement is drafted."),
            ("Answered", texts.answered(card.answered)),
        ],
    )
    buttons = (
        Press("Share your opinion", names.SHARE, d.id, style=PRIMARY),
        Press("Withdraw mine", names.WITHDRAW, d.id),
        Press("How this works", names.HOW, d.id),
    )
    return Drawn(embeds=(shown,), buttons=buttons)


def _with_background(d: Deliberation) -> str:
    """The question and what everybody should know: together, where there is room for all of it."""
    asked = f"**{_asked(d)}**"
    if not d.context:
        return asked
    asked += "\n\n**Background**\n"
    return asked + escape(d.context, text.DESCRIPTION - len(asked))


def by_poll(d: Deliberation) -> bool:
    """Whether a poll asks how far members agree with the position statement, as one asks for the rating."""
    return d.terms.position_statement is not None and d.terms.rating_by is RatingBy.POLL


def _position(d: Deliberation) -> str:
    if not by_poll(d):
        return ""
    said = escape(d.terms.position_statement or "", POSITION)
    longer = d.closes_at is None or d.closes_at - d.created_at > POSITION_POLL_LASTS
    ends = " or after 32 days, and then the window of your opinion asks" if longer else ""
    return f"{said}\n*How far do you agree? Vote in the poll below; it ends when opinions close{ends}.*"


def position_poll(d: Deliberation) -> Drawn:
    """The poll under a question. Its end cannot be moved, so that is far off; it is ended with opinions."""
    asked = text.plain(f"How far do you agree: {d.terms.position_statement}", text.POLL_QUESTION)
    poll = discord.Poll(asked, duration=POSITION_POLL_LASTS)
    for level in AGREEMENT_LEVELS:
        poll.add_answer(text=level.label, emoji=level.emoji)
    return Drawn(poll=poll)


def _progress(card: ProgressCard, page: str) -> Drawn:
    told = texts.progress(card.done, card.total)
    shown = embed(
        "A statement is being drafted",
        f"**{_asked(card.deliberation)}**\n\n{told}\nOpinions are closed. The statement appears here.",
    )
    return Drawn(embeds=(shown,))


def _failed(card: FailedCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        "No statement yet",
        f"**{_asked(d)}**\n\n⚠️ {escape(d.failure or texts.UNEXPECTED, 1_500)}\n"
        f"For {person(d.facilitator)} and the server's admins.",
        colour=WARNING,
    )
    return Drawn(embeds=(shown,), buttons=(Press("Try again", names.RETRY, d.id, style=PRIMARY),))


def _statement(card: StatementCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        texts.STATEMENT_TITLE,
        f"*{_asked(d, 500)}*\n\n{_written(card.statement)}",
        fields=[
            ("How it came about", f"{card.drafted} {card.made}".strip()),
            ("Prediction", card.prediction),
            (texts.OTHER_SIDE_TITLE, escape(card.other_side or "", 1_000)),
            ("How far do you agree?", _how_to_rate(d)),
        ],
    )
    # Where there is a ballot, it is asked there.
    menu = _quality(d) if d.terms.rating_by is RatingBy.BUTTONS else None
    return Drawn(embeds=(shown,), buttons=_rating_buttons(d), menu=menu)


def _how_to_rate(d: Deliberation) -> str:
    period = f"Rating is open for {lasts(d.terms.rating_period)}."
    below = {
        RatingBy.REACTIONS: "Rate it with a reaction on the message below.",
        RatingBy.POLL: "Rate it in the poll below.",
        RatingBy.BUTTONS: texts.rating_note(d),
    }
    return f"{below[d.terms.rating_by]} {period}"


def _rating_buttons(d: Deliberation) -> tuple[Press, ...]:
    if d.terms.rating_by is not RatingBy.BUTTONS:
        return ()
    rows = [
        Press(level.label, names.RATE, d.id, str(level.value), emoji=level.emoji) for level in d.terms.levels
    ]
    return (*rows, Press("Take my rating back", names.UNRATE, d.id))


def _quality(d: Deliberation) -> Menu | None:
    """Where a member says how well the statement is put; everybody sees only their own choice in it."""
    if not d.terms.ask_quality:
        return None
    offered = {str(level.value): f"{level.value} {level.label}" for level in QUALITY_LEVELS}
    return Menu(texts.QUALITY_LABEL, names.QUALITY, d.id, offered)


def _ballot(card: BallotCard, page: str) -> Drawn:
    d = card.deliberation
    if card.closed:
        return Drawn(embeds=(embed("The vote on this statement is closed", _written(card.statement)),))
    by_poll = d.terms.rating_by is RatingBy.POLL
    scale = " · ".join(f"{level.emoji} {level.label.lower()}" for level in d.terms.levels)
    told = "Vote in the poll below." if by_poll else f"React to this message.\n{scale}"
    shown = embed(
        "How far do you agree?",
        _written(card.statement),
        fields=[("Rate it", f"{told}\n{texts.rating_note(d)}")],
    )
    return Drawn(embeds=(shown,), menu=_quality(d))


def ballot_poll(d: Deliberation) -> Drawn:
    """The poll under a statement, one answer for each level, in their order."""
    poll = discord.Poll("How far do you agree with the statement above?", duration=poll_lasts(d))
    for level in d.terms.levels:
        poll.add_answer(text=text.cut(level.label, text.POLL_ANSWER), emoji=level.emoji)
    return Drawn(poll=poll)


def poll_lasts(d: Deliberation) -> timedelta:
    """As long as the vote, in whole hours, which is what Discord takes. It is ended with the vote."""
    hours = math.ceil(d.terms.rating_period.total_seconds() / HOUR_S)
    return timedelta(hours=min(max(hours, 1), LONGEST_POLL_H))


def _nudge(card: NudgeCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed("", f"{escape(texts.reminder(d), 2_000)}\n{texts.NUDGE}")
    return Drawn(embeds=(shown,), buttons=(Press("Share your opinion", names.SHARE, d.id, style=PRIMARY),))


def _result(card: ResultCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        "What this group said",
        f"*{_asked(d, 500)}*\n\n{_written(card.statement)}",
        fields=[("Result", _outcome(d, card.tally))],
    )
    return Drawn(embeds=(shown,), buttons=_page(page))


def result_reply(card: ResultCard, page: str = "") -> Drawn:
    """What the channel is told when the vote closes, as a reply to the statement."""
    shown = embed("The vote is closed", _outcome(card.deliberation, card.tally))
    return Drawn(embeds=(shown,), buttons=_page(page))


def _outcome(d: Deliberation, tally: Tally) -> str:
    return "\n".join([texts.result_sentence(tally), *texts.distribution(tally, d.terms)])


def _page(page: str) -> tuple[Press, ...]:
    return (Press("Open the page", url=page),) if page else ()


def statement_notice(d: Deliberation, link: str) -> Drawn:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    shown = embed("There is a statement to rate", f"On “{_asked(d, 600)}”")
    return Drawn(embeds=(shown,), buttons=(Press("Read and rate it", url=link),) if link else ())


def _cancelled(card: CancelledCard, page: str) -> Drawn:
    d = card.deliberation
    because = escape(d.cancelled_because or "The question was cancelled.", 1_000)
    return Drawn(embeds=(embed("Cancelled", f"**{_asked(d)}**\n\n{because}", colour=WARNING),))


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
    buttons = (Press("Go to the question", url=link),) if link else ()
    if isinstance(note, ReminderNote):
        d = note.deliberation
        buttons = (
            Press("Share your opinion", names.SHARE, d.id, style=PRIMARY),
            Press("Stop reminding me", names.STOP_REMINDERS, d.id),
            *buttons,
        )
    return Drawn(embeds=(embed("", escape(note.text, 3_000)),), buttons=buttons)


def discussion_opener(d: Deliberation) -> Drawn:
    """The first message of a question's thread."""
    return said(
        "Discuss it here. Accord does not read what is written in this thread; opinions go by the button."
    )


def how_message(d: Deliberation | None = None) -> Drawn:
    """How this works, and what happens with what one writes."""
    told = "\n\n".join(f"**{title}** {words}" if title else words for title, words in texts.HOW)
    fields = []
    if d is not None:
        fields = [
            ("In this question", f"{texts.identity_note(d)} {texts.rating_note(d)}"),
            ("Erased", f"Everything, {d.terms.retention_days:,} days after the question ended."),
        ]
    return Drawn(embeds=(embed("How this works", told, fields=fields),))


def own_opinion(d: Deliberation, sentence: str) -> Drawn:
    """What somebody is told once their opinion is kept."""
    buttons = (
        Press("Change it", names.SHARE, d.id),
        Press("Withdraw it", names.WITHDRAW, d.id, style=DANGER),
    )
    return said(sentence, *buttons)


def refused_opinion(because: str, typed: str) -> Drawn:
    """Why an opinion was not kept, with its text, so that nobody loses what they wrote."""
    whole = escape(typed) if text.fits(typed, text.DESCRIPTION) else text.verbatim(typed)
    shown = embed("What you wrote", whole, colour=WARNING)
    return Drawn(content=escape(because, text.CONTENT), embeds=(shown,) if typed.strip() else ())


def _written(statement: str) -> str:
    """A statement, whole where there is room; else its beginning and where the rest is."""
    shown = escape(statement, STATEMENT)
    more = "\n*It is longer than Discord shows: `/accord results` has all of it.*"
    return shown if text.fits(statement, STATEMENT) else shown + more


def _asked(d: Deliberation, limit: int = QUESTION) -> str:
    return text.title(d.question, limit)
