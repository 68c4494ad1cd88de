"""The messages that a channel sees: the question, drafting, the statement, the vote, the result.

Reads:  a `Card`.
Gives:  a `Drawn`. Nothing here holds an opinion; whatever members or the model wrote is escaped and cut.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import discord

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
from adapters.discord.views.text import escape, person, when
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS, QUALITY_LEVELS, RatingBy, Tally
from bot.domain.team import Team
from bot.service.reply import Reply
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

# Room for each part of a message, of 6,000 for all embeds together.
QUESTION = 1_500
POSITION = 900
STATEMENT = 3_000
NOTE = 800
OTHER_SIDE = 1_000
HOUR_S = 3_600
LONGEST_POLL_H = 32 * 24
LONGEST_POLL = timedelta(hours=LONGEST_POLL_H)


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
            ("Opinions", f"{texts.identity_note(d)} {escape(card.reads, NOTE)}"),
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
    later = "If it ends before opinions close, the window for your opinion asks instead."
    return f"{said}\n*How far do you agree? Vote in the poll below. {later}*"


def position_poll(d: Deliberation, lasts: timedelta) -> Drawn:
    """The poll under a question. Its end cannot be moved; it is ended where opinions end before."""
    asked = text.plain(f"How far do you agree: {d.terms.position_statement}", text.POLL_QUESTION)
    poll = discord.Poll(asked, duration=lasts)
    for level in AGREEMENT_LEVELS:
        poll.add_answer(text=level.label, emoji=level.emoji)
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
        "A statement is being drafted",
        f"**{_asked(card.deliberation)}**\n\n{told}\nOpinions are closed. The statement appears here.",
    )
    return Drawn(embeds=(shown,))


def _failed(card: FailedCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        "No statement yet",
        f"**{_asked(d)}**\n\n⚠️ {texts.NO_STATEMENT}\nFor {person(d.facilitator)} and the server's admins.",
        colour=WARNING,
    )
    return Drawn(embeds=(shown,), buttons=(Press("Try again", names.RETRY, d.id, style=PRIMARY),))


def _statement(card: StatementCard, page: str) -> Drawn:
    d = card.deliberation
    asked, statement = f"*{_asked(d, 500)}*", f"\n\n{_written(card.statement)}"
    # A ballot has it, where it is rated: what is posted twice is read once and rated elsewhere.
    on_ballot = d.terms.rated_in_public
    shown = embed(
        "There is a statement to rate" if on_ballot else texts.statement_title(card.statement),
        asked if on_ballot else asked + statement,
        fields=[
            ("How it came about", f"{card.drafted} {escape(card.made, NOTE)}"),
            ("How far do you agree?", _how_to_rate(d)),
            ("Ratings", card.rated),
        ],
    )
    # Where there is a ballot, it is asked there.
    menu = _quality(d) if d.terms.rating_by is RatingBy.BUTTONS else None
    return Drawn(embeds=(shown,), buttons=_rating_buttons(d), menu=menu, per_row=PER_ROW_OF_SCALE)


def _how_to_rate(d: Deliberation) -> str:
    until = texts.rating_until(d, when)
    period = f"Rating is open {until}."
    below = {
        RatingBy.REACTIONS: "Read the statement below, and rate it with a reaction there.",
        RatingBy.POLL: "Read the statement below, and rate it in the poll under it.",
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
        return Drawn(embeds=(embed(texts.VOTE_OVER, _written(card.statement)),))
    by_poll = d.terms.rating_by is RatingBy.POLL
    scale = " · ".join(f"{level.emoji} {level.label.lower()}" for level in d.terms.levels)
    told = "Vote in the poll below." if by_poll else f"React to this message.\n{scale}"
    shown = embed(
        texts.statement_title(card.statement),
        _written(card.statement),
        fields=[("How far do you agree?", f"{told}\n{texts.rating_note(d)}")],
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
    return _whole_hours(d.terms.rating_period)


def _nudge(card: NudgeCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed("", _timed(texts.nudge, d))
    if d.phase is Phase.RATING:
        return Drawn(embeds=(shown,))
    return Drawn(embeds=(shown,), buttons=(Press("Share your opinion", names.SHARE, d.id, style=PRIMARY),))


def _timed(words: Callable[[Deliberation, str, str], str], d: Deliberation) -> str:
    """A reminder with the time on each reader's own clock."""
    return words(d, escape(d.question, 1_500), when(d.open_until) if d.open_until else "")


def _result(card: ResultCard, page: str) -> Drawn:
    d = card.deliberation
    shown = embed(
        "What this group said",
        f"*{_asked(d, 500)}*\n\n{_written(card.statement)}",
        fields=[
            ("Result", _outcome(d, card.tally)),
            *predicted(card.prediction),
            ("How it came about", escape(card.made, NOTE)),
        ],
    )
    return Drawn(embeds=(shown,), buttons=_page(page))


