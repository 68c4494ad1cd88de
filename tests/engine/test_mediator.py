"""The main path: draft, screen, score, choose, with everything that can go wrong on the way."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording.language import PSEUDO, explained, reading
from engine.closeness import closeness, in_company
from engine.draft_briefs import ORDERS, briefs, candidate_seed, shuffled
from engine.drafting.digest.drafter import DigestGenerator
from engine.drafting.fitting import fitted
from engine.drafting.parsing.screening import COUNTED, Unusable
from engine.errors import (
    EmptySeatsError,
    GenerationError,
    GeneratorUnavailableError,
    ScoringError,
    TooFewCandidatesError,
)
from engine.mediator import Mediator
from engine.prompts import CLOSING
from engine.reward.lexical.model import LexicalRewardModel
from engine.reward.model_info.limits import Limits
from engine.reward.scoring.stored import encoder_of
from engine.types import (
    BestOpinion,
    Draft,
    JuryHeard,
    Mediation,
    MediationRequest,
    ParticipantOpinion,
    Progress,
    RequestedJury,
    Revision,
    Stage,
    WelfareFunction,
    WelfareName,
)
from tests.bell import PROCESS_S
from tests.messages import untranslated
from tests.scripted_drafter import Line, ScriptedGenerator

OPINIONS = tuple(
    ParticipantOpinion(f"p{at}", text)
    for at, text in enumerate(["Ban them all.", "Tax them instead.", "Leave us alone.", "Ask the makers."])
)
REQUEST = MediationRequest("Should we ban single-use plastics?", OPINIONS, candidates=3, seed=11)
TEXTS = ["Ban them.", "Tax them.", "Ask first."]


class TableRewardModel:
    """Gives each candidate the listed ratings, one for each opinion; `on_call` may change each answer.

    tried: opinions that were scored as if they were candidates; these are not among `calls`.
    baseline: their ratings, as `table`, or what is raised in their place.
    """

    name = "table/1"

    def __init__(self, table=None, on_call=None, baseline=None):
        self.table = table or {text: [4.0, 4.0, 4.0, 4.0] for text in TEXTS}
        self.on_call = on_call
        self.calls = []
        self.baseline = baseline or {opinion.text: [3.0] * 4 for opinion in OPINIONS}
        self.tried = []

    async def score(self, question, opinions, candidates):
        if {opinion.text for opinion in OPINIONS}.issuperset(candidates):
            self.tried.append(tuple(candidates))
            if isinstance(self.baseline, BaseException):
                raise self.baseline
            return np.column_stack([self.baseline[text] for text in candidates])
        self.calls.append((tuple(opinions), tuple(candidates)))
        rows = [[o.text for o in OPINIONS].index(opinion) for opinion in opinions]
        rewards = np.array([[self.table[text][row] for text in candidates] for row in rows])
        return self.on_call(len(self.calls), rewards) if self.on_call else rewards


class NotingGenerator(ScriptedGenerator):
    """A scripted drafter that keeps the briefs it was given."""

    def draft(self, briefs):
        self.briefs = list(briefs)
        return super().draft(briefs)


async def mediate(script=TEXTS, model=None, *, request=REQUEST, on_progress=None, **settings):
    mediator = Mediator(ScriptedGenerator(script), model or TableRewardModel(), **settings)
    return await (mediator.mediate(request, on_progress) if on_progress else mediator.mediate(request))


async def test_the_candidate_of_highest_welfare_is_chosen_and_all_are_listed_best_first():
    model = TableRewardModel(
        {"Ban them.": [1, 2, 3, 2], "Tax them.": [6, 6, 5, 7], "Ask first.": [4, 4, 4, 4]}
    )

    mediation = await mediate(model=model)

    assert mediation.statement == "Tax them."
    assert mediation.winner == 0
    assert [candidate.text for candidate in mediation.candidates] == ["Tax them.", "Ask first.", "Ban them."]
    assert [candidate.welfare for candidate in mediation.candidates] == [6, 4, 2]
    assert mediation.candidates[0].rewards == (6, 6, 5, 7)
    assert mediation.participants == ("p0", "p1", "p2", "p3")
    assert mediation.candidates[0].source == mediation.models.generator == "scripted"
    assert (mediation.models.reward, mediation.models.prompt, mediation.model_used) == (
        "table/1",
        "none",
        False,
    )
    assert mediation.dropped == {}


async def test_the_welfare_function_decides():
    table = {"Ban them.": [7, 7, 7, 1], "Tax them.": [5, 5, 5, 5], "Ask first.": [2, 2, 2, 2]}
    rawlsian = replace(REQUEST, welfare=WelfareFunction(name=WelfareName.RAWLSIAN))

    assert (await mediate(model=TableRewardModel(table))).statement == "Ban them."
    mediation = await mediate(model=TableRewardModel(table), request=rawlsian)
    assert mediation.statement == "Tax them."
    assert mediation.welfare_function == rawlsian.welfare


class Camps:
    """Predicts that some want a ban and the others a tax, and that all could live with asking."""

    name = "camps/1"

    async def score(self, question, opinions, candidates):
        said = {"Ban them.": (7, 1), "Tax them.": (2, 6), "Ask first.": (4.6, 4.5)}
        camps = [0 if opinion.startswith("Ban") else 1 for opinion in opinions]
        return np.array([[said.get(text, (4, 4))[camp] for text in candidates] for camp in camps])


DIVIDED = replace(
    REQUEST,
    opinions=tuple(
        ParticipantOpinion(f"p{at}", f"{'Ban' if at < 5 else 'Tax'} them, {at}.") for at in range(8)
    ),
)


@pytest.mark.parametrize(
    ("name", "statement", "left_out"),
    [
        ("utilitarian", "Ban them.", ("p5", "p6", "p7")),
        ("group-rawlsian", "Ask first.", ()),
        ("group-informed", "Ask first.", ()),
    ],
)
async def test_groups_are_found_told_of_and_weighed_where_the_welfare_function_is_one_over_groups(
    name, statement, left_out
):
    mediation = await mediate(
        model=Camps(), request=replace(DIVIDED, welfare=WelfareFunction(name=WelfareName(name)))
    )

    assert mediation.statement == statement
    assert [group.participants for group in mediation.groups] == [
        ("p0", "p1", "p2", "p3", "p4"),
        ("p5", "p6", "p7"),
    ]
    assert mediation.left_out == left_out
    assert len(mediation.left_out) == mediation.dissenters()
    assert mediation.candidates[mediation.unites].text == "Ask first."
    assert mediation.candidates[mediation.divides].text == "Ban them."
    assert mediation.best_opinion.participant in mediation.participants


async def test_a_small_group_is_in_no_groups_and_a_function_over_groups_weighs_each_member():
    table = {"Ban them.": [7, 7, 7, 1], "Tax them.": [5, 5, 5, 5], "Ask first.": [2, 2, 2, 2]}
    request = replace(REQUEST, welfare=WelfareFunction(name=WelfareName.GROUP_RAWLSIAN))

    mediation = await mediate(model=TableRewardModel(table), request=request)

    assert (mediation.statement, mediation.groups, mediation.unites) == ("Tax them.", (), None)


async def test_of_equal_candidates_the_earlier_draft_wins_even_when_it_arrives_later():
    class Backwards(ScriptedGenerator):
        async def draft(self, briefs):
            for brief, text in reversed(list(zip(briefs, TEXTS, strict=True))):
                yield Draft(brief, text)

    mediation = await Mediator(Backwards([]), TableRewardModel()).mediate(REQUEST)

    assert [candidate.text for candidate in mediation.candidates] == TEXTS


async def test_the_opinion_of_highest_welfare_is_kept_as_a_baseline_and_is_no_candidate():
    model = TableRewardModel(
        baseline={
            "Ban them all.": [7, 1, 1, 2],
            "Tax them instead.": [5, 7, 4, 4],
            "Leave us alone.": [1, 1, 7, 1],
            "Ask the makers.": [3, 3, 3, 7],
        }
    )
    request = replace(REQUEST, candidates=4)

    mediation = await mediate(model=model, request=request)

    assert mediation.best_opinion == BestOpinion(
        participant="p1", rewards=(5, 7, 4, 4), welfare=5.0, scored=4
    )
    assert {candidate.text for candidate in mediation.candidates} == set(TEXTS)
    assert {text for _, texts in model.calls for text in texts} == set(TEXTS)


async def test_the_baseline_is_chosen_by_the_round_s_welfare_function():
    model = TableRewardModel(
        baseline={
            "Ban them all.": [7, 7, 7, 1],
            "Tax them instead.": [3, 3, 3, 3],
            "Leave us alone.": [1, 1, 1, 1],
            "Ask the makers.": [1, 1, 1, 1],
        }
    )
    request = replace(REQUEST, candidates=4)
    rawlsian = replace(request, welfare=WelfareFunction(name=WelfareName.RAWLSIAN))

    assert (await mediate(model=model, request=request)).best_opinion.participant == "p0"
    best = (await mediate(model=model, request=rawlsian)).best_opinion
    assert (best.participant, best.welfare) == ("p1", 3.0)


async def test_no_more_opinions_are_tried_than_candidates_and_the_seed_says_which():
    async def tried(seed):
        model = TableRewardModel()
        mediation = await mediate(model=model, request=replace(REQUEST, candidates=2, seed=seed))
        assert mediation.best_opinion.scored == 2
        return tuple(text for texts in model.tried for text in texts)

    seen = [await tried(seed) for seed in range(8)]

    assert all(len(opinions) == len(set(opinions)) == 2 for opinions in seen)
    assert seen == [await tried(seed) for seed in range(8)]
    assert len(set(map(frozenset, seen))) > 1


@pytest.mark.parametrize(
    "baseline",
    [ScoringError("no"), KeyError("no"), {opinion.text: [np.nan] * 4 for opinion in OPINIONS}],
    ids=["refuses", "nobody-foresaw", "no-number"],
)
async def test_a_round_does_not_fail_for_want_of_a_baseline(baseline):
    mediation = await mediate(model=TableRewardModel(baseline=baseline))

    assert mediation.best_opinion is None
    assert len(mediation.candidates) == 3


async def test_no_draft_waits_for_more_than_one_opinion_and_the_last_one_for_none_that_come_after():
    first_is_tried = asyncio.Event()

    class Model(ScriptedGenerator):
        model_used = True

        async def draft(self, briefs):
            await first_is_tried.wait()
            async for draft in super().draft(briefs):
                yield draft

    class Telling(TableRewardModel):
        async def score(self, question, opinions, candidates):
            rewards = await super().score(question, opinions, candidates)
            first_is_tried.set()
            await asyncio.sleep(0.01)  # all drafts come meanwhile
            return rewards

    model = Telling()
    mediation = await Mediator(Model(TEXTS), model).mediate(REQUEST)

    assert len(model.tried) == 1
    assert mediation.best_opinion.scored == 1
    assert len(mediation.candidates) == 3


async def test_every_opinion_is_tried_where_the_best_one_is_going_to_be_rated():
    class Model(ScriptedGenerator):
        model_used = True

    request = replace(REQUEST, candidates=2, compared=True)
    mediation = await Mediator(Model(TEXTS[:2]), TableRewardModel()).mediate(request)

    assert mediation.best_opinion.scored == len(OPINIONS) > 2


async def test_the_baseline_is_scored_before_the_first_draft_is_there():
    opinions_are_scored = asyncio.Event()

    class Late(ScriptedGenerator):
        async def draft(self, briefs):
            await opinions_are_scored.wait()
            async for draft in super().draft(briefs):
                yield draft

    class Telling(TableRewardModel):
        async def score(self, question, opinions, candidates):
            rewards = await super().score(question, opinions, candidates)
            opinions_are_scored.set()
            return rewards

    async with asyncio.timeout(10):  # a baseline that comes after the drafts would wait for ever
        mediation = await Mediator(Late(TEXTS), Telling()).mediate(REQUEST)

    assert mediation.best_opinion is not None


async def test_opinions_that_were_encoded_before_are_handed_to_the_scorer():
    class Encodes(TableRewardModel):
        encoded = ()

        def fingerprint(self):
            return "table/1"

        async def encode_opinions(self, question, opinions):
            self.encoded = (*self.encoded, *opinions)
            return np.array([[[o.text for o in OPINIONS].index(opinion)] for opinion in opinions], np.float32)

        async def score_encoded(self, vectors, question, candidates):
            opinions = [OPINIONS[int(row)].text for row in vectors[:, 0]]
            return await self.score(question, opinions, candidates)

    before = await encoder_of(Encodes()).encode(REQUEST.question, [OPINIONS[1].text, OPINIONS[2].text])
    model = Encodes({text: [1.0, 2.0, 3.0, 4.0] for text in TEXTS})
    request = replace(REQUEST, encoded=dict(zip(["p1", "p2"], before, strict=True)))

    mediation = await mediate(model=model, request=request)

    assert model.encoded == (OPINIONS[0].text, OPINIONS[3].text)
    assert mediation.candidates[0].rewards == (1.0, 2.0, 3.0, 4.0)


async def test_unusable_drafts_are_dropped_and_counted_by_reason():
    script = [
        "Ban them.",
        Line("Tax the", finish_reason="length"),
        " ",
        "BAN them!",
        f"{CLOSING} yes",
        None,
        "Tax them.",
    ]

    mediation = await mediate(script, request=replace(REQUEST, candidates=8))

    assert {candidate.text for candidate in mediation.candidates} == {"Ban them.", "Tax them."}
    assert mediation.dropped == {
        "cut off": 1,
        "empty": 1,
        "duplicate": 1,
        "copy of the instructions": 1,
        "not drafted": 2,
    }


async def test_an_unusable_draft_is_never_scored():
    model = TableRewardModel()

    await mediate(["Ban them.", "ban them", "Tax them."], model)

    assert sorted(text for _, texts in model.calls for text in texts) == ["Ban them.", "Tax them."]


async def test_too_few_usable_drafts_are_an_error_that_says_what_was_dropped_and_may_be_retried():
    with pytest.raises(TooFewCandidatesError) as caught:
        await mediate(["Ban them.", "ban them", None])

    assert (
        str(caught.value) == "Only 1 of 3 drafts can be used and 2 are needed (1 duplicate, 1 not drafted)."
    )
    assert caught.value.retryable
    with reading(PSEUDO):
        assert untranslated(explained(caught.value.said)) == ""


def test_every_reason_to_drop_a_draft_is_said_in_words() -> None:
    assert COUNTED.keys() == set(Unusable)
    assert [told.format(count=2) for told in COUNTED.values()] == [f"2 {each}" for each in Unusable]


async def test_the_least_number_of_usable_drafts_can_be_chosen():
    assert (await mediate(["Ban them."], minimum_usable=1)).statement == "Ban them."
    with pytest.raises(TooFewCandidatesError):
        await mediate(["Ban them.", "Tax them."], minimum_usable=3)


async def test_a_participant_without_a_score_is_asked_again_alone():
    def forgets_the_third_at_first(call, rewards):
        if call == 1:
            rewards[2, 0] = np.nan
        return rewards

    model = TableRewardModel(on_call=forgets_the_third_at_first)

    mediation = await mediate(model=model)

    assert all(np.isfinite(candidate.rewards).all() for candidate in mediation.candidates)
    assert model.calls[1][0] == ("Leave us alone.",)


async def test_a_participant_without_a_score_twice_is_reported_and_not_named():
    def forgets_the_third(call, rewards):
        rewards[-1 if rewards.shape[0] == 1 else 2, 0] = np.nan
        return rewards

    with pytest.raises(ScoringError) as caught:
        await mediate(model=TableRewardModel(on_call=forgets_the_third))

    assert "1 of 4 participants" in str(caught.value)
    assert "Leave" not in str(caught.value)
    assert "p2" not in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rewards: rewards[:-1],
        lambda rewards: rewards * np.inf,
        lambda rewards: rewards * 2,
        lambda rewards: rewards[0],
    ],
    ids=["wrong-shape", "infinite", "off-the-scale", "one-dimension"],
)
async def test_an_answer_of_the_reward_model_that_is_no_matrix_of_ratings_ends_the_round(spoil):
    with pytest.raises(ScoringError):
        await mediate(model=TableRewardModel(on_call=lambda _, rewards: spoil(rewards)))


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, opinions=()),
        replace(REQUEST, opinions=(*OPINIONS, ParticipantOpinion("p9", " \n"))),
        replace(REQUEST, question=" "),
        replace(REQUEST, candidates=1),
    ],
    ids=["no-opinions", "an-empty-opinion", "no-question", "too-few-candidates"],
)
async def test_a_senseless_request_is_the_caller_s_mistake(request_):
    with pytest.raises(ValueError, match="A mediation needs"):
        await mediate(request=request_)


def test_a_mediator_cannot_choose_from_nothing():
    with pytest.raises(ValueError, match="1 candidate or more"):
        Mediator(ScriptedGenerator([]), TableRewardModel(), minimum_usable=0)


@pytest.mark.parametrize(
    "script", [[GeneratorUnavailableError("busy")], ["Ban them.", GeneratorUnavailableError("busy")]]
)
async def test_a_generator_s_error_reaches_the_caller(script):
    with pytest.raises(GenerationError, match="busy"):
        await mediate(script)


async def test_each_candidate_s_opinions_are_in_the_order_that_is_recorded_with_it():
    generator = NotingGenerator(TEXTS)

    mediation = await Mediator(generator, TableRewardModel()).mediate(REQUEST)

    texts = [opinion.text for opinion in OPINIONS]
    shown = {brief.index: brief.opinions for brief in generator.briefs}
    recorded = {candidate.text: candidate for candidate in mediation.candidates}
    for index, text in enumerate(TEXTS):
        assert recorded[text].seed == candidate_seed(REQUEST.seed, index)
        assert shown[index] == shuffled(texts, recorded[text].order)
        assert sorted(shown[index]) == sorted(texts)
    assert len(set(shown.values())) > 1
    assert "order" not in mediation.public()["candidates"][0]


@pytest.mark.parametrize(
    ("candidates", "sizes"), [(16, [4] * 4), (6, [2, 1, 2, 1]), (4, [1] * 4), (2, [1] * 2)]
)
def test_candidates_share_a_few_orders_one_after_the_other_and_no_seed(candidates, sizes):
    made = briefs(replace(REQUEST, candidates=candidates))

    runs = [[brief.opinions for brief in run] for _, run in groupby(made, key=lambda brief: brief.order)]
    assert [len(run) for run in runs] == sizes
    assert all(len(set(run)) == 1 for run in runs)
    assert len({brief.seed for brief in made}) == candidates


@given(candidates=st.integers(1, 40), seed=st.integers(0, 2**40))
def test_there_are_never_more_orders_than_a_small_server_has_slots(candidates, seed):
    request = replace(REQUEST, candidates=candidates, seed=seed)

    assert len({brief.order for brief in briefs(request)}) == min(candidates, ORDERS)
    assert briefs(request) == briefs(request)


class Skimming(ScriptedGenerator):
    """Reads only as many opinions as it has room for, as drafters before a model do."""

    model_used = True

    def __init__(self, room):
        self.room = room

    async def draft(self, briefs):
        for brief, fitting in zip(
            briefs, fitted(briefs, lengths(briefs[0].opinions), self.room), strict=True
        ):
            yield Draft(brief, f"Statement {brief.index} of many.", read=fitting.places)


def lengths(texts):
    return {text: len(text.split()) for text in texts}


async def test_the_result_says_of_which_kinds_opinions_were_left_out_and_how_many():
    many = [f"Buses and tickets cost me money every day, {at}. " + "Really so. " * 30 for at in range(150)]
    few = [f"My wheelchair needs a ramp at door {at}." for at in range(20)]
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate([*many, *few]))
    request = MediationRequest("What is to be done?", people, candidates=4, seed=3)

    mediation = await Mediator(Skimming(600), LexicalRewardModel()).mediate(request)

    reading = mediation.reading
    kinds = {kind.words: kind for kind in reading.kinds}
    (ramps,) = [kind for words, kind in kinds.items() if "ramp" in words]
    (buses,) = [kind for words, kind in kinds.items() if "buses" in words]
    assert ramps.opinions == 20
    assert sum(kind.opinions for kind in reading.kinds) == 170
    assert sum(kind.unread for kind in reading.kinds) == reading.unread > 0
    assert ramps.unread / ramps.opinions <= buses.unread / buses.opinions < 1
    assert mediation.public()["reading"]["kinds"][0].keys() == {"words", "opinions", "unread"}
    assert mediation == Mediation.model_validate_json(mediation.model_dump_json())


def test_shuffles_stay_the_same_from_version_to_version():
    assert candidate_seed(0, 0) == 93543916551078
    assert shuffled(["a", "b", "c", "d"], 93543916551078) == ("d", "c", "b", "a")


async def test_the_same_seed_gives_the_same_mediation_and_another_seed_another():
    async def run(seed):
        mediator = Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)
        mediation = await mediator.mediate(replace(REQUEST, candidates=6, seed=seed))
        return mediation.model_dump(exclude={"timings_s"})

    assert await run(1) == await run(1)
    assert (await run(1))["candidates"] != (await run(2))["candidates"]  # their seeds, at least


def test_briefs_hold_the_question_and_one_seed_each():
    made = briefs(replace(REQUEST, candidates=5))

    assert [brief.index for brief in made] == list(range(5))
    assert {brief.question for brief in made} == {REQUEST.question}
    assert len({brief.seed for brief in made}) == 5


async def test_a_candidate_is_scored_while_the_next_is_still_being_drafted():
    first_is_scored = asyncio.Event()

    class Waiting(ScriptedGenerator):
        async def draft(self, briefs):
            yield Draft(briefs[0], "Ban them.")
            await first_is_scored.wait()
            yield Draft(briefs[1], "Tax them.")

    def tell(call, rewards):
        first_is_scored.set()
        return rewards

    async with asyncio.timeout(10):  # a scorer that waits for the drafter would wait for ever
        mediation = await Mediator(Waiting([]), TableRewardModel(on_call=tell)).mediate(REQUEST)

    assert len(mediation.candidates) == 2


async def test_after_the_last_draft_only_that_one_is_left_to_score_where_scoring_keeps_up():
    scored = asyncio.Semaphore(0)
    texts = [f"Ban {number} of them." for number in range(16)]
    scored_before_the_last = []

    class OneByOne(ScriptedGenerator):
        async def draft(self, briefs):
            for brief, text in zip(briefs, texts, strict=True):
                scored_before_the_last[:] = [text for _, texts in model.calls for text in texts]
                yield Draft(brief, text)
                if brief.index < 15:
                    await scored.acquire()

    def tell(call, rewards):
        scored.release()
        return rewards

    model = TableRewardModel({text: [4.0] * 4 for text in texts}, on_call=tell)
    async with asyncio.timeout(10):
        await Mediator(OneByOne([]), model).mediate(replace(REQUEST, candidates=16))

    assert scored_before_the_last == texts[:15]
    assert model.calls[-1][1] == (texts[15],)


async def test_drafting_goes_on_while_a_candidate_is_scored_and_only_one_scoring_runs_at_a_time():
    all_are_drafted = asyncio.Event()
    running = []

    class Telling(ScriptedGenerator):
        async def draft(self, briefs):
            async for draft in super().draft(briefs):
                yield draft
            all_are_drafted.set()

    class Slow(TableRewardModel):
        async def score(self, question, opinions, candidates):
            running.append(len(running) + 1)
            assert len(running) == 1
            await all_are_drafted.wait()
            running.clear()
            return await super().score(question, opinions, candidates)

    async with asyncio.timeout(10):
        mediation = await Mediator(Telling(TEXTS), Slow()).mediate(REQUEST)

    assert len(mediation.candidates) == 3


async def test_progress_of_both_stages_begins_early_never_falls_and_ends_complete():
    seen = []

    await mediate(
        ["Ban them.", "ban them", "Tax them.", None],
        request=replace(REQUEST, candidates=4),
        on_progress=seen.append,
    )

    assert seen[0] == Progress(Stage.DRAFT, 0, 4)
    for stage in (Stage.DRAFT, Stage.SCORE):
        done = [progress.done for progress in seen if progress.stage is stage]
        assert done == sorted(done)
        assert done[-1] == 4
    assert {progress.total for progress in seen} == {4}


async def test_timings_are_recorded():
    timings = (await mediate()).timings_s

    assert timings.total >= timings.draft >= 0
    assert timings.total >= timings.score >= 0


class SlowReader(TableRewardModel):
    """Encodes opinions, in no less than 20 ms for each call."""

    async def encode_opinions(self, question, opinions):
        await asyncio.sleep(0.02)
        return np.array([[[o.text for o in OPINIONS].index(opinion)] for opinion in opinions], np.float32)

    async def score_encoded(self, vectors, question, candidates):
        return await self.score(question, [OPINIONS[int(row)].text for row in vectors[:, 0]], candidates)


async def test_reading_opinions_is_timed_and_reported_where_it_is_apart_from_scoring():
    seen = []

    read = await mediate(model=SlowReader(), on_progress=seen.append)

    assert read.timings_s.total > read.timings_s.read >= 0.02
    assert [each for each in seen if each.stage is Stage.READ] == [
        Progress(Stage.READ, 0, 4),
        Progress(Stage.READ, 4, 4),
    ]


async def test_a_model_that_reads_while_it_scores_reports_no_reading():
    seen = []

    await mediate(on_progress=seen.append)

    assert not [each for each in seen if each.stage is Stage.READ]


class Unread:
    """Limits of a model that cannot read this round."""

    async def unknown(self, question, opinions):
        assert question == REQUEST.question
        assert list(opinions) == [opinion.text for opinion in OPINIONS]
        return "the reward model does not read German"


CLOSE = ["Bananas are yellow.", "Ban them all, or tax them.", "Ask the moon."]


async def test_what_the_model_does_not_know_is_not_predicted_and_the_closest_draft_is_chosen():
    model, seen = TableRewardModel(), []

    mediator = Mediator(ScriptedGenerator(CLOSE), model, limits={"table/1": Unread()})
    mediation = await mediator.mediate(REQUEST, seen.append)

    assert (model.calls, model.tried) == ([], [])
    assert mediation.statement == CLOSE[1]
    assert mediation.candidates[-1].text == CLOSE[0]
    assert [candidate.rewards for candidate in mediation.candidates] == [(), (), ()]
    assert [candidate.welfare for candidate in mediation.candidates] == sorted(
        closeness(CLOSE, [opinion.text for opinion in OPINIONS]), reverse=True
    )
    assert mediation.models.reward == "closeness/1 (the reward model does not read German)"
    assert mediation.models.unpredicted == "the reward model does not read German"
    assert mediation.best_opinion is None
    assert seen[-1] == Progress(Stage.SCORE, 3, 3)


async def test_of_equally_close_drafts_the_earlier_one_is_chosen():
    mediator = Mediator(
        ScriptedGenerator(["Zebras run.", "Yaks walk.", "Xi."]),
        TableRewardModel(),
        limits={"table/1": Unread()},
    )

    assert (await mediator.mediate(REQUEST)).statement == "Zebras run."


async def test_a_round_that_is_not_predicted_still_has_the_baseline_that_a_study_asks_for():
    mediator = Mediator(ScriptedGenerator(CLOSE), TableRewardModel(), limits={"table/1": Unread()})

    best = (await mediator.mediate(replace(REQUEST, compared=True))).best_opinion

    assert (best.rewards, best.scored) == ((), 4)
    assert best.participant in {"p0", "p1"}  # "them" is common to these two, and no two others share a word


async def test_a_forgotten_member_leaves_a_round_that_was_not_predicted_whole():
    mediator = Mediator(ScriptedGenerator(CLOSE), TableRewardModel(), limits={"table/1": Unread()})

    left = (await mediator.mediate(REQUEST)).without("p1")

    assert left.statement == CLOSE[1]
    assert left.participants == ("p0", "p2", "p3")
    assert left.candidates[0].rewards == ()


async def test_limits_that_a_round_does_not_touch_change_nothing():
    limits = Limits(languages=("en",), unknown_kinds=("which",))

    with_limits = await mediate(limits={"table/1": limits, "another/1": Unread()})

    assert with_limits.model_dump(exclude={"timings_s"}) == (await mediate()).model_dump(
        exclude={"timings_s"}
    )


class EndlessGenerator(ScriptedGenerator):
    """Yields one draft and then never ends; tells when it waits and when it was closed."""

    def __init__(self):
        super().__init__([])
        self.waits, self.closed = asyncio.Event(), False

    async def draft(self, briefs):
        try:
            yield Draft(briefs[0], "Ban them.")
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_cancelling_a_mediation_cancels_its_drafting():
    generator = EndlessGenerator()
    running = asyncio.create_task(Mediator(generator, TableRewardModel()).mediate(REQUEST))
    await generator.waits.wait()

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert generator.closed
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_failed_scoring_cancels_the_drafting():
    generator = EndlessGenerator()

    async with asyncio.timeout(10):
        with pytest.raises(ScoringError):
            await Mediator(generator, TableRewardModel(on_call=lambda _, r: r[:-1])).mediate(REQUEST)

    assert generator.closed


async def test_a_progress_report_that_fails_ends_the_round_and_closes_the_generator():
    generator = EndlessGenerator()

    def refuse(progress):
        if progress.done:
            raise RuntimeError("nobody listens")

    async with asyncio.timeout(10):
        with pytest.raises(RuntimeError, match="nobody listens"):
            await Mediator(generator, TableRewardModel()).mediate(REQUEST, refuse)

    assert generator.closed


async def test_surrounding_space_of_a_draft_is_not_part_of_the_statement():
    model = TableRewardModel({"Ban them.": [5, 5, 5, 5], "Tax them.": [4, 4, 4, 4]})

    assert (await mediate([" \nBan them.\n", "Tax them."], model)).statement == "Ban them."


def test_the_main_path_loads_neither_torch_nor_an_http_library():
    check = (
        "import sys, engine.mediator, engine.welfare;"
        "from engine.drafting import make_generator; from engine.reward import make_reward_model;"
        "make_generator('digest'); make_reward_model('lexical');"
        "heavy = {'torch', 'transformers', 'aiohttp', 'httpx2', 'huggingface_hub'} & sys.modules.keys();"
        "sys.exit(', '.join(heavy) or 0)"
    )

    outcome = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, timeout=PROCESS_S)

    assert outcome.returncode == 0, outcome.stderr


# -- ties ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("uncertainty", "tied"), [(0.0, 0), (0.05, 0), (0.3, 2), (6.0, 3)])
async def test_drafts_that_the_model_cannot_tell_apart_are_parted_by_closeness(uncertainty, tied):
    means = {"Ban them.": 5.0, "Tax them. Leave us.": 4.8, "Ask first.": 3.0}
    model = TableRewardModel({text: [mean] * 4 for text, mean in means.items()})
    model.uncertainty = uncertainty

    mediation = await Mediator(ScriptedGenerator(list(means)), model).mediate(REQUEST)

    assert mediation.tied == tied
    near = closeness(list(means), [opinion.text for opinion in OPINIONS])
    first = max(range(tied), key=lambda at: near[at]) if tied else 0
    assert mediation.statement == list(means)[first]
    assert {c.text: c.welfare for c in mediation.candidates} == pytest.approx(means)
    assert mediation.public()["tied"] == tied


async def test_a_model_that_weighs_closeness_prefers_what_the_other_drafts_say_too():
    """Alike by the model's ratings; drafts are scored a few at a time and weighed once all are there."""
    shared = [f"Tax plastic bags and bottles, part {number}." for number in range(6)]
    texts = ["Plant trees instead.", *shared]
    model = TableRewardModel({text: [4.5] * 4 for text in texts})
    model.closeness_weight = 5.0

    mediation = await Mediator(ScriptedGenerator(texts), model).mediate(
        replace(REQUEST, candidates=len(texts))
    )

    assert mediation.statement in shared
    assert mediation.candidates[-1].text == "Plant trees instead."
    expected = in_company(
        np.full((4, len(texts)), 4.5), texts, [opinion.text for opinion in OPINIONS], weight=5.0
    )
    found = {each.text: each.rewards[0] for each in mediation.candidates}
    assert found == pytest.approx(dict(zip(texts, expected[0], strict=True)))


