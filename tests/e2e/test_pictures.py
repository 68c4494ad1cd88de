"""`make pictures`: every stage of a question can be looked at, on every platform."""

import pytest

from tests.pictures.__main__ import pictures

pytestmark = [pytest.mark.browser, pytest.mark.long]


async def test_every_stage_is_drawn_on_every_platform(tmp_path):
    await pictures(tmp_path)

    drawn = {folder.name: len(list(folder.glob("*.png"))) for folder in tmp_path.iterdir()}
    stages = {
        f"{platform}-{kind}" for platform in ("slack", "discord", "web") for kind in ("anonymous", "named")
    }
    assert stages | {"slack-commands", "discord-commands"} == drawn.keys()
    assert all(drawn[each] >= 10 for each in stages), drawn
