"""What a reward model has not learnt: stated with the model, and told of a round in one clause."""

import json

import pytest

from engine.errors import ScoringError
from engine.reward import SHIPPED, limits_of
from engine.reward.model_info.limits import Limits
from engine.reward.model_info.source import Manifest, save_manifest
from tests.engine.reward.models import save_causal

GERMAN = ["Ja, gern.", "Nein, ich brauche die Kollegen."]


@pytest.mark.parametrize("source", [None, "lexical", str(SHIPPED)])
def test_the_shipped_models_read_english_only(source):
    assert limits_of(source).languages == ("en",)


async def test_a_round_in_another_language_is_unknown_and_the_language_is_named():
    why = await limits_of(None).unknown("Sollen wir freitags zu Hause arbeiten?", GERMAN)

    assert why == "the reward model does not read German"
    assert await limits_of(None).unknown("Should we stay at home?", ["Yes, please.", "No."]) is None


async def test_a_kind_of_question_that_the_manifest_names_is_unknown():
    limits = Limits(unknown_kinds=("how-many",))

    assert await limits.unknown("How many days?", ["Two."]) == (
        "the reward model only guesses at questions that ask how many or how much"
    )
    assert await limits.unknown("Which day?", ["Monday."]) is None


async def test_a_model_of_which_nothing_is_said_is_asked_about_everything(tmp_path):
    save_causal(tmp_path)

    assert limits_of(str(tmp_path)) == Limits()
    assert await Limits().unknown("Wie viele Tage?", GERMAN) is None


def test_a_manifest_names_languages_and_kinds(tmp_path):
    save_causal(tmp_path)
    save_manifest(
        Manifest(family="causal", name="ours/1", languages=("en", "de"), unknown_kinds=("how-many",)),
        tmp_path,
    )

    assert limits_of(str(tmp_path)) == Limits(languages=("en", "de"), unknown_kinds=("how-many",))


def test_a_kind_that_does_not_exist_is_refused(tmp_path):
    save_causal(tmp_path)
    stated = {"family": "causal", "name": "ours/1", "unknown_kinds": ["colours"]}
    (tmp_path / "accord.json").write_text(json.dumps(stated))

    with pytest.raises(ScoringError, match=r"unknown_kinds\.0"):
        limits_of(str(tmp_path))