# -- juries ----------------------------------------------------------------------------------------


def by_jury(seats, **options):
    """Of the four people the first three are in support, and the last in sales."""
    values = {"p0": "support", "p1": "support", "p2": "support", "p3": "sales"}
    return replace(REQUEST, jury=RequestedJury("team", seats, values, **options))


FOR_MOST = {"Ban them.": [6, 6, 6, 2], "Tax them.": [4, 4, 4, 7], "Ask first.": [1, 1, 1, 2]}


async def test_juries_choose_the_statement_and_the_result_says_how():
    everybody = await mediate(model=TableRewardModel(FOR_MOST))
    jury = await mediate(model=TableRewardModel(FOR_MOST), request=by_jury({"support": 1, "sales": 1}))

    assert everybody.statement == "Ban them."
    assert everybody.jury is None
    assert jury.statement == "Tax them."
    assert [candidate.welfare for candidate in jury.candidates] == [5.5, 4, 1.5]
    assert jury.jury == JuryHeard(
        attribute="team",
        seats={"support": 1, "sales": 1},
        with_replacement=False,
        draws=100,
        spread=((5.5, 5.5), (4, 4), (1.5, 1.5)),
    )
    assert Mediation.model_validate_json(jury.model_dump_json()) == jury
    assert jury.without("p3").jury == jury.jury


