"""The images are made in stages, of files there are and builds that are pinned. None is built here."""

import re
from fnmatch import fnmatch

import pytest

from tests.deploy.conftest import ROOT, Tool

TEXT = (ROOT / "deploy/Dockerfile").read_text()
LINES = TEXT.splitlines()
STAGES = {
    name: [line for line in lines.splitlines() if line and line[0] != "#"]
    for name, lines in re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", TEXT, re.MULTILINE | re.DOTALL)
}
SHIPPED = ("gateway", "worker")


def test_hadolint_finds_nothing(tool: Tool) -> None:
    done = tool("hadolint", "deploy/Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_images_are_made_of_files_there_are_and_get_nothing_else() -> None:
    copied = [part for line in LINES if line.startswith("COPY") for part in line.split()[1:-1]]
    files = [part.replace("${CONSTRAINTS}", "constraints.txt") for part in copied if part[0] not in "-/"]
    let_in = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()

    assert {"bot", "adapters", "engine", "pyproject.toml"} <= set(files)
    assert all((ROOT / part).exists() for part in files)
    assert all(any(fnmatch(part, kind[1:]) for kind in let_in if kind[0] == "!") for part in files)
    assert let_in[1] == "*"


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_small_not_root_and_looked_at(name: str) -> None:
    stage, runtime = STAGES[name], STAGES["runtime"]

    assert re.search(rf"^FROM runtime AS {name}$", TEXT, re.MULTILINE)
    # Nothing is installed there, and what could install is gone.
    assert [line for line in stage if line.startswith(("RUN", "COPY"))] == [
        f"COPY --from={name}-files /opt/accord /opt/accord"
    ]
    assert "RUN pip uninstall --yes --root-user-action ignore pip \\" in runtime
    assert "USER 10001:10001" in runtime
    assert 'ENTRYPOINT ["accord"]' in runtime
    assert any(line.startswith("HEALTHCHECK") for line in stage)


def test_only_the_worker_has_pytorch() -> None:
    assert not any("torch" in line or "[engine]" in line for line in STAGES["gateway-files"])
    assert any(line.endswith(" torch") for line in STAGES["worker-files"])
    assert any("[engine]" in line for line in STAGES["worker-files"])


def test_builds_are_those_that_are_pinned_and_torch_is_without_cuda_unless_told_otherwise() -> None:
    installs = re.findall(r"pip --python \S+ install (.*)$", TEXT, re.MULTILINE)
    pinned = (ROOT / "constraints.txt").read_text()

    assert len(installs) == 3
    assert all("--constraint constraints.txt" in line for line in installs)
    assert '--index-url "$TORCH_INDEX"' in next(line for line in installs if line.endswith(" torch"))
    assert re.search(r"^torch==", pinned, re.MULTILINE)
    assert re.search(r"^ARG TORCH_INDEX=\S+/whl/cpu$", TEXT, re.MULTILINE)
    assert re.search(r"^ARG CONSTRAINTS=constraints.txt$", TEXT, re.MULTILINE)


def test_both_halves_are_of_one_base_that_can_be_pinned() -> None:
    bases = {line.split()[1] for line in LINES if line.startswith("FROM")} - set(STAGES)

    assert bases == {"${PYTHON_IMAGE}"}
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.\d+-slim-\w+$", TEXT, re.MULTILINE)
