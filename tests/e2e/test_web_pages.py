"""The web channel in a real browser: headless Chromium against the real application and worker functions."""

import asyncio
import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from adapters.web.links import admin_link, results_link
from bot.domain.actors import Actor
from bot.domain.api_tokens import Scope
from bot.domain.commands import AddWebhook, CloseRating, HidePoint
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.events import EventKind
from bot.domain.library import BankQuestion, Template
from bot.domain.study import Study
from bot.domain.webhooks import Problem
from bot.service.api_tokens import Wish, make
from bot.service.dispatch import dispatch
from engine.errors import GenerationError
from engine.study.plan import ARMS
from tests.e2e.browser import PHONE, POOR_CONTRAST, SCHEMES, WIDE, WIDTHS, Open, violations
from tests.web_house import House

# One browser for all, in the loop in which it was started.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

NOW = datetime.now(UTC)
# A day to come on which clocks are on summer time.
SUMMER = next(
    day
    for year in (NOW.year, NOW.year + 1)
    for day in (datetime(year, 7, 1, tzinfo=UTC), datetime(year, 8, 1, tzinfo=UTC))
    if day > NOW + timedelta(days=2)
)

BLOCKQUOTE = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.DOTALL)


async def test_three_members_and_an_admin_hold_a_whole_deliberation(house: House, open_page: Open) -> None:
    house.mediator.gate = asyncio.Event()
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="America/New_York")
    await admin.get_by_role("link", name="Ask a question").click()
    await admin.get_by_label("What should the group agree on?").fill("Should we ban single-use plastics?")
    await admin.get_by_label(re.compile("Deadline")).fill(f"{SUMMER:%Y-%m-%d}T18:00")
    await admin.get_by_label("Close early after this many answers").fill("3")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_role("status")).to_contain_text("Your question is open.")
    (deliberation,) = await house.deliberations.of_team("web")
    # Summer time holds in New York on that day, whatever day it is today.
    assert deliberation.closes_at == SUMMER + timedelta(hours=22)
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
        await member.get_by_role("radio").first.focus()
        await member.keyboard.press(key)
        await expect(member.locator(f"input[value='{key}']")).to_be_checked()
        await expect(member.locator(f"input[value='{key}']")).to_be_focused()
        await member.keyboard.press("Enter")
        await expect(member.get_by_text("Rating saved.")).to_be_visible()
    await expect(members[0].get_by_text("3 of 3 rated")).to_be_visible()
    await admin.reload()
    await admin.get_by_role("button", name="Close the vote").click()
    await house.work()
    for member in members:
        await expect(member.get_by_role("heading", name="Result")).to_be_visible()
        await expect(member.get_by_text("2 of 3")).to_be_visible()
        assert (
            await member.get_by_role("img").count() == 2
        )  # nobody is counted by predictions in a group this small


async def test_a_digit_changes_only_the_answer_that_has_the_focus(house: House, open_page: Open) -> None:
    deliberation, _ = await house.until_rating(ask_quality=True)
    page = await open_page(await house.invite(deliberation))
    agreement, quality = await page.get_by_role("group").all()
    await page.keyboard.press("2")
    await expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    await agreement.get_by_role("radio").first.focus()
    await page.keyboard.press("7")
    await quality.get_by_role("radio").first.focus()
    await page.keyboard.press("3")
    await page.get_by_role("button", name="Save my rating").focus()
    await page.keyboard.press("2")
    await expect(agreement.get_by_role("radio", name="7")).to_be_checked()
    await expect(quality.get_by_role("radio", name="3")).to_be_checked()


async def test_after_a_mistake_in_a_form_the_focus_is_on_what_to_do(house: House, open_page: Open) -> None:
    admin = await open_page(admin_link(house.config, now=house.clock.now()), viewport=PHONE)
    await admin.goto(house.config.url("/ask"))
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_role("alert")).to_be_focused()
    await admin.get_by_role("link", name="What should the group agree on?").click()
    await expect(admin.get_by_label("What should the group agree on?")).to_be_focused()

    page = await open_page(await house.invite(await house.ask()), viewport=PHONE)
    await page.get_by_label("What do you think").fill("x" * 3_001)
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_role("alert")).to_be_in_viewport()
    await page.get_by_role("link", name="Go to the field").click()
    await expect(page.get_by_label("What do you think")).to_be_focused()
    await expect(page.get_by_label("What do you think")).to_have_value("x" * 3_001)


