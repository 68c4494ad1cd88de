"""The web channel in a real browser: headless Chromium against the real application and worker functions."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, Page, async_playwright, expect

from adapters.web.config import WebConfig
from adapters.web.links import admin_link, invite_link, personal_link, results_link
from bot.dispatch import dispatch
from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.study import Study
from engine.errors import GenerationError
from engine.feedback import Arm
from tests.web_house import House, make_house

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
PHONE = {"width": 360, "height": 740}

Open = Callable[..., Awaitable[Page]]

# Text whose contrast with what is behind it is below WCAG AA, as "colour on colour: text".
POOR_CONTRAST = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(e).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("title, desc, noscript, script, option")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const front = numbers(element.closest("svg") ? style.fill : style.color);
    const back = behind(element);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if ((high + 0.05) / (low + 0.05) < needed)
      poor.push(`${front} on ${back}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return poor;
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless browser of this machine."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium found: install the package chromium (or google-chrome) to run browser tests")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A web channel on a port of its own, at the time of this machine."""
    port = unused_port()
    config = WebConfig(secret="a secret for tests only", base_url=f"http://127.0.0.1:{port}")
    house = await make_house(config, now=datetime.now(UTC).replace(microsecond=0), port=port)
    yield house
    await house.close()


@pytest.fixture
def open_page(house: House, browser: Browser) -> Open:
    """Open an address in a browser of one's own; a mistake in a script or a blocked file fails the test."""

    async def open_(address: str, **context: Any) -> Page:
        fresh = await browser.new_context(**context)
        page = await fresh.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.on("console", _fail_on_refusals)
        await page.goto(address if address.startswith("http") else house.config.url(address))
        return page

    return open_


def _fail_on_refusals(message: Any) -> None:
    if "Content Security Policy" in message.text:
        pytest.fail(f"the page breaks its own policy: {message.text}")


def _invite(house: House, deliberation: Deliberation) -> str:
    return invite_link(house.config, deliberation.id, now=house.clock.now())


async def test_three_members_and_an_admin_hold_a_whole_deliberation(house: House, open_page: Open) -> None:
    house.mediator.gate = asyncio.Event()
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="America/New_York")
    await admin.get_by_role("link", name="Ask a question").click()
    await admin.get_by_label("Your question").fill("Should we ban single-use plastics?")
    await admin.get_by_label(re.compile("Deadline")).fill("2199-07-01T18:00")
    await admin.get_by_label("Close early at").fill("3")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_role("status")).to_contain_text("Your question is open.")
    (deliberation,) = await house.store.of_team("web")
    # Summer time holds in New York on that day, whatever day it is today.
    assert deliberation.closes_at == datetime(2199, 7, 1, 22, tzinfo=UTC)
    invite = await admin.get_by_label("Link for everyone").input_value()

    members = [await open_page(invite) for _ in range(3)]
    for number, member in enumerate(members):
        await expect(member.get_by_text(f"{number} answered")).to_be_visible()
        await member.get_by_label("What do you think").fill(f"Opinion of member {number}.")
        await expect(member.get_by_text("20 of 3,000 characters")).to_be_visible()
        await member.get_by_role("button", name="Send my opinion").click()
        if number < 2:
            await expect(members[0].get_by_text(f"{number + 1} answered")).to_be_visible()
            await expect(admin.get_by_text(f"{number + 1} answered")).to_be_visible()

    work = asyncio.create_task(house.work())
    for member in members:
        await expect(member.get_by_text("A statement is being drafted")).to_be_visible()
    await expect(members[0].get_by_text("Predicting agreement: 8 of 16")).to_be_visible()
    house.mediator.gate.set()
    await work
    for member in members:
        await expect(member.get_by_role("heading", name="What this group may agree on")).to_be_visible()
        await expect(member.get_by_text("No AI model was used")).to_be_visible()

    for member, key in zip(members, ("6", "7", "3"), strict=True):
        await member.keyboard.press(key)
        await expect(member.locator(f"input[value='{key}']")).to_be_checked()
        await expect(member.locator(f"input[value='{key}']")).to_be_focused()
        await member.keyboard.press("Enter")
        await expect(member.get_by_text("Your rating is kept.")).to_be_visible()
    await expect(members[0].get_by_text("3 rated")).to_be_visible()
    await admin.reload()
    await admin.get_by_role("button", name="Close the vote").click()
    await house.work()
    for member in members:
        await expect(member.get_by_role("heading", name="Result")).to_be_visible()
        await expect(member.get_by_text("2 of 3")).to_be_visible()
        assert (
            await member.get_by_role("img").count() == 2
        )  # nobody is counted by predictions in a group this small


