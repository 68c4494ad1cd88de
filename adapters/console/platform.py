"""The terminal as a chat platform: `accord demo --once` plays a whole deliberation in it.

Reads:  the cards that handlers and worker post.
Gives:  each card printed as it appears or changes; progress on the console for errors.
Cards carry no opinions, so none are printed here. Messages live as long as the process.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TypeGuard, assert_never

from rich.console import Console
from rich.text import Text

from adapters.console.progress import ProgressBar
from adapters.console.render import print_histogram, print_question, print_statement
from adapters.console.simulate import SIMULATED
from adapters.console.terminal import one_line, plain
from bot.domain.deliberation import MessageRef
from bot.domain.errors import PlatformError
from bot.wording import texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    Note,
    NudgeCard,
    ProgressCard,
    QuestionCard,
    ResultCard,
    StatementCard,
)
from bot.wording.texts import identity_note

SCORING = "Drafting and scoring candidates"


class ConsolePlatform:
    """A `ChatPlatform` that prints. With `simulated`, results say that no person rated.

    Without `console_err` progress is not shown here: somebody else shows it.
    """

    def __init__(
        self,
        console: Console,
        console_err: Console | None = None,
        *,
        members: Sequence[str] = (),
        simulated: bool = False,
    ) -> None:
        self._console = console
        self._console_err = console_err
        self._members = tuple(members)
        self._simulated = simulated
        self._bars: ProgressBar | None = None
        self._references: dict[str, MessageRef] = {}
        self._shown: dict[MessageRef, Card] = {}

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Print a card, once per key."""
        if key not in self._references:
            reference = MessageRef(channel=channel, message=str(len(self._references) + 1))
            self._references[key] = reference
            self._shown[reference] = card
            self._print(card)
        return self._references[key]

    async def update(self, message: MessageRef, card: Card) -> None:
        """Print what has changed since the message's last card."""
        if message not in self._shown:
            raise PlatformError("There is no such message in this terminal. Post it first.")
        before = self._shown[message]
        self._shown[message] = card
        if isinstance(card, QuestionCard) and isinstance(before, QuestionCard):
            self._print_answered(card, before)
        elif isinstance(card, StatementCard) and _is_of_same_statement(before, card):
            if card.turnout != before.turnout:
                self._print_rated(card)
        elif _visible(card) != _visible(before):
            self._print(card)

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """The people whom the demo plays; the terminal has one channel."""
        return self._members

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Print a message to one person."""
        self._close_bars()
        self._console.print(Text(f"To {one_line(user)}: {plain(note.text)}", style="dim"))

    # -- cards -------------------------------------------------------------------------------------

    def _print(self, card: Card) -> None:
        if isinstance(card, ProgressCard):
            self._print_progress(card)
            return
        self._close_bars(finished=isinstance(card, StatementCard))
        match card:
            case QuestionCard():
                self._print_question(card)
            case StatementCard():
                self._print_statement(card)
            case ResultCard():
                self._print_result(card)
            case FailedCard():
                self._print_sentence("No statement could be drafted.", card.deliberation.failure)
            case NudgeCard():
                d = card.deliberation
                self._print_sentence(texts.nudge(d, d.question, texts.utc), None)
            case BallotCard():
                # The terminal collects no ratings, so it is given none.
                self._print_sentence(texts.rating_note(card.deliberation), None)
            case CancelledCard():
                self._print_sentence("Cancelled.", card.deliberation.cancelled_because)
            case _:
                assert_never(card)

    def _print_question(self, card: QuestionCard) -> None:
        deliberation = card.deliberation
        print_question(self._console, deliberation.question, deliberation.context)
        closes = deliberation.closes_at
        until = f" Closes {closes:%Y-%m-%d %H:%M %Z}." if closes else ""
        self._console.print(Text(f"{identity_note(deliberation)}{until} {card.reads}", style="dim"))

    def _print_answered(self, card: QuestionCard, before: QuestionCard) -> None:
        if card.answered != before.answered:
            noun = "opinion" if card.answered == 1 else "opinions"
            self._console.print(Text(f"{card.answered:,} {noun} so far.", style="dim"))

    def _print_progress(self, card: ProgressCard) -> None:
        if self._console_err is None:
            return
        if self._bars is None:
            self._bars = ProgressBar(self._console_err)
        self._bars.show(SCORING, card.done, card.total)

    def _close_bars(self, *, finished: bool = False) -> None:
        if self._bars is not None:
            self._bars.close(finished=finished)
            self._bars = None

    def _print_statement(self, card: StatementCard) -> None:
        print_statement(self._console, card.statement)
        if card.leaves_open:
            self._console.print(Text(plain(card.leaves_open)))
        self._console.print(Text(f"{card.drafted} {card.made}"))
        self._print_rated(card)

    def _print_rated(self, card: StatementCard) -> None:
        if card.rated:
            simulated = " (simulated)" if self._simulated else ""
            self._console.print(Text(f"{card.rated}{simulated}.", style="dim"))

    def _print_result(self, card: ResultCard) -> None:
        console, tally = self._console, card.tally
        console.print(Text("Result", style="bold"))
        if self._simulated:
            console.print(Text(SIMULATED, style="yellow"))
        if tally.mean is None:
            console.print(Text(texts.result_sentence(tally)))
            return
        levels = card.deliberation.terms.levels
        print_histogram(console, tally.counts, {point.value: point.label for point in levels})
        console.print(Text(texts.result_sentence(tally)))
        if card.prediction is not None:
            console.print(Text(f"{texts.PREDICTED_TITLE}: {card.prediction.text}"))

    def _print_sentence(self, what: str, why: str | None) -> None:
        self._console.print(Text(f"{what} {plain(why or '')}".strip(), style="bold yellow"))


def _is_of_same_statement(before: Card, card: StatementCard) -> TypeGuard[StatementCard]:
    """Whether nothing but the turnout can be new."""
    return isinstance(before, StatementCard) and _visible(replace(before, turnout=None)) == _visible(
        replace(card, turnout=None)
    )


def _visible(card: Card) -> tuple[object, ...]:
    """What a card shows: a deliberation changes often without changing anything on the screen."""
    own = [getattr(card, field.name) for field in fields(card) if field.name != "deliberation"]
    return (type(card), *own, card.deliberation.failure, card.deliberation.cancelled_because)
