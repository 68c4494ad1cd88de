"""What members are told of the models: before they write, with the statement and with the result."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model_notice import ModelNotice
from bot.worker.steps import tell_models
from engine.types import MediationRequest, ParticipantOpinion
from tests.web_house import Told

LLAMA = ModelNotice(drafter="Llama 3.1 on ai.example.org")


@pytest.fixture
def llama_room(room):
    """A room whose worker drafts with a language model."""
    room.drafter.model_used = True
    return replace(room, models=Told(LLAMA, room.drafter))


async def test_gateways_are_told_by_the_worker_and_again_when_its_models_change(llama_room):
    upkeep = llama_room.ports.upkeep
    assert await upkeep.model_notice() is None

    await tell_models(llama_room.worker)
    assert await upkeep.model_notice() == LLAMA

    llama_room.models.kept = ModelNotice(judge="on judge.example.org")
    await tell_models(llama_room.worker)
    assert await upkeep.model_notice() == ModelNotice(judge="on judge.example.org")


async def test_a_worker_that_does_not_know_its_models_takes_nothing_back_that_another_told(room):
    await room.ports.upkeep.keep_model_notice(LLAMA)
    await tell_models(room.worker)
    assert await room.ports.upkeep.model_notice() == LLAMA


async def test_the_question_says_which_model_reads_opinions(llama_room):
    await llama_room.asked()
    await llama_room.all_due()
    shown = llama_room.platform.now_showing(llama_room.deliberation_id)
    assert "An AI model (Llama 3.1 on ai.example.org) reads what you write" in shown.reads


async def test_what_a_question_says_when_it_is_posted_is_kept_with_it(llama_room):
    await llama_room.asked()
    await llama_room.all_due()
    llama_room.models.kept = ModelNotice()
    kept = await llama_room.ports.deliberations.load(llama_room.deliberation_id)
    assert (kept.told, kept.telling(ModelNotice()).told) == (LLAMA, LLAMA)


async def test_statement_and_result_say_which_model_wrote_it_though_another_is_in_use_by_then(llama_room):
    await llama_room.voting()
    statement = llama_room.platform.now_showing(llama_room.deliberation_id)
    llama_room.models.kept = ModelNotice(drafter="m-2 on other.example.org")
    await llama_room.later(timedelta(days=1))
    result = llama_room.platform.now_showing(llama_room.deliberation_id)

    assert "Drafted by an AI model (Llama 3.1 on ai.example.org)." in statement.made
    assert result.made == "Drafted by an AI model (Llama 3.1 on ai.example.org)."


async def test_a_statement_is_of_the_model_that_wrote_it_though_another_place_is_set_up_before_it_is_out(
    llama_room,
):
    await llama_room.asked()
    await llama_room.all_due()
    for user in ("ann", "bob"):
        await llama_room.answer(user)
    await llama_room.close()
    ports, id_ = llama_room.ports, llama_room.deliberation_id
    given = tuple(ParticipantOpinion(o.participant, o.text) for o in await ports.contributions.opinions(id_))
    made = await llama_room.drafter.mediate(MediationRequest("Ban plastics?", given), lambda progress: None)
    # A worker kept it, and died before it could say so.
    await ports.mediations.keep_mediation(id_, 1, made, drafter=LLAMA)
    llama_room.models.kept = ModelNotice(drafter="m-2 on other.example.org")
    await llama_room.all_due()

    shown = llama_room.platform.now_showing(id_)
    assert shown.statement == made.statement
    assert "Drafted by an AI model (Llama 3.1 on ai.example.org)." in shown.made
    assert "didn't read" not in shown.made


async def test_a_statement_that_the_last_resort_made_is_not_called_a_models(llama_room):
    llama_room.drafter.model_used = False
    await llama_room.voting()
    assert "Llama" not in llama_room.platform.now_showing(llama_room.deliberation_id).made


async def test_what_is_predicted_stands_on_no_card_before_the_vote_is_over(llama_room):
    await llama_room.voting(answers=("ann", "bob", "cem"))
    statement = llama_room.platform.now_showing(llama_room.deliberation_id)
    assert "5.0" not in repr(statement)

    await llama_room.rate("ann", 2)
    await llama_room.later(timedelta(days=1))

    result = llama_room.platform.now_showing(llama_room.deliberation_id)
    assert result.prediction.text.startswith("Likely agreement ▰▰▰▰▰▱▱ 5.0 of 7")
