"""Sentences that are put together, and tables that must be complete."""

from datetime import UTC, datetime

import pytest

from bot import texts
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import Rating, RatingBy, Scale, tally
from bot.domain.terms import Terms
from engine.types import PartialReading, WelfareName

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "Strongly disagree"),
        (3.4, "Somewhat disagree"),
        (4.0, "Neutral"),
        (4.6, "Somewhat agree"),
        (7, "Strongly agree"),
        (0.2, "Strongly disagree"),
        (7.9, "Strongly agree"),
    ],
)
def test_a_rating_has_the_words_of_the_nearest_step(value, words):
    assert texts.rating_words(value) == words


@pytest.mark.parametrize("reason", ["no draft was usable", "No draft was usable."])
def test_a_failure_is_told_in_whole_sentences(reason):
    told = texts.mediation_failed(reason)
    assert "usable. All opinions are kept" in told
    assert ".." not in told


@pytest.mark.parametrize(
    ("deliberations", "words"), [(0, "Nothing of yours"), (1, "in one question."), (3, "in 3 questions.")]
)
def test_forgetting_says_how_much_was_erased(deliberations, words):
    assert words in texts.forgotten(deliberations)


def test_every_phase_and_every_welfare_function_has_words():
    assert set(texts.PHASE_NAMES) == set(Phase)
    assert set(texts.WELFARE_WORDS) == set(WelfareName)


@pytest.mark.parametrize(
    ("model_used", "reading", "says"),
    [
        (True, None, ""),
        (False, None, texts.NO_MODEL_NOTE),
        (True, PartialReading(fewest=20, most=20, shortened=0, unread=0), "each draft rests on 20 of them"),
        (
            True,
            PartialReading(fewest=18, most=21, shortened=3, unread=0),
            "18 to 21 of them. Shortened: 3.",
        ),
        (True, PartialReading(fewest=2, most=3, shortened=0, unread=1), "Read for no draft: 1."),
    ],
    ids=["nothing-unusual", "no-model", "a-sample", "shortened", "unread"],
)
def test_a_reader_is_told_how_the_statement_was_drafted(model_used, reading, says):
    told = texts.how_it_was_drafted(model_used, reading)

    assert says in told
    assert bool(told) == bool(says)


def test_a_digest_that_is_no_statement_is_not_called_one():
    digest = "Here is where we stand\n\nWe differ on\n• “Ban bags.”"

    assert texts.statement_title("Ban bags.") == "What this group may agree on"
    assert texts.statement_title(digest) == "Here is where we stand"
    assert texts.to_rate("Ban\nbags.") == "A statement to rate: Ban bags."
    assert texts.to_rate(digest) == "Here is where we stand, to rate: “Ban bags.”"


def test_a_reader_is_told_when_another_model_predicted_agreement():
    assert texts.how_it_was_drafted(True, None, stood_in_for="llm:m (judge/1)") == texts.STAND_IN_NOTE


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (1.0, "▰▱▱▱▱▱▱ 1.0 of 7 · Strongly disagree"),
        (5.2, "▰▰▰▰▰▱▱ 5.2 of 7 · Somewhat agree"),
        (7, "▰▰▰▰▰▰▰ 7.0"),
    ],
)
def test_agreement_is_a_picture_in_text(value, bar):
    assert texts.agreement_bar(value).startswith(bar)


@pytest.mark.parametrize(
    ("dissenters", "says"),
    [(0, "; nobody is likely"), (1, "; one member is likely"), (1_200, "; 1,200 members are likely")],
)
def test_what_is_likely_says_how_many_may_disagree(dissenters, says):
    told = texts.likely_agreement(5.0, dissenters, 5_000)

    assert told.startswith("Likely agreement ▰▰▰▰▰▱▱ 5.0 of 7")
    assert f"{says} to disagree." in told
    assert texts.likely_agreement(None, dissenters, 5_000) == ""


@pytest.mark.parametrize("people", [2, 3, 4])
def test_nobody_is_counted_in_a_group_under_five(people):
    for dissenters in range(people + 1):
        assert texts.likely_agreement(5.0, dissenters, people) == (
            "Likely agreement ▰▰▰▰▰▱▱ 5.0 of 7 · Somewhat agree."
        )
    assert "nobody" in texts.likely_agreement(5.0, 0, 5)


def test_why_nobody_is_predicted_is_one_sentence_and_the_welfare_function_is_not_claimed():
    why = "the reward model does not read German"

    assert texts.how_it_was_drafted(True, None, unpredicted=why) == (
        "The reward model does not read German, so nobody's agreement is predicted: this is the draft "
        "closest to the others and to the opinions."
    )
    assert texts.drafted_from(5, "utilitarian", why) == "Drafted from 5 opinions."
    assert texts.drafted_from(1, "rawlsian", None) == (
        "Drafted from one opinion, chosen to be nobody left behind."
    )


def test_where_the_judge_failed_and_nobody_is_predicted_one_sentence_says_both():
    why = "the reward model does not read German"

    assert texts.how_it_was_drafted(True, None, unpredicted=why, stood_in_for="llm:m (judge/1)") == (
        "The language model couldn't predict agreement for this round, and the reward model does not read "
        "German, so nobody's agreement is predicted: this is the draft closest to the others and to the "
        "opinions."
    )


def test_that_drafts_were_tied_is_said():
    assert texts.how_it_was_drafted(True, None, tied=3) == (
        "3 drafts are likely to be equally welcome. This is the one closest to the others and to the "
        "opinions."
    )
    assert texts.how_it_was_drafted(True, None) == ""


def test_the_result_has_a_line_for_each_step_highest_first():
    values = [7] * 24 + [4] * 12 + [1]
    counted = tally(Rating(participant=f"p{n}", value=v, given_at=NOON) for n, v in enumerate(values))
    lines = texts.distribution(counted, Scale.SEVEN)
    assert lines[0] == "😍 Strongly agree ████████████ 24"
    assert lines[1] == "😊 Agree 0"
    assert lines[3] == "😐 Neutral ██████ 12"
    assert lines[6] == "😡 Strongly disagree █ 1"
    assert "24 agree, 12 neutral, 1 disagree" in texts.result_sentence(counted)


def test_without_ratings_there_is_a_sentence_and_no_picture():
    assert texts.distribution(tally([]), Scale.THREE) == []
    assert texts.result_sentence(tally([])) == "Nobody rated the statement."


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (Terms(), "cannot be anonymous"),
        (Terms(rating_by=RatingBy.REACTIONS), "cannot be anonymous"),
        (Terms(anonymous=False), "Reactions are public"),
        (Terms(anonymous=False, rating_by=RatingBy.POLL), "The poll is public"),
    ],
)
def test_whoever_rates_is_told_who_sees_it(terms, says):
    question = Deliberation(
        id="d1",
        team="t",
        platform="p",
        channel="c",
        facilitator="f",
        question="?",
        terms=terms,
        created_at=NOON,
    )
    assert says in texts.rating_note(question)
