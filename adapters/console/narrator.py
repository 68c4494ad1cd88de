"""A mediation as it is shown on the terminal: progress, candidates, and what is predicted for each person.

Reads:  a round, and the mediator that does the work.
Gives:  the same mediation, and everything about it printed.
"""

from rich.console import Console

from adapters.console.progress import drafting_progress
from adapters.console.render import print_agreement, print_candidates, print_facts
from bot.service.ports.engine import Mediator
from engine.types import Mediation, MediationRequest, OnProgress


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
