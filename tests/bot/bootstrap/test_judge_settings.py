"""The language model as judge, as settings describe it: whose server, and who stands in."""

import json
from datetime import UTC, datetime

import pytest

from bot.bootstrap.doctor import examine
from bot.bootstrap.judge import judge_environment, judge_options
from bot.bootstrap.models import (
    known_models,
    mediator_for,
    reward_model_for,
    reward_model_of,
    settings_in_use,
)
from bot.bootstrap.settings import EngineSettings, SettingsError, read_settings
from engine.drafting.local.llama import LlamaGenerator
from engine.model_registry import Act, Kind, Promoted, record, weights_hash
from engine.reward.judge.environment import judge_from
from engine.reward.judge.model import LanguageModelJudge
from engine.reward.lexical.model import LexicalRewardModel
from engine.reward.scoring.stand_in import WithStandIn
from engine.reward.towers.checkpoint import save_checkpoint
from engine.reward.towers.two_tower import TwoTower
from engine.types import MediationRequest, ParticipantOpinion
from tests.bot.bootstrap.test_settings import names
from tests.engine.reward.judge.loopback_judge import LoopbackJudge
from tests.engine.tiny import tiny_checkpoint

REQUEST = MediationRequest(
    "Which evening?",
    tuple(
        ParticipantOpinion(f"p{at}", f"{day} suits me best.") for at, day in enumerate(["Monday", "Tuesday"])
    ),
    candidates=4,
)


