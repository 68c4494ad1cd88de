"""Alerts and the dashboard name metrics, labels and pages that there are; promtool is asked where it is."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from bot.ops import metrics

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "accord-alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = json.loads((DEPLOY / "grafana-dashboard.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]
# What Prometheus adds by itself.
ADDED = {"instance", "le"}


def samples() -> Iterator[tuple[str, set[str]]]:
    """Every name that can be asked for, with its labels."""
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            name, labels = next(iter(metric.describe())).name, set(metric._labelnames)
            endings = ("_bucket", "_sum", "_count") if isinstance(metric, Histogram) else ("",)
            for ending in ("_total",) if isinstance(metric, Counter) else endings:
                yield name + ending, labels


SAMPLES = dict(samples())


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_that_is_asked_for_exists(expression: str) -> None:
    bare = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)
    named = set(re.findall(r"[a-z]+(?:_[a-z]+)+", bare)) - {"histogram_quantile"}
    grouped = {word for words in re.findall(r"by \(([^)]*)\)", bare) for word in re.findall(r"\w+", words)}
    matched = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", bare))

    assert named
    assert named <= set(SAMPLES)
    assert grouped | matched <= ADDED.union(*(SAMPLES[name] for name in named))
    assert bare.count("(") == bare.count(")")


def test_everything_that_is_counted_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    counted = {
        next(iter(metric.describe())).name
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
    }

    assert {name for name in counted if name not in shown} == set()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (apt-get install prometheus)")
def test_promtool_takes_the_alerts() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", DEPLOY / "accord-alerts.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_has_its_line_in_the_runbook_and_every_line_its_alert() -> None:
    rows = re.findall(
        r"^\| `(Accord\w+)` \| (.+) \| (.+) \|$",
        (DEPLOY / "docs/pages/run-it/runbook.md").read_text(),
        re.MULTILINE,
    )

    assert [name for name, _, _ in rows] == [rule["alert"] for rule in RULES]
    assert all(meaning and remedy for _, meaning, remedy in rows)
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in RULES)
