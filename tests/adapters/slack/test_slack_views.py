"""Every view against Block Kit's documented limits, with texts of any length, direction and malice.

`messages` and `views` are the list of what Slack can be shown. That it is whole is a test too: with it every
line of `adapters.slack.views` runs, and nothing else in the adapter makes blocks.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack import payloads
from adapters.slack.views import blocks, cards, home, library, listing, modals, names, points, what_was_given
from adapters.slack.views.cards import (
    RENDERERS,
    Uploaded,
    card_message,
    note_message,
    notice_over,
    rating_kept,
    result_reply,
    said,
    statement_notice,
)
from bot.chat.settings import Own
from bot.chat.taking_part import ReasonForm
from bot.domain.actors import Actor
from bot.domain.decision import Decision
from bot.domain.deliberation import REASON_LIMIT, Deliberation, Opinion, Phase, Reason
from bot.domain.juries import (
    LABEL_LIMIT,
    MOST_ASKED,
    MOST_JURIES,
    MOST_VALUES,
    VALUE_LIMIT,
    MemberAttribute,
    SeatedJury,
)
from bot.domain.library import BankQuestion, Schedule, Template, Weekly
from bot.domain.model_notice import ModelNotice
from bot.domain.points import Side
from bot.domain.ratings import OwnEmoji, Rating, RatingBy, ResultsShown, Scale, tally
from bot.domain.team import Defaults, FieldChange, SettingsChange, Team
from bot.domain.terms import Terms
from bot.service.health import Health
from bot.service.points import VotedPoint
from bot.service.queries import LibraryView, OwnOpinion, Results, ToldReason
from bot.service.reply import Reply
from bot.wording import texts
from bot.wording.answers import more_in_export
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    FailedCard,
    HowCard,
    HowItWentNote,
    NudgeCard,
    Prediction,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
    UnclearNote,
)
from bot.wording.confirmations import keeping_shorter
from engine.digest import DIFFER, NEED, NO_COMMON, SORTED, Digest, Group, Point, Section, as_text
from engine.rehearsal.results import Cost
from engine.types import OpinionGroup
from tests import points_samples
from tests.slack_server import check_blocks, check_view, texts_of
from tests.slack_server.block_kit import text_in
from tests.slack_server.limits_of_block_kit import MESSAGE_BLOCKS_TEXT

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS = re.compile(r"<https://(slack|accord)\.example/[\w/]+\|")
GROUPS = (OpinionGroup(participants=("ann", "ben"), size=2, welfare=5.5, agree=2),) * 2
LINKS = "(https://x.example/a_(b)) https://x.example/a|b "
# An address that stands there as itself: everybody sees where it leads.
ITSELF = re.compile(r"<https?://[^\s<>|]+>")
PINGS = re.compile(r"<(!|@(?!UASKER>)|#(?!C[123]>)|https?:|mailto:)(?!date\^)")


def overview(text: str, *, common: bool = False) -> str:
    """A digest that says `text` in every point."""
    point = Point(" ".join(text.split()) or "-", 2)
    groups = (Group((point,)), Group((point, point), "Yes (2 of 3)"))
    return as_text(Digest((Section(DIFFER, groups), Section(NEED, (Group((point,)),))), common, left_out=3))


TEXTS = st.one_of(
    st.text(max_size=300),
    st.builds(overview, st.text(st.sampled_from("ab &<>*_~`\n"), max_size=5_000)),
    st.text(st.sampled_from("&<>\"'`*_~|!@#\n"), max_size=8_000),
    st.builds(
        lambda word, times: word * times,
        st.sampled_from(
            MALICE := [
                "<!channel> ",
                "<@U123ABC> ",
                "<https://evil.example|click> ",
                "https://x.example/a?b=1&c=(2). ",
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


def decided(d: Deliberation, text: str) -> Deliberation:
    """The same question, with a decision whose every text is `text`."""
    decision = Decision(
        decided=text[:500],
        who=text[:100],
        member="UASKER" if len(text) % 2 else "",
        by=NOON.date(),
        recorded_at=NOON,
        how_it_went=text[:500] or None,
    )
    return d.model_copy(update={"decision": decision})


# The longest names that Slack takes for a workspace's own emoji have a hundred characters.
LONG_NAMES = [f"{digit}{'x' * 99}" for digit in range(7)]
LONG_EMOJI = tuple(OwnEmoji(shown=f":{name}:", names=(name,)) for name in LONG_NAMES)
LONGEST = Team(id="T1", defaults=Defaults(scale=Scale.SEVEN, emoji=LONG_EMOJI, closes_after=None))
THREE_EMOJI = tuple(OwnEmoji(shown=shown, names=(shown,)) for shown in "🔴🟡🟢")


def all_terms() -> Iterator[Terms]:
    """Each way in which a question can be rated, and everything that can be asked beside."""
    for by in RatingBy:
        named: dict[str, Any] = {"anonymous": by is RatingBy.BUTTONS, "rating_by": by}
        yield Terms(quorum=5, **named)
        yield Terms(
            **named,
            emoji=LONG_EMOJI,
            ask_quality=True,
            points=True,
            keep_feedback=True,
            position_statement="<!channel> should be banned.",
            results_shown=ResultsShown.AFTER_CLOSE,
        )
        yield Terms(**named, scale=Scale.THREE, emoji=THREE_EMOJI, rating_period=timedelta(seconds=90))


NOTICE = ModelNotice(drafter="<!channel> & " * 11, judge="<!channel> & " * 11, last_resort=True)


def messages(text: str, d: Deliberation) -> list[dict[str, Any]]:
    """Every message, saying `text` wherever others' words can stand."""
    counted = tally([Rating(participant=str(i), value=i % 7 + 1, given_at=NOON) for i in range(9)])
    statement = StatementCard(d, text, 8, False, None)
    second = replace(statement, deliberation=d.model_copy(update={"round": 2}), before=f"{text} Ban {text}")
    foretold = Prediction(5.2, 2, 8, text)
    shown = [
        QuestionCard(d, 3, NOTICE),
        ProgressCard(d, 3, 16),
        ProgressCard(d, 0, 0),
        FailedCard(d),
        statement,
        second,
        replace(second, statement=overview(text)),
        BallotCard(d, text),
        BallotCard(second.deliberation, text),
        BallotCard(d, text, closed=True),
        NudgeCard(d),
        ResultCard(d, text, counted, foretold, model_used=True),
        ResultCard(d, text, tally([])),
        ResultCard(d, text, tally([]), points=points_samples.clear(text)),
        CancelledCard(d),
    ]
    assert {type(card) for card in shown} == set(RENDERERS)
    actor = Actor("T1", "UASKER", admin=True)
    return [
        *(card_message(card) for card in shown),
        *(card_message(card, "https://accord.example/d/x") for card in shown),
        note_message(ReminderNote(d), "https://slack.example/x"),
        note_message(UnclearNote(d)),
        listing.lines_message([listing.shown_name(text) or "–"]),
        note_message(HowItWentNote(decided(d, text), d.facilitator), "https://slack.example/x"),
        note_message(HowItWentNote(decided(d, text), "U1")),
        card_message(ResultCard(decided(d, text), text, counted)),
        result_reply("https://slack.example/x"),
        card_message(ResultCard(d, text, counted, groups=GROUPS), picture=Uploaded("F0123456", text)),
        result_reply(""),
        statement_notice(d, ""),
        statement_notice(d, "https://slack.example/x"),
        notice_over(d, ""),
        notice_over(d, "https://slack.example/x"),
        said(text),
        rating_kept(text, d),
        modals.as_message(modals.refused_view(text, text)),
        listing.sentence(text),
        listing.help_message(unknown=text),
        *listing.forget_messages(),
        *listing.forget_messages([OwnOpinion(text, text, is_reason=True)] * 60),
        listing.list_message([(d, 3, "")] * 10, 12, actor),
        listing.list_message([], 0, actor),
        listing.past_message([(decided(d, text), 3, "")] * 10, text, actor, more=True),
        listing.past_message([(d, 3, "")], text, actor, more=False),
        listing.past_message([], text[:300], actor, more=False),
        listing.list_message([(d, 3, "https://slack.example/x")] * 10, 10, Actor("T1", "UOTHER")),
        listing.choose_message([d] * 12, "close"),
        listing.choose_message([d], "cancel"),
        listing.choose_message([d] * 12, "export", names.EXPORT, "Export"),
        listing.choose_results([d] * 12),
        listing.choose_to_extend([d] * 12, text, NOON),
        listing.moved(Reply(text, deliberation=d.model_copy(update={"closes_at": NOON}))),
        listing.moved(Reply(text)),
        message_of(
            "Asked.",
            *listing.opinions_close(Reply(text, deliberation=d.model_copy(update={"closes_at": NOON}))),
        ),
        listing.results_message(Results(d, statement, counted, foretold, own=3), "https://slack.example/x"),
        listing.results_message(Results(d, statement, None), ""),
        listing.results_message(Results(d, statement, counted, foretold, named(text), told(text)), "x"),
        listing.results_message(Results(d, statement, counted, foretold, (), told("", 3)), ""),
        listing.results_message(Results(d, statement, tally([])), ""),
        *listing.export_messages(text * 3 or "word " * 30_000),
        listing.status_message(frozenset({"commands"}), Health(0, 3), 2),
        listing.status_message(frozenset(), Health(1, 0), 0),
        message_of(listing.export_comment(d)),
        home.explanation(HowCard.of(Team(id="T1"), NOTICE)),
    ]


