"""In which language a page is: as its reader has chosen, else as their browser asks."""

import re

import pytest

from tests.messages import untranslated
from tests.web_house import House

HOW = {"en": "How this works", "de": "So geht das", "fr": "Comment ça marche", "es": "Cómo funciona"}


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


async def test_a_page_that_is_written_for_it_has_no_word_that_cannot_be_translated(house: House) -> None:
    page = await house.somebody().open("/how", headers={"Accept-Language": "xx"})
    main = page[page.index("<footer>") : page.index("</footer>")]
    assert not untranslated(re.sub(r"<[^>]*>|English|Deutsch|Français|Español", "", main))
