"""What a question asks for, by its own words."""

import pytest

from engine.question_kinds import KIND_WORDS, QuestionKind, kind_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which database should we use?", "which"),
        ("On which days do we fire the kiln?", "which"),
        ("We have two offers. Which do we take: oak or pine?", "which"),
        ("When should the park close?", "when"),
        ("What time do we meet?", "when"),
        ("Where shall we eat tonight? It is Ann's birthday.", "where"),
        ("We have 12 spots and 31 people. Who gets them?", "who"),
        ("Whose turn is it?", "who"),
        ("How many days in the office?", "how-many"),
        ("After how many sick days should a note be required?", "how-many"),
        ("How often should the bins be emptied?", "how-many"),
        ("How should we spend it?", "how"),
        ("Should we ban plastics?", "yes-no"),
        ("Nobody knows which or how many. Is it worth it?", "yes-no"),
        ("If the club folds, should members be paid?", "yes-no"),
        ("What should be done about noise?", "open"),
        ("Ban plastics", "open"),
    ],
)
def test_the_first_word_that_asks_tells_the_kind(question, kind):
    assert kind_of(question) == kind


def test_every_kind_has_words():
    assert set(KIND_WORDS) == set(QuestionKind)
