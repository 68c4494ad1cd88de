"""A web channel to test: the real application over in-memory twins, and people with a cookie jar each."""

import asyncio
import copy
import html
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import aiohttp_jinja2
import numpy as np
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jinja2.bccache import Bucket, BytecodeCache

from adapters.memory import (
    ManualClock,
    MemoryApiTokens,
    MemoryFeedbackLog,
    MemoryInvitations,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
    MemorySessions,
    memory_state,
)
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from adapters.web.links import admin_link, invite_link, new_link_id, personal_link
from adapters.web.page_context import SITE
from adapters.web.platform import WebPlatform
from adapters.web.serving import PatientRunner
from bot.bootstrap.points import PointReader
from bot.bootstrap.simulated_members import estimate
from bot.chat.rehearsals import Rehearsals
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import PostQuestion
from bot.domain.deliberation import Deliberation
from bot.domain.model_notice import ModelNotice, Readers
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.engine import Drafting
from bot.service.ports.web_access import Invitation, WebAccess
from bot.worker.engine import Engine
from bot.worker.steps import Worker, run_step, sweep
from engine.errors import EngineError
from engine.fallback import LastResortMediator
from engine.groups.opinion_groups import groups_of, told_of_groups
from engine.types import (
    Arm,
    ArmStatement,
    BestOpinion,
    Candidate,
    Mediation,
    MediationRequest,
    ModelsUsed,
    OnProgress,
    OpenPoint,
    Progress,
    Stage,
    Timings,
)
from tests.state import Keeps

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REHEARSALS_A_DAY = 2
QUESTION = "Should we ban single-use plastics?"