@pytest.mark.parametrize(
    ("seats", "options", "missing"),
    [
        ({"support": 4, "sales": 0}, {}, "team support: at least 4 needed"),
        ({"support": 1, "sales": 1}, {"fewest": 3}, "team sales: at least 3 needed"),
        ({"support": 1, "legal": 2}, {"with_replacement": True}, "team legal: at least 1 needed"),
    ],
)
async def test_seats_that_cannot_be_filled_are_told_before_anything_is_drafted(seats, options, missing):
    generator = NotingGenerator(TEXTS)
    with pytest.raises(EmptySeatsError, match=missing):
        await Mediator(generator, TableRewardModel(FOR_MOST)).mediate(by_jury(seats, **options))
    later = replace(by_jury(seats, **options), revision=Revision("Tax them.", ()))
    with pytest.raises(EmptySeatsError, match="Too few members are left"):  # nobody can answer any more
        await Mediator(generator, TableRewardModel(FOR_MOST)).mediate(later)
    assert not hasattr(generator, "briefs")

    repeated = by_jury({"support": 4}, with_replacement=True)
    assert (await mediate(model=TableRewardModel(FOR_MOST), request=repeated)).statement == "Ban them."


async def test_where_nobodys_agreement_is_predicted_no_jury_is_heard():
    class KnowsNothing:
        async def unknown(self, question, opinions):
            return "the reward model does not read this"

    model = TableRewardModel(FOR_MOST)
    made = await mediate(model=model, request=by_jury({"sales": 1}), limits={model.name: KnowsNothing()})

    assert made.models.unpredicted
    assert made.jury is None


@given(order=st.permutations(OPINIONS), seed=st.integers(0, 9))
def test_the_order_of_members_changes_no_jurys_choice(order, seed):
    request = replace(by_jury({"support": 2, "sales": 1}), seed=seed)
    first, second = (
        asyncio.run(mediate(model=TableRewardModel(FOR_MOST), request=replace(request, opinions=tuple(who))))
        for who in (OPINIONS, order)
    )
    assert second.statement == first.statement
    assert second.jury == first.jury
