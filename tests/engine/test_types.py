"""The words of the engine: what they refuse, and the documented JSON form of a mediation."""

import json
import math

import pytest
from pydantic import ValidationError

from engine.types import (
    BestOpinion,
    Candidate,
    Mediation,
    ModelsUsed,
    OpinionGroup,
    Timings,
    WelfareFunction,
    WelfareName,
)

BEST = BestOpinion(participant="a", rewards=(6.0, 2.0, 4.0), welfare=2.0, scored=3)


def mediation(**changes):
    candidates = (
        Candidate(text="Tax them.", source="extractive", seed=5, rewards=(6.0, 3.0, 4.0), welfare=3.0),
        Candidate(text="Ban them.", source="extractive", seed=6, rewards=(7.0, 2.0, 4.0), welfare=2.0),
    )
    return Mediation(
        question="Q?",
        seed=1,
        statement="Tax them.",
        winner=0,
        welfare_function=WelfareFunction(name=WelfareName.RAWLSIAN),
        participants=("a", "b", "c"),
        candidates=candidates,
        models=ModelsUsed(generator="extractive", reward="lexical/1", prompt="none"),
        timings_s=Timings(draft=0.1, score=0.2, total=0.25),
        dropped={"empty": 1},
        model_used=False,
    ).model_copy(update=changes)


def test_the_public_form_has_the_documented_keys_and_is_json():
    public = json.loads(json.dumps(mediation().public(), allow_nan=False))

    assert list(public) == [
        "question",
        "seed",
        "statement",
        "winner",
        "welfare_function",
        "participants",
        "candidates",
        "models",
        "timings_s",
        "best_opinion",
        "reading",
        "shortfall",
        "stood_in_for",
        "tied",
        "groups",
        "unites",
        "divides",
        "left_out",
        "leaves_open",
        "jury",
        "uncertainty",
    ]
    assert list(public["candidates"][0]) == ["text", "source", "rewards", "welfare"]
    assert public["welfare_function"] == {"name": "rawlsian", "alpha": None}
    assert public["models"] == {
        "generator": "extractive",
        "reward": "lexical/1",
        "prompt": "none",
        "unpredicted": None,
    }
    assert list(public["timings_s"]) == ["read", "draft", "score", "total"]


GROUPS = (
    OpinionGroup(
        participants=("a", "b"),
        size=2,
        welfare=4.5,
        agree=1,
        opinions=("b", "a"),
        points=((1.0, 0.5), (2.0, 0.5)),
    ),
    OpinionGroup(participants=("c",), size=1, welfare=4.0, agree=0, opinions=("c",)),
)


def test_the_public_form_tells_of_groups_and_of_who_is_left_out():
    public = mediation(groups=GROUPS, unites=0, divides=1, left_out=("b",)).public()

    assert public["groups"][0] == {
        "participants": ["a", "b"],
        "size": 2,
        "welfare": 4.5,
        "agree": 1,
        "opinions": ["b", "a"],
    }
    assert (public["unites"], public["divides"], public["left_out"]) == (0, 1, ["b"])


def test_whoever_is_erased_is_in_no_group_stands_for_none_and_is_not_left_out():
    kept = mediation(groups=GROUPS, left_out=("a", "b")).without("b")

    assert (kept.groups[0].participants, kept.groups[0].opinions, kept.left_out) == (("a",), ("a",), ("a",))
    assert (kept.groups[0].size, kept.groups[0].welfare, kept.groups[0].points) == (2, 4.5, ((1.0, 0.5),))
    assert kept.groups[1] == GROUPS[1]


def test_a_mediation_that_was_stored_before_there_were_groups_is_read_without_any():
    stored = json.loads(mediation().model_dump_json())
    del stored["groups"], stored["unites"], stored["divides"], stored["left_out"]

    assert Mediation.model_validate_json(json.dumps(stored)) == mediation()


