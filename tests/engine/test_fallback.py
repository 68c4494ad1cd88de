"""The last resort: used when nothing was drafted, said in the result, and never in place of anything else."""

from dataclasses import replace

import pytest

from engine.drafting.digest.drafter import DigestGenerator
from engine.errors import GenerationError, ScoringError
from engine.fallback import LastResortMediator
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.types import MediationRequest, ParticipantOpinion, Revision
from tests.scripted_drafter import ScriptedGenerator

REQUEST = MediationRequest(
    question="Should we ban single-use plastics?",
    opinions=(
        ParticipantOpinion("a", "Yes, because so much of it ends up in the river."),
        ParticipantOpinion("b", "No, small shops could not pay for the alternatives."),
    ),
    candidates=4,
)


class SilentModel:
    name = "silent"

    async def score(self, question, opinions, candidates):
        raise ScoringError("The reward model gave no score.")


def mediator(generator, reward_model=None):
    return Mediator(generator, reward_model or LexicalRewardModel())


def with_last_resort(generator, reward_model=None):
    last = mediator(DigestGenerator(), reward_model)
    return LastResortMediator(mediator(generator, reward_model), last)


async def test_a_model_that_drafts_is_the_one_that_is_used():
    lines = [f"We should phase plastics out, part {n}." for n in range(4)]

    mediation = await with_last_resort(ScriptedGenerator(lines)).mediate(REQUEST)

    assert mediation.models.generator == "scripted"


@pytest.mark.parametrize(
    "lines",
    [[GenerationError("The server is away.")], ["", ""]],
    ids=["no-answer", "nothing-usable"],
)
async def test_without_usable_drafts_the_members_sentences_are_used_and_the_result_says_so(lines):
    mediation = await with_last_resort(ScriptedGenerator(lines)).mediate(REQUEST)

    assert mediation.models.generator == "digest"
    assert not mediation.model_used


async def test_a_list_of_members_words_takes_the_place_of_no_statement_that_speaks_for_them():
    critiques = (ParticipantOpinion("b", "Say who pays for it."),)
    listed = (await with_last_resort(ScriptedGenerator(["", ""])).mediate(REQUEST)).statement
    away = with_last_resort(ScriptedGenerator([GenerationError("The server is away.")]))

    with pytest.raises(GenerationError):
        await away.mediate(replace(REQUEST, revision=Revision("We phase plastics out.", critiques)))
    again = await away.mediate(replace(REQUEST, revision=Revision(listed, critiques)))

    assert again.models.generator == "digest"


async def test_a_reward_model_that_fails_is_not_hidden():
    with pytest.raises(ScoringError):
        await with_last_resort(DigestGenerator(), SilentModel()).mediate(REQUEST)
