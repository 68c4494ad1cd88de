"""Whether an English sentence affirms or denies."""

import pytest

from engine.reward.lexical.polarity import answer, polarity
from engine.text import normalised

AFFIRMING = [
    "We should allow plastics.",
    "We should not ban plastics.",
    "I don't disagree.",
    "There is no need to prohibit them.",
    "It is not harmful.",
    "Not only shops but everybody should pay.",
    "I disagree with the ban.",
    "It helps in the end.",
]
DENYING = [
    "We should ban plastics.",
    "We shouldn’t allow plastics.",
    "I disagree.",
    "I am against it.",
    "They are bad and wrong.",
    "It is not fair and not right.",
    "I don't disagree with the ban.",
    "Neither shops nor people gain.",
    "That can’t work.",
]


@pytest.mark.parametrize("sentence", AFFIRMING)
def test_an_affirming_sentence_is_positive(sentence):
    assert polarity(normalised(sentence)) == 1


@pytest.mark.parametrize("sentence", DENYING)
def test_a_denying_sentence_is_negative(sentence):
    assert polarity(normalised(sentence)) == -1


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Yes.", 1),
        ("yeah we should", 1),
        ("Of course!", 1),
        ("Absolutely, and soon.", 1),
        ("No.", -1),
        ("No, it harms the poor.", -1),
        ("Absolutely not!", -1),
        ("of course not", -1),
        ("I am against it: they are useful", -1),
        ("I don't support the idea", -1),
        ("We agree with this because it helps", 1),
        ("I am not against it", 1),
        ("I agree that the shops should pay", 0),
        ("No shop should pay.", 0),
        ("We should.", 0),
        ("", 0),
    ],
)
def test_the_opening_of_an_answer_tells_yes_from_no(sentence, expected):
    assert answer(sentence) == expected
