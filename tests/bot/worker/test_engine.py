"""A promoted model is taken up between two rounds, without a restart."""

import asyncio
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bot.bootstrap import models as wired
from bot.bootstrap.settings import SettingsError, read_settings
from bot.domain.model_notice import ModelNotice
from bot.wording import texts
from bot.worker.engine import TRY_AGAIN_S, Engine, PromotedEngine
from engine.errors import EngineError, ScoringError
from engine.fallback import LastResortMediator
from engine.mediator import Mediator
from engine.model_registry import CURRENT, Act, Kind, Promoted, read_models, record, roll_back, weights_hash
from engine.study.arms import TEMPLATES
from engine.types import Arm, Mediation, MediationRequest, ParticipantOpinion
from tests.engine.drafting.local.tiny import save_tiny_llama
from tests.scripted_drafter import ScriptedGenerator

NOW = datetime(2026, 11, 24, tzinfo=UTC)
THINGS = ("cars", "bikes", "dogs")
REQUEST = MediationRequest(
    question="Should we ban cars?",
    opinions=tuple(
        ParticipantOpinion(participant=f"p{n}", text=f"I think that we should keep {thing}.")
        for n, thing in enumerate(THINGS)
    ),
    candidates=2,
)


class Named:
    """A mediator that answers with its name, when it is let."""

    def __init__(self, name, gate=None):
        self.name, self.gate = name, gate

    async def mediate(self, request, on_progress=None):
        if self.gate is not None:
            await self.gate.wait()
        return self.name

    async def encode(self, question, opinions):
        return [self.name.encode()] * len(opinions)


class Shelf:
    """What is promoted, for tests."""

    def __init__(self, engine):
        self.stamp, self.engine, self.built, self.threads, self.now = 0, engine, 0, [], 0.0

    def build(self):
        self.built += 1
        self.threads.append(threading.current_thread())
        if isinstance(self.engine, Exception):
            raise self.engine
        return self.engine

    def promote(self, engine):
        self.stamp, self.engine = self.stamp + 1, engine

    def opened(self):
        return PromotedEngine(self.build, lambda: self.stamp, lambda: self.now)


def engine(name, gate=None):
    return Engine(Named(name, gate), Named(name), name)


async def test_members_are_told_of_the_engine_that_is_promoted_and_it_drafts_from_then_on():
    shelf = Shelf(engine("old")._replace(notice=ModelNotice(drafter="old")))
    promoted = shelf.opened()
    assert await promoted.notice() == ModelNotice(drafter="old")

    shelf.promote(engine("new")._replace(notice=ModelNotice(drafter="new")))

    assert await promoted.notice() == ModelNotice(drafter="new")
    assert await promoted.mediate(REQUEST) == "new"


async def test_members_are_told_of_the_old_engine_while_what_is_promoted_cannot_be_used():
    shelf = Shelf(engine("old")._replace(notice=ModelNotice(drafter="old")))
    promoted = shelf.opened()

    shelf.promote(EngineError("It is torn."))

    assert await promoted.notice() == ModelNotice(drafter="old")


def assert_same_rewards(one: Mediation, other: Mediation) -> None:
    """As far as fp32 goes: where the texts lie in memory changes the last digits of a matrix product."""
    np.testing.assert_allclose(
        [c.rewards for c in one.candidates], [c.rewards for c in other.candidates], rtol=0, atol=1e-5
    )


async def test_the_next_round_uses_what_was_promoted_and_the_running_one_ends_as_it_began():
    gate = asyncio.Event()
    shelf = Shelf(engine("old", gate))
    promoted = shelf.opened()
    running = asyncio.create_task(promoted.mediate(REQUEST))
    await asyncio.sleep(0)

    shelf.promote(engine("new"))

    assert await promoted.mediate(REQUEST) == "new"
    assert await promoted.encode("?", ["a", "b"]) == [b"new", b"new"]
    gate.set()
    assert await running == "old"