GERMAN = MediationRequest(
    "Sollen wir freitags zu Hause arbeiten?",
    (
        ParticipantOpinion("p0", "Ja, gern, dann habe ich endlich Ruhe und spare mir den langen Weg."),
        ParticipantOpinion("p1", "Nein, ich brauche die Kollegen und treffe mich freitags gern im Büro."),
    ),
    candidates=2,
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in names(type(read_settings())):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACCORD_JUDGE_STAND_IN", "lexical")
    monkeypatch.chdir(tmp_path)


def settings(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return EngineSettings()


@pytest.mark.parametrize(
    ("environment", "urls", "api", "model", "key"),
    [
        ({"TGI_URL": "http://a, http://b", "TGI_API_KEY": "k"}, ("http://a", "http://b"), "tgi", None, "k"),
        (
            {"OPENAI_BASE_URL": "http://a/v1", "OPENAI_MODEL": "m", "OPENAI_API_KEY": "k"},
            ("http://a/v1",), "openai", "m", "k",
        ),
        (
            {"TGI_URL": "http://a", "OPENAI_BASE_URL": "http://b/v1", "ACCORD_GENERATOR": "openai"},
            ("http://b/v1",), "openai", None, None,
        ),
        (
            {"TGI_URL": "http://a", "TGI_API_KEY": "k", "ACCORD_JUDGE_URL": "http://j/v1"},
            ("http://j/v1",), "openai", None, None,
        ),
        (
            {"ACCORD_JUDGE_URL": "http://j/v1", "ACCORD_JUDGE_MODEL": "m", "ACCORD_JUDGE_KEY": "j"},
            ("http://j/v1",), "openai", "m", "j",
        ),
        (
            {"OPENAI_BASE_URL": "http://a/v1", "OPENAI_MODEL": "m", "ACCORD_REWARD_MODEL": "llm:org/other"},
            ("http://a/v1",), "openai", "org/other", None,
        ),
        ({"ACCORD_JUDGE_URL": "http://j:8080"}, ("http://j:8080",), "tgi", None, None),
    ],
    ids=["tgi", "openai", "the-drafters", "no-key-of-the-drafters", "its-own", "named", "its-own-tgi"],
)  # fmt: skip
def test_the_judge_has_its_own_server_or_the_drafters(monkeypatch, environment, urls, api, model, key):
    options = judge_options(settings(monkeypatch, **environment))

    assert (options.urls, options.api, options.model, options.api_key) == (urls, api, model, key)


def test_without_a_server_there_is_no_judge(monkeypatch):
    assert judge_options(settings(monkeypatch)) is None
    with pytest.raises(SettingsError, match="needs a server: set ACCORD_JUDGE_URL"):
        reward_model_of(settings(monkeypatch, ACCORD_REWARD_MODEL="llm"))


def test_the_model_that_drafts_on_this_machine_judges_by_llm_and_not_by_auto(monkeypatch, tmp_path):
    pytest.importorskip("xllamacpp")
    here = {"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": str(tmp_path / "tiny.gguf")}
    options = judge_options(settings(monkeypatch, **here, ACCORD_WINDOW_TOKENS="4096"))

    drafter = LlamaGenerator(str(tmp_path / "tiny.gguf"), window_tokens=4096)
    assert options.local == drafter.wanted  # so that both share it
    auto = reward_model_of(settings(monkeypatch, ACCORD_REWARD_MODEL="auto"))
    assert isinstance(auto, LexicalRewardModel)
    judged = reward_model_of(settings(monkeypatch, ACCORD_REWARD_MODEL="llm"))
    assert isinstance(judged.first, LanguageModelJudge)
    with pytest.raises(SettingsError, match="The name after llm: is for a server"):
        reward_model_of(settings(monkeypatch, ACCORD_REWARD_MODEL="llm:other"))


@pytest.mark.parametrize("server", ["TGI_URL", "OPENAI_BASE_URL", "ACCORD_JUDGE_URL"])
def test_a_server_that_is_set_judges_before_the_model_on_this_machine(monkeypatch, server):
    here = {"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": "tiny.gguf"}
    options = judge_options(settings(monkeypatch, **here, **{server: "http://a"}))

    assert options.urls == ("http://a",)
    assert options.local is None


def test_learning_is_told_of_the_model_on_this_machine(monkeypatch, tmp_path):
    pytest.importorskip("xllamacpp")
    here = {"ACCORD_GENERATOR": "local", "ACCORD_LOCAL_MODEL": str(tmp_path / "tiny.gguf")}

    told = judge_environment(settings(monkeypatch, **here, ACCORD_WINDOW_TOKENS="4096"))

    assert judge_from(told).name == "llm:tiny"
    assert "ACCORD_JUDGE_URL" not in told


async def test_what_the_operator_adds_to_requests_is_added_to_the_judges_on_the_same_server(monkeypatch):
    extra = {"reasoning_effort": "low", "temperature": 1.5}
    async with LoopbackJudge(lambda opinion, statement: 5.0) as server:
        environment = {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_EXTRA": json.dumps(extra)}
        configured = settings(monkeypatch, **environment, ACCORD_REWARD_MODEL="llm")
        await reward_model_of(configured).score("q?", ["Yes."], ["We do."])

    (body,) = server.rating_bodies
    assert body["reasoning_effort"] == "low"
    assert body["temperature"] == 0
    told = judge_environment(configured)
    assert json.loads(told["ACCORD_JUDGE_EXTRA"]) == extra


def test_auto_is_the_other_model_without_a_server_and_for_large_groups(monkeypatch):
    assert isinstance(reward_model_of(settings(monkeypatch, ACCORD_REWARD_MODEL="auto")), LexicalRewardModel)

    model = reward_model_of(settings(monkeypatch, TGI_URL="http://a", ACCORD_JUDGE_MEMBERS="5"))
    assert isinstance(model, WithStandIn)
    assert isinstance(model.for_round(5)[0], LanguageModelJudge)
    assert [type(each) for each in model.for_round(6)] == [LexicalRewardModel]


def test_files_are_scored_by_the_judge_alone_and_only_when_it_is_named(monkeypatch):
    settings(monkeypatch, TGI_URL="http://a", ACCORD_REWARD_MODEL="auto")

    assert isinstance(reward_model_for(None), LexicalRewardModel)
    assert isinstance(reward_model_for("llm"), LanguageModelJudge)


def test_learning_compares_with_the_model_beneath_the_judge(monkeypatch):
    settings(monkeypatch, TGI_URL="http://a", ACCORD_REWARD_MODEL="llm")

    assert known_models()[-2:] == ["--configured", "lexical"]


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TGI_URL": "http://a", "ACCORD_REWARD_MODEL": "llm:org/m"}, "serves one model"),
        ({"ACCORD_JUDGE_URL": " , "}, "ACCORD_JUDGE_URL holds no address"),
        ({"TGI_URL": "http://a", "ACCORD_JUDGE_CALIBRATION": "nowhere.json"}, "nowhere.json cannot be read"),
    ],
    ids=["named-on-tgi", "no-address", "no-calibration"],
)
def test_what_cannot_be_used_is_one_sentence(monkeypatch, environment, says):
    with pytest.raises(SettingsError, match=says) as caught:
        judge_options(settings(monkeypatch, **environment))

    assert "\n" not in str(caught.value)


def test_a_calibration_is_read_from_its_file(monkeypatch, tmp_path):
    path = tmp_path / "judge.json"
    path.write_text(json.dumps({"slope": 0.5, "offset": 0.1}))
    found = judge_options(settings(monkeypatch, TGI_URL="http://a", ACCORD_JUDGE_CALIBRATION=str(path)))
    assert found.calibration.slope == 0.5

    path.write_text("[]")
    with pytest.raises(SettingsError, match="is not what"):
        judge_options(EngineSettings())


def test_another_process_is_told_of_the_judge_by_its_environment(monkeypatch):
    told = judge_environment(
        settings(monkeypatch, OPENAI_BASE_URL="http://a/v1", OPENAI_API_KEY="k", OPENAI_MODEL="m")
    )

    assert told["ACCORD_JUDGE_URL"] == "http://a/v1"
    assert (told["ACCORD_JUDGE_API"], told["ACCORD_JUDGE_MODEL"], told["ACCORD_JUDGE_KEY"]) == (
        "openai",
        "m",
        "k",
    )


async def test_a_mediation_by_the_command_line_is_judged_by_the_server(monkeypatch):
    async with LoopbackJudge(lambda opinion, statement: 5.0) as server:
        settings(monkeypatch, ACCORD_JUDGE_URL=server.url)
        mediation = await mediator_for("digest", "llm").mediate(REQUEST)

    assert mediation.models.reward == "llm:loopback/writer (judge/1)"
    assert mediation.public()["stood_in_for"] is None


@pytest.mark.parametrize(
    ("reward", "members", "judged"),
    [("llm", "12", True), ("auto", "12", True), ("auto", "1", False)],
    ids=["llm", "auto", "auto-too-large"],
)
async def test_the_limits_are_those_of_the_model_beneath_the_judge(monkeypatch, reward, members, judged):
    async with LoopbackJudge(lambda opinion, statement: 5.0) as server:
        settings(monkeypatch, ACCORD_JUDGE_URL=server.url, ACCORD_JUDGE_MEMBERS=members)
        mediation = await mediator_for("digest", reward).mediate(GERMAN)

    assert (mediation.models.unpredicted is None) is judged
    assert mediation.stood_in_for is None


@pytest.mark.parametrize("reward", ["llm:org/model", "auto"])
async def test_a_german_round_is_not_predicted_by_the_model_beneath_a_judge_that_is_gone(monkeypatch, reward):
    settings(monkeypatch, ACCORD_JUDGE_STAND_IN="lexical")
    if reward != "auto":  # which has no server at all
        async with LoopbackJudge(lambda opinion, statement: 5.0) as server:
            monkeypatch.setenv("ACCORD_JUDGE_URL", f"{server.url}/v1")
    mediation = await mediator_for("digest", reward).mediate(GERMAN)

    assert mediation.models.reward == "closeness/1 (the reward model does not read German)"


@pytest.mark.parametrize(
    ("reward", "says"),
    [
        (None, "available, not in use (set ACCORD_REWARD_MODEL=auto or llm): llm:loopback/writer (judge/1)"),
        ("auto", "for groups of up to 12: llm:loopback/writer (judge/1)"),
        ("llm", "llm:loopback/writer (judge/1)"),
    ],
)
async def test_the_doctor_says_that_the_judge_is_there_and_what_it_costs(monkeypatch, reward, says):
    async with LoopbackJudge(lambda opinion, statement: 5.0) as server:
        settings(monkeypatch, TGI_URL=server.url, ACCORD_REWARD_MODEL=reward or "lexical")
        found = {finding.about: finding for finding in await examine()}

    assert found["judge"].ok
    assert found["judge"].say.startswith(says)
    assert "A round of 5 members and 16 candidates takes about 80 requests" in found["judge"].say
    assert "several statements at a time it would take about 20 requests" in found["judge"].say
    assert found["reward model"].ok
    assert "lexical/1" in found["reward model"].say


@pytest.mark.parametrize(("reward", "ok"), [("lexical", True), ("llm", False), ("auto", False)])
async def test_a_judge_that_does_not_work_is_to_be_mended_only_where_it_is_used(monkeypatch, reward, ok):
    async with LoopbackJudge(lambda opinion, statement: 5.0, says=lambda told: "No.", tells=False) as server:
        settings(monkeypatch, TGI_URL=server.url, ACCORD_REWARD_MODEL=reward)
        found = {finding.about: finding for finding in await examine()}

    assert found["judge"].ok is ok
    assert "without a rating from 1 to 7" in found["judge"].say


async def test_the_doctor_says_nothing_of_a_judge_where_there_is_no_server(monkeypatch):
    settings(monkeypatch, ACCORD_REWARD_MODEL="auto")

    assert "judge" not in {finding.about for finding in await examine()}


def test_a_promoted_model_stands_in_for_the_judge_and_does_not_take_its_place(monkeypatch, tmp_path):
    folder = tmp_path / ".accord/models"
    save_checkpoint(tiny_checkpoint(), folder / "mine")
    promoted = Promoted(id="mine", path="mine", sha256=weights_hash(folder / "mine"))
    record(folder, Act(at=datetime.now(UTC), did="promote", kind=Kind.REWARD, model=promoted))
    settings(monkeypatch, TGI_URL="http://a", ACCORD_REWARD_MODEL="llm")

    in_use = settings_in_use(read_settings())

    assert (in_use.reward_model, in_use.judge_stand_in) == ("llm", ".accord/models/mine")
    assert isinstance(reward_model_of(in_use).other, TwoTower)
