"""Webhooks end to end: questions in a room, a receiver on this machine, and a worker that sends.

The signature is checked by the package of Standard Webhooks, which is not ours.
"""

import asyncio
import json
import re
import runpy
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook as Verifier

from adapters.clock import SystemClock
from adapters.webhooks.sender import HttpSender
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.errors import StoreError
from bot.domain.events import EventKind
from bot.domain.terms import Terms
from bot.domain.webhooks import (
    DEAD_FOR,
    DEAD_LIMIT,
    LEASE,
    MOST_TRIES,
    Delivery,
    Problem,
    Webhook,
    noting,
)
from bot.ops import metrics
from bot.service.dispatch import dispatch
from bot.service.webhook_handlers import webhooks_of
from bot.worker.webhooks import TOGETHER, deliver_due, pass_on_left, tidy_dead

ADA = Actor("T1", "ada", admin=True)
DAY = timedelta(days=1)


@dataclass
class Receiver:
    """Somebody else's server; `answers` are given first, one to each request, then 200."""

    answers: list = field(default_factory=list)
    came: list = field(default_factory=list)

    async def take(self, request):
        self.came.append((dict(request.headers), await request.read()))
        return self.answers.pop(0) if self.answers else web.Response(text="thank you")

    @property
    def told(self):
        return [json.loads(body) for _, body in self.came]


@pytest.fixture
async def receiver():
    there = Receiver()
    app = web.Application()
    app.router.add_post("/accord", there.take)
    there.server = TestServer(app)
    await there.server.start_server()
    there.url = str(there.server.make_url("/accord"))
    yield there
    await there.server.close()


@pytest.fixture
async def sender():
    async with HttpSender(private=True) as sender:
        yield sender


async def added(room, url, *kinds, key="k"):
    reply = await dispatch(
        commands.AddWebhook(ADA, url, frozenset(kinds or EventKind), key, private=True), room.ports
    )
    assert reply.ok, reply.text
    return reply.secret


async def asked(room, *, key="key", answers=()):
    """A question that was posted, with these opinions."""
    posting = commands.PostQuestion(
        Actor("T1", "fay"), "web", "C1", "Ban plastics?", idempotency_key=key, terms=Terms()
    )
    question = (await room.say(posting)).deliberation
    room.deliberation_id = question.id
    for user in answers:
        await room.answer(user)
    return await room.now()


