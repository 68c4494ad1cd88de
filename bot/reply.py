"""What the person who sent a command is told."""

from dataclasses import dataclass

from bot.domain.deliberation import Deliberation


@dataclass(frozen=True)
class Reply:
    """A sentence; `ok` is False for a refusal.

    deliberation: as it is afterwards, where there is one.
    retryable: nothing was refused; the same command may succeed in a moment.
    """

    text: str
    ok: bool = True
    deliberation: Deliberation | None = None
    retryable: bool = False
