"""`accord score`: lines in, the same lines with a reward out, in order, and bad lines named."""

import io
import json

import numpy as np
import pytest

from adapters.console.files import InputError
from adapters.console.score import LINES_AT_ONCE, Spent, score_lines
from engine.closeness import in_company
from engine.reward.lexical.model import LexicalRewardModel
from engine.types import Stage

SECRET = "zebra-secret"
GOOD = {"question": "Ban plastics?", "opinion": "Yes, ban them.", "candidate": "We should ban plastics."}


def lines(*objects):
    return io.BytesIO(b"".join(json.dumps(each).encode() + b"\n" for each in objects))


async def scored(stdin):
    return [json.loads(line) async for line in score_lines(LexicalRewardModel(), "-", stdin)]


async def test_each_line_comes_back_in_its_place_with_a_rating_and_its_other_fields():
    given = [
        {
            **GOOD,
            "id": number,
            "opinion": f"Yes, ban number {number % 3}.",
            "candidate": f"Ban number {number}.",
        }
        for number in range(LINES_AT_ONCE + 10)
    ]

    found = await scored(lines(*given))

    assert [{key: value for key, value in line.items() if key != "reward"} for line in found] == given
    assert all(1 <= line["reward"] <= 7 for line in found)


async def test_a_line_scores_the_same_whatever_stands_beside_it():
    against = {**GOOD, "opinion": "No, do not ban them."}

    alone = [(await scored(lines(each)))[0]["reward"] for each in (GOOD, against)]

    assert [line["reward"] for line in await scored(lines(GOOD, against, GOOD))] == [*alone, alone[0]]
    assert alone[0] > alone[1]


class CountingRewardModel(LexicalRewardModel):
    """Counts the texts and the pairs that it is given."""

    def __init__(self):
        super().__init__()
        self.texts = self.pairs = 0

    async def score(self, question, opinions, candidates):
        self.texts += len(opinions) + len(candidates)
        self.pairs += len(opinions) * len(candidates)
        return await super().score(question, opinions, candidates)


async def counted(*given):
    model = CountingRewardModel()
    return model, [json.loads(line)["reward"] async for line in score_lines(model, "-", lines(*given))]


async def test_each_text_of_a_question_is_read_once_where_everybody_is_asked_of_every_statement():
    grid = [
        {**GOOD, "opinion": f"Yes, ban number {o}.", "candidate": f"Ban number {c}."}
        for c in range(5)
        for o in range(8)
    ]

    model, rewards = await counted(*grid)

    assert (model.texts, model.pairs) == (8 + 5, 40)
    assert rewards == [(await counted(line))[1][0] for line in grid]


async def test_pairs_that_nobody_asks_for_are_not_scored_for_a_file_of_lines_that_share_nothing():
    apart = [{**GOOD, "opinion": f"Yes, number {n}.", "candidate": f"Ban number {n}."} for n in range(40)]

    model, rewards = await counted(*apart)

    assert model.pairs == 40
    assert rewards == [(await counted(line))[1][0] for line in apart]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (b'{"question": "Q"', "not JSON"),
        (json.dumps({**GOOD, "opinion": 3}).encode(), "each a text"),
        (json.dumps({"question": SECRET, "opinion": SECRET}).encode(), "candidate"),
        (json.dumps({**GOOD, "candidate": " "}).encode(), "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"[1, 2]", "question, opinion and candidate"),
        (b"[" * 100_000, "not JSON"),
        (json.dumps({**GOOD, "weight": float("nan")}).encode(), "not JSON"),
        (b'"' + b"x" * 1_000_001 + b'"', "longer"),
    ],
    ids=["broken", "number", "missing", "blank", "not-utf-8", "list", "deep", "not-a-number", "long"],
)
async def test_a_bad_line_is_named_by_its_number_and_not_quoted(second, says):
    stdin = io.BytesIO(json.dumps(GOOD).encode() + b"\n\n" + second + b"\n")

    with pytest.raises(InputError, match="standard input: line 3") as caught:
        await scored(stdin)

    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_a_file_that_is_not_there_is_told_in_a_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        [line async for line in score_lines(LexicalRewardModel(), str(tmp_path / "nowhere.jsonl"))]


class EncodingRewardModel(LexicalRewardModel):
    """Reads opinions apart from candidates."""

    async def encode_opinions(self, question, opinions):
        self.opinions = list(opinions)
        return np.arange(len(opinions), dtype=np.float32)[:, None]

    async def score_encoded(self, vectors, question, candidates):
        opinions = [self.opinions[int(row)] for row in vectors[:, 0]]
        return await self.score(question, opinions, candidates)


async def test_reading_is_timed_apart_from_scoring_and_told_opinion_by_opinion():
    grid = [{**GOOD, "opinion": f"Yes, ban number {n}."} for n in range(6)]
    other = [{**GOOD, "question": "Why?", "opinion": f"Because of {n}."} for n in range(3)]
    spent, seen = Spent(), []

    work = score_lines(EncodingRewardModel(), "-", lines(*grid, *other), spent=spent, on_progress=seen.append)
    rewards = [json.loads(line)["reward"] async for line in work]

    assert rewards == [line["reward"] for line in await scored(lines(*grid, *other))]
    assert (spent.opinions, spent.expected) == (9, 9)
    assert spent.read_s > 0
    assert spent.score_s > 0
    assert {(each.stage, each.total) for each in seen} == {(Stage.READ, 9)}
    assert [each.done for each in seen][-1] == 9


async def test_a_model_that_reads_while_it_scores_has_no_reading_to_tell():
    spent, seen = Spent(), []

    work = score_lines(LexicalRewardModel(), "-", lines(GOOD), spent=spent, on_progress=seen.append)
    assert len([line async for line in work]) == 1

    assert (seen, spent.opinions) == ([], 0)


async def test_statements_of_one_question_are_weighed_together_however_many_lines_they_are():
    """Also where they begin in the middle of what is read at once."""
    model = LexicalRewardModel()
    model.closeness_weight = 3.0
    people = [f"Yes, number {number}." for number in range(30)]
    drafts = ["Ban bags now.", "Ban bags soon.", "Ban the bags.", "Plant trees."]
    other = [{**GOOD, "question": "Another?", "opinion": f"Yes, {n}."} for n in range(LINES_AT_ONCE - 60)]
    ours = [{**GOOD, "opinion": p, "candidate": c} for c in drafts for p in people]

    found = [json.loads(line) async for line in score_lines(model, "-", lines(*other, *ours))]

    rewards = await model.score(GOOD["question"], people, drafts)
    expected = in_company(rewards, drafts, people, weight=3.0)
    np.testing.assert_allclose(
        [line["reward"] for line in found[len(other) :]], expected.T.ravel(), atol=1e-5
    )
