"""Real worker processes and a real server, killed or in trouble at the worst moments.

Nothing is lost or done twice, and all goes on by itself once the trouble is over.
"""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis import Redis

from adapters.clock import SystemClock
from adapters.jobs.queue import StreaqJobQueue
from adapters.memory import MemoryPlatform
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.library import RedisLibrary
from adapters.redis.live import RedisLiveFeed
from adapters.redis.notes import RedisNotes
from adapters.redis.state import redis_state
from bot.chat.rehearsals import KIND, Rehearsals, State, Wish
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.deliberation import Phase, Step
from bot.domain.errors import StoreError, UnknownDeliberationError
from bot.domain.events import EventKind
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports

pytestmark = [
    pytest.mark.redis,
    pytest.mark.slow,
    # A connection that cannot be made leaves its buffers to the garbage collector (coredis 6.9).
    pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning"),
]

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
# A dead worker's jobs are taken over after this long, at the latest after twice that.
TAKEOVER_S = 1.0
# In every opinion, and so never in what a worker logs.
UNSPEAKABLE = "zanzibar"
FAY = Actor("T1", "fay")


class Chat:
    """The other end of the workers' platform and engine: it remembers every request and can hold one back.

    requests: (path, what was told), in the order of arrival; a request counts as soon as it has arrived.
    away: whether it refuses every request.
    """

    def __init__(self):
        self.requests = []
        self.messages = {}
        self.away = False
        self._held = {}
        self._arrived = defaultdict(asyncio.Event)

    def hold(self, name):
        """Do not answer requests of this name until `let_go`."""
        self._held[name] = asyncio.Event()

    def let_go(self, name):
        self._held.pop(name).set()

    async def arrived(self, name):
        """Wait until a request of this name is here."""
        async with asyncio.timeout(PATIENCE_S):
            await self._arrived[name].wait()

    def named(self, name):
        return [told for path, told in self.requests if request_name(path, told) == name]

    def statements(self, deliberation):
        """Every statement that the channel has seen for this question."""
        return {
            told["statement"]
            for path, told in self.requests
            if "card" in told and told["deliberation"] == deliberation.id and told["statement"]
        }

    def posted(self, deliberation):
        """The keys under which messages were posted for this question."""
        return {
            told["key"]
            for path, told in self.requests
            if path == "/post" and told["deliberation"] == deliberation.id
        }

    async def answer(self, request):
        told = await request.json()
        self.requests.append((request.path, told))
        number = len(self.requests)
        name = request_name(request.path, told)
        self._arrived[name].set()
        if name in self._held:
            await self._held[name].wait()
        if self.away:
            raise web.HTTPServiceUnavailable
        if request.path == "/post":
            message = self.messages.setdefault(told["key"], f"message {len(self.messages) + 1}")
            return web.json_response({"message": message})
        return web.json_response({"statement": f"Statement {number}."})


def request_name(path, told):
    return f"{path.strip('/')} {told['card']}" if "card" in told else path.strip("/")


@pytest.fixture
async def chat():
    chat = Chat()
    app = web.Application()
    app.router.add_post("/{path}", chat.answer)
    # Whatever a test still holds back must not hold up its end.
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    chat.url = "http://{}:{}".format(*runner.addresses[0])
    yield chat
    await runner.cleanup()


class Server:
    """The embedded server, which can be killed."""

    def __init__(self, folder):
        self._folder = folder
        self._started = [EmbeddedServer(folder)]
        self.url = self._started[0].start()

    def kill(self):
        self.send(signal.SIGKILL)

    def send(self, number):
        """A signal; gives what takes it, for more of them when the server cannot be asked."""
        with self.asked() as client:
            pid = client.info("server")["process_id"]
        os.kill(pid, number)
        return pid

    def asked(self):
        """A client of the test's own."""
        return Redis.from_url(self.url)

    def start_again(self):
        self._started.append(EmbeddedServer(self._folder))
        self._started[-1].start()

    def stop(self):
        for server in self._started:
            server.stop()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    yield server
    server.stop()
    # What the client of a killed server leaves unclosed is found here, under this module's filter.
    gc.collect()


