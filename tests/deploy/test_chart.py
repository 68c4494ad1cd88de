"""The Helm chart, linted and rendered by Helm itself; what comes out, held to the schemas of Kubernetes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from typer.main import get_command

from bot.bootstrap import settings
from bot.cli.main import app
from tests.deploy.conftest import ROOT

pytestmark = pytest.mark.usefixtures("needs_helm")

CHART = ROOT / "deploy/chart"
DOCUMENTED = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")

LEAST = {"existingSecret": "accord"}
ALL = {
    **LEAST,
    "settings": {"ACCORD_BASE_URL": "https://accord.example.org", "ACCORD_TRUSTED_PROXIES": 1},
    "valkey": {"enabled": True, "storageClass": "fast"},
    "tgi": {"enabled": True, "tokenKey": "HF_TOKEN", "existingClaim": "models"},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "certificate"},
    "networkPolicy": {"metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    "data": {"existingClaim": "shared"},
}
# Values by the Kubernetes that they are held to: the oldest that the chart takes, and a new one.
CASES = [(LEAST, "1.27"), (ALL, "1.27"), (LEAST, "1.34"), (ALL, "1.34")]
CASE_IDS = ["least, oldest", "all, oldest", "least, new", "all, new"]


@contextmanager
def chart() -> Iterator[Any]:
    import helm_python

    with helm_python.Chart.load(CHART) as loaded:
        yield loaded


def rendered(values: dict[str, Any], *, name: str = "demo") -> list[dict[str, Any]]:
    """Every object that `helm install` would make."""
    with chart() as loaded:
        files = loaded.render(values, name=name, namespace="talk", is_install=True)
    texts = [text for path, text in files.items() if path.endswith(".yaml")]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    """By name, without the release's."""
    found = [each for each in objects if each["kind"] == kind]
    return {each["metadata"]["name"].removeprefix("demo-accord-"): each["spec"] for each in found}


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    both = of_kind(objects, "Deployment") | of_kind(objects, "StatefulSet")
    return {name: each["template"]["spec"] for name, each in both.items()}


