"""`accord backup` and `accord restore`: another place holds the same, field by field, or nothing changed."""

import asyncio
import json
import re
import stat
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from adapters.memory import MemoryPlatform
from adapters.redis import keys
from adapters.redis.backup.contents import Piece
from adapters.redis.backup.restoring import Restoring
from adapters.redis.backup.sealing import new_key, public_key, seal
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from bot.bootstrap.platforms import web_access
from bot.bootstrap.state import ports_over
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.api_tokens import ApiToken, Scope
from bot.domain.terms import Terms
from bot.domain.webhooks import EventKind, Webhook
from bot.service.dispatch import dispatch
from bot.service.ports.web_access import Invitation, Standing
from engine.model_registry import CURRENT, Act, Kind, Models, Promoted, read_models

pytestmark = [pytest.mark.redis, pytest.mark.slow]

RUNBOOK = Path(__file__).parents[2] / "deploy/docs/pages/run-it/runbook.md"
SECRET = "the secret key of this place"
FAY, ANN = Actor("T1", "fay"), Actor("T1", "ann")
NOW = datetime.now(UTC).replace(microsecond=0)
# Never carried over: workers that live, and how far the server's files are.
OF_NOW = (keys.WORKERS, keys.ERASED, keys.SCHEMA)
READ = {
    b"string": lambda redis, key: redis.get(key),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1, withscores=True),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
}


def content(url):
    """Every key of ours: its kind, when it ends by itself, and all that is in it."""
    with Redis.from_url(url) as redis:
        found = [key for key in redis.keys("accord:*") if key.decode() not in OF_NOW]
        return {
            key: (kind := redis.type(key), redis.pexpiretime(key), READ[kind](redis, key)) for key in found
        }


@asynccontextmanager
async def place(url):
    """A gateway's ports."""
    async with ports_over(url, [SECRET], {"web": MemoryPlatform()}) as ports:
        yield ports


async def say(ports, command):
    reply = await dispatch(command, ports)
    assert reply.ok, reply.text
    return reply.deliberation


def api_token(id_):
    return ApiToken(
        id=id_,
        team="T1",
        platform="web",
        channel="C1",
        name="Wiki",
        scopes={next(iter(Scope))},
        digest="0",
        made_at=NOW,
    )


def webhook(id_):
    url = "https://example.org"
    return Webhook(id=id_, team="T1", url=url, kinds={next(iter(EventKind))}, key_id="0", added_at=NOW)


async def ask(ports, key="key"):
    return await say(ports, commands.PostQuestion(FAY, "web", "C1", "Ban plastics? “Ça”", key, terms=Terms()))


async def answer(ports, asked, actor=ANN, text="Ban them: “déjà vu”."):
    return await say(ports, commands.GiveOpinion(actor, asked.id, text, ports.clock.now(), True))


@pytest.fixture
async def old(tmp_path):
    """A place in use, with something of every kind; its server runs."""
    with EmbeddedServer(tmp_path / "data") as server:
        async with place(server.url) as ports:
            asked = await ask(ports)
            await answer(ports, asked)
        with Redis.from_url(server.url) as redis:
            # What a reward model encoded is no text; a note ends by itself; some have very many fields.
            redis.hset(keys.DeliberationKeys(asked.id).encoded, mapping={"x": bytes(range(256)), "y": b""})
            redis.set("accord:{slack:note}", "é", exat=NOW + timedelta(days=30))
            redis.rpush("accord:{T1}:team:changes", *range(1_200))
            redis.hset("accord:{T1}:many", mapping={f"m{number}": "é" * 50 for number in range(5_000)})
            redis.set("somebody else's", "not ours")
        yield server


@pytest.fixture
def key(tmp_path):
    """A pair of keys: quicker than a passphrase, which is slow on purpose. Gives file and public key."""
    file = tmp_path / "backup.key"
    return file, new_key(file)


