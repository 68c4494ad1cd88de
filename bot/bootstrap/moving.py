"""`accord backup` and `accord restore`: all that is kept, in one file, and back.

Reads:  settings; the state at one moment; the secret key that was made here; which models were promoted, and
        those of them that lie in the data folder. Never what the environment says: tokens, addresses, keys.
Gives:  an encrypted file; or the same state in another place, all of it or nothing.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from pyrage.x25519 import Identity, Recipient

from adapters.console.terminal import terminal
from adapters.redis.api_tokens import RedisApiTokens
from adapters.redis.backup.contents import About, FilePiece, Piece, Reading, lines
from adapters.redis.backup.restoring import OURS, Restoring
from adapters.redis.backup.sealing import has_passphrase, seal, unlock, unseal
from adapters.redis.backup.snapshot import snapshot
from adapters.redis.connection import Client
from adapters.redis.erasures import deleted, erased, revoked
from adapters.redis.schema import check, known
from bot.bootstrap.secret_keys import file_in_use, keep_key, secret_keys
from bot.bootstrap.settings import Settings, SettingsError, StateSettings, read_settings
from bot.bootstrap.state import connected, ports_over, state_url
from bot.domain.actors import key_id
from bot.domain.deliberation import Deliberation
from bot.domain.errors import BackupError, StoreError, UnknownDeliberationError
from bot.ops import logs
from bot.service.handlers import erase_participant
from bot.service.ports import Ports
from bot.service.transitions import refresh_from
from engine.model_registry import CURRENT, promoted_folders

KEY_FILE = "secret_key"
MODELS = "models"
STAGED = "restoring"
# Of the backup, in bytes, before it is sent to the store.
AT_ONCE = 1_000_000
NOT_SAID = (
    "ACCORD_BACKUP_PASSPHRASE is not set, and nobody is at the terminal to be asked for it. Set it, or use a "
    "key (accord backup --new-key)."
)
OTHER_KEY = (
    "The questions in this backup began under another secret key than the one in use here. Put that key into "
    "ACCORD_OLD_SECRET_KEYS: until then members can't change or delete what they gave in them."
)
KEY_IS_SET = "The backup's secret key was left out, for ACCORD_SECRET_KEY is set."
ENDED_SINCE = (
    "API tokens, webhooks, web links and sessions that were ended elsewhere after the backup work again: "
    "look through accord api-token list and accord webhook list, and run accord admin-sign-out."
)
TOO_NEW = "The backup holds state of a newer version of Accord ({version}): update Accord first."
CUT_OFF = "The backup was cut off, so nothing was changed."
MODELS_THERE = "Models were promoted here already. Add --replace to put those of the backup in their place."


async def back_up(path: Path, to: Recipient | None, ask: Callable[[], str]) -> None:
    """Write a backup for a public key, or else under a passphrase (the one in the settings, or asked for)."""
    settings = read_settings()
    logs.configure("WARNING")
    key = to or _passphrase(settings.state, ask)
    async with state_url(settings.state, as_it_is=True) as url, connected(url) as client:
        about = await _about(settings, client)
        files = _files(settings)
        with _telling() as tell:
            tell("Reading the state")
            async with snapshot(client, lambda got: tell(f"Reading the state: {_megabytes(got)}")) as servers:
                tell("Writing the backup")
                await asyncio.to_thread(seal, path, lines(about, files, servers, OURS), key)
    _say(f"{path} holds everything up to {_moment(about)}.")


async def _about(settings: Settings, client: Client) -> About:
    return About(
        at=datetime.now(UTC),
        version=version("accord-bot"),
        schema=await check(client),
        key_ids=tuple(map(key_id, secret_keys(settings.state))),
    )


def _files(settings: Settings) -> Mapping[str, Path]:
    """What else is kept: by its name in the backup."""
    found = {}
    if key := file_in_use(settings.state):
        found[KEY_FILE] = key
    models = settings.state.data_dir / MODELS
    for folder in promoted_folders(models):
        found |= {_name(each, models): each for each in sorted(folder.rglob("*")) if each.is_file()}
    # Last, so that it never names a model that is not there yet.
    if (models / CURRENT).exists():
        found[f"{MODELS}/{CURRENT}"] = models / CURRENT
    return found


def _name(path: Path, models: Path) -> str:
    return f"{MODELS}/{path.relative_to(models).as_posix()}"


async def restore(path: Path, key: Identity | None, ask: Callable[[], str], *, replace: bool) -> None:
    """Put a backup where nothing is kept, or in the place of what is."""
    settings = read_settings()
    logs.configure("WARNING")
    if settings.state.redis_url is not None:
        secret_keys(settings.state)  # says what is missing before anything is changed
    opens = key or (_passphrase(settings.state, ask) if has_passphrase(path) else None)
    with _telling() as tell:
        tell("Reading the backup")
        identity = await asyncio.to_thread(unlock, path, opens)
        about, has_models = await asyncio.to_thread(_read_all, path, identity)
        _check(about)
        async with state_url(settings.state, as_it_is=True) as url, connected(url) as client:
            restoring = Restoring(client)
            broken_off = await restoring.is_under_way()
            if has_models and not (replace or broken_off):
                _check_models(settings)
            await restoring.begin(replace=replace)
            tell("Restoring the state")
            with _staged_files(settings.state.data_dir) as folder:
                await _put_all_or_nothing(path, identity, restoring, folder)
                await restoring.switch()
                left_out = _into_place(folder, settings)
            tell("Erasing again what was erased since")
            async with ports_over(url, secret_keys(settings.state), {}) as ports:
                again = await _erase_again(client, ports)
            await restoring.done()
    _tell_what_was_done(about, settings, again, left_out=left_out)


def _read_all(path: Path, identity: Identity) -> tuple[About, bool]:
    """What the backup is of, and whether it holds models; once every byte of it was read and found whole.

    Raises BackupError.
    """
    abouts: list[About] = []
    names: set[str] = set()

    def look(piece: Piece | FilePiece) -> None:
        if isinstance(piece, FilePiece):
            names.add(_checked(piece.name))

    reading = Reading(abouts.append, look)
    unseal(path, identity, reading.take)
    if not reading.whole:
        raise BackupError(CUT_OFF)
    return abouts[0], any(name != KEY_FILE for name in names)


def _checked(name: str) -> str:
    """A name of ours: one who has the public key alone could make a file with any."""
    way = PurePosixPath(name)
    if name != KEY_FILE and (way.parts[:1] != (MODELS,) or ".." in way.parts or len(way.parts) < 2):
        raise BackupError("The backup holds a file that is none of Accord's, so nothing was changed.")
    return name


def _check(about: About) -> None:
    if about.schema > known():
        raise BackupError(TOO_NEW, version=about.version)


def _check_models(settings: Settings) -> None:
    if (settings.state.data_dir / MODELS / CURRENT).exists():
        raise BackupError(MODELS_THERE)


async def _put_all_or_nothing(path: Path, identity: Identity, restoring: Restoring, folder: Path) -> None:
    try:
        await _put_all(path, identity, restoring, folder)
        # Once more, for that took a while.
        await restoring.nobody_else()
    except BaseException:
        with suppress(StoreError):  # then it says so by itself when somebody comes again
            await restoring.abandon()
        raise


async def _put_all(path: Path, identity: Identity, restoring: Restoring, folder: Path) -> None:
    """The backup next to what is there: keys in the store, files in the folder."""
    loop = asyncio.get_running_loop()
    waiting: list[Piece] = []
    taken = 0

    def put() -> None:
        nonlocal taken
        asyncio.run_coroutine_threadsafe(restoring.put(waiting), loop).result()
        waiting.clear()
        taken = 0

    def take(piece: Piece | FilePiece) -> None:
        if isinstance(piece, Piece):
            waiting.append(piece)
        else:
            _append(folder / _checked(piece.name), piece)

    reading = Reading(on_piece=take)

    def take_some(data: bytes) -> None:
        nonlocal taken
        reading.take(data)
        taken += len(data)
        if taken >= AT_ONCE:
            put()

    def read() -> None:
        unseal(path, identity, take_some)
        put()
        if not reading.whole:
            raise BackupError(CUT_OFF)

    await asyncio.to_thread(read)


def _append(path: Path, piece: FilePiece) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(piece.data)


@contextmanager
def _staged_files(data_dir: Path) -> Iterator[Path]:
    """A folder next to where files belong, for as long as they are being put there."""
    folder = data_dir / STAGED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _into_place(folder: Path, settings: Settings) -> bool:
    """Files where they belong, what names the others last; whether the secret key was left out."""
    key = folder / KEY_FILE
    left_out = key.exists() and not keep_key(settings.state, key.read_text())
    models = settings.state.data_dir / MODELS
    files = [each for each in (folder / MODELS).rglob("*") if each.is_file()]
    for each in sorted(files, key=lambda each: each.name == CURRENT):
        place = models / each.relative_to(folder / MODELS)
        place.parent.mkdir(parents=True, exist_ok=True)
        # Models may be on a disk of their own.
        shutil.move(each, place)
    return left_out


async def _erase_again(client: Client, ports: Ports) -> int:
    """Erase what this place knows to have been erased, whenever the backup was made; how much there was."""
    count = await _end_again(client, ports)
    for id_ in await deleted(client):
        if (deliberation := await _restored(id_, ports)) is not None:
            await ports.feedback.erase(deliberation.team, id_)
            await ports.deliberations.delete(id_)
            count += 1
    async for id_, participant, at in erased(client):
        deliberation = await _restored(id_, ports)
        if deliberation is not None and await erase_participant(participant, deliberation, at, ports):
            await refresh_from(ports.clock.now(), deliberation, ports)
            count += 1
    return count


async def _restored(id_: str, ports: Ports) -> Deliberation | None:
    """None where the backup didn't have it."""
    try:
        return await ports.deliberations.load(id_)
    except UnknownDeliberationError:
        return None


