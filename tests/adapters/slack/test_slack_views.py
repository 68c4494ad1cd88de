"""Every view against Block Kit's documented limits, with texts of any length, direction and malice."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.views import blocks, home, library, listing, modals
from adapters.slack.views.cards import card_message, note_message, result_reply, said, statement_notice
from bot.cards import (
    BallotCard,
    CancelledCard,
    FailedCard,
    NudgeCard,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
    UnclearNote,
)
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import BankQuestion, Schedule, Template, Weekly
from bot.domain.ratings import Rating, RatingBy, tally
from bot.domain.team import Defaults, FieldChange, SettingsChange, Team
from bot.domain.terms import Terms
from bot.health import Health
from bot.queries import LibraryView, Results
from tests.slack_server import check_blocks, check_view, texts_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PINGS = re.compile(r"<(!|@(?!UASKER>)|#|https?:|mailto:)(?!date\^)")

TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(st.sampled_from("&<>\"'`*_~|!@#\n"), max_size=8_000),
    st.builds(
        lambda word, times: word * times,
        st.sampled_from(
            MALICE := [
                "<!channel> ",
                "<@U123ABC> ",
                "<https://evil.example|click> ",
                "&lt;!here&gt; ",
                "שלום ",
                "😀",
                "&",
                "word ",
                "\u202eabc",
                "line\n",
            ]
        ),
        st.integers(0, 2_500),
    ),
)


def deliberation(text: str, **given: Any) -> Deliberation:
    """One whose every text is `text`."""
    return Deliberation(
        **{
            "id": "abcdefgh",
            "team": "T1",
            "platform": "slack",
            "channel": "C1",
            "facilitator": "UASKER",
            "question": text,
            "context": text,
            "created_at": NOON,
            "closes_at": NOON + timedelta(days=1),
            "failure": text or "failed",
            "cancelled_because": text or "cancelled",
            "statement": text,
            **given,
        }
    )


def messages(text: str, d: Deliberation) -> list[dict[str, Any]]:
    """Every message, saying `text` wherever others' words can stand."""
    counted = tally([Rating(participant=str(i), value=i % 7 + 1, given_at=NOON) for i in range(9)])
    statement = StatementCard(d, text, 8, 5.2, 2, False, None, other_side=text)
    cards = [
        QuestionCard(d, 3),
        ProgressCard(d, 3, 16),
        FailedCard(d),
        statement,
        BallotCard(d, text),
        BallotCard(d, text, closed=True),
        NudgeCard(d),
        ResultCard(d, text, counted),
        CancelledCard(d),
    ]
    actor = Actor("T1", "UASKER", admin=True)
    return [
        *(card_message(card) for card in cards),
        note_message(ReminderNote(d), "https://slack.example/x"),
        note_message(UnclearNote(d)),
        result_reply(ResultCard(d, text, counted), "https://slack.example/x"),
        statement_notice(d, ""),
        said(text),
        listing.sentence(text),
        listing.help_message(unknown=text),
        listing.list_message([(d, 3, "")] * 10, 12, actor),
        listing.choose_message([d] * 12, "close"),
        listing.results_message(Results(d, statement, counted), 3, "https://slack.example/x"),
        listing.results_message(Results(d, statement, None), None, ""),
        *listing.export_messages(text * 3),
        listing.status_message(frozenset({"commands"}), Health(0, 3), 2),
        home.explanation(),
    ]


def kept(text: str) -> LibraryView:
    """A library in which everything says `text`."""
    schedule = Schedule(
        id="s",
        team="T1",
        platform="slack",
        channel="C1",
        by="U1",
        template=text,
        weekly=Weekly(weekday=1, at=time(9), zone="UTC"),
        next_at=NOON,
        problem=text,
    )
    template = Template.model_construct(name=text or "x", question=text, context="", terms=Terms())
    question = BankQuestion(id="b" * 16, question=text, added_at=NOON)
    return LibraryView([template] * 20, [schedule] * 20, [question] * 200)


