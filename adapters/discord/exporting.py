"""A question's data as files, for whoever runs it, in an answer that nobody else sees.

Reads:  one deliberation, as `bot.service.exports` writes it.
Gives:  a JSON and a CSV file; both in one archive where they are too large as they are; a sentence where that
        is too large as well. Never in a channel.
"""

import asyncio
import io
import zipfile

import discord

from adapters.discord.interaction import InteractionContext
from adapters.discord.people import Who
from adapters.discord.views import listing
from adapters.discord.views.drawn import Drawn, said
from bot.domain.deliberation import Deliberation
from bot.service import queries
from bot.service.exports import as_csv, as_json
from bot.wording import answers


class Exporting:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def export(self, person: Who, d: Deliberation, room: int) -> Drawn:
        """A question's data; `room` bytes are taken for a file. Raises DomainError."""
        actor = await self._shared.actor(person, d)
        data = await queries.export(actor, d.id, self._shared.ports, write=as_json)
        table = await queries.export(actor, d.id, self._shared.ports, write=as_csv)
        drawn = listing.export_message(d, data, table, room)
        if drawn is not None:
            return drawn
        packed = await asyncio.to_thread(_packed, d.id, data, table)
        if len(packed) > room:
            return said(answers.EXPORT_TOO_LARGE)
        return Drawn(
            content=listing.export_comment(d),
            files=(discord.File(io.BytesIO(packed), filename=f"accord-{d.id}.zip"),),
        )


def _packed(id_: str, data: str, table: str) -> bytes:
    """Both files in one archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"accord-{id_}.json", data)
        archive.writestr(f"accord-{id_}.csv", table)
    return written.getvalue()