def named(text: str, count: int = 30) -> list[Opinion]:
    """Opinions by name."""
    return [Opinion(participant=f"{n}", text=text or "x", given_at=NOON) for n in range(count)]


def told(name: str, count: int = 30) -> list[ToldReason]:
    """Reasons, whose authors have this name, if any."""
    return [ToldReason((name or "Dear & slow. ")[:1_000], name[:100])] * count


def message_of(comment: str, *more: dict[str, Any]) -> dict[str, Any]:
    """A text that stands above files, or blocks, as the message that it is."""
    return {"text": comment, "blocks": [blocks.section(comment), *more]}


def reason(text: str) -> Reason:
    """As long as one can be."""
    return Reason(participant="1", text=text[:REASON_LIMIT] or "x", given_at=NOON, consent=True, round=1)


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
    once = schedule.model_copy(update={"weekly": None, "once": NOON, "template": None, "problem": None})
    return LibraryView([template] * 20, [*[schedule] * 20, once], [question] * 200)


def voted_on(text: str) -> list[VotedPoint]:
    """As many as stand in a window."""
    return [VotedPoint(each, Side.PASS) for each in points_samples.points(text, points.AT_ONCE)]


LABELS = [f"{place}{'l' * (LABEL_LIMIT - 1)}" for place in range(MOST_ASKED)]
VALUES = tuple(f"v{place}" * (VALUE_LIMIT // 2) for place in range(MOST_VALUES))
JURIES = tuple(
    SeatedJury(name=f"{place}{'n' * (VALUE_LIMIT - 1)}", attribute=LABELS[0], seats=dict.fromkeys(VALUES, 1))
    for place in range(MOST_JURIES)
)


def about_members(d: Deliberation) -> Deliberation:
    """With as many questions about members as there can be, as long as they can be."""
    asked = tuple(MemberAttribute(label=label, values=VALUES) for label in LABELS)
    return d.model_copy(update={"terms": d.terms.model_copy(update={"attributes": asked})})


def views(text: str, d: Deliberation) -> list[dict[str, Any]]:
    """Every modal, and the tab."""
    change = SettingsChange(
        user="UASKER", at=NOON, changes=(FieldChange(field="x", before=text, after=text),) * 9
    )
    rooms = FieldChange(field="channels", before="none", after="C1, C2, C3")
    change = change.model_copy(update={"changes": (rooms, *change.changes)})
    findings = [listing.permissions(frozenset({"commands"})), *Health(0, 3).findings()]
    admin = home.Admin([Template(name="x" * 80, question=text[:500])] * 12, [change] * 5, findings)
    actor = Actor("T1", "UASKER", admin=True)
    short = text[:500]
    unfolded = modals.ask_view(Team(id="T1", defaults=Defaults(quorum=9)), {}, question=short, advanced=True)
    typed = {
        block["block_id"]: {block["block_id"]: put_in(block["element"], text)}
        for block in unfolded["blocks"]
        if block["type"] == "input"
    }
    folded = payloads.typed({"state": {"values": typed}}) | {"alpha": ""}
    return [
        modals.with_typed(unfolded, {"state": {"values": typed}}),
        modals.with_folded(unfolded, folded),
        modals.with_folded(modals.ask_view(Team(id="T1"), {"channel": "C1"}), folded),
        modals.ask_view(LONGEST, {}, advanced=True, may_try=True),
        modals.try_view(short, Cost(requests=71, tokens=40_000), 5),
        modals.mine_view(Own(reminders=True)),
        modals.mine_view(Own(reminders=False)),
        modals.opinion_view(d, text[:3_000], baseline=3, may_learn=False),
        modals.opinion_view(about_members(d), text[:3_000], known={LABELS[0]: "v0" * 30}),
        modals.ask_view(Team(id="T1", juries=JURIES), {}, advanced=True),
        modals.closed_view(d, text, ""),
        home.home_view([], Actor("T1", "UOTHER")),
        home.home_view([], actor, home.Admin([], [], [])),
        library.library_view(LibraryView([], [], [])),
        library.library_view(kept(text), text),
        library.schedule_view([], ""),
        modals.ask_view(
            Team(id="T1"), {"channel": "C1"}, question=short, background=text[:2_000], zone="UTC"
        ),
        modals.ask_view(Team(id="T1", defaults=Defaults(quorum=9)), {}, question=short, advanced=True),
        modals.opinion_view(d, text[:3_000]),
        modals.opinion_view(d, "", typed=text[:3_000], problem=text, notice=NOTICE),
        modals.closed_view(d, text, text),
        modals.refused_view(text, text),
        modals.given_back_view(text, text),
        modals.reason_view(ReasonForm(d, None, "", NOTICE)),
        modals.reason_view(ReasonForm(d, reason(text), "", None)),
        points.vote_view(points_samples.form(text, d, points.AT_ONCE)),
        points.vote_view(points_samples.form(text, d, points.AT_ONCE, at=5), text, voted_on(text)),
        points.vote_view(points_samples.form(text, d, points.AT_ONCE, left=0), text, voted_on(text)),
        points.vote_view(points_samples.form(text, d, points.AT_ONCE, closed=text or "closed")),
        points.add_view(d),
        points.manage_points_view(d.id, points_samples.page(text, points.MANAGED_AT_ONCE), text),
        points.manage_points_view(d.id, points_samples.page(text, 5, following=5)),
        modals.loading_view(),
        modals.notice_view(text, text),
        modals.how_view(HowCard.of(d, NOTICE)),
        modals.how_view(HowCard.of(Team(id="T1"), None)),
        modals.manage_view(d, 3),
        modals.manage_view(d, 3, told=text or "Sure?"),
        modals.manage_view(d, 3, named(text), reasons=told(text)),
        modals.manage_view(d, 3, link_step="end-link"),
        modals.manage_view(d.model_copy(update={"round": 2}), 3, revisable=True),
        modals.link_view(text, "https://accord.example/r/x"),
        modals.manage_view(decided(d, text), 3),
        modals.outcome_view(d),
        modals.outcome_view(decided(d, text)),
        modals.change_view(d),
        modals.lines_view("Accord", [f"{listing.shown_person('UASKER')}{listing.shown_name(text)}"]),
        modals.extend_view(d, "Europe/Berlin", NOON),
        home.away_view("It does not answer."),
        home.home_view(
            [(d, 3, "https://slack.example/x")] * home.SHOWN, actor, admin, home.LeftOut(3, 1_000)
        ),
        library.library_view(kept(text)),
        library.import_view(),
        library.template_view(),
        library.schedule_view([(text or "x")[:80]] * 200, "Europe/Berlin"),
        home.settings_view(Team(id="T1", may_ask_users=frozenset({"U1"}), channels=frozenset({"C1"}))),
        home.settings_view(Team(id="T1", defaults=Defaults(emoji=LONG_EMOJI, closes_after=None))),
        home.asks_view(Reply(text, about="7.1"), keeping_shorter(7, [30, 90], 1), "sure", "Accord"),
        home.settings_view(
            Team(
                id="T1",
                may_ask_users=frozenset(f"U{n}" for n in range(400)),
                channels=frozenset(f"C{n}" for n in range(400)),
                defaults=Defaults(rating_period=timedelta(seconds=90), closes_after=timedelta(minutes=1)),
            )
        ),
    ]


ANY_TERMS = st.sampled_from(TERMS := list(all_terms()))


@settings(max_examples=40)
@given(text=TEXTS, terms=ANY_TERMS)
@example(text="<!channel>" * 800, terms=TERMS[1])
@example(text="&" * 3_000, terms=TERMS[4])
@example(text="", terms=TERMS[0])
def test_every_message_fits_and_pings_nobody(text: str, terms: Terms) -> None:
    for message in messages(text, deliberation(text, terms=terms)):
        assert check_blocks(message["blocks"]) == []
        assert 0 < len(message["text"]) <= 4_000
        for shown in [message["text"], *marked_up(message["blocks"])]:
            assert not PINGS.search(ITSELF.sub("", OURS.sub("", shown))), shown


@settings(max_examples=40)
@given(text=TEXTS, phase=st.sampled_from(Phase), terms=ANY_TERMS)
@example(text="<!channel>" * 300, phase=Phase.RATING, terms=TERMS[1])
@example(text='"' * 3_000, phase=Phase.OPINIONS, terms=TERMS[4])
@example(text="", phase=Phase.OPINIONS, terms=TERMS[0])
def test_every_view_fits_and_pings_nobody(text: str, phase: Phase, terms: Terms) -> None:
    for view in views(text, deliberation(text, phase=phase, terms=terms)):
        assert check_view(view) == []
        for shown in marked_up(view["blocks"]):
            assert not PINGS.search(ITSELF.sub("", OURS.sub("", shown))), shown


# -- that these are all of them ------------------------------------------------------------------


@pytest.mark.long
def test_the_lists_above_run_every_line_that_makes_messages_and_views() -> None:
    modules = (blocks, cards, home, library, listing, modals, points, what_was_given)
    missed = {module.__name__: lines_of(module) for module in modules}

    def traced(frame: FrameType, event: str, arg: Any) -> Callable[..., Any] | None:
        lines = missed.get(frame.f_globals.get("__name__", ""))
        if lines is None:
            return None
        lines.discard(frame.f_lineno)
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        asked = [deliberation("a b", phase=phase, terms=terms) for terms in TERMS for phase in Phase]
        asked += [deliberation(text) for text in ("word " * 900, "&" * 900, "", LINKS)]
        asked += [deliberation(overview(text)) for text in ("a b", "word " * 900)]
        asked.append(deliberation("?", closes_at=None, context="", failure=None, phase=Phase.MEDIATING))
        for d in asked:
            messages(d.question, d)
            views(d.question, d)
    finally:
        sys.settrace(before)

    assert {name: sorted(lines) for name, lines in missed.items() if lines} == {}


def lines_of(module: ModuleType) -> set[int]:
    """The lines of a module's functions, by number; what runs at import is not looked at."""
    source = inspect.getsource(module)
    found: set[int] = set()
    waiting: list[CodeType] = [
        part for part in compile(source, "views", "exec").co_consts if isinstance(part, CodeType)
    ]
    while waiting:
        code = waiting.pop()
        waiting += [part for part in code.co_consts if isinstance(part, CodeType)]
        if code.co_flags & inspect.CO_OPTIMIZED:  # not the body of a class
            found |= {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}
    return found


def test_nothing_else_in_the_adapter_makes_blocks() -> None:
    for path in Path(inspect.getfile(home)).parents[1].glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "adapters.slack.views.blocks":
                assert {name.name for name in node.names} <= {"escape"}, path.name
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                assert not keys & {"blocks", "elements", "block_id"}, path.name
            if isinstance(node, ast.keyword):
                assert node.arg not in ("blocks", "attachments"), path.name


def put_in(element: dict[str, Any], text: str) -> dict[str, Any]:
    """The entry of an input's state after somebody put something into it."""
    if element["type"] == "checkboxes":
        return {"selected_options": element["options"]}
    if "options" in element:
        return {"selected_option": element["options"][-1]}
    if element["type"] == "datetimepicker":
        return {"selected_date_time": int(NOON.timestamp())}
    if element["type"] == "conversations_select":
        return {"selected_conversation": "C1"}
    return {"value": text[: element["max_length"]] or None}


def marked_up(parts: Any) -> list[str]:
    """What Slack would parse; plain text it shows as it is."""
    if isinstance(parts, dict):
        own = [parts["text"]] if parts.get("type") == "mrkdwn" else []
        return own + [text for value in parts.values() for text in marked_up(value)]
    return [text for part in parts for text in marked_up(part)] if isinstance(parts, list) else []


@given(text=TEXTS, limit=st.integers(10, 400))
@settings(max_examples=100)
def test_escaping_never_cuts_an_entity_and_keeps_to_its_limit(text: str, limit: int) -> None:
    escaped = blocks.escape(text, limit)

    assert len(escaped) <= limit
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See https://x.example/a?b=1&c=2.", "See <https://x.example/a?b=1&amp;c=2>."),
        (
            "(https://x.example/A_(b)), or https://x.example/~me/*",
            "(<https://x.example/A_(b)>), or <https://x.example/~me/>*",
        ),
        ("“http://x.example” 'HTTPS://x.example'", "“<http://x.example>” '<HTTPS://x.example>'"),
        ("<https://evil.example|click>", "&lt;https://evil.example|click&gt;"),
        ("<https://x.example> <!channel>", "&lt;<https://x.example>&gt; &lt;!channel&gt;"),
        (
            "https:// https://. javascript:x ftp://x.example",
            "https:// https://. javascript:x ftp://x.example",
        ),
        (f"https://x.example/{'y' * 600}", f"https://x.example/{'y' * 600}"),
    ],
)
def test_web_addresses_are_links_that_say_where_they_lead(text: str, shown: str) -> None:
    assert blocks.linked(text) == shown


