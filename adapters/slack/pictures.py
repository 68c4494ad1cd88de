"""Pictures of results as files in Slack: uploaded, shown in a message, deleted with what they show.

Reads:  a picture, or none; a note of which files a question has.
Gives:  the file's id and its words to whoever shows the message. Where a picture cannot be uploaded the
message goes without, for it says the same in words.
A file is noted before its bytes are sent, so one that nobody came to show is deleted by whoever comes next.
It is shared with no channel by itself: it is in the message alone.
Source: docs.slack.dev/messaging/working-with-files; Slack goes on working at a file for a moment after it
says that it has it, and refuses messages with it until then (slackapi/python-slack-sdk#1521).
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from adapters.slack.clients import Clients
from adapters.slack.errors import MessageGoneError, SlackError
from adapters.slack.views.cards import Uploaded
from bot.chat.notes import Notes
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PlatformError, RateLimitedError
from bot.pictures.results import Picture

log = logging.getLogger(__name__)

T = TypeVar("T")
NAME = "result.png"
PAUSES_S = (1.0, 2.0, 4.0)
"""How long to wait for Slack to be done with a file, one time after another."""
UNSENT = "unsent"
GONE = frozenset({"file_not_found", "file_deleted"})


class Pictures:
    """One for a platform's adapter."""

    def __init__(self, clients: Clients, notes: Notes) -> None:
        self._clients = clients
        self._notes = notes
        self._without: set[str] = set()
        self.pauses_s: Sequence[float] = PAUSES_S

    async def shown(
        self, d: Deliberation, picture: Picture | None, show: Callable[[Uploaded | None], Awaitable[T]]
    ) -> T:
        """What `show` gives, with the picture or without; earlier pictures are deleted then.

        Raises what `show` raises, and RateLimitedError.
        """
        file = None if picture is None else await self._uploaded(d, picture)
        try:
            if picture is None or file is None:
                given = await show(None)
            else:
                given = await self._patiently(d, Uploaded(file, picture.told), show)
        except MessageGoneError:
            await self._keep_only(d, None)
            raise
        await self._keep_only(d, file)
        return given

    async def drop(self, d: Deliberation) -> None:
        """Delete a question's pictures. Raises PlatformError where one is left, to be tried again."""
        trouble = await self._keep_only(d, None)
        if trouble is not None:
            raise trouble

    async def _patiently(
        self, d: Deliberation, shown: Uploaded, show: Callable[[Uploaded | None], Awaitable[T]]
    ) -> T:
        for pause in (*self.pauses_s, None):
            try:
                return await show(shown)
            except SlackError as exc:
                if exc.code != "invalid_blocks":
                    raise
            if pause is not None:
                await asyncio.sleep(pause)
        self._goes_without(d)
        return await show(None)

    async def _uploaded(self, d: Deliberation, picture: Picture) -> str | None:
        """The file with just this picture, or a new one; None where it cannot be uploaded."""
        digest = hashlib.sha256(picture.content).hexdigest()
        files = await self._files(d)
        same = next((file for file, of in files.items() if of == digest), None)
        if same is not None:
            return same
        try:
            return await self._upload(d, picture.content, digest, files)
        except RateLimitedError:
            raise
        except PlatformError:
            self._goes_without(d)
            return None

    async def _upload(self, d: Deliberation, content: bytes, digest: str, files: dict[str, str]) -> str:
        given = await self._clients.call(
            d.team, "files_getUploadURLExternal", filename=NAME, length=len(content)
        )
        file = str(given["file_id"])
        await self._note(d, {**files, file: UNSENT})
        await self._clients.upload(str(given["upload_url"]), content)
        await self._clients.call(d.team, "files_completeUploadExternal", files=[{"id": file, "title": NAME}])
        await self._note(d, {**files, file: digest})
        return file

    async def _keep_only(self, d: Deliberation, shown: str | None) -> PlatformError | None:
        """Delete all other files of a question; the last trouble with one, which stays noted."""
        files = await self._files(d)
        troubles = {file: await self._delete(d, file) for file in files if file != shown}
        left = {file: of for file, of in files.items() if file == shown or troubles[file]}
        if left != files:
            await self._note(d, left)
        return next(filter(None, reversed(troubles.values())), None)

    async def _delete(self, d: Deliberation, file: str) -> PlatformError | None:
        try:
            await self._clients.call(d.team, "files_delete", file=file)
        except PlatformError as exc:
            if isinstance(exc, SlackError) and exc.code in GONE:
                return None
            log.warning("a picture could not be deleted (%s)", exc.reason)
            return exc
        return None

    async def _files(self, d: Deliberation) -> dict[str, str]:
        """A question's files, each with the digest of what is in it."""
        noted = (await self._notes.get(_name(d)) or "").split()
        return dict(each.split(":", 1) for each in noted)

    async def _note(self, d: Deliberation, files: dict[str, str]) -> None:
        if files:
            told = " ".join(f"{file}:{of}" for file, of in files.items())
            await self._notes.put(_name(d), told, for_s=None)
        else:
            await self._notes.remove(_name(d))

    def _goes_without(self, d: Deliberation) -> None:
        if d.team not in self._without:
            self._without.add(d.team)
            log.warning("results are shown without their picture in a workspace: it could not be uploaded")


def _name(d: Deliberation) -> str:
    return f"pictures {d.id}"
