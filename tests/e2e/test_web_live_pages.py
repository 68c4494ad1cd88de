"""Pages that change by themselves, in a real browser: what they keep, and what they do without a stream."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, Route, expect

from adapters.web import admin_pages, page_context
from adapters.web.links import admin_link
from bot.domain.actors import Actor
from bot.domain.commands import Cancel, CloseRating, Command, Revise
from bot.domain.deliberation import Deliberation
from bot.service.dispatch import dispatch
from bot.service.ports.live import Drafting
from bot.service.reply import Reply
from bot.wording import round_lines
from bot.wording.texts import progress_in_groups
from tests.e2e.browser import PHONE, Open
from tests.web_house import House

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

ASKER = Actor("web", "asker")
A_WHILE_MS = 20_000


async def _give(house: House, deliberation: Deliberation, opinion: str) -> None:
    """Somebody else answers."""
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": opinion, "name": "Bo"})
    assert other.status == 200


async def _do(house: House, command: Command) -> None:
    reply = await dispatch(command, house.ports)
    assert reply.ok, reply.text


async def _admin(house: House, open_page: Open, path: str, **context: Any) -> Page:
    page = await open_page(admin_link(house.config, now=house.clock.now()), **context)
    await page.goto(house.config.url(path))
    return page


async def test_a_confirmation_stays_until_it_can_have_been_read(house: House, open_page: Open) -> None:
    deliberation = await house.ask(quorum=2, results_shown="after-close")
    page = await open_page(await house.invite(deliberation))
    await page.clock.install()
    await page.reload()
    await page.get_by_label("What do you think").fill("Mine.")
    await page.get_by_role("button", name="Send my opinion").click()
    kept = page.get_by_text("Opinion saved.")
    await expect(kept).to_be_visible()
    await _give(house, deliberation, "Theirs.")
    await expect(page.get_by_text("A statement is being drafted")).to_be_visible()
    await expect(kept).to_be_visible()
    told = Drafting(stage="groups", done=1, total=3)
    await house.live.publish(deliberation.id, told)
    await expect(page.get_by_text(progress_in_groups(told.done, told.total))).to_be_visible()
    await house.work()
    await expect(page.get_by_role("heading", name="What this group may agree on")).to_be_visible()
    await expect(kept).to_be_visible()
    await page.clock.fast_forward(A_WHILE_MS)
    await _do(house, CloseRating(ASKER, deliberation.id))
    await expect(page.get_by_role("heading", name="Result")).to_be_visible()
    await expect(kept).to_have_count(0)


async def test_the_answer_to_a_button_is_not_lost_to_the_change_that_it_makes(
    house: House, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliberation = await house.ask(minimum_opinions=2)
    for number in range(2):
        await _give(house, deliberation, f"Opinion {number}.")
    member = await open_page(await house.invite(deliberation))
    admin = await _admin(house, open_page, f"/d/{deliberation.id}/manage")
    told = asyncio.Event()

    async def answer_late(request: web.Request, command: Command) -> Reply:
        reply = await page_context.run(request, command)
        await told.wait()
        return reply

    monkeypatch.setattr(admin_pages, "run", answer_late)
    await admin.get_by_role("button", name="Close now and draft").click(no_wait_after=True)
    # By now every page has been told.
    await expect(member.get_by_text("A statement is being drafted")).to_be_visible()
    told.set()
    await expect(admin.get_by_role("status").filter(has_text="The question is closed")).to_be_visible()


async def test_a_page_without_a_stream_says_so_asks_now_and_then_and_goes_back(
    house: House, open_page: Open
) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation), viewport=PHONE)
    late = page.get_by_text("This page can't update live right now.")
    await page.clock.install()
    await page.route("**/events", lambda route: route.fulfill(status=503))
    await page.reload()
    await expect(late).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await _give(house, deliberation, "One.")
    await page.clock.fast_forward(A_WHILE_MS)
    await expect(page.get_by_text("1 answered")).to_be_visible()

    await page.unroute("**/events")
    await page.clock.fast_forward(10 * A_WHILE_MS)
    await expect(late).to_be_hidden()
    await _give(house, deliberation, "Two.")
    await expect(page.get_by_text("2 answered")).to_be_visible()


@pytest.mark.parametrize("trouble", ["cut", "silent"])
async def test_a_page_whose_stream_is_cut_or_held_back_asks_now_and_then_and_goes_back(
    house: House, open_page: Open, trouble: str
) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    late = page.get_by_text("This page can't update live right now.")
    await page.clock.install()

    async def trouble_it(route: Route) -> None:
        # A proxy that cuts every connection, or one that waits for the whole of an answer that has no end.
        if trouble == "cut":
            await route.abort("connectionreset")

    await page.route("**/events", trouble_it)
    await page.reload()
    await page.clock.fast_forward(A_WHILE_MS)
    await expect(late).to_be_visible()
    await _give(house, deliberation, "One.")
    for _ in range(2):  # until the page tries the stream again, and until it has waited enough for it
        await page.clock.fast_forward(A_WHILE_MS)
    await expect(page.get_by_text("1 answered")).to_be_visible()

    await page.unroute("**/events")
    await page.clock.fast_forward(10 * A_WHILE_MS)
    await expect(late).to_be_hidden()
    await _give(house, deliberation, "Two.")
    await expect(page.get_by_text("2 answered")).to_be_visible()


async def test_a_page_without_a_stream_still_moves_on(house: House, open_page: Open) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    await page.clock.install()
    await page.route("**/events", lambda route: route.fulfill(status=429))
    await page.reload()
    await expect(page.get_by_text("can't update live")).to_be_visible()
    await _do(house, Cancel(ASKER, deliberation.id))
    await page.clock.fast_forward(A_WHILE_MS)
    await expect(page.get_by_text("Ended without a statement")).to_be_visible()


async def test_a_page_that_missed_the_drafting_between_two_votes_moves_on(
    house: House, open_page: Open
) -> None:
    deliberation, raters = await house.until_rating()
    page = await open_page(await house.invite(deliberation))
    await page.clock.install()
    await page.route("**/events", lambda route: route.fulfill(status=429))
    await page.reload()
    await expect(page.get_by_text("can't update live")).to_be_visible()
    for rater in raters:
        await rater.open(f"/d/{deliberation.id}")
        await rater.send(f"/d/{deliberation.id}/reason", {"reason": "Too dear.", "name": "Bo"})
    await _do(house, Revise(ASKER, deliberation.id, round=1))
    await house.work()
    await page.clock.fast_forward(A_WHILE_MS)
    await expect(page.get_by_text(str(round_lines.PREFER))).to_be_visible()


async def test_a_choice_that_was_not_sent_does_not_vanish_as_if_it_were(
    house: House, open_page: Open
) -> None:
    deliberation, _ = await house.until_rating()
    page = await open_page(await house.invite(deliberation))
    await page.get_by_role("radio", name="6 Agree").check()
    await _do(house, CloseRating(ASKER, deliberation.id))
    stale = page.get_by_text("This question has moved on.")
    await expect(stale).to_be_in_viewport()
    await page.get_by_role("link", name="reload this page").click()
    await expect(page.get_by_text("Nobody rated the statement.")).to_be_visible()


async def test_links_that_are_shown_once_stay_when_the_question_moves_on(
    house: House, open_page: Open
) -> None:
    deliberation = await house.ask(anonymous=False)
    admin = await _admin(house, open_page, f"/d/{deliberation.id}/manage")
    await admin.get_by_text("Personal links").first.click()
    await admin.get_by_label("Names, one on each line").fill("Ann")
    await admin.get_by_role("button", name="Make links").click()
    link = await admin.get_by_label("Link for Ann").input_value()
    await _do(house, Cancel(ASKER, deliberation.id))
    await expect(admin.get_by_text("This question has moved on.")).to_be_visible()
    await expect(admin.get_by_label("Link for Ann")).to_have_value(link)
    await admin.get_by_role("link", name="reload this page").click()
    await expect(admin).to_have_url(house.config.url(f"/d/{deliberation.id}/manage"))


async def test_whoever_runs_a_question_watches_the_turnout_and_gets_the_result_with_its_link(
    house: House, open_page: Open
) -> None:
    deliberation, people = await house.until_rating(3)
    admin = await _admin(house, open_page, f"/d/{deliberation.id}/manage", viewport=PHONE)
    await expect(admin.get_by_text("0 of 3 rated")).to_be_visible()
    for number, person in enumerate(people, start=1):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": "6"})
        await expect(admin.get_by_text(f"{number} of 3 rated")).to_be_visible()
    await _do(house, CloseRating(ASKER, deliberation.id))
    await expect(admin.get_by_role("heading", name="Result")).to_be_visible()
    shared = await admin.get_by_label("Link to the result").input_value()
    stranger = await open_page(shared)
    await expect(stranger.get_by_text("3 of 3 agree")).to_be_visible()
