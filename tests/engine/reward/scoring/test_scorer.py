"""One complete matrix of rewards from a reward model that may stumble."""

import numpy as np
import pytest

from engine.errors import ScoringError
from engine.reward.scoring.scorer import RoundScorer
from engine.reward.scoring.stored import READ_TOGETHER

OPINIONS = ["a secret opinion", "another", "a third"]
CANDIDATES = ["one", "two"]


class Answers:
    """A reward model that gives the listed answers in turn and notes what it was asked."""

    name = "answers"

    def __init__(self, *answers):
        self._answers = iter(answers)
        self.asked = []

    async def score(self, question, opinions, candidates):
        self.asked.append((list(opinions), list(candidates)))
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return np.array(answer)


async def scored(model):
    scorer = RoundScorer(model, "Q?", OPINIONS)
    await scorer.read_ahead()
    return await scorer.score(CANDIDATES)


async def test_a_complete_answer_is_taken_as_it_is():
    model = Answers([[1, 7], [2, 6], [3, 5]])

    np.testing.assert_array_equal(await scored(model), [[1, 7], [2, 6], [3, 5]])
    assert len(model.asked) == 1


async def test_only_the_participant_without_a_score_is_asked_for_again():
    model = Answers([[1, 7], [2, np.nan], [3, 5]], [[4.5]])

    np.testing.assert_array_equal(await scored(model), [[1, 7], [2, 4.5], [3, 5]])
    assert model.asked[1] == (["another"], ["two"])


async def test_a_second_try_changes_no_score_that_was_there():
    model = Answers([[np.nan, 7], [2, np.nan], [3, 5]], [[4, 1], [1, 4]])

    np.testing.assert_array_equal(await scored(model), [[4, 7], [2, 4], [3, 5]])


@pytest.mark.parametrize(
    "second", [[[np.nan], [np.nan]], ScoringError("nothing")], ids=["still-missing", "fails"]
)
async def test_participants_without_a_score_after_two_tries_are_counted_and_not_named(second):
    model = Answers([[1, np.nan], [2, np.nan], [3, 5]], second)

    with pytest.raises(ScoringError, match=r"no score for 2 of 3 participants") as caught:
        await scored(model)

    assert "secret" not in str(caught.value)
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([[1, 7], [2, 6]], "shape"),
        ([1, 2, 3], "shape"),
        ([[1, 7], [2, np.inf], [3, 5]], "1 of 6 scores outside"),
        ([[1, 7.1], [0.9, 6], [3, 5]], "2 of 6 scores outside"),
    ],
    ids=["too-few-rows", "one-dimension", "infinite", "off-the-scale"],
)
async def test_an_answer_that_is_no_matrix_of_ratings_is_refused(answer, message):
    with pytest.raises(ScoringError, match=message):
        await scored(Answers(answer))


async def test_a_rounding_error_at_the_end_of_the_scale_is_put_back_on_it():
    rewards = await scored(Answers([[1 - 1e-9, 7 + 1e-9], [2, 6], [3, 5]]))

    assert rewards[0].tolist() == [1, 7]


class Encodes:
    """A reward model that encodes opinions by their length, and cannot score them at first."""

    name = "encodes"

    def __init__(self, fails=()):
        self.encoded, self.scored, self._fails = [], [], list(fails)

    async def score(self, question, opinions, candidates):
        raise AssertionError("the opinions are encoded already")

    async def encode_opinions(self, question, opinions):
        self.encoded.append(list(opinions))
        return np.array([[len(opinion)] for opinion in opinions], dtype=np.float32)

    async def score_encoded(self, vectors, question, candidates):
        self.scored.append(vectors[:, 0].tolist())
        rewards = np.full((len(vectors), len(candidates)), 4.0)
        if self._fails:
            rewards[self._fails.pop(0)] = np.nan
        return rewards


async def test_opinions_are_encoded_once_for_all_candidates():
    model = Encodes()
    scorer = RoundScorer(model, "Q?", OPINIONS)
    await scorer.read_ahead()
    for candidate in CANDIDATES:
        assert (await scorer.score([candidate])).shape == (3, 1)

    assert model.encoded == [OPINIONS]


async def test_a_participant_who_is_asked_for_again_is_scored_from_the_same_encoding():
    model = Encodes(fails=[1])

    assert (await scored(model)).shape == (3, 2)
    assert model.scored[1] == [len("another")]
    assert len(model.encoded) == 1


async def test_many_opinions_are_read_a_few_at_a_time_and_told_as_they_are_read():
    opinions = [f"opinion {number}" for number in range(2 * READ_TOGETHER + 1)]
    model, told = Encodes(), []
    scorer = RoundScorer(model, "Q?", opinions)

    await scorer.read_ahead(lambda done, total: told.append((done, total)))

    assert [done for done, _ in told] == [0, READ_TOGETHER, 2 * READ_TOGETHER, len(opinions)]
    assert {total for _, total in told} == {len(opinions)}
    assert [text for call in model.encoded for text in call] == sorted(opinions, key=lambda o: (-len(o), o))
