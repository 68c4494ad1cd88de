"""Sentences that are put together, and tables that must be complete."""

import pytest

from bot import texts
from bot.domain.deliberation import Phase
from engine.types import PartialReading, WelfareName


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
