"""Phases, deadlines and the rules for opinions, without any store."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clean_text import clean
from bot.domain.deliberation import (
    CONTEXT_LIMIT,
    LONGEST_PAUSE_S,
    NEXT,
    OPINION_LIMIT,
    QUESTION_LIMIT,
    REASON_LIMIT,
    Author,
    Deliberation,
    Due,
    MessageRef,
    Phase,
    Step,
    checked_context,
    checked_question,
)
from bot.domain.errors import OpinionError, QuestionError, TransitionError
from bot.domain.ratings import RatingBy
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import ResultsShown, Terms
from engine.types import Arm

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOON = MORNING + timedelta(hours=3)
EVENING = MORNING + timedelta(hours=9)
HERE = MessageRef(channel="C1", message="1.1")
ANN = Author(user="U1", name="Ann")


def question(**changes):
    return Deliberation(
        **{
            "id": "d1",
            "team": "T1",
            "platform": "web",
            "channel": "C1",
            "facilitator": "U1",
            "question": "Should we ban single-use plastics?",
            "created_at": MORNING,
            **changes,
        }
    )


def in_phase(phase, **changes):
    """A question that got to `phase` as it would in life."""
    asked = question(**changes)
    scheduled = question(**{"phase": Phase.SCHEDULED, "opens_at": MORNING, **changes})
    drafting = asked.closed(NOON)
    rating = drafting.chosen("Let us reuse.").published(NOON)
    return {
        Phase.SCHEDULED: scheduled,
        Phase.OPINIONS: asked,
        Phase.MEDIATING: drafting,
        Phase.RATING: rating,
        Phase.SETTLED: rating.settled(EVENING),
        Phase.CANCELLED: asked.cancelled("Nobody came.", NOON),
    }[phase]


# -- the graph -----------------------------------------------------------------------------------

PHASE_CHANGES = {
    "open": (lambda d: d.opened(), {Phase.SCHEDULED}, Phase.OPINIONS),
    "close": (lambda d: d.closed(NOON), {Phase.OPINIONS}, Phase.MEDIATING),
    "settle": (lambda d: d.settled(EVENING), {Phase.RATING}, Phase.SETTLED),
    "critique": (lambda d: d.critiqued(), {Phase.RATING}, Phase.MEDIATING),
    "cancel": (
        lambda d: d.cancelled("Because.", NOON),
        {Phase.SCHEDULED, Phase.OPINIONS, Phase.MEDIATING, Phase.RATING},
        Phase.CANCELLED,
    ),
    "open again": (
        lambda d: d.failed("No draft was usable.", NOON).reopened(EVENING, NOON),
        {Phase.MEDIATING},
        Phase.OPINIONS,
    ),
    "publish": (lambda d: d.chosen("Let us reuse.").published(NOON), {Phase.MEDIATING}, Phase.RATING),
}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize(("change", "possible_in", "leads_to"), PHASE_CHANGES.values(), ids=PHASE_CHANGES)
def test_each_phase_change_is_possible_from_its_phases_only(change, possible_in, leads_to, phase):
    deliberation = in_phase(phase)
    if phase in possible_in:
        assert change(deliberation).phase is leads_to
    else:
        with pytest.raises(TransitionError):
            change(deliberation)


CHANGES = [
    lambda d, now: d.opened(),
    lambda d, now: d.closed(now),
    lambda d, now: d.closed_by_hand(1, now),
    lambda d, now: d.closed_by_hand(99_999, now),
    lambda d, now: d.chosen("Let us reuse."),
    lambda d, now: d.published(now),
    lambda d, now: d.settled(now),
    lambda d, now: d.critiqued(),
    lambda d, now: d.revision_asked(d.round, 3, now),
    lambda d, now: d.kept_as_it_was("Let us reuse.", None, now),
    lambda d, now: d.cancelled("Because.", now),
    lambda d, now: d.failed("No draft was usable.", now),
    lambda d, now: d.retried(),
    lambda d, now: d.reopened(now + timedelta(hours=1), now),
    lambda d, now: d.to_be_refreshed(now),
    lambda d, now: d.not_refreshed(now),
    lambda d, now: d.extended(now + timedelta(hours=1), now),
    lambda d, now: d.announced(HERE),
    lambda d, now: d.was_reminded(),
    lambda d, now: d.was_recorded(),
    lambda d, now: d.set_back(now),
]
TERMS = st.builds(
    Terms,
    reminder_before=st.none() | st.timedeltas(timedelta(0), timedelta(days=2)),
    rating_period=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
    retention_days=st.integers(1, 3650),
)


def round_moves(before, after):
    """A critique begins the next round; a further round that is given up takes its question back by one."""
    if (before.phase, after.phase) == (Phase.RATING, Phase.MEDIATING):
        return 1
    return -1 if (before.phase, after.phase) == (Phase.MEDIATING, Phase.SETTLED) else 0


@given(walk=st.lists(st.sampled_from(CHANGES), max_size=40), terms=TERMS, scheduled=st.booleans())
def test_no_walk_leaves_the_graph_or_an_inconsistent_deliberation(walk, terms, scheduled):
    now = MORNING
    seen = [question(terms=terms, phase=Phase.SCHEDULED if scheduled else Phase.OPINIONS)]
    for change in walk:
        now += timedelta(minutes=1)
        try:
            seen.append(change(seen[-1], now))
        except TransitionError:
            continue
    for before, after in pairwise(seen):
        assert after.phase is before.phase or after.phase in NEXT[before.phase]
        assert after.round == before.round + round_moves(before, after)
    last = seen[-1]
    assert 1 <= last.round <= last.rounds_begun
    assert Deliberation.model_validate(last.model_dump()) == last
    assert (last.ended_at is not None) == (last.phase in (Phase.SETTLED, Phase.CANCELLED))
    assert (last.cancelled_because is not None) == (last.phase is Phase.CANCELLED)
    assert last.statement is not None or last.phase not in (Phase.RATING, Phase.SETTLED)
    assert last.next_due() is not None or last.phase is Phase.OPINIONS


@pytest.mark.parametrize("phase", Phase)
def test_a_refused_phase_change_says_where_the_question_stands(phase):
    refused = next(change for change, possible_in, _ in PHASE_CHANGES.values() if phase not in possible_in)
    with pytest.raises(TransitionError) as told:
        refused(in_phase(phase))
    sentence = str(told.value)
    assert sentence.endswith(".")
    assert "is opinions" not in sentence


def test_a_critique_begins_another_round_without_the_old_statement():
    again = in_phase(Phase.RATING).critiqued()
    assert (again.round, again.statement, again.rating_closes_at) == (2, None, None)


@pytest.mark.parametrize(
    ("round_", "reasons", "terms", "why"),
    [
        (2, 3, Terms(), "newer statement"),
        (1, 0, Terms(anonymous=False), "Nobody has said"),
        (1, 0, Terms(), "at least 3 members"),
        (1, 2, Terms(), "at least 3 members"),
        (1, 4, Terms(fewest_ratings=5), "at least 5 members"),
        (1, 3, Terms(most_rounds=1), "as many rounds"),
        (1, 3, Terms(study=Study(id="s", group="g", arms=(Arm.CHOSEN,), seed=1)), "study"),
    ],
)
def test_another_round_is_refused_with_a_sentence(round_, reasons, terms, why):
    with pytest.raises(TransitionError, match=why):
        in_phase(Phase.RATING, terms=terms).revision_asked(round_, reasons, NOON)


def test_the_vote_ends_when_another_round_is_asked_for_and_more_time_takes_that_back():
    asked = in_phase(Phase.RATING).revision_asked(1, 3, NOON)
    assert (asked.revising, asked.rating_closes_at) == (True, NOON)
    assert asked.may_take(Step.SETTLE, NOON)
    assert not asked.extended(EVENING, NOON).revising
    assert not asked.settled(NOON).revising


def test_a_round_that_is_given_up_leaves_the_statement_and_the_vote_before_it():
    second = in_phase(Phase.RATING).revision_asked(1, 3, NOON).critiqued()
    assert second.round_began_at == NOON
    kept = second.kept_as_it_was("Let us reuse.", None, EVENING, is_best=True)
    assert (kept.phase, kept.round, kept.statement) == (Phase.SETTLED, 1, "Let us reuse.")
    assert (kept.rating_closes_at, kept.ended_at, kept.unrevised) == (NOON, EVENING, True)
    assert list(kept.rounds) == [1, 2]
    with pytest.raises(TransitionError, match="on its way"):
        second.chosen("Let us repair.").kept_as_it_was("Let us reuse.", None, EVENING)


@pytest.mark.parametrize("phase", Phase)
def test_the_first_round_cannot_be_given_up(phase):
    with pytest.raises(TransitionError):
        in_phase(phase).kept_as_it_was("Let us reuse.", None, EVENING)


def test_nothing_is_published_before_a_statement_is_chosen():
    with pytest.raises(TransitionError, match="no statement"):
        in_phase(Phase.MEDIATING).published(NOON)


def test_the_vote_lasts_as_long_as_the_terms_say():
    terms = Terms(rating_period=timedelta(hours=5))
    assert in_phase(Phase.RATING, terms=terms).rating_closes_at == NOON + timedelta(hours=5)


def test_closing_early_is_when_the_question_closed():
    assert question(closes_at=EVENING).closed(NOON).closes_at == NOON


# -- deadlines -----------------------------------------------------------------------------------


def test_extending_a_scheduled_question_moves_its_close_but_never_before_its_opening():
    scheduled = question(phase=Phase.SCHEDULED, opens_at=NOON, closes_at=NOON + timedelta(hours=1))
    assert scheduled.extended(EVENING, MORNING).closes_at == EVENING
    with pytest.raises(QuestionError, match="before the question opens"):
        scheduled.extended(NOON, MORNING)


def test_extending_an_open_question_reminds_again():
    extended = question(closes_at=NOON).was_reminded().extended(EVENING, MORNING)
    assert (extended.closes_at, extended.reminded) == (EVENING, False)


def test_extending_the_vote_moves_the_end_of_the_vote_only():
    extended = in_phase(Phase.RATING).extended(EVENING + timedelta(days=9), NOON)
    assert (extended.rating_closes_at, extended.closes_at) == (EVENING + timedelta(days=9), NOON)


@pytest.mark.parametrize("phase", [Phase.MEDIATING, Phase.SETTLED, Phase.CANCELLED])
def test_a_closed_question_cannot_be_extended(phase):
    with pytest.raises(TransitionError, match="can't be moved"):
        in_phase(phase).extended(EVENING + timedelta(days=9), EVENING)


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING])
def test_a_deadline_in_the_past_is_refused(phase):
    with pytest.raises(QuestionError, match="in the past"):
        in_phase(phase).extended(EVENING, EVENING)


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING])
def test_a_deadline_more_than_a_year_ahead_is_refused(phase):
    with pytest.raises(QuestionError, match="more than a year away"):
        in_phase(phase).extended(datetime.max.replace(tzinfo=UTC), EVENING)


# -- what is due ---------------------------------------------------------------------------------

POSTED = question(message=HERE, closes_at=EVENING)
KEPT_A_WEEK = Terms(retention_days=7)
DUE = {
    "a scheduled question opens": (
        question(phase=Phase.SCHEDULED, opens_at=NOON),
        Due(NOON, Step.OPEN),
    ),
    "a new question is announced": (question(closes_at=EVENING), Due(MORNING, Step.ANNOUNCE)),
    "an opened question is announced as of its opening": (
        question(phase=Phase.SCHEDULED, opens_at=NOON, closes_at=EVENING).opened(),
        Due(NOON, Step.ANNOUNCE),
    ),
    "an open question reminds before the deadline": (
        POSTED,
        Due(EVENING - timedelta(hours=2), Step.REMIND),
    ),
    "a reminded question closes": (POSTED.was_reminded(), Due(EVENING, Step.CLOSE)),
    "without a reminder a question closes": (
        question(message=HERE, closes_at=EVENING, terms=Terms(reminder_before=None)),
        Due(EVENING, Step.CLOSE),
    ),
    "a question shorter than the notice is not reminded of": (
        question(message=HERE, closes_at=MORNING + timedelta(hours=2)),
        Due(MORNING + timedelta(hours=2), Step.CLOSE),
    ),
    "a question without a deadline waits for people": (question(message=HERE), None),
    "a closed question is mediated": (POSTED.closed(NOON), Due(NOON, Step.MEDIATE)),
    "a chosen statement is published": (POSTED.closed(NOON).chosen("Reuse."), Due(NOON, Step.PUBLISH)),
    "a failed mediation is told": (
        POSTED.closed(NOON).failed("No draft was usable.", EVENING),
        Due(EVENING, Step.TELL),
    ),
    "what is to be shown again comes before what is due later": (
        POSTED.was_reminded().to_be_refreshed(NOON),
        Due(NOON, Step.REFRESH),
    ),
    "a failed mediation that nobody tries again is purged": (
        question(terms=KEPT_A_WEEK).closed(NOON).failed("No draft was usable.", NOON).was_told(),
        Due(NOON + timedelta(days=7), Step.PURGE),
    ),
    "a failed mediation that is tried again is mediated": (
        POSTED.closed(NOON).failed("No draft was usable.", EVENING).retried(),
        Due(NOON, Step.MEDIATE),
    ),
    "a vote reminds before it closes": (
        in_phase(Phase.RATING),
        Due(NOON + timedelta(hours=22), Step.REMIND_TO_RATE),
    ),
    "a vote that was reminded of is settled": (
        in_phase(Phase.RATING).was_reminded(),
        Due(NOON + timedelta(days=1), Step.SETTLE),
    ),
    "a vote shorter than the notice is not reminded of": (
        in_phase(Phase.RATING, terms=Terms(rating_period=timedelta(hours=2))),
        Due(NOON + timedelta(hours=2), Step.SETTLE),
    ),
    "a vote that a person ended reminds nobody": (
        in_phase(Phase.RATING).vote_ended(NOON),
        Due(NOON, Step.SETTLE),
    ),
    "a vote that was extended is reminded of again": (
        in_phase(Phase.RATING).was_reminded().extended(NOON + timedelta(days=2), NOON),
        Due(NOON + timedelta(hours=46), Step.REMIND_TO_RATE),
    ),
    "a critique is mediated": (in_phase(Phase.RATING).critiqued(), Due(NOON, Step.MEDIATE)),
    "a settled question is recorded": (in_phase(Phase.SETTLED), Due(EVENING, Step.SETTLE)),
    "a cancelled question is shown as such": (in_phase(Phase.CANCELLED), Due(NOON, Step.SETTLE)),
    "a recorded question is purged when retention ends": (
        in_phase(Phase.SETTLED, terms=KEPT_A_WEEK).was_recorded(),
        Due(EVENING + timedelta(days=7), Step.PURGE),
    ),
}


@pytest.mark.parametrize(("deliberation", "due"), DUE.values(), ids=DUE)
def test_the_next_step_and_its_time(deliberation, due):
    assert deliberation.next_due() == due


def test_a_step_that_failed_waits():
    assert in_phase(Phase.MEDIATING).set_back(NOON).next_due() == Due(
        NOON + timedelta(seconds=2), Step.MEDIATE
    )


def test_a_wait_never_brings_a_step_forward():
    assert POSTED.was_reminded().set_back(NOON).next_due() == Due(EVENING, Step.CLOSE)


def test_a_channel_that_cannot_be_reached_does_not_keep_a_question_open():
    late = EVENING - timedelta(minutes=1)
    unreachable = question(closes_at=EVENING, setbacks=12)
    assert unreachable.next_due().step is Step.ANNOUNCE
    assert unreachable.set_back(late).next_due() == Due(late + timedelta(minutes=5), Step.CLOSE)


def test_a_reminder_that_cannot_be_sent_does_not_keep_a_question_open():
    held_up = question(message=HERE, closes_at=EVENING, setbacks=12).set_back(EVENING)
    assert held_up.next_due().step is Step.CLOSE


def test_a_statement_that_can_be_posted_nowhere_is_not_kept_longer_than_what_has_ended():
    chosen = in_phase(Phase.MEDIATING).chosen("Let us reuse.")
    ends = NOON + timedelta(days=chosen.terms.retention_days)

    assert chosen.next_due() == Due(NOON, Step.PUBLISH)
    assert chosen.set_back(NOON).next_due().step is Step.PUBLISH
    assert chosen.set_back(ends).next_due().step is Step.PURGE


@pytest.mark.parametrize(
    ("deliberation", "at"),
    [
        (DUE["a failed mediation that nobody tries again is purged"][0], NOON),
        (question(terms=KEPT_A_WEEK).closed(NOON).chosen("Reuse.").set_back(EVENING), NOON),
        (in_phase(Phase.SETTLED, terms=KEPT_A_WEEK), EVENING),
        (question(terms=KEPT_A_WEEK).closed(NOON).failed("No.", NOON).retried(), None),
        (question(terms=KEPT_A_WEEK).closed(NOON), None),
        (in_phase(Phase.RATING, terms=KEPT_A_WEEK), None),
        (question(message=HERE, closes_at=EVENING, terms=KEPT_A_WEEK), None),
    ],
    ids=["failed", "nowhere to be posted", "settled", "tried again", "drafted", "rated", "open"],
)
def test_what_does_not_go_on_is_deleted_after_its_days(deliberation, at):
    assert deliberation.deleted_at() == (at and at + timedelta(days=7))


def test_pauses_grow_with_every_failure_in_a_row_to_a_limit():
    pauses, deliberation = [], in_phase(Phase.MEDIATING)
    for _ in range(12):
        deliberation = deliberation.set_back(NOON)
        pauses.append((deliberation.wait_until - NOON).total_seconds())
    assert pauses[:3] == [2, 4, 8]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_the_last_try_comes_when_trying_ends():
    failing = in_phase(Phase.MEDIATING, terms=Terms(retry_for=timedelta(minutes=1))).set_back(NOON)
    until = NOON + timedelta(minutes=1)
    assert failing.tries_until == until

    last = failing.set_back(until - timedelta(seconds=3))

    assert (last.tries_until, last.wait_until) == (until, until)
    assert last.tries_again(until - timedelta(seconds=1))
    assert not last.tries_again(until)


def test_only_drafting_has_a_time_for_which_it_is_tried():
    for other in (question(), in_phase(Phase.MEDIATING).chosen("Reuse.")):
        assert other.set_back(NOON).tries_until is None


def test_a_step_may_fail_for_months():
    failing = question(setbacks=50_000).set_back(NOON)
    assert failing.wait_until == NOON + timedelta(seconds=LONGEST_PAUSE_S)


def test_a_platform_that_asks_to_wait_longer_is_heard():
    assert question().set_back(NOON, 900).wait_until == NOON + timedelta(minutes=15)


def test_a_step_forward_clears_what_held_it_up():
    stuck = in_phase(Phase.MEDIATING).failed("No draft was usable.", NOON).set_back(NOON)
    onwards = stuck.retried(), stuck.chosen("Reuse."), stuck.cancelled("Because.", NOON)
    for onward in (*onwards, stuck.reopened(EVENING, NOON)):
        assert (onward.failure, onward.setbacks, onward.wait_until) == (None, 0, None)
        assert onward.untold_since is None
        assert onward.failing_since is None


# -- opinions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.OPINIONS])
def test_an_opinion_outside_its_phase_is_refused(phase):
    with pytest.raises(TransitionError, match=r"not opened|closed"):
        in_phase(phase).opinion("p1", "Yes, ban them.", NOON)


BLANK = {
    "nothing": "",
    "spaces and lines": " \t\r\n ",
    "null bytes": "\x00\x00",
    "joiners and zero-width spaces": "\u200d\u200b\ufeff",
    "no-break spaces": "\u00a0\u3000",
    "variation selectors alone": "\ufe0f",
    "half a surrogate pair": "\ud83d",
}


@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK)
def test_an_opinion_with_nothing_to_read_is_refused(text):
    with pytest.raises(OpinionError, match="empty"):
        question().opinion("p1", text, NOON)


def test_an_opinion_may_be_as_long_as_the_limit_and_no_longer():
    longest = "é" * OPINION_LIMIT
    assert question().opinion("p1", longest, NOON).text == longest
    with pytest.raises(OpinionError, match="3,001 characters; the limit is 3,000"):
        question().opinion("p1", longest + "x", NOON)


def test_an_opinion_is_measured_after_cleaning():
    decomposed = "e\u0301" * OPINION_LIMIT + "\r\n" * 50
    assert question().opinion("p1", decomposed, NOON).text == "é" * OPINION_LIMIT


def test_an_author_is_kept_in_named_mode_only():
    named, anonymous = Terms(anonymous=False), Terms(anonymous=True)
    assert question(terms=named).opinion("p1", "Yes.", NOON, ANN).author == ANN
    assert question(terms=anonymous).opinion("p1", "Yes.", NOON, ANN).author is None


KEPT_AS_IT_IS = {
    "family emoji": "👨‍👩‍👧‍👦 need reusable bottles",
    "emoji with skin tone and flag": "👍🏽 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️",
    "Persian with a joiner": "می‌خواهم",
    "Hebrew with a direction mark": "כן\u200f!",
    "Devanagari": "क्‍ष",
    "lines and tabs": "one\n\n\ttwo",
    "mathematics": "∀x ∈ ℝ",
}


@pytest.mark.parametrize("text", KEPT_AS_IT_IS.values(), ids=KEPT_AS_IT_IS)
def test_cleaning_leaves_every_script_and_emoji_as_written(text):
    assert clean(text) == text


CLEANED = {
    "null byte": ("a\x00b", "ab"),
    "terminal escape": ("\x1b[31mred", "[31mred"),
    "carriage returns": ("a\r\nb\rc", "a\nb\nc"),
    "other line breaks": ("a\x0bb\x0cc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
    "surrogates": ("a\ud800b\udfffc", "abc"),
    "direction overrides": ("a\u202eb\u2066c", "abc"),
    "accents": ("e\u0301", "é"),
    "accents behind a null byte": ("e\x00\u0301", "é"),
    "space around": (" \n a \n", "a"),
}


@pytest.mark.parametrize(("text", "cleaned"), CLEANED.values(), ids=CLEANED)
def test_cleaning_takes_out_what_does_harm(text, cleaned):
    assert clean(text) == cleaned


@given(st.text(st.characters() | st.sampled_from("\x00\r\n\u0301\ud800\u202e\u2028 e")))
def test_clean_text_stays_as_it_is_and_can_be_stored(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned
    assert "\x00" not in cleaned


def test_a_question_and_its_background_have_limits():
    assert checked_question(" Ban? \x00") == "Ban?"
    assert checked_context("") == ""
    with pytest.raises(QuestionError, match="empty"):
        checked_question("\u200b")
    with pytest.raises(QuestionError, match="501 characters; the limit is 500"):
        checked_question("x" * (QUESTION_LIMIT + 1))
    with pytest.raises(QuestionError, match="2,001 characters; the limit is 2,000"):
        checked_context("x" * (CONTEXT_LIMIT + 1))


@pytest.mark.parametrize(("opinions", "closes"), [(2, False), (3, True), (4, True)])
def test_a_quorum_is_reached_at_its_number(opinions, closes):
    assert question(terms=Terms(quorum=3)).has_quorum(opinions) is closes


def test_without_a_quorum_no_number_of_opinions_closes():
    assert not question().has_quorum(10_000)


def test_an_opinion_after_the_deadline_is_late_also_before_somebody_has_closed():
    asked = question(closes_at=NOON)

    assert asked.opinion("p", "Yes.", NOON - timedelta(seconds=1)).text == "Yes."
    with pytest.raises(TransitionError, match="closed"):
        asked.opinion("p", "Yes.", NOON)


# -- the vote ------------------------------------------------------------------------------------


def test_a_rating_after_the_end_of_the_vote_is_late_also_before_somebody_has_settled():
    rating = in_phase(Phase.RATING)

    rating.require_open_for_ratings(rating.rating_closes_at - timedelta(seconds=1))
    with pytest.raises(TransitionError, match="closed"):
        rating.require_open_for_ratings(rating.rating_closes_at)


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        (Phase.SCHEDULED, "no statement to rate"),
        (Phase.OPINIONS, "no statement to rate"),
        (Phase.MEDIATING, "no statement to rate"),
        (Phase.SETTLED, "vote on this question is closed"),
        (Phase.CANCELLED, "vote on this question is closed"),
    ],
)
def test_ratings_outside_the_vote_are_refused(phase, sentence):
    with pytest.raises(TransitionError, match=sentence):
        in_phase(phase).require_open_for_ratings(NOON)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.RATING])
def test_a_reason_outside_the_vote_is_refused(phase):
    with pytest.raises(TransitionError, match=r"no statement to rate|closed"):
        in_phase(phase).reason_given("p1", "It costs too much.", NOON)


def test_a_reason_is_cleaned_limited_and_signed_as_an_opinion_is():
    rating = in_phase(Phase.RATING)
    longest = "é" * REASON_LIMIT
    assert rating.reason_given("p1", f" {longest}\r\n", NOON).text == longest
    with pytest.raises(OpinionError, match="1,001 characters; the limit is 1,000"):
        rating.reason_given("p1", longest + "x", NOON)
    with pytest.raises(OpinionError, match="reason is empty"):
        rating.reason_given("p1", " \u200b\n", NOON)
    for anonymous in (True, False):
        terms = Terms(anonymous=anonymous, keep_feedback=not anonymous)
        said = in_phase(Phase.RATING, terms=terms, round=2).reason_given("p1", "No.", NOON, ANN, consent=True)
        assert (said.author, said.consent, said.round) == (None if anonymous else ANN, not anonymous, 2)


def test_a_study_asks_for_no_reasons():
    study = Study(id="s", group="g1", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION), seed=7)
    with pytest.raises(TransitionError, match="study"):
        in_phase(Phase.RATING, terms=Terms(study=study)).reason_given("p1", "No.", NOON)


@pytest.mark.parametrize(
    ("shown", "before_rating", "after_rating"),
    [
        (ResultsShown.ALWAYS, True, True),
        (ResultsShown.AFTER_RATING, False, True),
        (ResultsShown.AFTER_CLOSE, False, False),
    ],
)
def test_results_are_shown_when_the_terms_say(shown, before_rating, after_rating):
    terms = Terms(anonymous=False, rating_by=RatingBy.REACTIONS, results_shown=shown)
    voting = in_phase(Phase.RATING, terms=terms)
    assert voting.shows_results(has_rated=False) is before_rating
    assert voting.shows_results(has_rated=True) is after_rating
    assert in_phase(Phase.SETTLED, terms=terms).shows_results(has_rated=False)
    for hidden in (Phase.OPINIONS, Phase.MEDIATING, Phase.CANCELLED):
        assert not in_phase(hidden, terms=terms).shows_results(has_rated=True)


@pytest.mark.parametrize("shown", ResultsShown)
@pytest.mark.parametrize("anonymous", [True, False])
def test_nobody_watches_private_ratings_come_in(shown, anonymous):
    terms = Terms(anonymous=anonymous, rating_by=RatingBy.BUTTONS, results_shown=shown)
    assert not in_phase(Phase.RATING, terms=terms).shows_results(has_rated=True)
    assert in_phase(Phase.SETTLED, terms=terms).shows_results(has_rated=False)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("before", [5, 10])
@pytest.mark.parametrize("wanted", [3, 20])
def test_what_few_have_rated_is_never_shown_by_a_lower_number_later(phase, before, wanted):
    asked = in_phase(phase, terms=Terms(fewest_ratings=before))
    fewest = asked.under(Team(id="T1", fewest_ratings=wanted)).terms.fewest_ratings
    over = phase in (Phase.SETTLED, Phase.CANCELLED)
    assert fewest == (wanted if phase is Phase.SCHEDULED else before if over else max(before, wanted))


@pytest.mark.parametrize("phase", Phase)
def test_drafts_are_told_once_the_statement_is_out_or_the_question_has_ended(phase):
    later = in_phase(phase).model_copy(update={"round": 2})
    assert later.shows_drafts(2) is (phase in (Phase.RATING, Phase.SETTLED, Phase.CANCELLED))
    assert later.shows_drafts(1)


@pytest.mark.parametrize("phase", Phase)
def test_opinions_may_be_encoded_while_they_can_change_and_never_later(phase):
    deliberation = in_phase(phase)
    assert deliberation.may_take(Step.ENCODE, NOON) is (phase is Phase.OPINIONS)
    due = deliberation.next_due()
    assert due is None or due.step is not Step.ENCODE


def test_a_step_may_be_taken_from_its_time_on_and_no_other_in_its_place():
    assert POSTED.was_reminded().may_take(Step.CLOSE, EVENING)
    assert not POSTED.was_reminded().may_take(Step.CLOSE, EVENING - timedelta(seconds=1))
    assert not POSTED.was_reminded().may_take(Step.MEDIATE, EVENING)


# -- what messages show --------------------------------------------------------------------------


def test_messages_that_cannot_be_shown_again_hold_nothing_else_up():
    open_ = POSTED.was_reminded().to_be_refreshed(NOON)
    for _ in range(20):
        open_ = open_.not_refreshed(NOON)
    assert open_.next_due() == Due(NOON + timedelta(hours=1), Step.REFRESH)
    assert open_.may_take(Step.CLOSE, EVENING)
    assert (open_.setbacks, open_.wait_until) == (0, None)
    assert open_.refreshed().next_due() == Due(EVENING, Step.CLOSE)


def test_what_holds_another_step_up_does_not_hold_up_messages():
    stuck = in_phase(Phase.MEDIATING, message=HERE).set_back(NOON, 600).to_be_refreshed(NOON)
    assert stuck.next_due() == Due(NOON, Step.REFRESH)


def test_messages_that_wait_to_be_shown_again_hold_no_due_step_up():
    both = POSTED.was_reminded().to_be_refreshed(NOON)
    assert both.due_by(NOON - timedelta(seconds=1)) == []
    assert both.due_by(NOON) == [Due(NOON, Step.REFRESH)]
    assert both.due_by(EVENING) == [Due(NOON, Step.REFRESH), Due(EVENING, Step.CLOSE)]


def test_a_question_without_a_message_has_none_to_show_again():
    assert question().to_be_refreshed(NOON) == question()


# -- opening again -------------------------------------------------------------------------------


def test_a_question_that_is_opened_again_closes_at_its_new_deadline_alone():
    failed = in_phase(Phase.MEDIATING, message=HERE, terms=Terms(quorum=2)).failed("Unreadable.", NOON)
    again = failed.reopened(EVENING, NOON)
    assert (again.closes_at, again.failure, again.reminded) == (EVENING, None, False)
    assert not again.has_quorum(2)
    assert again.refresh_from == NOON
    again.require_open_for_opinions(NOON)


@pytest.mark.parametrize("phase", Phase)
def test_only_where_drafting_failed_a_question_can_be_opened_again(phase):
    with pytest.raises(TransitionError):
        in_phase(phase).reopened(EVENING, NOON)


def test_a_question_that_has_had_a_statement_is_not_opened_again():
    second = in_phase(Phase.RATING).critiqued().failed("Unreadable.", NOON)
    with pytest.raises(TransitionError, match="has had a statement"):
        second.reopened(EVENING, NOON)


def test_a_question_is_not_opened_again_until_a_time_that_is_over():
    with pytest.raises(QuestionError, match="in the past"):
        in_phase(Phase.MEDIATING).failed("Unreadable.", NOON).reopened(NOON, NOON)