async def test_models_are_built_once_for_each_promotion_and_beside_the_event_loop():
    shelf = Shelf(engine("old"))
    promoted = shelf.opened()
    shelf.promote(engine("new"))

    names = await asyncio.gather(*(promoted.mediate(REQUEST) for _ in range(5)))

    assert set(names) == {"new"}
    assert shelf.built == 2
    assert shelf.threads[1] is not threading.main_thread()


async def test_what_cannot_be_used_leaves_the_models_from_before(caplog):
    shelf = Shelf(engine("old"))
    promoted = shelf.opened()
    shelf.promote(RuntimeError("half a file"))

    assert await promoted.mediate(REQUEST) == "old"
    assert await promoted.mediate(REQUEST) == "old"

    assert shelf.built == 2
    assert "The models from before stay" in caplog.text
    shelf.promote(engine("mended"))
    assert await promoted.mediate(REQUEST) == "mended"


async def test_what_could_not_be_used_is_tried_again_when_somebody_had_time_to_mend_it():
    shelf = Shelf(engine("old"))
    promoted = shelf.opened()
    shelf.promote(ScoringError("half a copy"))
    assert await promoted.mediate(REQUEST) == "old"
    shelf.engine = engine("whole")

    shelf.now = TRY_AGAIN_S - 1
    assert await promoted.mediate(REQUEST) == "old"
    shelf.now = TRY_AGAIN_S
    assert await promoted.mediate(REQUEST) == "whole"

    shelf.now = 10 * TRY_AGAIN_S
    assert await promoted.mediate(REQUEST) == "whole"
    assert shelf.built == 3


async def test_a_model_that_encodes_nothing_keeps_nothing():
    assert await Shelf(Engine(Named("x"), None, "x")).opened().encode("?", ["a", "b"]) == [b"", b""]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ACCORD_REWARD_MODEL", "lexical")
    return read_settings()


def put(tmp_path, name, seed):
    """A tiny model in the folder of models, promoted."""
    from engine.reward.towers.checkpoint import save_checkpoint  # torch: only where it is needed
    from tests.engine.tiny import tiny_checkpoint

    models = tmp_path / "data" / "models"
    save_checkpoint(tiny_checkpoint(seed=seed), models / "reward" / name)
    return promote(models, name)


def promote(models, name):
    used = read_models(models).reward
    model = Promoted(
        id=name,
        path=f"reward/{name}",
        sha256=weights_hash(models / "reward" / name),
        before=used.id if used else None,
    )
    record(models, Act(at=NOW, did="promote", kind=Kind.REWARD, model=model))
    return models


async def test_a_worker_takes_up_a_promotion_and_a_rollback_without_a_restart(settings, tmp_path):
    engine = wired.promoted_engine(settings)
    assert (await engine.mediate(REQUEST)).models.reward == "lexical/1"

    models = put(tmp_path, "one", 1)
    assert (await engine.mediate(REQUEST)).models.reward == "tiny"

    roll_back(models, Kind.REWARD, at=NOW)
    assert (await engine.mediate(REQUEST)).models.reward == "lexical/1"


def cut_file_of_models(models):
    (models / CURRENT).write_text((models / CURRENT).read_text()[:100])


def of_another_version(models):
    (models / CURRENT).write_text('{"schema_version": 2}')


def nowhere(models):
    put(models.parents[1], "two", 2)
    shutil.rmtree(models / "reward" / "two")


def half_a_copy(models):
    put(models.parents[1], "two", 2)
    weights = models / "reward" / "two" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def files_are_missing(models):
    put(models.parents[1], "two", 2)
    (models / "reward" / "two" / "tokenizer.json").unlink()


def no_reward_model(models):
    save_tiny_llama(models / "reward" / "two")
    promote(models, "two")


