"""The documentation site: built strictly, complete, and fetching nothing from elsewhere."""

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from adapters.redis import keys
from adapters.redis.keys import DeliberationKeys, SessionKeys
from engine.welfare import isoelastic
from tests.e2e.browser import PHONE, WIDTHS, started, violations

Scheme = Literal["light", "dark"]
ROOT = Path(__file__).parents[1]
PAGES = ROOT / "deploy/docs/pages"
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\s(?:src|href)=[\"']?(https?:|//)|url\([\"']?(?:https?:|//)"
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
OF_THE_SITE = re.compile(r"deploy/docs/pages/[a-z-]+(?:/[a-z-]+)?\.md")
# Pages that lay in deploy/ before there was a site.
MOVED = re.compile(r"deploy/[A-Z]+\.md")
TEXT = {".md", ".py", ".yaml", ".yml", ".toml", ".example", ".html", ""}


def reference() -> ModuleType:
    """What writes the reference."""
    spec = spec_from_file_location("reference", ROOT / "deploy/docs/reference.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` does, which fails at a dead link, a dead anchor or a page outside the menu.

    With `--quiet` MkDocs would not count its warnings, and be strict about nothing.
    """
    folder = tmp_path_factory.mktemp("site")
    (command,) = re.findall(r"(-m mkdocs build .*)", (ROOT / "Makefile").read_text())
    assert "--strict" in command
    assert {"-q", "--quiet"}.isdisjoint(command.split())
    done = subprocess.run(
        [sys.executable, *command.split(), "-d", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_nothing_in_it_is_fetched_from_elsewhere(site: Path) -> None:
    files = [path for kind in ("html", "css") for path in site.rglob(f"*.{kind}")]

    assert len(files) > 20
    assert {path.name: found[0] for path in files if (found := FETCHED.search(path.read_text()))} == {}


@pytest.mark.slow
def test_every_setting_is_in_the_reference(site: Path) -> None:
    page = (site / "reference/settings.html").read_text()
    made = reference()
    names = dict(made.settings_fields())
    told = {name: each.text for each in made.env_example() for name in each.names}

    assert len(names) > 50
    assert told.keys() == names.keys()
    assert {name for name in names if f'id="{name.lower()}"' not in page} == set()


@pytest.mark.slow
def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    text = bare((site / "reference/commands.html").read_text())
    made = reference()
    for path, command in made.all_commands():
        words = list(made.words_of(path, command))
        assert path in text
        assert [names for names, _ in words if " ".join(names.split()) not in text] == [], path
        assert [names for names, said in words if not said and names.startswith("-")] == [], path
    assert "--teacher" in text


@pytest.mark.slow
def test_every_metric_and_endpoint_is_in_the_reference(site: Path) -> None:
    counted = bare((site / "reference/metrics.html").read_text())
    answered = bare((site / "reference/endpoints.html").read_text())
    made = reference()
    document = made.api_document()
    api = [path for _, path, _ in made.operations(document)] if document else []

    assert [name for name, *_ in made.all_metrics() if name not in counted] == []
    assert [path for _, _, path, _ in made.all_routes() if path not in answered] == []
    assert [path for path in api if path not in answered] == []
    assert [said for *_, said in made.all_routes() if not said] == []


def test_an_api_is_listed_as_soon_as_there_is_one() -> None:
    document = {"paths": {"/api/v1/questions": {"parameters": [], "post": {"summary": "Ask a question."}}}}

    assert list(reference().operations(document)) == [("POST", "/api/v1/questions", "Ask a question.")]


def test_whatever_is_kept_of_anybody_is_on_the_page_about_privacy() -> None:
    page = (PAGES / "privacy.md").read_text()
    listed = set(re.findall(r"\w+", re.search(r"<!-- By its name in (.*?)-->", page, re.S)[1]))  # type: ignore[index]
    kept = {
        name
        for kind in (DeliberationKeys, SessionKeys)
        for name, each in vars(kind).items()
        if not name.startswith("_") and (isinstance(each, property) or inspect.isfunction(each))
    }
    kept |= {
        name
        for name, each in vars(keys).items()
        if (isinstance(each, str) and each.startswith("accord:"))
        or (inspect.isfunction(each) and not name.startswith("_") and gives_a_name(each))
    }

    assert kept - listed - {"of_members", "all"} == set()


def gives_a_name(function: Callable[..., object]) -> bool:
    """Whether it makes a key; others read and write times."""
    return function.__module__ == keys.__name__ and inspect.signature(function).return_annotation is str


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md", "CONTRIBUTING.md", "deploy/examples/README.md"])
def test_what_leads_to_the_site_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    links = [link for link in LINK.findall(text) if not link.startswith("http")]
    links += re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_no_file_names_a_page_that_is_not_there() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    dead = {
        (path, named)
        for path in tracked
        if path != "CHANGELOG.md" and Path(path).suffix in TEXT and (ROOT / path).is_file()
        for named in (*OF_THE_SITE.findall(read(path)), *MOVED.findall(read(path)))
        if not (ROOT / named).exists()
    }

    assert dead == set()


def read(path: str) -> str:
    """A file's text; nothing of what is none."""
    return (ROOT / path).read_text(encoding="utf-8", errors="ignore")


def bare(html: str) -> str:
    """What a page says, without markup."""
    text = re.sub(r"<[^>]+>", "", html)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return " ".join(text.split())


# -- in a browser --------------------------------------------------------------------------------


together = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests here, as it is dear to start."""
    async with started() as browser:
        yield browser


@pytest.mark.browser
@together
async def test_every_page_fits_a_phone_and_asks_nobody_for_anything(site: Path, browser: Browser) -> None:
    asked: list[str] = []
    pages = [path for path in site.rglob("*.html") if path.name != "404.html"]  # noqa: ASYNC240
    page = await browser.new_page(viewport=PHONE)
    page.on("request", lambda request: asked.append(request.url))
    widths = {path.name: await width_of(page, path) for path in pages}

    assert {name: wide for name, wide in widths.items() if wide > PHONE["width"]} == {}
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


async def width_of(page: Page, path: Path) -> int:
    """How wide a page is, in pixels."""
    await page.goto(path.as_uri())
    wide: int = (await page.evaluate(WIDTHS))[0]
    return wide


@pytest.mark.browser
@together
@pytest.mark.parametrize(
    ("name", "scheme"),
    [("how-it-decides/index", "light"), ("how-it-decides/index", "dark"), ("set-it-up/slack", "dark")],
)
async def test_people_with_disabilities_can_read_it(
    site: Path, browser: Browser, name: str, scheme: Scheme
) -> None:
    page = await browser.new_page(color_scheme=scheme)
    await page.goto((site / f"{name}.html").as_uri())
    assert await violations(page) == []


ROWS = """(id) => [...document.querySelectorAll(`#${id} tbody tr`)].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""


@pytest.mark.browser
@together
async def test_the_example_chooses_as_the_engine_does(site: Path, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto((site / "how-it-decides/index.html").as_uri())
    raw = {name: rest for name, *rest in await page.evaluate(ROWS, "raw")}
    chosen = await page.evaluate(ROWS, "calibrated")
    alphas = [0, 0.5, 1, 1.25, 3, 10, np.inf]
    ratings = [[1, 1, 7], [1.5, 6.5, 7], [4, 4, 4], [7, 1, 3.5]]
    computed = json.loads(
        await page.evaluate(
            "([ratings, alphas]) => JSON.stringify(ratings.map((each) => "
            "alphas.map((alpha) => isoelastic(each, alpha ?? Infinity))))",
            [ratings, [None if np.isinf(alpha) else alpha for alpha in alphas]],
        )
    )
    await page.locator("#calibrated [name=alpha]").fill("10.25")
    endless = (await page.evaluate(ROWS, "calibrated"))[-1]

    assert raw == {
        "Utilitarian: the mean": ["3.00", "2.67", "A"],
        "Rawlsian: the lowest": ["−10.00", "0.00", "B"],
    }
    assert [row[-1] for row in chosen] == ["A", "B", "B", "B"]
    assert endless == ["Isoelastic, α = ∞", "1.50", "3.50", "B"]
    by_engine = [[isoelastic(np.array([each]).T, alpha=alpha)[0] for alpha in alphas] for each in ratings]
    assert np.allclose(computed, by_engine)
