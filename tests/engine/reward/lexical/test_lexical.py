"""The lexical baseline: shared words, counted against where one side denies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reward.lexical.model import READ_TOGETHER, LexicalRewardModel

QUESTION = "Should we ban single-use plastics?"
BAN = "We should ban single-use plastics."
ALLOW = "We should not ban single-use plastics."


async def score(opinions, candidates, question=QUESTION):
    return await LexicalRewardModel().score(question, opinions, candidates)


@pytest.mark.parametrize(
    "opinion",
    [
        "I think we should ban single-use plastics.",
        "Yes.",
        "Absolutely, the sooner the better.",
        "I agree.",
        "We shouldn't allow plastics any longer.",
        "I don't think that we should allow single-use plastics.",
        "I am not against a ban on plastics.",
        "My view: ban plastics.",
    ],
)
async def test_who_wants_the_ban_agrees_more_with_the_ban(opinion):
    ban, allow = (await score([opinion], [BAN, ALLOW]))[0]

    assert ban > 4 > allow


@pytest.mark.parametrize(
    "opinion",
    [
        "No, single-use plastics are useful.",
        "No.",
        "Of course not!",
        "I am against it.",
        "I am against it: they are useful.",
        "I disagree with this because shops need them.",
        "I disagree that we should ban single-use plastics.",
        "Plastics should be allowed.",
        "I don't believe we should ban plastics.",
    ],
)
async def test_who_rejects_the_ban_agrees_more_without_it(opinion):
    ban, allow = (await score([opinion], [BAN, ALLOW]))[0]

    assert allow > 4 > ban


async def test_swapping_the_opinions_swaps_the_rewards():
    opinions = ["Yes, ban plastics now.", "No, a tax on plastics is better than a ban."]

    rewards = await score(opinions, [BAN, ALLOW, "A tax is better."])

    assert not np.allclose(rewards[0], rewards[1])
    np.testing.assert_allclose(await score(opinions[::-1], [BAN, ALLOW, "A tax is better."]), rewards[::-1])


async def test_a_candidate_in_the_member_s_own_words_is_rated_above_one_about_something_else():
    own, other = (
        await score(
            ["Deposits on bottles bring them back."], ["Deposits bring bottles back.", "Zebras sleep."]
        )
    )[0]

    assert own > 5
    assert other == pytest.approx(4)


async def test_a_pair_s_reward_does_not_depend_on_who_else_is_asked():
    opinions = [
        f"Plastics number {at} should be banned, they are not needed." for at in range(READ_TOGETHER + 3)
    ]
    rewards = await score(opinions, [BAN, ALLOW])

    assert rewards.shape == (READ_TOGETHER + 3, 2)
    for person in (0, READ_TOGETHER - 1, READ_TOGETHER, READ_TOGETHER + 2):
        np.testing.assert_allclose((await score([opinions[person]], [ALLOW]))[0, 0], rewards[person, 1])


@pytest.mark.parametrize(
    ("question", "opinion", "near", "far"),
    [
        (
            "¿Deberíamos prohibir los plásticos?",
            "No prohibir los plásticos.",
            "Prohibir los plásticos.",
            "Cerrar la calle.",
        ),
        ("我们应该禁止塑料吗？", "我们不应该禁止塑料。", "我们应该禁止塑料。", "关闭街道。"),
    ],
    ids=["spanish", "chinese"],
)
async def test_in_other_languages_only_the_words_count(question, opinion, near, far):
    close, distant = (await score([opinion], [near, far], question))[0]

    assert close > distant >= 4


@settings(max_examples=50)
@given(
    question=st.text(max_size=40),
    opinions=st.lists(st.text(max_size=60), min_size=1, max_size=4),
    candidates=st.lists(st.text(max_size=60), min_size=1, max_size=3),
)
async def test_any_texts_are_rated_on_the_scale(question, opinions, candidates):
    rewards = await score(opinions, candidates, question)

    assert rewards.shape == (len(opinions), len(candidates))
    assert ((rewards >= 1) & (rewards <= 7)).all()


@pytest.mark.parametrize("question", ["Ban plastics?", "Should we ban single-use plastics?"])
async def test_a_no_before_a_denial_does_not_turn_it_round(question):
    opinions = ["Yes, ban them.", "No, do not ban them."]

    agrees, disagrees = (await LexicalRewardModel().score(question, opinions, ["We should ban plastics."]))[
        :, 0
    ]

    assert disagrees < 4 < agrees
