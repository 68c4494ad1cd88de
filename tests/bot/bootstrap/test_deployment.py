"""What a team starts with Docker names settings, files and commands there are. Docker itself is not asked."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli.main import app

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "accord"}
DOCUMENTED = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
# The model server's own; Accord does not read them.
OF_THE_MODEL_SERVER = {"TGI_MODEL", "HF_TOKEN"}


def started(profile: str) -> set[str]:
    """The services that a profile starts."""
    return {name for name, each in SERVICES.items() if profile in each.get("profiles", [profile])}


def test_with_and_without_a_gpu_there_are_a_gateway_a_worker_and_the_state() -> None:
    assert started("cpu") == {"bot", "worker-cpu", "valkey"}
    assert started("gpu") == {"bot", "worker-gpu", "valkey", "tgi"}


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_there_is_with_settings_there_are(name: str) -> None:
    service = OURS[name]

    assert service["command"][0] in get_command(app).commands  # type: ignore[attr-defined]
    assert set(service["environment"]) <= DOCUMENTED
    assert service["environment"]["REDIS_URL"].startswith("redis://valkey:")
    assert "valkey" in service["depends_on"]


def test_whatever_is_asked_of_the_environment_is_documented() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy/compose.yaml").read_text()))
    assert asked <= DOCUMENTED | OF_THE_MODEL_SERVER


def test_nothing_that_people_gave_is_lost_or_evicted() -> None:
    valkey = SERVICES["valkey"]
    options = dict(zip(valkey["command"][1::2], valkey["command"][2::2], strict=True))

    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert "valkey:/data" in valkey["volumes"]
    assert "valkey" in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OURS)
def test_a_promoted_model_outlives_the_container_whatever_env_says(name: str) -> None:
    folder = OURS[name]["environment"]["ACCORD_DATA_DIR"]
    image = (ROOT / "deploy/Dockerfile").read_text()

    assert f"ENV ACCORD_DATA_DIR={folder} " in image
    assert f"accord:{folder}" in OURS[name]["volumes"]
    assert "accord" in COMPOSE["volumes"]


def test_the_model_server_gets_no_empty_token() -> None:
    environment = SERVICES["tgi"]["environment"]

    # Without a value compose passes on what there is, and nothing where there is nothing.
    assert "HF_TOKEN" in environment
    assert environment["HF_TOKEN"] is None


def test_nothing_is_open_to_the_network_unasked() -> None:
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_model_server_has_a_gpu() -> None:
    devices = SERVICES["tgi"]["deploy"]["resources"]["reservations"]["devices"]
    assert [device["capabilities"] for device in devices] == [["gpu"]]


def test_the_image_is_made_of_files_there_are_and_does_not_run_as_root() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text().splitlines()
    copied = [part for line in lines if line.startswith("COPY") for part in line.split()[1:-1]]
    let_in = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()

    assert copied
    files = [part.replace("${CONSTRAINTS}", "constraints.txt") for part in copied]
    assert all((ROOT / part).exists() for part in files)
    assert all(any(fnmatch(part, kind[1:]) for kind in let_in if kind[0] == "!") for part in files)
    assert let_in[1] == "*"
    assert lines.index("USER accord") < lines.index('ENTRYPOINT ["accord"]')


def test_the_image_has_the_builds_that_are_pinned_and_torch_without_cuda_unless_told_otherwise() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text()
    installs = re.findall(r"^RUN pip install (.*)$", text, re.MULTILINE)
    pinned = (ROOT / "constraints.txt").read_text()

    assert installs
    assert all("--constraint constraints.txt" in line for line in installs)
    assert '--index-url "$TORCH_INDEX"' in installs[0]
    assert installs[0].endswith(" torch")
    assert re.search(r"^torch==", pinned, re.MULTILINE)
    assert re.search(r"^ARG TORCH_INDEX=\S+/whl/cpu$", text, re.MULTILINE)
    assert text.index("ARG TORCH_INDEX") < text.index("RUN pip install")
    assert re.search(r"^ARG CONSTRAINTS=constraints.txt$", text, re.MULTILINE)


def test_the_steps_for_slack_name_settings_there_are() -> None:
    steps = (ROOT / "deploy/docs/pages/set-it-up/slack.md").read_text()
    named = set(re.findall(r"\b(?:SLACK|ACCORD)_[A-Z_]+\b", steps))

    assert "SLACK_BOT_TOKEN" in named
    assert named <= DOCUMENTED
