"""A hub on loopback with one model: the requests that `snapshot_download` makes, and what it fetched."""

import hashlib

from aiohttp import web

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LoopbackHub:
    """Serves the files of `folder` as the model `name`; `fetched` are the files handed out."""

    def __init__(self, name, folder):
        self.name, self.folder, self.fetched = name, folder, []

    async def __aenter__(self):
        app = web.Application()
        for revision in ("", "/revision/{revision}"):
            app.router.add_get(f"/api/models/{self.name}{revision}", self._described)
        app.router.add_get(f"/api/models/{self.name}/tree/{{revision}}", self._listed)
        app.router.add_get(f"/{self.name}/resolve/{{revision}}/{{file}}", self._handed_out)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _described(self, _):
        files = [{"rfilename": path.name} for path in sorted(self.folder.iterdir())]
        return web.json_response({"id": self.name, "sha": COMMIT, "siblings": files, "private": False})

    async def _listed(self, _):
        return web.json_response([
            {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": _tag(path.read_bytes())}
            for path in sorted(self.folder.iterdir())
        ])  # fmt: skip

    async def _handed_out(self, request):
        path = self.folder / request.match_info["file"]
        if not path.is_file():
            raise web.HTTPNotFound(headers={"X-Error-Code": "EntryNotFound"})
        data = path.read_bytes()
        if request.method == "GET":
            self.fetched.append(path.name)
        return web.Response(body=data, headers={"ETag": f'"{_tag(data)}"', "X-Repo-Commit": COMMIT})


def _tag(data):
    return hashlib.sha1(data).hexdigest()