@dataclass
class FakeMediator:
    """Chooses the first of made-up candidates; waits for `gate`, fails with `failure` while there is one.

    unpredicted: why it predicts nobody's agreement.
    model_used: whether a language model is said to have written them.
    camps: how many members are of one mind each, by the order of opinions; without, no groups are told of.
    open_point: what the statement is said to leave open, asked for by whoever uses its last word.
    """

    failure: EngineError | None = None
    gate: asyncio.Event | None = None
    unpredicted: str | None = None
    model_used: bool = False
    camps: tuple[int, ...] = ()
    open_point: str = ""
    half_way: asyncio.Event = field(default_factory=asyncio.Event)

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """A mediation of `request`."""
        total = request.candidates
        on_progress(Progress(Stage.DRAFT, total, total))
        self.half_way.set()
        while True:
            # Said again and again, for pages that come to watch late.
            on_progress(Progress(Stage.SCORE, total // 2, total))
            if self.gate is None or await _opened(self.gate):
                break
        if self.failure is not None:
            raise self.failure
        made = _mediation(request).model_copy(update={"model_used": self.model_used})
        made = _in_camps(made, self.camps) if self.camps else made
        if self.open_point:
            word = self.open_point.split()[-1]
            asking = tuple(each.participant for each in request.said if word in each.text)
            left = (OpenPoint(text=self.open_point, asked_by=asking),)
            made = made.model_copy(update={"leaves_open": left})
        return made if self.unpredicted is None else _by_closeness(made, self.unpredicted)

    async def draft(self, arm: Arm, request: MediationRequest, left_out: str | None = None) -> ArmStatement:
        """A statement that does not say its arm, but of which no two are alike."""
        number = list(Arm).index(arm)
        people = [opinion.participant for opinion in request.opinions]
        return ArmStatement(
            text=f"{'We agree to phase plastics out, ' * number}and to help those whom it costs most.",
            rewards=dict.fromkeys(people, 4.0 + number / 4),
            welfare_function=None,
            models=ModelsUsed(generator="fake", reward="fake", prompt=arm),
        )


@dataclass
class Told:
    """What members are told of a worker's models; may change.

    mediator: drafts; a copy of it that uses no model does where the drafter may not read what is written, and
        as a last resort. It may draft for studies too.
    readers: which models read each round.
    """

    kept: ModelNotice
    mediator: Any
    readers: list[Readers] = field(default_factory=list)

    async def notice(self) -> ModelNotice:
        """Of the models that are in use now."""
        return self.kept

    async def drafting(self, told: ModelNotice | None) -> Drafting:
        """What drafts for those who were told this, as a worker's engine picks it."""
        self.readers.append(self.kept.readers(told))
        arms = self.mediator if hasattr(self.mediator, "draft") else None
        engine = Engine(self._only(Readers()), None, "fake", arms, self.kept, self._only)
        return engine.drafting(told)

    def _only(self, readers: Readers) -> Any:
        first, last = copy.copy(self.mediator), copy.copy(self.mediator)
        first.model_used = self.mediator.model_used and readers.drafter
        last.model_used, last.failure = False, None
        resorts = self.kept.last_resort and readers.drafter and readers.last_resort
        return LastResortMediator(first, last) if resorts else first


async def _opened(gate: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(gate.wait(), timeout=0.1)
    return gate.is_set()


def _mediation(request: MediationRequest) -> Mediation:
    people = tuple(each.participant for each in request.said)
    draft = "Draft" if request.revision is None else "Revised draft"
    candidates = tuple(
        Candidate(
            text=f"{draft} {index + 1}: phase plastics out step by step, and help those whom it costs most.",
            source="fake",
            seed=index,
            rewards=tuple(max(1.0, 6.3 - 0.3 * index - 0.9 * (i % 3)) for i in range(len(people))),
            welfare=max(1.0, 5.9 - 0.27 * index),
        )
        for index in range(request.candidates)
    )
    return Mediation(
        question=request.question,
        seed=request.seed,
        statement=candidates[0].text,
        winner=0,
        welfare_function=request.welfare,
        participants=people,
        candidates=candidates,
        models=ModelsUsed(generator="fake", reward="fake", prompt="fake"),
        timings_s=Timings(draft=0, score=0, total=0),
        model_used=False,
        best_opinion=BestOpinion(
            participant=people[0], rewards=tuple(4.0 for _ in people), welfare=4.0, scored=len(people)
        ),
    )


def _in_camps(made: Mediation, camps: Sequence[int]) -> Mediation:
    """All but the first camp are against the statement and for drafts of their own; the second suits all."""
    of = [camp for camp, size in enumerate(camps) for _ in range(size)]
    likes = np.full((len(of), len(made.candidates)), 2.5)
    likes[np.array(of) == 0, 0] = 6.0
    likes[:, 1] = 4.5
    for member, camp in enumerate(of):
        likes[member, 2 + camp :: len(camps)] = 6.0 - 0.1 * (member % 3)
    candidates = tuple(
        each.model_copy(update={"rewards": tuple(likes[:, at].tolist())})
        for at, each in enumerate(made.candidates)
    )
    told = told_of_groups(groups_of(likes), likes, made.participants)
    return made.model_copy(update={"candidates": candidates, **told})


def _by_closeness(made: Mediation, why: str) -> Mediation:
    models = made.models.model_copy(update={"reward": f"closeness/1 ({why})", "unpredicted": why})
    candidates = tuple(
        each.model_copy(update={"rewards": (), "welfare": 0.6 - 0.02 * place})
        for place, each in enumerate(made.candidates)
    )
    changed = {"models": models, "candidates": candidates, "best_opinion": None, "model_used": True}
    return made.model_copy(update=changed)


class Compiled(BytecodeCache):
    """Templates that a channel of this process has compiled: that takes longer than most tests."""

    def __init__(self) -> None:
        self._code: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What is known of the template as it is now."""
        bucket.code = self._code.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._code[bucket.key + bucket.checksum] = bucket.code


COMPILED = Compiled()


class HouseServer(TestServer):
    """Serves as `adapters.web.app.serve` does: without an access log, and a lost client cancels nothing."""

    async def _make_runner(self, **options: Any) -> web.AppRunner:
        return PatientRunner(self.app, self.app[SITE].config.request_within_s)


class Person:
    """Somebody with a browser without JavaScript: follows links, fills in the form of the page they see."""

    def __init__(self, client: "TestClient[web.Request, web.Application]") -> None:
        self.client = client
        self.page = ""
        self.status = 0
        self.headers: Any = {}
        self.path = ""

    async def open(self, address: str, **options: Any) -> str:
        """Open a path or a link of this house; the page after redirects."""
        path = re.sub(r"^https?://[^/]+", "", address)
        return await self._seen(await self.client.get(path, **options))

    async def sign_in(self, link: str) -> str:
        """Open an admin link and press its button; the page after it."""
        await self.open(link)
        return self.page if self.path == "/admin" else await self.send(self.path)

    async def send(self, action: str, fields: dict[str, str] | None = None, **options: Any) -> str:
        """Send a form of the page that is open, its hidden fields included."""
        given = {"csrf": self.csrf, **(fields or {})}
        return await self._seen(await self.client.post(action, data=given, **options))

    @property
    def csrf(self) -> str:
        """The token in the page that is open."""
        return self.hidden("csrf")

    def hidden(self, name: str) -> str:
        """A hidden field's value in the page that is open."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return html.unescape(found[1]) if found else ""

    @property
    def cookies(self) -> dict[str, str]:
        """What this browser would send, for a copy of it elsewhere."""
        return {cookie.key: cookie.value for cookie in self.client.session.cookie_jar}

    async def _seen(self, response: aiohttp.ClientResponse) -> str:
        self.status, self.headers, self.path = response.status, response.headers, response.url.path
        self.page = await response.text()
        return self.page


@dataclass
class House(Keeps):
    """The running channel with everything behind it."""

    config: WebConfig
    ports: Ports
    clock: ManualClock
    jobs: MemoryJobQueue
    live: MemoryLiveFeed
    access: WebAccess
    notes: MemoryNotes
    mediator: FakeMediator
    server: TestServer
    people: list[Person] = field(default_factory=list)
    models: Told | None = None
    rehearsals: Rehearsals = field(
        default_factory=lambda: Rehearsals(MemoryNotes(), REHEARSALS_A_DAY, estimate)
    )

    def somebody(self) -> Person:
        """A stranger with an empty cookie jar."""
        person = Person(TestClient(self.server))
        self.people.append(person)
        return person

    async def admin(self) -> Person:
        """Somebody who came by an admin link."""
        person = self.somebody()
        await person.sign_in(admin_link(self.config, now=self.clock.now()))
        return person

    async def visitor(self, deliberation: Deliberation) -> Person:
        """Somebody who came by the shared link."""
        person = self.somebody()
        await person.open(await self.invite(deliberation))
        return person

    async def named(self, deliberation: Deliberation, name: str) -> Person:
        """Somebody who came by a personal link of their own."""
        person = self.somebody()
        await person.open(await self.personal_link(deliberation, name))
        return person

    async def invite(self, deliberation: Deliberation) -> str:
        """The link for everyone, as the page of whoever runs the question shows it."""
        opened = await self.access.invitations.open_link(deliberation.id)
        assert opened is not None
        return invite_link(self.config, deliberation.id, opened.id, now=self.clock.now())

    async def personal_link(self, deliberation: Deliberation, name: str) -> str:
        """A personal link as the page of whoever runs the question makes it."""
        anonymous, now = deliberation.terms.anonymous, self.clock.now()
        link = Invitation(id=new_link_id(), name=name, made_at=now)
        await self.access.invitations.invite(deliberation.id, [link])
        return personal_link(self.config, deliberation.id, name, link.id, anonymous=anonymous, now=now)

    async def ask(
        self, question: str = QUESTION, *, team: str = "web", linked: bool = True, **given: Any
    ) -> Deliberation:
        """Post a question with a link for everyone, past the forms; `given`: terms, `context` or times.

        linked: False leaves its links as those of a question from before links carried ids.
        """
        outer = {k: given.pop(k) for k in ("context", "opens_at", "closes_at") if k in given}
        command = PostQuestion(
            actor=Actor(team, "asker"),
            platform="web",
            channel="web",
            question=question,
            idempotency_key=f"{question}{self.clock.now()}{given}",
            terms=Terms(**given),
            **outer,
        )
        reply = await dispatch(command, self.ports)
        assert reply.deliberation is not None, reply.text
        if linked:
            await self.access.invitations.put_open_link(reply.deliberation.id, new_link_id())
        return reply.deliberation

    async def work(self) -> None:
        """Run every job that is due, until none is left."""
        await sweep(self.ports)
        while self.jobs.waiting:
            step, deliberation_id = await self.jobs.take()
            worker = Worker(
                self.ports,
                self.mediator,
                pause_s=0,
                arms=self.mediator,
                models=self.models,
                points=PointReader(),
            )
            await run_step(step, deliberation_id, worker)

    async def settled(self) -> None:
        """Nothing to wait for: a page shows what is kept."""

    async def until_rating(self, opinions: int = 3, **terms: Any) -> tuple[Deliberation, list[Person]]:
        """A question whose statement is out, and those who gave an opinion."""
        deliberation = await self.ask(quorum=opinions, **terms)
        people = [await self.visitor(deliberation) for _ in range(opinions)]
        for number, person in enumerate(people):
            self.clock.advance(timedelta(seconds=1))
            await person.send(
                f"/d/{deliberation.id}/opinion", {"opinion": f"Opinion {number}", "name": f"P{number}"}
            )
        await self.work()
        return await self.deliberations.load(deliberation.id), people

    async def another_gateway(self) -> "House":
        """The same channel from another process, or after a restart: it shares what is kept, and no more."""
        server = HouseServer(
            create_app(self.ports, self.config, self.access, self.notes, (), self.rehearsals)
        )
        await server.start_server()
        return replace(self, server=server, people=[])

    async def close(self) -> None:
        """Stop."""
        for person in self.people:
            await person.client.session.close()
        await self.server.close()


async def make_house(config: WebConfig, *, now: datetime = NOON, port: int | None = None) -> House:
    """Start a web channel."""
    jobs, live, clock = MemoryJobQueue(), MemoryLiveFeed(), ManualClock(now)
    ports = Ports(
        **memory_state(),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=jobs,
        clock=clock,
        live=live,
        pseudonyms=Pseudonyms("a secret for participants"),
        platforms={"web": WebPlatform()},
    )
    access = WebAccess(MemorySessions(), MemoryInvitations(ports.deliberations), MemoryApiTokens())
    notes = MemoryNotes(clock)
    rehearsals = Rehearsals(MemoryNotes(clock), REHEARSALS_A_DAY, estimate)
    app = create_app(ports, config, access, notes, (), rehearsals)
    aiohttp_jinja2.get_env(app).bytecode_cache = COMPILED
    server = HouseServer(app, port=port)
    await server.start_server()
    return House(
        config, ports, clock, jobs, live, access, notes, FakeMediator(), server, rehearsals=rehearsals
    )
