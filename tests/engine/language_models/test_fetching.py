"""Fetching a model from a hub that breaks off, lies, refuses or is not there: whole or not at all."""

import asyncio
import errno
import hashlib
import os
import sys
from importlib.util import find_spec

import pytest

from engine.errors import ModelFileError
from engine.language_models.fetching import PARTS, adopt, fetch
from engine.language_models.vetted import HubFile, Vetted
from tests.engine.language_models.loopback_file_hub import LoopbackFileHub
from tests.engine.language_models.tiny_gguf import save_tiny_gguf
from tests.engine.reward.loopback_hub import COMMIT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("gguf") is None, reason="needs the package gguf"),
]
SOURCE = HubFile("tiny/writer", "tiny.gguf")


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch):
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@pytest.fixture
async def hub(tmp_path):
    (tmp_path / "repo").mkdir()
    save_tiny_gguf(tmp_path / "repo" / "tiny.gguf")
    async with LoopbackFileHub("tiny/writer", tmp_path / "repo") as hub:
        yield hub


async def fetched(hub, folder, source=SOURCE, **options):
    return await asyncio.to_thread(fetch, "tiny", source, folder, endpoint=hub.url, **options)


def data_of(hub):
    return (hub.folder / "tiny.gguf").read_bytes()


async def test_a_file_is_fetched_checked_and_recorded_with_its_commit(hub, tmp_path):
    model = await fetched(hub, tmp_path)

    assert (tmp_path / model.path).read_bytes() == data_of(hub)
    assert (model.revision, model.hub_id, model.licence) == (COMMIT, "tiny/writer", "apache-2.0")
    assert model.sha256 == hashlib.sha256(data_of(hub)).hexdigest()
    assert not list((tmp_path / PARTS).iterdir())


async def test_after_a_broken_connection_the_next_try_goes_on_from_there(hub, tmp_path):
    hub.stop_after = 0
    part = tmp_path / PARTS / f"{hashlib.sha256(data_of(hub)).hexdigest()}.part"
    part.parent.mkdir()
    part.write_bytes(data_of(hub)[:5_000])
    with pytest.raises(ModelFileError, match="goes on from where it stopped"):
        await fetched(hub, tmp_path)
    assert not (tmp_path / "tiny").exists()

    hub.stop_after = None
    model = await fetched(hub, tmp_path)

    assert hub.begun[-1] == 5_000
    assert (tmp_path / model.path).read_bytes() == data_of(hub)


async def test_a_fetch_that_is_killed_goes_on_from_there(hub, tmp_path):
    hub.pace_s = 0.05
    command = (
        "import huggingface_hub.constants as c; c.DOWNLOAD_CHUNK_SIZE = 1024\n"
        "import sys; from pathlib import Path; from engine.language_models.fetching import fetch\n"
        "from engine.language_models.vetted import HubFile\n"
        "fetch('tiny', HubFile('tiny/writer', 'tiny.gguf'), Path(sys.argv[1]), endpoint=sys.argv[2])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, str(tmp_path), hub.url,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path), "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
    )  # fmt: skip
    async with asyncio.timeout(60):
        while not any(part.stat().st_size > 8_192 for part in (tmp_path / PARTS).glob("*")):
            assert process.returncode is None
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    assert not (tmp_path / "tiny").exists()

    hub.pace_s = 0
    model = await fetched(hub, tmp_path)

    assert hub.begun[0] == 0
    assert hub.begun[-1] >= 8_192 - 1_024
    assert (tmp_path / model.path).read_bytes() == data_of(hub)


async def test_a_damaged_file_is_deleted_and_said(hub, tmp_path):
    hub.corrupt = True

    with pytest.raises(ModelFileError, match="damaged"):
        await fetched(hub, tmp_path)

    assert not list((tmp_path / PARTS).iterdir())
    assert not (tmp_path / "tiny").exists()


async def test_a_file_that_is_no_gguf_is_deleted_and_said(hub, tmp_path):
    (hub.folder / "tiny.gguf").write_bytes(b"<html>" * 100)

    with pytest.raises(ModelFileError, match="no GGUF file"):
        await fetched(hub, tmp_path)

    assert not list((tmp_path / PARTS).iterdir())


async def test_a_file_that_is_not_the_vetted_one_is_not_fetched(hub, tmp_path):
    size = len(data_of(hub))
    listed = Vetted("tiny", SOURCE, size, "0" * 64, "Apache-2.0", 1, "")

    with pytest.raises(ModelFileError, match="not the one that was vetted"):
        await fetched(hub, tmp_path, listed=listed)

    assert hub.begun == []


async def test_a_disk_without_room_is_said_before_anything_is_fetched(hub, tmp_path, monkeypatch):
    from shutil import disk_usage

    full = disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr("engine.language_models.fetching.shutil.disk_usage", lambda path: full)

    with pytest.raises(ModelFileError, match="too full"):
        await fetched(hub, tmp_path)

    assert hub.begun == []


async def test_a_disk_that_fills_up_meanwhile_is_one_sentence(hub, tmp_path, monkeypatch):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.language_models.fetching.http_get", full)

    with pytest.raises(ModelFileError, match="The disk is full"):
        await fetched(hub, tmp_path)

    assert not (tmp_path / "tiny").exists()


@pytest.mark.parametrize(
    ("refuse", "said"),
    [
        ((404, {"X-Error-Code": "RepoNotFound"}), "The hub has no model tiny/writer"),
        ((403, {"X-Error-Code": "GatedRepo"}), "Accept the terms"),
        ((503, {}), "cannot be reached"),
    ],
    ids=["unknown", "gated", "down"],
)
async def test_a_hub_that_refuses_is_one_sentence(hub, tmp_path, refuse, said):
    hub.refuse = refuse

    with pytest.raises(ModelFileError, match=said) as caught:
        await fetched(hub, tmp_path)

    assert "\n" not in str(caught.value)


async def test_a_file_that_the_model_does_not_have_is_said_with_those_that_it_has(hub, tmp_path):
    with pytest.raises(ModelFileError, match=r"no file other\.gguf\. GGUF files there: tiny\.gguf"):
        await fetched(hub, tmp_path, HubFile("tiny/writer", "other.gguf"))


def test_a_hub_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be reached"):
        fetch("tiny", SOURCE, tmp_path, endpoint="http://127.0.0.1:9")


async def test_two_that_fetch_the_same_do_not_write_into_each_other_s_file(hub, tmp_path):
    hub.pace_s = 0.02
    first = asyncio.create_task(fetched(hub, tmp_path))
    await hub.handing_out.wait()

    with pytest.raises(ModelFileError, match="Another process is fetching tiny"):
        await fetched(hub, tmp_path)
    hub.pace_s = 0

    assert (tmp_path / (await first).path).read_bytes() == data_of(hub)


def test_a_file_of_this_disk_stays_where_it_is(tmp_path):
    path = save_tiny_gguf(tmp_path / "mine.gguf")

    model = adopt("mine", path)

    assert model.path == str(path)
    assert (model.size, model.hub_id) == (path.stat().st_size, None)
    with pytest.raises(ModelFileError, match="cannot be read"):
        adopt("gone", tmp_path / "gone.gguf")
