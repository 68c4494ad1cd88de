"""Every card is drawn in the reader's language: in the pseudo-language no English word is left on it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord.views import cards as on_discord
from adapters.discord.views.drawn import Drawn
from adapters.slack.views import cards as on_slack
from adapters.slack.views import modals
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, RatingBy, Turnout, tally
from bot.domain.terms import Terms
from bot.wording import texts
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    FailedCard,
    FailedNote,
    HowCard,
    Note,
    NudgeCard,
    Prediction,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
    UnclearNote,
    WaitingNote,
)
from bot.wording.language import PSEUDO, PSEUDO_CLOSES, PSEUDO_OPENS, reading
from engine.digest import DIFFER, REMOVED, Digest, Group, Point, Section, as_text
from engine.types import KindRead, OpenPoint, OpinionGroup, PartialReading, Shortfall
from tests.messages import untranslated

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTICE = ModelNotice(drafter="1", judge="2", last_resort=True, withheld=True)
# What members wrote has no letters here, so that any letter left is ours.
D = Deliberation(
    id="1",
    team="1",
    platform="1",
    channel="1",
    facilitator="1",
    question="2 + 2?",
    context="= 4",
    created_at=NOON,
    closes_at=NOON + timedelta(days=1),
    terms=Terms(quorum=3, ask_quality=True, position_statement="4!"),
)
RATING = D.model_copy(update={"phase": Phase.RATING, "rating_closes_at": NOON + timedelta(days=2)})
DIGEST = as_text(
    Digest((Section(DIFFER, (Group((Point("4", 3), Point(REMOVED))),)),), common=False, left_out=2)
)
GROUPS = tuple(OpinionGroup(participants=(), size=4, welfare=like, agree=4) for like in (6.0, 2.0))
STATEMENT = StatementCard(
    RATING,
    DIGEST,
    opinions=5,
    model_used=True,
    reading=PartialReading(
        fewest=1, most=2, shortened=3, unread=4, kinds=(KindRead(words=(), opinions=5, unread=4),)
    ),
    shortfall=Shortfall(drafted=1, asked=2, tokens_per_s=3),
    unpredicted="the reward model only guesses at open questions",
    stood_in_for="1",
    tied=2,
    turnout=Turnout(rated=1, answered=2, others=3),
    open_points=(OpenPoint(text="4", asked_by=("1", "2")), OpenPoint(text="5", asked_by=("1", "3"))),
)
TALLY = tally(Rating(participant=f"{n}", value=6, given_at=NOON) for n in range(7))


def rated_by(way: RatingBy) -> Deliberation:
    return RATING.model_copy(update={"terms": Terms(anonymous=False, rating_by=way, ask_quality=True)})


CARDS: dict[str, Callable[[], Card]] = {
    "question": lambda: QuestionCard(D, 2, NOTICE),
    "question-no-model": lambda: QuestionCard(D.model_copy(update={"closes_at": None}), 0),
    "progress": lambda: ProgressCard(D, 0, 0, tokens=400),
    "groups": lambda: ProgressCard(D, 1, 3, in_groups=True),
    "drafts": lambda: ProgressCard(D, 1, 2),
    "waiting": lambda: ProgressCard(D, 0, 0, waiting=True),
    "failed": lambda: FailedCard(D),
    "statement": lambda: STATEMENT,
    "statement-by-reactions": lambda: replace(STATEMENT, deliberation=rated_by(RatingBy.REACTIONS)),
    "statement-revised": lambda: replace(
        STATEMENT, deliberation=RATING.model_copy(update={"round": 2}), statement="4 5", before="4 6"
    ),
    "ballot-revised": lambda: BallotCard(rated_by(RatingBy.REACTIONS).model_copy(update={"round": 2}), "4 5"),
    "ballot": lambda: BallotCard(rated_by(RatingBy.REACTIONS), DIGEST),
    "ballot-closed": lambda: BallotCard(rated_by(RatingBy.POLL), DIGEST, closed=True),
    "nudge": lambda: NudgeCard(D),
    "nudge-to-rate": lambda: NudgeCard(RATING),
    "result": lambda: ResultCard(RATING, DIGEST, TALLY, Prediction(4.4, 2, 5, "5"), model_used=True),
    "result-open": lambda: ResultCard(RATING, "4", TALLY, open_points=STATEMENT.open_points),
    "result-groups": lambda: ResultCard(RATING, "4", TALLY, model_used=True, groups=GROUPS),
    "few-rated": lambda: ResultCard(RATING, "4", tally([Rating(participant="1", value=6, given_at=NOON)])),
    "cancelled": lambda: CancelledCard(D.cancelled(texts.CANCELLED_BY_PERSON, NOON)),
    "too-few": lambda: CancelledCard(D.cancelled(texts.too_few_opinions(1, 3), NOON)),
}
FAILED = D.model_copy(update={"failure": texts.mediation_failed(texts.UNFORESEEN)})
NOTES: dict[str, Callable[[], Note]] = {
    "reminder": lambda: ReminderNote(D),
    "reminder-to-rate": lambda: ReminderNote(RATING),
    "unclear": lambda: UnclearNote(RATING),
    "waiting-note": lambda: WaitingNote(D, "overloaded"),
    "failed-note": lambda: FailedNote(FAILED),
}


def of_slack(drawn: Any) -> Iterator[str]:
    """Whatever Slack shows of a message or a window, but what is on buttons."""
    if isinstance(drawn, dict):
        if drawn.get("type") in ("button", "static_select"):
            return
        for name, value in drawn.items():
            yield from [value] if name == "text" and isinstance(value, str) else of_slack(value)
    if isinstance(drawn, list):
        for each in drawn:
            yield from of_slack(each)


def of_discord(drawn: Drawn) -> Iterator[str]:
    """Whatever Discord shows of a message, but what is on buttons."""
    yield drawn.new().get("content", "")
    for each in drawn.embeds:
        yield from filter(None, (each.title, each.description))
        for field in each.fields:
            yield from (field.name or "", field.value or "")


# What platforms write instead of us: names of emoji, times and mentions.
CODES = re.compile(r":[a-z_]+:|<[^>]*>")


def english_of(shown: Iterator[str]) -> list[str]:
    """The texts on which a word is left that no catalogue can translate."""
    return [text for text in shown if re.search("[A-Za-z]{2,}", CODES.sub("", untranslated(whole(text))))]


def whole(text: str) -> str:
    """A text that was cut, with the brackets that it lost."""
    lost = text.count(PSEUDO_OPENS) - text.count(PSEUDO_CLOSES)
    return text + PSEUDO_CLOSES * lost if text.endswith("…") else text


@pytest.mark.parametrize("name", [*CARDS, *NOTES])
def test_a_card_has_no_word_that_cannot_be_translated(name: str) -> None:
    with reading(PSEUDO):
        if name in CARDS:
            card = CARDS[name]()
            slack, discord = on_slack.card_message(card), on_discord.card_message(card)
        else:
            note = NOTES[name]()
            slack, discord = on_slack.note_message(note), on_discord.note_message(note)
        shown = [*of_slack(slack), *of_discord(discord)]
    assert len(shown) > 2
    assert english_of(iter(shown)) == []


def test_what_this_is_and_what_became_of_it_has_no_word_that_cannot_be_translated() -> None:
    with reading(PSEUDO):
        card = HowCard.of(D, NOTICE)
        (explained,) = on_discord.how_message(card).embeds
        shown = [
            *of_slack(modals.how_blocks(card)),
            explained.description or "",
            *(each.value or "" for each in explained.fields),
            *of_slack(on_slack.statement_notice(RATING, "")),
            *of_slack(on_slack.notice_over(RATING, "")),
            *of_discord(on_discord.notice_over(D.cancelled("", NOON), "")),
            *of_discord(on_discord.discussion_opener(D)),
        ]
        poll = on_discord.ballot_poll(rated_by(RatingBy.POLL)).poll
        assert poll is not None
        shown += [poll.question, *(each.text for each in poll.answers)]
    assert len(shown) > 20
    assert english_of(iter(shown)) == []
