"""The material of the extractive drafter: which sentences take a side, and which sides are opposed."""

import pytest

from engine.drafting.material import Material, side_of


@pytest.mark.parametrize(
    ("sentence", "side"),
    [
        ("Yes, ban them.", 1),
        ("Yes we should.", 1),
        ("yeah", 1),
        ("I support a ban.", 1),
        ("I'm all for it.", 1),
        ("Ja, sofort.", 1),
        ("Sí, pero poco a poco.", 1),
        ("हाँ, ज़रूर।", 1),
        ("是的，应该禁止。", 1),
        ("No, they are useful.", -1),
        ("“No,” said my aunt.", -1),
        ("No - not yet.", -1),
        ("No we should not.", -1),
        ("I am against a ban.", -1),
        ("Nein!", -1),
        ("Нет, это дорого.", -1),
        ("لا، هذا مكلف.", -1),
        ("いいえ、高いです。", -1),
        ("No one knows.", 0),
        ("No-deposit bottles are bad.", 0),
        ("I am not against a ban.", 0),
        ("Yesterday it rained.", 0),
        ("Si llueve, no vamos.", 0),
        ("不同的商店不一样。", 0),
        ("Tax them.", 0),
    ],
)
def test_a_side_is_read_from_the_opening_of_a_sentence_only(sentence, side):
    assert side_of(sentence) == side


def test_a_yes_and_a_no_are_opposed_and_nothing_else_is():
    material = Material(["Yes, ban them. It stinks.", "No, keep them.", "Yes, please do."])

    place = {sentence.text: at for at, sentence in enumerate(material.sentences)}
    opposed = {
        frozenset((one, other))
        for one in place
        for other in place
        if material.opposed[place[one], place[other]]
    }
    assert opposed == {
        frozenset(("Yes, ban them.", "No, keep them.")),
        frozenset(("Yes, please do.", "No, keep them.")),
    }
