"""What is done for a release, and for those who join: recipes, licences, templates."""

import re
import subprocess
import tomllib

import pytest
import yaml

from tests.deploy.conftest import ROOT, Tool
from tests.licences import Package, drawn_in, licences

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def notes(tag: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "deploy/release/notes.sh", tag], capture_output=True, text=True)


def test_the_notes_of_a_release_are_its_part_of_the_changelog() -> None:
    done = notes(f"v{VERSION}")
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in changelog
    assert f"## [{VERSION}]" in changelog.split(done.stdout.strip())[0]
    assert "\n## " not in done.stdout


def test_a_tag_of_another_version_is_no_release() -> None:
    done = notes("v0.0.7")
    assert done.returncode == 1
    assert done.stderr == "pyproject.toml has another version than 0.0.7.\n"


@pytest.mark.parametrize(
    ("schema", "names"), [("github-workflows", ("ci", "release")), ("dependabot", ("dependabot",))]
)
def test_recipes_for_github_have_its_form(schema: str, names: tuple[str, ...], tool: Tool) -> None:
    files = [f"deploy/release/{name}.yml" for name in names]
    done = tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    assert done.returncode == 0, done.stdout


def test_recipes_run_what_there_is() -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in ("ci", "release"):
        jobs = yaml.safe_load((ROOT / f"deploy/release/{name}.yml").read_text())["jobs"]
        commands = "\n".join(step.get("run", "") for job in jobs.values() for step in job["steps"])

        assert set(re.findall(r"make ([a-z-]+(?: [a-z-]+)*)", commands)) <= {"dist licences"}
        assert {"dist", "licences"} <= made
        assert all((ROOT / path).exists() for path in re.findall(r"(?:deploy/\S+|\.ci/run)", commands))


def test_a_commit_is_checked_as_make_check_does() -> None:
    (where,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (hook,) = where["hooks"]

    assert where["repo"] == "local"
    assert (hook["entry"], hook["language"]) == ("make check", "system")
    assert (hook["pass_filenames"], hook["always_run"]) == (False, True)


def test_every_package_that_is_drawn_in_can_be_passed_on_with_accord() -> None:
    there, _ = drawn_in()
    packages = licences(there)

    assert {"aiohttp", "slack-bolt", "torch", "numpy"} <= there
    assert [each for each in packages if not each.fits] == []


@pytest.mark.parametrize(
    ("licence", "fits"),
    [
        ("MIT License", True),
        ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("GPL-3.0-or-later OR BSD-3-Clause", True),
        ("GPL-3.0-or-later", False),
        ("GNU Affero General Public License v3", False),
        ("MIT; Free for non-commercial use", False),
        ("UNKNOWN", False),
    ],
)
def test_which_licences_go_with_ours(licence: str, fits: bool) -> None:
    assert Package("some-package", "1", licence).fits is fits
