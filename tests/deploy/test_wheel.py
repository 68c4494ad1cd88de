"""What `pip install accord-bot` brings, where there is nothing else: built and installed as a release is."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.deploy.conftest import INSTALL, ROOT
from tests.licences import SEEN

# Dozens of packages are fetched, which takes as long as the network does.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

EXTRAS = ("engine", "local", "parquet", "evaluate", "train")


@dataclass(frozen=True)
class Release:
    """What was built, and where it is installed."""

    dist: Path
    environment: Path

    @property
    def wheel(self) -> Path:
        (found,) = self.dist.glob("*.whl")
        return found

    def run(self, *words: str, home: Path) -> subprocess.CompletedProcess[str]:
        """A program of the clean environment, which sees nothing of this one."""
        program, *rest = words
        return subprocess.run(
            [self.environment / "bin" / program, *rest],
            cwd=home,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
        )

    def pip(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.environment / "bin/python", "-m", "pip", "--disable-pip-version-check", *words]
        return subprocess.run(command, capture_output=True, text=True)

    def install(self, *words: str) -> subprocess.CompletedProcess[str]:
        """With the builds that are pinned."""
        return self.pip("install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), *words)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Built from a copy of what git has, so that nothing else that lies around gets in."""
    for name, package in (("build", "build"), ("cyclonedx_py", "cyclonedx-bom"), ("hatchling", "hatchling")):
        if find_spec(name) is None:
            pytest.skip(f"{package} is not installed; {INSTALL}")
    folder = tmp_path_factory.mktemp("release")
    tree = folder / "tree"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", tree], check=True)
    # As it is here, committed or not.
    for name in tracked():
        if (ROOT / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    built = Release(tree / "dist", folder / "clean")
    words = [tree / "deploy/release/build.sh", sys.executable, built.environment]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return built


def tracked(*rooms: str) -> list[str]:
    """What git has of this tree, or of some rooms."""
    command = ["git", "ls-files", "-z", *rooms]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip("\0").split("\0")


def test_the_wheel_holds_every_file_of_the_program_and_no_other(release: Release) -> None:
    with ZipFile(release.wheel) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        described = [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]

    assert held == {name for name in tracked("bot", "adapters", "engine") if (ROOT / name).exists()}
    assert len(described) == 1
    # Templates, static files, catalogues and the model are among them.
    assert {Path(name).suffix for name in held} >= {".html", ".js", ".css", ".po", ".safetensors"}


def test_it_plays_a_question_where_there_is_nothing_else(release: Release, tmp_path: Path) -> None:
    told = release.run("accord", "--help", home=tmp_path)
    played = release.run("accord", "demo", "--once", home=tmp_path)

    assert told.returncode == 0, told.stderr
    assert "deliberate" in told.stdout
    assert played.returncode == 0, played.stderr
    assert "Mean " in played.stdout
    # From the wheel, and not from a folder that happened to be there.
    where = release.run("python", "-c", "import bot, engine, adapters; print(bot.__file__)", home=tmp_path)
    assert where.stdout.startswith(str(release.environment))


def test_the_bill_of_materials_names_what_is_installed_with_its_licence(release: Release) -> None:
    (file,) = release.dist.glob("*.cdx.json")
    bill = json.loads(file.read_text())
    named = {each["name"].lower().replace("_", "-").replace(".", "-"): each for each in bill["components"]}
    listed = json.loads(release.pip("list", "--format=json", "--exclude=pip", "--exclude=setuptools").stdout)
    installed = {each["name"].lower().replace("_", "-").replace(".", "-"): each["version"] for each in listed}
    version = installed.pop("accord-bot")

    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "accord-bot"
    assert bill["metadata"]["component"]["version"] == version
    assert installed.items() <= {name: each["version"] for name, each in named.items()}.items()
    assert {name for name, each in named.items() if not each.get("licenses")} <= SEEN.keys()


def test_with_its_extras_it_evaluates_an_export_and_writes_parquet(release: Release, tmp_path: Path) -> None:
    lacking = release.run("accord", "evaluate", "export.jsonl", home=tmp_path)
    assert lacking.returncode == 2
    assert "accord-bot[evaluate]" in lacking.stderr

    done = release.install(f"{release.wheel}[evaluate,parquet]")
    assert done.returncode == 0, done.stderr
    for words in (
        ("simulate", "export.jsonl", "--deliberations", "20"),
        ("evaluate", "export.jsonl"),
        ("export", "ours.parquet"),
    ):
        ran = release.run("accord", *words, home=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "evaluation").is_dir()
    assert (tmp_path / "ours.parquet").exists()


def test_pip_finds_what_each_extra_asks_for(release: Release) -> None:
    # Last, for what is installed by now need not be looked for. Found and not fetched: PyTorch alone is some
    # gigabytes, where it comes with CUDA.
    done = release.install("--dry-run", f"{release.wheel}[{','.join(EXTRAS)}]")
    assert done.returncode == 0, done.stderr
