"""The reference of the documentation site, written from the code each time the site is built.

Reads:  the settings and `.env.example`, the commands, the metrics, and the gateway's routes.
Gives:  four pages, `reference/….md`, to MkDocs. `tests/test_site.py` holds them complete.
Refrains from starting anything: no command is run, and no application is made.
"""

import argparse
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import typer
from aiohttp import web
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from prometheus_client.metrics import MetricWrapperBase
from pydantic.fields import FieldInfo

import adapters.web
from adapters.slack.config import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.bootstrap.settings import Settings
from bot.cli.main import app
from bot.ops import metrics
from engine.synthetic import simulate
from engine.training.__main__ import make_parser

ROOT = Path(__file__).parents[2]
ENV = ROOT / ".env.example"
MODEL_CARD = ROOT / "engine/reward/default/MODEL_CARD.md"
# Module and function that give the HTTP API's own description (OpenAPI, a dict). Listed once it is there.
API_DOCUMENT = ("adapters.web.api.openapi", "document")
EXAMPLE = "https://accord.example.org"
METHODS = ("get", "post", "put", "patch", "delete")
MACHINES = "health_pages"
OF_SLACK = (
    ("POST", EVENTS_PATH, "What Slack sends in HTTP mode; each request's signature is checked."),
    ("GET", INSTALL_PATH, "Where a workspace installs the app, with `SLACK_CLIENT_ID` set."),
    ("GET", REDIRECT_PATH, "Where Slack sends the person who installed it."),
)
ROOMS = {"state": "State", "web channel": "Web", "slack": "Slack", "discord": "Discord"}
LIMITS = {
    "ge": "from {}",
    "gt": "above {}",
    "le": "up to {}",
    "min_length": "{} characters or more",
    "max_length": "up to {} characters",
}

SETTINGS_HEAD = """# Settings

Set them in the environment or in a file called `.env`, a copy of `.env.example`. With none set, everything
runs embedded on one machine. `accord doctor` checks them and says what to fix. What teams and members choose
for themselves (deadlines, how long things are kept, who may ask) is not here: they set it in the chat or on
the web."""
COMMANDS_HEAD = """# Commands

In a virtual environment made by `make`, the command is `.venv/bin/accord`. Results go to stdout, progress to
stderr. Exit codes: 0 done, 2 wrong usage or input (one line that says what and where), 1 anything else.
`/accord help` lists what people type in a chat."""
METRICS_HEAD = """# Metrics

Gateways serve them at `/metrics`; workers do with [`ACCORD_METRICS_PORT`](settings.md#accord_metrics_port).
[`ACCORD_METRICS_TOKEN`](settings.md#accord_metrics_token) says who may read them. No label names a user, a
channel or a question. Alerts and a dashboard: [Run it](../run-it/runbook.md#alerts).

| metric | kind | labels | what it counts |
| --- | --- | --- | --- |
"""
API_HEAD = """## HTTP API

`/api/openapi.json` describes it for programs, `/api` for people."""
PAGES_HEAD = """## Pages

The web channel's own pages and forms, for browsers. Forms carry a token against forgery. Other software
should not rely on these: they change with the pages."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages of the reference, and the model card, which lies with the model."""
    pages: dict[str, Callable[[], str]] = {
        "settings": settings_page,
        "commands": commands_page,
        "metrics": metrics_page,
        "endpoints": endpoints_page,
    }
    for name, made in pages.items():
        files.append(File.generated(config, f"reference/{name}.md", content=made()))
    files.append(File.generated(config, "how-it-decides/model-card.md", abs_src_path=str(MODEL_CARD)))
    return files


# -- settings ------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What `.env.example` says of settings that stand together."""

    room: str
    names: tuple[str, ...]
    text: str


def settings_page() -> str:
    """Every setting: what it does, what it is when nothing is set, and what it may be."""
    fields, room, parts = dict(settings_fields()), "", [SETTINGS_HEAD]
    for told in env_example():
        if told.room != room:
            room = told.room
            parts.append(f"## {ROOMS.get(room, room.capitalize())}")
        names = ", ".join(f"`{name}`" for name in told.names)
        facts = "\n".join(_setting(name, fields[name]) for name in told.names)
        parts.append(f"### {names} {{ #of-{told.names[0].lower()} }}\n\n{told.text}\n\n{facts}")
    return "\n\n".join(parts) + "\n"


def env_example() -> Iterator[Told]:
    """Each comment of `.env.example` with the settings below it."""
    room, said, names = "", list[str](), list[str]()
    for line in [*ENV.read_text(encoding="utf-8").splitlines(), ""]:
        if names and not re.match(r"[A-Z]", line):
            yield Told(room, tuple(names), " ".join(said))
            said, names = [], []
        if heading := re.match(r"# --- (.+?) -+$", line):
            room, said = heading[1], []
        elif line.startswith("# "):
            said.append(line[2:])
        elif name := re.match(r"([A-Z_]+)=", line):
            names.append(name[1])


