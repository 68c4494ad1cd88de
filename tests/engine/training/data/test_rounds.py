"""Rounds: who agrees with what, and how it is worded."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.synthetic import wording
from engine.synthetic.opposites import opposites
from engine.synthetic.topics import (
    Question,
    data_hash,
    hold_out_conversations,
    hold_out_topics,
    load_conversations,
    load_questions,
)
from engine.training.data.rounds import PolisRounds, QuestionRounds, Voice, agreement

BAN = Question("q", "Should we ban cars?", "We should ban cars.", "We should NOT ban cars.", 0, "train")
STANCES = st.floats(-1, 1)


@given(seed=st.integers(0, 10_000), level=st.sampled_from([1, 2, 3, 4, 5]))
def test_a_round_has_opposite_people_and_opposite_statements(seed, level):
    made = QuestionRounds([BAN])(Random(seed), level)

    assert made.agreement.shape == (len(made.opinions), len(made.candidates)) == (4, 4)
    assert ((made.agreement >= 0) & (made.agreement <= 1)).all()
    assert made.agreement[0, 0] > made.agreement[0, 1]
    assert made.agreement[1, 1] > made.agreement[1, 0]
    assert all("{" not in text and "NOT" not in text for text in (*made.opinions, *made.candidates))


@given(person=STANCES, statement=STANCES)
def test_agreement_lies_in_its_range_and_is_symmetric(person, statement):
    one, other = Voice("", person), Voice("", statement)

    assert 0 <= agreement(one, other) <= 1
    assert agreement(one, other) == agreement(other, one)
    assert agreement(one, one) == 1


def test_a_shared_reason_and_a_shared_side_issue_raise_agreement():
    for_cost = Voice("", 0.8, reasons=frozenset({"cost"}))
    with_aside = Voice("", 0.8, aside=("zoos", 0.8))

    assert agreement(for_cost, for_cost) > agreement(for_cost, Voice("", 0.8))
    heard = [agreement(with_aside, Voice("", 0.8, aside=("zoos", side))) for side in (0.8, -0.8)]
    assert heard[0] > agreement(with_aside, Voice("", 0.8, aside=("cars", 0.8))) > heard[1]


@pytest.mark.parametrize(
    ("statement", "opposite"),
    [
        ("We should ban cars.", "We should allow cars."),
        ("We should abolish zoos.", "We should keep zoos."),
        ("Taxes should be raised.", "Taxes should be lowered."),
        ("It is wrong to eat meat.", "It is right to eat meat."),
    ],
)
def test_the_opposite_is_said_without_not(statement, opposite):
    assert opposite in opposites(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "There should be a ban on cars.",
        "We should not ban cars.",
        "We should ask people who live there whether to ban cars.",
        "Cars are red.",
    ],
)
def test_no_opposite_is_made_where_one_word_does_not_carry_the_stance(statement):
    assert opposites(statement) == []


def test_a_clause_keeps_names_and_drops_shouting():
    assert wording.clause("The UK should NOT leave.") == "the UK should not leave"
    assert wording.clause("UK law is good.") == "UK law is good"


def test_questions_are_split_by_whole_topics(data):
    kept, held_out = hold_out_topics(load_questions(data[0]), [1])

    assert {q.topic for q in kept} == {0}
    assert {q.topic for q in held_out} == {1}


def test_a_conversation_keeps_votes_and_drops_what_was_moderated_or_too_short(data):
    (talk,) = load_conversations(data[1])

    assert talk.topic == "Our town"
    assert len(talk.comments) == 6
    assert talk.votes.shape == (8, 6)
    assert talk.votes[0].tolist() == [-1, 1, -1, 1, -1, 1]
    assert talk.authors == (-1, 1, 2, 3, 4, 5)  # author 0 is the convenor


def test_an_unknown_conversation_cannot_be_held_out(data):
    with pytest.raises(ValueError, match="unknown"):
        hold_out_conversations(load_conversations(data[1]), ["twon"])


@given(seed=st.integers(0, 1000))
def test_polis_people_disagree_and_never_quote_the_hidden_statements(seed, talks):
    made = PolisRounds(talks)(Random(seed), 3)

    assert (made.agreement[0] > 0.5).tolist()[:2] == [True, False]
    assert (made.agreement[-1] > 0.5).tolist()[:2] == [False, True]
    assert ((made.agreement > 0.5).mean(axis=0) == 0.5).all()  # popularity explains nothing
    for opinion in made.opinions:
        assert not any(candidate[1:] in opinion for candidate in made.candidates)


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    from tests.engine.training.conftest import _conversation

    _conversation(tmp_path_factory.mktemp("polis") / "town")
    return load_conversations(next(tmp_path_factory.getbasetemp().glob("polis*")))


def test_the_hash_of_the_data_changes_with_the_data(data):
    before = data_hash(list(data))
    with (data[1] / "town" / "comments.csv").open("a") as file:
        file.write("\n")

    assert data_hash(list(data)) != before


def test_the_same_seed_words_the_same_round():
    made = [QuestionRounds([BAN])(Random(7), 3) for _ in range(2)]

    assert made[0].opinions == made[1].opinions
    assert np.array_equal(made[0].agreement, made[1].agreement)