def test_an_address_that_was_cut_short_is_no_link() -> None:
    assert blocks.linked(f"https://x.example/{'y' * 200}", 100).startswith("https://")


@given(text=TEXTS)
@settings(max_examples=40)
def test_links_add_little(text: str) -> None:
    assert len(blocks.linked(text)) <= len(blocks.escape(text)) + 40


@given(text=TEXTS)
@settings(max_examples=40)
def test_a_long_text_in_pieces_loses_no_letter(text: str) -> None:
    kept = "".join("".join(blocks.pieces(text)).split())

    assert kept == "".join(blocks.clean(text).split())


@pytest.mark.parametrize("cut_off", [6_000, 20_000])
def test_a_statement_that_is_too_long_ends_with_an_ellipsis(cut_off: int) -> None:
    d = deliberation("Why?")
    shown = "".join(texts_of(card_message(BallotCard(d, "word " * cut_off))["blocks"]))

    assert "…" in shown


def test_a_digest_is_shown_as_lists_under_headings_and_pings_nobody() -> None:
    shown = blocks.stated(overview("<!channel> & bags"))

    assert shown[0]["text"]["text"] == (
        f"*{DIFFER}*\n• “&lt;!channel&gt; &amp; bags” (2 of us)\n_Yes (2 of 3)_\n"
        "• “&lt;!channel&gt; &amp; bags” (2 of us)\n• “&lt;!channel&gt; &amp; bags” (2 of us)\n\n"
        f"*{NEED}*\n• “&lt;!channel&gt; &amp; bags” (2 of us)\n\nNo room for 3 more points.\n\n"
        f"_{SORTED}_\n_{NO_COMMON}._"
    )


