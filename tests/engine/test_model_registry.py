"""The file of promoted models: what is in use, how it came to be, and the way back."""

import threading
from datetime import UTC, datetime

import pytest

from engine.errors import LearningError
from engine.model_registry import (
    CURRENT,
    Act,
    Kind,
    Models,
    Promoted,
    folder_of,
    read_models,
    record,
    roll_back,
    stamp,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def promoted(name, before=None, kind=Kind.REWARD):
    model = Promoted(id=name, path=f"{kind}/{name}", sha256="0" * 64, before=before)
    return Act(at=NOW, did="promote", kind=kind, model=model)


def test_where_nothing_was_promoted_nothing_is_in_use(tmp_path):
    assert read_models(tmp_path) == Models()
    assert stamp(tmp_path) is None
    with pytest.raises(LearningError, match="nothing to go back from"):
        roll_back(tmp_path, Kind.REWARD, at=NOW)


def test_what_is_promoted_is_in_use_and_each_way_back_is_recorded(tmp_path):
    record(tmp_path, promoted("one"))
    record(tmp_path, promoted("other", kind=Kind.DRAFTER))
    record(tmp_path, promoted("two", before="one"))
    assert read_models(tmp_path).reward.id == "two"

    assert roll_back(tmp_path, Kind.REWARD, at=NOW, reason="worse in practice").reward.id == "one"
    assert roll_back(tmp_path, Kind.REWARD, at=NOW).reward is None

    models = read_models(tmp_path)
    assert models.drafter.id == "other"
    assert [(act.did, act.model and act.model.id) for act in models.history] == [
        ("promote", "one"), ("promote", "other"), ("promote", "two"), ("rollback", "one"), ("rollback", None),
    ]  # fmt: skip
    assert models.history[3].reason == "worse in practice"


def test_going_back_ends_at_the_configured_model_though_one_was_promoted_twice(tmp_path):
    for name, before in (("one", None), ("two", "one"), ("one", "two")):
        record(tmp_path, promoted(name, before=before))

    used = [roll_back(tmp_path, Kind.REWARD, at=NOW).reward for _ in range(3)]

    assert [model and model.id for model in used] == ["two", "one", None]
    with pytest.raises(LearningError, match="nothing to go back from"):
        roll_back(tmp_path, Kind.REWARD, at=NOW)


def test_a_change_shows_in_the_stamp(tmp_path):
    record(tmp_path, promoted("one"))
    first = stamp(tmp_path)
    roll_back(tmp_path, Kind.REWARD, at=NOW)

    assert first is not None
    assert stamp(tmp_path) != first


def test_the_folder_of_models_can_be_mounted_elsewhere(tmp_path):
    inside, outside = promoted("one").model, promoted("one").model.model_copy(update={"path": "/srv/drafter"})

    assert folder_of(inside, tmp_path) == tmp_path / "reward" / "one"
    assert str(folder_of(outside, tmp_path)) == "/srv/drafter"


def test_two_who_promote_at_once_are_both_recorded(tmp_path):
    threads = [threading.Thread(target=record, args=(tmp_path, promoted(f"m{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {act.model.id for act in read_models(tmp_path).history} == {f"m{n}" for n in range(8)}


def test_a_file_that_cannot_be_read_is_one_clear_sentence(tmp_path):
    (tmp_path / CURRENT).write_text("{")

    with pytest.raises(LearningError, match="restore it, or remove it") as failed:
        read_models(tmp_path)

    assert "\n" not in str(failed.value)
