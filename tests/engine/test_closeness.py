"""Closeness: which draft is most like the others and the opinions, in any language."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.closeness import FEW, MANY, closeness, company, in_company, standing

TEXTS = st.lists(st.text(alphabet="ab cdé猫", max_size=30), min_size=1, max_size=6)


def test_worked_by_hand():
    """Each of the three words is in two of the three texts: all weigh the same."""
    found = closeness(["a b", "b c"], ["a c"])

    # Each pair of texts shares one of two words: a cosine of 1/2 to the other draft and to the opinion.
    np.testing.assert_allclose(found, [0.5, 0.5])


def test_a_rarer_word_weighs_more():
    """Of 4 texts 2 have "lanterns" (1 + ln 2 = 1.6931) and 3 have "we" (1 + ln 4/3 = 1.2877).

    The draft's cosine to the first opinion is 1.6931 / 2.1272 = 0.7960 and 0 to the others: 0.2653 on
    average, halved because there is no other draft.
    """
    found = closeness(["lanterns"], ["we lanterns", "we quiet", "we"])

    np.testing.assert_allclose(found, [0.1327], atol=1e-4)


@pytest.mark.parametrize(
    ("drafts", "opinions"),
    [
        (
            ["Wir treffen uns freitags im Park.", "Bananen sind gelb.", "Wir treffen uns im Café."],
            ["Am liebsten freitags im Park.", "Der Park wäre schön.", "Freitag geht, aber nicht im Café."],
        ),
        (["公園で金曜日に会う", "バナナは黄色い", "喫茶店で会う"], ["金曜日に公園がいい", "公園が好き"]),
    ],
    ids=["german", "japanese"],
)
def test_what_the_opinions_share_is_closer_than_another_topic(drafts, opinions):
    found = closeness(drafts, opinions)

    assert found.argmax() == 0
    assert found.argmin() == 1


def test_forms_of_a_word_meet():
    inflected, strange = closeness(["Die Straßenbahnen", "Der Hund"], ["eine Straßenbahn"])

    assert inflected > strange == 0


@given(drafts=TEXTS, opinions=TEXTS)
def test_it_lies_between_0_and_1_and_no_order_matters(drafts, opinions):
    found = closeness(drafts, opinions)

    assert found.shape == (len(drafts),)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(closeness(drafts[::-1], opinions[::-1])[::-1], found)


def test_a_draft_without_words_is_close_to_nothing():
    assert closeness(["…", "ban them"], ["ban them"])[0] == 0


# -- ratings in company ----------------------------------------------------------------------------

PLACES = ("in shops", "at markets", "in schools", "at sea", "by law", "at once", "next year")
DRAFTS = (*(f"Ban plastic bags {where}." for where in PLACES), "Plant some trees.")
RATINGS = st.lists(st.floats(1, 7), min_size=len(DRAFTS), max_size=len(DRAFTS))


def test_company_by_hand_leaves_out_words_that_carry_no_matter():
    """Without "we" and "the" the first two share one of two words, and the third is like neither."""
    found = company(["we ban bags", "the bags cost", "we plant trees"], ["bags cost"])
    # Of 4 texts 3 have "bags" (1.2877), 2 "cost" (1.6931), 1 "ban" (2.3863): the cosine of the first two is
    # 1.2877² / (2.7116 * 2.1272) = 0.2875, half of it with the third.
    np.testing.assert_allclose(found, [0.1437, 0.1437, 0.0], atol=1e-4)


def test_what_others_say_too_is_rated_higher_and_nobody_trades_places_within_a_draft():
    rewards = np.array([[4.0] * len(DRAFTS), [6.0] * len(DRAFTS)])

    moved = in_company(rewards, DRAFTS, ["Ban them."], weight=2.0)

    assert moved[0, 0] > 4.0 > moved[0, -1]
    assert moved[1, 0] > 6.0 > moved[1, -1]


@given(row=RATINGS, weight=st.floats(0, 100))
def test_ratings_stay_on_the_scale_and_the_order_of_persons_is_kept(row, weight):
    rewards = np.array([row, sorted(row), np.linspace(1.0, 7.0, len(row))])

    moved = in_company(rewards, DRAFTS, ["Ban them."], weight=weight)

    assert ((moved >= 1) & (moved <= 7)).all()
    for column in range(len(DRAFTS)):
        by_before = np.argsort(rewards[:, column], kind="stable")
        assert (np.diff(moved[by_before, column]) >= -1e-9).all()


@given(row=RATINGS, weight=st.floats(0, 50), few=st.integers(1, FEW))
def test_a_few_drafts_are_as_they_were(row, weight, few):
    rewards, drafts = np.array([row[-few:]]), DRAFTS[-few:]

    np.testing.assert_allclose(in_company(rewards, drafts, ["Ban."], weight=weight), rewards, atol=1e-4)


def test_the_more_drafts_the_more_their_company_tells():
    told = [abs(float(standing(DRAFTS[-many:], ["Ban."])[-1])) for many in range(FEW, MANY + 1)]

    assert told[0] == 0
    assert told == sorted(set(told))
