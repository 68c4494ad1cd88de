"""Where members stand: read from openings, verdicts, numbers and named options, and from nothing else."""

import pytest

from engine.drafting.digest.points import Points
from engine.drafting.digest.positions import Asks, asked_for, positions, side_of

PLASTICS = "Should we ban single-use plastics?"


def standing(question, *opinions):
    """Each position's label and whose opinions it is; and whether they exclude each other."""
    points = Points(opinions)
    found = positions(question, points)
    return {
        (position.label, frozenset(points.opinions[member] for member in position.members))
        for position in found.found
    }, found.exclusive


@pytest.mark.parametrize(
    ("sentence", "side"),
    [
        ("Yes, ban them.", 1),
        ("Yes we should.", 1),
        ("yeah", 1),
        ("I support a ban.", 1),
        ("I'm all for it.", 1),
        ("Fine by me if it is never on a Friday.", 1),
        ("Ja, sofort.", 1),
        ("Ich bin dafür.", 1),
        ("Sí, pero poco a poco.", 1),
        ("हाँ, ज़रूर।", 1),
        ("是的，应该禁止。", 1),
        ("👍🏽", 1),
        ("No, they are useful.", -1),
        ("“No,” said my aunt.", -1),
        ("No - not yet.", -1),
        ("No we should not.", -1),
        ("I am against a ban.", -1),
        ("Please don't.", -1),
        ("Nein!", -1),
        ("Je suis contre.", -1),
        ("Нет, это дорого.", -1),
        ("لا، هذا مكلف.", -1),
        ("いいえ、高いです。", -1),
        ("👎🏿 never", -1),
        ("No one knows.", 0),
        ("No-deposit bottles are bad.", 0),
        ("I am not against a ban.", 0),
        ("Yesterday it rained.", 0),
        ("Si llueve, no vamos.", 0),
        ("不同的商店不一样。", 0),
        ("Tax them.", 0),
    ],
)
def test_a_side_is_read_from_openings_and_verdicts_only(sentence, side):
    assert side_of(sentence) == side


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        (PLASTICS, Asks.SIDE),
        ("We pay a lot for it. Is it worth it?", Asks.SIDE),
        ("Sollten wir Plastik verbieten?", Asks.SIDE),
        ("Faut-il interdire le plastique ?", Asks.SIDE),
        ("¿Deberíamos prohibir el plástico?", Asks.SIDE),
        ("How many days a week should we come in?", Asks.CHOICE),
        ("Wie viele Tage sollen wir kommen?", Asks.CHOICE),
        ("Where should we hold the party?", Asks.CHOICE),
        ("Should we meet on Monday or on Thursday?", Asks.CHOICE),
        ("How could we make the yard greener?", Asks.IDEAS),
        ("Why do so few of us come?", Asks.IDEAS),
    ],
)
def test_what_a_question_asks_for_is_told_by_its_own_words(question, asks):
    assert asked_for(question) is asks


def test_a_yes_and_a_no_exclude_each_other():
    found, exclusive = standing(PLASTICS, "Yes, ban them.", "I am against it.", "Recycle more.")

    assert found == {("Yes", frozenset({"Yes, ban them."})), ("No", frozenset({"I am against it."}))}
    assert exclusive


def test_the_verb_of_the_question_tells_a_side_too():
    found, exclusive = standing(
        PLASTICS,
        "We should not ban bags, because nobody asked my brother.",
        "Please ban the cups at least.",
        "If we ban them, shops need time.",
    )

    assert {label: len(who) for label, who in found} == {"Yes": 1, "No": 1}
    assert exclusive


def test_only_yeses_exclude_nothing():
    found, exclusive = standing(PLASTICS, "Yes, ban them.", "Yes, but slowly.", "Recycle more.")

    assert {label for label, _ in found} == {"Yes"}
    assert not exclusive


def test_different_numbers_exclude_each_other_and_the_same_number_is_one_position():
    opinions = ("2 days, please.", "Two days. I live far away.", "None at all.", "Three days in the summer.")
    found, exclusive = standing("How many days a week should we meet?", *opinions)

    assert found == {
        ("Days: 2", frozenset(opinions[:2])),
        ("Days: 0", frozenset({opinions[2]})),
        ("Days: 3", frozenset({opinions[3]})),
    }
    assert exclusive


def test_a_number_of_something_else_is_no_answer():
    found, _ = standing(
        "How many days should it take?", "My team is spread over four cities, so I say 2 days.", "2 days."
    )

    assert {label for label, _ in found} == {"Days: 2"}


def test_the_options_that_a_question_names_are_positions():
    opinions = (
        "Monday suits me.",
        "Not Monday! I train then.",
        "Thursday rather than Monday.",
        "Monday, please.",
    )
    found, exclusive = standing("Should the lunch be on Monday or on Thursday?", *opinions)

    assert found == {
        ("Monday", frozenset({opinions[0], opinions[3]})),
        ("Thursday", frozenset({opinions[2]})),
    }
    assert exclusive


def test_different_answers_to_where_exclude_each_other_and_one_answer_does_not():
    question = "Where should we hold the summer party?"

    assert standing(question, "At the lake.", "In the town hall.")[1]
    assert not standing(question, "At the lake.", "The lake, please. The water is warm.")[1]


@pytest.mark.parametrize(
    ("opinions", "sure"),
    [
        (("Yes, ban them.", "No, they are useful."), True),
        (("Yes, ban them.", "No, unless shops get time."), True),
        (("Yes, ban them.", "Yes for cups, no for straws."), True),
        (("Yes, ban them.", "Only if shops get time."), True),
        (("Yes, ban them.", "Rivers are full of lids."), False),
        (("Yes, ban them.", "No. My son has diabetes and drinks through a straw."), False),
        (("Yes, ban them.", "Yes, do it. Then again I am against it."), False),
    ],
    ids=["clear", "a-condition", "of-two-minds", "only-if", "no-side", "a-need-beside", "against-itself"],
)
def test_sides_are_sure_where_each_is_clear_or_clearly_neither(opinions, sure):
    assert positions(PLASTICS, Points(opinions)).sure is sure


@pytest.mark.parametrize(
    "opinion",
    [
        "Yes for cups, no for straws.",
        "No to bags, yes to cups.",
        "At fairs yes, in hospitals no.",
        "Yes and no.",
        "No, unless shops get time.",
        "Yes, but only after two years.",
        "If there are other straws, I am for it.",
    ],
)
def test_an_answer_on_a_condition_or_of_two_minds_is_on_no_side(opinion):
    assert standing(PLASTICS, opinion) == (set(), False)


def test_nothing_fixed_is_not_the_number_0():
    found, _ = standing("How many days a week should we meet?", "Nothing fixed, please.", "None.", "2 days.")

    assert ("Days: 0", frozenset({"None."})) in found
    assert not positions(
        "How many days a week should we meet?", Points(["Nothing fixed.", "None.", "2 days."])
    ).sure


def test_ideas_exclude_nothing():
    assert not standing("How could we make the yard greener?", "Plant a tree.", "Put up boxes for bats.")[1]