def views(text: str, d: Deliberation) -> list[dict[str, Any]]:
    """Every modal, and the tab."""
    change = SettingsChange(
        user="UASKER", at=NOON, changes=(FieldChange(field="x", before=text, after=text),) * 9
    )
    findings = [listing.permissions(frozenset({"commands"})), *Health(0, 3).findings()]
    admin = home.Admin([Template(name="x" * 80, question=text[:500])] * 12, [change] * 5, findings)
    actor = Actor("T1", "UASKER", admin=True)
    short = text[:500]
    return [
        modals.ask_view(Defaults(), {"channel": "C1"}, question=short, background=text[:2_000], zone="UTC"),
        modals.ask_view(Defaults(quorum=9), {}, question=short, advanced=True),
        modals.opinion_view(d, text[:3_000]),
        modals.opinion_view(d, "", typed=text[:3_000], problem=text),
        modals.closed_view(d, text, text),
        modals.refused_view(text, text),
        modals.loading_view(),
        modals.notice_view(text, text),
        modals.how_view(d),
        modals.how_view(),
        modals.manage_view(d, 3),
        modals.extend_view(d, "Europe/Berlin", NOON),
        home.away_view("It does not answer."),
        home.home_view([(d, 3, "https://slack.example/x")] * home.SHOWN, actor, admin),
        library.library_view(kept(text)),
        library.import_view(),
        library.template_view(),
        library.schedule_view([(text or "x")[:80]] * 200, "Europe/Berlin"),
        home.settings_view(Team(id="T1", may_ask_users=frozenset({"U1"}), channels=frozenset({"C1"}))),
        home.settings_view(
            Team(
                id="T1",
                may_ask_users=frozenset(f"U{n}" for n in range(400)),
                channels=frozenset(f"C{n}" for n in range(400)),
                defaults=Defaults(rating_period=timedelta(seconds=90), closes_after=timedelta(minutes=1)),
            )
        ),
    ]


@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
@example(text="<!channel>" * 800)
@example(text="&" * 3_000)
@example(text="")
def test_every_message_fits_and_pings_nobody(text: str) -> None:
    for by in RatingBy:
        d = deliberation(text, terms=Terms(anonymous=by is RatingBy.BUTTONS, rating_by=by, quorum=5))
        for message in messages(text, d):
            assert check_blocks(message["blocks"]) == []
            assert 0 < len(message["text"]) <= 4_000
            for shown in [message["text"], *marked_up(message["blocks"])]:
                assert not PINGS.search(shown.replace("<https://slack.example/x|", "")), shown


@settings(max_examples=40, deadline=None)
@given(text=TEXTS, phase=st.sampled_from(Phase))
@example(text="<!channel>" * 300, phase=Phase.RATING)
@example(text="", phase=Phase.OPINIONS)
def test_every_view_fits_and_pings_nobody(text: str, phase: Phase) -> None:
    d = deliberation(text, phase=phase)
    for view in views(text, d):
        assert check_view(view) == []
        for shown in marked_up(view["blocks"]):
            assert not PINGS.search(shown.replace("<https://slack.example/x|", "")), shown


def marked_up(parts: Any) -> list[str]:
    """What Slack would parse; plain text it shows as it is."""
    if isinstance(parts, dict):
        own = [parts["text"]] if parts.get("type") == "mrkdwn" else []
        return own + [text for value in parts.values() for text in marked_up(value)]
    return [text for part in parts for text in marked_up(part)] if isinstance(parts, list) else []


@given(text=TEXTS, limit=st.integers(10, 400))
@settings(max_examples=60, deadline=None)
def test_escaping_never_cuts_an_entity_and_keeps_to_its_limit(text: str, limit: int) -> None:
    escaped = blocks.escape(text, limit)

    assert len(escaped) <= limit
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)


@given(text=TEXTS)
@settings(max_examples=40, deadline=None)
def test_a_long_text_in_pieces_loses_no_letter(text: str) -> None:
    kept = "".join("".join(blocks.pieces(text)).split())

    assert kept == "".join(blocks.clean(text).split())


@pytest.mark.parametrize("cut_off", [6_000, 20_000])
def test_a_statement_that_is_too_long_ends_with_an_ellipsis(cut_off: int) -> None:
    d = deliberation("Why?")
    shown = "".join(texts_of(card_message(BallotCard(d, "word " * cut_off))["blocks"]))

    assert "…" in shown


def test_what_the_channel_sees_of_a_question_says_what_happens_with_opinions() -> None:
    shown = "\n".join(texts_of(card_message(QuestionCard(deliberation("Why?"), 3))["blocks"]))

    assert "Opinions are anonymous" in shown
    assert "3 members have answered" in shown
    assert f"<!date^{int((NOON + timedelta(days=1)).timestamp())}^" in shown