def predicted(prediction: Prediction | None) -> list[tuple[str, str]]:
    """What was predicted of a statement, as fields: for the result, and for somebody who has rated it."""
    if prediction is None:
        return []
    other = escape(prediction.other_side or "", OTHER_SIDE)
    return [(texts.PREDICTED_TITLE, prediction.text), (texts.OTHER_SIDE_TITLE, other)]


def result_reply(card: ResultCard, page: str = "") -> Drawn:
    """What the channel is told when the vote closes, as a reply to the statement."""
    shown = embed("The vote is closed", _outcome(card.deliberation, card.tally))
    return Drawn(embeds=(shown,), buttons=_page(page))


def _outcome(d: Deliberation, tally: Tally) -> str:
    return f"{texts.result_sentence(tally)}\n{bars(d, tally)}".strip()


def bars(d: Deliberation, tally: Tally) -> str:
    """How often each step was chosen; empty where that may not be shown."""
    return "\n".join(f"`{bar}` {words}" for bar, words in texts.distribution(tally, d.terms))


def _page(page: str) -> tuple[Press, ...]:
    return (Press("Open the page", url=page),) if page else ()


def statement_notice(d: Deliberation, link: str) -> Drawn:
    """For the channel, where the statement took the place of a question that has long scrolled away."""
    shown = embed("There is a statement to rate", f"On “{_asked(d, 600)}”")
    return Drawn(embeds=(shown,), buttons=(Press("Read and rate it", url=link),) if link else ())


def notice_over(d: Deliberation, link: str) -> Drawn:
    """What that says once there is nothing to rate any more."""
    title = texts.nothing_to_rate(d)
    shown = embed(title, f"On “{_asked(d, 600)}”")
    return Drawn(embeds=(shown,), buttons=(Press("Go to the question", url=link),) if link else ())


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
    to_rate = isinstance(note, ReminderNote) and note.to_rate
    buttons = (Press("Read and rate it" if to_rate else "Go to the question", url=link),) if link else ()
    if isinstance(note, ReminderNote):
        d = note.deliberation
        share = () if to_rate else (Press("Share your opinion", names.SHARE, d.id, style=PRIMARY),)
        buttons = (*share, Press("Stop reminding me", names.STOP_REMINDERS, d.id), *buttons)
    told = (
        _timed(texts.reminder, note.deliberation)
        if isinstance(note, ReminderNote)
        else escape(note.text, 3_000)
    )
    return Drawn(embeds=(embed("", told),), buttons=buttons)


def discussion_opener(d: Deliberation) -> Drawn:
    """The first message of a question's thread."""
    return said(
        "Discuss it here. Accord does not read what is written in this thread; opinions go by the button."
    )


def how_message(of: Deliberation | Team, notice: ModelNotice | None = None) -> Drawn:
    """How this works, and what happens with what one writes: in this question, or in this server."""
    told = "\n\n".join(f"**{title}** {words}" if title else words for title, words in texts.HOW)
    kept = f"{texts.kept_note(of)} {texts.KEPT_CHANGES} {texts.POSTED_STAYS}"
    fields = [(texts.READS_TITLE, escape(texts.model_note(notice), NOTE)), (texts.KEPT_TITLE, kept)]
    if isinstance(of, Deliberation):
        fields.append(("In this question", f"{texts.identity_note(of)} {texts.rating_note(of)}"))
    return Drawn(embeds=(embed("How this works", told, fields=fields),))


def given_opinion(reply: Reply) -> Drawn:
    """What somebody is told once their opinion is kept; they can change it while the question is open."""
    d = reply.deliberation
    if d is None or d.phase is not Phase.OPINIONS:
        return said(reply.text)
    return said(
        reply.text,
        Press("Change it", names.SHARE, d.id),
        Press("Withdraw it", names.WITHDRAW, d.id, style=DANGER),
    )


def refused_opinion(because: str, typed: str) -> Drawn:
    """Why an opinion was not kept, with its text, so that nobody loses what they wrote."""
    return Drawn(content=escape(because, text.CONTENT), embeds=_to_copy(typed, WARNING))


def given_back(reply: Reply) -> Drawn:
    """What came of taking an opinion back, with its text, so that it can be copied."""
    return Drawn(content=escape(reply.text, text.CONTENT), embeds=_to_copy(reply.given_back, COLOUR))


def _to_copy(typed: str, colour: int) -> tuple[discord.Embed, ...]:
    """Somebody's own text, whole; nothing where there is none."""
    whole = escape(typed) if text.fits(typed, text.DESCRIPTION) else text.verbatim(typed)
    return (embed(texts.WRITTEN_TITLE, whole, colour=colour),) if typed.strip() else ()


def _written(statement: str) -> str:
    """A statement, whole where there is room; else its beginning and where the rest is."""
    shown, whole = text.stated(statement, STATEMENT)
    more = "\n*It is longer than Discord shows: `/accord results` has all of it.*"
    return shown if whole else shown + more


def _asked(d: Deliberation, limit: int = QUESTION) -> str:
    return text.title(d.question, limit)
