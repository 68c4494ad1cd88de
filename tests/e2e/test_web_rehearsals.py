"""A question tried out with simulated members, in a real browser: easy to read, and never taken for real."""

import pytest
from playwright.async_api import Page, expect

from adapters.web.links import admin_link
from tests.e2e.browser import PHONE, POOR_CONTRAST, SCHEMES, WIDE, WIDTHS, Open, violations
from tests.rehearsal_player import CLEARER, QUESTION, played
from tests.web_house import House

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
MARK_BEHIND = "getComputedStyle(document.querySelector('.watermark'), '::before').content"


async def _is_marked_and_easy_to_read(page: Page) -> None:
    await expect(page).to_have_title("SIMULATED: Try it out · Accord")
    await expect(page.get_by_role("heading", level=1)).to_have_text("SIMULATED Try it out")
    assert await page.evaluate(MARK_BEHIND) == '"SIMULATED"'
    for heading in await page.get_by_role("heading", level=2).all_inner_texts():
        assert heading.startswith("SIMULATED")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(POOR_CONTRAST) == [], scheme
    assert await violations(page) == []
    await page.set_viewport_size(PHONE)
    assert await page.evaluate(WIDTHS) == [PHONE["width"]] * 2
    await page.set_viewport_size(WIDE)


async def test_a_question_is_tried_out_on_pages_that_are_all_marked(house: House, open_page: Open) -> None:
    page = await open_page(
        admin_link(house.config, now=house.clock.now()), viewport=WIDE, reduced_motion="reduce"
    )
    await page.goto(house.config.url("/ask"))
    await page.get_by_label("What should the group agree on?").fill(QUESTION)
    await page.get_by_role("button", name="Try it out").click()
    await _is_marked_and_easy_to_read(page)

    await page.get_by_label("Who would answer?").fill("A bakery.")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    await _is_marked_and_easy_to_read(page)

    assert await played(house.rehearsals, house.ports) == 1
    await expect(page.get_by_text(CLEARER)).to_be_visible()  # the page has looked again by itself
    await _is_marked_and_easy_to_read(page)
