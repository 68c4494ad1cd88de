"""One reward model scores a round: when the judge fails, the one that stands in for it scores all of it."""

import asyncio
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from bot.wording.texts import how_it_was_made
from engine.closeness import closeness
from engine.errors import ScoringError
from engine.mediator import Mediator
from engine.ports import RewardModel
from engine.reward.judge.asking import JudgeOptions
from engine.reward.judge.model import LanguageModelJudge
from engine.reward.lexical.model import LexicalRewardModel
from engine.reward.model_info.limits import ENGLISH_ONLY
from engine.reward.scoring.stand_in import WithStandIn, model_named
from engine.reward.scoring.stored import encoder_of
from engine.types import MediationRequest, ParticipantOpinion, Stage
from tests.engine.reward.judge.loopback_judge import PATIENT, LoopbackJudge
from tests.scripted_drafter import Line, ScriptedGenerator

TEXTS = [f"We try plan {letter} first." for letter in "ABCDEFGH"]
OPINIONS = tuple(ParticipantOpinion(f"p{at}", f"I like plan {plan}.") for at, plan in enumerate("ABCDE"))
REQUEST = MediationRequest("Which plan do we try?", OPINIONS, candidates=8, seed=3)


GERMAN_TEXTS = [
    "Wir arbeiten freitags alle zu Hause.",
    "Wir treffen uns freitags im Büro, und wer mag, arbeitet montags zu Hause.",
    "Jeder entscheidet selbst, wo gearbeitet wird.",
]
GERMAN = MediationRequest(
    "Sollen wir freitags zu Hause arbeiten?",
    (
        ParticipantOpinion("p0", "Ja, gern, dann habe ich endlich Ruhe und spare mir den langen Weg."),
        ParticipantOpinion("p1", "Nein, ich brauche die Kollegen und treffe mich freitags gern im Büro."),
    ),
    candidates=3,
    seed=3,
)


def rate(opinion, statement):
    """The later the plan, the better for all; a little more for one's own."""
    if statement not in TEXTS:
        return 4.0
    plan = statement.removeprefix("We try plan ")[:1]
    return 1.5 + 0.6 * "ABCDEFGH".index(plan) + 0.3 * (f"plan {plan}" in opinion)


class Fixed:
    """Stands in, and rates the first plan best; notes what it was asked."""

    name = "fixed/1"
    described = "fixed"

    def __init__(self):
        self.asked = []

    async def score(self, question, opinions, candidates):
        self.asked += candidates
        return np.tile([[self.rating(text) for text in candidates]], (len(opinions), 1))

    def rating(self, text):
        return 6.0 - 0.5 * TEXTS.index(text) if text in TEXTS else 3.0


def judge(server):
    return LanguageModelJudge(JudgeOptions((server.url,), "tgi"), PATIENT)


def drafted_slowly():
    return ScriptedGenerator([Line(text, 0.01 * at) for at, text in enumerate(TEXTS)])


async def test_the_judge_scores_the_round_while_drafts_arrive_and_the_result_names_it():
    async with LoopbackJudge(rate) as server:
        mediation = await Mediator(drafted_slowly(), WithStandIn(judge(server), Fixed())).mediate(REQUEST)

    assert mediation.statement == TEXTS[-1]
    assert mediation.models.reward == "llm:loopback/writer (judge/1)"
    assert mediation.stood_in_for is None
    assert len(server.rated) == 5 * 8  # each pair once, and no opinion as if it were a candidate


async def test_a_pair_that_fails_twice_has_the_whole_round_scored_by_the_other_model():
    def one_bad(asked):
        return 500 if TEXTS[5] in asked.inputs and OPINIONS[2].text in asked.inputs else None

    other = Fixed()
    async with LoopbackJudge(rate, fault=one_bad) as server:
        mediation = await Mediator(drafted_slowly(), WithStandIn(judge(server), other)).mediate(REQUEST)

    assert mediation.models.reward == "fixed/1"
    assert mediation.stood_in_for == "llm:loopback/writer (judge/1)"
    expected = {text: [6.0 - 0.5 * at] * 5 for at, text in enumerate(TEXTS)}
    assert {c.text: list(c.rewards) for c in mediation.candidates} == expected
    assert Counter(text for text in other.asked if text in TEXTS) == Counter(TEXTS)


async def test_a_server_that_dies_in_the_middle_of_a_round_loses_nothing():
    other = Fixed()
    async with LoopbackJudge(rate) as server:

        def dies(asked):
            if len(server.rated) > 12:
                return "drop"
            return None

        server.fault = dies
        mediation = await Mediator(drafted_slowly(), WithStandIn(judge(server), other)).mediate(REQUEST)

    assert mediation.models.reward == "fixed/1"
    assert len(mediation.candidates) == 8
    assert mediation.dropped == {}