def of_a_family_that_nobody_knows(models):
    put(models.parents[1], "two", 2)
    folder = models / "reward" / "two"
    (folder / "accord.json").write_text('{"family": "oracle", "name": "two"}')
    promote(models, "two")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_file_of_models, "current.json: it is not what this version writes"),
        (of_another_version, "current.json: it is not what this version writes"),
        (nowhere, "two: the promoted model is not there"),
        (half_a_copy, "two: its files are not those of the model that was promoted"),
        (files_are_missing, "two: its files are not those of the model that was promoted"),
        (no_reward_model, "two has no trained head: score.weight is missing"),
        (of_a_family_that_nobody_knows, "two: accord.json is not what this version reads"),
    ],
    ids=lambda case: case.__name__ if callable(case) else "",
)
async def test_a_damaged_promotion_is_one_sentence_and_the_old_model_stays(
    settings, tmp_path, caplog, damage, said
):
    models = put(tmp_path, "one", 1)
    engine = wired.promoted_engine(settings)
    before = await engine.mediate(REQUEST)

    damage(models)

    after = await engine.mediate(REQUEST)
    assert_same_rewards(after, before)
    (told,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert said in told.getMessage()
    assert "\n" not in told.getMessage()
    assert told.exc_info is None


async def test_a_worker_does_not_begin_with_half_a_model(settings, tmp_path):
    half_a_copy(put(tmp_path, "one", 1))

    with pytest.raises(SettingsError, match="accord rollback") as failed:
        wired.promoted_engine(settings)

    assert "\n" not in str(failed.value)


async def test_vectors_of_the_model_before_are_not_mixed_with_the_new_ones(settings, tmp_path):
    put(tmp_path, "one", 1)
    engine = wired.promoted_engine(settings)
    texts = [opinion.text for opinion in REQUEST.opinions]
    stored = await engine.encode(REQUEST.question, texts)
    put(tmp_path, "two", 2)
    kept = {o.participant: value for o, value in zip(REQUEST.opinions, stored, strict=True)}

    with_stored = await engine.mediate(replace(REQUEST, encoded=kept))
    without = await engine.mediate(REQUEST)

    assert_same_rewards(with_stored, without)


async def test_a_promoted_adapter_is_asked_for_by_its_name_and_with_the_prompt_that_it_knows(
    settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("TGI_URL", "http://tgi:8080")
    model = Promoted(
        id="d1", path="/srv/d1", sha256="0" * 64, adapter="d1", launch="text-generation-launcher"
    )
    record(tmp_path / "data" / "models", Act(at=NOW, did="promote", kind=Kind.DRAFTER, model=model))

    used = wired.settings_in_use(read_settings())

    assert (used.tgi_adapter, used.prompt) == ("d1", "fine-tuned")
    assert used.local_model is None


async def test_the_arms_of_a_study_are_drafted_by_the_model_and_prompt_that_they_compare(
    settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("TGI_URL", "http://tgi:8080")
    monkeypatch.setenv("ACCORD_LAST_RESORT", "true")
    model = Promoted(
        id="d1", path="/srv/d1", sha256="0" * 64, adapter="d1", launch="text-generation-launcher"
    )
    record(tmp_path / "data" / "models", Act(at=NOW, did="promote", kind=Kind.DRAFTER, model=model))
    read = read_settings()
    asked = []
    monkeypatch.setattr(wired, "generator_of", lambda said: asked.append(said) or ScriptedGenerator([]))

    arms = wired._built(read).arms
    asked.clear()  # everyday drafting
    for template in ("zero-shot", "few-shot", "fine-tuned"):
        assert type(arms._mediator(template)) is Mediator  # no last resort: an arm is what it is called

    assert [(said.prompt, said.tgi_adapter) for said in asked] == [
        ("zero-shot", None),
        ("few-shot", None),
        ("fine-tuned", "d1"),
    ]


async def test_every_arm_has_the_limits_of_the_promoted_reward_model(settings, tmp_path, monkeypatch):
    models = put(tmp_path, "one", 1)
    stated = '{"family": "two-tower", "name": "ours", "languages": ["en", "de"]}'
    (models / "reward" / "one" / "accord.json").write_text(stated)
    promote(models, "one")
    monkeypatch.setenv("TGI_URL", "http://tgi:8080")
    drafts = ["Wir bleiben hier.", "Wir gehen alle.", "Wir fragen nach.", "Wir warten noch."]
    monkeypatch.setattr(wired, "generator_of", lambda said: ScriptedGenerator(drafts))
    german = (
        ParticipantOpinion("p1", "Ja, gern, dann habe ich endlich Ruhe und spare mir den langen Weg."),
        ParticipantOpinion("p2", "Nein, ich brauche die Kollegen und treffe mich freitags gern im Büro."),
    )
    request = MediationRequest("Sollen wir freitags zu Hause arbeiten?", german, candidates=4)

    made = await wired._built(read_settings()).arms.draft(Arm.ZERO_SHOT, request)

    assert made.models.reward == "tiny"  # the configured one reads English only
    assert made.rewards.keys() == {"p1", "p2"}


DRAFTER = Promoted(id="d1", path="/srv/d1", sha256="0" * 64, launch="text-generation-launcher")
TGI = {"TGI_URL": "http://tgi:8080"}
OPENAI = {"OPENAI_BASE_URL": "http://v1", "OPENAI_MODEL": "m"}
LOCAL = {"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": "base"}
ITSELF_TUNED = {"ACCORD_PROMPT": "fine-tuned"}


@pytest.mark.parametrize(
    ("settings_are", "promoted", "drafted"),
    [
        ({}, None, set()),
        (TGI, None, {"zero-shot", "few-shot"}),
        (TGI | {"ACCORD_TGI_ADAPTER": "d1"}, None, {"zero-shot", "few-shot", "fine-tuned"}),
        (TGI | ITSELF_TUNED, None, {"fine-tuned"}),
        (TGI, DRAFTER, {"fine-tuned"}),
        (TGI, DRAFTER.model_copy(update={"adapter": "d1"}), {"zero-shot", "few-shot", "fine-tuned"}),
        (OPENAI, DRAFTER, {"zero-shot", "few-shot"}),
        (OPENAI | ITSELF_TUNED, None, {"fine-tuned"}),
        (LOCAL, DRAFTER, {"zero-shot", "few-shot", "fine-tuned"}),
        (LOCAL, DRAFTER.model_copy(update={"adapter": "d1"}), {"zero-shot", "few-shot"}),
    ],
    ids=[
        "nothing configured", "TGI", "TGI with an adapter", "TGI serves a tuned model",
        "TGI, a promoted whole model", "TGI, a promoted adapter", "an API that no drafter reaches",
        "an API of a tuned model", "local, a promoted whole model", "local takes no adapter",
    ],
)  # fmt: skip
def test_an_arm_is_refused_that_another_ones_drafter_would_make(
    settings, tmp_path, monkeypatch, settings_are, promoted, drafted
):
    for name, value in settings_are.items():
        monkeypatch.setenv(name, value)
    if promoted is not None:
        record(tmp_path / "data" / "models", Act(at=NOW, did="promote", kind=Kind.DRAFTER, model=promoted))

    for arm, template in TEMPLATES.items():
        if template in drafted:
            wired.require_drafters(read_settings(), [arm])
            continue
        with pytest.raises(SettingsError, match=rf"^Nobody can draft for .*{arm}.*--arm") as refused:
            wired.require_drafters(read_settings(), [Arm.BEST_OPINION, arm])
        assert "\n" not in str(refused.value)


async def test_arms_are_drafted_by_the_newest_engine_and_an_engine_without_them_says_so():
    class Arms:
        async def draft(self, arm, request, left_out=None):
            return arm, left_out

    shelf = Shelf(engine("old"))
    promoted = shelf.opened()
    with pytest.raises(EngineError, match=texts.NO_ARMS):
        await promoted.draft(Arm.ZERO_SHOT, REQUEST)

    shelf.promote(engine("new")._replace(arms=Arms()))

    assert await promoted.draft(Arm.LEAVE_ONE_OUT, REQUEST, "p1") == (Arm.LEAVE_ONE_OUT, "p1")


async def test_a_round_ends_with_the_models_that_it_began_with():
    shelf = Shelf(engine("old")._replace(notice=ModelNotice(drafter="old")))
    promoted = shelf.opened()
    drafting = await promoted.drafting(ModelNotice(drafter="old"))

    shelf.promote(engine("new")._replace(notice=ModelNotice(drafter="new")))

    assert await drafting.mediator.mediate(REQUEST) == "old"
    assert drafting.notice == ModelNotice(drafter="old")


NOBODY = "http://127.0.0.1:9"  # whoever asks there fails
NEVER_TOLD = {"TGI_URL": NOBODY, "ACCORD_JUDGE_URL": f"{NOBODY}/v1", "ACCORD_REWARD_MODEL": "llm"}


@pytest.mark.parametrize("left_to", [{}, {"ACCORD_GENERATOR": "digest"}], ids=["drafter", "judge"])
async def test_no_model_that_members_were_not_told_of_is_asked_anything(settings, monkeypatch, left_to):
    for name, value in (NEVER_TOLD | left_to | {"ACCORD_JUDGE_STAND_IN": "lexical"}).items():
        monkeypatch.setenv(name, value)
    drafting = await wired.promoted_engine(read_settings()).drafting(ModelNotice())

    made = await drafting.mediator.mediate(REQUEST, lambda progress: None)

    assert (made.model_used, made.models.generator, made.models.reward) == (False, "digest", "lexical/1")
    assert made.stood_in_for is None
    assert drafting.notice == ModelNotice(withheld=True)


async def test_nothing_is_drafted_for_studies_where_members_were_not_told_of_a_model(settings, monkeypatch):
    monkeypatch.setenv("TGI_URL", NOBODY)
    promoted = wired.promoted_engine(read_settings())
    assert (await promoted.drafting(ModelNotice())).arms is None
    assert (await promoted.drafting(await promoted.notice())).arms is not None


async def test_members_are_quoted_as_a_last_resort_only_where_they_were_told_so(settings, monkeypatch):
    for name, value in {"TGI_URL": NOBODY, "ACCORD_LAST_RESORT": "true"}.items():
        monkeypatch.setenv(name, value)
    promoted = wired.promoted_engine(read_settings())
    told = await promoted.notice()
    assert told.last_resort is True
    resorts = await promoted.drafting(told)
    waits = await promoted.drafting(told.model_copy(update={"last_resort": False}))

    kinds = [isinstance(each.mediator, LastResortMediator) for each in (resorts, waits)]
    assert kinds == [each.notice.last_resort for each in (resorts, waits)] == [True, False]
    # Every model that is set up may read, so that studies go on.
    assert (waits.notice.withheld, waits.arms) == (False, resorts.arms)


async def test_rounds_without_a_judge_share_the_drafter_in_use_as_each_holds_a_model_in_memory(
    settings, monkeypatch
):
    made, make = [], wired.generator_of
    monkeypatch.setattr(wired, "generator_of", lambda of: made.append(make(of)) or made[-1])
    judged = {"ACCORD_JUDGE_URL": "http://judge.example.org/v1", "ACCORD_REWARD_MODEL": "llm"}
    for name, value in ({"TGI_URL": NOBODY, "ACCORD_JUDGE_STAND_IN": "lexical"} | judged).items():
        monkeypatch.setenv(name, value)
    promoted = wired.promoted_engine(read_settings())
    told = (await promoted.notice()).model_copy(update={"judge": "", "judge_at": ()})

    first, second = await promoted.drafting(told), await promoted.drafting(told)

    assert first.mediator is second.mediator
    assert first.mediator is not (await promoted.drafting(None)).mediator
    assert [generator.model_used for generator in made] == [True]