@pytest.fixture
async def ports(server):
    """A gateway's ports."""
    async with AsyncExitStack() as stack:
        client = await connect(server.url)
        stack.push_async_callback(client.aclose)
        jobs = await stack.enter_async_context(StreaqJobQueue(server.url))
        yield Ports(
            **redis_state(client),
            feedback=RedisFeedbackLog(client),
            library=RedisLibrary(client),
            jobs=jobs,
            clock=SystemClock(),
            live=RedisLiveFeed(client),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"web": MemoryPlatform()},
        )


@pytest.fixture
def start_worker(server, chat, tmp_path):
    """Starts workers; afterwards none is left, and none has logged what anybody wrote."""
    workers = []

    def start(takeover_s=TAKEOVER_S, doom=()):
        log = tmp_path / f"worker-{len(workers)}.log"
        module = "tests.e2e.doomed_worker" if doom else "tests.e2e.worker_process"
        arguments = ["-m", module, *map(str, doom), server.url, chat.url, str(takeover_s)]
        with log.open("wb") as stderr:
            worker = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stderr=stderr)
        workers.append((worker, log))
        return worker

    yield start
    for worker, _ in workers:
        worker.kill()
        worker.wait()
    for _, log in workers:
        lines = log.read_text().splitlines()
        assert UNSPEAKABLE not in log.read_text()
        assert all("message" in json.loads(line) for line in lines), lines


def kill(worker):
    worker.kill()
    assert worker.wait() == -signal.SIGKILL


async def ask(ports, key="key"):
    """A question with three opinions, closed."""
    deliberation = await say(
        ports, commands.PostQuestion(FAY, "web", "C1", "Ban plastics?", key, terms=Terms(candidates=2))
    )
    for user in ("ann", "bob", "cem"):
        await say(ports, opinion(ports, deliberation, user))
    return await say(ports, commands.CloseOpinions(FAY, deliberation.id))


def opinion(ports, deliberation, user):
    text = f"{user} thinks of {UNSPEAKABLE}."
    return commands.GiveOpinion(Actor("T1", user), deliberation.id, text, ports.clock.now(), True)


async def say(ports, command):
    reply = await dispatch(command, ports)
    assert reply.ok, reply.text
    return reply.deliberation


