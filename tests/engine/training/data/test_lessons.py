"""A mixture of lessons: what each kind of round teaches, how often it comes, and what is refused."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import NoCorpusError
from engine.evaluation.corpus.reading import CorpusRound, read_corpus
from engine.training.data.lessons import MixtureForSteps, condition_round, corpus_round, option_round
from engine.training.reward_models.corpus_exam import CorpusExam
from engine.training.reward_models.loop import begin, make_learner, train_step
from engine.training.reward_models.losses import pairwise, round_loss
from engine.training.runs.config import RewardConfig, Terms
from engine.training.runs.processes import make_accelerator
from tests.engine.evaluation.corpus import rounds as corpus

ALL = {
    "corpus": {"count": 2},
    "options": {"count": 2, "weight": 0.5},
    "conditions": {"count": 1, "every": 2, "weight": 0.4},
    "stance": {"count": 1, "weight": 0.35},
    "argkp": {"count": 1, "weight": 0.3},
}
SPORT = "Sport should be taught daily"


def to_learn(fields, number=0):
    return {
        **fields,
        "id": f"l-{number}-{fields['id']}",
        "topic": f"{fields['topic']} {number}",
        "split": "train",
    }


@pytest.fixture
def mixed(config, tmp_path):
    """A run on a mixture of everything, with tiny data of our own."""
    files = {
        corpus.ROUNDS: [to_learn(corpus.CAKE, n) for n in range(3)] + [corpus.CAKE, corpus.TRIP],
        corpus.OPTIONS: [to_learn(corpus.DAYS), corpus.DRINKS],
        corpus.CONDITIONS: [to_learn(corpus.DOG)],
    }
    corpus.write(tmp_path / "corpus", files)
    changes = {"mixture": ALL, "corpus": tmp_path / "corpus", "argkp": argkp(tmp_path / "argkp")}
    return RewardConfig.model_validate(config.model_dump() | changes)


def argkp(folder):
    folder.mkdir()
    arguments = [(f"a{n}", f"reason {n}", SPORT, 1 if n % 2 else -1) for n in range(6)]
    points = [("k0", "it is healthy", SPORT, 1), ("k1", "it takes time", SPORT, -1)]
    labels = [("a1", "k0", 1), ("a3", "k0", 0), ("a5", "k0", 0), ("a0", "k1", 1)]
    lines = {
        "arguments_train.csv": [("arg_id", "argument", "topic", "stance"), *arguments],
        "key_points_train.csv": [("key_point_id", "key_point", "topic", "stance"), *points],
        "labels_train.csv": [("arg_id", "key_point_id", "label"), *labels],
    }
    for name, rows in lines.items():
        (folder / name).write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return folder


def lessons(config):
    return MixtureForSteps(config, config.mixture)


def test_a_step_has_each_kind_as_often_and_as_heavy_as_the_mixture_says(mixed):
    found = [Counter(each.weight for each in lessons(mixed).of_step(step)) for step in (0, 1)]

    assert found[0] == {1.0: 2, 0.5: 2, 0.4: 1, 0.35: 1, 0.3: 1}
    assert found[1] == {1.0: 2, 0.5: 2, 0.35: 1, 0.3: 1}


def test_only_what_is_for_learning_is_learnt_from(mixed):
    seen = {r.question: r for step in range(30) for r in lessons(mixed).of_step(step)}

    assert corpus.CAKE["question"] in seen
    assert corpus.DAYS["question"] in seen
    assert corpus.TRIP["question"] not in seen
    assert corpus.DRINKS["question"] not in seen


def test_every_round_of_the_corpus_comes_before_any_comes_again(mixed):
    files = {
        **corpus.FILES,
        corpus.ROUNDS: [to_learn({**corpus.CAKE, "question": f"Cake {n}?"}, n) for n in range(4)],
        corpus.OPTIONS: [to_learn(corpus.DAYS)],
        corpus.CONDITIONS: [to_learn(corpus.DOG)],
    }
    corpus.write(mixed.corpus, files)

    some = lessons(mixed)
    seen = [r.question for step in range(4) for r in some.of_step(step) if r.whole]

    assert set(seen[:4]) == set(seen[4:]) == {f"Cake {n}?" for n in range(4)}
    assert [r.question for r in some.of_step(1) if r.whole] == seen[2:4]  # of the step alone


def test_a_round_of_the_corpus_has_every_rating():
    found = corpus_round(CorpusRound.model_validate(corpus.CAKE))

    assert found.whole
    assert found.agreement.shape == (3, 4)
    assert found.agreement[0].tolist() == [5 / 6, 2 / 6, 3 / 6, 4 / 6]


def test_of_options_everybody_wants_their_own():
    found = option_round(corpus.options(corpus.DRINKS)[0]).agreement

    np.testing.assert_allclose(1 + 6 * found, [[6.4, 1.7], [1.7, 6.4]])


def test_of_conditions_only_the_person_who_made_one_is_known_to_care():
    (dog,) = corpus.conditions()

    found = condition_round(dog)

    nan = np.nan
    expected = [[6.2, 1.6, 3.6, nan, nan, nan], [nan, nan, nan, 6.2, 1.6, 3.6]]
    np.testing.assert_allclose(1 + 6 * found.agreement, expected)
    assert found.candidates[3:] == (
        dog.statements[1].met, dog.statements[1].broken, dog.statements[1].silent,
    )  # fmt: skip


def test_key_points_match_are_on_the_same_side_or_on_the_other(mixed):
    some = lessons(mixed)
    cells, questions = {}, set()
    for step in range(40):
        each = some.of_step(step)[-1]
        questions.add(each.question)
        for opinion, row in zip(each.opinions, each.agreement, strict=True):
            cells |= {(opinion, c): v for c, v in zip(each.candidates, row.tolist(), strict=True)}

    assert questions == {"", f"Should it be so? {SPORT}"}
    assert cells["reason 1", "it is healthy"] == 0.9
    assert cells["reason 3", "it is healthy"] == 0.65
    assert cells["reason 1", "it takes time"] == cells["reason 0", "it is healthy"] == 0.1
    assert np.isnan(cells["reason 2", "it takes time"])  # nobody labelled it


def test_the_mean_of_the_group_counts_where_the_group_is_whole():
    scores, agreement = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.4, 0.5]])
    terms = Terms(group=2.0)

    part, whole = (round_loss(scores, agreement, terms, whole=each).item() for each in (False, True))

    assert whole - part == pytest.approx(2 * np.log1p(np.exp(-1.5 * 0.5)), rel=1e-5)  # means 1 and 0.5


def test_parts_of_the_loss_weigh_what_the_settings_say():
    scores, agreement = torch.tensor([[2.0, 0.0], [0.5, 1.0]]), torch.tensor([[1.0, 0.0], [0.4, 0.5]])

    less = round_loss(scores, agreement, Terms(within_candidate=0.5)).item()
    more = round_loss(scores, agreement, Terms(within_candidate=1.5)).item()

    assert more - less == pytest.approx(pairwise(scores.T, agreement.T).item(), rel=1e-5)


def test_a_round_of_twice_the_weight_counts_as_two(mixed):
    def after(weights):
        run = begin(make_learner(mixed), mixed, make_accelerator())
        each = option_round(corpus.options(corpus.DRINKS)[0])
        other = option_round(corpus.options(corpus.DAYS)[0])
        asked = (each, other, each)[: len(weights)]
        rounds = [replace(one, weight=weight) for one, weight in zip(asked, weights, strict=True)]
        train_step(run, rounds, mixed)
        return torch.cat([p.detach().flatten() for p in run.learner.parameters()])

    torch.testing.assert_close(after((2.0, 1.0)), after((1.0, 1.0, 1.0)), rtol=1e-3, atol=1e-4)


def test_the_exam_is_the_mean_of_what_choosing_gains_and_of_where_good_ones_stand(mixed):
    rounds = read_corpus(mixed.corpus).of("dev").rounds
    told = corpus.truth(rounds)

    class Knows:
        def raw_scores(self, question, opinions, candidates):
            return corpus.table_of(told, question, opinions, candidates) - 4

    mark, numbers = CorpusExam(rounds).examined(Knows())

    assert numbers == {"gain-kinds": 1.0, "gain-drafts": 1.0, "good-above": 1.0}
    assert mark == 1.0
    scores, ratings = CorpusExam(rounds).calibration_pairs(Knows())
    np.testing.assert_array_equal(scores, ratings - 4)
    with pytest.raises(ValueError, match="no rounds to choose by"):
        CorpusExam([])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"argkp": None}, "name the folder argkp"),
        ({"polis": None}, r"mixture\.stance: name questions and polis"),
        ({"feedback": "feedback.jsonl"}, "either feedback, or a mixture"),
        ({"mixture": {**ALL, "corpus": {"count": 0}}}, "each step needs a round of the corpus"),
        ({"mixture": {**ALL, "argkp": {"weight": 0}}}, "greater than 0"),
    ],
    ids=["argkp", "stance", "feedback", "no corpus", "no weight"],
)
def test_a_mixture_without_its_data_is_refused(mixed, changes, said):
    with pytest.raises(ValueError, match=said):
        RewardConfig.model_validate(mixed.model_dump() | changes)


def test_a_mixture_alone_names_all_that_it_learns_from(mixed):
    assert {path.name for path in mixed.data} == {"questions.json", "polis", "corpus", "argkp"}
    alone = mixed.model_dump() | {"questions": None, "polis": None, "argkp": None, "mixture": {}}
    assert RewardConfig.model_validate(alone).data == (mixed.corpus,)


def test_a_corpus_that_is_nowhere_and_one_with_nothing_to_learn_are_refused(mixed, tmp_path):
    with pytest.raises(NoCorpusError):
        lessons(mixed.model_copy(update={"corpus": tmp_path / "none"}))
    with pytest.raises(ValueError, match=r"mixture\.options: the corpus has none to learn from"):
        lessons(mixed.model_copy(update={"corpus": corpus.write(tmp_path / "other")}))


def test_a_folder_that_is_not_that_of_key_points_is_one_sentence(mixed):
    (mixed.argkp / "labels_train.csv").write_text("x,y\n1,2\n")

    with pytest.raises(ValueError, match="not those of ArgKP"):
        lessons(mixed)
