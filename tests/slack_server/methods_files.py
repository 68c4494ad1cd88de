"""files.*: uploading in three steps, as an app does since files.upload has gone.

Source: docs.slack.dev/reference/methods (files.getUploadURLExternal, files.completeUploadExternal,
files.delete); of files in blocks composition-objects/slack-file-object.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from tests.slack_server import events
from tests.slack_server.state import Json, Message
from tests.slack_server.web_api import ApiError, Call, find_channel, method, wrong_arguments


@dataclass
class Upload:
    """A file on its way: announced, then sent, then shared."""

    id: str
    name: str
    length: int
    team: str
    content: bytes | None = None
    shared: bool = False
    deleted: bool = False
    busy: int = 0
    """So many times it is refused in a message yet: Slack works on at a file that it has acknowledged."""


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(call: Call) -> Json:
    length = call.number("length", 0)
    if length <= 0:
        raise wrong_arguments(["must provide a length above 0 [json-pointer:/length]"])
    upload = Upload(call.state.new_id("F"), call.required("filename"), length, call.team.id)
    call.server.uploads[upload.id] = upload
    return {"upload_url": f"{call.server.url}/upload/v1/{upload.id}", "file_id": upload.id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(call: Call) -> Json:
    named = call.structure("files") or []
    found = [call.server.uploads.get(str(each.get("id"))) for each in named]
    uploads = [each for each in found if each is not None and each.team == call.team.id]
    if not named or len(uploads) != len(named) or any(each.content is None for each in uploads):
        raise ApiError("file_not_found")
    if channel_id := call.text("channel_id"):
        channel = find_channel(call, channel_id)
        if call.caller not in channel.members:
            raise ApiError("not_in_channel")
        assert call.token is not None
        bot = call.token.bot_id
        message = Message(channel, call.state.new_ts(), call.caller, call.text("initial_comment"), bot_id=bot)
        message.files = [each.id for each in uploads]
        channel.messages.append(message)
        call.server.tell_of(message, events.posted(call.state, message))
    for each in uploads:
        each.shared, each.busy = True, call.server.busy_files
    return {"files": [{"id": each.id, "title": each.name} for each in uploads]}


@method("files.delete", "files:write")
def delete(call: Call) -> Json:
    upload = call.server.uploads.get(call.required("file"))
    if upload is None or upload.team != call.team.id:
        raise ApiError("file_not_found")
    if upload.deleted:
        raise ApiError("file_deleted")
    upload.deleted, upload.content = True, None
    return {}


def check_files(call: Call, blocks: list[Json]) -> None:
    """Refuse images whose file the caller does not have, or not yet."""
    wrong = [f"invalid slack file [json-pointer:/blocks/{at}/slack_file]" for at in _unusable(call, blocks)]
    if wrong:
        raise wrong_arguments(wrong, "invalid_blocks")


def _unusable(call: Call, blocks: list[Json]) -> Iterator[int]:
    for at, block in enumerate(blocks):
        if block.get("type") == "image" and "slack_file" in block:
            upload = call.server.uploads.get(str(block["slack_file"].get("id")))
            if upload is None or upload.team != call.team.id or not upload.shared or upload.deleted:
                yield at
            elif upload.busy:
                upload.busy -= 1
                yield at


async def receive(uploads: dict[str, Upload], request: web.Request) -> web.StreamResponse:
    """The address that files.getUploadURLExternal gave: takes the content, without any token."""
    upload = uploads.get(request.match_info["file"])
    if upload is None or upload.content is not None:
        return web.Response(status=404)
    content = await request.read()
    if len(content) != upload.length:
        return web.Response(status=400, text="length mismatch")
    upload.content = content
    return web.Response(text=f"OK - {len(content)}")