async def test_folded_tables_are_printed_and_nothing_else_that_is_folded(
    house: House, open_page: Open
) -> None:
    deliberation = await _settled(house)
    for scripts in (True, False):
        page = await open_page(
            results_link(house.config, "web", deliberation.id), java_script_enabled=scripts
        )
        await expect(page.get_by_role("table").first).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(page.get_by_role("table").first).to_be_visible()
    admin = await open_page(admin_link(house.config, now=house.clock.now()))
    await admin.goto(house.config.url(f"/d/{deliberation.id}/manage"))
    opened = "[...document.querySelectorAll('details[open]')].map((each) => each.innerText.split('\\n')[0])"
    await admin.emulate_media(media="print")
    await expect(admin.get_by_text("Draft 2")).to_be_hidden()
    # A browser that knows no style for what is folded opens it before it prints.
    await admin.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert await admin.evaluate(opened) == ["As a table"] * 2
    await admin.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert await admin.evaluate(opened) == []


async def test_a_rating_can_be_chosen_with_the_arrow_keys(house: House, open_page: Open) -> None:
    deliberation, _ = await house.until_rating()
    page = await open_page(await house.invite(deliberation))
    await page.locator("input[name='rating'][value='1']").focus()
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await expect(page.locator("input[value='4']")).to_be_checked()


async def test_what_somebody_is_writing_survives_the_close(house: House, open_page: Open) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    await page.get_by_label("What do you think").fill("I had not finished")
    await expect(page.get_by_text("0 answered", exact=True)).to_be_visible()
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine is short."})
    await expect(page.get_by_text("1 answered")).to_be_visible()
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/cancel", {"sure": "yes"})
    await expect(page.get_by_text("This question has moved on.")).to_be_visible()
    await expect(page.get_by_label("What do you think")).to_have_value("I had not finished")
    await page.get_by_role("button", name="Send my opinion").click()
    refusal = page.get_by_role("alert").filter(has_text="This was not sent")
    await expect(refusal).to_be_focused()
    await expect(refusal).to_be_in_viewport()
    await expect(page.get_by_label("What you wrote")).to_have_value("I had not finished")


async def test_a_deadline_that_moves_is_shown_on_pages_that_are_open(house: House, open_page: Open) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    await page.get_by_label("What do you think").fill("I had not finished")
    await expect(page.get_by_text("no deadline")).to_be_visible()
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    for until in (NOW + timedelta(days=4), NOW + timedelta(days=8)):
        fields = {"closes_at": f"{until:%Y-%m-%d}T10:00", "closes_at_offset": "0"}
        await admin.send(f"/d/{deliberation.id}/manage/extend", fields)
        await expect(page.locator("[data-until] time")).to_have_attribute(
            "datetime", f"{until:%Y-%m-%d}T10:00:00.000Z"
        )
    await expect(page.get_by_text(f"open until {until:%b} {until.day}, {until.year}")).to_be_visible()
    await expect(page.get_by_label("What do you think")).to_have_value("I had not finished")


async def test_everything_essential_works_without_javascript(house: House, open_page: Open) -> None:
    closes_at = house.clock.now() + timedelta(days=1)
    deliberation = await house.ask(quorum=2, closes_at=closes_at)
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "The other opinion."})
    page = await open_page(await house.invite(deliberation), java_script_enabled=False)
    await expect(page.locator("time").first).to_contain_text("UTC")
    await page.get_by_label("What do you think").fill("Mine.")
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_text("Opinion saved.")).to_be_visible()
    await house.work()
    await page.get_by_role("link", name="Reload this page").click()
    await page.get_by_role("radio", name="5 Somewhat agree").check()
    await page.get_by_role("button", name="Save my rating").click()
    await expect(page.get_by_text("Rating saved.")).to_be_visible()

    admin = await open_page(
        admin_link(house.config, now=house.clock.now()), java_script_enabled=False, timezone_id="Asia/Tokyo"
    )
    await admin.get_by_role("link", name="Ask a question").click()
    await admin.get_by_label("What should the group agree on?").fill("Again?")
    await admin.get_by_label("Deadline (UTC)").fill(f"{SUMMER:%Y-%m-%d}T18:00")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    newest = max(await house.deliberations.of_team("web"), key=lambda asked: asked.question == "Again?")
    assert newest.closes_at == SUMMER + timedelta(hours=18)


async def test_what_was_typed_before_an_error_keeps_its_local_time(house: House, open_page: Open) -> None:
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="Asia/Kolkata")
    await admin.goto(house.config.url("/ask"))
    await admin.get_by_label(re.compile("Deadline")).fill(f"{SUMMER:%Y-%m-%d}T18:00")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("The question is empty.")).to_be_visible()
    await expect(admin.get_by_label(re.compile("Deadline"))).to_have_value(f"{SUMMER:%Y-%m-%d}T18:00")
    await admin.get_by_label("What should the group agree on?").fill("Now?")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    (asked,) = await house.deliberations.of_team("web")
    assert asked.closes_at == SUMMER + timedelta(hours=12, minutes=30)


