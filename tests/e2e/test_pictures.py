"""`make pictures`: every stage of a question can be looked at, on every platform."""

import pytest

from tests.pictures.__main__ import pictures

pytestmark = [pytest.mark.browser, pytest.mark.long]


async def test_every_stage_is_drawn_on_every_platform(tmp_path):
    # What stands beside a question is played in `test_languages`.
    for play in ("anonymous", "named", "commands"):
        await pictures(tmp_path, only=play)

    drawn = {folder.name: len(list(folder.glob("*.png"))) for folder in tmp_path.iterdir()}
    stages = {
        f"{platform}-{kind}" for platform in ("slack", "discord", "web") for kind in ("anonymous", "named")
    }
    assert stages | {"slack-commands", "discord-commands", "web-commands"} == drawn.keys()
    assert all(drawn[each] >= 10 for each in stages), drawn


async def test_some_are_drawn_in_another_language(tmp_path):
    await pictures(tmp_path, language="de", only="web-commands")

    assert [folder.name for folder in tmp_path.iterdir()] == ["web-commands"]
    wide, phone = (sorted(tmp_path.glob(f"*/01-{page}.png")) for page in ("admin", "admin-phone"))
    assert len(wide) == len(phone) == 1