def test_a_card_of_a_digest_does_not_call_it_a_statement() -> None:
    d = deliberation("Ban bags?")
    told = card_message(StatementCard(d, overview("Ban bags."), 3, False, None))

    assert told["blocks"][0]["text"]["text"] == "Here is where we stand"
    assert told["text"].startswith("Here is where we stand, to rate: “Ban bags.” (2 of us) · ")


def test_what_was_given_has_room_under_a_result_and_says_where_the_rest_is() -> None:
    d = deliberation("Why? " * 300)
    statement, counted = StatementCard(d, "word " * 2_000, 8, False, None), tally([])
    result = Results(d, statement, counted, Prediction(5.2, 2, 8, "word " * 900))
    cases: list[tuple[list[Opinion], list[ToldReason], list[int]]] = [
        (named("word " * 600), told("Ann"), [30, 10]),
        ([], told("Ann", 3), []),
        (named("Yes."), told(""), [10, 14]),
    ]
    for opinions, reasons, left in cases:
        shown = listing.results_message(replace(result, by_name=opinions, reasons=reasons), "x")
        assert text_in(shown["blocks"]) <= MESSAGE_BLOCKS_TEXT
        assert check_blocks(shown["blocks"]) == []
        more = [each for each in texts_of(shown["blocks"]) if each.startswith("And ")]
        assert more == [more_in_export(count) for count in left]


