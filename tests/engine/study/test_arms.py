"""Each arm's statement is made as the arm says, and predicted for whoever rates it."""

import numpy as np
import pytest

from engine.draft_briefs import candidate_seed
from engine.errors import EngineError, ScoringError
from engine.mediator import Mediator
from engine.study.arms import ArmDrafter
from engine.types import Arm, Draft, MediationRequest, ParticipantOpinion

OPINIONS = tuple(ParticipantOpinion(who, f"{who} says so much.") for who in ("ann", "bob", "cem", "dan"))
ASKED = MediationRequest("Ban plastics?", OPINIONS, candidates=8, seed=5)


class Drafts:
    """Writes, last brief first, how many opinions it read and which draft this is."""

    name, model_used = "drafts", True

    def __init__(self, template, unusable=()):
        self.prompt, self.unusable, self.briefs = template, unusable, []

    async def draft(self, briefs):
        self.briefs += briefs
        for brief in reversed(briefs):
            said = (
                f"Draft number {brief.index} of the jury, {self.prompt}, heard {len(brief.opinions)} people."
            )
            yield Draft(brief, "" if brief.index in self.unusable else said)


class Likes:
    """Everybody agrees the more, the later the draft; Dan half a point less."""

    name = described = "likes"

    def __init__(self):
        self.asked = []

    async def score(self, question, opinions, candidates):
        self.asked.append((tuple(opinions), tuple(candidates)))
        number = np.array([float(text.split()[2]) if text.startswith("Draft") else 0 for text in candidates])
        less = np.array([0.5 * opinion.startswith("dan") for opinion in opinions])
        return 2.0 + number[None, :] / 2 - less[:, None]


@pytest.fixture
def study():
    return Study()


class Study:
    """A drafter whose parts can be looked at."""

    def __init__(self, unusable=()):
        self.likes, self.made = Likes(), {}
        self.drafter = ArmDrafter(lambda template: self.mediator(template, unusable), self.likes)

    def mediator(self, template, unusable):
        assert template not in self.made, "made once"
        self.made[template] = Drafts(template, unusable)
        return Mediator(self.made[template], self.likes)

    async def draft(self, arm, **left_out):
        return await self.drafter.draft(arm, ASKED, **left_out)


@pytest.mark.parametrize(
    ("arm", "template"),
    [(Arm.ZERO_SHOT, "zero-shot"), (Arm.FEW_SHOT, "few-shot"), (Arm.FINE_TUNED, "fine-tuned")],
)
async def test_a_first_sample_is_the_first_draft_and_not_the_best(study, arm, template):
    made = await study.draft(arm)

    assert made.text == f"Draft number 0 of the jury, {template}, heard 4 people."
    assert made.rewards == {"ann": 2.0, "bob": 2.0, "cem": 2.0, "dan": 1.5}
    assert made.welfare_function is None
    assert (made.models.generator, made.models.prompt) == ("drafts", template)


async def test_a_first_sample_that_cannot_be_used_gives_way_to_the_next():
    assert "number 1" in (await Study(unusable=(0,)).draft(Arm.ZERO_SHOT)).text


async def test_a_selected_statement_is_the_one_of_highest_welfare(study):
    made = await study.draft(Arm.SELECTED)

    assert "number 7" in made.text
    assert made.welfare_function == ASKED.welfare


async def test_whoever_is_left_out_is_neither_read_nor_weighed_and_is_predicted(study):
    made = await study.draft(Arm.LEAVE_ONE_OUT, left_out="dan")

    assert "heard 3 people" in made.text
    assert made.rewards == {"ann": 5.5, "bob": 5.5, "cem": 5.5, "dan": 5.0}
    drafted_from = {opinion for brief in study.made["fine-tuned"].briefs for opinion in brief.opinions}
    assert "dan says so much." not in drafted_from
    with_dan = [candidates for opinions, candidates in study.likes.asked if "dan says so much." in opinions]
    assert with_dan == [(made.text,)]


class Unread:
    """Limits of a model that reads nothing of this."""

    async def unknown(self, question, opinions):
        return "the reward model does not read German"


async def test_nobody_is_predicted_where_the_reward_model_cannot_read_not_even_who_is_left_out(study):
    unread = Mediator(Drafts("fine-tuned"), study.likes, limits={"likes": Unread()})
    drafter = ArmDrafter(lambda template: unread, study.likes)

    made = await drafter.draft(Arm.LEAVE_ONE_OUT, ASKED, left_out="dan")

    assert made.rewards == {}
    assert made.welfare_function is None
    assert study.likes.asked == []
    assert made.models.unpredicted == "the reward model does not read German"


async def test_arms_of_one_prompt_share_a_mediator(study):
    for arm in (Arm.FINE_TUNED, Arm.SELECTED, Arm.LEAVE_ONE_OUT, Arm.SELECTED):
        await study.draft(arm)
    assert list(study.made) == ["fine-tuned"]
    assert study.made["fine-tuned"].briefs[0].seed == candidate_seed(ASKED.seed, 0)


@pytest.mark.parametrize("arm", [Arm.BEST_OPINION, Arm.CHOSEN])
async def test_what_is_not_drafted_is_refused(study, arm):
    with pytest.raises(ValueError, match="not drafted"):
        await study.draft(arm)


async def test_a_prediction_that_is_none_is_an_error(study, monkeypatch):
    score = study.likes.score

    async def not_dan(question, opinions, candidates):
        found = await score(question, opinions, candidates)
        return np.full_like(found, np.nan) if opinions[0].startswith("dan") else found

    monkeypatch.setattr(study.likes, "score", not_dan)
    with pytest.raises(ScoringError, match="left out"):
        await study.draft(Arm.LEAVE_ONE_OUT, left_out="dan")


async def test_a_prompt_whose_model_is_missing_is_said_in_a_sentence():
    def missing(template):
        raise ValueError("TGI_URL is missing.")

    with pytest.raises(EngineError, match="TGI_URL is missing"):
        await ArmDrafter(missing, Likes()).draft(Arm.ZERO_SHOT, ASKED)