@pytest.fixture
def backed_up(accord, old, key, tmp_path):
    """A backup of it."""
    done = accord("backup", "accord.backup", "--to", key[1], env={"ACCORD_SECRET_KEY": SECRET})
    assert done.returncode == 0, done.stderr
    return tmp_path / "accord.backup"


@pytest.fixture
def restore(accord, key):
    """`accord restore FILE` in a data folder of that name."""

    def run(file, folder="new", *words, **env):
        settings = {"ACCORD_SECRET_KEY": SECRET, "ACCORD_DATA_DIR": str(file.parent / folder), **env}
        return accord("restore", file, "--key", key[0], *words, env=settings)

    return run


def runbook_commands(heading):
    """The commands of a section of the RUNBOOK, block by block."""
    section = RUNBOOK.read_text().partition(f"{heading}\n")[2].partition("\n##")[0]
    blocks = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)
    return [[line.split()[1:] for line in block.splitlines()] for block in blocks]


def test_the_runbooks_steps_move_everything_to_another_machine(accord, old, tmp_path):
    on_the_old, on_the_new = runbook_commands("### Moving to another machine, or back after a loss")
    passphrase = {"ACCORD_BACKUP_PASSPHRASE": "correct horse battery"}
    before = content(old.url)
    for words in on_the_old:
        done = accord(*words, env=passphrase)
        assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "accord.backup").stat().st_mode) == 0o600
    elsewhere = {"ACCORD_DATA_DIR": str(tmp_path / "new"), "XDG_CONFIG_HOME": str(tmp_path / "another user")}
    for words in on_the_new:
        done = accord(*words, env=passphrase | elsewhere)
        assert done.returncode == 0, done.stderr
    with EmbeddedServer(tmp_path / "new") as new:
        assert content(new.url) == before
    made = tmp_path / "another user" / "accord" / "secret_key"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    wrong = accord(
        "restore", "accord.backup", env=elsewhere | {"ACCORD_BACKUP_PASSPHRASE": "a wrong passphrase"}
    )
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 2)
    assert "the passphrase is another one, or the file was altered" in wrong.stderr


def test_the_runbooks_nightly_backup_is_for_a_public_key(accord, old, tmp_path):
    make, night = runbook_commands("## Backups")
    public = accord(*make[0]).stdout.strip()
    assert accord(*make[0]).returncode == 2, "a key is never overwritten"
    done = accord(*[public if word == "PUBLIC-KEY" else word for word in night[0]])
    assert done.returncode == 0, done.stderr
    assert b"plastics" not in (tmp_path / "accord.backup").read_bytes()
    new = {"ACCORD_DATA_DIR": str(tmp_path / "new")}
    without = accord("restore", "accord.backup", env=new)
    assert (without.returncode, "--key" in without.stderr) == (2, True)
    assert accord("restore", "accord.backup", "--key", "accord-backup.key", env=new).returncode == 0


def test_a_file_that_was_cut_off_or_altered_changes_nothing(backed_up, restore, old, tmp_path):
    before, whole = content(old.url), backed_up.read_bytes()
    pieces = 64 * 1024
    assert len(whole) > 2 * pieces
    altered = bytearray(whole)
    altered[-10] ^= 1
    for damaged in (whole[:-1], whole[: 2 * pieces], bytes(altered), whole[:100], b"", b"\0" + whole):
        backed_up.write_bytes(damaged)
        done = restore(backed_up, "data", "--replace")
        assert (done.returncode, done.stderr.splitlines()[-1][:8]) == (2, "accord: "), done.stderr
        assert content(old.url) == before


def test_what_is_kept_already_is_only_replaced_when_that_is_said(backed_up, restore, old):
    before = content(old.url)
    with Redis.from_url(old.url) as redis:
        redis.hset("accord:{T1}:many", "m0", "changed since")
        redis.set("accord:{new}:deliberation", "since")
    since = content(old.url)
    refused = restore(backed_up, "data")
    assert (refused.returncode, "--replace" in refused.stderr) == (2, True)
    assert content(old.url) == since
    assert restore(backed_up, "data", "--replace").returncode == 0
    assert content(old.url) == before
    with Redis.from_url(old.url) as redis:
        assert redis.get("somebody else's") == b"not ours"