async def test_a_server_that_is_gone_from_the_start_costs_no_drafts():
    async with LoopbackJudge(rate) as server:
        pass
    heard = []
    mediator = Mediator(drafted_slowly(), WithStandIn(judge(server), Fixed()))
    mediation = await mediator.mediate(REQUEST, heard.append)

    assert len(mediation.candidates) == 8
    assert mediation.models.reward == "fixed/1"
    assert [p.done for p in heard if p.stage is Stage.SCORE][-1] == 8


async def test_without_a_model_to_stand_in_the_round_fails_with_a_sentence():
    async with LoopbackJudge(rate, fault=lambda asked: 500) as server:
        with pytest.raises(ScoringError, match="The judge"):
            await Mediator(drafted_slowly(), judge(server)).mediate(REQUEST)


async def test_cancelling_a_round_stops_the_judges_requests():
    def slow(asked):
        return 30.0 if REQUEST.question in asked.inputs else 0.0

    async with LoopbackJudge(rate, latency_s=slow) as server:
        mediator = Mediator(drafted_slowly(), WithStandIn(judge(server), Fixed()))
        mediating = asyncio.create_task(mediator.mediate(REQUEST))
        await server.until_running(5)
        mediating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await mediating
        await server.until_running(0)


@pytest.mark.parametrize(("most", "scored_by"), [(5, "llm"), (4, "fixed/1"), (None, "llm")])
async def test_groups_beyond_the_stated_size_are_left_to_the_other_model(most, scored_by):
    async with LoopbackJudge(rate) as server:
        model = WithStandIn(judge(server), Fixed(), most)
        mediation = await Mediator(drafted_slowly(), model).mediate(REQUEST)

    assert mediation.models.reward.startswith(scored_by)
    assert mediation.stood_in_for is None


def german_mediator(server, other):
    model = WithStandIn(judge(server), other)
    return Mediator(ScriptedGenerator(GERMAN_TEXTS), model, limits={other.name: ENGLISH_ONLY})


async def test_a_german_round_is_scored_by_the_judge_though_the_other_model_reads_english_only():
    def likes_choice(opinion, statement):
        return 6.0 if statement == GERMAN_TEXTS[2] else 3.0

    async with LoopbackJudge(likes_choice) as server:
        mediation = await german_mediator(server, Fixed()).mediate(GERMAN)

    assert mediation.statement == GERMAN_TEXTS[2]
    assert mediation.candidates[0].rewards == pytest.approx((6.0, 6.0), abs=0.1)
    assert mediation.models.reward == "llm:loopback/writer (judge/1)"
    assert mediation.models.unpredicted is None
    assert how_it_was_made(mediation).count("predict") == 0


async def test_a_german_round_whose_judge_fails_is_chosen_by_closeness_and_says_so():
    def last_fails(asked):
        return 500 if GERMAN_TEXTS[2] in asked.inputs else None

    other = Fixed()
    async with LoopbackJudge(rate, fault=last_fails) as server:
        mediation = await german_mediator(server, other).mediate(GERMAN)

    near = closeness(GERMAN_TEXTS, [opinion.text for opinion in GERMAN.opinions])
    assert other.asked == []
    assert mediation.statement == GERMAN_TEXTS[int(near.argmax())]
    assert sorted(candidate.welfare for candidate in mediation.candidates) == sorted(near)
    assert [candidate.rewards for candidate in mediation.candidates] == [(), (), ()]
    assert mediation.models.reward == "closeness/1 (the reward model does not read German)"
    assert mediation.stood_in_for == "llm:loopback/writer (judge/1)"
    why = "couldn't predict agreement for this round, and the reward model does not read German"
    assert why in how_it_was_made(mediation)


async def test_where_the_best_opinion_is_going_to_be_rated_the_judge_scores_opinions_too():
    async with LoopbackJudge(lambda opinion, statement: 4.0) as server:
        request = replace(REQUEST, compared=True)
        mediation = await Mediator(drafted_slowly(), WithStandIn(judge(server), Fixed())).mediate(request)

    assert mediation.models.reward == "llm:loopback/writer (judge/1)"
    assert mediation.best_opinion is not None
    assert mediation.best_opinion.scored == 5


def test_opinions_are_encoded_ahead_for_the_model_that_may_stand_in():
    class Encodes(LexicalRewardModel):
        def fingerprint(self):
            return "e"

        async def encode_opinions(self, question, opinions):
            return np.zeros((len(opinions), 2), dtype=np.float32)

        async def score_encoded(self, vectors, question, candidates):
            return np.full((len(vectors), len(candidates)), 4.0)

    assert encoder_of(WithStandIn(Fixed(), Encodes())) is not None
    assert encoder_of(WithStandIn(Fixed(), Fixed())) is None


def test_a_model_is_found_again_by_the_name_in_the_result():
    first, other = LexicalRewardModel(), Fixed()
    model: RewardModel = WithStandIn(first, other)

    assert model_named(model, "fixed/1") is other
    assert model_named(first, "lexical/1") is first
    with pytest.raises(ScoringError, match="no longer in use"):
        model_named(model, "gone/1")
