"""A question's data as files, for whoever runs it, in an answer that nobody else sees.

Reads:  one deliberation, as `bot.service.exports` writes it.
Gives:  a JSON and a CSV file; both in one archive where they are too large as they are; a sentence where that
        is too large as well. Never in a channel.
"""

import asyncio
import io
import zipfile
from collections.abc import Mapping

import discord

from adapters.discord.interaction import InteractionContext
from adapters.discord.people import Who
from adapters.discord.views import listing
from adapters.discord.views.drawn import Drawn, said
from bot.domain.deliberation import Deliberation
from bot.service import queries
from bot.service.exports import file_name
from bot.wording import answers


class Exporting:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def export(self, person: Who, d: Deliberation, room: int) -> Drawn:
        """A question's data; `room` bytes are taken for a file. Raises DomainError."""
        actor = await self._shared.actor(person, d)
        files = await queries.export_files(actor, d.id, self._shared.ports)
        drawn = listing.export_message(d, files, room)
        if drawn is not None:
            return drawn
        packed = await asyncio.to_thread(_packed, files)
        if len(packed) > room:
            return said(answers.EXPORT_TOO_LARGE)
        return Drawn(
            content=listing.export_comment(d),
            files=(discord.File(io.BytesIO(packed), filename=file_name(d.id, "zip")),),
        )


def _packed(files: Mapping[str, str]) -> bytes:
    """Files in one archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()
