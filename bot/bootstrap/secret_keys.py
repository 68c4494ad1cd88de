"""The secret keys in use, newest first: what participant keys are made with and links are signed with.

Reads:  `StateSettings`; without a configured key, the one that this user's first start made.
Gives:  the keys to whoever signs or looks somebody up. Never logged, never part of an error.
A key beside the data would undo what it is for: a copy of the folder would tell who wrote what. So the one
that is made here lies in the user's configuration folder, and beside the data only where that cannot be
written, or where an earlier version has put it.
"""

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from bot.bootstrap.settings import SHORTEST_KEY, SettingsError, StateSettings

NAME = "secret_key"


def secret_keys(state: StateSettings) -> tuple[str, ...]:
    """The configured keys; else the one that is made once and kept for this user.

    Raises SettingsError when REDIS_URL is set without a key: processes that share state must share the
    key, and a key made up here would differ from the other machines'.
    """
    old = (key.get_secret_value() for key in state.old_secret_keys)
    # Each once: somebody may leave the newest in the list.
    return tuple(dict.fromkeys([_newest(state), *old]))


def kept_with_data(state: StateSettings) -> Path | None:
    """The file in the data's own folder that the key in use is read from, if it is."""
    kept = file_in_use(state)
    return kept if kept and kept.absolute().is_relative_to(state.data_dir.absolute()) else None


def file_in_use(state: StateSettings) -> Path | None:
    """The file that the key in use is read from, if it is one that is there."""
    if state.secret_key is not None or state.redis_url is not None:
        return None
    return next((place for place in _places(state) if place.exists()), None)


def keep_key(state: StateSettings, key: str) -> bool:
    """Make a key that came from elsewhere the one in use; False where the settings name another.

    Another one that lies in the user's folder stays there, for other data may need it: then this one lies
    with its data.
    """
    if state.secret_key is not None or state.redis_url is not None:
        return state.secret_key is not None and state.secret_key.get_secret_value() == key.strip()
    there = file_in_use(state)
    if there is not None and there.read_text(errors="replace").strip() == key.strip():
        return True
    with_data = state.data_dir / NAME
    for place in _places(state) if there is None else [with_data]:
        with suppress(OSError):
            _put(place, key.strip())
            return True
    raise SettingsError(f"No secret key can be kept in {state.data_dir}. Set ACCORD_SECRET_KEY.")


def _put(path: Path, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    candidate = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    candidate.touch(mode=0o600)
    candidate.write_text(key)
    candidate.replace(path)


def _newest(state: StateSettings) -> str:
    if state.secret_key is not None:
        return state.secret_key.get_secret_value()
    if state.redis_url is not None:
        raise SettingsError(
            "ACCORD_SECRET_KEY is missing: with REDIS_URL set, every process needs the same key. "
            'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    for place in _places(state):
        try:
            if not place.exists():
                _make(place)
            return _read(place)
        except OSError:
            continue
    raise SettingsError(f"No secret key can be kept in {state.data_dir}. Set ACCORD_SECRET_KEY.")


def _places(state: StateSettings) -> list[Path]:
    """Where the key may lie, the first that can be used first: with the data where it lies there already."""
    with_data = state.data_dir / NAME
    if with_data.exists():
        return [with_data]
    try:
        return [_users_folder() / NAME, with_data]
    except RuntimeError:  # a user without a home
        return [with_data]


def _users_folder() -> Path:
    """Where programs keep what belongs to this user, by the customs of the system."""
    if chosen := os.environ.get("XDG_CONFIG_HOME"):
        return Path(chosen) / "accord"
    return (
        Path("~/Library/Application Support" if sys.platform == "darwin" else "~/.config").expanduser()
        / "accord"
    )


def _read(path: Path) -> str:
    key = path.read_text(errors="replace").strip()
    if len(key) < SHORTEST_KEY:
        raise SettingsError(f"{path} holds no usable key. Restore it, or delete it to have a new one made.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    candidate = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    candidate.touch(mode=0o600)
    candidate.write_text(secrets.token_urlsafe(32))
    try:
        # A link is made whole or not at all: of two first starts one wins, and both read the same key.
        os.link(candidate, path)
    except FileExistsError:
        pass
    finally:
        candidate.unlink()
