"""`accord demo --once`: a whole deliberation in the terminal, by the sample's people.

Reads:  the sample question; ports whose platform "console" prints, and a worker that is running.
Gives:  everything on the terminal, through the same commands that members of a real team send.
The people are made up and so are their ratings, which are labelled as simulated wherever they are shown.
"""

import asyncio
from collections.abc import Callable

from rich.console import Console

from adapters.console.progress import drafting_progress
from adapters.console.render import print_agreement, print_candidates, print_facts, print_opinion
from adapters.console.sample import sample
from adapters.console.simulate import simulated_ratings
from bot.domain.commands import CastRating, CloseOpinions, CloseRating
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.terms import Terms
from bot.errors import BotError
from bot.ports import Mediator, Ports
from bot.rehearsal import answer, ask, facilitator, member, send
from engine.types import Mediation, MediationRequest, OnProgress

PLATFORM = "console"
TEAM = "demo"
PAUSE_S = 0.25  # so that one can see the opinions arrive
LOOK_EVERY_S = 0.05
PATIENCE_S = 120


class Narrator:
    """A `Mediator` that shows on the terminal what the one within does."""

    def __init__(self, mediator: Mediator, console: Console, console_err: Console) -> None:
        self._mediator = mediator
        self._console = console
        self._console_err = console_err
        self.names: dict[str, str] = {}

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Mediate with a progress bar, then print the candidates and what is predicted for each person."""
        with drafting_progress(self._console_err) as show:
            mediation = await self._mediator.mediate(request, show)
        print_candidates(self._console, mediation)
        print_agreement(self._console, mediation, self.names)
        print_facts(self._console, mediation)
        return mediation


async def play_once(ports: Ports, console: Console, narrator: Narrator) -> None:
    """Ask, answer, close, wait for the statement, rate, and wait for the result.

    Raises BotError when a command is refused or a phase is not reached in two minutes.
    """
    request = sample()
    place = (TEAM, PLATFORM, "terminal")
    deliberation = await ask(request.question, place, ports, key="demo", terms=Terms(anonymous=False))
    await _until(deliberation.id, ports, lambda d: d.message is not None)
    people = {name: member(TEAM, name) for name in (opinion.participant for opinion in request.opinions)}
    keys = {name: ports.pseudonyms.of(TEAM, actor.user, deliberation.id) for name, actor in people.items()}
    narrator.names.update({key: name for name, key in keys.items()})
    for opinion in request.opinions:
        await answer(opinion, deliberation, ports)
        print_opinion(console, opinion.participant, opinion.text)
        await asyncio.sleep(PAUSE_S)
    await send(CloseOpinions(facilitator(TEAM), deliberation.id), ports)
    await _until(deliberation.id, ports, lambda d: d.phase is not Phase.MEDIATING or d.failure is not None)
    mediation = await ports.store.mediation(deliberation.id, deliberation.round)
    if mediation is None:
        raise BotError("The demo got no statement; its reason is shown above.")
    ratings = simulated_ratings(mediation, seed=mediation.seed)
    for name, actor in people.items():
        await send(CastRating(actor, deliberation.id, ratings[keys[name]], ports.clock.now()), ports)
    await send(CloseRating(facilitator(TEAM), deliberation.id), ports)
    await _until(deliberation.id, ports, lambda d: d.recorded)


async def _until(deliberation_id: str, ports: Ports, reached: Callable[[Deliberation], bool]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not reached(await ports.store.load(deliberation_id)):  # noqa: ASYNC110 (another process acts)
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise BotError(f"The demo's worker did nothing for {PATIENCE_S} seconds.") from None
