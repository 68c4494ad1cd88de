"""The joint family in training: where it starts, what it learns, and what it writes."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import ScoringError
from engine.evaluation.corpus.reading import read_corpus
from engine.reward import limits_of, make_reward_model
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import JointCheckpoint, load_checkpoint, save_checkpoint
from engine.reward.towers.joint import JointReward
from engine.reward.towers.two_tower import TwoTower
from engine.training.data.lessons import RoundsForSteps
from engine.training.data.rounds import Round
from engine.training.reward_models import loop
from engine.training.reward_models.loop import begin, make_learner, train_reward, train_step
from engine.training.reward_models.losses import drawn_near
from engine.training.reward_models.soup import calibrated, limited, release, soup, spread
from engine.training.runs.config import RewardConfig
from engine.training.runs.processes import make_accelerator
from tests.engine.evaluation.corpus import rounds as corpus
from tests.engine.tiny import save_tiny_base, tiny_checkpoint, tiny_joint
from tests.engine.training.conftest import of_family

ASKED = "Should we ban cats?", ("yes", "no I think not"), ("We ban cats.", "We keep cats in towns.", "yes")
EACH = Round(*ASKED, np.array([[1.0, 0.0, 0.5], [0.0, 1.0, np.nan]]))


@pytest.fixture
def joint(config, tmp_path):
    return of_family(config, "joint", tmp_path)


def starting_from(config, checkpoint, folder):
    save_checkpoint(checkpoint, folder)
    return config.model_copy(update={"start": folder})


def weights_of(learner):
    return torch.cat([p.detach().flatten() for p in learner.parameters()])


def test_from_two_towers_both_heads_start_as_theirs(joint, tmp_path):
    learner = make_learner(starting_from(joint, tiny_checkpoint(), tmp_path / "start"))

    before = TwoTower.load(tmp_path / "start", device="cpu").raw_scores(*ASKED)
    together, apart = learner.ways()
    np.testing.assert_allclose(apart.raw_scores(*ASKED), before, atol=1e-6)
    for one, other in zip(
        learner.towers.head.parameters(), learner.towers.together.parameters(), strict=True
    ):
        torch.testing.assert_close(one, other)
    assert not np.allclose(together.raw_scores(*ASKED), before, atol=1e-3)  # read in another way


def test_from_a_joint_checkpoint_it_goes_on_with_both_heads_and_its_limits(joint, tmp_path):
    learner = make_learner(starting_from(joint, tiny_joint(up_to=7), tmp_path / "start"))

    before = JointReward.load(tmp_path / "start", device="cpu")
    np.testing.assert_allclose(learner.scorer().raw_scores(*ASKED), before.raw_scores(*ASKED), atol=1e-6)
    learner.save([Calibration(), Calibration()], tmp_path / "saved")
    assert load_checkpoint(tmp_path / "saved").config.together_up_to == 7


def test_its_forward_gives_what_is_served_in_both_ways(joint):
    learner = make_learner(joint)

    (scores,) = learner([EACH])

    for found, way in zip(scores.detach().numpy(), learner.ways(), strict=True):
        np.testing.assert_allclose(found, way.raw_scores(*ASKED), atol=1e-5)


def test_a_large_group_is_calibrated_together_in_the_way_together(joint):
    learner = make_learner(joint.model_copy(update={"together_up_to": 1}))

    together, apart = learner.ways()

    np.testing.assert_array_equal(learner.scorer().raw_scores(*ASKED), apart.raw_scores(*ASKED))
    assert not np.allclose(together.raw_scores(*ASKED), apart.raw_scores(*ASKED))


def test_the_loss_is_that_of_both_ways_by_their_weights(joint):
    learner = make_learner(joint)
    together, apart = torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0, 0.5]])

    loss = learner.loss(torch.stack([together, apart]), lambda scores: scores.sum())

    near = 4 * np.mean([(torch.sigmoid(together) - torch.sigmoid(apart)).numpy() ** 2])
    assert loss.item() == pytest.approx(2.0 + 0.3 * (1.5 + near), rel=1e-5)


def test_the_way_apart_is_drawn_to_the_way_together_and_not_the_other_way_round():
    better, scores = torch.tensor([2.0], requires_grad=True), torch.tensor([0.0], requires_grad=True)

    drawn_near(scores, better).backward()

    assert scores.grad.item() < 0
    assert better.grad is None


def test_the_same_seed_gives_the_same_trajectory_of_both_heads(joint):
    def after(seed):
        config = joint.model_copy(update={"seed": seed, "dropout": 0.1})
        run, rounds = begin(make_learner(config), config, make_accelerator()), RoundsForSteps(config)
        for step in range(2):
            train_step(run, rounds.of_step(step), config)
            run.step += 1
        return weights_of(run.learner)

    first = after(0)

    torch.testing.assert_close(first, after(0))
    assert not torch.allclose(first, after(1))
    assert not torch.allclose(first, weights_of(make_learner(joint)))


def test_what_it_writes_is_served_with_a_calibration_for_each_way(joint, tmp_path):
    learner = make_learner(joint)
    one, other = Calibration(slope=0.5, offset=0.1), Calibration(slope=2.0, offset=-1)

    learner.save([one, other], tmp_path / "saved")

    found = load_checkpoint(tmp_path / "saved")
    assert (found.together, found.calibration) == (one, other)
    served = make_reward_model(str(tmp_path / "saved"))
    np.testing.assert_allclose(served.raw_scores(*ASKED), learner.scorer().raw_scores(*ASKED), atol=5e-3)


def test_pairs_that_do_not_fit_the_encoder_are_refused(joint):
    with pytest.raises(ValueError, match="the encoder reads 64 at most"):
        make_learner(RewardConfig.model_validate(joint.model_dump() | {"together_tokens": {}}))


def test_a_run_that_starts_from_a_joint_model_stays_one(config, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.reward_models.loop.fit_calibration", lambda *pairs: Calibration())

    folder = train_reward(
        starting_from(config, tiny_joint(), tmp_path / "start").model_copy(update={"steps": 2})
    )

    model = make_reward_model(str(folder))
    assert isinstance(model, JointReward)
    assert model.name == "joint"


def test_a_start_that_is_nowhere_is_one_sentence(config, tmp_path):
    with pytest.raises(ScoringError, match=r"no two-tower or joint checkpoint: config\.json is missing"):
        train_reward(config.model_copy(update={"start": tmp_path / "none"}))


def test_a_run_on_a_mixture_is_judged_by_what_it_picks_from_the_corpus(joint, tmp_path):
    corpus.write(tmp_path / "corpus")
    settings = joint.model_dump() | {
        "corpus": tmp_path / "corpus", "mixture": {"corpus": {"count": 1}, "stance": {"count": 1}},
        "group": 1.0, "steps": 24, "evaluate_every": 12, "head_rate": 3e-3, "encoder_rate": 3e-3,
    }  # fmt: skip

    folder = train_reward(RewardConfig.model_validate(settings))

    line = (joint.run / "history.jsonl").read_text().splitlines()[-1]
    for measure in ("mark", "gain-kinds", "gain-drafts", "good-above"):
        assert f'"{measure}"' in line
    assert isinstance(load_checkpoint(folder), JointCheckpoint)


# -- several into one ----------------------------------------------------------------------------------


@pytest.fixture
def one_and_other(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.reward_models.soup.read_corpus", lambda: corpus_of_three(tmp_path))
    monkeypatch.setattr("engine.training.reward_models.soup.fit_calibration", lambda *pairs: Calibration())
    for seed in (0, 1):
        save_checkpoint(tiny_joint(seed=seed), tmp_path / str(seed))
    return [tmp_path / "0", tmp_path / "1"]


def corpus_of_three(folder):
    return read_corpus(corpus.write(folder / "corpus"))


@pytest.fixture
def base(tmp_path):
    save_tiny_base(tmp_path / "pretrained")
    return tmp_path / "pretrained"


def test_the_mean_of_joint_checkpoints_is_one(one_and_other, base, monkeypatch):
    # Weights at random tell nothing that could be weighed against closeness.
    monkeypatch.setattr(
        "engine.training.reward_models.soup.fit_in_company", lambda *told: (Calibration(), 0.0)
    )
    mean = soup(one_and_other, name="both", base=base)

    assert isinstance(mean, JointCheckpoint)
    theirs = [tiny_joint(seed=seed).towers.together.inner.weight for seed in (0, 1)]
    torch.testing.assert_close(mean.towers.together.inner.weight, sum(theirs) / 2, atol=1e-3, rtol=1e-3)


def test_joint_and_two_tower_checkpoints_do_not_mix(one_and_other, base, tmp_path):
    save_checkpoint(tiny_checkpoint(), tmp_path / "towers")

    with pytest.raises(ValueError, match="one shape"):
        soup([one_and_other[0], tmp_path / "towers"], name="x", base=base)


def test_each_way_is_put_on_the_scale_by_its_own_fit(one_and_other, monkeypatch):
    fits = iter([Calibration(slope=2.0, offset=1.0), Calibration(slope=0.5, offset=-1.0)])
    monkeypatch.setattr("engine.training.reward_models.soup.fit_calibration", lambda *pairs: next(fits))
    in_company = Calibration(slope=0.9, offset=0.1)
    monkeypatch.setattr("engine.training.reward_models.soup.fit_in_company", lambda *told: (in_company, 7.5))
    before = JointReward(tiny_joint(), device="cpu").raw_scores(*ASKED)
    apart = TwoTower(tiny_joint(), device="cpu").raw_scores(*ASKED)

    made = calibrated(tiny_joint())

    assert made.calibration == Calibration()
    assert (made.together, made.config.closeness_weight) == (in_company, 7.5)
    np.testing.assert_allclose(JointReward(made, device="cpu").raw_scores(*ASKED), 2 * before + 1, atol=1e-5)
    np.testing.assert_allclose(TwoTower(made, device="cpu").raw_scores(*ASKED), apart / 2 - 1, atol=1e-5)


def test_runs_that_say_the_same_have_no_spread_and_others_have(one_and_other):
    assert spread([one_and_other[0]] * 2) == 0
    assert 0 < spread(one_and_other) < 3
    with pytest.raises(ValueError, match="two checkpoints"):
        spread(one_and_other[:1])


def test_a_release_says_how_uncertain_it_is(joint, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.reward_models.soup.read_corpus", lambda: corpus_of_three(tmp_path))
    monkeypatch.setattr(loop, "fit_calibration", lambda *pairs: Calibration())
    monkeypatch.setattr(
        "engine.training.reward_models.soup.calibrated", lambda checkpoint: replace(checkpoint)
    )
    run = train_reward(joint.model_copy(update={"steps": 2})).parent

    release([run], tmp_path / "out", name="joint/9", uncertainty=0.12)

    found = load_checkpoint(tmp_path / "out").config
    assert (found.name, found.uncertainty) == ("joint/9", 0.12)


def test_a_release_names_the_kinds_at_which_it_shows_chance_and_is_not_asked_there(
    joint, tmp_path, monkeypatch
):
    """Ten rounds in which opinions and ratings have nothing to do with each other."""
    lines = [
        {**corpus.CAKE, "id": f"c-{at}", "topic": f"cake {at}", "ratings": [row] * 3}
        for at, row in enumerate([[1, 7, 2, 6], [6, 2, 7, 1]] * 5)
    ]
    folder = corpus.write(
        tmp_path / "chance", {corpus.ROUNDS: lines, corpus.OPTIONS: [], corpus.CONDITIONS: []}
    )
    monkeypatch.setattr("engine.training.reward_models.soup.read_corpus", lambda: read_corpus(folder))

    made = limited(tiny_joint())
    save_checkpoint(made, tmp_path / "out")

    limits = limits_of(str(tmp_path / "out"))
    assert (limits.unknown_kinds, limits.languages) == (("which",), ("en",))
    why = asyncio.run(limits.unknown("Which cake?", ["Lemon."]))
    assert why == "the reward model only guesses at questions that ask which"
    again = starting_from(joint, made, tmp_path / "start")
    assert make_learner(again)._shape.unknown_kinds == ("which",)


def test_a_kind_that_does_not_exist_is_refused_in_a_checkpoint(tmp_path):
    save_checkpoint(tiny_joint(), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"unknown_kinds": ["colours"]}))

    with pytest.raises(ScoringError, match=r"config.json is not what .*unknown_kinds"):
        limits_of(str(tmp_path))