async def until(ports, deliberation, condition):
    """The deliberation, as soon as it has come so far."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            saved = await ports.deliberations.load(deliberation.id)
            if condition(saved):
                return saved
            await asyncio.sleep(0.05)


async def is_whole(ports, chat, deliberation):
    """The vote is open on one statement, shown in one message, and every opinion is kept."""
    saved = await until(ports, deliberation, lambda saved: saved.phase is Phase.RATING)
    assert chat.statements(saved) == {saved.statement}
    assert (await ports.mediations.mediation(saved.id, 1)).statement == saved.statement
    assert chat.posted(saved) == {saved.id}
    assert saved.message.message == chat.messages[saved.id]
    kept = [opinion.text for opinion in await ports.contributions.opinions(saved.id)]
    assert sorted(kept) == [f"{user} thinks of {UNSPEAKABLE}." for user in ("ann", "bob", "cem")]
    return saved


async def test_workers_killed_while_mediating_and_before_saving_are_replaced_and_nothing_is_published_twice(
    ports, chat, start_worker
):
    chat.hold("draft")
    first = start_worker()
    deliberation = await ask(ports)
    await chat.arrived("draft")
    kill(first)
    chat.let_go("draft")

    chat.hold("update StatementCard")
    second = start_worker()
    await chat.arrived("update StatementCard")
    kill(second)
    saved = await ports.deliberations.load(deliberation.id)
    assert (saved.phase, saved.statement is not None) == (Phase.MEDIATING, True)
    chat.let_go("update StatementCard")
    start_worker()

    await is_whole(ports, chat, deliberation)
    # What the second had chosen is not drafted again by the third.
    assert [told["opinions"] for told in chat.named("draft")] == [3, 3]
    assert len({told["message"] for told in chat.named("update StatementCard")}) == 1


async def test_a_killed_server_comes_back_with_everything_and_the_deliberation_finishes(
    server, ports, chat, start_worker
):
    chat.hold("draft")
    start_worker()
    await ports.teams.save_team(Team(id="T1", keep_feedback=True))
    deliberation = await ask(ports)
    await chat.arrived("draft")
    server.kill()
    await asyncio.sleep(0.5)
    server.start_again()
    chat.let_go("draft")

    await is_whole(ports, chat, deliberation)
    assert len(chat.named("draft")) == 1
    rating = commands.CastRating(Actor("T1", "ann"), deliberation.id, 6, ports.clock.now())
    await say(ports, rating)
    await say(ports, commands.CloseRating(FAY, deliberation.id))
    await until(ports, deliberation, lambda saved: saved.recorded)
    assert [record.agreement async for record in ports.feedback.read("T1")] == [6]


async def test_of_two_workers_one_takes_each_step(ports, chat, start_worker):
    workers = [start_worker(takeover_s=30) for _ in range(2)]
    asked = await asyncio.gather(*(ask(ports, key=f"question {number}") for number in range(6)))

    for deliberation in asked:
        await is_whole(ports, chat, deliberation)
    assert len(chat.named("draft")) == len(asked)
    for worker in workers:
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, PATIENCE_S) == 0


async def test_a_worker_killed_while_it_tells_a_webhook_is_replaced_and_the_same_message_comes_again(
    ports, start_worker
):
    came: asyncio.Queue[str] = asyncio.Queue()
    answering = asyncio.Event()

    async def take(request):
        await came.put(request.headers["webhook-id"])
        await answering.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as receiver, asyncio.timeout(PATIENCE_S):
        ada, url = Actor("T1", "ada", admin=True), str(receiver.make_url("/"))
        opened = frozenset({EventKind.OPENED})
        await say(ports, commands.AddWebhook(ada, url, opened, "key", private=True))
        await say(ports, commands.PostQuestion(FAY, "web", "C1", "Ban plastics?", "key"))
        first = start_worker()
        told = await came.get()
        kill(first)
        answering.set()
        # The claim of the dead one lasts for a minute, which is not waited for here.
        (waiting,) = await ports.webhooks.waiting("T1")
        due = waiting.model_copy(update={"next_at": waiting.since})
        assert await ports.webhooks.replace(waiting, due)
        start_worker()

        assert await came.get() == told
        while await ports.webhooks.waiting("T1"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


# Before which requests of a step workers are killed: 1 is before each, and takes minutes.
EVERY = int(os.environ.get("KILL_BEFORE_EVERY", "4"))


@pytest.mark.long
async def test_workers_killed_before_requests_of_each_step_do_it_once_all_the_same(  # noqa: C901 (the whole way)
    server, ports, chat, start_worker
):
    told, killed = [], {}

    async def take(request):
        told.append(request.headers["webhook-id"])
        return web.Response()

    async def is_over(done):
        try:
            return await done()
        except StoreError:
            return False  # a busy machine may let the store wait for seconds

    async def killed_in(step, done, after=None, before=None):
        """Workers one after the other, each killed a few requests later in this step, until it is taken."""
        for number in before or count(1, EVERY):
            worker = start_worker(doom=(step, number))
            async with asyncio.timeout(PATIENCE_S):
                while worker.poll() is None and not await is_over(done):  # noqa: ASYNC110 (another process acts)
                    await asyncio.sleep(0.05)
            if worker.poll() is None:
                kill(worker)
                print(step, killed.get(step, 0), flush=True)  # for the table of faults
                return
            assert worker.wait() == -signal.SIGKILL
            killed[step] = number
            if after is not None:
                await after()

    async def now():
        return await ports.deliberations.load(asked.id)

    async with AsyncExitStack() as stack:
        app = web.Application()
        app.router.add_post("/", take)
        receiver = await stack.enter_async_context(TestServer(app))
        client = await connect(server.url)
        stack.push_async_callback(client.aclose)
        notes = RedisNotes(client, KIND)

        await ports.teams.save_team(Team(id="T1", keep_feedback=True))
        add = commands.AddWebhook(
            Actor("T1", "ada", admin=True),
            str(receiver.make_url("/")),
            frozenset(EventKind),
            "key",
            private=True,
        )
        await say(ports, add)
        asked = await say(
            ports, commands.PostQuestion(FAY, "web", "C1", "Ban plastics?", "key", terms=Terms(candidates=2))
        )
        await killed_in(Step.ANNOUNCE, lambda: holds(now, lambda saved: saved.message is not None))
        for user in ("ann", "bob", "cem"):
            await say(ports, opinion(ports, asked, user))
        chat.hold("update StatementCard")
        await say(ports, commands.CloseOpinions(FAY, asked.id))
        await killed_in(Step.MEDIATE, lambda: holds(now, lambda saved: saved.statement is not None))
        chat.let_go("update StatementCard")
        await killed_in(Step.PUBLISH, lambda: holds(now, lambda saved: saved.phase is Phase.RATING))
        saved = await is_whole(ports, chat, asked)
        for user in ("ann", "bob", "cem"):
            await say(ports, commands.CastRating(Actor("T1", user), asked.id, 6, ports.clock.now()))
        await say(ports, commands.CloseRating(FAY, asked.id))
        await killed_in(Step.SETTLE, lambda: holds(now, lambda saved: saved.recorded))
        assert [record.agreement async for record in ports.feedback.read("T1")] == [6, 6, 6]

        async def all_due():
            # What a dead one has claimed waits for a minute, which is not waited for here.
            for each in await ports.webhooks.waiting("T1"):
                await ports.webhooks.replace(each, each.model_copy(update={"next_at": each.since}))

        await all_due()

        async def all_told():  # opened, closed, statement, settled
            return len(set(told)) == 4 and not await ports.webhooks.waiting("T1")

        await killed_in("webhook", all_told, all_due)

        rehearsals = Rehearsals(notes, 5, None)
        wish = await rehearsals.ask(Wish("T1", "fay", "Ban plastics?", "", "key"), ports.clock.now())

        async def unclaimed():
            await notes.remove(f"claim:{wish.id}")

        async def played():
            found = await rehearsals.find(wish.id, "T1", "fay")
            return found.state is State.DONE and not await notes.members("waiting")

        # One that has ended two workers is tried once more, and no more.
        await killed_in("rehearsal", played, unclaimed, before=(2, 9, 99))

        saved = await now()
        over = saved.ended_at - timedelta(days=saved.terms.retention_days)
        await ports.deliberations.save(saved.model_copy(update={"ended_at": over}))

        async def gone():
            try:
                await now()
            except UnknownDeliberationError:
                return True
            return False

        await killed_in(Step.PURGE, gone)
        assert await ports.contributions.opinions(asked.id) == []
        assert [record async for record in ports.feedback.read("T1")] == []
    assert len(set(told)) == 4
    assert killed.keys() >= {Step.ANNOUNCE, Step.MEDIATE, Step.PUBLISH, Step.SETTLE, Step.PURGE, "rehearsal"}


async def holds(load, condition):
    return condition(await load())


# -- a server and a model server in trouble ------------------------------------------------------


def out_of_memory(client):
    client.config_set("maxmemory", "1")


def enough_memory(client):
    client.config_set("maxmemory", "0")


def read_only(client):
    # A replica of nobody: it keeps what it has, and takes no writes.
    client.execute_command("REPLICAOF", "127.0.0.1", "1")


def primary(client):
    client.execute_command("REPLICAOF", "NO", "ONE")


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [(out_of_memory, enough_memory, "is full"), (read_only, primary, "read-only replica")],
    ids=["out of memory", "read-only"],
)
async def test_a_server_that_takes_no_writes_loses_nothing_and_all_goes_on_once_it_does(
    server, ports, chat, start_worker, begin, end, said
):
    chat.hold("draft")
    start_worker()
    deliberation = await ask(ports)
    other = await say(ports, commands.PostQuestion(FAY, "web", "C1", "Ban cars?", "other", terms=Terms()))
    await chat.arrived("draft")
    with server.asked() as client:
        begin(client)
        with pytest.raises(StoreError, match=said):
            await ports.upkeep.try_write()
        refused = await dispatch(opinion(ports, other, "dan"), ports)
        chat.let_go("draft")
        await until_refused(client)
        end(client)

    await is_whole(ports, chat, deliberation)
    # What was acknowledged is there, what was refused is not, and can be said again.
    assert not refused.ok
    assert await ports.contributions.opinion_count(other.id) == 0
    await say(ports, opinion(ports, other, "dan"))


async def until_refused(client):
    """Wait until the server has refused something else than the test's own two tries: a worker's."""
    async with asyncio.timeout(PATIENCE_S):
        while refusals(client) < 4:  # noqa: ASYNC110 (another process acts)
            await asyncio.sleep(0.05)


def refusals(client):
    counts = client.info("errorstats")
    return sum(
        each["count"] for name, each in counts.items() if name in ("errorstat_OOM", "errorstat_READONLY")
    )


@pytest.mark.long
async def test_a_server_that_stalls_for_half_a_minute_loses_nothing_and_all_goes_on(
    server, ports, chat, start_worker, tmp_path
):
    chat.hold("draft")
    start_worker()
    deliberation = await ask(ports)
    await chat.arrived("draft")
    pid = server.send(signal.SIGSTOP)
    try:
        chat.let_go("draft")
        reply = await dispatch(opinion(ports, deliberation, "dan"), ports)
        await asyncio.sleep(30)
    finally:
        os.kill(pid, signal.SIGCONT)

    assert not reply.ok
    lines = (tmp_path / "worker-0.log").read_text().splitlines()
    told = [line for line in map(json.loads, lines) if line["level"] in ("warning", "error")]
    assert 1 <= len(told) <= 3, told  # not each try: ours, and what clients say by themselves
    await is_whole(ports, chat, deliberation)
    assert len({told["message"] for told in chat.named("update StatementCard")}) == 1


async def test_two_gateways_that_are_told_the_same_at_once_do_it_once(server, ports, chat, start_worker):
    start_worker()
    async with AsyncExitStack() as stack:
        client = await connect(server.url)
        stack.push_async_callback(client.aclose)
        jobs = await stack.enter_async_context(StreaqJobQueue(server.url))
        second = replace(ports, **redis_state(client), jobs=jobs, live=RedisLiveFeed(client))

        async def both(command):
            first, same = await asyncio.gather(dispatch(command, ports), dispatch(command, second))
            assert first.ok or same.ok, (first.text, same.text)
            return (first if first.ok else same).deliberation

        asked = await both(
            commands.PostQuestion(FAY, "web", "C1", "Ban cars?", "key", terms=Terms(candidates=2))
        )
        for user in ("ann", "bob", "cem"):
            await both(opinion(ports, asked, user))
        await both(commands.CloseOpinions(FAY, asked.id))
        saved = await is_whole(ports, chat, asked)
        for user in ("ann", "bob"):
            await both(commands.CastRating(Actor("T1", user), asked.id, 6, ports.clock.now()))
        assert len(await second.contributions.ratings(saved.id, 1)) == 2
    assert len(chat.named("draft")) == 1


@pytest.mark.long
async def test_a_model_server_that_is_away_for_some_tries_is_asked_again_until_it_is_back(
    ports, chat, start_worker
):
    chat.away = True
    start_worker()
    deliberation = await ask(ports)
    await until(ports, deliberation, lambda saved: saved.setbacks >= 3)
    chat.away = False

    await is_whole(ports, chat, deliberation)
    assert len(chat.named("draft")) >= 4
