"""Who may see a question now: sessions that end, links that are ended, names that are somebody's."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from adapters.web import live
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from adapters.web.links import admin_link, invite_link, personal_link, serializer
from adapters.web.proxies import Proxies
from adapters.web.sessions import Session, cookie_name
from bot.domain.deliberation import Deliberation
from bot.wording import page_lines
from tests.adapters.web.test_web_live import _events
from tests.web_house import QUESTION, House, Person, make_house

ASKED = {"question": QUESTION, "minimum_opinions": "2", "key": "k"}
LINK_ENDED = "The person who runs this question has ended it or made a new one."
NO_LONGER = "The link you used no longer opens this question."


@pytest.fixture
async def elsewhere(house: House) -> AsyncIterator[House]:
    """The same channel, from another gateway."""
    other = await house.another_gateway()
    yield other
    await other.close()


def _copy(person: Person, house: House) -> Person:
    """Another browser with the same cookies."""
    copy = house.somebody()
    copy.client.session.cookie_jar.update_cookies(person.cookies, copy.client.make_url("/"))
    return copy


async def _steer(person: Person, deliberation: Deliberation, path: str, **fields: str) -> str:
    """Send one of the forms about links on the manage page."""
    await person.open(f"/d/{deliberation.id}/manage")
    return await person.send(f"/d/{deliberation.id}/manage/{path}", fields)


async def _personal(person: Person, deliberation: Deliberation, *names: str, **fields: str) -> dict[str, str]:
    """Make personal links on the manage page: name to link."""
    page = await _steer(person, deliberation, "links", names="\n".join(names), **fields)
    found = re.findall(r'readonly value="([^"]+)" aria-label="Link for ([^"]+)"', page)
    return {name: link for link, name in found}


def _path(link: str) -> str:
    """Where the page behind a link sends its form."""
    return "/" + link.split("/", 3)[3]


async def _end(person: Person, deliberation: Deliberation, *names: str) -> str:
    """End the personal links of these names."""
    await person.open(f"/d/{deliberation.id}/manage")
    ids = dict(re.findall(r'name="link" value="([^"]+)"> <span>(\S[^<]*?) <span', person.page))
    form = [("csrf", person.csrf), *(("link", id_) for id_, name in ids.items() if name in names)]
    return await person._seen(await person.client.post(f"/d/{deliberation.id}/manage/links/end", data=form))


# -- sessions ------------------------------------------------------------------------------------


async def test_a_cookie_saved_before_signing_out_opens_nothing_on_any_gateway(
    house: House, elsewhere: House, admin: Person
) -> None:
    thieves = [_copy(admin, house), _copy(admin, elsewhere)]
    for thief in thieves:
        await thief.open("/admin")
        assert thief.status == 200
    await admin.open("/me")
    await admin.send("/sign-out")
    for thief in thieves:
        for path in ("/admin", "/me", "/ask"):
            await thief.open(path)
            assert thief.status == 403


async def test_a_cookie_saved_before_signing_out_changes_nothing(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.open("/me")
    thief = _copy(visitor, house)
    await thief.open(f"/d/{deliberation.id}")
    await visitor.send("/sign-out")
    await thief.send(f"/d/{deliberation.id}/opinion", {"opinion": "As somebody else."})
    assert thief.status == 403
    assert await house.contributions.opinion_count(deliberation.id) == 0


async def test_a_cookie_from_before_one_was_an_admin_is_no_admins_and_ends_with_it(house: House) -> None:
    visitor = await house.visitor(await house.ask())
    before = _copy(visitor, house)
    await visitor.sign_in(admin_link(house.config, now=house.clock.now()))
    assert visitor.path == "/admin"
    await before.open("/me")
    assert before.status == 403


async def test_leaving_somebody_behind_ends_their_session(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    before = _copy(visitor, house)
    link = await house.personal_link(deliberation, "Bo")
    await visitor.open(link)
    await visitor.send(link.removeprefix(house.config.base_url))
    assert "Bo" in await visitor.open("/me")
    await before.open(f"/d/{deliberation.id}")
    assert before.status == 403


async def test_signing_out_everywhere_ends_a_persons_every_browser_and_the_link_still_opens(
    house: House,
) -> None:
    deliberation = await house.ask(anonymous=False)
    link = await house.personal_link(deliberation, "Ann")
    phone, laptop = house.somebody(), house.somebody()
    for browser in (phone, laptop):
        await browser.open(link)
        await browser.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
        house.clock.advance(timedelta(seconds=1))
    lost = _copy(phone, house)
    await laptop.open("/me")
    await laptop.send("/sign-out/everywhere")
    assert page_lines.SIGNED_OUT_EVERYWHERE in laptop.page
    for browser in (phone, lost, laptop):
        await browser.open(f"/d/{deliberation.id}")
        assert browser.status == 403
        assert "Zebras" not in browser.page
    await lost.open("/me")
    await lost.send("/me/forget", {"sure": "yes"})
    assert await house.contributions.opinion_count(deliberation.id) == 1
    house.clock.advance(timedelta(seconds=1))
    assert "Zebras" in await laptop.open(link)


async def test_forgetting_ends_the_session_too(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    copy = _copy(visitor, house)
    assert "Yes, delete all my opinions, ratings and reasons" in await visitor.open("/me")
    await visitor.send("/me/forget", {"sure": "yes"})
    await copy.open(f"/d/{deliberation.id}")
    assert copy.status == 403


# -- admins --------------------------------------------------------------------------------------


async def test_an_admin_link_works_once_whoever_opens_it_again(house: House, elsewhere: House) -> None:
    link = admin_link(house.config, now=house.clock.now())
    first = house.somebody()
    await first.sign_in(link)
    assert first.path == "/admin"
    for late in (house.somebody(), elsewhere.somebody(), await house.visitor(await house.ask())):
        await late.sign_in(link)
        assert late.status == 410
        assert "An admin link works once" in late.page
        await late.open("/admin")
        assert late.status == 403
    # Whoever it signed in may open it again from their history.
    await first.open(link)
    assert first.path == "/admin"
    assert first.status == 200


async def test_of_two_browsers_that_open_an_admin_link_at_once_one_comes_in(
    house: House, elsewhere: House
) -> None:
    link = admin_link(house.config, now=house.clock.now())
    people = [each.somebody() for each in (house, elsewhere) for _ in range(5)]
    await asyncio.gather(*(person.sign_in(link) for person in people))
    assert sorted(person.status for person in people) == [200] + [410] * 9


async def test_signing_all_admins_out_ends_their_sessions_and_unused_links(
    house: House, elsewhere: House, admin: Person
) -> None:
    other = await elsewhere.admin()
    unused = admin_link(house.config, now=house.clock.now())
    house.clock.advance(timedelta(seconds=1))
    await admin.open("/me")
    await admin.send("/admin/sign-out")
    assert page_lines.ADMINS_SIGNED_OUT in admin.page
    for person in (admin, other):
        await person.open("/admin")
        assert person.status == 403
    stranger = house.somebody()
    await stranger.sign_in(unused)
    assert stranger.status == 410
    house.clock.advance(timedelta(seconds=1))
    await (await house.admin()).open("/admin")


async def test_only_admins_sign_all_admins_out(house: House, admin: Person) -> None:
    visitor = await house.visitor(await house.ask())
    await visitor.send("/admin/sign-out")
    assert visitor.status == 403
    await admin.open("/admin")
    assert admin.status == 200


# -- the link for everyone -----------------------------------------------------------------------


@pytest.mark.parametrize(("entry", "there"), [("anyone", True), ("invited", False), ("", False)])
async def test_whoever_asks_chooses_whether_there_is_a_link_for_everyone(
    house: House, admin: Person, entry: str, there: bool
) -> None:
    page = await admin.open("/ask")
    assert re.search(r'value="anyone" checked', page)
    await admin.send("/ask", ASKED | {"entry": entry})
    assert admin.path.endswith("/manage")
    assert ('id="invite"' in admin.page) is there
    assert ("Only people with a personal link take part." in admin.page) is not there


async def test_a_question_sent_again_opens_nothing_that_was_switched_off(house: House, admin: Person) -> None:
    await admin.open("/ask")
    await admin.send("/ask", ASKED | {"entry": "anyone"})
    (deliberation,) = await house.deliberations.of_team("web")
    await _steer(admin, deliberation, "open-link/close")
    await admin.open("/ask")
    await admin.send("/ask", ASKED | {"entry": "anyone"})
    assert 'id="invite"' not in await admin.open(f"/d/{deliberation.id}/manage")


async def test_a_switched_off_link_says_so_and_shuts_out_whoever_came_by_it(
    house: House, elsewhere: House, admin: Person
) -> None:
    deliberation = await house.ask()
    link = await house.invite(deliberation)
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
    page = await _steer(admin, deliberation, "open-link/close")
    assert "The link for everyone no longer works." in page
    for late in (house.somebody(), elsewhere.somebody()):
        await late.open(link)
        assert late.status == 410
        assert LINK_ENDED in late.page
        assert "Set-Cookie" not in late.headers
    await visitor.open(f"/d/{deliberation.id}")
    assert visitor.status == 403
    assert NO_LONGER in visitor.page
    assert "Zebras" not in visitor.page
    assert QUESTION not in await visitor.open("/")
    assert await house.contributions.opinion_count(deliberation.id) == 1


async def test_whoever_is_in_nowhere_any_more_asks_nothing(house: House, admin: Person) -> None:
    first, second = await house.ask("First?"), await house.ask("Second?")
    visitor = await house.visitor(first)
    await visitor.open(await house.invite(second))
    await _steer(admin, first, "open-link/close")
    await visitor.open("/ask")
    assert visitor.status == 200
    form = {**ASKED, "csrf": visitor.csrf}
    await _steer(admin, second, "open-link/close")
    await visitor.open("/ask")
    assert visitor.status == 403
    assert "you need a working link" in visitor.page
    response = await visitor.client.post("/ask", data=form)
    assert response.status == 403
    assert len(await house.deliberations.of_team("web")) == 2


async def test_by_a_new_link_whoever_took_part_is_the_same_participant(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    old = await house.invite(deliberation)
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
    page = await _steer(admin, deliberation, "open-link/renew")
    assert "The old one no longer works." in page
    stranger = house.somebody()
    await stranger.open(old)
    assert stranger.status == 410
    assert "Zebras" in await visitor.open(await house.invite(deliberation))


async def test_nobody_new_comes_in_and_those_who_are_in_stay(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await _steer(admin, deliberation, "open-link/pause")
    late = await house.visitor(deliberation)
    assert late.status == 403
    assert "Nobody new can join with this link." in late.page
    await visitor.open(await house.invite(deliberation))
    assert visitor.path == f"/d/{deliberation.id}"
    await _steer(admin, deliberation, "open-link/resume")
    await late.open(await house.invite(deliberation))
    assert late.path == f"/d/{deliberation.id}"


async def test_where_personal_links_are_made_the_link_for_everyone_lets_nobody_new_in_by_default(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask()
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert re.search(r'name="only" value="yes" checked', page)
    await _personal(admin, deliberation, "Ann", only="yes")
    assert (await house.visitor(deliberation)).status == 403


@pytest.mark.parametrize("step", ["open", "renew", "close", "pause", "resume", "newcomers"])
async def test_only_those_who_run_a_question_change_its_links(house: House, step: str) -> None:
    deliberation = await house.ask()
    before = await house.invite(deliberation)
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/manage/open-link/{step}", {"per_minute": "500"})
    assert visitor.status == 403
    assert await house.invite(deliberation) == before


# -- links and places from before links carried ids ----------------------------------------------


async def _old_links(house: House, deliberation: Deliberation) -> tuple[str, str]:
    """A link for everyone and one for Ann as versions before made them."""
    now = house.clock.now()
    return (
        invite_link(house.config, deliberation.id, "", now=now),
        personal_link(house.config, deliberation.id, "Ann", "", now=now),
    )


def _old_browser(house: House, deliberation: Deliberation, **place: str) -> Person:
    """Somebody whose cookie is from a version before."""
    session = Session.begin(house.config, house.clock.now())
    content = {
        "team": session.team,
        "user": session.user,
        "key": session.key,
        "expires_at": session.expires_at,
        "name": "",
        "places": [{"deliberation": deliberation.id, "user": "", "name": "", **place}],
        "admin_until": session.expires_at,
    }
    person = house.somebody()
    cookie = {cookie_name(house.config): str(serializer(house.config, "session").dumps(content))}
    person.client.session.cookie_jar.update_cookies(cookie, person.client.make_url("/"))
    return person


async def test_an_update_locks_nobody_out_of_a_running_question(house: House) -> None:
    deliberation = await house.ask(linked=False)
    path = f"/d/{deliberation.id}"
    # Some versions kept more of a place.
    more = {"opinion": "0123456789ab", "baseline": "", "rating": "", "quality": ""}
    people = [
        _old_browser(house, deliberation),
        _old_browser(house, deliberation, user="person-a", name="A"),
        _old_browser(house, deliberation, user="person-b", name="B", **more),
    ]
    for link in await _old_links(house, deliberation):
        people.append(house.somebody())
        await people[-1].open(link)
    for number, person in enumerate(people):
        await person.open(path)
        assert person.status == 200
        for text in (f"Zebras {number}.", f"Lions {number}."):
            assert text in await person.send(f"{path}/opinion", {"opinion": text})
            house.clock.advance(timedelta(seconds=1))
    assert await house.contributions.opinion_count(deliberation.id) == len(people)
    # What an admin may do ends with the update.
    await people[0].open("/admin")
    assert people[0].status == 403


@pytest.mark.parametrize("step", ["open", "close", "links"])
async def test_old_links_end_with_whatever_is_decided_about_a_questions_links(
    house: House, admin: Person, step: str
) -> None:
    deliberation = await house.ask(linked=False)
    links = await _old_links(house, deliberation)
    people = [_old_browser(house, deliberation), house.somebody(), house.somebody()]
    for person, link in zip(people[1:], links, strict=True):
        await person.open(link)
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert "Links made before Accord's last update still work." in page
    if step == "links":
        assert await _personal(admin, deliberation, "Bo")
    else:
        await _steer(admin, deliberation, f"open-link/{step}")
    assert "last update" not in await admin.open(f"/d/{deliberation.id}/manage")
    for person in people:
        await person.open(f"/d/{deliberation.id}")
        assert person.status == 403
        assert NO_LONGER in person.page
    for link in links:
        late = house.somebody()
        await late.open(link)
        assert late.status == 410


async def test_by_an_old_personal_link_one_signs_out_everywhere_and_nobody_else_with_it(
    house: House,
) -> None:
    deliberation = await house.ask(linked=False)
    old, other = (
        _old_browser(house, deliberation, user="person-a", name="A"),
        _old_browser(house, deliberation, user="person-b", name="B"),
    )
    lost = _copy(old, house)
    await old.open("/me")
    await old.send("/sign-out/everywhere")
    fresh = _old_browser(house, deliberation, user="person-a", name="A")
    for person in (old, lost, fresh):
        await person.open(f"/d/{deliberation.id}")
        assert person.status == 403
    await other.open(f"/d/{deliberation.id}")
    assert other.status == 200


async def test_whoever_was_an_admin_sees_no_question_by_having_answered_it_as_one(house: House) -> None:
    deliberation = await house.ask(linked=False, anonymous=False)
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}")
    await admin.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras.", "name": "Ann"})
    assert admin.status == 200
    await house.access.sessions.end_admins(house.clock.now())
    await admin.open(f"/d/{deliberation.id}")
    assert admin.status == 403


async def test_a_question_for_personal_links_alone_never_opens_by_an_old_link(
    house: House, admin: Person
) -> None:
    await admin.open("/ask")
    await admin.send("/ask", ASKED | {"entry": "invited"})
    (deliberation,) = await house.deliberations.of_team("web")
    for link in await _old_links(house, deliberation):
        late = house.somebody()
        await late.open(link)
        assert late.status == 410


# -- how many come in ----------------------------------------------------------------------------


@pytest.fixture
async def narrow(config: WebConfig) -> AsyncIterator[House]:
    """A channel that lets four people a minute in from one network."""
    house = await make_house(replace(config, newcomers_per_minute=4, trusted_proxies=Proxies(hops=1)))
    yield house
    await house.close()


async def _come(house: House, deliberation: Deliberation, count: int, address: str) -> list[Person]:
    link = await house.invite(deliberation)
    people = [house.somebody() for _ in range(count)]
    for person in people:
        await person.open(link, headers={"X-Forwarded-For": address})
    return people


async def test_one_network_brings_in_so_many_people_a_minute_over_all_gateways(
    narrow: House,
) -> None:
    elsewhere = await narrow.another_gateway()
    deliberation = await narrow.ask()
    people = await _come(narrow, deliberation, 3, "192.0.2.1")
    people += await _come(elsewhere, deliberation, 3, "192.0.2.1")
    assert [person.status for person in people] == [200] * 4 + [429] * 2
    assert "Many people from your network joined in the last minute." in people[-1].page
    assert 0 < int(people[-1].headers["Retry-After"]) <= 60
    # Those who are in come and go, and other networks do not wait.
    await people[0].open(await narrow.invite(deliberation), headers={"X-Forwarded-For": "192.0.2.1"})
    assert people[0].status == 200
    (other,) = await _come(narrow, deliberation, 1, "198.51.100.1")
    assert other.status == 200
    narrow.clock.advance(timedelta(minutes=1))
    (later,) = await _come(narrow, deliberation, 1, "192.0.2.1")
    assert later.status == 200
    await elsewhere.close()


async def test_signing_out_and_in_again_is_somebody_new_each_time(narrow: House) -> None:
    deliberation = await narrow.ask()
    seen = []
    for _ in range(6):
        (person,) = await _come(narrow, deliberation, 1, "192.0.2.1")
        seen.append(person.status)
        if person.status == 200:
            await person.open("/me")
            await person.send("/sign-out")
    assert seen == [200] * 4 + [429] * 2


async def test_whoever_runs_a_question_lets_a_hall_in(narrow: House) -> None:
    admin = await narrow.admin()
    deliberation = await narrow.ask()
    assert "from 1 to 10,000" in await _steer(admin, deliberation, "open-link/newcomers", per_minute="0")
    page = await _steer(admin, deliberation, "open-link/newcomers", per_minute="20")
    assert "One network can bring in 20 new people a minute." in page
    assert 'name="per_minute" min="1" max="10000" value="20"' in page
    people = await _come(narrow, deliberation, 20, "192.0.2.1")
    assert {person.status for person in people} == {200}


# -- personal links ------------------------------------------------------------------------------


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_a_personal_link_ends_alone(
    house: House, elsewhere: House, admin: Person, anonymous: bool
) -> None:
    deliberation = await house.ask(anonymous=anonymous)
    links = await _personal(admin, deliberation, "Ann Berger", "Bo")
    ann, bo = house.somebody(), house.somebody()
    for person, name in ((ann, "Ann Berger"), (bo, "Bo")):
        await person.open(links[name])
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": f"Zebras, says {name}."})
    assert "1 personal link no longer works." in await _end(admin, deliberation, "Ann Berger")
    await ann.open(f"/d/{deliberation.id}")
    assert ann.status == 403
    assert NO_LONGER in ann.page
    for late in (house.somebody(), elsewhere.somebody(), ann):
        await late.open(links["Ann Berger"])
        assert late.status == 410
        assert LINK_ENDED in late.page
    assert "says Bo" in await bo.open(f"/d/{deliberation.id}")
    # In its person's place nobody comes in by the link for everyone either.
    house.clock.advance(timedelta(minutes=1))
    await ann.open(await house.invite(deliberation))
    assert ann.status == 200
    assert "Zebras" not in ann.page


async def test_an_admin_who_came_by_a_link_that_ended_is_its_person_no_more(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask()
    links = await _personal(admin, deliberation, "Ann")
    ann = house.somebody()
    await ann.open(links["Ann"])
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
    await ann.sign_in(admin_link(house.config, now=house.clock.now()))
    assert "Zebras" in await ann.open(f"/d/{deliberation.id}")
    await _end(admin, deliberation, "Ann")
    await ann.open(f"/d/{deliberation.id}")
    assert ann.status == 200
    assert "Zebras" not in ann.page
    house.clock.advance(timedelta(seconds=1))
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "My own."})
    assert {o.text for o in await house.contributions.opinions(deliberation.id)} == {"Zebras.", "My own."}


async def test_all_personal_links_end_at_once_and_can_be_made_again(house: House, admin: Person) -> None:
    deliberation = await house.ask(anonymous=False)
    links = await _personal(admin, deliberation, "Ann", "Bo")
    ann = house.somebody()
    await ann.open(links["Ann"])
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
    assert "2 personal links no longer work." in await _steer(admin, deliberation, "links/end", all="yes")
    assert "in use</summary>" not in admin.page
    for link in links.values():
        stranger = house.somebody()
        await stranger.open(link)
        assert stranger.status == 410
    again = await _personal(admin, deliberation, "Ann")
    assert "Zebras" in await ann.open(again["Ann"])


async def test_who_goes_on_as_somebody_else_can_change_what_a_personal_link_gave_by_opening_it_again(
    house: House, admin: Person
) -> None:
    asked, other = await house.ask(), await house.ask("Another?")
    link, theirs = (await _personal(admin, asked, "Ann"))["Ann"], (await _personal(admin, other, "Bo"))["Bo"]
    browser = await house.visitor(invited := await house.ask("A third?"))
    await browser.send(f"/d/{invited.id}/opinion", {"opinion": "Yaks."})
    await browser.open(link)
    await browser.send(_path(link))
    await browser.send(f"/d/{asked.id}/opinion", {"opinion": "Zebras."})
    page = await browser.open(theirs)
    assert "To change ones given by a personal link, open that link here again." in page
    assert "You can no longer change the others here." in page
    await browser.send(_path(theirs))
    await browser.open(link)
    assert "Zebras." in await browser.send(_path(link))
    house.clock.advance(timedelta(seconds=1))
    await browser.send(f"/d/{asked.id}/opinion", {"opinion": "Zebras and gnus."})
    assert [o.text for o in await house.contributions.opinions(asked.id)] == ["Zebras and gnus."]
    await browser.open(await house.invite(invited))
    assert "Yaks." not in browser.page


async def test_a_link_made_again_can_end_the_one_before(house: House, admin: Person) -> None:
    deliberation = await house.ask(anonymous=False)
    first = await _personal(admin, deliberation, "Ann", "Bo")
    await _personal(admin, deliberation, "ANN")
    for name in ("Ann", "Bo"):
        await house.somebody().open(first[name])
    await _personal(admin, deliberation, "ann", replace="yes")
    opened = {name: house.somebody() for name in first}
    for name, person in opened.items():
        await person.open(first[name])
    assert {name: person.status for name, person in opened.items()} == {"Ann": 410, "Bo": 200}


async def test_ending_no_link_asks_for_one(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    await _personal(admin, deliberation, "Ann")
    assert "Tick the links to end." in await _end(admin, deliberation, "Nobody")
    assert "Tick the links to end." in await _steer(admin, deliberation, "links/end", link="made-up")


async def test_an_ended_link_does_not_keep_its_person_from_being_forgotten(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask()
    links = await _personal(admin, deliberation, "Ann")
    ann = house.somebody()
    await ann.open(links["Ann"])
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras."})
    # Its text is not shown any more, but nothing is deleted without a word.
    assert "Zebras." in await ann.open("/me")
    assert "will be deleted too" not in ann.page
    await _end(admin, deliberation, "Ann")
    assert "Zebras." not in await ann.open("/me")
    assert page_lines.hidden_opinions(1) in html.unescape(ann.page)
    await ann.send("/me/forget", {"sure": "yes"})
    assert await house.contributions.opinion_count(deliberation.id) == 0


async def test_by_an_ended_link_nothing_is_read_or_erased_that_its_person_gave_by_a_new_one(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask(anonymous=False)
    leaked, holder, bob = await _personal(admin, deliberation, "Bob"), house.somebody(), house.somebody()
    await holder.open(leaked["Bob"])
    house.clock.advance(timedelta(seconds=1))
    new = await _personal(admin, deliberation, "bob", replace="yes")
    await bob.open(new["bob"])
    await bob.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras.", "learn": "yes"})
    page = await holder.open("/me")
    assert "Zebras" not in page
    assert page_lines.LINK_REPLACED in page
    assert "will be deleted too" not in page
    await holder.send("/me/forget", {"sure": "yes"})
    assert page_lines.LINK_REPLACED in holder.page
    assert await house.contributions.opinion_count(deliberation.id) == 1
    assert "Zebras" in await bob.open("/me")
    assert page_lines.LINK_REPLACED not in bob.page
    # The newest link that its person was given lets them be forgotten, ended or not.
    await _end(admin, deliberation, "bob")
    assert "Zebras" not in await bob.open("/me")
    await bob.send("/me/forget", {"sure": "yes"})
    assert await house.contributions.opinion_count(deliberation.id) == 0


async def test_signing_out_everywhere_means_every_link_of_the_same_person(house: House) -> None:
    deliberation = await house.ask(anonymous=False)
    browsers = [await house.named(deliberation, name) for name in ("Bob", "bob", "Ann")]
    await browsers[1].open("/me")
    await browsers[1].send("/sign-out/everywhere")
    for browser in browsers:
        await browser.open(f"/d/{deliberation.id}")
    assert [browser.status for browser in browsers] == [403, 403, 200]


async def test_whoever_is_forgotten_is_on_no_list_of_links(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    links = await _personal(admin, deliberation, "Ann Berger")
    ann = house.somebody()
    await ann.open(links["Ann Berger"])
    await ann.open("/me")
    await ann.send("/me/forget", {"sure": "yes"})
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert "Ann Berger" not in page
    assert "Somebody who asked to be forgotten" in page


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Ann Berger", " ann  BERGER", "Ánn Berger", "Аnn Berger", "Ann B3rger"])
async def test_a_stranger_never_answers_under_an_invited_persons_name(
    house: House, admin: Person, typed: str
) -> None:
    deliberation = await house.ask(anonymous=False)
    await _personal(admin, deliberation, "Ann Berger")
    stranger = await house.visitor(deliberation)
    opinion = {"opinion": "What I wrote.", "name": typed}
    await stranger.send(f"/d/{deliberation.id}/opinion", opinion)
    assert stranger.status == 422
    assert "Somebody with this name has a personal link" in stranger.page
    assert "What I wrote." in stranger.page
    assert await house.contributions.opinion_count(deliberation.id) == 0
    await stranger.send(f"/d/{deliberation.id}/opinion", opinion | {"name": "Anna Berger"})
    assert await house.contributions.opinion_count(deliberation.id) == 1


@pytest.mark.parametrize("typed", ["Carol", " carol", "Cаrol"])
async def test_two_people_never_answer_under_one_name(house: House, typed: str) -> None:
    deliberation = await house.ask(anonymous=False)
    carol, other = await house.visitor(deliberation), await house.visitor(deliberation)
    path = f"/d/{deliberation.id}/opinion"
    await carol.send(path, {"opinion": "Zebras.", "name": "Carol"})
    await other.send(path, {"opinion": "Lions.", "name": typed})
    assert other.status == 422
    assert f'id="name-error">{page_lines.NAME_IN_USE}' in other.page
    assert "Lions." in other.page
    await other.send(path, {"opinion": "Lions.", "name": "Carol B."})
    # One's own name stays one's own, however one writes it now.
    for name in ("Carol", "CAROL"):
        await carol.send(path, {"opinion": "Tigers.", "name": name})
        assert carol.status == 200
    assert await house.contributions.opinion_count(deliberation.id) == 2
    # Who withdraws gives the name up.
    await carol.send(f"{path}/withdraw", {"sure": "yes"})
    house.clock.advance(timedelta(seconds=1))
    await other.send(path, {"opinion": "Lions.", "name": typed})
    assert other.status == 200
    assert [each.text for each in await house.contributions.opinions(deliberation.id)] == ["Lions."]


async def test_of_two_people_who_answer_at_once_under_one_name_one_is_asked_for_another(house: House) -> None:
    deliberation = await house.ask(anonymous=False)
    path, both = f"/d/{deliberation.id}/opinion", [await house.visitor(deliberation) for _ in range(2)]
    await asyncio.gather(*(each.send(path, {"opinion": "Mine.", "name": "Carol"}) for each in both))
    assert sorted(each.status for each in both) == [200, 422]
    assert sum(page_lines.NAME_IN_USE in each.page for each in both) == 1
    assert await house.contributions.opinion_count(deliberation.id) == 1


async def test_new_links_for_the_same_names_lock_nobody_out_unless_that_is_ticked(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask()
    ann = house.somebody()
    await ann.open((await _personal(admin, deliberation, "Ann"))["Ann"])
    page = await admin.open(f"/d/{deliberation.id}/manage")
    (box,) = re.findall(r'<input type="checkbox" name="replace"[^>]*>', page)
    assert "checked" not in box
    assert "can then no longer change their answer" in page
    await _personal(admin, deliberation, "Ann", "Bo")
    await ann.open(f"/d/{deliberation.id}")
    assert ann.status == 200
    await _personal(admin, deliberation, "Ann", replace="yes")
    await ann.open(f"/d/{deliberation.id}")
    assert ann.status == 403


async def test_who_answered_before_a_personal_link_took_their_name_goes_on_under_it(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask(anonymous=False)
    path = f"/d/{deliberation.id}"
    ann, other = await house.visitor(deliberation), await house.visitor(deliberation)
    await ann.send(f"{path}/opinion", {"opinion": "Zebras.", "name": "Ann"})
    await other.send(f"{path}/opinion", {"opinion": "Lions.", "name": "Bo"})
    await _personal(admin, deliberation, "Ann")
    for person, name, status in ((ann, "Ann", 200), (ann, "ANN", 422), (other, "Ann", 422)):
        await person.open(path)
        await person.send(f"{path}/opinion", {"opinion": "Tigers.", "name": name})
        assert person.status == status
    assert "Tigers." in await ann.open(path)


async def test_the_invited_person_answers_under_their_name_also_after_their_link_was_ended_and_made_again(
    house: House, admin: Person
) -> None:
    deliberation = await house.ask(anonymous=False)
    await _personal(admin, deliberation, "Ann")
    await _end(admin, deliberation, "Ann")
    stranger = await house.visitor(deliberation)
    await stranger.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine.", "name": "Ann"})
    assert stranger.status == 422
    ann = house.somebody()
    await ann.open((await _personal(admin, deliberation, "Ann"))["Ann"])
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    (opinion,) = await house.contributions.opinions(deliberation.id)
    assert opinion.author is not None
    assert opinion.author.name == "Ann"


# -- pages that watch ----------------------------------------------------------------------------


async def _close_open_link(house: House, admin: Person, watcher: Person, deliberation: Deliberation) -> None:
    await _steer(admin, deliberation, "open-link/close")


async def _sign_out(house: House, admin: Person, watcher: Person, deliberation: Deliberation) -> None:
    await watcher.open("/me")
    await watcher.send("/sign-out")


@pytest.mark.parametrize("shut_out", [_close_open_link, _sign_out])
async def test_an_open_stream_ends_when_its_link_or_its_session_does(
    house: House, elsewhere: House, admin: Person, shut_out: Any
) -> None:
    deliberation = await house.ask()
    watcher, other = await house.visitor(deliberation), await house.named(deliberation, "Bo")
    copy = _copy(watcher, elsewhere)
    async with (
        watcher.client.get(f"/d/{deliberation.id}/events") as here,
        copy.client.get(f"/d/{deliberation.id}/events") as there,
        other.client.get(f"/d/{deliberation.id}/events") as kept,
    ):
        streams = [_events(response) for response in (here, there, kept)]
        for events in streams:
            assert [(await anext(events))[0] for _ in range(2)] == ["phase", "answered"]
        await shut_out(house, admin, watcher, deliberation)
        for events in streams[:2]:
            assert [event async for event in events] == []
        assert (await anext(streams[2]))[0] == "phase"


async def test_a_stream_ends_when_its_personal_link_does(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    links = await _personal(admin, deliberation, "Ann")
    ann = house.somebody()
    await ann.open(links["Ann"])
    async with ann.client.get(f"/d/{deliberation.id}/events") as response:
        events = _events(response)
        await anext(events)
        await anext(events)
        await _end(admin, deliberation, "Ann")
        assert [event async for event in events] == []


async def test_an_admins_stream_of_any_question_ends_with_the_session(
    house: House, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.02)
    deliberation = await house.ask()
    async with admin.client.get(f"/d/{deliberation.id}/events") as response:
        events = _events(response)
        await anext(events)
        await anext(events)
        await house.access.sessions.end_admins(house.clock.now())
        assert [event async for event in events] == []


# -- every route ---------------------------------------------------------------------------------


def _routes(house: House) -> list[tuple[str, str]]:
    """Method and path of everything about one question, with an example in each place."""
    app: web.Application = create_app(house.ports, house.config, house.access, house.notes)
    examples = {r"{kind:json|csv}": "json", r"{kind}": "json", "{step}": "close"}
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        for place, example in examples.items():
            path = path.replace(place, example)
        if path.startswith("/d/{id}"):
            found.append((route.method, path))
    return found


async def _shut_out(house: House, admin: Person, deliberation: Deliberation) -> list[tuple[Person, str]]:
    """Everybody who may not see the question any more or never could, with the token of their last page."""
    by_link = await house.visitor(deliberation)
    links = await _personal(admin, deliberation, "Ann")
    by_name = house.somebody()
    await by_name.open(links["Ann"])
    uninvited = await house.visitor(await house.ask("Another?"))
    signed_out = await house.visitor(deliberation)
    await signed_out.open("/me")
    copy = _copy(signed_out, house)
    copy.page = signed_out.page
    await signed_out.send("/sign-out")
    no_admin = await house.admin()
    await no_admin.open(f"/d/{deliberation.id}/manage")
    await _steer(admin, deliberation, "open-link/close")
    await _end(admin, deliberation, "Ann")
    await house.access.sessions.end_admins(house.clock.now())
    everybody = [by_link, by_name, uninvited, copy, no_admin, house.somebody()]
    return [(person, person.csrf) for person in everybody]


async def test_every_read_and_write_is_closed_to_whoever_was_shut_out(house: House, admin: Person) -> None:
    deliberation, _ = await house.until_rating(3, anonymous=False)
    people = await _shut_out(house, admin, deliberation)
    before = await house.deliberations.load(deliberation.id)
    routes = _routes(house)
    assert len(routes) > 15
    for method, path in routes:
        for person, csrf in people:
            fields = {
                "csrf": csrf,
                "sure": "yes",
                "opinion": "x",
                "rating": "7",
                "names": "Eve",
                "all": "yes",
            }
            data = fields if method == "POST" else None
            address = path.replace("{id}", deliberation.id)
            response = await person.client.request(method, address, data=data, allow_redirects=False)
            assert response.status in (403, 404), (method, path)
            assert deliberation.question not in await response.text()
    assert await house.deliberations.load(deliberation.id) == before
    assert await house.contributions.ratings(deliberation.id, 1) == []
    assert await house.access.invitations.open_link(deliberation.id) is None
    assert [each.name for each in await house.access.invitations.invited(deliberation.id)] == ["Ann"]