def test_a_restore_that_has_no_room_leaves_what_is_there(accord, backed_up, restore, old):
    with Redis.from_url(old.url) as redis:
        redis.set("accord:{since}:key", "written since the backup")
        before = content(old.url)
        redis.config_set("maxmemory", redis.info("memory")["used_memory"] + 300_000)
    done = restore(backed_up, "data", "--replace")
    assert (done.returncode, "is full" in done.stderr) == (1, True), done.stderr
    with Redis.from_url(old.url) as redis:
        assert content(old.url) == before
        redis.config_set("maxmemory", 0)
        assert not redis.keys("accord:restoring*")
    assert accord("export", env={"ACCORD_SECRET_KEY": SECRET}).returncode == 0


async def test_a_restore_that_was_broken_off_lets_nothing_start_and_is_begun_again(
    accord, backed_up, restore, old, tmp_path
):
    with EmbeddedServer(tmp_path / "new") as new:
        client = await connect(new.url)
        restoring = Restoring(client)
        await restoring.begin(replace=False)
        await restoring.put([Piece(b"accord:{T1}:half", "string", None, ["of it"])])
        await client.aclose()
        told = await asyncio.to_thread(accord, "export", env={"ACCORD_DATA_DIR": str(tmp_path / "new")})
        assert (told.returncode, "Run accord restore again" in told.stderr) == (1, True)
        done = await asyncio.to_thread(restore, backed_up)
        assert done.returncode == 0, done.stderr
        assert content(new.url) == content(old.url)


async def test_what_was_erased_since_the_backup_is_erased_again(accord, old, key, restore, tmp_path):
    async with place(old.url) as ports:
        kept, gone = await ask(ports, "kept"), await ask(ports, "gone")
        for asked in (kept, gone):
            await answer(ports, asked)
            await answer(ports, asked, Actor("T1", "bob"), "Keep them.")
        made = await asyncio.to_thread(
            accord, "backup", "b", "--to", key[1], env={"ACCORD_SECRET_KEY": SECRET}
        )
        assert made.returncode == 0
        later = await ask(ports, "later")
        await answer(ports, later)
        await say(ports, commands.ForgetMe(ANN, ports.clock.now()))
        await ports.deliberations.delete(gone.id)
    done = await asyncio.to_thread(restore, tmp_path / "b", "data", "--replace")
    assert done.returncode == 0, done.stderr
    assert "erased again" in done.stderr.lower()
    with Redis.from_url(old.url) as redis:
        # No question takes this note with it when it goes, so it goes by itself.
        assert redis.ttl(keys.DeliberationKeys(later.id).erased) > 0
        assert redis.ttl(keys.DeliberationKeys(kept.id).erased) == -1
    async with place(old.url) as ports:
        texts = [each.text for each in await ports.contributions.opinions(kept.id)]
        assert texts == ["Keep them."]
        assert gone.id not in [each.id for each in await ports.deliberations.of_team("T1")]
    # The list is still there for the next time.
    assert (await asyncio.to_thread(restore, tmp_path / "b", "data", "--replace")).returncode == 0
    async with place(old.url) as ports:
        assert len(await ports.contributions.opinions(kept.id)) == 1


