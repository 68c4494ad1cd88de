"""The systemd units, read by systemd itself where there is one. None is started here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli.main import app
from tests.deploy.conftest import ROOT

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
DOCUMENTED = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
# Of 100; systemd calls what is below 20 "OK", and a service that is not confined at all has 96.
MOST_EXPOSED = 20


@pytest.fixture(params=UNITS, ids=lambda path: path.stem)
def unit(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_they_run_commands_there_are_with_settings_there_are(unit: Path) -> None:
    text = unit.read_text()
    (command,) = re.findall(r"^ExecStart=/opt/accord/bin/accord (\w+)$", text, re.MULTILINE)
    lines = re.findall(r"^Environment=(.*)$", text, re.MULTILINE)
    named = {pair.split("=")[0] for line in lines for pair in line.split()}

    assert command in get_command(app).commands  # type: ignore[attr-defined]
    assert named - {"XDG_CONFIG_HOME", "HF_HOME", "PYTHONDONTWRITEBYTECODE"} <= DOCUMENTED
    assert "EnvironmentFile=/etc/accord/accord.env" in text
    assert "ACCORD_SECRET_KEY" not in named


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze comes with systemd")
def test_systemd_takes_them_and_finds_them_confined(unit: Path, tmp_path: Path) -> None:
    # It looks for the program; where this test runs, Accord is not in /opt.
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/accord/bin/accord", sys.executable))

    def analyze(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["systemd-analyze", *words, copy], capture_output=True, text=True)  # type: ignore[list-item]

    checked = analyze("verify", "--man=no")
    assert (checked.returncode, checked.stderr) == (0, "")
    exposed = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}")
    assert exposed.returncode == 0, exposed.stdout