def settings_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by the name it has in the environment."""
    for field in Settings.model_fields.values():
        group: Any = field.default_factory
        for each in group.model_fields.values() if group else [field]:
            yield str(each.validation_alias), each


def _setting(name: str, field: FieldInfo) -> str:
    facts = [f"left unset: {_shown(field.get_default(call_default_factory=True))}", *_limits(field)]
    facts += ["secret"] * ("SecretStr" in str(field.annotation))
    return f'- <span id="{name.lower()}"></span>`{name}`: {"; ".join(facts)}'


def _shown(unset: object) -> str:
    if isinstance(unset, bool):
        return f"`{str(unset).lower()}`"
    return "nothing" if unset in (None, "", (), {}) else f"`{unset}`"


def _limits(field: FieldInfo) -> Iterator[str]:
    """From what to what it may be."""
    known = {key: getattr(each, key, None) for each in field.metadata for key in LIMITS if hasattr(each, key)}
    said = [LIMITS[key].format(value) for key, value in known.items() if value is not None]
    if said:
        yield " ".join(said)


# -- commands ------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command with its arguments and options."""
    return "\n\n".join([COMMANDS_HEAD, *(_command(path, each) for path, each in all_commands())]) + "\n"


def all_commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by how it is called."""
    yield from _below("accord", typer.main.get_command(app))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, each in command.commands.items():
        yield from _below(f"{path} {name}", each)


def _command(path: str, command: Any) -> str:
    context = command.make_context(path, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    rows = [f"| `{_code(names)}` | {_cell(about)} |" for names, about in words_of(path, command)]
    table = ["", "| argument or option | what it does |", "| --- | --- |", *rows] if rows else []
    said = re.sub(r"\s+", " ", command.help or "")
    return "\n".join([f"## `{path}`", "", said, "", f"    {path} {usage}", *table])


def words_of(path: str, command: Any) -> Iterator[tuple[str, str]]:
    """Its arguments and options, each with what is told about it."""
    if command.context_settings.get("ignore_unknown_options"):
        yield from _of_the_learning_code(path.split()[-1])
        return
    context = command.make_context(path, [], resilient_parsing=True)
    for each in command.params:
        record = each.get_help_record(context)
        if record and "--help" not in record[0]:
            names = re.sub(r"<(?:int|float)(?: range)?>", "NUMBER", record[0])
            yield re.sub(r"(?i)<(?:list\[)?(?:str|path|file)\]?>", "", names).strip(), record[1]


def _of_the_learning_code(name: str) -> Iterator[tuple[str, str]]:
    """The same of a command that passes its words on."""
    parser = argparse.ArgumentParser()
    if name == "simulate":
        simulate.add_to(parser)
    else:
        below = next(each for each in make_parser()._actions if isinstance(each.choices, dict))
        parser = below.choices[name]  # type: ignore[index]
    for each in parser._actions:
        if each.help != argparse.SUPPRESS and "--help" not in each.option_strings:
            told = (each.help or "") % {"default": each.default}
            yield ", ".join(each.option_strings) or each.dest, told


def _code(text: str) -> str:
    """On one line. Between backticks no sign needs another."""
    return re.sub(r"\s+", " ", text)


def _cell(text: str) -> str:
    """On one line, and neither the end of its cell nor markup."""
    return _code(text).replace("|", "&#124;").replace("<", "&lt;")


# -- metrics -------------------------------------------------------------------------------------


def metrics_page() -> str:
    """Every metric with its labels."""
    rows = (f"| `{name}` | {kind} | {labels} | {said} |" for name, kind, labels, said in all_metrics())
    return METRICS_HEAD + "\n".join(rows) + "\n"


def all_metrics() -> Iterator[tuple[str, str, str, str]]:
    """Each metric's name as Prometheus knows it, its kind, its labels and what it counts."""
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            told = next(iter(metric.describe()))
            name = f"{told.name}_total" if told.type == "counter" else told.name
            labels = ", ".join(f"`{each}`" for each in metric._labelnames) or "–"
            yield name, told.type, labels, told.documentation


# -- endpoints -----------------------------------------------------------------------------------


def endpoints_page() -> str:
    """Every address that the gateway answers."""
    routes = list(all_routes())
    machines = [rest for room, *rest in routes if room == MACHINES]
    people = [rest for room, *rest in routes if room != MACHINES]
    head = "# Endpoints\n\nWhat the gateway (`accord run`) answers, on `ACCORD_WEB_HOST`:`ACCORD_WEB_PORT`."
    parts = [
        head,
        "## For probes and Prometheus",
        _table(machines),
        "## For Slack, over HTTP",
        _table(OF_SLACK),
    ]
    if document := api_document():
        parts += [API_HEAD, _table(operations(document))]
    return "\n\n".join([*parts, PAGES_HEAD, _table(people)]) + "\n"


def all_routes() -> Iterator[tuple[str, str, str, str]]:
    """The web channel's routes: module, method, path, and what the handler says it does."""
    for module in pkgutil.iter_modules(adapters.web.__path__):
        routes = getattr(importlib.import_module(f"adapters.web.{module.name}"), "routes", None)
        for each in routes if isinstance(routes, web.RouteTableDef) else ():
            if isinstance(each, web.RouteDef):
                yield module.name, each.method, each.path, (each.handler.__doc__ or "").split("\n")[0]


def api_document() -> dict[str, Any] | None:
    """The API's own description; None in a version that has no API."""
    module, name = API_DOCUMENT
    package = module.rpartition(".")[0]
    if find_spec(package) is None or find_spec(module) is None:
        return None
    document: dict[str, Any] = getattr(importlib.import_module(module), name)(EXAMPLE)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The API's endpoints: method, path, and what each does."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method in METHODS:
                yield method.upper(), path, told.get("summary", "")


def _table(rows: Iterable[Iterable[str]]) -> str:
    lines = [f"| {method} | `{_code(path)}` | {said} |" for method, path, said in rows]
    return "\n".join(["| method | address | what it does |", "| --- | --- | --- |", *lines])