async def test_a_rating_can_be_chosen_with_the_arrow_keys(house: House, open_page: Open) -> None:
    deliberation, _ = await house.until_rating()
    page = await open_page(_invite(house, deliberation))
    await page.locator("input[value='1']").focus()
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await expect(page.locator("input[value='4']")).to_be_checked()


async def test_what_somebody_is_writing_survives_the_close(house: House, open_page: Open) -> None:
    deliberation = await house.ask()
    page = await open_page(_invite(house, deliberation))
    await page.get_by_label("What do you think").fill("I had not finished")
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine is short."})
    await expect(page.get_by_text("1 answered")).to_be_visible()
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/cancel", {"sure": "yes"})
    await expect(page.get_by_text("This question has moved on.")).to_be_visible()
    await expect(page.get_by_label("What do you think")).to_have_value("I had not finished")
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_text("This was not sent")).to_be_visible()
    await expect(page.get_by_text("I had not finished")).to_be_visible()


async def test_everything_essential_works_without_javascript(house: House, open_page: Open) -> None:
    closes_at = house.clock.now() + timedelta(days=1)
    deliberation = await house.ask(quorum=2, closes_at=closes_at)
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "The other opinion."})
    page = await open_page(_invite(house, deliberation), java_script_enabled=False)
    await expect(page.locator("time").first).to_contain_text("UTC")
    await page.get_by_label("What do you think").fill("Mine.")
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_text("Your opinion is kept.")).to_be_visible()
    await house.work()
    await page.get_by_role("link", name="Reload this page").click()
    await page.get_by_role("radio", name="5 Somewhat agree").check()
    await page.get_by_role("button", name="Save my rating").click()
    await expect(page.get_by_text("1 of 1")).to_be_visible()

    admin = await open_page(
        admin_link(house.config, now=house.clock.now()), java_script_enabled=False, timezone_id="Asia/Tokyo"
    )
    await admin.get_by_role("link", name="Ask a question").click()
    await admin.get_by_label("Your question").fill("Again?")
    await admin.get_by_label("Deadline (UTC)").fill("2199-07-01T18:00")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    newest = max(await house.store.of_team("web"), key=lambda asked: asked.question == "Again?")
    assert newest.closes_at == datetime(2199, 7, 1, 18, tzinfo=UTC)


async def test_what_was_typed_before_an_error_keeps_its_local_time(house: House, open_page: Open) -> None:
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="Asia/Kolkata")
    await admin.goto(house.config.url("/ask"))
    await admin.get_by_label(re.compile("Deadline")).fill("2199-07-01T18:00")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("The question is empty.")).to_be_visible()
    await expect(admin.get_by_label(re.compile("Deadline"))).to_have_value("2199-07-01T18:00")
    await admin.get_by_label("Your question").fill("Now?")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    (asked,) = await house.store.of_team("web")
    assert asked.closes_at == datetime(2199, 7, 1, 12, 30, tzinfo=UTC)


async def test_the_usual_deadline_is_shown_in_local_time(house: House, open_page: Open) -> None:
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="Asia/Kolkata")
    await admin.get_by_role("link", name="Settings").click()
    await admin.get_by_label("Hours until the deadline").fill("48")
    await admin.get_by_role("button", name="Save settings").click()
    await admin.goto(house.config.url("/ask"))
    closes_at = (house.clock.now() + timedelta(days=2)).replace(second=0)
    there = closes_at + timedelta(hours=5, minutes=30)
    await expect(admin.get_by_label(re.compile("Deadline"))).to_have_value(f"{there:%Y-%m-%dT%H:%M}")
    await admin.get_by_label("Your question").fill("Now?")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    (asked,) = await house.store.of_team("web")
    assert asked.closes_at == closes_at


async def _all_pages(house: House) -> list[tuple[str, list[str]]]:
    """Links that sign somebody in, each with the pages to look at then: every page in every state."""
    now = house.clock.now()
    later = now + timedelta(days=1)
    opened = await house.ask("Open? " + "Donaudampfschifffahrt" * 5, context="x" * 200, closes_at=later)
    named = await house.ask("Named?", anonymous=False)
    scheduled = await house.ask("Scheduled?", opens_at=later)
    rating, people = await house.until_rating(5, results_shown="always", candidates=20)
    for person, value in zip(people, "12467", strict=True):
        await person.open(f"/d/{rating.id}")
        await person.send(f"/d/{rating.id}/rating", {"rating": value})
    three, _ = await house.until_rating(2, scale="three")
    settled = await _settled(house)
    house.mediator.failure = GenerationError("The drafting model gave no answer.")
    failed, _ = await house.until_rating(4)
    assert failed.phase is Phase.MEDIATING
    assert failed.failure
    drafting = await house.ask("Drafting?", quorum=2)
    for _ in range(2):
        member = await house.visitor(drafting)
        await member.send(f"/d/{drafting.id}/opinion", {"opinion": "x"})
    asked = (opened, named, scheduled, rating, three, failed, drafting)
    admin = [path for d in asked for path in (f"/d/{d.id}", f"/d/{d.id}/manage")]
    return [
        (house.config.url("/"), ["/", "/how", "/nothing"]),
        (results_link(house.config, "web", settled.id), [_results(house, settled), _results(house, three)]),
        (
            personal_link(house.config, named.id, "Wolfeschlegelsteinhausenbergerdorff", now=now),
            ["/", "/me", f"/d/{named.id}"],
        ),
        (admin_link(house.config, now=now), ["/admin", "/ask", "/admin/settings", "/me", *admin]),
    ]