async def test_a_time_that_clocks_skip_is_refused_and_one_as_shown_is_taken(
    house: House, open_page: Open
) -> None:
    new_year = datetime(NOW.year + 1, 1, 1, 12, tzinfo=UTC)
    house.clock.advance(new_year - house.clock.now())
    forward, back = (_last_sunday(new_year.year, month) for month in (3, 10))
    # Of the two times that clocks in Berlin show 02:30 that night it is the later; browsers take the earlier.
    closes_at = back + timedelta(hours=1, minutes=30)
    deliberation = await house.ask(closes_at=closes_at)
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="Europe/Berlin")
    await admin.goto(house.config.url(f"/d/{deliberation.id}/manage"))
    await admin.get_by_text("Move the deadline").click()
    field = admin.get_by_label(re.compile("New deadline"))
    await expect(field).to_have_value(f"{back:%Y-%m-%d}T02:30")
    await admin.get_by_role("button", name="Move it").click()
    await expect(admin.get_by_text("Deadline changed.")).to_be_visible()
    assert (await house.deliberations.load(deliberation.id)).closes_at == closes_at

    await admin.get_by_text("Move the deadline").click()
    await field.fill(f"{forward:%Y-%m-%d}T02:30")
    await admin.get_by_role("button", name="Move it").click()
    await expect(admin.get_by_text("There is no 02:30 on")).to_be_visible()
    await expect(field).to_have_value(f"{forward:%Y-%m-%d}T02:30")
    await field.fill(f"{forward:%Y-%m-%d}T03:30")
    await admin.get_by_role("button", name="Move it").click()
    await expect(admin.get_by_text("Deadline changed.")).to_be_visible()
    moved = forward + timedelta(hours=1, minutes=30)
    assert (await house.deliberations.load(deliberation.id)).closes_at == moved


def _last_sunday(year: int, month: int) -> datetime:
    ends = datetime(year, month, 31, tzinfo=UTC)
    return ends - timedelta(days=ends.isoweekday() % 7)


async def test_the_usual_deadline_is_shown_in_local_time(house: House, open_page: Open) -> None:
    admin = await open_page(admin_link(house.config, now=house.clock.now()), timezone_id="Asia/Kolkata")
    await admin.get_by_role("link", name="Settings").click()
    await admin.get_by_label("Hours to collect opinions").fill("48")
    await admin.get_by_role("button", name="Save settings").click()
    await admin.goto(house.config.url("/ask"))
    closes_at = (house.clock.now() + timedelta(days=2)).replace(second=0)
    there = closes_at + timedelta(hours=5, minutes=30)
    await expect(admin.get_by_label(re.compile("Deadline"))).to_have_value(f"{there:%Y-%m-%dT%H:%M}")
    await admin.get_by_label("What should the group agree on?").fill("Now?")
    await admin.get_by_role("button", name="Post the question").click()
    await expect(admin.get_by_text("Your question is open.")).to_be_visible()
    (asked,) = await house.deliberations.of_team("web")
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
    house.mediator.camps = (5, 4, 3)
    settled = await _settled(house, 12)
    house.mediator.camps = ()
    house.mediator.failure = GenerationError("The drafting model gave no answer.")
    failed, _ = await house.until_rating(4)
    assert failed.phase is Phase.MEDIATING
    assert failed.failure
    drafting = await house.ask("Drafting?", quorum=2)
    for _ in range(2):
        member = await house.visitor(drafting)
        await member.send(f"/d/{drafting.id}/opinion", {"opinion": "x"})
    points = await _with_points(house)
    asked = (opened, named, scheduled, rating, three, failed, drafting, points)
    admin = [path for d in asked for path in (f"/d/{d.id}", f"/d/{d.id}/manage", f"/d/{d.id}/present")]
    admin += [
        f"/d/{opened.id}/manage/question",
        f"/d/{scheduled.id}/manage/question",
        f"/ask?like={settled.id}",
    ]
    await house.ports.library.put_template("web", Template(name="Retro" * 15, question="Change?" * 20))
    await house.ports.library.add_to_bank("web", [BankQuestion.of("Bank?" * 50, "x" * 200, now)])
    hook = AddWebhook(
        Actor("web", "ada", admin=True), "https://example.org/" + "x" * 200, frozenset(EventKind), "a key"
    )
    await dispatch(hook, house.ports)
    await house.ask("Heard?")
    (heard,) = await house.ports.webhooks.waiting("web")
    await house.ports.webhooks.replace(heard, heard.dead(Problem.TIMED_OUT, now))
    admin += ["/admin/webhooks", f"/d/{points.id}/points", f"/d/{points.id}/points/manage"]
    admin += [f"/d/{points.id}/points", f"/d/{points.id}/points/manage", "/admin/software", "/api"]
    wish = Wish("web", "web", "Donaudampfschifffahrtssoftware", frozenset(Scope), 30)
    await make(Actor("web", "boss", admin=True), wish, house.access.tokens, now)
    return [
        (house.config.url("/"), ["/", "/how", "/nothing", urlsplit(admin_link(house.config, now=now)).path]),
        (results_link(house.config, "web", settled.id), [_results(house, settled), _results(house, three)]),
        (
            await house.personal_link(named, "Wolfeschlegelsteinhausenbergerdorff"),
            ["/", "/me", f"/d/{named.id}"],
        ),
        (
            admin_link(house.config, now=now),
            ["/admin", "/ask", "/admin/settings", "/me", *admin],
        ),
    ]


