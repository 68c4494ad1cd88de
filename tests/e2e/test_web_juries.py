"""Juries in a real browser: from the team's settings to the statement, and other seats on a slider."""

import pytest
from playwright.async_api import Page, expect

from adapters.web.links import admin_link
from bot.domain.actors import Actor
from bot.domain.commands import CloseOpinions, CloseRating
from bot.service.dispatch import dispatch
from bot.wording import jury_lines
from tests.divided_teams import FOR_BOTH, FOR_SUPPORT, mediator
from tests.e2e.browser import PHONE, WIDTHS, Open, violations
from tests.web_house import House

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


async def test_a_jury_is_set_up_asked_with_answered_for_and_tried_with_other_seats(
    house: House, open_page: Open
) -> None:
    house.mediator = mediator()  # type: ignore[assignment]  # the real one
    admin = await open_page(admin_link(house.config, now=house.clock.now()))
    await _set_up(admin, house)
    id_ = await _ask(admin, house)
    deliberation = await house.deliberations.load(id_)
    for number, team in enumerate(["support"] * 3 + ["sales"] * 4):
        member = await open_page(await house.invite(deliberation), viewport=PHONE)
        if not number:
            assert not await violations(member)
            assert len(set(await member.evaluate(WIDTHS))) == 1
        await member.get_by_label("Team").select_option(team)
        await member.get_by_label("What do you think").fill(f"We of {team} say so.")
        await member.get_by_role("button", name="Send my opinion").click()
        await expect(member.get_by_text("Opinion saved.")).to_be_visible()
        await member.context.close()
    await dispatch(CloseOpinions(Actor("web", "asker", admin=True), id_), house.ports)
    await house.work()
    await dispatch(CloseRating(Actor("web", "asker", admin=True), id_), house.ports)
    await house.work()

    await admin.goto(house.config.url(f"/d/{id_}"))
    await expect(
        admin.get_by_text("Chosen by a jury. Team: support and sales count equally.")
    ).to_be_visible()
    await expect(admin.get_by_text(FOR_BOTH).first).to_be_visible()
    await admin.goto(house.config.url(f"/d/{id_}/manage"))
    await admin.get_by_role("link", name=str(jury_lines.TRY_SEATS)).click()
    await expect(admin.get_by_role("heading", name=str(jury_lines.SAME_WINNER))).to_be_visible()
    # The keys that move a slider do what a pointer does.
    await admin.get_by_label("sales").press("Home")
    await expect(admin.get_by_role("heading", name=str(jury_lines.OTHER_WINNER))).to_be_visible()
    await expect(admin.get_by_text(FOR_SUPPORT)).to_be_visible()
    assert "seats-1=0" in admin.url
    assert not await violations(admin)


async def _set_up(admin: Page, house: House) -> None:
    await admin.goto(house.config.url("/admin/settings"))
    await admin.get_by_label("Questions about members").fill("Team: support, sales")
    await admin.get_by_label("Juries").fill("All alike = Team: support 3, sales 3")
    await admin.get_by_role("button", name="Save settings").click()
    await expect(admin.get_by_role("status").first).to_be_visible()


async def _ask(admin: Page, house: House) -> str:
    await admin.goto(house.config.url("/ask"))
    await admin.get_by_label("What should the group agree on?").fill("Who answers the phone?")
    await admin.get_by_text("Anyone with the link").click()
    await admin.get_by_text("All alike").click()
    await admin.get_by_role("button", name="Post the question").click()
    await admin.wait_for_url("**/manage")
    return admin.url.split("/")[-2]