async def _end_again(client: Client, ports: Ports) -> int:
    """The tokens and webhooks that were ended here: they must not work again."""
    ended, tokens, count = await revoked(client), RedisApiTokens(client), 0
    for what in sorted(ended):
        kind, _, id_ = what.partition(":")
        if kind == "token" and await tokens.get(id_) is not None:
            await tokens.remove(id_)
            count += 1
    for team in await ports.webhooks.teams():
        for webhook in await ports.webhooks.webhooks(team):
            if f"webhook:{webhook.id}" in ended:
                await ports.webhooks.remove_webhook(team, webhook.id)
                count += 1
    return count


def _tell_what_was_done(about: About, settings: Settings, again: int, *, left_out: bool) -> None:
    _say(f"Restored: everything up to {_moment(about)}. Start the gateways and workers now.")
    if again:
        _say(f"Erased again, since it was erased after that: {again}.")
    _say(ENDED_SINCE)
    if left_out:
        _say(KEY_IS_SET)
    if not set(about.key_ids) <= set(map(key_id, secret_keys(settings.state))):
        _say(OTHER_KEY)


def _passphrase(state: StateSettings, ask: Callable[[], str]) -> str:
    if state.backup_passphrase is not None:
        return state.backup_passphrase.get_secret_value()
    if not sys.stdin.isatty():
        raise SettingsError(NOT_SAID)
    return ask()


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done; several, one after the other, where no terminal is."""
    console = terminal(sys.stderr)
    with console.status("") as status:

        def tell(what: str) -> None:
            if console.is_terminal:
                status.update(f"{what} …")
            elif ":" not in what:
                console.print(f"{what} …")

        yield tell


def _moment(about: About) -> str:
    return f"{about.at:%Y-%m-%d %H:%M:%S} UTC"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _say(line: str) -> None:
    terminal(sys.stderr).print(line, soft_wrap=True)
