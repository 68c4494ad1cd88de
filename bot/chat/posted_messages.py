"""Posting once, and knowing where a message stands: what the adapters of chat platforms share.

Reads:  notes of one platform; functions that send a message and look for one.
Gives:  the id of the message that is there. A note is made before something is sent, and whoever finds such a
note without a message looks for it first. A message that was deleted is posted again, and the rest of Accord
goes on knowing it by its first name.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.chat.notes import DAY_S, KEPT_S, Notes
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import BotError
from bot.wording.language import Sentence

Send = Callable[[], Awaitable[str]]
Find = Callable[[], Awaitable[str | None]]
Write = Callable[[str, str, Sentence], Awaitable[None]]


class Whereabouts:
    """One for a platform's adapter."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def posted_once(self, team: str, channel: str, key: str, send: Send, find: Find) -> str:
        """The message of this key: the one that is there, or the one that `send` gives."""
        name = _message(team, channel, key)
        stands_at = await self._notes.get(name)
        if stands_at:
            return stands_at
        if stands_at is None:
            await self._notes.put(name, "", for_s=KEPT_S)
        else:
            # An empty note: somebody was about to post, and may have died after the platform took it.
            found = await find()
            if found is not None:
                await self._notes.put(name, found, for_s=KEPT_S)
                return found
        posted = await send()
        await self._notes.put(name, posted, for_s=KEPT_S)
        return posted

    async def posted(self, team: str, channel: str, key: str) -> str | None:
        """The message that was posted under a key; None where none is known."""
        return await self._notes.get(_message(team, channel, key)) or None

    async def lost(self, team: str, channel: str, key: str) -> None:
        """Whatever was posted under a key is gone, and is not missed."""
        await self._notes.remove(_message(team, channel, key))

    async def stands_at(self, message: MessageRef) -> str:
        """The id under which a message stands now."""
        return await self._notes.get(_moved(message)) or message.message

    async def moved(self, message: MessageRef, to: str) -> None:
        """It was deleted, and stands elsewhere now."""
        await self._notes.put(_moved(message), to, for_s=KEPT_S)
        await self._notes.put(_was(message.channel, to), message.message, for_s=KEPT_S)

    async def came_from(self, message: MessageRef) -> MessageRef:
        """The message that this one was posted in place of, which the rest of Accord knows."""
        was = await self._notes.get(_was(message.channel, message.message))
        return message if was is None else MessageRef(channel=message.channel, message=was)

    async def tell_once(self, d: Deliberation, about: str, sentence: Sentence, write: Write) -> None:
        """Tell whoever asked the question, once a day for each reason.

        Telling is a courtesy: whatever goes wrong with it must not hide what it was about.
        """
        name = f"told {d.id} {about}"
        with suppress(BotError):
            if await self._notes.get(name) or not d.facilitator:
                return
            await self._notes.put(name, "told", for_s=DAY_S)
            await write(d.team, d.facilitator, sentence)


def _message(team: str, channel: str, key: str) -> str:
    return f"message {team} {channel} {key}"


def _moved(message: MessageRef) -> str:
    return f"moved {message.channel} {message.message}"


def _was(channel: str, message: str) -> str:
    return f"was {channel} {message}"