async def test_what_was_ended_since_the_backup_stays_ended(accord, old, key, restore, tmp_path):
    async with place(old.url) as ports, web_access(old.url) as access:
        asked = await ask(ports)
        for id_ in ("0" * 16, "1" * 16):
            await access.tokens.put(api_token(id_))
            await ports.webhooks.put_webhook(webhook(id_))
        await access.invitations.put_open_link(asked.id, "the link")
        await access.invitations.invite(asked.id, [Invitation(id="p", name="Ann", made_at=NOW)])
        until = {"link_until": NOW + timedelta(hours=1), "until": NOW + timedelta(days=1)}
        assert await access.sessions.make_admin("an admin", "a link", made_at=NOW, **until)
        made = await asyncio.to_thread(
            accord, "backup", "b", "--to", key[1], env={"ACCORD_SECRET_KEY": SECRET}
        )
        assert made.returncode == 0
        await access.tokens.remove("1" * 16)
        await ports.webhooks.remove_webhook("T1", "1" * 16)
        await access.invitations.put_open_link(asked.id, None)
        await access.invitations.end(asked.id, ["p"])
        await access.sessions.end_admins(NOW)
        await access.sessions.end("somebody", for_s=1_000)
    done = await asyncio.to_thread(restore, tmp_path / "b", "data", "--replace")
    assert (done.returncode, "accord api-token list" in done.stderr) == (0, True), done.stderr
    async with place(old.url) as ports, web_access(old.url) as access:
        assert [each.token.id for each in await access.tokens.of_team("T1")] == ["0" * 16]
        assert [each.id for each in await ports.webhooks.webhooks("T1")] == ["0" * 16]
        standing = access.invitations.standing
        assert [await standing(asked.id, link, NOW) for link in ("the link", "p")] == [Standing.ENDED] * 2
        assert not await access.sessions.is_admin("an admin", NOW)
        assert not await access.sessions.make_admin("another", "a link", made_at=NOW, **until)
        assert await access.sessions.has_ended("somebody")


async def test_a_place_that_gateways_or_workers_use_is_left_alone(backed_up, restore, old):
    since = content(old.url)
    async with place(old.url):
        refused = await asyncio.to_thread(restore, backed_up, "data", "--replace")
        assert (refused.returncode, "Stop all gateways and workers" in refused.stderr) == (2, True)
    with Redis.from_url(old.url) as redis:
        redis.zadd(keys.WORKERS, {"a worker": keys.timestamp(datetime.now(UTC))})
    refused = await asyncio.to_thread(restore, backed_up, "data", "--replace")
    assert (refused.returncode, "Stop all gateways and workers" in refused.stderr) == (2, True)
    assert content(old.url) == since


def test_a_file_that_somebody_made_up_is_refused_in_a_sentence(restore, old, key, tmp_path):
    about = {"accord": 1, "at": NOW.isoformat(), "version": "1", "schema": 1, "key_ids": []}
    one = {"key": "accord:{T1}:a", "until": None, "items": ["a"]}
    before = content(old.url)
    for line in (
        one | {"type": "hash", "items": [5]},
        one | {"type": "zset", "items": [["a", "high"]]},
        one | {"type": "string", "items": ["\ud800"]},
        one | {"type": "set", "until": "soon"},
        one | {"type": "stream"},
        one | {"type": "string", "key": "somebody else's"},
        {"file": "models/../../secret", "data": ""},
        {"file": ["models"], "data": ""},
        ["file"],
    ):
        end = {"end": {"keys": int("key" in line), "files": int("file" in line)}}
        pieces = [json.dumps(each).encode() + b"\n" for each in (about, line, end)]
        seal(tmp_path / "made up", iter(pieces), public_key(key[1]))
        done = restore(tmp_path / "made up", "data", "--replace")
        assert (done.returncode, done.stderr.splitlines()[-1][:8]) == (2, "accord: "), (line, done.stderr)
        assert content(old.url) == before
    with Redis.from_url(old.url) as redis:
        assert not redis.keys("accord:restoring*")