async def _settled(house: House, members: int = 3) -> Deliberation:
    deliberation, people = await house.until_rating(members)
    for person, value in zip(people[:3], "267", strict=True):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": value})
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    return deliberation


async def _with_points(house: House) -> Deliberation:
    """A question whose points are shown, one of them hidden, and voted on by one member."""
    deliberation = await house.ask("Points?", points=True)
    for number, text in enumerate(
        ("Ban plastic bags", "Teach recycling", "Tax the companies that make waste")
    ):
        member = await house.visitor(deliberation)
        opinion = f"{text} in every town and village, number {number}, since nobody else will do it for us."
        await member.send(f"/d/{deliberation.id}/opinion", {"opinion": opinion})
    await house.work()
    (first, *_) = await house.points.all(deliberation.id)
    await dispatch(HidePoint(Actor("web", "asker"), deliberation.id, first.id), house.ports)
    return deliberation


async def test_a_point_is_voted_on_by_key_by_button_and_without_javascript(
    house: House, open_page: Open
) -> None:
    deliberation = await _with_points(house)
    invite = await house.invite(deliberation)
    for options, keys in (
        ({}, ("a", "ArrowLeft")),
        ({"java_script_enabled": False, "viewport": PHONE}, None),
    ):
        page = await open_page(invite, **options)
        await page.get_by_role("link", name="Vote on points from these opinions").click()
        await expect(page.get_by_text("2 points left")).to_be_visible()
        if keys is None:
            await page.get_by_role("button", name="Agree", exact=True).click()
        else:
            await page.keyboard.press(keys[0])  # a key is for the point that has the focus
            await expect(page.get_by_text("2 points left")).to_be_visible()
            await page.get_by_role("button", name="Pass").focus()
            await page.keyboard.press(keys[0])
        await expect(page.get_by_text("You agreed.").first).to_be_visible()
        await expect(page.get_by_text("1 point left")).to_be_visible()
        if keys is None:
            await page.get_by_role("button", name="Disagree", exact=True).first.click()
        else:
            await expect(page.locator("[data-sides]")).to_be_focused()
            await page.keyboard.press(keys[1])
        await expect(page.get_by_text("You have voted on every point there is.")).to_be_visible()
    votes = (await house.points.votes(deliberation.id)).values()
    assert [sorted(said.values()) for said in votes] == [["agree", "disagree"]] * 2


def _results(house: House, deliberation: Deliberation) -> str:
    return urlsplit(results_link(house.config, "web", deliberation.id)).path


async def test_every_page_can_be_used_read_and_held_in_a_hand(house: House, open_page: Open) -> None:
    """One load for all that holds of every page, as loading is what a browser takes longest for."""
    looked_at = 0
    for link, paths in await _all_pages(house):
        page = await open_page(link, viewport=WIDE, reduced_motion="reduce")
        for path in paths:
            await page.goto(house.config.url(path), wait_until="load")
            await _every_field_has_a_name_and_the_focus_is_seen(page)
            await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (
                    scheme == "dark"
                )
                assert await page.evaluate(POOR_CONTRAST) == [], (path, scheme)
            assert await violations(page) == [], path
            await page.set_viewport_size(PHONE)
            assert await page.evaluate(WIDTHS) == [PHONE["width"]] * 2, path
            await page.set_viewport_size(WIDE)
            looked_at += 1
    assert looked_at > 20