def test_a_stored_mediation_is_read_back_as_it_was():
    assert Mediation.model_validate_json(mediation().model_dump_json()) == mediation()
    with_baseline = mediation(best_opinion=BEST)
    assert Mediation.model_validate_json(with_baseline.model_dump_json()) == with_baseline


def test_a_mediation_that_was_stored_before_there_was_a_baseline_is_read_without_one():
    stored = json.loads(mediation().model_dump_json())
    del stored["best_opinion"]

    assert Mediation.model_validate_json(json.dumps(stored)) == mediation()


def test_a_mediation_that_was_stored_before_reading_was_timed_is_read_with_none():
    stored = json.loads(mediation().model_dump_json())
    del stored["timings_s"]["read"], stored["models"]["unpredicted"]

    assert Mediation.model_validate_json(json.dumps(stored)) == mediation()


def test_predictions_are_by_participant_and_none_where_nobody_was_predicted():
    made = mediation()

    assert made.predicted(made.candidates[0].rewards) == {"a": 6.0, "b": 3.0, "c": 4.0}
    assert made.predicted(()) == {}


def test_dissenters_are_those_predicted_below_the_midpoint():
    assert mediation().dissenters() == 1


@pytest.mark.parametrize(
    ("name", "alpha"),
    [("utilitarian", 0.0), ("bernoulli-nash", 1.0), ("rawlsian", math.inf), ("group-rawlsian", 0.0)],
)
def test_a_named_welfare_function_has_the_alpha_that_defines_it(name, alpha):
    assert WelfareFunction.model_validate({"name": name}).alpha == alpha


def test_all_welfare_is_in_rating_points_but_a_product_of_shares():
    functions = [
        WelfareFunction(name=name, alpha=2 if name == "isoelastic" else None) for name in WelfareName
    ]

    assert {each.name for each in functions if each.limits != (1, 7)} == {WelfareName.GROUP_INFORMED}
    assert WelfareFunction(name=WelfareName.GROUP_INFORMED).limits == (0, 1)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "isoelastic"},
        {"name": "isoelastic", "alpha": -1},
        {"name": "isoelastic", "alpha": math.nan},
        {"name": "rawlsian", "alpha": 2},
        {"name": "group-informed", "alpha": 2},
        {"name": "majority"},
    ],
    ids=["no-alpha", "negative", "nan", "alpha-of-another", "alpha-over-groups", "unknown"],
)
def test_a_welfare_function_that_makes_no_sense_is_refused(data):
    with pytest.raises(ValidationError):
        WelfareFunction.model_validate(data)


def test_isoelastic_without_limit_is_refused_because_it_is_rawlsian():
    with pytest.raises(ValidationError, match="rawlsian"):
        WelfareFunction(name="isoelastic", alpha=math.inf)


@pytest.mark.parametrize("name", [["utilitarian"], {"a": 1}, 3, None])
def test_a_name_of_another_type_is_a_validation_error(name):
    with pytest.raises(ValidationError):
        WelfareFunction.model_validate({"name": name})


def test_forgetting_a_participant_erases_their_rewards_and_every_draft_that_may_quote_them():
    forgotten = mediation().without("b")

    assert forgotten.participants == ("a", "c")
    assert [c.rewards for c in forgotten.candidates] == [(6.0, 4.0), (7.0, 4.0)]
    assert [c.text for c in forgotten.candidates] == ["Tax them.", ""]
    assert forgotten.statement == "Tax them."
    assert forgotten.forgotten == 1


def test_forgetting_a_participant_erases_what_was_predicted_of_them_in_the_baseline_too():
    assert mediation(best_opinion=BEST).without("b").best_opinion == BEST.model_copy(
        update={"rewards": (6.0, 4.0)}
    )


def test_the_baseline_is_erased_with_the_participant_whose_opinion_it_is():
    assert mediation(best_opinion=BEST).without("a").best_opinion is None


def test_forgetting_somebody_who_took_no_part_changes_nothing():
    assert mediation().without("z") == mediation()
