"""Which models are here and which one drafts: one small file, whole at any time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import ModelFileError
from engine.language_models.installed import (
    RECORD,
    Installed,
    add,
    choose,
    chosen_file,
    read_record,
    record_stamp,
    remove,
)


def put(folder, name):
    """A model that we fetched, with a file in its place."""
    path = folder / name / "file.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    add(folder, Installed(name=name, path=f"{name}/file.gguf", size=4, sha256="0" * 64))
    return path


def test_nothing_is_there_at_first(tmp_path):
    assert read_record(tmp_path).models == ()
    assert chosen_file(tmp_path) is None


def test_the_chosen_model_s_file_is_found_and_can_be_given_up(tmp_path):
    path = put(tmp_path, "a")
    before = record_stamp(tmp_path)

    choose(tmp_path, "a")

    assert chosen_file(tmp_path) == path
    assert record_stamp(tmp_path) != before
    choose(tmp_path, None)
    assert chosen_file(tmp_path) is None


def test_a_model_that_is_not_here_cannot_be_chosen(tmp_path):
    put(tmp_path, "a")

    with pytest.raises(ModelFileError, match=r"no model called b here \(a\)"):
        choose(tmp_path, "b")


def test_a_chosen_model_whose_file_is_gone_is_one_sentence(tmp_path):
    path = put(tmp_path, "a")
    choose(tmp_path, "a")
    path.unlink()

    with pytest.raises(ModelFileError, match="no longer at"):
        chosen_file(tmp_path)


def test_removing_deletes_what_we_fetched_and_nothing_else(tmp_path):
    fetched = put(tmp_path / "models", "a")
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    add(tmp_path / "models", Installed(name="mine", path=str(mine), size=4, sha256="0" * 64))
    choose(tmp_path / "models", "a")

    remove(tmp_path / "models", "a")
    remove(tmp_path / "models", "mine")

    assert not fetched.parent.exists()
    assert mine.exists()
    assert read_record(tmp_path / "models") == read_record(tmp_path)


def test_many_that_record_at_once_lose_nothing(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(tmp_path, f"m{n}"), range(24)))

    assert {model.name for model in read_record(tmp_path).models} == {f"m{n}" for n in range(24)}


def test_a_damaged_record_is_one_sentence(tmp_path):
    (tmp_path / RECORD).write_text("{")

    with pytest.raises(ModelFileError, match="damaged"):
        read_record(tmp_path)
