"""The scripted drafter: gives texts that were written beforehand, for tests and rehearsals.

Reads:  a script, one part for each brief in turn; it never reads the opinions.
Gives:  drafts after the delays the script asks for, and failures where it asks for those.
Refrains from pretending: its results say that no model was used.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from engine.errors import GenerationError
from engine.types import Brief, Draft, Ending


@dataclass(frozen=True)
class Line:
    """One scripted draft: its text, the seconds it takes, and how it ends."""

    text: str
    after_s: float = 0.0
    finish_reason: Ending = "stop"


class ScriptedGenerator:
    """Plays `script`: a text, a `Line`, None for a brief that fails, an error to be raised at that point.

    Briefs beyond the end of the script fail as well, as the port allows: they are left out.
    """

    name = "scripted"
    prompt = "none"
    model_used = False

    def __init__(self, script: Sequence[str | Line | GenerationError | None]) -> None:
        self._script = tuple(Line(part) if isinstance(part, str) else part for part in script)

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield the script's texts in its order.

        Raises:
            GenerationError: where the script says so.
        """
        for brief, part in zip(briefs, self._script, strict=False):
            if isinstance(part, GenerationError):
                raise part
            if part is not None:
                await asyncio.sleep(part.after_s)
                yield Draft(brief, part.text, part.finish_reason)