async def settled(room, ratings=None):
    """One that came to its end with these ratings."""
    await asked(room, answers=("ann", "bob", "cem"))
    await room.close()
    await room.all_due()
    for user, value in (ratings or {}).items():
        await room.rate(user, value)
    await room.say(commands.CloseRating(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    return await room.now()


async def sent(room, sender, *, after=timedelta(0)):
    """Whatever is due, as long as anything is."""
    room.clock.advance(after)
    count = 0
    while more := await deliver_due(room.ports, sender):
        count += more
    return count


async def test_a_question_is_told_from_its_opening_to_its_result(room, receiver, sender):
    secret = await added(room, receiver.url)
    question = await settled(room)
    assert await sent(room, sender) == 4

    told = {each["type"]: each for each in receiver.told}
    assert set(told) == {"question.opened", "question.closed", "statement.posted", "question.settled"}
    for each in told.values():
        assert (each["team"], each["data"]["question_id"]) == ("T1", question.id)
        assert each["data"]["question"] == question.question
    assert told["question.closed"]["data"]["opinions"] == 3
    assert told["question.settled"]["data"]["statement"] == question.statement
    # Nothing that a member wrote or is.
    everything = b" ".join(body for _, body in receiver.came).decode()
    for private in (
        "zanzibar",
        *(room.ports.pseudonyms.of(question, user) for user in ("ann", "bob", "cem")),
    ):
        assert private not in everything
    for headers, body in receiver.came:
        small = {name.lower(): value for name, value in headers.items()}
        assert small["webhook-id"] == json.loads(body)["id"]
    assert secret not in everything


@pytest.mark.parametrize(("raters", "shown"), [(2, False), (3, True)])
async def test_ratings_of_fewer_than_three_are_told_by_their_number_alone(
    room, receiver, sender, raters, shown
):
    await added(room, receiver.url, EventKind.SETTLED)
    await settled(room, ratings=dict(zip(("ann", "bob", "cem"), (6, 7, 2)[:raters], strict=False)))
    await sent(room, sender)

    (told,) = receiver.told
    ratings = told["data"]["ratings"]
    assert ratings["total"] == raters
    assert (ratings["counts"] is not None, ratings["agree"] is not None) == (shown, shown)
    if shown:
        assert ratings["counts"] == [0, 1, 0, 0, 0, 1, 1]
        assert (ratings["agree"], ratings["disagree"], ratings["mean"]) == (2, 1, 5.0)


async def test_what_ends_without_a_statement_is_told_as_failed(room, receiver, sender):
    await added(room, receiver.url, EventKind.FAILED)
    question = await asked(room)
    await dispatch(commands.Cancel(Actor("T1", "fay"), question.id), room.ports)
    await sent(room, sender)
    assert [each["data"]["reason"] for each in receiver.told] == ["cancelled"]


async def test_a_draft_that_failed_is_told_once_and_as_that_even_when_the_question_is_cancelled_since(
    room, receiver, sender
):
    await added(room, receiver.url, EventKind.FAILED)
    room.drafter.errors = [ValueError()]
    await asked(room, answers=("ann", "bob"))
    await room.close()
    await room.all_due()
    await room.say(commands.Cancel(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    await sent(room, sender)
    told = {each["id"]: each["data"]["reason"] for each in receiver.told}
    assert sorted(told.values()) == ["cancelled", "no-statement"]
    assert len(receiver.told) == 2


async def test_a_question_posted_twice_is_told_once(room, receiver, sender):
    await added(room, receiver.url)
    for _ in range(2):
        await asked(room)
        await sent(room, sender)
    assert [each["type"] for each in receiver.told] == ["question.opened"]


async def test_a_receiver_that_fails_is_tried_for_about_a_day_and_no_step_waits(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    receiver.answers = [web.Response(status=503, text="x" * 200_000) for _ in range(99)]
    await asked(room)
    began, pauses = room.clock.now(), []
    while not (dead := await room.ports.webhooks.dead("T1")):
        await sent(room, sender)
        waiting = await room.ports.webhooks.waiting("T1")
        pauses += [each.next_at - room.clock.now() for each in waiting]
        room.clock.advance(pauses[-1] if waiting else timedelta(0))

    assert len(receiver.came) == MOST_TRIES
    assert DAY * 0.7 < dead[0].dead_since - began < DAY * 1.5
    assert pauses[0] < timedelta(seconds=20)
    assert all(early < late for early, late in pairwise(pauses[:7]))
    assert (dead[0].problem, dead[0].status) == (Problem.ANSWERED, 503)
    ids = {json.loads(body)["id"] for _, body in receiver.came}
    assert len(ids) == 1

    # It is back, and an admin sends it again: the receiver knows it by the same id.
    receiver.answers.clear()
    replay = commands.ReplayDeliveries(ADA, frozenset({dead[0].id}))
    assert (await dispatch(replay, room.ports)).ok
    assert (await dispatch(replay, room.ports)).ok  # sent twice
    assert await sent(room, sender) == 1
    assert {each["id"] for each in receiver.told} == ids
    kept = await webhooks_of(ADA, room.ports)
    assert (list(kept.dead), kept.waiting) == ([], 0)
    unknown = await dispatch(commands.ReplayDeliveries(ADA, frozenset({"nope"})), room.ports)
    assert (unknown.ok, unknown.text) == (False, "There is no undelivered message with that ID.")


async def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    receiver.answers = [web.Response(status=429, headers={"Retry-After": "3600"})]
    await asked(room)
    assert await sent(room, sender) == 1
    assert await sent(room, sender, after=timedelta(minutes=59)) == 0
    assert await sent(room, sender, after=timedelta(minutes=2)) == 1
    assert len(receiver.told) == 2


async def test_an_address_that_is_gone_is_switched_off_and_admins_are_told(room, receiver, sender):
    await added(room, receiver.url)
    receiver.answers = [web.Response(status=410)]
    question = await asked(room)
    await sent(room, sender)
    kept = await webhooks_of(ADA, room.ports)
    assert kept.webhooks[0].off_since == room.clock.now()
    assert [each.status for each in kept.dead] == [410]
    await dispatch(commands.Cancel(Actor("T1", "fay"), question.id), room.ports)
    assert await sent(room, sender, after=DAY) == 0

    assert (await dispatch(commands.SwitchOnWebhook(ADA, kept.webhooks[0].id), room.ports)).ok
    assert (await dispatch(commands.ReplayDeliveries(ADA), room.ports)).ok
    assert await sent(room, sender) == 1
    assert (await webhooks_of(ADA, room.ports)).webhooks[0].off_since is None


async def test_a_redirect_is_not_followed(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    receiver.answers = [web.Response(status=307, headers={"Location": receiver.url})]
    await asked(room)
    await sent(room, sender)
    assert len(receiver.came) == 1
    (waiting,) = await room.ports.webhooks.waiting("T1")
    assert (waiting.problem, waiting.status) == (Problem.REDIRECTED, 307)


async def test_a_receiver_that_is_killed_and_comes_back_loses_nothing(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    port = receiver.server.port
    await receiver.server.close()
    await asked(room)
    await sent(room, sender)
    (waiting,) = await room.ports.webhooks.waiting("T1")
    assert waiting.problem is Problem.UNREACHABLE

    app = web.Application()
    app.router.add_post("/accord", receiver.take)
    receiver.server = TestServer(app, port=port)
    await receiver.server.start_server()
    assert await sent(room, sender, after=timedelta(minutes=1)) == 1
    assert [each["type"] for each in receiver.told] == ["question.opened"]


async def test_a_slow_receiver_keeps_no_other_from_being_told(room, receiver):
    gate = asyncio.Event()

    async def slow(request):
        await gate.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", slow)
    async with TestServer(app) as stuck, HttpSender(private=True, timeout_s=0.2) as sender:
        await added(room, str(stuck.make_url("/")), EventKind.OPENED, key="slow")
        await added(room, receiver.url, EventKind.OPENED, key="quick")
        for key in range(6):
            await asked(room, key=str(key))
        first = await deliver_due(room.ports, sender)
        gate.set()
    # Not more than a few at once to each address.
    assert first == 8
    assert len(receiver.came) == 4
    waiting = await room.ports.webhooks.waiting("T1")
    assert Counter(each.problem for each in waiting if each.tries) == {Problem.TIMED_OUT: 4}


async def test_a_team_with_many_receivers_keeps_no_other_team_waiting(room, receiver, sender):
    for key in range(12):
        await added(room, receiver.url, EventKind.OPENED, key=str(key))
    theirs = Webhook(
        id="theirs",
        team="T2",
        url=receiver.url,
        kinds=frozenset({EventKind.OPENED}),
        key_id="",
        added_at=room.clock.now(),
    )
    await room.ports.webhooks.put_webhook(theirs)
    for key in range(4):
        question = await asked(room, key=str(key))
    room.clock.advance(timedelta(seconds=1))
    late = Delivery.of(
        question.events[0], question.model_copy(update={"team": "T2"}), theirs, room.clock.now()
    )
    await room.ports.webhooks.queue([late])
    assert await deliver_due(room.ports, sender) == TOGETHER
    assert await room.ports.webhooks.waiting("T2") == []


async def test_a_process_that_died_after_saving_loses_no_event(room, receiver, sender):
    await added(room, receiver.url, EventKind.CLOSED)
    question = await asked(room)
    now = room.clock.now()
    await room.ports.deliberations.save(noting(question.closed(now), question, now))  # and died
    assert await sent(room, sender) == 0
    room.clock.advance(timedelta(minutes=1))
    assert await pass_on_left(room.ports) == 1
    assert await pass_on_left(room.ports) == 0
    await sent(room, sender)
    assert [each["type"] for each in receiver.told] == ["question.closed"]


async def test_a_worker_that_died_while_sending_sends_again_under_the_same_id(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    await asked(room)

    class Dying:
        async def send(self, url, headers, body):
            await sender.send(url, headers, body)
            raise asyncio.CancelledError

    await deliver_due(room.ports, Dying())
    assert await sent(room, sender) == 0  # another worker may be at it
    assert await sent(room, sender, after=LEASE) == 1
    assert len(receiver.told) == 2
    assert receiver.told[0]["id"] == receiver.told[1]["id"]


async def test_a_question_goes_on_while_webhooks_cannot_be_queued(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)

    class Away:
        async def webhooks(self, team):
            raise StoreError("It does not answer.")

    whole = room.ports
    room.ports = replace(whole, webhooks=Away())
    await asked(room)
    room.ports = whole
    room.clock.advance(timedelta(minutes=1))
    assert await pass_on_left(room.ports) == 1
    assert await sent(room, sender) == 1


async def test_what_was_deleted_is_told_to_nobody(room, receiver, sender):
    await added(room, receiver.url)
    gone, replayed = await asked(room, key="gone"), await asked(room, key="replayed")
    (first, second) = await room.ports.webhooks.waiting("T1")
    dead = next(each for each in (first, second) if each.deliberation == replayed.id)
    await room.ports.webhooks.replace(dead, dead.dead(Problem.TIMED_OUT, room.clock.now()))
    for each in (gone, replayed):
        await room.ports.deliberations.delete(each.id)
    await sent(room, sender)
    assert receiver.came == []
    assert await tidy_dead(room.ports) == 1
    kept = await webhooks_of(ADA, room.ports)
    assert (list(kept.dead), kept.waiting) == ([], 0)


async def test_dead_letters_are_bounded_in_number_and_age(room, receiver):
    await added(room, receiver.url)
    question = await asked(room)
    (first,) = await room.ports.webhooks.waiting("T1")
    assert first.deliberation == question.id
    await room.ports.webhooks.replace(first, None)
    for n in range(DEAD_LIMIT + 3):
        each = first.model_copy(update={"id": f"{n:012}"})
        await room.ports.webhooks.queue([each])
        await room.ports.webhooks.replace(
            each, each.dead(Problem.TIMED_OUT, room.clock.now() + timedelta(seconds=n))
        )
    assert await tidy_dead(room.ports) == 3
    assert metrics.WEBHOOKS_DEAD._value.get() == DEAD_LIMIT
    room.clock.advance(DEAD_FOR + timedelta(days=1))
    assert await tidy_dead(room.ports) == DEAD_LIMIT


async def test_deliveries_are_counted_by_outcome(room, receiver, sender):
    await added(room, receiver.url, EventKind.OPENED)
    receiver.answers = [web.Response(status=500)]
    before = {outcome: metrics.WEBHOOKS.labels(outcome)._value.get() for outcome in ("failed", "delivered")}
    await asked(room)
    room.clock.advance(timedelta(seconds=5))
    await deliver_due(room.ports, sender)
    assert metrics.WEBHOOKS_OLDEST._value.get() == 5
    await sent(room, sender, after=timedelta(minutes=1))
    after = {outcome: metrics.WEBHOOKS.labels(outcome)._value.get() - n for outcome, n in before.items()}
    assert after == {"failed": 1, "delivered": 1}
    assert metrics.WEBHOOKS_OLDEST._value.get() == 0


async def test_the_secret_is_given_once_and_only_to_admins(room, receiver):
    secret = await added(room, receiver.url)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert await added(room, receiver.url) == secret  # the form sent twice: one webhook
    assert await added(room, receiver.url, key="other") != secret
    assert len((await webhooks_of(ADA, room.ports)).webhooks) == 2
    assert secret not in str(vars(room.ports.webhooks))
    for command in (
        commands.AddWebhook(Actor("T1", "ann"), receiver.url, frozenset(EventKind), "k"),
        commands.RemoveWebhook(Actor("T1", "ann"), "w"),
        commands.SwitchOnWebhook(Actor("T1", "ann"), "w"),
        commands.ReplayDeliveries(Actor("T1", "ann")),
    ):
        assert not (await dispatch(command, room.ports)).ok


EXAMPLE = Path(__file__).parents[3] / "deploy/examples/webhook_receiver.py"


async def test_the_receiver_in_the_examples_takes_what_is_signed_and_nothing_else(room, receiver, sender):
    secret = await added(room, receiver.url, EventKind.OPENED)
    await asked(room)
    await sent(room, sender)
    headers, body = receiver.came[0]
    small, now = {name.lower(): value for name, value in headers.items()}, room.clock.now().timestamp()
    is_from_accord = runpy.run_path(str(EXAMPLE))["is_from_accord"]

    assert is_from_accord(secret, small, body, now + 299)
    for wrong in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert not is_from_accord(secret, {**small, wrong: small[wrong] + "1"}, body, now)
    assert not is_from_accord(secret, small, body.replace(b"plastics", b"nothing"), now)
    assert not is_from_accord(secret, small, body, now + 301)
    assert not is_from_accord(await added(room, receiver.url, key="other"), small, body, now)
    assert not is_from_accord(secret, {}, body, now)


async def _listens(port):
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def test_the_receiver_in_the_examples_runs(room, sender, unused_tcp_port):
    secret = await added(room, f"http://127.0.0.1:{unused_tcp_port}/", EventKind.OPENED)
    room.ports = replace(room.ports, clock=SystemClock())
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        str(unused_tcp_port),
        env={"ACCORD_WEBHOOK_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listens(unused_tcp_port)
        await asked(room)
        await deliver_due(room.ports, sender)
        async with asyncio.timeout(60):
            line = await started.stdout.readline()
    finally:
        started.terminate()
        await started.wait()
    assert line.decode().split() == ["question.opened", "Ban", "plastics?"]


async def test_an_independent_implementation_verifies_a_delivery(room, receiver, sender):
    secret = await added(room, receiver.url, EventKind.OPENED)
    # Its verifier refuses what is older than five minutes by its own clock.
    room.ports = replace(room.ports, clock=SystemClock())
    await asked(room)
    while await deliver_due(room.ports, sender):
        pass
    headers, body = receiver.came[0]
    small = {name.lower(): value for name, value in headers.items()}
    assert Verifier(secret).verify(body, small)["type"] == "question.opened"