async def test_what_somebody_writes_is_kept_in_their_browser_until_it_is_sent(
    house: House, open_page: Open
) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    box = page.get_by_label("What do you think")
    await box.fill("Half an opinion")
    await page.reload()
    await expect(box).to_have_value("Half an opinion")
    await expect(page.get_by_text("It isn't sent yet.")).to_be_visible()
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_text("Opinion saved.")).to_be_visible()
    assert await page.evaluate("localStorage.length") == 0
    last = await house.ask(quorum=2)
    await (await house.visitor(last)).send(f"/d/{last.id}/opinion", {"opinion": "The first one"})
    await page.goto(await house.invite(last))
    await box.fill("The one that closes the question")
    await page.get_by_role("button", name="Send my opinion").click()
    await expect(page.get_by_role("heading", name="A statement is being drafted")).to_be_visible()
    assert await page.evaluate("localStorage.length") == 0


async def test_nobody_finds_what_somebody_else_was_writing_in_the_same_browser(
    house: House, open_page: Open
) -> None:
    deliberation = await house.ask()
    page = await open_page(await house.invite(deliberation))
    box = page.get_by_label("What do you think")
    await box.fill("Mine alone")
    await page.context.clear_cookies()
    await page.goto(await house.invite(deliberation))
    await expect(box).to_have_value("")
    await box.fill("And this is a second person's")
    await page.goto(house.config.url("/me"))
    await page.get_by_role("button", name="Sign out of this browser").click()
    await expect(page.get_by_role("main")).not_to_contain_text("Your data")
    assert await page.evaluate("localStorage.length") == 0


async def test_a_question_is_changed_and_asked_again_with_the_keyboard_alone(
    house: House, open_page: Open
) -> None:
    deliberation = await house.ask()
    page = await open_page(admin_link(house.config, now=house.clock.now()))
    watching = await open_page(await house.invite(deliberation))
    await page.goto(house.config.url(f"/d/{deliberation.id}/manage"))
    await page.get_by_role("link", name="Change the question").focus()
    await page.keyboard.press("Enter")
    question = page.get_by_label("What should the group agree on?")
    await question.focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Ban plastic bags?")
    await page.get_by_role("button", name="Save").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Question changed.")).to_be_visible()
    # Whoever has the page open reads the new words without doing anything.
    await expect(watching.get_by_role("heading", name="Ban plastic bags?")).to_be_visible()
    await page.get_by_role("link", name="Ask again").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("What should the group agree on?")).to_have_value("Ban plastic bags?")
    await page.get_by_role("button", name="Post the question").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your question is open.")).to_be_visible()
    assert len(await house.deliberations.of_team("web")) == 2


async def _every_field_has_a_name_and_the_focus_is_seen(page: Page) -> None:
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("input:not([type=hidden]), textarea, select")]
            .filter((f) => !f.labels.length && !f.getAttribute("aria-label")).map((f) => f.name)"""
    )
    assert nameless == [], page.url
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Tab")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", page.url


async def test_a_study_on_a_phone_is_rated_blind_below_ones_own_opinion(
    house: House, open_page: Open
) -> None:
    arms = ARMS
    study = Study(id="s", group="g", arms=arms, seed=1)
    position = "We should ban single-use plastics."
    deliberation = await house.ask(study=study, ask_quality=True, position_statement=position, quorum=3)
    others = [await house.visitor(deliberation) for _ in range(2)]
    ann = await open_page(await house.invite(deliberation), viewport=PHONE)
    await expect(ann.get_by_text("part of a study")).to_be_visible()
    await ann.get_by_role("button", name="Send my opinion").click()
    await expect(ann).to_have_url(re.compile(deliberation.id))  # not sent: the baseline comes first
    await ann.get_by_role("radio").nth(1).check()
    await ann.get_by_label("What do you think").fill("This is what member 0 thinks.")
    await ann.get_by_role("button", name="Send my opinion").click()
    for number, person in enumerate(others, 1):
        said = {"opinion": f"This is what member {number} thinks.", "baseline": f"{number + 2}"}
        await person.send(f"/d/{deliberation.id}/opinion", said)
    await house.work()
    baselines = await house.contributions.baselines(deliberation.id)
    assert sorted(each.value for each in baselines) == [2, 3, 4]

    await expect(ann.get_by_role("heading", name="Statement 6 of 6")).to_be_visible()
    assert await ann.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert await ann.evaluate(POOR_CONTRAST) == []
    seen = [await ann.locator("blockquote").all_inner_texts()]
    for person in others:
        await person.open(f"/d/{deliberation.id}")
        seen.append([" ".join(text.split()) for text in BLOCKQUOTE.findall(html.unescape(person.page))])
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
