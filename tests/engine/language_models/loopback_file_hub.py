"""A hub on loopback that describes files by size and SHA-256 and hands them out from any byte on."""

import asyncio
import hashlib

from aiohttp import web

from tests.engine.reward.loopback_hub import COMMIT, LoopbackHub


class LoopbackFileHub(LoopbackHub):
    """`begun` are the bytes that each download began at; `stop_after` breaks off after so many bytes.

    corrupt: hand out other bytes than are described. refuse: a status for everything. pace_s: between pieces.
    """

    def __init__(self, name, folder):
        super().__init__(name, folder)
        self.begun, self.handing_out = [], asyncio.Event()
        self.stop_after, self.corrupt, self.refuse, self.pace_s = None, False, None, 0.0

    async def _described(self, request):
        if self.refuse:
            return web.json_response({"error": "no"}, status=self.refuse[0], headers=self.refuse[1])
        files = [
            {"rfilename": path.name, "size": path.stat().st_size, "lfs": _lfs(path.read_bytes())}
            for path in sorted(self.folder.iterdir())
        ]
        card = {"license": "apache-2.0"}
        return web.json_response(
            {"id": self.name, "sha": COMMIT, "siblings": files, "private": False, "cardData": card}
        )

    async def _handed_out(self, request):
        data = (self.folder / request.match_info["file"]).read_bytes()
        named = {"ETag": f'"{_lfs(data)["sha256"]}"', "X-Repo-Commit": COMMIT}
        if request.method == "HEAD":
            return web.Response(headers={**named, "Content-Length": str(len(data))})
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.begun.append(start)
        self.handing_out.set()
        body = (bytes(len(data)) if self.corrupt else data)[start:]
        reply = web.StreamResponse(
            status=206 if start else 200, headers={**named, "Content-Length": str(len(body))}
        )
        await reply.prepare(request)
        if self.stop_after is not None:
            await reply.write(body[: self.stop_after])
            request.transport.abort()
            return reply
        await self._in_pieces(reply, body)
        return reply

    async def _in_pieces(self, reply, body):
        step = len(body) if not self.pace_s else 4_096
        for at in range(0, len(body), max(1, step)):
            await reply.write(body[at : at + step])
            await asyncio.sleep(self.pace_s)


def _lfs(data):
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 134}