def test_until_when_a_draft_is_tried_is_a_date_of_slacks() -> None:
    failing = deliberation("Why?", phase=Phase.MEDIATING, statement=None).set_back(NOON)
    shown = "\n".join(texts_of(card_message(ProgressCard(failing, 0, 16, waiting=True))["blocks"]))

    until = NOON + failing.terms.retry_for
    assert f"tries again until <!date^{int(until.timestamp())}^" in shown


def test_how_this_works_says_until_when_things_are_kept_in_a_question_and_without_one() -> None:
    team = Team(id="T1", retention_days=7)
    asked = deliberation("Why?")
    for view, days in (
        (modals.how_view(HowCard.of(asked, None)), asked.terms.retention_days),
        (modals.how_view(HowCard.of(team, None)), 7),
        (home.explanation(HowCard.of(team, None)), 7),
    ):
        told = "\n".join(texts_of(view["blocks"]))
        assert f"until {days} days after the question ends" in told
        assert texts.POSTED_STAYS in told


def test_what_the_channel_sees_of_a_question_says_what_happens_with_opinions() -> None:
    shown = "\n".join(texts_of(card_message(QuestionCard(deliberation("Why?"), 3))["blocks"]))

    assert "Opinions are anonymous" in shown
    assert "3 members have answered" in shown
    assert f"<!date^{int((NOON + timedelta(days=1)).timestamp())}^" in shown


