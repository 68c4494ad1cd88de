"""One mediation in the terminal, for `accord deliberate`.

Reads:  a request (see `files`) and the mediator it is given.
Gives:  the mediation; `render` prints it.
Progress goes to the console for errors. `EngineError` is the command line's to show.
"""

from rich.console import Console

from adapters.console.progress import drafting_progress
from bot.service.ports.engine import Mediator
from engine.types import Mediation, MediationRequest


async def deliberate(mediator: Mediator, request: MediationRequest, console_err: Console) -> Mediation:
    """Draft, score and choose, with a progress bar."""
    with drafting_progress(console_err) as on_progress:
        return await mediator.mediate(request, on_progress)
