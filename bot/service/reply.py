"""What the person who sent a command is told."""

from dataclasses import dataclass, field
from typing import Self

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, DomainError, PlatformError
from bot.wording import texts
from bot.wording.confirmations import Confirmation
from bot.wording.language import explained
from engine.sentence import Said


@dataclass(frozen=True)
class Reply:
    """A sentence; `ok` is False for a refusal.

    text: in the language of whoever sent the command, as handlers run while that is the reader's.
    said: of an error, the same for whoever else reads it later.
    kind: which error it was, for software, which reads no sentences.
    deliberation: as it is afterwards, where there is one.
    retryable: nothing was refused; the same command may succeed in a moment.
    given_back: what this person wrote and took back, for them alone, so that they can copy it.
    given_back_step: the step on the position statement that went with it.
    asks: what has to be answered before anything is done; the same command with `sure` does it.
    secret: what was made for the sender of the command, and is shown this once.
    about: what the button that answers it has to say by its name.
    """

    text: str
    ok: bool = True
    deliberation: Deliberation | None = None
    retryable: bool = False
    given_back: str = ""
    given_back_step: int | None = None
    asks: Confirmation | None = None
    about: str = ""
    said: Said | None = None
    secret: str = ""
    kind: type[BotError] | None = field(default=None, compare=False)

    @property
    def to_keep(self) -> Said:
        """The text to be kept, and told in the language of whoever reads it then where that is possible."""
        return self.said or Said(str.__str__(self.text))

    @classmethod
    def refusing(cls, error: BotError) -> Self:
        """What a person is told of an error, where nothing was done because of it."""
        told = explained(error) if isinstance(error, DomainError | PlatformError) else texts.STORE_UNREACHABLE
        said = error.said if isinstance(error, DomainError | PlatformError) else None
        retryable = not isinstance(error, DomainError)
        return cls(told, ok=False, retryable=retryable, said=said, kind=type(error))
