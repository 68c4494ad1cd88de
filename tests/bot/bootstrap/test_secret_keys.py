"""The secret keys: where they come from, in which order, and where one that is made here is kept."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.bootstrap.doctor import _examine_key
from bot.bootstrap.secret_keys import kept_with_data, secret_keys
from bot.bootstrap.settings import SettingsError, StateSettings, read_settings

NEWEST, OLD, OLDEST = (f"a-secret-key-{when}" for when in ("of-today", "of-last-year", "of-the-start"))


@pytest.fixture(autouse=True)
def users_folder(monkeypatch, tmp_path):
    for name in ("REDIS_URL", "ACCORD_SECRET_KEY", "ACCORD_OLD_SECRET_KEYS", "ACCORD_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "accord"


@pytest.fixture
def state(tmp_path):
    return StateSettings(data_dir=tmp_path / "data")


def test_old_keys_come_after_the_newest_and_each_once(monkeypatch):
    monkeypatch.setenv("ACCORD_SECRET_KEY", NEWEST)
    monkeypatch.setenv("ACCORD_OLD_SECRET_KEYS", f"{NEWEST}, {OLD},\n{OLDEST},")
    assert secret_keys(read_settings().state) == (NEWEST, OLD, OLDEST)


def test_with_a_shared_server_the_key_must_be_shared_too(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379")
    with pytest.raises(SettingsError, match="ACCORD_SECRET_KEY"):
        secret_keys(read_settings().state)


def test_a_key_that_is_made_here_is_kept_private_and_away_from_the_data(state, users_folder):
    (key,) = secret_keys(state)
    assert secret_keys(state) == (key,)
    assert len(key) >= 32
    assert (users_folder / "secret_key").read_text() == key
    assert stat.S_IMODE((users_folder / "secret_key").stat().st_mode) == 0o600
    assert not state.data_dir.exists()
    assert kept_with_data(state) is None


def test_a_folder_of_data_that_is_moved_keeps_its_key(state, tmp_path):
    assert secret_keys(StateSettings(data_dir=tmp_path / "moved")) == secret_keys(state)


def test_where_the_users_folder_cannot_be_written_the_key_is_kept_with_the_data(state, users_folder):
    users_folder.parent.write_text("a file where the folder should be")
    (key,) = secret_keys(state)
    assert secret_keys(state) == (key,)
    beside = state.data_dir / "secret_key"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert kept_with_data(state) == beside


def test_a_key_that_an_earlier_version_kept_with_the_data_stays_in_use(state):
    state.data_dir.mkdir()
    (state.data_dir / "secret_key").write_text(OLD)
    assert secret_keys(state) == (OLD,)
    configured = state.model_copy(update={"secret_key": StateSettings(secret_key=NEWEST).secret_key})
    assert (secret_keys(configured), kept_with_data(configured)) == ((NEWEST,), None)


def test_the_doctor_says_when_the_key_lies_with_the_data(state):
    secret_keys(state)
    assert _examine_key(state) == []
    state.data_dir.mkdir()
    (state.data_dir / "secret_key").write_text(OLD)
    (finding,) = _examine_key(state)
    assert (finding.ok, str(state.data_dir) in finding.say, OLD in finding.say) == (True, True, False)


def test_where_no_key_can_be_kept_one_has_to_be_set(state, users_folder):
    users_folder.parent.write_text("a file where the folder should be")
    state.data_dir.write_text("another one")
    with pytest.raises(SettingsError, match="Set ACCORD_SECRET_KEY"):
        secret_keys(state)


def test_two_first_starts_at_once_read_the_same_key(state):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_keys(state), range(32)))) == 1