async def _settled(house: House) -> Deliberation:
    deliberation, people = await house.until_rating(3)
    for person, value in zip(people, "267", strict=True):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": value})
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    return deliberation


def _results(house: House, deliberation: Deliberation) -> str:
    return urlsplit(results_link(house.config, "web", deliberation.id)).path


async def test_no_page_scrolls_sideways_on_a_phone(house: House, open_page: Open) -> None:
    for link, paths in await _all_pages(house):
        page = await open_page(link, viewport=PHONE)
        for path in paths:
            await page.goto(house.config.url(path), wait_until="load")
            await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_background(house: House, open_page: Open, scheme: str) -> None:
    looked_at = 0
    for link, paths in await _all_pages(house):
        page = await open_page(link, color_scheme=scheme, reduced_motion="reduce")
        for path in paths:
            await page.goto(house.config.url(path), wait_until="load")
            await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            assert await page.evaluate(POOR_CONTRAST) == [], path
            looked_at += 1
    assert looked_at > 20


async def test_every_field_has_a_name_and_the_focus_can_be_seen(house: House, open_page: Open) -> None:
    for link, paths in await _all_pages(house):
        page = await open_page(link)
        for path in paths:
            await page.goto(house.config.url(path), wait_until="load")
            nameless = await page.evaluate(
                """() => [...document.querySelectorAll("input:not([type=hidden]), textarea, select")]
                    .filter((f) => !f.labels.length && !f.getAttribute("aria-label")).map((f) => f.name)"""
            )
            assert nameless == [], path
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.className") == "skip"
            await page.keyboard.press("Tab")
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", path


async def test_a_study_on_a_phone_is_rated_blind_below_ones_own_opinion(
    house: House, open_page: Open
) -> None:
    arms = tuple(arm for arm in Arm if arm is not Arm.CHOSEN)
    study = Study(id="s", group="g", arms=arms, seed=1)
    position = "We should ban single-use plastics."
    deliberation = await house.ask(study=study, ask_quality=True, position_statement=position, quorum=3)
    pages = [await open_page(_invite(house, deliberation), viewport=PHONE) for _ in range(3)]
    for number, page in enumerate(pages):
        await expect(page.get_by_text("part of a study")).to_be_visible()
        await page.get_by_role("button", name="Send my opinion").click()
        await expect(page).to_have_url(re.compile(deliberation.id))  # not sent: the baseline comes first
        await page.get_by_role("radio").nth(number + 1).check()
        await page.get_by_label("What do you think").fill(f"This is what member {number} thinks.")
        await page.get_by_role("button", name="Send my opinion").click()
    await house.work()
    baselines = await house.store.baselines(deliberation.id)
    assert sorted(each.value for each in baselines) == [2, 3, 4]

    ann = pages[0]
    await expect(ann.get_by_role("heading", name="Statement 6 of 6")).to_be_visible()
    assert await ann.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert await ann.evaluate(POOR_CONTRAST) == []
    seen = [await page.locator("blockquote").all_inner_texts() for page in pages]
    assert sorted(seen[0]) == sorted(seen[1])
    assert len({texts[0] for texts in seen}) == 3
    assert sum(text.startswith("This is what member") for text in seen[0]) == 1
    page_source = await ann.content()
    assert not any(arm in page_source for arm in arms)

    scales = await ann.get_by_role("group").all()
    assert len(scales) == 12
    for scale in scales[:3]:
        await scale.get_by_role("radio", name=re.compile("5")).check()
    box = await scales[0].get_by_role("radio").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    await ann.get_by_role("button", name="Save my ratings").click()
    await expect(ann.get_by_role("status")).to_contain_text("1 of 6 statements")
    await expect(ann.get_by_role("radio", checked=True)).to_have_count(3)
    for scale in await ann.get_by_role("group").all():
        await scale.get_by_role("radio", name=re.compile("6")).check()
    await ann.get_by_role("button", name="Save my ratings").click()
    await expect(ann.get_by_role("status")).to_contain_text("all 6 statements")
