"""In which language a page is: as its reader has chosen, else as their browser asks."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from adapters.web.page_context import HERE
from bot.wording import page_lines
from bot.wording.language import Phrase, decimals, percent, reading
from tests.messages import untranslated
from tests.web_house import House

HOW = {"en": "How this works", "de": "So geht das", "fr": "Comment ça marche", "es": "Cómo funciona"}
ATTRIBUTE = re.compile(r'(?:aria-label|alt|title|placeholder)="([^"]*)"')
# What a template compares with, and not what it writes.
NO_WORDS = ("True", "False", "None")


@pytest.mark.parametrize(
    ("asked_for", "language"),
    [
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("it, en;q=0.5, fr; q=0.7", "fr"),
        ("es;q=x, *", "es"),
        ("it", "en"),
    ],
)
async def test_a_page_is_in_the_first_of_the_browsers_languages_that_accord_speaks(
    house: House, asked_for: str, language: str
) -> None:
    page = await house.somebody().open("/how", headers={"Accept-Language": asked_for})
    assert f'<html lang="{language}" dir="ltr">' in page
    assert f"<h1>{HOW[language]}</h1>" in page


async def test_a_language_chosen_on_a_page_stays(house: House) -> None:
    person, browsers = house.somebody(), {"Accept-Language": "fr"}
    page = await person.open("/how?x=1", headers=browsers)
    link = re.search(r'href="([^"]*)" lang="es"', page)
    assert link is not None
    page = await person.open(f"/how{link[1]}".replace("&amp;", "&"), headers=browsers)
    assert person.path == "/how"
    assert "Cómo funciona" in page
    assert "Cómo funciona" in await person.open("/how", headers=browsers)
    await person.open("/nowhere", headers=browsers)
    assert (person.status, '<html lang="es"' in person.page) == (404, True)


async def test_choosing_a_language_leads_to_no_other_site(house: House) -> None:
    client = house.somebody().client
    address = f"{client.make_url('/')}/elsewhere.example/how?lang=de"
    answer = await client.session.get(address, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/elsewhere.example/how")


@pytest.mark.parametrize("path", ["/", "/nowhere"])
async def test_a_page_has_no_word_that_cannot_be_translated(house: House, path: str) -> None:
    page = await house.somebody().open(path, headers={"Accept-Language": "xx"})
    shown = re.sub(r"<title>[^<]*|<[^>]*>|English|Deutsch|Français|Español", "", page)
    assert untranslated(shown) == "Accord"
    assert not [each for each in ATTRIBUTE.findall(page) if untranslated(each)]


@pytest.mark.parametrize("path", sorted((HERE / "templates").iterdir()), ids=lambda path: path.name)
def test_no_template_has_a_word_that_cannot_be_translated(path: Path) -> None:
    tree = jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text())
    told = "".join(each.data for each in tree.find_all(nodes.TemplateData))
    told = re.sub(r"<div[^>]* lang=\"en\">.*</div>", "", told, flags=re.DOTALL)  # says that it is in English
    words = re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"|autofocus|Accord|UTC", "", told)
    assert not re.findall(r"[^\W\d]+", words)
    assert not re.findall(r"[^\W\d]+", "".join(ATTRIBUTE.findall(told)))
    marked = {id(each) for call in tree.find_all(nodes.Call) for each in call.args if _translates(call)}
    bare = (str(each.value) for each in tree.find_all(nodes.Const) if id(each) not in marked)
    assert not [each for each in bare if re.search(r"[A-Z][a-z]|\w \w", each) and each not in NO_WORDS]


def _translates(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")


@pytest.mark.parametrize("name", ["app.js", "live.js", "seats.js"])
def test_scripts_have_their_sentences_from_the_page(name: str) -> None:
    texts = re.findall(r"\"[^\"\n]*\"|`[^`]*`", (HERE / "static" / name).read_text())
    # What has brackets is a selector.
    found = [each for each in texts if re.search(r"[\w}] [\w{]", each) and not re.search(r"[\[\]]", each)]
    assert found == ['"use strict"']


def test_pictures_are_told_in_the_readers_language() -> None:
    with reading("xx"):
        told = [
            page_lines.bars_told([("1", "0"), ("2", "3")]),
            page_lines.shares_told([("1", percent(0.25), percent(0.5))]),
            page_lines.candidates_told([(page_lines.candidate(1), decimals(0.6, 2), True)]),
            page_lines.count_of(3, 12),
            page_lines.hidden_opinions(2),
            *(str(each) for each in vars(page_lines).values() if isinstance(each, Phrase)),
            *(str(each) for pair in page_lines.REQUESTS.values() for each in pair),
        ]
    assert not [each for each in told if re.search(r"\w", untranslated(each))]
    with reading("de"):
        assert (percent(0.344), decimals(5, 1), decimals(1234.5, 2)) == ("34\u00a0%", "5,0", "1.234,50")