@pytest.mark.parametrize("values", [LEAST, ALL], ids=["least", "all"])
def test_helm_finds_nothing_to_complain_of(values: dict[str, Any]) -> None:
    import helm_python

    report = helm_python.lint(CHART, values, strict=True)

    assert report["errors"] == []
    assert [each["error"] for each in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize(("values", "version"), CASES, ids=CASE_IDS)
def test_kubernetes_takes_everything_that_is_rendered(values: dict[str, Any], version: str) -> None:
    import kubernetes_validate

    objects = rendered(values)

    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    assert len(set(names)) == len(names)
    for each in objects:
        if each["kind"] != "ServiceMonitor":  # the Prometheus operator's own
            kubernetes_validate.validate(each, version, strict=True)


def test_by_itself_it_starts_gateways_and_workers_and_nothing_else() -> None:
    objects = rendered(LEAST)

    assert set(pods(objects)) == {"gateway", "worker"}
    assert {each["kind"] for each in objects} == {
        "ConfigMap",
        "Deployment",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }
    assert set(pods(rendered(ALL))) == {"gateway", "worker", "valkey", "tgi"}


def test_nothing_runs_as_root_or_writes_to_its_root_and_everything_has_limits_and_probes() -> None:
    for name, pod in pods(rendered(ALL)).items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert "memory" in container["resources"]["limits"], name
            assert set(PROBES) <= set(container), name


def test_the_probes_ask_pages_there_are_at_ports_there_are() -> None:
    # What a gateway and a worker serve to anybody is tested with them (tests/e2e/test_staying_up.py).
    for name, pod in pods(rendered(LEAST)).items():
        (container,) = pod["containers"]
        ports = {each["name"]: str(each["containerPort"]) for each in container["ports"]}
        environment = {each["name"]: each.get("value") for each in container["env"]}
        asked = {container[probe]["httpGet"]["path"] for probe in PROBES}

        assert {container[probe]["httpGet"]["port"] for probe in PROBES} == set(ports)
        if name == "gateway":
            assert ports == {"http": environment["ACCORD_WEB_PORT"]}
            assert asked == {"/healthz", "/readyz"}
        else:
            assert ports == {"metrics": environment["ACCORD_METRICS_PORT"]}
            assert asked == {"/healthz"}


def test_what_accord_writes_goes_to_volumes() -> None:
    for values in (LEAST, ALL):
        for name in ("gateway", "worker"):
            pod = pods(rendered(values))[name]
            (container,) = pod["containers"]
            mounted = {each["mountPath"] for each in container["volumeMounts"]}
            environment = {each["name"]: each.get("value", "") for each in container["env"]}

            assert mounted == {"/tmp", "/data"}
            assert environment["ACCORD_DATA_DIR"] == environment["HOME"] == "/data"
            assert {each["name"] for each in container["volumeMounts"]} == {
                each["name"] for each in pod["volumes"]
            }


def test_it_runs_commands_there_are_with_settings_there_are() -> None:
    for name in ("gateway", "worker"):
        (container,) = pods(rendered(ALL))[name]["containers"]
        ours = {each["name"] for each in container["env"]} - {"HOME", "HF_HOME", "VALKEY_PASSWORD"}

        assert container["args"][0] in get_command(app).commands  # type: ignore[attr-defined]
        assert ours <= DOCUMENTED


def test_secrets_are_named_and_never_held() -> None:
    objects = rendered(ALL)

    assert "Secret" not in {each["kind"] for each in objects}
    for name in ("gateway", "worker"):
        (container,) = pods(objects)[name]["containers"]
        assert {"secretRef": {"name": "accord"}} in container["envFrom"]
        environment = {each["name"]: each for each in container["env"]}
        # Kubernetes fills in the name of a variable that stands before it.
        assert list(environment).index("VALKEY_PASSWORD") < list(environment).index("REDIS_URL")
        assert environment["REDIS_URL"]["value"] == "redis://:$(VALKEY_PASSWORD)@demo-accord-valkey:6379/0"


def secret_settings() -> set[str]:
    """Those that the program itself never prints."""
    groups = [
        each
        for each in vars(settings).values()
        if isinstance(each, type) and issubclass(each, settings._Group)
    ]
    fields = [field for group in groups for field in group.model_fields.values()]
    return {str(each.validation_alias) for each in fields if SecretStr.__name__ in str(each.annotation)}


@pytest.mark.parametrize("name", sorted(secret_settings()))
def test_a_secret_among_the_settings_is_refused(name: str) -> None:
    import helm_python

    with chart() as loaded, pytest.raises(helm_python.HelmValuesError, match=name):
        loaded.validate_schema({**LEAST, "settings": {name: "0123456789abcdef"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"replicas": 3},
        {"gateway": {"replicas": -1}},
        {"settings": {"lower": "x"}},
        {"data": {"sizeLimit": "much"}},
    ],
    ids=["unknown", "fewer than none", "no setting's name", "no size"],
)
def test_values_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    import helm_python

    with chart() as loaded:
        loaded.validate_schema(ALL)
        with pytest.raises(helm_python.HelmValuesError):
            loaded.validate_schema({**LEAST, **wrong})


def test_without_a_secret_it_says_what_to_make() -> None:
    import helm_python

    with pytest.raises(helm_python.HelmRenderError, match="make a Secret with ACCORD_SECRET_KEY"):
        rendered({})


def test_only_accord_reaches_the_store_and_only_workers_the_model() -> None:
    policies = of_kind(rendered(ALL), "NetworkPolicy")

    def callers(name: str) -> set[str]:
        (rule,) = policies[name]["ingress"]
        return {each["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for each in rule["from"]}

    assert set(policies) == {"gateway", "worker", "valkey", "tgi"}
    assert all(each["policyTypes"] == ["Ingress", "Egress"] for each in policies.values())
    assert callers("valkey") == {"gateway", "worker"}
    assert callers("tgi") == {"worker"}
    assert not policies["valkey"]["egress"]
    assert not of_kind(rendered(LEAST), "NetworkPolicy")["worker"]["ingress"]
    assert of_kind(rendered({**ALL, "networkPolicy": {"enabled": False}}), "NetworkPolicy") == {}


def test_every_selector_finds_the_pods_that_it_is_for() -> None:
    objects = rendered(ALL)
    labels = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"].items()
        for each in objects
        if each["kind"] in ("Deployment", "StatefulSet")
    }
    for each in objects:
        spec = each.get("spec", {})
        selector = spec.get("podSelector") or spec.get("selector")
        if selector is None or each["kind"] == "ServiceMonitor":
            continue
        wanted = selector.get("matchLabels", selector).items()
        assert [name for name, there in labels.items() if wanted <= there] == [each["metadata"]["name"]]


def test_prometheus_is_sent_to_services_and_ports_there_are() -> None:
    objects = rendered(ALL)
    services = {
        each["metadata"]["name"]: (
            each["metadata"]["labels"],
            {port["name"] for port in each["spec"]["ports"]},
        )
        for each in objects
        if each["kind"] == "Service"
    }
    monitors = [each for each in objects if each["kind"] == "ServiceMonitor"]

    assert len(monitors) == 2
    for each in monitors:
        labels, ports = services[each["metadata"]["name"]]
        (endpoint,) = each["spec"]["endpoints"]
        assert each["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert endpoint["port"] in ports
        assert endpoint["authorization"]["credentials"] == {"name": "accord", "key": "ACCORD_METRICS_TOKEN"}


def test_one_pod_alone_gets_no_budget_that_would_keep_its_node_from_being_drained() -> None:
    alone = rendered({**LEAST, "gateway": {"replicas": 1}})
    assert set(of_kind(alone, "PodDisruptionBudget")) == {"worker"}


def test_the_store_keeps_everything_on_disk() -> None:
    (container,) = pods(rendered(ALL))["valkey"]["containers"]
    options = dict(zip(container["args"][::2], container["args"][1::2], strict=True))

    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert [each["mountPath"] for each in container["volumeMounts"]] == [options["--dir"]]


def test_a_digest_takes_the_place_of_a_tag() -> None:
    digest = "sha256:" + "0" * 64
    objects = rendered({**LEAST, "image": {"gateway": {"repository": "r/gateway", "digest": digest}}})
    images = {name: pod["containers"][0]["image"] for name, pod in pods(objects).items()}
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]

    assert images == {"gateway": f"r/gateway@{digest}", "worker": f"accord-worker:{version}"}
