"""`accord demo --once`: a whole deliberation in the terminal, by the sample's people.

Reads:  settings, and the sample question.
Gives:  everything on the terminal, through the same commands that members of a real team send.
The people are made up and so are their ratings, which are labelled as simulated wherever they are shown.
"""

import asyncio
import secrets
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from adapters.console.narrator import Narrator
from adapters.console.platform import ConsolePlatform
from adapters.console.render import print_opinion
from adapters.console.sample import sample
from adapters.console.simulate import simulated_ratings
from adapters.console.terminal import terminal
from bot.bootstrap.demo import worker_beside
from bot.bootstrap.made_up_members import answer, ask, facilitator, member, send
from bot.bootstrap.model_notice import model_notice
from bot.bootstrap.models import mediator_of, settings_in_use
from bot.bootstrap.settings import StateSettings, read_settings
from bot.bootstrap.state import ports_over, state_url
from bot.bootstrap.terminal_progress import waiting_for
from bot.domain.commands import CastRating, CloseOpinions, CloseRating
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import BotError
from bot.domain.model_notice import ModelNotice
from bot.domain.terms import Terms
from bot.ops import logs
from bot.service.ports import Ports
from bot.service.ports.engine import Drafting, Mediator
from bot.worker.refreshing import refresh
from bot.worker.steps import Worker
from engine.types import MediationRequest

PLATFORM = "console"
TEAM = "demo"
PAUSE_S = 0.25  # so that one can see the opinions arrive
LOOK_EVERY_S = 0.05
PATIENCE_S = 900  # drafting on a small machine takes minutes


@dataclass(frozen=True)
class Told:
    """What members are told of models that stay the same."""

    kept: ModelNotice
    mediator: Mediator

    async def notice(self) -> ModelNotice:
        """Of the models that are in use."""
        return self.kept

    async def drafting(self, told: ModelNotice | None) -> Drafting:
        """The same models from the question to its statement."""
        return Drafting(self.mediator, notice=self.kept)


async def demo_once() -> None:
    """`accord demo --once`: a whole deliberation in the terminal, on a server that is gone afterwards."""
    in_use = settings_in_use(read_settings())
    with waiting_for("Loading the models"):
        mediator = mediator_of(in_use)
    await play(mediator, model_notice(in_use), terminal(sys.stdout), sample(), Terms(anonymous=False))


async def play(
    mediator: Mediator, notice: ModelNotice, console: Console, request: MediationRequest, terms: Terms
) -> None:
    """A deliberation with these opinions, through the real handlers, on a server that is gone afterwards."""
    logs.configure("WARNING")
    narrator = Narrator(mediator, console, terminal(sys.stderr))
    platforms = {PLATFORM: ConsolePlatform(console, simulated=True)}
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        async with (
            state_url(StateSettings(redis_url=None, data_dir=Path(folder))) as url,
            ports_over(url, [secrets.token_urlsafe(16)], platforms) as ports,
            worker_beside(Worker(ports, narrator, models=Told(notice, narrator)), url),
        ):
            await play_once(ports, console, narrator, request, terms)


async def play_once(
    ports: Ports, console: Console, narrator: Narrator, request: MediationRequest, terms: Terms
) -> None:
    """Ask, answer, close, wait for the statement, rate, and wait for the result.

    Raises BotError when a command is refused or a phase is not reached in time.
    """
    place = (TEAM, PLATFORM, "terminal")
    deliberation = await ask(request.question, place, ports, key="demo", terms=terms)
    await _until(deliberation.id, ports, lambda d: d.message is not None)
    people = {name: member(TEAM, name) for name in (opinion.participant for opinion in request.opinions)}
    keys = {name: ports.pseudonyms.of(deliberation, actor.user) for name, actor in people.items()}
    narrator.names.update({key: name for name, key in keys.items()})
    for opinion in request.opinions:
        await answer(opinion, deliberation, ports)
        print_opinion(console, opinion.participant, opinion.text)
        await asyncio.sleep(PAUSE_S)
    await send(CloseOpinions(facilitator(TEAM), deliberation.id), ports)
    await _until(deliberation.id, ports, _is_drafted_or_told)
    mediation = await ports.mediations.mediation(deliberation.id, deliberation.round)
    if mediation is None:
        raise BotError("There is no statement; the reason is shown above.")
    ratings = simulated_ratings(mediation, seed=mediation.seed)
    for name, actor in people.items():
        await send(CastRating(actor, deliberation.id, ratings[keys[name]], ports.clock.now()), ports)
    await refresh(await ports.deliberations.load(deliberation.id), ports)
    await send(CloseRating(facilitator(TEAM), deliberation.id), ports)
    await _until(deliberation.id, ports, lambda d: d.recorded)


def _is_drafted_or_told(d: Deliberation) -> bool:
    return d.phase is not Phase.MEDIATING or (d.failure is not None and d.untold_since is None)


async def _until(deliberation_id: str, ports: Ports, reached: Callable[[Deliberation], bool]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not reached(await ports.deliberations.load(deliberation_id)):  # noqa: ASYNC110 (another process acts)
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise BotError(f"The worker did nothing for {PATIENCE_S} seconds.") from None
