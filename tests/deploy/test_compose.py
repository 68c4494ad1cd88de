"""What a team starts with Docker, read by Compose itself; it names settings, files and commands there are.

No container is started here.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli.main import app
from tests.deploy.conftest import ROOT, Tool

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] in ("accord-gateway", "accord-worker")}
DOCUMENTED = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
# The model server's own; Accord does not read them.
OF_THE_MODEL_SERVER = {"TGI_MODEL", "HF_TOKEN"}


def started(profile: str) -> set[str]:
    """The services that a profile starts."""
    return {name for name, each in SERVICES.items() if profile in each.get("profiles", [profile])}


STARTED = {
    "single": {"single-bot", "single-worker"},
    "cpu": {"bot", "worker-cpu", "valkey"},
    "gpu": {"bot", "worker-gpu", "valkey", "tgi"},
    "monitoring": {"prometheus", "grafana"},
}


def test_each_profile_starts_what_it_says() -> None:
    assert {profile: started(profile) for profile in STARTED} == STARTED
    assert [SERVICES[name]["scale"] for name in ("worker-cpu", "worker-gpu")] == [2, 2]


@pytest.mark.parametrize("profile", STARTED)
def test_compose_reads_it_as_it_stands(profile: str, tool: Tool, tmp_path: Path) -> None:
    # As somebody has it who copied .env.example and set a key.
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / ".env").write_text(
        (ROOT / ".env.example").read_text() + "\nACCORD_SECRET_KEY=0123456789abcdef\n"
    )
    files = ("--env-file", str(tmp_path / ".env"), "-f", str(tmp_path / "deploy/compose.yaml"))
    done = tool("docker-compose", *files, "--profile", profile, "config", "--format", "json")

    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert set(services) == STARTED[profile]
    for name in OURS.keys() & services.keys():
        assert services[name]["read_only"] is True
        assert services[name]["build"]["target"] == services[name]["image"].removeprefix("accord-")
        assert services[name]["environment"]["ACCORD_SECRET_KEY"] == "0123456789abcdef"
    mounts = [each for service in services.values() for each in service.get("volumes", ())]
    assert all(Path(each["source"]).exists() for each in mounts if each["type"] == "bind")


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_there_is_with_settings_there_are(name: str) -> None:
    service = OURS[name]

    assert service["command"][0] in get_command(app).commands  # type: ignore[attr-defined]
    assert set(service["environment"]) - {"HF_HOME"} <= DOCUMENTED
    if name in STARTED["single"]:
        # The bundled server, whatever .env says: they share it by its socket in /data.
        assert service["environment"]["REDIS_URL"] == ""
    else:
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

    assert re.search(rf"\bACCORD_DATA_DIR={folder} ", image)
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


def test_prometheus_asks_services_there_are_with_the_alerts_there_are() -> None:
    config = yaml.safe_load((ROOT / "deploy/monitoring/prometheus.yml").read_text())
    mounted = [each.split(":") for each in SERVICES["prometheus"]["volumes"]]
    inside = {
        Path(target).name: ROOT / "deploy" / source for source, target, *_ in mounted if source[0] == "."
    }

    asked = {
        (name, where["port"])
        for job in config["scrape_configs"]
        for where in job["dns_sd_configs"]
        for name in where["names"]
    }
    assert asked == {
        (name, 8080 if each["image"] == "accord-gateway" else int(each["environment"]["ACCORD_METRICS_PORT"]))
        for name, each in OURS.items()
    }
    assert set(config["rule_files"]) <= set(inside)
    assert all(path.exists() for path in inside.values())


def test_the_published_schema_of_compose_knows_every_word(tool: Tool) -> None:
    done = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml")
    assert done.returncode == 0, done.stdout


def test_the_steps_for_slack_name_settings_there_are() -> None:
    steps = (ROOT / "deploy/docs/pages/set-it-up/slack.md").read_text()
    named = set(re.findall(r"\b(?:SLACK|ACCORD)_[A-Z_]+\b", steps))

    assert "SLACK_BOT_TOKEN" in named
    assert named <= DOCUMENTED
