"""Draw the pictures of the documentation site: `python -m tests.pictures.site`, or `make docs-pictures`.

Reads:  what Accord sends to the Slack and the Discord of this machine, the web channel's own pages, and what
        `accord doctor` says of a language model's server on this machine.
Gives:  PNG files in deploy/docs/pages/pictures, small ones: few colours are enough for text.
Slack and Discord draw cards with their own programs; here `tests.pictures` does.
"""

import asyncio
import html
import io
import os
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image
from playwright.async_api import Page, ViewportSize

from tests.e2e.browser import PHONE, started
from tests.engine.drafting.servers.loopback_tgi import LoopbackTgi
from tests.pictures.__main__ import PLATFORMS, Play, show
from tests.pictures.cameras import SHEET, WIDE, Camera
from tests.pictures.story import commanded, lived

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/docs/pages/pictures"
COLOURS = 96
TALLEST = 1_500
TERMINAL = """<body style="margin: 0; background: #10211d"><pre style="margin: 0; padding: 20px;
color: #e6f0ec; font: 13px/1.5 'DejaVu Sans Mono', monospace">$ accord doctor
{said}</pre></body>"""


class Shot(NamedTuple):
    """What is new at a stage and holds these words."""

    file: str
    stage: str
    words: str
    size: ViewportSize = WIDE


ANONYMOUS = partial(lived, named=False)
PLAYED: dict[str, dict[Play, tuple[Shot, ...]]] = {
    "slack": {
        ANONYMOUS: (
            Shot("slack-question", "asked and answered", "How this works"),
            Shot("slack-statement", "the statement", "How far do you agree?"),
        )
    },
    "discord": {
        ANONYMOUS: (
            Shot("discord-question", "asked and answered", "How this works"),
            Shot("discord-statement", "the statement", "Strongly agree"),
        )
    },
    "web": {
        ANONYMOUS: (
            Shot("web-question-phone", "asked and answered", "<textarea", PHONE),
            Shot("result", "a rating", "Change my rating"),
        ),
        commanded: (Shot("web-ask", "ask", "<textarea"),),
    },
}


async def draw() -> None:
    """All of them."""
    async with started() as browser:
        for where, plays in PLAYED.items():
            for play, shots in plays.items():
                page = await browser.new_page(locale="en", timezone_id="Europe/Berlin")
                await played(page, where, play, shots)
                await page.close()
        page = await browser.new_page(viewport=WIDE)
        await page.set_content(TERMINAL.format(said=html.escape(await doctor_says())))
        await keep(page, "model-doctor")


async def doctor_says() -> str:
    """What it says where a server drafts, and nothing else is set."""
    async with LoopbackTgi() as server:
        with TemporaryDirectory() as folder:
            done = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "doctor"),
                cwd=folder,
                env={
                    "PATH": os.environ["PATH"],
                    **{"HOME": folder, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
                    **{"TGI_URL": server.url},
                    "ACCORD_MODEL_NOTICE": "Llama 3.1 on our server in Oslo",
                },
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await done.communicate()
    return said.decode()


async def played(page: Page, where: str, play: Play, shots: tuple[Shot, ...]) -> None:
    """One play on one platform, until the last of its pictures is drawn."""
    opened, camera_of = PLATFORMS[where]
    left = {shot.stage: shot for shot in shots}
    async with opened() as place:
        camera: Camera = camera_of(place)
        stages = play(place)
        async for stage in stages:
            new = camera.new()
            if shot := left.pop(stage, None):
                drawn = next(each for each in reversed(new) if shot.words in each)
                await photograph(page, camera, drawn, shot)
            if not left:
                break
        await stages.aclose()  # type: ignore[attr-defined]


async def photograph(page: Page, camera: Camera, drawn: str, shot: Shot) -> None:
    """One picture, in few colours."""
    # The text of the drafter that stands in, without its number.
    drawn = drawn.replace("Draft 1: phase", "We phase")
    whole = drawn if "<html" in drawn else SHEET.replace("<body>", f'<body class="{camera.look}">{drawn}')
    await page.set_viewport_size(shot.size)
    await show(page, camera.address, whole)
    await keep(page, shot.file)


async def keep(page: Page, name: str) -> None:
    """The page as it is shown, as a file."""
    taken = Image.open(io.BytesIO(await page.screenshot(full_page=True))).convert("RGB")
    cut = taken.crop((0, 0, taken.width, min(taken.height, TALLEST)))
    cut.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
    print(FOLDER / f"{name}.png", cut.size, flush=True)


if __name__ == "__main__":
    asyncio.run(draw())