def test_a_reminder_of_the_whole_channel_says_whom_it_is_for() -> None:
    told = card_message(NudgeCard(deliberation("Why?")))

    assert texts.NUDGE in "\n".join(texts_of(told["blocks"]))
    assert texts.NUDGE in told["text"]
    # The whole channel reads it, also those who have answered.
    assert "You have not" not in told["text"]


def test_an_hour_that_the_clocks_skip_is_told_where_a_schedule_is_listed() -> None:
    weekly = Weekly(weekday=6, at=time(2, 30), zone="Europe/Berlin")
    every = Schedule(id="s", team="T1", platform="slack", channel="C1", by="U1", weekly=weekly)
    spring = every.begun(datetime(2027, 3, 27, tzinfo=UTC))
    later = spring.done(datetime(2027, 3, 28, 12, tzinfo=UTC))
    for made, told in ((spring, True), (later, False)):
        shown = "\n".join(texts_of(library.library_view(LibraryView([], [made], []))["blocks"]))
        assert "every Sunday 02:30" in shown
        assert (
            "There is no 02:30 that day, because the clocks go forward, so it posts at 03:30." in shown
        ) is told


def test_a_text_field_asks_for_no_more_than_slack_takes() -> None:
    field = blocks.field("Yours", "opinion", blocks.text_input("x" * 5_000, most=5_000))

    assert check_view(blocks.modal("Yours", [field], callback="opinion", submit="Send")) == []
    assert field["element"]["max_length"] == len(field["element"]["initial_value"]) == 3_000