def test_promoted_models_and_a_key_made_here_come_along_and_no_token_does(accord, old, key, tmp_path):
    models = tmp_path / "data" / "models"
    (models / "better" / "weights").mkdir(parents=True)
    (models / "better" / "weights" / "w.bin").write_bytes(bytes(range(256)) * 2_000)
    (models / "fetched.gguf").write_bytes(b"a language model, fetched again when it is wanted")
    better = Promoted(id="better", path="better", sha256="0")
    act = Act(at=NOW, did="promote", kind=Kind.REWARD, model=better)
    (models / CURRENT).write_text(Models(reward=better, history=(act,)).model_dump_json())
    (tmp_path / "data" / "secret_key").write_text(SECRET)
    tokens = {"SLACK_BOT_TOKEN": "xoxb-a-token", "ACCORD_METRICS_TOKEN": "another token"}
    assert accord("backup", "b", "--to", key[1], env=tokens).returncode == 0
    held = opened(tmp_path / "b", key[0])
    assert b"token" not in held
    assert b"fetched again" not in held
    new = {"ACCORD_DATA_DIR": str(tmp_path / "new"), "XDG_CONFIG_HOME": str(tmp_path / "new user")}
    done = accord("restore", "b", "--key", key[0], env=new)
    assert done.returncode == 0, done.stderr
    there = tmp_path / "new" / "models"
    assert read_models(there) == read_models(models)
    assert (there / "better/weights/w.bin").read_bytes() == (models / "better/weights/w.bin").read_bytes()
    assert (tmp_path / "new user" / "accord" / "secret_key").read_text() == SECRET


def test_a_restore_says_when_the_secret_key_is_another(accord, backed_up, key, tmp_path):
    settings = {
        "ACCORD_DATA_DIR": str(tmp_path / "new"),
        "ACCORD_SECRET_KEY": "another key than that place had",
    }
    done = accord("restore", backed_up, "--key", key[0], env=settings)
    assert (done.returncode, "ACCORD_OLD_SECRET_KEYS" in done.stderr) == (0, True)


def test_a_backup_by_url_goes_into_another_database_of_a_server(accord, old, backed_up, key):
    url = {"REDIS_URL": f"{old.url}?db=5", "ACCORD_SECRET_KEY": SECRET}
    assert accord("restore", backed_up, "--key", key[0], env=url).returncode == 0
    assert content(url["REDIS_URL"]) == content(old.url)
    # And from there: that database alone.
    with Redis.from_url(url["REDIS_URL"]) as redis:
        redis.set("accord:{only}:here", "1")
    assert accord("backup", "c", "--to", key[1], env=url).returncode == 0
    assert b"accord:{only}:here" in opened(backed_up.with_name("c"), key[0])


def test_a_server_that_gives_no_copy_of_itself_is_told_in_a_sentence(accord, old, key):
    with Redis.from_url(old.url) as redis:
        redis.acl_setuser("few", enabled=True, nopass=True, keys="*", commands=["+@all", "-sync"])
    url = {"REDIS_URL": old.url.replace("unix://", "unix://few:x@"), "ACCORD_SECRET_KEY": SECRET}
    done = accord("backup", "b", "--to", key[1], env=url)
    assert (done.returncode, "(NOPERM)" in done.stderr, "+sync" in done.stderr) == (2, True, True)


def test_a_backup_of_a_newer_version_is_refused(accord, old, backed_up, restore, key):
    with Redis.from_url(old.url) as redis:
        redis.hset(keys.SCHEMA, "version", "999")
    refused = accord("backup", "newer", "--to", key[1], env={"ACCORD_SECRET_KEY": SECRET})
    assert (refused.returncode, "newer version" in refused.stderr) == (1, True)


def test_help_says_all_of_it(accord):
    for command, words in {
        "backup": ("--to", "--new-key", "passphrase"),
        "restore": ("--key", "--replace"),
    }.items():
        told = accord(command, "--help").stdout
        assert all(word in told for word in words)
    assert accord("backup").returncode == 2
    nobody_asked = accord("backup", "b", env={"ACCORD_SECRET_KEY": SECRET})
    assert (nobody_asked.returncode, "ACCORD_BACKUP_PASSPHRASE" in nobody_asked.stderr) == (2, True)
    short = accord("backup", "b", env={"ACCORD_BACKUP_PASSPHRASE": "short"})
    assert (short.returncode, "12 characters" in short.stderr) == (2, True)


def opened(file, key):
    """What is in a backup."""
    from adapters.redis.backup.sealing import read_key, unseal

    pieces = []
    unseal(file, read_key(key), pieces.append)
    held = b"".join(pieces)
    assert json.loads(held.splitlines()[0])["accord"] == 1
    return held
