"""What the person who sent a command is told."""

from dataclasses import dataclass
from typing import Self

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, DomainError, PlatformError
from bot.wording import texts


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

    @classmethod
    def refusing(cls, error: BotError) -> Self:
        """What a person is told of an error, where nothing was done because of it."""
        told = str(error) if isinstance(error, DomainError | PlatformError) else texts.STORE_UNREACHABLE
        return cls(told, ok=False, retryable=not isinstance(error, DomainError))
